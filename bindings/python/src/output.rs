//! File objects that letters are written to.

use std::io::{self, Write};

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::call::raised;

/// A file object of Python's.
pub(crate) struct Sink(pub(crate) Py<PyAny>);

impl Write for Sink {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let written = Python::attach(|py| {
            py.check_signals()?;
            let written = self.0.call_method1(py, "write", (PyBytes::new(py, octets),))?;
            // A buffered file takes all of it, and some that only look like files say nothing.
            written.extract::<Option<usize>>(py)
        });
        match written {
            Ok(count) => Ok(count.unwrap_or(octets.len()).min(octets.len())),
            Err(error) => {
                raised(error);
                Err(io::Error::other("the file object raised an exception"))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
