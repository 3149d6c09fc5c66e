//! Who a certificate belongs to: anchors, each with a scope, and the paths that lead from them.
//!
//! - [`TrustStore`]: what the caller trusts, and for whom.
//! - [`Scope`]: for whom, for what and how long an anchor counts.
//! - [`Memory`]: what was usual of a [`Correspondent`], and pins.
//! - [`TrustModel`]: anything that can answer an [`EvidenceRequest`] with a [`Belief`].
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # #[cfg(all(feature = "smime", feature = "openpgp"))] {
//! use mailseal::{Scope, TrustStore};
//! let trust = TrustStore::new()
//!     // A partner's own authority, for the partner's people, until the contract ends …
//!     .anchors(include_bytes!("../../examples/letters/openssl-ca.pem"), "*@example.com until=2027-12-31".parse()?)?
//!     // … and one person.
//!     .anchors(include_bytes!("../../examples/letters/gpg-carol.asc"), Scope::address(&"carol@example.net".parse()?))?;
//! # let _ = trust;
//! # }
//! # Ok(())
//! # }
//! ```

mod belief;
#[cfg(feature = "openpgp")]
mod direct;
#[cfg(feature = "email-roots")]
mod email_roots;
mod fetch;
#[cfg(feature = "smime")]
mod gather;
pub(crate) mod memory;
#[cfg(feature = "smime")]
mod paths;
mod pins;
#[cfg(feature = "smime")]
mod revoked;
mod scope;
#[cfg(feature = "smime")]
mod scoped;
#[cfg(feature = "smime")]
mod steps;
mod store;
#[cfg(test)]
#[cfg(feature = "smime")]
mod tests;
#[cfg(any(feature = "smime", feature = "fetch"))]
pub(crate) mod url;
#[cfg(feature = "web-of-trust")]
mod web;
mod words;

pub use crate::protocol::Purpose;
pub use belief::{Belief, EvidenceRequest, TrustModel};

#[cfg(feature = "email-roots")]
pub use email_roots::{EmailRoot, email_roots, email_roots_as_of};
pub use fetch::{FetchError, FetchRequest, Fetcher};
pub use memory::{
    AutocryptPeer, Correspondent, KnownMailer, KnownReads, KnownSigner, Lesson, Memory, PeerKey, Pin, Proof,
    Recommendation, SeenSigner,
};
pub use scope::Scope;
pub use store::TrustStore;
