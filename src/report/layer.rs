//! Layers of cryptography around or inside a letter.

use serde::Serialize;

use crate::mime::PartPath;
use crate::report::{Finding, Signature};

/// S/MIME or OpenPGP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// S/MIME (RFC 8551).
    Smime,
    /// OpenPGP, as PGP/MIME (RFC 3156) or inline.
    Openpgp,
}

impl Protocol {
    /// As people write it: `S/MIME`, `OpenPGP`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Smime => "S/MIME",
            Self::Openpgp => "OpenPGP",
        }
    }
}

/// A layer of cryptography.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Layer {
    /// Signed.
    Signed(SignedLayer),
    /// Encrypted.
    Encrypted(EncryptedLayer),
}

/// A signed layer.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct SignedLayer {
    /// The part that is the layer.
    pub part: PartPath,
    /// Its octets, counted as in [`PartSummary::range`](crate::report::PartSummary::range).
    pub range: (u64, u64),
    /// Which protocol.
    pub protocol: Protocol,
    /// It is part of the Cryptographic Envelope (RFC 9787 §4.4.1): it wraps the whole message.
    pub envelope: bool,
    /// The content lies inside the signature structure (`application/pkcs7-mime`, inline OpenPGP).
    pub opaque: bool,
    /// What it speaks for.
    pub covers: Coverage,
    /// One entry for each signer (R-B2, R-B3).
    pub signatures: Vec<Signature>,
    /// Observations on the layer.
    pub findings: Vec<Finding>,
}

/// An encrypted layer that was not opened.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct EncryptedLayer {
    /// The part that is the layer.
    pub part: PartPath,
    /// Its octets.
    pub range: (u64, u64),
    /// Which protocol.
    pub protocol: Protocol,
    /// It wraps the whole message.
    pub envelope: bool,
    /// Observations on the layer.
    pub findings: Vec<Finding>,
}

/// What a signed layer speaks for (R-B10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Coverage {
    /// Nothing: no signature of the layer fits.
    Nothing,
    /// These parts and no others.
    Partial {
        /// The outermost covered parts.
        parts: Vec<PartPath>,
    },
    /// The whole body of the letter.
    Whole {
        /// The outermost covered part.
        parts: Vec<PartPath>,
    },
}
