//! How much of the rate of the bare signatures is left of many personalised letters, and what a second core adds:
//! `cargo bench --bench bulk [-- KEY TYPE]`. `MAILSEAL_BULK_LETTERS` says how many letters, 10,000 otherwise.
//!
//! Filled from a template, signed, handed over; no disk and no server. `wall` is what a clock on the wall says, and wants
//! an idle machine; `processor` is the time on the processors, which others do not lengthen: twice the speed by two cores
//! is the same time on the processors.
#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod support;

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use mailseal::outside::{Recipient, Template};
use mailseal::{Bulk, BulkLetter, Composer, Context, Delivery, DeliveryError, Limits, TrustStore};

use support::AT;
use support::bare::Bare;
use support::identity::{KeyType, smime};

const ROUNDS: usize = 5;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let count = std::env::var("MAILSEAL_BULK_LETTERS").map_or(10_000, |number| number.parse().unwrap());
    println!("{count} letters of 2 KiB; medians of {ROUNDS} rounds");
    println!(
        "{:<12}{:>12}{:>28}{:>28}",
        "", "letters/s", "two cores : one core", "bare signatures : letters"
    );
    println!(
        "{:<12}{:>12}{:>14}{:>14}{:>14}{:>14}",
        "", "two cores", "wall", "processor", "wall", "processor"
    );
    for key_type in [KeyType::Rsa2048, KeyType::P256] {
        if words.iter().all(|word| word == key_type.name()) {
            row(key_type, count);
        }
    }
}

struct Round {
    one: Took,
    two: Took,
    bare: Took,
}

#[derive(Clone, Copy)]
struct Took {
    wall: f64,
    processor: f64,
}

fn row(key_type: KeyType, count: usize) {
    let composer = Composer::new(&Context::new(TrustStore::new())).sign(&smime(key_type).key);
    let bulk = Bulk::new(&composer, "run", AT);
    let template = template();
    let rows: Vec<Recipient> = (0..count).map(recipient).collect();
    let mut bare = [(); 2].map(|()| Bare::new(key_type, 400));
    let sign = |jobs: usize| {
        let delivery = Counted::default();
        let bulk = bulk.clone().jobs(NonZeroUsize::new(jobs).unwrap());
        let took = time(|| {
            let drafts = rows.iter().map(|row| template.fill(row));
            let tally = bulk.run(drafts, &(), &delivery, |_| ()).unwrap();
            assert_eq!(tally.delivered as usize, count);
        });
        assert_eq!(delivery.0.into_inner(), count);
        took
    };
    let mut arithmetic = || {
        let messages = bare.each_ref().map(|bare| bare.messages(count / 2));
        time(|| {
            thread::scope(|scope| {
                for (bare, messages) in bare.iter_mut().zip(&messages) {
                    scope.spawn(move || {
                        messages.iter().for_each(|message| drop(black_box(bare.sign(message))))
                    });
                }
            });
        })
    };
    let rounds: Vec<Round> =
        (0..ROUNDS).map(|_| Round { one: sign(1), two: sign(2), bare: arithmetic() }).collect();
    let median = |measure: &dyn Fn(&Round) -> f64| {
        let mut all: Vec<f64> = rounds.iter().map(measure).collect();
        all.sort_by(f64::total_cmp);
        all[ROUNDS / 2]
    };
    println!(
        "{:<12}{:>12.0}{:>14.2}{:>14.2}{:>14.2}{:>14.2}",
        key_type.name(),
        median(&|one| count as f64 / one.two.wall),
        median(&|one| one.one.wall / one.two.wall),
        median(&|one| 2.0 * one.one.processor / one.two.processor),
        median(&|one| one.bare.wall / one.two.wall),
        median(&|one| one.bare.processor / one.two.processor),
    );
}

#[derive(Default)]
struct Counted(AtomicUsize);

impl Delivery for Counted {
    fn deliver(&self, letter: &BulkLetter) -> Result<(), DeliveryError> {
        black_box(&letter.octets);
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

fn template() -> Template {
    let mut letter = String::from(
        "From: Alice Archer <alice@bench.example>\r\nTo: {{name}} <{{email}}>\r\nSubject: {{name}}, the news of this week\r\n\
         List-Unsubscribe: <https://bench.example/u/{{token}}>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/alternative; boundary=\"b1\"\r\n\r\n--b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         Dear {{name}},\r\n\r\nthis week: three articles, one event and a caf\u{e9}.\r\n\r\n--b1\r\n\
         Content-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>Dear {{name}},</p>\r\n",
    );
    while letter.len() < 2000 {
        letter.push_str("<p>this week: three articles, one event and a caf&eacute; at the corner</p>\r\n");
    }
    letter.push_str("</body></html>\r\n--b1--\r\n");
    Template::read(letter.as_bytes(), &Limits::default()).unwrap()
}

fn recipient(number: usize) -> Recipient {
    let values = [
        ("name", format!("Zo\u{eb} Reader {number}")),
        ("email", format!("reader{number}@bench.example")),
        ("token", format!("{:032x}", number * 7_919)),
    ];
    Recipient::new(number.to_string(), values.map(|(name, value)| (name.to_owned(), value)))
}

fn time(work: impl FnOnce()) -> Took {
    let (wall, processor) = (Instant::now(), self::processor());
    work();
    Took { wall: wall.elapsed().as_secs_f64(), processor: self::processor() - processor }
}

/// Seconds on the processors, of all threads.
#[cfg(unix)]
fn processor() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

#[cfg(not(unix))]
fn processor() -> f64 {
    use std::sync::LazyLock;
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_secs_f64()
}
