#!/bin/bash
# Peak memory of the command with a large letter: benches/memory.sh [MiB=1024] [KiB at most=32768]
#
# Encrypts, decrypts, signs and encrypts, decrypts and verifies; S/MIME and OpenPGP; from a file and from a pipe, to a file.
# Needs openssl, gpg and time (the Debian package), and four times the letter's room in $TMPDIR.
set -euo pipefail
megabytes=${1:-1024}
most=${2:-32768}
cd "$(dirname "$0")/.."
[ -n "${MAILSEAL:-}" ] || cargo build --quiet --release --features cli --bin mailseal
mailseal=${MAILSEAL:-${CARGO_TARGET_DIR:-$PWD/target}/release/mailseal}
work=$(mktemp -d)
export GNUPGHOME=$work/gnupg
trap 'gpgconf --kill all; rm -rf "$work"' EXIT
cd "$work"

identities() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj '/CN=Root' -keyout ca.key -out ca.pem 2>/dev/null
    openssl req -newkey rsa:2048 -nodes -subj '/CN=Alice' -keyout alice.key -out alice.csr 2>/dev/null
    printf '%s\n' 'basicConstraints=critical,CA:FALSE' 'keyUsage=critical,digitalSignature,keyEncipherment' \
        'extendedKeyUsage=emailProtection' 'subjectAltName=email:alice@example.org' 'subjectKeyIdentifier=hash' \
        'authorityKeyIdentifier=keyid' >extensions
    openssl x509 -req -in alice.csr -CA ca.pem -CAkey ca.key -set_serial 2 -days 20 -extfile extensions -out alice.crt 2>/dev/null
    cat alice.key alice.crt >smime.key
    cp alice.crt smime.crt
    cp ca.pem smime.anchor

    mkdir -m 700 "$GNUPGHOME"
    gpg --batch --quiet --passphrase '' --quick-generate-key 'Alice <alice@example.org>' ed25519 sign never 2>/dev/null
    fingerprint=$(gpg --quiet --list-keys --with-colons 2>/dev/null | awk -F: '$1 == "fpr" { print $10; exit }')
    gpg --batch --quiet --passphrase '' --quick-add-key "$fingerprint" cv25519 encr never 2>/dev/null
    gpg --batch --quiet --export-secret-keys --armor >pgp.key
    gpg --batch --quiet --export --armor >pgp.crt
    cp pgp.crt pgp.anchor
}

draft() {
    printf '%s\r\n' 'From: Alice <alice@example.org>' 'To: Alice <alice@example.org>' 'Subject: A large letter' \
        "Date: $(LC_ALL=C date -R)" 'Message-ID: <large@example.org>' 'MIME-Version: 1.0' \
        'Content-Type: multipart/mixed; boundary=b1' '' '--b1' 'Content-Type: text/plain' '' 'See the attachment.' '--b1' \
        'Content-Type: application/octet-stream; name=a.bin' 'Content-Transfer-Encoding: base64' ''
    # 57 octets make 78.
    head -c $((megabytes * 1048576 / 78 * 57)) /dev/zero | openssl enc -aes-128-ctr -pass pass:x -nosalt 2>/dev/null \
        | base64 -w 76 | sed 's/$/\r/'
    printf '%s\r\n' '--b1--'
}

failed=0
# measured WHAT INPUT ARGUMENTS...: INPUT goes to standard input, unless it is /dev/null
measured() {
    local what=$1 input=$2
    shift 2
    # A pipe, not a file that could be read twice.
    if ! cat "$input" | command time -v -o usage "$mailseal" "$@" >said 2>&1; then
        echo "$what: failed"
        cat said
        failed=1
        return
    fi
    local peak seconds
    peak=$(awk '/Maximum resident/ { print $NF }' usage)
    seconds=$(awk '/User time|System time/ { sum += $NF } END { printf "%.1f", sum }' usage)
    printf '%-58s %7d KiB %8s s\n' "$what" "$peak" "$seconds"
    if [ "$peak" -ge "$most" ]; then
        echo "  that is not below $most KiB"
        failed=1
    fi
}

identities
draft >draft.eml
echo "$(wc -c <draft.eml) octets; peak resident memory, processor time"
for protocol in smime pgp; do
    for signs in '' --sign; do
        encrypt="$protocol encrypt" decrypt="$protocol decrypt" key=()
        if [ -n "$signs" ]; then
            encrypt="$protocol sign and encrypt" decrypt="$protocol decrypt and verify" key=(--sign "$protocol.key")
        fi
        encrypts=(encrypt --to "$protocol.crt" ${key[@]+"${key[@]}"} --out letter.eml)
        if [ "$protocol" = smime ]; then encrypts+=(--cipher aes-256-gcm); fi
        decrypts=(decrypt --key "$protocol.key" --anchor "$protocol.anchor" --out payload.eml)
        measured "$encrypt, file to file" /dev/null "${encrypts[@]}" draft.eml
        rm -f letter.eml
        measured "$encrypt, pipe to file" draft.eml "${encrypts[@]}"
        for from in file pipe; do
            input=/dev/null name=(letter.eml)
            if [ $from = pipe ]; then input=letter.eml name=(); fi
            measured "$decrypt, $from to file" "$input" "${decrypts[@]}" ${name[@]+"${name[@]}"}
            if ! cmp -s <(tail -n 2000 draft.eml) <(tail -n 2000 payload.eml); then
                echo "  the payload is not the draft"
                failed=1
            fi
            rm -f payload.eml
        done
        rm -f letter.eml
    done
done
exit $failed
