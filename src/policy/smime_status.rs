//! The verdict as a JMAP server says it (RFC 9219).
//!
//! - [`Verdict::smime_status`], [`Verdict::smime_errors`]; with the time of looking, [`Verdict::smime_properties`].

use std::fmt;

use serde::Serialize;

use crate::policy::authentication_results::Word;
use crate::policy::sentences;
use crate::policy::verdict::Alone;
use crate::policy::{Outcome, Verdict};
use crate::report::{Code, Decryption, Layer, Protocol, Report, Severity};
use crate::time::UnixTime;

/// The values of `smimeStatus` and `smimeStatusAtDelivery` (RFC 9219 §4.1).
///
/// ```
/// use mailseal::policy::SmimeStatus;
/// assert_eq!(SmimeStatus::EncryptedSignedVerified.as_str(), "encrypted+signed/verified");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum SmimeStatus {
    /// S/MIME, and neither signed nor readable; or signed by another protocol.
    #[serde(rename = "unknown")]
    Unknown,
    /// Signed, and a later look may say more: an answer about revocation could not be had.
    #[serde(rename = "signed")]
    Signed,
    /// Signed, and the verdict is `good`: the certificate names the From address.
    #[serde(rename = "signed/verified")]
    SignedVerified,
    /// Signed, and not good: altered, by somebody else, unknown, expired, revoked …
    #[serde(rename = "signed/failed")]
    SignedFailed,
    /// [`SignedVerified`](Self::SignedVerified), and it was encrypted around the signature. Reserved by the RFC; clients
    /// take it as the former.
    #[serde(rename = "encrypted+signed/verified")]
    EncryptedSignedVerified,
    /// [`SignedFailed`](Self::SignedFailed), and it was encrypted.
    #[serde(rename = "encrypted+signed/failed")]
    EncryptedSignedFailed,
}

impl SmimeStatus {
    /// As it stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Signed => "signed",
            Self::SignedVerified => "signed/verified",
            Self::SignedFailed => "signed/failed",
            Self::EncryptedSignedVerified => "encrypted+signed/verified",
            Self::EncryptedSignedFailed => "encrypted+signed/failed",
        }
    }

    /// One of the two `failed`.
    pub fn is_failed(self) -> bool {
        matches!(self, Self::SignedFailed | Self::EncryptedSignedFailed)
    }
}

impl fmt::Display for SmimeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The properties that RFC 9219 adds to an Email, as they stand in JSON; `null` where there is nothing to say. With the time
/// of delivery as `at` of the report, `smimeStatus` is `smimeStatusAtDelivery`.
///
/// ```
/// # #[cfg(feature = "smime")] {
/// # let report = include!("../../examples/letters/report.rs");
/// let verdict = mailseal::Policy::standard().judge(&report);
/// assert_eq!(
///     serde_json::to_string(&verdict.smime_properties(&report, "en")).unwrap(),
///     r#"{"smimeStatus":"signed/verified","smimeErrors":null,"smimeVerifiedAt":"2027-01-15T08:00:00Z"}"#
/// );
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SmimeProperties {
    /// See [`Verdict::smime_status`].
    pub smime_status: Option<SmimeStatus>,
    /// See [`Verdict::smime_errors`].
    pub smime_errors: Option<Vec<String>>,
    /// When it was looked at, if it could be verified or failed.
    pub smime_verified_at: Option<UnixTime>,
}

/// Sentences of `smimeErrors`.
const ERRORS: usize = 16;

impl Verdict {
    /// The letter's `smimeStatus` (RFC 9219 §4.1); `None`, JSON's null, where it has no signature. Takes the report that the
    /// verdict was made from. With the time of delivery as `at` of the report it is `smimeStatusAtDelivery`.
    ///
    /// ```
    /// # #[cfg(feature = "smime")] {
    /// # let report = include!("../../examples/letters/report.rs");
    /// use mailseal::policy::SmimeStatus;
    /// let verdict = mailseal::Policy::standard().judge(&report);
    /// assert_eq!(verdict.smime_status(&report), Some(SmimeStatus::SignedVerified));
    /// assert_eq!(verdict.smime_errors(&report, "en"), None);
    /// println!("smimeVerifiedAt: {}", report.at);
    /// # }
    /// ```
    pub fn smime_status(&self, report: &Report) -> Option<SmimeStatus> {
        let own = self.smime_signatures(report);
        if own.is_empty() {
            let bare = report.findings.iter().any(|finding| finding.code == Code::CertificatesOnly);
            return (bare || report.layers.iter().any(may_be_signed)).then_some(SmimeStatus::Unknown);
        }
        let verified = self.outcome == Outcome::Good
            && self.decided_by(report).is_some_and(|(layer, ..)| layer.protocol == Protocol::Smime);
        if verified {
            let sealed = self.decided_by(report).is_some_and(|(layer, ..)| is_sealed(report, &layer.part));
            return Some(match sealed {
                false => SmimeStatus::SignedVerified,
                true => SmimeStatus::EncryptedSignedVerified,
            });
        }
        if own.iter().any(|alone| self.word(report, alone) == Some(Word::TempError)) {
            return Some(SmimeStatus::Signed);
        }
        let parts = own.iter().filter_map(|alone| report.signed_layers().nth(alone.subject.layer));
        Some(match parts.into_iter().any(|layer| is_sealed(report, &layer.part)) {
            false => SmimeStatus::SignedFailed,
            true => SmimeStatus::EncryptedSignedFailed,
        })
    }

    /// The letter's `smimeErrors`: why it failed, in sentences for people, in the language of a tag such as `ja`. `None`,
    /// JSON's null, where it did not.
    pub fn smime_errors(&self, report: &Report, language: &str) -> Option<Vec<String>> {
        if !self.smime_status(report).is_some_and(SmimeStatus::is_failed) {
            return None;
        }
        let words = sentences::language(language);
        let mut said: Vec<String> = Vec::new();
        for note in self.notes.iter().filter(|note| note.severity > Severity::Info) {
            let sentence = words.problem(note.code).to_owned();
            if !said.contains(&sentence) && said.len() < ERRORS {
                said.push(sentence);
            }
        }
        Some(said)
    }

    /// All of RFC 9219 §4.1 in one.
    pub fn smime_properties(&self, report: &Report, language: &str) -> SmimeProperties {
        let status = self.smime_status(report);
        let told = status.filter(|status| !matches!(status, SmimeStatus::Unknown | SmimeStatus::Signed));
        SmimeProperties {
            smime_status: status,
            smime_errors: self.smime_errors(report, language),
            smime_verified_at: told.map(|_| report.at),
        }
    }

    fn smime_signatures(&self, report: &Report) -> Vec<&Alone> {
        let smime = |alone: &&Alone| {
            let layer = report.signed_layers().nth(alone.subject.layer);
            layer.is_some_and(|layer| layer.protocol == Protocol::Smime)
        };
        self.alone.iter().filter(smime).collect()
    }
}

/// Signed by another protocol, or S/MIME that does not say whether it is.
fn may_be_signed(layer: &Layer) -> bool {
    match layer {
        Layer::Signed(_) | Layer::Compressed(_) => true,
        Layer::Encrypted(encrypted) => encrypted.protocol == Protocol::Smime && !is_opened(layer),
    }
}

fn is_opened(layer: &Layer) -> bool {
    matches!(layer, Layer::Encrypted(layer) if layer.decryption == Decryption::Opened)
}

/// It lies in an encrypted layer of the envelope.
fn is_sealed(report: &Report, part: &crate::mime::PartPath) -> bool {
    let around = |layer: &Layer| match layer {
        Layer::Encrypted(encrypted) => {
            encrypted.envelope && is_opened(layer) && encrypted.part.contains(part)
        }
        Layer::Signed(_) | Layer::Compressed(_) => false,
    };
    report.layers.iter().any(around)
}
