//! Verifying, as both protocols do it.

use std::io::{Read, Write};

use crate::crypto::Provider;
use crate::error::Error;
use crate::limits::Limits;
use crate::mime::PartPath;
use crate::policy::Algorithms;
use crate::protocol::{Certificate, CertificateSource};
use crate::report::{Code, Finding, Integrity, Signature};
use crate::time::UnixTime;

/// Checks signatures. Says which key signed what; who that is, others say.
///
/// ```
/// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
/// use mailseal::protocol::{Inputs, NoCertificates, Verifier};
/// use mailseal::{Limits, UnixTime, crypto::Provider, policy::Algorithms, smime};
/// let (provider, algorithms, limits) = (Provider::default(), Algorithms::standard(), Limits::default());
/// let at = UnixTime::from_seconds(1_795_341_720);
/// let inputs = Inputs::new(&provider, &algorithms, &NoCertificates, &limits, at);
/// let (mut content, mut signature) = (&b"Hello\r\n"[..], &b"no signature"[..]);
/// let checked = smime::Verifier.verify_detached(&mut content, &mut signature, &inputs).unwrap();
/// assert!(!checked.signatures[0].signature.integrity.holds());
/// # }
/// ```
pub trait Verifier {
    /// Checks a detached signature over content, which is read once.
    ///
    /// The content is hashed as received and, where it holds a bare LF, in its CRLF form as well; a match of the
    /// second form only is a finding.
    fn verify_detached(
        &self,
        content: &mut dyn Read,
        signature: &mut dyn Read,
        inputs: &Inputs<'_>,
    ) -> Result<Checked, Error>;

    /// Checks a signature that holds its content, and writes the content to `out` as it is read. Nothing may be done
    /// with it before the result is known.
    fn verify_opaque(
        &self,
        body: &mut dyn Read,
        out: &mut dyn Write,
        inputs: &Inputs<'_>,
    ) -> Result<Checked, Error>;
}

/// What a verifier may know and use.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Inputs<'a> {
    /// Who computes.
    pub provider: &'a Provider,
    /// Which algorithms may be relied on.
    pub algorithms: &'a Algorithms,
    /// Where certificates may be found that are not in the letter.
    pub candidates: &'a dyn CertificateSource,
    /// Bounds.
    pub limits: &'a Limits,
    /// The time of looking.
    pub at: UnixTime,
}

impl<'a> Inputs<'a> {
    /// Everything that is needed today.
    pub fn new(
        provider: &'a Provider,
        algorithms: &'a Algorithms,
        candidates: &'a dyn CertificateSource,
        limits: &'a Limits,
        at: UnixTime,
    ) -> Self {
        Self { provider, algorithms, candidates, limits, at }
    }
}

/// What a verifier saw. The signature of no one ([`Checked::signatures`] empty) is not a good one.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Checked {
    /// One entry for each signature, in their order.
    pub signatures: Vec<CheckedSignature>,
    /// Certificates that came along: candidates, never trusted by that.
    pub certificates: Vec<Certificate>,
    /// Names of the hash algorithms used, as micalg has them.
    pub micalg: Vec<String>,
    /// Observations on all of it; their part is set by the caller.
    pub findings: Vec<Finding>,
    /// The structure holds content although it should be detached, or the other way round (R-B1).
    pub wrong_form: bool,
}

impl Checked {
    /// True if any of the signatures fits.
    pub(crate) fn holds(&self) -> bool {
        self.signatures.iter().any(|entry| entry.signature.integrity.holds())
    }

    /// A signature that cannot be read at all.
    pub(crate) fn malformed(why: &str) -> Self {
        let finding = Finding::new(Code::Malformed, PartPath::root()).with_detail(why);
        Self::one(Integrity::Malformed, finding)
    }

    /// One signature of which nothing else is known.
    pub(crate) fn one(integrity: Integrity, finding: Finding) -> Self {
        let signature = Signature { integrity, findings: vec![finding], ..Signature::default() };
        Self { signatures: vec![CheckedSignature { signature, certificate: None }], ..Self::default() }
    }
}

/// One signature and the certificate whose key fits it.
#[derive(Debug)]
#[non_exhaustive]
pub struct CheckedSignature {
    /// Integrity, algorithms, claimed time and findings; identity and trust are not filled in yet.
    pub signature: Signature,
    /// The certificate that the signature names and whose key was used.
    pub certificate: Option<Certificate>,
}
