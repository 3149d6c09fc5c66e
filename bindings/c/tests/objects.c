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
    EXPECT(mailseal_trust_store_add_anchors(trust, mailseal_input_memory(NULL, 0), "any untill=2027-12-31", &err), MAILSEAL_ERROR_MISUSE, "did you mean `until=`");
    EXPECT(mailseal_trust_store_pin(trust, "carol@example.net", "5BB09E0CFE33A1D2", &err), MAILSEAL_ERROR_MISUSE, "all of it is wanted");
    EXPECT(mailseal_trust_store_pin(trust, "carol", "3F2A91C4D0E75B86A1F2C93D5E6B7A80914C7D10", &err), MAILSEAL_ERROR_MISUSE, "address");
    CHECK(mailseal_trust_store_pin(trust, "carol@example.net", "3F2A 91C4 D0E7 5B86 A1F2  C93D 5E6B 7A80 914C 7D10", &err) == MAILSEAL_OK);
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

/* The verdict on top of the letter; and what others say of themselves stays there. */
static void results(void)
{
    static const char RESULTS[] = "Authentication-Results: mx.example.org; smime=none";
    mailseal_error *err = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx = mailseal_context_new(trust);
    mailseal_opener *opener = mailseal_opener_new(cx);
    mailseal_policy *policy = mailseal_policy_standard();
    mailseal_opened *opened = NULL;
    mailseal_verdict *verdict;
    mailseal_buffer *field, *stamped = mailseal_buffer_new();
    mailseal_input *forged = mailseal_input_push();

    CHECK(mailseal_input_write(forged, BYTES("Authentication-Results: MX.example.org; smime=pass\r\n"), &err) == MAILSEAL_OK);
    CHECK(mailseal_input_write(forged, BYTES(letter), &err) == MAILSEAL_OK);
    CHECK(mailseal_opener_open(opener, forged, 0, &opened, &err) == MAILSEAL_OPENED);
    verdict = mailseal_policy_judge(policy, mailseal_opened_report(opened));
    field = mailseal_verdict_authentication_results(verdict, mailseal_opened_report(opened), "mx.example.org", &err);
    CHECK(mailseal_buffer_length(field) == sizeof RESULTS - 1 && memcmp(mailseal_buffer_data(field), RESULTS, sizeof RESULTS - 1) == 0);
    CHECK(mailseal_verdict_authentication_results(verdict, mailseal_opened_report(opened), "two words", &err) == NULL);
    EXPECT(mailseal_error_status(err), MAILSEAL_ERROR_MISUSE, "authserv-id");
    EXPECT(mailseal_opened_stamp(opened, verdict, "", mailseal_output_buffer(stamped), &err), MAILSEAL_ERROR_MISUSE, "authserv-id");
    CHECK(mailseal_opened_stamp(opened, verdict, "mx.example.org", mailseal_output_buffer(stamped), &err) == MAILSEAL_OK);
    CHECK(mailseal_buffer_length(stamped) == sizeof RESULTS - 1 + 2 + sizeof letter - 1);
    CHECK(memcmp(mailseal_buffer_data(stamped), RESULTS, sizeof RESULTS - 1) == 0);
    CHECK(memcmp(mailseal_buffer_data(stamped) + sizeof RESULTS - 1 + 2, letter, sizeof letter - 1) == 0);
    CHECK(!mailseal_authentication_results_may_stay("mx.example.org", BYTES(" (we) \"mx.example.org\"; none")));
    CHECK(!mailseal_authentication_results_may_stay("mx.example.org", BYTES(" ???")));
    CHECK(!mailseal_authentication_results_may_stay("two words", BYTES(" mx.example.net; none")));
    CHECK(mailseal_authentication_results_may_stay("mx.example.org", BYTES(" mx.example.net; none")));
    mailseal_buffer_free(field); mailseal_buffer_free(stamped); mailseal_verdict_free(verdict); mailseal_opened_free(opened);
    mailseal_policy_free(policy); mailseal_opener_free(opener); mailseal_context_free(cx); mailseal_trust_store_free(trust);
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
    EXPECT(mailseal_key_load(mailseal_input_callback(too_much, &one, finalize), NULL, &one, finalize, &key, &err), MAILSEAL_ERROR_IO, "room");
    CHECK(finalized == before + 2);
    EXPECT(mailseal_key_load(mailseal_input_memory(BYTES("no key")), NULL, NULL, NULL, &key, &err), MAILSEAL_ERROR_KEY_MALFORMED, "");
    EXPECT(mailseal_key_external(mailseal_input_memory(NULL, 0), "rot13", NULL, &one, finalize, &key, &err), MAILSEAL_ERROR_MISUSE, "scheme");
    CHECK(finalized == before + 3 && key == NULL);
}

static int is(mailseal_slice slice, const char *text)
{
    return slice.length == strlen(text) && (slice.length == 0 || memcmp(slice.data, text, slice.length) == 0);
}

static const char draft[] = "From: a@b.example\r\nTo: dave@example.net, erin@example.net\r\nBcc: frank@example.net\r\n\r\nHello\r\n";
static mailseal_input *the_draft(void) { return mailseal_input_memory(BYTES(draft)); }

static void plans(void)
{
    mailseal_error *err = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx = mailseal_context_new(trust);
    mailseal_policy *policy = mailseal_policy_standard();
    mailseal_composer *composer = mailseal_composer_new(cx);
    mailseal_buffer *mail = mailseal_buffer_new(), *text;
    mailseal_plan *plan = NULL;
    CHECK(mailseal_policy_lets_unsigned_pass(policy) && !mailseal_policy_lets_unsigned_pass(NULL));
    EXPECT(mailseal_plan_new(cx, mailseal_input_memory(BYTES(letter)), policy, 0, &plan, &err), MAILSEAL_ERROR_REFUSED, "recipients");
    CHECK(mailseal_plan_new(cx, the_draft(), policy, 0, &plan, &err) == MAILSEAL_OK);
    CHECK(mailseal_plan_unreachable_count(plan) == 3);
    CHECK(is(mailseal_plan_unreachable_mailbox(plan, 1), "erin@example.net"));
    CHECK(is(mailseal_plan_unreachable_reason(plan, 1), "no certificate is known"));
    CHECK(mailseal_plan_unreachable_mailbox(plan, 3).data == NULL && mailseal_plan_unreachable_reason(plan, 3).data == NULL);
    text = mailseal_plan_text(plan, "en");
    CHECK(mailseal_buffer_length(text) > 0 && memcmp(mailseal_buffer_data(text), "nobody", 6) == 0);
    mailseal_buffer_free(text);
    text = mailseal_plan_json(plan, "en");
    CHECK(mailseal_buffer_length(text) > 0 && memcmp(mailseal_buffer_data(text), "{\"letters\":[", 12) == 0);
    mailseal_buffer_free(text);
    CHECK(mailseal_plan_json(NULL, "en") == NULL);
    CHECK(mailseal_plan_autocrypt(plan, true, true) == 0 && mailseal_plan_autocrypt(NULL, true, true) == 0);
    CHECK(mailseal_plan_group_count(plan) == 1);                      /* the one that says why there are none */
    CHECK(mailseal_plan_group_mailbox_count(plan, 0) == 0 && mailseal_plan_group_mailbox(plan, 0, 0).data == NULL);
    EXPECT(mailseal_plan_compose(plan, 0, composer, the_draft(), 0, mailseal_output_buffer(mail), &err), MAILSEAL_ERROR_UNREACHABLE, "erin@example.net");
    EXPECT(mailseal_plan_accept(plan, "erin@example.net", "00", &err), MAILSEAL_ERROR_MISUSE, "fingerprint");
    EXPECT(mailseal_plan_remove(plan, "nobody@example.net", &err), MAILSEAL_ERROR_MISUSE, "nobody@example.net");
    EXPECT(mailseal_plan_remove(plan, "nobody", &err), MAILSEAL_ERROR_MISUSE, "address");
    EXPECT(mailseal_plan_copy_to_sender(plan, &err), MAILSEAL_ERROR_UNREACHABLE, "sender");
    CHECK(mailseal_plan_remove(plan, "erin@example.net", &err) == MAILSEAL_OK);
    CHECK(mailseal_plan_unreachable_count(plan) == 2);
    CHECK(is(mailseal_plan_unreachable_mailbox(plan, 1), "frank@example.net"));
    CHECK(mailseal_plan_remove(plan, "dave@example.net", &err) == MAILSEAL_OK);
    CHECK(mailseal_plan_remove(plan, "frank@example.net", &err) == MAILSEAL_OK);
    CHECK(mailseal_plan_unreachable_count(plan) == 0 && mailseal_plan_group_count(plan) == 1);
    EXPECT(mailseal_plan_compose(plan, 0, composer, the_draft(), 0, mailseal_output_buffer(mail), &err), MAILSEAL_ERROR_REFUSED, "nobody is left");
    CHECK(mailseal_buffer_length(mail) == 0);
    mailseal_plan_free(plan); mailseal_composer_free(composer); mailseal_buffer_free(mail);
    mailseal_policy_free(policy); mailseal_context_free(cx); mailseal_trust_store_free(trust);
}

static int32_t decline(void *userdata, const mailseal_request *request, mailseal_buffer *password)
{
    (void)userdata; (void)request; (void)password;
    return MAILSEAL_DECLINED;
}

static void sealed(void)
{
    static const char closed[] = "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nSee below.\r\n"
        "--m\r\nContent-Type: multipart/encrypted; boundary=e; protocol=\"application/pgp-encrypted\"\r\n\r\n"
        "--e\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
        "--e\r\nContent-Type: application/octet-stream\r\n\r\nnot a message\r\n--e--\r\n--m--\r\n";
    mailseal_error *err = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx = mailseal_context_new(trust);
    mailseal_composer *composer = mailseal_composer_new(cx);
    mailseal_policy *policy = mailseal_policy_standard();
    mailseal_opener *opener;
    mailseal_opened *opened = NULL, *inside = NULL;
    mailseal_verdict *verdict;
    const mailseal_layer *layer;
    mailseal_buffer *out = mailseal_buffer_new();
    int one = 1;
    int before = finalized;

    EXPECT(mailseal_context_set_algorithms(cx, "weak", &err), MAILSEAL_ERROR_MISUSE, "weak");
    opener = mailseal_opener_new(cx);
    EXPECT(mailseal_composer_cipher(composer, "3DES-CBC", &err), MAILSEAL_ERROR_MISUSE, "3DES-CBC");
    EXPECT(mailseal_composer_encrypt_to(composer, mailseal_input_memory(BYTES("no certificate")), &err), MAILSEAL_ERROR_MALFORMED, "certificate");
    CHECK(mailseal_composer_cipher(composer, "aes-256-gcm", &err) == MAILSEAL_OK);
    CHECK(mailseal_composer_triple_wrap(composer, true, &err) == MAILSEAL_OK);
    EXPECT(mailseal_composer_compose(composer, the_draft(), 0, mailseal_output_buffer(out), &err), MAILSEAL_ERROR_MISUSE, "somebody to encrypt to");
    EXPECT(mailseal_composer_triple_wrap(composer, false, &err), MAILSEAL_ERROR_MISUSE, "used already");

    CHECK(mailseal_opener_set_password(opener, decline, &one, finalize, &err) == MAILSEAL_OK && finalized == before);
    CHECK(mailseal_opener_set_password(opener, decline, &one, finalize, &err) == MAILSEAL_OK && finalized == before + 1);
    CHECK(mailseal_opener_open(opener, mailseal_input_memory(BYTES(closed)), 0, &opened, &err) == MAILSEAL_OPENED);
    EXPECT(mailseal_opener_set_password(opener, decline, &one, finalize, &err), MAILSEAL_ERROR_MISUSE, "used already");
    CHECK(finalized == before + 2);
    CHECK(mailseal_report_layer_count(mailseal_opened_report(opened)) == 1);
    CHECK(mailseal_report_layer(mailseal_opened_report(opened), 1) == NULL);
    layer = mailseal_report_layer(mailseal_opened_report(opened), 0);
    CHECK(mailseal_layer_kind(layer) == MAILSEAL_LAYER_ENCRYPTED && !mailseal_layer_is_envelope(layer));
    CHECK(is(mailseal_layer_protocol(layer), "OpenPGP") && strcmp(mailseal_layer_part(layer), "2") == 0);
    CHECK(mailseal_layer_decryption(layer) == MAILSEAL_DECRYPTION_NOT_TRIED && !mailseal_layer_is_authenticated(layer));
    CHECK(mailseal_layer_cipher(layer).data == NULL && mailseal_layer_recipient_count(layer) == 0);
    CHECK(mailseal_layer_recipient_name(layer, 0).data == NULL && mailseal_layer_recipient_kind(layer, 0) == MAILSEAL_RECIPIENT_OTHER);
    CHECK(mailseal_layer_opened_by_fingerprint(layer).data == NULL && !mailseal_layer_opened_by_is_old(layer));
    verdict = mailseal_policy_judge(policy, mailseal_opened_report(opened));
    CHECK(mailseal_verdict_may_load_remote(verdict) && !mailseal_verdict_may_load_remote(NULL));

    CHECK(mailseal_opener_open_part(opener, mailseal_input_memory(BYTES(closed)), mailseal_layer_part(layer), 0, &inside, &err) == MAILSEAL_OPENED);
    CHECK(!mailseal_opened_has_payload(inside));
    CHECK(mailseal_buffer_append(out, BYTES("canary")) == MAILSEAL_OK);
    EXPECT(mailseal_opened_write(inside, mailseal_output_buffer(out), &err), MAILSEAL_ERROR_MISUSE, "no payload");
    CHECK(mailseal_buffer_length(out) == 6 && memcmp(mailseal_buffer_data(out), "canary", 6) == 0);
    mailseal_opened_free(inside);
    inside = NULL;
    EXPECT(mailseal_opener_open_part(opener, mailseal_input_memory(BYTES(closed)), "1", 0, &inside, &err), MAILSEAL_ERROR_MISUSE, "");
    EXPECT(mailseal_opener_open_part(opener, mailseal_input_memory(BYTES(closed)), "2.", 0, &inside, &err), MAILSEAL_ERROR_MISUSE, "`part`");
    CHECK(inside == NULL);
    mailseal_opener_free(opener);
    CHECK(finalized == before + 3);
    mailseal_verdict_free(verdict); mailseal_opened_free(opened); mailseal_composer_free(composer);
    mailseal_buffer_free(out); mailseal_policy_free(policy); mailseal_context_free(cx); mailseal_trust_store_free(trust);
}

static int32_t no_fetch(void *userdata, const mailseal_request *request, mailseal_buffer *response)
{
    (void)userdata; (void)request; (void)response;
    return MAILSEAL_DECLINED;
}

/* A finalizer may use the very object that lets go of its userdata. */
static void meddle(void *userdata) { finalized++; mailseal_context_set_limit((mailseal_context *)userdata, "depth", 3, NULL); }

static void believing(void)
{
    static const char root[] = "3F2A91C4D0E75B86A1F2C93D5E6B7A80914C7D10";
    mailseal_error *err = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx;
    mailseal_opener *opener;
    mailseal_opened *opened = NULL;
    mailseal_key *key = NULL;
    const mailseal_report *report;
    int one = 1;
    int before;

    EXPECT(mailseal_trust_store_add_web_of_trust_root(trust, "914C7D10", 120, &err), MAILSEAL_ERROR_MISUSE, "all of it");
    EXPECT(mailseal_trust_store_add_web_of_trust_root(trust, root, 0, &err), MAILSEAL_ERROR_MISUSE, "1 to 120");
    EXPECT(mailseal_trust_store_add_web_of_trust_root(trust, root, 121, &err), MAILSEAL_ERROR_MISUSE, "1 to 120");
    EXPECT(mailseal_trust_store_add_web_of_trust_root(trust, root, 256 + 120, &err), MAILSEAL_ERROR_MISUSE, "1 to 120");
    CHECK(mailseal_trust_store_add_web_of_trust_root(trust, root, 120, &err) == MAILSEAL_OK);
    EXPECT(mailseal_trust_store_add_email_roots(trust, "", &err), MAILSEAL_ERROR_MISUSE, "scope");
    CHECK(mailseal_trust_store_add_email_roots(trust, "any assurance=organization", &err) == MAILSEAL_OK);
    cx = mailseal_context_new(trust);
    EXPECT(mailseal_trust_store_add_email_roots(trust, "any", &err), MAILSEAL_ERROR_MISUSE, "used already");
    EXPECT(mailseal_trust_store_add_web_of_trust_root(trust, root, 120, &err), MAILSEAL_ERROR_MISUSE, "used already");

    EXPECT(mailseal_context_add_revocations(cx, mailseal_input_memory(BYTES("neither")), &err), MAILSEAL_ERROR_MALFORMED, "");
    EXPECT(mailseal_context_add_revocations(cx, mailseal_input_file("/no/such/file"), &err), MAILSEAL_ERROR_IO, "/no/such/file");
    CHECK(mailseal_context_set_limit(cx, "revocation_bytes", 3, &err) == MAILSEAL_OK);
    EXPECT(mailseal_context_add_revocations(cx, mailseal_input_memory(BYTES("more")), &err), MAILSEAL_ERROR_LIMIT, "revocation_bytes");

    before = finalized;
    EXPECT(mailseal_context_set_fetcher(cx, NULL, &one, finalize, &err), MAILSEAL_ERROR_NULL, "`fetch`");
    EXPECT(mailseal_context_set_fetcher(NULL, no_fetch, &one, finalize, &err), MAILSEAL_ERROR_NULL, "`context`");
    CHECK(finalized == before + 2);
    CHECK(mailseal_context_set_fetcher(cx, no_fetch, cx, meddle, &err) == MAILSEAL_OK && finalized == before + 2);
    CHECK(mailseal_context_set_fetcher(cx, no_fetch, &one, finalize, &err) == MAILSEAL_OK && finalized == before + 3);
    opener = mailseal_opener_new(cx);
    EXPECT(mailseal_context_set_fetcher(cx, no_fetch, &one, finalize, &err), MAILSEAL_ERROR_MISUSE, "used already");
    EXPECT(mailseal_context_add_revocations(cx, mailseal_input_memory(NULL, 0), &err), MAILSEAL_ERROR_MISUSE, "used already");
    CHECK(finalized == before + 4);
    mailseal_context_free(cx);
    CHECK(finalized == before + 4);                                   /* the opener still fetches */
    CHECK(mailseal_opener_open(opener, mailseal_input_memory(BYTES(letter)), 0, &opened, &err) == MAILSEAL_OPENED);
    mailseal_opener_free(opener);
    CHECK(finalized == before + 5);
    report = mailseal_opened_report(opened);
    CHECK(mailseal_report_want_count(report) == 0 && mailseal_report_want(report, 0) == NULL);
    CHECK(mailseal_request_purpose(NULL) == MAILSEAL_PURPOSE_NONE && mailseal_request_max_bytes(NULL) == 0);
    CHECK(mailseal_request_url(NULL).data == NULL && mailseal_request_body(NULL).data == NULL);
    CHECK(mailseal_evidence_step_count(NULL) == 0 && mailseal_evidence_step_text(NULL, 0, "en").data == NULL);

    EXPECT(mailseal_key_external_decryption(mailseal_input_memory(NULL, 0), NULL, &one, finalize, &key, &err), MAILSEAL_ERROR_NULL, "`decrypt`");
    CHECK(finalized == before + 6 && key == NULL);
    mailseal_opened_free(opened); mailseal_trust_store_free(trust);
}

int main(void)
{
    buffers();
    recipes();
    results();
    letters();
    broken_callbacks();
    plans();
    sealed();
    believing();
    CHECK(mailseal_error_message(NULL) != NULL && mailseal_error_message(NULL)[0] == 0);
    return failures != 0;
}
