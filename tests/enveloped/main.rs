//! EnvelopedData and AuthEnvelopedData: what others encrypt is opened, what is encrypted here others open, and what is
//! wrong opens never.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod corpora;
mod desk;
#[path = "../corpora/heap.rs"]
mod heap;
mod judges;
mod memory;
mod opened;
mod rules;
mod sealed;
#[path = "../support/mod.rs"]
mod support;
