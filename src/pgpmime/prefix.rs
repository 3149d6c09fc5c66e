//! Whether content is worth a verification: by the first octets of its digest.
//!
//! - [`Prefixes`]: read once, asked often.

use super::forms::Hashes;
use crate::error::Error;
use crate::limits::Limits;
use crate::openpgp::{DetachedSignature, Signatures};

/// The detached signatures of one part.
pub(crate) struct Prefixes(Vec<DetachedSignature>);

impl Prefixes {
    pub(crate) fn read(mut signature: &[u8], limits: &Limits) -> Result<Self, Error> {
        Ok(Self(Signatures::read(&mut signature, limits)?))
    }

    /// False where no signature can fit this content. One in 65,536 others may.
    pub(crate) fn may_fit(&self, content: &[u8]) -> bool {
        let mut hashes = Hashes::new(&self.0);
        hashes.update(content);
        let digests = hashes.finish(&self.0);
        self.0.iter().zip(&digests).any(|(signature, digests)| {
            let forms = [digests.received.as_ref(), digests.canonical.as_ref()];
            forms.into_iter().flatten().any(|digest| signature.may_fit(digest))
        })
    }
}
