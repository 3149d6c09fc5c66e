//! DMARC (RFC 9989, which follows RFC 7489), by mail-auth.

use std::borrow::Borrow;
use std::hash::Hash;
use std::net::Ipv4Addr;
use std::time::Instant;

use mail_auth::common::parse::TxtRecordParser;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::dmarc::{Dmarc, Policy};
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DmarcOutput, DmarcResult, DnsError as MailAuthDns,
    Error as MailAuthError, MessageAuthenticator, Parameters, RecordSet, ResolverCache, SpfOutput, SpfResult,
    Txt,
};

use super::asked;
use super::questions::{Questions, name_of};
use super::resolver::{DnsError, RecordKind};
use super::tags;
use crate::report::{DmarcEvidence, DomainResult};

/// A cache that knows records of DMARC.
struct Cache<'q, 'r>(&'q Questions<'r>);

impl Cache<'_, '_> {
    /// The one record of a name; several are none (RFC 9989 §4.10).
    fn record(&self, name: &str) -> Result<Dmarc, MailAuthError> {
        let records = self.0.policies(name).map_err(asked)?;
        match records.as_slice() {
            [record] => Dmarc::parse(readable(record).as_bytes()),
            _ => Err(MailAuthError::Dns(MailAuthDns::RecordNotFound(ResponseCode::NoError))),
        }
    }
}

impl ResolverCache<Box<str>, Txt> for Cache<'_, '_> {
    fn get<Q: Hash + Eq + ?Sized>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
    {
        Some(self.record(&name_of(name)).into())
    }
    fn remove<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
    {
        None
    }
    fn insert(&self, _: Box<str>, _: Txt, _: Instant) {}
}

/// Asked for whether a domain exists, where the answer would have to be an error; `policy` asks again.
struct Addresses;

impl ResolverCache<Box<str>, RecordSet<Ipv4Addr>> for Addresses {
    fn get<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<RecordSet<Ipv4Addr>>
    where
        Box<str>: Borrow<Q>,
    {
        Some(RecordSet { rrset: Vec::new().into(), dnssec_status: Default::default() })
    }
    fn remove<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<RecordSet<Ipv4Addr>>
    where
        Box<str>: Borrow<Q>,
    {
        None
    }
    fn insert(&self, _: Box<str>, _: RecordSet<Ipv4Addr>, _: Instant) {}
}

pub(super) struct Check<'c, 'r> {
    pub(super) authenticator: &'c MessageAuthenticator,
    pub(super) questions: &'c Questions<'r>,
    pub(super) message: &'c AuthenticatedMessage<'c>,
}

impl<'c> Check<'c, '_> {
    fn ask(&self, dkim: &[DkimOutput<'_>], spf: &SpfOutput, sender: &str) -> Option<DmarcOutput> {
        let cache = Cache(self.questions);
        let parameters = DmarcParameters {
            message: self.message,
            dkim_output: dkim,
            dkim2_output: None,
            rfc5321_mail_from_domain: sender,
            spf_output: spf,
        };
        let parameters = Parameters::new(parameters).with_txt_cache(&cache).with_ipv4_cache(&Addresses);
        super::now(self.authenticator.verify_dmarc(parameters))
    }

    /// Whether a signature of that domain counts for From, whatever became of it.
    pub(super) fn is_aligned(&self, signature: &'c mail_auth::dkim::Signature) -> bool {
        let pass = [DkimOutput::pass().with_signature(signature)];
        let output = self.ask(&pass, &SpfOutput::new(String::new()), "");
        output.is_some_and(|output| *output.dkim_result() == DmarcResult::Pass)
    }

    /// The same of an envelope sender.
    pub(super) fn is_aligned_sender(&self, domain: &str) -> bool {
        let output = self.ask(&[], &SpfOutput::new(domain.to_owned()).with_result(SpfResult::Pass), domain);
        output.is_some_and(|output| *output.spf_result() == DmarcResult::Pass)
    }

    /// What DMARC says; `spf` is of the envelope sender, where anybody knows it.
    pub(super) fn result(
        &self,
        dkim: &[DkimOutput<'_>],
        spf: Option<(SpfResult, &str)>,
        from: &str,
    ) -> DmarcEvidence {
        let (spf_result, sender) = spf.unwrap_or((SpfResult::None, ""));
        let output = self.ask(dkim, &SpfOutput::new(sender.to_owned()).with_result(spf_result), sender);
        let domain = from.to_owned();
        let Some(output) = output else {
            return DmarcEvidence { result: DomainResult::Temperror, domain, policy: None };
        };
        let policy = output.dmarc_record().map(|record| word(self.policy(&output, record, from)).to_owned());
        let results = [output.dkim_result(), output.spf_result()];
        let any = |wanted: fn(&DmarcResult) -> bool| results.iter().any(|result| wanted(result));
        let result = match () {
            () if any(|result| *result == DmarcResult::Pass) => DomainResult::Pass,
            () if any(|result| matches!(result, DmarcResult::TempError(_))) => DomainResult::Temperror,
            () if any(|result| matches!(result, DmarcResult::PermError(_))) => DomainResult::Permerror,
            () if output.dmarc_record().is_none() => DomainResult::None,
            // A pass by SPF is still possible.
            () if spf.is_none() => DomainResult::Neutral,
            () => DomainResult::Fail,
        };
        DmarcEvidence { result, domain, policy }
    }

    /// What the record asks for, also of a subdomain that does not exist (RFC 9989 §4.7, `np`).
    fn policy(&self, output: &DmarcOutput, record: &Dmarc, from: &str) -> Policy {
        let own = Cache(self.questions).record(&format!("_dmarc.{from}")).is_ok();
        let missing = || self.questions.ask(from, RecordKind::A) == Err(DnsError::NoSuchName);
        if own || record.p == Policy::Unspecified || record.np == record.sp || !missing() {
            return output.policy();
        }
        match (record.np, record.t) {
            (Policy::Reject, true) => Policy::Quarantine,
            (Policy::Quarantine, true) => Policy::None,
            (policy, _) => policy,
        }
    }
}

/// A record without what is wrong in it (RFC 9989 §4.8), where mail-auth would read none of it. One whose policies are not
/// right has none (§4.10.1).
fn readable(record: &[u8]) -> String {
    let (tags, _) = tags::read(record);
    let mut text = String::from("v=DMARC1");
    let is = |value: &str, wanted: &[&str]| wanted.iter().any(|one| value.eq_ignore_ascii_case(one));
    let requests = ["none", "quarantine", "reject"];
    let policies = |name: &str| matches!(name, "p" | "sp" | "np");
    let wrong = tags.iter().any(|(name, value)| policies(name) && !is(value, &requests));
    for (name, value) in &tags {
        let kept = match name.as_str() {
            "p" | "sp" | "np" => !wrong,
            "adkim" | "aspf" => is(value, &["r", "s"]),
            "psd" => is(value, &["y", "n", "u"]),
            "t" => is(value, &["y", "n"]),
            "rua" => value.split(',').any(is_uri),
            _ => false,
        };
        if kept {
            // Who gets reports is nothing to us, only that somebody does.
            let value = if name == "rua" { "mailto:a@b" } else { value };
            text.push_str(&format!("; {name}={value}"));
        }
    }
    text
}

/// RFC 3986 §3, by its scheme.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.trim().split_once(':') else { return false };
    let letters = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet));
    letters && !rest.is_empty() && rest.bytes().all(|octet| octet.is_ascii_graphic())
}

fn word(policy: Policy) -> &'static str {
    match policy {
        Policy::None | Policy::Unspecified => "none",
        Policy::Quarantine => "quarantine",
        Policy::Reject => "reject",
    }
}
