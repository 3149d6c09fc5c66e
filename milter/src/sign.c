/* Outgoing mail: signed, and handed back as it was composed, octet for octet. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mail.h"

enum { PIECE = 65535 }; /* what one packet to the mail server holds */

/* The letter on its way back: first its header, then the body in pieces. */
struct handing {
    SMFICTX *ctx;
    struct mail *mail;
    char *head;
    size_t length, capacity;
    bool body;
    unsigned char piece[PIECE];
    size_t held;
    struct letter *whole; /* for the policy; NULL where none is asked */
};

static bool flush(struct handing *handing)
{
    bool taken = handing->held == 0
        || smfi_replacebody(handing->ctx, handing->piece, (int)handing->held) == MI_SUCCESS;

    handing->held = 0;
    return taken;
}

static bool hand_body(struct handing *handing, const char *octets, size_t length)
{
    while (length > 0) {
        size_t room = PIECE - handing->held, part = length < room ? length : room;
        memcpy(handing->piece + handing->held, octets, part);
        handing->held += part;
        octets += part;
        length -= part;
        if (handing->held == PIECE && !flush(handing)) {
            return false;
        }
    }
    return true;
}

/* Cuts a header as mailseal writes it: every line is a field or the fold of one. */
static bool read_head(const char *head, size_t length, struct header *header)
{
    const char *end = head + length;

    while (head < end) {
        const char *colon = memchr(head, ':', (size_t)(end - head)), *line = head, *stop;
        if (colon == NULL) {
            return false;
        }
        do {
            stop = memchr(line, '\n', (size_t)(end - line));
            if (stop == NULL) {
                return false;
            }
            line = stop + 1;
        } while (line < end && (*line == ' ' || *line == '\t'));
        if (colon > stop || stop[-1] != '\r'
            || !header_add(header, head, (size_t)(colon - head), colon + 1, (size_t)(stop - 1 - (colon + 1)))) {
            return false;
        }
        head = line;
    }
    return true;
}

static bool hand_head(struct handing *handing, size_t length)
{
    struct header now;
    bool good;

    memset(&now, 0, sizeof now);
    good = read_head(handing->head, length, &now)
        && header_change(handing->ctx, &handing->mail->header, &now, handing->mail->leading);
    header_clear(&now);
    return good;
}

/* Where the header ends, after its empty line; 0 while it has not. */
static size_t head_end(const struct handing *handing, size_t from)
{
    size_t at;

    for (at = from < 3 ? 0 : from - 3; at + 4 <= handing->length; at++) {
        if (memcmp(handing->head + at, "\r\n\r\n", 4) == 0) {
            return at + 4;
        }
    }
    return 0;
}

static int32_t hand(void *userdata, mailseal_slice octets)
{
    struct handing *handing = userdata;
    size_t before = handing->length, end;

    if (handing->whole != NULL && !letter_write(handing->whole, octets.data, octets.length)) {
        return MAILSEAL_ERROR_NO_MEMORY;
    }
    if (handing->body) {
        return hand_body(handing, (const char *)octets.data, octets.length) ? MAILSEAL_OK : MAILSEAL_ERROR_IO;
    }
    if (handing->capacity - handing->length < octets.length) {
        size_t wanted = handing->length + octets.length;
        char *larger = realloc(handing->head, wanted);
        if (larger == NULL) {
            return MAILSEAL_ERROR_NO_MEMORY;
        }
        handing->head = larger;
        handing->capacity = wanted;
    }
    memcpy(handing->head + handing->length, octets.data, octets.length);
    handing->length += octets.length;
    end = head_end(handing, before);
    if (end == 0) {
        return MAILSEAL_OK;
    }
    handing->body = true;
    return hand_head(handing, end - 2) && hand_body(handing, handing->head + end, handing->length - end)
        ? MAILSEAL_OK : MAILSEAL_ERROR_IO;
}

sfsistat mail_sign(SMFICTX *ctx, struct mail *mail, char *told, size_t size)
{
    const struct settings *settings = mail->settings;
    struct handing *handing = calloc(1, sizeof *handing);
    mailseal_error *err = NULL;
    sfsistat answer = SMFIS_CONTINUE;

    if (handing == NULL) {
        return mail_defer(ctx, mail, "no memory", true);
    }
    handing->ctx = ctx;
    handing->mail = mail;
    if (mail_is_governed(mail) && (handing->whole = letter_new(2 * settings->conf.message_bytes)) == NULL) {
        free(handing);
        return mail_defer(ctx, mail, "no memory", true);
    }
    /* What was handed over before a failure counts for nothing: the mail is deferred, and the server forgets it. */
    if (mailseal_composer_compose(settings->composers[mail->key], letter_input(mail->letter), (int64_t)time(NULL),
                                  mailseal_output_callback(hand, handing, NULL), &err) != MAILSEAL_OK) {
        answer = mail_defer(ctx, mail, mailseal_error_message(err), true);
    } else if (!handing->body || !flush(handing)) {
        answer = mail_defer(ctx, mail, "the mail server does not take the signed mail", true);
    } else {
        snprintf(told, size, "signed key=%s", settings->conf.keys[mail->key].name);
        if (handing->whole != NULL) {
            answer = mail_permit(ctx, mail, handing->whole, told, size);
        }
    }
    mailseal_error_free(err);
    letter_free(handing->whole);
    free(handing->head);
    free(handing);
    return answer;
}
