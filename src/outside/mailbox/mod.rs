//! Many messages in one place: mbox files, Maildir, folders of files. One message after the other, in bounded memory.
//!
//! - [`Mailbox::open`]: an iterator over [`StoredMessage`]s.
//! - [`StoredMessage::open`]: looks at one, in the [`Reading`] in which nothing is altered.

mod folder;
mod mbox;
#[cfg(test)]
mod tests;
mod unescape;

use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::Error;
use crate::input::Input;
use crate::message::{Opened, Opener};
use crate::report::Integrity;
use crate::time::UnixTime;
use mbox::Scanner;
use unescape::Unescaped;

/// The messages of an mbox file, a Maildir (`cur` and `new`), or a folder of `.eml` files; of folders, by name.
///
/// In an mbox file a message begins at a line `From ` with a date, or with nothing, which is the first of the file or
/// follows an empty line, or has weekday and month too. The empty line before it is of the file, not of the message. Content-Length is not believed:
/// whoever writes it into a letter could hide the next ones by it.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let opener = mailseal::Opener::new(&mailseal::Context::new(mailseal::TrustStore::new()));
/// use mailseal::{Policy, outside::Mailbox};
/// let now = std::time::SystemTime::now();
/// for message in Mailbox::open("inbox.mbox")?.ok_or("one message, not many")? {
///     let message = message?;
///     let (opened, reading) = message.open(&opener, now)?;
///     println!("{message}: {:?} ({reading})", Policy::standard().judge(&opened.report).outcome);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Mailbox {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Mbox(Scanner),
    Files(std::vec::IntoIter<PathBuf>),
}

impl Mailbox {
    /// Looks at what is there. `None` for a file of one message.
    pub fn open(path: impl Into<PathBuf>) -> Result<Option<Self>, Error> {
        let path = path.into();
        let failed = || Error::io(path.display().to_string());
        let kind = std::fs::metadata(&path).map_err(failed())?;
        if kind.is_dir() {
            let files = folder::files(&path)?;
            return Ok(Some(Self { kind: Kind::Files(files.into_iter()) }));
        }
        // A pipe can be read once only.
        if !kind.is_file() {
            return Ok(None);
        }
        let scanner = Scanner::open(&path)?;
        Ok(scanner.map(|scanner| Self { kind: Kind::Mbox(scanner) }))
    }

    /// How many octets its messages and what stands between them have, for those who show how far they are. A file that
    /// is gone counts as none.
    ///
    /// ```
    /// use mailseal::outside::Mailbox;
    /// let folder = tempfile::tempdir()?;
    /// std::fs::write(folder.path().join("1.eml"), "From: alice@example.org\r\n\r\nHello\r\n")?;
    /// let mailbox = Mailbox::open(folder.path())?;
    /// assert_eq!(mailbox.map(|mailbox| mailbox.octets()), Some(34));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn octets(&self) -> u64 {
        match &self.kind {
            Kind::Mbox(scanner) => scanner.octets(),
            Kind::Files(files) => files.as_slice().iter().map(|path| length(path)).sum(),
        }
    }
}

impl Iterator for Mailbox {
    type Item = Result<StoredMessage, Error>;

    /// Ends after an error.
    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.kind {
            Kind::Mbox(scanner) => scanner.next(),
            Kind::Files(files) => files.next().map(StoredMessage::file).map(Ok),
        }
    }
}

/// One message, where it lies; nothing of it is in memory. Shown as `inbox.mbox:3` or as the path of its file.
///
/// ```
/// use mailseal::outside::StoredMessage;
/// let message = StoredMessage::file("in.eml");
/// assert_eq!((message.to_string().as_str(), message.number()), ("in.eml", None));
/// ```
#[derive(Debug, Clone)]
pub struct StoredMessage {
    path: Arc<Path>,
    place: Option<Place>,
}

/// Where in an mbox file.
#[derive(Debug, Clone)]
struct Place {
    /// From 1.
    number: u64,
    octets: Range<u64>,
    escaped: Escaped,
}

/// Lines that may have got a `>` when the message was put into the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Escaped {
    Nothing,
    /// `>From `
    Once,
    /// `>>From ` too, which the kinds of mbox read differently.
    Deeper,
}

/// How lines of an mbox file that begin with `>From ` are read.
///
/// ```
/// use mailseal::outside::Reading;
/// assert_eq!(Reading::Mboxrd.to_string(), "mboxrd");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reading {
    /// `as_it_lies`: as they are. Senders who sign take care that no line begins with `From ` (RFC 3156 §3), so
    /// that nothing has to be escaped.
    AsItLies,
    /// `mboxrd`: one `>` less where `From ` follows one or more.
    Mboxrd,
    /// `mboxo`: one `>` less where there is one.
    Mboxo,
}

impl Reading {
    /// Its name, which does not change.
    ///
    /// ```
    /// use mailseal::outside::Reading;
    /// assert_eq!(Reading::AsItLies.name(), "as_it_lies");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Self::AsItLies => "as_it_lies",
            Self::Mboxrd => "mboxrd",
            Self::Mboxo => "mboxo",
        }
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl StoredMessage {
    /// A file of one message.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into().into(), place: None }
    }

    /// The file that it is in.
    ///
    /// ```
    /// use mailseal::outside::StoredMessage;
    /// assert_eq!(StoredMessage::file("in.eml").path(), std::path::Path::new("in.eml"));
    /// ```
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Which it is of an mbox file, from 1.
    pub fn number(&self) -> Option<u64> {
        self.place.as_ref().map(|place| place.number)
    }

    /// How many octets it has; a file that is gone has none.
    ///
    /// ```
    /// use mailseal::outside::StoredMessage;
    /// assert_eq!(StoredMessage::file("nowhere.eml").octets(), 0);
    /// ```
    pub fn octets(&self) -> u64 {
        let inside = |place: &Place| place.octets.end.saturating_sub(place.octets.start);
        self.place.as_ref().map_or_else(|| length(&self.path), inside)
    }

    /// The ways to read it that differ: one, where no line of it is escaped.
    ///
    /// ```
    /// use mailseal::outside::{Reading, StoredMessage};
    /// assert_eq!(StoredMessage::file("in.eml").readings(), [Reading::AsItLies]);
    /// ```
    pub fn readings(&self) -> &'static [Reading] {
        match self.place.as_ref().map_or(Escaped::Nothing, |place| place.escaped) {
            Escaped::Nothing => &[Reading::AsItLies],
            Escaped::Once => &[Reading::AsItLies, Reading::Mboxrd],
            Escaped::Deeper => &[Reading::AsItLies, Reading::Mboxrd, Reading::Mboxo],
        }
    }

    /// Its octets, read so.
    ///
    /// ```no_run
    /// use mailseal::outside::{Reading, StoredMessage};
    /// let input = StoredMessage::file("in.eml").input(Reading::AsItLies)?;
    /// # let _ = input;
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    pub fn input(&self, reading: Reading) -> Result<Input<'static>, Error> {
        let Some(place) = &self.place else { return Ok(Input::file(&*self.path)) };
        let failed = || Error::io(self.path.display().to_string());
        let mut file = File::open(&self.path).map_err(failed())?;
        if file.metadata().map_err(failed())?.len() < place.octets.end {
            return Err(Error::InputChanged);
        }
        file.seek(SeekFrom::Start(place.octets.start)).map_err(failed())?;
        let octets = BufReader::new(file.take(place.octets.end - place.octets.start));
        Ok(match reading {
            Reading::AsItLies => Input::pipe(octets),
            Reading::Mboxrd => Input::pipe(Unescaped::new(octets, true)),
            Reading::Mboxo => Input::pipe(Unescaped::new(octets, false)),
        })
    }

    /// Looks at it, at a time. Where it is altered as it lies, and lines of it may be escaped, it is read without these
    /// escapes too; the first reading in which nothing is altered is taken, or else the message as it lies. So what is
    /// said is always said of octets that were verified, and [`Reading`] says of which.
    ///
    /// ```no_run
    /// # let opener = mailseal::Opener::new(&mailseal::Context::new(mailseal::TrustStore::new()));
    /// use mailseal::outside::StoredMessage;
    /// let (opened, reading) = StoredMessage::file("in.eml").open(&opener, std::time::SystemTime::now())?;
    /// println!("{} signatures, {reading}", opened.report.signatures().count());
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    pub fn open(
        &self,
        opener: &Opener,
        at: impl Into<UnixTime>,
    ) -> Result<(Opened<'static>, Reading), Error> {
        let at = at.into();
        let first = opener.open(self.input(Reading::AsItLies)?, at)?;
        if is_altered(&first) {
            for reading in self.readings().iter().skip(1) {
                let opened = opener.open(self.input(*reading)?, at)?;
                if !is_altered(&opened) && opened.report.signatures().next().is_some() {
                    return Ok((opened, *reading));
                }
            }
        }
        Ok((first, Reading::AsItLies))
    }
}

impl fmt::Display for StoredMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number() {
            Some(number) => write!(f, "{}:{number}", self.path.display()),
            None => write!(f, "{}", self.path.display()),
        }
    }
}

fn length(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |about| about.len())
}

fn is_altered(opened: &Opened<'_>) -> bool {
    opened.report.signatures().any(|signature| signature.integrity == Integrity::Altered)
}
