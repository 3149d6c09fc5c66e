# The shell of docs/guide.md: each piece between two marks. A test runs it in a folder with the letters of
# examples/letters and a draft.
set -eu

# [sign]
mailseal sign --key bob.pem --out signed.eml draft.eml
# [/sign]

# [verify]
mailseal verify --anchor 'openssl-ca.pem=*@example.com' openssl.eml    # 0 good, 1 any other verdict, 2 could not look
# [/verify]

# [act]
mailseal verify --anchor openssl-ca.pem --from alice@example.com --out invoice.eml openssl.eml && echo "book it"
# [/act]

# [encrypt]
mailseal encrypt --plan --anchor 'openssl-dave.pem=dave@example.com' --cert openssl-dave.pem draft.eml
mailseal encrypt --sign bob.pem --anchor 'openssl-dave.pem=dave@example.com' --cert openssl-dave.pem --out-dir outgoing draft.eml
# [/encrypt]

# [decrypt]
mailseal decrypt --key bob.pem --key bob.asc --anchor openssl-dave.pem --out letter.eml openssl-encrypted.eml
# [/decrypt]

# [trust]
mailseal trust add openssl-ca.pem --scope '*@example.com until=2040-12-31 for=sign'
mailseal trust pin carol@example.net 4CBE56D25F8925B5FD0F42E12EEDC723E55B8957
mailseal trust add --root CBB47BAA7122FBC47C12DEAB36197707BEE93BEE
mailseal verify --explain openssl.eml
# [/trust]

# [fetch]
mailseal verify --anchor strict-ca.pem --crl strict-ca.crl eve-revoked.eml || echo revoked    # or --fetch crl,ocsp
# [/fetch]

# [gateway]
mailseal verify --anchor openssl-ca.pem --json --jobs 2 openssl.eml gpg.eml > verdicts.jsonl || echo "some are not good"
# [/gateway]
