//! The `mailseal` command: signs, verifies, encrypts and decrypts mail at a shell.
#![forbid(unsafe_code)]

mod args;
mod audit;
mod batch;
mod bulk;
mod cert;
#[cfg(feature = "openpgp")]
mod cert_openpgp;
mod cert_x509;
#[cfg(feature = "openpgp")]
mod certify;
mod decrypt;
mod dkim;
mod doctor;
mod doctor_domain;
mod elsewhere;
mod encrypt;
mod evidence;
mod failure;
mod files;
mod footer;
mod inspect;
mod key_join;
mod key_new;
mod keys;
mod keys_list;
mod letters;
mod look;
mod manual;
mod outgoing;
mod policy;
mod progress;
mod reply;
mod sending;
mod serve;
mod sign;
mod tally;
mod terminal;
mod trust;
mod trust_explain;
mod trust_list;
mod verify;
mod wants;
mod words;
mod world;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::FromArgMatches;
use serde_json::json;

use args::{Args, Verb};
use words::Language;

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
    let Args { verb, color, .. } = match parsed {
        Ok(args) => args,
        Err(error) => return typed_wrongly(&error, language),
    };
    terminal::choose(color.unwrap_or(args::Color::Auto));
    let json = verb.json();
    let result = match verb {
        Verb::Sign(args) => sign::run(&args),
        Verb::Verify(args) => verify::run(&args),
        Verb::Encrypt(args) => encrypt::run(&args),
        Verb::Decrypt(args) => decrypt::run(&args),
        Verb::Inspect(args) => inspect::run(&args),
        Verb::Doctor(args) => doctor::run(&args),
        Verb::Evidence(evidence::EvidenceVerb::Check(args)) => evidence::check(&args),
        Verb::Bulk(args) => bulk::run(&args),
        Verb::Footer(args) => footer::run(&args),
        Verb::Serve(args) => serve::run(&args),
        Verb::Completions(args) => manual::completions(&args),
        Verb::Man => manual::page(language),
        Verb::Keys(args) => keys_list::run(&args),
        Verb::Trust(verb) => trust::run(&verb),
        Verb::Policy(verb) => policy::run(&verb),
        Verb::Cert(args::CertVerb::Show(args)) => cert::run(&args),
        Verb::Key(args::KeyVerb::New(args)) => key_new::run(&args),
        Verb::Key(args::KeyVerb::Join(args)) => key_join::run(&args),
        #[cfg(feature = "openpgp")]
        Verb::Key(args::KeyVerb::Certify(args)) => certify::run(&args),
    };
    ExitCode::from(result.unwrap_or_else(|error| failed(&*error, json)))
}

/// Said in one line to people, and with --json in one line to programs.
fn failed(error: &(dyn Error + 'static), json: bool) -> u8 {
    terminal::tell(None, &words::of(error));
    if json {
        let _ = writeln!(io::stdout(), "{}", json!({ "version": 1, "error": failure::json(error) }));
    }
    match failure::of_library(error) {
        Some(mailseal::Error::Refused(_) | mailseal::Error::Unreachable(_)) => NOT_GOOD,
        _ => COULD_NOT_LOOK,
    }
}

/// `--help` and `--version` are no errors.
fn typed_wrongly(error: &clap::Error, language: Language) -> ExitCode {
    let said = words::wrong(error, language);
    if !error.use_stderr() {
        let _ = error.print();
        return ExitCode::from(GOOD);
    }
    match &said {
        None => {
            let _ = error.print();
        }
        Some(text) => eprintln!("{text}"),
    }
    if std::env::args_os().any(|word| word == "--json") {
        let message = said.unwrap_or_else(|| error.to_string());
        let first = message.lines().next().unwrap_or_default();
        let error = json!({ "kind": "misuse", "message": first, "temporary": false });
        let _ = writeln!(io::stdout(), "{}", json!({ "version": 1, "error": error }));
    }
    ExitCode::from(COULD_NOT_LOOK)
}
