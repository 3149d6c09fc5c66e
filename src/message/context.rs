//! What all calls may know and use.

use std::fmt;
use std::sync::Arc;

use crate::crypto::Provider;
use crate::error::Error;
use crate::limits::Limits;
use crate::policy::Algorithms;
use crate::protocol::{Certificate, CertificateSource, KeyHint};
use crate::trust::{TrustModel, TrustStore};

/// What all calls may know and use: trust, certificates, provider, bounds. Cheap to clone, shared by threads.
///
/// It knows no time: `at` goes to each call.
///
/// ```
/// use mailseal::{Context, Limits, TrustStore};
/// let cx = Context::new(TrustStore::new()).limits(Limits::default().depth(8));
/// assert_eq!(cx.bounds().depth, 8);
/// ```
#[derive(Clone)]
pub struct Context {
    trust: Arc<dyn TrustModel>,
    certificates: Vec<Arc<dyn CertificateSource>>,
    provider: Provider,
    limits: Limits,
    algorithms: Algorithms,
}

impl Context {
    /// A context that trusts what the store says, and nothing else.
    pub fn new(trust: TrustStore) -> Self {
        // An anchor may be the very certificate that a signature names.
        let anchors: Arc<dyn CertificateSource> = Arc::new(trust.certificates());
        Self {
            trust: Arc::new(trust),
            certificates: vec![anchors],
            provider: Provider::default(),
            limits: Limits::default(),
            algorithms: Algorithms::standard(),
        }
    }

    /// Asks another model of trust instead; [`TrustModel`] shows one.
    #[must_use]
    pub fn trust_model(mut self, model: impl TrustModel + 'static) -> Self {
        self.trust = Arc::new(model);
        self
    }

    /// Looks for certificates there too. Finding is not trusting.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(feature = "smime")] {
    /// use mailseal::{CertificatePool, Context, TrustStore};
    /// let known = CertificatePool::new().with(include_bytes!("../../examples/letters/openssl-ca.pem"))?;
    /// let cx = Context::new(TrustStore::new()).certificates(known);
    /// # let _ = cx;
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn certificates(mut self, source: impl CertificateSource + 'static) -> Self {
        self.certificates.push(Arc::new(source));
        self
    }

    /// Computes with this provider.
    ///
    /// ```
    /// use mailseal::{Context, TrustStore, crypto};
    /// // Verifies without any C code, and signs nothing.
    /// let cx = Context::new(TrustStore::new()).provider(crypto::portable());
    /// # let _ = cx;
    /// ```
    #[must_use]
    pub fn provider(mut self, provider: Provider) -> Self {
        self.provider = provider;
        self
    }

    /// Keeps these bounds.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Relies on these algorithms only.
    ///
    /// ```
    /// use mailseal::{Context, TrustStore, policy::Algorithms};
    /// // For an archive of known origin, from the days of SHA-1.
    /// let cx = Context::new(TrustStore::new()).algorithms(Algorithms::standard().insecurely_allow_sha1());
    /// # let _ = cx;
    /// ```
    #[must_use]
    pub fn algorithms(mut self, algorithms: Algorithms) -> Self {
        self.algorithms = algorithms;
        self
    }

    /// The bounds in force.
    pub fn bounds(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn crypto(&self) -> &Provider {
        &self.provider
    }

    pub(crate) fn relied_on(&self) -> &Algorithms {
        &self.algorithms
    }

    pub(crate) fn trust(&self) -> &dyn TrustModel {
        &*self.trust
    }
}

impl CertificateSource for Context {
    fn candidates(&self, hint: &KeyHint<'_>) -> Result<Vec<Certificate>, Error> {
        let mut found = Vec::new();
        for source in &self.certificates {
            found.extend(source.candidates(hint)?);
        }
        found.truncate(self.limits.certificates);
        Ok(found)
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("provider", &self.provider.name).finish_non_exhaustive()
    }
}
