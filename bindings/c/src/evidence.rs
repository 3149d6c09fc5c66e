//! Why a signer is believed.

use std::ffi::c_char;

use mailseal_core::UnixTime;
use mailseal_core::policy::path_text;
use mailseal_core::report::Evidence;

use crate::boundary::answer;
use crate::handle::Handle;
use crate::slice::mailseal_slice;

/// Why a signer is believed: a path that starts at you. Lives as long as its report.
pub struct mailseal_evidence {
    handle: Handle<Words>,
}

object!(mailseal_evidence, Words, 16);

/// A path in words, in each language.
pub(crate) struct Words {
    english: String,
    japanese: String,
}

impl Words {
    pub(crate) fn new(evidence: &Evidence, at: UnixTime) -> Self {
        let [english, japanese] = ["en", "ja"].map(|language| path_text(evidence, at, language));
        Self { english, japanese }
    }
}

/// The path in words, safe to print: `"you → Partner CA (*@partner.example) → Bob"`. `language` is a tag such as `"ja"`;
/// English where there is no other. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_evidence_text(
    evidence: *const mailseal_evidence,
    language: *const c_char,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        let evidence = borrowed!(call, evidence).ok()?;
        let primary = text!(language).ok()?.split(['-', '_', '.']).next().unwrap_or_default();
        let japanese = primary.eq_ignore_ascii_case("ja");
        let words = if japanese { &evidence.japanese } else { &evidence.english };
        Some(mailseal_slice::of(words.as_bytes()))
    })
}
