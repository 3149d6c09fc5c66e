//! The C ABI as C programs meet it: the header, the exports, and programs that are compiled, linked and run.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[path = "../../../../tests/support/mod.rs"]
mod support;

mod attack;
mod cancel;
mod cases;
mod compiled;
mod cpp;
mod elsewhere;
mod examples;
mod exports;
mod gate;
mod guide;
mod header;
mod installed;
mod mailbox;
mod matrix;
mod new_key;
mod random;
mod sealed;
mod viewer;
mod world;

/// What every driver is given, and has to answer.
#[allow(dead_code)]
#[path = "../../../../tests/cases/table.rs"]
mod table;
