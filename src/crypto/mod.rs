//! Cryptography: what is computed, and by whom.
//!
//! - [`Provider`]: a struct of object-safe elements; `Provider { random: &mine, ..Provider::default() }` overrides one.
//! - [`SigningKey`]: a private key, wherever it lives.
//! - [`DecryptionKey`], [`Cipher`], [`KeyTransport`], [`KeyWrap`]: the same for encryption.
//! - [`PublicKey`]: a key of a certificate, as SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).
//! - [`ecdsa`]: ECDSA signatures as DER and as two numbers.
//! - [`SignatureAlgorithm`]: what a signature says it is; [`algorithm`] maps identifiers to it.
//!
//! Only `backend/*` names a cryptographic crate.
//!
//! ```
//! use mailseal::crypto::{HashAlgorithm, Provider};
//! let provider = Provider::default();
//! println!("{} computes", provider.name);
//! assert_eq!(provider.hash(HashAlgorithm::Sha256, b"abc").map(|digest| digest.len()), Some(32));
//! ```

pub mod algorithm;
mod backend;
mod cipher;
pub mod ecdsa;
pub(crate) mod kdf;
mod key;
mod password;
pub(crate) mod private;
mod provider;
mod recipient;
#[cfg(test)]
mod tests;
mod watch;
#[cfg(feature = "smime")]
pub(crate) mod wrap;

#[cfg(feature = "smime")]
pub(crate) use backend::pbe;

pub use crate::error::KeyError;
pub use algorithm::{Curve, HashAlgorithm, KeyAlgorithm, SignatureAlgorithm, SignatureScheme};
pub use cipher::{Cipher, ContentCipher, ContentDecryption, ContentEncryption, ContentKey, Undecryptable};
pub use key::{PublicKey, SigningKey, ToSign};
pub use password::{Password, PasswordRequest, PasswordSource, Secret};
pub use provider::{Digest, KeyLoader, NewKeyAlgorithm, Provider, SecureRandom, Verifier, VerifyError};
pub use recipient::{Agreed, DecryptionKey, KeyTransport, KeyWrap, RsaEncryption, WrappedKey};
pub use watch::KeyOperation;
pub(crate) use watch::{Watch, Watched};

/// AWS-LC for everything usual, with the portable verifier behind it.
///
/// ```
/// use mailseal::crypto::{self, Provider};
/// let provider = Provider { name: "mine", ..crypto::aws_lc() };
/// # assert_eq!(provider.verifiers.len(), 2);
/// ```
#[cfg(feature = "aws-lc")]
pub const fn aws_lc() -> Provider {
    backend::aws_lc::PROVIDER
}

/// The RustCrypto crates, with the portable verifier behind them: a build without a C compiler. RSA private keys only
/// with the feature `rust-crypto-private-rsa` (RUSTSEC-2023-0071).
///
/// ```
/// use mailseal::{Context, TrustStore, crypto};
/// let cx = Context::new(TrustStore::new()).provider(crypto::rust_crypto());
/// # let _ = cx;
/// ```
#[cfg(feature = "rust-crypto")]
pub const fn rust_crypto() -> Provider {
    backend::rust_crypto::PROVIDER
}

/// What every build has: hashes, and verification of RSA, ECDSA and Ed448. No private keys.
///
/// ```
/// use mailseal::crypto;
/// let error = crypto::portable().key_loader.signing_key(b"any key").unwrap_err();
/// println!("{error}");
/// ```
pub const fn portable() -> Provider {
    backend::portable::PROVIDER
}

/// SHA-256 of octets at hand (FIPS 180-4).
pub(crate) fn sha256(octets: &[u8]) -> [u8; 32] {
    backend::portable::sha256(octets)
}
