//! X.509: certification paths from the anchors as evidence.

use crate::error::Error;
use crate::protocol::{Certificate, KeyHint};
use crate::report::{Evidence, RejectedPath, Trust};
use crate::trust::gather::Gathering;
use crate::trust::steps::{self, Origins};
use crate::trust::store::Anchor;
use crate::trust::{Belief, EvidenceRequest, revoked, scoped};
use crate::x509::path::{self, Path, PathError, PathOutcome, PathRequest, Purpose, Weakness};
use crate::x509::revocation::Status;
use crate::x509::{self};

pub(super) fn believe(
    leaf: &x509::Certificate,
    anchors: &[&Anchor],
    request: &EvidenceRequest<'_>,
) -> Result<Belief, Error> {
    let roots: Vec<x509::Certificate> =
        anchors.iter().filter_map(|anchor| x509_of(&anchor.certificate)).collect();
    let letter: Vec<x509::Certificate> = request.intermediates.iter().filter_map(x509_of).collect();
    let mut intermediates = letter.clone();
    issuers(leaf, &mut intermediates, request)?;
    if crl_issuers(leaf, &mut intermediates, request)? {
        issuers(leaf, &mut intermediates, request)?;
    }
    // A crowd in the letter does not stand before those whom the caller knows.
    intermediates.rotate_left(letter.len());
    let purpose = match request.purpose {
        super::Purpose::Sign => Purpose::EmailSigning,
        super::Purpose::Encrypt => Purpose::EmailEncryption,
    };
    let wanted = PathRequest {
        signatures: request.signatures,
        ..PathRequest::new(leaf, &roots, purpose, request.at, request.provider, request.limits)
    };
    let mut gathering = Gathering::new(request, intermediates);
    let outcome = loop {
        let known = wanted.intermediates(&gathering.intermediates).revocations(&gathering.revocations);
        let outcome = scoped::find(&known, anchors);
        // It ends: nothing is asked twice, and only so often.
        if !gathering.more(&outcome) {
            break outcome;
        }
    };
    let origins = Origins { anchors: &roots, letter: &letter, fetched: &gathering.sources };
    let mut belief = belief(outcome, anchors, &origins, request);
    belief.wants = gathering.wants();
    Ok(belief)
}

/// Asks for issuers that did not come along, one generation after the other.
fn issuers(
    leaf: &x509::Certificate,
    known: &mut Vec<x509::Certificate>,
    request: &EvidenceRequest<'_>,
) -> Result<(), Error> {
    let mut orphans = vec![leaf.clone()];
    orphans.extend(known.iter().filter(|one| *one != leaf).cloned());
    for _ in 0..request.limits.path_depth {
        let mut found = Vec::new();
        for orphan in orphans.iter().filter(|orphan| !orphan.is_self_issued()) {
            let hint = KeyHint { subject: Some(orphan.issuer().as_der()), ..KeyHint::default() };
            for certificate in request.candidates.candidates(&hint)? {
                if known.len() >= request.limits.path_candidates {
                    return Ok(());
                }
                if let Some(one) = x509_of(&certificate).filter(|one| !known.contains(one)) {
                    known.push(one.clone());
                    found.push(one);
                }
            }
        }
        if found.is_empty() {
            break;
        }
        orphans = found;
    }
    Ok(())
}

/// Asks for authorities that the certificates name for their CRLs; true if there are new ones, who have issuers too.
fn crl_issuers(
    leaf: &x509::Certificate,
    known: &mut Vec<x509::Certificate>,
    request: &EvidenceRequest<'_>,
) -> Result<bool, Error> {
    let before = known.len();
    let names: Vec<_> =
        [leaf].into_iter().chain(known.iter()).flat_map(x509::Certificate::crl_issuers).collect();
    let names: Vec<x509::Name> = names.into_iter().cloned().collect();
    for name in names.iter().take(request.limits.crl_issuers) {
        let hint = KeyHint { subject: Some(name.as_der()), ..KeyHint::default() };
        for certificate in request.candidates.candidates(&hint)? {
            if let Some(one) = x509_of(&certificate).filter(|one| !known.contains(one))
                && known.len() < request.limits.path_candidates
            {
                known.push(one);
            }
        }
    }
    Ok(known.len() > before)
}

fn belief(
    outcome: PathOutcome,
    anchors: &[&Anchor],
    origins: &Origins<'_>,
    request: &EvidenceRequest<'_>,
) -> Belief {
    let mut belief = Belief::default();
    if let Some(path) = &outcome.valid {
        let statuses = revoked::statuses(path, request);
        belief.trust = Trust::Trusted;
        belief.evidence.push(evidence(path, anchors, origins, request, &statuses));
        belief.assurance = scoped::assurance(path);
        belief.doubts = revoked::doubts(path, &statuses);
        let departures = path.departures.iter();
        belief.departures =
            departures.map(|one| format!("{}: {} ({})", one.subject, one.rule, one.section)).collect();
        belief.weak = path.weak.iter().filter_map(|weakness| weak(weakness, request)).collect();
    } else if let Some(best) = outcome.rejected.first() {
        let in_time_only = matches!(best.reason, PathError::Expired { .. } | PathError::NotYetValid { .. });
        if best.anchored && in_time_only {
            belief.trust = Trust::Expired;
        }
        if best.anchored && matches!(best.reason, PathError::Revoked { .. }) {
            belief.trust = Trust::Revoked;
        }
        belief.not_for_mail =
            matches!(best.reason, PathError::KeyUsage { .. } | PathError::ExtKeyUsage { .. });
    }
    belief.rejected = outcome.rejected.iter().take(MOST_REJECTED).map(|one| rejected(one, origins)).collect();
    belief
}

fn evidence(
    path: &Path,
    anchors: &[&Anchor],
    origins: &Origins<'_>,
    request: &EvidenceRequest<'_>,
    statuses: &[Status],
) -> Evidence {
    let scope = anchors
        .iter()
        .find(|anchor| scoped::holds(anchor, path))
        .map(|anchor| anchor.scope.to_string())
        .unwrap_or_default();
    let address = request.address.to_string();
    let mut steps = steps::of(path, origins);
    revoked::note(&mut steps, statuses);
    // A common name that looks like an address must not be taken for the one that was checked.
    if let Some(leaf) = steps.last_mut().filter(|leaf| leaf.name.contains('@')) {
        leaf.name.clone_from(&address);
    }
    if path.certificates.len() == 1 {
        return Evidence::Direct { address, scope, steps };
    }
    let anchor = path.anchor().map(x509::Certificate::name).unwrap_or_default();
    Evidence::CertificationPath { address, anchor, scope, steps, revocation: revoked::overall(statuses) }
}

fn rejected(path: &path::RejectedPath, origins: &Origins<'_>) -> RejectedPath {
    RejectedPath {
        steps: path.certificates.iter().map(|certificate| steps::step(certificate, origins)).collect(),
        code: path.reason.code().to_owned(),
        reason: path.reason.to_string(),
    }
}

/// Rejected paths in a report: enough to explain, few enough to show.
const MOST_REJECTED: usize = 16;

fn weak(weakness: &Weakness, request: &EvidenceRequest<'_>) -> Option<String> {
    match weakness {
        Weakness::Hash { subject, hash } if request.algorithms.is_weak_hash(*hash) => {
            Some(format!("{} ({subject})", hash.name()))
        }
        Weakness::Hash { .. } => None,
        Weakness::ShortKey { subject, bits } => Some(format!("RSA-{bits} ({subject})")),
    }
}

pub(super) fn x509_of(certificate: &Certificate) -> Option<x509::Certificate> {
    match certificate {
        Certificate::X509(certificate) => Some(certificate.clone()),
        #[cfg(feature = "openpgp")]
        Certificate::Openpgp(_) => None,
    }
}
