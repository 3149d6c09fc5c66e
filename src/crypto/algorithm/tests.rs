use super::*;
use HashAlgorithm::{Md5, Sha1, Sha3_256, Sha256, Sha384, Sha512};

fn oid_element(dotted: &str) -> Vec<u8> {
    der_octets(0x06, der::asn1::ObjectIdentifier::new(dotted).unwrap().as_bytes())
}

const NULL: &[u8] = &[5, 0];

fn identifier(dotted: &str, parameters: &[u8]) -> Vec<u8> {
    der_octets(0x30, &[&oid_element(dotted), parameters].concat())
}

fn unsupported(name: &str) -> AlgorithmError {
    AlgorithmError::Unsupported { name: name.to_owned() }
}

fn parameters(name: &str) -> AlgorithmError {
    AlgorithmError::Parameters { name: name.to_owned() }
}

#[test]
fn names_there_and_back() {
    for scheme in SignatureScheme::ALL {
        assert_eq!(scheme.to_string().parse(), Ok(scheme));
    }
    assert!("rsa".parse::<SignatureScheme>().is_err());
    for hash in HashAlgorithm::ALL {
        assert_eq!(HashAlgorithm::from_name(hash.name()), Some(hash));
    }
    assert_eq!(HashAlgorithm::from_name("SHA1"), Some(Sha1));
    assert_eq!(HashAlgorithm::from_name("sha256"), Some(Sha256));
    assert_eq!(HashAlgorithm::from_name("SHA3-256"), Some(Sha3_256));
    assert_eq!(HashAlgorithm::from_name("unknown"), None);
}

#[test]
fn r_b6_what_is_written_is_read() {
    for scheme in SignatureScheme::ALL {
        assert_eq!(digest(&scheme.digest_identifier()), Ok(scheme.hash()), "{scheme}");
        let read = signature(&scheme.signature_identifier(), Some(scheme.hash()), None);
        assert_eq!(read, Ok(scheme.algorithm()), "{scheme}");
    }
}

#[test]
fn r_b6_digest_parameters() {
    for hash in HashAlgorithm::ALL {
        let dotted = table::digest_oid(hash).unwrap().to_string();
        assert_eq!(digest(&identifier(&dotted, &[])), Ok(hash));
        assert_eq!(digest(&identifier(&dotted, NULL)), Ok(hash));
        for bad in [&[5, 0, 5, 0][..], &[4, 0], &[2, 1, 0], &[0x30, 0], &[5, 1, 0]] {
            assert!(digest(&identifier(&dotted, bad)).is_err(), "{hash} {bad:x?}");
        }
    }
    assert_eq!(digest(&identifier("2.16.840.1.101.3.4.2.12", &[])), Err(unsupported("shake256")));
    assert_eq!(digest(&identifier("1.2.3.4", &[])), Err(unsupported("1.2.3.4")));
    assert_eq!(digest(b""), Err(AlgorithmError::Malformed));
    assert_eq!(digest(b"\x30\x80\x06\x03\x2a\x03\x04\x00\x00"), Err(AlgorithmError::Malformed));
}

#[test]
fn r_b6_signature_parameters() {
    for row in table::SIGNATURES {
        for (what, octets) in
            [("absent", &[][..]), ("NULL", NULL), ("INTEGER", &[2, 1, 0]), ("SEQUENCE", &[0x30, 0])]
        {
            // The digest that belongs to the row, found by trying: all of them but one mismatch.
            let dotted = row.0.to_string();
            let der = identifier(&dotted, octets);
            let readable = HashAlgorithm::ALL.iter().any(|hash| signature(&der, Some(*hash), None).is_ok())
                || signature(&der, None, None).is_ok();
            let expected = match dotted.as_str() {
                "1.2.840.113549.1.1.10" => what == "SEQUENCE",
                "1.2.840.10045.2.1" => what == "absent" || what == "NULL",
                _ if row.1.contains("RSA") || row.1.contains("rsa") => what == "absent" || what == "NULL",
                _ => what == "absent",
            };
            assert_eq!(readable, expected, "{} with {what}", row.1);
        }
    }
}

#[test]
fn r_b6_hash_of_signature_and_digest_agree() {
    let rsa = identifier("1.2.840.113549.1.1.1", NULL);
    assert_eq!(signature(&rsa, Some(Sha256), None), Ok(SignatureAlgorithm::RsaPkcs1(Sha256)));
    assert!(matches!(signature(&rsa, None, None), Err(AlgorithmError::Unsupported { .. })));
    assert_eq!(signature(&rsa, Some(Md5), None), Err(unsupported("rsa-pkcs1-md5")));
    let mismatch = Err(AlgorithmError::Mismatch { signature: Sha256, digest: Sha1 });
    assert_eq!(signature(&identifier("1.2.840.113549.1.1.11", NULL), Some(Sha1), None), mismatch);
    assert_eq!(signature(&identifier("1.2.840.10045.4.3.2", &[]), Some(Sha1), None), mismatch);
    let ed25519 = identifier("1.3.101.112", &[]);
    assert_eq!(signature(&ed25519, None, None), Ok(SignatureAlgorithm::Ed25519));
    assert_eq!(signature(&ed25519, Some(Sha512), None), Ok(SignatureAlgorithm::Ed25519));
    let mismatch = Err(AlgorithmError::Mismatch { signature: Sha512, digest: Sha256 });
    assert_eq!(signature(&ed25519, Some(Sha256), None), mismatch);
    let pss = SignatureScheme::RsaPssSha384.signature_identifier();
    let mismatch = Err(AlgorithmError::Mismatch { signature: Sha384, digest: Sha256 });
    assert_eq!(signature(&pss, Some(Sha256), None), mismatch);
}

#[test]
fn known_by_name_only() {
    for (dotted, name) in [
        ("1.2.840.113549.1.1.4", "md5WithRSAEncryption"),
        ("1.2.840.10040.4.3", "id-dsa-with-sha1"),
        ("2.16.840.1.101.3.4.3.18", "id-ml-dsa-65"),
        ("1.2.3", "1.2.3"),
    ] {
        assert_eq!(signature(&identifier(dotted, NULL), None, None), Err(unsupported(name)));
    }
}

#[test]
fn r_c9_id_ec_public_key_as_signature_algorithm() {
    let key = KeyAlgorithm::Ec(Curve::P256);
    let named = identifier("1.2.840.10045.2.1", &oid_element("1.2.840.10045.3.1.7"));
    assert_eq!(signature(&named, Some(Sha256), Some(&key)), Ok(SignatureAlgorithm::Ecdsa(Sha256)));
    let wrong = Err(parameters("id-ecPublicKey"));
    assert_eq!(signature(&named, Some(Sha256), Some(&KeyAlgorithm::Ec(Curve::P384))), wrong);
    assert_eq!(signature(&named, Some(Sha256), None), wrong);
    let explicit = identifier("1.2.840.10045.2.1", &[0x30, 3, 2, 1, 1]);
    assert_eq!(signature(&explicit, Some(Sha256), Some(&key)), wrong);
}

fn pss(fields: &[&[u8]]) -> Result<SignatureAlgorithm, AlgorithmError> {
    signature(&identifier("1.2.840.113549.1.1.10", &der_octets(0x30, &fields.concat())), None, None)
}

#[test]
fn r_b6_pss_parameters() {
    let sha256 = identifier("2.16.840.1.101.3.4.2.1", NULL);
    let hash = der_octets(0xa0, &sha256);
    let mgf = der_octets(0xa1, &identifier("1.2.840.113549.1.1.8", &sha256));
    let (salt, trailer) = (&[0xa2, 3, 2, 1, 32][..], &[0xa3, 3, 2, 1, 1][..]);
    let all = SignatureAlgorithm::RsaPss { hash: Sha256, mgf: Sha256, salt: 32 };
    assert_eq!(pss(&[]), Ok(SignatureAlgorithm::RsaPss { hash: Sha1, mgf: Sha1, salt: 20 }));
    assert_eq!(pss(&[&hash, &mgf, salt]), Ok(all));
    assert_eq!(pss(&[&hash, &mgf, salt, trailer]), Ok(all));
    assert!(!all.has_odd_pss());
    let odd = pss(&[&hash, salt]).unwrap();
    assert_eq!(odd, SignatureAlgorithm::RsaPss { hash: Sha256, mgf: Sha1, salt: 32 });
    assert!(odd.has_odd_pss());
    let wrong = Err(parameters("id-RSASSA-PSS"));
    let not_mgf1 = der_octets(0xa1, &identifier("1.2.840.113549.1.1.9", &sha256));
    let mgf_alone = der_octets(0xa1, &identifier("1.2.840.113549.1.1.8", &[]));
    for fields in [
        &[&[0xa3, 3, 2, 1, 2][..]][..],  // trailer
        &[&[0xa2, 3, 2, 1, 0xff]],       // negative salt
        &[&[0xa2, 4, 2, 2, 0x7f, 0xff]], // absurd salt
        &[salt, &hash],                  // order
        &[&hash, &hash],
        &[salt, &[0xa4, 3, 2, 1, 1]], // unknown field
        &[&not_mgf1],
        &[&mgf_alone],
    ] {
        assert_eq!(pss(fields), wrong, "{fields:x?}");
    }
    let md5 = der_octets(0xa0, &identifier("1.2.840.113549.2.5", NULL));
    assert_eq!(pss(&[&md5]), Err(unsupported("rsa-pss-md5")));
    assert_eq!(signature(&identifier("1.2.840.113549.1.1.10", &[]), None, None), wrong);
}
