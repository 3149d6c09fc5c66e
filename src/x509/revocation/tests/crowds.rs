//! What a stranger adds, in numbers or in size, hides nobody's word and costs no more than it may.

use crate::crypto::{HashAlgorithm, Provider};
use crate::limits::Limits;
use crate::report::RevocationSource;
use crate::time::UnixTime;
use crate::x509::der_reader::{
    ENUMERATED, INTEGER, OCTET_STRING, OID, SEQUENCE, constructed, context, encode,
};
use crate::x509::path::{PathRequest, Purpose, find};
use crate::x509::revocation::check::{together, weaker};
use crate::x509::revocation::tests::hostile::{LEAF, World};
use crate::x509::revocation::tests::maker::*;
use crate::x509::revocation::{Doubt, Reason, RevocationData, Status};
use crate::x509::{Certificate, oid};

const REVOKED: Status = Status::NotApplicable;

/// A SingleResponse about a serial number of the world's authority.
fn single(world: &World, serial: &[u8], status: &[u8]) -> Vec<u8> {
    let sha1 = const_oid::ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
    let digest = |octets: &[u8]| {
        let hash = Provider::default().hash(HashAlgorithm::Sha1, octets).unwrap();
        encode(OCTET_STRING, &[&hash])
    };
    let algorithm = encode(SEQUENCE, &[&encode(OID, &[sha1.as_bytes()]), &[5, 0]]);
    let hashes = [digest(&world.ca.name), digest(&world.ca.key_bits())].concat();
    let id = encode(SEQUENCE, &[&algorithm, &hashes, &encode(INTEGER, &[serial])]);
    let next = encode(constructed(0), &[&generalized(now() + DAY)]);
    encode(SEQUENCE, &[&id, status, &generalized(now() - 3600), &next])
}

fn good() -> Vec<u8> {
    encode(context(0), &[])
}

fn revoked() -> Vec<u8> {
    let reason = encode(constructed(0), &[&encode(ENUMERATED, &[&[1]])]);
    encode(constructed(1), &[&generalized(now() - DAY), &reason])
}

impl World {
    /// The leaf's status where the letter brings these, and the caller those.
    fn with_letter(&self, letter: &[Vec<u8>], own: &[&[u8]]) -> Status {
        let limits = Limits::default();
        let mut brought = RevocationData::new();
        letter.iter().for_each(|der| brought.add_of_letter(der, &limits));
        let own = own.iter().fold(RevocationData::new(), |data, der| data.with(der).unwrap());
        let outcome = self.find(&own.and(&brought), &limits);
        outcome.valid.map_or(REVOKED, |path| path.revocation[0].clone())
    }
}

/// Threats C6, D5: signatures are checked within a budget, and forgeries do not use up what the caller's own word needs.
#[test]
fn r_c6_forged_lists_crowd_nothing_out() {
    let (Some(world), Some(stranger)) = (World::new(), hand("CA")) else { return };
    let forged = |at: u8| stranger.crl(-60, Some(DAY), &[], &[number(oid::CRL_NUMBER, at)]);
    let forged: Vec<Vec<u8>> = (0..=120).map(forged).collect();
    let listed = world.crl(&[entry(LEAF, DAY, &[])], 1);
    assert_eq!(world.with_letter(&forged, &[&listed]), REVOKED);
    assert!(matches!(world.with_letter(&forged, &[&world.crl(&[], 1)]), Status::NotRevoked { .. }));
    assert_eq!(world.with_letter(&forged, &[]), Status::Unknown(Doubt::Budget));
    // What the letter brings counts as well.
    assert_eq!(world.with_letter(&[listed], &[]), REVOKED);
}

/// What is fetched has room, however much the letter brought.
#[test]
fn r_c6_a_full_letter_leaves_room_for_what_is_fetched() {
    let Some(world) = World::new() else { return };
    let limits = Limits::default().revocations(2);
    let mut data = RevocationData::new();
    (1..9).for_each(|at| data.add_of_letter(&world.crl(&[], at), &limits));
    assert_eq!(data.len(), 2);
    assert!(data.add_fetched(&world.crl(&[entry(LEAF, DAY, &[])], 9), &limits));
    assert!(world.find(&data, &limits).valid.is_none());
}

#[test]
fn r_c6_forged_answers_crowd_nothing_out() {
    let (Some(world), Some(stranger), Some(issuer)) = (World::new(), hand("Responder"), hand("CA")) else {
        return;
    };
    let extensions = [usage("1.3.6.1.5.5.7.3.9"), (oid::OCSP_NO_CHECK, false, vec![5, 0])];
    let delegate = |serial: u8| issuer.certify(&stranger, serial, (-8, 8), &extensions);
    let delegates: Vec<Certificate> = (0..60).map(delegate).collect();
    let enclosed: Vec<&Certificate> = delegates.iter().collect();
    let singles = [single(&world, &[LEAF], &good())];
    let forged = [
        stranger.answer(true, -60, &singles, &[], &enclosed),
        issuer.named(&directory("Responder")).answer(false, -60, &singles, &[], &enclosed),
    ];
    let own = world.ca.answer(true, -60, &[single(&world, &[LEAF], &revoked())], &[], &[]);
    assert_eq!(world.with_letter(&forged, &[&own]), REVOKED);
    let listed = world.crl(&[entry(LEAF, DAY, &[])], 1);
    assert_eq!(world.with_letter(&forged, &[&listed]), REVOKED);
    assert!(matches!(world.with_letter(&forged, &[]), Status::Unknown(_)));
}

/// R-B14: an answer is worth no more than the weakest signature that it stands on.
#[test]
fn r_b14_the_weakest_hash_counts() {
    let (weak, strong) = (Some(HashAlgorithm::Sha1), Some(HashAlgorithm::Sha256));
    for both in [(weak, strong), (strong, weak), (weak, None), (None, weak)] {
        assert_eq!(weaker(both.0, both.1), weak);
    }
}

/// Threats D1: a number is compared without a step of the stack for each of its octets.
#[test]
fn r_d1_long_serial_numbers_are_compared() {
    let Some(world) = World::new() else { return };
    let mut serial = vec![0; 1 << 20];
    serial.push(LEAF);
    let answer = world.ca.answer(true, -60, &[single(&world, &serial, &revoked())], &[], &[]);
    let small = std::thread::Builder::new().stack_size(256 << 10);
    small.spawn(move || assert_eq!(world.with_letter(&[answer], &[]), REVOKED)).unwrap().join().unwrap();
}

/// RFC 5280 §4.2.1.3: who signs CRLs has to say so. A leaf of the authority's name, of which another authority below the
/// same anchor thought nothing, does not speak for it.
#[test]
fn r_c6_a_leaf_with_the_name_of_an_authority_signs_no_lists() {
    let (Some(world), Some(root), Some(other)) = (World::new(), hand("Root"), hand("CA")) else { return };
    let anchor = root.certify(&root, 1, (-9, 9), &ca(Some(0x06)));
    let authority = root.certify(&world.ca, 2, (-9, 9), &ca(Some(0x06)));
    let ask = |usage: &[Ext], list: &[Vec<u8>]| {
        let namesake = root.certify(&other, 3, (-9, 9), usage);
        let clean = root.crl(-DAY, Some(DAY), &[], &[]);
        let data = RevocationData::new().with(&other.crl(-60, Some(DAY), list, &[])).unwrap();
        let data = data.with(&clean).unwrap();
        let (provider, limits) = (Provider::default(), Limits::default());
        let anchors = [anchor.clone()];
        let at = UnixTime::from_seconds(now());
        let request = PathRequest::new(&world.leaf, &anchors, Purpose::EmailSigning, at, &provider, &limits);
        let between = [authority.clone(), namesake];
        let valid = find(&request.intermediates(&between).revocations(&data)).valid;
        valid.map_or(REVOKED, |path| path.revocation[0].clone())
    };
    let listed = [entry(LEAF, DAY, &[])];
    let signs = [(oid::KEY_USAGE, true, vec![3, 2, 0, 0x02])];
    assert_eq!(ask(&[], &listed), Status::Unknown(Doubt::Signer));
    assert_eq!(ask(&[], &[]), Status::Unknown(Doubt::Signer));
    assert_eq!(ask(&signs, &listed), REVOKED, "it was made to sign them");
    assert!(matches!(ask(&signs, &[]), Status::NotRevoked { .. }));
}

/// A number orders lists of one scope alone: an old list of everything does not hide a new one of a part, whatever its
/// number. Who is revoked would send the old one along.
#[test]
fn r_c6_an_old_list_does_not_hide_one_of_another_scope() {
    let Some(ca_hand) = hand("CA") else { return };
    let anchors = vec![ca_hand.certify(&ca_hand, 1, (-9, 9), &ca(Some(0x06)))];
    let part = full(&uri("http://ca.example/part.crl"));
    let leaf = ca_hand.certify(&ca_hand.named(&directory("Leaf")), LEAF, (-8, 8), &[points(&[&part])]);
    let world = World { ca: ca_hand, anchors, leaf };
    let all = |ago: i64, at: u8| world.ca.crl(-ago, Some(DAY), &[], &[number(oid::CRL_NUMBER, at)]);
    let some = |code: u8| {
        let scope = scope(&[&part]);
        world.ca.crl(
            -DAY,
            Some(DAY),
            &[entry(LEAF, 2 * DAY, &[reason(code)])],
            &[number(oid::CRL_NUMBER, 7), scope],
        )
    };
    for old in [all(6 * DAY, 100), all(6 * DAY, 1)] {
        assert_eq!(world.with_letter(std::slice::from_ref(&old), &[&some(1)]), REVOKED);
        assert_eq!(world.with_letter(std::slice::from_ref(&old), &[&some(6)]), REVOKED, "on hold");
    }
    // For good is for good; a hold ends with a later word.
    assert_eq!(world.with_letter(&[all(3600, 1)], &[&some(1)]), REVOKED);
    assert!(matches!(world.with_letter(&[all(3600, 1)], &[&some(6)]), Status::NotRevoked { .. }));
}

/// Whatever their order: of two words that a certificate is revoked, the one that lasts.
#[test]
fn r_c6_a_hold_does_not_hide_what_is_for_good() {
    let revoked = |reason, day| Status::Revoked {
        by: RevocationSource::Ocsp,
        at: UnixTime::from_seconds(0),
        reason: Some(reason),
        this_update: UnixTime::from_seconds(day * DAY),
    };
    let (hold, for_good) = (revoked(Reason::CertificateHold, 1), revoked(Reason::KeyCompromise, 2));
    for both in [[hold.clone(), for_good.clone()], [for_good.clone(), hold.clone()]] {
        assert_eq!(together(both), for_good);
    }
    let later = revoked(Reason::CertificateHold, 3);
    for both in [[hold.clone(), later.clone()], [later.clone(), hold]] {
        assert_eq!(together(both), later, "a hold is as new as its last word");
    }
}
