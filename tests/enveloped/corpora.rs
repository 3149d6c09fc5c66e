//! Messages and keys that others published.

use std::fs;
use std::path::{Path, PathBuf};

use mailseal::crypto::ContentCipher;
use mailseal::report::{Code, Decryption, RecipientKind};
use mailseal::smime::{EncryptionOptions, Recipient};
use mailseal::{Certificate, Key, Password};

use crate::desk::{TEXT, desk};
use crate::sealed::sealed;
use crate::support::corpora;

fn key(path: &Path, password: &str) -> Key {
    let octets = fs::read(path).unwrap();
    Key::load(&octets, Password::from(password)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn base64(text: &str) -> Vec<u8> {
    let text: String = text.lines().map(str::trim).collect();
    base64_simd::STANDARD.decode_to_vec(text).unwrap()
}

/// The body of a letter of one part.
fn body(path: &Path) -> Vec<u8> {
    let letter = String::from_utf8(fs::read(path).unwrap()).unwrap().replace("\r\n", "\n");
    base64(letter.split_once("\n\n").unwrap().1)
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(ending));
    files.sort();
    assert!(!files.is_empty(), "{}", folder.display());
    files
}

/// R-A11: RSAES-OAEP with every pair of hashes opens; a label does not, and looks like any failure.
#[test]
fn r_a11_nss_takes_these_from_openssl() {
    let Some(corpora) = corpora() else { return };
    for folder in
        ["nss-smime/tests/smime/interop-openssl", "thunderbird-smime/mailnews/test/data/smime-interop"]
    {
        let folder = corpora.join(folder);
        let keys = [key(&folder.join("Fran.p12"), "nss"), key(&folder.join("Fran-ec.p12"), "nss")];
        for file in files(&folder, ".env") {
            let octets = fs::read(&file).unwrap();
            let message = if octets[0] == 0x30 { octets } else { body(&file) };
            let seen = desk(&keys).open(&message);
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            if name.contains("label") {
                // A random key takes the place of that which is not there (RFC 3218 2.3.2). Of 256 such keys one
                // decrypts CBC to something that ends like padding; of three in a row, hardly.
                let failed = |_| desk(&keys).open(&message).is_the_one_failure();
                assert!((0..3).any(failed), "{name}: {:?}", seen.decrypted);
                assert!(!seen.content.is_ascii() || seen.content.is_empty(), "{name}");
                continue;
            }
            // AWS-LC has one hash for both.
            if seen.decrypted.decryption == Decryption::NotTried && name.contains("mgf_ossl") {
                let [finding] = &seen.decrypted.findings[..] else { panic!("{name}") };
                assert_eq!(finding.code, Code::UnsupportedAlgorithm, "{name}");
                assert!(finding.detail.as_ref().unwrap().contains("SHA-1 with MGF1 SHA-"), "{finding:?}");
                continue;
            }
            assert_eq!(seen.decrypted.decryption, Decryption::Opened, "{name}: {:?}", seen.decrypted);
            assert!(seen.content.is_ascii() && !seen.content.is_empty(), "{name}");
            assert!(seen.codes().contains(&Code::NotAuthenticated), "{name}");
        }
    }
}

#[test]
fn thunderbird_opens_these() {
    let Some(corpora) = corpora() else { return };
    let folder = corpora.join("thunderbird-smime/mailnews/test/data/smime");
    let names = ["Alice", "Bob", "Dave"];
    let keys: Vec<_> = names.map(|name| key(&folder.join(format!("{name}.p12")), "nss")).into();
    for file in files(&folder, ".env.eml") {
        let seen = desk(&keys).open(&body(&file));
        assert_eq!(seen.decrypted.decryption, Decryption::Opened, "{}: {:?}", file.display(), seen.decrypted);
        assert!(seen.content.windows(8).any(|octets| octets == b"Content-"), "{}", file.display());
        let seen = desk(&[]).open(&body(&file));
        assert_eq!(seen.decrypted.decryption, Decryption::NoKey);
    }
}

#[test]
fn pyca_opens_these() {
    let Some(corpora) = corpora() else { return };
    let folder = corpora.join("pyca-vectors");
    let certificates =
        Certificate::load(&fs::read(folder.join("x509/custom/ca/rsa_ca.pem")).unwrap()).unwrap();
    let octets = fs::read(folder.join("x509/custom/ca/rsa_key.pem")).unwrap();
    let keys = [Key::load_with(&octets, &certificates, Password::none()).unwrap()];
    for (name, expected) in [
        ("enveloped", Decryption::NoKey),
        ("enveloped-triple-des", Decryption::Opened),
        ("enveloped-rsa-oaep", Decryption::Opened),
    ] {
        let text = fs::read_to_string(folder.join(format!("pkcs7/{name}.pem"))).unwrap();
        let lines: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
        let seen = desk(&keys).open(&base64(&lines));
        println!("{name}: {:?} {:?}", seen.decrypted, String::from_utf8_lossy(&seen.content));
        assert_eq!(seen.decrypted.decryption, expected, "{name}");
    }
    let empty = fs::read(folder.join("pkcs7/enveloped-no-content.der")).unwrap();
    assert_eq!(desk(&keys).open(&empty).codes(), [Code::NotDecrypted]);
}

/// Keys of 1024 bits: none is tried, and that is said.
#[test]
#[cfg(not(feature = "rust-crypto-private-rsa"))]
fn rfc_4134_has_keys_that_are_too_small() {
    let Some(corpora) = corpora() else { return };
    let folder = corpora.join("bc-test-data/rfc4134");
    let certificates = Certificate::load(&fs::read(folder.join("BobRSASignByCarl.cer")).unwrap()).unwrap();
    let small = fs::read(folder.join("BobPrivRSAEncrypt.pri")).unwrap();
    assert!(Key::load_with(&small, &certificates, Password::none()).is_err());
    // Beside another key it stays, with its certificate.
    let rfc9216 = corpora.join("rfc9216");
    let pem = |label: &str, der: &[u8]| {
        format!(
            "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
            base64_simd::STANDARD.encode_to_string(der)
        )
    };
    let name = "4.4-alice-s-decryption-private-key-material.private-key.pem";
    let alice = fs::read_to_string(rfc9216.join(name)).unwrap();
    let name = "4.3-alice-s-encryption-end-entity-certificate.certificate.pem";
    let own = Certificate::load(&fs::read(rfc9216.join(name)).unwrap()).unwrap();
    let both = format!("{}{alice}", pem("PRIVATE KEY", &small));
    let certificates = [own, certificates].concat();
    let keys = [Key::load_with(both.as_bytes(), &certificates, Password::none()).unwrap()];
    for name in ["5.1.bin", "5.2.bin"] {
        let seen = desk(&keys).open(&fs::read(folder.join(name)).unwrap());
        assert_eq!(seen.decrypted.decryption, Decryption::NoKey, "{name}");
        assert!(seen.codes().contains(&Code::KeyTooSmall), "{name}: {:?}", seen.codes());
        assert!(!seen.codes().contains(&Code::NoDecryptionKey), "{name}");
        assert!(seen.content.is_empty());
    }
}

#[test]
fn openssl_has_these() {
    let Some(corpora) = corpora() else { return };
    let (data, certificates) =
        (corpora.join("openssl/test/recipes/80-test_cms_data"), corpora.join("openssl/test/smime-certs"));
    let mut keys = Vec::new();
    for file in files(&certificates, ".pem") {
        keys.extend(Key::load(&fs::read(file).unwrap(), Password::none()).ok());
    }
    assert!(keys.len() > 3, "{}", keys.len());
    let ecdh = fs::read(data.join("ecdh-key.pem")).unwrap();
    let own = Certificate::load(&fs::read(data.join("ecdh-cert.pem")).unwrap()).unwrap();
    keys.extend(Key::load_with(&ecdh, &own, Password::none()).ok());
    let old = body(&data.join("ciphertext_from_1_1_1.cms"));
    let seen = desk(&keys).open(&old);
    assert_eq!(seen.decrypted.decryption, Decryption::Opened, "{:?}", seen.decrypted);
    for name in ["dh-malformed.der", "ecdh-malformed.der", "rsa-malformed.der"] {
        let seen = desk(&keys).open(&fs::read(data.join(name)).unwrap());
        println!("{name}: {:?}", seen.decrypted);
        assert_ne!(seen.decrypted.decryption, Decryption::Opened, "{name}");
        assert!(seen.content.is_empty());
    }
}

/// Keys for signing and for encryption in one file; those of Carlos and Dana are X25519.
#[test]
fn rfc_9216_keys_open_what_is_encrypted_to_them() {
    let Some(corpora) = corpora() else { return };
    let folder = corpora.join("rfc9216");
    for (number, name) in [(4, "alice"), (5, "bob"), (7, "carlos"), (8, "dana")] {
        let file = format!("{number}.5-pkcs-12-object-for-{name}.pkcs12.pem");
        let text = fs::read_to_string(folder.join(file)).unwrap();
        let lines: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
        let both = Key::load(&base64(&lines), Password::from(name)).unwrap();
        let file = format!("{number}.3-{name}-s-encryption-end-entity-certificate.certificate.pem");
        let own = Certificate::load(&fs::read(folder.join(file)).unwrap()).unwrap();
        let Certificate::X509(certificate) = &own[0] else { panic!() };
        let file = format!("{number}.4-{name}-s-decryption-private-key-material.private-key.pem");
        let alone = Key::load_with(&fs::read(folder.join(file)).unwrap(), &own, Password::none()).unwrap();
        assert!(both.certificate() != own[0] && alone.certificate() == own[0], "{name}");
        for cipher in [ContentCipher::Aes128Gcm, ContentCipher::ChaCha20Poly1305, ContentCipher::Aes256Cbc] {
            for by_key in [false, true] {
                let options = EncryptionOptions::new(cipher).key_identifiers(by_key);
                let message = sealed(&[Recipient::certificate(certificate)], &options, TEXT).unwrap();
                for key in [&both, &alone] {
                    let seen = desk(std::slice::from_ref(key)).opens(&message, TEXT, name);
                    let recipient = &seen.decrypted.recipients[0];
                    let agreed = recipient.kind == RecipientKind::KeyAgreement;
                    assert_eq!(agreed, number > 6, "{name}");
                    assert!(!agreed || recipient.algorithm == "ECDH X25519");
                    let opened_by = seen.decrypted.opened_by.unwrap();
                    assert_eq!(opened_by.fingerprint, Some(own[0].fingerprint()));
                }
            }
        }
        // It decrypts, and does not sign.
        let signer = mailseal::smime::Signer::of(&[alone], &mailseal::crypto::Provider::default());
        let refused = mailseal::crypto::KeyError::Unsupported("its certificate may not sign".into());
        assert!(matches!(signer, Err(mailseal::Error::Key(error)) if error == refused), "{name}");
    }
}
