//! The certificates of one person: found, believed, fit to be encrypted to.

use crate::error::Error;
use crate::message::Context;
use crate::mime::Address;
use crate::policy::Policy;
use crate::protocol::{Certificate, CertificateSource, KeyHint, Unfit};
use crate::report::{Protocol, Trust};
use crate::time::UnixTime;
use crate::trust::{Belief, EvidenceRequest, Purpose};

/// Why somebody cannot be written to in secret: of several certificates, the one that came closest.
///
/// ```
/// use mailseal::Unreached;
/// assert_eq!(Unreached::NoCertificate.to_string(), "no certificate is known");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Unreached {
    /// None was found.
    NoCertificate,
    /// It may not be used, or there is no key in it to encrypt to.
    CannotEncrypt,
    /// It is revoked.
    Revoked,
    /// It was not valid at the time; since when.
    Expired(Option<UnixTime>),
    /// Something on the way to it is too weak to rely on.
    Weak(String),
    /// Nobody who is trusted says that it is theirs. Its fingerprint, for [`Plan::accept`](crate::Plan::accept).
    NotBelieved(String),
}

/// What was found for one person.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// Believed and fit; of each protocol the best.
    pub(super) usable: Vec<Certificate>,
    /// Fit, and not believed.
    pub(super) others: Vec<Certificate>,
    pub(super) problem: Option<Unreached>,
}

impl Found {
    pub(super) fn of(&self, protocol: Protocol) -> Option<&Certificate> {
        self.usable.iter().find(|one| one.protocol() == protocol)
    }
}

pub(super) struct Chooser<'c> {
    pub(super) cx: &'c Context,
    pub(super) policy: &'c Policy,
    pub(super) at: UnixTime,
}

impl Chooser<'_> {
    pub(super) fn find(&self, who: &Address) -> Result<Found, Error> {
        let hint = KeyHint { address: Some(who), ..KeyHint::default() };
        let mut candidates = self.cx.candidates(&hint)?;
        // The newest first: keys are renewed.
        candidates.sort_by_key(|one| std::cmp::Reverse(one.since(self.at)));
        let mut found = Found { usable: Vec::new(), others: Vec::new(), problem: None };
        let mut seen: Vec<Certificate> = Vec::new();
        for candidate in candidates {
            if seen.len() >= self.cx.bounds().candidates {
                break;
            }
            if seen.contains(&candidate) {
                continue;
            }
            let certificate = self.whole(candidate)?;
            seen.push(certificate.clone());
            match self.judge(&certificate, who)? {
                None => {
                    if found.of(certificate.protocol()).is_none() {
                        found.usable.push(certificate);
                    }
                }
                Some(problem) => {
                    let fit = matches!(problem, Unreached::NotBelieved(_) | Unreached::Weak(_));
                    if fit {
                        found.others.push(certificate);
                    }
                    found.problem = found.problem.max(Some(problem));
                }
            }
        }
        found.problem.get_or_insert(Unreached::NoCertificate);
        Ok(found)
    }

    /// With what all other copies say: one that names nobody may hold the revocation (R-B20).
    #[cfg(feature = "openpgp")]
    fn whole(&self, candidate: Certificate) -> Result<Certificate, Error> {
        match candidate {
            Certificate::Openpgp(one) => {
                let fingerprint = one.handle();
                let hint = KeyHint { openpgp: Some(&fingerprint), ..KeyHint::default() };
                let copies = self.cx.candidates(&hint)?;
                let whole = copies.iter().fold(one, |whole, copy| match copy {
                    Certificate::Openpgp(copy) if *copy == whole => whole.merged(copy),
                    _ => whole,
                });
                Ok(Certificate::Openpgp(whole))
            }
            #[cfg(feature = "smime")]
            other => Ok(other),
        }
    }

    #[cfg(not(feature = "openpgp"))]
    fn whole(&self, candidate: Certificate) -> Result<Certificate, Error> {
        Ok(candidate)
    }

    /// Nothing if the certificate can be encrypted to for that person.
    fn judge(&self, certificate: &Certificate, who: &Address) -> Result<Option<Unreached>, Error> {
        match certificate.unfit_to_encrypt(self.at) {
            None => {}
            Some(Unfit::NoKey) => return Ok(Some(Unreached::CannotEncrypt)),
            Some(Unfit::Revoked) => return Ok(Some(Unreached::Revoked)),
            Some(Unfit::Expired(since)) => return Ok(Some(Unreached::Expired(since))),
        }
        // What only a found copy says of itself is nothing yet.
        if !certificate.addresses(self.at).iter().any(|own| own.matches(who)) {
            return Ok(Some(Unreached::NotBelieved(certificate.fingerprint())));
        }
        let belief = self.cx.believe(&EvidenceRequest {
            certificate,
            intermediates: &[],
            candidates: self.cx,
            address: who,
            purpose: Purpose::Encrypt,
            at: self.at,
            provider: self.cx.crypto(),
            limits: self.cx.bounds(),
            algorithms: self.policy.algorithms(),
            #[cfg(feature = "smime")]
            revocations: self.cx.known_revocations(),
            #[cfg(feature = "smime")]
            signatures: Some(self.cx.known_signatures()),
            fetcher: self.cx.fetching(),
        })?;
        Ok(self.disbelief(certificate, &belief))
    }

    fn disbelief(&self, certificate: &Certificate, belief: &Belief) -> Option<Unreached> {
        match belief.trust {
            // What the caller compared by hand is not changed by an authority.
            Trust::Trusted if !belief.pinned_to.is_empty() => {
                Some(Unreached::NotBelieved(certificate.fingerprint()))
            }
            Trust::Trusted if !belief.weak.is_empty() => Some(Unreached::Weak(belief.weak.join(", "))),
            Trust::Trusted if self.policy.relies_on(&belief.evidence) => None,
            Trust::Expired => Some(Unreached::Expired(None)),
            Trust::Revoked => Some(Unreached::Revoked),
            Trust::Trusted | Trust::Unknown => Some(Unreached::NotBelieved(certificate.fingerprint())),
        }
    }
}
