//! The RustCrypto crates: keys on NIST curves, Ed25519; RSA private keys only under `rust-crypto-private-rsa`.

mod decryption;
#[cfg(feature = "rust-crypto-private-rsa")]
pub(super) mod rsa;
mod signing;

use p256::ecdsa::signature::hazmat::PrehashVerifier as _;

use super::portable;
use super::strict::{self, Checked};
#[cfg(not(feature = "rust-crypto-private-rsa"))]
use crate::crypto::KeyError;
use crate::crypto::provider::{Verifier, VerifyError};
use crate::crypto::{Curve, KeyAlgorithm, Provider, PublicKey, SignatureAlgorithm, ToSign};

/// The RustCrypto crates, and the portable verifier for what they lack.
pub(crate) const PROVIDER: Provider = Provider {
    name: "rust-crypto",
    digest: portable::digest,
    verifiers: &[&RustCrypto, &portable::Portable],
    key_loader: &RustCrypto,
    ciphers: &[&portable::Portable],
    key_transports: &[&RustCrypto, &portable::Portable],
    key_wraps: &[&portable::Portable],
    random: &portable::Portable,
};

#[derive(Debug)]
pub(crate) struct RustCrypto;

#[cfg(not(feature = "rust-crypto-private-rsa"))]
fn rsa_is_off() -> KeyError {
    KeyError::Unsupported("RSA private keys need the feature aws-lc or rust-crypto-private-rsa".to_owned())
}

impl Verifier for RustCrypto {
    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        key: &PublicKey,
        input: ToSign<'_>,
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        if !knows(algorithm, key.algorithm()) {
            return Err(VerifyError::Unsupported);
        }
        let checked = strict::check(algorithm, key, input, signature)?;
        let octets = key.bit_string().ok_or(VerifyError::BadKey)?;
        match (key.algorithm(), checked) {
            (KeyAlgorithm::Ed25519, Checked::Message(message)) => ed25519(octets, message, signature),
            (KeyAlgorithm::Ec(curve), Checked::Digest(digest)) => ecdsa(*curve, octets, &digest, signature),
            _ => Err(VerifyError::Unsupported),
        }
    }
}

/// The `ecdsa` crate takes digests of at least half the octets of the curve.
fn knows(algorithm: SignatureAlgorithm, key: &KeyAlgorithm) -> bool {
    match (algorithm, key) {
        (SignatureAlgorithm::Ed25519, KeyAlgorithm::Ed25519) => true,
        (
            SignatureAlgorithm::Ecdsa(hash),
            KeyAlgorithm::Ec(curve @ (Curve::P256 | Curve::P384 | Curve::P521)),
        ) => 2 * hash.length() >= curve.octets(),
        _ => false,
    }
}

/// `verify_strict`: no keys of small order, no second encoding of anything.
fn ed25519(key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), VerifyError> {
    let key = key.try_into().map_err(|_| VerifyError::BadKey)?;
    let key = ed25519_dalek::VerifyingKey::from_bytes(key).map_err(|_| VerifyError::BadKey)?;
    let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| VerifyError::BadSignature)?;
    key.verify_strict(message, &signature).map_err(|_| VerifyError::BadSignature)
}

fn ecdsa(curve: Curve, point: &[u8], digest: &[u8], signature: &[u8]) -> Result<(), VerifyError> {
    macro_rules! verify {
        ($curve:ident) => {{
            let key = $curve::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(|_| VerifyError::BadKey)?;
            let signature =
                $curve::ecdsa::Signature::from_der(signature).map_err(|_| VerifyError::BadSignature)?;
            key.verify_prehash(digest, &signature).map_err(|_| VerifyError::BadSignature)
        }};
    }
    match curve {
        Curve::P256 => verify!(p256),
        Curve::P384 => verify!(p384),
        Curve::P521 => verify!(p521),
        _ => Err(VerifyError::Unsupported),
    }
}
