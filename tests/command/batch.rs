//! Folders and mbox files: a line for each letter, in their order, and a table at the end. mbox files are Python's.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::people::{ALICE, People, Shell, error, expect, people};
use crate::support::tool;

/// A letter that openssl signs as it stands: nobody escaped its lines.
fn signed(people: &People, content: &str) -> Vec<u8> {
    let sign = people.pki.openssl("cms -sign -binary -certfile intermediate.pem -signer");
    let sign = sign.arg(&people.alice.certificate).arg("-inkey").arg(&people.alice.key);
    let content = content.replace('\n', "\r\n");
    let signed = sign.input(content.as_bytes()).ok();
    [format!("From: {ALICE}\nTo: bob@example.org\nSubject: x\n").as_bytes(), &signed].concat()
}

/// An mbox file by Python, which writes the kind that is called mboxo.
fn mbox(shell: &Shell, name: &str, letters: &[Vec<u8>]) -> Option<()> {
    let python = tool("python3")?;
    let mut names = Vec::new();
    for (number, letter) in letters.iter().enumerate() {
        names.push(shell.file(&format!("{name}.{number}"), letter));
    }
    let script = "import mailbox, sys\nbox = mailbox.mbox(sys.argv[1])\nfor name in sys.argv[2:]:\n    box.add(open(name, 'rb').read())\nbox.flush()\n";
    let made = Command::new(python).args(["-c", script]).arg(shell.path(name)).args(names).status().unwrap();
    assert!(made.success());
    Some(())
}

const TEXT: &str = "Content-Type: text/plain\n\nDear Bob,\n";

#[test]
fn what_the_mbox_file_escaped_is_verified_without_its_escapes() {
    let Some(people) = people() else { return };
    let shell = Shell::new(&people);
    let letters = [
        signed(&people, &format!("{TEXT}\nFrom here on\nit is signed.\n")),
        signed(&people, &format!("{TEXT}\nnothing to escape\n")),
        // Signed with a line that looks escaped: it must not be touched.
        signed(&people, &format!("{TEXT}\n>From the start\n")),
    ];
    if mbox(&shell, "in.mbox", &letters).is_none() {
        return;
    }
    assert!(
        String::from_utf8(shell.read("in.mbox")).unwrap().contains("\n>From here on"),
        "as Python writes it"
    );
    let verify = "verify --no-trust-folder --anchor root.pem --at @1900000000 in.mbox";
    let lines = shell.json(0, &format!("{verify} --json"));
    let seen: Vec<_> =
        lines.iter().map(|line| (&line["message"], line["reading"].as_str().unwrap())).collect();
    assert_eq!(seen, [(&1.into(), "mboxrd"), (&2.into(), "as_it_lies"), (&3.into(), "as_it_lies")]);
    let text = expect(0, &shell.run(verify));
    assert!(
        text.starts_with("✓ GOOD      in.mbox:1: Signed by alice@example.org.")
            && text.contains(" (mboxrd)\n"),
        "{text}"
    );
    assert!(text.contains("\n\n3 messages\n        3  good\nreasons\n"), "{text}");

    // Changed beside the escaped line, no reading helps.
    let bad = String::from_utf8(shell.read("in.mbox")).unwrap().replacen("it is signed", "it is sealed", 1);
    shell.file("in.mbox", bad.as_bytes());
    let lines = shell.json(1, &format!("{verify} --json"));
    assert_eq!(
        (&lines[0]["verdict"]["outcome"], &lines[0]["reading"]),
        (&"bad".into(), &"as_it_lies".into())
    );
}

/// The letters of `examples/letters`, put into folders.
fn folders(shell: &Shell) {
    for folder in ["Maildir/cur", "Maildir/new", "Maildir/tmp"] {
        fs::create_dir_all(shell.path(folder)).unwrap();
    }
    let put = |from: &str, to: &str| {
        fs::copy(shell.path(from), shell.path("Maildir").join(to)).unwrap();
    };
    for number in 0..40 {
        put(["openssl.eml", "gpg.eml", "openssl-encrypted.eml"][number % 3], &format!("cur/{number:03}:2,S"));
    }
    put("openssl.eml", "new/010b");
    put("openssl.eml", "tmp/000");
}

const VERIFY: &str = "verify --no-trust-folder --anchor openssl-ca.pem --cert gpg-carol.asc --at @1800000000";

#[test]
fn the_order_is_that_of_the_letters_however_many_look() {
    let shell = Shell::with_letters();
    folders(&shell);
    let one = expect(2, &shell.run(&format!("{VERIFY} Maildir nowhere openssl.eml")));
    let lines: Vec<&str> = one.lines().collect();
    assert!(lines[0].starts_with("✓ GOOD      Maildir/cur/000:2,S: Signed by Alice Liddell."), "{one}");
    assert!(lines[11].contains("Maildir/new/010b: "), "new and cur by their names: {}", lines[11]);
    assert!(lines[41].starts_with("? UNSEEN    nowhere: "), "{}", lines[41]);
    assert!(lines[42].contains(" openssl.eml: "), "{}", lines[42]);
    let table = "\n\n43 messages\n       16  good\n       13  caution\n       13  none: not signed\n        1  could not be looked at\nreasons\n";
    assert!(one.contains(table), "{one}");
    for jobs in [2, 7] {
        assert_eq!(
            expect(2, &shell.run(&format!("{VERIFY} --jobs {jobs} Maildir nowhere openssl.eml"))),
            one,
            "{jobs}"
        );
    }
    let json = shell.json(2, &format!("{VERIFY} --jobs 4 --json nowhere Maildir"));
    assert_eq!(json.len(), 42);
    assert_eq!((&json[0]["file"], &json[0]["error"]["kind"]), (&"nowhere".into(), &"io".into()));
    assert!(json.iter().all(|line| line["version"] == 1 && line["file"].is_string()));
    let japanese = expect(2, &shell.in_japanese(&format!("{VERIFY} nowhere Maildir")));
    assert!(japanese.contains("メール 42 通") && japanese.contains("? 未確認"), "{japanese}");
}

#[test]
fn the_worst_counts() {
    let shell = Shell::with_letters();
    for (words, status) in [
        ("openssl.eml openssl.eml", 0),
        ("openssl.eml openssl-encrypted.eml", 1),
        ("openssl.eml nowhere openssl-encrypted.eml", 2),
    ] {
        expect(status, &shell.run(&format!("{VERIFY} {words}")));
    }
    // An empty folder was not verified.
    fs::create_dir(shell.path("empty")).unwrap();
    let refused = shell.run(&format!("{VERIFY} empty"));
    assert_eq!(expect(2, &refused), "");
    assert!(error(&refused).contains("there is no message in it"), "{}", error(&refused));
    for words in ["--out x", "--evidence x"] {
        let refused = shell.run(&format!("{VERIFY} {words} openssl.eml openssl.eml"));
        expect(2, &refused);
        assert!(error(&refused).contains("takes one message"), "{}", error(&refused));
    }
    assert!(!Path::new(&shell.path("x")).exists());
    expect(2, &shell.run(&format!("{VERIFY} --jobs 0 openssl.eml")));
}

#[test]
fn an_mbox_file_of_one_message_is_a_letter() {
    let shell = Shell::with_letters();
    let line = b"From alice@example.com Sun Nov 22 10:02:00 2026\n";
    shell.file("one.mbox", &[&line[..], &shell.read("openssl.eml"), b"\n"].concat());
    let page = expect(0, &shell.run(&format!("{VERIFY} one.mbox")));
    assert!(page.starts_with("✓ GOOD") && page.contains("\n  Who ") && !page.contains("messages"), "{page}");
    expect(0, &shell.run(&format!("{VERIFY} --out one.out one.mbox")));
    let decrypted = "decrypt --no-trust-folder --key bob.pem --key bob.asc --at @1800000000";
    shell.file(
        "two.mbox",
        &[
            &line[..],
            &shell.read("openssl-encrypted.eml"),
            b"\n",
            &line[..],
            &shell.read("gpg-encrypted.eml"),
        ]
        .concat(),
    );
    let text = expect(1, &shell.run(&format!("{decrypted} two.mbox")));
    assert!(
        text.contains("two.mbox:1: ") && text.contains("two.mbox:2: ") && text.contains("\n2 messages\n"),
        "{text}"
    );
}

#[test]
fn nobody_is_disturbed_by_progress() {
    let shell = Shell::with_letters();
    let ran = shell.run(&format!("{VERIFY} openssl.eml openssl.eml"));
    assert!(ran.stderr.is_empty(), "standard error is no terminal: {}", error(&ran));
    expect(0, &shell.run(&format!("{VERIFY} --quiet openssl.eml")));
}
