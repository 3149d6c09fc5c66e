use std::io::{BufReader, Read};

use super::header::{Header, push_length};
use super::*;
use crate::limits::Limits;

/// Gives out one octet at a time.
struct Drip<'a>(&'a [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let (Some(first), Some(place)) = (self.0.first(), out.first_mut()) else { return Ok(0) };
        *place = *first;
        self.0 = &self.0[1..];
        Ok(1)
    }
}

fn string(octets: &[u8]) -> Result<Vec<u8>, Error> {
    let mut reader = Reader::new(BufReader::new(Drip(octets)), &Limits::default());
    let (mut pieces, mut out, mut buffer) = (Pieces::default(), Vec::new(), [0; 7]);
    loop {
        match reader.read_pieces(&mut pieces, &mut buffer)? {
            0 => return Ok(out),
            count => out.extend_from_slice(&buffer[..count]),
        }
    }
}

fn header(octets: &[u8]) -> Result<Header, Error> {
    super::header::Header::of(octets).map(|header| header.expect("a header"))
}

#[test]
fn ber_strings_in_every_form() {
    let forms: [&[u8]; 8] = [
        b"\x04\x05hello",
        b"\x04\x84\x00\x00\x00\x05hello",
        b"\x24\x80\x04\x02he\x04\x03llo\x00\x00",
        b"\x24\x09\x04\x02he\x04\x03llo",
        b"\x24\x80\x24\x80\x04\x02he\x00\x00\x04\x03llo\x00\x00",
        b"\x24\x80\x24\x04\x04\x02he\x04\x00\x04\x03llo\x00\x00",
        b"\x24\x0d\x24\x80\x04\x02he\x00\x00\x04\x03llo",
        b"\x24\x82\x00\x0c\x24\x81\x04\x04\x02he\x04\x03llo",
    ];
    for form in forms {
        assert_eq!(string(form).expect("readable"), b"hello", "{form:02x?}");
        assert_eq!(&*normalise(form, 32).expect("readable"), b"\x04\x05hello", "{form:02x?}");
        assert_eq!(&*Elements::new(form, 32).octet_string("it").expect("readable"), b"hello", "{form:02x?}");
    }
    assert_eq!(string(b"\x04\x00").expect("readable"), b"");
    assert_eq!(string(b"\x24\x80\x00\x00").expect("readable"), b"");
}

#[test]
fn ber_strings_that_are_none() {
    let wrong: [&[u8]; 9] = [
        b"",
        b"\x04",
        b"\x04\x05hell",
        b"\x24\x80\x04\x02he",
        b"\x24\x80\x04\x02he\x00",
        b"\x24\x80\x02\x01\x00\x00\x00",
        b"\x24\x05\x04\x04hell",
        b"\x24\x04\x04\x02he\x00\x00\x04\x80",
        b"\x04\x80he\x00\x00",
    ];
    for (number, form) in wrong.into_iter().enumerate() {
        // The eighth is whole; what comes after it is not read.
        assert_eq!(string(form).is_ok(), number == 7, "{form:02x?}");
    }
}

#[test]
fn ber_headers() {
    for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000, 0xffff_ffff, 0x1_0000_0000, u64::MAX] {
        let mut octets = vec![0x04];
        push_length(&mut octets, length);
        let header = header(&octets).expect("a header");
        assert_eq!(
            (header.length, header.minimal(), header.octets()),
            (Some(length), true, octets.as_slice())
        );
    }
    let long = header(b"\x04\x85\x01\x00\x00\x00\x05").expect("beyond 4 GiB");
    assert_eq!(long.length, Some(0x1_0000_0005));
    assert!(!header(b"\x04\x81\x05").expect("not minimal").minimal());
    assert_eq!(header(b"\x7f\x81\x01\x00").expect("a long tag").identifier(), b"\x7f\x81\x01");
    let wrong: [&[u8]; 5] = [
        b"\x04\x80",
        b"\x04\x89\x01\0\0\0\0\0\0\0\0",
        b"\x04\xff",
        b"\x1f\x81\x81\x81\x81\x81\x81\x01\x00",
        b"\x00\x01\x00",
    ];
    for octets in wrong {
        assert!(super::header::Header::of(octets).is_err(), "{octets:02x?}");
    }
}

#[test]
fn ber_capture_keeps_octets_and_bounds() {
    let inner = b"\x30\x80\x30\x03\x02\x01\x05\xa0\x80\x04\x01x\x00\x00\x00\x00";
    let mut outer = vec![0x30, u8::try_from(inner.len()).unwrap()];
    outer.extend_from_slice(inner);
    outer.extend_from_slice(b"rest");
    let mut reader = Reader::new(outer.as_slice(), &Limits::default());
    reader.enter(tag::SEQUENCE, "it").unwrap();
    assert_eq!(reader.capture().unwrap(), inner);
    assert_eq!(reader.peek().unwrap(), None);
    reader.leave().unwrap();
    assert!(reader.has_more().unwrap());
    assert_eq!(&*normalise(inner, 32).unwrap(), b"\x30\x0a\x30\x03\x02\x01\x05\xa0\x03\x04\x01x");

    let mut reader = Reader::new(outer.as_slice(), &Limits::default().signature_bytes(inner.len() - 1));
    reader.enter(tag::SEQUENCE, "it").unwrap();
    assert!(matches!(reader.capture(), Err(Error::Limit { name: "signature_bytes", .. })));
}

#[test]
fn ber_children_stay_inside() {
    for octets in [
        b"\x30\x03\x04\x02ab".as_slice(),
        b"\x30\x80\x30\x02\x04\x01a\x00\x00",
        b"\x30\x04\x30\x80\x04\x05abcde\x00\x00",
    ] {
        let mut reader = Reader::new(octets, &Limits::default());
        let captured = reader.enter(tag::SEQUENCE, "it").and_then(|()| reader.capture());
        // A definite element is captured without a look inside.
        assert_eq!(captured.is_ok(), octets[3] == 0x02 && octets[1] == 0x80, "{octets:02x?}");
        assert!(normalise(octets, 32).is_err(), "{octets:02x?}");
    }
}

#[test]
fn d1_nesting_is_bounded_and_not_recursive() {
    let deep = |levels: usize| {
        let mut octets = [0x30, 0x80].repeat(levels);
        octets.extend([0, 0].repeat(levels));
        octets
    };
    let limits = Limits::default();
    let at_limit = deep(32);
    assert_eq!(Reader::new(at_limit.as_slice(), &limits).capture().unwrap(), at_limit);
    assert!(normalise(&at_limit, 32).is_ok());
    for levels in [34, 3200, 100_000] {
        let octets = deep(levels);
        let limit = |error| matches!(error, Error::Limit { name: "asn1_depth", .. });
        assert!(limit(Reader::new(octets.as_slice(), &limits).capture().unwrap_err()), "{levels}");
        assert!(limit(normalise(&octets, 32).unwrap_err()), "{levels}");
        assert!(limit(Elements::new(&octets, 32).next().unwrap_err()), "{levels}");
        let strings: Vec<u8> =
            octets.iter().map(|octet| if *octet == 0x30 { 0x24 } else { *octet }).collect();
        assert!(limit(string(&strings).unwrap_err()), "{levels}");
    }
}

#[test]
fn d2_a_declared_length_allocates_nothing() {
    let octets = b"\x30\x84\x7f\xff\xff\xffabc";
    let mut reader = Reader::new(octets.as_slice(), &Limits::default().signature_bytes(usize::MAX));
    assert!(matches!(reader.capture(), Err(Error::Malformed { .. })));
}

#[test]
fn ber_any_octets_are_read_or_refused() {
    let mut state = 1u32;
    for _ in 0..20_000 {
        let octets: Vec<u8> = (0..24)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let [random, pick, ..] = state.to_be_bytes();
                [0x30, 0x80, 0x00, 0x00, 0x24, 0x04, 0x02, 0x01, random][usize::from(pick) % 9]
            })
            .collect();
        let captured = Reader::new(octets.as_slice(), &Limits::default()).capture();
        let walked = Elements::new(&octets, 32).next();
        if let Ok(raw) = &captured {
            assert_eq!(walked.expect("the same").expect("the same").raw, raw.as_slice());
        }
        if let (Ok(raw), Ok(der)) =
            (&captured, captured.as_deref().map_or(Err(malformed("")), |raw| normalise(raw, 32)))
        {
            assert!(is_der(&der, 32).expect("it was written just now"), "{raw:02x?}");
        }
        let _ = string(&octets);
    }
}
