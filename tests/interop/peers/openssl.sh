#!/usr/bin/env bash
# Builds a newer openssl than the system has, as one more judge for tests/interop: the program alone, static, without
# its tests. Its source comes by way of cargo, from the crate openssl-src, which no package here depends on. Once: a few
# minutes; after that nothing.
#
#   tests/interop/peers/openssl.sh [FOLDER]      default target/peers; the program is FOLDER/openssl
set -euo pipefail
cd "$(dirname "$0")/../../.."

version=400.0.2+4.0.3
mkdir -p "${1:-target/peers}"
peers=$(cd "${1:-target/peers}" && pwd)
if [ "$(cat "$peers/openssl.version" 2>/dev/null)" = "$version" ] && "$peers/openssl" version; then
    exit 0
fi

build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
mkdir "$build/src" && : >"$build/src/lib.rs"
cat >"$build/Cargo.toml" <<TOML
[package]
name = "fetch"
version = "0.0.0"
edition = "2021"
[dependencies]
openssl-src = "=$version"
[workspace]
TOML
(cd "$build" && cargo vendor --quiet vendored >/dev/null)

cd "$build/vendored/openssl-src/openssl"
perl ./Configure linux-x86_64 --release no-shared no-module no-tests no-docs no-ssl-trace no-quic no-dtls no-comp \
    no-fuzz-libfuzzer no-fuzz-afl >/dev/null
nice -n 10 make -s -j2 build_sw >"$build/log" 2>&1 || { tail -n 40 "$build/log" >&2; exit 1; }
cp apps/openssl "$peers/openssl"
echo "$version" >"$peers/openssl.version"
"$peers/openssl" version
