//! The pages, in both languages.

use super::reports::*;
use super::same_as_file;
use crate::policy::width::width;
use crate::policy::{Paths, Policy};
use crate::report::{Check, Code, Decryption, Evidence, Report, Revocation, RevocationSource, Source, Step};

pub(super) fn pages() -> Vec<(&'static str, Report)> {
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
        ("domain_aligned", domain_aligned()),
        ("domain_failed", domain_failed()),
        ("domain_undecided", domain_undecided()),
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

/// Nothing that was checked is silent, in no language.
#[test]
fn every_check_and_source_has_words() {
    let at = time(0);
    let made = |checks: Vec<Check>, source: Source| {
        let step = Step { checks, source, ..Step::new("Alice", "41D0A9") };
        let address = "alice@example.org".to_owned();
        Evidence::Direct { address, scope: "any".into(), steps: vec![step] }
    };
    let looked = |by| Check::Revocation(Revocation::NotRevoked { by, at });
    let certified = |depth, only: &[&str]| Check::Certification {
        amount: 60,
        depth,
        made: at,
        only: only.iter().map(|one| (*one).to_owned()).collect(),
    };
    let checks = [
        Check::Signature("ed25519".into()),
        Check::Validity,
        Check::Issuer(None),
        Check::Issuer(Some(0)),
        Check::Issuer(Some(2)),
        Check::Usage,
        Check::NameConstraints,
        Check::Policies(vec!["2.5.29.32.0".into()]),
        Check::Revocation(Revocation::Unknown),
        Check::Revocation(Revocation::None),
        looked(RevocationSource::Crl),
        looked(RevocationSource::Ocsp),
        certified(0, &[]),
        certified(2, &["example"]),
    ];
    let url = Source::Fetched("http://ca.example/a.cer".into());
    for language in ["en", "ja"] {
        let page = |evidence: Evidence| Paths::new(&[evidence], &[], at).language(language).to_string();
        let bare = page(made(Vec::new(), Source::Caller));
        let checked = checks.iter().map(|check| page(made(vec![check.clone()], Source::Caller)));
        let came = [Source::Letter, Source::Known, url.clone()].map(|source| page(made(Vec::new(), source)));
        let mut pages: Vec<String> = checked.chain(came).collect();
        pages.push(bare);
        let all = pages.len();
        pages.sort();
        pages.dedup();
        assert_eq!(pages.len(), all, "two say the same: {pages:?}");
    }
}
