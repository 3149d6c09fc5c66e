/* Certificates, memory, archives, audit, parts and findings: what a mail program keeps beside its letters.
   Arguments: examples/letters, a PKCS#12 file, its password, a folder to write in. */
#include <mailseal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(what) do { if (!(what)) { printf("line %d: %s\n", __LINE__, #what); failures++; } } while (0)
#define OK(call) do { mailseal_status s_ = (call); if (s_ != MAILSEAL_OK) { printf("line %d: %d %s\n", __LINE__, (int)s_, mailseal_error_message(err)); failures++; } mailseal_error_free(err); err = NULL; } while (0)
#define FAILS(call, wanted) do { CHECK((call) == (wanted)); mailseal_error_free(err); err = NULL; } while (0)

static int failures, audited, finished;
static mailseal_error *err;
static const int64_t at = 1800000000;
static char path[4096];

static const char *file(const char *folder, const char *name)
{
    sprintf(path, "%.3000s/%.500s", folder, name);
    return path;
}

static int is(mailseal_slice slice, const char *text)
{
    return slice.length == strlen(text) && (slice.length == 0 || memcmp(slice.data, text, slice.length) == 0);
}

/* Frees the buffer. */
static int holds(mailseal_buffer *buffer, const char *words)
{
    size_t length = mailseal_buffer_length(buffer);
    char *text = calloc(length + 1, 1);
    int found;
    if (length > 0) memcpy(text, mailseal_buffer_data(buffer), length);
    found = buffer != NULL && strstr(text, words) != NULL;
    if (!found) printf("no %s in %.500s\n", words, text);
    free(text);
    mailseal_buffer_free(buffer);
    return found;
}

static int has_finding(const mailseal_report *report, const char *code)
{
    size_t i, j;
    for (i = 0; i < mailseal_report_finding_count(report); i++)
        if (is(mailseal_finding_code(mailseal_report_finding(report, i)), code)) return 1;
    for (i = 0; i < mailseal_report_signature_count(report); i++)
        for (j = 0; j < mailseal_signature_finding_count(mailseal_report_signature(report, i)); j++)
            if (is(mailseal_finding_code(mailseal_signature_finding(mailseal_report_signature(report, i), j)), code)) return 1;
    return 0;
}

static mailseal_opened *look(const mailseal_opener *opener, mailseal_input *input)
{
    mailseal_opened *opened = NULL;
    CHECK(mailseal_opener_open(opener, input, at, &opened, &err) == MAILSEAL_OPENED);
    if (opened == NULL) { printf("%s\n", mailseal_error_message(err)); exit(1); }
    return opened;
}

static int32_t lookup(void *asked, const char *name, const char *kind, mailseal_buffer *records)
{
    (void)records;
    ++*(int *)asked;
    CHECK(name != NULL && kind != NULL);
    return MAILSEAL_DECLINED;
}

static void letters(const char *letters_folder, const char *folder)
{
    mailseal_trust_store *trust = mailseal_trust_store_new(), *none = mailseal_trust_store_new();
    mailseal_certificate *anchor = NULL;
    mailseal_memory *memory = NULL;
    mailseal_policy *policy = mailseal_policy_standard();
    mailseal_context *cx;
    mailseal_opener *opener;
    mailseal_opened *opened;
    mailseal_buffer *json = NULL;
    mailseal_claims *claims = NULL;
    const mailseal_report *report;
    const mailseal_finding *finding;
    char archive[4096];
    mailseal_domain_check *check = NULL;
    int asked = 0, questions;

    OK(mailseal_certificate_load(mailseal_input_file(file(letters_folder, "openssl-ca.pem")), &anchor, &err));
    CHECK(mailseal_certificate_fingerprint(anchor).length == 64 && is(mailseal_certificate_protocol(anchor), "S/MIME"));
    CHECK(mailseal_certificate_not_before(anchor, at) < at && mailseal_certificate_not_after(anchor, at) > at);
    CHECK(holds(mailseal_certificate_json(anchor, at), "\"not_after\""));
    CHECK(mailseal_certificate_other_count(anchor) == 0 && mailseal_certificate_other(anchor, 0) == NULL);
    json = mailseal_certificate_octets(anchor);
    CHECK(mailseal_buffer_length(json) > 200 && mailseal_buffer_data(json)[0] == 0x30);
    mailseal_buffer_free(json); json = NULL;
    OK(mailseal_trust_store_add_anchor(trust, anchor, "any", &err));
    FAILS(mailseal_trust_store_add_anchor(trust, anchor, "until=yesterday", &err), MAILSEAL_ERROR_MISUSE);
    OK(mailseal_memory_open(file(folder, "correspondents"), 100, &memory, &err));
    cx = mailseal_context_new(trust);
    OK(mailseal_context_set_limit(cx, "path_cache", 10000, &err));
    OK(mailseal_context_add_certificate(cx, anchor, &err));
    OK(mailseal_context_add_cert_d(cx, file(letters_folder, "pgp.cert.d"), &err));
    FAILS(mailseal_context_add_cert_d(cx, file(folder, "nowhere"), &err), MAILSEAL_ERROR_IO);
    FAILS(mailseal_context_set_http_fetcher(cx, "crl gossip", &err), MAILSEAL_ERROR_MISUSE);
    OK(mailseal_context_set_memory(cx, memory, &err));
    opener = mailseal_opener_new(cx);

    opened = look(opener, mailseal_input_file(file(letters_folder, "openssl.eml")));
    report = mailseal_opened_report(opened);
    CHECK(has_finding(report, "first_letter"));
    CHECK(mailseal_report_from_count(report) == 1 && is(mailseal_report_from(report, 0), "alice@example.com"));
    CHECK(mailseal_report_header(report, "Subject") == MAILSEAL_HEADER_UNPROTECTED);
    CHECK(mailseal_signature_claimed_time(mailseal_report_signature(report, 0)) > 1700000000);
    finding = mailseal_report_finding(report, 0);
    CHECK(mailseal_finding_severity(finding) == MAILSEAL_SEVERITY_INFO && strcmp(mailseal_finding_part(finding), "0") == 0);
    CHECK(holds(mailseal_finding_text(finding, "en"), " "));
    CHECK(mailseal_opened_certificate_count(opened) > 0);
    CHECK(holds(mailseal_certificate_mailboxes(mailseal_opened_certificate(opened, 0), at), "alice@example.com\n"));
    OK(mailseal_opened_remember(opened, memory, &err));
    mailseal_opened_free(opened);
    opened = look(opener, mailseal_input_file(file(letters_folder, "openssl.eml")));
    CHECK(!has_finding(mailseal_opened_report(opened), "first_letter"));
    CHECK(has_finding(mailseal_opened_report(opened), "same_signer"));
    FAILS(mailseal_memory_pin(memory, "alice@example.com", "914C7D10", at, &err), MAILSEAL_ERROR_MISUSE);
    OK(mailseal_memory_pin(memory, "carol@example.net", "9C4E11B7D0E75B86A1F2C93D5E6B7A80914C7D10", at, &err));
    CHECK(holds(mailseal_memory_export(memory), "alice@example.com"));
    OK(mailseal_memory_unpin(memory, "carol@example.net", "9C4E11B7D0E75B86A1F2C93D5E6B7A80914C7D10", &err));
    OK(mailseal_memory_forget(memory, "alice@example.com", &err));
    mailseal_opened_free(opened);

    /* Known by the shared directory, and believed by nobody. */
    OK(mailseal_context_who_is(cx, "alice@example.com", "sign", policy, at, &claims, &err));
    CHECK(mailseal_claims_count(claims) == 0);
    mailseal_claims_free(claims); claims = NULL;
    FAILS(mailseal_context_who_is(cx, "alice@example.com", "read", policy, at, &claims, &err), MAILSEAL_ERROR_MISUSE);

    /* Judged again, by its own trust, by ours, by none. */
    sprintf(archive, "%.3000s/letter.evidence", folder);
    CHECK(mailseal_archive_write(cx, mailseal_input_file(file(letters_folder, "openssl.eml")), policy, at, archive, &err) == MAILSEAL_OPENED);
    CHECK(mailseal_archive_check(archive, policy, &json, &err) == MAILSEAL_OPENED);
    CHECK(holds(json, "\"same\":true")); json = NULL;
    CHECK(mailseal_archive_check_with(archive, policy, trust, &json, &err) == MAILSEAL_OPENED);
    CHECK(holds(json, "\"outcome\":\"good\"")); json = NULL;
    CHECK(mailseal_archive_check_with(archive, policy, none, &json, &err) == MAILSEAL_OPENED);
    CHECK(holds(json, "\"same\":false")); json = NULL;
    /* What the DNS said is kept, and nobody is asked again. */
    OK(mailseal_domain_check_new(lookup, &asked, NULL, &check, &err));
    CHECK(mailseal_archive_write_with(opener, mailseal_input_file(file(letters_folder, "openssl.eml")), check, "192.0.2.1", "", "a@example.com", at + 1, policy, at, archive, &err) == MAILSEAL_OPENED);
    mailseal_domain_check_free(check);
    questions = asked;
    CHECK(mailseal_archive_check(archive, policy, &json, &err) == MAILSEAL_OPENED && asked == questions && asked > 0);
    CHECK(holds(json, "\"same\":true")); json = NULL;
    CHECK(mailseal_archive_check(archive, policy, &json, &err) == MAILSEAL_OPENED);
    CHECK(holds(json, "\"source\":{\"kind\":\"checked\"}")); json = NULL;
    CHECK(mailseal_archive_check(archive, policy, &json, &err) == MAILSEAL_OPENED);
    CHECK(holds(json, "\"asked\":")); json = NULL;
    CHECK(mailseal_archive_write_with(opener, mailseal_input_file(file(letters_folder, "openssl.eml")), NULL, NULL, NULL, NULL, at, policy, at, archive, &err) == MAILSEAL_OPENED);
    CHECK(mailseal_archive_check(archive, policy, &json, &err) == MAILSEAL_OPENED);
    CHECK(holds(json, "\"same\":true")); json = NULL;
    FAILS(mailseal_archive_check(file(letters_folder, "openssl.eml"), policy, &json, &err), MAILSEAL_ERROR_MALFORMED);

    mailseal_certificate_free(anchor); mailseal_memory_free(memory); mailseal_opener_free(opener); mailseal_context_free(cx);
    mailseal_trust_store_free(trust); mailseal_trust_store_free(none); mailseal_policy_free(policy);
}

static int32_t ask(void *password, const mailseal_request *request, mailseal_buffer *buffer)
{
    (void)request;
    return mailseal_buffer_append(buffer, password, strlen(password));
}

static void audit(void *userdata, mailseal_slice line)
{
    ++*(int *)userdata;
    if (line.length < 10 || line.data[0] != '{' || line.data[line.length - 1] != '}') failures++;
}

static void finish(void *userdata) { (void)userdata; finished++; }

static const char draft[] = "From: alice@example.org\r\nTo: alice@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello\r\n--m\r\n"
    "Content-Type: image/png; name=\"a.png\"\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0K\r\n--m--\r\n";

/* Encrypted to the certificate of a key, and taken apart. */
static void parts(char *pkcs12, char *password)
{
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx = mailseal_context_new(trust);
    mailseal_key *plain = NULL, *key = NULL;
    mailseal_certificate *own;
    mailseal_composer *composer = mailseal_composer_new(cx);
    mailseal_opener *opener = mailseal_opener_new(cx);
    mailseal_buffer *mail = mailseal_buffer_new(), *inside = mailseal_buffer_new();
    mailseal_opened *opened;
    const mailseal_report *report;
    const mailseal_part *text, *payload;
    mailseal_range range;

    OK(mailseal_key_load(mailseal_input_file(pkcs12), ask, password, NULL, &plain, &err));
    OK(mailseal_key_audited(plain, audit, &audited, finish, &key, &err));
    mailseal_key_free(plain);
    FAILS(mailseal_key_open("smart-card:1", mailseal_input_memory(NULL, 0), NULL, NULL, finish, &plain, &err), MAILSEAL_ERROR_MISUSE);
    CHECK(finished == 1);
    FAILS(mailseal_opener_add_named_keys(opener, "smart-card:1", mailseal_input_memory(NULL, 0), NULL, NULL, finish, &err), MAILSEAL_ERROR_MISUSE);
    CHECK(finished == 2);
    own = mailseal_key_certificate(key);
    OK(mailseal_composer_sign(composer, key, &err));
    OK(mailseal_composer_encrypt_to_certificate(composer, own, &err));
    OK(mailseal_composer_compose(composer, mailseal_input_memory((const uint8_t *)draft, sizeof draft - 1), at, mailseal_output_buffer(mail), &err));
    CHECK(audited == 1);
    OK(mailseal_opener_add_key(opener, key, &err));
    opened = look(opener, mailseal_input_memory(mailseal_buffer_data(mail), mailseal_buffer_length(mail)));
    CHECK(audited == 2);
    report = mailseal_opened_report(opened);
    OK(mailseal_opened_write(opened, mailseal_output_buffer(inside), &err));
    payload = mailseal_report_part_at(report, mailseal_report_payload(report));
    CHECK(payload != NULL && is(mailseal_part_media_type(payload), "multipart/mixed"));
    CHECK(mailseal_part_is_signed(payload) && mailseal_part_is_encrypted(payload) && mailseal_part_layer_count(payload) == 2);
    CHECK(mailseal_layer_kind(mailseal_part_layer(payload, 0)) == MAILSEAL_LAYER_ENCRYPTED);
    CHECK(mailseal_part_layer(payload, 0) == mailseal_report_layer(report, 0) && mailseal_part_layer(payload, 2) == NULL);
    sprintf(path, "%.100s.1", mailseal_part_path(payload));
    text = mailseal_report_part_at(report, path);
    CHECK(is(mailseal_part_charset(text), "utf-8") && is(mailseal_part_file_name(text), "") && mailseal_part_lines(text) == 1);
    CHECK(strcmp(mailseal_part_content(text), mailseal_part_content(payload)) == 0);
    range = mailseal_part_body(text);
    range.start -= mailseal_part_header(payload).start;
    range.end -= mailseal_part_header(payload).start;
    CHECK(range.end <= mailseal_buffer_length(inside));
    CHECK(range.end - range.start == 5 && memcmp(mailseal_buffer_data(inside) + range.start, "Hello", 5) == 0);
    sprintf(path, "%.100s.2", mailseal_part_path(payload));
    text = mailseal_report_part_at(report, path);
    CHECK(is(mailseal_part_file_name(text), "a.png") && is(mailseal_part_encoding(text), "base64"));
    CHECK(mailseal_report_header(report, "subject") == MAILSEAL_HEADER_HIDDEN);
    range = mailseal_layer_range(mailseal_report_layer(report, 0));
    CHECK(range.start == 0 && range.end == mailseal_buffer_length(mail));
    CHECK(mailseal_report_part_at(report, "9.9") == NULL && mailseal_report_part(report, mailseal_report_part_count(report)) == NULL);
    CHECK(mailseal_report_uncovered_count(report) == 0 && mailseal_report_uncovered(report, 0) == NULL);
    mailseal_opened_free(opened); mailseal_opener_free(opener); mailseal_composer_free(composer); mailseal_context_free(cx);
    mailseal_trust_store_free(trust); mailseal_buffer_free(mail); mailseal_buffer_free(inside); mailseal_certificate_free(own);
    CHECK(finished == 2);
    mailseal_key_free(key);
    CHECK(finished == 3);
}

int main(int argc, char **argv)
{
    if (argc != 5) return 2;
    letters(argv[1], argv[4]);
    parts(argv[2], argv[3]);
    mailseal_error_free(err);
    return failures != 0;
}
