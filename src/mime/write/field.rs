//! Header fields as octets: split, brought into canonical form, and composed from values (RFC 5322 §2.2, RFC 2045
//! §5, RFC 2047, RFC 2231). No value can add a line or a field (R-E1).
//!
//! - [`split`]: the fields of a header, byte-exact.
//! - [`parameterized`]: a field with parameters, such as Content-Type.
//! - [`unstructured`]: a field of text, such as Subject.

use std::borrow::Cow;

use memchr::memchr;

use crate::error::Error;
use crate::limits::Limits;
#[cfg(feature = "bulk")]
use crate::mime::Address;
use crate::mime::header::{Headers, has_control};
use crate::mime::parameters::is_token;
use crate::time::UnixTime;

/// One field of a header, with its line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field<'h> {
    pub(crate) octets: &'h [u8],
    pub(crate) name: &'h str,
}

impl<'h> Field<'h> {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    pub(crate) fn starts_with(&self, prefix: &str) -> bool {
        self.name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    }

    /// MIME-Version and Content-*: the fields RFC 9788 §1.8 calls structural.
    pub(crate) fn is_structural(&self) -> bool {
        self.is("MIME-Version") || self.starts_with("Content-")
    }

    /// What follows the colon, without the line ends of folding and the blanks around.
    pub(crate) fn value(&self) -> Vec<u8> {
        let start = memchr(b':', self.octets).map_or(0, |colon| colon + 1);
        let value = self.octets.get(start..).unwrap_or_default();
        let unfolded: Vec<u8> =
            value.iter().copied().filter(|octet| !matches!(octet, b'\r' | b'\n')).collect();
        unfolded.trim_ascii().to_vec()
    }

    /// With CR LF at each line; a continuation of nothing but blanks, which strippers of blanks would turn into
    /// the end of the header, is left out.
    pub(crate) fn crlf_into(&self, out: &mut Vec<u8>) {
        self.lines(|line| line, out);
    }

    /// The same without blanks at the end of lines, and without those before the colon: `From :` would look like the
    /// first line of a letter in a mailbox.
    pub(crate) fn canonical_into(&self, out: &mut Vec<u8>) {
        let start = out.len();
        self.lines(<[u8]>::trim_ascii_end, out);
        let end = start + self.name.len();
        if out.get(end) != Some(&b':') {
            // Blanks before the colon.
            let blanks = out.get(end..).and_then(|rest| memchr(b':', rest)).unwrap_or(0);
            out.drain(end..end + blanks);
        }
    }

    fn lines(&self, keep: impl Fn(&'h [u8]) -> &'h [u8], out: &mut Vec<u8>) {
        for line in self.octets.split(|octet| *octet == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if !line.trim_ascii().is_empty() {
                out.extend_from_slice(keep(line));
                out.extend_from_slice(b"\r\n");
            }
        }
    }
}

/// The fields of a header. What is no field, NUL and a CR alone are refused: each is a way to make two readers see
/// two headers.
pub(crate) fn split<'h>(header: &'h [u8], limits: &Limits) -> Result<Vec<Field<'h>>, Error> {
    let mut fields = Vec::with_capacity(FIELDS);
    strictly(header, |field| fields.push(field))?;
    if fields.len() > limits.header_fields {
        return Err(limit("header_fields", limits.header_fields));
    }
    if fields.iter().any(|field| field.octets.len() > limits.header_field_bytes) {
        return Err(limit("header_field_bytes", limits.header_field_bytes));
    }
    Ok(fields)
}

fn strictly<'h>(header: &'h [u8], mut found: impl FnMut(Field<'h>)) -> Result<(), Error> {
    let malformed = |why: &str| Error::malformed("a mail header", why);
    if has_control(header) {
        return Err(malformed("it holds a NUL, or a CR that ends no line"));
    }
    let mut at = 0;
    for field in Headers::new(header).raw_fields() {
        if field.range.start != at {
            return Err(malformed("a line of it is no field"));
        }
        at = field.range.end;
        found(Field { octets: header.get(field.range).unwrap_or_default(), name: field.name });
    }
    match header.get(at..) {
        None | Some(b"" | b"\r\n" | b"\n") => Ok(()),
        Some(_) => Err(malformed("a line of it is no field")),
    }
}

/// The header of a letter up to where its structural fields follow, which are ours to write. MIME-Version stands in
/// the header of a letter only (RFC 2045 §4): without outer fields there is none.
pub(crate) fn outer_header<'f>(outer: impl IntoIterator<Item = &'f [u8]>) -> Result<Vec<u8>, Error> {
    let mut header = Vec::with_capacity(HEADER);
    outer.into_iter().for_each(|field| header.extend_from_slice(field));
    let whole = header.is_empty() || (header.ends_with(b"\r\n") && !header.ends_with(b"\n\r\n"));
    let mut ours = whole;
    if whole {
        strictly(&header, |field| ours &= !field.is_structural())?;
    }
    if !ours {
        return Err(Error::misuse("the outer fields are not whole, or hold MIME-Version or Content-*"));
    }
    if !header.is_empty() {
        header.extend_from_slice(b"MIME-Version: 1.0\r\n");
    }
    Ok(header)
}

/// Room for most headers; with what is written after them.
const HEADER: usize = 1024;
const FIELDS: usize = 16;

fn limit(name: &'static str, limit: usize) -> Error {
    Error::Limit { name, limit: u64::try_from(limit).unwrap_or(u64::MAX) }
}

/// A line is folded before it gets longer than this (RFC 5322 §2.1.1).
pub(crate) const WIDTH: usize = 76;
/// Octets of a parameter's value in one piece (RFC 2231 §3): with name and number still a short line.
const PIECE: usize = 48;

/// `Name: value; parameter="…"`, folded. Values beyond ASCII, and very long ones, are written as RFC 2231 has it.
pub(crate) fn parameterized(name: &str, value: &str, parameters: &[(&str, &str)]) -> Result<Vec<u8>, Error> {
    token(name)?;
    if value.split('/').any(|part| token(part).is_err()) || value.split('/').count() > 2 {
        return Err(Error::misuse(format!("{value:?} cannot be the value of {name}")));
    }
    let mut out = String::with_capacity(4 * WIDTH);
    [name, ": ", value].iter().for_each(|text| out.push_str(text));
    let mut line = 0;
    for (parameter, value) in parameters {
        token(parameter)?;
        single_line(value)?;
        if value.len() <= WIDTH - 4 && value.bytes().all(|octet| matches!(octet, b' '..=b'~')) {
            piece(&mut out, &mut line, &[parameter, "=\"", &escaped(value), "\""]);
        } else {
            extended(parameter, value).iter().for_each(|text| piece(&mut out, &mut line, &[text]));
        }
    }
    out.push_str("\r\n");
    Ok(out.into_bytes())
}

/// One parameter more, in a new line (which starts at `line`) if it does not fit in this one.
fn piece(out: &mut String, line: &mut usize, texts: &[&str]) {
    out.push(';');
    let length: usize = texts.iter().map(|text| text.len()).sum();
    if out.len() - *line + 1 + length > WIDTH {
        out.push_str("\r\n");
        *line = out.len();
    }
    out.push(' ');
    texts.iter().for_each(|text| out.push_str(text));
}

/// A parameter as RFC 2231 has it, in pieces.
fn extended(name: &str, value: &str) -> Vec<String> {
    let mut encoded: Vec<String> = vec![String::from("utf-8''")];
    for character in value.chars() {
        let mut octets = [0; 4];
        let mut text = String::new();
        for octet in character.encode_utf8(&mut octets).bytes() {
            match octet {
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'.' | b'-' | b'_' => text.push(char::from(octet)),
                _ => text.push_str(&format!("%{octet:02X}")),
            }
        }
        match encoded.last_mut() {
            Some(last) if last.len() + text.len() <= PIECE => last.push_str(&text),
            _ => encoded.push(text),
        }
    }
    match encoded.as_slice() {
        [whole] => vec![format!("{name}*={whole}")],
        _ => encoded.iter().enumerate().map(|(number, piece)| format!("{name}*{number}*={piece}")).collect(),
    }
}

/// The inside of a quoted-string (RFC 5322 §3.2.4).
fn escaped(value: &str) -> Cow<'_, str> {
    if !value.contains(['"', '\\']) {
        return Cow::Borrowed(value);
    }
    Cow::Owned(value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A token (RFC 2045 §5.1).
fn token(text: &str) -> Result<(), Error> {
    if text.is_empty() || !text.bytes().all(|octet| is_token(&octet)) {
        return Err(Error::misuse(format!("{text:?} is no token")));
    }
    Ok(())
}

/// No control characters but the tab, line ends least of all (R-E1).
pub(crate) fn single_line(value: &str) -> Result<(), Error> {
    match value.chars().find(|character| character.is_control() && *character != '\t') {
        Some(character) => Err(Error::Refused(format!(
            "the value {value:?} of a header field holds the control character {character:?}"
        ))),
        None => Ok(()),
    }
}

/// `Date:` (RFC 5322 §3.3), in universal time.
pub(crate) fn date(at: UnixTime) -> Vec<u8> {
    let date = mail_parser::DateTime::from_timestamp(at.seconds()).to_rfc822();
    format!("Date: {date}\r\n").into_bytes()
}

/// A field of text. What lies beyond ASCII makes it a row of encoded words (RFC 2047 §2).
pub(crate) fn unstructured(name: &str, value: &str) -> Result<Vec<u8>, Error> {
    if name.is_empty() || name.bytes().any(|octet| !octet.is_ascii_graphic() || octet == b':') {
        return Err(Error::misuse(format!("{name:?} is no field name")));
    }
    single_line(value)?;
    let mut out = format!("{name}:");
    // A word that only looks encoded would be read as another text; a very long one cannot be folded.
    let plain = |octet: u8| matches!(octet, b' '..=b'~');
    if value.bytes().all(plain) && !value.contains("=?") && value.split(' ').all(|word| word.len() < 900) {
        return Ok(folded(out, value));
    }
    let mut column = out.len();
    for (number, word) in words(value).into_iter().enumerate() {
        if number > 0 || column + 1 + word.len() > WIDTH {
            out.push_str("\r\n");
            column = 0;
        }
        out.push(' ');
        out.push_str(&word);
        column += 1 + word.len();
    }
    out.push_str("\r\n");
    Ok(out.into_bytes())
}

/// A field of addresses with their names, which may be empty (RFC 5322 §3.4, RFC 2047 §5), each in a line of its own.
#[cfg(feature = "bulk")]
pub(crate) fn mailboxes(name: &str, mailboxes: &[(String, Address)]) -> Result<Vec<u8>, Error> {
    token(name)?;
    let mut out = format!("{name}:");
    for (number, (phrase, address)) in mailboxes.iter().enumerate() {
        single_line(phrase)?;
        out.push_str(if number > 0 { ",\r\n " } else { " " });
        let phrase = phrase.trim();
        if phrase.is_empty() {
            out.push_str(&address.to_string());
            continue;
        }
        if phrase.len() <= WIDTH
            && phrase.bytes().all(|octet| matches!(octet, b' '..=b'~'))
            && !phrase.contains("=?")
        {
            out.push_str(&format!("\"{}\"", escaped(phrase)));
        } else {
            out.push_str(&words(phrase).join("\r\n "));
        }
        out.push_str(&format!("\r\n <{address}>"));
    }
    out.push_str("\r\n");
    Ok(out.into_bytes())
}

/// Text in lines, broken only between two words with one space between them, so that no line ends in a blank.
fn folded(mut out: String, value: &str) -> Vec<u8> {
    let (mut column, mut after_word) = (out.len(), false);
    for word in value.trim().split(' ').filter(|_| !value.trim().is_empty()) {
        if after_word && !word.is_empty() && column + 1 + word.len() > WIDTH {
            out.push_str("\r\n");
            column = 0;
        }
        out.push(' ');
        out.push_str(word);
        column += 1 + word.len();
        after_word = !word.is_empty();
    }
    out.push_str("\r\n");
    out.into_bytes()
}

/// Encoded words in base64: at most 75 characters, no character cut (RFC 2047 §2, §5).
pub(crate) fn words(value: &str) -> Vec<String> {
    let mut texts: Vec<String> = vec![String::new()];
    for character in value.chars() {
        match texts.last_mut() {
            Some(last) if last.len() + character.len_utf8() <= 39 => last.push(character),
            _ => texts.push(character.to_string()),
        }
    }
    texts.iter().map(|text| format!("=?utf-8?B?{}?=", base64_simd::STANDARD.encode_to_string(text))).collect()
}
