//! Errors of the library as exceptions.

use mailseal::Error;
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;

use crate::python;

/// Misuse is a `ValueError`; "could not look" a `mailseal.Error`, whose cause is what the system said.
pub(crate) fn exception(py: Python<'_>, error: Error) -> PyErr {
    let message = error.to_string();
    let (kind, temporary) = (error.kind(), error.is_temporary());
    let number = match &error {
        Error::Io { source, .. } => source.raw_os_error(),
        _ => None,
    };
    let class = match error {
        Error::Misuse(what) => return PyValueError::new_err(what),
        Error::Unreachable(_) => "Unreachable",
        _ => "Error",
    };
    let made = python::errors(py, class).and_then(|class| class.call1((message, kind, temporary)));
    let exception = made.map_or_else(|problem| problem, PyErr::from_value);
    if let Some(number) = number {
        exception.set_cause(py, os_error(py, number).ok());
    }
    exception
}

/// Of the class that goes with its number: `FileNotFoundError`.
fn os_error(py: Python<'_>, number: i32) -> PyResult<PyErr> {
    let words = py.import("os")?.getattr("strerror")?.call1((number,))?;
    Ok(PyErr::from_value(py.get_type::<PyOSError>().call1((number, words))?))
}
