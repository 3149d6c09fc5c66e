//! The schema of the JSON that programs read: what is written fits it, and all that can be written is in it.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::golden::pages;
use super::properties::reports;
use crate::mime::TransferEncoding;
use crate::policy::{Outcome, Policy};
use crate::report::*;

#[path = "../../../tests/support/schema.rs"]
mod walker;

use walker::Schema;

fn line(report: &Report) -> Value {
    json!({ "version": 1, "verdict": Policy::standard().judge(report), "report": report })
}

#[test]
fn the_golden_pages_fit() {
    let schema = Schema::new();
    for (name, report) in pages() {
        assert_eq!(schema.complaints(&line(&report)), Vec::<String>::new(), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_report_fits(report in reports()) {
        prop_assert_eq!(Schema::new().complaints(&line(&report)), Vec::<String>::new());
    }
}

#[test]
fn what_does_not_fit_is_seen() {
    let schema = Schema::new();
    let (_, report) = pages().into_iter().next().unwrap();
    let good = line(&report);
    let changes: [fn(&mut Value); 8] = [
        |line| line["version"] = json!(2),
        |line| line["report"]["new"] = json!(1),
        |line| line["report"]["layers"][0]["signatures"][0]["integrity"] = json!("fine"),
        |line| line["report"]["layers"][0]["kind"] = json!("folded"),
        |line| line["report"]["parts"][0]["range"] = json!([0]),
        |line| line["report"]["parts"][0]["range"] = json!([0, 1, 2]),
        |line| line["report"]["anchors"] = json!(-1),
        |line| drop(line["verdict"].as_object_mut().unwrap().remove("outcome")),
    ];
    for change in changes {
        let mut line = good.clone();
        change(&mut line);
        assert!(!schema.complaints(&line).is_empty(), "{line}");
    }
}

/// The words of all values; one more, and this does not compile.
macro_rules! words {
    ($kind:ident: $($name:ident)*) => {{
        #[allow(dead_code)]
        fn all(value: $kind) {
            match value { $($kind::$name => {})* }
        }
        let values = [$(serde_json::to_value($kind::$name).unwrap(),)*];
        values.iter().map(|value| value.as_str().unwrap().to_owned()).collect::<BTreeSet<String>>()
    }};
}

#[test]
fn every_word_is_in_it_and_no_other() {
    let schema = Schema::new();
    let codes: BTreeSet<String> = Code::ALL.iter().map(|code| code.as_str().to_owned()).collect();
    let at = |name: &str, property: &str| format!("/$defs/{name}/properties/{property}");
    let list = |name: &str, property: &str, inside: &str| format!("{}/items{inside}", at(name, property));
    for (place, words) in [
        ("/$defs/code".into(), codes),
        ("/$defs/severity".into(), words!(Severity: Info Caution Bad)),
        ("/$defs/protocol".into(), words!(Protocol: Smime Openpgp)),
        (at("verdict", "outcome"), words!(Outcome: None Good Caution Bad)),
        (at("signature", "integrity"), words!(Integrity: Unverified Intact Weak Altered Malformed)),
        (at("signature", "trust"), words!(Trust: Unknown Trusted Expired Revoked)),
        (at("signer", "assurance"), words!(Assurance: Mailbox Individual Sponsor Organization)),
        (at("signer", "generation"), words!(Generation: Legacy Multipurpose Strict)),
        (
            at("signer", "qualified") + "/properties/kinds/items",
            words!(QualifiedKind: Signature Seal Website),
        ),
        (at("encrypted", "decryption"), words!(Decryption: NotTried NoKey Failed Withheld Opened)),
        (
            list("encrypted", "recipients", "/properties/kind"),
            words!(RecipientKind: KeyTransport KeyAgreement KeyEncryptionKey Password Other),
        ),
        (
            at("report", "headers") + "/properties/protection",
            words!(Protection: None Signed Encrypted SignedAndEncrypted),
        ),
        (
            "/$defs/domain_result".into(),
            words!(DomainResult: Pass Fail Softfail Neutral Policy None Temperror Permerror),
        ),
        ("/$defs/relation".into(), words!(Relation: SameAddress SameDomain OtherDomain)),
        (list("domain", "spf", "/properties/identity"), words!(SpfIdentity: Helo Mailfrom)),
        (list("report", "uncovered", "/properties/looks_like"), words!(LooksLike: ListFooter)),
        (list("report", "wants", "/properties/purpose"), words!(FetchPurpose: Aia Crl Ocsp Wkd)),
        (
            at("part_summary", "encoding"),
            words!(TransferEncoding: SevenBit EightBit Binary Base64 QuotedPrintable Unknown),
        ),
        (
            "/$defs/revocation/oneOf/1/properties/not_revoked/properties/by".into(),
            words!(RevocationSource: Crl Ocsp),
        ),
    ] {
        assert_eq!(schema.words(&place), words, "{place}");
    }
}

/// Values that carry more than a word.
#[test]
fn every_kind_of_layer_and_evidence_fits() {
    let schema = Schema::new();
    let at = crate::time::UnixTime::from_seconds(0);
    for revocation in
        [Revocation::Unknown, Revocation::None, Revocation::NotRevoked { by: RevocationSource::Crl, at }]
    {
        let path = Evidence::CertificationPath {
            address: "a@b.example".into(),
            anchor: "Root".into(),
            scope: "any".into(),
            steps: Vec::new(),
            revocation,
        };
        match &path {
            Evidence::CertificationPath { .. }
            | Evidence::Direct { .. }
            | Evidence::Pinned { .. }
            | Evidence::WebOfTrust { .. } => {}
        }
        assert!(schema.complaints_of("evidence", &json!(path)).is_empty());
    }
    let compressed =
        CompressedLayer { part: Default::default(), range: (0, 1), envelope: true, findings: Vec::new() };
    assert!(schema.complaints_of("compressed", &json!(Layer::Compressed(compressed))).is_empty());
}
