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

use std::path::Path;

use crate::error::Error;

/// What a folder lists is on the disk. Where a system has no such thing, its folders need none.
fn sync_folder(path: &Path) -> Result<(), Error> {
    if cfg!(unix) {
        let folder = std::fs::File::open(path).and_then(|folder| folder.sync_all());
        folder.map_err(Error::io(path.display().to_string()))?;
    }
    Ok(())
}
