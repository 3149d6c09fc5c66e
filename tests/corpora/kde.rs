//! KMail's, Apple Mail's and others' letters, as KDE's mimetreeparser states them.

use std::fs;

use mailseal::report::{Code, Integrity, Layer};
use mailseal::{Certificate, Outcome};

use crate::letters::{Given, Judged, corpus, expected, noon};

/// The X.509 certificates of KDE's keyring (a GnuPG keybox, which holds them as DER among other things).
pub(crate) fn certificates() -> Option<Vec<Vec<u8>>> {
    let keybox = fs::read(corpus("kde-mimetreeparser")?.join("gnupg_home/pubring.kbx")).unwrap();
    let (mut found, mut place) = (Vec::new(), 0);
    while let Some(head) = keybox.get(place..place + 6) {
        let length = 4 + usize::from(u16::from_be_bytes([head[2], head[3]]));
        let is_certificate = head[..2] == [0x30, 0x82] && head[4..] == [0x30, 0x82];
        if is_certificate && place + length <= keybox.len() {
            found.push(keybox[place..place + length].to_vec());
            place += length;
        } else {
            place += 1;
        }
    }
    assert_eq!(found.len(), 4);
    Some(found)
}

#[test]
fn kde_mimetreeparser() {
    let (Some(folder), Some(x509)) = (corpus("kde-mimetreeparser"), certificates()) else { return };
    let ring = fs::read(folder.join("gnupg_home/pubring.gpg")).unwrap();
    let mut given = Given { anchors: Certificate::load(&ring).unwrap(), ..Given::default() }.sha1();
    given.certificates = x509.iter().flat_map(|der| Certificate::load(der).unwrap()).collect();
    let expected = expected(&folder);
    let stated = expected["messages"].as_array().unwrap();
    let (mut verdicts, mut encrypted, mut plain) = (0, 0, 0);
    for message in stated {
        let file = message["file"].as_str().unwrap();
        let letter = fs::read(folder.join(file)).unwrap();
        // Their keys have no end; the letters are of 2010 to 2026.
        let judged = Judged::new(&given, &letter, noon("2026-11-01"), &[]);
        let part = &message["first_content_part"];
        let layers = part["encryption_layers"].as_u64().unwrap_or_default() > 0 || file.contains("encrypted");
        let context = format!("{file}: {part}: {:#?}", judged.report);
        if layers {
            // Not opened: nothing is known of what is inside.
            assert!(
                judged.report.layers.iter().any(|layer| matches!(layer, Layer::Encrypted(_))),
                "{context}"
            );
            assert!(judged.is(Outcome::None) && judged.because(Code::NotDecrypted), "{context}");
            encrypted += 1;
            continue;
        }
        match part["signature_verdict"].as_str() {
            Some("Good") => assert!(judged.is(Outcome::Good), "{context}"),
            Some("NotSoGood") => {
                assert!(judged.is(Outcome::Caution) && judged.because(Code::SignerNotFrom), "{context}");
                assert_eq!(judged.integrity(), [Integrity::Intact], "{context}");
            }
            Some("Bad") => assert!(judged.is(Outcome::Bad), "{context}"),
            _ => assert!(judged.is(Outcome::None) && judged.report.layers.is_empty(), "{context}"),
        }
        verdicts += u32::from(part["signature_verdict"].is_string());
        plain += u32::from(!part["signature_verdict"].is_string());
    }
    println!(
        "kde-mimetreeparser: {} letters: {verdicts} verdicts, {plain} without a layer, {encrypted} encrypted",
        stated.len()
    );
    assert_eq!((verdicts, plain, encrypted), (3, 8, 8));
}
