/* Networks of clients: 192.0.2.0/24, 2001:db8::/32, or one address. */
#ifndef NETWORK_H
#define NETWORK_H

#include <stdbool.h>
#include <sys/socket.h>

struct network {
    int family;
    unsigned char octets[16];
    unsigned bits;
};

/* False where the text is no network. */
bool network_read(const char *text, struct network *network);
/* An IPv4 address in IPv6 is that IPv4 address. */
bool network_has(const struct network *network, const struct sockaddr *client);

#endif
