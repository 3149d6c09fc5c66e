//! R-B16: header fields in the payload (RFC 9788).

use super::*;
use crate::mime::HeaderConfidentiality;
use crate::mime::protected::{Form, Protected};

const LETTER: &str = "Received: by mx\r\nFrom: Alice <alice@example.org>\r\nTo: Bob <bob@example.org>,\r\n carol@example.org\r\n\
    Bcc: dan@example.org\r\nSubject: Grüße an alle\r\nDate: Sun, 22 Nov 2026 06:36:18 +0100\r\n\
    Keywords: one, two\r\nX-Mailer: x\r\nList-Id: <l.example.org>\r\nMIME-Version: 1.0\r\n\
    Content-Type: text/plain; charset=utf-8;\r\n\r\nHello\r\n";

const NAMES: [&str; 7] = ["date", "from", "keywords", "list-id", "subject", "to", "x-mailer"];

fn sealed(protect: Protect) -> Vec<u8> {
    signed(&protected(LETTER.as_bytes(), protect).unwrap(), SignatureKind::Pkcs7, "sha-256", |_| {
        vec![0x30, 0]
    })
}

fn cipher<'r>(policy: HeaderConfidentiality, reference: Option<&'r Reference>) -> Recipe<'r> {
    let hcp = Hcp { policy, reference };
    Recipe { protect: Protect::Cipher, hcp, legacy_display: false, outside: b"", inside: b"" }
}

fn by<'l>(letter: &'l [u8], recipe: Recipe<'_>) -> Draft<'l> {
    prepare(&Source::memory(letter), &structure(letter), &Limits::default(), recipe).unwrap()
}

fn outer(draft: &Draft<'_>) -> String {
    text(draft.outer().collect::<Vec<_>>().concat())
}

fn read(letter: &[u8]) -> Protected {
    let structure = structure(letter);
    Protected::read(&structure.parts[1].header_octets, &structure.parts[0].header_octets, true, false)
}

#[test]
fn r_b16_copies_are_written_and_agree() {
    let letter = sealed(Protect::Clear);
    let entity = text(signed_octets(&letter));
    assert!(entity.starts_with("Content-Type: text/plain; charset=utf-8;\r\n hp=\"clear\"\r\n"), "{entity}");
    assert!(entity.is_ascii() && entity.contains("Subject: =?utf-8?B?"), "{entity}");
    assert!(
        !entity.contains("Received") && entity.contains("X-Mailer: x") && !entity.contains("dan@"),
        "{entity}"
    );
    let found = read(&letter);
    assert_eq!(found.hp.as_deref(), Some("clear"));
    assert_eq!(found.protected, NAMES);
    assert!(found.mismatched.is_empty(), "{found:?}");
}

#[test]
fn r_b16_each_change_outside_is_named() {
    let letter = text(sealed(Protect::Clear));
    let changed = |from: &str, to: &str| read(letter.replacen(from, to, 1).as_bytes());
    assert_eq!(changed("Grüße an alle", "Konto gesperrt").mismatched, ["subject"]);
    assert_eq!(changed("Alice <alice@", "Alice <mallory@").mismatched, ["from"]);
    assert_eq!(changed("Sun, 22", "Mon, 23").mismatched, ["date"]);
    assert_eq!(changed("To: Bob <bob@example.org>,\r\n carol@example.org\r\n", "").mismatched, ["to"]);
    assert_eq!(changed("To: Bob", "Reply-To: mallory@example.org\r\nTo: Bob").mismatched, ["reply-to"]);
    assert_eq!(changed("To: Bob", "Subject: second\r\nTo: Bob").mismatched, ["subject"]);
    let same = changed("To: Bob <bob@example.org>,\r\n carol", "TO:Bob\r\n\t<bob@example.org>,  carol");
    assert!(same.mismatched.is_empty(), "folding, blanks and case of names: {same:?}");
    let same = changed("Grüße an alle", "=?iso-8859-1?Q?Gr=FC=DFe_an?= alle");
    assert!(same.mismatched.is_empty(), "another encoding: {same:?}");
}

#[test]
fn r_b16_encoded_words_between_raw_characters_agree() {
    let letter = LETTER.replace("Grüße an alle", "Grüße =?utf-8?q?an?= alle");
    let draft = draft(letter.as_bytes()).unwrap();
    let found = read(&signed(&draft, SignatureKind::Pkcs7, "sha-256", |_| vec![0x30, 0]));
    assert!(found.mismatched.is_empty() && found.protected.contains(&"subject".to_owned()), "{found:?}");
}

#[test]
fn r_b16_switched_off() {
    let letter = sealed(Protect::Off);
    assert_eq!(text(signed_octets(&letter)), "Content-Type: text/plain; charset=utf-8;\r\n\r\nHello\r\n");
    assert_eq!(read(&letter), Protected::default());
}

#[test]
fn r_b16_an_old_promise_is_not_kept_up() {
    let old = LETTER
        .replace("charset=utf-8;", "charset=utf-8; hp=cipher")
        .replace("Received: by mx", "HP-Outer: Subject: x");
    let draft = draft(old.as_bytes()).unwrap();
    assert!(
        text(written(&draft))
            .starts_with("Content-Type: text/plain; charset=\"utf-8\";\r\n hp=\"clear\"\r\n")
    );
    assert!(!text(written(&draft)).contains("HP-Outer"));
    let plain = entity(old.as_bytes()).unwrap();
    assert_eq!(text(plain), "Content-Type: text/plain; charset=\"utf-8\"\r\n\r\nHello\r\n");
}

#[test]
fn r_b16_what_is_hidden_is_told_inside() {
    let letter = sealed(Protect::Cipher);
    let whole = text(letter.clone());
    let (outer, _) = whole.split_once("\r\n\r\n").unwrap();
    assert!(
        outer.contains("Subject: [...]\r\n") && !outer.contains("Keywords") && outer.contains("X-Mailer"),
        "{outer}"
    );
    let entity = text(signed_octets(&letter));
    assert!(entity.contains("hp=\"cipher\"") && entity.contains("HP-Outer: Subject: [...]\r\n"), "{entity}");
    assert!(
        entity.contains("\r\nKeywords: one, two\r\n") && !entity.contains("HP-Outer: Keywords"),
        "{entity}"
    );
    let found = read(&letter);
    assert_eq!(found.protected, NAMES);
    assert!(found.mismatched.is_empty(), "{found:?}");
    assert_eq!(read(whole.replacen("[...]", "Rechnung", 1).as_bytes()).mismatched, ["subject"]);
    assert_eq!(
        read(whole.replacen("To: Bob", "Keywords: x\r\nTo: Bob", 1).as_bytes()).mismatched,
        ["keywords"]
    );
}

#[test]
fn a_name_in_raw_utf8_is_encoded_and_agrees() {
    let letter = LETTER.replace("Alice <", "\"Älice, the first\" <");
    let draft = draft(letter.as_bytes()).unwrap();
    let whole = signed(&draft, SignatureKind::Pkcs7, "sha-256", |_| vec![0x30, 0]);
    let entity = text(signed_octets(&whole));
    assert!(entity.is_ascii() && entity.contains("From: =?utf-8?B?"), "{entity}");
    let found = read(&whole);
    assert!(found.mismatched.is_empty(), "{found:?}");
    assert_eq!(found.fields[0].value.as_deref(), Some("\"Älice, the first\" <alice@example.org>"));
}

#[test]
fn an_address_in_raw_utf8_has_no_copy() {
    let letter = LETTER.replace("<alice@", "<älice@");
    let draft = draft(letter.as_bytes()).unwrap();
    let entity = text(written(&draft));
    assert!(entity.is_ascii() && !entity.contains("From:"), "{entity}");
    assert!(draft.outer().any(|field| field.starts_with("From: Alice <ä".as_bytes())));
}

/// RFC 9788 §3.2: what each policy shows.
#[test]
fn r_b16_each_policy_shows_what_it_says() {
    let letter = LETTER.replace("Grüße an alle", "Jones").replace("+0100", "+0900 (JST)");
    let baseline = "From: Alice <alice@example.org>\r\nTo: Bob <bob@example.org>,\r\n carol@example.org\r\n\
        Subject: [...]\r\nDate: Sun, 22 Nov 2026 06:36:18 +0900 (JST)\r\nX-Mailer: x\r\n";
    let shy = "From: alice@example.org\r\nTo: bob@example.org, carol@example.org\r\n\
        Subject: [...]\r\nDate: Sat, 21 Nov 2026 21:36:18 +0000\r\nX-Mailer: x\r\n";
    let none = baseline.replace("[...]", "Jones").replace("X-M", "Keywords: one, two\r\nX-M");
    for (policy, wanted) in [
        (HeaderConfidentiality::Baseline, baseline),
        (HeaderConfidentiality::Shy, shy),
        (HeaderConfidentiality::None, &none),
    ] {
        let draft = by(letter.as_bytes(), cipher(policy, None));
        let shown = outer(&draft);
        assert!(shown.contains(wanted), "{policy}: {shown}");
        // Every field outside is told inside, and nothing else (RFC 9788 §2.2).
        let whole = signed(&draft, SignatureKind::Pkcs7, "sha-256", |_| vec![0x30, 0]);
        let entity = text(signed_octets(&whole));
        let (header, _) = entity.split_once("\r\n\r\n").unwrap();
        let fields =
            shown.lines().filter(|line| !line.starts_with(' ') && !line.starts_with("Received")).count();
        assert_eq!(header.matches("HP-Outer: ").count(), fields, "{header}\n{shown}");
        let found = read(&whole);
        assert!(found.mismatched.is_empty() && found.form == Some(Form::Parameter), "{policy}: {found:?}");
        let hidden: &[&str] = match policy {
            HeaderConfidentiality::None => &[],
            HeaderConfidentiality::Baseline => &["keywords", "subject"],
            _ => &["date", "from", "keywords", "subject", "to"],
        };
        assert_eq!(found.hidden, hidden, "{policy}");
        let subject = found.fields.iter().find(|field| field.name == "Subject").unwrap();
        assert_eq!((subject.value.as_deref(), subject.confidential), (Some("Jones"), !hidden.is_empty()));
    }
}

#[test]
fn shy_leaves_what_it_cannot_read() {
    for (field, wanted) in [
        ("To: Team: Bob <bob@example.org>, \"A, B\" <a@example.org>;", "To: bob@example.org, a@example.org"),
        ("To: undisclosed-recipients:;", "To: undisclosed-recipients:;"),
        ("To: Bob <bob@example.org", "To: Bob <bob@example.org"),
        ("To: bob@example.org (Bob)", "To: bob@example.org"),
        ("Date: soon", "Date: soon"),
        ("Reply-To: Bob <bob@example.org>", "Reply-To: Bob <bob@example.org>"),
    ] {
        let letter = format!("From: a@example.org\r\n{field}\r\n\r\nx\r\n");
        let shown = outer(&by(letter.as_bytes(), cipher(HeaderConfidentiality::Shy, None)));
        assert!(shown.contains(&format!("{wanted}\r\n")), "{field}: {shown}");
    }
}

/// RFC 9788 §6.1: what an answer keeps, with a policy that hides nothing.
#[test]
fn r_b16_an_answer_keeps_what_the_letter_kept() {
    let pairs =
        |list: &[(&str, &str)]| list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    let reference = Reference {
        encrypted: true,
        inside: pairs(&[
            ("from", "Bob B. <bob@example.org>"),
            ("to", "alice@example.org, Carol <carol@example.org>"),
            ("cc", "dan@example.org"),
            ("subject", "Jones contract"),
            ("message-id", "<1@example.org>"),
            ("references", "<0@example.org> <hidden@example.org>"),
            ("x-case", "42"),
        ]),
        outside: pairs(&[
            ("from", "bob@example.org"),
            ("to", "alice@example.org, Carol <carol@example.org>"),
            ("subject", "[...]"),
            ("message-id", "<1@example.org>"),
            ("references", "<0@example.org>"),
        ]),
    };
    for (field, wanted) in [
        ("Subject: Re: Jones contract", "Subject: Re: [...]\r\n"),
        ("Subject: =?utf-8?B?UmU6IEpvbmVzIGNvbnRyYWN0?=", "Subject: Re: [...]\r\n"),
        ("Subject: AW: Fwd: Jones contract", "Subject: AW: Fwd: [...]\r\n"),
        ("Subject: Jones contract", "Subject: [...]\r\n"),
        ("Subject: Re: Jones contract, ASAP", "Subject: [...]\r\n"),
        ("To: Bob B. <bob@example.org>", "To: bob@example.org\r\n"),
        ("To: Bobby <bob@example.org>, dan@example.org", "To: bob@example.org\r\n"),
        ("Cc: Dan <dan@example.org>", ""),
        ("Cc: Carol <carol@example.org>", "Cc: Carol <carol@example.org>\r\n"),
        (
            "References: <0@example.org> <hidden@example.org> <1@example.org>",
            "References: <0@example.org> <1@example.org>\r\n",
        ),
        ("In-Reply-To: <hidden@example.org>", ""),
        ("In-Reply-To: <1@example.org>", "In-Reply-To: <1@example.org>\r\n"),
        ("X-Case: 42", ""),
        ("X-Case: 43", "X-Case: 43\r\n"),
    ] {
        let letter = format!("From: alice@example.org\r\n{field}\r\n\r\nx\r\n");
        let draft = by(letter.as_bytes(), cipher(HeaderConfidentiality::None, Some(&reference)));
        assert_eq!(outer(&draft), format!("From: alice@example.org\r\n{wanted}"), "{field}");
        let inside = text(written(&draft));
        assert!(inside.contains(&format!("\r\n{field}\r\n")), "nothing is lost: {inside}");
    }
}

/// The older form has nobody to say what was hidden (RFC 9788 §F.3).
#[test]
fn the_older_form_is_compared_with_what_hides() {
    let inside = b"Content-Type: text/plain; protected-headers=\"v1\"\r\nFrom: Alice <a@example.org>\r\nSubject: Jones\r\nCc: c@example.org\r\n\r\n";
    for (outside, hidden, mismatched) in [
        ("From: a@example.org\r\nSubject: ...", vec!["cc", "from", "subject"], vec![]),
        ("From: Alice <a@example.org>\r\nSubject: Re: ...\r\nCc: c@example.org", vec!["subject"], vec![]),
        (
            "From: Alice <a@example.org>\r\nSubject: Encrypted Message\r\nCc: c@example.org",
            vec!["subject"],
            vec![],
        ),
        ("From: Alice <a@example.org>\r\nSubject: Pay Mallory\r\nCc: c@example.org", vec![], vec!["subject"]),
        ("From: Alice <m@example.org>\r\nSubject: Jones\r\nCc: m@example.org", vec![], vec!["cc", "from"]),
    ] {
        let found = Protected::read(inside, outside.as_bytes(), true, false);
        assert_eq!(
            (found.form, &found.hidden, &found.mismatched),
            (
                Some(Form::Older),
                &hidden.iter().map(ToString::to_string).collect(),
                &mismatched.iter().map(ToString::to_string).collect()
            ),
            "{outside}"
        );
        let clear = Protected::read(inside, outside.as_bytes(), false, false);
        assert!(clear.hidden.is_empty(), "a letter that is only signed hides nothing");
    }
}
