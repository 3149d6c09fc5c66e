//! Who computes: a plain struct of elements, in preference order.

use std::fmt;
use std::sync::Arc;

use crate::crypto::{
    Agreed, Cipher, ContentCipher, ContentDecryption, ContentEncryption, ContentKey, DecryptionKey,
    HashAlgorithm, KeyTransport, KeyWrap, PublicKey, RsaEncryption, Secret, SignatureAlgorithm, SigningKey,
    ToSign, Undecryptable,
};
use crate::error::KeyError;

/// A running hash.
///
/// ```
/// use mailseal::crypto::{HashAlgorithm, Provider};
/// let mut digest = Provider::default().digest(HashAlgorithm::Sha256).unwrap();
/// digest.update(b"a");
/// let mut other = digest.fork();
/// digest.update(b"b");
/// other.update(b"c");
/// assert_ne!(digest.finish(), other.finish());
/// ```
pub trait Digest: Send {
    /// Takes more octets.
    fn update(&mut self, octets: &[u8]);
    /// A second hash of all octets taken so far.
    fn fork(&self) -> Box<dyn Digest>;
    /// The digest of all octets taken.
    fn finish(self: Box<Self>) -> Vec<u8>;
}

/// Why a signature does not verify.
///
/// ```
/// use mailseal::crypto::{Provider, PublicKey, SignatureAlgorithm, ToSign, VerifyError};
/// let key = PublicKey::ed448(&[1; 57])?;
/// match Provider::default().verify(SignatureAlgorithm::Ed448, &key, ToSign::Message(b"text"), &[0; 114]) {
///     Ok(()) => println!("intact"),
///     Err(VerifyError::Unsupported) => println!("nobody here can say"),
///     Err(VerifyError::BadKey | VerifyError::BadSignature) => println!("no"),
/// }
/// # Ok::<(), mailseal::crypto::KeyError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifyError {
    /// This verifier does not know the algorithm, the curve or the parameters.
    Unsupported,
    /// The key has a size or form that is refused.
    BadKey,
    /// The mathematics says no, or the signature has not the one allowed encoding.
    BadSignature,
}

/// Checks signatures. The first verifier of a [`Provider`] that does not say
/// [`Unsupported`](VerifyError::Unsupported) decides.
///
/// ```
/// use mailseal::crypto::{self, Provider, PublicKey, SignatureAlgorithm, ToSign, Verifier, VerifyError};
///
/// /// Refuses what a rule of the house forbids; the verifiers after it decide the rest.
/// #[derive(Debug)]
/// struct NoEd448;
///
/// impl Verifier for NoEd448 {
///     fn verify(
///         &self,
///         algorithm: SignatureAlgorithm,
///         _: &PublicKey,
///         _: ToSign<'_>,
///         _: &[u8],
///     ) -> Result<(), VerifyError> {
///         match algorithm {
///             SignatureAlgorithm::Ed448 => Err(VerifyError::BadKey),
///             _ => Err(VerifyError::Unsupported),
///         }
///     }
/// }
///
/// let verifiers: Vec<&'static dyn Verifier> = [&[&NoEd448 as &dyn Verifier], Provider::default().verifiers].concat();
/// let provider = Provider { verifiers: verifiers.leak(), ..Provider::default() };
/// # assert!(provider.verifiers.len() > 1);
/// ```
pub trait Verifier: fmt::Debug + Send + Sync {
    /// Checks one signature.
    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        key: &PublicKey,
        input: ToSign<'_>,
        signature: &[u8],
    ) -> Result<(), VerifyError>;
}

/// A source of random octets fit for keys and nonces.
///
/// ```
/// use std::io::Read;
/// use mailseal::crypto::{KeyError, Provider, SecureRandom};
///
/// /// A generator of the machine.
/// #[derive(Debug)]
/// struct Device;
///
/// impl SecureRandom for Device {
///     fn fill(&self, out: &mut [u8]) -> Result<(), KeyError> {
///         let mut device = std::fs::File::open("/dev/hwrng").map_err(KeyError::unavailable)?;
///         device.read_exact(out).map_err(KeyError::unavailable)
///     }
/// }
///
/// let provider = Provider { name: "mine", random: &Device, ..Provider::default() };
/// # let _ = provider;
/// ```
pub trait SecureRandom: fmt::Debug + Send + Sync {
    /// Fills all of `out`, or fails; never falls back to something weaker.
    fn fill(&self, out: &mut [u8]) -> Result<(), KeyError>;
}

/// Makes a [`SigningKey`] of a private key in memory.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
/// use mailseal::crypto::Provider;
/// use mailseal::x509::private_key;
/// # let pem: String = include!("../../examples/letters/alice.rs");
/// let file = private_key::read(pem.as_bytes(), None, &mailseal::Limits::default())?;
/// for pkcs8 in &file.keys {
///     let key = Provider::default().key_loader.signing_key(pkcs8)?;
///     println!("{:?} signs with {:?}", key.public().algorithm(), key.schemes());
/// }
/// # }
/// # Ok(())
/// # }
/// ```
pub trait KeyLoader: fmt::Debug + Send + Sync {
    /// Loads a DER PrivateKeyInfo / OneAsymmetricKey (RFC 5958) and checks that its halves belong together.
    fn signing_key(&self, pkcs8: &[u8]) -> Result<Arc<dyn SigningKey>, KeyError>;

    /// The same for a key that decrypts. Default: none does.
    fn decryption_key(&self, pkcs8: &[u8]) -> Result<Arc<dyn DecryptionKey>, KeyError> {
        let _ = pkcs8;
        Err(KeyError::Unsupported("decryption".into()))
    }

    /// Makes a new private key: DER PrivateKeyInfo (RFC 5958). Default: none is made.
    ///
    /// ```
    /// # #[cfg(any(feature = "aws-lc", feature = "rust-crypto"))] {
    /// use mailseal::crypto::{NewKeyAlgorithm, Provider};
    /// let loader = Provider::default().key_loader;
    /// let pkcs8 = loader.generate(NewKeyAlgorithm::P256)?;
    /// assert_eq!(loader.signing_key(pkcs8.expose())?.public().bits(), 256);
    /// # }
    /// # Ok::<(), mailseal::crypto::KeyError>(())
    /// ```
    fn generate(&self, algorithm: NewKeyAlgorithm) -> Result<Secret, KeyError> {
        Err(KeyError::Unsupported(format!("a new key: {algorithm}")))
    }
}

/// What a new private key can be.
///
/// ```
/// use mailseal::crypto::NewKeyAlgorithm;
/// assert_eq!("rsa-3072".parse(), Ok(NewKeyAlgorithm::Rsa3072));
/// assert_eq!(NewKeyAlgorithm::P256.to_string(), "p-256");
/// assert!("rsa-1024".parse::<NewKeyAlgorithm>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NewKeyAlgorithm {
    /// `p-256`: NIST P-256.
    P256,
    /// `p-384`: NIST P-384.
    P384,
    /// `p-521`: NIST P-521.
    P521,
    /// `rsa-3072`: RSA with a modulus of 3072 bits.
    Rsa3072,
    /// `rsa-4096`: RSA with a modulus of 4096 bits.
    Rsa4096,
    /// `ed25519`: Ed25519. In OpenPGP with an X25519 key beside it; in S/MIME it signs alone.
    Ed25519,
}

impl NewKeyAlgorithm {
    /// All of them.
    ///
    /// ```
    /// use mailseal::crypto::NewKeyAlgorithm;
    /// let names: Vec<String> = NewKeyAlgorithm::ALL.iter().map(ToString::to_string).collect();
    /// assert_eq!(names.join(" "), "p-256 p-384 p-521 rsa-3072 rsa-4096 ed25519");
    /// ```
    pub const ALL: [Self; 6] =
        [Self::P256, Self::P384, Self::P521, Self::Rsa3072, Self::Rsa4096, Self::Ed25519];
}

impl fmt::Display for NewKeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P256 => "p-256",
            Self::P384 => "p-384",
            Self::P521 => "p-521",
            Self::Rsa3072 => "rsa-3072",
            Self::Rsa4096 => "rsa-4096",
            Self::Ed25519 => "ed25519",
        })
    }
}

impl std::str::FromStr for NewKeyAlgorithm {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let found = Self::ALL.into_iter().find(|one| one.to_string() == text);
        found.ok_or_else(|| KeyError::Unsupported(format!("a new key: {text}")))
    }
}

/// Everything cryptographic that mailseal needs, each element replaceable.
///
/// ```
/// use mailseal::crypto::{HashAlgorithm, Provider};
/// let provider = Provider::default();
/// let mut digest = provider.digest(HashAlgorithm::Sha256).unwrap();
/// digest.update(b"abc");
/// assert_eq!(digest.finish()[..4], [0xba, 0x78, 0x16, 0xbf]);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Provider {
    /// Its name, for reports and logs.
    pub name: &'static str,
    /// Starts a hash; `None` for one it does not know.
    pub digest: fn(HashAlgorithm) -> Option<Box<dyn Digest>>,
    /// Verifiers, the preferred first.
    pub verifiers: &'static [&'static dyn Verifier],
    /// Loads private keys.
    pub key_loader: &'static dyn KeyLoader,
    /// Ciphers for content, the preferred first.
    pub ciphers: &'static [&'static dyn Cipher],
    /// Encryption to public keys, the preferred first.
    pub key_transports: &'static [&'static dyn KeyTransport],
    /// Key wrap, the preferred first.
    pub key_wraps: &'static [&'static dyn KeyWrap],
    /// Random octets.
    pub random: &'static dyn SecureRandom,
}

/// AWS-LC, else the RustCrypto crates, else what is in every build; by the features that are on.
impl Default for Provider {
    fn default() -> Self {
        #[cfg(feature = "aws-lc")]
        return super::aws_lc();
        #[cfg(all(feature = "rust-crypto", not(feature = "aws-lc")))]
        return super::rust_crypto();
        #[cfg(not(any(feature = "aws-lc", feature = "rust-crypto")))]
        return super::portable();
    }
}

impl Provider {
    /// Starts a hash.
    pub fn digest(&self, algorithm: HashAlgorithm) -> Option<Box<dyn Digest>> {
        (self.digest)(algorithm)
    }

    /// The digest of octets at hand.
    pub fn hash(&self, algorithm: HashAlgorithm, octets: &[u8]) -> Option<Vec<u8>> {
        let mut digest = self.digest(algorithm)?;
        digest.update(octets);
        Some(digest.finish())
    }

    /// Checks one signature by the first verifier that knows the algorithm.
    pub fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        key: &PublicKey,
        input: ToSign<'_>,
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        self.verifiers
            .iter()
            .map(|verifier| verifier.verify(algorithm, key, input, signature))
            .find(|result| *result != Err(VerifyError::Unsupported))
            .unwrap_or(Err(VerifyError::Unsupported))
    }

    /// Starts to encrypt content by the first that knows the cipher.
    pub fn encrypt(
        &self,
        cipher: ContentCipher,
        key: &ContentKey,
        nonce: &[u8],
        associated: &[u8],
    ) -> Result<Box<dyn ContentEncryption>, KeyError> {
        let mut found = self.ciphers.iter().filter_map(|one| one.encrypt(cipher, key, nonce, associated));
        found.next().unwrap_or_else(|| Err(KeyError::Unsupported(cipher.to_string())))
    }

    /// Starts to decrypt content by the first that knows the cipher; `None` if nobody does.
    pub fn decrypt(
        &self,
        cipher: ContentCipher,
        key: &ContentKey,
        nonce: &[u8],
        associated: &[u8],
    ) -> Option<Result<Box<dyn ContentDecryption>, Undecryptable>> {
        self.ciphers.iter().find_map(|one| one.decrypt(cipher, key, nonce, associated))
    }

    /// Encrypts a few octets to an RSA key.
    pub fn encrypt_to(
        &self,
        scheme: RsaEncryption,
        key: &PublicKey,
        octets: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        let mut found = self.key_transports.iter().filter_map(|one| one.encrypt(scheme, key, octets));
        found.next().unwrap_or_else(|| Err(KeyError::Unsupported(key.algorithm().to_string())))
    }

    /// Agrees on a secret with a public key, by a new ephemeral one.
    pub fn agree(&self, with: &PublicKey) -> Result<Agreed, KeyError> {
        let mut found = self.key_transports.iter().filter_map(|one| one.agree(with));
        found.next().unwrap_or_else(|| Err(KeyError::Unsupported(with.algorithm().to_string())))
    }

    /// AES key wrap (RFC 3394).
    pub fn wrap(&self, outer: &[u8], key: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut found = self.key_wraps.iter().filter_map(|one| one.wrap(outer, key));
        found.next().unwrap_or_else(|| Err(KeyError::Unsupported("key wrap".into())))
    }

    /// The way back.
    pub fn unwrap(&self, outer: &[u8], wrapped: &[u8]) -> Result<Secret, Undecryptable> {
        self.key_wraps.iter().find_map(|one| one.unwrap(outer, wrapped)).unwrap_or(Err(Undecryptable))
    }
}
