//! Signed letters, changed at random as an attacker would: what another reader shows otherwise is never explained.
//!
//! `MAILSEAL_DOCTOR_MUTANTS` says how many; the judge is Python's email (programs/reader.py), which knows nothing of us.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use mailseal::doctor::{Outcome, compare, diagnose};
use mailseal::{Context, Limits};

use crate::letters::{Draft, Signers, drafts};
use crate::support::{Program, corpora, tool};
use crate::{at, wanted};

/// The same numbers every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most.max(1) as u64) as usize
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Lines for headers: what readers show, what makes them read otherwise, and what is harmless.
const FIELDS: &[&str] = &[
    "X-Note: hello",
    "X-Note: a\r\rPay Eve at once.",
    "X-Note: a\rPay Eve at once.",
    "X-Pay Eve at once: now",
    "X-Note : pay Eve",
    "MIME-Version : 1.0",
    "MIME-Version: 1.0",
    "Pay Eve at once.",
    " ",
    "\t",
    " pay Eve",
    "X-Note: a\0b",
    "Content-Transfer-Encoding: base64",
    "Content-Transfer-Encoding: 8bit",
    "Content-Transfer-Encoding: x-uuencode",
    "Content-Type: text/html",
    "Content-Type: text/plain; charset=utf-7",
    "Content-Disposition: attachment; filename=evil.exe",
    "Content-Disposition: inline",
    "Content-Description: Pay Eve",
    "Content-Location: https://evil.example/",
    "Content-ID: <1@evil.example>",
    "Content-Language: de",
    "Subject: Pay Eve",
    "From: Eve <eve@evil.example>",
    "--=-sig-=",
    "--mix",
];

/// Words of fields, and what stands there then.
const WORDS: &[(&str, &str)] = &[
    ("text/plain", "text/html"),
    ("text/plain", "TEXT/plain"),
    ("text/plain", "text/plain; charset=utf-7"),
    ("text/plain", "text/plain; format=flowed; delsp=yes"),
    ("text/plain", "text/plain; name=\"pay.html\""),
    ("text/html", "text/plain"),
    ("charset=us-ascii", "charset=utf-7"),
    ("charset=us-ascii", "charset=utf-16"),
    ("charset=us-ascii", "charset=iso-2022-jp"),
    ("charset=us-ascii", "charset=utf-8"),
    ("charset=us-ascii", "charset=\"us-ascii\""),
    ("charset=utf-8", "charset=iso-8859-1"),
    ("charset=utf-8", "charset=x-unknown"),
    ("charset=utf-8", "charset*=''utf-7; charset=utf-8"),
    ("charset=iso-8859-1", "charset=koi8-r"),
    ("format=flowed", "format=fixed"),
    ("; format=flowed", "; format=flowed; delsp=yes"),
    ("quoted-printable", "8bit"),
    ("8bit", "base64"),
    ("7bit", "8bit"),
    ("7bit", "x-uue"),
    ("multipart/signed", "multipart/mixed"),
    ("multipart/signed", "multipart/alternative"),
    ("multipart/signed", "multipart/digest"),
    ("multipart/signed", "multipart/related"),
    ("multipart/mixed", "multipart/alternative"),
    ("boundary=\"=-sig-=\"", "boundary=x; boundary=\"=-sig-=\""),
    ("boundary=\"mix\"", "boundary=mix"),
    ("application/pgp-signature; name=\"signature.asc\"", "text/html; name=\"signature.asc\""),
    ("application/pkcs7-signature", "text/html"),
    ("-----BEGIN PGP SIGNATURE-----", "Pay Eve at once.\r\n-----BEGIN PGP SIGNATURE-----"),
    ("filename=\"dot.png\"", "filename=\"dot.exe\""),
    ("filename=\"dot.png\"", "filename=dot.png"),
    ("filename=\"dot.png\"", "filename=\"DOT.png\""),
    ("name=\"", "name=\" "),
    ("attachment", "inline"),
    (" of the meeting", "  of  the meeting"),
    ("Subject: Pay", "Subject: pAY"),
    ("Subject: Pay", "Subject: =?utf-8?q?Pay?="),
    ("Subject: Pay", "Subject: =?utf-8?q?P?= =?utf-8?q?ay?="),
    ("https://example.org", "https://evil.example"),
    ("https://example.org/papers", "https://evil.example/?u=https%3A%2F%2Fexample.org%2Fpapers"),
    ("<p>", "<p style=\"display:none\">"),
    ("<p>", "<p\r\n>"),
    ("<!--", "<!-\r\n-"),
    ("Alice", "\u{202e}ecilA"),
    ("Monday", "Mon\u{200b}day"),
    ("Monday", "Mon=\r\nday"),
    ("=\r\n", "= \r\n"),
    ("=\r\n", ""),
    ("Montag", "M=6Fntag"),
    ("=C3=BC", "=c3=bc"),
    ("=C3=BC", "=C3=B"),
    ("=20", ""),
    ("iVBOR", "iV=BOR"),
    ("iVBOR", "iV!BOR"),
    ("ggg==", "ggg"),
    ("\r\n\r\n--", "\r\n--"),
    ("notable", "not\r\nable"),
    ("notable", "not able"),
];

/// Text that is put between lines.
const LINES: &[&str] = &[
    "Pay Eve at once.",
    "",
    " ",
    "--mix",
    "--=-sig-=",
    "--=-sig-=--",
    "--alt\r\nContent-Type: text/html\r\n\r\n<b>Pay Eve</b>",
    "=",
    "=20",
    "UGF5IEV2ZQ==",
    ">From here on",
    "<style>p { display: none }</style>",
    "<!--",
    "begin 644 evil.exe",
    "Content-Type: text/html",
];

fn replaced(letter: &[u8], at: std::ops::Range<usize>, by: &[u8]) -> Vec<u8> {
    [&letter[..at.start], by, &letter[at.end..]].concat()
}

fn starts(letter: &[u8]) -> Vec<usize> {
    std::iter::once(0).chain(memchr::memchr_iter(b'\n', letter).map(|at| at + 1)).collect()
}

/// A line start within some header: of the letter, or behind a delimiter.
fn in_a_header(letter: &[u8], dice: &mut Dice) -> usize {
    let (mut inside, mut places) = (true, Vec::new());
    for start in starts(letter) {
        let line = &letter[start..];
        if inside && !line.starts_with(b" ") && !line.starts_with(b"\t") {
            places.push(start);
        }
        if inside && (line.starts_with(b"\r\n") || line.starts_with(b"\n")) {
            inside = false;
        } else if line.starts_with(b"--") {
            inside = true;
        }
    }
    // Most of the time not in that of the letter, which nobody signed.
    let signed = memchr::memmem::find(letter, b"\n--").unwrap_or_default();
    places.retain(|place| *place > signed + 1 || dice.below(8) == 0);
    if places.is_empty() { 0 } else { *dice.one(&places) }
}

fn mutated(letter: &[u8], dice: &mut Dice) -> Vec<u8> {
    // A spoilt signature says little: most of the time it stays.
    let signature =
        memchr::memmem::rfind(letter, b"Content-Type: application/p").filter(|_| dice.below(8) > 0);
    let (letter, signature) = letter.split_at(signature.filter(|at| *at > 1).unwrap_or(letter.len()));
    [changed(letter, dice).as_slice(), signature].concat()
}

fn changed(letter: &[u8], dice: &mut Dice) -> Vec<u8> {
    match dice.below(12) {
        0..3 => {
            let at = in_a_header(letter, dice);
            replaced(letter, at..at, format!("{}\r\n", dice.one(FIELDS)).as_bytes())
        }
        3..6 => {
            let there: Vec<_> = WORDS
                .iter()
                .flat_map(|(old, new)| memchr::memmem::find_iter(letter, old).map(move |at| (at, *old, *new)))
                .collect();
            if there.is_empty() {
                return letter.to_vec();
            }
            let (at, old, new) = *dice.one(&there);
            replaced(letter, at..at + old.len(), new.as_bytes())
        }
        6 => {
            let at = *dice.one(&starts(letter));
            replaced(letter, at..at, format!("{}\r\n", dice.one(LINES)).as_bytes())
        }
        // Form, or nearly: what a server could do.
        7..9 => formed(letter, dice),
        9 => {
            let at = dice.below(letter.len());
            let octets: &[&[u8]] =
                &[b"\r", b" ", b"\t", b"\r\n", b"=", b"\0", b"a", b"\xa0", b"\"", b"\n", b">"];
            replaced(letter, at..at, dice.one::<&[u8]>(octets))
        }
        10 => {
            let at = dice.below(letter.len() - 1);
            replaced(letter, at..at + 1, &[(dice.below(256)) as u8])
        }
        _ => {
            let all = starts(letter);
            let number = dice.below(all.len() - 1);
            replaced(letter, all[number]..all[number + 1], b"")
        }
    }
}

fn formed(letter: &[u8], dice: &mut Dice) -> Vec<u8> {
    let all = starts(letter);
    let number = dice.below(all.len() - 1);
    let (start, end) = (all[number], all[number + 1].saturating_sub(2).max(all[number]));
    match dice.below(9) {
        0 => replaced(letter, end..end, b" "),
        1 => replaced(letter, start..start, b">"),
        2 => replaced(letter, start..start, b"."),
        3 => letter.iter().copied().filter(|octet| *octet != b'\r').collect(),
        4 if end > start + 52 => {
            let at = start + 50 + dice.below(end - start - 50);
            replaced(letter, at..at, b"\r\n")
        }
        5 if end > start + 52 => {
            let blank = memchr::memchr(b' ', &letter[start + 50..end]).map(|at| start + 50 + at);
            blank.map_or_else(|| letter.to_vec(), |at| replaced(letter, at..at + 1, b"\r\n"))
        }
        6 => replaced(letter, start..start, b"\r\n"),
        7 => {
            let tab = memchr::memchr(b'\t', letter);
            tab.map_or_else(|| letter.to_vec(), |at| replaced(letter, at..at + 1, b"       "))
        }
        _ => {
            let blank = memchr::memmem::find(&letter[start..], b"; ").map(|at| start + at + 1);
            blank.map_or_else(|| letter.to_vec(), |at| replaced(letter, at..at + 1, b"\r\n\t"))
        }
    }
}

/// Letters with more to attack than those that programs break.
fn hostile() -> Vec<Draft> {
    let draft = |name, text: &str| Draft { name, entity: text.replace('\n', "\r\n").into_bytes() };
    vec![
        draft(
            "protected",
            "Content-Type: text/plain; charset=us-ascii; hp=\"clear\"\nSubject: Pay Bob\nFrom: Alice <alice@example.org>\n\nDear Bob,\n\nthe money is on its way.\n",
        ),
        draft(
            "flowed",
            "Content-Type: text/plain; charset=us-ascii; format=flowed; delsp=yes\n\nThis is a long line of words, and what follows is notable \nand goes on, as lines of this kind do, not\nable to end.\n",
        ),
        draft(
            "comment",
            "Content-Type: text/html; charset=utf-8\n\n<p>Dear Bob, all of this is a very long line of markup, notable <!-- Pay Eve at once. --> indeed</p>\n<style>i { display: none }</style><i>Pay Eve.</i>\n",
        ),
        draft(
            "bare",
            "\nSubject: Pay Eve\n\nThat is what the forged letter said, and it was notable how long the line was.\n",
        ),
    ]
}

/// Letters of other people that are still as they were signed.
fn found(cx: &Context, most: usize) -> Vec<Vec<u8>> {
    let Some(folder) = corpora() else { return Vec::new() };
    let mut paths: Vec<_> = walk(&folder, 0);
    paths.sort();
    let letters = paths.iter().filter_map(|path| std::fs::read(path).ok());
    letters
        .filter(|letter| {
            letter.len() < 16 << 10 && memchr::memmem::find(letter, b"multipart/signed").is_some()
        })
        .filter(|letter| {
            diagnose(cx, letter.as_slice(), at()).is_ok_and(|seen| seen.outcome == Outcome::Intact)
        })
        .take(most)
        .collect()
}

fn walk(folder: &Path, depth: usize) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let below = |path: std::path::PathBuf| match path.is_dir() {
        true if depth < 5 => walk(&path, depth + 1),
        true => Vec::new(),
        false if path.extension().is_some_and(|name| name == "eml" || name == "msg") => vec![path],
        false => Vec::new(),
    };
    entries.flat_map(below).collect()
}

/// What Python's email says of pairs of letters.
fn read_by_python(pairs: &[(&[u8], Vec<u8>)]) -> Vec<String> {
    let mut input = Vec::new();
    for (one, other) in pairs {
        for letter in [*one, other.as_slice()] {
            input.extend(u32::try_from(letter.len()).unwrap().to_be_bytes());
            input.extend_from_slice(letter);
        }
    }
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/doctor/programs/reader.py");
    let said = Program::new("python3").arg(program).input(&input).ok();
    String::from_utf8(said).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn mutants() {
    let Some(signers) = Signers::new() else { return };
    if tool("python3").is_none() {
        return;
    }
    let most = wanted("MAILSEAL_DOCTOR_MUTANTS", 150);
    let mut letters: Vec<Vec<u8>> = Vec::new();
    for draft in hostile().into_iter().chain(drafts()) {
        letters.extend(["openssl", "gpg"].map(|signer| signers.sign(&draft, signer)));
    }
    letters.extend(found(&signers.cx, most / 100));
    // Enough for one or two changes; a letter that nothing explains takes all of it.
    let cx = signers.cx.clone().limits(Limits::default().diagnosis_candidates(4_000));
    let mut dice = Dice(wanted("MAILSEAL_DOCTOR_SEED", 1) as u64 * 0x9e37_79b9_7f4a_7c15);
    let (mut outcomes, mut slowest) = (BTreeMap::<&str, usize>::new(), Duration::ZERO);
    let mut explained: Vec<(&[u8], Vec<u8>)> = Vec::new();
    for number in 0..most {
        let letter = letters[number % letters.len()].as_slice();
        let mut mutant = mutated(letter, &mut dice);
        for _ in 0..dice.below(3) {
            mutant = mutated(&mutant, &mut dice);
        }
        let start = Instant::now();
        let seen = diagnose(&cx, mutant.as_slice(), at());
        let compared = compare(letter, &mutant, &Limits::default()).unwrap();
        slowest = slowest.max(start.elapsed());
        // What cannot be read at all is an error.
        let outcome = seen.as_ref().map_or("error", |seen| seen.outcome.as_str());
        *outcomes.entry(outcome).or_default() += 1;
        let bare =
            |octets: &[u8]| -> Vec<u8> { octets.iter().copied().filter(|one| *one != b'\r').collect() };
        assert!(
            !compared.changes.is_empty() || bare(letter) == bare(&mutant),
            "nothing changed?\n{}",
            String::from_utf8_lossy(&mutant)
        );
        if outcome == "explained" {
            explained.push((letter, mutant));
        }
    }
    let answers = read_by_python(&explained);
    assert_eq!(answers.len(), explained.len());
    let mut wrong = 0;
    for ((_, mutant), answer) in explained.iter().zip(&answers).filter(|(_, answer)| *answer != "same") {
        wrong += 1;
        let seen = diagnose(&cx, mutant.as_slice(), at()).unwrap();
        println!("--- {answer}\n{:?}\n{}", seen.changes, String::from_utf8_lossy(mutant));
    }
    println!(
        "{most} mutants of {} letters: {outcomes:?}; {} explained read by Python, {wrong} otherwise than signed; slowest {slowest:?}",
        letters.len(),
        explained.len()
    );
    assert_eq!(wrong, 0);
}
