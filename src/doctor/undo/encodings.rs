//! Transfer encodings as they may have been.

use super::quoted_printable::{self, styles};
use super::{Form, fields, last, spliced, step};
use crate::doctor::tree::{Tree, is_leaf, place};
use crate::error::Error;
use crate::mime::{Part, TransferEncoding};

type Found<'f> = &'f mut dyn FnMut(Form) -> Result<bool, Error>;
/// The header and the body of a part as they may have been.
type Guess = (Vec<u8>, Vec<u8>);

/// All 8-bit parts were encoded for a server that takes 7 bits.
pub(super) fn downgraded(tree: &Tree<'_>, found: Found<'_>) -> Result<bool, Error> {
    let encoded =
        |part: &&Part| is_leaf(part) && !part.encoding.is_identity() && !tree.decoded(part).is_ascii();
    if !tree.parts().iter().any(|part| encoded(&part)) {
        return Ok(true);
    }
    for place_of_field in 0..=fields::PLACES {
        for composite in ["8bit", "", "7bit"] {
            for leaf in ["8bit", ""] {
                let mut pieces = Vec::new();
                for part in tree.parts() {
                    if encoded(&part) {
                        let header = fields::with_encoding(&part.header_octets, leaf, place_of_field);
                        pieces.push((place(&part.header), header));
                        pieces.push((place(&part.body), tree.canonical(part)));
                    } else if !is_leaf(part) && has_encoding(part) {
                        let header = fields::with_encoding(&part.header_octets, composite, place_of_field);
                        pieces.push((place(&part.header), header));
                    }
                }
                if !found(step(spliced(tree.octets, &pieces)))? {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

fn has_encoding(part: &Part) -> bool {
    part.headers().get("Content-Transfer-Encoding").is_some()
}

/// Encoded parts were not: each alone, and all.
pub(super) fn decoded(tree: &Tree<'_>, found: Found<'_>) -> Result<bool, Error> {
    each_and_all(tree, found, true, |tree, part, give| {
        if part.encoding.is_identity() {
            return Ok(true);
        }
        let octets = tree.canonical(part);
        let names: &[&str] = if octets.is_ascii() { &["7bit", "", "8bit"] } else { &["8bit", "", "binary"] };
        for header in fields::plainer(&part.header_octets) {
            for body in ends(&octets) {
                for name in names {
                    for at in 0..=fields::PLACES {
                        if !give((fields::with_encoding(&header, name, at), body.clone()))? {
                            return Ok(false);
                        }
                    }
                }
            }
        }
        Ok(true)
    })
}

/// Parts were encoded in another way, or written in another style.
pub(super) fn rewritten(tree: &Tree<'_>, found: Found<'_>) -> Result<bool, Error> {
    each_and_all(tree, found, false, |tree, part, give| {
        let octets = tree.canonical(part);
        let text = part.media_type.main == "text";
        for body in ends(&octets) {
            for width in widths() {
                // Who decodes, may write the field anew behind the others.
                let places =
                    if !text && part.encoding == TransferEncoding::Binary { fields::PLACES } else { 0 };
                for at in 0..=places {
                    let header = fields::with_encoding(&part.header_octets, "base64", at);
                    for last in [true, false] {
                        if !give((header.clone(), base64(&body, width, last)))? {
                            return Ok(false);
                        }
                    }
                }
            }
            let quotable = text && (part.encoding != TransferEncoding::Base64 || octets.len() < QUOTED);
            for style in styles().into_iter().filter(|_| quotable) {
                let header = fields::with_encoding(&part.header_octets, "quoted-printable", 0);
                if !give((header, quoted_printable::encoded(&body, style)))? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    })
}

/// Characters of a line of base64: usual ones, then all that whole groups of four make.
fn widths() -> impl Iterator<Item = usize> {
    let usual = [76, 72, 64, 60, usize::MAX];
    usual.into_iter().chain((40..=100).step_by(4).filter(move |width| !usual.contains(width)))
}

/// Octets of a text in base64 that is tried as quoted-printable.
const QUOTED: usize = 64 << 10;

/// The octets, and the same with one line end more or less at the end.
pub(super) fn ends(octets: &[u8]) -> Vec<Vec<u8>> {
    match octets.strip_suffix(b"\r\n") {
        Some(bare) => vec![octets.to_vec(), bare.to_vec()],
        None => vec![octets.to_vec(), [octets, b"\r\n"].concat()],
    }
}

pub(super) fn base64(octets: &[u8], width: usize, last: bool) -> Vec<u8> {
    let text = base64_simd::STANDARD.encode_to_string(octets);
    let lines: Vec<&[u8]> = text.as_bytes().chunks(width.clamp(1, text.len().max(1))).collect();
    let mut out = lines.join(&b"\r\n"[..]);
    if last {
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// Where guesses go as they are made; false where there is no use in making more.
pub(super) type Give<'g> = &'g mut dyn FnMut(Guess) -> Result<bool, Error>;

/// One guess for one part; then the guesses of the same number for all parts that have any.
pub(super) fn each_and_all(
    tree: &Tree<'_>,
    found: Found<'_>,
    go_on: bool,
    guesses: impl Fn(&Tree<'_>, &Part, Give<'_>) -> Result<bool, Error>,
) -> Result<bool, Error> {
    let form = |octets| if go_on { step(octets) } else { last(octets) };
    let parts: Vec<&Part> = tree.parts().iter().filter(|part| is_leaf(part)).take(PARTS).collect();
    for part in &parts {
        let mut give = |(header, body)| {
            let pieces = [(place(&part.header), header), (place(&part.body), body)];
            found(form(spliced(tree.octets, &pieces)))
        };
        if !guesses(tree, part, &mut give)? {
            return Ok(false);
        }
    }
    let mut all: Vec<(&Part, Vec<Guess>)> = Vec::new();
    for part in parts.iter().filter(|_| parts.len() > 1) {
        let (mut kept, mut octets) = (Vec::new(), 0_usize);
        guesses(tree, part, &mut |guess| {
            octets = octets.saturating_add(guess.0.len()).saturating_add(guess.1.len());
            kept.push(guess);
            Ok(octets < HELD / PARTS)
        })?;
        if !kept.is_empty() {
            all.push((part, kept));
        }
    }
    let most = all.iter().map(|(_, guesses)| guesses.len()).min().unwrap_or_default();
    for number in (0..most).filter(|_| all.len() > 1) {
        let mut pieces = Vec::new();
        for (part, guesses) in &all {
            if let Some((header, body)) = guesses.get(number) {
                pieces.push((place(&part.header), header.clone()));
                pieces.push((place(&part.body), body.clone()));
            }
        }
        if !found(form(spliced(tree.octets, &pieces)))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Octets of guesses that are held at once, about.
pub(super) const HELD: usize = 64 << 20;
/// Leaf parts that are looked at.
const PARTS: usize = 20;
