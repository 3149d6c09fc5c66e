//! Breakages made by other people's software, and forgeries: what the doctor says of them.
//!
//! - [`breakages`]: letters signed by openssl, gpg and mailseal go through programs whose doings are known; the right cause
//!   has to be named for 95 of 100, of both copies and of the one that came. `MAILSEAL_DOCTOR_BREAKAGES` says how many; 500 are all that there are, or more.
//! - [`forgeries`]: nothing that an attacker wrote is ever explained. `MAILSEAL_DOCTOR_FORGERIES` says how many letters are
//!   forged; each goes through several programs as well.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
#![allow(unreachable_pub)] // a program of its own

mod breakers;
mod hidden;
mod hop;
mod letters;
mod mutants;
mod postfix;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use mailseal::doctor::{Outcome, compare, diagnose};
use mailseal::report::{Change, ChangeKind};
use mailseal::{Limits, UnixTime};

use letters::{Signers, drafts};

const AT: i64 = 1_861_900_000;

fn at() -> UnixTime {
    UnixTime::from_seconds(AT)
}

fn wanted(variable: &str, default: usize) -> usize {
    std::env::var(variable).ok().map_or(default, |text| text.parse().unwrap())
}

/// A charset is not the only thing that a program changed where it changed that.
#[test]
fn another_charset_hides_nothing() {
    let text = |fields: &str, body: &[u8]| [fields.as_bytes(), b"\r\n", body].concat();
    let sent = text(
        "From: a@b.example\r\nContent-Type: text/plain; charset=iso-8859-1; format=flowed\r\n",
        b"\xfc \r\nb\r\n",
    );
    let received =
        text("From: a@b.example\r\nContent-Type: text/plain; charset=utf-8\r\n", b"\xc3\xbc \r\nb\r\n");
    let seen = compare(&sent, &received, &Limits::default()).unwrap();
    let kinds: Vec<ChangeKind> = seen.changes.iter().map(|change| change.kind).collect();
    assert!(kinds.contains(&ChangeKind::CharsetChanged), "{kinds:?}");
    assert!(kinds.contains(&ChangeKind::ContentTypeChanged), "{kinds:?}");
}

/// One letter that a program broke, and what was said of it.
struct Breakage {
    breaker: &'static str,
    draft: &'static str,
    signer: &'static str,
    does: &'static [ChangeKind],
    compared: Vec<ChangeKind>,
    outcome: Outcome,
    diagnosed: Vec<ChangeKind>,
    suspected: Vec<ChangeKind>,
}

impl Breakage {
    /// What the program is known for, and did.
    fn is_in(&self, kinds: &[ChangeKind]) -> bool {
        self.does.iter().any(|kind| kinds.contains(kind) && self.compared.contains(kind))
    }

    fn is_proved(&self) -> bool {
        matches!(self.outcome, Outcome::Explained | Outcome::Mixed) && self.is_in(&self.diagnosed)
    }

    /// Different kinds that are named of it alone.
    fn named(&self) -> usize {
        let mut kinds = [self.diagnosed.as_slice(), &self.suspected].concat();
        kinds.sort();
        kinds.dedup();
        kinds.len()
    }
}

#[test]
fn breakages() {
    let Some(signers) = Signers::new() else { return };
    for program in ["altermime", "procmail", "formail", "maildrop", "reformime", "perl", "uconv"] {
        if support::tool(program).is_none() {
            return;
        }
    }
    let postfix = postfix::Postfix::start();
    let most = wanted("MAILSEAL_DOCTOR_BREAKAGES", 80);
    let mut cases = Vec::new();
    for breaker in breakers::all() {
        for draft in drafts().iter().filter(|draft| breaker.fits(draft.name)).map(|draft| draft.name) {
            for signer in ["openssl", "gpg", "mailseal S/MIME", "mailseal OpenPGP"] {
                cases.push((breaker.name, draft, signer));
            }
        }
    }
    let step = if most < cases.len() { cases.len() / most + 1 } else { 1 };
    let drafts = drafts();
    let cases: Vec<_> = cases.into_iter().step_by(step).collect();
    let mut signed: BTreeMap<(&str, &str), Vec<u8>> = BTreeMap::new();
    for (_, draft, signer) in &cases {
        signed
            .entry((*draft, *signer))
            .or_insert_with(|| signers.sign(drafts.iter().find(|one| one.name == *draft).unwrap(), signer));
    }
    let (next, all, postfix) = (AtomicUsize::new(0), breakers::all(), Mutex::new(postfix));
    let results: Mutex<Vec<Result<Breakage, Whole>>> = Mutex::default();
    // Most of the time programs start.
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while let Some((name, draft, signer)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let breaker = all.iter().find(|one| one.name == *name).unwrap();
                    let found =
                        broken(breaker, draft, signer, &signed[&(*draft, *signer)], &signers, &postfix);
                    results.lock().unwrap().push(found);
                }
            });
        }
    });
    let (mut found, mut unharmed, mut silent) = (Vec::new(), 0, 0);
    for result in results.into_inner().unwrap() {
        match result {
            Ok(breakage) => found.push(breakage),
            Err(Whole::Unharmed) => unharmed += 1,
            Err(Whole::Refused) => silent += 1,
        }
    }
    report(&found, unharmed, silent);
}

/// Why there is nothing to explain.
enum Whole {
    Unharmed,
    Refused,
}

fn broken(
    breaker: &breakers::Breaker,
    draft: &'static str,
    signer: &'static str,
    letter: &[u8],
    signers: &Signers,
    postfix: &Mutex<Option<postfix::Postfix>>,
) -> Result<Breakage, Whole> {
    let name = breaker.name;
    let received = breaker.run(letter, postfix).ok_or(Whole::Refused)?;
    let diagnosis = diagnose(&signers.cx, &received, at()).unwrap();
    if diagnosis.outcome == Outcome::Intact {
        return Err(Whole::Unharmed);
    }
    let compared = compare(letter, &received, &Limits::default()).unwrap();
    let kinds = |changes: &[Change]| changes.iter().map(|change| change.kind).collect::<Vec<_>>();
    if let Some(folder) = std::env::var_os("MAILSEAL_DOCTOR_KEEP") {
        let stem = format!("{name}-{draft}-{signer}").replace(['/', ' ', ',', '.'], "_");
        let path = std::path::Path::new(&folder).join(stem);
        std::fs::write(path.with_extension("sent"), letter).unwrap();
        std::fs::write(path.with_extension("received"), &received).unwrap();
    }
    assert!(compared.changes.iter().any(|change| change.breaks), "{name} {draft} {signer}: {compared:?}");
    Ok(Breakage {
        breaker: name,
        draft,
        signer,
        does: breaker.does,
        compared: kinds(&compared.changes),
        outcome: diagnosis.outcome,
        diagnosed: kinds(&diagnosis.changes),
        suspected: kinds(&diagnosis.suspected),
    })
}

fn report(found: &[Breakage], unharmed: usize, silent: usize) {
    let mut rows: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    let (mut kinds, mut compared, mut proved, mut named) = (Vec::new(), 0, 0, 0);
    for one in found {
        let row = rows.entry(one.breaker).or_default();
        let right = one.is_in(&one.compared);
        let proof = one.is_proved();
        let suspicion = proof || one.is_in(&one.suspected);
        row[0] += 1;
        row[1] += usize::from(right);
        row[2] += usize::from(proof);
        row[3] += usize::from(suspicion);
        row[4] += one.named();
        compared += usize::from(right);
        proved += usize::from(proof);
        named += usize::from(suspicion);
        kinds.extend(one.does.iter().filter(|kind| one.compared.contains(kind)).copied());
        if !right || !proof {
            println!(
                "{} {} {}: compared {:?}; alone {:?} {:?} suspects {:?}",
                one.breaker, one.draft, one.signer, one.compared, one.outcome, one.diagnosed, one.suspected
            );
        }
    }
    kinds.sort();
    kinds.dedup();
    println!(
        "{:42} {:>6} {:>9} {:>7} {:>7} {:>6}",
        "what broke it", "number", "compared", "proved", "named", "kinds"
    );
    for (name, row) in &rows {
        let kinds = row[4] as f64 / row[0] as f64;
        println!("{name:42} {:>6} {:>9} {:>7} {:>7} {kinds:>6.1}", row[0], row[1], row[2], row[3]);
    }
    let all = found.len();
    println!(
        "{all} breakages of {} kinds: {compared} named by comparing, {proved} proved alone, {named} named alone; \
         {unharmed} letters unharmed, {silent} refused",
        kinds.len()
    );
    let average = |of: &dyn Fn(&Breakage) -> bool| {
        let some: Vec<usize> = found.iter().filter(|one| of(one)).map(Breakage::named).collect();
        some.iter().sum::<usize>() as f64 / some.len().max(1) as f64
    };
    println!(
        "kinds named on average: {:.2} where proved, {:.2} where suspected",
        average(&|one| one.is_proved()),
        average(&|one| !one.is_proved())
    );
    assert!(compared * 100 >= all * 95, "{compared} of {all}");
    assert!(named * 100 >= all * 95, "{named} of {all}");
    // A guess is a few kinds, not all there are.
    assert!(found.iter().all(|one| one.is_proved() || one.suspected.is_empty() || one.named() <= 3));
    assert!(kinds.len() >= 12, "{kinds:?}");
}

/// What an attacker does to a letter that was truly signed.
const EDITS: &[(&str, &str, &str)] = &[
    ("Monday", "Friday", "a word"),
    ("nine", "ten", "a word"),
    ("Bob", "Eve", "a word"),
    ("example.org/papers", "example.net/papers", "a link"),
    (
        "https://example.org/a?b=1",
        "https://evil.example/?url=https%3A%2F%2Fexample.org%2Fa%3Fb%3D1",
        "a link around",
    ),
    ("\r\nAlice\r\n", "\r\nPay to account 7.\r\n\r\nAlice\r\n", "a line put in"),
    ("Please bring the papers.\r\n", "", "a line taken out"),
    ("Content-Type: text/plain", "Content-Type: text/html", "a type"),
    ("<p>Dear Bob,</p>", "<p style=\"display:none\">Dear Bob,</p>", "a style"),
    ("Content-Disposition: attachment", "Content-Disposition: inline", "a disposition"),
];

#[test]
fn forgeries() {
    let Some(signers) = Signers::new() else { return };
    let most = wanted("MAILSEAL_DOCTOR_FORGERIES", 20);
    let postfix = Mutex::new(None);
    let breakers = breakers::all();
    let (mut looked, mut outcomes) = (0, BTreeMap::<&str, usize>::new());
    let mut count = |forged: &[u8], what: &str, mixed_may_be: bool| {
        let seen = diagnose(&signers.cx, forged, at()).unwrap();
        let may_be = match seen.outcome {
            Outcome::Unexplained | Outcome::SignatureBroken | Outcome::NotSigned => true,
            // Of what is spoilt, not even whose it is can be read.
            Outcome::Untested => what.contains("spoilt"),
            // What nobody signed is listed, or the forged letter is not what the signature is about.
            Outcome::Mixed => mixed_may_be && seen.changes.iter().any(|change| !change.after.is_empty()),
            _ => false,
        };
        assert!(may_be, "{what}: {seen:?}\n{}", String::from_utf8_lossy(forged));
        *outcomes.entry(seen.outcome.as_str()).or_default() += 1;
        looked += 1;
    };
    let mut number = 0;
    'all: for draft in drafts() {
        for signer in ["openssl", "gpg"] {
            let letter = signers.sign(&draft, signer);
            let text = String::from_utf8_lossy(&letter).into_owned();
            if text.contains('\u{fffd}') {
                continue;
            }
            for (old, new, what) in EDITS {
                if !text.contains(old) {
                    continue;
                }
                let at = text.find("=-sig-=\r\nContent-").unwrap();
                // What is signed alone: such letters may stand in base64 too.
                let end = text.rfind("--=-sig-=\r\nContent-Type: application/").unwrap();
                let forged = text[..at].to_owned() + &text[at..end].replacen(old, new, 1) + &text[end..];
                if forged == text {
                    continue;
                }
                let added = what.contains("put in")
                    || what.contains("around")
                    || what.contains("type")
                    || what.contains("disposition");
                count(forged.as_bytes(), &format!("{} {signer} {what}", draft.name), added);
                // And a harmless change on top, as a server makes it.
                number += 1;
                let fitting = breakers.iter().filter(|breaker| breaker.fits(draft.name));
                for breaker in fitting.skip(number % 3).step_by(3).take(4) {
                    if let Some(broken) = breaker.run(forged.as_bytes(), &postfix) {
                        count(&broken, &format!("{} {signer} {what}, {}", draft.name, breaker.name), added);
                    }
                }
                if number >= most {
                    break 'all;
                }
            }
        }
    }
    strangers(&signers, &mut count);
    println!("{looked} forgeries: {outcomes:?}");
    assert!(looked >= most.min(80) && number > 0);
}

/// Signatures of other letters, and spoilt ones.
fn strangers(signers: &Signers, count: &mut impl FnMut(&[u8], &str, bool)) {
    let drafts = drafts();
    for signer in ["openssl", "gpg"] {
        let (one, other) = (signers.sign(&drafts[0], signer), signers.sign(&drafts[1], signer));
        let split = |letter: &[u8]| {
            let text = String::from_utf8(letter.to_vec()).unwrap();
            let at = text.rfind("--=-sig-=\r\nContent-Type: application/").unwrap();
            (text[..at].to_owned(), text[at..].to_owned())
        };
        count((split(&one).0 + &split(&other).1).as_bytes(), "the signature of another letter", false);
        let (content, signature) = split(&one);
        let start =
            signature.find("SIGNATURE-----\r\n\r\n").or_else(|| signature.find("\r\n\r\n")).unwrap() + 90;
        let other = if signature[start..].starts_with('A') { "B" } else { "A" };
        let spoilt = signature[..start].to_owned() + other + &signature[start + 1..];
        count((content.clone() + &spoilt).as_bytes(), "a spoilt signature", false);
    }
}
