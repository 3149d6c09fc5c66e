//! Hashing what a signature covers (RFC 9580 §5.2.4).

use sequoia_openpgp::crypto::hash::{Context, Hash};

use super::signature::DetachedSignature;

/// A running hash: the salt of version 6, then the content; [`finish`](Self::finish) appends the trailer.
#[derive(Clone)]
pub(crate) struct Hasher(Context);

impl Hasher {
    pub(super) fn new(hash: sequoia_openpgp::types::HashAlgorithm, version: u8, salt: &[u8]) -> Option<Self> {
        let mut context = hash.context().ok()?.for_signature(version);
        context.update(salt);
        Some(Self(context))
    }

    pub(crate) fn update(&mut self, octets: &[u8]) {
        self.0.update(octets);
    }

    /// The digest for one signature; `None` where SHA-1 was fed the known collision attack.
    pub(crate) fn finish(mut self, signature: &DetachedSignature) -> Option<Vec<u8>> {
        signature.packet()?.hash(&mut self.0).ok()?;
        self.0.into_digest().ok()
    }

    pub(super) fn finish_packet(mut self, packet: &sequoia_openpgp::packet::Signature) -> Option<Vec<u8>> {
        packet.hash(&mut self.0).ok()?;
        self.0.into_digest().ok()
    }
}
