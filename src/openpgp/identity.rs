//! A certificate with private keys that sign for it.

use std::fmt;
use std::sync::Arc;

use sequoia_openpgp::Fingerprint;
use sequoia_openpgp::cert::Cert;
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{UnspecifiedParts, UnspecifiedRole};
use sequoia_openpgp::types as pgp;

use super::certificate::{Certificate, certs};
use super::decryption::{DecryptionPair, decrypts};
use super::moment::{LastMoment, Moment};
use super::public::public_key;
use super::secret::{Vault, signing_key};
use super::standing;
use crate::crypto::{
    Curve, DecryptionKey, KeyAlgorithm, PasswordSource, Provider, PublicKey, SignatureScheme, SigningKey,
    Watch, Watched,
};
use crate::error::{Error, KeyError};
use crate::limits::Limits;
use crate::mime::Address;
use crate::time::UnixTime;

/// A certificate with its private keys: those that sign, here, elsewhere, or not at hand yet; and those that decrypt.
///
/// ```
/// # #[cfg(all(feature = "openpgp-rust", feature = "aws-lc"))] {
/// use mailseal::{Password, UnixTime, crypto::Provider, openpgp};
/// let at = UnixTime::from_seconds(1_800_000_000);
/// let secret = openpgp::generate("Alice <alice@example.org>", at, openpgp::CipherSuite::Ed25519).unwrap();
/// let provider = Provider::default();
/// let alice = openpgp::SigningIdentity::load(secret.expose(), Password::none(), &provider).unwrap();
/// assert_eq!(alice[0].certificate().mailboxes(at), ["alice@example.org"]);
/// # }
/// ```
pub struct SigningIdentity {
    certificate: Certificate,
    keys: Vec<KeyPair>,
    decrypting: Vec<DecryptionPair>,
    /// The primary key, if its private half is at hand.
    primary: Option<KeyPair>,
    last: LastMoment,
}

/// One key of the certificate that signs.
#[derive(Clone)]
pub(crate) struct KeyPair {
    pub(super) fingerprint: Fingerprint,
    pub(super) version: u8,
    pub(super) algorithm: pgp::PublicKeyAlgorithm,
    pub(super) public: PublicKey,
    pub(super) scheme: SignatureScheme,
    pub(super) private: Option<Arc<dyn SigningKey>>,
}

impl SigningIdentity {
    /// Reads the secret keys of a file, armored or binary. A password is asked for only where a key is locked, when it
    /// first signs or when a letter is addressed to it, up to three times each time; what was unlocked stays so.
    pub fn load(
        octets: &[u8],
        passwords: impl PasswordSource + Send + Sync + 'static,
        provider: &Provider,
    ) -> Result<Vec<Self>, Error> {
        Self::load_within(octets, Arc::new(passwords), provider, &Limits::default())
    }

    pub(crate) fn load_within(
        octets: &[u8],
        passwords: Arc<dyn PasswordSource + Send + Sync>,
        provider: &Provider,
        limits: &Limits,
    ) -> Result<Vec<Self>, Error> {
        let mut identities = Vec::new();
        let mut first_error = None;
        for cert in certs(octets, limits)?.into_iter().filter(Cert::is_tsk) {
            let subject = format!("the OpenPGP key {}", cert.fingerprint());
            let vault = Vault::new(Arc::clone(&passwords), *provider, limits.clone(), subject);
            match Self::read(cert, &Arc::new(vault)) {
                Ok(identity) => identities.push(identity),
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        match first_error.filter(|_| identities.is_empty()) {
            Some(error) => Err(error.into()),
            None if identities.is_empty() => Err(KeyError::Malformed("no secret key in it".into()).into()),
            None => Ok(identities),
        }
    }

    /// A certificate whose key is in a token, an agent, a KMS.
    pub fn with_key(certificate: Certificate, key: Arc<dyn SigningKey>) -> Result<Self, Error> {
        let mut identity = Self::deferred(certificate)?;
        identity.keys.retain(|own| own.public.spki() == key.public().spki());
        for own in &mut identity.keys {
            if !key.schemes().contains(&own.scheme) {
                return Err(KeyError::Unsupported(format!("{:?}", own.scheme)).into());
            }
            own.private = Some(Arc::clone(&key));
        }
        identity.primary = primary(identity.certificate.cert(), |public| {
            (public.spki() == key.public().spki()).then(|| Arc::clone(&key))
        });
        match identity.keys.is_empty() && identity.primary.is_none() {
            true => Err(KeyError::Malformed("the certificate has no such key that signs".into()).into()),
            false => Ok(identity),
        }
    }

    /// A certificate whose key that decrypts is in a token, an agent, a KMS. It does not sign.
    pub fn with_decryption_key(
        certificate: Certificate,
        key: Arc<dyn DecryptionKey>,
        provider: &Provider,
    ) -> Result<Self, Error> {
        let decrypting = DecryptionPair::external(&certificate, &key, *provider);
        match decrypting.is_empty() {
            true => Err(KeyError::Malformed("the certificate has no such key that decrypts".into()).into()),
            false => Ok(Self::new(certificate, Vec::new(), decrypting)),
        }
    }

    /// A certificate whose signatures are made later or by someone else.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use mailseal::{UnixTime, crypto::Provider, openpgp, pgpmime};
    /// let carol = openpgp::Certificate::load(include_bytes!("../../examples/letters/gpg-carol.asc"))?.remove(0);
    /// let carol = openpgp::SigningIdentity::deferred(carol)?;
    /// let at = UnixTime::from_seconds(1_800_000_000);
    /// let signer = pgpmime::Signer::new(vec![Arc::new(carol)], Provider::default(), at)?;
    /// # let _ = signer;
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    pub fn deferred(certificate: Certificate) -> Result<Self, Error> {
        let keys: Vec<_> =
            candidates(certificate.cert()).into_iter().filter_map(|key| pair(&key, None)).collect();
        match keys.is_empty() {
            true => Err(KeyError::Unsupported("no key of the certificate signs".into()).into()),
            false => Ok(Self::new(certificate, keys, Vec::new())),
        }
    }

    /// The same keys, those that can signing with this scheme; some must. Never PSS (RFC 9580 §9.1).
    pub(crate) fn with_scheme(&self, scheme: SignatureScheme) -> Result<Self, KeyError> {
        let mut keys = self.keys.clone();
        keys.retain_mut(|own| {
            let can = own.private.as_ref().is_none_or(|private| private.schemes().contains(&scheme));
            let fits = own.scheme == scheme || (is_pkcs1(own.scheme) && is_pkcs1(scheme));
            own.scheme = scheme;
            can && fits
        });
        match keys.is_empty() {
            true => Err(KeyError::Unsupported(format!("{scheme} in OpenPGP"))),
            false => {
                let identity = Self::new(self.certificate.clone(), keys, self.decrypting.clone());
                Ok(Self { primary: self.primary.clone(), ..identity })
            }
        }
    }

    /// The same keys, their uses told; each by its fingerprint.
    pub(crate) fn watched(&self, watch: &dyn Fn(&str) -> Watch) -> Self {
        let signing = |own: &KeyPair| {
            let watched = own.private.as_ref().map(|key| -> Arc<dyn SigningKey> {
                Arc::new(Watched::new(Arc::clone(key), watch(&own.fingerprint.to_hex())))
            });
            KeyPair { private: watched, ..own.clone() }
        };
        let decrypting = |own: &DecryptionPair| own.watched(watch(&own.public().fingerprint().to_hex()));
        let keys = self.keys.iter().map(&signing).collect();
        let decrypting = self.decrypting.iter().map(decrypting).collect();
        Self {
            primary: self.primary.as_ref().map(signing),
            ..Self::new(self.certificate.clone(), keys, decrypting)
        }
    }

    /// The public halves of its keys.
    pub(crate) fn public_keys(&self) -> impl Iterator<Item = &PublicKey> {
        self.keys.iter().map(|own| &own.public)
    }

    /// The keys that decrypt.
    pub(crate) fn decrypting(&self) -> &[DecryptionPair] {
        &self.decrypting
    }

    /// The certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The private key of that public one, where it is at hand.
    pub(crate) fn private_key(&self, public: &PublicKey) -> Option<&Arc<dyn SigningKey>> {
        self.keys.iter().find(|own| own.public == *public)?.private.as_ref()
    }

    /// The key that signs at that time: the newest of those that are bound, alive and not revoked.
    pub(crate) fn chosen(&self, at: UnixTime) -> Result<&KeyPair, Error> {
        self.moment(at).key.and_then(|index| self.keys.get(index)).ok_or_else(|| {
            let fingerprint = self.certificate.fingerprint();
            Error::Refused(format!(
                "no key of {fingerprint} may sign at {at}: expired, revoked or not for signing"
            ))
        })
    }

    /// The primary key, which certifies.
    pub(super) fn primary(&self) -> Option<&KeyPair> {
        self.primary.as_ref()
    }

    /// The user ID to name in a signature of that time.
    pub(super) fn user_id(&self, at: UnixTime) -> Option<String> {
        self.moment(at).user_id.clone()
    }

    /// Whether it may sign for the address.
    pub(crate) fn names(&self, address: &Address, at: UnixTime) -> bool {
        self.moment(at).addresses.iter().any(|own| own.matches(address))
    }

    fn moment(&self, at: UnixTime) -> Arc<Moment> {
        let look = || Moment {
            at,
            key: self.newest(at),
            user_id: self.certificate.user_ids(at).into_iter().next(),
            addresses: self.certificate.mailboxes(at).iter().filter_map(|name| name.parse().ok()).collect(),
        };
        self.last.at(at, look)
    }

    fn newest(&self, at: UnixTime) -> Option<usize> {
        let cert = self.certificate.cert();
        let usable = |(_, own): &(usize, &KeyPair)| {
            let standing = standing::standing(cert, &own.fingerprint, at, at, false);
            standing.bound && !standing.weak && standing.findings.is_empty()
        };
        let usable = self.keys.iter().enumerate().filter(usable);
        usable.max_by_key(|(_, own)| created(cert, &own.fingerprint)).map(|(index, _)| index)
    }

    fn new(certificate: Certificate, keys: Vec<KeyPair>, decrypting: Vec<DecryptionPair>) -> Self {
        Self { certificate, keys, decrypting, primary: None, last: LastMoment::default() }
    }

    fn read(cert: Cert, vault: &Arc<Vault>) -> Result<Self, KeyError> {
        let mut keys = Vec::new();
        let mut error = KeyError::Unsupported("no secret key in it signs or decrypts".into());
        for key in candidates(&cert) {
            let Ok(secret) = key.clone().parts_into_secret() else { continue };
            match signing_key(vault, secret) {
                Ok(private) => keys.extend(pair(&key, Some(private))),
                Err(KeyError::Unsupported(_)) if !keys.is_empty() => {}
                // R-C12: somebody changed the file.
                Err(halves @ KeyError::Malformed(_)) => return Err(halves),
                Err(other) => error = other,
            }
        }
        let secrets = cert.keys().filter(|key| decrypts(key)).filter_map(|key| {
            let secret = key.key().clone().parts_into_secret().ok()?;
            vault.openable(&secret).is_ok().then(|| DecryptionPair::new(secret, Arc::clone(vault)))
        });
        let decrypting: Vec<_> = secrets.take(Limits::default().signatures).collect();
        let primary = primary(&cert, |_| {
            let secret = cert.primary_key().key().clone().role_into_unspecified().parts_into_secret().ok()?;
            signing_key(vault, secret).ok()
        });
        if keys.is_empty() && decrypting.is_empty() && primary.is_none() {
            return Err(error);
        }
        let identity = Self::new(Certificate::new(cert.strip_secret_key_material()), keys, decrypting);
        Ok(Self { primary, ..identity })
    }
}

impl fmt::Debug for SigningIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let here = self.keys.iter().any(|key| key.private.is_some());
        write!(f, "SigningIdentity({}, private key here: {here})", self.certificate.fingerprint())
    }
}

/// Keys that are meant for signing, whatever the time: which of them may be used is asked when it is known.
fn candidates(cert: &Cert) -> Vec<Key<UnspecifiedParts, UnspecifiedRole>> {
    let of_keys = cert.keys().flat_map(|key| key.self_signatures());
    let own = of_keys.chain(cert.userids().flat_map(|id| id.self_signatures()));
    let latest = own.filter_map(super::signature::created).max();
    let at = latest.unwrap_or(UnixTime::from_seconds(0));
    let policy = standing::policy(at, true);
    let meant = |key: &&Key<_, UnspecifiedRole>| {
        let bound = standing::bound(cert, &key.fingerprint(), &policy, at);
        bound.is_some_and(|bound| standing::signs(&bound))
    };
    let keys: Vec<_> = cert.keys().map(|key| key.key()).collect();
    keys.into_iter()
        .filter(meant)
        .take(Limits::default().signatures)
        .map(|key| key.clone().parts_into_unspecified())
        .collect()
}

fn primary(cert: &Cert, private: impl FnOnce(&PublicKey) -> Option<Arc<dyn SigningKey>>) -> Option<KeyPair> {
    let key = cert.primary_key().key().clone().role_into_unspecified().parts_into_unspecified();
    let pair = pair(&key, None)?;
    let private = private(&pair.public)?;
    Some(KeyPair { private: Some(private), ..pair })
}

fn created(cert: &Cert, fingerprint: &Fingerprint) -> Option<std::time::SystemTime> {
    cert.keys().find(|key| key.key().fingerprint() == *fingerprint).map(|key| key.key().creation_time())
}

fn pair(
    key: &Key<UnspecifiedParts, UnspecifiedRole>,
    private: Option<Arc<dyn SigningKey>>,
) -> Option<KeyPair> {
    let public = public_key(key).ok()?;
    let scheme = scheme(public.algorithm())?;
    Some(KeyPair {
        fingerprint: key.fingerprint(),
        version: key.version(),
        algorithm: key.pk_algo(),
        public,
        scheme,
        private,
    })
}

fn is_pkcs1(scheme: SignatureScheme) -> bool {
    use SignatureScheme::{RsaPkcs1Sha256, RsaPkcs1Sha384, RsaPkcs1Sha512};
    matches!(scheme, RsaPkcs1Sha256 | RsaPkcs1Sha384 | RsaPkcs1Sha512)
}

/// SHA-256 where the key leaves the choice: it is the fastest on the machines of today.
fn scheme(key: &KeyAlgorithm) -> Option<SignatureScheme> {
    Some(match key {
        KeyAlgorithm::Rsa { pss_only: false, .. } => SignatureScheme::RsaPkcs1Sha256,
        KeyAlgorithm::Ec(Curve::P256) => SignatureScheme::EcdsaP256Sha256,
        KeyAlgorithm::Ec(Curve::P384) => SignatureScheme::EcdsaP384Sha384,
        KeyAlgorithm::Ec(Curve::P521) => SignatureScheme::EcdsaP521Sha512,
        KeyAlgorithm::Ed25519 => SignatureScheme::Ed25519,
        _ => return None,
    })
}
