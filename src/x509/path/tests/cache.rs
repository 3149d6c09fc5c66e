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

/// Fingerprints and times of everything, so that outcomes compare.
fn told(outcome: &PathOutcome) -> String {
    let certificates =
        |path: &Path| path.certificates.iter().map(Certificate::fingerprint).collect::<Vec<_>>();
    format!("{:?} {outcome:?}", outcome.valid.as_ref().map(certificates))
}

/// A world with authorities of the same name, of other years.
fn authorities() -> World {
    let older = make("CA").ca(None).valid("20210101000000Z", "20250101000000Z").signed_by("Root");
    let newer = make("CA").ca(None).valid("20220101000000Z", "20290101000000Z").signed_by("Root");
    let brief = make("CA").ca(None).valid("20230101000000Z", "20240601000000Z").signed_by("Root");
    world(root(), vec![older, newer, brief])
}

/// At every time around every boundary, in any order: what the memory says is what a search says.
#[test]
fn r_c1_a_remembered_path_is_what_a_search_finds_at_any_time() {
    let leaf = leaf().valid("20210601000000Z", "20280101000000Z").signed_by("CA");
    let (world, provider) = (authorities(), toy_provider());
    let all = || [&leaf].into_iter().chain(&world.anchors).chain(&world.between);
    let bounds = all().flat_map(|one| [one.validity().not_before, one.validity().not_after]);
    let mut times: Vec<i64> = bounds.flat_map(|at| [-1, 0, 1].map(|more| at.seconds() + more)).collect();
    times.extend([0, AT.seconds()]);
    for warm in &times {
        for at in &times {
            let cache = SignatureCache::new();
            let request = |at: i64| {
                let at = UnixTime::from_seconds(at);
                PathRequest::new(&leaf, &world.anchors, world.purpose, at, &provider, &world.limits)
                    .intermediates(&world.between)
            };
            find(&request(*warm).signatures(&cache));
            let again = find(&request(*at).signatures(&cache));
            assert_eq!(told(&again), told(&find(&request(*at))), "{warm} {at}");
        }
    }
}

/// Each that differs in one thing is looked at anew.
#[test]
fn r_c1_a_path_is_remembered_for_the_very_same_request() {
    let (world, provider, lax) = (authorities(), toy_provider(), lax_provider());
    let other = Make { subject: "Other".into(), ..leaf() }.signed_by("CA");
    let leaf = leaf().signed_by("CA");
    let forged = super::leaf().signed_with("CA", "Mallory");
    let base = PathRequest::new(&leaf, &world.anchors, world.purpose, AT, &provider, &world.limits)
        .intermediates(&world.between);
    let strangers = [make("Stranger").ca(None).signed_by("Stranger")];
    let more = [world.anchors.clone(), strangers.to_vec()].concat();
    let turned: Vec<_> = world.between.iter().rev().cloned().collect();
    let (none, short) = (Vec::new(), Limits::default().path_signatures(1));
    let settings = PolicySettings::new().accept(["1.2.3"]).require();
    let never = |_: &Path| false;
    let requests = [
        base,
        PathRequest { leaf: &other, ..base },
        PathRequest { leaf: &forged, ..base },
        PathRequest { anchors: &none, ..base },
        PathRequest { anchors: &strangers, ..base },
        PathRequest { anchors: &more, ..base },
        PathRequest { anchors: &world.between, ..base },
        base.intermediates(&none),
        base.intermediates(&turned),
        base.intermediates(&world.between[..1]),
        PathRequest { at: UnixTime::from_seconds(2_000_000_000), ..base },
        PathRequest { purpose: Purpose::EmailEncryption, ..base },
        PathRequest { purpose: Purpose::CrlSigning, ..base },
        PathRequest { purpose: Purpose::Other { ext_key_usage: Some("1.2"), key_usage: None }, ..base },
        base.policies(&settings),
        PathRequest { limits: &short, ..base },
        PathRequest { provider: &lax, ..base },
        PathRequest { provider: &lax, leaf: &forged, ..base },
        PathRequest { keeps: Some(Keeps(&never)), ..base },
    ];
    for first in &requests {
        for second in &requests {
            let cache = SignatureCache::new();
            for request in [first, second, first] {
                let known = find(&PathRequest { signatures: Some(&cache), ..*request });
                assert_eq!(told(&known), told(&find(request)), "{request:?}");
            }
        }
    }
}

/// Neither is what was found without a CRL given again when there is one, nor the other way round.
#[cfg(any(feature = "aws-lc", feature = "rust-crypto"))]
#[test]
fn r_c6_a_path_is_not_remembered_past_a_crl() {
    let letters = |name: &str| std::fs::read(format!("examples/letters/{name}")).unwrap();
    let anchors = Certificate::load_pem_or_der(&letters("strict-ca.pem")).unwrap();
    let eve = Certificate::load_pem_or_der(&letters("eve-revoked.pem")).unwrap().remove(0);
    let crl = RevocationData::new().with(&letters("strict-ca.crl")).unwrap();
    let (provider, limits, at) =
        (Provider::default(), Limits::default(), UnixTime::from_seconds(1_800_000_000));
    let cache = SignatureCache::new();
    let without = PathRequest::new(&eve, &anchors, Purpose::EmailSigning, at, &provider, &limits);
    let without = without.signatures(&cache);
    for _ in 0..3 {
        assert!(find(&without).valid.is_some());
        let found = find(&without.revocations(&crl));
        assert!(found.valid.is_none() && matches!(found.rejected[0].reason, PathError::Revoked { .. }));
    }
}

#[test]
fn r_c1_few_paths_are_remembered_and_only_those_found_at_once() {
    let (cache, provider, leaf) = (SignatureCache::new(), toy_provider(), leaf().signed_by("CA"));
    let remembered = |world: &World, leaf: &Certificate| {
        search(world, leaf, &provider, &cache);
        let request = PathRequest::new(leaf, &world.anchors, world.purpose, AT, &provider, &world.limits);
        cache.paths.get(&request.intermediates(&world.between)).is_some()
    };
    let mut world = plain();
    assert!(remembered(&world, &leaf));
    // One of the same name, looked at first, that did not sign.
    world.between.push(
        Make { key: "other".into(), ..make("CA") }
            .ca(None)
            .valid("20230101000000Z", "20300101000000Z")
            .signed_by("Root"),
    );
    assert!(!remembered(&world, &leaf));
    world.between.truncate(1);
    assert!(!remembered(&world, &self::leaf().signed_with("CA", "Mallory")));
    world.between.extend((0..40).map(|n| make(&n.to_string()).ca(None).signed_by("Root")));
    assert!(!remembered(&world, &leaf), "too many");
    let world = plain();
    let first = make("first").mailbox("a@example.org").signed_by("CA");
    assert!(remembered(&world, &first));
    for n in 0..300 {
        assert!(remembered(&world, &make(&n.to_string()).mailbox("a@example.org").signed_by("CA")));
    }
    let request = PathRequest::new(&first, &world.anchors, world.purpose, AT, &provider, &world.limits);
    assert!(cache.paths.get(&request.intermediates(&world.between)).is_none());
}
