//! `mailseal key new` and `key join`, checked by gpg, sq, openssl and gpgsm.

use std::fs;
use std::path::Path;

use crate::people::{Shell, error, expect};
use crate::support::gnupg::{Gpg, Gpgsm};
use crate::support::pki::Pki;
use crate::support::{Program, tool};

const ALICE: &str = "alice@example.org";

fn shell() -> Shell {
    let shell = Shell::with_letters();
    shell.file("pw", b"correct horse\n");
    shell.file("note", b"The parcel leaves on Monday.\n");
    shell.file("draft", b"From: alice@example.org\r\nTo: bob@example.org\r\nSubject: x\r\n\r\nHello\r\n");
    shell
}

fn openssl(shell: &Shell, words: &str) -> Option<Program> {
    Some(Program::new(tool("openssl")?).folder(&shell.path("")).words(words))
}

#[test]
fn gpg_takes_the_key_and_its_revocation() {
    for kind in ["ed25519", "rsa-3072", "p-256"] {
        let Some(gpg) = Gpg::new() else { return };
        let gpg = |words: &str| gpg.words("--passphrase-file pw --always-trust").words(words);
        let shell = shell();
        let words = format!(
            "key new --openpgp --algorithm {kind} --name Alice --password-file pw --json {ALICE} a@b.example"
        );
        let made = &shell.json(0, &words)[0];
        let fingerprint = made["fingerprint"].as_str().unwrap();
        let end = &made["not_after"].as_str().unwrap()[..4];
        let file = |what: &str| shell.path(made["files"][what].as_str().unwrap());
        let here = |program: Program| program.folder(&shell.path(""));

        here(gpg("--import").arg(file("key"))).ok();
        let secret = here(gpg("--with-colons -K")).run().text();
        assert!(
            secret.contains("Alice <alice@example.org>") && secret.contains("Alice <a@b.example>"),
            "{secret}"
        );
        if let Some(sq) = tool("sq") {
            let seen = Program::new(sq).words("inspect").arg(file("certificate")).run().text();
            let seen = seen.replace(' ', "");
            assert!(
                seen.contains("alice@example.org") && seen.contains(&format!("Expirationtime:{end}")),
                "{kind}: {seen}"
            );
        }
        let ran = here(gpg("--clearsign --output - note")).run();
        assert!(ran.succeeded, "{} {kind}: {}", ran.stderr, ran.text());

        // gpg encrypts to the certificate, and mailseal opens; mailseal signs, and gpg says by whom.
        let sealed = here(gpg("--armor --encrypt -r alice@example.org --output - note")).ok();
        let sealed = String::from_utf8(
            sealed[sealed.windows(5).position(|five| five == b"-----").unwrap()..].to_vec(),
        )
        .unwrap();
        shell.file("sealed", format!(
            "From: bob@example.org\nContent-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\n\n\
             --b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n--b\nContent-Type: application/octet-stream\n\n{sealed}\n--b--\n").as_bytes());
        let key = file("key").display().to_string();
        let opened = shell.run(&format!(
            "decrypt --key {key} --password-file pw --no-trust-folder --out opened --out-any sealed"
        ));
        assert!(shell.path("opened").exists(), "{}", error(&opened));
        expect(0, &shell.run(&format!("sign --key {key} --password-file pw --out signed.eml draft")));
        let certificate = file("certificate").display().to_string();
        let lines =
            shell.json(0, &format!("verify --no-trust-folder --json --anchor {certificate} signed.eml"));
        assert_eq!(lines[0]["report"]["layers"][0]["signatures"][0]["signer"]["mailbox"], ALICE);

        here(gpg("--import").arg(file("revocation"))).ok();
        let revoked = here(gpg("--with-colons -k")).run().text();
        assert!(
            revoked
                .lines()
                .any(|line| line.starts_with("pub:r:")
                    && fingerprint.ends_with(line.split(':').nth(4).unwrap())),
            "{revoked}"
        );
    }
}

#[test]
fn sq_takes_a_key_of_version_6() {
    let Some(sq) = tool("sq") else { return };
    let shell = shell();
    let made =
        &shell.json(0, &format!("key new --openpgp --v6 --expires never --no-password --json {ALICE}"))[0];
    assert_eq!(
        (made["fingerprint"].as_str().unwrap().len(), &made["not_after"]),
        (64, &serde_json::Value::Null)
    );
    let file = |what: &str| shell.path(made["files"][what].as_str().unwrap());
    let ran = Program::new(sq).words("inspect").arg(file("certificate")).run();
    // sq of Debian 12 is from before RFC 9580.
    if !ran.succeeded || !ran.text().contains("alice@example.org") {
        println!("not asked: sq does not read version 6");
    }
    let key = file("key").display().to_string();
    expect(0, &shell.run(&format!("sign --key {key} --out signed.eml draft")));
    let words = format!("verify --no-trust-folder --anchor {} signed.eml", file("certificate").display());
    expect(0, &shell.run(&words));
}

#[test]
fn an_authority_answers_the_request() {
    let Some(pki) = Pki::new() else { return };
    for kind in ["p-256", "rsa-3072", "ed25519"] {
        let shell = shell();
        let words = format!(
            "key new --smime --algorithm {kind} --password-file pw --out alice --json {ALICE} a@b.example"
        );
        let made = &shell.json(0, &words)[0];
        assert_eq!(made["fingerprint"], serde_json::Value::Null);
        let ran = openssl(&shell, "req -in alice.csr.pem -verify -noout -text").unwrap().run();
        assert!(
            ran.succeeded && (ran.stderr.clone() + &ran.text()).contains("verify OK"),
            "{kind}: {}",
            ran.stderr
        );
        for expected in
            ["email:alice@example.org, email:a@b.example", "Digital Signature", "E-mail Protection"]
        {
            assert!(ran.text().contains(expected), "{kind}: {expected} in {}", ran.text());
        }
        assert_eq!(ran.text().contains("Key Encipherment"), kind == "rsa-3072");
        assert_eq!(ran.text().contains("Key Agreement"), kind.starts_with("p-"));
        openssl(&shell, "pkey -in alice.key.pem -passin file:pw -check -noout").unwrap().ok();

        let csr = shell.path("alice.csr.pem");
        let sign = pki.openssl("x509 -req -copy_extensions copyall -CA intermediate.pem -CAkey intermediate.key -set_serial 77 -days 30 -in");
        shell.file("alice.crt", &sign.arg(&csr).ok());
        let intermediate = pki.intermediate().display().to_string();
        let join =
            format!("key join --key alice.key.pem --cert alice.crt --cert {intermediate} --password-file pw");
        let joined = &shell.json(0, &format!("{join} --json"))[0];
        assert_eq!((joined["file"].as_str(), joined["certificates"].as_u64()), (Some("alice.p12"), Some(2)));
        expect(2, &shell.run(&join));
        openssl(&shell, "pkcs12 -in alice.p12 -passin file:pw -nodes").unwrap().ok();

        expect(0, &shell.run("sign --key alice.p12 --password-file pw --out signed.eml draft"));
        let root = pki.root().display().to_string();
        if kind != "ed25519" {
            // openssl 3.0 signs with Ed25519 in CMS, and does not verify it with attributes.
            openssl(&shell, "cms -verify -in signed.eml -out verified -CAfile").unwrap().arg(&root).ok();
        }
        expect(0, &shell.run(&format!("verify --no-trust-folder --anchor {root} signed.eml")));
        if kind != "ed25519" {
            openssl(&shell, "cms -encrypt -aes256 -in note -out sealed.eml alice.crt").unwrap().ok();
            shell.run("decrypt --key alice.p12 --password-file pw --no-trust-folder --out opened --out-any sealed.eml");
            assert!(String::from_utf8(shell.read("opened")).unwrap().contains("The parcel"));
        }
    }
}

#[test]
fn a_certificate_of_another_key_is_not_joined() {
    let shell = shell();
    expect(0, &shell.run(&format!("key new --smime --no-password --out one {ALICE}")));
    expect(0, &shell.run(&format!("key new --smime --self-signed --no-password --out two {ALICE}")));
    let refused = shell.run("key join --key one.key.pem --cert two.pem --no-password");
    expect(2, &refused);
    assert!(error(&refused).contains("no certificate fits"), "{}", error(&refused));
    assert!(!shell.path("one.p12").exists());
}

#[test]
fn what_signed_itself_is_believed_by_who_takes_it() {
    let Some(openssl) = tool("openssl") else { return };
    for kind in ["p-256", "rsa-3072", "ed25519"] {
        let shell = shell();
        let words = format!(
            "key new --smime --self-signed --algorithm {kind} --expires 2w --password-file pw --out a {ALICE}"
        );
        let said = expect(0, &shell.run(&words));
        assert!(said.contains("a.p12: private key") && said.contains("a.pem: certificate"), "{said}");
        let run = |words: &str| Program::new(&openssl).folder(&shell.path("")).words(words).run();
        let text = run("x509 -in a.pem -noout -text -purpose").text();
        assert!(text.contains("CA:FALSE") && text.contains("S/MIME signing : Yes"), "{text}");
        assert!(run("verify -CAfile a.pem -partial_chain a.pem").succeeded);
        assert!(run("pkcs12 -in a.p12 -passin file:pw -nodes").succeeded);
        expect(0, &shell.run("sign --key a.p12 --password-file pw --out signed.eml draft"));
        let verify = "verify --no-trust-folder signed.eml --anchor a.pem";
        expect(0, &shell.run(verify));
        expect(1, &shell.run(&format!("{verify} --at 2099-01-01T00:00:00Z")));
    }
}

/// Its PKCS#12 is of a newer form than gpgsm 2.2 reads; the certificate is not.
#[test]
fn gpgsm_takes_the_certificate() {
    let Some(gpgsm) = Pki::new().and_then(|pki| Gpgsm::new(&pki)) else { return };
    for kind in ["p-256", "rsa-3072"] {
        let shell = shell();
        let words = format!(
            "key new --smime --self-signed --algorithm {kind} --no-password --out a {kind}@example.org"
        );
        expect(0, &shell.run(&words));
        gpgsm.words("--import").arg(shell.path("a.pem")).ok();
        let listed = gpgsm.words("--with-colons --list-keys").run().text();
        assert!(listed.contains(&format!("<{kind}@example.org>")), "{listed}");
    }
}

#[test]
fn addresses_beyond_ascii() {
    let Some(openssl) = tool("openssl") else { return };
    let shell = shell();
    let made = shell
        .command("key new --smime --self-signed --no-password --out a")
        .arg("用户@例え.jp")
        .output()
        .unwrap();
    expect(0, &made);
    let text = Program::new(&openssl)
        .folder(&shell.path(""))
        .words("x509 -in a.pem -noout -text -nameopt utf8")
        .run()
        .text();
    assert!(
        text.contains("othername: SmtpUTF8Mailbox:") && text.contains(":用户@xn--r8jz45g.jp\n"),
        "{text}"
    );
    let shown = expect(0, &shell.run("cert show --json a.pem"));
    assert!(shown.contains("用户@xn--r8jz45g.jp"), "{shown}");
    let made = shell.command("key new --openpgp --no-password --out b").arg("用户@例え.jp").output().unwrap();
    expect(0, &made);
    let shown = expect(0, &shell.run("cert show --json b.asc"));
    assert!(shown.contains("用户@xn--r8jz45g.jp"), "{shown}");
}

#[cfg(unix)]
#[test]
fn files_are_the_owners_alone_and_none_is_replaced() {
    use std::os::unix::fs::PermissionsExt;
    let shell = shell();
    let new = format!("key new --openpgp --no-password {ALICE}");
    expect(0, &shell.run(&new));
    let names = [".secret.asc", ".asc", ".revocation.asc"].map(|end| format!("{ALICE}{end}"));
    for name in &names {
        assert_eq!(fs::metadata(shell.path(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
    // One of three is in the way: none of the others appears either.
    for name in &names[..2] {
        fs::remove_file(shell.path(name)).unwrap();
    }
    let before = shell.read(&names[2]);
    let refused = shell.run(&new);
    expect(2, &refused);
    assert!(error(&refused).contains("--force"), "{}", error(&refused));
    assert!(!shell.path(&names[0]).exists() && !shell.path(&names[1]).exists());
    assert_eq!(shell.read(&names[2]), before);
    expect(0, &shell.run(&format!("{new} --force")));
    assert_ne!(shell.read(&names[2]), before);
    // A folder that is not there.
    expect(2, &shell.run(&format!("{new} --out nowhere/alice")));
    assert!(!Path::new(&shell.path("nowhere")).exists());
}

#[test]
fn what_cannot_be() {
    let shell = shell();
    shell.file("empty", b"\n");
    for words in [
        "key new alice@example.org",
        "key new --openpgp --smime alice@example.org",
        "key new --openpgp alice",
        "key new --openpgp --algorithm rsa-1024 alice@example.org",
        "key new --openpgp --self-signed alice@example.org",
        "key new --smime --v6 alice@example.org",
        "key new --openpgp --password-file empty alice@example.org",
        "key new --openpgp --no-password --expires @1 alice@example.org",
        "key new --smime --self-signed --no-password --expires never alice@example.org",
        "key new --openpgp --no-password --expires soon alice@example.org",
    ] {
        expect(2, &shell.run(words));
    }
    // There is no terminal to ask on.
    let unasked = shell.run("key new --openpgp alice@example.org");
    assert!(error(&unasked).contains("--password-file"), "{}", error(&unasked));
    assert!(!shell.names("").iter().any(|name| name.contains(ALICE)));
    let long = "x".repeat(65);
    expect(2, &shell.run(&format!("key new --smime --no-password --name {long} {ALICE}")));
}

/// Root could put a file in the place of /dev/null.
#[test]
fn force_replaces_files_alone() {
    let shell = shell();
    let Some(mkfifo) = tool("mkfifo") else { return };
    let pipe = shell.path("x.asc");
    Program::new(mkfifo).arg(&pipe).ok();
    expect(2, &shell.run(&format!("key new --openpgp --no-password --force --out x {ALICE}")));
    assert!(!fs::symlink_metadata(&pipe).unwrap().is_file() && !shell.path("x.secret.asc").exists());
}
