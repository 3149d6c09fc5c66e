//! RSA encryption to public keys: the paddings of RFC 8017 §7 over the public operation.

use zeroize::Zeroizing;

use super::{Portable, hash, rsa};
use crate::crypto::backend::strict;
use crate::crypto::{Agreed, HashAlgorithm, KeyError, KeyTransport, PublicKey, RsaEncryption, SecureRandom};

impl KeyTransport for Portable {
    fn encrypt(
        &self,
        scheme: RsaEncryption,
        key: &PublicKey,
        octets: &[u8],
    ) -> Option<Result<Vec<u8>, KeyError>> {
        Some(encrypt(scheme, key, octets))
    }

    /// No private halves here.
    fn agree(&self, _with: &PublicKey) -> Option<Result<Agreed, KeyError>> {
        None
    }
}

fn encrypt(scheme: RsaEncryption, key: &PublicKey, octets: &[u8]) -> Result<Vec<u8>, KeyError> {
    strict::encrypts(scheme, key)?;
    let (modulus, exponent) = key.rsa_numbers().ok_or_else(strict::not_encrypted)?;
    let message = match scheme {
        RsaEncryption::Pkcs1 => pkcs1(octets, modulus.len())?,
        RsaEncryption::Oaep { hash, mgf } => oaep(hash, mgf, octets, modulus.len())?,
    };
    rsa::message(modulus, exponent, &message).ok_or_else(strict::not_encrypted)
}

/// Octets that are not known to anyone, none of them zero where `nonzero`.
fn unknown(length: usize, nonzero: bool) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut out = Zeroizing::new(vec![0; length]);
    Portable.fill(&mut out)?;
    if nonzero {
        for octet in out.iter_mut() {
            // Not to end would need a generator that gives nothing but zeros.
            for _ in 0..64 {
                if *octet != 0 {
                    break;
                }
                Portable.fill(std::slice::from_mut(octet))?;
            }
            if *octet == 0 {
                return Err(KeyError::unavailable("no randomness"));
            }
        }
    }
    Ok(out)
}

/// EME-PKCS1-v1_5 (RFC 8017 §7.2.1): 00 02, eight or more octets but zero, 00, the message.
fn pkcs1(octets: &[u8], length: usize) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let filled = length.checked_sub(octets.len() + 3).filter(|filled| *filled >= 8);
    let filling = unknown(filled.ok_or_else(strict::not_encrypted)?, true)?;
    Ok(Zeroizing::new([&[0, 2][..], &filling, &[0], octets].concat()))
}

/// EME-OAEP (RFC 8017 §7.1.1) with an empty label.
fn oaep(
    algorithm: HashAlgorithm,
    mgf: HashAlgorithm,
    octets: &[u8],
    length: usize,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let wrong = strict::not_encrypted;
    let zeros = length.checked_sub(octets.len() + 2 * algorithm.length() + 2).ok_or_else(wrong)?;
    let label = hash(algorithm, &[]).ok_or_else(wrong)?;
    let mut data = Zeroizing::new([&*label, &vec![0; zeros], &[1], octets].concat());
    let mut seed = unknown(algorithm.length(), false)?;
    mask(&mut data, mgf, &seed).ok_or_else(wrong)?;
    mask(&mut seed, mgf, &data).ok_or_else(wrong)?;
    Ok(Zeroizing::new([&[0], &**seed, &**data].concat()))
}

fn mask(octets: &mut [u8], mgf: HashAlgorithm, seed: &[u8]) -> Option<()> {
    let mask = Zeroizing::new(rsa::mgf1(mgf, seed, octets.len())?);
    octets.iter_mut().zip(&**mask).for_each(|(octet, mask)| *octet ^= mask);
    Some(())
}
