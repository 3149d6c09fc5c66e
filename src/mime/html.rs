//! As much of HTML as it takes to put an element into a body, and to find one again. No parser: what it cannot follow
//! it leaves alone.
//!
//! - [`body_start`]: where the first child of `<body>` goes.
//! - [`elements_of_class`]: the `<div>`s of a class; [`text`]: what stands in one.

use std::ops::Range;

use memchr::{memchr, memmem};

/// Behind the tag that opens the body; where there is none, behind the head, or what else begins a page.
pub(crate) fn body_start(html: &[u8]) -> usize {
    let mut start = 0;
    for tag in Tags::new(html) {
        match (tag.name.as_slice(), tag.closes) {
            (b"body", false) => return tag.range.end,
            (b"head", true) | (b"html" | b"!doctype", false) => start = tag.range.end,
            (b"head" | b"meta" | b"title" | b"link" | b"base" | b"style" | b"script" | b"?xml", _) => {}
            _ => break,
        }
    }
    start
}

/// Whole elements only, not more than a few.
pub(crate) fn elements_of_class(html: &[u8], class: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Option<(usize, usize)> = None;
    for tag in Tags::new(html).filter(|tag| tag.name == b"div") {
        open = match (open, tag.closes) {
            (None, false) if tag.has_class(class) => Some((tag.range.start, 1)),
            (Some((start, depth)), false) => Some((start, depth + 1)),
            (Some((start, 1)), true) => {
                found.push(start..tag.range.end);
                None
            }
            (Some((start, depth)), true) => Some((start, depth - 1)),
            (None, _) => None,
        };
        if found.len() == MOST {
            break;
        }
    }
    found
}

/// What stands between the tags, comments too, a line for each piece. None where a tag shows something by itself.
pub(crate) fn text(html: &[u8]) -> Option<Vec<u8>> {
    const PLAIN: [&[u8]; 12] =
        [b"div", b"pre", b"p", b"br", b"b", b"strong", b"span", b"table", b"tbody", b"tr", b"th", b"td"];
    let (mut text, mut end) = (Vec::with_capacity(html.len()), 0);
    for tag in Tags::new(html) {
        if !PLAIN.contains(&tag.name.as_slice()) {
            return None;
        }
        text.extend_from_slice(html.get(end..tag.range.start).unwrap_or_default());
        text.push(b'\n');
        end = tag.range.end;
    }
    text.extend_from_slice(html.get(end..).unwrap_or_default());
    Some(text)
}

const MOST: usize = 16;

struct Tag<'h> {
    /// In lower case.
    name: Vec<u8>,
    closes: bool,
    attributes: &'h [u8],
    range: Range<usize>,
}

impl Tag<'_> {
    fn has_class(&self, class: &str) -> bool {
        let mut rest = self.attributes;
        while let Some((name, value, after)) = attribute(rest) {
            if name.eq_ignore_ascii_case(b"class") {
                let mut classes = value.split(u8::is_ascii_whitespace);
                return classes.any(|one| one == class.as_bytes());
            }
            rest = after;
        }
        false
    }
}

/// Name, value and what follows.
fn attribute(rest: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let ends = |octet: &u8| octet.is_ascii_whitespace() || *octet == b'/';
    let start = rest.iter().position(|octet| !ends(octet))?;
    let (_, rest) = rest.split_at_checked(start)?;
    let end =
        rest.iter().skip(1).position(|octet| ends(octet) || *octet == b'=').map_or(rest.len(), |at| at + 1);
    let (name, rest) = rest.split_at_checked(end)?;
    let after = rest.trim_ascii_start();
    let Some(value) = after.strip_prefix(b"=") else { return Some((name, b"", rest)) };
    let value = value.trim_ascii_start();
    match value.first() {
        Some(quote @ (b'"' | b'\'')) => {
            let inside = value.get(1..)?;
            let end = memchr(*quote, inside)?;
            Some((name, inside.get(..end)?, inside.get(end + 1..)?))
        }
        _ => {
            let end = value.iter().position(u8::is_ascii_whitespace).unwrap_or(value.len());
            let (value, rest) = value.split_at_checked(end)?;
            Some((name, value, rest))
        }
    }
}

/// The tags in order; comments and what stands in scripts, styles and the like are passed over.
struct Tags<'h> {
    html: &'h [u8],
    at: usize,
}

impl<'h> Tags<'h> {
    fn new(html: &'h [u8]) -> Self {
        Self { html, at: 0 }
    }

    fn rest(&self) -> &'h [u8] {
        self.html.get(self.at..).unwrap_or_default()
    }

    /// Past the end of `text`, or to the end of all.
    fn skip(&mut self, text: &[u8]) {
        self.at =
            memmem::find(self.rest(), text).map_or(self.html.len(), |found| self.at + found + text.len());
    }

    fn skip_raw_text(&mut self, name: &[u8]) {
        while let Some(found) = memmem::find(self.rest(), b"</") {
            self.at += found;
            let after = self.rest().get(2..).unwrap_or_default();
            if after.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
                return;
            }
            self.at += 2;
        }
        self.at = self.html.len();
    }
}

impl<'h> Iterator for Tags<'h> {
    type Item = Tag<'h>;

    fn next(&mut self) -> Option<Tag<'h>> {
        const RAW: [&[u8]; 6] = [b"script", b"style", b"title", b"textarea", b"xmp", b"noscript"];
        loop {
            self.at += memchr(b'<', self.rest())?;
            let start = self.at;
            let inside = self.rest().get(1..)?;
            if inside.starts_with(b"!--") {
                self.at += 4;
                self.skip(b"-->");
                continue;
            }
            let closes = inside.starts_with(b"/");
            let inside = if closes { inside.get(1..)? } else { inside };
            if !inside.first().is_some_and(|octet| octet.is_ascii_alphabetic() || b"!?".contains(octet)) {
                self.at += 1;
                continue;
            }
            let length = tag_length(inside)?;
            let inside = inside.get(..length)?;
            let end = |octet: &u8| octet.is_ascii_whitespace() || *octet == b'/';
            let (name, attributes) =
                inside.split_at_checked(inside.iter().position(end).unwrap_or(length))?;
            self.at += 1 + usize::from(closes) + length + 1;
            let name = name.to_ascii_lowercase();
            let range = start..self.at;
            if !closes && RAW.contains(&name.as_slice()) {
                self.skip_raw_text(&name);
            }
            return Some(Tag { name, closes, attributes, range });
        }
    }
}

/// Up to the `>` that stands in no quotes.
fn tag_length(inside: &[u8]) -> Option<usize> {
    let (mut quote, mut value) = (None, false);
    for (at, octet) in inside.iter().enumerate() {
        match (quote, octet) {
            (Some(open), octet) if open == octet => quote = None,
            (Some(_), _) => {}
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') if value => quote = Some(octet),
            _ => {}
        }
        value = *octet == b'=' || (value && octet.is_ascii_whitespace());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_body_starts() {
        for (html, before) in [
            ("<html><head><title>x</title></head><body>\r\n<p>", "<html><head><title>x</title></head><body>"),
            (
                "<!DOCTYPE html><HTML><BODY class='a>b' bgcolor=x><p>",
                "<!DOCTYPE html><HTML><BODY class='a>b' bgcolor=x>",
            ),
            ("<!-- <body> --><p>text<body>", ""),
            (
                "<html><head><script>'<body>'</script></head>text",
                "<html><head><script>'<body>'</script></head>",
            ),
            ("plain < text", ""),
            ("<p>a</p>", ""),
        ] {
            assert_eq!(body_start(html.as_bytes()), before.len(), "{html}");
        }
    }

    #[test]
    fn elements_of_a_class_are_found_whole() {
        for (html, wanted) in [
            ("a<div class=\"x\"><pre>S: 1</pre></div>b", vec!["<div class=\"x\"><pre>S: 1</pre></div>"]),
            (
                "<DIV id=a class='y x'><div>in</div>out</DIV><div class=x>2</div>",
                vec!["<DIV id=a class='y x'><div>in</div>out</DIV>", "<div class=x>2</div>"],
            ),
            ("<div class=xy>no</div><!-- <div class=x>no</div> --><p class=x>no</p>", vec![]),
            ("<div class=x>never closed", vec![]),
            ("<div title='class=x'>no</div>", vec![]),
        ] {
            let found: Vec<&str> =
                elements_of_class(html.as_bytes(), "x").into_iter().map(|range| &html[range]).collect();
            assert_eq!(found, wanted, "{html}");
        }
    }
}
