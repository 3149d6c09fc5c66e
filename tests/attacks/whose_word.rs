//! Whose word is it? Signatures around, beside and inside of encryption, put together by somebody in between.

use mailseal::mime::PartPath;
use mailseal::report::{Code, Protocol};
use mailseal::{Composer, Key, Opened, Opener, Outcome, Password, Policy};

use crate::cms::{Cms, Signer, base64};
use crate::people::{
    BOB, BOTH, People, SECRET, encrypted, entity, holds, openpgp_keys, outcome, payload, people, written,
};
use crate::stage::{AT, Stage};
use crate::support::pki::{KeyType, Leaf};

fn codes(opened: &Opened<'_>) -> Vec<Code> {
    let layers = opened.report.signed_layers();
    let signed = layers.flat_map(|layer| {
        layer.findings.iter().chain(layer.signatures.iter().flat_map(|signature| &signature.findings))
    });
    opened.report.findings.iter().chain(signed).map(|finding| finding.code).collect()
}

#[track_caller]
fn no_proof(opened: &Opened<'_>, sender: &str) {
    assert_ne!(outcome(&opened.report), Outcome::Good, "{:#?}", opened.report);
    assert!(opened.require(&Policy::standard(), &sender.parse().unwrap()).is_none());
}

/// Signed with one key and without copies of the header, if a group is named to it.
fn composed(composer: &Composer, draft: &[u8]) -> Vec<u8> {
    let mut letter = Vec::new();
    composer.compose(draft, AT, &mut letter).unwrap();
    letter
}

fn mallory(stage: &Stage) -> (Leaf, Key) {
    let leaf = stage.pki.leaf("mallory@evil.example", KeyType::P256);
    let key = stage.key(&leaf);
    (leaf, key)
}

/// Alice passes on what Mallory encrypted to Bob, and signs it all: of what is inside she says nothing.
#[test]
fn r_b18_a_part_opened_by_its_place_is_not_what_was_signed() {
    let Some(people) = people() else { return };
    for protocol in BOTH {
        let composer = Composer::new(&people.cx).protect_headers(false);
        let bare = written(&composer.encrypt(&people.group(protocol)));
        let sealed = String::from_utf8(entity(&bare)).unwrap();
        let draft = format!(
            "From: alice@example.org\r\nTo: bob@example.com\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nThis came for you.\r\n--x\r\n{sealed}\r\n--x--\r\n"
        );
        let letter = composed(&Composer::new(&people.cx).sign(&people.alice[0]), draft.as_bytes());
        let whole = people.open(&letter);
        assert!(!holds(&payload(&whole), SECRET), "{protocol:?}");
        let place: PartPath = encrypted(&whole.report)[0].part.clone();
        let inside = people.opener().open_part(&letter, &place, AT).unwrap();
        assert!(holds(&payload(&inside), SECRET), "{protocol:?} {:#?}", inside.report);
        no_proof(&inside, "alice@example.org");
        assert!(codes(&inside).contains(&Code::SignedCiphertext), "{protocol:?}");
    }
}

/// The same of an inline block, in a text that Alice signed.
#[test]
fn r_b18_an_inline_block_opened_by_its_place_is_not_what_was_signed() {
    let Some(people) = people() else { return };
    let bare = written(&Composer::new(&people.cx).encrypt(&people.group(Protocol::Openpgp)));
    let bare = String::from_utf8(bare).unwrap();
    let (start, end) = ("-----BEGIN PGP MESSAGE-----", "-----END PGP MESSAGE-----");
    let armor = &bare[bare.find(start).unwrap()..bare.find(end).unwrap() + end.len()];
    let draft =
        format!("From: alice@example.org\r\nTo: bob@example.com\r\n\r\nThis came for you.\r\n{armor}\r\n");
    let letter = composed(&Composer::new(&people.cx).sign(&people.alice[0]), draft.as_bytes());
    let place: PartPath = encrypted(&people.open(&letter).report)[0].part.clone();
    let inside = people.opener().open_part(&letter, &place, AT).unwrap();
    assert!(holds(&payload(&inside), SECRET), "{:#?}", inside.report);
    no_proof(&inside, "alice@example.org");
}

/// Mallory, whose certificate is as good as any, signs around what Alice signed and encrypted for Bob: it is not his.
#[test]
fn r_b18_signed_inside_by_somebody_else() {
    let Some(people) = people() else { return };
    let (_, mallory) = mallory(&people.stage);
    for protocol in BOTH {
        let sealed = written(&people.composer().protect_headers(false).encrypt(&people.group(protocol)));
        let head = b"From: mallory@evil.example\r\nTo: bob@example.com\r\nMIME-Version: 1.0\r\n";
        let draft = [&head[..], &entity(&sealed)].concat();
        let letter = composed(&Composer::new(&people.cx).sign(&mallory), &draft);
        let opened = people.open(&letter);
        assert_eq!(opened.report.signed_layers().count(), 2, "{protocol:?}");
        assert!(holds(&payload(&opened), SECRET), "{protocol:?}");
        no_proof(&opened, "mallory@evil.example");
        no_proof(&opened, "alice@example.org");
        assert!(codes(&opened).contains(&Code::SignedCiphertext), "{protocol:?}");
    }
}

/// Alice's own two keys around and inside are one hand.
#[test]
fn r_b18_signed_inside_by_another_key_of_the_same() {
    let Some(people) = people() else { return };
    let sealed = written(&people.composer().protect_headers(false).encrypt(&people.group(Protocol::Openpgp)));
    let head = b"From: alice@example.org\r\nTo: bob@example.com\r\nMIME-Version: 1.0\r\n";
    let draft = [&head[..], &entity(&sealed)].concat();
    let letter = composed(&Composer::new(&people.cx).sign(&people.alice[0]), &draft);
    assert_eq!(outcome(&people.open(&letter).report), Outcome::Good);
}

/// Mallory signs with an OpenPGP key of his around what Alice signed, and names Bob as the one whom he means. Alice did
/// not.
#[test]
fn r_b17_named_by_somebody_else() {
    let Some(people) = people() else { return };
    let mut signed = Vec::new();
    let alice = Composer::new(&people.cx).sign(&people.alice[0]).protect_headers(false);
    let draft = format!("From: alice@example.org\r\n\r\n{SECRET}\r\n");
    alice.compose(draft.as_bytes(), AT, &mut signed).unwrap();
    let head = b"From: alice@example.org\r\nTo: bob@example.com\r\nMIME-Version: 1.0\r\n";
    let draft = [&head[..], &entity(&signed)].concat();
    let mallory = Key::load(&openpgp_keys()[2], Password::none()).unwrap();
    let composer = Composer::new(&people.cx).sign(&mallory).allow_other_from().protect_headers(false);
    let letter = composed(&composer.encrypt(&people.group(Protocol::Openpgp)), &draft);
    let opened = people.open(&letter);
    assert_eq!(opened.report.signed_layers().count(), 2);
    assert!(codes(&opened).contains(&Code::NoRecipientBinding), "{:#?}", opened.report);
}

/// Alice signs a letter to Bob that has another author inside: RFC 9788 has readers show that one.
#[test]
fn r_b16_another_author_inside() {
    let Some(people) = people() else { return };
    for (author, good) in
        [("The Boss <boss@example.org>", false), ("Alice in the office <alice@example.org>", true)]
    {
        let content = format!(
            "Content-Type: text/plain; hp=\"cipher\"\r\nFrom: {author}\r\nTo: {BOB}\r\n\
             HP-Outer: From: alice@example.org\r\nHP-Outer: To: {BOB}\r\n\r\nPay 999.\r\n"
        );
        let letter = sealed_by_openssl(&people, content.as_bytes());
        let opened = people.stage.key(&letter.1);
        let opened = Opener::new(&people.cx).key(opened).open(&letter.0, AT).unwrap();
        assert!(holds(&payload(&opened), "Pay 999."), "{:#?}", opened.report);
        assert_eq!(outcome(&opened.report) == Outcome::Good, good, "{author}: {:#?}", opened.report);
        let proof = opened.require(&Policy::standard(), &"alice@example.org".parse().unwrap());
        assert_eq!(proof.is_some(), good, "{author}");
    }
}

/// Signed by Alice's private key as a letter inside its signature, encrypted by openssl.
fn sealed_by_openssl(people: &People, content: &[u8]) -> (Vec<u8>, Leaf) {
    let stage = &people.stage;
    let signer = Signer::new(&stage.alice, content).der(content);
    let cms = Cms::new(Some(content), vec![signer], &[&stage.intermediate(), &stage.alice.certificate]).der();
    let head = "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n\
                Content-Transfer-Encoding: base64\r\n\r\n";
    let entity = format!("{head}{}", base64(&cms));
    let bob = stage.pki.leaf(BOB, KeyType::Rsa(2048));
    let words = format!("cms -encrypt -aes-256-gcm -binary -from alice@example.org -to {BOB}");
    let letter = stage.pki.openssl(&words).arg(&bob.certificate).input(entity.as_bytes()).ok();
    (letter, bob)
}

/// What a mail server makes of multipart/encrypted is opened as such only where it can be read in one way.
#[test]
fn r_e3_a_rewritten_letter_with_two_types() {
    let Some(people) = people() else { return };
    let sealed = String::from_utf8(people.sealed(Protocol::Openpgp)).unwrap();
    let line = sealed.lines().find(|line| line.trim().trim_start_matches(';').contains("boundary=")).unwrap();
    let boundary = line.split("boundary=").nth(1).unwrap().trim_matches(|c: char| c == '"' || c == ';');
    let body = &sealed[sealed.find("\r\n--").unwrap() + 2..];
    let rewritten = |more: &str| {
        format!(
            "From: alice@example.org\r\nTo: bob@example.com\r\nSubject: [...]\r\nMIME-Version: 1.0\r\n\
             Date: Mon, 21 Sep 2026 14:13:20 +0000\r\n\
             Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n{more}\r\n--{boundary}\r\n\
             Content-Type: text/plain\r\n\r\n\r\n{body}"
        )
    };
    let genuine = rewritten("");
    assert!(holds(&payload(&people.open(genuine.as_bytes())), SECRET), "{genuine}");
    let twice = rewritten("Content-Type: text/html\r\n");
    let opened = people.open(twice.as_bytes());
    assert!(!holds(&payload(&opened), SECRET));
    no_proof(&opened, "alice@example.org");
}
