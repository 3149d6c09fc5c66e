//! The Legacy Display Element of an encrypted letter (RFC 9788 §5.2.2, §5.2.3): what its outside does not show, at the
//! head of its text.
//!
//! - [`insertion`]: what goes where in a part.

use std::io::Read;

use encoding_rs::Encoding;

use crate::error::Error;
use crate::input::Source;
use crate::mime::write::field::WIDTH;
use crate::mime::{Part, TransferEncoding, decode, html, legacy_display};

/// An element for one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Insertion {
    /// Octets of the decoded content before it.
    pub(crate) at: u64,
    pub(crate) octets: Vec<u8>,
    /// The part becomes one of this charset: it was ASCII.
    pub(crate) charset: Option<&'static str>,
}

/// Octets of a page in which its body has to begin.
const HEAD: u64 = 64 << 10;

/// None where the charset of the part has no room for it, or cannot be told.
pub(crate) fn insertion(
    source: &Source<'_>,
    part: &Part,
    fields: &[(String, String)],
) -> Result<Option<Insertion>, Error> {
    if part.encoding == TransferEncoding::Unknown {
        return Ok(None);
    }
    let html = part.media_type.sub == "html";
    let text = if html { as_html(fields) } else { as_plain(fields) };
    let Some((octets, charset)) = encoded(&text, source, part)? else { return Ok(None) };
    let at = if html { html::body_start(&head(source, part)?) } else { 0 };
    let at = u64::try_from(at).unwrap_or(0);
    Ok(Some(Insertion { at, octets, charset }))
}

/// In lines of one field each: a blank one would end it (§10.3).
fn as_plain(fields: &[(String, String)]) -> String {
    let mut text: String =
        fields.iter().map(|(name, value)| format!("{name}: {}\r\n", single(value))).collect();
    text.push_str("\r\n");
    text
}

fn as_html(fields: &[(String, String)]) -> String {
    let line = |(name, value): &(String, String)| format!("{name}: {}", escaped(&single(value)));
    let lines: Vec<String> = fields.iter().map(line).collect();
    format!("<div class=\"{}\">\r\n<pre>{}</pre></div>\r\n", legacy_display::CLASS, lines.join("\r\n"))
}

fn single(value: &str) -> String {
    let plain = value.replace(char::is_control, " ");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// §10.3.
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + WIDTH);
    for letter in value.chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\'' => out.push_str("&apos;"),
            '"' => out.push_str("&quot;"),
            '&' => out.push_str("&amp;"),
            other => out.push(other),
        }
    }
    out
}

fn encoded(
    text: &str,
    source: &Source<'_>,
    part: &Part,
) -> Result<Option<(Vec<u8>, Option<&'static str>)>, Error> {
    let label = part.media_type.parameter("charset").unwrap_or("us-ascii").to_ascii_lowercase();
    if label == "us-ascii" {
        if text.is_ascii() {
            return Ok(Some((text.as_bytes().to_vec(), None)));
        }
        return Ok(is_ascii(source, part)?.then(|| (text.as_bytes().to_vec(), Some("utf-8"))));
    }
    let Some(charset) = Encoding::for_label(label.as_bytes()) else { return Ok(None) };
    // UTF-16 is never written here, and has no octets that stand for ASCII.
    if charset.output_encoding() != charset {
        return Ok(None);
    }
    Ok(Some((charset.encode(text).0.into_owned(), None)))
}

fn is_ascii(source: &Source<'_>, part: &Part) -> Result<bool, Error> {
    let mut content = decode::reader(part.encoding, source.reader(part.body.clone())?);
    let mut buffer = vec![0; 16 << 10];
    loop {
        let count = content.read(&mut buffer).map_err(Error::io("reading the letter"))?;
        if count == 0 || !buffer.get(..count).unwrap_or_default().is_ascii() {
            return Ok(count == 0);
        }
    }
}

fn head(source: &Source<'_>, part: &Part) -> Result<Vec<u8>, Error> {
    let mut head = Vec::new();
    decode::reader(part.encoding, source.reader(part.body.clone())?)
        .take(HEAD)
        .read_to_end(&mut head)
        .map_err(Error::io("reading the letter"))?;
    Ok(head)
}
