//! The keys that contents are encrypted with: each its own, and evenly spread (R-A15).

use mailseal::crypto::ContentCipher;
use mailseal::report::Protocol;
use mailseal::{Certificate, Composer, Key, Opener};

use crate::people::{People, openpgp_keys, people, written};
use crate::stage::AT;
use crate::support::gnupg::Gpg;

/// What gpg shows as session keys of two thousand letters: each its own, none constant, bits and octets spread evenly.
#[test]
fn r_a15_session_keys_as_gpg_sees_them() {
    let (Some(people), Some(gpg)) = (people(), Gpg::new()) else { return };
    gpg.import(&openpgp_keys()[1]);
    let folder = tempfile::tempdir().unwrap();
    let composer = Composer::new(&people.cx).encrypt(&people.group(Protocol::Openpgp));
    let mut names = Vec::new();
    for number in 0..2_000 {
        let letter = String::from_utf8(written(&composer)).unwrap();
        let (start, end) = ("-----BEGIN PGP MESSAGE-----", "-----END PGP MESSAGE-----");
        let armor = &letter[letter.find(start).unwrap()..letter.find(end).unwrap() + end.len()];
        let path = folder.path().join(format!("{number}.asc"));
        std::fs::write(&path, format!("{armor}\n")).unwrap();
        names.push(path);
    }
    let mut keys = Vec::new();
    for names in names.chunks(500) {
        let program = gpg.words("--batch --show-session-key --decrypt-files");
        let ran = names.iter().fold(program, |program, name| program.arg(name)).run();
        let shown = ran.stderr.lines().filter_map(|line| line.split("session key: '9:").nth(1));
        keys.extend(shown.map(|line| line.trim_end_matches('\'').to_owned()));
    }
    statistics(keys.into_iter().map(|key| crate::cms::unhex(&key)).collect(), 2_000);
}

/// The same of the content keys and nonces of S/MIME, seen by the recipient's private key.
#[test]
fn r_a15_content_keys_as_the_recipient_sees_them() {
    let Some(people) = people() else { return };
    for cipher in [ContentCipher::Aes256Gcm, ContentCipher::Aes256Cbc] {
        let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let certificate = people.bob[0].certificate();
        let watched = Watched { inner: bobs_private_half(&people), seen: seen.clone() };
        let key = Key::external_decryption(watched, &[certificate]).unwrap();
        let opener = Opener::new(&people.cx).key(key);
        let composer = Composer::new(&people.cx).encrypt(&people.group(Protocol::Smime).cipher(cipher));
        for _ in 0..2_000 {
            assert!(opener.open(written(&composer), AT).unwrap().payload().is_some());
        }
        statistics(std::mem::take(&mut *seen.lock().unwrap()), 2_000);
    }
}

#[derive(Debug)]
struct Watched {
    inner: std::sync::Arc<dyn mailseal::crypto::DecryptionKey>,
    seen: std::sync::Arc<std::sync::Mutex<Vec<Vec<u8>>>>,
}

impl mailseal::crypto::DecryptionKey for Watched {
    fn public(&self) -> &mailseal::crypto::PublicKey {
        self.inner.public()
    }

    fn unwrap(
        &self,
        wrapped: &mailseal::crypto::WrappedKey<'_>,
    ) -> Option<Result<mailseal::Secret, mailseal::crypto::KeyError>> {
        let opened = self.inner.unwrap(wrapped);
        if let Some(Ok(secret)) = &opened {
            self.seen.lock().unwrap().push(secret.expose().to_vec());
        }
        opened
    }
}

fn bobs_private_half(people: &People) -> std::sync::Arc<dyn mailseal::crypto::DecryptionKey> {
    let fingerprint = people.bob[0].certificate().fingerprint();
    let keys = std::fs::read_dir(people.stage.pki.folder()).unwrap().flatten().map(|entry| entry.path());
    let limits = mailseal::Limits::default();
    for path in keys.filter(|path| path.extension().is_some_and(|end| end == "key")) {
        let certificate = path.with_extension("pem");
        let Ok(octets) = std::fs::read(&certificate) else { continue };
        let own = Certificate::load(&octets)
            .is_ok_and(|all| all.iter().any(|one| one.fingerprint() == fingerprint));
        if own {
            let file =
                mailseal::x509::private_key::read(&std::fs::read(&path).unwrap(), None, &limits).unwrap();
            return mailseal::crypto::Provider::default().key_loader.decryption_key(&file.keys[0]).unwrap();
        }
    }
    panic!("Bob's key")
}

/// Pairwise distinct; of all bits half are set (NIST SP 800-22 §2.1), and all values of an octet are equally frequent.
fn statistics(keys: Vec<Vec<u8>>, expected: usize) {
    assert_eq!(keys.len(), expected);
    let mut distinct = keys.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), expected);
    assert!(keys.iter().all(|key| key.len() == 32 && key.iter().any(|octet| *octet != key[0])));
    let octets: Vec<u8> = keys.concat();
    let ones: u32 = octets.iter().map(|octet| octet.count_ones()).sum();
    let bits = octets.len() as f64 * 8.0;
    let deviation = (f64::from(ones) * 2.0 - bits).abs() / bits.sqrt();
    assert!(deviation < 5.0, "monobit: {deviation}");
    let mut counts = [0_u32; 256];
    octets.iter().for_each(|octet| counts[usize::from(*octet)] += 1);
    let mean = octets.len() as f64 / 256.0;
    let chi: f64 = counts.iter().map(|count| (f64::from(*count) - mean).powi(2) / mean).sum();
    // 255 degrees of freedom: mean 255, standard deviation 22.6.
    assert!((255.0 - 113.0..255.0 + 113.0).contains(&chi), "chi square: {chi}");
}
