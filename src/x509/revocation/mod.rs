//! Revocation: CRLs (RFC 5280 §5, §6.3) and OCSP answers (RFC 6960, RFC 5019), given by whoever has them.
//!
//! - [`RevocationData`]: what was given. Nothing is believed of it.
//! - [`Status`]: what that says of each certificate of a path, once signatures and scopes were checked;
//!   [`path::find`](crate::x509::path::find) asks.
//! - [`request`]: what to send to an OCSP responder.
//!
//! **Time.** Everything is judged at one time, that of looking. A certificate that was revoked before it is revoked,
//! whatever time a signature claims: that is a claim (R-B20). One that is revoked only after it is not revoked yet. CRLs
//! and answers from later than that time are not looked at; what is past its nextUpdate proves nothing any more, except
//! that what it lists is revoked for good, unless only on hold. Clocks may differ by five minutes.
//!
//! **Who may say so.** A CRL: the issuer of the certificate, with any key of its name, or whom the certificate names in
//! cRLIssuer, each with a path of its own to the same anchor. An OCSP answer: the issuer with the very key that signed the
//! certificate, or a responder that this key certified for that purpose (RFC 6960 §4.2.2.2). These certificates may be
//! revoked themselves: as long as nobody says that they are not, what they say in favour does not count.
//!
//! **Of several**, the later CRL of one scope counts, and the earlier never again; where sources differ, revoked counts,
//! but a hold ends with a later word in favour.

mod by_crl;
mod by_ocsp;
mod check;
mod crl;
mod ocsp;
mod scope;
mod status;
mod summary;
#[cfg(test)]
mod tests;

use crate::crypto::Provider;
use crate::error::Error;
use crate::limits::Limits;
use crate::x509::der_reader::{ENUMERATED, Reader};
use crate::x509::{Certificate, pem};

pub(crate) use check::Checker;
pub(crate) use scope::DistributionPoint;
pub use status::{Doubt, Reason, Status};
pub use summary::Summary;

/// CRLs and OCSP answers, from the letter, the caller or the network. Nothing is believed of them until it is checked
/// against a path. Clones share the octets.
///
/// ```
/// use mailseal::x509::RevocationData;
/// assert!(RevocationData::new().is_empty());
/// assert!(RevocationData::new().with(b"neither").is_err());
/// // One CRL, as `openssl ca -gencrl` writes it.
/// let data = RevocationData::new().with(include_bytes!("../../../examples/letters/strict-ca.crl"))?;
/// assert_eq!(data.len(), 1);
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct RevocationData {
    own: Given,
    /// Over a network that anybody may change.
    fetched: Given,
    letter: Given,
}

/// What came from one place. Each has budgets of its own, so that a crowd in one leaves nobody else's word unread.
#[derive(Clone, Default)]
struct Given {
    crls: Vec<crl::Crl>,
    ocsp: Vec<ocsp::Ocsp>,
}

impl Given {
    const NOTHING: Self = Self { crls: Vec::new(), ocsp: Vec::new() };

    /// Adds one of either, DER.
    fn add(&mut self, der: &[u8], limits: &Limits) -> Result<(), Error> {
        if self.len() >= limits.revocations {
            let limit = u64::try_from(limits.revocations).unwrap_or(u64::MAX);
            return Err(Error::Limit { name: "revocations", limit });
        }
        let first = Reader::new(der).sequence().ok().and_then(|reader| reader.peek());
        match first {
            Some(ENUMERATED) => self.ocsp.push(ocsp::Ocsp::from_der(der, limits)?),
            _ => self.crls.push(crl::Crl::from_der(der, limits)?),
        }
        Ok(())
    }

    fn extend(&mut self, other: &Self) {
        self.crls.extend(other.crls.iter().cloned());
        self.ocsp.extend(other.ocsp.iter().cloned());
    }

    fn len(&self) -> usize {
        self.crls.len().saturating_add(self.ocsp.len())
    }
}

/// For paths that nobody gave anything for.
pub(crate) static NOTHING: RevocationData = RevocationData::new();

impl RevocationData {
    /// Nothing.
    pub const fn new() -> Self {
        Self { own: Given::NOTHING, fetched: Given::NOTHING, letter: Given::NOTHING }
    }

    /// Adds CRLs and OCSP answers: PEM (`X509 CRL`, `OCSP RESPONSE`, others are passed over), or DER, one after the other.
    /// Within the default [`Limits`] (`revocation_bytes`, `crl_entries`, `revocations`).
    ///
    /// ```
    /// use mailseal::x509::RevocationData;
    /// // A responder that only says why it does not answer.
    /// let try_later = [0x30, 0x03, 0x0a, 0x01, 0x03];
    /// let error = RevocationData::new().with(&try_later).unwrap_err();
    /// assert_eq!(error.to_string(), "not readable as an OCSP answer: the responder says: tryLater");
    /// ```
    pub fn with(self, octets: &[u8]) -> Result<Self, Error> {
        self.within(octets, &Limits::default())
    }

    /// The same within other limits.
    ///
    /// ```
    /// use mailseal::{Limits, x509::RevocationData};
    /// let crl = include_bytes!("../../../examples/letters/strict-ca.crl");
    /// assert!(RevocationData::new().within(crl, &Limits::default().revocation_bytes(100)).is_err());
    /// ```
    pub fn within(mut self, octets: &[u8], limits: &Limits) -> Result<Self, Error> {
        if octets.len() > limits.revocation_bytes {
            let limit = u64::try_from(limits.revocation_bytes).unwrap_or(u64::MAX);
            return Err(Error::Limit { name: "revocation_bytes", limit });
        }
        let before = self.len();
        if pem::is_pem(octets) {
            for block in pem::blocks(octets)? {
                if matches!(block.label.as_str(), "X509 CRL" | "CRL" | "OCSP RESPONSE") {
                    self.own.add(&block.der, limits)?;
                }
            }
        } else {
            let mut reader = Reader::new(octets);
            while !reader.is_empty() {
                let value = Reader::next(&mut reader);
                let value =
                    value.map_err(|error| Error::malformed("a CRL or an OCSP answer", error.to_string()))?;
                self.own.add(value.octets, limits)?;
            }
        }
        match self.len() == before {
            true => Err(Error::malformed("CRLs or OCSP answers", "there is none in it")),
            false => Ok(self),
        }
    }

    /// Adds what a letter brings, if it can be read and there is room, and passes over the rest: an odd CRL does not make
    /// a letter unreadable.
    pub(crate) fn add_of_letter(&mut self, der: &[u8], limits: &Limits) {
        let _ = self.letter.add(der, limits);
    }

    /// Adds what was fetched; false if nothing in it can be read. There is room for each answer.
    pub(crate) fn add_fetched(&mut self, octets: &[u8], limits: &Limits) -> bool {
        let found = Self::new().within(octets, limits);
        found.is_ok_and(|found| {
            self.fetched.extend(&found.own);
            true
        })
    }

    /// True if there is nothing to look at.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// CRLs and OCSP answers together.
    pub fn len(&self) -> usize {
        self.all().map(Given::len).iter().sum()
    }

    /// Both; of each place its own first.
    #[must_use]
    pub(crate) fn and(&self, other: &Self) -> Self {
        let mut all = self.clone();
        all.own.extend(&other.own);
        all.fetched.extend(&other.fetched);
        all.letter.extend(&other.letter);
        all
    }

    /// As they were given: the CRLs, then the OCSP answers.
    #[cfg(feature = "archive")]
    pub(crate) fn octets(&self) -> (impl Iterator<Item = &[u8]>, impl Iterator<Item = &[u8]>) {
        (self.crls().map(|(_, crl)| crl.octets()), self.ocsp().map(|(_, answer)| answer.octets()))
    }

    fn all(&self) -> [&Given; PLACES] {
        [&self.own, &self.fetched, &self.letter]
    }

    /// With the number of the place where each came from.
    fn crls(&self) -> impl Iterator<Item = (usize, &crl::Crl)> {
        let places = self.all().into_iter().enumerate();
        places.flat_map(|(place, given)| given.crls.iter().map(move |crl| (place, crl)))
    }

    /// With the number of the place where each came from.
    fn ocsp(&self) -> impl Iterator<Item = (usize, &ocsp::Ocsp)> {
        let places = self.all().into_iter().enumerate();
        places.flat_map(|(place, given)| given.ocsp.iter().map(move |answer| (place, answer)))
    }
}

/// Where data come from: the caller, the network, the letter.
const PLACES: usize = 3;

impl std::fmt::Debug for RevocationData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RevocationData({} CRLs, {} OCSP answers)", self.crls().count(), self.ocsp().count())
    }
}

/// The OCSP request about a certificate, to be sent to the URIs in it ([`Extensions::ocsp`](crate::x509::Extensions::ocsp))
/// as `application/ocsp-request` (RFC 6960 §4.1, appendix A; RFC 5019 §2.1). `None` where the provider has no SHA-1.
///
/// ```
/// # #[cfg(any(feature = "aws-lc", feature = "rust-crypto"))] {
/// use mailseal::{crypto::Provider, x509::{Certificate, revocation}};
/// let authority = Certificate::load_pem_or_der(include_bytes!("../../../examples/letters/openssl-ca.pem"))?.remove(0);
/// let body = revocation::request(&authority, &authority, &Provider::default()).unwrap();
/// assert_eq!(body.first(), Some(&0x30));
/// # }
/// # Ok::<(), mailseal::Error>(())
/// ```
pub fn request(certificate: &Certificate, issuer: &Certificate, provider: &Provider) -> Option<Vec<u8>> {
    ocsp::request(certificate, issuer, provider)
}
