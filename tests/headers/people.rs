//! The people of RFC 9216, and one with OpenPGP keys.

use std::fs;
use std::path::{Path, PathBuf};

use mailseal::{Certificate, Composer, Context, Group, Key, Opener, Password, Scope, TrustStore};

use crate::AT;
use crate::support::{corpora, tool};

const ALICE: &str = "alice@smime.example";

pub(crate) struct People {
    folder: PathBuf,
    pub(crate) openssl: PathBuf,
    pub(crate) cx: Context,
    pub(crate) alice: Key,
    pub(crate) bob: Key,
    pub(crate) to_bob: Vec<Certificate>,
}

impl People {
    pub(crate) fn get() -> Option<Self> {
        let (folder, openssl) = (corpora()?.join("rfc9216"), tool("openssl")?);
        let read = |name: &str| fs::read(folder.join(name)).unwrap();
        let root = read("3.1-rsa-certification-authority-root-certificate.certificate.pem");
        let certificate = |name: &str| Certificate::load(&read(name)).unwrap();
        let key = |private: &str, certificate: &[Certificate]| {
            Key::load_with(&read(private), certificate, Password::none()).unwrap()
        };
        let alice = certificate("4.1-alice-s-signature-verification-end-entity-certificate.certificate.pem");
        let to_bob = certificate("5.3-bob-s-encryption-end-entity-certificate.certificate.pem");
        let trust = TrustStore::new().anchors(&root, Scope::any()).unwrap();
        Some(Self {
            alice: key("4.2-alice-s-signing-private-key-material.private-key.pem", &alice),
            bob: key("5.4-bob-s-decryption-private-key-material.private-key.pem", &to_bob),
            cx: Context::new(trust),
            to_bob,
            openssl,
            folder,
        })
    }

    pub(crate) fn path(&self, start: &str) -> PathBuf {
        let mut files = fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path());
        let is = |path: &Path| path.file_name().unwrap().to_string_lossy().starts_with(start);
        files.find(|path| is(path)).unwrap()
    }

    pub(crate) fn opener(&self) -> Opener {
        Opener::new(&self.cx).key(self.bob.clone())
    }

    /// Signed by Alice, encrypted to Bob.
    pub(crate) fn composed(
        &self,
        draft: &str,
        how: impl FnOnce(Composer) -> Composer,
    ) -> Result<Vec<u8>, mailseal::Error> {
        let group = Group::to(&self.to_bob, AT).unwrap();
        let mut letter = Vec::new();
        let composer = how(Composer::new(&self.cx).sign(&self.alice)).encrypt(&group);
        composer.compose(draft.as_bytes(), AT, &mut letter)?;
        Ok(letter)
    }
}

/// From Alice to Bob.
pub(crate) fn draft(subject: &str, rest: &str) -> String {
    format!(
        "From: Alice Lovelace <{ALICE}>\r\nTo: Bob <bob@smime.example>\r\nSubject: {subject}\r\n\
         Date: Fri, 15 Jan 2027 17:00:00 +0900\r\nMessage-ID: <1@smime.example>\r\n{rest}"
    )
}
