/* Says who signed a letter: verify ANCHORS MESSAGE
 * Exit status: 0 good, 1 any other verdict, 2 could not look. */
#include <mailseal.h>
#include <stdio.h>
#include <time.h>

#define TRY(call) do { if ((call) != MAILSEAL_OK) goto failed; } while (0)

int main(int argc, char **argv)
{
    mailseal_error *err = NULL;             mailseal_opened *opened = NULL;
    mailseal_verdict *verdict = NULL;       mailseal_buffer *text = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_policy *policy = mailseal_policy_standard();
    mailseal_context *cx = NULL;            mailseal_opener *opener = NULL;
    const mailseal_report *report;          int exit_status = 2;
    size_t i;

    if (argc != 3) {
        fprintf(stderr, "usage: verify ANCHORS MESSAGE\n");
        goto done;
    }
    TRY(mailseal_trust_store_add_anchors(trust, mailseal_input_file(argv[1]), "any", &err));
    cx = mailseal_context_new(trust);                      /* NULL passed on is an error, never a crash */
    opener = mailseal_opener_new(cx);
    if (mailseal_opener_open(opener, mailseal_input_file(argv[2]), time(NULL), &opened, &err) != MAILSEAL_OPENED)
        goto failed;                                       /* MAILSEAL_OPENED, not _OK: looked, nothing judged yet */
    report = mailseal_opened_report(opened);               /* borrowed: lives as long as opened */
    verdict = mailseal_policy_judge(policy, report);
    text = mailseal_verdict_text(verdict, report, "en");
    fwrite(mailseal_buffer_data(text), 1, mailseal_buffer_length(text), stdout);
    for (i = 0; i < mailseal_report_signature_count(report); i++) {
        mailseal_slice who = mailseal_signature_signer_mailbox(mailseal_report_signature(report, i));
        printf("signer %lu: %.*s\n", (unsigned long)i + 1, (int)who.length, (const char *)who.data);
    }
    exit_status = mailseal_verdict_outcome(verdict) == MAILSEAL_OUTCOME_GOOD ? 0 : 1;
    goto done;
failed:
    fprintf(stderr, "could not look: %s\n", mailseal_error_message(err));
done:
    mailseal_buffer_free(text);        mailseal_verdict_free(verdict);      mailseal_opened_free(opened);
    mailseal_opener_free(opener);      mailseal_context_free(cx);           mailseal_policy_free(policy);
    mailseal_trust_store_free(trust);  mailseal_error_free(err);            /* each takes NULL */
    return exit_status;
}
