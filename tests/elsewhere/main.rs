//! Private keys that live elsewhere: tokens by SoftHSM2, and GnuPG's agent. What they sign is judged by openssl and gpg;
//! what openssl and gpg encrypt, they open.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
#![cfg(all(feature = "smime", feature = "openpgp-rust", feature = "aws-lc"))]
#![allow(dead_code)] // each of the two takes what it needs

#[path = "../support/mod.rs"]
mod support;

#[cfg(all(unix, feature = "gpg-agent"))]
mod agent;
mod faults;
mod letters;
mod openpgp;
#[cfg(feature = "pkcs11")]
mod tokens;
