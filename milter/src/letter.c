#include "letter.h"

#include <stdio.h>
#include <stdlib.h>

struct letter {
    mailseal_input *input;
    uint64_t length, limit;
    char why[300]; /* empty while all is well */
};

struct letter *letter_new(uint64_t limit)
{
    struct letter *letter = calloc(1, sizeof *letter);

    if (letter != NULL) {
        letter->limit = limit;
        letter->input = mailseal_input_push();
    }
    return letter;
}

bool letter_write(struct letter *letter, const void *octets, size_t length)
{
    mailseal_error *err = NULL;

    if (letter->why[0] != '\0') {
        return false;
    }
    /* mailseal would say so when it reads the letter; until then it would be kept. */
    if (length > letter->limit || letter->length > letter->limit - length) {
        snprintf(letter->why, sizeof letter->why, "it has more octets than message_bytes allows");
        return false;
    }
    letter->length += length;
    if (mailseal_input_write(letter->input, octets, length, &err) != MAILSEAL_OK) {
        snprintf(letter->why, sizeof letter->why, "%s", mailseal_error_message(err));
        mailseal_error_free(err);
        return false;
    }
    return true;
}

const char *letter_why(const struct letter *letter)
{
    return letter->why;
}

mailseal_input *letter_input(struct letter *letter)
{
    mailseal_input *input = letter->input;

    letter->input = NULL;
    return input;
}

void letter_free(struct letter *letter)
{
    if (letter != NULL) {
        mailseal_input_free(letter->input);
        free(letter);
    }
}
