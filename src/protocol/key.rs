//! A private key, or its proxy, with its certificates.

use std::fmt;
use std::sync::Arc;

use crate::crypto::{DecryptionKey, PasswordSource, Provider, PublicKey, SignatureScheme, SigningKey};
use crate::error::{Error, KeyError};
use crate::limits::Limits;
use crate::mime::Address;
use crate::protocol::audit::{self, Audit};
#[cfg(feature = "smime")]
use crate::protocol::smime_key::{SmimeKey, x509_of};
use crate::protocol::{Certificate, KeyUse};
use crate::report::Protocol;
use crate::time::UnixTime;

/// A private key, or its proxy, joined with its certificates. What kind of key it is decides the protocol. Cheap to
/// clone.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use mailseal::{Key, Password};
/// let key = Key::load(&std::fs::read("alice.p12")?, Password::from("secret"))?;
/// println!("{:?}", key.addresses(std::time::SystemTime::now().into()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Key {
    pub(crate) kind: KeyKind,
    home: Home,
}

/// Where the private half is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Home {
    Here,
    Elsewhere,
    Deferred,
}

#[derive(Clone)]
pub(crate) enum KeyKind {
    #[cfg(feature = "smime")]
    Smime(Arc<SmimeKey>),
    #[cfg(feature = "openpgp")]
    Openpgp(Arc<crate::openpgp::SigningIdentity>),
}

impl Key {
    /// Reads a key with its certificates: PKCS#12, PEM with both, or an OpenPGP secret key.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../examples/letters/alice.rs");
    /// use mailseal::{Key, PasswordRequest, Secret};
    /// // Asked only if the file is locked; `None` gives up.
    /// let ask = |request: &PasswordRequest| {
    ///     println!("Password of {}:", request.subject);
    ///     (request.attempt < 3).then(|| Secret::from("correct horse"))
    /// };
    /// let key = Key::load(pem.as_bytes(), ask)?;
    /// # let _ = key;
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// PKCS#12 and PEM are unlocked here. An OpenPGP key stays locked and asks when it first signs, or when a letter is
    /// addressed to it.
    pub fn load(octets: &[u8], password: impl PasswordSource + Send + Sync + 'static) -> Result<Self, Error> {
        Self::load_with(octets, &[], password)
    }

    /// The same for a key whose certificates lie elsewhere.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../examples/letters/alice.rs");
    /// # let (key, certificate) = pem.split_at(pem.find("-----BEGIN CERTIFICATE").unwrap());
    /// use mailseal::{Certificate, Key, Password};
    /// let certificates = Certificate::load(certificate.as_bytes())?; // alice.crt and the CA's
    /// let key = Key::load_with(key.as_bytes(), &certificates, Password::none())?; // alice.key
    /// assert_eq!(key.certificate(), certificates[0]);
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn load_with(
        octets: &[u8],
        certificates: &[Certificate],
        password: impl PasswordSource + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        Self::load_by(octets, certificates, password, &Provider::default(), &Limits::default())
    }

    /// The same, by a provider and within limits.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../examples/letters/alice.rs");
    /// use mailseal::{Key, Limits, Password, crypto::Provider};
    /// // A server that takes key files from strangers bounds what unlocking one may cost.
    /// let limits = Limits::default().kdf_iterations(600_000).kdf_memory_kib(64 << 10);
    /// let key = Key::load_by(pem.as_bytes(), &[], Password::none(), &Provider::default(), &limits)?;
    /// # let _ = key;
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn load_by(
        octets: &[u8],
        certificates: &[Certificate],
        password: impl PasswordSource + Send + Sync + 'static,
        provider: &Provider,
        limits: &Limits,
    ) -> Result<Self, Error> {
        #[cfg(feature = "openpgp")]
        if crate::openpgp::looks_like_openpgp(octets) {
            let passwords = Arc::new(password);
            let mut identities =
                crate::openpgp::SigningIdentity::load_within(octets, passwords, provider, limits)?;
            if identities.len() != 1 {
                return Err(KeyError::Malformed("there are several secret keys in it".into()).into());
            }
            let identity = identities.remove(0);
            return Ok(Self { kind: KeyKind::Openpgp(Arc::new(identity)), home: Home::Here });
        }
        #[cfg(feature = "smime")]
        return SmimeKey::load(octets, certificates, &password, provider, limits)
            .map(|key| Self { kind: KeyKind::Smime(Arc::new(key)), home: Home::Here });
        #[cfg(not(feature = "smime"))]
        Err(KeyError::Malformed("it is no OpenPGP secret key".into()).into())
    }

    /// A key that lives elsewhere: a token, an agent, a KMS. The first certificate that fits it is its own; the others
    /// lead towards an anchor. An error where none fits. Its signatures are checked before a letter goes out.
    /// [`SigningKey`] shows one.
    pub fn external(signing: impl SigningKey + 'static, certificates: &[Certificate]) -> Result<Self, Error> {
        let signing: Arc<dyn SigningKey> = Arc::new(signing);
        #[cfg(feature = "openpgp")]
        if let Some(Certificate::Openpgp(certificate)) = certificates.first() {
            let identity = crate::openpgp::SigningIdentity::with_key(certificate.clone(), signing)?;
            return Ok(Self { kind: KeyKind::Openpgp(Arc::new(identity)), home: Home::Elsewhere });
        }
        #[cfg(feature = "smime")]
        return SmimeKey::join(signing, certificates)
            .map(|key| Self { kind: KeyKind::Smime(Arc::new(key)), home: Home::Elsewhere });
        #[cfg(not(feature = "smime"))]
        Err(Error::misuse("there is no certificate for the key"))
    }

    /// A key that decrypts and lives elsewhere: a token, an agent, a KMS. Letters to every certificate that fits it are
    /// opened with it; it does not sign. An error where no certificate fits.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// use mailseal::crypto::{DecryptionKey, KeyError, PublicKey, Secret, WrappedKey};
    /// use mailseal::{Certificate, Key};
    ///
    /// /// Asks a service on the net.
    /// #[derive(Debug)]
    /// struct Remote(PublicKey);
    ///
    /// impl DecryptionKey for Remote {
    ///     fn public(&self) -> &PublicKey {
    ///         &self.0
    ///     }
    ///     fn unwrap(&self, _: &WrappedKey<'_>) -> Option<Result<Secret, KeyError>> {
    ///         Some(Err(KeyError::Unavailable("the service does not answer".into())))
    ///     }
    /// }
    ///
    /// # let pem: String = include!("../../examples/letters/alice.rs");
    /// let certificates = Certificate::load(pem.as_bytes())?;
    /// let public = certificates[0].signing_keys().remove(0);
    /// let key = Key::external_decryption(Remote(public), &certificates)?;
    /// assert_eq!(key.certificate(), certificates[0]);
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn external_decryption(
        key: impl DecryptionKey + 'static,
        certificates: &[Certificate],
    ) -> Result<Self, Error> {
        let key: Arc<dyn DecryptionKey> = Arc::new(key);
        #[cfg(feature = "openpgp")]
        if let Some(Certificate::Openpgp(certificate)) = certificates.first() {
            let (certificate, provider) = (certificate.clone(), Provider::default());
            let identity = crate::openpgp::SigningIdentity::with_decryption_key(certificate, key, &provider)?;
            return Ok(Self { kind: KeyKind::Openpgp(Arc::new(identity)), home: Home::Elsewhere });
        }
        #[cfg(feature = "smime")]
        return SmimeKey::join_decryption(key, certificates)
            .map(|key| Self { kind: KeyKind::Smime(Arc::new(key)), home: Home::Elsewhere });
        #[cfg(not(feature = "smime"))]
        Err(Error::misuse("there is no certificate for the key"))
    }

    /// A key that is not here: letters are prepared for it, and finished with a signature from elsewhere. The first
    /// certificate is its own.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../examples/letters/alice.rs");
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// use mailseal::{Certificate, Key};
    /// let key = Key::deferred(&Certificate::load(pem.as_bytes())?)?;
    /// assert_eq!(key.addresses(at), ["alice@example.org".parse()?]);
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn deferred(certificates: &[Certificate]) -> Result<Self, Error> {
        match certificates.first() {
            #[cfg(feature = "smime")]
            Some(Certificate::X509(certificate)) => {
                let public = certificate.public_key().map_err(KeyError::clone)?.clone();
                let chain = x509_of(certificates).into_iter().skip(1).collect();
                let key = SmimeKey::new(None, public, certificate.clone(), chain);
                Ok(Self { kind: KeyKind::Smime(Arc::new(key)), home: Home::Deferred })
            }
            #[cfg(feature = "openpgp")]
            Some(Certificate::Openpgp(certificate)) => {
                let identity = crate::openpgp::SigningIdentity::deferred(certificate.clone())?;
                Ok(Self { kind: KeyKind::Openpgp(Arc::new(identity)), home: Home::Deferred })
            }
            None => Err(Error::misuse("a deferred key needs its certificate")),
        }
    }

    /// Which protocol it signs for.
    pub fn protocol(&self) -> Protocol {
        match &self.kind {
            #[cfg(feature = "smime")]
            KeyKind::Smime(_) => Protocol::Smime,
            #[cfg(feature = "openpgp")]
            KeyKind::Openpgp(_) => Protocol::Openpgp,
        }
    }

    /// The certificate of the key.
    pub fn certificate(&self) -> Certificate {
        match &self.kind {
            #[cfg(feature = "smime")]
            KeyKind::Smime(key) => Certificate::X509(key.certificate.clone()),
            #[cfg(feature = "openpgp")]
            KeyKind::Openpgp(key) => Certificate::Openpgp(key.certificate().clone()),
        }
    }

    /// The addresses it may sign for.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../examples/letters/alice.rs");
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// # let keys = [mailseal::Key::load(pem.as_bytes(), mailseal::Password::none())?];
    /// // Which of my keys signs for this address?
    /// let from = "alice@example.org".parse()?;
    /// let key = keys.iter().find(|key| key.addresses(at).contains(&from));
    /// # assert!(key.is_some());
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn addresses(&self, at: UnixTime) -> Vec<Address> {
        self.certificate().addresses(at)
    }

    /// Whether it may sign for the address: asked for each letter, so it is not read anew from the certificate.
    pub(crate) fn names(&self, address: &Address, at: UnixTime) -> bool {
        match &self.kind {
            #[cfg(feature = "smime")]
            KeyKind::Smime(key) => key.names(address),
            #[cfg(feature = "openpgp")]
            KeyKind::Openpgp(key) => key.names(address, at),
        }
    }

    /// The same key, signing with this scheme instead of the one it prefers: PSS padding of RSA, a longer hash.
    ///
    /// S/MIME takes every scheme of the key (RFC 4056 for PSS); OpenPGP those that RFC 9580 §9.1 has, which is never
    /// PSS. Receivers with old programs do not know PSS, so no key prefers it unless it is a key for PSS only.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use mailseal::{Key, Password, crypto::SignatureScheme};
    /// let key = Key::load(&std::fs::read("alice.p12")?, Password::from("secret"))?;
    /// let key = key.scheme(SignatureScheme::RsaPssSha256)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn scheme(&self, scheme: SignatureScheme) -> Result<Self, Error> {
        let kind = match &self.kind {
            #[cfg(feature = "smime")]
            KeyKind::Smime(key) => KeyKind::Smime(Arc::new(key.with_scheme(scheme)?)),
            #[cfg(feature = "openpgp")]
            KeyKind::Openpgp(key) => KeyKind::Openpgp(Arc::new(key.with_scheme(scheme)?)),
        };
        Ok(Self { kind, home: self.home })
    }

    /// The same key, each use of its private half told: one call for each signature that is made, one for each content
    /// key that is tried. The observer is called in the thread that uses the key, before the result is used.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../examples/letters/alice.rs");
    /// # let draft = b"From: alice@example.org\r\n\r\nHello\r\n";
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// use std::sync::mpsc;
    /// use mailseal::{Composer, Context, Key, Password, TrustStore, protocol::KeyUse};
    /// let (records, read) = mpsc::sync_channel(100);
    /// let key = Key::load(pem.as_bytes(), Password::none())?;
    /// let key = key.audited(move |used: &KeyUse<'_>| {
    ///     let _ = records.send(format!("{} by {} with {}", used.operation.name(), used.key, used.method));
    /// });
    /// Composer::new(&Context::new(TrustStore::new())).sign(&key).compose(draft, at, &mut Vec::new())?;
    /// assert_eq!(read.recv()?, format!("sign by {} with ecdsa-p256-sha256", key.certificate().fingerprint()));
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn audited(&self, observer: impl Fn(&KeyUse<'_>) + Send + Sync + 'static) -> Self {
        let audit: Audit = Arc::new(observer);
        let (protocol, certificate) = (self.protocol(), self.certificate().fingerprint());
        let kind = match &self.kind {
            #[cfg(feature = "smime")]
            KeyKind::Smime(key) => {
                let watch = audit::watch(&audit, protocol, &certificate, &certificate);
                KeyKind::Smime(Arc::new(key.watched(&watch)))
            }
            #[cfg(feature = "openpgp")]
            KeyKind::Openpgp(key) => {
                let watch = |subkey: &str| audit::watch(&audit, protocol, &certificate, subkey);
                KeyKind::Openpgp(Arc::new(key.watched(&watch)))
            }
        };
        Self { kind, home: self.home }
    }

    /// The private half of one of its public keys.
    pub(crate) fn signing_key(&self, public: &PublicKey) -> Option<&Arc<dyn SigningKey>> {
        match &self.kind {
            #[cfg(feature = "smime")]
            KeyKind::Smime(key) => key.signing.as_ref().filter(|_| key.public == *public),
            #[cfg(feature = "openpgp")]
            KeyKind::Openpgp(key) => key.private_key(public),
        }
    }

    #[cfg(all(test, feature = "openpgp"))]
    pub(crate) fn of(identity: crate::openpgp::SigningIdentity) -> Self {
        Self { kind: KeyKind::Openpgp(Arc::new(identity)), home: Home::Here }
    }

    pub(crate) fn is_external(&self) -> bool {
        self.home != Home::Here
    }

    pub(crate) fn is_deferred(&self) -> bool {
        self.home == Home::Deferred
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}, {})", self.protocol().name(), self.certificate().fingerprint())
    }
}

#[cfg(test)]
#[cfg(feature = "smime")]
mod tests {
    use super::*;
    use crate::crypto::{KeyLoader, Password, ToSign};
    use crate::x509::testing::{Make, make, spki};

    #[derive(Debug)]
    struct Stub(PublicKey);

    impl SigningKey for Stub {
        fn public(&self) -> &PublicKey {
            &self.0
        }

        fn schemes(&self) -> &[SignatureScheme] {
            &[SignatureScheme::Ed25519]
        }

        fn sign(&self, _: SignatureScheme, _: ToSign<'_>) -> Result<Vec<u8>, KeyError> {
            Err(KeyError::Unavailable("a stub".into()))
        }
    }

    /// The last octet of a private key is the word that its certificate knows it by.
    #[derive(Debug)]
    struct ByWord;

    impl KeyLoader for ByWord {
        fn signing_key(&self, pkcs8: &[u8]) -> Result<Arc<dyn SigningKey>, KeyError> {
            let word = char::from(*pkcs8.last().unwrap()).to_string();
            Ok(Arc::new(Stub(PublicKey::from_spki(&spki(&word))?)))
        }
    }

    fn certificate(word: &str, usage: u8) -> Certificate {
        let made = Make { key: word.into(), ..make(&format!("{word} for {usage:x}")) };
        Certificate::X509(made.key_usage(usage).signed_by("issuer"))
    }

    fn load(words: &str, certificates: &[Certificate]) -> Key {
        let pem = |word: char| {
            let mut der = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20".to_vec();
            der.resize(48, u8::try_from(word).unwrap());
            let base64 = base64_simd::STANDARD.encode_to_string(der);
            format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n")
        };
        let file: String = words.chars().map(pem).collect();
        let provider = Provider { key_loader: &ByWord, ..Provider::default() };
        let limits = Limits::default();
        Key::load_by(file.as_bytes(), certificates, Password::none(), &provider, &limits).unwrap()
    }

    const SIGN: u8 = 0x80;
    const ENCIPHER: u8 = 0x20;

    #[test]
    fn the_key_for_signing_is_taken_where_there_are_two() {
        let certificates = [certificate("e", ENCIPHER), certificate("s", SIGN)];
        for words in ["es", "se"] {
            assert_eq!(load(words, &certificates).certificate(), certificates[1], "{words}");
        }
        assert_eq!(load("e", &certificates).certificate(), certificates[0]);
        let one_key = [certificate("e", ENCIPHER), certificate("e", SIGN)];
        assert_eq!(load("e", &one_key).certificate(), one_key[1]);
    }

    #[test]
    fn a_scheme_that_the_key_has_not_is_refused() {
        let key = load("s", &[certificate("s", SIGN)]);
        assert!(key.scheme(SignatureScheme::Ed25519).is_ok());
        let refused = key.scheme(SignatureScheme::RsaPssSha256);
        assert!(matches!(refused, Err(Error::Key(KeyError::Unsupported(_)))));
    }
}
