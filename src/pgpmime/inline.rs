//! Inline OpenPGP in a text part: the cleartext signature framework (RFC 9580 §7), signed and encrypted messages.
//!
//! - [`read`]: every block of a text, with the text it covers.
//! - [`open`]: what is in an encrypted one.
//!
//! A block speaks for the text inside it. What stands around it is not signed, so a part is never covered as a whole
//! (R-B11).

use std::io::{self, Read};
use std::ops::Range;

use super::forms::{Digests, Hashes};
use super::verifier::checked;
use super::{Decryptor, Verifier};
use crate::error::Error;
use crate::mime::PartPath;
use crate::openpgp::{self, Block, DetachedSignature, Signatures};
use crate::protocol::{Checked, Decrypted, Decryptor as _, Held, Inputs, Keys, Verifier as _};
use crate::report::{Code, Decryption, Finding};

/// What kind of block it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text that can be read as it is, with a signature below it.
    Cleartext,
    /// A message that holds its text.
    Message,
    /// Encrypted; it was not opened.
    Encrypted,
}

/// One block.
#[derive(Debug)]
pub(crate) struct Inline {
    pub(crate) kind: Kind,
    /// Its octets in the text, armor lines included.
    pub(crate) range: Range<usize>,
    /// The text it covers, as it was hashed: dashes unescaped, blanks at line ends removed, lines ended by CRLF.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests compare it; readers find the text in the part"))]
    pub(crate) text: Vec<u8>,
    /// Its signatures.
    pub(crate) checked: Checked,
}

/// All inline blocks of a decoded text, in order. Keys and lone signatures are none.
pub(crate) fn read(text: &[u8], inputs: &Inputs<'_>) -> Result<Vec<Inline>, Error> {
    let mut found = Vec::new();
    for block in openpgp::blocks(text) {
        if found.len() >= inputs.limits.signatures {
            let limit = u64::try_from(inputs.limits.signatures).unwrap_or(u64::MAX);
            return Err(Error::Limit { name: "signatures", limit });
        }
        let octets = text.get(block.start..block.end).unwrap_or_default();
        let (kind, covered, checked) = match block.label.as_str() {
            "SIGNED MESSAGE" => cleartext(octets, inputs)?,
            "MESSAGE" => message(octets, inputs)?,
            _ => continue,
        };
        found.push(inline(kind, &block, covered, checked));
    }
    Ok(found)
}

/// What was in an encrypted block.
#[derive(Debug)]
pub(crate) struct InlineOpened {
    /// What came of it. Signatures inside speak for the content of the block.
    pub(crate) decrypted: Decrypted,
    /// The text; nothing unless it was opened.
    pub(crate) content: Vec<u8>,
}

/// Opens an encrypted block of a text. It says nothing about the text around it (R-B11), so it is opened only where
/// somebody asks for this block.
pub(crate) fn open(
    text: &[u8],
    block: &Inline,
    keys: &Keys<'_>,
    inputs: &Inputs<'_>,
) -> Result<InlineOpened, Error> {
    let octets = text.get(block.range.clone()).unwrap_or_default();
    let mut held = Text { text: Vec::new(), most: inputs.limits.memory_bytes };
    let body = || {
        let body: Box<dyn Read + Send + '_> = Box::new(octets);
        Ok(body)
    };
    let decrypted = Decryptor.decrypt(&body, &mut held, keys, inputs)?;
    let opened = decrypted.decryption == Decryption::Opened;
    Ok(InlineOpened { decrypted, content: if opened { held.text } else { Vec::new() } })
}

/// True if the text holds anything but blanks outside the blocks (R-B11).
pub(crate) fn has_text_outside(text: &[u8], blocks: &[Inline]) -> bool {
    let mut from = 0;
    let blank = |range: Range<usize>| text.get(range).unwrap_or_default().trim_ascii().is_empty();
    for block in blocks {
        if !blank(from..block.range.start) {
            return true;
        }
        from = block.range.end;
    }
    !blank(from..text.len())
}

fn inline(kind: Kind, block: &Block, text: Vec<u8>, mut checked: Checked) -> Inline {
    checked.findings.push(Finding::new(Code::InlineSignature, PartPath::root()));
    Inline { kind, range: block.start..block.end, text, checked }
}

fn message(block: &[u8], inputs: &Inputs<'_>) -> Result<(Kind, Vec<u8>, Checked), Error> {
    let mut held = Text { text: Vec::new(), most: inputs.limits.memory_bytes };
    let checked = Verifier.verify_opaque(&mut &*block, &mut held, inputs)?;
    let text = held.text;
    let encrypted = checked.findings.iter().any(|finding| finding.code == Code::NotDecrypted);
    Ok((if encrypted { Kind::Encrypted } else { Kind::Message }, text, checked))
}

/// Compressed text may be a thousand times as long as its block.
struct Text {
    text: Vec<u8>,
    most: usize,
}

impl io::Write for Text {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        if self.text.len().saturating_add(octets.len()) > self.most {
            let limit = u64::try_from(self.most).unwrap_or(u64::MAX);
            return Err(Error::Limit { name: "memory_bytes", limit }.into());
        }
        self.text.extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Held for Text {
    fn clear(&mut self) {
        self.text.clear();
    }
}

fn cleartext(block: &[u8], inputs: &Inputs<'_>) -> Result<(Kind, Vec<u8>, Checked), Error> {
    let framed = match Framed::read(block, inputs) {
        Ok(framed) => framed,
        Err(why) => {
            let broken = [DetachedSignature::malformed(why)];
            return Ok((Kind::Cleartext, Vec::new(), checked(&broken, &[Digests::default()], inputs)?));
        }
    };
    let signatures = Signatures::read(&mut &*framed.signature, inputs.limits)?;
    // A signature over a document must not pass for one over text (R-B13).
    let signatures: Vec<_> = signatures.into_iter().map(text_only).collect();
    let mut hashes = Hashes::new(&signatures);
    hashes.update(&framed.text);
    let digests = hashes.finish(&signatures);
    Ok((Kind::Cleartext, framed.text, checked(&signatures, &digests, inputs)?))
}

fn text_only(signature: DetachedSignature) -> DetachedSignature {
    match signature.is_text() || signature.claimed_time().is_none() {
        true => signature,
        false => signature.spoilt("not a signature over text"),
    }
}

/// The parts of a cleartext signed message.
struct Framed<'a> {
    text: Vec<u8>,
    signature: &'a [u8],
}

impl<'a> Framed<'a> {
    fn read(block: &'a [u8], inputs: &Inputs<'_>) -> Result<Self, &'static str> {
        let mut rest = block;
        take_line(&mut rest);
        loop {
            let header = take_line(&mut rest).ok_or("it ends in its header")?;
            if without_line_end(header).is_empty() {
                break;
            }
            hash_header(without_line_end(header))?;
        }
        let mut text = Vec::new();
        let mut first = true;
        loop {
            let before = rest;
            let line = take_line(&mut rest).ok_or("no signature below the text")?;
            if line.len() > inputs.limits.header_field_bytes {
                return Err("a line without end");
            }
            if line.starts_with(b"-----BEGIN PGP SIGNATURE-----") {
                return Ok(Self { text, signature: before });
            }
            // The line end before the signature is not part of the text (RFC 9580 §7.2).
            if !first {
                text.extend_from_slice(b"\r\n");
            }
            first = false;
            text.extend_from_slice(covered(without_line_end(line))?);
        }
    }
}

/// What of a line is covered: no escape in front (RFC 9580 §7.1), no blanks behind (§7.2).
fn covered(line: &[u8]) -> Result<&[u8], &'static str> {
    if line.iter().any(|octet| matches!(octet, 0 | 0x0b | 0x0c)) {
        return Err("a control character in the text");
    }
    let line = match line {
        [b'-', b' ', rest @ ..] => rest,
        [b'-', ..] => return Err("a line that starts with a dash unescaped"),
        _ => line,
    };
    let end =
        line.iter().rposition(|octet| !matches!(octet, b' ' | b'\t' | b'\r')).map_or(0, |last| last + 1);
    Ok(line.get(..end).unwrap_or_default())
}

/// Only `Hash:` and only names (RFC 9580 §6.2.2.3); what is hashed by, the signature says.
fn hash_header(line: &[u8]) -> Result<(), &'static str> {
    let names = line.strip_prefix(b"Hash: ").ok_or("a header that is not Hash")?;
    match names.iter().all(|octet| octet.is_ascii_alphanumeric() || b", -".contains(octet)) {
        true => Ok(()),
        false => Err("a Hash header with more than names"),
    }
}

fn take_line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    if rest.is_empty() {
        return None;
    }
    let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
    let (line, tail) = rest.split_at(end);
    *rest = tail;
    Some(line)
}

fn without_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}
