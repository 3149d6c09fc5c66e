//! What stands in `manifest.json` and the other members that programs read.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::trust::Correspondent;

/// The version of the form of the archive.
pub(super) const VERSION: u32 = 1;

/// `manifest.json`: what was judged, when, by what, and what else is in the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// Of the form of the archive.
    pub(super) version: u32,
    /// Of the library that wrote it.
    pub(super) mailseal: String,
    /// RFC 3339.
    pub(super) at: String,
    /// The dated name of the policy.
    pub(super) policy: String,
    pub(super) outcome: String,
    pub(super) trust: Trust,
    pub(super) certificates: Certificates,
    /// CRLs and OCSP answers that the caller gave, in their order.
    pub(super) revocation: Vec<String>,
    /// Whether the network could be asked; what it answered is in `fetched/`.
    pub(super) fetching: bool,
    /// SHA-256 of each member but this one and the list of sums, by name.
    pub(super) members: BTreeMap<String, String>,
}

/// Whom the caller trusted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Trust {
    pub(super) anchors: Vec<Anchor>,
    /// Of the addresses in question.
    pub(super) pins: Vec<Pin>,
    /// Of the Web of Trust.
    pub(super) roots: Vec<Root>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Anchor {
    pub(super) file: String,
    /// As [`Scope`](crate::Scope) writes it, the purpose in it.
    pub(super) scope: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pin {
    pub(super) address: String,
    pub(super) fingerprint: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Root {
    pub(super) fingerprint: String,
    /// Of 120.
    pub(super) amount: u8,
}

/// Certificates beside the anchors.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Certificates {
    /// Found where the caller let them be looked for, in the order in which they were found.
    pub(super) known: Vec<String>,
    /// In the letter. They are taken from there; these copies are for people.
    pub(super) letter: Vec<String>,
}

/// One line of `fetched/index.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fetched {
    pub(super) purpose: String,
    pub(super) url: String,
    /// SHA-256 of what was sent.
    pub(super) body: String,
    /// None where nothing came back.
    pub(super) file: Option<String>,
}

/// `memory.json`: what was asked of a memory, and what it said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Remembered {
    pub(super) recalled: Vec<Recalled>,
    pub(super) alike: Vec<Alike>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Recalled {
    pub(super) key: String,
    pub(super) found: Option<Correspondent>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Alike {
    pub(super) marks: Vec<String>,
    pub(super) most: usize,
    pub(super) found: Vec<Correspondent>,
}

/// `domain.json`: whose word about the sending domain and the way of the letter counted, and what the DNS said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sending {
    /// How many of the topmost Received lines were trusted.
    pub(super) trusted_hops: Option<usize>,
    /// Whose Authentication-Results were.
    pub(super) trusted_results: Option<String>,
    pub(super) dns: Option<Dns>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Dns {
    /// When it was asked, RFC 3339.
    pub(super) asked: String,
    /// How the letter arrived, where that was known.
    pub(super) connection: Option<Arrival>,
    pub(super) answers: Vec<Said>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Arrival {
    pub(super) client: std::net::IpAddr,
    pub(super) helo: String,
    pub(super) mail_from: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Said {
    pub(super) name: String,
    /// `TXT`
    pub(super) kind: String,
    pub(super) answer: Answer,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    /// As in a zone file without quotes: what is not printable ASCII, and `\`, as `\DDD` (RFC 1035 §5.1).
    Records(Vec<String>),
    NoSuchName,
    Temporary,
}

/// As it stands in the archive.
pub(super) fn json(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    let mut octets =
        serde_json::to_vec_pretty(value).map_err(|error| Error::misuse(format!("no JSON: {error}")))?;
    octets.push(b'\n');
    Ok(octets)
}

/// What `sha256sum --check` reads.
pub(super) fn sums(members: &BTreeMap<String, String>, manifest: &str) -> String {
    let mut text = String::new();
    let all = members.iter().map(|(name, sum)| (name.as_str(), sum.as_str()));
    for (name, sum) in all.chain([(super::MANIFEST, manifest)]) {
        let _ = writeln!(text, "{sum}  {name}");
    }
    text
}
