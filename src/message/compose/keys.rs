//! What a composer signs and encrypts with.

use std::sync::Arc;

use super::Composer;
use crate::error::Error;
use crate::input::{Input, Source};
use crate::message::{Group, recipients};
use crate::mime::write::{Draft, Hcp, Protect, Recipe, prepare};
use crate::mime::{FromHeader, Structure};
use crate::protocol::{Key, KeyKind, Signer, SigningRequest};
use crate::report::Protocol;
use crate::time::UnixTime;

impl Composer {
    /// Reads the draft, and refuses one that its receivers would be warned of, or that the policy does not let go. With the
    /// domains that somebody said yes to.
    pub(super) fn draft<'a>(
        &self,
        input: Input<'a>,
        at: UnixTime,
    ) -> Result<(Draft<'a>, Vec<String>), Error> {
        let source = input.load(self.cx.bounds())?;
        source.unless_cancelled(|| self.read(&source, at))
    }

    fn read<'a>(&self, source: &Source<'a>, at: UnixTime) -> Result<(Draft<'a>, Vec<String>), Error> {
        let structure = Structure::read(&mut *source.reader(0..source.len())?, self.cx.bounds())?;
        let root = structure.root().ok_or_else(|| Error::malformed("a letter", "it is empty"))?;
        let from = FromHeader::read(&root.headers());
        let Some(from) = from.sole() else {
            return Err(Error::Refused("the draft has not exactly one readable From address".into()));
        };
        for key in self.signing_keys().filter(|_| !self.other_from) {
            if !key.names(from, at) {
                return Err(Error::Refused(format!("the key does not name {from}, from whom the draft is")));
            }
        }
        if let Some(planned) = self.group.as_ref().and_then(|group| group.planned.as_ref())
            && *planned != recipients::of(&root.headers())
        {
            return Err(Error::Refused(
                "the draft has other recipients than those it was planned for".into(),
            ));
        }
        let confirmed = self.check_rules(&root.headers(), from, at)?;
        Ok((prepare(source, &structure, self.cx.bounds(), self.header()?)?, confirmed))
    }

    /// What becomes of the header (RFC 9788).
    fn header(&self) -> Result<Recipe<'_>, Error> {
        let reference = self.reference.as_deref();
        let secret = reference.is_some_and(|letter| letter.encrypted);
        // RFC 9787 §5.4.
        if secret && self.group.is_none() {
            return Err(Error::Refused(
                "the answer to an encrypted letter has to be encrypted as well".into(),
            ));
        }
        if secret && !self.protect {
            return Err(Error::Refused("the answer would show what the letter hides in its header".into()));
        }
        let protect = match (self.protect, &self.group) {
            (false, _) => Protect::Off,
            (true, None) => Protect::Clear,
            (true, Some(_)) => Protect::Cipher,
        };
        let hcp = Hcp { policy: self.confidentiality, reference };
        Ok(Recipe { protect, hcp, legacy_display: self.legacy_display })
    }

    /// The keys that sign this letter: those of the protocol that it is encrypted by.
    pub(super) fn signing_keys(&self) -> impl Iterator<Item = &Key> {
        let protocol = self.group.as_ref().map(|group| group.protocol);
        self.keys.iter().filter(move |key| protocol.is_none_or(|protocol| key.protocol() == protocol))
    }

    pub(super) fn protocol(&self) -> Result<Protocol, Error> {
        let protocol = match (&self.group, self.keys.first()) {
            (Some(group), first) => {
                if first.is_some() && self.signing_keys().next().is_none() {
                    let why = format!("there is no {} key to sign it with", group.protocol.name());
                    return Err(Error::Refused(why));
                }
                group.protocol
            }
            (None, Some(first)) => first.protocol(),
            (None, None) => {
                return Err(Error::misuse("there is no key to sign with, and nobody to encrypt to"));
            }
        };
        if self.signing_keys().any(|key| key.protocol() != protocol) {
            return Err(Error::misuse("one letter is signed with keys of one protocol"));
        }
        if self.opaque && protocol != Protocol::Smime {
            return Err(Error::misuse("only S/MIME puts a letter inside its signature"));
        }
        if self.triple && (self.group.is_none() || self.keys.is_empty()) {
            return Err(Error::misuse("a triple wrap takes a key to sign with and somebody to encrypt to"));
        }
        Ok(protocol)
    }

    /// All keys can sign now.
    pub(super) fn check_present(&self) -> Result<(), Error> {
        match self.signing_keys().any(Key::is_deferred) {
            true => Err(Error::misuse("a deferred key signs in two phases: prepare, then finish")),
            false => Ok(()),
        }
    }

    pub(super) fn signer(&self, at: UnixTime) -> Result<Box<dyn Signer>, Error> {
        match self.protocol()? {
            #[cfg(feature = "smime")]
            Protocol::Smime => Ok(Box::new(self.smime()?)),
            #[cfg(feature = "openpgp")]
            Protocol::Openpgp => {
                let identities = self.signing_keys().filter_map(openpgp_key).collect();
                Ok(Box::new(crate::pgpmime::Signer::new(identities, *self.cx.crypto(), at)?))
            }
            #[cfg(not(all(feature = "smime", feature = "openpgp")))]
            other => Err(Error::misuse(format!("this build does not have {}", other.name()))),
        }
    }

    #[cfg(feature = "smime")]
    pub(super) fn smime(&self) -> Result<crate::smime::Signer, Error> {
        crate::smime::Signer::new(self.signing_keys().filter_map(smime_key), self.cx.crypto())
    }

    /// With the smime-type of what it makes (RFC 8551 §3.2.2).
    #[cfg(feature = "smime")]
    pub(super) fn smime_encryptor(&self) -> Result<(crate::smime::Encryptor, &'static str), Error> {
        let group = self.group()?;
        let cipher = group.content_cipher();
        let options = crate::smime::EncryptionOptions::new(cipher).derived_key(group.derives_keys());
        let kind = if cipher.is_authenticated() { "authEnveloped-data" } else { "enveloped-data" };
        Ok((crate::smime::Encryptor::new(&group.smime_recipients(), &options, self.cx.crypto())?, kind))
    }

    /// Signs in the same message, if `signs`.
    #[cfg(feature = "openpgp")]
    pub(super) fn openpgp_encryptor(
        &self,
        signs: bool,
        at: UnixTime,
    ) -> Result<crate::pgpmime::Encryptor, Error> {
        let group = self.group()?;
        let signers = self.signing_keys().filter(|_| signs).filter_map(openpgp_key).collect();
        let (to, passwords) = (group.openpgp_certificates(), group.passwords()?);
        let options = crate::pgpmime::EncryptOptions::default();
        crate::pgpmime::Encryptor::new(to, signers, passwords, options, *self.cx.crypto(), at)
    }

    fn group(&self) -> Result<&Group, Error> {
        self.group.as_ref().ok_or_else(|| Error::misuse("there is nobody to encrypt to"))
    }

    /// One signature for each request. Those of keys that live elsewhere are checked before they are used.
    pub(super) fn sign_all(&self, requests: &[SigningRequest]) -> Result<Vec<Vec<u8>>, Error> {
        let mut signatures = Vec::new();
        for (key, request) in self.signing_keys().zip(requests) {
            let signing = key.signing_key(request.key()).ok_or_else(|| Error::misuse("a deferred key"))?;
            let signature = signing.sign(request.scheme(), request.to_sign())?;
            if key.is_external() {
                request.check(&signature, self.cx.crypto())?;
            }
            signatures.push(signature);
        }
        Ok(signatures)
    }
}

#[cfg(feature = "smime")]
fn smime_key(key: &Key) -> Option<Arc<crate::protocol::SmimeKey>> {
    match &key.kind {
        KeyKind::Smime(key) => Some(Arc::clone(key)),
        #[cfg(feature = "openpgp")]
        KeyKind::Openpgp(_) => None,
    }
}

#[cfg(feature = "openpgp")]
fn openpgp_key(key: &Key) -> Option<Arc<crate::openpgp::SigningIdentity>> {
    match &key.kind {
        KeyKind::Openpgp(key) => Some(Arc::clone(key)),
        #[cfg(feature = "smime")]
        KeyKind::Smime(_) => None,
    }
}
