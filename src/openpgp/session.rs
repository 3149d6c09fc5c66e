//! Encrypted messages (RFC 9580 §10.3): whom they are for, and the session key.
//!
//! ```text
//! message := (PKESK | SKESK)* (SEIPDv1 | SEIPDv2)
//! ```

use std::io::{self, BufReader, Read};
use std::sync::{Arc, Mutex};

use sequoia_openpgp::Packet;
use sequoia_openpgp::crypto::{self, mpi};
use sequoia_openpgp::packet::{PKESK, SKESK};
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::types::{AEADAlgorithm, PublicKeyAlgorithm, SymmetricAlgorithm};

use super::dearmor::{Dearmor, unreadable};
use super::decryption::DecryptionPair;
use super::framing::{self, Body, Length};
use super::names::{cipher_name, encryption_name};
use super::secret::affordable;
use super::seipd::{Parameters2, Plain, version1, version2};
use crate::crypto::{Provider, Secret};
use crate::error::{Error, KeyError};
use crate::limits::Limits;
use crate::report::{Recipient, RecipientKind};

/// All that stands in front of the content.
pub(crate) struct Envelope {
    keys: Vec<PKESK>,
    passwords: Vec<SKESK>,
    form: Form,
    recipients: Vec<Recipient>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Version1,
    Version2(Parameters2),
    /// Tag 9: nothing would tell whether it was changed (R-A3).
    Unprotected,
    /// Tag 20.
    Librepgp,
}

/// Why a message cannot be opened by any key.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It is no encrypted message.
    Unreadable(String),
    Unprotected,
    Librepgp,
}

/// The key that the content is encrypted with.
pub(crate) struct SessionKey {
    pub(crate) octets: Secret,
    /// Its cipher (RFC 9580 §9.3), which stands beside the key in version 1.
    pub(crate) cipher: Option<u8>,
}

/// One key of the caller and the entry that is for it, or may be.
pub(crate) struct Attempt<'a> {
    entry: &'a PKESK,
    pub(crate) pair: &'a DecryptionPair,
    /// Index of whose key it is.
    pub(crate) identity: usize,
}

/// A message whose content was not read yet.
pub(crate) struct Sealed<'b> {
    pub(crate) envelope: Envelope,
    body: Body<Source<'b>>,
    trouble: Trouble,
}

type Source<'b> = BufReader<Dearmor<Watched<'b>>>;

/// What went wrong below: reading, not what was read.
#[derive(Clone, Default)]
pub(crate) struct Trouble(Arc<Mutex<Option<io::Error>>>);

impl Trouble {
    /// An error where there was any.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let found = self.0.lock().ok().and_then(|mut trouble| trouble.take());
        found.map_or(Ok(()), |error| Err(Error::io("reading an encrypted message")(error)))
    }
}

struct Watched<'b> {
    inner: Mutex<Box<dyn Read + Send + 'b>>,
    trouble: Trouble,
}

impl Read for Watched<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let inner = self.inner.get_mut().map_err(|_| unreadable("a thread panicked"))?;
        let read = inner.read(out);
        match read {
            Err(error)
                if !matches!(
                    error.kind(),
                    io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::Interrupted
                ) =>
            {
                let kind = error.kind();
                if let Ok(mut trouble) = self.trouble.0.lock() {
                    *trouble = Some(error);
                }
                Err(kind.into())
            }
            read => read,
        }
    }
}

impl<'b> Sealed<'b> {
    /// Reads up to the content.
    pub(crate) fn read(
        body: Box<dyn Read + Send + 'b>,
        limits: &Limits,
    ) -> Result<Result<Self, Refused>, Error> {
        let trouble = Trouble::default();
        let watched = Watched { inner: Mutex::new(body), trouble: trouble.clone() };
        let source = BufReader::with_capacity(READ, Dearmor::new(watched));
        let read = Self::head(source, &trouble, limits);
        trouble.check()?;
        let sealed = match read {
            Ok(sealed) => sealed,
            Err(error) => match error.downcast::<Error>() {
                Ok(limit) => return Err(limit),
                Err(error) => return Ok(Err(Refused::Unreadable(error.to_string()))),
            },
        };
        Ok(match sealed.envelope.form {
            Form::Unprotected => Err(Refused::Unprotected),
            Form::Librepgp => Err(Refused::Librepgp),
            Form::Version1 | Form::Version2(_) => Ok(sealed),
        })
    }

    fn head(mut source: Source<'b>, trouble: &Trouble, limits: &Limits) -> io::Result<Self> {
        let mut entries = Entries { room: limits.memory_bytes, ..Entries::default() };
        let (tag, length) = loop {
            let (tag, length) =
                framing::header(&mut source)?.ok_or_else(|| unreadable("nothing encrypted"))?;
            match (tag, length) {
                (framing::SEIPD | framing::SED | framing::LIBREPGP, _) => break (tag, length),
                (
                    framing::PKESK | framing::SKESK | framing::MARKER | framing::PADDING,
                    Length::Definite(length),
                ) => {
                    entries.read(&mut source, tag, length, limits)?;
                }
                _ => return Err(unreadable("not an encrypted message")),
            }
        };
        let mut body = Body::new(source, length);
        let form = match tag {
            framing::SED => Form::Unprotected,
            framing::LIBREPGP => Form::Librepgp,
            _ => form(&mut body)?,
        };
        let Entries { keys, passwords, recipients, .. } = entries;
        let envelope = Envelope { keys, passwords, form, recipients };
        Ok(Self { envelope, body, trouble: trouble.clone() })
    }

    /// The content, as it comes. `None` for a key that does not go with it.
    pub(crate) fn open(self, key: &SessionKey, provider: &Provider) -> (Option<Plain<'b>>, Trouble) {
        let octets = crypto::SessionKey::from(key.octets.expose());
        let plain = match (self.envelope.form, key.cipher) {
            (Form::Version1, Some(cipher)) => version1(Box::new(self.body), cipher.into(), &octets, provider),
            (Form::Version2(parameters), None) => version2(Box::new(self.body), &parameters, &octets),
            _ => return (None, self.trouble),
        };
        (plain.ok(), self.trouble)
    }
}

/// Version and parameters (RFC 9580 §5.13).
fn form(body: &mut dyn Read) -> io::Result<Form> {
    match framing::octet(body)? {
        1 => Ok(Form::Version1),
        2 => {
            let cipher = SymmetricAlgorithm::from(framing::octet(body)?);
            let aead = AEADAlgorithm::from(framing::octet(body)?);
            let chunk = match framing::octet(body)? {
                size @ 0..=16 => 1 << (size + 6),
                // R-A6: 4 MiB is the most that RFC 9580 §5.13.2 has.
                _ => return Err(unreadable("chunks larger than 4 MiB")),
            };
            let mut salt = [0; 32];
            body.read_exact(&mut salt)?;
            Ok(Form::Version2(Parameters2 { cipher, aead, chunk, salt }))
        }
        _ => Err(unreadable("encrypted data of an unknown version")),
    }
}

/// The packets in front, within bounds (threats D5).
#[derive(Default)]
struct Entries {
    keys: Vec<PKESK>,
    passwords: Vec<SKESK>,
    recipients: Vec<Recipient>,
    /// Octets that they may have together.
    room: usize,
}

impl Entries {
    fn read(&mut self, source: &mut dyn Read, tag: u8, length: u64, limits: &Limits) -> io::Result<()> {
        let room = usize::try_from(length).ok().and_then(|length| self.room.checked_sub(length));
        let limit = |name, limit| {
            io::Error::from(Error::Limit { name, limit: u64::try_from(limit).unwrap_or(u64::MAX) })
        };
        self.room = room.ok_or_else(|| limit("memory_bytes", limits.memory_bytes))?;
        let mut body = Vec::new();
        source.take(length).read_to_end(&mut body)?;
        if u64::try_from(body.len()) != Ok(length) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if matches!(tag, framing::MARKER | framing::PADDING) {
            return Ok(());
        }
        if self.recipients.len() >= limits.recipients {
            return Err(limit("recipients", limits.recipients));
        }
        let octets =
            [&[0xc0 | tag, 0xff][..], &u32::try_from(length).unwrap_or(0).to_be_bytes(), &body].concat();
        let recipient = match Packet::from_bytes(&octets) {
            Ok(Packet::PKESK(entry)) => {
                let name = entry.recipient().map(|recipient| recipient.to_hex());
                let recipient = Recipient::new(kind(entry.pk_algo()), name, encryption_name(entry.pk_algo()));
                self.keys.push(entry);
                recipient
            }
            Ok(Packet::SKESK(entry)) => {
                let cipher = match &entry {
                    SKESK::V4(entry) => entry.symmetric_algo(),
                    SKESK::V6(entry) => entry.symmetric_algo(),
                    _ => SymmetricAlgorithm::Unencrypted,
                };
                self.passwords.push(entry);
                Recipient::new(RecipientKind::Password, None, cipher_name(cipher))
            }
            _ => Recipient::new(RecipientKind::Other, None, "unknown"),
        };
        self.recipients.push(recipient);
        Ok(())
    }
}

fn kind(algorithm: PublicKeyAlgorithm) -> RecipientKind {
    use PublicKeyAlgorithm as Pk;
    #[allow(deprecated)]
    match algorithm {
        Pk::RSAEncryptSign | Pk::RSAEncrypt => RecipientKind::KeyTransport,
        Pk::ECDH | Pk::X25519 | Pk::X448 => RecipientKind::KeyAgreement,
        // ElGamal, never tried (R-A14), and what nobody knows.
        _ => RecipientKind::Other,
    }
}

impl Envelope {
    pub(crate) fn recipients(&mut self) -> Vec<Recipient> {
        std::mem::take(&mut self.recipients)
    }

    /// `SEIPDv2 AES-256 OCB`.
    pub(crate) fn cipher(&self, key: &SessionKey) -> String {
        match self.form {
            Form::Version2(Parameters2 { cipher, aead, .. }) => {
                format!("SEIPDv2 {} {aead}", cipher_name(cipher))
            }
            _ => {
                format!("SEIPDv1 {}", key.cipher.map(|cipher| cipher_name(cipher.into())).unwrap_or_default())
            }
        }
    }

    /// Blocks of 64 bits, which RFC 9580 §9.3 has for reading only.
    pub(crate) fn is_weak(&self, key: &SessionKey) -> bool {
        let cipher = match self.form {
            Form::Version2(Parameters2 { cipher, .. }) => Some(cipher),
            _ => key.cipher.map(SymmetricAlgorithm::from),
        };
        cipher.and_then(|cipher| cipher.block_size().ok()).is_some_and(|size| size < 16)
    }

    /// The keys that it names; behind them, for entries that name nobody, all that are of their kind. Entries of the
    /// version that belongs to other encrypted data do not count (R-A4).
    pub(crate) fn attempts<'a>(&'a self, pairs: &[(usize, &'a DecryptionPair)]) -> Vec<Attempt<'a>> {
        let version = if matches!(self.form, Form::Version1) { 3 } else { 6 };
        let (named, hidden): (Vec<_>, Vec<_>) = self
            .keys
            .iter()
            .filter(|entry| entry.version() == version && tried(entry))
            .partition(|entry| entry.recipient().is_some());
        let fits = |entry: &PKESK, pair: &DecryptionPair| {
            let key = pair.public();
            match entry.recipient() {
                Some(recipient) => recipient.aliases(key.key_handle()),
                None => same_kind(entry.pk_algo(), key.pk_algo()),
            }
        };
        let mut attempts = Vec::new();
        for entry in named.into_iter().chain(hidden) {
            for (identity, pair) in pairs.iter().filter(|(_, pair)| fits(entry, pair)) {
                attempts.push(Attempt { entry, pair, identity: *identity });
            }
        }
        attempts
    }

    /// The session key by one private key; `None` for all that goes wrong (R-A10), but an error where the key is away.
    pub(crate) fn session_key(&self, attempt: &Attempt<'_>) -> Result<Option<SessionKey>, KeyError> {
        let Some((beside, wrapped)) = wrapped(attempt.entry) else { return Ok(None) };
        let opened = attempt.pair.open(&wrapped)?;
        let version1 = attempt.entry.version() == 3;
        Ok(opened.and_then(|opened| self.unpacked(&wrapped, beside, version1, &opened)))
    }

    fn unpacked(
        &self,
        wrapped: &mpi::Ciphertext,
        beside: Option<u8>,
        version1: bool,
        opened: &Secret,
    ) -> Option<SessionKey> {
        let mut octets = opened.expose();
        let mut cipher = beside;
        if matches!(wrapped, mpi::Ciphertext::RSA { .. } | mpi::Ciphertext::ECDH { .. }) {
            octets = without_checksum(octets, version1)?;
            if version1 {
                let (first, rest) = octets.split_first()?;
                (cipher, octets) = (Some(*first), rest);
            }
        }
        let key = SessionKey { octets: octets.to_vec().into(), cipher };
        self.fits(&key).then_some(key)
    }

    /// What a password opens with one entry; `None` for all that goes wrong, and for an entry that costs too much.
    pub(crate) fn by_password(&self, index: usize, password: &Secret, limits: &Limits) -> Option<SessionKey> {
        let password = crypto::Password::from(password.expose());
        let key = match (self.passwords.get(index)?, self.form) {
            (SKESK::V4(entry), Form::Version1) => {
                affordable(entry.s2k(), limits).ok()?;
                // At least the octet of the cipher and a key, before anything is cut off.
                if entry.esk().ok()?.is_some_and(|wrapped| wrapped.len() < 2) {
                    return None;
                }
                let (cipher, key) = entry.decrypt(&password).ok()?;
                SessionKey { octets: key.to_vec().into(), cipher: Some(cipher.into()) }
            }
            (SKESK::V6(entry), Form::Version2(_)) => {
                affordable(entry.s2k(), limits).ok()?;
                SessionKey { octets: entry.decrypt(&password).ok()?.to_vec().into(), cipher: None }
            }
            _ => return None,
        };
        self.fits(&key).then_some(key)
    }

    /// Entries that are for a password and go with the content.
    pub(crate) fn passwords(&self) -> Vec<usize> {
        let fits = |entry: &SKESK| match self.form {
            Form::Version1 => matches!(entry, SKESK::V4(_)),
            _ => matches!(entry, SKESK::V6(_)),
        };
        self.passwords.iter().enumerate().filter(|(_, entry)| fits(entry)).map(|(index, _)| index).collect()
    }

    /// A key that opens nothing, for the time where no key does: what follows is the same (R-A10).
    pub(crate) fn no_key(&self, provider: &Provider) -> Result<SessionKey, Error> {
        let (cipher, beside) = match self.form {
            Form::Version2(Parameters2 { cipher, .. }) => (cipher, None),
            _ => (SymmetricAlgorithm::AES256, Some(SymmetricAlgorithm::AES256.into())),
        };
        let mut octets = vec![0; cipher.key_size().unwrap_or(32)];
        provider.random.fill(&mut octets)?;
        Ok(SessionKey { octets: octets.into(), cipher: beside })
    }

    fn fits(&self, key: &SessionKey) -> bool {
        let cipher = match (self.form, key.cipher) {
            (Form::Version2(Parameters2 { cipher, .. }), None) => cipher,
            (Form::Version1, Some(cipher)) => cipher.into(),
            _ => return false,
        };
        cipher.is_supported() && cipher.key_size().is_ok_and(|length| length == key.octets.expose().len())
    }
}

/// ElGamal is not (R-A14).
fn tried(entry: &PKESK) -> bool {
    let pqc =
        matches!(entry.pk_algo(), PublicKeyAlgorithm::MLKEM768_X25519 | PublicKeyAlgorithm::MLKEM1024_X448);
    pqc || kind(entry.pk_algo()) != RecipientKind::Other
}

/// RFC 9580 §5.1: the sum of the octets of the key, its cipher not counted.
fn without_checksum(octets: &[u8], version1: bool) -> Option<&[u8]> {
    let (key, stated) = octets.split_last_chunk::<2>()?;
    let sum =
        key.iter().skip(usize::from(version1)).fold(0_u16, |sum, octet| sum.wrapping_add((*octet).into()));
    (sum.to_be_bytes() == *stated).then_some(key)
}

#[allow(deprecated)]
fn same_kind(one: PublicKeyAlgorithm, other: PublicKeyAlgorithm) -> bool {
    use PublicKeyAlgorithm as Pk;
    let rsa = |algorithm| matches!(algorithm, Pk::RSAEncryptSign | Pk::RSAEncrypt);
    one == other || (rsa(one) && rsa(other))
}

const READ: usize = 64 << 10;

/// What is wrapped, and the cipher of a version 3 packet where it stands beside (RFC 9580 §5.1.6).
fn wrapped(entry: &PKESK) -> Option<(Option<u8>, mpi::Ciphertext)> {
    Some(match (entry.esk(), entry.version() == 3) {
        (mpi::Ciphertext::X25519 { e, key }, true) => {
            let (cipher, key) = key.split_first()?;
            (Some(*cipher), mpi::Ciphertext::X25519 { e: e.clone(), key: key.into() })
        }
        (mpi::Ciphertext::X448 { e, key }, true) => {
            let (cipher, key) = key.split_first()?;
            (Some(*cipher), mpi::Ciphertext::X448 { e: e.clone(), key: key.into() })
        }
        (mpi::Ciphertext::MLKEM768_X25519 { ecdh, mlkem, esk }, true) => {
            let (cipher, key) = esk.split_first()?;
            let (ecdh, mlkem) = (ecdh.clone(), mlkem.clone());
            (Some(*cipher), mpi::Ciphertext::MLKEM768_X25519 { ecdh, mlkem, esk: key.into() })
        }
        (wrapped, _) => (None, wrapped.clone()),
    })
}
