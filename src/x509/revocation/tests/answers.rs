//! OCSP answers made to order, judged by openssl too.

use std::collections::BTreeMap;

use crate::crypto::{HashAlgorithm, Provider};
use crate::limits::Limits;
use crate::time::UnixTime;
use crate::x509::der_reader::{
    ENUMERATED, INTEGER, OCTET_STRING, OID, SEQUENCE, constructed, context, encode,
};
use crate::x509::path::{PathError, PathRequest, Purpose, find};
use crate::x509::revocation::tests::maker::*;
use crate::x509::revocation::{RevocationData, Status, request};
use crate::x509::{Certificate, oid};

/// Dimensions and their values; the first value of each is that of a plain answer.
const DIMENSIONS: [(&str, &[&str]); 9] = [
    (
        "responder",
        &[
            "ca",
            "delegate",
            "delegate of root",
            "delegate of itself",
            "stranger of that name",
            "root",
            "leaf itself",
        ],
    ),
    ("purpose", &["ocsp", "none", "any", "mail"]),
    ("checked", &["nocheck", "nobody says", "listed", "not listed"]),
    ("delegate", &["valid", "expired", "not yet", "key usage", "not enclosed"]),
    ("id", &["name", "key"]),
    ("hash", &["sha1", "sha256", "unknown"]),
    ("bound to", &["leaf", "other serial", "other name", "other key", "both"]),
    ("dates", &["fresh", "stale", "future", "no end", "no end, old", "produced later"]),
    ("status", &["good", "revoked", "with reason", "hold", "later", "unknown"]),
];

struct World {
    root: Hand,
    ca: Hand,
    delegate: Hand,
    stranger: Hand,
    leaf: Hand,
    folder: tempfile::TempDir,
}

struct Case {
    anchor: Certificate,
    ca: Certificate,
    leaf: Certificate,
    answer: Vec<u8>,
    crls: Vec<Vec<u8>>,
}

const LEAF: u8 = 77;
const RESPONDER: u8 = 88;

impl World {
    fn new() -> Option<Self> {
        let root = hand("Root")?;
        let (ca, delegate) = (hand("CA")?, hand("Responder")?);
        let (stranger, leaf) = (hand("CA")?, hand("Leaf")?);
        Some(Self { root, ca, delegate, stranger, leaf, folder: tempfile::tempdir().unwrap() })
    }

    fn case(&self, value: &BTreeMap<&str, &str>) -> Case {
        let years = (-400, 400);
        let anchor = self.root.certify(&self.root, 1, years, &ca(Some(0x06)));
        let ca_certificate = self.root.certify(&self.ca, 2, years, &ca(Some(0x86)));
        let leaf = self.ca.certify(&self.leaf, LEAF, (-300, 300), &[usage("1.3.6.1.5.5.7.3.4")]);
        let mut crls = vec![self.root.crl(-DAY, Some(30 * DAY), &[], &[])];
        match value["checked"] {
            "listed" => crls.push(self.ca.crl(-DAY, Some(9 * DAY), &[entry(RESPONDER, DAY, &[])], &half())),
            "not listed" => crls.push(self.ca.crl(-DAY, Some(9 * DAY), &[], &half())),
            _ => {}
        }
        let (signer, certificate) = match value["responder"] {
            "delegate" => (self.delegate.clone(), Some(self.certificate(&self.ca, value))),
            "delegate of root" => (self.delegate.clone(), Some(self.certificate(&self.root, value))),
            "delegate of itself" => {
                (self.delegate.clone(), Some(self.certificate(&self.delegate.named(&self.ca.name), value)))
            }
            "stranger of that name" => (self.stranger.clone(), None),
            "root" => (self.root.clone(), Some(anchor.clone())),
            "leaf itself" => (self.leaf.clone(), Some(leaf.clone())),
            _ => (self.ca.clone(), None),
        };
        let enclosed: Vec<&Certificate> =
            certificate.iter().filter(|_| value["delegate"] != "not enclosed").collect();
        let singles = self.singles(value);
        let produced = if value["dates"] == "produced later" { 2 * DAY } else { -3600 };
        let answer = signer.answer(value["id"] == "key", produced, &singles, &[], &enclosed);
        Case { anchor, ca: ca_certificate, leaf, answer, crls }
    }

    fn certificate(&self, issuer: &Hand, value: &BTreeMap<&str, &str>) -> Certificate {
        let mut extensions = Vec::new();
        match value["purpose"] {
            "ocsp" => extensions.push(usage("1.3.6.1.5.5.7.3.9")),
            "any" => extensions.push(usage("2.5.29.37.0")),
            "mail" => extensions.push(usage("1.3.6.1.5.5.7.3.4")),
            _ => {}
        }
        if value["checked"] == "nocheck" {
            extensions.push((oid::OCSP_NO_CHECK, false, vec![5, 0]));
        }
        let bits: u8 = if value["delegate"] == "key usage" { 0x20 } else { 0x80 };
        extensions.push((oid::KEY_USAGE, true, vec![3, 2, 0, bits]));
        let days = match value["delegate"] {
            "expired" => (-300, -2),
            "not yet" => (2, 300),
            _ => (-300, 300),
        };
        // Only certificates for users and for other reasons than the leaf's: it must say nothing of the leaf.
        issuer.certify(
            &self.delegate,
            RESPONDER,
            days,
            &[extensions, vec![points(&[&full(&uri(PART))])]].concat(),
        )
    }

    fn singles(&self, value: &BTreeMap<&str, &str>) -> Vec<Vec<u8>> {
        let (this, next) = match value["dates"] {
            "stale" => (-9 * DAY, Some(-2 * DAY)),
            "future" => (2 * DAY, Some(9 * DAY)),
            "no end" => (-3600, None),
            "no end, old" => (-9 * DAY, None),
            _ => (-3600, Some(DAY)),
        };
        let revoked = |ago: i64, reason: Option<u8>| {
            let reason = reason.map(|code| encode(constructed(0), &[&encode(ENUMERATED, &[&[code]])]));
            encode(constructed(1), &[&generalized(now() - ago), &reason.unwrap_or_default()])
        };
        let status = match value["status"] {
            "revoked" => revoked(20 * DAY, None),
            "with reason" => revoked(20 * DAY, Some(1)),
            "hold" => revoked(20 * DAY, Some(6)),
            "later" => revoked(-20 * DAY, None),
            "unknown" => encode(context(2), &[]),
            _ => encode(context(0), &[]),
        };
        let next = next.map(|next| encode(constructed(0), &[&generalized(now() + next)])).unwrap_or_default();
        let single = |id: &[u8]| encode(SEQUENCE, &[id, &status, &generalized(now() + this), &next]);
        let serial = if value["bound to"] == "other serial" { LEAF - 1 } else { LEAF };
        let name = if value["bound to"] == "other name" { &self.root.name } else { &self.ca.name };
        let key = if value["bound to"] == "other key" { &self.root } else { &self.ca };
        let (hash, dotted) = match value["hash"] {
            "sha256" => (HashAlgorithm::Sha256, "2.16.840.1.101.3.4.2.1"),
            "unknown" => (HashAlgorithm::Sha256, "1.2.3.4"),
            _ => (HashAlgorithm::Sha1, "1.3.14.3.2.26"),
        };
        let id = |serial: u8| {
            let dotted = const_oid::ObjectIdentifier::new_unwrap(dotted);
            let digest = |octets: &[u8]| Provider::default().hash(hash, octets).unwrap();
            let algorithm = encode(SEQUENCE, &[&encode(OID, &[dotted.as_bytes()]), &[5, 0]]);
            let hashes = [digest(name), digest(&key.key_bits())].map(|hash| encode(OCTET_STRING, &[&hash]));
            encode(SEQUENCE, &[&algorithm, &hashes.concat(), &encode(INTEGER, &[&[serial]])])
        };
        match value["bound to"] {
            "both" => vec![single(&id(5)), single(&id(serial))],
            _ => vec![single(&id(serial))],
        }
    }
}

/// The scope of a CRL about the responder alone.
fn half() -> Vec<Ext> {
    vec![scope(&[&full(&uri(PART))])]
}

const PART: &str = "http://responders.example/crl";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Revoked,
    NotRevoked,
    Unknown,
}

impl Case {
    fn ours(&self) -> (Verdict, String) {
        let mut data = RevocationData::new().with(&self.answer).unwrap();
        for crl in &self.crls {
            data = data.with(crl).unwrap();
        }
        let (provider, limits) = (Provider::default(), Limits::default());
        let anchors = std::slice::from_ref(&self.anchor);
        let at = UnixTime::from_seconds(now());
        let request = PathRequest::new(&self.leaf, anchors, Purpose::EmailSigning, at, &provider, &limits);
        let between = [self.ca.clone()];
        let outcome = find(&request.intermediates(&between).revocations(&data));
        let told =
            format!("{:?} {:?}", outcome.valid.as_ref().map(|path| &path.revocation), outcome.rejected);
        let verdict = match (&outcome.valid, outcome.rejected.first().map(|path| &path.reason)) {
            (Some(path), _) if matches!(path.revocation[0], Status::NotRevoked { .. }) => Verdict::NotRevoked,
            (Some(_), _) => Verdict::Unknown,
            (None, Some(PathError::Revoked { .. })) => Verdict::Revoked,
            _ => panic!("{told}"),
        };
        (verdict, told)
    }

    fn openssl(&self, folder: &std::path::Path, hash: &str) -> (Verdict, String) {
        write(folder, "root.pem", &[&self.anchor]);
        write(folder, "ca.pem", &[&self.ca]);
        write(folder, "leaf.pem", &[&self.leaf]);
        std::fs::write(folder.join("answer.der"), &self.answer).unwrap();
        let told = openssl(
            folder,
            &format!(
                "ocsp {hash} -respin answer.der -issuer ca.pem -cert leaf.pem -CAfile root.pem -verify_other ca.pem"
            ),
        );
        let verdict =
            if !told.contains("Response verify OK") || told.contains("WARNING: Status times invalid") {
                Verdict::Unknown
            } else if told.contains("leaf.pem: good") {
                Verdict::NotRevoked
            } else if told.contains("leaf.pem: revoked") {
                Verdict::Revoked
            } else {
                Verdict::Unknown
            };
        (verdict, told)
    }
}

fn values(row: &[usize]) -> BTreeMap<&'static str, &'static str> {
    DIMENSIONS.iter().zip(row).map(|((name, values), index)| (*name, values[*index])).collect()
}

/// Where openssl is known to say something else, and by which words the difference is ours.
fn difference(value: &BTreeMap<&str, &str>, ours: Verdict, theirs: Verdict) -> Option<&'static str> {
    use Verdict::{NotRevoked, Revoked, Unknown};
    let is = |name: &str, wanted: &[&str]| wanted.contains(&value[name]);
    match (ours, theirs) {
        (Unknown, NotRevoked)
            if is("responder", &["delegate"]) && is("checked", &["nobody says", "listed"]) =>
        {
            Some("RFC 6960 §4.2.2.2.1: who may answer for the CA may be revoked; openssl does not ask")
        }
        (Unknown, Revoked) if is("responder", &["delegate"]) && is("checked", &["listed"]) => {
            Some("RFC 6960 §4.2.2.2.1: who may answer for the CA may be revoked; openssl does not ask")
        }
        (NotRevoked | Unknown, Revoked) if is("status", &["later"]) => {
            Some("RFC 6960 §4.2.1: revoked from revocationTime on; openssl does not read it")
        }
        (Unknown, NotRevoked | Revoked) if is("dates", &["no end, old"]) => Some(
            "RFC 6960 §4.2.2.1: without nextUpdate there is always a newer answer; openssl takes any age",
        ),
        (Unknown, NotRevoked | Revoked) if is("dates", &["produced later"]) => {
            Some("RFC 6960 §3.2: not from the future; openssl does not read producedAt")
        }
        (Revoked, Unknown) if is("dates", &["stale", "no end, old"]) => {
            Some("what is revoked stays revoked (RFC 5280 §5.3.1); openssl stops at the date")
        }
        (Unknown, NotRevoked | Revoked) if is("delegate", &["key usage"]) => {
            Some("RFC 5280 §4.2.1.3: answers are signed with digitalSignature; openssl does not look")
        }
        _ => None,
    }
}

#[test]
fn r_c6_ocsp_answers_agree_with_openssl() {
    let Some(world) = World::new() else { return };
    let sizes: Vec<usize> = DIMENSIONS.iter().map(|(_, values)| values.len()).collect();
    let (mut counts, mut known, mut wrong) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    let mut rows = rows(&sizes, 250);
    let plain = vec![0; sizes.len()];
    let mut delegated = plain.clone();
    delegated[0] = 1;
    let mut listed = delegated.clone();
    listed[2] = 3;
    for base in [plain, delegated, listed] {
        rows.extend(around(&base, &sizes));
    }
    for row in &rows {
        let value = values(row);
        let case = world.case(&value);
        let (ours, told) = case.ours();
        // It looks for an answer under one hash only.
        let hash = if value["hash"] == "sha256" { "-sha256" } else { "-sha1" };
        let (theirs, said) = case.openssl(world.folder.path(), hash);
        *counts.entry(ours).or_insert(0) += 1;
        if ours != theirs {
            match difference(&value, ours, theirs) {
                Some(why) => *known.entry(why).or_insert(0) += 1,
                None => wrong.push(format!("{value:?}\n  {ours:?} {told}\n  {theirs:?} {said}")),
            }
        }
    }
    println!("{} OCSP cases: {counts:?}; known differences {known:#?}", rows.len());
    let shown: Vec<_> = wrong.iter().take(12).cloned().collect();
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), shown.join("\n"));
    assert!(rows.len() >= 250 && counts.values().all(|count| *count > 10), "{counts:?}");
}

/// Each dimension decides somewhere: from one row that is otherwise the same to another, the verdict changes.
#[test]
fn r_c6_each_dimension_of_ocsp_answers_flips_a_verdict() {
    let Some(world) = World::new() else { return };
    let verdict = |row: &[usize]| world.case(&values(row)).ours().0;
    let plain = vec![0; DIMENSIONS.len()];
    let mut delegated = plain.clone();
    delegated[0] = 1;
    // By key it is found under any name.
    for (index, (name, values)) in DIMENSIONS.iter().enumerate().filter(|(_, (name, _))| *name != "id") {
        let flips = [&plain, &delegated].iter().any(|base| {
            let before = verdict(base);
            (0..values.len()).any(|value| {
                let mut row = (*base).clone();
                row[index] = value;
                verdict(&row) != before
            })
        });
        assert!(flips, "{name}");
    }
}

/// What is sent is what openssl sends, but for the nonce.
#[test]
fn requests_are_those_of_openssl() {
    let Some(world) = World::new() else { return };
    let case = world.case(&values(&vec![0; DIMENSIONS.len()]));
    let folder = world.folder.path();
    write(folder, "ca.pem", &[&case.ca]);
    write(folder, "leaf.pem", &[&case.leaf]);
    let told = openssl(folder, "ocsp -no_nonce -issuer ca.pem -cert leaf.pem -reqout request.der");
    let theirs = std::fs::read(folder.join("request.der")).unwrap_or_else(|_| panic!("{told}"));
    assert_eq!(request(&case.leaf, &case.ca, &Provider::default()), Some(theirs));
}
