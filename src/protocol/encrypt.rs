//! Encrypting and decrypting, as both protocols do it.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;

use crate::crypto::{PasswordSource, Secret};
use crate::error::Error;
use crate::protocol::{Checked, Inputs, Key};
use crate::report::{Decryption, Finding, OpenedBy, Protocol, Recipient};
use crate::time::UnixTime;

/// Encrypts to recipients of one protocol.
pub trait Encryptor: Send + Sync {
    /// Which protocol.
    fn protocol(&self) -> Protocol;
    /// Starts an encryption: what is written to it goes encrypted to `out`. S/MIME: a BER CMS object (RFC 5652 §6,
    /// RFC 5083). OpenPGP: an armored message (RFC 9580 §10.3), signed `at` that time where the encryptor signs too.
    fn begin<'o>(&'o self, out: &'o mut dyn Write, at: UnixTime) -> Result<Box<dyn Encrypting + 'o>, Error>;
}

/// An encryption in the making: the content is written to it.
pub trait Encrypting: io::Write {
    /// The content is complete.
    fn finish(self: Box<Self>) -> Result<(), Error>;
}

/// Opens what is encrypted.
///
/// The body may be read more than once: what follows the content decides whether it may be used (a tag, a signature),
/// and plaintext of a large letter is not kept but decrypted again.
pub trait Decryptor: Send + Sync {
    /// Tries the keys and checks the whole body. Content goes to `out` as it is decrypted, may not be used before the
    /// result says [`Decryption::Opened`], and is cleared where it says something else.
    fn decrypt(
        &self,
        body: &Body<'_>,
        out: &mut dyn Held,
        keys: &Keys<'_>,
        inputs: &Inputs<'_>,
    ) -> Result<Decrypted, Error>;

    /// Decrypts again what [`decrypt`](Self::decrypt) said was good: the same octets, or an error.
    fn again<'b>(
        &self,
        body: Box<dyn Read + Send + 'b>,
        again: &Again,
        inputs: &Inputs<'_>,
    ) -> Result<Box<dyn Read + Send + 'b>, Error>;
}

/// Where decrypted content waits until its check is known.
///
/// ```
/// use mailseal::protocol::Held;
/// let mut held = Vec::new();
/// std::io::Write::write_all(&mut held, b"of the wrong key")?;
/// Held::clear(&mut held);
/// assert!(held.is_empty());
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait Held: Write {
    /// Drops all that was written so far: it failed its check.
    fn clear(&mut self);
}

impl Held for Vec<u8> {
    fn clear(&mut self) {
        Self::clear(self);
    }
}

/// For who wants to know what a letter says of itself, and not what it says.
impl Held for io::Sink {
    fn clear(&mut self) {}
}

/// Opens the decoded body anew each time it is called.
pub type Body<'b> = dyn Fn() -> Result<Box<dyn Read + Send + 'b>, Error> + 'b;

/// What a letter may be opened with.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct Keys<'a> {
    /// Private keys, every one that the user ever had.
    pub keys: &'a [Key],
    /// Asked where a letter is encrypted to a password.
    pub passwords: Option<&'a dyn PasswordSource>,
    /// Keys that both sides have.
    pub shared: &'a [SharedKey],
}

impl<'a> Keys<'a> {
    /// Both.
    pub fn new(keys: &'a [Key], passwords: Option<&'a dyn PasswordSource>) -> Self {
        Self { keys, passwords, shared: &[] }
    }

    /// The same, and keys that both sides have.
    #[must_use]
    pub fn shared(self, shared: &'a [SharedKey]) -> Self {
        Self { shared, ..self }
    }
}

impl fmt::Debug for Keys<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("keys", &self.keys).finish_non_exhaustive()
    }
}

/// A key that both sides have, and no certificate names: it wraps content keys of S/MIME (RFC 5652 §6.2.3). Cheap to
/// clone, never printed.
///
/// ```
/// use mailseal::protocol::{Keys, SharedKey};
/// let archive = SharedKey::new(b"archive 2027", vec![7; 32])?;
/// assert!(SharedKey::new(b"archive 2027", vec![7; 31]).is_err());
/// let shared = [archive];
/// let keys = Keys::new(&[], None).shared(&shared);
/// # let _ = keys;
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Clone)]
pub struct SharedKey {
    pub(crate) identifier: Vec<u8>,
    pub(crate) key: Arc<Secret>,
}

impl SharedKey {
    /// An AES key of 16, 24 or 32 octets, under the name that letters call it by.
    pub fn new(identifier: &[u8], key: impl Into<Secret>) -> Result<Self, Error> {
        let key = Arc::new(key.into());
        match key.expose().len() {
            16 | 24 | 32 => Ok(Self { identifier: identifier.to_vec(), key }),
            _ => Err(Error::misuse("a shared key has 16, 24 or 32 octets")),
        }
    }
}

impl fmt::Debug for SharedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedKey({})", crate::report::hex(&self.identifier))
    }
}

/// What a decryptor saw.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Decrypted {
    /// What came of it.
    pub decryption: Decryption,
    /// `AES-256-GCM`, `SEIPDv2 AES-256 OCB`.
    pub cipher: Option<String>,
    /// A change of the ciphertext is noticed.
    pub authenticated: bool,
    /// Whom it is encrypted to, as it says itself, within [`Limits::recipients`](crate::Limits).
    pub recipients: Vec<Recipient>,
    /// What opened it.
    pub opened_by: Option<OpenedBy>,
    /// Observations; their part is set by the caller.
    pub findings: Vec<Finding>,
    /// OpenPGP: the signatures in the same message.
    pub signed: Option<Checked>,
    /// For decrypting again.
    pub again: Option<Again>,
}

/// What it takes to decrypt once more without the private key. Wiped when dropped, never printed.
pub struct Again {
    pub(crate) key: Secret,
    /// The cipher of an OpenPGP session key (RFC 9580 §9.3), where it stands beside the key.
    pub(crate) cipher: Option<u8>,
}

impl fmt::Debug for Again {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Again(..)")
    }
}
