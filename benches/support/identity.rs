//! Throw-away identities, made at the start.

use std::time::Duration;

use mailseal::{Key, Password, openpgp};
use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, RsaKeySize, SanType,
};
use sequoia_openpgp::cert::{CertBuilder, CipherSuite};
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::{Features, KeyFlags};

use super::AT;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyType {
    Rsa2048,
    Rsa4096,
    P256,
    Ed25519,
}

impl KeyType {
    pub(crate) const ALL: [Self; 4] = [Self::Rsa2048, Self::Rsa4096, Self::P256, Self::Ed25519];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rsa2048 => "RSA-2048",
            Self::Rsa4096 => "RSA-4096",
            Self::P256 => "P-256",
            Self::Ed25519 => "Ed25519",
        }
    }
}

pub(crate) struct Identity {
    pub(crate) key: Key,
    /// PEM or armor.
    pub(crate) anchor: Vec<u8>,
    /// The certificate of the key, PEM or armor.
    pub(crate) own: Vec<u8>,
    pub(crate) chain: usize,
}

const MAILBOX: &str = "alice@bench.example";

pub(crate) fn key_pair(key_type: KeyType) -> KeyPair {
    let rsa = |size| KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size);
    match key_type {
        KeyType::Rsa2048 => rsa(RsaKeySize::_2048),
        KeyType::Rsa4096 => rsa(RsaKeySize::_4096),
        KeyType::P256 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256),
        KeyType::Ed25519 => KeyPair::generate_for(&rcgen::PKCS_ED25519),
    }
    .unwrap()
}

/// Root, one authority between, and the signer, all with keys of one type.
pub(crate) fn smime(key_type: KeyType) -> Identity {
    let (root, root_key) = (authority("Bench Root CA"), key_pair(key_type));
    let anchor = root.self_signed(&root_key).unwrap().pem().into_bytes();
    let root = Issuer::new(root, root_key);
    let (between, between_key) = (authority("Bench Issuing CA"), key_pair(key_type));
    let between_pem = between.signed_by(&between_key, &root).unwrap().pem();
    let between = Issuer::new(between, between_key);

    let mut own = CertificateParams::default();
    own.distinguished_name.push(DnType::CommonName, "Alice Archer");
    own.subject_alt_names = vec![SanType::Rfc822Name(Ia5String::try_from(MAILBOX).unwrap())];
    own.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
    own.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
    own.use_authority_key_identifier_extension = true;
    let key = key_pair(key_type);
    let certificate = own.signed_by(&key, &between).unwrap();
    let file = key.serialize_pem() + &certificate.pem() + &between_pem;
    let own = certificate.pem().into_bytes();
    Identity { key: Key::load(file.as_bytes(), Password::none()).unwrap(), anchor, own, chain: 2 }
}

fn authority(name: &str) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    parameters.use_authority_key_identifier_extension = true;
    parameters
}

/// Elliptic curves as [`openpgp::generate`] makes them; RSA with one key for everything, as there are many of.
pub(crate) fn openpgp(key_type: KeyType) -> Identity {
    let user_id = format!("Alice Archer <{MAILBOX}>");
    let made = AT.seconds() - 86_400;
    let suite = match key_type {
        KeyType::Rsa2048 => Err(CipherSuite::RSA2k),
        KeyType::Rsa4096 => Err(CipherSuite::RSA4k),
        KeyType::P256 => Ok(openpgp::CipherSuite::P256),
        KeyType::Ed25519 => Ok(openpgp::CipherSuite::Ed25519),
    };
    let secret = match suite {
        Ok(suite) => {
            let secret = openpgp::generate(&user_id, mailseal::UnixTime::from_seconds(made), suite).unwrap();
            secret.expose().to_vec()
        }
        Err(suite) => {
            let (certificate, _) = CertBuilder::new()
                .set_cipher_suite(suite)
                .set_creation_time(std::time::UNIX_EPOCH + Duration::from_secs(made.unsigned_abs()))
                .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
                .add_userid(user_id)
                .generate()
                .unwrap();
            certificate.as_tsk().armored().to_vec().unwrap()
        }
    };
    loaded(&secret)
}

fn loaded(secret: &[u8]) -> Identity {
    let key = Key::load(secret, Password::none()).unwrap();
    Identity { key, anchor: secret.to_vec(), own: secret.to_vec(), chain: 0 }
}

/// Curve 25519, and a certificate that asks for encrypted data of version 1, as those of GnuPG do.
pub(crate) fn openpgp_version1() -> Identity {
    let made = AT.seconds() - 86_400;
    let (certificate, _) = CertBuilder::new()
        .set_cipher_suite(CipherSuite::Cv25519)
        .set_creation_time(std::time::UNIX_EPOCH + Duration::from_secs(made.unsigned_abs()))
        .set_features(Features::empty().set_seipdv1())
        .unwrap()
        .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
        .add_transport_encryption_subkey()
        .add_userid(format!("Alice Archer <{MAILBOX}>"))
        .generate()
        .unwrap();
    loaded(&certificate.as_tsk().armored().to_vec().unwrap())
}
