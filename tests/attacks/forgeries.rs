//! What is signed, and by how many: contents that change places, nobody, several (R-B1 to R-B4).

use std::fs;

use mailseal::Outcome;
use mailseal::report::Code;

use crate::cms::{Cms, Signer, attributes, detached, opaque, tlv};
use crate::stage::{AT, CONTENT, EVIL, Stage, look, stage};
use crate::support::gnupg::Gpgsm;

const ALICE: &str = "alice@example.org";

fn genuine(stage: &Stage, content: Option<&[u8]>) -> Cms {
    let signer = Signer::new(&stage.alice, CONTENT).der(CONTENT);
    Cms::new(content, vec![signer], &[&stage.alice.certificate, &stage.intermediate()])
}

/// What OpenSSL says of a SignedData that holds its content.
pub(crate) fn openssl_accepts(stage: &Stage, cms: &[u8]) -> bool {
    // Tests run beside each other.
    let file = tempfile::NamedTempFile::new_in(stage.pki.folder()).unwrap();
    fs::write(file.path(), cms).unwrap();
    let words = "cms -verify -binary -inform DER -CAfile root.pem -purpose any -in";
    stage.pki.openssl(words).arg(file.path()).run().succeeded
}

#[test]
fn the_genuine_ones_are_good() {
    let Some(stage) = stage() else { return };
    stage.look(&detached(ALICE, CONTENT, &genuine(&stage, None).der())).is_good_for(ALICE);
    let seen = stage.look(&opaque(ALICE, &genuine(&stage, Some(CONTENT)).der()));
    seen.is_good_for(ALICE);
    assert_eq!(seen.payload.0, CONTENT);
    stage.look(&detached(ALICE, EVIL, &genuine(&stage, None).der())).is_bad("altered");
    let rsa = Signer::new(&stage.rsa, CONTENT).der(CONTENT);
    let rsa = Cms::new(None, vec![rsa], &[&stage.rsa.certificate, &stage.intermediate()]);
    stage.look(&detached(ALICE, CONTENT, &rsa.der())).is_good_for(ALICE);
}

#[test]
fn r_b1_content_inside_a_detached_signature() {
    let Some(stage) = stage() else { return };
    let inside = genuine(&stage, Some(CONTENT)).der();
    assert!(openssl_accepts(&stage, &inside));
    for shown in [EVIL, CONTENT] {
        stage.look(&detached(ALICE, shown, &inside)).is_bad("two contents");
    }
    let empty = genuine(&stage, Some(b""));
    stage.look(&detached(ALICE, CONTENT, &empty.der())).is_bad("two contents, one of them empty");
}

#[test]
fn r_b1_an_opaque_letter_without_content() {
    let Some(stage) = stage() else { return };
    let without = genuine(&stage, None).der();
    stage.look(&opaque(ALICE, &without)).is_not_good("nothing inside");
    let mut letter = opaque(ALICE, &without);
    letter.extend_from_slice(CONTENT);
    stage.look(&letter).is_not_good("content behind the signature");
}

#[test]
fn r_b1_what_was_verified_is_what_is_returned() {
    let Some(stage) = stage() else { return };
    let nested = opaque(ALICE, &genuine(&stage, Some(CONTENT)).der());
    let seen = stage.look(&nested);
    assert_eq!(seen.payload.0, CONTENT);
    let letter = detached(ALICE, CONTENT, &genuine(&stage, None).der());
    assert_eq!(stage.look(&letter).payload.0, CONTENT);
}

#[test]
fn r_b2_nobody_signed() {
    let Some(stage) = stage() else { return };
    let gpgsm = Gpgsm::new(&stage.pki);
    for digests in [true, false] {
        for certificates in [true, false] {
            for content in [Some(CONTENT), None] {
                let mut cms = genuine(&stage, content);
                cms.signers.clear();
                if !digests {
                    cms.digests.clear();
                }
                if !certificates {
                    cms.certificates.clear();
                }
                let what =
                    format!("digests {digests}, certificates {certificates}, content {}", content.is_some());
                stage.look(&opaque(ALICE, &cms.der())).is_none(None, &what);
                let code = content.is_none().then_some(Code::NoSigners);
                let seen = stage.look(&detached(ALICE, CONTENT, &cms.der()));
                match code {
                    Some(_) => seen.is_none(code, &what),
                    None => seen.is_not_good(&what),
                }
                if let (Some(gpgsm), Some(_)) = (&gpgsm, content) {
                    let file = gpgsm.home().join("nobody.der");
                    fs::write(&file, cms.der()).unwrap();
                    let ran = gpgsm.words("--verify").arg(&file).run();
                    // Its exit status alone says yes; its status lines do not.
                    assert!(ran.succeeded || !digests, "{what}: {}", ran.stderr);
                    assert!(!ran.text().contains("GOODSIG"), "{what}");
                }
            }
        }
    }
}

#[test]
fn r_b2_a_folder_of_certificates_is_no_signature() {
    let Some(stage) = stage() else { return };
    let words = "crl2pkcs7 -nocrl -outform DER -certfile root.pem -certfile intermediate.pem";
    let folder = stage.pki.openssl(words).ok();
    stage.look(&opaque(ALICE, &folder)).is_none(Some(Code::CertificatesOnly), "opaque");
    stage.look(&detached(ALICE, CONTENT, &folder)).is_none(Some(Code::NoSigners), "detached");
}

/// All orders of some signers.
fn orders(signers: &[Vec<u8>]) -> Vec<Vec<Vec<u8>>> {
    if signers.len() < 2 {
        return vec![signers.to_vec()];
    }
    let mut found = Vec::new();
    for (place, first) in signers.iter().enumerate() {
        let mut rest = signers.to_vec();
        rest.remove(place);
        found.extend(orders(&rest).into_iter().map(|order| [vec![first.clone()], order].concat()));
    }
    found
}

#[test]
fn r_b3_each_signer_speaks_for_itself_in_any_order() {
    let Some(stage) = stage() else { return };
    let alice = Signer::new(&stage.alice, CONTENT).der(CONTENT);
    let rsa = Signer::new(&stage.rsa, CONTENT).der(CONTENT);
    let altered = Signer::new(&stage.alice, EVIL).der(EVIL);
    let mallory = Signer::new(&stage.mallory, CONTENT).der(CONTENT);
    let mut forged = Signer::new(&stage.alice, CONTENT);
    forged.signature = Some(stage.mallory.sign(&tlv(0x31, &attributes(CONTENT).concat())));
    let forged = forged.der(CONTENT);
    let cases = [
        ("two of hers", vec![alice.clone(), rsa], Outcome::Good),
        ("a stranger beside her", vec![alice.clone(), mallory.clone()], Outcome::Good),
        ("one of hers is broken", vec![alice, altered.clone(), mallory.clone()], Outcome::Caution),
        ("only the stranger's holds", vec![altered, mallory.clone()], Outcome::Bad),
        ("by another key", vec![forged, mallory.clone()], Outcome::Bad),
        ("only the stranger", vec![mallory], Outcome::Caution),
    ];
    for (what, signers, outcome) in cases {
        for order in orders(&signers) {
            let people = [&stage.alice, &stage.rsa, &stage.mallory];
            let mut certificates: Vec<Vec<u8>> = people.iter().map(|one| one.certificate.clone()).collect();
            certificates.push(stage.intermediate());
            let certificates: Vec<&[u8]> = certificates.iter().map(Vec::as_slice).collect();
            let letter = detached(ALICE, CONTENT, &Cms::new(None, order, &certificates).der());
            let seen = stage.look(&letter);
            assert_eq!(seen.outcome, outcome, "{what}: {seen:#?}");
            assert_eq!(seen.integrity.len(), signers.len(), "{what}: one entry each");
            match outcome {
                Outcome::Good => assert_eq!(seen.verified_for, [ALICE], "{what}"),
                _ => seen.is_not_good(what),
            }
        }
    }
}

#[test]
fn r_b4_signed_attributes_as_content() {
    let Some(stage) = stage() else { return };
    let set = tlv(0x31, &attributes(CONTENT).concat());
    let gpgsm = Gpgsm::new(&stage.pki);
    for (name, person) in [("ecdsa", &stage.alice), ("rsa", &stage.rsa)] {
        let mut signer = Signer::new(person, CONTENT);
        signer.signature = Some(person.sign(&set));
        signer.attributes = None;
        let signer = signer.der(&set);
        let forged =
            Cms::new(Some(&set), vec![signer.clone()], &[&person.certificate, &stage.intermediate()]).der();
        assert!(openssl_accepts(&stage, &forged), "{name}: OpenSSL takes it for signed");
        if let Some(gpgsm) = gpgsm.as_ref().filter(|_| name == "rsa") {
            let file = gpgsm.home().join("forged.der");
            fs::write(&file, &forged).unwrap();
            assert!(gpgsm.words("--verify").arg(&file).run().text().contains("GOODSIG"), "gpgsm as well");
        }
        stage.look(&opaque(ALICE, &forged)).is_bad(name);
        let beside = Cms::new(None, vec![signer], &[&person.certificate, &stage.intermediate()]).der();
        stage.look(&detached(ALICE, &set, &beside)).is_bad(name);
    }
}

#[test]
fn r_b4_content_as_signed_attributes() {
    let Some(stage) = stage() else { return };
    // Content that someone was made to sign without attributes comes back as the attributes of other content.
    let set = attributes(EVIL).concat();
    let mut signer = Signer::new(&stage.alice, EVIL);
    signer.signature = Some(stage.alice.sign(&tlv(0x31, &set)));
    // That is a signature over EVIL by every rule of the format: the cure is never to sign without attributes.
    let letter = stage.composed(&stage.alice_leaf, b"From: alice@example.org\r\n\r\nHello\r\n", false);
    let report = mailseal::Opener::new(&stage.cx()).open(&letter, AT).unwrap().report;
    assert!(report.signatures().all(|one| one.claimed_time == Some(AT)), "attributes are always written");
    signer.attributes = None;
    let bare = signer.der(EVIL);
    let bare = Cms::new(None, vec![bare], &[&stage.alice.certificate, &stage.intermediate()]).der();
    stage.look(&detached(ALICE, EVIL, &bare)).is_bad("attributes removed");
}

#[test]
fn r_b4_without_attributes_nothing_is_good() {
    let Some(stage) = stage() else { return };
    let mut signer = Signer::new(&stage.alice, CONTENT);
    signer.attributes = None;
    let certificates: [&[u8]; 2] = [&stage.alice.certificate, &stage.intermediate()];
    let cms = Cms::new(Some(CONTENT), vec![signer.der(CONTENT)], &certificates).der();
    assert!(openssl_accepts(&stage, &cms));
    stage.look(&opaque(ALICE, &cms)).is_caution(Code::SignedAttributesMissing, "opaque");
    let mut other = Cms::new(Some(CONTENT), vec![signer.der(CONTENT)], &certificates);
    other.content_type = "1.2.840.113549.1.9.16.1.4";
    stage.look(&opaque(ALICE, &other.der())).is_bad("another content type needs attributes");
}

#[test]
fn r_b4_content_type_and_digest_stand_once() {
    let Some(stage) = stage() else { return };
    let usual = attributes(CONTENT);
    let evil = attributes(EVIL);
    let cases = [
        ("no content type", vec![usual[1].clone(), usual[2].clone()]),
        ("no digest", vec![usual[0].clone(), usual[1].clone()]),
        ("two digests", vec![usual[0].clone(), usual[2].clone(), evil[2].clone()]),
        ("two digests, the other first", vec![usual[0].clone(), evil[2].clone(), usual[2].clone()]),
        ("two content types", vec![usual[0].clone(), usual[0].clone(), usual[2].clone()]),
        ("none", Vec::new()),
    ];
    for (what, attributes) in cases {
        let mut signer = Signer::new(&stage.alice, CONTENT);
        signer.attributes = Some(attributes);
        let cms =
            Cms::new(None, vec![signer.der(CONTENT)], &[&stage.alice.certificate, &stage.intermediate()]);
        look(&stage.cx(), &detached(ALICE, CONTENT, &cms.der()), AT).is_bad(what);
    }
}
