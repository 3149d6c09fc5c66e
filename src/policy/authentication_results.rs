//! The verdict for other programs: an Authentication-Results field (RFC 8601) with the method `smime` (RFC 7281).
//!
//! - [`Verdict::authentication_results`]: one result for each signature.
//!
//! Nothing from a letter is in it but the addresses of its signers, which the strict parser has read, or the issuers of
//! their certificates, in quotes.

use std::fmt::{self, Write};

use crate::error::Error;
use crate::mime::address::is_dot_atom;
use crate::mime::authserv_id::value;
use crate::mime::{Address, AuthservId, PartPath};
use crate::policy::verdict::Alone;
use crate::policy::{Outcome, Verdict};
use crate::report::{
    CertificateSummary, Code, Decryption, FetchPurpose, Integrity, Layer, Protocol, Report, Signature,
    SignedLayer, Trust,
};

/// The name of the field.
pub(crate) const FIELD: &str = "Authentication-Results";
/// Characters of a line (RFC 5322 §2.1.1).
const LINE: usize = 78;
/// Characters of an issuer: no line can be folded inside it.
const LONGEST: usize = 500;

impl Verdict {
    /// The verdict as an Authentication-Results field (RFC 8601), folded with CRLF, without the last line end. Takes the
    /// report that it was made from. `authserv_id` is the name that the receiving system goes by,
    /// [`AuthservId`](crate::mime::AuthservId); another one is [`Error::Misuse`].
    ///
    /// One result for each signature, by the names of RFC 7281 §3.1:
    ///
    /// | result | what was seen |
    /// |---|---|
    /// | `pass` | the verdict is `good`, and the signature would be by itself |
    /// | `fail` | altered, or revoked |
    /// | `policy` | it fits, but is not good; `reason` has the code of what lowers it |
    /// | `neutral` | it cannot be read, or its algorithm is not known |
    /// | `temperror` | good but for a CRL or OCSP answer, and the report says where there may be one |
    /// | `permerror` | the signer's certificate is not there |
    /// | `none` | not signed; the word alone where the letter stayed encrypted, and nobody can tell |
    ///
    /// `body.smime-identifier` is the mailbox of the signer, left out where the certificate has none or it is not ASCII,
    /// since then the letter could travel by SMTPUTF8 only (RFC 8601 §5). There, `body.smime-serial` (hexadecimal) and
    /// `body.smime-issuer` (RFC 4514) name the certificate, if they are ASCII. `body.smime-part` is the signature in the words
    /// of IMAP, with a slash where something was decrypted or unpacked (RFC 7281 §3.2.1).
    ///
    /// For OpenPGP no method is registered. `x-pgp` has the same results and properties; its name says that it is ours, so
    /// that it can never be taken for one that is registered later.
    ///
    /// ```
    /// # #[cfg(feature = "smime")] {
    /// # let report = include!("../../examples/letters/report.rs");
    /// let verdict = mailseal::Policy::standard().judge(&report);
    /// assert_eq!(
    ///     verdict.authentication_results(&report, "mx.example.org")?,
    ///     "Authentication-Results: mx.example.org; smime=pass\r\n \
    ///      body.smime-identifier=alice@example.com body.smime-part=2"
    /// );
    /// # }
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    pub fn authentication_results(&self, report: &Report, authserv_id: &str) -> Result<String, Error> {
        let name: AuthservId =
            authserv_id.parse().map_err(|error| Error::misuse(format!("`{authserv_id:?}`: {error}")))?;
        let mut results: Vec<Vec<String>> =
            self.alone.iter().filter_map(|alone| self.signature(report, alone)).collect();
        if results.is_empty() {
            results = unsigned(report);
        }
        Ok(folded(&name, &results))
    }

    /// What is said of one signature.
    pub(super) fn word(&self, report: &Report, alone: &Alone) -> Option<Word> {
        let layer = report.signed_layers().nth(alone.subject.layer)?;
        let signature = layer.signatures.get(alone.subject.signature)?;
        Some(self.result(report, signature, alone).0)
    }

    fn signature(&self, report: &Report, alone: &Alone) -> Option<Vec<String>> {
        let layer = report.signed_layers().nth(alone.subject.layer)?;
        let signature = layer.signatures.get(alone.subject.signature)?;
        let (result, because) = self.result(report, signature, alone);
        let method = method(layer.protocol);
        let mut words = vec![format!("{method}={}", result.as_str())];
        words.extend(because.map(|code| format!("reason={}", code.as_str())));
        let signer = signature.signer.as_ref();
        match signer.and_then(|signer| identifier(&signer.mailbox)) {
            Some(address) => words.push(format!("body.{method}-identifier={address}")),
            None => {
                words.extend(signer.and_then(|signer| certificate(&signer.certificate)).into_iter().flatten())
            }
        }
        words.push(format!("body.{method}-part={}", Section::of(report, layer)));
        Some(words)
    }

    fn result(&self, report: &Report, signature: &Signature, alone: &Alone) -> (Word, Option<Code>) {
        let cell = alone.subject.cell;
        let first = || self.reasons.first().map(|reason| reason.code);
        match (cell.integrity, cell.trust) {
            (Integrity::Altered, _) => (Word::Fail, Some(Code::Altered)),
            (Integrity::Malformed, _) => (Word::Neutral, Some(Code::Malformed)),
            (_, Trust::Revoked) => (Word::Fail, Some(Code::SignerRevoked)),
            _ if signature.signer.is_none() => (Word::PermError, alone.because),
            (Integrity::Unverified, _) => (Word::Neutral, alone.because),
            (Integrity::Intact, _) if self.outcome == Outcome::Good && alone.outcome == Outcome::Good => {
                (Word::Pass, None)
            }
            // Another signature lowers the letter.
            _ if alone.outcome == Outcome::Good => (Word::Policy, first()),
            _ if alone.because == Some(Code::RevocationUnknown) && may_be_fetched(report) => {
                (Word::TempError, alone.because)
            }
            _ => (Word::Policy, alone.because),
        }
    }
}

/// A result name (RFC 7281 §3.1), `none` apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Pass,
    Fail,
    Policy,
    Neutral,
    TempError,
    PermError,
}

impl Word {
    fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Policy => "policy",
            Self::Neutral => "neutral",
            Self::TempError => "temperror",
            Self::PermError => "permerror",
        }
    }
}

fn method(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Smime => "smime",
        Protocol::Openpgp => "x-pgp",
    }
}

/// No signature: `none` of each protocol that was looked for in vain. Nothing is known of a letter that stayed closed.
fn unsigned(report: &Report) -> Vec<Vec<String>> {
    let closed = |layer: &Layer| matches!(layer, Layer::Encrypted(layer) if layer.envelope && layer.decryption != Decryption::Opened);
    if report.layers.iter().any(closed) {
        return Vec::new();
    }
    let mut methods: Vec<&str> = report.signed_layers().map(|layer| method(layer.protocol)).collect();
    if methods.is_empty() {
        methods.push(method(if cfg!(feature = "smime") { Protocol::Smime } else { Protocol::Openpgp }));
    }
    methods.sort_unstable();
    methods.dedup();
    methods.iter().map(|method| vec![format!("{method}=none")]).collect()
}

fn may_be_fetched(report: &Report) -> bool {
    report.wants.iter().any(|want| matches!(want.purpose, FetchPurpose::Crl | FetchPurpose::Ocsp))
}

/// As a `pvalue`: local-part "@" domain-name, or in quotes what is no domain name.
fn identifier(mailbox: &str) -> Option<String> {
    let address: Address = mailbox.parse().ok()?;
    let text = address.to_string();
    let printable = |text: &str| text.bytes().all(|octet| octet.is_ascii_graphic() || octet == b' ');
    if !printable(&text) {
        return None;
    }
    let plain = is_dot_atom(address.local()) && !address.domain().starts_with('[');
    Some(if plain { text } else { value(&text) })
}

/// Serial number and issuer, both or neither (RFC 7281 §3.2.3).
fn certificate(summary: &CertificateSummary) -> Option<[String; 2]> {
    let printable = |text: &str| text.bytes().all(|octet| octet.is_ascii_graphic() || octet == b' ');
    let said = |text: &str| !text.is_empty() && text.len() <= LONGEST && printable(text);
    (said(&summary.serial) && said(&summary.issuer)).then(|| {
        [
            format!("body.smime-serial={}", value(&summary.serial)),
            format!("body.smime-issuer={}", value(&summary.issuer)),
        ]
    })
}

/// Where a signature is, as in IMAP (RFC 3501 §6.4.5); with a slash in front of what an opaque part holds.
struct Section<'r> {
    report: &'r Report,
    part: PartPath,
}

impl<'r> Section<'r> {
    fn of(report: &'r Report, layer: &SignedLayer) -> Self {
        let part = if layer.opaque { layer.part.clone() } else { layer.part.child(2) };
        Self { report, part }
    }

    /// It has no parts of its own kind: what is inside it had to be taken out first.
    fn is_opaque(&self, path: &[u32]) -> bool {
        let is_it =
            |media_type: &str| !media_type.starts_with("multipart/") && media_type != "message/rfc822";
        let mut parts = self.report.parts.iter().filter(|part| part.part.numbers() == path);
        parts.next().is_some_and(|part| is_it(&part.media_type))
    }
}

impl fmt::Display for Section<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = self.part.numbers();
        let mut from = 0_usize;
        for end in 0..numbers.len() {
            if self.is_opaque(numbers.get(..end).unwrap_or_default()) {
                section(f, numbers.get(from..end).unwrap_or_default())?;
                f.write_char('/')?;
                from = end.saturating_add(1);
            }
        }
        section(f, numbers.get(from..).unwrap_or_default())
    }
}

/// A letter of one part has it as its part 1.
fn section(f: &mut fmt::Formatter<'_>, numbers: &[u32]) -> fmt::Result {
    match numbers {
        [] => f.write_char('1'),
        [first, rest @ ..] => {
            write!(f, "{first}")?;
            rest.iter().try_for_each(|number| write!(f, ".{number}"))
        }
    }
}

/// The field, a new line where a word would go beyond the end of one.
fn folded(name: &AuthservId, results: &[Vec<String>]) -> String {
    let mut out = format!("{FIELD}: {name};");
    let mut column = out.len();
    let nothing = [vec!["none".to_owned()]];
    let results = if results.is_empty() { &nothing } else { results };
    for (index, words) in results.iter().enumerate() {
        for (place, word) in words.iter().enumerate() {
            let ends = place.saturating_add(1) == words.len() && index.saturating_add(1) < results.len();
            let length = word.len().saturating_add(usize::from(ends));
            if column.saturating_add(length).saturating_add(1) > LINE {
                out.push_str("\r\n");
                column = 0;
            }
            out.push(' ');
            out.push_str(word);
            if ends {
                out.push(';');
            }
            column = column.saturating_add(length).saturating_add(1);
        }
    }
    out
}
