//! R-B16: header fields in the payload (RFC 9788).

use super::*;
use crate::mime::write::HeaderProtection;

const LETTER: &str = "Received: by mx\r\nFrom: Alice <alice@example.org>\r\nTo: Bob <bob@example.org>,\r\n carol@example.org\r\n\
    Bcc: dan@example.org\r\nSubject: Grüße an alle\r\nDate: Sun, 22 Nov 2026 06:36:18 +0000\r\n\
    Keywords: one, two\r\nX-Mailer: x\r\nList-Id: <l.example.org>\r\nMIME-Version: 1.0\r\n\
    Content-Type: text/plain; charset=utf-8;\r\n\r\nHello\r\n";

const NAMES: [&str; 6] = ["date", "from", "keywords", "list-id", "subject", "to"];

fn sealed(protect: Protect) -> Vec<u8> {
    let mut draft = draft(LETTER.as_bytes()).unwrap();
    draft.protect(protect);
    signed(&draft, SignatureKind::Pkcs7, "sha-256", |_| vec![0x30, 0])
}

fn read(letter: &[u8]) -> HeaderProtection {
    let structure = structure(letter);
    HeaderProtection::read(&structure.parts[1].header_octets, &structure.parts[0].header_octets, true)
}

#[test]
fn r_b16_copies_are_written_and_agree() {
    let letter = sealed(Protect::Clear);
    let entity = text(signed_octets(&letter));
    assert!(entity.starts_with("Content-Type: text/plain; charset=utf-8;\r\n hp=\"clear\"\r\n"), "{entity}");
    assert!(entity.is_ascii() && entity.contains("Subject: =?utf-8?B?"), "{entity}");
    assert!(
        !entity.contains("Received") && !entity.contains("X-Mailer") && !entity.contains("dan@"),
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
    let mut draft = draft(letter.as_bytes()).unwrap();
    draft.protect(Protect::Clear);
    let found = read(&signed(&draft, SignatureKind::Pkcs7, "sha-256", |_| vec![0x30, 0]));
    assert!(found.mismatched.is_empty() && found.protected.contains(&"subject".to_owned()), "{found:?}");
}

#[test]
fn r_b16_switched_off() {
    let letter = sealed(Protect::Off);
    assert_eq!(text(signed_octets(&letter)), "Content-Type: text/plain; charset=utf-8;\r\n\r\nHello\r\n");
    assert_eq!(read(&letter), HeaderProtection::default());
}

#[test]
fn r_b16_an_old_promise_is_not_kept_up() {
    let old = LETTER
        .replace("charset=utf-8;", "charset=utf-8; hp=cipher")
        .replace("Received: by mx", "HP-Outer: Subject: x");
    let mut draft = draft(old.as_bytes()).unwrap();
    assert!(
        text(written(&draft))
            .starts_with("Content-Type: text/plain; charset=\"utf-8\";\r\n hp=\"clear\"\r\n")
    );
    assert!(!text(written(&draft)).contains("HP-Outer"));
    draft.protect(Protect::Off);
    assert_eq!(text(written(&draft)), "Content-Type: text/plain; charset=\"utf-8\"\r\n\r\nHello\r\n");
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
fn an_address_in_raw_utf8_has_no_copy() {
    let letter = LETTER.replace("Alice <", "Älice <");
    let draft = draft(letter.as_bytes()).unwrap();
    let entity = text(written(&draft));
    assert!(entity.is_ascii() && !entity.contains("From:"), "{entity}");
    assert!(draft.outer().any(|field| field.starts_with("From: Ä".as_bytes())));
}
