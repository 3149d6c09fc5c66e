/* Loads the library, uses it and lets it go, many times; the process stays what it was:
 *     loaded LIBRARY LETTERS TIMES */
#include <dirent.h>
#include <dlfcn.h>
#include <locale.h>
#include <mailseal.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

/* The functions that are used, by their names in the header. */
#define USED(X) X(trust_store_new) X(trust_store_add_anchors) X(trust_store_free) X(context_new) X(context_free) \
    X(opener_new) X(opener_add_key) X(opener_open) X(opener_free) X(opened_report) X(opened_free) X(policy_standard) \
    X(policy_judge) X(policy_free) X(verdict_outcome) X(verdict_free) X(input_file) X(input_memory) X(key_load) X(key_free) \
    X(composer_new) X(composer_sign) X(composer_encrypt_to) X(composer_compose) X(composer_free) X(buffer_new) X(buffer_length) \
    X(buffer_free) X(output_buffer) X(error_message) X(error_free) X(abi_check)
#define FIELD(name) __typeof__(mailseal_##name) *name;
#define FIND(name) found.name = (__typeof__(mailseal_##name) *)find(library, "mailseal_" #name);
static struct { USED(FIELD) } found;

static void fail(const char *what) { fprintf(stderr, "%s\n", what); exit(1); }

static void *find(void *library, const char *name)
{
    void *symbol = dlsym(library, name);
    if (symbol == NULL) fail(name);
    return symbol;
}

/* What a library may not change. */
struct process {
    struct sigaction actions[65];
    sigset_t blocked;
    stack_t stack;
    char locale[256], folder[1024];
    size_t variables, descriptors, threads;
    mode_t mask;
};

static size_t entries(const char *folder)
{
    size_t count = 0;
    DIR *directory = opendir(folder);
    if (directory == NULL) fail(folder);
    while (readdir(directory) != NULL) count++;
    closedir(directory);
    return count;
}

static struct process look(void)
{
    static struct process now;
    int signal;
    char **variable;
    memset(&now, 0, sizeof now);
    for (signal = 1; signal < 65; signal++) sigaction(signal, NULL, &now.actions[signal]);
    pthread_sigmask(SIG_SETMASK, NULL, &now.blocked);
    sigaltstack(NULL, &now.stack);
    strncpy(now.locale, setlocale(LC_ALL, NULL), sizeof now.locale - 1);
    if (getcwd(now.folder, sizeof now.folder) == NULL) fail("getcwd");
    for (variable = environ; *variable != NULL; variable++) {
        const char *at;
        for (at = *variable; *at; at++) now.variables = now.variables * 31 + (unsigned char)*at;
    }
    now.mask = umask(0);
    umask(now.mask);
    now.descriptors = entries("/proc/self/fd");
    now.threads = entries("/proc/self/task");
    return now;
}

static void same(const struct process *before, const char *when)
{
    struct process now = look();
    int signal;
    for (signal = 1; signal < 65; signal++)
        if (before->actions[signal].sa_handler != now.actions[signal].sa_handler || before->actions[signal].sa_flags != now.actions[signal].sa_flags) {
            fprintf(stderr, "signal %d, %s\n", signal, when);
            exit(1);
        }
    if (memcmp(&before->blocked, &now.blocked, sizeof now.blocked) != 0) fail("the signal mask");
    if (before->stack.ss_sp != now.stack.ss_sp) fail("the stack of signals");
    if (strcmp(before->locale, now.locale) != 0) fail("the locale");
    if (strcmp(before->folder, now.folder) != 0 || before->mask != now.mask) fail("the folder or the umask");
    if (before->variables != now.variables) fail("the environment");
    if (before->descriptors != now.descriptors) fail("descriptors");
    if (before->threads != now.threads) fail("threads");
}

static const char *folder;

static mailseal_input *file(const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return found.input_file(path);
}

#define TRY(call, wanted) do { if ((call) != (wanted)) fail(#call); } while (0)

static void use(void)
{
    static const char draft[] = "From: bob@example.org\r\nTo: bob@example.org\r\nSubject: x\r\n\r\nHello\r\n";
    mailseal_error *err = NULL;
    mailseal_key *key = NULL;
    mailseal_opened *opened = NULL;
    mailseal_trust_store *trust = found.trust_store_new();
    mailseal_context *cx;
    mailseal_opener *opener;
    mailseal_composer *composer;
    mailseal_policy *policy = found.policy_standard();
    mailseal_verdict *verdict;
    mailseal_buffer *buffer = found.buffer_new();
    TRY(found.abi_check(MAILSEAL_VERSION_NUMBER), MAILSEAL_OK);
    TRY(found.trust_store_add_anchors(trust, file("openssl-ca.pem"), "any", &err), MAILSEAL_OK);
    cx = found.context_new(trust);
    opener = found.opener_new(cx);
    TRY(found.opener_open(opener, file("openssl.eml"), 1800000000, &opened, &err), MAILSEAL_OPENED);
    verdict = found.policy_judge(policy, found.opened_report(opened));
    TRY(found.verdict_outcome(verdict), MAILSEAL_OUTCOME_GOOD);
    TRY(found.key_load(file("bob.asc"), NULL, NULL, NULL, &key, &err), MAILSEAL_OK);
    composer = found.composer_new(cx);
    TRY(found.composer_sign(composer, key, &err), MAILSEAL_OK);
    TRY(found.composer_encrypt_to(composer, file("bob.asc"), &err), MAILSEAL_OK);
    TRY(found.composer_compose(composer, found.input_memory((const uint8_t *)draft, sizeof draft - 1), 1800000000, found.output_buffer(buffer), &err), MAILSEAL_OK);
    if (found.buffer_length(buffer) < sizeof draft) fail("nothing was composed");
    found.verdict_free(verdict); found.opened_free(opened); found.policy_free(policy); found.opener_free(opener);
    found.composer_free(composer); found.key_free(key); found.context_free(cx); found.trust_store_free(trust); found.buffer_free(buffer);
}

static long resident(void)
{
    long pages = 0, ignored;
    FILE *statm = fopen("/proc/self/statm", "r");
    if (statm == NULL || fscanf(statm, "%ld %ld", &ignored, &pages) != 2) fail("statm");
    fclose(statm);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* A thread that has used the library ends after the library was let go: what it left for the end of the thread runs then. */
static void *use_and_wait(void *barrier)
{
    use();
    pthread_barrier_wait(barrier);
    pthread_barrier_wait(barrier);
    return NULL;
}

static void outlived(const char *path)
{
    pthread_barrier_t barrier;
    pthread_t thread;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) fail(dlerror());
    USED(FIND)
    pthread_barrier_init(&barrier, NULL, 2);
    if (pthread_create(&thread, NULL, use_and_wait, &barrier) != 0) fail("pthread_create");
    pthread_barrier_wait(&barrier);
    if (dlclose(library) != 0) fail(dlerror());
    pthread_barrier_wait(&barrier);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&barrier);
}

int main(int argc, char **argv)
{
    struct process before;
    long warm = 0, times, i;
    if (argc != 4) return 2;
    folder = argv[2];
    times = atol(argv[3]);
    setlocale(LC_ALL, "");
    outlived(argv[1]);
    before = look();
    for (i = 0; i < times; i++) {
        void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
        if (library == NULL) fail(dlerror());
        same(&before, "loaded");
        USED(FIND)
        use();
        same(&before, "used");
        if (dlclose(library) != 0) fail(dlerror());
        same(&before, "unloaded");
        if (i == times / 10) warm = resident();
    }
    printf("%ld times, resident %ld KiB, then %ld KiB; %s\n", times, warm, resident(),
           dlopen(argv[1], RTLD_NOW | RTLD_NOLOAD) ? "it stays" : "it goes");
    return resident() > warm + 2048;
}
