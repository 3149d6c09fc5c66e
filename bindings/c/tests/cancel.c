/* A letter of 200 MiB that comes by a function, cancelled in the middle by another thread; one that comes in pieces. */
#include <mailseal.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define CHECK(condition) do { if (!(condition)) { printf("line %d: %s\n", __LINE__, #condition); return 1; } } while (0)

typedef struct { uint64_t given, until; int finished; } source;

/* A header, then lines without end, until the letter is long enough. */
static int32_t give(void *userdata, uint8_t *data, size_t capacity, size_t *length)
{
    static const char header[] = "From: a@b.example\r\nTo: b@c.example\r\n\r\n";
    source *from = userdata;
    *length = 0;
    if (from->given >= from->until) return MAILSEAL_OK;
    for (; *length < capacity && from->given < sizeof header - 1; ++*length) data[*length] = (uint8_t)header[from->given++];
    if (*length > 0) return MAILSEAL_OK;
    memset(data, '\n', capacity);
    *length = capacity;
    from->given += capacity;
    return MAILSEAL_OK;
}

static void finish(void *userdata) { ((source *)userdata)->finished++; }

typedef struct { mailseal_cancel *cancel; uint64_t when, last, total; int reports, finished; } watcher;

static void watch(void *userdata, uint64_t octets, uint64_t total)
{
    watcher *at = userdata;
    at->reports++;
    at->last = octets;
    at->total = total;
    if (at->when != 0 && octets >= at->when) mailseal_cancel_cancel(at->cancel);
}

static void unwatch(void *userdata) { ((watcher *)userdata)->finished++; }

static void *later(void *cancel)
{
    struct timespec moment = { 0, 50000000 };
    nanosleep(&moment, NULL);
    mailseal_cancel_cancel(cancel);
    return NULL;
}

static int exists(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file != NULL) fclose(file);
    return file != NULL;
}

int main(int argc, char **argv)
{
    mailseal_error *err = NULL;
    mailseal_opened *opened = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx = mailseal_context_new(trust);
    mailseal_opener *opener = mailseal_opener_new(cx);
    mailseal_cancel *cancel = mailseal_cancel_new();
    mailseal_input *input;
    mailseal_buffer *buffer = mailseal_buffer_new();
    source endless = { 0, (uint64_t)200 << 30, 0 }, large = { 0, (uint64_t)200 << 20, 0 }, small = { 0, 3 << 20, 0 };
    watcher at = { NULL, 0, 0, 0, 0, 0 };
    pthread_t other;
    char line[] = "0123456789abcdef0123456789abcdef\r\n";
    int i;

    CHECK(argc == 2);
    /* Another thread, amid a letter that never ends. */
    input = mailseal_input_callback(give, &endless, finish);
    CHECK(mailseal_input_set_cancel(input, cancel, &err) == MAILSEAL_OK);
    CHECK(!mailseal_cancel_is_cancelled(cancel));
    CHECK(pthread_create(&other, NULL, later, cancel) == 0);
    CHECK(mailseal_opener_open(opener, input, 0, &opened, &err) == MAILSEAL_ERROR_CANCELLED);
    CHECK(opened == NULL && !mailseal_error_is_temporary(err) && endless.finished == 1);
    CHECK(pthread_join(other, NULL) == 0 && mailseal_cancel_is_cancelled(cancel));
    mailseal_error_free(err); err = NULL;
    mailseal_cancel_free(cancel);

    /* Progress, and a payload whose writing is cancelled: no file. */
    at.cancel = mailseal_cancel_new();
    input = mailseal_input_callback(give, &large, finish);
    CHECK(mailseal_input_set_cancel(input, at.cancel, &err) == MAILSEAL_OK);
    CHECK(mailseal_input_set_progress(input, watch, &at, unwatch, &err) == MAILSEAL_OK);
    CHECK(mailseal_opener_open(opener, input, 0, &opened, &err) == MAILSEAL_OPENED);
    CHECK(at.reports > 400 && at.total == large.given && at.last >= 2 * large.given && at.finished == 0);
    at.when = at.last + (50u << 20);
    CHECK(mailseal_opened_write(opened, mailseal_output_file(argv[1]), &err) == MAILSEAL_ERROR_CANCELLED);
    CHECK(at.last < at.when + (10u << 20) && !exists(argv[1]));
    mailseal_error_free(err); err = NULL;
    CHECK(mailseal_opened_write(opened, mailseal_output_buffer(buffer), NULL) == MAILSEAL_ERROR_CANCELLED);
    CHECK(mailseal_buffer_length(buffer) == 0);
    mailseal_opened_free(opened); opened = NULL;
    CHECK(at.finished == 1);

    /* It is cancelled already: of keys as of letters. */
    input = mailseal_input_callback(give, &small, finish);
    CHECK(mailseal_input_set_cancel(input, at.cancel, &err) == MAILSEAL_OK);
    CHECK(mailseal_context_add_certificates(cx, input, &err) == MAILSEAL_ERROR_CANCELLED && small.finished == 1);
    mailseal_error_free(err); err = NULL;
    mailseal_cancel_free(at.cancel);

    /* Pieces, more than are held in memory. */
    input = mailseal_input_push();
    CHECK(mailseal_input_write(input, (const uint8_t *)"From: a@b.example\r\n\r\n", 21, &err) == MAILSEAL_OK);
    CHECK(mailseal_input_write(input, NULL, 0, &err) == MAILSEAL_OK);
    at.when = 0;
    at.finished = 0;
    CHECK(mailseal_input_set_progress(input, watch, &at, unwatch, &err) == MAILSEAL_OK);
    CHECK(mailseal_input_set_progress(input, watch, &at, unwatch, &err) == MAILSEAL_OK);
    for (i = 0; i < 500000; i++)
        CHECK(mailseal_input_write(input, (const uint8_t *)line, sizeof line - 1, &err) == MAILSEAL_OK);
    CHECK(mailseal_opener_open(opener, input, 0, &opened, &err) == MAILSEAL_OPENED);
    CHECK(at.total == 21 + 500000 * (sizeof line - 1) && at.finished == 1);
    CHECK(mailseal_opened_write(opened, mailseal_output_buffer(buffer), &err) == MAILSEAL_OK);
    CHECK(mailseal_buffer_length(buffer) == at.total);
    mailseal_opened_free(opened); opened = NULL;
    CHECK(at.finished == 2);

    /* Not of that kind; too many octets, which the opening call says. */
    input = mailseal_input_memory((const uint8_t *)"x", 1);
    CHECK(mailseal_input_write(input, (const uint8_t *)"x", 1, NULL) == MAILSEAL_ERROR_MISUSE);
    mailseal_input_free(input);
    mailseal_opener_free(opener);
    mailseal_context_free(cx);
    cx = mailseal_context_new(trust);
    CHECK(mailseal_context_set_limit(cx, "message_bytes", 40, &err) == MAILSEAL_OK);
    opener = mailseal_opener_new(cx);
    input = mailseal_input_push();
    for (i = 0; i < 2; i++)
        CHECK(mailseal_input_write(input, (const uint8_t *)line, sizeof line - 1, &err) == MAILSEAL_OK);
    CHECK(mailseal_opener_open(opener, input, 0, &opened, &err) == MAILSEAL_ERROR_LIMIT);
    mailseal_error_free(err);

    mailseal_buffer_free(buffer);
    mailseal_opener_free(opener);
    mailseal_context_free(cx);
    mailseal_trust_store_free(trust);
    return 0;
}
