//! Certification paths: found and validated (RFC 5280 §6, RFC 4158) for S/MIME (RFC 8550 §4).
//!
//! - [`find`]: from a certificate to one of the anchors that the caller names.
//! - [`PathOutcome`]: the path, or what was tried and why it is none, the most telling first.
//!
//! ```text
//! leaf ◄─signed by─ intermediate ◄─signed by─ … ◄─signed by─ anchor
//! ```
//!
//! An anchor need not sign itself. What it says about itself (basicConstraints, keyUsage, extKeyUsage, pathLenConstraint,
//! nameConstraints, validity) counts (RFC 5937). A certificate that is itself an anchor is its own path; that does not
//! let it issue others. Certificates of version 1 issue nothing.
//!
//! Certificate policies: every one is acceptable, unless [`PolicySettings`] say otherwise; where a certificate requires
//! one (requireExplicitPolicy), the path must have one. Revocation: of each certificate below the anchor, by what is given
//! ([`PathRequest::revocations`]); what is not known is no obstacle here, and told ([`Path::revocation`]).

mod cache;
mod checks;
mod error;
mod known_paths;
mod policy;
mod profile;
mod search;
#[cfg(test)]
mod tests;

use crate::crypto::{Provider, PublicKey, SignatureAlgorithm, algorithm};
use crate::limits::Limits;
use crate::time::UnixTime;
use crate::x509::revocation::{self, Status};
use crate::x509::{Certificate, KeyUsage, RevocationData};

pub use cache::SignatureCache;
pub use error::{Constraint, PathError, Weakness};
pub use policy::PolicySettings;
pub use profile::Departure;

/// What a certificate is to be good for.
///
/// ```
/// # use mailseal::x509::path::{Purpose, PathRequest, find};
/// # use mailseal::{Limits, UnixTime, crypto::Provider, x509::Certificate};
/// # let anchors = Certificate::load_pem_or_der(include_bytes!("../../../examples/letters/openssl-ca.pem"))?;
/// # let (provider, limits) = (Provider::default(), Limits::default());
/// # let at = UnixTime::from_seconds(1_800_000_000);
/// # let request = PathRequest::new(&anchors[0], &anchors, Purpose::EmailEncryption, at, &provider, &limits);
/// let signing = PathRequest::new(&anchors[0], &anchors, Purpose::EmailSigning, at, &provider, &limits);
/// let encrypting = PathRequest::new(&anchors[0], &anchors, Purpose::EmailEncryption, at, &provider, &limits);
/// // The key usage of an authority says that it signs certificates: neither is what it is for.
/// assert!(find(&signing).valid.is_none() && find(&encrypting).valid.is_none());
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Purpose<'a> {
    /// Signatures on mail: digitalSignature or nonRepudiation (RFC 8550 §4.4.2), emailProtection (§4.4.4).
    EmailSigning,
    /// Encrypting mail to its holder: keyEncipherment or keyAgreement.
    EmailEncryption,
    /// CRLs of another authority: cRLSign (RFC 5280 §6.3.3 (f)); only a certificate authority may be without keyUsage.
    CrlSigning,
    /// Something else, for gateways that check more than mail. The name that it should be for is for the caller to
    /// compare.
    ///
    /// ```
    /// use mailseal::x509::{KeyUsage, path::Purpose};
    /// let tls_server = Purpose::Other {
    ///     ext_key_usage: Some("1.3.6.1.5.5.7.3.1"),
    ///     key_usage: Some(KeyUsage::DIGITAL_SIGNATURE.or(KeyUsage::KEY_ENCIPHERMENT)),
    /// };
    /// # let _ = tls_server;
    /// ```
    Other {
        /// What extKeyUsage must hold where it is there, in the leaf and above: this, dotted, or anyExtendedKeyUsage.
        ext_key_usage: Option<&'a str>,
        /// Of what the leaf's keyUsage must hold one where it is there.
        key_usage: Option<KeyUsage>,
    },
}

/// What to look for.
///
/// ```
/// use mailseal::x509::path::{Purpose, PathRequest, find};
/// use mailseal::{Limits, UnixTime, crypto::Provider, x509::Certificate};
/// let anchors = Certificate::load_pem_or_der(include_bytes!("../../../examples/letters/openssl-ca.pem"))?;
/// let (provider, limits) = (Provider::default(), Limits::default());
/// let at = UnixTime::from_seconds(1_800_000_000);
/// let request = PathRequest::new(&anchors[0], &anchors, Purpose::EmailEncryption, at, &provider, &limits);
/// for attempt in find(&request).rejected {
///     println!("{}", attempt.reason);
/// }
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct PathRequest<'a> {
    /// Where the path starts.
    pub leaf: &'a Certificate,
    /// Certificates that may lie between; nothing is believed of them. Order and strangers do not matter.
    pub intermediates: &'a [Certificate],
    /// Where the path may end.
    pub anchors: &'a [Certificate],
    /// When all its certificates must be valid.
    pub at: UnixTime,
    /// What for.
    pub purpose: Purpose<'a>,
    /// Under which certificate policies.
    pub policies: &'a PolicySettings,
    /// Signatures and paths that were found good before.
    pub signatures: Option<&'a SignatureCache>,
    /// Who checks the signatures.
    pub provider: &'a Provider,
    /// `path_depth`, `path_signatures`, `path_candidates`, `path_names`, `revocation_signatures`, `crl_issuers`,
    /// `revocations`.
    pub limits: &'a Limits,
    /// CRLs and OCSP answers; nothing is believed of them.
    pub revocations: &'a RevocationData,
    /// What a valid path must keep besides.
    pub(crate) keeps: Option<Keeps<'a>>,
}

/// What a path must keep that only a complete one tells; of those that do not, the search goes on to the next.
#[derive(Clone, Copy)]
pub(crate) struct Keeps<'a>(pub(crate) &'a dyn Fn(&Path) -> bool);

impl std::fmt::Debug for Keeps<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keeps")
    }
}

impl<'a> PathRequest<'a> {
    /// A request without intermediates.
    pub fn new(
        leaf: &'a Certificate,
        anchors: &'a [Certificate],
        purpose: Purpose<'a>,
        at: UnixTime,
        provider: &'a Provider,
        limits: &'a Limits,
    ) -> Self {
        Self {
            leaf,
            intermediates: &[],
            anchors,
            at,
            purpose,
            policies: &policy::ANY_SETTINGS,
            revocations: &revocation::NOTHING,
            signatures: None,
            provider,
            limits,
            keeps: None,
        }
    }

    /// Certificates that may lie between.
    #[must_use]
    pub fn intermediates(self, intermediates: &'a [Certificate]) -> Self {
        Self { intermediates, ..self }
    }

    /// Under these certificate policies only.
    ///
    /// ```
    /// # use mailseal::x509::path::{PathError, PolicySettings, Purpose, PathRequest, find};
    /// # use mailseal::{Limits, UnixTime, crypto::Provider, x509::Certificate};
    /// # let anchors = Certificate::load_pem_or_der(include_bytes!("../../../examples/letters/openssl-ca.pem"))?;
    /// # let (provider, limits) = (Provider::default(), Limits::default());
    /// # let at = UnixTime::from_seconds(1_800_000_000);
    /// # let request = PathRequest::new(&anchors[0], &anchors, Purpose::Other { ext_key_usage: None, key_usage: None }, at, &provider, &limits);
    /// // An anchor by itself is good for every policy.
    /// let settings = PolicySettings::new().accept(["1.3.6.1.4.1.5.6"]).require();
    /// let path = find(&request.policies(&settings)).valid.unwrap();
    /// assert_eq!(path.policies, ["1.3.6.1.4.1.5.6"]);
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    #[must_use]
    pub fn policies(self, policies: &'a PolicySettings) -> Self {
        Self { policies, ..self }
    }

    /// CRLs and OCSP answers that say which certificates are revoked. Who signed them has to follow from the same anchor;
    /// certificates for that are looked for among the intermediates too.
    ///
    /// ```
    /// # #[cfg(any(feature = "aws-lc", feature = "rust-crypto"))] {
    /// use mailseal::x509::path::{PathRequest, Purpose, find};
    /// use mailseal::x509::{Certificate, RevocationData};
    /// use mailseal::{Limits, UnixTime, crypto::Provider};
    /// let authority = Certificate::load_pem_or_der(include_bytes!("../../../examples/letters/strict-ca.pem"))?;
    /// let eve = Certificate::load_pem_or_der(include_bytes!("../../../examples/letters/eve-revoked.pem"))?.remove(0);
    /// let crl = RevocationData::new().with(include_bytes!("../../../examples/letters/strict-ca.crl"))?;
    /// let (provider, limits, at) = (Provider::default(), Limits::default(), UnixTime::from_seconds(1_800_000_000));
    /// let request = PathRequest::new(&eve, &authority, Purpose::EmailSigning, at, &provider, &limits);
    /// assert!(find(&request).valid.is_some(), "nobody says otherwise");
    /// let why = find(&request.revocations(&crl)).rejected.remove(0).reason;
    /// assert_eq!(why.to_string(), "the certificate of Eve Young was revoked on 2026-11-22: keyCompromise");
    /// # }
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    #[must_use]
    pub fn revocations(self, revocations: &'a RevocationData) -> Self {
        Self { revocations, ..self }
    }

    /// Asks and fills this memory of good signatures and paths.
    #[must_use]
    pub fn signatures(self, signatures: &'a SignatureCache) -> Self {
        Self { signatures: Some(signatures), ..self }
    }
}

/// What was found.
///
/// ```
/// # use mailseal::x509::path::{Purpose, PathRequest, find};
/// # use mailseal::{Limits, UnixTime, crypto::Provider, x509::Certificate};
/// # let anchors = Certificate::load_pem_or_der(include_bytes!("../../../examples/letters/openssl-ca.pem"))?;
/// # let (provider, limits) = (Provider::default(), Limits::default());
/// # let at = UnixTime::from_seconds(1_800_000_000);
/// # let request = PathRequest::new(&anchors[0], &anchors, Purpose::EmailEncryption, at, &provider, &limits);
/// let outcome = find(&request);
/// match (&outcome.valid, outcome.rejected.first()) {
///     (Some(path), _) => println!("{} certificates", path.certificates.len()),
///     (None, Some(attempt)) => println!("no: {}", attempt.reason),
///     (None, None) => println!("nobody known issued it"),
/// }
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct PathOutcome {
    /// The first path in which everything is right.
    pub valid: Option<Path>,
    /// All else that was tried, the most telling first: no more than two for each candidate issuer looked at.
    pub rejected: Vec<RejectedPath>,
    /// What it took.
    pub work: Work,
}

/// What a search took, of the limits of the same names.
///
/// ```
/// # use mailseal::x509::path::{Purpose, PathRequest, find};
/// # use mailseal::{Limits, UnixTime, crypto::Provider, x509::Certificate};
/// # let anchors = Certificate::load_pem_or_der(include_bytes!("../../../examples/letters/openssl-ca.pem"))?;
/// # let (provider, limits) = (Provider::default(), Limits::default());
/// # let at = UnixTime::from_seconds(1_800_000_000);
/// # let request = PathRequest::new(&anchors[0], &anchors, Purpose::EmailEncryption, at, &provider, &limits);
/// // An anchor is its own path.
/// assert_eq!(find(&request).work.path_signatures, 0);
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Work {
    /// Signatures that were checked or remembered.
    pub path_signatures: usize,
    /// Candidate issuers that were looked at.
    pub path_candidates: usize,
    /// Comparisons of names and policies.
    pub path_names: usize,
}

/// A valid path.
///
/// ```
/// use mailseal::x509::path::{Path, Weakness};
/// /// Good enough today: no SHA-1, no short keys.
/// fn is_strong(path: &Path) -> bool {
///     !path.weak.iter().any(|weak| matches!(weak, Weakness::Hash { .. } | Weakness::ShortKey { .. }))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// From the leaf to the anchor; a single one where the leaf is the anchor.
    pub certificates: Vec<Certificate>,
    /// What in it is weak by today's measure.
    pub weak: Vec<Weakness>,
    /// What is known of the revocation of each certificate below the anchor, from the leaf on; none is revoked.
    pub revocation: Vec<Status>,
    /// Where its certificates depart from the profile of RFC 5280 in what does not harm a path.
    pub departures: Vec<Departure>,
    /// The certificate policies that it is valid for, dotted, in the words of the anchor: user-constrained-policy-set (RFC
    /// 9618 §5.6). anyPolicy, `2.5.29.32.0`, stands for all; none is a path that names none.
    pub policies: Vec<String>,
}

impl Path {
    /// Where it ends.
    pub fn anchor(&self) -> Option<&Certificate> {
        self.certificates.last()
    }

    /// The algorithm by which one of its certificates, counted from the leaf, was found signed; `None` for the anchor,
    /// whose signature is not looked at.
    pub fn algorithm(&self, at: usize) -> Option<SignatureAlgorithm> {
        let issuer = self.certificates.get(at.checked_add(1)?)?;
        let key = issuer.public_key().ok().map(PublicKey::algorithm);
        algorithm::signature(self.certificates.get(at)?.signature_algorithm(), None, key).ok()
    }
}

/// What is no valid path.
///
/// ```
/// # use mailseal::x509::path::{Purpose, PathRequest, find};
/// # use mailseal::{Limits, UnixTime, crypto::Provider, x509::Certificate};
/// # let anchors = Certificate::load_pem_or_der(include_bytes!("../../../examples/letters/openssl-ca.pem"))?;
/// # let (provider, limits) = (Provider::default(), Limits::default());
/// # let at = UnixTime::from_seconds(1_800_000_000);
/// # let request = PathRequest::new(&anchors[0], &anchors, Purpose::EmailEncryption, at, &provider, &limits);
/// // What an attacker cannot have brought about, else the best guess.
/// let outcome = find(&request);
/// let told = outcome.rejected.iter().find(|attempt| attempt.anchored).or(outcome.rejected.first());
/// assert!(told.is_some());
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedPath {
    /// From the leaf as far as it was looked at.
    pub certificates: Vec<Certificate>,
    /// It ends at an anchor and all signatures in it are right: `reason` is then the only thing wrong, or the worst of
    /// several, and no stranger can have brought it about. Otherwise the reason is a hint only.
    pub anchored: bool,
    /// Why.
    pub reason: PathError,
}

/// Looks for a valid path. The same request gives the same outcome.
///
/// ```
/// # #[cfg(any(feature = "aws-lc", feature = "rust-crypto"))] {
/// use mailseal::x509::path::{Purpose, PathRequest, find};
/// use mailseal::{Limits, UnixTime, crypto::Provider, x509::Certificate};
///
/// fn known(leaf: &Certificate, between: &[Certificate], anchors: &[Certificate], at: UnixTime) -> bool {
///     let (provider, limits) = (Provider::default(), Limits::default());
///     let request = PathRequest::new(leaf, anchors, Purpose::EmailSigning, at, &provider, &limits);
///     find(&request.intermediates(between)).valid.is_some()
/// }
/// # }
/// ```
pub fn find(request: &PathRequest<'_>) -> PathOutcome {
    let known = request.signatures.map(|memory| &memory.paths);
    if let Some(outcome) = known.and_then(|known| known.get(request)) {
        return outcome;
    }
    let outcome = search::Search::new(request).run();
    if let Some(known) = known {
        known.insert(request, &outcome);
    }
    outcome
}
