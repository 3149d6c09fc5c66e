//! Signatures that are remembered (R-C1): never more than was verified, never across a change.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::crypto::{SignatureAlgorithm, ToSign, Verifier, VerifyError};

/// Accepts everything, and counts.
#[derive(Debug)]
struct Lax(AtomicUsize);

impl Verifier for Lax {
    fn verify(
        &self,
        _: SignatureAlgorithm,
        _: &PublicKey,
        _: ToSign<'_>,
        _: &[u8],
    ) -> Result<(), VerifyError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

static LAX: Lax = Lax(AtomicUsize::new(0));

static LAX_ONLY: [&dyn Verifier; 1] = [&LAX];

/// Of the same name as the strict one.
fn lax_provider() -> Provider {
    Provider { verifiers: &LAX_ONLY, ..toy_provider() }
}

fn search(world: &World, leaf: &Certificate, provider: &Provider, cache: &SignatureCache) -> PathOutcome {
    let request = PathRequest::new(leaf, &world.anchors, world.purpose, AT, provider, &world.limits);
    find(&request.intermediates(&world.between).signatures(cache))
}

#[test]
fn r_c1_a_remembered_signature_is_not_verified_again() {
    let (world, cache, leaf) = (plain(), SignatureCache::new(), leaf().signed_by("CA"));
    let before = LAX.0.load(Ordering::Relaxed);
    let first = search(&world, &leaf, &lax_provider(), &cache);
    assert_eq!((LAX.0.load(Ordering::Relaxed) - before, cache.len()), (2, 2));
    let second = search(&world, &leaf, &lax_provider(), &cache);
    assert_eq!(LAX.0.load(Ordering::Relaxed) - before, 2);
    assert_eq!((first.valid, first.work), (second.valid, second.work));
}

#[test]
fn r_c1_what_one_provider_found_is_not_believed_by_another() {
    let (world, cache) = (plain(), SignatureCache::new());
    let forged = make("Forged").signed_with("CA", "Mallory");
    assert!(search(&world, &forged, &lax_provider(), &cache).valid.is_some());
    assert!(search(&world, &forged, &toy_provider(), &cache).valid.is_none());
}

#[test]
fn r_c1_failures_are_not_remembered() {
    let (world, cache) = (plain(), SignatureCache::new());
    assert!(search(&world, &leaf().signed_with("CA", "Mallory"), &toy_provider(), &cache).valid.is_none());
    assert!(cache.is_empty());
}

/// Only signatures are remembered: all else is looked at each time.
#[test]
fn r_c1_all_else_may_change() {
    let (cache, leaf) = (SignatureCache::new(), leaf().signed_by("CA"));
    let provider = toy_provider();
    let valid = |world: &World| search(world, &leaf, &provider, &cache).valid.is_some();
    assert!(valid(&plain()));
    assert!(!valid(&World {
        anchors: vec![Make { key: "other".into(), ..root() }.signed_by("Root")],
        ..plain()
    }));
    assert!(!valid(&World { anchors: Vec::new(), ..plain() }));
    assert!(!valid(&World { purpose: Purpose::EmailEncryption, ..plain() }));
    assert!(
        !valid(&World { limits: Limits::default().path_signatures(1), ..plain() }),
        "as if nothing were known"
    );
    let narrow = make("CA").ca(None).permit(encode(context(1), &[b"example.com"])).signed_by("Root");
    assert!(!valid(&World { between: vec![narrow], ..plain() }));
    let (world, later) = (plain(), UnixTime::from_seconds(2_000_000_000));
    let later = PathRequest::new(&leaf, &world.anchors, world.purpose, later, &provider, &world.limits);
    assert!(find(&later.intermediates(&world.between).signatures(&cache)).valid.is_none());
    assert!(valid(&plain()));
}

#[test]
fn r_c4_the_memory_is_bounded() {
    let cache = SignatureCache::new();
    let provider = toy_provider();
    let most = Limits::default().path_cache;
    let mut world = world(root(), Vec::new());
    for n in 0..most + 10 {
        let leaf = make(&n.to_string()).signed_by("Root");
        assert!(search(&world, &leaf, &provider, &cache).valid.is_some());
    }
    assert_eq!(cache.len(), most);
    world.limits = world.limits.path_cache(3);
    assert!(search(&world, &make("last").signed_by("Root"), &provider, &cache).valid.is_some());
    assert_eq!(cache.len(), 3);
}
