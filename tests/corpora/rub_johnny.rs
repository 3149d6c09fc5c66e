//! Spoofed signatures ("Johnny, you are fired", USENIX Security 2019): no attack succeeds, and what is sound is good.

use std::fs;

use mailseal::report::{Code, Coverage, Integrity};
use mailseal::{Outcome, Policy};

use crate::letters::{Given, Judged, corpus, expected, noon};

const MANAGER: &str = "manager@bigcorporation.de";
const EVE: &str = "eve@bigcorporation.de";

#[test]
fn r_b15_rub_johnny() {
    let Some(folder) = corpus("rub-johnny") else { return };
    let assets = [
        "certificates/intermediate_ca.crt",
        "public-keys/manager@bigcorporation.asc",
        "public-keys/eve@bigcorporation.asc",
    ];
    let given = Given::anchors(&assets.map(|name| folder.join("assets").join(name)));
    let mut counts = [0; 4];
    let expected = expected(&folder);
    for (file, stated) in expected["messages"].as_object().unwrap() {
        let letter = fs::read(folder.join(file)).unwrap();
        let judged = Judged::new(&given, &letter, noon("2019-03-01"), &[MANAGER, EVE]);
        let said = stated["expected"].as_str().unwrap();
        let signer = stated["signer"].as_str().unwrap_or_default();
        let sound = said.starts_with("good signature");
        let of_eve = !sound && signer == EVE && !said.contains("no verified-sender verdict");
        assert_eq!(judged.is(Outcome::Good), sound || of_eve, "{file}: {said}: {:#?}", judged.verdict);
        let given_out: &[&str] = if sound || of_eve { &[signer] } else { &[] };
        assert_eq!(judged.given_out, given_out, "{file}: {said}");
        if of_eve {
            names_the_address(&judged, file);
        }
        if file.contains("others-sender-") || file.contains("sender-others") {
            assert!(judged.is(Outcome::Caution), "{file}");
        }
        if file.contains("i3-from-signer-others-sender") {
            assert!(judged.because(Code::SenderDiffers), "{file}: {:#?}", judged.verdict);
        }
        if said.starts_with("PGP inline") {
            speaks_for_itself(&judged, file);
        }
        mathematics(&judged, stated, file);
        let place = match judged.verdict.outcome {
            Outcome::None => 0,
            Outcome::Good => 1,
            Outcome::Caution => 2,
            Outcome::Bad => 3,
        };
        counts[place] += 1;
    }
    let [none, good, caution, bad] = counts;
    println!(
        "rub-johnny: {} letters: {good} good, {caution} caution, {bad} bad, {none} none",
        counts.iter().sum::<u32>()
    );
    assert_eq!((counts.iter().sum::<u32>(), good), (59, 7));
}

/// The signature at the root fits exactly where OpenSSL and GnuPG found that it does.
fn mathematics(judged: &Judged, stated: &serde_json::Value, file: &str) {
    let root = judged.report.signed_layers().find(|layer| layer.envelope && !layer.opaque);
    let holds = root.is_some_and(|layer| {
        !layer.signatures.is_empty() && layer.signatures.iter().all(|one| one.integrity == Integrity::Intact)
    });
    assert_eq!(
        holds,
        stated["root_signature_cryptographically_good"] == true,
        "{file}: {:#?}",
        judged.report.layers
    );
}

/// The display name says manager; who is named is eve.
fn names_the_address(judged: &Judged, file: &str) {
    let signer = judged.report.signatures().next().unwrap().signer.as_ref().unwrap();
    assert_eq!((signer.mailbox.as_str(), signer.is_from), (EVE, true), "{file}");
    assert_eq!(judged.report.from.mailboxes, [EVE], "{file}");
    let text = judged.verdict.text(&judged.report).to_string();
    for line in text.lines() {
        assert!(!line.contains(MANAGER) || line.contains(EVE), "{file}: {text}");
    }
    assert!(text.contains(EVE), "{file}: {text}");
}

/// An inline signature covers only itself (R-B11).
fn speaks_for_itself(judged: &Judged, file: &str) {
    assert!(
        judged.is(Outcome::Caution) && judged.saw(Code::InlineSignature),
        "{file}: {:#?}",
        judged.verdict
    );
    let layer = judged.report.signed_layers().next().unwrap();
    assert!(matches!(layer.covers, Coverage::Partial { .. }) && !layer.envelope, "{file}: {layer:#?}");
    assert_eq!(judged.integrity(), [Integrity::Intact], "{file}");
    assert_ne!(Policy::strict().judge(&judged.report).outcome, Outcome::Good, "{file}");
}
