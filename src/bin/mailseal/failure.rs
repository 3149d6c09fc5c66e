//! What went wrong, for people and for programs.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use mailseal::Error as MailError;
use serde_json::{Value, json};

use crate::words;

/// An error, and the file that it is about.
#[derive(Debug)]
pub(crate) struct InFile {
    path: PathBuf,
    error: MailError,
}

impl InFile {
    pub(crate) fn new(path: &Path, error: MailError) -> Self {
        Self { path: path.to_owned(), error }
    }
}

impl fmt::Display for InFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), words::of(&self.error))
    }
}

impl Error for InFile {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.error)
    }
}

/// The library's error in it, if it is one.
pub(crate) fn of_library<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e MailError> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<MailError>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// `{"kind", "message", "temporary"}`; kinds never change, messages may.
pub(crate) fn json(error: &(dyn Error + 'static)) -> Value {
    let (kind, temporary) = match of_library(error) {
        Some(error) => (error.kind(), error.is_temporary()),
        None if error.is::<io::Error>() => ("io", true),
        // What was typed does not fit together.
        None => ("misuse", false),
    };
    json!({ "kind": kind, "message": error.to_string(), "temporary": temporary })
}
