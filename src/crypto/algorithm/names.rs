//! The names of algorithms, in words and from words.

use std::fmt;
use std::str::FromStr;

use super::{Curve, HashAlgorithm, KeyAlgorithm, SignatureAlgorithm, SignatureScheme};

impl HashAlgorithm {
    /// All of them, the weakest first.
    pub(crate) const ALL: [Self; 10] = [
        Self::Md5,
        Self::Sha1,
        Self::Sha224,
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
        Self::Sha3_224,
        Self::Sha3_256,
        Self::Sha3_384,
        Self::Sha3_512,
    ];

    /// The name of RFC 8551 §3.5.3.2 (`micalg`) and of IANA's hash function registry: `sha-256`.
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

    /// The algorithm of a [`name`](Self::name) in any case, also as older mailers write it: `sha1`, `sha256`.
    pub fn from_name(name: &str) -> Option<Self> {
        let bare = |name: &str| name.to_ascii_lowercase().replace("sha-", "sha");
        Self::ALL.into_iter().find(|hash| bare(hash.name()) == bare(name))
    }
}

impl fmt::Display for HashAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::BrainpoolP256r1 => "brainpoolP256r1",
            Self::BrainpoolP384r1 => "brainpoolP384r1",
            Self::BrainpoolP512r1 => "brainpoolP512r1",
        })
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits, .. } => write!(f, "RSA-{bits}"),
            Self::Ec(curve) => curve.fmt(f),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Ed448 => f.write_str("Ed448"),
            Self::X25519 => f.write_str("X25519"),
            Self::X448 => f.write_str("X448"),
            Self::Other(oid) => f.write_str(oid),
        }
    }
}

impl SignatureAlgorithm {
    /// The name of its standard, without the hash: `rsassa-pkcs1-v1_5`.
    pub fn name(self) -> &'static str {
        match self {
            Self::RsaPkcs1(_) => "rsassa-pkcs1-v1_5",
            Self::RsaPss { .. } => "rsassa-pss",
            Self::Ecdsa(_) => "ecdsa",
            Self::Ed25519 => "ed25519",
            Self::Ed448 => "ed448",
        }
    }

    /// The hash that is signed; none for algorithms that hash by themselves.
    pub fn hash(self) -> Option<HashAlgorithm> {
        match self {
            Self::RsaPkcs1(hash) | Self::RsaPss { hash, .. } | Self::Ecdsa(hash) => Some(hash),
            Self::Ed25519 | Self::Ed448 => None,
        }
    }

    /// RSASSA-PSS with another hash in MGF1, or a salt not as long as the digest (RFC 8017 §9.1 says what is usual).
    pub fn has_odd_pss(self) -> bool {
        matches!(self, Self::RsaPss { hash, mgf, salt } if mgf != hash || salt != hash.length())
    }
}

/// `rsa-pkcs1-sha-256`, `rsa-pss-sha-256`, `ecdsa-sha-256`, `ed25519`.
impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RsaPkcs1(hash) => write!(f, "rsa-pkcs1-{hash}"),
            Self::RsaPss { hash, .. } => write!(f, "rsa-pss-{hash}"),
            Self::Ecdsa(hash) => write!(f, "ecdsa-{hash}"),
            Self::Ed25519 => f.write_str("ed25519"),
            Self::Ed448 => f.write_str("ed448"),
        }
    }
}

impl SignatureScheme {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::RsaPkcs1Sha256,
        Self::RsaPkcs1Sha384,
        Self::RsaPkcs1Sha512,
        Self::RsaPssSha256,
        Self::RsaPssSha384,
        Self::RsaPssSha512,
        Self::EcdsaP256Sha256,
        Self::EcdsaP384Sha384,
        Self::EcdsaP521Sha512,
        Self::Ed25519,
    ];

    /// Its name: `ecdsa-p256-sha256`.
    pub fn name(self) -> &'static str {
        match self {
            Self::RsaPkcs1Sha256 => "rsa-pkcs1-sha256",
            Self::RsaPkcs1Sha384 => "rsa-pkcs1-sha384",
            Self::RsaPkcs1Sha512 => "rsa-pkcs1-sha512",
            Self::RsaPssSha256 => "rsa-pss-sha256",
            Self::RsaPssSha384 => "rsa-pss-sha384",
            Self::RsaPssSha512 => "rsa-pss-sha512",
            Self::EcdsaP256Sha256 => "ecdsa-p256-sha256",
            Self::EcdsaP384Sha384 => "ecdsa-p384-sha384",
            Self::EcdsaP521Sha512 => "ecdsa-p521-sha512",
            Self::Ed25519 => "ed25519",
        }
    }

    /// The signature algorithm that a verifier will see.
    pub fn algorithm(self) -> SignatureAlgorithm {
        use HashAlgorithm::{Sha256, Sha384, Sha512};
        let pss = |hash: HashAlgorithm| SignatureAlgorithm::RsaPss { hash, mgf: hash, salt: hash.length() };
        match self {
            Self::RsaPkcs1Sha256 => SignatureAlgorithm::RsaPkcs1(Sha256),
            Self::RsaPkcs1Sha384 => SignatureAlgorithm::RsaPkcs1(Sha384),
            Self::RsaPkcs1Sha512 => SignatureAlgorithm::RsaPkcs1(Sha512),
            Self::RsaPssSha256 => pss(Sha256),
            Self::RsaPssSha384 => pss(Sha384),
            Self::RsaPssSha512 => pss(Sha512),
            Self::EcdsaP256Sha256 => SignatureAlgorithm::Ecdsa(Sha256),
            Self::EcdsaP384Sha384 => SignatureAlgorithm::Ecdsa(Sha384),
            Self::EcdsaP521Sha512 => SignatureAlgorithm::Ecdsa(Sha512),
            Self::Ed25519 => SignatureAlgorithm::Ed25519,
        }
    }

    /// The digest algorithm that goes with it: of the message digest in CMS (SHA-512 with Ed25519, RFC 8419 §2.3),
    /// and by its [name](HashAlgorithm::name) of `micalg`.
    pub fn hash(self) -> HashAlgorithm {
        self.algorithm().hash().unwrap_or(HashAlgorithm::Sha512)
    }
}

impl fmt::Display for SignatureScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// ```
/// use mailseal::crypto::SignatureScheme;
/// assert_eq!("ecdsa-p256-sha256".parse(), Ok(SignatureScheme::EcdsaP256Sha256));
/// ```
impl FromStr for SignatureScheme {
    type Err = super::AlgorithmError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let unknown = || super::AlgorithmError::Unsupported { name: name.chars().take(64).collect() };
        Self::ALL.into_iter().find(|scheme| scheme.name() == name).ok_or_else(unknown)
    }
}
