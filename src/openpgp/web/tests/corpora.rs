//! The networks of sequoia-wot, each by its own README.

use super::*;

/// As the tests of the whole product find it.
pub(super) fn folder() -> Option<std::path::PathBuf> {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    let folder = std::env::var_os("MAILSEAL_CORPORA").map_or(here, Into::into).join("sequoia-wot");
    if !folder.is_dir() {
        println!("skipped: no corpora at {}", folder.display());
        return None;
    }
    Some(folder)
}

pub(super) struct Network(pub(super) Vec<Certificate>);

impl Network {
    pub(super) fn read(name: &str) -> Option<Self> {
        let octets = std::fs::read(folder()?.join(format!("{name}.pgp"))).unwrap();
        Some(Self(Certificate::load(&octets).unwrap()))
    }

    pub(super) fn of(&self, address: &str) -> &Certificate {
        let address = address.parse().unwrap();
        self.0.iter().find(|one| one.claims(&address)).unwrap()
    }

    pub(super) fn question<'a>(&'a self, roots: &'a [(String, u8)]) -> Question<'a> {
        Question::new(&self.0, roots).at(NOW)
    }

    /// From one root in full, and as of a time.
    pub(super) fn total(&self, root: &str, target: &str, at: i64) -> u8 {
        let roots = [(self.of(root).fingerprint(), 120)];
        self.question(&roots).at(at).total(self.of(target), target)
    }

    /// The times at which others certified what it says, or its own holder took it back, from the file itself.
    pub(super) fn times(&self, of: &str) -> Vec<i64> {
        let mut times: Vec<i64> = Vec::new();
        for id in self.of(of).cert().userids() {
            let made = id.certifications().chain(id.other_revocations()).chain(id.self_revocations());
            times.extend(made.filter_map(super::super::super::signature::created).map(|t| t.seconds()));
        }
        times.sort_unstable();
        times.dedup();
        times
    }
}

/// The certifications end in October 2026.
pub(super) const NOW: i64 = 1_700_000_000;

#[test]
fn r_c11_stated_results() {
    let Some(folder) = folder() else { return };
    let stated = std::fs::read(folder.join("expected.json")).unwrap();
    let stated: serde_json::Value = serde_json::from_slice(&stated).unwrap();
    let mut count = 0;
    for network in stated["networks"].as_array().unwrap() {
        let keys = Network::read(network["test"].as_str().unwrap()).unwrap();
        for case in network["cases"].as_array().unwrap() {
            let roots = case["roots"].as_array().unwrap().iter();
            let amount = |root: &serde_json::Value| u8::try_from(root["amount"].as_u64().unwrap()).unwrap();
            let roots = roots.map(|root| (root["fpr"].as_str().unwrap().to_owned(), amount(root)));
            let roots: Vec<_> = roots.collect();
            let target = keys.0.iter().find(|one| one.fingerprint() == case["target"]).unwrap();
            let address = case["userid"].as_str().unwrap().trim_matches(['<', '>']);
            let web = keys.question(&roots).ask(target, address);
            let wanted = case["paths"].as_array().unwrap();
            // 120 suffices here; where more is asked for, the first of the paths is enough.
            let wanted = if case["required"].is_null() { &wanted[..] } else { &wanted[..1] };
            assert_eq!(web.paths.len(), wanted.len(), "{case}");
            for (path, wanted) in web.paths.iter().zip(wanted) {
                let steps: Vec<_> = path.steps.iter().map(|step| step.certificate.fingerprint()).collect();
                let steps = serde_json::to_value(steps).unwrap();
                assert_eq!(path.amount, amount(wanted), "{case}");
                // Of two roots that give the same, either will do.
                assert!(steps == wanted["path"] || !case["required"].is_null(), "{case}: {steps}");
            }
            count += 1;
        }
    }
    assert_eq!(count, 19);
}

#[test]
fn r_c11_expressions_bound_whom_an_introducer_names() {
    let Some(network) = Network::read("regex-1") else { return };
    let total = |target| network.total("alice@some.org", target, NOW);
    assert_eq!(total("bob@example.org"), 100);
    assert_eq!(total("carol@example.org"), 100);
    assert_eq!(total("dave@other.org"), 0);
    assert_eq!(total("ed@example.org"), 0);
    assert_eq!(total("frank@other.org"), 0);
    let from_bob = |target| network.total("bob@example.org", target, NOW);
    assert_eq!((from_bob("ed@example.org"), from_bob("frank@other.org")), (0, 100));

    let Some(network) = Network::read("regex-2") else { return };
    let total = |target| network.total("alice@some.org", target, NOW);
    assert_eq!((total("carol@other.org"), total("dave@their.org"), total("ed@example.org")), (100, 0, 100));
}

#[test]
fn r_c11_shorter_paths_first() {
    let Some(network) = Network::read("local-optima") else { return };
    let total = |target| network.total("alice@example.org", target, NOW);
    assert_eq!((total("bob@example.org"), total("ellen@example.org")), (120, 120));
    // By way of C 100, by way of D 50: what B gives C and D is apart, what E gives H is 120.
    assert_eq!((total("henry@example.org"), total("georgina@example.org")), (120, 30));
    assert_eq!(total("francis@example.org"), 120, "75 by the short way, and 45 by the other");
}

#[test]
fn r_b20_what_expires_and_is_revoked() {
    let Some(_) = folder() else { return };
    let (alice, bob, carol) = ("alice@example.org", "bob@example.org", "carol@example.org");

    let network = Network::read("certification-revoked").unwrap();
    let at = network.times(bob);
    assert_eq!(at.len(), 3, "certified, taken back, certified again");
    let totals = |target| at.iter().map(|at| network.total(alice, target, at + 10)).collect::<Vec<_>>();
    assert_eq!((totals(bob), totals(carol)), (vec![60, 0, 120], vec![60, 0, 120]));

    let network = Network::read("zero-trust").unwrap();
    let at = network.times(carol);
    assert_eq!(at.iter().map(|at| network.total(alice, carol, at + 10)).collect::<Vec<_>>(), [60, 0]);

    let network = Network::read("certification-liveness").unwrap();
    let at = network.times(bob);
    let totals = |after| at.iter().map(|at| network.total(alice, carol, at + after)).collect::<Vec<_>>();
    assert_eq!(totals(10), [60, 120]);
    assert_eq!(network.total(alice, bob, NOW), 60, "the later one has expired");

    let network = Network::read("cert-expired").unwrap();
    let at = network.times(carol);
    assert_eq!(network.total(alice, carol, at[0] + 10), 60);
    assert_eq!(network.total(alice, carol, NOW), 60, "made while it was alive");
    assert_eq!(network.total(alice, bob, NOW), 120);

    // By way of Bob 60, by way of Carol 30.
    let dave = "dave@example.org";
    let soft = Network::read("cert-revoked-soft").unwrap();
    let at = soft.times(dave);
    assert_eq!(soft.total(alice, dave, at[0] + 10), 90);
    assert_eq!(
        (soft.total(alice, dave, NOW), soft.total(bob, dave, NOW)),
        (90, 60),
        "made before he retired"
    );
    let hard = Network::read("cert-revoked-hard").unwrap();
    let at = hard.times(dave);
    for at in [at[0] + 10, NOW] {
        assert_eq!(
            (hard.total(alice, dave, at), hard.total(bob, dave, at)),
            (30, 0),
            "whatever the root says"
        );
    }

    // "Certifications made prior to 1673363202 are made with SHA-1."
    let network = Network::read("sha1").unwrap();
    for target in [bob, carol] {
        assert_eq!(network.total(alice, target, 1_673_363_201), 0, "{target}");
    }
}

/// What gpg 2.2 says of its own scenarios where Alice is ultimate, and nobody else has owner trust: its uid lines `f`.
#[test]
fn r_c11_scenarios_of_gnupg() {
    let Some(folder) = folder() else { return };
    let believed: [&[&str]; 4] = [
        &["bobby@example.com"],
        &["bobby@example.com", "carol@example.net", "david@example.org"],
        &["bobby@example.com", "carol@example.net", "david@example.org"],
        // gpg takes grace@example.net as well: it bounds whom David names by his domain, and not whom Heidi names,
        // whom David made an introducer. Here an expression bounds all that follows, as sequoia-wot has it.
        &["bobby@example.com", "david@example.org", "heidi@example.org"],
    ];
    for (number, believed) in (1..).zip(believed) {
        let file = folder.join(format!("../gnupg-openpgp/tests/openpgp/trust-pgp/scenario{number}.asc"));
        let network = Network(Certificate::load(&std::fs::read(file).unwrap()).unwrap());
        for key in &network.0 {
            let address = key.mailboxes(UnixTime::from_seconds(NOW)).remove(0);
            let full = address == "alice@example.org" || believed.contains(&address.as_str());
            let total = network.total("alice@example.org", &address, NOW);
            assert_eq!(total, if full { 120 } else { 0 }, "scenario {number}, {address}");
        }
    }
}
