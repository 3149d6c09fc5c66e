//! Content-Type (RFC 2045 §5.1, RFC 2231): read strictly, and read as far as it goes.
//!
//! - [`MediaType::parse`]: all or nothing; `MediaType::read`: what can be had, and whether that is all.

use std::fmt;

use super::parameters::{self, Scan};

/// A Content-Type (RFC 2045 §5): names in lower case, parameter values decoded (RFC 2231).
///
/// ```
/// use mailseal::mime::MediaType;
/// let signed = MediaType::parse(b"Multipart/Signed; micalg=sha-256; boundary=\"a b\" (why)").unwrap();
/// assert!(signed.is("multipart", "signed"));
/// assert_eq!(signed.parameter("boundary"), Some("a b"));
/// assert_eq!(MediaType::parse(b"text/plain; charset=utf-8; charset=latin1"), None);
/// ```
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
    /// Reads the value of a Content-Type. `None` if anything in it is unreadable, or a parameter stands twice or in
    /// contradicting forms. Comments and folding are passed over; a semicolon at the end is tolerated.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let (media_type, readable) = Self::read(value);
        readable.then_some(media_type)
    }

    /// True for `main/sub`, both in lower case.
    pub fn is(&self, main: &str, sub: &str) -> bool {
        self.main == main && self.sub == sub
    }

    /// A parameter by its name in lower case.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// What can be had, and whether it is all. Without a type it is text/plain (RFC 2045 §5.2).
    pub(crate) fn read(value: &[u8]) -> (Self, bool) {
        let mut scan = Scan::new(value);
        let Some((main, sub)) = scan.type_and_subtype() else { return (Self::text_plain(), false) };
        let (parameters, readable) = parameters::read(&mut scan);
        (Self { main, sub, parameters }, readable)
    }

    /// The boundary, if it is one (RFC 2046 §5.1.1): 1 to 70 octets of printable ASCII. Blanks at its end were
    /// added on the way.
    pub(super) fn boundary(&self) -> Option<Vec<u8>> {
        let boundary = self.parameter("boundary")?.trim_end_matches([' ', '\t']).as_bytes();
        let legal = boundary.iter().all(|octet| matches!(octet, b' '..=b'~'));
        (legal && (1..=BOUNDARY).contains(&boundary.len())).then(|| boundary.to_vec())
    }

    pub(super) fn text_plain() -> Self {
        Self { main: "text".into(), sub: "plain".into(), parameters: Vec::new() }
    }

    pub(super) fn message_rfc822() -> Self {
        Self { main: "message".into(), sub: "rfc822".into(), parameters: Vec::new() }
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.main, self.sub)
    }
}

/// The longest boundary (RFC 2046 §5.1.1).
pub(super) const BOUNDARY: usize = 70;

#[cfg(test)]
mod tests {
    use super::*;

    fn boundary(value: &str) -> Option<String> {
        let media_type = MediaType::parse(value.as_bytes())?;
        String::from_utf8(media_type.boundary()?).ok()
    }

    #[test]
    fn r_e3_one_reading_or_none() {
        for (value, expected) in [
            ("multipart/mixed; boundary=b", Some("b")),
            ("multipart/mixed; boundary=\"b\"", Some("b")),
            ("multipart/mixed; boundary=\"b\\\"\\\\\"", Some("b\"\\")),
            ("multipart/mixed (a \\) (b)) ; (c) boundary (d) = (e) b (f) ;", Some("b")),
            ("multipart / mixed; BOUNDARY=\"b  \"", Some("b")),
            ("multipart/mixed; boundary*0=a; boundary*1=\"b c\"", Some("ab c")),
            ("multipart/mixed; boundary*1=b; boundary*0=a", Some("ab")),
            ("multipart/mixed; boundary*=us-ascii'en'a%2Fb", Some("a/b")),
            ("multipart/mixed; boundary*0*=utf-8''a%3D; boundary*1=%3D", Some("a=%3D")),
            ("multipart/mixed; boundary=b; x=\"(;boundary=c\"", Some("b")),
            ("multipart/mixed; boundary==_a?:b/c", Some("=_a?:b/c")),
        ] {
            assert_eq!(boundary(value).as_deref(), expected, "{value}");
        }
        for value in [
            "multipart/mixed; boundary=a; boundary=b",
            "multipart/mixed; boundary=a; Boundary=a",
            "multipart/mixed; boundary=a; boundary*=us-ascii''a",
            "multipart/mixed; boundary=a; boundary*0=a",
            "multipart/mixed; boundary*0=a; boundary*0=b",
            "multipart/mixed; boundary*0=a; boundary*2=b",
            "multipart/mixed; boundary*1=b",
            "multipart/mixed; boundary*01=b",
            "multipart/mixed; boundary*=us-ascii'a",
            "multipart/mixed; boundary*=utf-8''%zz",
            "multipart/mixed; boundary=\"a",
            "multipart/mixed; boundary=a b",
            "multipart/mixed; boundary",
            "multipart/mixed; (boundary=a",
            "multipart/mixed boundary=a",
            "multipart; boundary=a",
            "multipart/mixed/x; boundary=a",
            "multipart/mixed; boundary=\"a\"b",
            "",
        ] {
            assert_eq!(MediaType::parse(value.as_bytes()), None, "{value}");
        }
    }

    #[test]
    fn charsets_of_extended_values() {
        let read = MediaType::parse(b"a/b; name*0*=iso-2022-jp''%1B$B; name*1*=%46%7C%1B%28B").unwrap();
        assert_eq!(read.parameter("name"), Some("日"));
    }

    #[test]
    fn what_can_be_had_is_had() {
        let (read, readable) = MediaType::read(b"Multipart/Mixed; boundary=a; boundary=b");
        assert!(!readable && read.is("multipart", "mixed"));
        assert_eq!(read.parameter("boundary"), Some("a"));
        let (read, readable) = MediaType::read(b"multipart/mixed; x=a b; =; boundary=c");
        assert!(!readable && read.parameter("boundary") == Some("c"));
    }

    #[test]
    fn seventy_octets_at_most() {
        assert!(boundary(&format!("multipart/mixed; boundary={}", "b".repeat(70))).is_some());
        assert!(boundary(&format!("multipart/mixed; boundary={}", "b".repeat(71))).is_none());
        assert!(boundary("multipart/mixed; boundary=\"  \"").is_none());
    }
}
