//! Keys: public ones as they stand in certificates, private ones behind a trait.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use der::asn1::{ObjectIdentifier, UintRef};
use der::{Decode, Encode, Sequence};
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use crate::crypto::algorithm::{
    KeyAlgorithm, Parameters, PssParameters, SignatureScheme, der_octets, oid, parameters_fit,
};
use crate::crypto::{Curve, HashAlgorithm};
use crate::error::KeyError;

/// The smallest RSA modulus that is read at all; below 2048 bits a key is weak.
const RSA_LEAST_BITS: usize = 1024;
/// The largest RSA modulus that is read, so that a report can name it. Larger than 8192 never verifies (R-B7).
const RSA_MOST_BITS: usize = 16384;

/// A public key: DER SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), read and checked for size and form.
///
/// That a point lies on its curve is checked when a signature is.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "smime")] {
/// use mailseal::crypto::PublicKey;
/// use mailseal::x509::Certificate;
/// // Is the key of the token the one in the certificate?
/// let pem = include_bytes!("../../examples/letters/openssl-ca.pem");
/// let certificate = Certificate::load_pem_or_der(pem)?.remove(0);
/// let of_token = PublicKey::from_spki(certificate.spki())?; // as the token exports it
/// assert_eq!(certificate.public_key(), Ok(&of_token));
/// assert_eq!(of_token.bits(), 3072);
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicKey {
    spki: Vec<u8>,
    /// Where the octets of the key begin in it, to its end.
    key_at: usize,
    algorithm: KeyAlgorithm,
    prepared: Prepared,
}

/// What a backend made of a key, for all signatures by it. It says nothing that the key does not.
#[derive(Clone, Default)]
struct Prepared(OnceLock<Arc<dyn Any + Send + Sync>>);

impl PartialEq for Prepared {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Prepared {}

impl Hash for Prepared {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// ```text
/// RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }
/// ```
/// RFC 8017 appendix A.1.1.
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    public_exponent: UintRef<'a>,
}

impl PublicKey {
    /// Reads a DER SubjectPublicKeyInfo. An algorithm or a named curve that is not known is no error but
    /// [`KeyAlgorithm::Other`]; explicit curve parameters are one (R-C9).
    ///
    /// ```
    /// use mailseal::crypto::{KeyAlgorithm, PublicKey};
    /// // SEQUENCE { SEQUENCE { id-Ed25519 }, BIT STRING }
    /// let spki = [&b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"[..], &[9; 32]].concat();
    /// assert_eq!(PublicKey::from_spki(&spki)?.algorithm(), &KeyAlgorithm::Ed25519);
    /// assert!(PublicKey::from_spki(&spki[..20]).is_err());
    /// # Ok::<(), mailseal::crypto::KeyError>(())
    /// ```
    pub fn from_spki(der: &[u8]) -> Result<Self, KeyError> {
        let read = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| malformed("SubjectPublicKeyInfo"))?;
        let key = read.subject_public_key.as_bytes().ok_or_else(|| malformed("unused bits"))?;
        let algorithm = match read.algorithm.oid {
            oid::RSA if fits(Parameters::NullOrAbsent, &read.algorithm)? => rsa(key, false)?,
            oid::RSA_PSS => {
                if read.algorithm.parameters.is_some() {
                    PssParameters::read(read.algorithm.parameters)
                        .map_err(|error| malformed(&error.to_string()))?;
                }
                rsa(key, true)?
            }
            oid::EC => ec(&read.algorithm, key)?,
            oid::ED25519 if fits(Parameters::Absent, &read.algorithm)? => {
                fixed(key, 32, KeyAlgorithm::Ed25519)?
            }
            oid::ED448 if fits(Parameters::Absent, &read.algorithm)? => fixed(key, 57, KeyAlgorithm::Ed448)?,
            oid::X25519 if fits(Parameters::Absent, &read.algorithm)? => {
                fixed(key, 32, KeyAlgorithm::X25519)?
            }
            oid::X448 if fits(Parameters::Absent, &read.algorithm)? => fixed(key, 56, KeyAlgorithm::X448)?,
            other => KeyAlgorithm::Other(other.to_string()),
        };
        Ok(Self {
            spki: der.to_vec(),
            key_at: der.len().saturating_sub(key.len()),
            algorithm,
            prepared: Prepared::default(),
        })
    }

    /// An RSA key of its big-endian modulus and exponent.
    ///
    /// ```
    /// use mailseal::crypto::{KeyError, PublicKey};
    /// let modulus = [0xff; 64];
    /// assert_eq!(PublicKey::rsa(&modulus, &[1, 0, 1]), Err(KeyError::TooSmall { bits: 512, least: 1024 }));
    /// ```
    pub fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, KeyError> {
        let number = |octets| UintRef::new(octets).map_err(|_| malformed("RSA number"));
        let key = RsaPublicKey { modulus: number(modulus)?, public_exponent: number(exponent)? };
        let key = key.to_der().map_err(|_| malformed("RSA key"))?;
        Self::from_parts(&[oid_element(oid::RSA), vec![0x05, 0x00]].concat(), &key)
    }

    /// A key on a named curve, of its uncompressed point (SEC 1 §2.3.3).
    pub fn ec(curve: Curve, point: &[u8]) -> Result<Self, KeyError> {
        let named = curve.oid().ok_or_else(|| malformed("curve"))?;
        Self::from_parts(&[oid_element(oid::EC), oid_element(named)].concat(), point)
    }

    /// An Ed25519 key (RFC 8410 §4).
    pub fn ed25519(key: &[u8; 32]) -> Result<Self, KeyError> {
        Self::from_parts(&oid_element(oid::ED25519), key)
    }

    /// An Ed448 key (RFC 8410 §4).
    pub fn ed448(key: &[u8; 57]) -> Result<Self, KeyError> {
        Self::from_parts(&oid_element(oid::ED448), key)
    }

    /// An X25519 key (RFC 8410 §4).
    ///
    /// ```
    /// use mailseal::crypto::{KeyAlgorithm, PublicKey};
    /// let key = PublicKey::x25519(&[9; 32])?;
    /// assert_eq!((key.algorithm(), key.bits()), (&KeyAlgorithm::X25519, 256));
    /// # Ok::<(), mailseal::crypto::KeyError>(())
    /// ```
    pub fn x25519(key: &[u8; 32]) -> Result<Self, KeyError> {
        Self::from_parts(&oid_element(oid::X25519), key)
    }

    fn from_parts(identifier: &[u8], key: &[u8]) -> Result<Self, KeyError> {
        let bits = [&[0], key].concat();
        Self::from_spki(&der_octets(0x30, &[der_octets(0x30, identifier), der_octets(0x03, &bits)].concat()))
    }

    /// What kind of key it is, with its size.
    pub fn algorithm(&self) -> &KeyAlgorithm {
        &self.algorithm
    }

    /// The DER SubjectPublicKeyInfo.
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// Bits of the modulus or of the field; 0 for algorithms that are not known.
    pub fn bits(&self) -> usize {
        match &self.algorithm {
            KeyAlgorithm::Rsa { bits, .. } => *bits,
            KeyAlgorithm::Ec(Curve::P521) => 521,
            KeyAlgorithm::Ec(curve) => curve.octets() * 8,
            KeyAlgorithm::Ed25519 | KeyAlgorithm::X25519 => 256,
            KeyAlgorithm::Ed448 => 456,
            KeyAlgorithm::X448 => 448,
            KeyAlgorithm::Other(_) => 0,
        }
    }

    /// The content of the BIT STRING: RSAPublicKey, a point, or the octets of an EdDSA or X25519 key.
    pub(crate) fn bit_string(&self) -> Option<&[u8]> {
        self.spki.get(self.key_at..)
    }

    /// What was kept with the key, if it is of that kind.
    pub(crate) fn kept<T: Any>(&self) -> Option<&T> {
        self.prepared.0.get()?.downcast_ref()
    }

    /// Keeps the first that is made of the key; later ones are dropped.
    pub(crate) fn keep(&self, made: impl Any + Send + Sync) {
        self.prepared.0.get_or_init(|| Arc::new(made));
    }

    /// Modulus and exponent of an RSA key, without leading zeros.
    pub(crate) fn rsa_numbers(&self) -> Option<(&[u8], &[u8])> {
        let key = RsaPublicKey::from_der(self.bit_string()?).ok()?;
        Some((key.modulus.as_bytes(), key.public_exponent.as_bytes()))
    }

    /// The parameters that an id-RSASSA-PSS key binds its signatures to (RFC 4055 §3.3).
    pub(crate) fn pss_parameters(&self) -> Option<PssParameters> {
        if !matches!(self.algorithm, KeyAlgorithm::Rsa { pss_only: true, .. }) {
            return None;
        }
        let read = SubjectPublicKeyInfoRef::from_der(&self.spki).ok()?;
        PssParameters::read(read.algorithm.parameters).ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.algorithm)
    }
}

fn malformed(what: &str) -> KeyError {
    KeyError::Malformed(what.to_owned())
}

fn oid_element(oid: ObjectIdentifier) -> Vec<u8> {
    der_octets(0x06, oid.as_bytes())
}

/// Always true, or an error: so that it can guard an arm.
fn fits(rule: Parameters, identifier: &AlgorithmIdentifierRef<'_>) -> Result<bool, KeyError> {
    match parameters_fit(rule, identifier.parameters.as_ref()) {
        true => Ok(true),
        false => Err(malformed("parameters that do not belong to the algorithm")),
    }
}

fn fixed(key: &[u8], length: usize, algorithm: KeyAlgorithm) -> Result<KeyAlgorithm, KeyError> {
    match key.len() == length {
        true => Ok(algorithm),
        false => Err(malformed("length")),
    }
}

fn rsa(key: &[u8], pss_only: bool) -> Result<KeyAlgorithm, KeyError> {
    let key = RsaPublicKey::from_der(key).map_err(|_| malformed("RSAPublicKey"))?;
    let bits = bit_length(key.modulus.as_bytes());
    if bits < RSA_LEAST_BITS {
        return Err(KeyError::TooSmall { bits, least: RSA_LEAST_BITS });
    }
    if bits > RSA_MOST_BITS {
        return Err(KeyError::Unsupported(format!("an RSA modulus of {bits} bits")));
    }
    Ok(KeyAlgorithm::Rsa { bits, pss_only })
}

/// Bits of a number without leading zeros.
fn bit_length(octets: &[u8]) -> usize {
    let leading = octets.first().map_or(0, |first| usize::try_from(first.leading_zeros()).unwrap_or(0));
    (octets.len() * 8).saturating_sub(leading)
}

fn ec(identifier: &AlgorithmIdentifierRef<'_>, point: &[u8]) -> Result<KeyAlgorithm, KeyError> {
    let named = identifier.parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
    let Some(named) = named else {
        return Err(KeyError::Unsupported(
            "a curve that is not given by its name (RFC 5480 §2.1.1)".to_owned(),
        ));
    };
    let Some(curve) = Curve::from_oid(named) else { return Ok(KeyAlgorithm::Other(named.to_string())) };
    match point.first() {
        Some(4) if point.len() == 2 * curve.octets() + 1 => Ok(KeyAlgorithm::Ec(curve)),
        Some(2 | 3) => Err(KeyError::Unsupported("a compressed point".to_owned())),
        _ => Err(malformed("point")),
    }
}

/// What a private key is given to sign.
///
/// RSA and ECDSA: a digest. Ed25519: the message itself, which is the digest in OpenPGP and the (small) signed
/// attributes in CMS. mailseal's own keys and verifiers hash a message for RSA and ECDSA; keys in tokens need not.
///
/// ```
/// use mailseal::crypto::ToSign;
/// /// What goes to an agent that speaks JSON.
/// fn request(input: ToSign<'_>) -> serde_json::Value {
///     match input {
///         ToSign::Digest { algorithm, value } => serde_json::json!({ "hash": algorithm.name(), "digest": value }),
///         ToSign::Message(message) => serde_json::json!({ "message": message }),
///     }
/// }
/// assert_eq!(request(ToSign::Message(&[1, 2])).to_string(), r#"{"message":[1,2]}"#);
/// ```
#[derive(Debug, Clone, Copy)]
pub enum ToSign<'a> {
    /// A digest and what computed it.
    Digest {
        /// The hash algorithm.
        algorithm: HashAlgorithm,
        /// The digest, of the length of the algorithm.
        value: &'a [u8],
    },
    /// A short message, for algorithms that hash by themselves.
    Message(&'a [u8]),
}

impl<'a> ToSign<'a> {
    /// The octets that the arithmetic of the scheme takes: a digest of its hash, made here where the message was given;
    /// for Ed25519 the message. An error for a digest of another hash.
    ///
    /// ```
    /// use mailseal::crypto::{HashAlgorithm, SignatureScheme, ToSign};
    /// let digest = ToSign::Message(b"abc").octets(SignatureScheme::EcdsaP256Sha256)?;
    /// assert_eq!(digest[..4], [0xba, 0x78, 0x16, 0xbf]);
    /// let other = ToSign::Digest { algorithm: HashAlgorithm::Sha512, value: &[0; 64] };
    /// assert!(other.octets(SignatureScheme::EcdsaP256Sha256).is_err());
    /// # Ok::<(), mailseal::crypto::KeyError>(())
    /// ```
    pub fn octets(self, scheme: SignatureScheme) -> Result<Cow<'a, [u8]>, KeyError> {
        match (scheme.algorithm().hash(), self) {
            (None, Self::Message(message)) => Ok(Cow::Borrowed(message)),
            (Some(hash), Self::Message(message)) => {
                let digest = super::backend::portable::hash(hash, &[message]);
                digest.map(Cow::Owned).ok_or_else(|| KeyError::Unsupported(hash.to_string()))
            }
            (Some(hash), Self::Digest { algorithm, value })
                if hash == algorithm && value.len() == hash.length() =>
            {
                Ok(Cow::Borrowed(value))
            }
            (_, Self::Digest { algorithm, .. }) => {
                Err(KeyError::Unsupported(format!("{scheme} over a digest of {algorithm}")))
            }
        }
    }
}

/// A private key that signs: in memory, in a token, an agent, a KMS. For both protocols.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use mailseal::crypto::{KeyError, PublicKey, SignatureScheme, SigningKey, ToSign};
///
/// /// Passes everything on to another key, and counts.
/// #[derive(Debug)]
/// struct Counted {
///     key: Arc<dyn SigningKey>,
///     uses: Arc<AtomicU64>,
/// }
///
/// impl SigningKey for Counted {
///     fn public(&self) -> &PublicKey {
///         self.key.public()
///     }
///     fn schemes(&self) -> &[SignatureScheme] {
///         self.key.schemes()
///     }
///     fn sign(&self, scheme: SignatureScheme, input: ToSign<'_>) -> Result<Vec<u8>, KeyError> {
///         self.uses.fetch_add(1, Ordering::Relaxed);
///         self.key.sign(scheme, input)
///     }
/// }
///
/// # use mailseal::{Certificate, Composer, Context, Key, TrustStore};
/// # let pem: String = include!("../../examples/letters/alice.rs");
/// # let private = mailseal::x509::private_key::read(pem.as_bytes(), None, &mailseal::Limits::default())?;
/// # let token = mailseal::crypto::Provider::default().key_loader.signing_key(&private.keys[0])?;
/// # let certificates = Certificate::load(pem.as_bytes())?;
/// # let composer = Composer::new(&Context::new(TrustStore::new()));
/// # let draft = b"From: alice@example.org\r\n\r\nHello\r\n";
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// let uses = Arc::new(AtomicU64::new(0));
/// let key = Key::external(Counted { key: token, uses: Arc::clone(&uses) }, &certificates)?;
/// composer.sign(&key).compose(draft, at, &mut Vec::new())?;
/// assert_eq!(uses.load(Ordering::Relaxed), 1);
/// # }
/// # Ok(())
/// # }
/// ```
pub trait SigningKey: fmt::Debug + Send + Sync {
    /// The public half.
    fn public(&self) -> &PublicKey;

    /// What it can sign with, the preferred first.
    fn schemes(&self) -> &[SignatureScheme];

    /// Signs. What is not among [`schemes`](Self::schemes) is [`KeyError::Unsupported`]; a key that is away,
    /// [`KeyError::Unavailable`]. RSA: the octets of RFC 8017; ECDSA: DER ECDSA-Sig-Value (RFC 3279 §2.2.3); Ed25519: the 64 octets of RFC 8032.
    fn sign(&self, scheme: SignatureScheme, input: ToSign<'_>) -> Result<Vec<u8>, KeyError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spki(identifier: &[&[u8]], key: &[u8]) -> Vec<u8> {
        let identifier = der_octets(0x30, &identifier.concat());
        der_octets(0x30, &[identifier, der_octets(0x03, &[&[0], key].concat())].concat())
    }

    const NULL: &[u8] = &[5, 0];

    #[test]
    fn r_b7_sizes_of_rsa_keys() {
        for bits in [1024, 1025, 2048, 8192, 16384] {
            let mut modulus = vec![0xff; bits / 8];
            if bits % 8 == 1 {
                modulus.insert(0, 1);
            }
            let key = PublicKey::rsa(&modulus, &[1, 0, 1]).unwrap();
            assert_eq!(*key.algorithm(), KeyAlgorithm::Rsa { bits, pss_only: false });
            assert_eq!(key.rsa_numbers(), Some((&*modulus, &[1, 0, 1][..])));
            assert_eq!(PublicKey::from_spki(key.spki()), Ok(key));
        }
        assert!(matches!(PublicKey::rsa(&[0xff; 127], &[3]), Err(KeyError::TooSmall { bits: 1016, .. })));
        assert!(matches!(PublicKey::rsa(&[0xff; 2049], &[3]), Err(KeyError::Unsupported(_))));
        // Leading zeros of an MPI do not count.
        let padded = [&[0; 4][..], &[0xff; 256]].concat();
        assert_eq!(PublicKey::rsa(&padded, &[0, 1, 0, 1]).unwrap().bits(), 2048);
    }

    #[test]
    fn r_c9_named_curves_only() {
        let point = [&[4][..], &[1; 64]].concat();
        let key = PublicKey::ec(Curve::P256, &point).unwrap();
        assert_eq!(*key.algorithm(), KeyAlgorithm::Ec(Curve::P256));
        assert_eq!(key.bit_string(), Some(&*point));
        let ec = oid_element(oid::EC);
        for parameters in [&[][..], NULL, &[0x30, 3, 2, 1, 1]] {
            let result = PublicKey::from_spki(&spki(&[&ec, parameters], &point));
            assert!(matches!(result, Err(KeyError::Unsupported(_))), "{result:?}");
        }
        let secp256k1 = oid_element(ObjectIdentifier::new_unwrap("1.3.132.0.10"));
        let key = PublicKey::from_spki(&spki(&[&ec, &secp256k1], &point)).unwrap();
        assert_eq!(*key.algorithm(), KeyAlgorithm::Other("1.3.132.0.10".to_owned()));
        assert_eq!(key.bits(), 0);
        for wrong in [&point[..64], &[point.clone(), vec![0]].concat(), &[2; 33], &[0], &[]] {
            assert!(PublicKey::ec(Curve::P256, wrong).is_err(), "{wrong:x?}");
        }
    }

    #[test]
    fn r_b6_parameters_of_keys() {
        let modulus = [0xff; 256];
        let rsa = PublicKey::rsa(&modulus, &[3]).unwrap();
        let numbers = rsa.bit_string().unwrap();
        let oid_rsa = oid_element(oid::RSA);
        assert!(PublicKey::from_spki(&spki(&[&oid_rsa], numbers)).is_ok());
        assert!(PublicKey::from_spki(&spki(&[&oid_rsa, &[0x30, 0]], numbers)).is_err());
        let pss = oid_element(oid::RSA_PSS);
        let key = PublicKey::from_spki(&spki(&[&pss], numbers)).unwrap();
        assert_eq!(*key.algorithm(), KeyAlgorithm::Rsa { bits: 2048, pss_only: true });
        assert_eq!(key.pss_parameters(), None);
        assert!(
            PublicKey::from_spki(&spki(&[&pss, &[0x30, 0]], numbers)).unwrap().pss_parameters().is_some()
        );
        assert!(PublicKey::from_spki(&spki(&[&pss, NULL], numbers)).is_err());
        let ed25519 = oid_element(oid::ED25519);
        assert!(PublicKey::from_spki(&spki(&[&ed25519], &[1; 32])).is_ok());
        assert!(PublicKey::from_spki(&spki(&[&ed25519, NULL], &[1; 32])).is_err());
        assert!(PublicKey::from_spki(&spki(&[&ed25519], &[1; 31])).is_err());
        assert_eq!(PublicKey::ed448(&[1; 57]).unwrap().bits(), 456);
        let (x25519, x448) = (oid_element(oid::X25519), oid_element(oid::X448));
        assert_eq!(PublicKey::from_spki(&spki(&[&x25519], &[1; 32])), PublicKey::x25519(&[1; 32]));
        assert_eq!(*PublicKey::from_spki(&spki(&[&x448], &[1; 56])).unwrap().algorithm(), KeyAlgorithm::X448);
        for (identifier, key) in
            [(&[&*x25519, NULL][..], &[1; 32][..]), (&[&x25519], &[1; 31]), (&[&x448], &[1; 57])]
        {
            assert!(PublicKey::from_spki(&spki(identifier, key)).is_err());
        }
    }

    #[test]
    fn what_is_no_key() {
        let good = PublicKey::ed25519(&[1; 32]).unwrap();
        let mut trailing = good.spki().to_vec();
        trailing.push(0);
        let unused = spki(&[&oid_element(oid::ED25519)], &[1; 32]).to_vec();
        let at = unused.len() - 33;
        let mut unused_bits = unused;
        unused_bits[at] = 1;
        for wrong in [&trailing[..], &unused_bits, &good.spki()[..20], &[]] {
            assert!(PublicKey::from_spki(wrong).is_err());
        }
        let dsa = spki(&[&oid_element(ObjectIdentifier::new_unwrap("1.2.840.10040.4.1"))], &[1]);
        assert_eq!(
            *PublicKey::from_spki(&dsa).unwrap().algorithm(),
            KeyAlgorithm::Other("1.2.840.10040.4.1".into())
        );
    }
}
