//! A letter that arrives in pieces.

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Input, Kind};
use crate::error::Error;
use crate::limits::Limits;

/// A letter that arrives in pieces, for programs that are told of them: event loops, milters. Write them, then open it
/// as an [`Input`].
///
/// Octets are held in memory up to a limit, then in one unlinked file that only its owner can read. Whether there are too
/// many of them, the call that opens it says.
///
/// ```
/// use std::io::Write;
/// use mailseal::{Context, Input, Opener, TrustStore};
/// let mut letter = Input::push();
/// for piece in [&b"From: a@b.example\r\n"[..], b"\r\nHel", b"lo\r\n"] {
///     letter.write_all(piece)?;
/// }
/// let opener = Opener::new(&Context::new(TrustStore::new()));
/// let opened = opener.open(letter, std::time::SystemTime::now())?;
/// assert_eq!(opened.payload().unwrap().octets(100)?, b"From: a@b.example\r\n\r\nHello\r\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Pushed {
    octets: Vec<u8>,
    file: Option<File>,
    memory: usize,
    folder: Option<PathBuf>,
}

impl Pushed {
    pub(super) fn new() -> Self {
        Self { octets: Vec::new(), file: None, memory: Limits::default().memory_bytes, folder: None }
    }

    /// Holds at most so many octets in memory. Default: as [`Limits::memory_bytes`].
    ///
    /// ```
    /// use mailseal::Input;
    /// let folder = std::env::temp_dir();
    /// let letter = Input::push().memory_bytes(64 << 10).spool_folder(folder); // one of thousands at a time
    /// # let _ = letter;
    /// ```
    #[must_use]
    pub fn memory_bytes(mut self, octets: usize) -> Self {
        self.memory = octets;
        self
    }

    /// The folder for the one temporary file that a large letter needs. Default: the system's.
    #[must_use]
    pub fn spool_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    pub(super) fn kind<'a>(self) -> Kind<'a> {
        match self.file {
            Some(file) => Kind::Spooled(file),
            None => Kind::Memory(self.octets.into()),
        }
    }
}

/// An error of it is the temporary file's. After one, the letter is not complete.
impl Write for Pushed {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if let Some(file) = &mut self.file {
            return file.write(piece);
        }
        if self.octets.len().saturating_add(piece.len()) > self.memory {
            let mut file = unlinked(self.folder.as_deref())?;
            file.write_all(&self.octets)?;
            (self.file, self.octets) = (Some(file), Vec::new());
            return self.write(piece);
        }
        self.octets.try_reserve(piece.len()).map_err(|_| io::ErrorKind::OutOfMemory)?;
        self.octets.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl From<Pushed> for Input<'_> {
    fn from(pushed: Pushed) -> Self {
        Self::of(pushed.kind())
    }
}

impl fmt::Debug for Pushed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pushed").field("in_memory", &self.file.is_none()).finish_non_exhaustive()
    }
}

/// A file without a name that only its owner can read.
pub(super) fn unlinked(folder: Option<&Path>) -> Result<File, Error> {
    let file = match folder {
        Some(folder) => tempfile::tempfile_in(folder),
        None => tempfile::tempfile(),
    };
    file.map_err(Error::io("the spool file"))
}
