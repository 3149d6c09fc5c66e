//! X.509: the certificates of a path as steps: where each came from, and what of it was checked.

use std::collections::HashMap;

use crate::report::{Check, Source, Step, hex};
use crate::x509::Certificate;
use crate::x509::path::Path;

/// What came from where; all else was looked for among known certificates.
pub(super) struct Origins<'a> {
    pub(super) anchors: &'a [Certificate],
    pub(super) letter: &'a [Certificate],
    /// From where, by fingerprint.
    pub(super) fetched: &'a HashMap<[u8; 32], String>,
}

/// The steps of a valid path, the anchor first.
pub(super) fn of(path: &Path, origins: &Origins<'_>) -> Vec<Step> {
    let steps = path.certificates.iter().enumerate();
    let steps = steps.map(|(at, one)| Step { checks: checks(path, at, one), ..step(one, origins) });
    steps.rev().collect()
}

/// A certificate of which nothing is said to hold.
pub(super) fn step(certificate: &Certificate, origins: &Origins<'_>) -> Step {
    let validity = certificate.validity();
    let source = if origins.anchors.contains(certificate) {
        Source::Caller
    } else if origins.letter.contains(certificate) {
        Source::Letter
    } else if let Some(url) = origins.fetched.get(&certificate.fingerprint()) {
        Source::Fetched(url.clone())
    } else {
        Source::Known
    };
    Step {
        not_before: Some(validity.not_before),
        not_after: Some(validity.not_after),
        source,
        ..Step::new(certificate.name(), hex(&certificate.fingerprint()))
    }
}

/// What holds of the certificate at this place of a valid path, counted from the leaf.
fn checks(path: &Path, at: usize, certificate: &Certificate) -> Vec<Check> {
    let (extensions, is_leaf) = (certificate.extensions(), at == 0);
    let issuer = extensions.basic_constraints.filter(|_| !is_leaf);
    let usage = is_leaf || extensions.ext_key_usage.is_some();
    let names = !is_leaf && extensions.name_constraints.is_some();
    let policies = Some(&path.policies).filter(|policies| is_leaf && !policies.is_empty());
    let checks = [
        path.algorithm(at).map(|algorithm| Check::Signature(algorithm.to_string())),
        Some(Check::Validity),
        issuer.map(|constraints| Check::Issuer(constraints.path_len)),
        usage.then_some(Check::Usage),
        names.then_some(Check::NameConstraints),
        policies.cloned().map(Check::Policies),
    ];
    checks.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use crate::crypto::Provider;
    use crate::limits::Limits;
    use crate::policy::Algorithms;
    use crate::protocol::{Certificate, CertificatePool};
    use crate::report::{Check, Source};
    use crate::time::UnixTime;
    use crate::trust::{Belief, EvidenceRequest, Purpose, Scope, TrustModel, TrustStore};
    use crate::x509::der_reader::{SEQUENCE, context, encode};
    use crate::x509::testing::{Make, make, toy_provider};
    use crate::x509::{self, RevocationData, oid};

    /// Root, then one authority from the letter and one that is known, then Alice.
    fn belief(provider: &Provider) -> Belief {
        let x509 = |made: x509::Certificate| Certificate::X509(made);
        let base = encode(context(1), &[b"example.org"]);
        let policy = encode(SEQUENCE, &[&encode(6, &[oid::OCSP.as_bytes()])]);
        let policies = |made: Make| made.with(oid::CERTIFICATE_POLICIES, false, encode(SEQUENCE, &[&policy]));
        let known = policies(make("Known").ca(Some(1)).permit(base)).signed_by("Root");
        let sent = policies(make("Sent").ca(Some(0)).ext_key_usage("1.3.6.1.5.5.7.3.4")).signed_by("Known");
        let alice = policies(make("Alice").mailbox("alice@example.org")).signed_by("Sent");
        let store = TrustStore::new().anchor(x509(make("Root").ca(None).signed_by("Root")), Scope::any());
        let request = EvidenceRequest {
            certificate: &x509(alice.clone()),
            intermediates: &[x509(sent), x509(alice)],
            candidates: &[x509(known)].into_iter().collect::<CertificatePool>(),
            address: &"alice@example.org".parse().unwrap(),
            purpose: Purpose::Sign,
            at: UnixTime::from_seconds(1_700_000_000),
            provider,
            limits: &Limits::default(),
            algorithms: &Algorithms::standard(),
            revocations: &RevocationData::new(),
            signatures: None,
            fetcher: None,
        };
        store.evidence(&request).unwrap()
    }

    #[test]
    fn say_where_they_come_from_and_what_holds() {
        let belief = belief(&toy_provider());
        let steps = belief.evidence[0].steps();
        let sources: Vec<_> = steps.iter().map(|step| (step.name.as_str(), step.source.clone())).collect();
        let (letter, known) = (Source::Letter, Source::Known);
        let expected =
            [("Root", Source::Caller), ("Known", known), ("Sent", letter.clone()), ("Alice", letter)];
        assert_eq!(sources, expected);
        let signature = || Check::Signature("ed25519".into());
        let policies = Check::Policies(vec![oid::OCSP.to_string()]);
        assert_eq!(steps[0].checks, [Check::Validity, Check::Issuer(None)]);
        let names = Check::NameConstraints;
        assert_eq!(steps[1].checks, [signature(), Check::Validity, Check::Issuer(Some(1)), names]);
        assert_eq!(steps[2].checks, [signature(), Check::Validity, Check::Issuer(Some(0)), Check::Usage]);
        assert_eq!(steps[3].checks, [signature(), Check::Validity, Check::Usage, policies]);
    }
}
