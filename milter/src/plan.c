/* What is to be done with a mail: who sends it, from which address, and what it is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mail.h"

static void leave(struct mail *mail, const char *why)
{
    mail->task = TASK_LEAVE;
    snprintf(mail->why, sizeof mail->why, "%s", why);
}

static bool is_who(const struct conf_rule *rule, const struct mail *mail, const struct sockaddr *client)
{
    if (rule->login == NULL) {
        return client != NULL && network_has(&rule->network, client);
    }
    return mail->login != NULL && (strcmp(rule->login, "*") == 0 || strcmp(rule->login, mail->login) == 0);
}

/* The domain in any case, what stands before the @ exactly (RFC 5321 section 2.4). */
static bool is_from(const char *wanted, const char *from)
{
    const char *at = strrchr(from, '@'), *wanted_at = strrchr(wanted, '@');

    if (strcmp(wanted, "*") == 0) {
        return true;
    }
    return at != NULL && wanted_at != NULL && strcasecmp(at, wanted_at) == 0
        && (wanted_at == wanted || (at - from == wanted_at - wanted && strncmp(from, wanted, (size_t)(at - from)) == 0));
}

bool report_text(const mailseal_report *report, const char *pointer, char *text, size_t size)
{
    mailseal_buffer *value = mailseal_report_get(report, pointer);
    size_t length = mailseal_buffer_length(value);
    bool there = value != NULL && length < size;

    if (there) {
        memcpy(text, mailseal_buffer_data(value), length);
        text[length] = '\0';
    }
    mailseal_buffer_free(value);
    return there;
}

static bool is_sealed(const char *media_type)
{
    static const char *const SEALED[] = {"multipart/signed", "multipart/encrypted", "application/pkcs7-mime",
                                         "application/x-pkcs7-mime"};
    size_t index;

    for (index = 0; index < sizeof SEALED / sizeof *SEALED; index++) {
        size_t length = strlen(SEALED[index]);
        if (strncasecmp(media_type, SEALED[index], length) == 0 && (media_type[length] == '\0' || media_type[length] == ';')) {
            return true;
        }
    }
    return false;
}

/* Whether a finding says that From is not one address that can be read in one way only: nobody signs for that. */
static bool is_from_doubtful(const mailseal_report *report)
{
    static const char *const DOUBTS[] = {"from_missing", "from_ambiguous", "from_unreadable"};
    char pointer[48], code[64];
    size_t finding, doubt;

    for (finding = 0;; finding++) {
        snprintf(pointer, sizeof pointer, "/findings/%zu/code", finding);
        if (!report_text(report, pointer, code, sizeof code)) {
            return false;
        }
        for (doubt = 0; doubt < sizeof DOUBTS / sizeof *DOUBTS; doubt++) {
            if (strcmp(code, DOUBTS[doubt]) == 0) {
                return true;
            }
        }
    }
}

/* The letter's header alone, by the reader that signing uses: from whom, and whether it is sealed already. */
static bool look(struct mail *mail, bool *sealed, bool *one_from)
{
    const struct settings *settings = mail->settings;
    struct letter *head = letter_new(settings->conf.message_bytes);
    mailseal_opened *opened = NULL;
    mailseal_error *err = NULL;
    char text[256];
    bool good = head != NULL && header_write(&mail->header, settings->conf.authserv_id, head);

    if (!good) {
        snprintf(mail->why, sizeof mail->why, "%s", head == NULL ? "no memory" : letter_why(head));
    } else if (mailseal_opener_open(settings->opener, letter_input(head), (int64_t)time(NULL), &opened, &err)
               != MAILSEAL_OPENED) {
        snprintf(mail->why, sizeof mail->why, "%s", mailseal_error_message(err));
        good = false;
    } else {
        const mailseal_report *report = mailseal_opened_report(opened);
        *one_from = report_text(report, "/from/mailboxes/0", mail->from, sizeof mail->from)
            && !is_from_doubtful(report);
        *sealed = report_text(report, "/parts/0/media_type", text, sizeof text) && is_sealed(text);
    }
    mailseal_opened_free(opened);
    mailseal_error_free(err);
    letter_free(head);
    return good;
}

static void plan_outgoing(struct mail *mail, const struct sockaddr *client, bool may_sign)
{
    const struct conf *conf = &mail->settings->conf;
    bool sealed = false, one_from = false;
    size_t index;

    if (!may_sign) {
        leave(mail, "no rule for this login or client");
        return;
    }
    if (!look(mail, &sealed, &one_from)) {
        return; /* deferred */
    }
    if (sealed) {
        leave(mail, "it is signed or encrypted already");
        return;
    }
    for (index = 0; one_from && index < conf->rule_count; index++) {
        const struct conf_rule *rule = &conf->rules[index];
        if (is_who(rule, mail, client) && is_from(rule->from, mail->from)) {
            mail->task = TASK_SIGN;
            mail->key = rule->key;
            return;
        }
    }
    leave(mail, one_from ? "not a From that this sender may sign for" : "it has not exactly one readable From");
    if (conf->refuse_other_from) {
        mail->task = TASK_DEFER;
    }
}

void mail_plan(struct mail *mail, const struct sockaddr *client)
{
    const struct conf *conf = &mail->settings->conf;
    bool may_sign = false;
    size_t index;

    for (index = 0; index < conf->rule_count && !may_sign; index++) {
        may_sign = is_who(&conf->rules[index], mail, client);
    }
    mail->outgoing = may_sign || mail->login != NULL;
    if (mail->outgoing) {
        plan_outgoing(mail, client, may_sign);
    } else if (conf->verify) {
        mail->task = TASK_VERIFY;
    } else {
        leave(mail, "nothing is verified here");
    }
}
