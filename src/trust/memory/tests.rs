//! Habits, who teaches them, and that memory only ever lowers.

use std::collections::BTreeMap;
use std::sync::Mutex;

use proptest::prelude::*;

use super::*;
use crate::limits::Limits;
use crate::policy::tests::properties::{FROM, reports};
use crate::policy::tests::reports::{layer, part, report, signature, time, unknown};
use crate::policy::{Outcome, Policy};
use crate::report::{Code, Evidence, Integrity, Layer, Report, Severity, Signature, SignedLayer, Trust};
use crate::time::UnixTime;

/// Remembers in memory.
#[derive(Default)]
struct Notebook(Mutex<BTreeMap<String, Correspondent>>);

impl Memory for Notebook {
    fn recall(&self, address: &Address) -> Result<Option<Correspondent>, Error> {
        Ok(self.0.lock().unwrap().get(&Correspondent::key(address)).cloned())
    }

    fn alike(&self, marks: &[String], most: usize) -> Result<Vec<Correspondent>, Error> {
        let known = self.0.lock().unwrap();
        let has = |one: &&Correspondent| one.marks().iter().any(|mark| marks.contains(mark));
        Ok(known.values().filter(has).take(most).cloned().collect())
    }

    fn learn(&self, lesson: &Lesson) -> Result<(), Error> {
        let mut known = self.0.lock().unwrap();
        let key = Correspondent::key(&lesson.address);
        let after = Correspondent::after(known.remove(&key), lesson);
        known.insert(key, after);
        Ok(())
    }
}

impl Notebook {
    /// Learns from a report so many times.
    fn after(self, report: &Report, times: usize) -> Self {
        for _ in 0..times {
            self.learn(&Lesson::of(report).unwrap()).unwrap();
        }
        self
    }

    fn put(&self, known: Correspondent) {
        self.0.lock().unwrap().insert(Correspondent::key(&known.address), known);
    }

    fn of(&self, address: &str) -> Correspondent {
        self.recall(&address.parse().unwrap()).unwrap().unwrap()
    }

    fn noted(&self, report: &Report) -> Report {
        let mut report = report.clone();
        note(self, &Limits::default(), &mut report).unwrap();
        report
    }

    /// All codes that memory adds to a report.
    fn codes(&self, report: &Report) -> Vec<Code> {
        let count = |report: &Report| all(report).len();
        let (noted, before) = (self.noted(report), count(report));
        let mut codes = all(&noted);
        assert!(codes.len() >= before);
        for code in all(report) {
            let at = codes.iter().position(|one| *one == code).unwrap();
            codes.remove(at);
        }
        codes
    }
}

fn all(report: &Report) -> Vec<Code> {
    let signatures = report.signatures().flat_map(|signature| &signature.findings);
    report.findings.iter().chain(signatures).map(|finding| finding.code).collect()
}

/// A letter with these signatures over all of it.
fn letter(from: &str, signatures: Vec<Signature>) -> Report {
    let layers: Vec<SignedLayer> =
        if signatures.is_empty() { vec![] } else { vec![layer("0", "1", signatures)] };
    report(from, layers, vec![part("0", "text/plain", 1)])
}

/// Trusted, by an anchor and with a key of these names.
fn trusted(from: &str, key: &str, anchor: &str) -> Signature {
    let mut made = signature(from, from, &["Root", from]);
    made.signer.as_mut().unwrap().certificate.fingerprint = key.into();
    for one in &mut made.evidence {
        if let Evidence::CertificationPath { steps, .. } = one {
            steps[0].fingerprint = anchor.into();
        }
    }
    made
}

/// Made by anybody.
fn own_make(from: &str, key: &str) -> Signature {
    let mut made = unknown(from, from);
    made.signer.as_mut().unwrap().certificate.fingerprint = key.into();
    made
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

const EVE: &str = "eve@example.com";

#[test]
fn r_c10_who_always_signs_is_missed_when_not() {
    let signed = letter(FROM, vec![trusted(FROM, "K", "A")]);
    let plain = letter(FROM, vec![]);
    let memory = Notebook::default().after(&signed, 2);
    assert_eq!(memory.codes(&plain), []);
    let memory = memory.after(&signed, 1);
    assert_eq!(memory.codes(&plain), [Code::UsuallySigned]);
    assert_eq!(memory.codes(&signed), [Code::SameSigner]);
    let noted = memory.noted(&plain);
    let verdict = Policy::standard().judge(&noted);
    assert_eq!((verdict.outcome, verdict.may_load_remote), (Outcome::None, false));
    assert!(verdict.reasons.iter().any(|reason| reason.code == Code::UsuallySigned), "{verdict:?}");
    assert!(Policy::standard().judge(&plain).may_load_remote);
    // Anyone can leave a signature out: it stays a finding, until the caller says that it is theirs.
    let memory = memory.after(&plain, 50);
    assert_eq!(memory.codes(&plain), [Code::UsuallySigned]);
    memory.learn(&Lesson::of(&plain).unwrap().vouched()).unwrap();
    assert_eq!(memory.codes(&plain), []);
}

/// In another case, it is the same habit; a stranger's signature is not theirs.
#[test]
fn r_c10_what_is_no_signature_of_theirs() {
    let memory = Notebook::default().after(&letter(FROM, vec![trusted(FROM, "K", "A")]), 3);
    assert_eq!(memory.codes(&letter("Heidi@example.org", vec![])), [Code::UsuallySigned]);
    let by_eve = letter(FROM, vec![signature(EVE, FROM, &["Root", EVE])]);
    assert_eq!(memory.codes(&by_eve), [Code::UsuallySigned]);
    let mut unverified = trusted(FROM, "K", "A");
    unverified.integrity = Integrity::Unverified;
    assert_eq!(memory.codes(&letter(FROM, vec![unverified])), [Code::UsuallySigned]);
    let mut altered = trusted(FROM, "K", "A");
    altered.integrity = Integrity::Altered;
    assert_eq!(memory.codes(&letter(FROM, vec![altered])), [], "that it was altered says more");
}

#[test]
fn r_c10_another_key_and_another_authority() {
    let memory = Notebook::default().after(&letter(FROM, vec![trusted(FROM, "K", "A")]), 3);
    let renewed = letter(FROM, vec![trusted(FROM, "L", "A")]);
    assert_eq!(memory.codes(&renewed), [Code::KeyRenewed]);
    assert_eq!(Policy::standard().judge(&memory.noted(&renewed)).outcome, Outcome::Good);
    let forged = letter(FROM, vec![own_make(FROM, "M")]);
    assert_eq!(memory.codes(&forged), [Code::KeyChanged]);
    // As when an authority was broken into.
    let other = letter(FROM, vec![trusted(FROM, "N", "B")]);
    assert_eq!(Policy::standard().judge(&other).outcome, Outcome::Good);
    let verdict = Policy::standard().judge(&memory.noted(&other));
    assert_eq!(verdict.outcome, Outcome::Caution);
    assert_eq!(verdict.reasons[0].code, Code::IssuerChanged);
    // The second one is no better.
    let memory = memory.after(&other, 20).after(&forged, 20);
    assert_eq!(memory.codes(&other), [Code::IssuerChanged]);
    assert_eq!(memory.codes(&forged), [Code::KeyChanged]);
    memory.learn(&Lesson::of(&other).unwrap().vouched()).unwrap();
    assert_eq!(memory.codes(&other), [Code::SameSigner]);
}

#[test]
fn r_c10_first_use_is_not_trust() {
    let own = letter(FROM, vec![own_make(FROM, "K")]);
    assert_eq!(Notebook::default().codes(&own), [Code::FirstLetter]);
    let memory = Notebook::default().after(&own, 14);
    assert_eq!(memory.codes(&own), [Code::SameSigner]);
    assert_eq!(memory.noted(&own).signatures().next().unwrap().findings[0].detail.as_deref(), Some("14"));
    assert_eq!(Policy::standard().judge(&memory.noted(&own)).outcome, Outcome::Caution);
    assert_eq!(memory.noted(&own).signatures().next().unwrap().trust, Trust::Unknown);
    assert!(!memory.of(FROM).is_well_known());
    // Who was first without being certain does not make a trusted one look worse.
    assert_eq!(memory.codes(&letter(FROM, vec![trusted(FROM, "T", "A")])), [Code::KeyRenewed]);
    // Nor does a certificate that comes after letters without one.
    let memory = Notebook::default().after(&letter(FROM, vec![]), 1).after(&own, 14);
    assert_eq!(memory.of(FROM).signers, []);
    assert_eq!(memory.codes(&letter(FROM, vec![])), []);
}

#[test]
fn r_c10_what_teaches_nothing() {
    let signed = || trusted(FROM, "K", "A");
    let mut ambiguous = letter(FROM, vec![signed()]);
    ambiguous.from.mailboxes.push(EVE.into());
    assert_eq!(Lesson::of(&ambiguous), None);
    let mut altered = signed();
    altered.integrity = Integrity::Altered;
    assert_eq!(Lesson::of(&letter(FROM, vec![signed(), altered])), None);
    let proof = |report: &Report| Lesson::of(report).unwrap().proof;
    assert_eq!(proof(&letter(FROM, vec![signed()])), Proof::Certain);
    assert_eq!(proof(&letter(FROM, vec![own_make(FROM, "K")])), Proof::Signed);
    assert_eq!(proof(&letter(EVE, vec![signed()])), Proof::Nothing);
    let mut weak = signed();
    weak.integrity = Integrity::Weak;
    assert_eq!(proof(&letter(FROM, vec![weak])), Proof::Nothing);
    let mut partial = letter(FROM, vec![]);
    partial.layers.push(Layer::Signed(layer("1", "1.1", vec![signed()])));
    assert_eq!(proof(&partial), Proof::Nothing);
    let mut expired = signed();
    expired.trust = Trust::Expired;
    assert_eq!(proof(&letter(FROM, vec![expired])), Proof::Nothing);
    let mut doubtful = signed();
    doubtful.findings.push(finding(Code::SignerAmbiguous));
    assert_eq!(proof(&letter(FROM, vec![doubtful])), Proof::Nothing);
}

fn finding(code: Code) -> crate::report::Finding {
    crate::report::Finding::new(code, crate::mime::PartPath::root())
}

fn looks_like(memory: &Notebook, report: &Report) -> Option<String> {
    let noted = memory.noted(report);
    let found =
        noted.findings.iter().find(|finding| [Code::LookAlike, Code::NameOfAnother].contains(&finding.code));
    assert!(noted.findings.iter().all(|finding| finding.severity < Severity::Bad));
    found.and_then(|finding| finding.detail.clone())
}

#[test]
fn r_b15_look_alikes_of_whom_one_knows() {
    let heidi = letter(FROM, vec![trusted(FROM, "K", "A")]);
    let fake = letter("heidi@examp1e.org", vec![]);
    let memory = Notebook::default().after(&heidi, 1);
    assert_eq!(looks_like(&memory, &fake), None, "one letter is not well known");
    let memory = memory.after(&heidi, 1);
    for fake in ["heidi@examp1e.org", "heidi@exmple.org", "h\u{435}idi@example.org", "he1di@exarnple.org"] {
        let expected = (fake != "he1di@exarnple.org").then(|| FROM.to_owned());
        assert_eq!(looks_like(&memory, &letter(fake, vec![])), expected, "{fake}");
    }
    // Even with a certificate that somebody vouches for, and however often it writes.
    let domain = "heidi@exampel.org";
    let mut certified = letter(domain, vec![trusted(domain, "E", "A")]);
    certified.at = time(1);
    for _ in 0..10 {
        assert_eq!(looks_like(&memory, &certified).as_deref(), Some(FROM));
        let noted = memory.noted(&certified);
        assert_eq!(Policy::standard().judge(&noted).outcome, Outcome::Caution);
        memory.learn(&Lesson::of(&noted).unwrap()).unwrap();
    }
    assert_eq!(looks_like(&memory, &heidi), None);
    memory.learn(&Lesson::of(&certified).unwrap().vouched()).unwrap();
    assert_eq!(looks_like(&memory, &certified), None);
}

#[test]
fn r_b15_names_of_whom_one_knows() {
    let mut heidi = letter(FROM, vec![trusted(FROM, "K", "A")]);
    heidi.from.name = Some("Heidi Example".into());
    let memory = Notebook::default().after(&heidi, 2);
    let named = |from: &str, name: &str| {
        let mut letter = letter(from, vec![]);
        letter.from.name = Some(name.into());
        letter
    };
    for name in ["Heidi Example", "heidi example", "H\u{435}idi Example", FROM, "Heidi <heidi@example.org>"] {
        assert_eq!(looks_like(&memory, &named(EVE, name)).as_deref(), Some(FROM), "{name}");
        assert_eq!(looks_like(&memory, &named(FROM, name)), None, "{name}");
    }
    // Where From is no address, a reader shows what stands there.
    let mut nobody = named("heidi\u{ff20}example.org", "x");
    nobody.findings.push(finding(Code::FromUnreadable));
    assert_eq!(looks_like(&memory, &named("not an address", FROM)).as_deref(), Some(FROM));
    let mut full_width = named("heidi@ｅxample.org", "x");
    full_width.findings.push(finding(Code::FromUnreadable));
    assert_eq!(looks_like(&memory, &full_width).as_deref(), Some(FROM));
    // Her other address, once it is known.
    let private = "heidi@home.example";
    let mut other = letter(private, vec![trusted(private, "P", "A")]);
    other.from.name = Some("Heidi Example".into());
    assert_eq!(looks_like(&memory, &other).as_deref(), Some(FROM));
    assert_eq!(looks_like(&memory.after(&other, 2), &other), None);
}

/// Somebody who got there first does not gain by it, once the caller says who is who.
#[test]
fn r_b15_who_the_caller_knows_comes_first() {
    let fake = "heidi@exampel.org";
    let memory = Notebook::default().after(&letter(fake, vec![trusted(fake, "E", "A")]), 5);
    let mut heidi = letter(FROM, vec![trusted(FROM, "K", "A")]);
    heidi.at = time(1);
    assert_eq!(looks_like(&memory, &heidi).as_deref(), Some(fake));
    let mut known = Correspondent::new(&address(FROM), time(0));
    known.pin(Pin::new(&address(FROM), &"AB".repeat(20), time(0)).unwrap());
    memory.put(known);
    assert_eq!(looks_like(&memory, &heidi), None);
    assert_eq!(looks_like(&memory, &letter(fake, vec![])).as_deref(), Some(FROM));
}

#[test]
fn r_c10_a_pin_is_for_one_spelling_and_bounds_what_else_is_believed() {
    let at = UnixTime::from_seconds(0);
    assert!(Pin::new(&address(FROM), "AB12", at).is_err());
    let mut known = Correspondent::new(&address(FROM), at);
    let pin = Pin::new(&address(FROM), &"AB".repeat(32), at).unwrap();
    known.pin(pin.clone());
    known.pin(pin);
    known.pin(Pin::new(&address(EVE), &"CD".repeat(32), at).unwrap());
    assert_eq!(known.pins.len(), 1);
    let memory = Notebook::default();
    memory.put(known);
    let other = letter(FROM, vec![trusted(FROM, "K", "A")]);
    assert_eq!(memory.codes(&other), [Code::KeyChanged]);
    assert_eq!(memory.codes(&letter(FROM, vec![trusted(FROM, &"AB".repeat(32), "A")])), []);
}

/// JSON and back.
#[test]
fn what_is_kept_reads_the_same() {
    let mut report = letter(FROM, vec![trusted(FROM, "K", "A")]);
    report.from.name = Some("Heidi".into());
    let memory = Notebook::default().after(&report, 3);
    let mut known = memory.of(FROM);
    known.pin(Pin::new(&address(FROM), &"AB".repeat(20), UnixTime::from_seconds(i64::MIN)).unwrap());
    let json = serde_json::to_string(&known).unwrap();
    assert_eq!(serde_json::from_str::<Correspondent>(&json).unwrap(), known);
    assert!(serde_json::from_str::<Correspondent>(&json.replace(&"AB".repeat(20), "AB")).is_err(), "{json}");
}

/// What a stranger can send: anything unsigned or signed with keys of their own in anybody's name, and trusted letters
/// in their own.
fn strange() -> impl Strategy<Value = Report> {
    let froms =
        [FROM, "Heidi@example.org", EVE, "heidi@exampel.org", "heidi@examp1e.org", "h\u{435}idi@example.org"];
    (0..froms.len(), 0..4_u8, "[K-N]", prop_oneof![Just(None), Just(Some("Heidi")), Just(Some(FROM))])
        .prop_map(move |(from, kind, key, name)| {
            let from = froms[from];
            let own = from.to_lowercase() != FROM;
            let signatures = match kind {
                0 => vec![],
                // The key K is hers alone.
                1 => vec![own_make(from, if key == "K" { "M" } else { &key })],
                2 if own => vec![trusted(from, &format!("{key}{from}"), "A")],
                _ => vec![signature(EVE, from, &["Root", EVE])],
            };
            let mut letter = letter(from, signatures);
            (letter.at, letter.from.name) = (time(1), name.map(Into::into));
            letter
        })
}

/// Anything in a memory.
fn remembered() -> impl Strategy<Value = Correspondent> {
    let froms = [FROM, EVE, "heidi@exampel.org", "bob@example.org"];
    let lessons = proptest::collection::vec((any::<bool>(), any::<bool>(), "[A-D]"), 0..6);
    (0..froms.len(), lessons, any::<bool>()).prop_map(move |(from, lessons, pinned)| {
        let from = froms[from];
        let mut known = Correspondent::new(&address(from), time(0));
        for (certain, vouched, key) in lessons {
            let made = if certain { trusted(from, &key, &key) } else { own_make(from, &key) };
            let lesson = Lesson::of(&letter(from, vec![made])).unwrap();
            known = Correspondent::after(Some(known), &if vouched { lesson.vouched() } else { lesson });
        }
        if pinned {
            known.pin(Pin::new(&address(from), &"AB".repeat(20), time(0)).unwrap());
        }
        known
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn r_c10_memory_only_ever_lowers(report in reports(), known in proptest::collection::vec(remembered(), 0..4)) {
        let memory = Notebook::default();
        known.into_iter().for_each(|one| memory.put(one));
        let noted = memory.noted(&report);
        for policy in [Policy::standard(), Policy::strict()] {
            let (before, after) = (policy.judge(&report), policy.judge(&noted));
            prop_assert!(after.outcome.rank() <= before.outcome.rank());
            prop_assert!(!after.may_load_remote || before.may_load_remote);
            // Whoever else's signature is broken was told before as well.
            let broken = report.signatures().any(|one| one.trust != Trust::Unknown && !one.integrity.holds())
                || report.signatures().any(|one| one.trust == Trust::Revoked);
            prop_assert!(after.outcome != Outcome::Bad || before.outcome == Outcome::Bad || broken);
            prop_assert!(before.outcome != Outcome::None || after.outcome == Outcome::None);
            let heidi = address(FROM);
            prop_assert!(!policy.judge_for(&noted, &heidi) || policy.judge_for(&report, &heidi));
        }
        for (one, other) in report.signatures().zip(noted.signatures()) {
            prop_assert_eq!((one.trust, one.integrity, &one.evidence), (other.trust, other.integrity, &other.evidence));
        }
    }

    #[test]
    fn r_b15_strangers_never_make_a_known_one_look_worse(letters in proptest::collection::vec(strange(), 0..12)) {
        let mut heidi = letter(FROM, vec![trusted(FROM, "K", "A")]);
        heidi.from.name = Some("Heidi".into());
        let memory = Notebook::default().after(&heidi, 2);
        let unsigned = letter(FROM, vec![]);
        let renewed = letter(FROM, vec![trusted(FROM, "Z", "A")]);
        let codes = [&heidi, &unsigned, &renewed].map(|letter| memory.codes(letter));
        let marks = memory.of(FROM).marks();
        for letter in letters {
            if let Some(lesson) = Lesson::of(&memory.noted(&letter)) {
                memory.learn(&lesson).unwrap();
            }
        }
        prop_assert_eq!(codes, [&heidi, &unsigned, &renewed].map(|letter| memory.codes(letter)));
        prop_assert_eq!(marks, memory.of(FROM).marks());
        prop_assert_eq!(memory.of(FROM).signed_in_row, 2);
    }

    #[test]
    fn one_correspondent_stays_small(letters in proptest::collection::vec(("[A-Z]{1,4}", "\\PC{0,300}"), 0..40)) {
        let memory = Notebook::default();
        for (key, name) in letters {
            let mut letter = letter(FROM, vec![trusted(FROM, &key, &key)]);
            letter.from.name = Some(name);
            memory.learn(&Lesson::of(&letter).unwrap().vouched()).unwrap();
        }
        let known = memory.recall(&address(FROM)).unwrap();
        let small = known.is_none_or(|known| {
            known.signers.len() <= 8 && known.names.len() <= 8 && known.marks().len() < 100
                && known.names.iter().all(|name| name.chars().count() <= 128)
        });
        prop_assert!(small);
    }
}
