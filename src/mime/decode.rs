//! Bodies without their transfer encoding (RFC 2045 §6), read as they are pulled.
//!
//! - [`reader`].

use std::io::{self, BufRead, Read};

use base64_simd::{AsOut, STANDARD};

use super::quoted_printable::QuotedPrintable;
use super::structure::TransferEncoding;

/// A reader of what `body` stands for. An unknown encoding is passed on as it is.
pub(crate) fn reader<R: BufRead>(encoding: TransferEncoding, body: R) -> Decoder<R> {
    match encoding {
        TransferEncoding::Base64 => Decoder::Base64(Base64::new(body)),
        TransferEncoding::QuotedPrintable => Decoder::QuotedPrintable(QuotedPrintable::new(body)),
        _ => Decoder::Identity(body),
    }
}

/// See [`reader`].
pub(crate) enum Decoder<R> {
    Identity(R),
    Base64(Base64<R>),
    QuotedPrintable(QuotedPrintable<R>),
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Identity(body) => body.read(buffer),
            Self::Base64(body) => body.read(buffer),
            Self::QuotedPrintable(body) => body.read(buffer),
        }
    }
}

/// base64 (RFC 2045 §6.8): octets outside the alphabet are passed over; padding ends it, whatever follows. Of an
/// incomplete last group the whole octets count.
pub(crate) struct Base64<R> {
    body: R,
    /// Digits that are not decoded yet: fewer than four between two calls.
    digits: Vec<u8>,
    decoded: Vec<u8>,
    ready: std::ops::Range<usize>,
    ended: bool,
}

impl<R: BufRead> Base64<R> {
    fn new(body: R) -> Self {
        Self { body, digits: Vec::new(), decoded: Vec::new(), ready: 0..0, ended: false }
    }

    fn fill(&mut self) -> io::Result<()> {
        while self.ready.is_empty() && !self.ended {
            let chunk = self.body.fill_buf()?;
            let chunk = chunk.get(..BLOCK).unwrap_or(chunk);
            self.ended = chunk.is_empty();
            let used = chunk.len();
            push_lines(chunk, &mut self.digits);
            self.body.consume(used);
            self.decode();
        }
        Ok(())
    }

    /// Decodes the next block to where it is wanted, if it is a usual one and there is room. 0 where that did not work;
    /// then what was read waits in [`ready`](Self::ready) or in the digits.
    fn straight(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.ready.is_empty() || self.ended || buffer.len() < ROOM {
            return Ok(0);
        }
        let chunk = self.body.fill_buf()?;
        // Room for the digits that wait, too.
        let most = (buffer.len() / 3 * 4).saturating_sub(4).min(BLOCK);
        let chunk = chunk.get(..most).unwrap_or(chunk);
        if chunk.is_empty() {
            return Ok(0);
        }
        let used = chunk.len();
        push_lines(chunk, &mut self.digits);
        self.body.consume(used);
        let whole = self.digits.len() / 4 * 4;
        let groups = self.digits.get(..whole).unwrap_or_default();
        let Ok(length) = STANDARD.decode(groups, buffer.as_out()).map(|decoded| decoded.len()) else {
            self.decode();
            return Ok(0);
        };
        self.ended |= groups.ends_with(b"=");
        self.digits.drain(..whole);
        Ok(length)
    }

    /// Decodes whole groups. The usual block is all digits; only where that fails is each octet looked at.
    fn decode(&mut self) {
        if self.decoded.len() < self.digits.len() {
            self.decoded.resize(self.digits.len(), 0);
        }
        if !self.ended && self.decode_groups() {
            return;
        }
        self.ended |= keep_digits(&mut self.digits);
        if self.ended {
            self.fill_last_group();
        }
        self.decode_groups();
    }

    /// False, with nothing done, if there is an octet that is no digit.
    fn decode_groups(&mut self) -> bool {
        let whole = self.digits.len() / 4 * 4;
        let groups = self.digits.get(..whole).unwrap_or_default();
        let Ok(decoded) = STANDARD.decode(groups, self.decoded.as_out()) else { return false };
        self.ready = 0..decoded.len();
        self.ended |= groups.ends_with(b"=");
        self.digits.drain(..whole);
        true
    }

    /// Makes the last digits a group of their own, with the unused bits of the last digit zero.
    fn fill_last_group(&mut self) {
        let over = self.digits.len() % 4;
        if over == 1 {
            self.digits.pop();
        } else if over > 1 {
            let mask = if over == 2 { 0b11_0000 } else { 0b11_1100 };
            let last = self.digits.pop().and_then(|digit| ALPHABET.iter().position(|known| *known == digit));
            self.digits.push(last.and_then(|value| ALPHABET.get(value & mask)).copied().unwrap_or(b'A'));
            self.digits.resize(self.digits.len() + 4 - over, b'=');
        }
    }
}

/// Appends a chunk without its line ends. A line is taken to be as long as the one before it where an LF stands there; an LF
/// that this leaves inside is no digit, like any other.
fn push_lines(chunk: &[u8], digits: &mut Vec<u8>) {
    digits.reserve(chunk.len());
    let mut rest = usual_lines::<66>(usual_lines::<78>(chunk, digits), digits);
    while let Some(end) = memchr::memchr(b'\n', rest) {
        while let Some((line, tail)) = rest.split_at_checked(end + 1)
            && let Some(line) = line.strip_suffix(b"\n")
        {
            digits.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
            rest = tail;
        }
        rest = usual_lines::<66>(usual_lines::<78>(rest, digits), digits);
    }
    digits.extend_from_slice(rest);
}

/// Appends lines of 76 or 64 characters, the usual ones: of a length that is known the copy is faster.
fn usual_lines<'c, const LENGTH: usize>(chunk: &'c [u8], digits: &mut Vec<u8>) -> &'c [u8] {
    let mut rest = chunk;
    while let Some((line, tail)) = rest.split_first_chunk::<LENGTH>()
        && let Some(text) = line.strip_suffix(b"\r\n")
    {
        digits.extend_from_slice(text);
        rest = tail;
    }
    rest
}

/// Drops what is no digit; true if padding ends the digits, with all after it dropped too.
fn keep_digits(digits: &mut Vec<u8>) -> bool {
    let padding = memchr::memchr(b'=', digits);
    digits.truncate(padding.unwrap_or(digits.len()));
    digits.retain(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/'));
    padding.is_some()
}

impl<R: BufRead> Read for Base64<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let straight = self.straight(buffer)?;
        if straight > 0 {
            return Ok(straight);
        }
        self.fill()?;
        let ready = self.decoded.get(self.ready.clone()).unwrap_or_default();
        let length = ready.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), ready.get(..length)) {
            to.copy_from_slice(from);
        }
        self.ready.start += length;
        Ok(length)
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Fits the second cache with room for its copy.
const BLOCK: usize = 64 << 10;
/// Octets that the caller has room for, from which on no copy is made between.
const ROOM: usize = 4 << 10;

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::*;

    fn decoded(encoding: TransferEncoding, body: &[u8], size: usize) -> Vec<u8> {
        let mut out = Vec::new();
        reader(encoding, BufReader::with_capacity(size, body)).read_to_end(&mut out).unwrap();
        out
    }

    #[test]
    fn base64_as_it_comes() {
        for (body, expected) in [
            ("SGVsbG8=", "Hello"),
            ("SGVs\r\nbG8=\r\n", "Hello"),
            ("SGVs\nbG8", "Hello"),
            ("SGVsbG9=", "Hello"),
            (" S G\tV s!b-G8=", "Hello"),
            ("SGVsbG8=\r\n-- \r\nlist footer", "Hello"),
            ("SGVsbG8=SGVsbG8=", "Hello"),
            ("SGVsb", "Hel"),
            ("SGVsbA", "Hell"),
            ("", ""),
            ("=", ""),
        ] {
            for size in [1, 2, 3, 7, 100] {
                let found = decoded(TransferEncoding::Base64, body.as_bytes(), size);
                assert_eq!(String::from_utf8_lossy(&found), expected, "{body:?} {size}");
            }
        }
    }

    #[test]
    fn identity_passes() {
        assert_eq!(decoded(TransferEncoding::EightBit, b"a=20\r\n\xe9", 2), b"a=20\r\n\xe9");
    }

    #[test]
    fn quoted_printable_as_it_comes() {
        for (body, expected) in [
            ("Gr=C3=BC=c3=9fe", "Grüße"),
            ("a=\r\nb= \t\nc", "abc"),
            ("a \t\r\nb  \n=20\r\n", "a\r\nb\n \r\n"),
            ("a=XY=", "a=XY"),
            ("a=3", "a=3"),
            ("a b ", "a b"),
            ("=3D=3D20\r\n", "==20\r\n"),
            ("", ""),
        ] {
            for size in [1, 2, 3, 7, 100] {
                let found = decoded(TransferEncoding::QuotedPrintable, body.as_bytes(), size);
                assert_eq!(String::from_utf8_lossy(&found), expected, "{body:?} {size}");
            }
        }
    }

    proptest! {
        #[test]
        fn base64_round_trip(octets: Vec<u8>, width in 1usize..100, size in 1usize..300) {
            let text = STANDARD.encode_to_string(&octets);
            let lines: Vec<&[u8]> = text.as_bytes().chunks(width).collect();
            prop_assert_eq!(decoded(TransferEncoding::Base64, &lines.join(&b"\r\n"[..]), size), octets);
        }

        #[test]
        fn straight_into_room_as_octet_by_octet(
            length in 0usize..40_000,
            width in prop::sample::select(vec![64usize, 76, 100]),
            odd in prop::sample::select(vec!["", "\n", " ", "!", "=", "-- \r\nfooter"]),
            at in 0usize..50_000,
            room in prop::sample::select(vec![ROOM, 5000, 32 << 10]),
        ) {
            let octets: Vec<u8> = (0..length).map(|number| ((number * number) >> 4).to_le_bytes()[0]).collect();
            let text = STANDARD.encode_to_string(&octets);
            let lines: Vec<&[u8]> = text.as_bytes().chunks(width).collect();
            let mut text = lines.join(&b"\r\n"[..]);
            let at = at.min(text.len());
            text.splice(at..at, odd.bytes());
            let mut slowly = Vec::new();
            let mut one = reader(TransferEncoding::Base64, BufReader::with_capacity(7, text.as_slice()));
            let mut octet = [0];
            while one.read(&mut octet).unwrap() > 0 {
                slowly.push(octet[0]);
            }
            let (mut found, mut buffer) = (Vec::new(), vec![0; room]);
            let mut one = reader(TransferEncoding::Base64, text.as_slice());
            loop {
                match one.read(&mut buffer).unwrap() {
                    0 => break,
                    count => found.extend_from_slice(&buffer[..count]),
                }
            }
            prop_assert_eq!(found, slowly);
        }

        #[test]
        fn long_quoted_printable_lines(
            pieces in prop::collection::vec(prop::sample::select(vec!["=20", "=3D", " ", "\t", "ab"]), 1..50),
        ) {
            let long = pieces.concat().repeat(1500) + "end";
            let found = decoded(TransferEncoding::QuotedPrintable, long.as_bytes(), 4096);
            prop_assert!(found == long.replace("=20", " ").replace("=3D", "=").into_bytes());
        }
    }
}
