//! The Web of Trust from outside: what gpg thinks of the same certifications, and the stores that it and others keep.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
#![cfg(all(feature = "web-of-trust", feature = "openpgp-rust", feature = "aws-lc"))]

#[path = "../support/mod.rs"]
mod support;

mod gpg;
mod letters;
mod stores;
