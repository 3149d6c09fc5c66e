//! When signing or verifying fails, mail waits: it is never lost, never let through as it is, never called verified.

use std::time::Duration;

use mailseal_core::Outcome;

use crate::smtp::Smtp;
use crate::stage::{ALICE, BOB, Beside, Stage, fields};

const PATIENCE: Duration = Duration::from_secs(60);
const LETTER: &str = "From: alice@example.org\r\nTo: bob@box.test\r\nSubject: x\r\n\r\nHello\r\n";

#[test]
fn mail_waits_while_the_library_fails() {
    let Some(stage) = Stage::new(&Beside::default()) else { return };
    let mut alice = Smtp::connect(stage.sender.port, Some("alice"));
    // The signer fails: the client is told to come again.
    assert!(stage.signs.reload(&format!("{}limit message_bytes 60\n", stage.signing)).contains("done"));
    let answer = alice.send(ALICE, BOB, LETTER.as_bytes());
    assert!(answer.code == 451 && answer.text.contains("cannot be signed now"), "{answer:?}");
    assert!(stage.signs.reload(&format!("{}limit header_fields 2\n", stage.signing)).contains("done"));
    let answer = alice.send(ALICE, BOB, LETTER.as_bytes());
    assert!(answer.code == 451 && answer.text.contains("header_fields"), "{answer:?}");
    // The verifier fails: the letter waits in the queue of its sender.
    assert!(stage.signs.reload(&stage.signing).contains("done"));
    assert!(stage.verifies.reload(&format!("{}limit header_fields 2\n", stage.verifying)).contains("done"));
    assert_eq!(alice.send(ALICE, BOB, LETTER.as_bytes()).code, 250);
    let start = std::time::Instant::now();
    while !stage.verifies.log().contains("deferred: the limit of 2 for header_fields") {
        assert!(start.elapsed() < PATIENCE, "{}", stage.verifies.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(stage.receiver.arrived().is_empty());
    assert!(stage.verifies.reload(&stage.verifying).contains("done"));
    stage.sender.flush();
    let arrived = stage.receiver.wait_for(1, PATIENCE);
    assert_eq!(stage.look(&arrived[0]).0, Outcome::Good);
    assert_eq!(stage.receiver.arrived().len(), 1);
}

#[test]
fn a_bad_configuration_leaves_the_old_one() {
    let Some(stage) = Stage::new(&Beside::default()) else { return };
    let key = stage.folder.path().join("alice.p12");
    let kept = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    let said = stage.signs.hang_up();
    assert!(said.contains("alice.p12") && said.contains("stays as it was"), "{said}");
    let said = stage.signs.reload("sign everything\n");
    assert!(said.contains("signs.conf:4: ") && said.contains("stays as it was"), "{said}");
    let mut alice = Smtp::connect(stage.sender.port, Some("alice"));
    assert_eq!(alice.send(ALICE, BOB, LETTER.as_bytes()).code, 250);
    std::fs::write(&key, kept).unwrap();
    assert!(stage.signs.reload(&stage.signing).contains("done"));
    assert_eq!(alice.send(ALICE, BOB, LETTER.as_bytes()).code, 250);
    for arrived in stage.receiver.wait_for(2, PATIENCE) {
        assert_eq!(stage.look(&arrived).0, Outcome::Good);
    }
}

#[test]
fn a_from_that_the_login_may_not_use_is_not_signed() {
    let Some(stage) = Stage::new(&Beside::default()) else { return };
    let others = [
        LETTER.replace(ALICE, "carol@example.net"),
        LETTER.replace(ALICE, "ALICE@example.org"),
        LETTER.replace(ALICE, "alice@example.org.evil.example"),
        LETTER.replace("From: ", "From: carol@example.net, "),
        LETTER.replace("From: alice@example.org", "From: \"alice@example.org\" <mallory@example.org>"),
        format!("From: carol@example.net\r\n{LETTER}"),
        LETTER.replace("From: ", &format!("From: {}@{}.example, ", "b".repeat(60), ["c"; 95].join("."))),
        LETTER.replace("From: ", "From: alice@example.org, "),
        LETTER.replace(ALICE, "friends: alice@example.org;"),
        LETTER.replace("From: alice", "From: \u{7} alice"),
        LETTER.replace(ALICE, "\"a from=alice@example.org signed key=alice\"@example.net"),
    ];
    let mut alice = Smtp::connect(stage.sender.port, Some("alice"));
    for letter in &others {
        assert_eq!(alice.send(ALICE, BOB, letter.as_bytes()).code, 250);
    }
    // Without a login, and with one that has no rule.
    for login in [None, Some("mallory")] {
        let answer = Smtp::connect(stage.sender.port, login).send(ALICE, BOB, LETTER.as_bytes());
        assert_eq!(answer.code, 250, "{answer:?}");
    }
    for arrived in stage.receiver.wait_for(others.len() + 2, PATIENCE) {
        assert_eq!(stage.look(&arrived).0, Outcome::None, "{}", String::from_utf8_lossy(&arrived));
        assert!(!fields(&arrived, "Authentication-Results")[0].contains("pass"));
    }
    assert!(!stage.signs.log().contains(" signed key="), "{}", stage.signs.log());
    assert!(stage.signs.reload(&format!("{}other-from refuse\n", stage.signing)).contains("done"));
    let answer = alice.send(ALICE, BOB, others[0].as_bytes());
    assert!(answer.code == 451 && answer.text.contains("may sign for"), "{answer:?}");
    assert_eq!(alice.send(ALICE, BOB, LETTER.as_bytes()).code, 250);
    // A network may sign as a login may.
    let network = format!("{}sign network 127.0.0.0/8 from @example.ORG key alice\n", stage.signing);
    assert!(stage.signs.reload(&network).contains("done"));
    assert_eq!(Smtp::connect(stage.sender.port, None).send(ALICE, BOB, LETTER.as_bytes()).code, 250);
    let arrived = stage.receiver.wait_for(others.len() + 4, PATIENCE);
    let good = arrived.iter().filter(|letter| stage.look(letter).0 == Outcome::Good);
    assert_eq!(good.count(), 2);
}
