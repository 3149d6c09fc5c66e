//! One letter, checked.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use mail_auth::common::to_a_label;
use mail_auth::hickory_resolver::config::{ResolveHosts, ResolverConfig, ResolverOpts};
use mail_auth::{AuthenticatedMessage, MessageAuthenticator, SpfResult};

use super::questions::{Answers, Questions};
use super::resolver::{RecordKind, Resolver};
use super::{dkim, dmarc, spf};
use crate::error::Error;
use crate::input::Input;
use crate::limits::Limits;
use crate::message::Opened;
use crate::mime::{FromHeader, Headers};
use crate::report::{DomainEvidence, DomainResult, DomainSource, SpfEvidence, SpfIdentity};
use crate::time::UnixTime;

/// Sets of ARC (RFC 8617 §5.1.1.2).
const ARC_SETS: usize = 50;

/// How a letter arrived: what the server that took it knows (RFC 5321). SPF needs it, nothing else does.
///
/// ```
/// use mailseal::outside::domain::Connection;
/// let connection = Connection::new("192.0.2.1".parse().unwrap(), "mail.example.net", "a@example.com");
/// assert_eq!(connection.helo, "mail.example.net");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Connection {
    /// The address of the client.
    pub client: IpAddr,
    /// What it called itself after HELO or EHLO; empty where that is not known.
    pub helo: String,
    /// The envelope sender, without angle brackets; empty for a delivery report.
    pub mail_from: String,
}

impl Connection {
    /// These three.
    pub fn new(client: IpAddr, helo: impl Into<String>, mail_from: impl Into<String>) -> Self {
        Self { client: client.to_canonical(), helo: helo.into(), mail_from: mail_from.into() }
    }

    /// The domain that SPF is asked about for the envelope.
    fn sender(&self) -> Option<String> {
        let (_, domain) = self.mail_from.rsplit_once('@')?;
        Some(a_label(domain)).filter(|domain| !domain.is_empty())
    }
}

/// Checks SPF, DKIM, ARC and DMARC of letters: set up once, shared by all threads. Every question goes to the resolver that
/// is given; a letter in which nothing stands to ask about asks nothing.
///
/// ```
/// use mailseal::outside::domain::{DnsError, DomainCheck, RecordKind, Resolver};
/// use mailseal::report::DomainResult;
/// # use mailseal::{Context, Opener, TrustStore};
///
/// /// Knows one record.
/// struct Zone;
/// impl Resolver for Zone {
///     fn lookup(&self, name: &str, kind: RecordKind) -> Result<Vec<Vec<u8>>, DnsError> {
///         match (name, kind) {
///             ("_dmarc.b.example", RecordKind::Txt) => Ok(vec![b"v=DMARC1; p=reject".to_vec()]),
///             _ => Err(DnsError::NoSuchName),
///         }
///     }
/// }
///
/// let check = DomainCheck::new(Zone);
/// let letter = b"From: a@b.example\r\n\r\nHello\r\n";
/// let at = std::time::SystemTime::now();
/// # let opener = Opener::new(&Context::new(TrustStore::new()));
/// let mut opened = opener.open(letter, at)?;
/// // Where the client is known: mailseal::outside::domain::Connection.
/// let evidence = check.check(letter, None, at)?;
/// assert_eq!(evidence.dmarc.as_ref().unwrap().result, DomainResult::Neutral);
/// opened.add_domain(evidence);
/// # Ok::<(), mailseal::Error>(())
/// ```
#[derive(Clone)]
pub struct DomainCheck {
    resolver: Arc<dyn Resolver>,
    limits: Limits,
    /// Made once: it has caches of its own, which are never asked.
    authenticator: Arc<OnceLock<MessageAuthenticator>>,
}

impl fmt::Debug for DomainCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DomainCheck").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl DomainCheck {
    /// A check that asks there.
    pub fn new(resolver: impl Resolver + 'static) -> Self {
        Self { resolver: Arc::new(resolver), limits: Limits::default(), authenticator: Arc::default() }
    }

    /// With other bounds: `dns_lookups`, `domain_signatures`, `domain_bytes`, and those on headers.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Looks at a letter as it was received, at a time. What was seen is in the evidence, also that the DNS gave no answer;
    /// `Err` means "could not read the letter". The letter is held in memory.
    pub fn check<'a>(
        &self,
        letter: impl Into<Input<'a>>,
        connection: Option<&Connection>,
        at: impl Into<UnixTime>,
    ) -> Result<DomainEvidence, Error> {
        let octets = letter.into().octets("domain_bytes", self.limits.domain_bytes)?;
        Ok(self.look(octets, connection, at.into())?.0)
    }

    /// The same of a letter that was opened, at that time; into its report, by [`Opened::add_domain`]. What was opened by
    /// [`Opener::verify_detached`](crate::Opener::verify_detached) is no letter, and [`Error::Misuse`].
    ///
    /// ```no_run
    /// use mailseal::outside::domain::{Connection, DnsResolver, DomainCheck};
    /// use mailseal::{Context, Input, Opener, TrustStore};
    /// let check = DomainCheck::new(DnsResolver::system()?);
    /// let connection = Connection::new("192.0.2.1".parse().unwrap(), "mail.example.net", "a@example.com");
    /// let opener = Opener::new(&Context::new(TrustStore::new()));
    /// let mut opened = opener.open(Input::file("in.eml"), std::time::SystemTime::now())?;
    /// check.add_to(&mut opened, Some(&connection))?;
    /// println!("{:?}", opened.report.domain);
    /// # Ok::<(), mailseal::Error>(())
    /// ```
    pub fn add_to(&self, opened: &mut Opened<'_>, connection: Option<&Connection>) -> Result<(), Error> {
        self.answers_to(opened, connection).map(drop)
    }

    /// The same, with what was asked and answered.
    pub(in crate::outside) fn answers_to(
        &self,
        opened: &mut Opened<'_>,
        connection: Option<&Connection>,
    ) -> Result<Answers, Error> {
        let Some((source, _)) = &opened.letter else {
            return Err(Error::misuse("there is no letter, only parts of one"));
        };
        let octets = source.read(0..source.len(), self.limits.domain_bytes, "domain_bytes")?;
        let (evidence, answers) = self.look(octets, connection, opened.report.at)?;
        opened.add_domain(evidence);
        Ok(answers)
    }

    fn look(
        &self,
        mut octets: Vec<u8>,
        connection: Option<&Connection>,
        at: UnixTime,
    ) -> Result<(DomainEvidence, Answers), Error> {
        self.bound(&mut octets)?;
        let from = FromHeader::read(&Headers::new(&octets));
        let authenticator = match self.authenticator.get() {
            Some(known) => known,
            None => {
                let made = authenticator()?;
                self.authenticator.get_or_init(|| made)
            }
        };
        let questions = Questions::new(&*self.resolver, self.limits.dns_lookups);
        let mut evidence = DomainEvidence::new(DomainSource::Checked);
        let mut message = AuthenticatedMessage::parse_with_opts(&octets, None, false).unwrap_or_default();
        let authors = from.of_one_domain().unwrap_or_default();
        message.from = authors.iter().map(|address| address.to_string().to_lowercase()).collect();
        let times = dkim::prepare(&mut message, self.limits.header_fields);
        let message = message;
        let (found, accepted) = dkim::check(authenticator, &questions, &message, &times, at);
        evidence.dkim = found;
        evidence.arc = dkim::chain(authenticator, &questions, &message, &times, at);
        if let Some(connection) = connection {
            evidence.spf = envelope(&questions, connection);
        }
        if let Some(address) = authors.first() {
            let dmarc = dmarc::Check { authenticator, questions: &questions, message: &message };
            for (dkim, header) in evidence.dkim.iter_mut().zip(&message.dkim_headers) {
                dkim.aligned = dmarc.is_aligned(&header.header);
            }
            evidence.spf.iter_mut().for_each(|spf| spf.aligned = dmarc.is_aligned_sender(&spf.domain));
            // The last is the envelope sender, or stands for it (RFC 7208 §2.4).
            let spf = evidence.spf.last().map(|spf| (result(spf.result), spf.domain.as_str()));
            let spf = spf.or(connection.map(|_| (SpfResult::None, "")));
            evidence.dmarc = Some(dmarc.result(&accepted, spf, address.domain()));
            evidence.sender_id = speaks_of_sender_id(&questions, address.domain());
        }
        Ok((evidence, questions.answered()))
    }

    /// Refuses headers that are too large, and makes surplus signatures unreadable: each would cost a pass over the body.
    fn bound(&self, octets: &mut [u8]) -> Result<(), Error> {
        let limit =
            |name, limit: usize| Error::Limit { name, limit: u64::try_from(limit).unwrap_or(u64::MAX) };
        let (mut fields, mut dkim, mut arc, mut end) = (0_usize, 0_usize, 0_usize, 0_usize);
        let (mut lengths, mut surplus) = (0_usize, Vec::new());
        for field in Headers::new(octets).fields() {
            fields = fields.saturating_add(1);
            end = field.range.end;
            if fields > self.limits.header_fields {
                return Err(limit("header_fields", self.limits.header_fields));
            }
            if field.range.len() > self.limits.header_field_bytes {
                return Err(limit("header_field_bytes", self.limits.header_field_bytes));
            }
            let (count, most) = match field.name.to_ascii_lowercase().as_str() {
                "dkim-signature" => (&mut dkim, self.limits.domain_signatures),
                // Each length is a pass of its own; without one they share it.
                "arc-message-signature" if may_have_length(field.value) => {
                    (&mut lengths, self.limits.domain_signatures)
                }
                "arc-message-signature" => (&mut arc, ARC_SETS),
                _ => continue,
            };
            *count = count.saturating_add(1);
            if *count > most {
                surplus.push(field.range.start);
            }
        }
        if end > self.limits.header_bytes {
            return Err(limit("header_bytes", self.limits.header_bytes));
        }
        for at in surplus {
            octets.iter_mut().skip(at).take(1).for_each(|octet| *octet = b'X');
        }
        Ok(())
    }
}

/// Whether any reader could find `l=` there.
fn may_have_length(signature: &[u8]) -> bool {
    let mut octets = signature.iter().filter(|octet| !octet.is_ascii_whitespace()).peekable();
    while let Some(octet) = octets.next() {
        if octet.eq_ignore_ascii_case(&b'l') && octets.peek() == Some(&&b'=') {
            return true;
        }
    }
    false
}

/// One that has nobody to ask: what its caches do not answer fails.
fn authenticator() -> Result<MessageAuthenticator, Error> {
    let mut options = ResolverOpts::default();
    options.use_hosts_file = ResolveHosts::Never;
    let nobody = ResolverConfig::from_parts(None, Vec::new(), Vec::new());
    let failed = |error| Error::io("the DNS")(std::io::Error::other(format!("{error}")));
    MessageAuthenticator::new(nobody, options).map_err(failed)
}

/// SPF of HELO, then of the envelope sender.
fn envelope(questions: &Questions<'_>, connection: &Connection) -> Vec<SpfEvidence> {
    let mut found = Vec::new();
    let helo = a_label(&connection.helo);
    let mut add = |identity, domain: String, sender: &str| {
        let result = spf::check_host(questions, connection.client, &domain, sender, &helo);
        found.push(SpfEvidence { result, identity, domain, aligned: false });
    };
    // An address in brackets is no name (RFC 7208 §2.3).
    if !helo.is_empty() && !helo.starts_with('[') {
        add(SpfIdentity::Helo, helo.clone(), &format!("postmaster@{helo}"));
    }
    if let Some(domain) = connection.sender() {
        let local = connection.mail_from.rsplit_once('@').map(|(local, _)| local).unwrap_or_default();
        // RFC 7208 §4.3
        let sender = format!("{}@{domain}", if local.is_empty() { "postmaster" } else { local });
        add(SpfIdentity::Mailfrom, domain, &sender);
    }
    found
}

fn result(result: DomainResult) -> SpfResult {
    match result {
        DomainResult::Pass => SpfResult::Pass,
        DomainResult::Temperror => SpfResult::TempError,
        DomainResult::Permerror => SpfResult::PermError,
        DomainResult::None => SpfResult::None,
        _ => SpfResult::Fail,
    }
}

/// Records of RFC 4406 §3.1.
fn speaks_of_sender_id(questions: &Questions<'_>, domain: &str) -> bool {
    let records = questions.ask(domain, RecordKind::Txt).unwrap_or_default();
    records.iter().any(|record| record.get(..7).is_some_and(|start| start.eq_ignore_ascii_case(b"spf2.0/")))
}

/// In lower case, of A-labels.
pub(super) fn a_label(domain: &str) -> String {
    to_a_label(domain.trim_end_matches('.')).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outside::domain::{DnsError, RecordKind};

    struct Nobody;
    impl Resolver for Nobody {
        fn lookup(&self, _: &str, _: RecordKind) -> Result<Vec<Vec<u8>>, DnsError> {
            Err(DnsError::NoSuchName)
        }
    }

    #[test]
    fn lengths_of_arc_are_counted() {
        let check = DomainCheck::new(Nobody);
        for (tag, kept) in [("", 40), ("l=7", 10), ("L\r\n =\t7", 10), ("t=1xl=7", 10)] {
            let field = format!("ARC-Message-Signature: i=1; {tag}; b=AAAA\r\n");
            let mut octets = field.repeat(40).into_bytes();
            check.bound(&mut octets).unwrap();
            assert_eq!(String::from_utf8(octets).unwrap().matches("ARC-").count(), kept, "{tag}");
        }
    }
}
