//! What a report is worth.

use std::ptr;

use mailseal_core::Policy;

use crate::boundary::answer;
use crate::handle::{self, Handle};
use crate::report::mailseal_report;
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
