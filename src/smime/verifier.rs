//! Checking S/MIME signatures (RFC 8551 §3.5, RFC 5652 §5.6).

use std::io::{BufRead, BufReader, Read, Write};

use crate::cms::{
    ContentDigests, ContentHasher, Note, Oid, Outcome, SignedData, SignedDataReader, SignerIdentifier,
    SignerInfo, Verification,
};
use crate::error::Error;
use crate::mime::PartPath;
use crate::protocol::{self, BothForms, Certificate, Checked, CheckedSignature, Forkable, Inputs, KeyHint};
use crate::report::{Algorithms, Code, Finding, Integrity, Signature};
use crate::x509;

/// Octets read at once.
const PIECE: usize = 64 << 10;
/// Clocks may differ by that many seconds.
const SKEW: i64 = 300;

/// Checks S/MIME signatures.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "smime")] {
/// # let letter = include_str!("../../examples/letters/openssl.eml");
/// # let mut parts = letter.split("\r\n------425F19F33BFF1B737C9B514287398D30\r\n").skip(1);
/// # let content = parts.next().unwrap();
/// # let signature = format!("-----BEGIN CMS-----\r\n{}\r\n-----END CMS-----\r\n", parts.next().unwrap().split("\r\n\r\n").nth(1).unwrap());
/// # let signature = der::pem::decode_vec(signature.as_bytes()).unwrap().1;
/// use mailseal::policy::Algorithms;
/// use mailseal::protocol::{Inputs, NoCertificates, Verifier};
/// use mailseal::{Limits, UnixTime, crypto::Provider, smime};
/// let (provider, algorithms, limits) = (Provider::default(), Algorithms::standard(), Limits::default());
/// let at = UnixTime::from_seconds(1_800_000_000);
/// let inputs = Inputs::new(&provider, &algorithms, &NoCertificates, &limits, at);
/// let seen = smime::Verifier.verify_detached(&mut content.as_bytes(), &mut signature.as_slice(), &inputs)?;
/// assert!(seen.signatures[0].signature.integrity.holds());
/// let altered = content.replace("Monday", "Friday");
/// let seen = smime::Verifier.verify_detached(&mut altered.as_bytes(), &mut signature.as_slice(), &inputs)?;
/// assert!(!seen.signatures[0].signature.integrity.holds());
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Verifier;

impl protocol::Verifier for Verifier {
    fn verify_detached(
        &self,
        content: &mut dyn BufRead,
        signature: &mut dyn Read,
        inputs: &Inputs<'_>,
    ) -> Result<Checked, Error> {
        let data = match detached(signature, inputs) {
            Ok(data) => data,
            Err(Error::Malformed { why, .. }) => return Ok(Checked::malformed(&why)),
            Err(error) => return Err(error),
        };
        if !data.detached {
            // R-B1: which of the two contents would the signature be about?
            return Ok(broken(&data, "a detached signature that holds content", inputs));
        }
        let mut forms = BothForms::new(ContentHasher::new(inputs.provider, &data.hash_algorithms()));
        protocol::each_piece(content, |piece| {
            forms.update(piece);
            Ok(())
        })?;
        let (received, canonical) = forms.finish();
        let digests =
            Digests { received: received.finish(), canonical: canonical.map(ContentHasher::finish) };
        checked(&data, &digests, inputs)
    }

    fn verify_opaque(
        &self,
        body: &mut dyn Read,
        out: &mut dyn Write,
        inputs: &Inputs<'_>,
    ) -> Result<Checked, Error> {
        let mut reader = SignedDataReader::new(BufReader::with_capacity(PIECE, body), inputs.limits)?;
        let mut hasher = ContentHasher::new(inputs.provider, &reader.hash_algorithms());
        match reader.content()? {
            Some(content) => protocol::each_piece(&mut BufReader::with_capacity(PIECE, content), |piece| {
                hasher.update(piece);
                out.write_all(piece)
            })?,
            None => {
                let data = reader.finish()?;
                let mut result = broken(&data, "there is no content in it", inputs);
                result.wrong_form = true;
                return Ok(result);
            }
        }
        let data = reader.finish()?;
        checked(&data, &Digests { received: hasher.finish(), canonical: None }, inputs)
    }
}

impl Forkable for ContentHasher {
    fn update(&mut self, octets: &[u8]) {
        Self::update(self, octets);
    }

    fn fork(&self) -> Self {
        Self::fork(self)
    }
}

/// The content as received, and its canonical form where that is another.
struct Digests {
    received: ContentDigests,
    canonical: Option<ContentDigests>,
}

pub(super) fn detached(signature: &mut dyn Read, inputs: &Inputs<'_>) -> Result<SignedData, Error> {
    let limit = u64::try_from(inputs.limits.signature_bytes).unwrap_or(u64::MAX);
    let mut limited = BufReader::new(signature.take(limit.saturating_add(1)));
    let data = SignedDataReader::new(&mut limited, inputs.limits).and_then(SignedDataReader::finish);
    if limited.get_ref().limit() == 0 && limited.fill_buf().is_ok_and(<[u8]>::is_empty) {
        return Err(Error::Limit { name: "signature_bytes", limit });
    }
    data
}

fn checked(data: &SignedData, digests: &Digests, inputs: &Inputs<'_>) -> Result<Checked, Error> {
    if data.content_type != Oid::DATA {
        // RFC 8551 §2.4.1: MIME content is id-data. Anything else was signed as something that is not mail.
        return Ok(broken(data, "what was signed is not mail (content type)", inputs));
    }
    let certificates = embedded(data, inputs);
    let mut result = Checked { micalg: micalg(data), ..Checked::default() };
    for signer in &data.signers {
        result.signatures.push(one(signer, data, &certificates, digests, inputs)?);
    }
    result.certificates = certificates.into_iter().map(Certificate::X509).collect();
    result.revocations = data.revocations(inputs.limits);
    if data.trailing {
        result.findings.push(finding(Code::TrailingOctets));
    }
    Ok(result)
}

/// A structure that breaks a rule as a whole: none of its signatures counts.
fn broken(data: &SignedData, why: &str, inputs: &Inputs<'_>) -> Checked {
    let signature = |signer: &SignerInfo| CheckedSignature {
        signature: Signature {
            integrity: Integrity::Malformed,
            claimed_time: signer.claimed_time(),
            findings: vec![finding(Code::Malformed).with_detail(why)],
            ..Signature::default()
        },
        certificate: None,
    };
    let signatures = data.signers.iter().take(inputs.limits.signatures).map(signature).collect();
    let certificates = embedded(data, inputs).into_iter().map(Certificate::X509).collect();
    Checked { signatures, certificates, micalg: micalg(data), ..Checked::default() }
}

/// Those that can be read: an odd certificate does not make a letter unreadable.
pub(super) fn embedded(data: &SignedData, inputs: &Inputs<'_>) -> Vec<x509::Certificate> {
    let read = |der: &[u8]| match inputs.known {
        Some(known) => known.read(der, inputs.limits),
        None => x509::Certificate::from_der(der),
    };
    data.certificates.iter().filter_map(|der| read(der).ok()).collect()
}

fn micalg(data: &SignedData) -> Vec<String> {
    data.hash_algorithms().iter().map(|hash| hash.name().to_owned()).collect()
}

/// One signer: all candidates are tried, the best result counts (R-B19).
fn one(
    signer: &SignerInfo,
    data: &SignedData,
    embedded: &[x509::Certificate],
    digests: &Digests,
    inputs: &Inputs<'_>,
) -> Result<CheckedSignature, Error> {
    let mut tries = Vec::new();
    for candidate in candidates(signer, embedded, inputs)? {
        let (verification, repaired) = try_forms(signer, data, digests, Some(&candidate), inputs);
        tries.push((Some(candidate), verification, repaired));
    }
    tries.retain(|(_, verification, _)| verification.outcome != Outcome::OtherCertificate);
    if tries.is_empty() {
        let (verification, repaired) = try_forms(signer, data, digests, None, inputs);
        tries.push((None, verification, repaired));
    }
    let intact = tries.iter().filter(|(_, verification, _)| verification.outcome == Outcome::Intact);
    let mut owners = intact.filter_map(|(candidate, ..)| Some(candidate.as_ref()?.mailboxes()));
    let ambiguous = tries.len() > 1 && owners.next().is_some_and(|first| owners.any(|other| other != first));
    tries.sort_by_key(|(_, verification, _)| rank(&verification.outcome));
    let Some((candidate, verification, repaired)) = tries.into_iter().next() else {
        return Err(Error::misuse("a signer was not looked at"));
    };
    let mut signature = judged(&verification, candidate.as_ref(), inputs);
    if repaired {
        signature.findings.push(finding(Code::LineEndsRepaired));
    }
    if ambiguous {
        signature.findings.push(finding(Code::SignerAmbiguous));
    }
    Ok(CheckedSignature { signature, certificate: candidate.map(Certificate::X509) })
}

/// What the caller has comes first, so that no certificate of the letter takes its place.
pub(super) fn candidates(
    signer: &SignerInfo,
    embedded: &[x509::Certificate],
    inputs: &Inputs<'_>,
) -> Result<Vec<x509::Certificate>, Error> {
    let hint = match signer.hint() {
        Some(SignerIdentifier::IssuerAndSerialNumber { issuer, serial }) => {
            KeyHint { issuer_and_serial: Some((issuer, serial)), ..KeyHint::default() }
        }
        Some(SignerIdentifier::SubjectKeyIdentifier(identifier)) => {
            KeyHint { subject_key_identifier: Some(identifier), ..KeyHint::default() }
        }
        None => return Ok(Vec::new()),
    };
    let known = inputs.candidates.candidates(&hint)?.into_iter().filter_map(x509_of);
    let mut found: Vec<x509::Certificate> = Vec::new();
    for certificate in known.chain(embedded.iter().cloned()) {
        if found.len() < inputs.limits.candidates
            && signer.names(&certificate)
            && !found.contains(&certificate)
        {
            found.push(certificate);
        }
    }
    Ok(found)
}

fn x509_of(certificate: Certificate) -> Option<x509::Certificate> {
    match certificate {
        Certificate::X509(certificate) => Some(certificate),
        #[cfg(feature = "openpgp")]
        Certificate::Openpgp(_) => None,
    }
}

/// As received first; where line ends were changed on the way, the canonical form.
fn try_forms(
    signer: &SignerInfo,
    data: &SignedData,
    digests: &Digests,
    candidate: Option<&x509::Certificate>,
    inputs: &Inputs<'_>,
) -> (Verification, bool) {
    let verify = |content| signer.verify(&data.content_type, content, candidate, inputs.provider);
    let altered =
        |seen: &Verification| matches!(seen.outcome, Outcome::ContentAltered | Outcome::SignatureAltered);
    let received = verify(&digests.received);
    match &digests.canonical {
        Some(canonical) if altered(&received) => {
            // The digest may fit although more cannot be said: no certificate, a key that is refused.
            let repaired = verify(canonical);
            if altered(&repaired) { (received, false) } else { (repaired, true) }
        }
        _ => (received, false),
    }
}

fn rank(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Intact => 0,
        Outcome::Unsupported(_) => 1,
        Outcome::SignatureAltered => 2,
        Outcome::ContentAltered => 3,
        Outcome::Malformed(_) => 4,
        _ => 5,
    }
}

/// The result of the mathematics in the words of the report.
fn judged(
    verification: &Verification,
    certificate: Option<&x509::Certificate>,
    inputs: &Inputs<'_>,
) -> Signature {
    let key = certificate.and_then(|certificate| certificate.public_key().ok());
    let mut findings: Vec<Finding> = verification.notes.iter().map(note).collect();
    let mut integrity = match &verification.outcome {
        Outcome::Intact => Integrity::Intact,
        Outcome::ContentAltered | Outcome::SignatureAltered => {
            findings.push(finding(Code::Altered));
            Integrity::Altered
        }
        Outcome::Malformed(why) => {
            findings.push(finding(Code::Malformed).with_detail(why));
            Integrity::Malformed
        }
        Outcome::Unsupported(what) => {
            findings.push(finding(Code::UnsupportedAlgorithm).with_detail(what));
            Integrity::Unverified
        }
        _ => {
            findings.push(finding(Code::SignerMissing));
            Integrity::Unverified
        }
    };
    if integrity == Integrity::Intact {
        let weak = weaknesses(verification, key, inputs);
        if !weak.is_empty() {
            integrity = Integrity::Weak;
        }
        findings.extend(weak);
        let latest = inputs.at.seconds().saturating_add(SKEW);
        if verification.claimed_time.is_some_and(|time| time.seconds() > latest) {
            findings.push(finding(Code::SignedInFuture));
        }
    }
    let algorithms = Algorithms {
        digest: verification.digest.map(|hash| hash.name().to_owned()),
        signature: verification.signature.map(|algorithm| algorithm.name().to_owned()).unwrap_or_default(),
        key_bits: key.map(crate::crypto::PublicKey::bits).filter(|bits| *bits > 0),
    };
    Signature {
        integrity,
        claimed_time: verification.claimed_time,
        algorithms,
        findings,
        ..Signature::default()
    }
}

fn weaknesses(
    verification: &Verification,
    key: Option<&crate::crypto::PublicKey>,
    inputs: &Inputs<'_>,
) -> Vec<Finding> {
    let used = [verification.digest, verification.signature.and_then(|algorithm| algorithm.hash())];
    let mut weak = Vec::new();
    if let Some(hash) = used.into_iter().flatten().find(|hash| inputs.algorithms.is_weak_hash(*hash)) {
        weak.push(finding(Code::WeakAlgorithm).with_detail(hash.name()));
    }
    if let Some(key) = key.filter(|key| inputs.algorithms.is_weak_key(key.algorithm())) {
        weak.push(finding(Code::WeakKey).with_detail(key.algorithm().to_string()));
    }
    weak
}

fn note(note: &Note) -> Finding {
    finding(match note {
        Note::SignedAttributesMissing => Code::SignedAttributesMissing,
        Note::SignedAttributesNotDer => Code::AttributesReordered,
        // It cannot be compared with Date.
        Note::SigningTimeUnreadable => Code::DateDiffers,
    })
}

/// The part is filled in by who knows it.
fn finding(code: Code) -> Finding {
    Finding::new(code, PartPath::root())
}
