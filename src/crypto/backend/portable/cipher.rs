//! Content ciphers and key wrap in Rust. AES, ChaCha20 and the MACs take constant time; Triple DES and RC2 read tables.

use aes_kw::KeyInit as _;
use cbc::cipher::{BlockCipherEncrypt, InnerIvInit, KeyIvInit, StreamCipher};
use chacha20::ChaCha20;
use ghash::GHash;
use poly1305::Poly1305;
use zeroize::Zeroizing;

use super::Portable;
use crate::crypto::backend::content::gcm;
use crate::crypto::backend::content::{Authenticated, Last, Stream, cbc::Decrypting, cbc::Encrypting};
use crate::crypto::{
    Cipher, ContentCipher, ContentDecryption, ContentEncryption, ContentKey, KeyError, KeyWrap, Secret,
    Undecryptable,
};

struct Rust<T>(T);

impl<T: StreamCipher + Send> Stream for Rust<T> {
    fn apply(&mut self, octets: &[u8], out: &mut Vec<u8>) -> Result<(), Undecryptable> {
        let start = out.len();
        out.extend_from_slice(octets);
        self.0.try_apply_keystream(out.get_mut(start..).unwrap_or_default()).map_err(|_| Undecryptable)
    }
}

impl Cipher for Portable {
    fn encrypt(
        &self,
        cipher: ContentCipher,
        key: &ContentKey,
        nonce: &[u8],
        associated: &[u8],
    ) -> Option<Result<Box<dyn ContentEncryption>, KeyError>> {
        (!cipher.is_weak()).then(|| {
            encryption(cipher, key.expose(), nonce, associated)
                .ok_or_else(|| KeyError::Malformed("a content key or nonce of the wrong length".to_owned()))
        })
    }

    fn decrypt(
        &self,
        cipher: ContentCipher,
        key: &ContentKey,
        nonce: &[u8],
        associated: &[u8],
    ) -> Option<Result<Box<dyn ContentDecryption>, Undecryptable>> {
        let known = !matches!(cipher, ContentCipher::Rc2Cbc { bits } if ![40, 64, 128].contains(&bits));
        known.then(|| decryption(cipher, key.expose(), nonce, associated).ok_or(Undecryptable))
    }
}

macro_rules! gcm {
    ($aes:ty, $key:expr, $nonce:expr, $associated:expr) => {{
        let mut hash_key = aes::Block::default();
        let aes = <$aes as aes_kw::KeyInit>::new_from_slice($key).ok()?;
        aes.encrypt_block(&mut hash_key);
        Box::new(gcm(GHash::new(&hash_key), aes, $nonce, $associated)?)
    }};
}

/// RFC 8439 §2.8: the first block of the stream is the key of the MAC.
fn chacha20(key: &[u8], nonce: &[u8], associated: &[u8]) -> Option<Authenticated<Rust<ChaCha20>, Poly1305>> {
    let mut stream = ChaCha20::new_from_slices(key, nonce).ok()?;
    let mut first = Zeroizing::new([0; 64]);
    stream.try_apply_keystream(&mut *first).ok()?;
    let hash = Poly1305::new_from_slice(first.get(..32)?).ok()?;
    Authenticated::new(Rust(stream), hash, Last::Poly1305, associated)
}

fn encryption(
    cipher: ContentCipher,
    key: &[u8],
    nonce: &[u8],
    associated: &[u8],
) -> Option<Box<dyn ContentEncryption>> {
    macro_rules! cbc {
        ($cipher:ty) => {
            Box::new(Encrypting::new(cbc::Encryptor::<$cipher>::new_from_slices(key, nonce).ok()?))
        };
    }
    Some(match cipher {
        ContentCipher::Aes128Gcm => gcm!(aes::Aes128, key, nonce, associated),
        ContentCipher::Aes192Gcm => gcm!(aes::Aes192, key, nonce, associated),
        ContentCipher::Aes256Gcm => gcm!(aes::Aes256, key, nonce, associated),
        ContentCipher::ChaCha20Poly1305 => Box::new(chacha20(key, nonce, associated)?),
        ContentCipher::Aes128Cbc => cbc!(aes::Aes128),
        ContentCipher::Aes192Cbc => cbc!(aes::Aes192),
        ContentCipher::Aes256Cbc => cbc!(aes::Aes256),
        ContentCipher::TripleDesCbc | ContentCipher::Rc2Cbc { .. } => return None,
    })
}

fn decryption(
    cipher: ContentCipher,
    key: &[u8],
    nonce: &[u8],
    associated: &[u8],
) -> Option<Box<dyn ContentDecryption>> {
    macro_rules! cbc {
        ($cipher:ty) => {
            Box::new(Decrypting::new(cbc::Decryptor::<$cipher>::new_from_slices(key, nonce).ok()?))
        };
    }
    Some(match cipher {
        ContentCipher::Aes128Gcm => gcm!(aes::Aes128, key, nonce, associated),
        ContentCipher::Aes192Gcm => gcm!(aes::Aes192, key, nonce, associated),
        ContentCipher::Aes256Gcm => gcm!(aes::Aes256, key, nonce, associated),
        ContentCipher::ChaCha20Poly1305 => Box::new(chacha20(key, nonce, associated)?),
        ContentCipher::Aes128Cbc => cbc!(aes::Aes128),
        ContentCipher::Aes192Cbc => cbc!(aes::Aes192),
        ContentCipher::Aes256Cbc => cbc!(aes::Aes256),
        ContentCipher::TripleDesCbc => cbc!(des::TdesEde3),
        ContentCipher::Rc2Cbc { bits } => {
            let key = Some(key).filter(|key| key.len() == cipher.key_length())?;
            let rc2 = rc2::Rc2::new_with_eff_key_len(key, usize::from(bits));
            Box::new(Decrypting::new(cbc::Decryptor::inner_iv_slice_init(rc2, nonce).ok()?))
        }
    })
}

/// The least that AES key wrap makes: two halves of a block and the check value (RFC 3394 §2).
const WRAPPED_LEAST: usize = 24;

impl KeyWrap for Portable {
    fn wrap(&self, outer: &[u8], key: &[u8]) -> Option<Result<Vec<u8>, KeyError>> {
        let wrong = || KeyError::Malformed("a key of that length is not wrapped".to_owned());
        let mut wrapped = vec![0; key.len().saturating_add(8)];
        let long_enough = wrapped.len() >= WRAPPED_LEAST;
        let done = match outer.len() {
            16 => aes_kw::KwAes128::new_from_slice(outer).map(|kw| kw.wrap_key(key, &mut wrapped).is_ok()),
            24 => aes_kw::KwAes192::new_from_slice(outer).map(|kw| kw.wrap_key(key, &mut wrapped).is_ok()),
            32 => aes_kw::KwAes256::new_from_slice(outer).map(|kw| kw.wrap_key(key, &mut wrapped).is_ok()),
            _ => return None,
        };
        Some(done.is_ok_and(|done| done && long_enough).then_some(wrapped).ok_or_else(wrong))
    }

    fn unwrap(&self, outer: &[u8], wrapped: &[u8]) -> Option<Result<Secret, Undecryptable>> {
        if ![16, 24, 32].contains(&outer.len()) {
            return None;
        }
        if wrapped.len() < WRAPPED_LEAST || !wrapped.len().is_multiple_of(8) {
            return Some(Err(Undecryptable));
        }
        let mut key = Zeroizing::new(vec![0; wrapped.len() - 8]);
        let done = match outer.len() {
            16 => aes_kw::KwAes128::new_from_slice(outer).map(|kw| kw.unwrap_key(wrapped, &mut key).is_ok()),
            24 => aes_kw::KwAes192::new_from_slice(outer).map(|kw| kw.unwrap_key(wrapped, &mut key).is_ok()),
            _ => aes_kw::KwAes256::new_from_slice(outer).map(|kw| kw.unwrap_key(wrapped, &mut key).is_ok()),
        };
        let secret = || Secret::from(std::mem::take(&mut *key));
        Some(done.is_ok_and(|done| done).then(secret).ok_or(Undecryptable))
    }
}
