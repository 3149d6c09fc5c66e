//! Who is believed, judged on letters and certificates that gpg made.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod support;

use std::time::SystemTime;

use mailseal::{CertificatePool, Context, Opener, Outcome, Policy, Scope, TrustStore};
use support::gnupg::Gpg;

fn letter(gpg: &Gpg, from: &str, key: &str) -> Vec<u8> {
    let content = "Content-Type: text/plain\r\n\r\nPay at once.\r\n";
    let signature = String::from_utf8(gpg.sign(key, content.as_bytes(), "")).unwrap();
    format!(
        "From: {from}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/signed; micalg=pgp-sha256; boundary=b;\r\n \
         protocol=\"application/pgp-signature\"\r\n\r\n--b\r\n{content}\r\n--b\r\n\
         Content-Type: application/pgp-signature\r\n\r\n{signature}\r\n--b--\r\n"
    )
    .into_bytes()
}

#[test]
fn r_a9_a_user_id_added_later_is_not_what_the_anchor_vouches_for() {
    let Some(gpg) = Gpg::new() else { return };
    let key = gpg.make_key("Alice <alice@example.org>", "ed25519");
    let anchor = gpg.certificate(&key);
    gpg.words(&format!("--passphrase= --quick-add-uid {key}")).arg("President <president@example.org>").ok();
    let later = gpg.certificate(&key);

    let judge = |from: &str, anchor: &[u8], candidate: &[u8]| {
        let trust = TrustStore::new().anchors(anchor, Scope::any()).unwrap();
        let cx = Context::new(trust).certificates(CertificatePool::new().with(candidate).unwrap());
        let opened = Opener::new(&cx).open(letter(&gpg, from, &key), SystemTime::now()).unwrap();
        Policy::standard().judge(&opened.report).outcome
    };
    assert_eq!(judge("alice@example.org", &anchor, &later), Outcome::Good);
    assert_eq!(judge("president@example.org", &anchor, &later), Outcome::Caution);
    assert_eq!(judge("president@example.org", &later, &anchor), Outcome::Good, "once the caller says so");
}
