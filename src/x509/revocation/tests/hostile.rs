//! Octets that are nearly CRLs and OCSP answers, and strangers.

use proptest::prelude::*;

use crate::limits::Limits;
use crate::time::UnixTime;
use crate::x509::path::{PathOutcome, PathRequest, Purpose, find};
use crate::x509::revocation::tests::maker::*;
use crate::x509::revocation::{Doubt, Reason, RevocationData, Status};
use crate::x509::testing::{corpora, files};
use crate::x509::{Certificate, oid};

pub(super) struct World {
    pub(super) ca: Hand,
    pub(super) anchors: Vec<Certificate>,
    pub(super) leaf: Certificate,
}

pub(super) const LEAF: u8 = 7;

impl World {
    pub(super) fn new() -> Option<Self> {
        let ca_hand = hand("CA")?;
        let anchors = vec![ca_hand.certify(&ca_hand, 1, (-9, 9), &ca(Some(0x06)))];
        let leaf = ca_hand.certify(&hand("Leaf")?, LEAF, (-8, 8), &[usage("1.3.6.1.5.5.7.3.4")]);
        Some(Self { ca: ca_hand, anchors, leaf })
    }

    pub(super) fn crl(&self, entries: &[Vec<u8>], number_of: u8) -> Vec<u8> {
        self.ca.crl(-DAY, Some(DAY), entries, &[number(oid::CRL_NUMBER, number_of)])
    }

    pub(super) fn find(&self, data: &RevocationData, limits: &Limits) -> PathOutcome {
        let provider = crate::crypto::Provider::default();
        let at = UnixTime::from_seconds(now());
        let request =
            PathRequest::new(&self.leaf, &self.anchors, Purpose::EmailSigning, at, &provider, limits);
        find(&request.revocations(data))
    }

    pub(super) fn status(&self, crls: &[Vec<u8>]) -> Status {
        let data = crls.iter().fold(RevocationData::new(), |data, crl| data.with(crl).unwrap());
        let outcome = self.find(&data, &Limits::default());
        outcome.valid.map_or(Status::NotApplicable, |path| path.revocation[0].clone())
    }
}

#[test]
fn r_c6_files_of_others_are_read_or_refused_in_words() {
    let (mut read, mut refused) = (0, 0);
    for folder in ["pyca-vectors/x509", "rustcrypto-formats", "openssl", "bc-test-data", "nss-smime"] {
        let Some(root) = corpora(folder) else { continue };
        for file in files(&root, &[".crl", ".der", ".pem", ".ors", ".rsp", "crl", "ocsp"]) {
            let octets = std::fs::read(&file).unwrap();
            match RevocationData::new().with(&octets) {
                Ok(data) => read += data.len(),
                Err(error) => {
                    assert!(error.to_string().starts_with("not readable as"), "{}: {error}", file.display());
                    refused += 1;
                }
            }
        }
        println!("{folder}: {read} CRLs and OCSP answers read so far, {refused} other files refused");
    }
}

/// Other people's files that are broken on purpose, and those that are not.
#[test]
fn r_c6_broken_files_of_others_are_refused() {
    let Some(root) = corpora("pyca-vectors/x509") else { return };
    for (file, fits) in [
        ("custom/crl_all_reasons.pem", true),
        ("custom/crl_delta_crl_indicator.pem", true),
        ("custom/crl_idp_fullname_indirect_crl.pem", true),
        ("custom/crl_inner_outer_mismatch.der", false),
        ("custom/crl_invalid_time.der", false),
        ("custom/crl_inval_cert_issuer_entry_ext.pem", false),
        ("ocsp/resp-sha256.der", true),
        ("ocsp/resp-revoked-reason.der", true),
        ("ocsp/resp-invalid-version.der", false),
        ("ocsp/resp-response-type-unknown-oid.der", false),
        ("ocsp/resp-successful-no-response-bytes.der", false),
        ("ocsp/resp-unauthorized.der", false),
        ("ocsp/req-sha1.der", false),
    ] {
        let octets = std::fs::read(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let read = RevocationData::new().with(&octets);
        assert_eq!(read.is_ok(), fits, "{file}: {read:?}");
    }
}

/// Threats C6: the empty BIT STRING and its like are no panic.
#[test]
fn r_c6_reasons_without_octets_are_refused() {
    let Some(world) = World::new() else { return };
    for (content, fits) in [(&[][..], false), (&[0][..], true), (&[8, 0], false), (&[7, 0x80], true)] {
        let reasons = crate::x509::der_reader::encode(crate::x509::der_reader::context(3), &[content]);
        let crl = world.ca.crl(-DAY, Some(DAY), &[], &[scope(&[&reasons])]);
        assert_eq!(RevocationData::new().with(&crl).is_ok(), fits, "{content:?}");
    }
}

#[test]
fn r_c6_never_back_to_an_earlier_list() {
    let Some(world) = World::new() else { return };
    let (clean, listed) =
        (|number| world.crl(&[], number), |number| world.crl(&[entry(LEAF, DAY, &[])], number));
    assert!(matches!(world.status(&[clean(1)]), Status::NotRevoked { .. }));
    for crls in [[clean(1), listed(2)], [listed(2), clean(1)]] {
        assert_eq!(world.status(&crls), Status::NotApplicable, "revoked");
    }
    for crls in [[clean(2), listed(1)], [listed(1), clean(2)]] {
        assert!(matches!(world.status(&crls), Status::NotRevoked { .. }));
    }
    // A later list that is out of date: the earlier one, which lasts longer, says no more.
    let over = world.ca.crl(-7200, Some(-3600), &[], &[number(oid::CRL_NUMBER, 9)]);
    for earlier in [clean(1), listed(1)] {
        assert_eq!(world.status(&[earlier, over.clone()]), Status::Unknown(Doubt::Stale));
    }
}

/// A hold ends with the list that is without it.
#[test]
fn r_c6_a_hold_that_is_out_of_date_says_nothing() {
    let Some(world) = World::new() else { return };
    let stale = |code| world.ca.crl(-9 * DAY, Some(-DAY), &[entry(LEAF, 10 * DAY, &[reason(code)])], &[]);
    assert_eq!(world.status(&[stale(6)]), Status::Unknown(Doubt::Stale));
    assert_eq!(world.status(&[stale(1)]), Status::NotApplicable, "revoked for good");
    let data = RevocationData::new().with(&stale(1)).unwrap();
    let told = world.find(&data, &Limits::default()).rejected.remove(0).reason;
    assert!(matches!(
        told,
        crate::x509::path::PathError::Revoked { reason: Some(Reason::KeyCompromise), .. }
    ));
}

#[test]
fn r_c6_negative_and_positive_numbers_are_two() {
    let Some(ca_hand) = hand("CA") else { return };
    let anchors = vec![ca_hand.certify(&ca_hand, 1, (-9, 9), &ca(Some(0x06)))];
    let leaf = ca_hand.certify(&ca_hand.named(&directory("Leaf")), 0xff, (-8, 8), &[]);
    let world = World { ca: ca_hand, anchors, leaf };
    assert_eq!(world.status(&[world.crl(&[entry(0xff, DAY, &[])], 1)]), Status::NotApplicable);
    let crl = world.crl(&[entry(0x7f, DAY, &[])], 1);
    assert!(matches!(world.status(&[crl]), Status::NotRevoked { .. }));
}

#[test]
fn d5_lists_are_bounded() {
    let Some(world) = World::new() else { return };
    let many: Vec<_> = (0..100).map(|serial| entry(serial, DAY, &[])).collect();
    let crl = world.crl(&many, 1);
    let limits = Limits::default;
    let within =
        |limits: &Limits| RevocationData::new().within(&crl, limits).map_err(|error| error.to_string());
    assert!(within(&limits().crl_entries(100)).is_ok());
    assert!(within(&limits().crl_entries(99)).unwrap_err().contains("crl_entries"));
    assert!(within(&limits().revocation_bytes(crl.len() - 1)).unwrap_err().contains("revocation_bytes"));
    assert!(within(&limits().revocations(0)).unwrap_err().contains("revocations"));
    let data = RevocationData::new().with(&crl).unwrap();
    let spent = world.find(&data, &limits().revocation_signatures(0)).valid.unwrap();
    assert_eq!(spent.revocation, [Status::Unknown(Doubt::Budget)]);
}

/// Ten megabytes are walked, not copied for each entry.
#[test]
fn d5_a_large_list_is_walked_quickly() {
    let Some(world) = World::new() else { return };
    let entries: Vec<_> = (0..400_000_u32).map(|_| entry(1, DAY, &[])).collect();
    let crl = world.crl(&[entries.concat(), entry(LEAF, DAY, &[])], 1);
    let begun = std::time::Instant::now();
    let data = RevocationData::new().with(&crl).unwrap();
    let read = begun.elapsed();
    assert!(world.find(&data, &Limits::default()).valid.is_none());
    println!("{} octets: read in {read:?}, looked up in {:?}", crl.len(), begun.elapsed() - read);
    assert!(begun.elapsed().as_secs() < 10);
}

/// What a stranger signs changes nothing, for good or bad; only the authority's own word does.
#[test]
fn r_c6_strangers_change_nothing() {
    let Some(world) = World::new() else { return };
    let Some(stranger) = hand("CA") else { return };
    let entries = [vec![], vec![entry(LEAF, DAY, &[])]];
    let own: Vec<_> =
        [1, 3].into_iter().flat_map(|number| entries.iter().map(move |list| (number, list))).collect();
    let alone: Vec<Status> =
        own.iter().map(|(number, list)| world.status(&[world.crl(list, *number)])).collect();
    for list in &entries {
        let strange = stranger.crl(-60, Some(DAY), list, &[number(oid::CRL_NUMBER, 2)]);
        let delta = [number(oid::DELTA_CRL_INDICATOR, 1), number(oid::CRL_NUMBER, 9)];
        let delta = stranger.crl(-60, Some(DAY), list, &delta);
        assert!(matches!(world.status(std::slice::from_ref(&strange)), Status::Unknown(_)));
        for ((number, list), alone) in own.iter().zip(&alone) {
            let own = world.crl(list, *number);
            let both = world.status(&[strange.clone(), delta.clone(), own]);
            assert_eq!(std::mem::discriminant(&both), std::mem::discriminant(alone));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Octets changed, cut and added: an answer or an error, never a panic, and never a better word.
    #[test]
    fn r_c6_mutations(place in any::<prop::sample::Index>(), octet in any::<u8>(), cut in 0_usize..4) {
        thread_local!(static WORLD: Option<(World, Vec<Vec<u8>>)> = World::new().map(|world| {
            let crl = world.ca.crl(-DAY, Some(DAY), &[entry(LEAF, DAY, &[reason(1)])], &[number(oid::CRL_NUMBER, 1), scope(&[&flag(1)])]);
            let answer = world.ca.answer(true, -60, &[], &[], &[&world.anchors[0]]);
            (world, vec![crl, answer])
        }));
        WORLD.with(|world| {
            let Some((world, originals)) = world else { return };
            for original in originals {
                let mut octets = original.clone();
                let index = place.index(octets.len());
                octets[index] = octet;
                octets.truncate(octets.len() - cut.saturating_sub(2));
                let Ok(data) = RevocationData::new().with(&octets) else { continue };
                let outcome = world.find(&data, &Limits::default());
                let good = outcome.valid.is_some_and(|path| matches!(path.revocation[0], Status::NotRevoked { .. }));
                assert!(!good);
            }
        });
    }
}
