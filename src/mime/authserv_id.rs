//! Who speaks in an Authentication-Results field (RFC 8601 §2.2, §2.5).
//!
//! - [`AuthservId`]: the name that a receiving system goes by; [`AuthservId::is_forged`] finds fields that speak in it.

use std::fmt;
use std::str::FromStr;

use super::address::host;
use super::parameters::{Scan, is_token};

/// The version of the header field that is written and read (RFC 8601 §2.2).
const VERSION: &[u8] = b"1";
/// Octets of a name: no domain name has more (RFC 5321 §4.5.3.1.2).
const LENGTH: usize = 255;

/// The name by which a receiving system signs its Authentication-Results fields, often that of its host (RFC 8601 §2.5).
/// Printable ASCII without blanks; a domain name may be given in Unicode.
///
/// ```
/// use mailseal::mime::AuthservId;
/// let ours: AuthservId = "mx.example.org".parse()?;
/// // In a letter that comes from outside, nobody but us may use our name.
/// assert!(ours.is_forged(b" (honest) MX.example.org 1; smime=pass"));
/// assert!(!ours.is_forged(b" mx.example.net; dkim=pass"));
/// // Who cannot be read could be us, to a more lenient reader.
/// assert!(ours.is_forged(b" mx.example.org smime=pass"));
/// # Ok::<(), mailseal::mime::AuthservIdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthservId(String);

/// Not a name for Authentication-Results.
///
/// ```
/// use mailseal::mime::AuthservId;
/// assert!("two words".parse::<AuthservId>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an authserv-id is a domain name or another word of printable ASCII, without blanks")]
pub struct AuthservIdError;

impl AuthservId {
    /// Whether an Authentication-Results field of a letter from outside has to go (RFC 8601 §5): it speaks in our name,
    /// it has a version that is not known, or nobody can tell in whose name it speaks. `value` is what stands after the
    /// colon, folded or not.
    pub fn is_forged(&self, value: &[u8]) -> bool {
        match speaker(value) {
            Some((name, _)) => self.is(&name),
            None => true,
        }
    }

    /// What stands behind the name in a field that speaks in this one, and in no other way of reading it in another.
    pub(crate) fn said<'a>(&self, value: &'a [u8]) -> Option<&'a [u8]> {
        speaker(value).filter(|(name, _)| self.is(name)).map(|(_, rest)| rest)
    }

    /// The name as it was given.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn is(&self, name: &str) -> bool {
        name.trim_end_matches('.').eq_ignore_ascii_case(self.0.trim_end_matches('.'))
    }
}

impl FromStr for AuthservId {
    type Err = AuthservIdError;

    fn from_str(text: &str) -> Result<Self, AuthservIdError> {
        let text = match text.is_ascii() {
            true => text.to_owned(),
            false => host(text).map_err(|_| AuthservIdError)?,
        };
        let printable = text.bytes().all(|octet| octet.is_ascii_graphic());
        if text.is_empty() || text.len() > LENGTH || !printable {
            return Err(AuthservIdError);
        }
        Ok(Self(text))
    }
}

/// As a `value` (RFC 2045 §5.1): a token, in quotes where it is none.
impl fmt::Display for AuthservId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&value(&self.0))
    }
}

/// A `value` (RFC 8601 §2.2): a token as it is, anything else as a quoted-string. For text without control characters.
pub(crate) fn value(text: &str) -> String {
    if !text.is_empty() && text.as_bytes().iter().all(is_token) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Whether there are comments that not every reader ends at the same `)`.
fn is_ambiguous(comments: &[u8]) -> bool {
    let nested = comments
        .split(|octet| *octet == b')')
        .any(|one| one.iter().filter(|octet| **octet == b'(').count() > 1);
    nested || comments.contains(&b'\\')
}

/// The authserv-id and what stands behind it, if the field has one that can be read in one way only and a version that
/// is known.
fn speaker(value: &[u8]) -> Option<(String, &[u8])> {
    let mut scan = Scan::new(value);
    scan.blanks()?;
    let before = value.get(..value.len().saturating_sub(scan.rest().len()))?;
    if is_ambiguous(before) {
        return None;
    }
    let name = match scan.peek()? {
        b'"' => scan.quoted()?,
        _ => scan.token(|octet| is_token(octet) || !octet.is_ascii())?.to_vec(),
    };
    scan.blanks()?;
    if scan.peek().is_some_and(|octet| octet != b';') {
        scan.token(u8::is_ascii_digit).filter(|version| *version == VERSION)?;
        scan.blanks()?;
    }
    let ended = matches!(scan.peek(), None | Some(b';'));
    let name = String::from_utf8(name).ok().filter(|_| ended)?;
    if name.is_ascii() {
        // Blanks in quotes may be dropped by others, and folds are.
        let graphic = name.bytes().all(|octet| octet.is_ascii_graphic());
        return graphic.then_some((name, scan.rest()));
    }
    host(&name).ok().map(|name| (name, scan.rest()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forged(value: &str) -> bool {
        "mx.example.org".parse::<AuthservId>().unwrap().is_forged(value.as_bytes())
    }

    #[test]
    fn our_name_in_every_dress() {
        for value in [
            " mx.example.org; smime=pass",
            "mx.example.org;none",
            " MX.Example.ORG; none",
            "\r\n\tmx.example.org\r\n ; none",
            " (a (nested) \\) comment) mx.example.org (b) 1 (c); none",
            " \"mx.example.org\"; none",
            " \"m\\x.example\\.org\" 1; none",
            " mx.example.org",
            " mx.example.org.; none",
            "\0 mx.example.org; none",
        ] {
            assert!(forged(value), "{value}");
        }
    }

    #[test]
    fn nobody_can_tell_who_speaks() {
        for value in [
            "",
            " ; none",
            " (",
            // Ended by `\)`, or by the first `)`, to a more lenient reader.
            " (\\) mx.example.org; smime=pass; x=\\() other.example; none",
            " (a (b) mx.example.org; smime=pass) other.example; none",
            " \"mx.example.org",
            " mx.example.org/1; none",
            " mx.example.org none",
            " =?utf-8?Q?mx.example.org?=; none",
            " \"mx.\r\n example.org\"; none",
            " mx.example.org 2; none",
            " other.example 2; none",
            " m\u{445}.example.org\u{200b}; none",
            " mx.example.org\u{a0}; none",
            " <mx.example.org>; none",
            " mx. example.org; none",
            " \"other host\"; none",
        ] {
            assert!(forged(value), "{value}");
        }
    }

    #[test]
    fn others_may_speak() {
        for value in [" mx.example.net; smime=pass", " xmx.example.org; none", " m\u{fc}.example 1; none"] {
            assert!(!forged(value), "{value}");
        }
    }

    #[test]
    fn names_that_can_be_had() {
        let shown = |text: &str| text.parse::<AuthservId>().map(|name| name.to_string());
        assert_eq!(shown("mx.example.org").unwrap(), "mx.example.org");
        assert_eq!(shown("mx.example.org/2").unwrap(), "\"mx.example.org/2\"");
        assert_eq!(shown("m\u{fc}.example").unwrap(), "xn--m-eha.example");
        for wrong in ["", "a b", "a\r\nb", "a\u{7f}", "\u{202e}a", &"a".repeat(256)] {
            assert!(shown(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn what_is_written_is_read_as_ours() {
        for text in ["mx.example.org", "a/b", "q\"u\\ote", "(c)", "=?x?="] {
            let name: AuthservId = text.parse().unwrap();
            assert!(name.is_forged(format!(" {name}; none").as_bytes()), "{text}");
            assert_eq!(speaker(format!(" {name}; none").as_bytes()).unwrap().0, text);
        }
    }
}
