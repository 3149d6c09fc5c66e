//! What sequoia-wot searches: certifications that may come from a root, checked when it asks for them.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::SystemTime;

use sequoia_cert_store::store::StoreError;
use sequoia_openpgp::packet::{Signature, UserID};
use sequoia_openpgp::{Fingerprint, KeyHandle};
use sequoia_wot::store::Store;
use sequoia_wot::{
    CertSynopsis, Certification, CertificationSet, Depth, Path, RevocationStatus, UserIDSynopsis,
};

use super::gather::{Nodes, depth, in_time};
use super::verify::Judge;
use super::{Certified, FULL, WebPath, WebRequest, WebStep, you};
use crate::openpgp::names::system_time;
use crate::openpgp::signature::created;
use crate::time::UnixTime;

/// Certifications of one user ID that name one issuer, the newest first: it alone counts, if it holds.
struct Claims<'n> {
    issuer: usize,
    user_id: &'n UserID,
    revocations: Vec<&'n Signature>,
    signatures: Vec<&'n Signature>,
}

/// The store of one search.
pub(super) struct Graph<'n> {
    nodes: &'n Nodes,
    request: &'n WebRequest<'n>,
    by_fingerprint: HashMap<Fingerprint, usize>,
    /// By the index of the certificate that is certified.
    claims: Vec<Vec<Claims<'n>>>,
    synopses: Vec<CertSynopsis>,
    judge: Judge<'n>,
    /// What was found good or not, by certificate and place among its claims.
    checked: RefCell<HashMap<(usize, usize), Vec<Certification>>>,
    steps: Cell<usize>,
    out_of_steps: Cell<bool>,
}

impl<'n> Graph<'n> {
    pub(super) fn new(nodes: &'n Nodes, request: &'n WebRequest<'n>) -> Self {
        let certificates = &nodes.certificates;
        let mut claims: Vec<Vec<Claims<'n>>> =
            (0..certificates.len()).map(|index| claims_of(nodes, index, request)).collect();
        let reached = reached(&claims, nodes, request);
        for claims in &mut claims {
            claims.retain(|claim| reached.contains(&claim.issuer));
        }
        let fingerprints = certificates.iter().map(|one| one.cert().fingerprint());
        Self {
            nodes,
            request,
            by_fingerprint: fingerprints.enumerate().map(|(index, one)| (one, index)).collect(),
            claims,
            synopses: (0..certificates.len()).filter_map(|index| synopsis(nodes, index, request)).collect(),
            judge: Judge::new(request),
            checked: RefCell::default(),
            steps: Cell::new(0),
            out_of_steps: Cell::new(false),
        }
    }

    pub(super) fn target_fingerprint(&self) -> Fingerprint {
        self.nodes.target.cert().fingerprint()
    }

    /// The limit that ended the search before its time.
    pub(super) fn exhausted(&self) -> Option<&'static str> {
        self.judge.exhausted().or(self.out_of_steps.get().then_some("web_steps"))
    }

    /// A path as plain data, without the step from "you".
    pub(super) fn path(&self, path: &Path, amount: usize) -> Option<WebPath> {
        let certificate = |fingerprint: &Fingerprint| {
            self.nodes.certificates.get(*self.by_fingerprint.get(fingerprint)?).cloned()
        };
        let mut steps = Vec::new();
        let root = path.root().fingerprint();
        if root != you() {
            steps.push(WebStep { certificate: certificate(&root)?, certified: None });
        }
        for certification in path.certifications() {
            let certified = (certification.issuer().fingerprint() != you()).then(|| certified(certification));
            steps.push(WebStep {
                certificate: certificate(&certification.target().fingerprint())?,
                certified,
            });
        }
        Some(WebPath { amount: u8::try_from(amount).unwrap_or(FULL).min(FULL), steps })
    }

    /// The certifications that hold among these claims.
    fn holding(&self, target: usize, place: usize, claims: &Claims<'_>) -> Vec<Certification> {
        if let Some(known) = self.checked.borrow().get(&(target, place)) {
            return known.clone();
        }
        let mut found: Vec<Certification> = Vec::new();
        let (Some(issuer), Some(certified)) =
            (self.nodes.certificates.get(claims.issuer), self.nodes.certificates.get(target))
        else {
            return found;
        };
        for signature in &claims.signatures {
            let made = signature.signature_creation_time();
            if found.first().is_some_and(|newest| made != Some(newest.creation_time())) {
                break;
            }
            if self.judge.holds(issuer, certified, claims.user_id, signature, &claims.revocations) {
                // What it says may be too much to look at: an older one is not its word any more.
                let Some(certification) = self.certification(claims, target, signature) else { break };
                found.push(certification);
            }
        }
        self.checked.borrow_mut().insert((target, place), found.clone());
        found
    }

    fn certification(
        &self,
        claims: &Claims<'_>,
        target: usize,
        signature: &Signature,
    ) -> Option<Certification> {
        let (issuer, target) =
            (self.synopses.get(claims.issuer)?.clone(), self.synopses.get(target)?.clone());
        let made = signature.signature_creation_time()?;
        let certification = Certification::new(issuer, Some(claims.user_id.clone()), target, made)
            .set_expiration_time(signature.signature_expiration_time());
        let Some((depth, amount)) = signature.trust_signature() else { return Some(certification) };
        let expressions: Vec<&[u8]> = signature.regular_expressions().collect();
        let octets: usize = expressions.iter().map(|one| one.len()).sum();
        if octets > MOST_EXPRESSION {
            return None;
        }
        let depth = if depth == u8::MAX { Depth::Unconstrained } else { Depth::from(usize::from(depth)) };
        // More than all is no more than all.
        let certification = certification.set_depth(depth).set_amount(amount.min(FULL).into());
        Some(match expressions.is_empty() {
            true => certification,
            false => certification.set_regular_expressions(expressions.into_iter()),
        })
    }

    /// "You" certify a root of partial trust.
    fn certified_by_you(&self, target: usize) -> Option<CertificationSet> {
        let fingerprint = self.nodes.certificates.get(target)?.cert().fingerprint();
        let root = self.request.roots.iter().filter(|root| root.fingerprint == fingerprint);
        let amount = root.map(|root| root.amount).max().filter(|amount| *amount < FULL)?;
        let made = SystemTime::UNIX_EPOCH;
        let certification =
            Certification::new(nobody(), None::<UserID>, self.synopses.get(target)?.clone(), made)
                .set_depth(Depth::Unconstrained)
                .set_amount(amount.into());
        Some(CertificationSet::from_certification(certification, self.reference_time()))
    }

    fn step(&self, count: usize) -> bool {
        let steps = self.steps.get().saturating_add(count);
        self.steps.set(steps);
        let within = steps <= self.request.limits.web_steps;
        self.out_of_steps.set(self.out_of_steps.get() || !within);
        within
    }
}

impl Store for &Graph<'_> {
    fn reference_time(&self) -> SystemTime {
        system_time(self.request.at)
    }

    fn iter_fingerprints<'b>(&'b self) -> Box<dyn Iterator<Item = Fingerprint> + 'b> {
        Box::new(self.by_fingerprint.keys().cloned())
    }

    fn lookup_synopses(&self, handle: &KeyHandle) -> sequoia_openpgp::Result<Vec<CertSynopsis>> {
        let KeyHandle::Fingerprint(fingerprint) = handle else {
            return Err(StoreError::NotFound(handle.clone()).into());
        };
        if *fingerprint == you() {
            return Ok(vec![nobody()]);
        }
        let known = self.by_fingerprint.get(fingerprint).and_then(|index| self.synopses.get(*index));
        Ok(vec![known.cloned().ok_or_else(|| StoreError::NotFound(handle.clone()))?])
    }

    fn certifications_of(
        &self,
        target: &Fingerprint,
        least: Depth,
    ) -> sequoia_openpgp::Result<Arc<Vec<CertificationSet>>> {
        let unknown = || StoreError::NotFound(KeyHandle::from(target.clone()));
        let index = *self.by_fingerprint.get(target).ok_or_else(unknown)?;
        let mut found = Vec::new();
        for (place, claims) in self.claims.get(index).into_iter().flatten().enumerate() {
            let reaches = |one: &&Signature| reach(depth(one)) >= least;
            if !claims.signatures.iter().any(reaches) {
                continue;
            }
            if !self.step(1) {
                return Err(unknown().into());
            }
            found.extend(self.holding(index, place, claims));
        }
        let mut sets = CertificationSet::from_certifications(found, self.reference_time());
        sets.extend(self.certified_by_you(index));
        Ok(Arc::new(sets))
    }
}

fn reach(depth: u8) -> Depth {
    if depth == u8::MAX { Depth::Unconstrained } else { Depth::from(usize::from(depth)) }
}

fn claims_of<'n>(nodes: &'n Nodes, index: usize, request: &WebRequest<'_>) -> Vec<Claims<'n>> {
    let Some(certificate) = nodes.certificates.get(index) else { return Vec::new() };
    let mut found = Vec::new();
    for id in certificate.cert().userids().take(request.limits.header_fields) {
        let mut by_issuer: BTreeMap<usize, Vec<&'n Signature>> = BTreeMap::new();
        for signature in id.certifications().filter(|one| in_time(one, request.at)) {
            for issuer in nodes.issuers_of(signature).into_iter().filter(|issuer| *issuer != index) {
                by_issuer.entry(issuer).or_default().push(signature);
            }
        }
        if by_issuer.is_empty() {
            continue;
        }
        let revocations: Vec<&Signature> = id.other_revocations().collect();
        found.extend(by_issuer.into_iter().map(|(issuer, mut signatures)| {
            signatures.sort_by_key(|signature| std::cmp::Reverse(created(signature)));
            Claims { issuer, user_id: id.userid(), revocations: revocations.clone(), signatures }
        }));
    }
    found
}

/// The certificates to which claims lead from the roots: what strangers certify among themselves is never checked.
fn reached(claims: &[Vec<Claims<'_>>], nodes: &Nodes, request: &WebRequest<'_>) -> HashSet<usize> {
    let mut certified_by: HashMap<usize, Vec<usize>> = HashMap::new();
    for (target, claims) in claims.iter().enumerate() {
        for claim in claims {
            certified_by.entry(claim.issuer).or_default().push(target);
        }
    }
    let is_root =
        |fingerprint: &Fingerprint| request.roots.iter().any(|root| root.fingerprint == *fingerprint);
    let roots = nodes.certificates.iter().enumerate();
    let roots = roots.filter(|(_, one)| is_root(&one.cert().fingerprint())).map(|(index, _)| index);
    let mut waiting: Vec<usize> = roots.collect();
    let mut reached: HashSet<usize> = waiting.iter().copied().collect();
    while let Some(index) = waiting.pop() {
        for target in certified_by.get(&index).into_iter().flatten() {
            if reached.insert(*target) {
                waiting.push(*target);
            }
        }
    }
    reached
}

/// sequoia-wot asks for user IDs of the target alone, and copies a synopsis with each certification.
fn synopsis(nodes: &Nodes, index: usize, request: &WebRequest<'_>) -> Option<CertSynopsis> {
    let fingerprint = nodes.certificates.get(index)?.cert().fingerprint();
    let bound = if index == 0 { super::user_ids(&nodes.target, request) } else { Vec::new() };
    let bound = bound
        .into_iter()
        .map(|id| UserIDSynopsis::new(id, Some(SystemTime::UNIX_EPOCH), RevocationStatus::NotAsFarAsWeKnow));
    Some(CertSynopsis::new(fingerprint, None, RevocationStatus::NotAsFarAsWeKnow, bound))
}

fn nobody() -> CertSynopsis {
    CertSynopsis::new(you(), None, RevocationStatus::NotAsFarAsWeKnow, std::iter::empty::<UserIDSynopsis>())
}

fn certified(certification: &Certification) -> Certified {
    let expressions = certification.regular_expressions_bytes().iter();
    Certified {
        user_id: certification.userid().map(text).unwrap_or_default(),
        amount: u8::try_from(certification.amount()).unwrap_or(FULL),
        depth: certification.depth().limit().and_then(|depth| u8::try_from(depth).ok()).unwrap_or(u8::MAX),
        made: UnixTime::from(certification.creation_time()),
        only: expressions.map(|one| String::from_utf8_lossy(one).into_owned()).collect(),
    }
}

fn text(user_id: &UserID) -> String {
    String::from_utf8_lossy(user_id.value()).into_owned()
}

/// Octets of the regular expressions of one certification, which are compiled (R-C11). One names a domain.
const MOST_EXPRESSION: usize = 1_024;
