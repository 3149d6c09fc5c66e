//! S/MIME (RFC 8551): CMS SignedData as the signature of mail.
//!
//! - [`Smime`]: checks detached and opaque signatures.
//! - [`SmimeSigner`]: makes them, with one key or several.
//!
//! Says which certificate's key signed what. Who that is, others say.

mod signer;
mod verifier;

pub use signer::SmimeSigner;
pub(crate) use signer::OpaqueSigning;
pub use verifier::Smime;
