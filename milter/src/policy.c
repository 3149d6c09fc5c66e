/* What the file of a policy says of mail: refused, kept back, or let through. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mail.h"

bool mail_is_governed(const struct mail *mail)
{
    return mail->outgoing && mail->settings->conf.policy_file != NULL;
}

/* A recipient of the envelope, `<bob@partner.example>`, on a line of its own. */
bool mail_add_recipient(struct mail *mail, const char *path)
{
    size_t length = strlen(path), room;
    char *larger;

    if (length >= 2 && path[0] == '<' && path[length - 1] == '>') {
        path++;
        length -= 2;
    }
    /* Whoever has no domain is in the server's own house. */
    room = mail->recipients_length + length + sizeof "@localhost\n";
    larger = realloc(mail->recipients, room);
    if (larger == NULL) {
        return false;
    }
    mail->recipients = larger;
    mail->recipients_length += (size_t)sprintf(larger + mail->recipients_length, "%.*s%s\n", (int)length, path,
                                               memchr(path, '@', length) == NULL ? "@localhost" : "");
    return true;
}

static sfsistat refuse(SMFICTX *ctx, struct mail *mail, const char *why, const char *told)
{
    char text[500];

    snprintf(text, sizeof text, "refused by the policy: %s", why);
    mail_say(ctx, mail, text);
    mail_reply(ctx, "550", "5.7.1", told);
    return SMFIS_REJECT;
}

/* The mail server keeps it until somebody lets it go: the hold queue of Postfix. */
static sfsistat hold(SMFICTX *ctx, struct mail *mail, const char *why, char *told, size_t size)
{
    char words[300], text[500];

    snprintf(words, sizeof words, "%s", told);
    snprintf(text, sizeof text, "held by the policy: %s", why);
    mail_printable(text);
    if (smfi_quarantine(ctx, text) != MI_SUCCESS) {
        return mail_defer(ctx, mail, "the mail server does not keep what the policy holds", true);
    }
    snprintf(told, size, "%s %s", words, text);
    return SMFIS_CONTINUE;
}

sfsistat mail_permit(SMFICTX *ctx, struct mail *mail, struct letter *letter, char *told, size_t size)
{
    mailseal_dispatch *dispatch = NULL;
    mailseal_buffer *reasons = NULL;
    mailseal_error *err = NULL;
    char why[400];
    sfsistat answer = SMFIS_CONTINUE;
    mailseal_status status = mailseal_context_check_sending(mail->settings->cx, letter_input(letter),
                                                            mail->recipients == NULL ? "?" : mail->recipients,
                                                            (int64_t)time(NULL), &dispatch, &err);

    if (status != MAILSEAL_OK) {
        answer = mail_defer(ctx, mail, mailseal_error_message(err), true);
    } else if (mailseal_dispatch_action(dispatch) != MAILSEAL_ACTION_PASS) {
        reasons = mailseal_dispatch_reasons(dispatch, "en");
        snprintf(why, sizeof why, "%.*s", (int)mailseal_buffer_length(reasons),
                 reasons == NULL ? "" : (const char *)mailseal_buffer_data(reasons));
        mail_printable(why);
        answer = mailseal_dispatch_action(dispatch) == MAILSEAL_ACTION_REFUSE
            ? refuse(ctx, mail, why, why) : hold(ctx, mail, why, told, size);
    }
    mailseal_buffer_free(reasons);
    mailseal_dispatch_free(dispatch);
    mailseal_error_free(err);
    return answer;
}

sfsistat mail_take_in(SMFICTX *ctx, struct mail *mail, mailseal_action action, char *told, size_t size)
{
    static const char WHY[] = "the policy here requires more of mail from this sender";

    if (action == MAILSEAL_ACTION_PASS) {
        return SMFIS_CONTINUE;
    }
    /* Which rule it was stands in the log; strangers need not know. */
    return action == MAILSEAL_ACTION_REFUSE ? refuse(ctx, mail, told, WHY) : hold(ctx, mail, WHY, told, size);
}
