mod cache;
mod constraints;
mod corpora;
mod hostile;
mod limbo;
mod pkits;
mod policies;
mod strangers;

use super::*;
use crate::x509::der_reader::{OID, SEQUENCE, constructed, context, encode};
use crate::x509::oid;
use crate::x509::testing::{Make, make, name, toy_provider};

const AT: UnixTime = UnixTime::from_seconds(1_700_000_000);

struct World {
    anchors: Vec<Certificate>,
    between: Vec<Certificate>,
    limits: Limits,
    purpose: Purpose<'static>,
}

fn world(anchor: Make, between: Vec<Certificate>) -> World {
    let anchors = vec![anchor.signed_by(&anchor.subject)];
    World { anchors, between, limits: Limits::default(), purpose: Purpose::EmailSigning }
}

impl World {
    fn find(&self, leaf: &Certificate) -> PathOutcome {
        find(
            &PathRequest::new(leaf, &self.anchors, self.purpose, AT, &toy_provider(), &self.limits)
                .intermediates(&self.between),
        )
    }

    fn names(&self, leaf: &Certificate) -> Vec<String> {
        let outcome = self.find(leaf);
        let path = outcome.valid.unwrap_or_else(|| panic!("{:?}", outcome.rejected));
        path.certificates.iter().map(Certificate::name).collect()
    }

    fn why(&self, leaf: &Certificate) -> RejectedPath {
        let outcome = self.find(leaf);
        assert_eq!(outcome.valid, None);
        outcome.rejected.into_iter().next().unwrap()
    }
}

fn root() -> Make {
    make("Root").ca(None)
}

fn leaf() -> Make {
    make("Leaf").mailbox("leaf@example.org").key_usage(0x80).ext_key_usage("1.3.6.1.5.5.7.3.4")
}

fn plain() -> World {
    world(root(), vec![make("CA").ca(None).signed_by("Root")])
}

#[test]
fn through_an_intermediate() {
    assert_eq!(plain().names(&leaf().signed_by("CA")), ["Leaf", "CA", "Root"]);
    assert_eq!(plain().names(&leaf().signed_by("Root")), ["Leaf", "Root"]);
}

#[test]
fn unknown_issuer() {
    let why = plain().why(&leaf().signed_by("Nobody"));
    assert_eq!((why.anchored, why.reason.rank()), (false, 0));
    assert!(matches!(why.reason, PathError::UnknownIssuer { .. }));
    let nobody = World { anchors: Vec::new(), ..plain() };
    assert!(matches!(nobody.why(&leaf().signed_by("CA")).reason, PathError::UnknownIssuer { .. }));
}

#[test]
fn r_c1_signature() {
    let forged = leaf().signed_with("CA", "Mallory");
    assert!(matches!(plain().why(&forged).reason, PathError::BadSignature { .. }));
    let world = world(root(), vec![make("CA").ca(None).signed_with("Root", "Mallory")]);
    assert!(matches!(world.why(&leaf().signed_by("CA")).reason, PathError::BadSignature { .. }));
}

#[test]
fn r_c1_not_a_ca() {
    let end_entity = make("EE").signed_by("Root");
    let claims_nothing = make("EE").key_usage(0x06).signed_by("Root");
    let version_1 = Make { version: 1, ..make("EE") }.signed_by("Root");
    let says_no = make("EE").with(oid::BASIC_CONSTRAINTS, true, encode(SEQUENCE, &[])).signed_by("Root");
    for ee in [end_entity, claims_nothing, version_1, says_no] {
        let world = world(root(), vec![ee.clone()]);
        assert!(matches!(world.why(&leaf().signed_by("EE")).reason, PathError::NotCa { .. }));
        // Nor does being an anchor make it one.
        let anchored = World { anchors: vec![ee], ..plain() };
        assert!(matches!(anchored.why(&leaf().signed_by("EE")).reason, PathError::NotCa { .. }));
    }
}

#[test]
fn r_c1_key_cert_sign() {
    let world = world(root(), vec![make("CA").ca(None).key_usage(0x82).signed_by("Root")]);
    assert!(matches!(
        world.why(&leaf().signed_by("CA")).reason,
        PathError::KeyUsage { needed: "keyCertSign", .. }
    ));
}

#[test]
fn r_c1_path_length() {
    let a = make("A").ca(Some(0)).signed_by("Root");
    let b = make("B").ca(None).signed_by("A");
    let world = world(root(), vec![a, b]);
    assert_eq!(world.names(&leaf().signed_by("A")).len(), 3);
    let why = world.why(&leaf().signed_by("B")).reason;
    assert!(matches!(why, PathError::PathLength { most: 0, found: 1, .. }));
}

#[test]
fn r_c1_path_length_does_not_count_self_issued() {
    let a = make("A").ca(Some(0)).signed_by("Root");
    let rolled_over = Make { key: "A2".into(), ..make("A").ca(Some(0)) }.signed_by("A");
    let world = world(root(), vec![a, rolled_over]);
    assert_eq!(world.names(&leaf().signed_with("A", "A2")), ["Leaf", "A", "A", "Root"]);
}

#[test]
fn r_c1_leaf_key_usage() {
    let world = plain();
    for (bits, signs, encrypts) in
        [(0x80, true, false), (0x40, true, false), (0x20, false, true), (0x08, false, true)]
    {
        let leaf = leaf().key_usage(bits).signed_by("CA");
        assert_eq!(world.find(&leaf).valid.is_some(), signs);
        let encryption = World { purpose: Purpose::EmailEncryption, ..plain() };
        assert_eq!(encryption.find(&leaf).valid.is_some(), encrypts);
    }
    let why = world.why(&leaf().key_usage(0x20).signed_by("CA"));
    assert!(why.anchored && matches!(why.reason, PathError::KeyUsage { .. }));
    assert_eq!(world.names(&make("Leaf").signed_by("CA")).len(), 3);
}

#[test]
fn r_c1_ext_key_usage() {
    let world = plain();
    let server = make("Leaf").ext_key_usage("1.3.6.1.5.5.7.3.1").signed_by("CA");
    assert!(matches!(world.why(&server).reason, PathError::ExtKeyUsage { .. }));
    assert_eq!(world.names(&make("Leaf").ext_key_usage("2.5.29.37.0").signed_by("CA")).len(), 3);
    let tls_only = make("CA").ca(None).ext_key_usage("1.3.6.1.5.5.7.3.1").signed_by("Root");
    let world = super::tests::world(root(), vec![tls_only]);
    assert!(matches!(world.why(&leaf().signed_by("CA")).reason, PathError::ExtKeyUsage { .. }));
    let world = super::tests::world(root().ext_key_usage("1.3.6.1.5.5.7.3.1"), Vec::new());
    assert!(matches!(world.why(&leaf().signed_by("Root")).reason, PathError::ExtKeyUsage { .. }));
}

#[test]
fn r_c1_unknown_critical() {
    let odd = |make: Make| make.with(oid::CA_ISSUERS, true, vec![5, 0]);
    assert!(matches!(plain().why(&odd(leaf()).signed_by("CA")).reason, PathError::UnknownCritical { .. }));
    let world = world(root(), vec![odd(make("CA").ca(None)).signed_by("Root")]);
    assert!(matches!(world.why(&leaf().signed_by("CA")).reason, PathError::UnknownCritical { .. }));
    let harmless = leaf().with(oid::CA_ISSUERS, false, vec![5, 0]);
    assert_eq!(plain().names(&harmless.signed_by("CA")).len(), 3);
}

#[test]
fn r_c1_broken_extension() {
    let broken = make("Leaf").with(oid::KEY_USAGE, false, vec![3, 0]);
    assert!(matches!(plain().why(&broken.signed_by("CA")).reason, PathError::Malformed { .. }));
}

#[test]
fn r_c1_validity_of_every_certificate() {
    let (old, new) = (("20100101000000Z", "20200101000000Z"), ("20250101000000Z", "20300101000000Z"));
    let expired = |make: Make| make.valid(old.0, old.1);
    let why = plain().why(&expired(leaf()).signed_by("CA"));
    assert!(why.anchored && matches!(why.reason, PathError::Expired { .. }));
    assert_eq!(why.certificates.len(), 3);
    assert!(matches!(
        plain().why(&leaf().valid(new.0, new.1).signed_by("CA")).reason,
        PathError::NotYetValid { .. }
    ));
    let old_ca = world(root(), vec![expired(make("CA").ca(None)).signed_by("Root")]);
    assert!(matches!(old_ca.why(&leaf().signed_by("CA")).reason, PathError::Expired { .. }));
    let old_root = world(expired(root()), Vec::new());
    let why = old_root.why(&leaf().signed_by("Root"));
    assert!(why.anchored && matches!(why.reason, PathError::Expired { .. }));
}

#[test]
fn r_c1_expired_says_nothing_about_forgeries() {
    let forged = leaf().valid("20100101000000Z", "20200101000000Z").signed_with("CA", "Mallory");
    let why = plain().why(&forged);
    assert!(!why.anchored && matches!(why.reason, PathError::BadSignature { .. }));
}

#[test]
fn r_c1_the_worst_reason_of_a_path_decides() {
    let both = make("Leaf").ext_key_usage("1.3.6.1.5.5.7.3.1").valid("20100101000000Z", "20200101000000Z");
    assert!(matches!(plain().why(&both.signed_by("CA")).reason, PathError::ExtKeyUsage { .. }));
}

#[test]
fn r_c1_name_constraints() {
    let base = |text: &str| encode(context(1), &[text.as_bytes()]);
    let world = |ca: Make| world(root(), vec![ca.signed_by("Root"), make("B").ca(None).signed_by("CA")]);
    let narrow = world(make("CA").ca(None).permit(base("example.org")));
    assert_eq!(narrow.names(&leaf().signed_by("B")).len(), 4);
    let outside = make("Leaf").mailbox("leaf@evil.example").signed_by("B");
    assert!(matches!(narrow.why(&outside).reason, PathError::NameConstraint { .. }));
    // Where emailAddress of the subject counts as a mailbox, it is bound as well.
    let in_subject =
        Make { email_in_subject: Some("leaf@evil.example".into()), ..make("Leaf") }.signed_by("B");
    assert_eq!(in_subject.mailboxes(), ["leaf@evil.example"]);
    assert!(matches!(narrow.why(&in_subject).reason, PathError::NameConstraint { .. }));
    let directory = world(make("CA").ca(None).permit(encode(constructed(4), &[&name("Somebody", None)])));
    assert!(matches!(directory.why(&leaf().signed_by("CA")).reason, PathError::NameConstraint { .. }));
    let anchor = super::tests::world(root().permit(base("example.com")), Vec::new());
    assert!(matches!(anchor.why(&leaf().signed_by("Root")).reason, PathError::NameConstraint { .. }));
}

#[test]
fn r_c1_constraints_not_enforced() {
    let registered = encode(context(8), &[&[42, 3]]);
    let world = world(root().permit(registered.clone()), Vec::new());
    assert_eq!(world.names(&leaf().signed_by("Root")).len(), 2);
    let names = encode(SEQUENCE, &[&registered]);
    let why = world.why(&make("Leaf").with(oid::SUBJECT_ALT_NAME, false, names).signed_by("Root")).reason;
    assert!(matches!(why, PathError::ConstraintNotEnforced { constraint: Constraint::NameConstraints, .. }));
}

#[test]
fn r_c1_required_policies() {
    let required = encode(SEQUENCE, &[&encode(context(0), &[&[0]])]);
    let policy = |make: Make| {
        let policy = encode(SEQUENCE, &[&encode(OID, &[oid::OCSP.as_bytes()])]);
        make.with(oid::CERTIFICATE_POLICIES, false, encode(SEQUENCE, &[&policy]))
    };
    let demanding = || make("CA").ca(None).with(oid::POLICY_CONSTRAINTS, true, required.clone());
    let without = world(root(), vec![demanding().signed_by("Root")]);
    assert!(matches!(without.why(&policy(leaf()).signed_by("CA")).reason, PathError::Policy { .. }));
    let with = world(root(), vec![policy(demanding()).signed_by("Root")]);
    assert!(matches!(with.why(&leaf().signed_by("CA")).reason, PathError::Policy { .. }));
    assert_eq!(with.names(&policy(leaf()).signed_by("CA")).len(), 3);
    let by_itself = leaf().with(oid::POLICY_CONSTRAINTS, true, required.clone());
    assert!(matches!(plain().why(&by_itself.signed_by("CA")).reason, PathError::Policy { .. }));
    let anchor = world(root().with(oid::POLICY_CONSTRAINTS, true, required.clone()), Vec::new());
    assert!(matches!(anchor.why(&leaf().signed_by("Root")).reason, PathError::Policy { .. }));
    assert_eq!(anchor.names(&policy(leaf()).signed_by("Root")).len(), 2);
}

#[test]
fn r_c1_alternative_chains() {
    // The likely-looking issuers are expired, forged or no authorities; a good one stands last.
    let decoys = vec![
        make("CA").ca(None).valid("20100101000000Z", "20200101000000Z").signed_by("Root"),
        make("CA").ca(None).signed_with("Root", "Mallory"),
        make("CA").signed_by("Root"),
        Make { key: "other".into(), ..make("CA").ca(None) }.signed_by("Root"),
        make("CA").ca(None).signed_by("Root"),
    ];
    assert_eq!(world(root(), decoys).names(&leaf().signed_by("CA")).len(), 3);
}

#[test]
fn r_c10_anchors_need_not_sign_themselves() {
    let anchors = vec![make("CA").ca(None).signed_by("Far Away")];
    let world = World { anchors, between: Vec::new(), ..plain() };
    assert_eq!(world.names(&leaf().signed_by("CA")), ["Leaf", "CA"]);
}

#[test]
fn r_c10_self_signed_leaf_only_if_it_is_the_anchor() {
    let own = leaf().signed_by("Leaf");
    assert!(matches!(plain().why(&own).reason, PathError::UnknownIssuer { .. }));
    let pinned = World { anchors: vec![own.clone()], ..plain() };
    assert_eq!(pinned.names(&own), ["Leaf"]);
    let other = leaf().valid("20200101000000Z", "20310101000000Z").signed_by("Leaf");
    assert_eq!(pinned.find(&other).valid, None);
    let unfit = leaf().key_usage(0x20).signed_by("Leaf");
    let pinned = World { anchors: vec![unfit.clone()], ..plain() };
    assert!(matches!(pinned.why(&unfit).reason, PathError::KeyUsage { .. }));
}

#[test]
fn names_compare_as_rfc_5280() {
    let world = world(root(), vec![make("Some  CA").ca(None).signed_with("ROOT", "Root")]);
    assert_eq!(world.names(&leaf().signed_with("some ca", "Some  CA")), ["Leaf", "Some  CA", "Root"]);
}
