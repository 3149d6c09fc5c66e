//! A letter to read, and reading it again.
//!
//! A detached signature comes after what it signs, so every letter is read at least twice. [`Input`] is what a
//! caller hands in; a [`Source`] is the same octets, readable any number of times:
//!
//! - memory, as it is;
//! - a file, with a digest per 64 KiB taken on the first reading, checked on each later one;
//! - a pipe, spooled as received: memory up to a limit, then an unlinked file that only its owner can read;
//! - content decoded from one of these, held in memory when small, decoded again when large.

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
}

enum Kind<'a> {
    Memory(Cow<'a, [u8]>),
    File(PathBuf),
    Pipe(Box<dyn Read + Send + 'a>),
}

impl<'a> Input<'a> {
    /// Octets in memory, borrowed or owned.
    pub fn memory(octets: impl Into<Cow<'a, [u8]>>) -> Self {
        Self { kind: Kind::Memory(octets.into()), spool: None }
    }

    /// A file. It is opened by the call that reads it.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { kind: Kind::File(path.into()), spool: None }
    }

    /// Something that can be read only once, such as standard input.
    pub fn pipe(reader: impl Read + Send + 'a) -> Self {
        Self { kind: Kind::Pipe(Box::new(reader)), spool: None }
    }

    /// The folder for the one temporary file a large pipe needs. Default: the system's.
    #[must_use]
    pub fn spool_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.spool = Some(folder.into());
        self
    }

    /// Reads once, so that it can be read again.
    pub(crate) fn load(self, limits: &Limits) -> Result<Source<'a>, Error> {
        match self.kind {
            Kind::Memory(octets) => {
                within(u64::try_from(octets.len()).unwrap_or(u64::MAX), limits)?;
                Ok(Source::memory(octets))
            }
            Kind::File(path) => load_file(&path, limits),
            Kind::Pipe(reader) => spool(reader, self.spool.as_deref(), limits),
        }
    }
}

impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Memory(octets) => write!(f, "Input::memory({} octets)", octets.len()),
            Kind::File(path) => write!(f, "Input::file({})", path.display()),
            Kind::Pipe(_) => f.write_str("Input::pipe"),
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
pub(crate) struct Source<'a>(Arc<Octets<'a>>);

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
        Self(Arc::new(Octets::Memory(octets.into())))
    }

    /// Content that is decoded anew each time it is read, `derivations` times until it is there.
    pub(crate) fn derived(
        length: u64,
        derivations: u64,
        open: impl Fn() -> Result<Box<dyn Read + Send + 'a>, Error> + Send + Sync + 'a,
    ) -> Self {
        Self(Arc::new(Octets::Derived { length, derivations, open: Box::new(open) }))
    }

    pub(crate) fn len(&self) -> u64 {
        match &*self.0 {
            Octets::Memory(octets) => u64::try_from(octets.len()).unwrap_or(u64::MAX),
            Octets::File { length, .. } | Octets::Derived { length, .. } => *length,
        }
    }

    /// How often octets are decoded until they are there; 0 where they lie as they are.
    pub(crate) fn derivations(&self) -> u64 {
        match &*self.0 {
            Octets::Derived { derivations, .. } => *derivations,
            _ => 0,
        }
    }

    /// All octets, where they are in memory.
    pub(crate) fn as_slice(&self) -> Option<&[u8]> {
        match &*self.0 {
            Octets::Memory(octets) => Some(octets),
            _ => None,
        }
    }

    /// A reader of some of the octets. Ends early only where the source does.
    pub(crate) fn reader(&self, range: Range<u64>) -> Result<Box<dyn BufRead + '_>, Error> {
        match &*self.0 {
            Octets::Memory(octets) => Ok(Box::new(slice_of(octets, &range))),
            _ => Ok(self.clone().into_reader(range)?),
        }
    }

    /// The same, for readers that outlive this handle.
    pub(crate) fn into_reader(self, range: Range<u64>) -> Result<Box<dyn BufRead + Send + 'a>, Error> {
        let length = range.end.saturating_sub(range.start);
        match &*self.0 {
            Octets::Memory(_) => {
                let mut cursor = Cursor::new(Memory(self));
                cursor.set_position(range.start);
                Ok(Box::new(cursor.take(length)))
            }
            Octets::File { .. } => {
                let checked = Checked { source: self, at: range.start, chunk: Vec::new(), from: 0 };
                Ok(Box::new(BufReader::with_capacity(0x10000, checked.take(length))))
            }
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
        let Octets::File { file, chunks, .. } = &*self.source.0 else { return Err(Error::InputChanged) };
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

fn within(length: u64, limits: &Limits) -> Result<(), Error> {
    if length > limits.message_bytes {
        return Err(Error::Limit { name: "message_bytes", limit: limits.message_bytes });
    }
    Ok(())
}

fn load_file<'a>(path: &Path, limits: &Limits) -> Result<Source<'a>, Error> {
    let failed = || Error::io(path.display().to_string());
    let mut file = File::open(path).map_err(failed())?;
    let metadata = file.metadata().map_err(failed())?;
    if metadata.is_dir() {
        return Err(failed()(io::ErrorKind::IsADirectory.into()));
    }
    if !metadata.is_file() {
        return spool(file, None, limits);
    }
    within(metadata.len(), limits)?;
    let memory = u64::try_from(limits.memory_bytes).unwrap_or(u64::MAX);
    if metadata.len() <= memory {
        let mut octets = Vec::new();
        // It may have grown meanwhile.
        Read::by_ref(&mut file).take(memory.saturating_add(1)).read_to_end(&mut octets).map_err(failed())?;
        if octets.len() <= limits.memory_bytes {
            return Ok(Source::memory(octets));
        }
    }
    index(file, limits).map_err(|error| match error {
        Error::Io { source, .. } => Error::Io { what: path.display().to_string(), source },
        other => other,
    })
}

/// Takes the digest of every chunk of a file.
fn index<'a>(mut file: File, limits: &Limits) -> Result<Source<'a>, Error> {
    let (mut length, mut chunks, mut chunk) = (0u64, Vec::new(), Vec::new());
    file.seek(SeekFrom::Start(0)).map_err(Error::io("reading the letter"))?;
    loop {
        chunk.clear();
        (&mut file).take(CHUNK).read_to_end(&mut chunk).map_err(Error::io("reading the letter"))?;
        if chunk.is_empty() {
            break;
        }
        length += u64::try_from(chunk.len()).unwrap_or(0);
        within(length, limits)?;
        chunks.push(sha256(&chunk));
    }
    Ok(Source(Arc::new(Octets::File { file: Mutex::new(file), length, chunks })))
}

fn spool<'a>(reader: impl Read, folder: Option<&Path>, limits: &Limits) -> Result<Source<'a>, Error> {
    let failed = || Error::io("reading the letter");
    let mut reader = reader.take(limits.message_bytes.saturating_add(1));
    let memory = u64::try_from(limits.memory_bytes).unwrap_or(u64::MAX);
    let mut octets = Vec::new();
    reader.by_ref().take(memory.saturating_add(1)).read_to_end(&mut octets).map_err(failed())?;
    if octets.len() <= limits.memory_bytes {
        within(u64::try_from(octets.len()).unwrap_or(u64::MAX), limits)?;
        return Ok(Source::memory(octets));
    }
    let spooling = || Error::io("the spool file");
    let mut file = match folder {
        Some(folder) => tempfile::tempfile_in(folder),
        None => tempfile::tempfile(),
    }
    .map_err(spooling())?;
    file.write_all(&octets).map_err(spooling())?;
    io::copy(&mut reader, &mut file).map_err(spooling())?;
    index(file, limits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(source: &Source<'_>, range: Range<u64>) -> Result<Vec<u8>, Error> {
        source.read(range, usize::MAX, "test")
    }

    fn letter() -> Vec<u8> {
        (0..300_000u32).flat_map(u32::to_le_bytes).collect()
    }

    fn small() -> Limits {
        Limits::default().memory_bytes(1000)
    }

    #[test]
    fn memory_file_and_pipe_give_the_same_octets() {
        let letter = letter();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &letter).unwrap();
        let sources = [
            Input::memory(&letter).load(&small()).unwrap(),
            Input::file(file.path()).load(&small()).unwrap(),
            Input::file(file.path()).load(&Limits::default()).unwrap(),
            Input::pipe(letter.as_slice()).load(&small()).unwrap(),
            Input::pipe(letter.as_slice()).load(&Limits::default()).unwrap(),
        ];
        for source in &sources {
            assert_eq!(source.len(), 1_200_000);
            for range in [0..1_200_000, 65_530..65_545, 1_199_999..1_200_000, 7..7] {
                let index = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
                assert_eq!(all(source, range.clone()).unwrap(), &letter[index.clone()]);
                let mut owned = Vec::new();
                source.clone().into_reader(range).unwrap().read_to_end(&mut owned).unwrap();
                assert_eq!(owned, &letter[index]);
            }
        }
    }

    #[test]
    fn a_file_that_changes_between_readings_gives_an_error_and_not_one_octet() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), letter()).unwrap();
        let source = Input::file(file.path()).load(&small()).unwrap();
        let mut changed = letter();
        changed[200_000] ^= 1;
        std::fs::write(file.path(), changed).unwrap();
        assert!(all(&source, 0..1000).is_ok());
        assert!(matches!(all(&source, 199_000..199_001), Err(Error::InputChanged)));
        std::fs::write(file.path(), b"short").unwrap();
        assert!(matches!(all(&source, 0..1000), Err(Error::InputChanged)));
    }

    #[test]
    fn too_long_is_a_limit() {
        let limits = Limits::default().message_bytes(10);
        for input in [Input::memory(vec![0; 11]), Input::pipe(&[0; 11][..])] {
            assert!(matches!(input.load(&limits), Err(Error::Limit { name: "message_bytes", .. })));
        }
    }
}
