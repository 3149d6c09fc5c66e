//! Verifying, as both protocols do it.

use std::io::{BufRead, Read, Write};

use crate::crypto::Provider;
use crate::error::Error;
use crate::limits::Limits;
use crate::mime::PartPath;
use crate::policy::Algorithms;
use crate::protocol::{Certificate, CertificateSource};
use crate::report::{Code, Finding, Integrity, Signature};
use crate::time::UnixTime;
#[cfg(feature = "smime")]
use crate::x509::{KnownCertificates, RevocationData};

/// Checks signatures. Says which key signed what; who that is, others say.
///
/// For programs with their own parser and their own idea of trust; others want
/// [`Opener::verify_detached`](crate::Opener::verify_detached).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "smime")] {
/// # let letter = include_str!("../../examples/letters/openssl.eml");
/// # let mut parts = letter.split("\r\n------425F19F33BFF1B737C9B514287398D30\r\n").skip(1);
/// # let content = parts.next().unwrap();
/// # let signature = format!("-----BEGIN CMS-----\r\n{}\r\n-----END CMS-----\r\n", parts.next().unwrap().split("\r\n\r\n").nth(1).unwrap());
/// # let signature = der::pem::decode_vec(signature.as_bytes()).unwrap().1;
/// use mailseal::policy::Algorithms;
/// use mailseal::protocol::{Inputs, NoCertificates, Verifier};
/// use mailseal::{Limits, UnixTime, crypto::Provider, smime};
/// let (provider, algorithms, limits) = (Provider::default(), Algorithms::standard(), Limits::default());
/// let at = UnixTime::from_seconds(1_800_000_000);
/// let inputs = Inputs::new(&provider, &algorithms, &NoCertificates, &limits, at);
/// let seen = smime::Verifier.verify_detached(&mut content.as_bytes(), &mut signature.as_slice(), &inputs)?;
/// for entry in &seen.signatures {
///     println!("{:?} by {:?}", entry.signature.integrity, entry.certificate.as_ref().map(|one| one.fingerprint()));
/// }
/// # assert!(seen.signatures[0].signature.integrity.holds());
/// # }
/// # Ok(())
/// # }
/// ```
pub trait Verifier {
    /// Checks a detached signature over content, which is read once.
    ///
    /// The content is hashed as received and, where it holds a bare LF, in its CRLF form as well; a match of the
    /// second form only is a finding.
    fn verify_detached(
        &self,
        content: &mut dyn BufRead,
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
///
/// ```
/// # #[cfg(feature = "smime")] {
/// use mailseal::policy::Algorithms;
/// use mailseal::protocol::{Inputs, NoCertificates, Verifier};
/// use mailseal::{Limits, UnixTime, crypto::Provider, smime};
/// let (provider, algorithms, limits) = (Provider::default(), Algorithms::standard(), Limits::default());
/// let at = UnixTime::from_seconds(1_800_000_000);
/// let inputs = Inputs::new(&provider, &algorithms, &NoCertificates, &limits, at);
/// assert_eq!(inputs.limits.signatures, 32);
/// # }
/// ```
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
    /// Certificates that were read before.
    #[cfg(feature = "smime")]
    pub(crate) known: Option<&'a KnownCertificates>,
}

impl<'a> Inputs<'a> {
    /// All of them.
    pub fn new(
        provider: &'a Provider,
        algorithms: &'a Algorithms,
        candidates: &'a dyn CertificateSource,
        limits: &'a Limits,
        at: UnixTime,
    ) -> Self {
        Self {
            provider,
            algorithms,
            candidates,
            limits,
            at,
            #[cfg(feature = "smime")]
            known: None,
        }
    }
}

/// What a verifier saw.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "smime")] {
/// # let letter = include_str!("../../examples/letters/openssl.eml");
/// # let mut parts = letter.split("\r\n------425F19F33BFF1B737C9B514287398D30\r\n").skip(1);
/// # let content = parts.next().unwrap();
/// # let signature = format!("-----BEGIN CMS-----\r\n{}\r\n-----END CMS-----\r\n", parts.next().unwrap().split("\r\n\r\n").nth(1).unwrap());
/// # let signature = der::pem::decode_vec(signature.as_bytes()).unwrap().1;
/// # use mailseal::policy::Algorithms;
/// # use mailseal::protocol::{Inputs, NoCertificates, Verifier};
/// # use mailseal::{Limits, UnixTime, crypto::Provider, smime};
/// # let (provider, algorithms, limits) = (Provider::default(), Algorithms::standard(), Limits::default());
/// # let at = UnixTime::from_seconds(1_800_000_000);
/// # let inputs = Inputs::new(&provider, &algorithms, &NoCertificates, &limits, at);
/// let seen = smime::Verifier.verify_detached(&mut content.as_bytes(), &mut signature.as_slice(), &inputs)?;
/// // Certificates that came along may lead from the signer to an anchor. They prove nothing by that.
/// for certificate in &seen.certificates {
///     println!("{}", certificate.name(at).unwrap_or_default());
/// }
/// assert_eq!((seen.signatures.len(), seen.wrong_form), (1, false));
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Checked {
    /// One entry for each signature, in their order.
    pub signatures: Vec<CheckedSignature>,
    /// Certificates that came along: candidates, never trusted by that.
    pub certificates: Vec<Certificate>,
    /// CRLs and OCSP answers that came along; nothing is believed of them.
    #[cfg(feature = "smime")]
    pub revocations: RevocationData,
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
///
/// ```
/// use mailseal::protocol::{Certificate, Checked};
/// /// The certificates whose keys fit: whose they are is still to be asked.
/// fn fitting(seen: &Checked) -> impl Iterator<Item = &Certificate> {
///     let intact = seen.signatures.iter().filter(|entry| entry.signature.integrity.holds());
///     intact.filter_map(|entry| entry.certificate.as_ref())
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct CheckedSignature {
    /// Integrity, algorithms, claimed time and findings; identity and trust are not filled in yet.
    pub signature: Signature,
    /// The certificate that the signature names and whose key was used.
    pub certificate: Option<Certificate>,
}
