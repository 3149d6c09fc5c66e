use super::*;

fn sha(hash: HashAlgorithm) -> Vec<u8> {
    hash_identifier(hash, NULL)
}

#[test]
fn r_a11_oaep_parameters() {
    use HashAlgorithm::{Md5, Sha1, Sha3_256, Sha224, Sha256, Sha384, Sha512};
    for hash in [Sha1, Sha256, Sha384, Sha512] {
        for mgf in [Sha1, Sha256, Sha384, Sha512] {
            let scheme = RsaEncryption::Oaep { hash, mgf };
            assert_eq!(key_transport(&scheme.identifier()), Ok(scheme));
        }
    }
    assert_eq!(key_transport(&RsaEncryption::Pkcs1.identifier()), Ok(RsaEncryption::Pkcs1));
    assert_eq!(key_transport(&identifier_of(oid::RSA, &[])), Ok(RsaEncryption::Pkcs1));
    assert!(key_transport(&identifier_of(oid::RSA, &[4, 0])).is_err());
    let read =
        |parameters: &[&[u8]]| key_transport(&identifier_of(OAEP, &der_octets(0x30, &parameters.concat())));
    let sha256 = RsaEncryption::Oaep { hash: Sha256, mgf: Sha256 };
    let hash = der_octets(0xa0, &sha(Sha256));
    let mask = der_octets(0xa1, &identifier_of(oid::MGF1, &sha(Sha256)));
    let source = |parameters: &[u8]| der_octets(0xa2, &identifier_of(P_SPECIFIED, parameters));
    // The default of the label, written out.
    assert_eq!(read(&[&hash, &mask, &source(&[4, 0])]), Ok(sha256));
    let refused = |parameters: &[&[u8]]| {
        let result = read(parameters);
        assert!(matches!(result, Err(AlgorithmError::Parameters { .. })), "{parameters:x?} {result:?}");
    };
    refused(&[&hash, &mask, &source(&[4, 1, 7])]);
    refused(&[&hash, &mask, &source(&[])]);
    refused(&[&hash, &mask, &source(NULL)]);
    refused(&[&hash, &mask, &der_octets(0xa2, &identifier_of(OAEP, &[4, 0]))]);
    refused(&[&mask, &hash]);
    refused(&[&hash, &mask, &[5, 0]]);
    for odd in [Md5, Sha224, Sha3_256] {
        refused(&[&der_octets(0xa0, &sha(odd)), &mask]);
        refused(&[&hash, &der_octets(0xa1, &identifier_of(oid::MGF1, &sha(odd)))]);
    }
    refused(&[&hash, &der_octets(0xa1, &identifier_of(oid::MGF1, &[]))]);
    refused(&[&hash, &der_octets(0xa1, &sha(Sha256))]);
    assert!(key_transport(&identifier_of(OAEP, &[])).is_err());
    assert!(key_transport(&identifier_of(OAEP, NULL)).is_err());
    let dsa = ObjectIdentifier::new_unwrap("1.2.840.10040.4.1");
    assert_eq!(
        key_transport(&identifier_of(dsa, &[])),
        Err(AlgorithmError::Unsupported { name: "id-dsa".into() })
    );
}

/// RFC 8418 §8, RFC 5753 §7.1.4: the octets of the capabilities are those of the identifiers.
#[test]
fn agreements_as_their_standards_write_them() {
    let known: [(&[u8], AgreementKdf, KeyWrapAlgorithm); 2] = [
        (
            b"\x30\x15\x06\x06\x2b\x81\x04\x01\x0b\x01\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x05",
            AgreementKdf::X963(HashAlgorithm::Sha256),
            KeyWrapAlgorithm::Aes128,
        ),
        (
            b"\x30\x1a\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03\x15\x30\x0b\x06\x09\x60\x86\x48\x01\x65\
              \x03\x04\x01\x2d",
            AgreementKdf::Hkdf(HashAlgorithm::Sha512),
            KeyWrapAlgorithm::Aes256,
        ),
    ];
    for (der, kdf, wrap) in known {
        let agreement = KeyAgreement::new(kdf, wrap);
        assert_eq!(agreement.identifier().as_deref(), Some(der));
        assert_eq!(key_agreement(der), Ok(agreement));
    }
    for (named, kdf) in AGREEMENTS {
        for (_, wrap) in KEY_WRAPS {
            let read = key_agreement(&identifier_of(named, &wrap.identifier())).unwrap();
            assert_eq!((read.kdf, read.wrap, read.key_info), (kdf, wrap, wrap.identifier()));
        }
    }
    let stddh = AGREEMENTS[0].0;
    for parameters in [&[][..], NULL, &[0x30, 0], &RsaEncryption::Pkcs1.identifier()] {
        assert!(key_agreement(&identifier_of(stddh, parameters)).is_err());
    }
    // id-alg-ESDH, MQV.
    for dotted in ["1.2.840.113549.1.9.16.3.5", "1.3.132.1.15.1"] {
        let der = identifier_of(ObjectIdentifier::new_unwrap(dotted), &KeyWrapAlgorithm::Aes128.identifier());
        assert!(matches!(key_agreement(&der), Err(AlgorithmError::Unsupported { .. })), "R-A14");
    }
}

#[test]
fn key_wraps() {
    for (named, wrap) in KEY_WRAPS {
        assert_eq!(key_wrap(&wrap.identifier()), Ok(wrap));
        assert!(key_wrap(&identifier_of(named, &[4, 0])).is_err());
    }
    let aes = identifier_of(KEY_WRAPS[0].0, NULL);
    assert_eq!(key_wrap(&aes), Ok(KeyWrapAlgorithm::Aes128));
    let rc2 = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.3.7");
    let name = "id-alg-CMSRC2wrap".into();
    assert_eq!(key_wrap(&identifier_of(rc2, &[2, 1, 58])), Err(AlgorithmError::Unsupported { name }));
}

#[test]
fn passwords() {
    for (_, hash) in HMACS {
        for key_length in [None, Some(16), Some(300)] {
            let pbkdf2_of = Pbkdf2 { salt: b"12345678".to_vec(), iterations: 100_000, key_length, hash };
            assert_eq!(pbkdf2(&pbkdf2_of.identifier()), Ok(pbkdf2_of));
        }
    }
    let read = |parameters: &[&[u8]]| pbkdf2(&identifier_of(PBKDF2, &der_octets(0x30, &parameters.concat())));
    let salt = der_octets(4, b"salt");
    assert!(read(&[&salt, &[2, 1, 1]]).is_ok());
    for wrong in [
        &[&*salt][..],
        &[&[2, 1, 1]],
        &[&salt, &[2, 1, 0]],
        &[&salt, &[2, 1, 0xff]],
        &[&salt, &[2, 5, 1, 0, 0, 0, 0]],
        &[&salt, &[2, 1, 1], &[5, 0]],
        &[&salt, &[2, 1, 1], &sha(HashAlgorithm::Sha256)],
    ] {
        assert!(read(wrong).is_err(), "{wrong:x?}");
    }
    let cipher = ContentCipher::Aes256Cbc.identifier(&[9; 16]).unwrap();
    let der = password_wrap_identifier(&cipher);
    assert_eq!(password_wrap(&der), Ok((ContentCipher::Aes256Cbc, vec![9; 16])));
    let gcm = ContentCipher::Aes256Gcm.identifier(&[9; 12]).unwrap();
    for inner in [&gcm[..], &super::super::content::derived(&cipher), &[], NULL] {
        assert!(password_wrap(&password_wrap_identifier(inner)).is_err());
    }
    assert!(password_wrap(&cipher).is_err());
}
