//! Signing, as both protocols do it: in two phases.

use std::fmt;
use std::io;

use crate::crypto::{HashAlgorithm, Provider, PublicKey, SignatureScheme, ToSign};
use crate::error::{Error, KeyError};
use crate::report::Protocol;
use crate::time::UnixTime;

/// Makes detached signatures with one or more keys of one protocol.
///
/// For programs that write their own MIME; [`Composer`](crate::Composer) does it all.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
/// # let pem: String = include!("../../examples/letters/alice.rs");
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// # use mailseal::{Key, Password, crypto::Provider, smime};
/// # let provider = Provider::default();
/// # let key = Key::load(pem.as_bytes(), Password::none())?;
/// use std::io::Write;
/// use mailseal::protocol::Signer;
/// let signer = smime::Signer::of(&[key], &provider)?;
/// let mut signing = signer.begin(at)?;
/// signing.write_all(b"Content-Type: text/plain\r\n\r\nHello\r\n")?;
/// let prepared = signing.prepare()?;
/// println!("multipart/signed; micalg=\"{}\", {} signatures to make", signer.micalg(), prepared.requests().len());
/// # assert_eq!((signer.micalg(), prepared.requests().len()), ("sha-256", 1));
/// # }
/// # Ok(())
/// # }
/// ```
pub trait Signer: Send + Sync {
    /// Which protocol.
    fn protocol(&self) -> Protocol;
    /// The micalg parameter (RFC 8551 §3.5.3.2, RFC 3156 §5).
    fn micalg(&self) -> &str;
    /// Starts a signature that claims to be made `at` that time.
    fn begin(&self, at: UnixTime) -> Result<Box<dyn Signing + '_>, Error>;
}

/// A signature in the making: the content is written to it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
/// # let pem: String = include!("../../examples/letters/alice.rs");
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// # use mailseal::{Key, Password, crypto::Provider, smime};
/// # let provider = Provider::default();
/// # let key = Key::load(pem.as_bytes(), Password::none())?;
/// use std::io::Write;
/// use mailseal::protocol::Signer;
/// let signer = smime::Signer::of(&[key], &provider)?;
/// let mut signing = signer.begin(at)?;
/// signing.write_all(b"Content-Type: text/plain\r\n\r\nHello\r\n")?;
/// let prepared = signing.prepare()?; // owned: the content and the signer may go
/// assert_eq!(prepared.requests().len(), 1);
/// # }
/// # Ok(())
/// # }
/// ```
pub trait Signing: io::Write {
    /// The content is complete: says what has to be signed.
    fn prepare(self: Box<Self>) -> Result<Prepared, Error>;
}

/// What one private key has to sign.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
/// # let pem: String = include!("../../examples/letters/alice.rs");
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// # use mailseal::{Key, Password, crypto::Provider, smime};
/// # let provider = Provider::default();
/// # let key = Key::load(pem.as_bytes(), Password::none())?;
/// use std::io::Write;
/// use mailseal::protocol::Signer;
/// let signer = smime::Signer::of(&[key], &provider)?;
/// let mut signing = signer.begin(at)?;
/// signing.write_all(b"Content-Type: text/plain\r\n\r\nHello\r\n")?;
/// use mailseal::crypto::ToSign;
/// for request in signing.prepare()?.requests() {
///     if let ToSign::Digest { algorithm, value } = request.to_sign() {
///         println!("{} over {algorithm} {value:02x?}", request.scheme());
///     }
/// }
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct SigningRequest {
    pub(crate) key: PublicKey,
    pub(crate) scheme: SignatureScheme,
    pub(crate) input: OwnedToSign,
}

/// [`ToSign`], owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OwnedToSign {
    Digest { algorithm: HashAlgorithm, value: Vec<u8> },
    Message(Vec<u8>),
}

impl SigningRequest {
    /// The public half of the key that has to sign.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// With what it has to sign.
    pub fn scheme(&self) -> SignatureScheme {
        self.scheme
    }

    /// What it has to sign.
    pub fn to_sign(&self) -> ToSign<'_> {
        match &self.input {
            OwnedToSign::Digest { algorithm, value } => ToSign::Digest { algorithm: *algorithm, value },
            OwnedToSign::Message(message) => ToSign::Message(message),
        }
    }
}

impl SigningRequest {
    pub(crate) fn check(&self, signature: &[u8], provider: &Provider) -> Result<(), Error> {
        provider
            .verify(self.scheme.algorithm(), &self.key, self.to_sign(), signature)
            .map_err(|_| KeyError::Malformed("the signature does not fit the key".into()).into())
    }

    pub(crate) fn same_input(&self, other: &Self) -> bool {
        self.key == other.key && self.scheme == other.scheme && self.input == other.input
    }
}

/// Owned, ready to be signed here, on another machine or tomorrow.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
/// # let pem: String = include!("../../examples/letters/alice.rs");
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// # use mailseal::{Key, Password, crypto::Provider, smime};
/// # let provider = Provider::default();
/// # let key = Key::load(pem.as_bytes(), Password::none())?;
/// # let private = mailseal::x509::private_key::read(pem.as_bytes(), None, &mailseal::Limits::default())?;
/// # let token = mailseal::crypto::Provider::default().key_loader.signing_key(&private.keys[0])?;
/// use std::io::Write;
/// use mailseal::protocol::Signer;
/// let signer = smime::Signer::of(&[key], &provider)?;
/// let mut signing = signer.begin(at)?;
/// signing.write_all(b"Content-Type: text/plain\r\n\r\nHello\r\n")?;
/// let prepared = signing.prepare()?;
/// // Where the private key is, today or tomorrow:
/// let sign = |request: &mailseal::protocol::SigningRequest| token.sign(request.scheme(), request.to_sign());
/// let signatures = prepared.requests().iter().map(sign).collect::<Result<Vec<_>, _>>()?;
/// // Here: the body of the signature part, DER.
/// let part = prepared.complete(signatures, &provider)?;
/// assert_eq!(part[0], 0x30);
/// # }
/// # Ok(())
/// # }
/// ```
pub struct Prepared {
    pub(crate) requests: Vec<SigningRequest>,
    pub(crate) complete: Complete,
}

/// Makes the signature part of the signatures.
type Complete = Box<dyn FnOnce(Vec<Vec<u8>>) -> Result<Vec<u8>, Error> + Send>;

impl Prepared {
    /// What has to be signed, one request for each key.
    pub fn requests(&self) -> &[SigningRequest] {
        &self.requests
    }

    /// Takes one signature for each request and returns the signature part: DER CMS, or an armored OpenPGP signature.
    ///
    /// Signatures made elsewhere are checked first: `provider` says whether they fit.
    pub fn complete(self, signatures: Vec<Vec<u8>>, provider: &Provider) -> Result<Vec<u8>, Error> {
        self.check(&signatures, provider)?;
        (self.complete)(signatures)
    }

    pub(crate) fn check(&self, signatures: &[Vec<u8>], provider: &Provider) -> Result<(), Error> {
        if signatures.len() != self.requests.len() {
            return Err(Error::misuse("one signature is needed for each request"));
        }
        self.requests
            .iter()
            .zip(signatures)
            .try_for_each(|(request, signature)| request.check(signature, provider))
    }

    /// The same for signatures that the provider made itself.
    pub(crate) fn complete_unchecked(self, signatures: Vec<Vec<u8>>) -> Result<Vec<u8>, Error> {
        (self.complete)(signatures)
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").field("requests", &self.requests).finish_non_exhaustive()
    }
}
