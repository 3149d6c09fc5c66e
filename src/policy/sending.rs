//! What has to become of outgoing mail: rules, and what they come to for one recipient.
//!
//! - [`Sending`]: rules; [`Sending::decide`] gives a [`Decision`] for each recipient. Pure.
//! - [`Requirement`]: what a rule asks. Requirements only accumulate, so one rule more never permits what was refused.
//! - [`Protection`]: how a letter is protected; [`Decision::unmet`] says what of the requirements it does not meet.

mod decision;
mod protection;
mod words;

pub use decision::{Action, Decision, Demand};
pub use protection::{Encryption, Protection};

use serde::Serialize;

use crate::crypto::ContentCipher;
use crate::mime::Address;
use crate::policy::Party;
use crate::report::Protocol;

/// What a rule asks of a letter.
///
/// ```
/// use mailseal::policy::Requirement;
/// assert_eq!(serde_json::to_string(&Requirement::Encrypt).unwrap(), r#"{"require":"encrypt"}"#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "require", content = "of", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Requirement {
    /// It is not sent.
    Refuse,
    /// It waits until somebody lets it go.
    Hold,
    /// Somebody is asked, where nobody has said yes to this domain yet.
    Ask,
    /// It is signed.
    Sign,
    /// It is signed, and by these alone: fingerprints in full, or addresses that the keys name.
    SignWith(Vec<String>),
    /// It is encrypted.
    Encrypt,
    /// It is encrypted, by one of these.
    Protocols(Vec<Protocol>),
    /// It is encrypted, by S/MIME and with one of these.
    Ciphers(#[serde(serialize_with = "names")] Vec<ContentCipher>),
    /// It is encrypted to one of these certificates: fingerprints in full.
    Certificates(Vec<String>),
}

fn names<S: serde::Serializer>(ciphers: &[ContentCipher], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(ciphers.iter().map(ToString::to_string))
}

/// A rule for outgoing mail: from whom, to whom, and what is asked.
///
/// ```
/// # fn main() -> Result<(), mailseal::Error> {
/// use mailseal::policy::{Requirement, SendingRule};
/// let rule = SendingRule::new("agreement of 2026")
///     .to("*@partner.example".parse()?)
///     .require(Requirement::Encrypt)
///     .because("contracts are confidential");
/// assert!(rule.is_about(None, &"bob@partner.example".parse()?));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendingRule {
    name: String,
    from: Vec<Party>,
    to: Vec<Party>,
    except: Vec<Party>,
    demands: Vec<(String, Requirement)>,
    reason: Option<String>,
}

impl SendingRule {
    /// A rule for all mail that asks nothing yet, by the name that it is quoted by: of a file, `policy.toml:12`.
    pub fn new(name: impl Into<String>) -> Self {
        let (from, to, except) = (Vec::new(), Vec::new(), Vec::new());
        Self { name: name.into(), from, to, except, demands: Vec::new(), reason: None }
    }

    /// Only for mail from these.
    #[must_use]
    pub fn from(mut self, party: Party) -> Self {
        self.from.push(party);
        self
    }

    /// Only for mail to these.
    #[must_use]
    pub fn to(mut self, party: Party) -> Self {
        self.to.push(party);
        self
    }

    /// Not for mail to these.
    #[must_use]
    pub fn except(mut self, party: Party) -> Self {
        self.except.push(party);
        self
    }

    /// Asks this too.
    #[must_use]
    pub fn require(self, requirement: Requirement) -> Self {
        let name = self.name.clone();
        self.require_by(name, requirement)
    }

    /// Asks this too, by a line of its own.
    #[must_use]
    pub(crate) fn require_by(mut self, name: String, requirement: Requirement) -> Self {
        self.demands.push((name, requirement));
        self
    }

    /// Why: told to whoever sends.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Whether it is about mail from one to another. A sender who cannot be told may be anybody.
    pub fn is_about(&self, from: Option<&Address>, to: &Address) -> bool {
        let named =
            |parties: &[Party], who: &Address| parties.is_empty() || parties.iter().any(|one| one.has(who));
        from.is_none_or(|from| named(&self.from, from))
            && named(&self.to, to)
            && !self.except.iter().any(|one| one.has(to))
    }

    #[cfg(feature = "policy-file")]
    pub(crate) fn asks_nothing(&self) -> bool {
        self.demands.is_empty()
    }

    fn demands(&self) -> impl Iterator<Item = Demand> + '_ {
        self.demands.iter().map(|(name, requirement)| Demand {
            requirement: requirement.clone(),
            rule: name.clone(),
            reason: self.reason.clone(),
        })
    }
}

/// Rules for outgoing mail. The most restrictive one wins: each rule that is about a letter adds what it asks, and none
/// takes anything away.
///
/// ```
/// # fn main() -> Result<(), mailseal::Error> {
/// use mailseal::policy::{Action, Requirement, Sending, SendingRule};
/// let partner = SendingRule::new("partner").to("*@partner.example".parse()?).require(Requirement::Encrypt);
/// let sending = Sending::new().rule(partner);
/// let bob = sending.decide(Some(&"alice@example.org".parse()?), &"bob@partner.example".parse()?);
/// assert!(bob.encrypt() && bob.action() == Action::Pass);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sending {
    rules: Vec<SendingRule>,
}

impl Sending {
    /// No rules: all may be sent as it is.
    pub fn new() -> Self {
        Self::default()
    }

    /// With this rule too.
    #[must_use]
    pub fn rule(mut self, rule: SendingRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// With the rules of another too.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        for rule in &other.rules {
            if !self.rules.contains(rule) {
                self.rules.push(rule.clone());
            }
        }
        self
    }

    /// No rule at all.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// What is asked of mail from one to another. `from` is the one From address, or nothing where it cannot be told:
    /// then all rules count that name a sender. Where `to` names somebody else for a server on the way,
    /// `bob%b.example@a.example`, the rules count that are about them too.
    pub fn decide(&self, from: Option<&Address>, to: &Address) -> Decision {
        let routes = to.routes();
        let about = self.rules.iter().filter(|rule| {
            rule.is_about(from, to) || routes.iter().any(|further| rule.is_about(from, further))
        });
        Decision { recipient: to.clone(), demands: about.flat_map(SendingRule::demands).collect() }
    }
}

#[cfg(test)]
mod tests;
