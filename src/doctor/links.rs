//! Links that lead through somebody, and where they lead to in the end.
//!
//! - [`unwrapped`]: a text with all links of known form restored. [`masked`]: with every link left out.

use std::borrow::Cow;

use base64_simd::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Hosts and paths that hold the address they lead to, and in which parameter. From the services' own manuals:
/// Microsoft "Safe Links", Proofpoint "URL Defense" v1 and v2, Google's redirect, Barracuda "Link Protection", Cisco
/// "Secure Web", Sophos, Trend Micro, Slack; then what counters call it.
const WRAPPERS: &[(&str, &[&str])] = &[
    ("safelinks.protection.outlook.com", &["url"]),
    ("urldefense.proofpoint.com/v1", &["u"]),
    ("urldefense.proofpoint.com/v2", &["u"]),
    ("www.google.com/url", &["q", "url"]),
    ("linkprotect.cudasvc.com", &["a"]),
    ("secure-web.cisco.com", &["u"]),
    ("protection.sophos.com", &["u"]),
];
/// What other services call the parameter.
const PARAMETERS: &[&str] =
    &["url", "u", "target", "redirect", "dest", "destination", "link", "to", "r", "a", "q"];

/// A text with links restored; the same where there is nothing to restore.
pub(super) fn unwrapped(text: &str) -> Cow<'_, str> {
    replaced(text, target)
}

/// A text with every link as one mark, for comparing what is around them.
pub(super) fn masked(text: &str) -> String {
    replaced(text, |_| Some("\u{1}".to_owned())).into_owned()
}

/// The hosts of all links, in order.
pub(super) fn hosts(text: &str) -> Vec<String> {
    let mut hosts = Vec::new();
    let _ = replaced(text, |link| {
        let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
        hosts.push(rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase());
        None
    });
    hosts
}

/// Who rewrites links so, by the host.
pub(super) fn service(host: &str) -> Option<&'static str> {
    const SERVICES: &[(&str, &str)] = &[
        ("safelinks.protection.outlook.com", "Microsoft Safe Links"),
        ("urldefense.proofpoint.com", "Proofpoint URL Defense"),
        ("urldefense.com", "Proofpoint URL Defense"),
        ("linkprotect.cudasvc.com", "Barracuda Link Protection"),
        ("secure-web.cisco.com", "Cisco Secure Email"),
        ("protection.sophos.com", "Sophos Email"),
        ("mimecast.com", "Mimecast URL Protect"),
        ("sendgrid.net", "SendGrid click tracking"),
        ("list-manage.com", "Mailchimp click tracking"),
        ("mailgun.org", "Mailgun click tracking"),
        ("mandrillapp.com", "Mandrill click tracking"),
        ("awstrack.me", "Amazon SES click tracking"),
        ("sparkpostmail.com", "SparkPost click tracking"),
        ("sendibm1.com", "Brevo click tracking"),
        ("hubspotlinks.com", "HubSpot click tracking"),
    ];
    let of = |part: &str| host.strip_suffix(part).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    SERVICES.iter().find(|(part, _)| of(part)).map(|(_, name)| *name)
}

/// Where a link leads in the end, if it says so itself.
fn target(link: &str) -> Option<String> {
    let link = link.replace("&amp;", "&");
    if let Some(found) = urldefense_v3(&link) {
        return Some(found);
    }
    let (before, query) = link.split_once('?')?;
    let known = wrapper(before);
    let names = known.map_or(PARAMETERS, |(_, names)| names);
    let old_proofpoint = before.contains("urldefense.proofpoint.com/v2");
    let value = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        if !names.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            return None;
        }
        let value = match old_proofpoint {
            true => value.replace('-', "%").replace('_', "/"),
            false => value.to_owned(),
        };
        address(&percent_decoded(&value)).or_else(|| address(&by_base64(&value)?))
    };
    query.split('&').find_map(value)
}

/// The service of a link without its query. Its host ends in that of the service, so that nobody else can have it.
fn wrapper(link: &str) -> Option<&'static (&'static str, &'static [&'static str])> {
    let (_, rest) = link.split_once("://")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.to_ascii_lowercase();
    WRAPPERS.iter().find(|(known, _)| {
        let (known, start) = known.split_once('/').unwrap_or((known, ""));
        let below = host.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        below && path.starts_with(start)
    })
}

fn address(text: &str) -> Option<String> {
    (text.starts_with("http://") || text.starts_with("https://")).then(|| text.to_owned())
}

/// `https://urldefense.com/v3/__https://example.org/__;!!…`; characters that were replaced by `*` stay lost.
fn urldefense_v3(link: &str) -> Option<String> {
    let (_, rest) =
        link.split_once("urldefense.com/v3/__").or_else(|| link.split_once("urldefense.us/v3/__"))?;
    address(rest.rsplit_once("__;").map(|(inner, _)| inner)?)
}

fn percent_decoded(text: &str) -> String {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let digits = more.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match digits.filter(|_| *first == b'%').and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(octet) => {
                octets.push(octet);
                rest = more.get(2..).unwrap_or_default();
            }
            None => {
                octets.push(*first);
                rest = more;
            }
        }
    }
    String::from_utf8_lossy(&octets).into_owned()
}

fn by_base64(text: &str) -> Option<String> {
    let text = percent_decoded(text);
    let text = text.trim_end_matches('=').as_bytes();
    let octets = URL_SAFE_NO_PAD.decode_to_vec(text).or_else(|_| STANDARD_NO_PAD.decode_to_vec(text)).ok()?;
    String::from_utf8(octets).ok()
}

fn replaced(text: &str, mut by: impl FnMut(&str) -> Option<String>) -> Cow<'_, str> {
    if !text.contains("://") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = next_link(rest) {
        let (before, link) = rest.split_at(start);
        let end = link.find(ends_link).unwrap_or(link.len());
        let (link, after) = link.split_at(end);
        out.push_str(before);
        match by(link) {
            Some(other) => out.push_str(&other),
            None => out.push_str(link),
        }
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// One pass: to look for the one and then for the other would read all of a text again for each link in it.
fn next_link(text: &str) -> Option<usize> {
    let is_link = |at: &usize| {
        let rest = text.get(at.saturating_add(4)..).unwrap_or_default();
        rest.starts_with("://") || rest.starts_with("s://")
    };
    memchr::memmem::find_iter(text.as_bytes(), "http").find(is_link)
}

fn ends_link(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ')' | ']' | '}' | '|' | '\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_forms() {
        for (link, expected) in [
            (
                "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.org%2Fa%3Fb%3D1&amp;data=05%7C01&amp;reserved=0",
                "https://example.org/a?b=1",
            ),
            (
                "https://urldefense.proofpoint.com/v2/url?u=https-3A__example.org_a-3Fb-3D1&d=DwMF",
                "https://example.org/a?b=1",
            ),
            ("https://urldefense.com/v3/__https://example.org/a__;!!abc!x$", "https://example.org/a"),
            ("https://click.example/t?id=7&target=aHR0cHM6Ly9leGFtcGxlLm9yZy8", "https://example.org/"),
            ("https://example.org/a?b=1", "https://example.org/a?b=1"),
        ] {
            assert_eq!(unwrapped(&format!("see <{link}> now")), format!("see <{expected}> now"));
        }
        assert_eq!(masked("a http://x.example/1 b"), "a \u{1} b");
    }
}
