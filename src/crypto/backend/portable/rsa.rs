//! RSA verification with any hash, salt and mask (RFC 8017 §8.1.2, §8.2.2), and the public operation of encryption.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use subtle::ConstantTimeEq;

use super::hash;
use crate::crypto::HashAlgorithm;
use crate::crypto::algorithm::digest_info;
use crate::crypto::ecdsa::left_padded;

/// RSAVP1 (which is RSAEP) and I2OSP: `None` where the signature is not below the modulus, or the modulus is even.
/// The time does not depend on what is raised to the exponent.
pub(super) fn message(modulus: &[u8], exponent: &[u8], signature: &[u8]) -> Option<Vec<u8>> {
    let n = BoxedUint::from_be_slice_vartime(modulus);
    let s = BoxedUint::from_be_slice(signature, n.bits_precision()).ok()?;
    if s >= n {
        return None;
    }
    let e = BoxedUint::from_be_slice_vartime(exponent);
    let params = BoxedMontyParams::new_vartime(Odd::new(n).into_option()?);
    let m = BoxedMontyForm::new(s, &params).pow_bounded_exp(&e, e.bits_vartime()).retrieve();
    left_padded(&m.to_be_bytes_trimmed_vartime(), modulus.len())
}

/// RSASSA-PKCS1-v1_5: builds the one right encoding and compares (R-B8). Nothing of the signature is parsed.
pub(super) fn pkcs1(numbers: (&[u8], &[u8]), hash: HashAlgorithm, digest: &[u8], signature: &[u8]) -> bool {
    let Some(message) = message(numbers.0, numbers.1, signature) else { return false };
    let info = digest_info(hash, digest);
    // 00 01 FF.. 00 DigestInfo, with eight or more of FF.
    let Some(filled) = message.len().checked_sub(info.len() + 3).filter(|filled| *filled >= 8) else {
        return false;
    };
    let expected = [&[0, 1][..], &vec![0xff; filled], &[0], &info].concat();
    bool::from(message.ct_eq(&expected))
}

/// What RSASSA-PSS is checked with.
pub(super) struct Pss<'a> {
    pub(super) hash: HashAlgorithm,
    pub(super) mgf: HashAlgorithm,
    pub(super) salt: usize,
    pub(super) digest: &'a [u8],
}

/// RSASSA-PSS.
pub(super) fn pss(numbers: (&[u8], &[u8]), bits: usize, pss: &Pss<'_>, signature: &[u8]) -> bool {
    let Some(message) = message(numbers.0, numbers.1, signature) else { return false };
    emsa_pss(&message, bits.saturating_sub(1), pss).unwrap_or(false)
}

/// EMSA-PSS-VERIFY (RFC 8017 §9.1.2).
fn emsa_pss(message: &[u8], em_bits: usize, pss: &Pss<'_>) -> Option<bool> {
    let em_len = em_bits.div_ceil(8);
    let (above, em) = message.split_at_checked(message.len().checked_sub(em_len)?)?;
    let (trailer, em) = em.split_last()?;
    let db_len = em.len().checked_sub(pss.hash.length())?;
    let (masked, h) = em.split_at_checked(db_len)?;
    let zeros = db_len.checked_sub(pss.salt + 1)?;
    // The bits of the first octet above em_bits.
    let unused = u32::try_from(8 * em_len - em_bits).ok()?;
    let mask = 0xff_u8.checked_shr(unused)?;
    if *trailer != 0xbc || above.iter().any(|octet| *octet != 0) || masked.first()? & !mask != 0 {
        return Some(false);
    }
    let mut db: Vec<u8> = masked.iter().zip(mgf1(pss.mgf, h, db_len)?).map(|(a, b)| a ^ b).collect();
    *db.first_mut()? &= mask;
    let (padding, salt) = db.split_at_checked(zeros + 1)?;
    let (one, padding) = padding.split_last()?;
    let expected = hash(pss.hash, &[&[0; 8], pss.digest, salt])?;
    let padded = *one == 1 && padding.iter().all(|octet| *octet == 0);
    Some(padded && bool::from(expected.as_slice().ct_eq(h)))
}

/// RFC 8017 appendix B.2.1. The length is below that of a modulus.
pub(super) fn mgf1(algorithm: HashAlgorithm, seed: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(length + algorithm.length());
    let mut counter = 0_u32;
    while out.len() < length {
        out.extend(hash(algorithm, &[seed, &counter.to_be_bytes()])?);
        counter += 1;
    }
    out.truncate(length);
    Some(out)
}
