//! The rules that a signature must keep.

use super::*;

const SHA256_NULL: &[u8] = b"\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00";

#[test]
fn genuine_is_intact() {
    let (certificate, _) = alice();
    let message = detached();
    assert_eq!(outcome(&message, TEXT, &certificate), Outcome::Intact);
    assert_eq!(outcome(&message, b"Pay 900 to Mallory.\r\n", &certificate), Outcome::ContentAltered);
    let seen = read(&message, TEXT).unwrap();
    let verification = &seen.verify(&certificate)[0];
    assert_eq!((verification.claimed_time, verification.digest), (Some(AT), Some(HashAlgorithm::Sha256)));
    assert_eq!(verification.notes, []);
    let alone =
        seen.data.signers[0].verify(&seen.data.content_type, &seen.digests, None, &Provider::default());
    assert_eq!(alone.outcome, Outcome::NoCertificate);
    assert_eq!(Forgery::new().outcome(), Outcome::Intact);
    assert_eq!(Forgery { content: Some(TEXT.to_vec()), ..Forgery::new() }.outcome(), Outcome::Intact);
}

#[test]
fn r_b2_zero_signers_are_no_signature() {
    let forgery = Forgery { content: Some(TEXT.to_vec()), ..Forgery::new() };
    let seen = read(&forgery.enclose(&[forgery.certificate.as_der()], &[]), b"").unwrap();
    assert!(seen.data.signers.is_empty());
    assert!(seen.verify_with_own().is_empty());
    let no_digests = Forgery { digest: Vec::new(), ..forgery };
    let seen = read(&no_digests.enclose(&[], &[]), b"").unwrap();
    assert!(seen.data.signers.is_empty() && seen.data.digest_algorithms.is_empty());
}

#[test]
fn r_b2_empty_digest_algorithms_are_no_signature() {
    let inside = Forgery { content: Some(TEXT.to_vec()), ..Forgery::new() };
    for (forgery, detached) in [(inside, &b""[..]), (Forgery::new(), TEXT)] {
        let mut message = forgery.write();
        assert_eq!(outcome(&message, detached, &certificate("alice")), Outcome::Intact);
        let listed = element(tag::SET, &[&SignatureScheme::EcdsaP256Sha256.digest_identifier()]);
        let at = message.windows(listed.len()).position(|window| window == listed).unwrap();
        // A SET with the same octets but none of them an algorithm that is known.
        message[at + 14] ^= 0x40;
        assert_malformed(&outcome(&message, detached, &certificate("alice")), "not among digestAlgorithms");
    }
}

#[test]
fn r_b4_attributes_are_no_content() {
    let genuine = Forgery::new();
    assert_eq!(genuine.outcome(), Outcome::Intact);
    let attributes = set_of(tag::SET, standard_attributes());
    // The signature of the genuine message, over what is now the content.
    let forged = Forgery { content: Some(attributes.clone()), attributes: None, ..Forgery::new() };
    assert_malformed(&forged.outcome(), "attributes of another message");
    let detached = Forgery { attributes: None, signed: Some(attributes.clone()), ..Forgery::new() };
    assert_malformed(
        &outcome(&detached.write(), &attributes, &detached.certificate),
        "attributes of another message",
    );
    let other_forms: [&[u8]; 4] = [
        b"\x31\x80\x30\x80\x06\x09",
        b"\x31\x81\x10\x30\x0e\x06",
        b"\x31\x82\x00\x10\x30\x81\x0e\x06",
        b"\x31\x10\x30\x0e\x06\x03",
    ];
    for content in other_forms {
        assert!(digests(&[], content).looks_like_attributes(), "{content:02x?}");
    }
    for content in
        [b"100 euros".as_slice(), b"1", b"", b"10000000000", b"\x31\x10\x30\x0e\x02\x03", b"1\xff0\xff\x06"]
    {
        assert!(!digests(&[], content).looks_like_attributes(), "{content:02x?}");
    }
}

#[test]
fn r_b4_attributes_may_be_absent_for_data_only() {
    let plain = Forgery { attributes: None, ..Forgery::new() };
    assert_eq!(plain.outcome(), Outcome::Intact);
    let seen = read(&plain.write(), TEXT).unwrap();
    assert_eq!(seen.verify(&plain.certificate)[0].notes, [Note::SignedAttributesMissing]);
    assert_eq!(outcome(&plain.write(), b"other", &plain.certificate), Outcome::SignatureAltered);
    assert_malformed(&Forgery { kind: Oid::SIGNED_DATA, ..plain }.outcome(), "with attributes");
    assert_malformed(&Forgery::with(Vec::new()).outcome(), "empty");
}

#[test]
fn r_b4_content_type_and_message_digest_exactly_once() {
    let [kind, digest] = standard_attributes().try_into().unwrap();
    assert_malformed(&Forgery::with(vec![digest.clone()]).outcome(), "contentType is missing");
    assert_malformed(&Forgery::with(vec![kind.clone()]).outcome(), "messageDigest is missing");
    for twice in [kind, digest] {
        assert_malformed(&Forgery::plus(twice).outcome(), "stands twice");
    }
    let time = element(tag::UTC_TIME, &[b"191128093000Z"]);
    let values = |values: &[&[u8]]| sequence(&[&oid(&Oid::SIGNING_TIME), &element(tag::SET, values)]);
    assert_eq!(Forgery::plus(values(&[&time])).outcome(), Outcome::Intact);
    assert_malformed(&Forgery::plus(values(&[&time, &time])).outcome(), "more in it");
    assert_malformed(&Forgery::plus(values(&[])).outcome(), "no value");
    let two = Forgery::with(
        standard_attributes().into_iter().chain([values(&[&time]), values(&[&time])]).collect(),
    );
    assert_malformed(&two.outcome(), "stands twice");
}

#[test]
fn r_b5_message_digest_is_compared_whole() {
    let whole = digests(&[HashAlgorithm::Sha256], TEXT).get(HashAlgorithm::Sha256).unwrap().to_vec();
    let with = |digest: &[u8]| {
        let kind = attribute(&Oid::CONTENT_TYPE, &oid(&Oid::DATA));
        Forgery::with(vec![kind, attribute(&Oid::MESSAGE_DIGEST, &octet_string(digest))]).outcome()
    };
    assert_eq!(with(&whole), Outcome::Intact);
    for wrong in [&[], &whole[..1], &whole[..31], &[whole.as_slice(), &[0]].concat()[..]] {
        assert_eq!(with(wrong), Outcome::ContentAltered, "{} octets", wrong.len());
    }
}

#[test]
fn r_b5_attributes_in_any_order_are_checked_as_der() {
    let mut sent = standard_attributes();
    sent.sort();
    sent.reverse();
    let reordered = Forgery::with(sent.clone());
    assert_eq!(reordered.outcome(), Outcome::Intact);
    let seen = read(&reordered.write(), TEXT).unwrap();
    assert_eq!(seen.verify(&reordered.certificate)[0].notes, [Note::SignedAttributesNotDer]);
    let parts: Vec<_> = sent.iter().map(Vec::as_slice).collect();
    let signed = Some(element(tag::SET, &parts));
    assert_eq!(Forgery { signed, ..Forgery::with(sent) }.outcome(), Outcome::SignatureAltered);
}

#[test]
fn r_b5_attributes_in_ber_are_checked_as_der() {
    let forgery = Forgery::new();
    let key = &forgery.key;
    let mut attributes = standard_attributes();
    attributes.sort();
    let value =
        Provider::default().hash(HashAlgorithm::Sha256, &set_of(tag::SET, attributes.clone())).unwrap();
    let to_sign = crate::crypto::ToSign::Digest { algorithm: HashAlgorithm::Sha256, value: &value };
    let signature = key.sign(forgery.scheme, to_sign).unwrap();
    let content = attributes.concat();
    let length = u8::try_from(content.len()).unwrap();
    let forms = [
        [&[0xa0, 0x80], content.as_slice(), &[0, 0]].concat(),
        [&[0xa0, 0x82, 0, length], content.as_slice()].concat(),
        [&[0xa0, length], content.as_slice()].concat(),
    ];
    for (number, form) in forms.iter().enumerate() {
        let message = forgery.assemble(form, &signature);
        let verification = &read(&message, TEXT).unwrap().verify(&forgery.certificate)[0];
        assert_eq!(verification.outcome, Outcome::Intact, "{form:02x?}");
        assert_eq!(verification.notes.is_empty(), number == 2);
    }
}

#[test]
fn r_b6_content_type_is_that_of_the_content() {
    let kind = attribute(&Oid::CONTENT_TYPE, &oid(&Oid::SIGNED_DATA));
    let digest = standard_attributes().remove(1);
    let other = Forgery::with(vec![kind, digest]);
    assert_malformed(&other.outcome(), "another type");
    assert_eq!(Forgery { kind: Oid::SIGNED_DATA, ..other }.outcome(), Outcome::Intact);
}

#[test]
fn r_b6_digest_and_signature_agree() {
    let other_hash = SignatureScheme::EcdsaP384Sha384.signature_identifier();
    assert_malformed(
        &Forgery { signature: other_hash, ..Forgery::new() }.outcome(),
        "but the digest algorithm is",
    );
    let with_null = Forgery { digest: SHA256_NULL.to_vec(), ..Forgery::new() };
    assert_eq!(with_null.outcome(), Outcome::Intact);
    let mut odd = SHA256_NULL.to_vec();
    odd[13] = 0x04;
    assert_malformed(&Forgery { digest: odd, ..Forgery::new() }.outcome(), "parameters");
    let md5 = b"\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x05\x05\x00";
    assert!(matches!(Forgery { digest: md5.to_vec(), ..Forgery::new() }.outcome(), Outcome::Unsupported(_)));
    let unknown = sequence(&[&oid(&Oid::DATA)]);
    assert!(matches!(Forgery { signature: unknown, ..Forgery::new() }.outcome(), Outcome::Unsupported(_)));
}

#[test]
fn r_b6_ed25519_goes_with_sha512() {
    let (certificate, key) = (certificate("ed25519"), key(fixture("ed25519.key")));
    let scheme = SignatureScheme::Ed25519;
    let digest = digests(&[HashAlgorithm::Sha512], TEXT);
    let digest = octet_string(digest.get(HashAlgorithm::Sha512).unwrap());
    let kind = attribute(&Oid::CONTENT_TYPE, &oid(&Oid::DATA));
    let attributes = Some(vec![kind, attribute(&Oid::MESSAGE_DIGEST, &digest)]);
    let (digest, signature) = (scheme.digest_identifier(), scheme.signature_identifier());
    let genuine = Forgery { attributes, digest, signature, scheme, key, certificate, ..Forgery::new() };
    assert_eq!(genuine.outcome(), Outcome::Intact);
    let sha256 = SignatureScheme::EcdsaP256Sha256.digest_identifier();
    let other = Forgery { attributes: Some(standard_attributes()), digest: sha256, ..genuine };
    assert_malformed(&other.outcome(), "the digest algorithm is");
    let (attributes, digest) = (None, scheme.digest_identifier());
    let bare = Forgery { attributes, digest, ..other };
    assert!(matches!(bare.outcome(), Outcome::Unsupported(_)));
}

#[test]
fn r_b6_algorithm_protection_must_match() {
    let scheme = SignatureScheme::EcdsaP256Sha256;
    let with = |digest: &[u8], signature: &[u8]| {
        let mut signature = signature.to_vec();
        signature[0] = tag::context(1);
        let protection = sequence(&[digest, &signature]);
        Forgery::plus(attribute(&Oid::ALGORITHM_PROTECTION, &protection)).outcome()
    };
    let (digest, signature) = (scheme.digest_identifier(), scheme.signature_identifier());
    assert_eq!(with(&digest, &signature), Outcome::Intact);
    assert_eq!(with(SHA256_NULL, &signature), Outcome::Intact);
    assert_malformed(&with(&SignatureScheme::EcdsaP384Sha384.digest_identifier(), &signature), "RFC 6211");
    assert_malformed(&with(&digest, &SignatureScheme::EcdsaP384Sha384.signature_identifier()), "RFC 6211");
    let empty = Forgery::plus(attribute(&Oid::ALGORITHM_PROTECTION, &sequence(&[&digest])));
    assert_malformed(&empty.outcome(), "signatureAlgorithm");
}

#[test]
fn r_b19_every_candidate_of_that_name_is_tried() {
    let plain = Forgery::new();
    let (alice, other, renewed) = (certificate("alice"), certificate("other"), certificate("renewed"));
    let message = plain.write();
    let seen = read(&message, TEXT).unwrap();
    let signer = &seen.data.signers[0];
    assert!([&alice, &other, &renewed].iter().all(|candidate| signer.names(candidate)));
    assert!(!signer.names(&certificate("ed25519")));
    assert_eq!(outcome(&message, TEXT, &other), Outcome::SignatureAltered);
    // The same key: only signingCertificate tells the two apart.
    assert_eq!(outcome(&message, TEXT, &renewed), Outcome::Intact);
    assert_eq!(outcome(&message, TEXT, &certificate("ed25519")), Outcome::OtherCertificate);
}

#[test]
fn r_b19_signing_certificate_must_match() {
    assert_eq!(outcome(&detached(), TEXT, &certificate("alice")), Outcome::Intact);
    assert_eq!(outcome(&detached(), TEXT, &certificate("renewed")), Outcome::OtherCertificate);
    let alice = certificate("alice");
    let sha1 = Provider::default().hash(HashAlgorithm::Sha1, alice.as_der()).unwrap();
    let sha256 = Provider::default().hash(HashAlgorithm::Sha256, alice.as_der()).unwrap();
    let with = |kind: &Oid, parts: &[&[u8]]| {
        let value = sequence(&[&sequence(&[&sequence(parts)])]);
        Forgery::plus(attribute(kind, &value)).outcome()
    };
    let issuer_serial = |issuer: &[u8], serial: u8| {
        sequence(&[&sequence(&[&element(tag::context(4), &[issuer])]), &small_integer(serial)])
    };
    let (one, two) = (&Oid::SIGNING_CERTIFICATE, &Oid::SIGNING_CERTIFICATE_V2);
    assert_eq!(with(one, &[&octet_string(&sha1)]), Outcome::Intact);
    assert_eq!(with(one, &[&octet_string(&sha1[..19])]), Outcome::OtherCertificate);
    assert_eq!(with(two, &[&octet_string(&sha256)]), Outcome::Intact);
    assert_eq!(with(two, &[SHA256_NULL, &octet_string(&sha256)]), Outcome::Intact);
    assert_eq!(with(two, &[&octet_string(&sha1)]), Outcome::OtherCertificate);
    let named = |issuer: &[u8], serial| with(two, &[&octet_string(&sha256), &issuer_serial(issuer, serial)]);
    assert_eq!(named(alice.issuer().as_der(), 7), Outcome::Intact);
    assert_eq!(named(alice.issuer().as_der(), 8), Outcome::OtherCertificate);
    assert_eq!(named(alice.subject().as_der(), 7), Outcome::OtherCertificate);
    assert!(matches!(
        with(two, &[&sequence(&[&oid(&Oid::DATA)]), &octet_string(&sha256)]),
        Outcome::Unsupported(_)
    ));
}

#[test]
fn r_b14_sha1_is_seen() {
    let identifier = b"\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00".to_vec();
    let forgery = Forgery { digest: identifier, ..Forgery::new() };
    let seen = read(&forgery.write(), TEXT).unwrap();
    assert_eq!(seen.verify(&forgery.certificate)[0].digest, Some(HashAlgorithm::Sha1));
}

#[test]
fn r_b5_no_flipped_bit_goes_unseen() {
    let (certificate, other) = (certificate("alice"), certificate("other"));
    let message = detached();
    let (mut intact, mut refused) = (0, 0);
    for bit in 0..message.len() * 8 {
        let mut flipped = message.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        for content in [TEXT, b"Pay 900 to Mallory.\r\n"] {
            let Ok(seen) = read(&flipped, content) else {
                refused += 1;
                continue;
            };
            for verification in seen.verify(&certificate) {
                if verification.outcome == Outcome::Intact {
                    intact += 1;
                    assert_eq!(content, TEXT, "bit {bit}");
                    assert_eq!(verification.claimed_time, Some(AT), "bit {bit}");
                }
            }
            assert!(seen.verify(&other).iter().all(|one| one.outcome != Outcome::Intact), "bit {bit}");
        }
    }
    // Versions, lists and enclosed certificates are not signed: flips there change nothing.
    assert!(intact > 100 && refused > 100, "{intact} intact, {refused} refused");
}
