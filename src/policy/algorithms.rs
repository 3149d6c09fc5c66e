//! Which algorithms may be relied on.

use crate::crypto::{HashAlgorithm, KeyAlgorithm};

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
}

impl Algorithms {
    /// RSA from 2048 bits, SHA-2 and SHA-3 (RFC 8551 §2.1, §4).
    pub fn standard() -> Self {
        Self { rsa_bits: 2048, insecurely_allow_sha1: false, unauthenticated: true }
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
