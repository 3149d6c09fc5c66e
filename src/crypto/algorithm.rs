//! Algorithms by name, and the one table of their identifiers and parameters (R-B6, R-B7, R-C9).
//!
//! - [`digest`], [`signature`]: from a DER AlgorithmIdentifier (RFC 5280 §4.1.1.2) to what it means.
//! - [`SignatureScheme::digest_identifier`], [`SignatureScheme::signature_identifier`]: the way back, for CMS.
//!
//! ```
//! use mailseal::crypto::{SignatureScheme, algorithm};
//! let der = SignatureScheme::EcdsaP256Sha256.digest_identifier();
//! assert_eq!(algorithm::digest(&der).unwrap(), SignatureScheme::EcdsaP256Sha256.hash());
//! ```

#[cfg(feature = "smime")]
mod content;
mod identifier;
mod names;
mod pss;
#[cfg(feature = "smime")]
mod recipient;
mod table;
#[cfg(test)]
mod tests;
mod write;

#[cfg(feature = "smime")]
pub(crate) use content::{Container, ContentAlgorithm, content_cipher, derived};
pub use identifier::{digest, signature};
pub(crate) use pss::PssParameters;
#[cfg(feature = "smime")]
pub(crate) use recipient::{
    AgreementKdf, KeyAgreement, KeyWrapAlgorithm, Pbkdf2, key_agreement, key_transport, key_wrap,
    password_wrap, password_wrap_identifier, pbkdf2,
};
pub(crate) use table::{Parameters, oid, parameters_fit};
pub(crate) use write::{digest_info, hash_identifier, octets as der_octets};

/// Hash functions. MD5 is known by name only: nothing computes it.
///
/// ```
/// use mailseal::crypto::HashAlgorithm;
/// // From a micalg parameter (RFC 8551 §3.5.3.2).
/// let hash = HashAlgorithm::from_name("sha-256").unwrap();
/// assert_eq!((hash, hash.length()), (HashAlgorithm::Sha256, 32));
/// ```
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
///
/// ```
/// use mailseal::crypto::{Curve, PublicKey};
/// // The point that a token gives for its key: 4, x, y.
/// let point = [&[4][..], &[7; 2 * 32]].concat();
/// let key = PublicKey::ec(Curve::P256, &point).unwrap();
/// assert_eq!(key.bits(), Curve::P256.octets() * 8);
/// ```
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
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "smime")] {
/// use mailseal::crypto::KeyAlgorithm;
/// use mailseal::x509::Certificate;
/// for certificate in Certificate::load_pem_or_der(include_bytes!("../../examples/letters/openssl-ca.pem"))? {
///     match certificate.public_key().map(|key| key.algorithm()) {
///         Ok(KeyAlgorithm::Rsa { bits, .. }) => println!("RSA, {bits} bits"),
///         Ok(KeyAlgorithm::Other(oid)) => println!("unknown: {oid}"),
///         Ok(other) => println!("{other:?}"),
///         Err(error) => println!("not usable: {error}"),
///     }
/// }
/// # }
/// # Ok(())
/// # }
/// ```
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
    /// X25519 (RFC 8410).
    X25519,
    /// X448 (RFC 8410). Recognised, not usable.
    X448,
    /// Anything else: dotted object identifier. Recognised, not usable.
    Other(String),
}

/// What a signature says it is, with all parameters. What can be verified is up to the provider.
///
/// ```
/// use mailseal::crypto::{HashAlgorithm, SignatureAlgorithm};
/// let odd = SignatureAlgorithm::RsaPss { hash: HashAlgorithm::Sha256, mgf: HashAlgorithm::Sha1, salt: 20 };
/// assert!(odd.has_odd_pss());
/// assert_eq!((odd.to_string().as_str(), odd.hash()), ("rsa-pss-sha-256", Some(HashAlgorithm::Sha256)));
/// ```
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
///
/// ```
/// use mailseal::crypto::{HashAlgorithm, SignatureScheme};
/// let scheme: SignatureScheme = "rsa-pss-sha256".parse()?; // from a settings file
/// assert_eq!(scheme.hash(), HashAlgorithm::Sha256);
/// # Ok::<(), mailseal::crypto::algorithm::AlgorithmError>(())
/// ```
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

/// Why an AlgorithmIdentifier is not taken.
///
/// ```
/// use mailseal::crypto::algorithm::{self, AlgorithmError};
/// // md5WithRSAEncryption, NULL
/// let der = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04\x05\x00";
/// let error = algorithm::signature(der, None, None).unwrap_err();
/// assert_eq!(error, AlgorithmError::Unsupported { name: "md5WithRSAEncryption".into() });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AlgorithmError {
    /// Not a DER AlgorithmIdentifier.
    #[error("not an algorithm identifier")]
    Malformed,
    /// Known by name at most; never computed.
    #[error("{name} is not supported")]
    Unsupported {
        /// Its name, or the dotted object identifier.
        name: String,
    },
    /// A known algorithm with parameters that its standard does not allow.
    #[error("{name} has parameters that do not belong there")]
    Parameters {
        /// Its name.
        name: String,
    },
    /// The signature algorithm names another hash than the digest algorithm beside it.
    #[error("the signature is over {signature}, but the digest algorithm is {digest}")]
    Mismatch {
        /// The hash of the signature algorithm.
        signature: HashAlgorithm,
        /// The digest algorithm.
        digest: HashAlgorithm,
    },
}
