/* What the mail server tells, and what it is answered. */
#ifndef SESSION_H
#define SESSION_H

#include <stdbool.h>

/* Says what this filter is and where the mail server connects. */
bool session_register(const char *socket);
/* Waits until no connection is left, for some seconds. */
void session_wait(void);

#endif
