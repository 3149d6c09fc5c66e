//! SignedData (RFC 5652 §5).

mod attributes;
mod builder;
mod key_preference;
mod reader;
mod revocations;
mod signer_info;
mod signer_template;
mod signing_certificate;
mod streamed;
mod verify;

pub use builder::{PreparedSignedData, SignedDataBuilder, ToBeSigned, certs_only};
pub(in crate::cms) use reader::oid;
pub use reader::{Content, SignedData, SignedDataReader};
pub use signer_info::{SignerIdentifier, SignerInfo};
pub(crate) use signer_template::SignerTemplate;
pub use streamed::StreamedSignedData;
pub use verify::{Note, Outcome, Verification};

#[cfg(test)]
mod tests;
