/* A letter on its way in: it arrives in pieces, which mailseal keeps, and is read once, when all of it is there. */
#ifndef LETTER_H
#define LETTER_H

#include <mailseal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct letter;

/* NULL without memory. More than `limit` octets are refused. */
struct letter *letter_new(uint64_t limit);
/* False where it is too long, or cannot be kept; `letter_why` says which. */
bool letter_write(struct letter *letter, const void *octets, size_t length);
const char *letter_why(const struct letter *letter);
/* The whole of it, for the one call of mailseal that reads it. */
mailseal_input *letter_input(struct letter *letter);
void letter_free(struct letter *letter);

#endif
