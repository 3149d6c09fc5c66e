//! How much of the speed of the bare arithmetic is left: `cargo bench --bench ratios [-- WORDS OF A ROW]`
//!
//! In each round the library and the arithmetic alone have the same number of turns, one right after the other, so that
//! what else the machine does hits both. A ratio is the time of the arithmetic by the time of the library: 1.00 would be
//! a library that costs nothing. `noise` is the same arithmetic measured twice in the same way.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::as_conversions)]

mod support;

use std::hint::black_box;

use support::Subject;
use support::bare::hash;
use support::identity::KeyType;
use support::letter::{Drafts, SIZES};
use support::sealed::Way;

const ROUNDS: usize = 15;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    signed(&words);
    sealed(&words);
}

fn signed(words: &[String]) {
    println!("{:<42}{:>12}{:>12}{:>12}{:>16}", "", "signature", "SHA-2", "both", "noise");
    // A name has the words of a row that are not its verb or size.
    let subjects =
        Subject::all(|name| words.iter().all(|word| !is_of_a_name(word) || name.contains(word.as_str())));
    for (size_name, size) in SIZES {
        for verb in [Verb::Sign, Verb::Verify, Verb::VerifyAndBelieve, Verb::VerifyAndRemember] {
            // OpenPGP remembers no path.
            for subject in subjects.iter().filter(|one| verb.is_about(one)) {
                let name = format!("{} {size_name} {}", verb.name(), subject.name);
                if words.iter().all(|word| name.contains(word)) {
                    println!("{name:<42}{}", row(verb, subject, size));
                }
            }
        }
    }
}

/// Letters that are encrypted and opened, their payload written.
fn sealed(words: &[String]) {
    println!("\n{:<42}{:>12}{:>12}{:>12}{:>16}", "", "arithmetic", "µs", "library µs", "noise");
    for way in Way::all(|name| words.iter().all(|word| name.contains(word.as_str()))) {
        println!("{:<42}{}", way.name, sealed_row(&way));
    }
}

fn sealed_row(way: &Way) -> String {
    let turns = if way.size > 1 << 20 { 3 } else { 20 };
    let (mut drafts, mut content, mut out) = (Drafts::new(way.size), vec![7; way.size], Vec::new());
    let mut next = || {
        let mut letters: Vec<Vec<u8>> = (0..turns).map(|_| drafts.next()).collect();
        if way.opens {
            for letter in &mut letters {
                let draft = std::mem::take(letter);
                way.seal(&draft, letter);
            }
        }
        let mut bare = || time(|| (0..turns).for_each(|_| way.bare(&mut content, &mut out)));
        let before = bare();
        let mut written = Vec::with_capacity(2 * way.size);
        let library = time(|| {
            letters.iter().for_each(|letter| match way.opens {
                true => way.open(letter),
                false => way.seal(letter, &mut written),
            });
        });
        (library, before, bare())
    };
    next();
    let rounds: Vec<(f64, f64, f64)> = (0..ROUNDS).map(|_| next()).collect();
    let of = |measure: &dyn Fn(&(f64, f64, f64)) -> f64| {
        let mut found: Vec<f64> = rounds.iter().map(measure).collect();
        found.sort_by(f64::total_cmp);
        found
    };
    let micros = 1e6 / turns as f64;
    let noise = of(&|(_, before, after)| after / before);
    format!(
        "{:>12.2}{:>12.0}{:>12.0}{:>16}",
        of(&|(library, before, after)| (before + after) / 2.0 / library)[ROUNDS / 2],
        of(&|(_, before, _)| *before)[ROUNDS / 2] * micros,
        of(&|(library, ..)| *library)[ROUNDS / 2] * micros,
        format!("{:.2} .. {:.2}", noise[ROUNDS / 10], noise[ROUNDS - 1 - ROUNDS / 10]),
    )
}

fn is_of_a_name(word: &str) -> bool {
    KeyType::ALL.iter().map(|key| key.name()).chain(["S/MIME", "OpenPGP"]).any(|name| name == word)
}

#[derive(Clone, Copy)]
enum Verb {
    Sign,
    Verify,
    VerifyAndBelieve,
    /// With a path whose signatures are known.
    VerifyAndRemember,
}

impl Verb {
    fn name(self) -> &'static str {
        match self {
            Self::Sign => "sign",
            Self::Verify => "verify",
            Self::VerifyAndBelieve => "verify + path",
            Self::VerifyAndRemember => "verify + known path",
        }
    }

    fn is_about(self, subject: &Subject) -> bool {
        !matches!(self, Self::VerifyAndRemember) || subject.name.starts_with("S/MIME")
    }
}

/// Seconds of one round.
struct Round {
    ours: f64,
    signature: f64,
    hash: f64,
    hash_again: f64,
}

fn row(verb: Verb, subject: &Subject, size: usize) -> String {
    let (mut drafts, mut written, turns) = (Drafts::new(size), Vec::new(), turns(size));
    let mut next = || round(verb, subject, &mut drafts, &mut written, turns);
    next();
    let rounds: Vec<Round> = (0..ROUNDS).map(|_| next()).collect();
    let of = |measure: &dyn Fn(&Round) -> f64| {
        let mut ratios: Vec<f64> = rounds.iter().map(measure).collect();
        ratios.sort_by(f64::total_cmp);
        ratios
    };
    let median = |measure: &dyn Fn(&Round) -> f64| of(measure)[ROUNDS / 2];
    let noise = of(&|one| one.hash_again / one.hash);
    format!(
        "{:>12.2}{:>12.2}{:>12.2}{:>16}",
        median(&|one| one.signature / one.ours),
        median(&|one| one.hash / one.ours),
        median(&|one| (one.signature + one.hash) / one.ours),
        format!("{:.2} .. {:.2}", noise[ROUNDS / 10], noise[ROUNDS - 1 - ROUNDS / 10]),
    )
}

fn turns(size: usize) -> usize {
    match size {
        0..=4096 => 100,
        0x1001..=0xf_ffff => 30,
        _ => 3,
    }
}

fn round(verb: Verb, subject: &Subject, drafts: &mut Drafts, written: &mut Vec<u8>, turns: usize) -> Round {
    let letters: Vec<Vec<u8>> = match verb {
        Verb::Sign => (0..turns).map(|_| drafts.next()).collect(),
        Verb::Verify | Verb::VerifyAndBelieve | Verb::VerifyAndRemember => subject.signed(drafts, turns),
    };
    let bare = &subject.bare;
    let digest = || time(|| letters.iter().for_each(|letter| hash(subject.hash, letter)));
    match verb {
        Verb::Sign => {
            let messages = bare.messages(turns);
            let hash_before = digest();
            let ours = time(|| letters.iter().for_each(|letter| subject.sign(letter, written)));
            let signature = time(|| messages.iter().for_each(|message| drop(black_box(bare.sign(message)))));
            Round { ours, signature, hash: hash_before, hash_again: digest() }
        }
        Verb::Verify | Verb::VerifyAndBelieve | Verb::VerifyAndRemember => {
            let signatures =
                turns * if matches!(verb, Verb::VerifyAndBelieve) { 1 + subject.chain } else { 1 };
            let signed = bare.signed(signatures);
            let hash_before = digest();
            let ours = time(|| {
                letters.iter().for_each(|letter| match verb {
                    Verb::VerifyAndBelieve => subject.verify_and_believe(letter),
                    Verb::VerifyAndRemember => subject.verify_and_remember(letter),
                    Verb::Sign | Verb::Verify => subject.verify(letter),
                });
            });
            let signature = time(|| signed.iter().for_each(|one| bare.verify(one)));
            Round { ours, signature, hash: hash_before, hash_again: digest() }
        }
    }
}

fn time(work: impl FnOnce()) -> f64 {
    let start = now();
    work();
    now() - start
}

/// Seconds on the processor, which other programs do not lengthen.
#[cfg(unix)]
fn now() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

#[cfg(not(unix))]
fn now() -> f64 {
    use std::sync::LazyLock;
    use std::time::Instant;
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_secs_f64()
}
