//! Parts that were put around, beside or between.

use super::{Form, fields, last, soon, spliced};
use crate::doctor::tree::{Tree, place};
use crate::error::Error;

type Found<'f> = &'f mut dyn FnMut(Form) -> Result<bool, Error>;

/// A part in it was all of it, before something was wrapped around.
pub(super) fn inside(tree: &Tree<'_>, found: Found<'_>) -> Result<bool, Error> {
    for part in tree.parts().iter().skip(1).take(PARTS) {
        let octets = tree.slice(&part.entity());
        for octets in [octets.to_vec(), [octets, b"\r\n"].concat()] {
            if !found(soon(octets))? {
                return Ok(false);
            }
        }
    }
    for node in tree.parts().iter().take(PARTS) {
        let Some(child) = node.children.first().and_then(|index| tree.part(*index)) else { continue };
        let body = tree.slice(&child.body);
        let at = place(&node.header).start..place(&node.body).end.max(place(&node.epilogue).end);
        for header in fields::hoisted(&node.header_octets, &child.header_octets) {
            for body in [body.to_vec(), [body, b"\r\n"].concat()] {
                let entity = [header.as_slice(), &body].concat();
                if !found(soon(spliced(tree.octets, &[(at.clone(), entity)])))? {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

const PARTS: usize = 40;

/// A part was added; or text before the first or after the last.
pub(super) fn without(tree: &Tree<'_>, found: Found<'_>) -> Result<bool, Error> {
    for node in tree.parts().iter().filter(|part| !part.children.is_empty()).take(PARTS) {
        for index in &node.children {
            let Some(child) = tree.part(*index) else { continue };
            // From its delimiter on; the line end before belongs to that.
            let start = place(&child.header).start;
            let before = tree.octets.get(..start).unwrap_or_default();
            let Some(delimiter) = line_start(before) else { continue };
            let start = delimiter.saturating_sub(2);
            let end = place(&child.body).end;
            for range in [start..end, start.saturating_add(2)..end.saturating_add(2)] {
                if !found(soon(spliced(tree.octets, &[(range, Vec::new())])))? {
                    return Ok(false);
                }
            }
        }
        let (preamble, epilogue) = (place(&node.preamble), place(&node.epilogue));
        for range in [preamble.clone(), epilogue.clone()] {
            let wider = range.start.saturating_sub(2)..range.end;
            let longer = range.start..range.end.saturating_add(2);
            for range in [range, wider, longer] {
                if !range.is_empty() && !found(soon(spliced(tree.octets, &[(range, Vec::new())])))? {
                    return Ok(false);
                }
            }
        }
        for words in PREAMBLES {
            let text = [words.as_bytes(), b"\r\n"].concat();
            for text in
                [text.clone(), [b"\r\n".as_slice(), &text].concat(), [&text, b"\r\n".as_slice()].concat()]
            {
                if !found(last(spliced(tree.octets, &[(preamble.clone(), text)])))? {
                    return Ok(false);
                }
            }
        }
        // One line end more or less behind the last delimiter.
        let end = place(&node.body).end;
        for piece in [(end..end, b"\r\n".to_vec()), (end.saturating_sub(2)..end, Vec::new())] {
            if !found(last(spliced(tree.octets, &[piece])))? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Where the last whole line of these octets begins.
fn line_start(octets: &[u8]) -> Option<usize> {
    let bare = octets.strip_suffix(b"\n")?;
    Some(memchr::memrchr(b'\n', bare).map_or(0, |at| at.saturating_add(1)))
}

/// What programs write there, word for word.
const PREAMBLES: &[&str] = &[
    "This is a multi-part message in MIME format.",
    "This is a multi-part message in MIME format...",
    "This is a MIME-encapsulated message",
    "This is an OpenPGP/MIME signed message (RFC 4880 and 3156)",
    "This is a cryptographically signed message in MIME format.",
    "This is an S/MIME signed message",
];
