//! A stranger's certificates never make anything trusted that was not, and never hide what was.

use proptest::prelude::*;

use super::*;

const NAMES: [&str; 5] = ["Root", "A", "B", "C", "Leaf"];
const KEYS: [&str; 6] = ["Root", "A", "B", "C", "Leaf", "Mallory"];

/// Honest certificates, of which some paths hold and others do not.
fn honest() -> Vec<Certificate> {
    let ca = |name: &str| make(name).ca(None);
    vec![
        ca("A").signed_by("Root"),
        make("B").ca(Some(0)).signed_by("A"),
        ca("C").permit(encode(context(1), &[b"example.com"])).signed_by("Root"),
        ca("C").signed_by("B"),
        ca("A").valid("20100101000000Z", "20200101000000Z").signed_by("Root"),
        ca("B").signed_by("C"),
    ]
}

/// Anything that somebody without the keys of the honest may write: signed by Mallory, by itself, or not at all.
fn stranger() -> impl Strategy<Value = Certificate> {
    let parts = (0..NAMES.len(), 0..KEYS.len(), 0..NAMES.len(), any::<[bool; 4]>(), 0..3_u8);
    parts.prop_map(|(subject, key, issuer, [ca, narrow, old, critical], path_len)| {
        let mut made = Make { key: KEYS[key].to_owned(), ..make(NAMES[subject]) };
        if ca {
            made = made.ca((path_len < 2).then_some(path_len));
        }
        if narrow {
            made = made.permit(encode(context(1), &[b"evil.example"]));
        }
        if old {
            made = made.valid("20100101000000Z", "20200101000000Z");
        }
        if critical {
            made = made.with(oid::CA_ISSUERS, true, vec![5, 0]);
        }
        made.signed_with(NAMES[issuer], "Mallory")
    })
}

fn leaves() -> [Certificate; 5] {
    let narrow = || make("Leaf").mailbox("leaf@example.com").key_usage(0x80);
    [
        leaf().signed_by("A"),
        leaf().signed_by("B"),
        leaf().signed_by("C"),
        narrow().signed_by("C"),
        leaf().signed_with("A", "Mallory"),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn r_c4_strangers_change_nothing(
        strangers in prop::collection::vec(stranger(), 0..8),
        places in prop::collection::vec(any::<prop::sample::Index>(), 8),
    ) {
        let alone = world(root(), honest());
        let mut between = honest();
        for (stranger, place) in strangers.into_iter().zip(places) {
            between.insert(place.index(between.len() + 1), stranger);
        }
        let among = world(root(), between);
        for leaf in leaves() {
            let (before, after) = (alone.find(&leaf), among.find(&leaf));
            let spent = |path: &RejectedPath| matches!(path.reason, PathError::BudgetExceeded { .. });
            prop_assert!(!after.rejected.iter().any(spent));
            prop_assert_eq!(before.valid.is_some(), after.valid.is_some());
            // What is told of an anchored path stays the same, too.
            let told = |outcome: &PathOutcome| outcome.rejected.iter().find(|path| path.anchored).cloned();
            if after.valid.is_none() {
                prop_assert_eq!(told(&before).map(|path| path.reason), told(&after).map(|path| path.reason));
            }
        }
    }
}

#[test]
fn r_c4_the_honest_alone_differ() {
    let alone = world(root(), honest());
    let valid: Vec<bool> = leaves().iter().map(|leaf| alone.find(leaf).valid.is_some()).collect();
    assert_eq!(valid, [true, true, false, true, false]);
}
