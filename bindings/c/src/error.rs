//! Why a call failed.

use std::ffi::{CString, c_char};

use crate::boundary::{Failure, answer};
use crate::handle::Handle;
use crate::status::mailseal_status;

/// Why a call failed. Yours to free.
pub struct mailseal_error {
    handle: Handle<Told>,
}

pub(crate) struct Told {
    failure: Failure,
    message: CString,
}

object!(mailseal_error, Told, 1);

impl Told {
    pub(crate) fn new(mut failure: Failure) -> Self {
        let octets: Vec<u8> = std::mem::take(&mut failure.message).into_bytes();
        let message = CString::new(octets).unwrap_or_default();
        Self { failure, message }
    }
}

/// The status that the call returned, or 0 of NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_error_status(error: *const mailseal_error) -> mailseal_status {
    answer(0, |call| Some(borrowed!(call, error).ok()?.failure.status))
}

/// What went wrong, in English, on one line, safe to print. Lives as long as the error; empty of NULL, never NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_error_message(error: *const mailseal_error) -> *const c_char {
    answer(c"".as_ptr(), |call| Some(borrowed!(call, error).ok()?.message.as_ptr()))
}

/// Whether the same call may succeed later: reading, writing, or a key that is away.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_error_is_temporary(error: *const mailseal_error) -> bool {
    answer(false, |call| Some(borrowed!(call, error).ok()?.failure.temporary))
}

/// Frees it. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_error_free(error: *mut mailseal_error) {
    freed!(error);
}
