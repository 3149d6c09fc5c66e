/* The C of docs/guide.md: each piece between two marks. A test runs it in a folder with the letters of examples/letters
 * and a draft. */
#include <mailseal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TRY(call) do { if ((call) != MAILSEAL_OK) goto failed; } while (0)

static int32_t no_password(void *userdata, const mailseal_request *request, mailseal_buffer *password)
{
    (void)userdata; (void)request; (void)password;
    return MAILSEAL_DECLINED;
}

static void print(mailseal_slice text) { printf("%.*s\n", (int)text.length, (const char *)text.data); }

static int failed_with(mailseal_error *err)
{
    fprintf(stderr, "could not: %s\n", mailseal_error_message(err));
    mailseal_error_free(err);
    return 2;
}

static int sign(void)
{
    mailseal_error *err = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx = mailseal_context_new(trust);
    int status = 0;
    /* [sign] */
    mailseal_key *key = NULL;
    mailseal_composer *composer = mailseal_composer_new(cx);
    TRY(mailseal_key_load(mailseal_input_file("bob.pem"), no_password, NULL, NULL, &key, &err));
    TRY(mailseal_composer_sign(composer, key, &err));
    TRY(mailseal_composer_compose(composer, mailseal_input_file("draft.eml"), time(NULL), mailseal_output_file("signed.eml"), &err));
    /* [/sign] */
    goto done;
failed:
    status = failed_with(err);
done:
    mailseal_composer_free(composer); mailseal_key_free(key);
    mailseal_context_free(cx); mailseal_trust_store_free(trust);
    return status;
}

static int verify(void)
{
    mailseal_error *err = NULL;
    mailseal_opened *opened = NULL;
    mailseal_context *cx = NULL;
    mailseal_opener *opener = NULL;
    mailseal_verdict *verdict = NULL;
    mailseal_buffer *text = NULL;
    int status = 0;
    /* [verify] */
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_policy *policy = mailseal_policy_standard();
    TRY(mailseal_trust_store_add_anchors(trust, mailseal_input_file("openssl-ca.pem"), "*@example.com", &err));
    cx = mailseal_context_new(trust);
    opener = mailseal_opener_new(cx);
    if (mailseal_opener_open(opener, mailseal_input_file("openssl.eml"), time(NULL), &opened, &err) != MAILSEAL_OPENED)
        goto failed;                                       /* could not look */
    verdict = mailseal_policy_judge(policy, mailseal_opened_report(opened));
    text = mailseal_verdict_text(verdict, mailseal_opened_report(opened), "en");
    fwrite(mailseal_buffer_data(text), 1, mailseal_buffer_length(text), stdout);
    /* [/verify] */
    status = mailseal_verdict_outcome(verdict) == MAILSEAL_OUTCOME_GOOD ? 0 : 1;
    goto done;
failed:
    status = failed_with(err);
done:
    mailseal_buffer_free(text); mailseal_verdict_free(verdict); mailseal_opened_free(opened); mailseal_opener_free(opener);
    mailseal_context_free(cx); mailseal_policy_free(policy); mailseal_trust_store_free(trust);
    return status;
}

static int act(void)
{
    mailseal_error *err = NULL;
    mailseal_opened *opened = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_policy *policy = mailseal_policy_standard();
    mailseal_status added = mailseal_trust_store_add_anchors(trust, mailseal_input_file("openssl-ca.pem"), "any", &err);
    mailseal_context *cx = mailseal_context_new(trust);
    mailseal_opener *opener = mailseal_opener_new(cx);
    const mailseal_verified *letter = NULL;
    int status = 0;
    TRY(added);
    /* [act] */
    letter = mailseal_verify(opener, mailseal_input_file("openssl.eml"), "alice@example.com", policy, time(NULL), &opened, &err);
    if (letter != NULL)      TRY(mailseal_verified_write(letter, mailseal_output_file("invoice.eml"), &err));
    else if (opened != NULL) printf("held back\n");        /* looked: not good, or not from Alice */
    else                     goto failed;                  /* could not look */
    /* [/act] */
    goto done;
failed:
    status = failed_with(err);
done:
    mailseal_opened_free(opened); mailseal_opener_free(opener); mailseal_context_free(cx);
    mailseal_policy_free(policy); mailseal_trust_store_free(trust);
    return status;
}

static int encrypt(void)
{
    mailseal_error *err = NULL;
    mailseal_key *key = NULL;
    mailseal_context *cx = NULL;
    mailseal_composer *composer = NULL;
    mailseal_plan *plan = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_policy *policy = mailseal_policy_standard();
    size_t i;
    int status = 0;
    TRY(mailseal_key_load(mailseal_input_file("bob.pem"), no_password, NULL, NULL, &key, &err));
    /* [encrypt] */
    TRY(mailseal_trust_store_add_anchors(trust, mailseal_input_file("openssl-dave.pem"), "dave@example.com", &err));
    cx = mailseal_context_new(trust);
    TRY(mailseal_context_add_certificates(cx, mailseal_input_file("openssl-dave.pem"), &err));
    composer = mailseal_composer_new(cx);
    TRY(mailseal_composer_sign(composer, key, &err));
    TRY(mailseal_plan_new(cx, mailseal_input_file("draft.eml"), policy, time(NULL), &plan, &err));
    for (i = 0; i < mailseal_plan_unreachable_count(plan); i++)
        print(mailseal_plan_unreachable_mailbox(plan, i));
    for (i = 0; i < mailseal_plan_group_count(plan); i++) {     /* compose fails while anyone is unreachable */
        char name[32];
        snprintf(name, sizeof name, "encrypted-%u.eml", (unsigned)i);
        TRY(mailseal_plan_compose(plan, i, composer, mailseal_input_file("draft.eml"), time(NULL), mailseal_output_file(name), &err));
    }
    /* [/encrypt] */
    goto done;
failed:
    status = failed_with(err);
done:
    mailseal_plan_free(plan); mailseal_composer_free(composer); mailseal_key_free(key);
    mailseal_context_free(cx); mailseal_policy_free(policy); mailseal_trust_store_free(trust);
    return status;
}

static int decrypt(void)
{
    mailseal_error *err = NULL;
    mailseal_key *key = NULL;
    mailseal_opened *opened = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx = mailseal_context_new(trust);
    mailseal_opener *opener = mailseal_opener_new(cx);
    int status = 0;
    /* [decrypt] */
    TRY(mailseal_key_load(mailseal_input_file("bob.pem"), no_password, NULL, NULL, &key, &err));
    TRY(mailseal_opener_add_key(opener, key, &err));            /* and so on: every key that the user ever had */
    if (mailseal_opener_open(opener, mailseal_input_file("openssl-encrypted.eml"), time(NULL), &opened, &err) != MAILSEAL_OPENED)
        goto failed;
    if (mailseal_opened_has_payload(opened))
        TRY(mailseal_opened_write(opened, mailseal_output_file("letter.eml"), &err));
    else
        printf("not decrypted\n");
    /* [/decrypt] */
    goto done;
failed:
    status = failed_with(err);
done:
    mailseal_opened_free(opened); mailseal_opener_free(opener); mailseal_key_free(key);
    mailseal_context_free(cx); mailseal_trust_store_free(trust);
    return status;
}

static int believe(void)
{
    mailseal_error *err = NULL;
    mailseal_opened *opened = NULL;
    mailseal_context *cx = NULL;
    mailseal_opener *opener = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    const mailseal_signature *signature = NULL;
    size_t i;
    int status = 0;
    /* [trust] */
    TRY(mailseal_trust_store_add_anchors(trust, mailseal_input_file("openssl-ca.pem"), "*@example.com until=2040-12-31 for=sign", &err));
    TRY(mailseal_trust_store_pin(trust, "carol@example.net", "4CBE56D25F8925B5FD0F42E12EEDC723E55B8957", &err));
    TRY(mailseal_trust_store_add_web_of_trust_root(trust, "CBB47BAA7122FBC47C12DEAB36197707BEE93BEE", 120, &err));
    cx = mailseal_context_new(trust);
    opener = mailseal_opener_new(cx);
    if (mailseal_opener_open(opener, mailseal_input_file("openssl.eml"), time(NULL), &opened, &err) != MAILSEAL_OPENED)
        goto failed;
    signature = mailseal_report_signature(mailseal_opened_report(opened), 0);
    for (i = 0; i < mailseal_signature_evidence_count(signature); i++)
        print(mailseal_evidence_text(mailseal_signature_evidence(signature, i), "en"));
    /* [/trust] */
    status = mailseal_signature_evidence_count(signature) > 0 ? 0 : 1;
    goto done;
failed:
    status = failed_with(err);
done:
    mailseal_opened_free(opened); mailseal_opener_free(opener); mailseal_context_free(cx); mailseal_trust_store_free(trust);
    return status;
}

/* [fetch] */
static int32_t fetch(void *userdata, const mailseal_request *request, mailseal_buffer *response)
{
    static unsigned char octets[4096];                          /* your HTTP client; mailseal_request_max_bytes bounds it */
    const char *known = "http://crl.example.com/strict-ca.crl";
    mailseal_slice url = mailseal_request_url(request);
    FILE *crl;
    size_t length;
    (void)userdata;
    if (url.length != strlen(known) || memcmp(url.data, known, url.length) != 0) return MAILSEAL_DECLINED;
    if ((crl = fopen("strict-ca.crl", "rb")) == NULL) return MAILSEAL_ERROR_UNAVAILABLE;
    length = fread(octets, 1, sizeof octets, crl);
    fclose(crl);
    return mailseal_buffer_append(response, octets, length);
}
/* [/fetch] */

static int revocation(void)
{
    mailseal_error *err = NULL;
    mailseal_opened *opened = NULL;
    mailseal_opener *opener = NULL;
    mailseal_verdict *verdict = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_policy *policy = mailseal_policy_standard();
    mailseal_status added = mailseal_trust_store_add_anchors(trust, mailseal_input_file("strict-ca.pem"), "any", &err);
    mailseal_context *cx = mailseal_context_new(trust);
    int status = 0;
    TRY(added);
    /* [fetch] */
    TRY(mailseal_context_set_fetcher(cx, fetch, NULL, NULL, &err));   /* or mailseal_context_add_revocations() */
    opener = mailseal_opener_new(cx);
    if (mailseal_opener_open(opener, mailseal_input_file("eve-revoked.eml"), time(NULL), &opened, &err) != MAILSEAL_OPENED)
        goto failed;
    verdict = mailseal_policy_judge(policy, mailseal_opened_report(opened));     /* MAILSEAL_OUTCOME_BAD: revoked */
    /* [/fetch] */
    status = mailseal_verdict_outcome(verdict) == MAILSEAL_OUTCOME_BAD ? 0 : 1;
    goto done;
failed:
    status = failed_with(err);
done:
    mailseal_verdict_free(verdict); mailseal_opened_free(opened); mailseal_opener_free(opener); mailseal_context_free(cx);
    mailseal_policy_free(policy); mailseal_trust_store_free(trust);
    return status;
}

static int gateway(void)
{
    mailseal_error *err = NULL;
    mailseal_opened *opened = NULL;
    mailseal_verdict *verdict = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_policy *policy = mailseal_policy_standard();
    mailseal_status added = mailseal_trust_store_add_anchors(trust, mailseal_input_file("openssl-ca.pem"), "any", &err);
    mailseal_context *cx = mailseal_context_new(trust);
    mailseal_opener *opener = mailseal_opener_new(cx);
    int status = 0;
    TRY(added);
    /* [gateway] */
    if (mailseal_opener_open(opener, mailseal_input_file("openssl.eml"), time(NULL), &opened, &err) != MAILSEAL_OPENED)
        goto failed;                                       /* later (SMFIS_TEMPFAIL): never pass, never bounce */
    verdict = mailseal_policy_judge(policy, mailseal_opened_report(opened));
    TRY(mailseal_opened_stamp(opened, verdict, "mx.example.org", mailseal_output_file("stamped.eml"), &err));
    /* [/gateway] */
    goto done;
failed:
    status = failed_with(err);
done:
    mailseal_verdict_free(verdict); mailseal_opened_free(opened); mailseal_opener_free(opener); mailseal_context_free(cx);
    mailseal_policy_free(policy); mailseal_trust_store_free(trust);
    return status;
}

int main(void)
{
    return sign() + verify() + act() + encrypt() + decrypt() + believe() + revocation() + gateway();
}
