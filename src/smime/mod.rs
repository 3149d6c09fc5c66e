//! S/MIME (RFC 8551): CMS SignedData as the signature of mail.
//!
//! - [`Verifier`]: checks detached and opaque signatures.
//! - [`Signer`]: makes them, with one key or several.
//!
//! Says which certificate's key signed what. Who that is, others say.

mod signer;
mod verifier;

pub use signer::Signer;
pub(crate) use signer::OpaqueSigning;
pub use verifier::Verifier;
