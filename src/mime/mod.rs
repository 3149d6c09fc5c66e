//! Octets ↔ entity tree (RFC 5322, 2045-2047, 2231, 1847). Byte ranges, never re-serialised text.
//!
//! - [`Structure`]: every part of a letter with its byte ranges, read in one pass.
//! - [`Address`]: an addr-spec, compared as R-B15 asks.

pub(crate) mod address;
pub(crate) mod structure;

pub use address::Address;
pub use structure::{Defect, LineEnds, MediaType, Part, PartPath, Structure, TransferEncoding};
