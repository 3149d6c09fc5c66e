//! Encrypting (RFC 3156 §4, §6.2): one armored message for all recipients, signed inside.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

use super::crc24::Crc24;
use super::signer::{chosen, request};
use crate::crypto::{Provider, Secret};
use crate::error::{Error, KeyError};
use crate::mime::write::Base64Writer;
use crate::openpgp::{
    Certificate, Draft, Encryption, EncryptionKey, Form, KeyPair, Recipients, SigningIdentity,
};
use crate::protocol::{self, Encrypting};
use crate::report::Protocol;
use crate::time::UnixTime;

/// Encrypts to certificates and passwords; signs inside with one key of each identity.
///
/// Encrypted data of version 2 (RFC 9580 §5.13.2) where everybody says that they read it, else of version 1 with
/// AES-256. Not compressed. The signatures name the certificates that the message is for (R-B17).
///
/// ```
/// # #[cfg(all(feature = "openpgp-rust", feature = "aws-lc"))] {
/// use std::io::Write;
/// use mailseal::protocol::Encryptor as _;
/// use mailseal::{UnixTime, crypto::Provider, openpgp, pgpmime};
/// let (at, provider) = (UnixTime::from_seconds(1_800_000_000), Provider::default());
/// let secret = openpgp::generate("Bob <bob@example.org>", at, openpgp::CipherSuite::Ed25519).unwrap();
/// let bob = openpgp::Certificate::load(secret.expose()).unwrap();
/// let options = pgpmime::EncryptOptions::default();
/// let encryptor = pgpmime::Encryptor::new(bob, Vec::new(), Vec::new(), options, provider, at).unwrap();
/// let mut armored = Vec::new();
/// let mut encrypting = encryptor.begin(&mut armored, at).unwrap();
/// encrypting.write_all(b"Content-Type: text/plain\r\n\r\nHello\r\n").unwrap();
/// encrypting.finish().unwrap();
/// assert!(armored.starts_with(b"-----BEGIN PGP MESSAGE-----\r\n\r\n"));
/// # }
/// ```
pub struct Encryptor {
    certificates: Vec<Certificate>,
    keys: Vec<EncryptionKey>,
    passwords: Vec<Secret>,
    signers: Vec<Arc<SigningIdentity>>,
    form: Form,
    options: EncryptOptions,
    provider: Provider,
}

/// How to encrypt.
///
/// ```
/// use mailseal::pgpmime::EncryptOptions;
/// let options = EncryptOptions::default().hide_recipients(true);
/// assert!(options.hide_recipients);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncryptOptions {
    /// The message names nobody (RFC 9580 §5.1.8), and neither do its signatures. Readers have to try all their keys.
    pub hide_recipients: bool,
}

impl EncryptOptions {
    /// The same with or without names of recipients.
    #[must_use]
    pub fn hide_recipients(mut self, hide: bool) -> Self {
        self.hide_recipients = hide;
        self
    }
}

impl Encryptor {
    /// An error where there is nobody to encrypt to, or a certificate has no key to write to or an identity none to sign
    /// with at that time.
    pub fn new(
        certificates: Vec<Certificate>,
        signers: Vec<Arc<SigningIdentity>>,
        passwords: Vec<Secret>,
        options: EncryptOptions,
        provider: Provider,
        at: UnixTime,
    ) -> Result<Self, Error> {
        if certificates.is_empty() && passwords.is_empty() {
            return Err(Error::misuse("nobody to encrypt to"));
        }
        let keys =
            certificates.iter().map(|certificate| newest(certificate, at)).collect::<Result<_, _>>()?;
        chosen(&signers, at)?;
        let all = |reads: fn(&Certificate, UnixTime) -> bool| {
            !certificates.is_empty() && certificates.iter().all(|certificate| reads(certificate, at))
        };
        let form = match all(Certificate::reads_seipdv2) {
            true => Form::Version2 { aes256: all(Certificate::prefers_aes256_ocb) },
            false => Form::Version1,
        };
        Ok(Self { certificates, keys, passwords, signers, form, options, provider })
    }

    /// Whether everybody reads version 2 of encrypted data, so that it is written.
    pub fn writes_seipdv2(&self) -> bool {
        matches!(self.form, Form::Version2 { .. })
    }
}

fn newest(certificate: &Certificate, at: UnixTime) -> Result<EncryptionKey, Error> {
    let refused = |why: &dyn fmt::Display| Error::Refused(format!("{}: {why}", certificate.fingerprint()));
    let keys = certificate.encryption_keys(at).map_err(|why| refused(&why))?;
    keys.into_iter().next().ok_or_else(|| refused(&"no key to write to"))
}

impl protocol::Encryptor for Encryptor {
    fn protocol(&self) -> Protocol {
        Protocol::Openpgp
    }

    fn begin<'o>(&'o self, out: &'o mut dyn Write, at: UnixTime) -> Result<Box<dyn Encrypting + 'o>, Error> {
        let keys = chosen(&self.signers, at)?;
        let intended = if self.options.hide_recipients { &[][..] } else { &self.certificates };
        let drafts =
            self.signers.iter().zip(&keys).map(|(identity, key)| {
                Draft::new(identity, KeyPair::clone(key), at, intended, &self.provider)
            });
        let drafts = drafts.collect::<Result<_, _>>()?;
        let recipients = Recipients {
            keys: &self.keys,
            passwords: &self.passwords,
            hidden: self.options.hide_recipients,
            form: self.form,
        };
        out.write_all(BEGIN).map_err(Error::io("writing an encrypted letter"))?;
        let inner = Encryption::begin(Armor::new(out, self.form), &recipients, drafts, &self.provider)?;
        Ok(Box::new(Message { inner, encryptor: self }))
    }
}

impl fmt::Debug for Encryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("pgpmime::Encryptor")
            .field("certificates", &self.certificates)
            .field("signers", &self.signers)
            .finish_non_exhaustive()
    }
}

/// Armor (RFC 9580 §6.2), with the line ends of mail.
const BEGIN: &[u8] = b"-----BEGIN PGP MESSAGE-----\r\n\r\n";
const END: &[u8] = b"-----END PGP MESSAGE-----\r\n";

struct Message<'o> {
    inner: Encryption<Armor<'o>>,
    encryptor: &'o Encryptor,
}

impl Write for Message<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.inner.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Encrypting for Message<'_> {
    fn finish(self: Box<Self>) -> Result<(), Error> {
        let encryptor = self.encryptor;
        let (unsigned, unfinished) = self.inner.finish_content()?;
        let mut signatures = Vec::new();
        for unfinished in unfinished {
            let request = request(&unfinished);
            let mut keys =
                encryptor.signers.iter().filter_map(|identity| identity.private_key(request.key()));
            let key =
                keys.next().ok_or_else(|| KeyError::Unavailable("the private key is not at hand".into()))?;
            let octets = key.sign(request.scheme(), request.to_sign())?;
            // R-C12: none goes out that was not verified.
            request.check(&octets, &encryptor.provider)?;
            signatures.push(unfinished.complete(&octets)?);
        }
        let failed = || Error::io("writing an encrypted letter");
        unsigned.finish(signatures)?.finish().map_err(failed())
    }
}

/// The text of the message, and its checksum (RFC 9580 §6.1) where somebody may need it: GnuPG 2.2 takes the last line
/// for data where neither padding nor a checksum stands before it. Version 2 goes without, as §6.1 asks.
struct Armor<'o> {
    text: Base64Writer<&'o mut dyn Write>,
    checksum: Option<Crc24>,
}

impl<'o> Armor<'o> {
    fn new(out: &'o mut dyn Write, form: Form) -> Self {
        let checksum = match form {
            Form::Version1 => Some(Crc24::default()),
            Form::Version2 { .. } => None,
        };
        Self { text: Base64Writer::new(out), checksum }
    }

    fn finish(self) -> io::Result<()> {
        let out = self.text.finish()?;
        if let Some(checksum) = self.checksum {
            write!(out, "={}\r\n", base64_simd::STANDARD.encode_to_string(checksum.octets()))?;
        }
        out.write_all(END)
    }
}

impl Write for Armor<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let written = self.text.write(octets)?;
        if let Some(checksum) = &mut self.checksum {
            checksum.update(octets.get(..written).unwrap_or_default());
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
