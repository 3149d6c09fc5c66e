//! Other people's programs read what is written here.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::*;

/// `None`, and a line that says so, where the program is not installed.
fn run(program: &str, arguments: &[&str], folder: &Path) -> Option<Output> {
    let output = Command::new(program).args(arguments).current_dir(folder).stdin(Stdio::null()).output();
    if output.is_err() {
        println!("skipped: {program} is not installed");
    }
    output.ok()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Parses, and says what it saw, one line a part: type, defects, decoded length.
const STRUCTURE: &str = "
import email, email.policy, sys
letter = email.message_from_bytes(open('letter.eml', 'rb').read(), policy=email.policy.default)
for part in letter.walk():
    content = part.get_payload(decode=True)
    print(part.get_content_type(), len(part.defects), part.get_param('protocol'), -1 if content is None else len(content))
signed = letter.get_payload()[0]
print(signed['Subject'], '|', letter['Subject'], '|', signed.get_param('hp'))
print(letter['Bcc'], letter.get_all('MIME-Version'))
";

#[test]
fn python_sees_the_structure() {
    let source = difficult();
    let letter = signed(&draft(&source).unwrap(), SignatureKind::Pkcs7, "sha-256", |_| vec![0x30, 0]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("letter.eml"), &letter).unwrap();
    let Some(output) = run("python3", &["-c", STRUCTURE], folder.path()) else { return };
    let subject = "Grüße of some length, so that the line is folded by someone";
    // The text is its octets with CR LF; the second leaf is binary, octet by octet.
    let expected = format!(
        "multipart/signed 0 application/pkcs7-signature -1\nmultipart/mixed 0 None -1\ntext/plain 0 None {}\n\
        application/octet-stream 0 None 6\ntext/plain 0 None 8\ntext/plain 0 None 9\ntext/plain 0 None 11\n\
        text/plain 0 None 3\ntext/plain 0 None 1200\napplication/pkcs7-signature 0 None 2\n\
        {subject} | {subject} | clear\nNone ['1.0']\n",
        "From the start\r\n.\r\n..dots\r\n-- \r\nGrüße \t\r\n".len() + 2000 + 2,
    );
    assert_eq!(said(&output), expected);
}

#[test]
fn openssl_accepts_the_signature() {
    let folder = tempfile::tempdir().unwrap();
    let openssl = |arguments: &str| run("openssl", &arguments.split(' ').collect::<Vec<_>>(), folder.path());
    let made = openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -subj /CN=Alice \
         -days 3650 -addext keyUsage=digitalSignature -addext extendedKeyUsage=emailProtection",
    );
    let Some(made) = made else { return };
    assert!(made.status.success(), "{}", said(&made));
    let source = difficult();
    let letter = signed(&draft(&source).unwrap(), SignatureKind::Pkcs7, "sha-256", |entity| {
        std::fs::write(folder.path().join("entity"), entity).unwrap();
        let command = "cms -sign -binary -in entity -signer cert.pem -inkey key.pem -md sha256 -outform DER -out signature";
        let output = openssl(command).unwrap();
        assert!(output.status.success(), "{}", said(&output));
        std::fs::read(folder.path().join("signature")).unwrap()
    });
    let verify = |letter: &[u8]| {
        std::fs::write(folder.path().join("letter.eml"), letter).unwrap();
        let command = "cms -verify -inform SMIME -in letter.eml -CAfile cert.pem -out content";
        let output = openssl(command).unwrap();
        (output.status.success(), said(&output))
    };
    let (good, why) = verify(&letter);
    assert!(good, "{why}");
    let changed = text(letter.clone()).replacen("clean", "Clean", 1);
    assert!(!verify(changed.as_bytes()).0, "a changed letter must not pass");
    // As an LF file, and with what carriers add above.
    let unix = format!("Received: by mx\n{}", text(letter).replace("\r\n", "\n"));
    let (good, why) = verify(unix.as_bytes());
    assert!(good, "{why}");
}

#[test]
fn gpg_accepts_the_signature() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().to_string_lossy().into_owned();
    let gpg = |arguments: &str| {
        let mut all = vec![
            "--homedir",
            &home,
            "--batch",
            "--no-tty",
            "--pinentry-mode",
            "loopback",
            "--passphrase",
            "",
        ];
        all.extend(arguments.split(' '));
        run("gpg", &all, folder.path())
    };
    let Some(made) = gpg("--quick-generate-key alice@example.org ed25519 sign never") else { return };
    assert!(made.status.success(), "{}", said(&made));
    let source = difficult();
    let letter = signed(&draft(&source).unwrap(), SignatureKind::Pgp, "pgp-sha256", |entity| {
        std::fs::write(folder.path().join("entity"), entity).unwrap();
        let output = gpg("--digest-algo SHA256 --armor --output entity.asc --detach-sign entity").unwrap();
        assert!(output.status.success(), "{}", said(&output));
        std::fs::read(folder.path().join("entity.asc")).unwrap()
    });
    std::fs::write(folder.path().join("received"), signed_octets(&letter)).unwrap();
    let structure = structure(&letter);
    let at = |place: u64| usize::try_from(place).unwrap();
    let body = structure.parts.last().unwrap().body.clone();
    std::fs::write(folder.path().join("received.asc"), &letter[at(body.start)..at(body.end)]).unwrap();
    let output = gpg("--verify received.asc received").unwrap();
    assert!(output.status.success(), "{}", said(&output));
    run("gpgconf", &["--homedir", &home, "--kill", "gpg-agent"], folder.path());
}
