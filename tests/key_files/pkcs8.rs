//! PKCS#8 under a password (RFC 5958 §3, RFC 8018), by openssl; and keys that somebody tampered with.

use std::fs;

use mailseal::crypto::{KeyError, Provider};
use mailseal::x509::private_key;
use mailseal::{Error, Limits};

use crate::support::corpora;
use crate::support::pki::{KeyType, Pki};

#[test]
fn e_all_forms_of_openssl() {
    let Some(pki) = Pki::new() else { return };
    for kind in [KeyType::Rsa(2048), KeyType::P256, KeyType::Ed25519] {
        let leaf = pki.leaf("alice@example.org", kind);
        let plain = private_key::read(&fs::read(&leaf.key).unwrap(), None, &Limits::default()).unwrap();
        for form in [
            "-v2 aes256",
            "-v2 aes128",
            "-v2 aes-192-cbc",
            "-v2 des3",
            "-v2 aes256 -v2prf hmacWithSHA1",
            "-v2 aes256 -v2prf hmacWithSHA256 -iter 100000",
            "-v2 aes256 -v2prf hmacWithSHA512",
            "-scrypt",
            "-scrypt -scrypt_N 8192 -scrypt_r 8 -scrypt_p 2",
            "-v1 PBE-SHA1-3DES",
        ] {
            for encoding in ["PEM", "DER"] {
                let words = format!("pkcs8 -topk8 -passout pass:secret -outform {encoding} {form} -in");
                let locked = pki.openssl(&words).arg(&leaf.key).ok();
                let read = |password| private_key::read(&locked, password, &Limits::default());
                let opened = read(Some("secret")).unwrap_or_else(|error| panic!("{form}: {error}"));
                assert_eq!(opened.keys, plain.keys, "{form}");
                for wrong in [None, Some("Secret"), Some("")] {
                    assert!(
                        matches!(read(wrong), Err(Error::Key(KeyError::WrongPassword))),
                        "{form} {wrong:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn d6_costs_are_bounded() {
    let Some(pki) = Pki::new() else { return };
    let leaf = pki.leaf("alice@example.org", KeyType::P256);
    let locked = |form: &str| {
        pki.openssl(&format!("pkcs8 -topk8 -passout pass:secret {form} -in")).arg(&leaf.key).ok()
    };
    let iterated = locked("-v2 aes256 -iter 20000");
    let few = Limits::default().kdf_iterations(10_000);
    let result = private_key::read(&iterated, Some("secret"), &few);
    assert!(matches!(result, Err(Error::Limit { name: "kdf_iterations", .. })), "{result:?}");
    // N = 2^14, r = 8: 16 MiB.
    let large = locked("-scrypt -scrypt_N 16384 -scrypt_r 8 -scrypt_p 1");
    let small = Limits::default().kdf_memory_bytes(8 << 20);
    let result = private_key::read(&large, Some("secret"), &small);
    assert!(matches!(result, Err(Error::Limit { name: "kdf_memory_bytes", .. })), "{result:?}");
    let slow = locked("-scrypt -scrypt_N 8192 -scrypt_r 8 -scrypt_p 8");
    let result = private_key::read(&slow, Some("secret"), &Limits::default().kdf_iterations(500_000));
    assert!(matches!(result, Err(Error::Limit { name: "kdf_iterations", .. })), "{result:?}");
}

/// Every change of a bit in the numbers of a key is noticed, or changes none of them.
#[test]
fn r_c12_tampered_keys_do_not_load() {
    let Some(pki) = Pki::new() else { return };
    let provider = Provider::default();
    for kind in [KeyType::Rsa(2048), KeyType::P256, KeyType::P384, KeyType::P521] {
        let leaf = pki.leaf("alice@example.org", kind);
        let pkcs8 = private_key::read(&fs::read(&leaf.key).unwrap(), None, &Limits::default())
            .unwrap()
            .keys
            .remove(0);
        let good = provider.key_loader.signing_key(&pkcs8).unwrap();
        let step = if pkcs8.len() > 1000 { 7 } else { 1 };
        for at in (0..pkcs8.len()).step_by(step) {
            let mut changed = pkcs8.to_vec();
            changed[at] ^= 1;
            if let Ok(loaded) = provider.key_loader.signing_key(&changed) {
                // Where nothing else than the private scalar stands for it, another key is not a wrong one; but openssl
                // writes the public half beside it.
                assert_eq!(loaded.public(), good.public(), "{kind:?} at {at}");
                assert_eq!(loaded.schemes(), good.schemes());
            }
            if let (Ok(loaded), Ok(good)) =
                (provider.key_loader.decryption_key(&changed), provider.key_loader.decryption_key(&pkcs8))
            {
                assert_eq!(loaded.public(), good.public(), "{kind:?} at {at}");
            }
        }
    }
}

#[test]
fn e_bad_keys_of_lamps_are_refused() {
    let Some(corpora) = corpora() else { return };
    let mut seen = 0;
    for folder in ["lamps-ml-dsa-certs/examples", "lamps-ml-kem-certs/example"] {
        for entry in fs::read_dir(corpora.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if !path.file_name().unwrap().to_string_lossy().starts_with("bad-") {
                continue;
            }
            seen += 1;
            let read = private_key::read(&fs::read(&path).unwrap(), None, &Limits::default());
            for key in read.map(|file| file.keys).unwrap_or_default() {
                assert!(Provider::default().key_loader.signing_key(&key).is_err(), "{}", path.display());
                assert!(Provider::default().key_loader.decryption_key(&key).is_err(), "{}", path.display());
            }
        }
    }
    assert_eq!(seen, 7);
}
