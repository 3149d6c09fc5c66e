//! What a program may want and a library must not do by itself: the network, files of a store, tokens, agents.
//!
//! Everything here implements a trait of the house or fills one of its types; nothing in the house names it.

#[cfg(all(unix, feature = "gpg-agent"))]
pub mod agent;
#[cfg(feature = "memory")]
mod memory;
#[cfg(feature = "pkcs11")]
pub mod tokens;
#[cfg(feature = "trust-folder")]
mod trust_folder;

#[cfg(feature = "memory")]
pub use memory::MemoryFile;
#[cfg(feature = "trust-folder")]
pub use trust_folder::{TrustEntry, TrustFolder};
