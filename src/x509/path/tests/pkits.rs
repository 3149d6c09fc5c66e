//! NIST's PKITS: every case as it is stated, with the settings it asks for.

use super::corpora::{certificate, certificates};
use super::*;
use crate::x509::RevocationData;
use crate::x509::revocation::Status;
use crate::x509::testing::{corpora, files};

/// A path that holds, of each certificate of which somebody says that it is not revoked.
fn holds(outcome: &PathOutcome) -> bool {
    let known = |status: &Status| matches!(status, Status::NotRevoked { .. });
    outcome.valid.as_ref().is_some_and(|path| path.revocation.iter().all(known))
}

/// The reasons that the corpus states, and the codes that tell them here. Where several things are wrong, one is told.
const REASONS: [(&str, &[&str]); 12] = [
    ("CertificateRevoked", &["revoked"]),
    ("NullPolicySet", &["policy"]),
    ("NameConstraintsViolation", &["name_constraint", "constraint_not_enforced"]),
    ("InvalidPathLength", &["path_length"]),
    ("InvalidKeyUsage", &["key_usage"]),
    ("InvalidNotAfterDate", &["expired"]),
    ("InvalidNotBeforeDate", &["not_yet_valid"]),
    ("SignatureVerificationFailure", &["bad_signature"]),
    ("NameChainingFailure", &["unknown_issuer"]),
    ("InvalidBasicConstraints", &["not_a_ca"]),
    ("MissingBasicConstraints", &["not_a_ca"]),
    ("UnprocessedCriticalExtension", &["unknown_critical_extension"]),
];

fn settings(case: &serde_json::Value, names: &serde_json::Value) -> PolicySettings {
    let (given, mut settings) = (&case["settings"], PolicySettings::new());
    if let Some(list) = given["initial_policy_set"].as_array() {
        let dotted = list.iter().map(|name| names[name.as_str().unwrap()].as_str().unwrap());
        settings = settings.accept(dotted);
    }
    let flag = |name: &str| given[name].as_bool().unwrap_or_default();
    settings.initial_explicit_policy = flag("initial_explicit_policy");
    settings.initial_policy_mapping_inhibit = flag("initial_policy_mapping_inhibit");
    settings.initial_any_policy_inhibit = flag("initial_inhibit_any_policy");
    let known = ["initial_policy_set", "initial_explicit_policy", "initial_policy_mapping_inhibit"];
    let known = |name: &str| known.contains(&name) || name == "initial_inhibit_any_policy";
    assert!(given.as_object().unwrap().keys().all(|name| known(name)), "{given}");
    settings
}

#[test]
fn r_c1_pkits() {
    let Some(root) = corpora("pkits") else { return };
    let anchors = [certificate(&root.join("certs/TrustAnchorRootCertificate.crt"))];
    let between = certificates(&files(&root.join("certs"), &[".crt"]));
    let lists = files(&root.join("crls"), &[".crl"]);
    let lists = lists.iter().map(|file| std::fs::read(file).unwrap());
    let revocations = lists.fold(RevocationData::new(), |data, list| data.with(&list).unwrap());
    let expected = std::fs::read(root.join("expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_slice(&expected).unwrap();
    let (limits, provider, at) =
        (Limits::default(), Provider::default(), UnixTime::from_seconds(1_600_000_000));
    let (mut dsa, mut wrong) = (0, Vec::new());
    let cases = expected["cases"].as_array().unwrap();
    for case in cases {
        let name = case["target"].as_str().unwrap();
        let (leaf, settings) = (certificate(&root.join(name)), settings(case, &expected["policies"]));
        let request = PathRequest::new(&leaf, &anchors, Purpose::EmailSigning, at, &provider, &limits);
        let request = request.intermediates(&between).policies(&settings).revocations(&revocations);
        let outcome = find(&request);
        let reason = outcome.rejected.first().map(|path| path.reason.code());
        let stated = REASONS.iter().find(|(stated, _)| case["reason"] == *stated);
        if case["expected"] == "valid" && name.contains("DSA") {
            dsa += 1;
            if reason != Some("unsupported") {
                wrong.push(format!(
                    "{name} {:?}",
                    outcome.rejected.first().map(|path| path.reason.to_string())
                ));
            }
        } else if case["expected"] == "valid" {
            if !holds(&outcome) {
                wrong.push(format!("{name} {}: {reason:?} {:?}", case["settings"], outcome.valid));
            }
        } else if holds(&outcome) {
            wrong.push(format!("{name} {}: not refused", case["settings"]));
        } else if let (Some((_, codes)), Some(reason)) = (stated, reason)
            && !codes.contains(&reason)
        {
            wrong.push(format!("{name}: {} is {reason}", case["reason"]));
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert_eq!((cases.len(), dsa), (248, 2));
}
