//! The rules beside the table.

use super::reports::*;
use crate::mime::{Address, PartPath};
use crate::policy::{Outcome, Policy};
use crate::report::*;

const FROM: &str = "heidi@example.org";

fn outcome(report: &Report) -> Outcome {
    Policy::standard().judge(report).outcome
}

fn codes(report: &Report) -> Vec<Code> {
    Policy::standard().judge(report).reasons.iter().map(|reason| reason.code).collect()
}

fn encrypted(part: &str, envelope: bool) -> Layer {
    Layer::Encrypted(EncryptedLayer {
        part: path(part),
        range: (0, 1),
        protocol: Protocol::Smime,
        envelope,
        decryption: Decryption::NoKey,
        cipher: None,
        authenticated: false,
        recipients: vec![],
        opened_by: None,
        findings: vec![],
    })
}

fn broken(mut signature: Signature, integrity: Integrity) -> Signature {
    signature.integrity = integrity;
    signature
}

#[test]
fn r_b2_nobody_is_no_signer() {
    let mut report = good();
    signed(&mut report, 0).signatures.clear();
    assert_eq!((outcome(&report), codes(&report)), (Outcome::None, vec![Code::NoSigners]));
    signed(&mut report, 0).findings.push(Finding::new(Code::CertificatesOnly, PartPath::root()));
    assert_eq!((outcome(&report), codes(&report)), (Outcome::None, vec![Code::CertificatesOnly]));
    assert_eq!((outcome(&unsigned()), codes(&unsigned())), (Outcome::None, vec![Code::NotSigned]));
}

#[test]
fn r_b2_empty_is_never_success() {
    let mut report = good();
    signed(&mut report, 0).signatures[0].evidence.clear();
    assert_eq!(outcome(&report), Outcome::Caution, "trusted without evidence");
    let mut report = good();
    signed(&mut report, 0).covers = Coverage::Whole { parts: vec![] };
    assert_eq!(outcome(&report), Outcome::Caution, "the whole of nothing");
    let mut report = good();
    report.from.mailboxes.clear();
    assert_eq!(outcome(&report), Outcome::Caution, "from nobody");
    let mut report = good();
    report.from.mailboxes = vec![String::new()];
    signed(&mut report, 0).signatures[0].signer.as_mut().unwrap().mailbox.clear();
    assert_eq!(outcome(&report), Outcome::Caution, "from an empty address");
}

#[test]
fn r_b3_each_signer_counts_for_itself() {
    let stranger = unknown("eve@example.net", FROM);
    let other = signature("bob@example.org", FROM, &["Root", "bob@example.org"]);
    let mut same = good();
    signed(&mut same, 0).signatures.push(stranger.clone());
    assert_eq!(outcome(&same), Outcome::Good);
    assert!(codes(&same).contains(&Code::SignerUnknown), "listed");
    let with = |extra: Signature| {
        let mut report = good();
        signed(&mut report, 0).signatures.push(extra);
        let first = outcome(&report);
        signed(&mut report, 0).signatures.reverse();
        assert_eq!(outcome(&report), first, "whatever the order");
        first
    };
    assert_eq!(
        with(broken(stranger.clone(), Integrity::Altered)),
        Outcome::Good,
        "anyone can add a broken one"
    );
    assert_eq!(with(broken(stranger.clone(), Integrity::Unverified)), Outcome::Good, "unknown algorithm");
    assert_eq!(with(other.clone()), Outcome::Good);
    assert_eq!(with(broken(other.clone(), Integrity::Altered)), Outcome::Caution);
    assert_eq!(with(broken(other.clone(), Integrity::Malformed)), Outcome::Caution);
    assert_eq!(with(broken(other, Integrity::Unverified)), Outcome::Good);
}

#[test]
fn an_altered_signature_by_a_known_key_without_a_good_one_is_bad() {
    let mut report = altered();
    signed(&mut report, 0).signatures.push(unknown("eve@example.net", "grace@example.com"));
    let verdict = Policy::standard().judge(&report);
    assert_eq!((verdict.outcome, verdict.reasons[0].code), (Outcome::Bad, Code::Altered));
}

#[test]
fn r_b10_an_errant_layer_never_speaks_for_the_letter() {
    assert_eq!(codes(&list_footer())[0], Code::PartialCoverage);
    let mut report = list_footer();
    signed(&mut report, 0).covers = Coverage::Whole { parts: vec![path("1.1")] };
    assert_eq!(outcome(&report), Outcome::Caution, "not of the envelope");
    signed(&mut report, 0).envelope = true;
    report.findings.clear();
    assert_eq!(outcome(&report), Outcome::Caution, "a part lies outside");
    report.uncovered.clear();
    assert_eq!(outcome(&report), Outcome::Good);
    let mut report = good();
    report.layers.push(altered().layers.remove(0));
    signed(&mut report, 1).envelope = false;
    assert_eq!(outcome(&report), Outcome::Good, "a broken letter inside a good one");
    assert!(codes(&report).contains(&Code::Altered));
}

#[test]
fn r_b15_from_is_exactly_one_address() {
    let mut report = good();
    report.from.mailboxes.push("president@example.com".into());
    assert_eq!(outcome(&report), Outcome::Caution);
    assert_eq!(outcome(&from_differs()), Outcome::Caution);
    let mut report = from_differs();
    signed(&mut report, 0).signatures[0].signer.as_mut().unwrap().is_from = true;
    assert_eq!(outcome(&report), Outcome::Caution, "the flag alone does not make it so");
    let mut report = good();
    signed(&mut report, 0).signatures[0].evidence = vec![evidence("other@example.org", &["Root", "x"])];
    assert_eq!(outcome(&report), Outcome::Caution, "evidence for somebody else");
    let mut report = good();
    report.from.mailboxes = vec!["Heidi@example.org".into()];
    assert_eq!(outcome(&report), Outcome::Caution, "local parts are octets");
}

#[test]
fn r_b15_the_expected_sender_and_nobody_else() {
    let address = |local: &str, domain: &str| format!("{local}@{domain}").parse::<Address>().unwrap();
    let policy = Policy::standard();
    assert!(policy.judge_for(&good(), &address("heidi", "example.org")));
    assert!(!policy.judge_for(&good(), &address("Heidi", "example.org")));
    assert!(!policy.judge_for(&good(), &address("heidi", "example.com")));
    assert!(!policy.judge_for(&from_differs(), &address("mallory", "example.net")));
    assert!(!policy.judge_for(&unsigned(), &address("ivan", "example.com")));
}

#[test]
fn r_b14_r_b16_findings_cap() {
    let cap =
        [Code::WeakAlgorithm, Code::SignedAttributesMissing, Code::SignerNotForMail, Code::SignedInFuture];
    for code in cap {
        let mut report = good();
        signed(&mut report, 0).signatures[0].findings.push(Finding::new(code, PartPath::root()));
        assert_eq!((outcome(&report), codes(&report)[0]), (Outcome::Caution, code));
    }
    for code in [Code::SenderDiffers, Code::DateDiffers, Code::HeaderMismatch, Code::AmbiguousStructure] {
        let mut report = good();
        report.findings.push(Finding::new(code, PartPath::root()));
        assert_eq!((outcome(&report), codes(&report)[0]), (Outcome::Caution, code));
    }
    for &code in Code::ALL {
        let mut report = good();
        signed(&mut report, 0).findings.push(Finding::new(code, PartPath::root()));
        let expected = match code.severity() {
            Severity::Info => Outcome::Good,
            Severity::Caution => Outcome::Caution,
            Severity::Bad => Outcome::Bad,
        };
        assert_eq!(outcome(&report), expected, "{code:?}");
    }
}

#[test]
fn sealed_letters_are_unsigned_until_opened() {
    let mut report = unsigned();
    report.layers.push(encrypted("0", true));
    assert_eq!((outcome(&report), codes(&report)), (Outcome::None, vec![Code::NotDecrypted]));
    let mut report = unsigned();
    report.layers.push(encrypted("2", false));
    assert_eq!(
        (outcome(&report), codes(&report)),
        (Outcome::None, vec![Code::NotSigned, Code::NotDecrypted])
    );
    let mut report = good();
    report.layers.push(encrypted("1", true));
    assert_eq!(outcome(&report), Outcome::Caution);
    for report in [&mut good(), &mut unsigned()] {
        let before = (outcome(report), codes(report));
        let mut layer = encrypted("0", true);
        if let Layer::Encrypted(layer) = &mut layer {
            layer.decryption = Decryption::Opened;
        }
        report.layers.push(layer);
        assert_eq!((outcome(report), codes(report)), before);
    }
}

#[test]
fn strict_wants_revocation_looked_at() {
    let strict = Policy::strict();
    assert_eq!(strict.judge(&good()).outcome, Outcome::Caution);
    let mut report = good();
    let signature = &mut signed(&mut report, 0).signatures[0];
    signature.findings.clear();
    assert_eq!(strict.judge(&report).outcome, Outcome::Caution, "the evidence says so as well");
    let signature = &mut signed(&mut report, 0).signatures[0];
    signature.evidence =
        vec![Evidence::Direct { address: FROM.into(), scope: "any".into(), steps: vec![step(FROM)] }];
    assert_eq!(strict.judge(&report).outcome, Outcome::Good);
    for code in [Code::UnsignedExtra, Code::CertificateProfile] {
        let mut other = report.clone();
        signed(&mut other, 0).findings.push(Finding::new(code, PartPath::root()));
        assert_eq!((outcome(&other), strict.judge(&other).outcome), (Outcome::Good, Outcome::Caution));
    }
    let stranger = broken(unknown("eve@example.net", FROM), Integrity::Altered);
    signed(&mut report, 0).signatures.push(stranger);
    assert_eq!((outcome(&report), strict.judge(&report).outcome), (Outcome::Good, Outcome::Caution));
}

#[test]
fn a_changed_policy_is_no_preset() {
    let policy =
        Policy::standard().with_algorithms(crate::policy::Algorithms::standard().insecurely_allow_sha1());
    assert_eq!(policy.judge(&good()).policy, "custom");
    assert_ne!(policy.algorithms(), Policy::standard().algorithms());
}

/// What was changed on the way would not fit the signature inside.
#[test]
fn r_a2_a_signature_inside_makes_up_for_a_cipher_without_a_check() {
    let cbc = |envelope| match encrypted("0", envelope) {
        Layer::Encrypted(mut layer) => {
            layer.decryption = Decryption::Opened;
            layer.findings.push(Finding::new(Code::NotAuthenticated, PartPath::root()));
            Layer::Encrypted(layer)
        }
        other => other,
    };
    let mut inside = good();
    inside.layers.insert(0, cbc(true));
    assert_eq!(outcome(&inside), Outcome::Good);
    assert!(Policy::standard().judge(&inside).may_load_remote);
    let mut outside = good();
    outside.layers.push(cbc(true));
    assert_eq!((outcome(&outside), codes(&outside)[0]), (Outcome::Caution, Code::NotAuthenticated));
    let mut alone = unsigned();
    alone.layers.push(cbc(true));
    let verdict = Policy::standard().judge(&alone);
    assert_eq!((verdict.outcome, verdict.may_load_remote), (Outcome::None, false));
}
