//! RSA private keys with the `rsa` crate, whose timing leaks (RUSTSEC-2023-0071): asked for by its own feature.

use der::Decode;
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::pss::Pss;
use rsa::rand_core::SeedableRng;
use rsa::{BoxedUint, Oaep, Pkcs1v15Encrypt, RsaPrivateKey};

use crate::crypto::algorithm::digest_info;
use crate::crypto::backend::opener::{Opens, refused};
use crate::crypto::backend::portable::Portable;
use crate::crypto::backend::signer::Arithmetic;
use crate::crypto::private::RsaNumbers;
use crate::crypto::private::read::halves;
use crate::crypto::{
    HashAlgorithm, KeyError, RsaEncryption, Secret, SecureRandom, SignatureAlgorithm, SignatureScheme,
};

pub(in crate::crypto::backend) struct Rsa(RsaPrivateKey);

impl Rsa {
    /// Of DER RSAPrivateKey. `rsa` checks the numbers against each other and computes the CRT ones anew.
    pub(in crate::crypto::backend) fn new(der: &[u8]) -> Result<Self, KeyError> {
        let numbers = RsaNumbers::from_der(der).map_err(|_| halves())?;
        let number = |uint: &der::asn1::UintRef<'_>| BoxedUint::from_be_slice_vartime(uint.as_bytes());
        let key = RsaPrivateKey::from_components(
            number(&numbers.modulus),
            number(&numbers.public_exponent),
            number(&numbers.private_exponent),
            vec![number(&numbers.prime1), number(&numbers.prime2)],
        );
        Ok(Self(key.map_err(|_| halves())?))
    }
}

impl Arithmetic for Rsa {
    fn sign(&self, scheme: SignatureScheme, input: &[u8]) -> Result<Vec<u8>, KeyError> {
        let signature = match scheme.algorithm() {
            SignatureAlgorithm::RsaPkcs1(hash) => {
                let scheme = Pkcs1v15Sign { hash_len: None, prefix: Box::new([]) };
                self.0.sign(scheme, &digest_info(hash, input))
            }
            SignatureAlgorithm::RsaPss { hash: HashAlgorithm::Sha256, .. } => {
                self.0.sign(Pss::<sha2::Sha256>::new(), input)
            }
            SignatureAlgorithm::RsaPss { hash: HashAlgorithm::Sha384, .. } => {
                self.0.sign(Pss::<sha2::Sha384>::new(), input)
            }
            SignatureAlgorithm::RsaPss { hash: HashAlgorithm::Sha512, .. } => {
                self.0.sign(Pss::<sha2::Sha512>::new(), input)
            }
            _ => return Err(KeyError::Unsupported(scheme.to_string())),
        };
        signature.map_err(|error| KeyError::Unsupported(format!("{scheme}: {error}")))
    }
}

impl Opens for Rsa {
    /// Blinded. What PKCS #1 v1.5 has no padding for becomes octets that nobody chose (draft-irtf-cfrg-rsa-guidance §7).
    fn decrypt(&self, scheme: RsaEncryption, octets: &[u8]) -> Option<Result<Secret, KeyError>> {
        use HashAlgorithm::{Sha1, Sha256, Sha384, Sha512};
        let mut seed = zeroize::Zeroizing::new([0; 32]);
        if let Err(error) = Portable.fill(&mut *seed) {
            return Some(Err(error));
        }
        let mut random = chacha20::ChaCha20Rng::from_seed(*seed);
        macro_rules! oaep {
            ($hash:ty, $mgf:expr) => {
                match $mgf {
                    Sha1 => self.0.decrypt_blinded(
                        &mut random,
                        Oaep::<$hash, sha1::Sha1>::new_with_mgf_hash(),
                        octets,
                    ),
                    Sha256 => self.0.decrypt_blinded(
                        &mut random,
                        Oaep::<$hash, sha2::Sha256>::new_with_mgf_hash(),
                        octets,
                    ),
                    Sha384 => self.0.decrypt_blinded(
                        &mut random,
                        Oaep::<$hash, sha2::Sha384>::new_with_mgf_hash(),
                        octets,
                    ),
                    Sha512 => self.0.decrypt_blinded(
                        &mut random,
                        Oaep::<$hash, sha2::Sha512>::new_with_mgf_hash(),
                        octets,
                    ),
                    _ => return None,
                }
            };
        }
        let opened = match scheme {
            RsaEncryption::Pkcs1 => self.0.decrypt_blinded(&mut random, Pkcs1v15Encrypt, octets),
            RsaEncryption::Oaep { hash: Sha1, mgf } => oaep!(sha1::Sha1, mgf),
            RsaEncryption::Oaep { hash: Sha256, mgf } => oaep!(sha2::Sha256, mgf),
            RsaEncryption::Oaep { hash: Sha384, mgf } => oaep!(sha2::Sha384, mgf),
            RsaEncryption::Oaep { hash: Sha512, mgf } => oaep!(sha2::Sha512, mgf),
            RsaEncryption::Oaep { .. } => return None,
        };
        Some(opened.map(Secret::from).map_err(|_| refused()))
    }

    fn agree(&self, _public: &[u8]) -> Option<Result<Secret, KeyError>> {
        None
    }
}
