//! The `mailseal` command: signs, verifies, encrypts and decrypts mail at a shell.
#![forbid(unsafe_code)]

mod args;
mod audit;
mod cert;
#[cfg(feature = "openpgp")]
mod cert_openpgp;
mod cert_x509;
#[cfg(feature = "openpgp")]
mod certify;
mod decrypt;
mod elsewhere;
mod encrypt;
mod evidence;
mod keys;
mod keys_list;
mod look;
mod manual;
mod outgoing;
mod serve;
mod sign;
mod terminal;
mod trust;
mod trust_explain;
mod trust_list;
mod verify;
mod wants;
mod words;
mod world;

use std::error::Error;
use std::process::ExitCode;

use clap::FromArgMatches;

use args::{Args, Verb};

/// `good`, or done.
const GOOD: u8 = 0;
/// Any other verdict, or a refusal.
const NOT_GOOD: u8 = 1;
/// Could not look.
const COULD_NOT_LOOK: u8 = 2;

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    let language = words::choose(&words);
    let mut command = words::command(language);
    let parsed = command.try_get_matches_from_mut(words).and_then(|found| Args::from_arg_matches(&found));
    let args = match parsed {
        Ok(args) => args,
        Err(error) => return ExitCode::from(words::explain(&error, language)),
    };
    terminal::choose(args.color.unwrap_or(args::Color::Auto));
    let result = match args.verb {
        Verb::Sign(args) => sign::run(&args),
        Verb::Verify(args) => verify::run(&args),
        Verb::Encrypt(args) => encrypt::run(&args),
        Verb::Decrypt(args) => decrypt::run(&args),
        Verb::Evidence(evidence::EvidenceVerb::Check(args)) => evidence::check(&args),
        Verb::Serve(args) => serve::run(&args),
        Verb::Completions(args) => manual::completions(&args),
        Verb::Man => manual::page(language),
        Verb::Keys(args) => keys_list::run(&args),
        Verb::Trust(verb) => trust::run(&verb),
        Verb::Cert(args::CertVerb::Show(args)) => cert::run(&args),
        #[cfg(feature = "openpgp")]
        Verb::Key(args::KeyVerb::Certify(args)) => certify::run(&args),
    };
    ExitCode::from(result.unwrap_or_else(|error| failed(&*error)))
}

fn failed(error: &(dyn Error + 'static)) -> u8 {
    match error.downcast_ref::<mailseal::Error>() {
        Some(refused @ (mailseal::Error::Refused(_) | mailseal::Error::Unreachable(_))) => {
            eprintln!("mailseal: {}", terminal::line(&refused.to_string()));
            NOT_GOOD
        }
        _ => {
            eprintln!("mailseal: {}", terminal::line(&error.to_string()));
            COULD_NOT_LOOK
        }
    }
}
