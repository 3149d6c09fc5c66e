//! The pages, in both languages.

use super::reports::*;
use super::same_as_file;
use crate::policy::Policy;
use crate::policy::width::width;
use crate::report::{Code, Decryption, Report};

fn pages() -> Vec<(&'static str, Report)> {
    vec![
        ("good_mailbox", good()),
        ("good_organization", organization()),
        ("unknown_ca", unknown_ca()),
        ("from_differs", from_differs()),
        ("altered", altered()),
        ("list_footer", list_footer()),
        ("unsigned", unsigned()),
        ("expired", expired()),
        ("web_of_trust", web_of_trust()),
        ("web_of_two", web_of_two()),
        ("pinned", pinned()),
        ("pin_mismatch", pin_mismatch()),
        ("decrypted", decrypted()),
        ("not_decrypted", not_decrypted(Decryption::Failed, Code::NotDecrypted)),
        ("no_decryption_key", not_decrypted(Decryption::NoKey, Code::NoDecryptionKey)),
        ("withheld", not_decrypted(Decryption::Withheld, Code::EncryptionWithheld)),
    ]
}

#[test]
fn pages_are_as_printed() {
    for (name, report) in pages() {
        let verdict = Policy::standard().judge(&report);
        for language in ["en", "ja"] {
            let page = verdict.text(&report).language(language).to_string();
            same_as_file(&format!("tests/golden/{name}.{language}.txt"), &page);
        }
    }
}

#[test]
fn explanations_are_as_printed() {
    for (name, report) in [
        ("list_footer", list_footer()),
        ("expired", expired()),
        ("good_organization", organization()),
        ("web_of_trust", web_of_trust()),
    ] {
        let verdict = Policy::standard().judge(&report);
        for language in ["en", "ja"] {
            let page = verdict.text(&report).language(language).explain(true).to_string();
            same_as_file(&format!("tests/golden/{name}.explain.{language}.txt"), &page);
        }
    }
}

#[test]
fn rows_fit_78_columns() {
    for (name, report) in pages() {
        let verdict = Policy::standard().judge(&report);
        for language in ["en", "ja"] {
            let page = verdict.text(&report).language(language).explain(true).to_string();
            assert!(page.lines().skip(1).all(|line| width(line) <= 78), "{name}\n{page}");
        }
    }
}

#[test]
fn tags_of_languages() {
    let report = unsigned();
    let verdict = Policy::standard().judge(&report);
    let japanese = verdict.text(&report).language("ja").to_string();
    assert_eq!(verdict.text(&report).language("ja-JP").to_string(), japanese);
    assert_eq!(verdict.text(&report).language("ja_JP.UTF-8").to_string(), japanese);
    assert_eq!(verdict.text(&report).language("xx").to_string(), verdict.text(&report).to_string());
}

#[test]
fn a_verdict_shown_with_another_report_does_not_fail() {
    let verdict = Policy::standard().judge(&list_footer());
    assert!(verdict.text(&unsigned()).to_string().contains("CAUTION"));
}
