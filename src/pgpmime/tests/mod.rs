//! What we sign, others verify, and the other way round; what is broken is never intact.

mod altered;
mod corpora;
mod decrypt;
mod decrypt_corpora;
mod encrypt;
mod foreign;
mod keys;
mod tampered;

use std::path::PathBuf;
use std::sync::Arc;

use super::{Signer, Verifier};
use crate::crypto::{Password, Provider};
use crate::error::Error;
use crate::limits::Limits;
use crate::openpgp::{self, CipherSuite, SigningIdentity};
use crate::policy::Algorithms;
use crate::protocol::{Certificate, CertificateSource, Checked, Inputs, KeyHint, Signer as _, Verifier as _};
use crate::report::{Code, Integrity};
use crate::time::UnixTime;
use std::io::Write;

pub(super) const AT: UnixTime = UnixTime::from_seconds(1_790_000_000);
pub(super) const CONTENT: &[u8] = b"Content-Type: text/plain\r\n\r\nHello, \r\nworld\r\n";

pub(super) struct Ring(pub(super) Vec<openpgp::Certificate>);

impl CertificateSource for Ring {
    fn candidates(&self, hint: &KeyHint<'_>) -> Result<Vec<Certificate>, Error> {
        let named =
            |cert: &&openpgp::Certificate| hint.openpgp.is_none_or(|handle| cert.matches_handle(handle));
        Ok(self.0.iter().filter(named).cloned().map(Certificate::Openpgp).collect())
    }
}

pub(super) fn inputs<'a>(
    ring: &'a Ring,
    provider: &'a Provider,
    fixed: &'a Fixed,
    at: UnixTime,
) -> Inputs<'a> {
    Inputs::new(provider, &fixed.algorithms, ring, &fixed.limits, at)
}

#[derive(Default)]
pub(super) struct Fixed {
    pub(super) algorithms: Algorithms,
    pub(super) limits: Limits,
}

pub(super) fn check(
    content: &[u8],
    signature: &[u8],
    certs: &[openpgp::Certificate],
    at: UnixTime,
) -> Checked {
    let (ring, provider, fixed) = (Ring(certs.to_vec()), Provider::default(), Fixed::default());
    Verifier.verify_detached(&mut &*content, &mut &*signature, &inputs(&ring, &provider, &fixed, at)).unwrap()
}

pub(super) fn codes(checked: &Checked) -> Vec<Code> {
    checked.signatures.iter().flat_map(|one| &one.signature.findings).map(|finding| finding.code).collect()
}

pub(super) fn integrity(checked: &Checked) -> Vec<Integrity> {
    checked.signatures.iter().map(|one| one.signature.integrity).collect()
}

pub(super) fn identity(secret: &[u8]) -> Arc<SigningIdentity> {
    let mut found = SigningIdentity::load(secret, Password::none(), &Provider::default()).unwrap();
    Arc::new(found.remove(0))
}

pub(super) fn sign(identities: Vec<Arc<SigningIdentity>>, at: UnixTime, content: &[u8]) -> Vec<u8> {
    let signer = Signer::new(identities, Provider::default(), at).unwrap();
    let mut signing = signer.begin(at).unwrap();
    signing.write_all(content).unwrap();
    signer.sign(signing.prepare().unwrap()).unwrap()
}

pub(super) fn generated(name: &str, suite: CipherSuite) -> Vec<u8> {
    let secret = openpgp::generate(&format!("{name} <{name}@example.org>"), AT, suite).unwrap();
    secret.expose().to_vec()
}

pub(super) fn corpus(path: &str) -> Option<PathBuf> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpora").to_owned();
    let root = PathBuf::from(std::env::var("MAILSEAL_CORPORA").unwrap_or(default)).join(path);
    if !root.exists() {
        println!("skipped: no {}", root.display());
        return None;
    }
    Some(root)
}

#[test]
fn every_suite_signs_and_verifies_and_several_stand_in_one_block() {
    let suites =
        [CipherSuite::Ed25519, CipherSuite::P256, CipherSuite::P384, CipherSuite::P521, CipherSuite::Rsa3072];
    let identities: Vec<_> = suites.iter().map(|suite| identity(&generated("alice", *suite))).collect();
    let certs: Vec<_> = identities.iter().map(|identity| identity.certificate().clone()).collect();
    let signature = sign(identities, AT, CONTENT);
    assert_eq!(signature.windows(5).filter(|text| text == b"BEGIN").count(), 1);
    let checked = check(CONTENT, &signature, &certs, AT);
    assert_eq!(integrity(&checked), [Integrity::Intact; 5], "{checked:#?}");
    assert_eq!(codes(&checked), []);
    assert_eq!(checked.micalg, ["pgp-sha256", "pgp-sha384", "pgp-sha512"]);
    let names: Vec<_> =
        checked.signatures.iter().map(|one| one.signature.algorithms.signature.as_str()).collect();
    assert_eq!(names, ["ed25519", "ecdsa", "ecdsa", "ecdsa", "rsassa-pkcs1-v1_5"]);
    assert_eq!(checked.signatures[0].signature.claimed_time, Some(AT));

    let lf: Vec<u8> = CONTENT.iter().copied().filter(|octet| *octet != b'\r').collect();
    let repaired = check(&lf, &signature, &certs, AT);
    assert_eq!(integrity(&repaired), [Integrity::Intact; 5]);
    assert_eq!(codes(&repaired), [Code::LineEndsRepaired; 5]);
    assert_eq!(integrity(&check(CONTENT, &signature, &[], AT)), [Integrity::Unverified; 5]);
    assert_eq!(codes(&check(CONTENT, &signature, &[], AT)), [Code::SignerMissing; 5]);
}

#[test]
fn signing_is_refused_outside_the_life_of_the_key() {
    let alice = identity(&generated("alice", CipherSuite::Ed25519));
    for at in [AT.seconds() - 10, AT.seconds() + 4 * 365 * 86_400] {
        let at = UnixTime::from_seconds(at);
        let refused = Signer::new(vec![Arc::clone(&alice)], Provider::default(), at);
        assert!(matches!(refused.unwrap_err(), Error::Refused(_)));
    }
}

#[test]
fn a_signature_from_elsewhere_is_verified_before_it_is_let_out() {
    let alice = identity(&generated("alice", CipherSuite::P256));
    let cert = alice.certificate().clone();
    let deferred = Arc::new(SigningIdentity::deferred(cert.clone()).unwrap());
    let signer = Signer::new(vec![deferred], Provider::default(), AT).unwrap();
    let prepared = || {
        let mut signing = signer.begin(AT).unwrap();
        signing.write_all(CONTENT).unwrap();
        signing.prepare().unwrap()
    };
    assert!(signer.sign(prepared()).is_err(), "there is no private key");
    let request = &prepared().requests()[0].clone();
    let key = alice.private_key(request.key()).unwrap();
    let good = key.sign(request.scheme(), request.to_sign()).unwrap();
    let mut bad = good.clone();
    *bad.last_mut().unwrap() ^= 1;
    assert!(prepared().complete(vec![bad], &Provider::default()).is_err());
    let armored = prepared().complete(vec![good], &Provider::default()).unwrap();
    assert_eq!(integrity(&check(CONTENT, &armored, std::slice::from_ref(&cert), AT)), [Integrity::Intact]);
    let held = SigningIdentity::with_key(cert, Arc::clone(key)).unwrap();
    let armored = sign(vec![Arc::new(held)], AT, CONTENT);
    assert_eq!(integrity(&check(CONTENT, &armored, &[alice.certificate().clone()], AT)), [Integrity::Intact]);
    let stranger = identity(&generated("bob", CipherSuite::P256)).certificate().clone();
    assert!(SigningIdentity::with_key(stranger, Arc::clone(key)).is_err());
}
