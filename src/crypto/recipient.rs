//! Getting a key to its recipient, and out again: private keys that decrypt, public keys that are encrypted to.

use std::fmt;

use crate::crypto::{HashAlgorithm, PublicKey, Secret};
use crate::error::KeyError;

/// How an RSA key is encrypted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RsaEncryption {
    /// RSAES-PKCS1-v1_5 (RFC 8017 §7.2).
    Pkcs1,
    /// RSAES-OAEP with an empty label (RFC 8017 §7.1).
    Oaep {
        /// Of the label.
        hash: HashAlgorithm,
        /// Of MGF1.
        mgf: HashAlgorithm,
    },
}

/// `rsa-pkcs1`, `rsa-oaep-sha256`; where MGF1 has another hash, `rsa-oaep-sha256-mgf1-sha1`.
///
/// ```
/// use mailseal::crypto::{HashAlgorithm, RsaEncryption};
/// let scheme = RsaEncryption::Oaep { hash: HashAlgorithm::Sha256, mgf: HashAlgorithm::Sha1 };
/// assert_eq!(scheme.to_string(), "rsa-oaep-sha256-mgf1-sha1");
/// ```
impl fmt::Display for RsaEncryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |hash: &HashAlgorithm| hash.name().replace('-', "");
        match self {
            Self::Pkcs1 => f.write_str("rsa-pkcs1"),
            Self::Oaep { hash, mgf } if hash == mgf => write!(f, "rsa-oaep-{}", short(hash)),
            Self::Oaep { hash, mgf } => write!(f, "rsa-oaep-{}-mgf1-{}", short(hash), short(mgf)),
        }
    }
}

/// What a private key is given to open.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum WrappedKey<'a> {
    /// Octets encrypted to an RSA key. For PKCS #1 v1.5 a failure must not be told from a success by anyone who sees
    /// what the caller does: callers go on with a random key (RFC 3218 §2.3.2).
    Rsa {
        /// How.
        scheme: RsaEncryption,
        /// The octets.
        octets: &'a [u8],
    },
    /// The other side's public key of a key agreement: the shared secret is wanted. For a NIST curve an uncompressed
    /// point (SEC 1 §2.3.3), for X25519 and X448 the octets of RFC 7748 §5.
    Agreement {
        /// The other side's public key.
        public: &'a [u8],
    },
}

/// A private key that decrypts: in memory, in a token, an agent, a KMS. For both protocols.
pub trait DecryptionKey: fmt::Debug + Send + Sync {
    /// The public half.
    fn public(&self) -> &PublicKey;

    /// Opens a key. `None`: this is not for a key of this kind. What RSA encryption held, or the shared secret of a key
    /// agreement: the big-endian x coordinate with its leading zeros, or the octets of RFC 7748; all zeros are an error.
    fn unwrap(&self, wrapped: &WrappedKey<'_>) -> Option<Result<Secret, KeyError>>;
}

/// The own half of a key agreement that was made for one recipient, and what both share.
#[derive(Debug)]
pub struct Agreed {
    /// The ephemeral public key, in the form of [`WrappedKey::Agreement`].
    pub public: Vec<u8>,
    /// The shared secret, in the form of [`DecryptionKey::unwrap`].
    pub shared: Secret,
}

/// Encrypts to public keys. The first of a [`Provider`](super::Provider) that knows the key does it.
pub trait KeyTransport: fmt::Debug + Send + Sync {
    /// Encrypts a few octets to an RSA key; `None` where it does not know how.
    fn encrypt(
        &self,
        scheme: RsaEncryption,
        key: &PublicKey,
        octets: &[u8],
    ) -> Option<Result<Vec<u8>, KeyError>>;

    /// Agrees on a secret with a new ephemeral key; `None` where it does not know the kind of key.
    fn agree(&self, with: &PublicKey) -> Option<Result<Agreed, KeyError>>;
}

/// Wraps keys in keys. The first of a [`Provider`](super::Provider) that knows the length of the outer key does it.
pub trait KeyWrap: fmt::Debug + Send + Sync {
    /// AES key wrap (RFC 3394) with a key of 16, 24 or 32 octets; `None` for a length that it does not know.
    fn wrap(&self, outer: &[u8], key: &[u8]) -> Option<Result<Vec<u8>, KeyError>>;

    /// The way back. Lengths under 24 octets or not divisible by 8 fail before any arithmetic (R-A13).
    fn unwrap(&self, outer: &[u8], wrapped: &[u8]) -> Option<Result<Secret, super::Undecryptable>>;
}
