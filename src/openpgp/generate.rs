//! New keys, for people who have none yet.
//!
//! - [`generate`]: one user ID, no password.
//! - [`Draft`]: all that a person chooses; asked for by [`NewKey`](crate::protocol::NewKey).

use std::time::Duration;

use sequoia_openpgp::armor::Kind;
use sequoia_openpgp::cert::{CertBuilder, CipherSuite as Suite};
use sequoia_openpgp::packet::UserID;
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::{Features, KeyFlags};
use sequoia_openpgp::{Profile, anyhow};

use super::armor::enclosed;
use super::certificate::Certificate;
use super::names::system_time;
use super::sign::unwritable;
use crate::crypto::{NewKeyAlgorithm, Secret};
use crate::error::Error;
use crate::mime::Address;
use crate::time::UnixTime;

/// What a new key is made of.
///
/// ```
/// # #[cfg(feature = "openpgp-rust")] {
/// use mailseal::{UnixTime, openpgp::{self, CipherSuite}};
/// // For houses whose rules ask for a curve of NIST.
/// let at = UnixTime::from_seconds(1_800_000_000);
/// let secret = openpgp::generate("Alice <alice@example.org>", at, CipherSuite::P384)?;
/// # let _ = secret;
/// # }
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CipherSuite {
    /// Ed25519, in the form that every OpenPGP program reads (EdDSALegacy).
    Ed25519,
    /// RSA of 3072 bits.
    Rsa3072,
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
}

/// Makes a secret key with one user ID, a subkey that signs and one that is written to, valid for three years, not protected by a password.
/// Armored. The random octets are those of the system.
///
/// ```
/// # #[cfg(feature = "openpgp-rust")] {
/// use mailseal::{UnixTime, openpgp};
/// let at = UnixTime::from_seconds(1_800_000_000);
/// let secret = openpgp::generate("Alice <alice@example.org>", at, openpgp::CipherSuite::P256).unwrap();
/// assert!(secret.expose().starts_with(b"-----BEGIN PGP PRIVATE KEY BLOCK-----"));
/// # }
/// ```
pub fn generate(user_id: &str, at: UnixTime, suite: CipherSuite) -> Result<Secret, Error> {
    let suite = match suite {
        CipherSuite::Ed25519 => Suite::Cv25519,
        CipherSuite::Rsa3072 => Suite::RSA3k,
        CipherSuite::P256 => Suite::P256,
        CipherSuite::P384 => Suite::P384,
        CipherSuite::P521 => Suite::P521,
    };
    let (cert, _) = CertBuilder::new()
        .set_creation_time(system_time(at))
        .set_validity_period(Duration::from_secs(THREE_YEARS))
        .set_cipher_suite(suite)
        // What programs of today read that the key may be taken to; version 2 they do not.
        .set_features(Features::empty().set_seipdv1())
        .map_err(refused)?
        .set_primary_key_flags(KeyFlags::empty().set_certification())
        .add_userid(user_id)
        .add_signing_subkey()
        .add_subkey(KeyFlags::empty().set_transport_encryption().set_storage_encryption(), None, None)
        .generate()
        .map_err(refused)?;
    Ok(enclosed(Kind::SecretKey, &cert.as_tsk().to_vec().map_err(unwritable)?)?.into())
}

/// A key in the making: a primary key that certifies and signs, and a subkey that is written to.
pub(crate) struct Draft<'a> {
    /// The first is the primary one.
    pub(crate) addresses: &'a [Address],
    pub(crate) name: Option<&'a str>,
    pub(crate) algorithm: NewKeyAlgorithm,
    /// Version 6 (RFC 9580) instead of 4, which every program reads.
    pub(crate) version_6: bool,
    pub(crate) from: UnixTime,
    pub(crate) until: Option<UnixTime>,
    pub(crate) password: Option<&'a str>,
}

/// All armored.
pub(crate) struct Made {
    pub(crate) secret: Secret,
    pub(crate) certificate: Certificate,
    /// The certificate as revoked: who takes it in, or gets it sent, uses the key no more.
    pub(crate) revoked: Vec<u8>,
}

impl Draft<'_> {
    pub(crate) fn make(&self) -> Result<Made, Error> {
        let both = KeyFlags::empty().set_transport_encryption().set_storage_encryption();
        let mut builder = CertBuilder::new()
            .set_creation_time(system_time(self.from))
            .set_cipher_suite(suite(self.algorithm)?)
            .set_profile(if self.version_6 { Profile::RFC9580 } else { Profile::RFC4880 })
            .and_then(|builder| builder.set_features(self.features()))
            .map_err(refused)?
            .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
            .add_subkey(both, None, None)
            .set_password(self.password.map(Into::into));
        if let Some(until) = self.until {
            let seconds = u64::try_from(until.seconds().saturating_sub(self.from.seconds())).unwrap_or(0);
            if seconds == 0 || u32::try_from(seconds).is_err() {
                return Err(Error::misuse("a key ends after it is made, and within 136 years"));
            }
            builder = builder.set_validity_period(Duration::from_secs(seconds));
        }
        for address in self.addresses {
            let text = address.to_string();
            let user_id = UserID::from_address(self.name, None, &text).map_err(refused)?;
            // What was made has to say the address again.
            let said = user_id.email().ok().flatten();
            if said != Some(&text) {
                return Err(Error::misuse(format!("no user ID says {text}")));
            }
            builder = builder.add_userid(user_id);
        }
        let (cert, revocation) = builder.generate().map_err(refused)?;
        let secret = enclosed(Kind::SecretKey, &cert.as_tsk().to_vec().map_err(unwritable)?)?;
        let cert = cert.strip_secret_key_material();
        let revoked = cert.clone().insert_packets(revocation).map_err(unwritable)?.0;
        let revoked = enclosed(Kind::PublicKey, &revoked.to_vec().map_err(unwritable)?)?;
        Ok(Made { secret: secret.into(), certificate: Certificate::new(cert), revoked })
    }

    /// What the owner's program of that version reads.
    fn features(&self) -> Features {
        let features = Features::empty().set_seipdv1();
        if self.version_6 { features.set_seipdv2() } else { features }
    }
}

fn suite(algorithm: NewKeyAlgorithm) -> Result<Suite, Error> {
    Ok(match algorithm {
        NewKeyAlgorithm::Ed25519 => Suite::Cv25519,
        NewKeyAlgorithm::Rsa3072 => Suite::RSA3k,
        NewKeyAlgorithm::Rsa4096 => Suite::RSA4k,
        NewKeyAlgorithm::P256 => Suite::P256,
        NewKeyAlgorithm::P384 => Suite::P384,
        NewKeyAlgorithm::P521 => Suite::P521,
    })
}

fn refused(error: anyhow::Error) -> Error {
    Error::malformed("a user ID", error.to_string())
}

const THREE_YEARS: u64 = 3 * 365 * 24 * 60 * 60;
