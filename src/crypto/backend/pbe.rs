//! Password-based encryption and integrity of key files: PBES2 (RFC 8018), the schemes of PKCS#12 (RFC 7292 appendix B
//! and C), PBMAC1 (RFC 9579).
//!
//! - [`decrypt`]: by whatever scheme an AlgorithmIdentifier names.
//! - [`encrypt`], [`mac`]: the way back, in the forms that mailseal writes.
//! - [`Mac`]: the MAC over a PKCS#12 file.
//! - [`Budget`]: every derivation takes its iterations from it, before it begins.

mod write;

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, InnerIvInit, KeyIvInit};
use const_oid::ObjectIdentifier;
use der::asn1::OctetStringRef;
use der::{Decode, Sequence};
use pkcs5::pbes2::{Kdf, PBES2_OID, Parameters, Pbkdf2Params, Pbkdf2Prf};
use sha1::{Digest, Sha1};
use sha2::{Sha224, Sha256, Sha384, Sha512};
use spki::AlgorithmIdentifierRef;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::portable::mac::{hmac, pbkdf2};
use crate::crypto::{HashAlgorithm, KeyError, algorithm};
use crate::error::Error;
use crate::limits::Limits;

pub(crate) use write::{Form, encrypt, mac, number};

/// A password in the forms that the schemes want.
pub(crate) struct Password {
    utf8: Zeroizing<Vec<u8>>,
    /// BMPString with its two final zeros (RFC 7292 appendix B.1). The empty password is also met without them.
    bmp: Vec<Zeroizing<Vec<u8>>>,
}

impl Password {
    pub(crate) fn new(text: &str) -> Self {
        let mut bmp = Zeroizing::new(Vec::with_capacity(2 * text.len() + 2));
        text.encode_utf16().chain([0]).for_each(|unit| bmp.extend_from_slice(&unit.to_be_bytes()));
        let absent = text.is_empty().then(|| Zeroizing::new(Vec::new()));
        Self {
            utf8: Zeroizing::new(text.as_bytes().to_vec()),
            bmp: [Some(bmp), absent].into_iter().flatten().collect(),
        }
    }
}

/// Iterations and memory that all derivations for one file may take together (threats D6).
pub(crate) struct Budget {
    left: u32,
    iterations: u32,
    memory: usize,
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            left: limits.kdf_iterations,
            iterations: limits.kdf_iterations,
            memory: limits.kdf_memory_bytes,
        }
    }

    fn take(&mut self, iterations: u64) -> Result<(), Error> {
        let left = u32::try_from(iterations).ok().and_then(|iterations| self.left.checked_sub(iterations));
        let limit = Error::Limit { name: "kdf_iterations", limit: self.iterations.into() };
        self.left = left.ok_or(limit)?;
        Ok(())
    }

    /// scrypt (RFC 7914): 128·N·r octets of memory, and N·r·p steps, which count as iterations.
    fn take_scrypt(&mut self, cost: u64, block: u16, parallel: u16) -> Result<(), Error> {
        let memory = cost.saturating_mul(128).saturating_mul(block.into());
        if usize::try_from(memory).map_or(true, |memory| memory > self.memory) {
            let limit = u64::try_from(self.memory).unwrap_or(u64::MAX);
            return Err(Error::Limit { name: "kdf_memory_bytes", limit });
        }
        self.take(cost.saturating_mul(block.into()).saturating_mul(parallel.into()))
    }
}

/// Decrypts what must be a DER SEQUENCE. Anything else is a wrong password.
pub(crate) fn decrypt(
    identifier: &[u8],
    password: &Password,
    ciphertext: &[u8],
    budget: &mut Budget,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let read = AlgorithmIdentifierRef::from_der(identifier).map_err(|_| malformed("algorithm"))?;
    let utf8 = std::iter::once(&password.utf8);
    // Old NSS derives PBES2 keys from the BMPString as well.
    let passwords: Vec<_> = match read.oid {
        PBES2_OID => utf8.chain(password.bmp.first()).collect(),
        _ => password.bmp.iter().collect(),
    };
    for password in passwords {
        let plaintext = match read.oid {
            PBES2_OID => pbes2(&read, password, ciphertext, budget)?,
            _ => pkcs12_pbe(&read, password, ciphertext, budget)?,
        };
        if let Some(plaintext) = plaintext.filter(|plaintext| plaintext.first() == Some(&0x30)) {
            return Ok(plaintext);
        }
    }
    Err(KeyError::WrongPassword.into())
}

fn malformed(what: &str) -> Error {
    KeyError::Malformed(format!("{what} of the encryption")).into()
}

fn unsupported(what: impl std::fmt::Display) -> Error {
    KeyError::Unsupported(format!("encryption with {what}")).into()
}

type Plaintext = Option<Zeroizing<Vec<u8>>>;

fn pbes2(
    identifier: &AlgorithmIdentifierRef<'_>,
    password: &[u8],
    ciphertext: &[u8],
    budget: &mut Budget,
) -> Result<Plaintext, Error> {
    let parameters = identifier.parameters.ok_or_else(|| malformed("parameters"))?;
    let parameters = Parameters::try_from(parameters).map_err(unsupported)?;
    match &parameters.kdf {
        Kdf::Pbkdf2(pbkdf2) => budget.take(pbkdf2.iteration_count.into())?,
        Kdf::Scrypt(scrypt) => {
            budget.take_scrypt(scrypt.cost_parameter, scrypt.block_size, scrypt.parallelization)?;
        }
        _ => return Err(unsupported("an unknown derivation")),
    }
    match parameters.decrypt(password, ciphertext) {
        Ok(plaintext) => Ok(Some(Zeroizing::new(plaintext))),
        Err(pkcs5::Error::DecryptFailed | pkcs5::Error::EncryptFailed) => Ok(None),
        Err(other) => Err(unsupported(other)),
    }
}

/// ```text
/// pkcs-12PbeParams ::= SEQUENCE { salt OCTET STRING, iterations INTEGER }
/// ```
#[derive(Sequence)]
struct PbeParameters<'a> {
    salt: &'a OctetStringRef,
    iterations: u32,
}

/// RFC 7292 appendix C. Without RC4.
fn pkcs12_pbe(
    identifier: &AlgorithmIdentifierRef<'_>,
    password: &[u8],
    ciphertext: &[u8],
    budget: &mut Budget,
) -> Result<Plaintext, Error> {
    let key_length = match identifier.oid {
        PBE_3DES => 24,
        PBE_2DES | PBE_RC2_128 => 16,
        PBE_RC2_40 => 5,
        other => return Err(unsupported(other)),
    };
    let parameters = identifier.parameters.and_then(|any| any.decode_as::<PbeParameters<'_>>().ok());
    let parameters = parameters.ok_or_else(|| malformed("parameters"))?;
    budget.take(u64::from(parameters.iterations) * 3)?;
    let derive = |id, length| {
        let derivation =
            Derivation { id, password, salt: parameters.salt.as_bytes(), iterations: parameters.iterations };
        derivation.derive::<Sha1>(64, length)
    };
    let (mut key, iv) = (derive(1, key_length), derive(2, 8));
    let plaintext = match identifier.oid {
        PBE_RC2_128 | PBE_RC2_40 => {
            let cipher = rc2::Rc2::new_with_eff_key_len(&key, key_length * 8);
            let mode = cbc::Decryptor::inner_iv_slice_init(cipher, &iv).map_err(|_| malformed("key"))?;
            mode.decrypt_padded_vec::<Pkcs7>(ciphertext)
        }
        _ => {
            // Two keys: the first again as the third.
            let first = Zeroizing::new(key.iter().copied().take(24 - key_length).collect::<Vec<_>>());
            key.extend_from_slice(&first);
            let mode =
                cbc::Decryptor::<des::TdesEde3>::new_from_slices(&key, &iv).map_err(|_| malformed("key"))?;
            mode.decrypt_padded_vec::<Pkcs7>(ciphertext)
        }
    };
    Ok(plaintext.ok().map(Zeroizing::new))
}

/// What RFC 7292 appendix B.2 derives key material from.
struct Derivation<'a> {
    id: u8,
    password: &'a [u8],
    salt: &'a [u8],
    iterations: u32,
}

impl Derivation<'_> {
    /// `block` is the hash's block length (v).
    fn derive<D: Digest>(&self, block: usize, length: usize) -> Zeroizing<Vec<u8>> {
        let fill = |octets: &[u8]| -> Vec<u8> {
            octets.iter().copied().cycle().take(octets.len().div_ceil(block) * block).collect()
        };
        let diversifier = vec![self.id; block];
        let mut input = Zeroizing::new([fill(self.salt), fill(self.password)].concat());
        // Room for the last digest, so that the key is never moved.
        let mut out = Zeroizing::new(Vec::with_capacity(length + 128));
        loop {
            let mut digest = D::new().chain_update(&diversifier).chain_update(&input[..]).finalize();
            for _ in 1..self.iterations {
                digest = D::digest(&digest);
            }
            out.extend_from_slice(&digest);
            if out.len() >= length {
                out.truncate(length);
                return out;
            }
            for chunk in input.chunks_mut(block) {
                add_plus_one(chunk, &digest);
            }
        }
    }
}

/// chunk + digest (repeated to its length) + 1, the overflow dropped.
fn add_plus_one(chunk: &mut [u8], digest: &[u8]) {
    let repeated: Vec<u8> = digest.iter().copied().cycle().take(chunk.len()).collect();
    let mut carry = 1_u16;
    for (octet, addend) in chunk.iter_mut().zip(&repeated).rev() {
        let [high, low] = (u16::from(*octet) + u16::from(*addend) + carry).to_be_bytes();
        (*octet, carry) = (low, u16::from(high));
    }
}

/// MacData of PKCS#12 (RFC 7292 §4).
pub(crate) struct Mac<'a> {
    /// DER AlgorithmIdentifier: of a hash, or PBMAC1.
    pub(crate) identifier: &'a [u8],
    pub(crate) digest: &'a [u8],
    /// Not for PBMAC1, as `iterations`.
    pub(crate) salt: &'a [u8],
    pub(crate) iterations: u32,
}

/// ```text
/// PBMAC1-params ::= SEQUENCE { keyDerivationFunc AlgorithmIdentifier, messageAuthScheme AlgorithmIdentifier }
/// ```
#[derive(Sequence)]
struct Pbmac1Parameters<'a> {
    derivation: AlgorithmIdentifierRef<'a>,
    scheme: AlgorithmIdentifierRef<'a>,
}

impl Mac<'_> {
    /// Whether the MAC over `content` is right. If it is, only the form of the password that made it so is kept.
    pub(crate) fn verify(
        &self,
        content: &[u8],
        password: &mut Password,
        budget: &mut Budget,
    ) -> Result<bool, Error> {
        let read = AlgorithmIdentifierRef::from_der(self.identifier).map_err(|_| malformed("MAC"))?;
        if read.oid == PBMAC1 {
            return self.pbmac1(&read, content, password, budget);
        }
        let hash =
            algorithm::digest(self.identifier).map_err(|error| unsupported(format!("a MAC: {error}")))?;
        for index in 0..password.bmp.len() {
            budget.take(self.iterations.into())?;
            let Some(form) = password.bmp.get(index) else { break };
            let derivation =
                Derivation { id: 3, password: form, salt: self.salt, iterations: self.iterations };
            let key = mac_key(hash, &derivation).ok_or_else(|| unsupported(hash))?;
            if self.matches(hash, &key, content) {
                password.bmp = vec![password.bmp.swap_remove(index)];
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn matches(&self, hash: HashAlgorithm, key: &[u8], content: &[u8]) -> bool {
        hmac(hash, key, &[content]).is_some_and(|digest| digest.ct_eq(self.digest).into())
    }

    fn pbmac1(
        &self,
        identifier: &AlgorithmIdentifierRef<'_>,
        content: &[u8],
        password: &Password,
        budget: &mut Budget,
    ) -> Result<bool, Error> {
        let parameters = identifier.parameters.and_then(|any| any.decode_as::<Pbmac1Parameters<'_>>().ok());
        let parameters = parameters.ok_or_else(|| malformed("PBMAC1"))?;
        let Ok(Kdf::Pbkdf2(pbkdf2)) = Kdf::try_from(parameters.derivation) else {
            return Err(unsupported("PBMAC1 without PBKDF2"));
        };
        let scheme = Pbkdf2Prf::try_from(parameters.scheme).map_err(|_| unsupported("the MAC of PBMAC1"))?;
        // RFC 9579 §5: keyLength must be there; threats D6: at most 64, and below 20 it protects nothing.
        let length = usize::from(pbkdf2.key_length.ok_or_else(|| malformed("PBMAC1"))?);
        if !(20..=64).contains(&length) {
            return Err(malformed("key length"));
        }
        budget.take(u64::from(pbkdf2.iteration_count) * 4)?;
        let key = derive_pbkdf2(&pbkdf2, &password.utf8, length)?;
        Ok(self.matches(hash_of(scheme), &key, content))
    }
}

fn mac_key(hash: HashAlgorithm, derivation: &Derivation<'_>) -> Option<Zeroizing<Vec<u8>>> {
    Some(match hash {
        HashAlgorithm::Sha1 => derivation.derive::<Sha1>(64, 20),
        HashAlgorithm::Sha224 => derivation.derive::<Sha224>(64, 28),
        HashAlgorithm::Sha256 => derivation.derive::<Sha256>(64, 32),
        HashAlgorithm::Sha384 => derivation.derive::<Sha384>(128, 48),
        HashAlgorithm::Sha512 => derivation.derive::<Sha512>(128, 64),
        _ => return None,
    })
}

/// MD5 stands for what this crate does not know.
fn hash_of(prf: Pbkdf2Prf) -> HashAlgorithm {
    match prf {
        Pbkdf2Prf::HmacWithSha1 => HashAlgorithm::Sha1,
        Pbkdf2Prf::HmacWithSha224 => HashAlgorithm::Sha224,
        Pbkdf2Prf::HmacWithSha256 => HashAlgorithm::Sha256,
        Pbkdf2Prf::HmacWithSha384 => HashAlgorithm::Sha384,
        Pbkdf2Prf::HmacWithSha512 => HashAlgorithm::Sha512,
        _ => HashAlgorithm::Md5,
    }
}

fn derive_pbkdf2(
    parameters: &Pbkdf2Params,
    password: &[u8],
    length: usize,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (salt, iterations) = (parameters.salt.as_bytes(), parameters.iteration_count);
    pbkdf2(hash_of(parameters.prf), password, salt, iterations, length)
        .ok_or_else(|| unsupported("the derivation of PBMAC1"))
}

const PBE_3DES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.3");
const PBE_2DES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.4");
const PBE_RC2_128: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.5");
const PBE_RC2_40: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.6");
const PBMAC1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.14");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_with_carry() {
        let mut chunk = [0x00, 0xff, 0xff];
        add_plus_one(&mut chunk, &[0, 0]);
        assert_eq!(chunk, [1, 0, 0]);
        add_plus_one(&mut chunk, &[0xff]);
        assert_eq!(chunk, [1, 0, 0]);
    }

    #[test]
    fn d6_budget_is_for_all_derivations_together() {
        let mut budget = Budget::new(&Limits::default().kdf_iterations(100));
        assert!(budget.take(60).is_ok());
        assert!(matches!(budget.take(60), Err(Error::Limit { name: "kdf_iterations", limit: 100 })));
        assert!(matches!(
            budget.take_scrypt(1 << 40, 8, 1),
            Err(Error::Limit { name: "kdf_memory_bytes", .. })
        ));
    }
}
