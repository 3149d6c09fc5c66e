//! Why a signer is believed.

use std::ffi::c_char;

use crate::boundary::answer;
use crate::handle::Handle;
use crate::slice::mailseal_slice;

/// Why a signer is believed: a path that starts at you. Lives as long as its report.
pub struct mailseal_evidence {
    handle: Handle<String>,
}

object!(mailseal_evidence, String, 16);

/// The path in words, names as they stand in the certificates. `language` is a tag such as `"en"`; so far there is
/// English only. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_evidence_text(
    evidence: *const mailseal_evidence,
    language: *const c_char,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        let evidence = borrowed!(call, evidence).ok()?;
        text!(language).ok()?;
        Some(mailseal_slice::of(evidence.as_bytes()))
    })
}
