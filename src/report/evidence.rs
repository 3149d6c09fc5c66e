//! Why a signer is believed: always a path that starts at you.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::time::UnixTime;

/// One path from what the caller trusts to an address.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Revocation {
    /// Nothing to look at was given.
    Unknown,
    /// Does not apply.
    None,
}
