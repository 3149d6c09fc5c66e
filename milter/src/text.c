#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

static enum log_target target = LOG_STDERR;

bool problem_is(struct problem *problem, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(problem->text, sizeof problem->text, format, arguments);
    va_end(arguments);
    return false;
}

void log_open(enum log_target to)
{
    target = to;
    if (to == LOG_SYSTEM) {
        openlog("mailseal-milter", LOG_PID, LOG_MAIL);
    }
}

void log_line(const char *format, ...)
{
    char line[1200];
    va_list arguments;
    char *c;

    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    for (c = line; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || (unsigned char)*c >= 0x7f) {
            *c = '?';
        }
    }
    if (target == LOG_SYSTEM) {
        syslog(LOG_INFO, "%s", line);
    } else {
        fprintf(stderr, "mailseal-milter: %s\n", line);
    }
}
