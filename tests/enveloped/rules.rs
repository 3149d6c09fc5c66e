//! Rules of opening that hold for every key.

use std::collections::HashSet;

use mailseal::crypto::{ContentCipher, DecryptionKey, KeyError, Provider, PublicKey, Secret, WrappedKey};
use mailseal::report::{Code, Decryption};
use mailseal::smime::{EncryptionOptions, Recipient};
use mailseal::{Certificate, Error, Key, Password, UnixTime};

use crate::desk::{Desk, TEXT, desk, key};
use crate::sealed::{certificate, sealed};
use crate::support::pki::{KeyType, Leaf, Pki, Profile};

fn to(leaf: &Leaf, options: &EncryptionOptions) -> Vec<u8> {
    sealed(&[Recipient::certificate(&certificate(leaf))], options, TEXT).unwrap()
}

/// All that can be told from outside.
fn outcome(desk: &Desk<'_>, message: &[u8]) -> String {
    let seen = desk.open(message);
    format!("{:?} {:?} {:?}", seen.decrypted.decryption, seen.decrypted.findings, seen.decrypted.opened_by)
}

/// Whatever is wrong with an entry of RSA: its padding, its number, its length, the tag.
#[test]
fn r_a10_every_failure_of_rsa_looks_the_same() {
    let Some(pki) = Pki::new() else { return };
    let leaf = pki.leaf("bob@example.org", KeyType::Rsa(2048));
    let keys = [key(&leaf)];
    let desk = desk(&keys);
    for oaep in [false, true] {
        for cipher in [ContentCipher::Aes256Gcm, ContentCipher::ChaCha20Poly1305] {
            let options = EncryptionOptions::new(cipher).oaep(oaep);
            let message = to(&leaf, &options);
            let entry = message.windows(4).position(|octets| octets == [4, 0x82, 1, 0]).unwrap() + 4;
            let mut outcomes = HashSet::new();
            for octet in (0..256).step_by(5) {
                let mut bent = message.clone();
                bent[entry + octet] ^= 0x40;
                outcomes.insert(outcome(&desk, &bent));
            }
            for fill in [0, 1, 0xff] {
                let mut bent = message.clone();
                bent[entry..entry + 256].fill(fill);
                outcomes.insert(outcome(&desk, &bent));
            }
            let mut bent = message.clone();
            *bent.last_mut().unwrap() ^= 1;
            outcomes.insert(outcome(&desk, &bent));
            // A key of another length, encrypted as it should be.
            let other = to(&leaf, &EncryptionOptions::new(ContentCipher::Aes128Gcm).oaep(oaep));
            let at = other.windows(4).position(|octets| octets == [4, 0x82, 1, 0]).unwrap() + 4;
            let mut bent = message.clone();
            bent[entry..entry + 256].copy_from_slice(&other[at..at + 256]);
            outcomes.insert(outcome(&desk, &bent));
            assert_eq!(outcomes.len(), 1, "{outcomes:?}");
            assert!(desk.open(&bent).is_the_one_failure());
        }
    }
}

/// In CBC a bad entry beside a good one must not say, by what opens, whether its padding was right.
#[test]
fn r_a10_a_second_entry_for_one_key_tells_nothing() {
    let Some(pki) = Pki::new() else { return };
    let leaf = pki.leaf("bob@example.org", KeyType::Rsa(2048));
    let keys = [key(&leaf)];
    let own = Recipient::certificate(&certificate(&leaf));
    let options = EncryptionOptions::new(ContentCipher::Aes256Cbc);
    let message = sealed(&[own.clone(), own.clone()], &options, TEXT).unwrap();
    let entries: Vec<_> =
        (0..message.len() - 4).filter(|at| message[*at..*at + 4] == [4, 0x82, 1, 0]).collect();
    let [first, second] = entries[..] else { panic!() };
    // The first entry decides: with one that is not padded, and with one that holds another key.
    let other = to(&leaf, &EncryptionOptions::new(ContentCipher::Aes256Gcm));
    let at = other.windows(4).position(|octets| octets == [4, 0x82, 1, 0]).unwrap();
    for probe in [vec![1; 256], other[at + 4..at + 260].to_vec()] {
        let mut bent = message.clone();
        bent[first + 4..first + 260].copy_from_slice(&probe);
        let seen = desk(&keys).open(&bent);
        assert_ne!(seen.content, TEXT);
        let mut bent = message.clone();
        bent[second + 4..second + 260].copy_from_slice(&probe);
        desk(&keys).opens(&bent, TEXT, "the first is good");
    }
    // With a tag, the good one opens in either place.
    let message =
        sealed(&[own.clone(), own], &EncryptionOptions::new(ContentCipher::Aes256Gcm), TEXT).unwrap();
    for entry in entries {
        let mut bent = message.clone();
        bent[entry + 4..entry + 260].fill(1);
        desk(&keys).opens(&bent, TEXT, "one of two");
    }
}

/// R-A13: points off the curve, at infinity, of another length.
#[test]
fn r_a13_points_that_are_none() {
    let Some(pki) = Pki::new() else { return };
    let leaf = pki.leaf("bob@example.org", KeyType::P256);
    let keys = [key(&leaf)];
    let message = to(&leaf, &EncryptionOptions::new(ContentCipher::Aes256Gcm));
    let point = message.windows(4).position(|octets| octets == [3, 0x42, 0, 4]).unwrap() + 3;
    let mut outcomes = HashSet::new();
    for octet in 0..65 {
        for bit in 0..8 {
            let mut bent = message.clone();
            bent[point + octet] ^= 1 << bit;
            let seen = desk(&keys).open(&bent);
            assert!(seen.is_the_one_failure() && seen.content.is_empty(), "{octet} {bit}");
            outcomes.insert(outcome(&desk(&keys), &bent));
        }
    }
    let mut infinity = message.clone();
    infinity[point + 1..point + 65].fill(0);
    outcomes.insert(outcome(&desk(&keys), &infinity));
    assert_eq!(outcomes.len(), 1);
}

#[test]
fn an_old_key_opens_and_is_named_as_old() {
    let Some(pki) = Pki::new() else { return };
    let old = pki.leaf_with("bob@example.org", KeyType::Rsa(2048), Profile::Expired);
    let keys = [key(&old), key(&pki.leaf("bob@example.org", KeyType::P256))];
    let message = to(&old, &EncryptionOptions::new(ContentCipher::Aes256Gcm));
    let seen = desk(&keys).opens(&message, TEXT, "old");
    assert_eq!(seen.codes(), [Code::OldDecryptionKey]);
    assert!(seen.decrypted.opened_by.unwrap().old);
    let mut then = desk(&keys);
    then.at = UnixTime::from_seconds(1_720_000_000);
    let seen = then.opens(&message, TEXT, "then");
    assert!(seen.codes().is_empty() && !seen.decrypted.opened_by.unwrap().old);
}

/// A key that is somewhere else, and does what it is told.
#[derive(Debug)]
struct Remote {
    key: std::sync::Arc<dyn DecryptionKey>,
    away: bool,
}

impl DecryptionKey for Remote {
    fn public(&self) -> &PublicKey {
        self.key.public()
    }

    fn unwrap(&self, wrapped: &WrappedKey<'_>) -> Option<Result<Secret, KeyError>> {
        match self.away {
            true => Some(Err(KeyError::Unavailable("the token is not there".into()))),
            false => self.key.unwrap(wrapped),
        }
    }
}

#[test]
fn keys_elsewhere_open_or_are_away() {
    let Some(pki) = Pki::new() else { return };
    for kind in [KeyType::Rsa(2048), KeyType::P384] {
        let leaf = pki.leaf("bob@example.org", kind);
        let octets = std::fs::read(&leaf.key).unwrap();
        let file = mailseal::x509::private_key::read(&octets, None, &mailseal::Limits::default()).unwrap();
        let certificates = Certificate::load(&std::fs::read(&leaf.chain).unwrap()).unwrap();
        for cipher in [ContentCipher::Aes256Gcm, ContentCipher::Aes256Cbc] {
            let message = to(&leaf, &EncryptionOptions::new(cipher));
            for away in [false, true] {
                let key = Provider::default().key_loader.decryption_key(&file.keys[0]).unwrap();
                let keys = [Key::external_decryption(Remote { key, away }, &certificates).unwrap()];
                match desk(&keys).try_open(&message) {
                    Ok(seen) => assert!(!away && seen.decrypted.decryption == Decryption::Opened),
                    Err(Error::Key(KeyError::Unavailable(_))) => assert!(away),
                    Err(error) => panic!("{error}"),
                }
            }
        }
    }
    let stranger = pki.leaf("eve@example.org", KeyType::P256);
    let octets = std::fs::read(&stranger.key).unwrap();
    let file = mailseal::x509::private_key::read(&octets, None, &mailseal::Limits::default()).unwrap();
    let key = Provider::default().key_loader.decryption_key(&file.keys[0]).unwrap();
    let others = Certificate::load(&std::fs::read(pki.root()).unwrap()).unwrap();
    assert!(Key::external_decryption(Remote { key, away: false }, &others).is_err());
}

/// One private key, two certificates: letters to either are opened.
#[test]
fn one_key_with_several_certificates() {
    let Some(pki) = Pki::new() else { return };
    let first = pki.leaf("bob@example.org", KeyType::Rsa(2048));
    let name = first.key.file_stem().unwrap().to_string_lossy().into_owned();
    // The second without a key identifier, which some write all the same (RFC 5280 §4.2.1.2).
    pki.openssl(&format!(
        "req -x509 -config ca.cnf -key {name}.key -subj /CN=Bob-again -days 9000 -out again.pem"
    ))
    .ok();
    let again = std::fs::read(pki.folder().join("again.pem")).unwrap();
    let certificates = [
        Certificate::load(&std::fs::read(&first.certificate).unwrap()).unwrap(),
        Certificate::load(&again).unwrap(),
    ]
    .concat();
    let keys =
        [Key::load_with(&std::fs::read(&first.key).unwrap(), &certificates, Password::none()).unwrap()];
    for (number, certificate) in certificates.iter().enumerate() {
        let Certificate::X509(x509) = certificate else { panic!() };
        for by_key in [false, true] {
            let options = EncryptionOptions::new(ContentCipher::Aes256Gcm).key_identifiers(by_key);
            let message = sealed(&[Recipient::certificate(x509)], &options, TEXT).unwrap();
            let seen = desk(&keys).opens(&message, TEXT, "several");
            // A key identifier names both.
            if !by_key {
                let fingerprint = seen.decrypted.opened_by.unwrap().fingerprint;
                assert_eq!(fingerprint, Some(certificates[number].fingerprint()));
            }
        }
    }
    let alone =
        [Key::load_with(&std::fs::read(&first.key).unwrap(), &certificates[1..], Password::none()).unwrap()];
    std::fs::write(pki.folder().join("text"), TEXT).unwrap();
    let words = format!("cms -encrypt -binary -in text -outform DER -aes-256-gcm -keyid -recip {name}.pem");
    let message = pki.openssl(&words).ok();
    desk(&alone).opens(&message, TEXT, "by the hash of the key");
}

/// A large one is BER, in pieces: nothing in its frame can be changed or left out to make it open to something else.
#[test]
fn r_a6_a_streamed_letter_opens_whole_or_not_at_all() {
    let Some(pki) = Pki::new() else { return };
    let leaf = pki.leaf("bob@example.org", KeyType::P256);
    let keys = [key(&leaf)];
    let text = b"0123456789abcdef".repeat(5_000);
    let to = [Recipient::certificate(&certificate(&leaf))];
    let message = sealed(&to, &EncryptionOptions::new(ContentCipher::Aes256Gcm), &text).unwrap();
    assert_eq!(message[1], 0x80);
    desk(&keys).opens(&message, &text, "as it is");
    let check = |bent: &[u8], what: String| match desk(&keys).try_open(bent) {
        Ok(seen) if seen.decrypted.decryption == Decryption::Opened => {
            assert!(seen.content == text, "{what}")
        }
        Ok(seen) => assert!(seen.decrypted.again.is_none(), "{what}"),
        Err(Error::Limit { .. }) => {}
        Err(error) => panic!("{what}: {error}"),
    };
    let edges = (0..600).chain(message.len() - 100..message.len());
    for at in edges {
        for mask in [1, 0x20, 0x80] {
            let mut bent = message.clone();
            bent[at] ^= mask;
            check(&bent, format!("octet {at} mask {mask:x}"));
        }
    }
    for length in (0..600).chain(message.len() - 100..message.len()).chain((600..message.len()).step_by(997))
    {
        let seen = desk(&keys).try_open(&message[..length]);
        assert!(seen.is_ok_and(|seen| seen.decrypted.decryption == Decryption::NotTried), "{length}");
    }
}
