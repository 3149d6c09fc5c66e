//! Certificate (RFC 5280 §4.1): exact octets, and fields that are read with patience.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use crate::crypto::{KeyAlgorithm, KeyError, PublicKey, sha256};
use crate::error::Error;
use crate::limits::Limits;
use crate::x509::assurance::{self, Assurance, Generation};
use crate::x509::capabilities::Capabilities;
use crate::x509::der_reader::{
    BIT_STRING, DerError, INTEGER, OID, Reader, Result as DerResult, SEQUENCE, Value, constructed, context,
};
use crate::x509::extensions::{Extensions, KeyUsage};
use crate::x509::general_name::GeneralName;
use crate::x509::name::{Name, short};
use crate::x509::pem;
use crate::x509::revocation::DistributionPoint;
use crate::x509::validity::Validity;

/// An X.509 certificate. Clones share it; equal when all octets are equal.
///
/// ```text
/// Certificate ::= SEQUENCE { tbsCertificate TBSCertificate, signatureAlgorithm AlgorithmIdentifier, signature BIT STRING }
/// TBSCertificate ::= SEQUENCE { version [0] DEFAULT v1, serialNumber INTEGER, signature AlgorithmIdentifier,
///     issuer Name, validity Validity, subject Name, subjectPublicKeyInfo SubjectPublicKeyInfo,
///     issuerUniqueID [1] OPTIONAL, subjectUniqueID [2] OPTIONAL, extensions [3] OPTIONAL }
/// ```
///
/// ```
/// use mailseal::x509::Certificate;
/// let pem = include_bytes!("../../examples/letters/openssl-ca.pem");
/// let certificate = Certificate::load_pem_or_der(pem)?.remove(0);
/// let validity = certificate.validity();
/// println!("{}", certificate.subject());
/// println!("from {} until {}", validity.not_before.date(), validity.not_after.date());
/// println!("may issue others: {:?}", certificate.extensions().basic_constraints.map(|basic| basic.ca));
/// # assert_eq!(certificate.subject().to_string(), "CN=Example Root CA, O=Example Trust");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Certificate(Arc<Inner>);

struct Inner {
    der: Vec<u8>,
    tbs: Range<usize>,
    serial: Range<usize>,
    spki: Range<usize>,
    signature_algorithm: Range<usize>,
    signature: Range<usize>,
    version: u32,
    issuer: Name,
    subject: Name,
    validity: Validity,
    public_key: Result<PublicKey, KeyError>,
    extensions: Extensions,
    fingerprint: [u8; 32],
}

impl Certificate {
    /// Reads one DER certificate. What is odd in it is data ([`Extensions::defects`], [`Certificate::public_key`]);
    /// an error means that the fields cannot be told apart, or that an extension comes twice.
    ///
    /// ```
    /// use mailseal::x509::Certificate;
    /// assert!(Certificate::from_der(b"no certificate").is_err());
    /// ```
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        read(der).map_err(|error| Error::malformed("a certificate", error.to_string()))
    }

    /// All certificates of a file: PEM (RFC 7468) with any text between, other blocks ignored; or one DER certificate.
    /// At most the default [`Limits::key_file_bytes`].
    ///
    /// ```
    /// use mailseal::x509::Certificate;
    /// assert!(Certificate::load_pem_or_der(b"nothing here").is_err());
    /// ```
    pub fn load_pem_or_der(octets: &[u8]) -> Result<Vec<Self>, Error> {
        pem::check_size(octets, &Limits::default())?;
        if !pem::is_pem(octets) {
            return Ok(vec![Self::from_der(octets)?]);
        }
        let blocks = pem::blocks(octets)?;
        blocks.iter().filter(|block| block.is_certificate()).map(|block| Self::from_der(&block.der)).collect()
    }

    /// All octets, as received.
    pub fn as_der(&self) -> &[u8] {
        &self.0.der
    }

    pub(crate) fn to_pem(&self) -> Vec<u8> {
        pem::write("CERTIFICATE", self.as_der()).into_bytes()
    }

    /// The octets that the signature covers.
    pub fn tbs(&self) -> &[u8] {
        self.slice(&self.0.tbs)
    }

    /// The DER AlgorithmIdentifier of the signature; the one inside `tbs` is the same.
    pub fn signature_algorithm(&self) -> &[u8] {
        self.slice(&self.0.signature_algorithm)
    }

    /// The octets of the signature.
    pub fn signature(&self) -> &[u8] {
        self.slice(&self.0.signature)
    }

    /// The content octets of serialNumber.
    pub fn serial(&self) -> &[u8] {
        self.slice(&self.0.serial)
    }

    /// The DER SubjectPublicKeyInfo.
    pub fn spki(&self) -> &[u8] {
        self.slice(&self.0.spki)
    }

    /// 1, 2 or 3.
    pub fn version(&self) -> u32 {
        self.0.version
    }

    /// Who issued it, by its own words.
    pub fn issuer(&self) -> &Name {
        &self.0.issuer
    }

    /// Whose it is.
    pub fn subject(&self) -> &Name {
        &self.0.subject
    }

    /// From when to when.
    pub fn validity(&self) -> Validity {
        self.0.validity
    }

    /// The key, or why it cannot be used.
    ///
    /// ```
    /// use mailseal::x509::Certificate;
    /// let pem = include_bytes!("../../examples/letters/openssl-ca.pem");
    /// let certificate = Certificate::load_pem_or_der(pem)?.remove(0);
    /// match certificate.public_key() {
    ///     Ok(key) => println!("{:?}", key.algorithm()),
    ///     Err(error) => println!("not usable: {error}"),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn public_key(&self) -> Result<&PublicKey, &KeyError> {
        self.0.public_key.as_ref()
    }

    /// What the extensions say.
    pub fn extensions(&self) -> &Extensions {
        &self.0.extensions
    }

    /// SHA-256 of all octets.
    pub fn fingerprint(&self) -> [u8; 32] {
        self.0.fingerprint
    }

    /// Issuer and subject are the same name (RFC 5280 §3.2, "self-issued"); says nothing about keys.
    pub fn is_self_issued(&self) -> bool {
        self.issuer() == self.subject()
    }

    /// A name for people: common name, else person, organization, mailbox, or the whole subject; its start, if it is long.
    pub fn name(&self) -> String {
        let subject = self.subject();
        let mailbox = || self.mailboxes().into_iter().next();
        let named = subject.common_name().or_else(|| subject.person()).or_else(|| subject.organization());
        short(named.or_else(mailbox).unwrap_or_else(|| subject.to_string()))
    }

    /// organizationName of the subject.
    pub fn organization(&self) -> Option<String> {
        self.subject().organization()
    }

    /// The mailboxes it names: rfc822Name and SmtpUTF8Mailbox; only where the subjectAltName has none of them,
    /// emailAddress of the subject (RFC 8550 §3). Text with control characters is no mailbox (R-C8).
    ///
    /// ```
    /// use mailseal::{mime::Address, x509::Certificate};
    /// /// Text becomes an address by the one strict parser.
    /// fn names(certificate: &Certificate, address: &Address) -> bool {
    ///     certificate.mailboxes().iter().filter_map(|text| text.parse::<Address>().ok()).any(|one| one.matches(address))
    /// }
    /// ```
    pub fn mailboxes(&self) -> Vec<String> {
        self.mailbox_names()
            .iter()
            .filter_map(GeneralName::mailbox)
            .filter(|text| is_mailbox(text))
            .map(str::to_owned)
            .collect()
    }

    /// The same as names, so that name constraints can be asked about exactly what counts.
    pub(crate) fn mailbox_names(&self) -> Vec<GeneralName> {
        let extensions = self.extensions();
        let named: Vec<_> =
            extensions.subject_alt_name.iter().filter(|name| name.mailbox().is_some()).cloned().collect();
        if !named.is_empty() || !extensions.defects.is_empty() {
            return named;
        }
        self.subject()
            .email_addresses()
            .into_iter()
            .filter(|text| text.is_ascii())
            .map(GeneralName::Rfc822Name)
            .collect()
    }

    /// Whether letters may be encrypted to its key: the key can be encrypted to or agrees on secrets, and keyUsage, where
    /// it is there, says so (RFC 8550 §4.4.2, RFC 5280 §4.2.1.3).
    ///
    /// ```
    /// use mailseal::x509::Certificate;
    /// let pem = include_bytes!("../../examples/letters/openssl-ca.pem");
    /// let authority = Certificate::load_pem_or_der(pem)?.remove(0);
    /// assert!(!authority.can_encrypt(), "it signs certificates only");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn can_encrypt(&self) -> bool {
        let usage = self.extensions().key_usage;
        match self.public_key().map(PublicKey::algorithm) {
            Ok(KeyAlgorithm::Rsa { pss_only: false, .. }) => usage.is_none_or(KeyUsage::key_encipherment),
            Ok(KeyAlgorithm::Ec(_) | KeyAlgorithm::X25519) => usage.is_none_or(KeyUsage::key_agreement),
            _ => false,
        }
    }

    /// What its owner says to read (RFC 4262); `None` where the certificate does not say.
    pub fn capabilities(&self) -> Option<&Capabilities> {
        self.extensions().capabilities.as_ref()
    }

    /// What a public certificate authority says it checked, by the policies of the S/MIME Baseline Requirements.
    /// Worth as much as the authority: ask only about certificates with a valid path.
    pub fn assurance(&self) -> Option<(Assurance, Generation)> {
        self.extensions().certificate_policies.iter().find_map(|policy| assurance::from_policy(policy))
    }

    /// Whom it names for CRLs about it (RFC 5280 §4.2.1.13, cRLIssuer).
    pub(crate) fn crl_issuers(&self) -> impl Iterator<Item = &Name> {
        self.extensions().distribution_points.iter().flat_map(DistributionPoint::crl_issuers)
    }

    /// basicConstraints say that it is an authority.
    pub(crate) fn is_ca(&self) -> bool {
        self.extensions().basic_constraints.is_some_and(|constraints| constraints.ca)
    }

    fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.0.der.get(range.clone()).unwrap_or_default()
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.0.der == other.0.der
    }
}

impl Eq for Certificate {}

impl Hash for Certificate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.fingerprint.hash(state);
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.subject())
    }
}

/// Something on both sides of the last `@`, and nothing that an address cannot hold.
fn is_mailbox(text: &str) -> bool {
    let parts = text.rsplit_once('@');
    parts.is_some_and(|(local, host)| !local.is_empty() && !host.is_empty())
        && text.len() <= LONGEST_MAILBOX
        && !text.contains(char::is_control)
}

fn read(der: &[u8]) -> DerResult<Certificate> {
    let mut whole = Reader::new(der);
    let mut certificate = whole.sequence()?;
    whole.finish()?;
    let tbs = certificate.expect(SEQUENCE)?;
    let signature_algorithm = algorithm_identifier(&mut certificate)?;
    let signature = certificate.expect(BIT_STRING)?;
    certificate.finish()?;
    let fields = Fields::read(&tbs)?;
    // RFC 5280 §4.1.1.2: what is signed and what is said about the signature must be the same.
    if fields.signature.octets != signature_algorithm.octets {
        return Err(DerError("the two signature algorithms differ"));
    }
    // A signature that is not of whole octets is none: the empty one never verifies.
    let signature_octets = content(&signature).end - signature.octets_of_bit_string().map_or(0, <[u8]>::len);
    Ok(Certificate(Arc::new(Inner {
        tbs: octets(&tbs),
        serial: content(&fields.serial),
        spki: octets(&fields.spki),
        signature_algorithm: octets(&signature_algorithm),
        signature: signature_octets..content(&signature).end,
        version: fields.version,
        issuer: Name::new(fields.issuer.octets),
        subject: Name::new(fields.subject.octets),
        validity: Validity::read(&fields.validity)?,
        public_key: PublicKey::from_spki(fields.spki.octets),
        extensions: fields
            .extensions
            .map_or(Ok(Extensions::default()), |list| Extensions::read(list.reader()))?,
        fingerprint: sha256(der),
        der: der.to_vec(),
    })))
}

/// The fields of TBSCertificate.
struct Fields<'a> {
    version: u32,
    serial: Value<'a>,
    signature: Value<'a>,
    issuer: Value<'a>,
    validity: Value<'a>,
    subject: Value<'a>,
    spki: Value<'a>,
    extensions: Option<Value<'a>>,
}

impl<'a> Fields<'a> {
    fn read(tbs: &Value<'a>) -> DerResult<Self> {
        let mut reader = tbs.reader();
        let version = reader.optional(constructed(0))?.map_or(Ok(0), |version| version.inner()?.u32())?;
        let fields = Self {
            version: match version {
                0..=2 => version + 1,
                _ => return Err(DerError("unknown version")),
            },
            serial: reader.expect(INTEGER)?,
            signature: algorithm_identifier(&mut reader)?,
            issuer: reader.expect(SEQUENCE)?,
            validity: reader.expect(SEQUENCE)?,
            subject: reader.expect(SEQUENCE)?,
            spki: reader.expect(SEQUENCE)?,
            extensions: {
                reader.optional(context(1))?;
                reader.optional(context(2))?;
                reader.optional(constructed(3))?.map(|explicit| explicit.inner()).transpose()?
            },
        };
        reader.finish()?;
        let serial = fields.serial.content.len();
        let extensions = fields.extensions.as_ref();
        if serial == 0 || serial > LONGEST_SERIAL {
            return Err(DerError("serial number of a wrong length"));
        }
        if extensions.is_some_and(|list| list.tag != SEQUENCE || fields.version != 3) {
            return Err(DerError("extensions misplaced"));
        }
        Ok(fields)
    }
}

fn algorithm_identifier<'a>(reader: &mut Reader<'a>) -> DerResult<Value<'a>> {
    let value = reader.expect(SEQUENCE)?;
    value.reader().expect(OID)?;
    Ok(value)
}

fn octets(value: &Value<'_>) -> Range<usize> {
    value.offset..value.offset + value.octets.len()
}

fn content(value: &Value<'_>) -> Range<usize> {
    let end = value.offset + value.octets.len();
    end - value.content.len()..end
}

/// More than RFC 5321 §4.5.3.1 allows.
const LONGEST_MAILBOX: usize = 512;

/// RFC 5280 §4.1.2.2 says 20; some authorities write more.
const LONGEST_SERIAL: usize = 64;

#[cfg(test)]
mod tests;
