/* Words for people: why something cannot be, and lines of a log. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Why something cannot be, on one line. */
struct problem {
    char text[600];
};

/* Writes why; false, so that a function can end with it. */
bool problem_is(struct problem *problem, const char *format, ...);

/* Lines go to the system's log, or to standard error with LOG_STDERR. */
enum log_target { LOG_SYSTEM, LOG_STDERR };

void log_open(enum log_target target);
/* One line. What is not printable becomes `?`: names come from outside. */
void log_line(const char *format, ...);

#endif
