//! Blind copies: however a draft names them, nobody is told (R-A16).

use mailseal::{Composer, Plan, Policy};

use crate::people::people;
use crate::stage::AT;

/// However the field is spelled, whoever is in Bcc is planned for and named to nobody.
#[test]
fn r_a16_blind_copies_in_odd_spelling() {
    let Some(people) = people() else { return };
    let mut letters = 0;
    for field in [
        "Bcc : alice@example.org",
        "BCC\t: alice@example.org",
        "bcc:\r\n alice@example.org",
        "Bcc: hidden: alice@example.org;",
        "Bcc: (a note) \"A\" <alice@example.org>",
        "Resent-Bcc : alice@example.org\r\nBcc: Alice@example.org",
        "Bcc:\r\nBcc: alice@example.org",
        "Bcc: alice@EXAMPLE.org, alice@example.org",
    ] {
        let draft =
            format!("From: bob@example.com\r\nTo: bob@example.com\r\n{field}\r\nSubject: x\r\n\r\nHello\r\n");
        let Ok(plan) = Plan::new(&people.cx, draft.as_bytes(), &Policy::standard(), AT) else {
            continue;
        };
        let Ok(groups) = plan.groups() else { continue };
        assert!(groups.len() > 1, "{field:?}: {plan}");
        for group in &groups {
            let mut letter = Vec::new();
            let composer = Composer::new(&people.cx).encrypt(group);
            if composer.compose(draft.as_bytes(), AT, &mut letter).is_ok() {
                letters += 1;
                let text = String::from_utf8(letter).unwrap().to_ascii_lowercase();
                // As the name of a field: armor may hold these three letters by chance.
                let named = |line: &str| {
                    line.split_once(':').is_some_and(|(name, _)| name.trim_end().ends_with("bcc"))
                };
                assert!(!text.lines().any(named) && !text.contains("alice@"), "{field:?}: {text}");
            }
        }
    }
    assert!(letters >= 10, "{letters}");
}
