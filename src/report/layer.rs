//! Layers of cryptography around or inside a letter.

use serde::Serialize;

use crate::mime::PartPath;
use crate::report::{Finding, Signature};

/// S/MIME or OpenPGP.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// use mailseal::report::Protocol;
/// let layer = report.signed_layers().next().unwrap();
/// assert_eq!(layer.protocol, Protocol::Smime);
/// println!("signed with {}", layer.protocol.name());
/// # }
/// ```
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
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// use mailseal::report::Layer;
/// for layer in &report.layers {
///     match layer {
///         Layer::Signed(layer) => println!("part {}: {} signatures", layer.part, layer.signatures.len()),
///         Layer::Encrypted(layer) => println!("part {}: encrypted, not opened", layer.part),
///         _ => {}
///     }
/// }
/// # }
/// ```
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
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// // Layers that speak for the whole letter, and those deeper inside that do not.
/// let (whole, parts): (Vec<_>, Vec<_>) = report.signed_layers().partition(|layer| layer.envelope);
/// assert_eq!((whole.len(), parts.len()), (1, 0));
/// # }
/// ```
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
///
/// ```
/// # fn main() -> Result<(), mailseal::Error> {
/// use mailseal::{Context, Opener, TrustStore, report::Layer};
/// let letter = b"From: a@b.example\r\nContent-Type: multipart/encrypted; boundary=b\r\n\r\n--b--\r\n";
/// let opened = Opener::new(&Context::new(TrustStore::new())).open(letter, std::time::SystemTime::now())?;
/// let Some(Layer::Encrypted(layer)) = opened.report.layers.first() else { panic!() };
/// assert_eq!((layer.range, layer.envelope), ((0, letter.len() as u64), true));
/// # Ok(())
/// # }
/// ```
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
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// use mailseal::report::Coverage;
/// match &report.signed_layers().next().unwrap().covers {
///     Coverage::Whole { .. } => println!("all of the body is signed"),
///     Coverage::Partial { parts } => parts.iter().for_each(|part| println!("only part {part} is signed")),
///     _ => println!("nothing is signed"),
/// }
/// # }
/// ```
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
