//! What was found good before: signatures on certificates, and paths.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::crypto::Provider;
use crate::x509::path::known_paths::KnownPaths;

/// A memory of which certificate was found signed by the key of which other, by the fingerprints of both and the
/// provider that did it.
///
/// A path for mail that was found at once is remembered whole, if there are no CRLs or OCSP answers. It is found again by
/// a request for the same leaf, anchors, certificates between, purpose, policies, limits and provider, within the time in
/// which no certificate among them begins or ceases to be valid; by any other, all is looked at anew. What the scope of an
/// anchor asks of a path is asked each time.
///
/// Failures are not remembered. Threads share it; the youngest are kept, as many signatures as
/// [`Limits::path_cache`](crate::Limits::path_cache) says, and a quarter as many paths.
///
/// ```
/// # use mailseal::x509::path::{Purpose, PathRequest, SignatureCache, find};
/// # use mailseal::{Limits, UnixTime, crypto::Provider, x509::Certificate};
/// # let anchors = Certificate::load_pem_or_der(include_bytes!("../../../examples/letters/openssl-ca.pem"))?;
/// # let (provider, limits) = (Provider::default(), Limits::default());
/// # let at = UnixTime::from_seconds(1_800_000_000);
/// # let leaves = anchors.clone();
/// let known = SignatureCache::new();
/// for leaf in &leaves {
///     let request = PathRequest::new(leaf, &anchors, Purpose::EmailSigning, at, &provider, &limits);
///     println!("{:?}", find(&request.signatures(&known)).valid);
/// }
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Default)]
pub struct SignatureCache {
    signatures: Mutex<Known>,
    pub(super) paths: KnownPaths,
}

/// The fingerprints of certificate and issuer.
type Pair = ([u8; 32], [u8; 32]);
/// A provider by its name and by where its verifiers stand.
type Key = (Pair, &'static str, usize);

#[derive(Default)]
struct Known {
    keys: HashSet<Key>,
    by_age: VecDeque<Key>,
}

impl SignatureCache {
    /// Remembers nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many signatures are remembered.
    pub fn len(&self) -> usize {
        self.lock().by_age.len()
    }

    /// True if no signature is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn has(&self, pair: Pair, provider: &Provider) -> bool {
        self.lock().keys.contains(&key(pair, provider))
    }

    /// Only after the signature was checked.
    pub(super) fn insert(&self, pair: Pair, provider: &Provider, most: usize) {
        let key = key(pair, provider);
        let mut known = self.lock();
        if !known.keys.insert(key) {
            return;
        }
        known.by_age.push_back(key);
        while known.by_age.len() > most
            && let Some(oldest) = known.by_age.pop_front()
        {
            known.keys.remove(&oldest);
        }
    }

    /// What another thread left when it panicked is whole: at worst one of the two lists lacks one.
    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.signatures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SignatureCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignatureCache({})", self.len())
    }
}

fn key(pair: Pair, provider: &Provider) -> Key {
    let (name, verifiers) = provider_key(provider);
    (pair, name, verifiers)
}

pub(super) fn provider_key(provider: &Provider) -> (&'static str, usize) {
    (provider.name, provider.verifiers.as_ptr().addr())
}
