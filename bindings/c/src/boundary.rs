//! What every export goes through.
//!
//! - [`run`]: body, panic boundary, owned error out. [`answer`]: the same for functions without an error.
//! - `object!`-typed arguments come in by the macros `borrowed!`, `taken!`, `text!`, `octets!`, `out!`, which name the
//!   argument where it is NULL.
//! - [`Failure`]: status and words, from an [`Error`] of mailseal or from here.

use std::any::Any;
use std::cell::RefCell;
use std::ffi::{CStr, c_char};
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;

use mailseal_core::Error;
use mailseal_core::crypto::KeyError;
use mailseal_core::policy::escape;

use crate::error::{Told, mailseal_error};
use crate::handle::{self, Borrowed, Object, Out};
use crate::quiet;
use crate::status::*;

/// Characters of a message: enough for every path and sentence.
const MESSAGE: usize = 4096;

/// Why a call failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: mailseal_status,
    pub(crate) message: String,
    pub(crate) temporary: bool,
}

impl Failure {
    pub(crate) fn new(status: mailseal_status, message: impl Display) -> Self {
        let message = escape(&message.to_string()).chars().take(MESSAGE).collect();
        Self { status, message, temporary: false }
    }

    pub(crate) fn misuse(message: impl Display) -> Self {
        Self::new(MAILSEAL_ERROR_MISUSE, message)
    }

    pub(crate) fn null(name: &str) -> Self {
        Self::new(MAILSEAL_ERROR_NULL, format_args!("`{name}` is NULL"))
    }

    pub(crate) fn bad_handle(name: &str, wanted: &str) -> Self {
        Self::new(MAILSEAL_ERROR_BAD_HANDLE, format_args!("`{name}` is not {wanted}, or no longer"))
    }

    pub(crate) fn poisoned(name: &str) -> Self {
        Self::new(MAILSEAL_ERROR_BAD_HANDLE, format_args!("mailseal panicked in a call with `{name}`"))
    }

    fn panic(caught: &(dyn Any + Send)) -> Self {
        let text = caught.downcast_ref::<&str>().copied();
        let text = text.or_else(|| caught.downcast_ref::<String>().map(String::as_str));
        let text = text.unwrap_or("without words");
        Self::new(MAILSEAL_ERROR_PANIC, format_args!("mailseal panicked: {text}{}", quiet::place()))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let status = match &error {
            Error::Io { source, .. } if source.kind() == std::io::ErrorKind::OutOfMemory => {
                MAILSEAL_ERROR_NO_MEMORY
            }
            Error::Io { .. } => MAILSEAL_ERROR_IO,
            Error::Limit { .. } => MAILSEAL_ERROR_LIMIT,
            Error::Malformed { .. } => MAILSEAL_ERROR_MALFORMED,
            Error::Refused(_) => MAILSEAL_ERROR_REFUSED,
            Error::Unreachable(_) => MAILSEAL_ERROR_UNREACHABLE,
            Error::InputChanged => MAILSEAL_ERROR_INPUT_CHANGED,
            Error::Cancelled => MAILSEAL_ERROR_CANCELLED,
            Error::Misuse(_) => MAILSEAL_ERROR_MISUSE,
            Error::Key(KeyError::Unsupported(_)) => MAILSEAL_ERROR_KEY_UNSUPPORTED,
            Error::Key(KeyError::Unavailable(_)) => MAILSEAL_ERROR_KEY_UNAVAILABLE,
            Error::Key(KeyError::WrongPassword | KeyError::Locked) => MAILSEAL_ERROR_KEY_PASSWORD,
            Error::Key(KeyError::Reentrant) => MAILSEAL_ERROR_REENTRANT,
            Error::Key(KeyError::Malformed(_)) => MAILSEAL_ERROR_KEY_MALFORMED,
            Error::Key(KeyError::TooSmall { .. }) => MAILSEAL_ERROR_KEY_TOO_SMALL,
            _ => MAILSEAL_ERROR_OTHER,
        };
        Self { temporary: error.is_temporary(), ..Self::new(status, error) }
    }
}

/// The objects of one call, which a panic poisons, and which stay until it is over.
#[derive(Default)]
pub(crate) struct Call<'h>(RefCell<Vec<Borrowed<'h>>>);

impl<'h> Call<'h> {
    /// # Safety
    ///
    /// As [`handle::borrow`].
    pub(crate) unsafe fn borrow<T: Object<State: Sync> + 'h>(
        &self,
        pointer: *const T,
        name: &str,
    ) -> Result<&'h T::State, Failure> {
        // SAFETY: the caller's promise.
        let (state, borrowed) = unsafe { handle::borrow(pointer, name) }?;
        self.0.borrow_mut().push(borrowed);
        Ok(state)
    }

    fn poison(&self) {
        self.0.borrow().iter().for_each(|borrowed| borrowed.head.poison());
    }

    /// It is over: what a callback freed meanwhile goes now.
    fn end(self) {
        for borrowed in self.0.into_inner() {
            // SAFETY: the body of the call, which alone was given the states, has ended.
            unsafe { borrowed.release() }
        }
    }
}

/// Runs the body of an export. A failure goes to `err`, where there is one, and its status to `otherwise`.
pub(crate) fn run<'h, T>(
    err: *mut *mut mailseal_error,
    otherwise: impl FnOnce(mailseal_status) -> T,
    body: impl FnOnce(&Call<'h>) -> Result<T, Failure>,
) -> T {
    let failure = match quiet::inside(|| {
        let call = Call::default();
        let done = caught(|| injected(body, &call)).unwrap_or_else(|failure| {
            call.poison();
            Err(failure)
        });
        caught(|| call.end()).and(done)
    }) {
        Ok(value) => return value,
        Err(failure) => failure,
    };
    let status = failure.status;
    // SAFETY: `err` is NULL or can be written; every export asks for that.
    if let Ok(out) = unsafe { Out::new(err, "err") } {
        out.set(handle::give(Told::new(failure)));
    }
    otherwise(status)
}

/// A panic as a failure.
fn caught<T>(look: impl FnOnce() -> T) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(look)).map_err(|caught| {
        let failure = Failure::panic(&*caught);
        // What was thrown may throw again where it is dropped.
        std::mem::forget(caught);
        failure
    })
}

/// Runs the body of an export that returns a status.
pub(crate) fn status<'h>(
    err: *mut *mut mailseal_error,
    body: impl FnOnce(&Call<'h>) -> Result<mailseal_status, Failure>,
) -> mailseal_status {
    run(err, |status| status, body)
}

/// Runs the body of an export that just answers, `empty` where it cannot.
pub(crate) fn answer<'h, T>(empty: T, body: impl FnOnce(&Call<'h>) -> Option<T>) -> T {
    run(std::ptr::null_mut(), |_| None, |call| Ok(body(call))).unwrap_or(empty)
}

#[cfg(not(test))]
fn injected<'h, T>(body: impl FnOnce(&Call<'h>) -> T, call: &Call<'h>) -> T {
    body(call)
}

/// Panics after the body, where a test wants it.
#[cfg(test)]
fn injected<'h, T>(body: impl FnOnce(&Call<'h>) -> T, call: &Call<'h>) -> T {
    let value = body(call);
    if crate::tests::PANIC.get() {
        drop(value);
        std::panic::panic_any("a test wants it");
    }
    value
}

/// # Safety
///
/// `text` is NULL or ends in a zero octet, and lives until the call ends.
pub(crate) unsafe fn octets_of_text<'t>(text: *const c_char, name: &str) -> Result<&'t [u8], Failure> {
    if text.is_null() {
        return Err(Failure::null(name));
    }
    // SAFETY: not NULL, and ended by the promise.
    Ok(unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// # Safety
///
/// As [`octets_of_text`].
pub(crate) unsafe fn text<'t>(text: *const c_char, name: &str) -> Result<&'t str, Failure> {
    // SAFETY: the caller's promise.
    let octets = unsafe { octets_of_text(text, name) }?;
    let wrong = |_| Failure::new(MAILSEAL_ERROR_NOT_UTF8, format_args!("`{name}` is not UTF-8"));
    std::str::from_utf8(octets).map_err(wrong)
}

/// Octets of C, where `NULL, 0` is none.
///
/// # Safety
///
/// `data` is NULL or has `length` octets, which nobody changes until the call ends.
pub(crate) unsafe fn octets<'o>(data: *const u8, length: usize, name: &str) -> Result<&'o [u8], Failure> {
    if length == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(Failure::null(name));
    }
    if isize::try_from(length).is_err() {
        return Err(Failure::new(MAILSEAL_ERROR_LENGTH, format_args!("`{name}` has no {length} octets")));
    }
    // SAFETY: not NULL, of a length that can be, and readable by the promise.
    Ok(unsafe { slice::from_raw_parts(data, length) })
}

/// An object that C keeps.
macro_rules! borrowed {
    ($call:ident, $pointer:ident) => {
        // SAFETY: the header asks for an object that lives until the call ends, or NULL.
        unsafe { $call.borrow($pointer, stringify!($pointer)) }
    };
}

/// An object that the call consumes.
macro_rules! taken {
    ($pointer:ident) => {
        // SAFETY: the header asks for an object that is used nowhere else, or NULL.
        unsafe { $crate::handle::take($pointer, stringify!($pointer)) }
    };
}

/// UTF-8 text.
macro_rules! text {
    ($text:ident) => {
        // SAFETY: the header asks for text that ends in a zero octet, or NULL.
        unsafe { $crate::boundary::text($text, stringify!($text)) }
    };
}

/// Octets and their number.
macro_rules! octets {
    ($data:ident, $length:ident) => {
        // SAFETY: the header asks for as many octets as the length says.
        unsafe { $crate::boundary::octets($data, $length, stringify!($data)) }
    };
}

/// Where a result goes.
macro_rules! out {
    ($pointer:ident) => {
        // SAFETY: the header asks for a pointer that can be written, or NULL.
        unsafe { $crate::handle::Out::new($pointer, stringify!($pointer)) }
    };
}

/// Frees an object.
macro_rules! freed {
    ($pointer:ident) => {
        // SAFETY: the header asks for an object that is used nowhere else, or NULL.
        unsafe { $crate::handle::free($pointer) }
    };
}
