//! A verdict in words: the page that `mailseal verify` prints.

use std::fmt;

use crate::policy::escape::{self, DETAIL_COLUMNS};
use crate::policy::explain;
use crate::policy::facts::{self, Facts};
use crate::policy::note::Note;
use crate::policy::origin::{Origin, Way};
use crate::policy::sentences::{self, Label, Outside, Sentences};
use crate::policy::width::{width, wrap};
use crate::policy::{Outcome, Verdict};
use crate::report::{Code, Report, Severity};

/// Columns of a page, two less than the narrowest terminal in use.
const COLUMNS: usize = 78;
/// Where the rows begin.
pub(super) const INDENT: usize = 12;
/// Problems in words on one page; the JSON has them all.
const PROBLEMS: usize = 8;
/// Parts outside the signature in words.
const PARTS: usize = 3;

/// A verdict in words. Four rows: who, what is covered, why that is believed, what is wrong; then, where there is
/// one, the next step. Whatever comes from the letter is escaped. The headline is one line; rows break at 78 columns.
///
/// ```
/// # fn show(verdict: &mailseal::policy::Verdict, report: &mailseal::Report) {
/// print!("{}", verdict.text(report).language("ja").explain(true));
/// # }
/// ```
pub struct Text<'a> {
    facts: Facts<'a>,
    language: &'static dyn Sentences,
    explain: bool,
    colour: bool,
}

impl<'a> Text<'a> {
    pub(super) fn new(verdict: &'a Verdict, report: &'a Report) -> Self {
        Self {
            facts: Facts::new(verdict, report),
            language: sentences::language("en"),
            explain: false,
            colour: false,
        }
    }

    /// By tag: `ja`, `ja-JP`, `en`. English for all that is not known.
    #[must_use]
    pub fn language(mut self, tag: &str) -> Self {
        self.language = sentences::language(tag);
        self
    }

    /// With every step of the evidence, and the paths that failed.
    #[must_use]
    pub fn explain(mut self, explain: bool) -> Self {
        self.explain = explain;
        self
    }

    /// With the verdict in colour, for terminals (ECMA-48 §8.3.117). The word says it all without.
    #[must_use]
    pub fn colour(mut self, colour: bool) -> Self {
        self.colour = colour;
        self
    }

    fn who(&self) -> String {
        let mut who = self.language.who(&self.facts.who());
        let broken = matches!(self.facts.who(), facts::Who::Broken { .. });
        if let (Some(protocol), false) = (self.facts.protocol(), broken) {
            let how = self.language.how(protocol, self.facts.assurance());
            // After a full-width bracket there is room enough.
            if !how.starts_with(' ') && !who.ends_with('）') {
                who.push(' ');
            }
            who.push_str(&how);
        }
        if self.facts.is_revoked() {
            who.push_str(self.language.revoked());
        }
        who
    }

    fn wrong(&self) -> String {
        let outcome = self.facts.verdict.outcome;
        let mut said: Vec<String> = Vec::new();
        let mut seen: Vec<(Code, Option<&str>)> = Vec::new();
        let mut unsaid = 0_usize;
        if outcome == Outcome::Good {
            said.push(self.language.nothing().to_owned());
        }
        for note in &self.facts.verdict.notes {
            let key = (note.code, note.other.as_deref());
            let lesser = outcome == Outcome::Bad && note.severity < Severity::Bad;
            if lesser || seen.contains(&key) {
                continue;
            }
            if seen.len() < PROBLEMS {
                seen.push(key);
                said.push(self.problem(note));
            } else {
                unsaid = unsaid.saturating_add(1);
            }
        }
        if unsaid > 0 {
            said.push(self.language.more(unsaid));
        }
        if said.is_empty() { self.language.nothing().to_owned() } else { self.language.join(&said) }
    }

    fn problem(&self, note: &Note) -> String {
        let language = self.language;
        let uncovered = &self.facts.report.uncovered;
        let from = self.facts.from();
        let mut sentence = match (note.code, &note.other) {
            (Code::PartialCoverage, None) if !uncovered.is_empty() => self.outside(),
            (Code::SignerNotFrom, None) => language.not_from(&from),
            (code, _) => match &note.detail {
                Some(detail) => language.with_detail(
                    language.problem(code),
                    &escape::text(&language.detail(detail), DETAIL_COLUMNS),
                ),
                None => language.problem(code).to_owned(),
            },
        };
        if let Some(address) = &note.other {
            sentence = language.other(&escape::address(address), &sentence);
        }
        if note.code != Code::RevocationUnknown || note.severity > Severity::Info {
            sentence.push_str(&format!(" ({})", note.code.as_str()));
        }
        sentence
    }

    fn outside(&self) -> String {
        let uncovered = &self.facts.report.uncovered;
        let outside = |part: &crate::report::UncoveredPart| {
            self.language.outside(&Outside {
                part: part.part.to_string(),
                media_type: facts::media_type(&part.media_type),
                lines: part.lines,
                looks_like: part.looks_like,
            })
        };
        let mut said: Vec<String> = uncovered.iter().take(PARTS).map(outside).collect();
        if uncovered.len() > PARTS {
            said.push(self.language.more(uncovered.len().saturating_sub(PARTS)));
        }
        self.language.join(&said)
    }

    fn row(&self, f: &mut fmt::Formatter<'_>, label: Label, text: &str) -> fmt::Result {
        row(f, self.language.label(label), text)
    }
}

fn ansi(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::None => "\u{1b}[1m",
        Outcome::Good => "\u{1b}[1;32m",
        Outcome::Caution => "\u{1b}[1;33m",
        Outcome::Bad => "\u{1b}[1;31m",
    }
}

/// The label at column 2, the text from column 12 on.
pub(super) fn row(f: &mut fmt::Formatter<'_>, label: &str, text: &str) -> fmt::Result {
    let pad = INDENT.saturating_sub(2).saturating_sub(width(label)).max(1);
    let mut start = format!("  {label}{:pad$}", "");
    for line in wrap(text, COLUMNS.saturating_sub(INDENT)) {
        writeln!(f, "{}", format!("{start}{line}").trim_end())?;
        start = " ".repeat(INDENT);
    }
    Ok(())
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (language, facts) = (self.language, &self.facts);
        let word = language.word(facts.verdict.outcome);
        let pad = INDENT.saturating_sub(width(word)).max(1);
        let (on, off) = if self.colour { (ansi(facts.verdict.outcome), "\u{1b}[0m") } else { ("", "") };
        writeln!(f, "{on}{word}{off}{:pad$}{}", "", language.headline(facts))?;
        self.row(f, Label::Who, &self.who())?;
        let covers = language.covers(&facts.covers(), &facts.headers(), facts.says_unaltered());
        self.row(f, Label::Covers, &covers)?;
        if let Some(encryption) = facts.encryption() {
            self.row(f, Label::Encrypted, &language.encryption(&encryption))?;
        }
        self.row(f, Label::Why, &language.why(&facts.why()))?;
        if let Some(domain) = &facts.report.domain {
            self.row(f, Label::Domain, &language.origin(&Origin::new(domain)))?;
        }
        if let Some(way) = facts.report.transport.as_ref().and_then(Way::new) {
            self.row(f, Label::Way, &language.way(&way))?;
        }
        self.row(f, Label::Wrong, &self.wrong())?;
        if let Some(next) = language.next(facts) {
            self.row(f, Label::Next, &next)?;
        }
        if self.explain {
            explain::write(f, language, facts.report)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text").field("outcome", &self.facts.verdict.outcome).finish_non_exhaustive()
    }
}
