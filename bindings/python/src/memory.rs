//! What is remembered of correspondents, in a file.

use std::path::PathBuf;
use std::sync::Arc;

use mailseal::outside::MemoryFile;
use pyo3::prelude::*;

use crate::arguments::{At, address};
use crate::call::call;
use crate::report;

/// What is remembered of correspondents, in a file that programs share. Give it to a Context, and let it learn by
/// Opened.remember.
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct Memory(pub(crate) Arc<MemoryFile>);

#[pymethods]
impl Memory {
    /// Opens the file, or makes it.
    #[new]
    fn new(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        call(py, || MemoryFile::open(path)).map(|file| Self(Arc::new(file)))
    }

    /// Ties a certificate to an address.
    #[pyo3(signature = (mailbox, fingerprint, *, at))]
    fn pin(&self, py: Python<'_>, mailbox: &str, fingerprint: &str, at: At) -> PyResult<()> {
        let mailbox = address(mailbox)?;
        call(py, || self.0.pin(&mailbox, fingerprint, at.0))
    }

    /// Unties it; False where it was not tied.
    fn unpin(&self, py: Python<'_>, mailbox: &str, fingerprint: &str) -> PyResult<bool> {
        let mailbox = address(mailbox)?;
        call(py, || self.0.unpin(&mailbox, fingerprint))
    }

    /// Forgets all of an address; False where nothing was known.
    fn forget(&self, py: Python<'_>, mailbox: &str) -> PyResult<bool> {
        let mailbox = address(mailbox)?;
        call(py, || self.0.forget(&mailbox))
    }

    /// All that is remembered, a Correspondent for each address.
    fn list<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let known = call(py, || self.0.list())?;
        known.iter().map(|one| report::data(py, "correspondent", one)).collect()
    }

    /// The same as JSON.
    fn export(&self, py: Python<'_>) -> PyResult<String> {
        call(py, || self.0.export())
    }

    /// Takes in what `export` wrote; how many are new.
    fn import_(&self, py: Python<'_>, json: &str) -> PyResult<usize> {
        call(py, || self.0.import(json))
    }

    fn __repr__(&self) -> &'static str {
        "<mailseal.Memory>"
    }
}
