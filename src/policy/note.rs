//! Reasons while they are collected, with what the sentences need.

use crate::mime::PartPath;
use crate::policy::Reason;
use crate::report::{Code, Finding, Severity};

/// A reason at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) code: Code,
    pub(crate) severity: Severity,
    pub(crate) part: PartPath,
    /// From the letter, unescaped.
    pub(crate) detail: Option<String>,
    /// Of another signature than the one that decided: the address it claims, unescaped, empty if none.
    pub(crate) other: Option<String>,
}

impl Note {
    pub(crate) fn new(code: Code, severity: Severity, part: &PartPath) -> Self {
        Self { code, severity, part: part.clone(), detail: None, other: None }
    }

    pub(crate) fn of(finding: &Finding, severity: Severity) -> Self {
        Self { detail: finding.detail.clone(), ..Self::new(finding.code, severity, &finding.part) }
    }
}

/// One reason for each code, in the order in which the codes first appear.
pub(crate) fn reasons(notes: &[Note]) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    for note in notes {
        match reasons.iter_mut().find(|reason| reason.code == note.code) {
            Some(reason) => reason.parts.push(note.part.clone()),
            None => reasons.push(Reason { code: note.code, parts: vec![note.part.clone()] }),
        }
    }
    for reason in &mut reasons {
        reason.parts.sort_unstable();
        reason.parts.dedup();
    }
    reasons
}
