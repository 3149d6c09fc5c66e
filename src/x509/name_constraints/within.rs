//! One name and one base: whether the name lies in the subtree (RFC 5280 §4.2.1.10, RFC 9549 §2.2, RFC 9598 §6).
//!
//! A name or a base that is not well formed is [`Within::Unknown`], which refuses the certificate: a trailing dot or an
//! empty label must not lead out of an excluded subtree (R-C2).

use crate::mime::Address;
use crate::x509::general_name::GeneralName;
use crate::x509::name::Name;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    Yes,
    /// Part of what the name stands for lies in it, or may do so: permitted it is not, and excluded it is.
    Overlaps,
    No,
    /// No rule here tells.
    Unknown,
}

impl From<bool> for Within {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

/// A name, taken apart once for all bases.
pub(super) enum Subject<'a> {
    Mailbox(Option<Mailbox>),
    Host(Option<Host>),
    /// The host of a URI.
    Uri(Option<Host>),
    Directory(&'a Name),
    Ip(&'a [u8]),
    Other(u8),
}

pub(super) struct Mailbox {
    text: String,
    local: String,
    host: String,
}

pub(super) enum Host {
    One(String),
    /// All hosts one label below (RFC 6125 §6.4.3).
    Wildcard(String),
}

impl<'a> Subject<'a> {
    pub(super) fn new(name: &'a GeneralName) -> Self {
        match name {
            GeneralName::Rfc822Name(text) | GeneralName::SmtpUtf8Mailbox(text) => {
                Self::Mailbox(Mailbox::read(text))
            }
            GeneralName::DnsName(text) => Self::Host(Host::read(text)),
            GeneralName::Uri(text) => Self::Uri(host_of_uri(text)),
            GeneralName::DirectoryName(name) => Self::Directory(name),
            GeneralName::IpAddress(octets) => Self::Ip(octets),
            GeneralName::Other { tag, .. } => Self::Other(*tag),
        }
    }

    /// `None` where the base is about another kind of name.
    pub(super) fn within(&self, base: &GeneralName) -> Option<Within> {
        use GeneralName::{DirectoryName, DnsName, IpAddress, Other, Rfc822Name, SmtpUtf8Mailbox, Uri};
        Some(match (self, base) {
            (Self::Mailbox(mailbox), Rfc822Name(base)) => match mailbox {
                Some(mailbox) => mailbox.within(base),
                None => Within::Unknown,
            },
            // RFC 9598 §6: constraints on mailboxes are written as rfc822Name only.
            (Self::Mailbox(_), SmtpUtf8Mailbox(_)) => Within::Unknown,
            (Self::Host(Some(host)), DnsName(base)) => host.within(base),
            (Self::Uri(Some(Host::One(host))), Uri(base)) => host_or_below(host, base),
            (Self::Host(_), DnsName(_)) | (Self::Uri(_), Uri(_)) => Within::Unknown,
            (Self::Directory(name), DirectoryName(base)) => name_within(name, base),
            (Self::Ip(octets), IpAddress(base)) => ip_within(octets, base),
            // Which otherName it is about does not matter here: none has a rule.
            (Self::Other(0), SmtpUtf8Mailbox(_)) => Within::Unknown,
            (Self::Other(tag), Other { tag: of_base, .. }) if tag == of_base => Within::Unknown,
            _ => return None,
        })
    }
}

impl Mailbox {
    fn read(text: &str) -> Option<Self> {
        let (local, host) = split_mailbox(text)?;
        Some(Self { text: text.to_owned(), local: local.to_owned(), host: normal_host(host)? })
    }

    /// A mailbox, all mailboxes of a host, or with a leading period those of the hosts below it.
    fn within(&self, base: &str) -> Within {
        let Some((base_local, base_host)) = split_mailbox(base) else {
            return if base.contains('@') { Within::Unknown } else { host_or_below(&self.host, base) };
        };
        if !is_host(base_host) && !is_literal(base_host) {
            return Within::Unknown;
        }
        if !self.host.eq_ignore_ascii_case(base_host) {
            return Within::No;
        }
        if self.local == base_local {
            return Within::Yes;
        }
        // `"a"@b` is `a@b` (RFC 5321 §4.1.2), and must not slip through as another.
        match (self.text.parse::<Address>(), base.parse::<Address>()) {
            (Ok(one), Ok(other)) => one.matches(&other).into(),
            _ => Within::Unknown,
        }
    }
}

/// What stands before and after the `@` that is not quoted.
fn split_mailbox(text: &str) -> Option<(&str, &str)> {
    let at = match text.strip_prefix('"') {
        None => text.find('@')?,
        Some(quoted) => {
            let mut escaped = false;
            let end = quoted.find(|letter| match letter {
                _ if escaped => {
                    escaped = false;
                    false
                }
                '\\' => {
                    escaped = true;
                    false
                }
                letter => letter == '"',
            })?;
            end.checked_add(2)?
        }
    };
    let (local, rest) = text.split_at_checked(at)?;
    let host = rest.strip_prefix('@')?;
    (!local.is_empty() && !host.contains('@')).then_some((local, host))
}

/// In lower case, U-labels as A-labels (RFC 9598 §5; RFC 8398 had U-labels in certificates).
fn normal_host(host: &str) -> Option<String> {
    if is_host(host) || is_literal(host) {
        return Some(host.to_ascii_lowercase());
    }
    let address = (!host.is_ascii()).then(|| format!("x@{host}").parse::<Address>().ok())?;
    address.map(|address| address.domain().to_owned())
}

/// Labels of letters, digits, hyphens and, as they occur, underscores; none is empty.
fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_'))
    };
    text.len() <= LONGEST_HOST && text.split('.').all(label)
}

/// address-literal (RFC 5321 §4.1.3); as a host it equals itself only.
fn is_literal(text: &str) -> bool {
    text.is_ascii() && text.strip_prefix('[').is_some_and(|text| text.ends_with(']'))
}

impl Host {
    fn read(text: &str) -> Option<Self> {
        match text.strip_prefix("*.") {
            Some(parent) => is_host(parent).then(|| Self::Wildcard(parent.to_ascii_lowercase())),
            None => is_host(text).then(|| Self::One(text.to_ascii_lowercase())),
        }
    }

    /// dNSName: the base and everything below it.
    fn within(&self, base: &str) -> Within {
        let below = base.strip_prefix('.');
        let name = below.unwrap_or(base);
        if base.is_empty() {
            return Within::Yes;
        }
        if !is_host(name) {
            return Within::Unknown;
        }
        let same = |host: &str| host.eq_ignore_ascii_case(name);
        match self {
            Self::One(host) => (is_below(host, name) || (below.is_none() && same(host))).into(),
            // Below a base lies all that a wildcard stands for; or the base is one of what it stands for.
            Self::Wildcard(parent) if same(parent) || is_below(parent, name) => Within::Yes,
            Self::Wildcard(parent) if is_below(name, parent) => Within::Overlaps,
            Self::Wildcard(_) => Within::No,
        }
    }
}

/// The base itself, or with a leading period what is below it. The empty base holds everything.
fn host_or_below(host: &str, base: &str) -> Within {
    match base.strip_prefix('.') {
        _ if base.is_empty() => Within::Yes,
        Some(name) if is_host(name) => is_below(host, name).into(),
        None if is_host(base) || is_literal(base) => host.eq_ignore_ascii_case(base).into(),
        _ => Within::Unknown,
    }
}

/// Both are well formed.
fn is_below(host: &str, name: &str) -> bool {
    let at = host.len().checked_sub(name.len()).and_then(|at| at.checked_sub(1));
    at.and_then(|at| host.as_bytes().split_at_checked(at)).is_some_and(
        |(_, tail)| matches!(tail, [b'.', tail @ ..] if tail.eq_ignore_ascii_case(name.as_bytes())),
    )
}

/// The host of the authority (RFC 3986 §3.2). A URI without one, or with an address for it, fits no constraint (RFC 5280
/// §4.2.1.10).
fn host_of_uri(uri: &str) -> Option<Host> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|octet| octet.is_ascii_digit()) => host,
        _ => host,
    };
    let is_address =
        host.rsplit('.').next().is_some_and(|label| label.bytes().all(|octet| octet.is_ascii_digit()));
    (is_host(host) && !is_address).then(|| Host::One(host.to_ascii_lowercase()))
}

/// RFC 5280 §7.1, which compares octets where a string is of an old type; so a name that reads the same in another
/// type does not leave an excluded subtree.
fn name_within(name: &Name, base: &Name) -> Within {
    match name.is_within(base) {
        None => Within::Unknown,
        Some(true) => Within::Yes,
        Some(false) if name.reads_within(base) => Within::Overlaps,
        Some(false) => Within::No,
    }
}

/// An address and a mask in the style of RFC 4632: ones, then zeros.
fn ip_within(octets: &[u8], base: &[u8]) -> Within {
    let (address, mask) = match base.len() {
        8 | 32 => base.split_at(base.len() / 2),
        _ => return Within::Unknown,
    };
    let bits: Vec<bool> =
        mask.iter().flat_map(|octet| (0..8).rev().map(move |bit| octet >> bit & 1 == 1)).collect();
    if !bits.is_sorted_by(|one, next| one >= next) || !matches!(octets.len(), 4 | 16) {
        return Within::Unknown;
    }
    let same = octets.iter().zip(address).zip(mask).all(|((one, other), mask)| (one ^ other) & mask == 0);
    (octets.len() == address.len() && same).into()
}

/// Octets of a domain (RFC 5321 §4.5.3.1.2).
const LONGEST_HOST: usize = 255;
