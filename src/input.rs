//! A letter to read, and reading it again.
//!
//! A detached signature comes after what it signs, so every letter is read at least twice. [`Input`] is what a
//! caller hands in; a [`Source`] is the same octets, readable any number of times:
//!
//! - memory, as it is;
//! - a file, with a digest per 64 KiB taken on the first reading, checked on each later one;
//! - a pipe, spooled as received: memory up to a limit, then an unlinked file that only its owner can read;
//! - content decoded from one of these, held in memory when small, decoded again when large.
//!
//! [`Pushed`] is a letter that arrives in pieces; [`Cancel`] ends a call early.

mod pushed;
#[cfg(test)]
mod tests;
mod watch;

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::crypto::sha256;
use crate::error::Error;
use crate::limits::Limits;

pub use pushed::Pushed;
use pushed::unlinked;
pub use watch::Cancel;
use watch::{Watch, Watched};

/// A letter to read: memory, a file or a pipe. Consumed by the call that reads it.
///
/// ```
/// use mailseal::Input;
/// let letter = b"From: alice@example.org\r\n\r\nHello\r\n".to_vec();
/// let borrowed = Input::memory(&letter);
/// let file = Input::file("in.eml");
/// let piped = Input::pipe(std::io::stdin());
/// # let _ = (borrowed, file, piped);
/// ```
pub struct Input<'a> {
    kind: Kind<'a>,
    spool: Option<PathBuf>,
    watch: Watch<'a>,
}

enum Kind<'a> {
    Memory(Cow<'a, [u8]>),
    File(PathBuf),
    Pipe(Box<dyn Read + Send + 'a>),
    /// A file of our own, all of it.
    Spooled(File),
}

impl<'a> Input<'a> {
    /// Octets in memory, borrowed or owned.
    pub fn memory(octets: impl Into<Cow<'a, [u8]>>) -> Self {
        Self::of(Kind::Memory(octets.into()))
    }

    /// A file. It is opened by the call that reads it.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::of(Kind::File(path.into()))
    }

    /// Something that can be read only once, such as standard input.
    pub fn pipe(reader: impl Read + Send + 'a) -> Self {
        Self::of(Kind::Pipe(Box::new(reader)))
    }

    /// A letter that arrives in pieces: write them, then give it to the call that reads it.
    pub fn push() -> Pushed {
        Pushed::new()
    }

    fn of(kind: Kind<'a>) -> Self {
        Self { kind, spool: None, watch: Watch::default() }
    }

    /// The folder for the one temporary file a large pipe needs. Default: the system's.
    #[must_use]
    pub fn spool_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.spool = Some(folder.into());
        self
    }

    /// Ends the call that reads it, and later ones that read what it opened, when somebody says so: [`Cancel`].
    #[must_use]
    pub fn cancel(mut self, cancel: &Cancel) -> Self {
        self.watch.set_cancel(cancel);
        self
    }

    /// Tells how far the reading is: octets read so far, each reading of them counted, and the length of the letter once
    /// it is known. A letter is read two to four times, and once more where it is written. Called about once for each MiB,
    /// in the thread that reads.
    ///
    /// ```
    /// use mailseal::{Context, Input, Opener, TrustStore};
    /// let letter = [&b"From: a@b.example\r\n\r\n"[..], &vec![b'x'; 5 << 20]].concat();
    /// let mut told = Vec::new();
    /// let input = Input::memory(&letter).progress(|read, total| told.push((read, total)));
    /// drop(Opener::new(&Context::new(TrustStore::new())).open(input, std::time::SystemTime::now())?);
    /// assert!(told.len() > 5 && told.iter().all(|(_, total)| *total == Some(letter.len() as u64)));
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    #[must_use]
    pub fn progress(mut self, tell: impl FnMut(u64, Option<u64>) + Send + 'a) -> Self {
        self.watch.set_progress(tell);
        self
    }

    /// All of it at once, for small things such as keys and certificates: [`Error::Limit`] of that name where a file or a
    /// pipe has more than `limit` octets. What is in memory is there already.
    ///
    /// ```
    /// use mailseal::{Error, Input};
    /// assert_eq!(Input::pipe(&b"small"[..]).octets("key_file_bytes", 10)?, b"small");
    /// let too_much = Input::pipe(std::io::repeat(0)).octets("key_file_bytes", 10);
    /// assert!(matches!(too_much, Err(Error::Limit { limit: 10, .. })));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn octets(self, name: &'static str, limit: usize) -> Result<Vec<u8>, Error> {
        let (what, reader): (String, Box<dyn Read + Send + 'a>) = match self.kind {
            Kind::Memory(octets) => return Ok(octets.into_owned()),
            Kind::File(path) => {
                let what = path.display().to_string();
                (what.clone(), Box::new(File::open(&path).map_err(Error::io(what))?))
            }
            Kind::Pipe(reader) => ("the input".into(), reader),
            Kind::Spooled(mut file) => {
                file.seek(SeekFrom::Start(0)).map_err(Error::io("the spool file"))?;
                ("the spool file".into(), Box::new(file))
            }
        };
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        let mut octets = Vec::new();
        let mut reader = Watched { reader, watch: self.watch }.take(limit.saturating_add(1));
        reader.read_to_end(&mut octets).map_err(Error::io(what))?;
        match u64::try_from(octets.len()) {
            Ok(length) if length <= limit => Ok(octets),
            _ => Err(Error::Limit { name, limit }),
        }
    }

    /// Reads once, so that it can be read again.
    pub(crate) fn load(self, limits: &Limits) -> Result<Source<'a>, Error> {
        let watch = self.watch;
        watch.check()?;
        let loading = Loading { limits, watch: &watch };
        let octets = match self.kind {
            Kind::Memory(octets) => {
                loading.within(u64::try_from(octets.len()).unwrap_or(u64::MAX))?;
                Octets::Memory(octets)
            }
            Kind::File(path) => loading.file(&path)?,
            Kind::Pipe(reader) => loading.spool(reader, self.spool.as_deref())?,
            Kind::Spooled(file) => loading.index(file)?,
        };
        let source = Source { octets: Arc::new(octets), watch };
        source.watch.total(source.len());
        Ok(source)
    }
}

impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Memory(octets) => write!(f, "Input::memory({} octets)", octets.len()),
            Kind::File(path) => write!(f, "Input::file({})", path.display()),
            Kind::Pipe(_) => f.write_str("Input::pipe"),
            Kind::Spooled(_) => f.write_str("Input::push"),
        }
    }
}

impl<'a> From<&'a [u8]> for Input<'a> {
    fn from(octets: &'a [u8]) -> Self {
        Self::memory(octets)
    }
}

impl<'a> From<&'a Vec<u8>> for Input<'a> {
    fn from(octets: &'a Vec<u8>) -> Self {
        Self::memory(octets.as_slice())
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Input<'a> {
    fn from(octets: &'a [u8; N]) -> Self {
        Self::memory(octets.as_slice())
    }
}

impl From<Vec<u8>> for Input<'_> {
    fn from(octets: Vec<u8>) -> Self {
        Self::memory(octets)
    }
}

/// Octets that can be read again from any place, always the same ones. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Source<'a> {
    octets: Arc<Octets<'a>>,
    watch: Watch<'a>,
}

enum Octets<'a> {
    Memory(Cow<'a, [u8]>),
    /// One file has one place to read from, hence the lock.
    File {
        file: Mutex<File>,
        length: u64,
        chunks: Vec<[u8; 32]>,
    },
    Derived {
        length: u64,
        derivations: u64,
        open: Box<Open<'a>>,
    },
}

type Open<'a> = dyn Fn() -> Result<Box<dyn Read + Send + 'a>, Error> + Send + Sync + 'a;

const CHUNK: u64 = 64 << 10;

impl<'a> Source<'a> {
    pub(crate) fn memory(octets: impl Into<Cow<'a, [u8]>>) -> Self {
        Self::of(Octets::Memory(octets.into()))
    }

    fn of(octets: Octets<'a>) -> Self {
        Self { octets: Arc::new(octets), watch: Watch::default() }
    }

    /// As content of another one: who cancels that, cancels this.
    pub(crate) fn inside(mut self, outer: &Source<'a>) -> Self {
        self.watch = outer.watch.of_content();
        self
    }

    pub(crate) fn cancel(&self) -> Option<&Cancel> {
        self.watch.cancel()
    }

    /// Work on these octets. Whatever comes of it after somebody cancelled it is [`Error::Cancelled`].
    pub(crate) fn unless_cancelled<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let done = work();
        self.watch.check().and(done)
    }

    /// Content that is decoded anew each time it is read, `derivations` times until it is there.
    pub(crate) fn derived(
        length: u64,
        derivations: u64,
        open: impl Fn() -> Result<Box<dyn Read + Send + 'a>, Error> + Send + Sync + 'a,
    ) -> Self {
        Self::of(Octets::Derived { length, derivations, open: Box::new(open) })
    }

    pub(crate) fn len(&self) -> u64 {
        match &*self.octets {
            Octets::Memory(octets) => u64::try_from(octets.len()).unwrap_or(u64::MAX),
            Octets::File { length, .. } | Octets::Derived { length, .. } => *length,
        }
    }

    /// How often octets are decoded until they are there; 0 where they lie as they are.
    pub(crate) fn derivations(&self) -> u64 {
        match &*self.octets {
            Octets::Derived { derivations, .. } => *derivations,
            _ => 0,
        }
    }

    /// All octets, where they are in memory.
    pub(crate) fn as_slice(&self) -> Option<&[u8]> {
        match &*self.octets {
            Octets::Memory(octets) => Some(octets),
            _ => None,
        }
    }

    /// A reader of some of the octets. Ends early only where the source does.
    pub(crate) fn reader(&self, range: Range<u64>) -> Result<Box<dyn BufRead + '_>, Error> {
        match &*self.octets {
            Octets::Memory(octets) if self.watch.is_idle() => Ok(Box::new(slice_of(octets, &range))),
            _ => Ok(self.clone().into_reader(range)?),
        }
    }

    /// The same, for readers that outlive this handle.
    pub(crate) fn into_reader(self, range: Range<u64>) -> Result<Box<dyn BufRead + Send + 'a>, Error> {
        let watch = self.watch.clone();
        let reader = self.unwatched(range)?;
        Ok(if watch.is_idle() { reader } else { Box::new(Watched { reader, watch }) })
    }

    fn unwatched(self, range: Range<u64>) -> Result<Box<dyn BufRead + Send + 'a>, Error> {
        let length = range.end.saturating_sub(range.start);
        match &*self.octets {
            Octets::Memory(_) => {
                let mut cursor = Cursor::new(Memory(self));
                cursor.set_position(range.start);
                Ok(Box::new(cursor.take(length)))
            }
            Octets::File { .. } => {
                let checked = Checked { source: self, at: range.start, chunk: Vec::new(), from: 0 };
                Ok(Box::new(BufReader::with_capacity(0x10000, checked.take(length))))
            }
            // What it is taken from is watched itself.
            Octets::Derived { open, .. } => {
                let mut reader = open()?;
                io::copy(&mut reader.by_ref().take(range.start), &mut io::sink())
                    .map_err(Error::io("decoding again"))?;
                Ok(Box::new(BufReader::new(reader.take(length))))
            }
        }
    }

    /// Some of the octets, at most `limit` of them.
    pub(crate) fn read(&self, range: Range<u64>, limit: usize, name: &'static str) -> Result<Vec<u8>, Error> {
        let length = range.end.saturating_sub(range.start);
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        if length > limit {
            return Err(Error::Limit { name, limit });
        }
        let mut octets = Vec::new();
        self.reader(range)?.read_to_end(&mut octets).map_err(Error::io("reading the letter"))?;
        Ok(octets)
    }
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({} octets)", self.len())
    }
}

fn slice_of<'s>(octets: &'s [u8], range: &Range<u64>) -> &'s [u8] {
    let index = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(octets.len());
    octets.get(index(range.start)..index(range.end)).unwrap_or_default()
}

/// A source in memory, as [`Cursor`] wants it.
struct Memory<'a>(Source<'a>);

impl AsRef<[u8]> for Memory<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0.as_slice().unwrap_or_default()
    }
}

/// Reads a file by whole chunks, each compared with the digest of the first reading before a byte of it leaves.
struct Checked<'a> {
    source: Source<'a>,
    at: u64,
    chunk: Vec<u8>,
    from: u64,
}

impl Checked<'_> {
    fn fill(&mut self) -> Result<(), Error> {
        let Octets::File { file, chunks, .. } = &*self.source.octets else { return Err(Error::InputChanged) };
        let number = self.at / CHUNK;
        self.from = number * CHUNK;
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.from)).map_err(Error::io("reading the letter"))?;
        self.chunk.clear();
        let read = Read::by_ref(&mut *file).take(CHUNK).read_to_end(&mut self.chunk);
        read.map_err(Error::io("reading the letter"))?;
        let known = usize::try_from(number).ok().and_then(|number| chunks.get(number));
        match known {
            Some(digest) if *digest == sha256(&self.chunk) => Ok(()),
            _ => Err(Error::InputChanged),
        }
    }
}

impl Read for Checked<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.source.len() {
            return Ok(0);
        }
        let end = self.from + u64::try_from(self.chunk.len()).unwrap_or(0);
        if self.chunk.is_empty() || !(self.from..end).contains(&self.at) {
            self.fill()?;
        }
        let start = usize::try_from(self.at - self.from).unwrap_or(usize::MAX);
        let count = self.chunk.get(start..).unwrap_or_default().read(out)?;
        self.at += u64::try_from(count).unwrap_or(0);
        Ok(count)
    }
}

/// The first reading.
struct Loading<'l, 'a> {
    limits: &'l Limits,
    watch: &'l Watch<'a>,
}

impl<'a> Loading<'_, 'a> {
    fn within(&self, length: u64) -> Result<(), Error> {
        let limit = self.limits.message_bytes;
        if length > limit { Err(Error::Limit { name: "message_bytes", limit }) } else { Ok(()) }
    }

    fn file(&self, path: &Path) -> Result<Octets<'a>, Error> {
        let failed = || Error::io(path.display().to_string());
        let mut file = File::open(path).map_err(failed())?;
        let metadata = file.metadata().map_err(failed())?;
        if metadata.is_dir() {
            return Err(failed()(io::ErrorKind::IsADirectory.into()));
        }
        if !metadata.is_file() {
            return self.spool(file, None);
        }
        self.within(metadata.len())?;
        self.watch.total(metadata.len());
        let memory = u64::try_from(self.limits.memory_bytes).unwrap_or(u64::MAX);
        if metadata.len() <= memory {
            let mut octets = Vec::new();
            // It may have grown meanwhile.
            let reader = self.watched(&mut file);
            reader.take(memory.saturating_add(1)).read_to_end(&mut octets).map_err(failed())?;
            if octets.len() <= self.limits.memory_bytes {
                return Ok(Octets::Memory(octets.into()));
            }
        }
        self.index(file).map_err(|error| match error {
            Error::Io { source, .. } => Error::Io { what: path.display().to_string(), source },
            other => other,
        })
    }

    /// Takes the digest of every chunk of a file.
    fn index(&self, mut file: File) -> Result<Octets<'a>, Error> {
        let (mut length, mut chunks, mut chunk) = (0u64, Vec::new(), Vec::new());
        file.seek(SeekFrom::Start(0)).map_err(Error::io("reading the letter"))?;
        loop {
            chunk.clear();
            let mut reader = self.watched(&mut file).take(CHUNK);
            reader.read_to_end(&mut chunk).map_err(Error::io("reading the letter"))?;
            if chunk.is_empty() {
                break;
            }
            length += u64::try_from(chunk.len()).unwrap_or(0);
            self.within(length)?;
            chunks.push(sha256(&chunk));
        }
        Ok(Octets::File { file: Mutex::new(file), length, chunks })
    }

    fn spool(&self, reader: impl Read, folder: Option<&Path>) -> Result<Octets<'a>, Error> {
        let failed = || Error::io("reading the letter");
        let mut reader = self.watched(reader).take(self.limits.message_bytes.saturating_add(1));
        let memory = u64::try_from(self.limits.memory_bytes).unwrap_or(u64::MAX);
        let mut octets = Vec::new();
        reader.by_ref().take(memory.saturating_add(1)).read_to_end(&mut octets).map_err(failed())?;
        if octets.len() <= self.limits.memory_bytes {
            self.within(u64::try_from(octets.len()).unwrap_or(u64::MAX))?;
            return Ok(Octets::Memory(octets.into()));
        }
        let spooling = || Error::io("the spool file");
        let mut file = unlinked(folder)?;
        file.write_all(&octets).map_err(spooling())?;
        io::copy(&mut reader, &mut file).map_err(spooling())?;
        self.index(file)
    }

    fn watched<R: Read>(&self, reader: R) -> Watched<'a, R> {
        Watched { reader, watch: self.watch.clone() }
    }
}
