/* Opens a letter that another program encrypted: sealed KEY PASSWORD LETTER OUT EXPECTED [CIPHER TEXT]
 * KEY is a file, or - for none. EXPECTED is opened, part, no_key, failed or withheld; or changed, for a large letter,
 * which this program alters when it is open. OUT is not there yet. */
#include <mailseal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TRY(call) do { if ((call) != MAILSEAL_OK) { line = __LINE__; goto failed; } } while (0)
#define CHECK(what) do { if (!(what)) { line = __LINE__; goto failed; } } while (0)
#define CANARY "canary", 6

static int asked, finalized, written;

static void finalize(void *userdata) { (void)userdata; finalized++; }
static int32_t count(void *userdata, mailseal_slice octets) { (void)userdata; written += (int)octets.length; return MAILSEAL_OK; }

static int32_t ask(void *userdata, const mailseal_request *request, mailseal_buffer *password)
{
    const char *known = userdata;
    asked++;
    if (mailseal_request_attempt(request) > 0) return MAILSEAL_DECLINED;
    return mailseal_buffer_append(password, (const uint8_t *)known, strlen(known));
}

static int is(mailseal_slice slice, const char *text)
{
    return slice.length == strlen(text) && memcmp(slice.data, text, slice.length) == 0;
}

static int contains(const mailseal_buffer *buffer, const char *text)
{
    size_t at, length = strlen(text);
    for (at = 0; at + length <= mailseal_buffer_length(buffer); at++)
        if (memcmp(mailseal_buffer_data(buffer) + at, text, length) == 0) return 1;
    return 0;
}

static mailseal_decryption named(const char *expected)
{
    if (strcmp(expected, "opened") == 0 || strcmp(expected, "changed") == 0) return MAILSEAL_DECRYPTION_OPENED;
    if (strcmp(expected, "no_key") == 0) return MAILSEAL_DECRYPTION_NO_KEY;
    if (strcmp(expected, "failed") == 0) return MAILSEAL_DECRYPTION_FAILED;
    if (strcmp(expected, "withheld") == 0) return MAILSEAL_DECRYPTION_WITHHELD;
    return MAILSEAL_DECRYPTION_NOT_TRIED;
}

/* Another octet in the last quarter of a file. */
static int alter(const char *path)
{
    FILE *file = fopen(path, "r+b");
    int octet, altered;
    long end;
    if (file == NULL) return 0;
    altered = fseek(file, 0, SEEK_END) == 0 && (end = ftell(file)) > 4 && fseek(file, end / 4 * 3, SEEK_SET) == 0
        && (octet = fgetc(file)) != EOF && fseek(file, end / 4 * 3, SEEK_SET) == 0 && fputc(octet ^ 1, file) != EOF;
    return fclose(file) == 0 && altered;
}

static int is_there(const char *path)
{
    FILE *file = fopen(path, "rb");
    return file != NULL && fclose(file) == 0;
}

int main(int argc, char **argv)
{
    mailseal_error *err = NULL;             mailseal_opened *opened = NULL, *part = NULL;
    mailseal_key *key = NULL;               const mailseal_layer *layer = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx = mailseal_context_new(trust);
    mailseal_policy *policy = mailseal_policy_standard();
    mailseal_buffer *out = mailseal_buffer_new(), *json = NULL;
    mailseal_opener *opener = NULL;
    int64_t now = time(NULL);
    int exit_status = 1, line = 0, keys = 0;

    if (argc != 6 && argc != 8) {
        printf("skipped: needs an encrypted letter\n");
        exit_status = 0;
        goto done;
    }
    if (strcmp(argv[5], "withheld") == 0) TRY(mailseal_context_set_algorithms(cx, "strict", &err));
    if (strcmp(argv[5], "changed") == 0) TRY(mailseal_context_set_limit(cx, "memory_bytes", 65536, &err));
    opener = mailseal_opener_new(cx);
    if (strcmp(argv[1], "-") != 0) {
        TRY(mailseal_key_load(mailseal_input_file(argv[1]), ask, argv[2], finalize, &key, &err));
        TRY(mailseal_opener_add_key(opener, key, &err));
        mailseal_key_free(key);                            /* the opener keeps what it needs */
        keys = 1;
    }
    TRY(mailseal_opener_set_password(opener, ask, argv[2], finalize, &err));
    CHECK(mailseal_opener_open(opener, mailseal_input_file(argv[3]), now, &opened, &err) == MAILSEAL_OPENED);
    layer = mailseal_report_layer(mailseal_opened_report(opened), 0);
    CHECK(mailseal_layer_kind(layer) == MAILSEAL_LAYER_ENCRYPTED);
    CHECK(mailseal_layer_decryption(layer) == named(argv[5]));
    TRY(mailseal_buffer_append(out, (const uint8_t *)CANARY));
    if (strcmp(argv[5], "part") == 0) {                    /* by its place, and the same from there on */
        CHECK(!mailseal_layer_is_envelope(layer) && mailseal_opened_has_payload(opened));
        CHECK(mailseal_opener_open_part(opener, mailseal_input_file(argv[3]), mailseal_layer_part(layer), now, &part, &err) == MAILSEAL_OPENED);
        mailseal_opened_free(opened);
        opened = part;
        layer = mailseal_report_layer(mailseal_opened_report(opened), 0);
        CHECK(mailseal_layer_decryption(layer) == MAILSEAL_DECRYPTION_OPENED);
    }
    if (strcmp(argv[5], "changed") == 0) {                 /* found out in the middle: still not an octet */
        CHECK(mailseal_opened_has_payload(opened) && alter(argv[3]));
        CHECK(mailseal_opened_write(opened, mailseal_output_buffer(out), NULL) == MAILSEAL_ERROR_INPUT_CHANGED);
        CHECK(mailseal_buffer_length(out) == 6 && memcmp(mailseal_buffer_data(out), CANARY) == 0);
        CHECK(mailseal_opened_write(opened, mailseal_output_file(argv[4]), NULL) == MAILSEAL_ERROR_INPUT_CHANGED);
        CHECK(!is_there(argv[4]));
        CHECK(mailseal_opened_write(opened, mailseal_output_callback(count, NULL, NULL), NULL) == MAILSEAL_ERROR_INPUT_CHANGED);
        CHECK(written > 0);                                /* a function gets what there is, as the header says */
    } else if (mailseal_layer_decryption(layer) == MAILSEAL_DECRYPTION_OPENED) {
        CHECK(argc == 8 && mailseal_opened_has_payload(opened));
        TRY(mailseal_opened_write(opened, mailseal_output_buffer(out), &err));
        CHECK(memcmp(mailseal_buffer_data(out), CANARY) == 0 && contains(out, argv[7]));
        TRY(mailseal_opened_write(opened, mailseal_output_file(argv[4]), &err));
        CHECK(is(mailseal_layer_cipher(layer), argv[6]) && mailseal_layer_recipient_count(layer) > 0);
        CHECK(mailseal_layer_recipient_algorithm(layer, 0).length > 0);
        json = mailseal_report_get(mailseal_opened_report(opened), "/layers/0/decryption");
        CHECK(mailseal_buffer_length(json) == 6 && contains(json, "opened"));
        if (keys) {
            CHECK(mailseal_layer_opened_by_fingerprint(layer).length >= 40 && !mailseal_layer_opened_by_is_old(layer));
            CHECK(mailseal_layer_opened_by_mailbox_count(layer) == 1);
            CHECK(is(mailseal_layer_opened_by_mailbox(layer, 0), "alice@example.org"));
        } else {
            CHECK(mailseal_layer_recipient_kind(layer, 0) == MAILSEAL_RECIPIENT_PASSWORD);
            CHECK(mailseal_layer_opened_by_fingerprint(layer).data == NULL);
        }
    } else {                                               /* not an octet comes out, anywhere */
        CHECK(!mailseal_opened_has_payload(opened));
        CHECK(mailseal_opened_write(opened, mailseal_output_buffer(out), NULL) == MAILSEAL_ERROR_MISUSE);
        CHECK(mailseal_buffer_length(out) == 6 && memcmp(mailseal_buffer_data(out), CANARY) == 0);
        CHECK(mailseal_opened_write(opened, mailseal_output_callback(count, NULL, NULL), NULL) == MAILSEAL_ERROR_MISUSE);
        CHECK(written == 0);
        CHECK(mailseal_opened_write(opened, mailseal_output_file(argv[4]), NULL) == MAILSEAL_ERROR_MISUSE);
        CHECK(!is_there(argv[4]));
        CHECK(mailseal_opened_require(opened, policy, "alice@example.org", &err) == NULL && err == NULL);
    }
    /* An OpenPGP key that the letter is not for does not ask. */
    CHECK(asked == 0 || strcmp(argv[5], "no_key") != 0 || strstr(argv[1], ".asc") == NULL);
    mailseal_opener_free(opener);
    opener = NULL;
    CHECK(finalized == 1 + keys);                          /* nobody asks any more, though the letter is still there */
    exit_status = 0;
    goto done;
failed:
    printf("line %d: %s, decryption %d\n", line, mailseal_error_message(err), (int)mailseal_layer_decryption(layer));
done:
    mailseal_opened_free(opened);      mailseal_opener_free(opener);        mailseal_buffer_free(out);
    mailseal_policy_free(policy);      mailseal_context_free(cx);           mailseal_trust_store_free(trust);
    mailseal_error_free(err);          mailseal_buffer_free(json);
    return exit_status;
}
