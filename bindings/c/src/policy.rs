//! What a report is worth.

use std::ffi::c_char;
use std::ptr;

use mailseal_core::Policy;

use crate::boundary::{answer, status};
use crate::error::mailseal_error;
use crate::handle::{self, Handle};
use crate::input::mailseal_input;
use crate::report::mailseal_report;
use crate::slice::mailseal_slice;
use crate::status::{MAILSEAL_OK, mailseal_status};
use crate::verdict::mailseal_verdict;

/// What a report is worth: a dated preset that never changes. Pure: the same report gives the same verdict.
pub struct mailseal_policy {
    handle: Handle<Policy>,
}

object!(mailseal_policy, Policy, 17);

/// For people who read mail.
#[unsafe(no_mangle)]
pub extern "C" fn mailseal_policy_standard() -> *mut mailseal_policy {
    answer(ptr::null_mut(), |_| Some(handle::give(Policy::standard())))
}

/// For programs that act on mail: never more than the standard policy gives.
#[unsafe(no_mangle)]
pub extern "C" fn mailseal_policy_strict() -> *mut mailseal_policy {
    answer(ptr::null_mut(), |_| Some(handle::give(Policy::strict())))
}

/// Reads a policy that was written into a file (docs/policy.md), with its rules for outgoing mail; `name` is what the file is
/// called in errors and reasons. `MAILSEAL_ERROR_MALFORMED` says in which line something is not understood: then there is
/// no policy.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_policy_load(
    input: *mut mailseal_input,
    name: *const c_char,
    policy: *mut *mut mailseal_policy,
    err: *mut *mut mailseal_error,
) -> mailseal_status {
    status(err, |_| {
        let input = taken!(input);
        let name = text!(name)?;
        let octets = input?.octets()?;
        let policy = out!(policy)?;
        // What is not UTF-8 is in no file of TOML.
        policy.set(handle::give(Policy::from_toml(&String::from_utf8_lossy(&octets), name)?));
        Ok(MAILSEAL_OK)
    })
}

/// What it is called in verdicts. Lives as long as the policy.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_policy_name(policy: *const mailseal_policy) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(borrowed!(call, policy).ok()?.name().as_bytes()))
    })
}

/// Whether a letter that nobody signed passes, where all of it was decrypted: yes by the standard, no by the strict
/// policy. No of NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_policy_lets_unsigned_pass(policy: *const mailseal_policy) -> bool {
    answer(false, |call| Some(borrowed!(call, policy).ok()?.lets_unsigned_pass()))
}

/// What the report is worth. NULL of NULL. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_policy_judge(
    policy: *const mailseal_policy,
    report: *const mailseal_report,
) -> *mut mailseal_verdict {
    answer(ptr::null_mut(), |call| {
        let (policy, report) = (borrowed!(call, policy).ok()?, borrowed!(call, report).ok()?);
        Some(handle::give(policy.judge(report.report())))
    })
}

/// Frees it. NULL is left alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_policy_free(policy: *mut mailseal_policy) {
    freed!(policy);
}
