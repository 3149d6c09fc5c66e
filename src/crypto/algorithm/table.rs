//! The table: object identifiers, what they mean, and the parameters they may carry.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Tag, Tagged};

use super::HashAlgorithm;

/// Object identifiers that other files name.
pub(crate) mod oid {
    use der::asn1::ObjectIdentifier;

    /// For constants: a wrong one does not compile.
    pub(in crate::crypto::algorithm) const fn new(dotted: &str) -> ObjectIdentifier {
        ObjectIdentifier::new_unwrap(dotted)
    }

    /// RFC 8017 appendix C.
    pub(crate) const RSA: ObjectIdentifier = new("1.2.840.113549.1.1.1");
    pub(crate) const RSA_PSS: ObjectIdentifier = new("1.2.840.113549.1.1.10");
    pub(crate) const MGF1: ObjectIdentifier = new("1.2.840.113549.1.1.8");
    /// RFC 5480 §2.1.1.
    pub(crate) const EC: ObjectIdentifier = new("1.2.840.10045.2.1");
    /// RFC 8410 §3.
    pub(crate) const ED25519: ObjectIdentifier = new("1.3.101.112");
    pub(crate) const ED448: ObjectIdentifier = new("1.3.101.113");
    pub(crate) const X25519: ObjectIdentifier = new("1.3.101.110");
    pub(crate) const X448: ObjectIdentifier = new("1.3.101.111");
}

/// What may stand in `parameters`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parameters {
    /// Nothing.
    Absent,
    /// NULL or nothing.
    NullOrAbsent,
}

/// How a signature algorithm is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signature {
    /// The hash is the digest algorithm's.
    RsaPkcs1,
    RsaPkcs1With(HashAlgorithm),
    RsaPss,
    /// The hash is the digest algorithm's, the parameters may name the key's curve.
    Ecdsa,
    EcdsaWith(HashAlgorithm),
    Ed25519,
    Ed448,
}

pub(super) struct DigestRow(pub(super) HashAlgorithm, pub(super) ObjectIdentifier);

/// Digest algorithms. All of them with NULL or without parameters: RFC 5754 §2, RFC 3370 §2.1 and RFC 8702 §3.1 ask
/// readers to take both.
pub(super) const DIGESTS: &[DigestRow] = &[
    DigestRow(HashAlgorithm::Md5, oid::new("1.2.840.113549.2.5")),
    DigestRow(HashAlgorithm::Sha1, oid::new("1.3.14.3.2.26")),
    DigestRow(HashAlgorithm::Sha224, oid::new("2.16.840.1.101.3.4.2.4")),
    DigestRow(HashAlgorithm::Sha256, oid::new("2.16.840.1.101.3.4.2.1")),
    DigestRow(HashAlgorithm::Sha384, oid::new("2.16.840.1.101.3.4.2.2")),
    DigestRow(HashAlgorithm::Sha512, oid::new("2.16.840.1.101.3.4.2.3")),
    DigestRow(HashAlgorithm::Sha3_224, oid::new("2.16.840.1.101.3.4.2.7")),
    DigestRow(HashAlgorithm::Sha3_256, oid::new("2.16.840.1.101.3.4.2.8")),
    DigestRow(HashAlgorithm::Sha3_384, oid::new("2.16.840.1.101.3.4.2.9")),
    DigestRow(HashAlgorithm::Sha3_512, oid::new("2.16.840.1.101.3.4.2.10")),
];

pub(super) struct SignatureRow(
    pub(super) ObjectIdentifier,
    pub(super) &'static str,
    pub(super) Signature,
    pub(super) Option<Parameters>,
);

const NULL: Option<Parameters> = Some(Parameters::NullOrAbsent);
const ABSENT: Option<Parameters> = Some(Parameters::Absent);
/// The reader of this algorithm looks at the parameters itself.
const OWN: Option<Parameters> = None;

/// Signature algorithms: identifier, name, meaning, parameters.
/// RSA: RFC 4055 §5 (NULL; readers take both). ECDSA: RFC 5758 §3.2 (absent). EdDSA: RFC 8410 §3 (absent).
/// SHA-3: NIST's register of OIDs, with the rules of their SHA-2 siblings.
pub(super) const SIGNATURES: &[SignatureRow] = {
    use HashAlgorithm::{Sha1, Sha3_224, Sha3_256, Sha3_384, Sha3_512, Sha224, Sha256, Sha384, Sha512};
    use Signature::{Ecdsa, EcdsaWith, Ed448, Ed25519, RsaPkcs1, RsaPkcs1With, RsaPss};
    use SignatureRow as Row;
    &[
        Row(oid::new("1.2.840.113549.1.1.1"), "rsaEncryption", RsaPkcs1, NULL),
        Row(oid::new("1.2.840.113549.1.1.5"), "sha1WithRSAEncryption", RsaPkcs1With(Sha1), NULL),
        // The same by its older identifier (OIW), still met in certificates.
        Row(oid::new("1.3.14.3.2.29"), "sha1WithRSASignature", RsaPkcs1With(Sha1), NULL),
        Row(oid::new("1.2.840.113549.1.1.14"), "sha224WithRSAEncryption", RsaPkcs1With(Sha224), NULL),
        Row(oid::new("1.2.840.113549.1.1.11"), "sha256WithRSAEncryption", RsaPkcs1With(Sha256), NULL),
        Row(oid::new("1.2.840.113549.1.1.12"), "sha384WithRSAEncryption", RsaPkcs1With(Sha384), NULL),
        Row(oid::new("1.2.840.113549.1.1.13"), "sha512WithRSAEncryption", RsaPkcs1With(Sha512), NULL),
        Row(
            oid::new("2.16.840.1.101.3.4.3.13"),
            "id-rsassa-pkcs1-v1-5-with-sha3-224",
            RsaPkcs1With(Sha3_224),
            NULL,
        ),
        Row(
            oid::new("2.16.840.1.101.3.4.3.14"),
            "id-rsassa-pkcs1-v1-5-with-sha3-256",
            RsaPkcs1With(Sha3_256),
            NULL,
        ),
        Row(
            oid::new("2.16.840.1.101.3.4.3.15"),
            "id-rsassa-pkcs1-v1-5-with-sha3-384",
            RsaPkcs1With(Sha3_384),
            NULL,
        ),
        Row(
            oid::new("2.16.840.1.101.3.4.3.16"),
            "id-rsassa-pkcs1-v1-5-with-sha3-512",
            RsaPkcs1With(Sha3_512),
            NULL,
        ),
        Row(oid::new("1.2.840.113549.1.1.10"), "id-RSASSA-PSS", RsaPss, OWN),
        // A key's identifier, which some signers write here; as rsaEncryption, the digest algorithm tells the hash.
        Row(oid::new("1.2.840.10045.2.1"), "id-ecPublicKey", Ecdsa, OWN),
        Row(oid::new("1.2.840.10045.4.1"), "ecdsa-with-SHA1", EcdsaWith(Sha1), ABSENT),
        Row(oid::new("1.2.840.10045.4.3.1"), "ecdsa-with-SHA224", EcdsaWith(Sha224), ABSENT),
        Row(oid::new("1.2.840.10045.4.3.2"), "ecdsa-with-SHA256", EcdsaWith(Sha256), ABSENT),
        Row(oid::new("1.2.840.10045.4.3.3"), "ecdsa-with-SHA384", EcdsaWith(Sha384), ABSENT),
        Row(oid::new("1.2.840.10045.4.3.4"), "ecdsa-with-SHA512", EcdsaWith(Sha512), ABSENT),
        Row(oid::new("2.16.840.1.101.3.4.3.9"), "id-ecdsa-with-sha3-224", EcdsaWith(Sha3_224), ABSENT),
        Row(oid::new("2.16.840.1.101.3.4.3.10"), "id-ecdsa-with-sha3-256", EcdsaWith(Sha3_256), ABSENT),
        Row(oid::new("2.16.840.1.101.3.4.3.11"), "id-ecdsa-with-sha3-384", EcdsaWith(Sha3_384), ABSENT),
        Row(oid::new("2.16.840.1.101.3.4.3.12"), "id-ecdsa-with-sha3-512", EcdsaWith(Sha3_512), ABSENT),
        Row(oid::new("1.3.101.112"), "id-Ed25519", Ed25519, ABSENT),
        Row(oid::new("1.3.101.113"), "id-Ed448", Ed448, ABSENT),
    ]
};

/// Known by name only, so that a report can say what it met.
const NAMED: &[(&str, &str)] = &[
    ("1.2.840.113549.1.1.2", "md2WithRSAEncryption"),
    ("1.2.840.113549.1.1.3", "md4WithRSAEncryption"),
    ("1.2.840.113549.1.1.4", "md5WithRSAEncryption"),
    ("1.2.840.113549.1.1.15", "sha512-224WithRSAEncryption"),
    ("1.2.840.113549.1.1.16", "sha512-256WithRSAEncryption"),
    ("1.2.840.10040.4.1", "id-dsa"),
    ("1.2.840.10040.4.3", "id-dsa-with-sha1"),
    ("2.16.840.1.101.3.4.3.1", "id-dsa-with-sha224"),
    ("2.16.840.1.101.3.4.3.2", "id-dsa-with-sha256"),
    ("1.2.840.10045.4.3", "ecdsa-with-Specified"),
    ("1.3.6.1.5.5.7.6.30", "id-RSASSA-PSS-SHAKE128"),
    ("1.3.6.1.5.5.7.6.31", "id-RSASSA-PSS-SHAKE256"),
    ("1.3.6.1.5.5.7.6.32", "id-ecdsa-with-shake128"),
    ("1.3.6.1.5.5.7.6.33", "id-ecdsa-with-shake256"),
    ("2.16.840.1.101.3.4.3.17", "id-ml-dsa-44"),
    ("2.16.840.1.101.3.4.3.18", "id-ml-dsa-65"),
    ("2.16.840.1.101.3.4.3.19", "id-ml-dsa-87"),
    ("1.2.840.113549.2.2", "md2"),
    ("1.2.840.113549.2.4", "md4"),
    ("1.3.36.3.2.1", "ripemd160"),
    ("2.16.840.1.101.3.4.2.5", "sha512-224"),
    ("2.16.840.1.101.3.4.2.6", "sha512-256"),
    ("2.16.840.1.101.3.4.2.11", "shake128"),
    ("2.16.840.1.101.3.4.2.12", "shake256"),
    ("2.16.840.1.101.3.4.2.18", "shake256-len"),
    ("1.2.840.113549.1.1.7", "id-RSAES-OAEP"),
    ("1.2.840.113549.1.5.12", "id-PBKDF2"),
    ("1.2.840.113549.1.9.16.3.9", "id-alg-PWRI-KEK"),
    ("1.2.840.113549.1.9.16.3.31", "id-alg-cek-hkdf-sha256"),
    ("1.2.840.113549.1.9.16.3.18", "ChaCha20-Poly1305"),
    ("1.2.840.113549.3.2", "RC2-CBC"),
    ("1.2.840.113549.3.7", "3DES-CBC"),
    ("2.16.840.1.101.3.4.1.2", "AES-128-CBC"),
    ("2.16.840.1.101.3.4.1.6", "AES-128-GCM"),
    ("2.16.840.1.101.3.4.1.22", "AES-192-CBC"),
    ("2.16.840.1.101.3.4.1.26", "AES-192-GCM"),
    ("2.16.840.1.101.3.4.1.42", "AES-256-CBC"),
    ("2.16.840.1.101.3.4.1.46", "AES-256-GCM"),
    ("2.16.840.1.101.3.4.1.3", "AES-128-OFB"),
    ("2.16.840.1.101.3.4.1.4", "AES-128-CFB"),
    ("2.16.840.1.101.3.4.1.7", "AES-128-CCM"),
    ("2.16.840.1.101.3.4.1.23", "AES-192-OFB"),
    ("2.16.840.1.101.3.4.1.24", "AES-192-CFB"),
    ("2.16.840.1.101.3.4.1.27", "AES-192-CCM"),
    ("2.16.840.1.101.3.4.1.43", "AES-256-OFB"),
    ("2.16.840.1.101.3.4.1.44", "AES-256-CFB"),
    ("2.16.840.1.101.3.4.1.47", "AES-256-CCM"),
    ("2.16.840.1.101.3.4.1.5", "id-aes128-wrap"),
    ("2.16.840.1.101.3.4.1.25", "id-aes192-wrap"),
    ("2.16.840.1.101.3.4.1.45", "id-aes256-wrap"),
    ("1.3.14.3.2.7", "DES-CBC"),
    ("1.2.840.113549.3.4", "RC4"),
    ("1.2.840.113549.1.9.16.3.5", "id-alg-ESDH"),
    ("1.2.840.113549.1.9.16.3.6", "id-alg-CMS3DESwrap"),
    ("1.2.840.113549.1.9.16.3.7", "id-alg-CMSRC2wrap"),
    ("1.2.840.113549.1.9.16.3.19", "dhSinglePass-stdDH-hkdf-sha256-scheme"),
    ("1.2.840.113549.1.9.16.3.20", "dhSinglePass-stdDH-hkdf-sha384-scheme"),
    ("1.2.840.113549.1.9.16.3.21", "dhSinglePass-stdDH-hkdf-sha512-scheme"),
    ("1.3.132.1.11.1", "dhSinglePass-stdDH-sha256kdf-scheme"),
    ("1.3.132.1.11.2", "dhSinglePass-stdDH-sha384kdf-scheme"),
    ("1.3.132.1.11.3", "dhSinglePass-stdDH-sha512kdf-scheme"),
    ("1.3.133.16.840.63.0.2", "dhSinglePass-stdDH-sha1kdf-scheme"),
    ("1.2.156.10197.1.401", "sm3"),
    ("1.2.156.10197.1.501", "sm2-with-sm3"),
    ("1.2.643.7.1.1.2.2", "streebog256"),
    ("1.2.643.7.1.1.3.2", "gost2012-256"),
];

/// Do these parameters keep the rule?
pub(crate) fn parameters_fit(rule: Parameters, parameters: Option<&AnyRef<'_>>) -> bool {
    match (rule, parameters) {
        (_, None) => true,
        (Parameters::NullOrAbsent, Some(any)) => any.tag() == Tag::Null && any.value().is_empty(),
        (Parameters::Absent, Some(_)) => false,
    }
}

/// The name of an identifier; dotted where it has none.
pub(super) fn name(oid: ObjectIdentifier) -> String {
    let dotted = oid.to_string();
    let signature = SIGNATURES.iter().find(|row| row.0 == oid).map(|row| row.1);
    let named = || NAMED.iter().find(|row| row.0 == dotted).map(|row| row.1);
    match signature.or_else(named) {
        Some(name) => name.to_owned(),
        None => dotted,
    }
}

/// The identifier of a hash function.
pub(crate) fn digest_oid(hash: HashAlgorithm) -> Option<ObjectIdentifier> {
    DIGESTS.iter().find(|row| row.0 == hash).map(|row| row.1)
}
