//! Secret key material (RFC 9580 §5.5.3): unlocked within bounds, handed to the provider as PKCS#8.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{self, ThreadId};

use sequoia_openpgp::crypto::{KeyPair, Password, S2K, mpi};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{
    PublicParts, SecretKeyMaterial, SecretParts, Unencrypted, UnspecifiedRole,
};
use zeroize::Zeroizing;

use super::decryption::encryption_point;
use super::public::public_key;
use crate::crypto::{
    Curve, DecryptionKey, KeyAlgorithm, PasswordRequest, PasswordSource, Provider, PublicKey, Secret,
    SignatureScheme, SigningKey, ToSign, private,
};
use crate::error::KeyError;
use crate::limits::Limits;

/// Passwords are asked for that often for one key.
const ATTEMPTS: u32 = 3;

pub(super) type SecretKey = Key<SecretParts, UnspecifiedRole>;

/// What unlocks the secret keys of one certificate; the password that fitted last is tried first.
pub(super) struct Vault {
    passwords: Arc<dyn PasswordSource + Send + Sync>,
    pub(super) provider: Provider,
    limits: Limits,
    subject: String,
    known: Mutex<Option<Secret>>,
    /// The thread that is being asked, and holds `known`.
    asked: Mutex<Option<ThreadId>>,
}

/// Takes the note back when the question is over, whatever came of it.
struct Asked<'v>(&'v Mutex<Option<ThreadId>>);

impl<'v> Asked<'v> {
    fn here(note: &'v Mutex<Option<ThreadId>>) -> Self {
        *note.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread::current().id());
        Self(note)
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Vault {
    pub(super) fn new(
        passwords: Arc<dyn PasswordSource + Send + Sync>,
        provider: Provider,
        limits: Limits,
        subject: String,
    ) -> Self {
        Self { passwords, provider, limits, subject, known: Mutex::default(), asked: Mutex::default() }
    }

    /// An error where the secret part is not in the file, or costs too much to unlock. Nothing is asked.
    pub(super) fn openable(&self, key: &SecretKey) -> Result<(), KeyError> {
        match key.secret() {
            SecretKeyMaterial::Unencrypted(_) => Ok(()),
            SecretKeyMaterial::Encrypted(locked) => affordable(locked.s2k(), &self.limits),
        }
    }

    fn secret(&self, key: &SecretKey) -> Result<Unencrypted, KeyError> {
        match key.secret() {
            SecretKeyMaterial::Unencrypted(secret) => Ok(secret.clone()),
            SecretKeyMaterial::Encrypted(locked) => {
                affordable(locked.s2k(), &self.limits)?;
                self.unlock(key, locked)
            }
        }
    }

    fn unlock(
        &self,
        key: &SecretKey,
        locked: &sequoia_openpgp::packet::key::Encrypted,
    ) -> Result<Unencrypted, KeyError> {
        let public: &Key<PublicParts, UnspecifiedRole> = key.parts_as_public();
        let open = |password: &Secret| locked.decrypt(public, &Password::from(password.expose())).ok();
        if *self.asked.lock().unwrap_or_else(PoisonError::into_inner) == Some(thread::current().id()) {
            return Err(KeyError::Reentrant);
        }
        // Held while it is asked: several threads ask once.
        let mut known = self.known.lock().map_err(|_| KeyError::WrongPassword)?;
        if let Some(secret) = known.as_ref().and_then(open) {
            return Ok(secret);
        }
        let _asked = Asked::here(&self.asked);
        for attempt in 0..ATTEMPTS {
            let request = PasswordRequest::new(self.subject.clone(), attempt);
            let password = self.passwords.password(&request).ok_or(KeyError::WrongPassword)?;
            if let Some(secret) = open(&password) {
                *known = Some(password);
                return Ok(secret);
            }
        }
        Err(KeyError::WrongPassword)
    }
}

/// The key, ready to sign, its halves checked against each other (R-C12).
fn signing(vault: &Vault, key: &SecretKey) -> Result<Arc<dyn SigningKey>, KeyError> {
    let public = public_key(key)?;
    let der = vault.secret(key)?.map(|numbers| private_key_info(&public, numbers))?;
    let loaded = vault.provider.key_loader.signing_key(&der)?;
    if loaded.public().spki() != public.spki() {
        return Err(KeyError::Malformed("its public and private parts do not belong together".into()));
    }
    Ok(loaded)
}

/// A key that signs: at once where nothing locks it, otherwise when it is first used.
pub(super) fn signing_key(vault: &Arc<Vault>, key: SecretKey) -> Result<Arc<dyn SigningKey>, KeyError> {
    vault.openable(&key)?;
    if matches!(key.secret(), SecretKeyMaterial::Unencrypted(_)) {
        return signing(vault, &key);
    }
    let public = public_key(&key)?;
    let schemes = private::schemes(&public);
    Ok(Arc::new(LockedSigningKey { public, schemes, key, vault: Arc::clone(vault), open: OnceLock::new() }))
}

struct LockedSigningKey {
    public: PublicKey,
    schemes: Vec<SignatureScheme>,
    key: SecretKey,
    vault: Arc<Vault>,
    open: OnceLock<Arc<dyn SigningKey>>,
}

impl SigningKey for LockedSigningKey {
    fn public(&self) -> &PublicKey {
        &self.public
    }

    fn schemes(&self) -> &[SignatureScheme] {
        &self.schemes
    }

    fn sign(&self, scheme: SignatureScheme, input: ToSign<'_>) -> Result<Vec<u8>, KeyError> {
        if self.open.get().is_none() {
            let opened = signing(&self.vault, &self.key)?;
            return self.open.get_or_init(|| opened).sign(scheme, input);
        }
        self.open.get().ok_or(KeyError::WrongPassword)?.sign(scheme, input)
    }
}

impl fmt::Debug for LockedSigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockedSigningKey").field("public", &self.public).finish_non_exhaustive()
    }
}

/// What opens session keys with a secret key.
pub(super) enum Unwrapper {
    Provider(Arc<dyn DecryptionKey>),
    /// Kinds of keys that no provider has: X448 and the composites with ML-KEM.
    Own(Mutex<Box<KeyPair>>),
}

/// The key, ready to decrypt.
pub(super) fn unwrapper(vault: &Vault, key: &SecretKey) -> Result<Unwrapper, KeyError> {
    let secret = vault.secret(key)?;
    match secret.map(|numbers| decryption_key_info(key, numbers))? {
        Some(der) => Ok(Unwrapper::Provider(vault.provider.key_loader.decryption_key(&der)?)),
        None => {
            let pair = KeyPair::new(key.parts_as_public().clone(), secret);
            let pair = pair.map_err(|error| KeyError::Malformed(error.to_string()))?;
            Ok(Unwrapper::Own(Mutex::new(Box::new(pair))))
        }
    }
}

/// D6: what a key file or a letter asks us to spend. Iterated S2K is bounded by its format at 65 MB of hashing.
pub(super) fn affordable(s2k: &S2K, limits: &Limits) -> Result<(), KeyError> {
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

/// PKCS#8 of a key that decrypts; `None` for kinds that sequoia-openpgp uses by itself.
fn decryption_key_info(
    key: &SecretKey,
    secret: &mpi::SecretKeyMaterial,
) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
    let unsupported = || KeyError::Unsupported(format!("OpenPGP {}", key.pk_algo()));
    match (key.mpis(), secret) {
        (mpi::PublicKey::RSA { e, n }, mpi::SecretKeyMaterial::RSA { d, p, q, .. }) => {
            private::rsa_pkcs8(n.value(), e.value(), d.value(), p.value(), q.value()).map(Some)
        }
        (mpi::PublicKey::ECDH { curve, .. }, mpi::SecretKeyMaterial::ECDH { scalar }) => {
            if *curve == sequoia_openpgp::types::Curve::Cv25519 {
                // RFC 9580 §11.2.3.1: the scalar of RFC 7748 as a big-endian number.
                let mut octets = Zeroizing::new(scalar.value_padded(32).to_vec());
                octets.reverse();
                let point = encryption_point(key).and_then(|point| point.strip_prefix(&[0x40]));
                return x25519(&octets, point).map(Some);
            }
            let curve = super::names::curve(curve).ok_or_else(unsupported)?;
            let nist = matches!(curve, Curve::P256 | Curve::P384 | Curve::P521);
            let point = encryption_point(key).filter(|_| nist).ok_or_else(unsupported)?;
            private::ec_pkcs8(curve, &scalar.value_padded(curve.octets()), Some(point)).map(Some)
        }
        (mpi::PublicKey::X25519 { u }, mpi::SecretKeyMaterial::X25519 { x }) => {
            x25519(x, Some(&u[..])).map(Some)
        }
        (mpi::PublicKey::X448 { .. }, _)
        | (mpi::PublicKey::MLKEM768_X25519 { .. }, _)
        | (mpi::PublicKey::MLKEM1024_X448 { .. }, _) => Ok(None),
        _ => Err(unsupported()),
    }
}

fn x25519(scalar: &[u8], public: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let wrong = || KeyError::Malformed("a key of the wrong length".into());
    let scalar = scalar.try_into().map_err(|_| wrong())?;
    let public = public.and_then(|point| point.try_into().ok()).ok_or_else(wrong)?;
    Ok(private::x25519_pkcs8(scalar, public))
}
