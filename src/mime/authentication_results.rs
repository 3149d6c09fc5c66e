//! What an Authentication-Results field says (RFC 8601 §2.2).
//!
//! - [`read`]: the results of a field, behind its authserv-id.

use super::parameters::{Scan, is_token};

/// Results of one field, and properties of one result, that are read. A field of 64 KiB could hold thousands.
const MOST: usize = 100;

/// `dkim=pass reason="…" header.d=example.com`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct MethodResult {
    /// In lower case, without its version.
    pub(crate) method: String,
    pub(crate) result: String,
    pub(crate) reason: String,
    /// `header.d` in lower case, and the value as it stands.
    pub(crate) properties: Vec<(String, String)>,
}

impl MethodResult {
    /// The value of the first property of that name.
    pub(crate) fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// All results of what stands after the authserv-id. `None` if some of it cannot be read: then nothing of the field
/// is believed.
pub(crate) fn read(rest: &[u8]) -> Option<Vec<MethodResult>> {
    let mut scan = Scan::new(rest);
    let mut results = Vec::new();
    scan.blanks()?;
    while scan.peek().is_some() {
        scan.next().filter(|octet| *octet == b';')?;
        scan.blanks()?;
        if matches!(scan.peek(), None | Some(b';')) {
            continue;
        }
        if let Some(one) = result(&mut scan)? {
            results.push(one);
        }
        if results.len() > MOST {
            return None;
        }
    }
    Some(results)
}

/// One resinfo; `Some(None)` for `none`.
fn result(scan: &mut Scan<'_>) -> Option<Option<MethodResult>> {
    let method = keyword(scan)?;
    scan.blanks()?;
    if method == "none" && matches!(scan.peek(), None | Some(b';')) {
        return Some(None);
    }
    if scan.peek() == Some(b'/') {
        scan.next();
        scan.blanks()?;
        // No version but 1 is known.
        scan.token(u8::is_ascii_digit).filter(|version| *version == b"1")?;
    }
    equals(scan)?;
    let mut one = MethodResult { method, result: keyword(scan)?, ..MethodResult::default() };
    scan.blanks()?;
    while !matches!(scan.peek(), None | Some(b';')) {
        let name = keyword(scan)?;
        scan.blanks()?;
        if name == "reason" && scan.peek() == Some(b'=') {
            equals(scan)?;
            one.reason = value(scan)?;
        } else {
            scan.next().filter(|octet| *octet == b'.')?;
            scan.blanks()?;
            let property = keyword(scan)?;
            equals(scan)?;
            one.properties.push((format!("{name}.{property}"), value(scan)?));
        }
        scan.blanks()?;
        if one.properties.len() > MOST {
            return None;
        }
    }
    Some(Some(one))
}

fn equals(scan: &mut Scan<'_>) -> Option<()> {
    scan.blanks()?;
    scan.next().filter(|octet| *octet == b'=')?;
    scan.blanks()
}

/// Letters, digits and hyphens (RFC 8601 §2.2, RFC 5321 §4.1.2), in lower case.
fn keyword(scan: &mut Scan<'_>) -> Option<String> {
    let octets = scan.token(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_'))?;
    String::from_utf8(octets.to_ascii_lowercase()).ok()
}

/// A token, a quoted-string, a domain name or an address; the local part of an address may be quoted.
fn value(scan: &mut Scan<'_>) -> Option<String> {
    let mut octets = Vec::new();
    loop {
        match scan.peek() {
            Some(b'"') => octets.extend(scan.quoted()?),
            // Signatures in Base64, addresses and paths stand unquoted in real fields.
            Some(octet) if is_token(&octet) || !octet.is_ascii() || b"@/:=<>?[],\\".contains(&octet) => {
                octets.push(octet);
                scan.next();
            }
            _ => break,
        }
    }
    String::from_utf8(octets).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_of_rfc_8601() {
        // Appendix B.5 and B.7, behind the authserv-id.
        let text = b";\r\n auth=pass (cram-md5) smtp.auth=sender@example.net;\r\n spf=fail smtp.mailfrom=example.net;\r\n \
            dkim=pass reason=\"good signature\" header.i=@mail-router.example.net;\r\n dkim=fail reason=\"bad signature\" \
            header.i=@newyork.example.com";
        let results = read(text).unwrap();
        let shown: Vec<_> = results.iter().map(|one| (one.method.as_str(), one.result.as_str())).collect();
        assert_eq!(shown, [("auth", "pass"), ("spf", "fail"), ("dkim", "pass"), ("dkim", "fail")]);
        assert_eq!(results[0].property("smtp.auth"), Some("sender@example.net"));
        assert_eq!(results[3].reason, "bad signature");
        assert_eq!(results[3].property("header.i"), Some("@newyork.example.com"));
    }

    #[test]
    fn comments_versions_and_nothing() {
        // Appendix B.6: comments everywhere.
        let text = b" (a comment); dkim (Because I like it) / 1 (One yay) = (wait for it) fail policy (A dot can go here) . \
            (like that) expired (this surprised me) = (as I wasn't expecting it) 1362471462";
        let results = read(text).unwrap();
        assert_eq!(results[0].property("policy.expired"), Some("1362471462"));
        assert_eq!(read(b"; none").unwrap(), []);
        assert_eq!(read(b"").unwrap(), []);
        assert_eq!(read(b" ; spf=none ;").unwrap().len(), 1);
        assert_eq!(
            read(b"; dkim=pass header.b=\"ab=+/\" header.i=\"a b\"@c.example").unwrap()[0].properties.len(),
            2
        );
    }

    #[test]
    fn what_cannot_be_read_is_not_believed() {
        for wrong in [
            "; dkim",
            "; dkim=",
            "; dkim/2=pass",
            "; dkim=pass (",
            "; dkim=pass header",
            "x",
            "; dkim=pass header.d",
            "; dkim=pass \"",
            "; =pass",
        ] {
            assert_eq!(read(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(read("; dkim=pass".repeat(200).as_bytes()), None);
    }
}
