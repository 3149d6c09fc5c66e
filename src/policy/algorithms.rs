//! Which algorithms may be relied on.

use crate::crypto::{HashAlgorithm, KeyAlgorithm};
use crate::time::UnixTime;

/// Which algorithms may be relied on. What is not is reported as weak, never as intact.
///
/// ```
/// use mailseal::policy::Algorithms;
/// let standard = Algorithms::standard();
/// assert!(standard.is_weak_hash(mailseal::crypto::HashAlgorithm::Sha1));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Algorithms {
    /// Least bits of an RSA modulus.
    pub(crate) rsa_bits: usize,
    /// SHA-1 is taken as if it were sound: the caller's explicit, dated exception.
    pub(crate) insecurely_allow_sha1: bool,
    /// Encrypted content that nothing protects from change (CBC) is opened, and marked.
    pub(crate) unauthenticated: bool,
    /// The exceptions with a date.
    exceptions: Vec<(Exception, UnixTime)>,
}

/// Something weak that is taken for sound up to a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exception {
    Sha1,
    /// From so many bits.
    Rsa(usize),
}

impl Algorithms {
    /// RSA from 2048 bits, SHA-2 and SHA-3 (RFC 8551 §2.1, §4).
    pub fn standard() -> Self {
        Self { rsa_bits: 2048, insecurely_allow_sha1: false, unauthenticated: true, exceptions: Vec::new() }
    }

    /// The same, and encrypted content that nothing protects from change is not opened (threats A2).
    ///
    /// ```
    /// use mailseal::{Context, TrustStore, policy::Algorithms};
    /// // Before opening: afterwards it would be too late.
    /// let cx = Context::new(TrustStore::new()).algorithms(Algorithms::strict());
    /// # let _ = cx;
    /// ```
    pub fn strict() -> Self {
        Self { unauthenticated: false, ..Self::standard() }
    }

    /// Whether encrypted content that nothing protects from change may be opened.
    pub fn allows_unauthenticated(&self) -> bool {
        self.unauthenticated
    }

    /// Takes SHA-1 signatures for sound, for archives of known origin.
    #[must_use]
    pub fn insecurely_allow_sha1(mut self) -> Self {
        self.insecurely_allow_sha1 = true;
        self
    }

    /// The same where letters are looked at no later than `until`, for a partner who promised to change until then.
    ///
    /// ```
    /// use mailseal::{UnixTime, crypto::HashAlgorithm, policy::Algorithms};
    /// let until = UnixTime::from_seconds(1_800_000_000);
    /// let algorithms = Algorithms::standard().insecurely_allow_sha1_until(until);
    /// assert!(!algorithms.at(until).is_weak_hash(HashAlgorithm::Sha1));
    /// assert!(algorithms.at(UnixTime::from_seconds(1_800_000_001)).is_weak_hash(HashAlgorithm::Sha1));
    /// ```
    #[must_use]
    pub fn insecurely_allow_sha1_until(mut self, until: UnixTime) -> Self {
        self.exceptions.push((Exception::Sha1, until));
        self
    }

    /// Takes RSA keys of so many bits for large enough where letters are looked at no later than `until`.
    #[must_use]
    pub fn insecurely_allow_rsa_until(mut self, bits: usize, until: UnixTime) -> Self {
        self.exceptions.push((Exception::Rsa(bits), until));
        self
    }

    /// Those of a time: what was excepted until an earlier one is weak. What looks at a letter asks it by itself.
    #[must_use]
    pub fn at(&self, time: UnixTime) -> Self {
        let mut now = Self { exceptions: Vec::new(), ..self.clone() };
        for (exception, until) in &self.exceptions {
            match exception {
                _ if time > *until => {}
                Exception::Sha1 => now.insecurely_allow_sha1 = true,
                Exception::Rsa(bits) => now.rsa_bits = now.rsa_bits.min(*bits),
            }
        }
        now
    }

    pub(crate) fn is_dated(&self) -> bool {
        !self.exceptions.is_empty()
    }

    /// True for a hash that signatures must not rely on.
    pub fn is_weak_hash(&self, hash: HashAlgorithm) -> bool {
        match hash {
            HashAlgorithm::Md5 => true,
            HashAlgorithm::Sha1 => !self.insecurely_allow_sha1,
            _ => false,
        }
    }

    /// True for a key that is too small.
    pub fn is_weak_key(&self, key: &KeyAlgorithm) -> bool {
        matches!(key, KeyAlgorithm::Rsa { bits, .. } if *bits < self.rsa_bits)
    }
}

impl Default for Algorithms {
    fn default() -> Self {
        Self::standard()
    }
}
