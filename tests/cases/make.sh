#!/bin/sh
# Makes the letters of the table out of those in examples/letters: what others made, and what befell it on its way.
set -eu
cd "$(dirname "$0")"
from=../../examples/letters
crlf() { sed 's/\r*$/\r/'; }

mkdir -p letters drafts
sed 's/on Monday/on Friday/' $from/openssl.eml >letters/smime-altered.eml
sed 's/on Monday/on Friday/' $from/gpg.eml >letters/pgp-altered.eml
sed 's/^From: .*/From: The President <president@example.com>\r/' $from/openssl.eml >letters/other-from.eml
{
    printf 'Authentication-Results: MX.example.org (ours?); smime=pass body.smime-identifier=mallory@example.net\n'
    printf 'Received: from a.example by mx.example.org; Fri, 15 Jan 2027 08:00:00 +0000\n'
    cat $from/openssl.eml
} | crlf >letters/forged-results.eml
# A server put its field into the part; another encoded the text anew; a list signed below it. All is inside of the signature.
sed 's/^Content-Type: text/X-Inspected: yes\r\n&/' $from/openssl.eml >letters/doctor-field.eml
sed 's/^the parcel leaves on Monday\./the parcel leaves on =4Donday=2E/; s/^Content-Type: text.*/&\nContent-Transfer-Encoding: quoted-printable\r/' $from/openssl.eml >letters/doctor-encoded.eml
sed 's/^\(Alice\|Carol\)\r$/&\n_______________________________________________\r\nTo unsubscribe: https:\/\/lists.example.org\/leave\r/' $from/gpg.eml >letters/doctor-footer.eml
# As a server keeps them.
{
    printf 'From alice@example.com Fri Jan 15 08:00:00 2027\n'
    sed 's/\r$//' $from/openssl.eml
    printf '\nFrom carol@example.net Fri Jan 15 08:00:00 2027\n'
    sed 's/\r$//' letters/smime-altered.eml
    printf '\n'
} >letters/inbox.mbox
printf 'From: Bob <bob@example.org>\nTo: Dave <dave@example.com>\nSubject: Nothing signed\nDate: Fri, 15 Jan 2027 08:00:00 +0000\nMIME-Version: 1.0\nContent-Type: text/plain\n\nHello\n' | crlf >letters/unsigned.eml
sed 's/^From: .*/From: Alice Liddell <alice@examp1e.com>\r/' letters/unsigned.eml >letters/lookalike.eml
# A detached signature, as programs with their own MIME parser hold it.
sed 's/\r$//' $from/openssl.eml | awk '/^$/ { exit } { print }' | crlf >letters/detached.header
python3 - $from/openssl.eml $from/gpg.eml $from/openssl-encrypted.eml <<'END'
import base64, re, sys
mail = open(sys.argv[1], "rb").read()
boundary = re.search(rb'boundary="([^"]+)"', mail).group(1)
_, content, signature, _ = mail.split(b"--" + boundary)
open("letters/detached.content", "wb").write(content[2:-2])
open("letters/detached.p7s", "wb").write(base64.b64decode(signature.split(b"\r\n\r\n", 1)[1]))

# As mailing lists do it: the signed letter becomes the first of two parts.
header, body = open(sys.argv[2], "rb").read().split(b"\r\n\r\n", 1)
at = header.index(b"Content-Type:")
footer = b"-- \r\nTo unsubscribe, visit the page of this list.\r\n"
open("letters/list-footer.eml", "wb").write(
    header[:at] + b"Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\n" + header[at:] + b"\r\n\r\n" + body
    + b"--outer\r\nContent-Type: text/plain\r\n\r\n" + footer + b"\r\n--outer--\r\n")

# An encrypted letter as one part of another.
header, body = open(sys.argv[3], "rb").read().split(b"\r\n\r\n", 1)
kept = [line for line in header.split(b"\r\n") if not line.startswith((b"From", b"To", b"Subject", b"Date", b"Message-ID", b"MIME-Version"))]
open("letters/beside.eml", "wb").write(
    b"From: Dave Miller <dave@example.com>\r\nTo: Bob <bob@example.org>\r\nSubject: Look inside\r\n"
    b"Date: Fri, 15 Jan 2027 08:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n"
    b"--outer\r\nContent-Type: text/plain\r\n\r\nHere it is.\r\n--outer\r\n"
    + b"\r\n".join(kept) + b"\r\n\r\n" + body + b"\r\n--outer--\r\n")
END
for who in 'Dave Miller <dave@example.com>' 'Nobody <nobody@example.net>' 'Eve Young <eve@example.com>'; do
    name=${who##*<}
    printf 'From: Bob <bob@example.org>\nTo: %s\nSubject: A parcel\nDate: Fri, 15 Jan 2027 08:00:00 +0000\nMessage-ID: <case@example.org>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nThe parcel leaves on Monday.\n' "$who" | crlf >"drafts/to-${name%%@*}.eml"
done
printf 'From: The Team <team@example.org>\nSender: Bob <bob@example.org>\nTo: Dave Miller <dave@example.com>\nSubject: A parcel\nDate: Fri, 15 Jan 2027 08:00:00 +0000\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nThe parcel leaves on Monday.\n' | crlf >drafts/from-team.eml
printf 'From: Bob <bob@example.org>\nTo: Dave Miller <dave@example.com>, Carol Jones <carol@example.net>\nBcc: bob@example.org\nSubject: Two parcels\nDate: Fri, 15 Jan 2027 08:00:00 +0000\nMessage-ID: <case@example.org>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nThe parcels leave on Monday.\n' | crlf >drafts/to-several.eml

# The rest changes with each run: `make.sh bank` and `make.sh passwords` make new ones.
[ -n "${1-}" ] || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A bank whose papers an authority has looked at, and one of whom it knows a mailbox (CA/Browser Forum S/MIME Baseline
# Requirements §7.1.6.1).
bank() {
    printf '[req]\ndistinguished_name=name\n[name]\n' >"$work/cnf"
    openssl req -config "$work/cnf" -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 7300 -subj '/CN=Example Bank Root CA' -keyout "$work/ca.key" \
        -out letters/bank-ca.pem -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
    by_bank organization 2 '/C=JP/L=Tokyo/O=Example Bank, Ltd./CN=Example Bank'
    by_bank mailbox 1 '/CN=notice@bank.example'
}
by_bank() {
    openssl req -config "$work/cnf" -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$3" -keyout "$work/key" -out "$work/csr" 2>/dev/null
    printf 'subjectAltName=email:notice@bank.example\nextendedKeyUsage=emailProtection\nkeyUsage=critical,digitalSignature\ncertificatePolicies=2.23.140.1.5.%s.3\n' "$2" >"$work/ext"
    openssl x509 -req -in "$work/csr" -CA letters/bank-ca.pem -CAkey "$work/ca.key" -set_serial "$2" -days 7000 -sha256 -extfile "$work/ext" -out "$work/pem" 2>/dev/null
    {
        printf 'From: Example Bank <notice@bank.example>\nTo: Bob <bob@example.org>\nSubject: Your statement\nDate: %s\n' "$(LC_ALL=C date -R -u)"
        printf 'Content-Type: text/plain\r\n\r\nYour statement is ready.\r\n' | openssl cms -sign -binary -md sha256 -signer "$work/pem" -inkey "$work/key"
    } | crlf >"letters/bank-$1.eml"
}
if [ "$1" = bank ]; then bank; fi

# To a password.
[ "$1" = passwords ] || exit 0
printf 'Content-Type: text/plain\n\nDear Bob,\n\nthe parcel leaves on Monday.\n' | crlf >"$work/entity"
head() { printf 'From: Alice Liddell <alice@example.com>\nTo: Bob <bob@example.org>\nSubject: To a password\nDate: Fri, 15 Jan 2027 08:00:00 +0000\nMIME-Version: 1.0\n'; }
{
    head
    printf 'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n--b\nContent-Type: application/octet-stream\n\n'
    gpg --homedir "$work" --batch --quiet --armor --symmetric --passphrase 'correct horse' --output - "$work/entity"
    printf '\n--b--\n'
} | crlf >letters/pgp-password.eml
{ head; openssl cms -encrypt -binary -aes-256-cbc -pwri_password 'correct horse' -in "$work/entity" | sed '/^MIME-Version:/d'; } | crlf >letters/smime-password.eml
