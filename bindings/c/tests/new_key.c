/* Makes a key of each protocol, and signs with it. Arguments: a folder to write in, a draft from alice@example.org,
   perhaps a password. */
#include <mailseal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define CHECK(what) do { if (!(what)) { printf("line %d: %s\n", __LINE__, #what); failures++; } } while (0)
#define OK(call) do { mailseal_status s_ = (call); if (s_ != MAILSEAL_OK) { printf("line %d: %d %s\n", __LINE__, (int)s_, mailseal_error_message(err)); failures++; } mailseal_error_free(err); err = NULL; } while (0)
#define FAILS(call, wanted) do { CHECK((call) == (wanted)); mailseal_error_free(err); err = NULL; } while (0)

static const char *password;
static int failures;
static mailseal_error *err;
static char path[4096];

static const char *file(const char *folder, const char *name)
{
    sprintf(path, "%.3000s/%.500s", folder, name);
    return path;
}

static void keep(const char *folder, const char *name, mailseal_slice octets)
{
    FILE *out = fopen(file(folder, name), "wb");
    CHECK(out != NULL && fwrite(octets.data, 1, octets.length, out) == octets.length && fclose(out) == 0);
}

static int32_t ask(void *userdata, const mailseal_request *request, mailseal_buffer *buffer)
{
    (void)request;
    ++*(int *)userdata;
    return password == NULL ? MAILSEAL_OK : mailseal_buffer_append(buffer, (const uint8_t *)password, strlen(password));
}

/* A recipe for alice. */
static mailseal_new_key *alice(const char *protocol)
{
    mailseal_new_key *new_key = NULL;
    OK(mailseal_new_key_new(protocol, &new_key, &err));
    OK(mailseal_new_key_add_address(new_key, "alice@example.org", &err));
    OK(mailseal_new_key_set_name(new_key, "Alice Liddell", &err));
    return new_key;
}

/* The key opens with its password, and signs. */
static void sign(const mailseal_made_key *made, const char *draft, const char *out)
{
    mailseal_slice octets = mailseal_made_key_key(made);
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx = mailseal_context_new(trust);
    mailseal_composer *composer = mailseal_composer_new(cx);
    mailseal_key *key = NULL;
    int asked = 0;
    OK(mailseal_key_load(mailseal_input_memory(octets.data, octets.length), ask, &asked, NULL, &key, &err));
    OK(mailseal_composer_sign(composer, key, &err));
    OK(mailseal_composer_compose(composer, mailseal_input_file(draft), time(NULL), mailseal_output_file(out), &err));
    CHECK(password == NULL || asked == 1);
    mailseal_composer_free(composer); mailseal_key_free(key); mailseal_context_free(cx); mailseal_trust_store_free(trust);
}

static void openpgp(const char *folder, const char *draft)
{
    mailseal_new_key *new_key = alice("OpenPGP");
    mailseal_made_key *made = NULL, *other = NULL;
    OK(mailseal_new_key_set_expires(new_key, INT64_MAX, &err));
    OK(mailseal_new_key_make(new_key, password, time(NULL), &made, &err));
    CHECK(mailseal_made_key_request(made).data == NULL && mailseal_made_key_request(made).length == 0);
    keep(folder, "openpgp.asc", mailseal_made_key_certificate(made));
    keep(folder, "revoked.asc", mailseal_made_key_revocation(made));
    sign(made, draft, file(folder, "openpgp.eml"));
    /* Another one each time; and settings come too late. */
    OK(mailseal_new_key_make(new_key, NULL, time(NULL), &other, &err));
    CHECK(mailseal_made_key_certificate(other).length > 0);
    CHECK(memcmp(mailseal_made_key_certificate(other).data, mailseal_made_key_certificate(made).data, 200) != 0);
    FAILS(mailseal_new_key_version_6(new_key, &err), MAILSEAL_ERROR_MISUSE);
    mailseal_made_key_free(made); mailseal_made_key_free(other); mailseal_new_key_free(new_key);
}

static void smime(const char *folder, const char *draft)
{
    mailseal_new_key *new_key = alice("S/MIME"), *request = alice("S/MIME");
    mailseal_made_key *made = NULL;
    int64_t end = time(NULL) + 100 * 24 * 60 * 60;
    OK(mailseal_new_key_self_signed(new_key, &err));
    OK(mailseal_new_key_set_expires(new_key, end, &err));
    OK(mailseal_new_key_make(new_key, password, time(NULL), &made, &err));
    CHECK(mailseal_made_key_request(made).length == 0 && mailseal_made_key_revocation(made).length == 0);
    keep(folder, "smime.pem", mailseal_made_key_certificate(made));
    if (password != NULL) sign(made, draft, file(folder, "smime.eml"));   /* to read PKCS#12 takes long under valgrind */
    mailseal_made_key_free(made); mailseal_new_key_free(new_key);
    made = NULL;

    OK(mailseal_new_key_set_algorithm(request, "p-384", &err));
    OK(mailseal_new_key_make(request, password, time(NULL), &made, &err));
    CHECK(mailseal_made_key_certificate(made).length == 0 && mailseal_made_key_revocation(made).length == 0);
    keep(folder, "request.pem", mailseal_made_key_request(made));
    keep(folder, "key.pem", mailseal_made_key_key(made));
    mailseal_made_key_free(made); mailseal_new_key_free(request);
}

static void refused(void)
{
    mailseal_new_key *new_key = NULL;
    mailseal_made_key *made = NULL;
    FAILS(mailseal_new_key_new("PEM", &new_key, &err), MAILSEAL_ERROR_MISUSE);
    CHECK(new_key == NULL);
    OK(mailseal_new_key_new("S/MIME", &new_key, &err));
    FAILS(mailseal_new_key_make(new_key, NULL, 0, &made, &err), MAILSEAL_ERROR_MISUSE);      /* for nobody */
    mailseal_new_key_free(new_key);
    new_key = alice("S/MIME");
    FAILS(mailseal_new_key_add_address(new_key, "nobody", &err), MAILSEAL_ERROR_MISUSE);
    FAILS(mailseal_new_key_set_algorithm(new_key, "rsa-1024", &err), MAILSEAL_ERROR_MISUSE);
    OK(mailseal_new_key_version_6(new_key, &err));
    FAILS(mailseal_new_key_make(new_key, "", 0, &made, &err), MAILSEAL_ERROR_MISUSE);
    FAILS(mailseal_new_key_make(new_key, NULL, 0, &made, &err), MAILSEAL_ERROR_MISUSE);      /* of the other protocol */
    CHECK(made == NULL);
    mailseal_new_key_free(new_key);
}

int main(int argc, char **argv)
{
    if (argc != 3 && argc != 4) return 2;
    password = argv[3];
    openpgp(argv[1], argv[2]);
    smime(argv[1], argv[2]);
    refused();
    return failures != 0;
}
