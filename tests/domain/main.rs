//! The sending domain, as others see it: dkimpy, pyspf, the examples of the RFCs and the test
//! suite of openspf.org, over a real DNS server where there is one.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[path = "../support/mod.rs"]
mod support;

mod agreement;
mod alone;
mod arc;
mod attacks;
mod dmarc;
mod hostile;
mod knot;
mod peers;
mod records;
mod rfc;
mod spf;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mailseal::UnixTime;
use mailseal::outside::domain::{DnsError, DomainCheck, RecordKind, Resolver};
use mailseal::report::{DkimEvidence, DomainEvidence};

/// After all examples were made.
fn now() -> UnixTime {
    UnixTime::from_seconds(1_800_000_000)
}

/// Records in memory. A name that is not there does not exist; one whose records are `None` never answers.
#[derive(Clone, Default)]
struct Zone {
    records: HashMap<(String, RecordKind), Option<Vec<Vec<u8>>>>,
    asked: Arc<AtomicUsize>,
}

impl Zone {
    fn txt(mut self, name: &str, text: &str) -> Self {
        let records = self.records.entry((name.to_lowercase(), RecordKind::Txt)).or_insert(Some(Vec::new()));
        records.as_mut().unwrap().push(text.as_bytes().to_vec());
        self
    }

    fn silent(mut self, name: &str, kind: RecordKind) -> Self {
        self.records.insert((name.to_lowercase(), kind), None);
        self
    }

    fn check(&self, letter: &[u8]) -> DomainEvidence {
        DomainCheck::new(self.clone()).check(letter, None, now()).unwrap()
    }
}

impl Resolver for Zone {
    fn lookup(&self, name: &str, kind: RecordKind) -> Result<Vec<Vec<u8>>, DnsError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match self.records.get(&(name.to_owned(), kind)) {
            Some(Some(records)) => Ok(records.clone()),
            Some(None) => Err(DnsError::Temporary),
            None if self.records.keys().any(|(known, _)| known == name) => Ok(Vec::new()),
            None => Err(DnsError::NoSuchName),
        }
    }
}

fn results(dkim: &[DkimEvidence]) -> Vec<&'static str> {
    dkim.iter().map(|one| one.result.as_str()).collect()
}

fn crlf(text: &str) -> Vec<u8> {
    text.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes()
}
