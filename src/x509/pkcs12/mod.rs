//! PKCS#12 (RFC 7292): private keys and certificates under a password.
//!
//! - [`read`]: a file and its password → [`Pfx`].
//! - [`Writer`]: a key, its certificates and a password → a file.
//!
//! ```text
//! PFX ─ AuthenticatedSafe ─┬─ SafeContents (encrypted) ─── CertBag …
//!   └ MAC over all of it   └─ SafeContents ─────────────── PKCS8ShroudedKeyBag …
//! ```
//!
//! Read: BER and DER; PBES2, and the 3DES and RC2 schemes of appendix C; MACs of appendix B and PBMAC1 (RFC 9579).
//! Not read: RC4, public-key integrity and privacy, CRL and secret bags.

mod ber;
mod safe;
#[cfg(test)]
mod tests;
mod write;

use zeroize::Zeroizing;

use crate::crypto::KeyError;
use crate::crypto::pbe::{self, Budget, Mac, Password};
use crate::error::Error;
use crate::limits::Limits;
use crate::x509::der_reader::{
    DerError, INTEGER, OCTET_STRING, OID, Reader, Result as DerResult, SEQUENCE, Value, constructed, context,
};
use crate::x509::{Certificate, oid, pem};

pub(in crate::x509) use safe::encrypted_private_key;
pub use write::Writer;

/// What a file held.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use mailseal::{Limits, x509::pkcs12};
/// let file = pkcs12::read(&std::fs::read("alice.p12")?, "secret", &Limits::default())?;
/// for entry in &file.certificates {
///     let has_key = file.keys.iter().any(|key| key.local_key_id == entry.local_key_id);
///     println!("{}{}", entry.certificate.name(), if has_key { ", with its key" } else { "" });
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct Pfx {
    /// Private keys.
    pub keys: Vec<PfxKey>,
    /// Certificates.
    pub certificates: Vec<PfxCertificate>,
    /// Certificates that cannot be read, in words.
    pub unreadable: Vec<String>,
}

/// A private key of a file.
///
/// ```
/// use mailseal::crypto::{KeyError, Provider, SigningKey};
/// use mailseal::x509::pkcs12::PfxKey;
/// fn load(key: &PfxKey) -> Result<std::sync::Arc<dyn SigningKey>, KeyError> {
///     Provider::default().key_loader.signing_key(&key.pkcs8)
/// }
/// ```
pub struct PfxKey {
    /// DER PrivateKeyInfo (RFC 5958), wiped when dropped.
    pub pkcs8: Zeroizing<Vec<u8>>,
    /// localKeyId: the certificate of this key has the same.
    pub local_key_id: Option<Vec<u8>>,
    /// friendlyName
    pub friendly_name: Option<String>,
}

/// A certificate of a file.
///
/// ```
/// use mailseal::x509::pkcs12::Pfx;
/// /// Those that lead towards an anchor: no key in the file is theirs.
/// fn chain(file: Pfx) -> Vec<mailseal::Certificate> {
///     let own: Vec<_> = file.keys.iter().filter_map(|key| key.local_key_id.clone()).collect();
///     let chain = file.certificates.into_iter().filter(|one| one.local_key_id.as_ref().is_none_or(|id| !own.contains(id)));
///     chain.map(|entry| mailseal::Certificate::X509(entry.certificate)).collect()
/// }
/// ```
#[derive(Debug, Clone)]
pub struct PfxCertificate {
    /// The certificate.
    pub certificate: Certificate,
    /// localKeyId: the key of this certificate has the same.
    pub local_key_id: Option<Vec<u8>>,
    /// friendlyName
    pub friendly_name: Option<String>,
}

impl std::fmt::Debug for Pfx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pfx")
            .field("keys", &self.keys.len())
            .field("certificates", &self.certificates)
            .finish()
    }
}

impl std::fmt::Debug for PfxKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PfxKey").field("friendly_name", &self.friendly_name).finish_non_exhaustive()
    }
}

/// Reads a file. The empty password also stands for none. The MAC, where there is one, is checked before anything else;
/// a wrong one is [`KeyError::WrongPassword`].
///
/// ```
/// use mailseal::{Limits, x509::pkcs12};
/// assert!(pkcs12::read(b"no PKCS#12", "secret", &Limits::default()).is_err());
/// ```
pub fn read(octets: &[u8], password: &str, limits: &Limits) -> Result<Pfx, Error> {
    pem::check_size(octets, limits)?;
    let der = ber::to_der(octets, limits.asn1_depth).map_err(malformed)?;
    let file = File::read(&der).map_err(malformed)?;
    if file.content_type != oid::DATA.as_bytes() {
        return Err(KeyError::Unsupported("PKCS#12 with public-key integrity".into()).into());
    }
    let mut reading = Reading { password: Password::new(password), budget: Budget::new(limits), limits };
    if let Some(mac) = file.mac.as_ref()
        && !mac.verify(file.content, &mut reading.password, &mut reading.budget)?
    {
        return Err(KeyError::WrongPassword.into());
    }
    reading.authenticated_safe(file.content)
}

/// Password and budget on their way through one file.
struct Reading<'a> {
    password: Password,
    budget: Budget,
    limits: &'a Limits,
}

impl Reading<'_> {
    /// `AuthenticatedSafe ::= SEQUENCE OF ContentInfo`
    fn authenticated_safe(&mut self, octets: &[u8]) -> Result<Pfx, Error> {
        let der = ber::to_der(octets, self.limits.asn1_depth).map_err(malformed)?;
        let mut pfx = Pfx::default();
        for info in Reader::new(&der).sequence().map_err(malformed)? {
            let (content_type, content) = info.and_then(|info| content_info(&info)).map_err(malformed)?;
            if content_type == oid::DATA.as_bytes() {
                let contents = octet_string(&content).map_err(malformed)?;
                safe::contents(self, &contents, &mut pfx)?;
            } else if content_type == oid::ENCRYPTED_DATA.as_bytes() {
                let (algorithm, ciphertext) = encrypted_data(&content).map_err(malformed)?;
                let contents = pbe::decrypt(algorithm, &self.password, &ciphertext, &mut self.budget)?;
                safe::contents(self, &contents, &mut pfx)?;
            } else {
                return Err(KeyError::Unsupported("PKCS#12 with public-key privacy".into()).into());
            }
        }
        Ok(pfx)
    }
}

/// ```text
/// PFX ::= SEQUENCE { version INTEGER {v3(3)}, authSafe ContentInfo, macData MacData OPTIONAL }
/// ```
struct File<'a> {
    content_type: &'a [u8],
    content: &'a [u8],
    mac: Option<Mac<'a>>,
}

impl<'a> File<'a> {
    fn read(der: &'a [u8]) -> DerResult<Self> {
        let mut pfx = Reader::new(der).sequence()?;
        pfx.expect(INTEGER)?;
        let (content_type, content) = content_info(&pfx.expect(SEQUENCE)?)?;
        let mac = pfx.optional(SEQUENCE)?.map(|mac| mac_data(&mac)).transpose()?;
        Ok(Self { content_type, content: content.content, mac })
    }
}

/// ```text
/// MacData ::= SEQUENCE { mac DigestInfo, macSalt OCTET STRING, iterations INTEGER DEFAULT 1 }
/// DigestInfo ::= SEQUENCE { digestAlgorithm AlgorithmIdentifier, digest OCTET STRING }
/// ```
fn mac_data<'a>(value: &Value<'a>) -> DerResult<Mac<'a>> {
    let mut reader = value.reader();
    let mut info = reader.sequence()?;
    let identifier = info.expect(SEQUENCE)?.octets;
    let digest = info.expect(OCTET_STRING)?.content;
    let salt = reader.expect(OCTET_STRING)?.content;
    let iterations = reader.optional(INTEGER)?.map_or(Ok(1), |iterations| iterations.u32())?;
    reader.finish()?;
    Ok(Mac { identifier, digest, salt, iterations })
}

/// `ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, content [0] EXPLICIT ANY }`
fn content_info<'a>(value: &Value<'a>) -> DerResult<(&'a [u8], Value<'a>)> {
    let mut reader = value.reader();
    let content_type = reader.expect(OID)?.content;
    Ok((content_type, reader.expect(constructed(0))?.inner()?))
}

/// ```text
/// EncryptedData ::= SEQUENCE { version INTEGER, SEQUENCE { contentType OBJECT IDENTIFIER,
///     contentEncryptionAlgorithm AlgorithmIdentifier, encryptedContent [0] IMPLICIT OCTET STRING } }
/// ```
fn encrypted_data<'a>(value: &Value<'a>) -> DerResult<(&'a [u8], Zeroizing<Vec<u8>>)> {
    let mut reader = value.reader();
    reader.expect(INTEGER)?;
    let mut info = reader.sequence()?;
    info.expect(OID)?;
    let algorithm = info.expect(SEQUENCE)?.octets;
    Ok((algorithm, octet_string(&Reader::next(&mut info)?)?))
}

/// OCTET STRING or `[0] IMPLICIT OCTET STRING`; the latter may still be in pieces.
fn octet_string(value: &Value<'_>) -> DerResult<Zeroizing<Vec<u8>>> {
    const PLAIN: u8 = context(0);
    const PIECES: u8 = constructed(0);
    let pieces = match value.tag {
        OCTET_STRING | PLAIN => vec![value.content],
        PIECES => value.reader().map(|piece| Ok(piece?.content)).collect::<DerResult<_>>()?,
        _ => return Err(DerError("not an OCTET STRING")),
    };
    Ok(Zeroizing::new(pieces.concat()))
}

fn malformed(error: DerError) -> Error {
    Error::malformed("PKCS#12", error.to_string())
}
