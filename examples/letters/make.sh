#!/bin/sh
# Makes the letters that openssl and gpg signed and encrypted, and what is needed to open them. Keys of signers are thrown
# away; those of Bob, whom the letters are encrypted to, are here for everybody to read.
# The tour shows them, and the READMEs name the fingerprints of Carol and Grace. Run this again only to make new ones:
# `make.sh` with `signed`, `revoked`, `introduced` or `encrypted`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'gpgconf --kill all; rm -rf "$work"' EXIT
cd "$work"
export GNUPGHOME=$work/gnupg
mkdir -m 700 "$GNUPGHOME"

crlf() { sed 's/\r*$/\r/'; }
head_of() { printf 'From: %s\nTo: Bob <bob@example.org>\nSubject: %s\nDate: %s\nMessage-ID: <%s>\nMIME-Version: 1.0\n' "$1" "$2" "$(LC_ALL=C date -R)" "$3"; }
body() { printf 'Content-Type: text/plain; charset=us-ascii\n\nDear Bob,\n\nthe parcel leaves on Monday.\n\n%s\n' "$1" | crlf; }

new_key() { gpg --batch --quiet --passphrase '' --quick-generate-key "$@" 2>/dev/null; }

signed() {
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
    new_key 'Carol Jones <carol@example.net>' ed25519 sign never
    by_gpg 'Carol Jones <carol@example.net>' 2@example.net >"$here/gpg.eml"
    gpg --armor --export carol@example.net >"$here/gpg-carol.asc"
}

# A letter that gpg signs.
by_gpg() {
    body "${1%% *}" >entity
    gpg --batch --quiet --yes --armor --digest-algo SHA256 --local-user "$1" --detach-sign --output entity.asc entity
    boundary=a-boundary-of-gpg
    {
        head_of "$1" 'Your parcel' "$2"
        printf 'Content-Type: multipart/signed; micalg=pgp-sha256;\n protocol="application/pgp-signature"; boundary="%s"\n\n--%s\n' $boundary $boundary
        cat entity
        printf '\n--%s\nContent-Type: application/pgp-signature; name="signature.asc"\n\n' $boundary
        cat entity.asc
        printf '\n--%s--\n' $boundary
    } | crlf
}

# An authority, a certificate that it revoked, the CRL that says so, where the certificate says to look for it, and a
# letter.
revoked() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 7300 -subj '/CN=Example Strict CA' -keyout strict.key \
        -out "$here/strict-ca.pem" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=Eve Young' -keyout eve.key -out eve.csr 2>/dev/null
    printf 'subjectAltName=email:eve@example.com\nextendedKeyUsage=emailProtection\ncrlDistributionPoints=URI:http://crl.example.com/strict-ca.crl\n' >ext
    openssl x509 -req -in eve.csr -CA "$here/strict-ca.pem" -CAkey strict.key -set_serial 66 -days 7000 -sha256 -extfile ext -out "$here/eve-revoked.pem" 2>/dev/null
    : >index.txt
    echo 01 >number
    printf '[ca]\ndefault_ca=x\n[x]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=7000\n' >strict.cnf
    openssl ca -config strict.cnf -cert "$here/strict-ca.pem" -keyfile strict.key -revoke "$here/eve-revoked.pem" -crl_reason keyCompromise 2>/dev/null
    openssl ca -config strict.cnf -cert "$here/strict-ca.pem" -keyfile strict.key -gencrl -out "$here/strict-ca.crl" 2>/dev/null
    body Eve | openssl cms -sign -binary -md sha256 -signer "$here/eve-revoked.pem" -inkey eve.key >signed.eml
    { head_of 'Eve Young <eve@example.com>' 'Your parcel' 5@example.com; sed '/^MIME-Version:/d' signed.eml; } | crlf >"$here/eve-revoked.eml"
}

# Grace lets Heidi introduce others, and Heidi certifies Ivan, who writes. A certificate directory, as sq keeps it.
introduced() {
    fingerprint() { gpg --with-colons --list-keys "$1" | awk -F: '/^fpr/ { print $10; exit }'; }
    new_key 'Grace Lee <grace@example.org>' ed25519 cert never
    new_key 'Heidi Weiss <heidi@example.net>' ed25519 cert never
    new_key 'Ivan Petrov <ivan@example.com>' ed25519 sign never
    # Fully, one step, for everybody.
    printf '2\n1\n\ny\ny\n' | gpg --no-tty --quiet --passphrase '' --pinentry-mode loopback --command-fd 0 --local-user grace@example.org --edit-key heidi@example.net tsign save >/dev/null 2>&1
    gpg --batch --quiet --local-user heidi@example.net --quick-sign-key "$(fingerprint ivan@example.com)" >/dev/null 2>&1
    rm -rf "$here/pgp.cert.d"
    for who in grace@example.org heidi@example.net ivan@example.com; do
        name=$(fingerprint $who | tr A-F a-f)
        folder=$here/pgp.cert.d/$(echo "$name" | cut -c 1-2)
        mkdir -p "$folder"
        gpg --export $who >"$folder/$(echo "$name" | cut -c 3-)"
    done
    cp "$here/pgp.cert.d/$(fingerprint grace@example.org | tr A-F a-f | sed 's|^..|&/|')" "$here/pgp.cert.d/trust-root"
    by_gpg 'Ivan Petrov <ivan@example.com>' 6@example.com >"$here/gpg-introduced.eml"
}

# Signed by Dave, encrypted to Bob.
encrypted() {
    # S/MIME by openssl
    self_signed() {
        openssl req -x509 -newkey rsa:2048 -nodes -days 7000 -subj "/CN=$2" -keyout "$1.key" -out "$1.crt" -addext basicConstraints=critical,CA:FALSE \
            -addext keyUsage=critical,digitalSignature,keyEncipherment -addext extendedKeyUsage=emailProtection -addext "subjectAltName=email:$3" 2>/dev/null
    }
    self_signed dave 'Dave Miller' dave@example.com
    self_signed bob Bob bob@example.org
    body Dave | openssl cms -sign -binary -md sha256 -signer dave.crt -inkey dave.key | crlf >inside
    openssl cms -encrypt -binary -aes-256-gcm -in inside -out encrypted.eml bob.crt
    { head_of 'Dave Miller <dave@example.com>' '...' 3@example.com; sed '/^MIME-Version:/d' encrypted.eml; } | crlf >"$here/openssl-encrypted.eml"
    cp dave.crt "$here/openssl-dave.pem"
    cat bob.key bob.crt >"$here/bob.pem"

    # PGP/MIME by gpg
    new_key 'Dave Miller <dave@example.com>' ed25519 sign never
    new_key 'Bob <bob@example.org>' ed25519 sign never
    gpg --batch --quiet --passphrase '' --quick-add-key "$(gpg --with-colons --list-keys bob@example.org | awk -F: '/^fpr/ { print $10; exit }')" cv25519 encr never
    body Dave | gpg --batch --quiet --armor --trust-model always --digest-algo SHA256 --sign --encrypt --local-user dave@example.com --recipient bob@example.org --output entity.asc.gpg
    boundary=another-boundary-of-gpg
    {
        head_of 'Dave Miller <dave@example.com>' '...' 4@example.com
        printf 'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="%s"\n\n--%s\n' $boundary $boundary
        printf 'Content-Type: application/pgp-encrypted\n\nVersion: 1\n\n--%s\nContent-Type: application/octet-stream; name="encrypted.asc"\n\n' $boundary
        cat entity.asc.gpg
        printf '\n--%s--\n' $boundary
    } | crlf >"$here/gpg-encrypted.eml"
    gpg --armor --export dave@example.com >"$here/gpg-dave.asc"
    gpg --armor --export-secret-keys bob@example.org >"$here/bob.asc"
}

[ $# -gt 0 ] || set -- signed revoked introduced encrypted
for what; do "$what"; done
