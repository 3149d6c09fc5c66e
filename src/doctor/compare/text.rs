//! What differs between two texts, line by line.

use std::borrow::Cow;
use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};
use unicode_normalization::UnicodeNormalization;

use crate::doctor::links;
use crate::mime::looks_like_list_footer;
use crate::report::ChangeKind;

/// Lines that changed in one way.
pub(super) struct Hunk {
    pub(super) kind: ChangeKind,
    /// Lines, from 0.
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) detail: String,
}

/// Texts that are longer are compared as a whole: the effort grows with the square of what differs.
const LINES: usize = 4_000;

pub(super) fn is_insertion(kind: ChangeKind) -> bool {
    use ChangeKind::*;
    matches!(
        kind,
        FooterAdded | DisclaimerAdded | BannerAdded | TextAdded | TextRemoved | TextChanged | Other
    )
}

/// Ways in which a line is written differently that software is known for; what it was, is a function of either.
type Same = fn(&str) -> Cow<'_, str>;
const WAYS: &[(ChangeKind, Same)] = &[
    (ChangeKind::TrailingBlanks, |line| line.trim_end().into()),
    (ChangeKind::FromEscaping, unescaped),
    (ChangeKind::DotStuffing, undotted),
    (ChangeKind::LinksRewritten, links::unwrapped),
    (ChangeKind::UnicodeNormalised, |line| line.nfc().collect::<String>().into()),
    (ChangeKind::Whitespace, |line| without_blanks(line).into()),
];

fn without_blanks(line: &str) -> String {
    line.chars().filter(|c| !c.is_whitespace()).collect()
}

/// A line that mbox escaped.
fn unescaped(line: &str) -> Cow<'_, str> {
    let bare = line.trim_start_matches('>');
    if bare.starts_with("From ") { bare.into() } else { line.into() }
}

fn undotted(line: &str) -> Cow<'_, str> {
    match line.strip_prefix("..") {
        Some(rest) => format!(".{}", rest.trim_start_matches('.')).into(),
        None => line.into(),
    }
}

/// A line without all of that.
fn key(line: &str) -> String {
    let line = links::unwrapped(&undotted(&unescaped(line))).into_owned();
    let line = line.trim_start_matches('.').to_owned();
    line.nfkc().filter(|c| !c.is_whitespace()).collect()
}

pub(super) fn hunks(old: &str, new: &str, html: bool) -> Vec<Hunk> {
    let texts = Texts { old: lines(old), new: lines(new), html };
    let keys = |lines: &[&str]| -> Vec<String> { lines.iter().map(|line| key(line)).collect() };
    let (old_keys, new_keys) = (keys(&texts.old), keys(&texts.new));
    if texts.old.len().max(texts.new.len()) > LINES {
        return texts.replaced(0..texts.old.len(), 0..texts.new.len());
    }
    let mut found = Vec::new();
    for step in joined(capture_diff_slices(Algorithm::Myers, &old_keys, &new_keys)) {
        let (old, new) = (step.old_range(), step.new_range());
        match step {
            DiffOp::Equal { .. } => found.extend(texts.rewritten(old, new)),
            _ => found.extend(texts.replaced(old, new)),
        }
    }
    found
}

/// A deletion and an insertion at the same place are one replacement.
fn joined(steps: Vec<DiffOp>) -> Vec<DiffOp> {
    let mut out: Vec<DiffOp> = Vec::new();
    for step in steps {
        let before = out.last().filter(|last| !matches!(last, DiffOp::Equal { .. })).copied();
        match (before, step) {
            (Some(last), DiffOp::Delete { .. } | DiffOp::Insert { .. } | DiffOp::Replace { .. }) => {
                out.pop();
                out.push(DiffOp::Replace {
                    old_index: last.old_range().start.min(step.old_range().start),
                    old_len: last.old_range().len().saturating_add(step.old_range().len()),
                    new_index: last.new_range().start.min(step.new_range().start),
                    new_len: last.new_range().len().saturating_add(step.new_range().len()),
                });
            }
            (_, step) => out.push(step),
        }
    }
    out
}

fn lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    // What follows the last line end is no line.
    if lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    lines
}

struct Texts<'t> {
    old: Vec<&'t str>,
    new: Vec<&'t str>,
    html: bool,
}

impl Texts<'_> {
    /// Lines of the same words.
    fn rewritten(&self, old: Range<usize>, new: Range<usize>) -> Vec<Hunk> {
        let mut found = Vec::new();
        for (i, j) in old.zip(new) {
            let (Some(one), Some(other)) = (self.old.get(i), self.new.get(j)) else { continue };
            if one == other {
                continue;
            }
            for kind in ways(&[one], &[other], &[]).unwrap_or_else(|| vec![ChangeKind::TextChanged]) {
                let mut hunk = self.hunk(kind, i..i.saturating_add(1), j..j.saturating_add(1));
                if kind == ChangeKind::LinksRewritten {
                    hunk.detail = links::hosts(other).join(", ");
                }
                found.push(hunk);
            }
        }
        found
    }

    fn replaced(&self, old: Range<usize>, new: Range<usize>) -> Vec<Hunk> {
        let before = self.old.get(old.clone()).unwrap_or_default();
        let after = self.new.get(new.clone()).unwrap_or_default();
        let all_blank = |lines: &[&str]| lines.iter().all(|line| line.trim().is_empty());
        if all_blank(before) && all_blank(after) {
            return vec![self.hunk(ChangeKind::BlankLines, old, new)];
        }
        if !before.is_empty()
            && let Some(kinds) = wrapped(before, after)
        {
            return kinds.into_iter().map(|kind| self.hunk(kind, old.clone(), new.clone())).collect();
        }
        let (was, is) = (before.join("\n"), after.join("\n"));
        let mut hunk = self.hunk(ChangeKind::TextChanged, old.clone(), new.clone());
        if before.is_empty() || all_blank(before) {
            hunk.kind = self.added(&is, new);
        } else if after.is_empty() || all_blank(after) {
            hunk.kind = ChangeKind::TextRemoved;
        } else if links::masked(&was) == links::masked(&is) {
            hunk.kind = ChangeKind::LinksRewritten;
            hunk.detail = links::hosts(&is).join(", ");
        } else {
            self.within(&mut hunk, &was, &is, new);
        }
        vec![hunk]
    }

    /// Something was put into lines, or taken out of them.
    fn within(&self, hunk: &mut Hunk, was: &str, is: &str, new: Range<usize>) {
        // What is around the insertion may have been rewritten as well.
        let (was, is) = match self.html {
            true => (links::masked(was), links::masked(is)),
            false => (was.to_owned(), is.to_owned()),
        };
        let start = was.chars().zip(is.chars()).take_while(|(one, other)| one == other).count();
        let (was_rest, is_rest): (Vec<char>, Vec<char>) =
            (was.chars().skip(start).collect(), is.chars().skip(start).collect());
        let end =
            was_rest.iter().rev().zip(is_rest.iter().rev()).take_while(|(one, other)| one == other).count();
        let cut = |rest: &[char]| -> String { rest.iter().take(rest.len().saturating_sub(end)).collect() };
        let (gone, put) = (cut(&was_rest), cut(&is_rest));
        let after: String = is_rest.iter().skip(is_rest.len().saturating_sub(end)).collect();
        if gone.trim().is_empty() && !put.trim().is_empty() {
            hunk.kind = match self.html {
                true if is_pixel(&put) => ChangeKind::TrackingPixelAdded,
                true if plain(&put).trim().is_empty() => ChangeKind::HtmlRewritten,
                _ if start == 0 && !self.html || plain(&after).trim().is_empty() => self.added(&put, new),
                _ => ChangeKind::TextAdded,
            };
            hunk.before.clear();
            hunk.after = put;
        } else if put.trim().is_empty() && !gone.trim().is_empty() {
            hunk.kind = ChangeKind::TextRemoved;
        } else if self.html && plain(&was).split_whitespace().eq(plain(&is).split_whitespace()) {
            hunk.kind = ChangeKind::HtmlRewritten;
        }
    }

    /// What kind of text it is that stands there and did not before.
    fn added(&self, text: &str, at: Range<usize>) -> ChangeKind {
        if self.html && is_pixel(text) {
            return ChangeKind::TrackingPixelAdded;
        }
        let words = if self.html { plain(text) } else { text.to_owned() };
        if self.html && words.trim().is_empty() {
            return ChangeKind::HtmlRewritten;
        }
        let rest = |lines: Option<&[&str]>| {
            let text = lines.unwrap_or_default().join("\n");
            let text = if self.html { plain(&text) } else { text };
            text.trim().is_empty()
        };
        if rest(self.new.get(at.end..)) {
            let list = looks_like_list_footer(words.as_bytes());
            return if list { ChangeKind::FooterAdded } else { ChangeKind::DisclaimerAdded };
        }
        if rest(self.new.get(..at.start)) {
            return if is_banner(&words) { ChangeKind::BannerAdded } else { ChangeKind::DisclaimerAdded };
        }
        ChangeKind::TextAdded
    }

    fn hunk(&self, kind: ChangeKind, old: Range<usize>, new: Range<usize>) -> Hunk {
        let text = |lines: Option<&[&str]>| lines.unwrap_or_default().join("\n");
        let (before, after) = (text(self.old.get(old.clone())), text(self.new.get(new.clone())));
        Hunk { kind, old, new, before, after, detail: String::new() }
    }
}

/// Lines that were broken elsewhere, and what else was done to them.
fn wrapped(one: &[&str], other: &[&str]) -> Option<Vec<ChangeKind>> {
    const BLANKS: &[ChangeKind] = &[ChangeKind::TrailingBlanks, ChangeKind::Whitespace];
    // sendmail marks a line that it broke with an exclamation mark.
    let marked = || {
        let bare: Vec<&str> = other.iter().map(|line| line.strip_suffix('!').unwrap_or(line)).collect();
        let long = other.iter().any(|line| line.len() >= LONG && line.ends_with('!'));
        ways(one, &bare, BLANKS).filter(|_| long)
    };
    let others = ways(one, other, BLANKS).or_else(marked)?;
    let others = others.into_iter().filter(|kind| !BLANKS.contains(kind));
    Some(std::iter::once(ChangeKind::LinesWrapped).chain(others).collect())
}

/// Shorter lines sendmail does not break.
const LONG: usize = 500;

/// No more ways than are needed to make lines the same, but these; `None` where all of them together do not.
fn ways(one: &[&str], other: &[&str], given: &[ChangeKind]) -> Option<Vec<ChangeKind>> {
    let written = |ways: &[&(ChangeKind, Same)], lines: &[&str]| -> String {
        let line =
            |line: &&str| ways.iter().fold((*line).to_owned(), |line, (_, same)| same(&line).into_owned());
        lines.iter().map(line).collect()
    };
    let mut chosen: Vec<&(ChangeKind, Same)> = WAYS.iter().collect();
    let fit = |ways: &[&(ChangeKind, Same)]| written(ways, one) == written(ways, other);
    if !fit(&chosen) {
        return None;
    }
    for way in WAYS.iter().rev().filter(|(kind, _)| !given.contains(kind)) {
        let fewer: Vec<_> = chosen.iter().copied().filter(|(kind, _)| *kind != way.0).collect();
        if fit(&fewer) {
            chosen = fewer;
        }
    }
    Some(chosen.into_iter().map(|(kind, _)| *kind).collect())
}

/// Words that are put above mail from outside.
fn is_banner(text: &str) -> bool {
    let text = text.to_lowercase();
    let words = [
        "external",
        "caution",
        "warning",
        "outside of your",
        "outside the organi",
        "scanned",
        "virus",
        "suspicious",
        "do not click",
        "外部",
        "注意",
        "警告",
        "extern",
        "achtung",
        "attention",
    ];
    words.iter().any(|word| text.contains(word))
}

/// A picture of one dot, or one that is not shown.
fn is_pixel(html: &str) -> bool {
    let html: String =
        html.to_lowercase().chars().filter(|c| !c.is_whitespace() && *c != '"' && *c != '\'').collect();
    let small = ["width=1", "height=1", "width:1px", "height:1px", "width=0", "display:none", "width:0"];
    html.contains("<img") && small.iter().any(|word| html.contains(word))
}

/// The words of HTML.
pub(in crate::doctor) fn plain(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                out.push(' ');
            }
            _ if inside => {}
            _ => out.push(c),
        }
    }
    out.replace("&nbsp;", " ").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
}

/// Octets above 127 were cut to 7 bits, or replaced, and nothing else.
pub(super) fn is_lossy(old: &[u8], new: &[u8]) -> bool {
    if old.is_ascii() {
        return false;
    }
    let cut: Vec<u8> = old.iter().map(|octet| octet & 0x7f).collect();
    if cut == new {
        return true;
    }
    let kept = |octets: &[u8]| -> Vec<u8> {
        let text = String::from_utf8_lossy(octets);
        text.bytes().filter(|octet| octet.is_ascii() && *octet != b'?').collect()
    };
    let replaced = new.is_ascii() || String::from_utf8_lossy(new).contains('\u{fffd}');
    replaced && kept(old) == kept(new)
}
