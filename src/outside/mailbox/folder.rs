//! Folders: Maildir, or files that end with `.eml`.

use std::path::{Path, PathBuf};

use crate::error::Error;

/// The files of messages, in the order of their names. Folders in the folder are not looked at.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let (cur, new) = (folder.join("cur"), folder.join("new"));
    let mut files = if cur.is_dir() && new.is_dir() {
        let any = |_: &Path| true;
        [list(&cur, any)?, list(&new, any)?].concat()
    } else {
        list(folder, |name| name.extension().is_some_and(|end| end.eq_ignore_ascii_case("eml")))?
    };
    // Names of Maildir begin with the time of delivery, and a message moves from `new` to `cur`.
    files.sort_by(|one, other| one.file_name().cmp(&other.file_name()).then_with(|| one.cmp(other)));
    Ok(files)
}

fn list(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>, Error> {
    let failed = || Error::io(folder.display().to_string());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed())? {
        let path = entry.map_err(failed())?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        // Not pipes: they would be waited for.
        if !hidden && wanted(&path) && path.is_file() {
            files.push(path);
        }
    }
    Ok(files)
}
