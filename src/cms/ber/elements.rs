//! Elements that are at hand, as received.

use std::borrow::Cow;

use super::header::{Header, tag};
use super::normalise::normalise;
use super::{malformed, too_deep};
use crate::error::Error;

/// One element: a slice of what was received.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'a> {
    /// The first identifier octet.
    pub(crate) tag: u8,
    /// All octets, header and end-of-contents included.
    pub(crate) raw: &'a [u8],
    /// The content octets.
    pub(crate) content: &'a [u8],
    depth: u32,
}

/// The elements that follow one another in a slice.
#[derive(Debug, Clone)]
pub(crate) struct Elements<'a> {
    rest: &'a [u8],
    depth: u32,
}

impl<'a> Elements<'a> {
    /// `depth` is how deep the elements may nest.
    pub(crate) fn new(octets: &'a [u8], depth: u32) -> Self {
        Self { rest: octets, depth }
    }

    /// The one element that the octets are, with nothing after it.
    pub(crate) fn single(octets: &'a [u8], tag: u8, depth: u32, what: &str) -> Result<Element<'a>, Error> {
        let mut elements = Self::new(octets, depth);
        let element = elements.expect(tag, what)?;
        elements.finish(what)?;
        Ok(element)
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    pub(crate) fn next(&mut self) -> Result<Option<Element<'a>>, Error> {
        let Some(header) = Header::of(self.rest)? else { return Ok(None) };
        let start = header.octets().len();
        let (content_end, end) = match header.length {
            Some(length) => {
                let end = usize::try_from(length).ok().and_then(|length| start.checked_add(length));
                let end = end.ok_or_else(ends_early)?;
                (end, end)
            }
            None => end_of_indefinite(self.rest, start, self.depth)?,
        };
        let raw = self.rest.get(..end).ok_or_else(ends_early)?;
        let content = self.rest.get(start..content_end).ok_or_else(ends_early)?;
        self.rest = self.rest.get(end..).unwrap_or_default();
        Ok(Some(Element { tag: header.tag, raw, content, depth: self.depth }))
    }

    pub(crate) fn expect(&mut self, tag: u8, what: &str) -> Result<Element<'a>, Error> {
        self.optional(tag)?.ok_or_else(|| malformed(format!("{what} is missing")))
    }

    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, Error> {
        if self.peek() == Some(tag) { self.next() } else { Ok(None) }
    }

    /// An OCTET STRING, in one piece or several.
    pub(crate) fn octet_string(&mut self, what: &str) -> Result<Cow<'a, [u8]>, Error> {
        match self.peek() {
            Some(tag::OCTET_STRING | tag::OCTET_STRING_PIECES) => {}
            _ => return Err(malformed(format!("{what} is missing"))),
        }
        self.next()?.ok_or_else(ends_early)?.octets()
    }

    pub(crate) fn finish(self, what: &str) -> Result<(), Error> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(malformed(format!("{what} has more in it than it may")))
        }
    }
}

impl<'a> Element<'a> {
    /// The elements inside.
    pub(crate) fn children(&self) -> Result<Elements<'a>, Error> {
        if self.tag & tag::CONSTRUCTED == 0 {
            return Err(malformed("a primitive element where a constructed one belongs"));
        }
        let depth = self.depth.checked_sub(1).ok_or_else(|| too_deep(0))?;
        Ok(Elements::new(self.content, depth))
    }

    /// How deep it may nest.
    pub(crate) fn depth(&self) -> u32 {
        self.depth
    }

    /// With definite, minimal lengths and strings in one piece.
    pub(crate) fn der(&self) -> Result<Cow<'a, [u8]>, Error> {
        normalise(self.raw, self.depth)
    }

    /// The octets of a string that may come in pieces.
    pub(crate) fn octets(&self) -> Result<Cow<'a, [u8]>, Error> {
        if self.tag & tag::CONSTRUCTED == 0 {
            return Ok(Cow::Borrowed(self.content));
        }
        let whole = self.der()?.into_owned();
        let header = Header::of(&whole)?.ok_or_else(ends_early)?;
        Ok(Cow::Owned(whole.get(header.octets().len()..).unwrap_or_default().to_vec()))
    }
}

/// Where the content of an indefinite element ends, and the element itself.
fn end_of_indefinite(octets: &[u8], start: usize, depth: u32) -> Result<(usize, usize), Error> {
    let (mut at, mut open) = (start, 1u32);
    loop {
        let header = Header::of(octets.get(at..).unwrap_or_default())?.ok_or_else(ends_early)?;
        let before = at;
        let length = usize::try_from(header.length.unwrap_or(0)).map_err(|_| ends_early())?;
        at = at
            .checked_add(header.octets().len())
            .and_then(|at| at.checked_add(length))
            .ok_or_else(ends_early)?;
        if header.is_end() {
            open -= 1;
            if open == 0 {
                return Ok((before, at));
            }
        } else if header.length.is_none() {
            open += 1;
            if open > depth {
                return Err(too_deep(depth));
            }
        }
    }
}

fn ends_early() -> Error {
    malformed("it ends inside an element")
}
