//! Finding out what was done to one message.
//!
//! ```text
//! signature part ─► does it hold over its own attributes? ─no─► signature broken
//!        │ yes, or cannot be told apart
//!        ▼
//! content as it lies there ─► undone, in many ways ─► does the signature fit? ─yes─► name what differs
//!                                                             └─ never ─► suspects, proved by nothing
//! ```

use std::ops::Range;

use crate::doctor::compare;
use crate::doctor::diagnosis::{Diagnosis, Outcome, SignatureState};
use crate::doctor::probe::Probe;
use crate::doctor::tree::{Tree, is_signature, place};
use crate::doctor::{marks, reader, suspects, trail, undo};
use crate::error::Error;
use crate::input::Input;
use crate::message::{Context, Opener};
use crate::mime::Part;
use crate::report::{Change, ChangeKind, Integrity, Protocol, Span};
use crate::time::UnixTime;

/// Looks at the first detached signature of a message, from the outside, and for what was done to its content.
///
/// The message is held in memory; one that is larger than [`memory_bytes`](crate::Limits::memory_bytes) is an error, like
/// all that could not be looked at. How much is tried, `diagnosis_candidates` and `diagnosis_bytes` bound.
///
/// See [`Diagnosis`].
pub fn diagnose<'a>(
    cx: &Context,
    input: impl Into<Input<'a>>,
    at: impl Into<UnixTime>,
) -> Result<Diagnosis, Error> {
    let (at, limits) = (at.into(), cx.bounds());
    let source = input.into().load(limits)?;
    let cx = &*cx.reading(&source);
    let octets = source.read(0..source.len(), limits.memory_bytes, "memory_bytes")?;
    let tree = Tree::read(&octets, limits)?;
    let mut found = Diagnosis {
        version: 1,
        outcome: Outcome::NotSigned,
        signature: SignatureState::Unknown,
        protocol: None,
        part: None,
        signer: None,
        changes: Vec::new(),
        suspected: Vec::new(),
        hop: None,
        trail: trail::trail(&tree, None),
        marks: marks::marks(&tree),
        tried: 0,
        exhausted: false,
    };
    found.hop = trail::hop(&found.trail);
    match Site::find(&tree) {
        Some(site) => Looking { cx, at, tree: &tree, site }.run(&mut found)?,
        None => whole(cx, &tree, at, &mut found)?,
    }
    for change in found.changes.iter_mut().chain(&mut found.suspected) {
        if change.by.is_none() {
            change.by = marks::by(&found.marks, change.kind);
        }
    }
    Ok(found)
}

/// No detached signature: what others say of the letter. What they hold inside is not undone.
fn whole(cx: &Context, tree: &Tree<'_>, at: UnixTime, found: &mut Diagnosis) -> Result<(), Error> {
    found.suspected = suspects::without_signature(tree);
    let report = Opener::new(cx).open(tree.octets, at)?.report;
    let Some(layer) = report.signed_layers().next() else {
        return Ok(());
    };
    found.protocol = Some(layer.protocol);
    found.part = Some(layer.part.clone());
    let best = layer.signatures.iter().map(|one| one.integrity).min_by_key(|one| !one.holds());
    found.outcome = match best {
        Some(integrity) if integrity.holds() => Outcome::Intact,
        Some(Integrity::Unverified) => Outcome::Untested,
        _ => Outcome::Unexplained,
    };
    Ok(())
}

/// A signature part, and what it may be about.
struct Site {
    protocol: Protocol,
    signature: usize,
    container: usize,
    /// Parts before it in its multipart.
    contents: Vec<usize>,
}

impl Site {
    fn find(tree: &Tree<'_>) -> Option<Self> {
        let site = |(index, part): (usize, &Part)| {
            let protocol = protocol(part)?;
            let container = part.parent?;
            let siblings = &tree.part(container)?.children;
            let contents: Vec<usize> = siblings.iter().copied().take_while(|one| *one != index).collect();
            (!contents.is_empty()).then_some(Self { protocol, signature: index, container, contents })
        };
        let mut sites: Vec<Self> = tree.parts().iter().enumerate().filter_map(site).collect();
        sites.sort_by_key(|site| tree.part(site.signature).map(|part| part.path.numbers().len()));
        sites.into_iter().next()
    }
}

fn protocol(part: &Part) -> Option<Protocol> {
    let name = part.file_name().unwrap_or_default().to_ascii_lowercase();
    let openpgp = part.media_type.sub == "pgp-signature";
    match is_signature(part) {
        true if openpgp => Some(Protocol::Openpgp),
        true => Some(Protocol::Smime),
        // What is left of the type where a gateway did not know it.
        false if !part.children.is_empty() => None,
        false if name == "smime.p7s" => Some(Protocol::Smime),
        false if name == "signature.asc" || name == "openpgp_digital_signature.asc" => {
            Some(Protocol::Openpgp)
        }
        false => None,
    }
}

struct Looking<'c, 't, 'a> {
    cx: &'c Context,
    at: UnixTime,
    tree: &'t Tree<'a>,
    site: Site,
}

impl Looking<'_, '_, '_> {
    fn run(&self, found: &mut Diagnosis) -> Result<(), Error> {
        let Some(signature) = self.tree.part(self.site.signature) else { return Ok(()) };
        found.protocol = Some(self.site.protocol);
        let octets = self.tree.decoded(signature);
        if octets.len() > self.cx.bounds().signature_bytes {
            let limit = u64::try_from(self.cx.bounds().signature_bytes).unwrap_or(u64::MAX);
            return Err(Error::Limit { name: "signature_bytes", limit });
        }
        let mut probe = Probe::new(self.cx, self.site.protocol, octets, self.at)?;
        found.signature = match probe.attributes {
            Some(true) => SignatureState::Holds,
            Some(false) => SignatureState::Broken,
            None => SignatureState::Unknown,
        };
        let done = self.as_it_lies(&mut probe, found)?;
        if !done {
            self.search(&mut probe, found)?;
        }
        found.tried = probe.tried();
        found.exhausted = probe.exhausted;
        Ok(())
    }

    /// Whether something can be said without undoing anything.
    fn as_it_lies(&self, probe: &mut Probe<'_>, found: &mut Diagnosis) -> Result<bool, Error> {
        let mut verdict = None;
        for index in &self.site.contents {
            let Some(content) = self.tree.part(*index) else { continue };
            let seen = probe.look(self.tree.slice(&content.entity()))?;
            found.part.get_or_insert_with(|| content.path.clone());
            found.signer = found.signer.take().or_else(|| seen.certificate?.name(self.at));
            if seen.integrity.holds() {
                found.part = Some(content.path.clone());
                found.changes = self.around(*index);
                if seen.line_ends {
                    found.changes.push(line_ends(content));
                }
                let more = self.tree.part(self.site.container).is_some_and(|part| part.children.len() > 2);
                found.outcome = match self.is_signed() && !more {
                    true => Outcome::Intact,
                    false => outcome(&found.changes),
                };
                return Ok(true);
            }
            verdict.get_or_insert(seen.integrity);
        }
        found.outcome = match (found.signature, verdict) {
            (SignatureState::Broken, _) => Outcome::SignatureBroken,
            (_, Some(Integrity::Altered)) => Outcome::Unexplained,
            (_, Some(Integrity::Unverified) | None) => Outcome::Untested,
            _ => Outcome::SignatureBroken,
        };
        Ok(found.outcome != Outcome::Unexplained)
    }

    fn search(&self, probe: &mut Probe<'_>, found: &mut Diagnosis) -> Result<(), Error> {
        for index in &self.site.contents {
            let Some(content) = self.tree.part(*index) else { continue };
            let received = self.tree.slice(&content.entity());
            let Some(signed) = undo::search(received, probe, self.cx.bounds())? else { continue };
            found.part = Some(content.path.clone());
            found.changes = self.around(*index);
            found.changes.extend(compare::entities(&signed, received, self.cx.bounds())?);
            if outcome(&found.changes) == Outcome::Explained {
                found.changes.extend(reader::otherwise(&signed, received, self.cx.bounds())?);
            }
            found.outcome = outcome(&found.changes);
            self.date(&signed, place(&content.entity()), found);
            return Ok(());
        }
        found.suspected = suspects::suspects(self.tree, &found.marks);
        Ok(())
    }

    fn is_signed(&self) -> bool {
        let container = self.tree.part(self.site.container);
        container.is_some_and(|part| part.media_type.is("multipart", "signed"))
    }

    /// What became of the multipart around.
    fn around(&self, content: usize) -> Vec<Change> {
        let Some(container) = self.tree.part(self.site.container) else { return Vec::new() };
        let mut changes = Vec::new();
        if !self.is_signed() {
            let mut change = Change::new(ChangeKind::SignedTypeChanged, container.path.clone());
            change.detail = format!("multipart/signed → {}", container.media_type);
            change.breaks = true;
            changes.push(change);
        }
        changes.extend(self.shown_signature());
        let above = std::iter::successors(Some(container), |part| self.tree.part(part.parent?));
        let signature = self.tree.part(self.site.signature);
        changes.extend(above.chain(signature).filter_map(reader::ambiguous));
        let own = [content, self.site.signature].map(|index| self.tree.part(index).map(|part| &part.path));
        let is_own = |part: &Part| own.iter().flatten().any(|path| path.contains(&part.path));
        let others = self.tree.leaves().into_iter().filter_map(|index| self.tree.part(index));
        for other in others.filter(|part| !is_own(part)) {
            let text = other.media_type.main == "text";
            let footer = text && crate::mime::looks_like_list_footer(&self.tree.decoded(other));
            let kind = if footer { ChangeKind::FooterAdded } else { ChangeKind::PartAdded };
            let mut change = Change::new(kind, other.path.clone());
            change.detail = other.media_type.to_string();
            change.received = Some(Span::of(self.tree.octets, place(&other.body)));
            change.after = crate::doctor::tree::excerpt(&self.tree.decoded(other));
            changes.push(change);
        }
        changes
    }

    /// A signature is no text: where it has become one, readers show it, with whatever else is in it.
    fn shown_signature(&self) -> Option<Change> {
        let part =
            self.tree.part(self.site.signature).filter(|part| part.media_type.main != "application")?;
        let mut change = Change::new(ChangeKind::ContentTypeChanged, part.path.clone());
        change.detail = part.media_type.to_string();
        change.received = Some(Span::of(self.tree.octets, place(&part.body)));
        change.after = crate::doctor::tree::excerpt(&self.tree.decoded(part));
        change.breaks = true;
        Some(change)
    }

    /// With what was signed, body hashes of the way tell more.
    fn date(&self, signed: &[u8], at: Range<usize>, found: &mut Diagnosis) {
        let octets = self.tree.octets;
        let earlier =
            [octets.get(..at.start).unwrap_or_default(), signed, octets.get(at.end..).unwrap_or_default()]
                .concat();
        let body = self.tree.parts().first().map(|root| place(&root.body).start).unwrap_or_default();
        found.trail = trail::trail(self.tree, Some(earlier.get(body..).unwrap_or_default()));
        found.hop = trail::hop(&found.trail);
    }
}

fn line_ends(content: &Part) -> Change {
    let mut change = Change::new(ChangeKind::LineEnds, content.path.clone());
    change.detail = "CRLF → LF".to_owned();
    change
}

/// Whether a reader sees what was signed, and that alone.
fn outcome(changes: &[Change]) -> Outcome {
    if changes.iter().all(is_of_form) { Outcome::Explained } else { Outcome::Mixed }
}

/// A change of form: what a reader sees stays what it was.
fn is_of_form(change: &Change) -> bool {
    use ChangeKind::*;
    match change.kind {
        LineEnds
        | TrailingBlanks
        | BlankLines
        | Whitespace
        | FromEscaping
        | DotStuffing
        | QuotedPrintableRewritten
        | Base64Rewritten
        | EightBitDowngraded
        | EncodingChanged
        | CharsetChanged
        | UnicodeNormalised
        | BoundaryChanged
        | PartHeaderRefolded
        | PartHeaderReordered => true,
        // Within a word it makes other words, and in HTML other markup.
        LinesWrapped => change.detail.is_empty(),
        // Of other multiparts not all parts are shown, or not as they are.
        SignedTypeChanged => change.detail.ends_with(" multipart/mixed"),
        // What says how a part is read is not form, nor are fields that people read: protected ones (RFC 9788), and
        // those of a letter inside.
        PartHeaderAdded | PartHeaderRemoved | PartHeaderChanged => {
            let name = change.detail.to_ascii_lowercase();
            name.starts_with("x-") || matches!(name.as_str(), "mime-version" | "content-transfer-encoding")
        }
        _ => false,
    }
}
