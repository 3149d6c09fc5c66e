//! New files that appear together or not at all, each readable by its owner alone.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::keys::named;

/// What is written, and where to.
pub(crate) struct NewFile {
    pub(crate) path: PathBuf,
    pub(crate) content: Vec<u8>,
}

/// All of them, or none. What is there already stays, unless it may be replaced.
pub(crate) fn write(files: &[NewFile], replace: bool) -> Result<(), Box<dyn Error>> {
    let failed = |path: &Path, source| named(path, mailseal::Error::Io { what: "writing".into(), source });
    let mut finished = Vec::new();
    for file in files {
        refuse(&file.path, replace)?;
        let folder = file.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        // On Unix it is made with mode 0600.
        let mut new = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))
            .map_err(|error| failed(&file.path, error))?;
        new.write_all(&file.content).map_err(|error| failed(&file.path, error))?;
        new.as_file().sync_all().map_err(|error| failed(&file.path, error))?;
        finished.push(new);
    }
    for (number, (new, file)) in finished.into_iter().zip(files).enumerate() {
        let done = if replace { new.persist(&file.path) } else { new.persist_noclobber(&file.path) };
        if let Err(error) = done {
            for file in files.iter().take(number).filter(|_| !replace) {
                let _ = fs::remove_file(&file.path);
            }
            return Err(failed(&file.path, error.error).into());
        }
    }
    Ok(())
}

/// An error where something is in the way: said before anybody is asked for a password.
pub(crate) fn refuse(path: &Path, replace: bool) -> Result<(), Box<dyn Error>> {
    let Ok(there) = path.symlink_metadata() else { return Ok(()) };
    let path = path.display();
    if !replace {
        return Err(crate::words::said!(
            "{path}: is there already; --force replaces it",
            "{path}: すでにあります。--force で置き換えます"
        )
        .into());
    }
    if !there.is_file() && !there.is_symlink() {
        return Err(crate::words::said!(
            "{path}: is there and is not a file",
            "{path}: ファイルではありません"
        )
        .into());
    }
    Ok(())
}
