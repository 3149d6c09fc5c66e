#define _DEFAULT_SOURCE /* initgroups, setgroups: no standard has them */
#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

bool become(const char *user, struct problem *problem)
{
    const struct passwd *entry;

    if (geteuid() != 0) {
        return true;
    }
    if (user == NULL) {
        return problem_is(problem, "as root it needs a user to become: user NAME");
    }
    entry = getpwnam(user);
    if (entry == NULL) {
        return problem_is(problem, "there is no user `%s`", user);
    }
    if (entry->pw_uid == 0) {
        return problem_is(problem, "`%s` is root: keys are not read and mail is not parsed as root", user);
    }
    if (initgroups(user, entry->pw_gid) != 0 || setgid(entry->pw_gid) != 0 || setuid(entry->pw_uid) != 0) {
        return problem_is(problem, "cannot become `%s`: %s", user, strerror(errno));
    }
    return setuid(0) != 0 || problem_is(problem, "became `%s`, but root is still there", user);
}

bool to_background(struct problem *problem)
{
    int null = open("/dev/null", O_RDWR);
    pid_t child = null < 0 ? -1 : fork();

    if (child < 0) {
        return problem_is(problem, "cannot go to the background: %s", strerror(errno));
    }
    if (child > 0) {
        _exit(0);
    }
    if (setsid() < 0 || chdir("/") != 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0) {
        return problem_is(problem, "cannot go to the background: %s", strerror(errno));
    }
    if (null > 2) {
        close(null);
    }
    return true;
}

bool pid_file_write(const char *path, struct problem *problem)
{
    FILE *file = fopen(path, "w");
    bool written = file != NULL && fprintf(file, "%ld\n", (long)getpid()) > 0;

    if (file != NULL && fclose(file) != 0) {
        written = false;
    }
    return written || problem_is(problem, "%s: %s", path, strerror(errno));
}

/* Passes signals on until the other process ends. Its exit status. */
static int stand_by(pid_t worker, int pipe_end, const sigset_t *signals)
{
    int status = 0;

    for (;;) {
        int signal = 0;
        if (sigwait(signals, &signal) != 0) {
            continue;
        }
        if (signal == SIGCHLD) {
            if (waitpid(worker, &status, WNOHANG) == worker) {
                break;
            }
        } else if (signal == SIGHUP) {
            /* If the pipe is full of such words already, one more says nothing new. */
            (void)!write(pipe_end, "r", 1);
        } else if (pipe_end >= 0) {
            close(pipe_end);
            pipe_end = -1;
        }
    }
    if (WIFSIGNALED(status)) {
        log_line("the process for mail was ended by signal %d", WTERMSIG(status));
        return 1;
    }
    return WEXITSTATUS(status);
}

int split(int *status)
{
    int ends[2];
    sigset_t signals, before;
    pid_t worker;

    sigemptyset(&signals);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGCHLD);
    *status = 1;
    if (pthread_sigmask(SIG_BLOCK, &signals, &before) != 0 || pipe(ends) != 0) {
        log_line("no pipe: %s", strerror(errno));
        return -1;
    }
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    signal(SIGPIPE, SIG_IGN);
    worker = fork();
    if (worker < 0) {
        log_line("no second process: %s", strerror(errno));
        return -1;
    }
    if (worker == 0) {
        close(ends[1]);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        /* A hang-up or an interrupt at the terminal reaches both: the first process says what it means. */
        signal(SIGHUP, SIG_IGN);
        signal(SIGINT, SIG_IGN);
        return ends[0];
    }
    close(ends[0]);
    *status = stand_by(worker, ends[1], &signals);
    return -1;
}
