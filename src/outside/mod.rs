//! What a program may want and a library must not do by itself: the network, files of a store, tokens, agents.
//!
//! Everything here implements a trait of the house or fills one of its types; nothing in the house names it.
//!
//! - [`anchors_from_folder`]: trusts the certificates of a folder.
//! - [`system_store`]: trusts what the system trusts for mail, where it says so.

mod anchors;
#[cfg(feature = "smime")]
mod system;

pub use anchors::anchors_from_folder;
#[cfg(feature = "smime")]
pub use system::{SystemRoots, system_store};
