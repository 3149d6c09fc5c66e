//! DER (X.690 §10), written: elements put together from the inside out.

use crate::cms::Oid;
use crate::cms::ber::{push_length, tag};
use crate::error::Error;
use crate::time::UnixTime;

/// One element of any tag.
pub(crate) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.len()).sum::<usize>();
    let mut out = Vec::with_capacity(length + LONGEST_HEADER);
    push_element(&mut out, tag, parts);
    out
}

/// The same after what is there.
pub(crate) fn push_element(out: &mut Vec<u8>, tag: u8, parts: &[&[u8]]) {
    push_header(out, tag, parts.iter().map(|part| part.len()).sum());
    parts.iter().for_each(|part| out.extend_from_slice(part));
}

/// An element of what `content` writes: elements in elements, all in one buffer.
pub(crate) fn nest<R>(out: &mut Vec<u8>, tag: u8, content: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    let start = out.len();
    let result = content(out);
    let end = out.len();
    push_header(out, tag, end - start);
    let header = out.len() - end;
    out.get_mut(start..).unwrap_or_default().rotate_right(header);
    result
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

/// The same after what is there.
pub(crate) fn push_set_of(out: &mut Vec<u8>, tag: u8, elements: &mut [&[u8]]) {
    elements.sort_unstable();
    push_element(out, tag, elements);
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
    attribute_of(kind, |out| out.extend_from_slice(value))
}

/// The same with what `value` writes.
pub(crate) fn attribute_of(kind: &Oid, value: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::with_capacity(ATTRIBUTE);
    nest(&mut out, tag::SEQUENCE, |out| {
        push_element(out, tag::OID, &[kind.octets()]);
        nest(out, tag::SET, value);
    });
    out
}

fn push_header(out: &mut Vec<u8>, tag: u8, length: usize) {
    out.push(tag);
    push_length(out, u64::try_from(length).unwrap_or(u64::MAX));
}

/// Time (RFC 5652 §11.3): UTCTime from 1950 to 2049, GeneralizedTime otherwise.
pub(crate) fn time(time: UnixTime) -> Result<Vec<u8>, Error> {
    let Some(at) = time.date_time() else {
        return Err(Error::misuse("a time before 1970 or after 9999"));
    };
    let [century, year] = [at.year() / 100, at.year() % 100].map(|two| u8::try_from(two).unwrap_or(0));
    let numbers = [century, year, at.month(), at.day(), at.hour(), at.minutes(), at.seconds()];
    let mut text = [b'Z'; 15];
    for (digits, number) in text.as_chunks_mut().0.iter_mut().zip(numbers) {
        *digits = [b'0' + number / 10, b'0' + number % 10];
    }
    Ok(match at.year() {
        1950..2050 => element(tag::UTC_TIME, &[text.split_at(2).1]),
        _ => element(tag::GENERALIZED_TIME, &[&text]),
    })
}

/// A tag of one octet and a length below 2^64.
const LONGEST_HEADER: usize = 10;
/// Room for most attributes.
const ATTRIBUTE: usize = 128;

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
