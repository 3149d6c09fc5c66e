/* Signs with a key that another program holds: elsewhere CERTIFICATES DRAFT SIGNED SCHEME one|two|sealed|open COMMAND
 * COMMAND reads in.bin and writes out.bin. One phase or two; or one, and encrypted to the same certificate. To open, a
 * letter for that certificate takes the place of the draft, and what was inside is written; status 3 where it stays closed. */
#include <mailseal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TRY(call) do { if ((call) != MAILSEAL_OK) goto failed; } while (0)

static int finalized;

static void finalize(void *userdata) { (void)userdata; finalized++; }

static const char *only;                                      /* the one scheme of the command, for decryption */

static int32_t sign(void *userdata, const char *scheme, mailseal_slice to_sign, mailseal_buffer *signature)
{
    unsigned char bytes[1024];
    size_t length;
    FILE *file;
    if (only != NULL && strcmp(scheme, only) != 0) return MAILSEAL_DECLINED;
    file = fopen("in.bin", "wb");
    if (file == NULL || fwrite(to_sign.data, 1, to_sign.length, file) != to_sign.length || fclose(file) != 0)
        return MAILSEAL_ERROR_KEY_UNAVAILABLE;
    if (system((const char *)userdata) != 0 || (file = fopen("out.bin", "rb")) == NULL)
        return MAILSEAL_ERROR_KEY_UNAVAILABLE;
    length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    return mailseal_buffer_append(signature, bytes, length);
}

static int32_t wrong(void *userdata, const char *scheme, mailseal_slice to_sign, mailseal_buffer *signature)
{
    (void)userdata; (void)scheme;
    return mailseal_buffer_append(signature, to_sign.data, to_sign.length);
}

static int opens(char **argv, mailseal_error **err)
{
    mailseal_key *key = NULL;
    mailseal_opened *opened = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx = mailseal_context_new(trust);
    mailseal_opener *opener = mailseal_opener_new(cx);
    int exit_status = 1;
    only = argv[4];
    TRY(mailseal_key_external_decryption(mailseal_input_file(argv[1]), sign, argv[6], finalize, &key, err));
    TRY(mailseal_opener_add_key(opener, key, err));
    mailseal_key_free(key);
    key = NULL;
    if (finalized != 0) goto failed;
    if (mailseal_opener_open(opener, mailseal_input_file(argv[2]), time(NULL), &opened, err) != MAILSEAL_OPENED) {
        if (mailseal_error_status(*err) == MAILSEAL_ERROR_KEY_UNAVAILABLE) exit_status = 4;
        goto failed;
    }
    exit_status = 3;
    if (!mailseal_opened_has_payload(opened)) goto failed;
    exit_status = 1;
    TRY(mailseal_opened_write(opened, mailseal_output_file(argv[3]), err));
    exit_status = 0;
failed:
    mailseal_opened_free(opened); mailseal_opener_free(opener); mailseal_context_free(cx);
    mailseal_trust_store_free(trust); mailseal_key_free(key);
    return finalized == 1 ? exit_status : 5;
}

int main(int argc, char **argv)
{
    mailseal_error *err = NULL;
    mailseal_key *key = NULL;
    mailseal_prepared *prepared = NULL;
    mailseal_buffer *signature = mailseal_buffer_new();
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx = mailseal_context_new(trust);
    mailseal_composer *composer = mailseal_composer_new(cx);
    int exit_status = 1;

    if (argc != 7) {
        printf("skipped: needs certificates and a command\n");
        exit_status = 0;
        goto done;
    }
    if (strcmp(argv[5], "open") == 0) {
        exit_status = opens(argv, &err);
        if (exit_status == 0) goto done;
        goto failed;
    }
    if (strcmp(argv[5], "two") != 0) {
        mailseal_composer *broken = mailseal_composer_new(cx);
        TRY(mailseal_key_external(mailseal_input_file(argv[1]), argv[4], wrong, NULL, finalize, &key, &err));
        TRY(mailseal_composer_sign(broken, key, &err));
        mailseal_key_free(key);
        key = NULL;
        if (mailseal_composer_compose(broken, mailseal_input_file(argv[2]), time(NULL), mailseal_output_file(argv[3]), &err)
            != MAILSEAL_ERROR_KEY_MALFORMED || fopen(argv[3], "rb") != NULL || finalized != 0)
            goto failed;
        mailseal_error_free(err);
        err = NULL;
        mailseal_composer_free(broken);
        if (finalized != 1) goto failed;
        TRY(mailseal_key_external(mailseal_input_file(argv[1]), argv[4], sign, argv[6], NULL, &key, &err));
        TRY(mailseal_composer_sign(composer, key, &err));
        if (strcmp(argv[5], "sealed") == 0) TRY(mailseal_composer_encrypt_to(composer, mailseal_input_file(argv[1]), &err));
        TRY(mailseal_composer_compose(composer, mailseal_input_file(argv[2]), time(NULL), mailseal_output_file(argv[3]), &err));
    } else {
        TRY(mailseal_key_deferred(mailseal_input_file(argv[1]), &key, &err));
        TRY(mailseal_composer_sign(composer, key, &err));
        TRY(mailseal_composer_prepare(composer, mailseal_input_file(argv[2]), time(NULL), &prepared, &err));
        TRY(sign(argv[6], argv[4], mailseal_prepared_to_sign(prepared), signature));
        TRY(mailseal_prepared_finish(prepared, mailseal_buffer_data(signature), mailseal_buffer_length(signature),
                                     mailseal_output_file(argv[3]), &err));
        if (mailseal_prepared_finish(prepared, mailseal_buffer_data(signature), mailseal_buffer_length(signature),
                                     mailseal_output_buffer(signature), NULL) != MAILSEAL_ERROR_MISUSE)
            goto failed;
    }
    exit_status = 0;
    goto done;
failed:
    printf("failed: %s\n", mailseal_error_message(err));
done:
    mailseal_prepared_free(prepared);  mailseal_composer_free(composer);    mailseal_context_free(cx);
    mailseal_trust_store_free(trust);  mailseal_key_free(key);              mailseal_buffer_free(signature);
    mailseal_error_free(err);
    return exit_status;
}
