//! The examples of the RFCs.

use mailseal::outside::domain::RecordKind;
use mailseal::report::DomainResult;

use crate::{Zone, crlf, results};

/// RFC 8463 appendix A.3; the key of RSA is that of RFC 6376 appendix C.
const ED25519: &str = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
";
/// RFC 6376 appendix A.2, without the blank that was lost from its body: `simple` counts them.
const A2: &str = "DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;
      c=simple/simple; q=dns/txt; i=joe@football.example.com;
      h=Received : From : To : Subject : Date : Message-ID;
      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB
      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut
      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV
      4bmp/YzhwvcubU4=;
Received: from client1.football.example.com  [192.0.2.1]
      by submitserver.example.com with SUBMISSION;
      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game. Are you hungry yet?

Joe.
";
/// Of appendix C there.
const KEY_A2: &str = "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB";
/// RFC 8617 appendix B: what it says of ARC; nobody published its keys.
const CHAIN: &str = include_str!("rfc8617-b.eml");
const KEY_ED25519: &str = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const KEY_RSA: &str = "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB";

fn zone() -> Zone {
    Zone::default()
        .txt("brisbane._domainkey.football.example.com", KEY_ED25519)
        .txt("test._domainkey.football.example.com", KEY_RSA)
}

#[test]
fn rfc_8463_both_signatures_pass() {
    let evidence = zone().check(&crlf(ED25519));
    assert_eq!(results(&evidence.dkim), ["pass", "pass"], "{:?}", evidence.dkim);
    assert_eq!(evidence.dkim[0].algorithm, "ed25519-sha256");
    assert_eq!(evidence.dkim[1].selector, "test");
    // Nothing is published: then nobody asks for alignment, and the exact domain is one.
    assert_eq!(evidence.dmarc.unwrap().result, DomainResult::None);
    // As a file has it.
    assert_eq!(results(&zone().check(ED25519.as_bytes()).dkim), ["pass", "pass"]);
}

#[test]
fn rfc_6376_appendix_a_passes() {
    let zone = || Zone::default().txt("brisbane._domainkey.example.com", KEY_A2);
    let evidence = zone().check(&crlf(A2));
    assert_eq!(results(&evidence.dkim), ["pass"], "{:?}", evidence.dkim);
    assert_eq!(evidence.dkim[0].identity.as_deref(), Some("joe@football.example.com"));
    // The user is of a domain below: with t=s that is refused (§3.6.1).
    let strict = Zone::default().txt("brisbane._domainkey.example.com", &format!("{KEY_A2}; t=s"));
    assert_eq!(results(&strict.check(&crlf(A2)).dkim), ["fail"]);
    // As it stands in the text, folded otherwise: the signature is of simple headers.
    for (from, to) in [
        ("game. Are", "game.  Are"),
        ("client1.football.example.com  [", "client1.football.example.com ["),
        ("\n      h=", "\n h="),
    ] {
        assert_eq!(results(&zone().check(&crlf(&A2.replacen(from, to, 1))).dkim), ["fail"], "{from}");
    }
}

#[test]
fn rfc_8617_appendix_b_is_a_chain_without_keys() {
    let evidence = Zone::default().check(&crlf(CHAIN));
    let arc = evidence.arc.unwrap();
    assert_eq!(arc.sealers, ["lists.example.org", "gmail.example", "clochette.example.org"]);
    assert_eq!((arc.result, evidence.dkim[0].algorithm.as_str()), (DomainResult::Fail, "rsa-sha1"));
    let silent = Zone::default().silent("clochette._domainkey.clochette.example.org", RecordKind::Txt);
    assert_eq!(
        silent.check(&crlf(CHAIN)).arc.unwrap().result,
        DomainResult::Temperror,
        "the newest is asked first"
    );
}

#[test]
fn altered_in_body_or_header() {
    for (from, to) in [("hungry", "angry"), ("Is dinner", "Is lunch"), ("<joe@", "<jim@")] {
        let evidence = zone().check(&crlf(&ED25519.replace(from, to)));
        assert_eq!(results(&evidence.dkim), ["fail", "fail"], "{from}");
    }
    // A second From: both were sealed by naming From twice.
    let evidence = zone().check(&crlf(&ED25519.replace("To: Suzie", "From: x@y.example\nTo: Suzie")));
    assert_eq!(results(&evidence.dkim), ["fail", "fail"]);
}

#[test]
fn dmarc_of_rfc_7489_appendix_b() {
    // B.1.2 and B.1.3: aligned by DKIM exactly, by organization, not at all.
    let policy =
        |record: &str, name: &str| zone().txt(&format!("_dmarc.{name}"), record).check(&crlf(ED25519));
    let exact = policy("v=DMARC1; p=reject; adkim=s", "football.example.com").dmarc.unwrap();
    assert_eq!((exact.result, exact.policy.as_deref()), (DomainResult::Pass, Some("reject")));
    // The record of the organization; the signature is of a subdomain and From of another.
    let other = ED25519.replace("<joe@football.", "<joe@news.");
    let relaxed = zone().txt("_dmarc.example.com", "v=DMARC1; p=reject; sp=quarantine").check(&crlf(&other));
    assert_eq!(results(&relaxed.dkim), ["fail", "fail"]);
    assert!(relaxed.dkim[0].aligned);
    let dmarc = relaxed.dmarc.unwrap();
    // Nobody gave the connection, so SPF could still speak for it.
    assert_eq!((dmarc.result, dmarc.policy.as_deref()), (DomainResult::Neutral, Some("quarantine")));
    let strict = zone().txt("_dmarc.example.com", "v=DMARC1; p=reject; adkim=s").check(&crlf(&other));
    assert!(!strict.dkim[0].aligned);
}

#[test]
fn no_answer_is_temporary() {
    let mut silent = zone().silent("brisbane._domainkey.football.example.com", RecordKind::Txt);
    silent = silent.silent("_dmarc.football.example.com", RecordKind::Txt);
    let evidence = silent.check(&crlf(ED25519));
    assert_eq!(results(&evidence.dkim), ["temperror", "pass"]);
    assert_eq!(evidence.dmarc.as_ref().unwrap().result, DomainResult::Temperror);
    assert!(evidence.is_temporary());
}

#[test]
fn keys_that_are_no_proof() {
    let with = |key: &str| {
        let zone = Zone::default().txt("brisbane._domainkey.football.example.com", key);
        let evidence = zone.check(&crlf(ED25519));
        (evidence.dkim[0].result.as_str(), evidence.dkim[0].reason.clone())
    };
    assert_eq!(with("v=DKIM1; k=ed25519; p=").0, "permerror");
    assert_eq!(with("v=DKIM1; p=AAAA").0, "permerror");
    assert_eq!(with(&format!("{KEY_ED25519}; s=tlsrpt")).1, "a key that is not for mail");
    assert_eq!(with(&format!("{KEY_ED25519}; h=sha1")).1, "a key that is not for sha256");
    assert_eq!(Zone::default().check(&crlf(ED25519)).dkim[0].result.as_str(), "permerror");
}

#[test]
fn the_time_is_the_callers() {
    let ended = ED25519.replacen("t=1528637909;", "t=1528637909; x=1528637910;", 1);
    let evidence = zone().check(&crlf(&ended));
    assert_eq!(evidence.dkim[0].reason, "expired");
    // Before it ended it is what it is: the tag was added behind the signer's back.
    let check = mailseal::outside::domain::DomainCheck::new(zone());
    let before = check.check(crlf(&ended), None, mailseal::UnixTime::from_seconds(1_528_637_909)).unwrap();
    assert_ne!(before.dkim[0].reason, "expired");
    assert_eq!(results(&before.dkim), ["fail", "pass"]);
}
