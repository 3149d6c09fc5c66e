//! What the command says, in English and Japanese. Short words stand in pairs where they are said: [`say`]. Help is
//! written in English beside what it is about, in `args.rs` and its like; `help_ja` has each text in Japanese, and a
//! test holds that none is missing and none is left over.

mod help;
mod help_ja;
mod usage;

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::sync::OnceLock;

use clap::ValueEnum;
use mailseal::policy::in_language;

pub(crate) use help::{command, unbroken};
pub(crate) use usage::wrong;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    En,
    Ja,
}

static LANGUAGE: OnceLock<Language> = OnceLock::new();

/// Chosen once, before anything is said: by `--lang`, otherwise by the locale.
pub(crate) fn choose(words: &[OsString]) -> Language {
    *LANGUAGE.get_or_init(|| named(words).unwrap_or_else(by_locale))
}

/// The tag of the language.
pub(crate) fn language() -> &'static str {
    match LANGUAGE.get_or_init(by_locale) {
        Language::En => "en",
        Language::Ja => "ja",
    }
}

/// What is said in the language of the person.
pub(crate) fn say<'a>(english: &'a str, japanese: &'a str) -> &'a str {
    if language() == "ja" { japanese } else { english }
}

/// The same with values in it: `said!("{count} letters", "{count} 通")`.
macro_rules! said {
    ($english:literal, $japanese:literal) => {
        match $crate::words::language() {
            "ja" => format!($japanese),
            _ => format!($english),
        }
    };
}
pub(crate) use said;

/// An error; those of the system and of other libraries are as they are.
pub(crate) fn of(error: &(dyn Error + 'static)) -> String {
    in_language(&error.to_string(), language())
}

/// What this build cannot do.
#[allow(dead_code)] // a build that can do all has no use for it
pub(crate) fn unbuilt(feature: &str) -> Box<dyn Error> {
    said!(
        "this needs a mailseal that is built with --features {feature}",
        "--features {feature} を付けてビルドした mailseal が必要です"
    )
    .into()
}

/// `--lang` before the command line is read, which may be wrong: that is said in a language too.
fn named(words: &[OsString]) -> Option<Language> {
    let words = words.iter().skip(1).map(|word| word.to_str().unwrap_or_default());
    let mut words = words.take_while(|word| *word != "--");
    let value = loop {
        match words.next()? {
            "--lang" => break words.next()?,
            word => match word.strip_prefix("--lang=") {
                Some(value) => break value,
                None => continue,
            },
        }
    };
    Language::from_str(value, false).ok()
}

fn by_locale() -> Language {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"].iter();
    let set = |name: &&str| env::var(name).ok().filter(|value| !value.is_empty());
    let locale = names.clone().find_map(set).unwrap_or_default();
    if locale.starts_with("ja") { Language::Ja } else { Language::En }
}
