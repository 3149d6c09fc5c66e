//! Pins that are remembered, as evidence.

use super::Memory;
use crate::error::Error;
use crate::report::{Evidence, Trust};
use crate::trust::{Belief, EvidenceRequest, Scope, TrustModel, TrustStore};

/// What trust believes, and what a pin for exactly this address adds. The rules for a pinned certificate are those for
/// one that the caller gave as an anchor for that address: it may be expired, revoked, or not meant for mail.
pub(crate) fn believe(
    belief: Belief,
    memory: &dyn Memory,
    request: &EvidenceRequest<'_>,
) -> Result<Belief, Error> {
    let fingerprint = request.certificate.fingerprint();
    let pins = memory.recall(request.address)?.map(|known| known.pins).unwrap_or_default();
    if !pins.iter().any(|pin| pin.address.matches(request.address) && pin.fingerprint == fingerprint) {
        return Ok(belief);
    }
    let pinned = TrustStore::new().anchor(request.certificate.clone(), Scope::address(request.address));
    let mut pinned = pinned.evidence(request)?;
    for path in &mut pinned.evidence {
        if let Evidence::Direct { address, steps, .. } = path {
            *path = Evidence::Pinned { address: std::mem::take(address), steps: std::mem::take(steps) };
        }
    }
    Ok(join(belief, pinned))
}

/// Both: a revocation that either knows counts, and otherwise either suffices.
fn join(belief: Belief, pinned: Belief) -> Belief {
    if belief.trust == Trust::Revoked || pinned.trust == Trust::Unknown {
        return belief;
    }
    if pinned.trust != Trust::Trusted {
        // A pin is the caller's own word on this certificate: that it is over, or revoked, is the better answer.
        let stronger = belief.trust == Trust::Unknown || pinned.trust == Trust::Revoked;
        return if stronger { Belief { trust: pinned.trust, ..belief } } else { belief };
    }
    let mut evidence = pinned.evidence;
    evidence.extend(belief.evidence);
    Belief { evidence, rejected: belief.rejected, wants: belief.wants, ..pinned }
}
