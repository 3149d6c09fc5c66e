//! Public keys and signature values, as the provider takes them.

use sequoia_openpgp::crypto::mpi;
use sequoia_openpgp::packet::{Key, key};
use sequoia_openpgp::types as pgp;

use crate::crypto::{HashAlgorithm, KeyAlgorithm, PublicKey, SignatureAlgorithm, ToSign, ecdsa};
use crate::error::KeyError;

/// The key as the provider takes it; an error for those that do not sign or are not known.
pub(super) fn public_key<P: key::KeyParts, R: key::KeyRole>(key: &Key<P, R>) -> Result<PublicKey, KeyError> {
    let unsupported = || KeyError::Unsupported(format!("OpenPGP {}", key.pk_algo()));
    #[allow(deprecated)]
    if key.pk_algo() == pgp::PublicKeyAlgorithm::RSAEncrypt {
        return Err(unsupported());
    }
    match key.mpis() {
        mpi::PublicKey::RSA { e, n } => PublicKey::rsa(n.value(), e.value()),
        mpi::PublicKey::ECDSA { curve, q } => {
            PublicKey::ec(super::names::curve(curve).ok_or_else(unsupported)?, q.value())
        }
        // The native point of RFC 9580 §11.2.2: 0x40 and the 32 octets.
        mpi::PublicKey::EdDSA { curve: pgp::Curve::Ed25519, q } => {
            let native = q.value().strip_prefix(&[0x40]).and_then(|point| point.try_into().ok());
            PublicKey::ed25519(native.ok_or_else(|| KeyError::Malformed("not a native point".into()))?)
        }
        mpi::PublicKey::Ed25519 { a } => PublicKey::ed25519(a),
        mpi::PublicKey::Ed448 { a } => PublicKey::ed448(a),
        _ => Err(unsupported()),
    }
}

/// The algorithm and the octets of a signature value; `None` where they do not belong to that kind of key.
pub(super) fn signature_value(
    value: &mpi::Signature,
    key: &PublicKey,
    hash: HashAlgorithm,
) -> Option<(SignatureAlgorithm, Vec<u8>)> {
    match (value, key.algorithm()) {
        (mpi::Signature::RSA { s }, KeyAlgorithm::Rsa { bits, .. }) => {
            Some((SignatureAlgorithm::RsaPkcs1(hash), s.value_padded(bits.div_ceil(8)).ok()?.into_owned()))
        }
        (mpi::Signature::ECDSA { r, s }, KeyAlgorithm::Ec(_)) => {
            Some((SignatureAlgorithm::Ecdsa(hash), ecdsa::to_der(r.value(), s.value())?))
        }
        // Native octet strings, which the MPI format strips of leading zeros (RFC 9580 §5.2.3.3).
        (mpi::Signature::EdDSA { r, s }, KeyAlgorithm::Ed25519) => {
            let octets = [r.value_padded(32).ok()?, s.value_padded(32).ok()?].concat();
            Some((SignatureAlgorithm::Ed25519, octets))
        }
        (mpi::Signature::Ed25519 { s }, KeyAlgorithm::Ed25519) => {
            Some((SignatureAlgorithm::Ed25519, s.to_vec()))
        }
        (mpi::Signature::Ed448 { s }, KeyAlgorithm::Ed448) => Some((SignatureAlgorithm::Ed448, s.to_vec())),
        _ => None,
    }
}

/// What the key signed: the digest, as the message where the algorithm hashes by itself (RFC 9580 §5.2.4).
pub(super) fn to_sign<'a>(key: &PublicKey, hash: HashAlgorithm, digest: &'a [u8]) -> ToSign<'a> {
    match key.algorithm() {
        KeyAlgorithm::Ed25519 | KeyAlgorithm::Ed448 => ToSign::Message(digest),
        _ => ToSign::Digest { algorithm: hash, value: digest },
    }
}

/// The signature value of RFC 9580 §5.2.3 for octets that a private key made.
pub(super) fn value_of(algorithm: pgp::PublicKeyAlgorithm, octets: &[u8]) -> Option<mpi::Signature> {
    use pgp::PublicKeyAlgorithm as Pk;
    let halves = || octets.split_at_checked(32).filter(|(_, s)| s.len() == 32);
    #[allow(deprecated)]
    Some(match algorithm {
        Pk::RSAEncryptSign | Pk::RSASign => mpi::Signature::RSA { s: mpi::MPI::new(octets) },
        Pk::ECDSA => {
            let (r, s) = ecdsa::from_der(octets)?;
            mpi::Signature::ECDSA { r: mpi::MPI::new(&r), s: mpi::MPI::new(&s) }
        }
        Pk::EdDSA => {
            let (r, s) = halves()?;
            mpi::Signature::EdDSA { r: mpi::MPI::new(r), s: mpi::MPI::new(s) }
        }
        Pk::Ed25519 => mpi::Signature::Ed25519 { s: Box::new(octets.try_into().ok()?) },
        _ => return None,
    })
}
