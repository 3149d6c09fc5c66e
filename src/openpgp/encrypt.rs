//! Writing encrypted messages (RFC 9580 §10.3): the keys in front, then one literal, signed by one-pass signatures, in
//! encrypted data. In pieces, with memory that does not grow.

use std::io::{self, Write};

use sequoia_openpgp::Packet;
use sequoia_openpgp::crypto::aead::{self, SEIPv2Schedule};
use sequoia_openpgp::crypto::symmetric::{BlockCipherMode, Encryptor as Cfb, PaddingMode};
use sequoia_openpgp::crypto::{Password, S2K, SessionKey};
use sequoia_openpgp::packet::pkesk::{PKESK3, PKESK6};
use sequoia_openpgp::packet::skesk::{SKESK4, SKESK6};
use sequoia_openpgp::packet::{PKESK, SKESK, Signature};
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::{AEADAlgorithm, HashAlgorithm, SymmetricAlgorithm};

use super::framing::{LITERAL, SEIPD};
use super::recipient::EncryptionKey;
use super::sign::{Draft, Unfinished};
use crate::crypto::{self, ContentCipher, ContentKey, Digest, Provider, Secret};
use crate::error::{Error, KeyError};

/// Whom and how.
pub(crate) struct Recipients<'a> {
    pub(crate) keys: &'a [EncryptionKey],
    pub(crate) passwords: &'a [Secret],
    /// The entries name nobody (RFC 9580 §5.1.8).
    pub(crate) hidden: bool,
    pub(crate) form: Form,
}

/// What the encrypted data is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Version 1 with AES-256, which everybody reads.
    Version1,
    /// Version 2 with OCB, for those who say that they read it; with AES-256 where all of them prefer it.
    Version2 {
        /// Else AES-128, which all of them must know.
        aes256: bool,
    },
}

impl Form {
    fn cipher(self) -> SymmetricAlgorithm {
        match self {
            Self::Version2 { aes256: false } => SymmetricAlgorithm::AES128,
            _ => SymmetricAlgorithm::AES256,
        }
    }
}

/// A message in the making; what is written to it is its content.
pub(crate) struct Encryption<W: Write> {
    literal: Partial<Sealing<W>>,
    drafts: Vec<Draft>,
}

impl<W: Write> Encryption<W> {
    /// Writes the entries of the recipients and what stands in front of the content.
    pub(crate) fn begin(
        mut out: W,
        recipients: &Recipients<'_>,
        drafts: Vec<Draft>,
        provider: &Provider,
    ) -> Result<Self, Error> {
        let key = session_key(recipients.form, provider)?;
        entries(&mut out, recipients, &key, provider)?;
        let mut sealing = Sealing::begin(out, recipients.form, &key, provider)?;
        for (index, draft) in drafts.iter().enumerate() {
            let packet = draft.one_pass(index + 1 == drafts.len())?;
            sealing.write_all(&packet.to_vec().map_err(unwritable)?).map_err(writing())?;
        }
        let mut literal = Partial::new(sealing, LITERAL);
        // Binary, without a file name and a date.
        literal.write_all(b"b\0\0\0\0\0").map_err(writing())?;
        Ok(Self { literal, drafts })
    }

    /// The content is complete: gives what has to be signed, the first signer first.
    pub(crate) fn finish_content(self) -> Result<(Unsigned<W>, Vec<Unfinished>), Error> {
        let unfinished = self.drafts.into_iter().map(Draft::finish).collect::<Result<Vec<_>, _>>()?;
        let sealing = self.literal.finish().map_err(writing())?;
        Ok((Unsigned { sealing }, unfinished))
    }
}

impl<W: Write> Write for Encryption<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        // Few enough at once to stay in the processor's cache while they are hashed and encrypted.
        let piece = octets.get(..PARTIAL).unwrap_or(octets);
        self.drafts.iter_mut().for_each(|draft| draft.update(piece));
        self.literal.write_all(piece)?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A message that lacks its signatures.
pub(crate) struct Unsigned<W: Write> {
    sealing: Sealing<W>,
}

impl<W: Write> Unsigned<W> {
    /// Writes the signatures, the first signer's last (RFC 9580 §10.3), and the end.
    pub(crate) fn finish(mut self, signatures: Vec<Signature>) -> Result<W, Error> {
        for signature in signatures.into_iter().rev() {
            let octets = Packet::from(signature).to_vec().map_err(unwritable)?;
            self.sealing.write_all(&octets).map_err(writing())?;
        }
        self.sealing.finish().map_err(writing())
    }
}

/// Of the provider's random octets (R-A15).
fn session_key(form: Form, provider: &Provider) -> Result<SessionKey, Error> {
    let cipher = match form.cipher() {
        SymmetricAlgorithm::AES128 => ContentCipher::Aes128Gcm,
        _ => ContentCipher::Aes256Gcm,
    };
    let key = ContentKey::random(cipher, provider.random)?;
    Ok(SessionKey::from(key.expose()))
}

/// PKESK and SKESK packets of the version that belongs to the form (R-A4).
fn entries(
    out: &mut dyn Write,
    recipients: &Recipients<'_>,
    key: &SessionKey,
    provider: &Provider,
) -> Result<(), Error> {
    let cipher = recipients.form.cipher();
    let version1 = recipients.form == Form::Version1;
    for EncryptionKey(recipient) in recipients.keys {
        let entry: PKESK = match version1 {
            true => {
                let mut entry = PKESK3::for_recipient(cipher, key, recipient).map_err(unwritable)?;
                if recipients.hidden {
                    entry.set_recipient(None);
                }
                entry.into()
            }
            false => {
                let mut entry = PKESK6::for_recipient(key, recipient).map_err(unwritable)?;
                if recipients.hidden {
                    entry.set_recipient(None);
                }
                entry.into()
            }
        };
        out.write_all(&Packet::from(entry).to_vec().map_err(unwritable)?).map_err(writing())?;
    }
    for password in recipients.passwords {
        let mut salt = [0; 8];
        provider.random.fill(&mut salt)?;
        let s2k = S2K::Iterated { hash: HashAlgorithm::SHA256, salt, hash_bytes: S2K_OCTETS };
        let password = Password::from(password.expose());
        let entry: SKESK = match version1 {
            true => SKESK4::with_password(cipher, cipher, s2k, key, &password).map_err(unwritable)?.into(),
            false => SKESK6::with_password(cipher, cipher, AEADAlgorithm::OCB, s2k, key, &password)
                .map_err(unwritable)?
                .into(),
        };
        out.write_all(&Packet::from(entry).to_vec().map_err(unwritable)?).map_err(writing())?;
    }
    Ok(())
}

/// The most that the format has (RFC 9580 §3.7.1.3).
const S2K_OCTETS: u32 = 65_011_712;

/// Encrypted data, to which packets are written.
enum Sealing<W: Write> {
    Version1 { cfb: Cfb<Partial<W>>, digest: Box<dyn Digest> },
    Version2(aead::Encryptor<'static, Partial<W>>),
}

impl<W: Write> Sealing<W> {
    fn begin(out: W, form: Form, key: &SessionKey, provider: &Provider) -> Result<Self, Error> {
        let mut body = Partial::new(out, SEIPD);
        let cipher = form.cipher();
        match form {
            Form::Version1 => {
                body.write_all(&[1]).map_err(writing())?;
                let digest = provider.digest(crypto::HashAlgorithm::Sha1);
                let digest = digest.ok_or_else(|| KeyError::Unsupported("SHA-1".into()))?;
                let cfb = Cfb::new(cipher, BlockCipherMode::CFB, PaddingMode::None, key, None, body);
                let mut sealing = Self::Version1 { cfb: cfb.map_err(unwritable)?, digest };
                // Random octets, the last two of them twice (RFC 9580 §5.13.1).
                let mut prefix = [0; 18];
                provider.random.fill(&mut prefix)?;
                prefix.copy_within(14..16, 16);
                sealing.write_all(&prefix).map_err(writing())?;
                Ok(sealing)
            }
            Form::Version2 { .. } => {
                let mut salt = [0; 32];
                provider.random.fill(&mut salt)?;
                let ocb = AEADAlgorithm::OCB;
                let head = [2, cipher.into(), ocb.into(), CHUNK_BITS - 6];
                body.write_all(&[&head[..], &salt].concat()).map_err(writing())?;
                let chunk = 1 << CHUNK_BITS;
                let schedule = SEIPv2Schedule::new(key, cipher, ocb, chunk, &salt).map_err(unwritable)?;
                let aead = aead::Encryptor::new(cipher, ocb, chunk, schedule, body).map_err(unwritable)?;
                Ok(Self::Version2(aead))
            }
        }
    }

    fn finish(self) -> io::Result<W> {
        let failed = |error: sequoia_openpgp::anyhow::Error| io::Error::other(error.to_string());
        match self {
            Self::Version1 { mut cfb, mut digest } => {
                digest.update(b"\xd3\x14");
                cfb.write_all(b"\xd3\x14")?;
                cfb.write_all(&digest.finish())?;
                cfb.finalize().map_err(failed)?.finish()
            }
            Self::Version2(aead) => aead.finalize().map_err(failed)?.finish(),
        }
    }
}

/// 64 KiB: what a reader must hold before it may look at it.
const CHUNK_BITS: u8 = 16;

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        match self {
            Self::Version1 { cfb, digest } => {
                digest.update(octets);
                cfb.write_all(octets)?;
            }
            Self::Version2(aead) => aead.write_all(octets)?,
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A packet whose length is not known before (RFC 9580 §4.2.1.4).
struct Partial<W: Write> {
    out: W,
    /// Not written yet.
    tag: Option<u8>,
    held: Vec<u8>,
}

const PARTIAL_BITS: u8 = 15;
const PARTIAL: usize = 1 << PARTIAL_BITS;

impl<W: Write> Partial<W> {
    fn new(out: W, tag: u8) -> Self {
        Self { out, tag: Some(0xc0 | tag), held: Vec::with_capacity(PARTIAL) }
    }

    fn held(&mut self, length: &[u8]) -> io::Result<()> {
        let tag = self.tag.take();
        self.out.write_all(tag.as_slice())?;
        self.out.write_all(length)?;
        self.out.write_all(&self.held)?;
        self.held.clear();
        Ok(())
    }

    /// Writes the rest with its length.
    fn finish(mut self) -> io::Result<W> {
        let length = u32::try_from(self.held.len()).unwrap_or(u32::MAX).to_be_bytes();
        self.held(&[&[0xff][..], &length].concat())?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Partial<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        if self.held.len() == PARTIAL {
            self.held(&[0xe0 | PARTIAL_BITS])?;
        }
        let piece = octets.get(..PARTIAL - self.held.len()).unwrap_or(octets);
        self.held.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn writing() -> impl FnOnce(io::Error) -> Error {
    Error::io("writing an encrypted letter")
}

fn unwritable(error: sequoia_openpgp::anyhow::Error) -> Error {
    KeyError::Malformed(error.to_string()).into()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An encrypted message with these packets in it, binary.
    pub(in super::super) fn raw(recipients: &Recipients<'_>, packets: &[u8], provider: &Provider) -> Vec<u8> {
        let key = session_key(recipients.form, provider).unwrap();
        let mut out = Vec::new();
        entries(&mut out, recipients, &key, provider).unwrap();
        let mut sealing = Sealing::begin(out, recipients.form, &key, provider).unwrap();
        sealing.write_all(packets).unwrap();
        sealing.finish().unwrap()
    }

    /// The same for a password, with a derivation that costs nothing.
    #[allow(deprecated)]
    pub(in super::super) fn for_password(
        form: Form,
        password: &str,
        packets: &[u8],
        provider: &Provider,
    ) -> Vec<u8> {
        let (key, cipher) = (session_key(form, provider).unwrap(), form.cipher());
        let s2k = S2K::Salted { hash: HashAlgorithm::SHA256, salt: [7; 8] };
        let password = Password::from(password);
        let entry: SKESK = match form {
            Form::Version1 => SKESK4::with_password(cipher, cipher, s2k, &key, &password).unwrap().into(),
            Form::Version2 { .. } => {
                let ocb = AEADAlgorithm::OCB;
                SKESK6::with_password(cipher, cipher, ocb, s2k, &key, &password).unwrap().into()
            }
        };
        let mut sealing =
            Sealing::begin(Packet::from(entry).to_vec().unwrap(), form, &key, provider).unwrap();
        sealing.write_all(packets).unwrap();
        sealing.finish().unwrap()
    }
}
