/* One mail on its way through: what is known of it, and what is to be done with it. */
#ifndef MAIL_H
#define MAIL_H

#include <libmilter/mfapi.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <time.h>

#include "header.h"
#include "letter.h"
#include "settings.h"

enum task {
    TASK_DEFER, /* until something else is known */
    TASK_LEAVE, /* only forged results go */
    TASK_VERIFY, /* and ours are told */
    TASK_SIGN
};

struct mail {
    struct settings *settings;
    struct header header;
    struct letter *letter;
    char *login; /* NULL where nobody has logged in */
    char from[256];
    enum task task;
    char why[400];
    size_t key;
    int marker; /* where in the first words of an OpenPGP text its body is: marker.c */
    bool leading;
    bool outgoing; /* what the policy says of sending counts */
    char *recipients; /* one a line; NULL where nobody was named */
    size_t recipients_length;
    struct timespec began;
};

/* What to do, once the header is there: plan.c */
void mail_plan(struct mail *mail, const struct sockaddr *client);
/* Does it; words for the log: verify.c, sign.c */
sfsistat mail_verify(SMFICTX *ctx, struct mail *mail, char *told, size_t size);
sfsistat mail_sign(SMFICTX *ctx, struct mail *mail, char *told, size_t size);

/* A value of the report as text (plan.c); false where there is none, or it does not fit. */
bool report_text(const mailseal_report *report, const char *pointer, char *text, size_t size);

/* Whether a file of a policy is asked about it: policy.c */
bool mail_is_governed(const struct mail *mail);
bool mail_add_recipient(struct mail *mail, const char *path);
/* Asks it about outgoing mail as it leaves, and does what it says. */
sfsistat mail_permit(SMFICTX *ctx, struct mail *mail, struct letter *letter, char *told, size_t size);
/* Does what it says of incoming mail. */
sfsistat mail_take_in(SMFICTX *ctx, struct mail *mail, mailseal_action action, char *told, size_t size);

/* The line of the log; the answer to whoever sends, of which nothing but what is printable stays: session.c */
void mail_say(SMFICTX *ctx, const struct mail *mail, const char *told);
void mail_reply(SMFICTX *ctx, const char *code, const char *enhanced, const char *text);
void mail_printable(char *text);

/* Not now. `why` is for the log, and for whoever sends where `tell` is true. */
sfsistat mail_defer(SMFICTX *ctx, struct mail *mail, const char *why, bool tell);

/* Whether an inline OpenPGP message or signature begins in the body so far: a line "-----BEGIN PGP MESSAGE" or
 * "-----BEGIN PGP SIGN...". */
bool marker_seen(int *state, const unsigned char *octets, size_t length);

#endif
