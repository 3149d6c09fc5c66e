//! AES-GCM in pieces: AWS-LC's counter mode under the MAC. The rest is as fast in Rust.

use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, Algorithm, EncryptionContext, StreamingEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;

use super::AwsLc;
use crate::crypto::backend::content::{Authenticated, Stream, gcm, gcm_counter};
use crate::crypto::{
    Cipher, ContentCipher, ContentDecryption, ContentEncryption, ContentKey, KeyError, Undecryptable,
};

impl Stream for StreamingEncryptingKey {
    fn apply(&mut self, octets: &[u8], out: &mut Vec<u8>) -> Result<(), Undecryptable> {
        let (start, end) = (out.len(), out.len() + octets.len());
        // AWS-LC asks for room for a block more.
        out.resize(end + 16, 0);
        let done = self.update(octets, out.get_mut(start..).unwrap_or_default());
        let whole = done.is_ok_and(|done| done.written().len() == octets.len());
        out.truncate(end);
        if whole { Ok(()) } else { Err(Undecryptable) }
    }
}

fn counter_mode(
    algorithm: &'static Algorithm,
    key: &[u8],
    counter: [u8; 16],
) -> Option<StreamingEncryptingKey> {
    let key = UnboundCipherKey::new(algorithm, key).ok()?;
    StreamingEncryptingKey::less_safe_ctr(key, EncryptionContext::Iv128(FixedLength::from(counter))).ok()
}

type Gcm = Authenticated<StreamingEncryptingKey, ghash::GHash>;

fn start(algorithm: &'static Algorithm, key: &[u8], nonce: &[u8], associated: &[u8]) -> Option<Gcm> {
    let mut hash_key = Vec::with_capacity(32);
    counter_mode(algorithm, key, [0; 16])?.apply(&[0; 16], &mut hash_key).ok()?;
    let stream = counter_mode(algorithm, key, gcm_counter(nonce)?)?;
    gcm(hash_key.as_slice().try_into().ok()?, stream, associated)
}

fn aes(cipher: ContentCipher) -> Option<&'static Algorithm> {
    match cipher {
        ContentCipher::Aes128Gcm => Some(&AES_128),
        ContentCipher::Aes192Gcm => Some(&AES_192),
        ContentCipher::Aes256Gcm => Some(&AES_256),
        _ => None,
    }
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
        let gcm = start(aes(cipher)?, key.expose(), nonce, associated);
        Some(match gcm {
            Some(gcm) => Ok(Box::new(gcm)),
            None => Err(wrong()),
        })
    }

    fn decrypt(
        &self,
        cipher: ContentCipher,
        key: &ContentKey,
        nonce: &[u8],
        associated: &[u8],
    ) -> Option<Result<Box<dyn ContentDecryption>, Undecryptable>> {
        let gcm = start(aes(cipher)?, key.expose(), nonce, associated);
        Some(match gcm {
            Some(gcm) => Ok(Box::new(gcm)),
            None => Err(Undecryptable),
        })
    }
}
