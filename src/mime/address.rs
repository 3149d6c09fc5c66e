//! Addresses (RFC 5322 §3.4.1, RFC 6531), parsed strictly and compared by one rule.
//!
//! - [`Address`]: `parse`, [`Address::matches`].

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::error::Error;

/// An addr-spec: local part octet-exact, domain as A-label in lower case.
///
/// ```
/// use mailseal::mime::Address;
/// let address: Address = "\"alice\"@Exämple.ORG".parse()?;
/// assert_eq!(address.to_string(), "alice@xn--exmple-cua.org");
/// assert!(address.matches(&"alice@xn--exmple-cua.org".parse()?));
/// assert!(!address.matches(&"Alice@xn--exmple-cua.org".parse()?));
/// assert!("alice@example.org.".parse::<Address>().is_err());
/// # Ok::<(), mailseal::mime::AddressError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    pub(crate) local: String,
    pub(crate) domain: String,
}

/// Not an addr-spec of RFC 5322 §3.4.1 or RFC 6531 §3.3, and why.
///
/// ```
/// use mailseal::mime::Address;
/// let error = "Alice <alice@example.org>".parse::<Address>().unwrap_err();
/// assert!(error.to_string().starts_with("not an e-mail address: "));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address: {0}")]
pub struct AddressError(&'static str);

impl From<AddressError> for Error {
    fn from(error: AddressError) -> Self {
        Self::Misuse(error.to_string())
    }
}

impl Address {
    /// The local part without quoting.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The domain as A-labels in lower case, or a literal in brackets.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// True if both name the same mailbox as far as anyone but its own server can tell: the same octets before the
    /// `@` (RFC 5321 §2.4), the same domain as A-labels (RFC 5890 §2.3.2.1).
    pub fn matches(&self, other: &Self) -> bool {
        self == other
    }

    /// To whom a server on the way may send it on, by what stands before the `@`: `bob%b.example`, `b.example!bob`,
    /// `"bob@b.example"` (RFC 5321 appendix F.2; Postfix does so unless told otherwise). Each step of a longer way.
    pub(crate) fn routes(&self) -> Vec<Self> {
        let mut steps = Vec::new();
        let (mut rest, mut before) = (self.local.as_str(), None);
        while let Some(at) = rest.find(['@', '%', '!', ':', ',']) {
            let (word, after) = rest.split_at(at);
            steps.extend(step(before, word));
            before = after.chars().next().map(|sign| (word, sign));
            rest = after.get(1..).unwrap_or_default();
        }
        steps.extend(step(before, rest));
        steps
    }
}

/// Two words beside a sign that says which of them is the domain.
fn step(before: Option<(&str, char)>, word: &str) -> Option<Address> {
    let (local, domain) = match before? {
        (user, '@' | '%') => (user, word),
        (domain, '!') => (word, domain),
        _ => return None,
    };
    let (local, domain) = (local.trim(), domain.trim().trim_end_matches('.'));
    let domain = host(domain).ok().filter(|_| !local.is_empty())?;
    Some(Address { local: local.to_owned(), domain })
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if text.chars().any(invisible) {
            return Err(AddressError("a control or invisible character"));
        }
        let (local, domain) = match text.strip_prefix('"') {
            Some(rest) => quoted(rest)?,
            None => dotted(text)?,
        };
        if local.is_empty() || local.len() > LENGTH || domain.len() > LENGTH {
            return Err(AddressError("too long, or nothing before the @"));
        }
        // Some programs decode encoded words here, and so read another address (R-B15).
        if local.contains("=?") && local.contains("?=") {
            return Err(AddressError("an encoded word"));
        }
        let domain = if domain.starts_with('[') { literal(domain)? } else { host(domain)? };
        Ok(Self { local, domain })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_dot_atom(&self.local) {
            return write!(f, "{}@{}", self.local, self.domain);
        }
        let escaped = self.local.replace('\\', "\\\\").replace('"', "\\\"");
        write!(f, "\"{escaped}\"@{}", self.domain)
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn dotted(text: &str) -> Result<(String, &str), AddressError> {
    let (local, domain) = text.split_once('@').ok_or(AddressError("no @"))?;
    if !is_dot_atom(local) {
        return Err(AddressError("a character before the @ that must be quoted"));
    }
    Ok((local.to_owned(), domain))
}

/// quoted-string (RFC 5322 §3.2.4), from after its first quote, and the domain.
fn quoted(text: &str) -> Result<(String, &str), AddressError> {
    let mut local = String::new();
    let mut letters = text.chars();
    loop {
        match letters.next().ok_or(AddressError("a quote without end"))? {
            '"' => break,
            '\\' => local.push(letters.next().ok_or(AddressError("a quote without end"))?),
            letter => local.push(letter),
        }
    }
    let domain = letters.as_str().strip_prefix('@').ok_or(AddressError("no @ after the quote"))?;
    Ok((local, domain))
}

pub(crate) fn is_dot_atom(text: &str) -> bool {
    text.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext))
}

/// atext (RFC 5322 §3.2.3) with UTF-8 (RFC 6531 §3.3).
fn is_atext(letter: char) -> bool {
    match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' => true,
        _ if letter.is_ascii() => "!#$%&'*+-/=?^_`{|}~".contains(letter),
        _ => !letter.is_whitespace(),
    }
}

/// A domain by IDNA, with the hyphen, letter and length rules of host names. A U-label must be the one that its
/// A-label stands for: other spellings (full-width letters, other dots) are what look-alikes are made of.
pub(crate) fn host(text: &str) -> Result<String, AddressError> {
    if is_plain_host(text) {
        return Ok(text.to_ascii_lowercase());
    }
    let ascii = idna::domain_to_ascii_strict(text).map_err(|_| AddressError("not a domain name"))?;
    let (unicode, read) = idna::domain_to_unicode(&ascii);
    let stable = read.is_ok() && idna::domain_to_ascii_strict(&unicode).is_ok_and(|again| again == ascii);
    let lower = text.to_lowercase();
    if !stable || (lower != ascii && lower != unicode && !mixed(&lower, &unicode)) {
        return Err(AddressError("a domain name in an unusual spelling"));
    }
    Ok(ascii)
}

/// Of letters, digits and single hyphens: IDNA only makes the letters small.
fn is_plain_host(text: &str) -> bool {
    let plain = |label: &str| {
        let octets = label.bytes();
        (1..=63).contains(&label.len())
            && octets.into_iter().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
            && !(label.starts_with('-') || label.ends_with('-') || label.contains("--"))
    };
    text.len() <= 253 && text.split('.').all(plain)
}

/// Some labels given as A-labels, others as U-labels.
fn mixed(given: &str, unicode: &str) -> bool {
    given.split('.').count() == unicode.split('.').count()
        && given.split('.').zip(unicode.split('.')).all(|(label, known)| {
            label == known || idna::domain_to_ascii_strict(known).is_ok_and(|ascii| ascii == label)
        })
}

/// domain-literal (RFC 5322 §3.4.1), as text.
fn literal(text: &str) -> Result<String, AddressError> {
    let inside = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let legal =
        |inside: &&str| !inside.is_empty() && inside.bytes().all(|octet| matches!(octet, 33..=90 | 94..=126));
    inside.filter(legal).map(|_| text.to_ascii_lowercase()).ok_or(AddressError("not a domain literal"))
}

/// Controls, and characters that change how their neighbours are shown without being seen.
fn invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        )
        || matches!(letter, '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(letter, '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
        || matches!(letter, '\u{ffa0}' | '\u{fff0}'..='\u{fffd}' | '\u{e0000}'..='\u{e0fff}')
}

/// Octets of a domain (RFC 5321 §4.5.3.1.2); local parts beyond the 64 of §4.5.3.1.1 are in use.
const LENGTH: usize = 255;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Option<String> {
        text.parse::<Address>().ok().map(|address| address.to_string())
    }

    #[test]
    fn r_b15_one_spelling() {
        for (text, expected) in [
            ("a@b", "a@b"),
            ("A.b+c@Example.ORG", "A.b+c@example.org"),
            ("\"a.b\"@example.org", "a.b@example.org"),
            ("\"a b\\\"\\\\\"@example.org", "\"a b\\\"\\\\\"@example.org"),
            ("\"a@b\"@example.org", "\"a@b\"@example.org"),
            ("用户@例え.jp", "用户@xn--r8jz45g.jp"),
            ("a@BÜCHER.xn--r8jz45g", "a@xn--bcher-kva.xn--r8jz45g"),
            ("a@[IPv6:::1]", "a@[ipv6:::1]"),
        ] {
            assert_eq!(parse(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "a",
            "@b",
            "a@",
            "a@b@c",
            "a@b.",
            "a@.b",
            "a@b..c",
            "a..b@c",
            ".a@b",
            "a.@b",
            " a@b",
            "a@b ",
            "a @b",
            "a@b c",
            "a(c)@b",
            "\"a\"b@c",
            "\"a@c",
            "\"\"@c",
            "a\0@b",
            "a\r\n@b",
            "\"a\\\n\"@b",
            "\"a\0\"@b",
            "a@b\0",
            "a@b_c",
            "a@-b",
            "a@xn--0.com",
            "a@xn--example-.org",
            "a@ｅxample.org",
            "a@b。c",
            "a@[b",
            "a@[]",
            "a@[b]c",
            "a\u{200b}@b",
            "a@b\u{200d}c",
            "<a@b>",
            "=?utf-8?Q?a?=@b",
            "a,b@c",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        assert_eq!(parse(&format!("{}@b", "a".repeat(256))), None);
    }

    #[test]
    fn where_a_server_on_the_way_sends_it_on() {
        for (text, expected) in [
            ("bob@relay.example", vec![]),
            ("100%@relay.example", vec![]),
            ("bob%B.example@relay.example", vec!["bob@b.example"]),
            ("bob%b.example%c.example@relay.example", vec!["bob@b.example", "b.example@c.example"]),
            ("b.example!bob@relay.example", vec!["bob@b.example"]),
            ("\"bob@b.example\"@relay.example", vec!["bob@b.example"]),
            ("\"bob % b.example.\"@relay.example", vec!["bob@b.example"]),
            ("\"@c.example,@d.example:bob@b.example\"@relay.example", vec!["bob@b.example"]),
        ] {
            let routes = text.parse::<Address>().unwrap().routes();
            assert_eq!(routes.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn plain_hosts_are_what_idna_makes_of_them(text in "[a-zA-Z0-9.-]{1,12}|[a-z0-9]{60,66}(\\.[a-z]{40,62}){0,4}") {
            if is_plain_host(&text) {
                let ascii = idna::domain_to_ascii_strict(&text).ok();
                let lower = text.to_ascii_lowercase();
                prop_assert_eq!(ascii.as_ref(), Some(&lower));
                let (unicode, read) = idna::domain_to_unicode(&lower);
                prop_assert!(read.is_ok() && unicode == lower);
            }
        }

        #[test]
        fn what_is_shown_reads_the_same(text in "\\PC{0,20}@\\PC{1,12}") {
            if let Ok(address) = text.parse::<Address>() {
                prop_assert_eq!(address.to_string().parse::<Address>(), Ok(address));
            }
        }
    }
}
