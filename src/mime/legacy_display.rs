//! Header fields repeated in the text, for programs that show the outside only (RFC 9788 §2.1.2, §4.5.3).
//!
//! - [`in_plain`], [`in_html`]: where such an element lies, in octets of the decoded content.
//! - [`main_parts`]: the parts that may have one (RFC 9787 §7.1).

use std::ops::Range;

use super::html;
use super::structure::{Part, Structure};

/// The class of the element in HTML.
pub(crate) const CLASS: &str = "header-protection-legacy-display";
/// The parameter of a part that has one.
pub(crate) const PARAMETER: &str = "hp-legacy-display";

/// The lines up to the first blank one (§4.5.3.2).
pub(crate) fn in_plain(text: &[u8]) -> Vec<Range<usize>> {
    let mut end = 0;
    for line in text.split_inclusive(|octet| *octet == b'\n') {
        end += line.len();
        if line.trim_ascii().is_empty() && line.ends_with(b"\n") {
            return std::iter::once(0..end).collect();
        }
    }
    Vec::new()
}

/// Each `<div>` of the class (§4.5.3.3).
pub(crate) fn in_html(text: &[u8]) -> Vec<Range<usize>> {
    html::elements_of_class(text, CLASS)
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
