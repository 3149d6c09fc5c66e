//! Writing letters that arrive as they were signed (RFC 1847, RFC 3156 §3 and §5, RFC 8551 §3.1).
//!
//! - [`prepare`]: a finished letter becomes a [`Draft`]: the fields that stay outside, and an entity in canonical
//!   form, written by [`Draft::write_entity`].
//! - [`MultipartSigned`], [`MultipartEncrypted`], [`Pkcs7Mime`]: what goes around the entity, or in its place.
//! - [`Base64Writer`], [`QuotedPrintableWriter`]: the two encodings.
//! - [`HeaderProtection`]: which header fields a payload protects, and whether the outer ones agree (RFC 9788).
//! - [`field`]: header fields from values.
//!
//! ```text
//! source ── prepare: one scan ──► Draft ── write_entity ──► canonical octets ─┬─► signer
//!                                   │                                         └─► MultipartSigned ──► out
//!                                   └── outer fields ─────────────────────────────────▲
//! ```

mod base64;
mod boundary;
mod draft;
pub(crate) mod field;
mod header;
mod header_protection;
mod multipart_encrypted;
mod multipart_signed;
mod pkcs7_mime;
mod plan;
mod quoted_printable;
mod scan;
#[cfg(test)]
mod tests;

pub(crate) use base64::Base64Writer;
pub(crate) use boundary::Boundary;
pub(crate) use draft::{Draft, prepare};
pub(crate) use header_protection::{HeaderProtection, Protect};
pub(crate) use multipart_encrypted::MultipartEncrypted;
pub(crate) use multipart_signed::{MultipartSigned, SignatureKind};
pub(crate) use pkcs7_mime::Pkcs7Mime;
pub(crate) use quoted_printable::QuotedPrintableWriter;
