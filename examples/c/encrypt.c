/* Writes a draft so that nobody but its recipients can read it:
 *     encrypt ANCHORS CERTIFICATES DRAFT [KEY [PASSWORD]]
 * CERTIFICATES are of the recipients; ANCHORS say which of them to believe; KEY signs, too.
 * The letters are 1.eml, 2.eml, ...; while one recipient cannot be reached there are none, and the exit status is 2. */
#include <mailseal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TRY(call) do { if ((call) != MAILSEAL_OK) goto failed; } while (0)

/* Called only where the key is protected; an OpenPGP key asks when it signs. */
static int32_t ask(void *userdata, const mailseal_request *request, mailseal_buffer *password)
{
    const char *known = (const char *)userdata;
    if (known == NULL || mailseal_request_attempt(request) > 0) return MAILSEAL_DECLINED;
    return mailseal_buffer_append(password, (const uint8_t *)known, strlen(known));
}

int main(int argc, char **argv)
{
    mailseal_error *err = NULL;             mailseal_plan *plan = NULL;
    mailseal_context *cx = NULL;            mailseal_composer *composer = NULL;
    mailseal_key *key = NULL;               mailseal_buffer *text = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_policy *policy = mailseal_policy_standard();
    int64_t now = time(NULL);               int exit_status = 2;
    char name[32];                          size_t group, i;

    if (argc < 4 || argc > 6) {
        fprintf(stderr, "usage: encrypt ANCHORS CERTIFICATES DRAFT [KEY [PASSWORD]]\n");
        goto done;
    }
    TRY(mailseal_trust_store_add_anchors(trust, mailseal_input_file(argv[1]), "any", &err));
    cx = mailseal_context_new(trust);
    TRY(mailseal_context_add_certificates(cx, mailseal_input_file(argv[2]), &err));
    composer = mailseal_composer_new(cx);
    if (argc > 4) {
        TRY(mailseal_key_load(mailseal_input_file(argv[4]), ask, argc > 5 ? argv[5] : NULL, NULL, &key, &err));
        TRY(mailseal_composer_sign(composer, key, &err));
    }
    TRY(mailseal_plan_new(cx, mailseal_input_file(argv[3]), policy, now, &plan, &err));
    text = mailseal_plan_text(plan, "en");                 /* who gets what; who gets nothing, and why */
    fwrite(mailseal_buffer_data(text), 1, mailseal_buffer_length(text), stdout);
    for (group = 0; group < mailseal_plan_group_count(plan); group++) {
        sprintf(name, "%lu.eml", (unsigned long)group + 1);
        TRY(mailseal_plan_compose(plan, group, composer, mailseal_input_file(argv[3]), now, mailseal_output_file(name), &err));
        printf("%s:", name);                               /* the recipients of the envelope */
        for (i = 0; i < mailseal_plan_group_mailbox_count(plan, group); i++) {
            mailseal_slice who = mailseal_plan_group_mailbox(plan, group, i);
            printf(" %.*s", (int)who.length, (const char *)who.data);
        }
        printf("\n");
    }
    exit_status = 0;
    goto done;
failed:
    fprintf(stderr, "could not encrypt: %s\n", mailseal_error_message(err));
done:
    mailseal_buffer_free(text);        mailseal_plan_free(plan);            mailseal_key_free(key);
    mailseal_composer_free(composer);  mailseal_context_free(cx);           mailseal_policy_free(policy);
    mailseal_trust_store_free(trust);  mailseal_error_free(err);
    return exit_status;
}
