//! EnvelopedData (RFC 5652 §6) and AuthEnvelopedData (RFC 5083).
//!
//! - [`EnvelopedReader`]: recipients as they come, then the encrypted content, then what is authenticated beside it.
//! - [`RecipientInfo`]: an entry for one key, and getting the content key out of it.
//! - [`EnvelopedWriter`]: the way back.

mod open;
mod reader;
mod recipient_info;
mod seal;
mod writer;

pub(crate) use open::{Candidate, Tried, cipher_key, name_of, sized};
pub(crate) use reader::{EnvelopedReader, Rest};
pub(crate) use recipient_info::{
    KeyAgreement, KeyEncryptionKey, KeyTransport, OriginatorKey, PasswordInfo, RecipientInfo,
};
pub(crate) use seal::{Rid, To, derivation};
pub(crate) use writer::EnvelopedWriter;
