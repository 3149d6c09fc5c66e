//! OpenPGP certificates around keys that openssl made.

use std::time::{Duration, UNIX_EPOCH};

use mailseal::Certificate;
use sequoia_openpgp::cert::Cert;
use sequoia_openpgp::crypto::mpi::{MPI, PublicKey, SecretKeyMaterial};
use sequoia_openpgp::packet::key::{Key4, PrimaryRole, SecretParts, SubordinateRole, UnspecifiedRole};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::{Key, UserID};
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::{
    Curve, HashAlgorithm, KeyFlags, PublicKeyAlgorithm, SignatureType, SymmetricAlgorithm,
};

/// The armored certificate of a primary key that signs, with a subkey that is encrypted to.
pub(crate) fn certificate(primary: &[u8], subkey: Option<&[u8]>) -> (Vec<u8>, Certificate) {
    let made = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let primary: Key<SecretParts, PrimaryRole> = signing(primary, made).role_into_primary();
    let mut signer = primary.clone().into_keypair().unwrap();
    let cert = Cert::try_from(vec![primary.clone().into()]).unwrap();
    let flags = KeyFlags::empty().set_certification().set_signing();
    let binding = SignatureBuilder::new(SignatureType::PositiveCertification);
    let binding = binding.set_signature_creation_time(made).unwrap().set_key_flags(flags).unwrap();
    let id = UserID::from("Alice <alice@example.org>");
    let signature = id.bind(&mut signer, &cert, binding).unwrap();
    let (mut cert, _) =
        cert.insert_packets(vec![sequoia_openpgp::Packet::from(id), signature.into()]).unwrap();
    if let Some(subkey) = subkey {
        let subkey: Key<SecretParts, SubordinateRole> = encryption(subkey, made).role_into_subordinate();
        let flags = KeyFlags::empty().set_transport_encryption().set_storage_encryption();
        let binding = SignatureBuilder::new(SignatureType::SubkeyBinding);
        let binding = binding.set_signature_creation_time(made).unwrap().set_key_flags(flags).unwrap();
        let signature = subkey.bind(&mut signer, &cert, binding).unwrap();
        cert = cert.insert_packets(vec![sequoia_openpgp::Packet::from(subkey), signature.into()]).unwrap().0;
    }
    let armored = cert.strip_secret_key_material().armored().to_vec().unwrap();
    let certificate = Certificate::load(&armored).unwrap().remove(0);
    (armored, certificate)
}

type Secret = Key<SecretParts, UnspecifiedRole>;

fn signing(pkcs8: &[u8], made: std::time::SystemTime) -> Secret {
    let (oids, key) = taken_apart(pkcs8);
    match oids[0] {
        [0x2b, 0x65, 0x70] => Key4::import_secret_ed25519(seed(key), made).unwrap().into(),
        [0x2a, 0x86, 0x48, 0x86, 0xf7, ..] => rsa(key, made),
        _ => {
            let (scalar, point) = ec(key);
            let public = PublicKey::ECDSA { curve: Curve::NistP256, q: MPI::new(point) };
            let secret = SecretKeyMaterial::ECDSA { scalar: scalar.into() };
            Key4::with_secret(made, PublicKeyAlgorithm::ECDSA, public, secret.into()).unwrap().into()
        }
    }
}

fn encryption(pkcs8: &[u8], made: std::time::SystemTime) -> Secret {
    let (oids, key) = taken_apart(pkcs8);
    match oids[0] {
        [0x2a, 0x86, 0x48, 0x86, 0xf7, ..] => rsa(key, made),
        _ => {
            let (scalar, point) = ec(key);
            let public = PublicKey::ECDH {
                curve: Curve::NistP256,
                q: MPI::new(point),
                hash: HashAlgorithm::SHA256,
                sym: SymmetricAlgorithm::AES128,
            };
            let secret = SecretKeyMaterial::ECDH { scalar: scalar.into() };
            Key4::with_secret(made, PublicKeyAlgorithm::ECDH, public, secret.into()).unwrap().into()
        }
    }
}

fn rsa(key: &[u8], made: std::time::SystemTime) -> Secret {
    let numbers = all(all(key)[0].1);
    Key4::import_secret_rsa(numbers[3].1, numbers[4].1, numbers[5].1, made).unwrap().into()
}

fn seed(key: &[u8]) -> &[u8] {
    all(key)[0].1
}

/// Scalar and point.
fn ec(key: &[u8]) -> (&[u8], &[u8]) {
    let items = all(all(key)[0].1);
    let bits = items.iter().find(|(tag, _)| *tag == 0xa1).unwrap().1;
    (items[1].1, &all(bits)[0].1[1..])
}

/// The OIDs of the algorithm, and what the OCTET STRING of PKCS#8 holds.
fn taken_apart(pkcs8: &[u8]) -> (Vec<&[u8]>, &[u8]) {
    let items = all(all(pkcs8)[0].1);
    (all(items[1].1).into_iter().map(|(_, oid)| oid).collect(), items[2].1)
}

/// DER elements side by side: tags and contents.
fn all(mut der: &[u8]) -> Vec<(u8, &[u8])> {
    let mut found = Vec::new();
    while !der.is_empty() {
        let (tag, first) = (der[0], usize::from(der[1]));
        let digits = if first < 0x80 { 0 } else { first & 0x7f };
        let length = match digits {
            0 => first,
            _ => der[2..2 + digits].iter().fold(0, |length, octet| length << 8 | usize::from(*octet)),
        };
        let (content, rest) = der[2 + digits..].split_at(length);
        found.push((tag, content));
        der = rest;
    }
    found
}
