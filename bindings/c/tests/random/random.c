/* Random sequences of calls: random FOLDER SEED FIRST COUNT [THREADS]
 *
 * FOLDER has letters, keys and certificates. calls.inc, made of the header, has one function for each export; it draws
 * its arguments here: objects that are alive, of the wrong type, or NULL, texts and octets that fit or do not. What a
 * sequence makes it frees at its end, in any order. The objects of `setup` are shared by all sequences and threads.
 * Built with QUARANTINE (AddressSanitizer keeps freed memory apart), objects that are freed or consumed are used, too.
 * The first finding ends the program, with the words to run that sequence again. */
#include <dirent.h>
#include <fcntl.h>
#include <mailseal.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __has_include
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif
#endif
#ifndef VALGRIND_COUNT_ERRORS
#define VALGRIND_COUNT_ERRORS 0
#endif

#include "types.inc"

enum { HANDLES = 512, LENT = 64, USERDATA = 64, LONGEST = 0x10000 };
enum use { BORROW, CONSUME, FREE };
enum kind { ASKS, MAKES, FREES };

/* Why a call may fail as misuse: what it was given. */
enum { WRONG = 1, NOTHING = 2, BAD_TEXT = 4, BAD_LENGTH = 8 };

/* An object that this program has, or had. */
struct handle {
    int type;
    void *pointer, *parent;     /* the object whose end is its end */
    int gone, given;            /* what its maker was given, which the call that consumes it tells */
};

struct file { uint8_t *data; size_t length; char path[512]; };

/* What a callback is given; the finalizer is told once. */
struct userdata {
    struct state *state;
    const struct file *file;
    size_t at;
    int wanted, finalized;
};

struct state {
    uint64_t seed, sequence, random;
    struct handle handles[HANDLES];
    size_t count;
    void *lent[LENT];           /* memory of the arguments, gone when the call returns */
    size_t lents;
    struct userdata userdata[USERDATA];
    size_t userdatas;
    int given;
    struct handle *written;     /* an input or output that the call may have spoilt */
    const void *wrong;          /* what the call was given as something that it is not */
    size_t calls, which;
    const char *call;
};

static struct file files[64];
static size_t file_count;
static struct handle shared[HANDLES];   /* not changed once threads run */
static size_t shared_count;
static int null_file;
static _Thread_local struct state *running;
static _Thread_local volatile size_t touched;
static char writable[512];

static void finding(const struct state *s, const char *what)
{
    fprintf(stderr, "finding: %s: %s\nagain: FOLDER %llu %llu 1\n", s->call, what, (unsigned long long)s->seed,
            (unsigned long long)s->sequence);
    fflush(NULL);
    _exit(1);   /* other threads are still at it */
}

#ifdef QUARANTINE
const char *__asan_default_options(void);
void __asan_on_error(void);
const char *__asan_default_options(void) { return "quarantine_size_mb=128:detect_leaks=1"; }
void __asan_on_error(void) { if (running != NULL) fprintf(stderr, "in %s, again: FOLDER %llu %llu 1\n", running->call, (unsigned long long)running->seed, (unsigned long long)running->sequence); }
#endif

/* splitmix64 */
static uint64_t random_number(struct state *s)
{
    uint64_t z = (s->random += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static size_t below(struct state *s, size_t limit) { return (size_t)(random_number(s) % limit); }

/* Memory that ends where it ends, until the call returns. */
static void *lend(struct state *s, const void *data, size_t length)
{
    void *copy = malloc(length ? length : 1);
    if (s->lents == LENT) exit(2);
    if (length && data != NULL) memcpy(copy, data, length);
    return s->lent[s->lents++] = copy;
}

static void touch(const void *data, size_t length)
{
    size_t sum = 0, at;
    for (at = 0; at < length; at++) sum += ((const uint8_t *)data)[at];
    touched = sum;
}

static void touch_slice(const struct state *s, mailseal_slice slice)
{
    if ((slice.data == NULL) != (slice.length == 0)) finding(s, "a slice is half empty");
    touch(slice.data, slice.length);
}

/* Objects */

static void remember(struct state *s, int type, const void *pointer, const void *parent)
{
    struct handle *handle = &s->handles[s->count];
    if (pointer == NULL) return;
    if (s->count == HANDLES) finding(s, "too many objects");
    handle->type = type;
    memcpy(&handle->pointer, &pointer, sizeof pointer);
    memcpy(&handle->parent, &parent, sizeof parent);
    handle->gone = 0;
    handle->given = s->given;
    s->count++;
}

static void forget(struct state *s, const void *pointer)
{
    size_t i;
    for (i = 0; i < s->count; i++) {
        if (s->handles[i].gone) continue;
        if (s->handles[i].pointer == pointer && s->handles[i].parent == NULL) s->handles[i].gone = 1;
        else if (s->handles[i].parent == pointer) {
            s->handles[i].gone = 1;
            forget(s, s->handles[i].pointer);
        }
    }
}

/* One of the objects that fit, each as likely. */
static struct handle *choose(struct state *s, int type, int same, int gone, int own)
{
    struct handle *found = NULL;
    size_t i, fitting = 0;
    for (i = 0; i < s->count + (own ? 0 : shared_count); i++) {
        struct handle *handle = i < s->count ? &s->handles[i] : &shared[i - s->count];
        if ((handle->type == type) != same || handle->gone != gone || (own && handle->parent != NULL)) continue;
        if (below(s, ++fitting) == 0) found = handle;
    }
    return found;
}

static void *input(struct state *s);
static void *output(struct state *s);

static void *draw(struct state *s, int type, enum use use)
{
    size_t dice = below(s, 100);
    struct handle *handle;
    if (dice < 3) { s->given |= NOTHING; return NULL; }
    if (dice < 6 && (handle = choose(s, type, 0, 0, 0)) != NULL) {
        s->given |= WRONG;
        s->wrong = handle->pointer;
        return handle->pointer;
    }
#ifdef QUARANTINE
    if (dice < 10 && (handle = choose(s, type, 1, 1, use != BORROW)) != NULL) { s->given |= WRONG; return handle->pointer; }
#endif
    if (use == CONSUME && (type == T_input || type == T_output) && dice < 70)
        return type == T_input ? input(s) : output(s);
    handle = choose(s, type, 1, 0, use != BORROW);
    /* What is consumed is given once: not also as something else. */
    if (handle == NULL || (use != BORROW && handle->pointer == s->wrong)) { s->given |= NOTHING; return NULL; }
    if (type == T_input || type == T_output) {
        s->given |= handle->given;
        s->written = handle;
    }
    if (use != BORROW) forget(s, handle->pointer);
    return handle->pointer;
}

/* Texts, octets, numbers */

/* What fits, by the name of the argument; at times it is put where it does not. */
static char fingerprints[8][80];
static const struct { const char *argument, *words[10]; } known[] = {
    { "scope", { "any", "*@example.com", "*@example.com alice@example.com until=2039-12-31 for=sign", "any assurance=mailbox" } },
    { "name", { "standard", "strict", "depth", "message_bytes", "parts", "AES-256-GCM", "ChaCha20-Poly1305", "AES-128-CBC" } },
    { "sender", { "alice@example.com", "bob@example.org" } },
    { "who", { "carol@example.net", "bob@example.org", "alice@example.com" } },
    { "address", { "carol@example.net", "alice@example.com" } },
    { "fingerprint", { fingerprints[0], fingerprints[1], fingerprints[2], fingerprints[3], fingerprints[4] } },
    { "scheme", { "rsa-pkcs1-sha256", "rsa-pss-sha256", "ecdsa-p256-sha256", "ed25519" } },
    { "language", { "en", "ja", "ja-JP", "tlh" } },
    { "server", { "127.0.0.1:1", "[::1]:1", "here" } },
    { "domain", { "example.com", "b\xc3\xbc" "cher.example", "com", "-.example" } },
    { "selectors", { "s1 s2", "s1" } },
    { "selector", { "s1", "a.b" } },
    { "client", { "192.0.2.1", "::1", "::ffff:192.0.2.1" } },
    { "helo", { "mail.example.com", "[192.0.2.1]" } },
    { "mail_from", { "alice@example.com", "a@b@example.com" } },
    { "service", { "lists.example" } },
    { "pointer", { "/from", "/from/mailboxes/0", "/layers/0", "/~2", "" } },
    { "part", { "0", "1", "2", "2.1", "9.9.9", "4294967296" } },
    { "", { "", "  ", "@", "\"a b\"@c.example", "\xe2\x86\x92", "%s%n", "any=", "0123456789" } },
};
enum { KNOWN = sizeof known / sizeof known[0] };

static const char *text(struct state *s, const char *argument)
{
    static const char not_utf8[] = "caf\xe9";
    size_t dice = below(s, 100), group, count = 0;
    const char *word;
    char *longest;
    if (dice < 3) { s->given |= NOTHING; return NULL; }
    if (dice < 6) { s->given |= BAD_TEXT; return lend(s, not_utf8, sizeof not_utf8); }
    if (dice < 8) {
        longest = lend(s, NULL, LONGEST);
        memset(longest, 'a', LONGEST - 1);
        longest[LONGEST - 1] = 0;
        return longest;
    }
    for (group = 0; group < KNOWN - 1 && strcmp(known[group].argument, argument) != 0;) group++;
    if (dice < 20 || group == KNOWN - 1) group = below(s, KNOWN);
    while (count < 10 && known[group].words[count] != NULL) count++;
    word = known[group].words[below(s, count)];
    return lend(s, word, strlen(word) + 1);
}

static const char *readable_path(struct state *s) { return below(s, 2) ? files[below(s, file_count)].path : text(s, "path"); }

static const char *writable_path(struct state *s)
{
    switch (below(s, 20)) {
        case 0: s->given |= NOTHING; return NULL;
        case 1: return "/no/such/folder/letter.eml";
        case 2: return "";
        default: return writable;
    }
}

/* A quarter of the letters that are read are drafts. */
static const struct file *some_file(struct state *s)
{
    static const char both[] = "From: Bob <bob@example.org>\r\nTo: bob@example.org\r\nSubject: x\r\n\r\nHello\r\n";
    static const char nobody[] = "From: bob@example.org\r\nTo: carol@example.net, dan@example.net\r\nBcc: bob@example.org\r\nSubject: x\r\n\r\nHello\r\n";
    static struct file drafts[] = { { (uint8_t *)both, sizeof both - 1, "" }, { (uint8_t *)nobody, sizeof nobody - 1, "" } };
    return below(s, 4) ? &files[below(s, file_count)] : &drafts[below(s, 2)];
}

static const uint8_t *octets(struct state *s, size_t *length)
{
    size_t dice = below(s, 100);
    const struct file *file = some_file(s);
    uint8_t *copy;
    *length = 0;
    if (dice < 4) return NULL;
    if (dice < 8) { *length = 1 + below(s, 1000); s->given |= NOTHING; return NULL; }
    if (dice < 12) { *length = (size_t)-1 - below(s, 2) * ((size_t)-1 / 2 - 1); s->given |= BAD_LENGTH; return lend(s, "x", 1); }
    *length = dice < 30 ? below(s, file->length + 1) : file->length;
    copy = lend(s, file->data, *length);
    if (dice < 40 && *length) copy[below(s, *length)] ^= (uint8_t)(1 + below(s, 255));
    return copy;
}

static uint64_t number(struct state *s)
{
    static const uint64_t odd[] = { 0, 1, 2, 3, 100, 120, 1800000000, MAILSEAL_VERSION_NUMBER, (uint64_t)1 << 31, (uint64_t)1 << 32, (uint64_t)1 << 63, (uint64_t)-1 };
    size_t dice = below(s, 100);
    if (dice < 50) return below(s, 4);
    if (dice < 90) return odd[below(s, sizeof odd / sizeof odd[0])];
    return random_number(s);
}

static int64_t moment(struct state *s) { return below(s, 10) ? 1800000000 : (int64_t)number(s); }

/* Open, closed, or never one. */
static int32_t descriptor(struct state *s) { return below(s, 4) ? null_file : (int32_t)number(s) | 0x10000; }

/* What a call may put something into. */
static void *out(struct state *s, void *pointer)
{
    if (below(s, 100) >= 3) return pointer;
    s->given |= NOTHING;
    return NULL;
}

/* Callbacks */

static void *userdata(struct state *s, int finalizer)
{
    struct userdata *made;
    if (s->userdatas == USERDATA) finding(s, "too many callbacks");
    made = &s->userdata[s->userdatas++];
    made->state = s;
    made->file = some_file(s);
    made->at = 0;
    made->wanted = finalizer;
    made->finalized = 0;
    return made;
}

static void finalizer(void *pointer)
{
    struct userdata *told = pointer;
    if (++told->finalized > 1 || !told->wanted) finding(told->state, "a finalizer is called too often");
}

static int32_t answer(struct state *s)
{
    static const int32_t odd[] = { MAILSEAL_DECLINED, MAILSEAL_ERROR_IO, MAILSEAL_ERROR_UNAVAILABLE, MAILSEAL_ERROR_KEY_UNAVAILABLE, -1, 77 };
    mailseal_buffer *buffer = mailseal_buffer_new();
    mailseal_buffer_append(buffer, (const uint8_t *)"x", 1);
    mailseal_buffer_free(buffer);
    return below(s, 3) ? MAILSEAL_OK : odd[below(s, sizeof odd / sizeof odd[0])];
}

static void fill(struct userdata *u, uint8_t *data, size_t capacity, size_t *length)
{
    const struct file *file = u->file;
    size_t rest = file->length - u->at;
    *length = 1 + below(u->state, LONGEST);
    if (*length > rest) *length = rest;
    if (*length > capacity) *length = capacity;
    memcpy(data, file->data + u->at, *length);
    u->at += *length;
    if (below(u->state, 50) == 0) *length = capacity + 1;
}

static void add(struct userdata *u, mailseal_buffer *buffer)
{
    const struct file *file = u->file;
    mailseal_buffer_append(buffer, file->data, below(u->state, 2) ? file->length : below(u->state, 70) % (file->length + 1));
}

/* What came of a call */

static void failed(const struct state *s, mailseal_status status)
{
    if (status == MAILSEAL_ERROR_PANIC) finding(s, "a panic");
    if (status == MAILSEAL_ERROR_NULL && !(s->given & NOTHING)) finding(s, "NULL, and none was given");
    if (status == MAILSEAL_ERROR_BAD_HANDLE && !(s->given & WRONG)) finding(s, "a good object is refused");
    if (status == MAILSEAL_ERROR_NOT_UTF8 && !(s->given & BAD_TEXT)) finding(s, "good text is refused");
    if (status == MAILSEAL_ERROR_LENGTH && !(s->given & BAD_LENGTH)) finding(s, "a good length is refused");
}

static size_t succeeded[1024];           /* calls of each export; counted in one thread only */
static int counting;

static void success(const struct state *s) { if (counting) succeeded[s->which]++; }

static int is_failure(mailseal_status status) { return status != MAILSEAL_OK && status != MAILSEAL_OPENED; }

static void told(struct state *s, mailseal_status status, mailseal_error **asked, mailseal_error *err)
{
    if (status < 0 || status == MAILSEAL_DECLINED) finding(s, "a status that none is");
    if (asked != NULL && (err != NULL) != is_failure(status)) finding(s, "an error without failure, or the reverse");
    if (asked != NULL && !is_failure(status)) success(s);
    if (err != NULL && mailseal_error_status(err) != status) finding(s, "the error has another status");
    failed(s, status);
}

/* `set`: whether there is something where the result goes. */
static void result(const struct state *s, mailseal_status status, const void *asked, int set)
{
    if (asked != NULL && set == is_failure(status)) finding(s, "a result without success, or the reverse");
}

static void unless_poisoned(const struct state *s, mailseal_error *err)
{
    if (err != NULL) failed(s, mailseal_error_status(err));
    else success(s);
}

#include "calls.inc"

static void *input(struct state *s)
{
    const uint8_t *data;
    size_t length;
    void *u;
    int told_at_end = below(s, 2) != 0;
    switch (below(s, 12)) {
        case 0: return mailseal_input_file(readable_path(s));
        case 1: return mailseal_input_fd(descriptor(s));
        case 2: u = userdata(s, told_at_end); return mailseal_input_callback(read_callback, u, told_at_end ? finalizer : 0);
        default: data = octets(s, &length); return mailseal_input_memory(data, length);
    }
}

static void *output(struct state *s)
{
    void *u;
    int told_at_end = below(s, 2) != 0;
    switch (below(s, 3)) {
        case 0: u = userdata(s, told_at_end); return mailseal_output_callback(write_callback, u, told_at_end ? finalizer : 0);
        case 1: return mailseal_output_fd(descriptor(s));
        default: return mailseal_output_buffer(draw(s, T_buffer, BORROW));
    }
}

static void call(struct state *s)
{
    size_t which = below(s, CALLS);
    while (kinds[which] == FREES ? below(s, 4) : kinds[which] == MAKES ? 0 : below(s, 3) == 0) which = below(s, CALLS);
    s->given = 0;
    s->written = NULL;
    s->wrong = NULL;
    s->which = which;
    s->call = names[which];
    calls[which](s);
    if (s->written != NULL) s->written->given |= s->given;
    s->calls++;
    while (s->lents) free(s->lent[--s->lents]);
}

static void run_sequence(struct state *s, uint64_t seed, uint64_t sequence)
{
    size_t i, left;
    unsigned errors = VALGRIND_COUNT_ERRORS;
    s->seed = seed;
    s->sequence = sequence;
    s->random = seed * 0x2545F4914F6CDD1Du + sequence;
    s->count = s->userdatas = s->lents = 0;
    running = s;
    for (i = 5 + below(s, 90); i; i--) call(s);
    s->call = "the end";
    for (left = s->count; left; left--) {       /* in any order */
        struct handle *handle;
        i = below(s, left);
        handle = &s->handles[i];
        if (!handle->gone && handle->parent == NULL) free_object(handle->type, handle->pointer);
        *handle = s->handles[left - 1];
    }
    for (i = 0; i < s->userdatas; i++)
        if (s->userdata[i].finalized != s->userdata[i].wanted) finding(s, "a finalizer is not called");
    running = NULL;
    (void)errors;
    if (VALGRIND_COUNT_ERRORS > errors) finding(s, "valgrind says so");
}

/* What all sequences share */

static void share(int type, const void *pointer)
{
    if (pointer == NULL) { fprintf(stderr, "not ready: nothing of type %d\n", type); exit(2); }
    shared[shared_count].type = type;
    memcpy(&shared[shared_count++].pointer, &pointer, sizeof pointer);
}

static void ready(mailseal_status status, mailseal_error *err)
{
    if (is_failure(status)) { fprintf(stderr, "not ready: %s\n", mailseal_error_message(err)); exit(2); }
}

static void load(const char *folder)
{
    struct dirent **entries = NULL;
    struct stat status;
    int i, count = scandir(folder, &entries, NULL, alphasort);
    for (i = 0; i < count && file_count < 64; i++) {
        struct file *file = &files[file_count];
        FILE *stream;
        snprintf(file->path, sizeof file->path, "%s/%s", folder, entries[i]->d_name);
        if (stat(file->path, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > LONGEST || status.st_size == 0) continue;
        if ((stream = fopen(file->path, "rb")) == NULL) continue;
        file->data = malloc((size_t)status.st_size);
        file->length = fread(file->data, 1, (size_t)status.st_size, stream);
        fclose(stream);
        file_count++;
    }
    for (i = 0; i < count; i++) free(entries[i]);
    free(entries);
    if (file_count == 0) { fprintf(stderr, "no files in %s\n", folder); exit(2); }
}

static mailseal_input *named(const char *folder, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return mailseal_input_file(path);
}

static void look(const mailseal_opener *opener, const mailseal_policy *policy, const char *folder, const char *name, int64_t at)
{
    mailseal_error *err = NULL;
    mailseal_opened *opened = NULL;
    const mailseal_report *report;
    const mailseal_signature *signature;
    size_t i;
    ready(mailseal_opener_open(opener, named(folder, name), at, &opened, &err), err);
    share(T_opened, opened);
    share(T_report, report = mailseal_opened_report(opened));
    share(T_verdict, mailseal_policy_judge(policy, report));
    for (i = 0; i < mailseal_report_layer_count(report); i++) share(T_layer, mailseal_report_layer(report, i));
    for (i = 0; i < mailseal_report_want_count(report); i++) share(T_request, mailseal_report_want(report, i));
    if (mailseal_report_signature_count(report) == 0) return;
    share(T_signature, signature = mailseal_report_signature(report, 0));
    if (mailseal_signature_evidence_count(signature)) share(T_evidence, mailseal_signature_evidence(signature, 0));
}

/* Who signed or can open a letter. */
static void know(size_t at, const char *folder, const char *name)
{
    mailseal_error *err = NULL;
    mailseal_trust_store *nobody = mailseal_trust_store_new();
    mailseal_context *cx = mailseal_context_new(nobody);
    mailseal_opener *opener = mailseal_opener_new(cx);
    mailseal_key *key[2] = { NULL, NULL };
    mailseal_opened *opened = NULL;
    const mailseal_report *report;
    mailseal_slice found;
    ready(mailseal_key_load(named(folder, "bob.pem"), 0, NULL, 0, &key[0], &err), err);
    ready(mailseal_key_load(named(folder, "bob.asc"), 0, NULL, 0, &key[1], &err), err);
    ready(mailseal_opener_add_key(opener, key[0], &err), err);
    ready(mailseal_opener_add_key(opener, key[1], &err), err);
    ready(mailseal_opener_open(opener, named(folder, name), 1800000000, &opened, &err), err);
    report = mailseal_opened_report(opened);
    found = mailseal_layer_opened_by_fingerprint(mailseal_report_layer(report, 0));
    if (found.length == 0) found = mailseal_signature_signer_fingerprint(mailseal_report_signature(report, 0));
    snprintf(fingerprints[at], sizeof fingerprints[at], "%.*s", (int)found.length, (const char *)found.data);
    mailseal_opened_free(opened); mailseal_key_free(key[0]); mailseal_key_free(key[1]);
    mailseal_opener_free(opener); mailseal_context_free(cx); mailseal_trust_store_free(nobody);
}

static void setup(const char *folder)
{
    static const char draft[] = "From: bob@example.org\r\nTo: carol@example.net\r\nSubject: x\r\n\r\nHello\r\n";
    mailseal_error *err = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx;
    mailseal_composer *composer;
    mailseal_opener *opener;
    mailseal_policy *policy = mailseal_policy_standard();
    mailseal_key *key[3] = { NULL, NULL, NULL };
    mailseal_prepared *prepared = NULL;
    mailseal_opened *opened = NULL;
    mailseal_buffer *buffer = mailseal_buffer_new();
    const int64_t at = 1800000000;

    ready(mailseal_trust_store_add_anchors(trust, named(folder, "openssl-ca.pem"), "any", &err), err);
    ready(mailseal_trust_store_add_anchors(trust, named(folder, "strict-ca.pem"), "any", &err), err);
    know(0, folder, "openssl-encrypted.eml");
    know(1, folder, "gpg-encrypted.eml");
    know(2, folder, "openssl.eml");
    know(3, folder, "gpg.eml");
    strcpy(fingerprints[4], "3F2A91C4D0E75B86A1F2C93D5E6B7A80914C7D10");
    ready(mailseal_trust_store_pin(trust, "bob@example.org", fingerprints[0], &err), err);
    share(T_trust_store, trust);
    cx = mailseal_context_new(trust);
    ready(mailseal_context_add_certificates(cx, named(folder, "gpg-carol.asc"), &err), err);
    ready(mailseal_context_add_certificates(cx, named(folder, "bob.pem"), &err), err);
    share(T_context, cx);
    share(T_policy, policy);
    share(T_policy, mailseal_policy_strict());
    ready(mailseal_key_load(named(folder, "bob.pem"), 0, NULL, 0, &key[0], &err), err);
    ready(mailseal_key_load(named(folder, "bob.asc"), 0, NULL, 0, &key[1], &err), err);
    ready(mailseal_key_deferred(named(folder, "bob.pem"), &key[2], &err), err);
    opener = mailseal_opener_new(cx);
    ready(mailseal_opener_add_key(opener, key[0], &err), err);
    ready(mailseal_opener_add_key(opener, key[1], &err), err);
    look(opener, policy, folder, "openssl.eml", at);
    look(opener, policy, folder, "eve-revoked.eml", at);
    look(opener, policy, folder, "gpg.eml", at);
    look(opener, policy, folder, "openssl-encrypted.eml", at);
    look(opener, policy, folder, "gpg-encrypted.eml", at);
    share(T_opener, opener);
    share(T_verified, mailseal_verify(opener, named(folder, "openssl.eml"), "alice@example.com", policy, at, &opened, &err));
    share(T_opened, opened);
    share(T_key, key[0]); share(T_key, key[1]); share(T_key, key[2]);
    composer = mailseal_composer_new(cx);
    ready(mailseal_composer_sign(composer, key[1], &err), err);
    ready(mailseal_composer_compose(composer, mailseal_input_memory((const uint8_t *)draft, sizeof draft - 1), at, mailseal_output_buffer(buffer), &err), err);
    share(T_composer, composer);
    composer = mailseal_composer_new(cx);
    ready(mailseal_composer_sign(composer, key[2], &err), err);
    ready(mailseal_composer_prepare(composer, mailseal_input_memory((const uint8_t *)draft, sizeof draft - 1), at, &prepared, &err), err);
    share(T_prepared, prepared);
    share(T_composer, composer);
    mailseal_composer_compose(composer, mailseal_input_memory(NULL, 0), at, NULL, &err);
    share(T_error, err);
    mailseal_buffer_free(buffer);
}

/* Children first: what was shared last. */
static void teardown(void)
{
    while (shared_count) {
        shared_count--;
        if (is_owned[shared[shared_count].type]) free_object(shared[shared_count].type, shared[shared_count].pointer);
    }
}

struct work { pthread_t thread; uint64_t seed, first, count, calls; };

static void *work(void *pointer)
{
    struct work *work = pointer;
    struct state *s = calloc(1, sizeof *s);
    uint64_t i;
    for (i = 0; i < work->count; i++) run_sequence(s, work->seed, work->first + i);
    work->calls = s->calls;
    free(s);
    return NULL;
}

int main(int argc, char **argv)
{
    struct work works[64];
    unsigned long long first, count, calls_made = 0;
    long threads = argc > 5 ? atol(argv[5]) : 1, i;
    if (argc < 5 || threads < 1 || threads > 64) { fprintf(stderr, "usage: random FOLDER SEED FIRST COUNT [THREADS]\n"); return 2; }
    if (mailseal_abi_check(MAILSEAL_VERSION_NUMBER) != MAILSEAL_OK) return 2;
    first = strtoull(argv[3], NULL, 0);
    count = strtoull(argv[4], NULL, 0);
    null_file = open("/dev/null", O_RDWR);
    snprintf(writable, sizeof writable, "%s/random-%ld.out", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", (long)getpid());
    counting = threads == 1;
    load(argv[1]);
    setup(argv[1]);
    if (threads > 1) {      /* Helgrind does not know Rust's LazyLock: what is made once is made before there are threads */
        works[0].seed = strtoull(argv[2], NULL, 0);
        works[0].first = first + count;
        works[0].count = 300;
        work(&works[0]);
    }
    for (i = 0; i < threads; i++) {
        works[i].seed = strtoull(argv[2], NULL, 0);
        works[i].first = first + count / (unsigned long)threads * (unsigned long)i;
        works[i].count = count / (unsigned long)threads + (i == threads - 1 ? count % (unsigned long)threads : 0);
        if (threads == 1) work(&works[0]);
        else if (pthread_create(&works[i].thread, NULL, work, &works[i]) != 0) return 2;
    }
    for (i = 0; i < threads; i++) {
        if (threads > 1) pthread_join(works[i].thread, NULL);
        calls_made += works[i].calls;
    }
    teardown();
    unlink(writable);
    while (file_count) free(files[--file_count].data);
    close(null_file);
    printf("%llu sequences, %llu calls, seed %s\n", count, calls_made, argv[2]);
    for (i = 0; counting && i < CALLS; i++)
        if (succeeded[i] == 0) printf("never did what it is for: %s\n", names[i]);
    return 0;
}
