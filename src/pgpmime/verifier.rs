//! Verifying: detached signatures (RFC 3156 §5) and signed messages (RFC 9580 §10.3).

use std::io::{BufRead, Read, Write};

use super::forms::{Digests, Hashes};
use crate::error::Error;
use crate::mime::PartPath;
use crate::openpgp::{self, DetachedSignature, Hasher, Message, Signatures, Sink, Terms};
use crate::protocol::{self, Certificate, Checked, CheckedSignature, Inputs, KeyHint};
use crate::report::{Code, Finding, Integrity};

/// Checks OpenPGP signatures.
///
/// ```
/// # #[cfg(all(feature = "openpgp-rust", feature = "aws-lc"))] {
/// use mailseal::protocol::Verifier;
/// fn takes(_: &dyn Verifier) {}
/// takes(&mailseal::pgpmime::Verifier);
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Verifier;

impl protocol::Verifier for Verifier {
    fn verify_detached(
        &self,
        content: &mut dyn BufRead,
        signature: &mut dyn Read,
        inputs: &Inputs<'_>,
    ) -> Result<Checked, Error> {
        let signatures = Signatures::read(signature, inputs.limits)?;
        let mut hashes = Hashes::new(&signatures);
        protocol::each_piece(content, |piece| {
            hashes.update(piece);
            Ok(())
        })?;
        let digests = hashes.finish(&signatures);
        checked(&signatures, &digests, inputs)
    }

    /// A signed message, armored or binary. It is held in memory while it is read, within
    /// [`memory_bytes`](crate::Limits::memory_bytes).
    fn verify_opaque(
        &self,
        body: &mut dyn Read,
        out: &mut dyn Write,
        inputs: &Inputs<'_>,
    ) -> Result<Checked, Error> {
        let limit = u64::try_from(inputs.limits.memory_bytes).unwrap_or(u64::MAX);
        let mut octets = Vec::new();
        let read = body.take(limit.saturating_add(1)).read_to_end(&mut octets);
        read.map_err(Error::io("reading a signed message"))?;
        if octets.len() > inputs.limits.memory_bytes {
            return Err(Error::Limit { name: "memory_bytes", limit });
        }
        let mut tee = Tee { hashes: Hashes::new(&[]), out };
        let message = Message::read(&octets, &mut tee, inputs.limits)?;
        let digests = tee.hashes.finish(&message.signatures);
        let mut checked = checked(&message.signatures, &digests, inputs)?;
        if message.encrypted {
            checked.findings.push(Finding::new(Code::NotDecrypted, PartPath::root()));
        }
        Ok(checked)
    }
}

/// What comes out is what is hashed.
pub(super) struct Tee<'a> {
    pub(super) hashes: Hashes,
    pub(super) out: &'a mut dyn Write,
}

impl Sink for Tee<'_> {
    fn hashers(&mut self, hashers: Vec<Option<Hasher>>) {
        self.hashes = Hashes::started(hashers);
    }

    fn content(&mut self, octets: &[u8]) -> Result<(), Error> {
        self.hashes.update(octets);
        self.out.write_all(octets).map_err(Error::io("writing signed content"))
    }
}

/// Judges each signature by the digests of its content.
pub(super) fn checked(
    signatures: &[DetachedSignature],
    digests: &[Digests],
    inputs: &Inputs<'_>,
) -> Result<Checked, Error> {
    let mut checked = Checked::default();
    for (signature, digests) in signatures.iter().zip(digests) {
        if let Some(hash) = signature.hash_algorithm() {
            let name = format!("pgp-{}", hash.name().replacen("sha-", "sha", 1));
            if !checked.micalg.contains(&name) {
                checked.micalg.push(name);
            }
        }
        checked.signatures.push(one(signature, digests, inputs)?);
    }
    Ok(checked)
}

fn one(
    signature: &DetachedSignature,
    digests: &Digests,
    inputs: &Inputs<'_>,
) -> Result<CheckedSignature, Error> {
    let candidates = candidates(signature, inputs)?;
    let terms = Terms {
        provider: inputs.provider,
        algorithms: inputs.algorithms,
        limits: inputs.limits,
        at: inputs.at,
    };
    let judge =
        |digest: Option<&Vec<u8>>| openpgp::verify(signature, digest.map(Vec::as_slice), &candidates, &terms);
    let (report, certificate) = match (&digests.canonical, signature.is_text()) {
        // A text signature is over the canonical form, whatever came (RFC 9580 §5.2.1.2).
        (Some(canonical), true) => judge(Some(canonical)),
        (canonical, _) => {
            let (received, certificate) = judge(digests.received.as_ref());
            match canonical.as_ref().filter(|_| received.integrity == Integrity::Altered) {
                Some(canonical) => repaired(judge(Some(canonical)), (received, certificate)),
                None => (received, certificate),
            }
        }
    };
    Ok(CheckedSignature { signature: report, certificate: certificate.map(Certificate::Openpgp) })
}

type Judged = (crate::report::Signature, Option<openpgp::Certificate>);

/// The judgement of the canonical form, if it fits.
fn repaired(canonical: Judged, received: Judged) -> Judged {
    if !matches!(canonical.0.integrity, Integrity::Intact | Integrity::Weak) {
        return received;
    }
    let (mut report, certificate) = canonical;
    report.findings.push(Finding::new(Code::LineEndsRepaired, PartPath::root()));
    (report, certificate)
}

/// Certificates that the signature names. Without a name all that the source has are asked for.
fn candidates(
    signature: &DetachedSignature,
    inputs: &Inputs<'_>,
) -> Result<Vec<openpgp::Certificate>, Error> {
    let hints = signature.hints();
    let mut found: Vec<openpgp::Certificate> = Vec::new();
    let named = hints.iter().map(|hint| KeyHint { openpgp: Some(hint), ..KeyHint::default() });
    let unnamed = hints.is_empty().then(KeyHint::default);
    for hint in named.chain(unnamed) {
        for certificate in inputs.candidates.candidates(&hint)? {
            if found.len() >= inputs.limits.certificates {
                break;
            }
            #[allow(irrefutable_let_patterns)]
            if let Certificate::Openpgp(certificate) = certificate {
                found.push(certificate);
            }
        }
    }
    Ok(found)
}
