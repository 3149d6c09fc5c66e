//! base64 in lines of 76 (RFC 2045 §6.8).

use std::io::{self, Write};

/// Encodes what is written to it; each line, the last too, ends in CR LF.
pub(crate) struct Base64Writer<W: Write> {
    out: W,
    pending: Vec<u8>,
    text: Vec<u8>,
    lines: Vec<[u8; ENDED]>,
}

/// Octets of one line: 76 characters (RFC 2045 §6.8).
const LINE: usize = 57;
const CHARACTERS: usize = 76;
/// With the line end.
const ENDED: usize = CHARACTERS + 2;
/// Lines encoded at once: the scratch memory stays in the processor's cache.
const LINES: usize = 256;

impl<W: Write> Base64Writer<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, pending: Vec::with_capacity(LINE), text: Vec::new(), lines: Vec::new() }
    }

    /// Writes the last line.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        let rest = std::mem::take(&mut self.pending);
        self.encode(&rest)?;
        Ok(self.out)
    }

    fn encode(&mut self, octets: &[u8]) -> io::Result<()> {
        for block in octets.chunks(LINE * LINES) {
            self.text.clear();
            base64_simd::STANDARD.encode_append(block, &mut self.text);
            let (whole, rest) = self.text.as_chunks::<CHARACTERS>();
            // Of a length that is known, lines are copied faster; what the last block left is written over.
            if self.lines.len() < whole.len() {
                self.lines.resize(whole.len(), [0; ENDED]);
            }
            let lines = self.lines.get_mut(..whole.len()).unwrap_or_default();
            for (text, line) in whole.iter().zip(&mut *lines) {
                let [head @ .., cr, lf] = line;
                (*head, *cr, *lf) = (*text, b'\r', b'\n');
            }
            self.out.write_all(lines.as_flattened())?;
            if !rest.is_empty() {
                self.out.write_all(&[rest, b"\r\n"].concat())?;
            }
        }
        Ok(())
    }
}

impl<W: Write> Write for Base64Writer<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let mut rest = octets;
        if !self.pending.is_empty() {
            let (head, tail) = rest.split_at(rest.len().min(LINE.saturating_sub(self.pending.len())));
            self.pending.extend_from_slice(head);
            if self.pending.len() < LINE {
                return Ok(octets.len());
            }
            let line = std::mem::take(&mut self.pending);
            self.encode(&line)?;
            rest = tail;
        }
        let (lines, tail) = rest.split_at(rest.len() - rest.len() % LINE);
        self.encode(lines)?;
        self.pending.extend_from_slice(tail);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encode(pieces: &[&[u8]]) -> Vec<u8> {
        let mut writer = Base64Writer::new(Vec::new());
        for piece in pieces {
            writer.write_all(piece).unwrap();
        }
        writer.finish().unwrap()
    }

    #[test]
    fn vectors_of_rfc_4648() {
        assert_eq!(encode(&[b""]), b"");
        assert_eq!(encode(&[b"f"]), b"Zg==\r\n");
        assert_eq!(encode(&[b"fo", b"obar"]), b"Zm9vYmFy\r\n");
    }

    #[test]
    fn full_last_line_is_ended_once() {
        let text = encode(&[&[0; 114]]);
        assert_eq!(text.len(), 2 * 78);
        assert!(text.split(|octet| *octet == b'\n').all(|line| line.len() <= 77));
    }

    proptest! {
        #[test]
        fn any_pieces_decode_to_the_whole(pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..8)) {
            let borrowed: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
            let mut text = encode(&borrowed);
            prop_assert!(text.is_empty() || text.ends_with(b"\r\n"));
            text.retain(|octet| !matches!(octet, b'\r' | b'\n'));
            prop_assert_eq!(base64_simd::STANDARD.decode_to_vec(&text).unwrap(), pieces.concat());
        }
    }
}
