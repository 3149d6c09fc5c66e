//! S/MIME (RFC 8551): CMS as the signature and the encryption of mail.
//!
//! - [`Verifier`]: checks detached and opaque signatures.
//! - [`Signer`]: makes them, with one key or several.
//! - [`Decryptor`]: opens EnvelopedData and AuthEnvelopedData.
//! - [`Encryptor`]: makes them, for every [`Recipient`].
//!
//! Says which certificate's key signed what. Who that is, others say.
//!
//! ```
//! use mailseal::protocol::{Signer, Verifier};
//! /// What a program that speaks both protocols asks for.
//! fn pair(key: mailseal::Key) -> Result<(Box<dyn Signer>, Box<dyn Verifier>), mailseal::Error> {
//!     let signer = mailseal::smime::Signer::of(&[key], &mailseal::crypto::Provider::default())?;
//!     Ok((Box::new(signer), Box::new(mailseal::smime::Verifier)))
//! }
//! ```

mod attributes;
mod decryptor;
mod encryptor;
mod signer;
mod verifier;

pub(crate) use attributes::signed_digests;
pub use decryptor::Decryptor;
pub use encryptor::{EncryptionOptions, Encryptor, Recipient};
pub use signer::Signer;
pub use verifier::Verifier;
