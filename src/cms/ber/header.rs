//! Identifier and length octets (X.690 §8.1.2, §8.1.3).

use super::malformed;
use crate::error::Error;

/// Identifier octets that CMS uses. Bit 6 says constructed; tag numbers above 30 are skipped, never looked for.
pub(crate) mod tag {
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const OCTET_STRING_PIECES: u8 = 0x24;
    pub(crate) const NULL: u8 = 0x05;
    pub(crate) const OID: u8 = 0x06;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;
    pub(crate) const CONSTRUCTED: u8 = 0x20;
    /// `[number]` of the context, constructed.
    pub(crate) const fn context(number: u8) -> u8 {
        0xa0 | number
    }
    /// `[number]` of the context, primitive.
    pub(crate) const fn context_primitive(number: u8) -> u8 {
        0x80 | number
    }
}

/// A tag number of 5 octets is 2^35; a length of 16 octets has room for leading zeros.
pub(super) const MOST: usize = 24;
const TAG_OCTETS: usize = 6;
const LENGTH_OCTETS: u8 = 16;

/// The header of one element, with its octets as received.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    /// The first identifier octet.
    pub(super) tag: u8,
    /// Octets of content; `None`: indefinite.
    pub(super) length: Option<u64>,
    octets: [u8; MOST],
    size: usize,
    identifier: usize,
}

impl Header {
    /// Reads a header; `None` where there is no octet at all.
    pub(super) fn parse(mut next: impl FnMut() -> Result<Option<u8>, Error>) -> Result<Option<Self>, Error> {
        let Some(tag) = next()? else { return Ok(None) };
        let mut header = Self { tag, length: None, octets: [0; MOST], size: 0, identifier: 0 };
        header.push(tag);
        let mut next = || next()?.ok_or_else(|| malformed("it ends inside a header"));
        if tag & 0x1f == 0x1f {
            while header.tag_goes_on(next()?) {
                if header.size == TAG_OCTETS {
                    return Err(malformed("a tag number is too large"));
                }
            }
        }
        header.identifier = header.size;
        header.length = header.parse_length(next)?;
        if header.length.is_none() && !header.constructed() {
            return Err(malformed("a primitive element has an indefinite length"));
        }
        if tag == 0 && !header.is_end() {
            return Err(malformed("end-of-contents octets with content"));
        }
        Ok(Some(header))
    }

    /// The same of octets that are at hand.
    pub(super) fn of(octets: &[u8]) -> Result<Option<Self>, Error> {
        // Most have one octet of each.
        if let [tag, length @ 0..=0x7f, ..] = *octets
            && tag != 0
            && tag & 0x1f != 0x1f
        {
            let mut header =
                Self { tag, length: Some(length.into()), octets: [0; MOST], size: 2, identifier: 1 };
            let [first, second, ..] = &mut header.octets;
            (*first, *second) = (tag, length);
            return Ok(Some(header));
        }
        let mut octets = octets.iter();
        Self::parse(|| Ok(octets.next().copied()))
    }

    fn tag_goes_on(&mut self, octet: u8) -> bool {
        self.push(octet);
        octet & 0x80 != 0
    }

    fn parse_length(&mut self, mut next: impl FnMut() -> Result<u8, Error>) -> Result<Option<u64>, Error> {
        let first = next()?;
        self.push(first);
        let count = match first {
            0..=0x7f => return Ok(Some(u64::from(first))),
            0x80 => return Ok(None),
            _ => first & 0x7f,
        };
        if count > LENGTH_OCTETS {
            return Err(malformed("a length has too many octets"));
        }
        let mut length = 0u64;
        for _ in 0..count {
            let octet = next()?;
            self.push(octet);
            length = length
                .checked_mul(0x100)
                .and_then(|length| length.checked_add(u64::from(octet)))
                .ok_or_else(|| malformed("a length is too large"))?;
        }
        Ok(Some(length))
    }

    fn push(&mut self, octet: u8) {
        if let Some(place) = self.octets.get_mut(self.size) {
            *place = octet;
            self.size += 1;
        }
    }

    /// All octets of the header.
    pub(super) fn octets(&self) -> &[u8] {
        self.octets.get(..self.size).unwrap_or_default()
    }

    /// The identifier octets only.
    pub(super) fn identifier(&self) -> &[u8] {
        self.octets.get(..self.identifier).unwrap_or_default()
    }

    pub(super) fn constructed(&self) -> bool {
        self.tag & tag::CONSTRUCTED != 0
    }

    /// End-of-contents (X.690 §8.1.5).
    pub(super) fn is_end(&self) -> bool {
        self.octets() == [0, 0]
    }

    /// The length is as DER wants it (X.690 §10.1).
    pub(super) fn minimal(&self) -> bool {
        self.length.is_some_and(|length| self.size == self.identifier + length_size(length))
    }
}

/// Octets of the shortest form of a length.
pub(crate) fn length_size(length: u64) -> usize {
    match length {
        0..=0x7f => 1,
        0x80..=0xff => 2,
        0x100..=0xffff => 3,
        0x1_0000..=0xff_ffff => 4,
        0x100_0000..=0xffff_ffff => 5,
        0x1_0000_0000..=0xff_ffff_ffff => 6,
        0x100_0000_0000..=0xffff_ffff_ffff => 7,
        0x1_0000_0000_0000..=0xff_ffff_ffff_ffff => 8,
        _ => 9,
    }
}

/// Writes the shortest form of a length.
pub(crate) fn push_length(out: &mut Vec<u8>, length: u64) {
    let size = length_size(length);
    let octets = length.to_be_bytes();
    if size > 1 {
        out.push(0x80 | u8::try_from(size - 1).unwrap_or(8));
        out.extend_from_slice(octets.get(octets.len().saturating_sub(size - 1)..).unwrap_or_default());
    } else {
        out.extend_from_slice(octets.get(7..).unwrap_or_default());
    }
}
