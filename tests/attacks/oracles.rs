//! What a sender could learn from how a letter failed (R-A10).

use mailseal::report::{Decryption, Protocol};

use crate::cms::base64;
use crate::people::{encrypted, people};
use crate::stage::AT;

/// Wrong padding, a key of another length, another key, another tag: one report, to the last letter.
#[test]
fn r_a10_how_the_key_failed_is_not_told() {
    let Some(people) = people() else { return };
    let letter = String::from_utf8(people.sealed(Protocol::Smime)).unwrap();
    let (head, body) = letter.split_at(letter.find("\r\n\r\n").unwrap() + 4);
    let text: String = body.chars().filter(|letter| !letter.is_whitespace()).collect();
    let octets = base64_simd::STANDARD.decode_to_vec(text).unwrap();
    let key = octets.windows(4).position(|window| window == [4, 0x82, 1, 0]).unwrap() + 4;
    let encrypted_key = |change: &dyn Fn(&mut [u8])| {
        let mut bent = octets.clone();
        change(&mut bent[key..key + 256]);
        bent
    };
    let public = people.bob[0].certificate();
    let wrapped = |octets: &[u8]| {
        let mailseal::Certificate::X509(certificate) = &public else { panic!("X.509") };
        let provider = mailseal::crypto::Provider::default();
        let scheme = mailseal::crypto::RsaEncryption::Pkcs1;
        let public = certificate.public_key().unwrap();
        provider.encrypt_to(scheme, public, octets).unwrap()
    };
    let mut all = vec![
        encrypted_key(&|key| key.fill(0)),
        encrypted_key(&|key| key.fill(0xff)),
        encrypted_key(&|key| key[255] ^= 1),
    ];
    for length in [0, 1, 16, 24, 31, 32, 33, 64] {
        let other = wrapped(&vec![7; length]);
        all.push(encrypted_key(&|key| key.copy_from_slice(&other)));
    }
    let mut tag = octets.clone();
    *tag.last_mut().unwrap() ^= 1;
    all.push(tag);
    let mut seen = std::collections::BTreeSet::new();
    for bent in all {
        let letter = format!("{head}{}", base64(&bent));
        let opened = people.opener().open(letter.as_bytes(), AT).unwrap();
        assert!(opened.payload().is_none());
        let [layer] = encrypted(&opened.report)[..] else { panic!("one layer") };
        assert_eq!(layer.decryption, Decryption::Failed);
        let mut report = serde_json::to_value(&opened.report).unwrap();
        // The base64 has the same length, its last line need not.
        report["layers"][0]["range"] = serde_json::Value::Null;
        report["parts"] = serde_json::Value::Null;
        seen.insert(report.to_string());
    }
    assert_eq!(seen.len(), 1, "{seen:#?}");
}
