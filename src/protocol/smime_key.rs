//! A private key with its X.509 certificates, and what of them is the same for each letter.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use zeroize::Zeroizing;

use crate::cms::SignerTemplate;
use crate::crypto::{
    ContentCipher, DecryptionKey, PasswordSource, Provider, PublicKey, SignatureScheme, SigningKey, Watch,
    Watched,
};
use crate::error::{Error, KeyError};
use crate::limits::Limits;
use crate::mime::Address;
use crate::protocol::Certificate;
use crate::time::UnixTime;
use crate::x509::{Certificate as X509, private_key};

/// A key of S/MIME: one certificate fits the private key, the others lead towards an anchor.
#[derive(Clone)]
pub(crate) struct SmimeKey {
    pub(crate) signing: Option<Arc<dyn SigningKey>>,
    pub(crate) public: PublicKey,
    pub(crate) certificate: X509,
    pub(crate) chain: Vec<X509>,
    /// Every private key that came along, the one that signs too.
    pub(crate) decryption: Vec<DecryptionEntry>,
    chosen: Option<SignatureScheme>,
    addresses: Vec<Address>,
    template: OnceLock<Arc<SignerTemplate>>,
}

/// A private key that letters may be encrypted to, with all certificates that it fits.
#[derive(Debug, Clone)]
pub(crate) struct DecryptionEntry {
    /// `None`: it is too small for the provider.
    pub(crate) key: Option<Arc<dyn DecryptionKey>>,
    pub(crate) certificates: Vec<X509>,
}

impl SmimeKey {
    pub(super) fn load(
        octets: &[u8],
        certificates: &[Certificate],
        password: &dyn PasswordSource,
        provider: &Provider,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let file = crate::x509::key_file::load(octets, password, limits)?;
        let known: Vec<Certificate> = certificates
            .iter()
            .cloned()
            .chain(file.certificates.into_iter().map(Certificate::X509))
            .collect();
        let decryption = decryption_entries(&file.keys, &x509_of(&known), provider);
        let mut problem = Error::from(KeyError::Malformed("there is no private key in it".into()));
        let mut other = None;
        for pkcs8 in &file.keys {
            let signing = provider.key_loader.signing_key(pkcs8).map_err(Error::from);
            match signing.and_then(|signing| Self::join(signing, &known)) {
                Ok(key) if may_sign(&key.certificate) => return Ok(Self { decryption, ..key }),
                Ok(key) => other = other.or(Some(key)),
                Err(error) => problem = error,
            }
        }
        match other {
            Some(key) => Ok(Self { decryption, ..key }),
            None => Self::decrypting(decryption, &known).ok_or(problem),
        }
    }

    /// A key that only decrypts. `None` where none does, or no certificate fits.
    fn decrypting(decryption: Vec<DecryptionEntry>, certificates: &[Certificate]) -> Option<Self> {
        let usable = decryption.iter().find(|entry| entry.key.is_some())?;
        let certificate = usable.certificates.first()?.clone();
        let public = certificate.public_key().ok()?.clone();
        let chain = x509_of(certificates).into_iter().filter(|one| *one != certificate).collect();
        Some(Self { decryption, ..Self::new(None, public, certificate, chain) })
    }

    /// A key that decrypts and is elsewhere.
    pub(super) fn join_decryption(
        key: Arc<dyn DecryptionKey>,
        certificates: &[Certificate],
    ) -> Result<Self, Error> {
        let fitting = fitting(key.public(), &x509_of(certificates));
        let entry = DecryptionEntry { key: Some(key), certificates: fitting };
        let joined = Self::decrypting(vec![entry], certificates);
        joined.ok_or_else(|| KeyError::Malformed("no certificate fits the private key".into()).into())
    }

    /// Of several certificates for one key, the first that may sign is its own.
    pub(super) fn join(signing: Arc<dyn SigningKey>, certificates: &[Certificate]) -> Result<Self, Error> {
        let mut chain = x509_of(certificates);
        let public = signing.public().clone();
        let fits = |one: &X509| one.public_key().is_ok_and(|key| *key == public);
        let own =
            chain.iter().position(|one| fits(one) && may_sign(one)).or_else(|| chain.iter().position(fits));
        let own = own.ok_or_else(|| KeyError::Malformed("no certificate fits the private key".into()))?;
        let certificate = chain.remove(own);
        Ok(Self::new(Some(signing), public, certificate, chain))
    }

    pub(super) fn new(
        signing: Option<Arc<dyn SigningKey>>,
        public: PublicKey,
        certificate: X509,
        chain: Vec<X509>,
    ) -> Self {
        let addresses = addresses(&certificate);
        let (decryption, chosen, template) = (Vec::new(), None, OnceLock::new());
        Self { signing, public, certificate, chain, decryption, chosen, addresses, template }
    }

    /// Whether its certificate says that it signs.
    pub(crate) fn may_sign(&self) -> bool {
        may_sign(&self.certificate)
    }

    pub(super) fn names(&self, address: &Address) -> bool {
        self.addresses.iter().any(|own| own.matches(address))
    }

    pub(super) fn with_scheme(&self, scheme: SignatureScheme) -> Result<Self, KeyError> {
        match self.schemes().contains(&scheme) {
            true => Ok(Self { chosen: Some(scheme), template: OnceLock::new(), ..self.clone() }),
            false => Err(KeyError::Unsupported(scheme.to_string())),
        }
    }

    /// The same key, its uses told.
    pub(super) fn watched(&self, watch: &Watch) -> Self {
        let signing = self
            .signing
            .as_ref()
            .map(|key| -> Arc<dyn SigningKey> { Arc::new(Watched::new(Arc::clone(key), Arc::clone(watch))) });
        let decrypting = |key: &Arc<dyn DecryptionKey>| -> Arc<dyn DecryptionKey> {
            Arc::new(Watched::new(Arc::clone(key), Arc::clone(watch)))
        };
        let entry = |entry: &DecryptionEntry| DecryptionEntry {
            key: entry.key.as_ref().map(decrypting),
            certificates: entry.certificates.clone(),
        };
        Self { signing, decryption: self.decryption.iter().map(entry).collect(), ..self.clone() }
    }

    /// What all its signatures with that scheme have in common.
    pub(crate) fn template(&self, scheme: SignatureScheme) -> Arc<SignerTemplate> {
        let make = || Arc::new(SignerTemplate::new(&self.certificate, scheme));
        let known = self.template.get_or_init(make);
        if known.scheme() == scheme { Arc::clone(known) } else { make() }
    }

    /// The same for signatures that say to read these ciphers.
    pub(crate) fn template_saying(
        &self,
        scheme: SignatureScheme,
        ciphers: &[ContentCipher],
    ) -> Arc<SignerTemplate> {
        Arc::new(SignerTemplate::saying(&self.certificate, scheme, ciphers))
    }

    /// What it signs with: the scheme that was chosen, or the one that the key prefers.
    pub(crate) fn preferred(&self) -> Option<SignatureScheme> {
        self.chosen.or_else(|| self.schemes().first().copied())
    }

    /// What it can sign with, the preferred first. A key that is not here: what its public half allows.
    fn schemes(&self) -> Cow<'_, [SignatureScheme]> {
        match &self.signing {
            Some(signing) => signing.schemes().into(),
            None => crate::crypto::private::schemes(&self.public).into(),
        }
    }

    pub(crate) fn public(&self) -> &PublicKey {
        &self.public
    }
}

/// They are the same at any time.
fn addresses(certificate: &X509) -> Vec<Address> {
    Certificate::X509(certificate.clone()).addresses(UnixTime::from_seconds(0))
}

/// Many people have one key to sign and another to be written to, in one file (RFC 5280 §4.2.1.3).
fn may_sign(certificate: &X509) -> bool {
    let usage = certificate.extensions().key_usage;
    usage.is_none_or(|usage| usage.digital_signature() || usage.non_repudiation())
}

/// Keys that neither sign nor decrypt here, and those without a certificate, are left out: no letter names them.
fn decryption_entries(
    keys: &[Zeroizing<Vec<u8>>],
    certificates: &[X509],
    provider: &Provider,
) -> Vec<DecryptionEntry> {
    let entry = |pkcs8: &Zeroizing<Vec<u8>>| {
        let (key, public) = match provider.key_loader.decryption_key(pkcs8) {
            Ok(key) => (Some(Arc::clone(&key)), key.public().clone()),
            Err(KeyError::TooSmall { .. }) => (None, private_key::rsa_public(pkcs8)?),
            Err(_) => return None,
        };
        let certificates = fitting(&public, certificates);
        (!certificates.is_empty()).then_some(DecryptionEntry { key, certificates })
    };
    keys.iter().filter_map(entry).collect()
}

/// One key may have several certificates: an old one, and those that followed.
fn fitting(public: &PublicKey, certificates: &[X509]) -> Vec<X509> {
    let fits = |one: &&X509| one.public_key().is_ok_and(|key| same_key(key, public));
    certificates.iter().filter(fits).cloned().collect()
}

/// The octets of the key decide: its identifier may stand with or without NULL.
fn same_key(one: &PublicKey, other: &PublicKey) -> bool {
    one == other || (one.algorithm() == other.algorithm() && one.bit_string() == other.bit_string())
}

pub(super) fn x509_of(certificates: &[Certificate]) -> Vec<X509> {
    let x509 = |certificate: &Certificate| match certificate {
        Certificate::X509(certificate) => Some(certificate.clone()),
        #[cfg(feature = "openpgp")]
        Certificate::Openpgp(_) => None,
    };
    certificates.iter().filter_map(x509).collect()
}
