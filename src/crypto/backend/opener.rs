//! What decryption keys of all backends share: what is asked of octets and points before any arithmetic.

use std::fmt;

use crate::crypto::{DecryptionKey, KeyAlgorithm, KeyError, PublicKey, RsaEncryption, Secret, WrappedKey};

/// The arithmetic of one backend.
pub(super) trait Opens: Send + Sync {
    /// Opens what was encrypted to an RSA key, as long as its modulus; `None` for hashes that it does not know.
    fn decrypt(&self, scheme: RsaEncryption, octets: &[u8]) -> Option<Result<Secret, KeyError>>;
    /// The secret shared with a public key of the right form.
    fn agree(&self, public: &[u8]) -> Option<Result<Secret, KeyError>>;
}

/// A key in memory.
pub(super) struct Opener<A> {
    public: PublicKey,
    arithmetic: A,
}

impl<A> Opener<A> {
    /// Joins halves that were checked against each other.
    pub(super) fn new(public: PublicKey, arithmetic: A) -> Self {
        Self { public, arithmetic }
    }
}

/// Never shows the private half.
impl<A> fmt::Debug for Opener<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecryptionKey({})", self.public.algorithm())
    }
}

impl<A: Opens> DecryptionKey for Opener<A> {
    fn public(&self) -> &PublicKey {
        &self.public
    }

    fn unwrap(&self, wrapped: &WrappedKey<'_>) -> Option<Result<Secret, KeyError>> {
        match (wrapped, self.public.algorithm()) {
            (WrappedKey::Rsa { scheme, octets }, KeyAlgorithm::Rsa { bits, .. }) => {
                match octets.len() == bits.div_ceil(8) {
                    true => {
                        Some(self.arithmetic.decrypt(*scheme, octets).unwrap_or_else(|| unknown(*scheme)))
                    }
                    false => Some(Err(refused())),
                }
            }
            (WrappedKey::Agreement { public }, key @ (KeyAlgorithm::Ec(_) | KeyAlgorithm::X25519)) => {
                match public_fits(key, public) {
                    true => self.arithmetic.agree(public).map(|shared| shared.and_then(|s| not_zero(key, s))),
                    false => Some(Err(refused())),
                }
            }
            _ => None,
        }
    }
}

fn unknown(scheme: RsaEncryption) -> Result<Secret, KeyError> {
    Err(KeyError::Unsupported(format!("decryption by {scheme:?} in this build")))
}

/// The octets of a point are an uncompressed one of the curve, or those of RFC 7748. Whether it lies on its curve is
/// asked by every backend.
fn public_fits(key: &KeyAlgorithm, public: &[u8]) -> bool {
    match key {
        KeyAlgorithm::Ec(curve) => public.first() == Some(&4) && public.len() == 2 * curve.octets() + 1,
        KeyAlgorithm::X25519 => public.len() == 32,
        _ => false,
    }
}

/// R-A13: with X25519, a shared secret of zeros alone comes of a point of small order (RFC 7748 §6.1). On the other curves
/// it is an x coordinate as any other.
pub(super) fn not_zero(key: &KeyAlgorithm, shared: Secret) -> Result<Secret, KeyError> {
    match shared.expose().iter().fold(0, |sum, octet| sum | octet) {
        0 if *key == KeyAlgorithm::X25519 => Err(refused()),
        _ => Ok(shared),
    }
}

/// All failures are the same.
pub(super) fn refused() -> KeyError {
    KeyError::Malformed("what was encrypted to it".to_owned())
}
