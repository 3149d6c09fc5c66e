//! The Web of Trust decides to whom a letter is encrypted and whose signature is believed.

use std::time::SystemTime;

use mailseal::openpgp::Certification;
use mailseal::report::Trust;
use mailseal::{Composer, Context, Opener, Outcome, Plan, Policy, TrustStore, Unreached};

use crate::gpg::People;

/// Who cannot be written to, of these people, by this context.
fn unreached(cx: &Context, people: &[usize]) -> Vec<String> {
    let to: Vec<String> = people.iter().map(|person| format!("p{person}@d{person}.example")).collect();
    let draft = format!("From: p0@d0.example\r\nTo: {}\r\n\r\nHello\r\n", to.join(", "));
    let plan = Plan::new(cx, draft.as_bytes(), &Policy::standard(), SystemTime::now()).unwrap();
    assert_eq!(plan.groups().is_ok(), plan.unreachable().count() == 0, "all or none");
    let who = plan.unreachable().map(|one| {
        assert!(matches!(one.reason, Unreached::NotBelieved(_)), "{:?}", one.reason);
        one.mailbox.to_string()
    });
    who.collect()
}

/// R-A9, R-C11: certified by oneself, by an introducer, by one who introduces nobody, by nobody, to a part.
#[test]
fn r_a9_r_c11_recipients_and_signers_alike() {
    let Some(people) = People::new(6) else { return };
    people.certifies(0, 1, &Certification::full().depth(1));
    people.certifies(1, 2, &Certification::full());
    people.certifies(2, 3, &Certification::full());
    people.certifies(0, 5, &Certification::of(60).unwrap());
    let cx = people.context(people.known());
    assert_eq!(unreached(&cx, &[0, 1, 2]), [""; 0]);
    let strangers = ["p3@d3.example", "p4@d4.example", "p5@d5.example"];
    assert_eq!(unreached(&cx, &[0, 1, 2, 3, 4, 5]), strangers);
    for person in 0..6 {
        let letter = people.letter(person, &format!("p{person}@d{person}.example"), "");
        let opened = Opener::new(&cx).open(letter, SystemTime::now()).unwrap();
        let believed = person < 3;
        let wanted = if believed { Trust::Trusted } else { Trust::Unknown };
        assert!(opened.report.signatures().all(|one| one.trust == wanted), "{person}");
        let outcome = Policy::standard().judge(&opened.report).outcome;
        assert_eq!(outcome == Outcome::Good, believed, "{person}");
        assert_eq!(unreached(&cx, &[person]).is_empty(), believed, "{person}");
    }
    // Without the root, nobody; with another, those whom it certified.
    let nobody = Context::new(TrustStore::new()).certificates(people.known());
    assert_eq!(unreached(&nobody, &[0, 1, 2]).len(), 3);
    let other = TrustStore::new().web_of_trust_root(&people.fingerprint(2), 120).unwrap();
    let other = Context::new(other).certificates(people.known());
    assert_eq!(unreached(&other, &[2, 3]), [""; 0]);
    assert_eq!(unreached(&other, &[1]).len(), 1);
}

/// What is encrypted to the one whom an introducer named is opened by gpg with that key, and not written in clear.
#[test]
fn r_c11_a_letter_to_someone_introduced_is_opened_by_gpg() {
    let Some(people) = People::new(3) else { return };
    people.certifies(0, 1, &Certification::full().depth(1).domain("d2.example").unwrap());
    people.certifies(1, 2, &Certification::full());
    let cx = people.context(people.known());
    let draft = b"From: p0@d0.example\r\nTo: p2@d2.example\r\n\r\nMeet at noon.\r\n";
    let plan = Plan::new(&cx, draft, &Policy::standard(), SystemTime::now()).unwrap();
    let group = plan.groups().unwrap().remove(0);
    let mut letter = Vec::new();
    Composer::new(&cx).encrypt(&group).compose(draft, SystemTime::now(), &mut letter).unwrap();
    let text = String::from_utf8(letter).unwrap();
    assert!(!text.contains("noon"));
    let start = text.find("-----BEGIN PGP MESSAGE").unwrap();
    let opened = people.gpg.words("--decrypt").input(&text.as_bytes()[start..]).run();
    assert!(opened.succeeded, "{}", opened.stderr);
    assert!(opened.text().contains("Meet at noon."));
    assert!(opened.text().contains("DECRYPTION_OKAY"), "{}", opened.text());
}
