//! A letter that lacks its signature.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use mailseal::Error;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::call::call;

type Letter = mailseal::PreparedLetter<'static>;

/// A letter that lacks its signature: Composer.prepare makes it. It is finished once; a signature that does not fit ends
/// it too.
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct PreparedLetter {
    letter: Mutex<Option<Letter>>,
    scheme: Option<String>,
}

#[pymethods]
impl PreparedLetter {
    /// By which scheme it has to be signed.
    #[getter]
    fn scheme(&self) -> Option<&str> {
        self.scheme.as_deref()
    }

    /// The octets to sign: a digest, or for Ed25519 in S/MIME the (small) signed attributes.
    #[getter]
    fn to_sign<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let octets = call(py, || {
            let letter = self.letter.lock().unwrap_or_else(PoisonError::into_inner);
            let request = letter.as_ref().and_then(Letter::request).ok_or_else(finished)?;
            Ok(request.to_sign().octets(request.scheme())?.into_owned())
        })?;
        Ok(PyBytes::new(py, &octets))
    }

    /// The letter, if the signature fits.
    fn finish<'py>(&self, py: Python<'py>, signature: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let letter = call(py, || {
            let mut letter = Vec::new();
            self.taken()?.finish(signature, &mut letter)?;
            Ok(letter)
        })?;
        Ok(PyBytes::new(py, &letter))
    }

    /// Writes the letter to a file, if the signature fits; the file appears when all of it is there, or not at all.
    fn save(&self, py: Python<'_>, signature: &[u8], path: PathBuf) -> PyResult<()> {
        call(py, || self.taken()?.save(signature, path))
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err("a letter that lacks its signature is not pickled"))
    }

    fn __repr__(&self) -> String {
        format!("<mailseal.PreparedLetter, {}>", self.scheme.as_deref().unwrap_or("nothing to sign"))
    }
}

impl PreparedLetter {
    pub(crate) fn new(letter: Letter) -> Self {
        let scheme = letter.request().map(|request| request.scheme().to_string());
        Self { letter: Mutex::new(Some(letter)), scheme }
    }

    fn taken(&self) -> Result<Letter, Error> {
        self.letter.lock().unwrap_or_else(PoisonError::into_inner).take().ok_or_else(finished)
    }
}

fn finished() -> Error {
    Error::Misuse("the letter was finished before".into())
}
