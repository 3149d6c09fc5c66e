//! NIST's certification path suite: the letters signed with each end entity's key, and the paths of these.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use mailseal::report::{Code, Evidence, Integrity, Revocation, Trust};
use mailseal::trust::{Belief, EvidenceRequest, TrustModel};
use mailseal::x509::RevocationData;
use mailseal::{Certificate, CertificatePool, Context, Error, Opener, Scope, TrustStore};

use crate::letters::{Given, Judged, corpus, expected, files, noon};

const AT: &str = "2020-06-01";

fn given(folder: &Path) -> Given {
    let mut given = Given::anchors(&[folder.join("certs/TrustAnchorRootCertificate.crt")]).sha1();
    for file in files(&folder.join("certs")) {
        given.certificates.extend(Certificate::load(&fs::read(file).unwrap()).unwrap());
    }
    given
}

#[test]
fn r_c1_pkits_letters() {
    let Some(folder) = corpus("pkits") else { return };
    let (given, expected) = (given(&folder), expected(&folder));
    let (mut intact, mut unsupported, mut named) = (0, 0, 0);
    let letters = files(&folder.join("smime"));
    for file in &letters {
        let name = format!("smime/{}", file.file_name().unwrap().to_str().unwrap());
        let letter = fs::read(file).unwrap();
        let judged = Judged::new(&given, &letter, noon(AT), &[]);
        let signature = judged.report.signatures().next().unwrap();
        if name.contains("DSA") {
            assert_eq!(judged.integrity(), [Integrity::Unverified], "{name}");
            assert!(judged.saw(Code::UnsupportedAlgorithm), "{name}: {:#?}", judged.report);
            unsupported += 1;
        } else {
            assert_eq!(judged.integrity(), [Integrity::Intact], "{name}: {:#?}", judged.report);
            altered(&given, &letter, &name);
            intact += 1;
        }
        // Only few of the certificates name an address; a path is evidence for an address.
        if !signature.signer.as_ref().unwrap().mailboxes.is_empty() {
            let cases = expected["cases"].as_array().unwrap();
            let case = cases.iter().find(|case| case["smime"] == name.as_str()).unwrap();
            assert_eq!(
                signature.trust == Trust::Trusted,
                case["expected"] == "valid",
                "{name}: {signature:#?}"
            );
            named += 1;
        }
    }
    println!(
        "pkits: {} letters: {intact} intact, {unsupported} by DSA, {named} judged for an address",
        letters.len()
    );
    assert_eq!((intact, unsupported, named), (221, 3, 11));
}

/// One octet of the content changed, and it no longer fits.
fn altered(given: &Given, letter: &[u8], name: &str) {
    let word: &[u8] = b"This is a sample signed message";
    let Some(place) = letter.windows(word.len()).position(|window| window == word) else {
        panic!("{name}: another text");
    };
    let mut letter = letter.to_vec();
    letter[place] = b't';
    assert_eq!(Judged::new(given, &letter, noon(AT), &[]).integrity(), [Integrity::Altered], "{name}");
}

#[test]
fn r_c1_pkits_paths() {
    let Some(folder) = corpus("pkits") else { return };
    let (given, expected) = (given(&folder), expected(&folder));
    let cases = expected["cases"].as_array().unwrap();
    let trust = beliefs(&folder, &given, cases);
    let (mut valid, mut invalid, mut dsa, mut settings) = (0, 0, 0, 0);
    for case in cases {
        let target = case["target"].as_str().unwrap();
        let belief = &trust[target];
        let trusted = belief.trust == Trust::Trusted && belief.evidence.iter().any(is_looked_at);
        if !case["settings"].as_object().unwrap().is_empty() {
            settings += 1; // other initial values of RFC 5280 §6.1.1 are for `x509::path`, not for letters
        } else if case["expected"] == "valid" && target.contains("DSA") {
            assert!(!trusted, "{target}");
            dsa += 1;
        } else {
            assert_eq!(trusted, case["expected"] == "valid", "{target}: {case} {belief:#?}");
            if trusted { valid += 1 } else { invalid += 1 }
        }
    }
    println!(
        "pkits: {} paths: {} agree ({valid} valid, {invalid} invalid); DSA: {dsa}; other initial values: {settings}",
        cases.len(),
        valid + invalid,
    );
    assert_eq!((valid, invalid, dsa, settings), (91, 120, 2, 35));
}

/// A path of which the revocation lists tell all.
fn is_looked_at(evidence: &Evidence) -> bool {
    matches!(evidence, Evidence::CertificationPath { revocation: Revocation::NotRevoked { .. }, .. })
}

/// What the anchor of PKITS says of each end entity.
fn beliefs(folder: &Path, given: &Given, cases: &[serde_json::Value]) -> BTreeMap<String, Belief> {
    let targets = cases.iter().map(|case| case["target"].as_str().unwrap());
    let load = |target: &str| Certificate::load(&fs::read(folder.join(target)).unwrap()).unwrap().remove(0);
    let leaves = targets.map(|target| (target.to_owned(), load(target))).collect();
    let store = TrustStore::new().anchor(given.anchors[0].clone(), Scope::any());
    let asked = Arc::new(Mutex::new(BTreeMap::new()));
    let model = OfAll { store, leaves, answers: Arc::clone(&asked) };
    let pool: CertificatePool = given.certificates.iter().cloned().collect();
    let lists = files(&folder.join("crls"));
    let lists = lists.iter().map(|file| fs::read(file).unwrap());
    let lists = lists.fold(RevocationData::new(), |data, list| data.with(&list).unwrap());
    let cx = Context::new(TrustStore::new()).trust_model(model).certificates(pool).revocations(lists);
    let opener = Opener::new(&cx);
    let letter = fs::read(folder.join("smime/SignedValidRFC822nameConstraintsTest21.eml")).unwrap();
    opener.open(&letter, noon(AT)).unwrap();
    let answers = asked.lock().unwrap();
    answers.clone()
}

/// Once it is asked about one certificate, it asks the store about all.
struct OfAll {
    store: TrustStore,
    leaves: BTreeMap<String, Certificate>,
    answers: Arc<Mutex<BTreeMap<String, Belief>>>,
}

impl TrustModel for OfAll {
    fn evidence(&self, request: &EvidenceRequest<'_>) -> Result<Belief, Error> {
        for (target, leaf) in &self.leaves {
            let mut request = *request;
            request.certificate = leaf;
            request.intermediates = &[];
            self.answers.lock().unwrap().insert(target.clone(), self.store.evidence(&request)?);
        }
        self.store.evidence(request)
    }
}
