//! The parts of a letter and where they lie.

use std::fmt;
use std::io::BufRead;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::encoded_word::decode_words;
use super::header::{Headers, has_control};
use super::media_type::MediaType;
use super::scan::Scanner;
use crate::error::Error;
use crate::limits::Limits;

/// Where a part stands: `0` is the letter itself, `2.1` the first part of its second part. What lies inside an
/// opaque layer or a message/rfc822 is its part 1.
///
/// ```
/// use mailseal::mime::PartPath;
/// let second = PartPath::root().child(2);
/// assert!(second.contains(&second.child(1)));
/// assert_eq!((PartPath::root().to_string(), second.child(1).to_string()), ("0".into(), "2.1".into()));
/// ```
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

/// Why text is no [`PartPath`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a part is 0 for the letter itself, or numbers from 1 with dots between: 2.1")]
pub struct PartPathError;

/// As it is written.
///
/// ```
/// use mailseal::mime::PartPath;
/// assert_eq!("2.1".parse(), Ok(PartPath::root().child(2).child(1)));
/// assert_eq!("0".parse(), Ok(PartPath::root()));
/// assert!("2.0".parse::<PartPath>().is_err());
/// ```
impl FromStr for PartPath {
    type Err = PartPathError;

    fn from_str(text: &str) -> Result<Self, PartPathError> {
        if text == "0" {
            return Ok(Self::root());
        }
        let number = |text: &str| text.parse().ok().filter(|number| *number > 0).ok_or(PartPathError);
        text.split('.').map(number).collect::<Result<_, _>>().map(Self)
    }
}

impl Serialize for PartPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PartPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A Content-Transfer-Encoding (RFC 2045 §6).
///
/// ```
/// # use mailseal::{Limits, mime::Structure};
/// # let letter = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
/// #     --b\r\n\r\nHello\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0K\r\n--b--\r\n";
/// # let structure = Structure::read(&mut letter.as_slice(), &Limits::default())?;
/// let encoded = structure.parts.iter().filter(|part| !part.encoding.is_identity());
/// assert_eq!(encoded.count(), 1);
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TransferEncoding {
    /// 7bit, also where nothing is said.
    #[default]
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

impl TransferEncoding {
    /// Reads the value of a Content-Transfer-Encoding; a comment after it is passed over.
    pub(crate) fn parse(value: &[u8]) -> Self {
        let end = |octet: &u8| matches!(octet, b' ' | b'\t' | b'\r' | b'\n' | b'(' | b';');
        let word = value.trim_ascii_start().split(end).next().unwrap_or_default();
        let names: [(&[u8], Self); 5] = [
            (b"7bit", Self::SevenBit),
            (b"8bit", Self::EightBit),
            (b"binary", Self::Binary),
            (b"base64", Self::Base64),
            (b"quoted-printable", Self::QuotedPrintable),
        ];
        let named = names.iter().find(|(name, _)| word.eq_ignore_ascii_case(name));
        named.map_or(Self::Unknown, |(_, encoding)| *encoding)
    }

    /// As it is written: `quoted-printable`; `unknown` for anything else.
    pub fn name(self) -> &'static str {
        match self {
            Self::SevenBit => "7bit",
            Self::EightBit => "8bit",
            Self::Binary => "binary",
            Self::Base64 => "base64",
            Self::QuotedPrintable => "quoted-printable",
            Self::Unknown => "unknown",
        }
    }

    /// True where the body is what it stands for (RFC 2045 §6.2).
    pub fn is_identity(self) -> bool {
        matches!(self, Self::SevenBit | Self::EightBit | Self::Binary)
    }
}

impl Serialize for TransferEncoding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// How many lines end in which way.
///
/// ```
/// # use mailseal::{Limits, mime::Structure};
/// # let letter = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
/// #     --b\r\n\r\nHello\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0K\r\n--b--\r\n";
/// # let structure = Structure::read(&mut letter.as_slice(), &Limits::default())?;
/// let repaired = structure.parts.iter().any(|part| part.line_ends.lf > 0);
/// assert!(!repaired, "no line lost its CR on the way");
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LineEnds {
    /// CR LF.
    pub crlf: u64,
    /// LF alone.
    pub lf: u64,
}

/// What is wrong or doubtful with the structure of a part.
///
/// ```
/// # use mailseal::{Limits, mime::Structure};
/// # let letter = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
/// #     --b\r\n\r\nHello\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0K\r\n--b--\r\n";
/// # let structure = Structure::read(&mut letter.as_slice(), &Limits::default())?;
/// use mailseal::mime::Defect;
/// let doubtful = structure.parts.iter().any(|part| part.has(Defect::DuplicateField) || part.has(Defect::NotClosed));
/// assert!(!doubtful);
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
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
    /// A composite type with an encoding that RFC 2045 §6.4 forbids for it. Its parts are not read if it is a
    /// base64 multipart or any encoded message.
    EncodedComposite,
    /// A multipart in another one whose boundary is the same, or the same with `--` after it: its lines cannot be
    /// told apart (RFC 2046 §5.1.2).
    AmbiguousBoundary,
}

/// One part: its place in the tree and its octets in the letter.
///
/// ```
/// # use mailseal::{Limits, mime::Structure};
/// # let letter = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
/// #     --b\r\n\r\nHello\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0K\r\n--b--\r\n";
/// # let structure = Structure::read(&mut letter.as_slice(), &Limits::default())?;
/// let picture = structure.parts.iter().find(|part| part.media_type.main == "image").unwrap();
/// let body = &letter[picture.body.start as usize..picture.body.end as usize];
/// assert_eq!((picture.path.to_string().as_str(), body), ("2", &b"iVBORw0K"[..]));
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Part {
    /// Where it stands.
    pub path: PartPath,
    /// Index in [`Structure::parts`] of the part it lies in.
    pub parent: Option<usize>,
    /// Indices in [`Structure::parts`], in order.
    pub children: Vec<usize>,
    /// Its header, with the empty line that ends it. Where a boundary stands right after that line, the line's end
    /// belongs to the boundary.
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
    /// Lines of the body; a last one without line end counts.
    pub lines: u64,
    /// The body has octets above 127.
    pub eight_bit: bool,
    /// In a multipart: what stands before the first delimiter and after the last, without the line ends around.
    pub preamble: Range<u64>,
    /// See `preamble`.
    pub epilogue: Range<u64>,
    /// What is wrong with it.
    pub defects: Vec<Defect>,
    /// Some lines of the body, one after the other, that need no second look: they are as base64 writes them. Which
    /// ones depends on how the letter was read.
    pub(in crate::mime) usual: Range<u64>,
}

impl Part {
    /// Header and body: what a signature over this part covers.
    pub fn entity(&self) -> Range<u64> {
        self.header.start..self.body.end
    }

    /// The file name that its Content-Disposition gives it (RFC 2183 §2.3), or its Content-Type, decoded.
    ///
    /// ```
    /// # use mailseal::{Limits, mime::Structure};
    /// let part = b"Content-Type: image/png; name=\"=?utf-8?q?caf=C3=A9?=.png\"\r\n\r\n";
    /// let structure = Structure::read(&mut part.as_slice(), &Limits::default())?;
    /// assert_eq!(structure.parts[0].file_name().as_deref(), Some("café.png"));
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    pub fn file_name(&self) -> Option<String> {
        let name = self.disposition_file_name();
        let name = name.or_else(|| self.media_type.parameter("name").map(str::to_owned));
        // Against RFC 2231, and usual.
        name.map(|name| decode_words(&name))
    }

    /// What its Content-Disposition says alone, as it is said.
    pub(crate) fn disposition_file_name(&self) -> Option<String> {
        let field = self.headers().get("Content-Disposition")?;
        // Of the same form as a media type but for the slash.
        let value = [b"disposition/".as_slice(), field.unfolded().trim_ascii()].concat();
        MediaType::parse(&value)?.parameter("filename").map(str::to_owned)
    }

    /// The fields of its header.
    pub fn headers(&self) -> Headers<'_> {
        Headers::new(&self.header_octets)
    }

    /// True if it has this defect.
    pub fn has(&self, defect: Defect) -> bool {
        self.defects.contains(&defect)
    }

    pub(super) fn new(path: PartPath, parent: Option<usize>, start: u64) -> Self {
        Self {
            path,
            parent,
            children: Vec::new(),
            header: start..start,
            body: start..start,
            header_octets: Vec::new(),
            // Until the header is whole.
            media_type: MediaType { main: String::new(), sub: String::new(), parameters: Vec::new() },
            encoding: TransferEncoding::SevenBit,
            line_ends: LineEnds::default(),
            lines: 0,
            eight_bit: false,
            preamble: start..start,
            epilogue: start..start,
            defects: Vec::new(),
            usual: start..start,
        }
    }

    /// Content-Type, or the one that holds where none is given, Content-Transfer-Encoding and what is odd about the
    /// header.
    pub(super) fn read_fields(&mut self, default: fn() -> MediaType) {
        let octets = std::mem::take(&mut self.header_octets);
        let (mut content_type, mut encoding, mut version) = (None, None, None);
        for field in Headers::new(&octets).raw_fields() {
            let first = match field.name {
                name if name.eq_ignore_ascii_case("Content-Type") => &mut content_type,
                name if name.eq_ignore_ascii_case("Content-Transfer-Encoding") => &mut encoding,
                name if name.eq_ignore_ascii_case("MIME-Version") => &mut version,
                _ => continue,
            };
            match first {
                None => *first = Some(field),
                Some(_) => self.note(Defect::DuplicateField),
            }
        }
        let (media_type, readable) =
            content_type.map_or_else(|| (default(), true), |field| MediaType::read(&field.unfolded()));
        self.media_type = media_type;
        if !readable {
            self.note(Defect::UnreadableContentType);
        }
        if let Some(field) = encoding {
            self.encoding = TransferEncoding::parse(&field.unfolded());
        }
        if has_control(&octets) {
            self.note(Defect::ControlCharacter);
        }
        self.header_octets = octets;
    }

    pub(super) fn note(&mut self, defect: Defect) {
        if !self.has(defect) {
            self.defects.push(defect);
        }
    }
}

/// All parts of a letter; the first is the letter itself, each part stands before the parts in it.
///
/// ```
/// use mailseal::{Limits, mime::Structure};
/// let letter = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
///     --b\r\n\r\nHello\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0K\r\n--b--\r\n";
/// let structure = Structure::read(&mut letter.as_slice(), &Limits::default())?;
/// for part in &structure.parts {
///     println!("{} {} at {:?}", part.path, part.media_type, part.entity());
/// }
/// assert_eq!(structure.parts.len(), 3);
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Structure {
    /// The parts, in the order of their first octet.
    pub parts: Vec<Part>,
    /// Octets of the letter.
    pub length: u64,
}

impl Structure {
    /// Reads a letter in one pass (RFC 5322, RFC 2046 §5). Memory is bounded by `limits`, whatever the length of
    /// bodies and lines. A first line of an mbox (`From ` …) is passed over.
    ///
    /// ```
    /// use mailseal::{Limits, mime::Structure};
    /// let letter = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b--\r\n";
    /// let structure = Structure::read(&mut letter.as_slice(), &Limits::default())?;
    /// assert_eq!(structure.parts[1].path.to_string(), "1");
    /// assert_eq!(&letter[52..57], b"Hello");
    /// assert_eq!(structure.parts[1].body, 52..57);
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    pub fn read(reader: &mut dyn BufRead, limits: &Limits) -> Result<Self, Error> {
        let mut scanner = Scanner::new(limits);
        loop {
            let used = match reader.fill_buf() {
                Ok([]) => return scanner.finish(),
                Ok(chunk) => {
                    scanner.push(chunk)?;
                    chunk.len()
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Error::io("reading the letter")(error)),
            };
            reader.consume(used);
        }
    }

    /// The letter itself.
    pub fn root(&self) -> Option<&Part> {
        self.parts.first()
    }

    /// The part at `path`.
    pub fn part(&self, path: &PartPath) -> Option<&Part> {
        self.parts.iter().find(|part| part.path == *path)
    }

    /// The parts directly in `part`, in order.
    pub fn children<'a>(&'a self, part: &'a Part) -> impl Iterator<Item = &'a Part> {
        part.children.iter().filter_map(|index| self.parts.get(*index))
    }
}
