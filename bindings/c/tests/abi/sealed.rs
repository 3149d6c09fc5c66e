//! Letters that openssl and gpg encrypted, opened by a C program: all that was inside, or not an octet.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::compiled::{Link, compile, ends, run, run_checked};
use crate::support::gnupg::Gpg;
use crate::support::pki::{KeyType, Leaf, PASSWORD, Pki};

const INSIDE: &[u8] = b"Content-Type: text/plain\r\n\r\nThe parcel leaves on Monday.\r\n";
const TEXT: &str = "\r\nThe parcel leaves on Monday.\r\n";
const HEADER: &str = "From: eve@example.net\r\nTo: alice@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\n";

struct Sealed {
    program: PathBuf,
    folder: tempfile::TempDir,
}

impl Sealed {
    fn new() -> Option<Self> {
        Self::of("sealed.c")
    }

    fn of(name: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name);
        let program = compile(&source, folder.path(), "cc", "c99", Link::Shared)?;
        Some(Self { program, folder })
    }

    fn write(&self, name: &str, octets: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, octets).unwrap();
        path
    }

    /// What the program has to see in a letter.
    fn sees(&self, key: Option<&Path>, password: &str, entity: &str, expected: &str, cipher: &str) {
        self.look(run(&self.program), key, password, entity, expected, cipher);
    }

    /// The same, and no memory error on the way, where valgrind is there.
    fn sees_checked(&self, key: &Path, entity: &str, expected: &str, cipher: &str) {
        self.sees(Some(key), PASSWORD, entity, expected, cipher);
        if let Some(checked) = run_checked(&self.program) {
            self.look(checked, Some(key), PASSWORD, entity, expected, cipher);
        }
    }

    fn look(
        &self,
        mut command: Command,
        key: Option<&Path>,
        password: &str,
        entity: &str,
        expected: &str,
        cipher: &str,
    ) {
        let letter = self.write("letter.eml", format!("{HEADER}{entity}").as_bytes());
        let out = self.folder.path().join("out.eml");
        let _ = fs::remove_file(&out);
        command.arg(key.unwrap_or(Path::new("-"))).arg(password).arg(&letter).arg(&out).arg(expected);
        ends(command.args([cipher, TEXT]), None, 0);
        let opened = ["opened", "part"].contains(&expected);
        assert_eq!(fs::read(&out).ok().as_deref(), opened.then_some(INSIDE), "{expected}");
    }
}

/// An entity of S/MIME, by openssl.
fn smime(pki: &Pki, options: &str, to: Option<&Leaf>) -> String {
    smime_with(pki, options, to, INSIDE)
}

fn smime_with(pki: &Pki, options: &str, to: Option<&Leaf>, inside: &[u8]) -> String {
    fs::write(pki.folder().join("inside.eml"), inside).unwrap();
    let encrypting =
        pki.openssl(&format!("cms -encrypt -binary -outform DER -in inside.eml -out sealed.der {options}"));
    match to {
        Some(leaf) => encrypting.arg(&leaf.certificate).ok(),
        None => encrypting.ok(),
    };
    let body = String::from_utf8(pki.openssl("base64 -in sealed.der").ok()).unwrap();
    format!(
        "Content-Type: application/pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
        body.replace('\n', "\r\n")
    )
}

/// An entity of PGP/MIME, by gpg.
fn pgpmime(gpg: &Gpg, words: &str) -> String {
    let out = gpg.home().join("sealed.asc");
    gpg.words(&format!("--armor --trust-model always {words} --output"))
        .arg(&out)
        .words("-")
        .input(INSIDE)
        .ok();
    let message = fs::read_to_string(out).unwrap().replace('\n', "\r\n");
    format!(
        "Content-Type: multipart/encrypted; boundary=e; protocol=\"application/pgp-encrypted\"\r\n\r\n\
         --e\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n\
         --e\r\nContent-Type: application/octet-stream\r\n\r\n{message}\r\n--e--\r\n"
    )
}

/// The same with some bits of its last full line changed: of the content or of what protects it.
fn altered(entity: &str) -> String {
    altered_at(entity, 30)
}

fn altered_at(entity: &str, at: usize) -> String {
    let mut lines: Vec<String> = entity.split("\r\n").map(str::to_owned).collect();
    let last = lines.iter().rposition(|line| line.len() == 64 && !line.contains([' ', '-'])).unwrap();
    let replaced = if &lines[last][at..=at] == "A" { "B" } else { "A" };
    lines[last].replace_range(at..=at, replaced);
    lines.join("\r\n")
}

/// Beside other text.
fn nested(entity: &str) -> String {
    format!(
        "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nSee below.\r\n--m\r\n{entity}\r\n--m--\r\n"
    )
}

#[test]
fn r_a6_letters_that_openssl_encrypted() {
    let (Some(pki), Some(sealed)) = (Pki::new(), Sealed::new()) else { return };
    let alice = pki.leaf("alice@example.org", KeyType::Rsa(2048));
    let other = pki.leaf("alice@example.org", KeyType::P256);
    let (key, other_key) = (Some(&*alice.pkcs12), Some(&*other.pkcs12));

    let gcm = smime(&pki, "-aes-256-gcm", Some(&alice));
    sealed.sees(key, PASSWORD, &gcm, "opened", "AES-256-GCM");
    sealed.sees_checked(&alice.pkcs12, &nested(&gcm), "part", "AES-256-GCM");
    sealed.sees_checked(&alice.pkcs12, &altered(&gcm), "failed", "");
    sealed.sees(other_key, PASSWORD, &gcm, "no_key", "");

    let large = [INSIDE, &b"And so on.\r\n".repeat(50_000)].concat();
    let large = smime_with(&pki, "-aes-256-gcm", Some(&alice), &large);
    sealed.sees(key, PASSWORD, &large, "changed", "");

    let cbc = smime(&pki, "-aes-128-cbc", Some(&other));
    sealed.sees(other_key, PASSWORD, &cbc, "opened", "AES-128-CBC");
    sealed.sees(other_key, PASSWORD, &cbc, "withheld", "");

    let password = smime(&pki, "-aes-256-cbc -pwri_password agreed", None);
    sealed.sees(None, "agreed", &password, "opened", "AES-256-CBC");
    sealed.sees(None, "another", &password, "failed", "");
}

/// A key that gpg made, in a file; `lock` is its password.
fn gpg_key(gpg: &Gpg, sealed: &Sealed, address: &str, lock: &str) -> PathBuf {
    let words = |words: &str| {
        let program = if lock.is_empty() { gpg.words("") } else { gpg.words("--passphrase").arg(lock) };
        program.words(words)
    };
    words(&format!("--quick-generate-key {address} ed25519 cert,sign never")).ok();
    let listed = String::from_utf8(gpg.words(&format!("--with-colons --list-keys {address}")).ok()).unwrap();
    let fingerprint =
        listed.lines().find(|line| line.starts_with("fpr:")).unwrap().split(':').nth(9).unwrap();
    words(&format!("--quick-add-key {fingerprint} cv25519 encr never")).ok();
    let key = words(&format!("--armor --export-secret-keys {fingerprint}")).ok();
    let armor = key.windows(5).position(|start| start == b"-----").unwrap(); // behind status lines
    sealed.write(&format!("{fingerprint}.asc"), &key[armor..])
}

/// A key that is locked asks when a letter is for it, for as long as it lives.
/// G7: a key that is asked for waits for nobody who waits for it, and a child process finds all as it was.
#[test]
fn g7_a_callback_uses_its_own_key_and_a_process_forks() {
    let (Some(gpg), Some(sealed)) = (Gpg::new(), Sealed::of("reentrant.c")) else { return };
    let key = gpg_key(&gpg, &sealed, "alice@example.org", "locked");
    let entity = pgpmime(&gpg, "--encrypt --recipient alice@example.org");
    let letter = sealed.write("letter.eml", format!("{HEADER}{entity}").as_bytes());
    ends(run(&sealed.program).arg(&key).arg("locked").arg(&letter), None, 0);
    if let Some(mut checked) = run_checked(&sealed.program) {
        ends(checked.arg(&key).arg("locked").arg(&letter), None, 0);
    }
}

#[test]
fn r_a6_a_locked_key_asks_when_a_letter_is_for_it() {
    let (Some(gpg), Some(sealed)) = (Gpg::new(), Sealed::new()) else { return };
    let alice = gpg_key(&gpg, &sealed, "alice@example.org", "locked");
    let other = gpg_key(&gpg, &sealed, "other@example.org", "locked");
    let letter = pgpmime(&gpg, "--encrypt --recipient alice@example.org");
    sealed.sees(Some(&alice), "locked", &letter, "opened", "SEIPDv1 AES-256");
    sealed.sees(Some(&alice), "wrong", &letter, "failed", "");
    sealed.sees(Some(&other), "locked", &letter, "no_key", "");
}

#[test]
fn r_a6_letters_that_gpg_encrypted() {
    let (Some(gpg), Some(sealed)) = (Gpg::new(), Sealed::new()) else { return };
    let alice = gpg_key(&gpg, &sealed, "alice@example.org", "");
    let other = gpg_key(&gpg, &sealed, "other@example.org", "");
    let (key, other) = (Some(&*alice), Some(&*other));

    let mdc = pgpmime(&gpg, "--encrypt --recipient alice@example.org");
    sealed.sees(key, "", &mdc, "opened", "SEIPDv1 AES-256");
    sealed.sees_checked(&alice, &nested(&mdc), "part", "SEIPDv1 AES-256");
    // In what was compressed every octet counts for what follows.
    for at in (0..64).step_by(9) {
        sealed.sees(key, "", &altered_at(&mdc, at), "failed", "");
    }
    let plain = pgpmime(&gpg, "--compress-algo none --encrypt --recipient alice@example.org");
    sealed.sees(key, "", &plain, "opened", "SEIPDv1 AES-256");
    sealed.sees_checked(&alice, &altered(&plain), "failed", "");
    sealed.sees(other, "", &mdc, "no_key", "");

    let password = pgpmime(&gpg, "--passphrase agreed --cipher-algo AES256 --symmetric");
    sealed.sees(None, "agreed", &password, "opened", "SEIPDv1 AES-256");
    sealed.sees(None, "another", &password, "failed", "");
}

/// To certificates that the program names, with its cipher, and three layers: openssl opens all of it.
#[test]
fn letters_to_certificates_outright() {
    let (Some(pki), Some(outright)) = (Pki::new(), Sealed::of("outright.c")) else { return };
    let alice = pki.leaf("alice@example.org", KeyType::P256);
    let bob = pki.leaf("bob@example.net", KeyType::Rsa(2048));
    let several = [&bob, &alice].map(|leaf| fs::read_to_string(&leaf.certificate).unwrap()).concat();
    let several = outright.write("several.pem", several.as_bytes());
    let draft = outright.write("draft.eml", crate::examples::DRAFT);
    let [letter, wrapped, planned] =
        ["letter.eml", "wrapped.eml", "planned.eml"].map(|name| outright.folder.path().join(name));
    let files = [&bob.chain, &several, &alice.pkcs12].map(|path| path.as_path());
    for command in [Some(run(&outright.program)), run_checked(&outright.program)].into_iter().flatten() {
        let mut command = command;
        command.args(files).arg(PASSWORD).arg(&draft).arg("AES-192-GCM").args([&letter, &wrapped, &planned]);
        ends(&mut command, None, 0);
    }
    let text = |words: &str| String::from_utf8_lossy(&pki.openssl(words).ok()).into_owned();
    let decrypt = |path: &Path, out: &str| {
        let decrypting = pki.openssl(&format!("cms -decrypt -binary -out {out} -in")).arg(path);
        decrypting.arg("-recip").arg(&bob.certificate).arg("-inkey").arg(&bob.key).ok();
    };
    let printed = text(&format!("cms -cmsout -print -noout -in {}", letter.display()));
    assert!(printed.contains("aes-192-gcm"), "{printed}");
    assert_eq!(
        printed.matches("d.ktri").count() + printed.matches("d.kari").count(),
        1,
        "bob alone: {printed}"
    );
    decrypt(&letter, "inside.eml");
    let inside = fs::read_to_string(pki.folder().join("inside.eml")).unwrap();
    assert!(inside.ends_with("\r\nHello Bob\r\n"), "{inside}");
    pki.openssl("cms -verify -purpose any -CAfile root.pem -out sealed.eml -in").arg(&wrapped).ok();
    decrypt(&pki.folder().join("sealed.eml"), "inside.eml");
    pki.openssl("cms -verify -purpose any -CAfile root.pem -out verified -in inside.eml").ok();
    decrypt(&planned, "inside.eml");
    pki.openssl("cms -verify -purpose any -CAfile root.pem -out verified -in inside.eml").ok();
}
