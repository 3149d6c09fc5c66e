//! Signature packets (RFC 9580 §5.2), read with nothing believed yet.

use std::io::Read;

use sequoia_openpgp::packet::signature::subpacket::{SubpacketTag, SubpacketValue};
use sequoia_openpgp::packet::{Packet, Signature, Tag};
use sequoia_openpgp::parse::{Dearmor, PacketParser, PacketParserBuilder, PacketParserResult, Parse};
use sequoia_openpgp::types::SignatureType;
use sequoia_openpgp::{KeyHandle, armor};

use super::hasher::Hasher;
use super::names;
use crate::crypto::HashAlgorithm;
use crate::error::Error;
use crate::limits::Limits;
use crate::report::{Code, Integrity};
use crate::time::UnixTime;

/// Reads the signatures of a signature part.
pub(crate) struct Signatures;

impl Signatures {
    /// All signatures, armored or binary. Anything else between or after them becomes an entry that is malformed
    /// (RFC 9580 §10.4: a detached signature is a sequence of signature packets).
    pub(crate) fn read(reader: &mut dyn Read, limits: &Limits) -> Result<Vec<DetachedSignature>, Error> {
        let octets = bounded(reader, limits)?;
        let mut found = Vec::new();
        if names::starts_with_packet(&octets) {
            Self::read_packets(&octets, limits, &mut found)?;
        } else {
            for block in
                super::blocks(&octets).filter(|block| matches!(&*block.label, "SIGNATURE" | "MESSAGE"))
            {
                Self::read_packets(
                    octets.get(block.start..block.end).unwrap_or_default(),
                    limits,
                    &mut found,
                )?;
            }
        }
        if found.is_empty() {
            found.push(DetachedSignature::malformed("no signature packet in it"));
        }
        Ok(found)
    }

    fn read_packets(octets: &[u8], limits: &Limits, found: &mut Vec<DetachedSignature>) -> Result<(), Error> {
        let Ok(mut next) = parser(octets, 0) else {
            found.push(DetachedSignature::malformed("it cannot be read"));
            return Ok(());
        };
        while let PacketParserResult::Some(mut current) = next {
            if found.len() >= limits.signatures {
                let limit = u64::try_from(limits.signatures).unwrap_or(u64::MAX);
                return Err(Error::Limit { name: "signatures", limit });
            }
            let tag = current.packet.tag();
            if !matches!(tag, Tag::Signature | Tag::Marker | Tag::Padding) {
                found.push(DetachedSignature::malformed("another packet among the signatures"));
                break;
            }
            // Of a packet that could not be taken apart the version is wanted; `octets` bounds it.
            let kept = match &current.packet {
                Packet::Unknown(_) => current.buffer_unread_content().map(drop),
                _ => Ok(()),
            };
            let (packet, rest) = match kept.and_then(|()| current.next()) {
                Ok(read) => read,
                Err(_) => {
                    found.push(DetachedSignature::malformed("it ends too early"));
                    break;
                }
            };
            found.extend(entry(packet));
            next = rest;
        }
        Ok(())
    }
}

fn entry(packet: Packet) -> Option<DetachedSignature> {
    match packet {
        Packet::Signature(signature) => Some(DetachedSignature::of(signature)),
        Packet::Unknown(unknown) if unknown.tag() == Tag::Signature => Some(match unknown.body().first() {
            Some(4 | 6) => DetachedSignature::malformed("it cannot be taken apart"),
            _ => DetachedSignature::unsupported("a signature of an unknown version"),
        }),
        _ => None,
    }
}

/// Reads up to the limit, and one octet more to see whether that was all.
pub(super) fn bounded(reader: &mut dyn Read, limits: &Limits) -> Result<Vec<u8>, Error> {
    let limit = u64::try_from(limits.signature_bytes).unwrap_or(u64::MAX);
    let mut octets = Vec::new();
    let read = reader.take(limit.saturating_add(1)).read_to_end(&mut octets);
    read.map_err(Error::io("reading a signature"))?;
    if octets.len() > limits.signature_bytes {
        return Err(Error::Limit { name: "signature_bytes", limit });
    }
    Ok(octets)
}

/// Packets inside packets down to that depth, and no hashing: what is hashed is decided here.
pub(super) fn parser(octets: &[u8], depth: u8) -> sequoia_openpgp::Result<PacketParserResult<'_>> {
    let mut builder: PacketParserBuilder<'_> = PacketParserBuilder::from_bytes(octets)?;
    builder = builder.dearmor(Dearmor::Auto(armor::ReaderMode::Tolerant(None)));
    builder.max_recursion_depth(depth).automatic_hashing(false).build()
}

/// The same for packets that come out of another packet, without armor.
pub(super) fn reader<'a>(
    octets: impl Read + Send + Sync + 'a,
) -> sequoia_openpgp::Result<PacketParserResult<'a>> {
    let builder: PacketParserBuilder<'a> = PacketParserBuilder::from_reader(octets)?;
    builder.dearmor(Dearmor::Disabled).max_recursion_depth(0).automatic_hashing(false).build()
}

pub(super) type Parser<'a> = PacketParser<'a>;

/// One signature and what can be said of it alone.
#[derive(Debug, Clone)]
pub(crate) struct DetachedSignature {
    packet: Option<Signature>,
    pub(super) defect: Option<Defect>,
}

/// Why a signature says nothing, whatever the key.
#[derive(Debug, Clone)]
pub(super) struct Defect {
    pub(super) integrity: Integrity,
    pub(super) code: Code,
    pub(super) detail: String,
}

impl DetachedSignature {
    pub(super) fn of(packet: Signature) -> Self {
        let defect = defect(&packet);
        Self { packet: Some(packet), defect }
    }

    pub(crate) fn malformed(detail: &str) -> Self {
        Self { packet: None, defect: Some(malformed(detail)) }
    }

    fn unsupported(detail: &str) -> Self {
        Self { packet: None, defect: Some(unsupported(detail)) }
    }

    /// The same, worth nothing for a reason that lies outside the packet.
    pub(crate) fn spoilt(mut self, detail: &str) -> Self {
        self.defect = Some(malformed(detail));
        self
    }

    pub(super) fn packet(&self) -> Option<&Signature> {
        self.packet.as_ref()
    }

    pub(super) fn usable(&self) -> Option<&Signature> {
        self.packet.as_ref().filter(|_| self.defect.is_none())
    }

    /// The hash that the packet names.
    pub(crate) fn hash_algorithm(&self) -> Option<HashAlgorithm> {
        names::hash_algorithm(self.packet()?.hash_algo())
    }

    /// A signature over text in canonical form (RFC 9580 §5.2.1.2).
    pub(crate) fn is_text(&self) -> bool {
        self.packet().is_some_and(|packet| packet.typ() == SignatureType::Text)
    }

    /// Whether the first 16 bits of a digest are those that the packet names (RFC 9580 §5.2.3). They prove nothing.
    pub(crate) fn may_fit(&self, digest: &[u8]) -> bool {
        self.usable().is_some_and(|packet| digest.get(..2) == Some(&packet.digest_prefix()[..]))
    }

    /// When the signer says it was made; the hashed subpacket only.
    pub(crate) fn claimed_time(&self) -> Option<UnixTime> {
        created(self.packet()?)
    }

    /// Fingerprints and key IDs that may lead to the key, the fingerprints first. Nothing is proved by them.
    pub(crate) fn hints(&self) -> Vec<Vec<u8>> {
        self.issuers().iter().map(|handle| handle.as_bytes().to_vec()).collect()
    }

    pub(super) fn issuers(&self) -> Vec<KeyHandle> {
        let mut issuers = self.packet().map(Signature::get_issuers).unwrap_or_default();
        issuers.truncate(MOST_ISSUERS);
        issuers
    }

    /// Fingerprints of the certificates that it was made for (RFC 9580 §5.2.3.36); the hashed subpackets only.
    pub(super) fn intended_recipients(&self) -> Vec<String> {
        let area = self.packet().map(|packet| packet.hashed_area());
        let subpackets = area.into_iter().flat_map(|area| area.subpackets(SubpacketTag::IntendedRecipient));
        let named = subpackets.filter_map(|subpacket| match subpacket.value() {
            SubpacketValue::IntendedRecipient(fingerprint) => Some(fingerprint.to_hex()),
            _ => None,
        });
        named.collect()
    }

    /// A hash to feed the content to; `None` where nothing is to be hashed.
    pub(crate) fn hasher(&self) -> Option<Hasher> {
        let packet = self.usable()?;
        Hasher::new(packet.hash_algo(), packet.version(), packet.salt().unwrap_or_default())
    }

    /// Two signatures with the same start share the hash of the content.
    pub(crate) fn hash_start(&self) -> Option<(HashAlgorithm, Vec<u8>)> {
        let salt = self.packet()?.salt().unwrap_or_default().to_vec();
        Some((self.hash_algorithm()?, salt))
    }
}

/// R-B13: only hashed subpackets count, and what must be understood is understood.
fn defect(packet: &Signature) -> Option<Defect> {
    if !matches!(packet.version(), 4 | 6) {
        return Some(unsupported(&format!("a signature of version {}", packet.version())));
    }
    if !matches!(packet.typ(), SignatureType::Binary | SignatureType::Text) {
        return Some(malformed(&format!("not a signature over a document: {}", packet.typ())));
    }
    match names::hash_algorithm(packet.hash_algo()) {
        None | Some(HashAlgorithm::Md5) => return Some(unsupported(&packet.hash_algo().to_string())),
        Some(_) => {}
    }
    // RFC 9580 §5.2.3: the salt of version 6 has the length that belongs to the hash.
    if packet.version() == 6 && packet.hash_algo().salt_size().ok() != packet.salt().map(<[u8]>::len) {
        return Some(malformed("salt of the wrong length"));
    }
    if packet.hashed_area().subpackets(SubpacketTag::SignatureCreationTime).count() != 1 {
        return Some(malformed("it does not say once when it was made"));
    }
    let odd = packet
        .hashed_area()
        .iter()
        .find(|subpacket| subpacket.critical() && !understood(subpacket.value()))?;
    Some(malformed(&format!("a critical subpacket that is not understood: {}", odd.tag())))
}

fn understood(value: &SubpacketValue) -> bool {
    matches!(
        value,
        SubpacketValue::SignatureCreationTime(_)
            | SubpacketValue::SignatureExpirationTime(_)
            | SubpacketValue::Issuer(_)
            | SubpacketValue::IssuerFingerprint(_)
            | SubpacketValue::SignersUserID(_)
            | SubpacketValue::PolicyURI(_)
            | SubpacketValue::IntendedRecipient(_)
    )
}

pub(super) fn created(packet: &Signature) -> Option<UnixTime> {
    match packet.hashed_area().subpacket(SubpacketTag::SignatureCreationTime)?.value() {
        SubpacketValue::SignatureCreationTime(time) => Some(UnixTime::from_seconds(u32::from(*time).into())),
        _ => None,
    }
}

fn malformed(detail: &str) -> Defect {
    Defect { integrity: Integrity::Malformed, code: Code::Malformed, detail: detail.into() }
}

fn unsupported(detail: &str) -> Defect {
    Defect { integrity: Integrity::Unverified, code: Code::UnsupportedAlgorithm, detail: detail.into() }
}

/// Issuer subpackets that are followed; one of each kind is usual.
const MOST_ISSUERS: usize = 8;
