//! What an OpenPGP certificate says of itself, for people.
//!
//! - [`Certificate::describe`]: its user IDs and keys at a time, as plain data.

use sequoia_openpgp::cert::Preferences;
use sequoia_openpgp::cert::amalgamation::key::ErasedKeyAmalgamation;
use sequoia_openpgp::cert::amalgamation::{UserIDAmalgamation, ValidAmalgamation, ValidateAmalgamation};
use sequoia_openpgp::packet::key::PublicParts;
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::types::{KeyFlags, RevocationStatus};
use serde::Serialize;

use super::certificate::Certificate;
use super::names::system_time;
use super::standing;
use crate::limits::Limits;
use crate::time::UnixTime;

/// What an OpenPGP certificate says of itself at a time. Nothing of it is believed.
///
/// ```
/// use mailseal::{UnixTime, openpgp::Certificate};
/// let carol = Certificate::load(include_bytes!("../../examples/letters/gpg-carol.asc"))?.remove(0);
/// let said = carol.describe(UnixTime::from_seconds(1_800_000_000));
/// assert_eq!(said.user_ids[0].text, "Carol Jones <carol@example.net>");
/// assert_eq!(said.keys[0].fingerprint, carol.fingerprint());
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Description {
    /// The version of its primary key: 4 or 6 (RFC 9580 §5.5.2).
    pub version: u8,
    /// Its user IDs, those that are not bound or are revoked too.
    pub user_ids: Vec<UserId>,
    /// The primary key, then the subkeys.
    pub keys: Vec<KeyDescription>,
    /// What its owner's programs read (RFC 9580 §5.2.3.32): `seipdv1`, `seipdv2`.
    pub features: Vec<&'static str>,
}

/// One user ID (RFC 9580 §5.11).
///
/// ```
/// use mailseal::openpgp::UserId;
/// fn usable(id: &UserId) -> bool {
///     id.bound && !id.revoked
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UserId {
    /// As it stands there; octets that are not UTF-8 are replaced.
    pub text: String,
    /// The primary key binds it at that time.
    pub bound: bool,
    /// Its owner took it back.
    pub revoked: bool,
    /// How many certifications of others are there. None of them is checked: anybody can add some.
    pub certifications: usize,
}

/// The primary key or a subkey.
///
/// ```
/// use mailseal::openpgp::KeyDescription;
/// fn signs(key: &KeyDescription) -> bool {
///     key.bound && !key.revoked && key.usages.contains(&"sign")
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct KeyDescription {
    /// Upper-case hexadecimal.
    pub fingerprint: String,
    /// `EdDSA`, `RSA (Encrypt or Sign)`.
    pub algorithm: String,
    /// How long it is, where that says something.
    pub bits: Option<usize>,
    /// When it was made.
    pub created: UnixTime,
    /// When it ends, if it does.
    pub expires: Option<UnixTime>,
    /// The primary key binds it at that time.
    pub bound: bool,
    /// Its owner took it back.
    pub revoked: bool,
    /// What it is for (RFC 9580 §5.2.3.29): `certify`, `sign`, `encrypt`, `authenticate`.
    pub usages: Vec<&'static str>,
}

impl Certificate {
    /// What it says of itself at a time, in plain words.
    pub fn describe(&self, at: UnixTime) -> Description {
        let most = Limits::default();
        let policy = standing::policy(at, true);
        let valid = self.cert().with_policy(&policy, system_time(at)).ok();
        let features = valid.as_ref().and_then(Preferences::features);
        let reads = features.map(|features| {
            [("seipdv1", features.supports_seipdv1()), ("seipdv2", features.supports_seipdv2())]
        });
        let user_ids = self.cert().userids().take(most.header_fields);
        Description {
            version: self.cert().primary_key().key().version(),
            user_ids: user_ids.map(|id| user_id(&id, &policy, at)).collect(),
            keys: self.cert().keys().take(most.signatures).map(|one| key(&one, &policy, at)).collect(),
            features: reads.into_iter().flatten().filter_map(|(name, on)| on.then_some(name)).collect(),
        }
    }
}

fn user_id(id: &UserIDAmalgamation<'_>, policy: &StandardPolicy<'static>, at: UnixTime) -> UserId {
    UserId {
        text: String::from_utf8_lossy(id.userid().value()).into_owned(),
        bound: id.clone().with_policy(policy, system_time(at)).is_ok(),
        revoked: matches!(id.revocation_status(policy, system_time(at)), RevocationStatus::Revoked(_)),
        certifications: id.certifications().count(),
    }
}

fn key(
    one: &ErasedKeyAmalgamation<'_, PublicParts>,
    policy: &StandardPolicy<'static>,
    at: UnixTime,
) -> KeyDescription {
    let bound = one.clone().with_policy(policy, system_time(at)).ok();
    let flags = bound.as_ref().and_then(|key| key.key_flags());
    KeyDescription {
        fingerprint: one.key().fingerprint().to_hex(),
        algorithm: one.key().pk_algo().to_string(),
        bits: one.key().mpis().bits(),
        created: one.key().creation_time().into(),
        expires: bound.as_ref().and_then(|key| key.key_expiration_time()).map(UnixTime::from),
        revoked: bound
            .as_ref()
            .is_some_and(|key| matches!(key.revocation_status(), RevocationStatus::Revoked(_))),
        usages: flags.map(|flags| usages(&flags)).unwrap_or_default(),
        bound: bound.is_some(),
    }
}

fn usages(flags: &KeyFlags) -> Vec<&'static str> {
    let encrypts = flags.for_transport_encryption() || flags.for_storage_encryption();
    let all = [
        ("certify", flags.for_certification()),
        ("sign", flags.for_signing()),
        ("encrypt", encrypts),
        ("authenticate", flags.for_authentication()),
    ];
    all.into_iter().filter_map(|(name, on)| on.then_some(name)).collect()
}
