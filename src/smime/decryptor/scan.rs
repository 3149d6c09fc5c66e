//! Which entries name one of the caller's keys.

use crate::cms::SignerIdentifier;
use crate::cms::enveloped::{
    KeyAgreement, KeyEncryptionKey, KeyTransport, PasswordInfo, RecipientInfo, Tried, name_of,
};
use crate::crypto::algorithm::{ContentAlgorithm, key_wrap};
use crate::crypto::{DecryptionKey, HashAlgorithm, Provider, Secret};
use crate::error::Error;
use crate::limits::Limits;
use crate::protocol::{Inputs, KeyKind, Keys, SharedKey};
use crate::report::{OpenedBy, Recipient, RecipientKind, hex};
use crate::time::UnixTime;
use crate::x509::{Certificate, Name};

/// All entries pass by; those that are for the caller stay.
pub(super) struct Scan<'k> {
    own: Vec<Own<'k>>,
    shared: &'k [SharedKey],
    limits: &'k Limits,
    /// Entries that name a key, with that key.
    pub(super) fits: Vec<Fit<'k>>,
    /// Entries for a password.
    pub(super) passwords: Vec<PasswordInfo>,
    /// A key is named that is too small for the provider.
    pub(super) too_small: bool,
    /// All of them, for the report.
    pub(super) recipients: Vec<Recipient>,
}

/// A key of the caller, with what letters may call it.
struct Own<'k> {
    key: Option<&'k dyn DecryptionKey>,
    certificates: Vec<(&'k Certificate, Option<Vec<u8>>)>,
}

/// An entry that names a key.
pub(super) enum Fit<'k> {
    Private { key: &'k dyn DecryptionKey, certificate: &'k Certificate, entry: Entry },
    Shared { key: &'k Secret, entry: KeyEncryptionKey },
}

/// An entry for a private key.
pub(super) enum Entry {
    Transport(KeyTransport),
    Agreement(KeyAgreement),
}

impl<'k> Scan<'k> {
    pub(super) fn new(keys: &Keys<'k>, inputs: &Inputs<'k>) -> Self {
        let mut own = Vec::new();
        for key in keys.keys {
            #[allow(irrefutable_let_patterns)]
            let KeyKind::Smime(smime) = &key.kind else { continue };
            for entry in &smime.decryption {
                let named = |one: &'k Certificate| (one, hashed(one, inputs.provider));
                let certificates = entry.certificates.iter().map(named).collect();
                own.push(Own { key: entry.key.as_deref(), certificates });
            }
        }
        let (fits, passwords, recipients) = (Vec::new(), Vec::new(), Vec::new());
        let (limits, shared) = (inputs.limits, keys.shared);
        Self { own, shared, limits, fits, passwords, too_small: false, recipients }
    }

    /// Takes one entry.
    pub(super) fn take(&mut self, info: RecipientInfo) {
        self.recipients.push(described(&info));
        match info {
            RecipientInfo::KeyTransport(one) => {
                let rid = one.rid.clone();
                self.fit(&rid, || Entry::Transport(one.clone()));
            }
            RecipientInfo::KeyAgreement(one) => {
                let rid = one.rid.clone();
                self.fit(&rid, || Entry::Agreement(one.clone()));
            }
            RecipientInfo::KeyEncryptionKey(one) => {
                for known in self.shared.iter().filter(|known| known.identifier == one.identifier) {
                    if self.fits.len() < self.limits.trial_decryptions {
                        self.fits.push(Fit::Shared { key: &known.key, entry: one.clone() });
                    }
                }
            }
            RecipientInfo::Password(one) if self.passwords.len() < self.limits.trial_decryptions => {
                self.passwords.push(one);
            }
            _ => {}
        }
    }

    /// Every key that the identifier names gets the entry, within the limit of trials.
    fn fit(&mut self, rid: &SignerIdentifier, entry: impl Fn() -> Entry) {
        for own in &self.own {
            let named = own.certificates.iter().find(|(one, hashed)| names(rid, one, hashed.as_deref()));
            let Some((certificate, _)) = named else { continue };
            match own.key {
                Some(key) if self.fits.len() < self.limits.trial_decryptions => {
                    self.fits.push(Fit::Private { key, certificate, entry: entry() });
                }
                Some(_) => {}
                None => self.too_small = true,
            }
        }
    }
}

/// Some write the identifier that RFC 5280 §4.2.1.2 proposes although the certificate does not state it.
fn names(rid: &SignerIdentifier, certificate: &Certificate, hashed: Option<&[u8]>) -> bool {
    rid.names(certificate)
        || matches!(rid, SignerIdentifier::SubjectKeyIdentifier(identifier) if hashed == Some(identifier))
}

/// SHA-1 of the key's octets.
fn hashed(certificate: &Certificate, provider: &Provider) -> Option<Vec<u8>> {
    let key = certificate.public_key().ok()?.bit_string()?;
    provider.hash(HashAlgorithm::Sha1, key)
}

impl Fit<'_> {
    pub(super) fn open(&self, content: &ContentAlgorithm, provider: &Provider) -> Result<Tried, Error> {
        match self {
            Self::Private { key, entry: Entry::Transport(one), .. } => one.open(*key, content, provider),
            Self::Private { key, entry: Entry::Agreement(one), .. } => one.open(*key, content, provider),
            Self::Shared { key, entry } => Ok(entry.open(key, content, provider)),
        }
    }

    pub(super) fn opened_by(&self, at: UnixTime) -> OpenedBy {
        let Self::Private { certificate, .. } = self else { return OpenedBy::default() };
        OpenedBy {
            fingerprint: Some(hex(&certificate.fingerprint())),
            mailboxes: certificate.mailboxes(),
            old: certificate.validity().not_after < at,
        }
    }
}

fn described(info: &RecipientInfo) -> Recipient {
    match info {
        RecipientInfo::KeyTransport(one) => {
            Recipient::new(RecipientKind::KeyTransport, Some(name(&one.rid)), name_of(&one.algorithm))
        }
        RecipientInfo::KeyAgreement(one) => {
            let algorithm = one.agreed.originator.as_ref().map_or("ECDH", |key| key.name());
            Recipient::new(RecipientKind::KeyAgreement, Some(name(&one.rid)), algorithm)
        }
        RecipientInfo::KeyEncryptionKey(one) => {
            let algorithm = match key_wrap(&one.algorithm) {
                Ok(wrap) => format!("AES-{} key wrap", wrap.key_length() * 8),
                Err(_) => name_of(&one.algorithm),
            };
            Recipient::new(RecipientKind::KeyEncryptionKey, Some(short(hex(&one.identifier))), algorithm)
        }
        RecipientInfo::Password(one) => {
            let algorithm = if one.iterations().is_some() { "PBKDF2" } else { "password" };
            Recipient::new(RecipientKind::Password, None, algorithm)
        }
        RecipientInfo::Other(kind) => Recipient::new(RecipientKind::Other, None, short(kind.clone())),
    }
}

/// Issuer and serial number, or the identifier.
fn name(rid: &SignerIdentifier) -> String {
    short(match rid {
        SignerIdentifier::IssuerAndSerialNumber { issuer, serial } => {
            format!("{}, {}", hex(serial), Name::new(issuer))
        }
        SignerIdentifier::SubjectKeyIdentifier(identifier) => hex(identifier),
    })
}

/// Ten thousand of them are held.
fn short(text: String) -> String {
    const MOST: usize = 256;
    if text.chars().nth(MOST).is_none() { text } else { text.chars().take(MOST).chain(['…']).collect() }
}
