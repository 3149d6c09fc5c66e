//! What is remembered of correspondents: by real letters of both protocols, and in a file that outlives its writers.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[path = "../support/mod.rs"]
mod support;

mod corpora;
mod file;
mod letters;
mod reach;

use std::sync::Arc;

use mailseal::outside::MemoryFile;
use mailseal::report::{Code, Report};
use mailseal::{CertificatePool, Context, Opener, Outcome, Policy, Scope, TrustStore, UnixTime};

const ALICE: &str = "alice@example.com";
const CAROL: &str = "carol@example.net";
const OPENSSL: &[u8] = include_bytes!("../../examples/letters/openssl.eml");
const GPG: &[u8] = include_bytes!("../../examples/letters/gpg.eml");

fn at(days: i64) -> UnixTime {
    UnixTime::from_seconds(1_800_000_000 + days * 86_400)
}

/// A memory in a folder of its own, and a reader that asks it.
struct Desk {
    folder: tempfile::TempDir,
    memory: Arc<MemoryFile>,
    cx: Context,
}

impl Desk {
    fn new(trust: TrustStore) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let memory = Arc::new(MemoryFile::open(folder.path().join("memory")).unwrap());
        let cx = Context::new(trust).memory(memory.clone());
        Self { folder, memory, cx }
    }

    /// Trusts those who signed the letters of the examples.
    fn of_examples() -> Self {
        let root = include_bytes!("../../examples/letters/openssl-ca.pem");
        let carol = include_bytes!("../../examples/letters/gpg-carol.asc");
        let trust = TrustStore::new().anchors(root, Scope::any()).unwrap();
        Self::new(trust.anchors(carol, Scope::any()).unwrap())
    }

    fn with(mut self, certificates: &[u8]) -> Self {
        self.cx = self.cx.certificates(CertificatePool::new().with(certificates).unwrap());
        self
    }

    fn report(&self, letter: &[u8], day: i64) -> Report {
        Opener::new(&self.cx).open(letter, at(day)).unwrap().report
    }

    fn memory_of(&self, address: &str) -> mailseal::trust::Correspondent {
        mailseal::trust::Memory::recall(&self.memory, &address.parse().unwrap()).unwrap().unwrap()
    }

    /// Opens it, and lets the memory learn.
    fn learn(&self, letter: &[u8], day: i64) {
        Opener::new(&self.cx).open(letter, at(day)).unwrap().remember(&self.memory).unwrap();
    }
}

/// What it is worth, and why: every reason.
fn judged(report: &Report) -> (Outcome, Vec<&'static str>) {
    let verdict = Policy::standard().judge(report);
    (verdict.outcome, verdict.reasons.iter().map(|reason| reason.code.as_str()).collect())
}

fn saw(report: &Report, code: Code) -> bool {
    let signatures = report.signatures().flat_map(|signature| &signature.findings);
    report.findings.iter().chain(signatures).any(|finding| finding.code == code)
}

/// The letter with another From and no signature.
fn unsigned(from: &str) -> Vec<u8> {
    format!("From: {from}\r\nTo: bob@example.org\r\nSubject: Pay\r\n\r\nAt once.\r\n").into_bytes()
}
