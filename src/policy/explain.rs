//! `--explain`: each signature, each step of each path, and the paths that failed.

use std::fmt;

use crate::policy::escape::{self, DETAIL_COLUMNS, NAME_COLUMNS, REASON_COLUMNS};
use crate::policy::facts::{self, groups};
use crate::policy::sentences::{self, Label, Sentences, State, Validity};
use crate::policy::text::row;
use crate::report::{
    Check, Evidence, Finding, HeaderProtection, ProtectedField, RejectedPath, Report, Signature, SignedLayer,
    SignerIdentity, Source, Step,
};
use crate::time::UnixTime;

/// Paths in words for each signature; the JSON has them all.
const PATHS: usize = 8;
/// Findings in words for each signature.
const FINDINGS: usize = 16;
/// Header fields in words.
const FIELDS: usize = 24;
/// Checks in words for each step, and words in one of them.
const CHECKS: usize = 16;

/// Writes the evidence of every signature of the report.
pub(super) fn write(f: &mut fmt::Formatter<'_>, words: &dyn Sentences, report: &Report) -> fmt::Result {
    for layer in report.signed_layers() {
        for signature in &layer.signatures {
            writeln!(f)?;
            row(f, words.label(Label::Signature), &about(words, layer, signature))?;
            paths(f, words, (&signature.evidence, &signature.rejected), report.at)?;
            findings(f, words, layer.findings.iter().chain(&signature.findings))?;
        }
    }
    header(f, words, &report.headers)?;
    if !report.findings.is_empty() {
        writeln!(f)?;
        findings(f, words, &report.findings)?;
    }
    Ok(())
}

/// Field by field, where the header is protected at all.
fn header(f: &mut fmt::Formatter<'_>, words: &dyn Sentences, headers: &HeaderProtection) -> fmt::Result {
    let line = |field: &ProtectedField| {
        let outer = match (&field.value, &field.outer) {
            (Some(value), Some(outer)) if value == outer => None,
            (_, outer) => Some(escape::text(outer.as_deref().unwrap_or_default(), DETAIL_COLUMNS)),
        };
        format!("{} · {}", escape::name(&field.name), words.field(field.protection, outer.as_deref()))
    };
    let lines: Vec<String> = headers.fields.iter().take(FIELDS).map(line).collect();
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(f)?;
    row(f, words.label(Label::Header), &lines.join("\n"))
}

fn about(words: &dyn Sentences, layer: &SignedLayer, signature: &Signature) -> String {
    let mut pieces = vec![
        format!("{}, {}", words.part(&layer.part.to_string()), layer.protocol.name()),
        words.integrity(signature.integrity).to_owned(),
        words.trust(signature.trust).to_owned(),
    ];
    let algorithms = &signature.algorithms;
    let mut made = vec![escape::name(&algorithms.signature)];
    made.extend(algorithms.digest.as_deref().map(escape::name));
    made.extend(algorithms.key_bits.map(|bits| words.bits(bits)));
    made.retain(|piece| !piece.is_empty());
    pieces.push(made.join(", "));
    pieces.retain(|piece| !piece.is_empty());
    let mut lines = vec![pieces.join(" · ")];
    lines.extend(signature.claimed_time.map(|time| words.claims(&time.to_string())));
    if let Some(signer) = &signature.signer {
        let mailboxes = signer.mailboxes.iter().take(PATHS).map(|mailbox| escape::address(mailbox));
        lines.push(mailboxes.collect::<Vec<_>>().join(", "));
        lines.push(words.fingerprint(&groups(&signer.certificate.fingerprint)));
        lines.extend(stated(words, signer));
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// What the certificate states of its holder.
fn stated(words: &dyn Sentences, signer: &SignerIdentity) -> Vec<String> {
    let names = [signer.name.as_deref(), signer.organization.as_deref()];
    let names: Vec<String> = names.into_iter().flatten().map(escape::name).collect();
    let mut lines = vec![names.join("; ")];
    lines.extend(signer.assurance.map(|assurance| words.asserted(assurance, signer.generation)));
    lines.extend(signer.qualified.as_ref().map(|qualified| words.qualified(qualified)));
    lines
}

/// A path in words, `you → Example Root CA (any sender) → Alice`, in one line. What comes from the letter is escaped.
/// Languages as in [`Text::language`](crate::policy::Text::language); `at` is the time of the report.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// for evidence in report.signatures().flat_map(|signature| &signature.evidence) {
///     let why = mailseal::policy::path_text(evidence, report.at, "en");
///     assert_eq!(why, "you → Example Root CA (*@example.com) → Alice Liddell");
/// }
/// # }
/// ```
pub fn path_text(evidence: &Evidence, at: UnixTime, language: &str) -> String {
    sentences::language(language).path(&facts::path(evidence, at))
}

/// Paths that hold and paths that do not, each step opened: the rows that `mailseal verify --explain` prints. What comes
/// from certificates is escaped. Languages as in [`Text::language`](crate::policy::Text::language).
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// use mailseal::policy::Paths;
/// let signature = report.signatures().next().unwrap();
/// let rows = Paths::new(&signature.evidence, &signature.rejected, report.at).language("en").to_string();
/// assert!(rows.starts_with("  Path      you → Example Root CA"), "{rows}");
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct Paths<'a> {
    evidence: &'a [Evidence],
    rejected: &'a [RejectedPath],
    at: UnixTime,
    words: &'static dyn Sentences,
}

impl<'a> Paths<'a> {
    /// As of the time of looking. In English, unless another language is asked for.
    pub fn new(evidence: &'a [Evidence], rejected: &'a [RejectedPath], at: UnixTime) -> Self {
        Self { evidence, rejected, at, words: sentences::language("en") }
    }

    /// By tag: `ja`, `ja-JP`, `en`. English for all that is not known.
    #[must_use]
    pub fn language(self, tag: &str) -> Self {
        Self { words: sentences::language(tag), ..self }
    }
}

impl fmt::Display for Paths<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        paths(f, self.words, (self.evidence, self.rejected), self.at)
    }
}

impl fmt::Debug for Paths<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paths").field("evidence", &self.evidence).finish_non_exhaustive()
    }
}

fn paths(
    f: &mut fmt::Formatter<'_>,
    words: &dyn Sentences,
    (evidence, rejected): (&[Evidence], &[RejectedPath]),
    at: UnixTime,
) -> fmt::Result {
    for evidence in evidence.iter().take(PATHS) {
        row(f, words.label(Label::Path), &evidence_text(words, evidence, at))?;
    }
    for path in rejected.iter().take(PATHS) {
        row(f, words.label(Label::Rejected), &rejected_text(words, path, at))?;
    }
    Ok(())
}

/// A step of a path in words, in one line: its name, when it is valid, its fingerprint, where it came from and what was
/// checked of it. Languages and `at` as in [`path_text`].
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// for evidence in report.signatures().flat_map(|signature| &signature.evidence) {
///     for step in evidence.steps() {
///         let words = mailseal::policy::step_text(step, report.at, "en");
///         assert!(words.starts_with(&step.name) && words.contains(" · until ") || words.contains(" · from "));
///     }
/// }
/// # }
/// ```
pub fn step_text(step: &Step, at: UnixTime, language: &str) -> String {
    step_words(sentences::language(language), step, at).join(" · ")
}

fn evidence_text(words: &dyn Sentences, evidence: &Evidence, at: UnixTime) -> String {
    let path = words.path(&facts::path(evidence, at));
    let mut lines = vec![format!("{path} · {}", words.speaks_for(&escape::address(evidence.address())))];
    lines.extend(evidence.steps().iter().flat_map(|step| step_lines(words, step, at)));
    lines.join("\n")
}

fn rejected_text(words: &dyn Sentences, path: &RejectedPath, at: UnixTime) -> String {
    let reason =
        words.rejection(&path.code).map_or(escape::text(&path.reason, REASON_COLUMNS), str::to_owned);
    let mut lines = vec![format!("{reason} ({})", escape::text(&path.code, NAME_COLUMNS))];
    lines.extend(path.steps.iter().flat_map(|step| step_lines(words, step, at)));
    lines.join("\n")
}

fn step_lines(words: &dyn Sentences, step: &Step, at: UnixTime) -> Vec<String> {
    let mut lines = step_words(words, step, at);
    lines.first_mut().into_iter().for_each(|name| name.insert_str(0, "→ "));
    lines
}

/// Its name, its dates, its fingerprint and source, and its checks, if there are any.
fn step_words(words: &dyn Sentences, step: &Step, at: UnixTime) -> Vec<String> {
    let state = match (step.not_before, step.not_after) {
        (Some(from), _) if at < from => State::NotYet,
        (_, Some(until)) if until < at => State::Expired,
        _ => State::Valid,
    };
    let validity = Validity {
        from: step.not_before.map(UnixTime::date),
        until: step.not_after.map(UnixTime::date),
        state,
    };
    let checks: Vec<String> =
        step.checks.iter().take(CHECKS).map(|check| words.check(&escaped(check))).collect();
    let source = match &step.source {
        Source::Fetched(url) => words.source(&Source::Fetched(escape::text(url, REASON_COLUMNS))),
        source => words.source(source),
    };
    let mut lines = vec![
        escape::name(&step.name),
        words.validity(&validity),
        format!("{} · {source}", words.fingerprint(&groups(&step.fingerprint))),
    ];
    lines.extend(Some(words.join(&checks)).filter(|line| !line.is_empty()));
    lines
}

/// A check without what could harm a terminal: some of its words come from the certificate.
fn escaped(check: &Check) -> Check {
    let all = |texts: &[String]| texts.iter().take(CHECKS).map(|text| escape::name(text)).collect();
    match check.clone() {
        Check::Signature(algorithm) => Check::Signature(escape::name(&algorithm)),
        Check::Policies(policies) => Check::Policies(all(&policies)),
        Check::Certification { amount, depth, made, only } => {
            Check::Certification { amount, depth, made, only: all(&only) }
        }
        check => check,
    }
}

/// A finding in words, escaped, in the language of a tag such as `ja`; English for all that is not known.
///
/// ```
/// use mailseal::mime::PartPath;
/// use mailseal::report::{Code, Finding};
/// let finding = Finding::new(Code::EightBit, PartPath::root());
/// assert_ne!(mailseal::policy::finding_text(&finding, "en"), mailseal::policy::finding_text(&finding, "ja"));
/// ```
pub fn finding_text(finding: &Finding, language: &str) -> String {
    said(sentences::language(language), finding)
}

fn said(words: &dyn Sentences, finding: &Finding) -> String {
    let said = words.problem(finding.code);
    match &finding.detail {
        Some(detail) => words.with_detail(said, &escape::text(&words.detail(detail), DETAIL_COLUMNS)),
        None => said.to_owned(),
    }
}

fn findings<'a>(
    f: &mut fmt::Formatter<'_>,
    words: &dyn Sentences,
    findings: impl IntoIterator<Item = &'a Finding>,
) -> fmt::Result {
    let line = |finding: &Finding| {
        let said = said(words, finding);
        format!("{said} ({}, {})", finding.code.as_str(), words.part(&finding.part.to_string()))
    };
    let lines: Vec<String> = findings.into_iter().take(FINDINGS).map(line).collect();
    if lines.is_empty() { Ok(()) } else { row(f, words.label(Label::Findings), &lines.join("\n")) }
}
