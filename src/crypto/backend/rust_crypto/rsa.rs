//! RSA private keys with the `rsa` crate, whose timing leaks (RUSTSEC-2023-0071): asked for by its own feature.

use der::Decode;
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::pss::Pss;
use rsa::{BoxedUint, RsaPrivateKey};

use crate::crypto::algorithm::digest_info;
use crate::crypto::backend::signer::Arithmetic;
use crate::crypto::private::RsaNumbers;
use crate::crypto::private::read::halves;
use crate::crypto::{HashAlgorithm, KeyError, SignatureAlgorithm, SignatureScheme};

pub(super) struct Rsa(RsaPrivateKey);

impl Rsa {
    /// Of DER RSAPrivateKey. `rsa` checks the numbers against each other and computes the CRT ones anew.
    pub(super) fn new(der: &[u8]) -> Result<Self, KeyError> {
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
