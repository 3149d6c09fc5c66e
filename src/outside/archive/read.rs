//! Reading an archive.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::PathBuf;

use tar::{Archive, Entry};

use super::manifest::{self, Manifest, Sending};
use super::{DOMAIN, LETTER, MANIFEST, SUMS, digest, malformed};
use crate::error::Error;
use crate::input::{Input, Source};
use crate::limits::Limits;
use crate::time::UnixTime;

/// A judgement with all that it needed, as [`EvidenceRecord::save`](super::EvidenceRecord::save) wrote it.
///
/// It is not signed. That the letter, its signature and its certificates belong together is checked anew; but the time,
/// the anchors and the memory are the archive's word, and whoever can write to it can write others, with all digests.
/// So what it proves is: by this trust, at this time, the letter is worth that. Bring anchors of your own
/// ([`check_with`](Self::check_with)), and keep the archive where nobody changes it, or its `SHA256SUMS` in a signed
/// letter or a time stamp, if the time matters.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "smime")] {
/// # use mailseal::outside::EvidenceRecord;
/// # use mailseal::{Context, Scope, TrustStore};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("evidence.tar");
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// # let anchors = include_bytes!("../../../examples/letters/openssl-ca.pem");
/// # let letter = include_bytes!("../../../examples/letters/openssl.eml");
/// # let cx = Context::new(TrustStore::new().anchors(anchors, Scope::any())?);
/// # EvidenceRecord::open(&cx, letter, at)?.save(&mailseal::Policy::standard(), &path)?;
/// use mailseal::{Policy, outside::EvidenceArchive};
/// let archive = EvidenceArchive::open(&path)?;
/// println!("{} at {} by {}", archive.outcome(), archive.at(), archive.policy());
/// let checked = archive.check(&Policy::standard())?;
/// for difference in &checked.differences {
///     println!("{difference}");
/// }
/// assert!(checked.is_same());
/// # }
/// # Ok(())
/// # }
/// ```
pub struct EvidenceArchive {
    path: PathBuf,
    pub(super) limits: Limits,
    pub(super) manifest: Manifest,
    pub(super) at: UnixTime,
    pub(super) sending: Sending,
    /// All but the letter.
    pub(super) members: BTreeMap<String, Vec<u8>>,
    /// Where the letter lies in the file, and how long it is.
    letter: (u64, u64),
}

impl EvidenceArchive {
    /// Reads all of it but the letter, within the default [`Limits`] (`archive_bytes`, `archive_members`).
    /// [`Error::Malformed`] if it is something else, or too damaged to be looked at.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        Self::open_within(path, Limits::default())
    }

    /// The same within other limits, which also hold for the letter.
    ///
    /// ```
    /// use mailseal::{Limits, outside::EvidenceArchive};
    /// let limits = Limits::default().archive_bytes(1 << 20);
    /// assert!(EvidenceArchive::open_within("nowhere.tar", limits).is_err());
    /// ```
    pub fn open_within(path: impl Into<PathBuf>, limits: Limits) -> Result<Self, Error> {
        let path = path.into();
        let failed = || Error::io(path.display().to_string());
        let file = File::open(&path).map_err(failed())?;
        let mut archive = Archive::new(BufReader::new(file));
        let mut reading = Reading { members: BTreeMap::new(), letter: None, room: limits.archive_bytes };
        for entry in archive.entries().map_err(failed())?.raw(true) {
            // One that cannot be read is none of ours; that the disk fails is rare, and said in its words.
            let entry = entry.map_err(|error| malformed(error.to_string()))?;
            if reading.members.len() >= limits.archive_members {
                let limit = u64::try_from(limits.archive_members).unwrap_or(u64::MAX);
                return Err(Error::Limit { name: "archive_members", limit });
            }
            reading.take(entry, &limits)?;
        }
        let Reading { members, letter, .. } = reading;
        let letter = letter.ok_or_else(|| malformed(format!("there is no {LETTER}")))?;
        let manifest = members.get(MANIFEST).ok_or_else(|| malformed(format!("there is no {MANIFEST}")))?;
        let manifest = read_manifest(manifest)?;
        let at =
            UnixTime::read(&manifest.at).ok_or_else(|| malformed(format!("no time: {}", manifest.at)))?;
        let sending = match members.get(DOMAIN) {
            Some(octets) => {
                serde_json::from_slice(octets).map_err(|error| malformed(format!("{DOMAIN}: {error}")))?
            }
            None => Sending::default(),
        };
        Ok(Self { path, limits, manifest, at, sending, members, letter })
    }

    /// When the letter was judged; the archive's word.
    pub fn at(&self) -> UnixTime {
        self.at
    }

    /// What it was worth, in one word; the archive's word.
    pub fn outcome(&self) -> &str {
        &self.manifest.outcome
    }

    /// The dated name of the policy that it was judged by.
    pub fn policy(&self) -> &str {
        &self.manifest.policy
    }

    /// When the DNS was asked about the sending domain, and how many answers are kept; `None` where it was not. The
    /// archive's word: what the DNS says is not signed.
    pub fn asked(&self) -> Option<(UnixTime, usize)> {
        let dns = self.sending.dns.as_ref()?;
        Some((UnixTime::read(&dns.asked)?, dns.answers.len()))
    }

    /// The letter as it lies there now.
    pub(super) fn letter(&self) -> Result<Source<'static>, Error> {
        let failed = || Error::io(self.path.display().to_string());
        let mut file = File::open(&self.path).map_err(failed())?;
        file.seek(SeekFrom::Start(self.letter.0)).map_err(failed())?;
        Input::pipe(file.take(self.letter.1)).load(&self.limits)
    }

    /// The members that are not as the manifest says, are missing, or of which it says nothing.
    pub(super) fn damaged(&self, letter: &Source<'_>) -> Result<Vec<String>, Error> {
        let said = &self.manifest.members;
        let mut wrong: Vec<String> = said
            .keys()
            .filter(|name| *name != LETTER && !self.members.contains_key(*name))
            .cloned()
            .collect();
        for (name, octets) in &self.members {
            let intact = match name.as_str() {
                SUMS => octets.as_slice() == self.sums()?.as_bytes(),
                // In the list of sums; and there is one way to write it, so that no octet of it can be another.
                MANIFEST => *octets == manifest::json(&self.manifest)?,
                name => said.get(name) == Some(&digest(&mut octets.as_slice())?),
            };
            if !intact {
                wrong.push(name.clone());
            }
        }
        if said.get(LETTER) != Some(&digest(&mut *letter.reader(0..letter.len())?)?) {
            wrong.push(LETTER.to_owned());
        }
        if !self.members.contains_key(SUMS) {
            wrong.push(SUMS.to_owned());
        }
        Ok(wrong)
    }

    /// The list of sums, as it has to be.
    fn sums(&self) -> Result<String, Error> {
        let octets = self.members.get(MANIFEST).map(Vec::as_slice).unwrap_or_default();
        Ok(manifest::sums(&self.manifest.members, &digest(&mut &*octets)?))
    }
}

/// Without the octets.
impl fmt::Debug for EvidenceArchive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EvidenceArchive").field("path", &self.path).finish_non_exhaustive()
    }
}

fn read_manifest(octets: &[u8]) -> Result<Manifest, Error> {
    let wrong = |error: serde_json::Error| malformed(format!("{MANIFEST}: {error}"));
    let value: serde_json::Value = serde_json::from_slice(octets).map_err(wrong)?;
    match value.get("version").and_then(serde_json::Value::as_u64) {
        Some(version) if version == u64::from(manifest::VERSION) => {
            serde_json::from_value(value).map_err(wrong)
        }
        Some(version) => Err(malformed(format!("its form has version {version}, which is not known here"))),
        None => Err(malformed(format!("{MANIFEST} has no version"))),
    }
}

struct Reading {
    members: BTreeMap<String, Vec<u8>>,
    letter: Option<(u64, u64)>,
    room: u64,
}

impl Reading {
    fn take(&mut self, mut entry: Entry<'_, impl Read>, limits: &Limits) -> Result<(), Error> {
        let name = entry.path_bytes().into_owned();
        let name = String::from_utf8(name).map_err(|_| malformed("a name that is not UTF-8"))?;
        if !entry.header().entry_type().is_file() {
            return Err(malformed(format!("{name:?} is not a file")));
        }
        let length = entry.header().entry_size().map_err(|error| malformed(error.to_string()))?;
        if self.members.contains_key(&name) || (name == LETTER && self.letter.is_some()) {
            return Err(malformed(format!("{name:?} is there twice")));
        }
        if name == LETTER {
            self.letter = Some((entry.raw_file_position(), length));
            return Ok(());
        }
        let limit = Error::Limit { name: "archive_bytes", limit: limits.archive_bytes };
        self.room = self.room.checked_sub(length).ok_or(limit)?;
        let mut octets = Vec::new();
        entry.read_to_end(&mut octets).map_err(Error::io("reading an archive"))?;
        if u64::try_from(octets.len()) != Ok(length) {
            return Err(malformed(format!("it ends within {name:?}")));
        }
        self.members.insert(name, octets);
        Ok(())
    }
}
