//! From BER to DER lengths (X.690 §8.1.3, §8.7): NSS and Windows write PKCS#12 files with indefinite lengths.
//!
//! - [`to_der`]: definite, minimal lengths; OCTET STRING in one piece. Nothing else changes.

use zeroize::Zeroizing;

use crate::x509::der_reader::{DerError, OCTET_STRING, Result, encode};

/// The first value of `octets`, whatever follows it.
pub(super) fn to_der(octets: &[u8], depth: u32) -> Result<Zeroizing<Vec<u8>>> {
    Walk { octets, position: 0, open: Vec::new(), depth }.run()
}

struct Walk<'a> {
    octets: &'a [u8],
    position: usize,
    /// The constructed values that are not yet complete, the outermost first.
    open: Vec<Open>,
    depth: u32,
}

struct Open {
    tag: u8,
    /// Where it ends; `None` for end-of-contents octets.
    end: Option<usize>,
    content: Zeroizing<Vec<u8>>,
}

impl Walk<'_> {
    fn run(&mut self) -> Result<Zeroizing<Vec<u8>>> {
        loop {
            if let Some(last) = self.open.last() {
                let ended = match last.end {
                    Some(end) => self.position >= end,
                    None => self.octets.get(self.position..).is_some_and(|rest| rest.starts_with(&[0, 0])),
                };
                if ended {
                    if last.end.is_none() {
                        self.position += 2;
                    }
                    if let Some(whole) = self.close() {
                        return Ok(whole);
                    }
                    continue;
                }
            }
            if let Some(whole) = self.value()? {
                return Ok(whole);
            }
        }
    }

    /// Reads one header; takes the content too where it is primitive.
    fn value(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let tag = self.octet()?;
        if tag & 0x1f == 0x1f || tag == 0 {
            return Err(DerError("unexpected tag"));
        }
        let length = self.length()?;
        let end = length
            .map(|length| self.position.checked_add(length).ok_or(DerError("length too large")))
            .transpose()?;
        let within = self.open.iter().rev().find_map(|open| open.end).unwrap_or(self.octets.len());
        if end.is_some_and(|end| end > within) {
            return Err(DerError("ends too early"));
        }
        if tag & CONSTRUCTED == 0 {
            let end = end.ok_or(DerError("indefinite length of a primitive value"))?;
            let content = self.octets.get(self.position..end).unwrap_or_default();
            self.position = end;
            return Ok(self.append(tag, content));
        }
        if u32::try_from(self.open.len()).map_or(true, |open| open >= self.depth) {
            return Err(DerError("nested too deep"));
        }
        self.open.push(Open { tag, end, content: Zeroizing::new(Vec::new()) });
        Ok(None)
    }

    fn close(&mut self) -> Option<Zeroizing<Vec<u8>>> {
        let open = self.open.pop()?;
        let tag = if open.tag == OCTET_STRING | CONSTRUCTED { OCTET_STRING } else { open.tag };
        self.append(tag, &open.content)
    }

    /// Adds a value to the one it is in; gives it back where it is in none.
    fn append(&mut self, tag: u8, content: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        match self.open.last_mut() {
            None => Some(Zeroizing::new(encode(tag, &[content]))),
            // X.690 §8.7.3: pieces of an OCTET STRING.
            Some(parent) if parent.tag == OCTET_STRING | CONSTRUCTED => {
                parent.content.extend_from_slice(content);
                None
            }
            Some(parent) => {
                parent.content.extend_from_slice(&Zeroizing::new(encode(tag, &[content])));
                None
            }
        }
    }

    fn octet(&mut self) -> Result<u8> {
        let octet = self.octets.get(self.position).copied().ok_or(DerError("ends too early"))?;
        self.position += 1;
        Ok(octet)
    }

    fn length(&mut self) -> Result<Option<usize>> {
        let first = self.octet()?;
        let count = first & 0x7f;
        match first {
            0x80 => Ok(None),
            0..0x80 => Ok(Some(usize::from(first))),
            _ => {
                let mut length = 0_usize;
                for _ in 0..count {
                    length = length.checked_mul(256).ok_or(DerError("length too large"))?
                        | usize::from(self.octet()?);
                }
                Ok(Some(length))
            }
        }
    }
}

const CONSTRUCTED: u8 = 0x20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn der_stays_as_it_is() {
        let der = [0x30, 5, 0x04, 1, 9, 0x05, 0, 0xff];
        assert_eq!(*to_der(&der, 4).unwrap(), der[..7]);
    }

    #[test]
    fn indefinite_and_in_pieces() {
        let pieces = [0x24, 0x80, 0x04, 1, 1, 0x24, 4, 0x04, 0x81, 1, 2, 0x04, 1, 3, 0, 0];
        let ber = [&[0x30, 0x80][..], &pieces, &[0xa0, 0x80, 5, 0, 0, 0, 0, 0]].concat();
        assert_eq!(*to_der(&ber, 3).unwrap(), [0x30, 9, 0x04, 3, 1, 2, 3, 0xa0, 2, 5, 0]);
        assert!(to_der(&ber, 2).is_err());
    }

    #[test]
    fn broken() {
        for octets in [
            &[0x30, 0x80, 0x05, 0][..],
            &[0x04, 0x80, 0, 0],
            &[0x30, 2, 0x04, 5, 1, 2, 3, 4, 5],
            &[0x30, 0x89, 1, 1, 1, 1, 1, 1, 1, 1, 1],
            &[0x30],
            &[],
        ] {
            assert!(to_der(octets, 32).is_err(), "{octets:02x?}");
        }
    }
}
