//! Why a signature broke on the way, and how two copies of a message differ.

use std::ffi::c_char;
use std::ptr;

use mailseal_core::UnixTime;
use mailseal_core::doctor::{self, Comparison, Diagnosis, Outcome};

use crate::boundary::{Failure, answer, status};
use crate::buffer::{filled, mailseal_buffer};
use crate::context::mailseal_context;
use crate::error::mailseal_error;
use crate::handle::{self, Handle};
use crate::input::mailseal_input;
use crate::status::{MAILSEAL_ERROR_NO_MEMORY, MAILSEAL_OK, mailseal_status};

/// What was done to a message on its way, as far as it can be told from it alone. Never a verdict.
pub struct mailseal_diagnosis {
    handle: Handle<Diagnosis>,
}

object!(mailseal_diagnosis, Diagnosis, 32);

/// How two copies of a message differ.
pub struct mailseal_comparison {
    handle: Handle<Comparison>,
}

object!(mailseal_comparison, Comparison, 33);

/// What came of looking for what was done to a message: one of `MAILSEAL_DIAGNOSIS_...`.
pub type mailseal_diagnosis_outcome = i32;
/// There is no signature that could be looked at.
pub const MAILSEAL_DIAGNOSIS_NOT_SIGNED: mailseal_diagnosis_outcome = 6;
/// The signature holds: there is nothing to find out.
pub const MAILSEAL_DIAGNOSIS_INTACT: mailseal_diagnosis_outcome = 1;
/// Undoing the changes gives octet for octet what was signed, and they changed the form alone.
pub const MAILSEAL_DIAGNOSIS_EXPLAINED: mailseal_diagnosis_outcome = 2;
/// What was signed is in it, but a reader sees more than that, or other.
pub const MAILSEAL_DIAGNOSIS_MIXED: mailseal_diagnosis_outcome = 3;
/// Nothing that is known gives what was signed. It may be forged.
pub const MAILSEAL_DIAGNOSIS_UNEXPLAINED: mailseal_diagnosis_outcome = 4;
/// The signature itself does not hold, whatever the content.
pub const MAILSEAL_DIAGNOSIS_SIGNATURE_BROKEN: mailseal_diagnosis_outcome = 5;
/// It cannot be told: the certificate is missing, or something is not known here.
pub const MAILSEAL_DIAGNOSIS_UNTESTED: mailseal_diagnosis_outcome = 0;

/// Looks for what was done to a message whose signature broke. `MAILSEAL_OK`, and `*diagnosis` is yours to free, whatever
/// was found: a diagnosis is never a pass.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_diagnose(
    context: *const mailseal_context,
    input: *mut mailseal_input,
    at: i64,
    diagnosis: *mut *mut mailseal_diagnosis,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let input = taken!(input);
        let context = borrowed!(call, context)?;
        let input = input?;
        let out = out!(diagnosis)?;
        let at = UnixTime::from_seconds(at);
        out.set(handle::give(doctor::diagnose(&context.settled(), input.letter()?, at)?));
        Ok(MAILSEAL_OK)
    })
}

/// What came of it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_diagnosis_result(
    diagnosis: *const mailseal_diagnosis,
) -> mailseal_diagnosis_outcome {
    answer(MAILSEAL_DIAGNOSIS_UNTESTED, |call| {
        Some(match borrowed!(call, diagnosis).ok()?.outcome {
            Outcome::NotSigned => MAILSEAL_DIAGNOSIS_NOT_SIGNED,
            Outcome::Intact => MAILSEAL_DIAGNOSIS_INTACT,
            Outcome::Explained => MAILSEAL_DIAGNOSIS_EXPLAINED,
            Outcome::Mixed => MAILSEAL_DIAGNOSIS_MIXED,
            Outcome::Unexplained => MAILSEAL_DIAGNOSIS_UNEXPLAINED,
            Outcome::SignatureBroken => MAILSEAL_DIAGNOSIS_SIGNATURE_BROKEN,
            _ => MAILSEAL_DIAGNOSIS_UNTESTED,
        })
    })
}

/// All of it, as JSON on one line (docs/doctor.md). Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_diagnosis_json(
    diagnosis: *const mailseal_diagnosis,
) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        let json = serde_json::to_string(borrowed!(call, diagnosis).ok()?).ok()?;
        Some(filled(json.as_bytes()))
    })
}

/// The page that `mailseal doctor` prints, safe to print. `language` is a tag such as `"ja"`; English where there is no
/// other. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_diagnosis_text(
    diagnosis: *const mailseal_diagnosis,
    language: *const c_char,
) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        let diagnosis = borrowed!(call, diagnosis).ok()?;
        Some(filled(diagnosis.text(text!(language).ok()?).as_bytes()))
    })
}

/// Frees it. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_diagnosis_free(diagnosis: *mut mailseal_diagnosis) {
    freed!(diagnosis);
}

/// Compares a message as it was sent with the same as it arrived, within the bounds of the context. `MAILSEAL_OK`, and
/// `*comparison` is yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_compare(
    context: *const mailseal_context,
    sent: *mut mailseal_input,
    received: *mut mailseal_input,
    comparison: *mut *mut mailseal_comparison,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let (sent, received) = (taken!(sent), taken!(received));
        let context = borrowed!(call, context)?;
        let (sent, received) = (sent?, received?);
        let out = out!(comparison)?;
        let context = context.settled();
        let limits = context.bounds();
        let sent = sent.within("memory_bytes", limits.memory_bytes)?;
        let received = received.within("memory_bytes", limits.memory_bytes)?;
        out.set(handle::give(doctor::compare(&sent, &received, limits)?));
        Ok(MAILSEAL_OK)
    })
}

/// How many differences there are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_comparison_count(comparison: *const mailseal_comparison) -> usize {
    answer(0, |call| Some(borrowed!(call, comparison).ok()?.changes.len()))
}

/// All of it, as JSON on one line (docs/doctor.md). Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_comparison_json(
    comparison: *const mailseal_comparison,
) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        let json = serde_json::to_string(borrowed!(call, comparison).ok()?).ok()?;
        Some(filled(json.as_bytes()))
    })
}

/// The page that `mailseal doctor --sent --received` prints, safe to print. `language` as in `mailseal_diagnosis_text`.
/// Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_comparison_text(
    comparison: *const mailseal_comparison,
    language: *const c_char,
) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        let comparison = borrowed!(call, comparison).ok()?;
        Some(filled(comparison.text(text!(language).ok()?).as_bytes()))
    })
}

/// What a service does to mail, by this one message that went through it, as JSON for a file: the profile that a preflight
/// reads. `MAILSEAL_OK`, and `*profile` is yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_comparison_profile(
    comparison: *const mailseal_comparison,
    service: *const c_char,
    profile: *mut *mut mailseal_buffer,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |call| {
        let comparison = borrowed!(call, comparison)?;
        let service = text!(service)?;
        let out = out!(profile)?;
        let json = comparison.profile(service).to_json()?;
        match filled(json.as_bytes()) {
            buffer if buffer.is_null() => {
                Err(Failure::new(MAILSEAL_ERROR_NO_MEMORY, "no memory for the profile"))
            }
            buffer => {
                out.set(buffer);
                Ok(MAILSEAL_OK)
            }
        }
    })
}

/// Frees it. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_comparison_free(comparison: *mut mailseal_comparison) {
    freed!(comparison);
}
