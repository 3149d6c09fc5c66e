//! What a report is worth. Pure: no clock, no network, no state.
//!
//! - [`Policy`]: dated presets; [`Policy::judge`] makes a [`Verdict`] of a [`Report`](crate::Report).
//! - [`Verdict`]: one [`Outcome`] and its [`Reason`]s; [`Verdict::text`] puts it in words, English or Japanese;
//!   [`Verdict::authentication_results`] (RFC 8601) and [`Verdict::smime_status`] (RFC 9219) for other programs.
//! - [`escape`]: makes any text from a letter safe to print. [`wrap`]: breaks a text into lines.
//! - [`Algorithms`]: which algorithms may be relied on, given to the verifiers.
//! - [`Sending`]: rules for outgoing mail, and the [`Decision`] for each recipient. [`IncomingRule`]: what is required of a
//!   sender's mail. `Policy::from_toml` (feature `policy-file`) reads all of it from a file.
//!
//! ```text
//! each signature:  integrity × identity × trust × coverage ──table──► outcome ──findings cap──► outcome
//! all signatures:  the best of them; a broken one by a known key lowers it; strangers change nothing
//! ```
//!
//! The table and the meaning of every code are in `docs/outcomes.md`, written from this module.
//!
//! ```
//! # #[cfg(feature = "smime")] {
//! # let report = include!("../../examples/letters/report.rs");
//! use mailseal::policy::{Outcome, Policy};
//! let verdict = Policy::standard().judge(&report);
//! assert_eq!(verdict.outcome, Outcome::Good);
//! // For a program that acts on mail, a certificate that nobody asked about is not enough.
//! assert_eq!(Policy::strict().judge(&report).outcome, Outcome::Caution);
//! # }
//! ```

mod algorithms;
mod authentication_results;
pub(crate) mod escape;
mod explain;
mod facts;
#[cfg(feature = "policy-file")]
mod file;
mod incoming;
mod judge;
mod note;
mod origin;
mod party;
mod preset;
mod sending;
mod sentences;
mod smime_status;
mod table;
#[cfg(test)]
pub(crate) mod tests;
mod text;
mod verdict;
mod width;

pub use algorithms::Algorithms;
pub(crate) use authentication_results::FIELD;
pub use escape::escape;
pub use explain::{Paths, finding_text, path_text, step_text};
pub use incoming::{Believed, Expectation, IncomingRule};
pub use party::Party;
pub use preset::Policy;
pub use sending::{Action, Decision, Demand, Encryption, Protection, Requirement, Sending, SendingRule};
pub use sentences::in_language;
pub use smime_status::{SmimeProperties, SmimeStatus};
pub use text::Text;
pub use verdict::{Outcome, Reason, Verdict};
pub use width::wrap;
