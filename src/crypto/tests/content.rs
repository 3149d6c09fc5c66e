use super::{Fixed, providers};
use crate::crypto::{ContentCipher, ContentKey, KeyError, Provider, SecureRandom, Undecryptable};

struct Case {
    cipher: ContentCipher,
    key: ContentKey,
    nonce: Vec<u8>,
    associated: &'static [u8],
}

impl Case {
    fn new(cipher: ContentCipher) -> Self {
        let associated: &[u8] = if cipher.is_authenticated() { b"1 what stands beside it" } else { b"" };
        let key = ContentKey::random(cipher, &Fixed(7)).unwrap();
        Self { cipher, key, nonce: vec![9; cipher.nonce_length()], associated }
    }

    fn encrypt(&self, provider: &Provider, content: &[u8], piece: usize) -> (Vec<u8>, Vec<u8>) {
        let mut encryption = provider.encrypt(self.cipher, &self.key, &self.nonce, self.associated).unwrap();
        let mut out = b"before".to_vec();
        for piece in content.chunks(piece) {
            encryption.update(piece, &mut out).unwrap();
        }
        let tag = encryption.finish(&mut out).unwrap();
        assert!(out.starts_with(b"before"));
        (out.split_off(6), tag)
    }

    fn decrypt(
        &self,
        provider: &Provider,
        ciphertext: &[u8],
        tag: &[u8],
        piece: usize,
    ) -> Result<Vec<u8>, Undecryptable> {
        let mut decryption =
            provider.decrypt(self.cipher, &self.key, &self.nonce, self.associated).unwrap()?;
        let mut out = b"before".to_vec();
        for piece in ciphertext.chunks(piece) {
            decryption.update(piece, &mut out)?;
        }
        decryption.finish(tag, &mut out)?;
        assert!(out.starts_with(b"before"));
        Ok(out.split_off(6))
    }
}

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|index| u8::try_from(index % 251).unwrap()).collect()
}

#[test]
fn pieces_of_any_size_are_one_content() {
    for cipher in ContentCipher::WRITTEN {
        let case = Case::new(cipher);
        for length in (0..70).chain([255, 256, 1000, 40_000]) {
            let content = content(length);
            let whole = case.encrypt(&providers()[0], &content, usize::MAX);
            let expected = if cipher.is_authenticated() { length } else { (length / 16 + 1) * 16 };
            assert_eq!((whole.0.len(), whole.1.len()), (expected, cipher.tag_length()));
            for provider in providers() {
                for piece in if length == 256 { 1..=70 } else { 33..=34 } {
                    assert_eq!(case.encrypt(&provider, &content, piece), whole, "{cipher} {piece}");
                    let back = case.decrypt(&provider, &whole.0, &whole.1, piece);
                    assert_eq!(back.as_ref(), Ok(&content), "{cipher} {piece}");
                }
            }
        }
    }
}

#[test]
fn r_a2_every_flipped_bit_is_noticed() {
    for cipher in ContentCipher::WRITTEN.into_iter().filter(|cipher| cipher.is_authenticated()) {
        let case = Case::new(cipher);
        for provider in providers() {
            let (ciphertext, tag) = case.encrypt(&provider, &content(100), 100);
            for bit in 0..8 * ciphertext.len() {
                let mut other = ciphertext.clone();
                other[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(case.decrypt(&provider, &other, &tag, 50), Err(Undecryptable));
            }
            for bit in 0..8 * tag.len() {
                let mut other = tag.clone();
                other[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(case.decrypt(&provider, &ciphertext, &other, 50), Err(Undecryptable));
            }
            let mut elsewhere = Case::new(cipher);
            elsewhere.associated = b"2 what stands beside it";
            assert_eq!(elsewhere.decrypt(&provider, &ciphertext, &tag, 50), Err(Undecryptable));
            elsewhere = Case::new(cipher);
            elsewhere.nonce[11] ^= 1;
            assert_eq!(elsewhere.decrypt(&provider, &ciphertext, &tag, 50), Err(Undecryptable));
        }
    }
}

#[test]
fn r_a5_tags_and_nonces_of_every_other_length() {
    for cipher in ContentCipher::WRITTEN {
        for provider in providers() {
            let mut case = Case::new(cipher);
            let (ciphertext, tag) = case.encrypt(&provider, &content(100), 100);
            for length in 0..=64 {
                let cut: Vec<u8> = tag.iter().copied().chain([0; 64]).take(length).collect();
                let result = case.decrypt(&provider, &ciphertext, &cut, 50);
                assert_eq!(result.is_ok(), length == cipher.tag_length(), "{cipher} {length}");
            }
            for length in (0..=64).chain([65_536]) {
                case.nonce = vec![9; length];
                let right = length == cipher.nonce_length();
                let encryption = provider.encrypt(cipher, &case.key, &case.nonce, b"");
                assert!(right || matches!(encryption, Err(KeyError::Malformed(_))));
                assert_eq!(
                    case.decrypt(&provider, &ciphertext, &tag, 50).is_ok(),
                    right,
                    "{cipher} {length}"
                );
            }
            case = Case::new(cipher);
            for length in (0..=64).filter(|length| *length != cipher.key_length()) {
                case.key = ContentKey::unwrapped(vec![1; length].into());
                assert!(provider.encrypt(cipher, &case.key, &case.nonce, b"").is_err());
                assert_eq!(case.decrypt(&provider, &ciphertext, &tag, 50), Err(Undecryptable));
            }
        }
    }
}

/// The last block of every padding, right and wrong ones.
#[test]
fn r_a12_padding_of_cbc() {
    let case = Case::new(ContentCipher::Aes128Cbc);
    for provider in providers() {
        for (last, good) in [
            (&[1][..], true),
            (&[2, 2], true),
            (&[16; 16], true),
            (&[0], false),
            (&[17; 16], false),
            (&[255; 16], false),
            (&[1, 2], false),
            (&[3, 2, 3], false),
            (&[15, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16], false),
        ] {
            let block = [&vec![0x61; 16 - last.len()], last].concat();
            // Encrypted with a padding of its own, which is cut off again.
            let (mut ciphertext, tag) = case.encrypt(&provider, &block, 5);
            ciphertext.truncate(16);
            let back = case.decrypt(&provider, &ciphertext, &tag, 7);
            let expected = good.then(|| vec![0x61; 16 - last.len()]).ok_or(Undecryptable);
            assert_eq!(back, expected, "{last:?}");
        }
        let (ciphertext, tag) = case.encrypt(&provider, &content(48), 5);
        for length in 0..ciphertext.len() {
            if !length.is_multiple_of(16) || length == 0 {
                assert_eq!(case.decrypt(&provider, &ciphertext[..length], &tag, 7), Err(Undecryptable));
            }
        }
        assert_eq!(case.decrypt(&provider, &ciphertext, &[0], 7), Err(Undecryptable));
    }
}

#[test]
fn old_ciphers_are_read_only() {
    for provider in providers() {
        for cipher in [ContentCipher::TripleDesCbc, ContentCipher::Rc2Cbc { bits: 40 }] {
            let case = Case::new(cipher);
            assert!(provider.encrypt(cipher, &case.key, &case.nonce, b"").is_err());
        }
        // RFC 2268 §5: a key of 16 octets with 128 effective bits; the IV makes the padding.
        let mut case = Case::new(ContentCipher::Rc2Cbc { bits: 128 });
        let key =
            [0x88, 0xbc, 0xa9, 0x0e, 0x90, 0x87, 0x5a, 0x7f, 0x0f, 0x79, 0xc3, 0x84, 0x62, 0x7b, 0xaf, 0xb2];
        case.key = ContentKey::unwrapped(key.to_vec().into());
        case.nonce = vec![8; 8];
        let ciphertext = [0x22, 0x69, 0x55, 0x2a, 0xb0, 0xf8, 0x5c, 0xa6];
        assert_eq!(case.decrypt(&provider, &ciphertext, &[], 3), Ok(Vec::new()));
        let odd = Case::new(ContentCipher::Rc2Cbc { bits: 56 });
        assert!(provider.decrypt(odd.cipher, &odd.key, &odd.nonce, b"").is_none());
    }
}

/// Whatever fails, the random key stays; what never began is said.
#[test]
fn r_a10_a_random_key_in_place_of_errors() {
    use crate::crypto::Secret;
    for cipher in ContentCipher::WRITTEN {
        let random = || ContentKey::random(cipher, &Fixed(7)).unwrap();
        for length in 0..=64 {
            let key = random().replaced_by(Some(Ok(Secret::from(vec![1; length])))).unwrap();
            let held =
                if length == cipher.key_length() { vec![1; length] } else { random().expose().to_vec() };
            assert_eq!(key.expose(), held);
        }
        let errors = [
            KeyError::Malformed("padding".into()),
            KeyError::Unsupported("x".into()),
            KeyError::WrongPassword,
        ];
        for error in errors {
            assert_eq!(random().replaced_by(Some(Err(error))).unwrap().expose(), random().expose());
        }
        let away = KeyError::unavailable("token");
        assert_eq!(random().replaced_by(Some(Err(away.clone()))).unwrap_err(), away);
        assert!(matches!(random().replaced_by(None), Err(KeyError::Unsupported(_))));
    }
}

#[derive(Debug)]
struct Broken;

impl SecureRandom for Broken {
    fn fill(&self, _: &mut [u8]) -> Result<(), KeyError> {
        Err(KeyError::unavailable("broken"))
    }
}

#[test]
fn r_a15_no_key_without_randomness() {
    for cipher in ContentCipher::WRITTEN {
        assert!(matches!(ContentKey::random(cipher, &Broken), Err(KeyError::Unavailable(_))));
        let random = providers()[0].random;
        let (one, other) = (ContentKey::random(cipher, random), ContentKey::random(cipher, random));
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_eq!(one.expose().len(), cipher.key_length());
        assert_ne!(one.expose(), other.expose());
        assert_eq!(format!("{one:?}"), "ContentKey(..)");
    }
}
