//! Ending a call early, and seeing how far it is.

use mailseal::Input;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::call::raised;

/// Ends calls early, from any thread: they raise an Error of kind `cancelled`. It stays on.
///
/// >>> cancel = Cancel()
/// >>> cancel.cancel()
/// >>> try:
/// ...     Opener(Context(TrustStore())).open(b"From: a@b.example\r\n\r\n", at=0, cancel=cancel)
/// ... except Error as error:
/// ...     print(error.kind, error.temporary)
/// cancelled False
#[pyclass(frozen, module = "mailseal")]
#[derive(Default)]
pub(crate) struct Cancel(mailseal::Cancel);

#[pymethods]
impl Cancel {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Ends every call that was given this one, now or later.
    fn cancel(&self) {
        self.0.cancel();
    }

    /// Whether somebody said so.
    #[getter]
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    fn __repr__(&self) -> String {
        format!("<mailseal.Cancel, {}>", if self.0.is_cancelled() { "on" } else { "off" })
    }
}

/// Who ends a call, and who is told of it.
#[derive(Default)]
pub(crate) struct Watch {
    cancel: Option<mailseal::Cancel>,
    progress: Option<Py<PyAny>>,
}

impl Watch {
    pub(crate) fn new(cancel: Option<&Cancel>, progress: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        if progress.is_some_and(|function| !function.is_callable()) {
            return Err(PyTypeError::new_err("what is told of progress is a function"));
        }
        let cancel = cancel.map(|cancel| cancel.0.clone());
        Ok(Self { cancel, progress: progress.map(|function| function.clone().unbind()) })
    }

    /// The same input, watched. What the function raises ends the call.
    pub(crate) fn over(self, input: Input<'_>) -> Input<'_> {
        let Some(function) = self.progress else {
            return match &self.cancel {
                Some(cancel) => input.cancel(cancel),
                None => input,
            };
        };
        // That of the program may be there for other calls, too.
        let cancel = self.cancel.map(|all| all.child()).unwrap_or_default();
        let end = cancel.clone();
        let tell = move |read: u64, total: Option<u64>| {
            Python::attach(|py| {
                let told = py.check_signals().and_then(|()| function.call1(py, (read, total)));
                if let Err(error) = told {
                    raised(error);
                    end.cancel();
                }
            });
        };
        input.cancel(&cancel).progress(tell)
    }
}
