//! The certificates from which certifications claim to lead to the target. Nothing is checked yet.

use std::collections::HashMap;

use sequoia_openpgp::packet::Signature;
use sequoia_openpgp::{Fingerprint, KeyHandle};

use super::{FULL, WebRequest};
use crate::error::Error;
use crate::openpgp::certificate::Certificate;
use crate::openpgp::signature::created;
use crate::time::UnixTime;

/// Certificates, each in one copy.
pub(super) struct Nodes {
    pub(super) target: Certificate,
    /// The target is the first.
    pub(super) certificates: Vec<Certificate>,
    index: HashMap<Fingerprint, usize>,
    /// By a fingerprint or key ID: who may have made what names it.
    by_issuer: HashMap<Vec<u8>, Vec<usize>>,
    /// The limit that ended the gathering before its time.
    pub(super) exhausted: Option<&'static str>,
}

impl Nodes {
    /// Goes backwards, one generation after the other, so that a limit cuts off what is farthest.
    pub(super) fn gather(request: &WebRequest<'_>) -> Result<Self, Error> {
        let mut target = request.target.without_local();
        for copy in (request.find)(target.cert().fingerprint().as_bytes())? {
            if copy == target {
                target = copy.merged(&target);
            }
        }
        let mut nodes = Self {
            certificates: vec![target.clone()],
            index: HashMap::from([(target.cert().fingerprint(), 0)]),
            target,
            by_issuer: HashMap::new(),
            exhausted: None,
        };
        nodes.walk(request)?;
        Ok(nodes)
    }

    fn walk(&mut self, request: &WebRequest<'_>) -> Result<(), Error> {
        let (mut generation, mut looked_at) = (0..1, 0_usize);
        for distance in 0..=request.limits.web_depth {
            for index in generation.clone() {
                let Some(certificate) = self.certificates.get(index).cloned() else { continue };
                // Nothing is asked of what stands behind those that are trusted in full.
                if is_full_root(&certificate, request) {
                    continue;
                }
                for signature in claims(&certificate, distance, request) {
                    looked_at = looked_at.saturating_add(1);
                    if looked_at > request.limits.web_certifications {
                        self.exhausted = Some("web_certifications");
                        return Ok(());
                    }
                    for handle in handles(signature) {
                        self.add(handle, request)?;
                    }
                }
            }
            generation = generation.end..self.certificates.len();
        }
        Ok(())
    }

    /// Indices of the certificates whose primary key the signature may be by.
    pub(super) fn issuers_of(&self, signature: &Signature) -> Vec<usize> {
        let mut found = Vec::new();
        for handle in handles(signature) {
            for index in self.by_issuer.get(handle.as_bytes()).into_iter().flatten() {
                if !found.contains(index) {
                    found.push(*index);
                }
            }
        }
        found
    }

    fn add(&mut self, issuer: KeyHandle, request: &WebRequest<'_>) -> Result<(), Error> {
        if self.by_issuer.contains_key(issuer.as_bytes()) {
            return Ok(());
        }
        let mut indices = Vec::new();
        // Only primary keys certify.
        let found = (request.find)(issuer.as_bytes())?;
        for found in found.into_iter().filter(|one| one.cert().key_handle().aliases(&issuer)) {
            let fingerprint = found.cert().fingerprint();
            if let Some(index) = self.index.get(&fingerprint) {
                // No copy hides what another says.
                if let Some(known) = self.certificates.get_mut(*index) {
                    *known = known.merged(&found);
                }
                indices.push(*index);
            } else if self.certificates.len() < request.limits.web_certificates {
                indices.push(self.certificates.len());
                self.index.insert(fingerprint, self.certificates.len());
                self.certificates.push(found);
            } else {
                self.exhausted = Some("web_certificates");
            }
        }
        self.by_issuer.insert(issuer.as_bytes().to_vec(), indices);
        Ok(())
    }
}

/// Certifications by others that reach so far, if they are what they say.
fn claims<'c>(
    certificate: &'c Certificate,
    distance: usize,
    request: &WebRequest<'_>,
) -> impl Iterator<Item = &'c Signature> {
    let at = request.at;
    let ids = certificate.cert().userids().take(request.limits.header_fields);
    ids.flat_map(|id| id.certifications().collect::<Vec<_>>())
        .filter(move |signature| reaches(signature, distance) && in_time(signature, at))
}

fn is_full_root(certificate: &Certificate, request: &WebRequest<'_>) -> bool {
    let fingerprint = certificate.cert().fingerprint();
    request.roots.iter().any(|root| root.amount == FULL && root.fingerprint == fingerprint)
}

/// How far it makes an introducer; 255 is without end.
pub(super) fn depth(signature: &Signature) -> u8 {
    signature.trust_signature().map_or(0, |(depth, _)| depth)
}

fn reaches(signature: &Signature, distance: usize) -> bool {
    let depth = depth(signature);
    depth == u8::MAX || usize::from(depth) >= distance
}

/// Made before that time, and not expired then.
pub(super) fn in_time(signature: &Signature, at: UnixTime) -> bool {
    let expires = signature.signature_expiration_time().map(UnixTime::from);
    created(signature).is_some_and(|made| made <= at) && expires.is_none_or(|expires| expires > at)
}

/// Whom it names as its issuer; of a fingerprint and its key ID the former.
fn handles(signature: &Signature) -> Vec<KeyHandle> {
    let mut handles: Vec<KeyHandle> = Vec::new();
    let mut named = signature.get_issuers();
    named.sort_by_key(|handle| matches!(handle, KeyHandle::KeyID(_)));
    for handle in named {
        if handles.len() < MOST_ISSUERS && !handles.iter().any(|known| known.aliases(&handle)) {
            handles.push(handle);
        }
    }
    handles
}

/// Issuers of one signature; one is usual.
const MOST_ISSUERS: usize = 2;
