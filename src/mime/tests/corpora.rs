use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::limits::Limits;
use crate::mime::{FromHeader, Structure, decode};

/// The folder of foreign test mails, if it is there.
fn corpora() -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    let folder = std::env::var_os("MAILSEAL_CORPORA").map_or(default, PathBuf::from);
    if !folder.is_dir() {
        println!("skipped: no corpora at {}", folder.display());
        return None;
    }
    Some(folder)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// What stands between two delimiter lines, found by looking at every line: independent of the scanner.
fn between_lines(octets: &[u8], boundary: &[u8], start: usize, end: usize) -> Vec<std::ops::Range<usize>> {
    let (mut found, mut open, mut place) = (Vec::new(), None, start);
    for line in octets[start..end].split_inclusive(|octet| *octet == b'\n') {
        let text = line.strip_suffix(b"\n").map_or(line, |line| line.strip_suffix(b"\r").unwrap_or(line));
        let text = String::from_utf8_lossy(text);
        let text = text.trim_end_matches([' ', '\t']).as_bytes();
        let closing = [b"--", boundary, b"--"].concat() == text;
        if closing || [b"--", boundary].concat() == text {
            if let Some(from) = open {
                let before: &[u8] = &octets[from..place];
                let before = before
                    .strip_suffix(b"\n")
                    .map_or(before, |text| text.strip_suffix(b"\r").unwrap_or(text));
                found.push(from..from + before.len());
            }
            open = Some(place + line.len());
            if closing {
                break;
            }
        }
        place += line.len();
    }
    found
}

/// Each place where a header says multipart/signed with a boundary: the boundary, and where the body starts. Found
/// by searching for words, without regard to structure.
fn signed_by_search(octets: &[u8]) -> Vec<(Vec<u8>, usize)> {
    let text: String = octets.iter().map(|octet| char::from(*octet).to_ascii_lowercase()).collect();
    let text: Vec<u8> = text.chars().map(|letter| u8::try_from(letter).unwrap()).collect();
    let mut found = Vec::new();
    for at in memchr::memmem::find_iter(&text, b"multipart/signed") {
        let line = text[..at].iter().rposition(|octet| *octet == b'\n').map_or(0, |end| end + 1);
        if text[line..at].trim_ascii() != b"content-type:" {
            continue;
        }
        let ends = [&b"\n\n"[..], b"\r\n\r\n"]
            .map(|end| Some(memchr::memmem::find(&octets[at..], end)? + at + end.len()));
        let Some(end) = ends.into_iter().flatten().min() else { continue };
        let Some(start) = memchr::memmem::find(&text[at..end], b"boundary=") else { continue };
        let value = octets[at + start + 9..end].trim_ascii_start();
        let value = match value.strip_prefix(b"\"") {
            Some(value) => value.split(|octet| *octet == b'"').next().unwrap(),
            None => value.split(|octet| b" \t;\r\n".contains(octet)).next().unwrap(),
        };
        found.push((value.to_vec(), end));
    }
    found
}

fn range(range: std::ops::Range<u64>) -> std::ops::Range<usize> {
    usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()
}

/// Nothing panics, and each multipart/signed has the parts that the line-by-line reading finds.
#[test]
fn foreign_mails() {
    let Some(corpora) = corpora() else { return };
    let (mut mails, mut signed, mut hidden) = (0, 0, Vec::new());
    for folder in FOLDERS {
        for path in files(&corpora.join(folder)) {
            let octets = fs::read(&path).unwrap();
            let Ok(structure) = Structure::read(&mut octets.as_slice(), &Limits::default()) else { continue };
            mails += 1;
            for part in &structure.parts {
                let headers = part.headers();
                let _ = (
                    FromHeader::read(&headers),
                    headers.date(),
                    headers.fields().map(|field| field.text().len()).sum::<usize>(),
                );
                let body = &octets[range(part.body.clone())];
                let mut decoded = Vec::new();
                decode::reader(part.encoding, body).take(4096).read_to_end(&mut decoded).unwrap();
                assert!(decoded.len() <= body.len());
            }
            for (boundary, start) in signed_by_search(&octets) {
                let found = structure.parts.iter().find(|part| range(part.body.clone()).start == start);
                let Some(part) = found.filter(|part| part.media_type.is("multipart", "signed")) else {
                    hidden.push(format!("{} {start}", path.strip_prefix(&corpora).unwrap().display()));
                    continue;
                };
                let expected = between_lines(&octets, &boundary, start, range(part.body.clone()).end);
                let children: Vec<_> = structure.children(part).map(|child| range(child.entity())).collect();
                assert!(
                    children.starts_with(&expected) && children.len() <= expected.len() + 1,
                    "{}",
                    path.display()
                );
                signed += 1;
            }
        }
    }
    println!("{mails} files, {signed} multipart/signed, not parts of a mail: {hidden:#?}");
    assert!(mails > 900 && signed > 150 && hidden.len() < 30, "{mails} {signed}");
}

const FOLDERS: &[&str] = &[
    "mail-parser",
    "python-email",
    "libetpan",
    "mimekit",
    "gmime",
    "kde-mimetreeparser",
    "thunderbird-smime",
    "thunderbird-openpgp",
    "rub-johnny",
    "openssl",
    "autocrypt-protected-headers",
];
