//! A letter with places for the values of a row.

use std::collections::{BTreeSet, HashSet};
use std::io::Read;
use std::ops::Range;

use super::journal::LONGEST_ID;
use super::{Recipient, Recipients};
use crate::error::Error;
use crate::limits::Limits;
use crate::message::BulkDraft;
use crate::mime::write::field::{self, Field};
use crate::mime::{Address, FromHeader, Headers, MediaType, Part, Structure, charset, decode};

/// A finished letter with places `{{name}}` for values: in Subject and other fields of the letter, and in its texts.
///
/// Each place takes its value in its own way, so that no value adds anything but text: in an HTML text it is escaped, in
/// Subject and names it is encoded (RFC 2047), an address has to be one, and in other fields, as in the address of
/// List-Unsubscribe, it is visible ASCII without blanks, commas, quotes and angle brackets. A line end in a field is
/// refused, and so is a value that would make parts.
///
/// ```
/// # fn main() -> Result<(), mailseal::Error> {
/// use mailseal::{Limits, outside::{Recipient, Template}};
/// let letter = "From: news@example.org\r\nTo: {{name}} <{{email}}>\r\nSubject: For {{name}}\r\n\
///               Content-Type: text/html; charset=utf-8\r\n\r\n<p>Dear {{name}},</p>\r\n";
/// let template = Template::read(letter.as_bytes(), &Limits::default())?;
/// let row = [("name".into(), "Zoë & Max".into()), ("email".into(), "zoe@example.org".into())];
/// let draft = String::from_utf8(template.fill(&Recipient::new("1", row))?.octets).unwrap();
/// assert!(draft.contains("<p>Dear Zoë &amp; Max,</p>") && draft.contains("Subject: =?utf-8?B?"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Template {
    pieces: Vec<Piece>,
    names: BTreeSet<String>,
    /// The parts, as every filled letter has to have them.
    shape: Vec<(String, String)>,
    limits: Limits,
}

#[derive(Debug, Clone)]
enum Piece {
    Octets(Vec<u8>),
    Text(Vec<Span>, bool),
    /// Name and value of a field of text.
    Words(String, Vec<Span>),
    Addresses(String, Vec<NameAndAddress>),
    /// Any other field.
    Token(Vec<Span>),
}

/// Of a mailbox.
type NameAndAddress = (Option<Vec<Span>>, Vec<Span>);

#[derive(Debug, Clone)]
enum Span {
    Fixed(String),
    Place(String),
}

impl Template {
    /// Reads it, and where its places are.
    pub fn read(letter: &[u8], limits: &Limits) -> Result<Self, Error> {
        let structure = Structure::read(&mut &*letter, limits)?;
        let mut made = Self {
            pieces: Vec::new(),
            names: BTreeSet::new(),
            shape: shape(&structure),
            limits: limits.clone(),
        };
        let mut at = 0;
        for part in &structure.parts {
            let is_root = part.parent.is_none();
            let text = if part.media_type.main == "text" && part.children.is_empty() {
                Some(text(part, slice(letter, &part.body)?)?).filter(|text| text.contains("{{"))
            } else {
                None
            };
            if !is_root && text.is_none() {
                continue;
            }
            let header = range(&part.header)?;
            made.octets(letter.get(at..header.start).unwrap_or_default());
            at = header.end;
            let fields = field::split(&part.header_octets, limits)?;
            for field in &fields {
                made.field(field, is_root, text.is_some())?;
            }
            if let Some(text) = text {
                let octets = content_type(part)?;
                made.octets(&octets);
                made.octets(b"Content-Transfer-Encoding: 8bit\r\n\r\n");
                made.text(&text, part.media_type.is("text", "html"))?;
                at = range(&part.body)?.end;
            } else {
                made.octets(b"\r\n");
            }
        }
        made.octets(letter.get(at..).unwrap_or_default());
        Ok(made)
    }

    /// What its places are called.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The letter of a row. [`Error::Refused`] where a value is missing, or cannot stand in its place.
    pub fn fill(&self, row: &Recipient) -> Result<BulkDraft, Error> {
        self.filled(row).map_err(|error| match error {
            Error::Refused(why) => Error::Refused(format!("{}: {why}", row.id)),
            other => other,
        })
    }

    /// The letters of a table. All of them are looked at before the first is given, so that nothing is sent where one
    /// cannot be made, or two rows are called the same.
    ///
    /// ```no_run
    /// use mailseal::outside::{JournalFile, MaildirDelivery, Recipients, Template};
    /// use mailseal::{Bulk, Limits};
    /// # fn send(bulk: Bulk, journal: &JournalFile, delivery: &MaildirDelivery) -> Result<(), mailseal::Error> {
    /// let template = Template::read(&std::fs::read("letter.eml").unwrap(), &Limits::default())?;
    /// let drafts = template.drafts(&Recipients::file("people.csv"))?;
    /// bulk.run(drafts, journal, delivery, |_| ())?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn drafts<'t>(
        &'t self,
        recipients: &Recipients,
    ) -> Result<impl Iterator<Item = Result<BulkDraft, Error>> + Send + use<'t>, Error> {
        let mut ids = HashSet::new();
        for row in recipients.rows()? {
            let row = row?;
            self.fill(&row)?;
            if row.id.is_empty() || row.id.len() > LONGEST_ID {
                return Err(Error::Refused(format!(
                    "a row of the recipients has no id, or one of more than {LONGEST_ID} octets"
                )));
            }
            // Domains are the same however they are written.
            let address = row.id.parse::<Address>().map(|address| address.to_string());
            if !ids.insert(crate::crypto::sha256(address.as_ref().unwrap_or(&row.id).as_bytes())) {
                return Err(Error::Refused(format!("two rows of the recipients are called {}", row.id)));
            }
        }
        Ok(recipients.rows()?.map(|row| self.fill(&row?)))
    }

    fn filled(&self, row: &Recipient) -> Result<BulkDraft, Error> {
        let mut octets = Vec::new();
        for piece in &self.pieces {
            piece.fill(row, &mut octets)?;
        }
        let structure = Structure::read(&mut octets.as_slice(), &self.limits)?;
        if shape(&structure) != self.shape {
            return Err(Error::Refused("a value changes the parts of the letter".into()));
        }
        Ok(BulkDraft { id: row.id.clone(), octets })
    }

    fn octets(&mut self, octets: &[u8]) {
        match self.pieces.last_mut() {
            Some(Piece::Octets(last)) => last.extend_from_slice(octets),
            _ => self.pieces.push(Piece::Octets(octets.to_vec())),
        }
    }

    fn text(&mut self, text: &str, html: bool) -> Result<(), Error> {
        let spans = self.spans(text)?;
        self.pieces.push(Piece::Text(spans, html));
        Ok(())
    }

    fn field(&mut self, field: &Field<'_>, is_root: bool, rewritten: bool) -> Result<(), Error> {
        if rewritten && (field.is("Content-Type") || field.is("Content-Transfer-Encoding")) {
            return Ok(());
        }
        let headers = Headers::new(field.octets);
        let Some(read) = headers.get(field.name) else { return Ok(()) };
        let text = read.text();
        if !text.contains("{{") {
            let mut octets = Vec::new();
            field.crlf_into(&mut octets);
            self.octets(&octets);
            return Ok(());
        }
        if !is_root || field.is_structural() {
            return Err(Error::Refused(format!("the field {} takes no place for a value", field.name)));
        }
        let name = field.name.to_owned();
        let is = |names: &[&str]| names.iter().any(|name| field.is(name));
        let piece = if is(&["Subject", "Comments", "Keywords"]) {
            Piece::Words(name, self.spans(&text)?)
        } else if is(&["From", "To", "Cc", "Bcc", "Reply-To", "Sender"]) {
            Piece::Addresses(name, self.addresses(field.name, &read.raw_text())?)
        } else {
            // Encoded words stay as they are: what they hold may not stand in a field.
            let raw = read.raw_text();
            if !raw.contains("{{") || raw.split("{{").any(ends_inside_encoded_word) {
                let why = format!("the field {} takes no place in an encoded word", field.name);
                return Err(Error::Refused(why));
            }
            Piece::Token(self.spans(&format!("{}: {raw}", field.name))?)
        };
        self.pieces.push(piece);
        Ok(())
    }

    /// Names and addresses apart: places are read as the words of a name, or of an address.
    fn addresses(&mut self, name: &str, text: &str) -> Result<Vec<NameAndAddress>, Error> {
        let spans = self.spans(text)?;
        let mut stand_ins = format!("{name}: ");
        let mut places = Vec::new();
        for span in spans {
            match span {
                Span::Fixed(text) => stand_ins.push_str(&text),
                Span::Place(place) => {
                    stand_ins.push_str(&stand_in(places.len()));
                    places.push(place);
                }
            }
        }
        stand_ins.push_str("\r\n");
        let found = FromHeader::of(&Headers::new(stand_ins.as_bytes()), name);
        if found.group || found.mailboxes.is_empty() {
            return Err(Error::Refused(format!("the field {name} is no list of addresses")));
        }
        let spans = |text: &str| {
            let mut text = text.to_owned();
            for (number, place) in places.iter().enumerate() {
                text = text.replace(&stand_in(number), &format!("{{{{{place}}}}}"));
            }
            cut(&text)
        };
        found
            .mailboxes
            .iter()
            .map(|mailbox| {
                Ok((
                    mailbox.name.as_deref().map(spans).transpose()?,
                    spans(in_angles(&mailbox.address_text()))?,
                ))
            })
            .collect()
    }

    fn spans(&mut self, text: &str) -> Result<Vec<Span>, Error> {
        let spans = cut(text)?;
        let places = spans.iter().filter_map(|span| match span {
            Span::Place(name) => Some(name.clone()),
            Span::Fixed(_) => None,
        });
        self.names.extend(places);
        Ok(spans)
    }
}

/// `=?utf-8?Q?so far`
fn ends_inside_encoded_word(text: &str) -> bool {
    let word = text.rsplit([' ', '\t']).next().unwrap_or_default();
    word.split_once("=?").is_some_and(|(_, word)| word.matches('?').count() >= 2 && !word.ends_with("?="))
}

/// A stand-in is no address yet, so the text around it comes with it.
fn in_angles(text: &str) -> &str {
    text.rsplit_once('<').and_then(|(_, rest)| rest.strip_suffix('>')).unwrap_or(text)
}

/// No word that anybody writes, and lower case: domains are.
fn stand_in(number: usize) -> String {
    format!("zqj{number}jqz")
}

fn cut(text: &str) -> Result<Vec<Span>, Error> {
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after
            .split_once("}}")
            .filter(|(name, _)| !name.trim().is_empty() && !name.contains(['{', '\n']))
            .ok_or_else(|| Error::Refused("a {{ of the template is not the beginning of {{name}}".into()))?;
        found.push(Span::Fixed(before.to_owned()));
        found.push(Span::Place(name.trim().to_owned()));
        rest = after;
    }
    found.push(Span::Fixed(rest.to_owned()));
    Ok(found)
}

impl Piece {
    fn fill(&self, row: &Recipient, out: &mut Vec<u8>) -> Result<(), Error> {
        match self {
            Self::Octets(octets) => out.extend_from_slice(octets),
            Self::Text(spans, html) => {
                let filled = fill(spans, row, |name, value| in_text(name, value, *html))?;
                out.extend_from_slice(filled.as_bytes());
            }
            Self::Words(name, spans) => {
                let filled = fill(spans, row, |_, value| Ok(value.to_owned()))?;
                out.extend(field::unstructured(name, &filled)?);
            }
            Self::Addresses(name, mailboxes) => {
                let plain = |_: &str, value: &str| Ok(value.to_owned());
                let mut filled = Vec::new();
                for (phrase, address) in mailboxes {
                    let text = fill(address, row, plain)?;
                    let address: Address = text.parse().map_err(|error| {
                        Error::Refused(format!("{text:?} is no address for {name}: {error}"))
                    })?;
                    let phrase = phrase.as_ref().map(|phrase| fill(phrase, row, plain)).transpose()?;
                    filled.push((phrase.unwrap_or_default(), address));
                }
                out.extend(field::mailboxes(name, &filled)?);
            }
            Self::Token(spans) => {
                let filled = fill(spans, row, in_field)?;
                if filled.len() > LONGEST_LINE {
                    return Err(Error::Refused("the values make a line of the header too long".into()));
                }
                out.extend_from_slice(filled.as_bytes());
                out.extend_from_slice(b"\r\n");
            }
        }
        Ok(())
    }
}

/// RFC 5322 §2.1.1, without its end.
const LONGEST_LINE: usize = 998;

fn fill(
    spans: &[Span],
    row: &Recipient,
    write: impl Fn(&str, &str) -> Result<String, Error>,
) -> Result<String, Error> {
    let mut out = String::new();
    for span in spans {
        match span {
            Span::Fixed(text) => out.push_str(text),
            Span::Place(name) => {
                let value = row.get(name).ok_or_else(|| {
                    let known: Vec<&str> = row.names().collect();
                    let known = known.join(", ");
                    Error::Refused(format!("there is no value {name}; there are {known}"))
                })?;
                out.push_str(&write(name, value)?);
            }
        }
    }
    Ok(out)
}

fn in_text(name: &str, value: &str, html: bool) -> Result<String, Error> {
    let lines = value.replace("\r\n", "\n");
    if lines.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\t')) {
        return Err(Error::Refused(format!("the value {name} holds a control character")));
    }
    let lines = lines.replace('\n', "\r\n");
    if !html {
        return Ok(lines);
    }
    let mut out = String::with_capacity(lines.len());
    for letter in lines.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    Ok(out)
}

fn in_field(name: &str, value: &str) -> Result<String, Error> {
    let fits = |letter: char| letter.is_ascii_graphic() && !"<>,\"".contains(letter);
    if value.is_empty() || value.len() > 900 || !value.chars().all(fits) {
        return Err(Error::Refused(format!(
            "the value {name} cannot stand in a header field: it takes visible ASCII without < > , and quotes"
        )));
    }
    Ok(value.to_owned())
}

/// Paths and types of all parts.
fn shape(structure: &Structure) -> Vec<(String, String)> {
    structure.parts.iter().map(|part| (part.path.to_string(), part.media_type.to_string())).collect()
}

fn range(range: &Range<u64>) -> Result<Range<usize>, Error> {
    match (usize::try_from(range.start), usize::try_from(range.end)) {
        (Ok(start), Ok(end)) => Ok(start..end),
        _ => Err(Error::InputChanged),
    }
}

fn slice<'l>(letter: &'l [u8], of: &Range<u64>) -> Result<&'l [u8], Error> {
    letter.get(range(of)?).ok_or(Error::InputChanged)
}

/// A text as it is read.
fn text(part: &Part, body: &[u8]) -> Result<String, Error> {
    let mut octets = Vec::new();
    decode::reader(part.encoding, body)
        .read_to_end(&mut octets)
        .map_err(Error::io("reading the template"))?;
    Ok(charset::decode(&octets, part.media_type.parameter("charset")))
}

/// The type of a part whose text is UTF-8 now.
fn content_type(part: &Part) -> Result<Vec<u8>, Error> {
    let MediaType { parameters, .. } = &part.media_type;
    let kept = parameters.iter().filter(|(name, _)| name != "charset");
    let kept = kept.map(|(name, value)| (name.as_str(), value.as_str()));
    let parameters: Vec<_> = [("charset", "utf-8")].into_iter().chain(kept).collect();
    field::parameterized("Content-Type", &part.media_type.to_string(), &parameters)
}
