//! Revocation of the certificates of a path, as evidence.

use crate::report::{Check, Revocation, Step};
use crate::trust::EvidenceRequest;
use crate::x509::path::Path;
use crate::x509::revocation::{Doubt, Status};

/// The statuses of a path, from the leaf on, by the algorithms that may be relied on.
pub(super) fn statuses(path: &Path, request: &EvidenceRequest<'_>) -> Vec<Status> {
    let relied_on = |status: &Status| match status {
        Status::NotRevoked { hash: Some(hash), .. } if request.algorithms.is_weak_hash(*hash) => {
            Status::Unknown(Doubt::Weak)
        }
        status => status.clone(),
    };
    path.revocation.iter().map(relied_on).collect()
}

/// In the words of the report.
fn said(status: &Status) -> Revocation {
    match status {
        Status::NotRevoked { by, this_update, .. } => Revocation::NotRevoked { by: *by, at: *this_update },
        Status::NotApplicable => Revocation::None,
        Status::Unknown(_) | Status::Revoked { .. } => Revocation::Unknown,
    }
}

/// Unknown if it is unknown of one; else what is said of the certificate next to the signer that somebody had to ask about.
pub(super) fn overall(statuses: &[Status]) -> Revocation {
    let all: Vec<Revocation> = statuses.iter().map(said).collect();
    if all.contains(&Revocation::Unknown) {
        return Revocation::Unknown;
    }
    all.into_iter().find(|one| *one != Revocation::None).unwrap_or(Revocation::None)
}

/// Tells each step, the anchor first, what is known of it.
pub(super) fn note(steps: &mut [Step], statuses: &[Status]) {
    for (step, status) in steps.iter_mut().rev().zip(statuses) {
        if !matches!(status, Status::Unknown(_)) {
            step.checks.push(Check::Revocation(said(status)));
        }
    }
}

/// Why it is not known, where something was given and is not enough.
pub(super) fn doubts(path: &Path, statuses: &[Status]) -> Vec<String> {
    let unknown = path.certificates.iter().zip(statuses).filter_map(|(certificate, status)| match status {
        Status::Unknown(Doubt::Nothing) => None,
        Status::Unknown(doubt) => Some(format!("{doubt} ({})", certificate.name())),
        _ => None,
    });
    unknown.collect()
}
