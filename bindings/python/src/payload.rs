//! One MIME entity, exactly as it was checked.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::call::call;
use crate::output::Sink;
use crate::python;

/// One MIME entity, header and body, exactly as it was checked. All of it comes out, or nothing.
#[pyclass(frozen, module = "mailseal")]
pub(crate) struct Payload(pub(crate) mailseal::Payload<'static>);

#[pymethods]
impl Payload {
    /// Its octets' number.
    #[getter]
    fn length(&self) -> u64 {
        self.0.length()
    }

    /// All octets; an Error where there are more than `limit`.
    #[pyo3(signature = (limit = None))]
    fn octets<'py>(&self, py: Python<'py>, limit: Option<usize>) -> PyResult<Bound<'py, PyBytes>> {
        let octets = call(py, || self.0.octets(limit.unwrap_or(usize::MAX)))?;
        Ok(PyBytes::new(py, &octets))
    }

    fn __bytes__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        self.octets(py, None)
    }

    /// The octets, parsed: an email.message.EmailMessage.
    fn message<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        python::letters(py, "message")?.call1((self.octets(py, None)?,))
    }

    /// Writes all of it to a binary file object. Where an exception comes, what was written is worthless.
    fn write(&self, py: Python<'_>, out: Py<PyAny>) -> PyResult<()> {
        call(py, || self.0.write(&mut Sink(out)))
    }

    /// Writes all of it to a file, which appears when all of it is there, or not at all.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        call(py, || self.0.save(path))
    }

    fn __repr__(&self) -> String {
        format!("<mailseal.Payload of {} octets>", self.0.length())
    }
}
