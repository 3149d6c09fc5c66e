//! What a JMAP server is told (RFC 9219).

use super::reports::*;
use crate::mime::PartPath;
use crate::policy::{Policy, SmimeStatus};
use crate::report::*;

fn status(policy: &Policy, report: &Report) -> Option<&'static str> {
    policy.judge(report).smime_status(report).map(SmimeStatus::as_str)
}

fn first(report: &mut Report) -> &mut SignedLayer {
    let signed = report.layers.iter_mut().find_map(|layer| match layer {
        Layer::Signed(layer) => Some(layer),
        _ => None,
    });
    signed.expect("a signed layer")
}

/// The letter with an encrypted layer around its signature.
fn sealed(decryption: Decryption) -> Report {
    let mut report = good();
    let layer = first(&mut report);
    layer.part = PartPath::root().child(1);
    layer.covers = Coverage::Whole { parts: vec![PartPath::root().child(1).child(1)] };
    let around = EncryptedLayer {
        part: PartPath::root(),
        range: (0, 5000),
        protocol: Protocol::Smime,
        envelope: true,
        decryption,
        cipher: None,
        authenticated: true,
        recipients: vec![],
        opened_by: None,
        findings: vec![],
    };
    report.layers.insert(0, Layer::Encrypted(around));
    report
}

#[test]
fn the_values_of_rfc_9219() {
    let told = |change: fn(&mut Report)| {
        let mut report = good();
        change(&mut report);
        status(&Policy::standard(), &report)
    };
    assert_eq!(told(|_| {}), Some("signed/verified"));
    assert_eq!(told(|report| report.layers.clear()), None);
    let changes: [fn(&mut Report); 7] = [
        |report| first(report).signatures[0].integrity = Integrity::Altered,
        |report| first(report).signatures[0].integrity = Integrity::Malformed,
        |report| first(report).signatures[0].trust = Trust::Unknown,
        |report| first(report).signatures[0].trust = Trust::Revoked,
        |report| first(report).signatures[0].trust = Trust::Expired,
        |report| report.from.mailboxes = vec!["president@example.com".into()],
        |report| first(report).covers = Coverage::Partial { parts: vec![PartPath::root().child(1)] },
    ];
    for change in changes {
        assert_eq!(told(change), Some("signed/failed"));
    }
    assert_eq!(told(|report| first(report).signatures.clear()), Some("unknown"), "nobody signed");
    assert_eq!(told(|report| first(report).protocol = Protocol::Openpgp), Some("unknown"));
    let opened = sealed(Decryption::Opened);
    assert_eq!(status(&Policy::standard(), &opened), Some("encrypted+signed/verified"));
    let mut altered = opened;
    first(&mut altered).signatures[0].integrity = Integrity::Altered;
    assert_eq!(status(&Policy::standard(), &altered), Some("encrypted+signed/failed"));
    let mut closed = sealed(Decryption::NoKey);
    closed.layers.truncate(1);
    assert_eq!(status(&Policy::standard(), &closed), Some("unknown"), "nobody can tell");
}

#[test]
fn what_may_still_be_found_out_is_not_failed() {
    let mut report = good();
    assert_eq!(status(&Policy::strict(), &report), Some("signed/failed"));
    let url = "http://ca.example/crl".to_owned();
    report.wants.push(Want { purpose: FetchPurpose::Crl, url, body: Vec::new(), max_bytes: 1 });
    assert_eq!(status(&Policy::strict(), &report), Some("signed"));
    let properties = Policy::strict().judge(&report).smime_properties(&report, "en");
    assert_eq!((properties.smime_errors, properties.smime_verified_at), (None, None));
}

#[test]
fn errors_are_sentences_and_only_of_what_failed() {
    let mut report = good();
    let told = |report: &Report, language| Policy::standard().judge(report).smime_errors(report, language);
    assert_eq!(told(&report, "en"), None);
    first(&mut report).signatures[0].trust = Trust::Unknown;
    let english = told(&report, "en").expect("it failed");
    assert!(!english.is_empty() && english != told(&report, "ja").expect("it failed"), "{english:?}");
    let properties = Policy::standard().judge(&report).smime_properties(&report, "en");
    assert_eq!(properties.smime_verified_at, Some(report.at));
}
