#include "network.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static bool bits_read(const char *text, unsigned most, unsigned *bits)
{
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || value > most) {
        return false;
    }
    *bits = (unsigned)value;
    return true;
}

bool network_read(const char *text, struct network *network)
{
    char address[64];
    size_t length = strcspn(text, "/");
    unsigned most;

    if (length >= sizeof address) {
        return false;
    }
    memcpy(address, text, length);
    address[length] = '\0';
    memset(network, 0, sizeof *network);
    if (inet_pton(AF_INET, address, network->octets) == 1) {
        network->family = AF_INET;
        most = 32;
    } else if (inet_pton(AF_INET6, address, network->octets) == 1) {
        network->family = AF_INET6;
        most = 128;
    } else {
        return false;
    }
    network->bits = most;
    return text[length] == '\0' || bits_read(text + length + 1, most, &network->bits);
}

static bool same_bits(const unsigned char *one, const unsigned char *other, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    unsigned char mask = (unsigned char)(0xff << (8 - rest));

    return memcmp(one, other, whole) == 0 && (rest == 0 || ((one[whole] ^ other[whole]) & mask) == 0);
}

bool network_has(const struct network *network, const struct sockaddr *client)
{
    unsigned char octets[16];
    int family = client->sa_family;

    if (family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, client, sizeof in);
        memcpy(octets, &in.sin_addr, 4);
    } else if (family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, client, sizeof in);
        memcpy(octets, &in.sin6_addr, 16);
        if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr)) {
            memmove(octets, octets + 12, 4);
            family = AF_INET;
        }
    } else {
        return false;
    }
    return family == network->family && same_bits(network->octets, octets, network->bits);
}
