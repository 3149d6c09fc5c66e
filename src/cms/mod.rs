//! Cryptographic Message Syntax (RFC 5652), read and written. Knows nothing of MIME and asks nobody.
//!
//! - [`SignedDataReader`]: a SignedData from a stream, its content passed on as it comes → [`SignedData`].
//! - [`SignerInfo::hint`]: which certificate to look for; [`SignerInfo::verify`]: what a candidate's key says.
//! - [`ContentHasher`]: the digests of content, for both directions.
//! - [`SignedDataBuilder`]: what has to be signed, then the message. [`certs_only`]: certificates alone.
//!
//! ```text
//! ContentInfo ─ SignedData ─┬─ digestAlgorithms        known before the content
//!                           ├─ encapContentInfo ─ eContent, streamed, or absent
//!                           ├─ certificates, crls      kept as received, read by who needs them
//!                           └─ signerInfos ─ SignerInfo ─ signedAttrs ─ messageDigest
//! ```
//!
//! - [`CompressedReader`], [`CompressedWriter`]: CompressedData (RFC 3274).
//!
//! EnvelopedData and AuthEnvelopedData are read and written through [`smime`](crate::smime).
//!
//! Not done here: finding certificates, believing them.
//!
//! ```
//! # let letter = include_str!("../../examples/letters/openssl.eml");
//! # let base64 = letter.split("smime.p7s\"\r\n\r\n").nth(1).unwrap().split("\r\n\r\n").next().unwrap();
//! # let pem = format!("-----BEGIN CMS-----\r\n{base64}\r\n-----END CMS-----\r\n");
//! # let signature = der::pem::decode_vec(pem.as_bytes()).unwrap().1;
//! use mailseal::{Limits, cms::SignedDataReader};
//! let data = SignedDataReader::new(signature.as_slice(), &Limits::default())?.finish()?;
//! for signer in &data.signers {
//!     println!("{:?} at {:?}", signer.digest(), signer.claimed_time());
//! }
//! # assert_eq!(data.signers.len(), 1);
//! # Ok::<(), mailseal::Error>(())
//! ```

pub(crate) mod ber;
mod compressed;
mod content;
mod content_info;
pub(crate) mod der_writer;
pub(crate) mod enveloped;
mod oid;
mod signed_data;

pub use compressed::{CompressedReader, CompressedWriter};
pub use content::{ContentDigests, ContentHasher};
pub(crate) use content_info::content;
pub use content_info::content_type;
pub use oid::Oid;
pub(crate) use signed_data::SignerTemplate;
pub use signed_data::{
    Content, Note, Outcome, PreparedSignedData, SignedData, SignedDataBuilder, SignedDataReader,
    SignerIdentifier, SignerInfo, StreamedSignedData, ToBeSigned, Verification, certs_only,
};

use crate::error::Error;

fn malformed(why: impl Into<String>) -> Error {
    Error::malformed("a CMS message", why)
}

/// Whether one more is allowed after `count`.
fn within(count: usize, limit: usize, name: &'static str) -> Result<(), Error> {
    if count < limit {
        return Ok(());
    }
    Err(Error::Limit { name, limit: u64::try_from(limit).unwrap_or(u64::MAX) })
}
