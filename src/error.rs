//! What can go wrong before anything was seen.
//!
//! An [`Error`] says "could not look" (or could not write). Whatever *was* seen in a letter, however bad, is
//! data in a [`Report`](crate::Report).

use std::io;

/// Could not look, or could not write. What was seen is never an error.
///
/// ```
/// use mailseal::Error;
/// let error = Error::Limit { name: "depth", limit: 32 };
/// assert_eq!(error.to_string(), "the limit of 32 for depth was reached");
/// assert!(!error.is_temporary());
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Reading or writing failed.
    #[error("{what}: {source}")]
    Io {
        /// What was being read or written.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// A limit of [`Limits`](crate::Limits) was reached.
    #[error("the limit of {limit} for {name} was reached")]
    Limit {
        /// The name of the field in [`Limits`](crate::Limits).
        name: &'static str,
        /// Its value.
        limit: u64,
    },
    /// Octets that cannot be read as what they are given as.
    #[error("not readable as {what}: {why}")]
    Malformed {
        /// What was expected: "a mail", "PKCS#12", "a certificate".
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A private key could not be read or used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// mailseal will not write this letter, and why.
    #[error("refused: {0}")]
    Refused(String),
    /// Somebody a letter is for cannot be written to in secret, and nobody is dropped silently; who.
    #[error("no way to encrypt to {0}")]
    Unreachable(String),
    /// A file changed between two readings of it.
    #[error("the input changed while it was being read")]
    InputChanged,
    /// Somebody ended the call by its [`Cancel`](crate::Cancel).
    #[error("cancelled")]
    Cancelled,
    /// The program using mailseal is wrong; never caused by octets from outside.
    #[error("misuse: {0}")]
    Misuse(String),
}

impl Error {
    /// True where the same call may succeed later: reading, writing, or a key that is away.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Io { .. } | Self::Key(KeyError::Unavailable(_)))
    }

    /// Its kind in one word, for programs: as JSON, Python and the co-process say it. Words never change.
    ///
    /// ```
    /// use mailseal::Error;
    /// assert_eq!(Error::Limit { name: "depth", limit: 32 }.kind(), "limit");
    /// assert_eq!(Error::InputChanged.kind(), "input_changed");
    /// ```
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Io { .. } => "io",
            Self::Limit { .. } => "limit",
            Self::Malformed { .. } => "malformed",
            Self::Key(_) => "key",
            Self::Refused(_) => "refused",
            Self::Unreachable(_) => "unreachable",
            Self::InputChanged => "input_changed",
            Self::Cancelled => "cancelled",
            Self::Misuse(_) => "misuse",
        }
    }

    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        // The words are made where something fails, not at each reading.
        move |source| match source.downcast::<Self>() {
            Ok(error) => error,
            Err(source) => Self::Io { what: what.into(), source },
        }
    }

    pub(crate) fn malformed(what: &'static str, why: impl Into<String>) -> Self {
        Self::Malformed { what, why: why.into() }
    }

    pub(crate) fn misuse(what: impl Into<String>) -> Self {
        Self::Misuse(what.into())
    }
}

/// So that readers and writers of this crate can pass an [`Error`] through [`std::io`].
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Io { source, .. } => source,
            other => Self::other(other),
        }
    }
}

/// Why a private key could not be read or used.
///
/// ```
/// use mailseal::crypto::KeyError;
/// assert_eq!(KeyError::WrongPassword.to_string(), "the password of the key is wrong or missing");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The key cannot do what was asked, or its algorithm is not known to the provider.
    #[error("the key does not support this: {0}")]
    Unsupported(String),
    /// The key is elsewhere and does not answer now.
    #[error("the key is not available: {0}")]
    Unavailable(String),
    /// Wrong password, none given, or the caller gave up.
    #[error("the password of the key is wrong or missing")]
    WrongPassword,
    /// Wrong passwords have locked the key, and another one does not open it: somebody has to unblock the token.
    #[error("the key is locked after wrong passwords")]
    Locked,
    /// The source of its password used the key that it was asked for: it would wait for itself.
    #[error("the key is waiting for its password in this thread")]
    Reentrant,
    /// The octets are not a key, or its public and private parts do not belong together.
    #[error("not a usable key: {0}")]
    Malformed(String),
    /// The private key is too small for the provider.
    #[error("the key has {bits} bits; at least {least} are needed")]
    TooSmall {
        /// Bits of the modulus.
        bits: usize,
        /// The least that is accepted.
        least: usize,
    },
}

impl KeyError {
    /// True where the key did not answer: it is elsewhere, locked, or its password is missing. Nothing of what it was
    /// given is said by that.
    pub(crate) fn is_away(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::WrongPassword | Self::Locked | Self::Reentrant)
    }

    /// Folds any error of a remote key into [`KeyError::Unavailable`].
    pub fn unavailable(error: impl std::fmt::Display) -> Self {
        Self::Unavailable(error.to_string())
    }
}
