//! What a report is worth. Pure: no clock, no network, no state.
//!
//! - [`Policy`]: dated presets; [`Policy::judge`] makes a [`Verdict`] of a [`Report`](crate::Report).
//! - [`Verdict`]: one [`Outcome`] and its [`Reason`]s; [`Verdict::text`] puts it in words, English or Japanese.
//! - [`escape`]: makes any text from a letter safe to print.
//! - [`Algorithms`]: which algorithms may be relied on, given to the verifiers.
//!
//! ```text
//! each signature:  integrity × identity × trust × coverage ──table──► outcome ──findings cap──► outcome
//! all signatures:  the best of them; a broken one by a known key lowers it; strangers change nothing
//! ```
//!
//! The table and the meaning of every code are in `docs/outcomes.md`, written from this module.

mod algorithms;
mod escape;
mod explain;
mod facts;
mod judge;
mod note;
mod sentences;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod verdict;
mod width;

pub use algorithms::Algorithms;
pub use escape::escape;
pub use judge::Policy;
pub use text::Text;
pub use verdict::{Outcome, Reason, Verdict};

/// Text from anywhere as one line that can be shown: control, invisible and bidirectional characters become visible.
///
/// ```
/// assert_eq!(mailseal::policy::escape_line("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
/// ```
pub fn escape_line(text: &str) -> String {
    escape::text(text, usize::MAX)
}
