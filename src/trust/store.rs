//! Anchors, each with a scope.

use crate::error::Error;
use crate::mime::Address;
use crate::protocol::{Certificate, CertificatePool};
#[cfg(feature = "smime")]
use crate::report::Evidence;
use crate::report::{Protocol, RejectedPath, Trust};
use crate::trust::pins::{self, Pins};
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
    pins: Pins,
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
    /// What an authority's certificate says about itself bounds it as well (RFC 5937): validity, path length, name
    /// constraints, key usage. `assurance=` and `issued-until=` ask what only X.509 can say: with an OpenPGP
    /// certificate they are [`Error::Misuse`].
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
            let openpgp = certificate.protocol() == Protocol::Openpgp;
            if let Some(asked) = scope.of_x509_alone().filter(|_| openpgp) {
                return Err(Error::misuse(format!(
                    "`{asked}` is about certificates that an authority issues, and {} is an OpenPGP certificate, \
                     which says nothing of that: give it another scope",
                    certificate.fingerprint()
                )));
            }
            self.anchors.push(Anchor { certificate, scope: scope.clone() });
        }
        Ok(self)
    }

    /// Trusts one certificate, for a scope. An OpenPGP certificate never counts in a scope with `assurance=` or
    /// `issued-until=`.
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
        self.add(Anchor { certificate, scope });
        self
    }

    pub(super) fn add(&mut self, anchor: Anchor) {
        self.anchors.push(anchor);
    }

    /// Trusts the one certificate of this fingerprint to be that of the address, and of no other: for somebody who read
    /// it out over the telephone. The certificate has to name the address, and to be neither expired, revoked nor
    /// meant for something else; nobody needs to vouch for it. Once an address is pinned, a letter from it that
    /// another certificate signed is at most `caution` ([`Code::PinMismatch`](crate::report::Code::PinMismatch)),
    /// and nothing is encrypted to another one. Several pins of one address stand beside each other.
    ///
    /// The fingerprint is that of [`Certificate::fingerprint`], all of it: 40 hexadecimal digits for OpenPGP version 4,
    /// 64 for version 6 and for X.509 (SHA-256), blanks and colons allowed. Anything else is [`Error::Misuse`].
    ///
    /// ```
    /// use mailseal::{Error, TrustStore};
    /// let carol = "carol@example.net".parse()?;
    /// let trust = TrustStore::new().pin(&carol, "3F2A 91C4 D0E7 5B86 A1F2  C93D 5E6B 7A80 914C 7D10")?;
    /// assert!(matches!(trust.pin(&carol, "5BB09E0CFE33A1D2"), Err(Error::Misuse(_))));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn pin(mut self, address: &Address, fingerprint: &str) -> Result<Self, Error> {
        self.pins.add(address, fingerprint)?;
        Ok(self)
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

    /// What the anchors say, and where they say nothing, the roots of the Web of Trust.
    fn all_say(&self, request: &EvidenceRequest<'_>) -> Result<Belief, Error> {
        let anchors: Vec<&Anchor> = self.in_scope(request).collect();
        let belief = Self::ask(&anchors, request)?;
        #[cfg(feature = "web-of-trust")]
        if let (crate::report::Trust::Unknown, Certificate::Openpgp(certificate)) =
            (belief.trust, request.certificate)
        {
            return super::web::believe(certificate, &self.web, request);
        }
        Ok(belief)
    }

    pub(crate) fn certificates(&self) -> CertificatePool {
        self.anchors.iter().map(|anchor| anchor.certificate.clone()).collect()
    }

    #[cfg(feature = "archive")]
    pub(crate) fn all_anchors(&self) -> &[Anchor] {
        &self.anchors
    }

    /// The pins of these addresses.
    #[cfg(feature = "archive")]
    pub(crate) fn pins_of<'s>(
        &'s self,
        addresses: &'s [Address],
    ) -> impl Iterator<Item = &'s (Address, String)> {
        let asked = |pinned: &Address| addresses.iter().any(|address| pinned.matches(address));
        self.pins.all().iter().filter(move |(pinned, _)| asked(pinned))
    }

    /// The roots of the Web of Trust with their amounts.
    #[cfg(feature = "archive")]
    pub(crate) fn web_roots(&self) -> Vec<(String, u8)> {
        #[cfg(feature = "web-of-trust")]
        return self.web.iter().map(crate::openpgp::WebRoot::as_said).collect();
        #[cfg(not(feature = "web-of-trust"))]
        Vec::new()
    }

    /// The anchors that may speak for the certificate and the address at the time.
    fn in_scope<'s>(&'s self, request: &'s EvidenceRequest<'_>) -> impl Iterator<Item = &'s Anchor> {
        self.anchors.iter().filter(|anchor| anchor.may_speak(request))
    }

    /// The path that would hold if its anchor were for this. Nothing is fetched to find it.
    fn out_of_scope(&self, request: &EvidenceRequest<'_>) -> Result<Option<RejectedPath>, Error> {
        let others: Vec<&Anchor> = self.anchors.iter().filter(|anchor| !anchor.may_speak(request)).collect();
        let found = Self::ask_unbound(&others, request)?;
        let steps = found.evidence.first().map(|path| path.steps().to_vec()).unwrap_or_default();
        let Some(first) = steps.first() else { return Ok(None) };
        let anchor = others.iter().find(|anchor| anchor.certificate.fingerprint() == first.fingerprint);
        let scope = anchor.map(|anchor| anchor.scope.to_string()).unwrap_or_default();
        let reason = format!("{} is an anchor, but not for this: {scope}", first.name);
        let steps = steps.into_iter().rev().collect();
        Ok(Some(RejectedPath { steps, code: "out_of_scope".into(), reason }))
    }

    /// That the certificate is revoked, by whichever anchor issued it: whom it is trusted for otherwise does not matter.
    #[cfg(feature = "smime")]
    fn revoked(&self, request: &EvidenceRequest<'_>) -> Result<Option<Belief>, Error> {
        if request.revocations.is_empty() || request.certificate.protocol() != Protocol::Smime {
            return Ok(None);
        }
        let fingerprint = request.certificate.fingerprint();
        let others = self.anchors.iter().filter(|anchor| anchor.certificate.fingerprint() != fingerprint);
        let found = Self::ask_unbound(&others.collect::<Vec<_>>(), request)?;
        Ok(Some(found).filter(|found| found.trust == Trust::Revoked))
    }

    /// What these anchors would say if they were for everything. Nothing is fetched for that.
    fn ask_unbound(anchors: &[&Anchor], request: &EvidenceRequest<'_>) -> Result<Belief, Error> {
        if anchors.is_empty() {
            return Ok(Belief::default());
        }
        let unbound =
            |anchor: &&Anchor| Anchor { certificate: anchor.certificate.clone(), scope: Scope::any() };
        let unbound: Vec<Anchor> = anchors.iter().map(unbound).collect();
        let quiet = EvidenceRequest { fetcher: None, ..*request };
        Self::ask(&unbound.iter().collect::<Vec<_>>(), &quiet)
    }

    /// What these anchors say.
    fn ask(anchors: &[&Anchor], request: &EvidenceRequest<'_>) -> Result<Belief, Error> {
        match request.certificate {
            #[cfg(feature = "smime")]
            Certificate::X509(leaf) => super::paths::believe(leaf, anchors, request),
            #[cfg(feature = "openpgp")]
            Certificate::Openpgp(certificate) => Ok(super::direct::believe(certificate, anchors, request)),
        }
    }
}

impl Anchor {
    fn may_speak(&self, request: &EvidenceRequest<'_>) -> bool {
        let meant = self.scope.covers(request.address, request.at) && self.scope.is_for(request.purpose);
        meant
            && match request.certificate {
                #[cfg(feature = "smime")]
                Certificate::X509(leaf) => super::scoped::may_speak(self, leaf),
                #[cfg(feature = "openpgp")]
                Certificate::Openpgp(_) => self.scope.of_x509_alone().is_none(),
            }
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
        let belief = self.all_say(request)?;
        #[cfg(feature = "smime")]
        if !matches!(belief.evidence.first(), Some(Evidence::CertificationPath { .. }))
            && let Some(revoked) = self.revoked(request)?
        {
            return Ok(Belief { pinned_to: self.pins.others(request), ..revoked });
        }
        let names = |own: &Address| own.matches(request.address);
        if self.pins.has(request) && request.certificate.addresses(request.at).iter().any(names) {
            // As an anchor of its own it has to hold for itself, and no other needs to.
            let scope = Scope::address(request.address);
            let own = Anchor { certificate: request.certificate.clone(), scope };
            return Ok(pins::believe(Self::ask(&[&own], request)?, belief, request.address));
        }
        let mut belief = Belief { pinned_to: self.pins.others(request), ..belief };
        if belief.trust == Trust::Unknown {
            belief.rejected.splice(0..0, self.out_of_scope(request)?);
        }
        Ok(belief)
    }
}
