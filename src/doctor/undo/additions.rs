//! Texts without what may have been added: footers, disclaimers, banners, pictures, ways around of links.

use std::collections::BTreeMap;
use std::ops::Range;

use super::quoted_printable::{self, styles};
use super::{Form, encodings, last, spliced, step};
use crate::doctor::compare::crlf;
use crate::doctor::links as known;
use crate::doctor::tree::{Tree, is_leaf, place};
use crate::error::Error;
use crate::mime::{Part, TransferEncoding};

type Found<'f> = &'f mut dyn FnMut(Form) -> Result<bool, Error>;

/// One part as it may have been, and the words that were taken away, without blanks.
struct Cut {
    body: Vec<u8>,
    words: String,
}

/// Texts with something cut away: at the end, at the start, one block within; in one part, or the same words in two.
pub(super) fn cut(tree: &Tree<'_>, found: Found<'_>) -> Result<bool, Error> {
    let texts: Vec<&Part> = tree
        .parts()
        .iter()
        .filter(|part| is_leaf(part) && part.media_type.main == "text")
        .take(PARTS)
        .collect();
    for part in &texts {
        let mut give = |cut: Cut| found(last(spliced(tree.octets, &[(place(&part.body), cut.body)])));
        if !cuts(tree, part, &mut give)? {
            return Ok(false);
        }
    }
    let mut all: Vec<(&Part, Vec<Cut>)> = Vec::new();
    for part in texts.iter().copied().filter(|_| texts.len() > 1) {
        let (mut kept, mut octets) = (Vec::new(), 0_usize);
        cuts(tree, part, &mut |cut| {
            octets = octets.saturating_add(cut.body.len()).saturating_add(cut.words.len());
            kept.push(cut);
            Ok(octets < encodings::HELD / PARTS)
        })?;
        all.push((part, kept));
    }
    for (number, (one, one_cuts)) in all.iter().enumerate() {
        for (other, other_cuts) in all.iter().skip(number.saturating_add(1)) {
            for (a, b) in same_words(one_cuts, other_cuts) {
                let pieces = [(place(&one.body), a.body.clone()), (place(&other.body), b.body.clone())];
                if !found(last(spliced(tree.octets, &pieces)))? {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

/// The same words were added to text and HTML.
fn same_words<'c>(one: &'c [Cut], other: &'c [Cut]) -> Vec<(&'c Cut, &'c Cut)> {
    let mut by_words: BTreeMap<&str, Vec<&Cut>> = BTreeMap::new();
    for cut in other.iter().filter(|cut| !cut.words.is_empty()) {
        by_words.entry(&cut.words).or_default().push(cut);
    }
    let with = |a: &'c Cut| by_words.get(a.words.as_str()).into_iter().flatten().map(move |b| (a, *b));
    one.iter().flat_map(with).collect()
}

const PARTS: usize = 6;

/// Where cuts go as they are made; false where there is no use in making more.
type Give<'g> = &'g mut dyn FnMut(Cut) -> Result<bool, Error>;

fn cuts(tree: &Tree<'_>, part: &Part, give: Give<'_>) -> Result<bool, Error> {
    let raw = tree.slice(&part.body);
    let html = part.media_type.sub == "html";
    match part.encoding {
        TransferEncoding::Base64 => {
            let octets = crlf(&tree.decoded(part));
            // Of the first line that is not empty.
            let mut lines = raw.split(|octet| *octet == b'\n').map(|line| line.trim_ascii_end().len());
            let width = lines.find(|length| *length > 0).unwrap_or(76);
            let end = raw.ends_with(b"\r\n");
            let wrapped = |cut: Cut| Cut { body: encodings::base64(&cut.body, width, end), ..cut };
            without_each(&octets, ranges(&octets, html), html, &mut |cut| give(wrapped(cut)))
        }
        TransferEncoding::QuotedPrintable => {
            // Added as it is read, to what is encoded; or all of it was encoded anew.
            if !without_each(raw, ranges(raw, html), html, give)? {
                return Ok(false);
            }
            let octets = crlf(&tree.decoded(part));
            for style in styles().into_iter().take(4) {
                let encoded = |cut: Cut| Cut { body: quoted_printable::encoded(&cut.body, style), ..cut };
                if !without_each(&octets, ends(&octets, html), html, &mut |cut| give(encoded(cut)))? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        _ => without_each(raw, ranges(raw, html), html, give),
    }
}

fn without_each(text: &[u8], ranges: Vec<Range<usize>>, html: bool, give: Give<'_>) -> Result<bool, Error> {
    for range in ranges {
        for cut in without(text, range, html) {
            if !give(cut)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// The text without a range, with the line ends that may have been there.
fn without(text: &[u8], range: Range<usize>, html: bool) -> Vec<Cut> {
    let gone = String::from_utf8_lossy(text.get(range.clone()).unwrap_or_default()).into_owned();
    let gone = if html { crate::doctor::compare::plain(&gone) } else { gone };
    let words: String = gone.chars().filter(|c| c.is_alphanumeric()).collect();
    let at_end = range.end == text.len();
    let body = spliced(text, &[(range, Vec::new())]);
    let mut forms = vec![Cut { body: body.clone(), words: words.clone() }];
    if at_end {
        if let Some(bare) = body.strip_suffix(b"\r\n") {
            forms.push(Cut { body: bare.to_vec(), words: words.clone() });
        } else {
            forms.push(Cut { body: [&body, b"\r\n".as_slice()].concat(), words });
        }
    }
    forms
}

/// At the end and the start.
fn ends(text: &[u8], html: bool) -> Vec<Range<usize>> {
    let marks = marks(text, html);
    let stops = if html { closings(text) } else { vec![text.len()] };
    let mut ranges = Vec::new();
    for stop in stops {
        ranges.extend(marks.iter().filter(|mark| **mark < stop).map(|mark| *mark..stop));
    }
    let start = if html { opening(text) } else { 0 };
    ranges.extend(marks.iter().filter(|mark| **mark > start).map(|mark| start..*mark));
    ranges
}

/// The same, then everything between two places, if there are few.
fn ranges(text: &[u8], html: bool) -> Vec<Range<usize>> {
    let mut ranges = ends(text, html);
    let marks = marks(text, html);
    if marks.len() <= BLOCKS {
        for (number, start) in marks.iter().enumerate() {
            ranges.extend(marks.iter().skip(number.saturating_add(1)).map(|end| *start..*end));
        }
    }
    ranges
}

/// Places between which every block is tried: 3,000 forms.
const BLOCKS: usize = 80;
/// Places that are looked at.
const MARKS: usize = 600;

/// Where something may begin or end: lines, and in HTML tags.
fn marks(text: &[u8], html: bool) -> Vec<usize> {
    let mut marks: Vec<usize> = memchr::memchr_iter(b'\n', text).map(|at| at.saturating_add(1)).collect();
    marks.push(0);
    if html {
        marks.extend(memchr::memchr_iter(b'<', text));
        marks.extend(memchr::memchr_iter(b'>', text).map(|at| at.saturating_add(1)));
    }
    marks.sort_unstable();
    marks.dedup();
    // The last are the likely ones.
    let skipped = marks.len().saturating_sub(MARKS);
    marks.drain(..skipped);
    marks
}

/// Before which footers stand in HTML.
fn closings(html: &[u8]) -> Vec<usize> {
    let lower = html.to_ascii_lowercase();
    let mut found: Vec<usize> =
        [&b"</body"[..], b"</html"].iter().filter_map(|tag| memchr::memmem::rfind(&lower, tag)).collect();
    found.push(html.len());
    found
}

/// Behind which banners stand in HTML.
fn opening(html: &[u8]) -> usize {
    let lower = html.to_ascii_lowercase();
    let body = memchr::memmem::find(&lower, b"<body");
    let end = body
        .and_then(|at| Some(memchr::memchr(b'>', lower.get(at..)?)?.saturating_add(at).saturating_add(1)));
    end.unwrap_or(0)
}

/// Links as they were, and pictures that count left out.
pub(super) fn links(tree: &Tree<'_>, found: Found<'_>) -> Result<bool, Error> {
    for (unwrap, pixels, entities) in [
        (true, false, false),
        (true, false, true),
        (false, true, false),
        (true, true, false),
        (true, true, true),
    ] {
        let mut plain = Vec::new();
        let mut encoded: Vec<Vec<(Range<usize>, Vec<u8>)>> = vec![Vec::new(); styles().len()];
        for part in
            tree.parts().iter().filter(|part| is_leaf(part) && part.media_type.main == "text").take(PARTS)
        {
            let html = part.media_type.sub == "html";
            let octets = crlf(&tree.decoded(part));
            let Ok(words) = String::from_utf8(octets) else { continue };
            let mut other = words.clone();
            if unwrap {
                other = known::unwrapped(&other).into_owned();
                if html && entities {
                    other = with_entities(&other, &words);
                }
            }
            if pixels && html {
                other = without_pixels(&other);
            }
            if other == words {
                continue;
            }
            let at = place(&part.body);
            match part.encoding {
                TransferEncoding::QuotedPrintable => {
                    for (style, pieces) in styles().into_iter().zip(&mut encoded) {
                        pieces.push((at.clone(), quoted_printable::encoded(other.as_bytes(), style)));
                    }
                }
                TransferEncoding::Base64 => plain.push((at, encodings::base64(other.as_bytes(), 76, true))),
                _ => plain.push((at, other.into_bytes())),
            }
        }
        for styled in encoded {
            let mut pieces = plain.clone();
            pieces.extend(styled);
            pieces.sort_by_key(|(range, _)| range.start);
            if !pieces.is_empty() && !found(step(spliced(tree.octets, &pieces)))? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// `&` in the links of HTML as it is written there (`&amp;`).
fn with_entities(text: &str, before: &str) -> String {
    if !before.contains("&amp;") && !before.contains("%26") {
        return text.to_owned();
    }
    let mut out = String::new();
    for (number, piece) in text.split('"').enumerate() {
        let link = piece.starts_with("http") && number % 2 == 1 && !piece.contains("&amp;");
        if number > 0 {
            out.push('"');
        }
        out.push_str(&if link { piece.replace('&', "&amp;") } else { piece.to_owned() });
    }
    out
}

fn without_pixels(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, image)) = rest.split_once("<img") {
        let (tag, after) = image.split_once('>').unwrap_or((image, ""));
        let flat: String = tag.to_lowercase().chars().filter(|c| !matches!(c, '"' | '\'' | ' ')).collect();
        out.push_str(before);
        let small = ["width=1", "height=1", "width:1px", "height:1px", "width=0", "display:none"];
        if !small.iter().any(|word| flat.contains(word)) {
            out.push_str("<img");
            out.push_str(tag);
            out.push('>');
        }
        rest = after;
    }
    out.push_str(rest);
    out
}
