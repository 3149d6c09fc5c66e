//! GeneralName (RFC 5280 §4.2.1.6), SmtpUTF8Mailbox (RFC 9598).

use crate::x509::der_reader::{DerError, OID, Reader, Result, UTF8_STRING, Value, constructed, context};
use crate::x509::name::Name;
use crate::x509::oid;

/// One name of a subjectAltName.
///
/// ```text
/// GeneralName ::= CHOICE {
///     otherName [0] OtherName, rfc822Name [1] IA5String, dNSName [2] IA5String, x400Address [3] ORAddress,
///     directoryName [4] Name, ediPartyName [5] EDIPartyName, uniformResourceIdentifier [6] IA5String,
///     iPAddress [7] OCTET STRING, registeredID [8] OBJECT IDENTIFIER }
/// ```
///
/// ```
/// use mailseal::x509::{Certificate, GeneralName};
/// fn web_pages(certificate: &Certificate) -> Vec<&str> {
///     let uri = |name| match name {
///         &GeneralName::Uri(ref uri) => Some(uri.as_str()),
///         _ => None,
///     };
///     certificate.extensions().subject_alt_name.iter().filter_map(uri).collect()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum GeneralName {
    /// A mailbox in ASCII.
    Rfc822Name(String),
    /// A mailbox whose local part is not ASCII (RFC 9598 §3).
    SmtpUtf8Mailbox(String),
    /// A host name.
    DnsName(String),
    /// A distinguished name.
    DirectoryName(Name),
    /// A URI.
    Uri(String),
    /// The octets of an address, 4 or 16; in a name constraint those of an address and then of a mask.
    IpAddress(Vec<u8>),
    /// Something else: the number of its tag and its octets.
    Other {
        /// `[0]` to `[8]`.
        tag: u8,
        /// Its DER.
        der: Vec<u8>,
    },
}

impl GeneralName {
    /// Control characters are refused, NUL first of all (R-C8).
    pub(crate) fn read(value: &Value<'_>) -> Result<Self> {
        const OTHER: u8 = constructed(0);
        const RFC822: u8 = context(1);
        const DNS: u8 = context(2);
        const DIRECTORY: u8 = constructed(4);
        const URI: u8 = context(6);
        const IP: u8 = context(7);
        match value.tag {
            RFC822 => ascii(value.content).map(Self::Rfc822Name),
            DNS => ascii(value.content).map(Self::DnsName),
            URI => ascii(value.content).map(Self::Uri),
            IP => Ok(Self::IpAddress(value.content.to_vec())),
            DIRECTORY => value.inner().map(|name| Self::DirectoryName(Name::new(name.octets))),
            OTHER => other_name(value),
            tag => Ok(Self::other(tag, value)),
        }
    }

    fn other(tag: u8, value: &Value<'_>) -> Self {
        Self::Other { tag: tag & 0x1f, der: value.octets.to_vec() }
    }

    /// The mailbox that it is, as text that an address parser takes.
    pub(crate) fn mailbox(&self) -> Option<&str> {
        match self {
            Self::Rfc822Name(mailbox) | Self::SmtpUtf8Mailbox(mailbox) => Some(mailbox),
            _ => None,
        }
    }
}

/// GeneralNames: a name of two octets is many times as large in memory, so there are only so many (R-D2).
pub(crate) fn general_names(reader: Reader<'_>) -> Result<Vec<GeneralName>> {
    let mut names = Vec::new();
    for value in reader {
        if names.len() >= MOST_NAMES {
            return Err(DerError("more names than anybody has"));
        }
        names.push(GeneralName::read(&value?)?);
    }
    Ok(names)
}

/// Names of one certificate, or of one scope of CRLs; a web server may have some hundreds, a person a few.
const MOST_NAMES: usize = 4_096;

/// ```text
/// OtherName ::= SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY }
/// ```
fn other_name(value: &Value<'_>) -> Result<GeneralName> {
    let mut reader = value.reader();
    if reader.expect(OID)?.content != oid::SMTP_UTF8_MAILBOX.as_bytes() {
        return Ok(GeneralName::other(0, value));
    }
    let inner = reader.expect(constructed(0))?.inner()?;
    reader.finish()?;
    let text = std::str::from_utf8(inner.content).map_err(|_| DerError("SmtpUTF8Mailbox not UTF-8"))?;
    let local = text.rsplit_once('@').map_or("", |(local, _)| local);
    // RFC 9598 §3: UTF8String, no byte order mark, and an ASCII local part belongs into rfc822Name.
    let refused = |character: char| character.is_control() || character == '\u{feff}';
    if inner.tag != UTF8_STRING || text.contains(refused) || local.is_ascii() {
        return Err(DerError("not an SmtpUTF8Mailbox"));
    }
    Ok(GeneralName::SmtpUtf8Mailbox(text.to_owned()))
}

fn ascii(octets: &[u8]) -> Result<String> {
    if octets.iter().any(|octet| !octet.is_ascii() || octet.is_ascii_control()) {
        return Err(DerError("a name with characters that are not allowed"));
    }
    Ok(octets.iter().copied().map(char::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::der_reader::encode;

    fn read(octets: &[u8]) -> Result<GeneralName> {
        GeneralName::read(&Reader::next(&mut Reader::new(octets)).unwrap())
    }

    fn smtp_utf8(tag: u8, mailbox: &str) -> Vec<u8> {
        let value = encode(constructed(0), &[&encode(tag, &[mailbox.as_bytes()])]);
        encode(constructed(0), &[&encode(OID, &[oid::SMTP_UTF8_MAILBOX.as_bytes()]), &value])
    }

    #[test]
    fn r_c8_names_with_nul_are_refused() {
        for mailbox in [&b"a@b.example\0.evil.example"[..], b"a\n@b.example", b"\xe4@b.example"] {
            assert!(read(&encode(context(1), &[mailbox])).is_err(), "{mailbox:02x?}");
        }
        assert!(read(&smtp_utf8(UTF8_STRING, "ä\0@b.example")).is_err());
    }

    #[test]
    fn r_d2_names_are_bounded() {
        let names = |count| encode(context(1), &[b""]).repeat(count);
        assert_eq!(general_names(Reader::new(&names(MOST_NAMES))).unwrap().len(), MOST_NAMES);
        assert!(general_names(Reader::new(&names(MOST_NAMES + 1))).is_err());
    }

    #[test]
    fn smtp_utf8_mailbox() {
        let ok = read(&smtp_utf8(UTF8_STRING, "dörte@b.example")).unwrap();
        assert_eq!(ok.mailbox(), Some("dörte@b.example"));
        assert!(read(&smtp_utf8(0x16, "dörte@b.example")).is_err());
        assert!(read(&smtp_utf8(UTF8_STRING, "doerte@b.example")).is_err());
        assert!(read(&smtp_utf8(UTF8_STRING, "\u{feff}dörte@b.example")).is_err());
    }
}
