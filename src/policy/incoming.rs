//! What is required of incoming mail, by its sender.

use crate::mime::{Address, FromHeader, Headers};
use crate::policy::{Action, Outcome, Party};
use crate::report::{Assurance, Code, Decryption, Evidence, Layer, Report, Signature};

/// A rule for incoming mail: of whom, what is required, and what becomes of a letter that falls short. Such a letter is at
/// most `caution`, with the reason [`Code::PolicyNotMet`].
///
/// ```
/// # fn main() -> Result<(), mailseal::Error> {
/// use mailseal::policy::{Action, Expectation, IncomingRule, Policy};
/// let bank = IncomingRule::new("bank").from("*@bank.example".parse()?);
/// let policy = Policy::standard().incoming(bank.expect(Expectation::Encrypted).otherwise(Action::Hold));
/// # let _ = policy;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingRule {
    name: String,
    from: Vec<Party>,
    except: Vec<Party>,
    expected: Vec<(String, Expectation)>,
    otherwise: Action,
    reason: Option<String>,
}

/// What a rule requires of an incoming letter.
///
/// ```
/// use mailseal::{Outcome, policy::Expectation};
/// let signed_and_trusted = Expectation::Outcome(Outcome::Good);
/// # let _ = signed_and_trusted;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expectation {
    /// The outcome is at least this, of bad, none, caution, good.
    Outcome(Outcome),
    /// A certificate authority says that it checked at least this of the signer, who is trusted.
    Assurance(Assurance),
    /// The signer is trusted for one of these reasons.
    Trust(Vec<Believed>),
    /// The whole letter came encrypted, and was opened.
    Encrypted,
}

/// Why a signer is trusted: the kinds of [`Evidence`].
///
/// ```
/// use mailseal::policy::Believed;
/// assert_eq!(Believed::WORDS[0], ("path", Believed::Path));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Believed {
    /// A certification path from an anchor.
    Path,
    /// The certificate was given as an anchor itself.
    Anchor,
    /// The certificate was tied to the address.
    Pin,
    /// The Web of Trust.
    WebOfTrust,
}

impl Believed {
    /// Their names in a file.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("path", Self::Path),
        ("anchor", Self::Anchor),
        ("pin", Self::Pin),
        ("web-of-trust", Self::WebOfTrust),
    ];

    fn of(evidence: &Evidence) -> Self {
        match evidence {
            Evidence::CertificationPath { .. } => Self::Path,
            Evidence::Direct { .. } => Self::Anchor,
            Evidence::Pinned { .. } => Self::Pin,
            Evidence::WebOfTrust { .. } => Self::WebOfTrust,
        }
    }
}

/// What a letter falls short of.
pub(crate) struct Shortfall {
    pub(crate) action: Action,
    /// By which rules, and why.
    pub(crate) detail: String,
}

impl IncomingRule {
    /// A rule for all mail that requires nothing yet, by the name that it is quoted by: of a file, `policy.toml:30`.
    pub fn new(name: impl Into<String>) -> Self {
        let (from, except, expected) = (Vec::new(), Vec::new(), Vec::new());
        Self { name: name.into(), from, except, expected, otherwise: Action::Pass, reason: None }
    }

    /// Only for mail from these.
    #[must_use]
    pub fn from(mut self, party: Party) -> Self {
        self.from.push(party);
        self
    }

    /// Not for mail from these.
    #[must_use]
    pub fn except(mut self, party: Party) -> Self {
        self.except.push(party);
        self
    }

    /// Requires this too.
    #[must_use]
    pub fn expect(self, expectation: Expectation) -> Self {
        let name = self.name.clone();
        self.expect_by(name, expectation)
    }

    /// Requires this too, by a line of its own.
    #[must_use]
    pub(crate) fn expect_by(mut self, name: String, expectation: Expectation) -> Self {
        self.expected.push((name, expectation));
        self
    }

    /// What is done with a letter that falls short, besides the warning: [`Verdict::action`](crate::Verdict::action).
    #[must_use]
    pub fn otherwise(self, action: Action) -> Self {
        Self { otherwise: action, ..self }
    }

    /// Why: told with the warning.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    #[cfg(feature = "policy-file")]
    pub(crate) fn expects_nothing(&self) -> bool {
        self.expected.is_empty()
    }

    /// A From that cannot be read may be anybody's; of several addresses each counts, and of a protected header those inside.
    fn is_about(&self, report: &Report) -> bool {
        let unsure = [Code::FromMissing, Code::FromUnreadable];
        if report.from.mailboxes.is_empty() || report.findings.iter().any(|one| unsure.contains(&one.code)) {
            return true;
        }
        let outside = report.from.mailboxes.iter().map(|mailbox| mailbox.parse().ok());
        outside.chain(inside(report)).any(|author: Option<Address>| match author {
            Some(address) => {
                (self.from.is_empty() || self.from.iter().any(|one| one.has(&address)))
                    && !self.except.iter().any(|one| one.has(&address))
            }
            None => true,
        })
    }

    /// What a letter that is worth this falls short of.
    pub(crate) fn shortfall(
        &self,
        report: &Report,
        outcome: Outcome,
        signature: Option<&Signature>,
    ) -> Option<Shortfall> {
        if !self.is_about(report) {
            return None;
        }
        let missed = |(_, one): &&(String, Expectation)| !one.is_met(report, outcome, signature);
        let rules: Vec<&str> = self.expected.iter().filter(missed).map(|(rule, _)| rule.as_str()).collect();
        let rule = rules.first().map(|_| rules.join(", "))?;
        let detail = match &self.reason {
            Some(reason) => format!("{rule}: {reason}"),
            None => rule,
        };
        Some(Shortfall { action: self.otherwise, detail })
    }
}

/// The authors whom a protected header names, as far as they can be read: readers may show them instead.
fn inside(report: &Report) -> Vec<Option<Address>> {
    let from = report.headers.fields.iter().filter(|field| field.name.eq_ignore_ascii_case("From"));
    let named = from.filter_map(|field| field.value.as_ref()).flat_map(|value| {
        let field = format!("From: {value}\r\n");
        FromHeader::read(&Headers::new(field.as_bytes())).mailboxes
    });
    named.map(|mailbox| mailbox.address.ok()).collect()
}

impl Expectation {
    fn is_met(&self, report: &Report, outcome: Outcome, signature: Option<&Signature>) -> bool {
        // Who the signer is counts only where the letter is theirs.
        let signature = signature.filter(|_| outcome == Outcome::Good);
        match self {
            Self::Outcome(least) => outcome.rank() >= least.rank(),
            Self::Assurance(least) => {
                let signer = signature.and_then(|one| one.signer.as_ref());
                signer.is_some_and(|signer| signer.assurance >= Some(*least))
            }
            Self::Trust(reasons) => signature
                .is_some_and(|one| one.evidence.iter().any(|own| reasons.contains(&Believed::of(own)))),
            Self::Encrypted => {
                let opened = |layer: &Layer| matches!(layer, Layer::Encrypted(one) if one.envelope && one.decryption == Decryption::Opened);
                report.layers.iter().any(opened)
            }
        }
    }
}
