//! The walk through a letter: from the outside in, without recursion.
//!
//! While signed layers wrap all that is left, they are the Cryptographic Envelope (RFC 9787 §4.4.1); what they wrap is
//! the payload. Layers found further in are errant: they speak for the parts they cover and nothing else.

use std::ops::Range;

use crate::error::Error;
use crate::input::Source;
use crate::message::Context;
use crate::message::classify::{self, Kind};
use crate::message::opened::Payload;
use crate::message::verify;
use crate::mime::{Part, PartPath, Structure};
use crate::protocol::{Certificate, Checked};
use crate::report::{
    Code, Coverage, EncryptedLayer, Finding, Layer, LooksLike, PartSummary, Protocol, SignedLayer,
    UncoveredPart,
};
use crate::time::UnixTime;

/// What the walk found. Signers are not identified yet.
pub(crate) struct Walked<'a> {
    pub(crate) layers: Vec<Walkedlayer>,
    pub(crate) uncovered: Vec<UncoveredPart>,
    pub(crate) parts: Vec<PartSummary>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) payload: Payload<'a>,
    /// The header of the payload, if a layer wraps it.
    pub(crate) inner_header: Option<Vec<u8>>,
    /// The header of the letter.
    pub(crate) outer_header: Vec<u8>,
}

/// A layer, with what is needed to say who signed it.
pub(crate) struct Walkedlayer {
    pub(crate) layer: Layer,
    pub(crate) signers: Vec<Option<Certificate>>,
    pub(crate) certificates: Vec<Certificate>,
}

/// Octets and the parts in them: the letter, or the content of an opaque layer.
struct Frame<'a> {
    source: Source<'a>,
    structure: Structure,
    base: PartPath,
}

/// A part to look at.
#[derive(Clone, Copy)]
struct Task {
    frame: usize,
    part: usize,
    envelope: bool,
    depth: u32,
}

pub(crate) fn walk<'a>(cx: &Context, source: Source<'a>, at: UnixTime) -> Result<Walked<'a>, Error> {
    let mut walk = Walk::new(cx, source, at)?;
    walk.run()?;
    Ok(walk.finish())
}

struct Walk<'c, 'a> {
    cx: &'c Context,
    at: UnixTime,
    frames: Vec<Frame<'a>>,
    tasks: Vec<Task>,
    layers: Vec<Walkedlayer>,
    covered: Vec<PartPath>,
    leaves: Vec<(usize, usize)>,
    findings: Vec<Finding>,
    payload: (usize, Range<u64>),
    inner: Option<(usize, usize)>,
}

impl<'c, 'a> Walk<'c, 'a> {
    fn new(cx: &'c Context, source: Source<'a>, at: UnixTime) -> Result<Self, Error> {
        let mut walk = Self {
            cx,
            at,
            frames: Vec::new(),
            tasks: Vec::new(),
            layers: Vec::new(),
            covered: Vec::new(),
            leaves: Vec::new(),
            findings: Vec::new(),
            payload: (0, 0..source.len()),
            inner: None,
        };
        let root = walk.frame(source, PartPath::root())?;
        walk.tasks.push(Task { frame: root, part: 0, envelope: true, depth: 0 });
        Ok(walk)
    }

    fn frame(&mut self, source: Source<'a>, base: PartPath) -> Result<usize, Error> {
        let structure = Structure::read(&mut *source.reader(0..source.len())?, self.cx.bounds())?;
        let parts: usize = self.frames.iter().map(|frame| frame.structure.parts.len()).sum();
        let limit = self.cx.bounds().parts;
        if parts.saturating_add(structure.parts.len()) > limit {
            return Err(Error::Limit { name: "parts", limit: u64::try_from(limit).unwrap_or(u64::MAX) });
        }
        self.frames.push(Frame { source, structure, base });
        Ok(self.frames.len().saturating_sub(1))
    }

    fn run(&mut self) -> Result<(), Error> {
        while let Some(task) = self.tasks.pop() {
            let limit = self.cx.bounds().depth;
            if task.depth > limit {
                return Err(Error::Limit { name: "depth", limit: limit.into() });
            }
            self.step(task)?;
        }
        Ok(())
    }

    fn step(&mut self, task: Task) -> Result<(), Error> {
        let Some((frame, part)) = self.at(task) else { return Ok(()) };
        let kind = classify::kind(&frame.structure, part);
        if task.envelope && !matches!(kind, Kind::Detached { clear: true, .. } | Kind::Cms) {
            self.payload = (task.frame, part.entity());
            self.inner = (!self.layers.is_empty()).then_some((task.frame, task.part));
        }
        match kind {
            Kind::Detached { protocol, clear } => self.detached(task, protocol, clear),
            Kind::Cms => self.cms(task),
            Kind::Encrypted(protocol) => {
                self.encrypted(task, protocol);
                Ok(())
            }
            Kind::Text => self.text(task),
            Kind::Other => {
                self.plain(task);
                Ok(())
            }
        }
    }

    /// A signature beside its content (RFC 1847 §2.1).
    fn detached(&mut self, task: Task, protocol: Protocol, clear: bool) -> Result<(), Error> {
        let Some((frame, part)) = self.at(task) else { return Ok(()) };
        let (Some(first), Some(second)) = (part.children.first().copied(), part.children.get(1).copied())
        else {
            return Ok(());
        };
        let (Some(content), Some(signature)) = (child(frame, first), child(frame, second)) else {
            return Ok(());
        };
        let checked = verify::detached(self.cx, &frame.source, content, signature, protocol, self.at)?;
        let mut findings = Vec::new();
        let path = frame.path(part);
        if !clear {
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
        let place = (path, part.entity());
        self.signed(place, protocol, envelope, false, vec![covered], checked, findings);
        for part in rest.into_iter().rev() {
            self.tasks.push(Task { part, envelope: false, depth: task.depth.saturating_add(1), ..task });
        }
        self.tasks.push(Task { part: first, envelope, depth: task.depth.saturating_add(1), ..task });
        Ok(())
    }

    /// A CMS structure as a part of its own (RFC 8551 §3.2).
    fn cms(&mut self, task: Task) -> Result<(), Error> {
        let Some((frame, part)) = self.at(task) else { return Ok(()) };
        let path = frame.path(part);
        let place = (path.clone(), part.entity());
        match verify::cms(self.cx, &frame.source, part, self.at)? {
            verify::Cms::Signed { checked, content, mut findings } => {
                let covered = path.child(1);
                let envelope = task.envelope;
                for finding in &mut findings {
                    finding.part = path.clone();
                }
                let inner = self.frame(content, covered.clone())?;
                self.signed(place, Protocol::Smime, envelope, true, vec![covered], checked, findings);
                self.tasks.push(Task {
                    frame: inner,
                    part: 0,
                    envelope,
                    depth: task.depth.saturating_add(1),
                });
            }
            verify::Cms::Encrypted => self.encrypted(task, Protocol::Smime),
            verify::Cms::CertificatesOnly => {
                self.findings.push(Finding::new(Code::CertificatesOnly, path));
                self.leaf(task);
            }
            verify::Cms::Unreadable(checked) => {
                self.signed(place, Protocol::Smime, task.envelope, true, Vec::new(), checked, Vec::new());
                self.leaf(task);
            }
            verify::Cms::Foreign => self.leaf(task),
        }
        Ok(())
    }

    /// Text may hold inline OpenPGP, which speaks for itself only (R-B11).
    fn text(&mut self, task: Task) -> Result<(), Error> {
        let Some((frame, part)) = self.at(task) else { return Ok(()) };
        let (path, range) = (frame.path(part), part.entity());
        for block in verify::inline(self.cx, &frame.source, part, self.at)? {
            match block {
                verify::Inline::Encrypted => self.encrypted(task, Protocol::Openpgp),
                verify::Inline::Signed { checked, covered } => {
                    let place = (path.clone(), range.clone());
                    if covered && checked.holds() {
                        self.covered.push(path.clone());
                    }
                    self.signed(
                        place,
                        Protocol::Openpgp,
                        false,
                        true,
                        vec![path.clone()],
                        checked,
                        Vec::new(),
                    );
                }
            }
        }
        self.leaf(task);
        Ok(())
    }

    fn encrypted(&mut self, task: Task, protocol: Protocol) {
        let Some((frame, part)) = self.at(task) else { return };
        let part_path = frame.path(part);
        let layer = EncryptedLayer {
            part: part_path.clone(),
            range: pair(&part.entity()),
            protocol,
            envelope: task.envelope,
            findings: vec![Finding::new(Code::NotDecrypted, part_path)],
        };
        self.layers.push(Walkedlayer {
            layer: Layer::Encrypted(layer),
            signers: Vec::new(),
            certificates: Vec::new(),
        });
    }

    fn plain(&mut self, task: Task) {
        let Some((_, part)) = self.at(task) else { return };
        if part.children.is_empty() {
            return self.leaf(task);
        }
        let children = part.children.clone();
        for part in children.into_iter().rev() {
            self.tasks.push(Task { part, envelope: false, depth: task.depth.saturating_add(1), ..task });
        }
    }

    fn leaf(&mut self, task: Task) {
        self.leaves.push((task.frame, task.part));
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of one layer")]
    fn signed(
        &mut self,
        (part, range): (PartPath, Range<u64>),
        protocol: Protocol,
        envelope: bool,
        opaque: bool,
        parts: Vec<PartPath>,
        checked: Checked,
        mut findings: Vec<Finding>,
    ) {
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
        findings
            .extend(checked.findings.into_iter().map(|finding| Finding { part: part.clone(), ..finding }));
        if checked.signatures.is_empty() {
            findings.push(Finding::new(Code::NoSigners, part.clone()));
        }
        let mut signatures = Vec::new();
        let mut signers = Vec::new();
        for mut entry in checked.signatures {
            for finding in &mut entry.signature.findings {
                finding.part = part.clone();
            }
            signatures.push(entry.signature);
            signers.push(entry.certificate);
        }
        let range = pair(&range);
        let layer = SignedLayer { part, range, protocol, envelope, opaque, covers, signatures, findings };
        self.layers.push(Walkedlayer {
            layer: Layer::Signed(layer),
            signers,
            certificates: checked.certificates,
        });
    }

    fn at(&self, task: Task) -> Option<(&Frame<'a>, &Part)> {
        let frame = self.frames.get(task.frame)?;
        Some((frame, frame.structure.parts.get(task.part)?))
    }

    fn finish(self) -> Walked<'a> {
        let header = |(frame, part): (usize, usize)| {
            let part = self.frames.get(frame)?.structure.parts.get(part)?;
            Some(part.header_octets.clone())
        };
        let uncovered = if self.layers.iter().any(|entry| matches!(entry.layer, Layer::Signed(_))) {
            self.uncovered()
        } else {
            Vec::new()
        };
        let (frame, range) = self.payload.clone();
        let source = self.frames.get(frame).map(|frame| frame.source.clone());
        Walked {
            uncovered,
            parts: self.frames.iter().flat_map(summaries).collect(),
            payload: Payload { source: source.unwrap_or_else(|| Source::memory(Vec::new())), range },
            inner_header: self.inner.and_then(header),
            outer_header: header((0, 0)).unwrap_or_default(),
            layers: self.layers,
            findings: self.findings,
        }
    }

    fn uncovered(&self) -> Vec<UncoveredPart> {
        let leaves = self.leaves.iter().filter_map(|(frame, part)| {
            let frame = self.frames.get(*frame)?;
            Some((frame, frame.structure.parts.get(*part)?))
        });
        leaves
            .filter(|(frame, part)| !self.covered.iter().any(|covered| covered.contains(&frame.path(part))))
            .map(|(frame, part)| UncoveredPart {
                part: frame.path(part),
                media_type: part.media_type.to_string(),
                lines: part.lines,
                looks_like: looks_like(frame, part),
            })
            .collect()
    }
}

impl Frame<'_> {
    fn path(&self, part: &Part) -> PartPath {
        self.base.join(&part.path)
    }
}

fn child<'f>(frame: &'f Frame<'_>, index: usize) -> Option<&'f Part> {
    frame.structure.parts.get(index)
}

fn summaries<'f>(frame: &'f Frame<'_>) -> impl Iterator<Item = PartSummary> + 'f {
    frame.structure.parts.iter().map(|part| PartSummary {
        part: frame.path(part),
        media_type: part.media_type.to_string(),
        range: pair(&part.entity()),
        body: part.body.start,
        lines: part.lines,
    })
}

fn pair(range: &Range<u64>) -> (u64, u64) {
    (range.start, range.end)
}

/// Text before or after the parts of a signed multipart is shown by no reader, and signed by nobody.
fn extra(part: &Part, path: &PartPath, findings: &mut Vec<Finding>) {
    if !part.preamble.is_empty() || !part.epilogue.is_empty() {
        findings.push(Finding::new(Code::UnsignedExtra, path.clone()));
    }
}

fn micalg_differs(part: &Part, checked: &Checked) -> bool {
    let Some(said) = part.media_type.parameter("micalg") else { return false };
    let plain = |name: &str| name.to_ascii_lowercase().replace(['-', '_'], "");
    let said: Vec<String> = said.split(',').map(|name| plain(name.trim())).collect();
    !checked.micalg.is_empty() && !checked.micalg.iter().any(|used| said.contains(&plain(used)))
}

fn looks_like(frame: &Frame<'_>, part: &Part) -> Option<LooksLike> {
    const SMALL: u64 = 4096;
    if part.media_type.main != "text" || part.body.end.saturating_sub(part.body.start) > SMALL {
        return None;
    }
    let text = verify::decoded(&frame.source, part, 8192).ok()?;
    crate::mime::looks_like_list_footer(&text).then_some(LooksLike::ListFooter)
}
