//! PGP/MIME (RFC 3156) and inline OpenPGP, behind the traits of [`protocol`](crate::protocol).
//!
//! - [`Signer`]: armored detached signatures with one or more keys.
//! - [`Verifier`]: detached signatures, and signed messages that hold their content.
//! - `inline`: signatures inside a text part; they cover themselves, never the part around them (R-B11).

mod forms;
pub(crate) mod inline;
mod signer;
#[cfg(test)]
mod tests;
mod verifier;

pub use signer::Signer;
pub use verifier::Verifier;
