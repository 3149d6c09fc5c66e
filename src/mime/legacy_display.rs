//! Header fields repeated in the text, for programs that show the outside only (RFC 9788 §2.1.2, §4.5.3).
//!
//! - [`in_plain`], [`in_html`]: where such an element lies, in octets of the decoded content.
//! - [`main_parts`]: the parts that may have one (RFC 9787 §7.1).

use std::ops::Range;

use super::header::name_and_colon;
use super::html;
use super::structure::{Part, Structure};
use super::write::is_user_facing;

/// The class of the element in HTML.
pub(crate) const CLASS: &str = "header-protection-legacy-display";
/// The parameter of a part that has one.
pub(crate) const PARAMETER: &str = "hp-legacy-display";

/// Whether a field with this name and value stands in the header that is repeated.
pub(crate) type Says<'s> = dyn Fn(&str, &[u8]) -> bool + 's;

/// The lines up to the first blank one (§4.5.3.2), if they repeat the header: nobody is to hide another text there.
pub(crate) fn in_plain(text: &[u8], says: &Says<'_>) -> Vec<Range<usize>> {
    let mut end = 0;
    for line in text.split_inclusive(|octet| *octet == b'\n') {
        end += line.len();
        if line.trim_ascii().is_empty() && line.ends_with(b"\n") {
            let before = text.get(..end).unwrap_or_default();
            return std::iter::once(0..end).filter(|_| is_fields(before, says)).collect();
        }
    }
    Vec::new()
}

/// Each `<div>` of the class (§4.5.3.3) with nothing but the header in it.
pub(crate) fn in_html(text: &[u8], says: &Says<'_>) -> Vec<Range<usize>> {
    let mut found = html::elements_of_class(text, CLASS);
    found.retain(|range| {
        let text = html::text(text.get(range.clone()).unwrap_or_default());
        text.is_some_and(|text| is_fields(&text, says))
    });
    found
}

/// Header fields that readers see first, as they stand in the header, and nothing else.
pub(crate) fn is_fields(text: &[u8], says: &Says<'_>) -> bool {
    let mut fields: Vec<(&str, Vec<u8>)> = Vec::new();
    for line in text.split(|octet| *octet == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
        let bare = line.trim_ascii_start();
        let named = name_and_colon(bare).and_then(|(end, colon)| {
            let name = std::str::from_utf8(bare.get(..end)?).ok().filter(|name| is_user_facing(name))?;
            Some((name, bare.get(colon + 1..)?.to_vec()))
        });
        let folded = line.first().is_some_and(|octet| matches!(octet, b' ' | b'\t'));
        match (named, fields.last_mut()) {
            (Some(field), _) => fields.push(field),
            (None, Some((_, value))) if folded => value.extend_from_slice(line),
            (None, _) => return false,
        }
    }
    fields.iter().all(|(name, value)| says(name, value))
}

/// Says it has such an element.
pub(crate) fn is_marked(part: &Part) -> bool {
    part.media_type.main == "text" && part.media_type.parameter(PARAMETER) == Some("1")
}

/// Texts that a reader shows first: by the first child of a multipart, by every one of an alternative. In no other
/// letter and in no layer.
pub(crate) fn main_parts(structure: &Structure) -> Vec<usize> {
    let (mut main, mut open) = (Vec::new(), vec![0]);
    while let Some(index) = open.pop() {
        let Some(part) = structure.parts.get(index) else { continue };
        if is_attached(part) {
            continue;
        }
        match (part.media_type.main.as_str(), part.media_type.sub.as_str()) {
            ("text", "plain" | "html") => main.push(index),
            ("multipart", "signed" | "encrypted" | "digest") => {}
            ("multipart", "alternative") => open.extend(part.children.iter().rev()),
            ("multipart", _) => open.extend(part.children.first()),
            _ => {}
        }
    }
    main
}

pub(crate) fn is_attached(part: &Part) -> bool {
    let Some(field) = part.headers().get("Content-Disposition") else { return false };
    let value = field.unfolded();
    let kind = value.split(|octet| *octet == b';').next().unwrap_or_default();
    kind.trim_ascii().eq_ignore_ascii_case(b"attachment")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_header_fields_is_left_out() {
        for (text, end) in [
            ("Subject: Jones\r\n\r\nHello", 18),
            ("Subject: Jones\r\n and more\r\nKeywords: x\r\n\r\nHello", 42),
            ("\r\nHello", 2),
            ("Pay 100 to Mallory\r\n\r\nSubject: Jones\r\n\r\n", 0),
            ("Subject: Jones\r\nPay: 100\r\n\r\nHello", 0),
            (" Pay 100\r\nSubject: Jones\r\n\r\nHello", 0),
        ] {
            let found = in_plain(text.as_bytes(), &|_, _| true);
            assert_eq!(found.first().map_or(0, |range| range.end), end, "{text}");
        }
        let div = |inside: &str| format!("a<div class=\"{CLASS}\">{inside}</div>b");
        for (inside, is) in [
            ("<pre>Subject: Jones</pre>", true),
            ("\r\n<pre>Subject: Jones\r\nTo: Bob &lt;bob@example.org&gt;</pre>\r\n", true),
            ("<b>Subject: x</b><br>Date: y", true),
            ("Pay 100", false),
            ("<pre>Subject: x</pre><p>Pay 100", false),
            ("<pre>Subject: x</pre>Pay: 100", false),
            ("<pre>Subject: x</pre><img src=pay.png>", false),
        ] {
            let found = in_html(div(inside).as_bytes(), &|_, _| true);
            assert_eq!(found.len(), usize::from(is), "{inside}");
            assert!(!is || in_html(div(inside).as_bytes(), &|_, _| false).is_empty(), "{inside}");
        }
    }
}
