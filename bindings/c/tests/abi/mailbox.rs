//! Letters of an mbox file and of a folder, by a C program.

use std::fs;
use std::path::Path;

use crate::compiled::{Link, compile, ends, run, run_checked};
use crate::support::pki::{KeyType, Pki};

/// A letter that openssl signed, with a line that an mbox file escapes.
fn signed(pki: &Pki) -> String {
    let alice = pki.leaf("alice@example.org", KeyType::P256);
    let inside = "Content-Type: text/plain\r\n\r\nHello\r\nFrom now on there is no way back.\r\n";
    fs::write(pki.folder().join("inside.eml"), inside).unwrap();
    let signing = pki.openssl("cms -sign -binary -in inside.eml -out signed.eml -signer");
    signing
        .arg(&alice.certificate)
        .words("-inkey")
        .arg(&alice.key)
        .words("-certfile")
        .arg(pki.intermediate())
        .ok();
    let entity = fs::read_to_string(pki.folder().join("signed.eml")).unwrap();
    let entity = entity.replace("\r\n", "\n").replace('\n', "\r\n");
    format!("From: alice@example.org\r\nTo: bob@example.net\r\nSubject: x\r\n{entity}")
}

#[test]
fn letters_of_an_mbox_file_and_a_folder() {
    let Some(pki) = Pki::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mailbox.c");
    let Some(program) = compile(&source, folder.path(), "cc", "c99", Link::Shared) else { return };
    let letter = signed(&pki);
    let escaped = letter.replace("\r\nFrom now", "\r\n>From now");
    let separator = "From alice@example.org Mon Jan  5 10:00:00 2026\r\n";
    let [mbox, one, files] = ["in.mbox", "one.eml", "files"].map(|name| folder.path().join(name));
    let plain = "From: alice@example.org\r\n\r\nHello\r\n";
    let altered = escaped.replace("Hello", "Hallo");
    let all = [plain, &escaped, &altered].map(|letter| format!("{separator}{letter}\r\n"));
    fs::write(&mbox, all.concat()).unwrap();
    fs::write(&one, &letter).unwrap();
    fs::create_dir(&files).unwrap();
    fs::write(files.join("a.eml"), &letter).unwrap();
    let (anchors, nowhere) = (pki.root(), folder.path().join("nowhere"));
    let looks = |path: &Path, wanted: &[&str], status: i32| {
        let said = ends(run(&program).arg(&anchors).arg(path).args(wanted), None, status);
        if let Some(mut checked) = run_checked(&program) {
            ends(checked.arg(&anchors).arg(path).args(wanted), None, status);
        }
        said
    };
    looks(&mbox, &["1,1,0", "2,2,1", "3,1,3"], 0);
    looks(&files, &["0,1,1"], 0);
    let said = looks(&one, &[], 3);
    assert!(said.contains("no mbox file and no folder"), "{said}");
    looks(&nowhere, &[], 4);
}
