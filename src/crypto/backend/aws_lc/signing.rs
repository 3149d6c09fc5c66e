//! Private keys in AWS-LC.

use std::sync::Arc;

use aws_lc_rs::digest::Digest;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self as lc, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RsaEncoding, RsaKeyPair,
};

use super::{AwsLc, hash};
use crate::crypto::backend::signer::{Arithmetic, InMemory};
use crate::crypto::private::read::{self, halves};
use crate::crypto::private::{self, Private, consistent};
use crate::crypto::provider::KeyLoader;
use crate::crypto::{
    Curve, DecryptionKey, KeyError, NewKeyAlgorithm, PublicKey, Secret, SignatureScheme, SigningKey,
};

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl KeyLoader for AwsLc {
    fn signing_key(&self, pkcs8: &[u8]) -> Result<Arc<dyn SigningKey>, KeyError> {
        let (public, pair) = match read::read(pkcs8, read::RSA_SIGNS_FROM)? {
            // AWS-LC checks all numbers of the key against each other (RSA_check_key).
            Private::Rsa { der, public } => {
                (public, Pair::Rsa(RsaKeyPair::from_der(&der).map_err(|_| halves())?))
            }
            Private::Ec { curve, scalar, stated } => {
                // Without the points that stand beside it: the public half is computed.
                let alone = private::ec_pkcs8(curve, &scalar, None)?;
                let pair = EcdsaKeyPair::from_pkcs8(ecdsa(curve)?, &alone).map_err(|_| scalar_refused())?;
                consistent(pair.public_key().as_ref(), &stated)?;
                (PublicKey::ec(curve, pair.public_key().as_ref())?, Pair::Ec(pair))
            }
            Private::Ed25519 { seed, stated } => {
                let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| scalar_refused())?;
                consistent(pair.public_key().as_ref(), &stated)?;
                let public = pair.public_key().as_ref().try_into().map_err(|_| scalar_refused())?;
                (PublicKey::ed25519(public)?, Pair::Ed25519(pair))
            }
            Private::X25519 { .. } => return Err(read::does_not_sign()),
        };
        Ok(Arc::new(InMemory::new(public, pair)))
    }

    fn decryption_key(&self, pkcs8: &[u8]) -> Result<Arc<dyn DecryptionKey>, KeyError> {
        super::decryption::load(pkcs8)
    }

    /// Constant time, by AWS-LC's own generator. PKCS#8 of version 1, which every program reads.
    fn generate(&self, algorithm: NewKeyAlgorithm) -> Result<Secret, KeyError> {
        let ec = |curve| EcdsaKeyPair::generate(ecdsa(curve)?).map_err(KeyError::unavailable);
        let rsa = |size| {
            let pair = RsaKeyPair::generate(size).map_err(KeyError::unavailable)?;
            let der: Pkcs8V1Der<'_> = pair.as_der().map_err(KeyError::unavailable)?;
            Ok(der.as_ref().to_vec().into())
        };
        let pair = match algorithm {
            NewKeyAlgorithm::P256 => ec(Curve::P256)?,
            NewKeyAlgorithm::P384 => ec(Curve::P384)?,
            NewKeyAlgorithm::P521 => ec(Curve::P521)?,
            NewKeyAlgorithm::Rsa3072 => return rsa(KeySize::Rsa3072),
            NewKeyAlgorithm::Rsa4096 => return rsa(KeySize::Rsa4096),
            NewKeyAlgorithm::Ed25519 => {
                let pair = Ed25519KeyPair::generate().map_err(KeyError::unavailable)?;
                let der = pair.to_pkcs8v1().map_err(KeyError::unavailable)?;
                return Ok(der.as_ref().to_vec().into());
            }
        };
        Ok(pair.to_pkcs8v1().map_err(KeyError::unavailable)?.as_ref().to_vec().into())
    }
}

impl Arithmetic for Pair {
    fn sign(&self, scheme: SignatureScheme, input: &[u8]) -> Result<Vec<u8>, KeyError> {
        let failed = |_| KeyError::Unsupported(format!("AWS-LC failed to sign with {scheme}"));
        let digest = || {
            let hash = hash(scheme.hash()).ok_or_else(|| KeyError::Unsupported(scheme.to_string()))?;
            Digest::import_less_safe(input, hash).map_err(failed)
        };
        match self {
            Self::Rsa(pair) => {
                let encoding = rsa(scheme).ok_or_else(|| KeyError::Unsupported(scheme.to_string()))?;
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign_digest(encoding, &digest()?, &mut signature).map_err(failed)?;
                Ok(signature)
            }
            Self::Ec(pair) => Ok(pair.sign_digest(&digest()?).map_err(failed)?.as_ref().to_vec()),
            Self::Ed25519(pair) => Ok(pair.try_sign(input).map_err(failed)?.as_ref().to_vec()),
        }
    }
}

fn ecdsa(curve: Curve) -> Result<&'static EcdsaSigningAlgorithm, KeyError> {
    match curve {
        Curve::P256 => Ok(&lc::ECDSA_P256_SHA256_ASN1_SIGNING),
        Curve::P384 => Ok(&lc::ECDSA_P384_SHA384_ASN1_SIGNING),
        Curve::P521 => Ok(&lc::ECDSA_P521_SHA512_ASN1_SIGNING),
        other => Err(KeyError::Unsupported(format!("private keys on {other}"))),
    }
}

fn rsa(scheme: SignatureScheme) -> Option<&'static dyn RsaEncoding> {
    Some(match scheme {
        SignatureScheme::RsaPkcs1Sha256 => &lc::RSA_PKCS1_SHA256,
        SignatureScheme::RsaPkcs1Sha384 => &lc::RSA_PKCS1_SHA384,
        SignatureScheme::RsaPkcs1Sha512 => &lc::RSA_PKCS1_SHA512,
        SignatureScheme::RsaPssSha256 => &lc::RSA_PSS_SHA256,
        SignatureScheme::RsaPssSha384 => &lc::RSA_PSS_SHA384,
        SignatureScheme::RsaPssSha512 => &lc::RSA_PSS_SHA512,
        _ => return None,
    })
}

fn scalar_refused() -> KeyError {
    KeyError::Malformed("its private number".to_owned())
}
