//! The way of a message, by the lines that those who handled it put on top (RFC 5321 §4.4, RFC 6376, RFC 8617).
//!
//! - [`trail`]: Received fields, DKIM and ARC signatures, the first on the way first; of each signature whether its body
//!   hash is that of the body as it is, or as it was.
//! - [`hop`]: between which of them the body was changed.
//!
//! Body hashes need no DNS. They are not verified signatures: whoever changed the body could have written any of it.

use serde::Serialize;

use crate::crypto::{self, HashAlgorithm};
use crate::doctor::compare::crlf;
use crate::doctor::tree::{Tree, fields, place};
use crate::mime::Field;

/// One who handled a message.
///
/// ```
/// let letter = b"Received: from a.example by b.example; Mon, 1 Jan 2029 00:00:00 +0000\r\nFrom: a@b.example\r\n\r\nHi\r\n";
/// let seen = mailseal::doctor::diagnose(&mailseal::Context::new(Default::default()), letter, 0)?;
/// assert_eq!(seen.trail[0].host, "b.example");
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Station {
    /// `received`, `dkim`, `arc`.
    pub kind: &'static str,
    /// The host that received it, or the domain that signed.
    pub host: String,
    /// Whose hash of the body fits: of a signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyHash>,
}

/// Which body a DKIM or ARC signature was made over.
///
/// ```
/// use mailseal::doctor::BodyHash;
/// assert_eq!(serde_json::to_string(&BodyHash::Earlier).unwrap(), "\"earlier\"");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BodyHash {
    /// The body as it is now: nothing was changed since, or nothing that this hash sees.
    Now,
    /// The body as it was: it was changed since.
    Earlier,
    /// Neither: it was changed since, and not once.
    Neither,
}

/// Between whom a body was changed.
///
/// ```
/// # fn show(hop: &mailseal::doctor::Hop) {
/// println!("after {}, before {}", hop.after.as_deref().unwrap_or("the sender"), hop.before.as_deref().unwrap_or("you"));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Hop {
    /// The last who had it as it was. `None`: nobody on the way said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// The first who had it as it is. `None`: nobody said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Those between, by their Received lines.
    pub through: Vec<String>,
}

/// The body of a message.
pub(super) fn body<'a>(tree: &Tree<'a>) -> &'a [u8] {
    tree.parts().first().and_then(|root| tree.octets.get(place(&root.body).start..)).unwrap_or_default()
}

/// `earlier`: the body as it was, where that is known.
pub(super) fn trail(tree: &Tree<'_>, earlier: Option<&[u8]>) -> Vec<Station> {
    let Some(root) = tree.parts().first() else { return Vec::new() };
    let now = crlf(body(tree));
    let earlier = earlier.map(crlf);
    let mut fields = fields(&root.header_octets);
    fields.reverse();
    let mut hashed = 0_usize;
    let mut stations = Vec::new();
    for field in fields {
        let station = match field.name.to_ascii_lowercase().as_str() {
            "received" => Some(Station { kind: "received", host: receiver(&field), body: None }),
            name @ ("dkim-signature" | "arc-message-signature") if hashed < SIGNATURES => {
                hashed = hashed.saturating_add(1);
                signature(
                    if name.starts_with('a') { "arc" } else { "dkim" },
                    &field,
                    &now,
                    earlier.as_deref(),
                )
            }
            _ => None,
        };
        stations.extend(station);
    }
    stations
}

/// Signatures whose body hash is computed: mail has one to six.
const SIGNATURES: usize = 32;

pub(super) fn hop(trail: &[Station]) -> Option<Hop> {
    let old = |station: &Station| matches!(station.body, Some(BodyHash::Earlier | BodyHash::Neither));
    let last_old = trail.iter().rposition(old);
    let start = last_old.map_or(0, |at| at.saturating_add(1));
    let first_new = trail.iter().skip(start).position(|station| station.body == Some(BodyHash::Now));
    let first_new = first_new.map(|at| at.saturating_add(start));
    if last_old.is_none() && first_new.is_none() {
        return None;
    }
    let end = first_new.unwrap_or(trail.len());
    let name = |at: usize| trail.get(at).map(|station| station.host.clone());
    let between = trail.get(start..end).unwrap_or_default();
    let through =
        between.iter().filter(|station| station.kind == "received").map(|station| station.host.clone());
    Some(Hop { after: last_old.and_then(name), before: first_new.and_then(name), through: through.collect() })
}

/// The host after `by` (RFC 5321 §4.4).
fn receiver(field: &Field<'_>) -> String {
    let text = field.text();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        if word.eq_ignore_ascii_case("by") {
            return words.next().unwrap_or_default().trim_matches([';', '(', ')', '[', ']']).to_owned();
        }
    }
    String::new()
}

fn signature(kind: &'static str, field: &Field<'_>, now: &[u8], earlier: Option<&[u8]>) -> Option<Station> {
    let text = String::from_utf8_lossy(&field.unfolded()).into_owned();
    let tag = |name: &str| {
        let tag = |pair: &str| {
            let (known, value) = pair.split_once('=')?;
            (known.trim() == name).then(|| value.split_whitespace().collect::<String>())
        };
        text.split(';').find_map(tag)
    };
    let hash = tag("bh")?;
    let algorithm = match tag("a")?.to_ascii_lowercase() {
        name if name.ends_with("sha256") => HashAlgorithm::Sha256,
        name if name.ends_with("sha1") => HashAlgorithm::Sha1,
        _ => return None,
    };
    let relaxed = tag("c").is_some_and(|forms| forms.split('/').nth(1) == Some("relaxed"));
    let length = tag("l").and_then(|length| length.parse().ok());
    let fits = |body: &[u8]| body_hash(body, relaxed, length, algorithm).is_some_and(|found| found == hash);
    let host = tag("d").unwrap_or_default();
    let body = match (fits(now), earlier.map(fits)) {
        // It sees none of the change.
        (true, Some(true)) => return None,
        (true, _) => BodyHash::Now,
        (false, Some(true)) => BodyHash::Earlier,
        (false, Some(false)) => BodyHash::Neither,
        (false, None) => BodyHash::Earlier,
    };
    Some(Station { kind, host, body: Some(body) })
}

/// RFC 6376 §3.4.3, §3.4.4, §3.7; in base64. `body` has CRLF line ends.
fn body_hash(body: &[u8], relaxed: bool, length: Option<usize>, algorithm: HashAlgorithm) -> Option<String> {
    let mut canonical = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|octet| *octet == b'\n') {
        match relaxed {
            true => relax(line, &mut canonical),
            false => canonical.extend_from_slice(line),
        }
    }
    while canonical.ends_with(b"\r\n\r\n") {
        canonical.truncate(canonical.len().saturating_sub(2));
    }
    if canonical == b"\r\n" && relaxed {
        canonical.clear();
    }
    if !canonical.ends_with(b"\r\n") && !(relaxed && canonical.is_empty()) {
        canonical.extend_from_slice(b"\r\n");
    }
    let hashed = canonical.get(..length.unwrap_or(canonical.len()))?;
    let digest = crypto::portable().hash(algorithm, hashed)?;
    Some(base64_simd::STANDARD.encode_to_string(digest))
}

/// Blanks become one, at the end none.
fn relax(line: &[u8], out: &mut Vec<u8>) {
    let content = line.strip_suffix(b"\r\n").unwrap_or(line);
    let mut blank = false;
    for octet in content {
        match octet {
            b' ' | b'\t' => blank = true,
            _ => {
                if std::mem::take(&mut blank) {
                    out.push(b' ');
                }
                out.push(*octet);
            }
        }
    }
    if content.len() < line.len() {
        out.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6376 §3.4.5 (the canonical forms), §3.4.3 and §3.4.4 (hashes of the empty body).
    #[test]
    fn canonical_bodies() {
        let hash = |body: &[u8], relaxed| body_hash(body, relaxed, None, HashAlgorithm::Sha256).unwrap();
        assert_eq!(hash(b"", false), "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=");
        assert_eq!(hash(b"", true), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(hash(b" C \r\nD \t E\r\n\r\n\r\n", true), hash(b" C\r\nD E\r\n", false));
        let sha1 = body_hash(b"\r\n", false, None, HashAlgorithm::Sha1).unwrap();
        assert_eq!(sha1, "uoq1oCgLlTqpdDX/iUbLy7J1Wic=");
    }

    #[test]
    fn between_whom() {
        let station = |kind, host: &str, body| Station { kind, host: host.into(), body };
        let way = [
            station("received", "mx.a", None),
            station("dkim", "a.example", Some(BodyHash::Earlier)),
            station("received", "lists.b", None),
            station("dkim", "b.example", Some(BodyHash::Now)),
            station("received", "mx.c", None),
        ];
        let hop = hop(&way).unwrap();
        assert_eq!((hop.after.as_deref(), hop.before.as_deref()), (Some("a.example"), Some("b.example")));
        assert_eq!(hop.through, ["lists.b"]);
    }
}
