//! Where passwords come from: a text, octets, or a function that is asked.

use mailseal::{PasswordRequest, PasswordSource, Secret};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyString};

use crate::call::{misused, raised};
use crate::python;

/// What was given as a password.
pub(crate) enum Asked {
    Nothing,
    Known(Secret),
    Function(Py<PyAny>),
}

impl Asked {
    pub(crate) fn new(object: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let Some(object) = object else { return Ok(Self::Nothing) };
        if object.is_callable() {
            return Ok(Self::Function(object.clone().unbind()));
        }
        secret(object).map(Self::Known)
    }
}

/// Text as UTF-8, or octets.
pub(crate) fn secret(object: &Bound<'_, PyAny>) -> PyResult<Secret> {
    if let Ok(text) = object.cast::<PyString>() {
        return Ok(Secret::from(text.to_cow()?.as_ref()));
    }
    if let Ok(octets) = object.cast::<PyBytes>() {
        return Ok(Secret::from(octets.as_bytes().to_vec()));
    }
    if let Ok(octets) = object.cast::<PyByteArray>() {
        return Ok(Secret::from(octets.to_vec()));
    }
    let class = object.get_type();
    Err(PyTypeError::new_err(format!("a password is str, bytes or bytearray, not {class}")))
}

impl PasswordSource for Asked {
    fn password(&self, request: &PasswordRequest) -> Option<Secret> {
        match self {
            Self::Nothing => None,
            Self::Known(secret) => (request.attempt == 0).then(|| Secret::from(secret.expose().to_vec())),
            Self::Function(function) => Python::attach(|py| ask(py, function, request)),
        }
    }
}

fn ask(py: Python<'_>, function: &Py<PyAny>, request: &PasswordRequest) -> Option<Secret> {
    let asked = py.check_signals().and_then(|()| {
        let request = python::errors(py, "PasswordRequest")?.call1((&request.subject, request.attempt))?;
        function.bind(py).call1((request,))
    });
    match asked {
        Ok(answer) if answer.is_none() => None,
        Ok(answer) => secret(&answer).map_err(misused).ok(),
        Err(error) => {
            raised(error);
            None
        }
    }
}
