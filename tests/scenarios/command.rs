//! The command, as a person at a shell runs it.

use std::path::Path;
use std::process::{Command, Output};

/// Runs it in a folder, in English.
pub(crate) fn run(folder: &Path, words: &str) -> Output {
    run_in("C.UTF-8", folder, words)
}

/// Runs it in a folder, in the language of a locale.
pub(crate) fn run_in(locale: &str, folder: &Path, words: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailseal"));
    command.args(words.split_ascii_whitespace()).current_dir(folder).env("LC_ALL", locale).output().unwrap()
}

/// What it says, whatever its exit status is.
pub(crate) fn said(output: &Output) -> String {
    let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    format!("{out}{errors}")
}

/// What it says with `--json`.
pub(crate) fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(output)))
}

/// Of the JSON of a letter: its outcome, then the codes of its reasons.
pub(crate) fn judged(json: &serde_json::Value) -> Vec<String> {
    let verdict = &json["verdict"];
    let codes = verdict["reasons"].as_array().unwrap().iter().map(|reason| &reason["code"]);
    [&verdict["outcome"]].into_iter().chain(codes).map(|word| word.as_str().unwrap().to_owned()).collect()
}
