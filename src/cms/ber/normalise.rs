//! BER into the lengths and strings of DER (X.690 §10.1, §10.2). Order and values stay as they are.

use std::borrow::Cow;

use super::header::{Header, length_size, push_length, tag};
use super::{malformed, too_deep};
use crate::error::Error;

/// True where lengths are definite and minimal and OCTET STRINGs are in one piece.
pub(crate) fn is_der(octets: &[u8], depth: u32) -> Result<bool, Error> {
    if usize::try_from(depth).is_ok_and(|depth| depth >= USUAL_DEPTH) && is_usual(octets).is_some() {
        return Ok(true);
    }
    walked_is_der(octets, depth)
}

fn walked_is_der(octets: &[u8], depth: u32) -> Result<bool, Error> {
    let mut walk = Walk::new(octets, depth);
    let mut der = true;
    while let Some(token) = walk.next()? {
        if let Token::Primitive(header, _) | Token::Open(header) = token {
            der &= header.minimal() && header.tag != tag::OCTET_STRING_PIECES;
        }
    }
    Ok(der)
}

/// The same for what nearly all structures are, without looking at anything twice: of tags and lengths in few octets, not
/// nested deeply. `None` where it takes more to tell.
fn is_usual(octets: &[u8]) -> Option<()> {
    // What is left after each open element.
    let (mut rest, mut after, mut open) = (octets, [0; USUAL_DEPTH], 0);
    loop {
        while open > 0 && after.get(open - 1) == Some(&rest.len()) {
            open -= 1;
        }
        if rest.is_empty() {
            return (open == 0).then_some(());
        }
        let (tag, length, inside) = match *rest {
            [tag, length @ 0..=0x7f, ref inside @ ..] => (tag, usize::from(length), inside),
            [tag, 0x81, length @ 0x80..=0xff, ref inside @ ..] => (tag, usize::from(length), inside),
            [tag, 0x82, high @ 1..=0xff, low, ref inside @ ..] => {
                (tag, usize::from(u16::from_be_bytes([high, low])), inside)
            }
            _ => return None,
        };
        let left = inside.len().checked_sub(length)?;
        let bound = open.checked_sub(1).and_then(|last| after.get(last)).copied().unwrap_or(0);
        if tag == 0 || tag & 0x1f == 0x1f || tag == tag::OCTET_STRING_PIECES || left < bound {
            return None;
        }
        if tag & tag::CONSTRUCTED == 0 {
            rest = inside.get(length..)?;
        } else {
            *after.get_mut(open)? = left;
            open += 1;
            rest = inside;
        }
    }
}

/// Deeper than signed attributes and names go.
const USUAL_DEPTH: usize = 12;

/// The same elements with definite, minimal lengths and OCTET STRINGs in one piece. Costs up to 3 times the input:
/// one u32 per constructed element, and the output.
pub(crate) fn normalise(octets: &[u8], depth: u32) -> Result<Cow<'_, [u8]>, Error> {
    if is_der(octets, depth)? {
        return Ok(Cow::Borrowed(octets));
    }
    let mut lengths = lengths(octets, depth)?.into_iter();
    let mut out = Vec::new();
    let mut walk = Walk::new(octets, depth);
    let mut string = 0usize;
    while let Some(token) = walk.next()? {
        match token {
            Token::Primitive(_, content) if string > 0 => out.extend_from_slice(content),
            Token::Primitive(header, content) => {
                out.extend_from_slice(header.identifier());
                push_length(&mut out, to_u64(content.len()));
                out.extend_from_slice(content);
            }
            Token::Open(_) if string > 0 => string += 1,
            Token::Open(header) => {
                let pieces = header.tag == tag::OCTET_STRING_PIECES;
                string = usize::from(pieces);
                out.extend_from_slice(if pieces { &[tag::OCTET_STRING] } else { header.identifier() });
                push_length(&mut out, u64::from(lengths.next().unwrap_or(0)));
            }
            Token::Close => string = string.saturating_sub(1),
        }
    }
    Ok(Cow::Owned(out))
}

struct Open {
    slot: Option<usize>,
    identifier: usize,
    length: usize,
}

/// Content lengths of the constructed elements (a string in pieces counts as one), in the order of their headers.
fn lengths(octets: &[u8], depth: u32) -> Result<Vec<u32>, Error> {
    let (mut lengths, mut open, mut string) = (Vec::new(), Vec::<Open>::new(), 0usize);
    let mut walk = Walk::new(octets, depth);
    while let Some(token) = walk.next()? {
        let closed = match token {
            Token::Primitive(header, content) if string > 0 => {
                piece(header, tag::OCTET_STRING, content.len())?
            }
            Token::Primitive(header, content) => whole(header.identifier().len(), content.len()),
            Token::Open(header) => {
                if string > 0 {
                    piece(header, tag::OCTET_STRING_PIECES, 0)?;
                    open.push(Open { slot: None, identifier: 0, length: 0 });
                } else {
                    open.push(Open {
                        slot: Some(lengths.len()),
                        identifier: header.identifier().len(),
                        length: 0,
                    });
                    lengths.push(0);
                }
                string += usize::from(string > 0 || header.tag == tag::OCTET_STRING_PIECES);
                continue;
            }
            Token::Close => {
                string = string.saturating_sub(1);
                let Some(closed) = open.pop() else { continue };
                match closed.slot.and_then(|slot| lengths.get_mut(slot)) {
                    Some(length) => {
                        *length =
                            u32::try_from(closed.length).map_err(|_| malformed("an element is too large"))?;
                        whole(closed.identifier, closed.length)
                    }
                    None => closed.length,
                }
            }
        };
        if let Some(parent) = open.last_mut() {
            parent.length = parent.length.saturating_add(closed);
        }
    }
    Ok(lengths)
}

fn piece(header: Header, tag: u8, length: usize) -> Result<usize, Error> {
    if header.tag == tag { Ok(length) } else { Err(malformed("a string has a piece of another type")) }
}

fn whole(identifier: usize, length: usize) -> usize {
    length.saturating_add(identifier).saturating_add(length_size(to_u64(length)))
}

fn to_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

enum Token<'a> {
    Primitive(Header, &'a [u8]),
    Open(Header),
    Close,
}

/// Walks into every constructed element.
struct Walk<'a> {
    octets: &'a [u8],
    at: usize,
    /// Where each open element ends at the latest, and whether it is indefinite.
    open: Vec<(usize, bool)>,
    depth: u32,
}

impl<'a> Walk<'a> {
    fn new(octets: &'a [u8], depth: u32) -> Self {
        Self { octets, at: 0, open: Vec::new(), depth }
    }

    fn next(&mut self) -> Result<Option<Token<'a>>, Error> {
        let (bound, indefinite) = self.open.last().copied().unwrap_or((self.octets.len(), false));
        if self.at == bound && !indefinite {
            return Ok(self.open.pop().map(|_| Token::Close));
        }
        let rest = self.octets.get(self.at..bound).unwrap_or_default();
        let header = Header::of(rest)?.ok_or_else(|| malformed("it ends inside an element"))?;
        self.at += header.octets().len();
        if header.is_end() {
            self.open.pop_if(|open| open.1).ok_or_else(|| malformed("end-of-contents where nothing ends"))?;
            return Ok(Some(Token::Close));
        }
        let end = match header.length {
            None => bound,
            Some(length) => usize::try_from(length)
                .ok()
                .and_then(|length| self.at.checked_add(length))
                .filter(|end| *end <= bound)
                .ok_or_else(|| malformed("an element is longer than what it is in"))?,
        };
        if !header.constructed() {
            let content = self.octets.get(self.at..end).unwrap_or_default();
            self.at = end;
            return Ok(Some(Token::Primitive(header, content)));
        }
        if self.open.len() > usize::try_from(self.depth).unwrap_or(usize::MAX) {
            return Err(too_deep(self.depth));
        }
        self.open.push((end, header.length.is_none()));
        Ok(Some(Token::Open(header)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn usual_structures() {
        let long = |length: u8| [&[0x30, 0x81, length][..], &vec![0; usize::from(length)]].concat();
        let primitive = |octets: &[u8]| [&[0x04, 0x82, 0x01, 0x00][..], octets].concat();
        assert!(is_usual(&primitive(&[7; 256])).is_some() && is_usual(&primitive(&[7; 255])).is_none());
        assert!(is_usual(b"\x30\x07\x30\x00\x30\x03\x02\x01\x05").is_some() && is_usual(b"").is_some());
        assert!(is_usual(b"\x30\x07\x30\x00\x30\x04\x02\x01\x05\x05\x00").is_none(), "too long inside");
        assert!(is_usual(b"\x30\x03\x02\x81\x01\x05").is_none() && is_usual(&long(0x80)).is_none());
        assert!(is_usual(b"\x24\x03\x04\x01\x05").is_none() && is_usual(b"\x30\x80\x00\x00").is_none());
        let deep = |depth: u8| (0..depth).map(|at| [0x30, 2 * (depth - 1 - at)]).collect::<Vec<_>>().concat();
        assert!(is_usual(&deep(12)).is_some() && is_usual(&deep(13)).is_none());
        assert!(is_der(&deep(5), 3).is_err() && is_der(&deep(13), 32).unwrap());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn what_is_usual_is_der(
            octets in proptest::collection::vec(prop_oneof![4 => 0u8..9, 2 => Just(0x30u8), 2 => Just(0x02u8), 1 => any::<u8>(), 1 => 0x80u8..0x83], 0..40),
            depth in 0u32..20,
        ) {
            prop_assert!(is_usual(&octets).is_none() || walked_is_der(&octets, 32).unwrap());
            prop_assert_eq!(is_der(&octets, depth).ok(), walked_is_der(&octets, depth).ok());
        }
    }
}
