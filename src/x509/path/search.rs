//! The search from the leaf upwards: depth first, without recursion, within budgets (RFC 4158 §2, threats C4).

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::vec;

use crate::x509::name::short;
use crate::x509::path::{
    Keeps, Path, PathError, PathOutcome, PathRequest, RejectedPath, Work, checks, policy, profile,
};
use crate::x509::revocation::{Checker, Status};
use crate::x509::signed::{self, Failure};
use crate::x509::{Certificate, Name};

pub(super) struct Search<'a> {
    request: &'a PathRequest<'a>,
    /// By subject: anchors first, then intermediates, each certificate once.
    issuers: HashMap<&'a Name, Vec<Candidate<'a>>>,
    /// Results of signature checks, by fingerprints of certificate and issuer.
    signatures: HashMap<([u8; 32], [u8; 32]), Result<(), PathError>>,
    candidates_left: usize,
    signatures_left: usize,
    names_left: usize,
    revocation: Checker<'a>,
    outcome: PathOutcome,
}

#[derive(Clone, Copy)]
struct Candidate<'a> {
    certificate: &'a Certificate,
    is_anchor: bool,
}

/// A path under construction: its last certificate, what is wrong in it so far, who may have issued it.
struct Step<'a> {
    certificate: &'a Certificate,
    wrong: Vec<PathError>,
    candidates: vec::IntoIter<Candidate<'a>>,
}

impl<'a> Search<'a> {
    pub(super) fn new(request: &'a PathRequest<'a>) -> Self {
        let limits = request.limits;
        let mut seen = HashSet::new();
        let mut issuers: HashMap<_, Vec<_>> = HashMap::new();
        let anchors = request.anchors.iter().map(|anchor| (anchor, true));
        let between = request.intermediates.iter().map(|certificate| (certificate, false));
        for (certificate, is_anchor) in anchors.chain(between) {
            // RFC 5280 §4.1.2.6: an authority without a name is none.
            if !certificate.subject().is_empty() && seen.insert(certificate.fingerprint()) {
                issuers.entry(certificate.subject()).or_default().push(Candidate { certificate, is_anchor });
            }
        }
        Self {
            request,
            issuers,
            signatures: HashMap::new(),
            candidates_left: limits.path_candidates,
            signatures_left: limits.path_signatures,
            names_left: limits.path_names,
            revocation: Checker::new(request),
            outcome: PathOutcome::default(),
        }
    }

    pub(super) fn run(mut self) -> PathOutcome {
        self.search();
        let limits = self.request.limits;
        self.outcome.work = Work {
            path_signatures: limits.path_signatures.saturating_sub(self.signatures_left),
            path_candidates: limits.path_candidates.saturating_sub(self.candidates_left),
            path_names: limits.path_names.saturating_sub(self.names_left),
        };
        self.outcome.rejected.sort_by_key(|path| Reverse((path.anchored, path.reason.rank())));
        self.outcome
    }

    fn search(&mut self) {
        let (leaf, request) = (self.request.leaf, self.request);
        let wrong = checks::leaf(leaf, request.purpose, request.at);
        if request.anchors.contains(leaf) {
            return self.complete(vec![leaf], wrong);
        }
        let mut steps = vec![self.step(leaf, wrong, &[])];
        while let Some(last) = steps.last_mut() {
            let Some(candidate) = last.candidates.next() else {
                steps.pop();
                continue;
            };
            if self.try_issuer(&mut steps, candidate).is_break() {
                break;
            }
        }
    }

    /// Adds a certificate to the path, and says so where nobody may have issued it.
    fn step(
        &mut self,
        certificate: &'a Certificate,
        wrong: Vec<PathError>,
        below: &[&'a Certificate],
    ) -> Step<'a> {
        let path: Vec<_> = below.iter().copied().chain([certificate]).collect();
        let candidates = self.candidates(&path, certificate);
        if candidates.is_empty() {
            let (subject, issuer) = (certificate.name(), short(certificate.issuer().to_string()));
            self.reject(path, false, PathError::UnknownIssuer { subject, issuer });
        }
        Step { certificate, wrong, candidates: candidates.into_iter() }
    }

    /// Who may have issued a certificate, the most promising first. Key identifiers only order them.
    fn candidates(&self, path: &[&'a Certificate], certificate: &'a Certificate) -> Vec<Candidate<'a>> {
        let Some(named) = self.issuers.get(certificate.issuer()) else { return Vec::new() };
        let identifier = certificate.extensions().authority_key_identifier.as_ref();
        let identifier = identifier.and_then(|identifier| identifier.key_identifier.as_deref());
        let says_so = |candidate: &Candidate<'_>| {
            let of_candidate = candidate.certificate.extensions().subject_key_identifier.as_deref();
            identifier.is_some() && identifier == of_candidate
        };
        // RFC 4158 §2.4.2: the same name with the same key again is a loop.
        let is_new = |candidate: &&Candidate<'_>| {
            let issuer = candidate.certificate;
            !path.iter().any(|below| below.subject() == issuer.subject() && below.spki() == issuer.spki())
        };
        let (likely, others): (Vec<_>, Vec<_>) =
            named.iter().filter(is_new).partition(|candidate| says_so(candidate));
        // One more than the budget, so that running out of it is noticed.
        let most = self.request.limits.path_candidates.saturating_add(1);
        let mut candidates: Vec<_> = likely.into_iter().chain(others).copied().take(most).collect();
        candidates.sort_by_key(|candidate| {
            let validity = candidate.certificate.validity();
            let valid = validity.contains(self.request.at);
            Reverse((candidate.is_anchor, says_so(candidate), valid, validity.not_before))
        });
        candidates
    }

    /// Goes one step up; breaks when a path is found or a budget is spent.
    fn try_issuer(&mut self, steps: &mut Vec<Step<'a>>, candidate: Candidate<'a>) -> ControlFlow<()> {
        let below: Vec<_> = steps.iter().map(|step| step.certificate).collect();
        let path: Vec<_> = below.iter().copied().chain([candidate.certificate]).collect();
        if let Err(reason) = self.check(&below, candidate.certificate) {
            let spent = matches!(reason, PathError::BudgetExceeded { .. });
            self.reject(path, false, reason);
            return if spent { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        }
        let so_far = steps.last().map(|step| step.wrong.clone()).unwrap_or_default();
        let expired = checks::validity(candidate.certificate, self.request.at).err();
        let wrong: Vec<_> = so_far.into_iter().chain(expired).collect();
        if candidate.is_anchor {
            self.complete(path, wrong);
            return if self.outcome.valid.is_some() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            };
        }
        let most = self.request.limits.path_depth;
        if path.len() >= most {
            self.reject(path, false, PathError::TooLong { most });
        } else {
            let step = self.step(candidate.certificate, wrong, &below);
            steps.push(step);
        }
        ControlFlow::Continue(())
    }

    /// Everything about an issuer but time; what costs little comes first.
    fn check(&mut self, below: &[&'a Certificate], issuer: &'a Certificate) -> Result<(), PathError> {
        let limits = self.request.limits;
        spend(&mut self.candidates_left, 1, "path_candidates", limits.path_candidates)?;
        checks::issuer(issuer, below, self.request.purpose)?;
        spend(&mut self.names_left, checks::comparisons(issuer, below), "path_names", limits.path_names)?;
        checks::name_constraints(issuer, below)?;
        match below.last() {
            Some(certificate) => self.signature(certificate, issuer),
            None => Ok(()),
        }
    }

    /// §6.1.3 (a)(1), over the octets as received.
    fn signature(&mut self, certificate: &Certificate, issuer: &Certificate) -> Result<(), PathError> {
        let pair = (certificate.fingerprint(), issuer.fingerprint());
        if let Some(known) = self.signatures.get(&pair) {
            return known.clone();
        }
        let limit = self.request.limits.path_signatures;
        spend(&mut self.signatures_left, 1, "path_signatures", limit)?;
        // What is remembered counts as well, so that a request gets the same answer each time.
        let provider = self.request.provider;
        let known = self.request.signatures.is_some_and(|cache| cache.has(pair, provider));
        let result = if known { Ok(()) } else { self.verify(certificate, issuer) };
        if let (Some(cache), Ok(()), false) = (self.request.signatures, &result, known) {
            cache.insert(pair, provider, self.request.limits.path_cache);
        }
        self.signatures.insert(pair, result.clone());
        result
    }

    fn verify(&self, certificate: &Certificate, issuer: &Certificate) -> Result<(), PathError> {
        let unsupported = |why: String| PathError::Unsupported { subject: certificate.name(), why };
        let key = issuer.public_key().map_err(|error| unsupported(error.to_string()))?;
        let verified = signed::verify(self.request.provider, certificate.into(), key);
        verified.map(drop).map_err(|failure| match failure {
            Failure::Unsupported(what) => unsupported(what),
            Failure::BadKey => unsupported(format!("the key of {}", issuer.name())),
            Failure::Wrong => PathError::BadSignature { subject: certificate.name(), issuer: issuer.name() },
        })
    }

    /// A path that reaches an anchor with all signatures right.
    fn complete(&mut self, path: Vec<&'a Certificate>, mut wrong: Vec<PathError>) {
        let policies = match self.policies(&path) {
            Ok(policies) => policies,
            Err(error) => {
                wrong.push(error);
                Vec::new()
            }
        };
        let revocation = self.revocation.path(&path);
        let revoked = path.iter().zip(&revocation).find_map(|(certificate, status)| match status {
            Status::Revoked { at, reason, .. } => {
                Some(PathError::Revoked { subject: certificate.name(), at: *at, reason: *reason })
            }
            _ => None,
        });
        // Whatever else is wrong with it.
        match revoked.or_else(|| wrong.into_iter().min_by_key(PathError::rank)) {
            Some(worst) => self.reject(path, true, worst),
            None => {
                let last = path.len().saturating_sub(1);
                let weak = path.iter().enumerate();
                let weak = weak.flat_map(|(at, one)| checks::weaknesses(one, at == last)).collect();
                let departures = path.iter().flat_map(|one| profile::departures(one)).collect();
                let certificates = path.iter().copied().cloned().collect();
                let valid = Path { certificates, weak, revocation, departures, policies };
                match self.request.keeps {
                    Some(Keeps(keeps)) if !keeps(&valid) => {
                        let subject = self.request.leaf.name();
                        self.reject(path, true, PathError::Policy { subject });
                    }
                    _ => self.outcome.valid = Some(valid),
                }
            }
        }
    }

    fn policies(&mut self, path: &[&'a Certificate]) -> Result<Vec<String>, PathError> {
        spend(&mut self.names_left, policy::work(path), "path_names", self.request.limits.path_names)?;
        policy::check(path, self.request.policies)
    }

    fn reject(&mut self, path: Vec<&'a Certificate>, anchored: bool, reason: PathError) {
        let certificates = path.into_iter().cloned().collect();
        self.outcome.rejected.push(RejectedPath { certificates, anchored, reason });
    }
}

fn spend(left: &mut usize, amount: usize, name: &'static str, limit: usize) -> Result<(), PathError> {
    *left = left.checked_sub(amount).ok_or(PathError::BudgetExceeded { name, limit })?;
    Ok(())
}
