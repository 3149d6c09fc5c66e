//! Armor taken off while it is read (RFC 9580 §6). Its checksum is not looked at: what is inside has a better one.

use std::io::{self, Read};

use memchr::memchr;

/// Reads an armored message, or a binary one as it is. Anything but blanks in front of it is refused.
pub(super) struct Dearmor<R> {
    inner: R,
    state: State,
    /// As received; `raw[from..to]` was not looked at yet.
    raw: Vec<u8>,
    from: usize,
    to: usize,
    /// base64 without line ends that is not a whole group yet.
    text: Vec<u8>,
    /// Decoded; `plain[at..]` was not taken yet.
    plain: Vec<u8>,
    at: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Binary,
    /// In the base64, at the start of a line or not.
    Text {
        line_start: bool,
        /// The last group had padding: only the end may follow.
        padded: bool,
    },
    Ended,
}

impl<R: Read> Dearmor<R> {
    pub(super) fn new(inner: R) -> Self {
        let (text, plain) = (Vec::with_capacity(RAW), Vec::with_capacity(RAW));
        Self { inner, state: State::Start, raw: vec![0; RAW], from: 0, to: 0, text, plain, at: 0 }
    }

    fn raw(&self) -> &[u8] {
        self.raw.get(self.from..self.to).unwrap_or_default()
    }

    /// Reads more behind what is there; false at the end.
    fn more(&mut self) -> io::Result<bool> {
        if self.from == self.to {
            (self.from, self.to) = (0, 0);
        } else if self.to == self.raw.len() {
            self.raw.copy_within(self.from..self.to, 0);
            (self.from, self.to) = (0, self.to - self.from);
        }
        let room = self.raw.get_mut(self.to..).unwrap_or_default();
        let count = loop {
            match self.inner.read(room) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.to += count;
        Ok(count > 0)
    }

    /// One line without its end; an error where it is longer than the buffer.
    fn line(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if let Some(end) = memchr(b'\n', self.raw()) {
                let line = self.raw().get(..end).unwrap_or_default().trim_ascii_end().to_vec();
                self.from += end + 1;
                return Ok(line);
            }
            if self.raw().len() >= RAW || !self.more()? {
                return Err(unreadable("armor that ends in its head"));
            }
        }
    }

    fn start(&mut self) -> io::Result<()> {
        loop {
            let blanks = self.raw().len() - self.raw().trim_ascii_start().len();
            self.from += blanks;
            match self.raw().first().copied() {
                Some(first) if first & 0x80 != 0 => {
                    self.state = State::Binary;
                    return Ok(());
                }
                Some(_) => break,
                None if self.more()? => {}
                None => return Err(unreadable("nothing in it")),
            }
        }
        if self.line()? != b"-----BEGIN PGP MESSAGE-----" {
            return Err(unreadable("not a message in armor"));
        }
        for _ in 0..HEADERS {
            let line = self.line()?;
            if line.is_empty() {
                self.state = State::Text { line_start: true, padded: false };
                return Ok(());
            }
            if !line.contains(&b':') {
                return Err(unreadable("no empty line before the base64"));
            }
        }
        Err(unreadable("too many headers of armor"))
    }

    /// Decodes what is there of the text, or reads more of it.
    fn decode(&mut self, mut line_start: bool, mut padded: bool) -> io::Result<()> {
        if self.from == self.to && !self.more()? {
            self.state = State::Ended;
            return self.whole();
        }
        let raw = self.raw.get(self.from..self.to).unwrap_or_default();
        let mut rest = raw;
        let mut ended = false;
        while let Some(first) = rest.first() {
            // The tail, or the checksum (RFC 9580 §6.1): where a group is open it is its padding.
            let checksum = *first == b'=' && self.text.len().is_multiple_of(4);
            if line_start && (*first == b'-' || checksum) {
                ended = true;
                break;
            }
            let (line, tail, whole) = match memchr(b'\n', rest) {
                Some(end) => {
                    let (line, tail) = rest.split_at(end);
                    (line, tail.get(1..).unwrap_or_default(), true)
                }
                None => (rest, &[][..], false),
            };
            self.text.extend_from_slice(line.trim_ascii());
            (rest, line_start) = (tail, whole);
        }
        self.from = self.to;
        padded |= self.groups(padded)?;
        self.state = if ended { State::Ended } else { State::Text { line_start, padded } };
        if ended { self.whole() } else { Ok(()) }
    }

    /// Decodes the whole groups; true if the last one has padding.
    fn groups(&mut self, padded: bool) -> io::Result<bool> {
        let whole = self.text.len() - self.text.len() % 4;
        let Some(groups) = self.text.get(..whole).filter(|groups| !groups.is_empty()) else {
            return Ok(false);
        };
        let bad = || unreadable("not base64");
        if padded {
            return Err(bad());
        }
        base64_simd::STANDARD.decode_append(groups, &mut self.plain).map_err(|_| bad())?;
        let padded = groups.ends_with(b"=");
        self.text.drain(..whole);
        Ok(padded)
    }

    fn whole(&self) -> io::Result<()> {
        if self.text.is_empty() { Ok(()) } else { Err(unreadable("base64 that ends too early")) }
    }
}

impl<R: Read> Read for Dearmor<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let ready = self.plain.get(self.at..).unwrap_or_default();
            if !ready.is_empty() || out.is_empty() {
                let count = ready.len().min(out.len());
                if let (Some(out), Some(ready)) = (out.get_mut(..count), ready.get(..count)) {
                    out.copy_from_slice(ready);
                }
                self.at += count;
                return Ok(count);
            }
            self.plain.clear();
            self.at = 0;
            match self.state {
                State::Start => self.start()?,
                State::Binary if self.from < self.to => {
                    self.plain.extend_from_slice(self.raw.get(self.from..self.to).unwrap_or_default());
                    self.from = self.to;
                }
                State::Binary => return self.inner.read(out),
                State::Text { line_start, padded } => self.decode(line_start, padded)?,
                State::Ended => return Ok(0),
            }
        }
    }
}

pub(super) fn unreadable(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

const RAW: usize = 32 << 10;
/// Headers of armor; programs write two or three.
const HEADERS: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives so many octets at a time.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(out.len()).min(self.0.len());
            out[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn all(text: &[u8], size: usize) -> io::Result<Vec<u8>> {
        let mut octets = Vec::new();
        Dearmor::new(Pieces(text, size)).read_to_end(&mut octets).map(|_| octets)
    }

    fn armored(octets: &[u8], line: usize, end: &str) -> Vec<u8> {
        let text = base64_simd::STANDARD.encode_to_string(octets);
        let lines: Vec<&str> =
            text.as_bytes().chunks(line).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let head = format!("-----BEGIN PGP MESSAGE-----{end}Comment: x{end}{end}");
        format!("{head}{}{end}=AAAA{end}-----END PGP MESSAGE-----{end}", lines.join(end)).into_bytes()
    }

    #[test]
    fn every_length_in_pieces_of_every_size() {
        let octets: Vec<u8> = (0..=255).cycle().take(700).collect();
        for length in (0..80).chain([699, 700]) {
            for (line, end) in [(64, "\n"), (76, "\r\n"), (5, " \r\n")] {
                let text = armored(&octets[..length], line, end);
                for size in [1, 3, 100, 10_000] {
                    assert_eq!(all(&text, size).unwrap(), &octets[..length], "{length} {line} {size}");
                }
            }
        }
    }

    #[test]
    fn binary_goes_through() {
        let octets: Vec<u8> = (128..=255).cycle().take(100_000).collect();
        assert_eq!(all(&octets, 7).unwrap(), octets);
    }

    #[test]
    fn what_is_not_armor_is_refused() {
        let good = String::from_utf8(armored(b"hello there", 64, "\n")).unwrap();
        for bad in [
            format!("x{good}"),
            format!("Dear all,\n{good}"),
            good.replace("MESSAGE", "SIGNATURE"),
            good.replace("Comment: x\n\n", "Comment: x\n"),
            good.replace("\n=AAAA", "AA\n=AAAA"),
            good.replace("\n=AAAA", "\nQUJD\n=AAAA"),
            good.replace("aGVs", "aG*s"),
            String::new(),
        ] {
            assert!(all(bad.as_bytes(), 1000).is_err(), "{bad}");
        }
        assert_eq!(all(format!("\r\n \n{good}").as_bytes(), 2).unwrap(), b"hello there");
    }

    #[test]
    fn a_head_without_end_is_no_loop() {
        let long = [b"-----BEGIN PGP MESSAGE-----\n".to_vec(), b"a".repeat(1 << 20)].concat();
        assert!(all(&long, 1 << 16).is_err());
        let many = [b"-----BEGIN PGP MESSAGE-----\n".to_vec(), b"a: b\n".repeat(1 << 16)].concat();
        assert!(all(&many, 1 << 16).is_err());
    }
}
