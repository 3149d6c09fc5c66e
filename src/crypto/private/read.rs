//! Reading PKCS#8, and holding the public half to the private one (R-C12).

use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode};
use pkcs8::PrivateKeyInfoRef;
use zeroize::Zeroizing;

use super::{EcPrivateKey, RsaNumbers};
use crate::crypto::algorithm::{Parameters, der_octets, oid, parameters_fit};
use crate::crypto::{Curve, KeyError, PublicKey};

/// The least RSA modulus that signs.
pub(crate) const RSA_SIGNS_FROM: usize = 2048;
/// The least RSA modulus that decrypts: old mail stays readable where there is arithmetic for it.
pub(crate) const RSA_DECRYPTS_FROM: usize =
    if cfg!(feature = "rust-crypto-private-rsa") { 1024 } else { 2048 };
/// The largest RSA modulus of a private key.
const RSA_MOST_BITS: usize = 8192;

/// A private key, taken apart. Nothing says yet that its halves belong together.
pub(crate) enum Private {
    /// DER RSAPrivateKey, and the public key as the identifier and the numbers give it.
    Rsa { der: Zeroizing<Vec<u8>>, public: PublicKey },
    /// The scalar, as long as the curve's coordinates, and the points that stand beside it.
    Ec { curve: Curve, scalar: Zeroizing<Vec<u8>>, stated: Vec<Vec<u8>> },
    /// The seed, and the public keys that stand beside it.
    Ed25519 { seed: Zeroizing<Vec<u8>>, stated: Vec<Vec<u8>> },
    /// The same for X25519.
    X25519 { secret: Zeroizing<Vec<u8>>, stated: Vec<Vec<u8>> },
}

/// Takes DER PKCS#8 apart; RSA keys of at least so many bits.
pub(crate) fn read(pkcs8: &[u8], least_bits: usize) -> Result<Private, KeyError> {
    let info = PrivateKeyInfoRef::from_der(pkcs8).map_err(|_| malformed("PKCS#8"))?;
    let stated = match &info.public_key {
        Some(bits) => vec![bits.as_bytes().ok_or_else(|| malformed("public key"))?.to_vec()],
        None => Vec::new(),
    };
    let key = info.private_key.as_bytes();
    match info.algorithm.oid {
        oid::RSA | oid::RSA_PSS => rsa(&info, key, &stated, least_bits),
        oid::EC => ec(&info, key, stated),
        oid::ED25519 if parameters_fit(Parameters::Absent, info.algorithm.parameters.as_ref()) => {
            Ok(Private::Ed25519 { seed: octets(key)?, stated })
        }
        oid::X25519 if parameters_fit(Parameters::Absent, info.algorithm.parameters.as_ref()) => {
            Ok(Private::X25519 { secret: octets(key)?, stated })
        }
        other => Err(KeyError::Unsupported(format!("private keys of the algorithm {other}"))),
    }
}

/// CurvePrivateKey (RFC 8410 §7).
fn octets(key: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let octets = <&OctetStringRef>::from_der(key).map_err(|_| malformed("CurvePrivateKey"))?;
    Ok(Zeroizing::new(octets.as_bytes().to_vec()))
}

/// The identifier (rsaEncryption or id-RSASSA-PSS with its parameters) goes over to the public key.
fn rsa(
    info: &PrivateKeyInfoRef<'_>,
    key: &[u8],
    stated: &[Vec<u8>],
    least: usize,
) -> Result<Private, KeyError> {
    let numbers = RsaNumbers::from_der(key).map_err(|_| malformed("RSAPrivateKey of two primes"))?;
    if numbers.version != 0 {
        return Err(KeyError::Unsupported("RSA keys of more than two primes".to_owned()));
    }
    let der = |error: der::Error| KeyError::Malformed(error.to_string());
    let public =
        [numbers.modulus.to_der().map_err(der)?, numbers.public_exponent.to_der().map_err(der)?].concat();
    let public = der_octets(0x30, &public);
    if stated.iter().any(|stated| *stated != public) {
        return Err(halves());
    }
    let identifier = info.algorithm.to_der().map_err(der)?;
    let bits = der_octets(0x03, &[&[0], &*public].concat());
    let public = PublicKey::from_spki(&der_octets(0x30, &[identifier, bits].concat()))?;
    match public.bits() {
        bits if bits < least => Err(KeyError::TooSmall { bits, least }),
        bits if bits > RSA_MOST_BITS => Err(KeyError::Unsupported(format!("an RSA key of {bits} bits"))),
        _ => Ok(Private::Rsa { der: Zeroizing::new(key.to_vec()), public }),
    }
}

fn ec(info: &PrivateKeyInfoRef<'_>, key: &[u8], mut stated: Vec<Vec<u8>>) -> Result<Private, KeyError> {
    let named = info.algorithm.parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
    let curve =
        named.and_then(Curve::from_oid).ok_or_else(|| KeyError::Unsupported("this curve".to_owned()))?;
    let key = EcPrivateKey::from_der(key).map_err(|_| malformed("ECPrivateKey"))?;
    let scalar = key.private_key.as_bytes();
    if key.version != 1
        || key.parameters.is_some_and(|inner| Some(inner) != named)
        || scalar.len() != curve.octets()
    {
        return Err(malformed("ECPrivateKey"));
    }
    if let Some(bits) = key.public_key {
        stated.push(bits.as_bytes().ok_or_else(|| malformed("public key"))?.to_vec());
    }
    Ok(Private::Ec { curve, scalar: Zeroizing::new(scalar.to_vec()), stated })
}

/// R-C12: every public key that stands in the file is the one that the private half gives.
pub(crate) fn consistent(derived: &[u8], stated: &[Vec<u8>]) -> Result<(), KeyError> {
    match stated.iter().all(|stated| stated == derived || *stated == compressed(derived)) {
        true => Ok(()),
        false => Err(halves()),
    }
}

/// The compressed form of an uncompressed point (SEC 1 §2.3.3).
fn compressed(point: &[u8]) -> Vec<u8> {
    let half = point.len() / 2;
    match (point.split_first(), point.last()) {
        (Some((4, coordinates)), Some(last)) => {
            let x = coordinates.get(..half).unwrap_or_default();
            [&[2 | (last & 1)], x].concat()
        }
        _ => Vec::new(),
    }
}

fn malformed(what: &str) -> KeyError {
    KeyError::Malformed(what.to_owned())
}

/// A key for key agreement was loaded for signing.
pub(crate) fn does_not_sign() -> KeyError {
    KeyError::Unsupported("signing with X25519".to_owned())
}

/// A key for signatures alone was loaded for decryption.
pub(crate) fn does_not_decrypt(public: &PublicKey) -> KeyError {
    KeyError::Unsupported(format!("decryption with this {} key", public.algorithm()))
}

/// R-C12.
pub(crate) fn halves() -> KeyError {
    malformed("its public and private halves do not belong together")
}
