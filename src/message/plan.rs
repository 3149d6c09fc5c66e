//! Who of a draft's recipients gets what, and who gets nothing.

mod choose;
mod words;

use std::fmt;

use crate::error::Error;
use crate::input::{Input, Source};
use crate::message::dispatch::{Consent, Terms};
use crate::message::who::{Asking, Unreached};
use crate::message::{Context, Group, recipients};
use crate::mime::{Address, FromHeader, Structure};
use crate::policy::{Decision, Policy};
use crate::protocol::Certificate;
use crate::report::Protocol;
use crate::report::whole_fingerprint;
use crate::time::UnixTime;

use choose::Found;

/// Who of a draft's recipients gets what, and who gets nothing: shown before anything is sent.
///
/// To, Cc and Bcc are read from the draft. Each recipient's certificate is looked for in the [`Context`] and has to be
/// believed by the same policy that judges incoming mail. Each Bcc gets a letter alone, so that nobody sees it in the
/// list of recipients. Nobody is dropped silently: while somebody is unreachable, there are no groups.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
/// # let pem: String = include!("../../examples/letters/alice.rs");
/// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// use mailseal::{Context, Plan, Policy, Scope, TrustStore};
/// let cx = Context::new(TrustStore::new().anchors(pem.as_bytes(), Scope::any())?);
/// let draft = b"From: bob@example.org\r\nTo: alice@example.org, dave@example.net\r\n\r\nHello\r\n";
/// let mut plan = Plan::new(&cx, draft, &Policy::standard(), at)?;
/// println!("{plan}");
/// assert!(plan.groups().is_err(), "there is no certificate for dave");
/// plan.remove(&"dave@example.net".parse()?)?; // by name
/// for group in plan.groups()? {
///     println!("{} gets one letter", group.mailboxes.len());
/// }
/// # assert_eq!(plan.groups()?.len(), 1);
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Plan {
    people: Vec<Person>,
    /// The sender's own copy, where it was asked for.
    own: Vec<Certificate>,
    sender: Option<Found>,
    recipients: Vec<Address>,
    at: UnixTime,
    terms: Terms,
}

/// One recipient.
#[derive(Debug, Clone)]
struct Person {
    mailbox: Address,
    blind: bool,
    found: Found,
    decision: Decision,
    /// What the policy has against a letter to them.
    objection: Option<Unreached>,
}

/// Somebody who cannot be written to in secret, and why.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use mailseal::{Context, Plan, Policy, TrustStore};
/// let draft = b"From: bob@example.org\r\nTo: dave@example.net\r\n\r\nHello\r\n";
/// let at = mailseal::UnixTime::from_seconds(1_800_000_000);
/// let plan = Plan::new(&Context::new(TrustStore::new()), draft, &Policy::standard(), at)?;
/// let dave = plan.unreachable().next().unwrap();
/// assert_eq!(dave.to_string(), "dave@example.net: no certificate is known");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Unreachable<'p> {
    /// Who.
    pub mailbox: &'p Address,
    /// Why.
    pub reason: &'p Unreached,
}

impl Plan {
    /// Looks for a certificate of every recipient.
    pub fn new<'a>(
        cx: &Context,
        draft: impl Into<Input<'a>>,
        policy: &Policy,
        at: impl Into<UnixTime>,
    ) -> Result<Self, Error> {
        let at = at.into();
        let source = draft.into().load(cx.bounds())?;
        let cx = &*cx.reading(&source);
        source.unless_cancelled(|| Self::read(cx, &source, policy, at))
    }

    fn read(cx: &Context, source: &Source<'_>, policy: &Policy, at: UnixTime) -> Result<Self, Error> {
        let structure = Structure::read(&mut *source.reader(0..source.len())?, cx.bounds())?;
        let root = structure.root().ok_or_else(|| Error::malformed("a letter", "it is empty"))?;
        let headers = root.headers();
        recipients::readable(&headers)?;
        let chooser = Asking { cx, policy, at };
        let seen: Vec<Address> =
            ["To", "Cc"].into_iter().flat_map(|name| recipients::addresses(&headers, name)).collect();
        let all = recipients::of(&headers);
        if all.is_empty() {
            return Err(Error::Refused("the draft has no recipients".into()));
        }
        let sender = FromHeader::read(&headers);
        let rules = cx.sending().clone().and(policy.sending());
        let decisions = cx.decisions(&rules, sender.sole(), &all)?;
        let person = |(mailbox, decision): (&Address, Decision)| {
            let (blind, mailbox) = (!seen.contains(mailbox), mailbox.clone());
            let found = chooser.find(&mailbox)?.within(&decision);
            Ok(Person { found, mailbox, blind, decision, objection: None })
        };
        let people = all.iter().zip(decisions).map(person).collect::<Result<_, Error>>()?;
        let sender = sender.sole().map(|address| chooser.find(address)).transpose()?;
        let terms = Terms { rules, consent: Consent::default() };
        let mut plan = Self { people, own: Vec::new(), sender, recipients: all, at, terms };
        plan.object();
        Ok(plan)
    }

    /// What the policy has against each, by what was said yes to.
    fn object(&mut self) {
        for person in &mut self.people {
            person.objection = self.terms.consent.objection(&person.decision).map(Unreached::Policy);
        }
    }

    /// Somebody has said yes to the first letter to this domain: [`Composer::confirm`](crate::Composer::confirm).
    pub fn confirm(&mut self, domain: &str) {
        self.terms.consent.confirm(domain);
        self.object();
    }

    /// Plans for those too to whom the policy holds mail: [`Composer::hold`](crate::Composer::hold).
    pub fn hold(&mut self, holds: bool) {
        self.terms.consent.holds = holds;
        self.object();
    }

    /// Who cannot be written to in secret, and why.
    pub fn unreachable(&self) -> impl Iterator<Item = Unreachable<'_>> {
        self.people.iter().filter_map(|person| {
            let missing = person.found.problem.as_ref().filter(|_| person.found.usable.is_empty());
            let reason = person.objection.as_ref().or(missing)?;
            Some(Unreachable { mailbox: &person.mailbox, reason })
        })
    }

    /// Leaves somebody out, by name: they get no letter. An error for somebody who is not in the plan.
    pub fn remove(&mut self, who: &Address) -> Result<(), Error> {
        let before = self.people.len();
        self.people.retain(|person| person.mailbox != *who);
        match self.people.len() < before {
            true => Ok(()),
            false => Err(Error::misuse(format!("{who} is not in the plan"))),
        }
    }

    /// Takes a certificate that was found for somebody but is not believed, by its fingerprint in full.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../examples/letters/alice.rs");
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// use mailseal::{Certificate, CertificatePool, Context, Plan, Policy, TrustStore};
    /// let known = CertificatePool::new().with(pem.as_bytes())?;
    /// let cx = Context::new(TrustStore::new()).certificates(known);
    /// let draft = b"From: bob@example.org\r\nTo: alice@example.org\r\n\r\nHello\r\n";
    /// let mut plan = Plan::new(&cx, draft, &Policy::standard(), at)?;
    /// # let read_out_by_telephone = Certificate::load(pem.as_bytes())?[0].fingerprint();
    /// plan.accept(&"alice@example.org".parse()?, &read_out_by_telephone)?;
    /// assert_eq!(plan.groups()?.len(), 1);
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn accept(&mut self, who: &Address, fingerprint: &str) -> Result<(), Error> {
        let wanted = whole_fingerprint(fingerprint)?;
        let person = self.people.iter_mut().find(|person| person.mailbox == *who);
        let person = person.ok_or_else(|| Error::misuse(format!("{who} is not in the plan")))?;
        let mut candidates = person.found.others.iter();
        let certificate = candidates.find(|one| one.fingerprint() == wanted).cloned();
        let allowed = |one: &Certificate| person.decision.allows_certificate(one.protocol(), &wanted);
        if certificate.as_ref().is_some_and(|one| !allowed(one)) {
            let (rules, who) = (person.decision.demands.iter(), &person.mailbox);
            let rules: Vec<String> = rules.map(|one| one.text("en")).collect();
            return Err(Error::Refused(format!("the policy asks of mail to {who}: {}", rules.join("; "))));
        }
        let certificate = certificate.ok_or_else(|| {
            Error::misuse(format!("no certificate of that fingerprint was found for {who}"))
        })?;
        person.found.usable = vec![certificate];
        Ok(())
    }

    /// Encrypts every letter to the sender as well, so that the copy in the outbox can be read. An error where no
    /// certificate of the sender is believed.
    pub fn copy_to_sender(&mut self) -> Result<(), Error> {
        let usable = self.sender.as_ref().map(|found| found.usable.clone()).unwrap_or_default();
        if usable.is_empty() {
            return Err(Error::Unreachable("the sender".into()));
        }
        self.own = usable;
        Ok(())
    }

    /// The letters to be written: people of one protocol together, each Bcc alone. An error while somebody is
    /// unreachable, or nobody is left.
    pub fn groups(&self) -> Result<Vec<Group>, Error> {
        if let Some(objection) = self.people.iter().find_map(|person| person.objection.as_ref()) {
            return Err(Error::Refused(objection.to_string()));
        }
        let missing: Vec<String> = self.unreachable().map(|person| person.mailbox.to_string()).collect();
        if !missing.is_empty() {
            return Err(Error::Unreachable(missing.join(", ")));
        }
        if self.people.is_empty() {
            return Err(Error::Refused("nobody is left to write to".into()));
        }
        self.reachable()
    }

    /// The groups of all who can be reached.
    fn reachable(&self) -> Result<Vec<Group>, Error> {
        let order = self.preferred();
        let mut groups = Vec::new();
        for protocol in order {
            let seen = self.people.iter().filter(|person| !person.blind && person.objection.is_none());
            let of: Vec<&Person> = seen.filter(|person| person.choice(order) == Some(protocol)).collect();
            for same in alike(&of) {
                groups.extend(self.group(&same, protocol)?);
            }
        }
        for person in self.people.iter().filter(|person| person.blind && person.objection.is_none()) {
            if let Some(protocol) = person.choice(order) {
                groups.extend(self.group(&[person], protocol)?);
            }
        }
        Ok(groups)
    }

    fn group(&self, people: &[&Person], protocol: Protocol) -> Result<Option<Group>, Error> {
        if people.is_empty() {
            return Ok(None);
        }
        let certificates = people.iter().filter_map(|person| person.found.of(protocol).cloned());
        let own = self.own.iter().find(|one| one.protocol() == protocol).cloned();
        let mailboxes = people.iter().map(|person| person.mailbox.clone()).collect();
        let mut group = Group::new(mailboxes, certificates.chain(own).collect(), protocol);
        group.planned = Some(self.recipients.clone());
        group.terms = Some(self.terms.clone());
        Ok(Some(match people.first().and_then(|person| person.decision.ciphers()) {
            Some(allowed) if !allowed.is_empty() => group.one_of(&allowed),
            _ => group,
        }))
    }

    /// Who has certificates of both gets what most others get.
    fn preferred(&self) -> [Protocol; 2] {
        let count =
            |protocol| self.people.iter().filter(|person| person.found.of(protocol).is_some()).count();
        match count(Protocol::Openpgp) > count(Protocol::Smime) {
            true => [Protocol::Openpgp, Protocol::Smime],
            false => [Protocol::Smime, Protocol::Openpgp],
        }
    }
}

/// Together only those for whom the same ciphers are allowed.
fn alike<'p>(people: &[&'p Person]) -> Vec<Vec<&'p Person>> {
    let mut groups: Vec<Vec<&Person>> = Vec::new();
    for person in people {
        let ciphers = person.decision.ciphers();
        let same = |group: &&mut Vec<&Person>| group.iter().all(|one| one.decision.ciphers() == ciphers);
        match groups.iter_mut().find(same) {
            Some(group) => group.push(person),
            None => groups.push(vec![person]),
        }
    }
    groups
}

impl Person {
    fn choice(&self, order: [Protocol; 2]) -> Option<Protocol> {
        order.into_iter().find(|protocol| self.found.of(*protocol).is_some())
    }
}

/// In English; [`Plan::text`] speaks other languages.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text("en"))
    }
}

impl fmt::Display for Unreachable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.mailbox, self.reason)
    }
}
