//! What a message looks like, where nothing could be proved.
//!
//! - [`suspects`]: guesses for people, each with where and what was seen.

use crate::doctor::compare::plain;
use crate::doctor::links;
use crate::doctor::marks::Mark;
use crate::doctor::tree::{Tree, is_leaf, place, text};
use crate::mime::{Part, looks_like_list_footer};
use crate::report::{Change, ChangeKind, Span};

pub(super) fn suspects(tree: &Tree<'_>, marks: &[Mark]) -> Vec<Change> {
    let mut found = Vec::new();
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
    found
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
    if words.contains('\u{fffd}') {
        note(ChangeKind::EightBitLost, "\u{fffd}", None);
    }
}

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
    for field in crate::doctor::tree::fields(&part.header_octets) {
        if field.name.len() > 2 && field.name.to_ascii_lowercase().starts_with("x-") {
            let mut change = Change::new(ChangeKind::PartHeaderAdded, part.path.clone());
            change.detail = field.name.to_owned();
            found.push(change);
        }
    }
}
