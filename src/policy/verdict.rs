//! What a letter is worth, and why.

use serde::Serialize;

use crate::mime::PartPath;
use crate::policy::note::Note;
use crate::policy::table::Cell;
use crate::policy::{Action, Text};
use crate::report::{Code, Report, Signature, SignedLayer};

/// What a letter is worth. 0 is "not verified".
///
/// ```
/// use mailseal::policy::Outcome;
/// assert_eq!(Outcome::default(), Outcome::None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(i32)]
pub enum Outcome {
    /// No signature at all.
    #[default]
    None = 0,
    /// The whole message, intact, by a signer whom evidence ties to the one From address.
    Good = 1,
    /// Not altered as far as can be told, but something is missing: who, how much, how strong.
    Caution = 2,
    /// Altered, broken or revoked.
    Bad = 3,
}

impl Outcome {
    /// From worst to best. The numbers of the enum are names, not a scale.
    pub(crate) fn rank(self) -> u8 {
        match self {
            Self::Bad => 0,
            Self::None => 1,
            Self::Caution => 2,
            Self::Good => 3,
        }
    }

    /// The worse of two.
    pub(crate) fn at_most(self, other: Self) -> Self {
        if other.rank() < self.rank() { other } else { self }
    }
}

/// What a letter is worth by a policy, and why.
///
/// ```
/// # fn show(report: &mailseal::Report) {
/// use mailseal::policy::{Outcome, Policy};
/// let verdict = Policy::standard().judge(report);
/// if verdict.outcome != Outcome::Good {
///     println!("{}", verdict.text(report).language("en"));
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// In one word.
    pub outcome: Outcome,
    /// The dated name of the policy, `standard-2026-11`; with a file, `standard-2026-11+policy.toml`.
    pub policy: String,
    /// What the policy's rules say to do with the letter: [`Action::Pass`] unless one that is about its sender is not met.
    /// [`Action::Hold`] and [`Action::Refuse`] are for whoever delivers mail.
    pub action: Action,
    /// Whether pictures and other content may be fetched from the network when the letter is shown. False where
    /// something was decrypted that others could have put together: its address could carry the plaintext out (R-A17).
    pub may_load_remote: bool,
    /// What was seen that matters, the decisive reason first. Of a good letter: what lowered nothing.
    pub reasons: Vec<Reason>,
    /// The reasons with their details, for the sentences.
    #[serde(skip)]
    pub(crate) notes: Vec<Note>,
    /// The signature that decided.
    #[serde(skip)]
    pub(crate) subject: Option<Subject>,
    /// What each signature would be worth alone.
    #[serde(skip)]
    pub(crate) alone: Vec<Alone>,
}

impl Verdict {
    /// The verdict in words: who, what is covered, why that is believed, what is wrong. Takes the report it was
    /// made from.
    pub fn text<'a>(&'a self, report: &'a Report) -> Text<'a> {
        Text::new(self, report)
    }

    /// The signature that decided, with its layer and its place in the table.
    pub(crate) fn decided_by<'a>(
        &self,
        report: &'a Report,
    ) -> Option<(&'a SignedLayer, &'a Signature, Cell)> {
        let subject = self.subject?;
        let layer = report.signed_layers().nth(subject.layer)?;
        Some((layer, layer.signatures.get(subject.signature)?, subject.cell))
    }
}

/// What one signature would be worth alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Alone {
    pub(crate) subject: Subject,
    pub(crate) outcome: Outcome,
    /// What lowers it most.
    pub(crate) because: Option<Code>,
}

/// One reason of a verdict.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// use mailseal::{Policy, report::Code};
/// let verdict = Policy::strict().judge(&report);
/// let unchecked = verdict.reasons.iter().find(|reason| reason.code == Code::RevocationUnknown).unwrap();
/// println!("{} in {:?}", unchecked.code.as_str(), unchecked.parts);
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Reason {
    /// What was observed.
    pub code: Code,
    /// Where.
    pub parts: Vec<PartPath>,
}

/// Which signature decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subject {
    /// Index among the signed layers.
    pub(crate) layer: usize,
    /// Index in the layer.
    pub(crate) signature: usize,
    /// Its place in the table.
    pub(crate) cell: Cell,
}
