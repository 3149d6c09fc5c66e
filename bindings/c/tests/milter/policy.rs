//! The file of a policy: what it refuses is answered with 550, what it holds lies in the hold queue.

use std::fs;
use std::time::Duration;

use crate::compiled::root;
use crate::daemon::{checked, program};
use crate::smtp::Smtp;
use crate::stage::{ALICE, BOB, Beside, CAROL, ID, Stage, fields};

const PATIENCE: Duration = Duration::from_secs(60);

const SENDING: &str = "[[sending]]
to = \"secret@box.test\"
encrypt = true
reason = \"agreed\"

[[sending]]
from = \"alice@example.org\"
sign = true

[[sending]]
from = \"carol@example.net\"
hold = true

[[sending]]
to = \"new@box.test\"
ask_new_domain = true
";

const INCOMING: &str = "[[incoming]]
from = \"*@bank.test\"
outcome = \"good\"
otherwise = \"hold\"

[[incoming]]
from = \"*@evil.test\"
outcome = \"good\"
otherwise = \"refuse\"
";

fn letter(from: &str, to: &str) -> Vec<u8> {
    format!("From: {from}\r\nTo: {to}\r\nSubject: a\r\n\r\nHello\r\n").into_bytes()
}

/// Both servers' milters have a policy.
fn stage() -> Option<Stage> {
    let stage = Stage::new(&Beside::default())?;
    for (name, text) in [("sending.toml", SENDING), ("incoming.toml", INCOMING)] {
        fs::write(stage.folder.path().join(name), text).unwrap();
    }
    let with =
        |lines: &str, name: &str| format!("{lines}policy {}\n", stage.folder.path().join(name).display());
    for (milter, lines, name) in
        [(&stage.signs, &stage.signing, "sending.toml"), (&stage.verifies, &stage.verifying, "incoming.toml")]
    {
        let said = milter.reload(&with(lines, name));
        assert!(said.contains("reload: done"), "{said}");
    }
    Some(stage)
}

#[test]
fn what_the_policy_says_of_outgoing_mail() {
    let Some(stage) = stage() else { return };
    let sealed = fs::read_to_string(root().join("examples/letters/openssl-encrypted.eml")).unwrap();
    let sealed = sealed.replace("\r\n", "\n").replace('\n', "\r\n");
    let from = sealed.lines().find(|line| line.starts_with("From: ")).unwrap().to_owned();
    // From somebody of whom the policy does not ask what stands inside.
    let sealed = sealed.replacen(&from, "From: dave@example.org", 1).into_bytes();
    let pretends = b"From: dave@example.org\r\nTo: secret@box.test\r\nContent-Type: multipart/encrypted; boundary=b;\r\n \
        protocol=\"application/pgp-encrypted\"\r\n\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\
        --b\r\nContent-Type: application/octet-stream\r\n\r\nIn clear.\r\n--b--\r\n";
    let secret = "secret@box.test";
    for (login, to, octets, code, said) in [
        ("alice", BOB, letter(ALICE, BOB), 250, ""),
        ("alice", secret, letter(ALICE, secret), 550, "encrypted (sending.toml:3: agreed)"),
        // Who gets it counts, not who stands in it.
        ("alice", secret, letter(ALICE, BOB), 550, "sending.toml:3"),
        ("alice", "Secret@box.test", letter(ALICE, BOB), 550, "sending.toml:3"),
        // Nobody signs for her here, so it would go unsigned.
        ("carol", BOB, letter(ALICE, BOB), 550, "signed (sending.toml:8)"),
        // What the milter leaves alone is asked about all the same.
        ("dave", secret, letter("dave@example.org", secret), 550, "sending.toml:3"),
        ("dave", secret, sealed, 250, ""),
        ("dave", secret, pretends.to_vec(), 550, "sending.toml:3"),
        ("carol", BOB, letter(CAROL, BOB), 250, ""),
        ("dave", "new@box.test", letter("dave@example.org", BOB), 250, ""),
    ] {
        let answer = Smtp::connect(stage.sender.port, Some(login)).send(ALICE, to, &octets);
        assert_eq!(answer.code, code, "{login} to {to}: {answer:?}\n{}", stage.signs.log());
        assert!(answer.text.contains(said), "{login} to {to}: {answer:?}");
    }
    stage.receiver.wait_for(1, PATIENCE);
    assert_eq!(stage.sender.held(), 2, "{}", stage.signs.log());
    assert!(stage.signs.log().contains("held by the policy: bob@box.test: held: held (sending.toml:12)"));
    // Somebody lets it go: as it was signed.
    stage.sender.release();
    let arrived = stage.receiver.wait_for(2, PATIENCE);
    for letter in &arrived {
        assert!(fields(letter, "Content-Type")[0].starts_with("multipart/signed"));
    }
    assert_eq!(arrived.iter().filter(|letter| fields(letter, "From")[0].contains(CAROL)).count(), 1);
}

#[test]
fn what_the_policy_says_of_incoming_mail() {
    let Some(stage) = stage() else { return };
    let mut stranger = Smtp::connect(stage.receiver.port, None);
    for (from, code) in [("a@bank.test", 250), ("m@evil.test", 550), ("x@other.test", 250)] {
        let answer = stranger.send(from, BOB, &letter(from, BOB));
        assert_eq!(answer.code, code, "{from}: {answer:?}\n{}", stage.verifies.log());
        assert!(!answer.text.contains("toml"), "{answer:?}");
    }
    stage.receiver.wait_for(1, PATIENCE);
    assert_eq!(stage.receiver.held(), 1);
    assert!(stage.verifies.log().contains("reason=not_signed"), "{}", stage.verifies.log());
    stage.receiver.release();
    let arrived = stage.receiver.wait_for(2, PATIENCE);
    for letter in &arrived {
        assert_eq!(fields(letter, "Authentication-Results"), [format!("{ID}; smime=none")]);
    }
}

#[test]
fn a_policy_that_is_not_understood_is_none() {
    let Some(stage) = stage() else { return };
    let misspelt = stage.folder.path().join("misspelt.toml");
    fs::write(&misspelt, "[[sending]]\nencrpyt = true\n").unwrap();
    let lines = format!("{}policy {}\n", stage.signing, misspelt.display());
    let said = stage.signs.reload(&lines);
    let why = "misspelt.toml:2: unknown key \"encrpyt\" in [[sending]]; did you mean \"encrypt\"?";
    assert!(said.contains(why) && said.contains("stays as it was"), "{said}");
    let answer =
        Smtp::connect(stage.sender.port, Some("alice")).send(ALICE, "secret@box.test", &letter(ALICE, BOB));
    assert_eq!(answer.code, 550, "the rules are those from before: {answer:?}");
    let configuration = stage.folder.path().join("new.conf");
    fs::write(&configuration, format!("socket inet:1@127.0.0.1\nuser nobody\n{lines}")).unwrap();
    let (good, said) = checked(program().unwrap(), &configuration);
    assert!(!good && said.contains(why), "it does not start: {said}");
}
