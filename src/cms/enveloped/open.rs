//! Getting the content key out of an entry. How an entry of RSA failed is not told from a success (R-A10).

use zeroize::Zeroizing;

use crate::cms::Oid;
use crate::cms::ber::{Elements, tag};
use crate::cms::der_writer::{element, octet_string, sequence};
use crate::cms::enveloped::{KeyAgreement, KeyEncryptionKey, KeyTransport, OriginatorKey, PasswordInfo};
use crate::crypto::algorithm::{
    self, AgreementKdf, AlgorithmError, ContentAlgorithm, KeyWrapAlgorithm, key_transport,
};
use crate::crypto::{
    ContentCipher, ContentKey, DecryptionKey, KeyAlgorithm, KeyError, Provider, RsaEncryption, Secret,
    WrappedKey, kdf, wrap,
};
use crate::error::Error;

/// A content key that an entry may have held.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) key: ContentKey,
    /// What it was wrapped in has a check of its own. Without one it may be a random key.
    pub(crate) checked: bool,
}

/// What came of an entry.
#[derive(Debug)]
pub(crate) enum Tried {
    Candidate(Candidate),
    /// The check of the wrap says no.
    Nothing,
    /// It was not tried.
    Unsupported(String),
}

impl From<AlgorithmError> for Tried {
    fn from(refused: AlgorithmError) -> Self {
        match refused {
            AlgorithmError::Unsupported { name } => Self::Unsupported(name),
            // Parameters that never fit are a failure like any other.
            _ => Self::Nothing,
        }
    }
}

impl KeyTransport {
    /// Only a key that is away, and no randomness, are errors.
    pub(crate) fn open(
        &self,
        key: &dyn DecryptionKey,
        content: &ContentAlgorithm,
        provider: &Provider,
    ) -> Result<Tried, Error> {
        // Drawn before anything is known (RFC 3218 §2.3.2).
        let random = ContentKey::random(content.cipher, provider.random)?;
        let unwrapped = match key_transport(&self.algorithm) {
            Err(AlgorithmError::Unsupported { name }) => return Ok(Tried::Unsupported(name)),
            Err(_) => Some(Err(KeyError::Malformed("parameters".into()))),
            Ok(scheme) => match key.unwrap(&WrappedKey::Rsa { scheme, octets: &self.encrypted_key }) {
                None => return Ok(Tried::Unsupported(name_of(&self.algorithm))),
                // Said by scheme and key alone, before anything is computed; of PKCS #1 v1.5 nothing is believed.
                Some(Err(KeyError::Unsupported(_))) if scheme != RsaEncryption::Pkcs1 => {
                    return Ok(Tried::Unsupported(name_of(&self.algorithm)));
                }
                Some(Err(locked @ (KeyError::WrongPassword | KeyError::Locked))) => return Err(locked.into()),
                unwrapped => unwrapped,
            },
        };
        Ok(Tried::Candidate(Candidate { key: random.replaced_by(unwrapped)?, checked: false }))
    }
}

/// A key that does not answer is an error; that it answers with one is a failure to decrypt.
fn away(unwrapped: Result<Secret, KeyError>) -> Result<Result<Secret, KeyError>, Error> {
    match unwrapped {
        Err(error) if error.is_away() => Err(error.into()),
        other => Ok(other),
    }
}

impl KeyAgreement {
    pub(crate) fn open(
        &self,
        key: &dyn DecryptionKey,
        content: &ContentAlgorithm,
        provider: &Provider,
    ) -> Result<Tried, Error> {
        let algorithm = match algorithm::key_agreement(&self.agreed.algorithm) {
            Ok(algorithm) => algorithm,
            Err(refused) => return Ok(refused.into()),
        };
        let Some(originator) = &self.agreed.originator else {
            return Ok(Tried::Unsupported("a static key of the sender".into()));
        };
        if !originator.fits(key.public().algorithm()) {
            return Ok(Tried::Nothing);
        }
        let Some(shared) = key.unwrap(&WrappedKey::Agreement { public: &originator.public }) else {
            return Ok(Tried::Unsupported(key.public().algorithm().to_string()));
        };
        let Ok(shared) = away(shared)? else { return Ok(Tried::Nothing) };
        let outer = derive(&algorithm, &shared, self.agreed.ukm.as_deref(), provider);
        let unwrap = |outer: Derived| unwrap(algorithm.wrap, &outer, &self.encrypted_key, content, provider);
        Ok(outer.map_or(Tried::Nothing, unwrap))
    }
}

impl OriginatorKey {
    /// R-A13: on the curve of the recipient's key. That the point lies on it is asked by who computes.
    fn fits(&self, own: &KeyAlgorithm) -> bool {
        let Some((kind, parameters)) = identifier(&self.algorithm) else { return false };
        match own {
            KeyAlgorithm::X25519 => kind == Oid::X25519 && parameters.is_empty(),
            KeyAlgorithm::Ec(curve) => {
                let named = curve.oid().map(|curve| element(tag::OID, &[curve.as_bytes()]));
                let same = parameters.is_empty() || parameters == [tag::NULL, 0];
                kind == Oid::EC_PUBLIC_KEY && (same || named.as_deref() == Some(parameters))
            }
            _ => false,
        }
    }
}

/// Object identifier, and the octets of the parameters.
fn identifier(der: &[u8]) -> Option<(Oid, &[u8])> {
    let sequence = Elements::single(der, tag::SEQUENCE, 4, "algorithm").ok()?;
    let kind = sequence.children().ok()?.expect(tag::OID, "algorithm").ok()?;
    Some((Oid::read(kind.content).ok()?, sequence.content.get(kind.raw.len()..)?))
}

type Derived = Zeroizing<Vec<u8>>;

/// The key that wraps the content key (RFC 5753 §7.2, RFC 8418 §2).
///
/// ```text
/// ECC-CMS-SharedInfo ::= SEQUENCE {
///   keyInfo AlgorithmIdentifier,
///   entityUInfo [0] EXPLICIT OCTET STRING OPTIONAL,
///   suppPubInfo [2] EXPLICIT OCTET STRING }
/// ```
pub(super) fn derive(
    algorithm: &algorithm::KeyAgreement,
    shared: &Secret,
    ukm: Option<&[u8]>,
    provider: &Provider,
) -> Option<Derived> {
    let length = algorithm.wrap.key_length();
    let entity = ukm.map(|ukm| element(tag::context(0), &[&octet_string(ukm)])).unwrap_or_default();
    let bits = u32::try_from(length.checked_mul(8)?).ok()?.to_be_bytes();
    let public = element(tag::context(2), &[&octet_string(&bits)]);
    let info = sequence(&[&algorithm.key_info, &entity, &public]);
    match algorithm.kdf {
        AgreementKdf::X963(hash) => kdf::x963(provider, hash, shared.expose(), &info, length),
        AgreementKdf::Hkdf(hash) => kdf::hkdf(hash, ukm.unwrap_or_default(), shared.expose(), &info, length),
    }
}

/// The wrapped key is as long as the cipher wants it (R-A13).
fn unwrap(
    algorithm: KeyWrapAlgorithm,
    outer: &[u8],
    wrapped: &[u8],
    content: &ContentAlgorithm,
    provider: &Provider,
) -> Tried {
    let aes = !matches!(algorithm, KeyWrapAlgorithm::TripleDes);
    if aes && wrapped.len() != content.cipher.key_length().saturating_add(8) {
        return Tried::Nothing;
    }
    let Ok(key) = wrap::unwrap(provider, algorithm, outer, wrapped) else { return Tried::Nothing };
    candidate(&key, content)
}

/// What a check stands for.
fn candidate(key: &Secret, content: &ContentAlgorithm) -> Tried {
    match sized(key.expose(), content.cipher) {
        Some(key) => Tried::Candidate(Candidate { key, checked: true }),
        None => Tried::Nothing,
    }
}

/// A key of the length that the cipher wants.
pub(crate) fn sized(key: &[u8], cipher: ContentCipher) -> Option<ContentKey> {
    (key.len() == cipher.key_length()).then(|| ContentKey::unwrapped(Zeroizing::new(key.to_vec())))
}

impl KeyEncryptionKey {
    pub(crate) fn open(&self, outer: &Secret, content: &ContentAlgorithm, provider: &Provider) -> Tried {
        match algorithm::key_wrap(&self.algorithm) {
            Ok(wrap) => unwrap(wrap, outer.expose(), &self.encrypted_key, content, provider),
            Err(refused) => refused.into(),
        }
    }
}

impl PasswordInfo {
    /// What its derivation costs; `None` where it is not known.
    pub(crate) fn iterations(&self) -> Option<u32> {
        Some(algorithm::pbkdf2(self.derivation.as_deref()?).ok()?.iterations)
    }

    /// The caller has seen to [`iterations`](Self::iterations).
    pub(crate) fn open(&self, password: &Secret, content: &ContentAlgorithm, provider: &Provider) -> Tried {
        match self.try_open(password, content, provider) {
            Ok(tried) => tried,
            Err(refused) => refused.into(),
        }
    }

    fn try_open(
        &self,
        password: &Secret,
        content: &ContentAlgorithm,
        provider: &Provider,
    ) -> Result<Tried, AlgorithmError> {
        let Some(derivation) = &self.derivation else {
            return Err(AlgorithmError::Unsupported { name: "a key that is not derived".into() });
        };
        let derivation = algorithm::pbkdf2(derivation)?;
        let (cipher, vector) = algorithm::password_wrap(&self.algorithm)?;
        let length = cipher.key_length();
        if derivation.key_length.is_some_and(|stated| usize::try_from(stated) != Ok(length)) {
            return Ok(Tried::Nothing);
        }
        let algorithm::Pbkdf2 { salt, iterations, hash, .. } = &derivation;
        let outer = kdf::pbkdf2(*hash, password.expose(), salt, *iterations, length);
        let key = outer.and_then(|outer| {
            wrap::password_unwrap(provider, cipher, &outer, &vector, &self.encrypted_key).ok()
        });
        Ok(key.map_or(Tried::Nothing, |key| candidate(&key, content)))
    }
}

/// The key that the cipher gets: the one that was wrapped, or one derived from it (RFC 9709 §2).
pub(crate) fn cipher_key(content: &ContentAlgorithm, key: ContentKey) -> Option<ContentKey> {
    match &content.derived_with {
        Some(identifier) => kdf::content_key(&key, identifier),
        None => Some(key),
    }
}

/// How a report names it.
pub(crate) fn name_of(algorithm: &[u8]) -> String {
    match key_transport(algorithm) {
        Ok(RsaEncryption::Pkcs1) => "RSAES-PKCS1-v1_5".into(),
        Ok(RsaEncryption::Oaep { hash, mgf }) if hash == mgf => {
            format!("RSAES-OAEP {}", hash.name().to_uppercase())
        }
        Ok(RsaEncryption::Oaep { hash, mgf }) => {
            format!("RSAES-OAEP {} with MGF1 {}", hash.name(), mgf.name()).replace("sha", "SHA")
        }
        Err(AlgorithmError::Unsupported { name } | AlgorithmError::Parameters { name }) => name,
        Err(_) => "unreadable".into(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::cms::SignerIdentifier;
    use crate::cms::der_writer::oid;
    use crate::cms::enveloped::recipient_info::Agreement;
    use crate::crypto::{Curve, HashAlgorithm, PublicKey};

    /// Agrees on the same secret with everybody.
    #[derive(Debug)]
    struct Agreeable(PublicKey);

    impl DecryptionKey for Agreeable {
        fn public(&self) -> &PublicKey {
            &self.0
        }

        fn unwrap(&self, _: &WrappedKey<'_>) -> Option<Result<Secret, KeyError>> {
            Some(Ok(Secret::from(vec![5; 32])))
        }
    }

    fn content() -> ContentAlgorithm {
        ContentAlgorithm { cipher: ContentCipher::Aes256Gcm, nonce: vec![0; 12], derived_with: None }
    }

    const CEK: [u8; 32] = [6; 32];

    fn entry(kdf: AgreementKdf, originator: Option<Vec<u8>>, ukm: Option<&[u8]>) -> KeyAgreement {
        let provider = Provider::default();
        let algorithm = algorithm::KeyAgreement::new(kdf, KeyWrapAlgorithm::Aes128);
        let outer = derive(&algorithm, &Secret::from(vec![5; 32]), ukm, &provider).unwrap();
        let encrypted_key = wrap::wrap(&provider, KeyWrapAlgorithm::Aes128, &outer, &CEK).unwrap();
        let originator = originator.map(|algorithm| OriginatorKey { algorithm, public: vec![4; 65] });
        let algorithm = algorithm.identifier().unwrap();
        let agreed = Arc::new(Agreement { originator, ukm: ukm.map(<[u8]>::to_vec), algorithm });
        KeyAgreement { agreed, rid: SignerIdentifier::SubjectKeyIdentifier(vec![1]), encrypted_key }
    }

    fn tried(entry: &KeyAgreement, key: &PublicKey) -> Tried {
        entry.open(&Agreeable(key.clone()), &content(), &Provider::default()).unwrap()
    }

    fn opens(entry: &KeyAgreement, key: &PublicKey) -> bool {
        match tried(entry, key) {
            Tried::Candidate(candidate) => candidate.key.expose() == CEK && candidate.checked,
            Tried::Nothing => false,
            Tried::Unsupported(what) => panic!("{what}"),
        }
    }

    #[test]
    fn r_a13_the_key_of_the_sender_is_of_the_same_kind() {
        let p256 = PublicKey::ec(Curve::P256, &[&[4][..], &[1; 64]].concat()).unwrap();
        let x25519 = PublicKey::x25519(&[9; 32]).unwrap();
        let named = |curve: Curve| element(tag::OID, &[curve.oid().unwrap().as_bytes()]);
        let ec = |parameters: &[u8]| Some(sequence(&[&oid(&Oid::EC_PUBLIC_KEY), parameters]));
        let montgomery = |parameters: &[u8]| Some(sequence(&[&oid(&Oid::X25519), parameters]));
        let kdf = AgreementKdf::X963(HashAlgorithm::Sha256);
        for parameters in [&b""[..], &[5, 0], &named(Curve::P256)] {
            assert!(opens(&entry(kdf, ec(parameters), None), &p256));
            assert!(!opens(&entry(kdf, ec(parameters), None), &x25519));
        }
        for parameters in [&named(Curve::P384)[..], &[0x30, 0], &[5, 0, 5, 0]] {
            assert!(!opens(&entry(kdf, ec(parameters), None), &p256), "{parameters:x?}");
        }
        assert!(opens(&entry(kdf, montgomery(b""), None), &x25519));
        assert!(!opens(&entry(kdf, montgomery(&[5, 0]), None), &x25519));
        assert!(!opens(&entry(kdf, montgomery(b""), None), &p256));
        let fixed = tried(&entry(kdf, None, None), &p256);
        assert!(matches!(fixed, Tried::Unsupported(_)), "a static key of the sender");
    }

    #[test]
    fn user_keying_material_goes_into_the_key() {
        let x25519 = PublicKey::x25519(&[9; 32]).unwrap();
        let originator = || Some(sequence(&[&oid(&Oid::X25519)]));
        for kdf in [AgreementKdf::X963(HashAlgorithm::Sha384), AgreementKdf::Hkdf(HashAlgorithm::Sha256)] {
            for ukm in [None, Some(&b"material"[..]), Some(&[])] {
                let good = entry(kdf, originator(), ukm);
                assert!(opens(&good, &x25519));
                let agreed = Agreement {
                    originator: originator()
                        .map(|algorithm| OriginatorKey { algorithm, public: vec![4; 65] }),
                    ukm: Some(b"other".to_vec()),
                    algorithm: good.agreed.algorithm.clone(),
                };
                assert!(!opens(&KeyAgreement { agreed: Arc::new(agreed), ..good }, &x25519));
            }
        }
    }
}
