//! What is written for the body of each part, decided before the first octet is written.

use std::ops::Range;

use crate::error::Error;
use crate::input::Source;
use crate::limits::Limits;
use crate::mime::write::header::{self, Rewritten};
use crate::mime::write::legacy_display::{Insertion, insertion};
use crate::mime::write::scan::Facts;
use crate::mime::{Defect, Part, Structure, TransferEncoding, legacy_display};

/// A step of writing an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Headers and delimiters, of [`Body::octets`].
    Octets(Range<usize>),
    /// Octets of the source, with CR LF where `bare_lf` says that there are others.
    Copy { range: Range<u64>, bare_lf: bool },
    /// The same without the blanks at the ends of lines.
    Strip { range: Range<u64> },
    /// A body, decoded from one encoding and written in another.
    Encode { range: Range<u64>, from: TransferEncoding, to: Target },
    /// The same with octets put in where `at` octets are decoded.
    Insert { range: Range<u64>, from: TransferEncoding, to: Target, at: u64, octets: Vec<u8> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    QuotedPrintable,
    Base64,
}

/// The pieces of a body, and what they change in its header.
pub(crate) struct Body {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) octets: Vec<u8>,
    pub(crate) header: Rewritten,
    /// The last line has its line end.
    pub(crate) ended: bool,
}

impl Body {
    /// One more piece of what `write` adds to the octets.
    pub(crate) fn write<R>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> R) -> R {
        let start = self.octets.len();
        let result = write(&mut self.octets);
        let end = self.octets.len();
        match self.pieces.last_mut() {
            Some(Piece::Octets(last)) => last.end = end,
            _ => self.pieces.push(Piece::Octets(start..end)),
        }
        result
    }
}

enum Task<'p> {
    /// And whether its last line has its line end.
    Piece(Piece, bool),
    Octets(Vec<u8>),
    Delimiter([&'p str; 3]),
    Part(usize),
}

/// What is to be done, the next last, for the part that gave it this Content-Transfer-Encoding.
type Stack<'p> = Vec<Task<'p>>;
type Encoding = Option<&'static str>;

/// Tasks and pieces of most letters, and octets of their inner headers and delimiters.
const TASKS: usize = 8;
const TEXT: usize = 512;

pub(crate) struct Planner<'p, 'a> {
    source: &'p Source<'a>,
    structure: &'p Structure,
    limits: &'p Limits,
    /// Fields to be repeated in the texts with these indices (RFC 9788 §5.2.4).
    legacy: &'p [(String, String)],
    main: Vec<usize>,
}

impl<'p, 'a> Planner<'p, 'a> {
    pub(crate) fn new(
        source: &'p Source<'a>,
        structure: &'p Structure,
        limits: &'p Limits,
        legacy: &'p [(String, String)],
    ) -> Self {
        let main = if legacy.is_empty() { Vec::new() } else { legacy_display::main_parts(structure) };
        Self { source, structure, limits, legacy, main }
    }

    /// The body of the part with this index, and everything in it. A stack of tasks in place of recursion: nesting is untrusted.
    pub(crate) fn body(&self, index: usize) -> Result<Body, Error> {
        let mut stack = Vec::with_capacity(TASKS);
        let header = self.steps(index, &mut stack)?;
        let (pieces, octets) = (Vec::with_capacity(TASKS), Vec::with_capacity(TEXT));
        let mut body = Body { pieces, octets, header, ended: true };
        while let Some(task) = stack.pop() {
            match task {
                Task::Piece(piece, ended) => {
                    body.ended = ended;
                    body.pieces.push(piece);
                }
                Task::Octets(octets) => {
                    body.ended = true;
                    body.write(|out| out.extend(octets));
                }
                Task::Delimiter(texts) => {
                    body.ended = false;
                    body.write(|out| texts.iter().for_each(|text| out.extend_from_slice(text.as_bytes())));
                }
                Task::Part(index) => {
                    body.ended = true;
                    let rewritten = self.steps(index, &mut stack)?;
                    let part = self.part(index)?;
                    body.write(|out| header::inner(part, rewritten, self.limits, out))?;
                }
            }
        }
        Ok(body)
    }

    fn part(&self, index: usize) -> Result<&'p Part, Error> {
        self.structure.parts.get(index).ok_or_else(|| Error::misuse("a structure of another letter"))
    }

    fn steps(&self, index: usize, stack: &mut Stack<'p>) -> Result<Rewritten, Error> {
        let part = self.part(index)?;
        self.refuse_defects(part)?;
        if self.main.contains(&index)
            && let Some(insertion) = insertion(self.source, part, self.legacy)?
        {
            return self.with_legacy_display(part, insertion, stack);
        }
        let encoding = self.untouched(index, part, stack)?;
        Ok(Rewritten { encoding, legacy: None })
    }

    fn untouched(&self, index: usize, part: &'p Part, stack: &mut Stack<'p>) -> Result<Encoding, Error> {
        if is_layer(part) {
            self.layer(part, stack)
        } else if part.media_type.main == "multipart" {
            multipart(part, stack)
        } else if part.media_type.main == "message" && !part.children.is_empty() {
            self.message(index, part, stack)
        } else {
            self.leaf(part, stack)
        }
    }

    fn refuse_defects(&self, part: &Part) -> Result<(), Error> {
        for defect in &part.defects {
            let why = match defect {
                Defect::DuplicateField => {
                    "a Content-Type, Content-Transfer-Encoding or MIME-Version stands twice"
                }
                Defect::NoBoundary => "a multipart has no boundary",
                Defect::AmbiguousBoundary => "a multipart has the boundary of another one around it",
                Defect::UnreadableField => "a line of a header is no field",
                Defect::ControlCharacter => {
                    return Err(Error::malformed("a mail header", "it holds a NUL or a CR alone"));
                }
                Defect::EncodedComposite if part.media_type.main == "multipart" => {
                    "a multipart is declared as base64 or quoted-printable"
                }
                _ => continue,
            };
            return Err(refused(part, why));
        }
        Ok(())
    }

    /// A layer made by someone else: not one octet of it may change.
    fn layer(&self, part: &Part, stack: &mut Stack<'_>) -> Result<Encoding, Error> {
        let facts = Facts::of_body(part, self.source)?;
        if !facts.seven_bit() {
            return Err(refused(part, "it is signed or encrypted already and is not 7-bit"));
        }
        Ok(copied(part, &facts, stack))
    }

    /// RFC 2046 §5.2.1: a message/rfc822 is never encoded itself. It stays as it is or its parts are encoded.
    fn message(&self, index: usize, part: &Part, stack: &mut Stack<'_>) -> Result<Encoding, Error> {
        let facts = Facts::of_body(part, self.source)?;
        let later = self.structure.parts.iter().skip(index + 1);
        let mut inside = later.take_while(|other| part.path.contains(&other.path));
        let relabel = inside.any(|other| identity(other).is_some());
        if facts.robust() && !relabel {
            return Ok(copied(part, &facts, stack));
        }
        stack.extend(part.children.iter().rev().map(|child| Task::Part(*child)));
        Ok(identity(part))
    }

    fn with_legacy_display(
        &self,
        part: &Part,
        insertion: Insertion,
        stack: &mut Stack<'_>,
    ) -> Result<Rewritten, Error> {
        let facts = Facts::of_body(part, self.source)?;
        let Insertion { at, octets, charset } = insertion;
        let legacy = Some(charset);
        let (range, bare_lf) = (part.body.clone(), facts.bare_lf);
        if facts.robust() && part.encoding.is_identity() && header::fits(&octets, 0) {
            let middle = range.start.saturating_add(at);
            let ended = facts.ended || range.end <= middle;
            stack.push(Task::Piece(Piece::Copy { range: middle..range.end, bare_lf }, ended));
            stack.push(Task::Octets(octets));
            if at > 0 {
                stack.push(Task::Piece(Piece::Copy { range: range.start..middle, bare_lf }, false));
            }
            return Ok(Rewritten { encoding: identity(part), legacy });
        }
        let (to, encoding) = match part.encoding {
            TransferEncoding::Base64 => (Target::Base64, "base64"),
            _ if facts.nul => (Target::Base64, "base64"),
            _ => (Target::QuotedPrintable, "quoted-printable"),
        };
        let ended = facts.ended || to == Target::Base64;
        let piece = Piece::Insert { range, from: part.encoding, to, at, octets };
        stack.push(Task::Piece(piece, ended));
        Ok(Rewritten { encoding: Some(encoding), legacy })
    }

    fn leaf(&self, part: &Part, stack: &mut Stack<'_>) -> Result<Encoding, Error> {
        let facts = Facts::of_body(part, self.source)?;
        let text = part.media_type.main == "text";
        let binary = part.encoding == TransferEncoding::Binary;
        // In `binary` an LF is content and no line end, but in text it is one.
        if facts.robust() && (text || !binary || !facts.bare_lf) {
            return Ok(copied(part, &facts, stack));
        }
        if part.media_type.main == "message" && part.media_type.sub != "global" {
            return message_leaf(part, &facts, stack);
        }
        let to = match part.encoding {
            TransferEncoding::Unknown => {
                return Err(refused(part, "its transfer encoding is unknown, and it is not 7-bit"));
            }
            TransferEncoding::Base64 => Target::Base64,
            TransferEncoding::Binary if text && facts.nul => Target::Base64,
            _ if text => Target::QuotedPrintable,
            _ => Target::Base64,
        };
        let encoding = match to {
            Target::QuotedPrintable => "quoted-printable",
            Target::Base64 => "base64",
        };
        let ended = facts.ended || to == Target::Base64;
        let piece = Piece::Encode { range: part.body.clone(), from: part.encoding, to };
        stack.push(Task::Piece(piece, ended));
        Ok(Some(encoding))
    }
}

/// A cryptographic layer with parts of its own. (A pkcs7-mime body is DER: encoding it again changes nothing in it.)
pub(crate) fn is_layer(part: &Part) -> bool {
    part.media_type.is("multipart", "signed") || part.media_type.is("multipart", "encrypted")
}

fn copied(part: &Part, facts: &Facts, stack: &mut Stack<'_>) -> Encoding {
    let piece = Piece::Copy { range: part.body.clone(), bare_lf: facts.bare_lf };
    stack.push(Task::Piece(piece, facts.ended));
    identity(part)
}

/// What is 7bit is called so.
fn identity(part: &Part) -> Encoding {
    matches!(part.encoding, TransferEncoding::EightBit | TransferEncoding::Binary).then_some("7bit")
}

/// No encoding is allowed here (RFC 2046 §5.2, RFC 3464 §2.1, RFC 8098 §3). Reports and their kin consist of
/// fields, where a blank at the end of a line means nothing.
fn message_leaf(part: &Part, facts: &Facts, stack: &mut Stack<'_>) -> Result<Encoding, Error> {
    const FIELDS: [&str; 4] =
        ["delivery-status", "disposition-notification", "external-body", "tracking-status"];
    let fields = FIELDS.contains(&part.media_type.sub.as_str()) && part.encoding.is_identity();
    if !facts.seven_bit() || facts.from_line || !fields {
        return Err(refused(
            part,
            "this type of message may not be encoded, and it would not arrive unchanged",
        ));
    }
    let piece = Piece::Strip { range: part.body.clone() };
    stack.push(Task::Piece(piece, facts.ended));
    Ok(identity(part))
}

/// Preamble and epilogue belong to no part and are left out.
fn multipart<'p>(part: &'p Part, stack: &mut Stack<'p>) -> Result<Encoding, Error> {
    let boundary = part.media_type.parameter("boundary").unwrap_or_default().trim_end_matches(' ');
    let usable = !boundary.is_empty() && boundary.bytes().all(|octet| matches!(octet, b' '..=b'~'));
    // RFC 2046 §5.1.1 allows 70; what was read so far is written again, if a line can hold it.
    if !usable || boundary.len() > 900 {
        return Err(refused(part, "its boundary cannot be written"));
    }
    if part.children.is_empty() {
        return Err(refused(part, "it is a multipart without parts"));
    }
    stack.push(Task::Delimiter(["\r\n--", boundary, "--"]));
    for (number, child) in part.children.iter().enumerate().rev() {
        let start = if number == 0 { "--" } else { "\r\n--" };
        stack.extend([Task::Part(*child), Task::Delimiter([start, boundary, "\r\n"])]);
    }
    Ok(identity(part))
}

pub(crate) fn refused(part: &Part, why: &str) -> Error {
    Error::Refused(format!("part {} of the letter ({}): {why}", part.path, part.media_type))
}
