use std::fs;
use std::path::Path;

use crate::command::{json, judged, run, run_in, said};
use crate::story::Story;
use crate::support::pki::{KeyType, Pki};

/// A letter that openssl signed for that address, as the reader's own server handed it over.
fn letter(pki: &Pki, address: &str, into: &Path) {
    let leaf = pki.leaf(address, KeyType::P256);
    let signing = pki.openssl("cms -sign -binary -md sha256 -certfile intermediate.pem -signer");
    let signing = signing.arg(&leaf.certificate).words("-inkey").arg(&leaf.key);
    let signed = signing.input(b"Content-Type: text/plain\r\n\r\nPlease pay.\r\n").ok();
    let signed = String::from_utf8(signed).unwrap().replace("\r\n", "\n").replace('\n', "\r\n");
    let (_, domain) = address.split_once('@').unwrap();
    let head = format!(
        "Received: from {domain} by mx.example.org with ESMTPS id 1; Mon, 5 Jan 2026 00:00:00 +0000\r\n\
         Authentication-Results: mx.example.org; dkim=pass header.d={domain}; dmarc=pass header.from={domain}\r\n\
         From: {address}\r\nTo: bob@example.org\r\n"
    );
    fs::write(into, head + &signed).unwrap();
}

#[test]
fn lookalike_with_dmarc() {
    let Some(pki) = Pki::new() else { return };
    let story = Story::of("lookalike_with_dmarc");
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::copy(pki.root(), at("root.pem")).unwrap();
    let verify = "verify --anchor root.pem --memory memory --trust-results mx.example.org --trusted-hops 1";
    for _ in 0..3 {
        letter(&pki, "alice@example.com", &at("usual.eml"));
        assert!(run(folder.path(), &format!("{verify} --remember usual.eml")).status.success());
    }
    letter(&pki, "alice@examp1e.com", &at("strange.eml"));
    let english = run(folder.path(), &format!("{verify} strange.eml"));
    assert_eq!(english.status.code(), Some(1));
    let japanese = run_in("ja_JP.UTF-8", folder.path(), &format!("{verify} strange.eml"));
    story.says(&(said(&english) + &said(&japanese)));
    let seen = json(&run(folder.path(), &format!("{verify} --json strange.eml")));
    assert_eq!(seen["report"]["domain"]["dmarc"]["result"], "pass");
    assert_eq!(seen["report"]["domain"]["agreement"]["domain_with_signer"], "same_domain");
    assert_eq!(seen["report"]["transport"]["hops"][0]["tls"], true);
    story.ends(judged(&seen));
}
