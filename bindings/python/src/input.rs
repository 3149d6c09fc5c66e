//! Letters and files that a program hands in: bytes, paths, file objects, drafts of Python's own mail package.

use std::io::{self, Read};
use std::path::PathBuf;

use mailseal::{Input, Limits, Secret};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyByteArray, PyBytes, PyMemoryView, PyString};

use crate::call::{call, misused, raised};
use crate::python;

/// Octets, or where they are.
pub(crate) enum Octets {
    /// Nobody can change them, so they are read where they lie.
    Bytes(PyBackedBytes),
    /// Copied: somebody may change what they were copied from.
    Copy(Vec<u8>),
    Path(PathBuf),
    Stream(Stream),
}

/// A letter as it was received. A parsed one is refused: it no longer has the octets that were signed.
pub(crate) fn letter(object: &Bound<'_, PyAny>) -> PyResult<Octets> {
    if is_message(object)? {
        return Err(PyTypeError::new_err(
            "an email.message.Message does not have the octets that were signed; give the bytes it was parsed from",
        ));
    }
    octets(object)
}

/// A draft. A message of Python's is written out once, here.
pub(crate) fn draft(object: &Bound<'_, PyAny>) -> PyResult<Octets> {
    if is_message(object)? {
        return octets(&python::letters(object.py(), "octets")?.call1((object,))?);
    }
    octets(object)
}

fn is_message(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    if object.is_instance_of::<PyBytes>() || object.is_instance_of::<PyString>() {
        return Ok(false);
    }
    object.is_instance(&object.py().import("email.message")?.getattr("Message")?)
}

/// Bytes, a path or a file object.
pub(crate) fn octets(object: &Bound<'_, PyAny>) -> PyResult<Octets> {
    if let Ok(bytes) = object.cast::<PyBytes>() {
        return Ok(Octets::Bytes(PyBackedBytes::from(bytes.clone())));
    }
    if let Ok(bytes) = object.cast::<PyByteArray>() {
        return Ok(Octets::Copy(bytes.to_vec()));
    }
    if object.is_instance_of::<PyMemoryView>() {
        return Ok(Octets::Copy(object.call_method0("tobytes")?.extract()?));
    }
    if object.hasattr("read")? {
        return Ok(Octets::Stream(Stream { object: object.clone().unbind(), rest: Vec::new() }));
    }
    if let Ok(text) = object.cast::<PyString>()
        && text.to_cow()?.contains(['\n', '\r', '\0'])
    {
        return Err(PyValueError::new_err("a str is the path of a file; octets are given as bytes"));
    }
    match object.extract::<PathBuf>() {
        Ok(path) => Ok(Octets::Path(path)),
        Err(_) => {
            let class = object.get_type();
            Err(PyTypeError::new_err(format!("wanted bytes, a path or a binary file object, not {class}")))
        }
    }
}

impl Octets {
    /// For a call that is over before they are gone.
    pub(crate) fn borrowed(&mut self) -> Input<'_> {
        match self {
            Self::Bytes(bytes) => Input::memory(&**bytes),
            Self::Copy(octets) => Input::memory(octets.as_slice()),
            Self::Path(path) => Input::file(path.as_path()),
            Self::Stream(stream) => Input::pipe(stream),
        }
    }

    /// For what outlives the call.
    pub(crate) fn owned(self) -> Input<'static> {
        match self {
            Self::Bytes(bytes) => Input::memory(bytes.to_vec()),
            Self::Copy(octets) => Input::memory(octets),
            Self::Path(path) => Input::file(path),
            Self::Stream(stream) => Input::pipe(stream),
        }
    }
}

/// A file of keys or certificates.
pub(crate) fn file(object: &Bound<'_, PyAny>) -> PyResult<Secret> {
    let limit = Limits::default().key_file_bytes;
    file_within(object, "key_file_bytes", limit)
}

/// A file of something, with the bound for it. Wiped in the end: there may be a key in it.
pub(crate) fn file_within(object: &Bound<'_, PyAny>, name: &'static str, limit: usize) -> PyResult<Secret> {
    let octets = octets(object)?;
    call(object.py(), || octets.owned().octets(name, limit)).map(Secret::from)
}

/// A file object of Python's, read in pieces.
pub(crate) struct Stream {
    object: Py<PyAny>,
    /// What it gave beyond what was asked for.
    rest: Vec<u8>,
}

/// Octets that are asked of a file object at once.
const PIECE: usize = 1 << 20;

impl Read for Stream {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() {
            self.rest = Python::attach(|py| self.piece(py, out.len().clamp(1, PIECE)))?;
        }
        let mut rest = self.rest.as_slice();
        let count = rest.read(out)?;
        self.rest.drain(..count);
        Ok(count)
    }
}

impl Stream {
    fn piece(&self, py: Python<'_>, wanted: usize) -> io::Result<Vec<u8>> {
        let failed = || io::Error::other("the file object raised an exception");
        let read = py.check_signals().and_then(|()| self.object.call_method1(py, "read", (wanted,)));
        let read = read.map_err(|error| {
            raised(error);
            failed()
        })?;
        let octets: Result<Vec<u8>, _> =
            read.bind(py).cast::<PyBytes>().map(|bytes| bytes.as_bytes().to_vec());
        octets.map_err(|_| {
            let class = read.bind(py).get_type();
            misused(PyTypeError::new_err(format!("read() of a binary file gives bytes, not {class}")));
            failed()
        })
    }
}
