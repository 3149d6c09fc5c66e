//! Signing and encrypting a finished letter, at once or in two phases.

mod header;
mod keys;
mod layers;
mod prepared;
mod rules;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use crate::error::Error;
use crate::input::Input;
use crate::message::dispatch::Consent;
use crate::message::opened::save;
use crate::message::{Context, Group};
use crate::mime::write::Reference;
use crate::mime::{Address, HeaderConfidentiality};
use crate::protocol::Key;
use crate::time::UnixTime;

use layers::{Layers, Signatures};
pub use prepared::PreparedLetter;

/// Recipe for outgoing letters: set up once, then unchanging, shared by all threads.
///
/// A draft is a finished RFC 5322 message from any mail builder. It is written in a form that survives transport
/// (RFC 8551 §3.1, RFC 3156 §3), each octet once, and its header fields are signed as well (RFC 9788). Bcc is left out.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use mailseal::{Composer, Context, Key, Password, TrustStore};
/// let key = Key::load(&std::fs::read("alice.p12")?, Password::from("secret"))?;
/// let draft = b"From: alice@example.org\r\nTo: bob@example.org\r\nSubject: Hi\r\n\r\nHello\r\n";
/// let mut mail = Vec::new();
/// let composer = Composer::new(&Context::new(TrustStore::new())).sign(&key);
/// composer.compose(draft, std::time::SystemTime::now(), &mut mail)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Composer {
    cx: Context,
    keys: Vec<Key>,
    opaque: bool,
    other_from: bool,
    protect: bool,
    confidentiality: HeaderConfidentiality,
    legacy_display: bool,
    reference: Option<Arc<Reference>>,
    triple: bool,
    group: Option<Group>,
    /// Of the envelope, where they were named.
    recipients: Option<Vec<Address>>,
    consent: Consent,
}

impl Composer {
    /// A composer that does nothing yet.
    pub fn new(cx: &Context) -> Self {
        Self {
            cx: cx.clone(),
            keys: Vec::new(),
            opaque: false,
            other_from: false,
            protect: true,
            confidentiality: HeaderConfidentiality::default(),
            legacy_display: false,
            reference: None,
            triple: false,
            group: None,
            recipients: None,
            consent: Consent::default(),
        }
    }

    /// Signs with this key too. Each key gives one signature; all that sign a letter are of one protocol, that of the
    /// group it is encrypted to where it is.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../examples/letters/alice.rs");
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// use mailseal::{Composer, Context, Key, Password, TrustStore};
    /// let key = Key::load(pem.as_bytes(), Password::none())?;
    /// let composer = Composer::new(&Context::new(TrustStore::new())).sign(&key);
    /// let draft = b"From: alice@example.org\r\nTo: bob@example.org\r\nSubject: Hi\r\n\r\nHello\r\n";
    /// let mut mail = Vec::new();
    /// composer.compose(draft, at, &mut mail)?;
    /// assert!(String::from_utf8(mail)?.contains("multipart/signed"));
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn sign(mut self, key: &Key) -> Self {
        self.keys.push(key.clone());
        self
    }

    /// Puts the letter inside the signature, as `application/pkcs7-mime`, instead of beside it. S/MIME only.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../examples/letters/alice.rs");
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// # let draft = b"From: alice@example.org\r\nTo: bob@example.org\r\nSubject: Hi\r\n\r\nHello\r\n";
    /// # let cx = mailseal::Context::new(mailseal::TrustStore::new());
    /// # let key = mailseal::Key::load(pem.as_bytes(), mailseal::Password::none())?;
    /// use mailseal::Composer;
    /// let mut mail = Vec::new();
    /// Composer::new(&cx).sign(&key).opaque(true).compose(draft, at, &mut mail)?;
    /// assert!(String::from_utf8(mail)?.contains("application/pkcs7-mime"));
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn opaque(mut self, opaque: bool) -> Self {
        self.opaque = opaque;
        self
    }

    /// Signs header fields as well (RFC 9788). On unless switched off.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../examples/letters/alice.rs");
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// # let draft = b"From: alice@example.org\r\nTo: bob@example.org\r\nSubject: Hi\r\n\r\nHello\r\n";
    /// # let cx = mailseal::Context::new(mailseal::TrustStore::new());
    /// # let key = mailseal::Key::load(pem.as_bytes(), mailseal::Password::none())?;
    /// use mailseal::{Composer, Opener};
    /// let mut mail = Vec::new();
    /// Composer::new(&cx).sign(&key).protect_headers(false).compose(draft, at, &mut mail)?;
    /// assert!(Opener::new(&cx).open(&mail, at)?.report.headers.signed.is_empty());
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn protect_headers(mut self, protect: bool) -> Self {
        self.protect = protect;
        self
    }

    /// Signs although a key does not name the From of the draft: receivers will be warned.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../examples/letters/alice.rs");
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// # let draft = b"From: sales@example.org\r\nTo: bob@example.org\r\nSubject: Hi\r\n\r\nHello\r\n";
    /// # let cx = mailseal::Context::new(mailseal::TrustStore::new());
    /// # let key = mailseal::Key::load(pem.as_bytes(), mailseal::Password::none())?;
    /// use mailseal::Composer;
    /// let composer = Composer::new(&cx).sign(&key); // the key of alice@example.org, the draft of sales@example.org
    /// assert!(composer.compose(draft, at, &mut Vec::new()).is_err());
    /// composer.allow_other_from().compose(draft, at, &mut Vec::new())?;
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn allow_other_from(mut self) -> Self {
        self.other_from = true;
        self
    }

    /// Encrypts to this group, around the signature. What stands outside of the header,
    /// [`header_confidentiality`](Self::header_confidentiality) says.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../examples/letters/alice.rs");
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// # let draft = b"From: alice@example.org\r\nTo: alice@example.org\r\nSubject: Hi\r\n\r\nHello\r\n";
    /// # let cx = mailseal::Context::new(mailseal::TrustStore::new());
    /// # let key = mailseal::Key::load(pem.as_bytes(), mailseal::Password::none())?;
    /// use mailseal::{Certificate, Composer, Group, Opener};
    /// let group = Group::to(&Certificate::load(pem.as_bytes())?[..1], at)?;
    /// let mut mail = Vec::new();
    /// Composer::new(&cx).sign(&key).encrypt(&group).compose(draft, at, &mut mail)?;
    /// let opened = Opener::new(&cx).key(key).open(&mail, at)?;
    /// assert!(opened.payload().is_some() && opened.report.signatures().count() == 1);
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn encrypt(&self, group: &Group) -> Self {
        Self { group: Some(group.clone()), ..self.clone() }
    }

    /// Signs once more around the encryption (RFC 2634 §1.1).
    #[must_use]
    pub fn triple_wrap(mut self, triple: bool) -> Self {
        self.triple = triple;
        self
    }

    /// Signs and encrypts a draft and writes the letter. Where an error comes in the middle, what was written is worthless;
    /// [`Composer::save`] leaves no such file.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use mailseal::{Composer, Context, Input, Key, Password, TrustStore};
    /// let key = Key::load(&std::fs::read("alice.asc")?, Password::from("secret"))?;
    /// let composer = Composer::new(&Context::new(TrustStore::new())).sign(&key);
    /// // From a file into a socket, without holding either in memory.
    /// let mut server = std::net::TcpStream::connect("mail.example.org:2525")?;
    /// composer.compose(Input::file("draft.eml"), std::time::SystemTime::now(), &mut server)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn compose<'a>(
        &self,
        draft: impl Into<Input<'a>>,
        at: impl Into<UnixTime>,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        let at = at.into();
        let (draft, confirmed) = self.draft(draft.into(), at)?;
        self.check_present()?;
        let signatures = Signatures::Made;
        Layers { composer: self, draft: &draft, at, signatures }.write(out)?;
        self.learn(&confirmed, at)
    }

    /// Signs a draft into a file, which appears when all of it is there, or not at all.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../examples/letters/alice.rs");
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// # let draft = b"From: alice@example.org\r\nTo: bob@example.org\r\nSubject: Hi\r\n\r\nHello\r\n";
    /// # let cx = mailseal::Context::new(mailseal::TrustStore::new());
    /// # let key = mailseal::Key::load(pem.as_bytes(), mailseal::Password::none())?;
    /// use mailseal::{Composer, Error};
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("signed.eml");
    /// Composer::new(&cx).sign(&key).save(draft, at, &path)?;
    /// assert!(std::fs::read(&path)?.starts_with(b"From: alice@example.org\r\n"));
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn save<'a>(
        &self,
        draft: impl Into<Input<'a>>,
        at: impl Into<UnixTime>,
        path: impl AsRef<Path>,
    ) -> Result<(), Error> {
        save(path.as_ref(), |out| self.compose(draft, at, out))
    }

    /// The first of two phases, for a signature that is made elsewhere or later. Takes one key.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../examples/letters/alice.rs");
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// # let draft = b"From: alice@example.org\r\nTo: bob@example.org\r\nSubject: Hi\r\n\r\nHello\r\n";
    /// # let cx = mailseal::Context::new(mailseal::TrustStore::new());
    /// # let key = mailseal::Key::load(pem.as_bytes(), mailseal::Password::none())?;
    /// use mailseal::{Certificate, Composer, Key};
    /// let certificates = Certificate::load(pem.as_bytes())?;
    /// let composer = Composer::new(&cx).sign(&Key::deferred(&certificates)?);
    /// let waiting = composer.prepare(draft, at)?;
    /// let request = waiting.request().unwrap();
    /// println!("please sign with {}: {:?}", request.scheme(), request.to_sign());
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn prepare<'a>(
        &self,
        draft: impl Into<Input<'a>>,
        at: impl Into<UnixTime>,
    ) -> Result<PreparedLetter<'a>, Error> {
        if self.signing_keys().count() != 1 || self.triple {
            return Err(Error::misuse("two phases take one key, and one layer of signatures"));
        }
        let at = at.into();
        let (draft, confirmed) = self.draft(draft.into(), at)?;
        let prepared = draft.unless_cancelled(|| {
            let signer = self.signer(at)?;
            let mut signing = signer.begin(at)?;
            draft.write_entity(&mut signing)?;
            signing.prepare()
        })?;
        Ok(PreparedLetter { composer: self.clone(), draft, prepared, at, confirmed })
    }
}
