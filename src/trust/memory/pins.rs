//! Pins that are remembered, as evidence.

use super::Memory;
use crate::error::Error;
use crate::trust::{Belief, EvidenceRequest, TrustModel, TrustStore, pins};

/// What trust believes, and what the pins of this address add: the same as if the caller had given them with
/// [`TrustStore::pin`].
pub(crate) fn believe(
    belief: Belief,
    memory: &dyn Memory,
    request: &EvidenceRequest<'_>,
) -> Result<Belief, Error> {
    let known = memory.recall(request.address)?.map(|known| known.pins).unwrap_or_default();
    if known.is_empty() {
        return Ok(belief);
    }
    let store =
        known.iter().try_fold(TrustStore::new(), |store, pin| store.pin(&pin.address, &pin.fingerprint))?;
    Ok(pins::join(store.evidence(request)?, belief, request.address))
}
