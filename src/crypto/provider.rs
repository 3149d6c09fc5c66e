//! Who computes: a plain struct of elements, in preference order.

use std::fmt;
use std::sync::Arc;

use crate::crypto::{HashAlgorithm, PublicKey, SignatureAlgorithm, SigningKey, ToSign};
use crate::error::KeyError;

/// A running hash.
pub trait Digest: Send {
    /// Takes more octets.
    fn update(&mut self, octets: &[u8]);
    /// A second hash of all octets taken so far.
    fn fork(&self) -> Box<dyn Digest>;
    /// The digest of all octets taken.
    fn finish(self: Box<Self>) -> Vec<u8>;
}

/// Why a signature does not verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifyError {
    /// This verifier does not know the algorithm, the curve or the parameters.
    Unsupported,
    /// The key has a size or form that is refused.
    BadKey,
    /// The mathematics says no, or the signature has not the one allowed encoding.
    BadSignature,
}

/// Checks signatures. The first verifier of a [`Provider`] that does not say
/// [`Unsupported`](VerifyError::Unsupported) decides.
pub trait Verifier: fmt::Debug + Send + Sync {
    /// Checks one signature.
    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        key: &PublicKey,
        input: ToSign<'_>,
        signature: &[u8],
    ) -> Result<(), VerifyError>;
}

/// A source of random octets fit for keys and nonces.
pub trait SecureRandom: fmt::Debug + Send + Sync {
    /// Fills all of `out`, or fails; never falls back to something weaker.
    fn fill(&self, out: &mut [u8]) -> Result<(), KeyError>;
}

/// Makes a [`SigningKey`] of a private key in memory.
pub trait KeyLoader: fmt::Debug + Send + Sync {
    /// Loads a DER PrivateKeyInfo / OneAsymmetricKey (RFC 5958) and checks that its halves belong together.
    fn signing_key(&self, pkcs8: &[u8]) -> Result<Arc<dyn SigningKey>, KeyError>;
}

/// Everything cryptographic that mailseal needs, each element replaceable.
///
/// ```
/// use mailseal::crypto::{HashAlgorithm, Provider};
/// let provider = Provider::default();
/// let mut digest = provider.digest(HashAlgorithm::Sha256).unwrap();
/// digest.update(b"abc");
/// assert_eq!(digest.finish()[..4], [0xba, 0x78, 0x16, 0xbf]);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Provider {
    /// Its name, for reports and logs.
    pub name: &'static str,
    /// Starts a hash; `None` for one it does not know.
    pub digest: fn(HashAlgorithm) -> Option<Box<dyn Digest>>,
    /// Verifiers, the preferred first.
    pub verifiers: &'static [&'static dyn Verifier],
    /// Loads private keys.
    pub key_loader: &'static dyn KeyLoader,
    /// Random octets.
    pub random: &'static dyn SecureRandom,
}

/// AWS-LC, else the RustCrypto crates, else what is in every build; by the features that are on.
impl Default for Provider {
    fn default() -> Self {
        #[cfg(feature = "aws-lc")]
        return super::aws_lc();
        #[cfg(all(feature = "rust-crypto", not(feature = "aws-lc")))]
        return super::rust_crypto();
        #[cfg(not(any(feature = "aws-lc", feature = "rust-crypto")))]
        return super::portable();
    }
}

impl Provider {
    /// Starts a hash.
    pub fn digest(&self, algorithm: HashAlgorithm) -> Option<Box<dyn Digest>> {
        (self.digest)(algorithm)
    }

    /// The digest of octets at hand.
    pub fn hash(&self, algorithm: HashAlgorithm, octets: &[u8]) -> Option<Vec<u8>> {
        let mut digest = self.digest(algorithm)?;
        digest.update(octets);
        Some(digest.finish())
    }

    /// Checks one signature by the first verifier that knows the algorithm.
    pub fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        key: &PublicKey,
        input: ToSign<'_>,
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        self.verifiers
            .iter()
            .map(|verifier| verifier.verify(algorithm, key, input, signature))
            .find(|result| *result != Err(VerifyError::Unsupported))
            .unwrap_or(Err(VerifyError::Unsupported))
    }
}
