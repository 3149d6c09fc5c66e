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

mod cancel;
mod compiled;
mod elsewhere;
mod examples;
mod exports;
mod header;
mod matrix;
mod sealed;
mod world;
