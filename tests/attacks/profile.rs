//! Certificates that are not written as RFC 5280 §4 asks: their paths hold, and it is told.

use mailseal::report::{Code, Report};
use mailseal::{Opener, Outcome, Policy, Scope, TrustStore};

use crate::crowds::{Root, leaf, letter, person};
use crate::stage::AT;

fn told(report: &Report) -> Vec<&str> {
    let findings = report.signatures().flat_map(|signature| &signature.findings);
    let findings = findings.filter(|finding| finding.code == Code::CertificateProfile);
    findings.filter_map(|finding| finding.detail.as_deref()).collect()
}

#[test]
fn r_c1_what_departs_from_the_profile_is_told_and_lowers_nothing_by_itself() {
    let root = Root::new();
    let address = "alice@example.org";
    let open = |identifies_its_issuer: bool| {
        let mut params = leaf(address);
        params.use_authority_key_identifier_extension = identifies_its_issuer;
        let alice = person(params, "Root", &root.key);
        Opener::new(&root.cx()).open(letter(&[alice], &[]), AT).unwrap().report
    };
    let (as_asked, departs) = (open(true), open(false));
    assert_eq!(told(&as_asked), [""; 0]);
    assert_eq!(told(&departs).len(), 1, "{:?}", told(&departs));
    assert!(told(&departs)[0].contains("authorityKeyIdentifier") && told(&departs)[0].contains("RFC 5280"));
    let standard = Policy::standard();
    assert_eq!([standard.judge(&as_asked).outcome, standard.judge(&departs).outcome], [Outcome::Good; 2]);
    let strict = |report: &Report| Policy::strict().judge(report);
    let names_it =
        |report: &Report| strict(report).reasons.iter().any(|reason| reason.code == Code::CertificateProfile);
    assert_eq!((names_it(&as_asked), names_it(&departs)), (false, true));
    assert_eq!(strict(&departs).outcome, Outcome::Caution);

    // An anchor by itself is asked the same.
    let trust = TrustStore::new();
    let mut params = leaf(address);
    params.use_authority_key_identifier_extension = false;
    let alice = person(params, "Root", &root.key);
    let trust = trust.anchors(&alice.certificate, Scope::any()).unwrap();
    let cx = mailseal::Context::new(trust);
    let report = Opener::new(&cx).open(letter(&[alice], &[]), AT).unwrap().report;
    assert_eq!(strict(&report).outcome, Outcome::Caution);
    assert_eq!(told(&report).len(), 1);
}
