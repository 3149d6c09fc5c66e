//! Correspondents in a file (SQLite).
//!
//! - [`MemoryFile`]: a [`Memory`] that many programs may share.

mod book;
mod schema;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::Error;
use crate::mime::Address;
use crate::time::UnixTime;
use crate::trust::{Correspondent, Lesson, Memory, Pin};

/// Correspondents that a file keeps by default.
const CAPACITY: usize = 20_000;

/// What is remembered of correspondents, in a file.
///
/// Only its owner may read a file that is made new. Several programs may use it at once; each change is there as a whole
/// or not at all, whatever happens in the middle of it, and is on the disk when the call returns. A file on a network
/// needs working locks there.
///
/// It keeps 20,000 correspondents ([`capacity`](Self::capacity)). Beyond that, those go first of whom nothing is certain,
/// then those of whom little is; among them the ones not heard of for longest. Who has a pin or was vouched for stays.
/// So letters of strangers push out strangers.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use mailseal::outside::MemoryFile;
/// use mailseal::{Context, Opener, Outcome, Policy, TrustStore};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("correspondents");
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// # #[cfg(feature = "smime")] {
/// let letter = include_bytes!("../../examples/letters/openssl.eml");
/// let memory = Arc::new(MemoryFile::open(&path)?);
/// let opener = Opener::new(&Context::new(TrustStore::new()).memory(memory.clone()));
/// let opened = opener.open(letter, at)?;
/// assert_eq!(Policy::standard().judge(&opened.report).outcome, Outcome::Caution, "signer unknown");
///
/// // Alice has read her fingerprint out over the telephone.
/// let fingerprint = opened.report.signatures().next().unwrap().signer.as_ref().unwrap().certificate.fingerprint.clone();
/// memory.pin(&"alice@example.com".parse()?, &fingerprint, at)?;
/// assert_eq!(Policy::standard().judge(&opener.open(letter, at)?.report).outcome, Outcome::Good);
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct MemoryFile {
    connection: Mutex<Connection>,
    path: PathBuf,
    capacity: usize,
}

impl MemoryFile {
    /// Opens a file, or makes it; its folder has to be there. [`Error::Malformed`] if it is something else.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref().to_owned();
        let connection = schema::open(&path)?;
        Ok(Self { connection: Mutex::new(connection), path, capacity: CAPACITY })
    }

    /// Keeps so many correspondents.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("correspondents");
    /// use mailseal::outside::MemoryFile;
    /// let memory = MemoryFile::open(&path)?.capacity(500);
    /// # let _ = memory;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn capacity(self, correspondents: usize) -> Self {
        Self { capacity: correspondents, ..self }
    }

    /// Ties a certificate to an address, by the whole fingerprint. From then on it is trusted for exactly this address, and
    /// another one is worth a word.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("correspondents");
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// use mailseal::outside::MemoryFile;
    /// let memory = MemoryFile::open(&path)?;
    /// let carol = "carol@example.net".parse()?;
    /// memory.pin(&carol, "9C4E 11B7 D0E7 5B86 A1F2 C93D 5E6B 7A80 914C 7D10", at)?;
    /// assert!(memory.pin(&carol, "914C 7D10", at).is_err());
    /// assert!(memory.unpin(&carol, "9C4E11B7D0E75B86A1F2C93D5E6B7A80914C7D10")?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn pin(&self, address: &Address, fingerprint: &str, at: UnixTime) -> Result<(), Error> {
        let pin = Pin::new(address, fingerprint, at)?;
        self.change(|book| {
            let before = book.recall(&Correspondent::key(address))?;
            let mut known = before.unwrap_or_else(|| Correspondent::new(address, at));
            known.pin(pin);
            book.store(&known)
        })
    }

    /// Takes a pin away; false if there is none.
    pub fn unpin(&self, address: &Address, fingerprint: &str) -> Result<bool, Error> {
        let digits = Pin::new(address, fingerprint, UnixTime::from_seconds(0))?.fingerprint;
        self.change(|book| {
            let key = Correspondent::key(address);
            let Some(mut known) = book.recall(&key)? else { return Ok(false) };
            let unpinned = known.unpin(address, &digits);
            if known.letters == 0 && known.pins.is_empty() {
                book.forget(&key)?;
            } else {
                book.store(&known)?;
            }
            Ok(unpinned)
        })
    }

    /// Forgets an address, its pins too; false if it was not known. It is overwritten in the file.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("correspondents");
    /// use mailseal::outside::MemoryFile;
    /// let memory = MemoryFile::open(&path)?;
    /// assert!(!memory.forget(&"nobody@example.net".parse()?)?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn forget(&self, address: &Address) -> Result<bool, Error> {
        self.change(|book| book.forget(&Correspondent::key(address)))
    }

    /// All who are remembered, by address.
    pub fn list(&self) -> Result<Vec<Correspondent>, Error> {
        self.look(|book| book.all())
    }

    /// All of it as JSON: `{"mailseal": "memory", "version": 1, "correspondents": […]}`.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let (path, other_path) = (folder.path().join("correspondents"), folder.path().join("other"));
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// use mailseal::outside::MemoryFile;
    /// let memory = MemoryFile::open(&path)?;
    /// memory.pin(&"carol@example.net".parse()?, "9C4E11B7D0E75B86A1F2C93D5E6B7A80914C7D10", at)?;
    /// let other = MemoryFile::open(&other_path)?;
    /// assert_eq!(other.import(&memory.export()?)?, 1);
    /// assert_eq!(other.list()?, memory.list()?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn export(&self) -> Result<String, Error> {
        book::to_json(self.look(|book| Ok((book.all()?, book.domains()?)))?)
    }

    /// Takes over what [`export`](Self::export) wrote, all or nothing: who is not known yet as they are there, of the others
    /// their pins. How many were new. It is as good as the place that it comes from: pins are trust.
    pub fn import(&self, json: &str) -> Result<usize, Error> {
        let (correspondents, domains) = book::from_json(json)?;
        self.change(|book| {
            let mut new = 0_usize;
            for (domain, since) in &domains {
                book.learn_domain(domain, *since)?;
            }
            for one in &correspondents {
                let known = match book.recall(&Correspondent::key(&one.address))? {
                    Some(mut known) => {
                        one.pins.iter().for_each(|pin| known.pin(pin.clone()));
                        known
                    }
                    None => {
                        new = new.saturating_add(1);
                        one.clone()
                    }
                };
                book.store(&known)?;
            }
            Ok(new)
        })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic elsewhere left no transaction open: dropping one takes it back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look<T>(&self, read: impl FnOnce(&book::Book<'_>) -> Result<T, Error>) -> Result<T, Error> {
        read(&book::Book { connection: &self.connection(), path: &self.path })
    }

    /// All that the function does, or nothing of it.
    fn change<T>(&self, write: impl FnOnce(&book::Book<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let connection = self.connection();
        let failed = |error| schema::failure(&self.path, error);
        // Immediate: what is read here is still so when it is written.
        let transaction =
            Transaction::new_unchecked(&connection, TransactionBehavior::Immediate).map_err(failed)?;
        let book = book::Book { connection: &transaction, path: &self.path };
        let done = write(&book)?;
        book.prune(self.capacity)?;
        transaction.commit().map_err(failed)?;
        Ok(done)
    }
}

impl Memory for MemoryFile {
    fn recall(&self, address: &Address) -> Result<Option<Correspondent>, Error> {
        self.look(|book| book.recall(&Correspondent::key(address)))
    }

    fn alike(&self, marks: &[String], most: usize) -> Result<Vec<Correspondent>, Error> {
        self.look(|book| book.alike(marks, most))
    }

    fn learn(&self, lesson: &Lesson) -> Result<(), Error> {
        self.change(|book| {
            let before = book.recall(&Correspondent::key(&lesson.address))?;
            book.store(&Correspondent::after(before, lesson))
        })
    }

    fn knows_domain(&self, domain: &str) -> Result<bool, Error> {
        self.look(|book| book.knows_domain(domain))
    }

    fn learn_domain(&self, domain: &str, at: UnixTime) -> Result<(), Error> {
        self.change(|book| book.learn_domain(domain, at.seconds()))
    }
}
