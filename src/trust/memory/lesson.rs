//! What one letter teaches.

use super::KnownReads;
use crate::mime::Address;
use crate::report::{
    Code, Coverage, Evidence, Integrity, Layer, Protocol, Report, Severity, Signature, SignedLayer, Told,
    Trust,
};
use crate::time::UnixTime;

/// What one letter teaches about the address in its From. Made from a report, given to
/// [`Memory::learn`](super::Memory::learn) when the caller has decided what the letter is worth.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../../examples/letters/report.rs");
/// use mailseal::trust::{Lesson, Proof};
/// let lesson = Lesson::of(&report).unwrap();
/// assert_eq!((lesson.address.to_string().as_str(), lesson.proof), ("alice@example.com", Proof::Certain));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lesson {
    /// The one address of From.
    pub address: Address,
    /// The display name beside it.
    pub name: Option<String>,
    /// The time of looking at it.
    pub at: UnixTime,
    /// Who signed all of it, as the From address.
    pub signer: Option<SeenSigner>,
    /// How far it is certain that whoever has the address wrote it.
    pub proof: Proof,
    /// The caller says that it is theirs, whatever else speaks against it.
    pub vouched: bool,
    /// What they say in the signature to read; only where the signature says when it was made.
    pub reads: Option<KnownReads>,
    /// What the header says of how they can be written to.
    pub told: Told,
    /// Somebody else's letter told it (Autocrypt-Gossip): nothing but the one key in [`Told::gossip`] is learned.
    pub hearsay: bool,
}

/// How far it is certain that a letter is from whom it says. Anyone can write any From.
///
/// ```
/// use mailseal::trust::Proof;
/// assert!(Proof::Signed < Proof::Certain);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum Proof {
    /// Not at all: it is not signed, or not by that address, or not all of it.
    #[default]
    Nothing,
    /// Intact, by a certificate that names the address; whose it is, nobody says whom the caller trusts. Anyone can make
    /// such a certificate.
    Signed,
    /// Intact and trusted, or vouched for by the caller.
    Certain,
}

/// The certificate behind a signature, in short.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../../examples/letters/report.rs");
/// let signer = mailseal::trust::Lesson::of(&report).and_then(|lesson| lesson.signer).unwrap();
/// assert_eq!((signer.issuer.as_str(), signer.anchors.len()), ("CN=Example Root CA, O=Example Trust", 1));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SeenSigner {
    /// S/MIME or OpenPGP.
    pub protocol: Protocol,
    /// As [`CertificateSummary::fingerprint`](crate::report::CertificateSummary::fingerprint).
    pub fingerprint: String,
    /// X.509: the issuer; a claim unless there are anchors. Empty for OpenPGP.
    pub issuer: String,
    /// Fingerprints of the anchors or roots from which paths lead to it. Empty where it is not trusted, or where the
    /// caller named the certificate itself.
    pub anchors: Vec<String>,
    /// The caller named the certificate itself, as an anchor or by a pin.
    pub tied: bool,
}

impl Lesson {
    /// What a letter teaches; `None` where From is not exactly one address, or where a signature is broken or revoked:
    /// from such a letter nothing is learned.
    pub fn of(report: &Report) -> Option<Self> {
        let [from] = report.from.mailboxes.as_slice() else { return None };
        let address: Address = from.parse().ok()?;
        if report.findings.iter().any(|finding| UNSURE.contains(&finding.code)) {
            return None;
        }
        let broken = |one: &Signature| {
            matches!(one.integrity, Integrity::Altered | Integrity::Malformed) || one.trust == Trust::Revoked
        };
        if report.signatures().any(broken) {
            return None;
        }
        let best = best(report, &address);
        let (name, at, told) = (report.from.name.clone(), report.at, report.told.clone());
        let proof = best.map_or(Proof::Nothing, |(proof, ..)| proof);
        let signer = best.and_then(|(_, layer, signature)| seen(signature, layer.protocol));
        let reads = best.and_then(|(_, _, signature)| reads(signature));
        Some(Self { address, name, at, signer, proof, vouched: false, reads, told, hearsay: false })
    }

    /// What a letter teaches about others: keys of its recipients (Autocrypt Level 1, "Key Gossip"). Nothing where
    /// [`Lesson::of`] it is nothing.
    ///
    /// ```
    /// # #[cfg(feature = "smime")] {
    /// # let report = include!("../../../examples/letters/report.rs");
    /// use mailseal::trust::Lesson;
    /// assert!(Lesson::gossip(&report).is_empty(), "it was not encrypted");
    /// # }
    /// ```
    pub fn gossip(report: &Report) -> Vec<Self> {
        let Some(lesson) = Self::of(report) else { return Vec::new() };
        let about = |offer: &crate::report::KeyOffer| Self {
            address: offer.address.clone(),
            name: None,
            at: lesson.at,
            signer: None,
            proof: Proof::Nothing,
            vouched: false,
            reads: None,
            told: Told { sent: lesson.told.sent, gossip: vec![offer.clone()], ..Told::default() },
            hearsay: true,
        };
        lesson.told.gossip.iter().map(about).collect()
    }

    /// The same, and the caller says that the letter is theirs, for example because they were asked by telephone. What is
    /// unusual in it is usual from then on.
    ///
    /// ```
    /// # #[cfg(feature = "smime")] {
    /// # let report = include!("../../../examples/letters/report.rs");
    /// # fn learn(_: &mailseal::trust::Lesson) {}
    /// // A person pressed "this is right".
    /// if let Some(lesson) = mailseal::trust::Lesson::of(&report) {
    ///     learn(&lesson.vouched());
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn vouched(self) -> Self {
        Self { vouched: true, proof: Proof::Certain, ..self }
    }
}

/// From is nobody's.
const UNSURE: &[Code] = &[Code::FromMissing, Code::FromAmbiguous, Code::FromUnreadable];

/// The most certain signature over all of the letter by its From address.
fn best<'r>(report: &'r Report, from: &Address) -> Option<(Proof, &'r SignedLayer, &'r Signature)> {
    if !report.uncovered.is_empty() {
        return None;
    }
    let mut best: Option<(Proof, &SignedLayer, &Signature)> = None;
    for layer in report.signed_layers() {
        if !layer.envelope || !matches!(layer.covers, Coverage::Whole { .. }) {
            continue;
        }
        for signature in &layer.signatures {
            let proof = proof(signature, from);
            if proof > best.map_or(Proof::Nothing, |(proof, ..)| proof) && signature.signer.is_some() {
                best = Some((proof, layer, signature));
            }
        }
    }
    best
}

/// What is said in a signature, and when: without a time nothing tells which of two is newer.
pub(super) fn reads(signature: &Signature) -> Option<KnownReads> {
    let signer = signature.signer.as_ref()?.certificate.fingerprint.clone();
    Some(KnownReads { reads: signature.reads.clone()?, signed_at: signature.claimed_time?, signer })
}

/// What one signature over the whole proves.
fn proof(signature: &Signature, from: &Address) -> Proof {
    if signature.integrity != Integrity::Intact || !is_by(signature, from) {
        return Proof::Nothing;
    }
    // What memory itself found is no reason: that is looked at when the lesson is learned.
    let mild = [Code::SignerUnknown, Code::KeyChanged, Code::IssuerChanged];
    let doubtful = |code: Code, severity: Severity| severity > Severity::Info && !mild.contains(&code);
    if signature.findings.iter().any(|finding| doubtful(finding.code, finding.severity)) {
        return Proof::Nothing;
    }
    match signature.trust {
        Trust::Trusted if !signature.evidence.is_empty() => Proof::Certain,
        Trust::Trusted | Trust::Unknown => Proof::Signed,
        Trust::Expired | Trust::Revoked => Proof::Nothing,
    }
}

/// Whether the certificate names the address.
pub(super) fn is_by(signature: &Signature, from: &Address) -> bool {
    let signer = signature.signer.as_ref().filter(|signer| signer.is_from);
    signer.is_some_and(|signer| signer.mailbox.parse::<Address>().is_ok_and(|mailbox| mailbox.matches(from)))
}

/// The certificate behind a signature.
pub(super) fn seen(signature: &Signature, protocol: Protocol) -> Option<SeenSigner> {
    let certificate = &signature.signer.as_ref()?.certificate;
    let named = |one: &Evidence| matches!(one, Evidence::Direct { .. } | Evidence::Pinned { .. });
    let trusted = signature.trust == Trust::Trusted;
    let mut anchors: Vec<String> = Vec::new();
    for path in signature.evidence.iter().filter(|one| trusted && !named(one)) {
        let anchor = path.steps().first().map(|step| step.fingerprint.clone());
        anchors.extend(anchor.filter(|anchor| !anchors.contains(anchor)));
    }
    Some(SeenSigner {
        protocol,
        fingerprint: certificate.fingerprint.clone(),
        issuer: certificate.issuer.clone(),
        anchors,
        tied: trusted && signature.evidence.iter().any(named),
    })
}

/// Whether nobody can tell if a letter is signed: a layer of the envelope stayed closed.
pub(super) fn is_closed(report: &Report) -> bool {
    report.layers.iter().any(|layer| match layer {
        Layer::Encrypted(layer) => layer.envelope && layer.decryption != crate::report::Decryption::Opened,
        Layer::Signed(_) | Layer::Compressed(_) => false,
    })
}
