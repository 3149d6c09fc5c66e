#include "conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 12, LINE = 4096 };

/* One line of the file, in words. */
struct line {
    int number;
    int count;
    char *words[WORDS];
};

struct setting {
    const char *name;
    const char *usage;
    int least, most; /* words after the name */
    bool (*set)(struct conf *conf, const struct line *line, struct problem *problem);
};

static bool wrong(const struct conf *conf, const struct line *line, struct problem *problem, const char *why)
{
    return problem_is(problem, "%s:%d: %s", conf->path, line->number, why);
}

static char *copy(const char *text)
{
    char *copied = malloc(strlen(text) + 1);

    if (copied != NULL) {
        strcpy(copied, text);
    }
    return copied;
}

/* One more element, zero, at the end of an array. NULL without memory. */
static void *add(void **array, size_t *count, size_t size)
{
    char *larger = realloc(*array, (*count + 1) * size);

    if (larger == NULL) {
        return NULL;
    }
    *array = larger;
    memset(larger + *count * size, 0, size);
    return larger + (*count)++ * size;
}

static bool no_memory(struct problem *problem)
{
    return problem_is(problem, "no memory");
}

static bool once(struct conf *conf, const struct line *line, char **place, struct problem *problem)
{
    if (*place != NULL) {
        return wrong(conf, line, problem, "this was said before");
    }
    *place = copy(line->words[1]);
    return *place != NULL || no_memory(problem);
}

static bool set_socket(struct conf *conf, const struct line *line, struct problem *problem)
{
    return once(conf, line, &conf->socket, problem);
}

static bool set_user(struct conf *conf, const struct line *line, struct problem *problem)
{
    return once(conf, line, &conf->user, problem);
}

static bool set_pid_file(struct conf *conf, const struct line *line, struct problem *problem)
{
    return once(conf, line, &conf->pid_file, problem);
}

static bool set_authserv_id(struct conf *conf, const struct line *line, struct problem *problem)
{
    return once(conf, line, &conf->authserv_id, problem);
}

static bool set_trusted_results(struct conf *conf, const struct line *line, struct problem *problem)
{
    conf->trusted_results_line = line->number;
    return once(conf, line, &conf->trusted_results, problem);
}

static bool set_trusted_hops(struct conf *conf, const struct line *line, struct problem *problem)
{
    char *end = NULL;
    unsigned long hops = strtoul(line->words[1], &end, 10);

    if (line->words[1][0] < '0' || line->words[1][0] > '9' || *end != '\0' || hops == 0 || hops > 100) {
        return wrong(conf, line, problem, "the Received lines of your own systems are a number from 1 to 100");
    }
    conf->trusted_hops = (size_t)hops;
    return true;
}

static bool set_socket_mode(struct conf *conf, const struct line *line, struct problem *problem)
{
    char *end = NULL;
    unsigned long mode = strtoul(line->words[1], &end, 8);

    if (*end != '\0' || mode > 0777) {
        return wrong(conf, line, problem, "a mode is an octal number such as 660");
    }
    conf->socket_mode = (unsigned)mode;
    return true;
}

/* One of two words. */
static bool either(struct conf *conf, const struct line *line, const char *no, const char *yes, bool *value,
                   struct problem *problem)
{
    if (strcmp(line->words[1], yes) == 0) {
        *value = true;
    } else if (strcmp(line->words[1], no) == 0) {
        *value = false;
    } else {
        return problem_is(problem, "%s:%d: `%s` is neither `%s` nor `%s`", conf->path, line->number,
                          line->words[1], no, yes);
    }
    return true;
}

static bool set_log(struct conf *conf, const struct line *line, struct problem *problem)
{
    bool to_stderr = false;

    if (!either(conf, line, "syslog", "stderr", &to_stderr, problem)) {
        return false;
    }
    conf->log = to_stderr ? LOG_STDERR : LOG_SYSTEM;
    conf->log_given = true;
    return true;
}

static bool set_verify(struct conf *conf, const struct line *line, struct problem *problem)
{
    return either(conf, line, "no", "yes", &conf->verify, problem);
}

static bool set_policy(struct conf *conf, const struct line *line, struct problem *problem)
{
    if (strchr(line->words[1], '/') == NULL) {
        return either(conf, line, "standard", "strict", &conf->strict, problem);
    }
    conf->policy_line = line->number;
    return once(conf, line, &conf->policy_file, problem);
}

static bool set_memory(struct conf *conf, const struct line *line, struct problem *problem)
{
    conf->memory_line = line->number;
    return once(conf, line, &conf->memory, problem);
}

static bool set_other_from(struct conf *conf, const struct line *line, struct problem *problem)
{
    return either(conf, line, "pass", "refuse", &conf->refuse_other_from, problem);
}

static bool add_source(struct conf *conf, const struct line *line, enum conf_source_kind kind,
                       const char *file, const char *scope, struct problem *problem)
{
    struct conf_source *source = add((void **)&conf->sources, &conf->source_count, sizeof *source);

    if (source == NULL) {
        return no_memory(problem);
    }
    source->kind = kind;
    source->line = line->number;
    source->file = file == NULL ? NULL : copy(file);
    source->scope = scope == NULL ? NULL : copy(scope);
    return ((file == NULL) == (source->file == NULL) && (scope == NULL) == (source->scope == NULL))
        || no_memory(problem);
}

static bool set_anchors(struct conf *conf, const struct line *line, struct problem *problem)
{
    return add_source(conf, line, SOURCE_ANCHORS, line->words[1], line->words[2], problem);
}

static bool set_email_roots(struct conf *conf, const struct line *line, struct problem *problem)
{
    return add_source(conf, line, SOURCE_EMAIL_ROOTS, NULL, line->words[1], problem);
}

static bool set_certificates(struct conf *conf, const struct line *line, struct problem *problem)
{
    return add_source(conf, line, SOURCE_CERTIFICATES, line->words[1], NULL, problem);
}

static bool set_revocations(struct conf *conf, const struct line *line, struct problem *problem)
{
    return add_source(conf, line, SOURCE_REVOCATIONS, line->words[1], NULL, problem);
}

static bool set_limit(struct conf *conf, const struct line *line, struct problem *problem)
{
    struct conf_limit *limit;
    char *end = NULL;
    unsigned long long value;

    errno = 0;
    value = strtoull(line->words[2], &end, 10);
    if (line->words[2][0] < '0' || line->words[2][0] > '9' || *end != '\0' || errno != 0) {
        return wrong(conf, line, problem, "a limit is a number, without a unit");
    }
    if (strcmp(line->words[1], "message_bytes") == 0) {
        conf->message_bytes = value;
    }
    limit = add((void **)&conf->limits, &conf->limit_count, sizeof *limit);
    if (limit == NULL || (limit->name = copy(line->words[1])) == NULL) {
        return no_memory(problem);
    }
    limit->value = value;
    limit->line = line->number;
    return true;
}

static bool find_key(const struct conf *conf, const char *name, size_t *index)
{
    for (*index = 0; *index < conf->key_count; (*index)++) {
        if (strcmp(conf->keys[*index].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* What stands behind the file of a key, in twos. */
static bool set_key_option(struct conf *conf, const struct line *line, struct conf_key *key, int at, struct problem *problem)
{
    const char *name = line->words[at], *value = line->words[at + 1];
    char **place = strcmp(name, "password-file") == 0 ? &key->password_file : strcmp(name, "reads") == 0 ? &key->reads : NULL;

    if (place != NULL && *place == NULL) {
        *place = copy(value);
        return *place != NULL || no_memory(problem);
    }
    if (strcmp(name, "autocrypt") == 0 && (strcmp(value, "nopreference") == 0 || strcmp(value, "mutual") == 0)) {
        key->autocrypt = true;
        key->mutual = strcmp(value, "mutual") == 0;
        return true;
    }
    if (strcmp(name, "protect-headers") == 0 && (strcmp(value, "no") == 0 || strcmp(value, "yes") == 0)) {
        key->bare_headers = strcmp(value, "no") == 0;
        return true;
    }
    return wrong(conf, line, problem, "after the file of a key, only `password-file FILE`, `reads CIPHER,CIPHER...`, "
                                      "`autocrypt nopreference` or `mutual`, and `protect-headers no` are known, each once");
}

static bool set_key(struct conf *conf, const struct line *line, struct problem *problem)
{
    struct conf_key *key;
    size_t index;
    int at;

    if (find_key(conf, line->words[1], &index)) {
        return wrong(conf, line, problem, "there is a key of that name already");
    }
    if (line->count % 2 == 0) {
        return wrong(conf, line, problem, "after the file of a key, names and values come in twos");
    }
    key = add((void **)&conf->keys, &conf->key_count, sizeof *key);
    if (key == NULL || (key->name = copy(line->words[1])) == NULL || (key->file = copy(line->words[2])) == NULL) {
        return no_memory(problem);
    }
    key->line = line->number;
    for (at = 3; at < line->count; at += 2) {
        if (!set_key_option(conf, line, key, at, problem)) {
            return false;
        }
    }
    return true;
}

static bool is_from(const char *text)
{
    const char *at = strrchr(text, '@');

    return strcmp(text, "*") == 0 || (at != NULL && at[1] != '\0');
}

/* sign login LOGIN from ADDRESS key NAME; sign network NETWORK from ADDRESS key NAME */
static bool set_sign(struct conf *conf, const struct line *line, struct problem *problem)
{
    struct conf_rule *rule;
    struct network network;
    bool by_login = strcmp(line->words[1], "login") == 0;
    size_t key;

    if ((!by_login && strcmp(line->words[1], "network") != 0) || strcmp(line->words[3], "from") != 0
        || strcmp(line->words[5], "key") != 0) {
        return wrong(conf, line, problem,
                     "written as: sign login LOGIN from ADDRESS key NAME, or: sign network NETWORK from ADDRESS key NAME");
    }
    if (!by_login && !network_read(line->words[2], &network)) {
        return wrong(conf, line, problem, "a network is an address, or one with the number of its bits: 192.0.2.0/24");
    }
    if (!is_from(line->words[4])) {
        return wrong(conf, line, problem, "after `from` stands an address, @example.org for a domain, or * for any");
    }
    if (!find_key(conf, line->words[6], &key)) {
        return problem_is(problem, "%s:%d: no line above says which file the key `%s` is in: key %s FILE",
                          conf->path, line->number, line->words[6], line->words[6]);
    }
    rule = add((void **)&conf->rules, &conf->rule_count, sizeof *rule);
    if (rule == NULL || (rule->from = copy(line->words[4])) == NULL
        || (by_login && (rule->login = copy(line->words[2])) == NULL)) {
        return no_memory(problem);
    }
    if (!by_login) {
        rule->network = network;
    }
    rule->key = key;
    rule->line = line->number;
    return true;
}

static const struct setting SETTINGS[] = {
    {"socket", "socket unix:PATH, or socket inet:PORT@ADDRESS", 1, 1, set_socket},
    {"socket-mode", "socket-mode OCTAL", 1, 1, set_socket_mode},
    {"user", "user NAME", 1, 1, set_user},
    {"pid-file", "pid-file FILE", 1, 1, set_pid_file},
    {"log", "log syslog, or log stderr", 1, 1, set_log},
    {"authserv-id", "authserv-id NAME", 1, 1, set_authserv_id},
    {"trusted-results", "trusted-results NAME", 1, 1, set_trusted_results},
    {"trusted-hops", "trusted-hops NUMBER", 1, 1, set_trusted_hops},
    {"verify", "verify yes, or verify no", 1, 1, set_verify},
    {"policy", "policy standard, policy strict, or policy FILE", 1, 1, set_policy},
    {"anchors", "anchors FILE SCOPE", 2, 2, set_anchors},
    {"email-roots", "email-roots SCOPE", 1, 1, set_email_roots},
    {"certificates", "certificates FILE", 1, 1, set_certificates},
    {"revocations", "revocations FILE", 1, 1, set_revocations},
    {"limit", "limit NAME NUMBER", 2, 2, set_limit},
    {"memory", "memory FILE", 1, 1, set_memory},
    {"key", "key NAME FILE [password-file FILE] [reads CIPHERS] [autocrypt PREFERENCE] [protect-headers no]", 2, 10, set_key},
    {"sign", "sign login LOGIN from ADDRESS key NAME, or sign network NETWORK from ADDRESS key NAME", 6, 6, set_sign},
    {"other-from", "other-from pass, or other-from refuse", 1, 1, set_other_from},
};

/* Cuts a line into words in its own memory; quotes hold blanks. False for a quote without end, or too many words. */
static bool cut(char *text, struct line *line)
{
    line->count = 0;
    memset(line->words, 0, sizeof line->words);
    for (;;) {
        char *out;
        text += strspn(text, " \t\r\n");
        if (*text == '\0' || *text == '#') {
            return true;
        }
        if (line->count == WORDS) {
            return false;
        }
        if (*text == '"') {
            out = strchr(++text, '"');
            if (out == NULL) {
                return false;
            }
        } else {
            out = text + strcspn(text, " \t\r\n");
        }
        line->words[line->count++] = text;
        if (*out == '\0') {
            return true;
        }
        *out = '\0';
        text = out + 1;
    }
}

static bool take(struct conf *conf, const struct line *line, struct problem *problem)
{
    size_t index;

    for (index = 0; index < sizeof SETTINGS / sizeof *SETTINGS; index++) {
        const struct setting *setting = &SETTINGS[index];
        if (strcmp(line->words[0], setting->name) != 0) {
            continue;
        }
        if (line->count - 1 < setting->least || line->count - 1 > setting->most) {
            return problem_is(problem, "%s:%d: written as: %s", conf->path, line->number, setting->usage);
        }
        return setting->set(conf, line, problem);
    }
    return problem_is(problem, "%s:%d: there is no setting `%s`", conf->path, line->number, line->words[0]);
}

/* What cannot be left unsaid. */
static bool complete(struct conf *conf, struct problem *problem)
{
    if (conf->socket == NULL) {
        return problem_is(problem, "%s: it does not say where the mail server connects: socket unix:PATH", conf->path);
    }
    if (conf->authserv_id == NULL) {
        return problem_is(problem, "%s: it does not say by which name results are told: authserv-id NAME", conf->path);
    }
    if (!conf->verify && conf->rule_count == 0) {
        return problem_is(problem, "%s: it says neither what to sign nor to verify: nothing would be done", conf->path);
    }
    return true;
}

bool conf_read(struct conf *conf, const char *path, struct problem *problem)
{
    char text[LINE];
    struct line line;
    bool good = true;
    FILE *file = fopen(path, "r");

    memset(conf, 0, sizeof *conf);
    conf->verify = true;
    conf->socket_mode = 0660;
    conf->message_bytes = (uint64_t)64 << 20;
    if (file == NULL) {
        return problem_is(problem, "%s: %s", path, strerror(errno));
    }
    conf->path = copy(path);
    good = conf->path != NULL || no_memory(problem);
    for (line.number = 1; good && fgets(text, sizeof text, file) != NULL; line.number++) {
        if (strchr(text, '\n') == NULL && !feof(file)) {
            good = wrong(conf, &line, problem, "the line is too long");
        } else if (!cut(text, &line)) {
            good = wrong(conf, &line, problem, "a quote without end, or too many words");
        } else if (line.count > 0) {
            good = take(conf, &line, problem);
        }
    }
    if (good && ferror(file)) {
        good = problem_is(problem, "%s: %s", path, strerror(errno));
    }
    fclose(file);
    return good && complete(conf, problem);
}

void conf_clear(struct conf *conf)
{
    size_t index;

    for (index = 0; index < conf->key_count; index++) {
        free(conf->keys[index].name);
        free(conf->keys[index].file);
        free(conf->keys[index].password_file);
        free(conf->keys[index].reads);
    }
    for (index = 0; index < conf->rule_count; index++) {
        free(conf->rules[index].login);
        free(conf->rules[index].from);
    }
    for (index = 0; index < conf->source_count; index++) {
        free(conf->sources[index].file);
        free(conf->sources[index].scope);
    }
    for (index = 0; index < conf->limit_count; index++) {
        free(conf->limits[index].name);
    }
    free(conf->keys);
    free(conf->rules);
    free(conf->sources);
    free(conf->limits);
    free(conf->path);
    free(conf->socket);
    free(conf->user);
    free(conf->pid_file);
    free(conf->authserv_id);
    free(conf->trusted_results);
    free(conf->policy_file);
    free(conf->memory);
    memset(conf, 0, sizeof *conf);
}
