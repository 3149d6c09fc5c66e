//! OpenPGP: certifications that lead from the caller's roots to the signer (Web of Trust).

use crate::crypto::HashAlgorithm;
use crate::error::Error;
use crate::openpgp::{self, Revoked, Web, WebPath, WebRequest, WebRoot};
use crate::protocol::{Certificate, KeyHint};
use crate::report::{Check, Evidence, FULL_TRUST, RejectedPath, Source, Step, Trust};
use crate::trust::{Belief, EvidenceRequest};

pub(super) fn believe(
    certificate: &openpgp::Certificate,
    roots: &[WebRoot],
    request: &EvidenceRequest<'_>,
) -> Result<Belief, Error> {
    if roots.is_empty() {
        return Ok(Belief::default());
    }
    let find = |handle: &[u8]| find(handle, request);
    let web = openpgp::search(&WebRequest {
        roots,
        target: certificate,
        address: request.address,
        at: request.at,
        provider: request.provider,
        limits: request.limits,
        sha1: !request.algorithms.is_weak_hash(HashAlgorithm::Sha1),
        find: &find,
    })?;
    Ok(belief(&web, request))
}

/// Certificates that came with the letter, without what is not meant to travel, and those that the caller knows.
fn find(handle: &[u8], request: &EvidenceRequest<'_>) -> Result<Vec<openpgp::Certificate>, Error> {
    let hint = KeyHint { openpgp: Some(handle), ..KeyHint::default() };
    let known = request.candidates.candidates(&hint)?;
    let known = known.iter().filter_map(openpgp_of).cloned();
    let came = request.intermediates.iter().filter_map(openpgp_of);
    let came = came.filter(|one| one.matches_handle(handle)).map(openpgp::Certificate::without_local);
    Ok(known.chain(came).collect())
}

fn openpgp_of(certificate: &Certificate) -> Option<&openpgp::Certificate> {
    match certificate {
        Certificate::Openpgp(certificate) => Some(certificate),
        #[cfg(feature = "smime")]
        Certificate::X509(_) => None,
    }
}

fn belief(web: &Web, request: &EvidenceRequest<'_>) -> Belief {
    if web.total < FULL_TRUST {
        return Belief { rejected: rejected(web, request), ..Belief::default() };
    }
    let trust = match web.target.validity(request.at) {
        Some(validity) if validity.expires.is_some_and(|expires| expires <= request.at) => Trust::Expired,
        Some(validity) => match validity.revoked {
            None => Trust::Trusted,
            Some(Revoked::Hard) => Trust::Revoked,
            // Retired or superseded: what it signed before is only old (RFC 9580 §5.2.3.31).
            Some(Revoked::Soft(_)) => Trust::Expired,
        },
        None => Trust::Unknown,
    };
    let paths = web.paths.iter().filter(|_| trust == Trust::Trusted);
    let evidence = paths.map(|path| Evidence::WebOfTrust {
        address: request.address.to_string(),
        scope: "any".into(),
        amount: path.amount,
        steps: steps(path, request),
    });
    Belief { trust, evidence: evidence.collect(), ..Belief::default() }
}

/// What there is falls short, or was not looked at to its end.
fn rejected(web: &Web, request: &EvidenceRequest<'_>) -> Vec<RejectedPath> {
    let reason = match web.exhausted {
        None => format!("{} of {FULL_TRUST}", web.total),
        Some(limit) => format!("{} of {FULL_TRUST}, until the limit for {limit} was reached", web.total),
    };
    let code = if web.exhausted.is_some() { "limit" } else { "too_little_trust" };
    let of = |steps| RejectedPath { steps, code: code.into(), reason: reason.clone() };
    let mut rejected: Vec<RejectedPath> =
        web.paths.iter().map(|path| of(steps(path, request).into_iter().rev().collect())).collect();
    if rejected.is_empty() && web.exhausted.is_some() {
        rejected.push(of(Vec::new()));
    }
    rejected
}

fn steps(path: &WebPath, request: &EvidenceRequest<'_>) -> Vec<Step> {
    let mut steps: Vec<Step> = path.steps.iter().map(|step| self::step(step, request)).collect();
    // Whatever the user ID says beside it, the address is what was checked.
    if let Some(last) = steps.last_mut() {
        last.name = request.address.to_string();
    }
    steps
}

fn step(step: &openpgp::WebStep, request: &EvidenceRequest<'_>) -> Step {
    let validity = step.certificate.validity(request.at);
    let fingerprint = step.certificate.fingerprint();
    let came = request.intermediates.iter().any(|one| one.fingerprint() == fingerprint);
    let checks = step.certified.iter().map(|certified| Check::Certification {
        amount: certified.amount,
        depth: certified.depth,
        made: certified.made,
        only: certified.only.clone(),
    });
    Step {
        name: step.name(request.at),
        not_before: validity.map(|validity| validity.created),
        not_after: validity.and_then(|validity| validity.expires),
        source: match &step.certified {
            None => Source::Caller,
            Some(_) if came => Source::Letter,
            Some(_) => Source::Known,
        },
        checks: checks.collect(),
        fingerprint,
    }
}
