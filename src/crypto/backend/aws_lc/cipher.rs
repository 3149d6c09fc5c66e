//! AES-GCM in pieces: AWS-LC's GHASH over a key stream of Rust's, each the faster one; AES-CBC, whose blocks are
//! encrypted one after the other, by AWS-LC. The rest is as fast in Rust.

use aes_kw::KeyInit as _;
use aws_lc_rs::aead::{AES_128_GCM, AES_192_GCM, AES_256_GCM};
use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, Algorithm, EncryptionContext, StreamingEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use cbc::cipher::BlockCipherEncrypt;

use super::AwsLc;
use super::ghash::{MASKED, PiecewiseGhash};
use crate::crypto::backend::content::gcm;
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
            let boxed: $boxed = Box::new(gcm(mac, aes, $nonce, $associated)?);
            Some(boxed)
        })()
    };
}

/// AES-CBC with the padding of RFC 5652 §6.3.
struct Cbc(StreamingEncryptingKey);

const BLOCK: usize = 16;

impl Cbc {
    fn new(algorithm: &'static Algorithm, key: &[u8], vector: &[u8]) -> Option<Self> {
        let key = UnboundCipherKey::new(algorithm, key).ok()?;
        let vector = FixedLength::from(<[u8; BLOCK]>::try_from(vector).ok()?);
        StreamingEncryptingKey::less_safe_cbc_pkcs7(key, EncryptionContext::Iv128(vector)).ok().map(Self)
    }
}

impl ContentEncryption for Cbc {
    fn update(&mut self, content: &[u8], out: &mut Vec<u8>) -> Result<(), KeyError> {
        let start = out.len();
        out.resize(start + content.len() + BLOCK, 0);
        let room = out.get_mut(start..).unwrap_or_default();
        let written = self.0.update(content, room).map_err(KeyError::unavailable)?.written().len();
        out.truncate(start + written);
        Ok(())
    }

    fn finish(self: Box<Self>, out: &mut Vec<u8>) -> Result<Vec<u8>, KeyError> {
        let mut last = [0; BLOCK];
        let (_, written) = self.0.finish(&mut last).map_err(KeyError::unavailable)?;
        out.extend_from_slice(written.written());
        Ok(Vec::new())
    }
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
        let cbc = |algorithm| {
            let cbc: Box<dyn ContentEncryption> = Box::new(Cbc::new(algorithm, key.expose(), nonce)?);
            Some(cbc)
        };
        let started = match cipher {
            ContentCipher::Aes128Cbc => cbc(&AES_128),
            ContentCipher::Aes192Cbc => cbc(&AES_192),
            ContentCipher::Aes256Cbc => cbc(&AES_256),
            _ => gcm_of!(Box<dyn ContentEncryption>, cipher, key.expose(), nonce, associated),
        };
        Some(started.ok_or_else(wrong))
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
