//! Certificates that go wrong, built to order.

use std::time::SystemTime;

use sequoia_openpgp::cert::amalgamation::key::PrimaryKey;
use sequoia_openpgp::cert::{Cert, CertRevocationBuilder, SubkeyRevocationBuilder};
use sequoia_openpgp::crypto::{KeyPair, mpi};
use sequoia_openpgp::packet::key::{Key4, SecretParts, SubordinateRole};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::{Key, Packet, UserID};
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::{Curve, HashAlgorithm, KeyFlags, ReasonForRevocation, SignatureType};

use super::certificate::{Certificate, certs};
use super::names::system_time;
use super::{CipherSuite, Revoked, generate};
use crate::limits::Limits;
use crate::time::UnixTime;

/// A certificate in the making, of a secret key.
pub(crate) struct Workshop {
    cert: Cert,
    at: SystemTime,
}

impl Workshop {
    pub(crate) fn new(secret: &[u8], at: UnixTime) -> Self {
        let cert = certs(secret, &Limits::default()).unwrap().remove(0);
        Self { cert, at: system_time(at) }
    }

    fn primary(&self) -> KeyPair {
        self.cert.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap()
    }

    fn subkey(&self) -> Key<SecretParts, SubordinateRole> {
        let key = self.cert.keys().subkeys().next().unwrap().key().clone();
        key.parts_into_secret().unwrap()
    }

    fn with(mut self, packets: Vec<Packet>) -> Self {
        self.cert = self.cert.insert_packets(packets).unwrap().0;
        self
    }

    pub(crate) fn public(self) -> Certificate {
        Certificate::load(&self.octets()).unwrap().remove(0)
    }

    pub(crate) fn octets(self) -> Vec<u8> {
        self.cert.strip_secret_key_material().to_vec().unwrap()
    }

    pub(crate) fn secret(self) -> Vec<u8> {
        self.cert.as_tsk().to_vec().unwrap()
    }

    pub(crate) fn revoked(self, soft: bool) -> Self {
        let reason = if soft { ReasonForRevocation::KeyRetired } else { ReasonForRevocation::KeyCompromised };
        let builder = CertRevocationBuilder::new().set_reason_for_revocation(reason, b"").unwrap();
        let builder = builder.set_signature_creation_time(self.at).unwrap();
        let revocation = builder.build(&mut self.primary(), &self.cert, None).unwrap();
        self.with(vec![revocation.into()])
    }

    pub(crate) fn subkey_revoked(self, soft: bool) -> Self {
        let reason =
            if soft { ReasonForRevocation::KeySuperseded } else { ReasonForRevocation::KeyCompromised };
        let builder = SubkeyRevocationBuilder::new().set_reason_for_revocation(reason, b"").unwrap();
        let builder = builder.set_signature_creation_time(self.at).unwrap();
        let subkey = self.subkey();
        let revocation =
            builder.build(&mut self.primary(), &self.cert, subkey.parts_as_public(), None).unwrap();
        self.with(vec![revocation.into()])
    }

    /// Says that it is somebody else as well, and signs that itself.
    pub(crate) fn also(self, user_id: &str) -> Self {
        let user_id = UserID::from(user_id);
        let builder = SignatureBuilder::new(SignatureType::PositiveCertification)
            .set_hash_algo(HashAlgorithm::SHA256)
            .set_signature_creation_time(self.at)
            .unwrap();
        let binding = user_id.bind(&mut self.primary(), &self.cert, builder).unwrap();
        self.with(vec![user_id.into(), binding.into()])
    }

    /// The subkey stands there, and nothing binds it.
    pub(crate) fn unbound(self) -> Vec<u8> {
        let mut after_subkey = false;
        let packets = self.cert.strip_secret_key_material().into_packets().filter(|packet| {
            after_subkey |= matches!(packet, Packet::PublicSubkey(_));
            !(after_subkey && matches!(packet, Packet::Signature(_)))
        });
        packets.flat_map(|packet| packet.to_vec().unwrap()).collect()
    }

    /// Another's subkey, which this certificate claims without its consent (no signature of type 0x19).
    pub(crate) fn claiming(self, other: &Self) -> Vec<u8> {
        let subkey = other.subkey().parts_into_public();
        let flags = KeyFlags::empty().set_signing();
        let builder =
            SignatureBuilder::new(SignatureType::SubkeyBinding).set_signature_creation_time(self.at).unwrap();
        let builder = builder.set_key_flags(flags).unwrap();
        let binding = builder.sign_subkey_binding(&mut self.primary(), None, &subkey).unwrap();
        let mut octets = self.octets();
        octets.extend(Packet::from(subkey).to_vec().unwrap());
        octets.extend(Packet::from(binding).to_vec().unwrap());
        octets
    }

    /// The subkey bound anew, for encryption only.
    pub(crate) fn for_encryption(self) -> Self {
        let subkey = self.subkey().parts_into_public();
        let builder =
            SignatureBuilder::new(SignatureType::SubkeyBinding).set_signature_creation_time(self.at).unwrap();
        let builder = builder.set_key_flags(KeyFlags::empty().set_transport_encryption()).unwrap();
        let binding = builder.sign_subkey_binding(&mut self.primary(), None, &subkey).unwrap();
        self.with(vec![binding.into()])
    }

    /// A user ID that the owner never signed, or did.
    pub(crate) fn user_id(self, text: &str, bound: bool) -> Self {
        let user_id = UserID::from(text);
        let mut packets = vec![user_id.clone().into()];
        if bound {
            let kind = SignatureType::PositiveCertification;
            let builder = SignatureBuilder::new(kind).set_signature_creation_time(self.at).unwrap();
            packets.push(user_id.bind(&mut self.primary(), &self.cert, builder).unwrap().into());
        }
        self.with(packets)
    }

    /// A key that is made quickly, one of many with the same name: of the same numbers at another time.
    #[cfg(feature = "web-of-trust")]
    pub(crate) fn again(number: u32, at: UnixTime) -> Self {
        use sequoia_openpgp::packet::key::PrimaryRole;
        use std::sync::OnceLock;
        static NUMBERS: OnceLock<Key4<SecretParts, PrimaryRole>> = OnceLock::new();
        let mut key = NUMBERS.get_or_init(|| Key4::generate_ecc(true, Curve::Ed25519).unwrap()).clone();
        let at = system_time(at);
        key.set_creation_time(at - std::time::Duration::from_secs(number.into())).unwrap();
        let key = Key::from(key);
        let cert = Cert::from_packets([Packet::from(key.clone())].into_iter()).unwrap();
        let user_id = UserID::from("Crowd <crowd@example.org>");
        let builder = SignatureBuilder::new(SignatureType::PositiveCertification)
            .set_hash_algo(HashAlgorithm::SHA256)
            .set_signature_creation_time(at)
            .unwrap()
            .set_key_flags(KeyFlags::empty().set_certification())
            .unwrap();
        let binding = user_id.bind(&mut key.into_keypair().unwrap(), &cert, builder).unwrap();
        Self { cert, at }.with(vec![user_id.into(), binding.into()])
    }

    #[cfg(feature = "web-of-trust")]
    pub(crate) fn certificate(&self) -> Certificate {
        Certificate::new(self.cert.clone().strip_secret_key_material())
    }

    /// Certifies the first user ID of another, with these numbers and expressions.
    #[cfg(feature = "web-of-trust")]
    pub(crate) fn certifying(
        &self,
        target: &Certificate,
        depth: u8,
        amount: u8,
        expressions: &[&[u8]],
    ) -> Certificate {
        let mut builder = SignatureBuilder::new(SignatureType::GenericCertification)
            .set_hash_algo(HashAlgorithm::SHA256)
            .set_signature_creation_time(self.at)
            .unwrap()
            .set_trust_signature(depth, amount)
            .unwrap();
        for expression in expressions {
            builder = builder.add_regular_expression(expression).unwrap();
        }
        let id = target.cert().userids().next().unwrap().userid().clone();
        let made = id.bind(&mut self.primary(), target.cert(), builder).unwrap();
        let (cert, _) = target.cert().clone().insert_packets([Packet::from(id), made.into()]).unwrap();
        Certificate::new(cert)
    }

    /// Certifications of its user ID by another, as many times.
    pub(crate) fn flooded(self, by: &Self, times: u32) -> Self {
        let user_id = self.cert.userids().next().unwrap().userid().clone();
        let mut signer = by.primary();
        let one = |count: u32| {
            let at = self.at + std::time::Duration::from_secs(count.into());
            let builder = SignatureBuilder::new(SignatureType::GenericCertification);
            let builder = builder.set_signature_creation_time(at).unwrap();
            Packet::from(user_id.bind(&mut signer, &self.cert, builder).unwrap())
        };
        let packets = (0..times).map(one).collect();
        self.with(packets)
    }

    pub(crate) fn secret_octets(self) -> Vec<u8> {
        self.cert.as_tsk().to_vec().unwrap()
    }

    /// The subkey's secret part exchanged for that of another key of its kind.
    pub(crate) fn with_another_secret(self) -> Vec<u8> {
        let mut subkey = self.subkey();
        let other = match subkey.mpis() {
            mpi::PublicKey::EdDSA { .. } => Key4::generate_ecc(true, Curve::Ed25519),
            _ => Key4::generate_ecc(true, Curve::NistP256),
        };
        let other: Key4<SecretParts, SubordinateRole> = other.unwrap();
        *subkey.secret_mut() = other.secret().clone();
        let packets = self.cert.as_tsk().into_packets().map(|packet| match packet {
            Packet::SecretSubkey(_) => subkey.clone().into(),
            packet => packet,
        });
        packets.flat_map(|packet| packet.to_vec().unwrap()).collect()
    }

    /// All of its own signatures made again, with SHA-1.
    pub(crate) fn by_sha1(self) -> Vec<u8> {
        let mut signer = self.primary();
        let mut octets = Vec::new();
        let cert = self.cert.clone().strip_secret_key_material();
        let primary = cert.primary_key().key().clone();
        octets.extend(Packet::from(primary.clone()).to_vec().unwrap());
        for id in cert.userids() {
            let builder = SignatureBuilder::from(id.self_signatures().next().unwrap().clone());
            let builder =
                builder.set_hash_algo(HashAlgorithm::SHA1).set_signature_creation_time(self.at).unwrap();
            let again = builder.sign_userid_binding(&mut signer, None, id.userid()).unwrap();
            octets.extend(Packet::from(id.userid().clone()).to_vec().unwrap());
            octets.extend(Packet::from(again).to_vec().unwrap());
        }
        for key in cert.keys().subkeys() {
            let builder = SignatureBuilder::from(key.self_signatures().next().unwrap().clone());
            let builder =
                builder.set_hash_algo(HashAlgorithm::SHA1).set_signature_creation_time(self.at).unwrap();
            let again = builder.sign_subkey_binding(&mut signer, None, key.key()).unwrap();
            octets.extend(Packet::from(key.key().clone()).to_vec().unwrap());
            octets.extend(Packet::from(again).to_vec().unwrap());
        }
        octets
    }
}

const AT: UnixTime = UnixTime::from_seconds(1_790_000_000);
const LATER: UnixTime = UnixTime::from_seconds(1_790_010_000);

fn alice() -> Vec<u8> {
    generate("Alice <alice@example.org>", AT, CipherSuite::Ed25519).unwrap().expose().to_vec()
}

#[test]
fn r_b21_only_user_ids_with_a_signature_of_the_owner_count() {
    let workshop = || Workshop::new(&alice(), LATER);
    let with = workshop().user_id("Mallory <mallory@example.org>", false).public();
    assert_eq!(with.mailboxes(LATER), ["alice@example.org"]);
    let with = workshop().user_id("carol@example.org", true).public();
    let mut mailboxes = with.mailboxes(LATER);
    mailboxes.sort();
    assert_eq!(mailboxes, ["alice@example.org", "carol@example.org"]);
    assert_eq!(with.mailboxes(AT), ["alice@example.org"], "not yet bound");
    assert_eq!(with.name(LATER).as_deref(), Some("Alice"));
    let certificate = workshop().user_id("two@example.org <alice@example.org", true).public();
    assert_eq!(certificate.mailboxes(LATER), ["alice@example.org"]);
}

#[test]
fn r_b21_floods_are_cut() {
    let (alice, bob) = (alice(), generate("b", AT, CipherSuite::Ed25519).unwrap());
    let flooded = Workshop::new(&alice, LATER).flooded(&Workshop::new(bob.expose(), AT), 40).octets();
    let count = |limits: &Limits| {
        let cert = certs(&flooded, limits).unwrap().remove(0);
        cert.userids().map(|id| id.certifications().count()).sum::<usize>()
    };
    assert_eq!(count(&Limits::default()), 40);
    assert_eq!(count(&Limits::default().certifications(7)), 7);
    let error = certs(&flooded, &Limits::default().key_file_bytes(100)).unwrap_err();
    assert!(matches!(error, crate::Error::Limit { name: "key_file_bytes", limit: 100 }));
}

#[test]
fn validity_tells_expiry_and_revocation() {
    let alice = alice();
    let plain = Workshop::new(&alice, AT).public().validity(AT).unwrap();
    assert_eq!((plain.created, plain.revoked), (AT, None));
    assert_eq!(plain.expires, Some(UnixTime::from_seconds(AT.seconds() + 3 * 365 * 86_400)));
    let soft = Workshop::new(&alice, LATER).revoked(true).public();
    assert_eq!(soft.validity(LATER).unwrap().revoked, Some(Revoked::Soft(LATER)));
    assert_eq!(soft.validity(AT).unwrap().revoked, None);
    let hard = Workshop::new(&alice, LATER).revoked(false).public();
    assert_eq!(hard.validity(AT).unwrap().revoked, Some(Revoked::Hard));
}

#[test]
fn certificates_are_found_by_fingerprint_and_key_id_of_any_key() {
    let cert = Workshop::new(&alice(), AT);
    let handles: Vec<_> =
        cert.cert.keys().map(|key| (key.key().fingerprint(), key.key().keyid(), key.primary())).collect();
    let certificate = cert.public();
    assert_eq!(handles.len(), 3);
    for (fingerprint, key_id, primary) in handles {
        assert!(
            certificate.matches_handle(fingerprint.as_bytes())
                && certificate.matches_handle(key_id.as_bytes())
        );
        assert_eq!(certificate.fingerprint() == fingerprint.to_hex(), primary);
    }
    // R-C13: nothing shorter.
    assert!(!certificate.matches_handle(&[0; 4]) && !certificate.matches_handle(b""));
}

/// Takes content and forgets it.
struct Counted(usize);

impl super::Sink for Counted {
    fn hashers(&mut self, _: Vec<Option<super::Hasher>>) {}

    fn content(&mut self, octets: &[u8]) -> Result<(), crate::error::Error> {
        self.0 += octets.len();
        Ok(())
    }
}

/// Zeros, compressed so many times.
pub(crate) fn compressed(length: usize, times: usize) -> Vec<u8> {
    use sequoia_openpgp::serialize::stream::{Compressor, LiteralWriter, Message};
    use std::io::Write;

    let mut octets = Vec::new();
    let mut message = Message::new(&mut octets);
    for _ in 0..times {
        message = Compressor::new(message).build().unwrap();
    }
    let mut message = LiteralWriter::new(message).build().unwrap();
    message.write_all(&vec![0; length]).unwrap();
    message.finalize().unwrap();
    octets
}

#[test]
fn r_d3_compressed_data_has_a_bound_and_is_entered_once() {
    let limits = crate::limits::Limits::default();
    let read = |octets: &[u8]| {
        let mut sink = Counted(0);
        super::Message::read(octets, &mut sink, &limits).map(|_| sink.0)
    };
    assert_eq!(read(&compressed(60 << 10, 1)).unwrap(), 60 << 10);
    let bomb = compressed(4 << 20, 1);
    let bound = (64 << 10) + 100 * u64::try_from(bomb.len()).unwrap();
    assert!(bound < 4 << 20);
    match read(&bomb) {
        Err(crate::error::Error::Limit { name: "expanded_bytes", limit }) => assert_eq!(limit, bound),
        other => panic!("{other:?}"),
    }
    assert_eq!(read(&compressed(60 << 10, 2)).unwrap(), 0);
}

#[test]
fn what_was_true_a_moment_ago_is_not_taken_for_now() {
    let provider = crate::crypto::Provider::default();
    let identity = super::SigningIdentity::load(&alice(), crate::crypto::Password::none(), &provider);
    let identity = identity.unwrap().remove(0);
    let address = "alice@example.org".parse().unwrap();
    let before = UnixTime::from_seconds(AT.seconds() - 1);
    for _ in 0..2 {
        assert!(identity.chosen(AT).is_ok() && identity.names(&address, AT));
        assert_eq!(identity.user_id(AT).as_deref(), Some("Alice <alice@example.org>"));
        assert!(identity.chosen(before).is_err() && !identity.names(&address, before));
        assert_eq!(identity.user_id(before), None);
    }
}

/// A secret key of version 6 (RFC 9580), which sequoia-openpgp makes.
pub(crate) fn version6(user_id: &str, x448: bool, at: UnixTime) -> Vec<u8> {
    use sequoia_openpgp::cert::{CertBuilder, CipherSuite};
    let suite = if x448 { CipherSuite::Cv448 } else { CipherSuite::Cv25519 };
    let (cert, _) = CertBuilder::new()
        .set_profile(sequoia_openpgp::Profile::RFC9580)
        .unwrap()
        .set_cipher_suite(suite)
        .set_creation_time(system_time(at))
        .add_userid(user_id)
        .add_signing_subkey()
        .add_subkey(KeyFlags::empty().set_transport_encryption(), None, None)
        .generate()
        .unwrap();
    cert.as_tsk().to_vec().unwrap()
}

/// The same signed content, encrypted to somebody else by who opened it.
pub(crate) fn encrypted_anew(message: &[u8], secret: &[u8], to: &Certificate) -> Vec<u8> {
    use std::io::Read;
    let provider = crate::crypto::Provider::default();
    let limits = Limits::default();
    let identity = super::SigningIdentity::load(secret, crate::crypto::Password::none(), &provider);
    let identity = identity.unwrap().remove(0);
    let read = super::Sealed::read(Box::new(message), &limits).unwrap().unwrap();
    let pairs: Vec<_> = identity.decrypting().iter().map(|pair| (0, pair)).collect();
    let key = read.envelope.session_key(&read.envelope.attempts(&pairs)[0]).unwrap().unwrap();
    let read = super::Sealed::read(Box::new(message), &limits).unwrap().unwrap();
    let mut packets = Vec::new();
    read.open(&key, &provider).0.unwrap().read_to_end(&mut packets).unwrap();
    sealed(to, &packets)
}

/// An encrypted message of version 1 with these packets in it, binary.
pub(crate) fn sealed(to: &Certificate, packets: &[u8]) -> Vec<u8> {
    sealed_as(to, packets, super::Form::Version1)
}

pub(crate) fn sealed_as(to: &Certificate, packets: &[u8], form: super::Form) -> Vec<u8> {
    let provider = crate::crypto::Provider::default();
    let created = to.validity(UnixTime::from_seconds(4_000_000_000)).unwrap().created;
    let keys = to.encryption_keys(UnixTime::from_seconds(created.seconds() + 1)).unwrap();
    let recipients = super::Recipients { keys: &keys, passwords: &[], hidden: false, form };
    super::encrypt::tests::raw(&recipients, packets, &provider)
}

/// The same for the password `p`.
pub(crate) fn sealed_by_password(packets: &[u8], form: super::Form) -> Vec<u8> {
    super::encrypt::tests::for_password(form, "p", packets, &crate::crypto::Provider::default())
}

/// Whoever has one signature of an owner may write it behind any number of user IDs.
#[test]
fn r_b21_signatures_out_of_place_cost_no_more_than_their_number() {
    let at = UnixTime::from_seconds(1_790_000_000);
    let alice =
        Workshop::new(generate("Alice <alice@example.org>", at, CipherSuite::Ed25519).unwrap().expose(), at);
    let binding = alice.cert.userids().next().unwrap().self_signatures().next().unwrap().clone();
    let (plain, binding) = (alice.octets(), Packet::from(binding).to_vec().unwrap());
    let more = |user_ids: usize| {
        let one =
            |number| [Packet::from(UserID::from(format!("u{number}"))).to_vec().unwrap(), binding.clone()];
        let octets = [plain.clone(), (0..user_ids).flat_map(one).flatten().collect()].concat();
        let begun = std::time::Instant::now();
        let loaded = certs(&octets, &Limits::default());
        assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{user_ids}: {:?}", begun.elapsed());
        loaded.map(|mut certs| Certificate::new(certs.remove(0)).mailboxes(at).len())
    };
    assert_eq!(more(100).unwrap(), 1);
    assert!(more(20_000).is_err());
}
