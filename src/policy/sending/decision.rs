//! What rules come to for one recipient.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{Protection, Requirement};
use crate::crypto::ContentCipher;
use crate::mime::Address;
use crate::report::Protocol;

/// What is done with a letter, the strictest first: 0 is "not sent".
///
/// ```
/// use mailseal::policy::Action;
/// assert_eq!(Action::Hold.stricter(Action::Pass), Action::Hold);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(i32)]
pub enum Action {
    /// It is not sent, or not taken.
    #[default]
    Refuse = 0,
    /// It waits until somebody lets it go: Postfix's hold queue.
    Hold = 1,
    /// Somebody is asked first.
    Ask = 2,
    /// It goes its way.
    Pass = 3,
}

impl Action {
    /// The stricter of two.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        self.min(other)
    }

    /// `refuse`, `hold`, `ask`, `pass`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Hold => "hold",
            Self::Ask => "ask",
            Self::Pass => "pass",
        }
    }
}

/// One requirement, and the rule that asks it.
///
/// ```
/// fn print(demand: &mailseal::policy::Demand) {
///     println!("{}: {:?}", demand.rule, demand.requirement);
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Demand {
    /// What.
    #[serde(flatten)]
    pub requirement: Requirement,
    /// By which rule: of a file, its name and line.
    pub rule: String,
    /// Why, as the rule says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What is asked of a letter to one recipient, and by which rules.
///
/// ```
/// # fn main() -> Result<(), mailseal::Error> {
/// use mailseal::policy::{Action, Protection, Requirement, Sending, SendingRule};
/// let sending = Sending::new().rule(SendingRule::new("all mail").require(Requirement::Sign));
/// let decision = sending.decide(None, &"bob@partner.example".parse()?);
/// assert_eq!(decision.unmet(&Protection::none())[0].rule, "all mail");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decision {
    /// Whom the letter goes to.
    pub recipient: Address,
    /// All that is asked, in the order of the rules.
    pub demands: Vec<Demand>,
}

impl Decision {
    /// What is done with a letter that meets all that can be met.
    pub fn action(&self) -> Action {
        if self.contradictions().next().is_some() {
            return Action::Refuse;
        }
        let own = |demand: &Demand| match demand.requirement {
            Requirement::Refuse => Action::Refuse,
            Requirement::Hold => Action::Hold,
            Requirement::Ask => Action::Ask,
            _ => Action::Pass,
        };
        self.demands.iter().map(own).fold(Action::Pass, Action::stricter)
    }

    /// It has to be signed.
    pub fn sign(&self) -> bool {
        self.demands.iter().any(|one| one.requirement.asks_signature())
    }

    /// It has to be encrypted.
    pub fn encrypt(&self) -> bool {
        self.demands.iter().any(|one| one.requirement.asks_encryption())
    }

    /// What the letter does not meet. Whether to ask, and to hold, is none of it: no letter is like that.
    pub fn unmet(&self, letter: &Protection) -> Vec<&Demand> {
        let mut unmet: Vec<&Demand> = self.contradictions().flat_map(|(one, other)| [one, other]).collect();
        for demand in &self.demands {
            if !demand.requirement.is_met(letter) && !unmet.contains(&demand) {
                unmet.push(demand);
            }
        }
        unmet
    }

    /// Two that no letter can meet at once.
    fn contradictions(&self) -> impl Iterator<Item = (&Demand, &Demand)> {
        let pairs = self.demands.iter().enumerate().flat_map(|(index, one)| {
            self.demands.iter().skip(index.saturating_add(1)).map(move |other| (one, other))
        });
        pairs.filter(|(one, other)| one.requirement.excludes(&other.requirement))
    }

    /// Those that ask.
    pub(crate) fn asking(&self) -> impl Iterator<Item = &Demand> {
        self.demands.iter().filter(|one| one.requirement == Requirement::Ask)
    }

    /// Those that hold.
    pub(crate) fn holding(&self) -> impl Iterator<Item = &Demand> {
        self.demands.iter().filter(|one| one.requirement == Requirement::Hold)
    }

    /// Somebody has said yes to this domain.
    pub(crate) fn answered(mut self) -> Self {
        self.demands.retain(|one| one.requirement != Requirement::Ask);
        self
    }

    /// Whether a certificate of this protocol and fingerprint may be encrypted to.
    pub(crate) fn allows_certificate(&self, protocol: Protocol, fingerprint: &str) -> bool {
        self.demands.iter().all(|one| match &one.requirement {
            Requirement::Protocols(all) => all.contains(&protocol),
            Requirement::Ciphers(_) => protocol == Protocol::Smime,
            Requirement::Certificates(all) => all.iter().any(|own| own == fingerprint),
            _ => true,
        })
    }

    /// The ciphers that all rules allow, where one names any.
    pub(crate) fn ciphers(&self) -> Option<Vec<ContentCipher>> {
        let mut lists = self.demands.iter().filter_map(|one| match &one.requirement {
            Requirement::Ciphers(all) => Some(all),
            _ => None,
        });
        let mut allowed = lists.next()?.clone();
        for list in lists {
            allowed.retain(|one| list.contains(one));
        }
        Some(allowed)
    }
}

impl Requirement {
    fn asks_signature(&self) -> bool {
        matches!(self, Self::Sign | Self::SignWith(_))
    }

    fn asks_encryption(&self) -> bool {
        matches!(self, Self::Encrypt | Self::Protocols(_) | Self::Ciphers(_) | Self::Certificates(_))
    }

    fn is_met(&self, letter: &Protection) -> bool {
        let encryption = letter.encryption.as_ref();
        match self {
            Self::Refuse => false,
            Self::Hold | Self::Ask => true,
            Self::Sign => !letter.signers.is_empty(),
            Self::SignWith(names) => {
                let is_named = |signer: &Vec<String>| signer.iter().any(|name| names.contains(name));
                !letter.signers.is_empty() && letter.signers.iter().all(is_named)
            }
            Self::Encrypt => encryption.is_some(),
            Self::Protocols(all) => encryption.is_some_and(|one| all.contains(&one.protocol)),
            Self::Ciphers(all) => encryption.is_some_and(|one| {
                one.protocol == Protocol::Smime && one.cipher.is_some_and(|own| all.contains(&own))
            }),
            Self::Certificates(all) => {
                encryption.is_some_and(|one| one.certificates.iter().any(|own| all.contains(own)))
            }
        }
    }

    /// Whether no letter meets both.
    fn excludes(&self, other: &Self) -> bool {
        let none_in = |protocols: &[Protocol]| !protocols.contains(&Protocol::Smime);
        match (self, other) {
            (Self::Protocols(one), Self::Protocols(other)) => one.iter().all(|own| !other.contains(own)),
            (Self::Ciphers(one), Self::Ciphers(other)) => one.iter().all(|own| !other.contains(own)),
            (Self::Certificates(one), Self::Certificates(other)) => {
                one.iter().all(|own| !other.contains(own))
            }
            (Self::Protocols(all), Self::Ciphers(_)) | (Self::Ciphers(_), Self::Protocols(all)) => {
                none_in(all)
            }
            // An address and a fingerprint may name the same key, and one key may name two addresses.
            (Self::SignWith(one), Self::SignWith(other)) => {
                let by_address = one.iter().chain(other).any(|name| name.contains('@'));
                !by_address && one.iter().all(|own| !other.contains(own))
            }
            _ => false,
        }
    }
}

/// With what it comes to, but for the action: that depends on the letter.
impl Serialize for Decision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Decision", 4)?;
        fields.serialize_field("recipient", &self.recipient)?;
        fields.serialize_field("sign", &self.sign())?;
        fields.serialize_field("encrypt", &self.encrypt())?;
        fields.serialize_field("demands", &self.demands)?;
        fields.end()
    }
}
