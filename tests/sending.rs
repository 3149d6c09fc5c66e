//! The policy's rules wherever a letter is written, planned, passed on or taken in.
#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
#![cfg(all(
    feature = "smime",
    feature = "openpgp-rust",
    feature = "aws-lc",
    feature = "memory",
    feature = "policy-file"
))]

use std::sync::Arc;

use mailseal::outside::MemoryFile;
use mailseal::policy::Action;
use mailseal::report::{Code, Protocol};
use mailseal::{
    Certificate, CertificatePool, Composer, Context, Dispatch, Error, Group, Key, Opener, Outcome, Password,
    Plan, Policy, Scope, TrustStore, UnixTime,
};

const AT: UnixTime = UnixTime::from_seconds(1_800_000_000);
const BOB_PEM: &[u8] = include_bytes!("../examples/letters/bob.pem");
const BOB_ASC: &[u8] = include_bytes!("../examples/letters/bob.asc");

fn policy(rules: &str) -> Policy {
    Policy::from_toml(rules, "policy.toml").unwrap()
}

fn alice() -> Key {
    let pem: String = include!("../examples/letters/alice.rs");
    Key::load(pem.as_bytes(), Password::none()).unwrap()
}

/// Bob is known, and believed, by both protocols.
fn context(rules: &str) -> Context {
    let trust = TrustStore::new().anchors(BOB_PEM, Scope::any()).unwrap();
    let trust = trust.anchors(BOB_ASC, Scope::any()).unwrap();
    let known = CertificatePool::new().with(BOB_PEM).unwrap().with(BOB_ASC).unwrap();
    Context::new(trust).certificates(known).policy(&policy(rules))
}

fn draft(to: &str) -> Vec<u8> {
    format!("From: alice@example.org\r\nTo: {to}\r\nSubject: Hi\r\n\r\nHello\r\n").into_bytes()
}

fn bob(certificate: &[u8]) -> Group {
    Group::to(&Certificate::load(certificate).unwrap()[..1], AT).unwrap()
}

fn compose(composer: &Composer, to: &str) -> Result<Vec<u8>, Error> {
    let mut letter = Vec::new();
    composer.compose(draft(to), AT, &mut letter).map(|()| letter)
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Error>, word: &str) {
    match result {
        Err(Error::Refused(why)) => assert!(why.contains(word), "{why}"),
        other => panic!("{other:?}"),
    }
}

const ENCRYPT: &str = "[[sending]]\nto = \"bob@example.org\"\nencrypt = true\nreason = \"agreed\"\n";

#[test]
fn nothing_unencrypted_to_whom_it_is_not_to_go() {
    let cx = context(ENCRYPT);
    let composer = Composer::new(&cx).sign(&alice());
    for to in
        ["bob@example.org", "dave@example.net, Bob@Example.ORG", "dave@example.net\r\nBcc: bob@example.org"]
    {
        refused(compose(&composer, to), "policy.toml:3: agreed");
        assert!(composer.prepare(draft(to), AT).is_err());
    }
    compose(&composer, "dave@example.net").unwrap();
    compose(&composer.encrypt(&bob(BOB_PEM)), "bob@example.org").unwrap();
    // The recipients of the envelope are those who get it.
    let envelope = composer.clone().recipient(&"bob@example.org".parse().unwrap());
    refused(compose(&envelope, "dave@example.net"), "policy.toml:3");
    let envelope = composer.recipient(&"dave@example.net".parse().unwrap());
    compose(&envelope, "bob@example.org").unwrap();
}

#[test]
fn who_cannot_be_told_is_not_written_to() {
    let cx = context(ENCRYPT);
    let composer = Composer::new(&cx).sign(&alice());
    refused(compose(&composer, "bob@example.org, \"carol"), "cannot be");
    refused(compose(&composer, "undisclosed-recipients:;"), "nobody says to whom");
}

#[test]
fn nothing_unsigned_or_signed_with_another_key() {
    let cx = context("[[sending]]\nto = \"any\"\nsign = true\n");
    refused(compose(&Composer::new(&cx).encrypt(&bob(BOB_PEM)), "bob@example.org"), "signed (policy.toml:3)");
    let alice = alice();
    let own = alice.certificate().fingerprint();
    for (name, good) in [(own.as_str(), true), ("alice@example.org", true), (&"A1".repeat(20), false)] {
        let cx = context(&format!("[[sending]]\nsign_with = \"{name}\"\n"));
        let result = compose(&Composer::new(&cx).sign(&alice), "bob@example.org");
        assert_eq!(result.is_ok(), good, "{name}: {result:?}");
    }
}

#[test]
fn encrypted_as_it_is_asked() {
    let fingerprint = Certificate::load(BOB_PEM).unwrap()[0].fingerprint();
    for (with, smime, openpgp) in [
        ("protocol = \"smime\"".to_owned(), true, false),
        ("protocol = \"openpgp\"".to_owned(), false, true),
        ("protocol = [\"smime\", \"openpgp\"]".to_owned(), true, true),
        ("cipher = \"AES-256-CBC\"".to_owned(), true, false),
        ("cipher = \"AES-256-GCM\"".to_owned(), false, false),
        (format!("certificate = \"{fingerprint}\""), true, false),
        (format!("certificate = \"{}\"", "A1".repeat(20)), false, false),
    ] {
        let cx = context(&format!("[[sending]]\nencrypt_with = {{ {with} }}\n"));
        for (certificate, good) in [(BOB_PEM, smime), (BOB_ASC, openpgp)] {
            let result = compose(&Composer::new(&cx).encrypt(&bob(certificate)), "bob@example.org");
            assert_eq!(result.is_ok(), good, "{with}: {result:?}");
        }
        // A plan does by itself what can be done.
        let plan = Plan::new(&cx, draft("bob@example.org"), &Policy::standard(), AT).unwrap();
        let groups = plan.groups();
        let possible = smime || openpgp || with.contains("GCM");
        assert_eq!(groups.is_ok(), possible, "{with}: {groups:?}");
        for group in groups.unwrap_or_default() {
            assert_eq!(group.protocol() == Protocol::Smime, smime || with.contains("GCM"), "{with}");
            compose(&Composer::new(&cx).encrypt(&group), "bob@example.org").unwrap();
        }
    }
}

/// The rules may come with the policy of the plan alone.
#[test]
fn a_plan_asks_and_so_does_what_is_composed_by_it() {
    let plain = context("");
    let rules =
        policy("[[sending]]\nto = \"*@example.org\"\nsign = true\nhold = true\nask_new_domain = true\n");
    let mut plan = Plan::new(&plain, draft("bob@example.org"), &rules, AT).unwrap();
    let why = plan.unreachable().next().unwrap().to_string();
    assert!(why.contains("policy.toml:4") && why.contains("policy.toml:5"), "{why}");
    refused(plan.groups(), "policy.toml:4");
    plan.confirm("Example.ORG");
    refused(plan.groups(), "held");
    plan.hold(true);
    let group = &plan.groups().unwrap()[0];
    refused(compose(&Composer::new(&plain).encrypt(group), "bob@example.org"), "signed (policy.toml:3)");
    compose(&Composer::new(&plain).sign(&alice()).encrypt(group), "bob@example.org").unwrap();
}

#[test]
fn accepting_a_certificate_does_not_go_around_a_rule() {
    let known = CertificatePool::new().with(BOB_PEM).unwrap();
    let rules = policy("[[sending]]\nencrypt_with = { protocol = \"openpgp\" }\n");
    let cx = Context::new(TrustStore::new()).certificates(known).policy(&rules);
    let mut plan = Plan::new(&cx, draft("bob@example.org"), &Policy::standard(), AT).unwrap();
    let fingerprint = Certificate::load(BOB_PEM).unwrap()[0].fingerprint();
    refused(plan.accept(&"bob@example.org".parse().unwrap(), &fingerprint), "policy.toml:2");
}

#[test]
fn a_new_domain_is_asked_about_once() {
    let folder = tempfile::tempdir().unwrap();
    let memory = Arc::new(MemoryFile::open(folder.path().join("memory")).unwrap());
    let rules = "own = \"*@example.org\"\n[[sending]]\nto = \"outside\"\nask_new_domain = true\n";
    let cx = context(rules).memory(memory.clone());
    let composer = Composer::new(&cx).sign(&alice());
    compose(&composer, "bob@example.org").unwrap();
    refused(compose(&composer, "dave@example.net"), "policy.toml:4");
    refused(compose(&composer.clone().confirm("example.com"), "dave@example.net"), "ask before");
    let to = ["dave@example.net".parse().unwrap()];
    assert_eq!(cx.decide_sending(None, &to).unwrap().action, Action::Ask);
    compose(&composer.clone().confirm("EXAMPLE.net"), "dave@example.net").unwrap();
    compose(&composer, "eve@example.net").unwrap();
    assert_eq!(cx.decide_sending(None, &to).unwrap().action, Action::Pass);
    refused(compose(&composer, "eve@mail.example.net"), "policy.toml:4");
    // What goes from one file to another.
    let other = MemoryFile::open(folder.path().join("other")).unwrap();
    other.import(&memory.export().unwrap()).unwrap();
    let cx = context(rules).memory(other);
    compose(&Composer::new(&cx).sign(&alice()), "dave@example.net").unwrap();
}

#[test]
fn a_draft_that_fails_teaches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let rules = "[[sending]]\nask_new_domain = true\nencrypt = true\n";
    let cx = context(rules).memory(MemoryFile::open(folder.path().join("memory")).unwrap());
    let composer = Composer::new(&cx).sign(&alice()).confirm("example.net");
    refused(compose(&composer, "dave@example.net"), "encrypted");
    let to = ["dave@example.net".parse().unwrap()];
    assert_eq!(cx.decide_sending(None, &to).unwrap().action, Action::Ask);
}

fn checked(cx: &Context, letter: &[u8], to: Option<&str>) -> Dispatch {
    let to = to.map(|to| vec![to.parse().unwrap()]);
    cx.check_sending(letter, to.as_deref(), AT).unwrap()
}

#[test]
fn a_letter_that_is_passed_on() {
    let cx = context(&format!("{ENCRYPT}\n[[sending]]\nto = \"dave@example.net\"\nsign = true\n"));
    let plain = context("");
    let sealed = compose(&Composer::new(&plain).encrypt(&bob(BOB_PEM)), "bob@example.org").unwrap();
    let sealed_by_pgp = compose(&Composer::new(&plain).encrypt(&bob(BOB_ASC)), "bob@example.org").unwrap();
    let signed = compose(&Composer::new(&plain).sign(&alice()), "dave@example.net").unwrap();
    let altered = String::from_utf8(signed.clone()).unwrap().replace("Hello", "Hullo").into_bytes();
    for (letter, to, action) in [
        (draft("bob@example.org"), None, Action::Refuse),
        (draft("dave@example.net"), Some("bob@example.org"), Action::Refuse),
        (sealed.clone(), None, Action::Pass),
        (sealed_by_pgp, None, Action::Pass),
        (signed.clone(), None, Action::Pass),
        (altered, None, Action::Refuse),
        (signed, Some("bob@example.org"), Action::Refuse),
        // What is signed inside cannot be seen.
        (sealed, Some("dave@example.net"), Action::Refuse),
        (draft("eve@example.com"), None, Action::Pass),
    ] {
        let dispatch = checked(&cx, &letter, to);
        assert_eq!(dispatch.action, action, "{}", dispatch.text("en"));
        assert_eq!(dispatch.reasons("en").is_empty(), action == Action::Pass);
    }
    // It only says that it is encrypted.
    for content_type in [
        "multipart/encrypted; boundary=b; protocol=\"application/pgp-encrypted\"",
        "application/pkcs7-mime; smime-type=enveloped-data",
    ] {
        let letter = format!(
            "From: alice@example.org\r\nTo: bob@example.org\r\nContent-Type: {content_type}\r\n\r\n--b\r\n\
             Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\n\
             Content-Type: application/octet-stream\r\n\r\nIn clear.\r\n--b--\r\n"
        );
        assert_eq!(checked(&cx, letter.as_bytes(), None).action, Action::Refuse, "{content_type}");
    }
    refused(cx.check_sending(b"From: alice@example.org\r\n\r\nHello\r\n", None, AT), "nobody says");
}

/// A From that cannot be told has the rules of everybody.
#[test]
fn no_sender_is_no_way_around() {
    let cx = context("[[sending]]\nfrom = \"alice@example.org\"\nrefuse = true\n");
    for from in
        ["alice@example.org", "Alice@example.org", "alice@example.org, carol@example.org", "somebody", ""]
    {
        let letter = format!("From: {from}\r\nTo: bob@example.org\r\n\r\nHello\r\n");
        assert_eq!(checked(&cx, letter.as_bytes(), None).action, Action::Refuse, "{from}");
    }
    let letter = b"From: carol@example.org\r\nTo: bob@example.org\r\n\r\nHello\r\n";
    assert_eq!(checked(&cx, letter, None).action, Action::Pass);
}

#[test]
fn incoming_mail_that_falls_short() {
    let trust = || {
        TrustStore::new().anchors(include_bytes!("../examples/letters/openssl-ca.pem"), Scope::any()).unwrap()
    };
    let letter = include_bytes!("../examples/letters/openssl.eml");
    let opened = Opener::new(&Context::new(trust())).open(letter, AT).unwrap();
    let alice = "alice@example.com".parse().unwrap();
    for (rule, met) in [
        ("outcome = \"good\"", true),
        ("assurance = \"organization\"", false),
        ("trust = \"path\"", true),
        ("trust = [\"pin\", \"anchor\"]", false),
        ("encrypted = true", false),
    ] {
        let policy =
            policy(&format!("[[incoming]]\nfrom = \"*@example.com\"\n{rule}\notherwise = \"hold\"\n"));
        let verdict = policy.judge(&opened.report);
        let (outcome, action) =
            if met { (Outcome::Good, Action::Pass) } else { (Outcome::Caution, Action::Hold) };
        assert_eq!((verdict.outcome, verdict.action), (outcome, action), "{rule}");
        let said = verdict.reasons.iter().any(|reason| reason.code == Code::PolicyNotMet);
        assert_eq!(said, !met, "{rule}");
        assert_eq!(opened.require(&policy, &alice).is_some(), met, "{rule}");
        let text = verdict.text(&opened.report).to_string();
        assert_eq!(text.contains("policy.toml:3"), !met, "{text}");
    }
    let elsewhere = policy("[[incoming]]\nfrom = \"*@example.net\"\nencrypted = true\n");
    assert_eq!(elsewhere.judge(&opened.report).outcome, Outcome::Good);
}

#[test]
fn unsigned_mail_of_whom_more_is_asked() {
    let rules =
        policy("[[incoming]]\nfrom = \"*@bank.example\"\noutcome = \"good\"\notherwise = \"refuse\"\n");
    let opener = Opener::new(&Context::new(TrustStore::new()));
    for (from, action) in [
        ("a@bank.example", Action::Refuse),
        ("a@bank.example, b@example.org", Action::Refuse),
        ("the bank", Action::Refuse),
        ("a@example.org", Action::Pass),
    ] {
        let letter = format!("From: {from}\r\n\r\nPay now.\r\n").into_bytes();
        let verdict = rules.judge(&opener.open(&letter, AT).unwrap().report);
        assert_eq!((verdict.action, verdict.outcome), (action, Outcome::None), "{from}");
    }
}

/// An exception is over when its day is, for whoever looks then.
#[test]
fn an_exception_ends() {
    let rules = policy("[[exception]]\nalgorithm = \"rsa\"\nbits = 1024\nuntil = 2027-01-14\n");
    assert!(rules.algorithms().at(AT) == policy("").algorithms().at(AT), "1800000000 is the day after");
}
