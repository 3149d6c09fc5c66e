//! Crowds of certificates in and around one letter (R-C3, R-C4, R-D5): an answer, or a limit by its name, after work that
//! is bounded. What is counted is every signature that is checked; what is printed is the time, of which 250 ms are meant
//! where the code is optimised.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mailseal::crypto::{Provider, PublicKey, SignatureAlgorithm, ToSign, Verifier, VerifyError};
use mailseal::report::{Integrity, Report, Trust};
use mailseal::{CertificatePool, Context, Error, Limits, Opener, Scope, TrustStore};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType, date_time_ymd,
};

use crate::cms::{Cms, Person, Signer, detached, oid, seq, tlv};
use crate::stage::{AT, CONTENT};

const ALICE: &str = "alice@example.org";

/// Counts what the verifiers of the default are asked for.
#[derive(Debug)]
struct Counter(Arc<AtomicUsize>);

impl Verifier for Counter {
    fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        key: &PublicKey,
        input: ToSign<'_>,
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Provider::default().verify(algorithm, key, input, signature)
    }
}

/// Opens it; what came of it, and how many signatures were checked.
fn open(what: &str, cx: Context, letter: &[u8]) -> (Result<Report, Error>, usize) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter: &'static dyn Verifier = Box::leak(Box::new(Counter(Arc::clone(&count))));
    let verifiers: &'static [_] = Box::leak(Box::new([counter]));
    let opener = Opener::new(&cx.provider(Provider { verifiers, ..Provider::default() }));
    let begun = Instant::now();
    let report = opener.open(letter, AT).map(|opened| opened.report);
    let (took, count) = (begun.elapsed(), count.load(Ordering::Relaxed));
    println!("{what}: {took:?}, {count} signatures checked");
    // Machines are busy; the time that is meant is for whoever reads.
    let most = if cfg!(debug_assertions) { 20 } else { 2 };
    assert!(took < Duration::from_secs(most), "{what}: {took:?}");
    (report, count)
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2040, 1, 1));
    params
}

fn ca(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

pub(crate) fn leaf(address: &str) -> CertificateParams {
    let mut params = params(address);
    params.subject_alt_names = vec![SanType::Rfc822Name(address.try_into().unwrap())];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params
}

fn key() -> KeyPair {
    KeyPair::generate().unwrap()
}

/// By a key that may be another than the issuer's of that name.
fn signed(params: CertificateParams, own: &KeyPair, issuer: &str, by: &KeyPair) -> Vec<u8> {
    params.signed_by(own, &Issuer::new(ca(issuer), by)).unwrap().der().to_vec()
}

pub(crate) fn person(params: CertificateParams, issuer: &str, by: &KeyPair) -> Person {
    let own = key();
    Person::of(signed(params, &own, issuer, by), &own.serialize_der())
}

pub(crate) struct Root {
    pub(crate) key: KeyPair,
    certificate: Vec<u8>,
}

impl Root {
    pub(crate) fn new() -> Self {
        let key = key();
        Self { certificate: ca("Root").self_signed(&key).unwrap().der().to_vec(), key }
    }

    pub(crate) fn cx(&self) -> Context {
        Context::new(TrustStore::new().anchors(&self.certificate, Scope::any()).unwrap())
    }
}

pub(crate) fn letter(people: &[Person], certificates: &[Vec<u8>]) -> Vec<u8> {
    let signers = people.iter().map(|one| Signer::new(one, CONTENT).der(CONTENT)).collect();
    let own = people.iter().map(|one| &one.certificate);
    let certificates: Vec<&[u8]> = own.chain(certificates).map(Vec::as_slice).collect();
    detached(ALICE, CONTENT, &Cms::new(None, signers, &certificates).der())
}

#[track_caller]
fn is_limit(result: &Result<Report, Error>, wanted: &str) {
    assert!(matches!(result, Err(Error::Limit { name, .. }) if *name == wanted), "{result:?}");
}

/// Why the first signature is not trusted.
#[track_caller]
fn rejected(report: &Report) -> Vec<String> {
    let signature = report.signatures().next().unwrap();
    assert_eq!(signature.integrity, Integrity::Intact);
    assert_ne!(signature.trust, Trust::Trusted);
    signature.rejected.iter().map(|one| one.reason.clone()).collect()
}

#[test]
fn r_d5_a_hundred_signers_with_a_hundred_certificates() {
    let root = Root::new();
    let people: Vec<Person> =
        (0..100).map(|n| person(leaf(&format!("s{n}@example.org")), "Root", &root.key)).collect();
    let letter = letter(&people, &[]);
    let (result, count) = open("100 signers", root.cx(), &letter);
    is_limit(&result, "signatures");
    assert_eq!(count, 0);
    let (result, count) =
        open("100 signers who are let in", root.cx().limits(Limits::default().signatures(100)), &letter);
    let report = result.unwrap();
    assert_eq!(report.signatures().filter(|one| one.trust == Trust::Trusted).count(), 100);
    // One of the letter and one of the path, each.
    assert_eq!(count, 200);
}

/// As many signers as are let in by themselves, who all seem to be certified by each of the others that come along.
#[test]
fn r_c4_r_d5_signers_whose_issuers_have_one_name() {
    let root = Root::new();
    let nobody = key();
    let people: Vec<Person> =
        (0..32).map(|n| person(leaf(&format!("s{n}@example.org")), "CA", &nobody)).collect();
    let others: Vec<Vec<u8>> = (0..68).map(|_| signed(ca("CA"), &key(), "Root", &root.key)).collect();
    let (result, count) = open("32 signers, 68 issuers each", root.cx(), &letter(&people, &others));
    let report = result.unwrap();
    assert_eq!(report.signatures().filter(|one| one.trust == Trust::Trusted).count(), 0);
    rejected(&report);
    assert!(count <= 32 * 101, "{count}");
}

/// Each of 250 authorities is certified by the four that follow: 4^8 ways up, and none to the anchor.
#[test]
fn r_c4_a_mesh_of_a_thousand_authorities() {
    let root = Root::new();
    let keys: Vec<KeyPair> = (0..250).map(|_| key()).collect();
    let name = |n: usize| format!("CA {n}");
    let by = |n: usize, issuer: usize| signed(ca(&name(n)), &keys[n], &name(issuer), &keys[issuer]);
    let mesh: Vec<Vec<u8>> = (0..250)
        .flat_map(|n| (1..=4).map(move |step| (n, (n + step) % 250)))
        .map(|(n, m)| by(n, m))
        .collect();
    assert_eq!(mesh.len(), 1_000);
    let alice = || vec![person(leaf(ALICE), "CA 0", &keys[0])];

    let known = mesh.iter().fold(CertificatePool::new(), |pool, one| pool.with(one).unwrap());
    let (result, count) =
        open("1,000 authorities that are known", root.cx().certificates(known), &letter(&alice(), &[]));
    let reasons = rejected(&result.unwrap());
    assert!(reasons.iter().any(|one| one.contains("path_")), "{reasons:?}");
    assert!(count <= 101, "{count}");

    let along = letter(&alice(), &mesh);
    let (result, _) = open("1,000 authorities in the letter", root.cx(), &along);
    is_limit(&result, "certificates");
    let let_in = root.cx().limits(Limits::default().certificates(2_000));
    let (result, count) = open("1,000 authorities that are let in", let_in, &along);
    let reasons = rejected(&result.unwrap());
    assert!(reasons.iter().any(|one| one.contains("path_")), "{reasons:?}");
    assert!(count <= 101, "{count}");
}

fn policies(mut params: CertificateParams) -> CertificateParams {
    let all: Vec<u8> = (1..=8).flat_map(|n| seq(&[&oid(&format!("1.2.3.{n}"))])).collect();
    params.custom_extensions.push(CustomExtension::from_oid_content(&[2, 5, 29, 32], seq(&[&all])));
    params
}

/// Each of eight policies is mapped to all eight, thirty-one times, and some policy is asked for: 8^32 ways.
#[test]
fn r_c3_policies_of_many_ways_in_a_letter() {
    let root = Root::new();
    let pairs = (0..64).map(|n| (1 + n / 8, 1 + n % 8));
    let pair = |(from, to)| seq(&[&oid(&format!("1.2.3.{from}")), &oid(&format!("1.2.3.{to}"))]);
    let pairs: Vec<u8> = pairs.flat_map(pair).collect();
    // policyConstraints with requireExplicitPolicy 0.
    let required = CustomExtension::from_oid_content(&[2, 5, 29, 36], tlv(0x30, &[0x80, 1, 0]));
    let authority = |name: &str| {
        let mut params = policies(ca(name));
        params.custom_extensions.push(CustomExtension::from_oid_content(&[2, 5, 29, 33], seq(&[&pairs])));
        params.custom_extensions.push(required.clone());
        params
    };
    let keys: Vec<KeyPair> = (0..31).map(|_| key()).collect();
    let names: Vec<String> = (0..31).map(|n| format!("CA {n}")).collect();
    let chain: Vec<Vec<u8>> = (0..31)
        .map(|n| match n {
            0 => signed(authority(&names[0]), &keys[0], "Root", &root.key),
            _ => signed(authority(&names[n]), &keys[n], &names[n - 1], &keys[n - 1]),
        })
        .collect();
    let with = |leaf: CertificateParams| letter(&[person(leaf, &names[30], &keys[30])], &chain);
    let (result, _) = open("33 certificates above each other", root.cx(), &with(policies(leaf(ALICE))));
    rejected(&result.unwrap());
    let deep = || root.cx().limits(Limits::default().path_depth(40));
    let (result, count) = open("8 policies, 32 deep", deep(), &with(policies(leaf(ALICE))));
    assert_eq!(result.unwrap().signatures().next().unwrap().trust, Trust::Trusted);
    assert!(count <= 101, "{count}");
    let (result, _) = open("8 policies, and a leaf without any", deep(), &with(leaf(ALICE)));
    rejected(&result.unwrap());
}
