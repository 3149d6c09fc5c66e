//! BER (X.690) as mail programs send it: streamed, indefinite, in pieces.
//!
//! - [`Reader`]: walks a message of any size from a stream; content comes out in pieces, the small parts are captured.
//! - [`Elements`]: walks octets that are at hand, and keeps them as received.
//! - [`normalise`]: definite, minimal lengths and strings in one piece, for parsers of DER.
//!
//! No recursion: nesting is a list, bounded by [`Limits::asn1_depth`](crate::Limits).

mod elements;
mod header;
mod normalise;
mod reader;

pub(crate) use elements::{Element, Elements};
pub(crate) use header::{push_length, tag};
#[cfg(test)]
pub(crate) use normalise::is_der;
pub(crate) use normalise::normalise;
pub(crate) use reader::{Pieces, Reader};

use crate::error::Error;

fn malformed(why: impl Into<String>) -> Error {
    Error::malformed("BER", why)
}

fn too_deep(limit: u32) -> Error {
    Error::Limit { name: "asn1_depth", limit: u64::from(limit) }
}

#[cfg(test)]
mod tests;
