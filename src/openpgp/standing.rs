//! Whether a key may speak for its certificate: bound, meant for signing, alive, not revoked (RFC 9580 §5.2.3, §10.1).

use sequoia_openpgp::Fingerprint;
use sequoia_openpgp::cert::Cert;
use sequoia_openpgp::cert::amalgamation::key::{PrimaryKey, ValidErasedKeyAmalgamation};
use sequoia_openpgp::cert::amalgamation::{ValidAmalgamation, ValidateAmalgamation};
use sequoia_openpgp::packet::key::PublicParts;
use sequoia_openpgp::policy::{AsymmetricAlgorithm, StandardPolicy};
use sequoia_openpgp::types::{HashAlgorithm, RevocationStatus, RevocationType};

use super::certificate::Revoked;
use super::names::system_time;
use crate::mime::PartPath;
use crate::report::{Code, Finding};
use crate::time::UnixTime;

/// sequoia-openpgp's policy as of that time. `weak` takes what binds by SHA-1 as well; how large a key must be is
/// judged elsewhere.
pub(super) fn policy(at: UnixTime, weak: bool) -> StandardPolicy<'static> {
    let mut policy = StandardPolicy::at(system_time(at));
    policy.accept_asymmetric_algo(AsymmetricAlgorithm::RSA1024);
    if weak {
        policy.accept_hash(HashAlgorithm::SHA1);
        policy.accept_asymmetric_algo(AsymmetricAlgorithm::DSA1024);
    }
    policy
}

/// The key as the certificate binds it at a time.
pub(super) fn bound<'a>(
    cert: &'a Cert,
    key: &Fingerprint,
    policy: &'a StandardPolicy<'static>,
    at: UnixTime,
) -> Option<ValidErasedKeyAmalgamation<'a, PublicParts>> {
    let found = cert.keys().find(|candidate| candidate.key().fingerprint() == *key)?;
    found.with_policy(policy, system_time(at)).ok()
}

/// True if the key is meant to sign data. A subkey must have signed back (R-B20, type 0x19).
pub(super) fn signs(key: &ValidErasedKeyAmalgamation<'_, PublicParts>) -> bool {
    match key.key_flags() {
        // Keys made before key flags existed are for everything (RFC 9580 §5.2.3.29 asks for none).
        None => key.primary(),
        Some(flags) if key.primary() => flags.for_signing(),
        Some(flags) => flags.for_signing() && key.binding_signature().embedded_signatures().next().is_some(),
    }
}

/// What is observed of a key that fits a signature.
pub(super) struct Standing {
    /// The certificate binds the key.
    pub(super) bound: bool,
    /// It does so by means too weak to rely on.
    pub(super) weak: bool,
    pub(super) findings: Vec<Finding>,
}

/// The key at the time it says it signed, and now.
pub(super) fn standing(
    cert: &Cert,
    key: &Fingerprint,
    signed: UnixTime,
    at: UnixTime,
    sha1: bool,
) -> Standing {
    let (strict, lax) = (policy(at, sha1), policy(at, true));
    let (policy, weak) = match bound(cert, key, &strict, at) {
        Some(_) => (&strict, false),
        None => (&lax, true),
    };
    let mut findings = Vec::new();
    let Some(now) = bound(cert, key, policy, at) else {
        findings.push(finding(Code::SignerNotForMail, "the certificate does not bind the key"));
        return Standing { bound: false, weak: false, findings };
    };
    if !signs(&now) {
        findings.push(finding(Code::SignerNotForMail, "the key is not for signing"));
    }
    let then = if signed < at { bound(cert, key, policy, signed) } else { None };
    findings.extend(lifetime(cert, &now, then.as_ref(), signed));
    // A revocation counts whatever hash it was made with.
    findings.extend(revocation(cert, key, &lax, signed, at));
    Standing { bound: true, weak, findings }
}

fn lifetime(
    cert: &Cert,
    now: &ValidErasedKeyAmalgamation<'_, PublicParts>,
    then: Option<&ValidErasedKeyAmalgamation<'_, PublicParts>>,
    signed: UnixTime,
) -> Option<Finding> {
    let created =
        UnixTime::from(now.key().creation_time()).max(cert.primary_key().key().creation_time().into());
    let detail = if signed < created {
        "the key is younger than the signature"
    } else if alive(now).is_none() {
        "expired"
    } else if then.is_some_and(|then| alive(then).is_none()) {
        "expired when it signed"
    } else {
        return None;
    };
    Some(finding(Code::SignerExpired, detail))
}

fn alive(key: &ValidErasedKeyAmalgamation<'_, PublicParts>) -> Option<()> {
    key.alive().and_then(|()| key.valid_cert().alive()).ok()
}

/// R-B20: hard revocations count always, soft ones from their time on. One that came after the signature says no
/// more than that the key is out of use now.
fn revocation(
    cert: &Cert,
    key: &Fingerprint,
    policy: &StandardPolicy<'static>,
    signed: UnixTime,
    at: UnixTime,
) -> Option<Finding> {
    let now = bound(cert, key, policy, at)?;
    let of_certificate = revoked(&cert.revocation_status(policy, system_time(at)));
    let of_key = revoked(&now.revocation_status());
    let mut detail = None;
    for revoked in [of_certificate, of_key].into_iter().flatten() {
        match revoked {
            Revoked::Hard => return Some(finding(Code::SignerRevoked, "revoked")),
            Revoked::Soft(time) if time <= signed => {
                return Some(finding(Code::SignerRevoked, &format!("out of use since {time}")));
            }
            Revoked::Soft(time) => detail = Some(format!("out of use since {time}")),
        }
    }
    detail.map(|detail| finding(Code::SignerExpired, &detail))
}

/// The strongest of the revocations; certificates of possible revokers do not count.
pub(super) fn revoked(status: &RevocationStatus<'_>) -> Option<Revoked> {
    let RevocationStatus::Revoked(signatures) = status else { return None };
    let soft = |signature: &&sequoia_openpgp::packet::Signature| {
        let reason = signature.reason_for_revocation().map(|(reason, _)| reason.revocation_type());
        reason == Some(RevocationType::Soft)
    };
    if signatures.iter().any(|signature| !soft(signature)) {
        return Some(Revoked::Hard);
    }
    signatures.iter().filter_map(|signature| super::signature::created(signature)).min().map(Revoked::Soft)
}

fn finding(code: Code, detail: &str) -> Finding {
    Finding::new(code, PartPath::root()).with_detail(detail)
}
