//! What a letter says of how its author can be written to.

use serde::{Deserialize, Serialize};

use crate::mime::Address;
use crate::time::UnixTime;

/// What the signer of a letter says to read, in the signature itself (RFC 8551 §2.5.2, §2.5.3). A claim as good as the
/// signature that it stands in.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// for signature in report.signatures() {
///     if let Some(reads) = &signature.reads {
///         println!("reads {}", reads.ciphers.join(", "));
///     }
/// }
/// # assert!(report.signatures().all(|signature| signature.reads.as_ref().is_some_and(|reads| !reads.ciphers.is_empty())));
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reads {
    /// Names of ciphers for content, the preferred first; not the weak ones, and not those that are not known here.
    pub ciphers: Vec<String>,
    /// RSAES-OAEP (RFC 3560 §4).
    pub oaep: bool,
    /// Content keys that are derived (RFC 9709 §4).
    pub derived_keys: bool,
    /// The fingerprint of the certificate that they would have letters encrypted to, where it came with the letter or is
    /// known (RFC 8551 §2.5.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypt_to: Option<String>,
}

/// What the header of a letter says of how its author, and those that it was written to, can be written to. Nobody
/// vouches for any of it: anyone can write any header field (threats A9).
///
/// ```
/// use mailseal::{Context, Opener, TrustStore};
/// let opener = Opener::new(&Context::new(TrustStore::new()));
/// let letter = b"From: a@b.example\r\nUser-Agent: Mutt/2.2.12\r\n\r\nHello\r\n";
/// let opened = opener.open(letter, mailseal::UnixTime::from_seconds(1_800_000_000))?;
/// assert_eq!(opened.report.told.mailer.as_deref(), Some("Mutt/2.2.12"));
/// assert!(opened.report.told.autocrypt.is_none());
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Told {
    /// Autocrypt's effective date: that of Date, or the time of looking where Date is later or cannot be read. `None` where
    /// nobody looked.
    pub sent: Option<UnixTime>,
    /// The one valid Autocrypt field.
    pub autocrypt: Option<KeyOffer>,
    /// Autocrypt-Gossip fields of an encrypted payload, for recipients of the letter.
    pub gossip: Vec<KeyOffer>,
    /// A program wrote it by itself: `Auto-Submitted`, or a report. It says nothing of how its author reads.
    pub automatic: bool,
    /// User-Agent or X-Mailer, the first 128 letters.
    pub mailer: Option<String>,
}

/// An OpenPGP certificate in an Autocrypt or Autocrypt-Gossip field.
///
/// ```
/// use mailseal::report::KeyOffer;
/// fn print(offer: &KeyOffer) {
///     println!("{} may have key {}: compare it", offer.address, offer.fingerprint);
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyOffer {
    /// Whose it is said to be.
    pub address: Address,
    /// `prefer-encrypt=mutual`.
    pub prefers_encryption: bool,
    /// Of its primary key, upper-case hexadecimal.
    pub fingerprint: String,
    /// The certificate (RFC 9580 §10.1), binary.
    pub key: Vec<u8>,
}
