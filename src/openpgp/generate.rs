//! New keys, for people who have none yet.

use std::time::Duration;

use sequoia_openpgp::armor;
use sequoia_openpgp::cert::{CertBuilder, CipherSuite as Suite};
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::{Features, KeyFlags};

use super::names::system_time;
use crate::crypto::Secret;
use crate::error::Error;
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
    let failed = |error: sequoia_openpgp::anyhow::Error| Error::malformed("a user ID", error.to_string());
    let (cert, _) = CertBuilder::new()
        .set_creation_time(system_time(at))
        .set_validity_period(Duration::from_secs(THREE_YEARS))
        .set_cipher_suite(suite)
        // What programs of today read that the key may be taken to; version 2 they do not.
        .set_features(Features::empty().set_seipdv1())
        .map_err(failed)?
        .set_primary_key_flags(KeyFlags::empty().set_certification())
        .add_userid(user_id)
        .add_signing_subkey()
        .add_subkey(KeyFlags::empty().set_transport_encryption().set_storage_encryption(), None, None)
        .generate()
        .map_err(failed)?;
    let packets = cert.as_tsk().to_vec().map_err(failed)?;
    let written = armor::Writer::new(Vec::new(), armor::Kind::SecretKey).and_then(|mut writer| {
        std::io::Write::write_all(&mut writer, &packets)?;
        writer.finalize()
    });
    Ok(written.map_err(Error::io("writing a key"))?.into())
}

const THREE_YEARS: u64 = 3 * 365 * 24 * 60 * 60;
