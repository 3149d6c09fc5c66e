//! Where the library differs from a peer, or from what a corpus states: `divergences.json`, each entry with its reason.
//!
//! An algorithm, a key or a version that is refused leaves a signature undecided, whatever others compute: such a letter
//! is listed as well, as `unverified`.
//!
//! - [`complaints`]: the list has exactly what was found, and what was found may stand in it.

use std::collections::BTreeSet;

use serde::Deserialize;

/// Of a hundred files of a corpus, so many may be in the list, without those where the library leaves it undecided.
const PERCENT: usize = 2;

/// A difference that was found.
#[derive(Debug, Clone)]
pub(crate) struct Divergence {
    pub(crate) file: String,
    /// What the library says: `intact`, `altered` …
    pub(crate) ours: String,
    /// Whether what the library says is that the mathematics fits.
    pub(crate) ours_holds: bool,
    /// The library says neither, because of an algorithm, a key or a version that is refused.
    pub(crate) undecided: bool,
    /// What others say; whether each finds that it fits.
    pub(crate) peers: Vec<(String, bool)>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    corpus: String,
    file: String,
    ours: String,
    peer: std::collections::BTreeMap<String, String>,
    rfc: String,
    why: String,
}

fn list() -> Vec<Entry> {
    serde_json::from_str(include_str!("divergences.json")).unwrap()
}

/// What is wrong with the differences that were found in a corpus of so many files; nothing if all is well.
pub(crate) fn complaints(corpus: &str, found: &[Divergence], files: usize) -> Vec<String> {
    let list: Vec<Entry> = list().into_iter().filter(|entry| !entry.of_encryption()).collect();
    complaints_by(&list, corpus, found, files)
}

/// The same for letters that a peer opens and the library does not.
pub(crate) fn closed(corpus: &str, found: &[Divergence], files: usize) -> Vec<String> {
    let list: Vec<Entry> = list().into_iter().filter(Entry::of_encryption).collect();
    let mut wrong = complaints_by(&list, corpus, found, files);
    // With it, keys are used that AWS-LC refuses.
    wrong.retain(|one| !(cfg!(feature = "rust-crypto-private-rsa") && one.contains(NO_LONGER)));
    wrong
}

const NO_LONGER: &str = "in divergences.json, and no longer so";

impl Entry {
    /// What the library says of a layer that it does not open.
    fn of_encryption(&self) -> bool {
        ["no_key", "failed", "not_tried", "withheld"].iter().any(|word| self.ours.starts_with(word))
    }
}

fn complaints_by(list: &[Entry], corpus: &str, found: &[Divergence], files: usize) -> Vec<String> {
    let listed: BTreeSet<(&str, &str)> = list
        .iter()
        .filter(|entry| entry.corpus == corpus)
        .map(|entry| (entry.file.as_str(), entry.ours.as_str()))
        .collect();
    let seen: BTreeSet<(&str, &str)> =
        found.iter().map(|one| (one.file.as_str(), one.ours.as_str())).collect();
    let mut wrong = Vec::new();
    for one in found {
        if !listed.contains(&(&one.file, &one.ours)) {
            wrong.push(format!("{corpus}: not in divergences.json: {one:?}"));
        }
        if one.ours_holds && !one.peers.iter().any(|(_, holds)| *holds) {
            wrong.push(format!("{corpus}: nobody else says that it fits: {one:?}"));
        }
    }
    for (file, ours) in listed.difference(&seen) {
        wrong.push(format!("{corpus}: {NO_LONGER}: {file}: {ours}"));
    }
    let decided: BTreeSet<&str> =
        found.iter().filter(|one| !one.undecided).map(|one| one.file.as_str()).collect();
    if decided.len() * 100 > files * PERCENT {
        wrong.push(format!("{corpus}: {} of {files} files differ", decided.len()));
    }
    wrong
}

#[test]
fn every_divergence_has_its_reason() {
    let entries = list();
    for entry in &entries {
        assert!(entry.rfc.starts_with("RFC ") && entry.rfc.contains('§'), "{entry:#?}");
        assert!(entry.why.len() > 40, "{entry:#?}");
        assert!(
            !entry.peer.is_empty()
                && entry.peer.iter().all(|(name, said)| !name.is_empty() && !said.is_empty())
        );
    }
    let known = |entry: &Entry| match entry.of_encryption() {
        true => crate::opened_by_peers::CORPORA.contains(&entry.corpus.as_str()),
        false => crate::peers::is_compared(&entry.corpus),
    };
    assert!(entries.iter().all(known), "an entry of a corpus that is not compared");
    let files: BTreeSet<_> = entries.iter().map(|entry| (&entry.corpus, &entry.file)).collect();
    assert_eq!(files.len(), entries.len(), "a file is listed once");
}

#[test]
fn the_list_is_held() {
    let entry = Entry {
        corpus: "c".into(),
        file: "f".into(),
        ours: "intact".into(),
        peer: [("openssl".to_owned(), "no".to_owned())].into(),
        rfc: "RFC 5652 §5.4".into(),
        why: "because".into(),
    };
    let one = |fits| Divergence {
        file: "f".into(),
        ours: "intact".into(),
        ours_holds: true,
        undecided: false,
        peers: vec![("openssl".to_owned(), fits)],
    };
    let wrong =
        |list: &[Entry], found: &[Divergence], files| complaints_by(list, "c", found, files).join("\n");
    let list = [entry];
    assert_eq!(wrong(&list, &[one(true)], 50), "");
    assert!(wrong(&[], &[one(true)], 50).contains("not in divergences.json"));
    assert!(wrong(&list, &[], 50).contains("no longer so"));
    assert!(wrong(&list, &[one(false)], 50).contains("nobody else"));
    assert!(wrong(&list, &[one(true)], 49).contains("1 of 49"));
    assert_eq!(wrong(&list, &[Divergence { undecided: true, ..one(true) }], 1), "");
}
