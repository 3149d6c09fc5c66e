//! Any octets as a letter that was changed, and as two copies: what was done is looked for, within the limits.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailseal::doctor::{Outcome, compare, diagnose};
use mailseal::{Context, Limits, TrustStore, UnixTime};

fuzz_target!(|letter: &[u8]| {
    let limits = Limits::default().diagnosis_candidates(300);
    let cx = Context::new(TrustStore::new()).limits(limits.clone());
    if let Ok(seen) = diagnose(&cx, letter, UnixTime::from_seconds(1_800_000_000)) {
        // Nobody here has a key that signed it; S/MIME brings its certificate along.
        let proved = matches!(seen.outcome, Outcome::Explained | Outcome::Mixed);
        assert!(!proved || !seen.changes.is_empty());
        let _ = (seen.text("en"), seen.text("ja"));
    }
    let (sent, received) = letter.split_at(letter.len() / 2);
    for (sent, received) in [(sent, received), (letter, sent), (letter, letter)] {
        let Ok(seen) = compare(sent, received, &limits) else { continue };
        assert_eq!(seen.changes.is_empty(), sent == received);
        let _ = (seen.text("en"), seen.profile("x"));
    }
});
