//! mailseal-milter under Postfix, as it is installed: a server that signs, a server that verifies, and the programs that
//! stand beside them.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[path = "../abi/compiled.rs"]
#[allow(dead_code)]
mod compiled;
#[path = "../../../../tests/support/mod.rs"]
mod support;

mod configuration;
mod daemon;
mod dkim;
mod faults;
mod forged;
mod learned;
mod letters;
mod policy;
mod postfix;
mod smtp;
mod stage;
mod thousand;
