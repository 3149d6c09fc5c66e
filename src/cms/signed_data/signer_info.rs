//! SignerInfo (RFC 5652 §5.3).

use crate::cms::ber::{Element, Elements, tag};
use crate::cms::signed_data::attributes::SignedAttributes;
use crate::cms::signed_data::key_preference;
use crate::cms::{Oid, malformed, within};
use crate::crypto::{HashAlgorithm, algorithm};
use crate::error::Error;
use crate::limits::Limits;
use crate::time::UnixTime;
use crate::x509::Certificate;

/// ```text
/// SignerInfo ::= SEQUENCE {
///   version CMSVersion,
///   sid SignerIdentifier,
///   digestAlgorithm DigestAlgorithmIdentifier,
///   signedAttrs [0] IMPLICIT SignedAttributes OPTIONAL,
///   signatureAlgorithm SignatureAlgorithmIdentifier,
///   signature SignatureValue,
///   unsignedAttrs [1] IMPLICIT UnsignedAttributes OPTIONAL }
/// ```
///
/// One that cannot be read stands in its place all the same, and says so when it is verified.
///
/// ```
/// # let letter = include_str!("../../../examples/letters/openssl.eml");
/// # let base64 = letter.split("smime.p7s\"\r\n\r\n").nth(1).unwrap().split("\r\n\r\n").next().unwrap();
/// # let pem = format!("-----BEGIN CMS-----\r\n{base64}\r\n-----END CMS-----\r\n");
/// # let signature = der::pem::decode_vec(pem.as_bytes()).unwrap().1;
/// use mailseal::{Limits, cms::SignedDataReader};
/// let data = SignedDataReader::new(signature.as_slice(), &Limits::default())?.finish()?;
/// use mailseal::cms::Oid;
/// let signer = &data.signers[0];
/// println!("{:?} at {:?}", signer.hint(), signer.claimed_time());
/// let types: Vec<String> = signer.signed_attributes().unwrap_or_default().iter().map(Oid::to_string).collect();
/// assert!(types.contains(&"1.2.840.113549.1.9.4".into()), "messageDigest");
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct SignerInfo(pub(super) Result<Fields, String>);

#[derive(Debug, Clone)]
pub(super) struct Fields {
    pub(super) sid: SignerIdentifier,
    pub(super) digest_algorithm: Vec<u8>,
    pub(super) signed_attributes: Option<SignedAttributes>,
    pub(super) signature_algorithm: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) unsigned_attributes: Vec<Oid>,
}

/// Which certificate is the signer's (RFC 5652 §5.3).
///
/// ```
/// # let letter = include_str!("../../../examples/letters/openssl.eml");
/// # let base64 = letter.split("smime.p7s\"\r\n\r\n").nth(1).unwrap().split("\r\n\r\n").next().unwrap();
/// # let pem = format!("-----BEGIN CMS-----\r\n{base64}\r\n-----END CMS-----\r\n");
/// # let signature = der::pem::decode_vec(pem.as_bytes()).unwrap().1;
/// use mailseal::{Limits, cms::SignedDataReader};
/// let data = SignedDataReader::new(signature.as_slice(), &Limits::default())?.finish()?;
/// use mailseal::cms::SignerIdentifier;
/// match data.signers[0].hint() {
///     Some(SignerIdentifier::IssuerAndSerialNumber { serial, .. }) => assert_eq!(serial, &[42]),
///     Some(SignerIdentifier::SubjectKeyIdentifier(identifier)) => println!("{identifier:02x?}"),
///     _ => println!("unreadable"),
/// }
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignerIdentifier {
    /// issuerAndSerialNumber.
    IssuerAndSerialNumber {
        /// The DER Name.
        issuer: Vec<u8>,
        /// Content octets of the INTEGER.
        serial: Vec<u8>,
    },
    /// subjectKeyIdentifier.
    SubjectKeyIdentifier(Vec<u8>),
}

impl SignerInfo {
    /// Takes one as received. What is wrong inside is kept for [`verify`](Self::verify); only limits are errors.
    pub(super) fn read(raw: &[u8], limits: &Limits) -> Result<Self, Error> {
        match Fields::read(raw, limits) {
            Ok(fields) => Ok(Self(Ok(fields))),
            Err(Error::Malformed { why, .. }) => Ok(Self(Err(why))),
            Err(other) => Err(other),
        }
    }

    /// Which certificate to look for; `None` where this cannot be read.
    pub fn hint(&self) -> Option<&SignerIdentifier> {
        self.fields().map(|fields| &fields.sid)
    }

    /// True where the identifier names this certificate. Several may fit: verify with each (R-B19).
    pub fn names(&self, certificate: &Certificate) -> bool {
        self.hint().is_some_and(|sid| sid.names(certificate))
    }

    /// The hash function of the content, if it is known.
    pub fn digest(&self) -> Option<HashAlgorithm> {
        self.fields().and_then(|fields| algorithm::digest(&fields.digest_algorithm).ok())
    }

    /// DER AlgorithmIdentifier of the signature.
    pub fn signature_algorithm(&self) -> &[u8] {
        self.fields().map_or(&[], |fields| &fields.signature_algorithm)
    }

    /// When the signer says they signed.
    pub fn claimed_time(&self) -> Option<UnixTime> {
        self.attributes()?.signing_time
    }

    /// DER SMIMECapabilities (RFC 8551 §2.5.2).
    pub fn smime_capabilities(&self) -> Option<&[u8]> {
        self.attributes()?.smime_capabilities.as_deref()
    }

    /// DER SMIMEEncryptionKeyPreference (RFC 8551 §2.5.3).
    pub fn encryption_key_preference(&self) -> Option<&[u8]> {
        self.attributes()?.encryption_key_preference.as_deref()
    }

    /// The same, as what names a certificate; `None` where it cannot be read.
    pub(crate) fn preferred_certificate(&self) -> Option<SignerIdentifier> {
        key_preference::read(self.encryption_key_preference()?)
    }

    /// The types of all signed attributes; `None`: there are no signed attributes.
    pub fn signed_attributes(&self) -> Option<&[Oid]> {
        Some(&self.attributes()?.types)
    }

    /// The types of the unsigned attributes: counter signatures, timestamps. They are not looked into.
    pub fn unsigned_attributes(&self) -> &[Oid] {
        self.fields().map_or(&[], |fields| &fields.unsigned_attributes)
    }

    fn fields(&self) -> Option<&Fields> {
        self.0.as_ref().ok()
    }

    fn attributes(&self) -> Option<&SignedAttributes> {
        self.fields()?.signed_attributes.as_ref()
    }
}

impl Fields {
    fn read(raw: &[u8], limits: &Limits) -> Result<Self, Error> {
        let what = "SignerInfo";
        let mut parts = Elements::single(raw, tag::SEQUENCE, limits.asn1_depth, what)?.children()?;
        parts.expect(tag::INTEGER, "version")?;
        let sid = SignerIdentifier::read(&mut parts)?;
        let digest_algorithm = parts.expect(tag::SEQUENCE, "digestAlgorithm")?.der()?.into_owned();
        let signed_attributes = match parts.optional(tag::context(0))? {
            Some(attributes) => Some(SignedAttributes::read(&attributes, limits)?),
            None => None,
        };
        let signature_algorithm = parts.expect(tag::SEQUENCE, "signatureAlgorithm")?.der()?.into_owned();
        let signature = parts.octet_string("signature")?.into_owned();
        let unsigned_attributes = match parts.optional(tag::context(1))? {
            Some(attributes) => types(&attributes, limits)?,
            None => Vec::new(),
        };
        if let Some(kind) = unsigned_attributes.iter().find(|kind| SIGNED_ONLY.contains(kind)) {
            return Err(malformed(format!("the attribute {kind} stands among those that are not signed")));
        }
        parts.finish(what)?;
        Ok(Self {
            sid,
            digest_algorithm,
            signed_attributes,
            signature_algorithm,
            signature,
            unsigned_attributes,
        })
    }
}

/// RFC 5652 §11.1-11.3: these MUST NOT be unsigned attributes.
const SIGNED_ONLY: [Oid; 3] = [Oid::CONTENT_TYPE, Oid::MESSAGE_DIGEST, Oid::SIGNING_TIME];

/// The types of attributes, as far as they can be read: nothing is signed here, so what cannot be read is passed over.
fn types(attributes: &Element<'_>, limits: &Limits) -> Result<Vec<Oid>, Error> {
    let (mut elements, mut types) = (attributes.children()?, Vec::new());
    while let Ok(Some(attribute)) = elements.next() {
        within(types.len(), limits.attributes, "attributes")?;
        let kind =
            attribute.children().and_then(|mut parts| Oid::read(parts.expect(tag::OID, "attrType")?.content));
        types.extend(kind.ok());
    }
    Ok(types)
}

impl SignerIdentifier {
    pub(in crate::cms) fn read(parts: &mut Elements<'_>) -> Result<Self, Error> {
        if let Some(identifier) = parts.optional(tag::context_primitive(0))? {
            return Ok(Self::SubjectKeyIdentifier(identifier.content.to_vec()));
        }
        if let Some(pieces) = parts.optional(tag::context(0))? {
            let (mut pieces, mut identifier) = (pieces.children()?, Vec::new());
            while pieces.peek().is_some() {
                identifier.extend_from_slice(&pieces.octet_string("subjectKeyIdentifier")?);
            }
            return Ok(Self::SubjectKeyIdentifier(identifier));
        }
        let mut parts = parts.expect(tag::SEQUENCE, "sid")?.children()?;
        let issuer = parts.expect(tag::SEQUENCE, "issuer")?.der()?.into_owned();
        let serial = parts.expect(tag::INTEGER, "serialNumber")?.content.to_vec();
        parts.finish("issuerAndSerialNumber")?;
        Ok(Self::IssuerAndSerialNumber { issuer, serial })
    }

    /// True where this certificate is meant. Names are compared as RFC 5280 §7.1 asks.
    pub fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerAndSerialNumber { issuer, serial } => {
                same_number(serial, certificate.serial()) && certificate.issuer().is_written(issuer)
            }
            Self::SubjectKeyIdentifier(identifier) => {
                certificate.extensions().subject_key_identifier.as_ref() == Some(identifier)
            }
        }
    }
}

/// Equal as numbers: some write more leading zeros than DER allows.
pub(super) fn same_number(one: &[u8], other: &[u8]) -> bool {
    fn trim(mut octets: &[u8]) -> &[u8] {
        while let [0, next, ..] = octets {
            if *next >= 0x80 {
                break;
            }
            octets = octets.get(1..).unwrap_or_default();
        }
        octets
    }
    trim(one) == trim(other)
}
