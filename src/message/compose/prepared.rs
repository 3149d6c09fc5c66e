//! The second of two phases.

use std::cell::Cell;
use std::io::Write;
use std::path::Path;

use super::Composer;
use super::layers::{Layers, Signatures};
use crate::crypto::ToSign;
use crate::error::Error;
use crate::message::opened::save;
use crate::mime::write::Draft;
use crate::protocol::{Prepared, SigningRequest};
use crate::time::UnixTime;

/// A letter that lacks its signature.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
/// # let pem: String = include!("../../../examples/letters/alice.rs");
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
    pub(super) composer: Composer,
    pub(super) draft: Draft<'a>,
    pub(super) prepared: Prepared,
    pub(super) at: UnixTime,
    /// Domains that somebody said yes to.
    pub(super) confirmed: Vec<String>,
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
    /// # let pem: String = include!("../../../examples/letters/alice.rs");
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
        let Self { composer, draft, prepared, at, confirmed } = self;
        prepared.check(&[signature.to_vec()], composer.cx.crypto())?;
        let signatures = Signatures::Given(Cell::new(Some(prepared)), signature);
        Layers { composer: &composer, draft: &draft, at, signatures }.write(out)?;
        composer.learn(&confirmed, at)
    }

    /// Writes the letter into a file, which appears when all of it is there, or not at all.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../../examples/letters/alice.rs");
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
