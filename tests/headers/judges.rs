//! Other people's programs open what is composed here, with each policy, and find the same in it.

use mailseal::{Certificate, Composer, Group, HeaderConfidentiality, Key, Opener, Password};

use crate::people::{People, draft};
use crate::support::gnupg::Gpg;
use crate::support::{Program, tool};
use crate::{AT, payload};

const BODY: &str = "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n\
    --a\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nこんにちは\r\n\
    --a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>Hello</p></body></html>\r\n--a--\r\n\
    --m\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nattached\r\n--m--\r\n";

/// Prints subject, names outside the text, and the texts, as Python's email package reads them.
const PYTHON: &str = r#"
import sys, email, email.policy
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
print(m["subject"]); print(m["from"]); print(m["hp-outer"] is not None, m.get_param("hp"), m.defects)
for p in m.walk():
    if p.get_content_maintype() == "text": print(p.get_param("hp-legacy-display"), repr(p.get_content()))
"#;

fn read_by_python(entity: &[u8]) -> Option<String> {
    let python = tool("python3")?;
    let said = Program::new(python).arg("-c").arg(PYTHON).env("PYTHONIOENCODING", "utf-8").input(entity).ok();
    Some(String::from_utf8(said).unwrap().replace("\\r", ""))
}

fn check(entity: &[u8], legacy: bool, what: &str) {
    let Some(said) = read_by_python(entity) else { return };
    assert!(said.starts_with("契約書 <Jones>\n"), "{what}: {said}");
    assert!(said.contains("True cipher []"), "{what}: {said}");
    let (plain, html) = match legacy {
        true => ("Subject: 契約書 <Jones>\\n", "Subject: 契約書 &lt;Jones&gt;"),
        false => ("None 'こんにちは", "<body><p>Hello</p>"),
    };
    assert!(said.contains(plain) && said.contains(html), "{what}: {said}");
    assert_eq!(said.matches("\n1 '").count(), if legacy { 2 } else { 0 }, "{what}: {said}");
    assert!(said.contains("None 'attached"), "{what}: {said}");
}

const POLICIES: [(HeaderConfidentiality, bool); 4] = [
    (HeaderConfidentiality::Baseline, false),
    (HeaderConfidentiality::Baseline, true),
    (HeaderConfidentiality::Shy, false),
    (HeaderConfidentiality::Shy, true),
];

#[test]
fn openssl_and_python_read_what_is_composed() {
    let Some(people) = People::get() else { return };
    let draft = draft("=?utf-8?B?5aWR57SE5pu4?= <Jones>", BODY);
    for (policy, legacy) in POLICIES {
        let what = format!("{policy}, {legacy}");
        let letter = people
            .composed(&draft, |composer| composer.header_confidentiality(policy).legacy_display(legacy));
        let letter = letter.unwrap();
        let cms = |words: &str| Program::new(&people.openssl).words("cms").words(words);
        let decrypt = cms("-decrypt -recip").arg(people.path("5.3")).arg("-inkey").arg(people.path("5.4"));
        let signed = decrypt.input(&letter).ok();
        let verify = cms("-verify -purpose any -no_check_time -CAfile").arg(people.path("3.1"));
        let entity = verify.input(&signed).ok();
        check(&entity, legacy, &what);
        let opened = people.opener().open(&letter, AT).unwrap();
        assert!(opened.report.headers.mismatched.is_empty(), "{what}: {:?}", opened.report.headers);
        check(payload(&opened).as_bytes(), legacy, &what);
        let displays = opened.report.parts.iter().filter(|part| !part.legacy_display.is_empty()).count();
        assert_eq!(displays, if legacy { 2 } else { 0 }, "{what}");
    }
}

#[test]
fn gpg_and_python_read_what_is_composed() {
    let Some(gpg) = Gpg::new() else { return };
    let alice = gpg.make_key_with("Alice <alice@smime.example>", "ed25519", "cv25519");
    let secret = gpg.secret_key(&alice);
    let key = Key::load(&secret, Password::none()).unwrap();
    let cx = mailseal::Context::new(mailseal::TrustStore::new());
    let at: mailseal::UnixTime = std::time::SystemTime::now().into();
    let group = Group::to(&Certificate::load(&gpg.certificate(&alice)).unwrap(), at).unwrap();
    let draft = draft("=?utf-8?B?5aWR57SE5pu4?= <Jones>", BODY);
    for (policy, legacy) in POLICIES {
        let what = format!("{policy}, {legacy}");
        let composer = Composer::new(&cx).sign(&key).header_confidentiality(policy).legacy_display(legacy);
        let mut letter = Vec::new();
        composer.encrypt(&group).compose(draft.as_bytes(), at, &mut letter).unwrap();
        let text = String::from_utf8(letter.clone()).unwrap();
        let shown = if policy == HeaderConfidentiality::Shy {
            "From: alice@smime.example\r\n"
        } else {
            "From: Alice Lovelace <"
        };
        assert!(text.starts_with(shown) && text.contains("\r\nSubject: [...]\r\n"), "{what}: {text}");
        let start = text.find("-----BEGIN PGP MESSAGE").unwrap();
        let entity = gpg.words("--output - --decrypt --status-fd 2").input(&text.as_bytes()[start..]).run();
        assert!(entity.stderr.contains("GOODSIG"), "{what}: {}", entity.stderr);
        let entity = entity.ok();
        // Status lines stand before it.
        let start = entity.windows(13).position(|octets| octets == b"Content-Type:").unwrap();
        check(&entity[start..], legacy, &what);
        let opened = Opener::new(&cx).key(key.clone()).open(&letter, at).unwrap();
        assert!(opened.report.headers.mismatched.is_empty(), "{what}: {:?}", opened.report.headers);
        assert_eq!(
            opened.report.parts.iter().filter(|part| !part.legacy_display.is_empty()).count(),
            if legacy { 2 } else { 0 }
        );
    }
}

/// A letter by gpg, with the payload of the RFC: the form is the same in both protocols (§1.5).
#[test]
fn a_shy_letter_by_gpg() {
    let Some(gpg) = Gpg::new() else { return };
    let alice = gpg.make_key_with("Alice <alice@smime.example>", "ed25519", "cv25519");
    let key = Key::load(&gpg.secret_key(&alice), Password::none()).unwrap();
    let entity = "Content-Type: text/plain; charset=\"utf-8\";\r\n hp-legacy-display=\"1\"; hp=\"cipher\"\r\nSubject: Jones\r\n\
        From: Alice <alice@smime.example>\r\nTo: Bob <bob@smime.example>\r\nHP-Outer: Subject: [...]\r\n\
        HP-Outer: From: alice@smime.example\r\nHP-Outer: To: bob@smime.example\r\n\r\nSubject: Jones\r\nFrom: Alice\r\n\r\nHello\r\n";
    let out = gpg.home().join("letter.asc");
    let seal = gpg.words("--armor --sign --encrypt --recipient").arg(&alice).words("--output").arg(&out);
    seal.input(entity.as_bytes()).ok();
    let sealed = std::fs::read_to_string(out).unwrap().replace("\r\n", "\n").replace('\n', "\r\n");
    let letter = format!(
        "From: alice@smime.example\r\nTo: bob@smime.example\r\nSubject: [...]\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\r\n\r\n\
         --b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\
         --b\r\nContent-Type: application/octet-stream\r\n\r\n{sealed}\r\n--b--\r\n"
    );
    let mut pool = mailseal::CertificatePool::new();
    Certificate::load(&gpg.certificate(&alice)).unwrap().into_iter().for_each(|one| drop(pool.add(one)));
    let cx = mailseal::Context::new(mailseal::TrustStore::new()).certificates(pool);
    let opened = Opener::new(&cx).key(key).open(letter.as_bytes(), std::time::SystemTime::now()).unwrap();
    let report = &opened.report;
    for name in ["Subject", "From", "To"] {
        assert_eq!(
            crate::state(report, name),
            mailseal::report::FieldProtection::SignedAndEncrypted,
            "{name}"
        );
    }
    assert!(report.headers.mismatched.is_empty(), "{:?}", report.headers);
    let display = report.parts.iter().flat_map(|part| &part.legacy_display).collect::<Vec<_>>();
    assert_eq!(display, [&(0, 31)]);
}
