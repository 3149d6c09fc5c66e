//! Octets and the parts in them: the letter, or the content of an opaque layer.
//!
//! - [`Frame::read`]: within what other frames have left of the limits.
//! - [`Frame::charge`]: what it costs to read a part.

use std::ops::Range;

use crate::error::Error;
use crate::input::Source;
use crate::limits::Limits;
use crate::message::verify;
use crate::mime::{Headers, Part, PartPath, Structure, TransferEncoding, legacy_display, protected};
use crate::report::{LooksLike, PartSummary, UncoveredPart};

/// Where a part repeats header fields, in octets of its decoded content.
pub(crate) struct Display {
    pub(crate) part: PartPath,
    pub(crate) ranges: Vec<(u64, u64)>,
}

pub(crate) struct Frame<'a> {
    pub(crate) source: Source<'a>,
    pub(crate) structure: Structure,
    base: PartPath,
    /// Octets that may still be decoded again, where the source is decoded each time it is read.
    left: u64,
    /// It, or what it is taken from, is decrypted each time it is read.
    pub(crate) again: bool,
}

impl<'a> Frame<'a> {
    /// Reads the structure. Parts and headers of all frames of a letter share one limit.
    pub(crate) fn read(
        source: Source<'a>,
        base: PartPath,
        others: &[Frame<'a>],
        limits: &Limits,
    ) -> Result<Self, Error> {
        let parts: usize = others.iter().map(|frame| frame.structure.parts.len()).sum();
        let headers: usize = others.iter().map(Self::header_bytes).sum();
        let shared = limits.clone().parts(limits.parts.saturating_sub(parts));
        let shared = shared.all_header_bytes(limits.all_header_bytes.saturating_sub(headers));
        let structure = Structure::read(&mut *source.reader(0..source.len())?, &shared);
        let structure = structure.map_err(|error| match error {
            Error::Limit { name: "parts", .. } => over("parts", limits.parts),
            Error::Limit { name: "all_header_bytes", .. } => {
                over("all_header_bytes", limits.all_header_bytes)
            }
            other => other,
        })?;
        let left = source.len().saturating_mul(limits.passes.into());
        Ok(Self { source, structure, base, left, again: false })
    }

    /// A part of content that is decoded each time costs all that stands before it, once for each layer that is
    /// decoded on the way.
    pub(crate) fn charge(&mut self, end: u64, limits: &Limits) -> Result<(), Error> {
        let left = self.left.checked_sub(end.saturating_mul(self.source.derivations()));
        self.left = left.ok_or(Error::Limit { name: "passes", limit: limits.passes.into() })?;
        Ok(())
    }

    /// Octets in memory, apart from headers.
    pub(crate) fn held(&self) -> usize {
        self.source.as_slice().map_or(0, <[u8]>::len)
    }

    pub(crate) fn part(&self, index: usize) -> Option<&Part> {
        self.structure.parts.get(index)
    }

    /// Where a part of this frame stands in the letter.
    pub(crate) fn path(&self, part: &Part) -> PartPath {
        self.base.join(&part.path)
    }

    /// True if a part, or one in it, is sent as binary (RFC 2045 §6.2).
    pub(crate) fn has_binary(&self, part: &Part) -> bool {
        let inside = self.structure.parts.iter().filter(|one| part.path.contains(&one.path));
        inside.filter(|one| one.children.is_empty()).any(|one| one.encoding == TransferEncoding::Binary)
    }

    pub(crate) fn summaries(&self) -> impl Iterator<Item = PartSummary> {
        self.structure.parts.iter().map(|part| PartSummary {
            part: self.path(part),
            media_type: part.media_type.to_string(),
            charset: part.media_type.parameter("charset").map(str::to_owned),
            file_name: part.file_name(),
            encoding: part.encoding,
            content: self.base.clone(),
            range: pair(&part.entity()),
            body: part.body.start,
            lines: part.lines,
            legacy_display: Vec::new(),
            layers: Vec::new(),
        })
    }

    /// Where the texts of an encrypted payload repeat its header: by RFC 9788 §4.5.3.1, or a first part that does nothing
    /// else (draft-autocrypt-lamps-protected-headers §4). In octets of the decoded contents. Attachments are whole (§5.2.4).
    pub(crate) fn legacy_displays(&mut self, payload: usize, limits: &Limits) -> Result<Vec<Display>, Error> {
        let Some(root) = self.part(payload).map(|part| part.path.clone()) else { return Ok(Vec::new()) };
        let old = self.old_display(payload);
        let parts = self.structure.parts.iter().enumerate();
        let marked = parts.filter(|(index, part)| {
            let marked = root.contains(&part.path) && legacy_display::is_marked(part);
            Some(*index) == old || marked && !legacy_display::is_attached(part)
        });
        let marked: Vec<usize> = marked.map(|(index, _)| index).take(DISPLAYS).collect();
        let mut found = Vec::new();
        for index in marked {
            let Some(end) = self.part(index).map(|part| part.body.end) else { continue };
            self.charge(end, limits)?;
            let Some(part) = self.part(index) else { continue };
            let text = verify::decoded(&self.source, part, DISPLAY)?;
            let (header, charset) = (self.header_of(payload), part.media_type.parameter("charset"));
            let says = |name: &str, value: &[u8]| protected::says(&header, name, value, charset);
            let ranges = match part.media_type.sub.as_str() {
                _ if Some(index) == old && legacy_display::is_fields(&text, &says) => whole(&text),
                _ if Some(index) == old => Vec::new(),
                "html" => legacy_display::in_html(&text, &says),
                "plain" => legacy_display::in_plain(&text, &says),
                _ => Vec::new(),
            };
            let wide = |place: usize| u64::try_from(place).unwrap_or(u64::MAX);
            let ranges: Vec<_> = ranges.iter().map(|range| (wide(range.start), wide(range.end))).collect();
            found.push(Display { part: self.path(part), ranges });
        }
        Ok(found)
    }

    /// Of the payload, or of the letter that it is (RFC 8551 §3.1).
    fn header_of(&self, payload: usize) -> Headers<'_> {
        let part = self.part(payload);
        let letter = part.filter(|part| part.media_type.is("message", "rfc822"));
        let child = letter.and_then(|part| self.part(*part.children.first()?));
        child.or(part).map_or_else(|| Headers::new(b""), Part::headers)
    }

    /// The first part of a payload of the older form, if it has nothing but header fields.
    fn old_display(&self, payload: usize) -> Option<usize> {
        let payload = self.part(payload)?;
        let first = *payload.children.first()?;
        let part = self.part(first)?;
        let says = |part: &Part| part.media_type.parameter("protected-headers").is_some();
        let text = part.media_type.is("text", "plain") || part.media_type.is("text", "rfc822-headers");
        let old = payload.media_type.is("multipart", "mixed") && payload.children.len() > 1;
        (old && text && says(payload) && says(part) && !legacy_display::is_attached(part)).then_some(first)
    }

    /// A part that no signature covers.
    pub(crate) fn uncovered(
        &mut self,
        index: usize,
        limits: &Limits,
    ) -> Result<Option<UncoveredPart>, Error> {
        let Some(body) = self.part(index).map(|part| part.body.clone()) else { return Ok(None) };
        self.charge(body.end, limits)?;
        Ok(self.part(index).map(|part| UncoveredPart {
            part: self.path(part),
            media_type: part.media_type.to_string(),
            lines: part.lines,
            looks_like: looks_like(&self.source, part),
        }))
    }

    fn header_bytes(&self) -> usize {
        self.structure.parts.iter().map(|part| part.header_octets.len()).sum()
    }
}

/// Parts of a letter that are looked at for repeated header fields, and octets of each.
const DISPLAYS: usize = 8;
const DISPLAY: usize = 256 << 10;

/// Not of one that is longer than what was read.
fn whole(text: &[u8]) -> Vec<Range<usize>> {
    let all = 0..text.len();
    if text.len() < DISPLAY { std::iter::once(all).collect() } else { Vec::new() }
}

pub(crate) fn pair(range: &Range<u64>) -> (u64, u64) {
    (range.start, range.end)
}

/// An error if there are more of something than a limit allows.
pub(crate) fn within(count: usize, limit: usize, name: &'static str) -> Result<(), Error> {
    if count <= limit { Ok(()) } else { Err(over(name, limit)) }
}

fn over(name: &'static str, limit: usize) -> Error {
    Error::Limit { name, limit: u64::try_from(limit).unwrap_or(u64::MAX) }
}

fn looks_like(source: &Source<'_>, part: &Part) -> Option<LooksLike> {
    const SMALL: u64 = 4096;
    if part.media_type.main != "text" || part.body.end.saturating_sub(part.body.start) > SMALL {
        return None;
    }
    let text = verify::decoded(source, part, 8192).ok()?;
    crate::mime::looks_like_list_footer(&text).then_some(LooksLike::ListFooter)
}
