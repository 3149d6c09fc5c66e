//! The scanner behind [`Structure::read`]: octets are pushed in chunks of any size, parts come out.
//!
//! - [`Scanner::push`], then [`Scanner::finish`].
//!
//! It holds one line at most, and only where that line may be a field or a delimiter; the rest of a body is
//! skipped to the next line that begins with two hyphens.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::header::{name_and_colon, without_line_end};
use super::structure::{Defect, Part, PartPath, Structure, TransferEncoding};
use super::tally::{Tally, length};
use super::usual::{USUAL, usual_lines};
use crate::error::Error;
use crate::limits::Limits;
use crate::mime::media_type::MediaType;

pub(super) struct Scanner<'l> {
    limits: &'l Limits,
    parts: Vec<Part>,
    /// The parts that are not ended, from the letter inwards.
    open: Vec<Open>,
    mode: Mode,
    tally: Tally,
    /// Where the current line starts.
    line: Tally,
    /// The most usual lines that stood one after the other, of the innermost part or what it ended.
    usual: Range<u64>,
    /// The current line so far, in a header or where it may be a delimiter.
    buffer: Vec<u8>,
    fields: usize,
    field_bytes: usize,
    all_header_bytes: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Reading lines of a header.
    Header,
    /// In a line of a body that may be a delimiter.
    Candidate,
    /// In a line of a body that is none.
    Body,
}

struct Open {
    part: usize,
    start: Tally,
    body: Tally,
    /// Of a multipart that is not closed.
    boundary: Option<Vec<u8>>,
    /// End of the preamble: set by the first delimiter.
    preamble: Option<u64>,
    /// Start of the epilogue: set by the closing delimiter.
    epilogue: Option<u64>,
}

/// A delimiter line: the index in `open` of the multipart it belongs to.
struct Delimiter {
    level: usize,
    closing: bool,
}

impl<'l> Scanner<'l> {
    pub(super) fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            parts: Vec::with_capacity(4),
            open: Vec::with_capacity(4),
            mode: Mode::Header,
            tally: Tally::default(),
            line: Tally::default(),
            usual: 0..0,
            buffer: Vec::with_capacity(HEADER),
            fields: 0,
            field_bytes: 0,
            all_header_bytes: 0,
        }
    }

    pub(super) fn push(&mut self, mut chunk: &[u8]) -> Result<(), Error> {
        if self.parts.is_empty() {
            self.open_part(None, self.tally)?;
        }
        if self.tally.place.saturating_add(length(chunk.len())) > self.limits.message_bytes {
            return Err(Error::Limit { name: "message_bytes", limit: self.limits.message_bytes });
        }
        while !chunk.is_empty() {
            let used = match self.mode {
                Mode::Header => self.in_header(chunk)?,
                Mode::Candidate => self.in_candidate(chunk)?,
                Mode::Body => self.in_body(chunk),
            };
            chunk = chunk.get(used..).unwrap_or_default();
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Structure, Error> {
        if self.parts.is_empty() {
            self.open_part(None, self.tally)?;
        }
        let line = std::mem::take(&mut self.buffer);
        if self.mode == Mode::Header && !line.is_empty() {
            self.header_line(&line)?;
        } else if let Some(delimiter) = self.delimiter(&line) {
            self.at_delimiter(&delimiter)?;
        }
        if self.mode == Mode::Header {
            self.end_header();
        }
        while let Some(open) = self.open.pop() {
            self.end_part(open, self.tally);
        }
        Ok(Structure { parts: self.parts, length: self.tally.place })
    }

    /// Takes octets into `buffer` up to a line end or until it holds `most`.
    fn take(&mut self, chunk: &[u8], most: usize) -> usize {
        let room = chunk.len().min(most.saturating_sub(self.buffer.len()));
        let piece = chunk.get(..room).unwrap_or_default();
        let piece = match memchr::memchr(b'\n', piece) {
            Some(at) => piece.get(..=at).unwrap_or_default(),
            None => piece,
        };
        self.tally.add(piece);
        self.buffer.extend_from_slice(piece);
        piece.len()
    }

    fn in_header(&mut self, chunk: &[u8]) -> Result<usize, Error> {
        let most = self.limits.header_field_bytes.saturating_add(1);
        if self.buffer.is_empty()
            && let Some(end) = memchr::memchr(b'\n', chunk.get(..most).unwrap_or(chunk))
        {
            let (line, _) = chunk.split_at(end + 1);
            self.tally.add_line(line);
            self.header_line(line)?;
            return Ok(line.len());
        }
        let used = self.take(chunk, most);
        if self.buffer.ends_with(b"\n") || self.buffer.len() >= most {
            let mut line = std::mem::take(&mut self.buffer);
            if !line.ends_with(b"\n") && self.delimiter(&line).is_some() {
                return within(line.len(), self.limits.header_field_bytes, "header_field_bytes")
                    .map(|()| used);
            }
            self.header_line(&line)?;
            // The memory serves for the next line.
            line.clear();
            self.buffer = line;
        }
        Ok(used)
    }

    /// In a digest the same line can start the message in a part without header, hence the loop.
    fn header_line(&mut self, line: &[u8]) -> Result<(), Error> {
        while self.mode == Mode::Header {
            if let Some(delimiter) = self.delimiter(line) {
                self.end_header();
                return self.at_delimiter(&delimiter);
            }
            if self.add_line(line)? {
                self.line = self.tally;
                return Ok(());
            }
        }
        if !line.ends_with(b"\n") {
            self.mode = Mode::Body;
        }
        self.line = self.tally;
        Ok(())
    }

    /// False if the line is not of this header: the first of a body without one.
    fn add_line(&mut self, line: &[u8]) -> Result<bool, Error> {
        let content = without_line_end(line);
        if content.is_empty() {
            self.keep(line)?;
            self.begin_body(self.tally)?;
            return Ok(true);
        }
        let is_field = name_and_colon(content).is_some();
        if is_field {
            self.fields += 1;
            self.field_bytes = 0;
        } else if self.fields == 0 {
            if self.line.place == 0 && content.starts_with(b"From ") {
                self.skip_mbox_line();
                return Ok(true);
            }
            self.note(Defect::UnreadableField);
            self.begin_body(self.line)?;
            return Ok(false);
        } else if !content.starts_with(b" ") && !content.starts_with(b"\t") {
            self.note(Defect::UnreadableField);
            self.field_bytes = 0;
        }
        self.field_bytes += line.len();
        within(self.fields, self.limits.header_fields, "header_fields")?;
        within(self.field_bytes, self.limits.header_field_bytes, "header_field_bytes")?;
        self.keep(line)?;
        Ok(true)
    }

    fn keep(&mut self, line: &[u8]) -> Result<(), Error> {
        let end = self.tally.place;
        let limits = self.limits;
        self.all_header_bytes += line.len();
        within(self.all_header_bytes, limits.all_header_bytes, "all_header_bytes")?;
        let Some(part) = self.innermost() else { return Ok(()) };
        within(part.header_octets.len() + line.len(), limits.header_bytes, "header_bytes")?;
        if part.header_octets.is_empty() {
            part.header_octets.reserve(HEADER);
        }
        part.header_octets.extend_from_slice(line);
        part.header.end = end;
        Ok(())
    }

    fn skip_mbox_line(&mut self) {
        let (place, tally) = (self.tally.place, self.tally);
        if let Some(part) = self.innermost() {
            part.header = place..place;
        }
        if let Some(open) = self.open.last_mut() {
            open.start = tally;
        }
    }

    /// What the header says, once it is whole. Returns the boundary to look for.
    fn end_header(&mut self) -> Option<Vec<u8>> {
        let parent = self.innermost()?.parent.and_then(|parent| self.parts.get(parent));
        let in_digest = parent.is_some_and(|outer| outer.media_type.is("multipart", "digest"));
        let part = self.innermost()?;
        part.read_fields(if in_digest { MediaType::message_rfc822 } else { MediaType::text_plain });
        if part.media_type.main != "multipart" {
            return None;
        }
        let boundary = part.media_type.boundary();
        if boundary.is_none() {
            part.note(Defect::NoBoundary);
        }
        if !part.encoding.is_identity() {
            part.note(Defect::EncodedComposite);
        }
        let boundary = boundary.filter(|_| part.encoding != TransferEncoding::Base64)?;
        let alike = |other: &Vec<u8>| {
            let (long, short) =
                if other.len() > boundary.len() { (other, &boundary) } else { (&boundary, other) };
            long.strip_prefix(short.as_slice()).is_some_and(|rest| rest.is_empty() || rest == b"--")
        };
        if self.open.iter().filter_map(|open| open.boundary.as_ref()).any(alike) {
            self.note(Defect::AmbiguousBoundary);
        }
        Some(boundary)
    }

    fn begin_body(&mut self, start: Tally) -> Result<(), Error> {
        let boundary = self.end_header();
        self.mode = Mode::Candidate;
        if let Some(open) = self.open.last_mut() {
            open.boundary = boundary;
            open.body = start;
        }
        let Some(part) = self.innermost() else { return Ok(()) };
        part.header.end = start.place;
        part.body = start.place..start.place;
        if !part.media_type.is("message", "rfc822") && !part.media_type.is("message", "global") {
            return Ok(());
        }
        if !part.encoding.is_identity() {
            part.note(Defect::EncodedComposite);
            return Ok(());
        }
        let parent = self.open.last().map(|open| open.part);
        self.open_part(parent, start)
    }

    fn in_candidate(&mut self, chunk: &[u8]) -> Result<usize, Error> {
        let hopeless = self.buffer.is_empty() && chunk.first() != Some(&b'-');
        if hopeless || !self.seeks_boundary() {
            self.mode = Mode::Body;
            return Ok(0);
        }
        let used = self.take(chunk, CANDIDATE);
        let prefix = self.buffer.get(..2).unwrap_or(&self.buffer);
        let possible = b"--".starts_with(prefix);
        let whole = self.buffer.ends_with(b"\n");
        if possible && !whole && (self.buffer.len() < CANDIDATE || self.drop_padding()) {
            return Ok(used);
        }
        let delimiter = if possible && whole { self.delimiter(&self.buffer) } else { None };
        self.buffer.clear();
        if let Some(delimiter) = delimiter {
            self.at_delimiter(&delimiter)?;
        } else if whole {
            self.line = self.tally;
        } else {
            self.mode = Mode::Body;
        }
        Ok(used)
    }

    /// A delimiter may be followed by any number of blanks: makes room in the buffer by dropping all but one.
    /// False if the line is no delimiter.
    fn drop_padding(&mut self) -> bool {
        let carriage_return = self.buffer.ends_with(b"\r");
        let mut line = std::mem::take(&mut self.buffer);
        if carriage_return {
            line.pop();
        }
        line.truncate(trim_blanks(&line).len());
        let possible = self.delimiter(&line).is_some();
        line.push(b' ');
        if carriage_return {
            line.push(b'\r');
        }
        self.buffer = line;
        possible
    }

    fn in_body(&mut self, chunk: &[u8]) -> usize {
        let usual = self.pass_usual_lines(chunk);
        if usual > 0 {
            return usual;
        }
        let chunk = chunk.get(..PIECE).unwrap_or(chunk);
        let at_line = if !self.seeks_boundary() {
            None
        } else if let Some(at) = HYPHENS.find(chunk) {
            Some(at + 1)
        } else if chunk.ends_with(b"\n-") {
            Some(chunk.len() - 1)
        } else {
            chunk.ends_with(b"\n").then_some(chunk.len())
        };
        let used = at_line.unwrap_or(chunk.len());
        self.tally.add(chunk.get(..used).unwrap_or_default());
        if at_line.is_some() {
            self.line = self.tally;
            self.mode = Mode::Candidate;
        }
        used
    }

    /// Passes over the usual lines that stand here, perhaps after the end of another one. 0 where there are none.
    fn pass_usual_lines(&mut self, chunk: &[u8]) -> usize {
        let start = match self.tally.is_at_line() {
            true => 0,
            false => {
                let piece = chunk.get(..PIECE).unwrap_or(chunk);
                memchr::memchr(b'\n', piece).map_or(chunk.len(), |end| end + 1)
            }
        };
        let (rest, lines) = chunk.split_at(start);
        let lines = lines.get(..usual_lines(lines)).unwrap_or_default();
        if lines.is_empty() {
            return 0;
        }
        self.tally.add(rest);
        let place = self.tally.place;
        self.tally.add_usual(lines);
        if length(lines.len()) > self.usual.end - self.usual.start {
            self.usual = place..self.tally.place;
        }
        if self.seeks_boundary() {
            self.line = self.tally;
            self.mode = Mode::Candidate;
        }
        start + lines.len()
    }

    fn seeks_boundary(&self) -> bool {
        self.open.iter().any(|open| open.boundary.is_some())
    }

    /// `--boundary` or `--boundary--`, blanks, line end. Of the innermost multipart that it fits.
    fn delimiter(&self, line: &[u8]) -> Option<Delimiter> {
        let text = trim_blanks(without_line_end(line)).strip_prefix(b"--")?;
        self.open.iter().enumerate().rev().find_map(|(level, open)| {
            let rest = text.strip_prefix(open.boundary.as_deref()?)?;
            (rest.is_empty() || rest == b"--").then_some(Delimiter { level, closing: !rest.is_empty() })
        })
    }

    /// Ends what lies inside the multipart, and opens its next part or its epilogue. The line end before the
    /// delimiter belongs to it, unless that is the end of the delimiter before.
    fn at_delimiter(&mut self, delimiter: &Delimiter) -> Result<(), Error> {
        let mut end = self.line.before_line_end();
        let inner = self.open.get(delimiter.level + 1).map(|open| open.start);
        let floor = inner.or(self.open.get(delimiter.level).map(|open| open.body));
        if let Some(floor) = floor.filter(|floor| floor.place > end.place) {
            end = floor;
        }
        while self.open.len() > delimiter.level + 1 {
            let Some(open) = self.open.pop() else { break };
            self.end_part(open, end);
        }
        let now = self.tally;
        self.line = now;
        let Some(multipart) = self.open.last_mut() else { return Ok(()) };
        multipart.preamble.get_or_insert(end.place);
        if !delimiter.closing {
            let parent = multipart.part;
            return self.open_part(Some(parent), now);
        }
        multipart.boundary = None;
        multipart.epilogue = Some(now.place);
        self.mode = Mode::Candidate;
        Ok(())
    }

    fn open_part(&mut self, parent: Option<usize>, start: Tally) -> Result<(), Error> {
        within(self.parts.len() + 1, self.limits.parts, "parts")?;
        let index = self.parts.len();
        let mut path = PartPath::root();
        if let Some(outer) = parent.and_then(|parent| self.parts.get_mut(parent)) {
            outer.children.push(index);
            path = outer.path.child(u32::try_from(outer.children.len()).unwrap_or(u32::MAX));
        }
        if length(path.numbers().len()) > u64::from(self.limits.depth) {
            return Err(Error::Limit { name: "depth", limit: self.limits.depth.into() });
        }
        self.parts.push(Part::new(path, parent, start.place));
        self.open.push(Open {
            part: index,
            start,
            body: start,
            boundary: None,
            preamble: None,
            epilogue: None,
        });
        self.usual = start.place..start.place;
        self.mode = Mode::Header;
        self.fields = 0;
        self.field_bytes = 0;
        Ok(())
    }

    fn end_part(&mut self, open: Open, end: Tally) {
        let Some(part) = self.parts.get_mut(open.part) else { return };
        let cut = |place: u64| place.min(end.place);
        part.header = cut(part.header.start)..cut(part.header.end);
        let kept = usize::try_from(part.header.end - part.header.start).unwrap_or(usize::MAX);
        part.header_octets.truncate(kept);
        let body = if open.body.place < part.header.end { part.header.end } else { cut(open.body.place) };
        part.body = body..end.place;
        part.preamble = body..body;
        part.epilogue = end.place..end.place;
        if part.media_type.main == "multipart" {
            part.preamble.end = cut(open.preamble.unwrap_or(end.place));
            part.epilogue.start = cut(open.epilogue.unwrap_or(end.place));
        }
        part.usual = whole_lines(&self.usual, &part.body);
        part.line_ends = end.since(open.start);
        part.eight_bit = end.high > body;
        part.lines = if body == end.place { 0 } else { end.lines_since(open.body) };
        if open.boundary.is_some() {
            part.note(Defect::NotClosed);
        }
    }

    fn innermost(&mut self) -> Option<&mut Part> {
        let index = self.open.last()?.part;
        self.parts.get_mut(index)
    }

    fn note(&mut self, defect: Defect) {
        if let Some(part) = self.innermost() {
            part.note(defect);
        }
    }
}

/// Those of these usual lines that lie in a body; the end of the last may belong to a delimiter.
fn whole_lines(usual: &Range<u64>, body: &Range<u64>) -> Range<u64> {
    let start = usual.start.clamp(body.start, body.end);
    if start != usual.start {
        return start..start;
    }
    let within = usual.end.min(body.end).saturating_sub(start);
    start..start + within - within % length(USUAL)
}

fn trim_blanks(line: &[u8]) -> &[u8] {
    let blank = |octet: &u8| matches!(octet, b' ' | b'\t');
    let kept = line.iter().rposition(|octet| !blank(octet)).map_or(0, |at| at + 1);
    line.get(..kept).unwrap_or_default()
}

fn within(value: usize, limit: usize, name: &'static str) -> Result<(), Error> {
    if value <= limit { Ok(()) } else { Err(Error::Limit { name, limit: length(limit) }) }
}

/// Where a line may be a delimiter.
static HYPHENS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\n--"));

/// Octets looked at in one go, several times: they stay in the processor's cache.
const PIECE: usize = 32 << 10;

/// Octets that hold the header of most parts.
const HEADER: usize = 256;

/// The longest delimiter line without padding: hyphens, boundary, hyphens, CRLF; one more for the blank that
/// stands for padding.
const CANDIDATE: usize = 2 + super::media_type::BOUNDARY + 2 + 2 + 1;
