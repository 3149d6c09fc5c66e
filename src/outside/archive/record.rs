//! Opening a letter with an eye on all that is used for it.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::manifest::{Alike, Recalled, Remembered, Sending};
use super::write;
use crate::error::Error;
use crate::input::{Input, Source};
use crate::message::{Context, Opened, Opener, save};
use crate::mime::Address;
use crate::policy::Policy;
use crate::protocol::{Certificate, CertificateSource, KeyHint};
use crate::report::{DomainEvidence, DomainSource, FetchPurpose};
use crate::time::UnixTime;
use crate::trust::{
    Belief, Correspondent, EvidenceRequest, FetchError, FetchRequest, Fetcher, Lesson, Memory, TrustModel,
};

/// A letter that was looked at, and all that was used for it.
///
/// Letters are opened without keys: what is inside an encryption could be shown to others only with the plaintext or
/// the key, and an archive has neither.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "smime")] {
/// use mailseal::outside::{EvidenceArchive, EvidenceRecord, WhoseTrust};
/// use mailseal::{Context, Outcome, Policy, Scope, TrustStore};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("evidence.tar");
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// let anchors = include_bytes!("../../../examples/letters/openssl-ca.pem");
/// let letter = include_bytes!("../../../examples/letters/openssl.eml");
/// let cx = Context::new(TrustStore::new().anchors(anchors, Scope::any())?);
/// let record = EvidenceRecord::open(&cx, letter, at)?;
/// record.save(&Policy::standard(), &path)?;
///
/// // Years later, by somebody who need not take the archive's word for whom to trust.
/// let archive = EvidenceArchive::open(&path)?;
/// let mine = TrustStore::new().anchors(anchors, Scope::domain("example.com")?)?;
/// let checked = archive.check_with(&Policy::standard(), mine)?;
/// assert_eq!((checked.is_same(), checked.whose), (true, WhoseTrust::Yours));
/// assert_eq!(checked.verdict.map(|verdict| verdict.outcome), Some(Outcome::Good));
/// # }
/// # Ok(())
/// # }
/// ```
pub struct EvidenceRecord<'a> {
    /// As [`Opener::open`] gives it.
    pub opened: Opened<'a>,
    pub(super) letter: Source<'a>,
    pub(super) cx: Context,
    pub(super) at: UnixTime,
    pub(super) used: Used,
    pub(super) sending: Sending,
}

/// What was used of a context.
#[derive(Default)]
pub(super) struct Used {
    pub(super) certificates: Vec<Certificate>,
    /// Where they are, by fingerprint: a Web of Trust has thousands.
    places: HashMap<String, Vec<usize>>,
    pub(super) addresses: Vec<Address>,
    pub(super) fetched: Vec<Answer>,
    pub(super) remembered: Option<Remembered>,
}

impl Used {
    fn keep(&mut self, one: &Certificate) {
        let places = self.places.entry(one.fingerprint()).or_default();
        if !places.iter().any(|place| self.certificates.get(*place) == Some(one)) {
            places.push(self.certificates.len());
            self.certificates.push(one.clone());
        }
    }
}

/// What the network was asked, and said.
pub(super) struct Answer {
    pub(super) purpose: FetchPurpose,
    pub(super) url: String,
    pub(super) body: Vec<u8>,
    pub(super) octets: Result<Vec<u8>, FetchError>,
}

impl<'a> EvidenceRecord<'a> {
    /// Looks at a letter, at a time, as [`Opener::open`] does. [`Error::Misuse`] if the context asks a
    /// [`TrustModel`] of the caller's own, which cannot be written down.
    pub fn open(cx: &Context, input: impl Into<Input<'a>>, at: impl Into<UnixTime>) -> Result<Self, Error> {
        Self::open_as(&Opener::new(cx), input, at)
    }

    /// The same with the context of an opener, and the fields of the header that it trusts
    /// ([`Opener::trusted_results`], [`Opener::trusted_hops`]); its keys are not used.
    ///
    /// ```
    /// use mailseal::outside::EvidenceRecord;
    /// use mailseal::{Context, Opener, TrustStore, UnixTime};
    /// let opener = Opener::new(&Context::new(TrustStore::new())).trusted_hops(1);
    /// let letter = b"Received: from a.example by mx.example.org with ESMTPS\r\nFrom: a@b.example\r\n\r\nHello\r\n";
    /// let record = EvidenceRecord::open_as(&opener, letter, UnixTime::from_seconds(1_800_000_000))?;
    /// assert_eq!(record.opened.report.transport.as_ref().unwrap().hops[0].tls, Some(true));
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    pub fn open_as(
        opener: &Opener,
        input: impl Into<Input<'a>>,
        at: impl Into<UnixTime>,
    ) -> Result<Self, Error> {
        let (at, cx) = (at.into(), opener.context());
        if cx.store().is_none() {
            return Err(Error::misuse("only trust by a TrustStore can be written down as evidence"));
        }
        if UnixTime::read(&at.to_string()) != Some(at) {
            return Err(Error::misuse(format!("{at} is no time of evidence")));
        }
        let letter = input.into().load(cx.bounds())?;
        let watched = Watched { cx: cx.clone(), used: Arc::default() };
        let used = Arc::clone(&watched.used);
        let sending = Sending::of(opener);
        let opened = sending.opener(Opener::new(&watched.context()))?.open_source(letter.clone(), at)?;
        let used = std::mem::take(&mut *locked(&used));
        Ok(Self { opened, letter, cx: cx.clone(), at, used, sending })
    }

    /// Writes the archive, with the verdict of a policy: all of it, or no file. The policy is written down by name; a
    /// verdict of one that was changed can be had again only with the same changes.
    ///
    /// It names all anchors of the store, and what a memory said of the sender and those who look alike: look at it
    /// before it is handed on.
    pub fn save(&self, policy: &Policy, path: impl AsRef<Path>) -> Result<(), Error> {
        let checked = |domain: &DomainEvidence| domain.source == DomainSource::Checked;
        if self.sending.dns.is_none() && self.opened.report.domain.as_ref().is_some_and(checked) {
            return Err(Error::misuse("what the DNS said is kept only by EvidenceRecord::check_domain"));
        }
        let verdict = policy.judge(&self.opened.report);
        save(path.as_ref(), |out| write::archive(self, &verdict, out))
    }
}

impl fmt::Debug for EvidenceRecord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EvidenceRecord").field("at", &self.at).finish_non_exhaustive()
    }
}

/// A context that is asked in place of another, and keeps what that one says.
#[derive(Clone)]
struct Watched {
    cx: Context,
    used: Arc<Mutex<Used>>,
}

fn locked(used: &Mutex<Used>) -> MutexGuard<'_, Used> {
    used.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watched {
    fn context(&self) -> Context {
        let cx = self.cx.clone().trust_model(self.clone()).only_certificates(self.clone());
        let cx = if self.cx.fetching().is_some() { cx.fetcher(self.clone()) } else { cx };
        if self.cx.remembering().is_some() { cx.memory(self.clone()) } else { cx }
    }

    fn used(&self) -> MutexGuard<'_, Used> {
        locked(&self.used)
    }
}

impl CertificateSource for Watched {
    fn candidates(&self, hint: &KeyHint<'_>) -> Result<Vec<Certificate>, Error> {
        let found = self.cx.candidates(hint)?;
        let mut used = self.used();
        for one in &found {
            used.keep(one);
        }
        Ok(found)
    }
}

impl TrustModel for Watched {
    fn evidence(&self, request: &EvidenceRequest<'_>) -> Result<Belief, Error> {
        {
            let mut used = self.used();
            if !used.addresses.contains(request.address) {
                used.addresses.push(request.address.clone());
            }
        }
        self.cx.trust().evidence(request)
    }

    fn anchors(&self) -> usize {
        self.cx.trust().anchors()
    }
}

impl Fetcher for Watched {
    /// What was asked before is answered as before, so that there is one answer to write down.
    fn fetch(&self, request: &FetchRequest<'_>) -> Result<Vec<u8>, FetchError> {
        let same = |known: &&Answer| {
            known.purpose == request.purpose && known.url == request.url && known.body == request.body
        };
        if let Some(known) = self.used().fetched.iter().find(same) {
            return known.octets.clone();
        }
        let fetcher = self.cx.fetching().ok_or(FetchError::Refused)?;
        let octets = fetcher.fetch(request);
        // More than that is not looked at either.
        let octets = octets.and_then(|octets| match u64::try_from(octets.len()) {
            Ok(length) if length <= request.max_bytes => Ok(octets),
            _ => Err(FetchError::Unavailable),
        });
        self.used().fetched.push(Answer {
            purpose: request.purpose,
            url: request.url.to_owned(),
            body: request.body.to_vec(),
            octets: octets.clone(),
        });
        octets
    }
}

impl Memory for Watched {
    fn recall(&self, address: &Address) -> Result<Option<Correspondent>, Error> {
        let found = self.cx.remembering().map(|memory| memory.recall(address)).transpose()?.flatten();
        let recalled = Recalled { key: Correspondent::key(address), found: found.clone() };
        self.used().remembered.get_or_insert_default().recalled.push(recalled);
        Ok(found)
    }

    fn alike(&self, marks: &[String], most: usize) -> Result<Vec<Correspondent>, Error> {
        let found = self.cx.remembering().map(|memory| memory.alike(marks, most)).transpose()?;
        let found = found.unwrap_or_default();
        let alike = Alike { marks: marks.to_vec(), most, found: found.clone() };
        self.used().remembered.get_or_insert_default().alike.push(alike);
        Ok(found)
    }

    /// Nothing is learned by looking.
    fn learn(&self, _: &Lesson) -> Result<(), Error> {
        Ok(())
    }
}
