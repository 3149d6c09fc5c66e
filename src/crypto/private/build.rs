//! PKCS#8 of bare numbers. What is secret here is computed in constant time and wiped.

use crypto_bigint::{BoxedUint, NonZero, Odd, Resize};
use der::Encode;
use der::asn1::UintRef;
use zeroize::Zeroizing;

use super::RsaNumbers;
use crate::crypto::algorithm::{der_octets, oid};
use crate::crypto::{Curve, KeyError};

/// The largest prime of a key that signs: half of 8192 bits, with room for primes of unequal size.
const PRIME_MOST_OCTETS: usize = 1024;

/// PKCS#8 of an RSA key: the CRT exponents and the coefficient (RFC 8017 §3.2) are computed. Whether the numbers belong
/// together is checked when the key is loaded.
pub(crate) fn rsa_pkcs8(
    modulus: &[u8],
    exponent: &[u8],
    private_exponent: &[u8],
    p: &[u8],
    q: &[u8],
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let longest = p.len().max(q.len());
    if longest > PRIME_MOST_OCTETS || private_exponent.len() > 2 * PRIME_MOST_OCTETS {
        return Err(KeyError::Unsupported("an RSA key of that size".to_owned()));
    }
    let bits = u32::try_from(longest * 8).map_err(|_| wrong())?;
    let (p, q) = (secret(p, bits)?, secret(q, bits)?);
    // OpenPGP keeps p < q and p^-1 mod q (RFC 9580 §5.5.5.1); RFC 8017 has q^-1 mod p, with p > q by custom.
    let (p, q) = if *p < *q { (q, p) } else { (p, q) };
    let d_bits = u32::try_from(private_exponent.len() * 8).map_err(|_| wrong())?;
    let d = secret(private_exponent, d_bits.max(bits))?;
    let crt = |prime: &BoxedUint| -> Result<Zeroizing<BoxedUint>, KeyError> {
        let less_one = prime.wrapping_sub(BoxedUint::one_with_precision(bits));
        let less_one = Zeroizing::new(NonZero::new(less_one).into_option().ok_or_else(wrong)?.get());
        let divisor = NonZero::new((*less_one).clone()).into_option().ok_or_else(wrong)?;
        Ok(Zeroizing::new(d.rem(&divisor).resize(bits)))
    };
    let (dp, dq) = (crt(&p)?, crt(&q)?);
    let odd_p = Odd::new((*p).clone()).into_option().ok_or_else(wrong)?;
    let coefficient = Zeroizing::new(q.invert_odd_mod(&odd_p).into_option().ok_or_else(wrong)?);

    let octets = |number: &BoxedUint| Zeroizing::new(number.to_be_bytes().into_vec());
    let (p, q, dp, dq, coefficient) =
        (octets(&p), octets(&q), octets(&dp), octets(&dq), octets(&coefficient));
    let key = RsaNumbers {
        version: 0,
        modulus: uint(modulus)?,
        public_exponent: uint(exponent)?,
        private_exponent: uint(private_exponent)?,
        prime1: uint(&p)?,
        prime2: uint(&q)?,
        exponent1: uint(&dp)?,
        exponent2: uint(&dq)?,
        coefficient: uint(&coefficient)?,
    };
    let key = Zeroizing::new(key.to_der().map_err(|_| wrong())?);
    let identifier = [der_octets(0x06, oid::RSA.as_bytes()), vec![0x05, 0x00]].concat();
    Ok(private_key_info(&identifier, &key, None))
}

/// PKCS#8 of a DER RSAPrivateKey (RFC 8017 appendix A.1.2).
#[cfg(feature = "aws-lc")]
pub(crate) fn rsa_pkcs8_of(der: &[u8]) -> Zeroizing<Vec<u8>> {
    let identifier = [der_octets(0x06, oid::RSA.as_bytes()), vec![0x05, 0x00]].concat();
    private_key_info(&identifier, der, None)
}

/// PKCS#8 of a key on a curve: its scalar, big-endian, leading zeros or not; its uncompressed point, if known, is checked
/// against it when the key is loaded.
pub(crate) fn ec_pkcs8(
    curve: Curve,
    scalar: &[u8],
    point: Option<&[u8]>,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let named = curve.oid().ok_or_else(wrong)?;
    let significant = scalar.len().checked_sub(curve.octets()).map_or(scalar, |extra| {
        scalar
            .split_at_checked(extra)
            .filter(|(zeros, _)| zeros.iter().all(|zero| *zero == 0))
            .map_or(scalar, |s| s.1)
    });
    let mut padded =
        Zeroizing::new(vec![0; curve.octets().checked_sub(significant.len()).ok_or_else(wrong)?]);
    padded.reserve_exact(significant.len());
    padded.extend_from_slice(significant);
    let public = point.map(|point| der_octets(0xa1, &der_octets(0x03, &[&[0], point].concat())));
    let version = der_octets(0x02, &[1]);
    let scalar = Zeroizing::new(der_octets(0x04, &padded));
    let content = Zeroizing::new([&version, &**scalar, &public.unwrap_or_default()].concat());
    let key = Zeroizing::new(der_octets(0x30, &content));
    let identifier = [der_octets(0x06, oid::EC.as_bytes()), der_octets(0x06, named.as_bytes())].concat();
    Ok(private_key_info(&identifier, &key, None))
}

/// PKCS#8 of an Ed25519 key (RFC 8410 §7), with the public half, which is checked against it when the key is loaded.
pub(crate) fn ed25519_pkcs8(seed: &[u8; 32], public: &[u8; 32]) -> Zeroizing<Vec<u8>> {
    let seed = Zeroizing::new(der_octets(0x04, seed));
    private_key_info(&der_octets(0x06, oid::ED25519.as_bytes()), &seed, Some(public))
}

/// The same of version 1, without the public half: OpenSSL before 3.5 reads nothing else.
#[cfg(feature = "rust-crypto")]
pub(crate) fn ed25519_v1(seed: &[u8; 32]) -> Zeroizing<Vec<u8>> {
    let seed = Zeroizing::new(der_octets(0x04, seed));
    private_key_info(&der_octets(0x06, oid::ED25519.as_bytes()), &seed, None)
}

/// PKCS#8 of an X25519 key (RFC 8410 §7), with the public half, which is checked against it when the key is loaded.
pub(crate) fn x25519_pkcs8(secret: &[u8; 32], public: &[u8; 32]) -> Zeroizing<Vec<u8>> {
    let secret = Zeroizing::new(der_octets(0x04, secret));
    private_key_info(&der_octets(0x06, oid::X25519.as_bytes()), &secret, Some(public))
}

/// ```text
/// OneAsymmetricKey ::= SEQUENCE { version Version, privateKeyAlgorithm, privateKey OCTET STRING,
///   attributes [0] OPTIONAL, publicKey [1] IMPLICIT BIT STRING OPTIONAL }
/// ```
/// RFC 5958 §2; version 2 (1) with a public key, else 1 (0).
fn private_key_info(identifier: &[u8], key: &[u8], public: Option<&[u8]>) -> Zeroizing<Vec<u8>> {
    let version = der_octets(0x02, &[u8::from(public.is_some())]);
    let key = Zeroizing::new(der_octets(0x04, key));
    let public = public.map(|public| der_octets(0x81, &[&[0], public].concat())).unwrap_or_default();
    let content = Zeroizing::new([&version, &der_octets(0x30, identifier), &**key, &public].concat());
    Zeroizing::new(der_octets(0x30, &content))
}

fn secret(octets: &[u8], bits: u32) -> Result<Zeroizing<BoxedUint>, KeyError> {
    BoxedUint::from_be_slice(octets, bits).map(Zeroizing::new).map_err(|_| wrong())
}

fn uint(octets: &[u8]) -> Result<UintRef<'_>, KeyError> {
    UintRef::new(octets).map_err(|_| wrong())
}

fn wrong() -> KeyError {
    KeyError::Malformed("numbers of a private key".to_owned())
}
