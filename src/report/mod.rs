//! What was seen in a letter, as plain data. What it is worth, [`Policy`](crate::Policy) says.
//!
//! - [`Report`]: the whole of it; serialises to the JSON of the `mailseal` command.
//! - [`Layer`], [`Signature`]: who signed which octets. Integrity, identity and trust are three separate fields.
//! - [`Evidence`]: why a signer is believed to be who they say.
//! - [`DomainEvidence`], [`Transport`]: what the sending domain says, and how the letter came.
//! - [`Finding`]: one observation, with a code that never changes.
//! - [`Change`]: one difference between a message as it was sent and as it arrived; [`ServiceProfile`]: those that a
//!   service makes.
//!
//! ```
//! # #[cfg(feature = "smime")] {
//! # let report = include!("../../examples/letters/report.rs");
//! for signature in report.signatures() {
//!     println!("{:?}", signature.integrity);                                     // are these the octets?
//!     println!("{:?}", signature.signer.as_ref().map(|signer| &signer.mailbox)); // of whom, as they say?
//!     println!("{:?}, by {} paths", signature.trust, signature.evidence.len());  // who else says so?
//! }
//! # }
//! ```

mod change;
mod domain;
mod evidence;
mod finding;
mod fingerprint;
mod headers;
mod layer;
mod part;
mod service_profile;
mod signature;

use serde::Serialize;

pub use change::{Change, ChangeKind, ChangeKindError, Span, Touches};
pub use domain::{
    Agreement, ArcEvidence, DkimEvidence, DmarcEvidence, DomainEvidence, DomainResult, DomainSource, Hop,
    Relation, SpfEvidence, SpfIdentity, Transport,
};
pub use evidence::{
    Check, Evidence, FULL_TRUST, FetchPurpose, RejectedPath, Revocation, RevocationSource, Source, Step, Want,
};
pub use finding::{Code, Finding, Severity};
pub(crate) use fingerprint::whole_fingerprint;
pub use headers::{FieldProtection, HeaderForm, HeaderProtection, ProtectedField, Protection};
pub use layer::{
    CompressedLayer, Coverage, Decryption, EncryptedLayer, Layer, OpenedBy, Protocol, Recipient,
    RecipientKind, SignedLayer,
};
pub use part::PartSummary;
pub use service_profile::ServiceProfile;
pub use signature::{
    Algorithms, Assurance, CertificateSummary, Generation, Integrity, Qualified, QualifiedKind, Signature,
    SignerIdentity, Trust,
};

use crate::mime::PartPath;
use crate::time::UnixTime;

/// What was seen in a letter. Plain, owned, immutable data.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// println!("{} says:", report.from.mailboxes.join(", "));
/// for signature in report.signatures() {
///     println!("{:?}, {:?}", signature.integrity, signature.trust);
/// }
/// assert!(report.uncovered.is_empty(), "all of it is signed");
/// println!("{}", serde_json::to_string(&report).unwrap());
/// # }
/// ```
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
    /// Every part that could be seen, with the place of its octets and the layers that speak for it.
    pub parts: Vec<PartSummary>,
    /// Which of them the payload is ([`Opened::payload`](crate::Opened::payload)); `None` where it stayed encrypted. What
    /// an inline OpenPGP block held has a path and is no part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<PartPath>,
    /// How many anchors the caller gave: what a path could have started at.
    pub anchors: usize,
    /// What was not fetched and would have told more: issuers, CRLs, OCSP answers.
    pub wants: Vec<Want>,
    /// What the sending domain says, where the caller had it looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<DomainEvidence>,
    /// How the letter came, where the caller said whose Received lines count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transport: Option<Transport>,
    /// Observations on the letter as a whole.
    pub findings: Vec<Finding>,
}

impl Report {
    /// All signatures of all layers, outermost layer first.
    ///
    /// ```
    /// # #[cfg(feature = "smime")] {
    /// # let report = include!("../../examples/letters/report.rs");
    /// let signers = report.signatures().filter_map(|signature| signature.signer.as_ref());
    /// assert_eq!(signers.map(|signer| signer.mailbox.as_str()).collect::<Vec<_>>(), ["alice@example.com"]);
    /// # }
    /// ```
    pub fn signatures(&self) -> impl Iterator<Item = &Signature> {
        self.signed_layers().flat_map(|layer| &layer.signatures)
    }

    /// All signed layers, outermost first.
    ///
    /// ```
    /// # #[cfg(feature = "smime")] {
    /// # let report = include!("../../examples/letters/report.rs");
    /// for layer in report.signed_layers() {
    ///     println!("{} around part {}", layer.protocol.name(), layer.part);
    /// }
    /// # }
    /// ```
    pub fn signed_layers(&self) -> impl Iterator<Item = &SignedLayer> {
        self.layers.iter().filter_map(|layer| match layer {
            Layer::Signed(layer) => Some(layer),
            Layer::Encrypted(_) | Layer::Compressed(_) => None,
        })
    }
}

/// Whom a letter says it is from (RFC 5322 §3.6.2).
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// let [only] = report.from.mailboxes.as_slice() else { panic!("from nobody, or from several") };
/// assert_eq!(only, "alice@example.com");
/// assert!(!report.from.signed, "openssl does not sign header fields");
/// # }
/// ```
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

/// A leaf part that no signature covers.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// for part in &report.uncovered {
///     println!("part {} ({}, {} lines) is not signed", part.part, part.media_type, part.lines);
/// }
/// # }
/// ```
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
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// use mailseal::report::LooksLike;
/// let footers = report.uncovered.iter().filter(|part| part.looks_like == Some(LooksLike::ListFooter));
/// assert_eq!(footers.count(), 0);
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LooksLike {
    /// A mailing list's footer.
    ListFooter,
}

/// Upper-case hexadecimal, as fingerprints are written.
pub(crate) fn hex(octets: &[u8]) -> String {
    let digit = |half: u8| if half < 10 { b'0' + half } else { b'A' - 10 + half };
    let text = octets.iter().flat_map(|octet| [digit(octet >> 4), digit(octet & 15)]).collect();
    String::from_utf8(text).unwrap_or_default()
}
