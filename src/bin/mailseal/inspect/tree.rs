//! The tree of parts, drawn.

use std::env;
use std::fmt::Write as _;

use mailseal::Report;
use mailseal::mime::PartPath;
use mailseal::report::{Layer, PartSummary};

use super::layers;
use crate::terminal;
use crate::words::said;

pub(super) struct Tree<'a> {
    pub(super) report: &'a Report,
    pub(super) verified: bool,
    pub(super) ranges: bool,
}

/// What lines are drawn with.
pub(super) struct Pens {
    beside: &'static str,
    last: &'static str,
    down: &'static str,
    pub(super) layer: &'static str,
    pub(super) layer_more: &'static str,
    pub(super) dot: &'static str,
}

const LINES: Pens =
    Pens {
        beside: "├─ ", last: "└─ ", down: "│  ", layer: "╞═ ", layer_more: "│    ", dot: " · "
    };
const LETTERS: Pens =
    Pens { beside: "|- ", last: "`- ", down: "|  ", layer: "|= ", layer_more: "|    ", dot: ", " };

/// Whether the terminal shows more than ASCII.
fn pens() -> &'static Pens {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_default()
        .to_ascii_lowercase();
    if locale.contains("utf-8") || locale.contains("utf8") { &LINES } else { &LETTERS }
}

impl Tree<'_> {
    /// Parts in their order, each with the layers that it is.
    pub(super) fn text(&self) -> String {
        let mut parts: Vec<&PartSummary> = self.report.parts.iter().collect();
        parts.sort_by(|one, other| one.part.cmp(&other.part));
        let parents = parents(&parts);
        let pens = pens();
        let mut text = String::new();
        for (index, part) in parts.iter().enumerate() {
            let _ = writeln!(text, "{}{}", branch(&parents, index, pens), self.part(part, pens));
            // Layers stand between a part and those in it.
            let below = stem(&parents, index, pens);
            for (number, layer) in self.layers_of(&parts, index) {
                for (row, line) in layers::lines(layer, number, self, pens).iter().enumerate() {
                    let pen = if row == 0 { pens.layer } else { pens.layer_more };
                    let _ = writeln!(text, "{below}{pen}{line}");
                }
            }
        }
        text
    }

    /// Layers that are this part, or lie in it where there is no part for them.
    fn layers_of(&self, parts: &[&PartSummary], index: usize) -> Vec<(usize, &Layer)> {
        let nearest = |place: &PartPath| {
            let around = parts.iter().enumerate().filter(|(_, part)| part.part.contains(place));
            around.max_by_key(|(_, part)| part.part.numbers().len()).map(|(index, _)| index)
        };
        let layers = (1..).zip(&self.report.layers);
        layers.filter(|(_, layer)| nearest(&layers::part(layer)) == Some(index)).collect()
    }

    fn part(&self, part: &PartSummary, pens: &Pens) -> String {
        let octets = part.range.1.saturating_sub(part.body);
        let mut about = vec![format!("{} {}", part.part, terminal::line(&part.media_type))];
        about.extend(part.charset.as_deref().map(terminal::line));
        about.push(part.encoding.name().to_owned());
        about.push(said!("{octets} octets", "{octets} オクテット"));
        about.extend(part.file_name.as_ref().map(|name| format!("\"{}\"", terminal::line(name))));
        if self.ranges {
            about.push(range(part.range, &part.content));
            let body = part.body;
            about.push(said!("body from {body}", "本体は {body} から"));
        }
        about.join(pens.dot)
    }
}

/// Octets from the first to before the last; of which content, where it is not the letter as received.
pub(super) fn range((start, end): (u64, u64), of: &PartPath) -> String {
    match of.numbers() {
        [] => said!("octets {start}..{end}", "位置 {start}..{end}"),
        _ => said!("octets {start}..{end} of what is in {of}", "{of} の中身の {start}..{end}"),
    }
}

/// The part around each.
fn parents(parts: &[&PartSummary]) -> Vec<Option<usize>> {
    let mut open: Vec<usize> = Vec::new();
    let mut parents = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        while let Some(last) = open.last() {
            if parts.get(*last).is_some_and(|around| around.part.contains(&part.part)) {
                break;
            }
            open.pop();
        }
        parents.push(open.last().copied());
        open.push(index);
    }
    parents
}

/// Whether no other part follows in the same one.
fn is_last(parents: &[Option<usize>], index: usize) -> bool {
    let own = parents.get(index);
    !parents.iter().skip(index.saturating_add(1)).any(|parent| Some(parent) == own)
}

/// What stands before a part.
fn branch(parents: &[Option<usize>], index: usize, pens: &Pens) -> String {
    let Some(parent) = parents.get(index).copied().flatten() else { return String::new() };
    let pen = if is_last(parents, index) { pens.last } else { pens.beside };
    stem(parents, parent, pens) + pen
}

/// What stands before all that belongs to a part.
fn stem(parents: &[Option<usize>], index: usize, pens: &Pens) -> String {
    let mut pieces = Vec::new();
    let mut at = index;
    while let Some(parent) = parents.get(at).copied().flatten() {
        pieces.push(if is_last(parents, at) { "   " } else { pens.down });
        at = parent;
    }
    pieces.iter().rev().copied().collect()
}
