//! New keys of either protocol, for people who have none yet.

use crate::crypto::{NewKeyAlgorithm, Provider, Secret};
use crate::error::Error;
use crate::mime::Address;
use crate::protocol::Certificate;
use crate::report::Protocol;
use crate::time::UnixTime;

/// A key in the making: for whom, of what kind, how long. Cheap to clone.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(all(feature = "openpgp-rust", feature = "aws-lc"))] {
/// use mailseal::{Key, Password, UnixTime, crypto::Provider, protocol::NewKey, report::Protocol};
/// let at = UnixTime::from_seconds(1_800_000_000);
/// let made = NewKey::new(Protocol::Openpgp, &["alice@example.org".parse()?])?
///     .name("Alice")
///     .make(Some("correct horse"), at, &Provider::default())?;
///
/// let key = Key::load(made.key.expose(), Password::from("correct horse"))?; // made.key goes into a file
/// assert_eq!(key.addresses(at), ["alice@example.org".parse()?]);
/// let to_give_away = made.certificate.ok_or("an OpenPGP key has one at once")?.to_text()?;
/// # assert!(!to_give_away.is_empty() && made.revocation.is_some());
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct NewKey {
    protocol: Protocol,
    addresses: Vec<Address>,
    name: Option<String>,
    algorithm: NewKeyAlgorithm,
    /// `Some(None)`: never.
    expires: Option<Option<UnixTime>>,
    version_6: bool,
    self_signed: bool,
}

/// What was made; all of it is what files of that kind hold.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(all(feature = "smime", feature = "aws-lc"))] {
/// use mailseal::{UnixTime, crypto::Provider, protocol::NewKey, report::Protocol};
/// let at = UnixTime::from_seconds(1_800_000_000);
/// let who = ["alice@example.org".parse()?];
/// let made = NewKey::new(Protocol::Smime, &who)?.make(Some("correct horse"), at, &Provider::default())?;
/// // The authority answers the request with a certificate; then both are put into PKCS#12.
/// assert!(made.request.is_some() && made.certificate.is_none());
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct MadeKey {
    /// The private key: an OpenPGP secret key in armor; of S/MIME, PKCS#12 with the certificate that it signed itself,
    /// or PEM PKCS#8 until there is a certificate.
    pub key: Secret,
    /// The certificate, which is given away. Of S/MIME, where it signed itself.
    pub certificate: Option<Certificate>,
    /// PEM PKCS#10 (RFC 2986), for a certification authority. S/MIME alone.
    pub request: Option<Vec<u8>>,
    /// The certificate as revoked, in armor: kept in a safe place, and given away the day the key is lost. OpenPGP alone.
    pub revocation: Option<Vec<u8>>,
}

impl NewKey {
    /// For these addresses, the first being the usual one: of OpenPGP Ed25519 with X25519, of S/MIME P-256. An error
    /// where there is no address.
    pub fn new(protocol: Protocol, addresses: &[Address]) -> Result<Self, Error> {
        if addresses.is_empty() {
            return Err(Error::misuse("a key for nobody: it needs an address"));
        }
        let algorithm = match protocol {
            Protocol::Smime => NewKeyAlgorithm::P256,
            _ => NewKeyAlgorithm::Ed25519,
        };
        let (addresses, name, expires) = (addresses.to_vec(), None, None);
        let (version_6, self_signed) = (false, false);
        Ok(Self { protocol, addresses, name, algorithm, expires, version_6, self_signed })
    }

    /// What its holder is called.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Another kind of key.
    ///
    /// ```
    /// use mailseal::{crypto::NewKeyAlgorithm, protocol::NewKey, report::Protocol};
    /// let who = ["alice@example.org".parse()?];
    /// let for_old_programs = NewKey::new(Protocol::Smime, &who)?.algorithm(NewKeyAlgorithm::Rsa3072);
    /// # let _ = for_old_programs;
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    #[must_use]
    pub fn algorithm(mut self, algorithm: NewKeyAlgorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// When it ends; `None` is never, which a certificate of S/MIME cannot say. Default: three years after it is made.
    /// What an authority certifies ends when the authority says.
    ///
    /// ```
    /// use mailseal::{UnixTime, protocol::NewKey, report::Protocol};
    /// let who = ["alice@example.org".parse()?];
    /// let until_2028 = NewKey::new(Protocol::Openpgp, &who)?.expires(Some(UnixTime::from_seconds(1_830_000_000)));
    /// # let _ = until_2028;
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    #[must_use]
    pub fn expires(mut self, at: Option<UnixTime>) -> Self {
        self.expires = Some(at);
        self
    }

    /// An OpenPGP key of version 6 (RFC 9580); GnuPG does not read it. Default is version 4.
    ///
    /// ```
    /// use mailseal::{protocol::NewKey, report::Protocol};
    /// let new = NewKey::new(Protocol::Openpgp, &["alice@example.org".parse()?])?.version_6();
    /// # let _ = new;
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    #[must_use]
    pub fn version_6(mut self) -> Self {
        self.version_6 = true;
        self
    }

    /// For S/MIME, a certificate that the key signs itself, instead of a request to an authority.
    ///
    /// ```
    /// use mailseal::{protocol::NewKey, report::Protocol};
    /// let new = NewKey::new(Protocol::Smime, &["alice@example.org".parse()?])?.self_signed();
    /// # let _ = new;
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    #[must_use]
    pub fn self_signed(mut self) -> Self {
        self.self_signed = true;
        self
    }

    /// Makes it, protected by a password unless there is none; it begins at `at`. OpenPGP keys are made by
    /// sequoia-openpgp with the random octets of the system, those of S/MIME by the provider.
    pub fn make(&self, password: Option<&str>, at: UnixTime, provider: &Provider) -> Result<MadeKey, Error> {
        let usual = UnixTime::from_seconds(at.seconds().saturating_add(THREE_YEARS));
        let until = self.expires.unwrap_or(Some(usual));
        match self.protocol {
            #[cfg(feature = "openpgp")]
            Protocol::Openpgp if !self.self_signed => self.openpgp(password, at, until),
            #[cfg(feature = "smime")]
            Protocol::Smime if !self.version_6 => self.smime(password, at, until, provider),
            _ => Err(Error::misuse("that is of the other protocol, or not in this build")),
        }
    }

    #[cfg(feature = "openpgp")]
    fn openpgp(
        &self,
        password: Option<&str>,
        from: UnixTime,
        until: Option<UnixTime>,
    ) -> Result<MadeKey, Error> {
        let (addresses, name, algorithm) = (self.addresses.as_slice(), self.name.as_deref(), self.algorithm);
        let version_6 = self.version_6;
        let draft = crate::openpgp::KeyDraft { addresses, name, algorithm, version_6, from, until, password };
        let crate::openpgp::Made { secret, certificate, revoked } = draft.make()?;
        let certificate = Some(Certificate::Openpgp(certificate));
        Ok(MadeKey { key: secret, certificate, request: None, revocation: Some(revoked) })
    }

    #[cfg(feature = "smime")]
    fn smime(
        &self,
        password: Option<&str>,
        from: UnixTime,
        until: Option<UnixTime>,
        provider: &Provider,
    ) -> Result<MadeKey, Error> {
        use crate::x509::{Request, pkcs8_pem, pkcs12};
        let pkcs8 = provider.key_loader.generate(self.algorithm)?;
        let signing = provider.key_loader.signing_key(pkcs8.expose())?;
        let mut request = Request::new(&self.addresses)?;
        if let Some(name) = &self.name {
            request = request.name(name);
        }
        if !self.self_signed {
            let key = pkcs8_pem(pkcs8.expose(), password, provider)?;
            let request = Some(request.sign(&*signing, provider)?);
            return Ok(MadeKey { key, certificate: None, request, revocation: None });
        }
        let until = until.ok_or_else(|| Error::misuse("a certificate of S/MIME ends some time"))?;
        let certificates = [request.self_signed(&*signing, from, until, provider)?];
        let mut writer = pkcs12::Writer::new(pkcs8.expose(), &certificates);
        if let Some(name) = &self.name {
            writer = writer.friendly_name(name);
        }
        let key = writer.write(password.unwrap_or_default(), provider)?.to_vec().into();
        let [certificate] = certificates;
        let certificate = Some(Certificate::X509(certificate));
        Ok(MadeKey { key, certificate, request: None, revocation: None })
    }
}

/// What most programs suggest; it can be prolonged.
const THREE_YEARS: i64 = 3 * 365 * 24 * 60 * 60;
