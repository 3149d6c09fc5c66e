//! quoted-printable (RFC 2045 §6.7), decoded line by line.

use std::io::{self, BufRead, Read};

/// A reader of what a quoted-printable body stands for. Blanks at the end of a line go; `=` without two digits
/// after it stays as it is.
pub(crate) struct QuotedPrintable<R> {
    body: R,
    line: Vec<u8>,
    decoded: Vec<u8>,
    read: usize,
}

impl<R: BufRead> QuotedPrintable<R> {
    pub(super) fn new(body: R) -> Self {
        Self { body, line: Vec::with_capacity(USUAL), decoded: Vec::with_capacity(LINES), read: 0 }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.decoded.clear();
        self.read = 0;
        let mut ended = false;
        while self.decoded.len() < LINES && !ended {
            let before = self.line.len();
            self.body.by_ref().take(LINE).read_until(b'\n', &mut self.line)?;
            ended = self.line.len() == before;
            if self.line.ends_with(b"\n") || ended {
                decode_line(&self.line, &mut self.decoded);
                self.line.clear();
            } else {
                let tail = self.line.split_off(settled(&self.line));
                unquote(&self.line, &mut self.decoded);
                self.line = tail;
            }
        }
        Ok(())
    }
}

impl<R: BufRead> Read for QuotedPrintable<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read >= self.decoded.len() {
            self.fill()?;
        }
        let ready = self.decoded.get(self.read..).unwrap_or_default();
        let length = ready.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), ready.get(..length)) {
            to.copy_from_slice(from);
        }
        self.read += length;
        Ok(length)
    }
}

fn decode_line(line: &[u8], out: &mut Vec<u8>) {
    let content = super::header::without_line_end(line);
    let end = line.get(content.len()..).unwrap_or_default();
    let kept = without_blanks(content);
    match kept.strip_suffix(b"=") {
        Some(soft) => unquote(soft, out),
        None => {
            unquote(kept, out);
            out.extend_from_slice(end);
        }
    }
}

/// How much of a line without end can be decoded already: not the blanks that may be its last, nor a `=` whose
/// digits are to come. All of it where it is blanks only, so that the rest stays bounded.
fn settled(line: &[u8]) -> usize {
    let kept = without_blanks(line.strip_suffix(b"\r").unwrap_or(line)).len();
    let from = kept.saturating_sub(2);
    let open = line.get(from..kept).and_then(|last| last.iter().position(|octet| *octet == b'='));
    match open.map_or(kept, |at| from + at) {
        0 if line.len() > 3 => line.len(),
        settled => settled,
    }
}

/// Undoes `=XX` (RFC 2045 §6.7 rule 1).
pub(super) fn unquote(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'=', rest) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        let digits = rest
            .get(at + 1..at + 3)
            .and_then(|digits| Some((digit(digits.first()?)?, digit(digits.last()?)?)));
        let used = match digits {
            Some((high, low)) => {
                out.push(high << 4 | low);
                3
            }
            None => {
                out.push(b'=');
                1
            }
        };
        rest = rest.get(at + used..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

fn digit(octet: &u8) -> Option<u8> {
    match octet {
        b'0'..=b'9' => Some(octet - b'0'),
        b'A'..=b'F' => Some(octet - b'A' + 10),
        b'a'..=b'f' => Some(octet - b'a' + 10),
        _ => None,
    }
}

fn without_blanks(line: &[u8]) -> &[u8] {
    let kept = line.iter().rposition(|octet| !matches!(octet, b' ' | b'\t')).map_or(0, |at| at + 1);
    line.get(..kept).unwrap_or_default()
}

/// Octets of a line that are looked at together; longer lines are read in pieces.
const LINE: u64 = 16 << 10;

/// Octets of a line with its end (RFC 2045 §6.7).
const USUAL: usize = 78;

/// Octets that are decoded at once, where there are as many.
const LINES: usize = 4 << 10;
