//! What an encrypted letter shows of its header (RFC 9788 §3, §5.2, §6.1).

use std::sync::Arc;

use super::Composer;
use crate::message::recipients;
use crate::mime::HeaderConfidentiality;
use crate::mime::write::{Reference, is_address_list};
use crate::report::{HeaderForm, ProtectedField, Report};

impl Composer {
    /// What stands outside of an encrypted letter; [`Baseline`](HeaderConfidentiality::Baseline) where nothing is said. All
    /// of the header stands inside, signed and encrypted. Nothing where it is only signed, or not
    /// [protected](Self::protect_headers).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../../examples/letters/alice.rs");
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// # let cx = mailseal::Context::new(mailseal::TrustStore::new());
    /// # let key = mailseal::Key::load(pem.as_bytes(), mailseal::Password::none())?;
    /// # let group = mailseal::Group::to(&mailseal::Certificate::load(pem.as_bytes())?[..1], at)?;
    /// use mailseal::{Composer, HeaderConfidentiality};
    /// let draft = b"From: Alice <alice@example.org>\r\nTo: The Boss <alice@example.org>\r\nSubject: Hi\r\n\r\nHello\r\n";
    /// let composer = Composer::new(&cx).sign(&key).header_confidentiality(HeaderConfidentiality::Shy);
    /// let mut mail = Vec::new();
    /// composer.encrypt(&group).compose(draft, at, &mut mail)?;
    /// assert!(mail.starts_with(b"From: alice@example.org\r\nTo: alice@example.org\r\nSubject: [...]\r\n"));
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn header_confidentiality(mut self, policy: HeaderConfidentiality) -> Self {
        self.confidentiality = policy;
        self
    }

    /// Repeats at the head of the text what an encrypted letter does not show outside, for programs that decrypt and do not
    /// know RFC 9788 (§5.2.2); others leave it out when they show the text. Off where nothing is said. Only main texts,
    /// plain and HTML, get it; where a letter is not encrypted, none.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../../examples/letters/alice.rs");
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// # let cx = mailseal::Context::new(mailseal::TrustStore::new());
    /// # let key = mailseal::Key::load(pem.as_bytes(), mailseal::Password::none())?;
    /// # let group = mailseal::Group::to(&mailseal::Certificate::load(pem.as_bytes())?[..1], at)?;
    /// use mailseal::{Composer, Opener};
    /// let draft = b"From: alice@example.org\r\nTo: alice@example.org\r\nSubject: Hi\r\n\r\nHello\r\n";
    /// let mut mail = Vec::new();
    /// Composer::new(&cx).sign(&key).encrypt(&group).legacy_display(true).compose(draft, at, &mut mail)?;
    /// let opened = Opener::new(&cx).key(key).open(&mail, at)?;
    /// let text = opened.payload().unwrap().octets(1 << 20)?;
    /// assert!(text.ends_with(b"\r\n\r\nSubject: Hi\r\n\r\nHello\r\n"));
    /// let skipped = opened.report.parts.iter().flat_map(|part| &part.legacy_display).next();
    /// assert_eq!(skipped, Some(&(0, 15)));
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn legacy_display(mut self, legacy_display: bool) -> Self {
        self.legacy_display = legacy_display;
        self
    }

    /// What this letter answers or passes on. What that one kept from the outside, this one keeps as well, whatever the
    /// policy (RFC 9788 §6.1): the subject, names, addresses and Message-IDs that stood inside only. An answer to an
    /// encrypted letter is encrypted, or [`Error::Refused`](crate::Error::Refused) (RFC 9787 §5.4). To whom it goes is for
    /// the draft to say, by the `value` of protected fields (RFC 9788 §6.2), also where a From that nobody vouches for is
    /// shown by the outside (§4.4.4).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(all(feature = "smime", any(feature = "aws-lc", feature = "rust-crypto")))] {
    /// # let pem: String = include!("../../../examples/letters/alice.rs");
    /// # let at = mailseal::UnixTime::from_seconds(1_800_000_000);
    /// # let cx = mailseal::Context::new(mailseal::TrustStore::new());
    /// # let key = mailseal::Key::load(pem.as_bytes(), mailseal::Password::none())?;
    /// # let group = mailseal::Group::to(&mailseal::Certificate::load(pem.as_bytes())?[..1], at)?;
    /// # let draft = b"From: alice@example.org\r\nTo: alice@example.org\r\nSubject: Jones\r\n\r\nHello\r\n";
    /// # let mut letter = Vec::new();
    /// # mailseal::Composer::new(&cx).sign(&key).encrypt(&group).compose(draft, at, &mut letter)?;
    /// use mailseal::{Composer, HeaderConfidentiality, Opener};
    /// let opened = Opener::new(&cx).key(key.clone()).open(&letter, at)?;
    /// assert_eq!(opened.report.headers.show("Subject").next(), Some("Jones"));
    /// let answer = b"From: alice@example.org\r\nTo: alice@example.org\r\nSubject: Re: Jones\r\n\r\nYes\r\n";
    /// let composer = Composer::new(&cx).sign(&key).reply_to(&opened.report);
    /// assert!(composer.compose(answer, at, &mut Vec::new()).is_err(), "not in clear");
    /// let (mut mail, all) = (Vec::new(), HeaderConfidentiality::None);
    /// composer.header_confidentiality(all).encrypt(&group).compose(answer, at, &mut mail)?;
    /// assert!(String::from_utf8(mail)?.contains("\r\nSubject: Re: [...]\r\n"));
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn reply_to(mut self, report: &Report) -> Self {
        self.reference = Some(Arc::new(reference(report)));
        self
    }
}

fn reference(report: &Report) -> Reference {
    let encrypted = report.layers.iter().any(recipients::is_unsealed);
    let mut reference = Reference { encrypted, ..Reference::default() };
    let guessed = report.headers.form != Some(HeaderForm::Hp);
    for field in report.headers.fields.iter().filter(|_| encrypted) {
        let ProtectedField { name, protection, value: Some(value), told, outer, .. } = field else {
            continue;
        };
        let pair = |value: &String| (name.to_ascii_lowercase(), value.clone());
        reference.inside.push(pair(value));
        // Of the older forms only the outside says what was kept from it, and somebody may have changed that on the way
        // (RFC 9788 §4.10.2): it is kept then, but for addresses, which servers need.
        let lost = guessed && !is_address_list(name) && outer.as_ref() != Some(value);
        let shown = if protection.is_encrypted() || lost { told.as_ref() } else { Some(value) };
        reference.outside.extend(shown.map(pair));
    }
    reference
}
