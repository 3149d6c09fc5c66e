//! What is known of the revocation of one certificate, in words.

use std::fmt;

use crate::crypto::HashAlgorithm;
use crate::report::RevocationSource;
use crate::time::UnixTime;

/// What is known of the revocation of one certificate.
///
/// ```
/// use mailseal::x509::revocation::{Doubt, Status};
/// /// Good enough for who insists on knowing.
/// fn is_known(status: &Status) -> bool {
///     matches!(status, Status::NotRevoked { .. } | Status::NotApplicable)
/// }
/// assert!(!is_known(&Status::Unknown(Doubt::Nothing)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// Nothing that can be relied on says anything, and why.
    Unknown(Doubt),
    /// It lives so briefly that its issuer says nothing (RFC 9608), and nobody says that it is revoked.
    NotApplicable,
    /// It is not revoked.
    NotRevoked {
        /// Who says so.
        by: RevocationSource,
        /// As of then (thisUpdate).
        this_update: UnixTime,
        /// Until when that may be relied on (nextUpdate).
        next_update: Option<UnixTime>,
        /// The hash under the signature of who says so.
        hash: Option<HashAlgorithm>,
    },
    /// It is revoked.
    Revoked {
        /// Who says so.
        by: RevocationSource,
        /// Since when.
        at: UnixTime,
        /// Why, if it is said.
        reason: Option<Reason>,
        /// As of then (thisUpdate).
        this_update: UnixTime,
    },
}

/// Why a certificate was revoked (RFC 5280 §5.3.1).
///
/// ```
/// use mailseal::x509::revocation::Reason;
/// assert_eq!(Reason::KeyCompromise.to_string(), "keyCompromise");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// 0, and codes that no standard names.
    Unspecified,
    /// 1
    KeyCompromise,
    /// 2
    CaCompromise,
    /// 3
    AffiliationChanged,
    /// 4
    Superseded,
    /// 5
    CessationOfOperation,
    /// 6: may be lifted again.
    CertificateHold,
    /// 8, in delta CRLs only: no longer revoked.
    RemoveFromCrl,
    /// 9
    PrivilegeWithdrawn,
    /// 10
    AaCompromise,
}

impl Reason {
    pub(crate) fn from_code(code: u32) -> Self {
        match code {
            1 => Self::KeyCompromise,
            2 => Self::CaCompromise,
            3 => Self::AffiliationChanged,
            4 => Self::Superseded,
            5 => Self::CessationOfOperation,
            6 => Self::CertificateHold,
            8 => Self::RemoveFromCrl,
            9 => Self::PrivilegeWithdrawn,
            10 => Self::AaCompromise,
            _ => Self::Unspecified,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::CaCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::CertificateHold => "certificateHold",
            Self::RemoveFromCrl => "removeFromCRL",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
            Self::AaCompromise => "aACompromise",
        })
    }
}

/// Why revocation is not known. Of several, the later in this list tells more.
///
/// ```
/// use mailseal::x509::revocation::Doubt;
/// assert_eq!(Doubt::Stale.code(), "stale");
/// assert!(Doubt::Stale > Doubt::Nothing);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Doubt {
    /// Nothing was given that is about it.
    Nothing,
    /// A delta CRL without the CRL that it adds to.
    NoBase,
    /// The signature, or who made it, does not fit.
    Signer,
    /// The signature is of an algorithm that is not known or refused.
    Unsupported,
    /// A critical extension that is not understood.
    Critical,
    /// From after the time of looking.
    Future,
    /// Past its nextUpdate, or without one.
    Stale,
    /// Nobody says whether who signed it is revoked.
    SignerUnknown,
    /// Who signed it is revoked.
    SignerRevoked,
    /// Only for some reasons of all.
    SomeReasons,
    /// The responder does not know it.
    Responder,
    /// Signed over a hash too weak to rely on.
    Weak,
    /// Too much to look at.
    Budget,
}

impl Doubt {
    /// A name that never changes: `stale`, `signer` …
    pub fn code(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::NoBase => "no_base",
            Self::Signer => "signer",
            Self::Unsupported => "unsupported",
            Self::Critical => "critical_extension",
            Self::Future => "future",
            Self::Stale => "stale",
            Self::SignerUnknown => "signer_unknown",
            Self::SignerRevoked => "signer_revoked",
            Self::SomeReasons => "some_reasons",
            Self::Responder => "responder",
            Self::Weak => "weak",
            Self::Budget => "budget",
        }
    }
}

/// Without a subject: "a CRL or OCSP answer …".
impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "nothing was given that is about it",
            Self::NoBase => "a delta CRL without its base",
            Self::Signer => "not signed by who may say so",
            Self::Unsupported => "signed in a way that cannot be checked",
            Self::Critical => "a critical extension that is not understood",
            Self::Future => "from after the time of looking",
            Self::Stale => "out of date",
            Self::SignerUnknown => "nobody says whether its signer is revoked",
            Self::SignerRevoked => "its signer is revoked",
            Self::SomeReasons => "only some reasons for revocation are covered",
            Self::Responder => "the OCSP responder does not know it",
            Self::Weak => "signed over a weak hash",
            Self::Budget => "too much to look at",
        })
    }
}
