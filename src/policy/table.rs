//! The one table: integrity × identity × trust × coverage → outcome.
//!
//! - [`row`]: the first row that fits decides; every cell has one.
//! - [`Cell::codes`]: everything that a cell lacks to be good, by its codes.

use crate::policy::Outcome;
use crate::report::{Code, Integrity, Trust};

/// Who the signer is, next to From (R-B15).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identity {
    /// No certificate, so nobody.
    Missing,
    /// Not the From address, or From is not exactly one address.
    Other,
    /// The one From address; where there is evidence, it speaks for this address.
    From,
}

/// How much of the letter a signature speaks for (R-B10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Nothing.
    Nothing,
    /// Parts of it: the layer is errant, or parts lie outside.
    Partial,
    /// The whole body, by a layer of the Cryptographic Envelope (RFC 9787 §4.4.1).
    Whole,
}

/// One signature, in the four dimensions of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) integrity: Integrity,
    pub(crate) identity: Identity,
    pub(crate) trust: Trust,
    pub(crate) reach: Reach,
}

impl Cell {
    pub(crate) fn row(self) -> Option<&'static Row> {
        ROWS.iter().find(|row| row.fits(self))
    }

    /// A cell without a row would be a gap in the table: not verified.
    pub(crate) fn outcome(self) -> Outcome {
        self.row().map_or(Outcome::None, |row| row.outcome)
    }

    /// The content or the signature is not what it was, or the key is revoked.
    pub(crate) fn is_broken(self) -> bool {
        matches!(self.integrity, Integrity::Altered | Integrity::Malformed) || self.trust == Trust::Revoked
    }

    /// What it lacks, the decisive code first. What is broken has no other faults worth a word.
    pub(crate) fn codes(self) -> Vec<Code> {
        let mut codes: Vec<Code> = self.row().and_then(|row| row.because).into_iter().collect();
        if self.is_broken() || self.integrity == Integrity::Unverified {
            return codes;
        }
        let lacks = [
            (self.integrity == Integrity::Weak, Code::WeakAlgorithm),
            (self.identity == Identity::Missing, Code::SignerMissing),
            (self.trust == Trust::Unknown && self.identity != Identity::Missing, Code::SignerUnknown),
            (self.trust == Trust::Expired, Code::SignerExpired),
            (self.identity == Identity::Other, Code::SignerNotFrom),
            (self.reach != Reach::Whole, Code::PartialCoverage),
        ];
        for (lacking, code) in lacks {
            if lacking && !codes.contains(&code) {
                codes.push(code);
            }
        }
        codes
    }
}

/// A row: the cells it fits, what they are worth, and the code that says why.
pub(crate) struct Row {
    pub(crate) integrity: &'static [Integrity],
    pub(crate) identity: &'static [Identity],
    pub(crate) trust: &'static [Trust],
    pub(crate) reach: &'static [Reach],
    pub(crate) outcome: Outcome,
    pub(crate) because: Option<Code>,
}

impl Row {
    fn fits(&self, cell: Cell) -> bool {
        self.integrity.contains(&cell.integrity)
            && self.identity.contains(&cell.identity)
            && self.trust.contains(&cell.trust)
            && self.reach.contains(&cell.reach)
    }
}

pub(crate) const INTEGRITY: &[Integrity] =
    &[Integrity::Unverified, Integrity::Intact, Integrity::Weak, Integrity::Altered, Integrity::Malformed];
pub(crate) const IDENTITY: &[Identity] = &[Identity::Missing, Identity::Other, Identity::From];
pub(crate) const TRUST: &[Trust] = &[Trust::Unknown, Trust::Trusted, Trust::Expired, Trust::Revoked];
pub(crate) const REACH: &[Reach] = &[Reach::Nothing, Reach::Partial, Reach::Whole];

/// Any signature; rows below say what differs.
const ANY: Row = Row {
    integrity: INTEGRITY,
    identity: IDENTITY,
    trust: TRUST,
    reach: REACH,
    outcome: Outcome::Caution,
    because: None,
};

/// Read from the top; the first row that fits decides.
pub(crate) static ROWS: &[Row] = &[
    Row { integrity: &[Integrity::Altered], outcome: Outcome::Bad, because: Some(Code::Altered), ..ANY },
    Row { integrity: &[Integrity::Malformed], outcome: Outcome::Bad, because: Some(Code::Malformed), ..ANY },
    Row { trust: &[Trust::Revoked], outcome: Outcome::Bad, because: Some(Code::SignerRevoked), ..ANY },
    Row { identity: &[Identity::Missing], because: Some(Code::SignerMissing), ..ANY },
    Row { integrity: &[Integrity::Unverified], because: Some(Code::UnsupportedAlgorithm), ..ANY },
    Row { integrity: &[Integrity::Weak], because: Some(Code::WeakAlgorithm), ..ANY },
    Row { trust: &[Trust::Unknown], because: Some(Code::SignerUnknown), ..ANY },
    Row { trust: &[Trust::Expired], because: Some(Code::SignerExpired), ..ANY },
    Row { identity: &[Identity::Other], because: Some(Code::SignerNotFrom), ..ANY },
    Row { reach: &[Reach::Nothing, Reach::Partial], because: Some(Code::PartialCoverage), ..ANY },
    Row {
        integrity: &[Integrity::Intact],
        identity: &[Identity::From],
        trust: &[Trust::Trusted],
        reach: &[Reach::Whole],
        outcome: Outcome::Good,
        because: None,
    },
];
