//! One signature: integrity, identity and trust, apart.

use serde::Serialize;

use crate::report::{Evidence, Finding, RejectedPath};
use crate::time::UnixTime;

/// One signature, by one signer.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// for signature in report.signatures() {
///     let who = signature.signer.as_ref().map_or("somebody", |signer| signer.mailbox.as_str());
///     println!("{who}: {:?}, {:?}, with {}", signature.integrity, signature.trust, signature.algorithms.signature);
/// }
/// # assert_eq!(report.signatures().count(), 1);
/// # }
/// ```
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct Signature {
    /// Whether the octets are those that were signed.
    pub integrity: Integrity,
    /// When the signer says they signed. A claim; never used as the time of a judgement.
    pub claimed_time: Option<UnixTime>,
    /// What it was made with.
    pub algorithms: Algorithms,
    /// Who the certificate says the signer is; `None` where there is no certificate.
    pub signer: Option<SignerIdentity>,
    /// Fingerprints of the certificates it was made for (RFC 9580 §5.2.3.36).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub intended_recipients: Vec<String>,
    /// Whether anything you trust says so too.
    pub trust: Trust,
    /// Why it is believed: every path that was found, the best first.
    pub evidence: Vec<Evidence>,
    /// Why it is not: paths that were tried and failed, the most telling first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<RejectedPath>,
    /// Observations on this signature.
    pub findings: Vec<Finding>,
}

/// Whether the octets are those that were signed. 0 is "not verified".
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// use mailseal::report::Integrity;
/// let altered = report.signatures().filter(|signature| signature.integrity == Integrity::Altered);
/// assert_eq!(altered.count(), 0);
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(i32)]
#[non_exhaustive]
pub enum Integrity {
    /// Could not be decided: no certificate, or an algorithm that is not supported.
    #[default]
    Unverified = 0,
    /// Unaltered.
    Intact = 1,
    /// The mathematics fits, by an algorithm or key too weak to rely on.
    Weak = 2,
    /// Altered after it was signed, or signed by another key.
    Altered = 3,
    /// Not a signature that keeps the rules of its format.
    Malformed = 4,
}

impl Integrity {
    /// True if the mathematics fits: intact or weak.
    ///
    /// ```
    /// # #[cfg(feature = "smime")] {
    /// # let report = include!("../../examples/letters/report.rs");
    /// // What was signed is what is here; by whom, and whether they are believed, is said elsewhere.
    /// assert!(report.signatures().all(|signature| signature.integrity.holds()));
    /// # }
    /// ```
    pub fn holds(self) -> bool {
        matches!(self, Self::Intact | Self::Weak)
    }
}

/// Whether anything the caller trusts says who the signer is. 0 is "no".
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// use mailseal::report::Trust;
/// let strangers = report.signatures().filter(|signature| signature.trust == Trust::Unknown);
/// assert_eq!(strangers.count(), 0);
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(i32)]
#[non_exhaustive]
pub enum Trust {
    /// No path from what the caller trusts.
    #[default]
    Unknown = 0,
    /// A path was found.
    Trusted = 1,
    /// A path that was not valid at the time only because something in it had expired or was not yet valid.
    Expired = 2,
    /// Revoked.
    Revoked = 3,
}

/// What a signature was made with.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// // Who still signs with short RSA keys?
/// let short = |signature: &&mailseal::report::Signature| signature.algorithms.key_bits < Some(3072);
/// for signature in report.signatures().filter(short) {
///     println!("{} of {:?} bits", signature.algorithms.signature, signature.algorithms.key_bits);
/// }
/// # assert_eq!(report.signatures().filter(short).count(), 1);
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Algorithms {
    /// `sha-256`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// `rsassa-pkcs1-v1_5`, `rsassa-pss`, `ecdsa`, `ed25519`, or a dotted object identifier.
    pub signature: String,
    /// Bits of the key: RSA modulus, curve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_bits: Option<usize>,
}

/// Who a certificate says the signer is.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// let signer = report.signatures().find_map(|signature| signature.signer.as_ref()).unwrap();
/// assert_eq!(signer.mailbox, "alice@example.com");
/// assert_eq!(signer.name.as_deref(), Some("Alice Liddell"));
/// assert!(signer.is_from);
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SignerIdentity {
    /// The address that is the From, otherwise the first one; empty where the certificate names none.
    pub mailbox: String,
    /// All addresses of the certificate.
    pub mailboxes: Vec<String>,
    /// The name of the person or organisation, as the certificate asserts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The organisation, its place and country, as the certificate asserts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// `mailbox` is the one address of From.
    pub is_from: bool,
    /// What the certificate authority says it checked (CA/Browser Forum S/MIME Baseline Requirements §7.1.6.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assurance: Option<Assurance>,
    /// By which rules it did so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation: Option<Generation>,
    /// What the certificate states of itself under eIDAS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qualified: Option<Qualified>,
    /// The certificate.
    pub certificate: CertificateSummary,
}

/// What a certificate authority says it checked.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// use mailseal::report::Assurance;
/// let signer = report.signatures().find_map(|signature| signature.signer.as_ref()).unwrap();
/// let name_was_checked = signer.assurance > Some(Assurance::Mailbox);
/// assert!(!name_was_checked);
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Assurance {
    /// Control of the mailbox only.
    Mailbox,
    /// A person.
    Individual,
    /// A person, vouched for by an organisation that was checked.
    Sponsor,
    /// An organisation.
    Organization,
}

/// Which set of rules a certificate follows (CA/Browser Forum S/MIME Baseline Requirements §1.6.1).
///
/// ```
/// use mailseal::x509::{Certificate, Generation};
/// fn on_its_way_out(certificate: &Certificate) -> bool {
///     matches!(certificate.assurance(), Some((_, Generation::Legacy)))
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Generation {
    /// On its way out.
    Legacy,
    /// Several purposes in one certificate.
    Multipurpose,
    /// E-mail only.
    Strict,
}

/// What a certificate states of itself under eIDAS (ETSI EN 319 412-5). Whether its authority may say so stands in the
/// trusted list of its country, which nobody asked here.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// for signer in report.signatures().filter_map(|signature| signature.signer.as_ref()) {
///     if let Some(qualified) = signer.qualified.as_ref().filter(|stated| stated.compliant) {
///         println!("{} says it is qualified, for {:?}", signer.mailbox, qualified.kinds);
///     }
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Qualified {
    /// It is a qualified certificate (QcCompliance).
    pub compliant: bool,
    /// Its private key is in a qualified device (QcSSCD).
    pub device: bool,
    /// What it is qualified for (QcType).
    pub kinds: Vec<QualifiedKind>,
    /// Under whose law (QcCClegislation), ISO 3166-1; empty is the Union's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
}

/// What a qualified certificate is for (ETSI EN 319 412-5 §4.2.3).
///
/// ```
/// use mailseal::report::QualifiedKind;
/// assert_ne!(QualifiedKind::Signature, QualifiedKind::Seal);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum QualifiedKind {
    /// Electronic signatures, of a natural person (esign).
    Signature,
    /// Electronic seals, of a legal person (eseal).
    Seal,
    /// Web sites (web).
    Website,
}

/// A certificate, in short.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// let signer = report.signatures().find_map(|signature| signature.signer.as_ref()).unwrap();
/// let days = signer.certificate.not_after.unwrap().distance(report.at) / 86_400;
/// println!("{} is valid for {days} more days", signer.certificate.fingerprint);
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct CertificateSummary {
    /// X.509: SHA-256 of the DER; OpenPGP: the fingerprint. Upper-case hexadecimal.
    pub fingerprint: String,
    /// X.509: the issuer, in short. Empty for OpenPGP.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub issuer: String,
    /// X.509: the serialNumber, with the issuer unlike that of any other; upper-case hexadecimal. Empty for OpenPGP.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub serial: String,
    /// Valid from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<UnixTime>,
    /// Valid until.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_after: Option<UnixTime>,
}
