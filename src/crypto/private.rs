//! Private keys as octets: reading PKCS#8 (RFC 5958), and building it of bare numbers, which is what OpenPGP keeps.
//!
//! - [`rsa_pkcs8`], [`ec_pkcs8`], [`ed25519_pkcs8`], [`x25519_pkcs8`]: for a [`KeyLoader`](super::KeyLoader).

mod build;
#[cfg(any(feature = "aws-lc", feature = "rust-crypto"))]
pub(crate) mod read;
mod schemes;
#[cfg(test)]
mod tests;

#[cfg(any(feature = "aws-lc", feature = "rust-crypto"))]
pub(crate) use read::{Private, consistent};

#[cfg(feature = "rust-crypto")]
pub(crate) use build::ed25519_v1;
#[cfg(feature = "aws-lc")]
pub(crate) use build::rsa_pkcs8_of;
pub(crate) use build::{ec_pkcs8, ed25519_pkcs8, rsa_pkcs8, x25519_pkcs8};
use der::Sequence;
use der::asn1::UintRef;
#[cfg(any(feature = "aws-lc", feature = "rust-crypto"))]
use der::asn1::{BitStringRef, ObjectIdentifier, OctetStringRef};
pub(crate) use schemes::schemes;

/// ```text
/// RSAPrivateKey ::= SEQUENCE { version Version, modulus INTEGER, publicExponent INTEGER, privateExponent INTEGER,
///   prime1 INTEGER, prime2 INTEGER, exponent1 INTEGER, exponent2 INTEGER, coefficient INTEGER, .. }
/// ```
/// RFC 8017 appendix A.1.2; version 0, of two primes.
#[derive(Sequence)]
pub(crate) struct RsaNumbers<'a> {
    pub(crate) version: u8,
    pub(crate) modulus: UintRef<'a>,
    pub(crate) public_exponent: UintRef<'a>,
    pub(crate) private_exponent: UintRef<'a>,
    pub(crate) prime1: UintRef<'a>,
    pub(crate) prime2: UintRef<'a>,
    exponent1: UintRef<'a>,
    exponent2: UintRef<'a>,
    coefficient: UintRef<'a>,
}

/// ```text
/// ECPrivateKey ::= SEQUENCE { version INTEGER { ecPrivkeyVer1(1) }, privateKey OCTET STRING,
///   parameters [0] ECParameters OPTIONAL, publicKey [1] BIT STRING OPTIONAL }
/// ```
/// RFC 5915 §3.
#[cfg(any(feature = "aws-lc", feature = "rust-crypto"))]
#[derive(Sequence)]
struct EcPrivateKey<'a> {
    version: u8,
    private_key: &'a OctetStringRef,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    parameters: Option<ObjectIdentifier>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    public_key: Option<BitStringRef<'a>>,
}
