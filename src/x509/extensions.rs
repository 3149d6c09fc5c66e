//! Extensions of a certificate (RFC 5280 §4.2), read once.

use std::collections::BTreeSet;

use const_oid::ObjectIdentifier;

use crate::report::Qualified;
use crate::x509::capabilities::Capabilities;
use crate::x509::der_reader::{
    BIT_STRING, BOOLEAN, DerError, INTEGER, OCTET_STRING, OID, Reader, Result, SEQUENCE, Value, constructed,
    context,
};
use crate::x509::general_name::{GeneralName, general_names};
use crate::x509::name_constraints::NameConstraints;
use crate::x509::revocation::DistributionPoint;
use crate::x509::{oid, qualified};

/// What the extensions say. An extension that cannot be read is absent here and named in `defects`: no path goes
/// through such a certificate.
///
/// ```
/// use mailseal::x509::Certificate;
/// let pem = include_bytes!("../../examples/letters/openssl-ca.pem");
/// let certificate = Certificate::load_pem_or_der(pem)?.remove(0);
/// let extensions = certificate.extensions();
/// assert!(extensions.defects.is_empty() && extensions.unknown_critical.is_empty());
/// for uri in extensions.ocsp.iter().chain(&extensions.crl_distribution_points) {
///     println!("revocation can be asked for at {uri}");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Extensions {
    /// §4.2.1.9
    pub basic_constraints: Option<BasicConstraints>,
    /// §4.2.1.3
    pub key_usage: Option<KeyUsage>,
    /// §4.2.1.12, dotted.
    pub ext_key_usage: Option<Vec<String>>,
    /// §4.2.1.6
    pub subject_alt_name: Vec<GeneralName>,
    /// §4.2.1.2
    pub subject_key_identifier: Option<Vec<u8>>,
    /// §4.2.1.1
    pub authority_key_identifier: Option<AuthorityKeyIdentifier>,
    /// §4.2.1.4, dotted, without qualifiers.
    pub certificate_policies: Vec<String>,
    /// §4.2.1.5: issuerDomainPolicy and subjectDomainPolicy, dotted.
    pub policy_mappings: Vec<(String, String)>,
    /// §4.2.1.11
    pub policy_constraints: Option<PolicyConstraints>,
    /// §4.2.1.14: how many certificates further on anyPolicy counts.
    pub inhibit_any_policy: Option<u32>,
    /// §4.2.1.10
    pub name_constraints: Option<NameConstraints>,
    /// §4.2.1.13: URIs.
    pub crl_distribution_points: Vec<String>,
    /// §4.2.1.15: URIs of delta CRLs.
    pub freshest_crl: Vec<String>,
    /// §4.2.2.1: URIs of OCSP responders.
    pub ocsp: Vec<String>,
    /// §4.2.2.1: URIs of certificates of the issuer.
    pub ca_issuers: Vec<String>,
    /// RFC 9608: it lives so briefly that nobody says whether it is revoked.
    pub no_rev_avail: bool,
    /// RFC 6960 §4.2.2.2.1: a responder that is trusted as long as it is valid.
    pub ocsp_no_check: bool,
    pub(crate) distribution_points: Vec<DistributionPoint>,
    /// RFC 4262: what its owner says to read.
    pub capabilities: Option<Capabilities>,
    /// RFC 3739 §3.2.6: what it states of itself under eIDAS.
    pub qualified: Option<Qualified>,
    /// Critical extensions that are not understood here, dotted.
    pub unknown_critical: Vec<String>,
    /// What could not be read, in words.
    pub defects: Vec<String>,
    /// The understood extensions that are critical, by their names in RFC 5280.
    critical: Vec<&'static str>,
}

/// BasicConstraints (RFC 5280 §4.2.1.9).
///
/// ```
/// use mailseal::x509::Certificate;
/// let pem = include_bytes!("../../examples/letters/openssl-ca.pem");
/// let certificate = Certificate::load_pem_or_der(pem)?.remove(0);
/// match certificate.extensions().basic_constraints {
///     Some(basic) if basic.ca => println!("an authority, with at most {:?} below it", basic.path_len),
///     _ => println!("somebody's own"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasicConstraints {
    /// May issue certificates.
    pub ca: bool,
    /// pathLenConstraint
    pub path_len: Option<u32>,
}

/// AuthorityKeyIdentifier (RFC 5280 §4.2.1.1).
///
/// ```
/// use mailseal::x509::Certificate;
/// /// Of several authorities of one name, the one whose key it says it was.
/// fn may_be_issuer(issuer: &Certificate, certificate: &Certificate) -> bool {
///     let wanted = certificate.extensions().authority_key_identifier.as_ref().and_then(|one| one.key_identifier.as_ref());
///     let own = issuer.extensions().subject_key_identifier.as_ref();
///     issuer.subject() == certificate.issuer() && (wanted.is_none() || own.is_none() || wanted == own)
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityKeyIdentifier {
    /// keyIdentifier
    pub key_identifier: Option<Vec<u8>>,
    /// authorityCertSerialNumber, its octets.
    pub serial: Option<Vec<u8>>,
}

/// PolicyConstraints (RFC 5280 §4.2.1.11).
///
/// ```
/// use mailseal::x509::Certificate;
/// fn asks_for_a_policy(authority: &Certificate) -> bool {
///     authority.extensions().policy_constraints.is_some_and(|policy| policy.require_explicit_policy.is_some())
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyConstraints {
    /// requireExplicitPolicy
    pub require_explicit_policy: Option<u32>,
    /// inhibitPolicyMapping
    pub inhibit_policy_mapping: Option<u32>,
}

/// KeyUsage (RFC 5280 §4.2.1.3).
///
/// ```
/// use mailseal::x509::Certificate;
/// let pem = include_bytes!("../../examples/letters/openssl-ca.pem");
/// let certificate = Certificate::load_pem_or_der(pem)?.remove(0);
/// let usage = certificate.extensions().key_usage;
/// assert!(usage.is_some_and(|usage| usage.key_cert_sign() && !usage.digital_signature()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyUsage(u8);

impl KeyUsage {
    /// digitalSignature alone.
    pub const DIGITAL_SIGNATURE: Self = Self(0x80);
    /// nonRepudiation alone.
    pub const NON_REPUDIATION: Self = Self(0x40);
    /// keyEncipherment alone.
    pub const KEY_ENCIPHERMENT: Self = Self(0x20);
    /// keyAgreement alone.
    pub const KEY_AGREEMENT: Self = Self(0x08);
    /// cRLSign alone.
    pub const CRL_SIGN: Self = Self(0x02);

    /// One of these and those, such as [`Purpose::Other`](crate::x509::path::Purpose::Other) asks for.
    ///
    /// ```
    /// use mailseal::x509::KeyUsage;
    /// let either = KeyUsage::KEY_ENCIPHERMENT.or(KeyUsage::KEY_AGREEMENT);
    /// assert!(either.key_encipherment() && either.key_agreement() && !either.digital_signature());
    /// ```
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// True if both have one in common.
    pub(crate) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// digitalSignature
    pub fn digital_signature(self) -> bool {
        self.0 & 0x80 != 0
    }
    /// nonRepudiation, also called contentCommitment.
    pub fn non_repudiation(self) -> bool {
        self.0 & 0x40 != 0
    }
    /// keyEncipherment
    pub fn key_encipherment(self) -> bool {
        self.0 & 0x20 != 0
    }
    /// keyAgreement
    pub fn key_agreement(self) -> bool {
        self.0 & 0x08 != 0
    }
    /// keyCertSign
    pub fn key_cert_sign(self) -> bool {
        self.0 & 0x04 != 0
    }
    /// cRLSign
    pub fn crl_sign(self) -> bool {
        self.0 & 0x02 != 0
    }
}

/// One extension.
///
/// ```text
/// Extension ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }
/// ```
pub(crate) struct Extension<'a> {
    pub(crate) id: &'a [u8],
    pub(crate) critical: bool,
    pub(crate) value: &'a [u8],
}

impl<'a> Extension<'a> {
    pub(crate) fn read(value: &Value<'a>) -> Result<Self> {
        if value.tag != SEQUENCE {
            return Err(DerError("not an extension"));
        }
        let mut reader = value.reader();
        let id = reader.expect(OID)?.content;
        let critical = reader.optional(BOOLEAN)?.map_or(Ok(false), |value| value.boolean())?;
        let value = reader.expect(OCTET_STRING)?.content;
        reader.finish()?;
        Ok(Self { id, critical, value })
    }
}

impl Extensions {
    /// Reads all; refuses what cannot be told apart into extensions, and an extension that comes twice
    /// (RFC 5280 §4.2).
    pub(crate) fn read(list: Reader<'_>) -> Result<Self> {
        let mut extensions = Self::default();
        let mut seen = BTreeSet::new();
        for value in list {
            let extension = Extension::read(&value?)?;
            if !seen.insert(extension.id) {
                return Err(DerError("an extension comes twice"));
            }
            extensions.take(&extension);
        }
        Ok(extensions)
    }

    /// True if the extension of this name is there, understood and critical.
    ///
    /// ```
    /// use mailseal::x509::Certificate;
    /// let pem = include_bytes!("../../examples/letters/openssl-ca.pem");
    /// let certificate = Certificate::load_pem_or_der(pem)?.remove(0);
    /// assert!(certificate.extensions().is_critical("basicConstraints"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_critical(&self, name: &str) -> bool {
        self.critical.contains(&name)
    }

    fn take(&mut self, extension: &Extension<'_>) {
        let Some((_, name, understood, read)) = READERS.iter().find(|(id, ..)| extension.id == id.as_bytes())
        else {
            if extension.id == oid::SMIME_CAPABILITIES.as_bytes() {
                // Where they cannot be read they say nothing; no path depends on them. So below.
                self.capabilities = Capabilities::from_der(extension.value).ok();
            }
            if extension.id == oid::QC_STATEMENTS.as_bytes() {
                self.qualified = qualified::read(extension.value).ok();
            }
            if extension.critical {
                self.unknown_critical.push(oid::text(extension.id));
            }
            return;
        };
        if extension.critical && !understood {
            self.unknown_critical.push(oid::text(extension.id));
        }
        self.critical.extend(extension.critical.then_some(*name));
        let mut reader = Reader::new(extension.value);
        let result = Reader::next(&mut reader).and_then(|value| {
            reader.finish()?;
            read(self, &value)
        });
        if let Err(error) = result {
            self.defects.push(format!("{name}: {error}"));
        }
    }
}

type Read = fn(&mut Extensions, &Value<'_>) -> Result<()>;

/// Identifier, name, whether its meaning is honoured even where it is critical, reader. The others must not be
/// critical (RFC 5280 §4.2).
const READERS: [(ObjectIdentifier, &str, bool, Read); 16] = [
    (oid::BASIC_CONSTRAINTS, "basicConstraints", true, basic_constraints),
    (oid::KEY_USAGE, "keyUsage", true, key_usage),
    (oid::EXT_KEY_USAGE, "extKeyUsage", true, ext_key_usage),
    (oid::SUBJECT_ALT_NAME, "subjectAltName", true, subject_alt_name),
    (oid::SUBJECT_KEY_IDENTIFIER, "subjectKeyIdentifier", false, subject_key_identifier),
    (oid::AUTHORITY_KEY_IDENTIFIER, "authorityKeyIdentifier", false, authority_key_identifier),
    (oid::CERTIFICATE_POLICIES, "certificatePolicies", true, certificate_policies),
    (oid::POLICY_MAPPINGS, "policyMappings", true, policy_mappings),
    (oid::POLICY_CONSTRAINTS, "policyConstraints", true, policy_constraints),
    (oid::INHIBIT_ANY_POLICY, "inhibitAnyPolicy", true, inhibit_any_policy),
    (oid::NAME_CONSTRAINTS, "nameConstraints", true, name_constraints),
    (oid::CRL_DISTRIBUTION_POINTS, "cRLDistributionPoints", true, crl_distribution_points),
    (oid::AUTHORITY_INFO_ACCESS, "authorityInfoAccess", false, authority_info_access),
    (oid::FRESHEST_CRL, "freshestCRL", false, freshest_crl),
    (oid::NO_REV_AVAIL, "noRevAvail", false, no_rev_avail),
    (oid::OCSP_NO_CHECK, "ocsp-nocheck", true, ocsp_no_check),
];

fn sequence<'a>(value: &Value<'a>) -> Result<Reader<'a>> {
    if value.tag == SEQUENCE { Ok(value.reader()) } else { Err(DerError("not a SEQUENCE")) }
}

fn integer(value: &Value<'_>) -> Result<u32> {
    if value.tag == INTEGER { value.u32() } else { Err(DerError("not an INTEGER")) }
}

/// `SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }`
fn basic_constraints(extensions: &mut Extensions, value: &Value<'_>) -> Result<()> {
    let mut reader = sequence(value)?;
    let ca = reader.optional(BOOLEAN)?.map_or(Ok(false), |value| value.boolean())?;
    let path_len = reader.optional(INTEGER)?.map(|value| value.u32()).transpose()?;
    reader.finish()?;
    extensions.basic_constraints = Some(BasicConstraints { ca, path_len });
    Ok(())
}

fn key_usage(extensions: &mut Extensions, value: &Value<'_>) -> Result<()> {
    let (BIT_STRING, [0..=7, octets @ ..]) = (value.tag, value.content) else {
        return Err(DerError("not a BIT STRING"));
    };
    extensions.key_usage = Some(KeyUsage(octets.first().copied().unwrap_or_default()));
    Ok(())
}

/// `SEQUENCE OF KeyPurposeId`
fn ext_key_usage(extensions: &mut Extensions, value: &Value<'_>) -> Result<()> {
    let purposes: Vec<String> =
        sequence(value)?.map(|value| object_identifier(&value?)).collect::<Result<_>>()?;
    extensions.ext_key_usage = Some(purposes);
    Ok(())
}

fn object_identifier(value: &Value<'_>) -> Result<String> {
    if value.tag == OID { Ok(oid::text(value.content)) } else { Err(DerError("not an OBJECT IDENTIFIER")) }
}

fn subject_alt_name(extensions: &mut Extensions, value: &Value<'_>) -> Result<()> {
    extensions.subject_alt_name = general_names(sequence(value)?)?;
    Ok(())
}

fn subject_key_identifier(extensions: &mut Extensions, value: &Value<'_>) -> Result<()> {
    if value.tag != OCTET_STRING {
        return Err(DerError("not an OCTET STRING"));
    }
    extensions.subject_key_identifier = Some(value.content.to_vec());
    Ok(())
}

/// `SEQUENCE { [0] KeyIdentifier OPTIONAL, [1] GeneralNames OPTIONAL, [2] CertificateSerialNumber OPTIONAL }`
fn authority_key_identifier(extensions: &mut Extensions, value: &Value<'_>) -> Result<()> {
    let mut reader = sequence(value)?;
    let key_identifier = reader.optional(context(0))?.map(|value| value.content.to_vec());
    reader.optional(constructed(1))?;
    let serial = reader.optional(context(2))?.map(|value| value.content.to_vec());
    reader.finish()?;
    extensions.authority_key_identifier = Some(AuthorityKeyIdentifier { key_identifier, serial });
    Ok(())
}

/// `SEQUENCE OF SEQUENCE { policyIdentifier OBJECT IDENTIFIER, policyQualifiers OPTIONAL }`
fn certificate_policies(extensions: &mut Extensions, value: &Value<'_>) -> Result<()> {
    extensions.certificate_policies = sequence(value)?
        .map(|value| object_identifier(&Reader::next(&mut sequence(&value?)?)?))
        .collect::<Result<_>>()?;
    Ok(())
}

/// `SEQUENCE OF SEQUENCE { issuerDomainPolicy OBJECT IDENTIFIER, subjectDomainPolicy OBJECT IDENTIFIER }`
fn policy_mappings(extensions: &mut Extensions, value: &Value<'_>) -> Result<()> {
    let mapping = |value: Result<Value<'_>>| {
        let mut reader = sequence(&value?)?;
        let from = object_identifier(&Reader::next(&mut reader)?)?;
        Ok((from, object_identifier(&Reader::next(&mut reader)?)?))
    };
    extensions.policy_mappings = sequence(value)?.map(mapping).collect::<Result<_>>()?;
    Ok(())
}

/// `SEQUENCE { requireExplicitPolicy [0] INTEGER OPTIONAL, inhibitPolicyMapping [1] INTEGER OPTIONAL }`
fn policy_constraints(extensions: &mut Extensions, value: &Value<'_>) -> Result<()> {
    let mut reader = sequence(value)?;
    let require_explicit_policy = reader.optional(context(0))?.map(|value| value.u32()).transpose()?;
    let inhibit_policy_mapping = reader.optional(context(1))?.map(|value| value.u32()).transpose()?;
    reader.finish()?;
    extensions.policy_constraints =
        Some(PolicyConstraints { require_explicit_policy, inhibit_policy_mapping });
    Ok(())
}

fn inhibit_any_policy(extensions: &mut Extensions, value: &Value<'_>) -> Result<()> {
    extensions.inhibit_any_policy = Some(integer(value)?);
    Ok(())
}

fn name_constraints(extensions: &mut Extensions, value: &Value<'_>) -> Result<()> {
    extensions.name_constraints = Some(NameConstraints::read(sequence(value)?)?);
    Ok(())
}

/// `SEQUENCE OF DistributionPoint`
fn crl_distribution_points(extensions: &mut Extensions, value: &Value<'_>) -> Result<()> {
    let points = points(value)?;
    extensions.crl_distribution_points = uris(&points);
    extensions.distribution_points = points;
    Ok(())
}

fn freshest_crl(extensions: &mut Extensions, value: &Value<'_>) -> Result<()> {
    extensions.freshest_crl = uris(&points(value)?);
    Ok(())
}

fn points(value: &Value<'_>) -> Result<Vec<DistributionPoint>> {
    sequence(value)?.map(|point| DistributionPoint::read(&point?)).collect()
}

fn uris(points: &[DistributionPoint]) -> Vec<String> {
    points.iter().flat_map(DistributionPoint::uris).map(str::to_owned).collect()
}

/// NULL; that it is there is all it says.
fn no_rev_avail(extensions: &mut Extensions, _: &Value<'_>) -> Result<()> {
    extensions.no_rev_avail = true;
    Ok(())
}

fn ocsp_no_check(extensions: &mut Extensions, _: &Value<'_>) -> Result<()> {
    extensions.ocsp_no_check = true;
    Ok(())
}

fn uri(name: GeneralName) -> Option<String> {
    match name {
        GeneralName::Uri(uri) => Some(uri),
        _ => None,
    }
}

/// `SEQUENCE OF SEQUENCE { accessMethod OBJECT IDENTIFIER, accessLocation GeneralName }`
fn authority_info_access(extensions: &mut Extensions, value: &Value<'_>) -> Result<()> {
    let (mut ocsp, mut ca_issuers) = (Vec::new(), Vec::new());
    for access in sequence(value)? {
        let mut access = sequence(&access?)?;
        let method = access.expect(OID)?.content;
        let uri = uri(GeneralName::read(&Reader::next(&mut access)?)?);
        if method == oid::OCSP.as_bytes() {
            ocsp.extend(uri);
        } else if method == oid::CA_ISSUERS.as_bytes() {
            ca_issuers.extend(uri);
        }
    }
    (extensions.ocsp, extensions.ca_issuers) = (ocsp, ca_issuers);
    Ok(())
}
