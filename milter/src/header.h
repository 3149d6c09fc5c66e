/* The header of a letter, field by field, as the mail server tells it and wants it changed. */
#ifndef HEADER_H
#define HEADER_H

#include <libmilter/mfapi.h>
#include <stdbool.h>
#include <stddef.h>

#include "letter.h"

struct field {
    char *name;
    char *value; /* as it stands after the colon, leading blank and folds too; line ends are LF */
};

struct header {
    struct field *fields;
    size_t count, octets;
};

/* `value` with its leading blank. CR LF becomes LF. False without memory, or when there is too much of it. */
bool header_add(struct header *header, const char *name, size_t name_length, const char *value, size_t value_length);
void header_clear(struct header *header);
/* Whether it is, or hides, an Authentication-Results field that says what only we may say. */
bool field_is_forged(const struct field *field, const char *authserv_id);
/* Writes the header as in a letter, without forged results, and the empty line. */
bool header_write(const struct header *header, const char *authserv_id, struct letter *letter);
/* Takes the forged ones out of the mail. How many there were, or -1. */
int header_remove_forged(SMFICTX *ctx, const struct header *header, const char *authserv_id);
/* Changes the mail from the old fields to the new ones: what is the same for both is not touched. `leading`: the server
 * takes values with their leading blank. */
bool header_change(SMFICTX *ctx, const struct header *old, const struct header *new, bool leading);
/* The value as the server takes it. */
const char *field_value(const struct field *field, bool leading);

#endif
