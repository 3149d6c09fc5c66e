//! Encryption to public keys in AWS-LC.

use aws_lc_rs::agreement::{self, PrivateKey};
use aws_lc_rs::rsa::{OaepPublicEncryptingKey, Pkcs1PublicEncryptingKey, PublicEncryptingKey};

use super::AwsLc;
use super::decryption::{algorithm, oaep_of, shared};
use crate::crypto::backend::opener::not_zero;
use crate::crypto::backend::strict;
use crate::crypto::{Agreed, KeyAlgorithm, KeyError, KeyTransport, PublicKey, RsaEncryption};

impl KeyTransport for AwsLc {
    fn encrypt(
        &self,
        scheme: RsaEncryption,
        key: &PublicKey,
        octets: &[u8],
    ) -> Option<Result<Vec<u8>, KeyError>> {
        let algorithm = match scheme {
            RsaEncryption::Pkcs1 => None,
            RsaEncryption::Oaep { hash, mgf } => Some(oaep_of(hash, mgf)?),
        };
        if let Err(error) = strict::encrypts(scheme, key) {
            return Some(Err(error));
        }
        let encrypt = || {
            let mut out = vec![0; key.bits().div_ceil(8)];
            let key = PublicEncryptingKey::from_der(key.spki()).ok()?;
            let length = match algorithm {
                None => Pkcs1PublicEncryptingKey::new(key).ok()?.encrypt(octets, &mut out).ok()?.len(),
                Some(algorithm) => {
                    let key = OaepPublicEncryptingKey::new(key).ok()?;
                    key.encrypt(algorithm, octets, &mut out, None).ok()?.len()
                }
            };
            (length == out.len()).then_some(out)
        };
        Some(encrypt().ok_or_else(strict::not_encrypted))
    }

    fn agree(&self, with: &PublicKey) -> Option<Result<Agreed, KeyError>> {
        let algorithm = match with.algorithm() {
            KeyAlgorithm::Ec(curve) => algorithm(*curve).ok()?,
            KeyAlgorithm::X25519 => &agreement::X25519,
            _ => return None,
        };
        Some(agree(algorithm, with))
    }
}

fn agree(algorithm: &'static agreement::Algorithm, with: &PublicKey) -> Result<Agreed, KeyError> {
    let own = PrivateKey::generate(algorithm).map_err(KeyError::unavailable)?;
    let public = own.compute_public_key().map_err(KeyError::unavailable)?.as_ref().to_vec();
    let point = with.bit_string().ok_or_else(strict::not_encrypted)?;
    let shared = shared(&own, point).and_then(|shared| not_zero(with.algorithm(), shared));
    let shared = shared.map_err(|_| strict::not_encrypted())?;
    Ok(Agreed { public, shared })
}
