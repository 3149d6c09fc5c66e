//! OpenPGP: a certificate that the caller gave as an anchor is its own evidence, for the addresses of its valid user IDs.

use crate::openpgp;
use crate::protocol::Certificate;
use crate::report::{Evidence, Source, Step, Trust};
use crate::trust::store::Anchor;
use crate::trust::{Belief, EvidenceRequest};

pub(super) fn believe(
    certificate: &openpgp::Certificate,
    anchors: &[&Anchor],
    request: &EvidenceRequest<'_>,
) -> Belief {
    let same = anchors.iter().filter_map(|anchor| Some((anchor, openpgp_of(anchor)?)));
    // User IDs that only another copy has were added by whoever holds the key.
    let names = |copy: &openpgp::Certificate| {
        let named = copy.mailboxes(request.at);
        named.iter().any(|named| named.parse().is_ok_and(|named| request.address.matches(&named)))
    };
    let mut same = same.filter(|(_, copy)| *copy == certificate).filter(|(_, copy)| names(copy));
    let Some((anchor, copy)) = same.next() else { return Belief::default() };
    // Nor may another copy lack a revocation, of the key or of the user ID.
    let certificate = &copy.merged(certificate);
    if !names(certificate) {
        return Belief::default();
    }
    let validity = match certificate.validity(request.at) {
        Some(validity) if validity.expires.is_none_or(|expires| expires > request.at) => validity,
        _ => return Belief { trust: Trust::Expired, ..Belief::default() },
    };
    match validity.revoked {
        None => {}
        Some(openpgp::Revoked::Hard) => return Belief { trust: Trust::Revoked, ..Belief::default() },
        // Retired or superseded: what it signed before is only old (RFC 9580 §5.2.3.31).
        Some(openpgp::Revoked::Soft(_)) => return Belief { trust: Trust::Expired, ..Belief::default() },
    }
    let evidence = Evidence::Direct {
        address: request.address.to_string(),
        scope: anchor.scope.to_string(),
        steps: vec![step(certificate, &validity, request)],
    };
    Belief { trust: Trust::Trusted, evidence: vec![evidence], ..Belief::default() }
}

fn openpgp_of(anchor: &Anchor) -> Option<&openpgp::Certificate> {
    match &anchor.certificate {
        Certificate::Openpgp(certificate) => Some(certificate),
        #[cfg(feature = "smime")]
        Certificate::X509(_) => None,
    }
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
        source: Source::Caller,
        checks: Vec::new(),
    }
}

#[cfg(test)]
#[cfg(feature = "aws-lc")]
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

    fn trust(anchor: &openpgp::Certificate, found: &openpgp::Certificate, address: &str) -> Trust {
        let store = TrustStore::new().anchor(Certificate::Openpgp(anchor.clone()), Scope::any());
        let request = EvidenceRequest {
            certificate: &Certificate::Openpgp(found.clone()),
            intermediates: &[],
            candidates: &NoCertificates,
            address: &address.parse().unwrap(),
            purpose: crate::trust::Purpose::Sign,
            at: LATER,
            provider: &Provider::default(),
            limits: &Limits::default(),
            algorithms: &Algorithms::standard(),
            #[cfg(feature = "smime")]
            revocations: &crate::x509::RevocationData::new(),
            #[cfg(feature = "smime")]
            signatures: None,
            fetcher: None,
        };
        store.evidence(&request).unwrap().trust
    }

    fn secret() -> crate::crypto::Secret {
        let at = UnixTime::from_seconds(1_790_000_000);
        generate("Alice <alice@example.org>", at, CipherSuite::Ed25519).unwrap()
    }

    const LATER: UnixTime = UnixTime::from_seconds(1_790_000_100);

    /// Finding is not trusting: a copy found somewhere names more than the one that the caller trusts.
    #[test]
    fn r_b21_the_anchor_says_whom_it_speaks_for() {
        let secret = secret();
        let workshop = || Workshop::new(secret.expose(), LATER);
        let alice = workshop().public();
        let both = workshop().also("The boss <boss@example.org>").public();
        assert_eq!(both.mailboxes(LATER).len(), 2);
        assert_eq!(trust(&alice, &both, "alice@example.org"), Trust::Trusted);
        assert_eq!(trust(&both, &both, "boss@example.org"), Trust::Trusted);
        assert_eq!(trust(&both, &alice, "boss@example.org"), Trust::Trusted);
        assert_eq!(trust(&alice, &both, "boss@example.org"), Trust::Unknown);
    }

    /// The copy that was found may lack what the caller knows.
    #[test]
    fn r_b20_a_revocation_in_either_copy_counts() {
        let secret = secret();
        let workshop = || Workshop::new(secret.expose(), LATER);
        let (plain, revoked) = (workshop().public(), workshop().revoked(false).public());
        assert_eq!(trust(&plain, &plain, "alice@example.org"), Trust::Trusted);
        assert_eq!(trust(&plain, &revoked, "alice@example.org"), Trust::Revoked);
        assert_eq!(trust(&revoked, &plain, "alice@example.org"), Trust::Revoked);
    }
}
