//! The canonical line ends of signed content (RFC 8551 §3.1.1, RFC 3156 §5).
//!
//! - [`CrlfWriter`].

use std::io::{self, Write};

/// Passes octets on, each LF without CR before it as CRLF. A CR alone stays. Call [`finish`](Self::finish) or
/// `flush` at the end only if the inner writer wants it: nothing is held back.
#[derive(Debug)]
pub(crate) struct CrlfWriter<W> {
    inner: W,
    after_cr: bool,
}

impl<W: Write> CrlfWriter<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self { inner, after_cr: false }
    }
}

impl<W: Write> Write for CrlfWriter<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.write_all(octets)?;
        Ok(octets.len())
    }

    fn write_all(&mut self, octets: &[u8]) -> io::Result<()> {
        let (mut block, mut used) = ([0u8; BLOCK], 0);
        let mut done = 0;
        for at in memchr::memchr_iter(b'\n', octets) {
            let line = octets.get(done..at).unwrap_or_default();
            let bare = if at == 0 { !self.after_cr } else { octets.get(at - 1) != Some(&b'\r') };
            if !bare {
                continue;
            }
            used = self.put(&mut block, used, line)?;
            used = self.put(&mut block, used, b"\r")?;
            done = at;
        }
        used = self.put(&mut block, used, octets.get(done..).unwrap_or_default())?;
        self.inner.write_all(block.get(..used).unwrap_or_default())?;
        if let Some(last) = octets.last() {
            self.after_cr = *last == b'\r';
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W: Write> CrlfWriter<W> {
    /// Gathers short pieces, so that the inner writer sees few calls; long ones go past the block.
    fn put(&mut self, block: &mut [u8; BLOCK], used: usize, piece: &[u8]) -> io::Result<usize> {
        let end = used + piece.len();
        if let Some(room) = block.get_mut(used..end) {
            room.copy_from_slice(piece);
            return Ok(end);
        }
        self.inner.write_all(block.get(..used).unwrap_or_default())?;
        if let Some(room) = block.get_mut(..piece.len()) {
            room.copy_from_slice(piece);
            return Ok(piece.len());
        }
        self.inner.write_all(piece)?;
        Ok(0)
    }
}

/// Fits the first cache and the stack.
const BLOCK: usize = 4096;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canonical(chunks: &[&[u8]]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut writer = CrlfWriter::new(&mut out);
        for chunk in chunks {
            writer.write_all(chunk).unwrap();
        }
        out
    }

    #[test]
    fn bare_lf_only() {
        assert_eq!(canonical(&[b"a\nb\r\nc\rd\n\n"]), b"a\r\nb\r\nc\rd\r\n\r\n");
        assert_eq!(canonical(&[b"a\r", b"\nb", b"\n"]), b"a\r\nb\r\n");
        assert_eq!(canonical(&[b"a\r", b"", b"\n"]), b"a\r\n");
        assert_eq!(canonical(&[b"\n"]), b"\r\n");
    }

    proptest! {
        #[test]
        fn as_a_bytewise_reading(text in "[a\r\n]{0,9000}", size in 1usize..5000) {
            let mut expected = Vec::new();
            for octet in text.bytes() {
                if octet == b'\n' && expected.last() != Some(&b'\r') {
                    expected.push(b'\r');
                }
                expected.push(octet);
            }
            let chunks: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
            prop_assert_eq!(canonical(&chunks), expected);
        }
    }
}
