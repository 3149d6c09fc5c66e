/* A letter on its way in: it arrives in pieces, and is read when all of it is there. In memory while it is small, then in
 * a file without a name that only its owner can read. */
#ifndef LETTER_H
#define LETTER_H

#include <mailseal.h>
#include <stdbool.h>
#include <stdint.h>

struct letter;

/* NULL without memory. More than `limit` octets are refused. */
struct letter *letter_new(uint64_t limit);
/* False where it is too long, or cannot be kept; `letter_why` says which. */
bool letter_write(struct letter *letter, const void *octets, size_t length);
const char *letter_why(const struct letter *letter);
/* Reads it from its start, for one call of mailseal, which must end before the letter is freed. */
mailseal_input *letter_input(struct letter *letter);
void letter_free(struct letter *letter);

#endif
