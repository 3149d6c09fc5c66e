//! Habits, by letters that openssl and gpg signed.

use mailseal::report::{Code, Evidence, Trust};
use mailseal::trust::Lesson;
use mailseal::{Opener, Outcome, Policy, Scope, TrustStore};

use crate::support::gnupg::Gpg;
use crate::support::pki::{KeyType, Leaf, Pki};
use crate::{ALICE, CAROL, Desk, GPG, OPENSSL, at, judged, saw, unsigned};

const BOTH: [(&str, &[u8]); 2] = [(ALICE, OPENSSL), (CAROL, GPG)];

#[test]
fn r_c10_who_always_signs_with_either_protocol() {
    let desk = Desk::of_examples();
    for (from, letter) in BOTH {
        assert!(saw(&desk.report(letter, 0), Code::FirstLetter), "{from}");
        assert_eq!(judged(&desk.report(&unsigned(from), 0)), (Outcome::None, vec!["not_signed"]));
        for day in 0..3 {
            desk.learn(letter, day);
        }
        let report = desk.report(letter, 3);
        assert_eq!(judged(&report).0, Outcome::Good, "{from}");
        let found = report.signatures().flat_map(|signature| &signature.findings);
        let same = found.into_iter().find(|finding| finding.code == Code::SameSigner).unwrap();
        assert_eq!(same.detail.as_deref(), Some("3"), "{from}");
        let forged = desk.report(&unsigned(from), 3);
        assert_eq!(judged(&forged), (Outcome::None, vec!["not_signed", "usually_signed"]), "{from}");
        let verdict = Policy::standard().judge(&forged);
        assert!(!verdict.may_load_remote);
        for (language, words) in [("en", "usually signed"), ("ja", "いつも署名のある")] {
            let text = verdict.text(&forged).language(language).to_string();
            let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(one_line.contains(words), "{text}");
        }
        // Nothing was learned by looking, nor from what anybody can write.
        desk.learn(&unsigned(from), 4);
        assert_eq!(
            desk.memory.list().unwrap().iter().find(|one| one.address.to_string() == from).unwrap().certain,
            3
        );
        assert!(saw(&desk.report(&unsigned(from), 5), Code::UsuallySigned), "{from}");
    }
}

#[test]
fn r_c10_a_broken_letter_teaches_nothing() {
    let desk = Desk::of_examples();
    for (from, letter) in BOTH {
        let text = String::from_utf8(letter.to_vec()).unwrap();
        let altered = text.replace("leaves on Monday", "leaves on Sunday");
        assert_ne!(altered, text);
        desk.learn(altered.as_bytes(), 0);
        let other_from = text.replace(from, "mallory@example.org");
        desk.learn(other_from.as_bytes(), 0);
        let known = desk.memory.list().unwrap();
        assert!(known.iter().all(|one| one.certain == 0 && one.signers.is_empty() && one.names.is_empty()));
        assert!(known.iter().all(|one| one.address.to_string() != from), "{from}");
    }
}

#[test]
fn r_c10_a_pin_is_trust_for_exactly_its_address() {
    let carol = include_bytes!("../../examples/letters/gpg-carol.asc");
    let desk = Desk::new(TrustStore::new()).with(carol);
    for (from, letter) in BOTH {
        let report = desk.report(letter, 0);
        assert_eq!(judged(&report), (Outcome::Caution, vec!["signer_unknown"]), "{from}");
        let signer = report.signatures().next().unwrap().signer.as_ref().unwrap();
        let fingerprint = signer.certificate.fingerprint.clone();
        let mallory = "mallory@example.org".parse().unwrap();
        desk.memory.pin(&mallory, &fingerprint, at(0)).unwrap();
        let upper = from.replacen(&from[..1], &from[..1].to_uppercase(), 1).parse().unwrap();
        desk.memory.pin(&upper, &fingerprint, at(0)).unwrap();
        assert_eq!(judged(&desk.report(letter, 0)).0, Outcome::Caution, "{from}");
        assert_eq!(judged(&desk.report(letter.to_vec().as_slice(), 0)).0, Outcome::Caution, "{from}");

        let address = from.parse().unwrap();
        desk.memory.pin(&address, &fingerprint, at(0)).unwrap();
        let opened = Opener::new(&desk.cx).open(letter, at(0)).unwrap();
        let signature = opened.report.signatures().next().unwrap();
        assert!(matches!(signature.evidence[0], Evidence::Pinned { .. }), "{from}: {:?}", signature.evidence);
        assert!(opened.require(&Policy::standard(), &address).is_some(), "{from}");
        let text = String::from_utf8(letter.to_vec()).unwrap().replace(from, "mallory@example.org");
        assert_eq!(judged(&desk.report(text.as_bytes(), 0)).0, Outcome::Caution, "{from}");
        // A pin says whose it is, not that it is still valid.
        let late = desk.report(letter, 36_500);
        let expected = if from == ALICE { Trust::Expired } else { Trust::Trusted };
        assert_eq!(late.signatures().next().unwrap().trust, expected, "{from}");

        assert!(desk.memory.unpin(&address, &fingerprint).unwrap());
        assert!(!desk.memory.unpin(&address, &fingerprint).unwrap());
        assert_eq!(judged(&desk.report(letter, 0)).0, Outcome::Caution, "{from}");
    }
}

/// Pins that the caller keeps in two places stand beside each other.
#[test]
fn r_c10_pins_of_the_store_and_of_the_memory_are_of_one_kind() {
    let carol = include_bytes!("../../examples/letters/gpg-carol.asc");
    let fingerprint = mailseal::Certificate::load(carol).unwrap()[0].fingerprint();
    let (address, other) = (CAROL.parse().unwrap(), "CD".repeat(20));
    for (in_store, in_memory) in [(&fingerprint, &other), (&other, &fingerprint)] {
        let desk = Desk::new(TrustStore::new().pin(&address, in_store).unwrap()).with(carol);
        desk.memory.pin(&address, in_memory, at(0)).unwrap();
        assert_eq!(judged(&desk.report(GPG, 0)).0, Outcome::Good, "{in_store} {in_memory}");
    }
    let desk = Desk::new(TrustStore::new().pin(&address, &other).unwrap()).with(carol);
    desk.memory.pin(&address, &"EF".repeat(20), at(0)).unwrap();
    assert!(saw(&desk.report(GPG, 0), Code::PinMismatch));
}

/// A letter that openssl signed.
fn by_openssl(pki: &Pki, leaf: &Leaf) -> Vec<u8> {
    let content = b"Content-Type: text/plain\r\n\r\nThe account has changed.\r\n";
    let signing = pki.openssl("cms -sign -binary -md sha256 -certfile intermediate.pem -signer");
    let signing = signing.arg(&leaf.certificate).words("-inkey").arg(&leaf.key);
    let signed = String::from_utf8(signing.input(content).ok()).unwrap();
    let signed = signed.replace("\r\n", "\n").replace('\n', "\r\n");
    format!("From: {}\r\n{signed}", leaf.address).into_bytes()
}

#[test]
fn r_c10_another_authority_than_before() {
    let (Some(ours), Some(theirs)) = (Pki::new(), Pki::new()) else { return };
    let root = |pki: &Pki| std::fs::read(pki.root()).unwrap();
    let trust = TrustStore::new().anchors(&root(&ours), Scope::any()).unwrap();
    let desk = Desk::new(trust.anchors(&root(&theirs), Scope::any()).unwrap());
    let leaf = |pki: &Pki| pki.leaf(ALICE, KeyType::P256);
    let letter = by_openssl(&ours, &leaf(&ours));
    for day in 0..3 {
        desk.learn(&letter, day);
    }
    let renewed = desk.report(&by_openssl(&ours, &leaf(&ours)), 3);
    assert_eq!(judged(&renewed).0, Outcome::Good);
    assert!(saw(&renewed, Code::KeyRenewed));
    let other = by_openssl(&theirs, &leaf(&theirs));
    for day in 3..6 {
        assert_eq!(
            judged(&desk.report(&other, day)),
            (Outcome::Caution, vec!["issuer_changed", "revocation_unknown"])
        );
        desk.learn(&other, day);
    }
    let lesson = Lesson::of(&desk.report(&other, 6)).unwrap();
    mailseal::trust::Memory::learn(&desk.memory, &lesson.vouched()).unwrap();
    assert_eq!(judged(&desk.report(&other, 7)).0, Outcome::Good);
}

/// A letter that gpg signed.
fn by_gpg(gpg: &Gpg, key: &str) -> Vec<u8> {
    let content = "Content-Type: text/plain\r\n\r\nThe account has changed.\r\n";
    let signature = String::from_utf8(gpg.sign(key, content.as_bytes(), "")).unwrap();
    format!(
        "From: Carol <{CAROL}>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/signed; micalg=pgp-sha512;\r\n \
         protocol=\"application/pgp-signature\"; boundary=b\r\n\r\n--b\r\n{content}\r\n--b\r\n\
         Content-Type: application/pgp-signature\r\n\r\n{signature}\r\n--b--\r\n"
    )
    .into_bytes()
}

#[test]
fn r_c10_another_key_that_nobody_vouches_for() {
    let Some(gpg) = Gpg::new() else { return };
    let keys = [(); 2].map(|()| gpg.make_key(&format!("Carol <{CAROL}>"), "ed25519"));
    let [first, second] = keys.clone().map(|key| by_gpg(&gpg, &key));
    let desk = Desk::new(TrustStore::new());
    let desk = keys.iter().fold(desk, |desk, key| desk.with(&gpg.certificate(key)));
    let now = (std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() / 86_400)
        as i64;
    let day = now - 1_800_000_000 / 86_400 + 1;
    for more in 0..3 {
        desk.learn(&first, day + more);
    }
    assert_eq!(judged(&desk.report(&first, day)), (Outcome::Caution, vec!["signer_unknown"]));
    for more in 3..6 {
        let (outcome, mut reasons) = judged(&desk.report(&second, day + more));
        reasons.sort_unstable();
        assert_eq!((outcome, reasons), (Outcome::Caution, vec!["key_changed", "signer_unknown"]));
        desk.learn(&second, day + more);
    }
    // Signed with either is not unsigned.
    assert!(saw(&desk.report(&unsigned(CAROL), day), Code::UsuallySigned));
    desk.memory.pin(&CAROL.parse().unwrap(), &keys[1], at(day)).unwrap();
    assert_eq!(judged(&desk.report(&second, day + 6)).0, Outcome::Good);
}
