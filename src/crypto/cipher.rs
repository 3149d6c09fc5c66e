//! Content encryption: what is encrypted with, and who does it.

use std::fmt;
use std::str::FromStr;

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::crypto::Secret;
use crate::crypto::algorithm::AlgorithmError;
use crate::error::KeyError;

/// Ciphers for content.
///
/// ```
/// use mailseal::crypto::ContentCipher;
/// let cipher = ContentCipher::Aes256Gcm;
/// assert_eq!((cipher.key_length(), cipher.nonce_length(), cipher.tag_length()), (32, 12, 16));
/// assert!(!ContentCipher::Aes256Cbc.is_authenticated());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContentCipher {
    /// AES-128-GCM (RFC 5084).
    Aes128Gcm,
    /// AES-192-GCM (RFC 5084).
    Aes192Gcm,
    /// AES-256-GCM (RFC 5084).
    Aes256Gcm,
    /// ChaCha20-Poly1305 (RFC 8103).
    ChaCha20Poly1305,
    /// AES-128-CBC (RFC 3565); nothing tells whether it was changed.
    Aes128Cbc,
    /// AES-192-CBC (RFC 3565); nothing tells whether it was changed.
    Aes192Cbc,
    /// AES-256-CBC (RFC 3565); nothing tells whether it was changed.
    Aes256Cbc,
    /// Triple DES in CBC mode (RFC 3370 §5.1); weak, read only.
    TripleDesCbc,
    /// RC2 in CBC mode with 40, 64 or 128 effective bits (RFC 3370 §5.2); weak, read only.
    Rc2Cbc {
        /// Effective key bits.
        bits: u16,
    },
}

impl ContentCipher {
    /// Those that letters are written with; the others are read only.
    pub const WRITTEN: [Self; 7] = [
        Self::Aes128Gcm,
        Self::Aes192Gcm,
        Self::Aes256Gcm,
        Self::ChaCha20Poly1305,
        Self::Aes128Cbc,
        Self::Aes192Cbc,
        Self::Aes256Cbc,
    ];

    /// Octets of its key.
    pub fn key_length(self) -> usize {
        match self {
            Self::Aes128Gcm | Self::Aes128Cbc => 16,
            Self::Aes192Gcm | Self::Aes192Cbc | Self::TripleDesCbc => 24,
            Self::Aes256Gcm | Self::Aes256Cbc | Self::ChaCha20Poly1305 => 32,
            Self::Rc2Cbc { bits } => usize::from(bits / 8),
        }
    }

    /// Octets of its nonce or initialization vector.
    pub fn nonce_length(self) -> usize {
        match self {
            Self::Aes128Gcm | Self::Aes192Gcm | Self::Aes256Gcm | Self::ChaCha20Poly1305 => 12,
            Self::Aes128Cbc | Self::Aes192Cbc | Self::Aes256Cbc => 16,
            Self::TripleDesCbc | Self::Rc2Cbc { .. } => 8,
        }
    }

    /// Octets of its tag; 0 for one without.
    pub fn tag_length(self) -> usize {
        if self.is_authenticated() { 16 } else { 0 }
    }

    /// Whether a change of the ciphertext is noticed.
    pub fn is_authenticated(self) -> bool {
        matches!(self, Self::Aes128Gcm | Self::Aes192Gcm | Self::Aes256Gcm | Self::ChaCha20Poly1305)
    }

    /// Whether it is too weak to rely on: Triple DES and RC2.
    pub fn is_weak(self) -> bool {
        matches!(self, Self::TripleDesCbc | Self::Rc2Cbc { .. })
    }
}

impl fmt::Display for ContentCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aes128Gcm => f.write_str("AES-128-GCM"),
            Self::Aes192Gcm => f.write_str("AES-192-GCM"),
            Self::Aes256Gcm => f.write_str("AES-256-GCM"),
            Self::ChaCha20Poly1305 => f.write_str("ChaCha20-Poly1305"),
            Self::Aes128Cbc => f.write_str("AES-128-CBC"),
            Self::Aes192Cbc => f.write_str("AES-192-CBC"),
            Self::Aes256Cbc => f.write_str("AES-256-CBC"),
            Self::TripleDesCbc => f.write_str("3DES-CBC"),
            Self::Rc2Cbc { bits } => write!(f, "RC2-{bits}-CBC"),
        }
    }
}

/// By its name, upper and lower case alike; of [`ContentCipher::WRITTEN`] only.
///
/// ```
/// use mailseal::crypto::ContentCipher;
/// assert_eq!("aes-256-gcm".parse(), Ok(ContentCipher::Aes256Gcm));
/// assert!("3DES-CBC".parse::<ContentCipher>().is_err());
/// ```
impl FromStr for ContentCipher {
    type Err = AlgorithmError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let unknown = || AlgorithmError::Unsupported { name: name.chars().take(64).collect() };
        let mut known = Self::WRITTEN.into_iter();
        known.find(|cipher| cipher.to_string().eq_ignore_ascii_case(name)).ok_or_else(unknown)
    }
}

/// The key that content is encrypted with. It comes from [`ContentKey::random`] or from a recipient's entry; there is
/// no empty one (R-A15). Wiped when dropped, never printed.
pub struct ContentKey(Zeroizing<Vec<u8>>);

impl ContentKey {
    /// A new key for a cipher, or an error where there is no randomness.
    pub fn random(cipher: ContentCipher, random: &dyn super::SecureRandom) -> Result<Self, KeyError> {
        let mut octets = Zeroizing::new(vec![0; cipher.key_length()]);
        random.fill(&mut octets)?;
        Ok(Self(octets))
    }

    /// As a recipient's entry gave it.
    pub(crate) fn unwrapped(octets: Zeroizing<Vec<u8>>) -> Self {
        Self(octets)
    }

    /// This random key, or the one that a recipient's entry held: the countermeasure of RFC 3218 §2.3.2 against oracles
    /// of PKCS #1 v1.5 (R-A10). The random key is drawn *before* the entry is opened. If opening fails in any way, or
    /// gives another length than the cipher has, the random key stays, chosen in constant time: nothing tells until the
    /// content does not decrypt. Errors only where opening never began: there is no key of that kind
    /// ([`KeyError::Unsupported`]), or it is away ([`KeyError::Unavailable`]).
    ///
    /// Measured with an RSA-2048 key in AWS-LC (`benches/decryption_timing.rs`: opening and decryption of the content;
    /// good entries against ones without padding and ones of another length): |t| at most 2.8 after 659 456 samples; a
    /// leaky way that stops at the first error, 37 after 57 344. Keys elsewhere take the time that they take.
    ///
    /// ```
    /// use mailseal::crypto::{ContentCipher, ContentKey, KeyError, Provider, Secret};
    /// let random = Provider::default().random;
    /// let opened = Some(Ok(Secret::from(vec![7; 32])));
    /// let key = ContentKey::random(ContentCipher::Aes256Gcm, random)?.replaced_by(opened)?;
    /// assert_eq!(key.expose(), [7; 32]);
    /// for failed in [Err(KeyError::Malformed("padding".into())), Ok(Secret::from(vec![7; 24]))] {
    ///     let key = ContentKey::random(ContentCipher::Aes256Gcm, random)?.replaced_by(Some(failed))?;
    ///     assert_eq!(key.expose().len(), 32);
    /// }
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn replaced_by(mut self, opened: Option<Result<Secret, KeyError>>) -> Result<Self, KeyError> {
        let (opened, held) = match opened {
            None => return Err(KeyError::Unsupported("this kind of key".to_owned())),
            Some(Err(away @ KeyError::Unavailable(_))) => return Err(away),
            Some(Err(_)) => (Secret::from(Vec::new()), Choice::from(0)),
            Some(Ok(opened)) => (opened, Choice::from(1)),
        };
        let fits = held & opened.expose().len().ct_eq(&self.0.len());
        let padded = opened.expose().iter().chain(std::iter::repeat(&0));
        self.0.iter_mut().zip(padded).for_each(|(own, other)| own.conditional_assign(other, fits));
        Ok(self)
    }

    /// The octets.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContentKey(..)")
    }
}

/// Content that is being encrypted.
pub trait ContentEncryption: Send {
    /// Encrypts some content and appends what is complete to `out`.
    fn update(&mut self, content: &[u8], out: &mut Vec<u8>) -> Result<(), KeyError>;
    /// Appends what is left (in CBC with the padding of RFC 5652 §6.3) and returns the tag, empty where there is none.
    fn finish(self: Box<Self>, out: &mut Vec<u8>) -> Result<Vec<u8>, KeyError>;
}

/// Content that is being decrypted. What it appends may not be used before [`finish`](Self::finish) says that it holds.
pub trait ContentDecryption: Send {
    /// Decrypts some ciphertext and appends what is complete to `out`.
    fn update(&mut self, ciphertext: &[u8], out: &mut Vec<u8>) -> Result<(), Undecryptable>;
    /// Appends what is left, without padding, if the tag fits. All failures are the same.
    fn finish(self: Box<Self>, tag: &[u8], out: &mut Vec<u8>) -> Result<(), Undecryptable>;
}

/// The one failure of decryption. It has no detail on purpose (R-A10, R-A12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not decrypted")]
pub struct Undecryptable;

/// Encrypts and decrypts content. The first of a [`Provider`](super::Provider) that knows the cipher does it.
pub trait Cipher: fmt::Debug + Send + Sync {
    /// Starts an encryption; `None` for a cipher that it does not know or does not write.
    fn encrypt(
        &self,
        cipher: ContentCipher,
        key: &ContentKey,
        nonce: &[u8],
        associated: &[u8],
    ) -> Option<Result<Box<dyn ContentEncryption>, KeyError>>;

    /// Starts a decryption; `None` for a cipher that it does not know. A key or nonce of the wrong length is
    /// [`Undecryptable`].
    fn decrypt(
        &self,
        cipher: ContentCipher,
        key: &ContentKey,
        nonce: &[u8],
        associated: &[u8],
    ) -> Option<Result<Box<dyn ContentDecryption>, Undecryptable>>;
}
