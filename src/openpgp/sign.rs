//! A signature in the making (RFC 9580 §5.2.3), in two phases: what has to be signed, then the packet.

use std::io::Write;

use sequoia_openpgp::crypto::mpi;
use sequoia_openpgp::packet::one_pass_sig::{OnePassSig3, OnePassSig6};
use sequoia_openpgp::packet::signature::subpacket::{Subpacket, SubpacketArea, SubpacketValue};
use sequoia_openpgp::packet::signature::{Signature4, Signature6};
use sequoia_openpgp::packet::{OnePassSig, Signature};
use sequoia_openpgp::serialize::Serialize;
use sequoia_openpgp::types as pgp;
use sequoia_openpgp::{Packet, armor};

use super::certificate::Certificate;
use super::hasher::Hasher;
use super::identity::{KeyPair, SigningIdentity};
use super::public::value_of;
use crate::crypto::{HashAlgorithm, Provider, PublicKey, SignatureScheme};
use crate::error::{Error, KeyError};
use crate::time::UnixTime;

/// A signature whose content is still being written.
pub(crate) struct Draft {
    key: KeyPair,
    area: SubpacketArea,
    salt: Vec<u8>,
    hash: pgp::HashAlgorithm,
    hasher: Hasher,
}

/// A signature that lacks its value only.
pub(crate) struct Unfinished {
    draft: Packed,
    /// The public half of the key that has to sign.
    pub(crate) public: PublicKey,
    /// With what it has to sign.
    pub(crate) scheme: SignatureScheme,
    /// The hash that made the digest.
    pub(crate) hash: HashAlgorithm,
    /// What it has to sign.
    pub(crate) digest: Vec<u8>,
}

/// All of a packet but its value.
#[derive(Clone)]
pub(super) struct Packed {
    pub(super) kind: pgp::SignatureType,
    pub(super) version: u8,
    pub(super) algorithm: pgp::PublicKeyAlgorithm,
    pub(super) hash: pgp::HashAlgorithm,
    pub(super) area: SubpacketArea,
    pub(super) salt: Vec<u8>,
}

impl Draft {
    /// Starts a binary signature by a key of the identity that may sign at that time. It names the certificates that
    /// it is made for, where it is encrypted to them (RFC 9580 §5.2.3.36).
    pub(crate) fn new(
        identity: &SigningIdentity,
        key: KeyPair,
        at: UnixTime,
        intended: &[Certificate],
        provider: &Provider,
    ) -> Result<Self, Error> {
        let hash = hash_of(key.scheme);
        let user_id = identity.user_id(at);
        let area = hashed_area(&key, at, user_id, intended).map_err(unwritable)?;
        let salt = salt(&key, hash, provider)?;
        let hasher = Hasher::new(hash, key.version, &salt);
        let hasher = hasher.ok_or_else(|| KeyError::Unsupported(hash.to_string()))?;
        Ok(Self { key, area, salt, hash, hasher })
    }

    /// What announces it in a message (RFC 9580 §5.4).
    pub(super) fn one_pass(&self, last: bool) -> Result<Packet, Error> {
        let kind = pgp::SignatureType::Binary;
        let packet: OnePassSig = match self.key.version {
            6 => {
                let mut packet = OnePassSig6::new(kind, self.key.fingerprint.clone());
                packet.set_pk_algo(self.key.algorithm);
                packet.set_hash_algo(self.hash);
                packet.set_salt(self.salt.clone());
                packet.set_last(last);
                packet.into()
            }
            _ => {
                let mut packet = OnePassSig3::new(kind);
                packet.set_pk_algo(self.key.algorithm);
                packet.set_hash_algo(self.hash);
                packet.set_issuer(self.key.fingerprint.clone().into());
                packet.set_last(last);
                packet.into()
            }
        };
        Ok(packet.into())
    }

    pub(crate) fn update(&mut self, octets: &[u8]) {
        self.hasher.update(octets);
    }

    /// The content is complete.
    pub(crate) fn finish(self) -> Result<Unfinished, Error> {
        let draft = Packed {
            kind: pgp::SignatureType::Binary,
            version: self.key.version,
            algorithm: self.key.algorithm,
            hash: self.hash,
            area: self.area,
            salt: self.salt,
        };
        let packet = draft.unsigned()?;
        let digest = self
            .hasher
            .finish_packet(&packet)
            .ok_or_else(|| KeyError::Unsupported(draft.hash.to_string()))?;
        let hash = super::names::hash_algorithm(draft.hash).ok_or_else(|| Error::misuse("no such hash"))?;
        Ok(Unfinished { draft, public: self.key.public, scheme: self.key.scheme, hash, digest })
    }
}

impl Unfinished {
    /// The packet with the value that the private key made.
    pub(crate) fn complete(&self, octets: &[u8]) -> Result<Signature, Error> {
        let value = value_of(self.draft.algorithm, octets);
        let value =
            value.ok_or_else(|| KeyError::Malformed("a signature of another form than asked for".into()))?;
        let prefix = self.digest.first_chunk::<2>().ok_or_else(|| Error::misuse("a digest of no length"))?;
        self.draft.packet(value, *prefix)
    }
}

impl Packed {
    /// As it is hashed.
    pub(super) fn unsigned(&self) -> Result<Signature, Error> {
        self.packet(mpi::Signature::Unknown { mpis: Box::new([]), rest: Box::new([]) }, [0; 2])
    }

    pub(super) fn packet(&self, value: mpi::Signature, prefix: [u8; 2]) -> Result<Signature, Error> {
        let (kind, none) = (self.kind, SubpacketArea::default());
        let (area, salt) = (self.area.clone(), self.salt.clone());
        Ok(match self.version {
            6 => Signature6::new(kind, self.algorithm, self.hash, area, none, prefix, salt, value)
                .map_err(unwritable)?
                .into(),
            _ => Signature4::new(kind, self.algorithm, self.hash, area, none, prefix, value).into(),
        })
    }
}

/// All that is said stands under the signature (R-B13).
pub(super) fn hashed_area(
    key: &KeyPair,
    at: UnixTime,
    user_id: Option<String>,
    intended: &[Certificate],
) -> sequoia_openpgp::Result<SubpacketArea> {
    let mut area = SubpacketArea::default();
    let created = pgp::Timestamp::try_from(super::names::system_time(at))?;
    area.add(Subpacket::new(SubpacketValue::SignatureCreationTime(created), true)?)?;
    area.add(Subpacket::new(SubpacketValue::IssuerFingerprint(key.fingerprint.clone()), false)?)?;
    if key.version == 4 {
        // Readers of RFC 4880 look for this one (RFC 9580 §5.2.3.12 forbids it in version 6).
        area.add(Subpacket::new(SubpacketValue::Issuer(key.fingerprint.clone().into()), false)?)?;
    }
    if let Some(user_id) = user_id {
        area.add(Subpacket::new(SubpacketValue::SignersUserID(user_id.into_bytes()), false)?)?;
    }
    for certificate in intended {
        let fingerprint = certificate.cert().fingerprint();
        area.add(Subpacket::new(SubpacketValue::IntendedRecipient(fingerprint), false)?)?;
    }
    Ok(area)
}

/// Armored, with the line ends of mail (RFC 9580 §6.2, RFC 3156 §3).
pub(crate) fn armored(signatures: Vec<Signature>) -> Result<Vec<u8>, Error> {
    let failed = || Error::io("writing a signature");
    let mut writer =
        armor::Writer::new(Vec::with_capacity(SIGNATURE), armor::Kind::Signature).map_err(failed())?;
    for signature in signatures {
        let sink: &mut (dyn Write + Send + Sync) = &mut writer;
        Packet::from(signature).serialize(sink).map_err(unwritable)?;
    }
    let text = writer.finalize().map_err(failed())?;
    let mut octets = Vec::with_capacity(text.len() + text.len() / 32);
    for line in text.split_inclusive(|octet| *octet == b'\n') {
        octets.extend_from_slice(line.trim_ascii_end());
        octets.extend_from_slice(b"\r\n");
    }
    Ok(octets)
}

/// Room for most signatures in armor.
const SIGNATURE: usize = 1024;

/// The hash of a signature by this key, as micalg has it (RFC 3156 §5).
pub(crate) fn micalg(key: &KeyPair) -> &'static str {
    match hash_of(key.scheme) {
        pgp::HashAlgorithm::SHA384 => "pgp-sha384",
        pgp::HashAlgorithm::SHA512 => "pgp-sha512",
        _ => "pgp-sha256",
    }
}

/// What a signature of version 6 starts with (RFC 9580 §5.2.3).
pub(super) fn salt(key: &KeyPair, hash: pgp::HashAlgorithm, provider: &Provider) -> Result<Vec<u8>, Error> {
    let mut salt = Vec::new();
    if key.version == 6 {
        salt = vec![0; hash.salt_size().map_err(unwritable)?];
        provider.random.fill(&mut salt)?;
    }
    Ok(salt)
}

pub(super) fn hash_of(scheme: SignatureScheme) -> pgp::HashAlgorithm {
    match scheme {
        SignatureScheme::EcdsaP384Sha384 | SignatureScheme::RsaPkcs1Sha384 => pgp::HashAlgorithm::SHA384,
        SignatureScheme::EcdsaP521Sha512 | SignatureScheme::RsaPkcs1Sha512 => pgp::HashAlgorithm::SHA512,
        _ => pgp::HashAlgorithm::SHA256,
    }
}

pub(super) fn unwritable(error: sequoia_openpgp::anyhow::Error) -> Error {
    Error::misuse(error.to_string())
}
