//! What must hold, told in words: NAME.md says what happens, NAME.rs plays it and holds its end against the words.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[path = "../support/mod.rs"]
mod support;

mod command;
mod story;

mod another_authority;
mod organization_or_mailbox;
