//! Counting octets and line ends while a letter passes.

use super::structure::LineEnds;
use super::usual::USUAL;

/// What has passed up to some place of a letter.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    /// Octets so far: the place.
    pub(super) place: u64,
    pub(super) ends: LineEnds,
    /// Place after the last octet above 127; 0 if there was none.
    pub(super) high: u64,
    /// The last three octets: enough to tell a line end and what stands before it.
    last: [u8; 3],
}

impl Tally {
    pub(super) fn add(&mut self, octets: &[u8]) {
        let Some(&first) = octets.first() else { return };
        let seen = seen(octets);
        let split = first == b'\n' && self.last[2] == b'\r';
        let crlf = seen.crlf + u64::from(split);
        self.ends.crlf += crlf;
        self.ends.lf += seen.all - crlf;
        self.pass(octets, seen.high);
    }

    /// The same of one line with its end.
    pub(super) fn add_line(&mut self, line: &[u8]) {
        let crlf = line.ends_with(b"\r\n") || (line.len() == 1 && self.last[2] == b'\r');
        self.ends.crlf += u64::from(crlf);
        self.ends.lf += u64::from(!crlf);
        self.pass(line, !line.is_ascii());
    }

    fn pass(&mut self, octets: &[u8], high: bool) {
        if high {
            let after = octets.iter().rposition(|octet| !octet.is_ascii()).map_or(0, |at| at + 1);
            self.high = self.place + length(after);
        }
        self.place += length(octets.len());
        for octet in octets.iter().skip(octets.len().saturating_sub(3)) {
            self.last = [self.last[1], self.last[2], *octet];
        }
    }

    /// The same of [usual lines](super::usual::usual_lines).
    pub(super) fn add_usual(&mut self, lines: &[u8]) {
        self.ends.crlf += length(lines.len() / USUAL);
        self.place += length(lines.len());
        self.last = lines.last_chunk().copied().unwrap_or(self.last);
    }

    /// The last octet was the end of a line.
    pub(super) fn is_at_line(self) -> bool {
        self.last[2] == b'\n'
    }

    /// The place before the line end that stands here, which belongs to the delimiter after it (RFC 2046 §5.1.1).
    pub(super) fn before_line_end(mut self) -> Self {
        match self.last {
            [before, b'\r', b'\n'] => {
                self.place -= 2;
                self.ends.crlf -= 1;
                self.last = [0, 0, before];
            }
            [before, other, b'\n'] => {
                self.place -= 1;
                self.ends.lf -= 1;
                self.last = [0, before, other];
            }
            _ => {}
        }
        self
    }

    /// Line ends between an earlier place and this one.
    pub(super) fn since(self, start: Self) -> LineEnds {
        LineEnds {
            crlf: self.ends.crlf.saturating_sub(start.ends.crlf),
            lf: self.ends.lf.saturating_sub(start.ends.lf),
        }
    }

    /// Lines between an earlier place and this one; a last one without line end counts.
    pub(super) fn lines_since(self, start: Self) -> u64 {
        let ends = self.since(start);
        let open = self.place > start.place && !self.is_at_line();
        ends.crlf + ends.lf + u64::from(open)
    }
}

struct Seen {
    /// LF, with CR before it or not.
    all: u64,
    crlf: u64,
    /// There are octets above 127.
    high: bool,
}

/// In one pass, in blocks so that the compiler makes vector code of it: a look at each line would cost more than the
/// whole rest of the scan.
fn seen(octets: &[u8]) -> Seen {
    let next = octets.get(1..).unwrap_or_default();
    let first = octets.first().copied().unwrap_or_default();
    let mut seen = Seen { all: u64::from(first == b'\n'), crlf: 0, high: !first.is_ascii() };
    for (left, right) in octets.chunks(BLOCK).zip(next.chunks(BLOCK)) {
        let pairs = left.iter().zip(right);
        let (all, crlf, high) = pairs.fold((0u8, 0u8, 0u8), |(all, crlf, high), (a, b)| {
            let end = u8::from(*b == b'\n');
            (all.wrapping_add(end), crlf.wrapping_add(end & u8::from(*a == b'\r')), high | b)
        });
        seen.all += u64::from(all);
        seen.crlf += u64::from(crlf);
        seen.high |= !high.is_ascii();
    }
    seen
}

pub(super) fn length(octets: usize) -> u64 {
    u64::try_from(octets).unwrap_or(u64::MAX)
}

/// At most 255, so that a count fits an octet.
const BLOCK: usize = 192;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_split_gives_the_same() {
        let text = b"a\r\nb\n\r\n\r\r\n\n\xe9\r".repeat(40);
        let mut whole = Tally::default();
        whole.add(&text);
        assert_eq!((whole.ends.crlf, whole.ends.lf), (120, 80));
        for size in [1, 2, 3, 5, 191, 192, 193] {
            let mut split = Tally::default();
            text.chunks(size).for_each(|chunk| split.add(chunk));
            assert_eq!((split.ends, split.high, split.place), (whole.ends, whole.high, whole.place));
            assert_eq!(split.last, whole.last);
        }
        let mut lines = Tally::default();
        text.split_inclusive(|octet| *octet == b'\n').for_each(|line| match line.ends_with(b"\n") {
            true => lines.add_line(line),
            false => lines.add(line),
        });
        assert_eq!((lines.ends, lines.high, lines.place), (whole.ends, whole.high, whole.place));
    }
}
