use std::io::BufReader;

use proptest::prelude::*;

use crate::error::Error;
use crate::limits::Limits;
use crate::mime::{Defect, Structure};

fn read(letter: &[u8]) -> Structure {
    Structure::read(&mut &*letter, &Limits::default()).unwrap()
}

fn slice(letter: &[u8], range: std::ops::Range<u64>) -> &str {
    let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
    std::str::from_utf8(&letter[range]).unwrap()
}

/// Path and entity of each part.
fn entities(letter: &[u8]) -> Vec<(String, &str)> {
    let structure = read(letter);
    structure.parts.iter().map(|part| (part.path.to_string(), slice(letter, part.entity()))).collect()
}

fn signed(first: &str) -> String {
    format!(
        "MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=xx\r\n\r\nThis is a preamble.\r\n--xx\r\n{first}\r\n\
         --xx\r\nContent-Type: application/pkcs7-signature\r\n\r\nAAAA\r\n--xx--\r\nepilogue\r\n"
    )
}

#[test]
fn octets_of_every_part() {
    let first = "Content-Type: text/plain\r\n\r\nHello\r\n";
    for letter in [signed(first), signed(first).replace("\r\n", "\n")] {
        let end = if letter.contains('\r') { "\r\n" } else { "\n" };
        let structure = read(letter.as_bytes());
        let [root, text, signature] = structure.parts.as_slice() else { panic!() };
        assert_eq!(root.children, [1, 2]);
        assert_eq!(slice(letter.as_bytes(), text.entity()), first.replace("\r\n", end));
        assert_eq!(slice(letter.as_bytes(), text.body.clone()), format!("Hello{end}"));
        assert_eq!(slice(letter.as_bytes(), signature.body.clone()), "AAAA");
        assert_eq!(slice(letter.as_bytes(), root.preamble.clone()), "This is a preamble.");
        assert_eq!(slice(letter.as_bytes(), root.epilogue.clone()), format!("epilogue{end}"));
        assert_eq!(text.header_octets, first.replace("\r\n", end).as_bytes()[..text.header_octets.len()]);
        assert_eq!((text.lines, signature.lines), (1, 1));
        let lines = if end == "\n" { (0, 3) } else { (3, 0) };
        assert_eq!((text.line_ends.crlf, text.line_ends.lf), lines);
        assert!(structure.parts.iter().all(|part| part.defects.is_empty()));
    }
}

/// Six ways in which a boundary stands in a line without being a delimiter (RFC 2046 §5.1.1).
#[test]
fn r_e3_boundaries_are_whole_lines() {
    for line in [
        "abc --xx def",
        " --xx",
        "abc--xx",
        "> --xx",
        "--xxz",
        "abc --xx-- def",
        "--xx--z",
        "--xx\rz",
        "-xx",
        "\r--xx",
    ] {
        let first = format!("Content-Type: text/plain\r\n\r\n{line}\r\nend\r\n");
        let letter = signed(&first);
        let found = entities(letter.as_bytes());
        assert_eq!(found.len(), 3, "{line}");
        assert_eq!(found[1].1, first, "{line}");
    }
}

#[test]
fn padding_after_a_delimiter() {
    let blanks = " \t".repeat(500);
    for pad in ["", " ", "\t \t", &blanks] {
        let letter = format!(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b{pad}\r\n\r\na\r\n--b{pad}\n\nb\n--b--{pad}\r\nx"
        );
        let found = entities(letter.as_bytes());
        assert_eq!((found[1].1, found[2].1), ("\r\na", "\nb"), "{}", pad.len());
        assert_eq!(slice(letter.as_bytes(), read(letter.as_bytes()).parts[0].epilogue.clone()), "x");
    }
    let letter = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b{blanks}x\r\n\r\na\r\n");
    assert_eq!(entities(letter.as_bytes()).len(), 1);
}

#[test]
fn an_outer_boundary_ends_what_is_not_closed() {
    let inner = "Content-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n\r\ntext";
    let letter = signed(inner);
    let structure = read(letter.as_bytes());
    let found = entities(letter.as_bytes());
    assert_eq!(found[1], ("1".into(), inner));
    assert_eq!(found[2], ("1.1".into(), "\r\ntext"));
    assert_eq!(found[3].0, "2");
    assert!(structure.parts[1].has(Defect::NotClosed) && !structure.parts[0].has(Defect::NotClosed));
}

#[test]
fn ends_of_a_letter() {
    let head = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\na\r\n";
    for (tail, last, closed) in [
        ("--b--", "\r\na", true),
        ("--b--\n", "\r\na", true),
        ("", "\r\na\r\n", false),
        ("--", "\r\na\r\n--", false),
    ] {
        let letter = format!("{head}{tail}");
        let structure = read(letter.as_bytes());
        assert_eq!(entities(letter.as_bytes())[1].1, last, "{tail}");
        assert_eq!(structure.parts[0].has(Defect::NotClosed), !closed);
    }
    let found = format!("{head}--b");
    assert_eq!(
        entities(found.as_bytes()).iter().map(|(_, text)| *text).collect::<Vec<_>>()[1..],
        ["\r\na", ""]
    );
}

#[test]
fn empty_and_headless_parts() {
    let letter = "Content-Type: multipart/mixed; boundary=b\n\n--b\n--b\n\n--b\nA: 1\n\n--b\nA: 1\n--b\n\n\n--b\n--b--\n";
    let found: Vec<_> = entities(letter.as_bytes()).into_iter().map(|(_, text)| text).collect();
    assert_eq!(found[1..], ["", "", "A: 1\n", "A: 1", "\n", ""]);
    for letter in ["", "\n", "A: 1", "A: 1\n", "A: 1\n\n", "text only\nmore\n"] {
        assert_eq!(entities(letter.as_bytes()), [("0".into(), letter)]);
    }
    assert!(read(b"text only\nA: 1\n\n").parts[0].has(Defect::UnreadableField));
}

#[test]
fn messages_are_entered() {
    let inner = "Subject: x\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n\r\na\r\n--in--";
    let letter = signed(&format!("Content-Type: message/rfc822\r\n\r\n{inner}"));
    let found = entities(letter.as_bytes());
    let paths: Vec<_> = found.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["0", "1", "1.1", "1.1.1", "2"]);
    assert_eq!((found[2].1, found[3].1), (inner, "\r\na"));

    let encoded = letter.replace("message/rfc822", "message/rfc822\r\nContent-Transfer-Encoding: base64");
    let structure = read(encoded.as_bytes());
    assert_eq!(structure.parts.len(), 3);
    assert!(structure.parts[1].has(Defect::EncodedComposite));

    let digest = "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\na\n--b\ngarbage\n--b--";
    let structure = read(digest.as_bytes());
    let found: Vec<_> =
        structure.parts.iter().map(|part| format!("{} {}", part.path, part.media_type)).collect();
    assert_eq!(found[1..], ["1 message/rfc822", "1.1 text/plain", "2 message/rfc822", "2.1 text/plain"]);
    assert_eq!(entities(digest.as_bytes())[4].1, "garbage");
}

#[test]
fn r_e3_defects() {
    let defects = |header: &str| read(format!("{header}\r\n\r\nbody").as_bytes()).parts[0].defects.clone();
    assert_eq!(defects("Content-Type: text/plain\r\ncontent-type : text/plain"), [Defect::DuplicateField]);
    assert_eq!(defects("MIME-Version: 1.0\r\nMIME-Version: 1.0"), [Defect::DuplicateField]);
    let encoding = "Content-Transfer-Encoding: 7bit";
    assert_eq!(defects(&format!("{encoding}\r\n{encoding}")), [Defect::DuplicateField]);
    assert_eq!(defects("Content-Type: text"), [Defect::UnreadableContentType]);
    assert_eq!(defects("Content-Type: multipart/mixed"), [Defect::NoBoundary]);
    assert_eq!(defects("Content-Type: multipart/mixed; boundary=b"), [Defect::NotClosed]);
    assert_eq!(defects("A: 1\r\nno field\r\nB: 2"), [Defect::UnreadableField]);
    assert_eq!(defects("A: 1\rB: 2"), [Defect::ControlCharacter]);
    assert_eq!(defects("A: \0"), [Defect::ControlCharacter]);
    let base64 = "Content-Transfer-Encoding: base64\r\nContent-Type: multipart/mixed; boundary=b";
    assert_eq!(defects(base64), [Defect::EncodedComposite]);
    let same = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b--\n\n--b--\n";
    assert!(read(same.as_bytes()).parts[1].has(Defect::AmbiguousBoundary));
}

#[test]
fn the_first_line_of_an_mbox_is_no_field() {
    let letter = "From alice@example.org Thu Jan  1 00:00:00 1970\nSubject: x\n\nFrom me\n";
    assert_eq!(entities(letter.as_bytes())[0].1, &letter[48..]);
    assert!(read(letter.as_bytes()).parts[0].defects.is_empty());
}

#[test]
fn d4_limits_have_names() {
    let fail = |letter: &[u8], limits: Limits| match Structure::read(&mut &*letter, &limits) {
        Err(Error::Limit { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    let nested: String =
        (0..40).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")).collect();
    assert_eq!(fail(nested.as_bytes(), Limits::default()), "depth");
    assert_eq!(fail(&b"Content-Type: message/rfc822\n\n".repeat(40), Limits::default()), "depth");
    let many = format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n".repeat(20_000));
    assert_eq!(fail(many.as_bytes(), Limits::default()), "parts");
    assert_eq!(fail(&b"A: 1\n".repeat(1001), Limits::default()), "header_fields");
    assert_eq!(fail(&[b"A: ".as_slice(), &[b'a'; 70_000]].concat(), Limits::default()), "header_field_bytes");
    assert_eq!(
        fail(&[b"A: 1\n".as_slice(), &b" a\n".repeat(30_000)].concat(), Limits::default()),
        "header_field_bytes"
    );
    let field = [b"A: ".as_slice(), &[b'a'; 60_000], b"\n"].concat();
    assert_eq!(fail(&field.repeat(20), Limits::default()), "header_bytes");
    assert_eq!(fail(&field.repeat(20), Limits::default().all_header_bytes(100_000)), "all_header_bytes");
    assert_eq!(fail(b"A: 1\n\nabc", Limits::default().message_bytes(8)), "message_bytes");
    assert_eq!(fail(b"A: 1\n", Limits::default().parts(0)), "parts");
}

#[test]
fn a_line_without_end_is_not_held() {
    use std::io::Read;
    for (start, fill) in [
        (&b"A: 1\n\n"[..], b'a'),
        (b"Content-Type: multipart/mixed; boundary=b\n\n", b'-'),
        (b"", b'a'),
        (b"Content-Type: multipart/mixed; boundary=b\n\n--b", b' '),
    ] {
        let letter = start.chain(std::io::repeat(fill).take(8 << 20));
        let structure = Structure::read(&mut BufReader::new(letter), &Limits::default());
        assert!(structure.is_ok(), "{structure:?}");
    }
}

#[test]
fn long_delimiters_between_lines_of_base64() {
    let (boundary, line) = ("b".repeat(70), "A".repeat(76) + "\r\n");
    let lines = line.repeat(3);
    let letter = format!(
        "Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n{lines}--{boundary}\r\n\r\n{lines}\r\n--{boundary}\r\n\r\n{lines}"
    );
    let structure = read(letter.as_bytes());
    assert_eq!(structure.parts.iter().map(|part| part.lines).collect::<Vec<_>>(), [14, 3, 3]);
}

/// Text in which boundaries, fields and line ends meet in all ways.
fn letters() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "\n",
        "\r\n",
        "\r",
        "--a",
        "--b",
        "--a--",
        "--b--",
        "-",
        "--",
        " ",
        "x",
        "\u{e9}",
        "From ",
        "Subject: x",
        "\n\n",
        "\r\n\r\n",
        "Content-Type: multipart/mixed; boundary=a",
        "Content-Type: multipart/digest; boundary=b",
        "Content-Type: message/rfc822",
        "Content-Type: multipart/signed;\r\n boundary=b",
        "\n--a\n",
        "\n--b\r\n",
        "\n--a--\n",
        "Content-Transfer-Encoding: base64\n",
        "                                        ",
        // As base64 writes them.
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\nBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB\r\n",
    ]);
    prop::collection::vec(piece, 0..40)
        .prop_map(|pieces| format!("Content-Type: multipart/mixed; boundary=a\n\n{}", pieces.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_buffer_gives_the_same(letter in letters(), size in 1usize..400) {
        // Which lines need no second look depends on it.
        let apart = |mut structure: Structure| {
            structure.parts.iter_mut().for_each(|part| part.usual = 0..0);
            structure
        };
        let whole = apart(read(letter.as_bytes()));
        for size in [1, size] {
            let mut reader = BufReader::with_capacity(size, letter.as_bytes());
            let again = apart(Structure::read(&mut reader, &Limits::default()).unwrap());
            prop_assert_eq!(format!("{again:?}"), format!("{whole:?}"));
        }
    }

    #[test]
    fn ranges_nest_and_follow(letter in letters()) {
        let structure = read(letter.as_bytes());
        prop_assert_eq!(structure.length, u64::try_from(letter.len()).unwrap());
        for part in &structure.parts {
            let octets = letter.as_bytes();
            prop_assert!(part.header.start <= part.header.end && part.header.end <= part.body.start);
            prop_assert!(part.body.start <= part.body.end && part.body.end <= structure.length);
            let range = |range: &std::ops::Range<u64>| usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
            prop_assert_eq!(&part.header_octets, &octets[range(&part.header)]);
            let entity = &octets[range(&part.entity())];
            let all = entity.iter().filter(|octet| **octet == b'\n').count();
            let crlf = entity.windows(2).filter(|pair| pair == b"\r\n").count();
            prop_assert_eq!(part.line_ends.crlf, u64::try_from(crlf).unwrap());
            prop_assert_eq!(part.line_ends.lf, u64::try_from(all - crlf).unwrap());
            let body = &octets[range(&part.body)];
            prop_assert_eq!(part.lines, u64::try_from(body.split_inclusive(|octet| *octet == b'\n').count()).unwrap());
            prop_assert_eq!(part.eight_bit, !body.is_ascii());
            let mut place = part.body.start;
            prop_assert!(part.preamble.start == place && part.preamble.end <= part.body.end);
            for child in structure.children(part) {
                prop_assert!(child.header.start >= place && child.body.end <= part.body.end);
                prop_assert!(!child.path.to_string().is_empty() && part.path.contains(&child.path));
                place = child.body.end;
            }
            prop_assert!(part.epilogue.start >= place && part.epilogue.end == part.body.end);
        }
    }
}
