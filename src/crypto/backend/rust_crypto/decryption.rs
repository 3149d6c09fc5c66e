//! Key agreement in the RustCrypto crates: NIST curves and X25519; RSA in its own module.

use std::sync::Arc;

use x25519_dalek::{PublicKey as X25519Public, StaticSecret};
use zeroize::Zeroizing;

use super::RustCrypto;
use crate::crypto::backend::opener::{Opener, Opens, not_zero, refused};
use crate::crypto::backend::{portable, strict};
use crate::crypto::private::read::{self, does_not_decrypt};
use crate::crypto::private::{Private, consistent};
use crate::crypto::{
    Agreed, Curve, DecryptionKey, KeyAlgorithm, KeyError, KeyTransport, PublicKey, RsaEncryption, Secret,
    SecureRandom,
};

enum Pair {
    P256(p256::SecretKey),
    P384(p384::SecretKey),
    P521(p521::SecretKey),
    X25519(StaticSecret),
}

pub(super) fn load(pkcs8: &[u8]) -> Result<Arc<dyn DecryptionKey>, KeyError> {
    let (pair, stated) = match read::read(pkcs8, read::RSA_DECRYPTS_FROM)? {
        Private::Rsa { der, public } => return rsa(&der, public),
        Private::Ec { curve, scalar, stated } => (ec(curve, &scalar)?, stated),
        Private::X25519 { secret, stated } => {
            let secret: &[u8; 32] = secret.as_slice().try_into().map_err(|_| number())?;
            (Pair::X25519(StaticSecret::from(*secret)), stated)
        }
        Private::Ed25519 { .. } => {
            return Err(KeyError::Unsupported("decryption with Ed25519".to_owned()));
        }
    };
    let octets = pair.public();
    consistent(&octets, &stated)?;
    let public = match &pair {
        Pair::P256(_) => PublicKey::ec(Curve::P256, &octets)?,
        Pair::P384(_) => PublicKey::ec(Curve::P384, &octets)?,
        Pair::P521(_) => PublicKey::ec(Curve::P521, &octets)?,
        Pair::X25519(_) => PublicKey::x25519(octets.as_slice().try_into().map_err(|_| number())?)?,
    };
    Ok(Arc::new(Opener::new(public, pair)))
}

#[cfg(feature = "rust-crypto-private-rsa")]
fn rsa(der: &[u8], public: PublicKey) -> Result<Arc<dyn DecryptionKey>, KeyError> {
    if matches!(public.algorithm(), KeyAlgorithm::Rsa { pss_only: true, .. }) {
        return Err(does_not_decrypt(&public));
    }
    Ok(Arc::new(Opener::new(public, super::rsa::Rsa::new(der)?)))
}

#[cfg(not(feature = "rust-crypto-private-rsa"))]
fn rsa(_der: &[u8], public: PublicKey) -> Result<Arc<dyn DecryptionKey>, KeyError> {
    match public.algorithm() {
        KeyAlgorithm::Rsa { pss_only: true, .. } => Err(does_not_decrypt(&public)),
        _ => Err(super::rsa_is_off()),
    }
}

fn ec(curve: Curve, scalar: &[u8]) -> Result<Pair, KeyError> {
    Ok(match curve {
        Curve::P256 => Pair::P256(p256::SecretKey::from_slice(scalar).map_err(|_| number())?),
        Curve::P384 => Pair::P384(p384::SecretKey::from_slice(scalar).map_err(|_| number())?),
        Curve::P521 => Pair::P521(p521::SecretKey::from_slice(scalar).map_err(|_| number())?),
        other => return Err(KeyError::Unsupported(format!("private keys on {other}"))),
    })
}

impl Pair {
    /// The uncompressed point, or the octets of RFC 7748.
    fn public(&self) -> Vec<u8> {
        use p256::elliptic_curve::sec1::ToSec1Point as _;
        match self {
            Self::P256(key) => key.public_key().to_sec1_point(false).as_bytes().to_vec(),
            Self::P384(key) => key.public_key().to_sec1_point(false).as_bytes().to_vec(),
            Self::P521(key) => key.public_key().to_sec1_point(false).as_bytes().to_vec(),
            Self::X25519(secret) => X25519Public::from(secret).as_bytes().to_vec(),
        }
    }

    fn shared(&self, public: &[u8]) -> Result<Secret, KeyError> {
        macro_rules! shared {
            ($curve:ident, $key:expr) => {{
                // Fails for a point that is not on the curve.
                let public = $curve::PublicKey::from_sec1_bytes(public).map_err(|_| refused())?;
                let shared = $curve::ecdh::diffie_hellman($key.to_nonzero_scalar(), public.as_affine());
                Ok(Secret::from(shared.raw_secret_bytes().to_vec()))
            }};
        }
        match self {
            Self::P256(key) => shared!(p256, key),
            Self::P384(key) => shared!(p384, key),
            Self::P521(key) => shared!(p521, key),
            Self::X25519(secret) => {
                let public: [u8; 32] = public.try_into().map_err(|_| refused())?;
                let shared = secret.diffie_hellman(&X25519Public::from(public));
                not_zero(&KeyAlgorithm::X25519, Secret::from(shared.as_bytes().to_vec()))
            }
        }
    }
}

impl Opens for Pair {
    fn decrypt(&self, _scheme: RsaEncryption, _octets: &[u8]) -> Option<Result<Secret, KeyError>> {
        None
    }

    fn agree(&self, public: &[u8]) -> Option<Result<Secret, KeyError>> {
        Some(self.shared(public))
    }
}

impl KeyTransport for RustCrypto {
    /// The portable one does it.
    fn encrypt(&self, _: RsaEncryption, _: &PublicKey, _: &[u8]) -> Option<Result<Vec<u8>, KeyError>> {
        None
    }

    fn agree(&self, with: &PublicKey) -> Option<Result<Agreed, KeyError>> {
        let own = match with.algorithm() {
            KeyAlgorithm::Ec(curve @ (Curve::P256 | Curve::P384 | Curve::P521)) => ephemeral(*curve),
            KeyAlgorithm::X25519 => unknown(32).and_then(|octets| {
                let octets: &[u8; 32] = octets.as_slice().try_into().map_err(|_| number())?;
                Ok(Pair::X25519(StaticSecret::from(*octets)))
            }),
            _ => return None,
        };
        Some(own.and_then(|own| {
            let with = with.bit_string().ok_or_else(strict::not_encrypted)?;
            let shared = own.shared(with).map_err(|_| strict::not_encrypted())?;
            Ok(Agreed { public: own.public(), shared })
        }))
    }
}

/// A new scalar: the first of some that is below the order (FIPS 186-5 appendix A.2.2).
fn ephemeral(curve: Curve) -> Result<Pair, KeyError> {
    for _ in 0..64 {
        let mut scalar = unknown(curve.octets())?;
        if let (Curve::P521, Some(first)) = (curve, scalar.first_mut()) {
            *first &= 1;
        }
        if let Ok(pair) = ec(curve, &scalar) {
            return Ok(pair);
        }
    }
    Err(KeyError::unavailable("no randomness"))
}

fn unknown(length: usize) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut octets = Zeroizing::new(vec![0; length]);
    portable::Portable.fill(&mut octets)?;
    Ok(octets)
}

fn number() -> KeyError {
    KeyError::Malformed("its private number".to_owned())
}
