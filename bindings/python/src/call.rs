//! Calls that may take time: without the interpreter's lock, and nothing that goes wrong in a callback is lost.
//!
//! The library calls back in the thread that called it. What a callback raises is kept until that call is over, because
//! the library knows declined passwords and unavailable keys, but no exceptions.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mailseal::Error;
use pyo3::exceptions::{PyException, PyRuntimeError};
use pyo3::prelude::*;

use crate::error::exception;

/// Something that was raised while the library was at work.
enum Raised {
    /// By a callback or a file object.
    Theirs(PyErr),
    /// By us, of what one of these returned: the program is wrong.
    Ours(PyErr),
}

thread_local! {
    /// Of all calls of this thread that are not over: a callback may call mailseal.
    static RAISED: RefCell<Vec<Raised>> = const { RefCell::new(Vec::new()) };
}

/// Keeps what a callback raised.
pub(crate) fn raised(error: PyErr) {
    RAISED.with_borrow_mut(|raised| raised.push(Raised::Theirs(error)));
}

/// Keeps what is wrong with something that a callback returned.
pub(crate) fn misused(error: PyErr) {
    RAISED.with_borrow_mut(|raised| raised.push(Raised::Ours(error)));
}

/// Works without the interpreter's lock.
///
/// What a callback raised becomes the cause of the error that comes of it. Where none does, `sys.unraisablehook` is told.
/// `KeyboardInterrupt` and the like, and misuse, end the call in any case.
pub(crate) fn call<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T, Error> + Send) -> PyResult<T> {
    let before = RAISED.with_borrow(Vec::len);
    let done = py.detach(|| catch_unwind(AssertUnwindSafe(work)));
    let mut causes = Vec::new();
    for raised in RAISED.with_borrow_mut(|raised| raised.split_off(before.min(raised.len()))) {
        match raised {
            Raised::Theirs(error) if error.is_instance_of::<PyException>(py) => causes.push(error),
            Raised::Theirs(error) | Raised::Ours(error) => return Err(error),
        }
    }
    let mut causes = causes.into_iter();
    let result = match done {
        Ok(Ok(result)) => Ok(result),
        Ok(Err(error)) => {
            let error = exception(py, error);
            if let Some(cause) = causes.next() {
                error.set_cause(py, Some(cause));
            }
            Err(error)
        }
        Err(panic) => Err(PyRuntimeError::new_err(format!("mailseal panicked: {}", words(&*panic)))),
    };
    causes.for_each(|error| error.write_unraisable(py, None));
    result
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("for a reason that is not text")
}
