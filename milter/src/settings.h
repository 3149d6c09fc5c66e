/* What the configuration comes to: an opener and composers, shared by all connections. A new configuration takes the
 * place of the old one at once or not at all; mail that is under way keeps the one it began with. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <mailseal.h>
#include <stdbool.h>

#include "conf.h"

struct settings {
    struct conf conf;
    bool remembers;
    mailseal_context *cx; /* with the policy */
    mailseal_opener *opener;
    mailseal_policy *policy;
    mailseal_memory *memory; /* NULL: nothing is remembered */
    mailseal_composer **composers; /* one for each key; the policy is asked about what they made */
    unsigned long users;
};

/* Reads everything that the configuration names. NULL, and why, where something is wrong; nothing has changed then. What is
 * to be remembered is only looked at where `remembers` is false: no process may take an open memory along by fork. */
struct settings *settings_load(const char *path, bool remembers, struct problem *problem);
/* Makes it what new mail is treated by; takes it over. */
void settings_install(struct settings *settings);
/* What new mail is treated by now: give it back when the mail is done. */
struct settings *settings_take(void);
void settings_give_back(struct settings *settings);

#endif
