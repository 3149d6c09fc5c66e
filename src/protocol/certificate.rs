//! Certificates of either protocol.

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
    /// Reads all certificates of a file: PEM and armored OpenPGP, also one after the other; DER; binary OpenPGP.
    pub fn load(octets: &[u8]) -> Result<Vec<Self>, Error> {
        let mut certificates: Vec<Self> = Vec::new();
        #[cfg(feature = "openpgp")]
        if crate::openpgp::looks_like_openpgp(octets) {
            let found = crate::openpgp::Certificate::load(octets)?;
            certificates.extend(found.into_iter().map(Self::Openpgp));
            if crate::openpgp::is_binary(octets) {
                return Ok(certificates);
            }
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

#[cfg(all(test, feature = "smime", feature = "openpgp"))]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_hold_certificates_of_both_kinds() {
        let pem = include_str!("../../examples/letters/openssl-ca.pem");
        let armored = include_str!("../../examples/letters/gpg-carol.asc");
        for file in [format!("{pem}{armored}"), format!("{armored}\n{pem}")] {
            let all = Certificate::load(file.as_bytes()).unwrap();
            let of = |protocol| all.iter().filter(|one| one.protocol() == protocol).count();
            assert_eq!((of(Protocol::Smime), of(Protocol::Openpgp)), (1, 1));
        }
    }
}
