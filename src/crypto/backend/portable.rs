//! What every build has, in Rust: hashes, and verification of what no other provider knows. No private keys.
//!
//! RSA with any hash and salt, ECDSA on all curves with any hash, Ed448. Not Ed25519.

mod cipher;
mod curves;
mod ed448;
pub(crate) mod mac;
mod rsa;
mod transport;
mod weierstrass;

use std::sync::Arc;

use sha2::Digest as _;
pub(crate) use weierstrass::order;

use super::strict::{self, Checked};
use crate::crypto::provider::{Digest, KeyLoader, SecureRandom, Verifier, VerifyError};
use crate::crypto::{
    HashAlgorithm, KeyAlgorithm, KeyError, Provider, PublicKey, SignatureAlgorithm, SigningKey, ToSign,
};

/// Hashes and verification in Rust, no private keys; in every build.
pub(crate) const PROVIDER: Provider = Provider {
    name: "portable",
    digest,
    verifiers: &[&Portable],
    key_loader: &Portable,
    ciphers: &[&Portable],
    key_transports: &[&Portable],
    key_wraps: &[&Portable],
    random: &Portable,
};

pub(crate) fn sha256(octets: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(octets).into()
}

#[derive(Debug)]
pub(crate) struct Portable;

struct Running<D>(D);

impl<D: sha2::Digest + Clone + Send + 'static> Digest for Running<D> {
    fn update(&mut self, octets: &[u8]) {
        self.0.update(octets);
    }

    fn fork(&self) -> Box<dyn Digest> {
        Box::new(Self(self.0.clone()))
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        self.0.finalize().to_vec()
    }
}

/// Starts a hash; none for MD5.
pub(crate) fn digest(algorithm: HashAlgorithm) -> Option<Box<dyn Digest>> {
    Some(match algorithm {
        HashAlgorithm::Md5 => return None,
        HashAlgorithm::Sha1 => Box::new(Running(sha1::Sha1::new())),
        HashAlgorithm::Sha224 => Box::new(Running(sha2::Sha224::new())),
        HashAlgorithm::Sha256 => Box::new(Running(sha2::Sha256::new())),
        HashAlgorithm::Sha384 => Box::new(Running(sha2::Sha384::new())),
        HashAlgorithm::Sha512 => Box::new(Running(sha2::Sha512::new())),
        HashAlgorithm::Sha3_224 => Box::new(Running(sha3::Sha3_224::new())),
        HashAlgorithm::Sha3_256 => Box::new(Running(sha3::Sha3_256::new())),
        HashAlgorithm::Sha3_384 => Box::new(Running(sha3::Sha3_384::new())),
        HashAlgorithm::Sha3_512 => Box::new(Running(sha3::Sha3_512::new())),
    })
}

/// The digest of some pieces.
pub(in crate::crypto) fn hash(algorithm: HashAlgorithm, pieces: &[&[u8]]) -> Option<Vec<u8>> {
    let mut digest = digest(algorithm)?;
    pieces.iter().for_each(|piece| digest.update(piece));
    Some(digest.finish())
}

impl Verifier for Portable {
    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        key: &PublicKey,
        input: ToSign<'_>,
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        if algorithm == SignatureAlgorithm::Ed25519 {
            return Err(VerifyError::Unsupported);
        }
        let checked = strict::check(algorithm, key, input, signature)?;
        let bits = key.bit_string().ok_or(VerifyError::BadKey)?;
        let numbers = || key.rsa_numbers().ok_or(VerifyError::BadKey);
        let good = match (algorithm, key.algorithm(), checked) {
            (SignatureAlgorithm::RsaPkcs1(hash), _, Checked::Digest(digest)) => {
                rsa::pkcs1(numbers()?, hash, &digest, signature)
            }
            (SignatureAlgorithm::RsaPss { hash, mgf, salt }, _, Checked::Digest(digest)) => {
                rsa::pss(numbers()?, key.bits(), &rsa::Pss { hash, mgf, salt, digest: &digest }, signature)
            }
            (SignatureAlgorithm::Ecdsa(_), KeyAlgorithm::Ec(curve), Checked::Digest(digest)) => {
                weierstrass::verify(*curve, bits, &digest, signature).ok_or(VerifyError::BadKey)?
            }
            (SignatureAlgorithm::Ed448, _, Checked::Message(message)) => {
                ed448::verify(bits, message, signature).ok_or(VerifyError::BadKey)?
            }
            _ => return Err(VerifyError::Unsupported),
        };
        if good { Ok(()) } else { Err(VerifyError::BadSignature) }
    }
}

impl SecureRandom for Portable {
    fn fill(&self, out: &mut [u8]) -> Result<(), KeyError> {
        getrandom::fill(out).map_err(KeyError::unavailable)
    }
}

impl KeyLoader for Portable {
    fn signing_key(&self, _pkcs8: &[u8]) -> Result<Arc<dyn SigningKey>, KeyError> {
        Err(KeyError::Unsupported("private keys need the feature aws-lc or rust-crypto".to_owned()))
    }
}
