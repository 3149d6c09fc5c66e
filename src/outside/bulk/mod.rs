//! Newsletters over files: a journal, a Maildir that takes each letter once, a template with its recipients.
//!
//! - [`JournalFile`], [`MaildirDelivery`]: the traits of [`Bulk`](crate::Bulk).
//! - [`Template`], [`Recipients`]: drafts from one letter and a table.

mod journal;
mod maildir;
mod recipients;
mod template;
#[cfg(test)]
mod tests;

pub use journal::JournalFile;
pub use maildir::MaildirDelivery;
pub use recipients::{Recipient, Recipients};
pub use template::Template;

use std::fs::{DirBuilder, OpenOptions};
use std::path::Path;

use crate::error::Error;

/// Made for its owner alone: recipients and letters are in it.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// The same of a folder, and of those above it that are missing.
fn private_folder(path: &Path) -> Result<(), Error> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(Error::io(path.display().to_string()))
}

/// What a folder lists is on the disk. Where a system has no such thing, its folders need none.
fn sync_folder(path: &Path) -> Result<(), Error> {
    if cfg!(unix) {
        let folder = std::fs::File::open(path).and_then(|folder| folder.sync_all());
        folder.map_err(Error::io(path.display().to_string()))?;
    }
    Ok(())
}
