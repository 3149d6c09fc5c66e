//! Writing letters that arrive as they were signed (RFC 1847, RFC 3156 §3 and §5, RFC 8551 §3.1).
//!
//! - [`prepare`]: a finished letter becomes a [`Draft`]: the fields that stay outside, and an entity in canonical
//!   form, written by [`Draft::write_entity`].
//! - [`MultipartSigned`], [`MultipartEncrypted`], [`Pkcs7Mime`]: what goes around the entity, or in its place.
//! - [`Base64Writer`], [`QuotedPrintableWriter`]: the two encodings.
//! - [`Recipe`]: which header fields get protected copies, and what stands outside (RFC 9788); [`Reference`]: the
//!   letter that is answered.
//! - [`field`]: header fields from values.
//!
//! ```text
//! source ── prepare: one scan ──► Draft ── write_entity ──► canonical octets ─┬─► signer
//!                                   │                                         └─► MultipartSigned ──► out
//!                                   └── outer fields ─────────────────────────────────▲
//! ```

mod base64;
mod boundary;
mod confidentiality;
mod draft;
pub(crate) mod field;
mod header;
mod header_protection;
mod legacy_display;
mod mailboxes;
mod multipart_encrypted;
mod multipart_signed;
mod pkcs7_mime;
mod plan;
mod quoted_printable;
mod reference;
mod scan;
#[cfg(test)]
mod tests;

pub(crate) use base64::Base64Writer;
pub(crate) use boundary::Boundary;
pub(crate) use confidentiality::{Hcp, is_user_facing};
pub(crate) use draft::{Draft, Recipe, prepare};
pub(crate) use header_protection::{Protect, is_protectable};
pub(crate) use mailboxes::{is_address_list, mailboxes};
pub(crate) use multipart_encrypted::MultipartEncrypted;
pub(crate) use multipart_signed::{MultipartSigned, SignatureKind};
pub(crate) use pkcs7_mime::Pkcs7Mime;
pub(crate) use quoted_printable::QuotedPrintableWriter;
pub(crate) use reference::Reference;
