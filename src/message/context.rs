//! What all calls may know and use.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::crypto::Provider;
use crate::error::Error;
use crate::input::{Cancel, Source};
use crate::limits::Limits;
use crate::policy::{Algorithms, Policy, Sending};
use crate::protocol::{Certificate, CertificateSource, KeyHint};
use crate::report::Report;
use crate::time::UnixTime;
use crate::trust::{
    Belief, EvidenceRequest, FetchError, FetchRequest, Fetcher, Memory, TrustModel, TrustStore, memory,
};
#[cfg(feature = "smime")]
use crate::x509::path::SignatureCache;
#[cfg(feature = "smime")]
use crate::x509::{KnownCertificates, RevocationData};

/// What all calls may know and use: trust, certificates, provider, bounds. Cheap to clone, shared by threads.
///
/// It knows no time: `at` goes to each call. All that it learns are certificates, signatures on them and paths that were good
/// ([`SignatureCache`](crate::x509::path::SignatureCache)); clones share them.
///
/// ```
/// use mailseal::{Context, Limits, TrustStore};
/// let cx = Context::new(TrustStore::new()).limits(Limits::default().depth(8));
/// assert_eq!(cx.bounds().depth, 8);
/// ```
#[derive(Clone)]
pub struct Context {
    trust: Arc<dyn TrustModel>,
    /// The same, unless it is a model of the caller's own.
    #[cfg(feature = "archive")]
    store: Option<Arc<TrustStore>>,
    certificates: Vec<Arc<dyn CertificateSource>>,
    provider: Provider,
    limits: Limits,
    algorithms: Algorithms,
    sending: Arc<Sending>,
    #[cfg(feature = "smime")]
    revocations: Arc<RevocationData>,
    /// Of this provider alone.
    #[cfg(feature = "smime")]
    signatures: Arc<SignatureCache>,
    #[cfg(feature = "smime")]
    read: Arc<KnownCertificates>,
    fetcher: Option<Arc<dyn Fetcher>>,
    memory: Option<Arc<dyn Memory>>,
    /// Of one call.
    cancel: Option<Cancel>,
}

impl Context {
    /// A context that trusts what the store says, and nothing else.
    pub fn new(trust: TrustStore) -> Self {
        // An anchor may be the very certificate that a signature names.
        let anchors: Arc<dyn CertificateSource> = Arc::new(trust.certificates());
        let trust = Arc::new(trust);
        Self {
            #[cfg(feature = "archive")]
            store: Some(trust.clone()),
            trust,
            certificates: vec![anchors],
            provider: Provider::default(),
            limits: Limits::default(),
            algorithms: Algorithms::standard(),
            sending: Arc::default(),
            #[cfg(feature = "smime")]
            revocations: Arc::default(),
            #[cfg(feature = "smime")]
            signatures: Arc::default(),
            #[cfg(feature = "smime")]
            read: Arc::default(),
            fetcher: None,
            memory: None,
            cancel: None,
        }
    }

    /// Asks another model of trust instead; [`TrustModel`] shows one.
    #[must_use]
    pub fn trust_model(mut self, model: impl TrustModel + 'static) -> Self {
        self.trust = Arc::new(model);
        #[cfg(feature = "archive")]
        {
            self.store = None;
        }
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
        #[cfg(feature = "smime")]
        {
            self.signatures = Arc::default();
        }
        self
    }

    /// Keeps these bounds.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Remembers so many signatures on certificates that were good ([`Limits::path_cache`]), besides the other bounds.
    ///
    /// ```
    /// use mailseal::{Context, TrustStore};
    /// let gateway = Context::new(TrustStore::new()).path_cache(10_000);
    /// assert_eq!(gateway.bounds().path_cache, 10_000);
    /// ```
    #[must_use]
    pub fn path_cache(mut self, signatures: usize) -> Self {
        self.limits.path_cache = signatures;
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

    /// Relies on the algorithms of a policy, and asks its rules for outgoing mail wherever a letter is composed, planned or
    /// checked.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../examples/letters/alice.rs");
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// # let key = mailseal::Key::load(pem.as_bytes(), mailseal::Password::none())?;
    /// use mailseal::policy::{Policy, Requirement, Sending, SendingRule};
    /// use mailseal::{Composer, Context, TrustStore};
    /// let rule = SendingRule::new("partner").to("*@partner.example".parse()?).require(Requirement::Encrypt);
    /// let policy = Policy::standard().with_sending(Sending::new().rule(rule));
    /// let cx = Context::new(TrustStore::new()).policy(&policy);
    /// let draft = b"From: alice@example.org\r\nTo: bob@partner.example\r\n\r\nHello\r\n";
    /// let refused = Composer::new(&cx).sign(&key).compose(draft, at, &mut Vec::new());
    /// assert!(refused.unwrap_err().to_string().contains("encrypted (partner)"));
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn policy(mut self, policy: &Policy) -> Self {
        self.algorithms = policy.algorithms().clone();
        self.sending = Arc::new(policy.sending().clone());
        self
    }

    /// Looks at these CRLs and OCSP answers too, besides those given before. Those that come with a letter are looked at
    /// anyway.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// use mailseal::x509::RevocationData;
    /// use mailseal::{Context, Opener, Outcome, Policy, Scope, TrustStore};
    /// let trust = TrustStore::new().anchors(include_bytes!("../../examples/letters/strict-ca.pem"), Scope::any())?;
    /// let list = RevocationData::new().with(include_bytes!("../../examples/letters/strict-ca.crl"))?;
    /// let cx = Context::new(trust).revocations(list).revocations(RevocationData::new());
    /// let letter = include_bytes!("../../examples/letters/eve-revoked.eml");
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// let opened = Opener::new(&cx).open(letter, at)?;
    /// assert_eq!(Policy::standard().judge(&opened.report).outcome, Outcome::Bad);
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "smime")]
    #[must_use]
    pub fn revocations(mut self, data: RevocationData) -> Self {
        self.revocations = Arc::new(self.revocations.and(&data));
        self
    }

    /// Lets issuers, CRLs and OCSP answers be fetched. Without one, nothing is, and
    /// [`Report::wants`](crate::Report::wants) says what would have been.
    ///
    /// ```
    /// use mailseal::trust::{FetchError, FetchRequest, Fetcher};
    /// use mailseal::{Context, TrustStore};
    /// struct Offline;
    /// impl Fetcher for Offline {
    ///     fn fetch(&self, _: &FetchRequest<'_>) -> Result<Vec<u8>, FetchError> {
    ///         Err(FetchError::Unavailable)
    ///     }
    /// }
    /// let cx = Context::new(TrustStore::new()).fetcher(Offline);
    /// # let _ = cx;
    /// ```
    #[must_use]
    pub fn fetcher(mut self, fetcher: impl Fetcher + 'static) -> Self {
        self.fetcher = Some(Arc::new(fetcher));
        self
    }

    /// Compares letters with what is remembered of their senders, and trusts the pins in it; [`Memory`] shows one. Nothing
    /// is learned by that: see [`Opened::remember`](crate::Opened::remember).
    ///
    /// ```
    /// # #[cfg(feature = "memory")]
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::sync::Arc;
    /// use mailseal::outside::MemoryFile;
    /// use mailseal::{Context, TrustStore};
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("correspondents");
    /// let memory = Arc::new(MemoryFile::open(&path)?);
    /// let cx = Context::new(TrustStore::new()).memory(memory.clone());
    /// # let _ = cx;
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "memory"))]
    /// # fn main() {}
    /// ```
    #[must_use]
    pub fn memory(mut self, memory: impl Memory + 'static) -> Self {
        self.memory = Some(Arc::new(memory));
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

    /// The rules for outgoing mail.
    pub(crate) fn sending(&self) -> &Sending {
        &self.sending
    }

    /// Whether somebody said yes to mail to this domain.
    pub(crate) fn knows_domain(&self, domain: &str) -> Result<bool, Error> {
        self.memory.as_ref().map_or(Ok(false), |memory| memory.knows_domain(domain))
    }

    /// Somebody said yes to it.
    pub(crate) fn learn_domain(&self, domain: &str, at: UnixTime) -> Result<(), Error> {
        self.memory.as_ref().map_or(Ok(()), |memory| memory.learn_domain(domain, at))
    }

    /// The same, asking and remembering nobody.
    pub(crate) fn alone(&self) -> Self {
        Self { fetcher: None, memory: None, ..self.clone() }
    }

    pub(crate) fn trust(&self) -> &dyn TrustModel {
        &*self.trust
    }

    /// The same for a call that reads this letter at a time, when an exception may be over.
    pub(crate) fn reading_at(&self, source: &Source<'_>, at: UnixTime) -> Cow<'_, Self> {
        let cx = self.reading(source);
        if !self.algorithms.is_dated() {
            return cx;
        }
        let mut cx = cx.into_owned();
        cx.algorithms = self.algorithms.at(at);
        Cow::Owned(cx)
    }

    /// The same for a call that reads this letter, which somebody may cancel.
    pub(crate) fn reading(&self, source: &Source<'_>) -> Cow<'_, Self> {
        let Some(cancel) = source.cancel() else { return Cow::Borrowed(self) };
        let mut cx = self.clone();
        cx.cancel = Some(cancel.clone());
        if let Some(fetcher) = cx.fetcher.take() {
            cx.fetcher = Some(Arc::new(Until { fetcher, cancel: cancel.clone() }));
        }
        Cow::Owned(cx)
    }

    /// An error once the call is cancelled.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.cancel.as_ref().map_or(Ok(()), Cancel::check)
    }

    /// What trust and the pins in memory say.
    pub(crate) fn believe(&self, request: &EvidenceRequest<'_>) -> Result<Belief, Error> {
        self.check()?;
        let belief = self.trust.evidence(request)?;
        match &self.memory {
            Some(memory) => memory::believe(belief, &**memory, request),
            None => Ok(belief),
        }
    }

    /// Adds what is unusual, by what is remembered.
    pub(crate) fn compare(&self, report: &mut Report) -> Result<(), Error> {
        match &self.memory {
            Some(memory) => memory::note(&**memory, &self.limits, report),
            None => Ok(()),
        }
    }

    #[cfg(feature = "smime")]
    pub(crate) fn known_revocations(&self) -> &RevocationData {
        &self.revocations
    }

    #[cfg(feature = "smime")]
    pub(crate) fn known_signatures(&self) -> &SignatureCache {
        &self.signatures
    }

    #[cfg(feature = "smime")]
    pub(crate) fn known_certificates(&self) -> &KnownCertificates {
        &self.read
    }

    /// What it trusts, where that can be written down.
    #[cfg(feature = "archive")]
    pub(crate) fn store(&self) -> Option<&TrustStore> {
        self.store.as_deref()
    }

    #[cfg(feature = "archive")]
    pub(crate) fn remembering(&self) -> Option<&dyn Memory> {
        self.memory.as_deref()
    }

    /// Looks for certificates there and nowhere else, not even among the anchors.
    #[cfg(feature = "archive")]
    pub(crate) fn only_certificates(mut self, source: impl CertificateSource + 'static) -> Self {
        self.certificates = vec![Arc::new(source)];
        self
    }

    pub(crate) fn fetching(&self) -> Option<&dyn Fetcher> {
        self.fetcher.as_deref()
    }
}

impl CertificateSource for Context {
    fn candidates(&self, hint: &KeyHint<'_>) -> Result<Vec<Certificate>, Error> {
        self.check()?;
        let mut found = Vec::new();
        for source in &self.certificates {
            found.extend(source.candidates(hint)?);
        }
        #[cfg(feature = "openpgp")]
        if let Some(handle) = hint.openpgp.filter(|_| found.len() > self.limits.certificates) {
            // Anybody may bind a copy of somebody's key to theirs.
            let owns = |one: &Certificate| matches!(one, Certificate::Openpgp(one) if one.owns(handle));
            found.sort_by_cached_key(|one| !owns(one));
        }
        found.truncate(self.limits.certificates);
        Ok(found)
    }
}

/// Fetches nothing more once it is cancelled.
struct Until {
    fetcher: Arc<dyn Fetcher>,
    cancel: Cancel,
}

impl Fetcher for Until {
    fn fetch(&self, request: &FetchRequest<'_>) -> Result<Vec<u8>, FetchError> {
        self.cancel.check().map_err(|_| FetchError::Unavailable)?;
        self.fetcher.fetch(request)
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("provider", &self.provider.name).finish_non_exhaustive()
    }
}
