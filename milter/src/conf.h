/* The configuration file, read and nothing more: no key is opened here. */
#ifndef CONF_H
#define CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "network.h"
#include "text.h"

struct conf_key {
    char *name, *file;
    char *password_file, *reads; /* may be NULL */
    bool autocrypt, mutual;
    bool bare_headers; /* they stay unsigned */
    int line;
};

/* Who may sign from which address with which key. */
struct conf_rule {
    char *login; /* NULL: a network; "*": whoever has logged in */
    struct network network;
    char *from; /* an address, "@domain", or "*" */
    size_t key;
    int line;
};

enum conf_source_kind { SOURCE_ANCHORS, SOURCE_EMAIL_ROOTS, SOURCE_CERTIFICATES, SOURCE_REVOCATIONS };

/* What verifying needs. */
struct conf_source {
    enum conf_source_kind kind;
    char *file, *scope; /* NULL where there is none */
    int line;
};

struct conf_limit {
    char *name;
    uint64_t value;
    int line;
};

struct conf {
    char *path;
    char *socket, *user, *pid_file, *authserv_id;
    char *trusted_results; /* NULL: nobody's */
    int trusted_results_line;
    size_t trusted_hops; /* 0: nobody's */
    char *policy_file; /* NULL: one of the policies that have a name */
    int policy_line;
    char *memory; /* NULL: nothing is remembered */
    int memory_line;
    unsigned socket_mode;
    enum log_target log;
    bool log_given, verify, strict, refuse_other_from;
    uint64_t message_bytes;
    struct conf_key *keys;
    struct conf_rule *rules;
    struct conf_source *sources;
    struct conf_limit *limits;
    size_t key_count, rule_count, source_count, limit_count;
};

/* Reads a file. False, and why with file and line, where something in it is not understood. */
bool conf_read(struct conf *conf, const char *path, struct problem *problem);
void conf_clear(struct conf *conf);

#endif
