//! The catalogue of sentences, once per language.
//!
//! - [`Sentences`]: what a language has to say. A new [`Code`] does not compile until every language has words for it.
//! - [`in_language`]: what the library says elsewhere.
//! - `ChangeKind::sentence`, `ChangeKind::advice`: what was done to a letter on its way, and what to set.
//! - [`language`]: by its tag, `ja`, `ja-JP`, `en`.

mod changes;
mod details;
mod en;
mod ja;
mod origin;

pub use details::in_language;

use crate::policy::Outcome;
use crate::policy::facts::{Covers, Encryption, Facts, Headers, Path, Who, Why};
use crate::policy::origin::{Origin, Way};
use crate::report::{
    Assurance, Check, Code, FieldProtection, Generation, Integrity, LooksLike, Qualified, Source, Trust,
};

/// The rows of a page.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Label {
    Who,
    Covers,
    Why,
    Wrong,
    Next,
    Signature,
    Path,
    Rejected,
    Findings,
    Encrypted,
    Domain,
    Way,
    Header,
}

/// A part outside the signature.
pub(crate) struct Outside {
    pub(crate) part: String,
    pub(crate) media_type: String,
    pub(crate) lines: u64,
    pub(crate) looks_like: Option<LooksLike>,
}

/// When a certificate is valid, and whether it was at the time of looking.
pub(crate) struct Validity {
    pub(crate) from: Option<String>,
    pub(crate) until: Option<String>,
    pub(crate) state: State,
}

/// A certificate at the time of looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Valid,
    NotYet,
    Expired,
}

/// One language. What comes in is escaped.
pub(crate) trait Sentences {
    /// `✓ GOOD`
    fn word(&self, outcome: Outcome) -> &'static str;
    fn label(&self, label: Label) -> &'static str;
    fn headline(&self, facts: &Facts<'_>) -> String;
    fn who(&self, who: &Who) -> String;
    /// ` · S/MIME, mailbox-validated`
    fn how(&self, protocol: &str, assurance: Option<Assurance>) -> String;
    fn revoked(&self) -> &'static str;
    fn covers(&self, covers: &Covers, headers: &Headers, unaltered: bool) -> String;
    fn why(&self, why: &Why) -> String;
    /// `you → Example Root CA (any sender) → Alice`
    fn path(&self, path: &Path) -> String;
    /// What it was encrypted with, and what came of it.
    fn encryption(&self, encryption: &Encryption) -> String;
    /// Which domain stands behind the letter.
    fn origin(&self, origin: &Origin) -> String;
    /// Who took it from whom, and whether in secret.
    fn way(&self, way: &Way) -> String;
    /// What a code means, as a clause.
    fn problem(&self, code: Code) -> &'static str;
    fn outside(&self, part: &Outside) -> String;
    fn not_from(&self, from: &str) -> String;
    /// The detail of a finding.
    fn detail(&self, detail: &str) -> String;
    fn with_detail(&self, sentence: &str, detail: &str) -> String;
    /// Of another signature, by `address` (empty if it names none).
    fn other(&self, address: &str, sentence: &str) -> String;
    fn nothing(&self) -> &'static str;
    fn more(&self, count: usize) -> String;
    fn join(&self, sentences: &[String]) -> String;
    fn next(&self, facts: &Facts<'_>) -> Option<String>;

    fn integrity(&self, integrity: Integrity) -> &'static str;
    fn trust(&self, trust: Trust) -> &'static str;
    fn part(&self, part: &str) -> String;
    fn bits(&self, bits: usize) -> String;
    /// What protects a header field, and what stands outside where that is something else; nothing where it is left out.
    fn field(&self, protection: FieldProtection, outer: Option<&str>) -> String;
    /// When the signer says they signed.
    fn claims(&self, time: &str) -> String;
    /// `for frank@example.jp`
    fn speaks_for(&self, address: &str) -> String;
    fn validity(&self, validity: &Validity) -> String;
    fn fingerprint(&self, groups: &str) -> String;
    /// Where a certificate came from.
    fn source(&self, source: &Source) -> String;
    /// What was checked of it, and held.
    fn check(&self, check: &Check) -> String;
    /// What an authority says it checked, `mailbox-validated`, and by which rules.
    fn asserted(&self, assurance: Assurance, generation: Option<Generation>) -> String;
    /// What a certificate states of itself under eIDAS.
    fn qualified(&self, qualified: &Qualified) -> String;
    /// Why a path failed, in the words of this language; the English reason where the code has none.
    fn rejection(&self, code: &str) -> Option<&'static str>;
}

/// The language of a tag (RFC 5646) or locale name. English where there is no other.
pub(crate) fn language(tag: &str) -> &'static dyn Sentences {
    let primary = tag.split(['-', '_', '.']).next().unwrap_or_default();
    if primary.eq_ignore_ascii_case("ja") { &ja::Japanese } else { &en::English }
}
