//! Decrypting (RFC 3156 §4, RFC 9580 §10.3): keys and passwords tried, the whole message checked, its signatures too.

use std::io::Read;

use super::forms::Hashes;
use super::verifier::{Tee, checked};
use crate::crypto::{KeyError, PasswordRequest};
use crate::error::Error;
use crate::mime::PartPath;
use crate::openpgp::{
    Content, DecryptionPair, Envelope, Message, Plain, Refused, Sealed, SessionKey, SigningIdentity, Trouble,
};
use crate::protocol::{self, Again, Body, Checked, Decrypted, Held, Inputs, KeyKind, Keys};
use crate::report::{Code, Decryption, Finding, OpenedBy};

/// Opens OpenPGP messages, armored or binary.
///
/// Data that nothing protects against changes (tag 9) and GnuPG's own OCB packet (tag 20) are never decrypted.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(all(feature = "openpgp-rust", feature = "aws-lc"))] {
/// use mailseal::protocol::{Body, Decryptor as _, Inputs, Keys, NoCertificates};
/// use mailseal::{Limits, UnixTime, crypto::Provider, pgpmime, policy::Algorithms, report::Decryption};
/// let (provider, algorithms, limits) = (Provider::default(), Algorithms::standard(), Limits::default());
/// let at = UnixTime::from_seconds(1_800_000_000);
/// let inputs = Inputs::new(&provider, &algorithms, &NoCertificates, &limits, at);
/// let message: &[u8] = b"\xd2\x03abc";
/// let body = || Ok(Box::new(message) as Box<dyn std::io::Read + Send>);
/// let mut content = Vec::new();
/// let seen = pgpmime::Decryptor.decrypt(&body, &mut content, &Keys::new(&[], None), &inputs)?;
/// assert_eq!(seen.decryption, Decryption::NotTried); // it is no encrypted message
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Decryptor;

impl protocol::Decryptor for Decryptor {
    fn decrypt(
        &self,
        body: &Body<'_>,
        out: &mut dyn Held,
        keys: &Keys<'_>,
        inputs: &Inputs<'_>,
    ) -> Result<Decrypted, Error> {
        let mut envelope = match Sealed::read(body()?, inputs.limits)? {
            Ok(sealed) => sealed.envelope,
            Err(refused) => return Ok(not_tried(refused)),
        };
        let recipients = envelope.recipients();
        let mut search = Search {
            envelope: &envelope,
            body,
            keys,
            inputs,
            out: &mut *out,
            tried: false,
            unusable: Vec::new(),
        };
        let found = search.by_keys()?;
        let found = if found.is_none() { search.by_passwords()? } else { found };
        let (tried, unusable) = (search.tried, search.unusable);
        let mut decrypted = match found {
            Some(found) => opened(found, &envelope, inputs),
            None => {
                out.clear();
                closed(tried, unusable)
            }
        };
        decrypted.recipients = recipients;
        Ok(decrypted)
    }

    fn again<'b>(
        &self,
        body: Box<dyn Read + Send + 'b>,
        again: &Again,
        inputs: &Inputs<'_>,
    ) -> Result<Box<dyn Read + Send + 'b>, Error> {
        let key = SessionKey { octets: again.key.expose().to_vec().into(), cipher: again.cipher };
        let sealed = Sealed::read(body, inputs.limits)?.map_err(|_| Error::InputChanged)?;
        let (plain, trouble) = sealed.open(&key, inputs.provider);
        let content = plain.ok_or(Error::InputChanged)?;
        let content = Content::of(content, inputs.limits);
        trouble.check()?;
        Ok(Box::new(content.map_err(|_| Error::InputChanged)?))
    }
}

/// What opened the message, and what was in it.
struct Found<'a> {
    key: SessionKey,
    by: Option<(&'a SigningIdentity, &'a DecryptionPair)>,
    signed: Option<Checked>,
}

/// Looks for a session key, and reads the content with it.
struct Search<'a, 'b> {
    envelope: &'a Envelope,
    body: &'a Body<'b>,
    keys: &'a Keys<'a>,
    inputs: &'a Inputs<'a>,
    out: &'a mut dyn Held,
    /// A key or a password of the caller was tried: from here on all failures are the same (R-A10).
    tried: bool,
    /// Keys that are named, and that this build cannot use.
    unusable: Vec<Finding>,
}

impl<'a, 'b> Search<'a, 'b> {
    fn by_keys(&mut self) -> Result<Option<Found<'a>>, Error> {
        let identities: Vec<&SigningIdentity> = self.keys.keys.iter().filter_map(identity).collect();
        let pairs = identities.iter().enumerate();
        let pairs: Vec<_> =
            pairs.flat_map(|(index, one)| one.decrypting().iter().map(move |pair| (index, pair))).collect();
        let attempts = self.envelope.attempts(&pairs);
        // With one way only its content goes out as it is read; else none may stand before that of another.
        let alone = attempts.len() == 1 && !self.asks();
        let (mut any, mut locked) = (false, Vec::new());
        for (count, attempt) in attempts.iter().enumerate() {
            if count >= self.inputs.limits.trial_decryptions {
                let limit = u64::try_from(self.inputs.limits.trial_decryptions).unwrap_or(u64::MAX);
                return Err(Error::Limit { name: "trial_decryptions", limit });
            }
            if locked.contains(&attempt.identity) {
                continue;
            }
            // What a key is says nothing about the letter.
            match attempt.pair.unlock() {
                Err(KeyError::TooSmall { .. }) => {
                    self.unusable.push(finding(Code::KeyTooSmall));
                    continue;
                }
                Err(KeyError::Unsupported(why)) => {
                    self.unusable.push(finding(Code::UnsupportedAlgorithm).with_detail(why));
                    continue;
                }
                Err(misuse @ KeyError::Reentrant) => return Err(misuse.into()),
                // Nobody is asked again for the same password.
                Err(KeyError::WrongPassword) => {
                    locked.push(attempt.identity);
                    self.tried = true;
                    continue;
                }
                _ => {}
            }
            self.tried = true;
            let Some(key) = self.envelope.session_key(attempt)? else { continue };
            any = true;
            if let Some(signed) = self.content(&key, alone)? {
                let identity = identities.get(attempt.identity).copied();
                return Ok(Some(Found { key, by: identity.map(|one| (one, attempt.pair)), signed }));
            }
        }
        if self.tried && !any {
            // The time that it takes says no more than the report does.
            self.content(&self.envelope.no_key(self.inputs.provider)?, false)?;
        }
        Ok(None)
    }

    fn asks(&self) -> bool {
        self.keys.passwords.is_some() && !self.envelope.passwords().is_empty()
    }

    fn by_passwords(&mut self) -> Result<Option<Found<'a>>, Error> {
        let (Some(source), entries) = (self.keys.passwords, self.envelope.passwords()) else {
            return Ok(None);
        };
        let mut trials = self.inputs.limits.password_trials;
        for attempt in 0_u32.. {
            if trials == 0 || entries.is_empty() {
                break;
            }
            let Some(password) = source.password(&PasswordRequest::new(SUBJECT, attempt)) else { break };
            self.tried = true;
            for entry in &entries {
                if trials == 0 {
                    break;
                }
                trials -= 1;
                let key = self.envelope.by_password(*entry, &password, self.inputs.limits);
                let Some(key) = key else { continue };
                if let Some(signed) = self.content(&key, false)? {
                    return Ok(Some(Found { key, by: None, signed }));
                }
            }
        }
        Ok(None)
    }

    /// Reads the content with a session key; `None` where it is not what was encrypted, or no message. `at_once`: it
    /// goes out in the same pass as it is checked.
    fn content(&mut self, key: &SessionKey, at_once: bool) -> Result<Option<Option<Checked>>, Error> {
        if !at_once {
            let (plain, trouble) = self.open(key)?;
            let holds = plain.is_some_and(|plain| plain.holds());
            trouble.check()?;
            if !holds {
                return Ok(None);
            }
        }
        let (Some(plain), trouble) = self.open(key)? else { return Ok(None) };
        let mut tee = Tee { hashes: Hashes::new(&[]), out: &mut *self.out };
        let message = Message::decrypted(&plain, &mut tee, self.inputs.limits);
        let hashes = tee.hashes;
        // Nothing of what was read counts before this (R-A12).
        let holds = plain.holds();
        trouble.check()?;
        if !holds {
            return Ok(None);
        }
        let message = message?;
        if !message.is_whole() {
            return Ok(None);
        }
        if message.signatures.is_empty() {
            return Ok(Some(None));
        }
        let digests = hashes.finish(&message.signatures);
        checked(&message.signatures, &digests, self.inputs).map(|checked| Some(Some(checked)))
    }

    fn open(&self, key: &SessionKey) -> Result<(Option<Plain<'b>>, Trouble), Error> {
        let sealed = Sealed::read((self.body)()?, self.inputs.limits)?.map_err(|_| Error::InputChanged)?;
        Ok(sealed.open(key, self.inputs.provider))
    }
}

/// What the password of a letter is asked for as.
const SUBJECT: &str = "the letter";

fn identity(key: &protocol::Key) -> Option<&SigningIdentity> {
    match &key.kind {
        KeyKind::Openpgp(identity) => Some(identity),
        #[allow(unreachable_patterns)]
        _ => None,
    }
}

fn opened(found: Found<'_>, envelope: &Envelope, inputs: &Inputs<'_>) -> Decrypted {
    let mut findings = Vec::new();
    let opened_by = found.by.map(|(identity, pair)| {
        let certificate = identity.certificate();
        OpenedBy {
            fingerprint: Some(certificate.fingerprint()),
            mailboxes: certificate.mailboxes(inputs.at),
            old: !pair.is_written_to(certificate, inputs.at),
        }
    });
    if opened_by.as_ref().is_some_and(|by| by.old) {
        findings.push(finding(Code::OldDecryptionKey));
    }
    if envelope.is_weak(&found.key) {
        findings.push(finding(Code::WeakAlgorithm).with_detail(envelope.cipher(&found.key)));
    }
    let own = opened_by.as_ref().and_then(|by| by.fingerprint.as_deref());
    Decrypted {
        decryption: Decryption::Opened,
        cipher: Some(envelope.cipher(&found.key)),
        authenticated: true,
        signed: found.signed.map(|signed| addressed(signed, own)),
        opened_by: opened_by.or_else(|| Some(OpenedBy::default())),
        findings,
        again: Some(Again { key: found.key.octets, cipher: found.key.cipher }),
        ..Decrypted::default()
    }
}

/// R-B17: who signed this meant others to read it.
fn addressed(mut signed: Checked, own: Option<&str>) -> Checked {
    let Some(own) = own else { return signed };
    for entry in &mut signed.signatures {
        let signature = &mut entry.signature;
        let named = &signature.intended_recipients;
        if signature.integrity.holds() && !named.is_empty() && !named.iter().any(|one| one == own) {
            signature.findings.push(finding(Code::NotForYou));
        }
    }
    signed
}

fn closed(tried: bool, mut unusable: Vec<Finding>) -> Decrypted {
    let (decryption, mut findings) = match tried {
        true => (Decryption::Failed, vec![finding(Code::NotDecrypted)]),
        false => (Decryption::NoKey, vec![finding(Code::NoDecryptionKey)]),
    };
    unusable.dedup();
    findings.extend(unusable);
    Decrypted { decryption, findings, ..Decrypted::default() }
}

fn not_tried(refused: Refused) -> Decrypted {
    let finding = match refused {
        Refused::Unreadable(why) => finding(Code::NotDecrypted).with_detail(why),
        Refused::Unprotected => {
            finding(Code::UnsupportedAlgorithm).with_detail("encrypted without protection against changes")
        }
        Refused::Librepgp => finding(Code::LibrepgpEncryption),
    };
    Decrypted { findings: vec![finding], ..Decrypted::default() }
}

fn finding(code: Code) -> Finding {
    Finding::new(code, PartPath::root())
}
