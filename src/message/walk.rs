//! The walk through a letter: from the outside in, without recursion.
//!
//! While signed layers wrap all that is left, they are the Cryptographic Envelope (RFC 9787 §4.4.1); what they wrap is
//! the payload. Layers found further in are errant: they speak for the parts they cover and nothing else.

mod sealed;

use std::ops::Range;

use crate::error::Error;
use crate::input::Source;
use crate::message::Context;
use crate::message::classify::{self, Kind};
use crate::message::frame::{Frame, pair, within};
use crate::message::opened::Payload;
use crate::message::{recipients, verify};
use crate::mime::protected::Protected;
use crate::mime::{Part, PartPath};
use crate::protocol::{Certificate, Checked, Keys};
use crate::report::{
    Code, CompressedLayer, Coverage, Finding, Layer, PartSummary, Protocol, SignedLayer, UncoveredPart,
};
use crate::time::UnixTime;
#[cfg(feature = "smime")]
use crate::x509::RevocationData;

/// What the walk found. Signers are not identified yet.
pub(crate) struct Walked<'a> {
    pub(crate) layers: Vec<Walkedlayer>,
    pub(crate) uncovered: Vec<UncoveredPart>,
    pub(crate) parts: Vec<PartSummary>,
    pub(crate) findings: Vec<Finding>,
    /// None where it stayed encrypted.
    pub(crate) payload: Option<Payload<'a>>,
    pub(crate) payload_part: Option<PartPath>,
    /// The header of the payload, if a layer wraps it.
    pub(crate) inner_header: Option<InnerHeader>,
    /// The header of the letter.
    pub(crate) outer_header: Vec<u8>,
    /// The letter and where in it its header is. None where somebody else took it apart.
    pub(crate) letter: Option<(Source<'a>, Range<u64>)>,
}

/// The fields that a payload has for the letter.
pub(crate) struct InnerHeader {
    pub(crate) part: PartPath,
    pub(crate) octets: Vec<u8>,
    /// Of the letter that the payload is (RFC 8551 §3.1).
    pub(crate) wrapped: bool,
}

/// A layer, with what is needed to say who signed it.
pub(crate) struct Walkedlayer {
    pub(crate) layer: Layer,
    pub(crate) signers: Vec<Option<Certificate>>,
    pub(crate) certificates: Vec<Certificate>,
    #[cfg(feature = "smime")]
    pub(crate) revocations: RevocationData,
}

/// Where a signed layer stands and what it is.
struct Place {
    part: PartPath,
    range: Range<u64>,
    protocol: Protocol,
    envelope: bool,
    opaque: bool,
}

/// A part to look at.
#[derive(Clone, Copy)]
struct Task {
    frame: usize,
    part: usize,
    envelope: bool,
    /// It is inside the part that the caller named, and wraps all that is left of it.
    chosen: bool,
    depth: u32,
    /// Compressed layers around it.
    compressed: u32,
}

/// What is looked for: with which keys, and whether one part is to be opened by its place.
#[derive(Clone, Copy)]
pub(crate) struct Look<'c> {
    pub(crate) cx: &'c Context,
    pub(crate) keys: Keys<'c>,
    pub(crate) part: Option<&'c PartPath>,
    pub(crate) at: UnixTime,
}

impl Task {
    /// A part that this one does not speak for.
    fn beside(self, part: usize) -> Self {
        Self { part, envelope: false, chosen: false, depth: self.depth.saturating_add(1), ..self }
    }

    /// What this one wraps, in a frame of its own.
    fn inside(self, frame: usize) -> Self {
        Self { frame, part: 0, depth: self.depth.saturating_add(1), ..self }
    }
}

impl Walkedlayer {
    /// A layer that nobody signed.
    fn bare(layer: Layer) -> Self {
        Self {
            layer,
            signers: Vec::new(),
            certificates: Vec::new(),
            #[cfg(feature = "smime")]
            revocations: RevocationData::new(),
        }
    }
}

pub(crate) fn walk<'a>(look: Look<'_>, source: Source<'a>) -> Result<Walked<'a>, Error> {
    let mut walk = Walk::new(look);
    walk.start(source, PartPath::root())?;
    walk.run()?;
    walk.finish(None)
}

/// A letter of which somebody else found the signed entity and its signature; `header` is the letter's.
pub(crate) fn walk_pair<'a>(
    look: Look<'_>,
    content: Source<'a>,
    (protocol, checked): (Protocol, Checked),
    header: &[u8],
) -> Result<Walked<'a>, Error> {
    let mut walk = Walk::new(look);
    let covered = PartPath::root().child(1);
    let (part, range) = (PartPath::root(), 0..content.len());
    let place = Place { part, range, protocol, envelope: true, opaque: false };
    walk.signed(place, vec![covered.clone()], checked, Vec::new())?;
    walk.start(content, covered)?;
    walk.run()?;
    Ok(Walked { letter: None, ..walk.finish(Some(header))? })
}

struct Walk<'c, 'a> {
    look: Look<'c>,
    frames: Vec<Frame<'a>>,
    tasks: Vec<Task>,
    layers: Vec<Walkedlayer>,
    /// Of all layers.
    signatures: usize,
    covered: Vec<PartPath>,
    leaves: Vec<(usize, usize)>,
    findings: Vec<Finding>,
    payload: Placed<'a>,
    inner: Option<(usize, usize)>,
    /// The part that the caller named was there.
    named_found: bool,
}

/// Where the payload is.
#[derive(Clone)]
enum Placed<'a> {
    In(usize, PartPath, Range<u64>),
    /// Of an inline block: it has no header.
    Text(PartPath, Source<'a>),
    /// It stayed encrypted.
    Closed,
}

impl<'c, 'a> Walk<'c, 'a> {
    fn new(look: Look<'c>) -> Self {
        Self {
            look,
            frames: Vec::new(),
            tasks: Vec::new(),
            layers: Vec::new(),
            signatures: 0,
            covered: Vec::new(),
            leaves: Vec::new(),
            findings: Vec::new(),
            payload: Placed::Closed,
            inner: None,
            named_found: false,
        }
    }

    /// Takes in the entity that all tasks start from.
    fn start(&mut self, source: Source<'a>, base: PartPath) -> Result<(), Error> {
        self.payload = Placed::In(0, base.clone(), 0..source.len());
        let frame = self.frame(source, base)?;
        self.tasks.push(Task { frame, part: 0, envelope: true, chosen: false, depth: 0, compressed: 0 });
        Ok(())
    }

    fn frame(&mut self, source: Source<'a>, base: PartPath) -> Result<usize, Error> {
        self.frames.push(Frame::read(source, base, &self.frames, self.look.cx.bounds())?);
        Ok(self.frames.len().saturating_sub(1))
    }

    /// The part of a task is going to be read some times.
    fn charge(&mut self, task: Task, times: u64) -> Result<(), Error> {
        let Some(frame) = self.frames.get_mut(task.frame) else { return Ok(()) };
        let end = frame.part(task.part).map_or(0, |part| part.body.end);
        frame.charge(end.saturating_mul(times), self.look.cx.bounds())
    }

    /// Octets of content that may still be held in memory; the letter itself does not count.
    fn room(&self) -> usize {
        let held: usize = self.frames.iter().skip(1).map(Frame::held).sum();
        self.look.cx.bounds().memory_bytes.saturating_sub(held)
    }

    /// Adds a layer, within limits.
    fn layer(&mut self, layer: Walkedlayer) -> Result<(), Error> {
        let limits = self.look.cx.bounds();
        if let Layer::Signed(signed) = &layer.layer {
            self.signatures = self.signatures.saturating_add(signed.signatures.len());
        }
        self.layers.push(layer);
        within(self.layers.len(), limits.layers, "layers")?;
        within(self.signatures, limits.all_signatures, "all_signatures")
    }

    fn run(&mut self) -> Result<(), Error> {
        while let Some(task) = self.tasks.pop() {
            let limit = self.look.cx.bounds().depth;
            if task.depth > limit {
                return Err(Error::Limit { name: "depth", limit: limit.into() });
            }
            self.look.cx.check()?;
            self.step(task)?;
        }
        Ok(())
    }

    fn step(&mut self, task: Task) -> Result<(), Error> {
        let Some((frame, part)) = self.at(task) else { return Ok(()) };
        let kind = classify::kind(&frame.structure, part);
        // What a layer further in wraps comes later, and takes its place.
        if self.leads_to_payload(task) {
            let (path, range) = (frame.path(part), part.entity());
            self.payload = Placed::In(task.frame, path, range);
            self.inner = (!self.layers.is_empty()).then_some((task.frame, task.part));
        }
        match kind {
            Kind::Detached { protocol, clear } => self.detached(task, protocol, clear),
            Kind::Cms => self.cms(task),
            Kind::Encrypted(form) => self.pgp(task, form),
            Kind::Text => self.text(task),
            Kind::Other => {
                self.plain(task);
                Ok(())
            }
        }
    }

    /// A signature beside its content (RFC 1847 §2.1).
    fn detached(&mut self, task: Task, protocol: Protocol, clear: bool) -> Result<(), Error> {
        self.charge(task, 2)?;
        let Some((frame, part)) = self.at(task) else { return Ok(()) };
        let (Some(first), Some(second)) = (part.children.first().copied(), part.children.get(1).copied())
        else {
            return Ok(());
        };
        let (Some(content), Some(signature)) = (frame.part(first), frame.part(second)) else {
            return Ok(());
        };
        let checked =
            verify::detached(self.look.cx, &frame.source, content, signature, protocol, self.look.at)?;
        let (mut findings, path) = (Vec::new(), frame.path(part));
        if !clear || (repaired(&checked) && frame.has_binary(content)) {
            findings.push(Finding::new(Code::AmbiguousStructure, path.clone()));
        }
        if micalg_differs(part, &checked) {
            findings.push(Finding::new(Code::MicalgMismatch, path.clone()));
        }
        extra(part, &path, &mut findings);
        if content.eight_bit {
            findings.push(Finding::new(Code::EightBit, frame.path(content)));
        }
        let envelope = task.envelope && clear;
        let covered = frame.path(content);
        let rest: Vec<usize> = part.children.iter().skip(2).copied().collect();
        let place = Place { part: path, range: part.entity(), protocol, envelope, opaque: false };
        self.signed(place, vec![covered], checked, findings)?;
        for part in rest.into_iter().rev() {
            self.tasks.push(task.beside(part));
        }
        self.tasks.push(Task { part: first, envelope, depth: task.depth.saturating_add(1), ..task });
        Ok(())
    }

    /// A CMS structure as a part of its own (RFC 8551 §3.2).
    fn cms(&mut self, task: Task) -> Result<(), Error> {
        self.charge(task, 2)?;
        let room = self.room();
        let Some((frame, part)) = self.at(task) else { return Ok(()) };
        let (path, clear) = (frame.path(part), classify::readable(part));
        let envelope = task.envelope && clear;
        let protocol = Protocol::Smime;
        let place = Place { part: path.clone(), range: part.entity(), protocol, envelope, opaque: true };
        match verify::cms(self.look.cx, &frame.source, part, room, self.look.at)? {
            verify::Cms::Signed { checked, content, mut findings } => {
                let covered = path.child(1);
                findings.iter_mut().for_each(|finding| finding.part = path.clone());
                findings.extend((!clear).then(|| Finding::new(Code::AmbiguousStructure, path)));
                let inner = self.frame(content, covered.clone())?;
                self.signed(place, vec![covered], checked, findings)?;
                self.tasks.push(Task { envelope, ..task.inside(inner) });
            }
            verify::Cms::Encrypted => {
                self.encrypted(task, sealed::Sealed { protocol, body: task.part, clear, repaired: false })?;
            }
            verify::Cms::Compressed { content, mut findings } => {
                findings.iter_mut().for_each(|finding| finding.part = path.clone());
                findings.push(Finding::new(Code::Compressed, path.clone()));
                findings.extend((!clear).then(|| Finding::new(Code::AmbiguousStructure, path.clone())));
                let compressed = task.compressed.saturating_add(1);
                let limit = self.look.cx.bounds().compressions;
                if compressed > limit {
                    return Err(Error::Limit { name: "compressions", limit: limit.into() });
                }
                let inner = self.frame(content, path.child(1))?;
                let layer = CompressedLayer { part: path, range: pair(&place.range), envelope, findings };
                self.layer(Walkedlayer::bare(Layer::Compressed(layer)))?;
                self.tasks.push(Task { envelope, compressed, ..task.inside(inner) });
            }
            verify::Cms::Broken(why) => {
                self.findings.push(Finding::new(Code::TypeMismatch, path).with_detail(why));
                self.leaf(task);
            }
            verify::Cms::CertificatesOnly => {
                self.findings.push(Finding::new(Code::CertificatesOnly, path));
                self.leaf(task);
            }
            verify::Cms::Unreadable(checked) => {
                self.signed(place, Vec::new(), checked, Vec::new())?;
                self.leaf(task);
            }
            verify::Cms::Foreign => self.leaf(task),
        }
        Ok(())
    }

    /// Text may hold inline OpenPGP, which speaks for itself only (R-B11).
    fn text(&mut self, task: Task) -> Result<(), Error> {
        self.charge(task, 1)?;
        let Some((frame, part)) = self.at(task) else { return Ok(()) };
        let blocks = verify::inline(self.look.cx, &frame.source, part, self.look.at)?;
        let (part, range) = (frame.path(part), part.entity());
        if !blocks.is_empty() && blocks.iter().all(verify::Inline::covers) {
            self.covered.push(part.clone());
        }
        let mut first = true;
        for block in blocks {
            let Some(checked) = block.checked else {
                self.inline_encrypted(task, first)?;
                first = false;
                continue;
            };
            let (part, range, protocol) = (part.clone(), range.clone(), Protocol::Openpgp);
            let place = Place { part: part.clone(), range, protocol, envelope: false, opaque: true };
            self.signed(place, vec![part], checked, Vec::new())?;
        }
        self.leaf(task);
        Ok(())
    }

    fn plain(&mut self, task: Task) {
        let Some((_, part)) = self.at(task) else { return };
        if part.children.is_empty() {
            return self.leaf(task);
        }
        let children = part.children.clone();
        for part in children.into_iter().rev() {
            self.tasks.push(task.beside(part));
        }
    }

    fn leaf(&mut self, task: Task) {
        self.leaves.push((task.frame, task.part));
    }

    /// Adds a signed layer; `parts` are those it covers if any of its signatures holds.
    fn signed(
        &mut self,
        place: Place,
        parts: Vec<PartPath>,
        checked: Checked,
        mut findings: Vec<Finding>,
    ) -> Result<(), Error> {
        let Place { part, range, protocol, envelope, opaque } = place;
        let holds = checked.holds();
        let inline = checked.findings.iter().any(|finding| finding.code == Code::InlineSignature);
        if holds && !inline {
            self.covered.extend(parts.iter().cloned());
        }
        let covers = match (holds, envelope) {
            (false, _) => Coverage::Nothing,
            (true, true) => Coverage::Whole { parts },
            (true, false) => Coverage::Partial { parts },
        };
        let here = |finding: Finding| Finding { part: part.clone(), ..finding };
        findings.extend(checked.findings.into_iter().map(here));
        if checked.signatures.is_empty() {
            findings.push(Finding::new(Code::NoSigners, part.clone()));
        }
        let (mut signatures, mut signers) = (Vec::new(), Vec::new());
        for mut entry in checked.signatures {
            entry.signature.findings.iter_mut().for_each(|finding| finding.part = part.clone());
            signatures.push(entry.signature);
            signers.push(entry.certificate);
        }
        // Where nobody signed, nobody asks for issuers.
        let certificates = if signers.is_empty() { Vec::new() } else { checked.certificates };
        let range = pair(&range);
        let layer = SignedLayer { part, range, protocol, envelope, opaque, covers, signatures, findings };
        self.layer(Walkedlayer {
            layer: Layer::Signed(layer),
            signers,
            certificates,
            #[cfg(feature = "smime")]
            revocations: checked.revocations,
        })
    }

    fn at(&self, task: Task) -> Option<(&Frame<'a>, &Part)> {
        let frame = self.frames.get(task.frame)?;
        Some((frame, frame.part(task.part)?))
    }

    /// `header` is the letter's, where somebody else took it apart.
    fn finish(mut self, header: Option<&[u8]>) -> Result<Walked<'a>, Error> {
        if self.look.part.is_some() && !self.named_found {
            return Err(Error::misuse("there is no encrypted part at that place"));
        }
        let any_signed = self.layers.iter().any(|entry| matches!(entry.layer, Layer::Signed(_)));
        let uncovered = if any_signed { self.uncovered()? } else { Vec::new() };
        let mut parts: Vec<PartSummary> = self.frames.iter().flat_map(Frame::summaries).collect();
        self.legacy_displays(&mut parts)?;
        let first = self.frames.first();
        let own = || first.and_then(|frame| Some(frame.part(0)?.header_octets.clone()));
        let outer_header = header.map(<[u8]>::to_vec).or_else(own).unwrap_or_default();
        let inner_header = self.inner.and_then(|(frame, part)| {
            let frame = self.frames.get(frame)?;
            inner_header(frame, frame.part(part)?, &outer_header)
        });
        let letter =
            first.and_then(|frame| Some((frame.source.clone(), frame.structure.root()?.header.clone())));
        let (payload_part, payload) = match self.payload.clone() {
            Placed::In(frame, part, range) => {
                let source = self.frames.get(frame).map(|frame| frame.source.clone());
                (Some(part), source.map(|source| Payload { source, range }))
            }
            Placed::Text(part, source) => {
                let range = 0..source.len();
                (Some(part), Some(Payload { source, range }))
            }
            Placed::Closed => (None, None),
        };
        Ok(Walked {
            payload_part,
            uncovered,
            parts,
            payload,
            inner_header,
            outer_header,
            letter,
            layers: self.layers,
            findings: self.findings,
        })
    }

    /// Says where the payload of an encrypted letter repeats its header.
    fn legacy_displays(&mut self, parts: &mut [PartSummary]) -> Result<(), Error> {
        let sealed = |entry: &Walkedlayer| recipients::is_unsealed(&entry.layer);
        let Some((number, payload)) = self.inner.filter(|_| self.layers.iter().any(sealed)) else {
            return Ok(());
        };
        let limits = self.look.cx.bounds();
        let Some(frame) = self.frames.get_mut(number) else { return Ok(()) };
        for (path, ranges) in frame.legacy_displays(payload, limits)? {
            if let Some(part) = parts.iter_mut().find(|part| part.part == path) {
                part.legacy_display = ranges;
            }
        }
        Ok(())
    }

    fn uncovered(&mut self) -> Result<Vec<UncoveredPart>, Error> {
        let mut uncovered = Vec::new();
        for (frame, part) in std::mem::take(&mut self.leaves) {
            let Some(frame) = self.frames.get_mut(frame) else { continue };
            let Some(path) = frame.part(part).map(|part| frame.path(part)) else { continue };
            if !self.covered.iter().any(|covered| covered.contains(&path)) {
                uncovered.extend(frame.uncovered(part, self.look.cx.bounds())?);
            }
        }
        Ok(uncovered)
    }
}

/// That of the payload, or of the letter it is.
fn inner_header(frame: &Frame<'_>, payload: &Part, outer: &[u8]) -> Option<InnerHeader> {
    let child = payload.children.first().and_then(|child| frame.part(*child));
    let child = child.filter(|child| Protected::is_wrapped(payload, child, outer));
    let part = child.unwrap_or(payload);
    let (path, octets) = (frame.path(part), part.header_octets.clone());
    Some(InnerHeader { part: path, octets, wrapped: child.is_some() })
}

/// Text before or after the parts of a signed multipart is shown by no reader, and signed by nobody.
fn extra(part: &Part, path: &PartPath, findings: &mut Vec<Finding>) {
    if !part.preamble.is_empty() || !part.epilogue.is_empty() {
        findings.push(Finding::new(Code::UnsignedExtra, path.clone()));
    }
}

/// A signature fits the content with other line ends only. In a binary part there are none: what looks like them is
/// data, and other data is what was signed.
fn repaired(checked: &Checked) -> bool {
    let mut findings = checked.signatures.iter().flat_map(|entry| &entry.signature.findings);
    findings.any(|finding| finding.code == Code::LineEndsRepaired)
}

fn micalg_differs(part: &Part, checked: &Checked) -> bool {
    let Some(said) = part.media_type.parameter("micalg") else { return false };
    let plain = |name: &str| name.to_ascii_lowercase().replace(['-', '_'], "");
    let said: Vec<String> = said.split(',').map(|name| plain(name.trim())).collect();
    !checked.micalg.is_empty() && !checked.micalg.iter().any(|used| said.contains(&plain(used)))
}
