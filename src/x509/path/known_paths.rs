//! Valid paths that were found before.

use std::collections::{HashMap, VecDeque};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};

use crate::limits::Limits;
use crate::time::UnixTime;
use crate::x509::Certificate;
use crate::x509::path::cache::provider_key;
use crate::x509::path::{Keeps, Path, PathOutcome, PathRequest, PolicySettings, Purpose};

/// Outcomes of searches that found a path at once. Each is given again to a request that differs from its own in the
/// time alone, and there within a window in which no certificate begins or ceases to be valid, neither on the path nor
/// beside it: the search would do the same. Where CRLs or OCSP answers are at hand, which have times of their own, nothing
/// is remembered and nothing given. Threads share it; the youngest are kept.
#[derive(Default)]
pub(super) struct KnownPaths(Mutex<Known>);

#[derive(Default)]
struct Known {
    paths: HashMap<Key, Arc<KnownPath>>,
    by_age: VecDeque<Key>,
}

type Fingerprint = [u8; 32];
/// The leaf, and whether it is to sign mail; else, to be encrypted to.
type Key = (Fingerprint, bool);

/// All that a search is told, and what came of it.
struct KnownPath {
    anchors: Vec<Fingerprint>,
    between: Vec<Fingerprint>,
    window: RangeInclusive<UnixTime>,
    policies: PolicySettings,
    limits: Limits,
    provider: (&'static str, usize),
    outcome: PathOutcome,
}

impl KnownPaths {
    pub(super) fn get(&self, request: &PathRequest<'_>) -> Option<PathOutcome> {
        let known = self.lock().paths.get(&key(request)?).map(Arc::clone)?;
        known.is_of(request).then(|| known.outcome.clone())
    }

    pub(super) fn insert(&self, request: &PathRequest<'_>, outcome: &PathOutcome) {
        let Some(key) = key(request) else { return };
        // What was rejected on the way speaks of the time.
        if outcome.valid.is_none()
            || !outcome.rejected.is_empty()
            || request.intermediates.len() > MOST_BETWEEN
        {
            return;
        }
        let mut known = self.lock();
        if known.paths.insert(key, Arc::new(KnownPath::new(request, outcome))).is_some() {
            return;
        }
        known.by_age.push_back(key);
        while known.by_age.len() > request.limits.path_cache / SIGNATURES_EACH
            && let Some(oldest) = known.by_age.pop_front()
        {
            known.paths.remove(&oldest);
        }
    }

    /// What another thread left when it panicked is whole: at worst one of the two lists lacks one.
    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `None` for requests that are not remembered.
fn key(request: &PathRequest<'_>) -> Option<Key> {
    let signs = match request.purpose {
        Purpose::EmailSigning => true,
        Purpose::EmailEncryption => false,
        Purpose::CrlSigning | Purpose::Other { .. } => return None,
    };
    request.revocations.is_empty().then(|| (request.leaf.fingerprint(), signs))
}

impl KnownPath {
    fn new(request: &PathRequest<'_>, outcome: &PathOutcome) -> Self {
        Self {
            anchors: request.anchors.iter().map(Certificate::fingerprint).collect(),
            between: request.intermediates.iter().map(Certificate::fingerprint).collect(),
            window: window(request),
            policies: request.policies.clone(),
            limits: request.limits.clone(),
            provider: provider_key(request.provider),
            outcome: outcome.clone(),
        }
    }

    fn is_of(&self, request: &PathRequest<'_>) -> bool {
        self.window.contains(&request.at)
            && same(&self.anchors, request.anchors)
            && same(&self.between, request.intermediates)
            && self.provider == provider_key(request.provider)
            && self.policies == *request.policies
            && self.limits == *request.limits
            && self.outcome.valid.as_ref().is_some_and(|path| keeps(request, path))
    }
}

/// It is the first that the search would ask this of, too.
fn keeps(request: &PathRequest<'_>, path: &Path) -> bool {
    request.keeps.is_none_or(|Keeps(keeps)| keeps(path))
}

/// The same ones in the same order, in which they are tried.
fn same(known: &[Fingerprint], given: &[Certificate]) -> bool {
    known.len() == given.len() && known.iter().zip(given).all(|(one, other)| *one == other.fingerprint())
}

/// The times around that of the request at which the same certificates are valid.
fn window(request: &PathRequest<'_>) -> RangeInclusive<UnixTime> {
    let (mut first, mut last) = (i64::MIN, i64::MAX);
    for one in [request.leaf].into_iter().chain(request.anchors).chain(request.intermediates) {
        let validity = one.validity();
        if request.at < validity.not_before {
            last = last.min(validity.not_before.seconds().saturating_sub(1));
        } else if request.at > validity.not_after {
            first = first.max(validity.not_after.seconds().saturating_add(1));
        } else {
            (first, last) =
                (first.max(validity.not_before.seconds()), last.min(validity.not_after.seconds()));
        }
    }
    UnixTime::from_seconds(first)..=UnixTime::from_seconds(last)
}

/// Of those remembered, for one path.
const SIGNATURES_EACH: usize = 4;
/// Of one request; more are not usual.
const MOST_BETWEEN: usize = 32;
