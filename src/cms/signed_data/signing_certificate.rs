//! signingCertificate (RFC 2634 §5.4) and signingCertificateV2 (RFC 5035 §3): which certificate the signer used.

use crate::cms::ber::{Element, Elements, tag};
use crate::cms::der_writer::{element, octet_string, sequence};
use crate::cms::malformed;
use crate::cms::signed_data::signer_info::same_number;
use crate::crypto::{HashAlgorithm, Provider, algorithm};
use crate::error::Error;
use crate::x509::Certificate;

/// ```text
/// SigningCertificateV2 ::= SEQUENCE {
///   certs SEQUENCE OF ESSCertIDv2,
///   policies SEQUENCE OF PolicyInformation OPTIONAL }
/// ESSCertIDv2 ::= SEQUENCE {
///   hashAlgorithm AlgorithmIdentifier DEFAULT { algorithm id-sha256 },     -- not in version 1: SHA-1
///   certHash OCTET STRING,
///   issuerSerial IssuerSerial OPTIONAL }
/// IssuerSerial ::= SEQUENCE { issuer GeneralNames, serialNumber INTEGER }
/// ```
///
/// The first of `certs` is the signer's.
#[derive(Debug, Clone)]
pub(super) struct NamedCertificate {
    /// `None`: one that is not known.
    hash_algorithm: Option<HashAlgorithm>,
    hash: Vec<u8>,
    /// The DER Name, where it is one, and the serial number.
    issuer_serial: Option<(Option<Vec<u8>>, Vec<u8>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    One,
    Two,
}

impl NamedCertificate {
    pub(super) fn read(value: &Element<'_>, version: Version) -> Result<Self, Error> {
        let what = "SigningCertificate";
        let mut parts = Elements::single(value.raw, tag::SEQUENCE, value.depth(), what)?.children()?;
        let mut certificates = parts.expect(tag::SEQUENCE, "certs")?.children()?;
        parts.optional(tag::SEQUENCE)?;
        parts.finish(what)?;
        let mut first = certificates.expect(tag::SEQUENCE, "ESSCertID")?.children()?;
        let hash_algorithm = match (version, first.peek()) {
            (Version::One, _) => Some(HashAlgorithm::Sha1),
            (Version::Two, Some(tag::SEQUENCE)) => {
                algorithm::digest(first.expect(tag::SEQUENCE, "hashAlgorithm")?.raw).ok()
            }
            (Version::Two, _) => Some(HashAlgorithm::Sha256),
        };
        let hash = first.expect(tag::OCTET_STRING, "certHash")?.content.to_vec();
        let issuer_serial = first.optional(tag::SEQUENCE)?.as_ref().map(read_issuer_serial).transpose()?;
        first.finish("ESSCertID")?;
        Ok(Self { hash_algorithm, hash, issuer_serial })
    }

    /// R-B19: whether this certificate is meant. `None`: it cannot be told, for want of the hash function.
    pub(super) fn is(&self, certificate: &Certificate, provider: &Provider) -> Option<bool> {
        let same_hash = match self.hash_algorithm? {
            HashAlgorithm::Sha256 => self.hash == certificate.fingerprint(),
            other => self.hash == provider.hash(other, certificate.as_der())?,
        };
        let same_issuer = self.issuer_serial.as_ref().is_none_or(|(issuer, serial)| {
            let named = |issuer: &[u8]| certificate.issuer().is_written(issuer);
            same_number(serial, certificate.serial()) && issuer.as_deref().is_some_and(named)
        });
        Some(same_issuer && same_hash)
    }
}

/// GeneralNames with one directoryName, which is what RFC 5035 §5 asks for.
fn read_issuer_serial(element: &Element<'_>) -> Result<(Option<Vec<u8>>, Vec<u8>), Error> {
    let mut parts = element.children()?;
    let mut names = parts.expect(tag::SEQUENCE, "issuer")?.children()?;
    let first = names.next()?.ok_or_else(|| malformed("issuer is empty"))?;
    let directory_name = first.tag == tag::context(4) && names.peek().is_none();
    let serial = parts.expect(tag::INTEGER, "serialNumber")?.content.to_vec();
    parts.finish("IssuerSerial")?;
    Ok((directory_name.then(|| first.content.to_vec()), serial))
}

/// SigningCertificateV2 with SHA-256, which is the default and not written.
pub(super) fn write_v2(certificate: &Certificate) -> Vec<u8> {
    let hash = octet_string(&certificate.fingerprint());
    let names = sequence(&[&element(tag::context(4), &[certificate.issuer().as_der()])]);
    let serial = element(tag::INTEGER, &[certificate.serial()]);
    sequence(&[&sequence(&[&sequence(&[&hash, &sequence(&[&names, &serial])])])])
}
