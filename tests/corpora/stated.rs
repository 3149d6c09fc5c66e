//! What smaller corpora state by the names of their files or in the text that they come from.

use std::fs;

use mailseal::Outcome;
use mailseal::report::{Code, Integrity};

use crate::letters::{Given, Judged, corpus, files, noon};
use crate::peers::wrapped;

fn judged(corpus: &std::path::Path, file: &str) -> Judged {
    let octets = fs::read(corpus.join(file)).unwrap();
    let letter = wrapped(&octets).unwrap_or(octets);
    Judged::new(&Given::default(), &letter, noon("2026-06-01"), &[])
}

/// RFC 4134 §4: all are genuine. Most are by DSA, which is not supported; never is one called altered.
#[test]
fn rfc_4134() {
    let Some(folder) = corpus("bc-test-data/rfc4134") else { return };
    for (file, signers) in [("4.1", 1), ("4.4", 1), ("4.6", 2), ("4.7", 1), ("4.10", 1)] {
        let judged = judged(&folder, &format!("{file}.bin"));
        assert_eq!(judged.integrity(), vec![Integrity::Unverified; signers], "{file}: {:#?}", judged.report);
        assert!(judged.is(Outcome::Caution) && judged.saw(Code::UnsupportedAlgorithm), "{file}");
    }
    for file in ["4.8.eml", "4.9.eml"] {
        assert_eq!(judged(&folder, file).integrity(), [Integrity::Unverified], "{file}");
    }
    for file in ["4.2.bin", "4.5.bin"] {
        let judged = judged(&folder, file);
        assert_eq!(judged.integrity(), [Integrity::Weak], "{file}: {:#?}", judged.report);
        assert!(judged.is(Outcome::Caution) && judged.because(Code::WeakAlgorithm), "{file}");
    }
    // Without content, and without signers.
    for file in ["4.3.bin", "4.11.bin"] {
        assert!(judged(&folder, file).is(Outcome::None), "{file}");
    }
    println!("bc-test-data: RFC 4134: 11 signed messages");
}

/// OpenSSL's test data: what is bad by its name never holds.
#[test]
fn r_b6_openssl() {
    let Some(folder) = corpus("openssl/test") else { return };
    let mut bad = 0;
    for file in files(&folder.join("recipes/80-test_cms_data")) {
        let name = file.file_name().unwrap().to_str().unwrap();
        if !name.ends_with(".cms") || name.starts_with("ciphertext") {
            continue;
        }
        let judged = judged(&folder, &format!("recipes/80-test_cms_data/{name}"));
        assert_eq!(judged.integrity(), [Integrity::Malformed], "{name}: {:#?}", judged.report);
        assert!(judged.is(Outcome::Bad), "{name}");
        bad += 1;
    }
    assert_eq!(judged(&folder, "smime-eml/pkcs7-empty-digest-set.eml").integrity(), [Integrity::Malformed]);
    let pkits = judged(&folder, "smime-eml/SignedInvalidMappingFromanyPolicyTest7.eml");
    assert!(pkits.integrity().iter().all(|integrity| integrity.holds()) && pkits.is(Outcome::Caution));
    println!("openssl: {bad} bad structures, an empty digestAlgorithms, a letter of PKITS");
    assert_eq!(bad, 4);
}

/// The digest fits the canonical form, the key is refused: not altered.
#[test]
fn line_ends_are_repaired_where_the_key_is_refused() {
    let Some(folder) = corpus("libetpan/unittest/mime-parser/data/input/mbox/jwz") else { return };
    for file in ["112", "129"] {
        let judged = judged(&folder, file);
        assert_eq!(judged.integrity(), [Integrity::Unverified], "{file}: {:#?}", judged.report);
        assert!(judged.saw(Code::LineEndsRepaired) && judged.saw(Code::UnsupportedAlgorithm), "{file}");
    }
}

#[test]
fn mimekit() {
    let Some(folder) = corpus("mimekit/TestData/smime") else { return };
    let judged = judged(&folder, "thunderbird-signed.txt");
    assert!(judged.integrity().iter().all(|integrity| integrity.holds()), "{:#?}", judged.report);
    assert_eq!(judged.integrity().len(), 1);
    println!("mimekit: Thunderbird's signature fits");
}

/// ML-DSA is not known: nothing is claimed about these, good or bad.
#[test]
fn ml_dsa() {
    let Some(folder) = corpus("lamps-cms-ml-dsa") else { return };
    let mut seen = 0;
    for file in files(&folder) {
        let Some(letter) = wrapped(&fs::read(&file).unwrap()) else { continue };
        let judged = Judged::new(&Given::default(), &letter, noon("2026-06-01"), &[]);
        assert_eq!(judged.integrity(), [Integrity::Unverified], "{}: {:#?}", file.display(), judged.report);
        assert!(judged.is(Outcome::Caution), "{}", file.display());
        seen += 1;
    }
    println!("lamps-cms-ml-dsa: {seen} structures, undecided");
    assert!(seen > 0);
}
