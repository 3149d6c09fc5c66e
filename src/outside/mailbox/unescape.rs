//! A message without the escapes of an mbox file.

use std::io::{self, BufRead, Read};

/// Octets of a line that are held at a time.
const PIECE: u64 = 8 << 10;

/// How many `>` stand before `From ` at the beginning of a line; 0 where it is none of these lines.
pub(super) fn depth(line: &[u8]) -> usize {
    let depth = line.iter().take_while(|octet| **octet == b'>').count();
    let escaped = line.get(depth..).is_some_and(|rest| rest.starts_with(b"From "));
    if escaped { depth } else { 0 }
}

/// Takes one `>` off such lines: off all of them (mboxrd), or off those that have one (mboxo).
pub(super) struct Unescaped<R> {
    inner: R,
    all: bool,
    piece: Vec<u8>,
    given: usize,
    /// The next piece begins a line.
    line_start: bool,
}

impl<R: BufRead> Unescaped<R> {
    pub(super) fn new(inner: R, all: bool) -> Self {
        Self { inner, all, piece: Vec::new(), given: 0, line_start: true }
    }

    fn next_piece(&mut self) -> io::Result<()> {
        self.piece.clear();
        (&mut self.inner).take(PIECE).read_until(b'\n', &mut self.piece)?;
        let depth = if self.line_start { depth(&self.piece) } else { 0 };
        self.given = usize::from(depth == 1 || (depth > 1 && self.all));
        self.line_start = self.piece.ends_with(b"\n");
        Ok(())
    }
}

impl<R: BufRead> Read for Unescaped<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given >= self.piece.len() {
            self.next_piece()?;
        }
        let mut rest = self.piece.get(self.given..).unwrap_or_default();
        let read = rest.read(out)?;
        self.given += read;
        Ok(read)
    }
}
