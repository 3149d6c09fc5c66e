//! Headers of parts in canonical form: 7-bit, CR LF, no blanks at the ends of lines.

use crate::error::Error;
use crate::limits::Limits;
use crate::mime::write::field::{Field, parameterized, split, unstructured};
use crate::mime::write::plan::refused;
use crate::mime::{MediaType, Part, legacy_display};

/// What changes in the header of a part.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rewritten {
    /// The Content-Transfer-Encoding in place of the one it had.
    pub(crate) encoding: Option<&'static str>,
    /// It gets a Legacy Display Element (RFC 9788 §5.2.2), and with it another charset perhaps.
    pub(crate) legacy: Option<Option<&'static str>>,
}

/// The header of a part in another, with its empty line.
pub(crate) fn inner(
    part: &Part,
    rewritten: Rewritten,
    limits: &Limits,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let fields = split(&part.header_octets, limits)?;
    fields_of(part, fields.iter(), rewritten, out)?;
    out.extend_from_slice(b"\r\n");
    Ok(())
}

/// Fields of a part.
pub(crate) fn fields_of<'f>(
    part: &Part,
    fields: impl Iterator<Item = &'f Field<'f>>,
    rewritten: Rewritten,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let Rewritten { encoding, legacy } = rewritten;
    if legacy.is_some() {
        out.extend(marked(part, rewritten)?);
    }
    for field in fields {
        let replaced = encoding.is_some() && field.is("Content-Transfer-Encoding")
            || legacy.is_some() && field.is("Content-Type");
        if !replaced {
            seven_bit(part, field, out)?;
        }
    }
    if let Some(encoding) = encoding {
        out.extend(parameterized("Content-Transfer-Encoding", encoding, &[])?);
    }
    Ok(())
}

/// The Content-Type of a part with a Legacy Display Element.
pub(crate) fn marked(part: &Part, rewritten: Rewritten) -> Result<Vec<u8>, Error> {
    let charset = rewritten.legacy.flatten();
    let known = part.media_type.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let kept = known.filter(|(name, _)| {
        *name != "hp" && *name != legacy_display::PARAMETER && (charset.is_none() || *name != "charset")
    });
    let mut all: Vec<(&str, &str)> = kept.collect();
    all.extend(charset.map(|charset| ("charset", charset)));
    all.push((legacy_display::PARAMETER, "1"));
    parameterized("Content-Type", &part.media_type.to_string(), &all)
}

fn seven_bit(part: &Part, field: &Field<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
    let start = out.len();
    field.canonical_into(out);
    if out.get(start..).is_some_and(|octets| fits(octets, 0)) {
        return Ok(());
    }
    out.truncate(start);
    out.extend(composed(part, field)?);
    Ok(())
}

/// Another form of it, which says the same.
fn composed(part: &Part, field: &Field<'_>) -> Result<Vec<u8>, Error> {
    let why = || format!("its field {} is not 7-bit or has a line of more than 998 octets", field.name);
    let Ok(value) = String::from_utf8(field.value()) else { return Err(refused(part, &why())) };
    if field.is("Content-Type") {
        let parameters = parameters(&part.media_type.parameters);
        return parameterized(field.name, &part.media_type.to_string(), &parameters);
    }
    if field.is("Content-Disposition") {
        // The syntax of a Content-Type but for the slash (RFC 2183 §2).
        if let Some(read) = MediaType::parse(format!("x/{value}").as_bytes()) {
            return parameterized(field.name, &read.sub, &parameters(&read.parameters));
        }
    }
    if is_text(field) {
        return unstructured(field.name, &value);
    }
    Err(refused(part, &why()))
}

fn parameters(decoded: &[(String, String)]) -> Vec<(&str, &str)> {
    decoded.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Fields whose whole value is text, so that encoded words may stand anywhere in it (RFC 2047 §5).
pub(crate) fn is_text(field: &Field<'_>) -> bool {
    ["Subject", "Comments", "Content-Description"].iter().any(|name| field.is(name))
}

/// 7-bit, and lines that transport takes (RFC 5322 §2.1.1), also with something in front of the first.
pub(crate) fn fits(octets: &[u8], before: usize) -> bool {
    const LONGEST: usize = 999;
    let mut lines = octets.split(|octet| *octet == b'\n');
    let first = lines.next().map_or(0, <[u8]>::len) + before;
    octets.is_ascii() && first <= LONGEST && lines.all(|line| line.len() <= LONGEST)
}
