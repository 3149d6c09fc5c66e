//! A pull reader over a stream: knows where it stands, never what comes later.

use std::io::{self, BufRead, Read};

use super::header::{Header, MOST, tag};
use super::{malformed, too_deep};
use crate::error::Error;
use crate::limits::Limits;

/// Walks BER from a stream. What it keeps is bounded by [`Limits::signature_bytes`], over all captures together.
#[derive(Debug)]
pub(crate) struct Reader<R> {
    inner: R,
    position: u64,
    frames: Vec<Frame>,
    peeked: Option<Header>,
    depth: u32,
    budget: usize,
    signature_bytes: usize,
}

/// An element that was entered.
#[derive(Debug, Clone, Copy)]
struct Frame {
    /// Where this element, or the nearest one around it with a definite length, ends.
    bound: Option<u64>,
    indefinite: bool,
}

/// Where an OCTET STRING that is read in pieces stands.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    left: u64,
    open: usize,
    started: bool,
    /// The number of the implicit tag in whose place the string's own tag would stand.
    implicit: Option<u8>,
}

impl Pieces {
    /// Of a string with `[number] IMPLICIT` for its tag.
    pub(crate) fn implicit(number: u8) -> Self {
        Self { implicit: Some(number), ..Self::default() }
    }

    /// The tags in one piece and in several that are expected next: inside, it is always an OCTET STRING.
    fn tags(&self) -> (u8, u8) {
        match self.implicit {
            Some(number) if !self.started => (tag::context_primitive(number), tag::context(number)),
            _ => (tag::OCTET_STRING, tag::OCTET_STRING_PIECES),
        }
    }
}

impl<R: BufRead> Reader<R> {
    pub(crate) fn new(inner: R, limits: &Limits) -> Self {
        let (depth, budget) = (limits.asn1_depth, limits.signature_bytes);
        Self { inner, position: 0, frames: Vec::new(), peeked: None, depth, budget, signature_bytes: budget }
    }

    /// The tag of the next element here; `None` at the end of the element that was entered last.
    pub(crate) fn peek(&mut self) -> Result<Option<u8>, Error> {
        Ok(self.header()?.map(|header| header.tag))
    }

    /// Enters the next element, which must have this tag.
    pub(crate) fn enter(&mut self, tag: u8, what: &str) -> Result<(), Error> {
        match self.header()? {
            Some(header) if header.tag == tag && header.constructed() => self.open(&header),
            _ => Err(malformed(format!("{what} is missing"))),
        }
    }

    /// Leaves the element that was entered last, which must be at its end.
    pub(crate) fn leave(&mut self) -> Result<(), Error> {
        match self.header()? {
            None => {
                self.peeked = None;
                self.frames.pop();
                Ok(())
            }
            Some(header) => Err(malformed(format!("unexpected tag {:#04x}", header.tag))),
        }
    }

    /// The next element as received, header included.
    pub(crate) fn capture(&mut self) -> Result<Vec<u8>, Error> {
        let header = self.header()?.ok_or_else(|| malformed("an element is missing"))?;
        let mut raw = Vec::new();
        let base = self.frames.len();
        self.capture_one(&header, &mut raw)?;
        while self.frames.len() > base {
            match self.header()? {
                Some(header) => self.capture_one(&header, &mut raw)?,
                None => {
                    self.charge(2)?;
                    raw.extend_from_slice(&[0, 0]);
                    self.leave()?;
                }
            }
        }
        Ok(raw)
    }

    /// Takes a definite element whole, an indefinite one by its header only.
    fn capture_one(&mut self, header: &Header, raw: &mut Vec<u8>) -> Result<(), Error> {
        self.charge(u64::try_from(header.octets().len()).unwrap_or(u64::MAX))?;
        raw.extend_from_slice(header.octets());
        let Some(length) = header.length else { return self.open(header) };
        self.charge(length)?;
        self.peeked = None;
        let at_hand = self.inner.fill_buf().unwrap_or_default();
        if let Some(octets) = usize::try_from(length).ok().and_then(|length| at_hand.get(..length)) {
            raw.extend_from_slice(octets);
            let length = octets.len();
            self.inner.consume(length);
            return self.advance(length);
        }
        // Grows with what arrives, not with what was declared (threats D2).
        let read = (&mut self.inner).take(length).read_to_end(raw).map_err(failed())?;
        self.advance(read)?;
        if u64::try_from(read).ok() == Some(length) { Ok(()) } else { Err(ends_early()) }
    }

    /// Octets of a capture are no longer held: they no longer count.
    pub(crate) fn release(&mut self, octets: usize) {
        self.budget = self.budget.saturating_add(octets).min(self.signature_bytes);
    }

    fn charge(&mut self, octets: u64) -> Result<(), Error> {
        let left = usize::try_from(octets).ok().and_then(|octets| self.budget.checked_sub(octets));
        let limit = u64::try_from(self.signature_bytes).unwrap_or(u64::MAX);
        self.budget = left.ok_or(Error::Limit { name: "signature_bytes", limit })?;
        Ok(())
    }

    /// Reads on in an OCTET STRING, in one piece or in nested pieces (X.690 §8.7). 0 is the end of the string.
    pub(crate) fn read_pieces(&mut self, pieces: &mut Pieces, out: &mut [u8]) -> Result<usize, Error> {
        match out.is_empty() || !self.next_piece(pieces)? {
            true => Ok(0),
            false => self.read_piece(pieces, out),
        }
    }

    /// Octets of such a string that are at hand, without a copy; none at its end. They are there until they are
    /// [passed](Self::pass).
    pub(crate) fn octets_of(&mut self, pieces: &mut Pieces) -> Result<&[u8], Error> {
        if !self.next_piece(pieces)? {
            return Ok(&[]);
        }
        if self.next_octet(true)?.is_none() {
            return Err(ends_early());
        }
        let octets = self.inner.fill_buf().map_err(failed())?;
        let most = usize::try_from(pieces.left).unwrap_or(usize::MAX);
        Ok(octets.get(..most).unwrap_or(octets))
    }

    /// So many of the octets that were at hand are done with.
    pub(crate) fn pass(&mut self, pieces: &mut Pieces, count: usize) -> Result<(), Error> {
        self.inner.consume(count);
        self.advance(count)?;
        pieces.left = pieces.left.saturating_sub(u64::try_from(count).unwrap_or(0));
        Ok(())
    }

    /// Goes on to where octets stand; false at the end of the string.
    fn next_piece(&mut self, pieces: &mut Pieces) -> Result<bool, Error> {
        while pieces.left == 0 {
            if pieces.started && pieces.open == 0 {
                return Ok(false);
            }
            let (whole, several) = pieces.tags();
            match self.header()? {
                Some(header) if header.tag == whole => {
                    self.peeked = None;
                    pieces.left = header.length.unwrap_or(0);
                }
                Some(header) if header.tag == several => {
                    self.open(&header)?;
                    pieces.open += 1;
                }
                None if pieces.open > 0 => {
                    self.leave()?;
                    pieces.open -= 1;
                }
                _ => return Err(malformed("content is not an OCTET STRING")),
            }
            pieces.started = true;
        }
        Ok(true)
    }

    fn read_piece(&mut self, pieces: &mut Pieces, out: &mut [u8]) -> Result<usize, Error> {
        let count = loop {
            match (&mut self.inner).take(pieces.left).read(out) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other.map_err(failed())?,
            }
        };
        if count == 0 && !out.is_empty() {
            return Err(ends_early());
        }
        self.advance(count)?;
        pieces.left = pieces.left.saturating_sub(u64::try_from(count).unwrap_or(0));
        Ok(count)
    }

    /// True where octets follow. To be asked outside of every element.
    pub(crate) fn has_more(&mut self) -> Result<bool, Error> {
        Ok(self.peeked.is_some() || self.next_octet(true)?.is_some())
    }

    fn open(&mut self, header: &Header) -> Result<(), Error> {
        let limit = self.depth;
        if self.frames.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
            return Err(too_deep(limit));
        }
        let around = self.frames.last().and_then(|frame| frame.bound);
        let own = match header.length {
            Some(length) => Some(self.position.checked_add(length).ok_or_else(ends_early)?),
            None => around,
        };
        self.peeked = None;
        self.frames.push(Frame { bound: own, indefinite: header.length.is_none() });
        Ok(())
    }

    /// The next header inside the element that was entered last; `None` at its end.
    fn header(&mut self) -> Result<Option<Header>, Error> {
        let frame = self.frames.last().copied();
        if let Some(Frame { bound: Some(end), indefinite: false }) = frame
            && self.peeked.is_none()
            && self.position == end
        {
            return Ok(None);
        }
        if self.peeked.is_none() {
            self.peeked = self.next_header()?;
            self.check_bound(frame)?;
        }
        let indefinite = frame.is_some_and(|frame| frame.indefinite);
        match self.peeked {
            Some(header) if header.is_end() && indefinite => Ok(None),
            Some(header) if header.is_end() => Err(malformed("end-of-contents where nothing ends")),
            None if frame.is_some() => Err(ends_early()),
            header => Ok(header),
        }
    }

    fn next_header(&mut self) -> Result<Option<Header>, Error> {
        let at_hand = self.inner.fill_buf().unwrap_or_default();
        if at_hand.len() < MOST {
            return Header::parse(|| self.next_octet(false));
        }
        let header = Header::of(at_hand)?;
        let size = header.map_or(0, |header| header.octets().len());
        self.inner.consume(size);
        self.advance(size)?;
        Ok(header)
    }

    /// The element whose header was just read must end where what is around it ends, or before.
    fn check_bound(&self, frame: Option<Frame>) -> Result<(), Error> {
        let Some(end) = frame.and_then(|frame| frame.bound) else { return Ok(()) };
        let length = self.peeked.and_then(|header| header.length).unwrap_or(0);
        match self.position.checked_add(length) {
            Some(own) if own <= end => Ok(()),
            _ => Err(malformed("an element is longer than what it is in")),
        }
    }

    fn next_octet(&mut self, peek: bool) -> Result<Option<u8>, Error> {
        loop {
            match self.inner.fill_buf() {
                Ok(octets) => {
                    let octet = octets.first().copied();
                    if octet.is_some() && !peek {
                        self.inner.consume(1);
                        self.advance(1)?;
                    }
                    return Ok(octet);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failed()(error)),
            }
        }
    }

    fn advance(&mut self, octets: usize) -> Result<(), Error> {
        let octets = u64::try_from(octets).unwrap_or(u64::MAX);
        self.position = self.position.checked_add(octets).ok_or_else(ends_early)?;
        Ok(())
    }
}

fn failed() -> impl FnOnce(io::Error) -> Error {
    Error::io("reading a CMS message")
}

fn ends_early() -> Error {
    malformed("it ends inside an element")
}
