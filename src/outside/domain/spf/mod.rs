//! SPF (RFC 7208): whether a client may send for a domain.
//!
//! - [`check_host`]: the function of §4 of that name.
//!
//! Our own, because mail-auth takes 40 of the 203 cases of the test suite otherwise: what its parser does not know, it
//! passes over, where the RFC wants a permanent error.

mod macros;
mod record;

use std::net::IpAddr;

use super::questions::Questions;
use super::resolver::{DnsError, RecordKind};
use crate::report::DomainResult;
use macros::{DomainSpec, Variables, reverse};
use record::{Mechanism, Prefixes};

pub(super) use record::Record;

/// Terms that ask the DNS (RFC 7208 §4.6.4); so no nesting is deeper.
pub(super) const TERMS: usize = 10;
/// Of these, such as find nothing.
const VOID: usize = 2;
/// Exchangers of one domain, and names of the client.
const HOSTS: usize = 10;

/// What SPF says of a domain to a client.
pub(super) fn check_host(
    questions: &Questions<'_>,
    client: IpAddr,
    domain: &str,
    sender: &str,
    helo: &str,
) -> DomainResult {
    let mut check = Check { questions, client: client.to_canonical(), sender, helo, terms: 0, void: 0 };
    check.host(domain).unwrap_or_else(|error| error)
}

struct Check<'c, 'r> {
    questions: &'c Questions<'r>,
    client: IpAddr,
    sender: &'c str,
    helo: &'c str,
    terms: usize,
    void: usize,
}

/// Errors end the evaluation.
type Result<T> = std::result::Result<T, DomainResult>;

impl Check<'_, '_> {
    fn host(&mut self, domain: &str) -> Result<DomainResult> {
        let domain = domain.strip_suffix('.').unwrap_or(domain);
        if !domain.contains('.') {
            return Ok(DomainResult::None);
        }
        let records = match self.questions.versioned(domain, "v=spf1", b" ") {
            Ok(records) => records,
            Err(DnsError::NoSuchName) => return Ok(DomainResult::None),
            Err(DnsError::Temporary) => return Err(DomainResult::Temperror),
        };
        let [text] = records.as_slice() else {
            return if records.is_empty() { Ok(DomainResult::None) } else { Err(DomainResult::Permerror) };
        };
        let record = Record::parse(text).ok_or(DomainResult::Permerror)?;
        for (result, mechanism) in &record.directives {
            if self.matches(mechanism, domain)? {
                return Ok(*result);
            }
        }
        let Some(redirect) = &record.redirect else { return Ok(DomainResult::Neutral) };
        self.term()?;
        let target = self.target(Some(redirect), domain);
        match self.host(&target)? {
            DomainResult::None => Err(DomainResult::Permerror),
            result => Ok(result),
        }
    }

    fn matches(&mut self, mechanism: &Mechanism, domain: &str) -> Result<bool> {
        match (mechanism, self.client) {
            (Mechanism::All, _) => return Ok(true),
            (Mechanism::Ip4(network, bits), IpAddr::V4(client)) => {
                return Ok(same(client.to_bits().into(), network.to_bits().into(), 32, *bits));
            }
            (Mechanism::Ip6(network, bits), IpAddr::V6(client)) => {
                return Ok(same(client.to_bits(), network.to_bits(), 128, *bits));
            }
            (Mechanism::Ip4(..) | Mechanism::Ip6(..), _) => return Ok(false),
            _ => {}
        }
        self.term()?;
        let target = self.target(mechanism.domain(), domain);
        match mechanism {
            Mechanism::Include(_) => match self.host(&target)? {
                DomainResult::Pass => Ok(true),
                DomainResult::None => Err(DomainResult::Permerror),
                _ => Ok(false),
            },
            Mechanism::A(_, prefixes) => {
                let addresses = self.found(&target, self.kind())?;
                Ok(self.is_among(&addresses, *prefixes))
            }
            Mechanism::Mx(_, prefixes) => self.exchanger(&target, *prefixes),
            Mechanism::Exists(_) => Ok(!self.found(&target, RecordKind::A)?.is_empty()),
            Mechanism::Ptr(_) => {
                let target = target.trim_end_matches('.').to_ascii_lowercase();
                let names = self.names();
                Ok(names.iter().any(|name| *name == target || below(name, &target)))
            }
            Mechanism::All | Mechanism::Ip4(..) | Mechanism::Ip6(..) => Ok(false),
        }
    }

    /// One more term that asks.
    fn term(&mut self) -> Result<()> {
        self.terms = self.terms.saturating_add(1);
        if self.terms > TERMS { Err(DomainResult::Permerror) } else { Ok(()) }
    }

    /// Records of a term; that it finds none is counted.
    fn found(&mut self, name: &str, kind: RecordKind) -> Result<Vec<String>> {
        let records = self.records(name, kind)?;
        if records.is_empty() {
            self.void = self.void.saturating_add(1);
            if self.void > VOID {
                return Err(DomainResult::Permerror);
            }
        }
        Ok(records)
    }

    fn records(&self, name: &str, kind: RecordKind) -> Result<Vec<String>> {
        match self.questions.ask_text(name, kind) {
            Ok(mut records) => {
                let is_address = |text: &String| text.parse::<IpAddr>().is_ok();
                records.retain(|text| !matches!(kind, RecordKind::A | RecordKind::Aaaa) || is_address(text));
                Ok(records)
            }
            Err(DnsError::NoSuchName) => Ok(Vec::new()),
            Err(DnsError::Temporary) => Err(DomainResult::Temperror),
        }
    }

    fn exchanger(&mut self, target: &str, prefixes: Prefixes) -> Result<bool> {
        let records = self.found(target, RecordKind::Mx)?;
        if records.len() > HOSTS {
            return Err(DomainResult::Permerror);
        }
        for host in records.iter().filter_map(|record| record.split_once(' ').map(|(_, host)| host)) {
            let addresses = self.records(host.trim(), self.kind())?;
            if self.is_among(&addresses, prefixes) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The names of the client that lead back to it; an error is none (RFC 7208 §5.5).
    fn names(&self) -> Vec<String> {
        let names = self.questions.ask_text(&reverse(self.client), RecordKind::Ptr).unwrap_or_default();
        let leads_back = |name: &String| {
            let addresses = self.questions.ask_text(name, self.kind()).unwrap_or_default();
            addresses.iter().any(|address| address.parse() == Ok(self.client))
        };
        let names = names.into_iter().take(HOSTS).filter(leads_back);
        names.map(|name| name.trim_end_matches('.').to_ascii_lowercase()).collect()
    }

    /// The name that a term is about.
    fn target(&self, spec: Option<&DomainSpec>, domain: &str) -> String {
        let Some(spec) = spec else { return domain.to_owned() };
        let validated = if spec.needs_name() { self.name(domain) } else { String::new() };
        let (client, sender, helo, validated) = (self.client, self.sender, self.helo, validated.as_str());
        spec.expand(&Variables { client, sender, helo, domain, validated })
    }

    /// The name of the client that is the domain, else one below it, else any (RFC 7208 §7.3).
    fn name(&self, domain: &str) -> String {
        let (names, domain) = (self.names(), domain.to_ascii_lowercase());
        let own = names.iter().find(|name| **name == domain);
        let inside = || names.iter().find(|name| below(name, &domain));
        own.or_else(inside).or(names.first()).cloned().unwrap_or_else(|| String::from("unknown"))
    }

    fn kind(&self) -> RecordKind {
        if self.client.is_ipv4() { RecordKind::A } else { RecordKind::Aaaa }
    }

    fn is_among(&self, addresses: &[String], prefixes: Prefixes) -> bool {
        addresses.iter().filter_map(|address| address.parse().ok()).any(|address| {
            match (self.client, address) {
                (IpAddr::V4(client), IpAddr::V4(address)) => {
                    same(client.to_bits().into(), address.to_bits().into(), 32, prefixes.v4)
                }
                (IpAddr::V6(client), IpAddr::V6(address)) => {
                    same(client.to_bits(), address.to_bits(), 128, prefixes.v6)
                }
                _ => false,
            }
        })
    }
}

fn below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// Whether the first bits of two addresses of so many are the same.
fn same(one: u128, other: u128, width: u8, bits: u8) -> bool {
    let shift = u32::from(width.saturating_sub(bits));
    one.checked_shr(shift).unwrap_or(0) == other.checked_shr(shift).unwrap_or(0)
}
