//! Certificates made to order for tests, with signatures that cost nothing: a verifier of the tests checks them.

use std::path::PathBuf;
use std::sync::Arc;

use const_oid::ObjectIdentifier;

use crate::crypto::{
    Digest, HashAlgorithm, KeyError, KeyLoader, Provider, PublicKey, SecureRandom, SignatureAlgorithm,
    SignatureScheme, SigningKey, ToSign, Verifier, VerifyError, sha256,
};
use crate::x509::Certificate;
use crate::x509::der_reader::{
    BIT_STRING, BOOLEAN, GENERALIZED_TIME, INTEGER, OCTET_STRING, OID, SEQUENCE, SET, UTF8_STRING,
    constructed, context, encode,
};
use crate::x509::oid;

/// A certificate to be. Keys are known by a word.
#[derive(Clone)]
pub(crate) struct Make {
    pub(crate) subject: String,
    pub(crate) key: String,
    pub(crate) validity: (&'static str, &'static str),
    pub(crate) version: u8,
    pub(crate) extensions: Vec<(ObjectIdentifier, bool, Vec<u8>)>,
    pub(crate) email_in_subject: Option<String>,
}

pub(crate) fn make(subject: &str) -> Make {
    Make {
        subject: subject.to_owned(),
        key: subject.to_owned(),
        validity: ("20200101000000Z", "20300101000000Z"),
        version: 3,
        extensions: Vec::new(),
        email_in_subject: None,
    }
}

impl Make {
    pub(crate) fn with(mut self, id: ObjectIdentifier, critical: bool, value: Vec<u8>) -> Self {
        self.extensions.push((id, critical, value));
        self
    }

    pub(crate) fn ca(self, path_len: Option<u8>) -> Self {
        let path_len = path_len.map(|most| encode(INTEGER, &[&[most]])).unwrap_or_default();
        self.with(oid::BASIC_CONSTRAINTS, true, encode(SEQUENCE, &[&encode(BOOLEAN, &[&[0xff]]), &path_len]))
            .key_usage(0x06)
    }

    pub(crate) fn key_usage(mut self, bits: u8) -> Self {
        self.extensions.retain(|(id, ..)| *id != oid::KEY_USAGE);
        self.with(oid::KEY_USAGE, true, encode(BIT_STRING, &[&[0, bits]]))
    }

    pub(crate) fn ext_key_usage(self, purpose: &str) -> Self {
        let purpose = encode(OID, &[ObjectIdentifier::new_unwrap(purpose).as_bytes()]);
        self.with(oid::EXT_KEY_USAGE, false, encode(SEQUENCE, &[&purpose]))
    }

    pub(crate) fn mailbox(self, mailbox: &str) -> Self {
        self.with(
            oid::SUBJECT_ALT_NAME,
            false,
            encode(SEQUENCE, &[&encode(context(1), &[mailbox.as_bytes()])]),
        )
    }

    pub(crate) fn permit(self, base: Vec<u8>) -> Self {
        let list = encode(constructed(0), &[&encode(SEQUENCE, &[&base])]);
        self.with(oid::NAME_CONSTRAINTS, true, encode(SEQUENCE, &[&list]))
    }

    pub(crate) fn valid(mut self, from: &'static str, to: &'static str) -> Self {
        self.validity = (from, to);
        self
    }

    pub(crate) fn signed_by(&self, issuer: &str) -> Certificate {
        self.signed_with(issuer, issuer)
    }

    pub(crate) fn signed_with(&self, issuer: &str, key: &str) -> Certificate {
        let tbs = self.tbs(issuer);
        Certificate::from_der(&assemble(&tbs, &ed25519(), &sign(&spki(key), &tbs))).unwrap()
    }

    /// Signed by Ed25519 keys, for others to verify. Their words are seeds.
    pub(crate) fn really_signed_with(&self, issuer: &str, key: &str) -> Certificate {
        let tbs = self.tbs_of(issuer, real_key(&self.key).public().spki());
        let signature = real_key(key).sign(SignatureScheme::Ed25519, ToSign::Message(&tbs)).unwrap();
        Certificate::from_der(&assemble(&tbs, &ed25519(), &signature)).unwrap()
    }

    pub(crate) fn tbs(&self, issuer: &str) -> Vec<u8> {
        self.tbs_of(issuer, &spki(&self.key))
    }

    fn tbs_of(&self, issuer: &str, spki: &[u8]) -> Vec<u8> {
        let time = |text: &str| encode(GENERALIZED_TIME, &[text.as_bytes()]);
        let extensions: Vec<u8> = self.extensions.iter().flat_map(extension).collect();
        let extensions = encode(constructed(3), &[&encode(SEQUENCE, &[&extensions])]);
        encode(
            SEQUENCE,
            &[
                &encode(constructed(0), &[&encode(INTEGER, &[&[self.version - 1]])]),
                &encode(INTEGER, &[&[1], &sha256(self.subject.as_bytes())[..8]]),
                &ed25519(),
                &name(issuer, None),
                &encode(SEQUENCE, &[&time(self.validity.0), &time(self.validity.1)]),
                &name(&self.subject, self.email_in_subject.as_deref()),
                spki,
                if self.version == 3 { &extensions } else { &[] },
            ],
        )
    }
}

pub(crate) fn assemble(tbs: &[u8], algorithm: &[u8], signature: &[u8]) -> Vec<u8> {
    encode(SEQUENCE, &[tbs, algorithm, &encode(BIT_STRING, &[&[0], signature])])
}

pub(crate) fn sign(spki: &[u8], tbs: &[u8]) -> [u8; 32] {
    sha256(&[spki, tbs].concat())
}

/// PKCS#8 (RFC 8410 §7) around a seed made of a word.
fn real_key(word: &str) -> Arc<dyn SigningKey> {
    let seed = encode(OCTET_STRING, &[&sha256(word.as_bytes())]);
    let pkcs8 = encode(SEQUENCE, &[&encode(INTEGER, &[&[0]]), &ed25519(), &encode(OCTET_STRING, &[&seed])]);
    Provider::default().key_loader.signing_key(&pkcs8).unwrap()
}

pub(crate) fn spki(key: &str) -> Vec<u8> {
    encode(SEQUENCE, &[&ed25519(), &encode(BIT_STRING, &[&[0], &sha256(key.as_bytes())])])
}

pub(crate) fn ed25519() -> Vec<u8> {
    encode(SEQUENCE, &[&encode(OID, &[ObjectIdentifier::new_unwrap("1.3.101.112").as_bytes()])])
}

pub(crate) fn name(common: &str, email: Option<&str>) -> Vec<u8> {
    let attribute = |kind: ObjectIdentifier, tag: u8, value: &str| {
        let attribute =
            encode(SEQUENCE, &[&encode(OID, &[kind.as_bytes()]), &encode(tag, &[value.as_bytes()])]);
        encode(SET, &[&attribute])
    };
    let email = email.map(|email| attribute(oid::EMAIL_ADDRESS, 0x16, email)).unwrap_or_default();
    encode(SEQUENCE, &[&attribute(oid::COMMON_NAME, UTF8_STRING, common), &email])
}

fn extension((id, critical, value): &(ObjectIdentifier, bool, Vec<u8>)) -> Vec<u8> {
    let critical = if *critical { encode(BOOLEAN, &[&[0xff]]) } else { Vec::new() };
    encode(SEQUENCE, &[&encode(OID, &[id.as_bytes()]), &critical, &encode(OCTET_STRING, &[value])])
}

#[derive(Debug)]
struct Toy;

impl Verifier for Toy {
    fn verify(
        &self,
        _: SignatureAlgorithm,
        key: &PublicKey,
        input: ToSign<'_>,
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        let ToSign::Message(message) = input else { return Err(VerifyError::Unsupported) };
        if signature == sign(key.spki(), message) { Ok(()) } else { Err(VerifyError::BadSignature) }
    }
}

impl KeyLoader for Toy {
    fn signing_key(&self, _: &[u8]) -> Result<Arc<dyn SigningKey>, KeyError> {
        Err(KeyError::Unsupported("test".into()))
    }
}

impl SecureRandom for Toy {
    fn fill(&self, _: &mut [u8]) -> Result<(), KeyError> {
        Err(KeyError::Unsupported("test".into()))
    }
}

pub(crate) fn toy_provider() -> Provider {
    fn digest(_: HashAlgorithm) -> Option<Box<dyn Digest>> {
        None
    }
    Provider {
        name: "toy",
        digest,
        verifiers: &[&Toy],
        key_loader: &Toy,
        ciphers: &[],
        key_transports: &[],
        key_wraps: &[],
        random: &Toy,
    }
}

/// A folder of foreign test data; `None`, and a line that says so, where there is none.
pub(crate) fn corpora(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("MAILSEAL_CORPORA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"), PathBuf::from);
    let path = root.join(folder);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: no test data in {}", path.display());
    None
}

/// All files below a folder whose names end so.
pub(crate) fn files(folder: &std::path::Path, endings: &[&str]) -> Vec<PathBuf> {
    let (mut folders, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            let name = path.to_string_lossy().to_lowercase();
            if path.is_dir() {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
