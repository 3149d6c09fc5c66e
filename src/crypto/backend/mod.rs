//! The crates that compute. Nothing above names them.

#[cfg(feature = "aws-lc")]
pub(crate) mod aws_lc;
mod content;
#[cfg(any(feature = "aws-lc", feature = "rust-crypto"))]
mod opener;
#[cfg(feature = "smime")]
pub(crate) mod pbe;
pub(crate) mod portable;
#[cfg(feature = "rust-crypto")]
pub(crate) mod rust_crypto;
#[cfg(any(feature = "aws-lc", feature = "rust-crypto"))]
mod signer;
mod strict;
