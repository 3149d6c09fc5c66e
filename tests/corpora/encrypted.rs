//! Encrypted letters of the corpora, with all keys of the corpora: what comes out is what was stated.

use std::fs;
use std::path::Path;

use mailseal::report::{Code, Decryption, EncryptedLayer};
use mailseal::{Certificate, Composer, Context, Group, Key, Outcome, Password, Policy, TrustStore, UnixTime};

use crate::keys::Keys;
use crate::letters::{Given, Judged, corpus, files, noon};
use crate::opened_by_peers::{is_enveloped, reads_the_same};
use crate::splitter::{decode, to_base64};
use crate::support::Program;

/// A CMS or OpenPGP message in a letter around it; nothing for a letter.
pub(crate) fn wrapped(octets: &[u8]) -> Option<Vec<u8>> {
    if let Some(der) = cms(octets) {
        let body = to_base64(&der);
        return Some(
            [
                HEAD,
                b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n\
            Content-Transfer-Encoding: base64\r\n\r\n",
                body.as_bytes(),
                b"\r\n",
            ]
            .concat(),
        );
    }
    let armored = octets.starts_with(b"-----BEGIN PGP MESSAGE");
    // Encrypted session keys, encrypted data, and markers (RFC 9580 §4.2), in both formats.
    let binary = [
        0x84..=0x87,
        0x8c..=0x8f,
        0xa4..=0xa7,
        0xa8..=0xab,
        0xc1..=0xc1,
        0xc3..=0xc3,
        0xc9..=0xca,
        0xd2..=0xd2,
        0xd4..=0xd4,
    ];
    let binary = octets.first().is_some_and(|first| binary.iter().any(|range| range.contains(first)));
    (armored || binary).then(|| {
        let body = match armored {
            true => [b"\r\n", octets].concat(),
            false => [b"Content-Transfer-Encoding: base64\r\n\r\n", to_base64(octets).as_bytes()].concat(),
        };
        [HEAD, PGP, &body, b"\r\n--=-e-=--\r\n"].concat()
    })
}

const HEAD: &[u8] = b"From: a@example.org\r\nMIME-Version: 1.0\r\n";
const PGP: &[u8] =
    b"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=\"=-e-=\"\r\n\r\n\
    --=-e-=\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--=-e-=\r\n\
    Content-Type: application/octet-stream\r\n";

/// In DER, or in PEM.
fn cms(octets: &[u8]) -> Option<Vec<u8>> {
    let pem = ["-----BEGIN CMS-----", "-----BEGIN PKCS7-----"].iter().find_map(|begin| {
        let at = octets.windows(begin.len()).position(|window| window == begin.as_bytes())?;
        let text = &octets[at + begin.len()..];
        let end = text.windows(5).position(|window| window == b"-----")?;
        Some(decode(&text[..end], "base64"))
    });
    Some(pem.unwrap_or_else(|| octets.to_vec())).filter(|der| is_enveloped(der))
}

/// Opens a file with the keys whose files have this in their names, and a password.
fn opened(file: &Path, keys: &[Key], password: &str) -> Judged {
    let octets = fs::read(file).unwrap();
    let letter = wrapped(&octets).unwrap_or(octets);
    let given = Given::default().keys(keys.to_vec());
    Judged::opened(&given, given.opener().password(Password::from(password)), &letter, at(), &[])
}

/// The inner layers lie beside the letters.
#[test]
fn autocrypt_protected_headers() {
    let (Some(folder), Some(keys)) = (corpus("autocrypt-protected-headers"), Keys::get()) else { return };
    let keys = keys.of("autocrypt-protected-headers");
    let mut seen = 0;
    for file in files(&folder) {
        if file.extension().is_none_or(|kind| kind != "eml") {
            continue;
        }
        let judged = opened(&file, &keys, "");
        let Some(decryption) = judged.decryption() else { continue };
        assert_eq!(decryption, Decryption::Opened, "{}: {:#?}", file.display(), judged.report.layers);
        let inner = ["inner.inner", "inner"].map(|kind| file.with_extension(kind));
        let inner = fs::read(inner.iter().find(|inner| inner.exists()).unwrap()).unwrap();
        assert!(reads_the_same(&inner, &judged.payload.unwrap()), "{}", file.display());
        seen += 1;
    }
    println!("autocrypt-protected-headers: {seen} letters read as stated");
    assert_eq!(seen, 9);
}

/// Thunderbird's letters: what its tests look for in the text, by the names of the files.
#[test]
fn thunderbird_openpgp() {
    let (Some(folder), Some(keys)) = (corpus("thunderbird-openpgp"), Keys::get()) else { return };
    let keys = keys.of("thunderbird-openpgp");
    let (mut whole, mut parts) = (0, 0);
    for file in files(&folder.join("mail/test/browser/openpgp/data/eml")) {
        let judged = opened(&file, &keys, "");
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let context = format!("{name}: {:#?}", judged.report.layers);
        match judged.decryption() {
            None => {}
            Some(Decryption::Opened) => {
                assert!(judged.payload.is_some() && judged.report.layers.len() <= 3, "{context}");
                let words = ["Sundays are nothing without callaloo", "Content-Type"];
                assert!(words.iter().any(|words| judged.reads(words)), "{context}");
                whole += 1;
            }
            // Not around the whole letter: apart from what stands beside it, and only by its place (R-A1).
            Some(Decryption::NotTried) if name != "sigspoof-git-commit.eml" => {
                assert!(!judged.reads("SECRET-TEXT") && judged.saw_sealed(Code::EncryptedPart), "{context}");
                parts += judged_parts(&file, &keys, &judged);
            }
            Some(decryption) => {
                assert_eq!((decryption, name.as_str()), (Decryption::NotTried, "sigspoof-git-commit.eml"))
            }
        }
    }
    println!("thunderbird-openpgp: {whole} letters, {parts} parts");
    // Two parts are to Carol, whose key is locked, and one is no armor any more.
    assert_eq!((whole, parts), (19, 5));
}

/// Opens each encrypted part by its place: how many there are for these keys.
fn judged_parts(file: &Path, keys: &[Key], judged: &Judged) -> usize {
    let letter = fs::read(file).unwrap();
    let opener = Given::default().keys(keys.to_vec()).opener();
    let open = |layer: &EncryptedLayer| {
        let opened = opener.open_part(&letter, &layer.part, at()).unwrap();
        let good = Policy::standard().judge(&opened.report).outcome == Outcome::Good;
        assert!(!good, "{}: good by what is in a part", file.display());
        opened.payload().is_some()
    };
    judged.sealed().filter(|layer| open(layer)).count()
}

/// RFC 4134 §5: to keys of 1024 bits, which only a build with `rust-crypto-private-rsa` uses.
#[test]
fn rfc_4134() {
    let (Some(folder), Some(keys)) = (corpus("bc-test-data/rfc4134"), Keys::get()) else { return };
    let content = fs::read_to_string(folder.join("ExContent.bin")).unwrap();
    let small = cfg!(feature = "rust-crypto-private-rsa");
    let keys = if small { keys.of("bc-test-data/rfc4134") } else { Vec::new() };
    for file in ["5.1.bin", "5.2.bin", "5.3.eml"] {
        let judged = opened(&folder.join(file), &keys, "");
        let context = format!("{file}: {:#?}", judged.report.layers);
        let layer = judged.sealed().next().expect(&context);
        if small {
            assert_eq!(layer.decryption, Decryption::Opened, "{context}");
            assert!(judged.reads(&content) && judged.saw_sealed(Code::WeakAlgorithm), "{context}");
        } else {
            assert_eq!(layer.decryption, Decryption::NoKey, "{context}");
            assert!(judged.payload.is_none() && judged.saw_sealed(Code::NoDecryptionKey), "{context}");
        }
    }
}

/// What openssl wrote for NSS to read: to RSA in every way, and to an elliptic curve with every hash.
#[test]
fn nss_interop() {
    let (Some(folder), Some(keys)) = (corpus("nss-smime/tests/smime/interop-openssl"), Keys::get()) else {
        return;
    };
    let keys = keys.of("nss-smime");
    let (mut read, mut refused) = (0, 0);
    for file in files(&folder) {
        if file.extension().is_none_or(|kind| kind != "env") {
            continue;
        }
        let judged = opened(&file, &keys, "");
        let context = format!("{}: {:#?}", file.display(), judged.report.layers);
        match judged.decryption() {
            Some(Decryption::Opened) => {
                assert!(judged.reads("This is a test message to Fran."), "{context}");
                read += 1;
            }
            // Labels (RFC 4055 §4.1, R-A11), and hashes that AWS-LC does not have together.
            _ => {
                let name = file.file_name().unwrap().to_str().unwrap();
                assert!(name.contains("label") || name.contains("mgf_"), "{context}");
                assert!(judged.payload.is_none(), "{context}");
                refused += 1;
            }
        }
    }
    println!("nss-smime: {read} read, {refused} refused");
    let mixed = if cfg!(feature = "rust-crypto-private-rsa") { 3 } else { 0 };
    assert_eq!((read, refused), (10 + mixed, 7 - mixed));
}

/// What is malformed by its name, or was never checked for changes, is never opened.
#[test]
fn openssl_cms_data() {
    let (Some(folder), Some(keys)) = (corpus("openssl/test/recipes/80-test_cms_data"), Keys::get()) else {
        return;
    };
    let keys = keys.of("openssl/test");
    for file in ["dh-malformed.der", "ecdh-malformed.der", "rsa-malformed.der"] {
        let judged = opened(&folder.join(file), &keys, "");
        assert_ne!(judged.decryption(), Some(Decryption::Opened), "{file}: {:#?}", judged.report.layers);
        assert!(judged.payload.is_none(), "{file}");
    }
    let judged = opened(&folder.join("ciphertext_from_1_1_1.cms"), &keys, "");
    assert_eq!(judged.decryption(), Some(Decryption::Opened), "{:#?}", judged.report.layers);
    assert!(judged.saw_sealed(Code::WeakAlgorithm) && judged.saw_sealed(Code::NotAuthenticated));
}

/// Messages whose text, or whose refusal, is stated by their names or in the tests of those who published them: file,
/// password, and the text, or the code that says why it stays closed.
const MESSAGES: &[(&str, &str, Result<&str, Code>)] = &[
    (
        "sequoia-openpgp/messages/encrypted-aes128-password-123456789.pgp",
        "123456789",
        Ok("A Cypherpunk's Manifesto"),
    ),
    (
        "sequoia-openpgp/messages/encrypted-aes192-password-123456.pgp",
        "123456",
        Ok("A Cypherpunk's Manifesto"),
    ),
    ("sequoia-openpgp/messages/encrypted-aes256-password-123.pgp", "123", Ok("A Cypherpunk's Manifesto")),
    ("sequoia-openpgp/messages/encrypted-aes256-password-123.pgp", "124", Err(Code::NotDecrypted)),
    (
        "sequoia-openpgp/messages/encrypted-twofish-password-red-fish-blue-fish.pgp",
        "red-fish-blue-fish",
        Ok("A Cypherpunk's Manifesto"),
    ),
    (
        "sequoia-openpgp/messages/encrypted-camellia256-password-123.pgp",
        "123",
        Ok("A Cypherpunk's Manifesto"),
    ),
    (
        "sequoia-openpgp/messages/seip/msg-compression-signed-password-123.pgp",
        "123",
        Ok("compression, signed"),
    ),
    ("sequoia-openpgp/crypto-refresh/v6skesk-aes128-ocb.pgp", "password", Ok("Hello, world!")),
    ("sequoia-openpgp/crypto-refresh/v6skesk-aes128-eax.pgp", "password", Ok("Hello, world!")),
    ("sequoia-openpgp/crypto-refresh/v6skesk-aes128-gcm.pgp", "password", Ok("Hello, world!")),
    ("rnp/data/RFC9580/A.8.5-v6pkesk-v2seipd", "", Ok("Hello, world!")),
    ("rnp/data/RFC9580/A.9.5.v6_skesk_eax.asc", "password", Ok("Hello, world!")),
    ("rnp/data/RFC9580/A.10.5.v6_skesk_ocb.asc", "password", Ok("Hello, world!")),
    ("rnp/data/RFC9580/A.12.1.v4-skesk-argon2-aes128.asc", "password", Ok("Hello, world!")),
    ("rnp/data/RFC9580/A.12.2.v4-skesk-argon2-aes192.asc", "password", Ok("Hello, world!")),
    ("rnp/data/RFC9580/A.12.3.v4-skesk-argon2-aes256.asc", "password", Ok("Hello, world!")),
    ("rnp/data/test_messages/message.enc-password", "password", Ok("")),
    ("rnp/data/test_messages/message.enc-password", "", Err(Code::NotDecrypted)),
    ("rnp/data/test_messages/message.txt.enc-no-mdc", "password", Err(Code::UnsupportedAlgorithm)),
    ("rnp/data/test_messages/message.txt.enc-aead-ocb", "password", Err(Code::LibrepgpEncryption)),
    ("rnp/data/test_messages/message.txt.enc-aead-eax-malf", "password", Err(Code::LibrepgpEncryption)),
    ("rnp/data/test_messages/message.compr-encr.32-rounds", "password", Err(Code::NotDecrypted)),
    ("gopenpgp/crypto/testdata/message_badmdc", "", Err(Code::NotDecrypted)),
    ("gopenpgp/crypto/testdata/sed_message", "", Err(Code::UnsupportedAlgorithm)),
    ("gopenpgp/crypto/testdata/gpg2.3-aead-pgp-message.pgp", "", Err(Code::LibrepgpEncryption)),
    ("gopenpgp/mime/testdata/mime/scenario_00.asc", "", Ok("Content-Type")),
];

#[test]
fn openpgp_messages() {
    let (Some(folder), Some(keys)) = (crate::support::corpora(), Keys::get()) else { return };
    for (file, password, stated) in MESSAGES {
        let of = file.split('/').next().unwrap();
        let judged = opened(&folder.join(file), &keys.of(of), password);
        let context = format!("{file}: {:#?}", judged.report.layers);
        match stated {
            Ok(words) => {
                assert_eq!(judged.decryption(), Some(Decryption::Opened), "{context}");
                assert!(judged.reads(words), "{context}");
                assert!(judged.sealed().all(|layer| layer.authenticated), "{context}");
            }
            Err(code) => {
                assert!(judged.payload.is_none() && judged.saw_sealed(*code), "{context}");
            }
        }
    }
    println!("openpgp: {} messages as stated", MESSAGES.len());
}

/// RFC 9216: each has a key that signs and another that is encrypted to, in one file; openssl writes to the RSA ones,
/// the library to all, X25519 included.
#[test]
fn rfc_9216() {
    let (Some(folder), Some(keys), Some(openssl)) =
        (corpus("rfc9216"), Keys::get(), crate::support::tool("openssl"))
    else {
        return;
    };
    const DRAFT: &[u8] = b"From: bob@smime.example\r\nTo: x@smime.example\r\nSubject: x\r\n\r\nat nine\r\n";
    for (file, key) in [
        ("4.3-alice-s-encryption-end-entity-certificate", "rfc9216/4.5"),
        ("5.3-bob-s-encryption-end-entity-certificate", "rfc9216/5.5"),
        ("7.3-carlos-s-encryption-end-entity-certificate", "rfc9216/7.5"),
        ("8.3-dana-s-encryption-end-entity-certificate", "rfc9216/8.5"),
    ] {
        let file = folder.join(format!("{file}.certificate.pem"));
        let given = Given::default().keys(keys.of(key));
        let group = Group::to(&Certificate::load(&fs::read(&file).unwrap()).unwrap(), at()).unwrap();
        let mut mail = Vec::new();
        let composer = Composer::new(&Context::new(TrustStore::new())).encrypt(&group);
        composer.compose(DRAFT, at(), &mut mail).unwrap();
        let mut letters = vec![mail];
        if key < "rfc9216/6" {
            let run = Program::new(&openssl).words("cms -encrypt -aes128 -keyid -from bob@smime.example");
            letters.push(run.arg(&file).input(b"Content-Type: text/plain\r\n\r\nat nine\r\n").ok());
        }
        for letter in letters {
            let judged = Judged::new(&given, &letter, at(), &[]);
            let context = format!("{key}: {:#?}", judged.report.layers);
            assert_eq!(judged.decryption(), Some(Decryption::Opened), "{context}");
            assert!(judged.reads("at nine"), "{context}");
            let stranger = Given::default().keys(keys.of("thunderbird-smime"));
            let judged = Judged::new(&stranger, &letter, at(), &[]);
            assert!(judged.decryption() == Some(Decryption::NoKey) && judged.payload.is_none(), "{context}");
        }
    }
}

fn at() -> UnixTime {
    noon("2026-06-01")
}
