//! Why a signer is believed: always a path that starts at you.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::time::UnixTime;

/// One path from what the caller trusts to an address.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// for path in report.signatures().flat_map(|signature| &signature.evidence) {
///     assert_eq!(path.to_string(), "you → Example Root CA (*@example.com) → Alice Liddell");
///     for step in path.steps() {
///         println!("{step}, {}", step.fingerprint);
///     }
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Evidence {
    /// X.509: a certification path (RFC 5280 §6).
    CertificationPath {
        /// The address it speaks for.
        #[serde(rename = "for")]
        address: String,
        /// The name of the anchor.
        anchor: String,
        /// For whom the caller lets the anchor speak.
        scope: String,
        /// Anchor first, signer last.
        steps: Vec<Step>,
        /// Whether revocation was looked at.
        revocation: Revocation,
    },
    /// A certificate that the caller gave as an anchor itself.
    Direct {
        /// The address it speaks for.
        #[serde(rename = "for")]
        address: String,
        /// For whom the caller lets it speak.
        scope: String,
        /// The certificate alone.
        steps: Vec<Step>,
    },
    /// A certificate that the caller tied to the address by its fingerprint.
    Pinned {
        /// The address it speaks for.
        #[serde(rename = "for")]
        address: String,
        /// The certificate alone.
        steps: Vec<Step>,
    },
    /// OpenPGP: certifications from one of the caller's roots (Web of Trust).
    WebOfTrust {
        /// The address it speaks for.
        #[serde(rename = "for")]
        address: String,
        /// For whom the caller lets the root speak.
        scope: String,
        /// What this path adds, of [`FULL_TRUST`].
        amount: u8,
        /// Root first, signer last.
        steps: Vec<Step>,
    },
}

/// The amount of trust that suffices (RFC 9580 §5.2.3.21).
pub const FULL_TRUST: u8 = 120;

impl Evidence {
    /// The steps, the anchor first.
    pub fn steps(&self) -> &[Step] {
        match self {
            Self::CertificationPath { steps, .. }
            | Self::Direct { steps, .. }
            | Self::Pinned { steps, .. }
            | Self::WebOfTrust { steps, .. } => steps,
        }
    }

    /// The address it speaks for.
    pub fn address(&self) -> &str {
        match self {
            Self::CertificationPath { address, .. }
            | Self::Direct { address, .. }
            | Self::Pinned { address, .. }
            | Self::WebOfTrust { address, .. } => address,
        }
    }

    /// For whom the caller lets the anchor speak; a pin is for its address alone.
    pub fn scope(&self) -> &str {
        match self {
            Self::CertificationPath { scope, .. }
            | Self::Direct { scope, .. }
            | Self::WebOfTrust { scope, .. } => scope,
            Self::Pinned { address, .. } => address,
        }
    }
}

/// `you → Example Root CA (any) → Example Mail CA → bob@example.org`
impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("you")?;
        for (index, step) in self.steps().iter().enumerate() {
            write!(f, " → {}", step.name)?;
            if index == 0 {
                write!(f, " ({})", self.scope())?;
            }
        }
        Ok(())
    }
}

/// One certificate of a path. Its name alone in JSON.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// // Which anchor was it, exactly?
/// let path = report.signatures().find_map(|signature| signature.evidence.first()).unwrap();
/// let anchor = path.steps().first().unwrap();
/// assert_eq!((anchor.name.as_str(), anchor.fingerprint.len()), ("Example Root CA", 64));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// Its name, in short.
    pub name: String,
    /// Its fingerprint, upper-case hexadecimal.
    pub fingerprint: String,
    /// Valid from.
    pub not_before: Option<UnixTime>,
    /// Valid until.
    pub not_after: Option<UnixTime>,
    /// Where it came from.
    pub source: Source,
    /// What was checked and held, in the order of the rules.
    pub checks: Vec<Check>,
}

impl Step {
    /// A step without dates, for a [`TrustModel`](crate::trust::TrustModel) of the caller's own: a name for people, and
    /// the fingerprint in upper-case hexadecimal.
    ///
    /// ```
    /// let step = mailseal::report::Step::new("Alice, met in person", "41D0A9");
    /// assert_eq!(step.to_string(), "Alice, met in person");
    /// ```
    pub fn new(name: impl Into<String>, fingerprint: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            fingerprint: fingerprint.into(),
            not_before: None,
            not_after: None,
            source: Source::Caller,
            checks: Vec::new(),
        }
    }
}

/// Where a certificate came from. None is better than another: what it proves is checked.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// use mailseal::report::Source;
/// let path = report.signatures().find_map(|signature| signature.evidence.first()).unwrap();
/// assert_eq!(path.steps().first().map(|anchor| &anchor.source), Some(&Source::Caller));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Source {
    /// The caller gave it as an anchor, a root or a pin.
    Caller,
    /// It came with the letter.
    #[default]
    Letter,
    /// It was among the certificates that the caller lets one look for.
    Known,
    /// It was fetched from there.
    Fetched(String),
}

/// One thing that was checked of a step, and held.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// let path = report.signatures().find_map(|signature| signature.evidence.first()).unwrap();
/// for step in path.steps() {
///     println!("{step}: {:?}", step.checks);
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Check {
    /// Signed by the step before, with this algorithm.
    Signature(String),
    /// Valid at the time.
    Validity,
    /// May issue certificates (basicConstraints, keyUsage), with this many authorities below it at most.
    Issuer(Option<u32>),
    /// May be used for mail (keyUsage, extKeyUsage).
    Usage,
    /// All names below it are such as it may give (nameConstraints).
    NameConstraints,
    /// Keeps these certificate policies, dotted.
    Policies(Vec<String>),
    /// Whether it is revoked.
    Revocation(Revocation),
    /// OpenPGP: certified by the step before.
    Certification {
        /// Of [`FULL_TRUST`].
        amount: u8,
        /// How many further steps it may introduce; 0 is none.
        depth: u8,
        /// When it was made.
        made: UnixTime,
        /// Regular expressions that bound whom it may introduce.
        only: Vec<String>,
    },
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        if let Some(time) = self.not_before {
            write!(f, ", from {}", time.date())?;
        }
        if let Some(time) = self.not_after {
            write!(f, ", until {}", time.date())?;
        }
        Ok(())
    }
}

/// A path that was tried and did not hold.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// for signature in report.signatures() {
///     for path in &signature.rejected {
///         println!("{} ({}), after {} steps", path.reason, path.code, path.steps.len());
///     }
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RejectedPath {
    /// The certificates, in the order they were tried from the signer upwards.
    pub steps: Vec<Step>,
    /// A stable code: `no_issuer`, `expired`, `not_a_ca` …
    pub code: String,
    /// In words, English.
    pub reason: String,
}

/// Whether revocation was looked at.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// use mailseal::report::{Evidence, Revocation};
/// let unchecked = |path: &&Evidence| matches!(path, Evidence::CertificationPath { revocation: Revocation::Unknown, .. });
/// let paths = report.signatures().flat_map(|signature| &signature.evidence);
/// assert_eq!(paths.filter(unchecked).count(), 1);
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Revocation {
    /// Nothing that could be relied on was given.
    Unknown,
    /// Does not apply.
    None,
    /// Looked at, and not revoked.
    NotRevoked {
        /// Who says so.
        by: RevocationSource,
        /// As of then (thisUpdate).
        at: UnixTime,
    },
}

/// Who says whether a certificate is revoked.
///
/// ```
/// use mailseal::report::RevocationSource;
/// assert_ne!(RevocationSource::Crl, RevocationSource::Ocsp);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RevocationSource {
    /// A certificate revocation list (RFC 5280 §5).
    Crl,
    /// An answer of an OCSP responder (RFC 6960).
    Ocsp,
}

/// Something that was not fetched, and would have helped.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// for want in &report.wants {
///     println!("{:?} {}", want.purpose, want.url);
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Want {
    /// What for.
    pub purpose: FetchPurpose,
    /// Where.
    pub url: String,
    /// What would be sent there: an OCSP request (RFC 6960 §4.1); empty where it is a plain GET.
    #[serde(skip)]
    pub body: Vec<u8>,
    /// Octets of the answer that would have been looked at.
    #[serde(skip)]
    pub max_bytes: u64,
}

/// What something is fetched for.
///
/// ```
/// use mailseal::report::FetchPurpose;
/// let revocation = [FetchPurpose::Crl, FetchPurpose::Ocsp];
/// assert!(!revocation.contains(&FetchPurpose::Aia));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FetchPurpose {
    /// The certificate of an issuer (RFC 5280 §4.2.2.1).
    Aia,
    /// A certificate revocation list (RFC 5280 §4.2.1.13).
    Crl,
    /// An answer of an OCSP responder (RFC 6960 §A.1).
    Ocsp,
    /// A certificate from a Web Key Directory.
    Wkd,
}
