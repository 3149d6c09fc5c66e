//! Signed attributes (RFC 5652 §5.3, §11; RFC 8551 §2.5).

use std::borrow::Cow;

use crate::cms::ber::{Element, Elements, push_length, tag};
use crate::cms::signed_data::signing_certificate::{NamedCertificate, Version};
use crate::cms::{Oid, der_writer, malformed, within};
use crate::error::Error;
use crate::limits::Limits;
use crate::time::UnixTime;

/// ```text
/// SignedAttributes ::= SET SIZE (1..MAX) OF Attribute
/// Attribute ::= SEQUENCE { attrType OBJECT IDENTIFIER, attrValues SET OF AttributeValue }
/// ```
#[derive(Debug, Clone, Default)]
pub(super) struct SignedAttributes {
    /// What was signed: DER SET OF Attribute, not the `[0]` that is sent (RFC 5652 §5.4).
    pub(super) signed: Vec<u8>,
    /// It was received as DER; otherwise `signed` was made from it (R-B5).
    pub(super) received_as_der: bool,
    pub(super) types: Vec<Oid>,
    pub(super) content_type: Option<Oid>,
    pub(super) message_digest: Option<Vec<u8>>,
    pub(super) signing_time: Option<UnixTime>,
    pub(super) signing_time_unreadable: bool,
    pub(super) smime_capabilities: Option<Vec<u8>>,
    pub(super) encryption_key_preference: Option<Vec<u8>>,
    /// By signingCertificate and signingCertificateV2: the signer's must be each of them.
    pub(super) signing_certificates: Vec<NamedCertificate>,
    pub(super) algorithm_protection: Option<AlgorithmProtection>,
}

/// ```text
/// CMSAlgorithmProtection ::= SEQUENCE {
///   digestAlgorithm DigestAlgorithmIdentifier,
///   signatureAlgorithm [1] SignatureAlgorithmIdentifier OPTIONAL,
///   macAlgorithm [2] MessageAuthenticationCodeAlgorithm OPTIONAL }
/// ```
#[derive(Debug, Clone)]
pub(super) struct AlgorithmProtection {
    digest: Vec<u8>,
    signature: Vec<u8>,
}

impl SignedAttributes {
    pub(super) fn read(received: &Element<'_>, limits: &Limits) -> Result<Self, Error> {
        let (signed, received_as_der) = signed_octets(received, limits)?;
        let mut this = Self { received_as_der, ..Self::default() };
        let mut elements =
            Elements::single(&signed, tag::SET, received.depth(), "signedAttrs")?.children()?;
        if elements.peek().is_none() {
            return Err(malformed("signedAttrs is empty"));
        }
        while elements.peek().is_some() {
            this.read_attribute(&elements.expect(tag::SEQUENCE, "Attribute")?)?;
        }
        this.signed = signed;
        Ok(this)
    }

    fn read_attribute(&mut self, attribute: &Element<'_>) -> Result<(), Error> {
        let mut parts = attribute.children()?;
        let kind = Oid::read(parts.expect(tag::OID, "attrType")?.content)?;
        let values = parts.expect(tag::SET, "attrValues")?;
        parts.finish("Attribute")?;
        if KNOWN.contains(&kind) {
            // RFC 5652 §11.1-11.3, RFC 5035 §3, RFC 6211 §2, RFC 8551 §2.5: once, with one value.
            if self.types.contains(&kind) {
                return Err(malformed(format!("the signed attribute {kind} stands twice")));
            }
            let mut elements = values.children()?;
            let value = elements.next()?.ok_or_else(|| malformed(format!("{kind} has no value")))?;
            if elements.peek().is_some() {
                return Err(malformed(format!("the signed attribute {kind} has more in it than it may")));
            }
            self.read_known(&kind, &value)?;
        }
        self.types.push(kind);
        Ok(())
    }

    fn read_known(&mut self, kind: &Oid, value: &Element<'_>) -> Result<(), Error> {
        let mut one = Elements::new(value.raw, value.depth());
        if *kind == Oid::CONTENT_TYPE {
            self.content_type = Some(Oid::read(one.expect(tag::OID, "contentType")?.content)?);
        } else if *kind == Oid::MESSAGE_DIGEST {
            self.message_digest = Some(one.expect(tag::OCTET_STRING, "messageDigest")?.content.to_vec());
        } else if *kind == Oid::SIGNING_TIME {
            self.signing_time = read_time(value);
            self.signing_time_unreadable = self.signing_time.is_none();
        } else if *kind == Oid::SMIME_CAPABILITIES {
            self.smime_capabilities = Some(value.raw.to_vec());
        } else if *kind == Oid::ENCRYPTION_KEY_PREFERENCE {
            self.encryption_key_preference = Some(value.raw.to_vec());
        } else if *kind == Oid::ALGORITHM_PROTECTION {
            self.algorithm_protection = Some(AlgorithmProtection::read(value)?);
        } else {
            let version = if *kind == Oid::SIGNING_CERTIFICATE { Version::One } else { Version::Two };
            self.signing_certificates.push(NamedCertificate::read(value, version)?);
        }
        Ok(())
    }
}

const KNOWN: [Oid; 8] = [
    Oid::CONTENT_TYPE,
    Oid::MESSAGE_DIGEST,
    Oid::SIGNING_TIME,
    Oid::SMIME_CAPABILITIES,
    Oid::ENCRYPTION_KEY_PREFERENCE,
    Oid::SIGNING_CERTIFICATE,
    Oid::SIGNING_CERTIFICATE_V2,
    Oid::ALGORITHM_PROTECTION,
];

/// R-B5: the octets as received with the tag of SET, if they are DER; otherwise their DER, made once.
fn signed_octets(received: &Element<'_>, limits: &Limits) -> Result<(Vec<u8>, bool), Error> {
    let der = received.der()?;
    let element = Elements::single(&der, tag::context(0), received.depth(), "signedAttrs")?;
    let mut elements = element.children()?;
    let (mut sorted, mut in_order) = (Vec::new(), true);
    while elements.peek().is_some() {
        within(sorted.len(), limits.attributes, "attributes")?;
        let attribute = elements.expect(tag::SEQUENCE, "Attribute")?;
        let rewritten = sort_values(&attribute, limits)?;
        in_order &=
            matches!(rewritten, Cow::Borrowed(_)) && sorted.last().is_none_or(|last| *last <= rewritten);
        sorted.push(rewritten);
    }
    if in_order && matches!(der, Cow::Borrowed(_)) {
        let mut signed = vec![tag::SET];
        push_length(&mut signed, u64::try_from(element.content.len()).unwrap_or(u64::MAX));
        signed.extend_from_slice(received.content);
        return Ok((signed, true));
    }
    let mut parts: Vec<&[u8]> = sorted.iter().map(|attribute| &**attribute).collect();
    Ok((der_writer::set_of_parts(tag::SET, &mut parts), false))
}

/// The attribute with its values in the order of DER: itself where they are.
fn sort_values<'a>(attribute: &Element<'a>, limits: &Limits) -> Result<Cow<'a, [u8]>, Error> {
    let mut parts = attribute.children()?;
    let kind = parts.expect(tag::OID, "attrType")?;
    let mut values = parts.expect(tag::SET, "attrValues")?.children()?;
    parts.finish("Attribute")?;
    let mut sorted = Vec::new();
    while let Some(value) = values.next()? {
        within(sorted.len(), limits.attributes, "attributes")?;
        sorted.push(value.raw);
    }
    if sorted.is_sorted() {
        return Ok(Cow::Borrowed(attribute.raw));
    }
    let set = der_writer::set_of_parts(tag::SET, &mut sorted);
    Ok(Cow::Owned(der_writer::sequence(&[kind.raw, &set])))
}

/// Time (RFC 5652 §11.3). Its forms of DER only.
fn read_time(value: &Element<'_>) -> Option<UnixTime> {
    let text = std::str::from_utf8(value.content).ok()?.strip_suffix('Z')?;
    if !text.bytes().all(|octet| octet.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = match (value.tag, text.len()) {
        (tag::UTC_TIME, 12) => {
            let (year, rest) = text.split_at_checked(2)?;
            let year = year.parse::<u16>().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        (tag::GENERALIZED_TIME, 14) => {
            let (year, rest) = text.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let two = |at: usize| rest.get(at..at + 2)?.parse::<u8>().ok();
    let time = der::DateTime::new(year, two(0)?, two(2)?, two(4)?, two(6)?, two(8)?).ok()?;
    Some(UnixTime::from_seconds(i64::try_from(time.unix_duration().as_secs()).ok()?))
}

impl AlgorithmProtection {
    fn read(value: &Element<'_>) -> Result<Self, Error> {
        let mut parts = Elements::single(value.raw, tag::SEQUENCE, value.depth(), "CMSAlgorithmProtection")?
            .children()?;
        let digest = parts.expect(tag::SEQUENCE, "digestAlgorithm")?.raw.to_vec();
        let signature = parts.expect(tag::context(1), "signatureAlgorithm")?.content;
        parts.finish("CMSAlgorithmProtection")?;
        Ok(Self { digest, signature: der_writer::sequence(&[signature]) })
    }

    /// R-B6: both are what the SignerInfo says. Absent parameters and NULL are the same, as everywhere with hashes.
    pub(super) fn agrees(&self, digest: &[u8], signature: &[u8]) -> bool {
        same_identifier(&self.digest, digest) && same_identifier(&self.signature, signature)
    }
}

fn same_identifier(one: &[u8], other: &[u8]) -> bool {
    fn without_null(identifier: &[u8]) -> Option<&[u8]> {
        let content = Elements::new(identifier, 8).next().ok()??.content;
        Some(content.strip_suffix(&[tag::NULL, 0]).unwrap_or(content))
    }
    one == other || without_null(one).is_some_and(|one| without_null(other) == Some(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tag: u8, text: &str) -> Option<i64> {
        let octets = der_writer::element(tag, &[text.as_bytes()]);
        let element = Elements::new(&octets, 8).next().unwrap().unwrap();
        read_time(&element).map(UnixTime::seconds)
    }

    #[test]
    fn signing_times() {
        assert_eq!(read(tag::UTC_TIME, "191128093000Z"), Some(1_574_933_400));
        assert_eq!(read(tag::GENERALIZED_TIME, "20191128093000Z"), Some(1_574_933_400));
        assert_eq!(read(tag::UTC_TIME, "491231235959Z"), Some(2_524_607_999));
        for odd in [
            "1911280930Z",
            "191128093000+0100",
            "191128093000",
            "191328093000Z",
            "19112809300éZ",
            "+91128093000Z",
        ] {
            assert_eq!(read(tag::UTC_TIME, odd), None, "{odd}");
        }
        assert_eq!(read(tag::GENERALIZED_TIME, "20191128093000.5Z"), None);
    }

    #[test]
    fn r_b6_identifiers_are_the_same_with_null_and_without() {
        let oid = der_writer::oid(&Oid::DATA);
        let (bare, null) = (der_writer::sequence(&[&oid]), der_writer::sequence(&[&oid, b"\x05\x00"]));
        let other = der_writer::sequence(&[&oid, b"\x04\x00"]);
        assert!(same_identifier(&bare, &null) && same_identifier(&null, &bare));
        assert!(!same_identifier(&bare, &other) && !same_identifier(&null, &other));
        assert!(!same_identifier(&bare, &der_writer::sequence(&[&der_writer::oid(&Oid::SIGNED_DATA)])));
    }
}
