/* Incoming mail: looked at, and the results told on top. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mail.h"

/* Puts the field, name and value with CR LF, on top of the mail. */
static bool tell(SMFICTX *ctx, const struct mail *mail, const mailseal_buffer *text)
{
    const char *octets = (const char *)mailseal_buffer_data(text);
    size_t length = mailseal_buffer_length(text);
    const char *colon = memchr(octets, ':', length);
    struct header one;
    bool told = false;

    memset(&one, 0, sizeof one);
    if (colon != NULL
        && header_add(&one, octets, (size_t)(colon - octets), colon + 1, length - (size_t)(colon + 1 - octets))) {
        const struct field *field = &one.fields[0];
        told = smfi_insheader(ctx, 0, field->name, (char *)field_value(field, mail->leading)) == MI_SUCCESS;
    }
    header_clear(&one);
    return told;
}

static const char *outcome_name(mailseal_outcome outcome)
{
    switch (outcome) {
    case MAILSEAL_OUTCOME_GOOD: return "good";
    case MAILSEAL_OUTCOME_CAUTION: return "caution";
    case MAILSEAL_OUTCOME_BAD: return "bad";
    default: return "none";
    }
}

/* What the results that are trusted say of the sending domain, and how it goes with who signed. */
static void say_domain(const mailseal_report *report, char *told, size_t size)
{
    static const struct {
        const char *name, *pointer;
    } WORDS[] = {
        {"dmarc", "/domain/dmarc/result"},
        {"domain-from", "/domain/agreement/domain_with_from"},
        {"domain-signer", "/domain/agreement/domain_with_signer"},
    };
    char word[40];
    size_t index, used;

    for (index = 0; index < sizeof WORDS / sizeof *WORDS; index++) {
        used = strlen(told);
        if (report_text(report, WORDS[index].pointer, word, sizeof word)) {
            snprintf(told + used, size - used, " %s=%s", WORDS[index].name, word);
        }
    }
}

/* What cannot be remembered is no reason to keep mail waiting. */
static void remember(const struct settings *settings, const mailseal_opened *opened)
{
    mailseal_error *err = NULL;

    if (settings->memory != NULL && mailseal_opened_remember(opened, settings->memory, &err) != MAILSEAL_OK) {
        log_line("warning: nothing is learned from a mail: %s", mailseal_error_message(err));
    }
    mailseal_error_free(err);
}

sfsistat mail_verify(SMFICTX *ctx, struct mail *mail, char *told, size_t size)
{
    const struct settings *settings = mail->settings;
    mailseal_opened *opened = NULL;
    mailseal_verdict *verdict = NULL;
    mailseal_buffer *field = NULL;
    mailseal_error *err = NULL;
    mailseal_action action;
    sfsistat answer = SMFIS_CONTINUE;
    int removed = 0;

    if (mailseal_opener_open(settings->opener, letter_input(mail->letter), (int64_t)time(NULL), &opened, &err)
        == MAILSEAL_OPENED) {
        const mailseal_report *report = mailseal_opened_report(opened);
        verdict = mailseal_policy_judge(settings->policy, report);
        report_text(report, "/from/mailboxes/0", mail->from, sizeof mail->from);
        field = mailseal_verdict_authentication_results(verdict, report, settings->conf.authserv_id, &err);
    }
    if (field == NULL) {
        answer = mail_defer(ctx, mail, mailseal_error_message(err), false);
    } else if ((removed = header_remove_forged(ctx, &mail->header, settings->conf.authserv_id)) < 0
               || !tell(ctx, mail, field)) {
        answer = mail_defer(ctx, mail, "the mail server does not take the result", false);
    } else {
        mailseal_slice code = mailseal_verdict_reason_code(verdict, 0);
        snprintf(told, size, "verified verdict=%s reason=%.*s forged=%d", outcome_name(mailseal_verdict_outcome(verdict)),
                 (int)code.length, code.length > 0 ? (const char *)code.data : "", removed);
        say_domain(mailseal_opened_report(opened), told, size);
        action = mailseal_verdict_action(verdict);
        answer = mail_take_in(ctx, mail, action, told, size);
        if (answer == SMFIS_CONTINUE) {
            remember(settings, opened);
        }
    }
    mailseal_buffer_free(field);
    mailseal_verdict_free(verdict);
    mailseal_opened_free(opened);
    mailseal_error_free(err);
    return answer;
}
