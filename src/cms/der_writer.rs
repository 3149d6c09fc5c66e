//! DER (X.690 §10), written: elements put together from the inside out.

use crate::cms::Oid;
use crate::cms::ber::{length_size, push_length, tag};
use crate::error::Error;
use crate::time::UnixTime;

/// One element of any tag.
pub(crate) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.len()).sum::<usize>();
    let mut out = Vec::with_capacity(length + LONGEST_HEADER);
    push_header(&mut out, tag, length);
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out
}

/// The header of an element whose content comes later.
pub(crate) fn header(tag: u8, length: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(LONGEST_HEADER);
    out.push(tag);
    push_length(&mut out, length);
    out
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(tag::SEQUENCE, parts)
}

/// SET OF, or what has an implicit tag in its place: sorted (X.690 §11.6).
pub(crate) fn set_of(tag: u8, elements: Vec<Vec<u8>>) -> Vec<u8> {
    set_of_parts(tag, &mut elements.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// The same from borrowed elements, which are put in order.
pub(crate) fn set_of_parts(tag: u8, elements: &mut [&[u8]]) -> Vec<u8> {
    elements.sort_unstable();
    element(tag, elements)
}

pub(crate) fn octet_string(octets: &[u8]) -> Vec<u8> {
    element(tag::OCTET_STRING, &[octets])
}

pub(crate) fn oid(oid: &Oid) -> Vec<u8> {
    element(tag::OID, &[oid.octets()])
}

/// A small number, as versions are.
pub(crate) fn small_integer(value: u8) -> Vec<u8> {
    if value < 0x80 { vec![tag::INTEGER, 1, value] } else { vec![tag::INTEGER, 2, 0, value] }
}

/// Attribute (RFC 5652 §5.3) with one value.
pub(crate) fn attribute(kind: &Oid, value: &[u8]) -> Vec<u8> {
    // In one buffer: each signature has some of them.
    let kind = kind.octets();
    let length = size(kind.len()).saturating_add(size(value.len()));
    let mut out = Vec::with_capacity(length.saturating_add(LONGEST_HEADER));
    push_header(&mut out, tag::SEQUENCE, length);
    push_header(&mut out, tag::OID, kind.len());
    out.extend_from_slice(kind);
    push_header(&mut out, tag::SET, value.len());
    out.extend_from_slice(value);
    out
}

fn push_header(out: &mut Vec<u8>, tag: u8, length: usize) {
    out.push(tag);
    push_length(out, u64::try_from(length).unwrap_or(u64::MAX));
}

/// Octets of an element with so much content.
fn size(content: usize) -> usize {
    content.saturating_add(1).saturating_add(length_size(u64::try_from(content).unwrap_or(u64::MAX)))
}

/// Time (RFC 5652 §11.3): UTCTime from 1950 to 2049, GeneralizedTime otherwise.
pub(crate) fn time(time: UnixTime) -> Result<Vec<u8>, Error> {
    let Some(at) = time.date_time() else {
        return Err(Error::misuse("a time before 1970 or after 9999"));
    };
    let day = (u32::from(at.year()) * 100 + u32::from(at.month())) * 100 + u32::from(at.day());
    let second = (u32::from(at.hour()) * 100 + u32::from(at.minutes())) * 100 + u32::from(at.seconds());
    let text = format!("{day:08}{second:06}Z");
    Ok(match at.year() {
        1950..2050 => element(tag::UTC_TIME, &[text.split_at(2).1.as_bytes()]),
        _ => element(tag::GENERALIZED_TIME, &[text.as_bytes()]),
    })
}

/// A tag of one octet and a length below 2^64.
const LONGEST_HEADER: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_change_form_in_2050() {
        let written = |seconds| time(UnixTime::from_seconds(seconds)).unwrap();
        assert_eq!(written(1_574_933_400), b"\x17\x0d191128093000Z");
        assert_eq!(written(2_524_607_999), b"\x17\x0d491231235959Z");
        assert_eq!(written(2_524_608_000), b"\x18\x0f20500101000000Z");
        assert!(time(UnixTime::from_seconds(-1)).is_err());
    }

    #[test]
    fn sets_are_sorted() {
        let set = set_of(tag::SET, vec![small_integer(3), small_integer(1), octet_string(b"a")]);
        assert_eq!(set, b"\x31\x09\x02\x01\x01\x02\x01\x03\x04\x01a");
        assert_eq!(small_integer(0x80), b"\x02\x02\x00\x80");
    }
}
