//! Parts that a program wrote anew: header and body at once.
//!
//! What a program sets new content on comes out with its own habits: the fields in another order, parameters quoted and
//! folded in its way, MIME-Version in a part, another transfer encoding, another charset.

use std::collections::BTreeSet;
use std::ops::Range;

use encoding_rs::Encoding;

use super::quoted_printable::{self, styles};
use super::{Form, encodings, fields, last, spliced};
use crate::doctor::tree::{Tree, is_leaf, place, text};
use crate::error::Error;
use crate::mime::Part;

type Found<'f> = &'f mut dyn FnMut(Form) -> Result<bool, Error>;

/// Each part as it may have been before all of it was written anew.
pub(super) fn parts(tree: &Tree<'_>, found: Found<'_>) -> Result<bool, Error> {
    for part in tree.parts().iter().take(PARTS) {
        let at = place(&part.header).start..place(&part.body).end;
        let body = tree.slice(&part.body).to_vec();
        if !tried(tree, &at, &part.header_octets, &[body], found)? {
            return Ok(false);
        }
        if part.media_type.main != "text" || !is_leaf(part) || tree.slice(&part.body).len() > TEXT {
            continue;
        }
        for charset in charsets(part) {
            for (header, bodies) in contents(tree, part, charset) {
                if !tried(tree, &at, &header, &bodies, found)? {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

const PARTS: usize = 8;
/// Octets of a text of which so many forms are made.
const TEXT: usize = 32 << 10;

fn tried(
    tree: &Tree<'_>,
    at: &Range<usize>,
    header: &[u8],
    bodies: &[Vec<u8>],
    found: Found<'_>,
) -> Result<bool, Error> {
    for header in fields::as_composed(header) {
        for body in bodies {
            let entity = [header.as_slice(), body].concat();
            if !found(last(spliced(tree.octets, &[(at.clone(), entity)])))? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// As it is (`None`), then others; a name that nobody knows stands for any.
fn charsets(part: &Part) -> Vec<Option<&'static str>> {
    let current = part.media_type.parameter("charset").unwrap_or_default().to_ascii_lowercase();
    let others = CHARSETS.iter().filter(|name| **name != current).map(|name| Some(*name));
    std::iter::once(None).chain(others).collect()
}

const CHARSETS: &[&str] = &["us-ascii", "utf-8", "iso-8859-1", "iso-2022-jp", "windows-1252"];

/// Headers, each with the bodies that fit its encoding.
fn contents(tree: &Tree<'_>, part: &Part, charset: Option<&str>) -> Vec<(Vec<u8>, Vec<Vec<u8>>)> {
    let decoded = tree.canonical(part);
    let mut header = part.header_octets.clone();
    let mut octets = decoded.clone();
    if let Some(name) = charset {
        let Some(encoding) = Encoding::for_label(name.as_bytes()) else { return Vec::new() };
        let words = text(part, &decoded);
        let (encoded, _, lost) = encoding.encode(&words);
        if lost || name == "us-ascii" && !words.is_ascii() {
            return Vec::new();
        }
        octets = encoded.into_owned();
        header = fields::with_charset(&header, |_| Some(name.to_owned()));
    }
    let ends = encodings::ends(&octets);
    let identity: &[&str] = if octets.is_ascii() { &["7bit", "", "8bit"] } else { &["8bit", "", "binary"] };
    let mut contents: Vec<(Vec<u8>, Vec<Vec<u8>>)> =
        identity.iter().map(|name| (fields::with_encoding(&header, name, 0), ends.clone())).collect();
    let mut quoted = BTreeSet::new();
    let mut base64 = BTreeSet::new();
    for body in &ends {
        quoted.extend(styles().into_iter().map(|style| quoted_printable::encoded(body, style)));
        base64.extend([true, false].map(|last| encodings::base64(body, 76, last)));
    }
    for (name, bodies) in [("quoted-printable", quoted), ("base64", base64)] {
        contents.push((fields::with_encoding(&header, name, 0), bodies.into_iter().collect()));
    }
    contents
}
