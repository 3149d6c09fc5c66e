//! What differs between two headers.

use super::body::Difference;
use crate::doctor::tree::{fields, is_content_field};
use crate::mime::{Field, FromHeader, Headers, MediaType, Part, PartPath};
use crate::report::{Change, ChangeKind, Span};

/// What is named elsewhere.
#[derive(Clone, Copy)]
pub(super) struct Skip {
    /// The transfer encoding.
    pub(super) encoding: bool,
    /// The media type.
    pub(super) media_type: bool,
    /// Its charset.
    pub(super) charset: bool,
}

/// Fields that servers, filters and mailboxes write.
const TRACES: &[&str] = &[
    "received",
    "return-path",
    "delivered-to",
    "x-original-to",
    "dkim-signature",
    "domainkey-signature",
    "arc-",
    "authentication-results",
    "received-spf",
    "x-received",
    "x-spam",
    "x-virus",
    "x-ms-",
    "x-google",
    "x-gm-",
    "x-envelope",
    "x-forefront",
    "x-microsoft",
    "x-eopattributedmessage",
    "x-amavis",
    "x-mailscanner",
    "x-antivirus",
    "x-mimecast",
    "x-proofpoint",
    "x-barracuda",
    "status",
    "x-status",
    "x-keywords",
    "x-uid",
    "lines",
    "content-length",
    "envelope-to",
    "delivery-date",
    "x-mozilla",
    "old-return-path",
    "resent-",
];
/// Fields that lists write (RFC 2369, RFC 2919, RFC 5064), and software for lists.
const LISTS: &[&str] = &[
    "list-",
    "precedence",
    "mailing-list",
    "x-mailman",
    "x-beenthere",
    "errors-to",
    "x-mailing-list",
    "archived-at",
    "x-loop",
    "x-mlmmj",
    "x-sequence",
    "x-no-archive",
    "x-list",
    "feedback-id",
    "auto-submitted",
];

fn is_of(name: &str, names: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    names.iter().any(|known| {
        name == *known
            || known.ends_with('-') && name.starts_with(known)
            || known.starts_with("x-") && name.starts_with(known)
    })
}

/// The header of a letter, without what describes its body.
pub(super) fn letter(sent: &[u8], a: &Part, received: &[u8], b: &Part) -> Vec<Change> {
    let own = |field: &Field<'_>| !is_content_field(field.name);
    let olds: Vec<Field<'_>> = fields(&a.header_octets).into_iter().filter(own).collect();
    let news: Vec<Field<'_>> = fields(&b.header_octets).into_iter().filter(own).collect();
    let (a_start, b_start) = (start(a), start(b));
    let mut changes = Vec::new();
    let (mut traces, mut lists) = (Vec::new(), Vec::new());
    for name in names(&olds, &news) {
        let (olds, news) = (named(&olds, &name), named(&news, &name));
        if same(&olds, &news) {
            continue;
        }
        let more = added(&olds, &news);
        if news.len() > olds.len() && more.len() == news.len() - olds.len() && is_of(&name, TRACES) {
            traces.push((name, more.len()));
            continue;
        }
        if olds.is_empty() && is_of(&name, LISTS) {
            lists.push((name, more.len()));
            continue;
        }
        let (old, new) = (removed(&olds, &news), more);
        let mut change = Change::new(kind(&name, &old, &new), PartPath::root());
        change.detail = news.first().or(olds.first()).map_or(name, |field| field.name.to_owned());
        change.before = said(&old);
        change.after = said(&new);
        change.sent = old.first().map(|field| span(sent, a_start, field));
        change.received = new.first().map(|field| span(received, b_start, field));
        change.breaks = change.kind == ChangeKind::FromRewritten;
        changes.push(change);
    }
    for (kind, names) in [(ChangeKind::ListHeadersAdded, lists), (ChangeKind::TraceAdded, traces)] {
        if names.is_empty() {
            continue;
        }
        let mut change = Change::new(kind, PartPath::root());
        let listed = names
            .iter()
            .map(|(name, count)| if *count > 1 { format!("{name} ×{count}") } else { name.clone() });
        change.detail = listed.collect::<Vec<_>>().join(", ");
        changes.push(change);
    }
    if changes.iter().all(|change| change.kind != ChangeKind::FromRewritten) && reordered(&olds, &news) {
        changes.push(Change::new(ChangeKind::HeaderReordered, PartPath::root()));
    }
    changes
}

/// The header of a part; of a letter (`bare`) only what describes its body.
pub(super) fn part(a: &[u8], b: &[u8], bare: bool, skip: Skip) -> Vec<Difference> {
    let own = |field: &Field<'_>| !bare || is_content_field(field.name);
    let olds: Vec<Field<'_>> = fields(a).into_iter().filter(own).collect();
    let news: Vec<Field<'_>> = fields(b).into_iter().filter(own).collect();
    let mut found = Vec::new();
    for name in names(&olds, &news) {
        let (old, new) = (named(&olds, &name), named(&news, &name));
        if same(&old, &new)
            || skip.encoding && name == "content-transfer-encoding"
            || skip.media_type && name == "content-type"
        {
            continue;
        }
        let more = new.len() > old.len();
        let (old, new) = (removed(&old, &new), added(&old, &new));
        let kind = match part_kind(&name, &old, &new, skip.charset) {
            // Of several, some readers take the one, some the other.
            _ if more => ChangeKind::PartHeaderAdded,
            Some(kind) => kind,
            None => continue,
        };
        let texts = (said(&old).into_bytes(), said(&new).into_bytes());
        let shown = new.first().or(old.first()).map_or(name, |field| field.name.to_owned());
        found.push(Difference::new(kind).texts(texts.0, texts.1).detail(shown));
    }
    let (old, new) = (strays(a), strays(b));
    if old != new {
        found.push(Difference::new(ChangeKind::Other).texts(old, new).detail("header"));
    }
    if found.is_empty() && reordered(&olds, &news) {
        found.push(Difference::new(ChangeKind::PartHeaderReordered));
    }
    found
}

/// Lines that are no fields: some readers pass over them, for others the header ends there.
fn strays(header: &[u8]) -> Vec<u8> {
    let (mut out, mut at) = (Vec::new(), 0);
    for field in fields(header) {
        out.extend_from_slice(header.get(at..field.range.start).unwrap_or_default());
        at = field.range.end;
    }
    out.extend_from_slice(header.get(at..).unwrap_or_default());
    super::crlf(out.trim_ascii())
}

fn part_kind(name: &str, old: &[&Field<'_>], new: &[&Field<'_>], charset: bool) -> Option<ChangeKind> {
    let (Some(first), Some(second)) = (old.first(), new.first()) else {
        return Some(if old.is_empty() {
            ChangeKind::PartHeaderAdded
        } else {
            ChangeKind::PartHeaderRemoved
        });
    };
    if name != "content-type" {
        let alike =
            collapsed(first).eq_ignore_ascii_case(&collapsed(second)) || first.text() == second.text();
        return Some(if alike { ChangeKind::PartHeaderRefolded } else { ChangeKind::PartHeaderChanged });
    }
    let (one, other) = (MediaType::read(&first.unfolded()).0, MediaType::read(&second.unfolded()).0);
    let sorted = |media: &MediaType| {
        let mut parameters: Vec<(String, String)> =
            media.parameters.iter().filter(|(name, _)| name != "boundary").cloned().collect();
        parameters.retain(|(name, _)| !charset || name != "charset");
        for (name, value) in &mut parameters {
            if name == "charset" {
                value.make_ascii_lowercase();
            }
        }
        parameters.sort();
        parameters
    };
    if one.to_string() != other.to_string() {
        // Of a multipart it is said by its tree.
        return (one.main != "multipart").then_some(ChangeKind::ContentTypeChanged);
    }
    if sorted(&one) != sorted(&other) {
        return Some(ChangeKind::ContentTypeChanged);
    }
    if charset {
        return None;
    }
    let boundaries = (one.parameter("boundary"), other.parameter("boundary"));
    let without =
        |field: &Field<'_>, boundary: Option<&str>| collapsed(field).replace(boundary.unwrap_or("\0"), "");
    match boundaries.0 != boundaries.1 && without(first, boundaries.0) == without(second, boundaries.1) {
        true => None,
        false => Some(ChangeKind::PartHeaderRefolded),
    }
}

fn kind(name: &str, old: &[&Field<'_>], new: &[&Field<'_>]) -> ChangeKind {
    let (first, second) = (old.first(), new.first());
    if let (Some(first), Some(second)) = (first, second) {
        if collapsed(first) == collapsed(second) {
            return ChangeKind::HeaderRefolded;
        }
        if first.text().split_whitespace().eq(second.text().split_whitespace()) {
            return ChangeKind::HeaderReencoded;
        }
    }
    match (name, first, second) {
        ("from", one, other) if mailboxes(one) != mailboxes(other) => ChangeKind::FromRewritten,
        ("sender", _, Some(_)) => ChangeKind::SenderChanged,
        ("reply-to", _, Some(_)) => ChangeKind::ReplyToChanged,
        ("subject", Some(one), Some(other)) if tagged(&one.text(), &other.text()) => {
            ChangeKind::SubjectTagged
        }
        (_, None, _) => ChangeKind::HeaderAdded,
        (_, _, None) => ChangeKind::HeaderRemoved,
        _ => ChangeKind::HeaderChanged,
    }
}

fn tagged(old: &str, new: &str) -> bool {
    let (old, new) = (old.trim(), new.trim());
    let bare = old.strip_prefix("Re:").unwrap_or(old).trim();
    new != old && !bare.is_empty() && new.contains(bare)
}

fn mailboxes(field: Option<&&Field<'_>>) -> Vec<String> {
    let Some(field) = field else { return Vec::new() };
    let header = [b"From:", field.value, b"\r\n"].concat();
    let from = FromHeader::read(&Headers::new(&header));
    from.mailboxes.iter().map(crate::mime::Mailbox::address_text).collect()
}

fn names(olds: &[Field<'_>], news: &[Field<'_>]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for field in olds.iter().chain(news) {
        let name = field.name.to_ascii_lowercase();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn named<'f, 'a>(all: &'f [Field<'a>], name: &str) -> Vec<&'f Field<'a>> {
    all.iter().filter(|field| field.name.eq_ignore_ascii_case(name)).collect()
}

/// Line ends are looked at elsewhere.
fn written(field: &Field<'_>) -> Vec<u8> {
    [field.name.as_bytes(), b":", &super::crlf(field.value)].concat()
}

fn same(olds: &[&Field<'_>], news: &[&Field<'_>]) -> bool {
    olds.len() == news.len() && olds.iter().zip(news).all(|(old, new)| written(old) == written(new))
}

fn added<'f, 'a>(olds: &[&'f Field<'a>], news: &[&'f Field<'a>]) -> Vec<&'f Field<'a>> {
    news.iter().filter(|new| !olds.iter().any(|old| written(old) == written(new))).copied().collect()
}

fn removed<'f, 'a>(olds: &[&'f Field<'a>], news: &[&'f Field<'a>]) -> Vec<&'f Field<'a>> {
    added(news, olds)
}

fn said(fields: &[&Field<'_>]) -> String {
    let lines: Vec<String> = fields
        .iter()
        .map(|field| format!("{}:{}", field.name, String::from_utf8_lossy(field.value)))
        .collect();
    lines.join("\n")
}

/// The value with blanks as one, and quotation marks left out.
fn collapsed(field: &Field<'_>) -> String {
    let text = String::from_utf8_lossy(&field.unfolded()).replace('"', "");
    let text: Vec<&str> = text.split_whitespace().collect();
    text.join(" ").replace("; ", ";").replace(" =", "=")
}

/// Fields that both have, once each, stand in another order.
fn reordered(olds: &[Field<'_>], news: &[Field<'_>]) -> bool {
    let once = |all: &[Field<'_>], name: &str| named(all, name).len() == 1;
    let order = |all: &[Field<'_>]| -> Vec<String> {
        let both = all.iter().filter(|field| once(olds, field.name) && once(news, field.name));
        both.map(|field| field.name.to_ascii_lowercase()).collect()
    };
    order(olds) != order(news)
}

fn start(part: &Part) -> usize {
    usize::try_from(part.header.start).unwrap_or_default()
}

fn span(octets: &[u8], start: usize, field: &Field<'_>) -> Span {
    Span::of(octets, start.saturating_add(field.range.start)..start.saturating_add(field.range.end))
}
