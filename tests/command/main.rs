//! The command, end to end: `encrypt` and `decrypt` against openssl and gpg. `sign` and `verify` are in tests/attacks.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
#![cfg(all(feature = "smime", feature = "openpgp-rust", feature = "aws-lc", feature = "cli"))]

#[path = "../domain/knot.rs"]
mod knot;
#[path = "../support/mod.rs"]
mod support;

mod batch;
mod bulk;
mod cert;
mod certify;
mod decrypt;
mod doctor;
mod domain;
mod encrypt;
mod inspect;
mod json;
mod keys;
#[cfg(unix)]
mod neomutt;
mod new_key;
mod people;
mod policy;
mod serve;
mod sources;
mod trust;
mod words;
