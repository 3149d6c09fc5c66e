//! What was seen in a letter, as plain data. What it is worth, [`Policy`](crate::Policy) says.
//!
//! - [`Report`]: the whole of it; serialises to the JSON of the `mailseal` command.
//! - [`Layer`], [`Signature`]: who signed which octets. Integrity, identity and trust are three separate fields.
//! - [`Evidence`]: why a signer is believed to be who they say.
//! - [`Finding`]: one observation, with a code that never changes.

mod evidence;
mod finding;
mod layer;
mod signature;

use serde::Serialize;

pub use evidence::{Evidence, RejectedPath, Revocation, Step};
pub use finding::{Code, Finding, Severity};
pub use layer::{Coverage, EncryptedLayer, Layer, Protocol, SignedLayer};
pub use signature::{Algorithms, Assurance, CertificateSummary, Integrity, Signature, SignerIdentity, Trust};

use crate::mime::PartPath;
use crate::time::UnixTime;

/// What was seen in a letter. Plain, owned, immutable data.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The time given to the call.
    pub at: UnixTime,
    /// Whom the letter says it is from.
    pub from: FromIdentity,
    /// The layers, outermost first: the Cryptographic Envelope (RFC 9787), then errant ones in order.
    pub layers: Vec<Layer>,
    /// Leaf parts that no signature covers, where the letter has a layer at all.
    pub uncovered: Vec<UncoveredPart>,
    /// Header protection (RFC 9788).
    pub headers: HeaderProtection,
    /// Every part, with the place of its octets.
    pub parts: Vec<PartSummary>,
    /// How many anchors the caller gave: what a path could have started at.
    pub anchors: usize,
    /// Observations on the letter as a whole.
    pub findings: Vec<Finding>,
}

impl Report {
    /// All signatures of all layers, outermost layer first.
    pub fn signatures(&self) -> impl Iterator<Item = &Signature> {
        self.signed_layers().flat_map(|layer| &layer.signatures)
    }

    /// All signed layers, outermost first.
    pub fn signed_layers(&self) -> impl Iterator<Item = &SignedLayer> {
        self.layers.iter().filter_map(|layer| match layer {
            Layer::Signed(layer) => Some(layer),
            Layer::Encrypted(_) => None,
        })
    }
}

/// Whom a letter says it is from (RFC 5322 §3.6.2).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FromIdentity {
    /// Every address of every From field. Only exactly one can be anybody's.
    pub mailboxes: Vec<String>,
    /// The display name, decoded. Says nothing: anyone can write it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The address of a Sender field, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// A copy of From stands under an intact signature of the envelope and says the same (RFC 9788).
    pub signed: bool,
}

/// Header fields that stand under the signature as well (RFC 9788).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HeaderProtection {
    /// Whether there is any.
    pub protection: Protection,
    /// Names of the fields that are signed and say the same outside.
    pub signed: Vec<String>,
    /// Names of the fields that say something else outside.
    pub mismatched: Vec<String>,
}

/// Whether header fields are protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Protection {
    /// No protected header fields.
    #[default]
    None,
    /// Signed copies of header fields (`hp="clear"`).
    Signed,
}

/// A leaf part that no signature covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UncoveredPart {
    /// Where it stands.
    pub part: PartPath,
    /// `text/plain`.
    pub media_type: String,
    /// Its lines.
    pub lines: u64,
    /// What it seems to be; a guess for the reader, never used for a verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looks_like: Option<LooksLike>,
}

/// What an unsigned part seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LooksLike {
    /// A mailing list's footer.
    ListFooter,
}

/// One part of the letter and where its octets lie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PartSummary {
    /// Where it stands.
    pub part: PartPath,
    /// `text/plain`.
    pub media_type: String,
    /// First octet of its header and the octet after its body, in the letter; for parts inside an opaque layer, in
    /// that layer's content.
    pub range: (u64, u64),
    /// First octet of its body, counted likewise.
    pub body: u64,
    /// Lines of its body, as [`UncoveredPart::lines`] counts them.
    pub lines: u64,
}

/// Upper-case hexadecimal, as fingerprints are written.
pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02X}")).collect()
}
