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
    #[cfg(feature = "web-of-trust")]
    web: Vec<crate::openpgp::WebRoot>,
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

    /// Trusts an OpenPGP certificate to say who others are (Web of Trust), and for its own user IDs. Named by its whole
    /// fingerprint; its certificate has to be among those that are found.
    ///
    /// An address is believed where certifications lead to it with an amount of 120 in all (RFC 9580 §5.2.3.21). A root
    /// of 120 gives what its certifications say; one of less never gives more than that, on all paths together.
    ///
    /// ```
    /// use mailseal::TrustStore;
    /// let trust = TrustStore::new()
    ///     .web_of_trust_root("3F2A91C4D0E75B86A1F2C93D5E6B7A80914C7D10", 120)?
    ///     .web_of_trust_root("85DA B657 13B2 D0AB FC5A 4F28 BC10 C9CE 4A69 9D8D", 60)?;
    /// # let _ = trust;
    /// assert!(TrustStore::new().web_of_trust_root("914C7D10", 120).is_err(), "anybody can make such a key");
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    #[cfg(feature = "web-of-trust")]
    pub fn web_of_trust_root(mut self, fingerprint: &str, amount: u8) -> Result<Self, Error> {
        self.web.push(crate::openpgp::WebRoot::new(fingerprint, amount)?);
        Ok(self)
    }

    /// What the roots of the Web of Trust say where no anchor does.
    #[cfg(feature = "openpgp")]
    fn openpgp(
        &self,
        certificate: &crate::openpgp::Certificate,
        anchors: &[&Anchor],
        request: &EvidenceRequest<'_>,
    ) -> Result<Belief, Error> {
        let direct = super::direct::believe(certificate, anchors, request);
        #[cfg(feature = "web-of-trust")]
        if direct.trust == crate::report::Trust::Unknown {
            return super::web::believe(certificate, &self.web, request);
        }
        Ok(direct)
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
        #[cfg(feature = "web-of-trust")]
        return self.anchors.len().saturating_add(self.web.len());
        #[cfg(not(feature = "web-of-trust"))]
        self.anchors.len()
    }

    fn evidence(&self, request: &EvidenceRequest<'_>) -> Result<Belief, Error> {
        let anchors: Vec<&Anchor> = self.in_scope(request).collect();
        match request.certificate {
            #[cfg(feature = "smime")]
            Certificate::X509(leaf) => super::paths::believe(leaf, &anchors, request),
            #[cfg(feature = "openpgp")]
            Certificate::Openpgp(certificate) => self.openpgp(certificate, &anchors, request),
        }
    }
}
