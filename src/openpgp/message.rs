//! Signed messages that hold their content (RFC 9580 §10.3), read by one grammar:
//!
//! ```text
//! message := signed | compressed (signed)        signed := one-pass* literal signature* | signature* literal
//! ```
//!
//! Exactly one literal, as many signatures as announced, nothing after them. Everything else is malformed, and
//! nothing of it is signed (R-B11).

use std::io::{self, Read};
use std::sync::atomic::Ordering;

use sequoia_openpgp::Packet;
use sequoia_openpgp::packet::{OnePassSig, Tag};
use sequoia_openpgp::parse::PacketParserResult;

use super::dearmor::unreadable;
use super::hasher::Hasher;
use super::seipd::{Budget, Plain};
use super::signature::{DetachedSignature, Parser, parser, reader};
use crate::error::Error;
use crate::limits::Limits;

/// What was found in a message.
pub(crate) struct Message {
    /// It is encrypted; it was not opened.
    pub(crate) encrypted: bool,
    /// Its signatures, those that break the grammar spoilt.
    pub(crate) signatures: Vec<DetachedSignature>,
    whole: bool,
}

/// Takes the content as it is read.
pub(crate) trait Sink {
    /// Announces the signatures: one entry for each, a hash to feed where there is something to hash.
    fn hashers(&mut self, hashers: Vec<Option<Hasher>>);
    /// Takes some of the content.
    fn content(&mut self, octets: &[u8]) -> Result<(), Error>;
}

enum State {
    Start,
    /// Signatures are announced, or stand before the content.
    Before,
    /// The content is over.
    After,
    /// Against the grammar.
    Broken,
}

impl Message {
    /// Reads a message, armored or binary. The hashes given to the sink are in the order of the signatures here.
    pub(crate) fn read(octets: &[u8], sink: &mut dyn Sink, limits: &Limits) -> Result<Self, Error> {
        let budget = Budget::default();
        budget.consumed.store(u64::try_from(octets.len()).unwrap_or(u64::MAX), Ordering::Relaxed);
        Self::walked(parser(octets, 0), &budget, sink, limits)
    }

    /// Reads what came out of an encrypted message, as far as it is a message.
    pub(crate) fn decrypted(plain: &Plain<'_>, sink: &mut dyn Sink, limits: &Limits) -> Result<Self, Error> {
        Self::walked(reader(plain.clone()), plain.budget(), sink, limits)
    }

    fn walked(
        first: sequoia_openpgp::Result<PacketParserResult<'_>>,
        budget: &Budget,
        sink: &mut dyn Sink,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let mut reader = Reader {
            state: State::Start,
            announced: Vec::new(),
            signatures: Vec::new(),
            limits,
            left: limits.message_bytes,
            budget,
            compressed: false,
            encrypted: false,
        };
        match first {
            Ok(first) => reader.walk(first, sink)?,
            Err(_) => reader.state = State::Broken,
        }
        if budget.over.load(Ordering::Relaxed) {
            return Err(Error::Limit { name: "expanded_bytes", limit: budget.bound(limits) });
        }
        Ok(reader.finish())
    }

    /// True if it is one message as RFC 9580 §10.3 has them, and not encrypted.
    pub(crate) fn is_whole(&self) -> bool {
        self.whole && !self.encrypted
    }
}

/// The content of a decrypted message that was read once and found good. Its end is an error where the check fails.
pub(crate) struct Content<'b> {
    literal: Fused<Parser<'b>>,
    plain: Plain<'b>,
}

impl<'b> Content<'b> {
    pub(crate) fn of(plain: Plain<'b>, limits: &Limits) -> io::Result<Self> {
        let bad = |_| unreadable("not a message");
        let (mut next, mut compressed) = (reader(plain.clone()).map_err(bad)?, false);
        while let PacketParserResult::Some(current) = next {
            next = match current.packet.tag() {
                Tag::Literal => return Ok(Self { literal: Fused::new(current), plain }),
                Tag::CompressedData if !compressed => {
                    compressed = true;
                    reader(Expanded::new(current, plain.clone(), limits)).map_err(bad)?
                }
                _ => current.next().map_err(bad)?.1,
            };
        }
        Err(unreadable("no content"))
    }
}

impl Read for Content<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.literal.read(out)?;
        match count == 0 && !out.is_empty() && !self.plain.holds() {
            true => Err(unreadable("not decrypted")),
            false => Ok(count),
        }
    }
}

struct Reader<'a> {
    state: State,
    announced: Vec<OnePassSig>,
    signatures: Vec<DetachedSignature>,
    limits: &'a Limits,
    left: u64,
    budget: &'a Budget,
    compressed: bool,
    encrypted: bool,
}

impl Reader<'_> {
    fn walk(&mut self, first: PacketParserResult<'_>, sink: &mut dyn Sink) -> Result<(), Error> {
        let (mut next, mut around_compressed) = (first, false);
        while let PacketParserResult::Some(mut current) = next {
            let tag = current.packet.tag();
            match tag {
                Tag::Marker | Tag::Padding => {}
                Tag::OnePassSig | Tag::Signature => {}
                Tag::Literal => self.literal(&mut current, sink)?,
                Tag::CompressedData if matches!(self.state, State::Start) && !self.compressed => {
                    (self.compressed, around_compressed) = (true, true);
                    self.compressed(&mut current, sink)?;
                }
                Tag::PKESK | Tag::SKESK | Tag::SEIP | Tag::AED | Tag::SED
                    if matches!(self.state, State::Start) =>
                {
                    self.encrypted = true;
                    return Ok(());
                }
                _ => self.state = State::Broken,
            }
            if self.encrypted || matches!(self.state, State::Broken) {
                return Ok(());
            }
            let Ok((packet, rest)) = current.next() else {
                self.state = State::Broken;
                return Ok(());
            };
            match packet {
                Packet::OnePassSig(announced) => self.announced(announced)?,
                Packet::Signature(signature) => self.signature(DetachedSignature::of(signature))?,
                Packet::Unknown(_) if tag == Tag::OnePassSig || tag == Tag::Signature => {
                    self.state = State::Broken
                }
                _ => {}
            }
            next = rest;
        }
        // Around compressed data that was read here, nothing but padding was let pass.
        if let PacketParserResult::EOF(end) = next
            && !around_compressed
            && end.is_message().is_err()
        {
            self.state = State::Broken;
        }
        Ok(())
    }

    /// Compressed data is entered once (R-D3), holds the whole message, and is not read beyond its bound.
    fn compressed(&mut self, packet: &mut Parser<'_>, sink: &mut dyn Sink) -> Result<(), Error> {
        let inside = Expanded::new(packet, self.budget, self.limits);
        match reader(inside) {
            Ok(first) => self.walk(first, sink)?,
            Err(_) => self.state = State::Broken,
        }
        let complete = matches!(self.state, State::After) && self.signatures.len() >= self.announced.len();
        if !self.encrypted && !complete {
            self.state = State::Broken;
        }
        Ok(())
    }

    fn announced(&mut self, announced: OnePassSig) -> Result<(), Error> {
        let innermost_seen = self.announced.last().is_some_and(OnePassSig::last);
        if !matches!(self.state, State::Start | State::Before)
            || !self.signatures.is_empty()
            || innermost_seen
        {
            self.state = State::Broken;
            return Ok(());
        }
        self.state = State::Before;
        self.announced.push(announced);
        self.counted(self.announced.len())
    }

    fn signature(&mut self, signature: DetachedSignature) -> Result<(), Error> {
        match self.state {
            State::Start | State::Before if self.announced.is_empty() => {
                self.state = State::Before;
                self.signatures.push(signature);
            }
            State::After if self.signatures.len() < self.announced.len() => {
                // The last one announced comes first (RFC 9580 §10.3).
                let index = self.announced.len() - 1 - self.signatures.len();
                let fits =
                    self.announced.get(index).is_some_and(|announced| announces(announced, &signature));
                self.signatures.push(if fits {
                    signature
                } else {
                    signature.spoilt("announced as another signature")
                });
            }
            _ => self.state = State::Broken,
        }
        self.counted(self.signatures.len())
    }

    fn counted(&self, count: usize) -> Result<(), Error> {
        let limit = u64::try_from(self.limits.signatures).unwrap_or(u64::MAX);
        if count > self.limits.signatures { Err(Error::Limit { name: "signatures", limit }) } else { Ok(()) }
    }

    fn literal(&mut self, literal: &mut Parser<'_>, sink: &mut dyn Sink) -> Result<(), Error> {
        if !matches!(self.state, State::Start | State::Before) {
            self.state = State::Broken;
            return Ok(());
        }
        sink.hashers(match self.announced.is_empty() {
            true => self.signatures.iter().map(DetachedSignature::hasher).collect(),
            false => self.announced.iter().rev().map(hasher).collect(),
        });
        let mut chunk = vec![0; CHUNK];
        loop {
            let count = match literal.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => count,
                Err(_) => {
                    self.state = State::Broken;
                    return Ok(());
                }
            };
            let limit = self.limits.message_bytes;
            self.left = self
                .left
                .checked_sub(u64::try_from(count).unwrap_or(u64::MAX))
                .ok_or(Error::Limit { name: "message_bytes", limit })?;
            sink.content(chunk.get(..count).unwrap_or_default())?;
        }
        self.state = State::After;
        Ok(())
    }

    fn finish(mut self) -> Message {
        let complete = matches!(self.state, State::After) && self.signatures.len() >= self.announced.len();
        if !complete && !self.encrypted {
            let spoil =
                |signature: DetachedSignature| signature.spoilt("not a message as RFC 9580 §10.3 has them");
            self.signatures = self.signatures.into_iter().map(spoil).collect();
            if self.signatures.is_empty() {
                self.signatures
                    .push(DetachedSignature::malformed("not a message as RFC 9580 §10.3 has them"));
            }
        }
        Message { encrypted: self.encrypted, signatures: self.signatures, whole: complete }
    }
}

/// What comes out of compressed data, up to a bound.
struct Expanded<R, B> {
    inner: Fused<R>,
    made: u64,
    of: B,
    limits: Limits,
}

impl<R, B> Expanded<R, B> {
    fn new(inner: R, of: B, limits: &Limits) -> Self {
        Self { inner: Fused::new(inner), made: 0, of, limits: limits.clone() }
    }
}

/// Once there was an error, there is nothing but errors: sequoia's parser panics if it is read again after one.
struct Fused<R>(Option<R>);

impl<R> Fused<R> {
    fn new(inner: R) -> Self {
        Self(Some(inner))
    }
}

impl<R: Read> Read for Fused<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let inner = self.0.as_mut().ok_or_else(|| unreadable("not a message"))?;
        inner.read(out).inspect_err(|_| self.0 = None)
    }
}

trait Bounds {
    fn budget(&self) -> &Budget;
}

impl Bounds for &Budget {
    fn budget(&self) -> &Budget {
        self
    }
}

impl Bounds for Plain<'_> {
    fn budget(&self) -> &Budget {
        Plain::budget(self)
    }
}

impl<R: Read, B: Bounds> Read for Expanded<R, B> {
    fn read(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(octets)?;
        self.made = self.made.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        let budget = self.of.budget();
        if self.made > budget.bound(&self.limits) {
            budget.over.store(true, Ordering::Relaxed);
            return Err(io::Error::other("compressed data becomes too large"));
        }
        Ok(count)
    }
}

fn announces(announced: &OnePassSig, signature: &DetachedSignature) -> bool {
    let Some(packet) = signature.packet() else { return false };
    let version = if announced.version() == 6 { packet.version() == 6 } else { packet.version() != 6 };
    version
        && announced.typ() == packet.typ()
        && announced.hash_algo() == packet.hash_algo()
        && announced.pk_algo() == packet.pk_algo()
        && announced.salt().unwrap_or_default() == packet.salt().unwrap_or_default()
}

fn hasher(announced: &OnePassSig) -> Option<Hasher> {
    let version = if announced.version() == 6 { 6 } else { 4 };
    Hasher::new(announced.hash_algo(), version, announced.salt().unwrap_or_default())
}

const CHUNK: usize = 32 << 10;
