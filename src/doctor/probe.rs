//! A detached signature, asked whether it fits content.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::error::Error;
use crate::limits::Limits;
use crate::message::Context;
use crate::protocol::{Certificate, CertificatePool, Checked, Inputs, Verifier};
use crate::report::{Code, Integrity, Protocol};
use crate::time::UnixTime;

/// What a signature says of content.
pub(super) struct Seen {
    pub(super) integrity: Integrity,
    /// Its line ends had to be restored.
    pub(super) line_ends: bool,
    pub(super) certificate: Option<Certificate>,
}

/// One signature part, and how much may still be tried.
pub(super) struct Probe<'c> {
    cx: &'c Context,
    protocol: Protocol,
    signature: Vec<u8>,
    at: UnixTime,
    quick: Quick,
    /// The certificates that the first look found.
    known: CertificatePool,
    /// Of S/MIME: whether the signature over its attributes holds.
    pub(super) attributes: Option<bool>,
    tried: BTreeSet<u64>,
    octets: usize,
    /// Ran out of what may be tried.
    pub(super) exhausted: bool,
}

/// What tells most content that does not fit without public-key mathematics.
enum Quick {
    #[cfg(feature = "smime")]
    Digests(Vec<(crate::crypto::HashAlgorithm, Vec<u8>)>),
    #[cfg(feature = "openpgp")]
    Prefixes(crate::pgpmime::Prefixes),
    Nothing,
}

impl<'c> Probe<'c> {
    pub(super) fn new(
        cx: &'c Context,
        protocol: Protocol,
        signature: Vec<u8>,
        at: UnixTime,
    ) -> Result<Self, Error> {
        let mut probe = Self {
            cx,
            protocol,
            signature,
            at,
            quick: Quick::Nothing,
            known: CertificatePool::new(),
            attributes: None,
            tried: BTreeSet::new(),
            octets: 0,
            exhausted: false,
        };
        probe.prepare()?;
        Ok(probe)
    }

    fn prepare(&mut self) -> Result<(), Error> {
        match self.protocol {
            #[cfg(feature = "smime")]
            Protocol::Smime => {
                let found = crate::smime::signed_digests(&self.signature, &self.inputs())?;
                self.attributes = found.iter().filter_map(|one| one.holds).max();
                for one in &found {
                    if let Some(certificate) = &one.certificate {
                        self.known.add(certificate.clone());
                    }
                }
                if !found.is_empty() {
                    let held = found.into_iter().filter(|one| one.holds == Some(true));
                    self.quick = Quick::Digests(held.map(|one| (one.algorithm, one.digest)).collect());
                }
            }
            #[cfg(feature = "openpgp")]
            Protocol::Openpgp => {
                self.quick =
                    Quick::Prefixes(crate::pgpmime::Prefixes::read(&self.signature, self.cx.bounds())?);
            }
            #[allow(unreachable_patterns)] // with both protocols
            _ => {}
        }
        Ok(())
    }

    fn inputs(&self) -> Inputs<'c> {
        Inputs::new(self.cx.crypto(), self.cx.relied_on(), self.cx, self.cx.bounds(), self.at)
    }

    /// The whole verification, as letters are verified.
    pub(super) fn look(&mut self, content: &[u8]) -> Result<Seen, Error> {
        let mut signature = self.signature.as_slice();
        let mut content = content;
        let checked = match self.protocol {
            #[cfg(feature = "smime")]
            Protocol::Smime => {
                crate::smime::Verifier.verify_detached(&mut content, &mut signature, &self.inputs())?
            }
            #[cfg(feature = "openpgp")]
            Protocol::Openpgp => {
                crate::pgpmime::Verifier.verify_detached(&mut content, &mut signature, &self.inputs())?
            }
            #[allow(unreachable_patterns)] // with both protocols
            _ => Checked::default(),
        };
        for one in &checked.signatures {
            if let Some(certificate) = &one.certificate {
                self.known.add(certificate.clone());
            }
        }
        Ok(seen(checked))
    }

    /// Whether content that was not tried before fits. False once enough was tried.
    pub(super) fn fits(&mut self, content: &[u8]) -> Result<bool, Error> {
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        if self.exhausted || !self.tried.insert(hasher.finish()) {
            return Ok(false);
        }
        let limits: &Limits = self.cx.bounds();
        self.octets = self.octets.saturating_add(content.len());
        self.exhausted =
            self.tried.len() > limits.diagnosis_candidates || self.octets > limits.diagnosis_bytes;
        if self.tried.len().is_multiple_of(64) {
            self.cx.check()?;
        }
        if !self.may_fit(content) {
            return Ok(false);
        }
        Ok(self.look(content)?.integrity.holds())
    }

    fn may_fit(&self, content: &[u8]) -> bool {
        match &self.quick {
            #[cfg(feature = "smime")]
            Quick::Digests(digests) => digests.iter().any(|(algorithm, digest)| {
                self.cx.crypto().hash(*algorithm, content).is_some_and(|found| found == *digest)
            }),
            #[cfg(feature = "openpgp")]
            Quick::Prefixes(prefixes) => prefixes.may_fit(content),
            Quick::Nothing => true,
        }
    }

    pub(super) fn tried(&self) -> usize {
        self.tried.len()
    }
}

/// The best of them.
fn seen(checked: Checked) -> Seen {
    let rank = |integrity: Integrity| match integrity {
        Integrity::Intact => 0,
        Integrity::Weak => 1,
        Integrity::Altered => 2,
        Integrity::Unverified => 3,
        _ => 4,
    };
    let best = checked.signatures.into_iter().min_by_key(|one| rank(one.signature.integrity));
    match best {
        Some(one) => Seen {
            integrity: one.signature.integrity,
            line_ends: one.signature.findings.iter().any(|finding| finding.code == Code::LineEndsRepaired),
            certificate: one.certificate,
        },
        None => Seen { integrity: Integrity::Malformed, line_ends: false, certificate: None },
    }
}
