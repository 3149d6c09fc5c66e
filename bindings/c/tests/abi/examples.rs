//! The programs of `examples/c` and `examples/cpp` do what they say, and other people's programs agree.

use std::fs;
use std::path::{Path, PathBuf};

use crate::compiled::{Link, compile, ends, root, run, run_checked};
use crate::support::gnupg::Gpg;
use crate::support::pki::{KeyType, PASSWORD, Pki};

pub const DRAFT: &[u8] = b"From: Alice <alice@example.org>\r\nTo: bob@example.net\r\nSubject: Hi\r\n\r\n\
    Hello Bob\r\n";

/// In what the same programs are written.
struct Language {
    /// Their folder and their suffix.
    name: &'static str,
    compiler: &'static str,
    standard: &'static str,
}

const LANGUAGES: [Language; 2] = [
    Language { name: "c", compiler: "cc", standard: "c99" },
    Language { name: "cpp", compiler: "c++", standard: "c++17" },
];

impl Language {
    fn compile(&self, name: &str, into: &Path, link: Link) -> Option<PathBuf> {
        let source = root().join("examples").join(self.name).join(format!("{name}.{}", self.name));
        compile(&source, into, self.compiler, self.standard, link)
    }
}

struct Examples {
    sign: PathBuf,
    verify: PathBuf,
    encrypt: PathBuf,
    decrypt: PathBuf,
    folder: tempfile::TempDir,
}

impl Examples {
    fn new(language: &Language, link: Link) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let built = |name: &str| language.compile(name, folder.path(), link);
        let (sign, verify) = (built("sign")?, built("verify")?);
        let (encrypt, decrypt) = (built("encrypt")?, built("decrypt")?);
        Some(Self { sign, verify, encrypt, decrypt, folder })
    }

    fn write(&self, name: &str, octets: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, octets).unwrap();
        path
    }

    /// Signs the draft with a key.
    fn signed(&self, key: &Path) -> PathBuf {
        let draft = self.write("draft.eml", DRAFT);
        let mail = ends(run(&self.sign).arg(key).arg(PASSWORD), Some(&draft), 0);
        self.write("signed.eml", mail.as_bytes())
    }

    /// What `encrypt` says, with which status; and the first letter it wrote, if any.
    fn encrypted(&self, words: [&Path; 5], status: i32) -> (String, Option<PathBuf>) {
        let first = self.folder.path().join("1.eml");
        let _ = fs::remove_file(&first);
        let said = ends(run(&self.encrypt).current_dir(self.folder.path()).args(words), None, status);
        (said, first.exists().then_some(first))
    }

    /// What `decrypt` writes, with which status.
    fn decrypted(&self, key: &Path, mail: &Path, password: &str, status: i32) -> Option<String> {
        let out = self.folder.path().join("out.eml");
        let _ = fs::remove_file(&out);
        ends(run(&self.decrypt).args([key, mail, &out]).arg(password), None, status);
        fs::read_to_string(out).ok()
    }

    /// What `verify` says of a letter, with which status.
    fn verified(&self, anchors: &Path, mail: &Path, status: i32) -> String {
        ends(run(&self.verify).arg(anchors).arg(mail), None, status)
    }
}

fn smime(language: &Language, link: Link) {
    let (Some(pki), Some(examples)) = (Pki::new(), Examples::new(language, link)) else { return };
    let alice = pki.leaf("alice@example.org", KeyType::P256);
    let signed = examples.signed(&alice.pkcs12);
    let root = pki.root();
    pki.openssl("cms -verify -purpose any -CAfile root.pem -out verified -in").arg(&signed).ok();

    let page = examples.verified(&root, &signed, 0);
    assert!(page.contains("GOOD") && page.contains("signer 1: alice@example.org"), "{page}");
    let other = pki.leaf("eve@example.net", KeyType::P256);
    let page = examples.verified(&other.certificate, &signed, 1);
    assert!(page.contains("CAUTION") && page.contains("signer_unknown"), "{page}");
    let text = fs::read_to_string(&signed).unwrap();
    let altered = examples.write("altered.eml", text.replacen("Hello Bob", "Hello Rob", 1).as_bytes());
    let page = examples.verified(&root, &altered, 1);
    assert!(page.contains("BAD") && page.contains("(altered)"), "{page}");

    for (anchors, mail) in [(&*root, Path::new("not there.eml")), (Path::new("not there.pem"), &*signed)] {
        let page = examples.verified(anchors, mail, 2);
        assert!(page.starts_with("could not look: not there"), "{page}");
    }
    let draft = examples.write("draft.eml", DRAFT);
    let wrong = ends(run(&examples.sign).arg(&alice.pkcs12).arg("wrong"), Some(&draft), 2);
    assert!(wrong.contains("password"), "{wrong}");
    let refused = ends(run(&examples.sign).arg(&other.pkcs12).arg(PASSWORD), Some(&draft), 2);
    assert!(refused.contains("refused"), "{refused}");
}

fn openpgp(language: &Language, link: Link) {
    let (Some(gpg), Some(examples)) = (Gpg::new(), Examples::new(language, link)) else { return };
    let alice = gpg.make_key("Alice <alice@example.org>", "ed25519");
    let key = examples.write("alice.key.asc", &gpg.secret_key(&alice));
    let certificate = examples.write("alice.asc", &gpg.certificate(&alice));
    let signed = examples.signed(&key);
    let page = examples.verified(&certificate, &signed, 0);
    assert!(page.contains("GOOD") && page.contains("OpenPGP"), "{page}");
}

#[test]
fn smime_is_encrypted_and_opened() {
    LANGUAGES.iter().for_each(encrypted_smime);
}

fn encrypted_smime(language: &Language) {
    let (Some(pki), Some(examples)) = (Pki::new(), Examples::new(language, Link::Shared)) else { return };
    let alice = pki.leaf("alice@example.org", KeyType::P256);
    let bob = pki.leaf("bob@example.net", KeyType::Rsa(2048));
    let (root, draft, password) = (pki.root(), examples.write("draft.eml", DRAFT), Path::new(PASSWORD));
    let (said, none) = examples.encrypted([&root, &alice.chain, &draft, &alice.pkcs12, password], 2);
    assert!(said.contains("no way to encrypt to bob@example.net") && none.is_none(), "{said}");
    let (said, mail) = examples.encrypted([&root, &bob.chain, &draft, &alice.pkcs12, password], 0);
    assert!(said.ends_with("1.eml: bob@example.net\n"), "{said}");
    let mail = mail.unwrap();
    let text = fs::read_to_string(&mail).unwrap();
    assert!(!text.contains("Hello Bob") && !text.contains("Subject: Hi"), "{text}");

    // openssl opens it, and what was inside is signed.
    let decrypting = pki.openssl("cms -decrypt -binary -out inside.eml -in").arg(&mail);
    decrypting.arg("-recip").arg(&bob.certificate).arg("-inkey").arg(&bob.key).ok();
    pki.openssl("cms -verify -purpose any -CAfile root.pem -in inside.eml -out verified").ok();

    let inside = examples.decrypted(&bob.pkcs12, &mail, PASSWORD, 0).unwrap();
    assert!(inside.contains("Subject: Hi\r\n") && inside.ends_with("\r\n\r\nHello Bob\r\n"), "{inside}");
    assert_eq!(examples.decrypted(&alice.pkcs12, &mail, PASSWORD, 1), None);
    assert_eq!(examples.decrypted(&bob.pkcs12, &mail, "wrong", 2), None);
    let draft = examples.decrypted(&bob.pkcs12, &draft, PASSWORD, 0).unwrap();
    assert_eq!(draft.as_bytes(), DRAFT, "a letter that is not encrypted");
}

/// Each Bcc gets a letter alone, in which no other is named.
#[test]
fn a_blind_copy_is_a_letter_of_its_own() {
    LANGUAGES.iter().for_each(blind_copy);
}

fn blind_copy(language: &Language) {
    let (Some(pki), Some(examples)) = (Pki::new(), Examples::new(language, Link::Shared)) else { return };
    let bob = pki.leaf("bob@example.net", KeyType::Rsa(2048));
    let frank = pki.leaf("frank@example.net", KeyType::P256);
    let both = fs::read_to_string(&bob.certificate).unwrap() + &fs::read_to_string(&frank.chain).unwrap();
    let both = examples.write("both.pem", both.as_bytes());
    let draft = String::from_utf8_lossy(DRAFT).replacen("\r\n", "\r\nBcc: frank@example.net\r\n", 1);
    let draft = examples.write("draft.eml", draft.as_bytes());
    let words = [&*pki.root(), &*both, &*draft];
    let said = ends(run(&examples.encrypt).current_dir(examples.folder.path()).args(words), None, 0);
    assert!(said.ends_with("1.eml: bob@example.net\n2.eml: frank@example.net\n"), "{said}");
    for (name, leaf, other) in [("1.eml", &bob, &frank), ("2.eml", &frank, &bob)] {
        let mail = examples.folder.path().join(name);
        let inside = examples.decrypted(&leaf.pkcs12, &mail, PASSWORD, 0).unwrap();
        assert!(inside.ends_with("Hello Bob\r\n") && !inside.contains("frank"), "{inside}");
        assert!(!fs::read_to_string(&mail).unwrap().contains("frank"));
        assert_eq!(examples.decrypted(&other.pkcs12, &mail, PASSWORD, 1), None);
    }
}

#[test]
fn openpgp_is_encrypted_and_opened() {
    LANGUAGES.iter().for_each(encrypted_openpgp);
}

fn encrypted_openpgp(language: &Language) {
    let (Some(gpg), Some(examples)) = (Gpg::new(), Examples::new(language, Link::Shared)) else { return };
    let make = |user_id: &str, name: &str| {
        let fingerprint = gpg.make_key(user_id, "ed25519");
        gpg.words(&format!("--quick-add-key {fingerprint} cv25519 encr never")).ok();
        let key = examples.write(&format!("{name}.key.asc"), &gpg.secret_key(&fingerprint));
        (key, examples.write(&format!("{name}.asc"), &gpg.certificate(&fingerprint)))
    };
    let (alice, _) = make("Alice <alice@example.org>", "alice");
    let (bob, certificate) = make("Bob <bob@example.net>", "bob");
    let draft = examples.write("draft.eml", DRAFT);
    let (said, mail) = examples.encrypted([&certificate, &certificate, &draft, &alice, Path::new("none")], 0);
    assert!(said.ends_with("1.eml: bob@example.net\n"), "{said}");
    let mail = mail.unwrap();
    let text = fs::read_to_string(&mail).unwrap();
    assert!(!text.contains("Subject: Hi"), "{text}");

    let message = text.split_once("-----BEGIN PGP MESSAGE").unwrap().1;
    let message = format!("-----BEGIN PGP MESSAGE{message}");
    let judged = gpg.words("--decrypt").input(message.as_bytes()).run();
    assert!(judged.text().contains("GOODSIG") && judged.text().contains("Hello Bob"), "{judged:?}");

    let inside = examples.decrypted(&bob, &mail, "none", 0).unwrap();
    assert!(inside.contains("Subject: Hi\r\n") && inside.ends_with("\r\n\r\nHello Bob\r\n"), "{inside}");
    assert_eq!(examples.decrypted(&alice, &mail, "none", 1), None);
}

#[test]
fn smime_by_the_shared_library() {
    LANGUAGES.iter().for_each(|language| smime(language, Link::Shared));
}

#[test]
fn smime_by_the_static_library() {
    smime(&LANGUAGES[0], Link::Static);
}

#[test]
fn openpgp_by_the_shared_library() {
    LANGUAGES.iter().for_each(|language| openpgp(language, Link::Shared));
}

/// Scope, pin and download, each of which decides.
#[test]
fn trust_is_scoped_pinned_and_revoked() {
    LANGUAGES.iter().for_each(trust);
}

fn trust(language: &Language) {
    let folder = tempfile::tempdir().unwrap();
    let letters = root().join("examples/letters");
    let Some(program) = language.compile("trust", folder.path(), Link::Shared) else { return };
    let alice = "alice@example.com";
    let [pem, strict] = ["openssl-ca.pem", "strict-ca.pem"].map(|name| letters.join(name));
    let [signed, revoked] = ["openssl.eml", "eve-revoked.eml"].map(|name| letters.join(name));
    let said = |checked: bool, words: &[&Path], status: i32| {
        let command = if checked { run_checked(&program) } else { Some(run(&program)) };
        ends(command.unwrap_or_else(|| run(&program)).args(words), None, status)
    };
    let scope = Path::new("*@example.com until=2040-12-31");
    let page = said(true, &[&pem, scope, &signed], 0);
    let path = "you → Example Root CA (*@example.com until=2040-12-31) → Alice Liddell";
    assert!(page.contains(path), "{page}");
    let step = page.lines().find(|line| line.starts_with("  Alice Liddell · from ")).unwrap();
    assert!(
        step.contains(" · came with the letter · signed by the step before (rsa-pkcs1-sha-256); "),
        "{step}"
    );
    let fingerprint = step.split(" · fingerprint ").nth(1).unwrap().split(" · ").next().unwrap();

    let other = Path::new("*@example.org");
    let page = said(false, &[&pem, other, &signed], 1);
    assert!(page.contains("is an anchor, but not for this"), "{page}");
    let (none, pinned) = (Path::new("-"), Path::new(fingerprint));
    let page = said(true, &[&pem, other, &signed, none, Path::new(alice), pinned], 0);
    assert!(page.contains("you → Alice Liddell (pinned)"), "{page}");
    let page = said(false, &[&pem, other, &signed, none, Path::new(alice), Path::new("914C7D10")], 2);
    assert!(page.contains("all of it is wanted"), "{page}");

    let any = Path::new("any");
    let page = said(false, &[&strict, any, &revoked], 0);
    assert!(page.contains("would help: http://crl.example.com/strict-ca.crl\n"), "{page}");
    let page = said(false, &[&strict, any, &revoked, folder.path()], 0);
    assert!(page.contains("would help: "), "nothing is there: {page}");
    let page = said(true, &[&strict, any, &revoked, &letters], 1);
    assert!(page.contains("(signer_revoked)") && !page.contains("would help"), "{page}");
}

/// G2: no error and nothing lost, whatever way through the programs.
#[test]
fn g2_the_examples_under_valgrind() {
    LANGUAGES.iter().for_each(under_valgrind);
}

fn under_valgrind(language: &Language) {
    let (Some(pki), Some(examples)) = (Pki::new(), Examples::new(language, Link::Shared)) else { return };
    let alice = pki.leaf("alice@example.org", KeyType::P256);
    let signed = examples.signed(&alice.pkcs12);
    let draft = examples.write("draft.eml", DRAFT);
    let own = String::from_utf8_lossy(DRAFT).replace("bob@example.net", "alice@example.org");
    let (own, password) = (examples.write("own.eml", own.as_bytes()), Path::new(PASSWORD));
    for (program, words, input, status) in [
        (&examples.sign, vec![&*alice.pkcs12, Path::new(PASSWORD)], Some(&*draft), 0),
        (&examples.sign, vec![&*alice.pkcs12], Some(&*draft), 2),
        (&examples.verify, vec![&*pki.root(), &*signed], None, 0),
        (&examples.verify, vec![&*alice.chain, Path::new("not there")], None, 2),
        (&examples.encrypt, vec![&*pki.root(), &*alice.chain, &*own, &*alice.pkcs12, password], None, 0),
        (&examples.encrypt, vec![&*pki.root(), &*alice.chain, &*draft], None, 2),
        (
            &examples.decrypt,
            vec![&*alice.pkcs12, Path::new("1.eml"), Path::new("out.eml"), password],
            None,
            0,
        ),
        (&examples.decrypt, vec![&*alice.pkcs12, &*draft, Path::new("out.eml")], None, 2),
    ] {
        let Some(mut checked) = run_checked(program) else { return };
        ends(checked.current_dir(examples.folder.path()).args(words), input, status);
    }
}

/// The programs beside this one that need nothing but the library.
#[test]
fn programs_that_test_themselves() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["objects.c", "version.c"] {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name);
        let Some(program) = compile(&source, folder.path(), "cc", "c99", Link::Shared) else { return };
        ends(&mut run(&program), None, 0);
        if let Some(mut checked) = run_checked(&program) {
            ends(&mut checked, None, 0);
        }
    }
}
