//! DMARC beside opendmarc, which follows RFC 7489; RFC 9989 took its place, and decides where they differ.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::net::IpAddr;

use mailseal::outside::domain::{Connection, DkimSigner, DnsResolver, DomainCheck};

use crate::knot::{Knot, settings, txt, zone};
use crate::now;
use crate::support::{Program, missing, tool};

const KEY: &[u8] = b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----";

/// What is published below `_dmarc.`
const POLICIES: &[(&str, &str)] = &[
    ("example.com", "v=DMARC1; p=reject"),
    ("strict.example", "v=DMARC1; p=quarantine; adkim=s; aspf=s"),
    ("sub.example", "v=DMARC1; p=reject; sp=quarantine; np=none"),
    ("twice.example", "v=DMARC1; p=reject"),
    ("twice.example", "v=DMARC1; p=none"),
    ("beside.example", "v=DMARC1; p=reject"),
    ("beside.example", "some words"),
    ("pct.example", "v=DMARC1; p=reject; pct=0"),
    ("test.example", "v=DMARC1; p=reject; t=y"),
    ("none.example", "v=DMARC1; p=none"),
    ("example.co.uk", "v=DMARC1; p=reject"),
    ("mail.deep.example", "v=DMARC1; p=reject"),
    ("below.top.example", "v=DMARC1; p=quarantine"),
    ("top.example", "v=DMARC1; p=reject"),
    ("suffix.example", "v=DMARC1; p=reject; psd=y"),
    ("cut.whole.example", "v=DMARC1; p=reject; psd=n"),
    ("whole.example", "v=DMARC1; p=quarantine"),
    ("blanks.example", "v = DMARC1 ; p = reject ;"),
    ("dense.example", "v=DMARC1;p=reject;;adkim=s"),
    ("upper.example", "v=DMARC1; p=REJECT; adkim=S"),
    ("lower.example", "v=dmarc1; p=reject"),
    ("order.example", "p=reject; v=DMARC1"),
    ("alone.example", "v=DMARC1"),
    ("noreport.example", "v=DMARC1; sp=reject"),
    ("reported.example", "v=DMARC1; rua=mailto:r@reported.example"),
    ("bogus.example", "v=DMARC1; p=bogus"),
    ("bogusreport.example", "v=DMARC1; p=bogus; rua=mailto:r@bogusreport.example!10m"),
    ("bogussub.example", "v=DMARC1; p=reject; sp=bogus; rua=mailto:r@bogussub.example"),
    ("mode.example", "v=DMARC1; p=reject; adkim=x; aspf=relaxed"),
    ("report.example", "v=DMARC1; p=reject; fo=z; rua=nonsense; ruf=!; ri=never"),
    ("unknown.example", "v=DMARC1; x=y; p=quarantine; z"),
    ("xn--r8jz45g.jp", "v=DMARC1; p=reject"),
];

// Why opendmarc does not count, by the section of RFC 9989.
const WALK: &str = "4.10.2: the organization is found by its records, no list of suffixes is asked";
const NEW_TAGS: &str = "4.7: np, psd and t, which RFC 7489 did not have";
const STRICT: &str = "4.4: strict is the same name; opendmarc 1.4.2 takes one below or above it";
const SEVERAL: &str = "4.10: several records are none, and other texts beside one are nothing to it";
const VERSION: &str = "4.8: the version stands first, and blanks may stand around its =";
const REMAINDER: &str = "4.8: errors behind the version are left out";
const REPORTED: &str =
    "4.10.1: without a policy, or with a wrong one, but with somebody to report to, it is none";
const UNREPORTED: &str = "4.10.1: without both there is no DMARC";
const LABELS: &str = "5.3.1: U-labels are made A-labels";
const ONE_FROM: &str =
    "5.3.1: one domain, of a From that can be read in one way only; RFC 5322 has one field of mailboxes";
const ANSWERS: &str = "5.3.6: who got no answer cannot say pass, fail or none";

struct Case {
    from: &'static str,
    /// Domains that signed, and the one of the envelope; each passes.
    dkim: &'static str,
    spf: &'static str,
    ours: &'static str,
    /// What opendmarc says, and why it does not count; none where it says the same.
    theirs: Option<(&'static str, &'static str)>,
}

const fn case(from: &'static str, dkim: &'static str, spf: &'static str, ours: &'static str) -> Case {
    Case { from, dkim, spf, ours, theirs: None }
}

impl Case {
    const fn but(mut self, theirs: &'static str, why: &'static str) -> Self {
        self.theirs = Some((theirs, why));
        self
    }
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    // RFC 7489 B.1.1: SPF.
    case("example.com", "", "example.com", "pass reject"),
    case("example.com", "", "child.example.com", "pass reject"),
    case("child.example.com", "", "example.com", "pass reject"),
    case("example.com", "", "other.example", "fail reject"),
    // B.1.2: DKIM.
    case("example.com", "example.com", "", "pass reject"),
    case("child.example.com", "example.com", "", "pass reject"),
    case("example.com", "other.example", "", "fail reject"),
    case("example.com", "child.example.com", "", "pass reject"),
    case("a.example.com", "b.example.com", "", "pass reject"),
    // Both, several, none.
    case("example.com", "other.example example.com", "other.example", "pass reject"),
    case("example.com", "other.example", "example.com", "pass reject"),
    case("example.com", "", "", "fail reject"),
    case("EXAMPLE.com", "example.com", "", "pass reject"),
    case("example.com", "notexample.com", "notexample.com", "fail reject"),
    // Strict.
    case("strict.example", "strict.example", "", "pass quarantine"),
    case("strict.example", "a.strict.example", "a.strict.example", "fail quarantine").but("pass quarantine", STRICT),
    case("strict.example", "", "strict.example", "pass quarantine"),
    case("a.strict.example", "strict.example", "strict.example", "fail quarantine").but("pass quarantine", STRICT),
    case("a.strict.example", "a.strict.example", "", "pass quarantine"),
    // Of subdomains.
    case("sub.example", "", "other.example", "fail reject"),
    case("there.sub.example", "", "other.example", "fail quarantine"),
    case("gone.sub.example", "", "other.example", "fail none").but("fail quarantine", NEW_TAGS),
    case("there.sub.example", "sub.example", "", "pass quarantine"),
    // Records.
    case("twice.example", "twice.example", "", "none").but("pass none", SEVERAL),
    case("a.twice.example", "", "other.example", "none").but("fail none", SEVERAL),
    case("nothing.example", "nothing.example", "nothing.example", "none"),
    case("beside.example", "", "other.example", "fail reject").but("none", SEVERAL),
    case("alias.example", "alias.example", "", "pass reject"),
    case("pieces.example", "", "other.example", "fail reject"),
    case("none.example", "", "other.example", "fail none"),
    case("pct.example", "", "other.example", "fail reject"),
    case("test.example", "", "other.example", "fail quarantine").but("fail reject", NEW_TAGS),
    case("blanks.example", "blanks.example", "", "pass reject").but("none", VERSION),
    case("dense.example", "a.dense.example", "", "fail reject").but("pass reject", STRICT),
    case("upper.example", "a.upper.example", "", "fail reject").but("pass reject", STRICT),
    case("lower.example", "lower.example", "", "none"),
    case("order.example", "order.example", "", "none").but("pass reject", VERSION),
    case("alone.example", "alone.example", "", "none").but("permerror", UNREPORTED),
    case("noreport.example", "noreport.example", "", "none").but("permerror", UNREPORTED),
    case("reported.example", "", "other.example", "fail none").but("permerror", REPORTED),
    case("reported.example", "reported.example", "", "pass none").but("permerror", REPORTED),
    case("bogus.example", "bogus.example", "", "none").but("permerror", UNREPORTED),
    case("bogusreport.example", "", "other.example", "fail none").but("permerror", REPORTED),
    case("bogussub.example", "", "other.example", "fail none").but("permerror", REPORTED),
    case("mode.example", "a.mode.example", "", "pass reject").but("permerror", REMAINDER),
    case("mode.example", "", "a.mode.example", "pass reject").but("permerror", REMAINDER),
    case("report.example", "", "other.example", "fail reject").but("permerror", REMAINDER),
    case("unknown.example", "", "other.example", "fail quarantine"),
    // The organization.
    case("a.b.c.example.com", "x.y.example.com", "", "pass reject"),
    case("example.co.uk", "a.example.co.uk", "", "pass reject"),
    case("a.example.co.uk", "evil.co.uk", "evil.co.uk", "fail reject"),
    case("evil.co.uk", "example.co.uk", "co.uk", "none"),
    case("mail.deep.example", "deep.example", "", "fail reject").but("pass reject", WALK),
    case("mail.deep.example", "a.mail.deep.example", "", "pass reject"),
    case("a.mail.deep.example", "mail.deep.example", "", "pass reject").but("none", WALK),
    case("below.top.example", "top.example", "", "pass quarantine"),
    case("x.below.top.example", "top.example", "", "pass reject"),
    case("one.suffix.example", "a.one.suffix.example", "", "pass reject"),
    case("one.suffix.example", "two.suffix.example", "", "fail reject").but("pass reject", NEW_TAGS),
    case("cut.whole.example", "whole.example", "", "fail reject").but("pass reject", NEW_TAGS),
    case("cut.whole.example", "a.cut.whole.example", "", "pass reject"),
    case("whole.example", "cut.whole.example", "", "fail quarantine").but("pass quarantine", NEW_TAGS),
    case("1.2.3.4.5.6.7.8.9.example.com", "example.com", "", "pass reject"),
    case("xn--r8jz45g.jp", "xn--r8jz45g.jp", "", "pass reject"),
    case("例え.jp", "xn--r8jz45g.jp", "", "pass reject").but("none", LABELS),
    // From, in whole.
    case("From: a@example.com, b@example.com", "example.com", "", "pass reject"),
    case("From: a@example.com, b@EXAMPLE.com", "", "other.example", "fail reject"),
    case("From: a@example.com, b@other.example", "example.com", "example.com", "-"),
    case("From: a@example.com\r\nFrom: b@other.example", "example.com", "other.example", "-").but("pass reject", ONE_FROM),
    case("From: \"b@other.example\" <a@example.com>", "example.com", "", "pass reject"),
    case("From: a@example.com (b@other.example)", "example.com", "", "pass reject"),
    case("From: nobody", "example.com", "", "-"),
    case("From: Friends: a@example.com;", "example.com", "", "-").but("pass reject", ONE_FROM),
    case("Subject: nobody", "", "example.com", "-"),
    // The DNS says nothing.
    case("broken.test", "example.com", "", "temperror").but("none", ANSWERS),
    case("broken.test", "", "other.example", "temperror").but("none", ANSWERS),
    case("a.broken.test", "", "other.example", "temperror").but("none", ANSWERS),
];

impl Case {
    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.dkim.split_whitespace().chain(self.spf.split_whitespace())
    }

    /// With all its signatures.
    fn letter(&self) -> Vec<u8> {
        let field = if self.from.contains(':') { self.from.into() } else { format!("From: a@{}", self.from) };
        let mut letter = format!(
            "{field}\r\nTo: b@box.test\r\nDate: Mon, 5 Jan 2026 10:00:00 +0000\r\nMessage-ID: <1@box.test>\r\n\r\nHello\r\n"
        )
        .into_bytes();
        for domain in self.dkim.split_whitespace() {
            let mut signed = Vec::new();
            let signer = DkimSigner::load(KEY, domain, "s").unwrap();
            signer.sign(letter.as_slice(), now(), &mut signed).unwrap();
            letter = signed;
        }
        letter
    }

    fn sender(&self) -> String {
        format!("a@{}", if self.spf.is_empty() { "envelope.test" } else { self.spf })
    }

    /// What a server before opendmarc says.
    fn stamped(&self) -> Vec<u8> {
        let mut field = String::from("Authentication-Results: mx.box.test");
        for domain in self.dkim.split_whitespace() {
            write!(field, ";\r\n dkim=pass header.d={domain}").unwrap();
        }
        match self.spf {
            "" => field += ";\r\n spf=none smtp.mailfrom=envelope.test",
            domain => write!(field, ";\r\n spf=pass smtp.mailfrom={domain}").unwrap(),
        }
        [field.as_bytes(), b"\r\n", &self.letter()].concat()
    }

    fn name(&self) -> String {
        format!("{:?} dkim {:?} spf {:?}", self.from, self.dkim, self.spf)
    }
}

fn lines() -> String {
    let mut lines: String =
        POLICIES.iter().map(|(name, record)| txt(&format!("_dmarc.{name}"), record)).collect();
    let key = DkimSigner::load(KEY, "example.com", "s").unwrap().record();
    let names: BTreeSet<&str> = CASES.iter().flat_map(Case::names).collect();
    for name in names {
        lines += &txt(name, "v=spf1 ip4:192.0.2.1 -all");
        lines += &txt(&format!("s._domainkey.{name}"), &key);
    }
    lines += "there.sub.example. A 192.0.2.2\n_dmarc.alias.example. CNAME _dmarc.example.com.\n";
    lines += "_dmarc.pieces.example. TXT \"v=DMA\" \"RC1; p=re\" \"ject\"\n";
    lines
}

/// What opendmarc says of each letter, asking the same zone in a network of its own: it takes the servers of the system.
fn theirs() -> Option<Vec<String>> {
    let (unshare, opendmarc, knotd, ip) = (tool("unshare")?, tool("opendmarc")?, tool("knotd")?, tool("ip")?);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display();
    let write = |name: &str, text: &[u8]| fs::write(folder.path().join(name), text).unwrap();
    write("root.zone", zone(&lines()).as_bytes());
    write("knot.conf", settings(folder.path(), "127.0.0.1:53".parse().unwrap()).as_bytes());
    write("resolv.conf", b"nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
    write("suffixes", b"com\nuk\nco.uk\njp\nexample\ntest\n");
    write("nobody", b"192.0.2.254\n");
    write(
        "opendmarc.conf",
        format!("AuthservID mx.box.test\nPublicSuffixList {path}/suffixes\nIgnoreHosts {path}/nobody\n")
            .as_bytes(),
    );
    for (number, case) in CASES.iter().enumerate() {
        write(&format!("{number:03}.eml"), &case.stamped());
        write(&format!("{number:03}.eml.from"), format!("<{}>", case.sender()).as_bytes());
    }
    let script = format!(
        "cd {path} && {} link set lo up && mount --bind resolv.conf /etc/resolv.conf || exit 77\n\
         {} -c knot.conf >&2 & knot=$!\n\
         for try in $(seq 300); do [ -e pid ] && break; sleep 0.1; done\n\
         for file in *.eml; do echo \"CASE $file\"; OPENDMARC_TEST_ENVFROM=$(cat $file.from) {} -c opendmarc.conf -vv -t $file; done\n\
         kill $knot; wait $knot",
        ip.display(),
        knotd.display(),
        opendmarc.display()
    );
    let ran = Program::new(unshare).words("--mount --net sh -c").arg(script).run();
    let said = ran.text();
    let all: Vec<String> = said.split("CASE ").skip(1).map(result).collect();
    if all.is_empty() {
        missing("a network of one's own cannot be made");
        return None;
    }
    assert_eq!(all.len(), CASES.len(), "{said}");
    Some(all)
}

/// `### INSHEADER: … hvalue='mx.box.test; dmarc=pass (p=reject dis=none) header.from=example.com'`
fn result(said: &str) -> String {
    let Some((_, rest)) = said.split_once("dmarc=") else { return String::from("-") };
    let word = |text: &str| -> String { text.chars().take_while(char::is_ascii_alphabetic).collect() };
    let policy = rest.split_once("(p=").map(|(_, policy)| word(policy)).filter(|_| !rest.starts_with("none"));
    [Some(word(rest)), policy].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[test]
fn opendmarc_says_the_same() {
    let Some(theirs) = theirs() else { return };
    let Some(knot) = Knot::start(&lines()) else { return };
    let check = DomainCheck::new(DnsResolver::at(knot.address).unwrap());
    let client: IpAddr = "192.0.2.1".parse().unwrap();
    let mut wrong = String::new();
    for (case, theirs) in CASES.iter().zip(&theirs) {
        let connection = Connection::new(client, "", case.sender());
        let evidence = check.check(case.letter(), Some(&connection), now()).unwrap();
        let ours = evidence.dmarc.map_or("-".into(), |dmarc| {
            let policy = dmarc.policy.map(|policy| format!(" {policy}")).unwrap_or_default();
            format!("{}{policy}", dmarc.result.as_str())
        });
        if ours != case.ours {
            writeln!(wrong, "{}: {ours}, not {}", case.name(), case.ours).unwrap();
        }
        let expected = case.theirs.map_or(case.ours, |(theirs, _)| theirs);
        if theirs != expected {
            writeln!(wrong, "{}: opendmarc says {theirs}, not {expected}", case.name()).unwrap();
        }
    }
    let differ = CASES.iter().filter(|case| case.theirs.is_some()).count();
    println!("{} cases, opendmarc says otherwise of {differ}", CASES.len());
    assert!(wrong.is_empty(), "{wrong}");
    assert!(differ * 2 < CASES.len());
}
