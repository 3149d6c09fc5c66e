//! What attackers send, end to end: no letter of theirs is `good`, none gives a `Verified`, nothing runs away.
//!
//! Names begin with the requirement that they hold up. BITES.md says how each of them was seen to bite.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
#![cfg(all(feature = "smime", feature = "openpgp-rust", feature = "aws-lc"))]

#[path = "../support/mod.rs"]
mod support;

mod blind;
mod carried;
mod cms;
mod content_keys;
mod crowds;
mod flips;
mod forgeries;
mod headers;
mod identity;
mod memory;
mod openpgp;
mod oracles;
mod people;
mod profile;
mod rules;
mod sealed;
mod stage;
mod structure;
mod transport;
mod trust;
mod whose_word;

#[cfg(feature = "cli")]
mod command;
#[cfg(feature = "cli")]
mod hostile;
