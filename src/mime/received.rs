//! Who says to have taken a letter from whom (RFC 5321 §4.4).
//!
//! - [`read`]: the clauses of a Received field that matter.

use super::parameters::Scan;

/// Words of one field that are looked at: real ones have some ten, and as many in comments.
const WORDS: usize = 64;

/// `from … by … with …`
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) from: String,
    pub(crate) by: String,
    /// In upper case.
    pub(crate) with: String,
}

impl Received {
    /// Whether this hop used TLS, by its keyword: the registry of RFC 3848, RFC 6531 §4.3.
    pub(crate) fn tls(&self) -> Option<bool> {
        match self.with.as_str() {
            "ESMTPS" | "ESMTPSA" | "LMTPS" | "LMTPSA" | "UTF8SMTPS" | "UTF8SMTPSA" | "UTF8LMTPS"
            | "UTF8LMTPSA" => Some(true),
            "SMTP" | "ESMTP" | "ESMTPA" | "LMTP" | "LMTPA" | "UTF8SMTP" | "UTF8SMTPA" | "UTF8LMTP"
            | "UTF8LMTPA" => Some(false),
            _ => None,
        }
    }
}

/// What a Received field says; nothing of a clause that is not there. Comments say nothing.
pub(crate) fn read(value: &[u8]) -> Received {
    let mut scan = Scan::new(value);
    let mut found = Received::default();
    let mut clause: Option<Vec<u8>> = None;
    for _ in 0..WORDS {
        let Some(word) = word(&mut scan) else { break };
        match clause.take() {
            None => clause = Some(word.to_ascii_lowercase()),
            Some(name) => {
                let text = String::from_utf8_lossy(&word).into_owned();
                match name.as_slice() {
                    b"from" if found.from.is_empty() => found.from = text,
                    b"by" if found.by.is_empty() => found.by = text,
                    b"with" if found.with.is_empty() => found.with = text.to_ascii_uppercase(),
                    b"with" | b"from" | b"by" | b"via" | b"id" | b"for" => {}
                    // Words between clauses, as in `with Microsoft SMTP Server`: the next may be a clause.
                    _ => clause = Some(word.to_ascii_lowercase()),
                }
            }
        }
    }
    found
}

/// Octets up to a blank, a comment or the date.
fn word<'a>(scan: &mut Scan<'a>) -> Option<std::borrow::Cow<'a, [u8]>> {
    scan.blanks()?;
    match scan.peek()? {
        b';' => None,
        b'"' => scan.quoted().map(Into::into),
        _ => scan.token(|octet| !octet.is_ascii_whitespace() && !b"();\"".contains(octet)).map(Into::into),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &str) -> (String, String, String, Option<bool>) {
        let read = read(value.as_bytes());
        let tls = read.tls();
        (read.from, read.by, read.with, tls)
    }

    fn hop(from: &str, by: &str, with: &str, tls: Option<bool>) -> (String, String, String, Option<bool>) {
        (from.into(), by.into(), with.into(), tls)
    }

    #[test]
    fn real_lines() {
        assert_eq!(
            shown(
                " from mail.example.net (mail.example.net [192.0.2.1])\r\n\t(using TLSv1.3 with cipher X (256/256 bits))\r\n\t\
                 by mx.example.org (Postfix) with ESMTPS id 4F\r\n\tfor <a@example.org>; Mon, 1 Jan 2026 00:00:00 +0000"
            ),
            hop("mail.example.net", "mx.example.org", "ESMTPS", Some(true))
        );
        assert_eq!(shown(" by 2002:a05 with SMTP id x; Mon"), hop("", "2002:a05", "SMTP", Some(false)));
        assert_eq!(
            shown(" from A (10.0.0.1) by B with Microsoft SMTP Server (version=TLS1_2) id 15.20; Mon"),
            hop("A", "B", "MICROSOFT", None)
        );
        assert_eq!(shown(" (qmail 1 invoked by uid 0); 1 Jan"), hop("", "", "", None));
        assert_eq!(shown(" from a by b with utf8smtpsa id c"), hop("a", "b", "UTF8SMTPSA", Some(true)));
        assert_eq!(shown(" from (with ESMTPS"), hop("", "", "", None));
    }
}
