//! Macros of SPF (RFC 7208 §7).

use std::net::IpAddr;

/// Octets of a name (RFC 1035 §2.3.4); what is longer loses labels on its left (RFC 7208 §7.3).
const NAME: usize = 253;
const DELIMITERS: &str = ".-+,/_=";

/// A domain-spec, with what it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DomainSpec(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Macro { letter: char, escape: bool, labels: usize, reverse: bool, delimiters: String },
}

/// What macros stand for.
pub(super) struct Variables<'v> {
    pub(super) client: IpAddr,
    pub(super) sender: &'v str,
    pub(super) helo: &'v str,
    /// The domain whose record it is.
    pub(super) domain: &'v str,
    /// The name of the client that leads back to it.
    pub(super) validated: &'v str,
}

impl DomainSpec {
    /// A macro-string that ends in a top label or a macro (RFC 7208 §7.1).
    pub(super) fn parse(text: &str) -> Option<Self> {
        let pieces = pieces(text, "slodiphv")?;
        let ended = match pieces.last()? {
            Piece::Macro { .. } => true,
            Piece::Literal(end) => {
                let end = end.strip_suffix('.').unwrap_or(end);
                end.rsplit_once('.').is_some_and(|(_, label)| is_top_label(label))
            }
        };
        (ended || ["%%", "%_", "%-"].iter().any(|end| text.ends_with(end))).then_some(Self(pieces))
    }

    /// Whether it asks for a name of the client.
    pub(super) fn needs_name(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Macro { letter: 'p', .. }))
    }

    /// The name that it stands for. What would be cut off on its left is not expanded.
    pub(super) fn expand(&self, variables: &Variables<'_>) -> String {
        let (mut pieces, mut length) = (Vec::new(), 0_usize);
        for piece in self.0.iter().rev() {
            let piece = piece.expand(variables);
            // Dots at the end count for nothing.
            let counted = if length == 0 { piece.trim_end_matches('.').len() } else { piece.len() };
            length = length.saturating_add(counted);
            pieces.push(piece);
            if length > NAME {
                break;
            }
        }
        let name: String = pieces.into_iter().rev().collect();
        let end = name.trim_end_matches('.').len();
        let fits = |at: &usize| end.saturating_sub(at.saturating_add(1)) <= NAME;
        match memchr::memchr_iter(b'.', name.as_bytes()).find(fits) {
            Some(dot) if end > NAME => name.get(dot.saturating_add(1)..).unwrap_or_default().to_owned(),
            _ => name,
        }
    }
}

/// A macro-string with these letters in its macros.
pub(super) fn is_macro_string(text: &str) -> bool {
    pieces(text, "slodiphvcrt").is_some()
}

fn pieces(text: &str, letters: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first != '%' {
            literal.push(first);
            rest = rest.get(first.len_utf8()..)?;
            continue;
        }
        let (escaped, after) = rest.split_at_checked(2)?;
        rest = after;
        match escaped {
            "%%" => literal.push('%'),
            "%_" => literal.push(' '),
            "%-" => literal.push_str("%20"),
            "%{" => {
                if !literal.is_empty() {
                    pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                }
                let (inside, after) = rest.split_once('}')?;
                pieces.push(one(inside, letters)?);
                rest = after;
            }
            _ => return None,
        }
    }
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    Some(pieces)
}

/// `d2r-`: letter, labels, whether reversed, delimiters.
fn one(text: &str, letters: &str) -> Option<Piece> {
    let letter = text.chars().next()?;
    let rest = text.get(letter.len_utf8()..)?;
    let lower = letter.to_ascii_lowercase();
    let digits = rest.len().saturating_sub(rest.trim_start_matches(|c: char| c.is_ascii_digit()).len());
    let (number, rest) = rest.split_at_checked(digits)?;
    let labels =
        if number.is_empty() { usize::MAX } else { number.parse().ok().filter(|count| *count > 0)? };
    let reversed = rest.strip_prefix(['r', 'R']);
    let delimiters = reversed.unwrap_or(rest);
    let legal = letters.contains(lower) && delimiters.chars().all(|c| DELIMITERS.contains(c));
    let delimiters = if delimiters.is_empty() { "." } else { delimiters };
    legal.then(|| Piece::Macro {
        letter: lower,
        escape: letter.is_ascii_uppercase(),
        labels,
        reverse: reversed.is_some(),
        delimiters: delimiters.to_owned(),
    })
}

/// Letters, digits and hyphens inside, with a letter among them or a hyphen.
fn is_top_label(label: &str) -> bool {
    let inside = label.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-');
    let some = label.bytes().any(|octet| octet.is_ascii_alphabetic() || octet == b'-');
    inside && some && !label.starts_with('-') && !label.ends_with('-')
}

impl Piece {
    fn expand(&self, variables: &Variables<'_>) -> String {
        let (letter, escape, labels, reverse, delimiters) = match self {
            Self::Literal(text) => return text.clone(),
            Self::Macro { letter, escape, labels, reverse, delimiters } => {
                (*letter, *escape, *labels, *reverse, delimiters)
            }
        };
        let value = variables.value(letter);
        let mut parts: Vec<&str> = value.split(|c| delimiters.contains(c)).collect();
        if reverse {
            parts.reverse();
        }
        let kept = parts.get(parts.len().saturating_sub(labels)..).unwrap_or_default().join(".");
        if escape { escaped(&kept) } else { kept }
    }
}

impl Variables<'_> {
    fn value(&self, letter: char) -> String {
        let (local, domain) = self.sender.rsplit_once('@').unwrap_or(("postmaster", self.sender));
        match letter {
            's' => self.sender.to_owned(),
            'l' => local.to_owned(),
            'o' => domain.to_owned(),
            'd' => self.domain.to_owned(),
            'i' => dotted(self.client),
            'p' => self.validated.to_owned(),
            'v' => String::from(if self.client.is_ipv4() { "in-addr" } else { "ip6" }),
            'h' => self.helo.to_owned(),
            _ => String::new(),
        }
    }
}

/// `192.0.2.1`, or nibbles with dots.
fn dotted(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let nibbles = format!("{:032x}", address.to_bits());
            nibbles.chars().map(String::from).collect::<Vec<_>>().join(".")
        }
    }
}

/// `1.2.0.192.in-addr.arpa` (RFC 1035 §3.5), nibbles under `ip6.arpa` (RFC 3596 §2.5).
pub(super) fn reverse(address: IpAddr) -> String {
    let dotted = dotted(address);
    let labels: Vec<&str> = dotted.rsplit('.').collect();
    format!("{}.{}.arpa", labels.join("."), if address.is_ipv4() { "in-addr" } else { "ip6" })
}

/// As in a URI (RFC 3986 §2.3).
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for octet in text.bytes() {
        if octet.is_ascii_alphanumeric() || b"-._~".contains(&octet) {
            out.push(char::from(octet));
        } else {
            out.push_str(&format!("%{octet:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7208 §7.4.
    #[test]
    fn examples_of_the_rfc() {
        let expand = |client: &str, text: &str| {
            let variables = Variables {
                client: client.parse().unwrap(),
                sender: "strong-bad@email.example.com",
                helo: "h.example",
                domain: "email.example.com",
                validated: "unknown",
            };
            DomainSpec::parse(text).unwrap().expand(&variables)
        };
        for (text, expanded) in [
            ("%{s}", "strong-bad@email.example.com"),
            ("%{o}", "email.example.com"),
            ("%{d4}", "email.example.com"),
            ("%{d2}", "example.com"),
            ("%{d1}", "com"),
            ("%{dr}", "com.example.email"),
            ("%{d2r}", "example.email"),
            ("%{l}", "strong-bad"),
            ("%{l-}", "strong.bad"),
            ("%{lr-}", "bad.strong"),
            ("%{l1r-}", "strong"),
            ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
            ("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"),
            ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
        ] {
            assert_eq!(expand("192.0.2.3", text), expanded, "{text}");
        }
        assert_eq!(
            expand("2001:db8::cb01", "%{ir}.%{v}._spf.%{d2}"),
            "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com"
        );
        for wrong in ["", "a", "a.", "%", "%{", "%{x}.b.c", "%{d0}", "%{c}", "%a.b.c", "a.1", "a.-b", "a.b-"]
        {
            assert!(DomainSpec::parse(wrong).is_none(), "{wrong}");
        }
    }
}
