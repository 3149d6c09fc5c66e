/* How the program stands in the system: its user, its place in the background, and the two processes it is made of.
 *
 * libmilter takes SIGHUP, SIGTERM and SIGINT for its own, and ends at each of them. So one process takes the signals and
 * another the mail: the first tells the second through a pipe what to do, and the second ends when the first does. */
#ifndef DAEMON_H
#define DAEMON_H

#include <stdbool.h>

#include "text.h"

/* Becomes this user, with all its groups, for good. Nothing happens where the program is no longer root. */
bool become(const char *user, struct problem *problem);
/* Leaves the terminal. */
bool to_background(struct problem *problem);
bool pid_file_write(const char *path, struct problem *problem);

/* Makes the second process. There it returns the end of the pipe, which gives 'r' for each SIGHUP and then its end; in the
 * first one it does not return but for the exit status, in *status, when both are done; -1. */
int split(int *status);

#endif
