//! Signing a finished letter, at once or in two phases.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use crate::crypto::ToSign;
use crate::error::Error;
use crate::input::Input;
use crate::message::Context;
use crate::message::opened::save;
use crate::mime::write::{Boundary, Draft, MultipartSigned, Protect, SignatureKind, prepare};
use crate::mime::{FromHeader, Structure};
use crate::protocol::{Key, KeyKind, Prepared, Signer, SigningRequest};
use crate::report::Protocol;
use crate::time::UnixTime;

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
}

impl Composer {
    /// A composer that does nothing yet.
    pub fn new(cx: &Context) -> Self {
        Self { cx: cx.clone(), keys: Vec::new(), opaque: false, other_from: false, protect: true }
    }

    /// Signs with this key too. All keys are of one protocol; each gives one signature.
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

    /// Signs a draft and writes the letter. Where an error comes in the middle, what was written is worthless;
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
        let draft = self.draft(draft.into(), at)?;
        let keys = self.present_keys()?;
        if self.opaque {
            return self.write_opaque(&draft, at, out, |requests| sign_all(&keys, requests, &self.cx));
        }
        let signer = self.signer(at)?;
        let mut writer = self.begin(&draft, &*signer, out)?;
        let mut signing = signer.begin(at)?;
        draft.write_entity(&mut Tee { first: &mut writer, second: &mut signing })?;
        let prepared = signing.prepare()?;
        let signatures = sign_all(&keys, prepared.requests(), &self.cx)?;
        writer.finish(&prepared.complete_unchecked(signatures)?)?;
        Ok(())
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
        if self.keys.len() != 1 {
            return Err(Error::misuse("two phases take one key"));
        }
        let at = at.into();
        let draft = self.draft(draft.into(), at)?;
        let prepared = {
            let signer = self.signer(at)?;
            let mut signing = signer.begin(at)?;
            draft.write_entity(&mut signing)?;
            signing.prepare()?
        };
        Ok(PreparedLetter { composer: self.clone(), draft, prepared, at })
    }

    /// Reads the draft, and refuses one that its receivers would be warned of.
    fn draft<'a>(&self, input: Input<'a>, at: UnixTime) -> Result<Draft<'a>, Error> {
        let source = input.load(self.cx.bounds())?;
        let structure = Structure::read(&mut *source.reader(0..source.len())?, self.cx.bounds())?;
        let root = structure.root().ok_or_else(|| Error::malformed("a letter", "it is empty"))?;
        let from = FromHeader::read(&root.headers());
        let Some(from) = from.sole() else {
            return Err(Error::Refused("the draft has not exactly one readable From address".into()));
        };
        for key in self.keys.iter().filter(|_| !self.other_from) {
            if !key.names(from, at) {
                return Err(Error::Refused(format!("the key does not name {from}, from whom the draft is")));
            }
        }
        let mut draft = prepare(&source, &structure, self.cx.bounds())?;
        draft.protect(if self.protect { Protect::Clear } else { Protect::Off });
        Ok(draft)
    }

    fn protocol(&self) -> Result<Protocol, Error> {
        let first = self.keys.first().ok_or_else(|| Error::misuse("there is no key to sign with"))?;
        let protocol = first.protocol();
        if self.keys.iter().any(|key| key.protocol() != protocol) {
            return Err(Error::misuse("one letter is signed with keys of one protocol"));
        }
        if self.opaque && protocol != Protocol::Smime {
            return Err(Error::misuse("only S/MIME puts a letter inside its signature"));
        }
        Ok(protocol)
    }

    fn signer(&self, at: UnixTime) -> Result<Box<dyn Signer>, Error> {
        match self.protocol()? {
            #[cfg(feature = "smime")]
            Protocol::Smime => Ok(Box::new(self.smime()?)),
            #[cfg(feature = "openpgp")]
            Protocol::Openpgp => {
                let identities = self.keys.iter().filter_map(openpgp_key).collect();
                Ok(Box::new(crate::pgpmime::Signer::new(identities, *self.cx.crypto(), at)?))
            }
            #[cfg(not(all(feature = "smime", feature = "openpgp")))]
            other => Err(Error::misuse(format!("this build does not have {}", other.name()))),
        }
    }

    #[cfg(feature = "smime")]
    fn smime(&self) -> Result<crate::smime::Signer, Error> {
        let keys: Vec<_> = self.keys.iter().filter_map(smime_key).collect();
        crate::smime::Signer::new(&keys, self.cx.crypto())
    }

    /// The keys, if all of them can sign now.
    fn present_keys(&self) -> Result<Vec<&Key>, Error> {
        if self.keys.iter().any(Key::is_deferred) {
            return Err(Error::misuse("a deferred key signs in two phases: prepare, then finish"));
        }
        Ok(self.keys.iter().collect())
    }

    fn begin<'o>(
        &self,
        draft: &Draft<'_>,
        signer: &dyn Signer,
        out: &'o mut dyn Write,
    ) -> Result<MultipartSigned<&'o mut dyn Write>, Error> {
        let kind = match signer.protocol() {
            Protocol::Smime => SignatureKind::Pkcs7,
            Protocol::Openpgp => SignatureKind::Pgp,
        };
        let mut random = [0; 16];
        self.cx.crypto().random.fill(&mut random)?;
        MultipartSigned::begin(out, draft.outer(), kind, signer.micalg(), Boundary::new(random))
    }

    #[cfg(feature = "smime")]
    fn write_opaque(
        &self,
        draft: &Draft<'_>,
        at: UnixTime,
        out: &mut dyn Write,
        sign: impl FnOnce(&[SigningRequest]) -> Result<Vec<Vec<u8>>, Error>,
    ) -> Result<(), Error> {
        use crate::mime::write::Pkcs7Mime;

        self.protocol()?;
        let signer = self.smime()?;
        let body = Pkcs7Mime::begin(out, draft.outer())?;
        let mut signing = signer.begin_opaque(at, body)?;
        draft.write_entity(&mut signing)?;
        let (requests, prepared, mut body) = signing.prepare()?;
        prepared.complete_streamed(sign(&requests)?, &mut body)?;
        body.finish()?;
        Ok(())
    }

    #[cfg(not(feature = "smime"))]
    fn write_opaque(
        &self,
        _: &Draft<'_>,
        _: UnixTime,
        _: &mut dyn Write,
        _: impl FnOnce(&[SigningRequest]) -> Result<Vec<Vec<u8>>, Error>,
    ) -> Result<(), Error> {
        self.protocol().map(|_| ())
    }
}

/// A letter that lacks its signature.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
/// # let pem: String = include!("../../examples/letters/alice.rs");
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// # let draft = b"From: alice@example.org\r\nTo: bob@example.org\r\nSubject: Hi\r\n\r\nHello\r\n";
/// # let cx = mailseal::Context::new(mailseal::TrustStore::new());
/// # let key = mailseal::Key::load(pem.as_bytes(), mailseal::Password::none())?;
/// # let private = mailseal::x509::private_key::read(pem.as_bytes(), None, &mailseal::Limits::default())?;
/// # let token = mailseal::crypto::Provider::default().key_loader.signing_key(&private.keys[0])?;
/// use mailseal::{Certificate, Composer, Key};
/// let certificates = Certificate::load(pem.as_bytes())?;
/// let composer = Composer::new(&cx).sign(&Key::deferred(&certificates)?);
/// let waiting = composer.prepare(draft, at)?;
/// // Elsewhere, where the private key is:
/// let request = waiting.request().unwrap();
/// let signature = token.sign(request.scheme(), request.to_sign())?;
/// // Here again:
/// let mut mail = Vec::new();
/// waiting.finish(&signature, &mut mail)?;
/// # assert!(String::from_utf8(mail)?.contains("multipart/signed"));
/// # }
/// # Ok(())
/// # }
/// ```
pub struct PreparedLetter<'a> {
    composer: Composer,
    draft: Draft<'a>,
    prepared: Prepared,
    at: UnixTime,
}

impl PreparedLetter<'_> {
    /// What has to be signed, by whom and how.
    pub fn request(&self) -> Option<&SigningRequest> {
        self.prepared.requests().first()
    }

    /// What has to be signed.
    pub fn to_sign(&self) -> Option<ToSign<'_>> {
        self.request().map(SigningRequest::to_sign)
    }

    /// Writes the letter, if the signature fits; otherwise not a byte.
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
    /// let mut mail = Vec::new();
    /// assert!(waiting.finish(b"another signature", &mut mail).is_err());
    /// assert!(mail.is_empty());
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn finish(self, signature: &[u8], out: &mut dyn Write) -> Result<(), Error> {
        let composer = &self.composer;
        self.prepared.check(&[signature.to_vec()], composer.cx.crypto())?;
        if composer.opaque {
            let waiting = self.prepared.requests().to_vec();
            return composer.write_opaque(&self.draft, self.at, out, |requests| {
                let same = requests.iter().zip(&waiting).all(|(one, other)| one.same_input(other));
                if same { Ok(vec![signature.to_vec()]) } else { Err(Error::InputChanged) }
            });
        }
        let signer = composer.signer(self.at)?;
        let mut writer = composer.begin(&self.draft, &*signer, out)?;
        self.draft.write_entity(&mut writer)?;
        writer.finish(&self.prepared.complete_unchecked(vec![signature.to_vec()])?)?;
        Ok(())
    }

    /// Writes the letter into a file, which appears when all of it is there, or not at all.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../examples/letters/alice.rs");
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// # let draft = b"From: alice@example.org\r\nTo: bob@example.org\r\nSubject: Hi\r\n\r\nHello\r\n";
    /// # let cx = mailseal::Context::new(mailseal::TrustStore::new());
    /// # let key = mailseal::Key::load(pem.as_bytes(), mailseal::Password::none())?;
    /// # let private = mailseal::x509::private_key::read(pem.as_bytes(), None, &mailseal::Limits::default())?;
    /// # let token = mailseal::crypto::Provider::default().key_loader.signing_key(&private.keys[0])?;
    /// use mailseal::{Certificate, Composer, Key};
    /// let certificates = Certificate::load(pem.as_bytes())?;
    /// let composer = Composer::new(&cx).sign(&Key::deferred(&certificates)?);
    /// let waiting = composer.prepare(draft, at)?;
    /// # let request = waiting.request().unwrap();
    /// # let signature = token.sign(request.scheme(), request.to_sign())?;
    /// # let folder = tempfile::tempdir()?;
    /// waiting.save(&signature, folder.path().join("signed.eml"))?;
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn save(self, signature: &[u8], path: impl AsRef<Path>) -> Result<(), Error> {
        save(path.as_ref(), |out| self.finish(signature, out))
    }
}

impl std::fmt::Debug for PreparedLetter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PreparedLetter").field("prepared", &self.prepared).finish_non_exhaustive()
    }
}

/// One signature for each request. Those of keys that live elsewhere are checked before they are used.
fn sign_all(keys: &[&Key], requests: &[SigningRequest], cx: &Context) -> Result<Vec<Vec<u8>>, Error> {
    let mut signatures = Vec::new();
    for (key, request) in keys.iter().zip(requests) {
        let signing = key.signing_key(request.key()).ok_or_else(|| Error::misuse("a deferred key"))?;
        let signature = signing.sign(request.scheme(), request.to_sign())?;
        if key.is_external() {
            request.check(&signature, cx.crypto())?;
        }
        signatures.push(signature);
    }
    Ok(signatures)
}

#[cfg(feature = "smime")]
fn smime_key(key: &Key) -> Option<Arc<crate::protocol::SmimeKey>> {
    match &key.kind {
        KeyKind::Smime(key) => Some(Arc::clone(key)),
        #[cfg(feature = "openpgp")]
        KeyKind::Openpgp(_) => None,
    }
}

#[cfg(feature = "openpgp")]
fn openpgp_key(key: &Key) -> Option<Arc<crate::openpgp::SigningIdentity>> {
    match &key.kind {
        KeyKind::Openpgp(key) => Some(Arc::clone(key)),
        #[cfg(feature = "smime")]
        KeyKind::Smime(_) => None,
    }
}

struct Tee<'t> {
    first: &'t mut dyn Write,
    second: &'t mut dyn Write,
}

impl Write for Tee<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.first.write_all(octets)?;
        self.second.write_all(octets)?;
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.first.flush()
    }
}
