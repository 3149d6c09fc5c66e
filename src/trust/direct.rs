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
