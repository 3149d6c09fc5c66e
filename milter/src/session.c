#include "session.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>

#include "mail.h"
#include "text.h"

/* One connection; it brings one mail after another. */
struct session {
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } client;
    bool has_client, leading, skip;
    bool open; /* a mail is under way */
    struct mail mail;
};

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static unsigned long connections;

static struct session *session_of(SMFICTX *ctx)
{
    return smfi_getpriv(ctx);
}

static void end_mail(struct session *session)
{
    header_clear(&session->mail.header);
    letter_free(session->mail.letter);
    free(session->mail.login);
    free(session->mail.recipients);
    settings_give_back(session->mail.settings);
    memset(&session->mail, 0, sizeof session->mail);
    session->open = false;
}

static sfsistat negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps, unsigned long f2, unsigned long f3,
                          unsigned long *our_actions, unsigned long *our_steps, unsigned long *of2, unsigned long *of3)
{
    const unsigned long needed = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_CHGBODY;
    const unsigned long wanted =
        SMFIP_NOHELO | SMFIP_NODATA | SMFIP_NOUNKNOWN | SMFIP_HDR_LEADSPC | SMFIP_SKIP;
    struct session *session = calloc(1, sizeof *session);

    (void)f2;
    (void)f3;
    if (session == NULL || (actions & needed) != needed) {
        log_line("the mail server does not let this filter change mail");
        free(session);
        return SMFIS_REJECT;
    }
    *our_actions = needed | (actions & SMFIF_QUARANTINE);
    *our_steps = steps & wanted;
    *of2 = 0;
    *of3 = 0;
    session->leading = (steps & SMFIP_HDR_LEADSPC) != 0;
    session->skip = (steps & SMFIP_SKIP) != 0;
    smfi_setpriv(ctx, session);
    pthread_mutex_lock(&guard);
    connections++;
    pthread_mutex_unlock(&guard);
    return SMFIS_CONTINUE;
}

static sfsistat on_connect(SMFICTX *ctx, char *name, _SOCK_ADDR *address)
{
    struct session *session = session_of(ctx);

    (void)name;
    if (session == NULL) {
        return SMFIS_TEMPFAIL;
    }
    session->has_client = address != NULL;
    if (address == NULL) {
        return SMFIS_CONTINUE;
    }
    if (address->sa_family == AF_INET) {
        memcpy(&session->client.in, address, sizeof session->client.in);
    } else if (address->sa_family == AF_INET6) {
        memcpy(&session->client.in6, address, sizeof session->client.in6);
    } else {
        session->has_client = false;
    }
    return SMFIS_CONTINUE;
}

static sfsistat on_envfrom(SMFICTX *ctx, char **arguments)
{
    struct session *session = session_of(ctx);
    const char *login = smfi_getsymval(ctx, (char *)"{auth_authen}");
    struct mail *mail;

    (void)arguments;
    if (session == NULL) {
        return SMFIS_TEMPFAIL;
    }
    end_mail(session);
    mail = &session->mail;
    mail->settings = settings_take();
    if (mail->settings == NULL) {
        return SMFIS_TEMPFAIL; /* it is about to end */
    }
    mail->leading = session->leading;
    session->open = true;
    snprintf(mail->why, sizeof mail->why, "the mail server has not told where the header ends");
    if (login != NULL && login[0] != '\0') {
        mail->login = malloc(strlen(login) + 1);
        if (mail->login == NULL) {
            return SMFIS_TEMPFAIL;
        }
        strcpy(mail->login, login);
    }
    return SMFIS_CONTINUE;
}

static sfsistat on_envrcpt(SMFICTX *ctx, char **arguments)
{
    struct session *session = session_of(ctx);

    if (session == NULL || !session->open) {
        return SMFIS_TEMPFAIL;
    }
    return mail_add_recipient(&session->mail, arguments[0])
        ? SMFIS_CONTINUE : mail_defer(ctx, &session->mail, "no memory", true);
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
    struct session *session = session_of(ctx);
    bool kept;

    if (session == NULL || !session->open) {
        return SMFIS_TEMPFAIL;
    }
    if (session->leading) {
        kept = header_add(&session->mail.header, name, strlen(name), value, strlen(value));
    } else {
        /* The server has taken the blank away that nearly always stands there. */
        size_t length = strlen(value);
        char *with = malloc(length + 2);
        if (with == NULL) {
            return mail_defer(ctx, &session->mail, "no memory", false);
        }
        with[0] = ' ';
        memcpy(with + 1, value, length + 1);
        kept = header_add(&session->mail.header, name, strlen(name), with, length + 1);
        free(with);
    }
    return kept ? SMFIS_CONTINUE : mail_defer(ctx, &session->mail, "the header is too long", true);
}

static sfsistat on_eoh(SMFICTX *ctx)
{
    struct session *session = session_of(ctx);
    struct mail *mail;

    if (session == NULL || !session->open) {
        return SMFIS_TEMPFAIL;
    }
    mail = &session->mail;
    clock_gettime(CLOCK_MONOTONIC, &mail->began);
    mail_plan(mail, session->has_client ? &session->client.any : NULL);
    if (mail->task == TASK_DEFER) {
        return mail_defer(ctx, mail, mail->why, true);
    }
    if (mail->task == TASK_LEAVE && !mail_is_governed(mail)) {
        return SMFIS_CONTINUE;
    }
    mail->letter = letter_new(mail->settings->conf.message_bytes);
    if (mail->letter == NULL) {
        return mail_defer(ctx, mail, "no memory", true);
    }
    return header_write(&mail->header, mail->settings->conf.authserv_id, mail->letter)
        ? SMFIS_CONTINUE : mail_defer(ctx, mail, letter_why(mail->letter), true);
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *octets, size_t length)
{
    struct session *session = session_of(ctx);
    struct mail *mail;

    if (session == NULL || !session->open) {
        return SMFIS_TEMPFAIL;
    }
    mail = &session->mail;
    if (mail->task == TASK_SIGN && marker_seen(&mail->marker, octets, length)) {
        mail->task = TASK_LEAVE;
        snprintf(mail->why, sizeof mail->why, "it holds an OpenPGP text already");
        if (!mail_is_governed(mail)) {
            letter_free(mail->letter);
            mail->letter = NULL;
        }
    }
    if (mail->task == TASK_LEAVE && mail->letter == NULL) {
        return session->skip ? SMFIS_SKIP : SMFIS_CONTINUE;
    }
    return letter_write(mail->letter, octets, length)
        ? SMFIS_CONTINUE : mail_defer(ctx, mail, letter_why(mail->letter), true);
}

static long milliseconds_since(const struct timespec *began)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)(now.tv_sec - began->tv_sec) * 1000 + (now.tv_nsec - began->tv_nsec) / 1000000;
}

/* A word of the log: with blanks in it, somebody could write words of ours. */
static const char *word(const char *text, char *room, size_t size)
{
    char *c;

    snprintf(room, size, "%s", text == NULL || text[0] == '\0' ? "-" : text);
    for (c = room; *c != '\0'; c++) {
        if (*c == ' ') {
            *c = '?';
        }
    }
    return room;
}

void mail_say(SMFICTX *ctx, const struct mail *mail, const char *told)
{
    const char *id = smfi_getsymval(ctx, (char *)"i");
    char login[256], from[256];

    log_line("%s: login=%s from=%s %s ms=%ld", id == NULL ? "-" : id, word(mail->login, login, sizeof login),
             word(mail->from, from, sizeof from), told,
             mail->began.tv_sec == 0 ? 0 : milliseconds_since(&mail->began));
}

void mail_printable(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < ' ' || (unsigned char)*text >= 0x7f || *text == '%') {
            *text = '?';
        }
    }
}

void mail_reply(SMFICTX *ctx, const char *code, const char *enhanced, const char *text)
{
    char reply[400];

    snprintf(reply, sizeof reply, "%s", text);
    mail_printable(reply);
    smfi_setreply(ctx, (char *)code, (char *)enhanced, reply);
}

sfsistat mail_defer(SMFICTX *ctx, struct mail *mail, const char *why, bool tell)
{
    char text[480], reply[400];

    snprintf(text, sizeof text, "deferred: %s", why);
    mail_say(ctx, mail, text);
    snprintf(reply, sizeof reply, "%s%s", tell ? "mail cannot be signed now: " : "mail cannot be verified now",
             tell ? why : "");
    mail_reply(ctx, "451", "4.7.1", reply);
    return SMFIS_TEMPFAIL;
}

static sfsistat leave(SMFICTX *ctx, struct mail *mail, char *told, size_t size)
{
    int removed = header_remove_forged(ctx, &mail->header, mail->settings->conf.authserv_id);

    if (removed < 0) {
        return mail_defer(ctx, mail, "the mail server keeps its header", true);
    }
    snprintf(told, size, "left: %s forged=%d", mail->why, removed);
    return mail->letter == NULL ? SMFIS_CONTINUE : mail_permit(ctx, mail, mail->letter, told, size);
}

static sfsistat on_eom(SMFICTX *ctx)
{
    struct session *session = session_of(ctx);
    struct mail *mail;
    char told[900] = "";
    sfsistat answer;

    if (session == NULL || !session->open) {
        return SMFIS_TEMPFAIL;
    }
    mail = &session->mail;
    /* From here on it is our own time: the letter came as fast as its sender sent it. */
    clock_gettime(CLOCK_MONOTONIC, &mail->began);
    switch (mail->task) {
    case TASK_VERIFY: answer = mail_verify(ctx, mail, told, sizeof told); break;
    case TASK_SIGN: answer = mail_sign(ctx, mail, told, sizeof told); break;
    case TASK_LEAVE: answer = leave(ctx, mail, told, sizeof told); break;
    default: answer = mail_defer(ctx, mail, mail->why, true); break;
    }
    if (answer == SMFIS_CONTINUE) {
        mail_say(ctx, mail, told);
    }
    end_mail(session);
    return answer;
}

static sfsistat on_abort(SMFICTX *ctx)
{
    struct session *session = session_of(ctx);

    if (session != NULL) {
        end_mail(session);
    }
    return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *ctx)
{
    struct session *session = session_of(ctx);

    if (session != NULL) {
        smfi_setpriv(ctx, NULL);
        end_mail(session);
        free(session);
        pthread_mutex_lock(&guard);
        connections--;
        pthread_mutex_unlock(&guard);
    }
    return SMFIS_CONTINUE;
}

bool session_register(const char *socket)
{
    struct smfiDesc filter;

    memset(&filter, 0, sizeof filter);
    filter.xxfi_name = (char *)"mailseal-milter";
    filter.xxfi_version = SMFI_VERSION;
    filter.xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_CHGBODY | SMFIF_QUARANTINE;
    filter.xxfi_connect = on_connect;
    filter.xxfi_envfrom = on_envfrom;
    filter.xxfi_envrcpt = on_envrcpt;
    filter.xxfi_header = on_header;
    filter.xxfi_eoh = on_eoh;
    filter.xxfi_body = on_body;
    filter.xxfi_eom = on_eom;
    filter.xxfi_abort = on_abort;
    filter.xxfi_close = on_close;
    filter.xxfi_negotiate = negotiate;
    return smfi_setconn((char *)socket) == MI_SUCCESS && smfi_register(filter) == MI_SUCCESS;
}

void session_wait(void)
{
    const struct timespec moment = {0, 50000000};
    int left;

    for (left = 200; left > 0; left--) {
        unsigned long open;
        pthread_mutex_lock(&guard);
        open = connections;
        pthread_mutex_unlock(&guard);
        if (open == 0) {
            return;
        }
        nanosleep(&moment, NULL);
    }
}
