//! Breakages made by other people's software, and forgeries: what the doctor says of them.
//!
//! - [`breakages`]: letters signed by openssl, gpg and mailseal go through programs whose doings are known; the right cause
//!   has to be named for 95 of 100. `MAILSEAL_DOCTOR_BREAKAGES` says how many; 500 are all that there are, or more.
//! - [`forgeries`]: nothing that an attacker wrote is ever explained. `MAILSEAL_DOCTOR_FORGERIES` says how many.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
#![allow(unreachable_pub)] // a program of its own

mod breakers;
mod letters;
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
    fn is_in(&self, kinds: &[ChangeKind]) -> bool {
        self.does.iter().any(|kind| kinds.contains(kind))
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
    let postfix = std::env::var_os("NOPF").is_none().then(postfix::Postfix::start).flatten();
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
    let mut rows: BTreeMap<&str, [usize; 6]> = BTreeMap::new();
    let (mut kinds, mut compared, mut proved, mut named) = (Vec::new(), 0, 0, 0);
    for one in found {
        let row = rows.entry(one.breaker).or_default();
        let right = one.is_in(&one.compared);
        let proof = matches!(one.outcome, Outcome::Explained | Outcome::Mixed) && one.is_in(&one.diagnosed);
        let suspicion = proof || one.is_in(&one.suspected);
        row[0] += 1;
        row[1] += usize::from(right);
        row[2] += usize::from(proof);
        row[3] += usize::from(suspicion);
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
    println!("{:42} {:>6} {:>9} {:>7} {:>7}", "what broke it", "number", "compared", "proved", "named");
    for (name, row) in &rows {
        println!("{name:42} {:>6} {:>9} {:>7} {:>7}", row[0], row[1], row[2], row[3]);
    }
    let all = found.len();
    println!(
        "{all} breakages of {} kinds: {compared} named by comparing, {proved} proved alone, {named} named alone; \
         {unharmed} letters unharmed, {silent} refused",
        kinds.len()
    );
    assert!(compared * 100 >= all * 95, "{compared} of {all}");
    assert!(kinds.len() >= 12, "{kinds:?}");
}
