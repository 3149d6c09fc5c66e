//! Cryptography: what is computed, and by whom.
//!
//! - [`Provider`]: a struct of object-safe elements; `Provider { random: &mine, ..Provider::default() }` overrides one.
//! - [`SigningKey`]: a private key, wherever it lives.
//! - [`PublicKey`]: a key of a certificate, as SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).
//! - [`SignatureAlgorithm`]: what a signature says it is; [`algorithm`] maps identifiers to it.
//!
//! Only `backend/*` names a cryptographic crate.

pub mod algorithm;
mod backend;
pub mod ecdsa;
mod key;
mod password;
mod provider;

pub use crate::error::KeyError;
pub use algorithm::{Curve, HashAlgorithm, KeyAlgorithm, SignatureAlgorithm, SignatureScheme};
pub use key::{PublicKey, SigningKey, ToSign};
pub use password::{Password, PasswordRequest, PasswordSource, Secret};
pub use provider::{Digest, KeyLoader, Provider, SecureRandom, Verifier, VerifyError};

/// SHA-256 of octets at hand (FIPS 180-4).
pub(crate) fn sha256(octets: &[u8]) -> [u8; 32] {
    backend::portable::sha256(octets)
}
