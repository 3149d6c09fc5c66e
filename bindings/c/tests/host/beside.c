/* mailseal's static library, OpenSSL's and another one of Rust in one program: beside LETTERS */
#include <mailseal.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

uint64_t other_sum(const uint8_t *data, size_t length);
bool other_catches(void);

#define CHECK(what) do { if (!(what)) { fprintf(stderr, "line %d: %s: %s\n", __LINE__, #what, mailseal_error_message(err)); return 1; } } while (0)

int main(int argc, char **argv)
{
    static const uint8_t abc[32] = { 0xba, 0x78, 0x16, 0xbf };
    mailseal_error *err = NULL;
    mailseal_opened *opened = NULL;
    mailseal_trust_store *trust = mailseal_trust_store_new();
    mailseal_context *cx;
    mailseal_opener *opener;
    unsigned char digest[EVP_MAX_MD_SIZE], chance[16];
    unsigned length = 0;
    char path[1024];
    int i;
    if (argc != 2) return 2;
    snprintf(path, sizeof path, "%s/openssl-ca.pem", argv[1]);
    CHECK(mailseal_trust_store_add_anchors(trust, mailseal_input_file(path), "any", &err) == MAILSEAL_OK);
    cx = mailseal_context_new(trust);
    opener = mailseal_opener_new(cx);
    snprintf(path, sizeof path, "%s/openssl.eml", argv[1]);
    for (i = 0; i < 3; i++) {                       /* in turns */
        CHECK(EVP_Digest("abc", 3, digest, &length, EVP_sha256(), NULL) == 1 && length == 32 && memcmp(digest, abc, 4) == 0);
        CHECK(RAND_bytes(chance, sizeof chance) == 1);
        CHECK(mailseal_opener_open(opener, mailseal_input_file(path), 1800000000, &opened, &err) == MAILSEAL_OPENED);
        CHECK(mailseal_signature_trust(mailseal_report_signature(mailseal_opened_report(opened), 0)) == MAILSEAL_TRUST_TRUSTED);
        mailseal_opened_free(opened);
        CHECK(other_sum((const uint8_t *)"abc", 3) == 294);
        CHECK(other_catches());
    }
    mailseal_opener_free(opener); mailseal_context_free(cx); mailseal_trust_store_free(trust);
    return 0;
}
