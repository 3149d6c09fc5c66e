//! From a DER AlgorithmIdentifier to what it means (RFC 5280 §4.1.1.2).

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Tag, Tagged};
use spki::AlgorithmIdentifierRef;

use super::table::{self, DIGESTS, Parameters, SIGNATURES, Signature, parameters_fit};
use super::{AlgorithmError, Curve, HashAlgorithm, KeyAlgorithm, PssParameters, SignatureAlgorithm, oid};

/// The hash function of a digest AlgorithmIdentifier (RFC 5754 §2, RFC 3370 §2).
///
/// ```
/// use mailseal::crypto::{HashAlgorithm, algorithm};
/// let der = b"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01";
/// assert_eq!(algorithm::digest(der), Ok(HashAlgorithm::Sha256));
/// ```
pub fn digest(der: &[u8]) -> Result<HashAlgorithm, AlgorithmError> {
    digest_ref(&read(der)?)
}

/// Nearly all have an object identifier alone, or with NULL after it: these are told by their octets.
fn read(der: &[u8]) -> Result<AlgorithmIdentifierRef<'_>, AlgorithmError> {
    if let Some((oid, parameters)) = usual(der)
        && let Ok(oid) = ObjectIdentifier::from_bytes(oid)
    {
        return Ok(AlgorithmIdentifierRef { oid, parameters });
    }
    AlgorithmIdentifierRef::from_der(der).map_err(|_| AlgorithmError::Malformed)
}

fn usual(der: &[u8]) -> Option<(&[u8], Option<AnyRef<'_>>)> {
    let [0x30, length @ 0..=0x7f, content @ ..] = der else { return None };
    let [0x06, of_oid, rest @ ..] = content else { return None };
    let (oid, parameters) = rest.split_at_checked(usize::from(*of_oid))?;
    let parameters = match parameters {
        [] => None,
        [0x05, 0x00] => Some(AnyRef::NULL),
        _ => return None,
    };
    (usize::from(*length) == content.len()).then_some((oid, parameters))
}

/// The same, decoded already.
pub(super) fn digest_ref(identifier: &AlgorithmIdentifierRef<'_>) -> Result<HashAlgorithm, AlgorithmError> {
    let Some(row) = DIGESTS.iter().find(|row| row.1 == identifier.oid) else {
        return Err(AlgorithmError::Unsupported { name: table::name(identifier.oid) });
    };
    match parameters_fit(Parameters::NullOrAbsent, identifier.parameters.as_ref()) {
        true => Ok(row.0),
        false => Err(AlgorithmError::Parameters { name: row.0.name().to_owned() }),
    }
}

/// What a signature AlgorithmIdentifier means.
///
/// `digest` is the digest algorithm that stands beside it in a CMS SignerInfo (RFC 5652 §5.3): `rsaEncryption` takes its
/// hash from there, any other must not contradict it. In certificates there is none. `key` is the signer's, if known:
/// `id-ecPublicKey` may repeat its curve.
///
/// ```
/// use mailseal::crypto::{HashAlgorithm, SignatureAlgorithm, algorithm};
/// // rsaEncryption, NULL
/// let der = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
/// let algorithm = algorithm::signature(der, Some(HashAlgorithm::Sha256), None);
/// assert_eq!(algorithm, Ok(SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha256)));
/// ```
pub fn signature(
    der: &[u8],
    digest: Option<HashAlgorithm>,
    key: Option<&KeyAlgorithm>,
) -> Result<SignatureAlgorithm, AlgorithmError> {
    let identifier = read(der)?;
    let Some(row) = SIGNATURES.iter().find(|row| row.0 == identifier.oid) else {
        return Err(AlgorithmError::Unsupported { name: table::name(identifier.oid) });
    };
    let parameters = identifier.parameters;
    if row.3.is_some_and(|rule| !parameters_fit(rule, parameters.as_ref())) {
        return Err(AlgorithmError::Parameters { name: row.1.to_owned() });
    }
    let algorithm = match row.2 {
        Signature::RsaPkcs1 => SignatureAlgorithm::RsaPkcs1(needed(digest, row.1)?),
        Signature::RsaPkcs1With(hash) => SignatureAlgorithm::RsaPkcs1(hash),
        Signature::RsaPss => PssParameters::read(parameters)?.algorithm(),
        Signature::Ecdsa => ecdsa(parameters, needed(digest, row.1)?, key)?,
        Signature::EcdsaWith(hash) => SignatureAlgorithm::Ecdsa(hash),
        Signature::Ed25519 => SignatureAlgorithm::Ed25519,
        Signature::Ed448 => SignatureAlgorithm::Ed448,
    };
    computable(algorithm)?;
    agree(algorithm, digest)?;
    Ok(algorithm)
}

/// MD5 has no row of its own, but `rsaEncryption` can bring it in.
fn computable(algorithm: SignatureAlgorithm) -> Result<(), AlgorithmError> {
    match algorithm.hash() {
        Some(HashAlgorithm::Md5) => Err(AlgorithmError::Unsupported { name: algorithm.to_string() }),
        _ => Ok(()),
    }
}

/// R-B6: one hash for the digest algorithm and the signature. Ed25519 goes with SHA-512 (RFC 8419 §2.3); Ed448 goes
/// with SHAKE256 there, which is not among the digests.
fn agree(algorithm: SignatureAlgorithm, digest: Option<HashAlgorithm>) -> Result<(), AlgorithmError> {
    let expected = match algorithm {
        SignatureAlgorithm::Ed25519 => Some(HashAlgorithm::Sha512),
        _ => algorithm.hash(),
    };
    match (expected, digest) {
        (Some(signature), Some(digest)) if signature != digest => {
            Err(AlgorithmError::Mismatch { signature, digest })
        }
        (None, Some(_)) => Err(AlgorithmError::Parameters { name: format!("{algorithm} with this digest") }),
        _ => Ok(()),
    }
}

fn needed(digest: Option<HashAlgorithm>, name: &str) -> Result<HashAlgorithm, AlgorithmError> {
    digest.ok_or_else(|| AlgorithmError::Unsupported { name: format!("{name} without a digest algorithm") })
}

/// id-ecPublicKey: nothing, NULL, or the key's own curve; never explicit parameters (R-C9).
fn ecdsa(
    parameters: Option<AnyRef<'_>>,
    hash: HashAlgorithm,
    key: Option<&KeyAlgorithm>,
) -> Result<SignatureAlgorithm, AlgorithmError> {
    let named = parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok()).and_then(Curve::from_oid);
    let fits = match (named, key) {
        (Some(curve), Some(KeyAlgorithm::Ec(of_key))) => curve == *of_key,
        (Some(_), _) => false,
        (None, _) => parameters.is_none_or(|any| any.tag() == Tag::Null && any.value().is_empty()),
    };
    match fits {
        true => Ok(SignatureAlgorithm::Ecdsa(hash)),
        false => Err(AlgorithmError::Parameters { name: "id-ecPublicKey".to_owned() }),
    }
}

/// RFC 5480 §2.1.1.1, RFC 5639 §4.1.
const CURVES: &[(Curve, ObjectIdentifier)] = &[
    (Curve::P256, oid::new("1.2.840.10045.3.1.7")),
    (Curve::P384, oid::new("1.3.132.0.34")),
    (Curve::P521, oid::new("1.3.132.0.35")),
    (Curve::BrainpoolP256r1, oid::new("1.3.36.3.3.2.8.1.1.7")),
    (Curve::BrainpoolP384r1, oid::new("1.3.36.3.3.2.8.1.1.11")),
    (Curve::BrainpoolP512r1, oid::new("1.3.36.3.3.2.8.1.1.13")),
];

impl Curve {
    /// The object identifier of the curve.
    pub(crate) fn oid(self) -> Option<ObjectIdentifier> {
        CURVES.iter().find(|row| row.0 == self).map(|row| row.1)
    }

    pub(crate) fn from_oid(oid: ObjectIdentifier) -> Option<Self> {
        CURVES.iter().find(|row| row.1 == oid).map(|row| row.0)
    }

    /// Octets of a coordinate, and of a number below the order, which has as many.
    pub fn octets(self) -> usize {
        match self {
            Self::P256 | Self::BrainpoolP256r1 => 32,
            Self::P384 | Self::BrainpoolP384r1 => 48,
            Self::BrainpoolP512r1 => 64,
            Self::P521 => 66,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_b6_usual_identifiers_are_read_as_all_others() {
        let sha256 = b"\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00";
        let absent = b"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01";
        assert!(usual(sha256).is_some() && usual(absent).is_some());
        for good in [&sha256[..], absent] {
            // Each octet in turn: longer, shorter, other types, no identifier at all.
            for (at, flip) in (0..good.len()).flat_map(|at| (0..8).map(move |bit| (at, 1 << bit))) {
                let mut octets = good.to_vec();
                octets[at] ^= flip;
                let slow = AlgorithmIdentifierRef::from_der(&octets).ok();
                assert_eq!(read(&octets).ok(), slow, "{octets:02x?}");
            }
            let (longer, shorter) = ([good, &[0]].concat(), &good[..good.len() - 1]);
            assert!(read(good).is_ok() && read(&longer).is_err() && read(shorter).is_err());
        }
    }
}
