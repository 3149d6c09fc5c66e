//! Many letters in one place.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use mailseal::outside;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::arguments::At;
use crate::call::call;
use crate::opened::Opened;
use crate::opener::Opener;

/// The letters of an mbox file, a Maildir, or a folder of `.eml` files, one after the other: an iterator of
/// StoredMessage. A file of one letter is a ValueError.
///
/// >>> letters = list(Mailbox("examples/letters"))
/// >>> opener, policy = Opener(Context(TrustStore())), Policy.standard()
/// >>> for letter in letters[:1]:
/// ...     print(letter, policy.judge(letter.open(opener, at=1_800_000_000).report).outcome)
/// examples/letters/eve-revoked.eml caution
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct Mailbox(Mutex<outside::Mailbox>);

#[pymethods]
impl Mailbox {
    #[new]
    fn new(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let mailbox = call(py, || outside::Mailbox::open(path))?;
        let mailbox = mailbox.ok_or_else(|| PyValueError::new_err("that is a file of one letter"))?;
        Ok(Self(Mutex::new(mailbox)))
    }

    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<StoredMessage>> {
        let next = call(py, || self.0.lock().unwrap_or_else(PoisonError::into_inner).next().transpose())?;
        Ok(next.map(StoredMessage))
    }

    fn __repr__(&self) -> &'static str {
        "<mailseal.Mailbox>"
    }
}

/// One letter of a Mailbox; `str` says where it is.
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct StoredMessage(outside::StoredMessage);

#[pymethods]
impl StoredMessage {
    /// The file it is in.
    #[getter]
    fn path(&self) -> String {
        self.0.path().display().to_string()
    }

    /// Which of an mbox file it is, the first being 1; None where it has a file of its own.
    #[getter]
    fn number(&self) -> Option<u64> {
        self.0.number()
    }

    /// How many octets it has.
    #[getter]
    fn length(&self) -> u64 {
        self.0.octets()
    }

    /// Looks at it, as Opener.open: of an mbox file, in the reading of its `>From ` in which nothing is altered.
    #[pyo3(signature = (opener, *, at))]
    fn open(&self, py: Python<'_>, opener: &Opener, at: At) -> PyResult<Opened> {
        call(py, || self.0.open(&opener.0, at.0)).map(|(opened, _)| Opened::new(opened))
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<mailseal.StoredMessage {}>", self.0)
    }
}
