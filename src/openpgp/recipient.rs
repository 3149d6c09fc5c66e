//! Which key of a certificate is written to (RFC 9580 §5.2.3.29, §5.2.3.32).

use std::fmt;

use sequoia_openpgp::Fingerprint;
use sequoia_openpgp::cert::Preferences;
use sequoia_openpgp::cert::amalgamation::ValidAmalgamation;
use sequoia_openpgp::cert::amalgamation::key::ValidErasedKeyAmalgamation;
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::types::{AEADAlgorithm, PublicKeyAlgorithm, RevocationStatus, SymmetricAlgorithm};

use super::certificate::Certificate;
use super::names::{encryption_name, system_time};
use super::standing;
use crate::time::UnixTime;

/// A key that may be written to.
///
/// ```
/// use mailseal::{UnixTime, openpgp::Certificate};
/// let carol = Certificate::load(include_bytes!("../../examples/letters/gpg-carol.asc"))?.remove(0);
/// match carol.encryption_keys(UnixTime::from_seconds(1_800_000_000)) {
///     Ok(keys) => println!("{} by {}", keys[0].fingerprint(), keys[0].algorithm()),
///     Err(why) => println!("nobody can write to carol: {why}"),
/// }
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Clone)]
pub struct EncryptionKey(pub(super) Key<PublicParts, UnspecifiedRole>);

impl EncryptionKey {
    /// Its fingerprint, upper-case hexadecimal.
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint().to_hex()
    }

    /// `RSAES-PKCS1-v1_5`, `ECDH`, `X25519`.
    pub fn algorithm(&self) -> String {
        encryption_name(self.0.pk_algo())
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncryptionKey({})", self.fingerprint())
    }
}

/// Why nobody can write to a certificate.
///
/// ```
/// use mailseal::openpgp::NoEncryptionKey;
/// assert_eq!(NoEncryptionKey::Expired.to_string(), "the key to write to has expired");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoEncryptionKey {
    /// Nothing binds the certificate at that time.
    #[error("the certificate is not valid at that time, or rests on a weak hash")]
    NotBound,
    /// The certificate, or its last key to write to, is revoked.
    #[error("the key to write to is revoked")]
    Revoked,
    /// It was valid before.
    #[error("the key to write to has expired")]
    Expired,
    /// It signs or certifies only.
    #[error("the certificate has no key to write to")]
    NoSubkey,
    /// An algorithm or size that is not written: ElGamal, RSA below 2048 bits.
    #[error("the key to write to is of a kind that is not written to")]
    Unsupported,
}

impl Certificate {
    /// The keys that may be written to at that time, the newest first: bound, alive, not revoked, and meant for
    /// encryption.
    pub fn encryption_keys(&self, at: UnixTime) -> Result<Vec<EncryptionKey>, NoEncryptionKey> {
        let policy = standing::policy(at, false);
        let valid = self.cert().with_policy(&policy, system_time(at));
        let valid = valid.map_err(|_| NoEncryptionKey::NotBound)?;
        // A revocation counts whatever hash it was made with.
        let lax = standing::policy(at, true);
        if matches!(self.cert().revocation_status(&lax, system_time(at)), RevocationStatus::Revoked(_)) {
            return Err(NoEncryptionKey::Revoked);
        }
        if valid.alive().is_err() {
            return Err(NoEncryptionKey::Expired);
        }
        let mut why = NoEncryptionKey::NoSubkey;
        let mut keys = Vec::new();
        for key in valid.keys().filter(meant) {
            match usable(&key) {
                Ok(()) => keys.push(key.key().clone()),
                Err(reason) => why = reason,
            }
        }
        keys.sort_by_key(|key| std::cmp::Reverse(key.creation_time()));
        if keys.is_empty() { Err(why) } else { Ok(keys.into_iter().map(EncryptionKey).collect()) }
    }

    /// Whether its owner says that they read version 2 of encrypted data (RFC 9580 §5.2.3.32).
    pub fn reads_seipdv2(&self, at: UnixTime) -> bool {
        let policy = standing::policy(at, false);
        let valid = self.cert().with_policy(&policy, system_time(at));
        valid.is_ok_and(|valid| valid.features().is_some_and(|features| features.supports_seipdv2()))
    }

    /// Whether its owner prefers AES-256 with OCB (RFC 9580 §5.2.3.15).
    pub(crate) fn prefers_aes256_ocb(&self, at: UnixTime) -> bool {
        let policy = standing::policy(at, false);
        let Ok(valid) = self.cert().with_policy(&policy, system_time(at)) else { return false };
        let preferred = valid.preferred_aead_ciphersuites().unwrap_or_default();
        preferred.contains(&(SymmetricAlgorithm::AES256, AEADAlgorithm::OCB))
    }

    pub(super) fn writes_to(&self, key: &Fingerprint, at: UnixTime) -> bool {
        self.encryption_keys(at).is_ok_and(|keys| keys.iter().any(|own| own.0.fingerprint() == *key))
    }
}

fn meant(key: &ValidErasedKeyAmalgamation<'_, PublicParts>) -> bool {
    key.key().pk_algo().for_encryption()
        && key
            .key_flags()
            .is_some_and(|flags| flags.for_transport_encryption() || flags.for_storage_encryption())
}

fn usable(key: &ValidErasedKeyAmalgamation<'_, PublicParts>) -> Result<(), NoEncryptionKey> {
    if matches!(key.revocation_status(), RevocationStatus::Revoked(_)) {
        return Err(NoEncryptionKey::Revoked);
    }
    if key.alive().is_err() {
        return Err(NoEncryptionKey::Expired);
    }
    let algorithm = key.key().pk_algo();
    #[allow(deprecated)]
    let elgamal =
        matches!(algorithm, PublicKeyAlgorithm::ElGamalEncrypt | PublicKeyAlgorithm::ElGamalEncryptSign);
    let small = encryption_name(algorithm).starts_with("RSA")
        && key.key().mpis().bits().is_none_or(|bits| bits < 2048);
    match algorithm.is_supported() && !elgamal && !small {
        true => Ok(()),
        false => Err(NoEncryptionKey::Unsupported),
    }
}
