//! Which of several keys: the rules, in one place.

use std::cmp::Reverse;

use crate::crypto::{KeyAlgorithm, PublicKey};
use crate::mime::Address;
use crate::protocol::{Certificate, Key, KeyKind};
use crate::time::UnixTime;

/// What a certificate, or the private key behind it, is for.
///
/// ```
/// use mailseal::protocol::Purpose;
/// assert_eq!([Purpose::Sign, Purpose::Encrypt].map(Purpose::name), ["sign", "encrypt"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// To sign mail of the address.
    Sign,
    /// To be encrypted to, for mail to the address, and to open that.
    Encrypt,
}

impl Purpose {
    /// `sign`, `encrypt`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sign => "sign",
            Self::Encrypt => "encrypt",
        }
    }
}

/// Whether a key fits a purpose at a time, the best first.
///
/// ```
/// use mailseal::protocol::Fit;
/// assert_eq!(Fit::Expired(None).name(), "expired");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fit {
    /// It does.
    Fits,
    /// It was not valid any more; since when, where its certificate as a whole is meant. It still opens old letters.
    Expired(Option<UnixTime>),
    /// It was not valid yet; from when.
    NotYet(UnixTime),
    /// It is revoked. It still opens old letters.
    Revoked,
    /// It does something else.
    NotForThis,
}

impl Fit {
    /// `fits`, `expired`, `not-yet`, `revoked`, `not-for-this`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fits => "fits",
            Self::Expired(_) => "expired",
            Self::NotYet(_) => "not-yet",
            Self::Revoked => "revoked",
            Self::NotForThis => "not-for-this",
        }
    }
}

/// A key that is an answer, and how good a one.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct KeyChoice<'a> {
    /// The key.
    pub key: &'a Key,
    /// Its place among those that were given.
    pub index: usize,
    /// Whether it fits.
    pub fit: Fit,
    /// Bits of security of its public key (NIST SP 800-57 part 1 §5.6.1): 112 for RSA with 2048 bits, 128 for P-256.
    pub strength: u32,
    /// Since when its certificate is valid.
    pub since: Option<UnixTime>,
}

/// Every key whose certificate names the address, the one to take first: those that fit before those that expired, are
/// not valid yet, are revoked, do something else; then the stronger; then the one whose certificate is newer; then as
/// they were given. No protocol goes before the other.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
/// # let pem: String = include!("../../examples/letters/alice.rs");
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// # let keys = [mailseal::Key::load(pem.as_bytes(), mailseal::Password::none())?];
/// use mailseal::protocol::{Fit, Purpose, keys_for};
/// let alice = "alice@example.org".parse()?;
/// for choice in keys_for(&keys, &alice, Purpose::Sign, at) {
///     println!("{}: {}", choice.key.certificate().fingerprint(), choice.fit.name());
/// }
/// let best = keys_for(&keys, &alice, Purpose::Sign, at).into_iter().find(|choice| choice.fit == Fit::Fits);
/// assert!(best.is_some());
/// # }
/// # Ok(())
/// # }
/// ```
pub fn keys_for<'a>(
    keys: &'a [Key],
    address: &Address,
    purpose: Purpose,
    at: UnixTime,
) -> Vec<KeyChoice<'a>> {
    let named = keys.iter().enumerate().filter(|(_, key)| key.certificate().claims(address));
    let choice = |(index, key): (usize, &'a Key)| KeyChoice {
        key,
        index,
        fit: match key.fit(purpose, at) {
            // A user ID that is revoked, or was never bound: nobody would take it for the sender's.
            Fit::Fits if purpose == Purpose::Sign && !key.names(address, at) => Fit::NotForThis,
            fit => fit,
        },
        strength: strength(&key.certificate(), purpose),
        since: key.certificate().since(at),
    };
    let mut choices: Vec<_> = named.map(choice).collect();
    choices.sort_by_key(|one| (rank(one.fit), Reverse(one.strength), Reverse(one.since)));
    choices
}

/// Times of the same kind of answer do not count.
fn rank(fit: Fit) -> u8 {
    match fit {
        Fit::Fits => 0,
        Fit::Expired(_) => 1,
        Fit::NotYet(_) => 2,
        Fit::Revoked => 3,
        Fit::NotForThis => 4,
    }
}

/// Of several keys of a certificate, the strongest.
fn strength(certificate: &Certificate, purpose: Purpose) -> u32 {
    let keys = match purpose {
        Purpose::Sign => certificate.signing_keys(),
        Purpose::Encrypt => certificate.encryption_keys(),
    };
    keys.iter().map(bits).max().unwrap_or_default()
}

fn bits(key: &PublicKey) -> u32 {
    match key.algorithm() {
        KeyAlgorithm::Rsa { bits, .. } => match bits {
            ..2048 => 80,
            2048..3072 => 112,
            3072..7680 => 128,
            7680..15360 => 192,
            _ => 256,
        },
        _ => u32::try_from(key.bits() / 2).unwrap_or_default(),
    }
}

impl Key {
    /// Whether it fits a purpose at a time. Of an OpenPGP certificate one key for the purpose is enough; revocation of
    /// X.509 certificates is not looked up here.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../examples/letters/alice.rs");
    /// # let key = mailseal::Key::load(pem.as_bytes(), mailseal::Password::none())?;
    /// use mailseal::UnixTime;
    /// use mailseal::protocol::{Fit, Purpose};
    /// // Is it time for a new one?
    /// let (now, month) = (1_800_000_000, 30 * 86_400);
    /// let fits = |seconds| key.fit(Purpose::Sign, UnixTime::from_seconds(seconds)) == Fit::Fits;
    /// assert!(fits(now) && fits(now + month));
    /// assert_eq!(key.fit(Purpose::Sign, UnixTime::from_seconds(90_000_000_000)).name(), "expired");
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn fit(&self, purpose: Purpose, at: UnixTime) -> Fit {
        match &self.kind {
            #[cfg(feature = "smime")]
            KeyKind::Smime(key) => {
                let can = match purpose {
                    Purpose::Sign => (key.signing.is_some() || self.is_deferred()) && key.may_sign(),
                    Purpose::Encrypt => key.decryption.iter().any(|entry| entry.key.is_some()),
                };
                let validity = key.certificate.validity();
                match can {
                    false => Fit::NotForThis,
                    true if at < validity.not_before => Fit::NotYet(validity.not_before),
                    true if at > validity.not_after => Fit::Expired(Some(validity.not_after)),
                    true => Fit::Fits,
                }
            }
            #[cfg(feature = "openpgp")]
            KeyKind::Openpgp(key) => openpgp(key, purpose, at),
        }
    }
}

#[cfg(feature = "openpgp")]
fn openpgp(key: &crate::openpgp::SigningIdentity, purpose: Purpose, at: UnixTime) -> Fit {
    let can = match purpose {
        Purpose::Sign => key.public_keys().next().is_some(),
        Purpose::Encrypt => !key.decrypting().is_empty(),
    };
    if !can {
        return Fit::NotForThis;
    }
    let fits = match purpose {
        Purpose::Sign => key.chosen(at).is_ok(),
        Purpose::Encrypt => key.decrypting().iter().any(|pair| pair.is_written_to(key.certificate(), at)),
    };
    if fits {
        return Fit::Fits;
    }
    match key.certificate().validity(at) {
        Some(validity) if validity.revoked.is_some() => Fit::Revoked,
        Some(validity) => Fit::Expired(validity.expires.filter(|end| *end <= at)),
        None => match key.certificate().created() {
            created if created > at => Fit::NotYet(created),
            // Nothing binds it.
            _ => Fit::NotForThis,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strengths_of_sp_800_57() {
        let rsa = |bits: usize| super::bits(&PublicKey::rsa(&vec![0xff; bits / 8], &[1, 0, 1]).unwrap());
        assert_eq!([1024, 2048, 3072, 4096, 8192].map(rsa), [80, 112, 128, 128, 192]);
        assert_eq!(super::bits(&PublicKey::ed25519(&[9; 32]).unwrap()), 128);
    }
}
