//! How a letter is protected.

use crate::crypto::ContentCipher;
use crate::report::{Decryption, Layer, Protocol, Report};

/// How a letter is protected, or is going to be.
///
/// ```
/// use mailseal::policy::Protection;
/// assert!(Protection::none().encryption.is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Protection {
    /// For each signature over the whole letter: the fingerprint of its certificate, and the addresses in it.
    pub signers: Vec<Vec<String>>,
    /// The encryption around the whole letter.
    pub encryption: Option<Encryption>,
}

/// The encryption around a letter.
///
/// ```
/// use mailseal::{policy::Encryption, report::Protocol};
/// assert!(Encryption::new(Protocol::Openpgp).certificates.is_empty());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Encryption {
    /// By which protocol.
    pub protocol: Protocol,
    /// With which cipher, where that is known. S/MIME only.
    pub cipher: Option<ContentCipher>,
    /// To which certificates, by their fingerprints, as far as that is known.
    pub certificates: Vec<String>,
}

impl Encryption {
    /// Of which nothing more is known.
    pub fn new(protocol: Protocol) -> Self {
        Self { protocol, cipher: None, certificates: Vec::new() }
    }
}

impl Protection {
    /// As anybody may read and change it.
    pub fn none() -> Self {
        Self::default()
    }

    /// Of a finished letter, as it was seen from outside, without the keys of those whom it is for: what is inside an
    /// encryption does not count.
    pub fn of(report: &Report) -> Self {
        let mut found = Self::none();
        for layer in &report.layers {
            match layer {
                Layer::Signed(layer) if layer.envelope => {
                    let holding = layer.signatures.iter().filter(|one| one.integrity.holds());
                    let signers = holding.filter_map(|one| one.signer.as_ref());
                    found.signers.extend(signers.map(|signer| {
                        let mut names = signer.mailboxes.clone();
                        names.push(signer.certificate.fingerprint.clone());
                        names
                    }));
                }
                // What cannot be read as what it says was not encrypted, for all that one can tell.
                Layer::Encrypted(layer) if layer.envelope && layer.decryption != Decryption::NotTried => {
                    let cipher = layer.cipher.as_ref().and_then(|name| name.parse().ok());
                    found.encryption = Some(Encryption { cipher, ..Encryption::new(layer.protocol) });
                }
                _ => {}
            }
        }
        found
    }
}
