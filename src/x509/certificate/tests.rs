use proptest::prelude::*;

use super::*;
use crate::x509::der_reader::encode;
use crate::x509::oid;
use crate::x509::testing::{Make, assemble, corpora, ed25519, files, make, name, spki};

#[test]
fn r_c8_mailboxes() {
    let both = Make { email_in_subject: Some("subject@example.org".into()), ..make("Leaf") };
    assert_eq!(both.signed_by("CA").mailboxes(), ["subject@example.org"]);
    assert_eq!(both.clone().mailbox("san@example.org").signed_by("CA").mailboxes(), ["san@example.org"]);
    for bad in ["a@example.org\0.evil.example", "a@example.org\r\nBcc: b@c.example", "no mailbox", "@x", "x@"]
    {
        assert!(both.clone().mailbox(bad).signed_by("CA").mailboxes().is_empty(), "{bad}");
        let subject = Make { email_in_subject: Some(bad.into()), ..make("Leaf") };
        assert!(subject.signed_by("CA").mailboxes().is_empty(), "{bad}");
    }
}

#[test]
fn an_extension_twice_is_refused() {
    let twice = make("Leaf").mailbox("a@example.org").mailbox("b@example.org").tbs("CA");
    assert!(Certificate::from_der(&assemble(&twice, &ed25519(), &[0; 64])).is_err());
}

#[test]
fn r_c1_the_two_signature_algorithms_must_be_equal() {
    let tbs = make("Leaf").tbs("CA");
    assert!(Certificate::from_der(&assemble(&tbs, &ed25519(), &[0; 64])).is_ok());
    let with_null = encode(SEQUENCE, &[&encode(OID, &[&[0x2b, 0x65, 0x70]]), &[5, 0]]);
    assert!(Certificate::from_der(&assemble(&tbs, &with_null, &[0; 64])).is_err());
}

#[test]
fn odd_encodings_are_read_and_kept() {
    // Explicit version v1, UTCTime without seconds, a long serial number with leading zeros, BOOLEAN 01.
    let time = |text: &str| encode(0x17, &[text.as_bytes()]);
    let tbs = |version: u8, serial: &[u8], extensions: &[u8]| {
        let validity = encode(SEQUENCE, &[&time("2001010000Z"), &time("300101000000Z")]);
        let version = encode(constructed(0), &[&encode(INTEGER, &[&[version]])]);
        let (issuer, subject) = (name("CA", None), name("Leaf", None));
        let serial = encode(INTEGER, &[serial]);
        let fields = [&version, &serial, &ed25519(), &issuer, &validity, &subject, &spki("Leaf")];
        encode(SEQUENCE, &[&fields.map(Vec::as_slice).concat(), extensions])
    };
    let basic = encode(SEQUENCE, &[&[1, 1, 1]]);
    let extension = encode(
        SEQUENCE,
        &[&encode(OID, &[oid::BASIC_CONSTRAINTS.as_bytes()]), &[1, 1, 1], &encode(4, &[&basic])],
    );
    let extensions = encode(constructed(3), &[&encode(SEQUENCE, &[&extension])]);
    for tbs in [tbs(0, &[0; 24], &[]), tbs(2, &[0, 0, 1], &extensions)] {
        let certificate = Certificate::from_der(&assemble(&tbs, &ed25519(), &[0; 64])).unwrap();
        assert_eq!(certificate.tbs(), tbs);
        assert_eq!(certificate.validity().not_before.to_string(), "2020-01-01T00:00:00Z");
        assert_eq!(
            certificate.extensions().basic_constraints.is_some_and(|basic| basic.ca),
            certificate.version() == 3
        );
    }
    assert!(Certificate::from_der(&assemble(&tbs(0, &[0; 65], &[]), &ed25519(), &[0; 64])).is_err());
    assert!(Certificate::from_der(&assemble(&tbs(0, &[1], &extensions), &ed25519(), &[0; 64])).is_err());
}

#[test]
fn assurance_of_policies() {
    let policy = encode(SEQUENCE, &[&encode(OID, &[&[0x67, 0x81, 0x0c, 1, 5, 3, 2]])]);
    let sponsored =
        make("Leaf").with(oid::CERTIFICATE_POLICIES, false, encode(SEQUENCE, &[&policy])).signed_by("CA");
    assert_eq!(sponsored.assurance(), Some((Assurance::Sponsor, Generation::Multipurpose)));
    assert_eq!(make("Leaf").signed_by("CA").assurance(), None);
}

#[test]
fn use_of_a_key_for_encryption() {
    use crate::crypto::Curve;
    let rsa = PublicKey::rsa(&[0xff; 256], &[1, 0, 1]).unwrap();
    let ec = PublicKey::ec(Curve::P256, &[&[4][..], &[1; 64]].concat()).unwrap();
    let x25519 = PublicKey::x25519(&[9; 32]).unwrap();
    let eddsa = PublicKey::ed25519(&[1; 32]).unwrap();
    // digitalSignature, keyEncipherment, keyAgreement, dataEncipherment
    for (key, expected) in [
        (&rsa, [false, true, false, false]),
        (&ec, [false, false, true, false]),
        (&x25519, [false, false, true, false]),
        (&eddsa, [false; 4]),
    ] {
        let certificate = |made: Make| {
            let tbs = made.tbs("CA");
            let old = spki(&made.key);
            let tbs = Reader::new(&tbs).expect(SEQUENCE).unwrap().content;
            let at = tbs.windows(old.len()).position(|octets| octets == old).unwrap();
            let content = [&tbs[..at], key.spki(), &tbs[at + old.len()..]].concat();
            let tbs = encode(SEQUENCE, &[&content]);
            Certificate::from_der(&assemble(&tbs, &ed25519(), &[0; 64])).unwrap()
        };
        assert_eq!(certificate(make("Bob")).can_encrypt(), expected.contains(&true), "{key:?}");
        for (bits, expected) in [0x80, 0x20, 0x08, 0x10].into_iter().zip(expected) {
            let made = certificate(make("Bob").key_usage(bits));
            assert_eq!(made.can_encrypt(), expected, "{key:?} {bits:x}");
        }
    }
}

/// Asks for everything there is.
fn look(certificate: &Certificate) {
    let text =
        (certificate.name(), certificate.issuer().to_string(), format!("{:?}", certificate.extensions()));
    assert!(certificate.as_der().len() < 1 << 20 && text.0.len() < 1 << 20);
    let _ = (certificate.mailboxes(), certificate.assurance(), certificate.signature());
}

#[test]
fn certificates_of_others_and_their_mutations() {
    let Some(root) = corpora("") else { return };
    let (mut read, mut random) = (0, 1_u64);
    for file in files(&root, &[".crt", "cert.pem", ".certificate.pem", ".cer"]) {
        let octets = std::fs::read(&file).unwrap();
        for certificate in Certificate::load_pem_or_der(&octets).unwrap_or_default() {
            look(&certificate);
            read += 1;
            for _ in 0..20 {
                let mut changed = certificate.as_der().to_vec();
                random =
                    random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let at = usize::try_from(random >> 33).unwrap() % changed.len();
                changed[at] = u8::try_from(random >> 56).unwrap();
                if let Ok(certificate) = Certificate::from_der(&changed) {
                    look(&certificate);
                }
                assert!(Certificate::from_der(&changed[..at]).is_err());
            }
        }
    }
    assert!(read > 400, "{read}");
}

proptest! {
    #[test]
    fn octets_do_no_harm(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Certificate::load_pem_or_der(&octets);
        let tbs = encode(SEQUENCE, &[&octets]);
        let _ = Certificate::from_der(&assemble(&tbs, &ed25519(), &octets));
    }

    #[test]
    fn extension_values_do_no_harm(value in proptest::collection::vec(any::<u8>(), 0..60), kind in 0_usize..13) {
        let kinds = [
            oid::BASIC_CONSTRAINTS, oid::KEY_USAGE, oid::EXT_KEY_USAGE, oid::SUBJECT_ALT_NAME, oid::NAME_CONSTRAINTS,
            oid::SUBJECT_KEY_IDENTIFIER, oid::AUTHORITY_KEY_IDENTIFIER, oid::CERTIFICATE_POLICIES, oid::POLICY_MAPPINGS,
            oid::POLICY_CONSTRAINTS, oid::INHIBIT_ANY_POLICY, oid::CRL_DISTRIBUTION_POINTS, oid::AUTHORITY_INFO_ACCESS,
        ];
        for value in [value.clone(), encode(SEQUENCE, &[&value]), encode(SEQUENCE, &[&encode(SEQUENCE, &[&value])])] {
            look(&make("Leaf").with(kinds[kind], true, value).signed_by("CA"));
        }
    }
}
