//! Packet headers and bodies as they come (RFC 9580 §4.2), for messages that are larger than memory.

use std::io::{self, Read};

use super::dearmor::unreadable;

/// How long a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    Definite(u64),
    /// So many octets, then another length.
    Partial(u64),
    /// To the end; only the old format has it.
    Indeterminate,
}

pub(super) const PKESK: u8 = 1;
pub(super) const SKESK: u8 = 3;
pub(super) const SED: u8 = 9;
pub(super) const MARKER: u8 = 10;
pub(super) const LITERAL: u8 = 11;
pub(super) const SEIPD: u8 = 18;
pub(super) const LIBREPGP: u8 = 20;
pub(super) const PADDING: u8 = 21;

/// Tag and length of the next packet; `None` at the end.
pub(super) fn header(reader: &mut dyn Read) -> io::Result<Option<(u8, Length)>> {
    let Some(first) = octet_or_end(reader)? else { return Ok(None) };
    if first & 0x80 == 0 {
        return Err(unreadable("not a packet"));
    }
    if first & 0x40 != 0 {
        return Ok(Some((first & 0x3f, length(reader)?)));
    }
    let length = match first & 3 {
        0 => Length::Definite(number::<1>(reader)?),
        1 => Length::Definite(number::<2>(reader)?),
        2 => Length::Definite(number::<4>(reader)?),
        _ => Length::Indeterminate,
    };
    Ok(Some(((first >> 2) & 0x0f, length)))
}

/// RFC 9580 §4.2.1.
fn length(reader: &mut dyn Read) -> io::Result<Length> {
    let first = octet(reader)?;
    Ok(match first {
        0..=191 => Length::Definite(first.into()),
        192..=223 => Length::Definite((u64::from(first) - 192) * 256 + u64::from(octet(reader)?) + 192),
        224..=254 => Length::Partial(1 << (first & 0x1f)),
        255 => Length::Definite(number::<4>(reader)?),
    })
}

fn number<const N: usize>(reader: &mut dyn Read) -> io::Result<u64> {
    let mut octets = [0; N];
    reader.read_exact(&mut octets)?;
    Ok(octets.iter().fold(0, |number, octet| (number << 8) | u64::from(*octet)))
}

pub(super) fn octet(reader: &mut dyn Read) -> io::Result<u8> {
    octet_or_end(reader)?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

fn octet_or_end(reader: &mut dyn Read) -> io::Result<Option<u8>> {
    let mut octet = [0];
    loop {
        match reader.read(&mut octet) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(0) => return Ok(None),
            Ok(_) => return Ok(octet.first().copied()),
            Err(error) => return Err(error),
        }
    }
}

/// The body of the last packet of a message. Its end is an error where octets are missing, or where more than markers
/// and padding follows (RFC 9580 §10.3).
pub(super) struct Body<R> {
    inner: R,
    length: Length,
    ended: bool,
}

impl<R: Read> Body<R> {
    pub(super) fn new(inner: R, length: Length) -> Self {
        Self { inner, length, ended: false }
    }

    fn end(&mut self) -> io::Result<()> {
        while let Some((tag, length)) = header(&mut self.inner)? {
            let Length::Definite(length) = length else { return Err(unreadable("more than one message")) };
            if !matches!(tag, MARKER | PADDING) {
                return Err(unreadable("more than one message"));
            }
            let copied = io::copy(&mut (&mut self.inner).take(length), &mut io::sink())?;
            if copied < length {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        self.ended = true;
        Ok(())
    }
}

impl<R: Read> Read for Body<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !self.ended && !out.is_empty() {
            let left = match self.length {
                Length::Partial(0) => {
                    self.length = length(&mut self.inner)?;
                    continue;
                }
                Length::Definite(0) => {
                    self.end()?;
                    continue;
                }
                Length::Definite(left) | Length::Partial(left) => left,
                Length::Indeterminate => u64::MAX,
            };
            let most = usize::try_from(left).unwrap_or(usize::MAX).min(out.len());
            let count = self.inner.read(out.get_mut(..most).unwrap_or_default())?;
            let rest = left.saturating_sub(u64::try_from(count).unwrap_or(u64::MAX));
            self.length = match self.length {
                Length::Indeterminate if count == 0 => {
                    self.ended = true;
                    Length::Indeterminate
                }
                _ if count == 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                Length::Definite(_) => Length::Definite(rest),
                Length::Partial(_) => Length::Partial(rest),
                Length::Indeterminate => Length::Indeterminate,
            };
            return Ok(count);
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(octets: &[u8]) -> io::Result<Vec<u8>> {
        let mut reader = octets;
        let (_, length) = header(&mut reader)?.unwrap();
        let mut body = Vec::new();
        Body::new(reader, length).read_to_end(&mut body).map(|_| body)
    }

    #[test]
    fn every_form_of_length() {
        assert_eq!(body(b"\xd2\x03abc").unwrap(), b"abc");
        assert_eq!(body(b"\xd2\xff\0\0\0\x03abc").unwrap(), b"abc");
        assert_eq!(body(&[&b"\xd2\xc0\x00"[..], &[7; 192]].concat()).unwrap(), [7; 192]);
        assert_eq!(body(b"\xd2\xe1ab\xe0c\x02de").unwrap(), b"abcde");
        assert_eq!(body(b"\xc8\x02ab").unwrap(), b"ab");
        assert_eq!(body(b"\x8e\0\0\0\x02ab").unwrap(), b"ab");
        assert_eq!(body(b"\x8fabcdef").unwrap(), b"abcdef");
    }

    #[test]
    fn what_is_missing_or_too_much_is_an_error() {
        for bad in [
            &b"\xd2\x03ab"[..],
            b"\xd2\xe1ab",
            b"\xd2\xe1a",
            b"\xd2\x01ab",
            b"\xd2\x01a\xd2\x01a",
            b"\xd2\xff\0\0",
        ] {
            assert!(body(bad).is_err(), "{bad:x?}");
        }
        assert_eq!(body(b"\xd2\x01a\xca\x03PGP\xd5\x02xx").unwrap(), b"a");
        assert!(body(b"\xd2\x01a\xca\x03PG").is_err());
    }
}
