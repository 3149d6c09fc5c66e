//! Nothing that was changed is intact, and nothing passes for what it is not.

use super::super::inline::{self, Kind};
use super::*;

/// The octets of a block of armor.
fn dearmored(armored: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(armored).unwrap();
    let lines = text.lines().skip_while(|line| !line.is_empty()).skip(1);
    let body: String =
        lines.take_while(|line| !line.starts_with("-----") && !line.starts_with('=')).collect();
    base64_simd::STANDARD.decode_to_vec(body).unwrap()
}

#[test]
fn r_bitflip_openpgp() {
    let alice = identity(&generated("alice", CipherSuite::Ed25519));
    let certs = [alice.certificate().clone()];
    let signature = dearmored(&sign(vec![alice], AT, CONTENT));
    assert_eq!(integrity(&check(CONTENT, &signature, &certs, AT)), [Integrity::Intact]);
    let mut survived = Vec::new();
    for bit in 0..signature.len() * 8 {
        let mut flipped = signature.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let fits = integrity(&check(CONTENT, &flipped, &certs, AT)).contains(&Integrity::Intact);
        if fits {
            survived.push((bit / 8, bit % 8));
        }
    }
    assert_eq!(survived, []);
    for bit in 0..CONTENT.len() * 8 {
        let mut flipped = CONTENT.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(integrity(&check(&flipped, &signature, &certs, AT)), [Integrity::Altered], "{bit}");
    }
}

#[test]
fn r_b13_signatures_of_other_types_and_unknown_critical_subpackets_are_malformed() {
    let alice = identity(&generated("alice", CipherSuite::Ed25519));
    let certs = [alice.certificate().clone()];
    let signature = dearmored(&sign(vec![alice], AT, CONTENT));
    // Old or new packet header of two octets, then version, type, ...
    assert_eq!(signature[2], 4);
    for kind in [0x02, 0x10, 0x13, 0x18, 0x19, 0x1f, 0x20, 0x28, 0x30, 0x40, 0x50] {
        let mut other = signature.clone();
        other[3] = kind;
        assert_eq!(integrity(&check(CONTENT, &other, &certs, AT)), [Integrity::Malformed], "{kind:#x}");
    }
    // The issuer's key ID, 9 octets of type 16, becomes something that must be understood and is not.
    let issuer = signature.windows(2).position(|pair| pair == [9, 16]).unwrap();
    let mut unknown = signature.clone();
    unknown[issuer + 1] = 101;
    assert_eq!(integrity(&check(CONTENT, &unknown, &certs, AT)), [Integrity::Altered]);
    unknown[issuer + 1] = 0x80 | 101;
    let checked = check(CONTENT, &unknown, &certs, AT);
    assert_eq!(integrity(&checked), [Integrity::Malformed], "{checked:?}");
    // A length that leads out of the hashed area: of a known version, so it is broken, not unknown.
    let mut torn = signature.clone();
    torn[8] = 0xFE;
    assert_eq!(integrity(&check(CONTENT, &torn, &certs, AT)), [Integrity::Malformed]);
    let mut other = signature.clone();
    other[2] = 5;
    let seen = check(CONTENT, &other, &certs, AT);
    assert_eq!(integrity(&seen), [Integrity::Unverified], "{seen:?}");
    assert_eq!(integrity(&check(CONTENT, b"", &certs, AT)), [Integrity::Malformed]);
    assert_eq!(integrity(&check(CONTENT, b"not a signature", &certs, AT)), [Integrity::Malformed]);
    let more = [&signature[..], b"\xb4\x01x"].concat();
    assert_eq!(integrity(&check(CONTENT, &more, &certs, AT)), [Integrity::Intact, Integrity::Malformed]);
}

#[test]
fn r_b13_a_signature_over_a_document_is_none_in_the_cleartext_framework() {
    let alice = identity(&generated("alice", CipherSuite::Ed25519));
    let ring = Ring(vec![alice.certificate().clone()]);
    let armored = sign(vec![alice], AT, b"Pay me");
    let text = [b"-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\nPay me\r\n", &armored[..]].concat();
    let (provider, fixed) = (Provider::default(), Fixed::default());
    let found = inline::read(&text, &inputs(&ring, &provider, &fixed, AT)).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(integrity(&found[0].checked), [Integrity::Malformed]);
}

#[test]
fn r_b11_cleartext_is_read_by_one_strict_grammar() {
    let (ring, provider, fixed) = (Ring(Vec::new()), Provider::default(), Fixed::default());
    let inputs = inputs(&ring, &provider, &fixed, AT);
    let alice = identity(&generated("alice", CipherSuite::Ed25519));
    let armored = String::from_utf8(sign(vec![alice], AT, b"x")).unwrap();
    let framed = |headers: &str, text: &str| {
        format!("-----BEGIN PGP SIGNED MESSAGE-----\n{headers}\n{text}\n{armored}")
    };
    let why = |text: &str| {
        let found = inline::read(text.as_bytes(), &inputs).unwrap();
        assert_eq!((found.len(), found[0].kind), (1, Kind::Cleartext));
        let detail = found[0].checked.signatures[0].signature.findings[0].detail.clone();
        (String::from_utf8(found[0].text.clone()).unwrap(), detail.unwrap())
    };
    let (text, _) = why(&framed("Hash: SHA256\n", "- -dash \t \nend  "));
    assert_eq!(text, "-dash\r\nend");
    for (headers, body, expected) in [
        ("NotDashEscaped: yes\n", "x", "a header that is not Hash"),
        ("Hash: SHA256\nComment: x\n", "x", "a header that is not Hash"),
        (" \n", "x", "a header that is not Hash"),
        ("", "a\x0cb", "a control character in the text"),
        ("", "a\x0bb", "a control character in the text"),
        ("", "a\0b", "a control character in the text"),
        ("", "-dash", "a line that starts with a dash unescaped"),
    ] {
        assert_eq!(why(&framed(headers, body)), (String::new(), expected.to_owned()));
    }
    let long = "x".repeat(fixed.limits.header_field_bytes + 1);
    assert_eq!(why(&framed("", &long)).1, "a line without end");
    let text = framed("", "x");
    let found = inline::read(text.as_bytes(), &inputs).unwrap();
    assert!(!inline::has_text_outside(text.as_bytes(), &found));
    let text = format!("{text}\n\nmore");
    let found = inline::read(text.as_bytes(), &inputs).unwrap();
    assert!(inline::has_text_outside(text.as_bytes(), &found));
}

#[test]
fn r_b11_a_message_holds_one_literal_and_nothing_after() {
    let alice = identity(&generated("alice", CipherSuite::Ed25519));
    let ring = Ring(vec![alice.certificate().clone()]);
    let signature = dearmored(&sign(vec![alice], AT, CONTENT));
    let literal = |content: &[u8]| {
        let length = u8::try_from(content.len() + 6).unwrap();
        [&[0xcb, length, b'b', 0, 0, 0, 0, 0], content].concat()
    };
    let (good, evil) = (literal(CONTENT), literal(b"evil"));
    // A one-pass signature packet for EdDSA and SHA-256 (RFC 9580 §5.4), with no key ID.
    let announced = |last| [&[0xc4, 13, 3, 0, 8, 22][..], &[0; 8], &[last]].concat();
    let (provider, fixed) = (Provider::default(), Fixed::default());
    let read = |packets: &[&[u8]]| {
        let (octets, mut out) = (packets.concat(), Vec::new());
        let inputs = inputs(&ring, &provider, &fixed, AT);
        let checked = Verifier.verify_opaque(&mut &*octets, &mut out, &inputs).unwrap();
        (integrity(&checked), out)
    };
    let fits = |packets: &[&[u8]]| read(packets).0.contains(&Integrity::Intact);
    assert_eq!(read(&[&signature, &good]), (vec![Integrity::Intact], CONTENT.to_vec()));
    assert_eq!(read(&[&announced(1), &good, &signature]), (vec![Integrity::Intact], CONTENT.to_vec()));
    for packets in [
        &[&signature[..], &good, &evil][..],
        &[&evil, &signature, &good],
        &[&good, &signature],
        &[&good, &evil, &signature],
        &[&signature, &good, &signature],
        &[&signature],
        &[&announced(1), &good, &evil, &signature],
        &[&announced(1), &evil, &good, &signature],
        &[&announced(1), &good, &signature, &evil],
        &[&announced(1), &good, &signature, &signature],
        &[&announced(1), &announced(1), &good, &signature, &signature],
        &[&announced(1), &good],
        &[&announced(1), &signature],
        &[&announced(1), &signature, &good],
        &[&signature, &announced(1), &good, &signature],
    ] {
        assert!(!fits(packets), "{packets:?}");
    }
    // Announced as text, signed as a document.
    let mut text = announced(1);
    text[3] = 1;
    assert!(!fits(&[&text, &good, &signature]));
    assert!(fits(&[&announced(0), &announced(1), &good, &signature, &signature]));
}
