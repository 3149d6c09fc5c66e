//! Arguments that are no objects of ours: times, addresses, settings by name.

use mailseal::UnixTime;
use mailseal::mime::Address;
use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyString};

/// Seconds since 1970 as a number, or a `datetime` that knows its time zone.
#[derive(Clone, Copy)]
pub(crate) struct At(pub(crate) UnixTime);

impl<'a, 'py> FromPyObject<'a, 'py> for At {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let py = object.py();
        if object.is_instance(&py.import("datetime")?.getattr("datetime")?)? {
            if object.call_method0("utcoffset")?.is_none() {
                return Err(PyValueError::new_err(
                    "a datetime without time zone is not a point in time; give it tzinfo",
                ));
            }
            return seconds(&object.call_method0("timestamp")?);
        }
        if object.is_instance_of::<PyBool>() || object.is_instance_of::<PyString>() {
            return Err(no_time(&object));
        }
        seconds(&object)
    }
}

fn seconds(number: &Bound<'_, PyAny>) -> PyResult<At> {
    let py = number.py();
    let whole = py.import("math")?.getattr("floor")?.call1((number,)).map_err(|error| {
        if error.is_instance_of::<PyTypeError>(py) { no_time(number) } else { out_of_range(py, error) }
    })?;
    let seconds = whole.extract().map_err(|error| out_of_range(py, error))?;
    Ok(At(UnixTime::from_seconds(seconds)))
}

fn out_of_range(py: Python<'_>, error: PyErr) -> PyErr {
    match error.is_instance_of::<PyOverflowError>(py) {
        true => PyValueError::new_err("not a time that 64 bits of seconds can hold"),
        false => error,
    }
}

fn no_time(object: &Bound<'_, PyAny>) -> PyErr {
    let class = object.get_type();
    PyTypeError::new_err(format!("a time is a number of seconds since 1970, or a datetime, not {class}"))
}

/// An address without a display name.
pub(crate) fn address(text: &str) -> PyResult<Address> {
    text.parse().map_err(|error| PyValueError::new_err(format!("{text:?}: {error}")))
}

/// A bool, an enumeration's value or its member: what of an enumeration of Python's was meant.
pub(crate) fn word(object: &Bound<'_, PyAny>) -> PyResult<String> {
    match object.extract() {
        Ok(text) => Ok(text),
        Err(_) => object.getattr("value")?.extract(),
    }
}

/// Several of something, or one.
pub(crate) fn several<'py>(object: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    use pyo3::types::{PyList, PyTuple};
    if object.is_none() {
        return Ok(Vec::new());
    }
    match object.is_instance_of::<PyList>() || object.is_instance_of::<PyTuple>() {
        true => object.try_iter()?.collect(),
        false => Ok(vec![object.clone()]),
    }
}
