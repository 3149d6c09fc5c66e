//! A message that is held in memory, and its parts.

use std::io::Read;
use std::ops::Range;

use crate::error::Error;
use crate::limits::Limits;
use crate::mime::{Field, Headers, Part, Structure, TransferEncoding, charset, decode};

/// Octets and the parts in them.
pub(super) struct Tree<'a> {
    pub(super) octets: &'a [u8],
    pub(super) structure: Structure,
}

impl<'a> Tree<'a> {
    pub(super) fn read(octets: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        if octets.len() > limits.memory_bytes {
            let limit = u64::try_from(limits.memory_bytes).unwrap_or(u64::MAX);
            return Err(Error::Limit { name: "memory_bytes", limit });
        }
        Ok(Self { octets, structure: Structure::read(&mut &*octets, limits)? })
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.structure.parts
    }

    pub(super) fn part(&self, index: usize) -> Option<&Part> {
        self.structure.parts.get(index)
    }

    pub(super) fn slice(&self, range: &Range<u64>) -> &'a [u8] {
        self.octets.get(place(range)).unwrap_or_default()
    }

    /// Parts without parts.
    pub(super) fn leaves(&self) -> Vec<usize> {
        let leaf = |(index, part): (usize, &Part)| is_leaf(part).then_some(index);
        self.parts().iter().enumerate().filter_map(leaf).collect()
    }

    pub(super) fn decoded(&self, part: &Part) -> Vec<u8> {
        decoded(part.encoding, self.slice(&part.body))
    }

    /// As it may be encoded anew: a text has CRLF (RFC 2046 §4.1.1), all else is as it is.
    pub(super) fn canonical(&self, part: &Part) -> Vec<u8> {
        let octets = self.decoded(part);
        if part.media_type.main == "text" { super::compare::crlf(&octets) } else { octets }
    }

    /// The first multipart/signed, from the outside, that has something to sign and a signature.
    pub(super) fn signed(&self) -> Option<usize> {
        let signed = |part: &Part| part.media_type.is("multipart", "signed") && part.children.len() >= 2;
        self.parts().iter().position(signed)
    }
}

pub(super) fn place(range: &Range<u64>) -> Range<usize> {
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    place(range.start)..place(range.end)
}

pub(super) fn is_leaf(part: &Part) -> bool {
    part.children.is_empty() && part.media_type.main != "multipart"
}

/// A signature of either protocol, by its type.
pub(super) fn is_signature(part: &Part) -> bool {
    let media = &part.media_type;
    media.main == "application"
        && matches!(media.sub.as_str(), "pkcs7-signature" | "x-pkcs7-signature" | "pgp-signature")
}

pub(super) fn decoded(encoding: TransferEncoding, body: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(body.len());
    // Nothing in memory fails to be read.
    let _ = decode::reader(encoding, body).read_to_end(&mut octets);
    octets
}

/// The text of a decoded body.
pub(super) fn text(part: &Part, octets: &[u8]) -> String {
    charset::decode(octets, part.media_type.parameter("charset"))
}

/// All fields of a header.
pub(super) fn fields(header: &[u8]) -> Vec<Field<'_>> {
    Headers::new(header).fields().collect()
}

/// Whether a field describes a body (RFC 2045 §3, §9).
pub(super) fn is_content_field(name: &str) -> bool {
    name.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("Content-"))
}

/// The first octets, as text, for people.
pub(super) fn excerpt(octets: &[u8]) -> String {
    let short = octets.get(..EXCERPT).unwrap_or(octets);
    String::from_utf8_lossy(short).into_owned()
}

/// Octets of an excerpt: two or three lines.
const EXCERPT: usize = 240;
