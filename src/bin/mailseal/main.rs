//! The `mailseal` command: signs and verifies mail at a shell.
#![forbid(unsafe_code)]

mod args;
mod sign;
mod terminal;
mod verify;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

use args::{Args, Verb};

/// `good`, or done.
const GOOD: u8 = 0;
/// Any other verdict, or a refusal to sign.
const NOT_GOOD: u8 = 1;
/// Could not look.
const COULD_NOT_LOOK: u8 = 2;

fn main() -> ExitCode {
    let result = match Args::parse().verb {
        Verb::Sign(args) => sign::run(&args),
        Verb::Verify(args) => verify::run(&args),
    };
    ExitCode::from(result.unwrap_or_else(|error| failed(&*error)))
}

fn failed(error: &(dyn Error + 'static)) -> u8 {
    match error.downcast_ref::<mailseal::Error>() {
        Some(refused @ mailseal::Error::Refused(_)) => {
            eprintln!("mailseal: {}", terminal::line(&refused.to_string()));
            NOT_GOOD
        }
        _ => {
            eprintln!("mailseal: {}", terminal::line(&error.to_string()));
            COULD_NOT_LOOK
        }
    }
}
