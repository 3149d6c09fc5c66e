//! Anchors, each with a scope.

use crate::error::Error;
use crate::protocol::{Certificate, CertificatePool};
use crate::trust::{Belief, EvidenceRequest, Scope, TrustModel};

/// What the caller trusts, and for whom. Empty trusts nobody.
///
/// ```
/// use mailseal::{Scope, TrustStore};
/// let store = TrustStore::new();
/// assert!(store.anchors(b"not a certificate", Scope::any()).is_err());
/// ```
#[derive(Debug, Clone, Default)]
pub struct TrustStore {
    anchors: Vec<Anchor>,
}

/// A certificate, and for whom it counts.
#[derive(Debug, Clone)]
pub(crate) struct Anchor {
    pub(crate) certificate: Certificate,
    pub(crate) scope: Scope,
}

impl TrustStore {
    /// Trusts nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts all certificates of a file, for a scope: X.509 authorities (PEM, DER) to say who somebody is, a person's
    /// own certificate (X.509 or OpenPGP) for the addresses in it.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(feature = "smime")] {
    /// use mailseal::{Scope, TrustStore};
    /// let pem = include_bytes!("../../examples/letters/openssl-ca.pem");
    /// let trust = TrustStore::new().anchors(pem, Scope::domain("example.com")?)?;
    /// # let _ = trust;
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn anchors(mut self, octets: &[u8], scope: Scope) -> Result<Self, Error> {
        for certificate in Certificate::load(octets)? {
            self.anchors.push(Anchor { certificate, scope: scope.clone() });
        }
        Ok(self)
    }

    /// Trusts one certificate, for a scope.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(feature = "smime")] {
    /// use mailseal::{Certificate, Scope, TrustStore};
    /// // One certificate of a file of many.
    /// let pem = include_bytes!("../../examples/letters/openssl-ca.pem");
    /// let wanted = "Example Root CA";
    /// let at = std::time::SystemTime::now().into();
    /// let mut trust = TrustStore::new();
    /// for certificate in Certificate::load(pem)? {
    ///     if certificate.name(at).as_deref() == Some(wanted) {
    ///         trust = trust.anchor(certificate, Scope::any());
    ///     }
    /// }
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn anchor(mut self, certificate: Certificate, scope: Scope) -> Self {
        self.anchors.push(Anchor { certificate, scope });
        self
    }

    pub(crate) fn certificates(&self) -> CertificatePool {
        self.anchors.iter().map(|anchor| anchor.certificate.clone()).collect()
    }

    /// The anchors that may speak for the address at the time.
    fn in_scope<'s>(&'s self, request: &'s EvidenceRequest<'_>) -> impl Iterator<Item = &'s Anchor> {
        self.anchors.iter().filter(|anchor| anchor.scope.covers(request.address, request.at))
    }
}

impl TrustModel for TrustStore {
    fn anchors(&self) -> usize {
        self.anchors.len()
    }

    fn evidence(&self, request: &EvidenceRequest<'_>) -> Result<Belief, Error> {
        let anchors: Vec<&Anchor> = self.in_scope(request).collect();
        match request.certificate {
            #[cfg(feature = "smime")]
            Certificate::X509(leaf) => super::paths::believe(leaf, &anchors, request),
            #[cfg(feature = "openpgp")]
            Certificate::Openpgp(certificate) => Ok(super::direct::believe(certificate, &anchors, request)),
        }
    }
}
