#!/bin/sh
# Makes the letters that openssl and gpg signed, and the certificates to verify them with. Keys are thrown away.
# The tour shows them; run this again only to make new ones.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

crlf() { sed 's/\r*$/\r/'; }
head_of() { printf 'From: %s\nTo: Bob <bob@example.org>\nSubject: %s\nDate: %s\nMessage-ID: <%s>\nMIME-Version: 1.0\n' "$1" "$2" "$(LC_ALL=C date -R)" "$3"; }
body() { printf 'Content-Type: text/plain; charset=us-ascii\n\nDear Bob,\n\nthe parcel leaves on Monday.\n\n%s\n' "$1" | crlf; }

# S/MIME by openssl
openssl req -x509 -newkey rsa:3072 -nodes -days 7300 -subj '/O=Example Trust/CN=Example Root CA' -keyout ca.key -out ca.pem \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj '/CN=Alice Liddell' -keyout alice.key -out alice.csr 2>/dev/null
printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=emailProtection\nsubjectAltName=email:alice@example.com\ncertificatePolicies=2.23.140.1.5.1.2\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n' >ext
openssl x509 -req -in alice.csr -CA ca.pem -CAkey ca.key -set_serial 42 -days 7000 -sha256 -extfile ext -out alice.pem 2>/dev/null
body Alice | openssl cms -sign -binary -md sha256 -signer alice.pem -inkey alice.key >signed.eml
{ head_of 'Alice Liddell <alice@example.com>' 'Your parcel' 1@example.com; sed '/^MIME-Version:/d' signed.eml; } | crlf >"$here/openssl.eml"
cp ca.pem "$here/openssl-ca.pem"

# PGP/MIME by gpg
export GNUPGHOME=$work/gnupg
mkdir -m 700 "$GNUPGHOME"
gpg --batch --quiet --passphrase '' --quick-generate-key 'Carol Jones <carol@example.net>' ed25519 sign never 2>/dev/null
body Carol >entity
gpg --batch --quiet --armor --digest-algo SHA256 --detach-sign --output entity.asc entity
boundary=a-boundary-of-gpg
{
    head_of 'Carol Jones <carol@example.net>' 'Your parcel' 2@example.net
    printf 'Content-Type: multipart/signed; micalg=pgp-sha256;\n protocol="application/pgp-signature"; boundary="%s"\n\n--%s\n' $boundary $boundary
    cat entity
    printf '\n--%s\nContent-Type: application/pgp-signature; name="signature.asc"\n\n' $boundary
    cat entity.asc
    printf '\n--%s--\n' $boundary
} | crlf >"$here/gpg.eml"
gpg --armor --export carol@example.net >"$here/gpg-carol.asc"
gpgconf --kill all
