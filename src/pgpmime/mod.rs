//! PGP/MIME (RFC 3156) and inline OpenPGP, behind the traits of [`protocol`](crate::protocol).
//!
//! - [`Signer`]: armored detached signatures with one or more keys.
//! - [`Encryptor`]: messages for certificates and passwords, signed inside.
//! - [`Decryptor`]: encrypted messages, with their signatures.
//! - [`Verifier`]: detached signatures, and signed messages that hold their content.
//! - `inline`: signatures inside a text part; they cover themselves, never the part around them (R-B11).
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # #[cfg(all(feature = "openpgp", any(feature = "aws-lc", feature = "rust-crypto")))] {
//! use mailseal::{Context, Opener, Scope, TrustStore, UnixTime};
//! let carol = include_bytes!("../../examples/letters/gpg-carol.asc");
//! let trust = TrustStore::new().anchors(carol, Scope::any())?;
//! let at = UnixTime::from_seconds(1_800_000_000);
//! let opened = Opener::new(&Context::new(trust)).open(include_bytes!("../../examples/letters/gpg.eml"), at)?;
//! assert!(opened.report.signatures().all(|signature| signature.integrity.holds()));
//! # }
//! # Ok(())
//! # }
//! ```

mod crc24;
mod decryptor;
mod encryptor;
mod forms;
pub(crate) mod inline;
mod prefix;
mod signer;
#[cfg(test)]
mod tests;
mod verifier;

pub use decryptor::Decryptor;
pub use encryptor::{EncryptOptions, Encryptor};
pub(crate) use prefix::Prefixes;
pub use signer::Signer;
pub use verifier::Verifier;
