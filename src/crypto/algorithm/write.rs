//! The way back: AlgorithmIdentifiers for what mailseal writes.

use const_oid::ObjectIdentifier;

use super::table::digest_oid;
use super::{HashAlgorithm, SignatureAlgorithm, SignatureScheme, oid};

const SEQUENCE: u8 = 0x30;
const OID: u8 = 0x06;
const NULL: &[u8] = &[0x05, 0x00];

impl SignatureScheme {
    /// The DER AlgorithmIdentifier of its digest algorithm in CMS, without parameters (RFC 5754 §2).
    ///
    /// ```
    /// use mailseal::crypto::{HashAlgorithm, SignatureScheme, algorithm};
    /// let der = SignatureScheme::Ed25519.digest_identifier();
    /// assert_eq!(algorithm::digest(&der), Ok(HashAlgorithm::Sha512));
    /// ```
    pub fn digest_identifier(self) -> Vec<u8> {
        hash_identifier(self.hash(), &[])
    }

    /// The DER AlgorithmIdentifier of its signature algorithm in CMS: `rsaEncryption` with NULL for PKCS#1 v1.5 (RFC 5754
    /// §3.2), `id-RSASSA-PSS` with all its parameters (RFC 4056 §3), ECDSA (RFC 5754 §3.3) and Ed25519 (RFC 8419 §3.1)
    /// without any.
    pub fn signature_identifier(self) -> Vec<u8> {
        match self.algorithm() {
            SignatureAlgorithm::RsaPkcs1(_) => identifier(oid::RSA, NULL),
            SignatureAlgorithm::RsaPss { hash, mgf, salt } => identifier(oid::RSA_PSS, &pss(hash, mgf, salt)),
            SignatureAlgorithm::Ecdsa(hash) => octets(SEQUENCE, &octets(OID, ecdsa_with(hash).as_bytes())),
            SignatureAlgorithm::Ed25519 => identifier(oid::ED25519, &[]),
            SignatureAlgorithm::Ed448 => identifier(oid::ED448, &[]),
        }
    }

    /// The same in certificates and certification requests, where PKCS#1 v1.5 names its hash (RFC 4055 §5).
    pub(crate) fn certificate_identifier(self) -> Vec<u8> {
        use const_oid::db::rfc5912;
        match self {
            Self::RsaPkcs1Sha256 => identifier(rfc5912::SHA_256_WITH_RSA_ENCRYPTION, NULL),
            Self::RsaPkcs1Sha384 => identifier(rfc5912::SHA_384_WITH_RSA_ENCRYPTION, NULL),
            Self::RsaPkcs1Sha512 => identifier(rfc5912::SHA_512_WITH_RSA_ENCRYPTION, NULL),
            other => other.signature_identifier(),
        }
    }
}

/// DigestInfo (RFC 8017 §9.2), with NULL: the one form that is compared with.
pub(crate) fn digest_info(hash: HashAlgorithm, digest: &[u8]) -> Vec<u8> {
    octets(SEQUENCE, &[hash_identifier(hash, NULL), octets(0x04, digest)].concat())
}

/// RFC 4055 §3.1; the hash identifiers carry NULL (§2.1).
fn pss(hash: HashAlgorithm, mgf: HashAlgorithm, salt: usize) -> Vec<u8> {
    let mgf1 = identifier(oid::MGF1, &hash_identifier(mgf, NULL));
    let salt = octets(0x02, &unsigned(salt));
    octets(
        SEQUENCE,
        &[octets(0xa0, &hash_identifier(hash, NULL)), octets(0xa1, &mgf1), octets(0xa2, &salt)].concat(),
    )
}

/// RFC 5758 §3.2. Only the hashes of [`SignatureScheme`] come here.
fn ecdsa_with(hash: HashAlgorithm) -> ObjectIdentifier {
    match hash {
        HashAlgorithm::Sha384 => const_oid::db::rfc5912::ECDSA_WITH_SHA_384,
        HashAlgorithm::Sha512 => const_oid::db::rfc5912::ECDSA_WITH_SHA_512,
        _ => const_oid::db::rfc5912::ECDSA_WITH_SHA_256,
    }
}

pub(crate) fn hash_identifier(hash: HashAlgorithm, parameters: &[u8]) -> Vec<u8> {
    match digest_oid(hash) {
        Some(oid) => identifier(oid, parameters),
        None => Vec::new(),
    }
}

/// An AlgorithmIdentifier with the DER of its parameters.
pub(super) fn identifier(oid: ObjectIdentifier, parameters: &[u8]) -> Vec<u8> {
    octets(SEQUENCE, &[&octets(OID, oid.as_bytes()), parameters].concat())
}

/// The content of a DER INTEGER.
pub(super) fn unsigned(number: usize) -> Vec<u8> {
    let mut octets: Vec<u8> = number.to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
    if octets.first().is_none_or(|first| *first >= 0x80) {
        octets.insert(0, 0);
    }
    octets
}

/// One DER element.
pub(crate) fn octets(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 10);
    out.push(tag);
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let length = unsigned(content.len());
            let length: Vec<u8> = length.into_iter().skip_while(|octet| *octet == 0).collect();
            out.push(0x80 | u8::try_from(length.len()).unwrap_or(0x7f));
            out.extend(length);
        }
    }
    out.extend_from_slice(content);
    out
}
