//! The parts of a letter and where they lie.

use std::fmt;
use std::ops::Range;

use serde::{Serialize, Serializer};

/// Where a part stands: `0` is the letter itself, `2.1` the first part of its second part. What lies inside an
/// opaque layer or a message/rfc822 is its part 1.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct PartPath(Vec<u32>);

impl PartPath {
    /// The letter itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// The part number `number`, from 1, of this one.
    #[must_use]
    pub fn child(&self, number: u32) -> Self {
        let mut path = self.0.clone();
        path.push(number);
        Self(path)
    }

    /// `other`, counted from this part on.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        Self([self.0.as_slice(), other.0.as_slice()].concat())
    }

    /// The numbers, from the outside in.
    pub fn numbers(&self) -> &[u32] {
        &self.0
    }

    /// True if `other` is this part or lies in it.
    pub fn contains(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }
}

impl fmt::Display for PartPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("0");
        }
        for (index, number) in self.0.iter().enumerate() {
            write!(f, "{}{number}", if index == 0 { "" } else { "." })?;
        }
        Ok(())
    }
}

impl Serialize for PartPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A Content-Type (RFC 2045 §5): names in lower case, parameter values decoded (RFC 2231).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaType {
    /// `multipart` of `multipart/signed`.
    pub main: String,
    /// `signed` of `multipart/signed`.
    pub sub: String,
    /// Parameters in their order; names in lower case.
    pub parameters: Vec<(String, String)>,
}

impl MediaType {
    /// True for `main/sub`, both in lower case.
    pub fn is(&self, main: &str, sub: &str) -> bool {
        self.main == main && self.sub == sub
    }

    /// A parameter by its name in lower case.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.main, self.sub)
    }
}

/// A Content-Transfer-Encoding (RFC 2045 §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransferEncoding {
    /// 7bit, also where nothing is said.
    SevenBit,
    /// 8bit.
    EightBit,
    /// binary.
    Binary,
    /// base64.
    Base64,
    /// quoted-printable.
    QuotedPrintable,
    /// Anything else.
    Unknown,
}

/// How many lines end in which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LineEnds {
    /// CR LF.
    pub crlf: u64,
    /// LF alone.
    pub lf: u64,
}

/// What is wrong or doubtful with the structure of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Defect {
    /// Content-Type, Content-Transfer-Encoding or MIME-Version stands more than once (R-E3).
    DuplicateField,
    /// The Content-Type cannot be read, or a parameter stands twice or in contradicting forms.
    UnreadableContentType,
    /// A multipart without a usable boundary.
    NoBoundary,
    /// A multipart whose closing delimiter is missing.
    NotClosed,
    /// A line of the header that is no field.
    UnreadableField,
    /// A NUL, or a CR without LF, in the header.
    ControlCharacter,
    /// A composite type with an encoding that RFC 2045 §6.4 forbids for it.
    EncodedComposite,
}

/// One part: its place in the tree and its octets in the letter.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Part {
    /// Where it stands.
    pub path: PartPath,
    /// Index in [`Structure::parts`] of the part it lies in.
    pub parent: Option<usize>,
    /// Indices in [`Structure::parts`], in order.
    pub children: Vec<usize>,
    /// Its header, with the empty line that ends it.
    pub header: Range<u64>,
    /// Its body. The line end before a boundary belongs to the boundary (RFC 2046 §5.1.1).
    pub body: Range<u64>,
    /// Octets of the header, as received.
    pub header_octets: Vec<u8>,
    /// The Content-Type, or the default where none is given (text/plain; message/rfc822 in a multipart/digest).
    pub media_type: MediaType,
    /// The Content-Transfer-Encoding.
    pub encoding: TransferEncoding,
    /// Line ends of header and body.
    pub line_ends: LineEnds,
    /// The body has octets above 127.
    pub eight_bit: bool,
    /// In a multipart: what stands before the first delimiter and after the last, without the line ends around.
    pub preamble: Range<u64>,
    /// See `preamble`.
    pub epilogue: Range<u64>,
    /// What is wrong with it.
    pub defects: Vec<Defect>,
}

impl Part {
    /// Header and body: what a signature over this part covers.
    pub fn entity(&self) -> Range<u64> {
        self.header.start..self.body.end
    }
}

/// All parts of a letter; the first is the letter itself, each part stands before the parts in it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Structure {
    /// The parts, in the order of their first octet.
    pub parts: Vec<Part>,
    /// Octets of the letter.
    pub length: u64,
}
