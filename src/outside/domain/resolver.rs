//! Who answers questions to the DNS.
//!
//! - [`Resolver`]: the trait; [`DnsResolver`](super::DnsResolver) implements it over the network.

/// Answers questions to the DNS, blocking. There is none unless the caller gives one.
///
/// It is asked about names that stand in letters, so **whoever sends a letter can learn that it was looked at**. It has to
/// end each question in bounded time; one that it did not get an answer to is [`DnsError::Temporary`].
///
/// ```
/// use std::collections::HashMap;
/// use mailseal::outside::domain::{DnsError, RecordKind, Resolver};
///
/// /// Records that are known beforehand.
/// struct Zone(HashMap<(&'static str, RecordKind), Vec<Vec<u8>>>);
///
/// impl Resolver for Zone {
///     fn lookup(&self, name: &str, kind: RecordKind) -> Result<Vec<Vec<u8>>, DnsError> {
///         let found = self.0.iter().find(|((owner, known), _)| *owner == name && *known == kind);
///         found.map(|(_, records)| records.clone()).ok_or(DnsError::NoSuchName)
///     }
/// }
/// ```
pub trait Resolver: Send + Sync {
    /// The records of this kind and name, none if the name has others only. `name` is in lower case, of A-labels, without
    /// a dot at its end; for addresses, `1.2.0.192.in-addr.arpa`. Each record as in a zone file, without quotes:
    ///
    /// - TXT: its strings joined, any octets;
    /// - MX: `10 mail.example.net`;
    /// - A, AAAA: `192.0.2.1`, `2001:db8::1`;
    /// - PTR: `mail.example.net`.
    fn lookup(&self, name: &str, kind: RecordKind) -> Result<Vec<Vec<u8>>, DnsError>;
}

impl<R: Resolver + ?Sized> Resolver for std::sync::Arc<R> {
    fn lookup(&self, name: &str, kind: RecordKind) -> Result<Vec<Vec<u8>>, DnsError> {
        (**self).lookup(name, kind)
    }
}

/// What is asked for (RFC 1035 §3.2.2, RFC 3596).
///
/// ```
/// use mailseal::outside::domain::RecordKind;
/// assert_eq!(RecordKind::Aaaa.as_str(), "AAAA");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecordKind {
    /// TXT.
    Txt,
    /// MX.
    Mx,
    /// A.
    A,
    /// AAAA.
    Aaaa,
    /// PTR.
    Ptr,
}

impl RecordKind {
    /// All of them.
    #[cfg(feature = "archive")]
    pub(in crate::outside) const ALL: [Self; 5] = [Self::Txt, Self::Mx, Self::A, Self::Aaaa, Self::Ptr];

    /// Its name in zone files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Txt => "TXT",
            Self::Mx => "MX",
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Ptr => "PTR",
        }
    }
}

/// Why there is no answer.
///
/// ```
/// use mailseal::outside::domain::DnsError;
/// assert_ne!(DnsError::NoSuchName, DnsError::Temporary);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DnsError {
    /// The name has no records of any kind (NXDOMAIN).
    #[error("no such name")]
    NoSuchName,
    /// No answer, or one that is none: later there may be.
    #[error("no answer from the DNS")]
    Temporary,
}
