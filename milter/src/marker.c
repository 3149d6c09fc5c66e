#include <string.h>

#include "mail.h"

static const char MARKER[] = "-----BEGIN PGP ";

bool marker_seen(int *state, const unsigned char *octets, size_t length)
{
    size_t index;

    for (index = 0; index < length; index++) {
        unsigned char c = octets[index];
        if (c == '\n') {
            *state = 0;
        } else if (*state < 0) {
            const unsigned char *end = memchr(octets + index, '\n', length - index);
            if (end == NULL) {
                return false;
            }
            index = (size_t)(end - octets) - 1;
        } else if (MARKER[*state] == '\0') {
            /* MESSAGE, SIGNED MESSAGE, SIGNATURE; a key alone (PUBLIC KEY BLOCK) is none of these. */
            if (c == 'M' || c == 'S') {
                return true;
            }
            *state = -1;
        } else {
            *state = c == (unsigned char)MARKER[*state] ? *state + 1 : -1;
        }
    }
    return false;
}
