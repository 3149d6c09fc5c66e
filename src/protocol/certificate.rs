//! Certificates of either protocol, and where they are found.

#[cfg(feature = "smime")]
use std::cell::OnceCell;

use crate::crypto::PublicKey;
use crate::error::Error;
use crate::mime::Address;
#[cfg(feature = "openpgp")]
use crate::openpgp::NoEncryptionKey;
use crate::report::{Assurance, CertificateSummary, Generation, Protocol, Qualified, hex};
use crate::time::UnixTime;

/// A public certificate: X.509 or OpenPGP.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "smime")] {
/// use mailseal::Certificate;
/// let at = std::time::SystemTime::now().into();
/// for certificate in Certificate::load(include_bytes!("../../examples/letters/openssl-ca.pem"))? {
///     println!("{:?}, {}", certificate.name(at), certificate.fingerprint());
///     # assert_eq!(certificate.name(at).as_deref(), Some("Example Root CA"));
/// }
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Certificate {
    /// X.509 (RFC 5280).
    #[cfg(feature = "smime")]
    X509(crate::x509::Certificate),
    /// OpenPGP (RFC 9580 §10.1).
    #[cfg(feature = "openpgp")]
    Openpgp(crate::openpgp::Certificate),
}

impl Certificate {
    /// Reads all certificates of a file: PEM, DER, armored or binary OpenPGP.
    pub fn load(octets: &[u8]) -> Result<Vec<Self>, Error> {
        let mut certificates: Vec<Self> = Vec::new();
        #[cfg(feature = "openpgp")]
        if crate::openpgp::looks_like_openpgp(octets) {
            let found = crate::openpgp::Certificate::load(octets)?;
            certificates.extend(found.into_iter().map(Self::Openpgp));
            return Ok(certificates);
        }
        #[cfg(feature = "smime")]
        certificates.extend(crate::x509::Certificate::load_pem_or_der(octets)?.into_iter().map(Self::X509));
        if certificates.is_empty() {
            return Err(Error::malformed("certificates", "there is none in it"));
        }
        Ok(certificates)
    }

    #[cfg(feature = "openpgp")]
    pub(crate) fn as_openpgp(&self) -> Option<&crate::openpgp::Certificate> {
        match self {
            Self::Openpgp(certificate) => Some(certificate),
            #[cfg(feature = "smime")]
            Self::X509(_) => None,
        }
    }

    /// Which protocol it belongs to.
    pub fn protocol(&self) -> Protocol {
        match self {
            #[cfg(feature = "smime")]
            Self::X509(_) => Protocol::Smime,
            #[cfg(feature = "openpgp")]
            Self::Openpgp(_) => Protocol::Openpgp,
        }
    }

    /// The addresses it names that are valid at a time; of a thousand, not more.
    pub fn addresses(&self, at: UnixTime) -> Vec<Address> {
        let names: Vec<String> = match self {
            #[cfg(feature = "smime")]
            Self::X509(certificate) => certificate.mailboxes(),
            #[cfg(feature = "openpgp")]
            Self::Openpgp(certificate) => certificate.mailboxes(at),
        };
        names.iter().take(MOST_ADDRESSES).filter_map(|name| name.parse().ok()).collect()
    }

    /// Its public keys that can sign: the one of an X.509 certificate, all such keys of an OpenPGP one.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "openpgp-rust", feature = "aws-lc"))] {
    /// use mailseal::{Key, Password, UnixTime, openpgp};
    /// let at = UnixTime::from_seconds(1_800_000_000);
    /// let secret = openpgp::generate("Alice <alice@example.org>", at, openpgp::CipherSuite::Ed25519)?;
    /// let alice = Key::load(secret.expose(), Password::none())?;
    /// assert!(!alice.certificate().signing_keys().is_empty());
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn signing_keys(&self) -> Vec<PublicKey> {
        match self {
            #[cfg(feature = "smime")]
            Self::X509(certificate) => certificate.public_key().ok().cloned().into_iter().collect(),
            #[cfg(feature = "openpgp")]
            Self::Openpgp(certificate) => certificate.signing_keys(),
        }
    }

    /// Its public keys that letters may be encrypted to, or once were: the one of an X.509 certificate, all such keys of
    /// an OpenPGP one.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "openpgp-rust", feature = "aws-lc"))] {
    /// use mailseal::{Key, Password, UnixTime, openpgp};
    /// let at = UnixTime::from_seconds(1_800_000_000);
    /// let secret = openpgp::generate("Alice <alice@example.org>", at, openpgp::CipherSuite::Ed25519)?;
    /// let alice = Key::load(secret.expose(), Password::none())?.certificate();
    /// assert_ne!(alice.encryption_keys(), alice.signing_keys());
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn encryption_keys(&self) -> Vec<PublicKey> {
        match self {
            #[cfg(feature = "smime")]
            Self::X509(certificate) => certificate.public_key().ok().cloned().into_iter().collect(),
            #[cfg(feature = "openpgp")]
            Self::Openpgp(certificate) => certificate.public_encryption_keys(),
        }
    }

    /// Whether it names the address, at whatever time.
    pub(crate) fn claims(&self, address: &Address) -> bool {
        match self {
            #[cfg(feature = "smime")]
            Self::X509(certificate) => {
                let names = certificate.mailboxes();
                names.iter().any(|name| name.parse().is_ok_and(|name: Address| name.matches(address)))
            }
            #[cfg(feature = "openpgp")]
            Self::Openpgp(certificate) => certificate.claims(address),
        }
    }

    /// Why it cannot be encrypted to at that time, if so.
    pub(crate) fn unfit_to_encrypt(&self, at: UnixTime) -> Option<Unfit> {
        match self {
            #[cfg(feature = "smime")]
            Self::X509(certificate) => {
                let validity = certificate.validity();
                if !certificate.can_encrypt() {
                    return Some(Unfit::NoKey);
                }
                let out = at < validity.not_before || at > validity.not_after;
                out.then_some(Unfit::Expired(Some(validity.not_after).filter(|until| at > *until)))
            }
            #[cfg(feature = "openpgp")]
            Self::Openpgp(certificate) => Some(match certificate.encryption_keys(at).err()? {
                NoEncryptionKey::Revoked => Unfit::Revoked,
                NoEncryptionKey::Expired => {
                    let until = certificate.validity(at).and_then(|validity| validity.expires);
                    Unfit::Expired(until.filter(|until| at > *until))
                }
                _ => Unfit::NoKey,
            }),
        }
    }

    /// What its owner says to read, as far as the certificate says (RFC 4262).
    #[cfg(feature = "smime")]
    pub(crate) fn capabilities(&self) -> Option<&crate::x509::Capabilities> {
        match self {
            Self::X509(certificate) => certificate.capabilities(),
            #[cfg(feature = "openpgp")]
            Self::Openpgp(_) => None,
        }
    }

    /// Since when it is valid.
    pub(crate) fn since(&self, at: UnixTime) -> Option<UnixTime> {
        self.summary(at).not_before
    }

    /// The name of the holder, as the certificate asserts it.
    pub fn name(&self, at: UnixTime) -> Option<String> {
        match self {
            #[cfg(feature = "smime")]
            Self::X509(certificate) => Some(certificate.name()),
            #[cfg(feature = "openpgp")]
            Self::Openpgp(certificate) => certificate.name(at),
        }
    }

    /// The organisation, its place and country, as the certificate asserts it.
    pub(crate) fn organization(&self) -> Option<String> {
        match self {
            #[cfg(feature = "smime")]
            Self::X509(certificate) => certificate.subject().organization_and_place(),
            #[cfg(feature = "openpgp")]
            Self::Openpgp(_) => None,
        }
    }

    /// What the certificate authority says it checked, and by which rules.
    pub(crate) fn assurance(&self) -> Option<(Assurance, Generation)> {
        match self {
            #[cfg(feature = "smime")]
            Self::X509(certificate) => certificate.assurance(),
            #[cfg(feature = "openpgp")]
            Self::Openpgp(_) => None,
        }
    }

    /// What it states of itself under eIDAS.
    pub(crate) fn qualified(&self) -> Option<Qualified> {
        match self {
            #[cfg(feature = "smime")]
            Self::X509(certificate) => certificate.extensions().qualified.clone(),
            #[cfg(feature = "openpgp")]
            Self::Openpgp(_) => None,
        }
    }

    /// As a file: PEM of an X.509 certificate, ASCII armor of an OpenPGP certificate (without what others certified for
    /// themselves alone).
    ///
    /// ```
    /// # #[cfg(feature = "openpgp")] {
    /// use mailseal::Certificate;
    /// let carol = Certificate::load(include_bytes!("../../examples/letters/gpg-carol.asc"))?.remove(0);
    /// let file = carol.to_text()?;
    /// assert!(file.starts_with(b"-----BEGIN PGP PUBLIC KEY BLOCK-----"));
    /// assert_eq!(Certificate::load(&file)?.remove(0).fingerprint(), carol.fingerprint());
    /// # }
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    pub fn to_text(&self) -> Result<Vec<u8>, Error> {
        match self {
            #[cfg(feature = "smime")]
            Self::X509(certificate) => Ok(certificate.to_pem()),
            #[cfg(feature = "openpgp")]
            Self::Openpgp(certificate) => certificate.armored(),
        }
    }

    /// Its fingerprint, its issuer and when it is valid; of an OpenPGP one, as it says at a time.
    ///
    /// ```
    /// # fn main() -> Result<(), mailseal::Error> {
    /// # #[cfg(feature = "openpgp")] {
    /// use mailseal::{Certificate, UnixTime};
    /// let carol = Certificate::load(include_bytes!("../../examples/letters/gpg-carol.asc"))?;
    /// let summary = carol[0].summary(UnixTime::from_seconds(1_800_000_000));
    /// assert_eq!(summary.fingerprint, carol[0].fingerprint());
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn summary(&self, at: UnixTime) -> CertificateSummary {
        match self {
            #[cfg(feature = "smime")]
            Self::X509(certificate) => CertificateSummary {
                fingerprint: self.fingerprint(),
                issuer: certificate.issuer().to_string(),
                serial: crate::report::hex(certificate.serial()),
                not_before: Some(certificate.validity().not_before),
                not_after: Some(certificate.validity().not_after),
            },
            #[cfg(feature = "openpgp")]
            Self::Openpgp(certificate) => {
                let validity = certificate.validity(at);
                CertificateSummary {
                    fingerprint: self.fingerprint(),
                    issuer: String::new(),
                    serial: String::new(),
                    not_before: validity.map(|validity| validity.created),
                    not_after: validity.and_then(|validity| validity.expires),
                }
            }
        }
    }

    /// Its octets: the DER of an X.509 certificate; binary OpenPGP (RFC 9580 §10.1), all that is known of it.
    ///
    /// ```
    /// # fn main() -> Result<(), mailseal::Error> {
    /// # #[cfg(feature = "smime")] {
    /// use mailseal::Certificate;
    /// let anchor = Certificate::load(include_bytes!("../../examples/letters/openssl-ca.pem"))?;
    /// assert_eq!(Certificate::load(&anchor[0].octets()?)?[0].fingerprint(), anchor[0].fingerprint());
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn octets(&self) -> Result<Vec<u8>, Error> {
        match self {
            #[cfg(feature = "smime")]
            Self::X509(certificate) => Ok(certificate.as_der().to_vec()),
            #[cfg(feature = "openpgp")]
            Self::Openpgp(certificate) => certificate.octets(),
        }
    }

    fn fits(&self, wanted: &Wanted<'_>) -> bool {
        let hint = wanted.hint;
        match self {
            #[cfg(feature = "smime")]
            Self::X509(certificate) => {
                let issuer_and_serial = |(issuer, serial): (&[u8], &[u8])| {
                    certificate.serial() == serial && same_name(issuer, &wanted.issuer, certificate.issuer())
                };
                let subject = |subject: &[u8]| same_name(subject, &wanted.subject, certificate.subject());
                hint.address.is_some_and(|address| self.claims(address))
                    || hint.issuer_and_serial.is_some_and(issuer_and_serial)
                    || hint.subject.is_some_and(subject)
                    || hint.subject_key_identifier.is_some_and(|identifier| {
                        certificate.extensions().subject_key_identifier.as_deref() == Some(identifier)
                    })
            }
            #[cfg(feature = "openpgp")]
            Self::Openpgp(certificate) => {
                hint.openpgp.is_some_and(|handle| certificate.matches_handle(handle))
                    || hint.address.is_some_and(|address| certificate.claims(address))
            }
        }
    }

    /// Upper-case hexadecimal: SHA-256 of an X.509 certificate, the fingerprint of an OpenPGP one.
    pub fn fingerprint(&self) -> String {
        match self {
            #[cfg(feature = "smime")]
            Self::X509(certificate) => hex(&certificate.fingerprint()),
            #[cfg(feature = "openpgp")]
            Self::Openpgp(certificate) => certificate.fingerprint(),
        }
    }
}

/// Why a certificate cannot be encrypted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// It has no key for that, or may not be used so.
    NoKey,
    /// It, or all its keys for that, are revoked.
    Revoked,
    /// It was not valid at the time; since when.
    Expired(Option<UnixTime>),
}

/// Certificates name one mailbox or a few; each of all signers' names stands in the report.
const MOST_ADDRESSES: usize = 1_000;

/// What is known of a certificate that is looked for.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "openpgp")] {
/// use mailseal::protocol::{CertificateSource, KeyHint};
/// use mailseal::CertificatePool;
/// let pool = CertificatePool::new().with(include_bytes!("../../examples/letters/gpg-carol.asc"))?;
/// let fingerprint = [0; 20]; // as the signature has it
/// let mut hint = KeyHint::default();
/// hint.openpgp = Some(&fingerprint);
/// assert!(pool.candidates(&hint)?.is_empty());
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyHint<'a> {
    /// Whose it should be.
    pub address: Option<&'a Address>,
    /// DER Name of the issuer and serial number octets (RFC 5652 §10.2.4).
    pub issuer_and_serial: Option<(&'a [u8], &'a [u8])>,
    /// DER Name of its subject.
    pub subject: Option<&'a [u8]>,
    /// Its subjectKeyIdentifier.
    pub subject_key_identifier: Option<&'a [u8]>,
    /// An OpenPGP fingerprint or key ID, of the certificate or of a subkey.
    pub openpgp: Option<&'a [u8]>,
}

/// A hint with its names read once, if at all. Names are compared as RFC 5280 §7.1 does, not octet by octet.
struct Wanted<'a> {
    hint: &'a KeyHint<'a>,
    #[cfg(feature = "smime")]
    issuer: OnceCell<crate::x509::Name>,
    #[cfg(feature = "smime")]
    subject: OnceCell<crate::x509::Name>,
}

impl<'a> Wanted<'a> {
    fn new(hint: &'a KeyHint<'a>) -> Self {
        Self {
            hint,
            #[cfg(feature = "smime")]
            issuer: OnceCell::new(),
            #[cfg(feature = "smime")]
            subject: OnceCell::new(),
        }
    }
}

/// Most often they are spelled in the same way.
#[cfg(feature = "smime")]
fn same_name(wanted: &[u8], read: &OnceCell<crate::x509::Name>, found: &crate::x509::Name) -> bool {
    found.as_der() == wanted || read.get_or_init(|| crate::x509::Name::new(wanted)) == found
}

/// Finds certificates. Finding is not trusting.
///
/// ```
/// use mailseal::protocol::{CertificateSource, KeyHint};
/// use mailseal::{Certificate, CertificatePool, Context, Error, TrustStore};
///
/// /// A folder of certificates, read anew for each question.
/// struct Folder(std::path::PathBuf);
///
/// impl CertificateSource for Folder {
///     fn candidates(&self, hint: &KeyHint<'_>) -> Result<Vec<Certificate>, Error> {
///         let io = |source| Error::Io { what: self.0.display().to_string(), source };
///         let mut pool = CertificatePool::new();
///         for entry in std::fs::read_dir(&self.0).map_err(io)? {
///             let octets = std::fs::read(entry.map_err(io)?.path()).map_err(io)?;
///             pool = pool.with(&octets)?;
///         }
///         pool.candidates(hint)
///     }
/// }
///
/// let cx = Context::new(TrustStore::new()).certificates(Folder("/etc/mailseal/people".into()));
/// # let _ = cx;
/// ```
pub trait CertificateSource: Send + Sync {
    /// Certificates that may fit; too many are harmless, up to the limit of the caller.
    fn candidates(&self, hint: &KeyHint<'_>) -> Result<Vec<Certificate>, Error>;
}

/// Certificates at hand, of either protocol.
///
/// ```
/// use mailseal::{CertificatePool, Context, TrustStore};
/// let pool = CertificatePool::new();
/// let cx = Context::new(TrustStore::new()).certificates(pool);
/// # let _ = cx;
/// ```
#[derive(Debug, Clone, Default)]
pub struct CertificatePool {
    certificates: Vec<Certificate>,
    /// Where the keys of OpenPGP certificates are, by key ID: a Web of Trust is looked up one by one.
    #[cfg(feature = "openpgp")]
    keys: std::collections::HashMap<[u8; 8], Vec<usize>>,
}

impl CertificatePool {
    /// Without any.
    pub fn new() -> Self {
        Self::default()
    }

    /// With all certificates of a file.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "openpgp", feature = "smime"))] {
    /// use mailseal::CertificatePool;
    /// let pool = CertificatePool::new()
    ///     .with(include_bytes!("../../examples/letters/gpg-carol.asc"))?
    ///     .with(include_bytes!("../../examples/letters/openssl-ca.pem"))?;
    /// # let _ = pool;
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn with(mut self, octets: &[u8]) -> Result<Self, Error> {
        Certificate::load(octets)?.into_iter().for_each(|certificate| self.add(certificate));
        Ok(self)
    }

    /// One more.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(feature = "openpgp")] {
    /// use mailseal::{Certificate, CertificatePool};
    /// let mut pool = CertificatePool::new();
    /// for certificate in Certificate::load(include_bytes!("../../examples/letters/gpg-carol.asc"))? {
    ///     pool.add(certificate);
    /// }
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn add(&mut self, certificate: Certificate) {
        #[cfg(feature = "openpgp")]
        if let Some(one) = certificate.as_openpgp() {
            for key in one.key_ids() {
                let places = self.keys.entry(key).or_default();
                if places.last() != Some(&self.certificates.len()) {
                    places.push(self.certificates.len());
                }
            }
        }
        self.certificates.push(certificate);
    }

    /// Those with such a key, where a hint asks for nothing else.
    #[cfg(feature = "openpgp")]
    fn by_key(&self, hint: &KeyHint<'_>) -> Option<Vec<Certificate>> {
        let handle =
            hint.openpgp.filter(|handle| KeyHint { openpgp: Some(handle), ..KeyHint::default() } == *hint)?;
        let key = crate::openpgp::key_id(handle)?;
        let places = self.keys.get(&key).into_iter().flatten();
        let found = places.filter_map(|place| self.certificates.get(*place));
        let fits =
            |one: &&Certificate| matches!(one, Certificate::Openpgp(one) if one.matches_handle(handle));
        Some(found.filter(fits).cloned().collect())
    }
}

impl FromIterator<Certificate> for CertificatePool {
    fn from_iter<I: IntoIterator<Item = Certificate>>(certificates: I) -> Self {
        let mut pool = Self::new();
        certificates.into_iter().for_each(|certificate| pool.add(certificate));
        pool
    }
}

impl CertificateSource for CertificatePool {
    fn candidates(&self, hint: &KeyHint<'_>) -> Result<Vec<Certificate>, Error> {
        #[cfg(feature = "openpgp")]
        if let Some(found) = self.by_key(hint) {
            return Ok(found);
        }
        let wanted = Wanted::new(hint);
        let named = |one: &&Certificate| one.fits(&wanted);
        Ok(self.certificates.iter().filter(named).cloned().collect())
    }
}

/// Finds none.
///
/// ```
/// use mailseal::protocol::{CertificateSource, KeyHint, NoCertificates};
/// // For a verifier that may use only what is in the letter.
/// assert!(NoCertificates.candidates(&KeyHint::default())?.is_empty());
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct NoCertificates;

impl CertificateSource for NoCertificates {
    fn candidates(&self, _: &KeyHint<'_>) -> Result<Vec<Certificate>, Error> {
        Ok(Vec::new())
    }
}

#[cfg(all(test, feature = "smime"))]
mod tests {
    use super::*;
    use crate::x509::testing::make;

    /// RFC 5280 §7.1, which PKITS 4.3.3 to 4.3.5 ask of names that chain.
    #[test]
    fn r_c1_a_pool_compares_names_without_regard_to_case() {
        let root = make("Good CA").signed_by("Good CA");
        let pool: CertificatePool = [Certificate::X509(root)].into_iter().collect();
        let found = |name: &str| {
            let named = make(name).signed_by(name);
            let hint = KeyHint { subject: Some(named.subject().as_der()), ..KeyHint::default() };
            pool.candidates(&hint).unwrap().len()
        };
        assert_eq!((found("GOOD  ca"), found("Good CAs")), (1, 0));
    }
}
