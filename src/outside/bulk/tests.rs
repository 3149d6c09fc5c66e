use std::fs;
use std::sync::Arc;

use super::*;
use crate::limits::Limits;
use crate::message::{BulkLetter, Delivery, DeliveryError, Journal, Noted};
use crate::mime::{FromHeader, Headers, Structure};
use crate::time::UnixTime;

const AT: UnixTime = UnixTime::from_seconds(1_800_000_000);

fn row(values: &[(&str, &str)]) -> Recipient {
    Recipient::new("1", values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

fn template(letter: &str) -> Result<Template, Error> {
    Template::read(letter.as_bytes(), &Limits::default())
}

fn filled(letter: &str, values: &[(&str, &str)]) -> Result<String, Error> {
    template(letter)?.fill(&row(values)).map(|draft| String::from_utf8(draft.octets).unwrap())
}

const LETTER: &str = "From: news@example.org\r\nTo: \"{{name}} of {{city}}\" <{{email}}>, =?utf-8?Q?Zo=C3=AB?= <zoe@example.org>\r\n\
    Subject: =?utf-8?Q?F=C3=BCr?= {{name}}\r\nList-Unsubscribe: <https://example.org/u?{{token}}>\r\n\
    List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\
    Content-Type: text/plain; charset=iso-8859-1; format=flowed\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
    Gr=FC=DFe, {=\r\n{name}}!\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<a href=\"{{link}}\">{{name}}</a>\r\n\
    --b\r\nContent-Type: text/plain\r\n\r\nno place\r\n--b--\r\n";

#[test]
fn each_place_takes_its_value_in_its_own_way() {
    let values = [
        ("name", "O'Neill <\u{65e5}\u{672c}>"),
        ("city", "K\u{f6}ln"),
        ("email", "o.neill@EXAMPLE.org"),
        ("token", "a%20b"),
        ("link", "https://example.org/?a=1&b=\"2\""),
    ];
    let text = filled(LETTER, &values).unwrap();
    let headers = Headers::new(text.as_bytes());
    assert_eq!(headers.get("Subject").unwrap().text(), "F\u{fc}r O'Neill <\u{65e5}\u{672c}>");
    assert_eq!(headers.get("List-Unsubscribe").unwrap().text(), "<https://example.org/u?a%20b>");
    let to = FromHeader::of(&headers, "To");
    let to: Vec<_> =
        to.mailboxes.iter().map(|one| (one.name.as_deref().unwrap(), one.address_text())).collect();
    let name = "O'Neill <\u{65e5}\u{672c}> of K\u{f6}ln";
    assert_eq!(to, [(name, "o.neill@example.org".into()), ("Zo\u{eb}", "zoe@example.org".into())]);
    assert!(headers.fields().all(|field| field.value.is_ascii()));
    assert!(text.contains("Gr\u{fc}\u{df}e, O'Neill <\u{65e5}\u{672c}>!\r\n--b\r\n"));
    assert!(text.contains("<a href=\"https://example.org/?a=1&amp;b=&quot;2&quot;\">O&#39;Neill &lt;"));
    assert!(text.contains("charset=\"utf-8\"; format=\"flowed\"") && text.contains("no place\r\n--b--\r\n"));
    let names = template(LETTER).unwrap().names().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(names, ["city", "email", "link", "name", "token"]);
}

#[test]
fn r_e1_no_value_adds_a_field_a_recipient_or_a_part() {
    let good = [("name", "Bob"), ("city", "X"), ("email", "bob@example.org"), ("token", "t"), ("link", "l")];
    filled(LETTER, &good).unwrap();
    for (name, value) in [
        ("name", "Bob\r\nBcc: eve@example.com"),
        ("name", "Bob\nX: y"),
        ("name", "Bob\u{0}"),
        ("name", "Bob\u{1b}[2J"),
        ("email", "bob@example.org, eve@example.com"),
        ("email", "bob@example.org>, <eve@example.com"),
        ("email", "bob"),
        ("email", ""),
        ("token", "a>, <mailto:eve@example.com"),
        ("token", "a b"),
        ("token", "\u{fc}"),
        ("token", "a\r\nX: y"),
        ("link", "\r\n--b\r\nContent-Type: text/html\r\n\r\nPay me."),
        ("link", "\r\n--b--\r\n"),
    ] {
        let values: Vec<_> =
            good.iter().map(|(known, old)| (*known, if *known == name { value } else { *old })).collect();
        assert!(matches!(filled(LETTER, &values), Err(Error::Refused(_))), "{name} {value:?}");
    }
    let whole = filled(LETTER, &good).unwrap();
    assert_eq!(Structure::read(&mut whole.as_bytes(), &Limits::default()).unwrap().parts.len(), 4);
}

#[test]
fn a_place_without_value_or_end_is_an_error() {
    let head = "From: a@example.org\r\nTo: b@example.org\r\n";
    let error = filled(&format!("{head}\r\nDear {{{{nmae}}}}\r\n"), &[("name", "Bob")]).unwrap_err();
    assert_eq!(error.to_string(), "refused: 1: there is no value nmae; there are name");
    for text in ["{{name", "{{}}", "{{ }}", "{{a\nb}}"] {
        assert!(template(&format!("{head}\r\n{text}\r\n")).is_err(), "{text:?}");
    }
    assert!(template(&format!("{head}Content-Type: {{{{type}}}}\r\n\r\nx\r\n")).is_err());
    assert!(template(&format!("{head}Reply-To: {{{{a\r\n\r\nx\r\n")).is_err());
    assert_eq!(
        filled(&format!("{head}\r\n{{ name }}\r\n"), &[]).unwrap(),
        format!("{head}\r\n{{ name }}\r\n")
    );
}

#[test]
fn r_e1_what_an_encoded_word_holds_is_no_field() {
    let head = "From: a@example.org\r\nTo: b@example.org\r\n";
    let field = "Organization: =?utf-8?Q?K=C3=B6ln=0D=0ABcc:_eve@example.com?= {{name}}\r\n";
    let text = filled(&format!("{head}{field}\r\nx\r\n"), &[("name", "Bob")]).unwrap();
    assert!(text.is_ascii() && Headers::new(text.as_bytes()).count("Bcc") == 0, "{text}");
    assert!(text.contains("=0D=0ABcc:_eve@example.com?= Bob\r\n"), "{text}");
    let inside = "Organization: =?utf-8?Q?f=C3=BCr_{{name}}?=\r\n";
    let error = template(&format!("{head}{inside}\r\nx\r\n")).unwrap_err();
    assert!(error.to_string().contains("Organization"), "{error}");
    // Subject is read and encoded anew, whatever it was encoded in.
    let japanese = "Subject: =?ISO-2022-JP?B?GyRCRnxLXBsoQiB7e25hbWV9fQ==?=\r\n";
    let text = filled(&format!("{head}{japanese}\r\nx\r\n"), &[("name", "\u{738b}")]).unwrap();
    assert_eq!(
        Headers::new(text.as_bytes()).get("Subject").unwrap().text(),
        "\u{65e5}\u{672c} \u{738b}",
        "{text}"
    );
}

#[test]
fn a_draft_in_iso_2022_jp_is_filled_as_text() {
    let mut letter =
        b"From: a@example.org\r\nTo: b@example.org\r\nContent-Type: text/plain; charset=ISO-2022-JP\r\n\r\n"
            .to_vec();
    // In the two octets of a letter there may be braces: `\x25\x7b\x25\x7b` is the text of two kana.
    letter.extend_from_slice(b"\x1b$B%{%{\x1b(B {{name}}\r\n");
    let template = Template::read(&letter, &Limits::default()).unwrap();
    let draft = template.fill(&row(&[("name", "\u{738b}")])).unwrap();
    let text = String::from_utf8(draft.octets).unwrap();
    assert!(
        text.ends_with("\r\n\r\n\u{30fb}\u{30fb} \u{738b}\r\n") || text.contains(" \u{738b}\r\n"),
        "{text}"
    );
    assert!(text.contains("charset=\"utf-8\"") && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn no_line_of_the_header_is_too_long() {
    let letter = "From: a@example.org\r\nTo: b@example.org\r\nX-Token: {{a}}{{b}}\r\n\r\nx\r\n";
    let long = "x".repeat(500);
    filled(letter, &[("a", &long), ("b", "1")]).unwrap();
    let error = filled(letter, &[("a", &long), ("b", &long)]).unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
}

#[test]
fn tables() {
    let folder = tempfile::tempdir().unwrap();
    let read = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        Recipients::file(path).rows().and_then(|rows| rows.collect::<Result<Vec<_>, _>>())
    };
    let rows = read(
        "a.csv",
        "\u{feff}name,id,email\r\n\"B, \"\"jr.\"\"\",7,b@example.org\r\n日本,8,c@example.org\r\n".as_bytes(),
    )
    .unwrap();
    assert_eq!(
        (rows[0].id.as_str(), rows[0].get("name"), rows[1].get("name")),
        ("7", Some("B, \"jr.\""), Some("日本"))
    );
    let rows = read("a.jsonl", b"{\"email\":\"b@example.org\",\"n\":3}\n\n{\"id\":\"x\"}\n").unwrap();
    assert_eq!(
        (rows[0].id.as_str(), rows[0].get("n"), rows[1].id.as_str()),
        ("b@example.org", Some("3"), "x")
    );
    for (name, text) in [
        ("b.csv", &b"a,b\n1\n"[..]),
        ("b.csv", b"a,b\n1,\xff\n"),
        ("b.jsonl", b"{\"name\":\"x\"}\n"),
        ("b.jsonl", b"{\"id\":[1]}\n"),
        ("b.jsonl", b"id\n"),
    ] {
        let error = read(name, text).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    }
    let same = folder.path().join("same.csv");
    fs::write(&same, "email\na@example.org\nb@example.org\na@example.org\n").unwrap();
    let template = template("From: n@example.org\r\nTo: {{email}}\r\n\r\nx\r\n").unwrap();
    let error = template.drafts(&Recipients::file(&same)).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("two rows"), "{error}");
}

#[test]
fn tables_that_are_not_what_they_seem() {
    let folder = tempfile::tempdir().unwrap();
    let read = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        Recipients::file(path).rows().and_then(|rows| rows.collect::<Result<Vec<_>, _>>())
    };
    let large = format!("email,name\na@example.org,\"{}\"\nb@example.org,B\n", "x, ".repeat(4 << 20));
    assert_eq!(read("a.csv", large.as_bytes()).unwrap().len(), 2, "a value of 12 MiB");
    // A quotation mark that is not closed.
    let open = format!(
        "email,name\na@example.org,\"A\n{}",
        format!("b@example.org,{}\n", "B".repeat(1000)).repeat(20_000)
    );
    let line = format!("{{\"id\":\"{}", "x".repeat(17 << 20));
    for (name, text) in [("open.csv", open), ("open.jsonl", line)] {
        let error = read(name, text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("16 MiB") && error.contains(name), "{error}");
    }
    let many = format!("email,name\n{}", format!("b@example.org,{}\n", "B".repeat(1000)).repeat(20_000));
    assert_eq!(read("many.csv", many.as_bytes()).unwrap().len(), 20_000, "of the whole there is no bound");
    assert!(
        read("twice.csv", b"email,name,name\na@example.org,A,B\n").unwrap_err().to_string().contains("name")
    );
    assert_eq!(read("blank.csv", b"email,,\na@example.org,A,B\n").unwrap().len(), 1);
    assert_eq!(read("bom.jsonl", "\u{feff}{\"id\":\"1\"}\n".as_bytes()).unwrap()[0].id, "1");
    for (one, other, same) in [
        ("a@example.org", "a@EXAMPLE.org", true),
        ("a@example.org", "A@example.org", false),
        ("7", "07", false),
    ] {
        let path = folder.path().join("same.csv");
        fs::write(&path, format!("id\n{one}\n{other}\n")).unwrap();
        let template = template("From: n@example.org\r\nTo: x@example.org\r\n\r\n{{id}}\r\n").unwrap();
        let drafts = template.drafts(&Recipients::file(&path)).map(Iterator::count);
        assert_eq!(drafts.is_err(), same, "{one} {other}");
    }
    // Values are not looked through for places.
    let text = filled(
        "From: n@example.org\r\nTo: x@example.org\r\n\r\n{{a}}{{b}}\r\n",
        &[("a", "{{b}}"), ("b", "{{a}}")],
    );
    assert!(text.unwrap().ends_with("\r\n{{b}}{{a}}\r\n"));
}

/// What is read twice, or kept, is a file.
#[cfg(target_os = "linux")]
#[test]
fn pipes_and_devices_are_no_tables_and_no_journals() {
    let (pipe, _writer) = std::io::pipe().unwrap();
    let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&pipe));
    let error = Recipients::file(&path).rows().map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("more than once"), "{error}");
    assert!(matches!(journal(Path::new("/dev/null")), Err(Error::Refused(_))));
    let full = JournalFile::open("/dev/full", &[], AT).unwrap_err();
    assert!(matches!(full, Error::Refused(_)), "{full}");
}

fn journal(path: &Path) -> Result<JournalFile, Error> {
    JournalFile::open(path, &[("keys", "k"), ("to", "t")], AT)
}

/// A program that another test begins holds the lock until it runs.
fn released(path: &Path) -> JournalFile {
    for _ in 0..100 {
        match journal(path) {
            Err(Error::Refused(_)) => std::thread::sleep(std::time::Duration::from_millis(20)),
            other => return other.unwrap(),
        }
    }
    journal(path).unwrap()
}

#[test]
fn a_journal_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j");
    let first = journal(&path).unwrap();
    assert!(matches!(journal(&path), Err(Error::Refused(_))), "one process at a time");
    let notes = [("a", Noted::Begun), ("b", Noted::Done), ("c", Noted::Refused)];
    for (id, noted) in notes {
        assert_eq!(first.look(id, &[1; 32]).unwrap(), Noted::Nothing);
        first.note(id, &[1; 32], Noted::Begun, "").unwrap();
        first.note(id, &[1; 32], noted, "550 \"no\"\nsuch user").unwrap();
    }
    assert!(matches!(first.look("a", &[1; 32]), Err(Error::Refused(_))), "two letters of one name");
    let (run, first_text) = (first.run().to_owned(), fs::read(&path).unwrap());
    drop(first);
    let again = released(&path);
    assert_eq!((again.run(), again.last()), (run.as_str(), Some(AT)));
    for (id, noted) in notes {
        assert_eq!(again.look(id, &[1; 32]).unwrap(), noted);
    }
    drop(again);
    let other = released(&path).look("b", &[2; 32]);
    assert!(matches!(other, Err(Error::Refused(_))), "another letter");
    let error = JournalFile::open(&path, &[("keys", "other"), ("to", "t")], AT).unwrap_err();
    assert!(error.to_string().contains("keys") && !error.to_string().contains("to,"), "{error}");

    // Cut anywhere, it is a shorter journal; with an octet changed, one of these or no journal.
    for end in 0..first_text.len() {
        fs::write(&path, &first_text[..end]).unwrap();
        let cut = released(&path);
        let lines = first_text[..end].iter().filter(|octet| **octet == b'\n').count();
        let b_done = first_text[..end].windows(13).filter(|text| text == b"{\"note\":\"done").count();
        let expected = if b_done > 0 && lines >= 4 { Noted::Done } else { cut.look("b", &[1; 32]).unwrap() };
        assert_ne!((expected, lines >= 5), (Noted::Nothing, true));
    }
    for at in 0..first_text.len() {
        let mut changed = first_text.clone();
        changed[at] ^= 1;
        fs::write(&path, &changed).unwrap();
        let last_line = first_text[..first_text.len() - 1].iter().rposition(|octet| *octet == b'\n').unwrap();
        match journal(&path) {
            Err(Error::Malformed { .. }) => {}
            Ok(read) => {
                assert!(at >= last_line, "octet {at}");
                assert_eq!(read.look("b", &[1; 32]).unwrap(), Noted::Done);
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn a_journal_can_be_read_again_whatever_was_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j");
    let first = journal(&path).unwrap();
    first.note("a", &[1; 32], Noted::Refused, &"\u{1}".repeat(2 << 20)).unwrap();
    first.note("b", &[1; 32], Noted::Done, "").unwrap();
    let long = "i".repeat(1 << 20);
    assert!(matches!(first.look(&long, &[1; 32]), Err(Error::Refused(_))));
    drop(first);
    assert_eq!(journal(&path).unwrap().look("b", &[1; 32]).unwrap(), Noted::Done);
    let table = folder.path().join("long.csv");
    fs::write(&table, format!("id,email\n{long},a@example.org\n")).unwrap();
    let template = template("From: n@example.org\r\nTo: {{email}}\r\n\r\nx\r\n").unwrap();
    let before = template.drafts(&Recipients::file(&table)).map(|_| ()).unwrap_err();
    assert!(matches!(before, Error::Refused(_)), "{before}");
}

/// Addresses of recipients and letters are nobody else's.
#[cfg(unix)]
#[test]
fn files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (path, maildir) = (folder.path().join("j"), folder.path().join("Maildir"));
    drop(journal(&path).unwrap());
    let delivery = MaildirDelivery::open(&maildir, true).unwrap();
    delivery.stage(&letter("a")).unwrap();
    delivery.deliver(&letter("a")).unwrap();
    for path in [path, maildir.join("new/a.mailseal"), maildir.join("new"), maildir] {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{} {mode:o}", path.display());
    }
}

#[test]
fn no_other_file_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.eml");
    for text in ["From: a@example.org", "one line\n", "{\"note\":\"ran\"}"] {
        fs::write(&path, text).unwrap();
        assert!(matches!(journal(&path), Err(Error::Malformed { .. })), "{text}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn threads_note_together() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("j");
    let notes = Arc::new(journal(&path).unwrap());
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let notes = notes.clone();
            std::thread::spawn(move || {
                (0..25).for_each(|number| {
                    notes.note(&format!("{thread}-{number}"), &[0; 32], Noted::Done, "").unwrap();
                });
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    drop(notes);
    let again = journal(&path).unwrap();
    assert!(
        (0..100).all(|n| again.look(&format!("{}-{}", n / 25, n % 25), &[0; 32]).unwrap() == Noted::Done)
    );
}

fn letter(name: &str) -> BulkLetter {
    let address: crate::mime::Address = "a@example.org".parse().unwrap();
    let octets = b"From: a@example.org\r\n\r\nHi\r\n".to_vec();
    BulkLetter {
        id: name.into(),
        name: name.into(),
        sender: address.clone(),
        recipients: vec![address],
        octets,
    }
}

#[test]
fn a_maildir_knows_what_arrived() {
    let folder = tempfile::tempdir().unwrap();
    let open = |recent| MaildirDelivery::open(folder.path(), recent).unwrap();
    let maildir = open(true);
    maildir.stage(&letter("a")).unwrap();
    assert!(!maildir.arrived("a", true).unwrap(), "in tmp: not yet");
    maildir.deliver(&letter("a")).unwrap();
    assert!(maildir.arrived("a", true).unwrap() && open(false).arrived("a", false).unwrap());
    // A mail reader moved it, and gave it flags and a size.
    fs::rename(folder.path().join("new/a.mailseal"), folder.path().join("cur/a.mailseal,S=28:2,S")).unwrap();
    assert!(open(false).arrived("a", false).unwrap());
    fs::remove_file(folder.path().join("cur/a.mailseal,S=28:2,S")).unwrap();
    assert!(open(true).arrived("a", true).unwrap(), "taken away");
    assert!(!open(false).arrived("a", true).unwrap() && !open(true).arrived("a", false).unwrap());
    fs::remove_dir(folder.path().join("new")).unwrap();
    maildir.stage(&letter("b")).unwrap();
    assert!(matches!(maildir.deliver(&letter("b")), Err(DeliveryError::Away(_))));
}

/// What lies in `tmp` under the name of a letter is not written through, and letters and journals are for their owner.
#[cfg(unix)]
#[test]
fn nothing_is_written_through_links_or_for_all_to_read() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let maildir = MaildirDelivery::open(folder.path(), true).unwrap();
    let other = folder.path().join("other");
    fs::write(&other, "precious").unwrap();
    symlink(&other, folder.path().join("tmp/a.mailseal")).unwrap();
    let letter = BulkLetter {
        id: "a".into(),
        name: "a".into(),
        sender: "a@example.org".parse().unwrap(),
        recipients: Vec::new(),
        octets: b"x".to_vec(),
    };
    maildir.stage(&letter).unwrap();
    maildir.deliver(&letter).unwrap();
    assert_eq!(fs::read(&other).unwrap(), b"precious");
    let path = folder.path().join("j");
    drop(JournalFile::open(&path, &[], AT).unwrap());
    for path in [path, folder.path().join("new/a.mailseal")] {
        let found = fs::symlink_metadata(&path).unwrap();
        assert!(found.is_file());
        assert_eq!(found.permissions().mode() & 0o077, 0, "{}", path.display());
    }
}
