//! Private keys in the RustCrypto crates. ECDSA nonces are those of RFC 6979.

use std::sync::Arc;

use ed25519_dalek::Signer as _;
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use zeroize::Zeroizing;

use super::RustCrypto;
use crate::crypto::backend::portable;
use crate::crypto::backend::signer::{Arithmetic, InMemory};
use crate::crypto::private::{Private, consistent, ec_pkcs8, ed25519_v1, read};
use crate::crypto::provider::{KeyLoader, SecureRandom};
use crate::crypto::{
    Curve, DecryptionKey, KeyError, NewKeyAlgorithm, PublicKey, Secret, SignatureScheme, SigningKey,
};

enum Pair {
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    P521(p521::ecdsa::SigningKey),
    Ed25519(ed25519_dalek::SigningKey),
}

impl KeyLoader for RustCrypto {
    fn signing_key(&self, pkcs8: &[u8]) -> Result<Arc<dyn SigningKey>, KeyError> {
        let (public, pair) = match read::read(pkcs8, read::RSA_SIGNS_FROM)? {
            Private::Rsa { der, public } => return rsa(&der, public),
            Private::Ec { curve, scalar, stated } => {
                let (point, pair) = ec(curve, &scalar)?;
                consistent(&point, &stated)?;
                (PublicKey::ec(curve, &point)?, pair)
            }
            Private::Ed25519 { seed, stated } => {
                let seed = seed.as_slice().try_into().map_err(|_| refused())?;
                let pair = ed25519_dalek::SigningKey::from_bytes(seed);
                consistent(pair.verifying_key().as_bytes(), &stated)?;
                (PublicKey::ed25519(pair.verifying_key().as_bytes())?, Pair::Ed25519(pair))
            }
            Private::X25519 { .. } => return Err(read::does_not_sign()),
        };
        Ok(Arc::new(InMemory::new(public, pair)))
    }

    fn decryption_key(&self, pkcs8: &[u8]) -> Result<Arc<dyn DecryptionKey>, KeyError> {
        super::decryption::load(pkcs8)
    }

    /// No RSA: that crate looks for primes in variable time (RUSTSEC-2023-0071).
    fn generate(&self, algorithm: NewKeyAlgorithm) -> Result<Secret, KeyError> {
        let curve = match algorithm {
            NewKeyAlgorithm::P256 => Curve::P256,
            NewKeyAlgorithm::P384 => Curve::P384,
            NewKeyAlgorithm::P521 => Curve::P521,
            NewKeyAlgorithm::Ed25519 => {
                let mut seed = Zeroizing::new([0; 32]);
                portable::Portable.fill(&mut *seed)?;
                return Ok(ed25519_v1(&seed).to_vec().into());
            }
            other => return Err(KeyError::Unsupported(format!("a new key: {other}"))),
        };
        let mut scalar = Zeroizing::new(vec![0; curve.octets()]);
        for _ in 0..SCALARS {
            portable::Portable.fill(&mut scalar)?;
            if curve == Curve::P521
                && let Some(first) = scalar.first_mut()
            {
                *first &= 1;
            }
            if let Ok((point, _)) = ec(curve, &scalar) {
                return Ok(ec_pkcs8(curve, &scalar, Some(&point))?.to_vec().into());
            }
        }
        Err(KeyError::unavailable("the random octets are none"))
    }
}

/// At worst one of two is beyond the order of the curve (P-521; of the others one in 2^32).
const SCALARS: usize = 128;

#[cfg(feature = "rust-crypto-private-rsa")]
fn rsa(der: &[u8], public: PublicKey) -> Result<Arc<dyn SigningKey>, KeyError> {
    Ok(Arc::new(InMemory::new(public, super::rsa::Rsa::new(der)?)))
}

#[cfg(not(feature = "rust-crypto-private-rsa"))]
fn rsa(_der: &[u8], _public: PublicKey) -> Result<Arc<dyn SigningKey>, KeyError> {
    Err(super::rsa_is_off())
}

/// The point of a scalar, and the pair.
fn ec(curve: Curve, scalar: &[u8]) -> Result<(Vec<u8>, Pair), KeyError> {
    macro_rules! pair {
        ($curve:ident, $pair:ident) => {{
            let key = $curve::ecdsa::SigningKey::from_slice(scalar).map_err(|_| refused())?;
            let point = key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
            Ok((point, Pair::$pair(key)))
        }};
    }
    match curve {
        Curve::P256 => pair!(p256, P256),
        Curve::P384 => pair!(p384, P384),
        Curve::P521 => pair!(p521, P521),
        other => Err(KeyError::Unsupported(format!("private keys on {other}"))),
    }
}

impl Arithmetic for Pair {
    fn sign(&self, scheme: SignatureScheme, input: &[u8]) -> Result<Vec<u8>, KeyError> {
        let failed = |_| KeyError::Unsupported(format!("signing with {scheme} failed"));
        macro_rules! sign {
            ($curve:ident, $key:expr) => {{
                let signature: $curve::ecdsa::Signature = $key.sign_prehash(input).map_err(failed)?;
                Ok(signature.to_der().as_bytes().to_vec())
            }};
        }
        match self {
            Self::P256(key) => sign!(p256, key),
            Self::P384(key) => sign!(p384, key),
            Self::P521(key) => sign!(p521, key),
            Self::Ed25519(key) => Ok(key.try_sign(input).map_err(failed)?.to_bytes().to_vec()),
        }
    }
}

fn refused() -> KeyError {
    KeyError::Malformed("its private number".to_owned())
}
