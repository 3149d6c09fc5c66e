//! A judgement with all that it needed, in one file that can be looked at again years later.
//!
//! - [`EvidenceRecord`]: opens a letter, and keeps what was used for it.
//! - [`EvidenceArchive`]: such a file. It is judged again from what is in it, without clock or network.
//!
//! The file is a tar archive, not compressed; its members are described in the README.txt inside. Nothing of it is
//! ever extracted: names of members are compared, never opened.

mod check;
mod domain;
mod manifest;
mod read;
mod record;
mod replay;
mod write;

pub use check::{Checked, Difference, WhoseTrust};
pub use read::EvidenceArchive;
pub use record::EvidenceRecord;

use std::io::Read;

use crate::crypto::{HashAlgorithm, portable};
use crate::error::Error;
use crate::report::hex;

const LETTER: &str = "letter.eml";
const REPORT: &str = "report.json";
const MANIFEST: &str = "manifest.json";
const SUMS: &str = "SHA256SUMS";
const DOMAIN: &str = "domain.json";
const MEMORY: &str = "memory.json";
const FETCHED: &str = "fetched/index.json";

/// SHA-256, as `sha256sum` prints it.
fn digest(octets: &mut dyn Read) -> Result<String, Error> {
    let mut digest = portable().digest(HashAlgorithm::Sha256).ok_or_else(|| Error::misuse("no SHA-256"))?;
    let mut chunk = vec![0; 64 << 10];
    loop {
        let count = octets.read(&mut chunk).map_err(Error::io("reading an archive"))?;
        if count == 0 {
            return Ok(hex(&digest.finish()).to_ascii_lowercase());
        }
        digest.update(chunk.get(..count).unwrap_or_default());
    }
}

fn malformed(why: impl Into<String>) -> Error {
    Error::malformed("an archive of evidence", why)
}
