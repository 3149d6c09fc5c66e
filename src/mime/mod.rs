//! Octets ↔ entity tree (RFC 5322, 2045-2047, 2231, 1847). Byte ranges, never re-serialised text.
//!
//! - [`Structure`]: every part of a letter with its byte ranges, read in one pass.
//! - [`Headers`]: the fields of one header; [`MediaType`]: its Content-Type.
//! - [`FromHeader`]: who a From or Sender names; [`Address`]: an addr-spec, compared as R-B15 asks.
//! - [`HeaderConfidentiality`]: what an encrypted letter shows of its header.
//! - [`AuthservId`]: in whose name an Authentication-Results field speaks.
//! - `decode::reader`: a body without its transfer encoding; `canonical::CrlfWriter`: with CRLF line ends.
//! - [`write`]: letters that arrive as they were signed.
//! - `footer::looks_like_list_footer`: a guess at what a mailing list appended.
//!
//! ```
//! use mailseal::{Limits, mime::Structure};
//! let letter = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
//!     --b\r\n\r\nHello\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0K\r\n--b--\r\n";
//! let structure = Structure::read(&mut letter.as_slice(), &Limits::default())?;
//! // Everything but the texts: what a program would call attachments.
//! let attached = structure.parts.iter().filter(|part| part.children.is_empty() && part.media_type.main != "text");
//! for part in attached {
//!     println!("part {}: {}, {} lines", part.path, part.media_type, part.lines);
//! }
//! # Ok::<(), mailseal::Error>(())
//! ```

pub(crate) mod address;
pub(crate) mod authentication_results;
pub(crate) mod authserv_id;
pub(crate) mod canonical;
pub(crate) mod charset;
mod confidentiality;
pub(crate) mod decode;
pub(crate) mod encoded_word;
pub(crate) mod footer;
pub(crate) mod from;
pub(crate) mod header;
pub(crate) mod html;
pub(crate) mod legacy_display;
pub(crate) mod media_type;
mod parameters;
pub(crate) mod protected;
mod quoted_printable;
pub(crate) mod received;
mod scan;
pub(crate) mod structure;
mod tally;
#[cfg(test)]
mod tests;
mod usual;
pub(crate) mod write;

pub(crate) use footer::looks_like_list_footer;

pub use address::{Address, AddressError};
pub use authserv_id::{AuthservId, AuthservIdError};
pub use confidentiality::HeaderConfidentiality;
pub use from::{FromHeader, Mailbox};
pub use header::{Field, Headers};
pub use media_type::MediaType;
pub use structure::{Defect, LineEnds, Part, PartPath, PartPathError, Structure, TransferEncoding};
