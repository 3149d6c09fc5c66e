//! What somebody on the way, or a sender, can do to a protected header (RFC 9788 §4.4, §10).

use mailseal::report::{Code, FieldProtection, Protection};
use mailseal::{Outcome, Policy};

use crate::people::{People, draft};
use crate::{AT, field, has, state};

fn judged(people: &People, letter: &str) -> (mailseal::Report, Outcome) {
    let report = people.opener().open(letter.as_bytes(), AT).unwrap().report;
    let outcome = Policy::standard().judge(&report).outcome;
    (report, outcome)
}

fn text(octets: Vec<u8>) -> String {
    String::from_utf8(octets).unwrap()
}

/// Threats B16: each field outside, changed, removed or added.
#[test]
fn r_b16_what_is_changed_outside_is_named() {
    let Some(people) = People::get() else { return };
    let letter = text(people.composed(&draft("Jones", "\r\nHello\r\n"), |composer| composer).unwrap());
    assert_eq!(judged(&people, &letter).1, Outcome::Good);
    for (from, to, name) in [
        ("Subject: [...]", "Subject: Jones", "subject"),
        ("Subject: [...]", "Subject: Pay Mallory", "subject"),
        ("To: Bob <bob@smime.example>", "To: Mallory <m@evil.example>", "to"),
        ("To: Bob", "Cc: Mallory <m@evil.example>\r\nTo: Bob", "cc"),
        ("To: Bob", "Reply-To: m@evil.example\r\nTo: Bob", "reply-to"),
        ("Message-ID: <1@", "Message-ID: <2@", "message-id"),
        ("+0900", "+0901", "date"),
    ] {
        assert!(letter.contains(from));
        let (report, outcome) = judged(&people, &letter.replacen(from, to, 1));
        assert!(
            report.headers.mismatched.contains(&name.to_owned()),
            "{to}: {:?}",
            report.headers.mismatched
        );
        assert_eq!(outcome, Outcome::Caution, "{to}");
        // What is shown is what was written (§4), and nothing of it looks more confidential than it was (§11.3).
        assert_eq!(report.headers.show("Subject").collect::<Vec<_>>(), ["Jones"], "{to}");
        assert_eq!(report.headers.show("Cc").count() + report.headers.show("Reply-To").count(), 0, "{to}");
        assert_eq!(state(&report, "To"), FieldProtection::Signed, "{to}");
    }
    // Only X- fields, which any server adds and removes, lower nothing.
    let (report, outcome) = judged(&people, &letter.replacen("To: Bob", "X-Spam: no\r\nTo: Bob", 1));
    assert_eq!((outcome, report.headers.mismatched.len()), (Outcome::Good, 0));
}

/// §4.4.2, §10.1: another author inside, and nobody vouches for him. The letter is only encrypted.
#[test]
fn r_b15_an_author_whom_only_the_inside_names() {
    let Some(people) = People::get() else { return };
    let group = mailseal::Group::to(&people.to_bob, AT).unwrap();
    let spoofed = draft("Jones", "\r\nHello\r\n").replace("alice@smime.example", "boss@smime.example");
    let mut letter = Vec::new();
    mailseal::Composer::new(&people.cx).encrypt(&group).compose(spoofed.as_bytes(), AT, &mut letter).unwrap();
    let honest = text(letter);
    let (report, _) = judged(&people, &honest);
    assert!(!has(&report, Code::FromDiffers) && !report.headers.from_outer);
    assert_eq!(
        (report.headers.protection, state(&report, "Subject")),
        (Protection::Encrypted, FieldProtection::Encrypted)
    );
    let sent = honest.replacen("From: Alice Lovelace <boss@", "From: Mallory <mallory@", 1);
    let (report, outcome) = judged(&people, &sent);
    assert!(has(&report, Code::FromDiffers) && report.headers.from_outer, "{report:#?}");
    assert_ne!(outcome, Outcome::Good);
    let finding = report.findings.iter().find(|finding| finding.code == Code::FromDiffers).unwrap();
    assert_eq!(
        finding.detail.as_deref(),
        Some("mallory@smime.example / boss@smime.example"),
        "both are shown"
    );
    assert_eq!(report.headers.show("From").collect::<Vec<_>>(), ["Mallory <mallory@smime.example>"]);
    assert_eq!(field(&report, "From").value.as_deref(), Some("Alice Lovelace <boss@smime.example>"));
}

/// The signature is tied to the author inside: no forgery, but no `good` either.
#[test]
fn r_b15_the_author_inside_signed_it() {
    let Some(people) = People::get() else { return };
    let letter = text(people.composed(&draft("Jones", "\r\nHello\r\n"), |composer| composer).unwrap());
    let changed = letter.replacen("<alice@smime.example>", "<list@lists.example>", 1);
    let (report, outcome) = judged(&people, &changed);
    assert!(!has(&report, Code::FromDiffers) && !report.headers.from_outer, "{report:#?}");
    assert!(has(&report, Code::HeaderMismatch));
    assert_eq!(outcome, Outcome::Caution);
    assert_eq!(report.headers.show("From").collect::<Vec<_>>(), ["Alice Lovelace <alice@smime.example>"]);
    // By somebody whom nobody knows it is one.
    let cx = mailseal::Context::new(mailseal::TrustStore::new());
    let report =
        mailseal::Opener::new(&cx).key(people.bob.clone()).open(changed.as_bytes(), AT).unwrap().report;
    assert!(has(&report, Code::FromDiffers) && report.headers.from_outer);
}

/// §10.2: what is only signed says of itself that it is encrypted; what was only signed is encrypted on the way.
#[test]
fn r_b16_the_parameter_is_not_the_layer() {
    let Some(people) = People::get() else { return };
    let mut letter = Vec::new();
    mailseal::Composer::new(&people.cx)
        .sign(&people.alice)
        .compose(draft("Jones", "\r\nHello\r\n").as_bytes(), AT, &mut letter)
        .unwrap();
    let clear = text(letter);
    let (report, _) = judged(&people, &clear);
    assert_eq!(
        (report.headers.protection, state(&report, "Subject")),
        (Protection::Signed, FieldProtection::Signed)
    );
    let (header, body) = clear.split_once("MIME-Version").unwrap();
    let entity = format!("MIME-Version{body}");
    let words = "cms -encrypt -binary -aes-128-cbc -outform DER";
    let entity = crate::support::Program::new(&people.openssl)
        .words(words)
        .arg(people.path("5.3"))
        .input(entity.as_bytes())
        .ok();
    let lines: Vec<String> = base64_simd::STANDARD
        .encode_to_string(entity)
        .as_bytes()
        .chunks(64)
        .map(|line| text(line.to_vec()))
        .collect();
    let wrapped = format!(
        "{header}MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        lines.join("\r\n")
    );
    let (report, _) = judged(&people, &wrapped);
    assert_eq!(state(&report, "Subject"), FieldProtection::Signed, "nobody meant it to be confidential");
    assert!(report.headers.hidden.is_empty());
    // HP-Outer in what is only signed is ignored (§2.2): else one author would name two.
    let promise = "Content-Type: text/plain; hp=\"cipher\"\r\nSubject: Jones\r\nHP-Outer: Subject: [...]\r\n\r\nHello\r\n";
    let sign =
        crate::support::Program::new(&people.openssl).words("cms -sign -binary -nodetach -outform DER");
    let sign = sign.arg("-signer").arg(people.path("4.1")).arg("-inkey").arg(people.path("4.2"));
    let signed = base64_simd::STANDARD.encode_to_string(sign.input(promise.as_bytes()).ok());
    let lines: Vec<&str> =
        signed.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let letter = format!(
        "From: alice@smime.example\r\nSubject: [...]\r\nContent-Type: application/pkcs7-mime; smime-type=signed-data\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        lines.join("\r\n")
    );
    let (report, _) = judged(&people, &letter);
    assert!(has(&report, Code::HeaderMismatch) && report.headers.hidden.is_empty(), "{report:#?}");
    assert_eq!(state(&report, "Subject"), FieldProtection::Signed);
}

/// The report of a header of many fields is bounded.
#[test]
fn many_fields_are_bounded() {
    let Some(people) = People::get() else { return };
    let many: String =
        (0..480).map(|number| format!("To: a{number}@b.example\r\nX-{number}: x\r\n")).collect();
    let entity = format!("Content-Type: text/plain; hp=clear\r\n{many}Subject: Jones\r\n\r\nHello\r\n");
    let sign = crate::support::Program::new(&people.openssl).words("cms -sign -binary -outform DER");
    let sign = sign.arg("-signer").arg(people.path("4.1")).arg("-inkey").arg(people.path("4.2"));
    let signature = base64_simd::STANDARD.encode_to_string(sign.input(entity.as_bytes()).ok());
    let letter = format!(
        "From: alice@smime.example\r\n{many}Subject: Jones\r\nContent-Type: multipart/signed; boundary=b; micalg=sha-256; protocol=\"application/pkcs7-signature\"\r\n\r\n\
         --b\r\n{entity}\r\n--b\r\nContent-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\n{signature}\r\n--b--\r\n"
    );
    let report = mailseal::Opener::new(&people.cx).open(letter.as_bytes(), AT).unwrap().report;
    assert!((128..=260).contains(&report.headers.fields.len()), "{}", report.headers.fields.len());
}

/// What cannot stand inside is not shown outside instead: without a copy, the policy would have nothing to hide it by.
#[test]
fn what_has_no_copy_inside_does_not_leak() {
    let Some(people) = People::get() else { return };
    let group = mailseal::Group::to(&people.to_bob, AT).unwrap();
    let composer = mailseal::Composer::new(&people.cx).sign(&people.alice).encrypt(&group);
    for secret in [&b"Subject: caf\xe9 Jones"[..], b"Keywords: sch\xc3\xb6n, Jones", b"Comments: \xe9 Jones"]
    {
        let head = b"From: alice@smime.example\r\nTo: bob@smime.example\r\n";
        let draft = [&head[..], secret, b"\r\n\r\nHello\r\n"].concat();
        let mut letter = Vec::new();
        let result = composer.compose(&draft, AT, &mut letter);
        let leaks = letter.windows(5).any(|octets| octets == b"Jones");
        assert!(!leaks, "{result:?} {}", String::from_utf8_lossy(&letter));
        let all = composer.clone().header_confidentiality(mailseal::HeaderConfidentiality::None);
        all.compose(&draft, AT, &mut Vec::new()).unwrap();
    }
}
