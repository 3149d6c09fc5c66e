//! What comes out is what was verified, and what stands around it is compared with it.

use mailseal::mime::Structure;
use mailseal::report::{Code, Coverage, Layer};
use mailseal::{Composer, Context, Key, Limits, Opener, Outcome, Password, Policy, Scope, TrustStore};

use crate::support::pki::{KeyType, Pki};
use crate::{AT, DATE, Person, detached, has, letter, open, trusting};

fn outcome(opened: &mailseal::Opened<'_>) -> Outcome {
    Policy::standard().judge(&opened.report).outcome
}

/// Content that is itself some CMS that is no layer, or a layer that stays closed.
#[test]
fn the_payload_is_never_more_than_what_was_signed() {
    let alice = Person::new("Alice <alice@example.org>");
    let cx = trusting(&[&alice]);
    let certificates = String::from_utf8_lossy(&base64(&mailseal::cms::certs_only(&[]))).into_owned();
    for (body, kind) in [
        (certificates.as_str(), "application/pkcs7-mime; name=alice.p7c"),
        ("bm8gQ01TIGF0IGFsbA==", "application/octet-stream; name=x.p7m"),
    ] {
        let entity = format!(
            "Content-Type: {kind}; hp=clear\r\nContent-Transfer-Encoding: base64\r\nSubject: Mine\r\n\r\n{body}"
        );
        let signed = alice.signs(entity.as_bytes(), "b");
        let honest = letter(&format!("{DATE}\r\nSubject: Mine"), &signed);
        let opened = open(&cx, &honest);
        assert_eq!(outcome(&opened), Outcome::Good, "{kind}");
        assert_eq!(opened.payload().unwrap().octets(9999).unwrap(), entity.as_bytes(), "{kind}");
        let renamed = letter(&format!("{DATE}\r\nSubject: Urgent: pay"), &signed);
        let opened = open(&cx, &renamed);
        assert!(has(&opened, Code::HeaderMismatch), "{kind}");
        assert_ne!(outcome(&opened), Outcome::Good, "{kind}");
    }
}

/// What says that it is encrypted stays closed, whatever is in it, and nothing of it is shown.
#[test]
fn what_says_that_it_is_encrypted_is_no_payload() {
    let alice = Person::new("Alice <alice@example.org>");
    let entity = "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\
                  Content-Transfer-Encoding: base64\r\n\r\nbm8gQ01TIGF0IGFsbA==";
    let letter = letter(DATE, &alice.signs(entity.as_bytes(), "b"));
    let cx = trusting(&[&alice]);
    let opened = open(&cx, &letter);
    assert_eq!((outcome(&opened), opened.payload().is_none()), (Outcome::Caution, true));
    let closed = |layer: &Layer| match layer {
        Layer::Encrypted(layer) => layer.findings.iter().any(|one| one.code == Code::NotDecrypted),
        _ => false,
    };
    assert!(opened.report.layers.iter().any(closed), "{:#?}", opened.report);
}

#[test]
fn the_payload_of_a_stranger_around_a_known_signer() {
    let (alice, stranger) = (Person::new("Alice <alice@example.org>"), Person::new("Eve <eve@evil.example>"));
    let entity = b"Content-Type: text/plain\r\n\r\nHello";
    let inner = alice.signs(entity, "inner");
    for outer in [stranger.signs(&inner, "outer"), detached(&inner, b"junk", "outer")] {
        let whole = letter(DATE, &outer);
        let opened = open(&trusting(&[&alice]), &whole);
        assert_eq!(outcome(&opened), Outcome::Good);
        assert_eq!(opened.payload().unwrap().octets(99).unwrap(), entity);
        let opened = open(&trusting(&[&stranger]), &whole);
        assert_ne!(outcome(&opened), Outcome::Good);
    }
}

/// R-B16: a second Date must not hide that the first is not the time of signing.
#[test]
fn r_b16_a_date_that_cannot_be_told_is_not_the_time_of_signing() {
    let alice = Person::new("Alice <alice@example.org>");
    let signed = alice.signs(b"Content-Type: text/plain\r\n\r\nHello", "b");
    let old = "Date: Thu, 28 Nov 2019 10:30:00 +0100";
    let cx = trusting(&[&alice]);
    assert_eq!(outcome(&open(&cx, &letter(DATE, &signed))), Outcome::Good);
    for dates in
        [old.to_owned(), format!("{DATE}\r\n{old}"), format!("{old}\r\n{DATE}"), "Date: today".into()]
    {
        let replayed = letter(&dates, &signed);
        let opened = open(&cx, &replayed);
        assert!(has(&opened, Code::DateDiffers), "{dates}");
        assert_eq!(outcome(&opened), Outcome::Caution, "{dates}");
    }
}

/// The octets that come out are those received: in text nobody minds other line ends, in binary data they are data.
#[test]
fn e2_repaired_line_ends_and_binary_data() {
    let alice = Person::new("Alice <alice@example.org>");
    for (encoding, expected) in
        [("7bit", Outcome::Good), ("binary", Outcome::Caution), ("8bit", Outcome::Good)]
    {
        let entity = format!("Content-Type: x/y\r\nContent-Transfer-Encoding: {encoding}\r\n\r\none\r\ntwo");
        let whole = letter(DATE, &alice.signs(entity.as_bytes(), "b"));
        assert_eq!(outcome(&open(&trusting(&[&alice]), &whole)), Outcome::Good);
        let on_unix = String::from_utf8(whole).unwrap().replace("\r\n", "\n");
        let opened = open(&trusting(&[&alice]), on_unix.as_bytes());
        assert_eq!(outcome(&opened), expected, "{encoding}");
        let mut findings = opened.report.signatures().flat_map(|signature| &signature.findings);
        assert!(findings.any(|finding| finding.code == Code::LineEndsRepaired));
    }
}

/// A payload that says `hp="cipher"` although nothing was encrypted does not choose what it is compared with.
#[test]
fn r_b16_hp_outer_counts_under_encryption_only() {
    let eve = Person::new("Eve <eve@evil.example>");
    let entity = b"Content-Type: text/plain; hp=cipher\r\nFrom: alice@example.org\r\nHP-Outer: From: \
                   eve@evil.example\r\n\r\nHello";
    let signed = eve.signs(entity, "b");
    let whole = [format!("From: eve@evil.example\r\n{DATE}\r\n").as_bytes(), &signed].concat();
    let opened = open(&trusting(&[&eve]), &whole);
    assert!(has(&opened, Code::HeaderMismatch));
    assert!(!opened.report.from.signed);
    assert_eq!(outcome(&opened), Outcome::Caution);
}

/// R-E3: which of two Content-Types another program believes, nobody knows.
#[test]
fn r_e3_an_opaque_layer_with_two_content_types_is_not_clear() {
    let Some(pki) = Pki::new() else { return };
    let leaf = pki.leaf("alice@example.org", KeyType::P256);
    let trust = TrustStore::new().anchors(&std::fs::read(pki.root()).unwrap(), Scope::any()).unwrap();
    let cx = Context::new(trust);
    let file = [std::fs::read(&leaf.key).unwrap(), std::fs::read(&leaf.chain).unwrap()].concat();
    let key = Key::load(&file, Password::none()).unwrap();
    let draft = format!("From: alice@example.org\r\n{DATE}\r\nSubject: Hi\r\n\r\nHello\r\n");
    let mut sealed = Vec::new();
    Composer::new(&cx).sign(&key).opaque(true).compose(draft.as_bytes(), AT, &mut sealed).unwrap();
    assert_eq!(outcome(&open(&cx, &sealed)), Outcome::Good);
    for second in ["Content-Type: text/html\r\n", "Content-Transfer-Encoding: 7bit\r\n"] {
        let doubled = [second.as_bytes(), &sealed].concat();
        let last =
            String::from_utf8(sealed.clone()).unwrap().replacen("\r\n\r\n", &format!("\r\n{second}\r\n"), 1);
        for letter in [doubled, last.into_bytes()] {
            assert_ne!(outcome(&open(&cx, &letter)), Outcome::Good, "{second}");
        }
    }
}

/// R-E3: where some programs see the body begin in the middle of the header, they show what nobody signed.
#[test]
fn r_e3_a_header_that_ends_early_for_some() {
    let alice = Person::new("Alice <alice@example.org>");
    let signed = alice.signs(b"Content-Type: text/plain\r\n\r\nHello", "b");
    for line in ["Pay 100 to Mallory", "Pay\rX: y"] {
        let whole = letter(&format!("{DATE}\r\n{line}"), &signed);
        let opened = open(&trusting(&[&alice]), &whole);
        assert!(has(&opened, Code::AmbiguousStructure), "{line}");
        assert_eq!(outcome(&opened), Outcome::Caution, "{line}");
    }
}

/// R-B16 holds for programs with their own MIME parser as well.
#[test]
fn r_b16_verify_detached_compares_protected_headers() {
    let secret =
        mailseal::openpgp::generate("Alice <alice@example.org>", AT, mailseal::openpgp::CipherSuite::P256);
    let key = Key::load(secret.unwrap().expose(), Password::none()).unwrap();
    let cx = Context::new(TrustStore::new().anchor(key.certificate(), Scope::any()));
    let draft = format!("From: alice@example.org\r\n{DATE}\r\nSubject: Hi\r\n\r\nHello\r\n");
    let mut letter = Vec::new();
    Composer::new(&cx).sign(&key).compose(draft.as_bytes(), AT, &mut letter).unwrap();
    let structure = Structure::read(&mut letter.as_slice(), &Limits::default()).unwrap();
    let cut = |range: std::ops::Range<u64>| {
        letter[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()].to_vec()
    };
    let (content, signature) = (cut(structure.parts[1].entity()), cut(structure.parts[2].body.clone()));
    let header = structure.parts[0].header_octets.clone();
    let check = |header: &[u8]| Opener::new(&cx).verify_detached(&content, &signature, header, AT).unwrap();
    let opened = check(&header);
    assert_eq!(outcome(&opened), Outcome::Good);
    assert!(opened.report.from.signed);
    assert_eq!(opened.payload().unwrap().octets(9999).unwrap(), content);
    let layer = opened.report.signed_layers().next().unwrap();
    assert!(matches!(layer.covers, Coverage::Whole { .. }));
    let renamed = String::from_utf8(header).unwrap().replace("Subject: Hi", "Subject: Pay");
    let opened = check(renamed.as_bytes());
    assert!(has(&opened, Code::HeaderMismatch));
    assert_eq!(outcome(&opened), Outcome::Caution);
    let with_body = [renamed.as_bytes(), b"From: eve@evil.example\r\n"].concat();
    assert_eq!(check(&with_body).report.from.mailboxes, ["alice@example.org"]);
}

fn base64(octets: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    for group in octets.chunks(3) {
        let mut three = [0u8; 3];
        three[..group.len()].copy_from_slice(group);
        let all = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for at in 0..4 {
            let digit = usize::try_from(all >> (18 - 6 * at) & 63).unwrap();
            out.push(if at > group.len() { b'=' } else { DIGITS[digit] });
        }
    }
    out
}

/// As root, `--out /dev/null` would otherwise leave a file there, and every program of the system without it.
#[cfg(unix)]
#[test]
fn what_is_not_a_file_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let opener = mailseal::Opener::new(&mailseal::Context::new(mailseal::TrustStore::new()));
    let opened =
        opener.open(b"From: a@example.org\r\n\r\nHello\r\n", mailseal::UnixTime::from_seconds(1)).unwrap();
    for path in [&path, &link, &folder.path().to_owned()] {
        let error = opened.payload().unwrap().save(path).unwrap_err();
        assert!(matches!(error, mailseal::Error::Misuse(_)), "{error}");
    }
    use std::os::unix::fs::FileTypeExt;
    assert!(path.metadata().unwrap().file_type().is_socket() && link.is_symlink());
}
