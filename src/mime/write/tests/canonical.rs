//! RFC 3156 §3, RFC 8551 §3.1: what becomes of each kind of part.

use proptest::prelude::*;
use std::io::Read;

use super::*;
use crate::mime::decode;
use crate::mime::write::scan::Facts;

#[test]
fn outer_and_inner_are_split() {
    let letter = b"From: a@example.org\nBcc: b@example.org\n b2@example.org\nX-Odd:  two \n\tlines \nMIME-Version: 1.0\n\
        Content-Type: text/plain; charset=utf-8\nContent-Language: de\n\nHello\n";
    let outer: Vec<u8> = draft(letter).unwrap().outer().flatten().copied().collect();
    assert_eq!(text(outer), "From: a@example.org\r\nX-Odd:  two \r\n\tlines \r\n");
    let expected = "Content-Type: text/plain; charset=utf-8\r\nContent-Language: de\r\n\r\nHello\r\n";
    assert_eq!(text(entity(letter).unwrap()), expected);
}

#[test]
fn a_type_is_added_where_none_is() {
    let start = |letter: &[u8]| text(entity(letter).unwrap());
    assert_eq!(
        start(b"From: a@b\n\nHello"),
        "Content-Type: text/plain; charset=\"us-ascii\"\r\n\r\nHello\r\n"
    );
    let eight = start("From: a@b\n\nGrüße\n".as_bytes());
    let expected = "Content-Type: text/plain; charset=\"utf-8\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        Gr=C3=BC=C3=9Fe\r\n";
    assert_eq!(eight, expected);
    assert!(sentence(entity(b"From: a@b\n\nGr\xfc\xdfe\n")).contains("neither ASCII nor UTF-8"));
}

#[test]
fn iso_2022_jp_is_left_alone() {
    let body = b"\x1b$BF|K\\8l\x1b(B text\r\n";
    let head = b"Subject: x\r\nContent-Type: text/plain; charset=iso-2022-jp\r\nContent-Transfer-Encoding: 7bit\r\n\r\n";
    assert!(entity(&[head.as_slice(), body].concat()).unwrap().ends_with(body));
    let dirty = entity(&[head.as_slice(), b"From \x1b$BF|K\\8l\x1b(B\r\n"].concat()).unwrap();
    assert!(text(dirty).ends_with("quoted-printable\r\n\r\n=46rom =1B$BF|K\\8l=1B(B\r\n"));
}

#[test]
fn leaves_by_type_and_encoding() {
    let leaf = |kind: &str, encoding: &str, body: &[u8]| {
        let head =
            format!("Subject: x\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n");
        let entity = text(entity(&[head.as_bytes(), body].concat()).unwrap());
        entity.split_once("Encoding: ").unwrap().1.replace("\r\n\r\n", "|").replace("\r\n", "/")
    };
    assert_eq!(leaf("text/plain", "8bit", b"clean\n"), "7bit|clean/");
    assert_eq!(leaf("text/plain", "binary", b"one\ntwo"), "7bit|one/two/");
    assert_eq!(leaf("text/plain", "binary", b"\0a\0\n"), "base64|AGEACg==/");
    assert_eq!(leaf("text/plain", "7bit", b"a \r\n\0\rb\r\n"), "quoted-printable|a=20/=00=0Db/");
    assert_eq!(leaf("text/plain", "7bit", b"a\rb\r\n"), "quoted-printable|a=0Db/");
    assert_eq!(leaf("image/png", "binary", b"a\nb"), "base64|YQpi/");
    assert_eq!(leaf("image/png", "8bit", b"\xff\n"), "base64|/wo=/");
    assert_eq!(leaf("text/plain", "base64", b"SGVsbG8= \r\n"), "base64|SGVsbG8=/");
    assert_eq!(leaf("text/plain", "quoted-printable", b"From =E9 \r\n"), "quoted-printable|=46rom =E9/");
    assert_eq!(leaf("text/plain", "quoted-printable", b"=C3=A9=\r\n x\r\n"), "quoted-printable|=C3=A9=/ x/");
    // What a carrier may not touch stays octet by octet: =0A in a picture is no line end.
    assert_eq!(leaf("image/gif", "quoted-printable", b"a=0Ab \r\n"), "base64|YQpiDQo=/");
    assert_eq!(leaf("text/plain", "x-other", b"clean\r\n"), "x-other|clean/");
    assert_eq!(leaf("application/pkcs7-mime", "binary", b"\x30\x80\n"), "base64|MIAK/");
}

#[test]
fn a_header_that_two_readers_read_differently_is_refused() {
    for letter in
        [&b"Subject: a\0b\r\n\r\nx"[..], b"Subject: a\rBcc: b\r\n\r\nx", b"Subject: a\r\nno field\r\n\r\nx"]
    {
        let result = entity(letter);
        assert!(matches!(result, Err(Error::Malformed { .. })), "{result:?}");
    }
    let twice = b"Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\nx";
    assert!(matches!(entity(twice), Err(Error::Refused(_))));
    let many = format!("{}\r\nx", "A: 1\r\n".repeat(50));
    let few = Limits::default().header_fields(10);
    let result =
        prepare(&Source::memory(many.as_bytes()), &structure(many.as_bytes()), &few, Recipe::default());
    assert!(matches!(result, Err(Error::Limit { name: "header_fields", .. })));
}

#[test]
fn raw_utf8_in_fields_of_the_entity() {
    let letter = "Subject: Grüße\r\nContent-Type: text/plain; name=\"Grüße.txt\"\r\n\
        Content-Disposition: attachment; filename=\"Grüße.txt\"\r\nContent-Description: Grüße\r\n\r\nHello\r\n";
    let draft = draft(letter.as_bytes()).unwrap();
    assert_eq!(draft.outer().next(), Some("Subject: Grüße\r\n".as_bytes()));
    let entity = text(written(&draft));
    assert!(entity.is_ascii());
    for piece in [
        "name*=utf-8''Gr%C3%BC%C3%9Fe.txt",
        "filename*=utf-8''Gr%C3%BC%C3%9Fe.txt",
        "=?utf-8?B?R3LDvMOfZQ==?=",
    ] {
        assert!(entity.contains(piece), "{piece} in {entity}");
    }
    assert!(sentence(self::entity("Content-Base: ü\r\n\r\nHello\r\n".as_bytes())).contains("Content-Base"));
}

const LAYER: &str = "Content-Type: multipart/signed; boundary=s; protocol=\"application/pgp-signature\"; micalg=pgp-sha256\r\n\
    \r\nPreamble \r\n--s\r\n\r\nFrom here \r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\n-\r\n--s--\r\nEpilogue ";

#[test]
fn a_layer_inside_is_kept_octet_by_octet() {
    let letter =
        format!("Subject: x\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n{LAYER}\r\n--m--\r\n");
    assert!(text(entity(letter.as_bytes()).unwrap()).contains(LAYER));
    assert!(text(entity(letter.replace("\r\n", "\n").as_bytes()).unwrap()).contains(LAYER));
    let eight = letter.replace("here", "hére");
    assert!(sentence(entity(eight.as_bytes())).contains("signed or encrypted already"));
    let root = format!("Subject: x\r\n{LAYER}");
    let draft = draft(root.as_bytes()).unwrap();
    assert_eq!(text(written(&draft)), format!("{LAYER}\r\n"), "no copies of fields on a layer");
}

#[test]
fn a_message_inside_is_not_encoded_but_its_parts_are() {
    let message = "From: c@example.org\r\nSubject: inner \r\nContent-Type: text/plain; charset=utf-8\r\n\
        Content-Transfer-Encoding: 8bit\r\n\r\nGrüße\r\n";
    let letter = format!(
        "Subject: x\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{message}"
    );
    let expected = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n\r\nFrom: c@example.org\r\n\
        Subject: inner\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        Gr=C3=BC=C3=9Fe\r\n";
    assert_eq!(text(entity(letter.as_bytes()).unwrap()), expected);
    let clean = letter.replace("Grüße", "Hello").replace("8bit", "7bit").replace("inner ", "inner");
    assert!(text(entity(clean.as_bytes()).unwrap()).ends_with("\r\n\r\nHello\r\n"));
    let raw = letter.replace("From: c", "From: ü");
    assert!(sentence(entity(raw.as_bytes())).contains("From"));
}

#[test]
fn a_report_loses_its_blanks_only() {
    let letter =
        b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; a \r\n\r\nAction: failed \r\n";
    assert!(entity(letter).unwrap().ends_with(b"\r\n\r\nReporting-MTA: dns; a\r\n\r\nAction: failed\r\n"));
    assert!(
        sentence(entity(b"Content-Type: message/delivery-status\r\n\r\n\xff\r\n"))
            .contains("may not be encoded")
    );
}

#[test]
fn broken_multiparts() {
    let letter =
        |parameters: &str, body: &str| format!("Content-Type: multipart/mixed{parameters}\r\n\r\n{body}");
    for broken in [letter("", "--b\r\n\r\nx\r\n--b--"), letter("; boundary=b", "nothing")] {
        assert!(matches!(entity(broken.as_bytes()), Err(Error::Refused(_))), "{broken}");
    }
    let open = text(entity(letter("; boundary=b", "--b\r\n\r\nx").as_bytes()).unwrap());
    assert!(open.ends_with("\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n"), "{open}");
}

#[test]
fn nesting_is_walked_without_recursion() {
    let mut letter = String::from("Subject: x\r\n");
    for depth in 0..30 {
        letter.push_str(&format!("Content-Type: multipart/mixed; boundary=b{depth}x\r\n\r\n--b{depth}x\r\n"));
    }
    letter.push_str("\r\nGrüße\r\n");
    let entity = entity(letter.as_bytes()).unwrap();
    assert_eq!(structure(&entity).parts.len(), structure(letter.as_bytes()).parts.len());
}

#[test]
fn a_large_letter_in_a_file_is_written_as_from_memory() {
    let mut letter = difficult();
    letter.truncate(letter.windows(9).position(|octets| octets == b"--outer--").unwrap());
    letter.extend_from_slice(b"--outer\nContent-Type: image/x\nContent-Transfer-Encoding: 8bit\n\n");
    letter.extend((0..300_000u32).map(|number| number.to_le_bytes()[0] ^ number.to_le_bytes()[1]));
    letter.extend_from_slice(b"\r\n--outer--\r\n");
    let small = Limits::default().memory_bytes(1000);
    let source = crate::Input::pipe(std::io::Cursor::new(letter.clone())).load(&small).unwrap();
    assert!(source.as_slice().is_none());
    let draft = prepare(&source, &structure(&letter), &small, Recipe::default()).unwrap();
    assert_eq!(written(&draft), written(&super::draft(&letter).unwrap()));
    assert_eq!(written(&draft), written(&draft), "the same each time");
}

/// Decoded bodies of all leaves.
pub(super) fn contents(letter: &[u8]) -> Vec<Vec<u8>> {
    let structure = structure(letter);
    let leaves = structure.parts.iter().filter(|part| part.children.is_empty());
    let content = |part: &crate::mime::Part| {
        let at = |place: u64| usize::try_from(place).unwrap();
        let body = &letter[at(part.body.start)..at(part.body.end)];
        let mut out = Vec::new();
        decode::reader(part.encoding, body).read_to_end(&mut out).unwrap();
        let text = part.media_type.main == "text";
        if text { lines(&out) } else { out }
    };
    leaves.map(content).collect()
}

/// With LF for CR LF; a last line has its end.
fn lines(text: &[u8]) -> Vec<u8> {
    let mut out = String::from_utf8_lossy(text).replace("\r\n", "\n");
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out.into_bytes()
}

proptest! {
    #[test]
    fn r_e2_any_letter_becomes_robust_and_says_the_same(
        bodies in proptest::collection::vec((
            prop_oneof![Just("text/plain"), Just("text/html; charset=utf-8"), Just("image/png")],
            prop_oneof![Just("7bit"), Just("8bit")],
            "([ -~]|[ \t\n\n]|From |ü|日|\r\n|-- |--b|\\.){0,120}",
        ), 1..5),
        nested in any::<bool>(),
    ) {
        let mut letter = String::from("Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");
        if nested {
            letter.push_str("--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\nFrom preamble \r\n");
        }
        let delimiter = if nested { "c" } else { "b" };
        for (kind, encoding, body) in &bodies {
            // No delimiters of its own.
            let body = body.replace("\n--b", "\n-b").replace("\n--c", "\n-c");
            letter.push_str(&format!("--{delimiter}\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\nx{body}\r\n"));
        }
        letter.push_str(&format!("--{delimiter}--\r\n"));
        if nested {
            letter.push_str("From epilogue \r\n--b--\r\n");
        }
        let entity = entity(letter.as_bytes()).unwrap();
        let facts = Facts::of(entity.as_slice()).unwrap();
        prop_assert!(facts.robust() && !facts.bare_lf && facts.ended);
        let (before, after) = (contents(letter.as_bytes()), contents(&entity));
        prop_assert_eq!(before.len(), after.len());
        for (before, after) in before.iter().zip(&after) {
            // An LF in a 7bit image is a line end: it is sent as CR LF unless the part had to be encoded.
            prop_assert!(before == after || lines(before) == lines(after));
        }
    }
}
