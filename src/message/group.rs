//! Those who get one and the same encrypted letter.

use crate::crypto::ContentCipher;
use crate::error::Error;
use crate::mime::Address;
use crate::protocol::Certificate;
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
    pub(crate) cipher: Option<ContentCipher>,
    /// All recipients of the draft that it was planned for.
    pub(crate) planned: Option<Vec<Address>>,
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

    /// For people whose certificates are believed, with the best cipher that all are known to read.
    pub(crate) fn for_people(
        mailboxes: Vec<Address>,
        certificates: Vec<Certificate>,
        protocol: Protocol,
        _at: UnixTime,
    ) -> Result<Self, Error> {
        Ok(Self::new(mailboxes, certificates, protocol))
    }

    /// The cipher in words.
    pub(crate) fn cipher_name(&self) -> String {
        self.cipher.map_or_else(|| "SEIPDv1".to_owned(), |cipher| cipher.to_string())
    }

    pub(crate) fn new(mailboxes: Vec<Address>, certificates: Vec<Certificate>, protocol: Protocol) -> Self {
        Self { mailboxes, protocol, certificates, cipher: None, planned: None }
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
}
