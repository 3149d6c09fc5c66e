//! Private keys that decrypt, in AWS-LC.

use std::sync::Arc;

use aws_lc_rs::agreement::{self, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
    OaepAlgorithm, OaepPrivateDecryptingKey, Pkcs1PrivateDecryptingKey, PrivateDecryptingKey,
};

use crate::crypto::backend::opener::{Opener, Opens, refused};
use crate::crypto::private::read::{self, does_not_decrypt, halves};
use crate::crypto::private::{Private, consistent, rsa_pkcs8_of};
use crate::crypto::{
    Curve, DecryptionKey, HashAlgorithm, KeyAlgorithm, KeyError, PublicKey, RsaEncryption, Secret,
};

enum Pair {
    Rsa {
        pkcs1: Pkcs1PrivateDecryptingKey,
        oaep: OaepPrivateDecryptingKey,
        /// For what AWS-LC lacks: OAEP with another hash in MGF1.
        #[cfg(feature = "rust-crypto-private-rsa")]
        other: Box<crate::crypto::backend::rust_crypto::rsa::Rsa>,
    },
    Agreement(PrivateKey),
}

pub(super) fn load(pkcs8: &[u8]) -> Result<Arc<dyn DecryptionKey>, KeyError> {
    let (public, pair) = match read::read(pkcs8, read::RSA_DECRYPTS_FROM)? {
        Private::Rsa { der, public } => {
            if matches!(public.algorithm(), KeyAlgorithm::Rsa { pss_only: true, .. }) {
                return Err(does_not_decrypt(&public));
            }
            #[cfg(feature = "rust-crypto-private-rsa")]
            if public.bits() < read::RSA_SIGNS_FROM {
                let pair = crate::crypto::backend::rust_crypto::rsa::Rsa::new(&der)?;
                return Ok(Arc::new(Opener::new(public, pair)));
            }
            let pair = rsa(&der)?;
            (public, pair)
        }
        Private::Ec { curve, scalar, stated } => {
            let key = PrivateKey::from_private_key(algorithm(curve)?, &scalar).map_err(|_| number())?;
            let point = key.compute_public_key().map_err(|_| number())?;
            consistent(point.as_ref(), &stated)?;
            (PublicKey::ec(curve, point.as_ref())?, Pair::Agreement(key))
        }
        Private::X25519 { secret, stated } => {
            let key = PrivateKey::from_private_key(&agreement::X25519, &secret).map_err(|_| number())?;
            let public = key.compute_public_key().map_err(|_| number())?;
            consistent(public.as_ref(), &stated)?;
            let octets = public.as_ref().try_into().map_err(|_| number())?;
            (PublicKey::x25519(octets)?, Pair::Agreement(key))
        }
        Private::Ed25519 { .. } => {
            return Err(KeyError::Unsupported("decryption with Ed25519".to_owned()));
        }
    };
    Ok(Arc::new(Opener::new(public, pair)))
}

/// AWS-LC checks all numbers of the key against each other (RSA_check_key).
fn rsa(der: &[u8]) -> Result<Pair, KeyError> {
    let key = PrivateDecryptingKey::from_pkcs8(&rsa_pkcs8_of(der)).map_err(|_| halves())?;
    Ok(Pair::Rsa {
        pkcs1: Pkcs1PrivateDecryptingKey::new(key.clone()).map_err(|_| halves())?,
        oaep: OaepPrivateDecryptingKey::new(key).map_err(|_| halves())?,
        #[cfg(feature = "rust-crypto-private-rsa")]
        other: Box::new(crate::crypto::backend::rust_crypto::rsa::Rsa::new(der)?),
    })
}

impl Opens for Pair {
    fn decrypt(&self, scheme: RsaEncryption, octets: &[u8]) -> Option<Result<Secret, KeyError>> {
        let Self::Rsa { pkcs1, oaep, .. } = self else { return None };
        // Made before it is known whether there is a failure: one as the other.
        let (failure, mut out) = (refused(), vec![0; octets.len()]);
        let length = match scheme {
            RsaEncryption::Pkcs1 => pkcs1.decrypt(octets, &mut out).map(|out| out.len()),
            RsaEncryption::Oaep { hash, mgf } => match oaep_of(hash, mgf) {
                Some(algorithm) => oaep.decrypt(algorithm, octets, &mut out, None).map(|out| out.len()),
                None => return self.other(scheme, octets),
            },
        };
        out.truncate(*length.as_ref().unwrap_or(&0));
        let secret = Secret::from(out);
        Some(length.map(|_| secret).map_err(|_| failure))
    }

    fn agree(&self, public: &[u8]) -> Option<Result<Secret, KeyError>> {
        let Self::Agreement(key) = self else { return None };
        Some(shared(key, public))
    }
}

impl Pair {
    #[cfg(feature = "rust-crypto-private-rsa")]
    fn other(&self, scheme: RsaEncryption, octets: &[u8]) -> Option<Result<Secret, KeyError>> {
        match self {
            Self::Rsa { other, .. } => other.decrypt(scheme, octets),
            Self::Agreement(_) => None,
        }
    }

    #[cfg(not(feature = "rust-crypto-private-rsa"))]
    fn other(&self, _scheme: RsaEncryption, _octets: &[u8]) -> Option<Result<Secret, KeyError>> {
        None
    }
}

/// The secret shared with a public key, which AWS-LC checks to lie on its curve.
pub(super) fn shared(key: &PrivateKey, public: &[u8]) -> Result<Secret, KeyError> {
    let public = UnparsedPublicKey::new(key.algorithm(), public);
    agreement::agree(key, public, refused(), |shared| Ok(Secret::from(shared.to_vec())))
}

pub(super) fn algorithm(curve: Curve) -> Result<&'static agreement::Algorithm, KeyError> {
    match curve {
        Curve::P256 => Ok(&agreement::ECDH_P256),
        Curve::P384 => Ok(&agreement::ECDH_P384),
        Curve::P521 => Ok(&agreement::ECDH_P521),
        other => Err(KeyError::Unsupported(format!("private keys on {other}"))),
    }
}

pub(super) fn oaep_of(hash: HashAlgorithm, mgf: HashAlgorithm) -> Option<&'static OaepAlgorithm> {
    match (hash, mgf) {
        (HashAlgorithm::Sha1, HashAlgorithm::Sha1) => Some(&OAEP_SHA1_MGF1SHA1),
        (HashAlgorithm::Sha256, HashAlgorithm::Sha256) => Some(&OAEP_SHA256_MGF1SHA256),
        (HashAlgorithm::Sha384, HashAlgorithm::Sha384) => Some(&OAEP_SHA384_MGF1SHA384),
        (HashAlgorithm::Sha512, HashAlgorithm::Sha512) => Some(&OAEP_SHA512_MGF1SHA512),
        _ => None,
    }
}

fn number() -> KeyError {
    KeyError::Malformed("its private number".to_owned())
}
