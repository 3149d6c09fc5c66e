//! What a letter is worth by a policy, and why.

use std::ffi::c_char;
use std::ptr;

use mailseal_core::mime::AuthservId;
use mailseal_core::{Outcome, Verdict};

use crate::boundary::{answer, run};
use crate::buffer::{filled, mailseal_buffer};
use crate::dispatch::{MAILSEAL_ACTION_REFUSE, mailseal_action, number};
use crate::error::mailseal_error;
use crate::handle::Handle;
use crate::report::mailseal_report;
use crate::slice::mailseal_slice;

/// What a letter is worth by a policy, and why.
pub struct mailseal_verdict {
    handle: Handle<Verdict>,
}

object!(mailseal_verdict, Verdict, 18);

/// What a letter is worth, in one word: one of `MAILSEAL_OUTCOME_...`.
pub type mailseal_outcome = i32;
/// No signature at all.
pub const MAILSEAL_OUTCOME_NONE: mailseal_outcome = 0;
/// The whole message, intact, by a signer whom evidence ties to the one From address.
pub const MAILSEAL_OUTCOME_GOOD: mailseal_outcome = 1;
/// Not altered as far as can be told, but something is missing: who, how much, how strong.
pub const MAILSEAL_OUTCOME_CAUTION: mailseal_outcome = 2;
/// Altered, broken or revoked.
pub const MAILSEAL_OUTCOME_BAD: mailseal_outcome = 3;

/// What the letter is worth. 0 of NULL: not verified.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_verdict_outcome(verdict: *const mailseal_verdict) -> mailseal_outcome {
    answer(MAILSEAL_OUTCOME_NONE, |call| {
        Some(match borrowed!(call, verdict).ok()?.outcome {
            Outcome::None => MAILSEAL_OUTCOME_NONE,
            Outcome::Good => MAILSEAL_OUTCOME_GOOD,
            Outcome::Caution => MAILSEAL_OUTCOME_CAUTION,
            Outcome::Bad => MAILSEAL_OUTCOME_BAD,
        })
    })
}

/// What the rules of the policy for incoming mail say to do with the letter: `MAILSEAL_ACTION_PASS` unless one that is about
/// its sender is not met. Of NULL: not taken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_verdict_action(verdict: *const mailseal_verdict) -> mailseal_action {
    answer(MAILSEAL_ACTION_REFUSE, |call| Some(number(borrowed!(call, verdict).ok()?.action)))
}

/// Whether pictures and other content may be fetched from the network when the letter is shown. No where something was
/// decrypted that others could have put together: its address could carry the plaintext out. No of NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_verdict_may_load_remote(verdict: *const mailseal_verdict) -> bool {
    answer(false, |call| Some(borrowed!(call, verdict).ok()?.may_load_remote))
}

/// How many reasons there are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_verdict_reason_count(verdict: *const mailseal_verdict) -> usize {
    answer(0, |call| Some(borrowed!(call, verdict).ok()?.reasons.len()))
}

/// The code of a reason, the decisive one first: `"partial_coverage"`. Codes never change. Empty where there is none of
/// that number. Lives as long as the library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_verdict_reason_code(
    verdict: *const mailseal_verdict,
    index: usize,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        let reason = borrowed!(call, verdict).ok()?.reasons.get(index)?;
        Some(mailseal_slice::of(reason.code.as_str().as_bytes()))
    })
}

/// All of it as JSON, on one line. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_verdict_json(verdict: *const mailseal_verdict) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        let json = serde_json::to_vec(borrowed!(call, verdict).ok()?).ok()?;
        Some(filled(&json))
    })
}

/// The page that `mailseal verify` prints, safe to print. Takes the report that the verdict was made from. `language` is
/// a tag: `"en"`, `"ja"`, `"ja-JP"`; English for all that is not known. NULL of NULL. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_verdict_text(
    verdict: *const mailseal_verdict,
    report: *const mailseal_report,
    language: *const c_char,
) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        let (verdict, report) = (borrowed!(call, verdict).ok()?, borrowed!(call, report).ok()?);
        let text = verdict.text(report.report()).language(text!(language).ok()?).to_string();
        Some(filled(text.as_bytes()))
    })
}

/// The `smimeStatus` of RFC 9219, `"signed/verified"`; empty for null: no signature. Takes the report that the verdict was
/// made from. Lives as long as the library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_verdict_smime_status(
    verdict: *const mailseal_verdict,
    report: *const mailseal_report,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        let (verdict, report) = (borrowed!(call, verdict).ok()?, borrowed!(call, report).ok()?);
        Some(mailseal_slice::of(verdict.smime_status(report.report())?.as_str().as_bytes()))
    })
}

/// The properties that RFC 9219 adds to an Email, as JSON: `smimeStatus`, `smimeErrors` in the language of a tag,
/// `smimeVerifiedAt`. Takes the report that the verdict was made from. NULL of NULL. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_verdict_smime_properties(
    verdict: *const mailseal_verdict,
    report: *const mailseal_report,
    language: *const c_char,
) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        let (verdict, report) = (borrowed!(call, verdict).ok()?, borrowed!(call, report).ok()?);
        let properties = verdict.smime_properties(report.report(), text!(language).ok()?);
        Some(filled(&serde_json::to_vec(&properties).ok()?))
    })
}

/// The verdict as an Authentication-Results field (RFC 8601, RFC 7281), name and value, folded with CRLF, without the last
/// line end. Takes the report that the verdict was made from. `authserv_id` is the name of the receiving system,
/// `"mx.example.org"`. NULL where it is no such name, and `*err` says so. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_verdict_authentication_results(
    verdict: *const mailseal_verdict,
    report: *const mailseal_report,
    authserv_id: *const c_char,
    err: *mut *mut mailseal_error,
) -> *mut mailseal_buffer {
    run(
        err,
        |_| ptr::null_mut(),
        |call| {
            let (verdict, report) = (borrowed!(call, verdict)?, borrowed!(call, report)?);
            let field = verdict.authentication_results(report.report(), text!(authserv_id)?)?;
            Ok(filled(field.as_bytes()))
        },
    )
}

/// Whether an Authentication-Results field of a letter from outside may stay (RFC 8601 section 5). No where it speaks in
/// the name of `authserv_id`, and where nobody can tell in whose name it speaks. `value` is what stands after the colon,
/// folded or not. For programs that change header fields one by one; `mailseal_opened_stamp` does it by itself. No of
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_authentication_results_may_stay(
    authserv_id: *const c_char,
    value: *const u8,
    value_length: usize,
) -> bool {
    answer(false, |_| {
        let name: AuthservId = text!(authserv_id).ok()?.parse().ok()?;
        Some(!name.is_forged(octets!(value, value_length).ok()?))
    })
}

/// Frees it. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_verdict_free(verdict: *mut mailseal_verdict) {
    freed!(verdict);
}
