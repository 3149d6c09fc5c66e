//! KMail's, Apple Mail's and others' letters, as KDE's mimetreeparser states them.

use std::fs;

use mailseal::report::{Code, Decryption, Integrity};
use mailseal::{Certificate, Outcome};

use crate::keys::Keys;
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
    given.keys = Keys::get().map(|keys| keys.of("kde-mimetreeparser")).unwrap_or_default();
    let expected = expected(&folder);
    let stated = expected["messages"].as_array().unwrap();
    let (mut verdicts, mut encrypted, mut opened, mut plain) = (0, 0, 0, 0);
    for message in stated {
        let file = message["file"].as_str().unwrap();
        let letter = fs::read(folder.join(file)).unwrap();
        // Their keys have no end; the letters are of 2010 to 2026.
        let judged = Judged::new(&given, &letter, noon("2026-11-01"), &[]);
        let part = &message["first_content_part"];
        let layers = part["encryption_layers"].as_u64().unwrap_or_default() > 0 || file.contains("encrypted");
        let context = format!("{file}: {part}: {:#?}", judged.report);
        if layers {
            let text = part["plain_text"].as_str().unwrap_or_default();
            let signed = part["signatures"].as_u64().unwrap_or_default() > 0;
            opened += u32::from(as_stated(&given, &letter, &judged, text, signed, &context));
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
        "kde-mimetreeparser: {} letters: {verdicts} verdicts, {plain} without a layer, {encrypted} encrypted, {opened} of them read",
        stated.len()
    );
    assert_eq!((verdicts, plain, encrypted, opened), (3, 8, 8, 6));
}

/// The letter, or its encrypted part by its place, reads as stated. True unless it is to a key that is not given.
fn as_stated(given: &Given, letter: &[u8], judged: &Judged, text: &str, signed: bool, context: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    match judged.decryption() {
        // S/MIME, to an RSA key of 1024 bits that only GnuPG's agent has.
        Some(Decryption::NoKey) => {
            assert!(context.contains("smime") && judged.because(Code::NoDecryptionKey), "{context}");
            return false;
        }
        Some(Decryption::Opened) => {
            assert!(judged.reads(first), "{context}");
            let broken =
                |integrity: &Integrity| matches!(integrity, Integrity::Altered | Integrity::Malformed);
            assert!(judged.integrity().is_empty() != signed, "{context}");
            assert!(!judged.integrity().iter().any(broken), "{context}");
        }
        // Inline, or beside something else: it says nothing about the letter (R-A1, R-B11).
        _ => {
            assert!(judged.is(Outcome::None) && judged.saw_sealed(Code::EncryptedPart), "{context}");
            assert!(first.is_empty() || !judged.reads(first), "{context}");
            let layer = judged.sealed().next().unwrap();
            let part = given.opener().open_part(letter, &layer.part, noon("2026-11-01")).unwrap();
            let Some(text) = part.payload() else {
                // Said to be quoted-printable, and is not: the = of the base64 becomes a soft line break.
                assert!(context.contains("crlf-encrypted-with-signature"), "{context}");
                return false;
            };
            let text = text.octets(1 << 20).unwrap();
            assert!(String::from_utf8_lossy(&text).contains(first), "{context}");
        }
    }
    true
}
