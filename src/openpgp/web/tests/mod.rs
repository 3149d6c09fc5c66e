//! Webs of other projects, webs made to order, and an enumeration of all paths as the judge.

mod corpora;
mod generated;
mod hostile;
mod maker;
mod networks;

use super::*;
use maker::{AT, Maker};

/// Asks among certificates that lie in a heap.
pub(super) struct Question<'a> {
    pub(super) known: &'a [Certificate],
    pub(super) roots: &'a [(String, u8)],
    pub(super) at: UnixTime,
    pub(super) limits: Limits,
}

impl<'a> Question<'a> {
    pub(super) fn new(known: &'a [Certificate], roots: &'a [(String, u8)]) -> Self {
        Self { known, roots, at: AT, limits: Limits::default() }
    }

    pub(super) fn at(self, seconds: i64) -> Self {
        Self { at: UnixTime::from_seconds(seconds), ..self }
    }

    pub(super) fn ask(&self, target: &Certificate, address: &str) -> Web {
        let roots =
            self.roots.iter().map(|(fingerprint, amount)| WebRoot::new(fingerprint, *amount).unwrap());
        let mut by_key: std::collections::HashMap<[u8; 8], Vec<&Certificate>> = Default::default();
        for one in self.known {
            one.key_ids().for_each(|key| by_key.entry(key).or_default().push(one));
        }
        let find = |handle: &[u8]| {
            let key = crate::openpgp::key_id(handle).unwrap();
            let found = by_key.get(&key).into_iter().flatten().filter(|one| one.matches_handle(handle));
            Ok(found.map(|one| (*one).clone()).collect())
        };
        search(&WebRequest {
            roots: &roots.collect::<Vec<_>>(),
            target,
            address: &address.parse().unwrap(),
            at: self.at,
            provider: &Provider::default(),
            limits: &self.limits,
            sha1: false,
            find: &find,
        })
        .unwrap()
    }

    pub(super) fn total(&self, target: &Certificate, address: &str) -> u8 {
        self.ask(target, address).total
    }
}

#[test]
fn r_c13_roots_are_named_by_whole_fingerprints() {
    let full = "3F2A91C4D0E75B86A1F2C93D5E6B7A80914C7D10";
    assert!(WebRoot::new(full, 120).is_ok());
    assert!(WebRoot::new(&full.to_lowercase(), 1).is_ok());
    assert!(WebRoot::new("3F2A 91C4 D0E7 5B86 A1F2  C93D 5E6B 7A80 914C 7D10", 60).is_ok());
    for wrong in
        ["", "914C7D10", "5E6B7A80914C7D10", &full[1..], &format!("0x{full}"), &full.replace('3', "G")]
    {
        assert!(WebRoot::new(wrong, 120).is_err(), "{wrong}");
    }
    assert!(WebRoot::new(full, 0).is_err() && WebRoot::new(full, 121).is_err());
    // Version 3: MD5, 16 octets.
    assert!(WebRoot::new(&full[..32], 120).is_err());
}

#[test]
fn r_c11_a_root_of_partial_trust_gives_its_amount_once() {
    let mut web = Maker::new(4);
    for introducer in [1, 2] {
        web.certifies(0, introducer, &Certification::of(120).unwrap().depth(1));
        web.certifies(introducer, 3, &Certification::full());
    }
    assert_eq!(web.total(&[(0, 120)], 3), 120);
    assert_eq!(web.total(&[(0, 60)], 3), 60, "however many ways there are");
    assert_eq!(web.total(&[(0, 60), (1, 40)], 3), 100);
    assert_eq!(web.total(&[(1, 60), (2, 60)], 3), 120);
    assert_eq!(web.total(&[(3, 60)], 3), 60, "itself");
    assert_eq!(web.total(&[(3, 120)], 3), 120);
}

#[test]
fn r_c11_amounts_above_all_are_all() {
    let mut web = Maker::new(3);
    web.certifies_raw(0, 1, 1, 255);
    web.certifies(1, 2, &Certification::full());
    let found = web.ask(&[(0, 120)], 2);
    assert_eq!((found.total, found.paths.len(), found.paths[0].amount), (120, 1, 120));
}

#[test]
fn what_is_certified_names_the_steps() {
    let mut web = Maker::new(3);
    web.certifies(0, 1, &Certification::of(120).unwrap().depth(2).domain("d2.example").unwrap());
    web.certifies(1, 2, &Certification::of(70).unwrap());
    let found = web.ask(&[(0, 120)], 2);
    assert_eq!(found.total, 70);
    let steps = &found.paths[0].steps;
    assert_eq!(steps.iter().map(|step| step.name(AT)).collect::<Vec<_>>(), ["Key 0", "Key 1", "Key 2"]);
    let first = steps[1].certified.as_ref().unwrap();
    assert_eq!((first.amount, first.depth, first.made), (120, 2, AT));
    assert_eq!(first.only, [r"<[^>]+[@.]d2\.example>$"]);
    assert_eq!(steps[0].certified, None);
}

#[test]
fn r_c11_a_certification_for_oneself_does_not_travel() {
    let mut web = Maker::new(2);
    web.certifies(0, 1, &Certification::full().local());
    assert_eq!(web.total(&[(0, 120)], 1), 120, "among the caller's own");
    // The same copy, come with a letter, and another known.
    let roots = [(web.keys[0].fingerprint(), 120)];
    let known = [web.keys[0].clone()];
    assert_eq!(Question::new(&known, &roots).total(&web.keys[1], "k1@d1.example"), 0);
}

#[test]
fn certifications_end() {
    let mut web = Maker::new(2);
    let end = UnixTime::from_seconds(AT.seconds() + 1_000);
    web.certifies(0, 1, &Certification::full().expires(end));
    let roots = [(web.keys[0].fingerprint(), 120)];
    let total = |after: i64| {
        Question::new(&web.keys, &roots).at(AT.seconds() + after).total(&web.keys[1], "k1@d1.example")
    };
    assert_eq!((total(-1), total(0), total(999), total(1_000)), (0, 120, 120, 0));
}

use super::super::Certification;
