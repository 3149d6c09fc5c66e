//! Files of keys: those that others wrote are read, those that mailseal writes others read, and a file that somebody
//! tampered with is refused.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
#![cfg(all(feature = "smime", feature = "openpgp-rust", feature = "aws-lc"))]
#![allow(dead_code)] // of what tests share, this one takes a part

#[path = "../support/mod.rs"]
mod support;

mod openpgp;
mod pkcs12;
mod pkcs8;
