//! What is encrypted here.

use std::io::Write;

use mailseal::crypto::{ContentCipher, KeyError, Provider, SecureRandom};
use mailseal::protocol::{Encryptor as _, SharedKey};
use mailseal::report::{Decryption, RecipientKind};
use mailseal::smime::{EncryptionOptions, Encryptor, Recipient};
use mailseal::x509::Certificate;
use mailseal::{Error, Password};

use crate::desk::{AT, TEXT, desk, key};
use crate::support::pki::{KeyType, Leaf, Pki};

pub(crate) fn sealed(to: &[Recipient], options: &EncryptionOptions, text: &[u8]) -> Result<Vec<u8>, Error> {
    let encryptor = Encryptor::new(to, options, &Provider::default())?;
    let mut message = Vec::new();
    let mut encrypting = encryptor.begin(&mut message, AT)?;
    for piece in text.chunks(10_000) {
        encrypting.write_all(piece).unwrap();
    }
    encrypting.finish()?;
    Ok(message)
}

pub(crate) fn certificate(leaf: &Leaf) -> Certificate {
    Certificate::load_pem_or_der(&std::fs::read(&leaf.certificate).unwrap()).unwrap().remove(0)
}

/// openssl opens it to the same text.
fn openssl_opens(pki: &Pki, message: &[u8], text: &[u8], words: &str) {
    let file = pki.folder().join("sealed");
    std::fs::write(&file, message).unwrap();
    let seen = pki.openssl(&format!("cms -decrypt -binary -in sealed -inform DER {words}")).run();
    assert!(seen.succeeded && seen.stdout == text, "{words}: {}", seen.stderr);
}

fn leaves(pki: &Pki) -> Vec<Leaf> {
    let kinds = [KeyType::Rsa(2048), KeyType::P256, KeyType::P384, KeyType::P521];
    kinds.into_iter().map(|kind| pki.leaf("bob@example.org", kind)).collect()
}

/// openssl 3.0 does not know it in CMS.
fn openssl_knows(options: &EncryptionOptions) -> bool {
    options.cipher != ContentCipher::ChaCha20Poly1305 && !options.derived_key
}

#[test]
fn openssl_opens_what_is_encrypted_to_certificates() {
    let Some(pki) = Pki::new() else { return };
    let large = b"0123456789abcdef\r\n".repeat(20_000);
    for leaf in leaves(&pki) {
        let (keys, to) = ([key(&leaf)], [Recipient::certificate(&certificate(&leaf))]);
        let words = format!("-inkey {} -recip {}", leaf.key.display(), leaf.certificate.display());
        for cipher in ContentCipher::WRITTEN {
            let plain = EncryptionOptions::new(cipher);
            let forms = [
                plain.clone(),
                plain.clone().oaep(true),
                plain.clone().key_identifiers(true),
                plain.derived_key(true),
            ];
            for options in forms {
                for text in [TEXT, &large, b""] {
                    let message = sealed(&to, &options, text).unwrap();
                    assert_eq!(message[1] == 0x80, text.len() > 65_536, "small ones are DER");
                    let seen = desk(&keys).opens(&message, text, &format!("{options:?}"));
                    assert_eq!(seen.decrypted.cipher, Some(cipher.to_string()));
                    if openssl_knows(&options) {
                        openssl_opens(&pki, &message, text, &words);
                    }
                }
            }
        }
    }
}

#[test]
fn passwords_both_ways() {
    let Some(pki) = Pki::new() else { return };
    let to = [Recipient::password("secret")];
    let (right, wrong) = (Password::from("secret"), Password::from("other"));
    std::fs::write(pki.folder().join("text"), TEXT).unwrap();
    for cipher in [ContentCipher::Aes256Gcm, ContentCipher::Aes128Cbc] {
        let ours = sealed(&to, &EncryptionOptions::new(cipher), TEXT).unwrap();
        openssl_opens(&pki, &ours, TEXT, "-pwri_password secret");
        let name = cipher.to_string().to_lowercase();
        let theirs = format!("cms -encrypt -binary -in text -outform DER -{name} -pwri_password secret");
        // openssl 3.0 makes no entry for a password beside GCM.
        let theirs = (!cipher.is_authenticated()).then(|| pki.openssl(&theirs).ok());
        for message in theirs.into_iter().chain([ours]) {
            let mut desk = desk(&[]);
            assert_eq!(desk.open(&message).decrypted.decryption, Decryption::NoKey);
            desk.passwords = Some(&wrong);
            assert!(desk.open(&message).is_the_one_failure());
            let ask = |request: &mailseal::PasswordRequest| {
                (request.attempt < 3).then(|| ["other", "", "secret"][request.attempt as usize].into())
            };
            desk.passwords = Some(&ask);
            desk.opens(&message, TEXT, "the third");
            desk.passwords = Some(&right);
            let seen = desk.opens(&message, TEXT, "the right password");
            assert_eq!(seen.decrypted.recipients[0].kind, RecipientKind::Password);
            assert_eq!(seen.decrypted.recipients[0].algorithm, "PBKDF2");
        }
    }
}

#[test]
fn shared_keys_both_ways() {
    let Some(pki) = Pki::new() else { return };
    std::fs::write(pki.folder().join("text"), TEXT).unwrap();
    for (length, name) in [(16, "AES-128 key wrap"), (24, "AES-192 key wrap"), (32, "AES-256 key wrap")] {
        let secret: String = (0..length).map(|octet| format!("{octet:02x}")).collect();
        let words = format!("-secretkey {secret} -secretkeyid 6d796b6579");
        let shared = [
            SharedKey::new(b"other", vec![9; length]).unwrap(),
            SharedKey::new(b"mykey", (0..length as u8).collect::<Vec<_>>()).unwrap(),
        ];
        for cipher in [ContentCipher::Aes256Gcm, ContentCipher::Aes128Cbc] {
            let ours =
                sealed(&[Recipient::shared(&shared[1])], &EncryptionOptions::new(cipher), TEXT).unwrap();
            openssl_opens(&pki, &ours, TEXT, &words);
            let name_of_cipher = cipher.to_string().to_lowercase();
            let theirs = format!("cms -encrypt -binary -in text -outform DER -{name_of_cipher} {words}");
            for message in [ours, pki.openssl(&theirs).ok()] {
                let mut desk = desk(&[]);
                assert_eq!(desk.open(&message).decrypted.decryption, Decryption::NoKey);
                desk.shared = &shared;
                let seen = desk.opens(&message, TEXT, name);
                let [recipient] = &seen.decrypted.recipients[..] else { panic!() };
                assert_eq!((recipient.kind, &*recipient.algorithm), (RecipientKind::KeyEncryptionKey, name));
                assert_eq!(seen.decrypted.opened_by, Some(mailseal::report::OpenedBy::default()));
            }
        }
    }
}

/// R-A15: no randomness is an error, never a weaker key.
#[test]
fn r_a15_no_randomness_no_letter() {
    #[derive(Debug)]
    struct Broken;

    impl SecureRandom for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<(), KeyError> {
            Err(KeyError::Unavailable("nothing random".into()))
        }
    }

    let provider = Provider { random: &Broken, ..Provider::default() };
    let shared = SharedKey::new(b"name", vec![1; 32]).unwrap();
    for cipher in ContentCipher::WRITTEN {
        for to in [Recipient::shared(&shared), Recipient::password("secret")] {
            let encryptor = Encryptor::new(&[to], &EncryptionOptions::new(cipher), &provider).unwrap();
            let mut out = Vec::new();
            let refused = encryptor.begin(&mut out, AT).map(|_| ());
            assert!(matches!(refused, Err(Error::Key(KeyError::Unavailable(_)))));
            assert!(out.is_empty());
        }
    }
    let Some(pki) = Pki::new() else { return };
    let leaf = pki.leaf("bob@example.org", KeyType::Rsa(2048));
    let to = [Recipient::certificate(&certificate(&leaf))];
    let message = sealed(&to, &EncryptionOptions::new(ContentCipher::Aes256Gcm), TEXT).unwrap();
    let keys = [key(&leaf)];
    let mut desk = desk(&keys);
    desk.provider = provider;
    assert!(desk.try_open(&message).is_err(), "the random key of R-A10 is drawn in any case");
}

#[test]
fn nobody_and_weak_ciphers_are_refused() {
    let options = EncryptionOptions::new(ContentCipher::Aes256Gcm);
    assert!(sealed(&[], &options, TEXT).is_err());
    let to = [Recipient::password("secret")];
    for cipher in [ContentCipher::TripleDesCbc, ContentCipher::Rc2Cbc { bits: 128 }] {
        assert!(sealed(&to, &EncryptionOptions::new(cipher), TEXT).is_err());
    }
    assert!(sealed(&[Recipient::password("")], &options, TEXT).is_err());
    assert!(SharedKey::new(b"name", vec![1; 15]).is_err());
    let Some(pki) = Pki::new() else { return };
    let signs_only = certificate(&pki.leaf("bob@example.org", KeyType::Ed25519));
    assert!(sealed(&[Recipient::certificate(&signs_only)], &options, TEXT).is_err());
    let authority = Certificate::load_pem_or_der(&std::fs::read(pki.root()).unwrap()).unwrap().remove(0);
    assert!(sealed(&[Recipient::certificate(&authority)], &options, TEXT).is_err());
}

/// R-A15: keys and nonces are new each time, so equal content never encrypts to equal octets.
#[test]
fn r_a15_no_two_letters_are_alike() {
    let to = [Recipient::shared(&SharedKey::new(b"name", vec![1; 32]).unwrap())];
    for cipher in ContentCipher::WRITTEN {
        let options = EncryptionOptions::new(cipher);
        let mut seen = std::collections::HashSet::new();
        for _ in 0..200 {
            let message = sealed(&to, &options, &[0; 64]).unwrap();
            let ciphertext = &message[message.len() - 18 - 64..message.len() - 18];
            seen.extend(ciphertext.windows(8).map(<[u8]>::to_vec));
        }
        assert_eq!(seen.len(), 200 * 57, "{cipher}");
    }
}
