use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::*;
use crate::message::Context;
use crate::mime::Headers;
use crate::protocol::Key;
use crate::trust::TrustStore;

const AT: UnixTime = UnixTime::from_seconds(1_800_000_000);

fn composer() -> Composer {
    let pem: String = include!("../../../examples/letters/alice.rs");
    let key = Key::load(pem.as_bytes(), crate::crypto::Password::none()).unwrap();
    Composer::new(&Context::new(TrustStore::new())).sign(&key)
}

fn drafts(count: usize) -> impl Iterator<Item = Result<BulkDraft, Error>> + Send {
    (0..count).map(|number| {
        let octets =
            format!("From: alice@example.org\r\nTo: {number}@example.org\r\nSubject: {number}\r\n\r\nHi\r\n");
        Ok(BulkDraft { id: number.to_string(), octets: octets.into_bytes() })
    })
}

/// Notes that survive, and a place that keeps; after so many steps nothing happens any more, as after a kill.
#[derive(Default)]
struct World {
    notes: Mutex<HashMap<String, Noted>>,
    there: Mutex<Vec<(String, Vec<u8>)>>,
    steps: AtomicUsize,
    end: usize,
    /// Whether it can be asked what arrived.
    asked: bool,
}

impl World {
    fn step(&self) -> Result<(), String> {
        let steps = self.steps.fetch_add(1, Ordering::SeqCst);
        if steps < self.end { Ok(()) } else { Err("killed".into()) }
    }
}

impl Delivery for World {
    fn arrived(&self, name: &str, _: bool) -> Result<bool, DeliveryError> {
        Ok(self.asked && self.there.lock().unwrap().iter().any(|(there, _)| there == name))
    }

    fn deliver(&self, letter: &BulkLetter) -> Result<(), DeliveryError> {
        self.step().map_err(DeliveryError::Away)?;
        self.there.lock().unwrap().push((letter.name.clone(), letter.octets.clone()));
        // Killed before the answer is heard.
        self.step().map_err(DeliveryError::Away)
    }
}

impl Journal for World {
    fn look(&self, id: &str, _: &[u8; 32]) -> Result<Noted, Error> {
        Ok(self.notes.lock().unwrap().get(id).copied().unwrap_or_default())
    }

    fn note(&self, id: &str, _: &[u8; 32], noted: Noted, _: &str) -> Result<(), Error> {
        self.step().map_err(Error::Misuse)?;
        self.notes.lock().unwrap().insert(id.into(), noted);
        Ok(())
    }
}

fn message_id(octets: &[u8]) -> String {
    Headers::new(octets).get("Message-ID").unwrap().text()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Killed anywhere, however often: a place that can be asked has each letter once, another one may have those twice
    /// whose delivery was open, with the same Message-ID.
    #[test]
    fn killed_and_resumed(ends in prop::collection::vec(0_usize..20, 0..6), asked: bool, jobs in 1_usize..4) {
        let bulk = Bulk::new(&composer(), "run", AT).jobs(jobs.try_into().unwrap());
        let mut world = World { asked, ..World::default() };
        let kills = ends.len();
        for end in ends.into_iter().chain([usize::MAX]) {
            (world.steps, world.end) = (AtomicUsize::new(0), end);
            let _ = bulk.run(drafts(12), &world, &world, |_| ());
        }
        let there = world.there.into_inner().unwrap();
        let names: HashSet<_> = there.iter().map(|(_, octets)| message_id(octets)).collect();
        prop_assert_eq!(names.len(), 12);
        let twice = if asked { 0 } else { kills * jobs };
        prop_assert!(there.len() <= 12 + twice);
    }
}

#[test]
fn a_letter_that_fails_ends_nothing_and_is_said() {
    let broken =
        ["", "From: alice@example.org\r\n\r\nnobody", "From: eve@example.com\r\nTo: a@b.example\r\n\r\n"];
    let broken = broken.into_iter().enumerate();
    let broken = broken.map(|(id, text)| Ok(BulkDraft { id: format!("x{id}"), octets: text.into() }));
    let world = World { end: usize::MAX, ..World::default() };
    let mut said = Vec::new();
    let bulk = Bulk::new(&composer(), "run", AT);
    let tally = bulk.run(broken.chain(drafts(2)), &world, &world, |one| said.push(one.clone())).unwrap();
    assert_eq!((tally.unsigned, tally.delivered, tally.all()), (3, 2, 5));
    assert!(!tally.is_complete());
    assert!(matches!(&said[2].became, Became::Unsigned(why) if why.contains("eve@example.com")));
    assert!(world.notes.lock().unwrap().keys().all(|id| !id.starts_with('x')), "they may be corrected");
}

#[test]
fn what_a_draft_has_is_kept_and_what_it_lacks_is_the_same_each_time() {
    let bulk = Bulk::new(&composer(), "run", AT).then(|letter| Ok([b"X: 1\r\n", &letter[..]].concat()));
    let make = |bulk: &Bulk, id: &str, fields: &str| {
        let octets = format!(
            "From: alice@example.org\r\nTo: b@example.org, b@EXAMPLE.org\r\nBcc: c@d.example\r\n{fields}\r\nHi\r\n"
        );
        bulk.make(BulkDraft { id: id.into(), octets: octets.into() }, bulk.name(id)).unwrap()
    };
    let given = "Message-ID: <1@2>\r\nDate: Fri, 15 Jan 2027 08:00:00 +0000\r\n";
    let letter = make(&bulk, "1", given);
    assert!(letter.octets.starts_with(b"X: 1\r\n"));
    assert_eq!(message_id(&letter.octets), "<1@2>");
    assert_eq!(Headers::new(&letter.octets).count("Date"), 1);
    assert_eq!(letter.recipients.len(), 2);
    assert_eq!(letter.sender.to_string(), "alice@example.org");
    let [one, again, other] = ["1", "1", "2"].map(|id| make(&bulk, id, ""));
    assert_eq!(message_id(&one.octets), message_id(&again.octets));
    assert_ne!(message_id(&one.octets), message_id(&other.octets));
    assert_eq!(Headers::new(&one.octets).date(), Some(AT));
    let elsewhere = Bulk::new(&composer(), "other run", AT).sender("bounces@example.org".parse().unwrap());
    let elsewhere = make(&elsewhere, "1", "");
    assert_ne!(message_id(&one.octets), message_id(&elsewhere.octets));
    assert_eq!(elsewhere.sender.to_string(), "bounces@example.org");
}

#[test]
fn somebody_ends_it() {
    let cancel = Cancel::new();
    let bulk = Bulk::new(&composer(), "run", AT).cancel(&cancel);
    let world = World { end: usize::MAX, ..World::default() };
    let ended = bulk.run(drafts(9), &world, &world, |_| cancel.cancel());
    assert!(matches!(ended, Err(Error::Cancelled)));
    assert_eq!(world.there.lock().unwrap().len(), 1);
}
