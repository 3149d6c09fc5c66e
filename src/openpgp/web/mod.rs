//! The Web of Trust (RFC 9580 §5.2.3.21): how much trust leads from roots to a user ID.
//!
//! The search is sequoia-wot's; what it is fed is ours. It sees certificates backwards from the target only as far as
//! certifications claim to lead, and of those claims the ones that may come from a root. Signatures are checked when the
//! search asks for them, by our provider: sequoia-wot's own stores would check them by sequoia-openpgp, which remembers
//! each good one for as long as the process lives.
//!
//! The search prefers short paths, so it may find less trust than there is, never more.

mod gather;
mod graph;
mod verify;

use sequoia_openpgp::Fingerprint;
use sequoia_openpgp::packet::UserID;
use sequoia_wot::{NetworkBuilder, Root, Roots};

use super::certificate::{Certificate, addr_spec, display_name, user_ids_of};
use super::names::system_time;
use super::standing;
use crate::crypto::Provider;
use crate::error::Error;
use crate::limits::Limits;
use crate::mime::Address;
use crate::report::whole_fingerprint;
use crate::time::UnixTime;

use gather::Nodes;
use graph::Graph;

/// Who is looked for, from where, and by whom it is judged.
#[derive(Clone, Copy)]
pub(crate) struct WebRequest<'a> {
    pub(crate) roots: &'a [WebRoot],
    pub(crate) target: &'a Certificate,
    pub(crate) address: &'a Address,
    pub(crate) at: UnixTime,
    pub(crate) provider: &'a Provider,
    pub(crate) limits: &'a Limits,
    /// SHA-1 is relied on.
    pub(crate) sha1: bool,
    /// Finds certificates by fingerprint or key ID.
    pub(crate) find: Find<'a>,
}

pub(crate) type Find<'a> = &'a dyn Fn(&[u8]) -> Result<Vec<Certificate>, Error>;

/// A certificate that the caller trusts to certify others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WebRoot {
    fingerprint: Fingerprint,
    amount: u8,
}

impl WebStep {
    /// Who it is, by what was certified of it. A root is who it says.
    pub(crate) fn name(&self, at: UnixTime) -> String {
        let named = match &self.certified {
            Some(certified) => display_name(&certified.user_id).or_else(|| Some(certified.user_id.clone())),
            None => self.certificate.name(at),
        };
        named.filter(|name| !name.is_empty()).unwrap_or_else(|| self.certificate.fingerprint())
    }
}

impl WebRoot {
    /// As [`new`](Self::new) takes it.
    #[cfg(feature = "archive")]
    pub(crate) fn as_said(&self) -> (String, u8) {
        (self.fingerprint.to_hex(), self.amount)
    }

    /// Full fingerprints only, of versions 4 and 6 (R-C13).
    pub(crate) fn new(fingerprint: &str, amount: u8) -> Result<Self, Error> {
        let fingerprint: Fingerprint = whole_fingerprint(fingerprint)?
            .parse()
            .map_err(|_| Error::misuse("a root is named by its whole fingerprint"))?;
        match amount {
            1..=FULL => Ok(Self { fingerprint, amount }),
            _ => Err(Error::misuse("the amount of trust in a root is 1 to 120")),
        }
    }
}

/// What was found.
pub(crate) struct Web {
    /// They share no certification beyond what it gives.
    pub(crate) paths: Vec<WebPath>,
    /// Of all paths together; not more than is enough.
    pub(crate) total: u8,
    /// The limit that ended the search before its time.
    pub(crate) exhausted: Option<&'static str>,
    /// All copies of the target as one.
    pub(crate) target: Certificate,
}

pub(crate) struct WebPath {
    pub(crate) amount: u8,
    /// Root first, target last.
    pub(crate) steps: Vec<WebStep>,
}

pub(crate) struct WebStep {
    pub(crate) certificate: Certificate,
    /// By the step before; none for a root.
    pub(crate) certified: Option<Certified>,
}

/// What a certification says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Certified {
    /// The user ID that was certified.
    pub(crate) user_id: String,
    pub(crate) amount: u8,
    pub(crate) depth: u8,
    pub(crate) made: UnixTime,
    pub(crate) only: Vec<String>,
}

/// Looks for paths from the roots to a user ID of the target that has the address.
pub(crate) fn search(request: &WebRequest<'_>) -> Result<Web, Error> {
    let nodes = Nodes::gather(request)?;
    let target = nodes.target.clone();
    let mut web = Web { paths: Vec::new(), total: 0, exhausted: nodes.exhausted, target };
    let user_ids = user_ids(&nodes.target, request);
    let graph = Graph::new(&nodes, request);
    // The same address may stand in several user IDs: the best known of them.
    for user_id in user_ids.iter().take(MOST_USER_IDS) {
        let paths = paths(&graph, user_id, request);
        let total = paths.iter().map(|path| u32::from(path.amount)).sum::<u32>().min(FULL.into());
        let total = u8::try_from(total).unwrap_or(FULL);
        if total > web.total {
            (web.paths, web.total) = (paths, total);
        }
        if web.total == FULL {
            break;
        }
    }
    web.exhausted = web.exhausted.or(graph.exhausted());
    Ok(web)
}

fn paths(graph: &Graph<'_>, user_id: &UserID, request: &WebRequest<'_>) -> Vec<WebPath> {
    let target = graph.target_fingerprint();
    // With the step from "you" to a root of partial trust.
    let network = NetworkBuilder::rooted(graph, roots(request.roots))
        .maximum_depth(request.limits.web_depth.saturating_add(1))
        .build();
    let found = network.authenticate(user_id, target, FULL.into());
    found.into_iter().filter_map(|(path, amount)| graph.path(&path, amount)).collect()
}

/// Full roots are roots. One of partial trust is certified to that amount by "you": otherwise sequoia-wot takes the
/// amount from the root as often as it finds a path.
fn roots(roots: &[WebRoot]) -> Roots {
    let full = roots.iter().filter(|root| root.amount == FULL).map(|root| root.fingerprint.clone());
    let partial = roots.iter().any(|root| root.amount < FULL).then(you);
    Roots::new(full.chain(partial).map(Root::from))
}

/// No key has this fingerprint.
fn you() -> Fingerprint {
    Fingerprint::from_bytes(4, &[0; 20]).unwrap_or(Fingerprint::V4([0; 20]))
}

/// The user IDs with the address that the target binds itself (R-B21) and has not revoked.
fn user_ids(target: &Certificate, request: &WebRequest<'_>) -> Vec<UserID> {
    let policy = standing::policy(request.at, request.sha1);
    let Ok(valid) = target.cert().with_policy(&policy, system_time(request.at)) else { return Vec::new() };
    let named = user_ids_of(&valid).into_iter().filter(|text| {
        let address = addr_spec(text).and_then(|text| text.parse::<Address>().ok());
        address.is_some_and(|address| request.address.matches(&address))
    });
    named.map(UserID::from).collect()
}

/// The amount that suffices.
const FULL: u8 = crate::report::FULL_TRUST;

/// User IDs of one certificate with the same address: old spellings of a name.
const MOST_USER_IDS: usize = 8;

#[cfg(test)]
#[cfg(feature = "aws-lc")]
mod tests;
