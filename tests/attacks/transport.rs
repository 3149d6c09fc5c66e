//! What carriers do to letters on their way (R-E2): what mailseal wrote survives it, and what does not is noticed.

use mailseal::Composer;
use mailseal::{Context, Key, Outcome, Password, Scope, TrustStore, openpgp};

use crate::stage::{AT, Seen, look, stage};

const ALICE: &str = "alice@example.org";

/// A draft with everything in it that carriers like to change.
const DRAFT: &[u8] = b"From: Alice <alice@example.org>\r\nTo: bob@example.com\r\nSubject: transport\r\n\
    MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8; format=flowed\r\n\
    Content-Transfer-Encoding: 8bit\r\n\r\n\
    From here on\r\n.\r\n..dots\r\n>From quoted\r\nblanks at the end   \r\ntab\t\r\n-- \r\n\
    \xE4\xBD\x90\xE8\x97\xA4 \xF0\x9F\x93\xAE\r\n\r\n\r\n";

/// Letters in every form that mailseal writes, each with how to open it.
fn letters() -> Option<Vec<(&'static str, Context, Vec<u8>)>> {
    let stage = stage()?;
    let long = [DRAFT, "x".repeat(5000).as_bytes(), b"\r\n"].concat();
    let secret = openpgp::generate("Alice <alice@example.org>", AT, openpgp::CipherSuite::Ed25519).unwrap();
    let key = Key::load(secret.expose(), Password::none()).unwrap();
    let trusting = Context::new(TrustStore::new().anchor(key.certificate(), Scope::any()));
    let mut pgp = Vec::new();
    Composer::new(&trusting).sign(&key).compose(&long, AT, &mut pgp).unwrap();
    Some(vec![
        ("S/MIME, detached", stage.cx(), stage.composed(&stage.alice_leaf, &long, false)),
        ("S/MIME, opaque", stage.cx(), stage.composed(&stage.alice_leaf, &long, true)),
        ("PGP/MIME", trusting, pgp),
    ])
}

fn replaced(octets: &[u8], from: &str, to: &str) -> Vec<u8> {
    // Each octet as one character, so that nothing is lost.
    let text: String = octets.iter().map(|octet| char::from(*octet)).collect();
    text.replace(from, to).chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect()
}

fn lines(octets: &[u8], change: impl Fn(&str) -> String) -> Vec<u8> {
    let text: String = octets.iter().map(|octet| char::from(*octet)).collect();
    let lines: Vec<String> = text.split("\r\n").map(change).collect();
    lines.join("\r\n").chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect()
}

/// What the text of the letter says in the end.
fn said(seen: &Seen) -> Vec<u8> {
    replaced(&seen.payload.0, "\r\n", "\n")
}

#[test]
fn r_e2_letters_survive_transport() {
    let Some(letters) = letters() else { return };
    for (form, cx, letter) in letters {
        let sent = look(&cx, &letter, AT);
        sent.is_good_for(ALICE);
        assert!(letter.is_ascii(), "{form}");
        let head = letter.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let refolded = |letter: &[u8]| {
            let (head, rest) = letter.split_at(head);
            [replaced(head, "; ", ";\r\n\t"), rest.to_vec()].concat()
        };
        let received = b"Return-Path: <bounce@list.example>\r\nReceived: from a by b; Mon, 21 Sep 2026 14:13:20 +0000\r\n\
            DKIM-Signature: v=1; a=rsa-sha256; d=example.org; bh=x; b=y\r\nX-Spam: no\r\n";
        let ways: Vec<(&str, Vec<u8>)> = vec![
            ("LF", replaced(&letter, "\r\n", "\n")),
            ("LF and back", replaced(&replaced(&letter, "\r\n", "\n"), "\n", "\r\n")),
            ("dots doubled and halved", lines(&lines(&letter, stuffed), unstuffed)),
            ("refolded above", refolded(&letter)),
            ("fields on top", [received.as_slice(), &letter].concat()),
            ("fields below the others", [&letter[..head], b"\r\nX-Scanned: yes", &letter[head..]].concat()),
            ("blanks stripped", lines(&letter, |line| line.trim_end_matches([' ', '\t']).to_owned())),
            (
                "From quoted",
                lines(&letter, |line| match line.starts_with("From ") {
                    true => format!(">{line}"),
                    false => line.to_owned(),
                }),
            ),
            (
                "lines cut at 998",
                lines(&letter, |line| match line.len() > 998 {
                    true => format!("{}\r\n{}", &line[..998], &line[998..]),
                    false => line.to_owned(),
                }),
            ),
            ("blank lines at the end", [&letter, b"\r\n\r\n".as_slice()].concat()),
            ("end cut", letter.strip_suffix(b"\r\n").unwrap_or(&letter).to_vec()),
        ];
        for (way, letter) in ways {
            let arrived = look(&cx, &letter, AT);
            assert_eq!(arrived.outcome, Outcome::Good, "{form}: {way}: {arrived:#?}");
            assert_eq!(said(&arrived), said(&sent), "{form}: {way}");
        }
    }
}

fn stuffed(line: &str) -> String {
    if line.starts_with('.') { format!(".{line}") } else { line.to_owned() }
}

fn unstuffed(line: &str) -> String {
    line.strip_prefix('.').unwrap_or(line).to_owned()
}

#[test]
fn r_e2_what_changes_words_is_noticed() {
    let Some(letters) = letters() else { return };
    for (form, cx, letter) in letters {
        let body = letter.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        let (head, rest) = letter.split_at(body);
        let ways = [
            ("blanks doubled", replaced(rest, " ", "  ")),
            ("capitals", rest.to_ascii_uppercase()),
            ("a footer inside", replaced(rest, "=2E", "=2E advertisement")),
            ("soft breaks joined", replaced(rest, "=\r\n", "")),
            ("one line less", rest[rest.windows(2).position(|two| two == b"\r\n").unwrap() + 2..].to_vec()),
        ];
        for (way, rest) in ways {
            let seen = look(&cx, &[head, &rest].concat(), AT);
            if seen.payload.0 == look(&cx, &letter, AT).payload.0 {
                continue; // nothing of it was changed
            }
            seen.is_not_good(&format!("{form}: {way}"));
        }
    }
}
