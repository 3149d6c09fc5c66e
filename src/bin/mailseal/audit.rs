//! `--audit FILE`: one line of JSON for each use of a private key.

use std::error::Error;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use mailseal::crypto::KeyOperation;
use mailseal::protocol::KeyUse;
use mailseal::{Key, UnixTime};
use serde_json::json;

/// Where uses are written down, if they are.
#[derive(Clone, Default)]
pub(crate) struct Audit(Option<Arc<Records>>);

struct Records {
    path: PathBuf,
    file: Mutex<File>,
    failed: Mutex<Option<io::Error>>,
}

impl Audit {
    /// The file is only ever added to.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Box<dyn Error>> {
        let Some(path) = path else { return Ok(Self::default()) };
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let (path, failed) = (path.to_owned(), Mutex::default());
        Ok(Self(Some(Arc::new(Records { path, file: Mutex::new(file), failed }))))
    }

    pub(crate) fn of(&self, key: Key) -> Key {
        let Some(records) = self.0.clone() else { return key };
        key.audited(move |used: &KeyUse<'_>| records.add(used))
    }

    /// An error if one of the uses could not be written down.
    pub(crate) fn finish(&self) -> Result<(), Box<dyn Error>> {
        let Some(records) = &self.0 else { return Ok(()) };
        match records.failed.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(format!("{}: {error}", records.path.display()).into()),
            None => Ok(()),
        }
    }
}

impl Records {
    fn add(&self, used: &KeyUse<'_>) {
        let result = match (used.error, used.operation) {
            (Some(error), _) => error.to_string(),
            (None, KeyOperation::Sign) => "signed".into(),
            // Whether the ciphertext was a good one is not said (R-A10).
            (None, _) => "tried".into(),
        };
        let line = json!({
            "version": 1,
            "at": UnixTime::from(SystemTime::now()),
            "operation": used.operation.name(),
            "protocol": used.protocol.name(),
            "certificate": used.certificate,
            "key": used.key,
            "method": used.method,
            "result": result,
        });
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // In one piece: other processes may add to it as well.
        if let Err(error) = file.write_all(format!("{line}\n").as_bytes()) {
            *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        }
    }
}
