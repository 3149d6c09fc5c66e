//! From a report to a verdict.

use std::cmp::Reverse;

use crate::mime::{Address, PartPath};
use crate::policy::note::{Note, reasons};
use crate::policy::table::{Cell, Identity, Reach};
use crate::policy::verdict::{Alone, Subject};
use crate::policy::{Action, IncomingRule, Outcome, Policy, Verdict};
use crate::report::{
    Code, Coverage, Decryption, Evidence, Finding, FromIdentity, Integrity, Layer, Report, Revocation,
    Severity, Signature, SignedLayer, Trust,
};

impl Policy {
    /// What the report is worth.
    pub fn judge(&self, report: &Report) -> Verdict {
        let letter = self.letter_notes(report);
        let candidates = self.candidates(report, &letter);
        let verdict = match self.decide(&candidates) {
            Some((decisive, outcome)) => self.verdict(report, &candidates, decisive, outcome),
            None => self.unsigned(report, letter),
        };
        self.by_rules(report, verdict)
    }

    /// What the rules for incoming mail leave of a verdict.
    fn by_rules(&self, report: &Report, mut verdict: Verdict) -> Verdict {
        let signature = verdict.decided_by(report).map(|(_, signature, _)| signature);
        let short = |rule: &IncomingRule| rule.shortfall(report, verdict.outcome, signature);
        let short: Vec<_> = self.incoming.iter().filter_map(short).collect();
        if short.is_empty() {
            return verdict;
        }
        let mut notes = Vec::new();
        for shortfall in short {
            verdict.action = verdict.action.stricter(shortfall.action);
            let note = Note::new(Code::PolicyNotMet, Code::PolicyNotMet.severity(), &PartPath::root());
            notes.push(Note { detail: Some(shortfall.detail), ..note });
        }
        // Where nothing else lowers it, the rule decided.
        let place = if verdict.outcome == Outcome::Good { 0 } else { verdict.notes.len() };
        verdict.notes.splice(place..place, notes);
        verdict.reasons = reasons(&verdict.notes);
        verdict.outcome = verdict.outcome.at_most(Outcome::Caution);
        verdict.may_load_remote &= may_load_remote(report, verdict.outcome);
        verdict
    }

    /// Good, and signed by this sender and nobody else's From (R-B15).
    pub(crate) fn judge_for(&self, report: &Report, sender: &Address) -> bool {
        let verdict = self.judge(report);
        let Some((_, signature, _)) = verdict.decided_by(report) else { return false };
        let is_sender = |text: &str| text.parse::<Address>().is_ok_and(|address| address == *sender);
        verdict.outcome == Outcome::Good
            && only(&report.from.mailboxes).is_some_and(|from| is_sender(from))
            && signature.signer.as_ref().is_some_and(|signer| is_sender(&signer.mailbox))
    }

    fn severity(&self, finding: &Finding) -> Severity {
        let least = if self.raised.contains(&finding.code) { Severity::Caution } else { Severity::Info };
        finding.severity.max(least)
    }

    fn notes<'a>(&self, findings: impl IntoIterator<Item = &'a Finding>) -> Vec<Note> {
        let notes = findings.into_iter().map(|finding| Note::of(finding, self.severity(finding)));
        notes.filter(|note| note.severity > Severity::Info || note.code == Code::RevocationUnknown).collect()
    }

    /// What was observed on the letter whoever signed it: on the whole, and on parts that stayed encrypted.
    fn letter_notes(&self, report: &Report) -> Vec<Note> {
        let mut notes = self.notes(&report.findings);
        for layer in &report.layers {
            let Layer::Encrypted(layer) = layer else { continue };
            let own = self.notes(&layer.findings);
            // Closed without a word is closed all the same.
            if layer.decryption != Decryption::Opened && own.is_empty() {
                notes.push(Note::new(Code::NotDecrypted, Code::NotDecrypted.severity(), &layer.part));
            }
            notes.extend(own);
        }
        notes
    }

    fn candidates<'r>(&self, report: &'r Report, letter: &[Note]) -> Vec<Candidate<'r>> {
        let mut candidates = Vec::new();
        for (number, layer) in report.signed_layers().enumerate() {
            for (index, signature) in layer.signatures.iter().enumerate() {
                let cell = cell(report, layer, signature);
                let subject = Subject { layer: number, signature: index, cell };
                let mut notes = self.own_notes(layer, signature, cell, letter);
                // What was changed on the way would not fit the signature (threats A2).
                if cell.reach == Reach::Whole
                    && cell.integrity == Integrity::Intact
                    && is_inside(report, layer)
                {
                    notes.retain(|note| note.code != Code::NotAuthenticated);
                }
                let outcome =
                    notes.iter().fold(cell.outcome(), |outcome, note| outcome.at_most(cap(note.severity)));
                candidates.push(Candidate { subject, layer, signature, notes, outcome });
            }
        }
        candidates
    }

    /// What one signature lacks, what was observed on it and its layer, what was observed on the letter.
    fn own_notes(
        &self,
        layer: &SignedLayer,
        signature: &Signature,
        cell: Cell,
        letter: &[Note],
    ) -> Vec<Note> {
        let mut found = self.notes(&signature.findings);
        found.extend(self.notes(&layer.findings));
        if cell.is_broken() {
            found.retain(|note| note.code != Code::RevocationUnknown);
        } else if nobody_looked(&signature.evidence) && !has(&found, Code::RevocationUnknown) {
            let finding = Finding::new(Code::RevocationUnknown, layer.part.clone());
            found.extend(self.notes([&finding]));
        }
        found.extend(letter.iter().filter(|note| note.code != Code::NotSigned).cloned());
        let mut notes = Vec::new();
        for code in cell.codes() {
            let weak = code == Code::WeakAlgorithm && has(&found, Code::WeakKey);
            if has(&found, code) {
                let (same, rest) = found.into_iter().partition(|note: &Note| note.code == code);
                notes.extend::<Vec<Note>>(same);
                found = rest;
            } else if !weak {
                notes.push(Note::new(code, code.severity(), &layer.part));
            }
        }
        notes.append(&mut found);
        // The decisive one first; the sort keeps the order of equals.
        notes.sort_by_key(|note| Reverse(note.severity));
        notes
    }

    /// The best signature; but a broken one by a known key is worth a word even beside a good one (R-B3).
    fn decide(&self, candidates: &[Candidate<'_>]) -> Option<(usize, Outcome)> {
        let mut best: Option<(usize, &Candidate<'_>)> = None;
        for (index, candidate) in candidates.iter().enumerate() {
            if best.is_none_or(|(_, known)| candidate.score() > known.score()) {
                best = Some((index, candidate));
            }
        }
        let (index, best) = best?;
        let broken = |candidate: &&Candidate<'_>| candidate.subject.cell.is_broken();
        if best.outcome == Outcome::Good {
            let counts = |other: &Candidate<'_>| {
                other.layer.envelope && (self.strangers_count || other.signature.trust != Trust::Unknown)
            };
            let lowered = candidates.iter().filter(broken).any(counts);
            return Some((index, if lowered { Outcome::Caution } else { Outcome::Good }));
        }
        let known = |(_, candidate): &(usize, &Candidate<'_>)| {
            candidate.subject.cell.is_broken() && candidate.signature.trust != Trust::Unknown
        };
        match candidates.iter().enumerate().find(known) {
            Some((index, _)) => Some((index, Outcome::Bad)),
            None => Some((index, best.outcome)),
        }
    }

    fn verdict(&self, report: &Report, all: &[Candidate<'_>], decisive: usize, outcome: Outcome) -> Verdict {
        let Some(candidate) = all.get(decisive) else { return self.unsigned(report, Vec::new()) };
        let mut notes = candidate.notes.clone();
        let mut others: Vec<Note> = Vec::new();
        for (index, other) in all.iter().enumerate() {
            if index != decisive && other.outcome != Outcome::Good {
                others.extend(other.as_other());
            }
        }
        others.sort_by_key(|note| Reverse(note.severity));
        // Where the candidate alone would be good, the other one decided.
        if outcome != candidate.outcome {
            others.append(&mut notes);
            notes = others;
        } else {
            notes.append(&mut others);
        }
        let alone = all.iter().map(Candidate::alone).collect();
        Verdict { subject: Some(candidate.subject), alone, ..self.noted(report, outcome, notes) }
    }

    /// A verdict about no signature in particular.
    fn noted(&self, report: &Report, outcome: Outcome, notes: Vec<Note>) -> Verdict {
        Verdict {
            outcome,
            policy: self.name.to_string(),
            action: Action::Pass,
            may_load_remote: may_load_remote(report, outcome),
            reasons: reasons(&notes),
            notes,
            subject: None,
            alone: Vec::new(),
        }
    }

    /// No signature at all: `all([])` is not success (R-B2).
    fn unsigned(&self, report: &Report, letter: Vec<Note>) -> Verdict {
        let info = |code: Code, part| Note::new(code, Severity::Info, part);
        let mut notes = Vec::new();
        for layer in report.signed_layers() {
            let mut codes: Vec<&Finding> = layer.findings.iter().collect();
            codes.retain(|finding| finding.code == Code::CertificatesOnly);
            let code = if codes.is_empty() { Code::NoSigners } else { Code::CertificatesOnly };
            notes.push(info(code, &layer.part));
        }
        for finding in &report.findings {
            if matches!(finding.code, Code::NoSigners | Code::CertificatesOnly) {
                notes.push(info(finding.code, &finding.part));
            }
        }
        let sealed =
            report.layers.iter().any(|layer| matches!(layer, Layer::Encrypted(layer) if layer.envelope && layer.decryption != Decryption::Opened));
        if notes.is_empty() && !sealed {
            notes.push(info(Code::NotSigned, &PartPath::root()));
        }
        let new =
            letter.into_iter().filter(|note| !has(&notes, note.code) && note.code != Code::RevocationUnknown);
        let new: Vec<Note> = new.collect();
        notes.extend(new);
        self.noted(report, Outcome::None, notes)
    }
}

/// One signature on its way to the verdict.
struct Candidate<'r> {
    subject: Subject,
    layer: &'r SignedLayer,
    signature: &'r Signature,
    notes: Vec<Note>,
    outcome: Outcome,
}

impl Candidate<'_> {
    /// Greater is better; among equals the one that says more.
    fn score(&self) -> (u8, bool, bool, bool) {
        let cell = self.subject.cell;
        let trusted = cell.trust == Trust::Trusted;
        (self.outcome.rank(), trusted, cell.identity == Identity::From, cell.reach == Reach::Whole)
    }

    fn alone(&self) -> Alone {
        let lowering = self.notes.iter().find(|note| note.severity > Severity::Info);
        Alone { subject: self.subject, outcome: self.outcome, because: lowering.map(|note| note.code) }
    }

    /// What is said of it where another signature decided.
    fn as_other(&self) -> Option<Note> {
        let lowering = self.notes.iter().find(|note| note.severity > Severity::Info)?;
        let claimed = self.signature.signer.as_ref().map(|signer| signer.mailbox.clone()).unwrap_or_default();
        Some(Note { part: self.layer.part.clone(), other: Some(claimed), detail: None, ..lowering.clone() })
    }
}

impl Policy {
    /// Whether evidence for a recipient is as good as what is asked of a sender.
    pub(crate) fn relies_on(&self, evidence: &[Evidence]) -> bool {
        let indifferent = !self.raised.contains(&Code::RevocationUnknown);
        !evidence.is_empty() && (indifferent || !nobody_looked(evidence))
    }
}

/// Whether a signed layer is inside every layer that was decrypted, and there is one.
fn is_inside(report: &Report, layer: &SignedLayer) -> bool {
    let own = |one: &Layer| matches!(one, Layer::Signed(one) if std::ptr::eq(one, layer));
    let Some(own) = report.layers.iter().position(own) else { return false };
    let mut encrypted =
        report.layers.iter().enumerate().filter(|(_, one)| matches!(one, Layer::Encrypted(_)));
    encrypted.next_back().is_some_and(|(last, _)| last < own)
}

fn has(notes: &[Note], code: Code) -> bool {
    notes.iter().any(|note| note.code == code)
}

/// The best that a finding leaves.
fn cap(severity: Severity) -> Outcome {
    match severity {
        Severity::Info => Outcome::Good,
        Severity::Caution => Outcome::Caution,
        Severity::Bad => Outcome::Bad,
    }
}

fn cell(report: &Report, layer: &SignedLayer, signature: &Signature) -> Cell {
    Cell {
        integrity: signature.integrity,
        identity: identity(&report.from, signature),
        trust: match signature.trust {
            // Empty is never success.
            Trust::Trusted if signature.evidence.is_empty() => Trust::Unknown,
            trust => trust,
        },
        reach: reach(report, layer),
    }
}

/// The one From address, named by the certificate, and meant by the evidence where there is any.
fn identity(from: &FromIdentity, signature: &Signature) -> Identity {
    let Some(signer) = &signature.signer else { return Identity::Missing };
    let Some(from) = only(&from.mailboxes) else { return Identity::Other };
    let tied = signature.evidence.is_empty()
        || signature.evidence.iter().any(|evidence| same_address(evidence.address(), from));
    if signer.is_from && same_address(&signer.mailbox, from) && tied {
        Identity::From
    } else {
        Identity::Other
    }
}

/// Only a layer of the envelope speaks for the whole, and only where nothing lies outside.
fn reach(report: &Report, layer: &SignedLayer) -> Reach {
    match &layer.covers {
        Coverage::Nothing => Reach::Nothing,
        Coverage::Whole { parts } | Coverage::Partial { parts } if parts.is_empty() => Reach::Nothing,
        Coverage::Whole { .. } if layer.envelope && report.uncovered.is_empty() => Reach::Whole,
        Coverage::Whole { .. } | Coverage::Partial { .. } => Reach::Partial,
    }
}

/// No path on which somebody looked for revocation, and not an anchor of the caller itself.
fn nobody_looked(evidence: &[Evidence]) -> bool {
    let unknown = |evidence: &Evidence| match evidence {
        Evidence::CertificationPath { revocation, .. } => *revocation == Revocation::Unknown,
        Evidence::Direct { .. } | Evidence::Pinned { .. } | Evidence::WebOfTrust { .. } => false,
    };
    !evidence.is_empty() && evidence.iter().all(unknown)
}

/// What was decrypted stays where it is, unless all of it is known to be put together by one hand. Who may be an
/// impostor is not told either.
fn may_load_remote(report: &Report, outcome: Outcome) -> bool {
    let unusual = |finding: &Finding| UNUSUAL.contains(&finding.code);
    let signatures = report.signatures().flat_map(|signature| &signature.findings);
    if report.findings.iter().chain(signatures).any(unusual) {
        return false;
    }
    report.layers.iter().all(|layer| match layer {
        Layer::Encrypted(layer) if layer.decryption == Decryption::Opened => {
            layer.envelope && (layer.authenticated || outcome == Outcome::Good)
        }
        _ => true,
    })
}

/// By what is remembered, it may be from somebody else, who would be told that it was read.
const UNUSUAL: &[Code] = &[
    Code::UsuallySigned,
    Code::LookAlike,
    Code::NameOfAnother,
    Code::MixedScripts,
    Code::KeyChanged,
    Code::IssuerChanged,
];

fn only(mailboxes: &[String]) -> Option<&String> {
    match mailboxes {
        [one] if !one.is_empty() => Some(one),
        _ => None,
    }
}

/// R-B15: by the one strict parser; what it refuses is the same as nothing.
fn same_address(one: &str, other: &str) -> bool {
    match (one.parse::<Address>(), other.parse::<Address>()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}
