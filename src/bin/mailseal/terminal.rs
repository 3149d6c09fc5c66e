//! Talking to a person: language, passwords, safe lines.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use mailseal::Secret;

use crate::progress::paused;

/// `ja` or `en`, by the locale.
pub(crate) fn language() -> &'static str {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_default();
    if locale.starts_with("ja") { "ja" } else { "en" }
}

/// What is said in the language of the person.
pub(crate) fn say<'a>(english: &'a str, japanese: &'a str) -> &'a str {
    if language() == "ja" { japanese } else { english }
}

/// A fingerprint as it is read aloud: four digits at a time, eight of these a line.
pub(crate) fn groups(fingerprint: &str) -> Vec<String> {
    let digits: Vec<char> = line(fingerprint).chars().collect();
    let groups: Vec<String> = digits.chunks(4).map(|group| group.iter().collect()).collect();
    // 40 digits stand in one line, 64 in two.
    let most = if groups.len() <= 10 { 10 } else { 8 };
    groups.chunks(most).map(|groups| groups.join(" ")).collect()
}

/// Colour only repeats what words say.
pub(crate) fn colour() -> bool {
    io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Asks on the terminal, three times at most.
pub(crate) fn ask(subject: &str, attempt: u32) -> Option<Secret> {
    if attempt >= 3 {
        return None;
    }
    let again = if attempt > 0 { " (again)" } else { "" };
    let prompt = format!("Password for {}{again}: ", line(subject));
    paused(|| rpassword::prompt_password(prompt)).ok().map(Secret::from)
}

/// Asks on the terminal for a new password, twice, until both are the same.
pub(crate) fn ask_new() -> io::Result<Secret> {
    loop {
        let first = rpassword::prompt_password(say("New password: ", "新しいパスワード: "))?;
        let second = Secret::from(rpassword::prompt_password(say("The same again: ", "もう一度: "))?);
        if first.as_bytes() == second.expose() {
            return Ok(Secret::from(first));
        }
        drop(Secret::from(first));
        tell(None, say("they are not the same; once more", "一致しません。もう一度入力してください"));
    }
}

/// One line without control characters, whatever is in it.
pub(crate) fn line(text: &str) -> String {
    mailseal::policy::escape(text)
}

/// One line for a person, beside what programs read.
pub(crate) fn tell(path: Option<&Path>, what: &str) {
    let about = path.map(|path| format!("{}: ", line(&path.display().to_string()))).unwrap_or_default();
    // A terminal that went away is no reason to fail.
    let _ = writeln!(io::stderr(), "mailseal: {about}{}", line(what));
}
