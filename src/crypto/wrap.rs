//! Key wrap by algorithm: AES (RFC 3394), and for reading Triple-DES (RFC 3217); the wrap of passwords (RFC 3211). All
//! failures of unwrapping are the same.

use subtle::{ConstantTimeEq, ConstantTimeGreater};
use zeroize::Zeroizing;

use super::algorithm::KeyWrapAlgorithm;
use super::{ContentCipher, ContentKey, HashAlgorithm, KeyError, Provider, Secret, Undecryptable};

type Octets = Zeroizing<Vec<u8>>;

/// The longest that RFC 3211 makes: a count of one octet (R-A13).
const WRAPPED_MOST: usize = 272;
/// A Triple-DES key, a check value and an initialization vector.
const WRAPPED_TRIPLE_DES: usize = 40;
/// The shortest key (RFC 3211 §2.3.2): 40 bits.
const KEY_LEAST: u8 = 5;
/// The outer initialization vector of RFC 3217 §3.1.
const OUTER_IV: [u8; 8] = [0x4a, 0xdd, 0xa2, 0x2c, 0x79, 0xe8, 0x21, 0x05];

/// Wraps a key. Triple-DES is not written.
pub(crate) fn wrap(
    provider: &Provider,
    algorithm: KeyWrapAlgorithm,
    outer: &[u8],
    key: &[u8],
) -> Result<Vec<u8>, KeyError> {
    match algorithm {
        KeyWrapAlgorithm::TripleDes => {
            Err(KeyError::Unsupported("this key wrap, but for reading".to_owned()))
        }
        _ if outer.len() != algorithm.key_length() => {
            Err(KeyError::Malformed("length of the key that wraps".to_owned()))
        }
        _ => provider.wrap(outer, key),
    }
}

/// The way back.
pub(crate) fn unwrap(
    provider: &Provider,
    algorithm: KeyWrapAlgorithm,
    outer: &[u8],
    wrapped: &[u8],
) -> Result<Secret, Undecryptable> {
    if outer.len() != algorithm.key_length() {
        return Err(Undecryptable);
    }
    match algorithm {
        KeyWrapAlgorithm::TripleDes => triple_des(provider, outer, wrapped),
        _ => provider.unwrap(outer, wrapped),
    }
}

fn secret(octets: &[u8]) -> Secret {
    octets.to_vec().into()
}

/// RFC 3217 §3.2: decrypts, turns round, decrypts again, and checks the first octets of a SHA-1 digest.
fn triple_des(provider: &Provider, outer: &[u8], wrapped: &[u8]) -> Result<Secret, Undecryptable> {
    let cipher = ContentCipher::TripleDesCbc;
    if wrapped.len() != WRAPPED_TRIPLE_DES {
        return Err(Undecryptable);
    }
    let mut turned = decrypt_blocks(provider, cipher, outer, &OUTER_IV, wrapped)?;
    turned.reverse();
    let (iv, inner) = turned.split_at_checked(8).ok_or(Undecryptable)?;
    let opened = decrypt_blocks(provider, cipher, outer, iv, inner)?;
    let (key, check) = opened.split_at_checked(24).ok_or(Undecryptable)?;
    let digest = Zeroizing::new(provider.hash(HashAlgorithm::Sha1, key).ok_or(Undecryptable)?);
    match bool::from(digest.get(..8).ok_or(Undecryptable)?.ct_eq(check)) {
        true => Ok(secret(key)),
        false => Err(Undecryptable),
    }
}

/// CBC without padding: the last block stays in the cipher for the padding it could have, so one more is given to it.
fn decrypt_blocks(
    provider: &Provider,
    cipher: ContentCipher,
    key: &[u8],
    iv: &[u8],
    octets: &[u8],
) -> Result<Octets, Undecryptable> {
    let key = ContentKey::unwrapped(Zeroizing::new(key.to_vec()));
    let mut decryption = provider.decrypt(cipher, &key, iv, &[]).ok_or(Undecryptable)??;
    let mut out = Zeroizing::new(Vec::with_capacity(octets.len() + 2 * iv.len()));
    decryption.update(octets, &mut out)?;
    decryption.update(iv, &mut out)?;
    if out.len() == octets.len() { Ok(out) } else { Err(Undecryptable) }
}

/// id-alg-PWRI-KEK (RFC 3211 §2.3.1) with a CBC cipher: a count, three octets to check by, the key, filling; encrypted
/// twice in one go.
pub(crate) fn password_wrap(
    provider: &Provider,
    cipher: ContentCipher,
    outer: &[u8],
    iv: &[u8],
    key: &[u8],
) -> Result<Vec<u8>, KeyError> {
    let wrong = || KeyError::Malformed("a key of that length is not wrapped".to_owned());
    let count = u8::try_from(key.len()).ok().filter(|count| *count >= KEY_LEAST).ok_or_else(wrong)?;
    if cipher.is_authenticated() {
        return Err(KeyError::Unsupported(format!("wrapping with {cipher}")));
    }
    let block = cipher.nonce_length();
    let length = (key.len() + 4).next_multiple_of(block).max(2 * block);
    let mut formatted = Zeroizing::new(vec![0; length]);
    provider.random.fill(&mut formatted)?;
    let content =
        std::iter::once(count).chain(key.iter().take(3).map(|octet| !octet)).chain(key.iter().copied());
    formatted.iter_mut().zip(content).for_each(|(to, from)| *to = from);

    let outer = ContentKey::unwrapped(Zeroizing::new(outer.to_vec()));
    let mut encryption = provider.encrypt(cipher, &outer, iv, &[])?;
    let (mut once, mut twice) = (Vec::with_capacity(length), Vec::with_capacity(length));
    encryption.update(&formatted, &mut once)?;
    encryption.update(&once, &mut twice)?;
    if twice.len() == length { Ok(twice) } else { Err(wrong()) }
}

/// The way back (RFC 3211 §2.3.2).
pub(crate) fn password_unwrap(
    provider: &Provider,
    cipher: ContentCipher,
    outer: &[u8],
    iv: &[u8],
    wrapped: &[u8],
) -> Result<Secret, Undecryptable> {
    let block = cipher.nonce_length();
    if cipher.is_authenticated()
        || !(2 * block..=WRAPPED_MOST).contains(&wrapped.len())
        || !wrapped.len().is_multiple_of(block)
    {
        return Err(Undecryptable);
    }
    // The last block of the first encryption was the initialization vector of the second.
    let (rest, last) = wrapped.split_at_checked(wrapped.len() - block).ok_or(Undecryptable)?;
    let (_, before) = rest.split_at_checked(rest.len().saturating_sub(block)).ok_or(Undecryptable)?;
    let last = decrypt_blocks(provider, cipher, outer, before, last)?;
    let mut once = decrypt_blocks(provider, cipher, outer, &last, rest)?;
    once.extend_from_slice(&last);
    let formatted = decrypt_blocks(provider, cipher, outer, iv, &once)?;

    let (head, content) = formatted.split_first_chunk::<4>().ok_or(Undecryptable)?;
    let [count, check @ ..] = head;
    let first = content.first_chunk::<3>().ok_or(Undecryptable)?;
    let most = u8::try_from(content.len().min(255)).map_err(|_| Undecryptable)?;
    let good = !count.ct_gt(&most) & count.ct_gt(&(KEY_LEAST - 1)) & check.ct_eq(&first.map(|octet| !octet));
    let key = content.get(..usize::from(*count)).filter(|_| bool::from(good)).ok_or(Undecryptable)?;
    Ok(secret(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::kdf::pbkdf2;
    use crate::crypto::tests::{hex, providers};

    /// RFC 3211 §3, the second example: Triple DES, a key of 32 octets.
    #[test]
    fn r_a13_password_unwrap_of_rfc_3211() {
        let phrase = b"All n-entities must communicate with other n-entities via n-1 entiteeheehees";
        let outer = pbkdf2(HashAlgorithm::Sha1, phrase, &hex("1234567878563412"), 500, 24).unwrap();
        assert_eq!(**outer, hex("6a8970bf68c92caea84a8df28510858607126380cc47ab2d"));
        let wrapped = hex("c03c514abdb9e2c5aac038572b5e24553876b377aafb82eca5a9d73f8ab143d9ec74e6cad7db260c");
        let iv = hex("baf1ca7931213c4e");
        let cipher = ContentCipher::TripleDesCbc;
        for provider in providers() {
            let key = password_unwrap(&provider, cipher, &outer, &iv, &wrapped).unwrap();
            assert_eq!(key.expose(), hex("8c637d887223a2f965b566eb014b0fa5d52300a3f7ea40fffc577203c71baf3b"));
            assert!(password_wrap(&provider, cipher, &outer, &iv, &[1; 32]).is_err(), "not written");
        }
    }

    #[test]
    fn r_a13_password_wrap_of_every_length() {
        let (outer, iv, cipher) = ([3; 32], [4; 16], ContentCipher::Aes256Cbc);
        for provider in providers() {
            for length in 0..=300_usize {
                let key: Vec<u8> = (0..length).map(|index| u8::try_from(index % 256).unwrap()).collect();
                let wrapped = password_wrap(&provider, cipher, &outer, &iv, &key);
                assert_eq!(wrapped.is_ok(), (5..=255).contains(&length), "{length}");
                let Ok(wrapped) = wrapped else { continue };
                let back = password_unwrap(&provider, cipher, &outer, &iv, &wrapped).unwrap();
                assert_eq!(back.expose(), key);
            }
            for length in 0..=1024 {
                let result = password_unwrap(&provider, cipher, &outer, &iv, &vec![0x5a; length]);
                assert!(result.is_err(), "{length}");
            }
            let gcm = ContentCipher::Aes256Gcm;
            assert!(password_wrap(&provider, gcm, &outer, &[4; 12], &[1; 32]).is_err());
            assert!(password_unwrap(&provider, gcm, &outer, &[4; 12], &[1; 48]).is_err());
        }
    }

    /// Formatted blocks that are wrong in one thing, wrapped by hand.
    #[test]
    fn r_a13_counts_and_check_octets() {
        let (outer, iv, cipher) = ([3; 32], [4; 16], ContentCipher::Aes256Cbc);
        let provider = providers()[0];
        let by_hand = |formatted: &[u8]| {
            let key = ContentKey::unwrapped(outer.to_vec().into());
            let mut encryption = provider.encrypt(cipher, &key, &iv, &[]).unwrap();
            let (mut once, mut twice) = (Vec::new(), Vec::new());
            encryption.update(formatted, &mut once).unwrap();
            encryption.update(&once, &mut twice).unwrap();
            password_unwrap(&provider, cipher, &outer, &iv, &twice).map(|key| key.expose().len()).ok()
        };
        let formatted = |count: u8| [&[count, 0xfe, 0xfd, 0xfc][..], &[1, 2, 3], &[9; 25]].concat();
        for count in 0..=255 {
            let expected = (5..=28).contains(&count).then_some(usize::from(count));
            assert_eq!(by_hand(&formatted(count)), expected, "{count}");
        }
        for bit in 8..32 {
            let mut bent = formatted(16);
            bent[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(by_hand(&bent), None);
        }
    }

    /// RFC 3217 §3.4.
    #[test]
    fn key_unwrap_of_rfc_3217() {
        let algorithm = KeyWrapAlgorithm::TripleDes;
        let outer = hex("255e0d1c07b646dfb3134cc843ba8aa71f025b7c0838251f");
        let wrapped = hex("690107618ef092b3b48ca1796b234ae9fa33ebb4159604037db5d6a84eb3aac2768c632775a467d4");
        let key = hex("2923bf85e06dd6ae529149f1f1bae9eab3a7da3d860d3e98");
        for provider in providers() {
            let back = unwrap(&provider, algorithm, &outer, &wrapped).unwrap();
            assert_eq!(back.expose(), key);
            assert!(wrap(&provider, algorithm, &outer, &key).is_err(), "not written");
            for octet in 0..wrapped.len() {
                let mut bent = wrapped.clone();
                bent[octet] ^= 1;
                assert!(unwrap(&provider, algorithm, &outer, &bent).is_err());
            }
            for length in (0..=1024).filter(|length| *length != wrapped.len()) {
                let other: Vec<u8> = wrapped.iter().copied().cycle().take(length).collect();
                assert!(unwrap(&provider, algorithm, &outer, &other).is_err(), "R-A13 {length}");
            }
            assert!(unwrap(&provider, algorithm, &outer[1..], &wrapped).is_err());
        }
        for provider in providers() {
            let wrapped = wrap(&provider, KeyWrapAlgorithm::Aes192, &[1; 24], &[2; 16]).unwrap();
            let back = unwrap(&provider, KeyWrapAlgorithm::Aes192, &[1; 24], &wrapped).unwrap();
            assert_eq!(back.expose(), [2; 16]);
            assert!(unwrap(&provider, KeyWrapAlgorithm::Aes128, &[1; 24], &wrapped).is_err());
            assert!(wrap(&provider, KeyWrapAlgorithm::Aes128, &[1; 24], &[2; 16]).is_err());
        }
    }
}
