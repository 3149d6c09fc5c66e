//! Revocation: what was given to look at.

use crate::error::Error;

/// CRLs and OCSP answers, from the letter, the caller or the network. Nothing is believed of them until it is checked
/// against a path.
///
/// ```
/// use mailseal::x509::RevocationData;
/// assert!(RevocationData::new().is_empty());
/// assert!(RevocationData::new().with(b"neither").is_err());
/// ```
#[derive(Debug, Clone, Default)]
pub struct RevocationData {
    octets: Vec<Vec<u8>>,
}

impl RevocationData {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds CRLs (PEM, DER) or one OCSP response (DER).
    pub fn with(mut self, octets: &[u8]) -> Result<Self, Error> {
        match octets {
            [0x30, ..] => self.octets.push(octets.to_vec()),
            _ => return Err(Error::misuse("neither a CRL nor an OCSP response")),
        }
        Ok(self)
    }

    /// True if there is nothing to look at.
    pub fn is_empty(&self) -> bool {
        self.octets.is_empty()
    }
}
