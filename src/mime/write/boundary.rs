//! The boundary of a multipart that we write (RFC 2046 §5.1.1).

use std::io::{self, Write};
use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::error::Error;

/// A boundary of 128 random bits. `=_` stands in no base64 and no quoted-printable (RFC 2045 §6.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Boundary(String);

impl Boundary {
    pub(crate) fn new(random: [u8; 16]) -> Self {
        let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or_default();
        let mut text = String::with_capacity(START.len() + 2 * random.len());
        text.push_str(START);
        random.iter().for_each(|octet| text.extend([digit(octet >> 4), digit(octet & 15)]));
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn is_in(&self, octets: &[u8]) -> bool {
        let here = |at: usize| octets.get(at..).is_some_and(|rest| rest.starts_with(self.0.as_bytes()));
        STARTS.find_iter(octets).any(here)
    }
}

const START: &str = "=_";

/// Made once: preparing the search for a whole boundary would take longer than the search in a short letter.
static STARTS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(START));

/// Passes octets on and fails before those that complete the boundary: anywhere in a line, because some readers end
/// a part there (R-E1). With 128 random bits that happens only where the bits were not random.
pub(crate) struct Guarded<W: Write> {
    out: W,
    boundary: Boundary,
    /// The last octets written, one fewer than the boundary has.
    tail: Vec<u8>,
}

impl<W: Write> Guarded<W> {
    pub(crate) fn new(out: W, boundary: Boundary) -> Self {
        let tail = Vec::with_capacity(2 * boundary.0.len());
        Self { out, boundary, tail }
    }

    pub(crate) fn boundary(&self) -> &str {
        self.boundary.as_str()
    }

    pub(crate) fn into_inner(self) -> W {
        self.out
    }

    /// Writes what may hold the boundary: our own delimiters.
    pub(crate) fn unguarded(&mut self, octets: &[u8]) -> io::Result<()> {
        self.tail.clear();
        self.out.write_all(octets)
    }

    fn check(&mut self, octets: &[u8]) -> Result<(), Error> {
        let keep = self.boundary.0.len() - 1;
        let (head, _) = octets.split_at(octets.len().min(keep));
        self.tail.extend_from_slice(head);
        if self.boundary.is_in(&self.tail) || self.boundary.is_in(octets) {
            return Err(Error::Refused("the content holds the boundary chosen for it".into()));
        }
        if octets.len() >= keep {
            self.tail.clear();
            self.tail.extend_from_slice(octets.get(octets.len() - keep..).unwrap_or_default());
        } else {
            self.tail.drain(..self.tail.len().saturating_sub(keep));
        }
        Ok(())
    }
}

impl<W: Write> Write for Guarded<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.check(octets)?;
        self.out.write_all(octets)?;
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_e1_the_boundary_in_the_content_is_found_however_it_is_cut() {
        let boundary = Boundary::new([7; 16]);
        let content = format!("a line with {} in it\r\n", boundary.as_str()).into_bytes();
        for size in 1..content.len() {
            let mut guarded = Guarded::new(Vec::new(), boundary.clone());
            let result = content.chunks(size).try_for_each(|piece| guarded.write_all(piece));
            assert!(result.unwrap_err().to_string().contains("boundary"), "pieces of {size}");
        }
    }

    #[test]
    fn what_only_looks_like_it_passes() {
        let boundary = Boundary::new([7; 16]);
        let (start, end) = boundary.as_str().split_at(10);
        let content = format!("{start} {end} {start}{start}{end}x").replace(boundary.as_str(), "");
        for size in [1, 3, 1000] {
            let mut guarded = Guarded::new(Vec::new(), boundary.clone());
            content.as_bytes().chunks(size).try_for_each(|piece| guarded.write_all(piece)).unwrap();
            assert_eq!(guarded.into_inner(), content.as_bytes());
        }
    }
}
