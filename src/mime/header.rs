//! The fields of a header (RFC 5322 §2.2): raw octets first, decoded text where it is asked for.
//!
//! - [`Headers::fields`], [`Headers::get`], [`Headers::count`]; [`Field::text`] decodes RFC 2047.

use std::borrow::Cow;
use std::ops::Range;

use mail_parser::DateTime;

use super::charset;
use super::encoded_word::decode_words;
use super::media_type::MediaType;
use crate::time::UnixTime;

/// The fields of one header, in their order.
///
/// ```
/// use mailseal::mime::Headers;
/// let headers = Headers::new(b"Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nX: 1\r\nx: 2\r\n\r\n");
/// assert_eq!(headers.get("subject").map(|field| field.text()), Some("Grüße".into()));
/// assert_eq!(headers.count("X"), 2);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Headers<'a> {
    octets: &'a [u8],
}

/// One field: its name and where its value lies.
///
/// ```
/// use mailseal::mime::Headers;
/// let headers = Headers::new(b"Received: by a;\r\n Mon\r\nReceived: by b\r\nSubject: Hi\r\n\r\n");
/// let hops: Vec<String> = headers.fields().filter(|field| field.name == "Received").map(|field| field.text()).collect();
/// assert_eq!(hops, ["by a; Mon", "by b"]);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Field<'a> {
    /// The name as it is written.
    pub name: &'a str,
    /// The octets between the colon and the last line end.
    pub value: &'a [u8],
    /// Name to last line end, in the octets of the header.
    pub range: Range<usize>,
    /// The charset that raw octets above 127 are most likely in.
    hint: Option<&'static encoding_rs::Encoding>,
}

impl<'a> Headers<'a> {
    /// From the octets of a header; what stands after an empty line is no header.
    pub fn new(octets: &'a [u8]) -> Self {
        Self { octets }
    }

    /// All fields. Lines that are no fields are passed over.
    pub fn fields(&self) -> impl Iterator<Item = Field<'a>> + use<'a> {
        let hint = self.charset();
        self.raw_fields().map(move |field| Field { hint, ..field })
    }

    /// The first field of this name; case does not matter.
    pub fn get(&self, name: &str) -> Option<Field<'a>> {
        let field = self.raw_fields().find(|field| field.name.eq_ignore_ascii_case(name))?;
        Some(Field { hint: self.charset(), ..field })
    }

    /// How many fields of this name there are.
    pub fn count(&self, name: &str) -> usize {
        self.raw_fields().filter(|field| field.name.eq_ignore_ascii_case(name)).count()
    }

    /// The Date (RFC 5322 §3.6.1), if there is exactly one and it can be read.
    pub fn date(&self) -> Option<UnixTime> {
        let mut fields = self.raw_fields().filter(|field| field.name.eq_ignore_ascii_case("Date"));
        let field = fields.next().filter(|_| fields.next().is_none())?;
        let text = String::from_utf8(field.unfolded().trim_ascii().to_vec()).ok()?;
        let date = DateTime::parse_rfc822(&text).filter(DateTime::is_valid)?;
        Some(UnixTime::from_seconds(date.to_timestamp()))
    }

    /// The same for looking at names and octets only.
    pub(super) fn raw_fields(&self) -> RawFields<'a> {
        RawFields { octets: self.octets, at: 0 }
    }

    /// Of no use where everything is UTF-8, as it is nearly always.
    fn charset(&self) -> Option<&'static encoding_rs::Encoding> {
        if std::str::from_utf8(self.octets).is_ok() {
            return None;
        }
        let field = self.raw_fields().find(|field| field.name.eq_ignore_ascii_case("Content-Type"))?;
        let (media_type, _) = MediaType::read(&field.unfolded());
        encoding_rs::Encoding::for_label(media_type.parameter("charset")?.as_bytes())
    }
}

impl<'a> Field<'a> {
    /// The value without the line ends it is folded with (RFC 5322 §2.2.3).
    pub fn unfolded(&self) -> Cow<'a, [u8]> {
        if memchr::memchr(b'\n', self.value).is_none() {
            return Cow::Borrowed(self.value);
        }
        let mut unfolded = Vec::with_capacity(self.value.len());
        let lines = self.value.split_inclusive(|octet| *octet == b'\n');
        lines.for_each(|line| unfolded.extend_from_slice(without_line_end(line)));
        Cow::Owned(unfolded)
    }

    /// The value as text: raw octets by their most likely charset, encoded words decoded (RFC 2047). What it holds
    /// of control characters is still in it: escape it before it is shown.
    pub fn text(&self) -> String {
        decode_words(&self.raw_text())
    }

    /// The value as text, encoded words as they stand.
    pub(crate) fn raw_text(&self) -> String {
        charset::guess(self.unfolded().trim_ascii(), self.hint)
    }
}

pub(super) struct RawFields<'a> {
    octets: &'a [u8],
    at: usize,
}

impl<'a> RawFields<'a> {
    fn line(&self) -> &'a [u8] {
        let rest = self.octets.get(self.at..).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        rest.get(..end).unwrap_or_default()
    }
}

impl<'a> Iterator for RawFields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        loop {
            let (start, line) = (self.at, self.line());
            if without_line_end(line).is_empty() {
                return None;
            }
            self.at += line.len();
            let Some((end, colon)) = name_and_colon(line) else { continue };
            let Ok(name) = std::str::from_utf8(line.get(..end).unwrap_or_default()) else { continue };
            while matches!(self.octets.get(self.at), Some(b' ' | b'\t')) {
                self.at += self.line().len();
            }
            let value = without_line_end(self.octets.get(start + colon + 1..self.at).unwrap_or_default());
            return Some(Field { name, value, range: start..self.at, hint: None });
        }
    }
}

/// Where the name of a field ends and where its colon stands. Blanks before the colon are RFC 5322 §4.5.
pub(super) fn name_and_colon(line: &[u8]) -> Option<(usize, usize)> {
    // Names are short: looking octet by octet is faster than calling for help.
    let end = line.iter().position(|octet| *octet == b':' || !octet.is_ascii_graphic())?;
    let rest = line.get(end..)?;
    let blanks = rest.iter().position(|octet| !matches!(octet, b' ' | b'\t'))?;
    (end > 0 && rest.get(blanks) == Some(&b':')).then_some((end, end + blanks))
}

pub(super) fn without_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// A NUL, or a CR that is no part of a line end.
pub(super) fn has_control(octets: &[u8]) -> bool {
    let bare = |at: usize| octets.get(at + 1) != Some(&b'\n');
    memchr::memchr2_iter(0, b'\r', octets).any(|at| octets.get(at) == Some(&0) || bare(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_as_they_stand() {
        let octets = b"A: 1\r\n  2\r\nnot a field\r\n folded\r\nB :x\nSubject:\r\n=?\r\n\r\n";
        let fields: Vec<_> = Headers::new(octets).fields().collect();
        let names: Vec<_> = fields.iter().map(|field| (field.name, field.value)).collect();
        assert_eq!(names, [("A", &b" 1\r\n  2"[..]), ("B", b"x"), ("Subject", b"")]);
        assert_eq!(&*fields[0].unfolded(), b" 1  2");
        assert_eq!(fields[1].range, 33..38);
    }

    #[test]
    fn a_date_is_read_once_or_not_at_all() {
        let date = |text: &str| Headers::new(text.as_bytes()).date().map(UnixTime::seconds);
        assert_eq!(date("Date: Thu, 28 Nov 2019 10:30:00 +0100\r\n"), Some(1_574_933_400));
        assert_eq!(date("Date: Thu, 28 Nov 2019 09:30:00 GMT (now)\r\n"), Some(1_574_933_400));
        assert_eq!(date("Date: soon\r\n"), None);
        assert_eq!(date("Date: 28 Nov 2019 10:30:00 +0100\r\nDate: 1 Jan 2020 00:00:00 +0000\r\n"), None);
    }

    #[test]
    fn japanese_raw_and_encoded() {
        let word = "日本語のメール、です。";
        for encoding in
            [encoding_rs::ISO_2022_JP, encoding_rs::SHIFT_JIS, encoding_rs::EUC_JP, encoding_rs::UTF_8]
        {
            let octets = [b"Subject: ", &*encoding.encode(word).0, b"\r\n"].concat();
            assert_eq!(Headers::new(&octets).get("Subject").unwrap().text(), word, "{}", encoding.name());
            let base64 = base64_simd::STANDARD.encode_to_string(&*encoding.encode(word).0);
            let octets = format!("Subject: =?{}?B?{base64}?=\r\n", encoding.name());
            assert_eq!(Headers::new(octets.as_bytes()).get("Subject").unwrap().text(), word);
        }
    }
}
