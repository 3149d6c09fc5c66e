//! Where certificates are found. Finding is not trusting.

#[cfg(feature = "smime")]
use std::cell::OnceCell;

use crate::error::Error;
use crate::mime::Address;
use crate::protocol::Certificate;

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

impl Certificate {
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
