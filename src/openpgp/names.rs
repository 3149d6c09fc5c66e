//! Algorithms, curves and times: sequoia-openpgp's and ours.

use std::time::{Duration, SystemTime};

use sequoia_openpgp::types as pgp;

use crate::crypto::{Curve, HashAlgorithm};
use crate::time::UnixTime;

/// `None` for hashes that nothing here computes, RIPEMD-160 among them.
pub(super) fn hash_algorithm(hash: pgp::HashAlgorithm) -> Option<HashAlgorithm> {
    Some(match hash {
        pgp::HashAlgorithm::MD5 => HashAlgorithm::Md5,
        pgp::HashAlgorithm::SHA1 => HashAlgorithm::Sha1,
        pgp::HashAlgorithm::SHA224 => HashAlgorithm::Sha224,
        pgp::HashAlgorithm::SHA256 => HashAlgorithm::Sha256,
        pgp::HashAlgorithm::SHA384 => HashAlgorithm::Sha384,
        pgp::HashAlgorithm::SHA512 => HashAlgorithm::Sha512,
        pgp::HashAlgorithm::SHA3_256 => HashAlgorithm::Sha3_256,
        pgp::HashAlgorithm::SHA3_512 => HashAlgorithm::Sha3_512,
        _ => return None,
    })
}

pub(super) fn curve(curve: &pgp::Curve) -> Option<Curve> {
    Some(match curve {
        pgp::Curve::NistP256 => Curve::P256,
        pgp::Curve::NistP384 => Curve::P384,
        pgp::Curve::NistP521 => Curve::P521,
        pgp::Curve::BrainpoolP256 => Curve::BrainpoolP256r1,
        pgp::Curve::BrainpoolP384 => Curve::BrainpoolP384r1,
        pgp::Curve::BrainpoolP512 => Curve::BrainpoolP512r1,
        _ => return None,
    })
}

/// The name of the signature algorithm, as reports have it.
pub(super) fn signature_name(algorithm: pgp::PublicKeyAlgorithm) -> String {
    use pgp::PublicKeyAlgorithm as Pk;
    #[allow(deprecated)]
    match algorithm {
        Pk::RSAEncryptSign | Pk::RSASign | Pk::RSAEncrypt => "rsassa-pkcs1-v1_5".into(),
        Pk::DSA => "dsa".into(),
        Pk::ECDSA => "ecdsa".into(),
        Pk::EdDSA | Pk::Ed25519 => "ed25519".into(),
        Pk::Ed448 => "ed448".into(),
        other => format!("openpgp-{}", u8::from(other)),
    }
}

/// How a session key is encrypted, as reports have it.
pub(super) fn encryption_name(algorithm: pgp::PublicKeyAlgorithm) -> String {
    use pgp::PublicKeyAlgorithm as Pk;
    #[allow(deprecated)]
    match algorithm {
        Pk::RSAEncryptSign | Pk::RSAEncrypt => "RSAES-PKCS1-v1_5".into(),
        Pk::ECDH => "ECDH".into(),
        Pk::X25519 => "X25519".into(),
        Pk::X448 => "X448".into(),
        Pk::ElGamalEncrypt | Pk::ElGamalEncryptSign => "ElGamal".into(),
        Pk::MLKEM768_X25519 => "ML-KEM-768+X25519".into(),
        Pk::MLKEM1024_X448 => "ML-KEM-1024+X448".into(),
        other => format!("openpgp-{}", u8::from(other)),
    }
}

/// `AES-256`.
pub(super) fn cipher_name(cipher: pgp::SymmetricAlgorithm) -> String {
    use pgp::SymmetricAlgorithm as Cipher;
    #[allow(deprecated)]
    let name = match cipher {
        Cipher::IDEA => "IDEA",
        Cipher::TripleDES => "3DES",
        Cipher::CAST5 => "CAST5",
        Cipher::Blowfish => "Blowfish",
        Cipher::AES128 => "AES-128",
        Cipher::AES192 => "AES-192",
        Cipher::AES256 => "AES-256",
        Cipher::Twofish => "Twofish",
        Cipher::Camellia128 => "Camellia-128",
        Cipher::Camellia192 => "Camellia-192",
        Cipher::Camellia256 => "Camellia-256",
        other => return format!("openpgp-{}", u8::from(other)),
    };
    name.into()
}

/// OpenPGP counts seconds in 32 bits (RFC 9580 §3.5); times beyond are moved to its ends.
pub(super) fn system_time(at: UnixTime) -> SystemTime {
    let seconds = u64::try_from(at.seconds()).unwrap_or(0).min(u64::from(u32::MAX));
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// The first octets of a certificate, key, signature or signed message (RFC 9580 §4.2): tag and version.
pub(super) fn starts_with_packet(octets: &[u8]) -> bool {
    let Some(first) = octets.first().filter(|first| **first & 0x80 != 0) else { return false };
    let (tag, length_octets) = match first & 0x40 {
        0 => ((first >> 2) & 0x0f, 1_usize << (first & 3)),
        _ => (first & 0x3f, new_length_octets(octets.get(1).copied())),
    };
    let version = octets.get(1 + length_octets).copied().unwrap_or(0);
    match tag {
        2 | 4 | 5 | 6 => (2..=6).contains(&version),
        _ => false,
    }
}

fn new_length_octets(first: Option<u8>) -> usize {
    match first {
        Some(192..=223) => 2,
        Some(255) => 5,
        _ => 1,
    }
}
