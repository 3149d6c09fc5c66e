use crate::error::Error;
use crate::mime::Address;
use crate::policy::{Action, Policy, Protection};

fn read(text: &str) -> Result<Policy, Error> {
    Policy::from_toml(text, "policy.toml")
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

/// The line, and what is said.
fn complaint(text: &str) -> String {
    let said = read(text).unwrap_err().to_string();
    said.strip_prefix("not readable as a policy: policy.toml:").unwrap_or(&said).to_owned()
}

#[test]
fn every_error_has_its_line_and_what_was_meant() {
    for (text, said) in [
        ("\n[[sending]\n", "2: "),
        ("\npreset = \"standart\"\n", "2: `preset` is not \"standart\"; did you mean \"standard\"?"),
        ("preset = 1", "1: `preset` is a text in quotation marks"),
        ("presets = \"strict\"", "1: unknown key \"presets\" in a policy; did you mean \"preset\"?"),
        ("colour = \"red\"", "1: unknown key \"colour\" in a policy; it has preset, own, lists"),
        ("[[sendings]]\nsign = true\n", "1: unknown key \"sendings\" in a policy; did you mean \"sending\"?"),
        ("[sending]\nsign = true\n", "1: \"sending\" is written [[sending]]"),
        ("[[sending]]\n", "1: [[sending]] says nothing"),
        (
            "[[sending]]\nto = \"any\"\nencrpyt = true\n",
            "3: unknown key \"encrpyt\" in [[sending]]; did you mean \"encrypt\"?",
        ),
        ("[[sending]]\nsign = false\n", "2: a rule only adds; leave the key out instead of `false`"),
        ("[[sending]]\nsign = \"yes\"\n", "2: `sign` is true, or left out"),
        ("[[sending]]\n\nto = \"any\"\n", "3: the rule asks nothing"),
        ("[[sending]]\nto = []\nsign = true\n", "2: `to` is empty"),
        ("[[sending]]\nto = [\"any\",\n  3]\nsign = true\n", "3: `to` is a text in quotation marks"),
        (
            "[[sending]]\nto = \"@partner.example\"\nsign = true\n",
            "2: \"@partner.example\" names nobody; did you mean \"*@partner.example\"?",
        ),
        ("[[sending]]\nto = \"outside\"\nsign = true\n", "2: \"outside\" needs `own`"),
        (
            "[lists]\npartners = [\"*@a.example\"]\n[[sending]]\nto = \"partner\"\nsign = true\n",
            "4: there is no list \"partner\"; did you mean \"partners\"?",
        ),
        ("[lists]\npartners = []\n", "2: `partners` is empty"),
        ("[lists]\nany = [\"*@a.example\"]\n", "2: a list cannot be called \"any\""),
        (
            "[lists]\np = [\n  \"*@a.example\",\n  \"b.example\",\n]\n",
            "4: \"b.example\" names nobody; did you mean \"*@b.example\"?",
        ),
        ("[[sending]]\nsign_with = \"A1D2\"\n", "2: not a fingerprint"),
        ("[[sending]]\nsign_with = \"a b@c\"\n", "2: not an e-mail address"),
        (
            "[[sending]]\nencrypt_with = { protocl = \"smime\" }\n",
            "2: unknown key \"protocl\" in encrypt_with; did you mean \"protocol\"?",
        ),
        (
            "[[sending]]\nencrypt_with = { protocol = \"s/mime\" }\n",
            "2: `protocol` is not \"s/mime\"; did you mean \"smime\"?",
        ),
        (
            "[[sending]]\nencrypt_with = { cipher = \"AES-256-GCN\" }\n",
            "2: `cipher` is not \"AES-256-GCN\"; did you mean \"AES-256-GCM\"?",
        ),
        ("[[sending]]\nencrypt_with = { cipher = \"3DES-CBC\" }\n", "2: `cipher` is not \"3DES-CBC\"; "),
        ("[[sending]]\nencrypt_with = {}\n", "2: `encrypt_with` is a table, with at least one key"),
        ("[[incoming]]\nfrom = \"any\"\n", "2: the rule requires nothing"),
        ("[[incoming]]\noutcome = \"god\"\n", "2: `outcome` is not \"god\"; did you mean \"good\"?"),
        (
            "[[incoming]]\noutcome = \"bad\"\n",
            "2: `outcome` is not \"bad\"; it is \"good\", \"caution\", \"none\"",
        ),
        (
            "[[incoming]]\nassurance = \"organisation\"\n",
            "2: `assurance` is not \"organisation\"; did you mean \"organization\"?",
        ),
        ("[[incoming]]\ntrust = \"pinned\"\n", "2: `trust` is not \"pinned\""),
        (
            "[[incoming]]\nencrypted = true\notherwise = \"holds\"\n",
            "3: `otherwise` is not \"holds\"; did you mean \"hold\"?",
        ),
        ("[[exception]]\nalgorithm = \"sha1\"\n", "2: the exception needs `until`"),
        (
            "[[exception]]\nalgorithm = \"sha-1\"\nuntil = 2027-01-01\n",
            "2: `algorithm` is not \"sha-1\"; did you mean \"sha1\"?",
        ),
        (
            "[[exception]]\nalgorithm = \"sha1\"\nuntil = \"2027-01-01\"\n",
            "3: `until` is a date without quotation marks",
        ),
        (
            "[[exception]]\nalgorithm = \"rsa\"\nbits = 512\nuntil = 2027-01-01\n",
            "3: `bits` is a number from 1024 to 2047",
        ),
        ("[[exception]]\nalgorithm = \"sha1\"\nbits = 1024\nuntil = 2027-01-01\n", "3: SHA-1 has no `bits`"),
        ("own = []\n", "1: `own` is empty"),
        ("own = [\"*@a.example\", \"any\"]\n", "1: `own` names everybody"),
        ("[[sending]]\nto = \"*@a.example\"\nexcept = \"any\"\nsign = true\n", "3: with this `except`"),
        (
            "[lists]\np = [\"*@a.example\"]\n[[sending]]\nto = \"p\"\nexcept = [\"p\", \"*@b.example\"]\nsign = true\n",
            "5: with this `except` the rule is about nobody",
        ),
        (
            "[[incoming]]\nfrom = \"*@A.example\"\nexcept = \"*@a.example\"\nencrypted = true\n",
            "3: with this",
        ),
        ("preset = \"standard\"\npreset = \"strict\"\n", "2: duplicate key"),
        ("[[sending]]\r\nsign = true\r\nsign = true\r\n", "3: duplicate key"),
        ("\u{feff}[[sending]]\nsing = true\n", "2: unknown key \"sing\""),
        ("[[sending]]\nreason = \"\0\"\nsign = true\n", "2: "),
        ("[lists]\n\"\\u001b@\" = [\"any\"]\n", "2: a list cannot be called \"\\u{1b}@\""),
        ("sending = [{ sign = true }]\n", "1: \"sending\" is written [[sending]]"),
    ] {
        let complaint = complaint(text);
        assert!(complaint.starts_with(said), "{text}\n{complaint}");
    }
}

#[test]
fn what_is_nested_deep_is_an_error_and_no_more() {
    for text in [
        format!("own = {}", "[".repeat(100_000)),
        format!("own = {}1", "{a=".repeat(100_000)),
        format!("{}own = 1", "a.".repeat(100_000)),
        format!("[{}b]\nc = 1", "a.".repeat(100_000)),
        format!("[[sending]]\nto = \"{}\"\nsign = true\n", "a".repeat(1_000_000)),
    ] {
        assert!(complaint(&text).len() < 1_200_000);
    }
}

#[test]
fn a_rule_is_quoted_by_its_own_line() {
    let policy = read(
        "own = \"*@example.org\"\n\n[lists]\npartners = [\"*@partner.example\", \"dave@example.net\"]\n\n\
         [[sending]]\nto = \"partners\"\nencrypt = true\nsign = true\nreason = \"agreed\"\n\n\
         [[sending]]\nto = \"outside\"\nexcept = \"partners\"\nask_new_domain = true\n",
    )
    .unwrap();
    let decide = |to: &str| policy.sending().decide(Some(&address("alice@example.org")), &address(to));
    let dave = decide("dave@example.net");
    let lines: Vec<&str> = dave.demands.iter().map(|one| one.rule.as_str()).collect();
    assert_eq!(lines, ["policy.toml:9", "policy.toml:8"]);
    assert!(dave.unmet(&Protection::none())[0].text("en").ends_with("(policy.toml:9: agreed)"));
    assert_eq!(decide("eve@example.com").action(), Action::Ask);
    assert_eq!(decide("bob@example.org").demands, []);
}

#[test]
fn the_preset_is_in_the_name() {
    assert_eq!(read("").unwrap().name(), "standard-2026-11+policy.toml");
    let strict = read("preset = \"strict\"\n").unwrap();
    assert_eq!(strict.name(), "strict-2026-11+policy.toml");
    assert!(!strict.lets_unsigned_pass());
    assert!(!strict.algorithms().allows_unauthenticated());
}

#[test]
fn an_exception_ends_with_its_day() {
    let text = "[[exception]]\nalgorithm = \"sha1\"\nuntil = 2027-06-30\n\n\
                [[exception]]\nalgorithm = \"rsa\"\nbits = 1024\nuntil = 2027-06-30\n";
    let algorithms = read(text).unwrap().algorithms().clone();
    let last = crate::time::UnixTime::from_seconds(1_814_399_999);
    let sha1 = crate::crypto::HashAlgorithm::Sha1;
    assert!(!algorithms.at(last).is_weak_hash(sha1));
    assert!(algorithms.at(crate::time::UnixTime::from_seconds(1_814_400_000)).is_weak_hash(sha1));
    // Nobody who does not say when has the exception.
    assert!(algorithms.is_weak_hash(sha1));
}

/// The page shows what can be written.
#[test]
fn the_page_is_true() {
    let page = include_str!("../../../docs/policy.md");
    let mut examples = page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let whole = examples.next().unwrap();
    let policy = read(whole).unwrap();
    assert!(super::KEYS.iter().all(|key| whole.contains(key)));
    for keys in [super::SENDING, super::ENCRYPT_WITH, super::INCOMING, super::EXCEPTION] {
        for key in keys {
            assert!(page.contains(&format!("`{key}`")), "{key}");
            assert!(whole.contains(key), "{key}");
        }
    }
    let bob = policy.sending().decide(Some(&address("alice@example.org")), &address("bob@partner.example"));
    assert!(bob.encrypt());
    for example in examples {
        read(example).unwrap();
    }
}
