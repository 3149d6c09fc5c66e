//! The library against other projects' letters: their stated outcomes, other programs' judgement, and every file.
//!
//! - [`rub_johnny`], [`thunderbird_smime`], [`pkits`], [`kde`], [`stated`]: what the corpora state.
//! - [`peers`]: every signed letter, judged by `openssl cms` and `gpg` as well.
//! - [`encrypted`], [`opened_by_peers`]: encrypted letters with their keys, and what others read in them.
//! - [`every_file`]: every file of every corpus is looked at, within bounds.
//! - `divergences.json`: where the library differs from a peer or a statement, and why it is right.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[path = "../support/mod.rs"]
mod support;

mod divergences;
mod encrypted;
mod every_file;
mod heap;
mod kde;
mod keys;
mod letters;
mod opened_by_peers;
mod peers;
mod pkits;
mod programs;
mod rub_johnny;
mod splitter;
mod stated;
mod thunderbird_smime;
