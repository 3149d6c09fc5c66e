use proptest::prelude::*;

use super::*;

const PEOPLE: [&str; 5] = [
    "alice@example.org",
    "bob@partner.example",
    "carol@mail.partner.example",
    "dave@example.net",
    "Bob@partner.example",
];
const PARTIES: [&str; 6] =
    ["any", "bob@partner.example", "*@partner.example", "*@*.partner.example", "*@example.net", "outside"];
const KEYS: [&str; 3] = ["A", "B", "alice@example.org"];

fn party(text: &str) -> Party {
    match text {
        "outside" => Party::outside(["*@example.org".parse().unwrap()]).unwrap(),
        text => text.parse().unwrap(),
    }
}

fn some_of<T: Clone + std::fmt::Debug + 'static>(all: Vec<T>) -> impl Strategy<Value = Vec<T>> {
    let count = all.len();
    proptest::sample::subsequence(all, 1..=count)
}

fn requirements() -> impl Strategy<Value = Requirement> {
    let keys = || some_of(KEYS.iter().map(ToString::to_string).collect());
    prop_oneof![
        Just(Requirement::Refuse),
        Just(Requirement::Hold),
        Just(Requirement::Ask),
        Just(Requirement::Sign),
        Just(Requirement::Encrypt),
        keys().prop_map(Requirement::SignWith),
        some_of(vec![Protocol::Smime, Protocol::Openpgp]).prop_map(Requirement::Protocols),
        some_of(ContentCipher::WRITTEN.to_vec()).prop_map(Requirement::Ciphers),
        keys().prop_map(Requirement::Certificates),
    ]
}

fn rules() -> impl Strategy<Value = SendingRule> {
    let parties = || proptest::collection::vec(proptest::sample::select(PARTIES.to_vec()), 0..3);
    let asked = proptest::collection::vec(requirements(), 0..3);
    (parties(), parties(), parties(), asked).prop_map(|(from, to, except, asked)| {
        let rule = from.iter().fold(SendingRule::new("rule"), |rule, one| rule.from(party(one)));
        let rule = to.iter().fold(rule, |rule, one| rule.to(party(one)));
        let rule = except.iter().fold(rule, |rule, one| rule.except(party(one)));
        asked.into_iter().fold(rule, SendingRule::require)
    })
}

fn letters() -> impl Strategy<Value = Protection> {
    let names = || some_of(KEYS.iter().map(ToString::to_string).collect());
    let ciphers = proptest::option::of(proptest::sample::select(ContentCipher::WRITTEN.to_vec()));
    let protocol = proptest::sample::select(vec![Protocol::Smime, Protocol::Openpgp]);
    let encryption = (protocol, ciphers, names()).prop_map(|(protocol, cipher, certificates)| Encryption {
        protocol,
        cipher,
        certificates,
    });
    (proptest::collection::vec(names(), 0..3), proptest::option::of(encryption))
        .prop_map(|(signers, encryption)| Protection { signers, encryption })
}

/// What becomes of a letter.
fn outcome(decision: &Decision, letter: &Protection) -> Action {
    if decision.unmet(letter).is_empty() { decision.action() } else { Action::Refuse }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

    /// One rule more, wherever it stands, never permits what was refused, and never lets go what was held or asked about.
    #[test]
    fn one_rule_more_never_permits(
        before in proptest::collection::vec(rules(), 0..5),
        more in rules(),
        place in any::<proptest::sample::Index>(),
        from in proptest::option::of(proptest::sample::select(PEOPLE.to_vec())),
        to in proptest::sample::select(PEOPLE.to_vec()),
        letter in letters(),
    ) {
        let from = from.map(|from| from.parse().unwrap());
        let to = to.parse().unwrap();
        let mut after = before.clone();
        after.insert(place.index(before.len() + 1), more);
        let decide = |rules: Vec<SendingRule>| {
            rules.into_iter().fold(Sending::new(), Sending::rule).decide(from.as_ref(), &to)
        };
        let (before, after) = (decide(before), decide(after));
        prop_assert!(outcome(&after, &letter) <= outcome(&before, &letter));
        prop_assert!(after.action() <= before.action());
        prop_assert!(after.sign() >= before.sign() && after.encrypt() >= before.encrypt());
        let asks = |decision: &Decision| decision.asking().next().is_some();
        let holds = |decision: &Decision| decision.holding().next().is_some();
        prop_assert!(asks(&after) >= asks(&before) && holds(&after) >= holds(&before));
        let unmet = before.unmet(&letter);
        prop_assert!(unmet.iter().all(|one| after.unmet(&letter).contains(one)));
    }

    /// Where rules contradict one another, no letter at all is let go.
    #[test]
    fn what_is_refused_at_once_no_letter_meets(
        rules in proptest::collection::vec(rules(), 0..5),
        to in proptest::sample::select(PEOPLE.to_vec()),
        letter in letters(),
    ) {
        let decision = rules.into_iter().fold(Sending::new(), Sending::rule).decide(None, &to.parse().unwrap());
        if decision.action() == Action::Refuse {
            prop_assert!(!decision.unmet(&letter).is_empty());
        }
    }

    /// Who cannot be told may be anybody: then no rule is missing.
    #[test]
    fn an_unknown_sender_has_all_the_rules(
        rules in proptest::collection::vec(rules(), 0..5),
        from in proptest::sample::select(PEOPLE.to_vec()),
        to in proptest::sample::select(PEOPLE.to_vec()),
    ) {
        let sending = rules.into_iter().fold(Sending::new(), Sending::rule);
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        let unknown = sending.decide(None, &to);
        let known = sending.decide(Some(&from), &to);
        prop_assert!(known.demands.iter().all(|one| unknown.demands.contains(one)));
    }
}

/// Parties of every kind, and all but some of them.
fn any_party() -> impl Strategy<Value = Party> {
    let leaf = (any::<u8>(), proptest::sample::select(PEOPLE.to_vec())).prop_map(|(kind, one)| {
        let address: Address = one.parse().unwrap();
        let domain = address.domain().to_owned();
        let text = match kind % 5 {
            0 => "any".to_owned(),
            1 => format!("*@{domain}"),
            2 => format!("*@*.{}", domain.split_once('.').map_or("example", |(_, above)| above)),
            3 => address.to_string().to_uppercase(),
            _ => address.to_string(),
        };
        text.parse().unwrap()
    });
    leaf.prop_recursive(2, 6, 3, |inner| {
        let own = proptest::collection::vec(inner, 1..3);
        own.prop_map(|own| Party::outside(own).unwrap_or_else(|_| Party::any()))
    })
}

fn any_rules() -> impl Strategy<Value = SendingRule> {
    let parties = || proptest::collection::vec(any_party(), 0..3);
    let asked = proptest::collection::vec(requirements(), 0..3);
    (parties(), parties(), parties(), asked).prop_map(|(from, to, except, asked)| {
        let rule = from.into_iter().fold(SendingRule::new("rule"), SendingRule::from);
        let rule = to.into_iter().fold(rule, SendingRule::to);
        let rule = except.into_iter().fold(rule, SendingRule::except);
        asked.into_iter().fold(rule, SendingRule::require)
    })
}

fn sending(rules: &[SendingRule]) -> Sending {
    rules.iter().cloned().fold(Sending::new(), Sending::rule)
}

/// The same mailbox, by way of another server.
const WAYS: [fn(&Address) -> String; 5] = [
    |to| format!("{}%{}@relay.example", to.local(), to.domain()),
    |to| format!("{}%{}%second.example@[192.0.2.1]", to.local(), to.domain().to_uppercase()),
    |to| format!("{}!{}@localhost", to.domain(), to.local()),
    |to| format!("second.example!{}!{}@relay.example", to.domain(), to.local()),
    |to| format!("\"{}@{}\"@relay.example", to.local(), to.domain()),
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

    /// Files put together ask all that each of them asks, in whatever order; what is asked of somebody is asked whichever
    /// way the letter takes.
    #[test]
    fn neither_another_file_nor_another_way_permits(
        one in proptest::collection::vec(any_rules(), 0..5),
        other in proptest::collection::vec(any_rules(), 0..5),
        from in proptest::option::of(proptest::sample::select(PEOPLE.to_vec())),
        to in proptest::sample::select(PEOPLE.to_vec()),
        way in proptest::sample::select(WAYS.to_vec()),
        letter in letters(),
    ) {
        let from = from.map(|from| from.parse().unwrap());
        let to: Address = to.parse().unwrap();
        let decide = |rules: &Sending, to: &Address| rules.decide(from.as_ref(), to);
        let (one, other) = (sending(&one), sending(&other));
        let (both, turned) = (one.clone().and(&other), other.clone().and(&one));
        let decision = decide(&both, &to);
        for alone in [&one, &other] {
            let before = decide(alone, &to);
            prop_assert!(outcome(&decision, &letter) <= outcome(&before, &letter));
            prop_assert!(before.demands.iter().all(|demand| decision.demands.contains(demand)));
            prop_assert!(!before.encrypt() || decision.encrypt());
            prop_assert!(!before.sign() || decision.sign());
        }
        prop_assert_eq!(outcome(&decision, &letter), outcome(&decide(&turned, &to), &letter));
        prop_assert_eq!(&both.clone().and(&both), &both);
        let around = decide(&both, &way(&to).parse().unwrap());
        prop_assert!(outcome(&around, &letter) <= outcome(&decision, &letter));
        prop_assert!(decision.demands.iter().all(|demand| around.demands.contains(demand)));
    }
}

fn decided(requirements: &[Requirement]) -> Decision {
    let rule = |sending: Sending, (index, one): (usize, &Requirement)| {
        sending.rule(SendingRule::new(format!("policy.toml:{index}")).require(one.clone()))
    };
    let sending = requirements.iter().enumerate().fold(Sending::new(), rule);
    sending.decide(None, &"bob@partner.example".parse().unwrap())
}

#[test]
fn what_contradicts_is_refused_with_both_lines() {
    let certificates = |name: &str| Requirement::Certificates(vec![name.into()]);
    let keys = |name: &str| Requirement::SignWith(vec![name.into()]);
    for pair in [
        [Requirement::Protocols(vec![Protocol::Smime]), Requirement::Protocols(vec![Protocol::Openpgp])],
        [
            Requirement::Protocols(vec![Protocol::Openpgp]),
            Requirement::Ciphers(vec![ContentCipher::Aes256Gcm]),
        ],
        [
            Requirement::Ciphers(vec![ContentCipher::Aes128Gcm]),
            Requirement::Ciphers(vec![ContentCipher::Aes256Gcm]),
        ],
        [certificates("A"), certificates("B")],
        [keys("A"), keys("B")],
    ] {
        let decision = decided(&pair);
        assert_eq!(decision.action(), Action::Refuse, "{pair:?}");
        let unmet = decision.unmet(&Protection::none());
        let lines: Vec<&str> = unmet.iter().map(|one| one.rule.as_str()).collect();
        assert_eq!(lines, ["policy.toml:0", "policy.toml:1"]);
    }
    // The key may be both.
    assert_eq!(decided(&[keys("A"), keys("alice@example.org")]).action(), Action::Pass);
}

#[test]
fn each_requirement_bites() {
    let signer = vec!["alice@example.org".to_owned(), "A".to_owned()];
    let encryption = Encryption {
        protocol: Protocol::Smime,
        cipher: Some(ContentCipher::Aes256Gcm),
        certificates: vec!["B".into()],
    };
    let letter = Protection { signers: vec![signer], encryption: Some(encryption) };
    for (requirement, met) in [
        (Requirement::Refuse, false),
        (Requirement::Hold, true),
        (Requirement::Ask, true),
        (Requirement::Sign, true),
        (Requirement::SignWith(vec!["A".into()]), true),
        (Requirement::SignWith(vec!["B".into()]), false),
        (Requirement::Encrypt, true),
        (Requirement::Protocols(vec![Protocol::Openpgp]), false),
        (Requirement::Ciphers(vec![ContentCipher::Aes256Gcm]), true),
        (Requirement::Ciphers(vec![ContentCipher::Aes128Gcm]), false),
        (Requirement::Certificates(vec!["B".into()]), true),
        (Requirement::Certificates(vec!["A".into()]), false),
    ] {
        let decision = decided(&[requirement]);
        assert_eq!(decision.unmet(&letter).is_empty(), met, "{decision:?}");
        let bare = decision.unmet(&Protection::none()).is_empty();
        assert_eq!(bare, matches!(decision.demands[0].requirement, Requirement::Hold | Requirement::Ask));
    }
}

/// A second signature by somebody else does not help.
#[test]
fn each_key_has_to_be_one_of_those_named() {
    let letter = Protection { signers: vec![vec!["A".into()], vec!["B".into()]], encryption: None };
    assert!(!decided(&[Requirement::SignWith(vec!["A".into()])]).unmet(&letter).is_empty());
}
