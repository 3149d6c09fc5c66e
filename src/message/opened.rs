//! What comes out of a letter: a report, a payload, and perhaps a proof.

use std::io::{self, BufRead, Write};
use std::ops::Range;
use std::path::Path;

use crate::error::Error;
use crate::input::Source;
use crate::mime::Address;
use crate::policy::Policy;
use crate::protocol::Certificate;
use crate::report::Report;
use crate::trust::{Lesson, Memory};

/// A letter that was looked at.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "smime")] {
/// # use mailseal::{Context, Opener, Policy, Scope, TrustStore};
/// # let trust = TrustStore::new().anchors(include_bytes!("../../examples/letters/openssl-ca.pem"), Scope::any())?;
/// # let opener = Opener::new(&Context::new(trust));
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// let opened = opener.open(include_bytes!("../../examples/letters/openssl.eml"), at)?;
/// // Show it …
/// println!("{}", Policy::standard().judge(&opened.report).text(&opened.report));
/// // … or act on it.
/// if let Some(letter) = opened.require(&Policy::standard(), &"alice@example.com".parse()?) {
///     println!("{} octets from {}", letter.payload.length(), letter.sender);
/// }
/// # assert!(opened.require(&Policy::standard(), &"alice@example.com".parse()?).is_some());
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Opened<'a> {
    /// What was seen.
    pub report: Report,
    pub(crate) payload: Option<Payload<'a>>,
    pub(crate) certificates: Vec<Certificate>,
    /// The letter as it came, and where in it its header is.
    pub(crate) letter: Option<(Source<'a>, Range<u64>)>,
}

impl<'a> Opened<'a> {
    /// The certificates that came with the letter: in its signatures, and in an Autocrypt header field for its From
    /// address. Nobody vouches for them: they are candidates, and keeping them makes nobody trusted (threats A9).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(feature = "smime")] {
    /// # use mailseal::{Context, Opener, TrustStore};
    /// use mailseal::CertificatePool;
    /// # let opener = Opener::new(&Context::new(TrustStore::new()));
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// let mut known = CertificatePool::new();
    /// let opened = opener.open(include_bytes!("../../examples/letters/openssl.eml"), at)?;
    /// for certificate in opened.certificates() {
    ///     known.add(certificate.clone());
    /// }
    /// # assert!(!opened.certificates().is_empty());
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// What the envelope wraps: the octets that its signatures were checked over, header and body of one entity. For a
    /// letter without an envelope, the letter. Nothing where a layer of the envelope stayed encrypted. Says nothing about
    /// whether a signature held.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(feature = "smime")] {
    /// # use mailseal::{Context, Opener, Policy, Scope, TrustStore};
    /// # let trust = TrustStore::new().anchors(include_bytes!("../../examples/letters/openssl-ca.pem"), Scope::any())?;
    /// # let opener = Opener::new(&Context::new(trust));
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// let opened = opener.open(include_bytes!("../../examples/letters/openssl.eml"), at)?;
    /// # let folder = tempfile::tempdir()?;
    /// // All of it, or no file. Not the letter, but what is signed in it.
    /// if let Some(payload) = opened.payload() {
    ///     payload.save(folder.path().join("signed-part.eml"))?;
    /// }
    /// # assert!(std::fs::read(folder.path().join("signed-part.eml"))?.starts_with(b"Content-Type: text/plain"));
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn payload(&self) -> Option<&Payload<'a>> {
        self.payload.as_ref()
    }

    /// The letter if it is `good` and from that sender, otherwise nothing. There is no other way to a [`Verified`].
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(feature = "smime")] {
    /// # use mailseal::{Context, Opener, Policy, Scope, TrustStore};
    /// # let trust = TrustStore::new().anchors(include_bytes!("../../examples/letters/openssl-ca.pem"), Scope::any())?;
    /// # let opener = Opener::new(&Context::new(trust));
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// let opened = opener.open(include_bytes!("../../examples/letters/openssl.eml"), at)?;
    /// let alice = "alice@example.com".parse()?;
    /// match opened.require(&Policy::standard(), &alice) {
    ///     Some(letter) => println!("book it: {}", String::from_utf8_lossy(&letter.payload.octets(1 << 20)?)),
    ///     None => println!("hold it: {:?}", Policy::standard().judge(&opened.report).reasons),
    /// }
    /// # assert!(opened.require(&Policy::standard(), &alice).is_some());
    /// assert!(opened.require(&Policy::standard(), &"mallory@example.com".parse()?).is_none());
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn require(&self, policy: &Policy, sender: &Address) -> Option<Verified<'_, 'a>> {
        let payload = self.payload.as_ref()?;
        policy.judge_for(&self.report, sender).then(|| Verified { payload, sender: sender.clone() })
    }
}

impl Opened<'_> {
    /// Lets a memory learn from the letter: whom it is from, who signed it. To be called once for each letter, when it
    /// was decided what it is worth. Nothing is learned from a letter whose signature is broken, and little from one that
    /// anybody could have written: [`Lesson`].
    ///
    /// ```
    /// # #[cfg(all(feature = "memory", feature = "smime"))]
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use mailseal::{Context, Opener, Scope, TrustStore};
    /// # use mailseal::outside::MemoryFile;
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("correspondents");
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// # let anchors = include_bytes!("../../examples/letters/openssl-ca.pem");
    /// # let letter = include_bytes!("../../examples/letters/openssl.eml");
    /// let memory = std::sync::Arc::new(MemoryFile::open(&path)?);
    /// let trust = TrustStore::new().anchors(anchors, Scope::any())?;
    /// let opened = Opener::new(&Context::new(trust).memory(memory.clone())).open(letter, at)?;
    /// // … shown, and kept …
    /// opened.remember(&memory)?;
    /// let alice = &memory.list()?[0];
    /// assert_eq!((alice.address.to_string().as_str(), alice.signed_in_row), ("alice@example.com", 1));
    /// # Ok(())
    /// # }
    /// # #[cfg(not(all(feature = "memory", feature = "smime")))]
    /// # fn main() {}
    /// ```
    pub fn remember(&self, memory: &(impl Memory + ?Sized)) -> Result<(), Error> {
        let lessons = Lesson::of(&self.report).into_iter().chain(Lesson::gossip(&self.report));
        lessons.into_iter().try_for_each(|lesson| memory.learn(&lesson))
    }
}

/// Proof that a letter is `good`, by a policy and for a sender that the caller named.
///
/// ```
/// use mailseal::Verified;
/// /// Nothing but a letter that was verified can be booked.
/// fn book(invoice: &Verified<'_, '_>) -> Result<(), mailseal::Error> {
///     invoice.payload.save(format!("invoices/{}.eml", invoice.sender.domain()))
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Verified<'o, 'a> {
    /// The octets that were verified.
    pub payload: &'o Payload<'a>,
    /// From whom it is.
    pub sender: Address,
}

/// One MIME entity, header and body, exactly as it was checked. All of it comes out, or none.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "smime")] {
/// # use mailseal::{Context, Opener, Policy, Scope, TrustStore};
/// # let trust = TrustStore::new().anchors(include_bytes!("../../examples/letters/openssl-ca.pem"), Scope::any())?;
/// # let opener = Opener::new(&Context::new(trust));
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// let opened = opener.open(include_bytes!("../../examples/letters/openssl.eml"), at)?;
/// use std::io::BufRead;
/// let payload = opened.payload().unwrap();
/// let lines = payload.reader()?.lines().collect::<Result<Vec<_>, _>>()?;
/// assert!(lines.contains(&"the parcel leaves on Monday.".to_owned()));
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Payload<'a> {
    pub(crate) source: Source<'a>,
    pub(crate) range: Range<u64>,
}

impl Payload<'_> {
    /// Its length in octets.
    pub fn length(&self) -> u64 {
        self.range.end.saturating_sub(self.range.start)
    }

    /// Reads it. An error in the middle, such as a file that has changed, means that nothing of it may be used.
    pub fn reader(&self) -> Result<Box<dyn BufRead + '_>, Error> {
        self.source.reader(self.range.clone())
    }

    /// All of it, if it has at most `limit` octets.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(feature = "smime")] {
    /// # use mailseal::{Context, Opener, Policy, Scope, TrustStore};
    /// # let trust = TrustStore::new().anchors(include_bytes!("../../examples/letters/openssl-ca.pem"), Scope::any())?;
    /// # let opener = Opener::new(&Context::new(trust));
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// let opened = opener.open(include_bytes!("../../examples/letters/openssl.eml"), at)?;
    /// let payload = opened.payload().unwrap();
    /// assert!(payload.octets(10).is_err(), "more than that");
    /// assert_eq!(payload.octets(1 << 20)?.len() as u64, payload.length());
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn octets(&self, limit: usize) -> Result<Vec<u8>, Error> {
        self.source.read(self.range.clone(), limit, "payload")
    }

    /// Writes all of it.
    pub fn write(&self, out: &mut dyn Write) -> Result<(), Error> {
        self.source.unless_cancelled(|| {
            let copied = io::copy(&mut self.reader()?, out).map_err(Error::io("writing the payload"))?;
            if copied == self.length() { Ok(()) } else { Err(Error::InputChanged) }
        })
    }

    /// Writes all of it to a file; the file appears when all of it is there, or not at all.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(feature = "smime")] {
    /// # use mailseal::{Context, Opener, Policy, Scope, TrustStore};
    /// # let trust = TrustStore::new().anchors(include_bytes!("../../examples/letters/openssl-ca.pem"), Scope::any())?;
    /// # let opener = Opener::new(&Context::new(trust));
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// let opened = opener.open(include_bytes!("../../examples/letters/openssl.eml"), at)?;
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("letter.eml");
    /// if let Some(letter) = opened.require(&Policy::standard(), &"alice@example.com".parse()?) {
    ///     letter.payload.save(&path)?;
    /// }
    /// assert!(path.exists());
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        save(path.as_ref(), |out| self.write(out))
    }
}

/// Makes a file appear with all of its content, or not at all.
pub(crate) fn save(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
) -> Result<(), Error> {
    let failed = || Error::io(path.display().to_string());
    // Who may rename in its folder would put a file in the place of /dev/null.
    if path.metadata().is_ok_and(|there| !there.is_file()) {
        return Err(Error::misuse(format!("{} is there and is not a file", path.display())));
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed())?;
    write(&mut file)?;
    file.as_file().sync_all().map_err(failed())?;
    file.persist(path).map_err(|error| failed()(error.error))?;
    Ok(())
}
