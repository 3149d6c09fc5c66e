//! AES-GCM in pieces: AWS-LC's GHASH over a key stream of Rust's, each the faster one. The rest is as fast in Rust.

use aes_kw::KeyInit as _;
use aws_lc_rs::aead::{AES_128_GCM, AES_192_GCM, AES_256_GCM};
use cbc::cipher::{BlockCipherEncrypt, KeyIvInit};
use ctr::Ctr32BE;

use super::AwsLc;
use super::ghash::{MASKED, PiecewiseGhash};
use crate::crypto::backend::content::{gcm, gcm_counter};
use crate::crypto::backend::portable::Rust;
use crate::crypto::{
    Cipher, ContentCipher, ContentDecryption, ContentEncryption, ContentKey, KeyError, Undecryptable,
};

/// Starts it, boxed as the caller wants it.
macro_rules! start {
    ($boxed:ty, $aes:ty, $algorithm:expr, $key:expr, $nonce:expr, $associated:expr) => {
        (|| {
            let aes = <$aes>::new_from_slice($key).ok()?;
            let (mut hash_key, mut mask) = (aes::Block::default(), aes::Block::from(MASKED));
            aes.encrypt_block(&mut hash_key);
            aes.encrypt_block(&mut mask);
            let mac = PiecewiseGhash::new($algorithm, $key, hash_key.into(), mask.into())?;
            let stream = Ctr32BE::<$aes>::new_from_slices($key, &gcm_counter($nonce)?).ok()?;
            let boxed: $boxed = Box::new(gcm(mac, Rust(stream), $associated)?);
            Some(boxed)
        })()
    };
}

macro_rules! gcm_of {
    ($boxed:ty, $cipher:expr, $key:expr, $nonce:expr, $associated:expr) => {
        match $cipher {
            ContentCipher::Aes128Gcm => start!($boxed, aes::Aes128, &AES_128_GCM, $key, $nonce, $associated),
            ContentCipher::Aes192Gcm => start!($boxed, aes::Aes192, &AES_192_GCM, $key, $nonce, $associated),
            ContentCipher::Aes256Gcm => start!($boxed, aes::Aes256, &AES_256_GCM, $key, $nonce, $associated),
            _ => return None,
        }
    };
}

impl Cipher for AwsLc {
    fn encrypt(
        &self,
        cipher: ContentCipher,
        key: &ContentKey,
        nonce: &[u8],
        associated: &[u8],
    ) -> Option<Result<Box<dyn ContentEncryption>, KeyError>> {
        let wrong = || KeyError::Malformed("a content key or nonce of the wrong length".to_owned());
        let gcm = gcm_of!(Box<dyn ContentEncryption>, cipher, key.expose(), nonce, associated);
        Some(gcm.ok_or_else(wrong))
    }

    fn decrypt(
        &self,
        cipher: ContentCipher,
        key: &ContentKey,
        nonce: &[u8],
        associated: &[u8],
    ) -> Option<Result<Box<dyn ContentDecryption>, Undecryptable>> {
        let gcm = gcm_of!(Box<dyn ContentDecryption>, cipher, key.expose(), nonce, associated);
        Some(gcm.ok_or(Undecryptable))
    }
}
