/* Callbacks that do what they must not: free what the call uses, give again what it has consumed, call it once more, from
   their own thread and from another, answer with nonsense. Nothing breaks, and the call says what is wrong.
   Argument: examples/letters. */
#include <mailseal.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(what) do { if (!(what)) { printf("line %d: %s\n", __LINE__, #what); failures++; } } while (0)
#define OK(call) do { mailseal_status s_ = (call); if (s_ != MAILSEAL_OK) { printf("line %d: %d %s\n", __LINE__, (int)s_, mailseal_error_message(err)); exit(1); } } while (0)
#define FAILS(call, wanted) do { mailseal_status s_ = (call); if (s_ != (wanted)) { printf("line %d: %d %s\n", __LINE__, (int)s_, mailseal_error_message(err)); failures++; } mailseal_error_free(err); err = NULL; } while (0)

static const char *letters;
static const int64_t at = 1800000000;
static int failures, finished;
static mailseal_error *err;
static char path[4096];
static const char draft[] = "From: bob@example.org\r\nTo: bob@example.org\r\nSubject: x\r\n\r\nHello\r\n";

static mailseal_input *file(const char *name)
{
    sprintf(path, "%.3000s/%.500s", letters, name);
    return mailseal_input_file(path);
}

static mailseal_input *text(void) { return mailseal_input_memory((const uint8_t *)draft, sizeof draft - 1); }

/* All that a call may use. What is not NULL is freed by the first callback that attacks. */
typedef struct {
    mailseal_context *cx;
    mailseal_opener *opener;
    mailseal_composer *composer;
    mailseal_key *key;
    mailseal_input *input;
    mailseal_output *output;
    mailseal_opened *opened;
    mailseal_prepared *prepared;
    mailseal_plan *plan;
    mailseal_domain_check *check;
    mailseal_buffer *buffer;
    size_t given;     /* octets of `draft` that were read */
    size_t length;    /* what a read callback says that it read; 0 for the truth */
    int32_t answer;
    int called, inside, elsewhere, over;
} world;

static void finish(void *userdata) { (void)userdata; finished++; }

/* Another letter with what is in use: it has to be there, and to be done. */
static void *again(void *userdata)
{
    world *w = userdata;
    mailseal_opened *opened = NULL;
    mailseal_buffer *mail = mailseal_buffer_new();
    mailseal_error *error = NULL;
    if (w->opener != NULL) {
        if (mailseal_opener_open(w->opener, text(), at, &opened, &error) == MAILSEAL_OPENED) w->inside++;
        else printf("inside: %s\n", mailseal_error_message(error));
        mailseal_opened_free(opened);
        mailseal_error_free(error);
        error = NULL;
    }
    if (w->composer != NULL) {
        if (mailseal_composer_opaque(w->composer, true, &error) != MAILSEAL_ERROR_MISUSE) failures++;
        mailseal_error_free(error);
    }
    mailseal_buffer_free(mail);
    return NULL;
}

static void attack(world *w)
{
    mailseal_opened *opened = NULL;
    mailseal_opener *opener;
    pthread_t other;
    if (w->called++ > 0) return; /* not what it calls itself */
    again(w);
    if (w->elsewhere && pthread_create(&other, NULL, again, w) == 0) pthread_join(other, NULL);
    if (w->input != NULL) { /* consumed */
        opener = mailseal_opener_new(w->cx);
        if (mailseal_opener_open(opener, w->input, at, &opened, NULL) != MAILSEAL_ERROR_BAD_HANDLE) failures++;
        if (mailseal_input_write(w->input, (const uint8_t *)"x", 1, NULL) != MAILSEAL_ERROR_BAD_HANDLE) failures++;
        mailseal_input_free(w->input);
        mailseal_opener_free(opener);
    }
    if (w->prepared != NULL
        && mailseal_prepared_finish(w->prepared, (const uint8_t *)"x", 1, mailseal_output_buffer(NULL), NULL) == MAILSEAL_OK)
        failures++;
    if (w->plan != NULL) mailseal_buffer_free(mailseal_plan_text(w->plan, "en"));
    mailseal_output_free(w->output);
    mailseal_opener_free(w->opener);
    mailseal_composer_free(w->composer);
    mailseal_key_free(w->key);
    mailseal_opened_free(w->opened);
    mailseal_prepared_free(w->prepared);
    mailseal_plan_free(w->plan);
    mailseal_domain_check_free(w->check);
    mailseal_buffer_free(w->buffer);
    mailseal_context_free(w->cx);
    if (!w->over) { /* to free again what the call uses does nothing while it lasts */
        mailseal_opener_free(w->opener);
        mailseal_composer_free(w->composer);
        mailseal_opened_free(w->opened);
        mailseal_buffer_free(w->buffer);
    }
    w->opener = NULL;
    w->composer = NULL;
}

static int32_t reads(void *userdata, uint8_t *data, size_t capacity, size_t *length)
{
    world *w = userdata;
    size_t left = sizeof draft - 1 - w->given;
    attack(w);
    if (w->answer != MAILSEAL_OK) return w->answer;
    if (w->length != 0) { *length = w->length; return MAILSEAL_OK; }
    *length = left < capacity ? left : capacity;
    memcpy(data, draft + w->given, *length);
    w->given += *length;
    return MAILSEAL_OK;
}

static int32_t reads_without_end(void *userdata, uint8_t *data, size_t capacity, size_t *length)
{
    (void)userdata;
    memset(data, '\n', capacity);
    *length = capacity;
    return MAILSEAL_OK;
}

static int32_t reads_nothing(void *userdata, uint8_t *data, size_t capacity, size_t *length)
{
    (void)userdata; (void)data; (void)capacity; (void)length;
    return MAILSEAL_OK;
}

static int32_t writes(void *userdata, mailseal_slice octets)
{
    world *w = userdata;
    (void)octets;
    attack(w);
    return w->answer;
}

/* The buffer is lent: it stays, whatever is done. */
static int32_t garbage(world *w, mailseal_buffer *buffer)
{
    static uint8_t octets[70000];
    mailseal_buffer *mine = mailseal_buffer_new();
    mailseal_output *kept = mailseal_output_buffer(buffer);
    attack(w);
    memset(octets, 0x30, sizeof octets);
    mailseal_buffer_append(buffer, octets, w->length == 0 ? 300 : w->length);
    mailseal_buffer_append(buffer, mailseal_buffer_data(buffer), mailseal_buffer_length(buffer));
    if (mailseal_buffer_append(buffer, octets, SIZE_MAX) != MAILSEAL_ERROR_LENGTH) failures++;
    if (mailseal_buffer_append(buffer, NULL, 1) != MAILSEAL_ERROR_NULL) failures++;
    mailseal_buffer_free(buffer);
    mailseal_buffer_free(mine);
    mailseal_output_free(kept);
    return w->answer;
}

static int32_t asks(void *userdata, const mailseal_request *request, mailseal_buffer *password)
{
    (void)request;
    return garbage(userdata, password);
}

static int32_t fetches(void *userdata, const mailseal_request *request, mailseal_buffer *response)
{
    (void)request;
    return garbage(userdata, response);
}

static int32_t looks_up(void *userdata, const char *name, const char *kind, mailseal_buffer *records)
{
    (void)name; (void)kind;
    return garbage(userdata, records);
}

static int32_t uses(void *userdata, const char *method, mailseal_slice given, mailseal_buffer *result)
{
    (void)method; (void)given;
    return garbage(userdata, result);
}

static void told(void *userdata, mailseal_slice line) { (void)line; attack(userdata); }
static void progress(void *userdata, uint64_t octets, uint64_t total) { (void)octets; (void)total; attack(userdata); }

static world fresh(void)
{
    world w;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    memset(&w, 0, sizeof w);
    OK(mailseal_trust_store_add_anchors(trust, file("strict-ca.pem"), "any", &err));
    w.cx = mailseal_context_new(trust);
    w.elsewhere = 1;
    mailseal_trust_store_free(trust);
    return w;
}

static void reading(void)
{
    static const size_t lengths[] = {SIZE_MAX, SIZE_MAX / 2 + 1, 1u << 30};
    mailseal_opened *opened = NULL;
    mailseal_buffer *mail = mailseal_buffer_new();
    mailseal_key *key = NULL;
    world w;
    size_t i;

    w = fresh(); /* what the call uses is freed, and the letter is opened all the same */
    w.opener = mailseal_opener_new(w.cx);
    w.input = mailseal_input_callback(reads, &w, finish);
    OK(mailseal_input_set_progress(w.input, progress, &w, finish, &err));
    FAILS(mailseal_opener_open(w.opener, w.input, at, &opened, &err), MAILSEAL_OPENED);
    CHECK(w.inside == 2 && finished == 1);
    mailseal_opened_free(opened); opened = NULL;
    CHECK(finished == 2);

    w = fresh();
    OK(mailseal_key_load(file("bob.pem"), NULL, NULL, NULL, &key, &err));
    w.composer = mailseal_composer_new(w.cx);
    OK(mailseal_composer_sign(w.composer, key, &err));
    w.key = key;
    w.input = mailseal_input_callback(reads, &w, finish);
    OK(mailseal_composer_compose(w.composer, w.input, at, mailseal_output_buffer(mail), &err));
    CHECK(mailseal_buffer_length(mail) > 500);

    for (i = 0; i < sizeof lengths / sizeof *lengths; i++) { /* more than there was room for */
        w = fresh();
        w.opener = mailseal_opener_new(w.cx);
        w.length = lengths[i];
        FAILS(mailseal_opener_open(w.opener, mailseal_input_callback(reads, &w, finish), at, &opened, &err), MAILSEAL_ERROR_IO);
    }
    w = fresh();
    w.opener = mailseal_opener_new(w.cx);
    w.answer = -1;
    FAILS(mailseal_opener_open(w.opener, mailseal_input_callback(reads, &w, finish), at, &opened, &err), MAILSEAL_ERROR_IO);
    CHECK(opened == NULL);

    w = fresh(); /* nothing at all, and never an end */
    OK(mailseal_context_set_limit(w.cx, "message_bytes", 1 << 20, &err));
    w.opener = mailseal_opener_new(w.cx);
    FAILS(mailseal_opener_open(w.opener, mailseal_input_callback(reads_nothing, NULL, NULL), at, &opened, &err), MAILSEAL_OPENED);
    mailseal_opened_free(opened); opened = NULL;
    FAILS(mailseal_opener_open(w.opener, mailseal_input_callback(reads_without_end, NULL, NULL), at, &opened, &err), MAILSEAL_ERROR_LIMIT);
    FAILS(mailseal_key_load(mailseal_input_callback(reads_without_end, NULL, NULL), NULL, NULL, NULL, &key, &err), MAILSEAL_ERROR_LIMIT);
    mailseal_opener_free(w.opener);
    mailseal_context_free(w.cx);
    mailseal_buffer_free(mail);
}

static void writing(void)
{
    mailseal_opened *opened = NULL;
    mailseal_opener *opener;
    mailseal_policy *policy = mailseal_policy_standard();
    mailseal_key *key = NULL;
    world w = fresh();
    int32_t answer;

    opener = mailseal_opener_new(w.cx);
    for (answer = -1; answer <= 0; answer++) {
        if (answer == 0) w = fresh();
        w.answer = answer;
        FAILS(mailseal_opener_open(opener, text(), at, &opened, &err), MAILSEAL_OPENED);
        w.opened = opened;
        w.output = mailseal_output_callback(writes, &w, finish);
        FAILS(mailseal_opened_write(opened, w.output, &err), answer == 0 ? MAILSEAL_OK : MAILSEAL_ERROR_IO);
        CHECK(w.called > 0);
    }
    mailseal_opener_free(opener);

    w = fresh();
    w.composer = mailseal_composer_new(w.cx);
    OK(mailseal_key_load(file("bob.pem"), NULL, NULL, NULL, &key, &err));
    OK(mailseal_composer_sign(w.composer, key, &err));
    OK(mailseal_composer_encrypt_to(w.composer, file("bob.pem"), &err));
    w.key = key;
    w.output = mailseal_output_callback(writes, &w, finish);
    OK(mailseal_composer_compose(w.composer, text(), at, w.output, &err));
    CHECK(w.called > 0);

    w = fresh(); /* a letter in two phases, and a plan */
    OK(mailseal_key_deferred(file("bob.pem"), &key, &err));
    w.composer = mailseal_composer_new(w.cx);
    OK(mailseal_composer_sign(w.composer, key, &err));
    OK(mailseal_composer_prepare(w.composer, text(), at, &w.prepared, &err));
    w.output = mailseal_output_callback(writes, &w, finish);
    w.key = key;
    CHECK(mailseal_prepared_finish(w.prepared, (const uint8_t *)"garbage", 7, w.output, &err) != MAILSEAL_OK);
    mailseal_error_free(err); err = NULL;
    CHECK(w.called == 0); /* it is verified before anything is written */
    w.output = NULL;
    w.over = 1;
    attack(&w);

    w = fresh();
    w.input = mailseal_input_callback(reads, &w, finish);
    FAILS(mailseal_plan_new(w.cx, w.input, policy, at, &w.plan, &err), MAILSEAL_OK);
    CHECK(w.called > 0);
    mailseal_plan_free(w.plan);
    mailseal_policy_free(policy);
}

static void asking(void)
{
    static const int32_t answers[] = {MAILSEAL_OK, MAILSEAL_DECLINED, -1, 12345};
    mailseal_opened *opened = NULL;
    mailseal_key *key = NULL, *audited = NULL;
    mailseal_buffer *found = NULL;
    world w;
    size_t i;

    for (i = 0; i < sizeof answers / sizeof *answers; i++) {
        w = fresh(); /* revocation is fetched */
        w.answer = answers[i];
        w.length = i == 0 ? 70000 : 0;
        OK(mailseal_context_set_fetcher(w.cx, fetches, &w, finish, &err));
        w.opener = mailseal_opener_new(w.cx);
        FAILS(mailseal_opener_open(w.opener, file("eve-revoked.eml"), at, &opened, &err), MAILSEAL_OPENED);
        CHECK(w.called > 0 && w.inside == 2);
        mailseal_opened_free(opened); opened = NULL;

        w = fresh(); /* the DNS */
        w.answer = answers[i];
        OK(mailseal_domain_check_new(looks_up, &w, finish, &w.check, &err));
        w.opener = mailseal_opener_new(w.cx);
        FAILS(mailseal_domain_check_open(w.check, w.opener, text(), "192.0.2.1", "mail.example.org", "bob@example.org", at, &opened, &err), MAILSEAL_OPENED);
        CHECK(w.called > 0);
        mailseal_opened_free(opened); opened = NULL;
        w = fresh();
        w.answer = answers[i];
        OK(mailseal_domain_check_new(looks_up, &w, finish, &w.check, &err));
        found = w.buffer = mailseal_buffer_new();
        FAILS(mailseal_domain_check_examine(w.check, "example.org", "a b", found, &err), MAILSEAL_OK);
        CHECK(w.called > 0);

        w = fresh(); /* a key that is elsewhere */
        w.answer = answers[i];
        OK(mailseal_key_external_decryption(file("bob.pem"), uses, &w, finish, &key, &err));
        w.opener = mailseal_opener_new(w.cx);
        OK(mailseal_opener_add_key(w.opener, key, &err));
        w.key = key;
        FAILS(mailseal_opener_open(w.opener, file("openssl-encrypted.eml"), at, &opened, &err), MAILSEAL_OPENED);
        CHECK(w.called > 0 && !mailseal_opened_has_payload(opened));
        mailseal_opened_free(opened); opened = NULL;

        w = fresh();
        w.answer = answers[i];
        OK(mailseal_key_external(file("bob.pem"), "rsa-pkcs1-sha256", uses, &w, finish, &key, &err));
        OK(mailseal_key_audited(key, told, &w, finish, &audited, &err));
        mailseal_key_free(key);
        w.composer = mailseal_composer_new(w.cx);
        OK(mailseal_composer_sign(w.composer, audited, &err));
        w.key = audited;
        found = mailseal_buffer_new();
        CHECK(mailseal_composer_compose(w.composer, text(), at, mailseal_output_buffer(found), &err) >= 200);
        CHECK(w.called > 0 && mailseal_buffer_length(found) == 0);
        mailseal_buffer_free(found);
        mailseal_error_free(err); err = NULL;

        w = fresh(); /* the password of a letter */
        w.answer = answers[i];
        w.opener = mailseal_opener_new(w.cx);
        OK(mailseal_opener_set_password(w.opener, asks, &w, finish, &err));
        FAILS(mailseal_opener_open(w.opener, file("gpg-encrypted.eml"), at, &opened, &err), MAILSEAL_OPENED);
        w.over = 1;
        if (w.called == 0) attack(&w);
        mailseal_opened_free(opened); opened = NULL;
    }
}

/* A finalizer frees once more what is just going, and sets what can be set no more. */
static mailseal_context *going;

static void frees(void *userdata)
{
    (void)userdata;
    finished++;
    mailseal_context_free(going);
    if (mailseal_context_set_limit(going, "depth", 3, NULL) != MAILSEAL_ERROR_BAD_HANDLE) failures++;
}

static void ending(void)
{
    world w = fresh();
    int before = finished;
    OK(mailseal_context_set_fetcher(w.cx, fetches, &w, finish, &err));
    OK(mailseal_context_set_fetcher(w.cx, fetches, &w, frees, &err));
    CHECK(finished == before + 1);
    going = w.cx;
    mailseal_context_free(w.cx);
    CHECK(finished == before + 2);
}

int main(int argc, char **argv)
{
    if (argc != 2) return 2;
    letters = argv[1];
    reading();
    writing();
    asking();
    ending();
    return failures != 0;
}
