//! Algorithms by name, and the one table of their identifiers and parameters (R-B6, R-B7, R-C9).

use std::fmt;

/// Hash functions. MD5 is known by name only: nothing computes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum HashAlgorithm {
    /// MD5 (RFC 1321); recognised, refused.
    Md5,
    /// SHA-1 (FIPS 180-4); weak.
    Sha1,
    /// SHA-224 (FIPS 180-4).
    Sha224,
    /// SHA-256 (FIPS 180-4).
    Sha256,
    /// SHA-384 (FIPS 180-4).
    Sha384,
    /// SHA-512 (FIPS 180-4).
    Sha512,
    /// SHA3-224 (FIPS 202).
    Sha3_224,
    /// SHA3-256 (FIPS 202).
    Sha3_256,
    /// SHA3-384 (FIPS 202).
    Sha3_384,
    /// SHA3-512 (FIPS 202).
    Sha3_512,
}

/// Elliptic curves, by name only; explicit parameters are refused (R-C9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Curve {
    /// NIST P-256, secp256r1.
    P256,
    /// NIST P-384, secp384r1.
    P384,
    /// NIST P-521, secp521r1.
    P521,
    /// brainpoolP256r1 (RFC 5639).
    BrainpoolP256r1,
    /// brainpoolP384r1 (RFC 5639).
    BrainpoolP384r1,
    /// brainpoolP512r1 (RFC 5639).
    BrainpoolP512r1,
}

/// Kinds of public keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyAlgorithm {
    /// RSA (RFC 8017): bits of the modulus; `pss_only` for id-RSASSA-PSS keys (RFC 4055).
    Rsa {
        /// Bits of the modulus.
        bits: usize,
        /// The key may be used with RSASSA-PSS only.
        pss_only: bool,
    },
    /// ECDSA or ECDH on a named curve.
    Ec(Curve),
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// Ed448 (RFC 8410).
    Ed448,
    /// Anything else: dotted object identifier. Recognised, not usable.
    Other(String),
}

/// What a signature says it is, with all parameters. What can be verified is up to the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2).
    RsaPkcs1(HashAlgorithm),
    /// RSASSA-PSS (RFC 8017 §8.1).
    RsaPss {
        /// Of the message.
        hash: HashAlgorithm,
        /// Of MGF1.
        mgf: HashAlgorithm,
        /// Octets of salt.
        salt: usize,
    },
    /// ECDSA (FIPS 186-5), the curve being the key's.
    Ecdsa(HashAlgorithm),
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// Ed448 (RFC 8032).
    Ed448,
}

/// What mailseal signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureScheme {
    /// rsa-pkcs1-sha256
    RsaPkcs1Sha256,
    /// rsa-pkcs1-sha384
    RsaPkcs1Sha384,
    /// rsa-pkcs1-sha512
    RsaPkcs1Sha512,
    /// rsa-pss-sha256
    RsaPssSha256,
    /// rsa-pss-sha384
    RsaPssSha384,
    /// rsa-pss-sha512
    RsaPssSha512,
    /// ecdsa-p256-sha256
    EcdsaP256Sha256,
    /// ecdsa-p384-sha384
    EcdsaP384Sha384,
    /// ecdsa-p521-sha512
    EcdsaP521Sha512,
    /// ed25519
    Ed25519,
}

impl SignatureScheme {
    /// The signature algorithm that a verifier will see.
    pub fn algorithm(self) -> SignatureAlgorithm {
        use HashAlgorithm::{Sha256, Sha384, Sha512};
        let pss = |hash, salt| SignatureAlgorithm::RsaPss { hash, mgf: hash, salt };
        match self {
            Self::RsaPkcs1Sha256 => SignatureAlgorithm::RsaPkcs1(Sha256),
            Self::RsaPkcs1Sha384 => SignatureAlgorithm::RsaPkcs1(Sha384),
            Self::RsaPkcs1Sha512 => SignatureAlgorithm::RsaPkcs1(Sha512),
            Self::RsaPssSha256 => pss(Sha256, 32),
            Self::RsaPssSha384 => pss(Sha384, 48),
            Self::RsaPssSha512 => pss(Sha512, 64),
            Self::EcdsaP256Sha256 => SignatureAlgorithm::Ecdsa(Sha256),
            Self::EcdsaP384Sha384 => SignatureAlgorithm::Ecdsa(Sha384),
            Self::EcdsaP521Sha512 => SignatureAlgorithm::Ecdsa(Sha512),
            Self::Ed25519 => SignatureAlgorithm::Ed25519,
        }
    }
}

impl HashAlgorithm {
    /// The name of RFC 8551 and of IANA's hash function registry: `sha-256`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha-1",
            Self::Sha224 => "sha-224",
            Self::Sha256 => "sha-256",
            Self::Sha384 => "sha-384",
            Self::Sha512 => "sha-512",
            Self::Sha3_224 => "sha3-224",
            Self::Sha3_256 => "sha3-256",
            Self::Sha3_384 => "sha3-384",
            Self::Sha3_512 => "sha3-512",
        }
    }

    /// Octets of its digest.
    pub fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 | Self::Sha3_224 => 28,
            Self::Sha256 | Self::Sha3_256 => 32,
            Self::Sha384 | Self::Sha3_384 => 48,
            Self::Sha512 | Self::Sha3_512 => 64,
        }
    }
}

impl fmt::Display for HashAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits, .. } => write!(f, "RSA-{bits}"),
            Self::Ec(curve) => write!(f, "{curve:?}"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Ed448 => f.write_str("Ed448"),
            Self::Other(oid) => f.write_str(oid),
        }
    }
}
