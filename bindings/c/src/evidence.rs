//! Why a signer is believed.

use std::ffi::c_char;

use mailseal_core::UnixTime;
use mailseal_core::policy::{path_text, step_text};
use mailseal_core::report::{self, Evidence};

use crate::boundary::answer;
use crate::handle::Handle;
use crate::slice::mailseal_slice;

/// Why a signer is believed: a path that starts at you. Lives as long as its report.
pub struct mailseal_evidence {
    handle: Handle<Words>,
}

object!(mailseal_evidence, Words, 16);

/// What is said of a path, in each language.
pub(crate) struct Words {
    path: Said,
    steps: Box<[Step]>,
}

/// English and Japanese.
struct Said([String; 2]);

struct Step {
    said: Said,
    fingerprint: String,
}

impl Words {
    pub(crate) fn new(evidence: &Evidence, at: UnixTime) -> Self {
        let step = |step: &report::Step| Step {
            said: Said(LANGUAGES.map(|language| step_text(step, at, language))),
            fingerprint: step.fingerprint.clone(),
        };
        let path = Said(LANGUAGES.map(|language| path_text(evidence, at, language)));
        Self { path, steps: evidence.steps().iter().map(step).collect() }
    }
}

const LANGUAGES: [&str; 2] = ["en", "ja"];

impl Said {
    fn language(&self, tag: &str) -> mailseal_slice {
        let Self([english, japanese]) = self;
        let primary = tag.split(['-', '_', '.']).next().unwrap_or_default();
        let words = if primary.eq_ignore_ascii_case("ja") { japanese } else { english };
        mailseal_slice::of(words.as_bytes())
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
        Some(evidence.path.language(text!(language).ok()?))
    })
}

/// How many certificates the path has: the anchor first, the signer last.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_evidence_step_count(evidence: *const mailseal_evidence) -> usize {
    answer(0, |call| Some(borrowed!(call, evidence).ok()?.steps.len()))
}

/// A certificate of the path in words, safe to print, on one line: its name, when it is valid, its fingerprint, where it
/// came from and what was checked of it. `language` as in `mailseal_evidence_text`. Empty where there is none of that
/// number. Lives as long as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_evidence_step_text(
    evidence: *const mailseal_evidence,
    index: usize,
    language: *const c_char,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        let step = borrowed!(call, evidence).ok()?.steps.get(index)?;
        Some(step.said.language(text!(language).ok()?))
    })
}

/// The fingerprint of that certificate, upper-case hexadecimal. Empty where there is none of that number. Lives as long
/// as the report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mailseal_evidence_step_fingerprint(
    evidence: *const mailseal_evidence,
    index: usize,
) -> mailseal_slice {
    answer(mailseal_slice::EMPTY, |call| {
        Some(mailseal_slice::of(borrowed!(call, evidence).ok()?.steps.get(index)?.fingerprint.as_bytes()))
    })
}
