//! What a program may want and a library must not do by itself: the network, files of a store, tokens, agents.
//!
//! Everything here implements a trait of the house or fills one of its types; nothing in the house names it.

#[cfg(feature = "fetch")]
mod fetch;

#[cfg(feature = "fetch")]
pub use fetch::HttpFetcher;
