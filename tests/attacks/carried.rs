//! Encrypted letters that were compressed, and those that a mail server rewrote.

use std::io::Write;

use mailseal::cms::CompressedWriter;
use mailseal::report::{Code, Decryption, Layer, Protocol};
use mailseal::{Error, Limits, Opener};

use crate::cms::base64;
use crate::people::{BOTH, People, SECRET, encrypted, entity, holds, outcome, payload, people};
use crate::stage::AT;

fn compressed(entity: &[u8]) -> Vec<u8> {
    let mut writer = CompressedWriter::new(Vec::new()).unwrap();
    writer.write_all(entity).unwrap();
    let head = "Content-Type: application/pkcs7-mime; smime-type=compressed-data; name=smime.p7z\r\n\
                Content-Transfer-Encoding: base64\r\n\r\n";
    [head.as_bytes(), base64(&writer.finish().unwrap()).as_bytes()].concat()
}

fn letter(entity: &[u8]) -> Vec<u8> {
    [&b"From: alice@example.org\r\nTo: bob@example.com\r\nMIME-Version: 1.0\r\n"[..], entity].concat()
}

#[test]
fn r_d3_compressed_around_encrypted_and_once_only() {
    let Some(people) = people() else { return };
    for protocol in BOTH {
        let once = compressed(&entity(&people.sealed(protocol)));
        let around = letter(&once);
        let opened = people.open(&around);
        let layers = &opened.report.layers;
        assert!(matches!(&layers[0], Layer::Compressed(layer) if layer.envelope), "{layers:#?}");
        assert_eq!(encrypted(&opened.report)[0].decryption, Decryption::Opened);
        assert!(holds(&payload(&opened), SECRET), "{protocol:?}");
        let twice = letter(&compressed(&once));
        let refused = people.opener().open(&twice, AT);
        assert!(matches!(refused, Err(Error::Limit { name: "compressions", limit: 1 })), "{protocol:?}");
        let allowed = people.cx.clone().limits(Limits::default().compressions(2));
        let opener = people.bob.iter().cloned().fold(Opener::new(&allowed), Opener::key);
        assert!(holds(&payload(&opener.open(&twice, AT).unwrap()), SECRET), "{protocol:?}");
    }
}

#[test]
fn r_d3_compressed_without_end() {
    let Some(people) = people() else { return };
    let bomb = letter(&compressed(&vec![b'x'; 64 << 20]));
    assert!(bomb.len() < 1 << 20);
    assert!(matches!(people.opener().open(&bomb, AT), Err(Error::Limit { name: "expanded_ratio", .. })));
}

/// What Exchange and the Gmail API make of a multipart/encrypted.
fn rewritten(people: &People, text: &str) -> Vec<u8> {
    let sealed = String::from_utf8(people.sealed(Protocol::Openpgp)).unwrap();
    let start = sealed.find("-----BEGIN PGP MESSAGE").unwrap();
    let end = sealed.find("-----END PGP MESSAGE-----").unwrap() + "-----END PGP MESSAGE-----".len();
    let armor = &sealed[start..end];
    letter(
        format!(
            "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: text/plain\r\n\r\n{text}\r\n\
             --m\r\nContent-Type: application/pgp-encrypted; name=\"PGPMIME Versions Identification\"\r\n\r\n\
             Version: 1\r\n\r\n--m\r\nContent-Type: application/octet-stream; name=\"encrypted.asc\"\r\n\r\n\
             {armor}\r\n--m--\r\n"
        )
        .as_bytes(),
    )
}

#[test]
fn r_a1_a_rewritten_letter_is_put_together_only_where_nothing_else_is_in_it() {
    let Some(people) = people() else { return };
    for blank in ["", "\r\n", " \r\n\t"] {
        let letter = rewritten(&people, blank);
        let opened = people.open(&letter);
        let layer = encrypted(&opened.report)[0];
        assert_eq!((layer.decryption, layer.envelope), (Decryption::Opened, true), "{blank:?}");
        assert!(layer.findings.iter().any(|one| one.code == Code::EncryptionRepaired), "{blank:?}");
        assert!(holds(&payload(&opened), SECRET), "{blank:?}");
    }
    for words in ["See below.", "<img src=\"http://evil.example/", &"\r\n".repeat(100)] {
        let letter = rewritten(&people, words);
        let opened = people.open(&letter);
        assert!(encrypted(&opened.report).iter().all(|layer| layer.decryption != Decryption::Opened));
        assert!(!holds(&payload(&opened), SECRET), "{words:?}");
        assert_ne!(outcome(&opened.report), mailseal::Outcome::Good, "{words:?}");
    }
}
