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
    let Some(anchor) = anchors.iter().find(|anchor| vouches(anchor, certificate, request)) else {
        return Belief::default();
    };
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

/// The anchor is a copy of the certificate, and has the address itself: user IDs that only another copy has were added
/// by whoever holds the key.
fn vouches(anchor: &Anchor, certificate: &openpgp::Certificate, request: &EvidenceRequest<'_>) -> bool {
    match &anchor.certificate {
        Certificate::Openpgp(own) => {
            own.fingerprint() == certificate.fingerprint()
                && anchor.certificate.addresses(request.at).contains(request.address)
        }
        #[cfg(feature = "smime")]
        Certificate::X509(_) => false,
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
    }
}
