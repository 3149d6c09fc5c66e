//! What OCSP answers say of a certificate (RFC 6960 §3.2, §4.2.2).

use crate::report::RevocationSource;
use crate::time::UnixTime;
use crate::x509::Certificate;
use crate::x509::revocation::check::{Backing, Checker, What, together, weaker};
use crate::x509::revocation::ocsp::{CertStatus, Ocsp, Single};
use crate::x509::revocation::{Doubt, Reason, Status};

/// Seconds that an answer without nextUpdate is relied on: it says that there is always a newer one (RFC 6960 §4.2.2.1).
const WITHOUT_END: i64 = 24 * 3600;

impl Checker<'_> {
    /// Asks all answers about the first certificate of a path. Revoked counts; of others the latest.
    pub(super) fn by_ocsp(&mut self, path: &[&Certificate]) -> Status {
        let [certificate, issuer, ..] = path else { return Status::NotApplicable };
        let (mut best, mut why): (Option<Status>, Doubt) = (None, Doubt::Nothing);
        for (index, (place, answer)) in self.request.revocations.ocsp().enumerate() {
            let singles = answer.find(certificate, issuer, self.request.provider);
            if singles.is_empty() {
                continue;
            }
            let backing = match self.responder((place, index), answer, path) {
                Ok(backing) => backing,
                Err(doubt) => {
                    why = why.max(doubt);
                    continue;
                }
            };
            for single in singles {
                match self.judge(answer, single, backing) {
                    Status::Unknown(doubt) => why = why.max(doubt),
                    status => {
                        best = Some(match best {
                            Some(known) => together([known, status]),
                            None => status,
                        });
                    }
                }
            }
        }
        best.unwrap_or(Status::Unknown(why))
    }

    /// One answer that is what it says.
    fn judge(&self, answer: &Ocsp, single: Single, backing: Backing) -> Status {
        let by = RevocationSource::Ocsp;
        let Single { status, this_update, next_update } = single;
        let begun = self.has_begun(this_update) && self.has_begun(answer.produced_at());
        let end =
            next_update.unwrap_or(UnixTime::from_seconds(this_update.seconds().saturating_add(WITHOUT_END)));
        let current = self.is_current(end);
        if answer.is_beyond_us() {
            return Status::Unknown(Doubt::Critical);
        }
        if !begun {
            return Status::Unknown(Doubt::Future);
        }
        match status {
            CertStatus::Revoked { at, reason }
                if at <= self.request.at
                    && backing.doubt != Some(Doubt::SignerRevoked)
                    && (current || reason != Some(Reason::CertificateHold)) =>
            {
                Status::Revoked { by, at, reason, this_update }
            }
            _ if backing.doubt.is_some() => Status::Unknown(backing.doubt.unwrap_or(Doubt::Signer)),
            _ if !current => Status::Unknown(Doubt::Stale),
            CertStatus::Unknown => Status::Unknown(Doubt::Responder),
            CertStatus::Good | CertStatus::Revoked { .. } => {
                Status::NotRevoked { by, this_update, next_update, hash: backing.hash }
            }
        }
    }

    /// Who signed an answer: the issuer's own key, or a responder that this key certified (RFC 6960 §4.2.2.2).
    fn responder(
        &mut self,
        (place, index): (usize, usize),
        answer: &Ocsp,
        path: &[&Certificate],
    ) -> Result<Backing, Doubt> {
        let Some(issuer) = path.get(1) else { return Err(Doubt::Signer) };
        let what = (place, What::Ocsp(index));
        let provider = self.request.provider;
        let mut why = Doubt::Signer;
        if answer.is_by(issuer, provider) {
            match self.signature(what, answer.signed(), issuer) {
                Ok(hash) => return Ok(Backing { hash, doubt: None }),
                Err(doubt) => why = why.max(doubt),
            }
        }
        let known = self.request.intermediates.iter();
        let others: Vec<&Certificate> = answer.certificates().iter().chain(known).collect();
        for delegate in others.into_iter().filter(|one| one.issuer() == issuer.subject()) {
            if !answer.is_by(delegate, provider) || !self.may_respond(delegate) {
                continue;
            }
            let signed = self.signature(what, answer.signed(), delegate);
            match signed.and_then(|hash| Ok((hash, self.certified(place, delegate, path)?))) {
                Ok((hash, own)) => return Ok(Backing { hash: weaker(hash, own.hash), ..own }),
                Err(doubt) => why = why.max(doubt),
            }
        }
        Err(why)
    }

    /// What a delegated responder has to be by itself: anyExtendedKeyUsage is not enough.
    fn may_respond(&self, delegate: &Certificate) -> bool {
        let extensions = delegate.extensions();
        let purposes = extensions.ext_key_usage.as_deref().unwrap_or_default();
        let usage = extensions.key_usage;
        purposes.iter().any(|purpose| purpose == OCSP_SIGNING)
            && usage.is_none_or(|usage| usage.digital_signature() || usage.non_repudiation())
            && extensions.defects.is_empty()
            && extensions.unknown_critical.is_empty()
            && delegate.validity().contains(self.request.at)
    }

    /// What stands behind a responder's certificate: the signature of the issuer's own key, or why not to rely on it.
    fn certified(
        &mut self,
        place: usize,
        delegate: &Certificate,
        path: &[&Certificate],
    ) -> Result<Backing, Doubt> {
        let above = path.get(1..).unwrap_or_default();
        let Some(issuer) = above.first() else { return Err(Doubt::Signer) };
        let what = What::Certificate(delegate.fingerprint());
        let hash = self.signature((place, what), delegate.into(), issuer)?;
        if delegate.extensions().ocsp_no_check {
            return Ok(Backing { hash, doubt: None });
        }
        let mut own: Vec<&Certificate> = vec![delegate];
        own.extend(above);
        // CRLs only: an answer that a responder gives about itself is none.
        let doubt = match self.by_crls(&own) {
            Status::Revoked { .. } => Some(Doubt::SignerRevoked),
            Status::Unknown(_) => Some(Doubt::SignerUnknown),
            Status::NotRevoked { .. } | Status::NotApplicable => None,
        };
        Ok(Backing { hash, doubt })
    }
}

/// id-kp-OCSPSigning
const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";
