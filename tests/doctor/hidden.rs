//! What an attacker hides among changes of form is named all the same; and no letter takes long.

use std::time::{Duration, Instant};

use mailseal::doctor::{Outcome, compare, diagnose};
use mailseal::report::ChangeKind;
use mailseal::{Error, Limits};

use crate::at;
use crate::letters::{Draft, Signers, drafts};

fn kinds(sent: &str, received: &str) -> Vec<ChangeKind> {
    let letter = |text: &str| text.replace('\n', "\r\n").into_bytes();
    let seen = compare(&letter(sent), &letter(received), &Limits::default()).unwrap();
    seen.changes.into_iter().map(|change| change.kind).collect()
}

fn text(body: &str) -> String {
    format!("From: a@b.example\nContent-Type: text/plain; charset=utf-8\n\n{body}")
}

/// The signed letter of an entity, its entity replaced.
fn forged(signers: &Signers, entity: &str, other: &str) -> Vec<u8> {
    let lines = |text: &str| text.replace('\n', "\r\n").into_bytes();
    let letter = signers.sign(&Draft { name: "", entity: lines(entity) }, "gpg");
    let at = memchr::memmem::find(&letter, &lines(entity)).unwrap();
    let end = at + lines(entity).len();
    [&letter[..at], &lines(other), &letter[end..]].concat()
}

#[test]
fn a_link_is_seen_among_changes_of_form() {
    let Some(signers) = Signers::new() else { return };
    let good = "https://good.example/papers";
    let evil = "https://evil.example/?u=https%3A%2F%2Fgood.example%2Fpapers";
    let line = "all of the papers for the meeting on Monday are at";
    let entity = format!("Content-Type: text/plain; charset=utf-8\n\n{line} {good} as ever.\n");
    for (what, other) in [
        ("broken", format!("{line}\n{evil} as ever.\n")),
        ("broken later", format!("{line} {evil}\nas ever.\n")),
        ("a lone CR", format!("{line} {evil} as e\rver.\n")),
    ] {
        let letter =
            forged(&signers, &entity, &format!("Content-Type: text/plain; charset=utf-8\n\n{other}"));
        let seen = diagnose(&signers.cx, &letter, at()).unwrap();
        assert_ne!(seen.outcome, Outcome::Explained, "{what}: {seen:?}");
        let sent = format!("{line} {good} as ever.\n");
        assert!(kinds(&text(&sent), &text(&other)).contains(&ChangeKind::LinksRewritten), "{what}");
    }
    let many = "a\n".repeat(5_000);
    let found = kinds(&text(&format!("{many}{good}\n")), &text(&format!("{many}{evil}\n")));
    assert!(found.contains(&ChangeKind::LinksRewritten), "{found:?}");
}

#[test]
fn other_words_are_no_blanks() {
    for (one, other) in
        [("pay 10\u{b2} euro", "pay 102 euro"), (".5 million", "5 million"), ("do not pay!", "do not pay")]
    {
        let found = kinds(&text(&format!("{one}\n")), &text(&format!("{other}\n")));
        assert!(matches!(found[..], [ChangeKind::TextChanged | ChangeKind::TextRemoved]), "{one}: {found:?}");
        let found = kinds(&text(&format!("a\n{one}\nb\n")), &text(&format!("a {other}\nb\n")));
        assert_ne!(found, [ChangeKind::LinesWrapped], "{one}");
    }
}

#[test]
fn fields_that_are_read_are_no_form() {
    let Some(signers) = Signers::new() else { return };
    let plain = "Content-Type: text/plain; charset=utf-8\n";
    let body = "\nDear Bob,\n\nhello.\n";
    for (before, after) in [
        // Protected, or of a letter inside.
        (plain.to_owned(), format!("{plain}Subject: Pay at once\n")),
        (plain.to_owned(), format!("From: Boss <boss@example.org>\n{plain}")),
        // Of two, readers take the one or the other.
        (
            "Content-Type: text/plain;\n charset=utf-8\n".to_owned(),
            format!("{plain}Content-Type: text/html; charset=utf-8\n"),
        ),
    ] {
        let letter = forged(&signers, &(before + body), &(after.clone() + body));
        let seen = diagnose(&signers.cx, &letter, at()).unwrap();
        assert_ne!(seen.outcome, Outcome::Explained, "{after}: {seen:?}");
    }
    let harmless = format!("{plain}X-hMailServer-Spam: NO\n{body}");
    let seen = diagnose(&signers.cx, forged(&signers, &(plain.to_owned() + body), &harmless), at()).unwrap();
    assert_eq!(seen.outcome, Outcome::Explained);
}

#[test]
fn what_stands_behind_base64_is_seen() {
    let Some(signers) = Signers::new() else { return };
    let head = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n";
    let good = format!("{head}SGVsbG8gQm9iLA0KDQo=\n");
    for more in ["UGF5IGF0IG9uY2U=\n", "Pay at once to account 7.\n", "====\nUGF5\n"] {
        let letter = forged(&signers, &good, &format!("{good}{more}"));
        let seen = diagnose(&signers.cx, &letter, at()).unwrap();
        assert!(matches!(seen.outcome, Outcome::Mixed | Outcome::Unexplained), "{more}: {seen:?}");
    }
}

#[test]
fn base64_may_begin_with_an_empty_line() {
    let Some(signers) = Signers::new() else { return };
    let head = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n";
    let letter = forged(&signers, &format!("{head}SGVsbG8gQm9iLA0KDQo=\n"), &format!("{head}\nSGVsbG8=\n"));
    assert_eq!(diagnose(&signers.cx, &letter, at()).unwrap().outcome, Outcome::Unexplained);
}

/// Each of these gives what was signed when it is undone, and some readers show something else.
#[test]
fn what_readers_take_otherwise_is_not_explained() {
    let Some(signers) = Signers::new() else { return };
    let plain = "Content-Type: text/plain; charset=us-ascii; format=flowed; delsp=yes\n";
    let coded = "Content-Type: text/html; charset=us-ascii\nContent-Transfer-Encoding: quoted-printable\n";
    let line = "It is a line of some length which says that the effort was notable <!-- and more -->\n";
    let wide = "two words that are\nable to stand alone\n";
    for (what, head, body, other_head, other_body) in [
        ("a line end for some", plain, line, format!("X-Note: a\r\rPay Eve.\n{plain}"), line.to_owned()),
        ("no field", plain, line, format!("{plain}Pay Eve at once.\n"), line.to_owned()),
        ("a blank before the colon", plain, line, format!("{plain}X-Pay Eve : now\n"), line.to_owned()),
        ("a line of blanks", plain, line, format!("{plain} \nX-Note: Pay Eve.\n"), line.to_owned()),
        (
            "two encodings",
            coded,
            line,
            format!("{coded}Content-Transfer-Encoding: base64\n"),
            line.to_owned(),
        ),
        (
            "more than an encoding",
            coded,
            line,
            coded.replace("printable", "printable\n Pay"),
            line.to_owned(),
        ),
        ("within a word", plain, line, plain.to_owned(), line.replace("notable", "not\nable")),
        ("within markup", coded, line, coded.to_owned(), line.replace("<!--", "<!-\n-")),
        ("DelSp", plain, wide, plain.to_owned(), wide.replace("are\n", "are \n")),
        ("over what was there", plain, line, plain.to_owned(), line.replace("says", "\rsays")),
    ] {
        let letter = forged(&signers, &format!("{head}\n{body}"), &format!("{other_head}\n{other_body}"));
        let seen = diagnose(&signers.cx, &letter, at()).unwrap();
        assert_ne!(seen.outcome, Outcome::Explained, "{what}: {seen:?}");
    }
}

/// Of what is around the signed part, too, some readers show something else.
#[test]
fn what_stands_around_is_not_explained() {
    let Some(signers) = Signers::new() else { return };
    let entity = "Content-Type: text/plain; charset=us-ascii\n\nDear Bob,\nhello.\n";
    let letter = String::from_utf8(forged(&signers, entity, entity)).unwrap();
    let with = |old: &str, new: &str| {
        let other = letter.replacen(old, new, 1);
        assert_ne!(other, letter, "{old}");
        diagnose(&signers.cx, other.as_bytes(), at()).unwrap().outcome
    };
    let signed = "Content-Type: multipart/signed";
    assert_eq!(with(signed, "Content-Type: multipart/mixed"), Outcome::Explained);
    for new in ["Content-Type: multipart/alternative", "Content-Type: multipart/digest"] {
        assert_eq!(with(signed, new), Outcome::Mixed, "{new}");
    }
    let twice = "Content-Type: text/html\r\nContent-Type: multipart/mixed";
    assert_ne!(with(signed, twice), Outcome::Explained);
    let bare = letter.replacen(signed, "Content-Type: multipart/mixed", 1);
    let shown = bare.replacen("application/pgp-signature; name", "text/html; name", 1);
    let shown = shown.replacen("-----BEGIN", "<h1>Pay Eve</h1>\r\n-----BEGIN", 1);
    assert_ne!(shown, bare);
    assert_ne!(diagnose(&signers.cx, shown.as_bytes(), at()).unwrap().outcome, Outcome::Explained);
}

#[test]
fn charsets_are_taken_at_their_word() {
    let (latin, utf8) = (&b"Gr\xfc\xdfe\r\n"[..], "Gr\u{fc}\u{df}e\r\n".as_bytes());
    let letter = |charset: &str, body: &[u8]| {
        [b"Content-Type: text/plain; charset=", charset.as_bytes(), b"\r\n\r\n", body].concat()
    };
    for (charset, kind) in [
        ("utf-8", ChangeKind::CharsetChanged),
        ("koi8-r", ChangeKind::TextChanged),
        ("utf-7", ChangeKind::TextChanged),
    ] {
        let (sent, received) = (letter("iso-8859-1", latin), letter(charset, utf8));
        let seen = compare(&sent, &received, &Limits::default()).unwrap();
        assert!(seen.changes.iter().any(|change| change.kind == kind), "{charset}: {:?}", seen.changes);
    }
}

#[test]
fn parts_outside_are_named() {
    let Some(signers) = Signers::new() else { return };
    let entity = "Content-Type: text/plain; charset=utf-8\n\nDear Bob,\nhello.\n";
    let letter = forged(&signers, entity, &entity.replace("hello.", "hello. "));
    let letter = String::from_utf8(letter).unwrap();
    let (head, rest) = letter.split_once("Content-Type: multipart/signed").unwrap();
    let outer = format!(
        "{head}Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: text/plain\r\n\r\n\
         Pay at once.\r\n--o\r\nContent-Type: multipart/signed{rest}\r\n--o--\r\n"
    );
    let seen = diagnose(&signers.cx, letter.as_bytes(), at()).unwrap();
    assert_eq!(seen.outcome, Outcome::Explained, "{seen:?}");
    let seen = diagnose(&signers.cx, outer.as_bytes(), at()).unwrap();
    assert_eq!(seen.outcome, Outcome::Mixed, "{seen:?}");
    assert!(seen.changes.iter().any(|change| change.after.contains("Pay at once")));
}

/// What a test may take, without optimization, on a machine that does other things as well.
const PATIENCE: Duration = Duration::from_secs(30);

fn timed(what: &str, work: impl FnOnce() -> Result<(), Error>) {
    let start = Instant::now();
    let result = work();
    println!("{what}: {:?}, {result:?}", start.elapsed());
    assert!(start.elapsed() < PATIENCE, "{what}: {:?}", start.elapsed());
}

#[test]
fn no_letter_takes_long() {
    let Some(signers) = Signers::new() else { return };
    let size = 512 << 10;
    let cx = signers.cx.clone().limits(Limits::default().diagnosis_bytes(8 << 20));
    let fill = |line: &str| line.repeat(size / line.len());
    let letter = |head: &str, body: &str| {
        let draft = drafts().remove(0);
        let entity = String::from_utf8(draft.entity.clone()).unwrap().replace("\r\n", "\n");
        forged(&signers, &entity, &format!("{head}\n{body}"))
    };
    let plain = "Content-Type: text/plain; charset=utf-8\n";
    let quoted = "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n";
    let long = format!("{}\n", "x".repeat(size / 40));
    for (what, head, body) in [
        ("dots", plain, fill("..\n")),
        ("From", plain, fill(">From \n")),
        ("blanks", plain, fill("a \n")),
        ("links", plain, fill("https://a ")),
        ("few long lines", plain, long.repeat(40)),
        ("umlauts", plain, fill("\u{fc}bermorgen\n")),
        ("one line", quoted, fill("<p")),
        ("soft breaks", quoted, fill("=\n")),
        ("tags", quoted, fill("<img>")),
    ] {
        let mail = letter(head, &body);
        timed(what, || diagnose(&cx, &mail, at()).map(drop));
    }
}

#[test]
fn no_comparison_takes_long() {
    let parts = |count: usize, body: &dyn Fn(usize) -> String| {
        let one = |at| format!("--b\r\nContent-Type: text/plain\r\n\r\n{}\r\n", body(at));
        let parts: String = (0..count).map(one).collect();
        format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{parts}--b--\r\n")
    };
    let lines = |word: &'static str, count: usize| {
        move |part: usize| (0..count).map(|at| format!("{word}{}\r\n", at * 7 + part)).collect::<String>()
    };
    let line = |text: &str| format!("Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n");
    for (what, one, other) in [
        ("many parts, many lines", parts(200, &lines("a", 1_500)), parts(200, &lines("a", 1_499))),
        ("many parts, other lines", parts(200, &lines("a", 1_500)), parts(200, &lines("b", 1_500))),
        ("very many parts", parts(9_000, &lines("a", 10)), parts(9_000, &lines("b", 10))),
        ("one line", line(&"a b ".repeat(1 << 18)), line(&"a  b".repeat(1 << 18))),
        ("links", line(&"https://a ".repeat(100_000)), line(&"https://b ".repeat(100_000))),
        ("lines", line(&"a\r\n".repeat(1 << 18)), line(&"b\r\n".repeat(1 << 18))),
    ] {
        timed(what, || compare(one.as_bytes(), other.as_bytes(), &Limits::default()).map(drop));
    }
}
