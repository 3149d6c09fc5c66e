//! Header fields of parts as they may have been.

use std::collections::BTreeSet;

use super::{Form, last, spliced, step};
use crate::doctor::tree::{Tree, fields, is_content_field, place};
use crate::error::Error;
use crate::mime::MediaType;

type Found<'f> = &'f mut dyn FnMut(Form) -> Result<bool, Error>;

/// Places of a field in a header that are tried beside its own.
pub(super) const PLACES: usize = 4;

/// A header whose Content-Transfer-Encoding says this (`""`: there is none), at its own place (0) or as the n-th field.
pub(super) fn with_encoding(header: &[u8], name: &str, at: usize) -> Vec<u8> {
    const FIELD: &str = "Content-Transfer-Encoding";
    let mut lines = split(header);
    let own = lines.iter().position(|line| is_named(line, FIELD));
    // As the name was written there.
    let written = own.and_then(|own| lines.get(own)).and_then(|line| line.get(..FIELD.len()));
    let field = [written.unwrap_or(FIELD.as_bytes()), b": ", name.as_bytes(), b"\r\n"].concat();
    if let Some(own) = own {
        lines.remove(own);
    }
    let end = lines.iter().position(|line| line == b"\r\n").unwrap_or(lines.len());
    let at = match at {
        0 => own.unwrap_or(end),
        n => n.saturating_sub(1),
    };
    if !name.is_empty() {
        lines.insert(at.min(end), field);
    }
    lines.concat()
}

/// A header before a program set new content on its part: without MIME-Version, then with parameters unquoted as well.
pub(super) fn plainer(header: &[u8]) -> Vec<Vec<u8>> {
    let kept = split(header).into_iter().filter(|line| !is_named(line, "MIME-Version"));
    let bare = kept.collect::<Vec<_>>().concat();
    let unquoted = parameters(&bare, "; ", Some(false));
    let mut forms = vec![header.to_vec(), bare, unquoted];
    forms.dedup();
    forms
}

/// A header before a program composed it anew from what it had understood.
pub(super) fn as_composed(header: &[u8]) -> Vec<Vec<u8>> {
    if header.len() > COMPOSED {
        return vec![header.to_vec()];
    }
    let kept = split(header).into_iter().filter(|line| !is_named(line, "MIME-Version"));
    let bare = kept.collect::<Vec<_>>().concat();
    let mut forms: Vec<Vec<u8>> = vec![bare.clone()];
    for extra in [None, protected(&bare)] {
        let bare = extra.unwrap_or_else(|| bare.clone());
        for quoted in QUOTED {
            forms.extend(FOLDS.iter().map(|fold| composed(&bare, quoted, *fold)));
        }
    }
    let dated: Vec<Vec<u8>> = forms.iter().map(|form| short_day(form)).collect();
    forms.extend(dated);
    let ordered: Vec<Vec<u8>> = forms.iter().map(|form| content_first(form)).collect();
    forms.extend(ordered);
    let mut seen = BTreeSet::new();
    forms.retain(|form| seen.insert(form.clone()));
    forms
}

/// Octets of a header that is composed in all ways.
const COMPOSED: usize = 8 << 10;

/// Which parameters stand in quotation marks, where they need none.
#[derive(Clone, Copy)]
enum Quoted {
    AsIs,
    Never,
    ButCharset,
    /// The one that goes with protected fields, as RFC 9788 writes it.
    OnlyProtection,
    Always,
}

const QUOTED: [Quoted; 5] =
    [Quoted::AsIs, Quoted::Never, Quoted::ButCharset, Quoted::OnlyProtection, Quoted::Always];

/// Before which parameters a field is folded, and the blank that then begins the line.
#[derive(Clone, Copy)]
enum Fold {
    None,
    All(&'static str),
    ButFirst(&'static str),
    Last(&'static str),
    /// Where the line would be longer.
    At(usize),
}

const FOLDS: &[Fold] = &[
    Fold::None,
    Fold::ButFirst(" "),
    Fold::ButFirst("\t"),
    Fold::All(" "),
    Fold::All("\t"),
    Fold::Last(" "),
    Fold::Last("\t"),
    Fold::At(76),
    Fold::At(78),
];

fn composed(header: &[u8], quoted: Quoted, fold: Fold) -> Vec<u8> {
    on_fields(header, |name, value| {
        if !is_content_field(name) {
            return None;
        }
        let pieces = pieces(std::str::from_utf8(value).ok()?)?;
        let (first, parameters) = pieces.split_first()?;
        let count = parameters.len();
        let mut out = first.clone();
        let mut line = name.len().saturating_add(2).saturating_add(first.len());
        for (number, piece) in parameters.iter().enumerate() {
            let piece = with_quotes(piece, quoted);
            let length = piece.len().saturating_add(2);
            let blank = match fold {
                Fold::All(blank) => Some(blank),
                Fold::ButFirst(blank) if number > 0 => Some(blank),
                Fold::Last(blank) if number.saturating_add(1) == count => Some(blank),
                Fold::At(width) if line.saturating_add(length) > width => Some(" "),
                _ => None,
            };
            out.push(';');
            match blank {
                Some(blank) => {
                    out.push_str("\r\n");
                    out.push_str(blank);
                    line = length;
                }
                None => {
                    out.push(' ');
                    line = line.saturating_add(length);
                }
            }
            out.push_str(&piece);
        }
        Some(out.into_bytes())
    })
}

fn with_quotes(piece: &str, quoted: Quoted) -> String {
    let Some((name, value)) = piece.split_once('=') else { return piece.to_owned() };
    let bare = value.trim_matches('"');
    let with = match quoted {
        Quoted::AsIs => return piece.to_owned(),
        Quoted::Never => false,
        Quoted::ButCharset => !name.eq_ignore_ascii_case("charset"),
        Quoted::OnlyProtection => name.eq_ignore_ascii_case("hp"),
        Quoted::Always => true,
    };
    match with || !is_token(bare) {
        true if value.starts_with('"') => piece.to_owned(),
        true => format!("{name}=\"{value}\""),
        false => format!("{name}={bare}"),
    }
}

/// With the parameter that goes with protected fields (RFC 9788 §2.1), where they are and it is gone.
fn protected(header: &[u8]) -> Option<Vec<u8>> {
    let of_letter = split(header).iter().any(|line| is_named(line, "From"));
    of_letter.then(|| {
        on_fields(header, |name, value| {
            let lost = name.eq_ignore_ascii_case("Content-Type") && !value.windows(3).any(|at| at == b"hp=");
            lost.then(|| [value, b"; hp=\"clear\""].concat())
        })
    })
}

/// A day of the month in one digit (RFC 5322 §3.3 allows both).
fn short_day(header: &[u8]) -> Vec<u8> {
    on_fields(header, |name, value| {
        let text = std::str::from_utf8(value).ok()?;
        name.eq_ignore_ascii_case("Date").then(|| text.replacen(", 0", ", ", 1).into_bytes())
    })
}

/// What describes the body before all else.
fn content_first(header: &[u8]) -> Vec<u8> {
    let (mut first, mut rest) = (Vec::new(), Vec::new());
    for line in split(header) {
        if starts_with(&line, "Content-") { first.push(line) } else { rest.push(line) }
    }
    [first.concat(), rest.concat()].concat()
}

/// The fields of a multipart that do not describe it, and those of its first part that do: a program made a multipart of
/// a part. Both orders.
pub(super) fn hoisted(outer: &[u8], inner: &[u8]) -> Vec<Vec<u8>> {
    let end = b"\r\n".to_vec();
    let of = |header: &[u8], content: bool| -> Vec<u8> {
        let kept = |line: &Vec<u8>| *line != end && starts_with(line, "Content-") == content;
        split(header).into_iter().filter(kept).collect::<Vec<_>>().concat()
    };
    let (fields, content) = (of(outer, false), of(inner, true));
    if fields.is_empty() {
        return Vec::new();
    }
    vec![[content.as_slice(), &fields, &end].concat(), [fields.as_slice(), &content, &end].concat()]
}

/// Whether a field is not one that describes a body.
type Strange<'s> = &'s dyn Fn(&[u8]) -> bool;

/// Fields that were added to parts: each, all that do not describe a body, all `X-`.
pub(super) fn removed(tree: &Tree<'_>, found: Found<'_>) -> Result<bool, Error> {
    let foreign =
        |line: &[u8]| !starts_with(line, "Content-") && line != b"\r\n" && !starts_with(line, "MIME-Version");
    let unusual = |line: &[u8]| starts_with(line, "X-");
    let both: [Strange<'_>; 2] = [&foreign, &unusual];
    for strange in both {
        let mut pieces = Vec::new();
        for part in tree.parts() {
            let lines = split(&part.header_octets);
            let kept: Vec<Vec<u8>> = lines.iter().filter(|line| !strange(line)).cloned().collect();
            if kept.len() < lines.len() {
                pieces.push((place(&part.header), kept.concat()));
            }
        }
        if !pieces.is_empty() && !found(step(spliced(tree.octets, &pieces)))? {
            return Ok(false);
        }
    }
    for part in tree.parts().iter().take(PARTS) {
        let lines = split(&part.header_octets);
        for at in 0..lines.len().min(FIELDS) {
            if lines.get(at).is_some_and(|line| line == b"\r\n") {
                continue;
            }
            let mut kept = lines.clone();
            kept.remove(at);
            let pieces = [(place(&part.header), kept.concat())];
            if !found(step(spliced(tree.octets, &pieces)))? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Fields that were written or folded in another way, in another order, or are missing and usual: in each part, and in
/// all in the same way.
pub(super) fn rewritten(tree: &Tree<'_>, found: Found<'_>) -> Result<bool, Error> {
    let mut of_all: Vec<Vec<(std::ops::Range<usize>, Vec<u8>)>> = vec![Vec::new(); WAYS.len()];
    for part in tree.parts().iter().take(PARTS) {
        let header = &part.header_octets;
        for (way, of_all) in WAYS.iter().zip(&mut of_all) {
            let other = way(header);
            if other != *header {
                let piece = (place(&part.header), other);
                of_all.push(piece.clone());
                if !found(last(spliced(tree.octets, &[piece])))? {
                    return Ok(false);
                }
            }
        }
        for other in orders(header).into_iter().chain(completed(header)) {
            if !found(last(spliced(tree.octets, &[(place(&part.header), other)])))? {
                return Ok(false);
            }
        }
    }
    for pieces in of_all.iter().filter(|pieces| pieces.len() > 1) {
        if !found(step(spliced(tree.octets, pieces)))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Two ways at once, in all parts.
pub(super) fn combined(tree: &Tree<'_>, found: Found<'_>) -> Result<bool, Error> {
    for (number, one) in WAYS.iter().enumerate() {
        for other in WAYS.iter().skip(number.saturating_add(1)) {
            let pieces: Vec<_> = tree
                .parts()
                .iter()
                .take(PARTS)
                .map(|part| (place(&part.header), other(&one(&part.header_octets))))
                .collect();
            if !found(last(spliced(tree.octets, &pieces)))? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

const PARTS: usize = 20;
const FIELDS: usize = 30;

type Way = fn(&[u8]) -> Vec<u8>;

/// How programs write a header.
const WAYS: &[Way] = &[
    |header| parameters(header, "; ", None),
    |header| parameters(header, ";\r\n\t", None),
    |header| parameters(header, ";\r\n ", None),
    |header| parameters(header, ";", None),
    |header| parameters(header, ";\r\n        ", None),
    |header| parameters(header, ";\r\n  ", None),
    |header| parameters(header, ";\r\n    ", None),
    |header| parameters(header, "; ", Some(true)),
    |header| parameters(header, "; ", Some(false)),
    |header| parameters(header, ";\r\n\t", Some(true)),
    |header| parameters(header, ";\r\n\t", Some(false)),
    |header| parameters(header, ";\r\n ", Some(true)),
    |header| parameters(header, ";\r\n ", Some(false)),
    |header| first_broken(header, "\r\n\t"),
    |header| first_broken(header, "\r\n "),
    unfolded,
    |header| renamed(header, canonical_name),
    |header| renamed(header, lower_name),
    |header| renamed(header, mime_tools_name),
    |header| spaced(header, ""),
    |header| spaced(header, " "),
    lower_type,
    upper_charset,
    lower_charset,
    without_charset,
];

/// The media type with its parameters apart in this way, and quoted or not.
fn parameters(header: &[u8], between: &str, quoted: Option<bool>) -> Vec<u8> {
    on_fields(header, |name, value| {
        if !is_content_field(name) {
            return None;
        }
        let text = std::str::from_utf8(value).ok()?;
        let pieces = pieces(text)?;
        if pieces.len() < 2 {
            return None;
        }
        let written = pieces.iter().map(|piece| match (piece.split_once('='), quoted) {
            (Some((name, value)), Some(true)) if !value.starts_with('"') => format!("{name}=\"{value}\""),
            (Some((name, value)), Some(false)) if is_token(value.trim_matches('"')) => {
                format!("{name}={}", value.trim_matches('"'))
            }
            _ => piece.clone(),
        });
        Some(written.collect::<Vec<_>>().join(between).into_bytes())
    })
}

/// What semicolons part, outside of quotation marks.
fn pieces(text: &str) -> Option<Vec<String>> {
    let (mut pieces, mut piece, mut inside) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        match c {
            '"' => inside = !inside,
            '(' if !inside => return None,
            ';' if !inside => {
                pieces.push(piece.trim().to_owned());
                piece.clear();
                continue;
            }
            _ => {}
        }
        piece.push(c);
    }
    if !piece.trim().is_empty() {
        pieces.push(piece.trim().to_owned());
    }
    Some(pieces)
}

fn is_token(text: &str) -> bool {
    let special = |c: char| c.is_whitespace() || c.is_control() || "()<>@,;:\\\"/[]?=".contains(c);
    !text.is_empty() && text.is_ascii() && !text.contains(special)
}

/// Folded once, before the first parameter or word.
fn first_broken(header: &[u8], by: &str) -> Vec<u8> {
    on_fields(header, |_, value| {
        let text = std::str::from_utf8(value).ok()?;
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (first, rest) = flat.split_once(' ')?;
        Some(format!("{first}{by}{rest}").into_bytes())
    })
}

fn unfolded(header: &[u8]) -> Vec<u8> {
    on_fields(header, |_, value| {
        let text = std::str::from_utf8(value).ok()?;
        Some(text.split_whitespace().collect::<Vec<_>>().join(" ").into_bytes())
    })
}

fn lower_type(header: &[u8]) -> Vec<u8> {
    on_fields(header, |name, value| {
        let end = value.iter().position(|octet| *octet == b';').unwrap_or(value.len());
        let (head, rest) = value.split_at(end);
        is_content_field(name).then(|| [head.to_ascii_lowercase().as_slice(), rest].concat())
    })
}

fn upper_charset(header: &[u8]) -> Vec<u8> {
    with_charset(header, |charset| Some(charset.to_ascii_uppercase()))
}

fn lower_charset(header: &[u8]) -> Vec<u8> {
    with_charset(header, |charset| Some(charset.to_ascii_lowercase()))
}

fn without_charset(header: &[u8]) -> Vec<u8> {
    with_charset(header, |_| None)
}

/// The charset by another name, or none.
pub(super) fn with_charset(header: &[u8], other: impl Fn(&str) -> Option<String>) -> Vec<u8> {
    on_fields(header, |name, value| {
        if !name.eq_ignore_ascii_case("Content-Type") {
            return None;
        }
        let charset = MediaType::read(value).0.parameter("charset")?.to_owned();
        let text = std::str::from_utf8(value).ok()?;
        match other(&charset) {
            Some(other) => Some(text.replacen(&charset, &other, 1).into_bytes()),
            None => {
                let rest = pieces(text)?;
                let kept =
                    rest.into_iter().filter(|piece| !piece.to_ascii_lowercase().starts_with("charset"));
                Some(kept.collect::<Vec<_>>().join("; ").into_bytes())
            }
        }
    })
}

fn canonical_name(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters.map(|letter| letter.to_ascii_lowercase())).collect::<String>()
    };
    let name = name.split('-').map(word).collect::<Vec<_>>().join("-");
    name.replace("Mime-", "MIME-").replace("-Id", "-ID")
}

fn lower_name(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// `Content-type`, as some write.
fn mime_tools_name(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let (first, rest) = lower.split_at(usize::from(!lower.is_empty()));
    first.to_ascii_uppercase() + rest
}

fn renamed(header: &[u8], by: fn(&str) -> String) -> Vec<u8> {
    let lines = split(header).into_iter().map(|line| {
        let end = line.iter().position(|octet| *octet == b':').unwrap_or_default();
        let (name, rest) = line.split_at(end);
        let name = std::str::from_utf8(name).map(by).unwrap_or_default();
        [name.as_bytes(), rest].concat()
    });
    lines.flatten().collect()
}

fn spaced(header: &[u8], blank: &str) -> Vec<u8> {
    let lines = split(header).into_iter().map(|line| {
        let Some(end) = line.iter().position(|octet| *octet == b':') else { return line };
        let (name, rest) = line.split_at(end);
        let value = rest.get(1..).unwrap_or_default().trim_ascii_start();
        [name, b":", blank.as_bytes(), value].concat()
    });
    lines.flatten().collect()
}

/// The fields in all orders, if they are few.
fn orders(header: &[u8]) -> Vec<Vec<u8>> {
    let mut lines = split(header);
    let end: Vec<Vec<u8>> = match lines.last() {
        Some(line) if line == b"\r\n" => lines.pop().into_iter().collect(),
        _ => Vec::new(),
    };
    if !(2..=ORDERED).contains(&lines.len()) {
        return Vec::new();
    }
    let mut orders = vec![Vec::new()];
    for line in &lines {
        let longer = |order: &Vec<Vec<u8>>| -> Vec<Vec<Vec<u8>>> {
            (0..=order.len())
                .map(|at| {
                    let mut order = order.clone();
                    order.insert(at, line.clone());
                    order
                })
                .collect()
        };
        orders = orders.iter().flat_map(longer).collect();
    }
    orders.into_iter().map(|order| [order.concat(), end.concat()].concat()).collect()
}

/// 24 orders.
const ORDERED: usize = 4;

/// With a field that is often there and often removed.
fn completed(header: &[u8]) -> Vec<Vec<u8>> {
    const USUAL: &[&str] = &[
        "MIME-Version: 1.0\r\n",
        "Content-Disposition: inline\r\n",
        "Content-Disposition: attachment\r\n",
        "Content-Language: en-US\r\n",
        "Content-Transfer-Encoding: 7bit\r\n",
        "Content-Transfer-Encoding: 8bit\r\n",
        "Content-Transfer-Encoding: quoted-printable\r\n",
        "Content-Type: text/plain; charset=us-ascii\r\n",
        "Content-Type: text/plain; charset=utf-8\r\n",
        "Content-Type: text/plain\r\n",
        "Content-Description: \r\n",
    ];
    let lines = split(header);
    let fields = lines.iter().filter(|line| *line != b"\r\n").count();
    let mut forms = Vec::new();
    for field in USUAL {
        let name = field.split(':').next().unwrap_or_default();
        if lines.iter().any(|line| is_named(line, name)) {
            continue;
        }
        for at in 0..=fields.min(PLACES) {
            let mut lines = lines.clone();
            lines.insert(at, field.as_bytes().to_vec());
            forms.push(lines.concat());
        }
    }
    forms
}

/// The fields with their line ends, then the empty line.
fn split(header: &[u8]) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for line in header.split_inclusive(|octet| *octet == b'\n') {
        let folded = line.starts_with(b" ") || line.starts_with(b"\t");
        match lines.last_mut().filter(|_| folded) {
            Some(last) => last.extend_from_slice(line),
            None => lines.push(line.to_vec()),
        }
    }
    lines
}

/// The value of each field by a function; the blank before it stays.
fn on_fields(header: &[u8], other: impl Fn(&str, &[u8]) -> Option<Vec<u8>>) -> Vec<u8> {
    let mut out = Vec::with_capacity(header.len());
    let all = fields(header);
    let mut at = 0;
    for field in &all {
        out.extend_from_slice(header.get(at..field.range.start).unwrap_or_default());
        at = field.range.end;
        let raw = header.get(field.range.clone()).unwrap_or_default();
        match other(field.name, field.value.trim_ascii()) {
            Some(value) => {
                let blank: Vec<u8> =
                    field.value.iter().copied().take_while(|octet| matches!(octet, b' ')).collect();
                out.extend_from_slice(field.name.as_bytes());
                out.push(b':');
                out.extend_from_slice(&blank);
                out.extend_from_slice(&value);
                out.extend_from_slice(b"\r\n");
            }
            None => out.extend_from_slice(raw),
        }
    }
    out.extend_from_slice(header.get(at..).unwrap_or_default());
    out
}

fn is_named(line: &[u8], name: &str) -> bool {
    starts_with(line, name) && line.get(name.len()) == Some(&b':')
}

fn starts_with(line: &[u8], name: &str) -> bool {
    line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
}
