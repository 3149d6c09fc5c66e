//! SPF (RFC 7208), by mail-auth, with what its caches cannot say put right afterwards.

use std::borrow::Borrow;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mail_auth::common::parse::TxtRecordParser;
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::spf::{Macro, Mechanism, Spf};
use mail_auth::{
    DnsError as MailAuthDns, Error as MailAuthError, MX, MessageAuthenticator, Parameters, RecordSet,
    ResolverCache, SpfResult, Txt,
};

use super::questions::{Questions, name_of};
use super::resolver::{DnsError, RecordKind};
use crate::report::DomainResult;

/// Mechanisms that find nothing, before a record is wrong (RFC 7208 §4.6.4).
const VOID: usize = 2;
/// Names of a client that are looked at (RFC 7208 §5.5).
const NAMES: usize = 10;
/// After that, an evaluation ends (RFC 7208 §4.6.4); mail-auth calls it a permanent error.
const TIME: Duration = Duration::from_secs(20);
/// Behind names of `exists`, which asks for IPv4 addresses also of clients that have none (RFC 7208 §5.7).
const EXISTS: &str = "._exists_";

/// What SPF says of one identity.
pub(super) fn check(
    authenticator: &MessageAuthenticator,
    questions: &Questions<'_>,
    client: IpAddr,
    parameters: SpfParameters<'_>,
) -> DomainResult {
    let cache = Cache {
        questions,
        client,
        exchangers: RefCell::default(),
        names: RefCell::default(),
        void: Cell::new(0),
        trouble: Cell::new(None),
    };
    let parameters = Parameters::new(parameters)
        .with_txt_cache(&cache)
        .with_mx_cache(&cache)
        .with_ptr_cache(&cache)
        .with_ipv4_cache(&cache)
        .with_ipv6_cache(&cache);
    let started = Instant::now();
    let output = super::now(authenticator.check_host(parameters));
    let late = started.elapsed() >= TIME;
    match (output.map(|output| output.result()), cache.trouble.get()) {
        (_, Some(trouble)) => trouble,
        (None, None) => DomainResult::Temperror,
        (Some(SpfResult::PermError), None) if late => DomainResult::Temperror,
        (Some(result), None) => word(result),
    }
}

fn word(result: SpfResult) -> DomainResult {
    match result {
        SpfResult::Pass => DomainResult::Pass,
        SpfResult::Fail => DomainResult::Fail,
        SpfResult::SoftFail => DomainResult::Softfail,
        SpfResult::Neutral => DomainResult::Neutral,
        SpfResult::TempError => DomainResult::Temperror,
        SpfResult::PermError => DomainResult::Permerror,
        SpfResult::None => DomainResult::None,
    }
}

/// Answers every question: a cache that does not know would make mail-auth ask by itself.
struct Cache<'q, 'r> {
    questions: &'q Questions<'r>,
    client: IpAddr,
    /// Hosts of MX records and names of the client: that these have no address is nothing wrong.
    exchangers: RefCell<HashSet<String>>,
    names: RefCell<HashSet<String>>,
    void: Cell<usize>,
    /// What ended the evaluation although no cache can say so.
    trouble: Cell<Option<DomainResult>>,
}

impl Cache<'_, '_> {
    fn end(&self, result: DomainResult) {
        if self.trouble.get().is_none() {
            self.trouble.set(Some(result));
        }
    }

    /// Records of one mechanism; nothing where there are none, or no answer.
    fn mechanism(&self, name: &str, kind: RecordKind) -> Vec<String> {
        let records = match self.questions.ask_text(name, kind) {
            Ok(records) => records,
            Err(DnsError::NoSuchName) => Vec::new(),
            Err(DnsError::Temporary) => {
                self.end(DomainResult::Temperror);
                return Vec::new();
            }
        };
        if records.is_empty() {
            self.void.set(self.void.get().saturating_add(1));
            if self.void.get() > VOID {
                self.end(DomainResult::Permerror);
            }
        }
        records
    }

    fn addresses<A: std::str::FromStr>(&self, name: &str, kind: RecordKind) -> Vec<A> {
        let plain = name.trim_end_matches('.');
        let records = if self.names.borrow().contains(plain) {
            self.questions.ask_text(name, kind).unwrap_or_default()
        } else if self.exchangers.borrow().contains(plain) {
            self.questions.ask_text(name, kind).unwrap_or_else(|error| {
                if error == DnsError::Temporary {
                    self.end(DomainResult::Temperror);
                }
                Vec::new()
            })
        } else {
            self.mechanism(name, kind)
        };
        records.iter().filter_map(|address| address.parse().ok()).collect()
    }

    /// Names of the client that lead back to it (RFC 7208 §5.5).
    fn validated(&self) -> Vec<Box<str>> {
        let Ok(names) = self.questions.ask_text(&reverse(self.client), RecordKind::Ptr) else {
            return Vec::new();
        };
        if names.is_empty() {
            self.void.set(self.void.get().saturating_add(1));
        }
        let kind = if self.client.is_ipv4() { RecordKind::A } else { RecordKind::Aaaa };
        let leads_back = |name: &String| {
            let addresses = self.questions.ask_text(name, kind).unwrap_or_default();
            addresses.iter().any(|address| address.parse() == Ok(self.client))
        };
        let names = names.into_iter().take(NAMES).filter(leads_back);
        let names: Vec<String> = names.map(|name| name.trim_end_matches('.').to_ascii_lowercase()).collect();
        self.names.borrow_mut().extend(names.iter().cloned());
        names.into_iter().map(|name| format!("{name}.").into_boxed_str()).collect()
    }

    /// The record, as mail-auth has to evaluate it.
    fn record(&self, name: &str) -> Result<Spf, MailAuthError> {
        let records = self.questions.versioned(name, "v=spf1", b" ").map_err(error)?;
        let [record] = records.as_slice() else {
            return Err(if records.is_empty() {
                MailAuthError::Dns(MailAuthDns::RecordNotFound(ResponseCode::NoError))
            } else {
                MailAuthError::ParseError
            });
        };
        let mut spf = Spf::parse(record)?;
        // Text of the sender's, which nobody needs; and reports, which nobody sends.
        (spf.exp, spf.ra) = (None, None);
        for directive in &mut spf.directives {
            if let Mechanism::Exists { macro_string } = &directive.mechanism {
                let macro_string = match self.client {
                    IpAddr::V4(_) => macro_string.clone(),
                    IpAddr::V6(_) => marked(macro_string.clone()),
                };
                // Any address will do: of none, no bits are compared.
                directive.mechanism = Mechanism::A { macro_string, ip4_mask: 0, ip6_mask: 0 };
            }
        }
        Ok(spf)
    }
}

fn marked(name: Macro) -> Macro {
    let mut list = match name {
        Macro::List(list) => list.into_vec(),
        Macro::None => Vec::new(),
        one => vec![one],
    };
    list.push(Macro::Literal(EXISTS.as_bytes().into()));
    Macro::List(list.into())
}

pub(super) fn error(error: DnsError) -> MailAuthError {
    MailAuthError::Dns(match error {
        DnsError::NoSuchName => MailAuthDns::RecordNotFound(ResponseCode::NXDomain),
        DnsError::Temporary => MailAuthDns::Resolver(String::from("no answer from the DNS")),
    })
}

fn set<T>(records: Vec<T>) -> RecordSet<T> {
    RecordSet { rrset: records.into(), dnssec_status: Default::default() }
}

/// `1.2.0.192.in-addr.arpa` (RFC 1035 §3.5), nibbles under `ip6.arpa` (RFC 3596 §2.5).
pub(super) fn reverse(address: IpAddr) -> String {
    use mail_auth::common::resolver::ToReverseName;
    let zone = if address.is_ipv4() { "in-addr" } else { "ip6" };
    format!("{}.{zone}.arpa", address.to_reverse_name())
}

macro_rules! cache {
    ($key:ty, $value:ty, |$cache:ident, $name:ident| $answer:expr) => {
        impl ResolverCache<$key, $value> for Cache<'_, '_> {
            fn get<Q: Hash + Eq + ?Sized>(&self, name: &Q) -> Option<$value>
            where
                $key: Borrow<Q>,
            {
                let ($cache, $name) = (self, name_of(name));
                Some($answer)
            }
            fn remove<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<$value>
            where
                $key: Borrow<Q>,
            {
                None
            }
            fn insert(&self, _: $key, _: $value, _: Instant) {}
        }
    };
}
pub(super) use cache;

cache!(Box<str>, Txt, |cache, name| match cache.record(&name) {
    Ok(spf) => Txt::Spf(Arc::new(spf)),
    Err(error) => Txt::Error(error),
});
cache!(Box<str>, RecordSet<MX>, |cache, name| {
    let mut exchangers: Vec<(u16, String)> = Vec::new();
    for record in cache.mechanism(&name, RecordKind::Mx) {
        if let Some((preference, host)) = record.split_once(' ')
            && let Ok(preference) = preference.parse()
        {
            let host = host.trim().trim_end_matches('.').to_ascii_lowercase();
            cache.exchangers.borrow_mut().insert(host.clone());
            exchangers.push((preference, host));
        }
    }
    exchangers.sort();
    let exchangers = exchangers.into_iter();
    set(exchangers.map(|(preference, host)| MX { preference, exchanges: [host.into()].into() }).collect())
});
cache!(Box<str>, RecordSet<Ipv4Addr>, |cache, name| set(cache.addresses(&name, RecordKind::A)));
cache!(Box<str>, RecordSet<Ipv6Addr>, |cache, name| {
    match name.trim_end_matches('.').strip_suffix(EXISTS) {
        Some(name) if cache.addresses::<Ipv4Addr>(name, RecordKind::A).is_empty() => set(Vec::new()),
        Some(_) => set(vec![Ipv6Addr::UNSPECIFIED]),
        None => set(cache.addresses(&name, RecordKind::Aaaa)),
    }
});
cache!(IpAddr, RecordSet<Box<str>>, |cache, _name| set(cache.validated()));
