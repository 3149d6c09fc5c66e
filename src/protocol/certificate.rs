//! Certificates of either protocol, and where they are found.

use crate::error::Error;
use crate::mime::Address;
use crate::report::{Protocol};

/// A public certificate: X.509 or OpenPGP.
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
        certificates.extend(crate::x509::Certificate::load(octets)?.into_iter().map(Self::X509));
        if certificates.is_empty() {
            return Err(Error::malformed("certificates", "there is none in it"));
        }
        Ok(certificates)
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

    /// Upper-case hexadecimal: SHA-256 of an X.509 certificate, the fingerprint of an OpenPGP one.
    pub fn fingerprint(&self) -> String {
        match self {
            #[cfg(feature = "smime")]
            Self::X509(certificate) => certificate.fingerprint(),
            #[cfg(feature = "openpgp")]
            Self::Openpgp(certificate) => certificate.fingerprint(),
        }
    }
}

/// What is known of a certificate that is looked for.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct KeyHint<'a> {
    /// Whose it should be.
    pub address: Option<&'a Address>,
    /// DER Name of the issuer and serial number octets (RFC 5652 §10.2.4).
    pub issuer_and_serial: Option<(&'a [u8], &'a [u8])>,
    /// Its subjectKeyIdentifier.
    pub subject_key_identifier: Option<&'a [u8]>,
    /// An OpenPGP fingerprint or key ID, of the certificate or of a subkey.
    pub openpgp: Option<&'a [u8]>,
}

/// Finds certificates. Finding is not trusting.
pub trait CertificateSource: Send + Sync {
    /// Certificates that may fit; too many are harmless, up to the limit of the caller.
    fn candidates(&self, hint: &KeyHint<'_>) -> Result<Vec<Certificate>, Error>;
}

/// Finds none.
#[derive(Debug, Clone, Copy)]
pub struct NoCertificates;

impl CertificateSource for NoCertificates {
    fn candidates(&self, _: &KeyHint<'_>) -> Result<Vec<Certificate>, Error> {
        Ok(Vec::new())
    }
}
