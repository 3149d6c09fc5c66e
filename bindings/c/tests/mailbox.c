/* The letters of a mailbox. Arguments: anchors, a folder or mbox file, then for each letter what has to come of it:
   its number, reading and outcome, as "2,2,3". */
#include <mailseal.h>
#include <stdio.h>
#include <string.h>

static const int64_t at = 1800000000;

int main(int argc, char **argv)
{
    mailseal_error *err = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_policy *policy = mailseal_policy_standard();
    mailseal_context *cx = NULL;
    mailseal_opener *opener = NULL;
    mailseal_mailbox *mailbox = NULL;
    mailseal_stored_message *message = NULL;
    mailseal_status status;
    char found[64];
    int count = 0, failures = 0;

    if (argc < 3) return 2;
    status = mailseal_trust_store_add_anchors(trust, mailseal_input_file(argv[1]), "any", &err);
    if (status == MAILSEAL_OK) status = mailseal_mailbox_open(argv[2], &mailbox, &err);
    cx = mailseal_context_new(trust);
    opener = mailseal_opener_new(cx);
    while (status == MAILSEAL_OK && (status = mailseal_mailbox_next(mailbox, &message, &err)) == MAILSEAL_OK && message != NULL) {
        mailseal_opened *opened = NULL;
        mailseal_verdict *verdict = NULL;
        mailseal_slice path = mailseal_stored_message_path(message);
        status = mailseal_stored_message_open(message, opener, at, &opened, &err);
        if (status == MAILSEAL_OPENED) status = MAILSEAL_OK;
        verdict = mailseal_policy_judge(policy, mailseal_opened_report(opened));
        sprintf(found, "%d,%d,%d", (int)mailseal_stored_message_number(message), (int)mailseal_opened_reading(opened),
                (int)mailseal_verdict_outcome(verdict));
        if (3 + count >= argc || strcmp(found, argv[3 + count]) != 0) failures++;
        if (path.length < strlen(argv[2]) || memcmp(path.data, argv[2], strlen(argv[2])) != 0) failures++;
        if (mailseal_stored_message_length(message) == 0) failures++;
        printf("%.*s %s\n", (int)path.length, (const char *)path.data, found);
        count++;
        mailseal_verdict_free(verdict); mailseal_opened_free(opened); mailseal_stored_message_free(message);
    }
    if (status == MAILSEAL_OK) {
        /* The end stays the end. */
        message = NULL;
        if (mailseal_mailbox_next(mailbox, &message, &err) != MAILSEAL_OK || message != NULL) failures++;
        if (count != argc - 3) failures++;
    } else {
        printf("%d: %s\n", (int)status, mailseal_error_message(err));
    }
    mailseal_mailbox_free(mailbox); mailseal_opener_free(opener); mailseal_context_free(cx);
    mailseal_trust_store_free(trust); mailseal_policy_free(policy); mailseal_error_free(err);
    if (status != MAILSEAL_OK) return status == MAILSEAL_ERROR_MALFORMED ? 3 : 4;
    return failures != 0;
}
