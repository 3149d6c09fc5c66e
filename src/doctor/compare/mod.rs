//! What differs between two copies of a message.
//!
//! - [`compare`] → [`Comparison`]: every difference by name; what fits no name is `other`, with its place.
//!
//! Leaf parts are paired first, by what they hold; then each multipart is looked for by the leaves in it. So parts keep
//! their names when something is wrapped around them or taken away.

mod body;
mod headers;
mod pairs;
mod text;

use serde::Serialize;

use crate::doctor::marks::{self, Mark};
use crate::doctor::trail::{self, Hop};
use crate::doctor::tree::{Tree, excerpt, is_signature, place};
use crate::error::Error;
use crate::limits::Limits;
use crate::mime::{Part, PartPath, looks_like_list_footer};
use crate::report::{Change, ChangeKind, ServiceProfile, Span, Touches};

use body::Difference;
use pairs::Pairs;
pub(super) use text::plain;

/// What differs between a message as it was sent and as it arrived.
///
/// ```
/// use mailseal::doctor::compare;
/// use mailseal::report::ChangeKind;
/// let sent = b"From: a@b.example\r\nSubject: Hi\r\n\r\nHello\r\n";
/// let received = b"From: a@b.example\r\nSubject: [List] Hi\r\n\r\nHello\r\n--\r\nTo unsubscribe: https://l.example/\r\n";
/// let seen = compare(sent, received, &Default::default())?;
/// let kinds: Vec<_> = seen.changes.iter().map(|change| change.kind).collect();
/// assert_eq!(kinds, [ChangeKind::SubjectTagged, ChangeKind::FooterAdded]);
/// println!("{}", seen.text("en"));
/// println!("{}", seen.profile("lists.example").to_json()?);
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// Of this form: 1.
    pub version: u32,
    /// The message that was sent has a signed part.
    pub signed: bool,
    /// All differences: of the header, then of the parts in their order.
    pub changes: Vec<Change>,
    /// Between which of those who handled it the body was changed, where DKIM or ARC signatures tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hop: Option<Hop>,
    /// Software that left its mark.
    pub marks: Vec<Mark>,
}

impl Comparison {
    /// What a service does, by this one message that went through it.
    pub fn profile(&self, service: impl Into<String>) -> ServiceProfile {
        let mut profile = ServiceProfile::new(service).with_changes(self.changes.clone());
        profile.signed = self.signed;
        profile
    }
}

/// Compares two copies of a message, both in memory. An error where one is larger than `limits` allow.
///
/// See [`Comparison`].
pub fn compare(sent: &[u8], received: &[u8], limits: &Limits) -> Result<Comparison, Error> {
    let (a, b) = (Tree::read(sent, limits)?, Tree::read(received, limits)?);
    let marks = marks::marks(&b);
    let mut comparing = Comparing { a: &a, b: &b, signed: Region::of(&a), whole: true, changes: Vec::new() };
    comparing.letter_header();
    comparing.parts();
    let mut changes = comparing.changes;
    for change in &mut changes {
        if change.by.is_none() && change.kind.touches() != Touches::LineEnds {
            change.by = marks::by(&marks, change.kind);
        }
    }
    let before = trail::body(&a);
    let hop = trail::hop(&trail::trail(&b, Some(before)));
    let hop = hop.filter(|_| trail::body(&b) != before);
    Ok(Comparison { version: 1, signed: a.signed().is_some(), changes, hop, marks })
}

/// The differences of two entities that a signature covers: header and all.
pub(super) fn entities(sent: &[u8], received: &[u8], limits: &Limits) -> Result<Vec<Change>, Error> {
    let (a, b) = (Tree::read(sent, limits)?, Tree::read(received, limits)?);
    let region = Region { content: PartPath::root(), container: None };
    let mut comparing = Comparing { a: &a, b: &b, signed: Some(region), whole: false, changes: Vec::new() };
    comparing.parts();
    Ok(comparing.changes)
}

/// What the signature of the sent message covers.
struct Region {
    content: PartPath,
    /// The multipart/signed.
    container: Option<PartPath>,
}

impl Region {
    fn of(tree: &Tree<'_>) -> Option<Self> {
        let container = tree.part(tree.signed()?)?;
        let content = tree.part(*container.children.first()?)?;
        Some(Self { content: content.path.clone(), container: Some(container.path.clone()) })
    }
}

struct Comparing<'t, 'a> {
    a: &'t Tree<'a>,
    b: &'t Tree<'a>,
    signed: Option<Region>,
    /// A letter, whose first header is not part of what is signed.
    whole: bool,
    changes: Vec<Change>,
}

impl Comparing<'_, '_> {
    fn letter_header(&mut self) {
        let (Some(a), Some(b)) = (self.a.parts().first(), self.b.parts().first()) else { return };
        let found = headers::letter(self.a.octets, a, self.b.octets, b);
        self.changes.extend(found);
    }

    fn parts(&mut self) {
        let pairs = Pairs::new(self.a, self.b);
        self.line_ends();
        let mut described = Vec::new();
        for (a, b) in pairs.nodes() {
            if let (Some(a), Some(b)) = (self.a.part(a), self.b.part(b)) {
                self.node(a, b);
                described.push(a.path.clone());
            }
        }
        for (a, b) in pairs.leaves() {
            if let (Some(a), Some(b)) = (self.a.part(a), self.b.part(b)) {
                self.leaf(a, b);
            }
        }
        self.tree_changes(&pairs);
        self.changes
            .sort_by_key(|change| (change.part != PartPath::root(), change.sent.map(|span| span.start)));
        // What belongs to the header of the letter stays in front.
        self.changes
            .sort_by_key(|change| !matches!(change.kind.touches(), Touches::Header | Touches::Identity));
        if self.changes.is_empty() && self.a.octets != self.b.octets {
            self.unnamed();
        }
    }

    /// Once for all of the message, where that is how it differs.
    fn line_ends(&mut self) {
        let (Some(a), Some(b)) = (self.a.parts().first(), self.b.parts().first()) else { return };
        let bare = |part: &Part, tree: &Tree<'_>| {
            part.line_ends.lf > 0 || tree.parts().iter().any(|part| part.line_ends.lf > 0)
        };
        if bare(a, self.a) != bare(b, self.b) {
            let mut change = Change::new(ChangeKind::LineEnds, PartPath::root());
            let name = |bare: bool| if bare { "LF" } else { "CRLF" };
            change.detail = format!("{} → {}", name(bare(a, self.a)), name(bare(b, self.b)));
            self.changes.push(change);
        }
    }

    fn node(&mut self, a: &Part, b: &Part) {
        let same_type = a.media_type.sub == b.media_type.sub && a.media_type.main == b.media_type.main;
        if !same_type {
            let kind = match a.media_type.is("multipart", "signed") {
                true => ChangeKind::SignedTypeChanged,
                false => ChangeKind::ContentTypeChanged,
            };
            let detail = format!("{} → {}", a.media_type, b.media_type);
            self.note(kind, a, Some(b), Difference::new(kind).detail(detail));
        }
        let (old, new) = (a.media_type.parameter("boundary"), b.media_type.parameter("boundary"));
        if old != new {
            let quoted = |name: Option<&str>| name.unwrap_or_default().as_bytes().to_vec();
            let difference = Difference::new(ChangeKind::BoundaryChanged).texts(quoted(old), quoted(new));
            self.note(ChangeKind::BoundaryChanged, a, Some(b), difference);
        }
        self.fields(a, b, !same_type);
        for (old, new, what) in
            [(&a.preamble, &b.preamble, "preamble"), (&a.epilogue, &b.epilogue, "epilogue")]
        {
            let (old, new) = (self.a.slice(old), self.b.slice(new));
            if crlf(old) != crlf(new) {
                let blank = old.trim_ascii() == new.trim_ascii();
                let kind = if blank { ChangeKind::BlankLines } else { ChangeKind::PreambleChanged };
                let difference = Difference::new(kind).texts(old.to_vec(), new.to_vec()).detail(what);
                self.note(kind, a, Some(b), difference);
            }
        }
    }

    fn leaf(&mut self, a: &Part, b: &Part) {
        let (seen, renamed) = body::leaf(self.a, a, self.b, b);
        let encoding = a.encoding != b.encoding;
        for difference in seen {
            let kind = match is_signature(a) && difference.kind.touches() == Touches::Content {
                // Armor may be wrapped anew; what it stands for may not.
                true if self.a.decoded(a).trim_ascii() != self.b.decoded(b).trim_ascii() => {
                    ChangeKind::SignatureAltered
                }
                _ => difference.kind,
            };
            self.note(kind, a, Some(b), difference);
        }
        let found = headers::part(
            &a.header_octets,
            &b.header_octets,
            self.bare(a, b),
            headers::Skip { encoding, media_type: false, charset: renamed },
        );
        for difference in found {
            self.note(difference.kind, a, Some(b), difference);
        }
    }

    fn fields(&mut self, a: &Part, b: &Part, media_type: bool) {
        let skip = headers::Skip { encoding: false, media_type, charset: false };
        for difference in headers::part(&a.header_octets, &b.header_octets, self.bare(a, b), skip) {
            self.note(difference.kind, a, Some(b), difference);
        }
    }

    /// Of the header of a letter only what describes its body.
    fn bare(&self, a: &Part, b: &Part) -> bool {
        self.whole && (a.path == PartPath::root() || b.path == PartPath::root())
    }

    fn tree_changes(&mut self, pairs: &Pairs) {
        for index in pairs.lost_nodes() {
            if let Some(part) = self.a.part(index) {
                let detail = part.media_type.to_string();
                let kind = ChangeKind::MultipartFlattened;
                self.note(kind, part, None, Difference::new(kind).detail(detail));
            }
        }
        for index in pairs.lost_leaves() {
            let Some(part) = self.a.part(index) else { continue };
            let kind =
                if is_signature(part) { ChangeKind::SignatureRemoved } else { ChangeKind::PartRemoved };
            self.note(kind, part, None, Difference::new(kind).detail(part.media_type.to_string()));
        }
        for index in pairs.new_nodes() {
            if let Some(part) = self.b.part(index) {
                self.note_new(ChangeKind::MultipartWrapped, part, self.is_signed_place(index, pairs));
            }
        }
        for index in pairs.new_leaves() {
            let Some(part) = self.b.part(index) else { continue };
            let kind = match part.media_type.sub.as_str() {
                "ms-tnef" | "vnd.ms-tnef" => ChangeKind::TnefMade,
                _ if part.media_type.main == "text" && looks_like_list_footer(&self.b.decoded(part)) => {
                    ChangeKind::FooterAdded
                }
                _ => ChangeKind::PartAdded,
            };
            self.note_new(kind, part, self.is_signed_place(index, pairs));
        }
        if pairs.reordered() {
            let root = self.a.part(0).zip(self.b.part(0));
            if let Some((a, b)) = root {
                let kind = ChangeKind::PartsReordered;
                self.note(kind, a, Some(b), Difference::new(kind));
            }
        }
    }

    /// A new part lies where the signature looks for its content.
    fn is_signed_place(&self, index: usize, pairs: &Pairs) -> bool {
        let inside = pairs.inside(index, self.b).and_then(|at| self.a.part(at)).map(|part| &part.path);
        match (&self.signed, inside) {
            (Some(region), Some(inside)) => {
                region.content.contains(inside) || region.container.as_ref() == Some(inside)
            }
            // A new part in a new part, which was told.
            (Some(_), None) => false,
            (None, inside) => inside.is_some(),
        }
    }

    /// The octets differ, and nothing above says how.
    fn unnamed(&mut self) {
        let (before, after) = body::middle(self.a.octets, self.b.octets);
        let holds = |part: &&Part| {
            let entity = place(&part.entity());
            entity.start <= before.start && before.end <= entity.end
        };
        let innermost = self.a.parts().iter().filter(holds).max_by_key(|part| part.path.numbers().len());
        let (Some(a), Some(b)) = (innermost.or(self.a.part(0)), self.b.part(0)) else { return };
        let mut difference = Difference::new(ChangeKind::Other);
        difference.a = Some(before);
        difference.b = Some(after);
        self.note(ChangeKind::Other, a, Some(b), difference);
    }

    fn note(&mut self, kind: ChangeKind, a: &Part, b: Option<&Part>, found: Difference) {
        let mut change = Change::new(kind, a.path.clone());
        change.detail = found.detail;
        let at = found.a.unwrap_or_else(|| place(&a.entity()));
        let before = found.texts.as_ref().map(|(before, _)| excerpt(before));
        change.before = before.unwrap_or_else(|| excerpt(self.a.octets.get(at.clone()).unwrap_or_default()));
        change.sent = Some(Span::of(self.a.octets, at));
        if let Some(b) = b {
            let at = found.b.unwrap_or_else(|| place(&b.entity()));
            let after = found.texts.as_ref().map(|(_, after)| excerpt(after));
            change.after =
                after.unwrap_or_else(|| excerpt(self.b.octets.get(at.clone()).unwrap_or_default()));
            change.received = Some(Span::of(self.b.octets, at));
        }
        change.breaks = self.breaks(kind, &a.path, b.is_none_or(|b| self.bare(a, b)));
        self.changes.push(change);
    }

    fn note_new(&mut self, kind: ChangeKind, b: &Part, breaks: bool) {
        let mut change = Change::new(kind, b.path.clone());
        change.detail = b.media_type.to_string();
        let at = place(&b.body);
        change.after = excerpt(&self.b.decoded(b));
        change.received = Some(Span::of(self.b.octets, at));
        change.breaks = breaks || kind == ChangeKind::TnefMade;
        self.changes.push(change);
    }

    /// `bare`: of the two headers one belongs to a letter, and so to no signature.
    fn breaks(&self, kind: ChangeKind, part: &PartPath, bare: bool) -> bool {
        let header = matches!(kind, ChangeKind::ContentTypeChanged)
            || kind.as_str().starts_with("part_header_")
            || kind == ChangeKind::BoundaryChanged;
        let covered = match &self.signed {
            Some(region) => region.content.contains(part),
            None => !(header && bare),
        };
        let container = self.signed.as_ref().and_then(|region| region.container.as_ref());
        match kind {
            ChangeKind::SignedTypeChanged | ChangeKind::SignatureRemoved | ChangeKind::SignatureAltered => {
                true
            }
            ChangeKind::MultipartFlattened => covered || container == Some(part),
            ChangeKind::PartsReordered => true,
            _ if matches!(kind.touches(), Touches::Content | Touches::Structure) => covered,
            _ => false,
        }
    }
}

/// In the form that is hashed.
pub(super) fn crlf(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len());
    let mut last = 0;
    for octet in octets {
        if *octet == b'\n' && last != b'\r' {
            out.push(b'\r');
        }
        out.push(*octet);
        last = *octet;
    }
    out
}
