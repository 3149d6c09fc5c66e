//! The arithmetic alone, straight from AWS-LC: what nobody can do without.

use std::cell::Cell;
use std::hint::black_box;

use aws_lc_rs::digest::{self, Algorithm};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    self as lc, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair, UnparsedPublicKey,
};

use super::identity::{KeyType, key_pair};

/// A key of some type and nothing around it.
pub(crate) struct Bare {
    pair: Pair,
    public: Vec<u8>,
    /// Of the next message.
    number: Cell<u64>,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Bare {
    pub(crate) fn new(key_type: KeyType) -> Self {
        let der = key_pair(key_type).serialize_der();
        let pair = match key_type {
            KeyType::Rsa2048 | KeyType::Rsa4096 => Pair::Rsa(Box::new(RsaKeyPair::from_pkcs8(&der).unwrap())),
            KeyType::P256 => {
                Pair::Ec(EcdsaKeyPair::from_pkcs8(&lc::ECDSA_P256_SHA256_ASN1_SIGNING, &der).unwrap())
            }
            KeyType::Ed25519 => Pair::Ed25519(Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).unwrap()),
        };
        let public = match &pair {
            Pair::Rsa(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Ec(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
        };
        Self { pair, public, number: Cell::new(0) }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&lc::RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
            Pair::Ec(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    pub(crate) fn verify(&self, (message, signature): &(Vec<u8>, Vec<u8>)) {
        let algorithm: &dyn lc::VerificationAlgorithm = match &self.pair {
            Pair::Rsa(_) => &lc::RSA_PKCS1_2048_8192_SHA256,
            Pair::Ec(_) => &lc::ECDSA_P256_SHA256_ASN1,
            Pair::Ed25519(_) => &lc::ED25519,
        };
        UnparsedPublicKey::new(algorithm, &self.public).verify(message, signature).unwrap();
    }

    /// Messages as short as signed attributes, no two alike.
    pub(crate) fn messages(&self, count: usize) -> Vec<Vec<u8>> {
        let message = |_| self.number.replace(self.number.get() + 1).to_be_bytes().repeat(32);
        (0..count).map(message).collect()
    }

    pub(crate) fn signed(&self, count: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.messages(count).into_iter().map(|message| (message.clone(), self.sign(&message))).collect()
    }
}

pub(crate) fn hash(algorithm: &'static Algorithm, octets: &[u8]) {
    black_box(digest::digest(algorithm, octets));
}
