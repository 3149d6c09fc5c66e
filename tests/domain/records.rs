//! What is wrong with the records of a domain.

use mailseal::outside::domain::{Advice, RecordKind, examine};
use mailseal::report::Severity;

use crate::Zone;

const KEY: &str = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

fn good() -> Zone {
    Zone::default()
        .txt("b.example", "v=spf1 mx -all")
        .txt("s._domainkey.b.example", KEY)
        .txt("_dmarc.b.example", "v=DMARC1; p=reject; rua=mailto:r@b.example")
        .txt("_mta-sts.b.example", "v=STSv1; id=1")
        .txt("_smtp._tls.b.example", "v=TLSRPTv1; rua=mailto:r@b.example")
}

fn without(name: &str) -> Zone {
    let mut zone = good();
    zone.records.retain(|(owner, _), _| owner != name);
    zone
}

fn said(zone: &Zone) -> Vec<Advice> {
    examine(zone, "b.example", &["s"]).unwrap().iter().map(|one| one.advice).collect()
}

#[test]
fn nothing_is_said_of_what_is_right() {
    assert_eq!(said(&good()), []);
}

#[test]
fn every_fault_by_its_name() {
    let spf = |record: &str| without("b.example").txt("b.example", record);
    let key = |record: &str| without("s._domainkey.b.example").txt("s._domainkey.b.example", record);
    let dmarc = |record: &str| without("_dmarc.b.example").txt("_dmarc.b.example", record);
    // The key of RFC 6376 appendix C, of 1024 bits.
    let short = "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB";
    let eleven = "v=spf1 a a a a a a a a a a mx -all";
    let cases = [
        (without("b.example"), Advice::SpfMissing),
        (good().txt("b.example", "v=spf1 -all"), Advice::SpfSeveral),
        (spf("v=spf1 ipv4:1.2.3.4 -all"), Advice::SpfUnreadable),
        (spf(eleven), Advice::SpfTooManyLookups),
        (spf("v=spf1 include:c.example -all"), Advice::SpfIncludeMissing),
        (spf("v=spf1 +all"), Advice::SpfPassAll),
        (spf("v=spf1 a all"), Advice::SpfPassAll),
        (spf("v=spf1 a ?all"), Advice::SpfNeutralAll),
        (spf("v=spf1 a"), Advice::SpfNeutralAll),
        (spf("v=spf1 ptr -all"), Advice::SpfPtr),
        (good().silent("b.example", RecordKind::Txt), Advice::SpfUndecided),
        (without("s._domainkey.b.example"), Advice::DkimMissing),
        (key("v=DKIM1; p="), Advice::DkimRevoked),
        (key("v=DKIM1; p=AAAA"), Advice::DkimUnreadable),
        (key(short), Advice::DkimShort),
        (key(&format!("{KEY}; t=y")), Advice::DkimTesting),
        (key(&format!("{KEY}; s=tlsrpt")), Advice::DkimNotForMail),
        (good().silent("s._domainkey.b.example", RecordKind::Txt), Advice::DkimUndecided),
        (without("_dmarc.b.example"), Advice::DmarcMissing),
        (good().txt("_dmarc.b.example", "v=DMARC1; p=none"), Advice::DmarcSeveral),
        (dmarc("v=DMARC1; p=none; rua=mailto:r@b.example"), Advice::DmarcNone),
        (dmarc("v=DMARC1; p=reject; t=y; rua=mailto:r@b.example"), Advice::DmarcTesting),
        (dmarc("v=DMARC1; p=reject; sp=none; rua=mailto:r@b.example"), Advice::DmarcSubdomains),
        (dmarc("v=DMARC1; p=reject"), Advice::DmarcNoReports),
        (dmarc("v=DMARC1; p=reject; rua=mailto:r@c.example"), Advice::DmarcReportsRefused),
        (good().silent("_dmarc.b.example", RecordKind::Txt), Advice::DmarcUndecided),
        (without("_mta-sts.b.example"), Advice::MtaStsMissing),
        (without("_smtp._tls.b.example"), Advice::TlsRptMissing),
    ];
    for (zone, advice) in &cases {
        assert_eq!(said(zone), [*advice], "{}", advice.as_str());
    }
    let asked = good().txt("_dmarc.b.example", "x").txt("b.example._report._dmarc.c.example", "v=DMARC1");
    assert_eq!(said(&asked), [], "other records beside it");
    let named: Vec<Advice> = cases.iter().map(|(_, advice)| *advice).collect();
    let unseen: Vec<_> = Advice::ALL.iter().filter(|one| !named.contains(one)).collect();
    assert_eq!(unseen, [&Advice::DkimWeak, &Advice::DmarcUnreadable]);
    assert_eq!(Advice::MtaStsMissing.severity(), Severity::Info);
}

#[test]
fn names_that_are_none() {
    for name in ["", "example", "a@b.example", "."] {
        assert!(examine(&good(), name, &[]).is_err(), "{name}");
    }
}
