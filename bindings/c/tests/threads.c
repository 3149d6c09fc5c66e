/* Eight threads share a context, an opener, composers, a policy and an opened letter: threads [LETTERS] */
#include <mailseal.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static const char *letters = "examples/letters";
static const char draft[] = "From: bob@example.org\r\nTo: bob@example.org\r\nSubject: x\r\n\r\nHello\r\n";
static const int64_t at = 1800000000;

static mailseal_context *cx;
static mailseal_opener *opener;
static mailseal_composer *smime, *openpgp;
static mailseal_policy *policy;
static mailseal_opened *good;
static mailseal_key *keys[2];

static mailseal_input *file(const char *name)
{
    char path[512];
    sprintf(path, "%.400s/%s", letters, name);
    return mailseal_input_file(path);
}

/* What a letter is worth, and whether it could be opened. */
static int opens(mailseal_input *letter, mailseal_outcome wanted)
{
    mailseal_opened *opened = NULL;
    mailseal_verdict *verdict;
    mailseal_buffer *text;
    int as_wanted;
    if (mailseal_opener_open(opener, letter, at, &opened, NULL) != MAILSEAL_OPENED) return 0;
    verdict = mailseal_policy_judge(policy, mailseal_opened_report(opened));
    text = mailseal_verdict_text(verdict, mailseal_opened_report(opened), "ja");
    as_wanted = mailseal_verdict_outcome(verdict) == wanted && mailseal_opened_has_payload(opened) && mailseal_buffer_length(text) > 0;
    mailseal_buffer_free(text);
    mailseal_verdict_free(verdict);
    mailseal_opened_free(opened);
    return as_wanted;
}

/* Its own letter, opened again: encrypted to a key of the opener. */
static int composes(const mailseal_composer *composer)
{
    mailseal_buffer *buffer = mailseal_buffer_new();
    mailseal_input *input = mailseal_input_memory((const uint8_t *)draft, sizeof draft - 1);
    mailseal_opened *opened = NULL;
    int as_wanted = mailseal_composer_compose(composer, input, at, mailseal_output_buffer(buffer), NULL) == MAILSEAL_OK;
    input = mailseal_input_memory(mailseal_buffer_data(buffer), mailseal_buffer_length(buffer));
    as_wanted = as_wanted && mailseal_opener_open(opener, input, at, &opened, NULL) == MAILSEAL_OPENED
        && mailseal_report_layer_count(mailseal_opened_report(opened)) == 2;
    mailseal_opened_free(opened);
    mailseal_buffer_free(buffer);
    return as_wanted;
}

static int looks(void)
{
    mailseal_buffer *json = mailseal_report_json(mailseal_opened_report(good)), *copy = mailseal_buffer_new();
    const mailseal_verified *verified = mailseal_opened_require(good, policy, "alice@example.com", NULL);
    int as_wanted = mailseal_buffer_length(json) > 0 && mailseal_verified_write(verified, mailseal_output_buffer(copy), NULL) == MAILSEAL_OK;
    mailseal_buffer_free(json);
    mailseal_buffer_free(copy);
    return as_wanted;
}

static int once(void)
{
    return opens(file("openssl.eml"), MAILSEAL_OUTCOME_GOOD) && opens(file("openssl-encrypted.eml"), MAILSEAL_OUTCOME_CAUTION)
        && opens(file("eve-revoked.eml"), MAILSEAL_OUTCOME_CAUTION) && composes(smime) && composes(openpgp) && looks();
}

static void *work(void *as_wanted)
{
    int i;
    for (i = 0; i < 3; i++) *(int *)as_wanted &= once();
    return NULL;
}

static int ready(void)
{
    mailseal_trust_store *trust = mailseal_trust_store_new();
    int i;
    policy = mailseal_policy_standard();
    if (mailseal_trust_store_add_anchors(trust, file("openssl-ca.pem"), "any", NULL) != MAILSEAL_OK) return 0;
    cx = mailseal_context_new(trust);
    mailseal_trust_store_free(trust);
    opener = mailseal_opener_new(cx);
    for (i = 0; i < 2; i++) {
        const char *name = i == 0 ? "bob.pem" : "bob.asc";
        mailseal_composer *composer = mailseal_composer_new(cx);
        if (mailseal_key_load(file(name), 0, NULL, 0, &keys[i], NULL) != MAILSEAL_OK) return 0;
        if (mailseal_opener_add_key(opener, keys[i], NULL) != MAILSEAL_OK) return 0;
        if (mailseal_composer_sign(composer, keys[i], NULL) != MAILSEAL_OK) return 0;
        if (mailseal_composer_encrypt_to(composer, file(name), NULL) != MAILSEAL_OK) return 0;
        *(i == 0 ? &smime : &openpgp) = composer;
    }
    return mailseal_opener_open(opener, file("openssl.eml"), at, &good, NULL) == MAILSEAL_OPENED && once();
}

int main(int argc, char **argv)
{
    pthread_t threads[8];
    int as_wanted[8], failures = 0, i;
    if (argc > 1) letters = argv[1];
    if (!ready()) { printf("not ready\n"); return 2; }
    for (i = 0; i < 8; i++) {
        as_wanted[i] = 1;
        if (pthread_create(&threads[i], NULL, work, &as_wanted[i]) != 0) return 2;
    }
    for (i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
        failures += !as_wanted[i];
    }
    mailseal_opened_free(good); mailseal_opener_free(opener); mailseal_composer_free(smime); mailseal_composer_free(openpgp);
    mailseal_key_free(keys[0]); mailseal_key_free(keys[1]); mailseal_context_free(cx); mailseal_policy_free(policy);
    if (failures) printf("%d threads saw something else\n", failures);
    return failures != 0;
}
