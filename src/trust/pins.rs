//! Pins: an address, and the fingerprint of the one certificate that is its own.

use crate::error::Error;
use crate::mime::Address;
use crate::report::{Evidence, Trust, whole_fingerprint};
use crate::trust::{Belief, EvidenceRequest};

/// All pins of a store.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pins(Vec<(Address, String)>);

impl Pins {
    pub(super) fn add(&mut self, address: &Address, fingerprint: &str) -> Result<(), Error> {
        let pin = (address.clone(), whole_fingerprint(fingerprint)?);
        if !self.0.contains(&pin) {
            self.0.push(pin);
        }
        Ok(())
    }

    #[cfg(feature = "archive")]
    pub(super) fn all(&self) -> &[(Address, String)] {
        &self.0
    }

    /// The fingerprints that an address is pinned to.
    fn of<'p>(&'p self, address: &Address) -> impl Iterator<Item = &'p String> {
        self.0.iter().filter(move |(pinned, _)| pinned.matches(address)).map(|(_, fingerprint)| fingerprint)
    }

    pub(super) fn has(&self, request: &EvidenceRequest<'_>) -> bool {
        let mut pinned = self.of(request.address).peekable();
        pinned.peek().is_some() && {
            let fingerprint = request.certificate.fingerprint();
            pinned.any(|pinned| *pinned == fingerprint)
        }
    }

    /// What an address is pinned to, where that is not the certificate in question.
    pub(super) fn others(&self, request: &EvidenceRequest<'_>) -> Vec<String> {
        if self.has(request) { Vec::new() } else { self.of(request.address).cloned().collect() }
    }
}

/// What is believed of a certificate that is pinned: `own` is what holds of it by itself, `by_others` what the anchors
/// say. A pin says whose it is, not that it may still be used.
pub(super) fn believe(own: Belief, by_others: Belief, address: &Address) -> Belief {
    if by_others.trust == Trust::Revoked || own.trust != Trust::Trusted {
        let revoked = by_others.trust == Trust::Revoked;
        return if revoked { by_others } else { own };
    }
    let mut evidence: Vec<Evidence> = own.evidence.into_iter().map(|one| pinned(&one, address)).collect();
    evidence.extend(by_others.evidence);
    // What the anchors know besides stays: assurance, doubts about revocation, what could be fetched.
    let Belief { doubts, wants, assurance, .. } = by_others;
    Belief { evidence, doubts, wants, assurance, ..own }
}

/// What pins of one place and what everybody else says, together. Where the pins are about other certificates, that is
/// said beside what is believed.
pub(super) fn join(pinned: Belief, mut by_others: Belief, address: &Address) -> Belief {
    if pinned.trust != Trust::Unknown {
        return believe(pinned, by_others, address);
    }
    // Pins stand beside each other, wherever the caller keeps them.
    if !by_others.evidence.iter().any(|one| matches!(one, Evidence::Pinned { .. })) {
        by_others.pinned_to.extend(pinned.pinned_to);
    }
    by_others
}

fn pinned(evidence: &Evidence, address: &Address) -> Evidence {
    Evidence::Pinned { address: address.to_string(), steps: evidence.steps().to_vec() }
}
