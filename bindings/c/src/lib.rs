//! The C ABI of mailseal. One file for each object; the conventions are in `include/README.md`.
//!
//! - `boundary`: what every export goes through: NULL checks, the panic boundary, status and error.
//! - `handle`: what a pointer points to: a tag, a state, and who may take it.
//! - `quiet`: panics do not go to standard error.
//! - everything else: one object of `include/mailseal.h` each, which calls the public Rust API and nothing below it.
//!
//! The header is made of this crate by cbindgen; `cargo test -p mailseal-capi` says when it is not up to date.
#![allow(non_camel_case_types)] // a type has one name, in C and here

#[cfg(not(panic = "unwind"))]
compile_error!("a panic has to stop at the boundary: build with panic = \"unwind\"");

#[macro_use]
mod boundary;
#[macro_use]
mod handle;

mod archive;
mod buffer;
mod callback;
mod cancel;
mod certificate;
mod claims;
mod composer;
mod context;
mod dispatch;
mod doctor;
mod domain;
mod error;
mod evidence;
mod external;
mod finding;
mod footer;
mod input;
mod key;
mod layer;
mod made_key;
mod mailbox;
mod memory;
mod new_key;
mod opened;
mod opener;
mod output;
mod part;
mod plan;
mod policy;
mod preflight;
mod prepared;
mod quiet;
mod recipe;
mod report;
mod request;
mod signature;
mod slice;
#[allow(dead_code)] // some are read by C only
mod status;
mod stored_message;
mod trust_store;
mod verdict;
mod verified;
mod version;

#[cfg(test)]
mod tests;
