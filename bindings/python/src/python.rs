//! What is written in Python: exceptions, dataclasses, enumerations.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// The exception classes, and what callbacks are given.
pub(crate) fn errors<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    named(py, &MODULE, "mailseal._errors", name)
}

/// What makes dataclasses and enumerations.
pub(crate) fn build<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    named(py, &MODULE, "mailseal._build", name)
}

/// What has to do with Python's own mail package.
pub(crate) fn letters<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    named(py, &MODULE, "mailseal._letters", name)
}

fn named<'py>(
    py: Python<'py>,
    module: &PyOnceLock<Py<PyModule>>,
    path: &str,
    name: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let module = module.get_or_try_init(py, || py.import(path).map(Bound::unbind))?;
    module.bind(py).getattr(name)
}
