//! Private keys that another program holds: by callback, and in two phases.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::compiled::{Link, compile, ends, run};
use crate::examples::DRAFT;
use crate::support::gnupg::Gpg;
use crate::support::pki::{KeyType, Pki};

struct Elsewhere {
    program: PathBuf,
    folder: tempfile::TempDir,
}

impl Elsewhere {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/elsewhere.c");
        let program = compile(&source, folder.path(), "cc", "c99", Link::Shared)?;
        Some(Self { program, folder })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Signs the draft by a command that reads in.bin and writes out.bin.
    fn signed(&self, certificates: &Path, scheme: &str, phases: &str, command: &str) -> PathBuf {
        let (draft, out) = (self.path("draft.eml"), self.path("signed.eml"));
        fs::write(&draft, DRAFT).unwrap();
        let _ = fs::remove_file(&out);
        let mut program: Command = run(&self.program);
        program.current_dir(self.folder.path()).args([certificates, &draft, &out]);
        ends(program.args([scheme, phases, command]), None, 0);
        out
    }
}

/// openssl holds them.
#[test]
fn keys_that_live_elsewhere() {
    let (Some(pki), Some(elsewhere)) = (Pki::new(), Elsewhere::new()) else { return };
    for (key, scheme, how) in [
        (KeyType::P256, "ecdsa-p256-sha256", "pkeyutl -sign"),
        (KeyType::Rsa(2048), "rsa-pkcs1-sha256", "pkeyutl -sign -pkeyopt digest:sha256"),
    ] {
        let alice = pki.leaf("alice@example.org", key);
        let command = format!("openssl {how} -inkey {} -in in.bin -out out.bin", alice.key.display());
        for phases in ["one", "two"] {
            let out = elsewhere.signed(&alice.chain, scheme, phases, &command);
            pki.openssl("cms -verify -purpose any -CAfile root.pem -out verified -in").arg(&out).ok();
        }
        let out = elsewhere.signed(&alice.chain, scheme, "sealed", &command);
        let decrypting = pki.openssl("cms -decrypt -binary -out inside.eml -in").arg(out);
        decrypting.arg("-recip").arg(&alice.certificate).arg("-inkey").arg(&alice.key).ok();
        pki.openssl("cms -verify -purpose any -CAfile root.pem -out verified -in inside.eml").ok();
    }
}

/// openssl encrypts, holds the key, and decrypts for the callback.
#[test]
fn letters_to_keys_that_live_elsewhere() {
    let (Some(pki), Some(elsewhere)) = (Pki::new(), Elsewhere::new()) else { return };
    let inside = "Content-Type: text/plain\r\n\r\nThe parcel leaves on Monday.\r\n";
    fs::write(pki.folder().join("inside.eml"), inside).unwrap();
    // SubjectPublicKeyInfo of P-256 (RFC 5480 section 2), up to the point.
    let head = elsewhere.path("head.der");
    fs::write(&head, b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00").unwrap();
    let rsa = "openssl pkeyutl -decrypt -in in.bin -out out.bin";
    let oaep = "-keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256";
    let oaep_by_hand = "-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256";
    let ecdh = "cat head.der in.bin >peer.der && openssl pkeyutl -derive -peerform DER -peerkey peer.der -out out.bin";
    for (kind, options, scheme, command) in [
        (KeyType::Rsa(2048), "", "rsa-pkcs1", rsa.to_owned()),
        (KeyType::Rsa(2048), oaep, "rsa-oaep-sha256", format!("{rsa} {oaep_by_hand}")),
        (KeyType::P256, "", "ecdh", ecdh.to_owned()),
    ] {
        let leaf = pki.leaf("alice@example.org", kind);
        let encrypting =
            pki.openssl("cms -encrypt -binary -aes-256-gcm -in inside.eml -out sealed.eml -recip");
        encrypting.arg(&leaf.certificate).words(options).ok();
        let sealed = fs::read_to_string(pki.folder().join("sealed.eml")).unwrap();
        let (letter, out) = (elsewhere.path("letter.eml"), elsewhere.path("out.eml"));
        let letter_text =
            format!("From: eve@example.net\r\n{}", sealed.replace("\r\n", "\n").replace('\n', "\r\n"));
        fs::write(&letter, letter_text).unwrap();
        let command = format!("{command} -inkey {}", leaf.key.display());
        for (scheme, command, status) in
            [(scheme, &*command, 0), ("another", &*command, 3), (scheme, "false", 4)]
        {
            let _ = fs::remove_file(&out);
            let mut program: Command = run(&elsewhere.program);
            program.current_dir(elsewhere.folder.path()).args([&leaf.chain, &letter, &out]);
            ends(program.args([scheme, "open", command]), None, status);
            let found = fs::read_to_string(&out).ok();
            assert_eq!(
                found.is_some_and(|text| text.ends_with("on Monday.\r\n")),
                status == 0,
                "{scheme} {status}"
            );
        }
    }
}

/// openssl holds a key that gpg made, and gpg judges.
#[test]
fn openpgp_keys_that_live_elsewhere() {
    let (Some(gpg), Some(pki), Some(elsewhere)) = (Gpg::new(), Pki::new(), Elsewhere::new()) else { return };
    let fingerprint = gpg.make_key("Alice <alice@example.org>", "ed25519");
    gpg.words(&format!("--quick-add-key {fingerprint} cv25519 encr never")).ok();
    let certificate = elsewhere.path("alice.asc");
    fs::write(&certificate, gpg.certificate(&fingerprint)).unwrap();
    let exported = elsewhere.path("alice.gpg");
    gpg.words("--output").arg(&exported).words("--export-secret-keys").words(&fingerprint).ok();
    let key = elsewhere.path("alice.der");
    // OneAsymmetricKey (RFC 8410 section 7).
    let prefix = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20".as_slice();
    fs::write(&key, [prefix, &ed25519_seed(&fs::read(exported).unwrap())].concat()).unwrap();

    let command = "openssl pkeyutl -sign -rawin -keyform DER -inkey alice.der -in in.bin -out out.bin";
    for phases in ["one", "two"] {
        let out = elsewhere.signed(&certificate, "ed25519", phases, command);
        let (content, signature) = halves(&fs::read_to_string(out).unwrap());
        let judged = gpg.verify(signature.as_bytes(), content.as_bytes());
        assert!(judged.succeeded && judged.text().contains("GOODSIG"), "{judged:?}");
    }
    let out = elsewhere.signed(&certificate, "ed25519", "sealed", command);
    let letter = fs::read_to_string(out).unwrap();
    let message = &letter[letter.find("-----BEGIN PGP MESSAGE").unwrap()..];
    let judged = gpg.words("--decrypt").input(message.as_bytes()).run();
    assert!(judged.text().contains("GOODSIG") && judged.text().contains("Hello Bob"), "{judged:?}");
    drop(pki); // only asked whether openssl is there
}

/// The private key of a Secret-Key packet without a password (RFC 9580 section 5.5.3): the first packet of an export.
fn ed25519_seed(export: &[u8]) -> [u8; 32] {
    assert_eq!(export[0], 0x94, "a Secret-Key packet with one octet of length");
    let body = &export[2..2 + usize::from(export[1])];
    let (version, algorithm) = (body[0], body[5]);
    assert_eq!((version, algorithm), (4, 22));
    let public = &body[7 + usize::from(body[6])..]; // behind the OID of the curve
    let (length, public) = mpi(public);
    assert_eq!((length, public[length]), (33, 0), "no password");
    let (length, secret) = mpi(&public[length + 1..]);
    let mut seed = [0; 32];
    seed[32 - length..].copy_from_slice(&secret[..length]);
    seed
}

/// The octets of a number, and all from its first one on.
fn mpi(octets: &[u8]) -> (usize, &[u8]) {
    let bits = usize::from(octets[0]) << 8 | usize::from(octets[1]);
    (bits.div_ceil(8), &octets[2..])
}

/// What is signed in a `multipart/signed`, and the signature.
pub fn halves(letter: &str) -> (String, String) {
    let boundary = letter.split("boundary=\"").nth(1).unwrap().split('"').next().unwrap();
    let parts: Vec<&str> = letter.split(&format!("\r\n--{boundary}")).collect();
    let content = parts[1].strip_prefix("\r\n").unwrap();
    let signature = parts[2].split_once("\r\n\r\n").unwrap().1;
    (content.to_owned(), signature.to_owned())
}
