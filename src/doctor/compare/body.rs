//! What differs between two bodies of a part.

use std::ops::Range;

use super::crlf;
use super::text::{self, Hunk};
use crate::doctor::tree::{self, Tree, place};
use crate::mime::{Part, TransferEncoding};
use crate::report::ChangeKind;

/// One difference of a part, with octets counted in the messages.
pub(super) struct Difference {
    pub(super) kind: ChangeKind,
    pub(super) detail: String,
    pub(super) a: Option<Range<usize>>,
    pub(super) b: Option<Range<usize>>,
    /// What stands there, where the octets at the place are not what people read.
    pub(super) texts: Option<(Vec<u8>, Vec<u8>)>,
}

impl Difference {
    pub(super) fn new(kind: ChangeKind) -> Self {
        Self { kind, detail: String::new(), a: None, b: None, texts: None }
    }

    pub(super) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    pub(super) fn texts(mut self, before: Vec<u8>, after: Vec<u8>) -> Self {
        self.texts = Some((before, after));
        self
    }

    fn at(mut self, a: &Part, b: &Part) -> Self {
        self.a = Some(place(&a.body));
        self.b = Some(place(&b.body));
        self
    }
}

/// All of them, and whether they account for another charset in the Content-Type.
pub(super) fn leaf(a_tree: &Tree<'_>, a: &Part, b_tree: &Tree<'_>, b: &Part) -> (Vec<Difference>, bool) {
    let (old, new) = (a_tree.slice(&a.body), b_tree.slice(&b.body));
    if old == new && a.encoding == b.encoding {
        return (Vec::new(), false);
    }
    let mut found = Vec::new();
    let (old_octets, new_octets) = (a_tree.decoded(a), b_tree.decoded(b));
    let (old_lines, new_lines) = (crlf(&old_octets), crlf(&new_octets));
    if a.encoding != b.encoding && !(a.encoding.is_identity() && b.encoding.is_identity()) {
        let down = a.encoding.is_identity() && a.eight_bit;
        let kind = if down { ChangeKind::EightBitDowngraded } else { ChangeKind::EncodingChanged };
        let detail = format!("{} → {}", a.encoding.name(), b.encoding.name());
        found.push(Difference::new(kind).detail(detail).at(a, b));
    } else if a.encoding != b.encoding {
        // 7bit, 8bit, binary: a word in the header.
        let detail = format!("{} → {}", a.encoding.name(), b.encoding.name());
        found.push(Difference::new(ChangeKind::PartHeaderChanged).detail(detail).at(a, b));
    }
    if let Some(more) = strange(b, new).filter(|more| strange(a, old).as_ref() != Some(more)) {
        let mut difference = Difference::new(ChangeKind::TextAdded).texts(Vec::new(), more).at(a, b);
        difference.detail = String::from("base64");
        found.push(difference);
    }
    if old_lines == new_lines {
        let kind = match (a.encoding == b.encoding, a.encoding) {
            (true, TransferEncoding::QuotedPrintable) => Some(ChangeKind::QuotedPrintableRewritten),
            (true, TransferEncoding::Base64) => Some(ChangeKind::Base64Rewritten),
            _ => None,
        };
        // Lines that ended in another way were seen before.
        if let Some(kind) = kind.filter(|_| crlf(old) != crlf(new)) {
            let blank = old.trim_ascii_end() == new.trim_ascii_end();
            let kind = if blank { ChangeKind::BlankLines } else { kind };
            found.push(Difference::new(kind).at(a, b));
        }
        return (found, false);
    }
    if a.media_type.main != "text" {
        let kind = match tree::is_signature(a) || old_octets.trim_ascii() == new_octets.trim_ascii() {
            true => ChangeKind::BlankLines,
            false => ChangeKind::Other,
        };
        found.push(Difference::new(kind).at(a, b));
        return (found, false);
    }
    let renamed = texts((a_tree, a, &old_lines), (b_tree, b, &new_lines), &mut found);
    (found, renamed)
}

/// What some readers show and others do not: base64 ends with its padding, what is no digit is passed over (RFC 2045
/// §6.8), and not every reader does so.
fn strange(part: &Part, body: &[u8]) -> Option<Vec<u8>> {
    if part.encoding != TransferEncoding::Base64 {
        return None;
    }
    let is_digit = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/');
    let end = body.iter().position(|octet| !is_digit(*octet) && !octet.is_ascii_whitespace())?;
    let rest = body.get(end..).unwrap_or_default();
    let padding = rest.iter().take(PADDING).take_while(|octet| **octet == b'=').count();
    let behind = rest.get(padding..).unwrap_or_default().trim_ascii();
    (!behind.is_empty()).then(|| behind.to_vec())
}

/// Padding of a last group.
const PADDING: usize = 2;

/// Whether octets are that text in the charset that the part says.
fn is_in(part: &Part, octets: &[u8], text: &str) -> bool {
    let name = part.media_type.parameter("charset").unwrap_or("us-ascii");
    let charset = encoding_rs::Encoding::for_label_no_replacement(name.as_bytes());
    let decoded =
        charset.and_then(|charset| charset.decode_without_bom_handling_and_without_replacement(octets));
    decoded.is_some_and(|decoded| decoded == text)
}

fn texts(
    (a_tree, a, old): (&Tree<'_>, &Part, &[u8]),
    (b_tree, b, new): (&Tree<'_>, &Part, &[u8]),
    found: &mut Vec<Difference>,
) -> bool {
    let (old_text, new_text) = (tree::text(a, old), tree::text(b, new));
    let charset =
        |part: &Part| part.media_type.parameter("charset").unwrap_or("us-ascii").to_ascii_lowercase();
    let renamed = charset(a) != charset(b);
    if old_text == new_text {
        // Octets that are in no such charset, others read in another way.
        let kind = if is_in(b, new, &new_text) || !is_in(a, old, &old_text) {
            ChangeKind::CharsetChanged
        } else {
            ChangeKind::TextChanged
        };
        let detail = format!("{} → {}", charset(a), charset(b));
        found.push(Difference::new(kind).detail(detail).at(a, b));
        return true;
    }
    if text::is_lossy(old, new) {
        found.push(Difference::new(ChangeKind::EightBitLost).at(a, b));
        return false;
    }
    let html = a.media_type.sub == "html";
    let (a_lines, b_lines) = (Lines::new(a_tree, a), Lines::new(b_tree, b));
    let hunks = text::hunks(&old_text, &new_text, html);
    let mut merged: Vec<Difference> = Vec::new();
    for Hunk { kind, old, new, before, after, detail } in hunks {
        let (at, to) = (a_lines.range(&old), b_lines.range(&new));
        // One for each kind of change to lines that are there; one for each that was added.
        let known = merged.iter_mut().find(|known| known.kind == kind && !text::is_insertion(kind));
        match known {
            Some(known) => {
                known.a = known.a.take().map(|range| range.start..at.end.max(range.end));
                known.b = known.b.take().map(|range| range.start..to.end.max(range.end));
            }
            None => {
                let mut difference =
                    Difference::new(kind).texts(before.into_bytes(), after.into_bytes()).detail(detail);
                difference.a = Some(at);
                difference.b = Some(to);
                merged.push(difference);
            }
        }
    }
    found.append(&mut merged);
    renamed && found.iter().any(|one| one.kind == ChangeKind::CharsetChanged)
}

/// Where the lines of a body lie; all of it where it is encoded.
struct Lines {
    starts: Vec<usize>,
    whole: Range<usize>,
}

impl Lines {
    fn new(tree: &Tree<'_>, part: &Part) -> Self {
        let whole = place(&part.body);
        let body = tree.slice(&part.body);
        let starts = match part.encoding.is_identity() {
            true => {
                let ends = memchr::memchr_iter(b'\n', body)
                    .map(|at| whole.start.saturating_add(at).saturating_add(1));
                std::iter::once(whole.start).chain(ends).collect()
            }
            false => Vec::new(),
        };
        Self { starts, whole }
    }

    fn range(&self, lines: &Range<usize>) -> Range<usize> {
        if self.starts.is_empty() {
            return self.whole.clone();
        }
        let at = |line: usize| self.starts.get(line).copied().unwrap_or(self.whole.end);
        at(lines.start)..at(lines.end)
    }
}

/// What is left between what is the same at the start and at the end.
pub(super) fn middle(a: &[u8], b: &[u8]) -> (Range<usize>, Range<usize>) {
    let start = a.iter().zip(b).take_while(|(one, other)| one == other).count();
    let rest = |octets: &[u8]| octets.len().saturating_sub(start);
    let most = rest(a).min(rest(b));
    let end = a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(one, other)| one == other).count();
    (start..a.len().saturating_sub(end), start..b.len().saturating_sub(end))
}
