//! OpenPGP: a certificate that the caller gave as an anchor is its own evidence, for the addresses of its valid user IDs.

use crate::openpgp;
use crate::protocol::Certificate;
use crate::report::{Evidence, Step, Trust};
use crate::trust::store::Anchor;
use crate::trust::{Belief, EvidenceRequest};

pub(super) fn believe(
    certificate: &openpgp::Certificate,
    anchors: &[&Anchor],
    request: &EvidenceRequest<'_>,
) -> Belief {
    let known = anchors.iter().find(|anchor| match &anchor.certificate {
        Certificate::Openpgp(anchor) => anchor.fingerprint() == certificate.fingerprint(),
        #[cfg(feature = "smime")]
        Certificate::X509(_) => false,
    });
    let Some(anchor) = known else { return Belief::default() };
    // Another copy of it may name more addresses; the caller trusts the one at hand.
    if !anchor.certificate.addresses(request.at).iter().any(|named| named.matches(request.address)) {
        return Belief::default();
    }
    let validity = match certificate.validity(request.at) {
        Some(validity) if validity.expires.is_none_or(|expires| expires > request.at) => validity,
        _ => return Belief { trust: Trust::Expired, ..Belief::default() },
    };
    if validity.revoked.is_some() {
        return Belief { trust: Trust::Revoked, ..Belief::default() };
    }
    let evidence = Evidence::Direct {
        address: request.address.to_string(),
        scope: anchor.scope.to_string(),
        steps: vec![step(certificate, &validity, request)],
    };
    Belief { trust: Trust::Trusted, evidence: vec![evidence], ..Belief::default() }
}

fn step(
    certificate: &openpgp::Certificate,
    validity: &openpgp::Validity,
    request: &EvidenceRequest<'_>,
) -> Step {
    Step {
        name: certificate.name(request.at).unwrap_or_else(|| request.address.to_string()),
        fingerprint: certificate.fingerprint(),
        not_before: Some(validity.created),
        not_after: validity.expires,
    }
}

#[cfg(all(test, feature = "aws-lc"))]
mod tests {
    use super::*;
    use crate::crypto::Provider;
    use crate::limits::Limits;
    use crate::openpgp::tests::Workshop;
    use crate::openpgp::{CipherSuite, generate};
    use crate::policy::Algorithms;
    use crate::protocol::NoCertificates;
    use crate::time::UnixTime;
    use crate::trust::{Scope, TrustModel, TrustStore};

    /// Finding is not trusting: a copy found somewhere names more than the one that the caller trusts.
    #[test]
    fn r_b21_the_anchor_says_whom_it_speaks_for() {
        let at = UnixTime::from_seconds(1_790_000_000);
        let secret = generate("Alice <alice@example.org>", at, CipherSuite::Ed25519).unwrap();
        let later = UnixTime::from_seconds(1_790_000_100);
        let alice = Workshop::new(secret.expose(), later).public();
        let both = Workshop::new(secret.expose(), later).also("The boss <boss@example.org>").public();
        assert_eq!(both.mailboxes(later).len(), 2);
        let trust = |anchor: &openpgp::Certificate, found: &openpgp::Certificate, address: &str| {
            let store = TrustStore::new().anchor(Certificate::Openpgp(anchor.clone()), Scope::any());
            let request = EvidenceRequest {
                certificate: &Certificate::Openpgp(found.clone()),
                intermediates: &[],
                candidates: &NoCertificates,
                address: &address.parse().unwrap(),
                at: later,
                provider: &Provider::default(),
                limits: &Limits::default(),
                algorithms: &Algorithms::standard(),
            };
            store.evidence(&request).unwrap().trust
        };
        assert_eq!(trust(&alice, &both, "alice@example.org"), Trust::Trusted);
        assert_eq!(trust(&both, &both, "boss@example.org"), Trust::Trusted);
        assert_eq!(trust(&alice, &both, "boss@example.org"), Trust::Unknown);
    }
}
