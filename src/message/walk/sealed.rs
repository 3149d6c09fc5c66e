//! Encrypted layers: which of them are opened, and what comes of it.
//!
//! The Cryptographic Envelope is opened, and a part that the caller names; any other encrypted part is listed (R-A1,
//! R-A8). What was in a part is never merged with what stands beside it.

use super::{Place, Placed, Task, Walk, Walkedlayer, pair};
use crate::error::Error;
use crate::input::Source;
use crate::message::classify::Encrypted;
use crate::message::{decrypt, verify};
use crate::mime::PartPath;
use crate::protocol::Decrypted;
use crate::report::{Code, Decryption, EncryptedLayer, Finding, Layer, Protocol};

/// What kind of encrypted part it is.
#[derive(Clone, Copy)]
pub(super) struct Sealed {
    pub(super) protocol: Protocol,
    /// The part whose decoded body is encrypted.
    pub(super) body: usize,
    /// It can be read in one way only.
    pub(super) clear: bool,
    /// A mail server rewrote it.
    pub(super) repaired: bool,
}

impl<'a> Walk<'_, 'a> {
    /// `multipart/encrypted` (RFC 3156 §4).
    pub(super) fn pgp(&mut self, task: Task, form: Encrypted) -> Result<(), Error> {
        let Encrypted { clear, repaired, .. } = form;
        if repaired && !self.first_is_blank(task) {
            self.plain(task);
            return Ok(());
        }
        let protocol = Protocol::Openpgp;
        match form.body {
            Some(body) => self.encrypted(task, Sealed { protocol, body, clear, repaired }),
            None => self.listed(task, protocol, Code::EncryptedPart),
        }
    }

    /// Text in front of an encrypted part is somebody's words, not what a mail server leaves.
    fn first_is_blank(&self, task: Task) -> bool {
        const MOST: usize = 64;
        let Some((frame, part)) = self.at(task) else { return false };
        let Some(first) = part.children.first().and_then(|first| frame.part(*first)) else { return false };
        let text = verify::decoded(&frame.source, first, MOST);
        text.is_ok_and(|text| text.len() < MOST && text.trim_ascii().is_empty())
    }

    /// An inline block says nothing about the part around it, so it is never opened unasked (R-B11).
    /// Of several blocks in a part that the caller names the first is opened; each speaks for itself only.
    pub(super) fn inline_encrypted(&mut self, task: Task, first: bool) -> Result<(), Error> {
        let Some((frame, part)) = self.at(task) else { return Ok(()) };
        let (path, range) = (frame.path(part), part.entity());
        if !first || self.look.part != Some(&path) {
            return self.listed(task, Protocol::Openpgp, Code::EncryptedPart);
        }
        let opened = verify::open_inline(&self.look, &frame.source, part)?;
        let opened = opened.map(|(decrypted, content)| {
            let content = Source::memory(content).inside(&frame.source);
            (decrypted, content)
        });
        self.named_found = true;
        let Some((mut decrypted, content)) = opened else { return Ok(()) };
        let signed = decrypted.signed.take().filter(|signed| !signed.signatures.is_empty());
        let opened = decrypted.decryption == Decryption::Opened;
        let layer = layer(decrypted, Protocol::Openpgp, path.clone(), pair(&range), false);
        self.layer(Walkedlayer::bare(Layer::Encrypted(layer)))?;
        self.payload = if opened { Placed::Text(path.child(1), content) } else { Placed::Closed };
        let Some(checked) = signed.filter(|_| opened) else { return Ok(()) };
        let covered = vec![path.child(1)];
        let place = Place { part: path, range, protocol: Protocol::Openpgp, envelope: false, opaque: true };
        self.signed(place, covered, checked, Vec::new())
    }

    pub(super) fn encrypted(&mut self, task: Task, sealed: Sealed) -> Result<(), Error> {
        let Some((frame, part)) = self.at(task) else { return Ok(()) };
        let path = frame.path(part);
        let named = self.look.part == Some(&path);
        self.named_found |= named;
        let envelope = task.envelope && sealed.clear;
        let chosen = task.chosen || named;
        if !envelope && !chosen {
            return self.listed(task, sealed.protocol, Code::EncryptedPart);
        }
        self.charge(task, 2)?;
        let room = self.room();
        let Some((frame, _)) = self.at(task) else { return Ok(()) };
        let Some(body) = frame.part(sealed.body) else { return Ok(()) };
        let (again, body_path) = (frame.again, frame.path(body));
        let opened = decrypt::open(&self.look, &frame.source, body, sealed.protocol, room)?;
        let task = Task { envelope, chosen, ..task };
        let content = self.unsealed(task, sealed, &body_path, opened)?;
        let Some(content) = content else { return Ok(()) };
        let kept = content.as_slice().is_some();
        if again && !kept {
            let limit = u64::try_from(self.look.cx.bounds().memory_bytes).unwrap_or(u64::MAX);
            return Err(Error::Limit { name: "memory_bytes", limit });
        }
        let inner = self.frame(content, body_path.child(1))?;
        if let Some(frame) = self.frames.get_mut(inner) {
            frame.again = again || !kept;
        }
        self.tasks.push(task.inside(inner));
        Ok(())
    }

    /// Adds the layer, and that of the signatures in the same OpenPGP message; returns what was inside, if anything.
    fn unsealed(
        &mut self,
        task: Task,
        sealed: Sealed,
        body: &PartPath,
        opened: decrypt::Opened<'a>,
    ) -> Result<Option<Source<'a>>, Error> {
        let decrypt::Opened { mut decrypted, content } = opened;
        let Some((frame, part)) = self.at(task) else { return Ok(None) };
        let (path, range) = (frame.path(part), part.entity());
        if sealed.repaired {
            decrypted.findings.push(Finding::new(Code::EncryptionRepaired, path.clone()));
        }
        if !sealed.clear {
            decrypted.findings.push(Finding::new(Code::AmbiguousStructure, path.clone()));
        }
        let signed = decrypted.signed.take().filter(|signed| !signed.signatures.is_empty());
        let opened = decrypted.decryption == Decryption::Opened;
        let layer = layer(decrypted, sealed.protocol, path, pair(&range), task.envelope);
        self.layer(Walkedlayer::bare(Layer::Encrypted(layer)))?;
        if !opened {
            if self.leads_to_payload(task) {
                self.payload = Placed::Closed;
            }
            return Ok(None);
        }
        if let Some(checked) = signed {
            let (part, protocol, envelope) = (body.clone(), sealed.protocol, task.envelope);
            let place = Place { part, range, protocol, envelope, opaque: true };
            self.signed(place, vec![body.child(1)], checked, Vec::new())?;
        }
        Ok(content)
    }

    /// What the payload is: inside the part that the caller named, if one is named.
    pub(super) fn leads_to_payload(&self, task: Task) -> bool {
        if self.look.part.is_some() { task.chosen } else { task.envelope }
    }

    /// An encrypted part that stays closed.
    fn listed(&mut self, task: Task, protocol: Protocol, code: Code) -> Result<(), Error> {
        let Some((frame, part)) = self.at(task) else { return Ok(()) };
        let (path, range) = (frame.path(part), part.entity());
        if self.look.part == Some(&path) {
            (self.named_found, self.payload) = (true, Placed::Closed);
        }
        let findings = vec![Finding::new(code, path.clone())];
        let decrypted = Decrypted { findings, ..Decrypted::default() };
        let layer = layer(decrypted, protocol, path, pair(&range), false);
        self.layer(Walkedlayer::bare(Layer::Encrypted(layer)))
    }
}

fn layer(
    decrypted: Decrypted,
    protocol: Protocol,
    part: PartPath,
    range: (u64, u64),
    envelope: bool,
) -> EncryptedLayer {
    let here = |finding: Finding| Finding { part: part.clone(), ..finding };
    EncryptedLayer {
        range,
        protocol,
        envelope,
        decryption: decrypted.decryption,
        cipher: decrypted.cipher,
        authenticated: decrypted.authenticated,
        recipients: decrypted.recipients,
        opened_by: decrypted.opened_by,
        findings: decrypted.findings.into_iter().map(here).collect(),
        part,
    }
}
