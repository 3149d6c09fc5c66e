//! The networks of sequoia-wot that state no results of their own: what the README beside each of them says.

use super::corpora::{NOW, Network, folder};
use super::*;

/// `name@example.org`; who is elsewhere is named in full.
fn whole(name: &str) -> String {
    if name.contains('@') { name.to_owned() } else { format!("{name}@example.org") }
}

/// From one root in full.
#[track_caller]
fn holds(network: &Network, at: i64, root: &str, expected: &[(&str, u8)]) {
    for (target, amount) in expected {
        assert_eq!(network.total(&whole(root), &whole(target), at), *amount, "{root}, {target}, {at}");
    }
}

#[track_caller]
fn now(name: &str, expected: &[(&str, &[(&str, u8)])]) {
    let Some(network) = Network::read(name) else { return };
    expected.iter().for_each(|(root, expected)| holds(&network, NOW, root, expected));
}

/// Amounts and steps, the best first.
fn paths(network: &Network, limits: Limits, root: &str, target: &str) -> Vec<(u8, Vec<String>)> {
    let roots = [(network.of(&whole(root)).fingerprint(), 120)];
    let question = Question { limits, ..network.question(&roots) };
    let target = whole(target);
    let found = question.ask(network.of(&target), &target).paths;
    let at = UnixTime::from_seconds(NOW);
    let names =
        |path: &WebPath| path.steps.iter().map(|step| step.certificate.mailboxes(at).remove(0)).collect();
    found.iter().map(|path| (path.amount, names(path))).collect()
}

fn named(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| whole(name)).collect()
}

#[test]
fn r_c11_best_via_root() {
    now("best-via-root", &[("alice", &[("target", 120)]), ("bob", &[("target", 120), ("yellow", 0)])]);
    let Some(network) = Network::read("best-via-root") else { return };
    let found = paths(&network, Limits::default(), "alice", "target");
    assert_eq!(found, [(120, named(&["alice", "bob", "carol", "target"]))]);
}

/// sq-wot can take everybody for an introducer (`--certification-network`), so that Alice reaches all; here a
/// certification without a trust signature introduces nobody, whatever is asked.
#[test]
fn r_c11_certification_network() {
    now(
        "certification-network",
        &[
            ("alice", &[("bob", 120), ("carol", 0), ("dave", 0)]),
            ("bob", &[("carol", 120), ("dave", 0)]),
            ("carol", &[("dave", 120)]),
            ("dave", &[("alice", 60), ("bob", 0)]),
        ],
    );
}

#[test]
fn r_c11_cliques() {
    for name in ["cliques", "cliques-local-optima", "cliques-local-optima-2"] {
        let Some(network) = Network::read(name) else { return };
        let found = paths(&network, Limits::default().web_depth(20), "root", "target");
        assert_eq!(found.iter().map(|path| u32::from(path.0)).sum::<u32>(), 120, "{name}: {found:?}");
    }
    let Some(network) = Network::read("cliques") else { return };
    // Ten introducers, as many as are followed.
    holds(&network, NOW, "root", &[("target", 120)]);
    assert!(paths(&network, Limits::default().web_depth(9), "root", "target").is_empty());
}

/// Here owner trust is an amount of a root, and such roots count wherever they are: that gpg counts only those whom an
/// ultimately trusted key reaches is left to whoever names the roots.
#[test]
fn r_c11_roots_of_gpg() {
    let Some(folder) = folder() else { return };
    let read = |name: &str| {
        let octets = std::fs::read(folder.join(format!("gpg-trustroots/{name}.pgp"))).unwrap();
        Certificate::load(&octets).unwrap()
    };
    let network = Network(["root", "a1", "a2", "a3", "d", "target"].into_iter().flat_map(read).collect());
    let totals = |roots: &[(&str, u8)]| {
        let roots: Vec<_> =
            roots.iter().map(|(name, amount)| (network.of(&whole(name)).fingerprint(), *amount)).collect();
        let total = |name| network.question(&roots).total(network.of(&whole(name)), &whole(name));
        (total("a1"), total("d"), total("target"))
    };
    assert_eq!(totals(&[("root", 120)]), (120, 0, 0));
    let marginal = [("root", 120), ("a1", 40), ("a2", 40), ("a3", 40)];
    assert_eq!(totals(&marginal), (120, 120, 0));
    assert_eq!(totals(&[&marginal[..], &[("d", 120)]].concat()), (120, 120, 120));
    assert_eq!(totals(&[("root", 120), ("a1", 40), ("a2", 40)]), (120, 80, 0));
}

/// No README: a chain of 260, each an introducer without end.
#[test]
fn r_c11_infinity_and_beyond() {
    let Some(network) = Network::read("infinity-and-beyond") else { return };
    holds(&network, NOW, "u1", &[("u2", 120), ("u11", 120), ("u200", 0), ("u260", 0)]);
    let found = paths(&network, Limits::default().web_depth(300), "u1", "u260");
    assert_eq!((found.len(), found[0].0, found[0].1.len()), (1, 120, 260));
}

#[test]
fn r_c11_isolated_root() {
    let Some(network) = Network::read("isolated-root") else { return };
    let at = network.times("alice@other.org");
    assert_eq!(at.len(), 1, "taken back");
    holds(&network, at[0] - 10, "alice@other.org", &[("alice", 120), ("alice@other.org", 120)]);
    for at in [at[0] + 10, NOW] {
        holds(&network, at, "alice@other.org", &[("alice", 0), ("alice@other.org", 120)]);
    }
}

#[test]
fn r_c11_multiple_certifications_1() {
    now("multiple-certifications-1", &[("alice", &[("bob", 70), ("carol", 70), ("dave", 50)])]);
}

#[test]
fn r_c11_multiple_userids() {
    now("multiple-userids-1", &[("alice", &[("carol", 70), ("dave@other.org", 50)])]);
    now(
        "multiple-userids-2",
        &[
            ("alice", &[("carol", 50), ("ed", 0), ("frank@other.org", 70), ("dave@other.org", 70)]),
            ("bob@some.org", &[("carol", 120), ("ed", 120), ("frank@other.org", 120)]),
        ],
    );
    let Some(network) = Network::read("multiple-userids-3") else { return };
    let found = paths(&network, Limits::default(), "alice", "frank");
    let amounts: Vec<u8> = found.iter().map(|path| path.0).collect();
    assert_eq!(amounts, [20, 10]);
    assert_eq!(found[0].1[2..], named(&["carol", "frank"]));
    assert_eq!(found[1].1[2..], named(&["dave", "ed", "frank"]));
}

/// A certificate whose primary key is bound as a subkey too.
#[test]
fn r_c11_my_own_grandpa() {
    let Some(network) = Network::read("my-own-grandpa") else { return };
    holds(&network, NOW + 10_000_000, "my-own-grandpa", &[("my-own-grandpa", 120)]);
}

#[test]
fn r_c11_one_best_way() {
    let Some(network) = Network::read("one-best-way") else { return };
    // "Created" lies in 2026, beyond the certifications of other networks.
    let at = *network.times("target@example.org").last().unwrap();
    holds(&network, at, "root", &[("alice", 1), ("carol", 120), ("intermediate-a", 120), ("target", 120)]);
}

#[test]
fn r_c11_override() {
    let Some(network) = Network::read("override") else { return };
    let at = network.times("bob@example.org");
    assert_eq!(at.len(), 2);
    holds(&network, at[1] - 10, "alice", &[("bob", 120), ("carol", 120)]);
    holds(&network, at[1] + 10, "alice", &[("bob", 120), ("carol", 0)]);
}

#[test]
fn r_c11_puny_code() {
    now(
        "puny-code",
        &[("alice", &[("hÄNS@bücher.tld", 100), ("carol", 100)]), ("hÄNS@bücher.tld", &[("carol", 100)])],
    );
    let Some(network) = Network::read("puny-code") else { return };
    let hans = network.of("hÄNS@bücher.tld");
    let roots = [(network.of("alice@example.org").fingerprint(), 120)];
    assert_eq!(network.question(&roots).total(hans, "hÄNS@xn--bcher-kva.tld"), 100, "the same domain");
}

#[test]
fn r_c11_regex_3_and_4() {
    now(
        "regex-3",
        &[
            (
                "alice@some.org",
                &[
                    ("bob", 100),
                    ("carol", 100),
                    ("dave@other.org", 100),
                    ("henry@their.org", 0),
                    ("ed", 0),
                    ("frank@other.org", 100),
                    ("george@their.org", 0),
                ],
            ),
            (
                "bob",
                &[("henry@their.org", 100), ("ed", 0), ("frank@other.org", 100), ("george@their.org", 100)],
            ),
            ("dave@other.org", &[("ed", 100), ("frank@other.org", 100), ("george@their.org", 100)]),
        ],
    );
    let Some(network) = Network::read("regex-4") else { return };
    let at = *network.times("carol@some.org").last().unwrap();
    let of_alice = [("bob", 120), ("bob@some.org", 120), ("bob@other.org", 0)];
    holds(&network, at, "alice", &of_alice);
    holds(&network, at, "alice", &[("carol@some.org", 120), ("dave@other.org", 0)]);
    holds(&network, at, "bob", &[("carol@some.org", 120), ("dave@other.org", 120)]);
}

#[test]
fn r_c11_roundabout() {
    now(
        "roundabout",
        &[
            ("alice", &[("bob", 120), ("george", 120), ("henry", 120), ("isaac", 60), ("jenny", 0)]),
            ("jenny", &[("george", 120), ("henry", 120), ("isaac", 0)]),
        ],
    );
}

#[test]
fn r_c11_self_signed() {
    now(
        "self-signed",
        &[
            ("bob", &[("carol", 90), ("carol@other.org", 90), ("dave", 90)]),
            ("alice", &[("carol", 90), ("carol@other.org", 0), ("dave", 0)]),
        ],
    );
}

/// No README: Alice takes a CA for an introducer of its own domain.
#[test]
fn r_c11_trivial() {
    now("trivial", &[("alice", &[("ca@some.org", 40), ("bob@some.org", 40), ("carol@other.org", 0)])]);
}

#[test]
fn r_b20_user_ids_that_are_taken_back() {
    let Some(network) = Network::read("userid-revoked") else { return };
    let at = network.times("bob@example.org");
    assert_eq!(at.len(), 3, "certified, taken back, certified again");
    let expected = [(60, 60, 120), (0, 60, 0), (0, 90, 0)];
    for (at, (bob, carol, itself)) in at.iter().zip(expected) {
        holds(&network, at + 10, "alice", &[("bob", bob), ("carol", carol)]);
        holds(&network, at + 10, "bob", &[("bob", itself)]);
    }
    // No README: Alice certified a user ID that Bob did not bind himself, and took back later. It never counts (R-B21).
    let Some(network) = Network::read("userid-revoked-2") else { return };
    let revoked = &network.of("bob@example.org").cert().userids().collect::<Vec<_>>()[1];
    assert_eq!((revoked.certifications().count(), revoked.self_signatures().count()), (1, 0));
    for at in [1_580_515_210, 1_583_020_810, NOW] {
        let roots = [(network.of("alice@example.org").fingerprint(), 120)];
        let bob = network.of("bob@example.org");
        for address in ["bob@example.org", "bob@other.org"] {
            assert_eq!(network.question(&roots).at(at).total(bob, address), 0, "{address}");
        }
    }
}

/// Of gpg's tests of TOFU only the certifications are compared. What gpg takes for a conflict of two keys with one
/// address is TOFU's; here another key is nothing but unknown, until it is certified by one that is trusted.
#[test]
fn r_c11_certifications_of_tofu() {
    let Some(folder) = folder() else { return };
    let folder = folder.join("../gnupg-openpgp/tests/openpgp/tofu");
    let read = |name: &str| {
        let octets = std::fs::read(folder.join(format!("{name}.gpg"))).unwrap();
        Certificate::load(&octets).unwrap().remove(0)
    };
    let cow =
        |b: &str| Network(vec![read("cross-sigs/EC38277E-2"), read(&format!("cross-sigs/871C2247-{b}"))]);
    let totals = |network: &Network| {
        let roots = [(network.0[0].fingerprint(), 120)];
        let total = |address| network.question(&roots).total(&network.0[1], address);
        (total("spy@cow.de"), total("spy@cow.com"))
    };
    assert_eq!(totals(&cow("1")), (0, 0), "known, and by nobody certified");
    assert_eq!(totals(&cow("2")), (120, 0), "A signs B");
    assert_eq!(totals(&cow("3")), (120, 0), "B takes the address of A as well");
    assert_eq!(totals(&cow("4")), (120, 120), "A signs that too");
    // The other way round; and three keys of one name that nobody certified.
    let network = cow("4");
    assert_eq!(
        network.question(&[(network.0[1].fingerprint(), 120)]).total(&network.0[0], "spy@cow.com"),
        120
    );
    let jokers =
        Network(["1C005AF3", "B662E42F", "BE04EB2B"].map(|id| read(&format!("conflicting/{id}"))).into());
    for root in &jokers.0 {
        for target in &jokers.0 {
            let roots = [(root.fingerprint(), 120)];
            let total = jokers.question(&roots).total(target, "joke.factory@example.com");
            assert_eq!(total, if root == target { 120 } else { 0 });
        }
    }
}
