//! Keys that are revoked, expired, unbound or weak.

use super::*;
use crate::openpgp::tests::Workshop;

const DAY: i64 = 86_400;

fn days(count: i64) -> UnixTime {
    UnixTime::from_seconds(AT.seconds() + count * DAY)
}

struct Case {
    secret: Vec<u8>,
    signature: Vec<u8>,
}

/// A key made on day 0, a signature of day 10.
fn case() -> Case {
    let secret = generated("alice", CipherSuite::Ed25519);
    let signature = sign(vec![identity(&secret)], days(10), CONTENT);
    Case { secret, signature }
}

impl Case {
    fn workshop(&self, day: i64) -> Workshop {
        Workshop::new(&self.secret, days(day))
    }

    fn check(&self, certs: &[openpgp::Certificate], day: i64) -> (Vec<Integrity>, Vec<Code>) {
        let checked = check(CONTENT, &self.signature, certs, days(day));
        (integrity(&checked), codes(&checked))
    }
}

fn load(octets: &[u8]) -> Vec<openpgp::Certificate> {
    openpgp::Certificate::load(octets).unwrap()
}

#[test]
fn r_b20_hard_revocations_count_always_and_soft_ones_from_their_time_on() {
    let case = case();
    let revoked = |day, soft| [case.workshop(day).revoked(soft).public()];
    let subkey = |day, soft| [case.workshop(day).subkey_revoked(soft).public()];
    let plain = [case.workshop(0).public()];
    assert_eq!(case.check(&plain, 30), (vec![Integrity::Intact], vec![]));
    let both: [&dyn Fn(i64, bool) -> [openpgp::Certificate; 1]; 2] = [&revoked, &subkey];
    for of in both {
        assert_eq!(case.check(&of(20, false), 30).1, [Code::SignerRevoked]);
        assert_eq!(case.check(&of(20, false), 15).1, [Code::SignerRevoked]);
        assert_eq!(case.check(&of(5, true), 30).1, [Code::SignerRevoked]);
        assert_eq!(case.check(&of(20, true), 30).1, [Code::SignerExpired]);
        assert_eq!(case.check(&of(20, true), 15).1, []);
        // A copy without the revocation hides nothing.
        let [revoked] = of(20, false);
        for pair in [[plain[0].clone(), revoked.clone()], [revoked, plain[0].clone()]] {
            assert_eq!(case.check(&pair, 30).1, [Code::SignerRevoked]);
        }
    }
}

#[test]
fn r_b20_keys_are_alive_when_they_sign_and_when_it_is_looked_at() {
    let case = case();
    let certs = [case.workshop(0).public()];
    assert_eq!(case.check(&certs, 3 * 365 + 1).1, [Code::SignerExpired]);
    assert_eq!(case.check(&certs, 9).1, [Code::SignedInFuture]);
}

#[test]
fn r_b21_unbound_subkeys_and_those_for_encryption_do_not_sign() {
    let case = case();
    let unbound = load(&case.workshop(0).unbound());
    let (_, found) = case.check(&unbound, 30);
    assert!(found == [Code::SignerNotForMail] || found == [Code::SignerMissing], "{found:?}");
    let encryption = [case.workshop(5).for_encryption().public()];
    assert_eq!(case.check(&encryption, 30).1, [Code::SignerNotForMail]);
}

#[test]
fn r_b20_a_stranger_who_claims_the_key_changes_nothing() {
    let case = case();
    let mallory = generated("mallory", CipherSuite::Ed25519);
    let claiming = load(&Workshop::new(&mallory, days(1)).claiming(&case.workshop(0))).remove(0);
    let alice = case.workshop(0).public();
    let (_, alone) = case.check(std::slice::from_ref(&claiming), 30);
    assert!(alone == [Code::SignerNotForMail] || alone == [Code::SignerMissing], "{alone:?}");
    for pair in [[claiming.clone(), alice.clone()], [alice.clone(), claiming]] {
        let checked = check(CONTENT, &case.signature, &pair, days(30));
        assert_eq!((integrity(&checked), codes(&checked)), (vec![Integrity::Intact], vec![]));
        assert_eq!(checked.signatures[0].certificate, Some(Certificate::Openpgp(alice.clone())));
    }
}

#[test]
fn r_b14_certificates_bound_by_sha1_are_weak() {
    let case = case();
    let certs = load(&case.workshop(0).by_sha1());
    assert_eq!(case.check(&certs, 30), (vec![Integrity::Weak], vec![Code::WeakAlgorithm]));
}

#[test]
fn r_c12_a_secret_key_with_another_public_half_is_refused() {
    for suite in [CipherSuite::Ed25519, CipherSuite::P256] {
        let secret = generated("alice", suite);
        let clean = openpgp::tests::Workshop::new(&secret, AT).secret_octets();
        SigningIdentity::load(&clean, Password::none(), &Provider::default()).unwrap();
        let tampered = openpgp::tests::Workshop::new(&secret, AT).with_another_secret();
        let error = SigningIdentity::load(&tampered, Password::none(), &Provider::default()).unwrap_err();
        assert!(matches!(error, Error::Key(crate::crypto::KeyError::Malformed(_))), "{error}");
    }
}

#[test]
fn corpus_certificates_that_were_revoked_stepwise() {
    let Some(folder) = corpus("sequoia-openpgp/keys") else { return };
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let secret = read("really-revoked-cert-0-secret.pgp");
    let certs = load(&read("really-revoked-cert-0-public.pgp"));
    let created = certs[0].validity(UnixTime::from_seconds(1_900_000_000)).unwrap().created;
    let at = UnixTime::from_seconds(created.seconds() + 1);
    let signature = sign(vec![identity(&secret)], at, CONTENT);
    let mut certs = certs;
    for (name, hard) in [
        ("1-soft-revocation", false),
        ("2-new-self-sig", false),
        ("3-hard-revocation", true),
        ("4-new-self-sig", true),
    ] {
        // Each file holds one step only: all copies count together.
        certs.extend(load(&read(&format!("really-revoked-cert-{name}.pgp"))));
        let checked = check(CONTENT, &signature, &certs, UnixTime::from_seconds(1_700_000_000));
        assert_eq!(codes(&checked).contains(&Code::SignerRevoked), hard, "{name} {checked:?}");
    }
}
