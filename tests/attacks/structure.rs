//! Letters that can be read in more than one way, and signatures that speak for a part (R-B10, R-E3, R-E4).

use mailseal::report::{Code, Coverage};
use mailseal::{Opener, Outcome};

use crate::cms::{Cms, Signer, base64, detached, opaque, opaque_as};
use crate::stage::{AT, CONTENT, EVIL, Stage, stage, try_look};

const ALICE: &str = "alice@example.org";
const SIGNED: &str = "multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=b";
const EVIL_PART: &str = "Content-Type: text/html\r\n\r\n<b>Pay 999 to Mallory.</b>\r\n";

fn signature(stage: &Stage, content: &[u8]) -> Vec<u8> {
    let signer = Signer::new(&stage.alice, content).der(content);
    Cms::new(None, vec![signer], &[&stage.alice.certificate, &stage.intermediate()]).der()
}

/// A signature part over the usual content.
fn signature_part(stage: &Stage) -> String {
    let head =
        "Content-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n";
    format!("{head}\r\n{}", base64(&signature(stage, CONTENT)))
}

fn content() -> &'static str {
    std::str::from_utf8(CONTENT).unwrap()
}

fn letter(head: &str, body: &str) -> Vec<u8> {
    format!("From: {ALICE}\r\nTo: bob@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\n{head}\r\n\r\n{body}")
        .into_bytes()
}

/// The body of a genuine `multipart/signed`.
fn body(stage: &Stage) -> String {
    format!("--b\r\n{}\r\n--b\r\n{}\r\n--b--\r\n", content(), signature_part(stage))
}

/// The genuine entity, to be put into others.
fn entity(stage: &Stage) -> String {
    format!("Content-Type: {SIGNED}\r\n\r\n{}", body(stage))
}

#[test]
fn the_genuine_one_is_good() {
    let Some(stage) = stage() else { return };
    stage.look(&letter(&format!("Content-Type: {SIGNED}"), &body(&stage))).is_good_for(ALICE);
}

#[test]
fn r_b10_a_signed_part_speaks_for_itself() {
    let Some(stage) = stage() else { return };
    let inner = entity(&stage);
    let opaque_entity = String::from_utf8(opaque(ALICE, &{
        let signer = Signer::new(&stage.alice, CONTENT).der(CONTENT);
        Cms::new(Some(CONTENT), vec![signer], &[&stage.alice.certificate, &stage.intermediate()]).der()
    }))
    .unwrap();
    let opaque_entity = opaque_entity.split_once("MIME-Version: 1.0\r\n").unwrap().1.to_owned();
    for kind in ["mixed", "related", "alternative", "digest", "parallel", "report", "unheard-of", "signed"] {
        for signed in [&inner, &opaque_entity] {
            let orders = [
                vec![EVIL_PART, signed.as_str()],
                vec![signed.as_str(), EVIL_PART],
                vec![EVIL_PART, signed.as_str(), EVIL_PART],
                vec![signed.as_str()],
            ];
            for parts in orders {
                let parts: String = parts.iter().map(|part| format!("--out\r\n{part}\r\n")).collect();
                let head = format!("Content-Type: multipart/{kind}; boundary=out");
                let seen = stage.look(&letter(&head, &format!("{parts}--out--\r\n")));
                seen.is_not_good(&format!("{kind}\n{parts}"));
            }
        }
    }
}

#[test]
fn r_b10_a_forwarded_letter_speaks_for_nobody() {
    let Some(stage) = stage() else { return };
    let whole = letter(&format!("Content-Type: {SIGNED}"), &body(&stage));
    let whole = String::from_utf8(whole).unwrap();
    for kind in
        ["message/rfc822", "message/global", "message/partial; id=1; number=1", "message/external-body"]
    {
        let seen = stage.look(&letter(&format!("Content-Type: {kind}"), &whole));
        seen.is_not_good(kind);
        let part = format!("Content-Type: {kind}\r\n\r\n{whole}");
        let parts = format!("--out\r\n{EVIL_PART}\r\n--out\r\n{part}\r\n--out--\r\n");
        stage.look(&letter("Content-Type: multipart/mixed; boundary=out", &parts)).is_not_good(kind);
    }
}

#[test]
fn r_b10_coverage_names_the_parts() {
    let Some(stage) = stage() else { return };
    let parts = format!("--out\r\n{EVIL_PART}\r\n--out\r\n{}\r\n--out--\r\n", entity(&stage));
    let letter = letter("Content-Type: multipart/mixed; boundary=out", &parts);
    let report = Opener::new(&stage.cx()).open(&letter, AT).unwrap().report;
    let covers: Vec<_> = report.signed_layers().map(|layer| &layer.covers).collect();
    assert!(matches!(covers.as_slice(), [Coverage::Partial { parts }] if parts.len() == 1), "{covers:?}");
    let uncovered: Vec<_> = report.uncovered.iter().map(|part| part.media_type.as_str()).collect();
    assert_eq!(uncovered, ["text/html"]);
}

#[test]
fn r_b10_text_that_nobody_shows_is_reported() {
    let Some(stage) = stage() else { return };
    let head = format!("Content-Type: {SIGNED}");
    let bodies = [
        format!("Pay 999 to Mallory.\r\n{}", body(&stage)),
        format!("{}Pay 999 to Mallory.\r\n", body(&stage)),
        format!("{EVIL_PART}\r\n{}", body(&stage)),
    ];
    for body in bodies {
        let seen = stage.look(&letter(&head, &body));
        assert!(seen.codes.contains(&Code::UnsignedExtra), "{seen:#?}");
        assert_ne!(seen.strict, Outcome::Good);
        assert_eq!(seen.payload.0, CONTENT, "it is not part of what was verified");
    }
}

/// Genuine parts under heads and bodies of which two readers make two things.
#[test]
fn r_e3_what_can_be_read_in_two_ways_is_not_good() {
    let Some(stage) = stage() else { return };
    let (body, signature) = (body(&stage), signature_part(&stage));
    let content = content();
    let heads = [
        ("two fields", format!("Content-Type: {SIGNED}\r\nContent-Type: text/html")),
        ("two fields, the other first", format!("Content-Type: text/html\r\nContent-Type: {SIGNED}")),
        ("twice the same", format!("Content-Type: {SIGNED}\r\nContent-Type: {SIGNED}")),
        ("another boundary", format!("Content-Type: {SIGNED}; boundary=c")),
        ("another protocol", format!("Content-Type: {SIGNED}; protocol=\"application/pgp-signature\"")),
        ("base64", format!("Content-Type: {SIGNED}\r\nContent-Transfer-Encoding: base64")),
        ("quoted-printable", format!("Content-Type: {SIGNED}\r\nContent-Transfer-Encoding: quoted-printable")),
        ("unknown encoding", format!("Content-Type: {SIGNED}\r\nContent-Transfer-Encoding: x-uuencode")),
        (
            "two encodings",
            format!("Content-Type: {SIGNED}\r\nContent-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64"),
        ),
        ("no protocol", "Content-Type: multipart/signed; micalg=sha-256; boundary=b".into()),
        (
            "another protocol only",
            "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=b".into(),
        ),
        (
            "empty protocol",
            "Content-Type: multipart/signed; protocol=\"\"; micalg=sha-256; boundary=b".into(),
        ),
        (
            "protocol in two pieces that say two things",
            "Content-Type: multipart/signed; protocol*0=\"application/pgp\"; protocol*1=\"-signature\"; \
             protocol=\"application/pkcs7-signature\"; boundary=b"
                .into(),
        ),
        (
            "boundary in pieces and whole",
            "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b; boundary*0=c".into(),
        ),
        (
            "boundary in pieces and whole, the other way",
            "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary*0=b; boundary=c".into(),
        ),
        (
            "boundary with a charset",
            "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=c; \
             boundary*=utf-8''b"
                .into(),
        ),
        ("NUL in it", format!("Content-Type: {SIGNED}; x=\"\0\"")),
        ("a line end in it", format!("Content-Type: {SIGNED}; x=\"a\rb\"")),
        ("no type", "Content-Type: ; boundary=b".into()),
        ("mixed", "Content-Type: multipart/mixed; boundary=b; protocol=\"application/pkcs7-signature\"".into()),
        ("a blank before the colon", format!("Content-Type : {SIGNED}\r\nContent-Type: text/html")),
        ("another boundary than in the body", format!("Content-Type: {}", SIGNED.replace("=b", "=c"))),
        ("no boundary", format!("Content-Type: {}", SIGNED.replace("; boundary=b", ""))),
    ];
    for (what, head) in heads {
        stage.look(&letter(&head, &body)).is_not_good(what);
    }
    let head = format!("Content-Type: {SIGNED}");
    let evil = EVIL_PART;
    let bodies = [
        ("three parts", format!("--b\r\n{content}\r\n--b\r\n{signature}\r\n--b\r\n{evil}\r\n--b--\r\n")),
        (
            "three parts, evil first",
            format!("--b\r\n{evil}\r\n--b\r\n{content}\r\n--b\r\n{signature}\r\n--b--\r\n"),
        ),
        (
            "three parts, evil between",
            format!("--b\r\n{content}\r\n--b\r\n{evil}\r\n--b\r\n{signature}\r\n--b--\r\n"),
        ),
        (
            "two signatures",
            format!("--b\r\n{content}\r\n--b\r\n{signature}\r\n--b\r\n{signature}\r\n--b--\r\n"),
        ),
        ("an empty part between", format!("--b\r\n{content}\r\n--b\r\n\r\n--b\r\n{signature}\r\n--b--\r\n")),
        ("signature first", format!("--b\r\n{signature}\r\n--b\r\n{content}\r\n--b--\r\n")),
        ("content only", format!("--b\r\n{content}\r\n--b--\r\n")),
        ("signature only", format!("--b\r\n{signature}\r\n--b--\r\n")),
        ("one part after the end", format!("--b\r\n{content}\r\n--b--\r\n--b\r\n{signature}\r\n--b--\r\n")),
        (
            "evil in the head of the part",
            format!("--b\r\nX: y\r\n{content}\r\n--b\r\n{signature}\r\n--b--\r\n"),
        ),
        (
            "the boundary with more behind",
            format!("--b\r\n{evil}\r\n--bb\r\n{content}\r\n--b\r\n{signature}\r\n--b--\r\n"),
        ),
        (
            "the boundary in mid line",
            format!("--b\r\n{evil}x--b\r\n{content}\r\n--b\r\n{signature}\r\n--b--\r\n"),
        ),
        (
            "the boundary after CR",
            format!("--b\r\n{evil}\r--b\r\n{content}\r\n--b\r\n{signature}\r\n--b--\r\n"),
        ),
        ("another case", format!("--b\r\n{evil}\r\n--B\r\n{content}\r\n--b\r\n{signature}\r\n--b--\r\n")),
    ];
    for (what, body) in bodies {
        stage.look(&letter(&head, &body)).is_not_good(what);
    }
}

#[test]
fn r_e3_heads_of_the_signature_part_are_read_strictly() {
    let Some(stage) = stage() else { return };
    let part = signature_part(&stage);
    let (_, encoded) = part.split_once("\r\n\r\n").unwrap();
    let base = "Content-Transfer-Encoding: base64\r\n";
    let heads = [
        ("no type", base.to_owned()),
        ("text", format!("Content-Type: text/plain\r\n{base}")),
        ("OpenPGP", format!("Content-Type: application/pgp-signature\r\n{base}")),
        (
            "two types",
            format!("Content-Type: application/pkcs7-signature\r\nContent-Type: text/html\r\n{base}"),
        ),
        ("two encodings", format!("Content-Type: application/pkcs7-signature\r\n{base}{base}")),
        ("no encoding", "Content-Type: application/pkcs7-signature\r\n".to_owned()),
        (
            "quoted-printable",
            "Content-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: quoted-printable\r\n"
                .to_owned(),
        ),
    ];
    for (what, head) in heads {
        let body = format!("--b\r\n{}\r\n--b\r\n{head}\r\n{encoded}\r\n--b--\r\n", content());
        let seen = stage.look(&letter(&format!("Content-Type: {SIGNED}"), &body));
        // Without an encoding the part holds base64 text, which some senders do: it is the same signature.
        if seen.outcome == Outcome::Good && what == "no encoding" {
            continue;
        }
        seen.is_not_good(what);
    }
}

#[test]
fn r_e3_the_same_boundary_inside() {
    let Some(stage) = stage() else { return };
    // The signed content is a multipart with the boundary of the outer one: outer lines end inner parts.
    let nested = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{EVIL_PART}\r\n--b--\r\n");
    let cms = signature(&stage, nested.as_bytes());
    let letter_of = |content: &[u8]| detached(ALICE, content, &cms);
    stage.look(&letter_of(nested.as_bytes())).is_not_good("same boundary");
    // A prefix of the outer one is another boundary; what is signed is whole.
    let prefixed = nested.replace("=b\r\n", "=bb\r\n").replace("--b", "--bb");
    let cms = signature(&stage, prefixed.as_bytes());
    let seen = stage.look(&detached(ALICE, prefixed.as_bytes(), &cms));
    seen.is_good_for(ALICE);
    assert_eq!(seen.payload.0, prefixed.as_bytes());
}

#[test]
fn r_e3_every_head_of_the_genuine_letter_reads_one_way() {
    let Some(stage) = stage() else { return };
    // Other spellings of the same thing stay good, so that the refusals above are about what they say.
    let spellings = [
        "Content-Type: MULTIPART/SIGNED; PROTOCOL=\"APPLICATION/PKCS7-SIGNATURE\"; micalg=sha-256; BOUNDARY=b",
        "content-type: multipart/signed;\r\n\tprotocol=\"application/pkcs7-signature\";\r\n\tboundary=\"b\"",
        "Content-Type: multipart/signed (signed); protocol=\"application/pkcs7-signature\"; boundary=b (b)",
        "Content-Type: multipart/signed; protocol=\"application/x-pkcs7-signature\"; boundary=b",
    ];
    for head in spellings {
        let seen = stage.look(&letter(head, &body(&stage)));
        assert!(matches!(seen.outcome, Outcome::Good | Outcome::Caution), "{head}: {seen:#?}");
        assert_eq!(seen.payload.0, CONTENT, "{head}");
    }
}

#[test]
fn r_e4_the_content_decides_what_it_is() {
    let Some(stage) = stage() else { return };
    let signer = Signer::new(&stage.alice, CONTENT).der(CONTENT);
    let cms = Cms::new(Some(CONTENT), vec![signer], &[&stage.alice.certificate, &stage.intermediate()]).der();
    let other = "1.2.840.113549.1.7.5";
    for said in ["enveloped-data", "certs-only", "compressed-data", "authEnveloped-data", "x", ""] {
        let kind = format!("application/pkcs7-mime; smime-type=\"{said}\"; name=smime.p7m");
        let seen = stage.look(&opaque_as(ALICE, &kind, &cms));
        assert!(seen.codes.contains(&Code::TypeMismatch), "{said}: {seen:#?}");
        assert_ne!(seen.strict, Outcome::Good, "{said}");
        assert_eq!(seen.payload.0, CONTENT);
    }
    for kind in ["application/x-pkcs7-mime; smime-type=signed-data", "application/pkcs7-mime; name=smime.p7m"]
    {
        let seen = stage.look(&opaque_as(ALICE, kind, &cms));
        seen.is_good_for(ALICE);
        assert_eq!(seen.payload.0, CONTENT);
    }
    for kind in ["application/ms-tnef; name=winmail.dat", "application/octet-stream", "text/plain"] {
        stage.look(&opaque_as(ALICE, kind, &cms)).is_none(None, kind);
    }
    let mut digested = Cms::new(Some(CONTENT), Vec::new(), &[]);
    digested.content_type = other;
    stage
        .look(&opaque_as(ALICE, "application/pkcs7-mime; smime-type=signed-data", &digested.der()))
        .is_none(None, "nothing signed");
    let renamed = &cms.to_vec();
    let mut renamed = renamed.clone();
    let place = renamed
        .windows(9)
        .position(|octets| octets[..8] == [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7])
        .unwrap();
    for number in (0..=9).filter(|number| *number != 2) {
        renamed[place + 8] = number;
        let seen = try_look(&stage.cx(), &opaque(ALICE, &renamed), AT).unwrap();
        seen.is_not_good(&format!("ContentInfo of type {number}"));
    }
    let _ = EVIL;
}
