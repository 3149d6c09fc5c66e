//! Opening a letter.

use std::fmt;
use std::sync::Arc;

use crate::crypto::PasswordSource;
use crate::error::Error;
use crate::input::{Input, Source};
use crate::message::domain::Trusted;
use crate::message::harvest::{Harvest, harvest};
use crate::message::opened::Opened;
use crate::message::walk::{Look, Walked};
use crate::message::{Context, identity, verify, walk};
use crate::mime::{AuthservId, PartPath};
use crate::protocol::{Key, Keys, SharedKey};
use crate::report::Protocol;
use crate::time::UnixTime;

/// Recipe for incoming letters: set up once, then unchanging, shared by all threads.
///
/// ```
/// use mailseal::{Context, Opener, Outcome, Policy, TrustStore};
/// let opener = Opener::new(&Context::new(TrustStore::new()));
/// let opened = opener.open(b"From: a@b.example\r\n\r\nHello\r\n", std::time::SystemTime::now())?;
/// assert_eq!(Policy::standard().judge(&opened.report).outcome, Outcome::None);
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Clone)]
pub struct Opener {
    cx: Context,
    keys: Vec<Key>,
    shared: Vec<SharedKey>,
    passwords: Option<Arc<dyn PasswordSource + Send + Sync>>,
    trusted: Trusted,
}

impl Opener {
    /// An opener that knows what the context knows.
    pub fn new(cx: &Context) -> Self {
        Self {
            cx: cx.clone(),
            keys: Vec::new(),
            shared: Vec::new(),
            passwords: None,
            trusted: Trusted::default(),
        }
    }

    /// Opens letters with this key too. Give every key that the user ever had: the report says which one fitted, and
    /// whether it is old.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../examples/letters/alice.rs");
    /// use mailseal::{Context, Key, Opener, Password, TrustStore};
    /// let key = Key::load(pem.as_bytes(), Password::none())?;
    /// let opener = Opener::new(&Context::new(TrustStore::new())).key(key);
    /// # let _ = opener;
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn key(mut self, key: Key) -> Self {
        self.keys.push(key);
        self
    }

    /// Opens letters that are encrypted to a key that both sides have (RFC 5652 §6.2.3).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// use mailseal::protocol::SharedKey;
    /// use mailseal::{Composer, Context, Group, Opener, TrustStore};
    /// let cx = Context::new(TrustStore::new());
    /// let archive = SharedKey::new(b"archive 2027", vec![7; 32])?;
    /// let at = std::time::SystemTime::now();
    /// let mut mail = Vec::new();
    /// let composer = Composer::new(&cx).encrypt(&Group::shared(&archive));
    /// composer.compose(b"From: a@b.example\r\n\r\nHello\r\n", at, &mut mail)?;
    /// assert!(Opener::new(&cx).shared_key(archive).open(&mail, at)?.payload().is_some());
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn shared_key(mut self, key: SharedKey) -> Self {
        self.shared.push(key);
        self
    }

    /// Asks there for passwords of letters that are encrypted to one.
    ///
    /// ```
    /// use mailseal::{Context, Opener, Password, TrustStore};
    /// let opener = Opener::new(&Context::new(TrustStore::new())).password(Password::from("agreed by telephone"));
    /// # let _ = opener;
    /// ```
    #[must_use]
    pub fn password(mut self, passwords: impl PasswordSource + Send + Sync + 'static) -> Self {
        self.passwords = Some(Arc::new(passwords));
        self
    }

    /// Trusts as many Received lines, the topmost: those that the caller's own systems added. They say in
    /// [`Report::transport`](crate::Report::transport) how the letter came (RFC 3848).
    ///
    /// ```
    /// use mailseal::{Context, Opener, TrustStore};
    /// let opener = Opener::new(&Context::new(TrustStore::new())).trusted_hops(1);
    /// let letter = b"Received: from a.example by mx.example.org with ESMTPS id 1; Mon, 5 Jan 2026 00:00:00 +0000\r\n\
    ///     Received: from bank.example by a.example with ESMTPS\r\nFrom: a@b.example\r\n\r\nHello\r\n";
    /// let transport = opener.open(letter, std::time::SystemTime::now())?.report.transport.unwrap();
    /// assert_eq!((transport.hops[0].tls, transport.untrusted), (Some(true), 1));
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    #[must_use]
    pub fn trusted_hops(mut self, lines: usize) -> Self {
        self.trusted.hops = Some(lines);
        self
    }

    /// Takes what the system of this name says of the sending domain from its Authentication-Results fields (RFC 8601)
    /// into [`Report::domain`](crate::Report::domain). That system has to remove fields in its name from what comes in
    /// ([`AuthservId::is_forged`]); only the topmost ones are read, above the first Received line that is not trusted
    /// ([`trusted_hops`](Self::trusted_hops); 1 where nothing is said). ARC-Authentication-Results are never read.
    ///
    /// ```
    /// use mailseal::report::DomainResult;
    /// use mailseal::{Context, Opener, TrustStore};
    /// let opener = Opener::new(&Context::new(TrustStore::new())).trusted_results("mx.example.org".parse().unwrap());
    /// let letter = b"Authentication-Results: mx.example.org; dmarc=pass header.from=b.example\r\n\
    ///     Received: from b.example by mx.example.org with ESMTPS\r\nFrom: a@b.example\r\n\r\nHello\r\n";
    /// let domain = opener.open(letter, std::time::SystemTime::now())?.report.domain.unwrap();
    /// assert_eq!(domain.dmarc.unwrap().result, DomainResult::Pass);
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    #[must_use]
    pub fn trusted_results(mut self, authserv_id: AuthservId) -> Self {
        self.trusted.results = Some(authserv_id);
        self
    }

    /// Looks at a letter, at a time. `Err` means "could not look"; whatever was seen is in the report.
    ///
    /// ```
    /// # use mailseal::{Context, Opener, TrustStore};
    /// # let opener = Opener::new(&Context::new(TrustStore::new()));
    /// use mailseal::{Error, Input};
    /// match opener.open(Input::file("in.eml"), std::time::SystemTime::now()) {
    ///     Ok(opened) => println!("{} signatures", opened.report.signatures().count()),
    ///     Err(error) if error.is_temporary() => println!("try again: {error}"),
    ///     Err(error) => println!("could not look: {error}"),
    /// }
    /// ```
    pub fn open<'a>(
        &self,
        input: impl Into<Input<'a>>,
        at: impl Into<UnixTime>,
    ) -> Result<Opened<'a>, Error> {
        self.open_source(input.into().load(self.cx.bounds())?, at.into())
    }

    /// What it knows.
    #[cfg(feature = "archive")]
    pub(crate) fn context(&self) -> &Context {
        &self.cx
    }

    #[cfg(feature = "archive")]
    pub(crate) fn trusts(&self) -> (Option<usize>, Option<&AuthservId>) {
        (self.trusted.hops, self.trusted.results.as_ref())
    }

    /// The same of a letter that was read once.
    pub(crate) fn open_source<'a>(&self, source: Source<'a>, at: UnixTime) -> Result<Opened<'a>, Error> {
        self.looked(&source.clone(), None, at, |look| walk::walk(look, source))
    }

    /// Opens one encrypted part by its place, also where it does not wrap the whole letter: the payload is what is in
    /// it. Such a part is apart from all that stands around it (R-A1), so the letter is never `good` by what is inside.
    /// An error where no encrypted part is at that place.
    ///
    /// ```
    /// # use mailseal::{Context, Opener, TrustStore};
    /// # let opener = Opener::new(&Context::new(TrustStore::new()));
    /// use mailseal::report::{Code, Layer};
    /// let letter = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nSee below.\r\n\
    ///     --m\r\nContent-Type: multipart/encrypted; boundary=e\r\n\r\n--e\r\n\r\n--e--\r\n--m--\r\n";
    /// let at = std::time::SystemTime::now();
    /// let opened = opener.open(letter, at)?;
    /// for layer in &opened.report.layers {
    ///     if let Layer::Encrypted(layer) = layer && layer.findings.iter().any(|one| one.code == Code::EncryptedPart) {
    ///         let inside = opener.open_part(letter, &layer.part, at)?;
    ///         # assert!(inside.payload().is_none());
    ///     }
    /// }
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    pub fn open_part<'a>(
        &self,
        input: impl Into<Input<'a>>,
        part: &PartPath,
        at: impl Into<UnixTime>,
    ) -> Result<Opened<'a>, Error> {
        let source = input.into().load(self.cx.bounds())?;
        self.looked(&source.clone(), Some(part), at.into(), |look| walk::walk(look, source))
    }

    /// What a walk finds, and who signed it.
    fn looked<'a>(
        &self,
        source: &Source<'a>,
        part: Option<&PartPath>,
        at: UnixTime,
        walk: impl FnOnce(Look<'_>) -> Result<Walked<'a>, Error>,
    ) -> Result<Opened<'a>, Error> {
        let cx = self.cx.reading_at(source, at);
        let passwords: Option<&dyn PasswordSource> = match &self.passwords {
            Some(passwords) => Some(&**passwords),
            None => None,
        };
        let keys = Keys::new(&self.keys, passwords).shared(&self.shared);
        let look = Look { cx: &cx, keys, part, at };
        source.unless_cancelled(|| {
            let walked = walk(look)?;
            let (payload, letter) = (walked.payload.clone(), walked.letter.clone());
            let Harvest { certificates, told } = harvest(&walked, cx.bounds(), at);
            let header = self.trusted.is_anybody().then(|| walked.outer_header.clone());
            let mut report = identity::report(&cx, walked, told, at)?;
            if let Some(header) = header {
                self.trusted.add(&header, &mut report);
            }
            Ok(Opened { report, payload, certificates, letter })
        })
    }

    /// Checks a detached signature, for programs with their own MIME parser: `content` is the whole signed entity,
    /// header and body, octet for octet as received; `signature` the decoded body of the signature part; `header` the
    /// header of the letter, of which From, Sender and Date are read, and which is compared with the signed copies
    /// of its fields (RFC 9788). Places in the report are counted in `content`, which is part 1.
    ///
    /// ```
    /// use mailseal::{Context, Opener, TrustStore, UnixTime};
    /// let opener = Opener::new(&Context::new(TrustStore::new()));
    /// let at = UnixTime::from_seconds(1_795_341_720);
    /// let content = b"Content-Type: text/plain\r\n\r\nHello\r\n";
    /// let opened = opener.verify_detached(content, b"no signature", b"From: a@b.example\r\n", at)?;
    /// assert!(!opened.report.signatures().any(|signature| signature.integrity.holds()));
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    pub fn verify_detached<'a>(
        &self,
        content: impl Into<Input<'a>>,
        signature: impl Into<Input<'a>>,
        header: &[u8],
        at: impl Into<UnixTime>,
    ) -> Result<Opened<'a>, Error> {
        let at = at.into();
        let content = content.into().load(self.cx.bounds())?;
        let limit = self.cx.bounds().signature_bytes;
        let signature = signature.into().load(self.cx.bounds())?;
        let signature = signature.read(0..signature.len(), limit, "signature_bytes")?;
        let protocol = protocol_of(&signature);
        self.looked(&content.clone(), None, at, |look| {
            let mut reader = content.reader(0..content.len())?;
            let checked = verify::pair(look.cx, &mut reader, &mut signature.as_slice(), protocol, at)?;
            drop(reader);
            walk::walk_pair(look, content, (protocol, checked), header)
        })
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opener").field("cx", &self.cx).field("keys", &self.keys).finish_non_exhaustive()
    }
}

/// CMS is a SEQUENCE; anything else is tried as OpenPGP.
fn protocol_of(signature: &[u8]) -> Protocol {
    match signature.trim_ascii_start().first() {
        Some(0x30) => Protocol::Smime,
        _ => Protocol::Openpgp,
    }
}
