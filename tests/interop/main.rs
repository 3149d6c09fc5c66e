//! Other people's programs as the judge: one cell for each program, type of key, form and letter.
//!
//! - [`sealed`]: what mailseal signs, others accept. [`opened`]: what others sign, mailseal finds good.
//! - [`keys`]: keys made by others are loaded, and sign. [`corpora`]: the same for key files found elsewhere.
//! - [`transport`]: what mail servers and lists do to a letter on its way.
//!
//! In every cell the same letter with one octet changed is refused by both sides, so that accepting means something.
//! The tables are printed at the end; `cells.txt` holds how many cells have run, and that number only rises.
//! `cargo test --test interop -- WORD` runs the cells with that word in their names.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
#![allow(unreachable_pub)] // a program of its own

mod cells;
mod corpora;
mod encrypted;
mod keys;
mod letters;
mod opened;
mod pgp;
mod python;
mod sealed;
mod smime;
#[path = "../support/mod.rs"]
mod support;
mod transport;

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use cells::Cells;

/// Work that shares nothing but the fixtures; the longest first.
const ROOMS: &[fn(&Cells)] = &[
    opened::openssl,
    sealed::smime,
    corpora::run,
    sealed::openpgp,
    encrypted::openssl::run,
    opened::gpg,
    encrypted::smime::run,
    encrypted::pgp::run,
    encrypted::pgp_peers::run,
    encrypted::smime::letters,
    encrypted::openssl::letters,
    encrypted::nss_and_gpgsm::run,
    encrypted::bouncy_castle::run,
    encrypted::pgp::letters,
    encrypted::pgp_peers::letters,
    encrypted::recipients::run,
    keys::smime,
    opened::letters,
    keys::openpgp,
    opened::nss_and_gpgsm,
    opened::sq_and_rnp,
    sealed::letters,
    transport::run,
    python::run,
];

const WORKERS: usize = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        println!("interop: test");
        return ExitCode::SUCCESS;
    }
    let words = arguments.into_iter().filter(|argument| !argument.starts_with('-')).collect();
    let cells = Cells::new(words);
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(room) = ROOMS.get(next.fetch_add(1, Ordering::Relaxed)) {
                    room(&cells);
                }
            });
        }
    });
    match cells.conclude() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
