//! The rules of S/MIME signatures: encodings, algorithms, certificates, times (R-B5 to R-B9, R-B14, R-B18 to R-B20).

use std::fs;

use mailseal::UnixTime;
use mailseal::report::{Code, Trust};
use sha2::{Digest, Sha256, Sha512};

use crate::cms::{
    CONTENT_TYPE, Cms, DATA, MESSAGE_DIGEST, Person, SHA256, Signer, algorithm, attribute, attributes,
    children, detached, oid, opaque, seq, tlv,
};
use crate::forgeries::openssl_accepts;
use crate::stage::{AT, CONTENT, EVIL, Seen, Stage, look, stage};
use crate::support::pki::{KeyType, Profile};

const ALICE: &str = "alice@example.org";
const SHA1: &str = "1.3.14.3.2.26";
const MD5: &str = "1.2.840.113549.2.5";
const SHA512: &str = "2.16.840.1.101.3.4.2.3";

fn seen(stage: &Stage, signer: &Signer<'_>, content: &[u8]) -> Seen {
    stage.look(&detached(ALICE, content, &alone(stage, signer, content)))
}

fn alone(stage: &Stage, signer: &Signer<'_>, content: &[u8]) -> Vec<u8> {
    let certificates: [&[u8]; 2] = [&signer.person.certificate, &stage.intermediate()];
    Cms::new(None, vec![signer.der(content)], &certificates).der()
}

#[test]
fn r_b5_the_digest_is_compared_whole() {
    let Some(stage) = stage() else { return };
    let digest = Sha256::digest(CONTENT);
    let cases: [(&str, &[u8]); 5] = [
        ("no octet", &[]),
        ("one octet", &digest[..1]),
        ("all but one", &digest[..31]),
        ("one more", &[digest.as_slice(), &[0]].concat()),
        ("of other content", &Sha256::digest(EVIL)),
    ];
    for (what, digest) in cases {
        let mut signer = Signer::new(&stage.alice, CONTENT);
        let mut set = attributes(CONTENT);
        set[2] = attribute(MESSAGE_DIGEST, &tlv(4, digest));
        signer.attributes = Some(set);
        seen(&stage, &signer, CONTENT).is_bad(what);
    }
}

#[test]
fn r_b5_attributes_are_checked_as_der() {
    let Some(stage) = stage() else { return };
    let set = attributes(CONTENT);
    let other = vec![set[2].clone(), set[0].clone(), set[1].clone()];
    let mut signer = Signer::new(&stage.alice, CONTENT);
    signer.attributes = Some(other.clone());
    signer.signature = Some(stage.alice.sign(&tlv(0x31, &set.concat())));
    let seen_as_der = seen(&stage, &signer, CONTENT);
    assert!(seen_as_der.codes.contains(&Code::AttributesReordered), "{seen_as_der:#?}");
    signer.signature = Some(stage.alice.sign(&tlv(0xA0, &set.concat())));
    seen(&stage, &signer, CONTENT).is_bad("signed with the tag of the wire");
}

#[test]
fn r_b6_types_and_algorithms_agree() {
    let Some(stage) = stage() else { return };
    let case = |what: &str, change: &dyn Fn(&mut Signer<'_>)| {
        let mut signer = Signer::new(&stage.alice, CONTENT);
        change(&mut signer);
        seen(&stage, &signer, CONTENT).is_not_good(what);
    };
    let with = |index: usize, value: Vec<u8>| {
        let mut set = attributes(CONTENT);
        set[index] = value;
        Some(set)
    };
    case("content type of something else", &|signer| {
        signer.attributes = with(0, attribute(CONTENT_TYPE, &oid("1.2.840.113549.1.9.16.1.4")));
    });
    case("content type that is no OID", &|signer| {
        signer.attributes = with(0, attribute(CONTENT_TYPE, &tlv(4, b"data")));
    });
    case("digest that is no OCTET STRING", &|signer| {
        signer.attributes = with(2, attribute(MESSAGE_DIGEST, &tlv(0x0C, &Sha256::digest(CONTENT))));
    });
    case("digest of another algorithm", &|signer| {
        signer.digest = algorithm(SHA512, false);
        signer.attributes = with(2, attribute(MESSAGE_DIGEST, &tlv(4, &Sha512::digest(CONTENT))));
    });
    case("parameters of a hash", &|signer| signer.digest = seq(&[&oid(SHA256), &seq(&[])]));
    case("parameters of ECDSA", &|signer| signer.algorithm = algorithm("1.2.840.10045.4.3.2", true));
    case("an RSA algorithm with a P-256 key", &|signer| {
        signer.algorithm = algorithm("1.2.840.113549.1.1.11", true);
    });
    case("algorithm protection that says SHA-512", &|signer| {
        let mut set = attributes(CONTENT);
        let body = [algorithm(SHA512, false), tlv(0xA1, &stage.alice.signature_algorithm()[2..])].concat();
        set.push(attribute("1.2.840.113549.1.9.52", &tlv(0x30, &body)));
        signer.attributes = Some(set);
    });
}

#[test]
fn r_b7_rsa_signatures_have_the_length_of_the_modulus() {
    let Some(stage) = stage() else { return };
    let signed = tlv(0x31, &attributes(CONTENT).concat());
    let right = stage.rsa.sign(&signed);
    let mut signer = Signer::new(&stage.rsa, CONTENT);
    seen(&stage, &signer, CONTENT).is_good_for(ALICE);
    let big = vec![1; 70_000];
    let cases: [(&str, Vec<u8>); 5] = [
        ("a zero in front", [&[0], right.as_slice()].concat()),
        ("a zero behind", [right.as_slice(), &[0]].concat()),
        ("short", right[1..].to_vec()),
        ("empty", Vec::new()),
        ("70,000 octets", big),
    ];
    for (what, signature) in cases {
        signer.signature = Some(signature);
        seen(&stage, &signer, CONTENT).is_bad(what);
    }
}

#[test]
fn r_b7_rsa_keys_that_are_too_small_or_too_large() {
    let Some(stage) = stage() else { return };
    let small = stage.pki.leaf(ALICE, KeyType::Rsa(1024));
    let words = "cms -sign -binary -outform DER -md sha256 -certfile intermediate.pem -signer";
    let cms = stage.pki.openssl(words).arg(&small.certificate).arg("-inkey").arg(&small.key);
    let cms = cms.input(CONTENT).ok();
    look(&stage.cx(), &detached(ALICE, CONTENT, &cms), crate::stage::now()).is_not_good("1024 bits");
    // A certificate whose modulus has 65,536 bits, for a signature as long.
    let huge = with_modulus(&stage.rsa.certificate, &[&[0], vec![0xFF; 8192].as_slice()].concat());
    let mut signer = Signer::new(&stage.rsa, CONTENT);
    signer.signature = Some(vec![0x7F; 8192]);
    let cms = Cms::new(None, vec![signer.der(CONTENT)], &[&huge, &stage.intermediate()]).der();
    stage.look(&detached(ALICE, CONTENT, &cms)).is_not_good("65,536 bits");
}

/// The same certificate with another RSA modulus; its own signature no longer fits.
fn with_modulus(certificate: &[u8], modulus: &[u8]) -> Vec<u8> {
    let parts = children(certificate);
    let fields: Vec<Vec<u8>> = children(parts[0]).iter().map(|field| field.to_vec()).collect();
    let key = seq(&[&tlv(2, modulus), &tlv(2, &[1, 0, 1])]);
    let spki = seq(&[&algorithm("1.2.840.113549.1.1.1", true), &tlv(3, &[&[0], key.as_slice()].concat())]);
    let tbs: Vec<Vec<u8>> = fields
        .iter()
        .enumerate()
        .map(|(place, field)| if place == 6 { spki.clone() } else { field.clone() })
        .collect();
    seq(&[&tlv(0x30, &tbs.concat()), parts[1], parts[2]])
}

#[test]
fn r_b8_padding_and_digest_info_are_compared_whole() {
    let Some(stage) = stage() else { return };
    let signed = tlv(0x31, &attributes(CONTENT).concat());
    let digest = Sha256::digest(&signed);
    let strict = seq(&[&algorithm(SHA256, true), &tlv(4, &digest)]);
    let without_null = seq(&[&algorithm(SHA256, false), &tlv(4, &digest)]);
    let mut long_form = strict.clone();
    long_form.splice(1..2, [0x81, strict[1]]);
    let garbage = |filler: usize, info: &[u8]| {
        let mut block = [&[0, 1], vec![0xFF; filler].as_slice(), &[0], info].concat();
        block.resize(256, 0xA5);
        block
    };
    let full = 256 - 3 - strict.len();
    let mut typed = garbage(full, &strict);
    typed[1] = 2;
    let mut gap = garbage(full, &strict);
    gap[10] = 0xFE;
    let cases = [
        ("garbage behind", garbage(8, &strict)),
        (
            "garbage inside",
            garbage(8, &seq(&[&algorithm(SHA256, true), &tlv(4, &digest), &tlv(4, &[0xA5; 150])])),
        ),
        ("long form of a length", garbage(256 - 3 - long_form.len(), &long_form)),
        ("block type 2", typed),
        ("a gap in the padding", gap),
        ("the digest alone", garbage(256 - 3 - 32, &digest)),
        ("no parameters", garbage(256 - 3 - without_null.len(), &without_null)),
    ];
    let mut signer = Signer::new(&stage.rsa, CONTENT);
    signer.signature = Some(raw(&stage, &garbage(full, &strict)));
    seen(&stage, &signer, CONTENT).is_good_for(ALICE);
    for (what, block) in cases {
        signer.signature = Some(raw(&stage, &block));
        seen(&stage, &signer, CONTENT).is_bad(what);
    }
}

/// The private operation on any block.
fn raw(stage: &Stage, block: &[u8]) -> Vec<u8> {
    let sign =
        stage.pki.openssl("pkeyutl -decrypt -pkeyopt rsa_padding_mode:none -inkey").arg(&stage.rsa_leaf.key);
    sign.input(block).ok()
}

#[test]
fn r_b9_numbers_of_ecdsa_are_in_range() {
    let Some(stage) = stage() else { return };
    let order = hex("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
    let unsigned = |octets: &[u8]| [&[0], octets].concat();
    let pair = |r: &[u8], s: &[u8]| seq(&[&tlv(2, r), &tlv(2, s)]);
    let right = stage.alice.sign(&tlv(0x31, &attributes(CONTENT).concat()));
    let (r, s) = (children(&right)[0].to_vec(), children(&right)[1].to_vec());
    let mut long = right.clone();
    long.splice(1..2, [0x81, right[1]]);
    let cases = [
        ("zero and zero", pair(&[0], &[0])),
        ("one and zero", pair(&[1], &[0])),
        ("zero and one", pair(&[0], &[1])),
        ("one and one", pair(&[1], &[1])),
        ("the order twice", pair(&unsigned(&order), &unsigned(&order))),
        ("infinitely many", pair(&vec![0x7F; 4096], &vec![0x7F; 4096])),
        ("negative", pair(&[0xFF], &[0xFF])),
        ("a zero in front", seq(&[&tlv(2, &unsigned(&unsigned(&r[2..]))), &s])),
        ("long form of a length", long),
        ("something behind", [right.as_slice(), &[0]].concat()),
        ("something inside", seq(&[&r, &s, &tlv(5, &[])])),
        ("bare numbers", [vec![1; 32], vec![1; 32]].concat()),
        ("empty", Vec::new()),
    ];
    for (what, signature) in cases {
        let mut signer = Signer::new(&stage.alice, CONTENT);
        signer.signature = Some(signature);
        seen(&stage, &signer, CONTENT).is_bad(what);
    }
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn r_b14_old_hashes() {
    let Some(stage) = stage() else { return };
    for (name, known) in [("sha1", SHA1), ("md5", MD5)] {
        let words = format!("cms -sign -binary -outform DER -md {name} -certfile intermediate.pem -signer");
        let leaf = &stage.rsa_leaf;
        let cms = stage
            .pki
            .openssl(&words)
            .arg(&leaf.certificate)
            .arg("-inkey")
            .arg(&leaf.key)
            .input(CONTENT)
            .run();
        if !cms.succeeded {
            println!("skipped: this openssl does not sign with {name}");
            continue;
        }
        let cms = cms.stdout;
        assert!(cms.windows(oid(known).len()).any(|window| window == oid(known)), "{name}");
        let letter = detached(ALICE, CONTENT, &cms);
        look(&stage.cx(), &letter, crate::stage::now()).is_not_good(name);
        // What micalg says changes nothing.
        assert!(String::from_utf8_lossy(&letter).contains("micalg=sha-256"));
    }
}

#[test]
fn r_b18_a_signature_around_what_stays_closed() {
    let Some(stage) = stage() else { return };
    let entity = stage
        .pki
        .openssl("cms -encrypt -aes256 -binary")
        .arg(&stage.rsa_leaf.certificate)
        .input(CONTENT)
        .ok();
    let entity = String::from_utf8(entity).unwrap().replace("\r\n", "\n").replace('\n', "\r\n");
    let entity = entity.trim_end().as_bytes();
    let signer = Signer::new(&stage.alice, entity);
    let seen = stage.look(&detached(ALICE, entity, &alone(&stage, &signer, entity)));
    seen.is_caution(Code::NoDecryptionKey, "signed by her, but what is inside nobody knows");
    let letter = [b"From: alice@example.org\r\n".as_slice(), entity].concat();
    stage.look(&letter).is_none(Some(Code::NoDecryptionKey), "encrypted is not signed");
}

#[test]
fn r_b19_one_key_two_people() {
    let Some(stage) = stage() else { return };
    // The authority certifies Alice's key for Mallory as well: each certificate fits each signature.
    let (request, double) = (stage.pki.folder().join("double.csr"), stage.pki.folder().join("double.pem"));
    let openssl = |words: &str| stage.pki.openssl(words);
    let words = "req -new -config ca.cnf -subj /CN=double -key";
    openssl(words).arg(&stage.alice_leaf.key).arg("-out").arg(&request).ok();
    let extensions = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n\
                      extendedKeyUsage=emailProtection\nsubjectKeyIdentifier=hash\n\
                      authorityKeyIdentifier=keyid\nsubjectAltName=email:mallory@evil.example\n";
    fs::write(stage.pki.folder().join("double.cnf"), extensions).unwrap();
    let words = "x509 -req -CA intermediate.pem -CAkey intermediate.key -days 3000 -extfile double.cnf -in";
    openssl(words).arg(&request).arg("-out").arg(&double).ok();
    let double = crate::cms::certificate(&double);
    let identifier = tlv(0x80, &key_identifier(&stage.alice.certificate));
    assert_eq!(identifier, tlv(0x80, &key_identifier(&double)), "one key identifier");
    let mut signer = Signer::new(&stage.alice, CONTENT);
    signer.name = identifier;
    let intermediate = stage.intermediate();
    let (hers, both): (&[u8], [&[u8]; 2]) = (&stage.alice.certificate, [&double, &stage.alice.certificate]);
    let at = crate::stage::now();
    let cms = Cms::new(None, vec![signer.der(CONTENT)], &[hers, &intermediate]).der();
    look(&stage.cx(), &detached(ALICE, CONTENT, &cms), at).is_good_for(ALICE);
    for order in [[both[0], both[1]], [both[1], both[0]]] {
        let cms = Cms::new(None, vec![signer.der(CONTENT)], &[order[0], order[1], &intermediate]).der();
        for from in [ALICE, "mallory@evil.example"] {
            look(&stage.cx(), &detached(from, CONTENT, &cms), at).is_caution(Code::SignerAmbiguous, from);
        }
    }
    // With a signing-certificate attribute there is no doubt.
    let mut set = attributes(CONTENT);
    let essential = seq(&[&seq(&[&seq(&[&tlv(4, &Sha256::digest(hers))])])]);
    set.push(attribute("1.2.840.113549.1.9.16.2.47", &essential));
    signer.attributes = Some(set);
    let cms = Cms::new(None, vec![signer.der(CONTENT)], &[both[0], both[1], &intermediate]).der();
    look(&stage.cx(), &detached(ALICE, CONTENT, &cms), at).is_good_for(ALICE);
    look(&stage.cx(), &detached("mallory@evil.example", CONTENT, &cms), at).is_not_good("bound to hers");
    let cms = Cms::new(None, vec![signer.der(CONTENT)], &[&double, &intermediate]).der();
    look(&stage.cx(), &detached("mallory@evil.example", CONTENT, &cms), at).is_not_good("exchanged");
}

/// The key identifier as its authority computed it, which is the same as for the other certificate of that key.
fn key_identifier(certificate: &[u8]) -> Vec<u8> {
    let wanted = oid("2.5.29.14");
    let at = certificate.windows(wanted.len()).position(|window| window == wanted).unwrap() + wanted.len();
    certificate[at + 4..at + 24].to_vec()
}

#[test]
fn r_b20_certificates_count_at_the_time_of_looking() {
    let Some(stage) = stage() else { return };
    let expired = stage.pki.leaf_with(ALICE, KeyType::P256, Profile::Expired);
    let expired = Person::ecdsa(&stage.pki, &expired);
    // A signing time before the end is a claim of the signer, who may lie about it.
    let mut signer = Signer::new(&expired, CONTENT);
    let mut set = attributes(CONTENT);
    set[1] = attribute(crate::cms::SIGNING_TIME, &tlv(0x17, b"240601000000Z"));
    signer.attributes = Some(set);
    let seen = seen(&stage, &signer, CONTENT);
    seen.is_caution(Code::SignerExpired, "back-dated");
    assert_eq!(seen.trust, [Trust::Expired]);
    let letter = detached(ALICE, CONTENT, &alone(&stage, &Signer::new(&stage.alice, CONTENT), CONTENT));
    for year in [1970, 2023, 2041, 2107, 9999_i64] {
        let at = UnixTime::from_seconds((year - 1970) * 31_556_952);
        look(&stage.cx(), &letter, at).is_not_good(&format!("in {year}"));
    }
    look(&stage.cx(), &letter, AT).is_good_for(ALICE);
    let purpose = stage.pki.leaf_with(ALICE, KeyType::P256, Profile::WithoutEmailProtection);
    let purpose = Person::ecdsa(&stage.pki, &purpose);
    let signer = Signer::new(&purpose, CONTENT);
    let cms =
        Cms::new(Some(CONTENT), vec![signer.der(CONTENT)], &[&purpose.certificate, &stage.intermediate()]);
    assert!(openssl_accepts(&stage, &cms.der()), "openssl, if told to take any purpose");
    stage.look(&opaque(ALICE, &cms.der())).is_caution(Code::SignerNotForMail, "for TLS");
    let _ = DATA;
}
