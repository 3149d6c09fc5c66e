//! What other programs are told (RFC 8601, RFC 7281).

use proptest::prelude::*;

use super::properties::{any_of, hostile, poison, reports};
use super::reports::*;
use crate::mime::PartPath;
use crate::policy::{Outcome, Policy};
use crate::report::*;

const ID: &str = "mx.example.org";

fn field(report: &Report, policy: &Policy) -> String {
    policy.judge(report).authentication_results(report, ID).expect("a name")
}

/// The results, unfolded.
fn results(report: &Report) -> Vec<String> {
    let text = field(report, &Policy::standard()).replace("\r\n", "");
    let rest = text.strip_prefix("Authentication-Results: mx.example.org; ").expect("the name");
    rest.split("; ").map(str::to_owned).collect()
}

fn first(report: &mut Report) -> &mut Signature {
    let layer = report.layers.iter_mut().find_map(|layer| match layer {
        Layer::Signed(layer) => Some(layer),
        _ => None,
    });
    layer.and_then(|layer| layer.signatures.first_mut()).expect("a signature")
}

#[test]
fn results_by_rfc_7281() {
    let who = " body.smime-identifier=heidi@example.org body.smime-part=2";
    let told = |change: fn(&mut Report)| {
        let mut report = good();
        change(&mut report);
        results(&report).join("; ")
    };
    assert_eq!(told(|_| {}), format!("smime=pass{who}"));
    assert_eq!(
        told(|report| first(report).integrity = Integrity::Altered),
        format!("smime=fail reason=altered{who}")
    );
    assert_eq!(
        told(|report| first(report).trust = Trust::Revoked),
        format!("smime=fail reason=signer_revoked{who}")
    );
    assert_eq!(
        told(|report| first(report).integrity = Integrity::Malformed),
        format!("smime=neutral reason=malformed{who}")
    );
    assert_eq!(
        told(|report| first(report).integrity = Integrity::Unverified),
        format!("smime=neutral reason=unsupported_algorithm{who}")
    );
    assert_eq!(
        told(|report| {
            first(report).integrity = Integrity::Unverified;
            first(report).signer = None;
        }),
        "smime=permerror reason=signer_missing body.smime-part=2"
    );
    assert_eq!(
        told(|report| first(report).trust = Trust::Unknown),
        format!("smime=policy reason=signer_unknown{who}")
    );
    assert_eq!(
        told(|report| report.from.mailboxes = vec!["president@example.com".into()]),
        format!("smime=policy reason=signer_not_from{who}")
    );
    assert_eq!(told(|report| report.layers.clear()), "smime=none");
}

/// RFC 7281 §3.2.3: both or neither, where there is no address.
#[test]
fn a_signer_without_an_address_is_named_by_the_certificate() {
    let told = |issuer: &str, serial: &str| {
        let mut report = good();
        let signer = first(&mut report).signer.as_mut().expect("a signer");
        signer.mailbox = String::new();
        signer.certificate.issuer = issuer.into();
        signer.certificate.serial = serial.into();
        results(&report).join("; ")
    };
    let named = told("CN=Mail CA; O=\"X\"", "0A17");
    assert!(
        named
            .contains(r#" body.smime-serial=0A17 body.smime-issuer="CN=Mail CA; O=\"X\"" body.smime-part=2"#),
        "{named}"
    );
    for (issuer, serial) in [("", "0A17"), ("CN=x", ""), ("CN=認証局", "0A17"), ("CN=a\r\nb", "0A17")] {
        assert!(!told(issuer, serial).contains("smime-serial"), "{issuer}");
        assert!(!told(issuer, serial).contains("smime-issuer"), "{issuer}");
    }
}

#[test]
fn a_revocation_that_may_still_be_found_out_is_temporary() {
    let mut report = good();
    let strict = |report: &Report| field(report, &Policy::strict()).replace("\r\n", "");
    assert!(strict(&report).contains("smime=policy reason=revocation_unknown"));
    let url = "http://ca.example/crl".to_owned();
    let want = Want { purpose: FetchPurpose::Crl, url, body: Vec::new(), max_bytes: 1 };
    report.wants.push(want);
    assert!(strict(&report).contains("smime=temperror reason=revocation_unknown"));
    assert!(field(&report, &Policy::standard()).contains("smime=pass"));
}

#[test]
fn a_broken_signature_beside_a_good_one_takes_its_pass() {
    let from = "heidi@example.org";
    let mut broken = signature(from, from, &["Root", from]);
    broken.integrity = Integrity::Altered;
    let both = vec![signature(from, from, &["Root", from]), broken];
    let report = report(from, vec![layer("0", "1", both)], good().parts);
    let told = results(&report);
    assert_eq!(told.len(), 2);
    assert!(told[0].starts_with("smime=policy reason=altered "), "{told:?}");
    assert!(told[1].starts_with("smime=fail reason=altered "), "{told:?}");
}

#[test]
fn nothing_is_said_of_a_letter_that_stayed_closed() {
    let mut report = good();
    let sealed = EncryptedLayer {
        part: PartPath::root(),
        range: (0, 1),
        protocol: Protocol::Smime,
        envelope: true,
        decryption: Decryption::NoKey,
        cipher: None,
        authenticated: true,
        recipients: Vec::new(),
        opened_by: None,
        findings: Vec::new(),
    };
    report.layers = vec![Layer::Encrypted(sealed)];
    assert_eq!(results(&report), ["none"]);
}

#[test]
fn addresses_that_need_quotes_or_cannot_be_said() {
    let told = |mailbox: &str| {
        let mut report = good();
        first(&mut report).signer = Some(signer(mailbox, mailbox));
        results(&report).join("; ")
    };
    assert!(told("a@xn--exmple-cua.org").contains("identifier=a@xn--exmple-cua.org "));
    assert!(told("a@exämple.org").contains("identifier=a@xn--exmple-cua.org "));
    assert!(told("\"a; smime=pass\"@b.example").contains("identifier=\"\\\"a; smime=pass\\\"@b.example\" "));
    assert!(told("a@[192.0.2.1]").contains("identifier=\"a@[192.0.2.1]\" "));
    for unsaid in ["ä@b.example", "", "nobody", "a@b.example\r\nX: y", "CN=Alice"] {
        assert!(!told(unsaid).contains("identifier"), "{unsaid}");
    }
}

#[test]
fn where_the_signature_is_in_the_words_of_imap() {
    let from = "heidi@example.org";
    let told = |part: &str, opaque: bool, list: &[(&str, &str, u64)]| {
        let mut layer = layer(part, "1", vec![signature(from, from, &["Root", from])]);
        layer.opaque = opaque;
        let report = report(from, vec![layer], parts(list));
        let text = results(&report).join("; ");
        text.rsplit_once("smime-part=").expect("a part").1.to_owned()
    };
    let mime = "application/pkcs7-mime";
    assert_eq!(told("0", false, &[("0", "multipart/signed", 9)]), "2");
    assert_eq!(told("0", true, &[("0", mime, 9), ("1", "text/plain", 1)]), "1");
    assert_eq!(told("1.2", false, &[("0", "multipart/mixed", 9), ("1", "multipart/mixed", 9)]), "1.2.2");
    let inside = [("0", mime, 9), ("1", "multipart/signed", 9), ("1.1", "text/plain", 1)];
    assert_eq!(told("1", false, &inside), "1/2");
    assert_eq!(told("1", true, &[("0", mime, 9), ("1", mime, 9), ("1.1", "text/plain", 1)]), "1/1");
    let forwarded = [("0", "multipart/mixed", 9), ("2", "message/rfc822", 9), ("2.1", mime, 9)];
    assert_eq!(told("2.1", true, &forwarded), "2.1");
}

#[test]
fn a_name_that_is_none_is_misuse() {
    let (report, verdict) = (good(), Policy::standard().judge(&good()));
    for wrong in ["", "a b", "a\r\nSubject: x", "a\0"] {
        let error = verdict.authentication_results(&report, wrong).unwrap_err();
        assert!(matches!(error, crate::Error::Misuse(_)), "{wrong:?}");
    }
    let quoted = verdict.authentication_results(&report, "a;b").expect("printable");
    assert!(quoted.starts_with("Authentication-Results: \"a;b\"; smime="));
}

/// The grammar of RFC 8601 §2.2, as far as it is used: words apart by one blank or a fold.
fn keeps_the_grammar(field: &str) -> Result<usize, TestCaseError> {
    for line in field.split("\r\n") {
        prop_assert!(line.bytes().all(|octet| (0x20..0x7f).contains(&octet)), "{:?}", line);
        let whole = line.len() <= 78 || !line.trim_start().contains(' ') || line.contains('"');
        prop_assert!(whole && !line.trim().is_empty(), "{:?}", line);
    }
    prop_assert!(field.split("\r\n").skip(1).all(|line| line.starts_with(' ')));
    let text = field.replace("\r\n", "");
    let mut words: Vec<String> = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        match c {
            '"' if !escaped => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => {}
        }
        escaped = c == '\\' && quoted && !escaped;
        if c != ' ' || quoted {
            words.last_mut().expect("one").push(c);
        }
    }
    prop_assert!(!quoted);
    prop_assert_eq!(&words[..2], ["Authentication-Results:", "mx.example.org;"]);
    let mut results = 0;
    let mut starts = true;
    for word in &words[2..] {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        if starts {
            prop_assert!(["smime", "x-pgp", "none"].contains(&name), "{}", word);
            results += 1;
        } else {
            prop_assert!(name == "reason" || name.starts_with("body."), "{}", word);
        }
        let bare = value.trim_end_matches(';');
        let legal = |c: char| c.is_ascii_graphic() && !"()<>,;:\\\"[]?=".contains(c);
        let is_value =
            bare.starts_with('"') || bare.chars().all(|c| legal(c) || name.ends_with("identifier"));
        prop_assert!(is_value, "{}", word);
        starts = word.ends_with(';');
    }
    prop_assert!(!starts);
    Ok(results)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn pass_is_said_of_good_letters_only(report in reports(), strict in any::<bool>()) {
        let policy = if strict { Policy::strict() } else { Policy::standard() };
        let good = policy.judge(&report).outcome == Outcome::Good;
        prop_assert_eq!(field(&report, &policy).contains("=pass"), good);
    }

    #[test]
    fn r_e1_nothing_from_a_letter_gets_out_of_its_place(
        report in reports(), text in hostile(), local in any_of(&["a b", "x; smime=pass", "\"\\", "ä"])
    ) {
        let mut report = report;
        poison(&mut report, &text);
        let quoted = local.replace('\\', "\\\\").replace('"', "\\\"");
        for layer in &mut report.layers {
            let Layer::Signed(layer) = layer else { continue };
            for (index, signature) in layer.signatures.iter_mut().enumerate() {
                if let Some(signer) = signature.signer.as_mut().filter(|_| index % 2 == 0) {
                    signer.mailbox = format!("\"{quoted}\"@example.org");
                }
            }
        }
        let results = keeps_the_grammar(&field(&report, &Policy::standard()))?;
        prop_assert_eq!(results, report.signatures().count().max(1));
    }
}
