//! What is asked of every signature before any arithmetic, the same for all backends (R-B7, R-B9).

use std::borrow::Cow;

use super::portable;
use crate::crypto::algorithm::{KeyAlgorithm, SignatureAlgorithm};
use crate::crypto::{Curve, HashAlgorithm, KeyError, PublicKey, RsaEncryption, ToSign, VerifyError, ecdsa};

/// The largest modulus that verifies (R-B7), or is encrypted to.
const RSA_MOST_BITS: usize = 8192;
/// The least modulus that is encrypted to.
const RSA_ENCRYPTS_FROM: usize = 2048;

/// What a backend still has to compute on.
pub(super) enum Checked<'a> {
    /// For RSA and ECDSA: a digest of the right algorithm and length.
    Digest(Cow<'a, [u8]>),
    /// For EdDSA.
    Message(&'a [u8]),
}

/// Checks sizes and encodings of key, input and signature. Calls `Unsupported` what no backend computes.
pub(super) fn check<'a>(
    algorithm: SignatureAlgorithm,
    key: &PublicKey,
    input: ToSign<'a>,
    signature: &[u8],
) -> Result<Checked<'a>, VerifyError> {
    match (algorithm, key.algorithm()) {
        (_, KeyAlgorithm::Other(_)) => return Err(VerifyError::Unsupported),
        (SignatureAlgorithm::RsaPkcs1(_), KeyAlgorithm::Rsa { bits, pss_only: false })
        | (SignatureAlgorithm::RsaPss { .. }, KeyAlgorithm::Rsa { bits, .. }) => {
            rsa_key(key, *bits)?;
            pss_key(key, algorithm)?;
            right(signature.len() == bits.div_ceil(8))?;
        }
        (SignatureAlgorithm::Ecdsa(_), KeyAlgorithm::Ec(curve)) => ecdsa_numbers(*curve, signature)?,
        (SignatureAlgorithm::Ed25519, KeyAlgorithm::Ed25519) => ed25519(key, signature)?,
        (SignatureAlgorithm::Ed448, KeyAlgorithm::Ed448) => right(signature.len() == 114)?,
        _ => return Err(VerifyError::BadKey),
    }
    match algorithm.hash() {
        Some(hash) => digest(hash, input).map(Checked::Digest),
        None => match input {
            ToSign::Message(message) => Ok(Checked::Message(message)),
            ToSign::Digest { .. } => Err(VerifyError::BadSignature),
        },
    }
}

/// The digest of the input by this algorithm.
fn digest(hash: HashAlgorithm, input: ToSign<'_>) -> Result<Cow<'_, [u8]>, VerifyError> {
    match input {
        ToSign::Message(message) => {
            portable::hash(hash, &[message]).map(Cow::Owned).ok_or(VerifyError::Unsupported)
        }
        _ if hash == HashAlgorithm::Md5 => Err(VerifyError::Unsupported),
        ToSign::Digest { algorithm, value } => {
            right(algorithm == hash && value.len() == hash.length())?;
            Ok(Cow::Borrowed(value))
        }
    }
}

/// Whether something is encrypted to this RSA key in this way: never with SHA-1 in OAEP (R-A11), not to keys for
/// signatures alone, not to small ones.
pub(super) fn encrypts(scheme: RsaEncryption, key: &PublicKey) -> Result<(), KeyError> {
    let KeyAlgorithm::Rsa { bits, pss_only } = *key.algorithm() else {
        return Err(KeyError::Unsupported(format!("RSA encryption to {}", key.algorithm())));
    };
    if bits < RSA_ENCRYPTS_FROM {
        return Err(KeyError::TooSmall { bits, least: RSA_ENCRYPTS_FROM });
    }
    if pss_only || rsa_key(key, bits).is_err() {
        return Err(KeyError::Unsupported("encryption to this RSA key".to_owned()));
    }
    match scheme {
        RsaEncryption::Pkcs1 => Ok(()),
        RsaEncryption::Oaep { hash, mgf } => {
            use HashAlgorithm::{Sha256, Sha384, Sha512};
            match [hash, mgf].iter().all(|hash| matches!(hash, Sha256 | Sha384 | Sha512)) {
                true => Ok(()),
                false => Err(KeyError::Unsupported(format!("OAEP with {hash} and {mgf}"))),
            }
        }
    }
}

/// Octets too long for the key, or a point that is not on its curve.
pub(super) fn not_encrypted() -> KeyError {
    KeyError::Malformed("nothing can be encrypted to it".to_owned())
}

fn right(condition: bool) -> Result<(), VerifyError> {
    if condition { Ok(()) } else { Err(VerifyError::BadSignature) }
}

/// R-B7: an odd modulus of at most 8192 bits, an odd exponent of at least 3 and below 2^33.
fn rsa_key(key: &PublicKey, bits: usize) -> Result<(), VerifyError> {
    let (modulus, exponent) = key.rsa_numbers().ok_or(VerifyError::BadKey)?;
    let odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
    let below = matches!(exponent, [1, _, _, _, _] | [_, _, _, _] | [_, _, _] | [_, _] | [3..=255]);
    match bits <= RSA_MOST_BITS && odd(modulus) && odd(exponent) && below {
        true => Ok(()),
        false => Err(VerifyError::BadKey),
    }
}

/// A key with RSASSA-PSS parameters binds its signatures to them, the salt being the least (RFC 4055 §3.3).
fn pss_key(key: &PublicKey, algorithm: SignatureAlgorithm) -> Result<(), VerifyError> {
    match (key.pss_parameters(), algorithm) {
        (Some(of_key), SignatureAlgorithm::RsaPss { hash, mgf, salt })
            if hash != of_key.hash || mgf != of_key.mgf || salt < of_key.salt =>
        {
            Err(VerifyError::BadKey)
        }
        _ => Ok(()),
    }
}

/// Strict DER and 1 <= r, s < n.
fn ecdsa_numbers(curve: Curve, signature: &[u8]) -> Result<(), VerifyError> {
    let (r, s) = ecdsa::from_der(signature).ok_or(VerifyError::BadSignature)?;
    for number in [r, s] {
        let padded = ecdsa::left_padded(&number, curve.octets()).ok_or(VerifyError::BadSignature)?;
        right(padded.iter().any(|octet| *octet != 0) && padded < portable::order(curve))?;
    }
    Ok(())
}

/// Both points in their one encoding and of large order (RFC 8032 §5.1.3, §8.9). That s is below the order is checked by
/// every backend.
fn ed25519(key: &PublicKey, signature: &[u8]) -> Result<(), VerifyError> {
    let point =
        key.bit_string().and_then(|bits| <[u8; 32]>::try_from(bits).ok()).ok_or(VerifyError::BadKey)?;
    if !ed25519_point(point) {
        return Err(VerifyError::BadKey);
    }
    let (r, _) = signature.split_first_chunk::<32>().ok_or(VerifyError::BadSignature)?;
    right(signature.len() == 64 && ed25519_point(*r))
}

/// y below 2^255 - 19, and none of the five of small order.
fn ed25519_point(mut point: [u8; 32]) -> bool {
    let [.., last] = &mut point;
    *last &= 0x7f;
    point.reverse();
    point < ED25519_P && !ED25519_SMALL.contains(&point)
}

/// 2^255 - 19.
const ED25519_P: [u8; 32] = {
    let mut p = [0xff; 32];
    p[0] = 0x7f;
    p[31] = 0xed;
    p
};

/// The y coordinates of the points whose order divides 8, big-endian: two of order 8, 0 (4), 1 (1), -1 (2).
const ED25519_SMALL: [[u8; 32]; 5] = {
    let mut one = [0; 32];
    one[31] = 1;
    let mut minus_one = ED25519_P;
    minus_one[31] = 0xec;
    [ORDER_8, ORDER_8_OTHER, [0; 32], one, minus_one]
};
const ORDER_8: [u8; 32] = [
    0x05, 0xfc, 0x53, 0x6d, 0x88, 0x02, 0x38, 0xb1, 0x39, 0x33, 0xc6, 0xd3, 0x05, 0xac, 0xdf, 0xd5, 0xf0,
    0x98, 0xef, 0xf2, 0x89, 0xf4, 0xc3, 0x45, 0xb0, 0x27, 0xb2, 0xc2, 0x8f, 0x95, 0xe8, 0x26,
];
const ORDER_8_OTHER: [u8; 32] = [
    0x7a, 0x03, 0xac, 0x92, 0x77, 0xfd, 0xc7, 0x4e, 0xc6, 0xcc, 0x39, 0x2c, 0xfa, 0x53, 0x20, 0x2a, 0x0f,
    0x67, 0x10, 0x0d, 0x76, 0x0b, 0x3c, 0xba, 0x4f, 0xd8, 0x4d, 0x3d, 0x70, 0x6a, 0x17, 0xc7,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn ed25519_key(big_endian: [u8; 32], sign: u8) -> PublicKey {
        let mut point = big_endian;
        point.reverse();
        point[31] |= sign;
        PublicKey::ed25519(&point).unwrap()
    }

    #[test]
    fn r_b9_ed25519_keys_of_small_order() {
        let signature = [9; 64];
        for point in ED25519_SMALL {
            #[cfg(feature = "rust-crypto")]
            {
                let mut octets = point;
                octets.reverse();
                assert!(ed25519_dalek::VerifyingKey::from_bytes(&octets).unwrap().is_weak());
            }
            for sign in [0, 0x80] {
                assert_eq!(ed25519(&ed25519_key(point, sign), &signature), Err(VerifyError::BadKey));
            }
            let mut r = signature;
            r[..32].copy_from_slice(&point);
            r[..32].reverse();
            let key = PublicKey::ed25519(&[9; 32]).unwrap();
            assert_eq!(ed25519(&key, &r), Err(VerifyError::BadSignature));
        }
        let key = PublicKey::ed25519(&[9; 32]).unwrap();
        assert_eq!(ed25519(&key, &signature), Ok(()));
        assert_eq!(ed25519(&key, &signature[..63]), Err(VerifyError::BadSignature));
        let mut above = ED25519_P;
        above[31] += 3;
        assert_eq!(ed25519(&ed25519_key(above, 0), &signature), Err(VerifyError::BadKey));
    }

    #[test]
    fn r_b7_rsa_keys_that_never_verify() {
        let check = |modulus: &[u8], exponent: &[u8], length| {
            let key = PublicKey::rsa(modulus, exponent).unwrap();
            let input = ToSign::Digest { algorithm: HashAlgorithm::Sha256, value: &[0; 32] };
            let algorithm = SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha256);
            check(algorithm, &key, input, &vec![1; length]).err()
        };
        let odd = [0xff; 256];
        for exponent in [&[3][..], &[1, 0, 1], &[0xff; 4], &[1, 0xff, 0xff, 0xff, 0xff]] {
            assert_eq!(check(&odd, exponent, 256), None, "{exponent:?}");
        }
        for exponent in [&[0][..], &[1], &[2], &[4], &[1, 0, 0], &[3, 0, 0, 0, 1], &[1, 0, 0, 0, 0, 1]] {
            assert_eq!(check(&odd, exponent, 256), Some(VerifyError::BadKey), "{exponent:?}");
        }
        let mut even = odd;
        even[255] = 0xfe;
        assert_eq!(check(&even, &[3], 256), Some(VerifyError::BadKey));
        assert_eq!(check(&[0xff; 1025], &[3], 1025), Some(VerifyError::BadKey));
        assert_eq!(check(&[0xff; 1024], &[3], 1024), None);
        for length in [0, 255, 257] {
            assert_eq!(check(&odd, &[3], length), Some(VerifyError::BadSignature));
        }
    }

    #[test]
    fn digests_of_the_wrong_algorithm_or_length() {
        let key = PublicKey::rsa(&[0xff; 256], &[3]).unwrap();
        let algorithm = SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha256);
        for (hash, length) in
            [(HashAlgorithm::Sha256, 31), (HashAlgorithm::Sha256, 33), (HashAlgorithm::Sha3_256, 32)]
        {
            let value = vec![0; length];
            let input = ToSign::Digest { algorithm: hash, value: &value };
            assert_eq!(check(algorithm, &key, input, &[1; 256]).err(), Some(VerifyError::BadSignature));
        }
        let md5 = SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Md5);
        let input = ToSign::Digest { algorithm: HashAlgorithm::Md5, value: &[0; 16] };
        assert_eq!(check(md5, &key, input, &[1; 256]).err(), Some(VerifyError::Unsupported));
        let ed25519 = PublicKey::ed25519(&[9; 32]).unwrap();
        assert_eq!(check(algorithm, &ed25519, input, &[1; 256]).err(), Some(VerifyError::BadKey));
    }
}
