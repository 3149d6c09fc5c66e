/* The driver of mailseal.h: README.md says what it reads and answers. */
#include <mailseal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 32        /* of whatever there are several in a case */
#define LISTS 17

/* Text that grows. */
typedef struct { char *data; size_t length; } text;

static void add(text *into, const void *data, size_t length)
{
    into->data = realloc(into->data, into->length + length + 1);
    if (into->data == NULL) abort();
    if (length > 0) memcpy(into->data + into->length, data, length);
    into->length += length;
    into->data[into->length] = 0;
}

static void say(text *into, const char *word) { add(into, word, strlen(word)); }

static void quote(text *into, const void *data, size_t length)
{
    const unsigned char *octets = data;
    char escaped[8];
    size_t i;
    say(into, "\"");
    for (i = 0; i < length; i++) {
        if (octets[i] < 0x20) { sprintf(escaped, "\\u%04x", octets[i]); say(into, escaped); continue; }
        if (octets[i] == '"' || octets[i] == '\\') say(into, "\\");
        add(into, octets + i, 1);
    }
    say(into, "\"");
}

static void quote_slice(text *into, mailseal_slice slice) { quote(into, slice.data, slice.length); }

static void add_buffer(text *into, mailseal_buffer *buffer, int quoted)
{
    if (quoted) quote(into, mailseal_buffer_data(buffer), mailseal_buffer_length(buffer));
    else add(into, mailseal_buffer_data(buffer), mailseal_buffer_length(buffer));
    mailseal_buffer_free(buffer);
}

static text read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char octets[4096];
    text all = { NULL, 0 };
    size_t length;
    add(&all, NULL, 0);
    if (file == NULL) return all;
    while ((length = fread(octets, 1, sizeof octets, file)) > 0) add(&all, octets, length);
    fclose(file);
    return all;
}

typedef struct { char *words[5]; int count; } step;

static struct {
    char out[1024];                                   /* files of this case begin with it */
    char written[1100], draft[1100];
    text lists[LISTS];
    size_t counts[LISTS];
    const char *error;
    step settings[MOST];
    size_t setting_count, key_count, signer_count;
    mailseal_key *keys[MOST], *signers[MOST];
    char *password, *trusted_results, *trusted_hops;
    int64_t at;
    mailseal_policy *policy;
    int rules;                                        /* the policy is one of a file, which the context has, too */
    mailseal_opened *opened;
    mailseal_plan *plan;
} now;

static const char *const names[LISTS] = { "opened", "verified", "texts", "evidence", "unreachable", "groups", "composed", "results", "stamped", "checked", "sending", "smime", "plans", "diagnoses", "comparisons", "preflights", "profiles" };
enum { OPENED, VERIFIED, TEXTS, EVIDENCE, UNREACHABLE, GROUPS, COMPOSED, RESULTS, STAMPED, CHECKED, SENDING, SMIME, PLANS, DIAGNOSES, COMPARISONS, PREFLIGHTS, PROFILES };

/* A new entry of a list. */
static text *entry(int list)
{
    if (now.counts[list]++ > 0) say(&now.lists[list], ",");
    return &now.lists[list];
}

static int is(const step *line, const char *word) { return strcmp(line->words[0], word) == 0; }

/* The step failed: with that error, which is freed. */
static int failed(mailseal_status status, mailseal_error **err)
{
    mailseal_error_free(*err);
    if (status == MAILSEAL_OK || status == MAILSEAL_OPENED) return 0;
    now.error = status < MAILSEAL_ERROR_IO ? "misuse"
              : status == MAILSEAL_ERROR_IO ? "io"
              : status == MAILSEAL_ERROR_LIMIT ? "limit"
              : status == MAILSEAL_ERROR_MALFORMED ? "malformed"
              : status == MAILSEAL_ERROR_REFUSED ? "refused"
              : status == MAILSEAL_ERROR_UNREACHABLE ? "unreachable"
              : status == MAILSEAL_ERROR_INPUT_CHANGED ? "input_changed"
              : status == MAILSEAL_ERROR_CANCELLED ? "cancelled"
              : status >= MAILSEAL_ERROR_KEY_UNSUPPORTED && status <= MAILSEAL_ERROR_KEY_TOO_SMALL ? "key" : "other";
    return 1;
}

static int32_t ask(void *userdata, const mailseal_request *request, mailseal_buffer *password)
{
    const char *known = userdata;
    if (known[0] == 0 || mailseal_request_attempt(request) > 0) return MAILSEAL_DECLINED;
    return mailseal_buffer_append(password, (const uint8_t *)known, strlen(known));
}

/* Answers what the settings say; anything else is unavailable. */
static int32_t fetch(void *userdata, const mailseal_request *request, mailseal_buffer *response)
{
    mailseal_slice url = mailseal_request_url(request);
    size_t i;
    (void)userdata;
    for (i = 0; i < now.setting_count; i++) {
        const step *line = &now.settings[i];
        if (is(line, "response") && strlen(line->words[1]) == url.length && memcmp(line->words[1], url.data, url.length) == 0) {
            text file = read_file(line->words[2]);
            int32_t status = mailseal_buffer_append(response, (const uint8_t *)file.data, file.length);
            free(file.data);
            return status;
        }
    }
    return MAILSEAL_ERROR_UNAVAILABLE;
}

/* The path ends at a tab. */
static void write_file(const char *path, mailseal_slice octets)
{
    char name[1100];
    FILE *file;
    sprintf(name, "%.*s", (int)strcspn(path, "\t"), path);
    file = fopen(name, "wb");
    if (file == NULL || fwrite(octets.data, 1, octets.length, file) != octets.length || fclose(file) != 0) abort();
}

static mailseal_status trust_setting(mailseal_trust_store *trust, const step *line, mailseal_error **err)
{
    char *const *words = line->words;
    if (is(line, "anchors")) return mailseal_trust_store_add_anchors(trust, mailseal_input_file(words[1]), words[2], err);
    if (is(line, "pin")) return mailseal_trust_store_pin(trust, words[1], words[2], err);
    if (is(line, "root")) return mailseal_trust_store_add_web_of_trust_root(trust, words[1], (uint32_t)strtoul(words[2], NULL, 10), err);
    if (is(line, "email_roots")) return mailseal_trust_store_add_email_roots(trust, words[1], err);
    return MAILSEAL_OK;
}

static mailseal_memory *memory(mailseal_error **err)
{
    mailseal_memory *memory = NULL;
    char path[1100];
    sprintf(path, "%s.db", now.out);
    mailseal_memory_open(path, 0, &memory, err);
    return memory;
}

static mailseal_status with_memory(mailseal_context *cx, mailseal_error **err)
{
    mailseal_memory *known = memory(err);
    mailseal_status status = known == NULL ? mailseal_error_status(*err) : mailseal_context_set_memory(cx, known, err);
    mailseal_memory_free(known);
    return status;
}

static mailseal_status context_setting(mailseal_context *cx, const step *line, mailseal_error **err)
{
    char *const *words = line->words;
    if (is(line, "certificates")) return mailseal_context_add_certificates(cx, mailseal_input_file(words[1]), err);
    if (is(line, "revocations")) return mailseal_context_add_revocations(cx, mailseal_input_file(words[1]), err);
    if (is(line, "memory")) return with_memory(cx, err);
    if (is(line, "limit")) return mailseal_context_set_limit(cx, words[1], strtoull(words[2], NULL, 10), err);
    if (is(line, "algorithms")) return mailseal_context_set_algorithms(cx, words[1], err);
    if (is(line, "response")) return mailseal_context_set_fetcher(cx, fetch, NULL, NULL, err);
    return MAILSEAL_OK;
}

static mailseal_status composer_setting(mailseal_composer *composer, const step *line, mailseal_error **err)
{
    char *const *words = line->words;
    if (is(line, "opaque")) return mailseal_composer_opaque(composer, true, err);
    if (is(line, "protect_headers")) return mailseal_composer_protect_headers(composer, true, err);
    if (is(line, "no_protect_headers")) return mailseal_composer_protect_headers(composer, false, err);
    if (is(line, "reads")) return mailseal_composer_reads(composer, words[1], err);
    if (is(line, "autocrypt")) return mailseal_composer_autocrypt(composer, strcmp(words[1], "mutual") == 0, err);
    if (is(line, "header_confidentiality")) return mailseal_composer_header_confidentiality(composer, words[1], err);
    if (is(line, "legacy_display")) return mailseal_composer_legacy_display(composer, true, err);
    if (is(line, "reply_to")) return mailseal_composer_reply_to(composer, mailseal_opened_report(now.opened), err);
    if (is(line, "triple_wrap")) return mailseal_composer_triple_wrap(composer, true, err);
    if (is(line, "allow_other_from")) return mailseal_composer_allow_other_from(composer, err);
    if (is(line, "recipient")) return mailseal_composer_add_recipient(composer, words[1], err);
    if (is(line, "confirm")) return mailseal_composer_confirm(composer, words[1], err);
    if (is(line, "hold")) return mailseal_composer_hold(composer, true, err);
    if (is(line, "cipher")) return mailseal_composer_cipher(composer, words[1], err);
    if (is(line, "encrypt_to")) return mailseal_composer_encrypt_to(composer, mailseal_input_file(words[1]), err);
    return MAILSEAL_OK;
}

/* Each of the three is made anew of all settings so far; the first that cannot be is the error. */
static mailseal_context *context(void)
{
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx;
    mailseal_error *err = NULL;
    mailseal_status status = MAILSEAL_OK;
    size_t i;
    for (i = 0; i < now.setting_count && status == MAILSEAL_OK; i++) status = trust_setting(trust, &now.settings[i], &err);
    cx = mailseal_context_new(trust);
    for (i = 0; i < now.setting_count && status == MAILSEAL_OK; i++) status = context_setting(cx, &now.settings[i], &err);
    if (now.rules && status == MAILSEAL_OK) status = mailseal_context_set_policy(cx, now.policy, &err);
    mailseal_trust_store_free(trust);
    failed(status, &err);
    return cx;
}

static mailseal_opener *opener(void)
{
    mailseal_context *cx = context();
    mailseal_opener *opener = mailseal_opener_new(cx);
    mailseal_error *err = NULL;
    mailseal_status status = MAILSEAL_OK;
    size_t i;
    for (i = 0; i < now.key_count && status == MAILSEAL_OK; i++) status = mailseal_opener_add_key(opener, now.keys[i], &err);
    if (now.password != NULL && status == MAILSEAL_OK) status = mailseal_opener_set_password(opener, ask, now.password, NULL, &err);
    if (now.trusted_results != NULL && status == MAILSEAL_OK)
        status = mailseal_opener_set_trusted_results(opener, now.trusted_results, &err);
    if (now.trusted_hops != NULL && status == MAILSEAL_OK)
        status = mailseal_opener_set_trusted_hops(opener, strtoul(now.trusted_hops, NULL, 10), &err);
    mailseal_context_free(cx);
    failed(status, &err);
    return opener;
}

static mailseal_composer *composer(void)
{
    mailseal_context *cx = context();
    mailseal_composer *composer = mailseal_composer_new(cx);
    mailseal_error *err = NULL;
    mailseal_status status = MAILSEAL_OK;
    size_t i;
    for (i = 0; i < now.signer_count && status == MAILSEAL_OK; i++) status = mailseal_composer_sign(composer, now.signers[i], &err);
    for (i = 0; i < now.setting_count && status == MAILSEAL_OK; i++) status = composer_setting(composer, &now.settings[i], &err);
    mailseal_context_free(cx);
    failed(status, &err);
    return composer;
}

static mailseal_input *letter(const char *path) { return mailseal_input_file(strcmp(path, "=") == 0 ? now.written : path); }

static void path_of(int list, char *path) { sprintf(path, "%s-%s-%lu.eml", now.out, names[list], (unsigned long)now.counts[list]); }

static void looked(mailseal_opened *opened)
{
    static const char *const outcomes[] = { "none", "good", "caution", "bad" };
    static const char *const actions[] = { "refuse", "hold", "ask", "pass" };
    const mailseal_report *report = mailseal_opened_report(opened);
    mailseal_verdict *verdict = mailseal_policy_judge(now.policy, report);
    mailseal_error *err = NULL;
    char path[1100];
    text *into;
    size_t i;
    path_of(OPENED, path);
    mailseal_opened_free(now.opened);
    now.opened = opened;
    if (mailseal_opened_has_payload(opened) && failed(mailseal_opened_write(opened, mailseal_output_file(path), &err), &err)) {
        mailseal_verdict_free(verdict);
        return;
    }
    into = entry(OPENED);
    say(into, "{\"outcome\":\"");
    say(into, outcomes[mailseal_verdict_outcome(verdict)]);
    say(into, "\",\"action\":\"");
    say(into, actions[mailseal_verdict_action(verdict)]);
    say(into, "\",\"reasons\":[");
    for (i = 0; i < mailseal_verdict_reason_count(verdict); i++) {
        if (i > 0) say(into, ",");
        quote_slice(into, mailseal_verdict_reason_code(verdict, i));
    }
    say(into, "],\"report\":");
    add_buffer(into, mailseal_report_json(report), 0);
    say(into, ",\"payload\":");
    if (mailseal_opened_has_payload(opened)) quote(into, path, strlen(path));
    else say(into, "null");
    say(into, "}");
    mailseal_verdict_free(verdict);
}

static void open_letter(const step *line)
{
    mailseal_opener *with = opener();
    mailseal_opened *opened = NULL;
    mailseal_error *err = NULL;
    mailseal_status status = MAILSEAL_OK;
    if (now.error == NULL && is(line, "open")) status = mailseal_opener_open(with, letter(line->words[1]), now.at, &opened, &err);
    else if (now.error == NULL && is(line, "open_part"))
        status = mailseal_opener_open_part(with, letter(line->words[1]), line->words[2], now.at, &opened, &err);
    else if (now.error == NULL) {
        text header = read_file(line->words[3]);
        status = mailseal_opener_verify_detached(with, mailseal_input_file(line->words[1]), mailseal_input_file(line->words[2]),
                                                 (const uint8_t *)header.data, header.length, now.at, &opened, &err);
        free(header.data);
    }
    failed(status, &err);
    if (status == MAILSEAL_OPENED) looked(opened);
    mailseal_opener_free(with);
}

static void open_mailbox(const char *path)
{
    mailseal_opener *with = opener();
    mailseal_mailbox *mailbox = NULL;
    mailseal_stored_message *message = NULL;
    mailseal_error *err = NULL;
    if (now.error == NULL) failed(mailseal_mailbox_open(path, &mailbox, &err), &err);
    while (now.error == NULL && !failed(mailseal_mailbox_next(mailbox, &message, &err), &err) && message != NULL) {
        mailseal_opened *opened = NULL;
        mailseal_status status = mailseal_stored_message_open(message, with, now.at, &opened, &err);
        failed(status, &err);
        if (status == MAILSEAL_OPENED) looked(opened);
        mailseal_stored_message_free(message);
        message = NULL;
    }
    mailseal_mailbox_free(mailbox);
    mailseal_opener_free(with);
}

static void archive(const char *path)
{
    mailseal_context *cx = context();
    mailseal_buffer *json = NULL;
    mailseal_error *err = NULL;
    char file[1100];
    sprintf(file, "%s.evidence", now.out);
    if (now.error == NULL) failed(mailseal_archive_write(cx, letter(path), now.policy, now.at, file, &err), &err);
    if (now.error == NULL && !failed(mailseal_archive_check(file, now.policy, &json, &err), &err)) {
        const char *same = "\"same\":true";
        const char *octets = (const char *)mailseal_buffer_data(json);
        size_t length = mailseal_buffer_length(json), i, found = 0;
        for (i = 0; i + strlen(same) <= length && !found; i++) found = memcmp(octets + i, same, strlen(same)) == 0;
        say(entry(CHECKED), found ? "true" : "false");
    }
    mailseal_buffer_free(json);
    mailseal_context_free(cx);
}

static void run(char *text_of_line);

/* Signs from here, and its certificate is an anchor. */
static void new_key(const char *protocol, const char *address)
{
    int smime = strcmp(protocol, "smime") == 0;
    mailseal_new_key *recipe = NULL;
    mailseal_made_key *made = NULL;
    mailseal_error *err = NULL;
    char line[1200];
    mailseal_status status = mailseal_new_key_new(smime ? "S/MIME" : "OpenPGP", &recipe, &err);
    if (status == MAILSEAL_OK) status = mailseal_new_key_add_address(recipe, address, &err);
    if (status == MAILSEAL_OK && smime) status = mailseal_new_key_self_signed(recipe, &err);
    if (status == MAILSEAL_OK) status = mailseal_new_key_make(recipe, NULL, now.at, &made, &err);
    mailseal_new_key_free(recipe);
    if (failed(status, &err)) return;
    sprintf(line, "signer\t%s.key\t", now.out);
    write_file(line + strlen("signer\t"), mailseal_made_key_key(made));
    run(line);
    sprintf(line, "anchors\t%s.crt\tany", now.out);
    write_file(line + strlen("anchors\t"), mailseal_made_key_certificate(made));
    run(line);
    mailseal_made_key_free(made);
}

static void require(const char *sender)
{
    mailseal_error *err = NULL;
    const mailseal_verified *verified = mailseal_opened_require(now.opened, now.policy, sender, &err);
    if (failed(mailseal_error_status(err), &err)) return;
    if (verified == NULL) say(entry(VERIFIED), "null");
    else quote_slice(entry(VERIFIED), mailseal_verified_sender(verified));
}

static void evidence(const char *language)
{
    const mailseal_report *report = mailseal_opened_report(now.opened);
    size_t i;
    for (i = 0; i < mailseal_report_signature_count(report); i++) {
        const mailseal_signature *signature = mailseal_report_signature(report, i);
        if (mailseal_signature_evidence_count(signature) > 0) {
            quote_slice(entry(EVIDENCE), mailseal_evidence_text(mailseal_signature_evidence(signature, 0), language));
            return;
        }
    }
}

/* The verdict on what was opened last, in words, as a field, or on the letter. */
static void judge(const step *line)
{
    const mailseal_report *report = mailseal_opened_report(now.opened);
    mailseal_verdict *verdict = mailseal_policy_judge(now.policy, report);
    const char *word = line->words[1];
    mailseal_error *err = NULL;
    mailseal_buffer *field;
    char path[1100];
    if (is(line, "text")) add_buffer(entry(TEXTS), mailseal_verdict_text(verdict, report, word), 1);
    else if (is(line, "results")) {
        field = mailseal_verdict_authentication_results(verdict, report, word, &err);
        if (!failed(mailseal_error_status(err), &err)) add_buffer(entry(RESULTS), field, 1);
    } else if (is(line, "smime_status")) {
        mailseal_slice status = mailseal_verdict_smime_status(verdict, report);
        if (status.length == 0) say(entry(SMIME), "null");
        else quote_slice(entry(SMIME), status);
    } else {
        path_of(STAMPED, path);
        if (!failed(mailseal_opened_stamp(now.opened, verdict, word, mailseal_output_file(path), &err), &err))
            quote(entry(STAMPED), path, strlen(path));
    }
    mailseal_verdict_free(verdict);
}

static void sign_for_domain(const step *line)
{
    mailseal_error *err = NULL;
    mailseal_dkim_signer *signer = NULL;
    char path[1100];
    mailseal_status status =
        mailseal_dkim_signer_load(mailseal_input_file(line->words[2]), line->words[3], line->words[4], &signer, &err);
    path_of(STAMPED, path);
    if (status == MAILSEAL_OK)
        status = mailseal_dkim_signer_sign(signer, letter(line->words[1]), now.at, mailseal_output_file(path), &err);
    if (!failed(status, &err)) quote(entry(STAMPED), path, strlen(path));
    mailseal_dkim_signer_free(signer);
}

static void remember(void)
{
    mailseal_error *err = NULL;
    mailseal_memory *known = memory(&err);
    failed(known == NULL ? mailseal_error_status(err) : mailseal_opened_remember(now.opened, known, &err), &err);
    mailseal_memory_free(known);
}

/* Writes a letter: of the group of that number, or without a plan. */
static void compose(const char *path, int planned, size_t group)
{
    mailseal_composer *with = composer();
    mailseal_error *err = NULL;
    mailseal_status status = MAILSEAL_OK;
    char out[1100];
    path_of(COMPOSED, out);
    if (now.error == NULL && planned)
        status = mailseal_plan_compose(now.plan, group, with, letter(path), now.at, mailseal_output_file(out), &err);
    else if (now.error == NULL) status = mailseal_composer_compose(with, letter(path), now.at, mailseal_output_file(out), &err);
    failed(status, &err);
    if (now.error == NULL) {
        quote(entry(COMPOSED), out, strlen(out));
        strcpy(now.written, out);
    }
    mailseal_composer_free(with);
}

static void preflight(const char *path)
{
    mailseal_preflight *found = NULL;
    mailseal_error *err = NULL;
    if (!failed(mailseal_preflight_new(mailseal_input_file(path), &found, &err), &err)) {
        add_buffer(entry(PREFLIGHTS), mailseal_preflight_json(found), 0);
        mailseal_preflight_free(found);
    }
}

static void footer(const char *path, const char *words)
{
    mailseal_context *cx = context();
    mailseal_error *err = NULL;
    bool added = false;
    char out[1100];
    path_of(COMPOSED, out);
    if (now.error == NULL && !failed(mailseal_context_append_footer(cx, letter(path), words, mailseal_output_file(out), &added, &err), &err)) {
        quote(entry(COMPOSED), out, strlen(out));
        strcpy(now.written, out);
    }
    mailseal_context_free(cx);
}

static void groups(void)
{
    size_t group, i;
    for (group = 0; group < mailseal_plan_group_count(now.plan) && now.error == NULL; group++) {
        text *into;
        compose(now.draft, 1, group);
        if (now.error != NULL) return;
        into = entry(GROUPS);
        say(into, "[");
        for (i = 0; i < mailseal_plan_group_mailbox_count(now.plan, group); i++) {
            if (i > 0) say(into, ",");
            quote_slice(into, mailseal_plan_group_mailbox(now.plan, group, i));
        }
        say(into, "]");
    }
}

static void make_plan(const char *path)
{
    mailseal_context *cx = context();
    mailseal_error *err = NULL;
    mailseal_plan_free(now.plan);
    now.plan = NULL;
    sprintf(now.draft, "%.1023s", strcmp(path, "=") == 0 ? now.written : path);
    if (now.error == NULL && !failed(mailseal_plan_new(cx, letter(path), now.policy, now.at, &now.plan, &err), &err)) {
        size_t i;
        mailseal_status status = MAILSEAL_OK;
        for (i = 0; i < now.setting_count && status == MAILSEAL_OK; i++) {
            const step *line = &now.settings[i];
            if (is(line, "confirm")) status = mailseal_plan_confirm(now.plan, line->words[1], &err);
            if (is(line, "hold")) status = mailseal_plan_hold(now.plan, true, &err);
        }
        failed(status, &err);
    }
    mailseal_context_free(cx);
}

/* What the policy says of a letter as it is, or of mail from one to another. */
static void sending(const step *line)
{
    mailseal_context *cx = context();
    mailseal_dispatch *dispatch = NULL;
    mailseal_error *err = NULL;
    mailseal_status status = MAILSEAL_OK;
    text to = { NULL, 0 };
    size_t i;
    add(&to, NULL, 0);
    for (i = 0; i < now.setting_count; i++)
        if (is(&now.settings[i], "recipient")) { say(&to, now.settings[i].words[1]); say(&to, "\n"); }
    if (now.error == NULL && is(line, "check"))
        status = mailseal_context_check_sending(cx, letter(line->words[1]), to.data, now.at, &dispatch, &err);
    else if (now.error == NULL)
        status = mailseal_context_decide_sending(cx, line->words[1], line->words[2], &dispatch, &err);
    failed(status, &err);
    if (now.error == NULL) add_buffer(entry(SENDING), mailseal_dispatch_json(dispatch), 0);
    mailseal_dispatch_free(dispatch);
    mailseal_context_free(cx);
    free(to.data);
}

/* What was done to a letter, or between two copies of it. */
static void doctor(const step *line)
{
    mailseal_context *cx = context();
    mailseal_diagnosis *diagnosis = NULL;
    mailseal_comparison *comparison = NULL;
    mailseal_error *err = NULL;
    mailseal_status status = MAILSEAL_OK;
    int one = is(line, "doctor");
    if (now.error == NULL && one) status = mailseal_diagnose(cx, letter(line->words[1]), now.at, &diagnosis, &err);
    else if (now.error == NULL)
        status = mailseal_compare(cx, letter(line->words[1]), letter(line->words[2]), &comparison, &err);
    failed(status, &err);
    if (now.error == NULL && one) add_buffer(entry(DIAGNOSES), mailseal_diagnosis_json(diagnosis), 0);
    else if (now.error == NULL && is(line, "profile")) {
        mailseal_buffer *profile = NULL;
        failed(mailseal_comparison_profile(comparison, line->words[3], &profile, &err), &err);
        if (now.error == NULL) {
            text *line_of_it = entry(PROFILES);
            size_t at;
            add_buffer(line_of_it, profile, 0);
            for (at = 0; at < line_of_it->length; at++)
                if (line_of_it->data[at] == '\n') line_of_it->data[at] = ' ';
        }
    } else if (now.error == NULL) add_buffer(entry(COMPARISONS), mailseal_comparison_json(comparison), 0);
    mailseal_diagnosis_free(diagnosis);
    mailseal_comparison_free(comparison);
    mailseal_context_free(cx);
}

static void set_policy(const char *name)
{
    mailseal_error *err = NULL;
    mailseal_policy *policy = NULL;
    if (strcmp(name, "strict") == 0) policy = mailseal_policy_strict();
    else if (strcmp(name, "standard") == 0) policy = mailseal_policy_standard();
    else if (failed(mailseal_policy_load(mailseal_input_file(name), strrchr(name, '/') + 1, &policy, &err), &err)) return;
    else now.rules = 1;
    mailseal_policy_free(now.policy);
    now.policy = policy;
}

static void load_key(const step *line)
{
    mailseal_key **into = is(line, "key") ? &now.keys[now.key_count++] : &now.signers[now.signer_count++];
    mailseal_error *err = NULL;
    char *password = malloc(strlen(line->words[2]) + 1);
    if (password == NULL || now.key_count >= MOST || now.signer_count >= MOST) abort();
    strcpy(password, line->words[2]);
    failed(mailseal_key_load(mailseal_input_file(line->words[1]), ask, password, free, into, &err), &err);
}

static int plan_step(const step *line)
{
    mailseal_error *err = NULL;
    size_t i;
    if (is(line, "plan")) make_plan(line->words[1]);
    else if (is(line, "without")) failed(mailseal_plan_remove(now.plan, line->words[1], &err), &err);
    else if (is(line, "accept")) failed(mailseal_plan_accept(now.plan, line->words[1], line->words[2], &err), &err);
    else if (is(line, "copy_to_sender")) failed(mailseal_plan_copy_to_sender(now.plan, &err), &err);
    else if (is(line, "unreachable"))
        for (i = 0; i < mailseal_plan_unreachable_count(now.plan); i++)
            quote_slice(entry(UNREACHABLE), mailseal_plan_unreachable_mailbox(now.plan, i));
    else if (is(line, "plan_json")) add_buffer(entry(PLANS), mailseal_plan_json(now.plan, "en"), 0);
    else if (is(line, "groups")) groups();
    else return 0;
    return 1;
}

/* Does a step. Returns whether it is a setting, which is kept. */
static int act(const step *line)
{
    if (is(line, "policy")) set_policy(line->words[1]);
    else if (is(line, "check") || is(line, "explain")) sending(line);
    else if (is(line, "doctor") || is(line, "compare") || is(line, "profile")) doctor(line);
    else if (is(line, "at")) now.at = strtoll(line->words[1], NULL, 10);
    else if (is(line, "key") || is(line, "signer")) load_key(line);
    else if (is(line, "open") || is(line, "open_part") || is(line, "detached")) open_letter(line);
    else if (is(line, "require")) require(line->words[1]);
    else if (is(line, "text") || is(line, "results") || is(line, "stamp") || is(line, "smime_status")) judge(line);
    else if (is(line, "mailbox")) open_mailbox(line->words[1]);
    else if (is(line, "archive")) archive(line->words[1]);
    else if (is(line, "dkim")) sign_for_domain(line);
    else if (is(line, "new_key")) new_key(line->words[1], line->words[2]);
    else if (is(line, "remember")) remember();
    else if (is(line, "evidence")) evidence(line->words[1]);
    else if (is(line, "preflight")) preflight(line->words[1]);
    else if (is(line, "footer")) footer(line->words[1], line->words[2]);
    else if (is(line, "compose")) compose(line->words[1], 0, 0);
    else return !plan_step(line);
    return 0;
}

/* A setting is tried where it stands. */
static void setting(const step *line)
{
    if (now.setting_count == MOST) abort();
    now.settings[now.setting_count++] = *line;
    if (is(line, "password")) now.password = line->words[1];
    if (is(line, "trusted_results")) now.trusted_results = line->words[1];
    if (is(line, "trusted_hops")) now.trusted_hops = line->words[1];
    mailseal_composer_free(composer());
}

static void run(char *text_of_line)
{
    step line = { { NULL, NULL, NULL, NULL, NULL }, 0 };
    char *word = text_of_line;
    int i;
    while (word != NULL && line.count < 5) {
        char *tab = strchr(word, '\t');
        if (tab != NULL) *tab++ = 0;
        line.words[line.count] = malloc(strlen(word) + 1);
        if (line.words[line.count] == NULL) abort();
        strcpy(line.words[line.count++], word);
        word = tab;
    }
    if (act(&line)) setting(&line);
    else for (i = 0; i < line.count; i++) free(line.words[i]);
}

static void begin(const char *folder, const char *name)
{
    memset(&now, 0, sizeof now);
    sprintf(now.out, "%.900s/%.100s", folder, name);
    now.policy = mailseal_policy_standard();
}

static void end(void)
{
    const char *before = "{";
    size_t i;
    int word;
    for (i = 0; i < LISTS; i++) {
        if (now.counts[i] > 0) { printf("%s\"%s\":[%s]", before, names[i], now.lists[i].data); before = ","; }
        free(now.lists[i].data);
    }
    if (now.error != NULL) printf("%s\"error\":\"%s\"}\n", before, now.error);
    else printf("%s}\n", before[0] == '{' ? before : "");
    for (i = 0; i < now.key_count; i++) mailseal_key_free(now.keys[i]);
    for (i = 0; i < now.signer_count; i++) mailseal_key_free(now.signers[i]);
    mailseal_plan_free(now.plan);
    mailseal_opened_free(now.opened);
    mailseal_policy_free(now.policy);
    for (i = 0; i < now.setting_count; i++)
        for (word = 0; word < now.settings[i].count; word++) free(now.settings[i].words[word]);
}

int main(int argc, char **argv)
{
    char line[4096];
    if (argc != 2) return 2;
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = 0;
        if (strncmp(line, "case\t", 5) == 0) begin(argv[1], line + 5);
        else if (strcmp(line, "end") == 0) end();
        else if (now.error == NULL) run(line);
    }
    return 0;
}
