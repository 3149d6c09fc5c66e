//! What we encrypt others open, with its signatures; and so do we.

use std::fs;

use super::decrypt::{found, key, open, open_with};
use super::foreign::{Desk, SUITES, missing, now};
use super::*;
use crate::Key;
use crate::crypto::Secret;
use crate::pgpmime::{EncryptOptions, Encryptor};
use crate::protocol::{Encryptor as _, Keys};
use crate::report::Decryption;

pub(super) struct Writing<'a> {
    pub(super) to: &'a [openpgp::Certificate],
    pub(super) signers: Vec<Arc<SigningIdentity>>,
    pub(super) passwords: &'a [&'a str],
    pub(super) hidden: bool,
}

pub(super) fn to(certificates: &[openpgp::Certificate]) -> Writing<'_> {
    Writing { to: certificates, signers: vec![], passwords: &[], hidden: false }
}

impl Writing<'_> {
    pub(super) fn encryptor(&self) -> Result<Encryptor, Error> {
        let passwords = self.passwords.iter().map(|text| Secret::from(*text)).collect();
        let options = EncryptOptions::default().hide_recipients(self.hidden);
        Encryptor::new(self.to.to_vec(), self.signers.clone(), passwords, options, Provider::default(), now())
    }

    pub(super) fn write(&self, content: &[u8]) -> Vec<u8> {
        let (encryptor, mut out) = (self.encryptor().unwrap(), Vec::new());
        let mut encrypting = encryptor.begin(&mut out, now()).unwrap();
        encrypting.write_all(content).unwrap();
        encrypting.finish().unwrap();
        out
    }
}

pub(super) fn person(name: &str, suite: CipherSuite) -> (Vec<u8>, openpgp::Certificate) {
    let at = UnixTime::from_seconds(now().seconds() - 100);
    let secret = openpgp::generate(&format!("{name} <{name}@example.org>"), at, suite).unwrap();
    let certificate = openpgp::Certificate::load(secret.expose()).unwrap().remove(0);
    (secret.expose().to_vec(), certificate)
}

pub(super) fn modern(name: &str, x448: bool) -> (Vec<u8>, openpgp::Certificate) {
    let at = UnixTime::from_seconds(now().seconds() - 100);
    let secret = openpgp::tests::version6(&format!("{name} <{name}@example.org>"), x448, at);
    let certificate = openpgp::Certificate::load(&secret).unwrap().remove(0);
    (secret, certificate)
}

#[test]
fn gpg_sq_and_rnp_open_what_we_encrypt() {
    let content: Vec<u8> = CONTENT.iter().copied().cycle().take(200_000).collect();
    let people: Vec<_> = SUITES.iter().map(|suite| person("alice", *suite)).collect();
    let certs: Vec<_> = people.iter().map(|(_, cert)| cert.clone()).collect();
    let signers = people.iter().take(2).map(|(secret, _)| identity(secret)).collect();
    let message = Writing { signers, ..to(&certs) }.write(&content);
    let hidden = Writing { hidden: true, ..to(&certs) }.write(&content);
    for (suite, (secret, _)) in SUITES.iter().zip(&people) {
        for (message, signed) in [(&message, true), (&hidden, false)] {
            let desk = Desk::new();
            let (key, message, out) =
                (desk.write("key.asc", secret), desk.write("m.asc", message), desk.path("out"));
            let all: Vec<u8> = people.iter().flat_map(|(secret, _)| secret.clone()).collect();
            let all = desk.write("all.asc", &all);
            if !missing("gpg") {
                let (imported, text) = desk.gpg(&["--import", &key]);
                assert!(imported, "{suite:?}: {text}");
                // It ends badly where it does not know a signer, or has no daemon for cards.
                let (_, text) = desk.gpg(&["-o", &out, "--decrypt", &message]);
                assert_eq!(fs::read(&out).unwrap_or_default(), content, "{suite:?}: {text}");
                desk.gpg(&["--import", &all]);
                let (_, text) = desk.gpg(&["-o", &out, "--decrypt", &message]);
                let good = text.matches("Good signature").count();
                assert_eq!(good, 2 * usize::from(signed), "{suite:?}: {text}");
            }
            if !missing("sq") {
                let mut arguments = vec!["decrypt", "-o", &out, "--recipient-key", &key];
                let certs: Vec<String> = certs
                    .iter()
                    .enumerate()
                    .map(|(index, _)| {
                        let (_, public) = desk.run(
                            "sq",
                            &["key", "extract-cert", &desk.write(&format!("{index}.key"), &people[index].0)],
                        );
                        desk.write(&format!("{index}.cert"), public.as_bytes())
                    })
                    .collect();
                if signed {
                    arguments.extend(["--signer-cert", &certs[0], "--signer-cert", &certs[1]]);
                }
                arguments.push(&message);
                let _ = fs::remove_file(&out);
                let (good, text) = desk.run("sq", &arguments);
                assert!(good, "{suite:?}: {text}");
                assert_eq!(fs::read(&out).unwrap(), content);
            }
            // rnp 0.16 does not try keys for entries that name nobody.
            if signed && !missing("rnp") {
                let home = desk.path("rnp");
                fs::create_dir(&home).unwrap();
                let (imported, text) = desk.run("rnpkeys", &["--homedir", &home, "--import-keys", &key]);
                assert!(imported, "{suite:?}: {text}");
                let _ = fs::remove_file(&out);
                let (_, text) =
                    desk.run("rnp", &["--homedir", &home, "--decrypt", "--output", &out, &message]);
                assert_eq!(fs::read(&out).unwrap_or_default(), content, "{suite:?}: {text}");
            }
        }
    }
}

#[test]
fn gpg_opens_what_we_encrypt_to_a_password() {
    if missing("gpg") {
        return;
    }
    let desk = Desk::new();
    let message = Writing { passwords: &["correct"], ..to(&[]) }.write(CONTENT);
    let (message, out) = (desk.write("m.asc", &message), desk.path("out"));
    for (password, right) in [("correct", true), ("wrong", false)] {
        let arguments =
            ["--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", password, "-o", &out];
        let (opened, text) = desk.run("gpg", &[&arguments[..], &["--decrypt", &message]].concat());
        assert_eq!(opened, right, "{text}");
    }
    assert_eq!(fs::read(&out).unwrap(), CONTENT);
}

/// Every length around the sizes of pieces, every form, signed and not.
#[test]
fn we_open_what_we_encrypt() {
    let (old, new) = (person("alice", CipherSuite::Ed25519), modern("bob", false));
    let x448 = modern("carol", true);
    let keys = [key(&old.0), key(&new.0), key(&x448.0)];
    let both = [old.1.clone(), new.1.clone()];
    let groups: [(&[openpgp::Certificate], &str); 5] = [
        (&both[..1], "SEIPDv1 AES-256"),
        (&both[1..], "SEIPDv2 AES-256 OCB"),
        (&both, "SEIPDv1 AES-256"),
        (std::slice::from_ref(&x448.1), "SEIPDv2 AES-256 OCB"),
        (&[], "SEIPDv1 AES-256"),
    ];
    for (to_whom, cipher) in groups {
        for length in [0, 1, 500, 32_762, 32_768, 65_536, 65_600, 131_072, 300_001] {
            for signed in [vec![], vec![identity(&old.0)], vec![identity(&new.0), identity(&old.0)]] {
                let content: Vec<u8> = (0..=250).cycle().take(length).collect();
                let count = signed.len();
                let passwords: &[&str] = if to_whom.is_empty() && length == 500 { &["p"] } else { &[] };
                if to_whom.is_empty() && passwords.is_empty() {
                    continue;
                }
                let message = Writing { signers: signed, passwords, ..to(to_whom) }.write(&content);
                let ask =
                    |request: &crate::PasswordRequest| (request.attempt == 0).then(|| Secret::from("p"));
                let certs = [&both[..], std::slice::from_ref(&x448.1)].concat();
                let (seen, opened) =
                    open_with(&message, &Keys::new(&keys, Some(&ask)), &certs, &Fixed::default()).unwrap();
                assert_eq!(
                    (seen.decryption, opened == content),
                    (Decryption::Opened, true),
                    "{length} {cipher}"
                );
                assert_eq!(found(&seen), []);
                if seen.opened_by.as_ref().unwrap().fingerprint.is_some() {
                    assert_eq!(seen.cipher.as_deref().map(|name| &name[..8]), Some(&cipher[..8]));
                }
                let signed = seen.signed.unwrap_or_default();
                assert_eq!(integrity(&signed), vec![Integrity::Intact; count]);
                assert_eq!(codes(&signed), []);
                let named: Vec<String> = to_whom.iter().map(openpgp::Certificate::fingerprint).collect();
                assert!(signed.signatures.iter().all(|one| one.signature.intended_recipients == named));
            }
        }
    }
}

#[test]
fn r_b17_a_message_for_others_is_not_for_you() {
    let (alice, bob) = (person("alice", CipherSuite::Ed25519), person("bob", CipherSuite::Ed25519));
    let message =
        Writing { signers: vec![identity(&alice.0)], ..to(std::slice::from_ref(&bob.1)) }.write(CONTENT);
    // Bob opens it, and sends what alice signed to mallory under another encryption.
    let mallory = person("mallory", CipherSuite::Ed25519);
    let forwarded = openpgp::tests::encrypted_anew(&message, &bob.0, &mallory.1);
    let certs = [alice.1.clone()];
    for (message, own, expected) in
        [(&message, &bob.0, vec![]), (&forwarded, &mallory.0, vec![Code::NotForYou])]
    {
        let keys = [key(own)];
        let (seen, opened) = open_with(message, &Keys::new(&keys, None), &certs, &Fixed::default()).unwrap();
        assert_eq!((seen.decryption, opened.as_slice()), (Decryption::Opened, CONTENT));
        let signed = seen.signed.unwrap();
        assert_eq!((integrity(&signed), codes(&signed)), (vec![Integrity::Intact], expected));
    }
}

/// R-A15: two thousand session keys are distinct, and none has a long run of one octet.
#[test]
fn r_a15_session_keys_are_random() {
    let alice = person("alice", CipherSuite::Ed25519);
    let modern = modern("bob", false);
    for (certificate, secret) in [(alice.1, alice.0), (modern.1, modern.0)] {
        let (keys, writing) = ([key(&secret)], [certificate]);
        let encryptor = to(&writing).encryptor().unwrap();
        random(if encryptor.writes_seipdv2() { 16 } else { 32 }, &Keys::new(&keys, None), || {
            let mut message = Vec::new();
            encryptor.begin(&mut message, now()).unwrap().finish().unwrap();
            message
        });
    }
}

/// The same of letters to a password, by a derivation that costs nothing.
#[test]
fn r_a15_session_keys_for_passwords_are_random() {
    let literal = *b"\xcb\x0cb\0\0\0\0\0secret";
    let password = Password::from("p");
    for form in [openpgp::Form::Version1, openpgp::Form::Version2 { aes256: true }] {
        random(32, &Keys::new(&[], Some(&password)), || openpgp::tests::sealed_by_password(&literal, form));
    }
}

fn random(length: usize, keys: &Keys<'_>, write: impl Fn() -> Vec<u8>) {
    let mut all = std::collections::BTreeSet::new();
    let mut ones = 0_u64;
    for _ in 0..2000 {
        let message = write();
        let (seen, _) = open_with(&message, keys, &[], &Fixed::default()).unwrap();
        let octets = seen.again.unwrap().key.expose().to_vec();
        ones += octets.iter().map(|octet| u64::from(octet.count_ones())).sum::<u64>();
        assert_eq!(octets.len(), length);
        assert!(octets.iter().any(|octet| *octet != octets[0]));
        assert!(all.insert(octets));
    }
    // Half of all bits, within eight standard deviations.
    let half = u64::try_from(length).unwrap() * 8000;
    assert!(ones.abs_diff(half) < 8 * half.isqrt(), "{ones}");
}

/// A generator that fails is an error, never weaker octets.
#[test]
fn r_a15_without_randomness_nothing_is_encrypted() {
    #[derive(Debug)]
    struct Broken;
    impl crate::crypto::SecureRandom for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<(), crate::crypto::KeyError> {
            Err(crate::crypto::KeyError::Unavailable("no randomness".into()))
        }
    }
    let provider = Provider { random: &Broken, ..Provider::default() };
    let certs = vec![person("alice", CipherSuite::Ed25519).1];
    let encryptor =
        Encryptor::new(certs, vec![], vec![], EncryptOptions::default(), provider, now()).unwrap();
    assert!(encryptor.begin(&mut Vec::new(), now()).is_err());
}

/// R-A16: no sixteen octets of the content are in what goes out, in any of its usual forms.
#[test]
fn r_a16_nothing_of_the_content_goes_out() {
    let (alice, bob) = (person("alice", CipherSuite::Ed25519), modern("bob", false));
    let content: Vec<u8> = (0_u32..40_000).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    for certificate in [alice.1, bob.1] {
        let message = to(&[certificate]).write(&content);
        let text: Vec<u8> = message
            .split(|octet| *octet == b'\n')
            .filter(|line| !line.starts_with(b"--") && !line.starts_with(b"="))
            .flat_map(|line| line.trim_ascii().to_vec())
            .collect();
        let binary = base64_simd::STANDARD.decode_to_vec(&text).unwrap();
        let windows: std::collections::HashSet<&[u8]> = content.windows(16).collect();
        assert!(!binary.windows(16).any(|window| windows.contains(window)));
        assert!(!message.windows(16).any(|window| windows.contains(window)));
    }
}

#[test]
fn certificates_that_cannot_be_written_to_are_refused_with_the_reason() {
    use crate::openpgp::NoEncryptionKey as No;
    let alice = generated("alice", CipherSuite::Ed25519);
    let later = UnixTime::from_seconds(AT.seconds() + 4 * 365 * 86_400);
    let certificate = openpgp::Certificate::load(&alice).unwrap().remove(0);
    assert_eq!(certificate.encryption_keys(AT).unwrap().len(), 1);
    assert_eq!(certificate.encryption_keys(later).unwrap_err(), No::Expired);
    let before = UnixTime::from_seconds(AT.seconds() - 1);
    assert_eq!(certificate.encryption_keys(before).unwrap_err(), No::NotBound);
    let workshop = || openpgp::tests::Workshop::new(&alice, AT);
    assert_eq!(workshop().revoked(true).public().encryption_keys(later).unwrap_err(), No::Revoked);
    assert!(!certificate.reads_seipdv2(AT));
    let refused = Encryptor::new(
        vec![certificate],
        vec![],
        vec![],
        EncryptOptions::default(),
        Provider::default(),
        later,
    );
    assert!(matches!(refused, Err(Error::Refused(_))));
    let nobody = Encryptor::new(vec![], vec![], vec![], EncryptOptions::default(), Provider::default(), AT);
    assert!(matches!(nobody, Err(Error::Misuse(_))));
}

#[test]
fn a_letter_opens_with_an_old_key_and_says_so() {
    let (secret, certificate) = person("alice", CipherSuite::P256);
    let message = to(&[certificate]).write(CONTENT);
    let revoked = openpgp::tests::Workshop::new(&secret, now()).revoked(true).secret();
    let keys: [Key; 1] = [key(&revoked)];
    let (seen, opened) = open(&message, &keys);
    assert_eq!((seen.decryption, opened.as_slice()), (Decryption::Opened, CONTENT));
    assert_eq!((found(&seen), seen.opened_by.unwrap().old), (vec![Code::OldDecryptionKey], true));
}

#[test]
fn r_b11_an_inline_block_is_opened_alone() {
    use crate::pgpmime::inline::{self, Kind};
    let alice = person("alice", CipherSuite::Ed25519);
    let message = |content: &[u8]| {
        let signers = vec![identity(&alice.0)];
        Writing { signers, ..to(std::slice::from_ref(&alice.1)) }.write(content)
    };
    let text =
        [b"above\r\n", &message(b"first")[..], b"between\r\n", &message(b"second"), b"below\r\n"].concat();
    let (ring, provider, fixed) = (Ring(vec![alice.1.clone()]), Provider::default(), Fixed::default());
    let inputs = inputs(&ring, &provider, &fixed, now());
    let blocks = inline::read(&text, &inputs).unwrap();
    assert!(
        inline::has_text_outside(&text, &blocks) && blocks.iter().all(|block| block.kind == Kind::Encrypted)
    );
    let keys = [key(&alice.0)];
    for (block, content) in blocks.iter().zip([&b"first"[..], b"second"]) {
        let opened = inline::open(&text, block, &Keys::new(&keys, None), &inputs).unwrap();
        assert_eq!((opened.decrypted.decryption, opened.content.as_slice()), (Decryption::Opened, content));
        assert_eq!(integrity(&opened.decrypted.signed.unwrap()), [Integrity::Intact]);
        let closed = inline::open(&text, block, &Keys::default(), &inputs).unwrap();
        assert_eq!((closed.decrypted.decryption, closed.content.len()), (Decryption::NoKey, 0));
    }
}

/// A key in a token opens the same letters, for every kind that a provider knows.
#[test]
fn keys_elsewhere_decrypt() {
    use crate::crypto::{DecryptionKey, KeyError, PublicKey, WrappedKey};
    #[derive(Debug)]
    struct Token(Arc<dyn DecryptionKey>);
    impl DecryptionKey for Token {
        fn public(&self) -> &PublicKey {
            self.0.public()
        }
        fn unwrap(&self, wrapped: &WrappedKey<'_>) -> Option<Result<Secret, KeyError>> {
            self.0.unwrap(wrapped)
        }
    }
    let people =
        [CipherSuite::Rsa3072, CipherSuite::P384, CipherSuite::Ed25519].map(|suite| person("alice", suite));
    for (secret, certificate) in people.into_iter().chain([modern("bob", false)]) {
        let message = to(std::slice::from_ref(&certificate)).write(CONTENT);
        let inside = identity(&secret);
        let keys: Vec<_> = inside.decrypting().iter().filter_map(|pair| pair.provider_key()).collect();
        let joined = crate::protocol::Certificate::Openpgp(certificate);
        let token =
            Key::external_decryption(Token(Arc::clone(keys[0])), std::slice::from_ref(&joined)).unwrap();
        let (seen, opened) = open(&message, &[token]);
        assert_eq!((seen.decryption, opened.as_slice()), (Decryption::Opened, CONTENT), "{joined:?}");
        let other = crate::protocol::Certificate::Openpgp(person("mallory", CipherSuite::P256).1);
        assert!(Key::external_decryption(Token(Arc::clone(keys[0])), &[other]).is_err());
    }
}

#[test]
fn we_open_what_sq_and_rnp_encrypt() {
    for suite in SUITES {
        let desk = Desk::new();
        let (secret, certificate) = person("alice", suite);
        let content: Vec<u8> = CONTENT.iter().copied().cycle().take(100_000).collect();
        let (file, out) = (desk.write("content", &content), desk.path("out"));
        let keys = [key(&secret)];
        let certs = [certificate];
        let opened = |signed: usize| {
            let message = fs::read(&out).unwrap();
            fs::remove_file(&out).unwrap();
            let (seen, opened) =
                open_with(&message, &Keys::new(&keys, None), &certs, &Fixed::default()).unwrap();
            assert_eq!(
                (seen.decryption, opened == content),
                (Decryption::Opened, true),
                "{suite:?} {seen:?}"
            );
            assert_eq!(integrity(&seen.signed.unwrap_or_default()), vec![Integrity::Intact; signed]);
        };
        let private = desk.write("key.asc", &secret);
        if !missing("sq") {
            let (_, public) = desk.run("sq", &["key", "extract-cert", &private]);
            let public = desk.write("cert.asc", public.as_bytes());
            let arguments =
                ["encrypt", "-o", &out, "--recipient-cert", &public, "--signer-key", &private, &file];
            let (made, text) = desk.run("sq", &arguments);
            assert!(made, "{text}");
            opened(1);
            let (made, text) =
                desk.run("sq", &["encrypt", "-B", "-o", &out, "--recipient-cert", &public, &file]);
            assert!(made, "{text}");
            opened(0);
        }
        if !missing("rnp") {
            let home = desk.path("rnp");
            fs::create_dir(&home).unwrap();
            let (made, text) = desk.run("rnpkeys", &["--homedir", &home, "--import-keys", &private]);
            assert!(made, "{text}");
            let always = ["--homedir", &home, "-r", "alice", "--output", &out];
            for (options, signed) in
                [(&["-e"][..], 0), (&["-e", "--armor", "-z", "0"], 0), (&["-e", "-s", "-u", "alice"], 1)]
            {
                let (made, text) = desk.run("rnp", &[&always[..], options, &[&file]].concat());
                assert!(made, "{text}");
                opened(signed);
            }
        }
    }
}

/// The letter may be larger than what is held in memory.
#[test]
fn memory_does_not_grow_with_the_message() {
    let (secret, certificate) = person("alice", CipherSuite::Ed25519);
    let content: Vec<u8> = (0..=255).cycle().take(3 << 20).collect();
    let message = Writing { signers: vec![identity(&secret)], ..to(std::slice::from_ref(&certificate)) }
        .write(&content);
    let limits = crate::Limits::default().memory_bytes(64 << 10);
    let fixed = Fixed { limits, ..Fixed::default() };
    let (seen, opened) =
        open_with(&message, &Keys::new(&[key(&secret)], None), &[certificate], &fixed).unwrap();
    assert_eq!((seen.decryption, opened == content), (Decryption::Opened, true));
    assert_eq!(integrity(&seen.signed.unwrap()), [Integrity::Intact]);
}
