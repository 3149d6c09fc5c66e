//! Entries for recipients, written.

use std::fmt;
use std::sync::Arc;

use crate::cms::Oid;
use crate::cms::ber::tag;
use crate::cms::der_writer::{element, octet_string, oid, sequence, small_integer};
use crate::cms::enveloped::open::derive;
use crate::crypto::algorithm::{
    AgreementKdf, KeyAgreement, KeyWrapAlgorithm, Pbkdf2, password_wrap_identifier,
};
use crate::crypto::{
    ContentCipher, ContentKey, Curve, HashAlgorithm, KeyAlgorithm, KeyError, Provider, PublicKey,
    RsaEncryption, Secret, kdf, wrap,
};
use crate::x509::Certificate;

/// Somebody that is encrypted to.
#[derive(Clone)]
pub(crate) enum To {
    /// KeyTransRecipientInfo (RFC 5652 §6.2.1).
    Transport { rid: Rid, key: PublicKey, scheme: RsaEncryption },
    /// KeyAgreeRecipientInfo (RFC 5652 §6.2.2) for one.
    Agreement { rid: Rid, key: PublicKey, derivation: AgreementKdf },
    /// KEKRecipientInfo (RFC 5652 §6.2.3).
    Shared { identifier: Vec<u8>, key: Arc<Secret> },
    /// PasswordRecipientInfo (RFC 5652 §6.2.4), by so many iterations of PBKDF2.
    Password { password: Arc<Secret>, iterations: u32 },
}

/// How an entry names a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rid {
    /// DER IssuerAndSerialNumber.
    IssuerAndSerial(Vec<u8>),
    KeyIdentifier(Vec<u8>),
}

const SALT: usize = 16;

impl Rid {
    /// By issuer and serial number; by the key identifier where that is asked for and there is one.
    pub(crate) fn of(certificate: &Certificate, by_key: bool) -> Self {
        match &certificate.extensions().subject_key_identifier {
            Some(identifier) if by_key => Self::KeyIdentifier(identifier.clone()),
            _ => {
                let serial = element(tag::INTEGER, &[certificate.serial()]);
                Self::IssuerAndSerial(sequence(&[certificate.issuer().as_der(), &serial]))
            }
        }
    }
}

/// How a key of this kind agrees (RFC 5753 §8, RFC 8418 §2); `None` where it does not.
pub(crate) fn derivation(key: &KeyAlgorithm) -> Option<AgreementKdf> {
    match key {
        KeyAlgorithm::Ec(Curve::P256) => Some(AgreementKdf::X963(HashAlgorithm::Sha256)),
        KeyAlgorithm::Ec(Curve::P384) => Some(AgreementKdf::X963(HashAlgorithm::Sha384)),
        KeyAlgorithm::Ec(Curve::P521) => Some(AgreementKdf::X963(HashAlgorithm::Sha512)),
        KeyAlgorithm::X25519 => Some(AgreementKdf::Hkdf(HashAlgorithm::Sha256)),
        _ => None,
    }
}

impl To {
    /// The RecipientInfo.
    pub(super) fn seal(&self, content: &ContentKey, provider: &Provider) -> Result<Vec<u8>, KeyError> {
        match self {
            Self::Transport { rid, key, scheme } => {
                let encrypted = provider.encrypt_to(*scheme, key, content.expose())?;
                let (version, rid) = match rid {
                    Rid::IssuerAndSerial(der) => (0, der.clone()),
                    Rid::KeyIdentifier(octets) => (2, element(tag::context_primitive(0), &[octets])),
                };
                Ok(sequence(&[
                    &small_integer(version),
                    &rid,
                    &scheme.identifier(),
                    &octet_string(&encrypted),
                ]))
            }
            Self::Agreement { rid, key, derivation } => agreement(rid, key, *derivation, content, provider),
            Self::Shared { identifier, key } => {
                let algorithm = key_wrap(key.expose().len())?;
                let wrapped = wrap::wrap(provider, algorithm, key.expose(), content.expose())?;
                let identifier = sequence(&[&octet_string(identifier)]);
                let algorithm = algorithm.identifier();
                let parts = [small_integer(4), identifier, algorithm, octet_string(&wrapped)].concat();
                Ok(element(tag::context(2), &[&parts]))
            }
            Self::Password { password, iterations } => by_password(password, *iterations, content, provider),
        }
    }

    /// RFC 5652 §6.1: what its entry makes of the version of the whole: 0, 2 or 3.
    pub(super) fn version(&self) -> u8 {
        match self {
            Self::Password { .. } => 3,
            Self::Transport { rid: Rid::IssuerAndSerial(_), .. } => 0,
            _ => 2,
        }
    }
}

fn agreement(
    rid: &Rid,
    key: &PublicKey,
    derivation: AgreementKdf,
    content: &ContentKey,
    provider: &Provider,
) -> Result<Vec<u8>, KeyError> {
    let algorithm = KeyAgreement::new(derivation, key_wrap(content.expose().len())?);
    let identifier = algorithm.identifier().ok_or_else(|| unsupported("derivation"))?;
    let agreed = provider.agree(key)?;
    let outer =
        derive(&algorithm, &agreed.shared, None, provider).ok_or_else(|| unsupported("derivation"))?;
    let wrapped = wrap::wrap(provider, algorithm.wrap, &outer, content.expose())?;
    let kind = if *key.algorithm() == KeyAlgorithm::X25519 { Oid::X25519 } else { Oid::EC_PUBLIC_KEY };
    let public = element(BIT_STRING, &[&[0], &agreed.public]);
    let originator = element(tag::context(1), &[&sequence(&[&oid(&kind)]), &public]);
    let originator = element(tag::context(0), &[&originator]);
    let rid = match rid {
        Rid::IssuerAndSerial(der) => der.clone(),
        Rid::KeyIdentifier(octets) => element(tag::context(0), &[&octet_string(octets)]),
    };
    let keys = sequence(&[&sequence(&[&rid, &octet_string(&wrapped)])]);
    Ok(element(tag::context(1), &[&small_integer(3), &originator, &identifier, &keys]))
}

const BIT_STRING: u8 = 0x03;

fn by_password(
    password: &Secret,
    iterations: u32,
    content: &ContentKey,
    provider: &Provider,
) -> Result<Vec<u8>, KeyError> {
    let cipher = ContentCipher::Aes256Cbc;
    let (mut salt, mut vector) = (vec![0; SALT], vec![0; cipher.nonce_length()]);
    provider.random.fill(&mut salt)?;
    provider.random.fill(&mut vector)?;
    let length = cipher.key_length();
    let outer = kdf::pbkdf2(HashAlgorithm::Sha256, password.expose(), &salt, iterations, length);
    let outer = outer.ok_or_else(|| unsupported("derivation"))?;
    let wrapped = wrap::password_wrap(provider, cipher, &outer, &vector, content.expose())?;
    let derivation = Pbkdf2 { salt, iterations, key_length: None, hash: HashAlgorithm::Sha256 };
    let mut derivation = derivation.identifier();
    if let Some(first) = derivation.first_mut() {
        *first = tag::context(0);
    }
    let inner = cipher.identifier(&vector).ok_or_else(|| unsupported("key wrap"))?;
    let algorithm = password_wrap_identifier(&inner);
    Ok(element(tag::context(3), &[&small_integer(0), &derivation, &algorithm, &octet_string(&wrapped)]))
}

/// The wrap is as strong as what it wraps, or as the key that wraps.
fn key_wrap(length: usize) -> Result<KeyWrapAlgorithm, KeyError> {
    match length {
        16 => Ok(KeyWrapAlgorithm::Aes128),
        24 => Ok(KeyWrapAlgorithm::Aes192),
        32 => Ok(KeyWrapAlgorithm::Aes256),
        _ => Err(unsupported("key wrap")),
    }
}

fn unsupported(what: &str) -> KeyError {
    KeyError::Unsupported(what.to_owned())
}

impl fmt::Debug for To {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport { key, scheme, .. } => write!(f, "To({key:?}, {scheme:?})"),
            Self::Agreement { key, .. } => write!(f, "To({key:?})"),
            Self::Shared { .. } => f.write_str("To(a shared key)"),
            Self::Password { .. } => f.write_str("To(a password)"),
        }
    }
}
