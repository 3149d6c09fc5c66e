#![cfg(any(feature = "aws-lc", feature = "rust-crypto"))]

use der::pem::PemLabel;
use der::{Decode, Encode, SecretDocument};
use pkcs8::PrivateKeyInfoRef;

use super::*;
use crate::crypto::algorithm::der_octets;
use crate::crypto::{Curve, KeyAlgorithm, KeyError, Provider, SignatureScheme, ToSign, portable};

fn providers() -> Vec<Provider> {
    vec![
        #[cfg(feature = "aws-lc")]
        crate::crypto::aws_lc(),
        #[cfg(feature = "rust-crypto")]
        crate::crypto::rust_crypto(),
    ]
}

fn signs_rsa(provider: &Provider) -> bool {
    provider.name == "aws-lc" || cfg!(feature = "rust-crypto-private-rsa")
}

fn key(pem: &str) -> Vec<u8> {
    let (label, document) = SecretDocument::from_pem(pem).unwrap();
    assert_eq!(label, PrivateKeyInfoRef::PEM_LABEL);
    document.as_bytes().to_vec()
}

macro_rules! keys {
    ($($name:ident: $file:literal;)*) => {
        $(fn $name() -> Vec<u8> { key(include_str!(concat!("../../../tests/keys/", $file))) })*
    };
}

keys! {
    rsa2048: "rsa2048.pem";
    rsa1024: "rsa1024.pem";
    rsa_pss: "rsapss2048.pem";
    rsa_pss_sha384: "rsapss2048_sha384.pem";
    p256: "p256.pem";
    p384: "p384.pem";
    p521: "p521.pem";
    brainpool: "brainpool256.pem";
    explicit: "p256_explicit.pem";
    ed25519: "ed25519.pem";
}

/// Signs with every scheme and verifies with the provider and, where it can, the portable verifier.
fn signs(provider: &Provider, pkcs8: &[u8]) -> Vec<SignatureScheme> {
    let key = provider.key_loader.signing_key(pkcs8).unwrap();
    for scheme in key.schemes().iter().copied() {
        let message = ToSign::Message(b"signed attributes");
        let signature = key.sign(scheme, message).unwrap();
        let algorithm = scheme.algorithm();
        assert_eq!(provider.verify(algorithm, key.public(), message, &signature), Ok(()), "{scheme}");
        if scheme != SignatureScheme::Ed25519 {
            let value = provider.hash(scheme.hash(), b"signed attributes").unwrap();
            let digest = ToSign::Digest { algorithm: scheme.hash(), value: &value };
            assert_eq!(portable().verify(algorithm, key.public(), digest, &signature), Ok(()), "{scheme}");
            let again = key.sign(scheme, digest).unwrap();
            assert_eq!(portable().verify(algorithm, key.public(), message, &again), Ok(()), "{scheme}");
        }
        assert!(provider.verify(algorithm, key.public(), ToSign::Message(b"other"), &signature).is_err());
    }
    key.schemes().to_vec()
}

#[test]
fn every_key_signs_with_its_schemes() {
    use SignatureScheme as S;
    for provider in providers() {
        assert_eq!(signs(&provider, &p256()), [S::EcdsaP256Sha256]);
        assert_eq!(signs(&provider, &p384()), [S::EcdsaP384Sha384]);
        assert_eq!(signs(&provider, &p521()), [S::EcdsaP521Sha512]);
        assert_eq!(signs(&provider, &ed25519()), [S::Ed25519]);
        if signs_rsa(&provider) {
            assert_eq!(signs(&provider, &rsa2048()), SignatureScheme::ALL[..6]);
            assert_eq!(signs(&provider, &rsa_pss()), SignatureScheme::ALL[3..6]);
            assert_eq!(signs(&provider, &rsa_pss_sha384()), [S::RsaPssSha384]);
        } else {
            let error = provider.key_loader.signing_key(&rsa2048()).unwrap_err();
            assert!(matches!(error, KeyError::Unsupported(_)), "{error}");
        }
    }
}

#[test]
fn keys_that_do_not_sign() {
    for provider in providers() {
        let load = |pkcs8: &[u8]| provider.key_loader.signing_key(pkcs8).unwrap_err();
        assert_eq!(load(&rsa1024()), KeyError::TooSmall { bits: 1024, least: 2048 });
        assert!(matches!(load(&brainpool()), KeyError::Unsupported(_)));
        assert!(matches!(load(&explicit()), KeyError::Unsupported(_)));
        assert!(matches!(load(b"nonsense"), KeyError::Malformed(_)));
    }
    assert!(matches!(portable().key_loader.signing_key(&p256()), Err(KeyError::Unsupported(_))));
}

#[test]
fn a_key_does_what_it_says_only() {
    for provider in providers() {
        let key = provider.key_loader.signing_key(&p256()).unwrap();
        let sha384 = ToSign::Digest { algorithm: crate::crypto::HashAlgorithm::Sha384, value: &[0; 48] };
        let short = ToSign::Digest { algorithm: crate::crypto::HashAlgorithm::Sha256, value: &[0; 31] };
        for input in [sha384, short] {
            assert!(key.sign(SignatureScheme::EcdsaP256Sha256, input).is_err());
        }
        assert!(key.sign(SignatureScheme::EcdsaP384Sha384, sha384).is_err());
        assert_eq!(format!("{key:?}"), "SigningKey(P-256)");
        let key = provider.key_loader.signing_key(&ed25519()).unwrap();
        assert!(key.sign(SignatureScheme::Ed25519, sha384).is_err());
    }
}

fn refused(pkcs8: &[u8], what: &str) {
    for provider in providers() {
        let result = provider.key_loader.signing_key(pkcs8);
        assert!(matches!(result, Err(KeyError::Malformed(_))), "{} {what}: {result:?}", provider.name);
    }
}

/// PKCS#8 with the identifier of `like`, this private key and, for version 2, this public one.
fn pkcs8(like: &[u8], key: &[u8], public: Option<&[u8]>) -> Vec<u8> {
    let identifier = PrivateKeyInfoRef::from_der(like).unwrap().algorithm.to_der().unwrap();
    let public = public.map(|public| der_octets(0x81, &[&[0], public].concat())).unwrap_or_default();
    let version = der_octets(2, &[u8::from(!public.is_empty())]);
    der_octets(0x30, &[version, identifier, der_octets(4, key), public].concat())
}

fn inner(pkcs8: &[u8]) -> Vec<u8> {
    PrivateKeyInfoRef::from_der(pkcs8).unwrap().private_key.as_bytes().to_vec()
}

#[test]
fn r_c12_rsa_numbers_belong_together() {
    if providers().is_empty() || !providers().iter().all(signs_rsa) {
        return println!("skipped: no RSA private keys in this build");
    }
    let good = rsa2048();
    let der = inner(&good);
    let numbers = RsaNumbers::from_der(&der).unwrap();
    let bent = |uint: &UintRef<'_>| {
        let mut octets = uint.as_bytes().to_vec();
        octets[uint.as_bytes().len() / 2] ^= 4;
        octets
    };
    macro_rules! refused_with {
        ($($field:ident)*) => {$({
            let octets = bent(&numbers.$field);
            let bent = RsaNumbers { $field: UintRef::new(&octets).unwrap(), ..RsaNumbers::from_der(&der).unwrap() };
            refused(&pkcs8(&good, &bent.to_der().unwrap(), None), stringify!($field));
        })*};
    }
    refused_with!(modulus private_exponent prime1 prime2);
    // The `rsa` crate computes these anew and never uses what stands there.
    if cfg!(not(feature = "rust-crypto-private-rsa")) {
        refused_with!(exponent1 exponent2 coefficient);
    }
    let e =
        RsaNumbers { public_exponent: UintRef::new(&[3]).unwrap(), ..RsaNumbers::from_der(&der).unwrap() };
    refused(&pkcs8(&good, &e.to_der().unwrap(), None), "public exponent");
    // A version 2 file whose public key is another one.
    let public = [numbers.modulus.to_der().unwrap(), vec![2, 1, 3]].concat();
    refused(&pkcs8(&good, &der, Some(&der_octets(0x30, &public))), "public key");
}

#[test]
fn r_c12_a_stated_point_is_the_scalars() {
    let (good, der) = (p256(), inner(&p256()));
    let key = EcPrivateKey::from_der(&der).unwrap();
    let point = key.public_key.unwrap().as_bytes().unwrap().to_vec();
    let scalar = key.private_key.as_bytes().to_vec();
    let mut negative = vec![2 | (1 - point[64] % 2)];
    negative.extend(&point[1..33]);
    let mut fitting = negative.clone();
    fitting[0] ^= 1;
    let generator = "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e16\
                     2bce33576b315ececbb6406837bf51f5";
    let generator: Vec<u8> =
        (0..65).map(|i| u8::from_str_radix(&generator[2 * i..2 * i + 2], 16).unwrap()).collect();
    for wrong in [&generator[..], &negative, &point[1..]] {
        refused(&ec_pkcs8(Curve::P256, &scalar, Some(wrong)).unwrap(), "inner point");
        refused(&pkcs8(&good, &der, Some(wrong)), "outer point");
    }
    for provider in providers() {
        for right in [&point[..], &fitting] {
            let key = provider
                .key_loader
                .signing_key(&ec_pkcs8(Curve::P256, &scalar, Some(right)).unwrap())
                .unwrap();
            assert_eq!(key.public().bit_string(), Some(&point[..]));
        }
    }
    for scalar in [[0; 32], [0xff; 32]] {
        refused(&ec_pkcs8(Curve::P256, &scalar, None).unwrap(), "scalar out of range");
    }
}

#[test]
fn r_c12_ed25519_halves() {
    let der = inner(&ed25519());
    let seed = <[u8; 32]>::try_from(&der[2..]).unwrap();
    for provider in providers() {
        let public = provider.key_loader.signing_key(&ed25519()).unwrap().public().clone();
        let public = <[u8; 32]>::try_from(public.bit_string().unwrap()).unwrap();
        assert_eq!(signs(&provider, &ed25519_pkcs8(&seed, &public)), [SignatureScheme::Ed25519]);
        let mut other = public;
        other[0] ^= 1;
        refused(&ed25519_pkcs8(&seed, &other), "public key");
    }
}

#[test]
fn bare_numbers_make_keys() {
    let der = inner(&rsa2048());
    let numbers = RsaNumbers::from_der(&der).unwrap();
    let octets = |uint: &UintRef<'_>| uint.as_bytes().to_vec();
    let (n, e, d) =
        (octets(&numbers.modulus), octets(&numbers.public_exponent), octets(&numbers.private_exponent));
    let (p, q) = (octets(&numbers.prime1), octets(&numbers.prime2));
    let built = rsa_pkcs8(&n, &e, &d, &p, &q).unwrap();
    // Both orders of the primes give the one form with p > q; openssl writes that as well.
    assert_eq!(inner(&built), der);
    assert_eq!(rsa_pkcs8(&n, &e, &d, &q, &p).unwrap(), built);
    for provider in providers().iter().filter(|provider| signs_rsa(provider)) {
        assert_eq!(signs(provider, &built).len(), 6);
    }
    assert!(rsa_pkcs8(&n, &e, &d, &[], &q).is_err());
    assert!(rsa_pkcs8(&n, &e, &d, &[1], &[1]).is_err());
    assert!(rsa_pkcs8(&n, &e, &d, &[1; 2000], &q).is_err());
    // A scalar as an MPI has it: without its leading zero, or with a sign octet.
    for scalar in [&[7_u8][..], &[0; 40]] {
        let built = ec_pkcs8(Curve::P521, scalar, None).unwrap();
        assert_eq!(EcPrivateKey::from_der(&inner(&built)).unwrap().private_key.as_bytes().len(), 66);
    }
    assert!(ec_pkcs8(Curve::P256, &[1; 33], None).is_err());
}

#[test]
fn public_half_of_a_pss_key_keeps_its_parameters() {
    for provider in providers().iter().filter(|provider| signs_rsa(provider)) {
        let key = provider.key_loader.signing_key(&rsa_pss_sha384()).unwrap();
        assert_eq!(*key.public().algorithm(), KeyAlgorithm::Rsa { bits: 2048, pss_only: true });
        let signature = key.sign(SignatureScheme::RsaPssSha384, ToSign::Message(b"m")).unwrap();
        let other = SignatureScheme::RsaPssSha256.algorithm();
        let pkcs1 = SignatureScheme::RsaPkcs1Sha384.algorithm();
        for algorithm in [other, pkcs1] {
            let result = provider.verify(algorithm, key.public(), ToSign::Message(b"m"), &signature);
            assert_eq!(result, Err(crate::crypto::VerifyError::BadKey));
        }
    }
}

/// Each provider makes what it says; every other one signs with it and verifies.
#[test]
fn new_keys() {
    use crate::crypto::NewKeyAlgorithm;
    for (maker, algorithm) in providers().iter().flat_map(|one| NewKeyAlgorithm::ALL.map(|kind| (one, kind)))
    {
        let made = match maker.key_loader.generate(algorithm) {
            Ok(made) => made,
            Err(error) => {
                assert!(maker.name != "aws-lc" && algorithm.to_string().starts_with("rsa"), "{error}");
                continue;
            }
        };
        let again = maker.key_loader.generate(algorithm).unwrap();
        assert_ne!(made.expose(), again.expose());
        for provider in
            providers().iter().filter(|one| signs_rsa(one) || !algorithm.to_string().starts_with("rsa"))
        {
            let key = provider.key_loader.signing_key(made.expose()).unwrap();
            let expected = match algorithm {
                NewKeyAlgorithm::P256 => KeyAlgorithm::Ec(Curve::P256),
                NewKeyAlgorithm::P384 => KeyAlgorithm::Ec(Curve::P384),
                NewKeyAlgorithm::P521 => KeyAlgorithm::Ec(Curve::P521),
                NewKeyAlgorithm::Rsa3072 => KeyAlgorithm::Rsa { bits: 3072, pss_only: false },
                NewKeyAlgorithm::Rsa4096 => KeyAlgorithm::Rsa { bits: 4096, pss_only: false },
                NewKeyAlgorithm::Ed25519 => KeyAlgorithm::Ed25519,
            };
            assert_eq!(key.public().algorithm(), &expected, "{}", provider.name);
            let scheme = key.schemes()[0];
            let signature = key.sign(scheme, ToSign::Message(b"text")).unwrap();
            let verified =
                provider.verify(scheme.algorithm(), key.public(), ToSign::Message(b"text"), &signature);
            assert_eq!(verified, Ok(()), "{} {algorithm}", provider.name);
        }
    }
    assert!(portable().key_loader.generate(NewKeyAlgorithm::P256).is_err());
}
