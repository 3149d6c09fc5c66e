/* Signs a finished letter: sign KEY [PASSWORD] < draft.eml > signed.eml
 * KEY is PKCS#12, PEM with its certificates, or an OpenPGP secret key: what it is decides the protocol. */
#include <mailseal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TRY(call) do { if ((call) != MAILSEAL_OK) goto failed; } while (0)

/* Called only where the key is protected. A program with a user would ask here, and count the attempts. */
static int32_t ask(void *userdata, const mailseal_request *request, mailseal_buffer *password)
{
    char *known = (char *)userdata;
    if (known == NULL || mailseal_request_attempt(request) > 0) return MAILSEAL_DECLINED;
    return mailseal_buffer_take_secret(password, known, strlen(known));       /* copies, then wipes */
}

int main(int argc, char **argv)
{
    mailseal_error *err = NULL;
    mailseal_key *key = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx = mailseal_context_new(trust);
    mailseal_composer *composer = mailseal_composer_new(cx);
    mailseal_buffer *mail = mailseal_buffer_new();
    int exit_status = 2;

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: sign KEY [PASSWORD] < draft.eml > signed.eml\n");
        goto done;
    }
    TRY(mailseal_key_load(mailseal_input_file(argv[1]), ask, argc > 2 ? argv[2] : NULL, NULL, &key, &err));
    TRY(mailseal_composer_sign(composer, key, &err));
    TRY(mailseal_composer_compose(composer, mailseal_input_fd(0), time(NULL), mailseal_output_buffer(mail), &err));
    fwrite(mailseal_buffer_data(mail), 1, mailseal_buffer_length(mail), stdout);
    exit_status = fflush(stdout) == 0 ? 0 : 2;
    goto done;
failed:
    fprintf(stderr, "could not sign: %s\n", mailseal_error_message(err));
done:
    mailseal_buffer_free(mail);        mailseal_composer_free(composer);    mailseal_context_free(cx);
    mailseal_trust_store_free(trust);  mailseal_key_free(key);              mailseal_error_free(err);
    return exit_status;
}
