//! Encrypted messages of other projects, with their keys: opened to what they say, or refused as they say.

use std::fs;
use std::path::Path;

use super::corpora::files;
use super::decrypt::{found, open_with};
use super::*;
use crate::Key;
use crate::crypto::Secret;
use crate::protocol::{Decrypted, Keys};
use crate::report::Decryption;

/// What the projects write in their tests and beside their files.
const PASSWORDS: [&str; 8] =
    ["password", "streng geheim", "password1", "123456", "123456789", "123", "red-fish-blue-fish", "test"];

fn say(request: &crate::PasswordRequest) -> Option<Secret> {
    PASSWORDS.get(usize::try_from(request.attempt).unwrap()).map(|text| Secret::from(*text))
}

/// The keys that are not locked by a password that is stated nowhere.
fn keys(folder: &Path) -> Vec<Key> {
    let files = files(folder, 200 << 10).into_iter().filter(|file| !file.ends_with("-with-pp.asc"));
    let found = files.filter_map(|file| {
        let octets = fs::read(file).unwrap();
        SigningIdentity::load(&octets, say, &Provider::default()).ok()
    });
    found.flatten().map(Key::of).collect()
}

/// The first message of a file, armored or binary.
fn message(octets: &[u8]) -> &[u8] {
    let block = openpgp::blocks(octets).find(|block| block.label == "MESSAGE");
    block.map_or(octets, |block| &octets[block.start..block.end])
}

fn look(octets: &[u8], keys: &[Key]) -> (Decrypted, Vec<u8>) {
    let fixed = Fixed::default();
    let fixed =
        Fixed { limits: fixed.limits.clone().trial_decryptions(1000).kdf_memory_kib(64 << 10), ..fixed };
    open_with(octets, &Keys::new(keys, Some(&say)), &[], &fixed).unwrap()
}

/// Files whose name starts so are opened, and how many.
fn opened(folder: &str, starts: &[(&str, usize)], cipher: Option<&str>) {
    let Some(root) = corpus(folder) else { return };
    let keys = keys(&root);
    for (start, count) in starts {
        let mut seen = 0;
        for file in files(&root, 1 << 20) {
            let name = file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            let octets = fs::read(&file).unwrap();
            if !name.starts_with(start) || octets.is_empty() {
                continue;
            }
            let (decrypted, content) = look(message(&octets), &keys);
            assert_eq!(decrypted.decryption, Decryption::Opened, "{name} {decrypted:?}");
            assert!(
                !content.is_empty()
                    && cipher.is_none_or(|cipher| decrypted.cipher.as_deref() == Some(cipher))
            );
            seen += 1;
        }
        assert_eq!(seen, *count, "{start}");
    }
}

#[test]
fn sequoia() {
    let Some(root) = corpus("sequoia-openpgp") else { return };
    let keys = keys(&root);
    let of = |name: &str| look(&fs::read(root.join(name)).unwrap(), &keys);
    for name in ["rsa", "cv25519", "cv25519.unclamped", "nistp256", "nistp384", "nistp521", "x448"] {
        let (seen, content) = of(&format!("messages/encrypted/{name}.msg.pgp"));
        assert_eq!(seen.decryption, Decryption::Opened, "{name} {seen:?}");
        let russian = "дружба".as_bytes();
        assert!(
            content.to_ascii_lowercase().starts_with(b"hello") || content == russian,
            "{name} {content:?}"
        );
    }
    for name in ["brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1", "elg", "secp256k1"] {
        let (seen, _) = of(&format!("messages/encrypted/{name}.msg.pgp"));
        assert_eq!((seen.decryption, found(&seen)[0]), (Decryption::NoKey, Code::NoDecryptionKey), "{name}");
    }
    for (name, cipher) in [
        ("encrypted-aes128-password-123456789", "AES-128"),
        ("encrypted-aes192-password-123456", "AES-192"),
        ("encrypted-aes256-password-123", "AES-256"),
        ("encrypted-camellia128-password-123", "Camellia-128"),
        ("encrypted-camellia192-password-123", "Camellia-192"),
        ("encrypted-camellia256-password-123", "Camellia-256"),
        ("encrypted-twofish-password-red-fish-blue-fish", "Twofish"),
    ] {
        let (seen, content) = of(&format!("messages/{name}.pgp"));
        assert_eq!(seen.cipher.as_deref(), Some(format!("SEIPDv1 {cipher}").as_str()), "{name}");
        assert!(!content.is_empty());
    }
    for name in ["aes128-eax", "aes128-gcm", "aes128-ocb"] {
        let (seen, content) = of(&format!("crypto-refresh/v6skesk-{name}.pgp"));
        assert_eq!(
            (seen.decryption, content.as_slice()),
            (Decryption::Opened, &b"Hello, world!"[..]),
            "{name}"
        );
    }
    for name in [
        "iterated.max",
        "iterated.max.esk",
        "iterated.min",
        "iterated.min.esk",
        "salted",
        "salted.esk",
        "simple",
        "simple.esk",
    ] {
        assert_eq!(of(&format!("messages/s2k/{name}.pgp")).0.decryption, Decryption::Opened, "{name}");
    }
    for name in
        ["compression-not-signed", "compression-signed", "no-compression-not-signed", "no-compression-signed"]
    {
        let (seen, _) = of(&format!("messages/seip/msg-{name}-password-123.pgp"));
        assert_eq!(seen.decryption, Decryption::Opened);
        assert_eq!(seen.signed.is_some(), !name.contains("not-signed"));
    }
    let starts = [
        ("pqc/ietf/v4-eddsa-sample-message", 2),
        ("pqc/ietf/v6-mldsa-65-sample-message", 1),
        ("pqc/ietf/v6-mldsa-87-sample-message", 1),
        ("pqc/ietf/v6-slhdsa-128s-sample-message", 1),
        ("messages/encrypted-to-testy", 6),
    ];
    opened("sequoia-openpgp", &starts, None);
}

#[test]
fn post_quantum_messages_of_rfc_9980() {
    opened(
        "openpgp-pqc-draft/test-vectors",
        &[
            ("v6-mldsa-65-sample-message", 1),
            ("v6-mldsa-87-sample-message", 1),
            ("v6-eddsa-sample-message", 1),
        ],
        Some("SEIPDv2 AES-256 OCB"),
    );
}

#[test]
fn rnp() {
    let Some(root) = corpus("rnp/data") else { return };
    let keys = keys(&root);
    let of = |name: &str| look(message(&fs::read(root.join(name)).unwrap()), &keys);
    let plain = fs::read(root.join("test_messages/message.txt")).unwrap();
    for (name, content) in [
        ("RFC9580/A.8.5-v6pkesk-v2seipd", &b"Hello, world!"[..]),
        ("RFC9580/A.9.5.v6_skesk_eax.asc", b"Hello, world!"),
        ("RFC9580/A.10.5.v6_skesk_ocb.asc", b"Hello, world!"),
        ("test_messages/message.txt.enc-sign-25519", &plain),
        ("test_messages/message.txt.pkesk-skesk-v10", &plain),
        ("test_messages/message.txt.signed-sym-none-z", &plain),
        ("test_messages/message.txt.enc-3key-2p", &plain),
    ] {
        let (seen, opened) = of(name);
        assert_eq!((seen.decryption, opened.as_slice()), (Decryption::Opened, content), "{name} {seen:?}");
    }
    let t = "test_messages/message";
    // Encrypted to a key of 1024 bits.
    let small = match cfg!(feature = "rust-crypto-private-rsa") {
        true => Code::NotDecrypted,
        false => Code::NoDecryptionKey,
    };
    for (name, code) in [
        (".txt.enc-no-mdc", Code::UnsupportedAlgorithm),
        (".txt.enc-aead-eax", Code::LibrepgpEncryption),
        (".txt.enc-aead-ocb", Code::LibrepgpEncryption),
        (".txt.enc-malf-1", Code::LibrepgpEncryption),
        (".txt.enc-eg-bad", Code::NoDecryptionKey),
        (".txt.pkesk-skesk-v10-only", Code::NoDecryptionKey),
        (".txt.enc-sm2", Code::NoDecryptionKey),
        // Nested compression is not entered (R-D3).
        (".compr-encr.31-rounds", Code::NotDecrypted),
        (".compr-encr.32-rounds", Code::NotDecrypted),
        ("_mdc_8k_cut1.pgp", small),
        ("_mdc_8k_cut22.pgp", small),
    ] {
        let (seen, _) = of(&format!("{t}{name}"));
        assert_eq!(found(&seen)[0], code, "{name} {seen:?}");
        assert_ne!(seen.decryption, Decryption::Opened);
    }
    // Argon2 over 2 GiB, beyond the limit here (threats D6).
    for name in ["1.v4-skesk-argon2-aes128", "2.v4-skesk-argon2-aes192", "3.v4-skesk-argon2-aes256"] {
        assert_eq!(of(&format!("RFC9580/A.12.{name}.asc")).0.decryption, Decryption::Failed);
    }
}

#[test]
fn letters_of_kde_and_autocrypt() {
    for (folder, count) in [("kde-mimetreeparser", 26), ("autocrypt-protected-headers", 6)] {
        let Some(root) = corpus(folder) else { return };
        let keys = keys(&root);
        let mut opened = 0;
        for file in files(&root, 1 << 20) {
            let octets = fs::read(&file).unwrap();
            for block in openpgp::blocks(&octets).filter(|block| block.label == "MESSAGE") {
                let (seen, content) = look(&octets[block.start..block.end], &keys);
                if seen.decryption == Decryption::Opened {
                    opened += 1;
                    // The decrypted layer lies beside it.
                    if let Ok(inner) = fs::read(file.with_extension("inner")) {
                        assert_eq!(lines(&content), lines(&inner), "{}", file.display());
                    }
                }
            }
        }
        assert!(opened >= count, "{folder} {opened}");
    }
}

/// Their line ends differ.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.trim_ascii_end().split(|octet| *octet == b'\n').map(|line| line.trim_ascii_end()).collect()
}

#[test]
fn letters_of_thunderbird() {
    let Some(root) = corpus("thunderbird-openpgp/mail/test/browser/openpgp/data") else { return };
    let keys = keys(&root.join("keys"));
    let certs = files(&root.join("keys"), 200 << 10);
    let certs: Vec<_> = certs
        .iter()
        .flat_map(|file| openpgp::Certificate::load(&fs::read(file).unwrap()))
        .flatten()
        .collect();
    let (mut opened, mut signed) = (0, 0);
    for file in files(&root.join("eml"), 1 << 20) {
        let octets = fs::read(&file).unwrap();
        for block in openpgp::blocks(&octets).filter(|block| block.label == "MESSAGE") {
            let piece = &octets[block.start..block.end];
            let fixed = Fixed::default();
            let (seen, _) = open_with(piece, &Keys::new(&keys, None), &certs, &fixed).unwrap();
            // Carol's key is locked by a password that is stated nowhere.
            if file.to_str().unwrap().contains("-for-carol-") {
                assert_eq!(found(&seen), [Code::NotDecrypted]);
                continue;
            }
            // What is quoted-printable around it cannot be read as it stands here.
            if seen.decryption == Decryption::NotTried {
                continue;
            }
            assert_eq!(seen.decryption, Decryption::Opened, "{} {seen:?}", file.display());
            opened += 1;
            let inside = seen.signed.unwrap_or_default();
            signed += inside.signatures.len();
            let name = file.file_name().unwrap().to_str().unwrap();
            assert!(integrity(&inside).iter().all(|one| one.holds()), "{name} {inside:?}");
            if name.starts_with("unsigned-encrypted") {
                assert_eq!(integrity(&inside), []);
            }
        }
    }
    assert!(opened >= 23 && signed >= 1, "{opened} {signed}");
}

#[test]
fn messages_of_gopenpgp_are_refused_where_they_should_be() {
    let Some(root) = corpus("gopenpgp/crypto/testdata") else { return };
    let keys = keys(&root);
    for (name, decryption) in [
        ("sed_message", Decryption::NotTried),
        ("gpg2.3-aead-pgp-message.pgp", Decryption::NotTried),
        ("message_badmdc", Decryption::Failed),
    ] {
        let octets = fs::read(root.join(name)).unwrap();
        let (seen, _) = look(message(&octets), &keys);
        assert_eq!(seen.decryption, decryption, "{name} {seen:?}");
    }
}
