//! NIST's suite: paths with their CRLs (sections 4.4, 4.5, 4.7.4, 4.7.5, 4.14, 4.15).

use crate::crypto::Provider;
use crate::limits::Limits;
use crate::time::UnixTime;
use crate::x509::Certificate;
use crate::x509::path::{PathOutcome, PathRequest, Purpose, find};
use crate::x509::revocation::{RevocationData, Status};
use crate::x509::testing::{corpora, files};

/// A path that holds, each certificate of which somebody says is not revoked.
fn holds(outcome: &PathOutcome) -> bool {
    let known = |status: &Status| matches!(status, Status::NotRevoked { .. } | Status::NotApplicable);
    outcome.valid.as_ref().is_some_and(|path| path.revocation.iter().all(known))
}

#[test]
fn r_c6_pkits() {
    let Some(root) = corpora("pkits") else { return };
    let certificate = |path: &std::path::Path| {
        Certificate::load_pem_or_der(&std::fs::read(path).unwrap()).unwrap().remove(0)
    };
    let anchor = certificate(&root.join("certs/TrustAnchorRootCertificate.crt"));
    let between: Vec<_> =
        files(&root.join("certs"), &[".crt"]).iter().map(|file| certificate(file)).collect();
    let mut data = RevocationData::new();
    for file in files(&root.join("crls"), &[".crl"]) {
        data = data.with(&std::fs::read(&file).unwrap()).unwrap_or_else(|error| panic!("{file:?}: {error}"));
    }
    let expected = std::fs::read(root.join("expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_slice(&expected).unwrap();
    let default = |case: &&serde_json::Value| case["settings"].as_object().unwrap().is_empty();
    let (mut valid, mut invalid, mut wrong) = (0, 0, Vec::new());
    for case in expected["cases"].as_array().unwrap().iter().filter(default) {
        let target = case["target"].as_str().unwrap();
        if target.contains("DSA") {
            continue; // not supported
        }
        let leaf = certificate(&root.join(target));
        let (provider, limits) = (Provider::default(), Limits::default());
        let at = UnixTime::from_seconds(1_600_000_000);
        let anchors = std::slice::from_ref(&anchor);
        let request = PathRequest::new(&leaf, anchors, Purpose::EmailSigning, at, &provider, &limits);
        let outcome = find(&request.intermediates(&between).revocations(&data));
        match (case["expected"] == "valid", holds(&outcome)) {
            (true, true) => valid += 1,
            (false, false) => invalid += 1,
            _ => {
                let seen = outcome.valid.map(|path| path.revocation);
                wrong.push(format!(
                    "{target}: {} {seen:?} {:?}",
                    case["expected"],
                    outcome.rejected.first().map(|path| &path.reason)
                ));
            }
        }
    }
    println!("pkits with revocation lists: {valid} valid, {invalid} invalid");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
