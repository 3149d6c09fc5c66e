//! Lines as they may have been: `From ` escaping, dots, blanks, wraps, empty lines, composed characters.

use unicode_normalization::UnicodeNormalization;

use super::{Form, last, step};
use crate::doctor::tree::Tree;
use crate::error::Error;

pub(super) fn forms(
    tree: &Tree<'_>,
    found: &mut dyn FnMut(Form) -> Result<bool, Error>,
) -> Result<bool, Error> {
    let octets = tree.octets;
    let lines: Vec<&[u8]> = octets.split_inclusive(|octet| *octet == b'\n').collect();
    let each: [Way; 11] = [
        unescape,
        unescape_mboxrd,
        escape,
        undot,
        dot,
        trim,
        dashes,
        space_after,
        lone_cr,
        tabs_at_start,
        tabs,
    ];
    for way in each {
        let changed = lines.iter().filter(|line| way(line).is_some()).count();
        if changed == 0 {
            continue;
        }
        if !found(step(written(&lines, |_, line| way(line))))? {
            return Ok(false);
        }
        if changed > 1 && !some(&lines, way, found)? {
            return Ok(false);
        }
    }
    let whole = [
        unwrapped(&lines),
        refilled(&lines, true),
        refilled(&lines, false),
        normalised(octets, true),
        normalised(octets, false),
    ];
    for form in whole.into_iter().flatten() {
        if !found(step(form))? {
            return Ok(false);
        }
    }
    Ok(joins(&lines, found)? && doubled(&lines, found)? && ends(octets, found)?)
}

/// A line as it may have been, if this is one that was changed.
type Way = fn(&[u8]) -> Option<Vec<u8>>;

/// Only some of the lines were changed: the others were so when they were signed.
fn some(
    lines: &[&[u8]],
    way: Way,
    found: &mut dyn FnMut(Form) -> Result<bool, Error>,
) -> Result<bool, Error> {
    let at: Vec<usize> =
        (0..lines.len()).filter(|at| lines.get(*at).is_some_and(|line| way(line).is_some())).collect();
    let sets: Vec<u32> = match at.len() {
        few @ 0..=SUBSETS => (1..(1_u32 << few)).collect(),
        // One of many, or all but one.
        many => (0..many.min(31)).flat_map(|bit| [1 << bit, !(1 << bit)]).collect(),
    };
    for set in sets {
        let chosen =
            |line: usize| at.binary_search(&line).is_ok_and(|bit| bit >= 32 || set & (1 << bit) != 0);
        let form = written(lines, |number, line| chosen(number).then(|| way(line)).flatten());
        if !found(last(form))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The lines, some of them as they may have been.
fn written(lines: &[&[u8]], other: impl Fn(usize, &[u8]) -> Option<Vec<u8>>) -> Vec<u8> {
    let mut out = Vec::with_capacity(lines.iter().map(|line| line.len()).sum());
    for (number, line) in lines.iter().enumerate() {
        match other(number, line) {
            Some(other) => out.extend_from_slice(&other),
            None => out.extend_from_slice(line),
        }
    }
    out
}

/// Lines of which every subset is tried.
const SUBSETS: usize = 7;

/// mboxo: `>From ` was `From `.
fn unescape(line: &[u8]) -> Option<Vec<u8>> {
    line.strip_prefix(b">").filter(|rest| rest.starts_with(b"From ")).map(<[u8]>::to_vec)
}

/// mboxrd: one `>` less of any number.
fn unescape_mboxrd(line: &[u8]) -> Option<Vec<u8>> {
    let rest = line.strip_prefix(b">")?;
    let bare = rest.iter().position(|octet| *octet != b'>').and_then(|at| rest.get(at..))?;
    bare.starts_with(b"From ").then(|| rest.to_vec())
}

/// A mailbox took away what the sender wrote.
fn escape(line: &[u8]) -> Option<Vec<u8>> {
    line.starts_with(b"From ").then(|| [b">", line].concat())
}

fn undot(line: &[u8]) -> Option<Vec<u8>> {
    line.strip_prefix(b".").filter(|rest| rest.starts_with(b".")).map(<[u8]>::to_vec)
}

fn dot(line: &[u8]) -> Option<Vec<u8>> {
    line.starts_with(b".").then(|| [b".", line].concat())
}

fn trim(line: &[u8]) -> Option<Vec<u8>> {
    let content = content(line);
    let end =
        content.iter().rposition(|octet| !matches!(octet, b' ' | b'\t')).map_or(0, |at| at.saturating_add(1));
    (end < content.len()).then(|| [content.get(..end).unwrap_or_default(), ending(line)].concat())
}

/// The line before a signature of words lost its blank.
fn dashes(line: &[u8]) -> Option<Vec<u8>> {
    (content(line) == b"--").then(|| [b"-- ", ending(line)].concat())
}

/// Text of format=flowed (RFC 3676) lost the blanks at line ends.
fn space_after(line: &[u8]) -> Option<Vec<u8>> {
    let content = content(line);
    let fits = content.len() >= FLOWED && !content.ends_with(b" ") && content.contains(&b' ');
    fits.then(|| [content, b" ", ending(line)].concat())
}

/// Shortest line that format=flowed is likely to have broken.
const FLOWED: usize = 40;

fn lone_cr(line: &[u8]) -> Option<Vec<u8>> {
    let bare: Vec<u8> = content(line).iter().copied().filter(|octet| *octet != b'\r').collect();
    (bare.len() < content(line).len()).then(|| [bare.as_slice(), ending(line)].concat())
}

fn content(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn ending(line: &[u8]) -> &[u8] {
    line.get(content(line).len()..).unwrap_or_default()
}

/// Long lines that were broken with CRLF and a blank (Postfix `smtp_line_length_limit`), or with an exclamation mark
/// before (sendmail).
fn unwrapped(lines: &[&[u8]]) -> Option<Vec<u8>> {
    let longest = lines.iter().map(|line| content(line).len()).max().filter(|length| *length >= LONG)?;
    let mut out = Vec::new();
    let mut joined = false;
    let mut rest = lines.iter().peekable();
    while let Some(line) = rest.next() {
        let follows = rest.peek().is_some_and(|next| next.starts_with(b" "));
        let broken = content(line).len().saturating_add(SLACK) >= longest && follows;
        if broken || joined && content(line).len().saturating_add(1 + SLACK) >= longest && follows {
            let text = content(line);
            let text = if joined { text.strip_prefix(b" ").unwrap_or(text) } else { text };
            out.extend_from_slice(text.strip_suffix(b"!").unwrap_or(text));
            joined = true;
            continue;
        }
        match std::mem::take(&mut joined) {
            true => out.extend_from_slice(line.strip_prefix(b" ").unwrap_or(line)),
            false => out.extend_from_slice(line),
        }
    }
    (out.len() < lines.iter().map(|line| line.len()).sum()).then_some(out)
}

/// Shorter lines are not broken by servers.
const LONG: usize = 500;
/// The `!` counts.
const SLACK: usize = 1;

/// Words that were wrapped at a column: lines of a paragraph as one, with a blank or without.
fn joins(lines: &[&[u8]], found: &mut dyn FnMut(Form) -> Result<bool, Error>) -> Result<bool, Error> {
    for glue in [&b" "[..], b""] {
        for at in 0..lines.len().min(JOINED) {
            let Some((line, next)) = lines.get(at).zip(lines.get(at.saturating_add(1))) else { continue };
            if content(line).len() < COLUMN || content(next).is_empty() {
                continue;
            }
            let before = lines.get(..at).unwrap_or_default().concat();
            let after = lines.get(at.saturating_add(1)..).unwrap_or_default().concat();
            if !found(last([&before, content(line), glue, &after].concat()))? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

const JOINED: usize = 200;
/// Shorter lines were not broken.
const COLUMN: usize = 50;

/// All lines that were broken at one column as one: the blank stayed at the end of the line, or was left out.
fn refilled(lines: &[&[u8]], kept: bool) -> Option<Vec<u8>> {
    let width = lines.iter().map(|line| content(line).trim_ascii_end().len()).max()?;
    let mut out = Vec::new();
    let mut joined = 0_usize;
    for (at, line) in lines.iter().enumerate() {
        let text = content(line);
        let next = lines.get(at.saturating_add(1)).map(|next| content(next)).unwrap_or_default();
        let word = next.iter().position(|octet| *octet == b' ').unwrap_or(next.len());
        let full = text.len().saturating_add(1).saturating_add(word) > width;
        let broken = if kept { text.ends_with(b" ") && text.len() >= COLUMN } else { full };
        if broken && !text.is_empty() && !next.is_empty() {
            joined = joined.saturating_add(1);
            out.extend_from_slice(text);
            if !kept {
                out.push(b' ');
            }
        } else {
            out.extend_from_slice(line);
        }
    }
    (joined > 0 && width >= COLUMN).then_some(out)
}

/// One more empty line, where there is one.
fn doubled(lines: &[&[u8]], found: &mut dyn FnMut(Form) -> Result<bool, Error>) -> Result<bool, Error> {
    let empty = |at: &usize| lines.get(*at).is_some_and(|line| content(line).is_empty());
    for at in (0..lines.len()).filter(empty).take(JOINED) {
        let (before, after) = lines.split_at(at);
        if !found(last([before.concat().as_slice(), b"\r\n", &after.concat()].concat()))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Blanks up to a tab stop were one tab: two and more of them anywhere.
fn tabs(line: &[u8]) -> Option<Vec<u8>> {
    with_tabs(line, false)
}

/// The same at the start of the line alone.
fn tabs_at_start(line: &[u8]) -> Option<Vec<u8>> {
    with_tabs(line, true)
}

fn with_tabs(line: &[u8], at_start: bool) -> Option<Vec<u8>> {
    let (mut out, mut blanks, mut column) = (Vec::with_capacity(line.len()), 0_usize, 0_usize);
    let mut only_blanks = true;
    for octet in content(line) {
        column = column.saturating_add(1);
        let may_be = only_blanks || !at_start;
        if *octet == b' ' && may_be {
            blanks = blanks.saturating_add(1);
            if column.is_multiple_of(TAB) && blanks > 1 {
                out.push(b'\t');
                blanks = 0;
            }
            continue;
        }
        only_blanks = false;
        out.extend(std::iter::repeat_n(b' ', blanks));
        blanks = 0;
        out.push(*octet);
    }
    out.extend(std::iter::repeat_n(b' ', blanks));
    (out != content(line)).then(|| [out.as_slice(), ending(line)].concat())
}

/// Columns from one tab stop to the next.
const TAB: usize = 8;

/// The other composition of accented characters.
fn normalised(octets: &[u8], composed: bool) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(octets).ok().filter(|text| !text.is_ascii())?;
    let other: String = if composed { text.nfc().collect() } else { text.nfd().collect() };
    (other != text).then(|| other.into_bytes())
}

/// Empty lines at the end.
fn ends(octets: &[u8], found: &mut dyn FnMut(Form) -> Result<bool, Error>) -> Result<bool, Error> {
    let bare = octets.strip_suffix(b"\r\n").unwrap_or(octets);
    let bare = {
        let end = bare
            .iter()
            .rposition(|octet| !matches!(octet, b'\r' | b'\n'))
            .map_or(0, |at| at.saturating_add(1));
        bare.get(..end).unwrap_or_default()
    };
    for count in 0..=ENDS {
        if !found(step([bare, &b"\r\n".repeat(count)].concat()))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Empty lines that are added or removed.
const ENDS: usize = 4;
