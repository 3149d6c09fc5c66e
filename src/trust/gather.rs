//! What would tell more about a path: issuers that are missing, CRLs, OCSP answers. Fetched where somebody may fetch,
//! else listed (R-C7).
//!
//! Nothing is asked about revocation before a path leads to an anchor of the caller. Issuers are asked for where there is
//! none yet, and the caller lets them be fetched only for signatures that are intact.

use std::collections::HashMap;

use crate::cms::SignedDataReader;
use crate::report::{FetchPurpose, Want};
use crate::trust::url;
use crate::trust::{EvidenceRequest, FetchRequest};
use crate::x509::path::{PathError, PathOutcome};
use crate::x509::revocation::{self, Status};
use crate::x509::{Certificate, RevocationData};

/// URLs of one kind that are looked at in one certificate; more than two are rare.
const URLS: usize = 4;

/// What is known so far, and what was asked.
pub(super) struct Gathering<'a> {
    request: &'a EvidenceRequest<'a>,
    pub(super) intermediates: Vec<Certificate>,
    pub(super) revocations: RevocationData,
    /// Where fetched certificates came from, by fingerprint.
    pub(super) sources: HashMap<[u8; 32], String>,
    /// All that was asked, and whether it was answered.
    asked: Vec<(Want, bool)>,
}

impl<'a> Gathering<'a> {
    pub(super) fn new(request: &'a EvidenceRequest<'a>, intermediates: Vec<Certificate>) -> Self {
        let revocations = request.revocations.clone();
        Self { request, intermediates, revocations, sources: HashMap::new(), asked: Vec::new() }
    }

    /// Asks for what the outcome lacks; true if there is something new, so that it is worth looking again.
    pub(super) fn more(&mut self, outcome: &PathOutcome) -> bool {
        let mut news = false;
        match &outcome.valid {
            Some(path) => {
                let pairs = path.certificates.iter().zip(path.certificates.iter().skip(1));
                for ((certificate, issuer), status) in pairs.zip(&path.revocation) {
                    if matches!(status, Status::Unknown(_)) {
                        news |= self.ask(self.about(certificate, issuer));
                    }
                }
            }
            None if outcome.rejected.iter().any(|path| path.anchored) => {}
            None => {
                let orphans = outcome.rejected.iter().filter_map(|path| match path.reason {
                    PathError::UnknownIssuer { .. } => path.certificates.last(),
                    _ => None,
                });
                for orphan in orphans {
                    let most = self.request.limits.fetch_bytes;
                    news |= self.ask(wants(FetchPurpose::Aia, &orphan.extensions().ca_issuers, &[], most));
                }
            }
        }
        news
    }

    /// What was asked in vain, or not at all.
    pub(super) fn wants(self) -> Vec<Want> {
        self.asked.into_iter().filter(|(_, answered)| !answered).map(|(want, _)| want).collect()
    }

    /// OCSP first: its answers are small.
    fn about(&self, certificate: &Certificate, issuer: &Certificate) -> Vec<Want> {
        let extensions = certificate.extensions();
        let named = extensions.ocsp.first();
        let body = named.and_then(|_| revocation::request(certificate, issuer, self.request.provider));
        let most = self.request.limits.fetch_bytes;
        let ocsp = body.map(|body| wants(FetchPurpose::Ocsp, &extensions.ocsp, &body, most));
        let crls = wants(FetchPurpose::Crl, &extensions.crl_distribution_points, &[], most);
        let deltas = wants(FetchPurpose::Crl, &extensions.freshest_crl, &[], most);
        ocsp.unwrap_or_default().into_iter().chain(crls).chain(deltas).collect()
    }

    /// Where one may fetch: the first that was not asked yet and answers. Else all are noted.
    fn ask(&mut self, wants: Vec<Want>) -> bool {
        for want in wants {
            if self.asked.iter().any(|(asked, _)| *asked == want)
                || self.asked.len() >= self.request.limits.fetches
            {
                continue;
            }
            let answered = self.fetch(&want).is_some_and(|octets| self.take(&want, &octets));
            self.asked.push((want, answered));
            if answered {
                return true;
            }
        }
        false
    }

    fn fetch(&self, want: &Want) -> Option<Vec<u8>> {
        let Want { purpose, url, body, max_bytes } = want;
        let request = FetchRequest { purpose: *purpose, url, body, max_bytes: *max_bytes };
        let octets = self.request.fetcher?.fetch(&request).ok()?;
        u64::try_from(octets.len()).is_ok_and(|length| length <= *max_bytes).then_some(octets)
    }

    /// True if there is something in it.
    fn take(&mut self, want: &Want, octets: &[u8]) -> bool {
        match want.purpose {
            FetchPurpose::Crl | FetchPurpose::Ocsp => {
                self.revocations.add_fetched(octets, self.request.limits)
            }
            FetchPurpose::Aia => {
                let room = self.request.limits.path_candidates.saturating_sub(self.intermediates.len());
                let mut found = certificates(octets, self.request);
                found.retain(|one| !self.intermediates.contains(one));
                found.truncate(room);
                self.sources.extend(found.iter().map(|one| (one.fingerprint(), want.url.clone())));
                let news = !found.is_empty();
                self.intermediates.extend(found);
                news
            }
            FetchPurpose::Wkd => false,
        }
    }
}

/// Those of the URLs that may be asked at all.
fn wants(purpose: FetchPurpose, urls: &[String], body: &[u8], max_bytes: u64) -> Vec<Want> {
    let allowed = urls.iter().filter(|url| url::is_allowed(url)).take(URLS);
    allowed.map(|url| Want { purpose, url: url.clone(), body: body.to_vec(), max_bytes }).collect()
}

/// One certificate (DER, or PEM against the rules), or a CMS message of certificates alone (RFC 5280 §4.2.2.1).
fn certificates(octets: &[u8], request: &EvidenceRequest<'_>) -> Vec<Certificate> {
    if let Ok(found) = Certificate::load_pem_or_der(octets) {
        return found;
    }
    let data = SignedDataReader::new(octets, request.limits).and_then(SignedDataReader::finish);
    let certificates = data.map(|data| data.certificates).unwrap_or_default();
    certificates.iter().filter_map(|der| Certificate::from_der(der).ok()).collect()
}
