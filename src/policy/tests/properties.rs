//! What holds for every report.

use proptest::prelude::*;

use super::reports::*;
use crate::mime::PartPath;
use crate::policy::{Outcome, Policy};
use crate::report::*;

pub(crate) const FROM: &str = "heidi@example.org";

pub(crate) fn any_of<T: Clone + std::fmt::Debug + 'static>(list: &'static [T]) -> impl Strategy<Value = T> {
    (0..list.len()).prop_map(|index| list[index].clone())
}

fn findings() -> impl Strategy<Value = Vec<Finding>> {
    let finding = any_of(Code::ALL).prop_map(|code| Finding::new(code, PartPath::root()));
    prop_oneof![4 => Just(Vec::new()), 1 => proptest::collection::vec(finding, 1..3)]
}

fn signatures() -> impl Strategy<Value = Signature> {
    let integrity = any_of(&[
        Integrity::Intact,
        Integrity::Intact,
        Integrity::Intact,
        Integrity::Unverified,
        Integrity::Weak,
        Integrity::Altered,
        Integrity::Malformed,
    ]);
    let trust = any_of(&[Trust::Trusted, Trust::Trusted, Trust::Unknown, Trust::Expired, Trust::Revoked]);
    let who = any_of(&[FROM, FROM, "bob@example.org", ""]);
    let kind = any_of(&[0_u8, 1, 2]);
    (integrity, trust, who, findings(), kind).prop_map(|(integrity, trust, who, findings, kind)| {
        let mut made = signature(who, FROM, &["Root", who]);
        (made.integrity, made.trust, made.findings) = (integrity, trust, findings);
        match kind {
            0 => {
                made.evidence = vec![Evidence::Direct {
                    address: who.into(),
                    scope: "any".into(),
                    steps: vec![step(who)],
                }]
            }
            1 => {}
            _ => made.evidence.clear(),
        }
        if who.is_empty() {
            made.signer = None;
        }
        made
    })
}

fn layers() -> impl Strategy<Value = Layer> {
    let covers = any_of(&[2_u8, 2, 2, 1, 0]);
    let signatures = proptest::collection::vec(signatures(), 0..3);
    let signed = (signatures, any::<bool>(), covers, findings()).prop_map(
        |(signatures, envelope, covers, findings)| {
            let mut made = layer("0", "1", signatures);
            (made.envelope, made.findings) = (envelope, findings);
            made.covers = match covers {
                2 => Coverage::Whole { parts: vec![path("1")] },
                1 => Coverage::Partial { parts: vec![path("1")] },
                _ => Coverage::Nothing,
            };
            Layer::Signed(made)
        },
    );
    let sealed = any::<bool>().prop_map(|envelope| {
        let (part, protocol) = (path("1"), Protocol::Openpgp);
        Layer::Encrypted(EncryptedLayer {
            part,
            range: (0, 1),
            protocol,
            envelope,
            decryption: Decryption::NoKey,
            cipher: None,
            authenticated: false,
            recipients: vec![],
            opened_by: None,
            findings: vec![],
        })
    });
    prop_oneof![8 => signed, 1 => sealed]
}

pub(crate) fn reports() -> impl Strategy<Value = Report> {
    const FROMS: &[&[&str]] = &[&[FROM], &[FROM], &[FROM], &[], &[FROM, "bob@example.org"]];
    let from = any_of(FROMS);
    (proptest::collection::vec(layers(), 0..3), findings(), from, any::<bool>()).prop_map(
        |(layers, findings, from, outside)| {
            let mut made = report(FROM, vec![], vec![part("0", "text/plain", 1)]);
            made.from.mailboxes = from.iter().map(|&mailbox| mailbox.to_owned()).collect();
            (made.layers, made.findings) = (layers, findings);
            if outside {
                let (part, media_type) = (path("2"), "text/plain".to_owned());
                made.uncovered = vec![UncoveredPart { part, media_type, lines: 1, looks_like: None }];
            }
            made
        },
    )
}

fn signed_layers(report: &mut Report) -> impl Iterator<Item = &mut SignedLayer> {
    report.layers.iter_mut().filter_map(|layer| match layer {
        Layer::Signed(layer) => Some(layer),
        Layer::Encrypted(_) | Layer::Compressed(_) => None,
    })
}

fn rank(report: &Report) -> u8 {
    Policy::standard().judge(report).outcome.rank()
}

fn stranger(integrity: Integrity) -> Signature {
    let mut stranger = unknown(FROM, FROM);
    stranger.integrity = integrity;
    stranger
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn strict_is_never_more_permissive(report in reports()) {
        let strict = Policy::strict().judge(&report).outcome.rank();
        prop_assert!(strict <= rank(&report));
    }

    #[test]
    fn r_b3_a_stranger_changes_nothing_for_the_better_or_worse(
        report in reports(), whole in any::<bool>(), integrity in 0_usize..3, first in any::<bool>(),
    ) {
        let integrity = [Integrity::Intact, Integrity::Altered, Integrity::Unverified][integrity];
        let before = Policy::standard().judge(&report).outcome;
        let mut more = report.clone();
        let added = layer(if whole { "0" } else { "3" }, "1", vec![stranger(integrity)]);
        more.layers.insert(if first { 0 } else { report.layers.len() }, Layer::Signed(added));
        let after = Policy::standard().judge(&more).outcome;
        prop_assert_eq!(after == Outcome::Good, before == Outcome::Good);
        if before == Outcome::Caution {
            prop_assert_eq!(after, before);
        }
        let mut same = report;
        let signed = signed_layers(&mut same).next().map(|layer| layer.signatures.push(stranger(integrity)));
        let after = Policy::standard().judge(&same).outcome;
        prop_assert!(signed.is_none() || (after == Outcome::Good) == (before == Outcome::Good));
    }

    #[test]
    fn r_b3_order_does_not_matter(report in reports()) {
        let mut turned = report.clone();
        turned.layers.reverse();
        signed_layers(&mut turned).for_each(|layer| layer.signatures.reverse());
        prop_assert_eq!(rank(&turned), rank(&report));
    }

    #[test]
    fn less_evidence_is_never_better(report in reports()) {
        let mut less = report.clone();
        signed_layers(&mut less).flat_map(|layer| &mut layer.signatures).for_each(|one| one.evidence.clear());
        prop_assert!(rank(&less) <= rank(&report));
        prop_assert!(Policy::standard().judge(&less).outcome != Outcome::Good);
    }

    #[test]
    fn more_findings_are_never_better(report in reports(), more in findings()) {
        let mut worse = report.clone();
        worse.findings.extend(more);
        prop_assert!(rank(&worse) <= rank(&report));
    }

    #[test]
    fn good_is_exactly_what_it_says(report in reports()) {
        let good = Policy::standard().judge(&report).outcome == Outcome::Good;
        let proof = report.signed_layers().any(|layer| {
            layer.envelope && matches!(layer.covers, Coverage::Whole { .. }) && layer.signatures.iter().any(|one| {
                one.integrity == Integrity::Intact && one.trust == Trust::Trusted
                    && one.evidence.iter().any(|evidence| evidence.address() == FROM)
                    && one.signer.as_ref().is_some_and(|signer| signer.mailbox == FROM)
            })
        });
        prop_assert!(!good || (proof && report.uncovered.is_empty() && report.from.mailboxes == [FROM]));
    }

    #[test]
    fn every_report_has_words(report in reports()) {
        for policy in [Policy::standard(), Policy::strict()] {
            let verdict = policy.judge(&report);
            prop_assert_eq!(verdict.reasons.is_empty(), verdict.notes.is_empty());
            prop_assert!(verdict.outcome == Outcome::Good || !verdict.reasons.is_empty());
            for language in ["en", "ja"] {
                let text = verdict.text(&report).language(language).explain(true).to_string();
                prop_assert!(text.lines().count() >= 5);
            }
        }
    }
}

/// Text from a letter: anything, and what attackers like.
pub(crate) fn hostile() -> impl Strategy<Value = String> {
    let nasty = any_of(&[
        "\u{1b}[2K",
        "\r✓ GOOD",
        "\n  Wrong     nothing",
        "\u{202e}",
        "\u{2066}",
        "\u{200b}",
        "\u{2028}",
        "\u{85}",
        "\0",
        "\t",
        "\u{9b}31m",
        "\u{feff}",
        "\u{e0041}",
        "\u{2800}",
        "あ\u{3099}",
        "\u{7f}",
    ]);
    let piece = prop_oneof![nasty.prop_map(str::to_owned), any::<String>()];
    proptest::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

/// A list of its own: C0, C1, bidirectional controls, zero width, line separators, tags.
fn forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{2800}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

pub(crate) fn poison(report: &mut Report, text: &str) {
    let finding = Finding::new(Code::SenderDiffers, PartPath::root()).with_detail(text);
    report.from.mailboxes.iter_mut().for_each(|mailbox| mailbox.insert_str(0, text));
    report.headers.protection = Protection::Signed;
    report.headers.signed = vec![text.into()];
    report.findings.push(finding.clone());
    report.parts.iter_mut().for_each(|part| part.media_type = text.into());
    report.uncovered.iter_mut().for_each(|part| part.media_type = text.into());
    for layer in signed_layers(report) {
        layer.findings.push(finding.clone());
        for signature in &mut layer.signatures {
            signature.algorithms.signature = text.into();
            signature.algorithms.digest = Some(text.into());
            let evil = Step::new(text, text);
            signature.rejected =
                vec![RejectedPath { steps: vec![evil.clone()], code: text.into(), reason: text.into() }];
            signature.evidence.push(Evidence::Direct {
                address: text.into(),
                scope: text.into(),
                steps: vec![evil.clone()],
            });
            signature.evidence.rotate_right(1);
            let Some(signer) = &mut signature.signer else { continue };
            signer.mailbox.insert_str(0, text);
            signer.mailboxes = vec![text.into()];
            signer.name = Some(text.into());
            signer.organization = Some(text.into());
            signer.assurance = Some(Assurance::Organization);
            signer.certificate = CertificateSummary {
                fingerprint: text.into(),
                issuer: text.into(),
                serial: text.into(),
                not_before: None,
                not_after: None,
            };
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn r_b12_nothing_hidden_is_printed(report in reports(), text in hostile()) {
        let mut report = report;
        poison(&mut report, &text);
        let verdict = Policy::standard().judge(&report);
        for language in ["en", "ja"] {
            let page = verdict.text(&report).language(language).explain(true).to_string();
            prop_assert!(page.bytes().all(|byte| byte >= 0x20 || byte == b'\n'), "{:?}", page);
            prop_assert!(!page.chars().any(|c| c != '\n' && forbidden(c)), "{:?}", page);
            prop_assert_eq!(page.matches("\n  Wrong  ").count() + page.matches("\n  問題  ").count(), 1);
        }
    }
}
