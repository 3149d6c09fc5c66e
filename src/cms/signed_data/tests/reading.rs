//! Forms that are read, and bounds.

use std::io::{self, BufReader};

use super::*;

fn limit(result: Result<impl Sized, Error>, expected: &str) -> bool {
    matches!(result, Err(Error::Limit { name, .. }) if name == expected)
}

fn finish(message: &[u8], limits: &Limits) -> Result<SignedData, Error> {
    SignedDataReader::new(message, limits)?.finish()
}

#[test]
fn certificates_are_kept_however_odd() {
    let forgery = Forgery::new();
    let (der, garbage) = (forgery.certificate.as_der(), sequence(&[b"garbage"]));
    let attribute_certificate = element(tag::context(2), &[b"\x02\x01\x01"]);
    let message = forgery.enclose(&[&garbage, &attribute_certificate, der], &[]);
    let data = finish(&message, &Limits::default()).unwrap();
    assert_eq!(data.certificates, [garbage, der.to_vec()]);
    assert_eq!(data.other_certificates, 1);
    let content = crate::cms::ber::Elements::new(der, 32).next().unwrap().unwrap().content;
    let indefinite = [b"\x30\x80", content, &[0, 0]].concat();
    let data = finish(&forgery.enclose(&[&indefinite], &[]), &Limits::default()).unwrap();
    assert_eq!(data.certificates, [der]);
}

#[test]
fn octet_by_octet_is_the_same() {
    let (certificate, key) = alice();
    let mut builder = SignedDataBuilder::new();
    builder.signer(&certificate, SignatureScheme::EcdsaP256Sha256, AT);
    for message in [
        super::writing::opaque(builder.clone(), &[&*key], TEXT),
        super::writing::streamed(builder, &[&*key], TEXT),
    ] {
        let slow = BufReader::with_capacity(1, message.as_slice());
        let mut reader = SignedDataReader::new(slow, &Limits::default()).unwrap();
        let (mut content, mut piece) = (Vec::new(), [0; 3]);
        while let count @ 1.. =
            reader.content().unwrap().map_or(0, |mut content| content.read(&mut piece).unwrap())
        {
            content.extend_from_slice(&piece[..count]);
            if content.len() == TEXT.len() {
                break;
            }
        }
        let data = reader.finish().unwrap();
        let content = digests(&[HashAlgorithm::Sha256], &content);
        let seen =
            data.signers[0].verify(&data.content_type, &content, Some(&certificate), &Provider::default());
        assert_eq!(seen.outcome, Outcome::Intact);
    }
}

#[test]
fn d5_certificates_and_signers_are_bounded() {
    let forgery = Forgery::new();
    let der = forgery.certificate.as_der();
    let limits = Limits::default().certificates(3).signatures(2);
    assert!(finish(&forgery.enclose(&[der; 3], &[]), &limits).is_ok());
    for count in [4, 300] {
        assert!(limit(finish(&forgery.enclose(&vec![der; count], &[]), &limits), "certificates"));
    }
    let info = sequence(&[&small_integer(1)]);
    let data = finish(&forgery.enclose(&[], &vec![info.clone(); 2]), &limits).unwrap();
    assert_eq!(data.signers.len(), 2);
    assert!(data.signers.iter().all(|signer| signer.hint().is_none()));
    for count in [3, 200] {
        assert!(limit(finish(&forgery.enclose(&[], &vec![info.clone(); count]), &limits), "signatures"));
    }
    let many = Forgery { digest: forgery.digest.repeat(3), ..Forgery::new() };
    assert!(limit(finish(&many.enclose(&[], &[]), &limits), "signatures"));
    assert!(limit(finish(&detached(), &Limits::default().signature_bytes(500)), "signature_bytes"));
}

#[test]
fn d5_attributes_and_their_values_are_bounded() {
    let attributes = |count: usize| (0..count).map(|_| attribute(&Oid::DATA, b"\x05\x00"));
    let limits = Limits::default().attributes(5);
    let with = |attributes| finish(&Forgery::with(attributes).write(), &limits);
    assert!(with(standard_attributes().into_iter().chain(attributes(3)).collect()).is_ok());
    for count in [4, 500] {
        assert!(limit(
            with(standard_attributes().into_iter().chain(attributes(count)).collect()),
            "attributes"
        ));
    }
    let values = |count: usize| {
        let values =
            sequence(&[&oid(&Oid::DATA), &element(tag::SET, &[b"\x05\x00".repeat(count).as_slice()])]);
        standard_attributes().into_iter().chain([values]).collect()
    };
    assert!(with(values(5)).is_ok());
    for count in [6, 500] {
        assert!(limit(with(values(count)), "attributes"));
    }
}

#[test]
fn unsigned_attributes_are_listed_only() {
    let forgery = Forgery::new();
    let (certificate, _) = alice();
    let plain = forgery.write();
    let info = signer_info(&plain);
    let info = crate::cms::ber::Elements::new(&info, 32).next().unwrap().unwrap();
    for (unsigned, listed) in [
        (attribute(&Oid::SMIME_CAPABILITIES, b"\x05\x00"), 1),
        (sequence(&[b"\x05\x00"]), 0),
        (b"\x30\x05\x06\x01".to_vec(), 0),
    ] {
        let unsigned = element(tag::context(1), &[&unsigned]);
        let message = forgery.enclose(&[], &[sequence(&[info.content, &unsigned])]);
        let seen = read(&message, TEXT).unwrap();
        assert_eq!(seen.data.signers[0].unsigned_attributes().len(), listed);
        let verification = &seen.verify(&certificate)[0];
        assert_eq!((&verification.outcome, verification.claimed_time), (&Outcome::Intact, None));
    }
    // RFC 5652 §11.1-11.3: these are signed or nothing.
    for kind in [Oid::CONTENT_TYPE, Oid::MESSAGE_DIGEST, Oid::SIGNING_TIME] {
        let unsigned = element(tag::context(1), &[&attribute(&kind, b"\x05\x00")]);
        let message = forgery.enclose(&[], &[sequence(&[info.content, &unsigned])]);
        assert_malformed(&outcome(&message, TEXT, &certificate), "not signed");
    }
}

/// The last SignerInfo: ContentInfo, [0], SignedData, signerInfos, SignerInfo.
fn signer_info(message: &[u8]) -> Vec<u8> {
    let content_info = crate::cms::ber::Elements::new(message, 32).next().unwrap().unwrap();
    last(last(last(last(content_info)))).raw.to_vec()
}

/// The last element inside another.
fn last(element: crate::cms::ber::Element<'_>) -> crate::cms::ber::Element<'_> {
    let mut children = element.children().unwrap();
    let mut last = None;
    while let Some(child) = children.next().unwrap() {
        last = Some(child);
    }
    last.unwrap()
}

#[test]
fn r_b3_an_unreadable_signer_hides_no_other() {
    let forgery = Forgery::new();
    let message = forgery.write();
    let info = signer_info(&message);
    let broken = sequence(&[&small_integer(1)]);
    for infos in [[broken.clone(), info.clone()], [info, broken]] {
        let seen = read(&forgery.enclose(&[], &infos), TEXT).unwrap();
        let outcomes: Vec<_> = seen.verify(&forgery.certificate).into_iter().map(|one| one.outcome).collect();
        assert!(
            outcomes.contains(&Outcome::Intact)
                && outcomes.iter().any(|one| matches!(one, Outcome::Malformed(_)))
        );
    }
}

#[test]
fn content_of_pkcs7_1_5_is_what_the_element_holds() {
    let kind = oid(&Oid::SIGNED_DATA);
    for inner in [
        sequence(&[b"\x02\x01\x05"]),
        b"\x30\x80\x02\x01\x05\x00\x00".to_vec(),
        b"\x0c\x03\x02\x01\x05".to_vec(),
    ] {
        let content = sequence(&[&kind, &element(tag::context(0), &[&inner])]);
        let data = sequence(&[&small_integer(1), b"\x31\x00", &content, b"\x31\x00"]);
        let message = sequence(&[&oid(&Oid::SIGNED_DATA), &element(tag::context(0), &[&data])]);
        assert_eq!(read(&message, b"").unwrap().content.unwrap(), b"\x02\x01\x05");
        // As id-data it must be an OCTET STRING.
        let content = sequence(&[&oid(&Oid::DATA), &element(tag::context(0), &[&inner])]);
        let data = sequence(&[&small_integer(1), b"\x31\x00", &content, b"\x31\x00"]);
        assert!(
            read(&sequence(&[&oid(&Oid::SIGNED_DATA), &element(tag::context(0), &[&data])]), b"").is_err()
        );
    }
}

#[test]
fn bare_trailing_and_cut_messages() {
    let (certificate, _) = alice();
    let message = detached();
    let mut longer = message.clone();
    longer.extend_from_slice(b"\r\n");
    let seen = read(&longer, TEXT).unwrap();
    assert!(seen.data.trailing && !seen.data.bare && seen.data.detached);
    assert_eq!(seen.verify(&certificate)[0].outcome, Outcome::Intact);
    assert!(!read(&message, TEXT).unwrap().data.trailing);
    let inner = crate::cms::ber::Elements::new(&message, 32).next().unwrap().unwrap();
    let mut parts = inner.children().unwrap();
    parts.next().unwrap();
    let bare = parts.next().unwrap().unwrap().content;
    let seen = read(bare, TEXT).unwrap();
    assert!(seen.data.bare && !seen.data.trailing);
    assert_eq!(seen.verify(&certificate)[0].outcome, Outcome::Intact);
    for length in 0..message.len() {
        assert!(read(&message[..length], TEXT).is_err(), "cut to {length}");
    }
}

#[test]
fn content_that_was_not_read_is_passed_over() {
    let message = Forgery { content: Some(TEXT.to_vec()), ..Forgery::new() }.write();
    assert_eq!(finish(&message, &Limits::default()).unwrap().signers.len(), 1);
    let mut reader = SignedDataReader::new(message.as_slice(), &Limits::default()).unwrap();
    reader.content().unwrap().unwrap().read_exact(&mut [0; 5]).unwrap();
    assert!(!reader.finish().unwrap().detached);
}

#[test]
fn d2_content_beyond_4_gib_takes_no_memory() {
    const LENGTH: u64 = (4 << 30) + 10;
    let forgery = Forgery::new();
    let end = [b"\x31\x00".as_slice(), &[0, 0].repeat(3)].concat();
    let string = crate::cms::der_writer::header(tag::OCTET_STRING, LENGTH);
    let start = [
        &[0x30, 0x80],
        oid(&Oid::SIGNED_DATA).as_slice(),
        &[0xa0, 0x80, 0x30, 0x80],
        &small_integer(1),
        &element(tag::SET, &[&forgery.digest]),
        &[0x30, 0x80],
        &oid(&Oid::DATA),
        &[0xa0, 0x80],
        &string,
    ]
    .concat();
    let message =
        start.chain(io::repeat(b'x').take(LENGTH)).chain(b"\0\0\0\0".as_slice()).chain(end.as_slice());
    let message = BufReader::with_capacity(1 << 20, message);
    let mut reader = SignedDataReader::new(message, &Limits::default()).unwrap();
    let mut content = reader.content().unwrap().unwrap();
    let (mut total, mut buffer) = (0, vec![0; 1 << 20]);
    while let count @ 1.. = content.read(&mut buffer).unwrap() {
        total += u64::try_from(count).unwrap();
    }
    assert_eq!(total, LENGTH);
    assert!(reader.finish().unwrap().signers.is_empty());
}
