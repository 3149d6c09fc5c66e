//! Opening a letter.

use crate::error::Error;
use crate::input::Input;
use crate::message::opened::Opened;
use crate::message::{Context, identity, verify, walk};
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
#[derive(Debug, Clone)]
pub struct Opener {
    cx: Context,
}

impl Opener {
    /// An opener that knows what the context knows.
    pub fn new(cx: &Context) -> Self {
        Self { cx: cx.clone() }
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
        let at = at.into();
        let source = input.into().load(self.cx.bounds())?;
        let walked = walk::walk(&self.cx, source, at)?;
        let payload = walked.payload.clone();
        let report = identity::report(&self.cx, walked, at)?;
        Ok(Opened { report, payload })
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
        let mut reader = content.reader(0..content.len())?;
        let checked = verify::pair(&self.cx, &mut reader, &mut signature.as_slice(), protocol, at)?;
        drop(reader);
        let walked = walk::walk_pair(&self.cx, content, (protocol, checked), header, at)?;
        let payload = walked.payload.clone();
        let report = identity::report(&self.cx, walked, at)?;
        Ok(Opened { report, payload })
    }
}

/// CMS is a SEQUENCE; anything else is tried as OpenPGP.
fn protocol_of(signature: &[u8]) -> Protocol {
    match signature.trim_ascii_start().first() {
        Some(0x30) => Protocol::Smime,
        _ => Protocol::Openpgp,
    }
}
