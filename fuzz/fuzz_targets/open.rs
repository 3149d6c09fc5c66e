//! Any octets as a letter: opened, judged and put in words, in both languages. No anchors, so never good.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailseal::{Context, Opener, Outcome, Policy, TrustStore, UnixTime};

fuzz_target!(|letter: &[u8]| {
    let opener = Opener::new(&Context::new(TrustStore::new()));
    let Ok(opened) = opener.open(letter, UnixTime::from_seconds(1_800_000_000)) else { return };
    let verdict = Policy::standard().judge(&opened.report);
    assert_ne!(verdict.outcome, Outcome::Good);
    for language in ["en", "ja"] {
        let _ = verdict.text(&opened.report).language(language).explain(true).to_string();
    }
});
