//! Key-encryption algorithms: RSA, key agreement with key wrap, passwords (R-A11, R-A13).

use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode, Sequence};
use spki::AlgorithmIdentifierRef;

use super::content::{Container, content_cipher};
use super::identifier::digest_ref;
use super::write::{hash_identifier, identifier as identifier_of, unsigned};
use super::{AlgorithmError, HashAlgorithm, Parameters, der_octets, oid, parameters_fit, table};
use crate::crypto::{ContentCipher, RsaEncryption};

const OAEP: ObjectIdentifier = oid::new("1.2.840.113549.1.1.7");
const P_SPECIFIED: ObjectIdentifier = oid::new("1.2.840.113549.1.1.9");
const PWRI_KEK: ObjectIdentifier = oid::new("1.2.840.113549.1.9.16.3.9");
const PBKDF2: ObjectIdentifier = oid::new("1.2.840.113549.1.5.12");
const NULL: &[u8] = &[0x05, 0x00];

fn decode(der: &[u8]) -> Result<AlgorithmIdentifierRef<'_>, AlgorithmError> {
    AlgorithmIdentifierRef::from_der(der).map_err(|_| AlgorithmError::Malformed)
}

fn unsupported(oid: ObjectIdentifier) -> AlgorithmError {
    AlgorithmError::Unsupported { name: table::name(oid) }
}

fn wrong(oid: ObjectIdentifier) -> AlgorithmError {
    AlgorithmError::Parameters { name: table::name(oid) }
}

/// ```text
/// RSAES-OAEP-params ::= SEQUENCE {
///   hashFunc    [0] AlgorithmIdentifier DEFAULT sha1Identifier,
///   maskGenFunc [1] AlgorithmIdentifier DEFAULT mgf1SHA1Identifier,
///   pSourceFunc [2] AlgorithmIdentifier DEFAULT pSpecifiedEmptyIdentifier }
/// ```
/// RFC 4055 §4.1. Defaults that are written out are read too.
#[derive(Sequence)]
struct OaepParameters<'a> {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    hash: Option<AlgorithmIdentifierRef<'a>>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    mask: Option<AlgorithmIdentifierRef<'a>>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    source: Option<AlgorithmIdentifierRef<'a>>,
}

/// How a KeyTransRecipientInfo encrypts its key: rsaEncryption (RFC 3370 §4.2.1) or id-RSAES-OAEP (RFC 3560 §2.1).
pub(crate) fn key_transport(der: &[u8]) -> Result<RsaEncryption, AlgorithmError> {
    let identifier = decode(der)?;
    match identifier.oid {
        oid::RSA if parameters_fit(Parameters::NullOrAbsent, identifier.parameters.as_ref()) => {
            Ok(RsaEncryption::Pkcs1)
        }
        OAEP => oaep(identifier.parameters).ok_or_else(|| wrong(OAEP)),
        oid::RSA => Err(wrong(oid::RSA)),
        other => Err(unsupported(other)),
    }
}

/// R-A11: hashes of one small set, an empty label.
fn oaep(parameters: Option<AnyRef<'_>>) -> Option<RsaEncryption> {
    let read = parameters?.decode_as::<OaepParameters<'_>>().ok()?;
    let hash = |identifier: Option<AlgorithmIdentifierRef<'_>>| {
        use HashAlgorithm::{Sha1, Sha256, Sha384, Sha512};
        let hash = identifier.map_or(Some(Sha1), |identifier| digest_ref(&identifier).ok())?;
        Some(hash).filter(|hash| [Sha1, Sha256, Sha384, Sha512].contains(hash))
    };
    let mask = match read.mask {
        Some(mask) if mask.oid == oid::MGF1 => Some(mask.parameters?.decode_as().ok()?),
        Some(_) => return None,
        None => None,
    };
    if let Some(source) = read.source {
        let label = source.parameters?.decode_as::<&OctetStringRef>().ok()?;
        if source.oid != P_SPECIFIED || !label.as_bytes().is_empty() {
            return None;
        }
    }
    Some(RsaEncryption::Oaep { hash: hash(read.hash)?, mgf: hash(mask)? })
}

impl RsaEncryption {
    /// The DER AlgorithmIdentifier: rsaEncryption with NULL, or id-RSAES-OAEP without defaults (RFC 4055 §4.1).
    pub(crate) fn identifier(self) -> Vec<u8> {
        let Self::Oaep { hash, mgf } = self else { return identifier_of(oid::RSA, NULL) };
        let mut parameters = Vec::new();
        if hash != HashAlgorithm::Sha1 {
            parameters.extend(der_octets(0xa0, &hash_identifier(hash, NULL)));
        }
        if mgf != HashAlgorithm::Sha1 {
            let mgf1 = identifier_of(oid::MGF1, &hash_identifier(mgf, NULL));
            parameters.extend(der_octets(0xa1, &mgf1));
        }
        identifier_of(OAEP, &der_octets(0x30, &parameters))
    }
}

/// What a key is wrapped with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyWrapAlgorithm {
    /// AES key wrap (RFC 3565 §2.3.2).
    Aes128,
    Aes192,
    Aes256,
    /// Triple-DES key wrap (RFC 3217 §3); read only.
    TripleDes,
}

/// RC2 key wrap is known by name only.
const KEY_WRAPS: [(ObjectIdentifier, KeyWrapAlgorithm); 4] = [
    (oid::new("2.16.840.1.101.3.4.1.5"), KeyWrapAlgorithm::Aes128),
    (oid::new("2.16.840.1.101.3.4.1.25"), KeyWrapAlgorithm::Aes192),
    (oid::new("2.16.840.1.101.3.4.1.45"), KeyWrapAlgorithm::Aes256),
    (oid::new("1.2.840.113549.1.9.16.3.6"), KeyWrapAlgorithm::TripleDes),
];

/// A key wrap of a KEKRecipientInfo, or inside of [`key_agreement`]. NULL is read where nothing should be.
pub(crate) fn key_wrap(der: &[u8]) -> Result<KeyWrapAlgorithm, AlgorithmError> {
    key_wrap_ref(&decode(der)?)
}

fn key_wrap_ref(identifier: &AlgorithmIdentifierRef<'_>) -> Result<KeyWrapAlgorithm, AlgorithmError> {
    let Some((_, wrap)) = KEY_WRAPS.iter().find(|row| row.0 == identifier.oid) else {
        return Err(unsupported(identifier.oid));
    };
    match parameters_fit(Parameters::NullOrAbsent, identifier.parameters.as_ref()) {
        true => Ok(*wrap),
        false => Err(wrong(identifier.oid)),
    }
}

impl KeyWrapAlgorithm {
    /// Octets of the key that wraps.
    pub(crate) fn key_length(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 | Self::TripleDes => 24,
            Self::Aes256 => 32,
        }
    }

    /// The DER AlgorithmIdentifier.
    pub(crate) fn identifier(self) -> Vec<u8> {
        let parameters: &[u8] = match self {
            Self::Aes128 | Self::Aes192 | Self::Aes256 => &[],
            Self::TripleDes => NULL,
        };
        let oid = KEY_WRAPS.iter().find(|row| row.1 == self).map(|row| row.0);
        oid.map(|oid| identifier_of(oid, parameters)).unwrap_or_default()
    }
}

/// How a key is derived of a shared secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AgreementKdf {
    /// ANSI X9.63 (RFC 5753 §7.1.4).
    X963(HashAlgorithm),
    /// HKDF (RFC 8418 §2.2).
    Hkdf(HashAlgorithm),
}

/// The keyEncryptionAlgorithm of a KeyAgreeRecipientInfo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyAgreement {
    pub(crate) kdf: AgreementKdf,
    pub(crate) wrap: KeyWrapAlgorithm,
    /// The DER identifier of the key wrap as it stands there: keyInfo of ECC-CMS-SharedInfo (RFC 5753 §7.2).
    pub(crate) key_info: Vec<u8>,
}

/// Curves with a cofactor of 1 give the same secret in both schemes: cofactorDH is read as stdDH.
const AGREEMENTS: [(ObjectIdentifier, AgreementKdf); 13] = {
    use AgreementKdf::{Hkdf, X963};
    use HashAlgorithm::{Sha1, Sha224, Sha256, Sha384, Sha512};
    [
        // The first of each is what is written.
        (oid::new("1.3.132.1.11.1"), X963(Sha256)),
        (oid::new("1.3.132.1.11.2"), X963(Sha384)),
        (oid::new("1.3.132.1.11.3"), X963(Sha512)),
        (oid::new("1.3.132.1.11.0"), X963(Sha224)),
        (oid::new("1.3.133.16.840.63.0.2"), X963(Sha1)),
        (oid::new("1.3.132.1.14.1"), X963(Sha256)),
        (oid::new("1.3.132.1.14.2"), X963(Sha384)),
        (oid::new("1.3.132.1.14.3"), X963(Sha512)),
        (oid::new("1.3.132.1.14.0"), X963(Sha224)),
        (oid::new("1.3.133.16.840.63.0.3"), X963(Sha1)),
        (oid::new("1.2.840.113549.1.9.16.3.19"), Hkdf(Sha256)),
        (oid::new("1.2.840.113549.1.9.16.3.20"), Hkdf(Sha384)),
        (oid::new("1.2.840.113549.1.9.16.3.21"), Hkdf(Sha512)),
    ]
};

/// Reads the keyEncryptionAlgorithm of a KeyAgreeRecipientInfo. Diffie-Hellman over finite fields and MQV are known by
/// name only (R-A14).
pub(crate) fn key_agreement(der: &[u8]) -> Result<KeyAgreement, AlgorithmError> {
    let identifier = decode(der)?;
    let Some((_, kdf)) = AGREEMENTS.iter().find(|row| row.0 == identifier.oid) else {
        return Err(unsupported(identifier.oid));
    };
    let inner = identifier.parameters.ok_or_else(|| wrong(identifier.oid))?;
    let key_info = inner.to_der().map_err(|_| wrong(identifier.oid))?;
    let inner = inner.decode_as().map_err(|_| wrong(identifier.oid))?;
    Ok(KeyAgreement { kdf: *kdf, wrap: key_wrap_ref(&inner)?, key_info })
}

impl KeyAgreement {
    /// With a key wrap, as it is written.
    pub(crate) fn new(kdf: AgreementKdf, wrap: KeyWrapAlgorithm) -> Self {
        Self { kdf, wrap, key_info: wrap.identifier() }
    }

    /// The DER AlgorithmIdentifier; none for a derivation with another hash.
    pub(crate) fn identifier(&self) -> Option<Vec<u8>> {
        let (oid, _) = AGREEMENTS.iter().find(|row| row.1 == self.kdf)?;
        Some(identifier_of(*oid, &self.key_info))
    }
}

/// PBKDF2-params (RFC 8018 appendix A.2). Who derives bounds the iterations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pbkdf2 {
    pub(crate) salt: Vec<u8>,
    pub(crate) iterations: u32,
    pub(crate) key_length: Option<u32>,
    pub(crate) hash: HashAlgorithm,
}

/// ```text
/// PBKDF2-params ::= SEQUENCE { salt CHOICE { specified OCTET STRING, .. }, iterationCount INTEGER,
///   keyLength INTEGER OPTIONAL, prf AlgorithmIdentifier DEFAULT algid-hmacWithSHA1 }
/// ```
#[derive(Sequence)]
struct Pbkdf2Parameters<'a> {
    salt: &'a OctetStringRef,
    iterations: u32,
    #[asn1(optional = "true")]
    key_length: Option<u32>,
    #[asn1(optional = "true")]
    prf: Option<AlgorithmIdentifierRef<'a>>,
}

/// HMAC by its hash (RFC 8018 appendix B.1).
const HMACS: [(ObjectIdentifier, HashAlgorithm); 5] = [
    (oid::new("1.2.840.113549.2.7"), HashAlgorithm::Sha1),
    (oid::new("1.2.840.113549.2.8"), HashAlgorithm::Sha224),
    (oid::new("1.2.840.113549.2.9"), HashAlgorithm::Sha256),
    (oid::new("1.2.840.113549.2.10"), HashAlgorithm::Sha384),
    (oid::new("1.2.840.113549.2.11"), HashAlgorithm::Sha512),
];

/// Reads the keyDerivationAlgorithm of a PasswordRecipientInfo (RFC 5652 §6.2.4), tagged as a SEQUENCE.
pub(crate) fn pbkdf2(der: &[u8]) -> Result<Pbkdf2, AlgorithmError> {
    let identifier = decode(der)?;
    if identifier.oid != PBKDF2 {
        return Err(unsupported(identifier.oid));
    }
    let read = identifier.parameters.and_then(|any| any.decode_as::<Pbkdf2Parameters<'_>>().ok());
    let read = read.filter(|read| read.iterations > 0).ok_or_else(|| wrong(PBKDF2))?;
    let hash = match read.prf {
        None => HashAlgorithm::Sha1,
        Some(prf) => match HMACS.iter().find(|row| row.0 == prf.oid) {
            Some(row) if parameters_fit(Parameters::NullOrAbsent, prf.parameters.as_ref()) => row.1,
            Some(_) => return Err(wrong(PBKDF2)),
            None => return Err(unsupported(prf.oid)),
        },
    };
    let salt = read.salt.as_bytes().to_vec();
    Ok(Pbkdf2 { salt, iterations: read.iterations, key_length: read.key_length, hash })
}

impl Pbkdf2 {
    /// The DER AlgorithmIdentifier.
    pub(crate) fn identifier(&self) -> Vec<u8> {
        let integer =
            |number: u32| der_octets(0x02, &unsigned(usize::try_from(number).unwrap_or(usize::MAX)));
        let hmac = HMACS.iter().find(|row| row.1 == self.hash).map(|row| row.0);
        let prf = match hmac {
            Some(hmac) if self.hash != HashAlgorithm::Sha1 => identifier_of(hmac, NULL),
            _ => Vec::new(),
        };
        let length = self.key_length.map(integer).unwrap_or_default();
        let parameters = [der_octets(0x04, &self.salt), integer(self.iterations), length, prf].concat();
        identifier_of(PBKDF2, &der_octets(0x30, &parameters))
    }
}

/// The cipher and initialization vector of id-alg-PWRI-KEK (RFC 3211 §2.2): CBC only.
pub(crate) fn password_wrap(der: &[u8]) -> Result<(ContentCipher, Vec<u8>), AlgorithmError> {
    let identifier = decode(der)?;
    if identifier.oid != PWRI_KEK {
        return Err(unsupported(identifier.oid));
    }
    let inner = identifier.parameters.and_then(|any| any.to_der().ok()).ok_or_else(|| wrong(PWRI_KEK))?;
    let inner = content_cipher(&inner, Container::Plain)?;
    match inner.derived_with {
        None => Ok((inner.cipher, inner.nonce)),
        Some(_) => Err(wrong(PWRI_KEK)),
    }
}

/// The DER AlgorithmIdentifier of id-alg-PWRI-KEK around that of a CBC cipher.
pub(crate) fn password_wrap_identifier(cipher: &[u8]) -> Vec<u8> {
    identifier_of(PWRI_KEK, cipher)
}

#[cfg(test)]
mod tests;
