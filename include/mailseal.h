/*
 * mailseal signs and encrypts mail, opens it, and says who signed it: S/MIME and PGP/MIME.
 *
 * Conventions (who frees what, NULL, threads, status numbers) are on one page: include/README.md.
 * Made by cbindgen from bindings/c/src; not edited by hand.
 */

#ifndef MAILSEAL_H
#define MAILSEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Major version. Programs built with one major version run with every library of it; while it is 0, of one minor
// version.
#define MAILSEAL_VERSION_MAJOR 0

// Minor version: something was added.
#define MAILSEAL_VERSION_MINOR 1

// Patch version.
#define MAILSEAL_VERSION_PATCH 0

// All three as one number that grows.
#define MAILSEAL_VERSION_NUMBER (((MAILSEAL_VERSION_MAJOR << 16) | (MAILSEAL_VERSION_MINOR << 8)) | MAILSEAL_VERSION_PATCH)

// Octets that mailseal owns. Wiped when freed.
typedef struct mailseal_buffer mailseal_buffer;

// Ends calls early, from any thread: those whose input it was given with (`mailseal_input_set_cancel`). Once on, it stays
// on. May be freed at any time after that.
typedef struct mailseal_cancel mailseal_cancel;

// A public certificate: X.509 or OpenPGP. Finding one is not trusting it.
typedef struct mailseal_certificate mailseal_certificate;

// The certificates that are known for an address, and why each is believed to be its own, or not.
typedef struct mailseal_claims mailseal_claims;

// How two copies of a message differ.
typedef struct mailseal_comparison mailseal_comparison;

// Recipe for outgoing letters. Takes settings until the first letter.
typedef struct mailseal_composer mailseal_composer;

// What all calls may know and use: trust, certificates, bounds. Takes settings until an opener or a composer is made
// of it. It knows no time: that goes to each call.
typedef struct mailseal_context mailseal_context;

// What was done to a message on its way, as far as it can be told from it alone. Never a verdict.
typedef struct mailseal_diagnosis mailseal_diagnosis;

// What the policy says of a letter, for each of its recipients and for all.
typedef struct mailseal_dispatch mailseal_dispatch;

// Signs letters for a domain (DKIM). Never changes; shared by all threads.
typedef struct mailseal_dkim_signer mailseal_dkim_signer;

// Checks SPF, DKIM, ARC and DMARC of letters. Never changes; shared by all threads.
typedef struct mailseal_domain_check mailseal_domain_check;

// Why a call failed. Yours to free.
typedef struct mailseal_error mailseal_error;

// Why a signer is believed: a path that starts at you. Lives as long as its report.
typedef struct mailseal_evidence mailseal_evidence;

// One observation on a letter, a layer or a signature. Lives as long as its report.
typedef struct mailseal_finding mailseal_finding;

// What is read: a letter, a key, certificates. Consumed by the call that reads it, also where that fails. What is
// wrong with it, that call says.
typedef struct mailseal_input mailseal_input;

// A private key, or its proxy, with its certificates. What kind of key it is decides the protocol.
typedef struct mailseal_key mailseal_key;

// One layer of cryptography. Lives as long as its report.
typedef struct mailseal_layer mailseal_layer;

// A key that was made, as files hold it. What is secret is wiped when it is freed.
typedef struct mailseal_made_key mailseal_made_key;

// The letters of an mbox file, a Maildir (`cur` and `new`), or a folder of `.eml` files, one after the other; of folders,
// by name.
typedef struct mailseal_mailbox mailseal_mailbox;

// What is remembered of correspondents, in a file. It makes findings (`"usually_signed"`, `"key_changed"`, `"lookalike"`),
// never trust; only a pin is trust.
typedef struct mailseal_memory mailseal_memory;

// Recipe for a new key. Takes settings until the first key is made; each key that is made of it is another one.
typedef struct mailseal_new_key mailseal_new_key;

// A letter that was looked at: its report, and what its layers wrap.
typedef struct mailseal_opened mailseal_opened;

// Recipe for incoming letters. Takes keys until the first letter; then unchanging, shared by all threads.
typedef struct mailseal_opener mailseal_opener;

// Where a letter goes. Consumed by the call that writes it, also where that fails. Files and buffers get all of it or
// nothing; of descriptors and functions, what was written before a failure is worthless.
typedef struct mailseal_output mailseal_output;

// One part of a letter. Lives as long as its report.
typedef struct mailseal_part mailseal_part;

// Who of a draft's recipients gets what, and who gets nothing: shown before anything is sent. Nobody is dropped
// silently: while somebody is unreachable, no letter is written.
typedef struct mailseal_plan mailseal_plan;

// What a report is worth: a dated preset that never changes. Pure: the same report gives the same verdict.
typedef struct mailseal_policy mailseal_policy;

// What a service would do to letters that are signed before it gets them, so that they arrive as not signed, altered, or
// signed by somebody else.
typedef struct mailseal_preflight mailseal_preflight;

// A letter that lacks its signature.
typedef struct mailseal_prepared mailseal_prepared;

// What was seen in a letter. What it is worth, a policy says. Lives as long as the opened letter.
typedef struct mailseal_report mailseal_report;

// What a password or a download is asked for. Lives until the callback returns; that of a report as long as the report.
typedef struct mailseal_request mailseal_request;

// One signature, by one signer. Lives as long as its report.
typedef struct mailseal_signature mailseal_signature;

// One letter of a mailbox, where it lies; nothing of it is in memory.
typedef struct mailseal_stored_message mailseal_stored_message;

// Whom the program trusts, and for whom they may speak. Takes anchors until a context is made of it.
typedef struct mailseal_trust_store mailseal_trust_store;

// What a letter is worth by a policy, and why.
typedef struct mailseal_verdict mailseal_verdict;

// The proof that a letter is good, by a policy and from a sender that the program named. There is no other way to one
// than `mailseal_verify` and `mailseal_opened_require`; "not verified" is NULL.
typedef struct mailseal_verified mailseal_verified;

// What a call did: `MAILSEAL_OK`, `MAILSEAL_OPENED`, or one of `MAILSEAL_ERROR_...`.
//
// From 100 to 199 the program is wrong (misuse; never caused by octets from outside). From 200 on mailseal could not
// look, or not write; what was seen in a letter, however bad, is never an error. 900 is a fault of mailseal itself.
typedef int32_t mailseal_status;

// Octets that are borrowed: of whose they are, the function says that returned them. Text is UTF-8 and not ended by a
// zero octet: print it with `"%.*s", (int)slice.length, (const char *)slice.data`. Empty is `{NULL, 0}`.
typedef struct {
    // The first octet, or NULL.
    const uint8_t *data;
    // How many there are.
    size_t length;
} mailseal_slice;

// Fetches what `request` says, within its bounds: appends the answer to `response` and returns `MAILSEAL_OK`, or
// `MAILSEAL_DECLINED` for what it does not fetch, or `MAILSEAL_ERROR_UNAVAILABLE`. Nothing of that fails the call that
// looks at a letter: what is not known for want of it is a finding. Called in any thread that looks at letters or makes
// plans, by several at once; `request` and `response` live until it returns.
typedef int32_t (*mailseal_fetch_callback)(void *userdata,
                                           const mailseal_request *request,
                                           mailseal_buffer *response);

// Told once that `userdata` is not needed any more, also where the call that it was given to has failed.
typedef void (*mailseal_finalizer)(void *userdata);

// What is done with a letter: one of `MAILSEAL_ACTION_...`, the strictest first.
typedef int32_t mailseal_action;

// What came of looking for what was done to a message: one of `MAILSEAL_DIAGNOSIS_...`.
typedef int32_t mailseal_diagnosis_outcome;

// Answers a question to the DNS: appends the records of this name and kind (`"TXT"`, `"MX"`, `"A"`, `"AAAA"`, `"PTR"`) to
// `records`, each with a zero octet behind it, and returns `MAILSEAL_OK`, also where the name has records of other kinds
// only; `MAILSEAL_DECLINED` where there is no such name; anything else where there was no answer, which is not the same:
// later there may be one. Records are as in a zone file, without quotes: of TXT the strings joined, of MX
// `10 mail.example.net`. `name` is in lower case without a dot at its end. It has to end in bounded time. Called in any
// thread that checks letters, by several at once; what it was given lives until it returns.
typedef int32_t (*mailseal_lookup_callback)(void *userdata,
                                            const char *name,
                                            const char *kind,
                                            mailseal_buffer *records);

// What a finding does to a verdict: one of `MAILSEAL_SEVERITY_...`.
typedef int32_t mailseal_severity;

// Reads: puts at most `capacity` octets into `data` and their number into `*length`, 0 at the end, and returns
// `MAILSEAL_OK`; anything else is a failure to read.
typedef int32_t (*mailseal_read_callback)(void *userdata, uint8_t *data, size_t capacity, size_t *length);

// Told how far the reading of a letter is: octets read so far, each reading of them counted, and the length of the
// letter, `UINT64_MAX` while it is not known. A letter is read two to four times, and once more where it is written.
// Called about once for each MiB, in the thread that reads; it may call `mailseal_cancel_cancel`.
typedef void (*mailseal_progress_callback)(void *userdata, uint64_t octets, uint64_t total);

// Asks for a password: puts it into `password` and returns `MAILSEAL_OK`, or gives up with `MAILSEAL_DECLINED`.
// Called in the thread of the call that needs it, by several at once where they share an opener; must not use the key
// that it is asked for. `request` and `password` live until it returns.
typedef int32_t (*mailseal_password_callback)(void *userdata,
                                              const mailseal_request *request,
                                              mailseal_buffer *password);

// Told of one use of a private key: `line` is JSON on one line without its end (`version`, `operation`, `protocol`,
// `certificate`, `key`, `method`, `result`); when it is, the program knows. There is nothing secret in it, and of a
// decryption it says that it was tried, never whether it succeeded. Called in any thread that uses the key, by several at
// once; `line` lives until it returns.
typedef void (*mailseal_audit_callback)(void *userdata, mailseal_slice line);

// Signs with a key that lives elsewhere: appends the signature to `signature` and returns `MAILSEAL_OK`, or
// `MAILSEAL_ERROR_KEY_UNAVAILABLE`. RSA and ECDSA are given a digest, Ed25519 the digest in OpenPGP and the (small)
// signed attributes in S/MIME. ECDSA signatures are DER ECDSA-Sig-Value (RFC 3279 section 2.2.3). Called in any thread
// that signs, by several at once; what it was given lives until it returns.
typedef int32_t (*mailseal_sign_callback)(void *userdata,
                                          const char *scheme,
                                          mailseal_slice to_sign,
                                          mailseal_buffer *signature);

// Opens the key of a letter with a private key that lives elsewhere: appends what comes out to `opened` and returns
// `MAILSEAL_OK`; `MAILSEAL_ERROR_KEY_UNAVAILABLE` where the key does not answer now, which fails the call; anything else
// for all that is wrong with `wrapped`, of which nobody is told. For RSA, `method` is `"rsa-pkcs1"` or
// `"rsa-oaep-sha256"` (with `"-mgf1-sha1"` behind it where MGF1 has another hash), `wrapped` what is encrypted to the
// key, and what comes out the octets without their padding. For `"ecdh"`, `wrapped` is the public key of the other side
// (an uncompressed point, SEC 1 section 2.3.3, or the octets of RFC 7748), and what comes out the shared secret: the x
// coordinate with its leading zeros, or the octets of RFC 7748. With `"rsa-pkcs1"` nobody who sees the program work may
// learn whether the padding was right. Called in any thread that opens letters, by several at once; what it was given
// lives until it returns.
typedef int32_t (*mailseal_decrypt_callback)(void *userdata,
                                             const char *method,
                                             mailseal_slice wrapped,
                                             mailseal_buffer *opened);

// What a layer is: one of `MAILSEAL_LAYER_...`.
typedef int32_t mailseal_layer_type;

// Some octets of a letter: from `start` on, `end` is not one of them. `{0, 0}` is none.
typedef struct {
    // The first octet, counted from 0.
    uint64_t start;
    // The octet after the last.
    uint64_t end;
} mailseal_range;

// What came of an encrypted layer: one of `MAILSEAL_DECRYPTION_...`.
typedef int32_t mailseal_decryption;

// How a content key reaches its recipient: one of `MAILSEAL_RECIPIENT_...`.
typedef int32_t mailseal_recipient_kind;

// How the lines of an mbox file were read that begin with `>From `: one of `MAILSEAL_READING_...`.
typedef int32_t mailseal_reading;

// Writes all of `octets` and returns `MAILSEAL_OK`; anything else is a failure to write.
typedef int32_t (*mailseal_write_callback)(void *userdata, mailseal_slice octets);

// What is known of a header field of the letter: one of `MAILSEAL_HEADER_...`.
typedef int32_t mailseal_header;

// What protects a header field (RFC 9788 section 4.3): one of `MAILSEAL_FIELD_...`.
typedef int32_t mailseal_field_protection;

// What something is fetched for: one of `MAILSEAL_PURPOSE_...`.
typedef int32_t mailseal_purpose;

// Whether the octets are those that were signed: one of `MAILSEAL_INTEGRITY_...`. Says nothing about who signed.
typedef int32_t mailseal_integrity;

// Whether anything the program trusts says who the signer is: one of `MAILSEAL_TRUST_...`.
typedef int32_t mailseal_trust;

// What a letter is worth, in one word: one of `MAILSEAL_OUTCOME_...`.
typedef int32_t mailseal_outcome;

// It is not sent, or not taken.
#define MAILSEAL_ACTION_REFUSE 0

// It waits until somebody lets it go.
#define MAILSEAL_ACTION_HOLD 1

// Somebody is asked first.
#define MAILSEAL_ACTION_ASK 2

// It goes its way.
#define MAILSEAL_ACTION_PASS 3

// There is no signature that could be looked at.
#define MAILSEAL_DIAGNOSIS_NOT_SIGNED 6

// The signature holds: there is nothing to find out.
#define MAILSEAL_DIAGNOSIS_INTACT 1

// Undoing the changes gives octet for octet what was signed, and they changed the form alone.
#define MAILSEAL_DIAGNOSIS_EXPLAINED 2

// What was signed is in it, but a reader sees more than that, or other.
#define MAILSEAL_DIAGNOSIS_MIXED 3

// Nothing that is known gives what was signed. It may be forged.
#define MAILSEAL_DIAGNOSIS_UNEXPLAINED 4

// The signature itself does not hold, whatever the content.
#define MAILSEAL_DIAGNOSIS_SIGNATURE_BROKEN 5

// It cannot be told: the certificate is missing, or something is not known here.
#define MAILSEAL_DIAGNOSIS_UNTESTED 0

// There is no such finding.
#define MAILSEAL_SEVERITY_NONE 0

// It lowers nothing.
#define MAILSEAL_SEVERITY_INFO 1

// At most `MAILSEAL_OUTCOME_CAUTION`.
#define MAILSEAL_SEVERITY_CAUTION 2

// `MAILSEAL_OUTCOME_BAD`.
#define MAILSEAL_SEVERITY_BAD 3

// Something that this version of the C ABI has no number for.
#define MAILSEAL_LAYER_UNKNOWN 0

// Signed.
#define MAILSEAL_LAYER_SIGNED 1

// Encrypted.
#define MAILSEAL_LAYER_ENCRYPTED 2

// Compressed.
#define MAILSEAL_LAYER_COMPRESSED 3

// It does not wrap the whole letter, and nobody asked for it by its place; or it cannot be read as what it says.
#define MAILSEAL_DECRYPTION_NOT_TRIED 0

// None of the keys given is named by it.
#define MAILSEAL_DECRYPTION_NO_KEY 1

// A key was tried, and nothing came of it. Why is not said: an attacker would learn from it.
#define MAILSEAL_DECRYPTION_FAILED 2

// The algorithms of the context do not allow to open it: nothing would tell whether it was changed.
#define MAILSEAL_DECRYPTION_WITHHELD 3

// Decrypted; whatever check it has, held.
#define MAILSEAL_DECRYPTION_OPENED 4

// Something else.
#define MAILSEAL_RECIPIENT_OTHER 0

// Encrypted to a public key (RFC 5652 section 6.2.1).
#define MAILSEAL_RECIPIENT_KEY_TRANSPORT 1

// Wrapped in a key that both sides agree on (RFC 5652 section 6.2.2).
#define MAILSEAL_RECIPIENT_KEY_AGREEMENT 2

// Wrapped in a key that both sides have (RFC 5652 section 6.2.3).
#define MAILSEAL_RECIPIENT_KEY_ENCRYPTION_KEY 3

// Wrapped in a key made of a password (RFC 5652 section 6.2.4, RFC 9580 section 5.3).
#define MAILSEAL_RECIPIENT_PASSWORD 4

// Nothing protects it: anybody on the way may have written it.
#define MAILSEAL_HEADER_UNPROTECTED 0

// A signed copy says the same (RFC 9788).
#define MAILSEAL_HEADER_SIGNED 1

// Its true value is encrypted, in the header of the payload; outside stands less, or nothing.
#define MAILSEAL_HEADER_HIDDEN 2

// The protected copy says something else: what stands outside is not what was written.
#define MAILSEAL_HEADER_MISMATCHED 3

// Anybody on the way may have written it.
#define MAILSEAL_FIELD_UNPROTECTED 0

// Under an intact signature, and readable on the way.
#define MAILSEAL_FIELD_SIGNED 1

// Readable for the recipients only, and signed by nobody.
#define MAILSEAL_FIELD_ENCRYPTED 2

// Both.
#define MAILSEAL_FIELD_SIGNED_AND_ENCRYPTED 3

// Nothing is fetched: a password is asked for.
#define MAILSEAL_PURPOSE_NONE 0

// The certificate of an issuer (RFC 5280 section 4.2.2.1).
#define MAILSEAL_PURPOSE_AIA 1

// A certificate revocation list (RFC 5280 section 4.2.1.13).
#define MAILSEAL_PURPOSE_CRL 2

// An answer of an OCSP responder (RFC 6960 appendix A.1).
#define MAILSEAL_PURPOSE_OCSP 3

// A certificate from a Web Key Directory.
#define MAILSEAL_PURPOSE_WKD 4

// Could not be decided: no certificate, or an algorithm that is not supported.
#define MAILSEAL_INTEGRITY_UNVERIFIED 0

// Unaltered.
#define MAILSEAL_INTEGRITY_INTACT 1

// The mathematics fits, by an algorithm or key too weak to rely on.
#define MAILSEAL_INTEGRITY_WEAK 2

// Altered after it was signed, or signed by another key.
#define MAILSEAL_INTEGRITY_ALTERED 3

// Not a signature that keeps the rules of its format.
#define MAILSEAL_INTEGRITY_MALFORMED 4

// No path from what the program trusts.
#define MAILSEAL_TRUST_UNKNOWN 0

// A path was found.
#define MAILSEAL_TRUST_TRUSTED 1

// A path in which something had expired or was not yet valid at the time.
#define MAILSEAL_TRUST_EXPIRED 2

// Revoked.
#define MAILSEAL_TRUST_REVOKED 3

// Done. Never said of a letter.
#define MAILSEAL_OK 0

// The letter was looked at. Nothing is judged yet: that is what a policy is for.
#define MAILSEAL_OPENED 1

// What a callback returns that gives up: no password, or nothing that it fetches.
#define MAILSEAL_DECLINED 2

// Used in a way that cannot be: a setting that comes too late, a name that is not known, no key to sign with.
#define MAILSEAL_ERROR_MISUSE 100

// NULL where something is needed; the message names the argument.
#define MAILSEAL_ERROR_NULL 101

// Not an object of that type: another one, already freed or consumed, or one in whose call mailseal panicked.
#define MAILSEAL_ERROR_BAD_HANDLE 102

// Text that is not UTF-8.
#define MAILSEAL_ERROR_NOT_UTF8 103

// A length that no object in memory can have.
#define MAILSEAL_ERROR_LENGTH 104

// A password callback used the key that it was asked for: it would wait for itself.
#define MAILSEAL_ERROR_REENTRANT 105

// Reading or writing failed.
#define MAILSEAL_ERROR_IO 200

// A limit of the context was reached.
#define MAILSEAL_ERROR_LIMIT 201

// Octets that cannot be read as what they are given as.
#define MAILSEAL_ERROR_MALFORMED 202

// mailseal will not write this letter: the key does not name its From.
#define MAILSEAL_ERROR_REFUSED 203

// A file changed between two readings of it.
#define MAILSEAL_ERROR_INPUT_CHANGED 204

// There is not enough memory for this input.
#define MAILSEAL_ERROR_NO_MEMORY 205

// Somebody a letter is for cannot be written to in secret; nobody is left out silently.
#define MAILSEAL_ERROR_UNREACHABLE 206

// Something elsewhere does not answer now. A fetch callback returns it.
#define MAILSEAL_ERROR_UNAVAILABLE 207

// `mailseal_cancel_cancel` ended the call.
#define MAILSEAL_ERROR_CANCELLED 208

// The key cannot do this, or its algorithm is not known.
#define MAILSEAL_ERROR_KEY_UNSUPPORTED 220

// The key is elsewhere and does not answer now. A sign callback returns it, too.
#define MAILSEAL_ERROR_KEY_UNAVAILABLE 221

// Wrong password, or none.
#define MAILSEAL_ERROR_KEY_PASSWORD 222

// Not a usable key.
#define MAILSEAL_ERROR_KEY_MALFORMED 223

// The private key is too small.
#define MAILSEAL_ERROR_KEY_TOO_SMALL 224

// Could not look, in a way that this version of the C ABI has no number for.
#define MAILSEAL_ERROR_OTHER 299

// mailseal panicked: a fault of ours. The object whose function it was only answers `MAILSEAL_ERROR_BAD_HANDLE` from
// now on; free it.
#define MAILSEAL_ERROR_PANIC 900

// The letter is not of a mailbox, or its reading has no number here.
#define MAILSEAL_READING_NONE 0

// As they are.
#define MAILSEAL_READING_AS_IT_LIES 1

// With one `>` less where `From ` follows one or more.
#define MAILSEAL_READING_MBOXRD 2

// With one `>` less where there is one.
#define MAILSEAL_READING_MBOXO 3

// No signature at all.
#define MAILSEAL_OUTCOME_NONE 0

// The whole message, intact, by a signer whom evidence ties to the one From address.
#define MAILSEAL_OUTCOME_GOOD 1

// Not altered as far as can be told, but something is missing: who, how much, how strong.
#define MAILSEAL_OUTCOME_CAUTION 2

// Altered, broken or revoked.
#define MAILSEAL_OUTCOME_BAD 3

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Looks at a letter as an opener without keys does, and writes it with the report, the verdict of the policy and all that
// they needed into a file, so that anybody can judge it again later: all of it, or no file. `MAILSEAL_OPENED`: what the
// letter is worth, the archive says. It names all anchors of the context: look at it before it is handed on.
mailseal_status mailseal_archive_write(const mailseal_context *context,
                                       mailseal_input *input,
                                       const mailseal_policy *policy,
                                       int64_t at,
                                       const char *path,
                                       mailseal_error **err);

// The same as that opener would open it, but without its keys: the fields that it trusts are kept, too. With a `check`,
// which may be NULL, also what the DNS says of the sending domain, so that it can be looked at again when keys have
// changed; `client`, `helo` and `mail_from` are as for `mailseal_domain_check_open`. `asked` is the present time, in
// which the DNS is asked; `at` may be another.
mailseal_status mailseal_archive_write_with(const mailseal_opener *opener,
                                            mailseal_input *input,
                                            const mailseal_domain_check *check,
                                            const char *client,
                                            const char *helo,
                                            const char *mail_from,
                                            int64_t asked,
                                            const mailseal_policy *policy,
                                            int64_t at,
                                            const char *path,
                                            mailseal_error **err);

// Judges the letter of an archive again as of then, from what is in it alone, by the trust in it: what comes out is as
// good as whoever wrote it. `MAILSEAL_OPENED`, and `*json` is yours to free: `same`, `trust`, `differences`, `then`,
// `verdict`, `report`.
mailseal_status mailseal_archive_check(const char *path,
                                       const mailseal_policy *policy,
                                       mailseal_buffer **json,
                                       mailseal_error **err);

// The same by the program's own trust; that of the archive counts for nothing.
mailseal_status mailseal_archive_check_with(const char *path,
                                            const mailseal_policy *policy,
                                            const mailseal_trust_store *trust_store,
                                            mailseal_buffer **json,
                                            mailseal_error **err);

// An empty buffer.
mailseal_buffer *mailseal_buffer_new(void);

// Its octets, NULL where there are none. They stay where they are until the buffer is changed or freed.
const uint8_t *mailseal_buffer_data(const mailseal_buffer *buffer);

// How many octets there are.
size_t mailseal_buffer_length(const mailseal_buffer *buffer);

// Appends octets, which are copied.
mailseal_status mailseal_buffer_append(mailseal_buffer *buffer, const uint8_t *data, size_t length);

// Takes a password over: copies the text at `secret`, up to its zero octet or `size` octets, in place of what was in
// the buffer, then wipes all `size` octets, also where it fails.
mailseal_status mailseal_buffer_take_secret(mailseal_buffer *buffer,
                                            char *secret,
                                            size_t size);

// Frees it. NULL is left alone.
void mailseal_buffer_free(mailseal_buffer *buffer);

// A switch that is off.
mailseal_cancel *mailseal_cancel_new(void);

// Ends every call whose input was given this one, now or later: with `MAILSEAL_ERROR_CANCELLED`, before the next piece is
// read, and between layers, signers, candidates and downloads. A callback that is busy is waited for. NULL is left alone.
void mailseal_cancel_cancel(const mailseal_cancel *cancel);

// Whether somebody said so. False of NULL.
bool mailseal_cancel_is_cancelled(const mailseal_cancel *cancel);

// Frees it; calls that were given it go on, or end if it was on. NULL is left alone.
void mailseal_cancel_free(mailseal_cancel *cancel);

// Reads the certificates of a file, PEM, DER or OpenPGP: the first one, which has the others (`mailseal_certificate_other`).
mailseal_status mailseal_certificate_load(mailseal_input *input,
                                          mailseal_certificate **certificate,
                                          mailseal_error **err);

// How many others were in the same file.
size_t mailseal_certificate_other_count(const mailseal_certificate *certificate);

// One of them; NULL where there is none of that number. Lives as long as the first.
const mailseal_certificate *mailseal_certificate_other(const mailseal_certificate *certificate, size_t index);

// Which protocol: `"S/MIME"` or `"OpenPGP"`. Lives as long as the library.
mailseal_slice mailseal_certificate_protocol(const mailseal_certificate *certificate);

// Upper-case hexadecimal: SHA-256 of an X.509 certificate, the fingerprint of an OpenPGP one. Lives as long as the
// certificate.
mailseal_slice mailseal_certificate_fingerprint(const mailseal_certificate *certificate);

// The name of its holder, as it says at a time; not escaped. Empty where it says none. Yours to free.
mailseal_buffer *mailseal_certificate_name(const mailseal_certificate *certificate, int64_t at);

// The addresses that it names and that are valid at a time, one a line. Yours to free.
mailseal_buffer *mailseal_certificate_mailboxes(const mailseal_certificate *certificate, int64_t at);

// From when it is valid, in seconds since 1970, as it says at a time; `INT64_MAX` where it is not valid at all. 0 of NULL.
int64_t mailseal_certificate_not_before(const mailseal_certificate *certificate,
                                        int64_t at);

// Until when it is valid, in seconds since 1970, as it says at a time; `INT64_MAX` of an OpenPGP certificate without an
// end. 0 of NULL: never.
int64_t mailseal_certificate_not_after(const mailseal_certificate *certificate,
                                       int64_t at);

// Its octets: DER, or binary OpenPGP. Yours to free.
mailseal_buffer *mailseal_certificate_octets(const mailseal_certificate *certificate);

// What it says of itself at a time, as JSON on one line: `protocol`, `fingerprint`, `name`, `mailboxes`, `issuer`,
// `not_before`, `not_after`. Yours to free.
mailseal_buffer *mailseal_certificate_json(const mailseal_certificate *certificate,
                                           int64_t at);

// Frees it, and with it the others of its file. NULL is left alone.
void mailseal_certificate_free(mailseal_certificate *certificate);

// Whom one would believe to be the holder of an address, without any letter: every certificate that the context knows and
// that names it, the newest first. `purpose` is `"sign"` or `"encrypt"`.
mailseal_status mailseal_context_who_is(const mailseal_context *context,
                                        const char *mailbox,
                                        const char *purpose,
                                        const mailseal_policy *policy,
                                        int64_t at,
                                        mailseal_claims **claims,
                                        mailseal_error **err);

// How many there are.
size_t mailseal_claims_count(const mailseal_claims *claims);

// The certificate of one; NULL where there is none of that number. Lives as long as the claims.
const mailseal_certificate *mailseal_claims_certificate(const mailseal_claims *claims, size_t index);

// Whether the policy relies on it. False where there is none of that number.
bool mailseal_claims_is_believed(const mailseal_claims *claims, size_t index);

// Why it does not, in words; empty where it does. `language` is a tag such as `"ja"`. Not escaped. Yours to free.
mailseal_buffer *mailseal_claims_problem(const mailseal_claims *claims,
                                         size_t index,
                                         const char *language);

// The best path from what the context trusts to it, in words, safe to print; empty where there is none. Yours to free.
mailseal_buffer *mailseal_claims_evidence(const mailseal_claims *claims,
                                          size_t index,
                                          const char *language);

// Frees them. NULL is left alone.
void mailseal_claims_free(mailseal_claims *claims);

// A composer that does nothing yet. NULL of NULL.
mailseal_composer *mailseal_composer_new(const mailseal_context *context);

// Signs with this key, too. Each key gives one signature; all that sign a letter are of one protocol: that of the group
// it is encrypted to, where it is.
mailseal_status mailseal_composer_sign(mailseal_composer *composer,
                                       const mailseal_key *key,
                                       mailseal_error **err);

// Puts the letter inside the signature, as application/pkcs7-mime, instead of beside it. S/MIME only.
mailseal_status mailseal_composer_opaque(mailseal_composer *composer, bool opaque, mailseal_error **err);

// Signs header fields as well (RFC 9788). On unless switched off.
mailseal_status mailseal_composer_protect_headers(mailseal_composer *composer,
                                                  bool protect,
                                                  mailseal_error **err);

// Says in S/MIME signatures that who signs reads these ciphers, the preferred first, instead of those that this library
// reads: for whoever signs for people who read with another program. Names as for `mailseal_composer_cipher`, with
// commas between; none says nothing of it.
mailseal_status mailseal_composer_reads(mailseal_composer *composer,
                                        const char *ciphers,
                                        mailseal_error **err);

// Adds an Autocrypt header field for From: the OpenPGP certificate of a key of the composer that names it, also where
// another key signs. `mutual` says that one would have letters encrypted. A letter that is encrypted with OpenPGP to
// several people of To and Cc carries their certificates inside. A draft that has such a field keeps its own.
mailseal_status mailseal_composer_autocrypt(mailseal_composer *composer,
                                            bool mutual,
                                            mailseal_error **err);

// What stands outside of the header of an encrypted letter (RFC 9788 section 3.2): `"baseline"`, as without it, no subject;
// `"shy"`, no names beside addresses and no time zone either; `"none"`, all of it.
mailseal_status mailseal_composer_header_confidentiality(mailseal_composer *composer,
                                                         const char *name,
                                                         mailseal_error **err);

// Repeats at the head of the text what an encrypted letter does not show outside, for programs that do not know RFC 9788
// (section 5.2.2). Off unless switched on.
mailseal_status mailseal_composer_legacy_display(mailseal_composer *composer,
                                                 bool legacy_display,
                                                 mailseal_error **err);

// What was seen in the letter that is answered or passed on: what that one hid in its header stays hidden (RFC 9788
// section 6.1), and an answer to an encrypted letter that is not encrypted is refused. The report is not kept.
mailseal_status mailseal_composer_reply_to(mailseal_composer *composer,
                                           const mailseal_report *report,
                                           mailseal_error **err);

// Signs although a key does not name the From of the draft: receivers will be warned.
mailseal_status mailseal_composer_allow_other_from(mailseal_composer *composer, mailseal_error **err);

// Encrypts to this certificate, too, believed or not: the program says so. `input` has the certificate of one
// recipient first, then perhaps those that lead towards an anchor; nobody is encrypted to by the latter. All
// recipients are of one protocol. For the recipients of a draft, make a plan instead.
mailseal_status mailseal_composer_encrypt_to(mailseal_composer *composer,
                                             mailseal_input *input,
                                             mailseal_error **err);

// The same to a certificate; nobody is encrypted to by the others of its file.
mailseal_status mailseal_composer_encrypt_to_certificate(mailseal_composer *composer,
                                                         const mailseal_certificate *certificate,
                                                         mailseal_error **err);

// Encrypts S/MIME with this cipher instead of the one that all are known to read: `"AES-256-GCM"`, `"AES-192-GCM"`,
// `"AES-128-GCM"`, `"ChaCha20-Poly1305"`, `"AES-256-CBC"`, `"AES-192-CBC"`, `"AES-128-CBC"`. For CBC nothing tells the
// reader whether the letter was changed.
mailseal_status mailseal_composer_cipher(mailseal_composer *composer,
                                         const char *name,
                                         mailseal_error **err);

// Signs once more around the encryption (RFC 2634 section 1.1).
mailseal_status mailseal_composer_triple_wrap(mailseal_composer *composer, bool triple, mailseal_error **err);

// Sends to this address, a recipient of the envelope, besides those named before: the policy's rules are asked about them.
// Without any, they are asked about To, Cc, Bcc, Resent-To, -Cc and -Bcc of the draft, or about the group of a plan.
mailseal_status mailseal_composer_add_recipient(mailseal_composer *composer,
                                                const char *mailbox,
                                                mailseal_error **err);

// Somebody has said yes to the first letter to this domain, where the policy asks. The memory of the context keeps that
// once a letter was composed.
mailseal_status mailseal_composer_confirm(mailseal_composer *composer,
                                          const char *domain,
                                          mailseal_error **err);

// Writes what the policy holds: the program keeps it until somebody lets it go. Without this it is refused.
mailseal_status mailseal_composer_hold(mailseal_composer *composer, bool holds, mailseal_error **err);

// Signs and encrypts a draft, a finished RFC 5322 message, and writes the letter. `at` is the time of signing in
// seconds since 1970, as of `time(NULL)`.
mailseal_status mailseal_composer_compose(const mailseal_composer *composer,
                                          mailseal_input *draft,
                                          int64_t at,
                                          mailseal_output *output,
                                          mailseal_error **err);

// The first of two phases, for a signature that is made elsewhere or later. The composer has one key.
mailseal_status mailseal_composer_prepare(const mailseal_composer *composer,
                                          mailseal_input *draft,
                                          int64_t at,
                                          mailseal_prepared **prepared,
                                          mailseal_error **err);

// Frees it. NULL is left alone.
void mailseal_composer_free(mailseal_composer *composer);

// A context that trusts what the store says, and nothing else. NULL of NULL.
mailseal_context *mailseal_context_new(const mailseal_trust_store *trust_store);

// Sets a limit by its name, `"message_bytes"`, `"depth"`, `"path_cache"`, ...: the fields of `Limits` in the Rust
// documentation. A name that is not known, or a value that does not fit, is misuse.
mailseal_status mailseal_context_set_limit(mailseal_context *context,
                                           const char *name,
                                           uint64_t value,
                                           mailseal_error **err);

// Which algorithms to rely on: `"standard"`; `"strict"`, which also leaves encrypted content closed that nothing
// protects from change (CBC); or `"insecurely_allow_sha1"`, the standard that takes SHA-1 signatures for sound.
mailseal_status mailseal_context_set_algorithms(mailseal_context *context,
                                                const char *name,
                                                mailseal_error **err);

// Relies on the algorithms of a policy, and asks its rules for outgoing mail wherever a letter is composed, planned or
// checked.
mailseal_status mailseal_context_set_policy(mailseal_context *context,
                                            const mailseal_policy *policy,
                                            mailseal_error **err);

// Looks for certificates there, too: PEM, DER or OpenPGP. Finding is not trusting.
mailseal_status mailseal_context_add_certificates(mailseal_context *context,
                                                  mailseal_input *input,
                                                  mailseal_error **err);

// Looks at these CRLs and OCSP answers, too, besides those that come with a letter: DER or PEM. Each is checked before
// it counts.
mailseal_status mailseal_context_add_revocations(mailseal_context *context,
                                                 mailseal_input *input,
                                                 mailseal_error **err);

// Lets issuers, CRLs and OCSP answers be fetched by the program; without this nothing is, and the report says what would
// have been (`mailseal_report_want`). `fetch` is called until the context and all that was made of it are freed; then
// `finalizer`, which may be NULL, also where this call fails.
mailseal_status mailseal_context_set_fetcher(mailseal_context *context,
                                             mailseal_fetch_callback fetch,
                                             void *userdata,
                                             mailseal_finalizer finalizer,
                                             mailseal_error **err);

// Looks for this certificate, too, where it fits; not for the others of its file. Finding is not trusting.
mailseal_status mailseal_context_add_certificate(mailseal_context *context,
                                                 const mailseal_certificate *certificate,
                                                 mailseal_error **err);

// Looks for certificates there, too: the directory that sq and others share (`pgp.cert.d`). Its trust root counts for
// nothing.
mailseal_status mailseal_context_add_cert_d(mailseal_context *context,
                                            const char *path,
                                            mailseal_error **err);

// Looks for certificates there, too: the home of GnuPG, `"/home/alice/.gnupg"`. Its owner trust counts for nothing.
mailseal_status mailseal_context_add_gnupg_home(mailseal_context *context,
                                                const char *path,
                                                mailseal_error **err);

// Compares letters with what is remembered of their senders, and trusts the pins in it. Nothing is learned by that: see
// `mailseal_opened_remember`.
mailseal_status mailseal_context_set_memory(mailseal_context *context,
                                            const mailseal_memory *memory,
                                            mailseal_error **err);

// Fetches over HTTP by itself, from public places only: issuers, CRLs and OCSP answers, those that `purposes` names, with
// blanks between: `"aia crl ocsp"`. The threads that look at letters wait for it. Misuse of a library that was built
// without the feature `fetch`, as it usually is.
mailseal_status mailseal_context_set_http_fetcher(mailseal_context *context,
                                                  const char *purposes,
                                                  mailseal_error **err);

// Frees it. NULL is left alone.
void mailseal_context_free(mailseal_context *context);

// Whether a finished letter may go out as it is, by the rules of the context's policy: for what was not made by a
// composer, which asks by itself. `recipients` are those of the envelope, one address a line; those of To, Cc, Bcc,
// Resent-To, -Cc and -Bcc where it is empty. `at` is in seconds since 1970. What is signed inside an encryption cannot be
// seen, and does not count.
mailseal_status mailseal_context_check_sending(const mailseal_context *context,
                                               mailseal_input *letter,
                                               const char *recipients,
                                               int64_t at,
                                               mailseal_dispatch **dispatch,
                                               mailseal_error **err);

// What the rules of the context's policy ask of mail from one to others, without any letter. `from` is empty where it
// cannot be told: then all rules count that name a sender. `recipients` are addresses, one a line.
mailseal_status mailseal_context_decide_sending(const mailseal_context *context,
                                                const char *from,
                                                const char *recipients,
                                                mailseal_dispatch **dispatch,
                                                mailseal_error **err);

// The strictest of all. Of NULL: not sent.
mailseal_action mailseal_dispatch_action(const mailseal_dispatch *dispatch);

// How many recipients there are.
size_t mailseal_dispatch_recipient_count(const mailseal_dispatch *dispatch);

// One of them; empty where there is none of that number. Lives as long as the object.
mailseal_slice mailseal_dispatch_recipient(const mailseal_dispatch *dispatch, size_t index);

// What is done with the letter to one of them. Not sent where there is none of that number.
mailseal_action mailseal_dispatch_recipient_action(const mailseal_dispatch *dispatch, size_t index);

// Why it is not let go at once, each in one line, safe to print; empty where it is. `language` is a tag: `"en"`, `"ja"`.
// NULL of NULL. Yours to free.
mailseal_buffer *mailseal_dispatch_reasons(const mailseal_dispatch *dispatch,
                                           const char *language);

// For each recipient what is done, what is asked and by which rules, in lines, safe to print. NULL of NULL. Yours to free.
mailseal_buffer *mailseal_dispatch_text(const mailseal_dispatch *dispatch,
                                        const char *language);

// All of it as JSON, on one line. Yours to free.
mailseal_buffer *mailseal_dispatch_json(const mailseal_dispatch *dispatch);

// Frees it. NULL is left alone.
void mailseal_dispatch_free(mailseal_dispatch *dispatch);

// Looks for what was done to a message whose signature broke. `MAILSEAL_OK`, and `*diagnosis` is yours to free, whatever
// was found: a diagnosis is never a pass.
mailseal_status mailseal_diagnose(const mailseal_context *context,
                                  mailseal_input *input,
                                  int64_t at,
                                  mailseal_diagnosis **diagnosis,
                                  mailseal_error **err);

// What came of it.
mailseal_diagnosis_outcome mailseal_diagnosis_result(const mailseal_diagnosis *diagnosis);

// All of it, as JSON on one line (docs/doctor.md). Yours to free.
mailseal_buffer *mailseal_diagnosis_json(const mailseal_diagnosis *diagnosis);

// The page that `mailseal doctor` prints, safe to print. `language` is a tag such as `"ja"`; English where there is no
// other. Yours to free.
mailseal_buffer *mailseal_diagnosis_text(const mailseal_diagnosis *diagnosis,
                                         const char *language);

// Frees it. NULL is left alone.
void mailseal_diagnosis_free(mailseal_diagnosis *diagnosis);

// Compares a message as it was sent with the same as it arrived, within the bounds of the context. `MAILSEAL_OK`, and
// `*comparison` is yours to free.
mailseal_status mailseal_compare(const mailseal_context *context,
                                 mailseal_input *sent,
                                 mailseal_input *received,
                                 mailseal_comparison **comparison,
                                 mailseal_error **err);

// How many differences there are.
size_t mailseal_comparison_count(const mailseal_comparison *comparison);

// All of it, as JSON on one line (docs/doctor.md). Yours to free.
mailseal_buffer *mailseal_comparison_json(const mailseal_comparison *comparison);

// The page that `mailseal doctor --sent --received` prints, safe to print. `language` as in `mailseal_diagnosis_text`.
// Yours to free.
mailseal_buffer *mailseal_comparison_text(const mailseal_comparison *comparison,
                                          const char *language);

// What a service does to mail, by this one message that went through it, as JSON for a file: the profile that a preflight
// reads. `MAILSEAL_OK`, and `*profile` is yours to free.
mailseal_status mailseal_comparison_profile(const mailseal_comparison *comparison,
                                            const char *service,
                                            mailseal_buffer **profile,
                                            mailseal_error **err);

// Frees it. NULL is left alone.
void mailseal_comparison_free(mailseal_comparison *comparison);

// A check that asks the program. `lookup` is called in the threads that check letters, until the check is freed; then
// `finalizer`, which may be NULL, also where this call fails.
mailseal_status mailseal_domain_check_new(mailseal_lookup_callback lookup,
                                          void *userdata,
                                          mailseal_finalizer finalizer,
                                          mailseal_domain_check **check,
                                          mailseal_error **err);

// A check that asks a server of the DNS, `"127.0.0.1:53"`; `""` is those of the system.
mailseal_status mailseal_domain_check_dns(const char *server,
                                          mailseal_domain_check **check,
                                          mailseal_error **err);

// Looks at a letter as `mailseal_opener_open` does, and at its sending domain: `/domain` of the report. `client` is the
// address of the client that delivered it, `"192.0.2.1"`, `helo` what it called itself, `mail_from` the envelope sender;
// all `""` where they are not known, and then SPF is not looked at. No verdict changes by what is found.
mailseal_status mailseal_domain_check_open(const mailseal_domain_check *check,
                                           const mailseal_opener *opener,
                                           mailseal_input *input,
                                           const char *client,
                                           const char *helo,
                                           const char *mail_from,
                                           int64_t at,
                                           mailseal_opened **opened,
                                           mailseal_error **err);

// What is wrong with the SPF, DKIM and DMARC records of a domain: appends a JSON array to `findings`, each with `advice`,
// `severity`, `name`, `record` and `detail`; nothing is wrong with what is not in it. `selectors` are names of DKIM keys,
// separated by blanks.
mailseal_status mailseal_domain_check_examine(const mailseal_domain_check *check,
                                              const char *domain,
                                              const char *selectors,
                                              mailseal_buffer *findings,
                                              mailseal_error **err);

// NULL frees nothing.
void mailseal_domain_check_free(mailseal_domain_check *check);

// A signer with the private key of a file, RSA or Ed25519, PEM or DER. `selector` is the name of the key in the DNS, below
// `_domainkey`.
mailseal_status mailseal_dkim_signer_load(mailseal_input *key,
                                          const char *domain,
                                          const char *selector,
                                          mailseal_dkim_signer **signer,
                                          mailseal_error **err);

// Writes the letter with a signature for the domain on top, after all else was done to it.
mailseal_status mailseal_dkim_signer_sign(const mailseal_dkim_signer *signer,
                                          mailseal_input *letter,
                                          int64_t at,
                                          mailseal_output *output,
                                          mailseal_error **err);

// What has to stand in the DNS, as TXT of `SELECTOR._domainkey.DOMAIN`. To be freed by `mailseal_buffer_free`.
mailseal_buffer *mailseal_dkim_signer_record(const mailseal_dkim_signer *signer);

// NULL frees nothing.
void mailseal_dkim_signer_free(mailseal_dkim_signer *signer);

// The status that the call returned, or 0 of NULL.
mailseal_status mailseal_error_status(const mailseal_error *error);

// What went wrong, in English, on one line, safe to print. Lives as long as the error; empty of NULL, never NULL.
const char *mailseal_error_message(const mailseal_error *error);

// Whether the same call may succeed later: reading, writing, or a key that is away.
bool mailseal_error_is_temporary(const mailseal_error *error);

// Frees it. NULL is left alone.
void mailseal_error_free(mailseal_error *error);

// The path in words, safe to print: `"you → Partner CA (*@partner.example) → Bob"`. `language` is a tag such as `"ja"`;
// English where there is no other. Lives as long as the report.
mailseal_slice mailseal_evidence_text(const mailseal_evidence *evidence,
                                      const char *language);

// How many certificates the path has: the anchor first, the signer last.
size_t mailseal_evidence_step_count(const mailseal_evidence *evidence);

// A certificate of the path in words, safe to print, on one line: its name, when it is valid, its fingerprint, where it
// came from and what was checked of it. `language` as in `mailseal_evidence_text`. Empty where there is none of that
// number. Lives as long as the report.
mailseal_slice mailseal_evidence_step_text(const mailseal_evidence *evidence,
                                           size_t index,
                                           const char *language);

// The fingerprint of that certificate, upper-case hexadecimal. Empty where there is none of that number. Lives as long
// as the report.
mailseal_slice mailseal_evidence_step_fingerprint(const mailseal_evidence *evidence,
                                                  size_t index);

// What was observed: `"partial_coverage"`. Codes never change. Lives as long as the library.
mailseal_slice mailseal_finding_code(const mailseal_finding *finding);

// The least it does to a verdict; a policy may be stricter. 0 of NULL.
mailseal_severity mailseal_finding_severity(const mailseal_finding *finding);

// The part it was observed at. Lives as long as the report; empty of NULL, never NULL.
const char *mailseal_finding_part(const mailseal_finding *finding);

// Words or values from the letter, not escaped, or empty. Lives as long as the report.
mailseal_slice mailseal_finding_detail(const mailseal_finding *finding);

// It in words, safe to print. `language` is a tag such as `"ja"`; English where there is no other. Yours to free.
mailseal_buffer *mailseal_finding_text(const mailseal_finding *finding,
                                       const char *language);

// Writes a letter with a footer (UTF-8 text) below it, as a list server may add one: outside of what is signed, of which
// no octet changes. Receivers see the footer as a part that nobody signed. An encrypted letter is written as it was;
// `*added` is then false.
mailseal_status mailseal_context_append_footer(const mailseal_context *context,
                                               mailseal_input *letter,
                                               const char *footer,
                                               mailseal_output *output,
                                               bool *added,
                                               mailseal_error **err);

// Octets in memory. They are copied: `data` may go at once. `NULL, 0` is empty.
mailseal_input *mailseal_input_memory(const uint8_t *data, size_t length);

// A file. It is opened by the call that reads it.
mailseal_input *mailseal_input_file(const char *path);

// A file descriptor, read from where it stands to its end. It is duplicated: `fd` stays yours to close.
mailseal_input *mailseal_input_fd(int32_t fd);

// What a function reads. `finalizer` may be NULL.
mailseal_input *mailseal_input_callback(mailseal_read_callback read,
                                        void *userdata,
                                        mailseal_finalizer finalizer);

// What arrives in pieces, for programs that are told of them: an event loop, a milter. Give each piece to
// `mailseal_input_write`, then the input to the call that reads it. Held in memory up to 12 MiB, then in one unlinked file
// that only its owner can read.
mailseal_input *mailseal_input_push(void);

// Adds a piece, which is copied, to an input of `mailseal_input_push`; misuse with any other. Whether there are too many
// octets (`"message_bytes"`), the call says that reads it. After a failure the input is not complete: that call says so.
mailseal_status mailseal_input_write(mailseal_input *input,
                                     const uint8_t *data,
                                     size_t length,
                                     mailseal_error **err);

// Lets the call that reads the input be ended from any thread by `mailseal_cancel_cancel`, and later ones that read what
// it opened, such as `mailseal_opened_write`: soon, with `MAILSEAL_ERROR_CANCELLED`, and without a file.
mailseal_status mailseal_input_set_cancel(mailseal_input *input,
                                          const mailseal_cancel *cancel,
                                          mailseal_error **err);

// Tells `progress` how far the reading of the input is. `finalizer`, which may be NULL, is called when the input and what
// was opened of it are freed, also where this call fails.
mailseal_status mailseal_input_set_progress(mailseal_input *input,
                                            mailseal_progress_callback progress,
                                            void *userdata,
                                            mailseal_finalizer finalizer,
                                            mailseal_error **err);

// Frees an input that no call has consumed. NULL is left alone.
void mailseal_input_free(mailseal_input *input);

// Reads a key with its certificates: PKCS#12, PEM with both, or an OpenPGP secret key. `ask` is called only where a
// password is needed; NULL for keys that are not protected. PKCS#12 and PEM ask here; an OpenPGP key asks when it first
// signs, or when a letter is addressed to it, in the thread that does so: `ask` and `userdata` stay in use until the
// key and all composers and openers that have it are freed. Then `finalizer` is called, which may be NULL.
mailseal_status mailseal_key_load(mailseal_input *input,
                                  mailseal_password_callback ask,
                                  void *userdata,
                                  mailseal_finalizer finalizer,
                                  mailseal_key **key,
                                  mailseal_error **err);

// A key on a token or in an agent, by its name: `"pkcs11:token=office;object=alice"` (RFC 7512), `"gpg-agent:KEYGRIP"`, or
// `"gpg-agent:"` for that of the certificates. It signs; those that open letters are given to an opener
// (`mailseal_opener_add_named_keys`). `certificates` has its certificate, then those that lead towards an anchor; a token
// may have its own, and takes an empty input. `ask` is asked for the PIN; where it is NULL, a token is used without one
// and the agent asks by itself.
mailseal_status mailseal_key_open(const char *name,
                                  mailseal_input *certificates,
                                  mailseal_password_callback ask,
                                  void *userdata,
                                  mailseal_finalizer finalizer,
                                  mailseal_key **key,
                                  mailseal_error **err);

// The same key, with `audit` told of each use of it from now on. The other one is as it was. `finalizer`, which may be
// NULL, is called when the key and all composers and openers that have it are freed, also where this call fails.
mailseal_status mailseal_key_audited(const mailseal_key *key,
                                     mailseal_audit_callback audit,
                                     void *userdata,
                                     mailseal_finalizer finalizer,
                                     mailseal_key **audited,
                                     mailseal_error **err);

// The certificate of the key. NULL of NULL. Yours to free.
mailseal_certificate *mailseal_key_certificate(const mailseal_key *key);

// A key that lives elsewhere: a token, an agent, a KMS. `input` has its certificate first, then those that lead
// towards an anchor. `scheme` is what it signs with: `"rsa-pkcs1-sha256"`, `"rsa-pss-sha256"` (or `-sha384`,
// `-sha512`), `"ecdsa-p256-sha256"`, `"ecdsa-p384-sha384"`, `"ecdsa-p521-sha512"`, `"ed25519"`. What comes back is
// checked before it is used. `finalizer` may be NULL.
mailseal_status mailseal_key_external(mailseal_input *input,
                                      const char *scheme,
                                      mailseal_sign_callback sign,
                                      void *userdata,
                                      mailseal_finalizer finalizer,
                                      mailseal_key **key,
                                      mailseal_error **err);

// A key that lives elsewhere and decrypts; it does not sign. `input` has its certificate first; of an OpenPGP
// certificate it is the first key that is encrypted to. Letters to it are opened by `decrypt`. `finalizer` may be NULL.
mailseal_status mailseal_key_external_decryption(mailseal_input *input,
                                                 mailseal_decrypt_callback decrypt,
                                                 void *userdata,
                                                 mailseal_finalizer finalizer,
                                                 mailseal_key **key,
                                                 mailseal_error **err);

// A key that is not here: letters are prepared for it, and finished with a signature from elsewhere. `input` has its
// certificate first, then those that lead towards an anchor.
mailseal_status mailseal_key_deferred(mailseal_input *input,
                                      mailseal_key **key,
                                      mailseal_error **err);

// Frees it. NULL is left alone.
void mailseal_key_free(mailseal_key *key);

// What the layer is. 0 of NULL: unknown.
mailseal_layer_type mailseal_layer_kind(const mailseal_layer *layer);

// The part that is the layer: `"0"` is the letter itself, `"2.1"` the first part of its second part. Lives as long as
// the report; empty of NULL, never NULL.
const char *mailseal_layer_part(const mailseal_layer *layer);

// Its octets, counted as those of that part.
mailseal_range mailseal_layer_range(const mailseal_layer *layer);

// How many observations there are on the layer; those on a signature are with it.
size_t mailseal_layer_finding_count(const mailseal_layer *layer);

// One of them; NULL where there is none of that number. Lives as long as the report.
const mailseal_finding *mailseal_layer_finding(const mailseal_layer *layer, size_t index);

// Which protocol: `"S/MIME"` or `"OpenPGP"`; empty of a compressed layer. Lives as long as the library.
mailseal_slice mailseal_layer_protocol(const mailseal_layer *layer);

// Whether it wraps the whole letter.
bool mailseal_layer_is_envelope(const mailseal_layer *layer);

// What came of an encrypted layer. 0 of NULL, and of any other layer.
mailseal_decryption mailseal_layer_decryption(const mailseal_layer *layer);

// With what it is encrypted: `"AES-256-GCM"`. Empty where that could not be read. Lives as long as the report.
mailseal_slice mailseal_layer_cipher(const mailseal_layer *layer);

// Whether a change of the ciphertext is noticed. No for CBC, whose content anyone on the way could have changed.
bool mailseal_layer_is_authenticated(const mailseal_layer *layer);

// The fingerprint of the certificate whose key opened it, upper-case hexadecimal. Empty where a password did, or
// nothing. Lives as long as the report.
mailseal_slice mailseal_layer_opened_by_fingerprint(const mailseal_layer *layer);

// How many addresses that certificate names.
size_t mailseal_layer_opened_by_mailbox_count(const mailseal_layer *layer);

// One of them; empty where there is none of that number. Lives as long as the report.
mailseal_slice mailseal_layer_opened_by_mailbox(const mailseal_layer *layer, size_t index);

// Whether that certificate is no longer valid at the time of opening: the sender should be given the new one.
bool mailseal_layer_opened_by_is_old(const mailseal_layer *layer);

// How many keys it is encrypted to, as it says itself: nothing there is signed.
size_t mailseal_layer_recipient_count(const mailseal_layer *layer);

// How the content key reaches one of them. 0 where there is none of that number.
mailseal_recipient_kind mailseal_layer_recipient_kind(const mailseal_layer *layer, size_t index);

// As the letter names it: issuer and serial number, key identifier, key ID or fingerprint; empty for a hidden recipient
// or a password. Lives as long as the report.
mailseal_slice mailseal_layer_recipient_name(const mailseal_layer *layer,
                                             size_t index);

// By what algorithm: `"RSAES-OAEP SHA-256"`. Lives as long as the report.
mailseal_slice mailseal_layer_recipient_algorithm(const mailseal_layer *layer, size_t index);

// The private key, for a file that only its owner can read; `mailseal_key_load` takes it. Of OpenPGP, a secret key in
// armor. Of S/MIME, PKCS#12 with the certificate that it signed itself, or PKCS#8 in PEM, which is to be joined with the
// certificate that the authority gives. Lives as long as the made key.
mailseal_slice mailseal_made_key_key(const mailseal_made_key *made_key);

// The certificate, to give away: OpenPGP in armor, or PEM; `mailseal_certificate_load` takes it. Empty of S/MIME unless it
// signed itself. Lives as long as the made key.
mailseal_slice mailseal_made_key_certificate(const mailseal_made_key *made_key);

// The request for a certification authority: PKCS#10 (RFC 2986) in PEM. Empty of OpenPGP, and where it signed itself. Lives
// as long as the made key.
mailseal_slice mailseal_made_key_request(const mailseal_made_key *made_key);

// The certificate as revoked, in armor: to be kept in a safe place, and given away the day the key is lost. Empty of
// S/MIME. Lives as long as the made key.
mailseal_slice mailseal_made_key_revocation(const mailseal_made_key *made_key);

// Frees it, and wipes what is secret. NULL is left alone.
void mailseal_made_key_free(mailseal_made_key *made_key);

// Looks at what is there. `MAILSEAL_ERROR_MALFORMED` for a file of one letter: that is an input.
mailseal_status mailseal_mailbox_open(const char *path, mailseal_mailbox **mailbox, mailseal_error **err);

// The next letter, yours to free. After the last one `*stored_message` is NULL, with `MAILSEAL_OK`; a failure is not the
// end, though nothing follows it.
mailseal_status mailseal_mailbox_next(mailseal_mailbox *mailbox,
                                      mailseal_stored_message **stored_message,
                                      mailseal_error **err);

// Frees it; letters of it stay. NULL is left alone.
void mailseal_mailbox_free(mailseal_mailbox *mailbox);

// Opens a file, or makes it; its folder has to be there. `correspondents` are how many it keeps, 0 the usual number.
// Misuse of a library that was built without the feature `memory`.
mailseal_status mailseal_memory_open(const char *path,
                                     size_t correspondents,
                                     mailseal_memory **memory,
                                     mailseal_error **err);

// Ties a certificate to an address, by the whole fingerprint. From then on it is trusted for exactly this address.
mailseal_status mailseal_memory_pin(const mailseal_memory *memory,
                                    const char *mailbox,
                                    const char *fingerprint,
                                    int64_t at,
                                    mailseal_error **err);

// Takes a pin back, if there is one.
mailseal_status mailseal_memory_unpin(const mailseal_memory *memory,
                                      const char *mailbox,
                                      const char *fingerprint,
                                      mailseal_error **err);

// Forgets a correspondent, pins and all, if it is known.
mailseal_status mailseal_memory_forget(const mailseal_memory *memory,
                                       const char *mailbox,
                                       mailseal_error **err);

// All that is remembered, as JSON. NULL where it cannot be read. Yours to free.
mailseal_buffer *mailseal_memory_export(const mailseal_memory *memory);

// Takes in what `mailseal_memory_export` gave; `MAILSEAL_ERROR_MALFORMED` where it is anything else.
mailseal_status mailseal_memory_import(const mailseal_memory *memory,
                                       mailseal_input *json,
                                       mailseal_error **err);

// Frees it; contexts that have it keep it. NULL is left alone.
void mailseal_memory_free(mailseal_memory *memory);

// A recipe for keys of a protocol: `"S/MIME"` or `"OpenPGP"`. Unless told otherwise they are P-256 or Ed25519 with X25519,
// and end three years after they are made. They need an address.
mailseal_status mailseal_new_key_new(const char *protocol,
                                     mailseal_new_key **new_key,
                                     mailseal_error **err);

// Names this address, too. The first is the usual one.
mailseal_status mailseal_new_key_add_address(mailseal_new_key *new_key,
                                             const char *mailbox,
                                             mailseal_error **err);

// What its holder is called.
mailseal_status mailseal_new_key_set_name(mailseal_new_key *new_key, const char *name, mailseal_error **err);

// Another kind of key: `"p-256"`, `"p-384"`, `"p-521"`, `"rsa-3072"`, `"rsa-4096"`, `"ed25519"`. What the protocol cannot
// have, `mailseal_new_key_make` says.
mailseal_status mailseal_new_key_set_algorithm(mailseal_new_key *new_key,
                                               const char *algorithm,
                                               mailseal_error **err);

// When it ends, in seconds since 1970; `INT64_MAX` is never, which a certificate of S/MIME cannot say. What an authority
// certifies ends when the authority says.
mailseal_status mailseal_new_key_set_expires(mailseal_new_key *new_key,
                                             int64_t end,
                                             mailseal_error **err);

// An OpenPGP key of version 6 (RFC 9580), which GnuPG does not read, instead of version 4.
mailseal_status mailseal_new_key_version_6(mailseal_new_key *new_key, mailseal_error **err);

// For S/MIME, a certificate that the key signs itself, instead of a request to an authority.
mailseal_status mailseal_new_key_self_signed(mailseal_new_key *new_key, mailseal_error **err);

// Makes a key, protected by a password, or not at all where that is NULL. It begins at `at`, in seconds since 1970, as of
// `time(NULL)`. RSA takes seconds.
mailseal_status mailseal_new_key_make(const mailseal_new_key *new_key,
                                      const char *password,
                                      int64_t at,
                                      mailseal_made_key **made_key,
                                      mailseal_error **err);

// Frees it. NULL is left alone.
void mailseal_new_key_free(mailseal_new_key *new_key);

// What was seen. Lives as long as the opened letter.
const mailseal_report *mailseal_opened_report(const mailseal_opened *opened);

// How a letter of a mailbox was read: all that is said, is said of it in this reading. 0 of every other letter.
mailseal_reading mailseal_opened_reading(const mailseal_opened *opened);

// Whether there is a payload: something that can be written. There is none where a layer around the letter stayed
// encrypted; why, `mailseal_layer_decryption` says.
bool mailseal_opened_has_payload(const mailseal_opened *opened);

// Writes the payload, octet for octet as it was checked: what the layers of the letter wrap, header and body of one
// entity; of a letter without a layer, the letter. Says nothing about whether any signature held. Without a payload it
// is misuse, and not an octet is written.
mailseal_status mailseal_opened_write(const mailseal_opened *opened,
                                      mailseal_output *output,
                                      mailseal_error **err);

// Writes the letter as it was received, with the verdict on top as an Authentication-Results field (RFC 8601), and
// without those that speak in the same name: they are forged. All else is the same octet for octet. The verdict is that
// of this letter's report; `authserv_id` as for `mailseal_verdict_authentication_results`. What was opened by
// `mailseal_opener_verify_detached` is no letter, and misuse.
mailseal_status mailseal_opened_stamp(const mailseal_opened *opened,
                                      const mailseal_verdict *verdict,
                                      const char *authserv_id,
                                      mailseal_output *output,
                                      mailseal_error **err);

// The letter if it is good and from that sender, otherwise NULL; `*err` is set on misuse only. The proof lives as long
// as the opened letter.
const mailseal_verified *mailseal_opened_require(const mailseal_opened *opened,
                                                 const mailseal_policy *policy,
                                                 const char *sender,
                                                 mailseal_error **err);

// How many certificates came with the letter: in its signatures, and in an Autocrypt header field. Nobody vouches for
// them, and keeping them makes nobody trusted.
size_t mailseal_opened_certificate_count(const mailseal_opened *opened);

// One of them; NULL where there is none of that number. Lives as long as the opened letter.
const mailseal_certificate *mailseal_opened_certificate(const mailseal_opened *opened, size_t index);

// Lets a memory learn from the letter: whom it is from, who signed it. To be called once for each letter, when it was
// decided what it is worth. Nothing is learned from a letter whose signature is broken.
mailseal_status mailseal_opened_remember(const mailseal_opened *opened,
                                         const mailseal_memory *memory,
                                         mailseal_error **err);

// Frees it, and with it its report and proofs. NULL is left alone.
void mailseal_opened_free(mailseal_opened *opened);

// An opener that knows what the context knows. NULL of NULL.
mailseal_opener *mailseal_opener_new(const mailseal_context *context);

// Opens letters with this key, too. Give every key that the user ever had: the report says which one fitted, and
// whether it is old.
mailseal_status mailseal_opener_add_key(mailseal_opener *opener,
                                        const mailseal_key *key,
                                        mailseal_error **err);

// Opens letters with all keys on a token or in an agent that a name means, too; the arguments as of `mailseal_key_open`.
mailseal_status mailseal_opener_add_named_keys(mailseal_opener *opener,
                                               const char *name,
                                               mailseal_input *certificates,
                                               mailseal_password_callback ask,
                                               void *userdata,
                                               mailseal_finalizer finalizer,
                                               mailseal_error **err);

// Asks there for the passwords of letters that are encrypted to one. `ask` is called in the threads that open letters,
// until the opener is freed; then `finalizer`, which may be NULL.
mailseal_status mailseal_opener_set_password(mailseal_opener *opener,
                                             mailseal_password_callback ask,
                                             void *userdata,
                                             mailseal_finalizer finalizer,
                                             mailseal_error **err);

// Trusts as many Received lines, the topmost: those that the program's own systems added. They say how the letter came,
// `/transport` of the report.
mailseal_status mailseal_opener_set_trusted_hops(mailseal_opener *opener,
                                                 size_t lines,
                                                 mailseal_error **err);

// Takes what the mail server of this name says of the sending domain from its Authentication-Results fields (RFC 8601):
// `/domain` of the report. That server has to remove fields in its name from what comes in. Only the topmost are read,
// above the first Received line that is not trusted (`mailseal_opener_set_trusted_hops`; 1 where nothing is said).
mailseal_status mailseal_opener_set_trusted_results(mailseal_opener *opener,
                                                    const char *authserv_id,
                                                    mailseal_error **err);

// Looks at a letter. `at` is the time to judge it at, in seconds since 1970: as of `time(NULL)`, or when it was
// received. `MAILSEAL_OPENED`, never `MAILSEAL_OK`: what was seen, however bad, is in the report.
mailseal_status mailseal_opener_open(const mailseal_opener *opener,
                                     mailseal_input *input,
                                     int64_t at,
                                     mailseal_opened **opened,
                                     mailseal_error **err);

// Opens one encrypted part by its place, `mailseal_layer_part`, also where it does not wrap the whole letter: the
// payload is what is in it. Such a part is apart from all that stands around it, so the letter is never good by what
// is inside. Misuse where no encrypted part is at that place.
mailseal_status mailseal_opener_open_part(const mailseal_opener *opener,
                                          mailseal_input *input,
                                          const char *part,
                                          int64_t at,
                                          mailseal_opened **opened,
                                          mailseal_error **err);

// Checks a detached signature, for programs with their own MIME parser. `content` is the whole signed entity, header
// and body, octet for octet as received; `signature` the decoded body of the signature part; `header` the header of
// the letter, of which From, Sender and Date are read.
mailseal_status mailseal_opener_verify_detached(const mailseal_opener *opener,
                                                mailseal_input *content,
                                                mailseal_input *signature,
                                                const uint8_t *header,
                                                size_t header_length,
                                                int64_t at,
                                                mailseal_opened **opened,
                                                mailseal_error **err);

// The letter if it is good and from that sender, otherwise NULL. `*opened` is set where the letter was looked at, good
// or not; where it is not set, `*err` says why nobody could look. The proof lives as long as `*opened`.
const mailseal_verified *mailseal_verify(const mailseal_opener *opener,
                                         mailseal_input *input,
                                         const char *sender,
                                         const mailseal_policy *policy,
                                         int64_t at,
                                         mailseal_opened **opened,
                                         mailseal_error **err);

// Frees it. NULL is left alone.
void mailseal_opener_free(mailseal_opener *opener);

// A file, which appears when all of it is there, or not at all. An older one is replaced.
mailseal_output *mailseal_output_file(const char *path);

// A file descriptor. It is duplicated: `fd` stays yours to close.
mailseal_output *mailseal_output_fd(int32_t fd);

// A buffer, to which all of it is appended, or nothing. The buffer stays yours.
mailseal_output *mailseal_output_buffer(mailseal_buffer *buffer);

// A function that writes. `finalizer` may be NULL.
mailseal_output *mailseal_output_callback(mailseal_write_callback write,
                                          void *userdata,
                                          mailseal_finalizer finalizer);

// Frees an output that no call has consumed. NULL is left alone.
void mailseal_output_free(mailseal_output *output);

// Where it stands: `"0"` is the letter itself, `"2.1"` the first part of its second part. Lives as long as the report;
// empty of NULL, never NULL.
const char *mailseal_part_path(const mailseal_part *part);

// `"text/plain"`, in lower case. Lives as long as the report.
mailseal_slice mailseal_part_media_type(const mailseal_part *part);

// The charset that its Content-Type names, or empty. Lives as long as the report.
mailseal_slice mailseal_part_charset(const mailseal_part *part);

// The file name that it was given, decoded, or empty. It may say anything, paths as well. Lives as long as the report.
mailseal_slice mailseal_part_file_name(const mailseal_part *part);

// How its body is written: `"7bit"`, `"8bit"`, `"binary"`, `"base64"`, `"quoted-printable"`, or `"unknown"`. Lives as long
// as the library.
mailseal_slice mailseal_part_encoding(const mailseal_part *part);

// The entity in whose octets its place is counted: `"0"` is the letter as received; any other is the content of an opaque
// or encrypted layer, which begins with that part; `"1"` is what was given to `mailseal_opener_verify_detached`. Lives as
// long as the report; empty of NULL, never NULL.
const char *mailseal_part_content(const mailseal_part *part);

// The octets of its header, with the empty line.
mailseal_range mailseal_part_header(const mailseal_part *part);

// The octets of its body, as it was sent.
mailseal_range mailseal_part_body(const mailseal_part *part);

// How many lines its body has.
uint64_t mailseal_part_lines(const mailseal_part *part);

// How many pieces of its decoded content only repeat header fields, for programs that do not know RFC 9788 (section 4.5.3).
size_t mailseal_part_legacy_display_count(const mailseal_part *part);

// One of them, in octets of the decoded content: not to be shown, nor quoted in an answer. `{0, 0}` where there is none of
// that number.
mailseal_range mailseal_part_legacy_display(const mailseal_part *part,
                                            size_t index);

// Whether an unaltered signature covers it. Whose, its layers say. False of NULL.
bool mailseal_part_is_signed(const mailseal_part *part);

// Whether it came encrypted. False of NULL.
bool mailseal_part_is_encrypted(const mailseal_part *part);

// How many layers speak for it: signed ones with an unaltered signature that covers it, encrypted and compressed ones
// that it was inside.
size_t mailseal_part_layer_count(const mailseal_part *part);

// One of them, the outermost first; NULL where there is none of that number. Lives as long as the report.
const mailseal_layer *mailseal_part_layer(const mailseal_part *part, size_t index);

// What a part seems to be that no signature covers, `"list_footer"`, or empty: a guess for the reader. Lives as long as the
// library.
mailseal_slice mailseal_part_looks_like(const mailseal_part *part);

// Looks for a certificate of every recipient of the draft, To, Cc and Bcc, in the context; it has to be believed by
// the same policy that judges incoming mail. `at` is in seconds since 1970, as of `time(NULL)`.
mailseal_status mailseal_plan_new(const mailseal_context *context,
                                  mailseal_input *draft,
                                  const mailseal_policy *policy,
                                  int64_t at,
                                  mailseal_plan **plan,
                                  mailseal_error **err);

// How many people cannot be written to in secret.
size_t mailseal_plan_unreachable_count(const mailseal_plan *plan);

// One of them; empty where there is none of that number. Lives until the plan is changed or freed.
mailseal_slice mailseal_plan_unreachable_mailbox(const mailseal_plan *plan, size_t index);

// Why, in English. Lives until the plan is changed or freed.
mailseal_slice mailseal_plan_unreachable_reason(const mailseal_plan *plan, size_t index);

// Leaves somebody out, by name: they get no letter. Misuse for somebody who is not in the plan.
mailseal_status mailseal_plan_remove(mailseal_plan *plan, const char *who, mailseal_error **err);

// Takes a certificate that was found for somebody but is not believed, by its fingerprint in full.
mailseal_status mailseal_plan_accept(mailseal_plan *plan,
                                     const char *who,
                                     const char *fingerprint,
                                     mailseal_error **err);

// Encrypts every letter to the sender as well, so that the copy in the outbox can be read.
// `MAILSEAL_ERROR_UNREACHABLE` where no certificate of the sender is believed.
mailseal_status mailseal_plan_copy_to_sender(mailseal_plan *plan, mailseal_error **err);

// Somebody has said yes to the first letter to this domain, where the policy asks.
mailseal_status mailseal_plan_confirm(mailseal_plan *plan, const char *domain, mailseal_error **err);

// Plans for those, too, to whom the policy holds mail: the program keeps it until somebody lets it go.
mailseal_status mailseal_plan_hold(mailseal_plan *plan, bool holds, mailseal_error **err);

// How many letters are to be written: people of one protocol together, each Bcc alone. 1 while somebody is
// unreachable, or nobody is left: a loop over the groups meets the error that composing then gives.
size_t mailseal_plan_group_count(const mailseal_plan *plan);

// How many people a letter goes to: the recipients of its envelope.
size_t mailseal_plan_group_mailbox_count(const mailseal_plan *plan, size_t group);

// One of them; empty where there is none of that number. Lives until the plan is changed or freed.
mailseal_slice mailseal_plan_group_mailbox(const mailseal_plan *plan, size_t group, size_t index);

// Writes the letter of one group: the draft that was planned, signed by those keys of the composer that are of the
// group's protocol, and encrypted. `MAILSEAL_ERROR_UNREACHABLE` while anybody is.
mailseal_status mailseal_plan_compose(const mailseal_plan *plan,
                                      size_t group,
                                      const mailseal_composer *composer,
                                      mailseal_input *draft,
                                      int64_t at,
                                      mailseal_output *output,
                                      mailseal_error **err);

// Who gets what, and who gets nothing and why, each in one line. `language` is a tag: `"en"`, `"ja"`; English for all
// that is not known. NULL of NULL. Yours to free.
mailseal_buffer *mailseal_plan_text(const mailseal_plan *plan,
                                    const char *language);

// All of it as JSON, in one line: for each recipient also with what it is encrypted, why, what they will see, and what
// is known of their program (docs/json.md). `language` is that of the sentences in it. NULL of NULL. Yours to free.
mailseal_buffer *mailseal_plan_json(const mailseal_plan *plan,
                                    const char *language);

// What Autocrypt recommends for a letter to all recipients of the draft: 0 there is no usable key, 1 they may not be able
// to read it, 2 encryption is possible, 3 it is expected. `we_prefer`: our own prefer-encrypt is mutual; `reply`: to an
// encrypted letter. It decides nothing. 0 of NULL.
int32_t mailseal_plan_autocrypt(const mailseal_plan *plan,
                                bool we_prefer,
                                bool reply);

// Frees it. NULL is left alone.
void mailseal_plan_free(mailseal_plan *plan);

// For people who read mail.
mailseal_policy *mailseal_policy_standard(void);

// For programs that act on mail: never more than the standard policy gives.
mailseal_policy *mailseal_policy_strict(void);

// Reads a policy that was written into a file (docs/policy.md), with its rules for outgoing mail; `name` is what the file is
// called in errors and reasons. `MAILSEAL_ERROR_MALFORMED` says in which line something is not understood: then there is
// no policy.
mailseal_status mailseal_policy_load(mailseal_input *input,
                                     const char *name,
                                     mailseal_policy **policy,
                                     mailseal_error **err);

// What it is called in verdicts. Lives as long as the policy.
mailseal_slice mailseal_policy_name(const mailseal_policy *policy);

// Whether a letter that nobody signed passes, where all of it was decrypted: yes by the standard, no by the strict
// policy. No of NULL.
bool mailseal_policy_lets_unsigned_pass(const mailseal_policy *policy);

// What the report is worth. NULL of NULL. Yours to free.
mailseal_verdict *mailseal_policy_judge(const mailseal_policy *policy, const mailseal_report *report);

// Frees it. NULL is left alone.
void mailseal_policy_free(mailseal_policy *policy);

// Asks a profile, as `mailseal_comparison_profile` wrote it, whether signed letters may go through that service. A profile
// that is not understood is `MAILSEAL_ERROR_MALFORMED`. `MAILSEAL_OK`, and `*preflight` is yours to free, whatever the answer
// is: ask `mailseal_preflight_passes`.
mailseal_status mailseal_preflight_new(mailseal_input *profile,
                                       mailseal_preflight **preflight,
                                       mailseal_error **err);

// Whether signed letters arrive as they were signed. What cannot be told is false.
bool mailseal_preflight_passes(const mailseal_preflight *preflight);

// All of it, as JSON on one line: `version`, `service`, and `refused`, the changes that it must not make (docs/doctor.md).
// Yours to free.
mailseal_buffer *mailseal_preflight_json(const mailseal_preflight *preflight);

// The page that `mailseal bulk --service` prints: what it would do, and what to set there. Safe to print. `language` as in
// `mailseal_diagnosis_text`. Yours to free.
mailseal_buffer *mailseal_preflight_text(const mailseal_preflight *preflight,
                                         const char *language);

// Frees it. NULL is left alone.
void mailseal_preflight_free(mailseal_preflight *preflight);

// With what it has to be signed: `"ecdsa-p256-sha256"`. Lives as long as the library.
mailseal_slice mailseal_prepared_scheme(const mailseal_prepared *prepared);

// What has to be signed, as a sign callback would be given it. Lives as long as the letter.
mailseal_slice mailseal_prepared_to_sign(const mailseal_prepared *prepared);

// Writes the letter, if the signature fits; otherwise not an octet. Once: after that it is only good to be freed.
mailseal_status mailseal_prepared_finish(mailseal_prepared *prepared,
                                         const uint8_t *signature,
                                         size_t length,
                                         mailseal_output *output,
                                         mailseal_error **err);

// Frees it. NULL is left alone.
void mailseal_prepared_free(mailseal_prepared *prepared);

// All of it as JSON, on one line. Yours to free.
mailseal_buffer *mailseal_report_json(const mailseal_report *report);

// What stands there in the JSON, by JSON Pointer (RFC 6901): `"/from/signed"`. Text as it is, anything else as JSON.
// NULL where there is nothing. Yours to free.
mailseal_buffer *mailseal_report_get(const mailseal_report *report,
                                     const char *pointer);

// How many layers of cryptography the letter has.
size_t mailseal_report_layer_count(const mailseal_report *report);

// A layer, the outermost first; NULL where there is none of that number. Lives as long as the report.
const mailseal_layer *mailseal_report_layer(const mailseal_report *report, size_t index);

// How many signatures there are in all layers.
size_t mailseal_report_signature_count(const mailseal_report *report);

// A signature, those of the outermost layer first; NULL where there is none of that number. Lives as long as the
// report.
const mailseal_signature *mailseal_report_signature(const mailseal_report *report,
                                                    size_t index);

// How much was not fetched, and would have helped: issuers, CRLs, OCSP answers. For programs that must not wait while a
// letter is looked at: fetch, give it to a context (`mailseal_context_add_certificates` for
// `MAILSEAL_PURPOSE_AIA`, otherwise `mailseal_context_add_revocations`), and look again.
size_t mailseal_report_want_count(const mailseal_report *report);

// What a fetch callback would have been asked; NULL where there is none of that number. Lives as long as the report.
const mailseal_request *mailseal_report_want(const mailseal_report *report,
                                             size_t index);

// How many parts could be seen, the letter itself among them.
size_t mailseal_report_part_count(const mailseal_report *report);

// A part, those of the letter first, then those of the content of its layers; NULL where there is none of that number.
// Lives as long as the report.
const mailseal_part *mailseal_report_part(const mailseal_report *report,
                                          size_t index);

// The part at a place, such as `mailseal_layer_part`, `mailseal_finding_part` or `mailseal_part_content` name; NULL where
// there is none. Lives as long as the report.
const mailseal_part *mailseal_report_part_at(const mailseal_report *report,
                                             const char *path);

// Where the payload stands that `mailseal_opened_write` writes: the octets of that part, header and body. Lives as long as
// the report; empty where it stayed encrypted, never NULL.
const char *mailseal_report_payload(const mailseal_report *report);

// How many leaf parts no signature covers, where the letter is signed at all.
size_t mailseal_report_uncovered_count(const mailseal_report *report);

// One of them; NULL where there is none of that number. Lives as long as the report.
const mailseal_part *mailseal_report_uncovered(const mailseal_report *report, size_t index);

// How many observations there are on the letter as a whole; those on a layer or a signature are with it.
size_t mailseal_report_finding_count(const mailseal_report *report);

// One of them; NULL where there is none of that number. Lives as long as the report.
const mailseal_finding *mailseal_report_finding(const mailseal_report *report, size_t index);

// What is known of the header field of that name, `"Subject"`, upper and lower case alike. 0 of NULL: unprotected.
mailseal_header mailseal_report_header(const mailseal_report *report,
                                       const char *name);

// How many header fields are known one by one: those that the payload has for the letter, in their order, and then those
// that were added outside. None where the header is not protected at all: then there is the header of the letter.
size_t mailseal_report_field_count(const mailseal_report *report);

// The name of one, `Subject`. Empty where there is none of that number. Lives as long as the report.
mailseal_slice mailseal_report_field_name(const mailseal_report *report, size_t index);

// What protects it. 0 where there is none of that number: unprotected.
mailseal_field_protection mailseal_report_field_protection(const mailseal_report *report, size_t index);

// What its author wrote, as text: escape it before it is shown. Empty where it stands outside only. Lives as long as the
// report.
mailseal_slice mailseal_report_field_value(const mailseal_report *report,
                                           size_t index);

// What stands outside. Empty where nothing does. Lives as long as the report.
mailseal_slice mailseal_report_field_outer(const mailseal_report *report, size_t index);

// What its author let stand outside in place of its value (HP-Outer). Empty where that is the value, or nothing. Lives as
// long as the report.
mailseal_slice mailseal_report_field_told(const mailseal_report *report,
                                          size_t index);

// What a reader is to show for the fields of that name, `"Subject"` (RFC 9788 section 4): the protected value, nothing that
// was added outside; of From the outside where `mailseal_report_from_outer` says so. Empty where there is none of that
// number. Lives as long as the report.
mailseal_slice mailseal_report_show(const mailseal_report *report,
                                    const char *name,
                                    size_t index);

// Whether another author is named inside than outside, and nothing ties a signature to him: then the outside is to be shown
// (RFC 9788 section 4.4.3). False of NULL.
bool mailseal_report_from_outer(const mailseal_report *report);

// How many addresses stand in the From fields of the letter. Only exactly one can be anybody's.
size_t mailseal_report_from_count(const mailseal_report *report);

// One of them: whom the letter says it is from, which anybody can write. Empty where there is none of that number. Lives
// as long as the report.
mailseal_slice mailseal_report_from(const mailseal_report *report,
                                    size_t index);

// What is to be unlocked, in English. Empty where something is fetched. Lives as long as the request.
mailseal_slice mailseal_request_subject(const mailseal_request *request);

// How often the password was asked for before: 0 the first time.
uint32_t mailseal_request_attempt(const mailseal_request *request);

// What is fetched.
mailseal_purpose mailseal_request_purpose(const mailseal_request *request);

// From where: `http` or `https`, never an address of a private network in numbers; names the program resolves itself,
// and has to refuse what leads to one. Empty where a password is asked for. Lives as long as the request.
mailseal_slice mailseal_request_url(const mailseal_request *request);

// What to POST there: an OCSP request, `application/ocsp-request`. Empty is a GET. Lives as long as the request.
mailseal_slice mailseal_request_body(const mailseal_request *request);

// Octets of the answer that are looked at: an answer of more counts as none.
uint64_t mailseal_request_max_bytes(const mailseal_request *request);

// Whether the octets are those that were signed. 0 of NULL: not verified.
mailseal_integrity mailseal_signature_integrity(const mailseal_signature *signature);

// Whether anything the program trusts says who the signer is. 0 of NULL: no.
mailseal_trust mailseal_signature_trust(const mailseal_signature *signature);

// The address that the certificate names: the one that is the From, otherwise its first. A claim, as long as the trust
// is not `MAILSEAL_TRUST_TRUSTED`. Empty where there is none. Lives as long as the report.
mailseal_slice mailseal_signature_signer_mailbox(const mailseal_signature *signature);

// The fingerprint of the certificate, upper-case hexadecimal: SHA-256 of an X.509 one. Empty where there is none.
// Lives as long as the report.
mailseal_slice mailseal_signature_signer_fingerprint(const mailseal_signature *signature);

// Whether the certificate names the one From address of the letter.
bool mailseal_signature_is_from(const mailseal_signature *signature);

// How many paths were found from what the program trusts to the signer.
size_t mailseal_signature_evidence_count(const mailseal_signature *signature);

// A path, the best one first; NULL where there is none of that number. Lives as long as the report.
const mailseal_evidence *mailseal_signature_evidence(const mailseal_signature *signature, size_t index);

// When the signer says that it was signed, in seconds since 1970: a claim. 0 where nothing is said.
int64_t mailseal_signature_claimed_time(const mailseal_signature *signature);

// How many observations there are on the signature.
size_t mailseal_signature_finding_count(const mailseal_signature *signature);

// One of them; NULL where there is none of that number. Lives as long as the report.
const mailseal_finding *mailseal_signature_finding(const mailseal_signature *signature, size_t index);

// The file that it is in, as the system writes paths. Lives as long as the stored message.
mailseal_slice mailseal_stored_message_path(const mailseal_stored_message *stored_message);

// Which it is of an mbox file, from 1; 0 where it has a file of its own.
uint64_t mailseal_stored_message_number(const mailseal_stored_message *stored_message);

// How many octets it has; a file that is gone has none.
uint64_t mailseal_stored_message_length(const mailseal_stored_message *stored_message);

// Looks at it, as `mailseal_opener_open` does: in the first reading in which nothing is altered, or else as it lies. Which
// one that was, `mailseal_opened_reading` says.
mailseal_status mailseal_stored_message_open(const mailseal_stored_message *stored_message,
                                             const mailseal_opener *opener,
                                             int64_t at,
                                             mailseal_opened **opened,
                                             mailseal_error **err);

// Frees it. NULL is left alone.
void mailseal_stored_message_free(mailseal_stored_message *stored_message);

// A store that trusts nobody.
mailseal_trust_store *mailseal_trust_store_new(void);

// Trusts all certificates of a file, PEM, DER or OpenPGP. `scope` says for whom: `"any"`, or patterns such as
// `"*@partner.example eve@b.example"`; then, as far as wanted, until when, for which certificates and for what:
// `"until=2027-12-31 issued-until=2026-11-30 for=sign assurance=organization"`. An assurance is one of `mailbox`,
// `individual`, `sponsor`, `organization`: the least that a certificate has to assert.
mailseal_status mailseal_trust_store_add_anchors(mailseal_trust_store *trust_store,
                                                 mailseal_input *input,
                                                 const char *scope,
                                                 mailseal_error **err);

// Trusts this certificate, not the others of its file. `scope` as in `mailseal_trust_store_add_anchors`.
mailseal_status mailseal_trust_store_add_anchor(mailseal_trust_store *trust_store,
                                                const mailseal_certificate *certificate,
                                                const char *scope,
                                                mailseal_error **err);

// Trusts the certificates of all files of a folder, `*.pem`, `*.crt`, `*.asc`, .... `scope` as in
// `mailseal_trust_store_add_anchors`.
mailseal_status mailseal_trust_store_add_folder(mailseal_trust_store *trust_store,
                                                const char *path,
                                                const char *scope,
                                                mailseal_error **err);

// Whom the user trusts, as `mailseal trust` keeps it in a folder: its anchors with their scopes, pins and roots of the
// Web of Trust. More can be added to the store. The folder is not written.
mailseal_status mailseal_trust_store_open(const char *path,
                                          mailseal_trust_store **trust_store,
                                          mailseal_error **err);

// Trusts what the system trusts for mail; refused where the system's list does not tell mail from web sites, as most do
// not (`mailseal_trust_store_add_email_roots` has one that does). `scope` as in `mailseal_trust_store_add_anchors`.
mailseal_status mailseal_trust_store_add_system_roots(mailseal_trust_store *trust_store,
                                                      const char *scope,
                                                      mailseal_error **err);

// Trusts the certificate of this fingerprint to be that of the address, and of no other. All of the fingerprint is
// wanted, in hexadecimal, blanks and colons allowed: 40 digits for OpenPGP version 4, 64 for version 6 and for X.509
// (SHA-256). A letter from the address that another certificate signed is at most `MAILSEAL_OUTCOME_CAUTION` then.
mailseal_status mailseal_trust_store_pin(mailseal_trust_store *trust_store,
                                         const char *address,
                                         const char *fingerprint,
                                         mailseal_error **err);

// Trusts an OpenPGP certificate to say who others are (Web of Trust), and for its own user IDs. All of the fingerprint
// is wanted; the certificate itself has to be among those that the context finds. `amount` is 1 to 120, where 120 is
// full (RFC 9580 section 5.2.3.21). Misuse in a library that was built without the Web of Trust.
mailseal_status mailseal_trust_store_add_web_of_trust_root(mailseal_trust_store *trust_store,
                                                           const char *fingerprint,
                                                           uint32_t amount,
                                                           mailseal_error **err);

// Trusts the authorities that Mozilla trusts for e-mail, for a scope, as in `mailseal_trust_store_add_anchors`; those
// that it has given up, for what they issued until then. Misuse in a library that was built without the list.
mailseal_status mailseal_trust_store_add_email_roots(mailseal_trust_store *trust_store,
                                                     const char *scope,
                                                     mailseal_error **err);

// Frees it. NULL is left alone.
void mailseal_trust_store_free(mailseal_trust_store *trust_store);

// What the letter is worth. 0 of NULL: not verified.
mailseal_outcome mailseal_verdict_outcome(const mailseal_verdict *verdict);

// What the rules of the policy for incoming mail say to do with the letter: `MAILSEAL_ACTION_PASS` unless one that is about
// its sender is not met. Of NULL: not taken.
mailseal_action mailseal_verdict_action(const mailseal_verdict *verdict);

// Whether pictures and other content may be fetched from the network when the letter is shown. No where something was
// decrypted that others could have put together: its address could carry the plaintext out. No of NULL.
bool mailseal_verdict_may_load_remote(const mailseal_verdict *verdict);

// How many reasons there are.
size_t mailseal_verdict_reason_count(const mailseal_verdict *verdict);

// The code of a reason, the decisive one first: `"partial_coverage"`. Codes never change. Empty where there is none of
// that number. Lives as long as the library.
mailseal_slice mailseal_verdict_reason_code(const mailseal_verdict *verdict,
                                            size_t index);

// All of it as JSON, on one line. Yours to free.
mailseal_buffer *mailseal_verdict_json(const mailseal_verdict *verdict);

// The page that `mailseal verify` prints, safe to print. Takes the report that the verdict was made from. `language` is
// a tag: `"en"`, `"ja"`, `"ja-JP"`; English for all that is not known. NULL of NULL. Yours to free.
mailseal_buffer *mailseal_verdict_text(const mailseal_verdict *verdict,
                                       const mailseal_report *report,
                                       const char *language);

// The `smimeStatus` of RFC 9219, `"signed/verified"`; empty for null: no signature. Takes the report that the verdict was
// made from. Lives as long as the library.
mailseal_slice mailseal_verdict_smime_status(const mailseal_verdict *verdict,
                                             const mailseal_report *report);

// The properties that RFC 9219 adds to an Email, as JSON: `smimeStatus`, `smimeErrors` in the language of a tag,
// `smimeVerifiedAt`. Takes the report that the verdict was made from. NULL of NULL. Yours to free.
mailseal_buffer *mailseal_verdict_smime_properties(const mailseal_verdict *verdict,
                                                   const mailseal_report *report,
                                                   const char *language);

// The verdict as an Authentication-Results field (RFC 8601, RFC 7281), name and value, folded with CRLF, without the last
// line end. Takes the report that the verdict was made from. `authserv_id` is the name of the receiving system,
// `"mx.example.org"`. NULL where it is no such name, and `*err` says so. Yours to free.
mailseal_buffer *mailseal_verdict_authentication_results(const mailseal_verdict *verdict,
                                                         const mailseal_report *report,
                                                         const char *authserv_id,
                                                         mailseal_error **err);

// Whether an Authentication-Results field of a letter from outside may stay (RFC 8601 section 5). No where it speaks in
// the name of `authserv_id`, and where nobody can tell in whose name it speaks. `value` is what stands after the colon,
// folded or not. For programs that change header fields one by one; `mailseal_opened_stamp` does it by itself. No of
// NULL.
bool mailseal_authentication_results_may_stay(const char *authserv_id,
                                              const uint8_t *value,
                                              size_t value_length);

// Frees it. NULL is left alone.
void mailseal_verdict_free(mailseal_verdict *verdict);

// From whom the letter is. Lives as long as the proof.
mailseal_slice mailseal_verified_sender(const mailseal_verified *verified);

// Writes the octets that were verified: header and body of one entity.
mailseal_status mailseal_verified_write(const mailseal_verified *verified,
                                        mailseal_output *output,
                                        mailseal_error **err);

// The version of the library in use, `"0.1.0"`. Lives as long as the library.
const char *mailseal_version(void);

// `MAILSEAL_VERSION_NUMBER` of the library in use.
uint32_t mailseal_version_number(void);

// Whether a program that was built with the header of that version, `MAILSEAL_VERSION_NUMBER`, may use this library:
// `MAILSEAL_OK` or `MAILSEAL_ERROR_MISUSE`.
mailseal_status mailseal_abi_check(uint32_t header_version);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* MAILSEAL_H */
