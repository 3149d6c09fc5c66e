//! Letters and records made to break something.

use std::sync::atomic::Ordering;

use mailseal::Limits;
use mailseal::outside::domain::{Connection, DnsError, DomainCheck, RecordKind, Resolver};
use mailseal::report::DomainResult;
use proptest::prelude::*;

use crate::{Zone, now, results};

/// Answers every question with the same record.
#[derive(Clone)]
struct Same(Vec<u8>);

impl Resolver for Same {
    fn lookup(&self, _: &str, _: RecordKind) -> Result<Vec<Vec<u8>>, DnsError> {
        Ok(vec![self.0.clone()])
    }
}

#[test]
fn a_thousand_signatures_cost_ten() {
    let one = "DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s; h=from; bh=AAAA; l=7; b=AAAA\r\n";
    let letter = format!("{}From: a@b.example\r\n\r\nHello\r\n", one.repeat(900));
    let zone = Zone::default();
    let evidence = zone.check(letter.as_bytes());
    assert_eq!(evidence.dkim.len(), 10);
    assert!(zone.asked.load(Ordering::Relaxed) < 40);
    let few = DomainCheck::new(zone).limits(Limits::default().header_fields(100));
    assert!(few.check(letter.as_bytes(), None, now()).is_err());
}

/// Every name in `h=` is looked for in the whole header.
#[test]
fn names_without_end_are_not_looked_for() {
    let start = std::time::Instant::now();
    let letters = || (b'a'..=b'z').map(char::from);
    let names: Vec<String> = letters()
        .flat_map(|one| {
            letters().flat_map(move |two| letters().map(move |three| format!("{one}{two}{three}")))
        })
        .take(15_000)
        .collect();
    let bh = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let one = format!(
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=d.example; s=s; bh={bh}; b=AAAA;\r\n h=from:{}\r\n",
        names.join(":")
    );
    let letter = format!("{}{}From: a@b.example\r\n\r\n", one.repeat(10), "X: y\r\n".repeat(900));
    let key = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    let evidence = DomainCheck::new(Same(key.into())).check(letter.as_bytes(), None, now()).unwrap();
    assert_eq!(results(&evidence.dkim), ["permerror"; 10], "{:?}", evidence.dkim[0].reason);
    assert_eq!(evidence.dkim[0].reason, "too many fields");
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

/// One record of 64 KiB whose macros stand for 3 MB of labels.
#[test]
fn macros_that_grow() {
    let start = std::time::Instant::now();
    let domain = format!("{}b.example", "a.".repeat(120));
    for letter in ["d", "h", "S", "l.-r"] {
        let record = format!("v=spf1 exists:{}.b.example -all", format!("%{{{letter}}}").repeat(12_000));
        let check = DomainCheck::new(Same(record.into()));
        let connection = Connection::new(
            "192.0.2.1".parse().unwrap(),
            domain.as_str(),
            format!("{}@{domain}", "x-".repeat(99)),
        );
        let evidence = check.check(b"From: a@b.example\r\n\r\n", Some(&connection), now()).unwrap();
        assert_ne!(evidence.spf[1].result, DomainResult::Pass);
    }
    let includes = format!("v=spf1 {} -all", "include:a.example ".repeat(3_000));
    let said = mailseal::outside::domain::examine(&Same(includes.into()), "b.example", &[]).unwrap();
    assert!(said.iter().any(|one| one.advice.as_str() == "spf_too_many_lookups"), "{said:?}");
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn records_that_never_end() {
    let connection = Connection::new("192.0.2.1".parse().unwrap(), "h.example", "a@b.example");
    for record in [
        "v=spf1 include:b.example",
        "v=spf1 redirect=b.example",
        "v=spf1 include:%{l}.b.example include:%{d}.%{d}.%{d}.%{d}",
        "v=spf1 mx mx mx mx mx mx mx mx mx mx mx mx",
        "v=spf1 -exists:%{p}.%{p}.%{p} ptr a:%{h}",
    ] {
        for client in ["192.0.2.1", "2001:db8::1"] {
            let connection = Connection::new(client.parse().unwrap(), "h.example", "a@b.example");
            let check = DomainCheck::new(Same(record.into()));
            let evidence = check.check(b"From: a@b.example\r\n\r\n", Some(&connection), now()).unwrap();
            let wanted =
                if record.contains("exists:") { DomainResult::Neutral } else { DomainResult::Permerror };
            assert_eq!(evidence.spf[1].result, wanted, "{record}");
        }
    }
    // Nobody is asked for ever.
    let zone = Zone::default();
    let none = DomainCheck::new(zone.clone()).limits(Limits::default().dns_lookups(0));
    let evidence = none.check(b"From: a@b.example\r\n\r\n", Some(&connection), now()).unwrap();
    assert_eq!(zone.asked.load(Ordering::Relaxed), 0);
    assert_eq!(evidence.dmarc.unwrap().result, DomainResult::Temperror);
}

#[test]
fn letters_that_are_none() {
    for letter in [
        "",
        "\r\n",
        "From",
        "From:",
        "DKIM-Signature:\r\nFrom: a@b.example",
        "DKIM-Signature: v=1",
        "ARC-Seal: i=1\r\n\r\n",
        "From: a@b.example, c@d.example\r\n\r\n",
        "From: \"a@b\"@c.example\r\nDKIM-Signature: v=1; a=rsa-sha256; d=; s=; h=; bh=; b=\r\n\r\n",
    ] {
        let evidence = Zone::default().check(letter.as_bytes());
        assert!(!results(&evidence.dkim).contains(&"pass"), "{letter}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("MAILSEAL_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(300)
    ))]

    #[test]
    fn nothing_makes_it_panic(
        record in prop::collection::vec(
            prop::sample::select(vec![
                "v=spf1", " ", "include:", "exists:", "a", "mx", "ptr", "redirect=", "%{", "}", "%{s}", "%{p2r.-}", "%{d999}", "/", "//", "0", "129",
                "ip4:", "1.2.3.4", "ip6:", "::", "all", "-", "~", "?", ":", "=", ".", "b.example", "\u{e9}", "v=DKIM1;", "p=", "AAAA", "k=rsa;",
                "k=ed25519;", "v=DMARC1;", "p=none;", "rua=mailto:x@", "sp=", "t=y", "psd=y;", "\0", "\"", "%_", "%%",
            ]),
            0..24,
        ),
        fields in prop::collection::vec(
            prop::sample::select(vec![
                "DKIM-Signature:", "ARC-Seal:", "ARC-Message-Signature:", "ARC-Authentication-Results:", " ", "\r\n", "\r\n ", "v=1;", "a=rsa-sha256;",
                "a=ed25519-sha256;", "a=rsa-sha1;", "d=b.example;", "s=s;", "h=from:from;", "bh=AAAA;", "b=AAAA;", "b=;", "l=5;", "l=99999999999999999999;", "i=1;",
                "i=51;", "cv=none;", "cv=pass;", "x=1;", "t=18446744073709551615;", "c=relaxed;", "c=simple/relaxed;", "q=", "z=", ";", "=", "From: a@b.example\r\n",
                "DKIM2-Signature:", "Message-Instance:", "\u{0}", "\r", "\n", "\u{e9}", "r=y;", "atps=b.example;", "atpsh=sha1;", "x.example; none",
            ]),
            0..60,
        ),
        client in prop::sample::select(vec!["192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"]),
        helo in "[a-z.\\[\\]%{}\u{e9} ]{0,12}",
        sender in "[a-z@.%{}\"\u{e9}]{0,16}",
    ) {
        let letter = format!("{}\r\n\r\nbody\r\n", fields.concat());
        let connection = Connection::new(client.parse().unwrap(), helo, sender);
        let check = DomainCheck::new(Same(record.concat().into_bytes()));
        let _ = check.check(letter.as_bytes(), Some(&connection), now());
        let _ = mailseal::outside::domain::examine(&Same(record.concat().into_bytes()), "b.example", &["s"]);
    }
}

/// A signature that says nothing of From stands below any From.
#[test]
fn who_does_not_sign_from_proves_nothing() {
    use mail_auth::common::crypto::Ed25519Key;
    use mail_auth::common::headers::HeaderWriter;
    let pkcs8 = Ed25519Key::generate_pkcs8().unwrap();
    let public = Ed25519Key::from_pkcs8_maybe_unchecked_der(&pkcs8).unwrap().public_key();
    let zone = Zone::default()
        .txt(
            "s._domainkey.b.example",
            &format!("v=DKIM1; k=ed25519; p={}", base64_simd::STANDARD.encode_to_string(public)),
        )
        .txt("_dmarc.b.example", "v=DMARC1; p=reject");
    let sign = |names: &[&str]| {
        let key = Ed25519Key::from_pkcs8_maybe_unchecked_der(&pkcs8).unwrap();
        let signer = mail_auth::dkim::DkimSigner::from_key(key).domain("b.example").selector("s");
        let letter = "From: a@b.example\r\nSubject: x\r\n\r\nHello\r\n";
        let signature = signer.headers(names.iter().copied()).sign(letter.as_bytes()).unwrap();
        let letter = signature.to_header() + letter;
        let evidence = zone.check(letter.replace("a@b.example", "boss@b.example").as_bytes());
        let own = zone.check(letter.as_bytes());
        [own, evidence].map(|one| (one.dkim[0].result, one.dmarc.unwrap().result == DomainResult::Pass))
    };
    let [own, other] = sign(&["From", "Subject"]);
    assert_eq!((own, other.1), ((DomainResult::Pass, true), false));
    assert_eq!(sign(&["Subject"]), [(DomainResult::Permerror, false); 2]);
}

/// A record of the largest size, made of names of one letter.
#[test]
fn long_names_of_macros() {
    let record = format!("v=spf1 {} -all", format!("exists:{}b.example ", "%{l}.".repeat(1_500)).repeat(8));
    let sender = format!("{}@b.example", "a.".repeat(1_000).trim_end_matches('.'));
    let connection = Connection::new("192.0.2.1".parse().unwrap(), "", sender);
    let start = std::time::Instant::now();
    let check = DomainCheck::new(Same(record.into_bytes()));
    check.check(b"From: a@b.example\r\n\r\n", Some(&connection), now()).unwrap();
    assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
}

/// Evidence of another letter, or of another From in it, says nothing of this one.
#[test]
fn evidence_of_another_letter() {
    use mailseal::report::{DmarcEvidence, DomainEvidence, DomainSource, Relation};
    use mailseal::{Context, Opener, TrustStore};
    let opener = Opener::new(&Context::new(TrustStore::new()));
    for (from, relation) in
        [("a@good.example", Relation::SameDomain), ("a@evil.example", Relation::OtherDomain)]
    {
        let letter = format!("From: {from}\r\n\r\nHello\r\n");
        let mut opened = opener.open(letter.as_bytes(), now()).unwrap();
        let mut evidence = DomainEvidence::new(DomainSource::Checked);
        let mut dmarc = DmarcEvidence::default();
        (dmarc.result, dmarc.domain) = (DomainResult::Pass, String::from("good.example"));
        evidence.dmarc = Some(dmarc);
        opened.add_domain(evidence);
        assert_eq!(opened.report.domain.unwrap().agreement.domain_with_from, Some(relation), "{from}");
    }
}
