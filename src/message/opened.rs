//! What comes out of a letter: a report, a payload, and perhaps a proof.

use std::io::{self, BufRead, Write};
use std::ops::Range;
use std::path::Path;

use crate::error::Error;
use crate::input::Source;
use crate::mime::Address;
use crate::policy::Policy;
use crate::report::Report;

/// A letter that was looked at.
///
/// ```
/// use mailseal::{Context, Opener, Policy, TrustStore, UnixTime};
/// let opener = Opener::new(&Context::new(TrustStore::new()));
/// let opened = opener.open(b"From: a@b.example\r\n\r\nHello\r\n", UnixTime::from_seconds(1_795_341_720))?;
/// // A program that acts on mail asks for the sender that it expects, and gets the letter or nothing.
/// match opened.require(&Policy::strict(), &"a@b.example".parse()?) {
///     Some(verified) => verified.payload.write(&mut std::io::stdout())?,
///     None => println!("not verified"),
/// }
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug)]
pub struct Opened<'a> {
    /// What was seen.
    pub report: Report,
    pub(crate) payload: Payload<'a>,
}

impl<'a> Opened<'a> {
    /// What the envelope wraps: the octets that its signatures were checked over, header and body of one entity. For a
    /// letter without an envelope, the letter. Says nothing about whether any check held.
    pub fn payload(&self) -> Option<&Payload<'a>> {
        Some(&self.payload)
    }

    /// The letter if it is `good` and from that sender, otherwise nothing. There is no other way to a [`Verified`].
    pub fn require(&self, policy: &Policy, sender: &Address) -> Option<Verified<'_, 'a>> {
        policy
            .judge_for(&self.report, sender)
            .then(|| Verified { payload: &self.payload, sender: sender.clone() })
    }
}

/// Proof that a letter is `good`, by a policy and for a sender that the caller named. Only [`Opened::require`] makes
/// one.
#[derive(Debug)]
#[non_exhaustive]
pub struct Verified<'o, 'a> {
    /// The octets that were verified.
    pub payload: &'o Payload<'a>,
    /// From whom it is.
    pub sender: Address,
}

/// One MIME entity, header and body, exactly as it was checked. All of it comes out, or none.
///
/// ```
/// use mailseal::{Context, Opener, TrustStore, UnixTime};
/// let opener = Opener::new(&Context::new(TrustStore::new()));
/// let opened = opener.open(b"From: a@b.example\r\n\r\nHello\r\n", UnixTime::from_seconds(1_795_341_720))?;
/// let payload = opened.payload().expect("it is the letter where there is no envelope");
/// assert_eq!((payload.length(), payload.octets(1 << 20)?.len()), (28, 28));
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Payload<'a> {
    pub(crate) source: Source<'a>,
    pub(crate) range: Range<u64>,
}

impl Payload<'_> {
    /// Its length in octets.
    pub fn length(&self) -> u64 {
        self.range.end.saturating_sub(self.range.start)
    }

    /// Reads it. An error in the middle, such as a file that has changed, means that nothing of it may be used.
    pub fn reader(&self) -> Result<Box<dyn BufRead + '_>, Error> {
        self.source.reader(self.range.clone())
    }

    /// All of it, if it has at most `limit` octets.
    pub fn octets(&self, limit: usize) -> Result<Vec<u8>, Error> {
        self.source.read(self.range.clone(), limit, "payload")
    }

    /// Writes all of it.
    pub fn write(&self, out: &mut dyn Write) -> Result<(), Error> {
        let copied = io::copy(&mut self.reader()?, out).map_err(Error::io("writing the payload"))?;
        if copied != self.length() {
            return Err(Error::InputChanged);
        }
        Ok(())
    }

    /// Writes all of it to a file; the file appears when all of it is there, or not at all.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        save(path.as_ref(), |out| self.write(out))
    }
}

/// Makes a file appear with all of its content, or not at all.
pub(crate) fn save(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
) -> Result<(), Error> {
    let failed = || Error::io(path.display().to_string());
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed())?;
    write(&mut file)?;
    file.as_file().sync_all().map_err(failed())?;
    file.persist(path).map_err(|error| failed()(error.error))?;
    Ok(())
}
