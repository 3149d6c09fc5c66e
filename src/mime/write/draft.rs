//! A finished letter, split into what stays outside and the entity that is signed.

use std::fmt;
use std::io::{self, Read, Write};
use std::ops::Range;

use crate::error::Error;
use crate::input::Source;
use crate::limits::Limits;
use crate::mime::canonical::CrlfWriter;
use crate::mime::write::confidentiality::Hcp;
use crate::mime::write::field::{Field, parameterized, split};
use crate::mime::write::header::{Rewritten, fields_of, marked};
use crate::mime::write::header_protection::{Protect, Protection};
use crate::mime::write::plan::{Body, Piece, Planner, Target, is_layer, refused};
use crate::mime::write::{Base64Writer, QuotedPrintableWriter};
use crate::mime::{Defect, Part, Structure, TransferEncoding, decode};

/// A letter ready to be signed. [`Self::write_entity`] writes the same octets each time.
pub(crate) struct Draft<'a> {
    source: Source<'a>,
    content_type: Vec<u8>,
    content: Vec<u8>,
    protection: Protection,
    inside: Vec<u8>,
    body: Body,
}

/// What becomes of the header (RFC 9788): without a word, `hp="clear"`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Recipe<'r> {
    pub(crate) protect: Protect,
    /// What stands outside where it is encrypted.
    pub(crate) hcp: Hcp<'r>,
    /// Repeat in the text what does not (§5.2.2).
    pub(crate) legacy_display: bool,
    /// Header fields that the letter gets besides its own.
    pub(crate) outside: &'r [u8],
    /// Header fields, each with its line end, that the entity gets and the letter does not.
    pub(crate) inside: &'r [u8],
}

/// Looks at every octet once and decides how each part is written (RFC 8551 §3.1, RFC 3156 §3).
pub(crate) fn prepare<'a>(
    source: &Source<'a>,
    structure: &Structure,
    limits: &Limits,
    recipe: Recipe<'_>,
) -> Result<Draft<'a>, Error> {
    let root = structure.parts.first().ok_or_else(|| Error::misuse("a structure without parts"))?;
    let fields = split(without_mbox_line(&root.header_octets), limits)?;
    if root.defects.contains(&Defect::UnreadableContentType) {
        return Err(refused(root, "its Content-Type cannot be read"));
    }
    let added = split(recipe.outside, limits)?;
    let outer = fields.iter().filter(|field| !field.is_structural() && stays(field)).chain(&added);
    // A layer that is there already is no payload: its own inside would have to carry the fields (RFC 9788 §5.2).
    let mut protection = Protection::of(outer, !is_opaque(root));
    protection.choose(recipe.protect, recipe.hcp)?;
    let legacy = if recipe.legacy_display { protection.changed() } else { &[] };
    let mut body = Planner::new(source, structure, limits, legacy).body(0)?;
    if !body.ended {
        // OpenPGP's convention: what is signed ends in a line end (RFC 3156 §5).
        body.write(|out| out.extend_from_slice(b"\r\n"));
    }
    let own = |field: &&Field<'_>| !field.is("MIME-Version") && !field.is("Content-Type");
    let content_fields = fields.iter().filter(|field| field.is_structural()).filter(own);
    let mut content = Vec::new();
    let rewritten = body.header;
    fields_of(root, content_fields, Rewritten { legacy: None, ..rewritten }, &mut content)?;
    let given = fields.iter().find(|field| field.is("Content-Type"));
    let content_type = content_type(root, given, source, rewritten)?;
    let inside = recipe.inside.to_vec();
    Ok(Draft { source: source.clone(), content_type, content, protection, inside, body })
}

impl Draft<'_> {
    /// Writing it. Whatever comes of that after somebody cancelled it is [`Error::Cancelled`].
    pub(crate) fn unless_cancelled<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        self.source.unless_cancelled(work)
    }

    /// The header fields of the letter that stay outside, each with its line end. No MIME-Version, no Content-*.
    pub(crate) fn outer(&self) -> impl Iterator<Item = &[u8]> {
        self.protection.outer()
    }

    /// The entity: what is written here is signed and sent as it is.
    pub(crate) fn write_entity(&self, out: &mut dyn Write) -> Result<(), Error> {
        self.write(out).map_err(Error::io("writing the letter"))
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        // Each write costs guard and hash a start.
        let mut out = io::BufWriter::with_capacity(TOGETHER, out);
        self.protection
            .content_type(&self.content_type)
            .iter()
            .try_for_each(|octets| out.write_all(octets))?;
        out.write_all(&self.content)?;
        self.protection.inner().try_for_each(|field| out.write_all(field))?;
        out.write_all(&self.inside)?;
        out.write_all(b"\r\n")?;
        self.body.pieces.iter().try_for_each(|piece| self.piece(piece, &mut out))?;
        out.into_inner().map(drop).map_err(io::IntoInnerError::into_error)
    }

    fn piece(&self, piece: &Piece, out: &mut dyn Write) -> io::Result<()> {
        match piece {
            Piece::Octets(range) => out.write_all(self.body.octets.get(range.clone()).unwrap_or_default()),
            Piece::Copy { range, bare_lf: false } => self.copy(range, out),
            Piece::Copy { range, bare_lf: true } => {
                let mut lines = CrlfWriter::new(out);
                self.copy(range, &mut lines)?;
                Ok(())
            }
            Piece::Strip { range } => self.strip(range, out),
            Piece::Encode { range, from, to } => self.encode(range, *from, *to, (0, &[]), out),
            Piece::Insert { range, from, to, at, octets } => {
                self.encode(range, *from, *to, (*at, octets), out)
            }
        }
    }

    fn copy(&self, range: &Range<u64>, out: &mut dyn Write) -> io::Result<()> {
        let mut reader = self.source.reader(range.clone())?;
        loop {
            // Without a buffer between, and few enough that guard, hash and output find them in the processor's cache.
            let octets = reader.fill_buf()?;
            if octets.is_empty() {
                return Ok(());
            }
            let piece = octets.get(..PIECE).unwrap_or(octets);
            out.write_all(piece)?;
            let count = piece.len();
            reader.consume(count);
        }
    }

    /// Lines here have at most 998 octets: the plan looked.
    fn strip(&self, range: &Range<u64>, out: &mut dyn Write) -> io::Result<()> {
        let mut reader = self.source.reader(range.clone())?;
        let mut line = Vec::new();
        while io::BufRead::read_until(&mut reader, b'\n', &mut line)? > 0 {
            let end: &[u8] = if line.ends_with(b"\n") { b"\r\n" } else { b"" };
            out.write_all(line.trim_ascii_end())?;
            out.write_all(end)?;
            line.clear();
        }
        Ok(())
    }

    fn encode(
        &self,
        range: &Range<u64>,
        from: TransferEncoding,
        to: Target,
        (at, inserted): (u64, &[u8]),
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut rest = decode::reader(from, self.source.reader(range.clone())?);
        let mut before = Vec::new();
        // Only the head of a page: the plan looked.
        (&mut rest).take(at).read_to_end(&mut before)?;
        let mut content = before.as_slice().chain(inserted).chain(rest);
        match to {
            Target::Base64 => {
                let mut writer = Base64Writer::new(out);
                pass(&mut content, &mut writer)?;
                writer.finish().map(drop)
            }
            Target::QuotedPrintable => {
                let mut writer = QuotedPrintableWriter::new(out);
                pass(&mut content, &mut writer)?;
                writer.finish().map(drop)
            }
        }
    }
}

impl fmt::Debug for Draft<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Draft({:?}, {} pieces)", self.source, self.body.pieces.len())
    }
}

/// Octets written in one go.
const PIECE: usize = 32 << 10;
/// Octets below which pieces are gathered: most letters without an attachment.
const TOGETHER: usize = 4 << 10;

/// `io::copy` with a larger buffer than its own.
fn pass(content: &mut dyn Read, out: &mut dyn Write) -> io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = match content.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        out.write_all(buffer.get(..count).unwrap_or_default())?;
    }
}

/// What a mailbox file put before the letter is no part of it.
fn without_mbox_line(header: &[u8]) -> &[u8] {
    if !header.starts_with(b"From ") {
        return header;
    }
    memchr::memchr(b'\n', header).and_then(|end| header.get(end + 1..)).unwrap_or_default()
}

/// Blind copies are told to nobody (RFC 5322 §3.6.3); HP-Outer is ours to write (RFC 9788 §2.2).
fn stays(field: &Field<'_>) -> bool {
    !["Bcc", "Resent-Bcc", "HP-Outer"].iter().any(|name| field.is(name))
}

fn is_opaque(part: &Part) -> bool {
    is_layer(part)
        || part.media_type.is("application", "pkcs7-mime")
        || part.media_type.is("application", "x-pkcs7-mime")
}

fn content_type(
    root: &Part,
    given: Option<&Field<'_>>,
    source: &Source<'_>,
    rewritten: Rewritten,
) -> Result<Vec<u8>, Error> {
    if rewritten.legacy.is_some() {
        return marked(root, rewritten);
    }
    let Some(field) = given else { return default_type(root, source) };
    if root.media_type.parameter("hp").is_some() {
        // Of an earlier signing: it would promise copies that are not there.
        let kept = root.media_type.parameters.iter().filter(|(name, _)| name != "hp");
        let kept: Vec<_> = kept.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        return parameterized(field.name, &root.media_type.to_string(), &kept);
    }
    let mut out = Vec::with_capacity(field.octets.len());
    fields_of(root, std::iter::once(field), Rewritten::default(), &mut out)?;
    Ok(out)
}

/// RFC 2045 §5.2; a content without a type that is not ASCII can only be guessed.
fn default_type(root: &Part, source: &Source<'_>) -> Result<Vec<u8>, Error> {
    let charset = if !root.eight_bit {
        "us-ascii"
    } else if is_utf8(&mut source.reader(root.body.clone())?)? {
        "utf-8"
    } else {
        return Err(refused(root, "it has no Content-Type, and its text is neither ASCII nor UTF-8"));
    };
    parameterized("Content-Type", "text/plain", &[("charset", charset)])
}

fn is_utf8(reader: &mut dyn io::BufRead) -> Result<bool, Error> {
    let mut open: Vec<u8> = Vec::new();
    loop {
        let octets = reader.fill_buf().map_err(Error::io("reading the letter"))?;
        if octets.is_empty() {
            return Ok(open.is_empty());
        }
        let count = octets.len().min(64 << 10);
        open.extend_from_slice(octets.get(..count).unwrap_or_default());
        reader.consume(count);
        match std::str::from_utf8(&open) {
            Ok(_) => open.clear(),
            Err(error) if error.error_len().is_some() => return Ok(false),
            Err(error) => drop(open.drain(..error.valid_up_to())),
        }
    }
}
