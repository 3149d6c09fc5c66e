//! Whether the policy lets a letter be written.

use super::Composer;
use crate::error::Error;
use crate::message::dispatch::whom;
use crate::mime::{Address, Headers};
use crate::policy::{Encryption, Protection};
use crate::protocol::Certificate;
use crate::report::Protocol;
use crate::time::UnixTime;

impl Composer {
    /// Sends to these, the recipients of the envelope (RFC 5321 §4.1.1.3), besides those named before: the policy's rules
    /// are asked about them. Without them, they are asked about To, Cc, Bcc, Resent-To, -Cc and -Bcc of the draft, or about
    /// the group.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use mailseal::{Composer, Context, TrustStore};
    /// let composer = Composer::new(&Context::new(TrustStore::new())).recipient(&"bob@partner.example".parse()?);
    /// # let _ = composer;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn recipient(mut self, recipient: &Address) -> Self {
        self.recipients.get_or_insert_default().push(recipient.clone());
        self
    }

    /// Somebody has said yes to the first letter to this domain. The memory of the context keeps that once a letter was
    /// composed.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../../examples/letters/alice.rs");
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// # let draft = b"From: alice@example.org\r\nTo: bob@partner.example\r\n\r\nHello\r\n";
    /// # let key = mailseal::Key::load(pem.as_bytes(), mailseal::Password::none())?;
    /// use mailseal::policy::{Policy, Requirement, Sending, SendingRule};
    /// use mailseal::{Composer, Context, TrustStore};
    /// let rules = Sending::new().rule(SendingRule::new("new domains").require(Requirement::Ask));
    /// let cx = Context::new(TrustStore::new()).policy(&Policy::standard().with_sending(rules));
    /// let composer = Composer::new(&cx).sign(&key);
    /// assert!(composer.compose(draft, at, &mut Vec::new()).is_err());
    /// composer.confirm("partner.example").compose(draft, at, &mut Vec::new())?;
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn confirm(mut self, domain: &str) -> Self {
        self.consent.confirm(domain);
        self
    }

    /// Writes what the policy holds: the caller keeps it until somebody lets it go. Without this it is refused.
    #[must_use]
    pub fn hold(mut self, holds: bool) -> Self {
        self.consent.holds = holds;
        self
    }

    /// Asks the rules. The domains that somebody said yes to come back, for the memory.
    pub(super) fn check_rules(
        &self,
        headers: &Headers<'_>,
        from: &Address,
        at: UnixTime,
    ) -> Result<Vec<String>, Error> {
        let planned = self.group.as_ref().and_then(|group| group.terms.as_ref());
        let own = self.cx.sending().clone();
        let rules = planned.map_or(own.clone(), |terms| own.and(&terms.rules));
        if rules.is_empty() {
            return Ok(Vec::new());
        }
        let consent = planned.map_or(self.consent.clone(), |terms| self.consent.and(&terms.consent));
        let to = self.whom(headers)?;
        let protection = self.protection(at);
        let mut confirmed = Vec::new();
        for decision in self.cx.decisions(&rules, Some(from), &to)? {
            let unmet = decision.unmet(&protection);
            if !unmet.is_empty() {
                return Err(Error::Refused(decision.refusal(&unmet)));
            }
            if let Some(why) = consent.objection(&decision) {
                return Err(Error::Refused(why));
            }
            confirmed.extend(decision.asking().map(|_| decision.recipient.domain().to_owned()));
        }
        Ok(confirmed)
    }

    /// Lets the memory keep to which domains somebody said yes.
    pub(super) fn learn(&self, confirmed: &[String], at: UnixTime) -> Result<(), Error> {
        confirmed.iter().try_for_each(|domain| self.cx.learn_domain(domain, at))
    }

    /// Those who get this letter.
    fn whom(&self, headers: &Headers<'_>) -> Result<Vec<Address>, Error> {
        let group = self.group.as_ref().filter(|group| group.planned.is_some());
        match (&self.recipients, group) {
            (Some(named), _) => whom(headers, Some(named)),
            (None, Some(group)) => whom(headers, Some(&group.mailboxes)),
            (None, None) => whom(headers, None),
        }
    }

    /// As the letter is going to be.
    fn protection(&self, at: UnixTime) -> Protection {
        let mut letter = Protection::none();
        for key in self.signing_keys() {
            let mut names: Vec<String> = key.addresses(at).iter().map(ToString::to_string).collect();
            names.push(key.certificate().fingerprint());
            letter.signers.push(names);
        }
        letter.encryption = self.group.as_ref().map(|group| Encryption {
            certificates: group.certificates.iter().map(Certificate::fingerprint).collect(),
            #[cfg(feature = "smime")]
            cipher: (group.protocol == Protocol::Smime).then(|| group.content_cipher()),
            ..Encryption::new(group.protocol)
        });
        letter
    }
}
