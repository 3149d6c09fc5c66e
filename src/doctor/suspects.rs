//! What a message looks like, where nothing could be proved.
//!
//! - [`suspects`]: guesses for people, each with where and what was seen; no more than a few kinds, the surest first.
//! - [`without_signature`]: a multipart/signed that has lost its signature.

use crate::doctor::compare::plain;
use crate::doctor::links;
use crate::doctor::marks::Mark;
use crate::doctor::tree::{Tree, is_leaf, is_signature, place, text};
use crate::mime::{Part, TransferEncoding, looks_like_list_footer};
use crate::report::{Change, ChangeKind, Span};

pub(super) fn suspects(tree: &Tree<'_>, marks: &[Mark]) -> Vec<Change> {
    let mut found = Vec::new();
    around(tree, &mut found);
    for part in tree.parts().iter().filter(|part| is_leaf(part) && part.media_type.main == "text") {
        words(tree, part, &mut found);
    }
    for part in tree.parts().iter().skip(1) {
        structure(tree, part, &mut found);
    }
    for mark in marks {
        for kind in mark.does.iter().take(KINDS) {
            if !found.iter().any(|change| change.kind == *kind) {
                let mut change = Change::new(*kind, Default::default());
                change.detail = mark.seen.clone();
                change.by = Some(mark.software.to_owned());
                found.push(change);
            }
        }
    }
    few(found)
}

/// The first kinds, wherever each was seen.
fn few(found: Vec<Change>) -> Vec<Change> {
    let mut kinds = Vec::new();
    for change in &found {
        if !kinds.contains(&change.kind) {
            kinds.push(change.kind);
        }
    }
    kinds.truncate(NAMED);
    found.into_iter().filter(|change| kinds.contains(&change.kind)).collect()
}

/// Kinds that are named: a list of all that may be helps nobody.
const NAMED: usize = 3;

/// Every multipart/signed in which there is no signature, and what else was taken away.
pub(super) fn without_signature(tree: &Tree<'_>) -> Vec<Change> {
    let signed = |part: &&Part| part.media_type.is("multipart", "signed");
    let children = |part: &Part| part.children.iter().filter_map(|index| tree.part(*index)).any(is_signature);
    let mut found: Vec<Change> = tree
        .parts()
        .iter()
        .filter(signed)
        .filter(|part| !children(part))
        .map(|part| Change::new(ChangeKind::SignatureRemoved, part.path.clone()))
        .collect();
    if !found.is_empty() {
        around(tree, &mut found);
    }
    found.extend(untyped(tree));
    found
}

/// A letter that lost its Content-Type: the parts stand in it as text.
fn untyped(tree: &Tree<'_>) -> Option<Change> {
    let root = tree.part(0).filter(|root| root.media_type.is("text", "plain"))?;
    let body = tree.slice(&root.body);
    let lines: Vec<&[u8]> = body.split(|octet| *octet == b'\n').map(<[u8]>::trim_ascii_end).collect();
    let delimiter = lines.iter().zip(lines.get(1..)?).find_map(|(line, next)| {
        let header = next.get(..8).is_some_and(|name| name.eq_ignore_ascii_case(b"Content-"));
        (header && line.len() > 2 && line.starts_with(b"--")).then_some(*line)
    })?;
    let closing = [delimiter, b"--"].concat();
    let signature = |line: &&[u8]| {
        let line = line.to_ascii_lowercase();
        line.starts_with(b"content-type:") && memchr::memmem::find(&line, b"-signature").is_some()
    };
    if !lines.contains(&closing.as_slice()) || !lines.iter().any(signature) {
        return None;
    }
    let mut change = Change::new(ChangeKind::SignedTypeChanged, root.path.clone());
    change.detail = format!("multipart/signed → {}", root.media_type);
    change.received = Some(Span::of(tree.octets, place(&root.body)));
    Some(change)
}

/// What became of the parts around a signature.
fn around(tree: &Tree<'_>, found: &mut Vec<Change>) {
    for part in tree.parts().iter().filter(|part| is_signature(part)) {
        let Some(container) = part.parent.and_then(|index| tree.part(index)) else { continue };
        if container.media_type.is("multipart", "signed") {
            continue;
        }
        // A detached signature stands in multipart/signed, beside one part (RFC 1847 §2.1).
        let mut change = Change::new(ChangeKind::SignedTypeChanged, container.path.clone());
        change.detail = format!("multipart/signed → {}", container.media_type);
        found.push(change);
        let before = container.children.iter().filter_map(|index| tree.part(*index));
        if before.take_while(|one| one.path != part.path).count() > 1 {
            found.push(Change::new(ChangeKind::MultipartFlattened, container.path.clone()));
        }
    }
    // Nothing at all between two boundaries: there was something.
    for part in tree.parts().iter().skip(1).filter(|part| is_leaf(part) && part.path.numbers().len() > 1) {
        let bare = part.header_octets.trim_ascii().is_empty();
        if bare && tree.slice(&part.body).trim_ascii().is_empty() {
            let mut change = Change::new(ChangeKind::PartRemoved, part.path.clone());
            change.received = Some(Span::of(tree.octets, place(&part.entity())));
            found.push(change);
        }
    }
}

/// Of what software is known for, the most likely.
const KINDS: usize = 2;

fn words(tree: &Tree<'_>, part: &Part, found: &mut Vec<Change>) {
    let words = text(part, &tree.decoded(part));
    let mut note = |kind, seen: &str, by: Option<&str>| {
        let mut change = Change::new(kind, part.path.clone());
        change.received = Some(Span::of(tree.octets, place(&part.body)));
        change.after = seen.chars().take(SEEN).collect();
        change.by = by.map(str::to_owned);
        found.push(change);
    };
    let readable = if part.media_type.sub == "html" { plain(&words) } else { words.clone() };
    let lines: Vec<&str> = readable.lines().collect();
    let last = lines.get(lines.len().saturating_sub(FOOTER)..).unwrap_or_default();
    for start in 0..last.len() {
        let tail = last.get(start..).unwrap_or_default().join("\n");
        if looks_like_list_footer(tail.as_bytes()) {
            note(ChangeKind::FooterAdded, &tail, None);
            break;
        }
    }
    if let Some((host, service)) =
        links::hosts(&words).iter().find_map(|host| Some((host.clone(), links::service(host)?)))
    {
        note(ChangeKind::LinksRewritten, &host, Some(service));
    }
    if let Some(line) = words.lines().find(|line| line.starts_with(">From ")) {
        note(ChangeKind::FromEscaping, line, None);
    }
    if words.lines().any(|line| line.starts_with("..")) {
        note(ChangeKind::DotStuffing, "..", None);
    }
    if part.encoding == TransferEncoding::EightBit && !part.eight_bit {
        note(ChangeKind::EightBitLost, "8bit", None);
    }
    if matches!(part.encoding, TransferEncoding::Base64 | TransferEncoding::QuotedPrintable)
        && words.is_ascii()
    {
        note(ChangeKind::EncodingChanged, part.encoding.name(), None);
    } else if !part.encoding.is_identity() && !words.is_ascii() {
        note(ChangeKind::EightBitDowngraded, part.encoding.name(), None);
    }
    if part.encoding == TransferEncoding::QuotedPrintable && !words.is_ascii() {
        note(ChangeKind::QuotedPrintableRewritten, part.encoding.name(), None);
    }
    if let Some(charset) = part.media_type.parameter("charset").filter(|name| is_unknown(name)) {
        note(ChangeKind::CharsetChanged, charset, None);
    }
    if let Some(line) = wrapped(&words) {
        note(ChangeKind::LinesWrapped, line, None);
    }
    let flowed = part.encoding.is_identity() && part.media_type.parameter("format").is_some();
    if words.lines().any(|line| line == "--") || flowed && !words.lines().any(|line| line.ends_with(' ')) {
        note(ChangeKind::TrailingBlanks, "", None);
    }
    if words.contains('\u{fffd}') {
        note(ChangeKind::EightBitLost, "\u{fffd}", None);
    }
}

/// A charset that nobody else knows.
fn is_unknown(name: &str) -> bool {
    encoding_rs::Encoding::for_label(name.as_bytes()).is_none()
        && !name.to_ascii_lowercase().starts_with("utf-")
}

/// The longest of lines that all end near one column, as programs that wrap leave them.
fn wrapped(words: &str) -> Option<&str> {
    let longest = words.lines().max_by_key(|line| line.len())?;
    let near = words.lines().filter(|line| line.len().saturating_add(NEAR) >= longest.len()).count();
    (longest.len() >= COLUMN && near >= LINES).then_some(longest)
}

/// Lines that end near the column, and how near.
const LINES: usize = 3;
const NEAR: usize = 10;
/// Shorter lines are not wrapped.
const COLUMN: usize = 50;

/// Lines of a footer.
const FOOTER: usize = 12;
/// Characters that are shown.
const SEEN: usize = 240;

fn structure(tree: &Tree<'_>, part: &Part, found: &mut Vec<Change>) {
    let boundary = part.media_type.parameter("boundary").unwrap_or_default();
    let rebuilt = ["===============", "------------=_", "_000_", "----_NmP-", "--_NmP-", "000000000000"];
    if rebuilt.iter().any(|start| boundary.starts_with(start)) {
        let mut change = Change::new(ChangeKind::BoundaryChanged, part.path.clone());
        change.received = Some(Span::of(tree.octets, place(&part.header)));
        change.after = boundary.to_owned();
        found.push(change);
    }
    let long = |line: &[u8]| line.trim_ascii_end().len() > COLUMNS && line.contains(&b';');
    if part.header_octets.split(|octet| *octet == b'\n').any(long) {
        let mut change = Change::new(ChangeKind::PartHeaderRefolded, part.path.clone());
        change.received = Some(Span::of(tree.octets, place(&part.header)));
        found.push(change);
    }
    // Mail has octets as they are where somebody decoded them (RFC 3516; RFC 3030 is hardly in use).
    if part.encoding == TransferEncoding::Binary && is_leaf(part) && part.media_type.main != "text" {
        let mut change = Change::new(ChangeKind::EncodingChanged, part.path.clone());
        change.received = Some(Span::of(tree.octets, place(&part.header)));
        change.detail = part.encoding.name().to_owned();
        found.push(change);
    }
    for field in crate::doctor::tree::fields(&part.header_octets) {
        if field.name.eq_ignore_ascii_case("MIME-Version") && !message(tree, part) {
            let mut change = Change::new(ChangeKind::PartHeaderAdded, part.path.clone());
            change.detail = field.name.to_owned();
            found.push(change);
        }
        if field.name.len() > 2 && field.name.to_ascii_lowercase().starts_with("x-") {
            let mut change = Change::new(ChangeKind::PartHeaderAdded, part.path.clone());
            change.detail = field.name.to_owned();
            found.push(change);
        }
    }
}

/// Longest line that a header should have (RFC 5322 §2.1.1).
const COLUMNS: usize = 78;

/// A message of its own has a MIME-Version; a part does not (RFC 2045 §4).
fn message(tree: &Tree<'_>, part: &Part) -> bool {
    let around = part.parent.and_then(|index| tree.part(index));
    around.is_some_and(|around| around.media_type.main == "message")
}
