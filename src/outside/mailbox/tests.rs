use std::fs;
use std::io::Write;

use proptest::prelude::*;

use super::*;
use crate::limits::Limits;

const LINE: &str = "From alice@example.org Sun Nov 22 10:02:00 2026\n";

fn octets(message: &StoredMessage, reading: Reading) -> Vec<u8> {
    let source = message.input(reading).unwrap().load(&Limits::default()).unwrap();
    let mut octets = Vec::new();
    source.reader(0..source.len()).unwrap().read_to_end(&mut octets).unwrap();
    octets
}

fn mbox(content: &[u8]) -> (tempfile::NamedTempFile, Vec<StoredMessage>) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    let found = Mailbox::open(file.path()).unwrap().unwrap().map(Result::unwrap).collect();
    (file, found)
}

fn texts(content: &str) -> Vec<String> {
    let (_file, found) = mbox(content.as_bytes());
    found.iter().map(|one| String::from_utf8(octets(one, Reading::AsItLies)).unwrap()).collect()
}

#[test]
fn messages_begin_after_an_empty_line() {
    let content = format!(
        "{LINE}A: 1\n\nFrom the start\nFrom here on 10:02\nFrom Rome at 10:02 in 2026\n\n{LINE}B: 2\n\ntwo\n\n\n{LINE}C: 3\n\nx"
    );
    assert_eq!(
        texts(&content),
        [
            // A line `From ` that follows no empty line, or has no date, is of the message.
            "A: 1\n\nFrom the start\nFrom here on 10:02\nFrom Rome at 10:02 in 2026\n",
            "B: 2\n\ntwo\n\n",
            "C: 3\n\nx",
        ]
    );
    assert_eq!(texts(&format!("{LINE}\n{LINE}A: 1\n\n")), ["", "A: 1\n"]);
    assert_eq!(
        texts("From \r\nA: 1\r\n\r\none\r\n\r\nFrom \r\nB: 2\r\n"),
        ["A: 1\r\n\r\none\r\n", "B: 2\r\n"]
    );
}

/// A signed letter would hide the next one below its last boundary.
#[test]
fn a_message_without_an_empty_line_before_it_is_seen() {
    assert_eq!(texts(&format!("{LINE}A: 1\n\none\n{LINE}B: 2\n\ntwo\n")), ["A: 1\n\none\n", "B: 2\n\ntwo\n"]);
}

#[test]
fn content_length_hides_nothing() {
    let content = format!("{LINE}Content-Length: 70\n\none\n\n{LINE}B: 2\n\ntwo\n");
    assert_eq!(texts(&content).len(), 2);
}

#[test]
fn separators() {
    for line in [
        "From alice@example.org Sun Nov 22 10:02:00 2026",
        "From - Sun Nov 22 10:02:00 2026\r\n",
        "From MAILER-DAEMON Sun Nov  2 1:02 UTC 2026\n",
        "From a@b Sun, 22 Nov 2026 10:02:00 +0000\n",
        "From \n",
    ] {
        assert_eq!(texts(&format!("{}\nA: 1\n", line.trim_end_matches(['\r', '\n']))).len(), 1, "{line}");
    }
    for line in
        ["From here at 10:02 o'clock", "From 2026 on", "From: a@b", ">From a Sun Nov 22 10:02:00 2026"]
    {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), format!("{line}\n\nA")).unwrap();
        assert!(Mailbox::open(file.path()).unwrap().is_none(), "{line}");
    }
}

#[test]
fn three_readings() {
    let content = format!("{LINE}A: 1\n\n>From one\n>>From two\n> From three\nx>From four\n");
    let (_file, found) = mbox(content.as_bytes());
    assert_eq!(found[0].readings(), [Reading::AsItLies, Reading::Mboxrd, Reading::Mboxo]);
    let read = |reading| String::from_utf8(octets(&found[0], reading)).unwrap();
    assert_eq!(read(Reading::Mboxrd), "A: 1\n\nFrom one\n>From two\n> From three\nx>From four\n");
    assert_eq!(read(Reading::Mboxo), "A: 1\n\nFrom one\n>>From two\n> From three\nx>From four\n");
    let (_file, found) = mbox(format!("{LINE}A: 1\n\n>From one\n").as_bytes());
    assert_eq!(found[0].readings(), [Reading::AsItLies, Reading::Mboxrd]);
}

#[test]
fn folders() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "A: 1\n").unwrap();
    };
    let names = || -> Vec<String> {
        let found = Mailbox::open(folder.path()).unwrap().unwrap().map(Result::unwrap);
        found.map(|one| one.path().strip_prefix(folder.path()).unwrap().display().to_string()).collect()
    };
    let _ = ["b.eml", "a.EML", "note.txt", ".hidden.eml", "sub.eml/c.eml"].map(put);
    assert_eq!(names(), ["a.EML", "b.eml"]);
    let _ = ["cur/2:2,S", "new/1", "new/3", "tmp/0", ".Sent/cur/4"].map(put);
    assert_eq!(names(), ["new/1", "cur/2:2,S", "new/3"]);
    assert!(Mailbox::open(folder.path().join("absent")).is_err());
}

/// Some servers take senders that long, and one that is not seen would be a part of the letter before.
#[test]
fn a_long_sender_hides_no_letter() {
    let long = format!("From {}@example.org Mon Sep 21 14:13:20 2026\n", "a".repeat(4000));
    let (_file, found) = mbox(format!("{LINE}A: 1\n\nx\n\n{long}B: 2\n\ny\n").as_bytes());
    assert_eq!(found.len(), 2);
}

#[test]
fn lines_without_end_are_not_held() {
    let content =
        [LINE.as_bytes(), b"A: 1\n\n>From ", &vec![b'x'; 100_000], b"\n\n", LINE.as_bytes()].concat();
    let (_file, found) = mbox(&content);
    assert_eq!((found.len(), found[0].readings().len()), (2, 2));
    assert_eq!(octets(&found[0], Reading::Mboxrd).len(), 6 + 5 + 100_000 + 1);
}

proptest! {
    /// What a careful writer of mboxrd puts in comes out again.
    #[test]
    fn mboxrd_comes_back(messages in prop::collection::vec("(>{0,2}(From |x)[a :0-9]{0,12}\n|\n){0,6}", 1..4)) {
        let mut content = String::new();
        for message in &messages {
            content.push_str(LINE);
            for line in message.split_inclusive('\n') {
                let escapes = line.trim_start_matches('>').starts_with("From ");
                content.push_str(if escapes { ">" } else { "" });
                content.push_str(line);
            }
            content.push('\n');
        }
        let (_file, found) = mbox(content.as_bytes());
        prop_assert_eq!(found.len(), messages.len());
        for (one, message) in found.iter().zip(&messages) {
            let read = octets(one, Reading::Mboxrd);
            prop_assert_eq!(String::from_utf8(read).unwrap(), message.as_str());
        }
    }
}
