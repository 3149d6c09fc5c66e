//! CRLs made to order, judged by openssl too.

use std::collections::BTreeMap;

use crate::crypto::Provider;
use crate::limits::Limits;
use crate::time::UnixTime;
use crate::x509::der_reader::{SEQUENCE, constructed, context, encode};
use crate::x509::path::{PathError, PathRequest, Purpose, find};
use crate::x509::revocation::tests::maker::*;
use crate::x509::revocation::{RevocationData, Status};
use crate::x509::{Certificate, oid};

/// Dimensions and their values; the first value of each is that of a plain CRL.
const DIMENSIONS: [(&str, &[&str]); 9] = [
    ("point", &["a", "none", "b", "relative", "directory", "issuer", "some reasons", "issuer a"]),
    (
        "scope",
        &[
            "none",
            "a",
            "b",
            "relative",
            "directory",
            "user",
            "ca",
            "attribute",
            "some reasons",
            "two halves",
            "indirect",
            "indirect a",
        ],
    ),
    ("signer", &["ca", "rolled over", "rolled over, unknown", "other", "stranger"]),
    ("usage", &["both", "certificates", "none"]),
    (
        "entry",
        &[
            "absent",
            "listed",
            "key compromise",
            "hold",
            "other serial",
            "later",
            "of ca",
            "of another",
            "number with zeros",
        ],
    ),
    ("dates", &["fresh", "stale", "future", "no end"]),
    ("extension", &["none", "critical", "not critical", "critical in an entry", "two of a kind"]),
    (
        "delta",
        &["none", "adds", "removes", "same number", "base too high", "stale", "by a stranger", "other scope"],
    ),
    ("older", &["none", "listed before", "not listed before", "no number"]),
];

struct World {
    root: Hand,
    ca: Hand,
    ca2: Hand,
    other: Hand,
    stranger: Hand,
    leaf: Hand,
    folder: tempfile::TempDir,
}

struct Case {
    anchor: Certificate,
    between: Vec<Certificate>,
    leaf: Certificate,
    crls: Vec<Vec<u8>>,
}

const LEAF: u8 = 77;

impl World {
    fn new() -> Option<Self> {
        let ca = hand("CA")?;
        let (ca2, stranger) = (hand("CA")?, hand("CA")?);
        let folder = tempfile::tempdir().unwrap();
        Some(Self {
            root: hand("Root")?,
            ca,
            ca2,
            other: hand("Other")?,
            stranger,
            leaf: hand("Leaf")?,
            folder,
        })
    }

    fn case(&self, value: &BTreeMap<&str, &str>) -> Case {
        let usage_bits = match value["usage"] {
            "both" => Some(0x06),
            "certificates" => Some(0x04),
            _ => None,
        };
        let years = (-400, 400);
        let issuer = |signer: &str, hand: &Hand, serial| {
            let bits = if value["signer"] == signer { usage_bits } else { Some(0x06) };
            self.root.certify(hand, serial, years, &[ca(bits), vec![hand.subject_key()]].concat())
        };
        let root = self.root.certify(&self.root, 1, years, &ca(Some(0x06)));
        let mut between = vec![issuer("ca", &self.ca, 2)];
        match value["signer"] {
            "rolled over" => between.push(issuer("rolled over", &self.ca2, 3)),
            "other" => between.push(issuer("other", &self.other, 4)),
            "stranger" => between.push(self.stranger.certify(&self.stranger, 5, years, &ca(usage_bits))),
            _ => {}
        }
        let mut extensions = vec![usage("1.3.6.1.5.5.7.3.4")];
        extensions.extend(self.point(value["point"]));
        extensions.push(self.ca.authority_key());
        // openssl looks at deltas only where they are announced.
        extensions.push((oid::FRESHEST_CRL, false, points(&[&full(&uri("http://d.example/"))]).2));
        let leaf = self.ca.certify(&self.leaf, LEAF, (-300, 300), &extensions);
        let of_root = self.root.crl(-DAY, Some(30 * DAY), &[], &[number(oid::CRL_NUMBER, 1)]);
        let mut crls = vec![of_root];
        crls.extend(self.crls(value));
        Case { anchor: root, between, leaf, crls }
    }

    fn point(&self, point: &str) -> Option<Ext> {
        let issuer = encode(constructed(2), &[&dir(&self.other.name)]);
        let (a, b) = (full(&uri(A)), full(&uri(B)));
        Some(match point {
            "none" => return None,
            "b" => points(&[&b]),
            "relative" => points(&[&relative("part")]),
            "directory" => points(&[&full(&dir(&directory("part")))]),
            "issuer" => points(&[&issuer]),
            "issuer a" => points(&[&a, &issuer]),
            "some reasons" => points(&[&a, &encode(context(1), &[&[6, 0x40]])]),
            _ => points(&[&a]),
        })
    }

    /// One or two of them, for the halves of all reasons.
    fn scopes(&self, scopes: &str) -> Vec<Option<Ext>> {
        let reasons = |octets: &[u8]| encode(context(3), &[octets]);
        let one = |parts: &[&[u8]]| vec![Some(scope(parts))];
        match scopes {
            "a" => one(&[&full(&uri(A))]),
            "b" => one(&[&full(&uri(B))]),
            "relative" => one(&[&relative("part")]),
            "directory" => one(&[&full(&dir(&directory("part")))]),
            "user" => one(&[&flag(1)]),
            "ca" => one(&[&flag(2)]),
            "attribute" => one(&[&flag(5)]),
            "some reasons" => one(&[&reasons(&[5, 0x60])]),
            "two halves" => {
                let halves: [&[u8]; 2] = [&[5, 0x60], &[7, 0x1f, 0x80]];
                halves.iter().map(|half| Some(scope(&[&reasons(half)]))).collect()
            }
            "indirect" => one(&[&flag(4)]),
            "indirect a" => one(&[&full(&uri(A)), &flag(4)]),
            _ => vec![None],
        }
    }

    fn entries(&self, entry_of: &str, extension_of: &str) -> Vec<Vec<u8>> {
        let issuer = |hand: &Hand| (oid::CERTIFICATE_ISSUER, true, encode(SEQUENCE, &[&dir(&hand.name)]));
        let mut entries = vec![entry(5, 50 * DAY, &[])];
        match entry_of {
            "listed" => entries.push(entry(LEAF, 10 * DAY, &[])),
            "key compromise" => entries.push(entry(LEAF, 10 * DAY, &[reason(1)])),
            "hold" => entries.push(entry(LEAF, 10 * DAY, &[reason(6)])),
            "other serial" => entries.push(entry(LEAF - 1, 10 * DAY, &[])),
            "later" => entries.push(entry(LEAF, -10 * DAY, &[])),
            "of ca" => {
                entries.push(entry(6, 10 * DAY, &[issuer(&self.ca)]));
                entries.push(entry(LEAF, 10 * DAY, &[]));
            }
            "of another" => {
                entries.push(entry(6, 10 * DAY, &[issuer(&self.root)]));
                entries.push(entry(LEAF, 10 * DAY, &[]));
            }
            "number with zeros" => entries.push(entry(
                LEAF,
                10 * DAY,
                &[reason(4), (oid::INVALIDITY_DATE, false, generalized(now() - 20 * DAY))],
            )),
            _ => {}
        }
        if extension_of == "critical in an entry" {
            entries.push(entry(9, 10 * DAY, &[(oid::CA_ISSUERS, true, vec![5, 0])]));
        }
        entries
    }

    fn crls(&self, value: &BTreeMap<&str, &str>) -> Vec<Vec<u8>> {
        let signer = match value["signer"] {
            "rolled over" | "rolled over, unknown" => &self.ca2,
            "other" => &self.other,
            "stranger" => &self.stranger,
            _ => &self.ca,
        };
        let (this, next) = match value["dates"] {
            "stale" => (-20 * DAY, Some(-2 * DAY)),
            "future" => (2 * DAY, Some(20 * DAY)),
            "no end" => (-5 * DAY, None),
            _ => (-5 * DAY, Some(20 * DAY)),
        };
        let own = match value["extension"] {
            "critical" => vec![(oid::CA_ISSUERS, true, vec![5, 0])],
            "not critical" => vec![(oid::CA_ISSUERS, false, vec![5, 0])],
            "two of a kind" => vec![(oid::CA_ISSUERS, false, vec![5, 0]); 2],
            _ => Vec::new(),
        };
        let mut crls = Vec::new();
        for scope in self.scopes(value["scope"]) {
            let with = |number_of: &[Ext], scope: &Option<Ext>| -> Vec<Ext> {
                number_of.iter().cloned().chain(scope.clone()).collect()
            };
            let mut number_of = vec![signer.authority_key()];
            if value["older"] != "no number" {
                number_of.push(number(oid::CRL_NUMBER, 20));
            }
            let extensions = [with(&number_of, &scope), own.clone()].concat();
            let entries = self.entries(value["entry"], value["extension"]);
            crls.push(signer.crl(this, next, &entries, &extensions));
            let old = with(&[signer.authority_key(), number(oid::CRL_NUMBER, 19)], &scope);
            let (this, next) = (this - 4 * DAY, next.map(|next| next - DAY));
            match value["older"] {
                "listed before" => crls.push(signer.crl(this, next, &[entry(LEAF, 30 * DAY, &[])], &old)),
                "not listed before" => crls.push(signer.crl(this, next, &[], &old)),
                _ => {}
            }
            crls.extend(self.delta(signer, value["delta"], &scope));
        }
        crls
    }

    fn delta(&self, signer: &Hand, delta: &str, scope_of: &Option<Ext>) -> Option<Vec<u8>> {
        let numbers = |base, own| vec![number(oid::DELTA_CRL_INDICATOR, base), number(oid::CRL_NUMBER, own)];
        let listed = vec![entry(LEAF, DAY, &[])];
        let mut by = signer;
        let (numbers, entries, next) = match delta {
            "none" => return None,
            "removes" => (numbers(20, 21), vec![entry(LEAF, DAY, &[reason(8)])], 2),
            "same number" => (numbers(20, 20), listed, 2),
            "base too high" => (numbers(21, 22), listed, 2),
            "stale" => (numbers(20, 21), listed, -1),
            _ => (numbers(20, 21), listed, 2),
        };
        if delta == "by a stranger" {
            by = &self.stranger;
        }
        let scope_of = if delta == "other scope" {
            Some(scope(&[&full(&uri("http://c.example/"))]))
        } else {
            scope_of.clone()
        };
        let numbers = numbers.into_iter().chain([signer.authority_key()]);
        let extensions: Vec<Ext> = numbers.chain(scope_of).collect();
        let named = by.named(&signer.name);
        Some(named.crl(-4 * DAY, Some(next * DAY), &entries, &extensions))
    }
}

const A: &str = "http://a.example/crl";
const B: &str = "http://b.example/crl";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Revoked,
    NotRevoked,
    Unknown,
}

impl Case {
    fn ours(&self) -> (Verdict, String) {
        let mut data = RevocationData::new();
        for crl in &self.crls {
            data.add_of_letter(crl, &Limits::default());
        }
        let (provider, limits) = (Provider::default(), Limits::default());
        let anchors = std::slice::from_ref(&self.anchor);
        let at = UnixTime::from_seconds(now());
        let request = PathRequest::new(&self.leaf, anchors, Purpose::EmailSigning, at, &provider, &limits);
        let outcome = find(&request.intermediates(&self.between).revocations(&data));
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

    fn openssl(&self, folder: &std::path::Path) -> (Verdict, String) {
        write(folder, "root.pem", &[&self.anchor]);
        write(folder, "between.pem", &self.between.iter().collect::<Vec<_>>());
        write(folder, "leaf.pem", &[&self.leaf]);
        let crls: String = self.crls.iter().map(|crl| pem("X509 CRL", crl)).collect();
        std::fs::write(folder.join("crls.pem"), crls).unwrap();
        let told = openssl(
            folder,
            &format!(
                "verify -attime {} -crl_check_all -extended_crl -use_deltas -CAfile root.pem -untrusted between.pem \
                 -CRLfile crls.pem leaf.pem",
                now()
            )
            .replace("  ", " "),
        );
        // It goes on after most errors; the first one counts.
        let verdict =
            match told.lines().find(|line| line.contains("error ") && line.contains(" depth lookup")) {
                None if told.contains("leaf.pem: OK") => Verdict::NotRevoked,
                Some(first) if first.starts_with("error 23 at 0 depth") => Verdict::Revoked,
                _ => Verdict::Unknown,
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
        (Unknown, NotRevoked | Revoked) if is("dates", &["no end"]) => {
            Some("RFC 5280 §5.1.2.5: nextUpdate has to be there")
        }
        (NotRevoked | Unknown, Revoked) if is("entry", &["later"]) => {
            Some("RFC 5280 §5.1.2.6: revoked from revocationDate on; openssl does not read it")
        }
        (Revoked, Unknown) if is("dates", &["stale", "no end"]) => {
            Some("what is revoked stays revoked (RFC 5280 §5.3.1); openssl stops at the date")
        }
        (NotRevoked | Revoked, Unknown) if is("point", &["some reasons"]) => {
            Some("RFC 5280 §6.3.3, end: what the issuer lists of all counts, whatever the point says")
        }
        (Unknown, NotRevoked | Revoked)
            if is("point", &["issuer"]) && is("scope", &["a", "b", "indirect a"]) =>
        {
            Some(
                "RFC 5280 §6.3.3 (b)(2)(i): the name of the CRL has to be one of cRLIssuer; openssl takes any",
            )
        }
        (NotRevoked | Revoked, Unknown) if is("delta", &["by a stranger"]) => {
            Some("a stranger's delta hides nothing that the authority said; openssl stops there")
        }
        (Unknown, Revoked) if is("extension", &["critical", "critical in an entry"]) => {
            Some("RFC 5280 §5.2.4: a delta counts with its base, which cannot be used")
        }
        _ if is("extension", &["two of a kind"]) => {
            Some("X.520 §9: one extension of a kind; openssl takes either, here the CRL is not read")
        }
        (Unknown | Revoked, NotRevoked) if is("extension", &["critical", "critical in an entry"]) => {
            Some("RFC 5280 §5.2, §5.3: the newer CRL cannot be used; openssl goes back to the older one")
        }
        _ => None,
    }
}

#[test]
fn r_c6_crls_agree_with_openssl() {
    let Some(world) = World::new() else { return };
    let sizes: Vec<usize> = DIMENSIONS.iter().map(|(_, values)| values.len()).collect();
    let (mut counts, mut known, mut wrong) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    let mut rows = rows(&sizes, 450);
    // An indirect list of another authority, and one that only a newer key of the authority signed.
    for (point, scope, signer, entry) in
        [(0, 0, 0, 0), (0, 0, 0, 1), (0, 1, 0, 0), (5, 10, 3, 6), (0, 0, 1, 1)]
    {
        let mut base = vec![0; sizes.len()];
        (base[0], base[1], base[2], base[4]) = (point, scope, signer, entry);
        rows.extend(around(&base, &sizes));
    }
    for row in &rows {
        let value = values(row);
        let case = world.case(&value);
        let (ours, told) = case.ours();
        let (theirs, said) = case.openssl(world.folder.path());
        *counts.entry(ours).or_insert(0) += 1;
        if ours != theirs {
            match difference(&value, ours, theirs) {
                Some(why) => *known.entry(why).or_insert(0) += 1,
                None => wrong.push(format!("{value:?}\n  {ours:?} {told}\n  {theirs:?} {said}")),
            }
        }
    }
    println!("{} CRL cases: {counts:?}; known differences {known:#?}", rows.len());
    assert!(
        wrong.is_empty(),
        "{} differ\n{}",
        wrong.len(),
        wrong.iter().take(12).cloned().collect::<Vec<_>>().join("\n")
    );
    assert!(rows.len() >= 450 && counts.values().all(|count| *count > 20));
}

/// Each dimension decides somewhere: from one row that is otherwise the same to another, the verdict changes.
#[test]
fn r_c6_each_dimension_of_crls_flips_a_verdict() {
    let Some(world) = World::new() else { return };
    let plain = vec![0; DIMENSIONS.len()];
    let verdict = |row: &[usize]| world.case(&values(row)).ours().0;
    // What only matters to a certificate that is listed, or to a CRL of someone else's.
    let listed = {
        let mut row = plain.clone();
        row[4] = 1;
        row
    };
    let mut scoped = plain.clone();
    scoped[1] = 1;
    for (index, (name, values)) in DIMENSIONS.iter().enumerate() {
        let flips = [&plain, &listed, &scoped].iter().any(|base| {
            let before = verdict(base);
            (0..values.len()).any(|value| {
                let mut row = (*base).clone();
                row[index] = value;
                verdict(&row) != before
            })
        });
        assert!(flips || *name == "older", "{name}");
    }
    // The older list counts where the newer one cannot be read, and only for what it lists.
    let of_older = ["none", "listed before", "not listed before"].map(|older| {
        let mut row = plain.clone();
        (row[6], row[8]) = (1, DIMENSIONS[8].1.iter().position(|value| *value == older).unwrap());
        verdict(&row)
    });
    assert_eq!(of_older, [Verdict::Unknown, Verdict::Revoked, Verdict::Unknown]);
}
