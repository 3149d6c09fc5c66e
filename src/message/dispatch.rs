//! What the policy lets go out: asked by whatever composes, plans or passes on a letter.
//!
//! - [`Context::decide_sending`]: what is asked of mail from one to others.
//! - [`Context::check_sending`]: whether a finished letter may go.

use serde::Serialize;

use crate::error::Error;
use crate::input::Input;
use crate::message::{Context, Opener, recipients};
use crate::mime::{Address, FromHeader, Headers};
use crate::policy::{Action, Decision, Demand, Protection, Requirement, Sending, escape};
use crate::time::UnixTime;

/// What the policy says of a letter, for each of its recipients and for all.
///
/// ```
/// # fn main() -> Result<(), mailseal::Error> {
/// use mailseal::policy::{Action, Policy, Requirement, Sending, SendingRule};
/// use mailseal::{Context, TrustStore};
/// let rule = SendingRule::new("partner").to("*@partner.example".parse()?).require(Requirement::Encrypt);
/// let policy = Policy::standard().with_sending(Sending::new().rule(rule));
/// let cx = Context::new(TrustStore::new()).policy(&policy);
/// let letter = b"From: alice@example.org\r\nTo: bob@partner.example\r\n\r\nIn clear.\r\n";
/// let dispatch = cx.check_sending(letter, None, std::time::SystemTime::now())?;
/// assert_eq!(dispatch.action, Action::Refuse);
/// println!("{}", dispatch.text("en"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Dispatch {
    /// The strictest of all.
    pub action: Action,
    /// One for each recipient.
    pub recipients: Vec<Destination>,
}

/// What becomes of a letter on its way to one recipient.
///
/// ```
/// fn print(one: &mailseal::Destination) {
///     println!("{}: {}", one.decision.recipient, one.action.as_str());
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Destination {
    /// What is done.
    pub action: Action,
    /// What is asked, and by which rules.
    #[serde(flatten)]
    pub decision: Decision,
    /// What of it the letter does not meet; nothing where no letter was looked at.
    pub unmet: Vec<Demand>,
}

/// To what somebody has said yes.
#[derive(Debug, Clone, Default)]
pub(super) struct Consent {
    /// Domains that mail may go to for the first time.
    pub(super) domains: Vec<String>,
    /// What is held may be written: the caller keeps it.
    pub(super) holds: bool,
}

/// What a group was planned by.
#[derive(Debug, Clone)]
pub(super) struct Terms {
    pub(super) rules: Sending,
    pub(super) consent: Consent,
}

impl Consent {
    /// As it stands in an [`Address`].
    pub(super) fn confirm(&mut self, domain: &str) {
        let read = format!("postmaster@{domain}").parse::<Address>();
        self.domains.push(read.map_or_else(|_| domain.to_owned(), |address| address.domain().to_owned()));
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        let domains = self.domains.iter().chain(&other.domains).cloned().collect();
        Self { domains, holds: self.holds || other.holds }
    }

    /// Why a letter to this recipient may not be written, by all but how it is protected.
    pub(super) fn objection(&self, decision: &Decision) -> Option<String> {
        let asks = !self.domains.iter().any(|own| own == decision.recipient.domain());
        let open: Vec<&Demand> = decision
            .asking()
            .filter(|_| asks)
            .chain(decision.holding().filter(|_| !self.holds))
            .chain(decision.demands.iter().filter(|one| one.requirement == Requirement::Refuse))
            .collect();
        (!open.is_empty()).then(|| decision.refusal(&open))
    }
}

impl Context {
    /// What the rules for outgoing mail ask of mail from one to others, without any letter. `from` is the one From address;
    /// nothing where it cannot be told, and then all rules count that name a sender. A domain that the memory knows is not
    /// asked about.
    ///
    /// ```
    /// # fn main() -> Result<(), mailseal::Error> {
    /// use mailseal::policy::{Action, Policy, Requirement, Sending, SendingRule};
    /// use mailseal::{Context, TrustStore};
    /// let rule = SendingRule::new("new domains").require(Requirement::Ask);
    /// let cx = Context::new(TrustStore::new())
    ///     .policy(&Policy::standard().with_sending(Sending::new().rule(rule)));
    /// let dispatch = cx.decide_sending(None, &["bob@partner.example".parse()?])?;
    /// assert_eq!(dispatch.recipients[0].action, Action::Ask);
    /// # Ok(())
    /// # }
    /// ```
    pub fn decide_sending(&self, from: Option<&Address>, to: &[Address]) -> Result<Dispatch, Error> {
        let decisions = self.decisions(self.sending(), from, to)?;
        let unseen =
            |decision: Decision| Destination { action: decision.action(), decision, unmet: Vec::new() };
        Ok(Dispatch::of(decisions.into_iter().map(unseen), self.sending()))
    }

    /// Whether a finished letter may go out as it is: for what was not made by a [`Composer`](crate::Composer), which asks
    /// by itself. `to` are the recipients of the envelope (RFC 5321 §4.1.1.3); without them, those of To, Cc, Bcc,
    /// Resent-To, -Cc and -Bcc.
    ///
    /// A letter that somebody encrypted before counts as encrypted. What is signed inside cannot be seen, and does not
    /// count.
    pub fn check_sending<'a>(
        &self,
        letter: impl Into<Input<'a>>,
        to: Option<&[Address]>,
        at: impl Into<UnixTime>,
    ) -> Result<Dispatch, Error> {
        let at = at.into();
        let source = letter.into().load(self.bounds())?;
        let opened = Opener::new(&self.alone()).open_source(source.clone(), at)?;
        let Some((_, head)) = &opened.letter else {
            return Err(Error::malformed("a letter", "it has no header"));
        };
        let header = source.read(head.clone(), self.bounds().header_bytes, "header_bytes")?;
        let headers = Headers::new(&header);
        let from = FromHeader::read(&headers);
        let to = match (to, self.sending().is_empty()) {
            (None, true) => recipients::of(&headers),
            (to, _) => whom(&headers, to)?,
        };
        let protection = Protection::of(&opened.report);
        let decisions = self.decisions(self.sending(), from.sole(), &to)?;
        let seen = |decision: Decision| {
            let unmet: Vec<Demand> = decision.unmet(&protection).into_iter().cloned().collect();
            let action = if unmet.is_empty() { decision.action() } else { Action::Refuse };
            Destination { action, decision, unmet }
        };
        Ok(Dispatch::of(decisions.into_iter().map(seen), self.sending()))
    }

    /// By these rules, and by what is remembered.
    pub(super) fn decisions(
        &self,
        rules: &Sending,
        from: Option<&Address>,
        to: &[Address],
    ) -> Result<Vec<Decision>, Error> {
        let mut decisions = Vec::new();
        for recipient in to {
            let decision = rules.decide(from, recipient);
            let asks = decision.asking().next().is_some();
            let known = asks && recipient.routes().is_empty() && self.knows_domain(recipient.domain())?;
            decisions.push(if known { decision.answered() } else { decision });
        }
        Ok(decisions)
    }
}

/// The recipients of the envelope, or of the header, those of a letter sent on as well. An error where there are none: no rule could be about anybody.
pub(super) fn whom(headers: &Headers<'_>, named: Option<&[Address]>) -> Result<Vec<Address>, Error> {
    let all = match named {
        Some(named) => named.to_vec(),
        None => {
            recipients::readable(headers)?;
            recipients::readable_in(headers, &recipients::RESENT)?;
            let resent = recipients::RESENT.into_iter().flat_map(|name| recipients::addresses(headers, name));
            recipients::of(headers).into_iter().chain(resent).collect()
        }
    };
    if all.is_empty() {
        return Err(Error::Refused(
            "the policy has rules for sending, and nobody says to whom it goes".into(),
        ));
    }
    Ok(all)
}

impl Dispatch {
    fn of(recipients: impl Iterator<Item = Destination>, rules: &Sending) -> Self {
        let recipients: Vec<Destination> = recipients.collect();
        let strictest = recipients.iter().map(|one| one.action).reduce(Action::stricter);
        // Rules, and nobody whom they could be about: nothing was decided.
        let nobody = if rules.is_empty() { Action::Pass } else { Action::Refuse };
        Self { action: strictest.unwrap_or(nobody), recipients }
    }

    /// For each recipient what is done, what is asked and by which rules. By tag: `ja`, English for all that is not known.
    /// Safe to print.
    pub fn text(&self, language: &str) -> String {
        let mut text = String::new();
        for one in &self.recipients {
            let who = escape(&one.decision.recipient.to_string());
            text.push_str(&format!("{:<10}  {who}\n", one.action.text(language)));
            for demand in &one.decision.demands {
                let mark = if one.unmet.contains(demand) { "✗" } else { " " };
                text.push_str(&format!("          {mark} {}\n", demand.text(language)));
            }
        }
        text
    }

    /// Why it is not let go at once, each in one line; nothing where it is.
    pub fn reasons(&self, language: &str) -> Vec<String> {
        let mut reasons = Vec::new();
        for one in self.recipients.iter().filter(|one| one.action != Action::Pass) {
            let waits = |demand: &&Demand| {
                matches!(demand.requirement, Requirement::Refuse | Requirement::Hold | Requirement::Ask)
            };
            let who = escape(&one.decision.recipient.to_string());
            let mut open: Vec<&Demand> = one.unmet.iter().collect();
            open.extend(
                one.decision.demands.iter().filter(waits).filter(|demand| !one.unmet.contains(demand)),
            );
            let open: Vec<String> = open.iter().map(|demand| demand.text(language)).collect();
            reasons.push(format!("{who}: {}: {}", one.action.text(language), open.join("; ")));
        }
        reasons
    }
}
