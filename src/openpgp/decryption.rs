//! Keys that decrypt (RFC 9580 §5.1, §11.4): a session key out of a PKESK packet.

use std::fmt;
use std::sync::{Arc, OnceLock};

use sequoia_openpgp::cert::amalgamation::key::{ErasedKeyAmalgamation, PrimaryKey};
use sequoia_openpgp::crypto::mem::Protected;
use sequoia_openpgp::crypto::{Decryptor as _, ecdh, mpi};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::types as pgp;
use zeroize::Zeroizing;

use super::certificate::Certificate;
use super::secret::{SecretKey, Unwrapper, Vault, unwrapper};
use crate::crypto::{
    DecryptionKey, HashAlgorithm, KeyOperation, Provider, PublicKey, RsaEncryption, Secret, Watch,
    WrappedKey, kdf,
};
use crate::error::KeyError;
use crate::time::UnixTime;

/// A secret key that decrypts, unlocked when a letter is addressed to it. Cheap to clone.
#[derive(Clone)]
pub(crate) struct DecryptionPair {
    pair: Arc<Pair>,
    watch: Option<Watch>,
}

struct Pair {
    public: Key<PublicParts, UnspecifiedRole>,
    /// `None`: the key is elsewhere.
    secret: Option<(SecretKey, Arc<Vault>)>,
    provider: Provider,
    open: OnceLock<Unwrapper>,
}

impl DecryptionPair {
    pub(super) fn new(secret: SecretKey, vault: Arc<Vault>) -> Self {
        let public = secret.parts_as_public().clone();
        let provider = vault.provider;
        let pair = Pair { public, secret: Some((secret, vault)), provider, open: OnceLock::new() };
        Self { pair: Arc::new(pair), watch: None }
    }

    /// A key that is elsewhere, with the subkeys of a certificate that it fits.
    pub(super) fn external(
        certificate: &Certificate,
        key: &Arc<dyn DecryptionKey>,
        provider: Provider,
    ) -> Vec<Self> {
        let fits = |public: &Key<PublicParts, UnspecifiedRole>| {
            let own = encryption_public(public);
            own.is_some_and(|own| {
                own.algorithm() == key.public().algorithm() && own.bit_string() == key.public().bit_string()
            })
        };
        let keys = certificate.cert().keys().map(|key| key.key().clone());
        let pair = |public| {
            let open = OnceLock::from(Unwrapper::Provider(Arc::clone(key)));
            Self { pair: Arc::new(Pair { public, secret: None, provider, open }), watch: None }
        };
        keys.filter(fits).map(pair).collect()
    }

    pub(super) fn public(&self) -> &Key<PublicParts, UnspecifiedRole> {
        &self.pair.public
    }

    /// Whether who writes to that certificate at that time may take this key.
    pub(crate) fn is_written_to(&self, certificate: &Certificate, at: UnixTime) -> bool {
        certificate.writes_to(&self.pair.public.fingerprint(), at)
    }

    /// Asks for the password where it is locked.
    pub(crate) fn unlock(&self) -> Result<(), KeyError> {
        self.pair.unwrapper().map(|_| ())
    }

    #[cfg(test)]
    pub(crate) fn provider_key(&self) -> Option<&Arc<dyn DecryptionKey>> {
        match self.pair.unwrapper().ok()? {
            Unwrapper::Provider(key) => Some(key),
            Unwrapper::Own(_) => None,
        }
    }

    /// The same, and each use of the private key is told.
    pub(crate) fn watched(&self, watch: Watch) -> Self {
        Self { pair: Arc::clone(&self.pair), watch: Some(watch) }
    }

    /// What the packet holds for this key: the octets that stand around a session key are still there. `None` for all
    /// that goes wrong; why is not said (R-A10). An error where the key does not answer at all.
    pub(super) fn open(&self, wrapped: &mpi::Ciphertext) -> Result<Option<Secret>, KeyError> {
        if !sound(wrapped) {
            return Ok(None);
        }
        let opened = self.pair.open(wrapped);
        if let Some(watch) = &self.watch {
            watch(KeyOperation::Decrypt, method(wrapped), opened.as_ref().err());
        }
        opened
    }
}

impl Pair {
    fn open(&self, wrapped: &mpi::Ciphertext) -> Result<Option<Secret>, KeyError> {
        let Ok(open) = self.unwrapper() else { return Ok(None) };
        let key = match open {
            Unwrapper::Provider(key) => key,
            Unwrapper::Own(pair) => {
                let opened = pair.lock().ok().and_then(|mut pair| pair.decrypt(wrapped, None).ok());
                return Ok(opened.map(|opened| Secret::from(opened.to_vec())));
            }
        };
        let mut away = None;
        let opened = self.unwrapped(wrapped, |wrapped| match key.unwrap(&wrapped)? {
            Err(error) => {
                away = Some(error).filter(KeyError::is_away);
                None
            }
            Ok(secret) => Some(secret),
        });
        away.map_or(Ok(opened), Err)
    }

    fn unwrapped(
        &self,
        wrapped: &mpi::Ciphertext,
        mut unwrap: impl FnMut(WrappedKey<'_>) -> Option<Secret>,
    ) -> Option<Secret> {
        match (self.public.mpis(), wrapped) {
            (mpi::PublicKey::RSA { n, .. }, mpi::Ciphertext::RSA { c }) => {
                let octets = c.value_padded(n.value().len()).ok()?;
                unwrap(WrappedKey::Rsa { scheme: RsaEncryption::Pkcs1, octets: &octets })
            }
            (mpi::PublicKey::ECDH { curve, .. }, mpi::Ciphertext::ECDH { e, .. }) => {
                let public = match curve {
                    // The native point of RFC 9580 §11.2.2.
                    pgp::Curve::Cv25519 => {
                        e.value().strip_prefix(&[0x40]).filter(|point| point.len() == 32)?
                    }
                    _ => e.value(),
                };
                let shared = unwrap(WrappedKey::Agreement { public })?;
                let shared = Protected::from(shared.expose());
                let opened = ecdh::decrypt_unwrap(&self.public, &shared, wrapped, None).ok()?;
                Some(Secret::from(opened.to_vec()))
            }
            (mpi::PublicKey::X25519 { u }, mpi::Ciphertext::X25519 { e, key }) => {
                let shared = unwrap(WrappedKey::Agreement { public: &e[..] })?;
                let material = Zeroizing::new([&e[..], &u[..], shared.expose()].concat());
                let outer = kdf::hkdf(HashAlgorithm::Sha256, &[], &material, b"OpenPGP X25519", 16)?;
                self.provider.unwrap(&outer, key).ok()
            }
            _ => None,
        }
    }

    fn unwrapper(&self) -> Result<&Unwrapper, KeyError> {
        if let Some(open) = self.open.get() {
            return Ok(open);
        }
        let elsewhere = || KeyError::Unavailable("the private key is not at hand".into());
        let (secret, vault) = self.secret.as_ref().ok_or_else(elsewhere)?;
        let opened = unwrapper(vault, secret)?;
        Ok(self.open.get_or_init(|| opened))
    }
}

/// How it is wrapped, in words.
fn method(wrapped: &mpi::Ciphertext) -> &'static str {
    match wrapped {
        mpi::Ciphertext::RSA { .. } => "rsa-pkcs1",
        mpi::Ciphertext::ECDH { .. } => "ecdh",
        mpi::Ciphertext::X25519 { .. } => "x25519",
        mpi::Ciphertext::X448 { .. } => "x448",
        _ => "ml-kem",
    }
}

impl fmt::Debug for DecryptionPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecryptionPair({})", self.pair.public.fingerprint())
    }
}

/// R-A13: lengths are right before any arithmetic (RFC 3394 §2.2.2; RUSTSEC-2025-0136).
fn sound(wrapped: &mpi::Ciphertext) -> bool {
    let key = match wrapped {
        mpi::Ciphertext::RSA { .. } => return true,
        mpi::Ciphertext::ECDH { key, .. }
        | mpi::Ciphertext::X25519 { key, .. }
        | mpi::Ciphertext::X448 { key, .. }
        | mpi::Ciphertext::MLKEM768_X25519 { esk: key, .. }
        | mpi::Ciphertext::MLKEM1024_X448 { esk: key, .. } => key,
        _ => return false,
    };
    (24..=248).contains(&key.len()) && key.len().is_multiple_of(8)
}

/// The public half as the provider takes it; `None` for kinds that it does not know.
pub(super) fn encryption_public(key: &Key<PublicParts, UnspecifiedRole>) -> Option<PublicKey> {
    let x25519 = |point: &[u8]| PublicKey::x25519(point.try_into().ok()?).ok();
    match key.mpis() {
        mpi::PublicKey::RSA { e, n } => PublicKey::rsa(n.value(), e.value()).ok(),
        mpi::PublicKey::ECDH { curve: pgp::Curve::Cv25519, q, .. } => {
            x25519(q.value().strip_prefix(&[0x40])?)
        }
        mpi::PublicKey::ECDH { curve, q, .. } => PublicKey::ec(super::names::curve(curve)?, q.value()).ok(),
        mpi::PublicKey::X25519 { u } => x25519(&u[..]),
        _ => None,
    }
}

/// The uncompressed point of an ECDH key.
pub(super) fn encryption_point(key: &SecretKey) -> Option<&[u8]> {
    match key.mpis() {
        mpi::PublicKey::ECDH { q, .. } => Some(q.value()),
        _ => None,
    }
}

/// True for secret keys that letters may be encrypted to, or once were. A key that says it is for other things only
/// opens nothing: it could be made to sign that way.
pub(super) fn decrypts(key: &ErasedKeyAmalgamation<'_, PublicParts>) -> bool {
    key.key().has_secret() && is_encrypted_to(key)
}

/// True for keys that letters may be encrypted to, or once were.
pub(super) fn is_encrypted_to(key: &ErasedKeyAmalgamation<'_, PublicParts>) -> bool {
    if !key.key().pk_algo().for_encryption() {
        return false;
    }
    let mut said = false;
    for signature in key.self_signatures() {
        if let Some(flags) = signature.key_flags() {
            said = true;
            if flags.for_transport_encryption() || flags.for_storage_encryption() {
                return true;
            }
        }
    }
    // A primary key with its flags in a user ID, and keys from before there were flags.
    !(said || key.primary() && primary_is_for_other_things(key))
}

fn primary_is_for_other_things(key: &ErasedKeyAmalgamation<'_, PublicParts>) -> bool {
    let ids = key.cert().userids().flat_map(|id| id.self_signatures());
    let mut flags = ids.filter_map(|signature| signature.key_flags()).peekable();
    flags.peek().is_some()
        && !flags.any(|flags| flags.for_transport_encryption() || flags.for_storage_encryption())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_a13_wrapped_keys_of_wrong_length_are_not_looked_at() {
        for length in 0..=1024 {
            let fits = matches!(length, 24..=248) && length % 8 == 0;
            let key = vec![0; length].into_boxed_slice();
            assert_eq!(sound(&mpi::Ciphertext::ECDH { e: mpi::MPI::new(&[4]), key: key.clone() }), fits);
            assert_eq!(sound(&mpi::Ciphertext::X25519 { e: Box::new([0; 32]), key: key.clone() }), fits);
            assert_eq!(sound(&mpi::Ciphertext::X448 { e: Box::new([0; 56]), key }), fits);
        }
    }

    #[test]
    fn r_a14_elgamal_is_never_tried() {
        let number = || mpi::MPI::new(&[1]);
        assert!(!sound(&mpi::Ciphertext::ElGamal { e: number(), c: number() }));
    }
}
