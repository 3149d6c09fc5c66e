//! The hashes of one content for several signatures, in both of its forms, in one pass.

use crate::openpgp::{DetachedSignature, Hasher};
use crate::protocol::{BothForms, Forkable};

impl Forkable for Hasher {
    fn update(&mut self, octets: &[u8]) {
        Self::update(self, octets);
    }

    fn fork(&self) -> Self {
        self.clone()
    }
}

/// One entry for each signature: which of the running hashes is its own.
pub(super) struct Hashes {
    running: Vec<BothForms<Hasher>>,
    of: Vec<Option<usize>>,
}

/// The digests of one signature: as received, and of the canonical form if that is another.
#[derive(Default)]
pub(super) struct Digests {
    pub(super) received: Option<Vec<u8>>,
    pub(super) canonical: Option<Vec<u8>>,
}

impl Hashes {
    /// Signatures that start alike share a hash.
    pub(super) fn new(signatures: &[DetachedSignature]) -> Self {
        let mut hashes = Self { running: Vec::new(), of: Vec::new() };
        let mut starts = Vec::new();
        for signature in signatures {
            let start = signature.hash_start();
            let known = starts.iter().position(|known| *known == start);
            let index = match (known, signature.hasher()) {
                (_, None) => None,
                (Some(known), Some(_)) => Some(known),
                (None, Some(hasher)) => {
                    starts.push(start);
                    hashes.running.push(BothForms::new(hasher));
                    Some(starts.len() - 1)
                }
            };
            hashes.of.push(index);
        }
        hashes
    }

    /// One hash for each, started elsewhere.
    pub(super) fn started(hashers: Vec<Option<Hasher>>) -> Self {
        let mut hashes = Self { running: Vec::new(), of: Vec::new() };
        for hasher in hashers {
            let index = hasher.map(|hasher| {
                hashes.running.push(BothForms::new(hasher));
                hashes.running.len() - 1
            });
            hashes.of.push(index);
        }
        hashes
    }

    pub(super) fn update(&mut self, octets: &[u8]) {
        self.running.iter_mut().for_each(|forms| forms.update(octets));
    }

    /// The digests of each signature, trailers appended.
    pub(super) fn finish(self, signatures: &[DetachedSignature]) -> Vec<Digests> {
        let finished: Vec<_> = self.running.into_iter().map(BothForms::finish).collect();
        let digests = signatures.iter().enumerate().map(|(index, signature)| {
            let forms = self.of.get(index).copied().flatten().and_then(|of| finished.get(of))?;
            Some(Digests {
                received: forms.0.clone().finish(signature),
                canonical: forms.1.clone().and_then(|form| form.finish(signature)),
            })
        });
        digests.map(Option::unwrap_or_default).collect()
    }
}
