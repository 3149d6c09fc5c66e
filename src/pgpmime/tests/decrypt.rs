//! What others encrypt is opened, and only by whom it is for.

use std::fs;
use std::io::Read;

use super::foreign::{Desk, missing, now};
use super::*;
use crate::Key;
use crate::crypto::{PasswordSource, Secret};
use crate::pgpmime::Decryptor;
use crate::protocol::{Decrypted, Decryptor as _, Keys};
use crate::report::{Decryption, RecipientKind};

pub(super) fn key(secret: &[u8]) -> Key {
    Key::load(secret, Password::none()).unwrap()
}

/// What came of it, and the content; what `again` gives is the same.
pub(super) fn open_with(
    message: &[u8],
    keys: &Keys<'_>,
    certs: &[openpgp::Certificate],
    fixed: &Fixed,
) -> Result<(Decrypted, Vec<u8>), Error> {
    let (ring, provider) = (Ring(certs.to_vec()), Provider::default());
    let inputs = inputs(&ring, &provider, fixed, now());
    let body = || {
        let body: Box<dyn Read + Send + '_> = Box::new(message);
        Ok(body)
    };
    let mut content = Vec::new();
    let seen = Decryptor.decrypt(&body, &mut content, keys, &inputs)?;
    if seen.decryption == Decryption::Opened {
        let mut again = Vec::new();
        let once_more = seen.again.as_ref().unwrap();
        Decryptor.again(body()?, once_more, &inputs)?.read_to_end(&mut again).unwrap();
        assert_eq!(again, content);
    } else {
        assert!(seen.again.is_none() && seen.signed.is_none() && seen.cipher.is_none());
    }
    Ok((seen, content))
}

pub(super) fn open(message: &[u8], keys: &[Key]) -> (Decrypted, Vec<u8>) {
    open_with(message, &Keys::new(keys, None), &[], &Fixed::default()).unwrap()
}

pub(super) fn found(seen: &Decrypted) -> Vec<Code> {
    seen.findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn we_open_what_gpg_encrypts() {
    if missing("gpg") {
        return;
    }
    let desk = Desk::new();
    let kinds = [
        ("rsa", "rsa2048", "rsa2048"),
        ("cv", "ed25519", "cv25519"),
        ("p256", "nistp256", "nistp256"),
        ("p384", "nistp384", "nistp384"),
        ("p521", "nistp521", "nistp521"),
    ];
    for (name, signs, encrypts) in kinds {
        let user = format!("{name}@example.org");
        let (made, text) = desk.gpg(&["--quick-gen-key", &user, signs, "cert,sign", "1y"]);
        assert!(made, "{text}");
        let fingerprint = text.split("revocs.d/").nth(1).unwrap()[..40].to_owned();
        let (made, text) = desk.gpg(&["--quick-add-key", &fingerprint, encrypts, "encr", "1y"]);
        assert!(made, "{text}");
    }
    let (_, exported) = desk.gpg(&["--armor", "--export"]);
    let certs = openpgp::Certificate::load(exported.as_bytes()).unwrap();
    let export = |name: &str| {
        let (_, secret) = desk.gpg(&["--armor", "--export-secret-keys", &format!("{name}@example.org")]);
        key(secret.as_bytes())
    };
    let keys: Vec<Key> = kinds.iter().map(|(name, ..)| export(name)).collect();
    let (content, out) = (desk.write("content", CONTENT), desk.path("out"));
    let base = ["--trust-model", "always", "-o", &out, "-u", "cv@example.org"];
    let everybody = [
        "-r",
        "rsa@example.org",
        "-r",
        "cv@example.org",
        "-r",
        "p256@example.org",
        "-r",
        "p384@example.org",
        "-r",
        "p521@example.org",
    ];
    for options in [
        &["--armor"][..],
        &[],
        &["--throw-keyids"],
        &["--armor", "--sign"],
        &["--compress-algo", "none"],
        &["--compress-algo", "bzip2"],
        &["--cipher-algo", "AES128"],
        &["--cipher-algo", "CAMELLIA192"],
    ] {
        let (made, text) = desk.gpg(&[&base[..], &everybody, options, &["--encrypt", &content]].concat());
        assert!(made, "{text}");
        let message = fs::read(&out).unwrap();
        for own in &keys {
            let (seen, opened) =
                open_with(&message, &Keys::new(std::slice::from_ref(own), None), &certs, &Fixed::default())
                    .unwrap();
            assert_eq!(seen.decryption, Decryption::Opened, "{options:?} {own:?} {seen:?}");
            assert_eq!(opened, CONTENT);
            assert_eq!((found(&seen), seen.authenticated), (vec![], true));
            let by = seen.opened_by.as_ref().unwrap();
            assert_eq!(by.fingerprint.as_deref(), Some(own.certificate().fingerprint().as_str()));
            assert_eq!((by.mailboxes.len(), by.old), (1, false));
            assert_eq!(seen.recipients.len(), 5);
            let hidden = options.contains(&"--throw-keyids");
            assert!(seen.recipients.iter().all(|one| one.name.is_none() == hidden));
            assert_eq!(seen.recipients[0].kind, RecipientKind::KeyTransport);
            match &seen.signed {
                Some(signed) => {
                    assert_eq!((integrity(signed), codes(signed)), (vec![Integrity::Intact], vec![]))
                }
                None => assert!(!options.contains(&"--sign")),
            }
        }
        let (seen, opened) = open(&message, &keys);
        assert_eq!((seen.decryption, opened.as_slice()), (Decryption::Opened, CONTENT));
        let (seen, opened) = open(&message, &[key(&generated("mallory", CipherSuite::Rsa3072))]);
        let hidden = options.contains(&"--throw-keyids");
        let expected = if hidden {
            (Decryption::Failed, Code::NotDecrypted)
        } else {
            (Decryption::NoKey, Code::NoDecryptionKey)
        };
        assert_eq!(((seen.decryption, found(&seen)[0]), opened), (expected, vec![]));
    }
    let (made, text) = desk.gpg(
        &[&base[..], &["--cipher-algo", "3DES", "-r", "p256@example.org", "--encrypt", &content]].concat(),
    );
    assert!(made, "{text}");
    let (seen, _) = open(&fs::read(&out).unwrap(), &keys);
    assert_eq!((seen.cipher.as_deref(), found(&seen)), (Some("SEIPDv1 3DES"), vec![Code::WeakAlgorithm]));
}

/// Says it every time, and counts.
struct Answers(&'static [&'static str], std::sync::atomic::AtomicUsize);

impl PasswordSource for Answers {
    fn password(&self, request: &crate::PasswordRequest) -> Option<Secret> {
        self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.0.get(usize::try_from(request.attempt).unwrap()).map(|answer| Secret::from(*answer))
    }
}

fn answers(answers: &'static [&'static str]) -> Answers {
    Answers(answers, Default::default())
}

#[test]
fn passwords_of_letters_are_asked_for_until_one_fits() {
    if missing("gpg") {
        return;
    }
    let desk = Desk::new();
    let (content, out) = (desk.write("content", CONTENT), desk.path("out"));
    for options in
        [&["--s2k-mode", "3"][..], &["--s2k-mode", "1"], &["--s2k-mode", "0"], &["--s2k-digest-algo", "SHA1"]]
    {
        let arguments =
            ["--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", "correct", "-o", &out];
        let (made, text) = desk.run("gpg", &[&arguments[..], options, &["-c", &content]].concat());
        assert!(made, "{text}");
        let message = fs::read(&out).unwrap();
        let fixed = Fixed::default();
        let (seen, opened) =
            open_with(&message, &Keys::new(&[], Some(&answers(&["wrong", "correct"]))), &[], &fixed).unwrap();
        assert_eq!((seen.decryption, opened.as_slice()), (Decryption::Opened, CONTENT), "{options:?}");
        assert_eq!(seen.recipients[0].kind, RecipientKind::Password);
        assert_eq!(seen.opened_by, Some(crate::report::OpenedBy::default()));
        let wrong = answers(&["a"; 100]);
        let (seen, opened) = open_with(&message, &Keys::new(&[], Some(&wrong)), &[], &fixed).unwrap();
        assert_eq!((seen.decryption, found(&seen)), (Decryption::Failed, vec![Code::NotDecrypted]));
        assert_eq!((wrong.1.into_inner(), opened.len()), (8, 0));
        let (seen, _) = open(&message, &[]);
        assert_eq!((seen.decryption, found(&seen)), (Decryption::NoKey, vec![Code::NoDecryptionKey]));
    }
}

/// Secret keys as people have them: locked, without their primary key, for encryption only.
#[test]
fn keys_are_asked_for_when_a_letter_is_addressed_to_them() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    if missing("gpg") {
        return;
    }
    let desk = Desk::new();
    let locked = ["--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", "correct"];
    let gpg = |arguments: &[&str]| {
        let (made, text) = desk.run("gpg", &[&locked[..], arguments].concat());
        assert!(made, "{text}");
        text
    };
    let made = gpg(&["--quick-gen-key", "a@example.org", "ed25519", "cert,sign", "1y"]);
    let fingerprint = made.split("revocs.d/").nth(1).unwrap()[..40].to_owned();
    gpg(&["--quick-add-key", &fingerprint, "cv25519", "encr", "1y"]);
    gpg(&["--quick-add-key", &fingerprint, "ed25519", "sign", "1y"]);
    let (content, out) = (desk.write("content", CONTENT), desk.path("out"));
    gpg(&["--trust-model", "always", "-o", &out, "-r", "a@example.org", "--encrypt", &content]);
    let message = fs::read(&out).unwrap();
    let listed = gpg(&["--list-keys", "--with-subkey-fingerprint", "--with-colons"]);
    let prints: Vec<&str> = listed.lines().filter_map(|line| line.strip_prefix("fpr:::::::::")).collect();
    let encrypting = format!("{}!", prints[1].trim_end_matches(':'));
    let whole = gpg(&["--armor", "--export-secret-keys"]);
    let offline = gpg(&["--armor", "--export-secret-subkeys"]);
    let only = gpg(&["--armor", "--export-secret-subkeys", &encrypting]);
    let elsewhere = to_others();
    for (secret, signs) in [(whole, true), (offline, true), (only, false)] {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let ask = move |request: &crate::PasswordRequest| {
            assert!(request.subject.contains("OpenPGP key"), "{request:?}");
            count.fetch_add(1, Ordering::Relaxed);
            Some(Secret::from(if request.attempt == 0 { "wrong" } else { "correct" }))
        };
        let keys = [Key::load(secret.as_bytes(), ask).unwrap()];
        assert_eq!(open(&elsewhere, &keys).0.decryption, Decryption::NoKey);
        assert_eq!(asked.load(Ordering::Relaxed), 0, "nobody types a password in vain");
        for _ in 0..3 {
            let (seen, opened) = open(&message, &keys);
            assert_eq!((seen.decryption, opened.as_slice()), (Decryption::Opened, CONTENT), "{seen:?}");
            assert!(!seen.opened_by.unwrap().old);
        }
        assert_eq!(asked.load(Ordering::Relaxed), 2, "what was unlocked stays so");
        let in_vain = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&in_vain);
        let wrong = move |_: &crate::PasswordRequest| {
            count.fetch_add(1, Ordering::Relaxed);
            Some(Secret::from("wrong"))
        };
        let never = [Key::load(secret.as_bytes(), wrong).unwrap()];
        assert_eq!(open(&message, &never).0.decryption, Decryption::Failed);
        assert_eq!(in_vain.load(Ordering::Relaxed), 3, "nobody is asked for it twice over");
        let crate::protocol::KeyKind::Openpgp(identity) = &keys[0].kind else { panic!() };
        let signer = Signer::new(vec![Arc::clone(identity)], Provider::default(), now());
        assert_eq!(signer.is_ok(), signs, "{signer:?}");
        if signs {
            let certificate = identity.certificate().clone();
            let checked =
                check(CONTENT, &sign(vec![Arc::clone(identity)], now(), CONTENT), &[certificate], now());
            assert_eq!(integrity(&checked), [Integrity::Intact]);
            assert_eq!(asked.load(Ordering::Relaxed), 2, "one password for all keys of it");
        }
    }
}

fn to_others() -> Vec<u8> {
    let bob = super::encrypt::person("bob", CipherSuite::P256).1;
    super::encrypt::to(&[bob]).write(CONTENT)
}
