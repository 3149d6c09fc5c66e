//! One observation, with a code that never changes.

use std::ffi::{CString, c_char};
use std::ptr;

use mailseal_core::policy::finding_text;
use mailseal_core::report::{Finding, Severity};

use crate::boundary::answer;
use crate::buffer::{filled, mailseal_buffer};
use crate::handle::{Handle, Object};
use crate::slice::mailseal_slice;

/// One observation on a letter, a layer or a signature. Lives as long as its report.
pub struct mailseal_finding {
    handle: Handle<Seen>,
}

object!(mailseal_finding, Seen, 23);

/// What a finding does to a verdict: one of `MAILSEAL_SEVERITY_...`.
pub type mailseal_severity = i32;
/// There is no such finding.
pub const MAILSEAL_SEVERITY_NONE: mailseal_severity = 0;
/// It lowers nothing.
pub const MAILSEAL_SEVERITY_INFO: mailseal_severity = 1;
/// At most `MAILSEAL_OUTCOME_CAUTION`.
pub const MAILSEAL_SEVERITY_CAUTION: mailseal_severity = 2;
/// `MAILSEAL_OUTCOME_BAD`.
pub const MAILSEAL_SEVERITY_BAD: mailseal_severity = 3;

pub(crate) struct Seen {
    finding: Finding,
    part: CString,
}

/// Objects for findings, which stay where they are.
pub(crate) fn objects(findings: &[Finding]) -> Box<[mailseal_finding]> {
    let object = |finding: &Finding| {
        let part = CString::new(finding.part.to_string()).unwrap_or_default();
        mailseal_finding::new(Seen { finding: finding.clone(), part })
    };
    findings.iter().map(object).collect()
}

/// What was observed: `"partial_coverage"`. Codes never change. Lives as long as the library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_finding_code(finding: *const mailseal_finding) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(borrowed!(call, finding).ok()?.finding.code.as_str().as_bytes()))
    })
}

/// The least it does to a verdict; a policy may be stricter. 0 of NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_finding_severity(finding: *const mailseal_finding) -> mailseal_severity {
    answer(MAILSEAL_SEVERITY_NONE, |call| {
        Some(match borrowed!(call, finding).ok()?.finding.severity {
            Severity::Info => MAILSEAL_SEVERITY_INFO,
            Severity::Caution => MAILSEAL_SEVERITY_CAUTION,
            Severity::Bad => MAILSEAL_SEVERITY_BAD,
        })
    })
}

/// The part it was observed at. Lives as long as the report; empty of NULL, never NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_finding_part(finding: *const mailseal_finding) -> *const c_char {
    answer(c"".as_ptr(), |call| Some(borrowed!(call, finding).ok()?.part.as_ptr()))
}

/// Words or values from the letter, not escaped, or empty. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_finding_detail(finding: *const mailseal_finding) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(borrowed!(call, finding).ok()?.finding.detail.as_ref()?.as_bytes()))
    })
}

/// It in words, safe to print. `language` is a tag such as `"ja"`; English where there is no other. Yours to free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_finding_text(
    finding: *const mailseal_finding,
    language: *const c_char,
) -> *mut mailseal_buffer {
    answer(ptr::null_mut(), |call| {
        let finding = borrowed!(call, finding).ok()?;
        Some(filled(finding_text(&finding.finding, text!(language).ok()?).as_bytes()))
    })
}
