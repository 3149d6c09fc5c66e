//! Those who get one and the same encrypted letter.

use std::sync::Arc;

use crate::crypto::{ContentCipher, Secret};
use crate::error::Error;
use crate::message::dispatch::Terms;
use crate::mime::Address;
use crate::protocol::Certificate;
#[cfg(feature = "smime")]
use crate::protocol::SharedKey;
use crate::report::Protocol;
use crate::time::UnixTime;

/// Those who get one and the same encrypted letter: of one protocol, each able to read it.
///
/// A [`Plan`](crate::Plan) makes groups of the recipients of a draft; [`Group::to`] takes certificates outright.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
/// # let pem: String = include!("../../examples/letters/alice.rs");
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// use mailseal::{Certificate, Group};
/// let alice = Certificate::load(pem.as_bytes())?;
/// let group = Group::to(&alice[..1], at)?;
/// assert_eq!(group.mailboxes, ["alice@example.org".parse()?]);
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Group {
    /// Whom the letter goes to: the recipients of the envelope (RFC 5321 §4.1.1.3).
    pub mailboxes: Vec<Address>,
    pub(crate) protocol: Protocol,
    pub(crate) certificates: Vec<Certificate>,
    cipher: Option<ContentCipher>,
    passwords: Vec<Arc<Secret>>,
    #[cfg(feature = "smime")]
    shared: Vec<SharedKey>,
    /// All recipients of the draft that it was planned for.
    pub(crate) planned: Option<Vec<Address>>,
    /// The rules that it was planned by.
    pub(super) terms: Option<Terms>,
}

impl Group {
    /// Encrypts to these certificates, believed or not: the caller says so. All are of one protocol and can be
    /// encrypted to at the time.
    pub fn to(certificates: &[Certificate], at: UnixTime) -> Result<Self, Error> {
        let first = certificates.first().ok_or_else(|| Error::misuse("there is nobody to encrypt to"))?;
        let protocol = first.protocol();
        if certificates.iter().any(|one| one.protocol() != protocol) {
            return Err(Error::misuse("one letter is encrypted by one protocol"));
        }
        let mailboxes = certificates.iter().flat_map(|one| one.addresses(at)).collect();
        Ok(Self::new(mailboxes, certificates.to_vec(), protocol))
    }

    /// Encrypts to whoever knows the password: as strong as it is, and as secret as it is kept.
    ///
    /// ```
    /// use mailseal::{Group, report::Protocol};
    /// let group = Group::password(Protocol::Openpgp, "agreed by telephone");
    /// assert!(group.mailboxes.is_empty());
    /// ```
    pub fn password(protocol: Protocol, password: impl Into<Secret>) -> Self {
        Self { passwords: vec![Arc::new(password.into())], ..Self::new(Vec::new(), Vec::new(), protocol) }
    }

    /// Encrypts to whoever has the same key, [`Opener::shared_key`](crate::Opener::shared_key). S/MIME only.
    #[cfg(feature = "smime")]
    pub fn shared(key: &SharedKey) -> Self {
        Self { shared: vec![key.clone()], ..Self::new(Vec::new(), Vec::new(), Protocol::Smime) }
    }

    pub(crate) fn new(mailboxes: Vec<Address>, certificates: Vec<Certificate>, protocol: Protocol) -> Self {
        Self {
            mailboxes,
            protocol,
            certificates,
            cipher: None,
            passwords: Vec::new(),
            #[cfg(feature = "smime")]
            shared: Vec::new(),
            planned: None,
            terms: None,
        }
    }

    /// Which protocol.
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// The same, with this cipher instead of the one that all are known to read. S/MIME only.
    #[must_use]
    pub fn cipher(mut self, cipher: ContentCipher) -> Self {
        self.cipher = Some(cipher);
        self
    }

    /// The same, with the one of these that all are known to read, otherwise the first.
    #[must_use]
    pub(super) fn one_of(self, allowed: &[ContentCipher]) -> Self {
        #[cfg(feature = "smime")]
        if allowed.contains(&self.content_cipher()) {
            return self;
        }
        match allowed.first().filter(|_| self.protocol == Protocol::Smime) {
            Some(first) => self.cipher(*first),
            None => self,
        }
    }

    /// What it is encrypted with: the one that was chosen, AES-256-GCM where all are known to read it, else AES-256-CBC.
    #[cfg(feature = "smime")]
    pub(crate) fn content_cipher(&self) -> ContentCipher {
        let reads = |one: &Certificate| {
            one.capabilities().is_some_and(|known| known.ciphers.contains(&ContentCipher::Aes256Gcm))
        };
        let all = self.certificates.iter().all(reads);
        self.cipher.unwrap_or(if all { ContentCipher::Aes256Gcm } else { ContentCipher::Aes256Cbc })
    }

    /// Whether all are known to derive the key of the content (RFC 9709).
    #[cfg(feature = "smime")]
    pub(crate) fn derives_keys(&self) -> bool {
        let derives = |one: &Certificate| one.capabilities().is_some_and(|known| known.derived_keys);
        !self.certificates.is_empty() && self.shared.is_empty() && self.certificates.iter().all(derives)
    }

    #[cfg(feature = "smime")]
    pub(crate) fn smime_recipients(&self) -> Vec<crate::smime::Recipient> {
        use crate::smime::Recipient;

        let x509 = |certificate: &Certificate| match certificate {
            Certificate::X509(certificate) => Some(Recipient::certificate(certificate)),
            #[cfg(feature = "openpgp")]
            Certificate::Openpgp(_) => None,
        };
        let passwords = self.passwords.iter().map(|one| Recipient::password(one.expose().to_vec()));
        let shared = self.shared.iter().map(Recipient::shared);
        self.certificates.iter().filter_map(x509).chain(passwords).chain(shared).collect()
    }

    #[cfg(feature = "openpgp")]
    pub(crate) fn openpgp_certificates(&self) -> Vec<crate::openpgp::Certificate> {
        let openpgp = |certificate: &Certificate| match certificate {
            Certificate::Openpgp(certificate) => Some(certificate.clone()),
            #[cfg(feature = "smime")]
            Certificate::X509(_) => None,
        };
        self.certificates.iter().filter_map(openpgp).collect()
    }

    /// OpenPGP chooses the cipher by what the certificates say.
    #[cfg(feature = "openpgp")]
    pub(crate) fn passwords(&self) -> Result<Vec<Secret>, Error> {
        match self.cipher {
            Some(_) => Err(Error::misuse("the cipher of an OpenPGP letter is not chosen")),
            None => Ok(self.passwords.iter().map(|one| Secret::from(one.expose().to_vec())).collect()),
        }
    }

    /// Whether an OpenPGP letter to them has version 2 of encrypted data (RFC 9580 §5.13.2).
    #[cfg(feature = "openpgp")]
    pub(crate) fn reads_seipdv2(&self, at: UnixTime) -> bool {
        self.openpgp_certificates().iter().all(|one| one.reads_seipdv2(at))
    }
}
