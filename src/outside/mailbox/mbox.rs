//! Where messages begin and end in an mbox file (RFC 4155 and its relatives). The file is read once, line by line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use super::{Escaped, Place, StoredMessage, unescape};
use crate::error::Error;

/// Octets of a line that are looked at: more than the senders have that servers let in, with the longest lines of SMTP.
const LOOKED_AT: u64 = 8 << 10;

#[derive(Debug)]
pub(super) struct Scanner {
    path: Arc<Path>,
    reader: BufReader<File>,
    /// Octets read.
    offset: u64,
    /// Messages that were begun.
    number: u64,
    /// Where the message at hand begins; `None` after the last.
    start: Option<u64>,
    line: Vec<u8>,
}

impl Scanner {
    /// `None` for a file that does not begin like an mbox file.
    pub(super) fn open(path: &Path) -> Result<Option<Self>, Error> {
        let failed = || Error::io(path.display().to_string());
        let reader = BufReader::new(File::open(path).map_err(failed())?);
        let (path_of, line) = (path.into(), Vec::new());
        let mut scanner = Self { path: path_of, reader, offset: 0, number: 1, start: None, line };
        scanner.read_line().map_err(failed())?;
        scanner.start = Some(scanner.offset);
        Ok(is_separator(&scanner.line).then_some(scanner))
    }

    pub(super) fn octets(&self) -> u64 {
        self.reader.get_ref().metadata().map_or(0, |about| about.len())
    }

    /// The beginning of the next line into `line`, and all of it behind us.
    fn read_line(&mut self) -> io::Result<()> {
        self.line.clear();
        let read = (&mut self.reader).take(LOOKED_AT).read_until(b'\n', &mut self.line)?;
        self.offset = self.offset.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        if read == 0 || self.line.ends_with(b"\n") {
            return Ok(());
        }
        loop {
            let buffer = self.reader.fill_buf()?;
            let end = memchr::memchr(b'\n', buffer).map(|at| at + 1);
            let (length, last) = (end.unwrap_or(buffer.len()), end.is_some() || buffer.is_empty());
            self.reader.consume(length);
            self.offset = self.offset.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
            if last {
                return Ok(());
            }
        }
    }

    fn message(&mut self, start: u64) -> io::Result<StoredMessage> {
        // Where the empty line begins that the line at hand follows.
        let mut empty = None;
        let mut escaped = Escaped::Nothing;
        let (end, next) = loop {
            let at = self.offset;
            self.read_line()?;
            if self.line.is_empty() {
                break (empty.unwrap_or(at), None);
            }
            // Not all writers put an empty line between messages. What others read as the next one is not left unseen in
            // the one before.
            if is_dated(&self.line) || (empty.is_some() && is_separator(&self.line)) {
                break (empty.unwrap_or(at), Some(self.offset));
            }
            empty = matches!(self.line.as_slice(), b"\n" | b"\r\n").then_some(at);
            escaped = escaped.max(match unescape::depth(&self.line) {
                0 => Escaped::Nothing,
                1 => Escaped::Once,
                _ => Escaped::Deeper,
            });
        };
        self.start = next;
        let place = Place { number: self.number, octets: start..end.max(start), escaped };
        self.number = self.number.saturating_add(1);
        Ok(StoredMessage { path: Arc::clone(&self.path), place: Some(place) })
    }
}

impl Iterator for Scanner {
    type Item = Result<StoredMessage, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.start.take()?;
        Some(self.message(start).map_err(Error::io(self.path.display().to_string())))
    }
}

/// `From ` with a sender and a date: a time, and a year of four digits. Thunderbird writes neither.
fn is_separator(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let mut words = rest.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    if words.next().is_none() {
        return true;
    }
    let (mut time, mut year) = (false, false);
    for word in words {
        time |= matches!(word.iter().position(|octet| *octet == b':'), Some(1 | 2))
            && word.iter().all(|octet| octet.is_ascii_digit() || *octet == b':');
        year |= word.len() == 4
            && (word.starts_with(b"19") || word.starts_with(b"20"))
            && word.iter().all(u8::is_ascii_digit);
    }
    time && year
}

/// As servers write it, with weekday and month (RFC 4155): nobody begins a line of text so.
fn is_dated(line: &[u8]) -> bool {
    let any = |names: &[&[u8]]| line.split(u8::is_ascii_whitespace).any(|word| names.contains(&word));
    is_separator(line) && any(&WEEKDAYS) && any(&MONTHS)
}

const WEEKDAYS: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
const MONTHS: [&[u8]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
