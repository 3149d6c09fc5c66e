//! What a report is worth. Pure: no clock, no network, no state.
//!
//! - `Policy`: dated presets; `Policy::judge` makes a `Verdict` of a [`Report`](crate::Report).
//! - [`Algorithms`]: which algorithms may be relied on, given to the verifiers.

mod algorithms;

pub use algorithms::Algorithms;
