//! What octets are like, before it is decided how they are written.

use std::io::BufRead;

use memchr::{memchr, memchr_iter, memrchr};

use crate::error::Error;
use crate::input::Source;
use crate::mime::Part;
use crate::mime::usual::usual_lines;

/// What octets hold that a way of a mail could change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) eight_bit: bool,
    pub(crate) nul: bool,
    /// A CR that no LF follows.
    pub(crate) lone_cr: bool,
    /// An LF that follows no CR.
    pub(crate) bare_lf: bool,
    /// A line of more than 998 octets (RFC 5322 §2.1.1).
    pub(crate) long_line: bool,
    /// A line that ends in a space or a tab.
    pub(crate) trailing_blank: bool,
    /// A line that starts with `From `.
    pub(crate) from_line: bool,
    /// The last line has a line end; also where there is no octet at all.
    pub(crate) ended: bool,
}

impl Facts {
    /// Of all octets of a reader.
    #[cfg(test)]
    pub(crate) fn of(reader: impl BufRead) -> Result<Self, Error> {
        let mut scan = Scan::default();
        scan.read(reader)?;
        Ok(scan.finish())
    }

    /// Of the body of a part. Lines that gave none when the letter was read are not looked at again.
    pub(crate) fn of_body(part: &Part, source: &Source<'_>) -> Result<Self, Error> {
        let (body, usual) = (&part.body, &part.usual);
        let mut scan = Scan::default();
        if usual.start > body.start {
            scan.read(source.reader(body.start..usual.start)?)?;
        }
        scan.read(source.reader(usual.end..body.end)?)?;
        Ok(scan.finish())
    }

    /// Transport leaves it alone: 7bit (RFC 2045 §2.7).
    pub(crate) fn seven_bit(&self) -> bool {
        !(self.eight_bit || self.nul || self.lone_cr || self.long_line)
    }

    /// 7bit, and nothing that mailboxes and gateways are known to change (RFC 3156 §5, RFC 8551 §3.1.2).
    pub(crate) fn robust(&self) -> bool {
        self.seven_bit() && !self.trailing_blank && !self.from_line
    }
}

const LONGEST: usize = 998;
/// Octets looked at in one go.
const PIECE: usize = 32 << 10;
/// Octets kept of either end of a line that lies in two blocks: more than [`LONGEST`], so that a cut line is long.
const KEPT: usize = 1000;

#[derive(Default)]
struct Scan {
    facts: Facts,
    cr: usize,
    crlf: usize,
    /// The line that the last block left open.
    open: Vec<u8>,
}

impl Scan {
    fn read(&mut self, mut reader: impl BufRead) -> Result<(), Error> {
        loop {
            let octets = reader.fill_buf().map_err(Error::io("reading the letter"))?;
            if octets.is_empty() {
                return Ok(());
            }
            // As each fact is a pass of its own, few enough for the processor's cache.
            let piece = octets.get(..PIECE).unwrap_or(octets);
            self.feed(piece);
            let count = piece.len();
            reader.consume(count);
        }
    }

    /// Whole lines in which there is nothing to see are passed over together, as nearly all of an attachment is.
    fn feed(&mut self, octets: &[u8]) {
        let mut octets = octets;
        if !self.open.is_empty() {
            let end = memchr(b'\n', octets).map_or(octets.len(), |end| end + 1);
            let (line, rest) = octets.split_at(end);
            self.each_line(line);
            octets = rest;
        }
        if self.open.is_empty() {
            octets = octets.get(usual_lines(octets)..).unwrap_or_default();
        }
        let first = memchr(b'\n', octets).map_or(octets.len(), |end| end + 1);
        let last = memrchr(b'\n', octets).map_or(first, |end| end + 1);
        let (first, rest) = octets.split_at(first);
        let (lines, open) = rest.split_at(last - first.len());
        if !is_plain(lines) {
            return self.each_line(octets);
        }
        self.each_line(first);
        self.each_line(open);
    }

    fn each_line(&mut self, octets: &[u8]) {
        self.facts.eight_bit |= !octets.is_ascii();
        self.facts.nul |= memchr(0, octets).is_some();
        self.cr += memchr_iter(b'\r', octets).count();
        let mut start = 0;
        for end in memchr_iter(b'\n', octets) {
            let line = octets.get(start..end).unwrap_or_default();
            start = end + 1;
            if self.open.is_empty() {
                self.line(line);
            } else {
                self.keep(line);
                let line = std::mem::take(&mut self.open);
                self.line(&line);
            }
        }
        self.keep(octets.get(start..).unwrap_or_default());
    }

    /// Both ends of the line are kept, and enough in between to tell that it is too long.
    fn keep(&mut self, octets: &[u8]) {
        let mut rest = octets;
        if self.open.len() + rest.len() > 2 * KEPT {
            // The last two octets may be a blank and the CR of the line end.
            let end = self.open.len().saturating_sub(2).max(KEPT);
            self.open.drain(KEPT.min(self.open.len())..end.min(self.open.len()));
            let (head, tail) = rest.split_at(rest.len().min(KEPT.saturating_sub(self.open.len())));
            self.open.extend_from_slice(head);
            rest = tail.get(tail.len().saturating_sub(KEPT)..).unwrap_or_default();
        }
        self.open.extend_from_slice(rest);
    }

    /// A line with its CR, if it has one, and without its LF.
    fn line(&mut self, line: &[u8]) {
        let text = match line.strip_suffix(b"\r") {
            Some(text) => {
                self.crlf += 1;
                text
            }
            None => {
                self.facts.bare_lf = true;
                line
            }
        };
        self.text(text);
    }

    fn text(&mut self, text: &[u8]) {
        self.facts.long_line |= text.len() > LONGEST;
        self.facts.trailing_blank |= matches!(text.last(), Some(b' ' | b'\t'));
        self.facts.from_line |= text.starts_with(b"From ");
    }

    fn finish(mut self) -> Facts {
        self.facts.ended = self.open.is_empty();
        let rest = std::mem::take(&mut self.open);
        self.text(&rest);
        self.facts.lone_cr = self.cr != self.crlf;
        self.facts
    }
}

/// True for whole lines that give no fact. Some others are missed; the compiler makes vector code of it.
fn is_plain(lines: &[u8]) -> bool {
    let (second, third) = (lines.get(1..).unwrap_or_default(), lines.get(2..).unwrap_or_default());
    let suspicious = lines.iter().zip(second).zip(third).fold(false, |found, ((a, b), c)| {
        let line_end = (*b == b'\r') != (*c == b'\n');
        let blank = (*a == b' ' || *a == b'\t') & (*b == b'\r');
        // `From `, and as little else as is worth the while.
        let from = (*a == b'\n') & (*b == b'F') & (*c == b'r');
        found | line_end | blank | from | (*c == 0) | !c.is_ascii()
    });
    let plain = |head: &[u8]| head.iter().all(|octet| matches!(octet, 1..=127)) && !head.starts_with(b"Fr");
    let ends = |head: &[u8]| head.contains(&b'\n') || head.contains(&b'\r');
    lines.get(..2).is_some_and(|head| plain(head) && !ends(head)) && !suspicious && !has_long(lines)
}

/// From the start of a line on there is a line end in as many octets as a line may have, the last of which starts the next.
fn has_long(mut lines: &[u8]) -> bool {
    while let Some(most) = lines.get(..LONGEST + 2) {
        match memrchr(b'\n', most) {
            Some(end) => lines = lines.get(end + 1..).unwrap_or_default(),
            None => return true,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::mime::Structure;
    use proptest::prelude::*;
    use std::io::BufReader;
    use std::ops::Range;

    fn facts(octets: &[u8]) -> Facts {
        let whole = Facts::of(octets).unwrap();
        for size in [1, 2, 3, 7, 64, 1500] {
            assert_eq!(Facts::of(BufReader::with_capacity(size, octets)).unwrap(), whole, "blocks of {size}");
        }
        whole
    }

    #[test]
    fn each_fact_alone() {
        let clean = facts(b"one\r\ntwo\r\n");
        assert!(clean.robust() && clean.ended && !clean.bare_lf);
        assert!(facts(b"").ended);
        assert!(!facts(b"a\r\nb").ended);
        assert!(facts(b"a\nb\r\n").bare_lf);
        assert!(facts(b"a\rb\r\n").lone_cr && facts(b"a\r\r\n").lone_cr && facts(b"a\r").lone_cr);
        assert!(facts(b"\xe9").eight_bit && facts(b"\0").nul);
        assert!(
            facts(b"a \r\n").trailing_blank && facts(b"a\t\nb").trailing_blank && facts(b"b ").trailing_blank
        );
        assert!(facts(b"a\nFrom b").from_line && !facts(b"a\n>From b\nFrom\n").from_line);
    }

    proptest! {
        #[test]
        fn passing_over_plain_lines_changes_nothing(
            text in "([ a-eF\\t]{0,9}|From |[a-z ]{990,1001})(\r\n|\r\n|\r\n|\r\n|[\r\n\\x00\u{e9}])".prop_map(String::into_bytes),
            more in proptest::collection::vec("([a-z]{0,9}|Fr?|From |[a-z ]{0,2} |[a-z]{990,1000})(\r\n){1,2}|\r|\n|\u{e9}", 0..12),
            plain in 0usize..4,
        ) {
            let text = [text, b"plain\r\n".repeat(plain), more.concat().into_bytes()].concat();
            let mut one = Scan::default();
            one.each_line(&text);
            prop_assert_eq!(facts(&text), one.finish());
        }
    }

    #[test]
    fn full_lines_and_others() {
        let full = [&b"x".repeat(76)[..], b"\r\n"].concat().repeat(700);
        for odd in [&b"From a\r\n"[..], b"a \r\n", b"\n", b"\r", b"\0\r\n", b"\xe9\r\n", b"open"] {
            let text = [&full, odd, &full, b"end"].concat();
            let mut one = Scan::default();
            one.each_line(&text);
            assert_eq!(facts(&text), one.finish(), "{odd:?}");
        }
    }

    proptest! {
        #[test]
        fn lines_seen_when_the_letter_was_read_give_the_same(
            lines in proptest::collection::vec("--b\r\n\r\n|--b--\r\n|--c\r\n\r\n|From a\r\n|a \r\n|[\r\n\\x00\u{e9}a]|\r\n", 0..9),
            full in proptest::collection::vec(0usize..3, 9),
            inner in any::<bool>(),
        ) {
            let usual = [&b"x".repeat(76)[..], b"\r\n"].concat();
            let lines = lines.iter().zip(full).flat_map(|(line, full)| [line.as_bytes().to_vec(), usual.repeat(full)]);
            let head = &b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"[..];
            let nested = &b"--b\r\nContent-Type: multipart/signed; boundary=c\r\n\r\n"[..];
            let letter = [head, if inner { nested } else { b"" }, &lines.collect::<Vec<_>>().concat()].concat();
            let structure = Structure::read(&mut letter.as_slice(), &Limits::default()).unwrap();
            let cut = |range: &Range<u64>| &letter[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
            for part in &structure.parts {
                let (body, seen) = (&part.body, &part.usual);
                prop_assert!(seen.is_empty() || body.start <= seen.start && seen.end <= body.end);
                prop_assert_eq!(cut(seen), usual.repeat(cut(seen).len() / 78));
                prop_assert_eq!(Facts::of_body(part, &Source::memory(letter.as_slice())).unwrap(), facts(cut(body)));
            }
        }
    }

    #[test]
    fn lines_of_an_attachment_are_not_looked_at_twice() {
        let lines = [&b"x".repeat(76)[..], b"\r\n"].concat().repeat(2000);
        let head = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n";
        let letter = [head, &lines[..], b"--b--\r\n"].concat();
        let structure = Structure::read(&mut letter.as_slice(), &Limits::default()).unwrap();
        let seen = &structure.parts[1].usual;
        // But the last: its end belongs to the delimiter.
        assert_eq!(seen.end - seen.start, 1999 * 78);
    }

    #[test]
    fn plain_lines_are_seen_as_such() {
        assert!(is_plain(&b"VGhlIG5ld3M+\r\n".repeat(100)) && is_plain(b"a b\r\n\r\nFeb\r\n"));
        let long = |octets: usize| ["x".repeat(octets).as_bytes(), b"\r\n"].concat().repeat(3);
        assert!(is_plain(&long(998)) && !is_plain(&long(999)));
        for line in ["a \r\n", "a\t\r\n", "a\n", "a\r", "\rb\r\n", "From \r\n", "a\0\r\n", "\u{e9}\r\n"] {
            assert!(!is_plain(format!("ab\r\n{line}cd\r\n").as_bytes()), "{line:?}");
            assert!(!is_plain(format!("{line}cd\r\n").as_bytes()), "{line:?}");
        }
    }

    #[test]
    fn longest_line_is_998() {
        for (length, long) in [(998, false), (999, true), (5000, true)] {
            for end in ["", "\n", "\r\n", " \r\n"] {
                let text = format!(
                    "a\r\nFrom {}{end}",
                    "x".repeat(length - 5 - end.trim_end_matches('\n').trim_end_matches('\r').len())
                );
                assert!(facts(text.as_bytes()).from_line);
                assert_eq!(facts(text.as_bytes()).long_line, long, "{length} {end:?}");
            }
        }
    }
}
