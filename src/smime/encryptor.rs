//! Encrypting (RFC 8551 §3.3, §3.4).

use std::io::{self, Write};
use std::sync::Arc;

use crate::cms::enveloped::{EnvelopedWriter, Rid, To, derivation};
use crate::crypto::{ContentCipher, HashAlgorithm, KeyAlgorithm, Provider, RsaEncryption, Secret};
use crate::error::{Error, KeyError};
use crate::protocol::{self, Encrypting, SharedKey};
use crate::report::Protocol;
use crate::time::UnixTime;
use crate::x509::Certificate;

/// Encrypts to recipients. Each letter has its own content key and nonce.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// use std::io::Write;
/// use mailseal::crypto::{ContentCipher, Provider};
/// use mailseal::protocol::Encryptor as _;
/// use mailseal::smime::{EncryptionOptions, Encryptor, Recipient};
///
/// let to = [Recipient::password("correct horse battery staple")];
/// let options = EncryptionOptions::new(ContentCipher::Aes256Gcm);
/// let encryptor = Encryptor::new(&to, &options, &Provider::default())?;
/// let mut message = Vec::new();
/// let mut encrypting = encryptor.begin(&mut message, at)?;
/// encrypting.write_all(b"Content-Type: text/plain\r\n\r\nHello\r\n")?;
/// encrypting.finish()?;
/// assert!(!message.windows(5).any(|octets| octets == b"Hello"));
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Encryptor {
    to: Vec<To>,
    options: EncryptionOptions,
    provider: Provider,
}

/// Somebody that a letter is encrypted to.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
/// use mailseal::x509::Certificate;
/// use mailseal::smime::Recipient;
/// let pem = include_bytes!("../../examples/letters/openssl-ca.pem");
/// let certificate = Certificate::load_pem_or_der(pem)?.remove(0);
/// let all = [Recipient::certificate(&certificate), Recipient::password("correct horse")];
/// # let _ = all;
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Recipient(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Certificate { certificate: Certificate, oaep: bool },
    Shared(SharedKey),
    Password(Arc<Secret>),
}

impl Recipient {
    /// The owner of a certificate: RSA (RFC 3370 §4.2.1, RFC 3560), P-256, P-384, P-521 (RFC 5753), X25519 (RFC 8418).
    pub fn certificate(certificate: &Certificate) -> Self {
        let oaep = certificate.capabilities().is_some_and(|capabilities| capabilities.oaep);
        Self(Kind::Certificate { certificate: certificate.clone(), oaep })
    }

    /// The same, by RSAES-OAEP or not, whatever the certificate says: what its owner says in a signature is newer
    /// ([`SignerInfo::smime_capabilities`](crate::cms::SignerInfo::smime_capabilities)). Of RSA certificates only.
    ///
    /// ```
    /// use mailseal::x509::Certificate;
    /// use mailseal::smime::Recipient;
    /// let pem = include_bytes!("../../examples/letters/openssl-ca.pem");
    /// let certificate = Certificate::load_pem_or_der(pem)?.remove(0);
    /// let recipient = Recipient::certificate(&certificate).oaep(true);
    /// # let _ = recipient;
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    #[must_use]
    pub fn oaep(self, asked: bool) -> Self {
        match self.0 {
            Kind::Certificate { certificate, .. } => Self(Kind::Certificate { certificate, oaep: asked }),
            other => Self(other),
        }
    }

    /// Who has this key already (RFC 5652 §6.2.3).
    ///
    /// ```
    /// use mailseal::{protocol::SharedKey, smime::Recipient};
    /// let archive = Recipient::shared(&SharedKey::new(b"archive 2027", vec![7; 32])?);
    /// # let _ = archive;
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    pub fn shared(key: &SharedKey) -> Self {
        Self(Kind::Shared(key.clone()))
    }

    /// Who knows this password (RFC 3211): PBKDF2 with HMAC-SHA-256 and 600,000 iterations.
    pub fn password(password: impl Into<Secret>) -> Self {
        Self(Kind::Password(Arc::new(password.into())))
    }

    fn to(&self, options: &EncryptionOptions) -> Result<To, Error> {
        match &self.0 {
            Kind::Certificate { certificate, oaep } => options.to(certificate, *oaep),
            Kind::Shared(shared) => {
                Ok(To::Shared { identifier: shared.identifier.clone(), key: Arc::clone(&shared.key) })
            }
            Kind::Password(password) if password.expose().is_empty() => {
                Err(Error::misuse("an empty password"))
            }
            Kind::Password(password) => {
                Ok(To::Password { password: Arc::clone(password), iterations: ITERATIONS })
            }
        }
    }
}

/// OWASP's number for PBKDF2 with HMAC-SHA-256.
const ITERATIONS: u32 = 600_000;

/// How a letter is encrypted.
///
/// ```
/// use mailseal::crypto::ContentCipher;
/// use mailseal::smime::EncryptionOptions;
/// let options = EncryptionOptions::new(ContentCipher::Aes256Gcm).oaep(true);
/// assert_eq!(options.cipher, ContentCipher::Aes256Gcm);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncryptionOptions {
    /// Of the content. With a tag: AuthEnvelopedData (RFC 5083); AES-CBC: EnvelopedData, which older programs read and
    /// which anyone on the way can change. Triple DES and RC2 are not written.
    pub cipher: ContentCipher,
    /// RSA by RSAES-OAEP with SHA-256 (RFC 3560) also to who does not ask for it. Default: RSAES-PKCS1-v1_5, which every
    /// program reads, but for certificates that state OAEP among their capabilities (RFC 4262).
    pub oaep: bool,
    /// Recipients are named by the key identifier of their certificate, where it has one, and not by issuer and serial
    /// number. Default: not.
    pub key_identifiers: bool,
    /// The key of the content is derived from the one in the entries, which binds it to its cipher (RFC 9709). Programs
    /// that do not know this cannot open it. Default: not.
    pub derived_key: bool,
}

impl EncryptionOptions {
    /// With this cipher, and all else as most programs read it.
    pub fn new(cipher: ContentCipher) -> Self {
        Self { cipher, oaep: false, key_identifiers: false, derived_key: false }
    }

    /// Sets [`oaep`](Self::oaep).
    #[must_use]
    pub fn oaep(mut self, oaep: bool) -> Self {
        self.oaep = oaep;
        self
    }

    /// Sets [`key_identifiers`](Self::key_identifiers).
    #[must_use]
    pub fn key_identifiers(mut self, key_identifiers: bool) -> Self {
        self.key_identifiers = key_identifiers;
        self
    }

    /// Sets [`derived_key`](Self::derived_key).
    #[must_use]
    pub fn derived_key(mut self, derived_key: bool) -> Self {
        self.derived_key = derived_key;
        self
    }

    fn to(&self, certificate: &Certificate, asked: bool) -> Result<To, Error> {
        let unsupported = |what: String| Error::from(KeyError::Unsupported(what));
        let key = certificate.public_key().map_err(KeyError::clone)?.clone();
        if !certificate.can_encrypt() {
            return Err(unsupported(format!(
                "the certificate of {} is not for encryption",
                certificate.name()
            )));
        }
        let rid = Rid::of(certificate, self.key_identifiers);
        match key.algorithm() {
            KeyAlgorithm::Rsa { .. } => {
                let hash = HashAlgorithm::Sha256;
                let oaep = RsaEncryption::Oaep { hash, mgf: hash };
                let scheme = if self.oaep || asked { oaep } else { RsaEncryption::Pkcs1 };
                Ok(To::Transport { rid, key, scheme })
            }
            other => match derivation(other) {
                Some(derivation) => Ok(To::Agreement { rid, key, derivation }),
                None => Err(unsupported(format!("encryption to {other}"))),
            },
        }
    }
}

impl Encryptor {
    /// Encrypts to all of these; an error where there is nobody, or one of them cannot be encrypted to.
    pub fn new(
        recipients: &[Recipient],
        options: &EncryptionOptions,
        provider: &Provider,
    ) -> Result<Self, Error> {
        if recipients.is_empty() {
            return Err(Error::misuse("there is nobody to encrypt to"));
        }
        if options.cipher.is_weak() {
            return Err(Error::misuse("a cipher that is for reading only"));
        }
        let to = recipients.iter().map(|one| one.to(options)).collect::<Result<Vec<_>, Error>>()?;
        Ok(Self { to, options: options.clone(), provider: *provider })
    }
}

impl protocol::Encryptor for Encryptor {
    fn protocol(&self) -> Protocol {
        Protocol::Smime
    }

    fn begin<'o>(&'o self, out: &'o mut dyn Write, _: UnixTime) -> Result<Box<dyn Encrypting + 'o>, Error> {
        let EncryptionOptions { cipher, derived_key, .. } = self.options;
        let writer = EnvelopedWriter::new(&self.to, cipher, derived_key, out, &self.provider)?;
        Ok(Box::new(InTheMaking(writer)))
    }
}

struct InTheMaking<'o>(EnvelopedWriter<&'o mut dyn Write>);

impl Write for InTheMaking<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Encrypting for InTheMaking<'_> {
    fn finish(self: Box<Self>) -> Result<(), Error> {
        self.0.finish()
    }
}
