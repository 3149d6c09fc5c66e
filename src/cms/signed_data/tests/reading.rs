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
}

#[test]
fn d5_certificates_and_signers_are_bounded() {
    let forgery = Forgery::new();
    let der = forgery.certificate.as_der();
    let limits = Limits::default().certificates(3).signatures(2);
    assert!(finish(&forgery.enclose(&vec![der; 3], &[]), &limits).is_ok());
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
fn r_b3_an_unreadable_signer_hides_no_other() {
    let forgery = Forgery::new();
    let good = finish(&forgery.write(), &Limits::default()).unwrap();
    assert_eq!(good.signers.len(), 1);
    let message = forgery.write();
    let reader = SignedDataReader::new(message.as_slice(), &Limits::default()).unwrap();
    drop(reader);
    // The SignerInfo is the last element of the message.
    let mut at = 0;
    let info = loop {
        let rest = &message[at..];
        if rest.starts_with(b"\x30") {
            if let Ok(Some(element)) = crate::cms::ber::Elements::new(rest, 32).next() {
                if element.raw.len() == rest.len()
                    && element.content.starts_with(b"\x02\x01\x01\x30")
                    && at > 100
                {
                    break element.raw.to_vec();
                }
            }
        }
        at += 1;
    };
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
