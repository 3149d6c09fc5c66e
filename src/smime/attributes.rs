//! What a detached signature says of its content, whatever became of that.
//!
//! - [`signed_digests`]: one [`SignedDigest`] for each signer.

use super::verifier::{candidates, detached, embedded};
use crate::crypto::HashAlgorithm;
use crate::error::Error;
use crate::protocol::{Certificate, Inputs};

/// The digest that one signer signed.
pub(crate) struct SignedDigest {
    pub(crate) algorithm: HashAlgorithm,
    pub(crate) digest: Vec<u8>,
    /// The signature over the attributes holds. `None`: nobody here can say.
    pub(crate) holds: Option<bool>,
    /// Of the key that was tried.
    pub(crate) certificate: Option<Certificate>,
}

/// Signers without signed attributes are left out: nothing is told apart there. A structure that cannot be read has none.
pub(crate) fn signed_digests(mut signature: &[u8], inputs: &Inputs<'_>) -> Result<Vec<SignedDigest>, Error> {
    let data = match detached(&mut signature, inputs) {
        Ok(data) => data,
        Err(Error::Malformed { .. }) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let embedded = embedded(&data, inputs);
    let mut found = Vec::new();
    for signer in data.signers.iter().take(inputs.limits.signatures) {
        let (Some(algorithm), Some(digest)) = (signer.digest(), signer.message_digest()) else { continue };
        let mut seen = SignedDigest { algorithm, digest: digest.to_vec(), holds: None, certificate: None };
        for candidate in candidates(signer, &embedded, inputs)? {
            let holds = signer.attributes_hold(&data.content_type, &candidate, inputs.provider);
            // The best counts, as where letters are verified.
            if seen.certificate.is_none() || holds > seen.holds {
                seen.holds = holds;
                seen.certificate = Some(Certificate::X509(candidate));
            }
        }
        found.push(seen);
    }
    Ok(found)
}
