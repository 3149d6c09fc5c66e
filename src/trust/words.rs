//! The words of a [`Scope`](crate::Scope) as text, and what to say of those that are none.

use der::DateTime;

use crate::error::Error;
use crate::report::Assurance;
use crate::time::UnixTime;
use crate::trust::Purpose;

/// The keys of a scope.
const KEYS: [&str; 4] = ["until", "issued-until", "for", "assurance"];

pub(super) const PURPOSES: &[(&str, Purpose)] =
    &[(Purpose::Sign.name(), Purpose::Sign), (Purpose::Encrypt.name(), Purpose::Encrypt)];

pub(super) const ASSURANCES: &[(&str, Assurance)] = &[
    ("mailbox", Assurance::Mailbox),
    ("individual", Assurance::Individual),
    ("sponsor", Assurance::Sponsor),
    ("organization", Assurance::Organization),
];

pub(super) fn assurance(least: Assurance) -> &'static str {
    ASSURANCES.iter().find(|(_, one)| *one == least).map_or("", |(word, _)| word)
}

/// The words of a text, apart by blanks; those between quotes at its start belong to a word (RFC 5322 §3.2.4).
pub(super) struct Words<'t>(&'t str);

impl<'t> Words<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self(text)
    }
}

impl<'t> Iterator for Words<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let text = self.0.trim_ascii_start();
        let (mut quoted, mut escaped) = (false, false);
        let ends = |(index, letter): &(usize, char)| {
            if escaped {
                escaped = false;
            } else if *letter == '"' && (quoted || *index == 0) {
                quoted = !quoted;
            } else if quoted && *letter == '\\' {
                escaped = true;
            }
            !quoted && letter.is_ascii_whitespace()
        };
        let end = text.char_indices().find(ends).map_or(text.len(), |(index, _)| index);
        let (word, rest) = text.split_at_checked(end)?;
        self.0 = rest;
        Some(word).filter(|word| !word.is_empty())
    }
}

/// A date to its last second, or an instant.
pub(super) fn end(name: &str, text: &str) -> Result<UnixTime, Error> {
    let time = instant(text).or_else(|| instant(&format!("{text}T23:59:59Z")));
    time.ok_or_else(|| {
        Error::misuse(format!(
            "`{name}={text}` is neither a date, 2027-12-31, nor a time, 2027-12-31T12:00:00Z"
        ))
    })
}

/// RFC 3339 §5.6 in whole seconds.
fn instant(text: &str) -> Option<UnixTime> {
    let (local, offset) = match text.strip_suffix('Z') {
        Some(local) => (local, 0),
        None => {
            let (local, offset) = text.split_at_checked(text.len().checked_sub(6)?)?;
            (local, seconds_of(offset)?)
        }
    };
    let time: DateTime = format!("{local}Z").parse().ok()?;
    let seconds = i64::try_from(time.unix_duration().as_secs()).ok()?;
    Some(sayable(UnixTime::from_seconds(seconds.checked_sub(offset)?)))
}

/// Within the years 1970 to 9999, which RFC 3339 and all that is told here lie in.
pub(super) fn sayable(time: UnixTime) -> UnixTime {
    UnixTime::from_seconds(time.seconds().clamp(0, 253_402_300_799))
}

/// Of an offset, `+09:00`.
fn seconds_of(offset: &str) -> Option<i64> {
    let (sign, rest) = offset.split_at_checked(1)?;
    let (hours, minutes) = rest.split_once(':')?;
    let number = |text: &str, most: i64| {
        let digits = text.len() == 2 && text.bytes().all(|digit| digit.is_ascii_digit());
        text.parse::<i64>().ok().filter(|number| digits && *number <= most)
    };
    let seconds = number(hours, 23)? * 3600 + number(minutes, 59)? * 60;
    match sign {
        "+" => Some(seconds),
        "-" => Some(-seconds),
        _ => None,
    }
}

/// A date where it is its last second, otherwise the instant.
pub(super) fn time(time: UnixTime) -> String {
    let shown = time.to_string();
    match shown.strip_suffix("T23:59:59Z") {
        Some(date) => date.to_owned(),
        None => shown,
    }
}

/// The value of a word.
pub(super) fn one_of<T: Copy>(name: &str, text: &str, words: &[(&str, T)]) -> Result<T, Error> {
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(*value);
    }
    let meant = words.iter().map(|(word, _)| *word).find(|word| is_like(text, word));
    let said = match meant {
        Some(word) => format!("did you mean `{name}={word}`?"),
        None => {
            let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let (last, first) = all.split_last().map_or(("", &[][..]), |(last, first)| (*last, first));
            format!("it is {} or {last}", first.join(", "))
        }
    };
    Err(Error::misuse(format!("a scope has no `{name}={text}`: {said}")))
}

/// For a key that is none.
pub(super) fn unknown(name: &str) -> Error {
    let said = match KEYS.into_iter().find(|key| is_like(name, key)) {
        Some(key) => format!("did you mean `{key}=`?"),
        None => format!("it has {}=", KEYS.join("=, ")),
    };
    Error::misuse(format!("a scope has no `{name}=`: {said}"))
}

/// For a word that names nobody.
pub(super) fn no_pattern(word: &str) -> Error {
    let domain = word.strip_prefix("*@").or(word.strip_prefix('@')).unwrap_or(word);
    let said = if word == "*" || is_like(word, "any") || word.starts_with("any") {
        "did you mean `any`?".to_owned()
    } else if domain.contains('*') {
        "subdomains are named each by itself, `*@a.example *@b.a.example`".to_owned()
    } else if !word.starts_with("*@") && domain.contains('.') && !domain.contains('@') {
        format!("did you mean `*@{domain}`?")
    } else {
        "write `any`, `*@a.example` or `eve@b.example`".to_owned()
    };
    Error::misuse(format!("`{word}` is not an address or a pattern: {said}"))
}

/// One begins with the other, or they differ in at most two letters; without regard to case.
fn is_like(text: &str, word: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let begins = text.len() >= 3 && (word.starts_with(&text) || text.starts_with(word));
    begins || (text.len() <= 20 && strsim::levenshtein(&text, word) <= 2.min(word.len() / 2))
}
