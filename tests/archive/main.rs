//! Archives of evidence: judged again years later, from what is in them alone, and every change noticed.

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
#![cfg(all(feature = "archive", feature = "smime", feature = "openpgp-rust", feature = "aws-lc"))]

#[path = "../support/mod.rs"]
mod support;

mod again;
mod changed;
#[cfg(feature = "cli")]
mod command;
#[cfg(feature = "domain-auth")]
mod domain;
mod world;

use std::io::Read;
use std::path::{Path, PathBuf};

use mailseal::outside::{Checked, EvidenceArchive, EvidenceRecord};
use mailseal::{Context, Outcome, Policy, UnixTime};

const AT: UnixTime = UnixTime::from_seconds(1_800_000_000);

const CA: &[u8] = include_bytes!("../../examples/letters/openssl-ca.pem");
const LETTER: &[u8] = include_bytes!("../../examples/letters/openssl.eml");
const CAROL: &[u8] = include_bytes!("../../examples/letters/gpg-carol.asc");
const CAROLS: &[u8] = include_bytes!("../../examples/letters/gpg.eml");

/// An archive in a folder of its own.
struct Kept {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn keep(cx: &Context, letter: &[u8], at: UnixTime) -> Kept {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("evidence.tar");
    EvidenceRecord::open(cx, letter, at).unwrap().save(&Policy::standard(), &path).unwrap();
    Kept { _folder: folder, path }
}

impl Kept {
    fn open(&self) -> EvidenceArchive {
        EvidenceArchive::open(&self.path).unwrap()
    }

    /// By the archive's own trust.
    fn check(&self) -> Checked {
        self.open().check(&Policy::standard()).unwrap()
    }

    fn members(&self) -> Vec<(String, Vec<u8>)> {
        members(&self.path)
    }

    fn member(&self, name: &str) -> Vec<u8> {
        let all = self.members();
        let found = all.into_iter().find(|(known, _)| known == name);
        found.unwrap_or_else(|| panic!("no {name}")).1
    }

    fn names(&self) -> Vec<String> {
        self.members().into_iter().map(|(name, _)| name).collect()
    }
}

fn members(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(std::fs::File::open(path).unwrap());
    let read = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let mut octets = Vec::new();
        entry.read_to_end(&mut octets).unwrap();
        (entry.path().unwrap().display().to_string(), octets)
    });
    read.collect()
}

fn outcome(checked: &Checked) -> Option<Outcome> {
    checked.verdict.as_ref().map(|verdict| verdict.outcome)
}

#[track_caller]
fn same(checked: &Checked, expected: Outcome) {
    assert!(checked.is_same(), "{:?}", checked.differences);
    assert_eq!(outcome(checked), Some(expected));
}
