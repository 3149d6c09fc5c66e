//! What CRLs and OCSP answers say of themselves, for people.

use super::ocsp::CertStatus;
use super::{RevocationData, crl, ocsp};
use crate::report::RevocationSource;
use crate::time::UnixTime;

/// One CRL or OCSP answer, by its own words. Nothing of it is checked.
///
/// ```
/// use mailseal::{report::RevocationSource, x509::RevocationData};
/// let data = RevocationData::new().with(include_bytes!("../../../examples/letters/strict-ca.crl"))?;
/// let summary = data.summaries().remove(0);
/// assert_eq!((summary.source, summary.revoked), (RevocationSource::Crl, 1));
/// println!("{} of {}", summary.by, summary.this_update.date());
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// Which of both.
    pub source: RevocationSource,
    /// The issuer of the CRL, the name of the responder, or the SHA-1 of its key in hexadecimal.
    pub by: String,
    /// thisUpdate; of an OCSP answer producedAt.
    pub this_update: UnixTime,
    /// nextUpdate, where it stands; of an OCSP answer about several certificates the earliest.
    pub next_update: Option<UnixTime>,
    /// A delta CRL: it only adds to another (RFC 5280 §5.2.4).
    pub delta: bool,
    /// Certificates it speaks of; of a CRL the same as `revoked`.
    pub certificates: usize,
    /// Those that it says are revoked.
    pub revoked: usize,
}

impl RevocationData {
    /// What each of them says of itself: the CRLs, then the OCSP answers.
    pub fn summaries(&self) -> Vec<Summary> {
        let crls = self.crls().map(|(_, crl)| of_crl(crl));
        crls.chain(self.ocsp().map(|(_, answer)| of_ocsp(answer))).collect()
    }
}

fn of_crl(crl: &crl::Crl) -> Summary {
    let entries = crl.len();
    Summary {
        source: RevocationSource::Crl,
        by: crl.issuer().to_string(),
        this_update: crl.this_update(),
        next_update: crl.next_update(),
        delta: crl.is_delta(),
        certificates: entries,
        revoked: entries,
    }
}

fn of_ocsp(answer: &ocsp::Ocsp) -> Summary {
    let singles = answer.all();
    let revoked = singles.iter().filter(|single| matches!(single.status, CertStatus::Revoked { .. }));
    Summary {
        source: RevocationSource::Ocsp,
        by: answer.responder(),
        this_update: answer.produced_at(),
        next_update: singles.iter().filter_map(|single| single.next_update).min(),
        delta: false,
        certificates: singles.len(),
        revoked: revoked.count(),
    }
}
