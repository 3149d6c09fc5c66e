use std::fs;
use std::path::Path;

use crate::command::{json, judged, run, run_in, said};
use crate::story::Story;
use crate::support::pki::{KeyType, Pki};

const ALICE: &str = "alice@example.com";

/// A letter that openssl signed, with a new certificate of this authority.
fn letter(pki: &Pki, text: &str, into: &Path) {
    let leaf = pki.leaf(ALICE, KeyType::P256);
    let content = format!("Content-Type: text/plain\r\n\r\n{text}\r\n");
    let signing = pki.openssl("cms -sign -binary -md sha256 -certfile intermediate.pem -signer");
    let signing = signing.arg(&leaf.certificate).words("-inkey").arg(&leaf.key);
    let signed = String::from_utf8(signing.input(content.as_bytes()).ok()).unwrap().replace("\r\n", "\n");
    fs::write(into, format!("From: {ALICE}\r\nTo: bob@example.org\r\n{}", signed.replace('\n', "\r\n")))
        .unwrap();
}

#[test]
fn another_authority() {
    let (Some(always), Some(second)) = (Pki::new(), Pki::new()) else { return };
    let story = Story::of("another_authority");
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::copy(always.root(), at("always.pem")).unwrap();
    fs::copy(second.root(), at("second.pem")).unwrap();
    let verify = "verify --anchor always.pem --anchor second.pem --memory memory --remember";
    for number in 0..3 {
        letter(&always, &format!("Parcel {number} has left."), &at("usual.eml"));
        assert!(run(folder.path(), &format!("{verify} usual.eml")).status.success());
    }

    letter(&second, "The account has changed.", &at("strange.eml"));
    let english = run(folder.path(), &format!("{verify} strange.eml"));
    assert_eq!(english.status.code(), Some(1));
    let japanese = run_in("ja_JP.UTF-8", folder.path(), &format!("{verify} strange.eml"));
    story.says(&(said(&english) + &said(&japanese)));

    letter(&second, "Pay at once.", &at("again.eml"));
    let again = json(&run(folder.path(), &format!("{verify} --json again.eml")));
    assert_eq!(again["report"]["layers"][0]["signatures"][0]["integrity"], "intact");
    assert_eq!(again["report"]["layers"][0]["signatures"][0]["trust"], "trusted");
    story.ends(judged(&again));

    letter(&always, "Parcel 3 has left.", &at("usual.eml"));
    assert!(run(folder.path(), &format!("{verify} usual.eml")).status.success());
}
