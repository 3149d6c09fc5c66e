//! The rows on the sending domain and the way of a letter: what is said of them, escaped, in no language.

use crate::policy::escape;
use crate::report::{
    DkimEvidence, DmarcEvidence, DomainEvidence, DomainResult, DomainSource, Hop, Relation, SpfEvidence,
    Transport,
};

/// What the row on the sending domain says.
pub(crate) struct Origin {
    /// The domain that stands behind the letter.
    pub(crate) proven: Option<String>,
    /// The domain of From that does not, or of which nobody knows.
    pub(crate) dmarc: Option<(DomainResult, String)>,
    /// `DKIM pass`, `SPF softfail`, and so on, as they are in every language.
    pub(crate) results: Vec<String>,
    pub(crate) from: Option<Relation>,
    pub(crate) signer: Option<Relation>,
    /// Who says so, if not this program.
    pub(crate) by: Option<String>,
}

impl Origin {
    pub(crate) fn new(evidence: &DomainEvidence) -> Self {
        let mut results = Vec::new();
        let mut say = |method: &str, result: Option<DomainResult>| {
            results.extend(result.map(|result| format!("{method} {}", result.as_str())));
        };
        say("DMARC", evidence.dmarc.as_ref().map(|dmarc| dmarc.result));
        say("DKIM", best(evidence.dkim.iter().map(DkimEvidence::rank)));
        say("SPF", best(evidence.spf.iter().map(SpfEvidence::rank)));
        say("ARC", evidence.arc.as_ref().map(|arc| arc.result));
        let by = match &evidence.source {
            DomainSource::Checked => None,
            DomainSource::Trusted { authserv_id } => Some(escape::name(authserv_id)),
        };
        let unproven =
            |dmarc: &&DmarcEvidence| dmarc.result != DomainResult::Pass && !dmarc.domain.is_empty();
        let dmarc = evidence.dmarc.as_ref().filter(unproven);
        Self {
            proven: evidence.agreement.domain.as_deref().map(escape::address),
            dmarc: dmarc.map(|dmarc| (dmarc.result, escape::address(&dmarc.domain))),
            results,
            from: evidence.agreement.domain_with_from,
            signer: evidence.agreement.domain_with_signer,
            by,
        }
    }
}

impl DkimEvidence {
    fn rank(&self) -> (bool, DomainResult) {
        (self.aligned, self.result)
    }
}

impl SpfEvidence {
    fn rank(&self) -> (bool, DomainResult) {
        (self.aligned, self.result)
    }
}

/// An aligned pass, any pass, the aligned result, the first one.
fn best(results: impl Iterator<Item = (bool, DomainResult)> + Clone) -> Option<DomainResult> {
    let first = results.clone().next().map(|(_, result)| result);
    let aligned = results.clone().find(|(aligned, _)| *aligned).map(|(_, result)| result);
    let pass = results.map(|(_, result)| result).find(|result| *result == DomainResult::Pass);
    pass.or(aligned).or(first)
}

/// What the row on the way says.
pub(crate) struct Way {
    /// Client, server and keyword of the last trusted hop but for how many there are: the one that crossed the border.
    pub(crate) from: String,
    pub(crate) by: String,
    pub(crate) protocol: String,
    pub(crate) hops: usize,
    /// Hops with TLS, and those that say nothing about it.
    pub(crate) tls: usize,
    pub(crate) unknown: usize,
}

impl Way {
    pub(crate) fn new(transport: &Transport) -> Option<Self> {
        let border = transport.hops.last()?;
        let count = |tls: Option<bool>| transport.hops.iter().filter(|hop: &&Hop| hop.tls == tls).count();
        Some(Self {
            from: escape::address(&border.from),
            by: escape::address(&border.by),
            protocol: escape::name(&border.protocol),
            hops: transport.hops.len(),
            tls: count(Some(true)),
            unknown: count(None),
        })
    }
}
