//! Thunderbird's S/MIME letters, made by NSS: alone, in each other, by SHA-1 and SHA-2, damaged.

use std::fs;

use mailseal::Outcome;
use mailseal::report::{Code, Integrity};

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
            assert!(judged.is(Outcome::None) && judged.because(Code::NotDecrypted), "{context}");
        }
        Kind::EncryptedInside if judged.integrity().iter().all(|integrity| integrity.holds()) => {
            assert!(judged.is(Outcome::Caution) && judged.because(Code::NotDecrypted), "{context}");
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
