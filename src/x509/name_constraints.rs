//! NameConstraints (RFC 5280 §4.2.1.10), for mailboxes also RFC 9598 §6.

use crate::mime::Address;
use crate::x509::der_reader::{DerError, Reader, Result, SEQUENCE, constructed, context};
use crate::x509::general_name::GeneralName;

/// What the certificates below a certificate authority may be called.
///
/// ```text
/// NameConstraints ::= SEQUENCE { permittedSubtrees [0] GeneralSubtrees OPTIONAL, excludedSubtrees [1] … OPTIONAL }
/// GeneralSubtree ::= SEQUENCE { base GeneralName, minimum [0] DEFAULT 0, maximum [1] OPTIONAL }
/// ```
///
/// ```
/// use mailseal::x509::{Certificate, GeneralName};
/// /// The domains or mailboxes that an authority may speak for, where it is bound to some.
/// fn bound_to(authority: &Certificate) -> Vec<&str> {
///     let constraints = authority.extensions().name_constraints.iter();
///     let mail = |name| match name {
///         &GeneralName::Rfc822Name(ref base) => Some(base.as_str()),
///         _ => None,
///     };
///     constraints.flat_map(|constraints| &constraints.permitted).filter_map(mail).collect()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameConstraints {
    /// Names of a kind that is listed must lie in one of these.
    pub permitted: Vec<GeneralName>,
    /// Names must lie in none of these.
    pub excluded: Vec<GeneralName>,
}

/// What a name is under constraints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    Allowed,
    Violation,
    /// There is a constraint on names of this kind, and no rule here to apply it.
    Unknown,
}

impl NameConstraints {
    pub(crate) fn read(mut reader: Reader<'_>) -> Result<Self> {
        let permitted =
            reader.optional(constructed(0))?.map_or(Ok(Vec::new()), |list| subtrees(list.reader()))?;
        let excluded =
            reader.optional(constructed(1))?.map_or(Ok(Vec::new()), |list| subtrees(list.reader()))?;
        reader.finish()?;
        Ok(Self { permitted, excluded })
    }

    /// How many subtrees there are.
    pub(crate) fn len(&self) -> usize {
        self.permitted.len() + self.excluded.len()
    }

    pub(crate) fn check(&self, name: &GeneralName) -> Fit {
        let of_kind =
            |list: &[GeneralName]| list.iter().filter_map(|base| lies_within(name, base)).collect::<Vec<_>>();
        let (permitted, excluded) = (of_kind(&self.permitted), of_kind(&self.excluded));
        let unknown = |within: &Within| *within == Within::Unknown;
        if permitted.iter().chain(&excluded).any(unknown) {
            return Fit::Unknown;
        }
        let outside = !permitted.is_empty() && !permitted.contains(&Within::Yes);
        if outside || excluded.contains(&Within::Yes) { Fit::Violation } else { Fit::Allowed }
    }
}

fn subtrees(list: Reader<'_>) -> Result<Vec<GeneralName>> {
    list.map(|subtree| {
        let subtree = subtree?;
        if subtree.tag != SEQUENCE {
            return Err(DerError("not a GeneralSubtree"));
        }
        let mut reader = subtree.reader();
        let base = GeneralName::read(&Reader::next(&mut reader)?)?;
        // RFC 5280 §4.2.1.10: minimum is zero, maximum absent.
        if reader.optional(context(0))?.is_some_and(|minimum| minimum.u32() != Ok(0)) {
            return Err(DerError("minimum of a subtree is not zero"));
        }
        reader.finish()?;
        Ok(base)
    })
    .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Yes,
    No,
    Unknown,
}

impl From<bool> for Within {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

/// `None` where the base is about another kind of name.
fn lies_within(name: &GeneralName, base: &GeneralName) -> Option<Within> {
    use GeneralName::{DirectoryName, DnsName, Other, Rfc822Name, SmtpUtf8Mailbox, Uri};
    match (name, base) {
        (Rfc822Name(mailbox) | SmtpUtf8Mailbox(mailbox), Rfc822Name(base)) => {
            Some(mailbox_within(mailbox, base))
        }
        (DnsName(name), DnsName(base)) => Some(host_within(name, base, true).into()),
        (Uri(uri), Uri(base)) => Some(uri_within(uri, base)),
        (DirectoryName(name), DirectoryName(base)) => Some(name.is_within(base).into()),
        (Other { tag, .. }, Other { tag: of_base, .. }) if tag == of_base => Some(Within::Unknown),
        (SmtpUtf8Mailbox(_), Other { tag: 0, .. } | SmtpUtf8Mailbox(_)) => Some(Within::Unknown),
        (Other { tag: 0, .. }, SmtpUtf8Mailbox(_)) => Some(Within::Unknown),
        _ => None,
    }
}

/// A mailbox, all mailboxes of a host, or with a leading period those of the hosts below it.
fn mailbox_within(mailbox: &str, base: &str) -> Within {
    let Some((local, host)) = mailbox.rsplit_once('@') else { return Within::Unknown };
    // RFC 9598 §6: hosts are compared as A-labels, and certificates hold nothing else.
    if !host.is_ascii() {
        return Within::Unknown;
    }
    match base.rsplit_once('@') {
        Some((base_local, base_host)) => {
            let as_written = local == base_local && host.eq_ignore_ascii_case(base_host);
            (as_written || same_address(mailbox, base)).into()
        }
        None => host_within(host, base, false).into(),
    }
}

/// `"a"@b` is `a@b` (RFC 5321 §4.1.2), and must not slip through as another.
fn same_address(one: &str, other: &str) -> bool {
    match (one.parse::<Address>(), other.parse::<Address>()) {
        (Ok(one), Ok(other)) => one.matches(&other),
        _ => false,
    }
}

/// The host of the authority (RFC 3986 §3.2); a URI without one fits no constraint.
fn uri_within(uri: &str, base: &str) -> Within {
    let Some((_, rest)) = uri.split_once("://") else { return Within::Unknown };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    if host.starts_with('[') || host.is_empty() {
        return Within::Unknown;
    }
    let host = host.split(':').next().unwrap_or_default();
    host_within(host, base, false).into()
}

/// Below the base with its leading period; the base itself; where `labels` says so (dNSName) also below it.
/// The empty base holds everything.
fn host_within(host: &str, base: &str, labels: bool) -> bool {
    let host = host.as_bytes();
    let ends_with = |suffix: &[u8]| {
        host.len().checked_sub(suffix.len()).and_then(|at| host.split_at_checked(at)).is_some_and(
            |(head, tail)| {
                !head.is_empty()
                    && tail.eq_ignore_ascii_case(suffix)
                    && (suffix.starts_with(b".") || head.ends_with(b"."))
            },
        )
    };
    match base.as_bytes() {
        [] => true,
        base @ [b'.', ..] => ends_with(base),
        base => host.eq_ignore_ascii_case(base) || (labels && ends_with(base)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailboxes(permitted: &[&str], excluded: &[&str]) -> impl Fn(&str) -> Fit {
        let list =
            |names: &[&str]| names.iter().map(|name| GeneralName::Rfc822Name((*name).to_owned())).collect();
        let constraints = NameConstraints { permitted: list(permitted), excluded: list(excluded) };
        move |mailbox| constraints.check(&GeneralName::Rfc822Name(mailbox.to_owned()))
    }

    #[test]
    fn r_c1_mailboxes() {
        let host = mailboxes(&["example.org"], &[]);
        assert_eq!(host("a@EXAMPLE.org"), Fit::Allowed);
        assert_eq!(host("a@sub.example.org"), Fit::Violation);
        assert_eq!(host("a@badexample.org"), Fit::Violation);
        assert_eq!(host("\"a@example.org\"@evil.example"), Fit::Violation);
        let below = mailboxes(&[".example.org"], &["bad.example.org", "x@ok.example.org"]);
        assert_eq!(below("a@sub.example.org"), Fit::Allowed);
        assert_eq!(below("a@example.org"), Fit::Violation);
        assert_eq!(below("a@.example.org"), Fit::Violation);
        assert_eq!(below("a@bad.example.org"), Fit::Violation);
        assert_eq!(below("x@ok.example.org"), Fit::Violation);
        assert_eq!(below("X@ok.example.org"), Fit::Allowed);
        assert_eq!(below("\"x\"@ok.example.org"), Fit::Violation);
        assert_eq!(below("\"\\x\"@OK.example.org"), Fit::Violation);
        assert_eq!(below("no-host"), Fit::Unknown);
        assert_eq!(mailboxes(&[], &[""])("a@example.org"), Fit::Violation);
    }

    #[test]
    fn r_c1_other_kinds() {
        let uri = |text: &str| GeneralName::Uri(text.to_owned());
        let dns = |text: &str| GeneralName::DnsName(text.to_owned());
        let ip = GeneralName::Other { tag: 7, der: vec![] };
        let constraints = NameConstraints {
            permitted: vec![uri(".example.org"), dns("example.org"), ip.clone()],
            excluded: vec![],
        };
        assert_eq!(constraints.check(&uri("http://u@a.example.org:80/x")), Fit::Allowed);
        assert_eq!(constraints.check(&uri("http://evil.example/@a.example.org")), Fit::Violation);
        assert_eq!(constraints.check(&uri("urn:x")), Fit::Unknown);
        assert_eq!(constraints.check(&dns("a.example.org")), Fit::Allowed);
        assert_eq!(constraints.check(&dns("aexample.org")), Fit::Violation);
        assert_eq!(constraints.check(&ip), Fit::Unknown);
        assert_eq!(constraints.check(&GeneralName::Rfc822Name("a@b.example".into())), Fit::Allowed);
    }
}
