#include "settings.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static struct settings *current;

/* The password is the first line of the file that `userdata` names. */
static int32_t password_from_file(void *userdata, const mailseal_request *request, mailseal_buffer *password)
{
    char line[1024];
    FILE *file;
    int32_t answer = MAILSEAL_DECLINED;

    if (userdata == NULL || mailseal_request_attempt(request) > 0) {
        return MAILSEAL_DECLINED;
    }
    file = fopen((const char *)userdata, "r");
    if (file == NULL) {
        return MAILSEAL_DECLINED;
    }
    setvbuf(file, NULL, _IONBF, 0); /* no copy of the password stays behind */
    if (fgets(line, sizeof line, file) != NULL) {
        answer = mailseal_buffer_take_secret(password, line, strcspn(line, "\r\n"));
    }
    fclose(file);
    return answer;
}

/* Says what mailseal says, with the line that asked for it. */
static bool refused(const struct conf *conf, int line, const char *what, mailseal_error *err, struct problem *problem)
{
    problem_is(problem, "%s:%d: %s: %s", conf->path, line, what, mailseal_error_message(err));
    mailseal_error_free(err);
    return false;
}

static void warn_if_open(const char *file)
{
    struct stat facts;

    if (stat(file, &facts) == 0 && (facts.st_mode & 077) != 0) {
        log_line("warning: %s can be read by others than its owner", file);
    }
}

static bool add_trust(const struct conf *conf, mailseal_trust_store *trust, struct problem *problem)
{
    size_t index;

    for (index = 0; index < conf->source_count; index++) {
        const struct conf_source *source = &conf->sources[index];
        mailseal_error *err = NULL;
        mailseal_status status = MAILSEAL_OK;
        if (source->kind == SOURCE_ANCHORS) {
            status = mailseal_trust_store_add_anchors(trust, mailseal_input_file(source->file), source->scope, &err);
        } else if (source->kind == SOURCE_EMAIL_ROOTS) {
            status = mailseal_trust_store_add_email_roots(trust, source->scope, &err);
        }
        if (status != MAILSEAL_OK) {
            return refused(conf, source->line, "anchors", err, problem);
        }
    }
    return true;
}

static bool fill_context(const struct conf *conf, mailseal_context *cx, struct problem *problem)
{
    size_t index;
    mailseal_error *err = NULL;

    if (mailseal_context_set_limit(cx, "message_bytes", conf->message_bytes, &err) != MAILSEAL_OK) {
        return refused(conf, 0, "limit", err, problem);
    }
    for (index = 0; index < conf->limit_count; index++) {
        const struct conf_limit *limit = &conf->limits[index];
        if (mailseal_context_set_limit(cx, limit->name, limit->value, &err) != MAILSEAL_OK) {
            return refused(conf, limit->line, "limit", err, problem);
        }
    }
    for (index = 0; index < conf->source_count; index++) {
        const struct conf_source *source = &conf->sources[index];
        mailseal_status status = MAILSEAL_OK;
        if (source->kind == SOURCE_CERTIFICATES) {
            status = mailseal_context_add_certificates(cx, mailseal_input_file(source->file), &err);
        } else if (source->kind == SOURCE_REVOCATIONS) {
            status = mailseal_context_add_revocations(cx, mailseal_input_file(source->file), &err);
        }
        if (status != MAILSEAL_OK) {
            return refused(conf, source->line, source->file, err, problem);
        }
    }
    return true;
}

/* A file that is not understood is no policy, and nothing is done without it. */
static bool load_policy(struct settings *settings, struct problem *problem)
{
    const struct conf *conf = &settings->conf;
    mailseal_error *err = NULL;

    if (conf->policy_file == NULL) {
        settings->policy = conf->strict ? mailseal_policy_strict() : mailseal_policy_standard();
        return true;
    }
    return mailseal_policy_load(mailseal_input_file(conf->policy_file), strrchr(conf->policy_file, '/') + 1,
                                &settings->policy, &err) == MAILSEAL_OK
        || refused(conf, conf->policy_line, conf->policy_file, err, problem);
}

static bool with_policy(struct settings *settings, struct problem *problem)
{
    mailseal_error *err = NULL;

    return mailseal_context_set_policy(settings->cx, settings->policy, &err) == MAILSEAL_OK
        || refused(&settings->conf, settings->conf.policy_line, "policy", err, problem);
}

/* Several processes may use the file at once: the one that is replaced by a reload, the command beside it. */
static bool with_memory(struct settings *settings, struct problem *problem)
{
    const struct conf *conf = &settings->conf;
    mailseal_error *err = NULL;

    if (conf->memory == NULL) {
        return true;
    }
    if (mailseal_memory_open(conf->memory, 0, &settings->memory, &err) != MAILSEAL_OK
        || (settings->remembers && mailseal_context_set_memory(settings->cx, settings->memory, &err) != MAILSEAL_OK)) {
        return refused(conf, conf->memory_line, conf->memory, err, problem);
    }
    if (!settings->remembers) {
        mailseal_memory_free(settings->memory);
        settings->memory = NULL;
    }
    return true;
}

static bool set_up(mailseal_composer *composer, const struct conf_key *line, mailseal_error **err)
{
    return (line->reads == NULL || mailseal_composer_reads(composer, line->reads, err) == MAILSEAL_OK)
        && (!line->autocrypt || mailseal_composer_autocrypt(composer, line->mutual, err) == MAILSEAL_OK)
        && (!line->bare_headers || mailseal_composer_protect_headers(composer, false, err) == MAILSEAL_OK);
}

static bool add_key(struct settings *settings, const mailseal_context *cx, size_t index, struct problem *problem)
{
    const struct conf_key *line = &settings->conf.keys[index];
    mailseal_composer *composer = settings->composers[index] = mailseal_composer_new(cx);
    mailseal_key *key = NULL;
    mailseal_error *err = NULL;
    bool good;

    warn_if_open(line->file);
    if (line->password_file != NULL) {
        warn_if_open(line->password_file);
    }
    /* The file of the password is asked again when an OpenPGP key first signs: it lives as long as the composers. */
    good = mailseal_key_load(mailseal_input_file(line->file), password_from_file, line->password_file, NULL, &key, &err)
            == MAILSEAL_OK
        && mailseal_composer_sign(composer, key, &err) == MAILSEAL_OK && set_up(composer, line, &err);
    mailseal_key_free(key);
    return good || refused(&settings->conf, line->line, line->file, err, problem);
}

/* Signs a letter from the address of the rule, so that it is known now if that will not work. Only a warning: one key that
 * has expired is no reason to keep all mail waiting. */
static void warn_if_useless(const struct settings *settings, const struct conf_rule *rule)
{
    char draft[400];
    mailseal_buffer *signed_draft;
    mailseal_error *err = NULL;
    int length = snprintf(draft, sizeof draft, "From: %s\r\n\r\n", rule->from);

    if (rule->from[0] == '*' || rule->from[0] == '@' || length < 0 || (size_t)length >= sizeof draft) {
        return;
    }
    signed_draft = mailseal_buffer_new();
    if (mailseal_composer_compose(settings->composers[rule->key],
                                  mailseal_input_memory((const uint8_t *)draft, (size_t)length), (int64_t)time(NULL),
                                  mailseal_output_buffer(signed_draft), &err) != MAILSEAL_OK) {
        log_line("warning: %s:%d: mail from %s will wait: %s", settings->conf.path, rule->line, rule->from,
                 mailseal_error_message(err));
    }
    mailseal_error_free(err);
    mailseal_buffer_free(signed_draft);
}

/* A name that cannot stand in the field is found now, not with the first letter. */
static bool check_authserv_id(const struct settings *settings, struct problem *problem)
{
    static const char LETTER[] = "From: postmaster@localhost.invalid\r\n\r\n";
    mailseal_opened *opened = NULL;
    mailseal_verdict *verdict = NULL;
    mailseal_buffer *field = NULL;
    mailseal_error *err = NULL;
    bool good;

    if (mailseal_opener_open(settings->opener, mailseal_input_memory((const uint8_t *)LETTER, sizeof LETTER - 1), 0,
                             &opened, &err) == MAILSEAL_OPENED) {
        verdict = mailseal_policy_judge(settings->policy, mailseal_opened_report(opened));
        field = mailseal_verdict_authentication_results(verdict, mailseal_opened_report(opened),
                                                        settings->conf.authserv_id, &err);
    }
    good = field != NULL;
    if (!good) {
        problem_is(problem, "%s: %s", settings->conf.path, mailseal_error_message(err));
    }
    mailseal_buffer_free(field);
    mailseal_verdict_free(verdict);
    mailseal_opened_free(opened);
    mailseal_error_free(err);
    return good;
}

/* Whose word about the sending domain counts. Our own server's Received line is not there yet when a milter looks: with
 * nothing said, only what stands above all others was written here. */
static bool trust_results(struct settings *settings, struct problem *problem)
{
    const struct conf *conf = &settings->conf;
    mailseal_error *err = NULL;

    if (conf->trusted_results == NULL && conf->trusted_hops == 0) {
        return true;
    }
    if (mailseal_opener_set_trusted_hops(settings->opener, conf->trusted_hops, &err) != MAILSEAL_OK) {
        return refused(conf, 0, "trusted-hops", err, problem);
    }
    if (conf->trusted_results != NULL
        && mailseal_opener_set_trusted_results(settings->opener, conf->trusted_results, &err) != MAILSEAL_OK) {
        return refused(conf, conf->trusted_results_line, "trusted-results", err, problem);
    }
    return true;
}

static bool build(struct settings *settings, struct problem *problem)
{
    const struct conf *conf = &settings->conf;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx = NULL;
    size_t index;
    bool good = add_trust(conf, trust, problem);

    if (good) {
        cx = mailseal_context_new(trust);
        settings->cx = mailseal_context_new(trust);
        good = fill_context(conf, cx, problem) && fill_context(conf, settings->cx, problem)
            && load_policy(settings, problem) && with_policy(settings, problem) && with_memory(settings, problem);
    }
    if (good) {
        settings->opener = mailseal_opener_new(settings->cx);
        settings->composers = calloc(conf->key_count + 1, sizeof *settings->composers);
        good = settings->composers != NULL || problem_is(problem, "no memory");
    }
    for (index = 0; good && index < conf->key_count; index++) {
        good = add_key(settings, cx, index, problem);
    }
    good = good && trust_results(settings, problem) && check_authserv_id(settings, problem);
    for (index = 0; good && index < conf->rule_count; index++) {
        warn_if_useless(settings, &conf->rules[index]);
    }
    mailseal_context_free(cx);
    mailseal_trust_store_free(trust);
    return good;
}

static void settings_free(struct settings *settings)
{
    size_t index;

    for (index = 0; settings->composers != NULL && index < settings->conf.key_count; index++) {
        mailseal_composer_free(settings->composers[index]);
    }
    free(settings->composers);
    mailseal_policy_free(settings->policy);
    mailseal_memory_free(settings->memory);
    mailseal_opener_free(settings->opener);
    mailseal_context_free(settings->cx);
    conf_clear(&settings->conf);
    free(settings);
}

struct settings *settings_load(const char *path, bool remembers, struct problem *problem)
{
    struct settings *settings = calloc(1, sizeof *settings);

    if (settings == NULL) {
        problem_is(problem, "no memory");
        return NULL;
    }
    settings->users = 1;
    settings->remembers = remembers;
    if (conf_read(&settings->conf, path, problem) && build(settings, problem)) {
        return settings;
    }
    settings_free(settings);
    return NULL;
}

void settings_install(struct settings *settings)
{
    struct settings *old;

    pthread_mutex_lock(&guard);
    old = current;
    current = settings;
    pthread_mutex_unlock(&guard);
    settings_give_back(old);
}

struct settings *settings_take(void)
{
    struct settings *settings;

    pthread_mutex_lock(&guard);
    settings = current;
    if (settings != NULL) {
        settings->users++;
    }
    pthread_mutex_unlock(&guard);
    return settings;
}

void settings_give_back(struct settings *settings)
{
    bool last = false;

    if (settings == NULL) {
        return;
    }
    pthread_mutex_lock(&guard);
    last = --settings->users == 0;
    pthread_mutex_unlock(&guard);
    if (last) {
        settings_free(settings);
    }
}
