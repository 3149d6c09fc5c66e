//! Chains of ARC of every form, sealed by openssl as `sealed.py` says, beside dkimpy; RFC 8617 decides where they differ. The
//! kinds of cases are those of the test suite of the working group, which stands under no licence.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use mailseal::outside::domain::{DnsResolver, DomainCheck};
use serde_json::{Value, json};

use crate::knot::{Knot, txt};
use crate::now;
use crate::peers::python;
use crate::support::{Program, tool};

pub(crate) const SCRIPT: &str = include_str!("sealed.py");

// Why dkimpy does not count.
const BOUND: &str = "RFC 8617 5.2: no more than 50";
const INSTANCE: &str = "RFC 8617 4.2.1: what has no instance is no set, and a field of ARC all the same";
const SILENT: &str = "RFC 8617 5.2: fail; it says nothing";
const CASE: &str = "RFC 5234 2.3: words of a grammar are of any case";
const SIMPLE: &str = "RFC 6376 3.5: without c, simple; it takes relaxed";
const FROM: &str = "RFC 6376 6.1.1: who does not sign From proves nothing";
const ED25519: &str = "RFC 8463; it has no such keys for ARC";
const RECORD: &str = "RFC 6376 3.6.1: s and h are lists";
const ANSWERS: &str = "its resolver says so of SERVFAIL";

struct Case {
    name: &'static str,
    what: Value,
    ours: &'static str,
    /// What dkimpy says, where that is something else, and why that does not count.
    dkimpy: Option<(&'static str, &'static str)>,
}

fn case(name: &'static str, what: Value, ours: &'static str) -> Case {
    Case { name, what, ours, dkimpy: None }
}

impl Case {
    fn but(mut self, said: &'static str, why: &'static str) -> Self {
        self.dkimpy = Some((said, why));
        self
    }
}

/// One set with other tags.
fn ams(tags: Value) -> Value {
    json!({ "sets": [{ "ams": tags }] })
}

fn seal(tags: Value) -> Value {
    json!({ "sets": [{ "seal": tags }] })
}

fn after(sets: usize, from: &str, to: &str) -> Value {
    json!({ "sets": vec![json!({}); sets], "after": [[from, to]] })
}

fn many(sets: usize) -> Value {
    json!({ "sets": vec![json!({}); sets] })
}

fn structure() -> Vec<Case> {
    vec![
        case("no set", many(0), "-"),
        case("one", many(1), "pass"),
        case("two", many(2), "pass"),
        case("five", many(5), "pass"),
        case("fifty", many(50), "pass"),
        case("fifty-one", many(51), "fail").but("pass", BOUND),
        case("no AAR", json!({ "sets": [{ "drop": ["aar"] }] }), "fail"),
        case("no AMS", json!({ "sets": [{ "drop": ["ams"] }] }), "fail"),
        case("no seal", json!({ "sets": [{ "drop": ["seal"] }] }), "fail"),
        case("two AAR", json!({ "sets": [{ "twice": ["aar"] }] }), "fail"),
        case("two AMS", json!({ "sets": [{ "twice": ["ams"] }] }), "fail"),
        case("two seals", json!({ "sets": [{ "twice": ["seal"] }] }), "fail"),
        case("no AAR below", json!({ "sets": [{ "drop": ["aar"] }, {}] }), "fail"),
        case("no AMS below", json!({ "sets": [{ "drop": ["ams"] }, {}] }), "fail"),
        case("no seal below", json!({ "sets": [{ "drop": ["seal"] }, {}] }), "fail"),
        case("a gap", json!({ "sets": [{}, { "i": 3 }] }), "fail"),
        case("begins at two", json!({ "sets": [{ "i": 2, "seal": { "cv": "none" } }] }), "fail"),
        case("instance twice", json!({ "sets": [{}, { "i": 1 }] }), "fail"),
        case("instance 0", json!({ "sets": [{ "i": 0 }] }), "fail").but("-", INSTANCE),
        case("instance x", json!({ "sets": [{ "i": "x" }] }), "fail").but("-", INSTANCE),
        case("instance -1", json!({ "sets": [{ "i": "-1" }] }), "fail").but("-", INSTANCE),
        case("instance of AAR alone", json!({ "sets": [{ "aar": "i=2; mx.example.org; none" }] }), "fail"),
        case("AAR without instance", json!({ "sets": [{ "aar": "mx.example.org; none" }] }), "fail"),
        case("cv of the first pass", seal(json!({ "cv": "pass" })), "fail"),
        case("cv of the second none", json!({ "sets": [{}, { "seal": { "cv": "none" } }] }), "fail"),
        case("cv fail", json!({ "sets": [{}, { "seal": { "cv": "fail" } }] }), "fail").but("None", SILENT),
        case("cv fail below", json!({ "sets": [{}, { "seal": { "cv": "fail" } }, {}] }), "fail")
            .but("None", SILENT),
        case("cv missing", seal(json!({ "cv": null })), "fail"),
        case("cv bogus", seal(json!({ "cv": "bogus" })), "fail"),
        case("cv in capitals", seal(json!({ "cv": "NONE" })), "pass").but("fail", CASE),
        case("body altered", after(1, "Hello,", "Hullo,"), "fail"),
        case("body altered, second", after(2, "Hello,", "Hullo,"), "fail"),
        case("field altered", after(1, "<joe@", "<jim@"), "fail"),
        case("AAR altered", after(1, "dkim=pass", "dkim=fail"), "fail"),
        case("AAR below altered", after(2, "i=1; mx.example.org", "i=1; mx.example.com"), "fail"),
        case("AMS altered", after(1, "c=relaxed/relaxed", "c=simple/relaxed"), "fail"),
        case("blanks altered", after(1, "Is  dinner\r\n\tready?", "Is dinner ready?"), "pass"),
        case("blanks of a seal altered", after(1, "; cv=none", ";\r\n\t cv=none"), "pass"),
    ]
}

fn tags() -> Vec<Case> {
    let mut all = Vec::new();
    for tag in ["a", "d", "s", "h", "bh", "i"] {
        all.push(case("AMS lacks a tag", ams(json!({ tag: null })), "fail"));
    }
    for tag in ["a", "d", "s", "i"] {
        all.push(case("seal lacks a tag", seal(json!({ tag: null })), "fail"));
    }
    all.extend([
        case("no t", json!({ "sets": [{ "ams": { "t": null }, "seal": { "t": null } }] }), "pass"),
        case("no c: simple", ams(json!({ "c": null })), "fail").but("pass", SIMPLE),
        case("v is ignored", ams(json!({ "v": "1" })), "pass"),
        case("AMS has an unknown tag", ams(json!({ "y": "z" })), "pass"),
        case("seal has an unknown tag", seal(json!({ "y": "z" })), "pass"),
        case("seal has h", seal(json!({ "h": "from" })), "fail"),
        case("AMS has a tag twice", ams(json!({ "raw": "; d=example.org" })), "fail"),
        case("seal has a tag twice", seal(json!({ "raw": "; d=example.org" })), "fail"),
        case("AMS has what is no tag", ams(json!({ "raw": "; =x" })), "fail"),
        case("seal has what is no tag", seal(json!({ "raw": "; nonsense" })), "fail"),
        case("h without From", ams(json!({ "h": "to:subject:date" })), "fail").but("pass", FROM),
        case("h empty", ams(json!({ "h": "" })), "fail").but("pass", FROM),
        case("h with what is not there", ams(json!({ "h": "from:to:cc:cc:subject:date" })), "pass"),
        case("h with From twice", ams(json!({ "h": "from:from:to:subject:date" })), "pass"),
        case("h with ARC-Seal", ams(json!({ "h": "from:arc-seal" })), "fail"),
        case("blanks in h", ams(json!({ "h": "from : to\r\n\t: subject:date" })), "pass"),
        case("bh of something else", ams(json!({ "bh": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" })), "fail"),
        case("ended", ams(json!({ "x": "1767600001" })), "fail"),
        case("not ended", ams(json!({ "x": "1900000000" })), "pass"),
        case("ends before it begins", ams(json!({ "x": "1767500000" })), "fail"),
        case("a bogus", ams(json!({ "raw": "", "a": null, "A": "rsa-sha256" })), "fail"),
        case("rsa-sha1 of AMS", ams(json!({ "a": "rsa-sha1" })), "fail"),
        case("rsa-sha1 of seal", seal(json!({ "a": "rsa-sha1" })), "fail"),
        case("ed25519", json!({ "sets": [{ "key": "ed", "ams": { "a": "ed25519-sha256" }, "seal": { "a": "ed25519-sha256" } }] }), "pass").but("fail", ED25519),
        case("both kinds of keys", json!({ "sets": [{ "key": "ed", "ams": { "a": "ed25519-sha256" }, "seal": { "a": "ed25519-sha256" } }, {}] }), "pass").but("fail", ED25519),
    ]);
    all
}

fn keys() -> Vec<Case> {
    let of = |name: &str| json!({ "sets": [{ "key": name }] });
    let below = |name: &str| json!({ "sets": [{ "key": name }, {}] });
    // The keys are all good, and their records say of what they are.
    let record = |name: &str| json!({ "sets": [{ "ams": { "s": name, "key": "s1024" }, "seal": { "s": name, "key": "s1024" } }] });
    vec![
        case("512 bits", of("s512"), "fail"),
        case("512 bits below", below("s512"), "fail"),
        case("2048 bits", of("s2048"), "pass"),
        case("2048 bits, then 1024", below("s2048"), "pass"),
        case("no key", record("nobody"), "fail"),
        case("revoked", record("revoked"), "fail"),
        case("another key", record("s2048"), "fail"),
        case("no version", record("noversion"), "pass"),
        case("another version", record("otherversion"), "fail"),
        case("another kind", record("otherkind"), "fail"),
        case("not for mail", record("notmail"), "fail"),
        case("for mail and more", record("moremail"), "pass").but("fail", RECORD),
        case("for sha1 alone", record("sha1"), "fail").but("pass", RECORD),
        case("for both", record("bothsums"), "pass"),
        case("for tests", record("tests"), "pass"),
        case("with notes and unknown tags", record("notes"), "pass"),
        case("in pieces", record("pieces"), "pass"),
        case("by an alias", record("alias"), "pass"),
        case("by aliases in a circle", record("circle"), "fail").but("NoNameservers", ANSWERS),
        case("what is no record", record("bogus"), "fail"),
        case("the DNS fails", json!({ "sets": [{ "seal": { "d": "broken.test" } }] }), "temperror")
            .but("NoNameservers", ANSWERS),
    ]
}

/// Keys of example.org in a folder, and what the DNS says of them.
pub(crate) fn zone(folder: &Path, openssl: &Path) -> String {
    let run = |words: &str| Program::new(openssl).folder(folder).words(words).ok();
    let public = |name: &str| -> String {
        let pem = String::from_utf8(run(&format!("pkey -in {name}.key -pubout"))).unwrap();
        pem.lines().filter(|line| !line.starts_with('-')).collect()
    };
    let mut zone = String::new();
    let mut add = |name: &str, record: &str| {
        zone += &txt(&format!("{name}._domainkey.example.org"), record);
    };
    for bits in ["512", "1024", "2048"] {
        run(&format!("genrsa -traditional -out s{bits}.key {bits}"));
        let public = public(&format!("s{bits}"));
        add(&format!("s{bits}"), &format!("v=DKIM1; k=rsa; p={public}"));
    }
    run("genpkey -algorithm ed25519 -out ed.key");
    add("ed", &format!("v=DKIM1; k=ed25519; p={}", &public("ed")[16..]));
    let good = public("s1024");
    for (name, before, behind) in [
        ("noversion", "", ""),
        ("otherversion", "v=DKIM2; ", ""),
        ("otherkind", "v=DKIM1; k=dsa; ", ""),
        ("notmail", "v=DKIM1; s=tlsrpt; ", ""),
        ("moremail", "v=DKIM1; s=tlsrpt:email; ", ""),
        ("sha1", "v=DKIM1; h=sha1; ", ""),
        ("bothsums", "v=DKIM1; h=sha1:sha256; ", ""),
        ("tests", "v=DKIM1; t=y; ", ""),
        ("notes", "v=DKIM1; n=of =3B no use; z=what; ", "; y=z;"),
    ] {
        add(name, &format!("{before}p={good}{behind}"));
    }
    add("revoked", "v=DKIM1; p=");
    add("bogus", "v=DKIM1; p=!!!");
    let own = "_domainkey.example.org.";
    let (first, second) = good.split_at(7);
    writeln!(zone, "pieces.{own} TXT \"v=DK\" \"\" \"IM1; p={first}\" \"{second}\"").unwrap();
    writeln!(
        zone,
        "alias.{own} CNAME s1024.{own}\ncircle.{own} CNAME square.{own}\nsquare.{own} CNAME circle.{own}"
    )
    .unwrap();
    zone
}

#[test]
fn dkimpy_says_the_same_of_chains() {
    let (Some(python), Some(openssl)) = (python(), tool("openssl")) else { return };
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("sealed.py"), SCRIPT).unwrap();
    let Some(knot) = Knot::start(&zone(folder.path(), &openssl)) else { return };
    let cases: Vec<Case> = structure().into_iter().chain(tags()).chain(keys()).collect();
    let asked: Vec<&Value> = cases.iter().map(|case| &case.what).collect();
    let said = Program::new(python)
        .arg(folder.path().join("sealed.py"))
        .arg(knot.address.port().to_string())
        .arg(folder.path())
        .input(&serde_json::to_vec(&asked).unwrap())
        .ok();
    let said: Vec<Value> = serde_json::from_slice(&said).unwrap();
    assert_eq!(said.len(), cases.len());
    let check = DomainCheck::new(DnsResolver::at(knot.address).unwrap());
    let (mut wrong, mut differ) = (String::new(), 0);
    for (case, said) in cases.iter().zip(&said) {
        let letter: Vec<u8> = said["letter"].as_str().unwrap().chars().map(|one| one as u8).collect();
        let arc = check.check(letter, None, now()).unwrap().arc;
        let (ours, why) = arc.map_or(("-", String::new()), |arc| (arc.result.as_str(), arc.reason));
        if ours != case.ours {
            writeln!(wrong, "{} {}: {ours} ({why}), not {}", case.name, case.what, case.ours).unwrap();
        }
        let theirs = match said["dkimpy"].as_str().unwrap() {
            "none" => "-",
            other => other,
        };
        let expected = case.dkimpy.map_or(case.ours, |(said, _)| said);
        differ += usize::from(case.dkimpy.is_some());
        if theirs != expected {
            writeln!(wrong, "{} {}: dkimpy says {theirs}, not {expected}", case.name, case.what).unwrap();
        }
    }
    println!("{} chains, dkimpy says otherwise of {differ}", cases.len());
    assert!(wrong.is_empty(), "{wrong}");
}
