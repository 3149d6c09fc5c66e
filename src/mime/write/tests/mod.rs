//! Letters through the writing side and back.

mod canonical;
mod carriers;
mod corpora;
mod fields;
mod judges;
mod legacy_display;
mod protection;

use std::io::Write;

use super::*;
use crate::error::Error;
use crate::input::Source;
use crate::limits::Limits;
use crate::mime::Structure;

fn structure(letter: &[u8]) -> Structure {
    Structure::read(&mut &*letter, &Limits::default()).unwrap()
}

fn draft(letter: &[u8]) -> Result<Draft<'_>, Error> {
    protected(letter, Protect::Clear)
}

fn protected(letter: &[u8], protect: Protect) -> Result<Draft<'_>, Error> {
    let recipe = Recipe { protect, ..Recipe::default() };
    prepare(&Source::memory(letter), &structure(letter), &Limits::default(), recipe)
}

/// The entity without copies of header fields.
fn entity(letter: &[u8]) -> Result<Vec<u8>, Error> {
    Ok(written(&protected(letter, Protect::Off)?))
}

fn written(draft: &Draft<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    draft.write_entity(&mut out).unwrap();
    out
}

fn text(octets: Vec<u8>) -> String {
    String::from_utf8(octets).unwrap()
}

fn sentence(result: Result<Vec<u8>, Error>) -> String {
    result.unwrap_err().to_string()
}

/// A whole letter; the signature is what `sign` makes of the entity.
fn signed(
    draft: &Draft<'_>,
    kind: SignatureKind,
    micalg: &str,
    sign: impl FnOnce(&[u8]) -> Vec<u8>,
) -> Vec<u8> {
    let boundary = Boundary::new(*b"0123456789abcdef");
    let mut out = MultipartSigned::begin(Vec::new(), draft.outer(), kind, micalg, boundary).unwrap();
    draft.write_entity(&mut out).unwrap();
    let signature = sign(&written(draft));
    out.finish(&signature).unwrap()
}

/// The octets that a reader of the letter takes as signed.
fn signed_octets(letter: &[u8]) -> Vec<u8> {
    let structure = structure(letter);
    let range = structure.parts[1].entity();
    let at = |place: u64| usize::try_from(place).unwrap();
    letter[at(range.start)..at(range.end)].to_vec()
}

/// A letter with everything that carriers change.
fn difficult() -> Vec<u8> {
    let mut letter = b"From: Alice <alice@example.org>\r\nTo: Bob <bob@example.org>\r\nBcc: hidden@example.org\r\n\
        Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= of some length, so that the line is folded\r\n by someone\r\n\
        Date: Sun, 22 Nov 2026 06:36:18 +0000\r\nMessage-ID: <1@example.org>\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; \r\n boundary=\"outer\"\r\n\r\nPreamble \r\nFrom nobody\r\n--outer  \r\n\
        Content-Type: text/plain; charset=utf-8 \r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
        From the start\r\n.\r\n..dots\r\n-- \r\nGr\xc3\xbc\xc3\x9fe \t\r\n"
        .to_vec();
    letter.extend(vec![b'x'; 2000]);
    letter.extend_from_slice(
        b"\r\n\r\n--outer\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n\
        \0\xff\n\r\r\n\r\n--outer\r\nContent-Type: text/plain\r\n\r\n.\r\nclean\r\n",
    );
    // Each of these has one fault.
    let long = "x".repeat(1200);
    for text in ["From here", "blank \r\nend", "a\rb", long.as_str()] {
        letter.extend(format!("--outer\r\n\r\n{text}\r\n").into_bytes());
    }
    letter.extend_from_slice(b"--outer--\r\nFrom epilogue \r\n");
    letter
}
