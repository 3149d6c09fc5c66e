//! Questions to trust, and answers.

use crate::crypto::Provider;
use crate::error::Error;
use crate::limits::Limits;
use crate::mime::Address;
use crate::policy::Algorithms;
use crate::protocol::{Certificate, CertificateSource, Purpose};
use crate::report::{Assurance, Evidence, RejectedPath, Trust, Want};
use crate::time::UnixTime;
use crate::trust::Fetcher;
#[cfg(feature = "smime")]
use crate::x509::RevocationData;
#[cfg(feature = "smime")]
use crate::x509::path::SignatureCache;

/// Who is this certificate?
///
/// ```
/// use mailseal::trust::{Belief, EvidenceRequest, TrustModel};
/// use mailseal::{Error, TrustStore};
///
/// /// Asks the store, and keeps a record of what was asked.
/// struct Logged(TrustStore);
///
/// impl TrustModel for Logged {
///     fn evidence(&self, request: &EvidenceRequest<'_>) -> Result<Belief, Error> {
///         eprintln!("{} for {} at {}?", request.certificate.fingerprint(), request.address, request.at);
///         self.0.evidence(request)
///     }
/// }
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct EvidenceRequest<'a> {
    /// The certificate of the signer.
    pub certificate: &'a Certificate,
    /// Certificates that may lie between it and an anchor.
    pub intermediates: &'a [Certificate],
    /// Where more of them may be found.
    pub candidates: &'a dyn CertificateSource,
    /// The address it should speak for. It has to name it.
    pub address: &'a Address,
    /// What it should do for that address.
    pub purpose: Purpose,
    /// The time of looking.
    pub at: UnixTime,
    /// Who computes.
    pub provider: &'a Provider,
    /// Bounds.
    pub limits: &'a Limits,
    /// Which algorithms may be relied on.
    pub algorithms: &'a Algorithms,
    /// CRLs and OCSP answers that came with the letter or from the caller.
    #[cfg(feature = "smime")]
    pub revocations: &'a RevocationData,
    /// Signatures on certificates and paths that were found good before.
    #[cfg(feature = "smime")]
    pub signatures: Option<&'a SignatureCache>,
    /// Who may fetch what is missing.
    pub fetcher: Option<&'a dyn Fetcher>,
}

/// What trust says of a certificate and an address.
///
/// ```
/// use mailseal::report::Trust;
/// use mailseal::trust::Belief;
/// let nobody = Belief::default();
/// assert_eq!((nobody.trust, nobody.evidence.len()), (Trust::Unknown, 0));
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Belief {
    /// In one word.
    pub trust: Trust,
    /// The paths that hold, the best first.
    pub evidence: Vec<Evidence>,
    /// The paths that do not, the most telling first.
    pub rejected: Vec<RejectedPath>,
    /// Something on the best path is too weak to rely on: what.
    pub weak: Vec<String>,
    /// The certificate may not be used to sign mail.
    pub not_for_mail: bool,
    /// Why revocation is not known although something was given, in words.
    pub doubts: Vec<String>,
    /// Where certificates on the best path depart from the profile of RFC 5280 §4 without harm to it.
    pub departures: Vec<String>,
    /// What was not fetched and would have told more.
    pub wants: Vec<Want>,
    /// What an authority says it checked of the holder, and every authority on the best path may say.
    pub assurance: Option<Assurance>,
    /// The address is pinned, and not to this certificate: the fingerprints that it is pinned to.
    pub pinned_to: Vec<String>,
}

/// Anything that knows whom to believe. [`TrustStore`](crate::TrustStore) is one.
///
/// Trust without evidence counts as none: what is believed has to say why.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "smime")] {
/// use std::collections::HashMap;
/// use mailseal::report::{Evidence, Step, Trust};
/// use mailseal::trust::{Belief, EvidenceRequest, TrustModel};
/// use mailseal::{Context, Error, TrustStore};
///
/// /// Fingerprints that were compared by telephone, and whose they are.
/// struct Pins(HashMap<String, String>);
///
/// impl TrustModel for Pins {
///     fn evidence(&self, request: &EvidenceRequest<'_>) -> Result<Belief, Error> {
///         let mut belief = Belief::default(); // believes nothing
///         let fingerprint = request.certificate.fingerprint();
///         let address = request.address.to_string();
///         if self.0.get(&fingerprint) == Some(&address) {
///             let steps = vec![Step::new("compared by telephone", fingerprint)];
///             belief.trust = Trust::Trusted;
///             belief.evidence.push(Evidence::Direct { address, scope: "any".into(), steps });
///         }
///         Ok(belief)
///     }
/// }
///
/// # let report = include!("../../examples/letters/report.rs");
/// # let fingerprint = report.signatures().next().unwrap().signer.as_ref().unwrap().certificate.fingerprint.clone();
/// # let letter = include_bytes!("../../examples/letters/openssl.eml");
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// let pins = Pins(HashMap::from([(fingerprint, "alice@example.com".into())]));
/// let cx = Context::new(TrustStore::new()).trust_model(pins);
/// let opened = mailseal::Opener::new(&cx).open(letter, at)?;
/// assert!(opened.report.signatures().all(|signature| signature.trust == Trust::Trusted));
/// # }
/// # Ok(())
/// # }
/// ```
pub trait TrustModel: Send + Sync {
    /// Answers one question. No path is an answer, not an error.
    fn evidence(&self, request: &EvidenceRequest<'_>) -> Result<Belief, Error>;

    /// How many anchors there are, for words only.
    fn anchors(&self) -> usize {
        0
    }
}
