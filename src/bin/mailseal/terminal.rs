//! Talking to a person: colour, passwords, safe lines.

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::OnceLock;

use mailseal::Secret;

use crate::args::Color;
use crate::progress::paused;
pub(crate) use crate::words::{language, say};

/// A fingerprint as it is read aloud: four digits at a time, eight of these a line.
pub(crate) fn groups(fingerprint: &str) -> Vec<String> {
    let digits: Vec<char> = line(fingerprint).chars().collect();
    let groups: Vec<String> = digits.chunks(4).map(|group| group.iter().collect()).collect();
    // 40 digits stand in one line, 64 in two.
    let most = if groups.len() <= 10 { 10 } else { 8 };
    groups.chunks(most).map(|groups| groups.join(" ")).collect()
}

static COLOR: OnceLock<Color> = OnceLock::new();

/// By `--color`, once.
pub(crate) fn choose(color: Color) {
    COLOR.get_or_init(|| color);
}

/// Colour only repeats what words say. Programs agree on these variables: no-color.org, bixense.com/clicolors.
pub(crate) fn colour() -> bool {
    let set = |name| env::var_os(name).filter(|value: &OsString| !value.is_empty());
    let off = |value: &OsString| value == "0";
    match COLOR.get().copied().unwrap_or(Color::Auto) {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if set("NO_COLOR").is_some() => false,
        Color::Auto if set("CLICOLOR_FORCE").is_some_and(|value| !off(&value)) => true,
        Color::Auto if set("CLICOLOR").is_some_and(|value| off(&value)) => false,
        Color::Auto => io::stdout().is_terminal() && set("TERM").is_none_or(|value| value != "dumb"),
    }
}

/// Asks on the terminal, three times at most.
pub(crate) fn ask(subject: &str, attempt: u32) -> Option<Secret> {
    if attempt >= 3 {
        return None;
    }
    let again = if attempt > 0 { say(" (again)", "（もう一度）") } else { "" };
    let subject = line(subject);
    let prompt = crate::words::said!("Password for {subject}{again}: ", "{subject} のパスワード{again}: ");
    paused(|| rpassword::prompt_password(prompt)).ok().map(Secret::from)
}

/// Asks on the terminal for a new password, twice, until both are the same.
pub(crate) fn ask_new() -> io::Result<Secret> {
    loop {
        let first = prompted(say("New password: ", "新しいパスワード: "))?;
        let second = Secret::from(prompted(say("The same again: ", "もう一度: "))?);
        if first.as_bytes() == second.expose() {
            return Ok(Secret::from(first));
        }
        drop(Secret::from(first));
        tell(None, say("they are not the same; once more", "一致しません。もう一度入力してください"));
    }
}

fn prompted(prompt: &str) -> io::Result<String> {
    let unasked = |error: io::Error| {
        let words = crate::words::said!(
            "no password could be asked for on a terminal: {error}; --password-file names a file of it",
            "端末でパスワードを尋ねられません: {error}。--password-file でファイルを指定できます"
        );
        io::Error::new(error.kind(), words)
    };
    rpassword::prompt_password(prompt).map_err(unasked)
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
