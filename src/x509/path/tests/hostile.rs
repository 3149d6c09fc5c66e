//! Certificates that were made to keep the search busy (R-C3, R-C4, R-C5).

use std::time::Instant;

use const_oid::ObjectIdentifier;

use super::*;

#[test]
fn r_c4_loops_end() {
    let cross = |subject: &str, issuer: &str| make(subject).ca(None).signed_by(issuer);
    let world = world(
        root(),
        vec![cross("A", "B"), cross("B", "A"), cross("A", "A"), cross("B", "C"), cross("C", "B")],
    );
    let outcome = world.find(&leaf().signed_by("A"));
    assert!(outcome.valid.is_none());
    assert!(outcome.rejected.iter().all(|path| !path.anchored));
}

#[test]
fn r_c4_depth() {
    let mut between = vec![make("1").ca(None).signed_by("Root")];
    between.extend((2..=9).map(|n| make(&n.to_string()).ca(None).signed_by(&(n - 1).to_string())));
    let world = world(root(), between);
    assert_eq!(world.names(&leaf().signed_by("8")).len(), 10);
    assert!(matches!(world.why(&leaf().signed_by("9")).reason, PathError::TooLong { most: 10 }));
}

#[test]
fn r_c4_mesh_of_1000() {
    // Ten names with a hundred keys each; every key is certified under every other name.
    let mut between = Vec::new();
    for n in 0..1000 {
        let key = format!("key {n}");
        let subject = Make { key: key.clone(), ..make(&format!("CA {}", n % 10)).ca(None) };
        between
            .push(subject.signed_with(&format!("CA {}", (n + 1) % 10), &format!("key {}", (n + 1) % 1000)));
    }
    let world = world(root(), between);
    let leaf = leaf().signed_with("CA 0", "key 0");
    let begin = Instant::now();
    let outcome = world.find(&leaf);
    let elapsed = begin.elapsed();
    assert!(outcome.valid.is_none());
    assert!(outcome.rejected.iter().any(|path| matches!(path.reason, PathError::BudgetExceeded { .. })));
    assert!(outcome.rejected.len() <= 2 * world.limits.path_candidates, "{}", outcome.rejected.len());
    assert!(outcome.work.path_signatures <= 100 && outcome.work.path_candidates <= 200, "{:?}", outcome.work);
    assert!(elapsed.as_millis() < 250, "{elapsed:?}");
}

#[test]
fn r_c4_mesh_with_good_signatures() {
    // 250 names, each certified by the four that follow: 4^8 ways up, none to the anchor.
    let issuers = |n: usize| (1..=4).map(move |step| format!("CA {}", (n + step) % 250));
    let between = (0..250)
        .flat_map(|n| issuers(n).map(move |issuer| make(&format!("CA {n}")).ca(None).signed_by(&issuer)));
    let world = world(root(), between.collect());
    assert_eq!(world.between.len(), 1000);
    let begin = Instant::now();
    let why = world.why(&leaf().signed_by("CA 0")).reason;
    assert!(matches!(why, PathError::BudgetExceeded { .. }), "{why:?}");
    assert!(begin.elapsed().as_millis() < 250, "{:?}", begin.elapsed());
}

#[test]
fn r_c4_candidates_are_counted() {
    let between = (0..250).map(|n| Make { key: n.to_string(), ..make("CA") }.signed_by("Root")).collect();
    let why = world(root(), between).why(&leaf().signed_by("CA")).reason;
    assert_eq!(why, PathError::BudgetExceeded { name: "path_candidates", limit: 200 });
}

#[test]
fn r_c4_signatures_are_counted() {
    let between =
        (0..150).map(|n| Make { key: n.to_string(), ..make("CA").ca(None) }.signed_by("Root")).collect();
    let why = world(root(), between).why(&leaf().signed_by("CA")).reason;
    assert_eq!(why, PathError::BudgetExceeded { name: "path_signatures", limit: 100 });
}

#[test]
fn r_c4_names_are_counted() {
    let many: Vec<u8> =
        (0..600).flat_map(|n| encode(context(1), &[format!("{n}@a.example").as_bytes()])).collect();
    let bases: Vec<u8> =
        (0..600).flat_map(|_| encode(SEQUENCE, &[&encode(context(1), &[b"a.example"])])).collect();
    let constraints = encode(SEQUENCE, &[&encode(constructed(0), &[&bases])]);
    let world = world(root().with(oid::NAME_CONSTRAINTS, true, constraints), Vec::new());
    let leaf = make("Leaf").with(oid::SUBJECT_ALT_NAME, false, encode(SEQUENCE, &[&many])).signed_by("Root");
    assert!(matches!(world.why(&leaf).reason, PathError::BudgetExceeded { name: "path_names", .. }));
}

#[test]
fn r_c4_crowds_of_certificates() {
    // A hundred certificates came along, all of one name, and a hundred signers ask.
    let between: Vec<_> =
        (0..100).map(|n| Make { key: n.to_string(), ..make("CA").ca(None) }.signed_by("Root")).collect();
    let world = world(root(), between);
    let leaves: Vec<_> = (0..100).map(|n| leaf().signed_with("CA", &n.to_string())).collect();
    let begin = Instant::now();
    for leaf in &leaves {
        let outcome = world.find(leaf);
        let spent =
            outcome.rejected.iter().any(|path| matches!(path.reason, PathError::BudgetExceeded { .. }));
        assert!(outcome.valid.is_some() || spent);
        assert!(outcome.work.path_signatures <= 100 && outcome.work.path_candidates <= 200);
    }
    assert!(begin.elapsed().as_secs() < 25, "{:?} for a hundred searches", begin.elapsed());
}

#[test]
fn r_c5_error_texts_are_short() {
    let long = "ä,".repeat(450);
    let narrow = world(make(&long).ca(None).permit(encode(context(1), &[b"example.org"])), Vec::new());
    let mailbox = format!("{}@evil.example", "a".repeat(400_000));
    for leaf in [make(&long).mailbox(&mailbox).signed_by(&long), make(&long).signed_by(&long.repeat(20))] {
        let text = narrow.why(&leaf).reason.to_string();
        assert!(text.len() <= 4096, "{}", text.len());
    }
}

/// Each of eight policies is mapped to all eight, thirty-two times: 8^32 ways through a tree.
#[test]
fn r_c3_policies_of_many_ways() {
    let policy = |n: usize| ObjectIdentifier::new_unwrap(&format!("1.2.3.{n}"));
    let policies = |make: Make| policies::with_policies(make, &(1..=8).map(policy).collect::<Vec<_>>());
    let pairs: Vec<_> = (0..64).map(|n| (policy(1 + n / 8), policy(1 + n % 8))).collect();
    let authority = |n: usize| policies::with_mappings(policies(make(&n.to_string()).ca(None)), &pairs);
    let between = (1..=31).map(|n| match n {
        1 => authority(n).signed_by("Root"),
        _ => authority(n).signed_by(&(n - 1).to_string()),
    });
    let mut world = world(root(), between.collect());
    world.limits = Limits::default().path_depth(40);
    let leaf = policies(leaf()).signed_by("31");
    let settings = PolicySettings::new().accept(["1.2.3.5"]).require();
    let begin = Instant::now();
    let provider = toy_provider();
    let request = PathRequest::new(&leaf, &world.anchors, world.purpose, AT, &provider, &world.limits);
    let path = find(&request.intermediates(&world.between).policies(&settings)).valid.unwrap();
    // Without optimization it may take longer than the 50 ms that are meant.
    assert!(begin.elapsed().as_millis() < 500, "{:?}", begin.elapsed());
    assert_eq!((path.certificates.len(), path.policies), (33, vec!["1.2.3.5".to_owned()]));
}
