//! The helpers of the other tests, by themselves: what they make is what they say.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod support;

use std::fs;

use support::gnupg::{Gpg, Gpgsm};
use support::nss::Nss;
use support::pki::{KeyType, Pki, Profile};
use support::{Program, corpora, tool};

const CONTENT: &[u8] = b"Content-Type: text/plain\r\n\r\nHello.\r\n";

#[test]
fn programs_get_input_and_say_why_they_failed() {
    let Some(sh) = tool("sh") else { return };
    let big = vec![b'x'; 1 << 20];
    assert_eq!(Program::new(&sh).arg("-c").arg("cat").input(&big).ok(), big);
    let ran = Program::new(&sh).arg("-c").arg("echo no >&2; exit 3").input(&big).run();
    assert!(!ran.succeeded);
    assert_eq!(ran.stderr, "no\n");
}

#[test]
fn corpora_are_found_or_said_to_be_absent() {
    if let Some(folder) = corpora() {
        assert!(fs::read_dir(folder).unwrap().count() > 0);
    }
}

#[test]
fn openssl_makes_paths_for_every_type_of_key() {
    let Some(pki) = Pki::new() else { return };
    let types = [KeyType::Rsa(2048), KeyType::P256, KeyType::P384, KeyType::P521, KeyType::Ed25519];
    for key in types {
        let leaf = pki.leaf("alice@example.org", key);
        let verify = pki.openssl("verify -purpose smimesign -CAfile root.pem -untrusted intermediate.pem");
        verify.arg(&leaf.certificate).ok();
        for file in [&leaf.pkcs12, &leaf.pkcs12_old] {
            let out = pki.openssl("pkcs12 -nokeys -passin pass:secret -in").arg(file).ok();
            assert_eq!(String::from_utf8(out).unwrap().matches("BEGIN CERTIFICATE").count(), 2, "{key:?}");
        }
    }
}

#[test]
fn openssl_makes_leaves_that_are_not_good() {
    let Some(pki) = Pki::new() else { return };
    let cases = [
        (Profile::Expired, Some("certificate has expired")),
        (Profile::WithoutEmailProtection, Some("unsuitable certificate purpose")),
        (Profile::Organization, None),
    ];
    for (profile, complaint) in cases {
        let leaf = pki.leaf_with("alice@example.org", KeyType::P256, profile);
        let verify = pki.openssl("verify -purpose smimesign -CAfile root.pem -untrusted intermediate.pem");
        let ran = verify.arg(&leaf.certificate).run();
        assert_eq!(ran.succeeded, complaint.is_none(), "{profile:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(complaint.unwrap_or_default()), "{profile:?}: {}", ran.stderr);
    }
    let bank = pki.leaf_with("notice@bank.example", KeyType::P256, Profile::Organization);
    let text = pki
        .openssl("x509 -noout -subject -ext certificatePolicies,subjectAltName -in")
        .arg(bank.certificate)
        .ok();
    let text = String::from_utf8(text).unwrap();
    for wanted in ["O = \"Example Bank, Ltd.\"", "2.23.140.1.5.2.3", "email:notice@bank.example"] {
        assert!(text.contains(wanted), "{text}");
    }
}

#[test]
fn openssl_names_mailboxes_beyond_ascii() {
    let Some(pki) = Pki::new() else { return };
    let leaf = pki.leaf("佐藤@example.jp", KeyType::P256);
    let text = pki.openssl("x509 -noout -ext subjectAltName -in").arg(leaf.certificate).ok();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("SmtpUTF8Mailbox") || text.contains("othername"), "{text}");
}

#[test]
fn gpg_signs_and_verifies_with_keys_made_here() {
    let Some(gpg) = Gpg::new() else { return };
    for algorithm in ["rsa2048", "nistp256", "nistp384", "ed25519"] {
        let fingerprint = gpg.make_key("Carol <carol@example.net>", algorithm);
        assert_eq!(fingerprint.len(), 40, "{fingerprint}");
        let signature = gpg.sign(&fingerprint, CONTENT, "--digest-algo SHA512");
        assert!(gpg.verify(&signature, CONTENT).text().contains("GOODSIG"), "{algorithm}");
        assert!(gpg.verify(&signature, b"other").text().contains("BADSIG"), "{algorithm}");
        assert!(gpg.certificate(&fingerprint).starts_with(b"-----BEGIN PGP PUBLIC KEY BLOCK"));
        assert!(gpg.secret_key(&fingerprint).starts_with(b"-----BEGIN PGP PRIVATE KEY BLOCK"));
    }
}

#[test]
fn gpg_takes_keys_of_another_home() {
    let (Some(one), Some(other)) = (Gpg::new(), Gpg::new()) else { return };
    let fingerprint = one.make_key("carol@example.net", "ed25519");
    let signature = one.sign(&fingerprint, CONTENT, "");
    assert!(other.verify(&signature, CONTENT).text().contains("NO_PUBKEY"));
    other.import(&one.certificate(&fingerprint));
    assert!(other.verify(&signature, CONTENT).text().contains("GOODSIG"));
}

#[test]
fn gpgsm_signs_and_verifies_with_keys_of_the_pki() {
    let Some(pki) = Pki::new() else { return };
    let Some(gpgsm) = Gpgsm::new(&pki) else { return };
    gpgsm.import(&pki, &pki.leaf("alice@example.org", KeyType::Rsa(2048)));
    let signature = gpgsm.sign("<alice@example.org>", CONTENT);
    let good = gpgsm.verify(&signature, CONTENT);
    assert!(
        good.text().contains("GOODSIG") && good.text().contains("TRUST_FULLY"),
        "{} {}",
        good.text(),
        good.stderr
    );
    assert!(gpgsm.verify(&signature, b"other").text().contains("BADSIG"));
}

#[test]
fn nss_signs_and_verifies_with_keys_of_the_pki() {
    let Some(pki) = Pki::new() else { return };
    let Some(nss) = Nss::new(&pki) else { return };
    nss.import(&pki.leaf("alice@example.org", KeyType::Rsa(2048)));
    let signature = nss.sign("alice@example.org", CONTENT);
    let good = nss.verify(&signature, CONTENT);
    let bad = nss.verify(&signature, b"other");
    assert!(
        good.text().contains("GoodSignature"),
        "{} {}\n{} {}",
        good.text(),
        good.stderr,
        bad.text(),
        bad.stderr
    );
    assert!(!bad.text().contains("GoodSignature"), "{}{}", bad.succeeded, bad.text());
    let stranger = Nss::new(&Pki::new().unwrap()).unwrap().verify(&signature, CONTENT);
    assert!(!stranger.text().contains("GoodSignature"), "{}", stranger.text());
}

#[test]
fn sq_and_rnp_answer() {
    for name in ["sq", "rnp"] {
        let Some(program) = tool(name) else { return };
        assert!(Program::new(program).arg("--version").run().succeeded, "{name}");
    }
}
