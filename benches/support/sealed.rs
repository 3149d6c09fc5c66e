//! Encrypted letters, and the arithmetic alone that each of them needs.

use std::hint::black_box;
use std::io;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{
    AES_256, DecryptionContext, EncryptionContext, StreamingDecryptingKey, StreamingEncryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{KeySize, Pkcs1PublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey};
use mailseal::crypto::ContentCipher;
use mailseal::{Certificate, CertificatePool, Composer, Context, Group, Key, Opener, TrustStore};

use super::AT;
use super::bare::hash;
use super::identity::{self, KeyType};

/// One way to encrypt.
pub(crate) struct Way {
    pub(crate) name: &'static str,
    pub(crate) size: usize,
    pub(crate) opens: bool,
    arithmetic: Arithmetic,
    composer: Composer,
    opener: Opener,
}

/// What nobody can do without.
enum Arithmetic {
    Gcm,
    Cbc,
    /// SHA-1 and CFB of encrypted data of version 1, SHA-256 of the signature.
    Openpgp,
    /// One operation with each of these, DER SubjectPublicKeyInfo: no recipient has the key of another.
    Rsa(Vec<Vec<u8>>),
}

impl Way {
    pub(crate) fn all(wanted: impl Fn(&str) -> bool) -> Vec<Self> {
        let one = identity::smime(KeyType::Rsa2048);
        let certificate = Certificate::load(&one.own).unwrap().remove(0);
        let smime = |cipher| {
            (Group::to(std::slice::from_ref(&certificate), AT).unwrap().cipher(cipher), one.key.clone(), None)
        };
        let hundred = || {
            let many: Vec<Certificate> = (0..RECIPIENTS)
                .map(|_| Certificate::load(&identity::smime(KeyType::Rsa2048).own).unwrap().remove(0))
                .collect();
            (Group::to(&many, AT).unwrap().cipher(ContentCipher::Aes256Gcm), one.key.clone(), None)
        };
        let openpgp = || {
            let one = identity::openpgp_version1();
            (Group::to(&Certificate::load(&one.own).unwrap(), AT).unwrap(), one.key, Some(one.own))
        };
        let rsa = || {
            let key = |_| {
                let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap().public_key();
                let der: PublicKeyX509Der<'_> = key.as_der().unwrap();
                der.as_ref().to_vec()
            };
            Arithmetic::Rsa((0..RECIPIENTS).map(key).collect())
        };
        let large = 10 << 20;
        let mut ways = Vec::new();
        let mut add = |name,
                       size,
                       opens,
                       made: &dyn Fn() -> (Group, Key, Option<Vec<u8>>),
                       arithmetic: &dyn Fn() -> Arithmetic| {
            if wanted(name) {
                // Whoever signs is known to who opens.
                let (group, key, signer) = made();
                let known = signer.iter().flat_map(|own| Certificate::load(own).unwrap());
                let known: CertificatePool = known.collect();
                let cx = Context::new(TrustStore::new()).certificates(known);
                let composer =
                    if signer.is_some() { Composer::new(&cx).sign(&key) } else { Composer::new(&cx) };
                let (composer, opener) = (composer.encrypt(&group), Opener::new(&cx).key(key));
                ways.push(Self { name, size, opens, arithmetic: arithmetic(), composer, opener });
            }
        };
        let gcm = || smime(ContentCipher::Aes256Gcm);
        let cbc = || smime(ContentCipher::Aes256Cbc);
        add("encrypt 10 MiB S/MIME AES-256-GCM", large, false, &gcm, &|| Arithmetic::Gcm);
        add("decrypt 10 MiB S/MIME AES-256-GCM", large, true, &gcm, &|| Arithmetic::Gcm);
        add("encrypt 10 MiB S/MIME AES-256-CBC", large, false, &cbc, &|| Arithmetic::Cbc);
        add("decrypt 10 MiB S/MIME AES-256-CBC", large, true, &cbc, &|| Arithmetic::Cbc);
        add("encrypt 2 KiB S/MIME to 100 × RSA-2048", 2 << 10, false, &hundred, &rsa);
        add("sign + encrypt 10 MiB OpenPGP", large, false, &openpgp, &|| Arithmetic::Openpgp);
        add("decrypt + verify 10 MiB OpenPGP", large, true, &openpgp, &|| Arithmetic::Openpgp);
        ways
    }

    pub(crate) fn seal(&self, draft: &[u8], letter: &mut Vec<u8>) {
        letter.clear();
        self.composer.compose(draft, AT, letter).unwrap();
    }

    pub(crate) fn open(&self, letter: &[u8]) {
        let opened = self.opener.open(letter, AT).unwrap();
        assert!(opened.report.signatures().all(|one| one.integrity.holds()));
        opened.payload().unwrap().write(&mut io::sink()).unwrap();
    }

    /// The arithmetic alone, over content of the same size.
    pub(crate) fn bare(&self, content: &mut [u8], out: &mut Vec<u8>) {
        out.resize(content.len() + 32, 0);
        match &self.arithmetic {
            Arithmetic::Gcm => gcm(content, self.opens),
            Arithmetic::Cbc => stream(
                StreamingEncryptingKey::less_safe_cbc_pkcs7,
                StreamingDecryptingKey::cbc_pkcs7,
                content,
                out,
                self.opens,
            ),
            Arithmetic::Openpgp => {
                hash(&SHA1_FOR_LEGACY_USE_ONLY, content);
                hash(&SHA256, content);
                stream(
                    StreamingEncryptingKey::less_safe_cfb128,
                    StreamingDecryptingKey::cfb128,
                    content,
                    out,
                    self.opens,
                );
            }
            Arithmetic::Rsa(keys) => {
                let mut encrypted = [0; 256];
                for key in keys {
                    let key = PublicEncryptingKey::from_der(key).unwrap();
                    let key = Pkcs1PublicEncryptingKey::new(key).unwrap();
                    black_box(key.encrypt(&[7; 32], &mut encrypted).unwrap());
                }
            }
        }
    }
}

const RECIPIENTS: usize = 100;

/// What a tag costs is the same either way: opening is measured as sealing.
fn gcm(content: &mut [u8], _: bool) {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32]).unwrap());
    let nonce = Nonce::assume_unique_for_key([1; 12]);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::empty(), content).unwrap();
    black_box(tag.as_ref().len());
}

type Seal =
    fn(UnboundCipherKey, EncryptionContext) -> Result<StreamingEncryptingKey, aws_lc_rs::error::Unspecified>;
type Open =
    fn(UnboundCipherKey, DecryptionContext) -> Result<StreamingDecryptingKey, aws_lc_rs::error::Unspecified>;

fn stream(seal: Seal, open: Open, content: &[u8], out: &mut [u8], opens: bool) {
    let key = UnboundCipherKey::new(&AES_256, &[7; 32]).unwrap();
    let vector = FixedLength::from([1; 16]);
    match opens {
        true => black_box(
            open(key, DecryptionContext::Iv128(vector))
                .unwrap()
                .update(content, out)
                .unwrap()
                .written()
                .len(),
        ),
        false => black_box(
            seal(key, EncryptionContext::Iv128(vector))
                .unwrap()
                .update(content, out)
                .unwrap()
                .written()
                .len(),
        ),
    };
}
