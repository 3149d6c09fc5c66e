/* Why a letter is believed: trust ANCHORS SCOPE MESSAGE [DOWNLOADS [ADDRESS FINGERPRINT]]
 * SCOPE is for whom, what and how long the anchors may speak: "*@partner.example until=2027-12-31 for=sign".
 * DOWNLOADS is a folder with what would be fetched, CRLs above all; "-" or nothing fetches nothing, and says what is
 * wanted. FINGERPRINT, which its owner read out to you, pins ADDRESS to one certificate.
 * Exit status: 0 good, 1 any other verdict, 2 could not look. */
#include <mailseal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TRY(call) do { if ((call) != MAILSEAL_OK) goto failed; } while (0)

/* Serves files by the last word of the URL. Another program asks its HTTP client here; within the same bounds, and
 * without following names that lead into its own network. */
static int32_t fetch(void *folder, const mailseal_request *request, mailseal_buffer *response)
{
    mailseal_slice url = mailseal_request_url(request);
    uint64_t left = mailseal_request_max_bytes(request);
    int32_t status = MAILSEAL_OK;
    size_t start = url.length, length;
    char path[1024];
    uint8_t bytes[4096];
    FILE *file;

    if (mailseal_request_purpose(request) != MAILSEAL_PURPOSE_CRL) return MAILSEAL_DECLINED;  /* say no to what you do not want */
    while (start > 0 && url.data[start - 1] != '/') start--;
    length = url.length - start;
    if (length == 0 || url.data[start] == '.' || memchr(url.data + start, 0, length) != NULL ||
        strlen((const char *)folder) + length + 2 > sizeof path)
        return MAILSEAL_DECLINED;
    sprintf(path, "%s/%.*s", (const char *)folder, (int)length, (const char *)url.data + start);
    file = fopen(path, "rb");
    if (file == NULL) return MAILSEAL_ERROR_UNAVAILABLE;
    while (status == MAILSEAL_OK && (length = fread(bytes, 1, sizeof bytes, file)) > 0) {
        status = length <= left ? mailseal_buffer_append(response, bytes, length) : MAILSEAL_ERROR_UNAVAILABLE;
        left -= length;
    }
    if (ferror(file)) status = MAILSEAL_ERROR_UNAVAILABLE;
    fclose(file);
    return status;
}

static void print(const char *before, mailseal_slice slice)
{
    printf("%s%.*s\n", before, (int)slice.length, (const char *)slice.data);
}

/* Each path, and each step of it: its dates, its checks, and where it came from. */
static void explain(const mailseal_signature *signature)
{
    size_t i, j;
    for (i = 0; i < mailseal_signature_evidence_count(signature); i++) {
        const mailseal_evidence *evidence = mailseal_signature_evidence(signature, i);
        print("", mailseal_evidence_text(evidence, "en"));
        for (j = 0; j < mailseal_evidence_step_count(evidence); j++)
            print("  ", mailseal_evidence_step_text(evidence, j, "en"));
    }
}

int main(int argc, char **argv)
{
    mailseal_error *err = NULL;             mailseal_opened *opened = NULL;
    mailseal_verdict *verdict = NULL;       mailseal_buffer *text = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_policy *policy = mailseal_policy_standard();
    mailseal_context *cx = NULL;            mailseal_opener *opener = NULL;
    const mailseal_report *report;          int exit_status = 2;
    size_t i;

    if (argc < 4 || argc > 7 || argc == 6) {
        fprintf(stderr, "usage: trust ANCHORS SCOPE MESSAGE [DOWNLOADS [ADDRESS FINGERPRINT]]\n");
        goto done;
    }
    TRY(mailseal_trust_store_add_anchors(trust, mailseal_input_file(argv[1]), argv[2], &err));
    if (argc == 7) TRY(mailseal_trust_store_pin(trust, argv[5], argv[6], &err));      /* short: an error, wants all of it */
    cx = mailseal_context_new(trust);
    if (argc > 4 && strcmp(argv[4], "-") != 0) TRY(mailseal_context_set_fetcher(cx, fetch, argv[4], NULL, &err));
    opener = mailseal_opener_new(cx);
    if (mailseal_opener_open(opener, mailseal_input_file(argv[3]), time(NULL), &opened, &err) != MAILSEAL_OPENED)
        goto failed;
    report = mailseal_opened_report(opened);
    verdict = mailseal_policy_judge(policy, report);
    text = mailseal_verdict_text(verdict, report, "en");
    fwrite(mailseal_buffer_data(text), 1, mailseal_buffer_length(text), stdout);
    for (i = 0; i < mailseal_report_signature_count(report); i++)
        explain(mailseal_report_signature(report, i));
    for (i = 0; i < mailseal_report_want_count(report); i++)
        print("would help: ", mailseal_request_url(mailseal_report_want(report, i)));
    exit_status = mailseal_verdict_outcome(verdict) == MAILSEAL_OUTCOME_GOOD ? 0 : 1;
    goto done;
failed:
    fprintf(stderr, "could not look: %s\n", mailseal_error_message(err));
done:
    mailseal_buffer_free(text);        mailseal_verdict_free(verdict);      mailseal_opened_free(opened);
    mailseal_opener_free(opener);      mailseal_context_free(cx);           mailseal_policy_free(policy);
    mailseal_trust_store_free(trust);  mailseal_error_free(err);
    return exit_status;
}
