//! OpenPGP (RFC 9580) over sequoia-openpgp. No other file names that crate, and none of its types is public.
//!
//! - [`Certificate`]: public keys with the user IDs and subkeys that are bound to them.
//! - [`SigningIdentity`]: a certificate with private keys that sign and decrypt; [`generate`] makes a new one.
//! - [`EncryptionKey`]: which key of a certificate is written to, or [`NoEncryptionKey`].
//! - [`certify`]: says of a certificate whose it is; [`Autocrypt`]: a certificate in a header field.
//! - `search`: how much trust leads to an address (Web of Trust).
//! - `Signatures`, `Hasher`, `verify`: signature packets, what they cover, and whether they fit.
//! - `Draft`: a signature in the making, in two phases.
//! - `Message`: signed messages that hold their content.
//! - `Sealed`, `Plain`: encrypted messages, and what comes out of them while its check is still open.
//! - `Encryption`: an encrypted message in the making.
//!
//! Private keys and data signatures are used through [`crypto::Provider`](crate::crypto::Provider): sequoia-openpgp
//! remembers every signature that it finds good, without bound. Only the signatures inside certificates are its own.
//!
//! ```
//! use mailseal::{UnixTime, openpgp::Certificate};
//! let carol = Certificate::load(include_bytes!("../../examples/letters/gpg-carol.asc"))?.remove(0);
//! let at = UnixTime::from_seconds(1_800_000_000);
//! println!("{}: {:?}", carol.fingerprint(), carol.mailboxes(at));
//! # assert_eq!(carol.mailboxes(at), ["carol@example.net"]);
//! # Ok::<(), mailseal::Error>(())
//! ```

mod armor;
mod autocrypt;
mod certificate;
mod certify;
mod dearmor;
mod decryption;
mod describe;
mod encrypt;
mod framing;
mod generate;
mod hasher;
mod identity;
mod message;
mod moment;
mod names;
mod public;
mod recipient;
mod secret;
mod seipd;
mod session;
mod sign;
mod signature;
mod standing;
#[cfg(test)]
pub(crate) mod tests;
mod verify;
#[cfg(feature = "web-of-trust")]
mod web;

pub(crate) use armor::{Block, blocks};
pub use autocrypt::Autocrypt;
pub(crate) use certificate::key_id;
pub use certificate::{Certificate, Revoked, Validity};
pub use certify::{Certification, certify};
pub(crate) use decryption::DecryptionPair;
pub use describe::{Description, KeyDescription, UserId};
pub(crate) use encrypt::{Encryption, Form, Recipients};
pub use generate::{CipherSuite, generate};
pub(crate) use generate::{Draft as KeyDraft, Made};
pub(crate) use hasher::Hasher;
pub(crate) use identity::KeyPair;
pub use identity::SigningIdentity;
pub(crate) use message::{Content, Message, Sink};
pub use recipient::{EncryptionKey, NoEncryptionKey};
pub(crate) use seipd::Plain;
pub(crate) use session::{Envelope, Refused, Sealed, SessionKey, Trouble};
pub(crate) use sign::{Draft, Unfinished, armored, micalg};
pub(crate) use signature::{DetachedSignature, Signatures};
pub(crate) use verify::{Terms, verify};
#[cfg(feature = "web-of-trust")]
pub(crate) use web::{Web, WebPath, WebRequest, WebRoot, WebStep, search};

/// True for an armored or binary OpenPGP key, certificate, signature or message (RFC 9580 §4.2, §6.2).
///
/// ```
/// use mailseal::openpgp::looks_like_openpgp;
/// assert!(looks_like_openpgp(b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n"));
/// assert!(!looks_like_openpgp(b"-----BEGIN CERTIFICATE-----\n"));
/// ```
pub fn looks_like_openpgp(octets: &[u8]) -> bool {
    armor::blocks(octets).next().is_some() || names::starts_with_packet(octets)
}

/// Whether it is OpenPGP and nothing else: packets, in which there is no text between blocks.
pub(crate) fn is_binary(octets: &[u8]) -> bool {
    names::starts_with_packet(octets)
}
