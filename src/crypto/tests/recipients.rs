use super::providers;
use crate::crypto::private::{RsaNumbers, ec_pkcs8, x25519_pkcs8};
use crate::crypto::{
    Curve, DecryptionKey, HashAlgorithm, KeyAlgorithm, KeyError, Provider, PublicKey, RsaEncryption,
    Undecryptable, WrappedKey,
};
use der::{Decode, SecretDocument};
use std::sync::Arc;

fn key(pem: &str) -> Vec<u8> {
    SecretDocument::from_pem(pem).unwrap().1.as_bytes().to_vec()
}

fn loads(provider: &Provider, pkcs8: &[u8]) -> Option<Arc<dyn DecryptionKey>> {
    match provider.key_loader.decryption_key(pkcs8) {
        Ok(key) => Some(key),
        Err(KeyError::Unsupported(_)) => None,
        Err(error) => panic!("{} {error}", provider.name),
    }
}

const WRITTEN: [RsaEncryption; 4] = [
    RsaEncryption::Pkcs1,
    RsaEncryption::Oaep { hash: HashAlgorithm::Sha256, mgf: HashAlgorithm::Sha256 },
    RsaEncryption::Oaep { hash: HashAlgorithm::Sha384, mgf: HashAlgorithm::Sha384 },
    RsaEncryption::Oaep { hash: HashAlgorithm::Sha512, mgf: HashAlgorithm::Sha512 },
];

#[test]
fn one_provider_encrypts_another_decrypts() {
    let pkcs8 = key(include_str!("../../../tests/keys/rsa2048.pem"));
    let mut checks = 0;
    for (from, to) in pairs() {
        let Some(key) = loads(&to, &pkcs8) else { continue };
        for scheme in WRITTEN {
            for length in [0, 1, 16, 32, 126] {
                let octets = vec![0x55; length];
                let wrapped = from.encrypt_to(scheme, key.public(), &octets).unwrap();
                let opened = key.unwrap(&WrappedKey::Rsa { scheme, octets: &wrapped }).unwrap().unwrap();
                assert_eq!(opened.expose(), octets, "{} {} {scheme:?}", from.name, to.name);
                checks += 1;
            }
            assert!(from.encrypt_to(scheme, key.public(), &[1; 246]).is_err());
            let wrapped = from.encrypt_to(scheme, key.public(), b"key").unwrap();
            for wrong in [&wrapped[..255], &[&[0], &*wrapped].concat(), &[], &[0xff; 256]] {
                assert!(key.unwrap(&WrappedKey::Rsa { scheme, octets: wrong }).unwrap().is_err());
            }
        }
        assert!(key.unwrap(&WrappedKey::Agreement { public: &[4; 65] }).is_none());
        assert_eq!(format!("{key:?}"), "DecryptionKey(RSA-2048)");
    }
    assert!(checks > 0 || cfg!(not(feature = "aws-lc")));
}

fn pairs() -> Vec<(Provider, Provider)> {
    providers().iter().flat_map(|from| providers().into_iter().map(|to| (*from, to))).collect()
}

#[test]
fn r_a11_sha1_is_not_written() {
    let pkcs8 = key(include_str!("../../../tests/keys/rsa2048.pem"));
    let sha1 = HashAlgorithm::Sha1;
    for (from, to) in pairs() {
        let Some(key) = loads(&to, &pkcs8) else { continue };
        for (hash, mgf) in [(sha1, sha1), (HashAlgorithm::Sha256, sha1), (sha1, HashAlgorithm::Sha256)] {
            let result = from.encrypt_to(RsaEncryption::Oaep { hash, mgf }, key.public(), b"key");
            assert!(matches!(result, Err(KeyError::Unsupported(_))), "{}", from.name);
        }
        // Unlike hashes are written by the portable one; read where there is arithmetic for it.
        let scheme = RsaEncryption::Oaep { hash: HashAlgorithm::Sha512, mgf: HashAlgorithm::Sha256 };
        let wrapped = from.encrypt_to(scheme, key.public(), b"key").unwrap();
        let opened = key.unwrap(&WrappedKey::Rsa { scheme, octets: &wrapped }).unwrap();
        match cfg!(feature = "rust-crypto-private-rsa") {
            true => assert_eq!(opened.unwrap().expose(), b"key"),
            false => assert!(matches!(opened, Err(KeyError::Unsupported(_)))),
        }
    }
}

#[test]
fn rsa_keys_that_are_not_encrypted_to() {
    let small = PublicKey::rsa(&[0xff; 128], &[1, 0, 1]).unwrap();
    let even = PublicKey::rsa(&[0xfe; 256], &[1, 0, 1]).unwrap();
    let exponent = PublicKey::rsa(&[0xff; 256], &[1]).unwrap();
    let ec = PublicKey::ec(Curve::P256, &[4; 65]).unwrap();
    for provider in providers() {
        for scheme in WRITTEN {
            let refused = |key| provider.encrypt_to(scheme, key, b"key").unwrap_err();
            assert_eq!(refused(&small), KeyError::TooSmall { bits: 1024, least: 2048 });
            for key in [&even, &exponent, &ec] {
                assert!(matches!(refused(key), KeyError::Unsupported(_)), "{key:?}");
            }
        }
    }
}

/// Keys of 1024 bits open old mail where the `rsa` crate is.
#[test]
fn small_rsa_keys() {
    let pkcs8 = key(include_str!("../../../tests/keys/rsa1024.pem"));
    for provider in providers().iter().filter(|provider| provider.name != "portable") {
        let loaded = provider.key_loader.decryption_key(&pkcs8);
        match cfg!(feature = "rust-crypto-private-rsa") {
            true => assert_eq!(loaded.unwrap().public().bits(), 1024),
            false => assert_eq!(loaded.unwrap_err(), KeyError::TooSmall { bits: 1024, least: 2048 }),
        }
    }
}

#[test]
fn agreement_between_providers() {
    let keys = [
        (key(include_str!("../../../tests/keys/p256.pem")), KeyAlgorithm::Ec(Curve::P256)),
        (key(include_str!("../../../tests/keys/p384.pem")), KeyAlgorithm::Ec(Curve::P384)),
        (key(include_str!("../../../tests/keys/p521.pem")), KeyAlgorithm::Ec(Curve::P521)),
        (x25519(), KeyAlgorithm::X25519),
    ];
    for (pkcs8, algorithm) in &keys {
        for (from, to) in pairs() {
            let Some(key) = loads(&to, pkcs8) else { continue };
            assert_eq!(key.public().algorithm(), algorithm);
            if from.name == "portable" {
                assert!(from.agree(key.public()).is_err());
                continue;
            }
            let agreed = from.agree(key.public()).unwrap();
            let shared = key.unwrap(&WrappedKey::Agreement { public: &agreed.public }).unwrap().unwrap();
            assert_eq!(shared.expose(), agreed.shared.expose());
            let length = if *algorithm == KeyAlgorithm::X25519 { 32 } else { (agreed.public.len() - 1) / 2 };
            assert_eq!(shared.expose().len(), length);
            let mut off = agreed.public.clone();
            *off.last_mut().unwrap() ^= 1;
            let cut = &agreed.public[1..];
            // On its curve, or the same key in another form: there is one form only.
            let compressed = match algorithm {
                KeyAlgorithm::X25519 => cut.to_vec(),
                _ => [&[2], &agreed.public[1..=length]].concat(),
            };
            let spki = key.public().spki();
            for wrong in [cut, &compressed, spki, &[0], &[], &[&*agreed.public, &[0]].concat()] {
                assert!(key.unwrap(&WrappedKey::Agreement { public: wrong }).unwrap().is_err(), "{wrong:x?}");
            }
            if *algorithm != KeyAlgorithm::X25519 {
                assert!(key.unwrap(&WrappedKey::Agreement { public: &off }).unwrap().is_err(), "R-A13");
            }
            let scheme = RsaEncryption::Pkcs1;
            assert!(key.unwrap(&WrappedKey::Rsa { scheme, octets: &[1; 256] }).is_none());
        }
    }
}

/// RFC 7748 §6.1: Alice's.
fn x25519() -> Vec<u8> {
    x25519_pkcs8(&ALICE, &ALICE_PUBLIC).to_vec()
}

const ALICE: [u8; 32] = [
    0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1, 0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf,
    0x4c, 0x2f, 0x87, 0xeb, 0xc0, 0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a,
];
const ALICE_PUBLIC: [u8; 32] = [
    0x85, 0x20, 0xf0, 0x09, 0x89, 0x30, 0xa7, 0x54, 0x74, 0x8b, 0x7d, 0xdc, 0xb4, 0x3e, 0xf7, 0x5a, 0x0d,
    0xbf, 0x3a, 0x0d, 0x26, 0x38, 0x1a, 0xf4, 0xeb, 0xa4, 0xa9, 0x8e, 0xaa, 0x9b, 0x4e, 0x6a,
];

#[test]
fn r_a13_points_of_small_order() {
    let mut eight = [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda,
        0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
    ];
    let mut one = [0; 32];
    one[0] = 1;
    for point in [[0; 32], one, eight] {
        for provider in providers() {
            let Some(key) = loads(&provider, &x25519()) else { continue };
            let opened = key.unwrap(&WrappedKey::Agreement { public: &point }).unwrap();
            assert!(opened.is_err(), "{} {point:x?}", provider.name);
            assert!(provider.agree(&PublicKey::x25519(&point).unwrap()).is_err());
        }
    }
    eight[31] = 0x40;
    for provider in providers() {
        let Some(key) = loads(&provider, &x25519()) else { continue };
        assert!(key.unwrap(&WrappedKey::Agreement { public: &eight }).unwrap().is_ok());
    }
}

#[test]
fn r_c12_halves_of_keys_that_decrypt() {
    let p256 = key(include_str!("../../../tests/keys/p256.pem"));
    for provider in providers() {
        let Some(good) = loads(&provider, &p256) else { continue };
        let point = good.public().bit_string().unwrap().to_vec();
        let malformed = |pkcs8: &[u8]| {
            let error = provider.key_loader.decryption_key(pkcs8).unwrap_err();
            assert!(matches!(error, KeyError::Malformed(_)), "{error}");
        };
        malformed(&ec_pkcs8(Curve::P256, &[7; 32], Some(&point)).unwrap());
        malformed(&ec_pkcs8(Curve::P256, &[0; 32], None).unwrap());
        malformed(&ec_pkcs8(Curve::P256, &[0xff; 32], None).unwrap());
        let mut other = ALICE_PUBLIC;
        other[3] ^= 1;
        malformed(&x25519_pkcs8(&ALICE, &other));
        malformed(b"nonsense");
        let unsupported = |error: KeyError| assert!(matches!(error, KeyError::Unsupported(_)), "{error}");
        for file in [
            include_str!("../../../tests/keys/ed25519.pem"),
            include_str!("../../../tests/keys/rsapss2048.pem"),
            include_str!("../../../tests/keys/brainpool256.pem"),
        ] {
            unsupported(provider.key_loader.decryption_key(&key(file)).unwrap_err());
        }
        unsupported(provider.key_loader.signing_key(&x25519()).unwrap_err());
    }
}

#[test]
fn r_c12_rsa_numbers_of_keys_that_decrypt() {
    let pkcs8 = key(include_str!("../../../tests/keys/rsa2048.pem"));
    let inner = pkcs8::PrivateKeyInfoRef::from_der(&pkcs8).unwrap().private_key.as_bytes();
    let numbers = RsaNumbers::from_der(inner).unwrap();
    let modulus = numbers.modulus.as_bytes();
    let position = pkcs8.windows(modulus.len()).position(|window| window == modulus).unwrap();
    let mut bent = pkcs8.clone();
    bent[position + 100] ^= 4;
    for provider in providers() {
        if loads(&provider, &pkcs8).is_some() {
            assert!(provider.key_loader.decryption_key(&bent).is_err(), "{}", provider.name);
        }
    }
}

/// RFC 3394 §4.1, §4.2, §4.6 and every length that is none (R-A13).
#[test]
fn r_a13_key_wrap() {
    let outer: Vec<u8> = (0..32).collect();
    let inner: Vec<u8> = (0..16).map(|octet| octet * 0x11).collect();
    for provider in providers() {
        for (length, first) in [(16, 0x1f), (24, 0x96), (32, 0x64)] {
            let wrapped = provider.wrap(&outer[..length], &inner).unwrap();
            assert_eq!((wrapped.len(), wrapped[0]), (24, first));
            assert_eq!(provider.unwrap(&outer[..length], &wrapped).unwrap().expose(), inner);
            for bit in 0..8 * wrapped.len() {
                let mut bent = wrapped.clone();
                bent[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(provider.unwrap(&outer[..length], &bent).err(), Some(Undecryptable));
            }
        }
        for length in 0..=1024 {
            let octets = vec![0xa6; length];
            assert_eq!(provider.unwrap(&outer, &octets).err(), Some(Undecryptable), "{length}");
            let wrapped = provider.wrap(&outer, &octets);
            let good = length >= 16 && length % 8 == 0;
            assert_eq!(wrapped.is_ok(), good, "{length}");
            if let Ok(wrapped) = wrapped {
                assert_eq!(provider.unwrap(&outer, &wrapped).unwrap().expose(), octets);
            }
        }
        for length in [0, 15, 17, 33, 64] {
            assert!(provider.wrap(&vec![1; length], &inner).is_err());
            assert_eq!(provider.unwrap(&vec![1; length], &[1; 24]).err(), Some(Undecryptable));
        }
    }
}
