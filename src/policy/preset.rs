//! A policy: its presets, and the rules that are added to them.

use std::borrow::Cow;

use crate::policy::{Algorithms, IncomingRule, Sending};
use crate::report::Code;

/// What a report is worth: a dated preset that never changes. [`Policy::standard`] moves on to a newer one.
///
/// Pure: the same report gives the same verdict, everywhere and always.
///
/// ```
/// # fn act(report: &mailseal::Report) {
/// use mailseal::policy::{Outcome, Policy};
/// let verdict = Policy::standard().judge(report);
/// assert_eq!(verdict.policy, "standard-2026-11");
/// if verdict.outcome == Outcome::Good { /* the whole letter, by the From address */ }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub(super) name: Cow<'static, str>,
    pub(super) algorithms: Algorithms,
    /// Findings that count as `caution` although by themselves they lower nothing.
    pub(super) raised: &'static [Code],
    /// A letter that nobody signed may be acted on as such.
    pub(super) unsigned: bool,
    /// A broken signature of the envelope lowers the outcome even if nobody knows its key.
    pub(super) strangers_count: bool,
    pub(super) sending: Sending,
    pub(super) incoming: Vec<IncomingRule>,
}

impl Policy {
    /// For people who read mail: the table of `docs/outcomes.md`, capped by the severity of each finding.
    pub fn standard() -> Self {
        Self {
            name: "standard-2026-11".into(),
            algorithms: Algorithms::standard(),
            unsigned: true,
            raised: &[],
            strangers_count: false,
            sending: Sending::new(),
            incoming: Vec::new(),
        }
    }

    /// For programs that act on mail. Never more than [`Policy::standard`] gives, and at most `caution` where
    /// - nobody looked whether the certificate is revoked ([`Code::RevocationUnknown`]), except where the caller gave
    ///   the certificate itself as an anchor;
    /// - text stands before or after the signed parts ([`Code::UnsignedExtra`]), octets after the signature
    ///   ([`Code::TrailingOctets`]), or a declared type is not what it is ([`Code::TypeMismatch`]);
    /// - a certificate on the path is not written as RFC 5280 §4 asks ([`Code::CertificateProfile`]);
    /// - any other signature of the envelope is broken, whoever made it.
    ///
    /// Its [`algorithms`](Self::algorithms) withhold encrypted content that nothing protects from change, if they are
    /// given to the [`Context`](crate::Context) before opening.
    pub fn strict() -> Self {
        Self {
            name: "strict-2026-11".into(),
            algorithms: Algorithms::strict(),
            unsigned: false,
            raised: &[
                Code::RevocationUnknown,
                Code::CertificateProfile,
                Code::UnsignedExtra,
                Code::TrailingOctets,
                Code::TypeMismatch,
            ],
            strangers_count: true,
            sending: Sending::new(),
            incoming: Vec::new(),
        }
    }

    /// The same with other algorithms. Its name becomes `custom`: it is no longer the preset.
    #[must_use]
    pub fn with_algorithms(self, algorithms: Algorithms) -> Self {
        Self { name: "custom".into(), algorithms, ..self }
    }

    /// The same under another name.
    #[cfg(feature = "policy-file")]
    pub(crate) fn named(self, name: String) -> Self {
        Self { name: name.into(), ..self }
    }

    /// What it is called in verdicts.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same with these rules for outgoing mail too. They are asked wherever a letter is composed, planned or checked
    /// with a [`Context`](crate::Context) that has the policy.
    ///
    /// ```
    /// # fn main() -> Result<(), mailseal::Error> {
    /// use mailseal::policy::{Policy, Requirement, Sending, SendingRule};
    /// let rule = SendingRule::new("partner").to("*@partner.example".parse()?).require(Requirement::Encrypt);
    /// let policy = Policy::standard().with_sending(Sending::new().rule(rule));
    /// assert!(!policy.sending().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_sending(mut self, sending: Sending) -> Self {
        self.sending = self.sending.and(&sending);
        self
    }

    /// The rules for outgoing mail.
    pub fn sending(&self) -> &Sending {
        &self.sending
    }

    /// The same with this rule for incoming mail too. Its name becomes `custom`: it is no longer the preset.
    #[must_use]
    pub fn incoming(mut self, rule: IncomingRule) -> Self {
        self.incoming.push(rule);
        Self { name: "custom".into(), ..self }
    }

    /// Which algorithms may be relied on; for the verifiers, which report the rest as weak.
    pub fn algorithms(&self) -> &Algorithms {
        &self.algorithms
    }

    /// Whether a letter that nobody signed passes, where all of it was decrypted: yes by the standard, no where nothing
    /// is taken on faith.
    ///
    /// ```
    /// use mailseal::Policy;
    /// assert!(Policy::standard().lets_unsigned_pass());
    /// assert!(!Policy::strict().lets_unsigned_pass());
    /// ```
    pub fn lets_unsigned_pass(&self) -> bool {
        self.unsigned
    }
}
