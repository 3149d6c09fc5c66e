//! Revocation along a path: each certificate below the anchor is asked about, and so are those who answer.

use std::collections::HashMap;

use crate::crypto::HashAlgorithm;
use crate::time::UnixTime;
use crate::x509::path::{self, Path, PathRequest, Purpose};
use crate::x509::revocation::{Doubt, PLACES, Reason, Status};
use crate::x509::signed::{self, Failure, Signed};
use crate::x509::{Certificate, Name};

/// Seconds that clocks may differ.
const SKEW: i64 = 300;

/// How far one asks about those who answer about those who answer.
const DEPTH: usize = 4;

/// Fingerprints of a certificate, its issuer, its anchor.
type Place = (Fingerprint, Fingerprint, Fingerprint);

type Fingerprint = [u8; 32];

/// Asks what was given, within budgets that hold for all paths of one search.
pub(crate) struct Checker<'a> {
    pub(super) request: &'a PathRequest<'a>,
    known: HashMap<Place, Status>,
    /// Certificates that are being asked about.
    asked: Vec<Fingerprint>,
    /// Results of signature checks, by what is signed and the fingerprint of the signer.
    signatures: HashMap<(What, Fingerprint), Result<Option<HashAlgorithm>, Doubt>>,
    /// Paths of other authorities to an anchor, by fingerprints of both.
    issuers: HashMap<(Fingerprint, Fingerprint), Option<Path>>,
    /// One for each place where data come from.
    budgets: [Budget; PLACES],
    questions_left: usize,
}

#[derive(Clone, Copy)]
struct Budget {
    signatures: usize,
    issuers: usize,
}

/// What is signed: a CRL or an answer by its number, a certificate by its fingerprint.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum What {
    Crl(usize),
    Ocsp(usize),
    Certificate(Fingerprint),
}

/// What stands behind a signature.
#[derive(Clone, Copy)]
pub(super) struct Backing {
    pub(super) hash: Option<HashAlgorithm>,
    /// Why it does not count in favour.
    pub(super) doubt: Option<Doubt>,
}

/// The weaker of two hashes under one word.
pub(super) fn weaker(one: Option<HashAlgorithm>, other: Option<HashAlgorithm>) -> Option<HashAlgorithm> {
    one.into_iter().chain(other).min()
}

impl<'a> Checker<'a> {
    pub(crate) fn new(request: &'a PathRequest<'a>) -> Self {
        let budget =
            Budget { signatures: request.limits.revocation_signatures, issuers: request.limits.crl_issuers };
        Self {
            request,
            known: HashMap::new(),
            asked: Vec::new(),
            signatures: HashMap::new(),
            issuers: HashMap::new(),
            budgets: [budget; PLACES],
            questions_left: request.limits.revocations,
        }
    }

    /// The status of each certificate of a path, from the leaf on; of the anchor nobody asks.
    pub(crate) fn path(&mut self, path: &[&Certificate]) -> Vec<Status> {
        let below = path.len().saturating_sub(1);
        (0..below).map(|index| self.status(path.get(index..).unwrap_or_default())).collect()
    }

    /// The status of the first certificate of a path.
    pub(super) fn status(&mut self, path: &[&Certificate]) -> Status {
        let [certificate, issuer, ..] = path else { return Status::NotApplicable };
        let Some(anchor) = path.last() else { return Status::NotApplicable };
        let place = (certificate.fingerprint(), issuer.fingerprint(), anchor.fingerprint());
        if let Some(known) = self.known.get(&place) {
            return known.clone();
        }
        if self.asked.contains(&certificate.fingerprint()) {
            // Who vouches for himself vouches for nothing, unless his issuer had him do so.
            return match names_itself(certificate) {
                true => Status::NotApplicable,
                false => Status::Unknown(Doubt::SignerUnknown),
            };
        }
        match self.questions_left.checked_sub(1) {
            Some(left) if self.asked.len() < DEPTH => self.questions_left = left,
            _ => return Status::Unknown(Doubt::Budget),
        }
        self.asked.push(certificate.fingerprint());
        let answers = [self.by_ocsp(path), self.by_crls(path)];
        self.asked.pop();
        let mut status = together(answers);
        // RFC 9608 §3: only for certificates that are no authorities.
        let brief = certificate.extensions().no_rev_avail && !certificate.is_ca();
        if brief && !matches!(status, Status::Revoked { .. }) {
            status = Status::NotApplicable;
        }
        // What was found while others were being asked about may be less than there is.
        if self.asked.is_empty() {
            self.known.insert(place, status.clone());
        }
        status
    }

    /// The worst of all certificates of a path, as a reason not to rely on who stands at its beginning.
    pub(super) fn doubt(&mut self, path: &[&Certificate]) -> Option<Doubt> {
        let statuses = self.path(path);
        let revoked = statuses.iter().any(|status| matches!(status, Status::Revoked { .. }));
        let unknown = statuses.iter().any(|status| matches!(status, Status::Unknown(_)));
        match (revoked, unknown) {
            (true, _) => Some(Doubt::SignerRevoked),
            (false, true) => Some(Doubt::SignerUnknown),
            (false, false) => None,
        }
    }

    /// Whether the key of a certificate made a signature on something from that place.
    pub(super) fn signature(
        &mut self,
        (place, what): (usize, What),
        signed: Signed<'_>,
        signer: &Certificate,
    ) -> Result<Option<HashAlgorithm>, Doubt> {
        let pair = (what, signer.fingerprint());
        if let Some(known) = self.signatures.get(&pair) {
            return *known;
        }
        self.spend(place, |budget| &mut budget.signatures)?;
        let key = signer.public_key().map_err(|_| Doubt::Unsupported);
        let result = key.and_then(|key| match signed::verify(self.request.provider, signed, key) {
            Ok(algorithm) => Ok(algorithm.hash()),
            Err(Failure::Wrong) => Err(Doubt::Signer),
            Err(Failure::BadKey | Failure::Unsupported(_)) => Err(Doubt::Unsupported),
        });
        self.signatures.insert(pair, result);
        result
    }

    /// All certificates of a name that were given, anchors first.
    pub(super) fn named(&self, name: &Name) -> Vec<&'a Certificate> {
        let request = self.request;
        let all = request.anchors.iter().chain(request.intermediates);
        all.filter(|certificate| certificate.subject() == name).collect()
    }

    fn spend(&mut self, place: usize, of: fn(&mut Budget) -> &mut usize) -> Result<(), Doubt> {
        let left = self.budgets.get_mut(place).map(of).ok_or(Doubt::Budget)?;
        *left = left.checked_sub(1).ok_or(Doubt::Budget)?;
        Ok(())
    }

    /// A path from another authority, who signed that CRL, to the anchor (RFC 5280 §6.3.3 (f)).
    pub(super) fn issuer_path(
        &mut self,
        place: usize,
        issuer: &Certificate,
        anchor: &Certificate,
    ) -> Result<Path, Doubt> {
        let pair = (issuer.fingerprint(), anchor.fingerprint());
        if let Some(known) = self.issuers.get(&pair) {
            return known.clone().ok_or(Doubt::Signer);
        }
        self.spend(place, |budget| &mut budget.issuers)?;
        let PathRequest { at, provider, limits, intermediates, .. } = *self.request;
        let anchors = std::slice::from_ref(anchor);
        let request = PathRequest::new(issuer, anchors, Purpose::CrlSigning, at, provider, limits);
        let found = path::find(&request.intermediates(intermediates)).valid;
        self.issuers.insert(pair, found.clone());
        found.ok_or(Doubt::Signer)
    }

    /// Whether something of that date is not from the future.
    pub(super) fn has_begun(&self, this_update: UnixTime) -> bool {
        this_update.seconds() <= self.request.at.seconds().saturating_add(SKEW)
    }

    /// Whether something may still be relied on.
    pub(super) fn is_current(&self, next_update: UnixTime) -> bool {
        self.request.at.seconds() <= next_update.seconds().saturating_add(SKEW)
    }
}

/// A CRL issuer whose own distribution point is itself (as PKITS 4.14.30 has it).
fn names_itself(certificate: &Certificate) -> bool {
    certificate.crl_issuers().any(|issuer| issuer == certificate.subject())
}

/// Of two answers: revoked, for good before on hold, unless that is a hold and a later word says otherwise; then the later;
/// then the doubt that tells more.
pub(super) fn together([one, other]: [Status; 2]) -> Status {
    match (&one, &other) {
        (
            Status::Revoked { reason: first, this_update: earlier, .. },
            Status::Revoked { reason: second, this_update: later, .. },
        ) => {
            let hold = |reason: &Option<Reason>| *reason == Some(Reason::CertificateHold);
            if (!hold(second), later) > (!hold(first), earlier) { other } else { one }
        }
        (Status::Revoked { reason, this_update, .. }, Status::NotRevoked { this_update: later, .. }) => {
            if *reason == Some(Reason::CertificateHold) && this_update < later {
                other
            } else {
                one
            }
        }
        (Status::NotRevoked { .. }, Status::Revoked { .. }) => together([other, one]),
        (Status::Revoked { .. }, _) => one,
        (_, Status::Revoked { .. }) => other,
        (Status::NotRevoked { this_update: first, .. }, Status::NotRevoked { this_update: second, .. }) => {
            if first < second {
                other
            } else {
                one
            }
        }
        (Status::NotRevoked { .. }, _) => one,
        (_, Status::NotRevoked { .. }) => other,
        (Status::Unknown(first), Status::Unknown(second)) => Status::Unknown(*first.max(second)),
        _ => one,
    }
}
