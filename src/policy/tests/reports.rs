//! Reports made by hand.

use crate::mime::PartPath;
use crate::report::*;
use crate::time::UnixTime;

pub(crate) const FINGERPRINT: &str = "9C4E11B7D0E75B86A1F2C93D5E6B7A80914C7D105BB09E0CFE33A1D2AB2902DA";

pub(super) fn path(text: &str) -> PartPath {
    let numbers = text.split('.').filter(|number| *number != "0");
    numbers.fold(PartPath::root(), |path, number| path.child(number.parse().unwrap()))
}

pub(crate) fn time(days: i64) -> UnixTime {
    // 2026-11-22T10:02:00Z and so many days.
    UnixTime::from_seconds(1_795_341_720 + days * 86_400)
}

pub(super) fn step(name: &str) -> Step {
    let (not_before, not_after) = (Some(time(-400)), Some(time(160)));
    Step { not_before, not_after, ..Step::new(name, FINGERPRINT) }
}

pub(super) fn evidence(address: &str, names: &[&str]) -> Evidence {
    Evidence::CertificationPath {
        address: address.into(),
        anchor: names[0].into(),
        scope: "any".into(),
        steps: names.iter().map(|name| step(name)).collect(),
        revocation: Revocation::Unknown,
    }
}

pub(super) fn signer(mailbox: &str, from: &str) -> SignerIdentity {
    SignerIdentity {
        mailbox: mailbox.into(),
        mailboxes: vec![mailbox.into()],
        name: None,
        organization: None,
        is_from: mailbox == from,
        assurance: Some(Assurance::Mailbox),
        generation: None,
        qualified: None,
        certificate: CertificateSummary {
            fingerprint: FINGERPRINT.into(),
            issuer: "Example Mail CA".into(),
            serial: "0A17".into(),
            not_before: Some(time(-400)),
            not_after: Some(time(160)),
        },
    }
}

/// Intact and trusted.
pub(crate) fn signature(mailbox: &str, from: &str, names: &[&str]) -> Signature {
    Signature {
        intended_recipients: vec![],
        integrity: Integrity::Intact,
        claimed_time: Some(time(-1)),
        algorithms: Algorithms {
            digest: Some("sha-256".into()),
            signature: "rsassa-pkcs1-v1_5".into(),
            key_bits: Some(2048),
        },
        signer: Some(signer(mailbox, from)),
        trust: Trust::Trusted,
        evidence: vec![evidence(mailbox, names)],
        rejected: vec![],
        findings: vec![Finding::new(Code::RevocationUnknown, PartPath::root())],
    }
}

pub(crate) fn unknown(mailbox: &str, from: &str) -> Signature {
    let mut unknown = signature(mailbox, from, &["x"]);
    unknown.trust = Trust::Unknown;
    unknown.evidence.clear();
    unknown.findings.clear();
    unknown.rejected = vec![RejectedPath {
        steps: vec![step(mailbox)],
        code: "unknown_issuer".into(),
        reason: "the issuer of the certificate is not known".into(),
    }];
    unknown
}

pub(crate) fn layer(part: &str, covered: &str, signatures: Vec<Signature>) -> SignedLayer {
    let parts = vec![path(covered)];
    let whole = part == "0";
    SignedLayer {
        part: path(part),
        range: (0, 4000),
        protocol: Protocol::Smime,
        envelope: whole,
        opaque: false,
        covers: if whole { Coverage::Whole { parts } } else { Coverage::Partial { parts } },
        signatures,
        findings: vec![],
    }
}

pub(crate) fn part(number: &str, media_type: &str, lines: u64) -> PartSummary {
    PartSummary { part: path(number), media_type: media_type.into(), lines, ..PartSummary::default() }
}

pub(crate) fn report(from: &str, layers: Vec<SignedLayer>, parts: Vec<PartSummary>) -> Report {
    Report {
        at: time(0),
        from: FromIdentity { mailboxes: vec![from.into()], ..FromIdentity::default() },
        layers: layers.into_iter().map(Layer::Signed).collect(),
        uncovered: vec![],
        headers: HeaderProtection::default(),
        parts,
        payload: None,
        anchors: 3,
        wants: Vec::new(),
        domain: None,
        transport: None,
        findings: vec![],
    }
}

const ONE: &[(&str, &str, u64)] =
    &[("0", "multipart/signed", 60), ("1", "text/plain", 12), ("2", "application/pkcs7-signature", 40)];

pub(crate) fn parts(list: &[(&str, &str, u64)]) -> Vec<PartSummary> {
    list.iter().map(|(number, media_type, lines)| part(number, media_type, *lines)).collect()
}

pub(super) fn good() -> Report {
    let from = "heidi@example.org";
    let signature = signature(from, from, &["Example Root CA", "Example Mail CA", from]);
    report(from, vec![layer("0", "1", vec![signature])], parts(ONE))
}

pub(super) fn organization() -> Report {
    let from = "notice@bank.example";
    let mut signature = signature(from, from, &["Example Root CA", "Example Mail CA", "Example Bank"]);
    if let Some(signer) = &mut signature.signer {
        signer.assurance = Some(Assurance::Organization);
        signer.organization = Some("Example Bank, Ltd., Tokyo, JP".into());
        signer.name = Some("Example Bank".into());
        signer.generation = Some(Generation::Strict);
        signer.qualified = Some(Qualified {
            compliant: true,
            device: true,
            kinds: vec![QualifiedKind::Seal],
            countries: vec!["JP".into()],
        });
    }
    let looked = Revocation::NotRevoked { by: RevocationSource::Ocsp, at: hours(-2) };
    signature.findings.clear();
    if let Some(Evidence::CertificationPath { steps, revocation, .. }) = signature.evidence.first_mut() {
        *revocation = looked;
        steps[1].source = Source::Fetched("http://ca.example/mail-ca.cer".into());
        steps[1].checks = vec![
            Check::Signature("sha256WithRSAEncryption".into()),
            Check::Validity,
            Check::Issuer(Some(0)),
            Check::NameConstraints,
            Check::Policies(vec!["2.23.140.1.5.2.3".into()]),
            Check::Revocation(Revocation::NotRevoked { by: RevocationSource::Crl, at: time(-3) }),
        ];
        steps[2].source = Source::Letter;
        steps[2].checks =
            vec![Check::Usage, Check::Issuer(Some(1)), Check::Issuer(None), Check::Revocation(looked)];
    }
    let three = parts(&[
        ("0", "multipart/signed", 300),
        ("1", "multipart/mixed", 250),
        ("1.1", "multipart/alternative", 100),
        ("1.1.1", "text/plain", 20),
        ("1.1.2", "text/html", 60),
        ("1.2", "application/pdf", 120),
        ("2", "application/pkcs7-signature", 40),
    ]);
    report(from, vec![layer("0", "1", vec![signature])], three)
}

fn hours(hours: i64) -> UnixTime {
    UnixTime::from_seconds(time(0).seconds() + hours * 3_600)
}

fn openpgp(evidence: Vec<Evidence>) -> Report {
    let from = "carol@example.net";
    let mut signature = signature(from, from, &["x"]);
    signature.evidence = evidence;
    signature.findings.clear();
    if let Some(signer) = &mut signature.signer {
        signer.name = Some("Carol Jones".into());
        signer.assurance = None;
    }
    let mut layer = layer("0", "1", vec![signature]);
    layer.protocol = Protocol::Openpgp;
    let list =
        [("0", "multipart/signed", 60), ("1", "text/plain", 12), ("2", "application/pgp-signature", 9)];
    let mut report = report(from, vec![layer], parts(&list));
    report.headers.protection = Protection::Signed;
    report.headers.signed = ["From", "To", "Subject", "Date"].map(String::from).to_vec();
    report
}

fn certified(name: &str, depth: u8, only: &[&str]) -> Step {
    let only = only.iter().map(|one| (*one).to_owned()).collect();
    let checks = vec![Check::Certification { amount: 120, depth, made: time(-90), only }];
    Step { checks, source: Source::Known, ..step(name) }
}

/// A path of the Web of Trust.
fn by_others(scope: &str, amount: u8, steps: Vec<Step>) -> Evidence {
    Evidence::WebOfTrust { address: "carol@example.net".into(), scope: scope.into(), amount, steps }
}

pub(super) fn web_of_trust() -> Report {
    let steps =
        vec![step("Bob"), certified("Dan", 1, &["<[^>]+[@.]example\\.net>$"]), certified("Carol", 0, &[])];
    openpgp(vec![by_others("any", 120, steps)])
}

/// Two that suffice together, one of them for one domain only.
pub(super) fn web_of_two() -> Report {
    let one = |scope, name| by_others(scope, 60, vec![step(name), certified("Carol", 0, &[])]);
    openpgp(vec![one("*@example.net", "Bob"), one("any", "Dan")])
}

pub(super) fn pinned() -> Report {
    openpgp(vec![Evidence::Pinned { address: "carol@example.net".into(), steps: vec![step("Carol")] }])
}

/// An authority vouches for it, but the caller compared another one.
pub(super) fn pin_mismatch() -> Report {
    let mut report = good();
    let finding = Finding::new(Code::PinMismatch, PartPath::root());
    signed(&mut report, 0).signatures[0].findings.push(finding.with_detail(&FINGERPRINT[..40]));
    report
}

pub(super) fn unknown_ca() -> Report {
    let from = "erin@example.org";
    let mut signature = unknown(from, from);
    if let Some(signer) = &mut signature.signer {
        signer.certificate.issuer = "Erin's CA".into();
        signer.name = Some("Erin".into());
    }
    let two = parts(&[
        ("0", "multipart/signed", 300),
        ("1", "multipart/mixed", 250),
        ("1.1", "text/plain", 20),
        ("1.2", "image/png", 120),
        ("2", "application/pkcs7-signature", 40),
    ]);
    report(from, vec![layer("0", "1", vec![signature])], two)
}

pub(super) fn from_differs() -> Report {
    let from = "president@example.com";
    let mallory = "mallory@example.net";
    let signature = signature(mallory, from, &["Example Root CA", "Cheap CA", mallory]);
    report(from, vec![layer("0", "1", vec![signature])], parts(ONE))
}

pub(super) fn altered() -> Report {
    let from = "grace@example.com";
    let mut signature = signature(from, from, &["Example Root CA", "Example Mail CA", from]);
    signature.integrity = Integrity::Altered;
    signature.findings.push(Finding::new(Code::Altered, PartPath::root()));
    let mut layer = layer("0", "1", vec![signature]);
    layer.covers = Coverage::Nothing;
    report(from, vec![layer], parts(ONE))
}

pub(super) fn list_footer() -> Report {
    let from = "frank@example.jp";
    let mut signature = signature(from, from, &["Example Root CA", "Example Mail CA", "Frank Sato"]);
    signature.findings = vec![Finding::new(Code::RevocationUnknown, path("1"))];
    if let Some(signer) = &mut signature.signer {
        signer.name = Some("Frank Sato".into());
    }
    let list = parts(&[
        ("0", "multipart/mixed", 100),
        ("1", "multipart/signed", 90),
        ("1.1", "text/plain", 41),
        ("1.2", "application/pkcs7-signature", 40),
        ("2", "text/plain", 4),
    ]);
    let mut report = report(from, vec![layer("1", "1.1", vec![signature])], list);
    report.uncovered = vec![UncoveredPart {
        part: path("2"),
        media_type: "text/plain".into(),
        lines: 4,
        looks_like: Some(LooksLike::ListFooter),
    }];
    report.findings = vec![Finding::new(Code::PartialCoverage, path("2"))];
    report
}

pub(super) fn unsigned() -> Report {
    report("ivan@example.com", vec![], vec![part("0", "text/plain", 10)])
}

pub(super) fn expired() -> Report {
    let from = "judy@example.org";
    let mut signature = signature(from, from, &["Example Root CA", "Example Mail CA", "Judy"]);
    signature.trust = Trust::Expired;
    signature.evidence.clear();
    signature.findings = vec![Finding::new(Code::SignerExpired, PartPath::root())];
    let old = Step { not_after: Some(time(-52)), ..step("Judy") };
    signature.rejected = vec![RejectedPath {
        steps: vec![old, step("Example Mail CA"), step("Example Root CA")],
        code: "expired".into(),
        reason: "the certificate of Judy expired on 2026-10-01, before 2026-11-22".into(),
    }];
    report(from, vec![layer("0", "1", vec![signature])], parts(ONE))
}

/// Encrypted around the whole letter.
pub(super) fn encrypted(decryption: Decryption, cipher: &str, findings: &[Code]) -> EncryptedLayer {
    let opened = decryption == Decryption::Opened;
    EncryptedLayer {
        part: path("0"),
        range: (0, 4000),
        protocol: Protocol::Smime,
        envelope: true,
        decryption,
        cipher: Some(cipher.into()),
        authenticated: cipher.ends_with("GCM"),
        recipients: vec![],
        opened_by: opened.then(|| OpenedBy {
            fingerprint: Some(FINGERPRINT.into()),
            mailboxes: vec!["bob@example.org".into()],
            old: false,
        }),
        findings: findings.iter().map(|code| Finding::new(*code, path("0"))).collect(),
    }
}

/// Signed, then encrypted.
pub(super) fn decrypted() -> Report {
    let mut report = good();
    let sealed = encrypted(Decryption::Opened, "AES-256-GCM", &[]);
    report.layers.insert(0, Layer::Encrypted(sealed));
    signed(&mut report, 1).part = path("1");
    signed(&mut report, 1).covers = Coverage::Whole { parts: vec![path("1.1")] };
    report.parts = parts(&[
        ("0", "application/pkcs7-mime", 90),
        ("1", "multipart/signed", 60),
        ("1.1", "text/plain", 12),
        ("1.2", "application/pkcs7-signature", 40),
    ]);
    report
}

pub(super) fn not_decrypted(decryption: Decryption, code: Code) -> Report {
    let from = "ivan@example.com";
    let mut report = report(from, vec![], parts(&[("0", "application/pkcs7-mime", 90)]));
    report.layers = vec![Layer::Encrypted(encrypted(decryption, "AES-256-CBC", &[code]))];
    report
}

pub(super) fn signed(report: &mut Report, index: usize) -> &mut SignedLayer {
    match &mut report.layers[index] {
        Layer::Signed(layer) => layer,
        Layer::Encrypted(_) | Layer::Compressed(_) => panic!("not signed"),
    }
}

fn dmarc(result: DomainResult, domain: &str) -> Option<DmarcEvidence> {
    Some(DmarcEvidence { result, domain: domain.into(), policy: Some("reject".into()) })
}

fn dkim(result: DomainResult, domain: &str, aligned: bool) -> DkimEvidence {
    DkimEvidence { result, domain: domain.into(), selector: "s".into(), aligned, ..DkimEvidence::default() }
}

/// Signature, domain and transport say the same.
pub(super) fn domain_aligned() -> Report {
    let hop =
        |from: &str, by: &str, tls| Hop { from: from.into(), by: by.into(), protocol: "ESMTPS".into(), tls };
    let mut evidence = DomainEvidence::new(DomainSource::Checked);
    evidence.dkim = vec![dkim(DomainResult::Pass, "example.org", true)];
    evidence.dmarc = dmarc(DomainResult::Pass, "example.org");
    evidence.agreement = Agreement {
        domain: Some("example.org".into()),
        signer: Some("heidi@example.org".into()),
        signer_with_from: Some(Relation::SameAddress),
        domain_with_from: Some(Relation::SameDomain),
        domain_with_signer: Some(Relation::SameDomain),
    };
    let hops = vec![
        hop("mx.box.test", "store.box.test", Some(true)),
        hop("mail.example.org", "mx.box.test", Some(true)),
    ];
    Report { domain: Some(evidence), transport: Some(Transport { hops, untrusted: 2 }), ..good() }
}

/// A list passed the letter on: the signature holds, the domain of From does not stand behind it.
pub(super) fn domain_failed() -> Report {
    let mut evidence = DomainEvidence::new(DomainSource::Trusted { authserv_id: "mx.box.test".into() });
    evidence.dkim =
        vec![dkim(DomainResult::Fail, "example.org", true), dkim(DomainResult::Pass, "list.example", false)];
    evidence.dmarc = dmarc(DomainResult::Fail, "example.org");
    evidence.agreement.domain = Some("list.example".into());
    evidence.agreement.domain_with_from = Some(Relation::OtherDomain);
    evidence.agreement.domain_with_signer = Some(Relation::OtherDomain);
    let mut report = Report { domain: Some(evidence), ..good() };
    report.findings.push(Finding::new(Code::DomainFailed, path("0")));
    report
}

/// Nobody signed it, and the DNS does not answer.
pub(super) fn domain_undecided() -> Report {
    let mut evidence = DomainEvidence::new(DomainSource::Checked);
    let domain = String::from("example.com");
    evidence.spf = vec![SpfEvidence {
        result: DomainResult::Temperror,
        identity: SpfIdentity::Mailfrom,
        domain,
        aligned: true,
    }];
    evidence.dmarc = dmarc(DomainResult::Temperror, "example.com");
    let hop =
        Hop { from: "client".into(), by: "mx.box.test".into(), protocol: "ESMTP".into(), tls: Some(false) };
    let transport = Transport { hops: vec![hop], untrusted: 0 };
    let mut report = Report { domain: Some(evidence), transport: Some(transport), ..unsigned() };
    report.findings.push(Finding::new(Code::DomainUndecided, path("0")));
    report
}
