//! A Maildir that takes each letter once.

use std::collections::HashSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{private, private_folder, sync_folder};
use crate::error::Error;
use crate::message::{BulkLetter, Delivery, DeliveryError};

/// Delivers into a Maildir, each letter exactly once, whenever the process is killed and however often it is resumed.
///
/// A letter has the name of its run and id. It is written into `tmp`, whole or not at all, then the journal says that it is begun, then it
/// moves into `new`. So one that was begun and is in `tmp` no more was delivered, also where a mail reader has moved or
/// taken it since. Mail readers clear `tmp` of what is older than 36 hours: who resumes later says so
/// ([`open`](Self::open)), and what was begun counts as delivered only where it is found.
///
/// ```
/// # fn main() -> Result<(), mailseal::Error> {
/// use mailseal::outside::{MaildirDelivery, Mailbox};
/// # let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("Maildir");
/// let delivery = MaildirDelivery::open(&path, true)?;
/// assert_eq!(Mailbox::open(&path)?.unwrap().count(), 0);
/// # let _ = delivery;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct MaildirDelivery {
    folder: PathBuf,
    there: HashSet<String>,
    recent: bool,
}

/// The end of the names of our files.
const ENDING: &str = ".mailseal";

impl MaildirDelivery {
    /// Makes it where it is missing, and looks what is there. `recent`: what was begun before was begun within the last
    /// 36 hours.
    pub fn open(folder: impl Into<PathBuf>, recent: bool) -> Result<Self, Error> {
        let folder = folder.into();
        for name in ["tmp", "new", "cur"] {
            private_folder(&folder.join(name))?;
        }
        sync_folder(&folder)?;
        let mut there = HashSet::new();
        // Letters move from the first to the second.
        for name in ["new", "cur"] {
            let path = folder.join(name);
            let failed = || Error::io(path.display().to_string());
            for entry in fs::read_dir(&path).map_err(failed())? {
                let name = entry.map_err(failed())?.file_name();
                there.extend(name.to_str().and_then(own).map(str::to_owned));
            }
        }
        Ok(Self { folder, there, recent })
    }

    fn file(&self, within: &str, name: &str) -> PathBuf {
        self.folder.join(within).join(format!("{name}{ENDING}"))
    }
}

/// Letters are read by their owner alone, and written nowhere else: what lies there goes first, be it a link.
fn fresh(path: &Path) -> std::io::Result<fs::File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    private().create_new(true).open(path)
}

/// The name of a letter; mail readers put flags and sizes behind it.
fn own(file: &str) -> Option<&str> {
    file.split([':', ',', ';']).next()?.strip_suffix(ENDING)
}

impl Delivery for MaildirDelivery {
    fn arrived(&self, name: &str, begun: bool) -> Result<bool, DeliveryError> {
        if self.there.contains(name) {
            return Ok(true);
        }
        let path = self.file("tmp", name);
        match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(begun && self.recent),
            // It cannot be seen: that is not to be gone.
            Err(error) => Err(DeliveryError::Away(format!("{}: {error}", path.display()))),
            Ok(_) => Ok(false),
        }
    }

    fn stage(&self, letter: &BulkLetter) -> Result<(), DeliveryError> {
        let path = self.file("tmp", &letter.name);
        let unfinished = path.with_extension("unfinished");
        let written = fresh(&unfinished).and_then(|mut file| {
            file.write_all(&letter.octets)?;
            file.sync_all()?;
            // One that was begun before lies there at every moment: if not, it would be taken for delivered.
            fs::rename(&unfinished, &path)
        });
        written.map_err(|error| DeliveryError::Away(format!("{}: {error}", path.display())))?;
        // The same after a crash of the machine.
        sync_folder(&self.folder.join("tmp")).map_err(|error| DeliveryError::Away(error.to_string()))
    }

    fn deliver(&self, letter: &BulkLetter) -> Result<(), DeliveryError> {
        let path = self.file("new", &letter.name);
        fs::rename(self.file("tmp", &letter.name), &path)
            .map_err(|error| DeliveryError::Away(format!("{}: {error}", path.display())))?;
        sync_folder(&self.folder.join("new")).map_err(|error| DeliveryError::Away(error.to_string()))
    }
}
