//! Ends calls early.

use std::ptr;

use mailseal_core::Cancel;

use crate::boundary::answer;
use crate::handle::{self, Handle};

/// Ends calls early, from any thread: those whose input it was given with (`mailseal_input_set_cancel`). Once on, it stays
/// on. May be freed at any time after that.
pub struct mailseal_cancel {
    handle: Handle<Cancel>,
}

object!(mailseal_cancel, Cancel, 21);

/// A switch that is off.
#[unsafe(no_mangle)]
pub extern "C" fn mailseal_cancel_new() -> *mut mailseal_cancel {
    answer(ptr::null_mut(), |_| Some(handle::give(Cancel::new())))
}

/// Ends every call whose input was given this one, now or later: with `MAILSEAL_ERROR_CANCELLED`, before the next piece is
/// read, and between layers, signers, candidates and downloads. A callback that is busy is waited for. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_cancel_cancel(cancel: *const mailseal_cancel) {
    answer((), |call| {
        borrowed!(call, cancel).ok()?.cancel();
        None
    });
}

/// Whether somebody said so. False of NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_cancel_is_cancelled(cancel: *const mailseal_cancel) -> bool {
    answer(false, |call| Some(borrowed!(call, cancel).ok()?.is_cancelled()))
}

/// Frees it; calls that were given it go on, or end if it was on. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_cancel_free(cancel: *mut mailseal_cancel) {
    freed!(cancel);
}
