/* mailseal-milter: signs what leaves, verifies what comes in. See mailseal-milter(8). */
#include <errno.h>
#include <libmilter/mfapi.h>
#include <mailseal.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon.h"
#include "session.h"
#include "settings.h"

#ifndef CONFIGURATION
#define CONFIGURATION "/etc/mailseal-milter.conf"
#endif

static const char USAGE[] = "usage: mailseal-milter [-f] [-t] [-c FILE]\n"
                            "  -c FILE  the configuration, else " CONFIGURATION "\n"
                            "  -f       stay in the foreground\n"
                            "  -t       check the configuration, and do nothing else\n";

struct options {
    const char *configuration;
    bool foreground, check;
};

static bool read_options(int argc, char **argv, struct options *options)
{
    int option;

    options->configuration = CONFIGURATION;
    options->foreground = options->check = false;
    while ((option = getopt(argc, argv, "c:ft")) != -1) {
        switch (option) {
        case 'c': options->configuration = optarg; break;
        case 'f': options->foreground = true; break;
        case 't': options->check = true; break;
        default: return false;
        }
    }
    return optind == argc;
}

static int fail(const char *why)
{
    log_line("%s", why);
    return 1;
}

/* A new configuration takes the place of the old one, if all of it is good. */
static void reload(const char *configuration)
{
    struct problem problem;
    struct settings *settings = settings_load(configuration, true, &problem);

    if (settings == NULL) {
        log_line("reload: %s; the configuration stays as it was", problem.text);
        return;
    }
    settings_install(settings);
    log_line("reload: done; socket, user, log and pid-file are read at the start only");
}

struct control {
    int pipe_end;
    const char *configuration;
    pthread_mutex_t guard;
    bool told_to_end;
};

/* Does what the first process says, and ends when it ends. */
static void *obey(void *argument)
{
    struct control *control = argument;
    char word;

    for (;;) {
        ssize_t length = read(control->pipe_end, &word, 1);
        if (length == 1) {
            reload(control->configuration);
        } else if (length == 0 || errno != EINTR) {
            pthread_mutex_lock(&control->guard);
            control->told_to_end = true;
            pthread_mutex_unlock(&control->guard);
            smfi_stop();
            return NULL;
        }
    }
}

static bool was_told_to_end(struct control *control)
{
    bool told;

    pthread_mutex_lock(&control->guard);
    told = control->told_to_end;
    pthread_mutex_unlock(&control->guard);
    return told;
}

/* What this process remembers it opens itself. */
static bool open_memory(const char *configuration)
{
    struct settings *settings = settings_take();
    struct problem problem;
    bool wanted = settings->conf.memory != NULL;

    settings_give_back(settings);
    if (wanted) {
        settings = settings_load(configuration, true, &problem);
        if (settings == NULL) {
            fail(problem.text);
            return false;
        }
        settings_install(settings);
    }
    return true;
}

/* The process for mail. */
static int serve(int pipe_end, const char *configuration)
{
    static struct control control = {0, NULL, PTHREAD_MUTEX_INITIALIZER, false};
    pthread_t thread;
    int result;

    if (!open_memory(configuration)) {
        return 1;
    }
    control.pipe_end = pipe_end;
    control.configuration = configuration;
    if (pthread_create(&thread, NULL, obey, &control) != 0) {
        return fail("no thread");
    }
    result = smfi_main();
    session_wait();
    /* Ended by a signal of its own, it leaves the thread to the system. */
    if (was_told_to_end(&control)) {
        pthread_join(thread, NULL);
        settings_install(NULL);
    }
    return result == MI_SUCCESS ? 0 : fail("libmilter gave up");
}

static int start(const struct options *options, const struct conf *conf)
{
    struct problem problem;
    mode_t mask = umask((mode_t)(~conf->socket_mode & 0777));
    int pipe_end, status;

    /* Here, where whoever starts it still sees why it cannot. */
    if (!session_register(conf->socket) || smfi_opensocket(true) != MI_SUCCESS) {
        return fail("the socket cannot be opened");
    }
    umask(mask | 077);
    if (!options->foreground && !to_background(&problem)) {
        return fail(problem.text);
    }
    if (conf->pid_file != NULL && !pid_file_write(conf->pid_file, &problem)) {
        return fail(problem.text);
    }
    if (conf->log_given ? conf->log == LOG_SYSTEM : !options->foreground) {
        log_open(LOG_SYSTEM);
    }
    pipe_end = split(&status);
    if (pipe_end >= 0) {
        return serve(pipe_end, options->configuration);
    }
    if (conf->pid_file != NULL) {
        unlink(conf->pid_file);
    }
    settings_install(NULL);
    return status;
}

int main(int argc, char **argv)
{
    struct options options;
    struct problem problem;
    struct conf conf;
    struct settings *settings;
    bool became;

    if (!read_options(argc, argv, &options)) {
        fputs(USAGE, stderr);
        return 2;
    }
    if (mailseal_abi_check(MAILSEAL_VERSION_NUMBER) != MAILSEAL_OK) {
        return fail("libmailseal is of another version than this program was built for");
    }
    /* Only for the name of the user: what the configuration names is read as that user. */
    became = conf_read(&conf, options.configuration, &problem) && become(conf.user, &problem);
    conf_clear(&conf);
    settings = became ? settings_load(options.configuration, false, &problem) : NULL;
    if (settings == NULL) {
        return fail(problem.text);
    }
    settings_install(settings);
    if (options.check) {
        settings_install(NULL);
        puts("the configuration is good");
        return 0;
    }
    return start(&options, &settings->conf);
}
