//! Thunderbird's S/MIME letters, made by NSS: alone, in each other, by SHA-1 and SHA-2, damaged.

use std::fs;

use mailseal::Outcome;
use mailseal::report::{Code, Decryption, Integrity};

use crate::encrypted::wrapped;
use crate::keys::Keys;
use crate::letters::{Given, Judged, corpus, expected, noon};

const FOLDER: &str = "mailnews/test/data/smime";
const ALICE: &str = "Alice@example.com";
const DAVE: &str = "Dave@example.com";

/// What the name of a letter says about it: layers apart by dots, the innermost first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// The outermost layer is encryption.
    Encrypted,
    /// Signed, and something in it is encrypted.
    EncryptedInside,
    /// Octets were changed, or the content lies beside a content in the signature.
    Damaged,
    /// Signed by Alice, and around it by Dave, from Dave.
    Twice,
    Once,
}

impl Kind {
    fn of(file: &str) -> Self {
        let name = file.rsplit('/').next().unwrap();
        match name {
            _ if name.ends_with(".env.eml") || name.ends_with(".env") => Self::Encrypted,
            _ if name.contains(".env.") || name.contains("-enc") => Self::EncryptedInside,
            _ if name.contains(".bad.") || name.contains(".mismatch-econtent.") => Self::Damaged,
            _ if name.contains(".dave.") => Self::Twice,
            _ => Self::Once,
        }
    }
}

#[test]
fn thunderbird_smime() {
    let Some(folder) = corpus("thunderbird-smime") else { return };
    let given = Given::anchors(&[folder.join(FOLDER).join("TestCA.pem")]);
    let expected = expected(&folder);
    for (list, given) in [("default", given.clone()), ("allow_sha1", given.sha1())] {
        let mut counts = std::collections::BTreeMap::new();
        let mut good = 0;
        for stated in expected[list].as_array().unwrap() {
            let file = stated["file"].as_str().unwrap();
            let letter = fs::read(folder.join(file)).unwrap();
            let judged = Judged::new(&given, &letter, noon("2026-10-01"), &[ALICE, DAVE]);
            as_stated(&judged, file, stated["signature_good"] == true, given.sha1);
            good += u32::from(judged.is(Outcome::Good));
            *counts.entry(Kind::of(file)).or_insert(0) += 1;
        }
        println!(
            "thunderbird-smime, {list}: {} letters, {good} good, {counts:?}",
            counts.values().sum::<u32>()
        );
        // Alone, by each hash, beside its content or around it; twice, by each hash in four ways.
        assert_eq!(good, if given.sha1 { 8 + 16 } else { 6 + 12 });
    }
}

fn as_stated(judged: &Judged, file: &str, good: bool, sha1: bool) {
    let context = format!("{file}: {:#?}", judged.report.layers);
    let weak = file.contains("SHA1") && !sha1;
    assert!(!weak || !judged.integrity().contains(&Integrity::Intact), "{context}");
    match Kind::of(file) {
        Kind::Encrypted => {
            assert!(judged.is(Outcome::None) && judged.because(Code::NoDecryptionKey), "{context}");
        }
        Kind::EncryptedInside if judged.integrity().iter().all(|integrity| integrity.holds()) => {
            assert!(judged.is(Outcome::Caution) && judged.because(Code::NoDecryptionKey), "{context}");
        }
        // The signature was made over LF, and the letters have CRLF; or it is another letter's.
        Kind::EncryptedInside => {
            assert!(!file.contains("opaque") && judged.is(Outcome::Bad), "{context}");
        }
        Kind::Damaged => {
            assert!(!good && judged.is(Outcome::Bad), "{context}");
        }
        Kind::Twice if weak => {
            assert!(!good && judged.is(Outcome::Caution) && judged.because(Code::WeakAlgorithm), "{context}");
        }
        // Thunderbird judges only one of the four ways to sign twice. In all of them the outer signature is Dave's.
        Kind::Twice => {
            assert!(judged.is(Outcome::Good), "{context}");
            assert_eq!(judged.given_out, [DAVE], "{context}");
            assert_eq!(judged.report.signed_layers().count(), 2, "{context}");
            assert!(judged.report.signed_layers().all(|layer| layer.envelope), "{context}");
        }
        Kind::Once => {
            assert_eq!(judged.is(Outcome::Good), good, "{context}");
            assert_eq!(judged.given_out, if good { vec![ALICE] } else { vec![] }, "{context}");
            assert_eq!(weak, judged.because(Code::WeakAlgorithm), "{context}");
            assert!(good || judged.is(Outcome::Caution), "{context}");
            // Date is six hours after the time of signing.
            assert_eq!(file.contains(".future."), judged.because(Code::DateDiffers), "{context}");
        }
    }
}

/// With Bob's and Fran's keys, what is said of the text inside and of the signature inside.
#[test]
fn thunderbird_smime_opened() {
    let (Some(folder), Some(keys)) = (corpus("thunderbird-smime"), Keys::get()) else { return };
    let given = Given::anchors(&[folder.join(FOLDER).join("TestCA.pem")]).keys(keys.of("thunderbird-smime"));
    let (mut opened, mut good) = (0, 0);
    for stated in expected(&folder)["default"].as_array().unwrap() {
        let file = stated["file"].as_str().unwrap();
        let octets = fs::read(folder.join(file)).unwrap();
        let letter = wrapped(&octets).unwrap_or(octets);
        let judged = Judged::new(&given, &letter, noon("2026-10-01"), &[ALICE]);
        let context = format!("{file}: {:?}: {:#?}", judged.verdict, judged.report.layers);
        match judged.decryption() {
            None => continue,
            // A label of OAEP that is not empty (RFC 4055 §4.1), and a part that is not the letter (R-A1).
            Some(Decryption::Failed) if file.contains("oaep-label") => {
                assert!(judged.payload.is_none() && judged.because(Code::NotDecrypted), "{context}");
                continue;
            }
            Some(Decryption::NotTried) if file.contains("env.mixed") => {
                assert!(judged.because(Code::EncryptedPart) && !judged.reads("This is a test"), "{context}");
                continue;
            }
            decryption => assert_eq!(decryption, Some(Decryption::Opened), "{context}"),
        }
        opened += 1;
        assert!(
            judged.reads(stated["text_contains"].as_str().unwrap_or("This is a test message")),
            "{context}"
        );
        let is_good = judged.is(Outcome::Good);
        good += u32::from(is_good);
        assert_eq!(judged.given_out.is_empty(), !is_good, "{context}");
        if stated["signature_good"] == true {
            // Inside out: what was signed was encrypted already (R-B18), or a broken signature of the same key is outside.
            let outside = judged.because(Code::SignedCiphertext) || judged.because(Code::Altered);
            assert!(is_good || judged.is(Outcome::Caution) && outside, "{context}");
        } else {
            assert!(!is_good, "{context}");
        }
    }
    println!("thunderbird-smime: {opened} opened, {good} of them good");
    assert_eq!((opened, good), (33, 7));
}
