//! The sending domain and the way of a letter, beside its signatures: what others say that the caller trusts, and how
//! all of it agrees.

use crate::message::Opened;
use crate::mime::authentication_results::{self, MethodResult};
use crate::mime::{Address, AuthservId, Field, Headers, PartPath, received};
use crate::report::{
    Agreement, ArcEvidence, Code, DkimEvidence, DmarcEvidence, DomainEvidence, DomainResult, DomainSource,
    Finding, Hop, Relation, Report, SpfEvidence, SpfIdentity, Transport, Trust,
};

/// Received lines of one letter that are listed. Servers refuse letters with more than 100 (RFC 5321 §6.3).
const HOPS: usize = 100;
/// Methods that are about the domain (RFC 8601 §2.7).
const METHODS: [&str; 5] = ["spf", "dkim", "arc", "dmarc", "sender-id"];

/// Whose word about a letter counts, beside its signatures.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trusted {
    pub(crate) hops: Option<usize>,
    pub(crate) results: Option<AuthservId>,
}

impl Trusted {
    pub(crate) fn is_anybody(&self) -> bool {
        self.hops.is_some() || self.results.is_some()
    }

    /// Adds what the trusted fields of the header say.
    pub(crate) fn add(&self, header: &[u8], report: &mut Report) {
        let headers = Headers::new(header);
        report.transport = self.hops.map(|hops| transport(&headers, hops));
        if let Some(name) = &self.results
            && let Some(evidence) = results(&headers, name, self.hops.unwrap_or(1))
        {
            join(report, evidence);
        }
    }
}

impl Opened<'_> {
    /// Puts what was found out about the sending domain beside the signatures: into [`Report::domain`], with how they
    /// agree, and with findings. A verdict is as good as without it.
    ///
    /// ```
    /// # use mailseal::{Context, Opener, TrustStore};
    /// # let opener = Opener::new(&Context::new(TrustStore::new()));
    /// use mailseal::report::{DomainEvidence, DomainSource};
    /// let mut opened = opener.open(b"From: a@b.example\r\n\r\nHello\r\n", std::time::SystemTime::now())?;
    /// opened.add_domain(DomainEvidence::new(DomainSource::Checked)); // of outside::domain::DomainCheck
    /// assert!(opened.report.domain.is_some());
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    pub fn add_domain(&mut self, evidence: DomainEvidence) {
        join(&mut self.report, evidence);
    }
}

/// Evidence into the report, in place of what was there.
fn join(report: &mut Report, mut evidence: DomainEvidence) {
    const CODES: [Code; 4] =
        [Code::DomainFailed, Code::DomainUndecided, Code::DkimBodyLength, Code::SenderId];
    evidence.agreement = agreement(report, &evidence);
    report.findings.retain(|finding| !CODES.contains(&finding.code));
    let mut add = |code, detail: &str| {
        let finding = Finding::new(code, PartPath::root());
        report.findings.push(if detail.is_empty() { finding } else { finding.with_detail(detail) });
    };
    if let Some(dmarc) = evidence.dmarc.as_ref().filter(|dmarc| dmarc.result == DomainResult::Fail) {
        add(Code::DomainFailed, &dmarc.domain);
    }
    if evidence.is_temporary() {
        add(Code::DomainUndecided, "");
    }
    let partly = |dkim: &&DkimEvidence| dkim.result == DomainResult::Pass && dkim.unsigned_octets.is_some();
    if let Some(dkim) = evidence.dkim.iter().find(partly) {
        add(Code::DkimBodyLength, &dkim.domain);
    }
    if evidence.sender_id {
        add(Code::SenderId, "");
    }
    report.domain = Some(evidence);
}

fn agreement(report: &Report, evidence: &DomainEvidence) -> Agreement {
    let from = match report.from.mailboxes.as_slice() {
        [one] => one.parse::<Address>().ok(),
        _ => None,
    };
    let signer = signer(report);
    let (domain, identity, aligned) = proven(evidence);
    // Evidence of another From says nothing of this one.
    let looked = evidence.dmarc.as_ref().map(|dmarc| dmarc.domain.as_str());
    let aligned = aligned && from.as_ref().zip(looked).is_some_and(|(from, of)| same(from.domain(), of));
    let mut agreement = Agreement {
        domain: domain.map(str::to_owned),
        signer: signer.as_ref().map(ToString::to_string),
        ..Agreement::default()
    };
    if let (Some(signer), Some(from)) = (&signer, &from) {
        agreement.signer_with_from = Some(addresses(signer, from));
    }
    let with = |address: &Option<Address>| {
        let (address, domain) = (address.as_ref()?, domain?);
        Some(match () {
            () if identity
                .is_some_and(|identity| identity.parse::<Address>().is_ok_and(|id| id == *address)) =>
            {
                Relation::SameAddress
            }
            () if same(address.domain(), domain) => Relation::SameDomain,
            () if aligned && from.as_ref().is_some_and(|from| from.domain() == address.domain()) => {
                Relation::SameDomain
            }
            () => Relation::OtherDomain,
        })
    };
    agreement.domain_with_from = with(&from);
    agreement.domain_with_signer = with(&signer);
    agreement
}

fn addresses(one: &Address, other: &Address) -> Relation {
    match () {
        () if one.matches(other) => Relation::SameAddress,
        () if same(one.domain(), other.domain()) => Relation::SameDomain,
        () => Relation::OtherDomain,
    }
}

/// The domain that stands behind the letter, for whom it says so (`i=`), and whether it is that of From.
fn proven(evidence: &DomainEvidence) -> (Option<&str>, Option<&str>, bool) {
    let good = |dkim: &&DkimEvidence| dkim.result == DomainResult::Pass && !dkim.domain.is_empty();
    let good_spf = |spf: &&SpfEvidence| {
        spf.result == DomainResult::Pass && spf.identity == SpfIdentity::Mailfrom && !spf.domain.is_empty()
    };
    let aligned = evidence.dkim.iter().filter(good).find(|dkim| dkim.aligned);
    if let Some(dmarc) = evidence.dmarc.as_ref().filter(|dmarc| dmarc.result == DomainResult::Pass) {
        return (Some(&dmarc.domain), aligned.and_then(|dkim| dkim.identity.as_deref()), true);
    }
    if let Some(dkim) = aligned.or_else(|| evidence.dkim.iter().find(good)) {
        return (Some(&dkim.domain), dkim.identity.as_deref(), dkim.aligned);
    }
    let spf = evidence.spf.iter().find(good_spf);
    (spf.map(|spf| spf.domain.as_str()), None, spf.is_some_and(|spf| spf.aligned))
}

/// Who signed all of the letter, as somebody the caller trusts says; the From address before others.
fn signer(report: &Report) -> Option<Address> {
    let layers = report.signed_layers().filter(|layer| layer.envelope);
    let known = layers
        .flat_map(|layer| &layer.signatures)
        .filter(|signature| signature.integrity.holds() && signature.trust == Trust::Trusted);
    let mut signers = known.filter_map(|signature| signature.signer.as_ref()).collect::<Vec<_>>();
    signers.sort_by_key(|signer| !signer.is_from);
    signers.iter().find_map(|signer| signer.mailbox.parse().ok())
}

fn same(one: &str, other: &str) -> bool {
    one.trim_end_matches('.').eq_ignore_ascii_case(other.trim_end_matches('.'))
}

/// The topmost `trusted` Received lines.
fn transport(headers: &Headers<'_>, trusted: usize) -> Transport {
    let lines = || headers.fields().filter(is_received);
    let hops = lines().take(trusted.min(HOPS)).map(|field| {
        let line = received::read(field.value);
        let tls = line.tls();
        Hop { from: line.from, by: line.by, protocol: line.with, tls }
    });
    let hops: Vec<Hop> = hops.collect();
    let untrusted = lines().count().saturating_sub(hops.len());
    Transport { hops, untrusted }
}

fn is_received(field: &Field<'_>) -> bool {
    field.name.eq_ignore_ascii_case("Received")
}

/// What the fields in that name say: the topmost ones, above the Received line of whoever is not trusted, and above
/// any other field of that kind that somebody else, or nobody, wrote. Below, they may be forged (RFC 8601 §5).
fn results(headers: &Headers<'_>, name: &AuthservId, hops: usize) -> Option<DomainEvidence> {
    let (mut lines, mut said) = (0_usize, Vec::new());
    let mut found = false;
    for field in headers.fields() {
        if is_received(&field) {
            lines = lines.saturating_add(1);
            // A line below what was said is of an earlier hop, and so is all below it.
            if found || lines > hops {
                break;
            }
        }
        if field.name.eq_ignore_ascii_case("Authentication-Results") {
            let Some(results) = name.said(field.value).and_then(authentication_results::read) else {
                if found || name.is_forged(field.value) {
                    break;
                }
                continue;
            };
            found = true;
            // What a field above says of a method, none below adds to.
            let new = |one: &MethodResult| {
                METHODS.contains(&one.method.as_str())
                    && !said.iter().any(|known: &MethodResult| known.method == one.method)
            };
            let results: Vec<MethodResult> = results.into_iter().filter(new).collect();
            said.extend(results);
        }
    }
    found.then(|| evidence(name, &said))
}

fn evidence(name: &AuthservId, said: &[MethodResult]) -> DomainEvidence {
    let mut evidence = DomainEvidence::new(DomainSource::Trusted { authserv_id: name.as_str().to_owned() });
    for one in said {
        let Some(result) = DomainResult::parse(&one.result) else { continue };
        match one.method.as_str() {
            "spf" => evidence.spf.push(spf(one, result)),
            "dkim" if result != DomainResult::None => evidence.dkim.push(dkim(one, result)),
            "arc" if result != DomainResult::None => {
                let reason = one.reason.clone();
                evidence.arc = Some(ArcEvidence { result, sealers: Vec::new(), reason });
            }
            "dmarc" => evidence.dmarc = Some(dmarc(one, result)),
            "sender-id" => evidence.sender_id = true,
            _ => {}
        }
    }
    // DMARC says which of them aligned only by its own result.
    let from = evidence.dmarc.as_ref().map(|dmarc| dmarc.domain.clone()).unwrap_or_default();
    evidence.spf.iter_mut().for_each(|spf| spf.aligned = !from.is_empty() && same(&spf.domain, &from));
    evidence.dkim.iter_mut().for_each(|dkim| dkim.aligned = !from.is_empty() && same(&dkim.domain, &from));
    evidence
}

fn spf(one: &MethodResult, result: DomainResult) -> SpfEvidence {
    let (identity, of) = match (one.property("smtp.mailfrom"), one.property("smtp.helo")) {
        (Some(sender), _) => (SpfIdentity::Mailfrom, sender),
        (None, helo) => (SpfIdentity::Helo, helo.unwrap_or_default()),
    };
    SpfEvidence { result, identity, domain: domain_of(of), aligned: false }
}

fn dkim(one: &MethodResult, result: DomainResult) -> DkimEvidence {
    let identity = one.property("header.i").map(str::to_owned);
    let domain = one.property("header.d").or(identity.as_deref()).map(domain_of).unwrap_or_default();
    DkimEvidence {
        result,
        domain,
        selector: one.property("header.s").unwrap_or_default().to_owned(),
        identity,
        algorithm: one.property("header.a").unwrap_or_default().to_owned(),
        reason: one.reason.clone(),
        ..DkimEvidence::default()
    }
}

fn dmarc(one: &MethodResult, result: DomainResult) -> DmarcEvidence {
    let domain = one.property("header.from").map(domain_of).unwrap_or_default();
    let policy = one.property("policy.published-domain-policy").or(one.property("policy.dmarc"));
    DmarcEvidence { result, domain, policy: policy.map(str::to_ascii_lowercase) }
}

/// The domain of an address, or what is one already, in lower case.
fn domain_of(text: &str) -> String {
    let text = text.trim_start_matches('<').trim_end_matches('>');
    text.rsplit_once('@').map_or(text, |(_, domain)| domain).to_ascii_lowercase()
}
