//! The sending domain: what `verify` and `decrypt` may look at beside the signatures.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::time::SystemTime;

use clap::Args as ClapArgs;
use mailseal::mime::AuthservId;
use mailseal::outside::EvidenceRecord;
use mailseal::outside::domain::{Connection, DnsResolver, DomainCheck};
use mailseal::{Limits, Opened, Opener};

#[derive(ClapArgs)]
pub(crate) struct SendingArgs {
    /// Check SPF, DKIM, ARC and DMARC of the sending domain. This asks the DNS about names that stand in the letter.
    #[arg(long, conflicts_with = "trust_results")]
    check_domain: bool,
    /// The address of the client that delivered the letter, for SPF.
    #[arg(long, value_name = "IP", requires = "check_domain")]
    client_address: Option<IpAddr>,
    /// What that client called itself after HELO or EHLO.
    #[arg(long, value_name = "NAME", requires = "client_address")]
    helo: Option<String>,
    /// The envelope sender; empty for a delivery report.
    #[arg(long, value_name = "SENDER", requires = "client_address")]
    envelope_from: Option<String>,
    /// Ask this DNS server instead of those of the system.
    #[arg(long, value_name = "IP:PORT")]
    dns: Option<SocketAddr>,
    #[command(flatten)]
    pub(crate) trusted: TrustedArgs,
}

/// What `serve` has of it, too: this asks nobody.
#[derive(ClapArgs)]
pub(crate) struct TrustedArgs {
    /// Believe what your own mail server of this name says of the sending domain, in the Authentication-Results fields
    /// (RFC 8601) at the top of the letter.
    #[arg(long, value_name = "ID")]
    trust_results: Option<AuthservId>,
    /// How many of the topmost Received lines your own systems added; these say how the letter came.
    #[arg(long, value_name = "NUMBER")]
    trusted_hops: Option<usize>,
}

impl TrustedArgs {
    /// The same opener, which reads the fields that are trusted.
    pub(crate) fn of(&self, opener: Opener) -> Opener {
        let opener = match &self.trust_results {
            Some(name) => opener.trusted_results(name.clone()),
            None => opener,
        };
        match self.trusted_hops {
            Some(lines) => opener.trusted_hops(lines),
            None => opener,
        }
    }
}

impl SendingArgs {
    /// What asks the DNS, where that is wanted.
    pub(crate) fn check(&self, limits: Limits) -> Result<Option<Sending>, Box<dyn Error>> {
        if !self.check_domain {
            return Ok(None);
        }
        let connection = self.client_address.map(|client| {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            Connection::new(client, text(&self.helo), text(&self.envelope_from))
        });
        Ok(Some(Sending { check: DomainCheck::new(resolver(self.dns)?).limits(limits), connection }))
    }
}

/// That server, otherwise those of the system.
pub(crate) fn resolver(server: Option<SocketAddr>) -> Result<DnsResolver, mailseal::Error> {
    match server {
        Some(server) => DnsResolver::at(server),
        None => DnsResolver::system(),
    }
}

/// A check of sending domains, and how the letter arrived.
pub(crate) struct Sending {
    check: DomainCheck,
    connection: Option<Connection>,
}

impl Sending {
    pub(crate) fn add_to(&self, opened: &mut Opened<'_>) -> Result<(), mailseal::Error> {
        self.check.add_to(opened, self.connection.as_ref())
    }

    /// The same, with what the DNS said now.
    pub(crate) fn keep_in(&self, record: &mut EvidenceRecord<'_>) -> Result<(), mailseal::Error> {
        record.check_domain(&self.check, self.connection.as_ref(), SystemTime::now())
    }
}
