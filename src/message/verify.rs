//! Handing the octets of a part to the verifier of its protocol.

#[cfg(feature = "smime")]
use std::io::BufReader;
use std::io::{BufRead, Read};

use crate::error::Error;
use crate::input::Source;
#[cfg(feature = "smime")]
use crate::limits::Limits;
use crate::message::Context;
#[cfg(feature = "smime")]
use crate::message::decrypt::Kept;
use crate::message::walk::Look;
use crate::mime::{Part, PartPath, decode};
use crate::protocol::{Checked, Decrypted, Inputs, Verifier};
use crate::report::{Code, Finding, Integrity, Protocol};
use crate::time::UnixTime;

/// What a CMS structure turned out to be.
pub(crate) enum Cms<'a> {
    Signed {
        checked: Checked,
        content: Source<'a>,
        findings: Vec<Finding>,
    },
    Encrypted,
    Compressed {
        content: Source<'a>,
        findings: Vec<Finding>,
    },
    /// Compressed, and cannot be read.
    Broken(String),
    CertificatesOnly,
    /// It says that it is signed, and cannot be read.
    Unreadable(Checked),
    /// Not CMS, or a kind that is no layer.
    Foreign,
}

/// An inline block of a text part.
pub(crate) struct Inline {
    /// `None` for an encrypted one.
    pub(crate) checked: Option<Checked>,
    /// The part holds nothing beside blocks.
    alone: bool,
}

impl Inline {
    /// True if all that a reader sees of it is signed.
    pub(crate) fn covers(&self) -> bool {
        self.alone && self.checked.as_ref().is_some_and(Checked::holds)
    }
}

pub(crate) fn detached(
    cx: &Context,
    source: &Source<'_>,
    content: &Part,
    signature: &Part,
    protocol: Protocol,
    at: UnixTime,
) -> Result<Checked, Error> {
    let mut signature = decode::reader(signature.encoding, source.reader(signature.body.clone())?);
    let mut content = source.reader(content.entity())?;
    pair(cx, &mut content, &mut signature, protocol, at)
}

/// Checks a detached signature that a program with its own MIME parser found.
pub(crate) fn pair(
    cx: &Context,
    content: &mut dyn BufRead,
    signature: &mut dyn Read,
    protocol: Protocol,
    at: UnixTime,
) -> Result<Checked, Error> {
    match verifier(protocol) {
        Some(verifier) => verifier.verify_detached(content, signature, &inputs(cx, at)),
        None => Ok(undecided(protocol)),
    }
}

/// `room`: octets of content that may be held in memory.
#[cfg(feature = "smime")]
pub(crate) fn cms<'a>(
    cx: &Context,
    source: &Source<'a>,
    part: &Part,
    room: usize,
    at: UnixTime,
) -> Result<Cms<'a>, Error> {
    use crate::cms::Oid;

    let reader = || Ok::<_, Error>(decode::reader(part.encoding, source.reader(part.body.clone())?));
    let kind = match crate::cms::content_type(&mut reader()?, cx.bounds()) {
        Ok(kind) => kind,
        Err(Error::Malformed { why, .. }) if says_signed(part) => {
            return Ok(Cms::Unreadable(Checked::malformed(&why)));
        }
        Err(Error::Malformed { .. }) => {
            return Ok(if says_encrypted(part) { Cms::Encrypted } else { Cms::Foreign });
        }
        Err(error) => return Err(error),
    };
    if kind == Oid::SIGNED_DATA {
        return signed(cx, source, part, room, at);
    }
    if kind == Oid::COMPRESSED_DATA {
        return compressed(cx, source, part, room);
    }
    let encrypted = [Oid::ENVELOPED_DATA, Oid::AUTH_ENVELOPED_DATA].contains(&kind) || says_encrypted(part);
    Ok(if encrypted { Cms::Encrypted } else { Cms::Foreign })
}

#[cfg(not(feature = "smime"))]
pub(crate) fn cms<'a>(
    _: &Context,
    _: &Source<'a>,
    _: &Part,
    _: usize,
    _: UnixTime,
) -> Result<Cms<'a>, Error> {
    Ok(Cms::Foreign)
}

#[cfg(feature = "smime")]
fn signed<'a>(
    cx: &Context,
    source: &Source<'a>,
    part: &Part,
    room: usize,
    at: UnixTime,
) -> Result<Cms<'a>, Error> {
    let mut body = decode::reader(part.encoding, source.reader(part.body.clone())?);
    let mut kept = Kept::new(room);
    let checked = match crate::smime::Verifier.verify_opaque(&mut body, &mut kept, &inputs(cx, at)) {
        Ok(checked) => checked,
        Err(Error::Malformed { why, .. }) => return Ok(Cms::Unreadable(Checked::malformed(&why))),
        Err(error) => return Err(error),
    };
    if checked.wrong_form {
        // No content inside: certificates, or a detached signature that lies alone.
        return Ok(if checked.signatures.is_empty() { Cms::CertificatesOnly } else { Cms::Foreign });
    }
    let mut findings = Vec::new();
    let said = part.media_type.parameter("smime-type").map(str::to_ascii_lowercase);
    if said.is_some_and(|said| said != "signed-data") || part.media_type.sub == "octet-stream" {
        findings.push(Finding::new(Code::TypeMismatch, PartPath::root()));
    }
    let content = content(cx, source, part, kept, |body, limits| {
        Ok(Box::new(crate::cms::content(BufReader::new(body), limits)?))
    });
    Ok(Cms::Signed { checked, content, findings })
}

#[cfg(feature = "smime")]
fn compressed<'a>(cx: &Context, source: &Source<'a>, part: &Part, room: usize) -> Result<Cms<'a>, Error> {
    use crate::cms::CompressedReader;

    let limits = cx.bounds();
    let body = decode::reader(part.encoding, source.reader(part.body.clone())?);
    let mut kept = Kept::new(room);
    let read = || {
        let mut reader = CompressedReader::new(BufReader::new(body), limits)?;
        std::io::copy(&mut reader, &mut kept).map_err(Error::io("reading compressed content"))?;
        reader.finish()
    };
    let trailing = match read() {
        Ok(trailing) => trailing,
        Err(Error::Malformed { why, .. }) => return Ok(Cms::Broken(why)),
        Err(error) => return Err(error),
    };
    let findings = trailing.then(|| Finding::new(Code::TrailingOctets, PartPath::root()));
    let content = content(cx, source, part, kept, |body, limits| {
        Ok(Box::new(CompressedReader::new(BufReader::new(body), limits)?))
    });
    Ok(Cms::Compressed { content, findings: findings.into_iter().collect() })
}

/// The content of an opaque layer: kept if it is small, decoded again if it is large.
#[cfg(feature = "smime")]
fn content<'a>(
    cx: &Context,
    source: &Source<'a>,
    part: &Part,
    kept: Kept,
    again: impl Fn(Encoded<'a>, &Limits) -> Result<Box<dyn Read + Send + 'a>, Error> + Send + Sync + 'a,
) -> Source<'a> {
    let length = kept.length;
    if let Some(octets) = kept.octets {
        return Source::memory(octets).inside(source);
    }
    let (source, limits) = (source.clone(), cx.bounds().clone());
    let (range, encoding) = (part.body.clone(), part.encoding);
    Source::derived(length, source.derivations().saturating_add(1), move || {
        again(decode::reader(encoding, source.clone().into_reader(range.clone())?), &limits)
    })
}

/// A body whose transfer encoding is taken off.
#[cfg(feature = "smime")]
type Encoded<'a> = decode::Decoder<Box<dyn BufRead + Send + 'a>>;

/// Opens the first encrypted block of a text.
#[cfg(feature = "openpgp")]
pub(crate) fn open_inline(
    look: &Look<'_>,
    source: &Source<'_>,
    part: &Part,
) -> Result<Option<(Decrypted, Vec<u8>)>, Error> {
    use crate::pgpmime::inline;

    let inputs = inputs(look.cx, look.at);
    let Some(text) = source_text(look.cx, source, part)? else { return Ok(None) };
    let blocks = inline::read(&text, &inputs)?;
    let Some(block) = blocks.iter().find(|block| block.kind == inline::Kind::Encrypted) else {
        return Ok(None);
    };
    let opened = inline::open(&text, block, &look.keys, &inputs)?;
    Ok(Some((opened.decrypted, opened.content)))
}

#[cfg(not(feature = "openpgp"))]
pub(crate) fn open_inline(
    _: &Look<'_>,
    _: &Source<'_>,
    _: &Part,
) -> Result<Option<(Decrypted, Vec<u8>)>, Error> {
    Ok(None)
}

#[cfg(feature = "openpgp")]
pub(crate) fn inline(
    cx: &Context,
    source: &Source<'_>,
    part: &Part,
    at: UnixTime,
) -> Result<Vec<Inline>, Error> {
    use crate::pgpmime::inline;

    let Some(text) = source_text(cx, source, part)? else { return Ok(Vec::new()) };
    let blocks = inline::read(&text, &inputs(cx, at))?;
    let alone = !inline::has_text_outside(&text, &blocks);
    let layer = |block: inline::Inline| match block.kind {
        inline::Kind::Encrypted => Inline { checked: None, alone },
        inline::Kind::Cleartext | inline::Kind::Message => Inline { checked: Some(block.checked), alone },
    };
    Ok(blocks.into_iter().map(layer).collect())
}

#[cfg(not(feature = "openpgp"))]
pub(crate) fn inline(_: &Context, _: &Source<'_>, _: &Part, _: UnixTime) -> Result<Vec<Inline>, Error> {
    Ok(Vec::new())
}

/// The decoded text of a part, if it is small enough to be held and there can be OpenPGP in it.
#[cfg(feature = "openpgp")]
fn source_text(cx: &Context, source: &Source<'_>, part: &Part) -> Result<Option<Vec<u8>>, Error> {
    let limit = cx.bounds().memory_bytes;
    let length = part.body.end.saturating_sub(part.body.start);
    if length > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Ok(None);
    }
    let text = decoded(source, part, limit)?;
    Ok(memchr::memmem::find(&text, b"-----BEGIN PGP ").map(|_| text))
}

/// The first decoded octets of a part.
pub(crate) fn decoded(source: &Source<'_>, part: &Part, limit: usize) -> Result<Vec<u8>, Error> {
    // Decoding makes nothing longer.
    let length = usize::try_from(part.body.end.saturating_sub(part.body.start)).unwrap_or(limit);
    let mut text = Vec::with_capacity(length.min(limit));
    decode::reader(part.encoding, source.reader(part.body.clone())?)
        .take(u64::try_from(limit).unwrap_or(u64::MAX))
        .read_to_end(&mut text)
        .map_err(Error::io("reading the letter"))?;
    Ok(text)
}

fn verifier(protocol: Protocol) -> Option<&'static dyn Verifier> {
    match protocol {
        #[cfg(feature = "smime")]
        Protocol::Smime => Some(&crate::smime::Verifier),
        #[cfg(feature = "openpgp")]
        Protocol::Openpgp => Some(&crate::pgpmime::Verifier),
        #[cfg(not(all(feature = "smime", feature = "openpgp")))]
        _ => None,
    }
}

fn inputs<'c>(cx: &'c Context, at: UnixTime) -> Inputs<'c> {
    Inputs {
        #[cfg(feature = "smime")]
        known: Some(cx.known_certificates()),
        ..Inputs::new(cx.crypto(), cx.relied_on(), cx, cx.bounds(), at)
    }
}

/// A signature of a protocol that this build does not have.
fn undecided(protocol: Protocol) -> Checked {
    let finding = Finding::new(Code::UnsupportedAlgorithm, PartPath::root()).with_detail(protocol.name());
    Checked::one(Integrity::Unverified, finding)
}

/// Whatever is in it, it is not shown as a letter that nobody encrypted.
#[cfg(feature = "smime")]
fn says_encrypted(part: &Part) -> bool {
    let said = part.media_type.parameter("smime-type").map(str::to_ascii_lowercase);
    said.is_some_and(|said| said == "enveloped-data" || said == "authenveloped-data")
}

#[cfg(feature = "smime")]
fn says_signed(part: &Part) -> bool {
    part.media_type.sub.contains("pkcs7-mime")
        && part.media_type.parameter("smime-type").is_none_or(|said| said.eq_ignore_ascii_case("signed-data"))
}
