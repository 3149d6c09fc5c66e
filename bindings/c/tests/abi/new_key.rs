//! Keys that a C program makes; openssl and gpg judge them.

use std::fs;
use std::path::Path;

use crate::compiled::{Link, compile, ends, run, run_checked};
use crate::elsewhere::halves;
use crate::examples::DRAFT;
use crate::support::gnupg::Gpg;
use crate::support::pki::Pki;

#[test]
fn new_keys_sign() {
    let (Some(pki), Some(gpg)) = (Pki::new(), Gpg::new()) else { return };
    let folder = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/new_key.c");
    let Some(program) = compile(&source, folder.path(), "cc", "c99", Link::Shared) else { return };
    let path = |name: &str| folder.path().join(name);
    fs::write(path("draft.eml"), DRAFT).unwrap();
    let mut run = run(&program);
    ends(run.arg(folder.path()).arg(path("draft.eml")).arg("correct horse"), None, 0);

    let check = pki.openssl("cms -verify -purpose any -out verified -CAfile");
    check.arg(path("smime.pem")).words("-in").arg(path("smime.eml")).ok();
    let shown = |words: &str, file: &str| {
        String::from_utf8_lossy(&pki.openssl(words).words("-in").arg(path(file)).ok()).into_owned()
    };
    let certificate = shown("x509 -noout -subject -email -checkend 8553600", "smime.pem");
    assert!(certificate.contains("Alice Liddell") && certificate.contains("alice@example.org"));
    let ending = pki.openssl("x509 -noout -checkend 8726400 -in").arg(path("smime.pem")).run();
    assert!(!ending.succeeded, "ends after 100 days");
    let request = shown("req -verify -noout -text", "request.pem");
    assert!(request.contains("secp384r1") && request.contains("alice@example.org"), "{request}");
    fs::write(pki.folder().join("password"), "correct horse\n").unwrap();
    let public = shown("req -noout -pubkey", "request.pem");
    assert_eq!(shown("pkey -pubout -passin file:password", "key.pem"), public);

    gpg.import(&fs::read(path("openpgp.asc")).unwrap());
    let (content, signature) = halves(&fs::read_to_string(path("openpgp.eml")).unwrap());
    let judged = gpg.verify(signature.as_bytes(), content.as_bytes());
    assert!(judged.succeeded && judged.text().contains("GOODSIG"), "{judged:?}");
    assert!(judged.text().contains("Alice Liddell <alice@example.org>"), "{judged:?}");
    gpg.import(&fs::read(path("revoked.asc")).unwrap());
    let judged = gpg.verify(signature.as_bytes(), content.as_bytes());
    assert!(judged.text().contains("REVKEYSIG"), "{judged:?}");

    // Without a password: what is to take long, takes minutes there.
    if let Some(mut checked) = run_checked(&program) {
        ends(checked.arg(folder.path()).arg(path("draft.eml")), None, 0);
    }
}
