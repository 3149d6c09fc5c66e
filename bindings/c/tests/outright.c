/* Encrypts to certificates outright, and to people whose certificates nobody but the program believes:
 *     outright CERTIFICATES SEVERAL KEY PASSWORD DRAFT CIPHER LETTER WRAPPED PLANNED
 * CERTIFICATES are of bob@example.net and those above it, SEVERAL of more people than one. */
#include <mailseal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TRY(call) do { if ((call) != MAILSEAL_OK) { line = __LINE__; goto failed; } } while (0)
#define CHECK(what) do { if (!(what)) { line = __LINE__; goto failed; } } while (0)

static int32_t ask(void *userdata, const mailseal_request *request, mailseal_buffer *password)
{
    const char *known = userdata;
    if (mailseal_request_attempt(request) > 0) return MAILSEAL_DECLINED;
    return mailseal_buffer_append(password, (const uint8_t *)known, strlen(known));
}

/* The fingerprint in "... certificate 41D0...9E is theirs". */
static int fingerprint_in(mailseal_slice text, char *fingerprint, size_t length)
{
    size_t at;
    for (at = 0; at + 12 + length <= text.length; at++) {
        if (memcmp(text.data + at, "certificate ", 12) != 0) continue;
        memcpy(fingerprint, text.data + at + 12, length);
        fingerprint[length] = 0;
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    mailseal_error *err = NULL;             mailseal_key *key = NULL;
    mailseal_plan *plan = NULL;             char fingerprint[65];
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx = mailseal_context_new(trust);
    mailseal_policy *policy = mailseal_policy_standard();
    mailseal_composer *composer = NULL, *wrapping = NULL, *planning = NULL;
    int64_t now = time(NULL);               int exit_status = 1, line = 0;

    if (argc != 10) {
        printf("skipped: needs certificates\n");
        exit_status = 0;
        goto done;
    }
    TRY(mailseal_context_add_certificates(cx, mailseal_input_file(argv[1]), &err));
    TRY(mailseal_key_load(mailseal_input_file(argv[3]), ask, argv[4], NULL, &key, &err));
    composer = mailseal_composer_new(cx);
    CHECK(mailseal_composer_encrypt_to(composer, mailseal_input_file(argv[2]), NULL) == MAILSEAL_ERROR_MISUSE);
    TRY(mailseal_composer_encrypt_to(composer, mailseal_input_file(argv[1]), &err));
    TRY(mailseal_composer_cipher(composer, argv[6], &err));
    TRY(mailseal_composer_compose(composer, mailseal_input_file(argv[5]), now, mailseal_output_file(argv[7]), &err));

    wrapping = mailseal_composer_new(cx);
    TRY(mailseal_composer_sign(wrapping, key, &err));
    TRY(mailseal_composer_encrypt_to(wrapping, mailseal_input_file(argv[1]), &err));
    TRY(mailseal_composer_triple_wrap(wrapping, true, &err));
    TRY(mailseal_composer_compose(wrapping, mailseal_input_file(argv[5]), now, mailseal_output_file(argv[8]), &err));

    planning = mailseal_composer_new(cx);
    TRY(mailseal_composer_sign(planning, key, &err));
    TRY(mailseal_plan_new(cx, mailseal_input_file(argv[5]), policy, now, &plan, &err));
    CHECK(mailseal_plan_unreachable_count(plan) == 1);
    CHECK(fingerprint_in(mailseal_plan_unreachable_reason(plan, 0), fingerprint, sizeof fingerprint - 1));
    CHECK(mailseal_plan_compose(plan, 0, planning, mailseal_input_file(argv[5]), now, mailseal_output_file(argv[9]), NULL)
          == MAILSEAL_ERROR_UNREACHABLE);
    TRY(mailseal_plan_accept(plan, "bob@example.net", fingerprint, &err));
    CHECK(mailseal_plan_unreachable_count(plan) == 0 && mailseal_plan_group_count(plan) == 1);
    CHECK(mailseal_plan_compose(plan, 1, planning, mailseal_input_file(argv[5]), now, mailseal_output_file(argv[9]), NULL)
          == MAILSEAL_ERROR_MISUSE);
    CHECK(mailseal_plan_compose(plan, 0, composer, mailseal_input_file(argv[5]), now, mailseal_output_file(argv[9]), NULL)
          == MAILSEAL_ERROR_MISUSE);                       /* it has recipients of its own */
    TRY(mailseal_plan_compose(plan, 0, planning, mailseal_input_file(argv[5]), now, mailseal_output_file(argv[9]), &err));
    exit_status = 0;
    goto done;
failed:
    printf("line %d: %s\n", line, mailseal_error_message(err));
done:
    mailseal_plan_free(plan);          mailseal_composer_free(planning);    mailseal_composer_free(wrapping);
    mailseal_composer_free(composer);  mailseal_policy_free(policy);        mailseal_context_free(cx);
    mailseal_trust_store_free(trust);  mailseal_key_free(key);              mailseal_error_free(err);
    return exit_status;
}
