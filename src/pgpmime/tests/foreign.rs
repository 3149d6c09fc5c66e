//! Other programs as judges: gpg, sq and rnp.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use super::super::inline::{self, Kind};
use super::*;

/// A folder of its own for each program's keys.
pub(super) struct Desk(tempfile::TempDir);

impl Desk {
    pub(super) fn new() -> Self {
        Self(tempfile::Builder::new().prefix("ms").tempdir().unwrap())
    }

    pub(super) fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    pub(super) fn write(&self, name: &str, octets: &[u8]) -> String {
        fs::write(self.0.path().join(name), octets).unwrap();
        self.path(name)
    }

    pub(super) fn run(&self, program: &str, arguments: &[&str]) -> (bool, String) {
        let output = Command::new(program)
            .args(arguments)
            .env("GNUPGHOME", self.0.path())
            .env("HOME", self.0.path())
            .current_dir(self.0.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        (
            output.status.success(),
            String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
        )
    }

    pub(super) fn gpg(&self, arguments: &[&str]) -> (bool, String) {
        let always = ["--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", "", "--no-tty"];
        self.run("gpg", &[&always[..], arguments].concat())
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = Command::new("gpgconf").env("GNUPGHOME", self.0.path()).args(["--kill", "all"]).output();
    }
}

pub(super) fn missing(program: &str) -> bool {
    let there =
        Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !there {
        println!("skipped: no {program}");
    }
    !there
}

/// Old enough for any clock.
const PAST: UnixTime = UnixTime::from_seconds(1_600_000_000);

fn secret(suite: CipherSuite) -> Vec<u8> {
    openpgp::generate("alice <alice@example.org>", PAST, suite).unwrap().expose().to_vec()
}

pub(super) const SUITES: [CipherSuite; 5] =
    [CipherSuite::Ed25519, CipherSuite::P256, CipherSuite::P384, CipherSuite::P521, CipherSuite::Rsa3072];

pub(super) fn now() -> UnixTime {
    std::time::SystemTime::now().into()
}

#[test]
fn gpg_sq_and_rnp_verify_what_we_sign() {
    for suite in SUITES {
        let desk = Desk::new();
        let secret = openpgp::generate("alice <alice@example.org>", now(), suite).unwrap().expose().to_vec();
        let content = desk.write("content", CONTENT);
        let signature = desk.write("content.asc", &sign(vec![identity(&secret)], now(), CONTENT));
        let key = desk.write("key.asc", &secret);
        if !missing("gpg") {
            let (imported, text) = desk.gpg(&["--import", &key]);
            assert!(imported, "{suite:?}: {text}");
            let (good, text) = desk.gpg(&["--verify", &signature, &content]);
            assert!(good && text.contains("Good signature"), "{suite:?}: {text}");
        }
        if !missing("sq") {
            let (_, public) = desk.run("sq", &["key", "extract-cert", &key]);
            let public = desk.write("public.asc", public.as_bytes());
            let arguments = ["verify", "--signer-cert", &public, "--detached", &signature, &content];
            let (good, text) = desk.run("sq", &arguments);
            assert!(good, "{suite:?}: {text}");
        }
        if !missing("rnp") {
            let home = desk.path("rnp");
            fs::create_dir(&home).unwrap();
            let (imported, text) = desk.run("rnpkeys", &["--homedir", &home, "--import-keys", &key]);
            assert!(imported, "{suite:?}: {text}");
            let (good, text) = desk.run("rnp", &["--homedir", &home, "--verify", &signature]);
            assert!(good && text.contains("Good signature"), "{suite:?}: {text}");
        }
    }
}

#[test]
fn we_verify_what_gpg_signs() {
    if missing("gpg") {
        return;
    }
    let desk = Desk::new();
    for (name, kind) in [
        ("rsa", "rsa2048"),
        ("p256", "nistp256"),
        ("p384", "nistp384"),
        ("p521", "nistp521"),
        ("ed", "ed25519"),
    ] {
        let (made, text) =
            desk.gpg(&["--quick-gen-key", &format!("{name} <{name}@example.org>"), kind, "sign", "1y"]);
        assert!(made, "{text}");
    }
    let (_, exported) = desk.gpg(&["--armor", "--export"]);
    let certs = openpgp::Certificate::load(exported.as_bytes()).unwrap();
    assert_eq!(certs.len(), 5);
    let content = desk.write("content", CONTENT);
    let users = [
        "-u",
        "rsa@example.org",
        "-u",
        "p256@example.org",
        "-u",
        "p384@example.org",
        "-u",
        "p521@example.org",
        "-u",
        "ed@example.org",
    ];
    for mode in
        [&["--detach-sign"][..], &["--armor", "--detach-sign"], &["--textmode", "--armor", "--detach-sign"]]
    {
        let out = desk.path("out");
        let (signed, text) = desk.gpg(&[&users[..], &["-o", &out], mode, &[&content]].concat());
        assert!(signed, "{text}");
        let checked = check(CONTENT, &fs::read(&out).unwrap(), &certs, now());
        assert_eq!(integrity(&checked), [Integrity::Intact; 5], "{mode:?} {checked:#?}");
        assert_eq!(codes(&checked), []);
    }
    for (mode, kind) in [
        (&["--armor", "--sign"][..], Kind::Message),
        (&["--armor", "--compress-algo", "none", "--sign"], Kind::Message),
        (&["--clear-sign"], Kind::Cleartext),
    ] {
        let out = desk.path("out");
        let (signed, text) = desk.gpg(&[&users[..], &["-o", &out], mode, &[&content]].concat());
        assert!(signed, "{text}");
        let (ring, provider, fixed) = (Ring(certs.clone()), Provider::default(), Fixed::default());
        let found = inline::read(&fs::read(&out).unwrap(), &inputs(&ring, &provider, &fixed, now())).unwrap();
        assert_eq!(found[0].kind, kind);
        assert_eq!(integrity(&found[0].checked), [Integrity::Intact; 5], "{mode:?} {found:#?}");
        let text = String::from_utf8(found[0].text.clone()).unwrap();
        assert!(text.contains("Hello,") && text.contains("world"), "{text:?}");
    }
}

#[test]
fn keys_locked_by_gpg_are_unlocked_and_asked_for_three_times() {
    if missing("gpg") {
        return;
    }
    let desk = Desk::new();
    let arguments = ["--batch", "--pinentry-mode", "loopback", "--passphrase", "correct horse"];
    let (made, text) = desk.run(
        "gpg",
        &[&arguments[..], &["--quick-gen-key", "a <a@example.org>", "ed25519", "sign", "1y"]].concat(),
    );
    assert!(made, "{text}");
    let (_, exported) = desk.run("gpg", &[&arguments[..], &["--armor", "--export-secret-keys"]].concat());
    let provider = Provider::default();
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let wrong = move |_: &crate::PasswordRequest| {
        count.fetch_add(1, Ordering::Relaxed);
        Some("wrong".into())
    };
    let locked = SigningIdentity::load(exported.as_bytes(), wrong, &provider).unwrap().remove(0);
    assert_eq!(asked.load(Ordering::Relaxed), 0, "nobody types a password in vain");
    let public = locked.public_keys().next().unwrap().clone();
    let key = locked.private_key(&public).unwrap();
    let error = Error::from(key.sign(key.schemes()[0], crate::crypto::ToSign::Message(b"x")).unwrap_err());
    assert!(matches!(error, Error::Key(crate::crypto::KeyError::WrongPassword)), "{error}");
    assert_eq!(asked.load(Ordering::Relaxed), 3);
    let right =
        SigningIdentity::load(exported.as_bytes(), Password::from("correct horse"), &provider).unwrap();
    let certs = [right[0].certificate().clone()];
    let signature = sign(right.into_iter().map(Arc::new).collect(), now(), CONTENT);
    assert_eq!(integrity(&check(CONTENT, &signature, &certs, now())), [Integrity::Intact]);
}

#[test]
fn we_verify_what_sq_and_rnp_sign() {
    for suite in SUITES {
        let desk = Desk::new();
        let secret = secret(suite);
        let certs = openpgp::Certificate::load(&secret).unwrap();
        let key = desk.write("key.asc", &secret);
        let content = desk.write("content", CONTENT);
        let at = UnixTime::from_seconds(PAST.seconds() + 86_400);
        if !missing("sq") {
            let arguments =
                ["sign", "--detached", "--time", "20200914T133000Z", "--signer-key", &key, &content];
            let (signed, text) = desk.run("sq", &arguments);
            assert!(signed, "{text}");
            let checked = check(CONTENT, text.as_bytes(), &certs, at);
            assert_eq!(integrity(&checked), [Integrity::Intact], "{suite:?} {checked:#?}");
        }
    }
    rnp_signs();
}

fn rnp_signs() {
    if missing("rnp") {
        return;
    }
    let desk = Desk::new();
    let key = desk.write(
        "key.asc",
        openpgp::generate("alice <alice@example.org>", now(), CipherSuite::Ed25519).unwrap().expose(),
    );
    let certs = openpgp::Certificate::load(&fs::read(&key).unwrap()).unwrap();
    let content = desk.write("content", CONTENT);
    let home = desk.path("rnp");
    fs::create_dir(Path::new(&home)).unwrap();
    desk.run("rnpkeys", &["--homedir", &home, "--import-keys", &key]);
    let out = desk.path("content.sig");
    let arguments = [
        "--homedir",
        &home,
        "--password",
        "",
        "-u",
        "alice",
        "--detach",
        "--sign",
        &content,
        "--output",
        &out,
    ];
    let (signed, text) = desk.run("rnp", &arguments);
    assert!(signed, "{text}");
    let checked = check(CONTENT, &fs::read(&out).unwrap(), &certs, now());
    assert_eq!(integrity(&checked), [Integrity::Intact], "{checked:#?}");
}
