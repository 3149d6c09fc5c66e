//! HMAC and PBKDF2 (RFC 2104, RFC 8018 §5.2).

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use crate::crypto::HashAlgorithm;

/// HMAC with SHA-1 or SHA-2 over some pieces; none for other hashes.
pub(crate) fn hmac(hash: HashAlgorithm, key: &[u8], pieces: &[&[u8]]) -> Option<Zeroizing<Vec<u8>>> {
    fn compute<M: Mac + KeyInit>(key: &[u8], pieces: &[&[u8]]) -> Option<Zeroizing<Vec<u8>>> {
        let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
        pieces.iter().for_each(|piece| mac.update(piece));
        Some(Zeroizing::new(mac.finalize().into_bytes().to_vec()))
    }
    match hash {
        HashAlgorithm::Sha1 => compute::<Hmac<Sha1>>(key, pieces),
        HashAlgorithm::Sha224 => compute::<Hmac<Sha224>>(key, pieces),
        HashAlgorithm::Sha256 => compute::<Hmac<Sha256>>(key, pieces),
        HashAlgorithm::Sha384 => compute::<Hmac<Sha384>>(key, pieces),
        HashAlgorithm::Sha512 => compute::<Hmac<Sha512>>(key, pieces),
        _ => None,
    }
}

/// PBKDF2 with HMAC and SHA-1 or SHA-2; none for other hashes. The caller bounds iterations and length.
pub(crate) fn pbkdf2(
    hash: HashAlgorithm,
    password: &[u8],
    salt: &[u8],
    iterations: u32,
    length: usize,
) -> Option<Zeroizing<Vec<u8>>> {
    match hash {
        HashAlgorithm::Sha1 => derive::<Hmac<Sha1>>(password, salt, iterations, length),
        HashAlgorithm::Sha224 => derive::<Hmac<Sha224>>(password, salt, iterations, length),
        HashAlgorithm::Sha256 => derive::<Hmac<Sha256>>(password, salt, iterations, length),
        HashAlgorithm::Sha384 => derive::<Hmac<Sha384>>(password, salt, iterations, length),
        HashAlgorithm::Sha512 => derive::<Hmac<Sha512>>(password, salt, iterations, length),
        _ => None,
    }
}

fn derive<M: Mac + KeyInit + Clone>(
    password: &[u8],
    salt: &[u8],
    iterations: u32,
    length: usize,
) -> Option<Zeroizing<Vec<u8>>> {
    let keyed = <M as KeyInit>::new_from_slice(password).ok()?;
    // Room for the last digest, so that the key is never moved.
    let mut out = Zeroizing::new(Vec::with_capacity(length + 128));
    for block in 1_u32.. {
        if out.len() >= length {
            break;
        }
        let mut last =
            keyed.clone().chain_update(salt).chain_update(block.to_be_bytes()).finalize().into_bytes();
        let mut sum = last.clone();
        for _ in 1..iterations {
            last = keyed.clone().chain_update(&last).finalize().into_bytes();
            sum.iter_mut().zip(&last).for_each(|(sum, octet)| *sum ^= octet);
        }
        out.extend_from_slice(&sum);
    }
    out.truncate(length);
    Some(out)
}
