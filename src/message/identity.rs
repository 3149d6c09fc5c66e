//! Who the letter says it is from, who signed it, and whether these are one (R-B15, R-B16).

use crate::error::Error;
use crate::message::walk::{InnerHeader, Walked, Walkedlayer};
use crate::message::{Context, recipients};
use crate::mime::protected::{Form, Protected, Seen};
use crate::mime::{Address, FromHeader, Headers, Mailbox, PartPath};
use crate::protocol::Certificate;
use crate::report::{
    Code, Coverage, Evidence, FieldProtection, Finding, FromIdentity, HeaderForm, HeaderProtection, Layer,
    ProtectedField, Protection, Protocol, Report, Revocation, Signature, SignedLayer, SignerIdentity, Trust,
    Want,
};
use crate::time::UnixTime;
use crate::trust::{Belief, EvidenceRequest, Purpose};
#[cfg(feature = "smime")]
use crate::x509::RevocationData;

/// Date and signing time may be that far apart (R-B16).
const SKEW: u64 = 3600;

/// Fills in identity and trust, and makes the report of it.
pub(crate) fn report(cx: &Context, walked: Walked<'_>, at: UnixTime) -> Result<Report, Error> {
    let outer = Headers::new(&walked.outer_header);
    let sender = From::read(&outer);
    let mut findings = walked.findings;
    sender.findings(&mut findings);
    let (mut layers, mut wants) = (Vec::new(), Vec::new());
    for entry in walked.layers {
        layers.push(identify(cx, entry, sender.address.as_ref(), at, &mut wants)?);
    }
    recipients::note_signed_ciphertext(&mut layers);
    let enveloped = layers.iter().any(stands_for_all);
    let sealed = layers.iter().any(recipients::is_unsealed);
    let headers = match &walked.inner_header {
        Some(inner) if enveloped || sealed => {
            let mut headers = protected(&walked.outer_header, inner, enveloped, sealed);
            let other = other_author(&walked.outer_header, inner, &layers).filter(|_| headers.form.is_some());
            headers.from_outer = other.is_some();
            findings.extend(other);
            headers
        }
        _ => HeaderProtection::default(),
    };
    for field in &headers.mismatched {
        findings.push(Finding::new(Code::HeaderMismatch, PartPath::root()).with_detail(field));
    }
    if let Some(inner) = walked.inner_header.as_ref().filter(|_| sealed && enveloped) {
        findings.extend(recipients::binding(&layers, &headers, &inner.octets));
    }
    dates(&outer, &layers, &mut findings);
    coverage(&layers, &walked.uncovered, &mut findings);
    let signed = headers.signed.iter().any(|field| field.eq_ignore_ascii_case("from"));
    let from = FromIdentity { signed, ..sender.identity };
    let (uncovered, mut parts) = (walked.uncovered, walked.parts);
    parts.iter_mut().for_each(|part| part.place(&layers));
    let (anchors, payload) = (cx.trust().anchors(), walked.payload_part);
    let mut report = Report {
        at,
        anchors,
        from,
        layers,
        uncovered,
        headers,
        parts,
        payload,
        wants,
        domain: None,
        transport: None,
        findings,
    };
    cx.compare(&mut report)?;
    Ok(report)
}

/// The From and Sender fields of the letter.
struct From {
    identity: FromIdentity,
    /// The one address of From, if there is exactly one and it can be read.
    address: Option<Address>,
    problem: Option<Code>,
    sender_differs: bool,
}

impl From {
    fn read(headers: &Headers<'_>) -> Self {
        let from = FromHeader::read(headers);
        let sender = FromHeader::of(headers, "Sender");
        let address = from.sole().cloned();
        let problem = match (from.fields, &address) {
            (_, Some(_)) => None,
            (0, None) => Some(Code::FromMissing),
            _ if from.fields > 1 || from.mailboxes.len() > 1 || from.group => Some(Code::FromAmbiguous),
            _ => Some(Code::FromUnreadable),
        };
        let name = match from.mailboxes.as_slice() {
            [one] => one.name.clone(),
            _ => None,
        };
        let identity = FromIdentity {
            mailboxes: from.mailboxes.iter().map(Mailbox::address_text).collect(),
            name,
            sender: sender.mailboxes.first().map(Mailbox::address_text),
            signed: false,
        };
        let sender_differs = sender.fields > 0 && sender.sole() != address.as_ref();
        Self { identity, address, problem, sender_differs }
    }

    fn findings(&self, findings: &mut Vec<Finding>) {
        if let Some(code) = self.problem {
            findings.push(Finding::new(code, PartPath::root()));
        }
        if self.sender_differs {
            let detail = self.identity.sender.clone().unwrap_or_default();
            findings.push(Finding::new(Code::SenderDiffers, PartPath::root()).with_detail(detail));
        }
    }
}

fn identify(
    cx: &Context,
    entry: Walkedlayer,
    from: Option<&Address>,
    at: UnixTime,
    wants: &mut Vec<Want>,
) -> Result<Layer, Error> {
    let Layer::Signed(mut layer) = entry.layer else { return Ok(entry.layer) };
    let path = layer.part.clone();
    // What the caller gave comes first, so that nothing in a letter crowds it out.
    #[cfg(feature = "smime")]
    let revocations = cx.known_revocations().and(&entry.revocations);
    for (signature, certificate) in layer.signatures.iter_mut().zip(&entry.signers) {
        match certificate {
            Some(certificate) => {
                let others = &entry.certificates;
                #[cfg(feature = "smime")]
                let signer =
                    Signer { cx, certificate, others, revocations: &revocations, from, at, path: &path };
                #[cfg(not(feature = "smime"))]
                let signer = Signer { cx, certificate, others, from, at, path: &path };
                let missing = signer.fill(signature)?;
                wants.extend(missing.into_iter().filter(|want| !wants.contains(want)).collect::<Vec<_>>());
            }
            None => {
                let known = [Code::SignerMissing, Code::UnsupportedAlgorithm, Code::Malformed];
                if !signature.findings.iter().any(|finding| known.contains(&finding.code)) {
                    signature.findings.push(Finding::new(Code::SignerMissing, path.clone()));
                }
            }
        }
    }
    Ok(Layer::Signed(layer))
}

/// One signer to be identified.
struct Signer<'s> {
    cx: &'s Context,
    certificate: &'s Certificate,
    others: &'s [Certificate],
    #[cfg(feature = "smime")]
    revocations: &'s RevocationData,
    from: Option<&'s Address>,
    at: UnixTime,
    path: &'s PartPath,
}

impl Signer<'_> {
    /// Gives back what was not fetched.
    fn fill(&self, signature: &mut Signature) -> Result<Vec<Want>, Error> {
        let mut belief = Belief::default();
        let named = self.certificate.addresses(self.at);
        let matching = self.from.and_then(|from| named.iter().find(|address| address.matches(from)));
        let speaks_for = matching.or(named.first());
        if let Some(address) = speaks_for {
            belief = self.believe(signature, address)?;
        } else {
            self.note(signature, Code::SignerUnknown);
        }
        if matching.is_none() {
            self.note(signature, Code::SignerNotFrom);
        }
        // Where a path is believed, an authority on it may say no more than those above it let it.
        let asserted = self.certificate.assurance();
        let trusted = belief.trust == Trust::Trusted;
        let asserted = asserted.filter(|(one, _)| !trusted || belief.assurance >= Some(*one));
        signature.signer = Some(SignerIdentity {
            mailbox: speaks_for.map(Address::to_string).unwrap_or_default(),
            mailboxes: named.iter().map(Address::to_string).collect(),
            name: self.certificate.name(self.at),
            organization: self.certificate.organization(),
            is_from: matching.is_some(),
            assurance: asserted.map(|(assurance, _)| assurance),
            generation: asserted.map(|(_, generation)| generation),
            qualified: self.certificate.qualified(),
            certificate: self.certificate.summary(self.at),
        });
        Ok(belief.wants)
    }

    fn believe(&self, signature: &mut Signature, address: &Address) -> Result<Belief, Error> {
        let intact = signature.integrity.holds();
        let mut belief = self.cx.believe(&EvidenceRequest {
            certificate: self.certificate,
            intermediates: self.others,
            candidates: self.cx,
            address,
            purpose: Purpose::Sign,
            at: self.at,
            provider: self.cx.crypto(),
            limits: self.cx.bounds(),
            algorithms: self.cx.relied_on(),
            #[cfg(feature = "smime")]
            revocations: self.revocations,
            #[cfg(feature = "smime")]
            signatures: Some(self.cx.known_signatures()),
            // R-C7: a letter that anybody could have altered makes nobody ask.
            fetcher: self.cx.fetching().filter(|_| intact),
        })?;
        signature.trust = belief.trust;
        signature.evidence = std::mem::take(&mut belief.evidence);
        signature.rejected = std::mem::take(&mut belief.rejected);
        match belief.trust {
            Trust::Trusted => self.revocation(signature, &belief.doubts),
            Trust::Expired => self.note(signature, Code::SignerExpired),
            Trust::Revoked => self.note(signature, Code::SignerRevoked),
            Trust::Unknown if belief.not_for_mail => self.note(signature, Code::SignerNotForMail),
            Trust::Unknown => self.note(signature, Code::SignerUnknown),
        }
        let weak = belief.weak.drain(..).map(|detail| (Code::WeakAlgorithm, detail));
        let departures = belief.departures.drain(..).map(|detail| (Code::CertificateProfile, detail));
        for (code, detail) in weak.chain(departures) {
            signature.findings.push(Finding::new(code, self.path.clone()).with_detail(detail));
        }
        if !belief.pinned_to.is_empty() {
            let detail = belief.pinned_to.join(", ");
            signature.findings.push(Finding::new(Code::PinMismatch, self.path.clone()).with_detail(detail));
        }
        if !intact {
            belief.wants.clear();
        }
        Ok(belief)
    }

    /// Says so where nobody could tell whether a certificate on the way is revoked.
    fn revocation(&self, signature: &mut Signature, doubts: &[String]) {
        let known = signature.evidence.iter().any(|path| match path {
            Evidence::CertificationPath { revocation, .. } => *revocation != Revocation::Unknown,
            _ => false,
        });
        if known || self.certificate.protocol() != Protocol::Smime {
            return;
        }
        let finding = Finding::new(Code::RevocationUnknown, self.path.clone());
        signature.findings.push(match doubts.first() {
            Some(doubt) => finding.with_detail(doubt),
            None => finding,
        });
    }

    fn note(&self, signature: &mut Signature, code: Code) {
        if !signature.findings.iter().any(|finding| finding.code == code) {
            signature.findings.push(Finding::new(code, self.path.clone()));
        }
    }
}

/// Copies count as signed where a signature of the envelope holds. Names as the outer header spells them.
fn protected(outer: &[u8], inner: &InnerHeader, signed: bool, sealed: bool) -> HeaderProtection {
    let seen = Protected::read(&inner.octets, outer, sealed, inner.wrapped);
    if seen.protected.is_empty() {
        return HeaderProtection::default();
    }
    let among = |names: &[String], name: &str| names.iter().any(|one| one.eq_ignore_ascii_case(name));
    let mut agreeing: Vec<String> = Vec::new();
    for field in Headers::new(outer).fields().filter(|_| signed) {
        let agrees = among(&seen.protected, field.name) && !among(&seen.mismatched, field.name);
        if agrees && !among(&agreeing, field.name) {
            agreeing.push(field.name.to_owned());
        }
    }
    let protection = match (signed, sealed) {
        (false, _) => Protection::Encrypted,
        (true, false) => Protection::Signed,
        (true, true) => Protection::SignedAndEncrypted,
    };
    let form = seen.form.map(|form| match form {
        Form::Parameter => HeaderForm::Hp,
        Form::Older => HeaderForm::ProtectedHeaders,
        Form::Wrapped => HeaderForm::MessageRfc822,
    });
    HeaderProtection {
        protection,
        signed: agreeing,
        hidden: seen.hidden,
        mismatched: seen.mismatched,
        form,
        part: Some(inner.part.clone()),
        from_outer: false,
        fields: seen.fields.into_iter().map(|field| state(field, signed)).collect(),
    }
}

/// RFC 9788 §4.3.1.
fn state(field: Seen, signed: bool) -> ProtectedField {
    let Seen { name, value, outer, told, confidential } = field;
    let protection = match (&value, confidential, signed) {
        (None, ..) | (_, false, false) => FieldProtection::Unprotected,
        (_, false, true) => FieldProtection::Signed,
        (_, true, false) => FieldProtection::Encrypted,
        (_, true, true) => FieldProtection::SignedAndEncrypted,
    };
    ProtectedField { name, protection, value, outer, told }
}

/// Another author inside than outside, and no signature that is believed to be his (RFC 9788 §4.4.2).
fn other_author(outer: &[u8], inner: &InnerHeader, layers: &[Layer]) -> Option<Finding> {
    let (outside, inside) = (Headers::new(outer), Headers::new(&inner.octets));
    if inside.count("From") == 0 {
        return None;
    }
    let (outside, inside) = (FromHeader::read(&outside), FromHeader::read(&inside));
    let author = inside.sole();
    // What servers compare has no case (RFC 9788 §4.4.5).
    let folded = |address: &Address| address.to_string().to_ascii_lowercase();
    if author.is_some() && author.map(folded) == outside.sole().map(folded) {
        return None;
    }
    let mut signatures = layers.iter().filter_map(|layer| match layer {
        Layer::Signed(layer) if layer.envelope => Some(&layer.signatures),
        _ => None,
    });
    let is_his = |signature: &Signature| {
        let mailbox = signature.signer.as_ref().and_then(|signer| signer.mailbox.parse::<Address>().ok());
        signature.integrity.holds() && signature.trust == Trust::Trusted && mailbox.as_ref() == author
    };
    if author.is_some() && signatures.any(|all| all.iter().any(is_his)) {
        return None;
    }
    let named = |from: &FromHeader| {
        let all: Vec<String> = from.mailboxes.iter().take(4).map(Mailbox::address_text).collect();
        all.join(", ")
    };
    let detail = format!("{} / {}", named(&outside), named(&inside));
    Some(Finding::new(Code::FromDiffers, PartPath::root()).with_detail(detail))
}

fn stands_for_all(layer: &Layer) -> bool {
    matches!(layer, Layer::Signed(SignedLayer { envelope: true, covers: Coverage::Whole { .. }, .. }))
}

/// Date says one thing, the signer another (R-B16). A Date that stands twice or cannot be read says nothing that a
/// signer could have meant; where there is none, no reader shows one.
fn dates(outer: &Headers<'_>, layers: &[Layer], findings: &mut Vec<Finding>) {
    let date = outer.date();
    if date.is_none() && outer.count("Date") == 0 {
        return;
    }
    let envelopes = layers.iter().filter_map(|layer| match layer {
        Layer::Signed(layer) if layer.envelope => Some(layer),
        _ => None,
    });
    let claimed = envelopes
        .flat_map(|layer| &layer.signatures)
        .filter(|signature| signature.integrity.holds())
        .filter_map(|signature| signature.claimed_time)
        .find(|time| date.is_none_or(|date| time.distance(date) > SKEW));
    if let Some(time) = claimed {
        let date = date.map_or_else(|| "?".to_owned(), |date| date.to_string());
        let detail = format!("{date} / {time}");
        findings.push(Finding::new(Code::DateDiffers, PartPath::root()).with_detail(detail));
    }
}

/// Signed parts beside unsigned ones.
fn coverage(layers: &[Layer], uncovered: &[crate::report::UncoveredPart], findings: &mut Vec<Finding>) {
    let partial = layers
        .iter()
        .any(|layer| matches!(layer, Layer::Signed(SignedLayer { covers: Coverage::Partial { .. }, .. })));
    if !partial || layers.iter().any(stands_for_all) {
        return;
    }
    if uncovered.is_empty() {
        findings.push(Finding::new(Code::PartialCoverage, PartPath::root()));
    }
    for part in uncovered {
        findings.push(Finding::new(Code::PartialCoverage, part.part.clone()));
    }
}
