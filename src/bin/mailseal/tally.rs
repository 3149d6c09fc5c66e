//! What became of many letters, in numbers.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mailseal::Outcome;

use crate::batch::Said;
use crate::{COULD_NOT_LOOK, terminal};

#[derive(Default)]
pub(crate) struct Tally {
    all: u64,
    unseen: u64,
    outcomes: [u64; OUTCOMES.len()],
    reasons: BTreeMap<&'static str, u64>,
    worst: Option<u8>,
}

/// The best first.
const OUTCOMES: [Outcome; 4] = [Outcome::Good, Outcome::Caution, Outcome::Bad, Outcome::None];

impl Tally {
    pub(crate) fn count(&mut self, said: &Said) {
        self.all += 1;
        self.worst = self.worst.max(Some(said.status));
        self.unseen += u64::from(said.status == COULD_NOT_LOOK);
        let Some(counted) = &said.outcome else { return };
        for (count, outcome) in self.outcomes.iter_mut().zip(OUTCOMES) {
            *count += u64::from(outcome == counted.outcome);
        }
        for (number, reason) in counted.reasons.iter().enumerate() {
            // Once for each letter.
            if !counted.reasons.iter().take(number).any(|before| before == reason) {
                *self.reasons.entry(reason).or_default() += 1;
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all == 0
    }

    /// Of nothing at all it is that nothing was looked at.
    pub(crate) fn worst(&self) -> u8 {
        self.worst.unwrap_or(COULD_NOT_LOOK)
    }

    /// A table, the numbers in front.
    pub(crate) fn text(&self) -> String {
        let mut text = match terminal::language() {
            "ja" => format!("\nメール {} 通\n", self.all),
            _ => format!("\n{} messages\n", self.all),
        };
        let word = |outcome| match outcome {
            Outcome::Good => terminal::say("good", "正常 (good)"),
            Outcome::Caution => terminal::say("caution", "注意 (caution)"),
            Outcome::Bad => terminal::say("bad", "異常 (bad)"),
            Outcome::None => terminal::say("none: not signed", "署名なし (none)"),
        };
        let outcomes = self.outcomes.iter().zip(OUTCOMES.map(word));
        let unseen = terminal::say("could not be looked at", "確認できなかったもの");
        for (count, word) in outcomes.chain([(&self.unseen, unseen)]).filter(|(count, _)| **count > 0) {
            let _ = writeln!(text, "  {count:>7}  {word}");
        }
        let mut reasons: Vec<_> = self.reasons.iter().collect();
        reasons.sort_by(|one, other| other.1.cmp(one.1));
        if !reasons.is_empty() {
            let _ = writeln!(text, "{}", terminal::say("reasons", "理由"));
        }
        for (reason, count) in reasons {
            let _ = writeln!(text, "  {count:>7}  {reason}");
        }
        text
    }
}
