//! Certificate policies (RFC 5280 §6.1, RFC 9618).

use const_oid::ObjectIdentifier;

use super::*;

fn octets(oid: ObjectIdentifier) -> Vec<u8> {
    encode(OID, &[oid.as_bytes()])
}

pub(super) fn with_policies(make: Make, policies: &[ObjectIdentifier]) -> Make {
    let policies: Vec<_> = policies.iter().map(|policy| encode(SEQUENCE, &[&octets(*policy)])).collect();
    make.with(oid::CERTIFICATE_POLICIES, false, encode(SEQUENCE, &[&policies.concat()]))
}

pub(super) fn with_mappings(make: Make, pairs: &[(ObjectIdentifier, ObjectIdentifier)]) -> Make {
    let pairs: Vec<_> =
        pairs.iter().map(|(from, to)| encode(SEQUENCE, &[&octets(*from), &octets(*to)])).collect();
    make.with(oid::POLICY_MAPPINGS, true, encode(SEQUENCE, &[&pairs.concat()]))
}

const ANY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32.0");
const A: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.3.1");
const B: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.3.2");
const C: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.3.3");

/// Root, then authorities CA0, CA1 … as they are given, then a leaf.
fn policies(
    anchor: Make,
    authorities: &[Make],
    last: Make,
    settings: &PolicySettings,
) -> Result<Vec<String>, PathError> {
    let issuer = |n: usize| if n == 0 { "Root".to_owned() } else { format!("CA{}", n - 1) };
    let named = |(n, one): (usize, &Make)| {
        Make { subject: format!("CA{n}"), key: format!("CA{n}"), ..one.clone() }.signed_by(&issuer(n))
    };
    let world = world(anchor, authorities.iter().enumerate().map(named).collect());
    let leaf = last.signed_by(&issuer(authorities.len()));
    let provider = toy_provider();
    let request = PathRequest::new(&leaf, &world.anchors, world.purpose, AT, &provider, &world.limits);
    let outcome = find(&request.intermediates(&world.between).policies(settings));
    match outcome.valid {
        Some(path) => Ok(path.policies),
        None => Err(outcome.rejected[0].reason.clone()),
    }
}

fn ca(list: &[ObjectIdentifier]) -> Make {
    with_policies(make("CA").ca(None), list)
}

fn end(list: &[ObjectIdentifier]) -> Make {
    with_policies(leaf(), list)
}

fn dotted(list: &[ObjectIdentifier]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

#[test]
fn r_c1_policies_of_the_path() {
    let any = PolicySettings::new();
    let of = |authorities: &[Make], leaf: Make| policies(root(), authorities, leaf, &any).unwrap();
    assert_eq!(of(&[ca(&[A, B])], end(&[B, C])), dotted(&[B]));
    assert_eq!(of(&[ca(&[ANY])], end(&[A])), dotted(&[A]));
    assert_eq!(of(&[ca(&[A])], end(&[ANY])), dotted(&[A]));
    assert_eq!(of(&[ca(&[ANY])], end(&[ANY])), dotted(&[ANY]));
    assert_eq!(of(&[ca(&[A])], leaf()), dotted(&[]));
    assert_eq!(of(&[ca(&[A])], end(&[B])), dotted(&[]));
    // Mapped policies are told in the words of the anchor.
    assert_eq!(of(&[with_mappings(ca(&[A]), &[(A, B)])], end(&[B])), dotted(&[A]));
    assert_eq!(of(&[with_mappings(ca(&[A]), &[(A, B)])], end(&[A])), dotted(&[]));
    assert_eq!(of(&[with_mappings(ca(&[ANY]), &[(A, B)])], end(&[B])), dotted(&[A]));
    assert_eq!(of(&[with_mappings(ca(&[A, C]), &[(A, B), (C, B)])], end(&[B])), dotted(&[A, C]));
    assert_eq!(of(&[with_mappings(ca(&[A]), &[(A, B), (A, C)])], end(&[C])), dotted(&[A]));
    // RFC 9618 §5.6: what is below anyPolicy counts only as far as it reaches the leaf.
    assert_eq!(of(&[ca(&[ANY]), ca(&[A, B])], end(&[A])), dotted(&[A]));
}

#[test]
fn r_c1_policies_that_are_asked_for() {
    let b = PolicySettings::new().accept(["1.2.3.2"]);
    let b_only = b.clone().require();
    assert_eq!(policies(root(), &[ca(&[A, B])], end(&[A, B]), &b), Ok(dotted(&[B])));
    assert_eq!(policies(root(), &[ca(&[A, B])], end(&[A]), &b), Ok(dotted(&[])));
    let refused = |outcome| matches!(outcome, Err(PathError::Policy { .. }));
    assert!(refused(policies(root(), &[ca(&[A, B])], end(&[A]), &b_only)));
    assert!(refused(policies(root(), &[], leaf(), &b_only)));
    assert_eq!(policies(root(), &[ca(&[ANY])], end(&[ANY]), &b_only), Ok(dotted(&[B])));
    let mapped = || [with_mappings(ca(&[B]), &[(B, C)])];
    assert_eq!(policies(root(), &mapped(), end(&[C]), &b_only), Ok(dotted(&[B])));
    assert!(refused(policies(root(), &mapped(), end(&[C]), &b_only.clone().inhibit_mapping())));
    assert!(refused(policies(root(), &[ca(&[ANY])], end(&[B]), &b_only.inhibit_any_policy())));
    // anyPolicy may neither be mapped nor be mapped to (§6.1.4 (a)).
    for pair in [(ANY, A), (A, ANY)] {
        assert!(refused(policies(
            root(),
            &[with_mappings(ca(&[A]), &[pair])],
            end(&[A]),
            &PolicySettings::new()
        )));
    }
}

/// RFC 5937 §3.2: the anchor's own policies bound what is asked for.
#[test]
fn r_c10_policies_of_the_anchor() {
    let anchor = || with_policies(root(), &[A]);
    assert_eq!(policies(anchor(), &[ca(&[A, B])], end(&[A, B]), &PolicySettings::new()), Ok(dotted(&[A])));
    let b = PolicySettings::new().accept(["1.2.3.2"]).require();
    assert!(policies(anchor(), &[ca(&[A, B])], end(&[A, B]), &b).is_err());
    assert_eq!(policies(with_policies(root(), &[ANY]), &[ca(&[B])], end(&[B]), &b), Ok(dotted(&[B])));
}
