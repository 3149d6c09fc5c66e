//! Whether signed letters may go through a service.

use std::ffi::c_char;
use std::ptr;

use mailseal_core::doctor::{self, Preflight};
use mailseal_core::report::ServiceProfile;

use crate::boundary::{answer, status};
use crate::buffer::{filled, mailseal_buffer};
use crate::error::mailseal_error;
use crate::handle::{self, Handle};
use crate::input::mailseal_input;
use crate::status::{MAILSEAL_OK, mailseal_status};

/// What a service would do to letters that are signed before it gets them, so that they arrive as not signed, altered, or
/// signed by somebody else.
pub struct mailseal_preflight {
    handle: Handle<Preflight>,
}

object!(mailseal_preflight, Preflight, 36);

/// Asks a profile, as `mailseal_comparison_profile` wrote it, whether signed letters may go through that service. A profile
/// that is not understood is `MAILSEAL_ERROR_MALFORMED`. `MAILSEAL_OK`, and `*preflight` is yours to free, whatever the answer
/// is: ask `mailseal_preflight_passes`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_preflight_new(
    profile: *mut mailseal_input,
    preflight: *mut *mut mailseal_preflight,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |_| {
        let profile = taken!(profile);
        let out = out!(preflight)?;
        let profile = profile?.text()?;
        out.set(handle::give(doctor::preflight(&ServiceProfile::from_json(&profile)?)));
        Ok(MAILSEAL_OK)
    })
}

/// Whether signed letters arrive as they were signed. What cannot be told is false.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_preflight_passes(preflight: *const mailseal_preflight) -> bool {
    answer(false, |call| Some(borrowed!(call, preflight).ok()?.passes()))
}

/// All of it, as JSON on one line: `version`, `service`, and `refused`, the changes that it must not make (docs/doctor.md).
/// Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_preflight_json(
    preflight: *const mailseal_preflight,
) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        let json = serde_json::to_string(borrowed!(call, preflight).ok()?).ok()?;
        Some(filled(json.as_bytes()))
    })
}

/// The page that `mailseal bulk --service` prints: what it would do, and what to set there. Safe to print. `language` as in
/// `mailseal_diagnosis_text`. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_preflight_text(
    preflight: *const mailseal_preflight,
    language: *const c_char,
) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        let preflight = borrowed!(call, preflight).ok()?;
        Some(filled(preflight.text(text!(language).ok()?).as_bytes()))
    })
}

/// Frees it. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_preflight_free(preflight: *mut mailseal_preflight) {
    freed!(preflight);
}
