//! Why a path is none, with what a user needs to know of it.

use crate::crypto::HashAlgorithm;
use crate::time::UnixTime;
use crate::x509::revocation::Reason;

/// Why something is no valid path.
///
/// ```
/// use mailseal::{UnixTime, x509::path::PathError};
/// let at = UnixTime::from_seconds(1_700_000_000);
/// let not_after = UnixTime::from_seconds(1_600_000_000);
/// let error = PathError::Expired { subject: "Alice".into(), at, not_after };
/// assert_eq!(error.to_string(), "the certificate of Alice expired on 2020-09-13, before 2023-11-14");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// Valid later (§6.1.3 (a)(2)).
    #[error("the certificate of {subject} is valid from {} on, not on {}", not_before.date(), at.date())]
    NotYetValid {
        /// Whose certificate.
        subject: String,
        /// When it was to be valid.
        at: UnixTime,
        /// When it begins to be.
        not_before: UnixTime,
    },
    /// Valid no more (§6.1.3 (a)(2)).
    #[error("the certificate of {subject} expired on {}, before {}", not_after.date(), at.date())]
    Expired {
        /// Whose certificate.
        subject: String,
        /// When it was to be valid.
        at: UnixTime,
        /// When it ceased to be.
        not_after: UnixTime,
    },
    /// Revoked, at or before the time of looking (§6.1.3 (a)(3)).
    #[error("the certificate of {subject} was revoked on {}{}", at.date(), because(reason))]
    Revoked {
        /// Whose certificate.
        subject: String,
        /// Since when.
        at: UnixTime,
        /// Why, if its issuer says so.
        reason: Option<Reason>,
    },
    /// Not everything was tried.
    #[error("looking for a path was given up: the limit of {limit} for {name} was reached")]
    BudgetExceeded {
        /// The name of the field in [`Limits`](crate::Limits).
        name: &'static str,
        /// Its value.
        limit: usize,
    },
    /// A certificate makes a demand that nothing here can check.
    #[error("the certificate of {subject} has a constraint that is not enforced here: {constraint}")]
    ConstraintNotEnforced {
        /// Whose certificate.
        subject: String,
        /// Which constraint.
        constraint: Constraint,
    },
    /// keyUsage does not allow it (§4.2.1.3).
    #[error("the certificate of {subject} is not for this: keyUsage without {needed}")]
    KeyUsage {
        /// Whose certificate.
        subject: String,
        /// What would be needed.
        needed: &'static str,
    },
    /// extKeyUsage does not allow it (§4.2.1.12).
    #[error("the certificate of {subject} is not for this: extKeyUsage without {needed}")]
    ExtKeyUsage {
        /// Whose certificate.
        subject: String,
        /// What would be needed: `emailProtection`, or dotted.
        needed: String,
    },
    /// A name that the issuer may not give (§4.2.1.10).
    #[error("the certificate of {subject} has a name that {issuer} may not give: {name}")]
    NameConstraint {
        /// Whose certificate.
        subject: String,
        /// Whose constraint.
        issuer: String,
        /// The name.
        name: String,
    },
    /// A certificate requires a policy, and the path has none (§6.1.3 (f), §6.1.5 (g)).
    #[error("the certificate of {subject} leaves the path without a policy, and one is required")]
    Policy {
        /// Whose certificate.
        subject: String,
    },
    /// More authorities below one than it allows (§4.2.1.9).
    #[error("{subject} may have {most} authorities below it, not {found}")]
    PathLength {
        /// Whose constraint.
        subject: String,
        /// pathLenConstraint
        most: u32,
        /// Authorities below it, self-issued ones not counted.
        found: usize,
    },
    /// Not a certificate authority (§6.1.4 (k)).
    #[error("{subject} is not a certificate authority")]
    NotCa {
        /// Whose certificate.
        subject: String,
    },
    /// A critical extension that is not understood (§6.1.4 (o)).
    #[error("the certificate of {subject} has a critical extension that is not understood: {oid}")]
    UnknownCritical {
        /// Whose certificate.
        subject: String,
        /// Dotted.
        oid: String,
    },
    /// An extension that cannot be read.
    #[error("the certificate of {subject} is broken: {what}")]
    Malformed {
        /// Whose certificate.
        subject: String,
        /// What is wrong.
        what: String,
    },
    /// The issuer's key or the signature's algorithm is unknown or refused: MD5, DSA, RSA below 1024 bits.
    #[error("the signature on the certificate of {subject} cannot be checked: {why}")]
    Unsupported {
        /// Whose certificate.
        subject: String,
        /// What is not supported.
        why: String,
    },
    /// The signature is wrong (§6.1.3 (a)(1)).
    #[error("the certificate of {subject} was not signed by {issuer}")]
    BadSignature {
        /// Whose certificate.
        subject: String,
        /// Whose key was tried.
        issuer: String,
    },
    /// Longer than is looked at.
    #[error("the path is longer than {most} certificates")]
    TooLong {
        /// `path_depth` of [`Limits`](crate::Limits).
        most: usize,
    },
    /// Nobody known issued it.
    #[error("the issuer of the certificate of {subject} is not known: {issuer}")]
    UnknownIssuer {
        /// Whose certificate.
        subject: String,
        /// Who issued it, by its own words.
        issuer: String,
    },
}

fn because(reason: &Option<Reason>) -> String {
    reason.map(|reason| format!(": {reason}")).unwrap_or_default()
}

/// Constraints that are noticed and not enforced, so that a path with them is refused.
///
/// ```
/// use mailseal::x509::path::{Constraint, PathError};
/// let error = PathError::ConstraintNotEnforced { subject: "CA".into(), constraint: Constraint::NameConstraints };
/// println!("{error}");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Constraint {
    /// nameConstraints on names of this tag of GeneralName (§4.2.1.10), where a certificate below has such a name.
    NameConstraints,
}

impl std::fmt::Display for Constraint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NameConstraints => "nameConstraints on an unusual kind of name",
        })
    }
}

impl PathError {
    /// A name that never changes: `expired`, `unknown_issuer` …
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotYetValid { .. } => "not_yet_valid",
            Self::Expired { .. } => "expired",
            Self::Revoked { .. } => "revoked",
            Self::BudgetExceeded { .. } => "budget_exceeded",
            Self::ConstraintNotEnforced { .. } => "constraint_not_enforced",
            Self::KeyUsage { .. } => "key_usage",
            Self::ExtKeyUsage { .. } => "ext_key_usage",
            Self::NameConstraint { .. } => "name_constraint",
            Self::PathLength { .. } => "path_length",
            Self::Policy { .. } => "policy",
            Self::NotCa { .. } => "not_a_ca",
            Self::UnknownCritical { .. } => "unknown_critical_extension",
            Self::Malformed { .. } => "malformed",
            Self::Unsupported { .. } => "unsupported",
            Self::BadSignature { .. } => "bad_signature",
            Self::TooLong { .. } => "path_too_long",
            Self::UnknownIssuer { .. } => "unknown_issuer",
        }
    }

    /// The higher, the nearer to a valid path: of many reasons the highest tells most, of several in one path the lowest
    /// decides.
    pub(crate) fn rank(&self) -> u8 {
        match self {
            Self::Revoked { .. } => 14,
            Self::NotYetValid { .. } | Self::Expired { .. } => 13,
            Self::BudgetExceeded { .. } => 12,
            Self::ConstraintNotEnforced { .. } => 11,
            Self::KeyUsage { .. } => 10,
            Self::ExtKeyUsage { .. } => 9,
            Self::NameConstraint { .. } | Self::Policy { .. } => 8,
            Self::PathLength { .. } => 7,
            Self::NotCa { .. } => 6,
            Self::UnknownCritical { .. } => 5,
            Self::Malformed { .. } => 4,
            Self::Unsupported { .. } => 3,
            Self::BadSignature { .. } => 2,
            Self::TooLong { .. } => 1,
            Self::UnknownIssuer { .. } => 0,
        }
    }
}

/// Something weak in a valid path. Whether that is still good enough is for a policy to say.
///
/// ```
/// use mailseal::x509::path::Weakness;
/// let weak = Weakness::ShortKey { subject: "Alice".into(), bits: 1024 };
/// println!("{weak:?}");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Weakness {
    /// A certificate signed over a weak hash.
    Hash {
        /// Whose certificate.
        subject: String,
        /// Which hash.
        hash: HashAlgorithm,
    },
    /// A short RSA key.
    ShortKey {
        /// Whose key.
        subject: String,
        /// Bits of its modulus.
        bits: usize,
    },
}
