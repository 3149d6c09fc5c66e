//! Opening in memory, as a program with its own parser would.

use std::io::Read;

use mailseal::crypto::Provider;
use mailseal::policy::Algorithms;
use mailseal::protocol::{Again, Decrypted, Decryptor, Inputs, Keys, NoCertificates, SharedKey};
use mailseal::report::{Code, Decryption};
use mailseal::{Error, Key, Limits, Password, PasswordSource, UnixTime, smime};

use crate::support::pki::{Leaf, PASSWORD};

pub(crate) const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nMeet me at noon.\r\n";
pub(crate) const AT: UnixTime = UnixTime::from_seconds(1_800_000_000);

/// What a letter is opened with.
pub(crate) struct Desk<'a> {
    pub(crate) keys: &'a [Key],
    pub(crate) passwords: Option<&'a dyn PasswordSource>,
    pub(crate) shared: &'a [SharedKey],
    pub(crate) algorithms: Algorithms,
    pub(crate) limits: Limits,
    pub(crate) provider: Provider,
    pub(crate) at: UnixTime,
}

pub(crate) fn desk(keys: &[Key]) -> Desk<'_> {
    Desk {
        keys,
        passwords: None,
        shared: &[],
        algorithms: Algorithms::standard(),
        limits: Limits::default(),
        provider: Provider::default(),
        at: AT,
    }
}

/// What was seen, and what came out.
pub(crate) struct Seen {
    pub(crate) decrypted: Decrypted,
    pub(crate) content: Vec<u8>,
}

impl Desk<'_> {
    fn inputs(&self) -> Inputs<'_> {
        Inputs::new(&self.provider, &self.algorithms, &NoCertificates, &self.limits, self.at)
    }

    pub(crate) fn try_open(&self, message: &[u8]) -> Result<Seen, Error> {
        let body = || -> Result<Box<dyn Read + Send + '_>, Error> { Ok(Box::new(message)) };
        let mut content = Vec::new();
        let keys = Keys::new(self.keys, self.passwords).shared(self.shared);
        let decrypted = smime::Decryptor.decrypt(&body, &mut content, &keys, &self.inputs())?;
        Ok(Seen { decrypted, content })
    }

    pub(crate) fn open(&self, message: &[u8]) -> Seen {
        self.try_open(message).unwrap()
    }

    pub(crate) fn again(&self, message: &[u8], again: &Again) -> Result<Vec<u8>, Error> {
        let inputs = self.inputs();
        let mut reader = smime::Decryptor.again(Box::new(message), again, &inputs)?;
        let mut content = Vec::new();
        reader
            .read_to_end(&mut content)
            .map_err(|source| Error::Io { what: "reading again".into(), source })?;
        Ok(content)
    }

    /// It opens, to this text, and again to the same.
    pub(crate) fn opens(&self, message: &[u8], text: &[u8], what: &str) -> Seen {
        let seen = self.open(message);
        assert_eq!(seen.decrypted.decryption, Decryption::Opened, "{what}: {:?}", seen.decrypted);
        assert!(seen.content == text, "{what}: other content");
        let again = seen.decrypted.again.as_ref().expect("again");
        assert!(self.again(message, again).unwrap() == text, "{what}: other content the second time");
        seen
    }
}

impl Seen {
    pub(crate) fn codes(&self) -> Vec<Code> {
        self.decrypted.findings.iter().map(|finding| finding.code).collect()
    }

    /// Nothing that may be used; the same words whatever went wrong.
    pub(crate) fn is_the_one_failure(&self) -> bool {
        let seen = &self.decrypted;
        seen.decryption == Decryption::Failed
            && seen
                .findings
                .iter()
                .filter(|one| one.code == Code::NotDecrypted && one.detail.is_none())
                .count()
                == 1
            && seen.opened_by.is_none()
            && seen.again.is_none()
    }
}

pub(crate) fn key(leaf: &Leaf) -> Key {
    Key::load(&std::fs::read(&leaf.pkcs12).unwrap(), Password::from(PASSWORD)).unwrap()
}
