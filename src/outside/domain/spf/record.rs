//! The grammar of SPF records (RFC 7208 §12).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::macros::{DomainSpec, is_macro_string};
use crate::report::DomainResult;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// What a mechanism means where it matches.
    pub(super) directives: Vec<(DomainResult, Mechanism)>,
    pub(super) redirect: Option<DomainSpec>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mechanism {
    All,
    Include(DomainSpec),
    A(Option<DomainSpec>, Prefixes),
    Mx(Option<DomainSpec>, Prefixes),
    Ptr(Option<DomainSpec>),
    Ip4(Ipv4Addr, u8),
    Ip6(Ipv6Addr, u8),
    Exists(DomainSpec),
}

/// How many bits of an address count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prefixes {
    pub(super) v4: u8,
    pub(super) v6: u8,
}

impl Mechanism {
    pub(super) fn domain(&self) -> Option<&DomainSpec> {
        match self {
            Self::Include(domain) | Self::Exists(domain) => Some(domain),
            Self::A(domain, _) | Self::Mx(domain, _) | Self::Ptr(domain) => domain.as_ref(),
            Self::All | Self::Ip4(..) | Self::Ip6(..) => None,
        }
    }
}

impl Record {
    /// A whole record, version first. `None` is a permanent error, wherever in the record it is (RFC 7208 §4.6).
    pub(crate) fn parse(record: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(record)
            .ok()
            .filter(|text| text.bytes().all(|octet| (b' '..=b'~').contains(&octet)))?;
        let mut parsed = Self { directives: Vec::new(), redirect: None };
        let mut explained = false;
        for term in text.split(' ').skip(1).filter(|term| !term.is_empty()) {
            match modifier(term) {
                Some((name, value)) if name.eq_ignore_ascii_case("redirect") => {
                    if parsed.redirect.replace(DomainSpec::parse(value)?).is_some() {
                        return None;
                    }
                }
                Some((name, value)) if name.eq_ignore_ascii_case("exp") => {
                    DomainSpec::parse(value)?;
                    if std::mem::replace(&mut explained, true) {
                        return None;
                    }
                }
                Some((_, value)) => is_macro_string(value).then_some(())?,
                None => parsed.directives.push(directive(term)?),
            }
        }
        Some(parsed)
    }
}

/// `name=value`, where the name is one.
fn modifier(term: &str) -> Option<(&str, &str)> {
    let (name, value) = term.split_once('=')?;
    let mut octets = name.bytes();
    let legal = octets.next()?.is_ascii_alphabetic()
        && octets.all(|octet| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet));
    legal.then_some((name, value))
}

fn directive(term: &str) -> Option<(DomainResult, Mechanism)> {
    let (result, term) = match term.split_at_checked(1)? {
        ("+", rest) => (DomainResult::Pass, rest),
        ("-", rest) => (DomainResult::Fail, rest),
        ("~", rest) => (DomainResult::Softfail, rest),
        ("?", rest) => (DomainResult::Neutral, rest),
        _ => (DomainResult::Pass, term),
    };
    let end = term.find([':', '/']).unwrap_or(term.len());
    let (name, rest) = term.split_at_checked(end)?;
    let argument = rest.strip_prefix(':');
    let mechanism = match name.to_ascii_lowercase().as_str() {
        "all" if rest.is_empty() => Mechanism::All,
        "include" => Mechanism::Include(DomainSpec::parse(argument?)?),
        "exists" => Mechanism::Exists(DomainSpec::parse(argument?)?),
        "ptr" if rest.is_empty() => Mechanism::Ptr(None),
        "ptr" => Mechanism::Ptr(Some(DomainSpec::parse(argument?)?)),
        "a" => {
            let (domain, prefixes) = target(rest)?;
            Mechanism::A(domain, prefixes)
        }
        "mx" => {
            let (domain, prefixes) = target(rest)?;
            Mechanism::Mx(domain, prefixes)
        }
        "ip4" => {
            let (address, bits) = network(argument?, 32)?;
            Mechanism::Ip4(address.parse().ok()?, bits)
        }
        "ip6" => {
            let (address, bits) = network(argument?, 128)?;
            Mechanism::Ip6(address.parse().ok()?, bits)
        }
        _ => return None,
    };
    Some((result, mechanism))
}

/// `[":" domain-spec] ["/" bits] ["//" bits]`
fn target(rest: &str) -> Option<(Option<DomainSpec>, Prefixes)> {
    let mut prefixes = Prefixes { v4: 32, v6: 128 };
    let mut text = rest;
    if let Some((before, digits)) = text.rsplit_once("//").filter(|(_, digits)| is_number(digits)) {
        prefixes.v6 = bits(digits, 128)?;
        text = before;
    }
    if let Some((before, digits)) = text.rsplit_once('/').filter(|(_, digits)| is_number(digits)) {
        prefixes.v4 = bits(digits, 32)?;
        text = before;
    }
    match text.strip_prefix(':') {
        Some(domain) => Some((Some(DomainSpec::parse(domain)?), prefixes)),
        None => text.is_empty().then_some((None, prefixes)),
    }
}

fn network(text: &str, most: u8) -> Option<(&str, u8)> {
    match text.split_once('/') {
        Some((address, digits)) => Some((address, bits(digits, most)?)),
        None => Some((text, most)),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit())
}

/// Without leading zeros, no more than an address has.
fn bits(text: &str, most: u8) -> Option<u8> {
    let plain = is_number(text) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|bits| plain && *bits <= most)
}
