//! OpenPGP certificates (RFC 9580 §10.1): keys, user IDs and the signatures that bind them.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use sequoia_openpgp::cert::amalgamation::ValidAmalgamation;
use sequoia_openpgp::cert::amalgamation::key::PrimaryKey;
use sequoia_openpgp::cert::raw::{RawCert, RawCertParser};
use sequoia_openpgp::cert::{Cert, ValidCert};
use sequoia_openpgp::packet::{Packet, Signature};
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::types::{RevocationStatus, SignatureType};
use sequoia_openpgp::{Fingerprint, KeyHandle, KeyID};

use super::names::{starts_with_packet, system_time};
use super::{armor, standing};
use crate::crypto::PublicKey;
use crate::error::Error;
use crate::limits::Limits;
use crate::mime::Address;
use crate::time::UnixTime;

/// An OpenPGP certificate. Secret keys that stood beside it are left out. Cheap to clone.
///
/// What it says is judged at a time that the caller gives, by its own signatures: user IDs and subkeys that are not
/// bound to the primary key do not exist (R-B21).
///
/// ```
/// # #[cfg(feature = "openpgp-rust")] {
/// use mailseal::{UnixTime, openpgp};
/// let at = UnixTime::from_seconds(1_800_000_000);
/// let secret = openpgp::generate("Alice <alice@example.org>", at, openpgp::CipherSuite::Ed25519).unwrap();
/// let alice = &openpgp::Certificate::load(secret.expose()).unwrap()[0];
/// assert_eq!(alice.mailboxes(at), ["alice@example.org"]);
/// assert_eq!(alice.fingerprint().len(), 40);
/// # }
/// ```
#[derive(Clone)]
pub struct Certificate(Arc<Cert>);

/// When a certificate may be used.
///
/// ```
/// use mailseal::{UnixTime, openpgp::Certificate};
/// let carol = Certificate::load(include_bytes!("../../examples/letters/gpg-carol.asc"))?.remove(0);
/// let at = UnixTime::from_seconds(1_800_000_000);
/// match carol.validity(at) {
///     Some(validity) if validity.revoked.is_some() => println!("revoked"),
///     Some(validity) => println!("since {}, until {:?}", validity.created, validity.expires),
///     None => println!("not bound then"),
/// }
/// # assert!(carol.validity(at).unwrap().expires.is_none());
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Validity {
    /// When the primary key was made.
    pub created: UnixTime,
    /// When it expires, if it does.
    pub expires: Option<UnixTime>,
    /// Whether it is revoked.
    pub revoked: Option<Revoked>,
}

/// How a key is revoked (RFC 9580 §5.2.3.31).
///
/// ```
/// use mailseal::{UnixTime, openpgp::{Certificate, Revoked}};
/// /// What a key that was merely retired signed before is still its owner's.
/// fn may_have_signed(certificate: &Certificate, at: UnixTime) -> bool {
///     match certificate.validity(at).map(|validity| validity.revoked) {
///         Some(None) => true,
///         Some(Some(Revoked::Soft(from))) => at < from,
///         _ => false,
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Revoked {
    /// For all times: compromised, or without a reason.
    Hard,
    /// From that time on: retired or superseded.
    Soft(UnixTime),
}

impl Certificate {
    /// Reads all certificates of a file, armored or binary; of secret keys the public part.
    pub fn load(octets: &[u8]) -> Result<Vec<Self>, Error> {
        let certs = certs(octets, &Limits::default())?;
        Ok(certs.into_iter().map(|cert| Self::new(cert.strip_secret_key_material())).collect())
    }

    pub(super) fn new(cert: Cert) -> Self {
        Self(Arc::new(cert))
    }

    pub(super) fn cert(&self) -> &Cert {
        &self.0
    }

    /// The fingerprint of the primary key, upper-case hexadecimal (RFC 9580 §5.5.4).
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint().to_hex()
    }

    /// Its public keys that can sign.
    pub(crate) fn signing_keys(&self) -> Vec<PublicKey> {
        let identity = super::SigningIdentity::deferred(self.clone());
        identity.map(|identity| identity.public_keys().cloned().collect()).unwrap_or_default()
    }

    /// Its public keys of kinds that are encrypted to, as far as a key elsewhere can have them.
    pub(crate) fn public_encryption_keys(&self) -> Vec<PublicKey> {
        let keys =
            self.0.keys().filter(super::decryption::is_encrypted_to).take(Limits::default().signatures);
        keys.filter_map(|key| super::decryption::encryption_public(key.key())).collect()
    }

    /// True if the octets are the fingerprint or the key ID of the primary key or of a subkey.
    pub fn matches_handle(&self, octets: &[u8]) -> bool {
        handle_of(octets)
            .is_some_and(|handle| self.0.keys().any(|key| key.key().key_handle().aliases(&handle)))
    }

    /// The fingerprint of the primary key, as octets.
    pub(crate) fn handle(&self) -> Vec<u8> {
        self.0.fingerprint().as_bytes().to_vec()
    }

    /// Whether the key of that fingerprint or key ID is its own: the primary key, or a subkey that signed back. Anybody
    /// may bind somebody's key to theirs, to be encrypted to (R-B20).
    pub(crate) fn owns(&self, octets: &[u8]) -> bool {
        let Some(handle) = handle_of(octets) else { return false };
        let mut keys = self.0.keys().filter(|key| key.key().key_handle().aliases(&handle));
        keys.any(|key| {
            let signs = |one: &Signature| one.key_flags().is_some_and(|flags| flags.for_signing());
            key.primary() || key.self_signatures().any(signs)
        })
    }

    /// The key IDs of the primary key and the subkeys.
    pub(crate) fn key_ids(&self) -> impl Iterator<Item = [u8; 8]> {
        self.0.keys().filter_map(|key| key.key().keyid().as_bytes().try_into().ok())
    }

    /// Addresses of the user IDs that are bound and not revoked at that time.
    pub fn mailboxes(&self, at: UnixTime) -> Vec<String> {
        let mut mailboxes: Vec<String> = Vec::new();
        for user_id in self.user_ids(at) {
            let Some(address) = addr_spec(&user_id).and_then(|text| text.parse::<Address>().ok()) else {
                continue;
            };
            let address = address.to_string();
            if !mailboxes.contains(&address) {
                mailboxes.push(address);
            }
        }
        mailboxes
    }

    /// Whether any user ID, bound or not, names the address: finding is not trusting.
    pub(crate) fn claims(&self, address: &Address) -> bool {
        let named = |id: &[u8]| {
            let text = String::from_utf8(id.to_vec()).ok()?;
            addr_spec(&text)?.parse::<Address>().ok()
        };
        let ids = self.0.userids().take(Limits::default().header_fields);
        ids.filter_map(|id| named(id.userid().value())).any(|own| own.matches(address))
    }

    /// The name in the first bound user ID that has one.
    pub fn name(&self, at: UnixTime) -> Option<String> {
        self.user_ids(at).iter().find_map(|user_id| display_name(user_id))
    }

    /// User IDs that are bound and not revoked at that time, the primary one first.
    pub(super) fn user_ids(&self, at: UnixTime) -> Vec<String> {
        let policy = standing::policy(at, false);
        let valid = self.0.with_policy(&policy, system_time(at));
        valid.map(|valid| user_ids_of(&valid)).unwrap_or_default()
    }

    /// When the primary key was made.
    pub(crate) fn created(&self) -> UnixTime {
        self.0.primary_key().key().creation_time().into()
    }

    /// When it may be used, seen from that time. `None` where nothing binds it then.
    pub fn validity(&self, at: UnixTime) -> Option<Validity> {
        let policy = standing::policy(at, true);
        let valid = self.0.with_policy(&policy, system_time(at)).ok()?;
        let expires = valid.primary_key().key_expiration_time().map(UnixTime::from);
        Some(Validity {
            created: self.created(),
            expires,
            revoked: standing::revoked(&valid.revocation_status()),
        })
    }

    /// Armored, without what others certified for themselves alone.
    pub(crate) fn armored(&self) -> Result<Vec<u8>, Error> {
        use sequoia_openpgp::serialize::SerializeInto;
        let packets = self.0.export_to_vec().map_err(super::sign::unwritable)?;
        super::armor::enclosed(sequoia_openpgp::armor::Kind::PublicKey, &packets)
    }

    /// All of it, also what others certified for themselves alone.
    pub(crate) fn octets(&self) -> Result<Vec<u8>, Error> {
        use sequoia_openpgp::serialize::SerializeInto;
        let unwritable = |error: sequoia_openpgp::anyhow::Error| {
            Error::malformed("an OpenPGP certificate", error.to_string())
        };
        self.0.to_vec().map_err(unwritable)
    }

    /// Without what others certified for themselves alone (RFC 9580 §5.2.3.19).
    #[cfg(feature = "web-of-trust")]
    pub(crate) fn without_local(&self) -> Self {
        let local = |id: &sequoia_openpgp::cert::amalgamation::UserIDAmalgamation<'_>| {
            id.certifications().any(|one| one.exportable_certification() == Some(false))
        };
        if !self.0.userids().any(|id| local(&id)) {
            return self.clone();
        }
        let exported = Cert::clone(&self.0).into_packets().filter(|packet| match packet {
            Packet::Signature(signature) => signature.exportable_certification() != Some(false),
            _ => true,
        });
        Cert::from_packets(exported).map_or_else(|_| self.clone(), Self::new)
    }

    /// Both copies of one certificate as one, so that a revocation in either counts.
    pub(crate) fn merged(&self, other: &Self) -> Self {
        if Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0 {
            return self.clone();
        }
        let merged = Cert::clone(&self.0).merge_public(Cert::clone(&other.0));
        merged.map_or_else(|_| self.clone(), Self::new)
    }
}

fn handle_of(octets: &[u8]) -> Option<KeyHandle> {
    match octets.len() {
        8 => Some(KeyID::from_bytes(octets).into()),
        20 => Fingerprint::from_bytes(4, octets).ok().map(KeyHandle::from),
        32 => Fingerprint::from_bytes(6, octets).ok().map(KeyHandle::from),
        _ => None,
    }
}

/// The key ID in a fingerprint or key ID (RFC 9580 §5.5.4).
pub(crate) fn key_id(handle: &[u8]) -> Option<[u8; 8]> {
    match handle.len() {
        20 => handle.last_chunk().copied(),
        8 | 32 => handle.first_chunk().copied(),
        _ => None,
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.0.fingerprint() == other.0.fingerprint()
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "openpgp::Certificate({})", self.fingerprint())
    }
}

/// All certificates in it, with their secrets.
pub(super) fn certs(octets: &[u8], limits: &Limits) -> Result<Vec<Cert>, Error> {
    if octets.len() > limits.key_file_bytes {
        let limit = u64::try_from(limits.key_file_bytes).unwrap_or(u64::MAX);
        return Err(Error::Limit { name: "key_file_bytes", limit });
    }
    let mut found = Vec::new();
    if starts_with_packet(octets) {
        read_certs(octets, limits, &mut found)?;
    } else {
        for block in armor::blocks(octets).filter(|block| block.label.ends_with("KEY BLOCK")) {
            read_certs(octets.get(block.start..block.end).unwrap_or_default(), limits, &mut found)?;
        }
    }
    if found.is_empty() {
        return Err(Error::malformed("an OpenPGP certificate", "there is none in it"));
    }
    Ok(found)
}

fn read_certs(octets: &[u8], limits: &Limits, found: &mut Vec<Cert>) -> Result<(), Error> {
    let unreadable =
        |error: sequoia_openpgp::anyhow::Error| Error::malformed("an OpenPGP certificate", error.to_string());
    for raw in RawCertParser::from_bytes(octets).map_err(unreadable)? {
        // One that cannot be read does not hide the others.
        let Ok(raw) = raw else { continue };
        let packets = kept(&raw, limits);
        if is_too_much(&packets, limits) {
            continue;
        }
        if let Ok(cert) = Cert::from_packets(packets.into_iter()) {
            found.push(cert);
        }
    }
    Ok(())
}

/// All packets but certifications by others beyond the limit: keys are flooded with them (R-B21). Of what others take
/// back all that concerns the rest is left; where that is too much, nothing that others certified.
fn kept(raw: &RawCert<'_>, limits: &Limits) -> Vec<Packet> {
    let own: [KeyHandle; 2] = [raw.fingerprint().into(), raw.keyid().into()];
    let by_another = |signature: &Signature| {
        let issuers = signature.get_issuers();
        !issuers.is_empty() && !issuers.iter().any(|issuer| own.iter().any(|handle| handle.aliases(issuer)))
    };
    let mut packets: Vec<Packet> =
        raw.packets().filter_map(|packet| Packet::from_bytes(packet.as_bytes()).ok()).collect();
    let (mut by_others, mut issuers) = (0_usize, HashSet::new());
    packets.retain(|packet| match packet {
        Packet::Signature(one) if by_another(one) && !takes_back(one) => {
            by_others = by_others.saturating_add(1);
            let within = by_others <= limits.certifications;
            issuers.extend(one.get_issuers().iter().filter(|_| within).map(key_id_of));
            within
        }
        _ => true,
    });
    let mut taken_back = 0_usize;
    packets.retain(|packet| match packet {
        Packet::Signature(one) if by_another(one) && takes_back(one) => {
            let concerns = one.get_issuers().iter().any(|issuer| issuers.contains(&key_id_of(issuer)));
            taken_back = taken_back.saturating_add(usize::from(concerns));
            concerns && taken_back <= limits.certifications
        }
        _ => true,
    });
    if taken_back > limits.certifications {
        packets.retain(|packet| !matches!(packet, Packet::Signature(one) if by_another(one)));
    }
    packets
}

/// Signatures out of place are tried on each key and user ID: strangers may write as many of both as they like. No
/// person has a thousand times a thousand.
fn is_too_much(packets: &[Packet], limits: &Limits) -> bool {
    let signatures = packets.iter().filter(|packet| matches!(packet, Packet::Signature(_))).count();
    let others = packets.len().saturating_sub(signatures);
    let most = limits.certifications.max(1_000);
    signatures.saturating_mul(others) > most.saturating_mul(most)
}

fn takes_back(signature: &Signature) -> bool {
    signature.typ() == SignatureType::CertificationRevocation
}

fn key_id_of(issuer: &KeyHandle) -> KeyID {
    KeyID::from(issuer)
}

/// User IDs that are bound and not revoked, the primary one first.
pub(super) fn user_ids_of(valid: &ValidCert<'_>) -> Vec<String> {
    let primary = valid.primary_userid().ok().map(|id| id.userid().value().to_vec());
    let mut ids: Vec<String> = valid
        .userids()
        .filter(|id| !matches!(id.revocation_status(), RevocationStatus::Revoked(_)))
        .filter_map(|id| String::from_utf8(id.userid().value().to_vec()).ok())
        .take(Limits::default().header_fields)
        .collect();
    ids.sort_by_key(|id| Some(id.as_bytes()) != primary.as_deref());
    ids
}

/// The address in a user ID, which is by convention a mailbox (RFC 9580 §5.11) or a bare address.
pub(super) fn addr_spec(user_id: &str) -> Option<&str> {
    match user_id.trim().strip_suffix('>') {
        // Two of them are whose? (R-B15)
        Some(head) => {
            head.rsplit_once('<').filter(|(name, _)| !name.contains(['<', '>'])).map(|(_, address)| address)
        }
        None => Some(user_id.trim()).filter(|text| !text.contains(char::is_whitespace)),
    }
}

pub(super) fn display_name(user_id: &str) -> Option<String> {
    let (name, _) = user_id.trim().strip_suffix('>')?.rsplit_once('<')?;
    let name = name.trim();
    let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name).trim();
    Some(name.to_owned()).filter(|name| !name.is_empty())
}
