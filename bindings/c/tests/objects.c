/* What the objects promise, without any key or certificate. */
#include <mailseal.h>
#include <stdio.h>
#include <string.h>

#define CHECK(what) do { if (!(what)) { printf("line %d: %s\n", __LINE__, #what); failures++; } } while (0)
#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

static int failures, finalized;
static const char letter[] = "From: a@b.example\r\nSubject: x\r\n\r\nHello\r\n";

static void finalize(void *userdata) { finalized += *(int *)userdata; }

/* Gives the letter three octets at a time. */
static int32_t slowly(void *userdata, uint8_t *data, size_t capacity, size_t *length)
{
    size_t *at = userdata;
    *length = sizeof letter - 1 - *at < 3 ? sizeof letter - 1 - *at : 3;
    if (*length > capacity) *length = capacity;
    memcpy(data, letter + *at, *length);
    *at += *length;
    return MAILSEAL_OK;
}

static int32_t too_much(void *userdata, uint8_t *data, size_t capacity, size_t *length)
{
    (void)userdata; (void)data;
    *length = capacity + 1;
    return MAILSEAL_OK;
}

static int32_t collect(void *userdata, mailseal_slice octets) { return mailseal_buffer_append(userdata, octets.data, octets.length); }
static int32_t refuse(void *userdata, mailseal_slice octets) { (void)userdata; (void)octets; return MAILSEAL_ERROR_IO; }

static void expect(int line, mailseal_status status, mailseal_status wanted, const char *words, mailseal_error **err)
{
    if (status != wanted || mailseal_error_status(*err) != wanted || strstr(mailseal_error_message(*err), words) == NULL) {
        printf("line %d: %d, %s\n", line, (int)status, mailseal_error_message(*err));
        failures++;
    }
    mailseal_error_free(*err);
    *err = NULL;
}
#define EXPECT(call, wanted, words) expect(__LINE__, (call), (wanted), (words), &err)

static void buffers(void)
{
    mailseal_buffer *buffer = mailseal_buffer_new();
    char secret[16] = "secret";
    size_t i;
    CHECK(mailseal_buffer_data(buffer) == NULL && mailseal_buffer_length(buffer) == 0);
    CHECK(mailseal_buffer_append(buffer, NULL, 0) == MAILSEAL_OK);
    CHECK(mailseal_buffer_data(buffer) == NULL);
    CHECK(mailseal_buffer_append(buffer, NULL, 1) == MAILSEAL_ERROR_NULL);
    CHECK(mailseal_buffer_append(buffer, (const uint8_t *)"x", (size_t)-1) == MAILSEAL_ERROR_LENGTH);
    for (i = 0; i < 1000; i++) CHECK(mailseal_buffer_append(buffer, BYTES("abc")) == MAILSEAL_OK);
    CHECK(mailseal_buffer_length(buffer) == 3000 && memcmp(mailseal_buffer_data(buffer) + 2997, "abc", 3) == 0);
    CHECK(mailseal_buffer_take_secret(buffer, secret, sizeof secret) == MAILSEAL_OK);
    CHECK(mailseal_buffer_length(buffer) == 6 && memcmp(mailseal_buffer_data(buffer), "secret", 6) == 0);
    for (i = 0; i < sizeof secret; i++) CHECK(secret[i] == 0);
    strcpy(secret, "other");
    CHECK(mailseal_buffer_take_secret(NULL, secret, sizeof secret) == MAILSEAL_ERROR_NULL);
    CHECK(secret[0] == 0);                                       /* wiped all the same */
    mailseal_buffer_free(buffer);
}

static void recipes(void)
{
    mailseal_error *err = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx;
    mailseal_opener *opener;
    mailseal_opened *opened = NULL;
    EXPECT(mailseal_trust_store_add_anchors(trust, mailseal_input_memory(NULL, 0), "any", &err), MAILSEAL_ERROR_MALFORMED, "certificate");
    EXPECT(mailseal_trust_store_add_anchors(trust, mailseal_input_memory(NULL, 0), "", &err), MAILSEAL_ERROR_MISUSE, "scope");
    EXPECT(mailseal_trust_store_add_anchors(trust, mailseal_input_memory(NULL, 0), "\xff", &err), MAILSEAL_ERROR_NOT_UTF8, "`scope`");
    cx = mailseal_context_new(trust);
    EXPECT(mailseal_trust_store_add_anchors(trust, mailseal_input_memory(NULL, 0), "any", &err), MAILSEAL_ERROR_MISUSE, "used already");
    EXPECT(mailseal_context_set_limit(cx, "no_such", 1, &err), MAILSEAL_ERROR_MISUSE, "no_such");
    EXPECT(mailseal_context_set_algorithms(cx, "best", &err), MAILSEAL_ERROR_MISUSE, "best");
    CHECK(mailseal_context_set_limit(cx, "message_bytes", 10, &err) == MAILSEAL_OK);
    CHECK(mailseal_context_set_algorithms(cx, "standard", &err) == MAILSEAL_OK);
    opener = mailseal_opener_new(cx);
    EXPECT(mailseal_context_set_limit(cx, "depth", 1, &err), MAILSEAL_ERROR_MISUSE, "used already");
    EXPECT(mailseal_opener_open(opener, mailseal_input_memory(BYTES(letter)), 0, &opened, &err), MAILSEAL_ERROR_LIMIT, "message_bytes");
    CHECK(opened == NULL);
    EXPECT(mailseal_opener_open(opener, mailseal_input_file("/no/such/file"), 0, &opened, &err), MAILSEAL_ERROR_IO, "/no/such/file");
    EXPECT(mailseal_opener_open(opener, mailseal_input_fd(-1), 0, &opened, &err), MAILSEAL_ERROR_MISUSE, "`fd`");
    CHECK(mailseal_opener_open(opener, mailseal_input_file("/no/such/file"), 0, &opened, NULL) == MAILSEAL_ERROR_IO);
    mailseal_opener_free(opener); mailseal_trust_store_free(trust); mailseal_context_free(cx);
}

static void letters(void)
{
    mailseal_error *err = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx = mailseal_context_new(trust);
    mailseal_opener *opener = mailseal_opener_new(cx);
    mailseal_policy *policy = mailseal_policy_strict();
    mailseal_opened *opened = NULL;
    mailseal_verdict *verdict;
    mailseal_buffer *text, *copy = mailseal_buffer_new();
    mailseal_slice code;
    size_t at = 0;
    int one = 1;

    mailseal_context_free(cx); mailseal_trust_store_free(trust);      /* any order: the opener keeps what it needs */
    CHECK(mailseal_opener_open(opener, mailseal_input_callback(slowly, &at, NULL), 0, &opened, &err) == MAILSEAL_OPENED);
    mailseal_opener_free(opener);
    CHECK(mailseal_report_signature_count(mailseal_opened_report(opened)) == 0);
    CHECK(mailseal_report_signature(mailseal_opened_report(opened), 0) == NULL);
    CHECK(mailseal_report_layer_count(mailseal_opened_report(opened)) == 0);
    text = mailseal_report_get(mailseal_opened_report(opened), "/from/mailboxes/0");
    CHECK(mailseal_buffer_length(text) == 11 && memcmp(mailseal_buffer_data(text), "a@b.example", 11) == 0);
    mailseal_buffer_free(text);
    text = mailseal_report_get(mailseal_opened_report(opened), "/from/signed");
    CHECK(mailseal_buffer_length(text) == 5 && memcmp(mailseal_buffer_data(text), "false", 5) == 0);
    mailseal_buffer_free(text);
    CHECK(mailseal_report_get(mailseal_opened_report(opened), "/nothing") == NULL);
    verdict = mailseal_policy_judge(policy, mailseal_opened_report(opened));
    CHECK(mailseal_verdict_outcome(verdict) == MAILSEAL_OUTCOME_NONE);
    CHECK(mailseal_verdict_reason_count(verdict) > 0);
    code = mailseal_verdict_reason_code(verdict, 0);
    CHECK(code.length == 10 && memcmp(code.data, "not_signed", 10) == 0);
    CHECK(mailseal_verdict_reason_code(verdict, 99).data == NULL);
    CHECK(mailseal_opened_require(opened, policy, "a@b.example", &err) == NULL && err == NULL);
    CHECK(mailseal_opened_require(opened, policy, "nobody", &err) == NULL);
    EXPECT(MAILSEAL_ERROR_MISUSE, MAILSEAL_ERROR_MISUSE, "address");

    CHECK(mailseal_opened_has_payload(opened));
    CHECK(mailseal_opened_write(opened, mailseal_output_buffer(copy), &err) == MAILSEAL_OK);
    CHECK(mailseal_opened_write(opened, mailseal_output_callback(collect, copy, NULL), &err) == MAILSEAL_OK);
    CHECK(mailseal_buffer_length(copy) == 2 * (sizeof letter - 1));
    CHECK(memcmp(mailseal_buffer_data(copy), letter, sizeof letter - 1) == 0);
    EXPECT(mailseal_opened_write(opened, mailseal_output_callback(refuse, &one, finalize), &err), MAILSEAL_ERROR_IO, "callback");
    CHECK(finalized == 1);
    EXPECT(mailseal_opened_write(NULL, mailseal_output_callback(refuse, &one, finalize), &err), MAILSEAL_ERROR_NULL, "`opened`");
    CHECK(finalized == 2);
    EXPECT(mailseal_opened_write(opened, mailseal_output_file("/no/such/folder/x"), &err), MAILSEAL_ERROR_IO, "/no/such");
    mailseal_input_free(mailseal_input_callback(too_much, &one, finalize));
    mailseal_output_free(mailseal_output_callback(NULL, &one, finalize));
    CHECK(finalized == 4);
    mailseal_opened_free(opened);                                        /* the verdict needs no report */
    CHECK(mailseal_verdict_outcome(verdict) == MAILSEAL_OUTCOME_NONE);
    mailseal_buffer_free(copy); mailseal_verdict_free(verdict); mailseal_policy_free(policy);
}

static void broken_callbacks(void)
{
    mailseal_error *err = NULL;
    mailseal_key *key = NULL;
    int one = 1;
    int before = finalized;
    EXPECT(mailseal_key_load(mailseal_input_callback(too_much, &one, finalize), NULL, NULL, &key, &err), MAILSEAL_ERROR_IO, "room");
    CHECK(finalized == before + 1);
    EXPECT(mailseal_key_load(mailseal_input_memory(BYTES("no key")), NULL, NULL, &key, &err), MAILSEAL_ERROR_KEY_MALFORMED, "");
    EXPECT(mailseal_key_external(mailseal_input_memory(NULL, 0), "rot13", NULL, &one, finalize, &key, &err), MAILSEAL_ERROR_MISUSE, "scheme");
    CHECK(finalized == before + 2 && key == NULL);
}

int main(void)
{
    buffers();
    recipes();
    letters();
    broken_callbacks();
    CHECK(mailseal_error_message(NULL) != NULL && mailseal_error_message(NULL)[0] == 0);
    return failures != 0;
}
