//! One table of cases for every language: here those that are driven from Rust.
#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
#![cfg(all(
    feature = "smime",
    feature = "openpgp-rust",
    feature = "aws-lc",
    feature = "email-roots",
    feature = "memory",
    feature = "policy-file"
))]

#[cfg(feature = "cli")]
mod command;
#[cfg(feature = "cli")]
mod coprocess;
mod rust;
#[cfg(feature = "cli")]
mod settings;
mod table;

use std::process::Command;

#[test]
fn the_library() {
    let folder = tempfile::tempdir().unwrap();
    table::compare("rust", &rust::answers(&table::lines("rust"), folder.path()));
}

#[cfg(feature = "cli")]
#[test]
fn the_command() {
    let folder = tempfile::tempdir().unwrap();
    table::compare("command", &command::answers(&table::lines("command"), folder.path()));
}

#[cfg(feature = "cli")]
#[test]
fn the_coprocess() {
    let folder = tempfile::tempdir().unwrap();
    table::compare("coprocess", &coprocess::answers(&table::lines("coprocess"), folder.path()));
}

/// `MAILSEAL_CASES_DRIVER`: its name, then the program and its arguments.
#[test]
fn a_driver_that_is_named() {
    let Ok(driver) = std::env::var("MAILSEAL_CASES_DRIVER") else { return };
    let mut words = driver.split(' ');
    let name = words.next().unwrap();
    let mut command = Command::new(words.next().unwrap());
    table::run(name, command.args(words), tempfile::tempdir().unwrap().path());
}

/// What a user can do; a case names what it shows.
const FEATURES: &[&str] = &[
    "accept",
    "altered",
    "anchor",
    "anchor-with-scope",
    "archive",
    "assurance",
    "authentication-results",
    "autocrypt",
    "bcc",
    "cipher",
    "coverage",
    "decrypt",
    "detached",
    "doctor",
    "dkim",
    "email-roots",
    "encrypt",
    "fetch",
    "from",
    "header-protection",
    "japanese",
    "letter-password",
    "limits",
    "mailbox",
    "memory",
    "misuse",
    "new-key",
    "opaque",
    "open-part",
    "openpgp",
    "parts",
    "pin",
    "plan",
    "plan-why",
    "policy",
    "policy-file",
    "protected-headers",
    "refused",
    "reply",
    "require",
    "revocation",
    "scope",
    "sign",
    "signed-inside",
    "smime",
    "smime-status",
    "text",
    "time",
    "triple-wrap",
    "trusted-results",
    "unreachable",
    "verify",
    "wants",
    "web-of-trust",
];

#[test]
fn every_feature_has_a_case() {
    let cases = table::cases();
    for feature in FEATURES {
        assert!(cases.iter().any(|case| case.features.iter().any(|one| one == feature)), "{feature}");
    }
}

#[test]
fn cases_have_their_own_names() {
    let mut names: Vec<_> = table::cases().into_iter().map(|case| case.name).collect();
    names.sort();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
}
