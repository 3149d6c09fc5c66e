//! Every question that one letter asks, once each, and no more than are allowed.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use super::resolver::{DnsError, RecordKind, Resolver};

/// What the resolver said.
pub(in crate::outside) type Answer = Result<Vec<Vec<u8>>, DnsError>;

/// All that was asked.
pub(in crate::outside) type Answers = Vec<(String, RecordKind, Answer)>;

/// Records of one answer that are read.
const RECORDS: usize = 100;
/// Octets of one answer that are read: one of the DNS has no more (RFC 1035 §4.2.2).
const OCTETS: usize = 65_535;
/// Questions without an answer after which no more are asked: each may take as long as the resolver waits, and who checks
/// mail waits for all of them (RFC 7208 §4.6.4).
const SILENT: usize = 5;

pub(super) struct Questions<'r> {
    resolver: &'r dyn Resolver,
    known: RefCell<HashMap<(String, RecordKind), Answer>>,
    left: Cell<usize>,
    silent: Cell<usize>,
}

impl<'r> Questions<'r> {
    pub(super) fn new(resolver: &'r dyn Resolver, limit: usize) -> Self {
        Self { resolver, known: RefCell::default(), left: Cell::new(limit), silent: Cell::new(0) }
    }

    pub(super) fn ask(&self, name: &str, kind: RecordKind) -> Answer {
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        if !is_name(&name) {
            return Err(DnsError::NoSuchName);
        }
        let question = (name, kind);
        if let Some(answer) = self.known.borrow().get(&question) {
            return answer.clone();
        }
        let Some(left) = self.left.get().checked_sub(1) else { return Err(DnsError::Temporary) };
        if self.silent.get() >= SILENT {
            return Err(DnsError::Temporary);
        }
        self.left.set(left);
        let mut answer = self.resolver.lookup(&question.0, kind);
        if answer == Err(DnsError::Temporary) {
            self.silent.set(self.silent.get().saturating_add(1));
        }
        if let Ok(records) = &mut answer {
            records.truncate(RECORDS);
            let mut octets = 0_usize;
            records.retain(|record| {
                octets = octets.saturating_add(record.len());
                octets <= OCTETS
            });
        }
        self.known.borrow_mut().insert(question, answer.clone());
        answer
    }

    /// What was asked, and answered, in the order of names.
    pub(super) fn answered(self) -> Answers {
        let known = self.known.into_inner().into_iter();
        let mut all: Vec<_> = known.map(|((name, kind), answer)| (name, kind, answer)).collect();
        all.sort_by(|(one, kind, _), (other, its, _)| (one, kind.as_str()).cmp(&(other, its.as_str())));
        all
    }

    /// The same as text, without what is none.
    pub(super) fn ask_text(&self, name: &str, kind: RecordKind) -> Result<Vec<String>, DnsError> {
        let records = self.ask(name, kind)?;
        Ok(records.into_iter().filter_map(|record| String::from_utf8(record).ok()).collect())
    }

    /// TXT records of DMARC (RFC 9989 §4.8: blanks may stand around `=`, and the value has one form).
    pub(super) fn policies(&self, name: &str) -> Answer {
        let mut records = self.ask(name, RecordKind::Txt)?;
        records.retain(|record| {
            let first = record.split(|octet| *octet == b';').next().unwrap_or_default();
            let mut words = first.splitn(2, |octet| *octet == b'=');
            let (tag, value) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            // Nothing stands before it.
            tag.trim_ascii_end().eq_ignore_ascii_case(b"v") && value.trim_ascii() == b"DMARC1"
        });
        Ok(records)
    }

    /// TXT records that begin with this version (RFC 7208 §4.5).
    pub(super) fn versioned(&self, name: &str, version: &str, ends: &[u8]) -> Answer {
        let mut records = self.ask(name, RecordKind::Txt)?;
        records.retain(|record| {
            record.split_at_checked(version.len()).is_some_and(|(start, rest)| {
                let ended = rest.first().is_none_or(|octet| ends.contains(octet));
                ended && start.eq_ignore_ascii_case(version.as_bytes())
            })
        });
        Ok(records)
    }
}

/// A name that can be asked for (RFC 1035 §2.3.4).
fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|octet| (b' '..=b'~').contains(&octet) && octet != b'\\')
    };
    name.len() <= 253 && name.split('.').all(label)
}

/// The name that a cache of mail-auth is asked for. Its trait tells of a key only that it can be hashed, and what is
/// hashed of a `str` are its octets and 0xff.
pub(super) fn name_of<Q: Hash + ?Sized>(key: &Q) -> String {
    struct Recorder(Vec<u8>);
    impl Hasher for Recorder {
        fn write(&mut self, octets: &[u8]) {
            self.0.extend_from_slice(octets);
        }
        fn finish(&self) -> u64 {
            0
        }
    }
    let mut recorder = Recorder(Vec::new());
    key.hash(&mut recorder);
    let octets = recorder.0.strip_suffix(&[0xff]).unwrap_or(&recorder.0);
    String::from_utf8_lossy(octets).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Counter(std::sync::atomic::AtomicUsize);
    impl Resolver for Counter {
        fn lookup(&self, name: &str, _: RecordKind) -> Answer {
            self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Ok(vec![name.as_bytes().to_vec()])
        }
    }

    #[test]
    fn nobody_waits_for_every_question_of_a_silent_server() {
        #[derive(Default)]
        struct Silent(Counter);
        impl Resolver for Silent {
            fn lookup(&self, name: &str, kind: RecordKind) -> Answer {
                self.0.lookup(name, kind)?;
                Err(DnsError::Temporary)
            }
        }
        let silent = Silent::default();
        let questions = Questions::new(&silent, 100);
        for index in 0..50 {
            assert_eq!(questions.ask(&format!("{index}.example"), RecordKind::A), Err(DnsError::Temporary));
        }
        assert_eq!(silent.0.0.load(std::sync::atomic::Ordering::Relaxed), SILENT);
    }

    #[test]
    fn each_question_once_and_no_more_than_allowed() {
        let counter = Counter::default();
        let questions = Questions::new(&counter, 2);
        assert_eq!(questions.ask("A.example.", RecordKind::A), Ok(vec![b"a.example".to_vec()]));
        questions.ask("a.example", RecordKind::A).unwrap();
        assert_eq!(counter.0.load(std::sync::atomic::Ordering::Relaxed), 1);
        questions.ask("a.example", RecordKind::Txt).unwrap();
        assert_eq!(questions.ask("b.example", RecordKind::A), Err(DnsError::Temporary));
        assert_eq!(questions.ask("a..example", RecordKind::A), Err(DnsError::NoSuchName));
        assert_eq!(
            questions.ask(&format!("{}.example", "a".repeat(64)), RecordKind::A),
            Err(DnsError::NoSuchName)
        );
    }

    #[test]
    fn an_answer_is_no_larger_than_the_dns_has() {
        struct Large;
        impl Resolver for Large {
            fn lookup(&self, _: &str, _: RecordKind) -> Answer {
                Ok(vec![vec![b'x'; 40_000]; 3])
            }
        }
        assert_eq!(Questions::new(&Large, 1).ask("a.example", RecordKind::Txt).map(|all| all.len()), Ok(1));
    }

    #[test]
    fn names_come_back_out_of_keys() {
        assert_eq!(name_of("_dmarc.example.com."), "_dmarc.example.com.");
        let boxed: Box<str> = "a.b".into();
        assert_eq!(name_of(&boxed), "a.b");
    }
}
