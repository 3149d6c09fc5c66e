use std::fs;
use std::path::{Path, PathBuf};

use crate::limits::Limits;
use crate::mime::{FromHeader, Part, Structure};

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
                let before = before.strip_suffix(b"\n").map_or(before, |text| text.strip_suffix(b"\r").unwrap_or(text));
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

fn entity(part: &Part) -> std::ops::Range<usize> {
    usize::try_from(part.entity().start).unwrap()..usize::try_from(part.entity().end).unwrap()
}

/// Header fields, line ends and parts are read without panic, and each multipart/signed has the parts that the
/// line-by-line reading finds.
#[test]
fn foreign_mails() {
    let Some(corpora) = corpora() else { return };
    let (mut mails, mut signed) = (0, 0);
    for folder in FOLDERS {
        for path in files(&corpora.join(folder)) {
            let octets = fs::read(&path).unwrap();
            let Ok(structure) = Structure::read(&mut octets.as_slice(), &Limits::default()) else { continue };
            mails += 1;
            for part in &structure.parts {
                let headers = part.headers();
                let _ = (FromHeader::read(&headers), headers.date(), headers.fields().map(|field| field.text()).count());
                if !part.media_type.is("multipart", "signed") || part.children.len() < 2 {
                    continue;
                }
                let boundary = part.media_type.boundary().unwrap();
                let body = usize::try_from(part.body.start).unwrap()..usize::try_from(part.body.end).unwrap();
                let expected = between_lines(&octets, &boundary, body.start, body.end);
                let found: Vec<_> = structure.children(part).map(entity).collect();
                assert!(found.starts_with(&expected), "{} {}", path.display(), part.path);
                assert!(!expected.is_empty());
                signed += 1;
            }
        }
    }
    println!("{mails} mails, {signed} multipart/signed");
    assert!(mails > 500 && signed > 150, "{mails} {signed}");
}

const FOLDERS: &[&str] = &[
    "mail-parser", "python-email", "libetpan", "mimekit", "gmime", "kde-mimetreeparser", "thunderbird-smime",
    "thunderbird-openpgp", "rub-johnny", "openssl", "autocrypt-protected-headers",
];
