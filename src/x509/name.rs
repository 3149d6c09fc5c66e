//! Distinguished names: octets as they stand, text for people, and comparison (RFC 5280 §4.1.2.4, §7.1).

use std::fmt;
use std::hash::{Hash, Hasher};
use std::iter;

use const_oid::ObjectIdentifier;

use crate::x509::der_reader::{
    BMP_STRING, DerError, IA5_STRING, NUMERIC_STRING, OID, PRINTABLE_STRING, Reader, Result, SEQUENCE, SET,
    TELETEX_STRING, UNIVERSAL_STRING, UTF8_STRING, VISIBLE_STRING, Value,
};
use crate::x509::oid;

/// A distinguished name. Equal when RFC 5280 §7.1 says so: the same attributes in the same order, PrintableString and
/// UTF8String without regard to case and to the number of spaces, everything else octet by octet.
///
/// ```text
/// Name ::= SEQUENCE OF RelativeDistinguishedName
/// RelativeDistinguishedName ::= SET OF SEQUENCE { type OBJECT IDENTIFIER, value ANY }
/// ```
///
/// ```
/// use mailseal::x509::Certificate;
/// let pem = include_bytes!("../../examples/letters/openssl-ca.pem");
/// let certificate = Certificate::load_pem_or_der(pem)?.remove(0);
/// assert_eq!(certificate.issuer(), certificate.subject(), "it signed itself");
/// assert_eq!(certificate.subject().organization().as_deref(), Some("Example Trust"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Name {
    der: Vec<u8>,
    normal: Vec<u8>,
    /// The same with every string type read as text, where there are others than those two.
    read: Option<Vec<u8>>,
}

impl Name {
    pub(crate) fn new(der: &[u8]) -> Self {
        // A name that cannot be read equals its own octets only. No normal form starts with 0xff.
        let normal = normal_form(der, |attribute| attribute.normal_form());
        let normal = normal.unwrap_or_else(|_| [&[0xff], der].concat());
        let mut name = Self { der: der.to_vec(), normal, read: None };
        if !name.attributes().all(|attribute| matches!(attribute.value.tag, PRINTABLE_STRING | UTF8_STRING)) {
            name.read = normal_form(der, |attribute| attribute.read_form()).ok();
        }
        name
    }

    /// Equal to the name of this DER, which most often is spelled in the same way.
    pub(crate) fn is_written(&self, der: &[u8]) -> bool {
        self.der == der || *self == Self::new(der)
    }

    /// The DER, as received.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// True for the name without any attribute.
    pub fn is_empty(&self) -> bool {
        self.normal.is_empty()
    }

    /// The most specific commonName.
    pub fn common_name(&self) -> Option<String> {
        self.last(oid::COMMON_NAME)
    }

    /// organizationName.
    pub fn organization(&self) -> Option<String> {
        self.last(oid::ORGANIZATION)
    }

    /// organizationName, localityName and countryName, as far as they are there.
    pub(crate) fn organization_and_place(&self) -> Option<String> {
        let place = [oid::LOCALITY, oid::COUNTRY].map(|kind| self.last(kind));
        let parts = std::iter::once(self.organization()?).chain(place.into_iter().flatten());
        Some(parts.collect::<Vec<_>>().join(", "))
    }

    /// The name of a person: givenName and surname.
    pub fn person(&self) -> Option<String> {
        let (given, surname) = (self.last(oid::GIVEN_NAME)?, self.last(oid::SURNAME)?);
        Some(format!("{given} {surname}"))
    }

    /// Values of emailAddress (RFC 2985 §5.2.1), of the string types that may be compared.
    pub(crate) fn email_addresses(&self) -> Vec<String> {
        self.emails()
            .filter(|attribute| matches!(attribute.value.tag, IA5_STRING | UTF8_STRING))
            .filter_map(|attribute| attribute.text())
            .collect()
    }

    /// All values of emailAddress, for name constraints: `None` where one is no text.
    pub(crate) fn all_email_addresses(&self) -> impl Iterator<Item = Option<String>> {
        self.emails().map(|attribute| attribute.text())
    }

    /// How many attributes it has.
    pub(crate) fn len(&self) -> usize {
        self.attributes().count()
    }

    fn emails(&self) -> impl Iterator<Item = Attribute<'_>> {
        self.attributes().filter(|attribute| attribute.is(oid::EMAIL_ADDRESS))
    }

    /// The most specific value of an attribute, if it has no control characters (R-C8).
    fn last(&self, kind: ObjectIdentifier) -> Option<String> {
        let attribute = self.attributes().filter(|attribute| attribute.is(kind)).last()?;
        let text = attribute.text().filter(|_| attribute.value.content.len() <= LONGEST)?;
        (!text.contains(char::is_control)).then_some(text)
    }

    fn attributes(&self) -> impl Iterator<Item = Attribute<'_>> {
        let mut names = Reader::new(&self.der).sequence().unwrap_or(Reader::new(&[]));
        let sets = iter::from_fn(move || Iterator::next(&mut names)?.ok());
        sets.flat_map(|set| {
            let mut attributes = set.reader();
            iter::from_fn(move || Attribute::read(&mut attributes).ok())
        })
    }

    /// Whether the first names of `self` are those of `base`: `self` lies below it (RFC 5280 §4.2.1.10). `None` where one
    /// of them cannot be read.
    pub(crate) fn is_within(&self, base: &Self) -> Option<bool> {
        let readable = |name: &Self| name.normal.first() != Some(&0xff);
        (readable(self) && readable(base)).then(|| self.normal.starts_with(&base.normal))
    }

    /// The same for what people read, whatever the string types.
    pub(crate) fn reads_within(&self, base: &Self) -> bool {
        (self.read.is_some() || base.read.is_some()) && self.read_form().starts_with(base.read_form())
    }

    fn read_form(&self) -> &[u8] {
        self.read.as_ref().unwrap_or(&self.normal)
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.normal == other.normal
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.normal.hash(state);
    }
}

/// As RFC 4514 §2 writes it, with a space after the comma: `CN=Alice, O=Example`. What is absurdly long is left out:
/// names of hostile certificates stand in every error that is about them.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<String> =
            self.attributes().take(MOST).map(|attribute| attribute.to_string()).collect();
        names.reverse();
        f.write_str(&names.join(", "))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

/// AttributeTypeAndValue.
struct Attribute<'a> {
    kind: &'a [u8],
    value: Value<'a>,
}

impl<'a> Attribute<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self> {
        let mut attribute = reader.expect(SEQUENCE)?.reader();
        let kind = attribute.expect(OID)?.content;
        let value = Reader::next(&mut attribute)?;
        attribute.finish()?;
        Ok(Self { kind, value })
    }

    fn is(&self, kind: ObjectIdentifier) -> bool {
        self.kind == kind.as_bytes()
    }

    fn text(&self) -> Option<String> {
        string(&self.value)
    }

    /// Type and value such that equal ones are equal octets.
    fn normal_form(&self) -> Vec<u8> {
        match self.value.tag {
            PRINTABLE_STRING | UTF8_STRING => self.read_form(),
            // RFC 5280 §4.1.2.6, §7.3: domain components and emailAddress do not distinguish cases.
            IA5_STRING if self.is(oid::DOMAIN_COMPONENT) || self.is(oid::EMAIL_ADDRESS) => {
                self.form(2, &self.value.content.to_ascii_lowercase())
            }
            _ => self.form(0, self.value.octets),
        }
    }

    /// Type and text, whatever the string type.
    fn read_form(&self) -> Vec<u8> {
        match self.text() {
            Some(text) => self.form(1, fold_spaces(&lower(text)).as_bytes()),
            None => self.form(0, self.value.octets),
        }
    }

    fn form(&self, form: u8, value: &[u8]) -> Vec<u8> {
        [&length(self.kind.len()), self.kind, &[form], &length(value.len()), value].concat()
    }
}

impl fmt::Display for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match SHORT.iter().find(|(kind, _)| self.is(*kind)) {
            Some((_, short)) => f.write_str(short)?,
            None => f.write_str(&oid::text(self.kind))?,
        }
        if self.value.octets.len() > LONGEST {
            return f.write_str("=…");
        }
        match self.text() {
            Some(text) => write!(f, "={}", escape(&text)),
            None => write!(f, "=#{}", oid::hex(self.value.octets)),
        }
    }
}

/// The text of a string type; `None` for other types and for octets that are none of it.
pub(crate) fn string(value: &Value<'_>) -> Option<String> {
    let octets = value.content;
    match value.tag {
        UTF8_STRING => String::from_utf8(octets.to_vec()).ok(),
        PRINTABLE_STRING | IA5_STRING | NUMERIC_STRING | VISIBLE_STRING => {
            std::str::from_utf8(octets).ok().filter(|text| text.is_ascii()).map(str::to_owned)
        }
        // Latin-1, as everybody writes it.
        TELETEX_STRING => Some(octets.iter().copied().map(char::from).collect()),
        BMP_STRING => utf16(octets),
        UNIVERSAL_STRING => {
            let (quads, []) = octets.as_chunks::<4>() else { return None };
            quads.iter().map(|quad| char::from_u32(u32::from_be_bytes(*quad))).collect()
        }
        _ => None,
    }
}

/// BMPString, surrogates taken as UTF-16 does.
pub(crate) fn utf16(octets: &[u8]) -> Option<String> {
    let (pairs, []) = octets.as_chunks::<2>() else { return None };
    char::decode_utf16(pairs.iter().map(|pair| u16::from_be_bytes(*pair)))
        .collect::<std::result::Result<_, _>>()
        .ok()
}

/// Octets that are equal for equal names. Each RDN carries its length, so that no name is a prefix by accident.
fn normal_form(der: &[u8], form: impl Fn(&Attribute<'_>) -> Vec<u8>) -> Result<Vec<u8>> {
    let mut whole = Reader::new(der);
    let names = whole.sequence()?;
    whole.finish()?;
    // A short attribute takes three octets more.
    let mut out = Vec::with_capacity(der.len().saturating_mul(2));
    for set in names {
        let set = set?;
        let mut reader = set.reader();
        if set.tag != SET || reader.is_empty() {
            return Err(DerError("not a RelativeDistinguishedName"));
        }
        let mut attributes = Vec::new();
        while !reader.is_empty() {
            attributes.push(form(&Attribute::read(&mut reader)?));
        }
        attributes.sort_unstable();
        out.extend_from_slice(&length(attributes.iter().map(Vec::len).sum()));
        attributes.iter().for_each(|attribute| out.extend_from_slice(attribute));
    }
    Ok(out)
}

/// The start of a text that stands in errors and evidence; three of them fit into 4 KiB (threats C5).
pub(crate) fn short(text: String) -> String {
    match text.char_indices().nth(LONGEST_SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Characters of a name that are shown.
const LONGEST_SHOWN: usize = 256;

/// Octets of a value that is shown; RFC 5280 appendix A allows common names 64 characters.
const LONGEST: usize = 1024;

/// Attributes of a name that are shown; usual are three to six.
const MOST: usize = 16;

/// Four octets; the first is 0 for anything below 16 MiB, and so never 0xff.
fn length(octets: usize) -> [u8; 4] {
    u32::try_from(octets).unwrap_or(u32::MAX >> 8).to_be_bytes()
}

fn lower(mut text: String) -> String {
    if !text.is_ascii() {
        return text.to_lowercase();
    }
    text.make_ascii_lowercase();
    text
}

/// RFC 5280 §7.1 (RFC 4518 §2.6.1): no spaces at the ends, one in between.
fn fold_spaces(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        out.push_str(if out.is_empty() { "" } else { " " });
        out.push_str(word);
    }
    out
}

/// RFC 4514 §2.4, and control characters as hexadecimal pairs of their UTF-8.
fn escape(text: &str) -> String {
    let last = text.chars().count().saturating_sub(1);
    let mut out = String::with_capacity(text.len());
    for (index, character) in text.chars().enumerate() {
        match character {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' => out.extend(['\\', character]),
            ' ' if index == 0 || index == last => out.push_str("\\ "),
            '#' if index == 0 => out.push_str("\\#"),
            _ if character.is_control() || is_bidi_control(character) => {
                let mut octets = [0; 4];
                character
                    .encode_utf8(&mut octets)
                    .bytes()
                    .for_each(|octet| out.push_str(&format!("\\{octet:02X}")));
            }
            _ => out.push(character),
        }
    }
    out
}

/// Characters that reorder text on the screen.
fn is_bidi_control(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// RFC 4514 §3, and what is usual beyond it.
const SHORT: [(ObjectIdentifier, &str); 16] = [
    (oid::COMMON_NAME, "CN"),
    (oid::SURNAME, "SN"),
    (oid::GIVEN_NAME, "GN"),
    (oid::SERIAL_NUMBER, "serialNumber"),
    (oid::COUNTRY, "C"),
    (oid::LOCALITY, "L"),
    (oid::STATE, "ST"),
    (oid::STREET, "STREET"),
    (oid::ORGANIZATION, "O"),
    (oid::ORGANIZATIONAL_UNIT, "OU"),
    (oid::TITLE, "title"),
    (oid::PSEUDONYM, "pseudonym"),
    (oid::ORGANIZATION_IDENTIFIER, "organizationIdentifier"),
    (oid::EMAIL_ADDRESS, "emailAddress"),
    (oid::DOMAIN_COMPONENT, "DC"),
    (oid::USER_ID, "UID"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::der_reader::encode;

    fn attribute(kind: ObjectIdentifier, tag: u8, value: &[u8]) -> Vec<u8> {
        encode(SEQUENCE, &[&encode(OID, &[kind.as_bytes()]), &encode(tag, &[value])])
    }

    fn name(attributes: &[Vec<u8>]) -> Name {
        let sets: Vec<Vec<u8>> = attributes.iter().map(|attribute| encode(SET, &[attribute])).collect();
        Name::new(&encode(SEQUENCE, &[&sets.concat()]))
    }

    fn cn(tag: u8, value: &str) -> Name {
        name(&[attribute(oid::COMMON_NAME, tag, value.as_bytes())])
    }

    #[test]
    fn r_c8_compares_as_rfc_5280() {
        assert_eq!(cn(PRINTABLE_STRING, "Good  CA "), cn(UTF8_STRING, "good ca"));
        assert_eq!(cn(UTF8_STRING, "ÄÖ"), cn(UTF8_STRING, "äö"));
        assert_ne!(cn(PRINTABLE_STRING, "Good CA"), cn(PRINTABLE_STRING, "GoodCA"));
        assert_ne!(cn(TELETEX_STRING, "a"), cn(TELETEX_STRING, "A"));
        assert_ne!(cn(TELETEX_STRING, "a"), cn(PRINTABLE_STRING, "a"));
        let [c, o] =
            [attribute(oid::COUNTRY, PRINTABLE_STRING, b"de"), attribute(oid::ORGANIZATION, 12, b"O")];
        assert_ne!(name(&[c.clone(), o.clone()]), name(&[o.clone(), c.clone()]));
        let both = |set: &[u8]| Name::new(&encode(SEQUENCE, &[&encode(SET, &[set])]));
        assert_eq!(both(&[c.clone(), o.clone()].concat()), both(&[o.clone(), c.clone()].concat()));
        assert_ne!(both(&[c.clone(), o.clone()].concat()), name(&[c, o]));
    }

    /// Threats C5: error texts stay short.
    #[test]
    fn c5_long_names_are_not_repeated() {
        let long = cn(UTF8_STRING, &"x".repeat(5000));
        assert_eq!((long.to_string().as_str(), long.common_name()), ("CN=…", None));
        let value = || attribute(oid::COMMON_NAME, UTF8_STRING, b"x");
        let many: Vec<_> = (0..5000).map(|_| value()).collect();
        assert!(name(&many).to_string().len() < 100);
    }

    #[test]
    fn below() {
        let c = attribute(oid::COUNTRY, PRINTABLE_STRING, b"DE");
        let o = attribute(oid::ORGANIZATION, UTF8_STRING, b"Org");
        let oo = attribute(oid::ORGANIZATION, UTF8_STRING, b"Organisation");
        let within = |one: &Name, base: &Name| one.is_within(base);
        assert_eq!(within(&name(&[c.clone(), o.clone()]), &name(std::slice::from_ref(&c))), Some(true));
        assert_eq!(within(&name(&[c.clone(), oo]), &name(&[c.clone(), o])), Some(false));
        assert_eq!(within(&name(&[c]), &name(&[])), Some(true));
        assert_eq!(within(&cn(UTF8_STRING, "a"), &Name::new(b"\x30\x05junk")), None);
    }

    /// Another string type is another name (§7.1), which must not lead out of an excluded subtree.
    #[test]
    fn r_c2_reads_the_same() {
        let (old, new) = (cn(TELETEX_STRING, "Some  Org"), cn(UTF8_STRING, "some org"));
        assert_eq!(old.is_within(&new), Some(false));
        assert!(
            old.reads_within(&new) && new.reads_within(&old) && !old.reads_within(&cn(UTF8_STRING, "some"))
        );
    }

    #[test]
    fn r_c8_text_has_no_surprises() {
        let name = cn(UTF8_STRING, "a\0b,\u{202e}c ");
        assert_eq!(name.to_string(), "CN=a\\00b\\,\\E2\\80\\AEc\\ ");
        assert_eq!(name.common_name(), None);
        assert_eq!(Name::new(b"\x30\x05junk").to_string(), "");
        assert_ne!(Name::new(b"\x30\x05junk"), Name::new(b"\x30\x05junc"));
    }
}
