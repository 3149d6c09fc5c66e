//! Whether a signature fits, by whose key, and what is to be said of that key.

use sequoia_openpgp::packet::{Key, key};
use sequoia_openpgp::{Fingerprint, KeyHandle};

use super::certificate::Certificate;
use super::public::{public_key, signature_value, to_sign};
use super::signature::DetachedSignature;
use super::{names, standing};
use crate::crypto::{HashAlgorithm, Provider, PublicKey, VerifyError};
use crate::error::KeyError;
use crate::limits::Limits;
use crate::mime::PartPath;
use crate::policy::Algorithms;
use crate::report::{self, Code, Finding, Integrity, Signature, Trust};
use crate::time::UnixTime;

/// By whom, by what and when it is judged.
#[derive(Clone, Copy)]
pub(crate) struct Terms<'a> {
    pub(crate) provider: &'a Provider,
    pub(crate) algorithms: &'a Algorithms,
    pub(crate) limits: &'a Limits,
    pub(crate) at: UnixTime,
}

/// Checks one signature over a digest by the keys of the candidates that it names. Identity and trust are left open;
/// the certificate is the one whose key was used.
pub(crate) fn verify(
    signature: &DetachedSignature,
    digest: Option<&[u8]>,
    candidates: &[Certificate],
    terms: &Terms<'_>,
) -> (Signature, Option<Certificate>) {
    let mut report = described(signature, terms.at);
    if let Some(defect) = &signature.defect {
        report.integrity = defect.integrity;
        report.findings.push(finding(defect.code, &defect.detail));
        return (report, None);
    }
    let (Some(packet), Some(hash)) = (signature.usable(), signature.hash_algorithm()) else {
        return (report, None);
    };
    let certificates = merged(candidates, &signature.issuers(), terms.limits);
    let tried = matching(signature, &certificates, terms.limits);
    let named = tried.first().filter(|_| !signature.issuers().is_empty());
    let certificate = named.map(|first| first.certificate.clone());
    if tried.is_empty() {
        missing(&mut report, signature);
        return (report, None);
    }
    let Some(digest) = digest.filter(|digest| digest.get(..2) == Some(&packet.digest_prefix()[..])) else {
        altered(&mut report);
        return (report, certificate);
    };
    let fits = |candidate: &Candidate<'_>| candidate.fits(signature, hash, digest, terms);
    let results: Vec<_> = tried.iter().map(|candidate| (candidate, fits(candidate))).collect();
    let fitting = results.iter().filter(|(_, fits)| fits.is_ok()).map(|(candidate, _)| *candidate);
    let fitting: Vec<_> = fitting.collect();
    if let Some((candidate, standing)) = chosen(&fitting, signature, terms) {
        judged(&mut report, candidate, standing, hash, terms);
        if several_owners(&fitting, terms, signature) {
            report.findings.push(Finding::new(Code::SignerAmbiguous, PartPath::root()));
        }
        return (report, Some(candidate.certificate.clone()));
    }
    report.algorithms.key_bits = named.and_then(|first| first.public.as_ref().ok()).map(PublicKey::bits);
    match results.iter().any(|(_, fits)| *fits == Err(VerifyError::BadSignature)) {
        true if named.is_none() => missing(&mut report, signature),
        true => altered(&mut report),
        false => {
            let name = report.algorithms.signature.clone();
            report.findings.push(finding(Code::UnsupportedAlgorithm, &name));
        }
    }
    (report, certificate)
}

/// A key that the signature names, or may be meant if it names none.
struct Candidate<'a> {
    certificate: &'a Certificate,
    fingerprint: Fingerprint,
    version: u8,
    public: Result<PublicKey, KeyError>,
}

impl Candidate<'_> {
    fn fits(
        &self,
        signature: &DetachedSignature,
        hash: HashAlgorithm,
        digest: &[u8],
        terms: &Terms<'_>,
    ) -> Result<(), VerifyError> {
        let packet = signature.usable().ok_or(VerifyError::BadSignature)?;
        // RFC 9580 §5.2.3: keys of version 6 make signatures of version 6, and no others do.
        if (packet.version() == 6) != (self.version == 6) {
            return Err(VerifyError::BadSignature);
        }
        let key = self.public.as_ref().map_err(|_| VerifyError::Unsupported)?;
        let (algorithm, octets) =
            signature_value(packet.mpis(), key, hash).ok_or(VerifyError::BadSignature)?;
        terms.provider.verify(algorithm, key, to_sign(key, hash, digest), &octets)
    }
}

/// One copy of each certificate, so that no copy hides a revocation of another. Those whose own the key is come first:
/// however many others hold a copy of it, they crowd nobody out.
fn merged(candidates: &[Certificate], issuers: &[KeyHandle], limits: &Limits) -> Vec<Certificate> {
    let mut certificates: Vec<Certificate> = Vec::new();
    let mut candidates: Vec<&Certificate> = candidates.iter().collect();
    candidates.sort_by_cached_key(|one| !issuers.iter().any(|issuer| one.owns(issuer.as_bytes())));
    for candidate in candidates.into_iter().take(limits.certificates) {
        match certificates.iter_mut().find(|known| *known == candidate) {
            Some(known) => *known = known.merged(candidate),
            None => certificates.push(candidate.clone()),
        }
    }
    certificates
}

fn matching<'a>(
    signature: &DetachedSignature,
    certificates: &'a [Certificate],
    limits: &Limits,
) -> Vec<Candidate<'a>> {
    let issuers = signature.issuers();
    let algorithm = signature.packet().map(|packet| packet.pk_algo());
    let named = |key: &Key<key::PublicParts, key::UnspecifiedRole>| match issuers.is_empty() {
        true => true,
        false => issuers.iter().any(|issuer| issuer.aliases(key.key_handle())),
    };
    let keys = certificates.iter().flat_map(|certificate| {
        let keys = certificate.cert().keys().map(|key| key.key());
        keys.map(move |key| (certificate, key))
    });
    keys.filter(|(_, key)| Some(key.pk_algo()) == algorithm && named(key))
        .take(limits.candidates)
        .map(|(certificate, key)| Candidate {
            certificate,
            fingerprint: key.fingerprint(),
            version: key.version(),
            public: public_key(key),
        })
        .collect()
}

/// Of the keys that fit the one whose certificate binds it; others are left only where there is none such, so that
/// a stranger's certificate with a copy of the key changes nothing (R-B20).
fn chosen<'c, 'a>(
    fitting: &[&'c Candidate<'a>],
    signature: &DetachedSignature,
    terms: &Terms<'_>,
) -> Option<(&'c Candidate<'a>, standing::Standing)> {
    let standings = fitting.iter().map(|candidate| (*candidate, standing_of(candidate, signature, terms)));
    let mut unbound = None;
    for (candidate, standing) in standings {
        if standing.bound && standing.findings.iter().all(|finding| finding.code != Code::SignerNotForMail) {
            return Some((candidate, standing));
        }
        unbound = unbound.or(Some((candidate, standing)));
    }
    unbound
}

fn standing_of(
    candidate: &Candidate<'_>,
    signature: &DetachedSignature,
    terms: &Terms<'_>,
) -> standing::Standing {
    let signed = signature.claimed_time().unwrap_or(terms.at);
    let sha1 = !terms.algorithms.is_weak_hash(HashAlgorithm::Sha1);
    standing::standing(candidate.certificate.cert(), &candidate.fingerprint, signed, terms.at, sha1)
}

/// R-B19: more than one certificate has signed with this key and says so.
fn several_owners(fitting: &[&Candidate<'_>], terms: &Terms<'_>, signature: &DetachedSignature) -> bool {
    let owns = |candidate: &&&Candidate<'_>| {
        let standing = standing_of(candidate, signature, terms);
        standing.bound && standing.findings.iter().all(|finding| finding.code != Code::SignerNotForMail)
    };
    let mut owners = fitting.iter().filter(owns).map(|candidate| candidate.certificate);
    owners.next().is_some_and(|first| owners.any(|other| other != first))
}

fn judged(
    report: &mut Signature,
    candidate: &Candidate<'_>,
    standing: standing::Standing,
    hash: HashAlgorithm,
    terms: &Terms<'_>,
) {
    report.integrity = Integrity::Intact;
    report.findings.extend(standing.findings);
    let mut weak = |code, detail: &str| {
        report.integrity = Integrity::Weak;
        report.findings.push(finding(code, detail));
    };
    if terms.algorithms.is_weak_hash(hash) {
        weak(Code::WeakAlgorithm, hash.name());
    }
    if standing.weak {
        weak(Code::WeakAlgorithm, "sha-1 in the certificate");
    }
    if let Ok(key) = &candidate.public {
        if terms.algorithms.is_weak_key(key.algorithm()) {
            weak(Code::WeakKey, &key.algorithm().to_string());
        }
        report.algorithms.key_bits = Some(key.bits());
    }
}

fn missing(report: &mut Signature, signature: &DetachedSignature) {
    let hint = signature.issuers().first().map(|issuer| issuer.to_hex());
    report.findings.push(finding(Code::SignerMissing, &hint.unwrap_or_default()));
}

fn altered(report: &mut Signature) {
    report.integrity = Integrity::Altered;
    report.findings.push(Finding::new(Code::Altered, PartPath::root()));
}

/// What the packet says of itself.
fn described(signature: &DetachedSignature, at: UnixTime) -> Signature {
    let claimed_time = signature.claimed_time();
    let mut findings = Vec::new();
    if claimed_time.is_some_and(|time| time > at && time.distance(at) > SKEW) {
        findings.push(Finding::new(Code::SignedInFuture, PartPath::root()));
    }
    let expires =
        signature.packet().and_then(|packet| packet.signature_expiration_time()).map(UnixTime::from);
    if let Some(time) = expires.filter(|time| *time <= at) {
        findings.push(finding(Code::SignatureExpired, &time.to_string()));
    }
    Signature {
        intended_recipients: signature.intended_recipients(),
        integrity: Integrity::Unverified,
        claimed_time,
        algorithms: report::Algorithms {
            digest: signature.hash_algorithm().map(|hash| hash.name().to_owned()),
            signature: signature
                .packet()
                .map(|packet| names::signature_name(packet.pk_algo()))
                .unwrap_or_default(),
            key_bits: None,
        },
        signer: None,
        trust: Trust::Unknown,
        evidence: Vec::new(),
        rejected: Vec::new(),
        reads: None,
        findings,
    }
}

/// Clocks differ by so many seconds without anybody lying (R-B13).
const SKEW: u64 = 300;

fn finding(code: Code, detail: &str) -> Finding {
    Finding::new(code, PartPath::root()).with_detail(detail)
}
