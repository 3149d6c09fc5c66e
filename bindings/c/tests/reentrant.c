/* A password callback that uses the key that it is asked for; a process that forks. Arguments: a locked key, its password,
   a letter to it. */
#include <mailseal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK(what) do { if (!(what)) { printf("line %d: %s\n", __LINE__, #what); return 1; } } while (0)

typedef struct { const mailseal_opener *opener; const char *letter, *password; int asked; mailseal_status inside; } state;

static int32_t ask(void *userdata, const mailseal_request *request, mailseal_buffer *password)
{
    state *at = userdata;
    mailseal_opened *opened = NULL;
    (void)request;
    at->asked++;
    at->inside = mailseal_opener_open(at->opener, mailseal_input_file(at->letter), 1800000000, &opened, NULL);
    mailseal_opened_free(opened);
    return mailseal_buffer_append(password, (const uint8_t *)at->password, strlen(at->password));
}

static int look(state *at)
{
    mailseal_error *err = NULL;
    mailseal_opened *opened = NULL;
    mailseal_status status = mailseal_opener_open(at->opener, mailseal_input_file(at->letter), 1800000000, &opened, &err);
    if (status != MAILSEAL_OPENED) printf("%s\n", mailseal_error_message(err));
    CHECK(status == MAILSEAL_OPENED && mailseal_opened_has_payload(opened));
    mailseal_opened_free(opened);
    return 0;
}

int main(int argc, char **argv)
{
    mailseal_error *err = NULL;
    mailseal_key *key = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx = mailseal_context_new(trust);
    mailseal_opener *opener = mailseal_opener_new(cx);
    state at = { opener, NULL, NULL, 0, 0 };
    int status = 0;
    pid_t child;

    CHECK(argc == 4);
    at.password = argv[2];
    at.letter = argv[3];
    CHECK(mailseal_key_load(mailseal_input_file(argv[1]), ask, &at, NULL, &key, &err) == MAILSEAL_OK);
    CHECK(mailseal_opener_add_key(opener, key, &err) == MAILSEAL_OK);
    CHECK(look(&at) == 0);
    CHECK(at.asked == 1 && at.inside == MAILSEAL_ERROR_REENTRANT);
    /* No thread and no lock of ours is lost in a child. */
    child = fork();
    if (child == 0) _exit(look(&at));
    CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(look(&at) == 0 && at.asked == 1);
    mailseal_key_free(key); mailseal_opener_free(opener); mailseal_context_free(cx); mailseal_trust_store_free(trust);
    mailseal_error_free(err);
    return 0;
}
