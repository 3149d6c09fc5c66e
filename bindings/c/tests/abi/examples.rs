//! The programs of `examples/c` do what they say, and other people's programs agree.

use std::fs;
use std::path::{Path, PathBuf};

use crate::compiled::{Link, compile, ends, root, run, run_checked};
use crate::support::gnupg::Gpg;
use crate::support::pki::{KeyType, PASSWORD, Pki};

const DRAFT: &[u8] = b"From: Alice <alice@example.org>\r\nTo: bob@example.net\r\nSubject: Hi\r\n\r\n\
    Hello Bob\r\n";

struct Examples {
    sign: PathBuf,
    verify: PathBuf,
    folder: tempfile::TempDir,
}

impl Examples {
    fn new(link: Link) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let built = |name: &str| {
            let source = root().join("examples/c").join(name);
            compile(&source, folder.path(), "cc", "c99", link)
        };
        let (sign, verify) = (built("sign.c")?, built("verify.c")?);
        Some(Self { sign, verify, folder })
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

    /// What `verify` says of a letter, with which status.
    fn verified(&self, anchors: &Path, mail: &Path, status: i32) -> String {
        ends(run(&self.verify).arg(anchors).arg(mail), None, status)
    }
}

fn smime(link: Link) {
    let (Some(pki), Some(examples)) = (Pki::new(), Examples::new(link)) else { return };
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

fn openpgp(link: Link) {
    let (Some(gpg), Some(examples)) = (Gpg::new(), Examples::new(link)) else { return };
    let alice = gpg.make_key("Alice <alice@example.org>", "ed25519");
    let key = examples.write("alice.key.asc", &gpg.secret_key(&alice));
    let certificate = examples.write("alice.asc", &gpg.certificate(&alice));
    let signed = examples.signed(&key);
    let page = examples.verified(&certificate, &signed, 0);
    assert!(page.contains("GOOD") && page.contains("OpenPGP"), "{page}");
}

#[test]
fn smime_by_the_shared_library() {
    smime(Link::Shared);
}

#[test]
fn smime_by_the_static_library() {
    smime(Link::Static);
}

#[test]
fn openpgp_by_the_shared_library() {
    openpgp(Link::Shared);
}

/// G2: no error and nothing lost, whatever way through the programs.
#[test]
fn g2_the_examples_under_valgrind() {
    let (Some(pki), Some(examples)) = (Pki::new(), Examples::new(Link::Shared)) else { return };
    let alice = pki.leaf("alice@example.org", KeyType::P256);
    let signed = examples.signed(&alice.pkcs12);
    let draft = examples.write("draft.eml", DRAFT);
    for (program, words, input, status) in [
        (&examples.sign, vec![&*alice.pkcs12, Path::new(PASSWORD)], Some(&*draft), 0),
        (&examples.sign, vec![&*alice.pkcs12], Some(&*draft), 2),
        (&examples.verify, vec![&*pki.root(), &*signed], None, 0),
        (&examples.verify, vec![&*alice.chain, Path::new("not there")], None, 2),
    ] {
        let Some(mut checked) = run_checked(program) else { return };
        ends(checked.args(words), input, status);
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

/// Private keys that only openssl holds: by callback, and in two phases.
#[test]
fn keys_that_live_elsewhere() {
    let Some(pki) = Pki::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/elsewhere.c");
    let Some(program) = compile(&source, folder.path(), "cc", "c99", Link::Shared) else { return };
    let draft = folder.path().join("draft.eml");
    fs::write(&draft, DRAFT).unwrap();
    for (key, scheme, how) in [
        (KeyType::P256, "ecdsa-p256-sha256", "pkeyutl -sign"),
        (KeyType::Rsa(2048), "rsa-pkcs1-sha256", "pkeyutl -sign -pkeyopt digest:sha256"),
    ] {
        let alice = pki.leaf("alice@example.org", key);
        let command = format!("openssl {how} -inkey {} -in in.bin -out out.bin", alice.key.display());
        let out = folder.path().join("signed.eml");
        for phases in ["one", "two"] {
            let _ = fs::remove_file(&out);
            let mut program = run(&program);
            program.current_dir(folder.path()).args([&alice.chain, &draft, &out]);
            ends(program.args([scheme, phases, &command]), None, 0);
            pki.openssl("cms -verify -purpose any -CAfile root.pem -out verified -in").arg(&out).ok();
        }
    }
}
