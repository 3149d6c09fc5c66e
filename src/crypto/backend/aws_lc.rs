//! AWS-LC: private keys, and verification of everything usual.

mod cipher;
mod decryption;
mod ghash;
mod signing;
mod transport;

use aws_lc_rs::digest as lc_digest;
use aws_lc_rs::signature::{self as lc, ParsedPublicKey, VerificationAlgorithm};

use super::portable;
use super::strict::{self, Checked};
use crate::crypto::provider::{Digest, SecureRandom, Verifier, VerifyError};
use crate::crypto::{
    Curve, HashAlgorithm, KeyAlgorithm, KeyError, Provider, PublicKey, SignatureAlgorithm, ToSign,
};

/// AWS-LC, and the portable verifier for what it lacks.
pub(crate) const PROVIDER: Provider = Provider {
    name: "aws-lc",
    digest,
    verifiers: &[&AwsLc, &portable::Portable],
    key_loader: &AwsLc,
    ciphers: &[&AwsLc, &portable::Portable],
    key_transports: &[&AwsLc, &portable::Portable],
    key_wraps: &[&portable::Portable],
    random: &AwsLc,
};

#[derive(Debug)]
pub(crate) struct AwsLc;

struct Running(lc_digest::Context);

impl Digest for Running {
    fn update(&mut self, octets: &[u8]) {
        self.0.update(octets);
    }

    fn fork(&self) -> Box<dyn Digest> {
        Box::new(Self(self.0.clone()))
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        self.0.finish().as_ref().to_vec()
    }
}

/// AWS-LC's SHA-2 is the faster one (SHA-512 by half, SHA-256 is equal); the rest is Rust's.
fn digest(algorithm: HashAlgorithm) -> Option<Box<dyn Digest>> {
    match algorithm {
        HashAlgorithm::Sha256 | HashAlgorithm::Sha384 | HashAlgorithm::Sha512 => {
            Some(Box::new(Running(lc_digest::Context::new(hash(algorithm)?))))
        }
        _ => portable::digest(algorithm),
    }
}

fn hash(algorithm: HashAlgorithm) -> Option<&'static lc_digest::Algorithm> {
    Some(match algorithm {
        HashAlgorithm::Sha1 => &lc_digest::SHA1_FOR_LEGACY_USE_ONLY,
        HashAlgorithm::Sha224 => &lc_digest::SHA224,
        HashAlgorithm::Sha256 => &lc_digest::SHA256,
        HashAlgorithm::Sha384 => &lc_digest::SHA384,
        HashAlgorithm::Sha512 => &lc_digest::SHA512,
        HashAlgorithm::Sha3_384 => &lc_digest::SHA3_384,
        HashAlgorithm::Sha3_512 => &lc_digest::SHA3_512,
        _ => return None,
    })
}

impl Verifier for AwsLc {
    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        key: &PublicKey,
        input: ToSign<'_>,
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        let parameters = parameters(algorithm, key.algorithm()).ok_or(VerifyError::Unsupported)?;
        let checked = strict::check(algorithm, key, input, signature)?;
        if let Some(parsed) = key.kept::<Parsed>().filter(|parsed| parsed.algorithm == algorithm) {
            return parsed.verify(&checked, signature);
        }
        let octets = key.bit_string().ok_or(VerifyError::BadKey)?;
        let parsed = ParsedPublicKey::new(parameters, octets).map_err(|_| VerifyError::BadKey)?;
        let parsed = Parsed { algorithm, key: parsed };
        let result = parsed.verify(&checked, signature);
        key.keep(parsed);
        result
    }
}

/// A key for signatures of one algorithm.
struct Parsed {
    algorithm: SignatureAlgorithm,
    key: ParsedPublicKey,
}

impl Parsed {
    fn verify(&self, checked: &Checked<'_>, signature: &[u8]) -> Result<(), VerifyError> {
        let result = match checked {
            Checked::Message(message) => self.key.verify_sig(message, signature),
            Checked::Digest(value) => {
                let hash = self.algorithm.hash().and_then(hash).ok_or(VerifyError::Unsupported)?;
                lc_digest::Digest::import_less_safe(value, hash)
                    .and_then(|digest| self.key.verify_digest_sig(&digest, signature))
            }
        };
        result.map_err(|_| VerifyError::BadSignature)
    }
}

/// What AWS-LC calls this; none for what it does not verify.
fn parameters(
    algorithm: SignatureAlgorithm,
    key: &KeyAlgorithm,
) -> Option<&'static dyn VerificationAlgorithm> {
    match (algorithm, key) {
        (SignatureAlgorithm::RsaPkcs1(hash), KeyAlgorithm::Rsa { bits, .. }) => pkcs1(hash, *bits),
        (SignatureAlgorithm::RsaPss { hash, mgf, salt }, KeyAlgorithm::Rsa { bits, .. })
            if mgf == hash && salt == hash.length() && *bits >= 2048 =>
        {
            pss(hash)
        }
        (SignatureAlgorithm::Ecdsa(hash), KeyAlgorithm::Ec(curve)) => ecdsa(*curve, hash),
        (SignatureAlgorithm::Ed25519, KeyAlgorithm::Ed25519) => Some(&lc::ED25519),
        _ => None,
    }
}

fn pkcs1(hash: HashAlgorithm, bits: usize) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (hash, bits >= 2048) {
        (HashAlgorithm::Sha1, true) => &lc::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (HashAlgorithm::Sha256, true) => &lc::RSA_PKCS1_2048_8192_SHA256,
        (HashAlgorithm::Sha384, true) => &lc::RSA_PKCS1_2048_8192_SHA384,
        (HashAlgorithm::Sha512, true) => &lc::RSA_PKCS1_2048_8192_SHA512,
        (HashAlgorithm::Sha1, false) => &lc::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (HashAlgorithm::Sha256, false) => &lc::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        (HashAlgorithm::Sha512, false) => &lc::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        _ => return None,
    })
}

fn pss(hash: HashAlgorithm) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match hash {
        HashAlgorithm::Sha256 => &lc::RSA_PSS_2048_8192_SHA256,
        HashAlgorithm::Sha384 => &lc::RSA_PSS_2048_8192_SHA384,
        HashAlgorithm::Sha512 => &lc::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

fn ecdsa(curve: Curve, hash: HashAlgorithm) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (curve, hash) {
        (Curve::P256, HashAlgorithm::Sha1) => &lc::ECDSA_P256_SHA1_ASN1,
        (Curve::P256, HashAlgorithm::Sha256) => &lc::ECDSA_P256_SHA256_ASN1,
        (Curve::P256, HashAlgorithm::Sha384) => &lc::ECDSA_P256_SHA384_ASN1,
        (Curve::P256, HashAlgorithm::Sha512) => &lc::ECDSA_P256_SHA512_ASN1,
        (Curve::P384, HashAlgorithm::Sha256) => &lc::ECDSA_P384_SHA256_ASN1,
        (Curve::P384, HashAlgorithm::Sha384) => &lc::ECDSA_P384_SHA384_ASN1,
        (Curve::P384, HashAlgorithm::Sha512) => &lc::ECDSA_P384_SHA512_ASN1,
        (Curve::P384, HashAlgorithm::Sha3_384) => &lc::ECDSA_P384_SHA3_384_ASN1,
        (Curve::P521, HashAlgorithm::Sha1) => &lc::ECDSA_P521_SHA1_ASN1,
        (Curve::P521, HashAlgorithm::Sha224) => &lc::ECDSA_P521_SHA224_ASN1,
        (Curve::P521, HashAlgorithm::Sha256) => &lc::ECDSA_P521_SHA256_ASN1,
        (Curve::P521, HashAlgorithm::Sha384) => &lc::ECDSA_P521_SHA384_ASN1,
        (Curve::P521, HashAlgorithm::Sha512) => &lc::ECDSA_P521_SHA512_ASN1,
        (Curve::P521, HashAlgorithm::Sha3_512) => &lc::ECDSA_P521_SHA3_512_ASN1,
        _ => return None,
    })
}

impl SecureRandom for AwsLc {
    fn fill(&self, out: &mut [u8]) -> Result<(), KeyError> {
        aws_lc_rs::rand::fill(out).map_err(KeyError::unavailable)
    }
}
