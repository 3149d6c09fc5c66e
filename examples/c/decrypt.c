/* Opens an encrypted letter: decrypt KEY MESSAGE OUT [PASSWORD]
 * Exit status: 0 all that was inside is in OUT, 1 it stayed encrypted and there is no OUT, 2 could not look.
 * Who wrote it is another question: see verify.c. */
#include <mailseal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TRY(call) do { if ((call) != MAILSEAL_OK) goto failed; } while (0)

/* For the key, and for letters that are encrypted to a password. A program with a user would ask here. */
static int32_t ask(void *userdata, const mailseal_request *request, mailseal_buffer *password)
{
    const char *known = (const char *)userdata;
    if (known == NULL || mailseal_request_attempt(request) > 0) return MAILSEAL_DECLINED;
    return mailseal_buffer_append(password, (const uint8_t *)known, strlen(known));
}

int main(int argc, char **argv)
{
    static const char *const what[] = { "not tried", "no key for it", "failed", "withheld", "opened" };
    mailseal_error *err = NULL;             mailseal_opened *opened = NULL;
    mailseal_key *key = NULL;               char *password = argc > 4 ? argv[4] : NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx = mailseal_context_new(trust);
    mailseal_opener *opener = mailseal_opener_new(cx);
    const mailseal_report *report;          int exit_status = 2;
    size_t i;

    if (argc < 4 || argc > 5) {
        fprintf(stderr, "usage: decrypt KEY MESSAGE OUT [PASSWORD]\n");
        goto done;
    }
    TRY(mailseal_key_load(mailseal_input_file(argv[1]), ask, password, NULL, &key, &err));
    TRY(mailseal_opener_add_key(opener, key, &err));       /* add every key that the user ever had */
    TRY(mailseal_opener_set_password(opener, ask, password, NULL, &err));
    if (mailseal_opener_open(opener, mailseal_input_file(argv[2]), time(NULL), &opened, &err) != MAILSEAL_OPENED)
        goto failed;
    report = mailseal_opened_report(opened);
    for (i = 0; i < mailseal_report_layer_count(report); i++) {
        const mailseal_layer *layer = mailseal_report_layer(report, i);
        mailseal_slice cipher = mailseal_layer_cipher(layer);
        mailseal_decryption seen = mailseal_layer_decryption(layer);
        if (mailseal_layer_kind(layer) != MAILSEAL_LAYER_ENCRYPTED) continue;
        printf("part %s: %.*s, %s\n", mailseal_layer_part(layer), (int)cipher.length, (const char *)cipher.data,
               seen >= 0 && seen <= MAILSEAL_DECRYPTION_OPENED ? what[seen] : what[0]);
    }
    exit_status = 1;
    if (mailseal_opened_has_payload(opened)) {             /* none where a layer stayed encrypted: no error, a finding */
        exit_status = 2;
        TRY(mailseal_opened_write(opened, mailseal_output_file(argv[3]), &err));
        exit_status = 0;
    }
    goto done;
failed:
    fprintf(stderr, "could not look: %s\n", mailseal_error_message(err));
done:
    mailseal_opened_free(opened);      mailseal_opener_free(opener);        mailseal_key_free(key);
    mailseal_context_free(cx);         mailseal_trust_store_free(trust);    mailseal_error_free(err);
    return exit_status;
}
