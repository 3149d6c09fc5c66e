//! Secret key material (RFC 9580 §5.5.3): unlocked within bounds, handed to the provider as PKCS#8.

use std::sync::Arc;

use sequoia_openpgp::crypto::{Password, S2K, mpi};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{
    PublicParts, SecretKeyMaterial, SecretParts, Unencrypted, UnspecifiedRole,
};
use zeroize::Zeroizing;

use super::public::public_key;
use crate::crypto::{
    KeyAlgorithm, PasswordRequest, PasswordSource, Provider, PublicKey, Secret, SigningKey, private,
};
use crate::error::KeyError;
use crate::limits::Limits;

/// Passwords are asked for that often for one key.
const ATTEMPTS: u32 = 3;

/// Unlocks one key after the other; the password that fitted last is tried first.
pub(super) struct Unlocker<'a> {
    pub(super) passwords: &'a dyn PasswordSource,
    pub(super) provider: &'a Provider,
    pub(super) limits: &'a Limits,
    pub(super) subject: String,
    pub(super) known: Option<Secret>,
}

impl Unlocker<'_> {
    /// The key, ready to sign, its halves checked against each other (R-C12).
    pub(super) fn load(
        &mut self,
        key: &Key<SecretParts, UnspecifiedRole>,
    ) -> Result<Arc<dyn SigningKey>, KeyError> {
        let public = public_key(key)?;
        let secret = match key.secret() {
            SecretKeyMaterial::Unencrypted(secret) => secret.clone(),
            SecretKeyMaterial::Encrypted(locked) => {
                affordable(locked.s2k(), self.limits)?;
                self.unlock(key, locked)?
            }
        };
        let der = secret.map(|numbers| private_key_info(&public, numbers))?;
        let loaded = self.provider.key_loader.signing_key(&der)?;
        if loaded.public().spki() != public.spki() {
            return Err(KeyError::Malformed("its public and private parts do not belong together".into()));
        }
        Ok(loaded)
    }

    fn unlock(
        &mut self,
        key: &Key<SecretParts, UnspecifiedRole>,
        locked: &sequoia_openpgp::packet::key::Encrypted,
    ) -> Result<Unencrypted, KeyError> {
        let public: &Key<PublicParts, UnspecifiedRole> = key.parts_as_public();
        let open = |password: &Secret| locked.decrypt(public, &Password::from(password.expose())).ok();
        if let Some(secret) = self.known.as_ref().and_then(open) {
            return Ok(secret);
        }
        for attempt in 0..ATTEMPTS {
            let request = PasswordRequest::new(self.subject.clone(), attempt);
            let password = self.passwords.password(&request).ok_or(KeyError::WrongPassword)?;
            if let Some(secret) = open(&password) {
                self.known = Some(password);
                return Ok(secret);
            }
        }
        Err(KeyError::WrongPassword)
    }
}

/// D6: what the key file asks us to spend. Iterated S2K is bounded by its format at 65 MB of hashing.
fn affordable(s2k: &S2K, limits: &Limits) -> Result<(), KeyError> {
    match s2k {
        S2K::Argon2 { t, m, .. } => {
            let memory = 1_u64.checked_shl(u32::from(*m)).unwrap_or(u64::MAX);
            let passes = memory.saturating_mul(u64::from(*t));
            match memory <= limits.kdf_memory_kib
                && passes <= limits.kdf_memory_kib.saturating_mul(ARGON2_PASSES)
            {
                true => Ok(()),
                false => Err(KeyError::Unsupported("Argon2 with parameters beyond kdf_memory_kib".into())),
            }
        }
        _ if s2k.is_supported() => Ok(()),
        // Among them GnuPG's marks for keys that are elsewhere.
        _ => Err(KeyError::Unsupported("the secret part is not in this file".into())),
    }
}

/// RFC 9106 §4 recommends one pass over 2 GiB or three over 64 MiB.
const ARGON2_PASSES: u64 = 4;

fn private_key_info(
    public: &PublicKey,
    secret: &mpi::SecretKeyMaterial,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let unsupported = || KeyError::Unsupported("this kind of secret key".into());
    match (public.algorithm(), secret) {
        (KeyAlgorithm::Rsa { .. }, mpi::SecretKeyMaterial::RSA { d, p, q, .. }) => {
            let (n, e) = public.rsa_numbers().ok_or_else(unsupported)?;
            private::rsa_pkcs8(n, e, d.value(), p.value(), q.value())
        }
        (KeyAlgorithm::Ec(curve), mpi::SecretKeyMaterial::ECDSA { scalar }) => {
            let point = public.bit_string().ok_or_else(unsupported)?;
            private::ec_pkcs8(*curve, &scalar.value_padded(curve.octets()), Some(point))
        }
        (KeyAlgorithm::Ed25519, mpi::SecretKeyMaterial::EdDSA { scalar }) => {
            ed25519(public, &scalar.value_padded(32))
        }
        (KeyAlgorithm::Ed25519, mpi::SecretKeyMaterial::Ed25519 { x }) => ed25519(public, x),
        _ => Err(unsupported()),
    }
}

fn ed25519(public: &PublicKey, seed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let wrong = || KeyError::Malformed("a key of the wrong length".into());
    let seed = seed.try_into().map_err(|_| wrong())?;
    let point = public.bit_string().and_then(|point| point.try_into().ok()).ok_or_else(wrong)?;
    Ok(private::ed25519_pkcs8(seed, point))
}
