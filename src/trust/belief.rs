//! Questions to trust, and answers.

use crate::crypto::Provider;
use crate::error::Error;
use crate::limits::Limits;
use crate::mime::Address;
use crate::policy::Algorithms;
use crate::protocol::{Certificate, CertificateSource};
use crate::report::{Evidence, RejectedPath, Trust};
use crate::time::UnixTime;

/// Who is this certificate?
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
    /// The time of looking.
    pub at: UnixTime,
    /// Who computes.
    pub provider: &'a Provider,
    /// Bounds.
    pub limits: &'a Limits,
    /// Which algorithms may be relied on.
    pub algorithms: &'a Algorithms,
}

/// What trust says of a certificate and an address.
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
}

/// Anything that knows whom to believe.
///
/// ```
/// use mailseal::trust::{Belief, EvidenceRequest, TrustModel};
/// use mailseal::{Context, Error, TrustStore};
///
/// /// What the store says, and nothing for one address.
/// struct Except(TrustStore, &'static str);
///
/// impl TrustModel for Except {
///     fn evidence(&self, request: &EvidenceRequest<'_>) -> Result<Belief, Error> {
///         match request.address.to_string() == self.1 {
///             true => Ok(Belief::default()),
///             false => self.0.evidence(request),
///         }
///     }
/// }
///
/// let store = TrustStore::new();
/// let cx = Context::new(store.clone()).trust_model(Except(store, "former@example.org"));
/// # let _ = cx;
/// ```
pub trait TrustModel: Send + Sync {
    /// Answers one question. No path is an answer, not an error.
    fn evidence(&self, request: &EvidenceRequest<'_>) -> Result<Belief, Error>;

    /// How many anchors there are, for words only.
    fn anchors(&self) -> usize {
        0
    }
}
