//! The JSON that programs read.

use serde_json::{Value, json};

use super::reports::*;
use crate::policy::{Outcome, Policy};

/// True if all of `expected` is in `value`, objects by their keys, arrays element by element.
fn includes(value: &Value, expected: &Value) -> bool {
    match (value, expected) {
        (Value::Object(value), Value::Object(expected)) => expected
            .iter()
            .all(|(key, expected)| value.get(key).is_some_and(|value| includes(value, expected))),
        (Value::Array(value), Value::Array(expected)) => {
            value.len() == expected.len()
                && value.iter().zip(expected).all(|(value, expected)| includes(value, expected))
        }
        _ => value == expected,
    }
}

#[test]
fn the_verdict_has_exactly_these_names() {
    let verdict = Policy::standard().judge(&list_footer());
    assert_eq!(
        serde_json::to_value(&verdict).unwrap(),
        json!({ "outcome": "caution", "policy": "standard-2026-11", "action": "pass", "may_load_remote": true,
            "reasons": [ { "code": "partial_coverage", "parts": ["2"] },
                         { "code": "revocation_unknown", "parts": ["1"] } ] })
    );
}

#[test]
fn the_report_has_at_least_these_names() {
    let expected = json!({ "at": "2026-11-22T10:02:00Z",
        "from": { "mailboxes": ["frank@example.jp"], "signed": false },
        "layers": [ { "kind": "signed", "part": "1", "protocol": "smime", "envelope": false,
            "covers": { "kind": "partial", "parts": ["1.1"] },
            "signatures": [ { "integrity": "intact", "claimed_time": "2026-11-21T10:02:00Z", "trust": "trusted",
                "algorithms": { "digest": "sha-256", "signature": "rsassa-pkcs1-v1_5", "key_bits": 2048 },
                "signer": { "mailbox": "frank@example.jp", "is_from": true, "assurance": "mailbox",
                    "certificate": { "fingerprint": FINGERPRINT, "not_after": "2027-05-01T10:02:00Z" } },
                "evidence": [ { "kind": "certification_path", "for": "frank@example.jp",
                    "anchor": "Example Root CA", "scope": "any",
                    "steps": ["Example Root CA", "Example Mail CA", "Frank Sato"], "revocation": "unknown" } ],
                "findings": [ { "code": "revocation_unknown", "severity": "info", "part": "1" } ] } ] } ],
        "uncovered": [ { "part": "2", "media_type": "text/plain", "lines": 4, "looks_like": "list_footer" } ],
        "headers": { "protection": "none" },
        "findings": [ { "code": "partial_coverage", "severity": "caution", "part": "2" } ] });
    let value = serde_json::to_value(list_footer()).unwrap();
    assert!(includes(&value, &expected), "{value:#}");
}

#[test]
fn outcomes_are_numbers_and_words_that_stay() {
    let all = [
        (Outcome::None, 0, "none"),
        (Outcome::Good, 1, "good"),
        (Outcome::Caution, 2, "caution"),
        (Outcome::Bad, 3, "bad"),
    ];
    for (outcome, number, word) in all {
        #[expect(clippy::as_conversions, reason = "the number is what is tested")]
        let as_number = outcome as i32;
        assert_eq!(as_number, number);
        assert_eq!(serde_json::to_value(outcome).unwrap(), word);
    }
}
