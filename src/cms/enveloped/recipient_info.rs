//! RecipientInfo (RFC 5652 §6.2): how the content key reaches whom.

use std::sync::Arc;

use crate::cms::ber::{Element, Elements, tag};
use crate::cms::{Oid, SignerIdentifier, malformed, within};
use crate::error::Error;
use crate::limits::Limits;

/// One key that the content key is encrypted to: a RecipientInfo, or one of the keys in a KeyAgreeRecipientInfo.
#[derive(Debug, Clone)]
pub(crate) enum RecipientInfo {
    /// KeyTransRecipientInfo (§6.2.1).
    KeyTransport(KeyTransport),
    /// One RecipientEncryptedKey of a KeyAgreeRecipientInfo (§6.2.2).
    KeyAgreement(KeyAgreement),
    /// KEKRecipientInfo (§6.2.3).
    KeyEncryptionKey(KeyEncryptionKey),
    /// PasswordRecipientInfo (§6.2.4).
    Password(PasswordInfo),
    /// OtherRecipientInfo (§6.2.5), by its type; or one that cannot be read.
    Other(String),
}

/// ```text
/// KeyTransRecipientInfo ::= SEQUENCE {
///   version CMSVersion,
///   rid RecipientIdentifier,
///   keyEncryptionAlgorithm KeyEncryptionAlgorithmIdentifier,
///   encryptedKey EncryptedKey }
/// ```
#[derive(Debug, Clone)]
pub(crate) struct KeyTransport {
    pub(crate) rid: SignerIdentifier,
    pub(crate) algorithm: Vec<u8>,
    pub(crate) encrypted_key: Vec<u8>,
}

/// A RecipientEncryptedKey with what it shares with its neighbours.
#[derive(Debug, Clone)]
pub(crate) struct KeyAgreement {
    pub(crate) agreed: Arc<Agreement>,
    pub(crate) rid: SignerIdentifier,
    pub(crate) encrypted_key: Vec<u8>,
}

/// ```text
/// KeyAgreeRecipientInfo ::= SEQUENCE {
///   version CMSVersion,
///   originator [0] EXPLICIT OriginatorIdentifierOrKey,
///   ukm [1] EXPLICIT UserKeyingMaterial OPTIONAL,
///   keyEncryptionAlgorithm KeyEncryptionAlgorithmIdentifier,
///   recipientEncryptedKeys RecipientEncryptedKeys }
/// ```
#[derive(Debug)]
pub(crate) struct Agreement {
    /// The ephemeral key; `None` where the originator is named by a certificate.
    pub(crate) originator: Option<OriginatorKey>,
    pub(crate) ukm: Option<Vec<u8>>,
    pub(crate) algorithm: Vec<u8>,
}

/// ```text
/// OriginatorPublicKey ::= SEQUENCE { algorithm AlgorithmIdentifier, publicKey BIT STRING }
/// ```
#[derive(Debug)]
pub(crate) struct OriginatorKey {
    pub(crate) algorithm: Vec<u8>,
    /// The content of the BIT STRING.
    pub(crate) public: Vec<u8>,
}

/// ```text
/// KEKRecipientInfo ::= SEQUENCE {
///   version CMSVersion,
///   kekid KEKIdentifier,
///   keyEncryptionAlgorithm KeyEncryptionAlgorithmIdentifier,
///   encryptedKey EncryptedKey }
/// ```
#[derive(Debug, Clone)]
pub(crate) struct KeyEncryptionKey {
    pub(crate) identifier: Vec<u8>,
    pub(crate) algorithm: Vec<u8>,
    pub(crate) encrypted_key: Vec<u8>,
}

/// ```text
/// PasswordRecipientInfo ::= SEQUENCE {
///   version CMSVersion,
///   keyDerivationAlgorithm [0] KeyDerivationAlgorithmIdentifier OPTIONAL,
///   keyEncryptionAlgorithm KeyEncryptionAlgorithmIdentifier,
///   encryptedKey EncryptedKey }
/// ```
#[derive(Debug, Clone)]
pub(crate) struct PasswordInfo {
    /// With the tag of a SEQUENCE.
    pub(crate) derivation: Option<Vec<u8>>,
    pub(crate) algorithm: Vec<u8>,
    pub(crate) encrypted_key: Vec<u8>,
}

impl RecipientInfo {
    /// Takes one as received, which may be for several recipients. What cannot be read stands there all the same;
    /// only limits are errors.
    pub(super) fn read(raw: &[u8], limits: &Limits) -> Result<Vec<Self>, Error> {
        match read(raw, limits) {
            Err(Error::Malformed { .. }) => Ok(vec![Self::Other("unreadable".into())]),
            other => other,
        }
    }
}

fn read(raw: &[u8], limits: &Limits) -> Result<Vec<RecipientInfo>, Error> {
    let mut elements = Elements::new(raw, limits.asn1_depth);
    let one = elements.next()?.ok_or_else(|| malformed("a RecipientInfo is missing"))?;
    let mut parts = one.children()?;
    let read = match one.tag {
        tag::SEQUENCE => vec![RecipientInfo::KeyTransport(KeyTransport::read(&mut parts)?)],
        KARI => key_agreement(&mut parts, limits)?,
        KEKRI => vec![RecipientInfo::KeyEncryptionKey(KeyEncryptionKey::read(&mut parts)?)],
        PWRI => vec![RecipientInfo::Password(PasswordInfo::read(&mut parts)?)],
        _ => {
            let kind = Oid::read(parts.expect(tag::OID, "oriType")?.content)?;
            return Ok(vec![RecipientInfo::Other(kind.to_string())]);
        }
    };
    parts.finish("RecipientInfo")?;
    Ok(read)
}

const KARI: u8 = tag::context(1);
const KEKRI: u8 = tag::context(2);
const PWRI: u8 = tag::context(3);

impl KeyTransport {
    fn read(parts: &mut Elements<'_>) -> Result<Self, Error> {
        parts.expect(tag::INTEGER, "version")?;
        Ok(Self {
            rid: SignerIdentifier::read(parts)?,
            algorithm: algorithm(parts)?,
            encrypted_key: parts.octet_string("encryptedKey")?.into_owned(),
        })
    }
}

impl KeyEncryptionKey {
    fn read(parts: &mut Elements<'_>) -> Result<Self, Error> {
        parts.expect(tag::INTEGER, "version")?;
        // KEKIdentifier ::= SEQUENCE { keyIdentifier OCTET STRING, date OPTIONAL, other OPTIONAL }
        let mut kekid = parts.expect(tag::SEQUENCE, "kekid")?.children()?;
        Ok(Self {
            identifier: kekid.octet_string("keyIdentifier")?.into_owned(),
            algorithm: algorithm(parts)?,
            encrypted_key: parts.octet_string("encryptedKey")?.into_owned(),
        })
    }
}

impl PasswordInfo {
    fn read(parts: &mut Elements<'_>) -> Result<Self, Error> {
        parts.expect(tag::INTEGER, "version")?;
        let derivation = parts.optional(tag::context(0))?.map(|one| retagged(&one)).transpose()?;
        Ok(Self {
            derivation,
            algorithm: algorithm(parts)?,
            encrypted_key: parts.octet_string("encryptedKey")?.into_owned(),
        })
    }
}

fn key_agreement(parts: &mut Elements<'_>, limits: &Limits) -> Result<Vec<RecipientInfo>, Error> {
    parts.expect(tag::INTEGER, "version")?;
    let originator = originator(parts.expect(tag::context(0), "originator")?)?;
    let ukm = match parts.optional(tag::context(1))? {
        Some(explicit) => {
            let mut inside = explicit.children()?;
            let ukm = inside.octet_string("ukm")?.into_owned();
            inside.finish("ukm")?;
            Some(ukm)
        }
        None => None,
    };
    let agreed = Arc::new(Agreement { originator, ukm, algorithm: algorithm(parts)? });
    let mut list = parts.expect(tag::SEQUENCE, "recipientEncryptedKeys")?.children()?;
    let mut keys = Vec::new();
    while let Some(one) = list.next()? {
        within(keys.len(), limits.recipients, "recipients")?;
        let mut one = one.children()?;
        let rid = agree_identifier(&mut one)?;
        let encrypted_key = one.octet_string("encryptedKey")?.into_owned();
        one.finish("RecipientEncryptedKey")?;
        let agreed = Arc::clone(&agreed);
        keys.push(RecipientInfo::KeyAgreement(KeyAgreement { agreed, rid, encrypted_key }));
    }
    Ok(keys)
}

/// ```text
/// OriginatorIdentifierOrKey ::= CHOICE {
///   issuerAndSerialNumber IssuerAndSerialNumber,
///   subjectKeyIdentifier [0] SubjectKeyIdentifier,
///   originatorKey [1] OriginatorPublicKey }
/// ```
fn originator(explicit: Element<'_>) -> Result<Option<OriginatorKey>, Error> {
    let mut inside = explicit.children()?;
    let Some(key) = inside.optional(tag::context(1))? else { return Ok(None) };
    inside.finish("originator")?;
    let mut parts = key.children()?;
    let algorithm = algorithm(&mut parts)?;
    let bits = parts.expect(BIT_STRING, "publicKey")?;
    parts.finish("originatorKey")?;
    match bits.content.split_first() {
        Some((0, public)) => Ok(Some(OriginatorKey { algorithm, public: public.to_vec() })),
        _ => Err(malformed("a public key that is not of whole octets")),
    }
}

const BIT_STRING: u8 = 0x03;

/// ```text
/// KeyAgreeRecipientIdentifier ::= CHOICE {
///   issuerAndSerialNumber IssuerAndSerialNumber,
///   rKeyId [0] IMPLICIT RecipientKeyIdentifier }
/// RecipientKeyIdentifier ::= SEQUENCE {
///   subjectKeyIdentifier SubjectKeyIdentifier, date GeneralizedTime OPTIONAL, other OtherKeyAttribute OPTIONAL }
/// ```
fn agree_identifier(parts: &mut Elements<'_>) -> Result<SignerIdentifier, Error> {
    match parts.optional(tag::context(0))? {
        Some(named) => {
            let identifier = named.children()?.octet_string("subjectKeyIdentifier")?.into_owned();
            Ok(SignerIdentifier::SubjectKeyIdentifier(identifier))
        }
        None => SignerIdentifier::read(parts),
    }
}

fn algorithm(parts: &mut Elements<'_>) -> Result<Vec<u8>, Error> {
    Ok(parts.expect(tag::SEQUENCE, "an algorithm identifier")?.der()?.into_owned())
}

/// With its implicit tag turned into that of a SEQUENCE.
fn retagged(element: &Element<'_>) -> Result<Vec<u8>, Error> {
    let mut der = element.der()?.into_owned();
    if let Some(first) = der.first_mut() {
        *first = tag::SEQUENCE;
    }
    Ok(der)
}

impl OriginatorKey {
    /// How a report names the agreement: by the length of the key, which says the curve.
    pub(crate) fn name(&self) -> &'static str {
        match self.public.len() {
            32 => "ECDH X25519",
            65 => "ECDH P-256",
            97 => "ECDH P-384",
            133 => "ECDH P-521",
            _ => "ECDH",
        }
    }
}
