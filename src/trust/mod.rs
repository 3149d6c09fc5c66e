//! Who a certificate belongs to: anchors, each with a scope, and the paths that lead from them.
//!
//! - [`TrustStore`]: what the caller trusts, and for whom.
//! - [`Scope`]: for whom, and how long, an anchor counts.
//! - [`TrustModel`]: anything that can answer an [`EvidenceRequest`] with a [`Belief`].

mod belief;
#[cfg(feature = "openpgp")]
mod direct;
#[cfg(feature = "smime")]
mod paths;
mod scope;
mod store;

pub use belief::{Belief, EvidenceRequest, TrustModel};
pub use scope::Scope;
pub use store::TrustStore;
