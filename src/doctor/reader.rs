//! Whether a reader may see something else than what was signed, whatever the changes are called.
//!
//! - [`otherwise`]: of content that was found and the content that lies there. [`ambiguous`]: of a part around it.
//!
//! Names of changes come from comparing forms; this looks at what is shown: fields, types, words, octets. It also minds
//! what readers disagree on, so that nobody hides words where we do not look and others do.

use std::borrow::Cow;
use std::collections::BTreeMap;

use encoding_rs::Encoding;
use unicode_normalization::UnicodeNormalization;

use crate::doctor::tree::{Tree, excerpt, fields, is_leaf, is_signature, place, text};
use crate::error::Error;
use crate::limits::Limits;
use crate::mime::{Defect, Field, MediaType, Part, TransferEncoding};
use crate::report::{Change, ChangeKind, Span};

/// What is shown otherwise, one change for each part.
pub(super) fn otherwise(signed: &[u8], received: &[u8], limits: &Limits) -> Result<Vec<Change>, Error> {
    let (a, b) = (Tree::read(signed, limits)?, Tree::read(received, limits)?);
    if a.parts().len() != b.parts().len() {
        let mut change = Change::new(ChangeKind::Other, Default::default());
        change.detail = format!("{} → {}", a.parts().len(), b.parts().len());
        return Ok(vec![change]);
    }
    let pairs = a.parts().iter().zip(b.parts());
    Ok(pairs.filter_map(|(one, other)| of_part((&a, one), (&b, other))).collect())
}

/// Whether readers take the header of a part in different ways.
pub(super) fn ambiguous(part: &Part) -> Option<Change> {
    let defect = part.defects.iter().find(|defect| is_ambiguous(**defect));
    let odd = odd_lines(&part.header_octets) > 0;
    let mut change = Change::new(ChangeKind::Other, part.path.clone());
    change.detail = match defect {
        Some(defect) => format!("{defect:?}"),
        None if odd => "header".to_owned(),
        None => return None,
    };
    change.after = excerpt(&part.header_octets);
    Some(change)
}

fn is_ambiguous(defect: Defect) -> bool {
    use Defect::*;
    matches!(
        defect,
        DuplicateField
            | UnreadableContentType
            | UnreadableField
            | ControlCharacter
            | EncodedComposite
            | AmbiguousBoundary
    )
}

fn of_part((a_tree, a): (&Tree<'_>, &Part), (b_tree, b): (&Tree<'_>, &Part)) -> Option<Change> {
    let note = |kind, detail: &str| {
        let mut change = Change::new(kind, a.path.clone());
        change.detail = detail.to_owned();
        change.received = Some(Span::of(b_tree.octets, place(&b.entity())));
        change.breaks = true;
        change
    };
    let header = |change: Change| Change { after: excerpt(&b.header_octets), ..change };
    let odd = odd_lines(&b.header_octets) > odd_lines(&a.header_octets);
    if let Some(change) = ambiguous(b).filter(|_| odd || b.defects.iter().any(|defect| !a.has(*defect))) {
        return Some(header(Change { received: Some(Span::of(b_tree.octets, place(&b.header))), ..change }));
    }
    if let Some(name) = field(a, b) {
        return Some(header(note(ChangeKind::PartHeaderChanged, &name)));
    }
    if !is_leaf(a) {
        return None;
    }
    let (old, new) = (a_tree.decoded(a), b_tree.decoded(b));
    if a.media_type.main != "text" {
        let same = old == new || is_signature(a) && old.trim_ascii() == new.trim_ascii();
        return (!same).then(|| note(ChangeKind::Other, &a.media_type.to_string()));
    }
    let quoted = |tree: &Tree<'_>, part: &Part| {
        part.encoding == TransferEncoding::QuotedPrintable && is_loosely_quoted(tree.slice(&part.body))
    };
    let strange = quoted(b_tree, b) && !quoted(a_tree, a)
        || encoding(a) != encoding(b)
            && encoding(b).is_some_and(|said| !said.eq_ignore_ascii_case(b.encoding.name()))
        || lone_cr(&new) > lone_cr(&old)
        || !charsets_are_sure(a, &old, b, &new);
    let (was, is) = (shown(a, &old), shown(b, &new));
    let differing = was.iter().zip(&is).position(|(one, other)| one != other);
    let at = differing.or_else(|| (was.len() != is.len()).then_some(was.len().min(is.len())));
    if at.is_none() && !strange {
        return None;
    }
    let near = |words: &[String]| {
        let from = at.unwrap_or_default();
        words.iter().skip(from.saturating_sub(NEAR)).take(2 * NEAR).cloned().collect::<Vec<_>>().join(" ")
    };
    // Every word is there, in pieces.
    let broken = !strange && was.concat() == is.concat();
    let mut change = match broken {
        true => note(ChangeKind::LinesWrapped, "within a word"),
        false => note(ChangeKind::TextChanged, ""),
    };
    (change.before, change.after) = (near(&was), near(&is));
    Some(change)
}

/// Words around one that differs.
const NEAR: usize = 4;

/// Lines that some take for a field, or for the end of the header, and others do not.
fn odd_lines(header: &[u8]) -> usize {
    let odd = |line: &&[u8]| {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            return line.trim_ascii().is_empty();
        }
        let name = line.iter().take_while(|octet| octet.is_ascii_graphic() && **octet != b':').count();
        !line.is_empty() && (name == 0 || line.get(name) != Some(&b':'))
    };
    header.split_inclusive(|octet| *octet == b'\n').filter(odd).count()
}

/// All that is said of the transfer encoding: with more than its name, some readers do not know it.
fn encoding(part: &Part) -> Option<String> {
    let field = part.headers().get("Content-Transfer-Encoding")?;
    Some(String::from_utf8_lossy(field.unfolded().trim_ascii()).into_owned())
}

/// The name of a field that says something else.
fn field(a: &Part, b: &Part) -> Option<String> {
    let (old, new) = (said(a), said(b));
    let named = |name: &&String| old.get(*name) != new.get(*name);
    old.keys().chain(new.keys()).find(named).cloned()
}

/// What the fields say that readers use or show: all but those of transport.
fn said(part: &Part) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for field in fields(&part.header_octets) {
        let name = field.name.to_ascii_lowercase();
        if name.starts_with("x-") || matches!(name.as_str(), "mime-version" | "content-transfer-encoding") {
            continue;
        }
        let value = match name.as_str() {
            "content-type" => media(&MediaType::read(&field.unfolded()).0),
            "content-disposition" => disposition(&field),
            _ => field.text().split_whitespace().collect::<Vec<_>>().join(" "),
        };
        all.entry(name).or_default().push(value);
    }
    // None is the same as the one that holds then.
    all.entry("content-type".to_owned()).or_insert_with(|| vec![media(&part.media_type)]);
    all
}

/// Charset and boundary are looked at by what they do.
fn media(media: &MediaType) -> String {
    let others = |(name, _): &&(String, String)| !matches!(name.as_str(), "charset" | "boundary");
    let mut parameters: Vec<_> = media.parameters.iter().filter(others).collect();
    parameters.sort();
    // One that is no multipart/signed any more, most readers show as multipart/mixed.
    let sub = if media.is("multipart", "signed") { "mixed" } else { &media.sub };
    let signing = |name: &str| media.main == "multipart" && matches!(name, "protocol" | "micalg");
    parameters.retain(|(name, _)| !signing(name));
    format!("{}/{sub} {parameters:?}", media.main)
}

fn disposition(field: &Field<'_>) -> String {
    // Of the same form as a media type but for the slash.
    let value = [b"disposition/".as_slice(), field.unfolded().trim_ascii()].concat();
    let (read, whole) = MediaType::read(&value);
    if whole { media(&read) } else { field.text() }
}

/// A `=` that stands for nothing: some leave it, some drop it with what follows.
fn is_loosely_quoted(body: &[u8]) -> bool {
    memchr::memchr_iter(b'=', body).any(|at| {
        let after = body.get(at.saturating_add(1)..).unwrap_or_default();
        let digits = after.iter().take(2).take_while(|octet| octet.is_ascii_hexdigit()).count() == 2;
        !digits && !after.starts_with(b"\r\n") && !after.starts_with(b"\n")
    })
}

/// On a terminal what follows one stands above what was before; some take it for a line end.
fn lone_cr(octets: &[u8]) -> usize {
    let bare = |at: &usize| octets.get(at.saturating_add(1)) != Some(&b'\n');
    memchr::memchr_iter(b'\r', octets).filter(bare).count()
}

/// Whether all readers take the octets for the same letters.
fn charsets_are_sure(a: &Part, old: &[u8], b: &Part, new: &[u8]) -> bool {
    let label = |part: &Part| part.media_type.parameter("charset").map(str::to_ascii_lowercase);
    let (was, is) = (label(a), label(b));
    let fits = |label: &str, octets: &[u8]| {
        let charset = Encoding::for_label_no_replacement(label.as_bytes());
        charset.is_some_and(|charset| {
            charset.decode_without_bom_handling_and_without_replacement(octets).is_some()
        })
    };
    match (was.as_deref(), is.as_deref()) {
        (was, is) if was == is => true,
        (None, Some("unknown-8bit")) => true,
        (None, Some(is)) => fits(is, new),
        (Some(was), Some(is)) => fits(was, old) && fits(is, new),
        (Some(was), None) => fits(was, old) && old.is_ascii() && new.is_ascii(),
        (None, None) => true,
    }
}

/// The words of a text as they are shown, without what mailboxes and servers put before lines.
fn shown(part: &Part, octets: &[u8]) -> Vec<String> {
    let text = text(part, octets);
    let lines = text.split('\n').map(|line| {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let bare = line.trim_start_matches('>');
        match line.strip_prefix("..") {
            _ if bare.starts_with("From ") => Cow::Borrowed(bare),
            Some(rest) => Cow::Owned(format!(".{}", rest.trim_start_matches('.'))),
            None => Cow::Borrowed(line),
        }
    });
    let is = |name: &str, value: &str| {
        part.media_type.parameter(name).is_some_and(|given| given.eq_ignore_ascii_case(value))
    };
    // RFC 3676 §4: a line that ends with a blank goes on in the next; with DelSp that blank is none.
    let joins = is("format", "flowed") && is("delsp", "yes");
    let mut all = String::with_capacity(text.len());
    for line in lines {
        match line.strip_suffix(' ').filter(|_| joins && line != "-- ") {
            Some(begun) => all.push_str(begun),
            None => {
                all.push_str(&line);
                all.push('\n');
            }
        }
    }
    all.split_whitespace().map(|word| word.nfc().collect()).collect()
}
