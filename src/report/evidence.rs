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
}

impl Evidence {
    /// The steps, the anchor first.
    pub fn steps(&self) -> &[Step] {
        match self {
            Self::CertificationPath { steps, .. } | Self::Direct { steps, .. } => steps,
        }
    }

    /// The address it speaks for.
    pub fn address(&self) -> &str {
        match self {
            Self::CertificationPath { address, .. } | Self::Direct { address, .. } => address,
        }
    }

    /// For whom the caller lets the anchor speak.
    pub fn scope(&self) -> &str {
        match self {
            Self::CertificationPath { scope, .. } | Self::Direct { scope, .. } => scope,
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
        Self { name: name.into(), fingerprint: fingerprint.into(), not_before: None, not_after: None }
    }
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
    /// Nothing to look at was given.
    Unknown,
    /// Does not apply.
    None,
}
