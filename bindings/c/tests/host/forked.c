/* Uses the library before and after fork: forked LETTERS TIMES
 * First from one thread, then while others use the same objects, none of them inside a call when it forks, as
 * include/README.md asks. What children make by chance differs. */
#include <mailseal.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *folder;
static mailseal_context *cx;
static mailseal_opener *opener;
static mailseal_composer *composer;
static pthread_rwlock_t calls = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;      /* held for reading inside a call */
static int stop;

static void fail(const char *what, mailseal_error *err)
{
    fprintf(stderr, "%s: %s\n", what, mailseal_error_message(err));
    _exit(1);
}

static mailseal_input *file(const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return mailseal_input_file(path);
}

static void look(void)
{
    mailseal_error *err = NULL;
    mailseal_opened *opened = NULL;
    if (mailseal_opener_open(opener, file("openssl.eml"), 1800000000, &opened, &err) != MAILSEAL_OPENED) fail("open", err);
    if (mailseal_signature_trust(mailseal_report_signature(mailseal_opened_report(opened), 0)) != MAILSEAL_TRUST_TRUSTED) fail("trust", err);
    mailseal_opened_free(opened);
}

static mailseal_buffer *write_letter(void)
{
    static const char draft[] = "From: bob@example.org\r\nTo: bob@example.org\r\nSubject: x\r\n\r\nHello\r\n";
    mailseal_error *err = NULL;
    mailseal_buffer *buffer = mailseal_buffer_new();
    mailseal_input *input = mailseal_input_memory((const uint8_t *)draft, sizeof draft - 1);
    if (mailseal_composer_compose(composer, input, 1800000000, mailseal_output_buffer(buffer), &err) != MAILSEAL_OK) fail("compose", err);
    return buffer;
}

static void *busy(void *unused)
{
    for (;;) {
        pthread_rwlock_rdlock(&calls);
        if (stop) break;
        look();
        mailseal_buffer_free(write_letter());
        pthread_rwlock_unlock(&calls);
        sched_yield();
    }
    pthread_rwlock_unlock(&calls);
    return unused;
}

/* A child that looks, writes, and gives the end of its letter to the parent. */
static void child(char *letter, size_t size)
{
    int ends[2], status = 0;
    pid_t id;
    pthread_rwlock_wrlock(&calls);
    if (pipe(ends) != 0 || (id = fork()) < 0) { perror("fork"); exit(1); }
    if (id != 0) pthread_rwlock_unlock(&calls);
    if (id == 0) {
        mailseal_buffer *buffer;
        alarm(60);
        look();
        buffer = write_letter();
        if (write(ends[1], mailseal_buffer_data(buffer) + mailseal_buffer_length(buffer) / 2, size) != (ssize_t)size) _exit(1);
        mailseal_buffer_free(buffer);
        _exit(0);
    }
    close(ends[1]);
    if (read(ends[0], letter, size) != (ssize_t)size) *letter = 0;
    close(ends[0]);
    if (waitpid(id, &status, 0) != id || status != 0) { fprintf(stderr, "a child ended with %x\n", (unsigned)status); exit(1); }
}

static void children(int times)
{
    char one[64], other[64];
    mailseal_buffer *ours;
    for (; times > 0; times--) {
        child(one, sizeof one);
        child(other, sizeof other);
        ours = write_letter();
        if (memcmp(one, other, sizeof one) == 0 || memcmp(one, mailseal_buffer_data(ours) + mailseal_buffer_length(ours) / 2, sizeof one) == 0) {
            fprintf(stderr, "the same chance twice\n");
            exit(1);
        }
        mailseal_buffer_free(ours);
    }
}

int main(int argc, char **argv)
{
    mailseal_error *err = NULL;
    mailseal_key *key = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    pthread_t threads[8];
    int i, times;
    if (argc != 3) return 2;
    folder = argv[1];
    times = atoi(argv[2]);
    if (mailseal_trust_store_add_anchors(trust, file("openssl-ca.pem"), "any", &err) != MAILSEAL_OK) fail("anchors", err);
    cx = mailseal_context_new(trust);
    opener = mailseal_opener_new(cx);
    composer = mailseal_composer_new(cx);
    if (mailseal_key_load(file("bob.asc"), NULL, NULL, NULL, &key, &err) != MAILSEAL_OK) fail("key", err);
    if (mailseal_composer_sign(composer, key, &err) != MAILSEAL_OK) fail("sign", err);
    if (mailseal_composer_encrypt_to(composer, file("bob.asc"), &err) != MAILSEAL_OK) fail("encrypt", err);
    children(1);                            /* before the parent has used it */
    look();
    children(times);
    for (i = 0; i < 8; i++)
        if (pthread_create(&threads[i], NULL, busy, NULL) != 0) return 2;
    children(times);
    pthread_rwlock_wrlock(&calls);
    stop = 1;
    pthread_rwlock_unlock(&calls);
    for (i = 0; i < 8; i++) pthread_join(threads[i], NULL);
    mailseal_key_free(key); mailseal_composer_free(composer); mailseal_opener_free(opener);
    mailseal_context_free(cx); mailseal_trust_store_free(trust);
    return 0;
}
