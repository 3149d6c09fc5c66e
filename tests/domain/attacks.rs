//! Signatures of DKIM made to be misread, signed by openssl as `sealed.py` says, beside opendkim and dkimpy. RFC 6376 with
//! RFC 8301 decides where they differ.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use mailseal::outside::domain::{DnsResolver, DomainCheck};
use serde_json::{Value, json};

use crate::arc::{SCRIPT, zone};
use crate::knot::{Knot, txt};
use crate::now;
use crate::peers::python;
use crate::support::{Program, tool};

// Why others do not count.
const TWICE: &str = "RFC 6376 3.2: a tag that is there twice makes the list invalid";
const FROM: &str = "RFC 6376 5.4: From is signed";
const SHA1: &str = "RFC 8301 3.1: rsa-sha1 is not to be used";
const TWO_FROM: &str = "RFC 6376 8.15: what is signed is signed; that there are two, is seen elsewhere";
const OBSOLETE: &str = "RFC 5322 4.5.8: blanks before the colon are obsolete";
const FIRST: &str = "RFC 6376 6.1: one good signature is enough; it was asked for the first alone";
const LENGTH: &str = "RFC 6376 3.5: no more than there is";
const RECORD: &str = "RFC 6376 3.6.1: it does not read s, h and t, and takes zeros out of p";
const OCTETS: &str = "RFC 6376 3.6.1: a note is for people; it has no use for octets that are no ASCII";
const READER: &str = "its reader of files changes blanks behind the colon";

struct Case {
    name: &'static str,
    what: Value,
    ours: &'static str,
    /// Who takes it for good where we do not, or the other way round, and why that does not count.
    others: Vec<(&'static str, &'static str)>,
}

fn case(name: &'static str, what: Value, ours: &'static str) -> Case {
    Case { name, what, ours, others: Vec::new() }
}

impl Case {
    fn but(mut self, who: &'static str, why: &'static str) -> Self {
        self.others.push((who, why));
        self
    }
}

fn tagged(tags: Value) -> Value {
    json!({ "dkim": tags })
}

fn by(selector: &str) -> Value {
    tagged(json!({ "s": selector, "key": "s1024" }))
}

fn tags() -> Vec<Case> {
    vec![
        case("as it should be", tagged(json!({})), "pass"),
        case("no version", tagged(json!({ "v": null })), "permerror"),
        case("version 2", tagged(json!({ "v": "2" })), "neutral"),
        case("no algorithm", tagged(json!({ "a": null })), "permerror"),
        case("no domain", tagged(json!({ "d": null })), "neutral"),
        case("no selector", tagged(json!({ "s": null })), "neutral"),
        case("no fields", tagged(json!({ "h": null })), "neutral"),
        case("no body hash", tagged(json!({ "bh": null })), "neutral"),
        case("domain twice", tagged(json!({ "raw": "; d=example.org" })), "permerror").but("opendkim", TWICE),
        case("another domain behind", tagged(json!({ "raw": "; d=example.com" })), "permerror"),
        case("what is no tag", tagged(json!({ "raw": "; nonsense" })), "neutral"),
        case("a tag without a name", tagged(json!({ "raw": "; =x" })), "permerror"),
        case("an unknown tag", tagged(json!({ "y": "z" })), "pass"),
        case("From is not signed", tagged(json!({ "h": "to:subject:date" })), "permerror")
            .but("dkimpy", FROM),
        case("From twice", tagged(json!({ "h": "from:to:subject:date:from" })), "pass"),
        case("From in capitals", tagged(json!({ "h": "FROM:To" })), "pass"),
        case("itself is signed", tagged(json!({ "h": "from:dkim-signature" })), "fail"),
        case("a user of the domain", tagged(json!({ "i": "joe@example.org" })), "pass"),
        case("a user below it", tagged(json!({ "i": "@a.example.org" })), "pass"),
        case("a user elsewhere", tagged(json!({ "i": "@example.com" })), "fail"),
        case("a user of a longer name", tagged(json!({ "i": "@notexample.org" })), "fail"),
        case("asked elsewhere", tagged(json!({ "q": "http/xml" })), "permerror"),
        case("asked the usual way", tagged(json!({ "q": "dns/txt" })), "pass"),
        case("an unknown canonical form", tagged(json!({ "c": "nofws" })), "neutral"),
        case("ended", tagged(json!({ "x": "1600000001" })), "fail"),
        case("not ended", tagged(json!({ "x": "4000000000" })), "pass"),
        case("ends before it begins", tagged(json!({ "x": "1500000000" })), "fail"),
        case("rsa-sha1", tagged(json!({ "a": "rsa-sha1" })), "policy")
            .but("opendkim", SHA1)
            .but("dkimpy", SHA1),
        case("ed25519", tagged(json!({ "s": "ed", "a": "ed25519-sha256" })), "pass"),
        case("another algorithm than the key", tagged(json!({ "s": "ed", "key": "s1024" })), "fail"),
        case("a body hash of nothing", tagged(json!({ "bh": "" })), "neutral"),
    ]
}

fn fields() -> Vec<Case> {
    let from = json!(["From", " Joe <joe@example.org>"]);
    let with = |c: &str, h: &str, field: Value| json!({ "dkim": { "c": c, "h": h }, "fields": [from.clone(), field] });
    let mut all = vec![
        case("a From on top", json!({ "dkim": {}, "more": "From: mallory@example.com\r\n" }), "pass").but("dkimpy", TWO_FROM),
        case(
            "a From on top of two",
            json!({ "dkim": { "h": "from:from" }, "more": "From: mallory@example.com\r\n" }),
            "fail",
        ),
        case("a Subject on top", json!({ "dkim": {}, "more": "Subject: Pay\r\n" }), "pass"),
        case(
            "a sealed Reply-To",
            json!({ "dkim": { "h": "from:reply-to" }, "more": "Reply-To: m@example.com\r\n" }),
            "fail",
        ),
        case(
            "a blank before the colon",
            json!({ "dkim": { "h": "from:subject" }, "fields": [from, ["Subject ", " x"]] }),
            "fail",
        ).but("opendkim", OBSOLETE),
        case(
            "a good one below a bad one",
            json!({ "dkim": {}, "more": "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s1024; h=from; bh=AAAA; b=AAAA\r\n" }),
            "pass",
        ).but("dkimpy", FIRST),
    ];
    for c in ["simple/simple", "relaxed/relaxed"] {
        for field in [" x\r\n\ty", "", " ", "x  \t", "\tx\r\n \r\n\t", " caf\u{e9}"] {
            let odd = case("an odd field", with(c, "from:subject", json!(["Subject", field])), "pass");
            let read = c == "relaxed/relaxed" || field.starts_with(' ');
            all.push(if read { odd } else { odd.but("opendkim", READER) });
        }
        let both = json!({ "dkim": { "c": c, "h": "from:received:received:received" },
            "fields": [["Received", " 1"], ["Received", " 2"], from.clone()] });
        all.push(case("two of a name", both, "pass"));
    }
    all
}

fn bodies() -> Vec<Case> {
    let mut all = Vec::new();
    for c in ["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed"] {
        for body in [
            "",
            "\r\n",
            "\r\n\r\n",
            "x",
            "x\r\n\r\n\r\n",
            " \r\n",
            "\t \r\n x \r\n",
            " x\t\ty \r\n",
            "caf\u{e9}\r\n",
            ".\r\n",
        ] {
            let name = if c == "relaxed" { "its body simple" } else { "an odd body" };
            all.push(case(name, json!({ "dkim": { "c": c }, "body": body }), "pass"));
        }
    }
    let length = |l: &str, tail: &str| json!({ "dkim": { "l": l }, "body": "Hello\r\n", "tail": tail });
    all.extend([
        case("all of the body", length("7", ""), "pass"),
        case("something behind", length("7", "Pay me\r\n"), "pass"),
        case("a part", length("3", ""), "pass"),
        case("longer than the body", length("70", ""), "permerror").but("dkimpy", LENGTH),
        case("a length that is none", length("x", ""), "permerror"),
        case("a length below nothing", length("-7", ""), "neutral"),
        case("a length of many digits", length("99999999999999999999999", ""), "permerror")
            .but("dkimpy", LENGTH),
        case("a body and more", json!({ "dkim": {}, "tail": "Pay me\r\n" }), "fail"),
        case("empty lines behind", json!({ "dkim": {}, "tail": "\r\n\r\n" }), "pass"),
    ]);
    all
}

fn keys() -> Vec<Case> {
    vec![
        case("512 bits", tagged(json!({ "s": "s512" })), "policy"),
        case("768 bits", tagged(json!({ "s": "s768" })), "policy"),
        case("2048 bits", tagged(json!({ "s": "s2048" })), "pass"),
        case("very many bits", tagged(json!({ "s": "many" })), "pass"),
        case("no key", by("nobody"), "permerror"),
        case("revoked", by("revoked"), "permerror"),
        case("another key", by("s2048"), "fail"),
        case("no version", by("noversion"), "pass"),
        case("another version", by("otherversion"), "permerror"),
        case("another kind", by("otherkind"), "permerror"),
        case("not for mail", by("notmail"), "policy"),
        case("for mail and more", by("moremail"), "pass").but("dkimpy", RECORD),
        case("for sha1 alone", by("sha1"), "policy").but("dkimpy", RECORD),
        case("for both", by("bothsums"), "pass"),
        case("for tests", by("tests"), "pass"),
        case("with notes and unknown tags", by("notes"), "pass"),
        case("in pieces", by("pieces"), "pass"),
        case("by an alias", by("alias"), "pass"),
        case("by aliases in a circle", by("circle"), "permerror"),
        case("what is no record", by("bogus"), "permerror"),
        case(
            "for exactly this name, of it",
            tagged(json!({ "s": "exact", "key": "s1024", "i": "@example.org" })),
            "pass",
        ),
        case(
            "for exactly this name, below",
            tagged(json!({ "s": "exact", "key": "s1024", "i": "@a.example.org" })),
            "fail",
        )
        .but("dkimpy", RECORD),
        case("zeros in it", by("zeros"), "permerror").but("dkimpy", RECORD),
        case("octets of no text in it", by("octets"), "pass").but("opendkim", OCTETS),
        case("the DNS fails", tagged(json!({ "d": "broken.test", "s": "s", "key": "s1024" })), "temperror"),
    ]
}

/// What opendkim says of each file: `dkim=RESULT` of each signature, by a resolver of its own.
fn opendkim(folder: &Path, port: u16, letters: &[Vec<u8>]) -> Option<Vec<String>> {
    let opendkim = tool("opendkim")?;
    let path = folder.display();
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    write("nobody", "192.0.2.254\n");
    write(
        "unbound.conf",
        &format!(
            "server:\n do-not-query-localhost: no\n module-config: iterator\nforward-zone:\n name: \".\"\n forward-addr: 127.0.0.1@{port}\n"
        ),
    );
    let accept = ["BadSignature", "KeyNotFound", "NoSignature", "Security", "DNSError", "InternalError"]
        .map(|what| format!("On-{what} accept\n"));
    write(
        "opendkim.conf",
        &format!(
            "Mode v\nAlwaysAddARHeader yes\nAuthservID mx.box.test\n{}DNSTimeout 2\nMinimumKeyBits 1024\n\
             InternalHosts {path}/nobody\nExternalIgnoreList {path}/nobody\nResolverConfiguration {path}/unbound.conf\n",
            accept.concat()
        ),
    );
    let mut names = Vec::new();
    for (number, letter) in letters.iter().enumerate() {
        names.push(format!("{path}/{number:03}.eml"));
        fs::write(&names[number], letter).unwrap();
    }
    let said = names.iter().map(|name| {
        let ran = Program::new(&opendkim).words(&format!("-x {path}/opendkim.conf -vv -t")).arg(name).run();
        ran.text()
    });
    Some(said.collect())
}

#[test]
fn opendkim_and_dkimpy_say_the_same() {
    let (Some(python), Some(openssl)) = (python(), tool("openssl")) else { return };
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("sealed.py"), SCRIPT).unwrap();
    let mut lines = zone(folder.path(), &openssl);
    // 8192 take seconds to be made.
    let bits = std::env::var("MAILSEAL_RSA_BITS").unwrap_or_else(|_| "4096".into());
    for (name, bits) in [("s768", "768"), ("many", bits.as_str())] {
        let run = |words: &str| Program::new(&openssl).folder(folder.path()).words(words).ok();
        run(&format!("genrsa -traditional -out {name}.key {bits}"));
        let pem = String::from_utf8(run(&format!("pkey -in {name}.key -pubout"))).unwrap();
        let public: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        lines += &txt(&format!("{name}._domainkey.example.org"), &format!("v=DKIM1; k=rsa; p={public}"));
        if name == "s768" {
            let pem = String::from_utf8(run("pkey -in s1024.key -pubout")).unwrap();
            let good: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
            lines += &txt("exact._domainkey.example.org", &format!("v=DKIM1; t=s; p={good}"));
            let (first, rest) = good.split_at(100);
            let rest: Vec<String> = rest
                .as_bytes()
                .chunks(100)
                .map(|piece| format!("\"{}\"", String::from_utf8_lossy(piece)))
                .collect();
            let own = "_domainkey.example.org. TXT \"v=DKIM1; ";
            writeln!(lines, "zeros.{own}p={first}\" \"\\000\" {}", rest.join(" ")).unwrap();
            writeln!(lines, "octets.{own}n=caf\\233; p={first}\" {}", rest.join(" ")).unwrap();
        }
    }
    let Some(knot) = Knot::start(&lines) else { return };
    let cases: Vec<Case> = tags().into_iter().chain(fields()).chain(bodies()).chain(keys()).collect();
    let asked: Vec<&Value> = cases.iter().map(|case| &case.what).collect();
    let said = Program::new(python)
        .arg(folder.path().join("sealed.py"))
        .arg(knot.address.port().to_string())
        .arg(folder.path())
        .input(&serde_json::to_vec(&asked).unwrap())
        .ok();
    let said: Vec<Value> = serde_json::from_slice(&said).unwrap();
    let letters: Vec<Vec<u8>> = said
        .iter()
        .map(|one| one["letter"].as_str().unwrap().chars().map(|one| one as u8).collect())
        .collect();
    let Some(opendkim) = opendkim(folder.path(), knot.address.port(), &letters) else { return };
    let check = DomainCheck::new(DnsResolver::at(knot.address).unwrap());
    let (mut wrong, mut differ) = (String::new(), 0);
    for (number, case) in cases.iter().enumerate() {
        let evidence = check.check(letters[number].as_slice(), None, now()).unwrap();
        let best =
            evidence.dkim.iter().find(|one| one.result.as_str() == "pass").unwrap_or(&evidence.dkim[0]);
        let ours = best.result.as_str();
        let title = format!("{} {}", case.name, case.what);
        // Which of two is shown, DKIM does not say: then there is no DMARC.
        if case.name == "a From on top" {
            assert_eq!(evidence.dmarc, None);
        }
        if ours != case.ours {
            writeln!(wrong, "{title}: {ours} ({}), not {}", best.reason, case.ours).unwrap();
        }
        let good = [
            ("opendkim", opendkim[number].contains("dkim=pass")),
            ("dkimpy", said[number]["dkimpy"] == "pass"),
        ];
        for (who, good) in good {
            // Not what SMTP brings; its reader of files loses the signature of some.
            if who == "opendkim" && !letters[number].ends_with(b"\n") {
                continue;
            }
            let expected = (case.ours == "pass") != case.others.iter().any(|(other, _)| *other == who);
            differ += usize::from(case.others.iter().any(|(other, _)| *other == who));
            if good != expected {
                let said = opendkim[number].replace(['\r', '\n', '\t'], " ");
                writeln!(wrong, "{title}: {who} says {good} {}", if who == "opendkim" { &said } else { "" })
                    .unwrap();
            }
        }
    }
    println!("{} letters, {differ} judgements of opendkim and dkimpy are others", cases.len());
    assert!(wrong.is_empty(), "{wrong}");
}
