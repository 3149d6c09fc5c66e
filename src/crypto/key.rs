//! Keys: public ones as they stand in certificates, private ones behind a trait.

use std::fmt;

use crate::crypto::HashAlgorithm;
use crate::crypto::algorithm::{KeyAlgorithm, SignatureScheme};
use crate::error::KeyError;

/// A public key: DER SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), read and checked for size and form.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicKey {
    pub(crate) spki: Vec<u8>,
    pub(crate) algorithm: KeyAlgorithm,
}

impl PublicKey {
    /// What kind of key it is, with its size.
    pub fn algorithm(&self) -> &KeyAlgorithm {
        &self.algorithm
    }

    /// The DER SubjectPublicKeyInfo.
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.algorithm)
    }
}

/// What a private key is given to sign.
///
/// RSA and ECDSA: a digest. Ed25519: the message itself, which is the digest in OpenPGP and the (small) signed
/// attributes in CMS.
#[derive(Debug, Clone, Copy)]
pub enum ToSign<'a> {
    /// A digest and what computed it.
    Digest {
        /// The hash algorithm.
        algorithm: HashAlgorithm,
        /// The digest, of the length of the algorithm.
        value: &'a [u8],
    },
    /// A short message, for algorithms that hash by themselves.
    Message(&'a [u8]),
}

/// A private key that signs: in memory, in a token, an agent, a KMS. For both protocols.
pub trait SigningKey: fmt::Debug + Send + Sync {
    /// The public half.
    fn public(&self) -> &PublicKey;

    /// What it can sign with, the preferred first.
    fn schemes(&self) -> &[SignatureScheme];

    /// Signs. RSA: the octets of RFC 8017; ECDSA: DER ECDSA-Sig-Value (RFC 3279 §2.2.3); Ed25519: the 64 octets of RFC 8032.
    fn sign(&self, scheme: SignatureScheme, input: ToSign<'_>) -> Result<Vec<u8>, KeyError>;
}
