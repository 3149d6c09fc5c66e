//! Layers of cryptography around or inside a letter.

use std::fmt;

use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
///         Layer::Encrypted(layer) => println!("part {}: encrypted, {:?}", layer.part, layer.decryption),
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
    /// Compressed.
    Compressed(CompressedLayer),
}

impl Layer {
    /// The part that is the layer.
    pub fn part(&self) -> &PartPath {
        match self {
            Self::Signed(layer) => &layer.part,
            Self::Encrypted(layer) => &layer.part,
            Self::Compressed(layer) => &layer.part,
        }
    }

    /// Its octets, counted as those of that part ([`PartSummary::content`](crate::report::PartSummary::content)).
    pub fn range(&self) -> (u64, u64) {
        match self {
            Self::Signed(layer) => layer.range,
            Self::Encrypted(layer) => layer.range,
            Self::Compressed(layer) => layer.range,
        }
    }

    /// Observations on it; those on one signature are with that.
    ///
    /// ```
    /// # #[cfg(feature = "smime")] {
    /// # let report = include!("../../examples/letters/report.rs");
    /// for layer in &report.layers {
    ///     println!("part {}, octets {:?}: {} findings", layer.part(), layer.range(), layer.findings().len());
    /// }
    /// # }
    /// ```
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::Signed(layer) => &layer.findings,
            Self::Encrypted(layer) => &layer.findings,
            Self::Compressed(layer) => &layer.findings,
        }
    }
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

/// An encrypted layer.
///
/// ```
/// # fn main() -> Result<(), mailseal::Error> {
/// use mailseal::{Context, Opener, TrustStore, report::{Decryption, Layer}};
/// let letter = b"From: a@b.example\r\nContent-Type: multipart/encrypted; boundary=b\r\n\r\n--b--\r\n";
/// let opened = Opener::new(&Context::new(TrustStore::new())).open(letter, std::time::SystemTime::now())?;
/// let Some(Layer::Encrypted(layer)) = opened.report.layers.first() else { panic!() };
/// // Not the two parts that RFC 3156 §4 asks for, so it stands for nothing but itself.
/// assert_eq!((layer.range, layer.envelope), ((0, letter.len() as u64), false));
/// assert_ne!(layer.decryption, Decryption::Opened);
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
    /// What came of it.
    pub decryption: Decryption,
    /// `AES-256-GCM`, where that could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cipher: Option<String>,
    /// A change of the ciphertext is noticed. False for CBC, whose content anyone on the way could have changed.
    pub authenticated: bool,
    /// Whom it is encrypted to, as it says itself: nothing here is signed.
    pub recipients: Vec<Recipient>,
    /// What opened it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_by: Option<OpenedBy>,
    /// Observations on the layer.
    pub findings: Vec<Finding>,
}

/// What came of an encrypted layer.
///
/// ```
/// use mailseal::report::Decryption;
/// assert_eq!(Decryption::default(), Decryption::NotTried);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Decryption {
    /// It does not wrap the whole letter, and nobody asked for it by its place; or it cannot be read as what it says.
    #[default]
    NotTried,
    /// None of the keys given is named by it.
    NoKey,
    /// A key was tried, and nothing came of it. Why is not said (R-A10).
    Failed,
    /// The algorithms that the caller relies on do not allow to open it: nothing would tell whether it was changed.
    Withheld,
    /// Decrypted; whatever check it has, held.
    Opened,
}

/// One entry of an encrypted layer: a key that it is encrypted to.
///
/// ```
/// use mailseal::report::{EncryptedLayer, RecipientKind};
/// fn has_password(layer: &EncryptedLayer) -> bool {
///     layer.recipients.iter().any(|one| one.kind == RecipientKind::Password)
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Recipient {
    /// How.
    pub kind: RecipientKind,
    /// As the letter names it: issuer and serial number, key identifier, key ID or fingerprint; nothing for a hidden
    /// recipient or a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `RSAES-OAEP SHA-256`, `ECDH P-256`.
    pub algorithm: String,
}

impl Recipient {
    /// An entry.
    pub fn new(kind: RecipientKind, name: Option<String>, algorithm: impl Into<String>) -> Self {
        Self { kind, name, algorithm: algorithm.into() }
    }
}

/// How a content key reaches its recipient.
///
/// ```
/// use mailseal::report::RecipientKind;
/// assert_ne!(RecipientKind::KeyTransport, RecipientKind::KeyAgreement);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RecipientKind {
    /// Encrypted to a public key (RFC 5652 §6.2.1).
    KeyTransport,
    /// Wrapped in a key that both sides agree on (RFC 5652 §6.2.2).
    KeyAgreement,
    /// Wrapped in a key that both sides have (RFC 5652 §6.2.3).
    KeyEncryptionKey,
    /// Wrapped in a key made of a password (RFC 5652 §6.2.4, RFC 9580 §5.3).
    Password,
    /// Something else.
    Other,
}

/// The key that opened a layer.
///
/// ```
/// use mailseal::report::OpenedBy;
/// fn advise(key: &OpenedBy) -> Option<String> {
///     key.old.then(|| format!("The sender still writes to your old key {:?}.", key.fingerprint))
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OpenedBy {
    /// Of its certificate; nothing for a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// Whose it is, as its certificate says.
    pub mailboxes: Vec<String>,
    /// Its certificate is no longer valid at the time of opening: the sender should be given the new one.
    pub old: bool,
}

/// A compressed layer (RFC 3274).
///
/// ```
/// use mailseal::report::Layer;
/// fn is_compressed(layer: &Layer) -> bool {
///     matches!(layer, Layer::Compressed(layer) if layer.envelope)
/// }
/// ```
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct CompressedLayer {
    /// The part that is the layer.
    pub part: PartPath,
    /// Its octets.
    pub range: (u64, u64),
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

/// In one line, for lists: `part 0: encrypted, S/MIME, AES-256-GCM, opened`. Control characters from the letter are
/// left out.
impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signed(layer) => {
                let intact = layer.signatures.iter().filter(|one| one.integrity.holds()).count();
                let (part, name) = (&layer.part, layer.protocol.name());
                write!(f, "part {part}: signed, {name}, {intact} of {} intact", layer.signatures.len())
            }
            Self::Encrypted(layer) => {
                write!(f, "part {}: encrypted, {}", layer.part, layer.protocol.name())?;
                if let Some(cipher) = &layer.cipher {
                    write!(f, ", {}", cipher.replace(char::is_control, ""))?;
                }
                f.write_str(match layer.decryption {
                    Decryption::Opened => ", opened",
                    _ => ", not opened",
                })
            }
            Self::Compressed(layer) => write!(f, "part {}: compressed", layer.part),
        }
    }
}
