//! `docs/outcomes.md` says what the code does.

use std::fmt::Write;

use super::same_as_file;
use crate::policy::Outcome;
use crate::policy::sentences::language;
use crate::policy::table::{IDENTITY, INTEGRITY, Identity, REACH, ROWS, Reach, TRUST};
use crate::report::{Code, Severity};

const GUIDE: &str = include_str!("guide.md");

/// `intact or weak`, or `any`.
fn column<T: Copy + PartialEq>(fits: &[T], all: &[T], name: impl Fn(T) -> String) -> String {
    if fits.len() == all.len() {
        return "any".into();
    }
    fits.iter().map(|one| name(*one)).collect::<Vec<_>>().join(" or ")
}

fn word<T: serde::Serialize>(value: T) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

/// The table as Markdown.
fn table() -> String {
    let mut text = String::from(
        "| integrity | identity | trust | coverage | outcome | because |\n|---|---|---|---|---|---|\n",
    );
    for row in ROWS {
        let identity = column(row.identity, IDENTITY, |one| match one {
            Identity::Missing => "no certificate".into(),
            Identity::Other => "not From".into(),
            Identity::From => "From".into(),
        });
        let reach = column(row.reach, REACH, |one| match one {
            Reach::Nothing => "nothing".into(),
            Reach::Partial => "partial".into(),
            Reach::Whole => "whole".into(),
        });
        let integrity = column(row.integrity, INTEGRITY, word);
        let trust = column(row.trust, TRUST, word);
        let because = row.because.map(|code| format!("`{}`", code.as_str())).unwrap_or_default();
        let outcome = word(row.outcome);
        writeln!(text, "| {integrity} | {identity} | {trust} | {reach} | **{outcome}** | {because} |")
            .unwrap();
    }
    text
}

fn codes() -> String {
    let (en, ja) = (language("en"), language("ja"));
    let mut text = String::from("| code | at most | meaning | in Japanese |\n|---|---|---|---|\n");
    for &code in Code::ALL {
        let at_most = match code.severity() {
            Severity::Info => "",
            Severity::Caution => "caution",
            Severity::Bad => "bad",
        };
        let (name, en, ja) = (code.as_str(), en.problem(code), ja.problem(code));
        writeln!(text, "| `{name}` | {at_most} | {en} | {ja} |").unwrap();
    }
    text
}

#[test]
fn the_page_is_written_from_the_code() {
    let page = GUIDE.replace("{{table}}\n", &table()).replace("{{codes}}\n", &codes());
    assert!(!page.contains("{{"));
    same_as_file("docs/outcomes.md", &page);
}

#[test]
fn sentences_are_short_and_different() {
    for language in [language("en"), language("ja")] {
        let mut all: Vec<&str> = Code::ALL.iter().map(|code| language.problem(*code)).collect();
        assert!(
            all.iter().all(|text| !text.is_empty() && crate::policy::width::width(text) <= 80),
            "{all:?}"
        );
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), Code::ALL.len());
        for outcome in [Outcome::None, Outcome::Good, Outcome::Caution, Outcome::Bad] {
            assert!(crate::policy::width::width(language.word(outcome)) < 12);
        }
    }
}
