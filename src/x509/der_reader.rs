//! Reads DER (X.690 §8, §10) from slices: one value after the other, nothing copied, nothing recursive.
//!
//! - [`Reader`]: walks the values of a constructed value.
//! - [`Value`]: one value with its octets, and readers of its content.
//! - [`encode`]: writes one value.
//!
//! Lengths must be definite and minimal; contents are read with patience (BOOLEAN 01, INTEGER with leading zeros),
//! because signatures cover octets, not values.

/// Octets that are not what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct DerError(pub(crate) &'static str);

pub(crate) type Result<T> = std::result::Result<T, DerError>;

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const NUMERIC_STRING: u8 = 0x12;
pub(crate) const PRINTABLE_STRING: u8 = 0x13;
pub(crate) const TELETEX_STRING: u8 = 0x14;
pub(crate) const IA5_STRING: u8 = 0x16;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const VISIBLE_STRING: u8 = 0x1a;
pub(crate) const UNIVERSAL_STRING: u8 = 0x1c;
pub(crate) const BMP_STRING: u8 = 0x1e;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// The identifier octet of `[number]`, primitive.
pub(crate) const fn context(number: u8) -> u8 {
    0x80 | number
}

/// The identifier octet of `[number]`, constructed.
pub(crate) const fn constructed(number: u8) -> u8 {
    0xa0 | number
}

/// One value: identifier, length, content.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value<'a> {
    pub(crate) tag: u8,
    /// All octets, header and content.
    pub(crate) octets: &'a [u8],
    pub(crate) content: &'a [u8],
    /// Where `octets` starts, counted as the reader was told.
    pub(crate) offset: usize,
}

/// The values in a slice, one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets, offset: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// All octets that were not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    pub(crate) fn next(&mut self) -> Result<Value<'a>> {
        let (header, length) = header(self.rest)?;
        let end = header.checked_add(length).ok_or(DerError("length too large"))?;
        let (octets, rest) = self.rest.split_at_checked(end).ok_or(DerError("ends too early"))?;
        let content = octets.get(header..).unwrap_or_default();
        let tag = octets.first().copied().unwrap_or_default();
        let value = Value { tag, octets, content, offset: self.offset };
        self.rest = rest;
        self.offset += end;
        Ok(value)
    }

    pub(crate) fn expect(&mut self, tag: u8) -> Result<Value<'a>> {
        let value = self.next()?;
        if value.tag == tag { Ok(value) } else { Err(DerError("unexpected tag")) }
    }

    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Value<'a>>> {
        if self.peek() == Some(tag) { self.next().map(Some) } else { Ok(None) }
    }

    pub(crate) fn sequence(&mut self) -> Result<Reader<'a>> {
        Ok(self.expect(SEQUENCE)?.reader())
    }

    /// Nothing may follow.
    pub(crate) fn finish(&self) -> Result<()> {
        if self.is_empty() { Ok(()) } else { Err(DerError("octets follow")) }
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Result<Value<'a>>;

    /// Ends after the first error.
    fn next(&mut self) -> Option<Self::Item> {
        if self.is_empty() {
            return None;
        }
        let value = Reader::next(self);
        if value.is_err() {
            self.rest = &[];
        }
        Some(value)
    }
}

impl<'a> Value<'a> {
    /// Reads what it is made of.
    pub(crate) fn reader(&self) -> Reader<'a> {
        let header = self.octets.len() - self.content.len();
        Reader { rest: self.content, offset: self.offset + header }
    }

    /// The one value that the content of an EXPLICIT tag holds.
    pub(crate) fn inner(&self) -> Result<Value<'a>> {
        let mut reader = self.reader();
        let value = Reader::next(&mut reader)?;
        reader.finish()?;
        Ok(value)
    }

    /// BOOLEAN; any octet but zero is true (X.690 §8.2.2).
    pub(crate) fn boolean(&self) -> Result<bool> {
        match self.content {
            [octet] => Ok(*octet != 0),
            _ => Err(DerError("BOOLEAN of a wrong length")),
        }
    }

    /// INTEGER of 0 to 2^32-1; leading zeros allowed.
    pub(crate) fn u32(&self) -> Result<u32> {
        let [first, ..] = self.content else { return Err(DerError("INTEGER without octets")) };
        if first & 0x80 != 0 {
            return Err(DerError("negative INTEGER"));
        }
        self.content.iter().try_fold(0_u32, |value, octet| {
            let shifted = value.checked_mul(256).ok_or(DerError("INTEGER too large"))?;
            Ok(shifted | u32::from(*octet))
        })
    }

    /// BIT STRING that is made of whole octets.
    pub(crate) fn octets_of_bit_string(&self) -> Result<&'a [u8]> {
        match self.content.split_first() {
            Some((0, octets)) => Ok(octets),
            _ => Err(DerError("BIT STRING not of whole octets")),
        }
    }
}

/// Octets of the header, and the length of the content.
fn header(octets: &[u8]) -> Result<(usize, usize)> {
    let (Some(tag), Some(first)) = (octets.first(), octets.get(1)) else {
        return Err(DerError("ends too early"));
    };
    if tag & 0x1f == 0x1f {
        return Err(DerError("tag number above 30"));
    }
    if *first < 0x80 {
        return Ok((2, usize::from(*first)));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 || count > 4 {
        return Err(DerError("length indefinite or too large"));
    }
    let digits = octets.get(2..2 + count).ok_or(DerError("ends too early"))?;
    let length = digits.iter().fold(0_usize, |length, octet| (length << 8) | usize::from(*octet));
    if length < 0x80 || digits.first() == Some(&0) {
        return Err(DerError("length not minimal"));
    }
    Ok((2 + count, length))
}

/// One value, its content being `parts` put together.
pub(crate) fn encode(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let digits = length.to_be_bytes();
    let digits = digits.get(digits.iter().take_while(|octet| **octet == 0).count()..).unwrap_or_default();
    let mut out = Vec::with_capacity(length + 10);
    out.push(tag);
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            out.push(0x80 | u8::try_from(digits.len()).unwrap_or_default());
            out.extend_from_slice(digits);
        }
    }
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let content = vec![7; length];
            let octets = encode(OCTET_STRING, &[&content]);
            let value = Reader::new(&octets).expect(OCTET_STRING).unwrap();
            assert_eq!(value.content, content);
            assert_eq!(value.octets, octets);
        }
    }

    #[test]
    fn refuses_lengths_of_ber() {
        for octets in
            [&[0x30, 0x80, 0, 0][..], &[4, 0x81, 1, 0], &[4, 0x82, 0, 0x80], &[4, 0x85, 0, 0, 0, 0, 0]]
        {
            assert!(Reader::next(&mut Reader::new(octets)).is_err(), "{octets:02x?}");
        }
    }

    #[test]
    fn offsets_are_those_of_the_whole() {
        let octets = encode(SEQUENCE, &[&encode(INTEGER, &[&[1]]), &encode(INTEGER, &[&[2]])]);
        let mut reader = Reader::new(&octets).sequence().unwrap();
        reader.expect(INTEGER).unwrap();
        let second = reader.expect(INTEGER).unwrap();
        assert_eq!(octets[second.offset..], [2, 1, 2]);
    }

    #[test]
    fn integers() {
        let value = |content: &[u8]| {
            let octets = encode(INTEGER, &[content]);
            Reader::new(&octets).expect(INTEGER).unwrap().u32()
        };
        assert_eq!(value(&[0, 0, 0, 0, 0, 5]), Ok(5));
        assert!(value(&[0x80]).is_err());
        assert!(value(&[1, 0, 0, 0, 0]).is_err());
        assert!(value(&[]).is_err());
    }
}
