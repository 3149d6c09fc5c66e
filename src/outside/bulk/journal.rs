//! A journal in a file: lines of JSON, one for each step of a letter.
//!
//! ```text
//! {"note":"run","run":"…","at":1795341720,"settings":{"keys":"…"},"sum":"1f0c77aa"}
//! {"note":"begun","letter":"bob@example.org","digest":"…","sum":"…"}
//! {"note":"done","letter":"bob@example.org","digest":"…","sum":"…"}
//! {"note":"refused","letter":"eve@example.org","digest":"…","why":"550 no such user","sum":"…"}
//! {"note":"again","at":1795345320,"sum":"…"}
//! ```
//!
//! `sum` is the first eight hexadecimal digits of the SHA-256 of what stands before `,"sum"`.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::{private, sync_folder};
use crate::crypto::{Provider, sha256};
use crate::error::Error;
use crate::message::{Journal, Noted};
use crate::time::UnixTime;

/// What was done with the letters of a run, in a file that people may read.
///
/// One process at a time has it. What [`Journal::note`] noted as done or refused is on the disk when it returns; threads
/// that note at the same time wait for the disk once. A last line that was cut off by a crash is taken away, any other
/// line that is not as it was written is an error. It keeps some 60 octets in memory for each letter.
///
/// ```
/// # fn main() -> Result<(), mailseal::Error> {
/// use mailseal::outside::JournalFile;
/// use mailseal::{Journal, Noted, UnixTime};
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("run-41.journal");
/// let at = UnixTime::from_seconds(1_800_000_000);
/// let settings = [("keys", "0123…")];
/// let journal = JournalFile::open(&path, &settings, at)?;
/// journal.note("bob@example.org", &[0; 32], Noted::Done, "")?;
/// let run = journal.run().to_owned();
/// drop(journal);
/// // Later, or after a crash:
/// let journal = JournalFile::open(&path, &settings, UnixTime::from_seconds(1_800_009_999))?;
/// assert_eq!((journal.run(), journal.at()), (run.as_str(), at));
/// assert_eq!(journal.look("bob@example.org", &[0; 32])?, Noted::Done);
/// drop(journal);
/// assert!(JournalFile::open(&path, &[("keys", "another")], at).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct JournalFile {
    path: PathBuf,
    run: String,
    at: UnixTime,
    last: Option<UnixTime>,
    state: Mutex<State>,
    /// How many lines are on the disk; whoever waits for more of them brings all that are written there.
    synced: Mutex<u64>,
}

#[derive(Debug)]
struct State {
    file: File,
    lines: u64,
    /// Where the whole lines end.
    end: u64,
    letters: HashMap<[u8; 16], Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    /// The first half of the digest of its draft.
    digest: [u8; 16],
    noted: Noted,
    /// It was asked about since the file was opened.
    seen: bool,
}

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "snake_case")]
enum Line {
    Run { run: String, at: i64, settings: BTreeMap<String, String> },
    Begun { letter: String, digest: String },
    Done { letter: String, digest: String },
    Refused { letter: String, digest: String, why: String },
    Again { at: i64 },
}

impl JournalFile {
    /// Begins a run, or goes on with one. `settings` are what must be the same then, by names: keys, a template, where
    /// to. `at` is now; the run keeps the first.
    ///
    /// [`Error::Refused`]: another process has it, or the settings are others.
    pub fn open(path: impl Into<PathBuf>, settings: &[(&str, &str)], at: UnixTime) -> Result<Self, Error> {
        let path = path.into();
        let failed = || Error::io(path.display().to_string());
        let file = private().read(true).truncate(false).open(&path).map_err(failed())?;
        if !file.metadata().map_err(failed())?.is_file() {
            return Err(Error::Refused(format!("{} is no file: it keeps nothing", path.display())));
        }
        file.try_lock().map_err(|error| match error {
            std::fs::TryLockError::WouldBlock => {
                Error::Refused(format!("another run has the journal {}", path.display()))
            }
            std::fs::TryLockError::Error(source) => failed()(source),
        })?;
        let settings: BTreeMap<String, String> =
            settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut read = Read::default();
        read.file(&file, &path)?;
        let mut state = State { file, lines: 0, end: read.end, letters: read.letters };
        state.file.set_len(read.end).map_err(failed())?;
        state.file.seek(SeekFrom::Start(read.end)).map_err(failed())?;
        let (run, first) = match read.run {
            Some((run, first, before)) => {
                same(&before, &settings)?;
                state.write(&Line::Again { at: at.seconds() }, &path)?;
                (run, first)
            }
            None => {
                let run = new_run()?;
                state.write(&Line::Run { run: run.clone(), at: at.seconds(), settings }, &path)?;
                (run, at)
            }
        };
        state.file.sync_all().map_err(failed())?;
        sync_folder(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;
        let synced = Mutex::new(state.lines);
        Ok(Self { run, at: first, last: read.last, state: Mutex::new(state), synced, path })
    }

    /// What the run is called: 32 random digits.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// When it was begun first.
    pub fn at(&self) -> UnixTime {
        self.at
    }

    /// When it was begun or resumed the last time before this; nothing for a new one.
    ///
    /// ```
    /// # use mailseal::{UnixTime, outside::JournalFile};
    /// # let folder = tempfile::tempdir().unwrap();
    /// let path = folder.path().join("new.journal");
    /// assert_eq!(JournalFile::open(&path, &[], UnixTime::from_seconds(0))?.last(), None);
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    pub fn last(&self) -> Option<UnixTime> {
        self.last
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The disk has this line, and with it all that were written meanwhile.
    fn sync(&self, line: u64) -> Result<(), Error> {
        let mut synced = self.synced.lock().unwrap_or_else(PoisonError::into_inner);
        if *synced >= line {
            return Ok(());
        }
        let (file, lines) = {
            let state = self.state();
            (state.file.try_clone(), state.lines)
        };
        let done = file.and_then(|file| file.sync_data());
        done.map_err(Error::io(self.path.display().to_string()))?;
        *synced = lines;
        Ok(())
    }
}

impl Journal for JournalFile {
    fn look(&self, id: &str, digest: &[u8; 32]) -> Result<Noted, Error> {
        if id.len() > LONGEST_ID {
            return Err(Error::Refused(format!("the id of a letter is longer than {LONGEST_ID} octets")));
        }
        let digest = half(digest);
        let mut state = self.state();
        let entry =
            state.letters.entry(key(id)).or_insert(Entry { digest, noted: Noted::Nothing, seen: false });
        if entry.digest != digest {
            return Err(Error::Refused(format!(
                "the letter {id} is another one than when this run was begun"
            )));
        }
        if std::mem::replace(&mut entry.seen, true) {
            return Err(Error::Refused(format!("two letters of this run are called {id}")));
        }
        Ok(entry.noted)
    }

    fn note(&self, id: &str, digest: &[u8; 32], noted: Noted, why: &str) -> Result<(), Error> {
        let (letter, digest) = (id.to_owned(), half(digest));
        let text = hex(&digest);
        let line = match noted {
            Noted::Nothing => return Err(Error::misuse("there is nothing to note")),
            Noted::Begun => Line::Begun { letter, digest: text },
            Noted::Done => Line::Done { letter, digest: text },
            Noted::Refused => {
                Line::Refused { letter, digest: text, why: why.chars().take(LONGEST_REASON).collect() }
            }
        };
        let number = {
            let mut state = self.state();
            state.write(&line, &self.path)?;
            state.letters.insert(key(id), Entry { digest, noted, seen: true });
            state.lines
        };
        // After a crash of the machine a letter that was begun is like one that was not: it is asked for, or sent.
        if noted == Noted::Begun { Ok(()) } else { self.sync(number) }
    }
}

impl State {
    fn write(&mut self, line: &Line, path: &Path) -> Result<(), Error> {
        let failed = || Error::io(path.display().to_string());
        let mut text = serde_json::to_string(line).map_err(|error| failed()(error.into()))?;
        text.pop();
        let sum = sum(text.as_bytes());
        let text = format!("{text},\"sum\":\"{sum}\"}}\n");
        self.lines += 1;
        // In one call: a kill cuts nothing off.
        if let Err(error) = self.file.write_all(text.as_bytes()) {
            // The disk is full: what comes after it, when there is room again, would be of no line.
            let _ = self.file.set_len(self.end).and_then(|()| self.file.seek(SeekFrom::Start(self.end)));
            return Err(failed()(error));
        }
        self.end = self.end.saturating_add(u64::try_from(text.len()).unwrap_or(0));
        Ok(())
    }
}

/// What stands in a file.
#[derive(Default)]
struct Read {
    run: Option<(String, UnixTime, BTreeMap<String, String>)>,
    last: Option<UnixTime>,
    letters: HashMap<[u8; 16], Entry>,
    /// Where the whole lines end.
    end: u64,
}

impl Read {
    fn file(&mut self, file: &File, path: &Path) -> Result<(), Error> {
        let failed = || Error::io(path.display().to_string());
        let mut reader = BufReader::new(file);
        let (mut text, mut number) = (Vec::new(), 0_u64);
        loop {
            text.clear();
            number += 1;
            let length =
                std::io::Read::take(&mut reader, LONGEST).read_until(b'\n', &mut text).map_err(failed())?;
            if length == 0 {
                return Ok(());
            }
            let good = Line::read(&text).is_some_and(|line| self.line(line).is_some());
            if !good {
                let rest = reader.fill_buf().map_err(failed())?;
                let ours = number > 1 || HEAD.starts_with(&text) || text.starts_with(HEAD);
                // Cut off by a crash.
                if rest.is_empty() && ours && (number > 1 || !text.ends_with(b"\n")) {
                    return Ok(());
                }
                let why = format!("line {number} of {} is not as it was written", path.display());
                return Err(Error::malformed("a journal", why));
            }
            self.end += u64::try_from(length).unwrap_or(0);
        }
    }

    fn line(&mut self, line: Line) -> Option<()> {
        let (letter, digest, noted) = match line {
            Line::Run { run, at, settings } if self.run.is_none() => {
                self.last = Some(UnixTime::from_seconds(at));
                self.run = Some((run, UnixTime::from_seconds(at), settings));
                return Some(());
            }
            _ if self.run.is_none() => return None,
            Line::Run { .. } => return None,
            Line::Again { at } => {
                self.last = Some(UnixTime::from_seconds(at));
                return Some(());
            }
            Line::Begun { letter, digest } => (letter, digest, Noted::Begun),
            Line::Done { letter, digest } => (letter, digest, Noted::Done),
            Line::Refused { letter, digest, .. } => (letter, digest, Noted::Refused),
        };
        self.letters.insert(key(&letter), Entry { digest: unhex(&digest)?, noted, seen: false });
        Some(())
    }
}

impl Line {
    /// Nothing where it is not as it was written.
    fn read(text: &[u8]) -> Option<Self> {
        let line = text.strip_suffix(b"\n")?;
        let (inside, end) = line.split_at_checked(line.len().checked_sub(END)?)?;
        let written = format!(",\"sum\":\"{}\"}}", sum(inside));
        if end != written.as_bytes() {
            return None;
        }
        serde_json::from_slice(line).ok()
    }
}

/// How a journal begins. No other file is written over.
const HEAD: &[u8] = b"{\"note\":\"run\",";
/// Octets of `,"sum":"01234567"}`.
const END: usize = 18;
/// A line beyond this is none of ours.
const LONGEST: u64 = 1 << 20;
/// Octets of an id. A line has room for it and for a reason, escaped as they may be.
pub(super) const LONGEST_ID: usize = 1 << 10;
/// Letters of what a server said, of which it may say any number.
const LONGEST_REASON: usize = 1 << 10;

fn same(before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Result<(), Error> {
    let names = before.keys().chain(now.keys());
    let mut other: Vec<&str> =
        names.filter(|name| before.get(*name) != now.get(*name)).map(String::as_str).collect();
    other.sort_unstable();
    other.dedup();
    if other.is_empty() {
        return Ok(());
    }
    let other = other.join(", ");
    Err(Error::Refused(format!(
        "the run of this journal was begun otherwise: {other}; a new run takes a new journal"
    )))
}

fn new_run() -> Result<String, Error> {
    let mut octets = [0; 16];
    Provider::default().random.fill(&mut octets)?;
    Ok(hex(&octets))
}

fn sum(octets: &[u8]) -> String {
    hex(sha256(octets).get(..4).unwrap_or_default())
}

/// Of an id.
fn key(id: &str) -> [u8; 16] {
    half(&sha256(id.as_bytes()))
}

fn half(digest: &[u8; 32]) -> [u8; 16] {
    digest.first_chunk().copied().unwrap_or_default()
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; 16]> {
    u128::from_str_radix(text, 16).ok().filter(|_| text.len() == 32).map(u128::to_be_bytes)
}
