//! What signed mail says of its sender, and what is learned of incoming mail.

use std::fs;
use std::time::Duration;

use mailseal_core::outside::MemoryFile;

use crate::daemon::{USER, checked, program};
use crate::smtp::Smtp;
use crate::stage::{ALICE, BOB, Beside, CAROL, Stage, fields};

const PATIENCE: Duration = Duration::from_secs(60);

fn letter(from: &str, number: usize) -> Vec<u8> {
    format!("From: {from}\r\nTo: {BOB}\r\nSubject: {number}\r\n\r\nHello\r\n").into_bytes()
}

#[test]
fn senders_say_what_they_read_and_receivers_remember_it() {
    let Some(stage) = Stage::new(&Beside { remembers: true, ..Beside::default() }) else { return };
    let mut lines = String::new();
    for line in stage.signing.lines() {
        let more = match line.split_once(' ') {
            Some(("key", rest)) if rest.starts_with("alice") => " reads AES-128-CBC protect-headers no",
            Some(("key", _)) => " autocrypt mutual",
            _ => "",
        };
        lines += &format!("{line}{more}\n");
    }
    assert!(stage.signs.reload(&lines).contains("reload: done"));
    let path = stage.folder.path().join("state/memory");

    let send = |login: &str, from: &str, number| {
        let mut client = Smtp::connect(stage.sender.port, Some(login));
        assert_eq!(client.send(from, BOB, &letter(from, number)).code, 250);
    };
    // Several at once, a reload among them, and another process that looks.
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || (0..5).for_each(|one| send("alice", ALICE, thread * 5 + one)));
        }
        scope.spawn(|| assert!(stage.verifies.reload(&stage.verifying).contains("reload: done")));
        scope.spawn(|| (0..20).for_each(|_| assert!(MemoryFile::open(&path).unwrap().list().is_ok())));
    });
    send("carol", CAROL, 20);
    let arrived = stage.receiver.wait_for(21, PATIENCE);

    let said = |letter: &[u8]| (fields(letter, "Autocrypt"), stage.look(letter).1);
    let carols = arrived.iter().find(|letter| fields(letter, "From")[0].contains(CAROL)).unwrap();
    assert!(said(carols).0[0].starts_with("addr=carol@example.net; prefer-encrypt=mutual; keydata="));
    let alices = arrived.iter().find(|letter| fields(letter, "From")[0].contains(ALICE)).unwrap();
    let (autocrypt, report) = said(alices);
    assert!(autocrypt.is_empty() && !report.from.signed);

    let memory = MemoryFile::open(&path).unwrap();
    let known = memory.list().unwrap();
    let letters = |who: &str| {
        let found = known.iter().find(|one| one.address.to_string() == who);
        found.unwrap_or_else(|| panic!("{who} is not known")).letters
    };
    assert_eq!((letters(ALICE), letters(CAROL)), (20, 1));
    let kept = memory.export().unwrap();
    assert!(kept.contains("AES-128-CBC") && !kept.contains("AES-256-GCM"), "{kept}");
}

#[test]
fn what_keys_are_told_is_checked() {
    let Some(stage) = Stage::new(&Beside::default()) else { return };
    let Some(program) = program() else { return };
    let path = stage.folder.path().join("x.conf");
    let key = stage.signing.lines().find(|line| line.starts_with("key alice")).unwrap();
    for (more, expected) in [
        ("reads rot13", "nothing is encrypted with `rot13`"),
        ("reads", "come in twos"),
        ("reads AES-128-CBC reads AES-128-CBC", "each once"),
        ("autocrypt perhaps", "after the file of a key"),
        ("protect-headers maybe", "after the file of a key"),
        ("sings well", "after the file of a key"),
    ] {
        fs::write(&path, format!("socket inet:1@127.0.0.1\nuser {USER}\nauthserv-id x\n{key} {more}\n"))
            .unwrap();
        let (good, said) = checked(program, &path);
        assert!(!good && said.contains(":4: ") && said.contains(expected), "{more}: {said}");
    }
    for (file, expected) in
        [("/no/such/folder/memory", ":4: /no/such/folder/memory"), ("/etc/passwd", ":4: ")]
    {
        fs::write(&path, format!("socket inet:1@127.0.0.1\nuser {USER}\nauthserv-id x\nmemory {file}\n"))
            .unwrap();
        let (good, said) = checked(program, &path);
        assert!(!good && said.contains(expected), "{file}: {said}");
    }
}
