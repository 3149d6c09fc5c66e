//! Signature, domain and transport side by side.

use mailseal::report::{Code, DomainResult, DomainSource, Relation, Report};
use mailseal::{Context, Opener, Outcome, Policy, Scope, TrustStore};

use crate::now;

const LETTER: &str = include_str!("../../examples/letters/openssl.eml");

fn open(head: &str, hops: Option<usize>) -> Report {
    let anchors = include_bytes!("../../examples/letters/openssl-ca.pem");
    let trust = TrustStore::new().anchors(anchors, Scope::any()).unwrap();
    let mut opener = Opener::new(&Context::new(trust)).trusted_results("mx.box.test".parse().unwrap());
    if let Some(hops) = hops {
        opener = opener.trusted_hops(hops);
    }
    opener.open(format!("{head}{LETTER}").as_bytes(), now()).unwrap().report
}

const TOP: &str =
    "Received: from mail.example.com by mx.box.test with ESMTPS id 1; Mon, 5 Jan 2026 00:00:00 +0000\r\n";
const OLD: &str = "Received: from x by mail.example.com with ESMTP; Mon, 5 Jan 2026 00:00:00 +0000\r\n";

#[test]
fn all_three_agree() {
    let said = "Authentication-Results: mx.box.test; dmarc=pass header.from=example.com;\r\n dkim=pass header.d=example.com \
        header.i=alice@example.com; spf=pass smtp.mailfrom=alice@example.com\r\n";
    for head in [format!("{said}{TOP}{OLD}"), format!("{TOP}{said}{OLD}")] {
        let report = open(&head, Some(1));
        let domain = report.domain.as_ref().unwrap();
        assert_eq!(domain.source, DomainSource::Trusted { authserv_id: "mx.box.test".into() });
        assert_eq!(domain.dmarc.as_ref().unwrap().result, DomainResult::Pass);
        assert_eq!(domain.agreement.signer.as_deref(), Some("alice@example.com"));
        assert_eq!(domain.agreement.signer_with_from, Some(Relation::SameAddress));
        assert_eq!(domain.agreement.domain_with_from, Some(Relation::SameAddress), "by i=");
        let transport = report.transport.as_ref().unwrap();
        assert_eq!((transport.hops.len(), transport.untrusted, transport.hops[0].tls), (1, 1, Some(true)));
        assert_eq!(Policy::standard().judge(&report).outcome, Outcome::Good);
    }
}

#[test]
fn another_domain_signs_for_a_list() {
    let said = "Authentication-Results: mx.box.test; dmarc=fail header.from=example.com; dkim=pass header.d=list.example; \
        sender-id=pass header.from=example.com\r\n";
    let report = open(&format!("{said}{TOP}"), None);
    let agreement = &report.domain.as_ref().unwrap().agreement;
    assert_eq!(agreement.domain.as_deref(), Some("list.example"));
    assert_eq!(agreement.domain_with_signer, Some(Relation::OtherDomain));
    let codes: Vec<Code> = report.findings.iter().map(|one| one.code).collect();
    assert!(codes.contains(&Code::DomainFailed) && codes.contains(&Code::SenderId));
    // A list does this to good letters.
    assert_eq!(Policy::standard().judge(&report).outcome, Outcome::Good);
}

#[test]
fn forged_results_are_not_read() {
    let ours = "Authentication-Results: mx.box.test; dmarc=fail header.from=example.com\r\n";
    let forged = "Authentication-Results: mx.box.test; dmarc=pass header.from=example.com; dkim=pass header.d=example.com\r\n";
    let result = |head: &str| {
        let report = open(head, None);
        report.domain.map(|domain| (domain.dmarc.map(|dmarc| dmarc.result), domain.dkim.len()))
    };
    let fail = Some((Some(DomainResult::Fail), 0));
    // Below the line of a hop that nobody trusts, and below our own.
    assert_eq!(result(&format!("{TOP}{OLD}{forged}")), None);
    assert_eq!(result(&format!("{ours}{TOP}{forged}")), fail);
    // By others, unreadable, in an unknown version, sealed by somebody.
    for head in [
        "Authentication-Results: mx.example; dmarc=pass\r\n",
        "Authentication-Results: mx.box.test 2; dmarc=pass\r\n",
        "ARC-Authentication-Results: i=1; mx.box.test; dmarc=pass\r\n",
        "Authentication-Results: mx.box.test; dmarc=pass (\r\n",
    ] {
        assert_eq!(result(&format!("{head}{TOP}")), None, "{head}");
    }
    // Behind one that nobody can read, which a reader of another kind might take for ours.
    assert_eq!(result(&format!("Authentication-Results: (\r\n{forged}{TOP}")), None);
    // A method that was named above is not named again.
    let twice = format!("{ours}{forged}{TOP}");
    assert_eq!(result(&twice).unwrap().0, Some(DomainResult::Fail));
}
